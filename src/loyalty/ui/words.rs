//! Points and vouchers in words.

use crate::{
    i18n::*,
    loyalty::{EntryKind, PointsLine, VoucherState},
    ui::{I18n, date, money, number},
};

/// A number of points as it is read: negative ones with a minus.
pub(super) fn amount(points: i64) -> String {
    let sign = if points < 0 { "\u{2212}" } else { "" };
    format!("{sign}{}", number(points.unsigned_abs()))
}

/// The same with a plus before what came.
pub(crate) fn signed(points: i64) -> String {
    if points > 0 { format!("+{}", amount(points)) } else { amount(points) }
}

/// "Points: 1 250, worth EUR 125.00".
pub(crate) fn balance(i18n: I18n, line: &PointsLine) -> String {
    let (currency, minor) = &line.worth;
    tu_string!(i18n, loyalty.balance, points = amount(line.balance), worth = money(*minor, currency))
}

/// What ends next, and when.
pub(crate) fn expiring(i18n: I18n, line: &PointsLine) -> Option<String> {
    let (points, day) = line.expiring.as_ref()?;
    Some(tu_string!(i18n, loyalty.expiring, points = amount(*points), day = date::long_date(i18n, day)))
}

/// What a voucher is for and what it is worth.
pub(crate) fn voucher(i18n: I18n, what: &str, worth: Option<&(String, i64)>) -> String {
    match worth {
        Some((currency, minor)) => {
            tu_string!(i18n, loyalty.voucher.worth, what = what.to_owned(), amount = money(*minor, currency))
        }
        None => what.to_owned(),
    }
}

pub(crate) fn kind(i18n: I18n, kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Earned => tu_string!(i18n, loyalty.kind.earned),
        EntryKind::Extra => tu_string!(i18n, loyalty.kind.extra),
        EntryKind::ByHand => tu_string!(i18n, loyalty.kind.by_hand),
        EntryKind::Redeemed => tu_string!(i18n, loyalty.kind.redeemed),
        EntryKind::Reversed => tu_string!(i18n, loyalty.kind.reversed),
        EntryKind::Expired => tu_string!(i18n, loyalty.kind.expired),
    }
}

pub(crate) fn state(i18n: I18n, state: VoucherState) -> &'static str {
    match state {
        VoucherState::Issued => tu_string!(i18n, loyalty.voucher.issued),
        VoucherState::Redeemed => tu_string!(i18n, loyalty.voucher.redeemed),
        VoucherState::Withdrawn => tu_string!(i18n, loyalty.voucher.withdrawn),
        VoucherState::Expired => tu_string!(i18n, loyalty.voucher.expired),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_has_a_plus_and_what_went_a_minus() {
        assert_eq!((signed(5), signed(-5), signed(0)), ("+5".to_owned(), "\u{2212}5".to_owned(), "0".to_owned()));
        assert_eq!(amount(1_250), "1\u{202f}250");
    }
}
