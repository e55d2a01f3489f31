//! The part of a card that tells of points and vouchers.

use super::words;
use crate::{
    guests::card::GuestCard,
    i18n::*,
    loyalty::{PointsLine, voucher::VoucherLine},
    ui::{I18n, date},
};
use leptos::prelude::*;

/// Balance, tier, what is about to end, and the vouchers that can be used: as much of it as the card carries.
pub fn points_part(i18n: I18n, card: &GuestCard) -> Option<AnyView> {
    let guest = card.identity().guest;
    let line = card.counted().and_then(|counted| counted.points.as_ref());
    let vouchers = card.vouchers();
    if line.is_none() && vouchers.is_empty() {
        return None;
    }
    Some(
        view! {
            <section class="guest__part points-part" aria-labelledby="guest-points">
                <h3 id="guest-points">{tu_string!(i18n, loyalty.title)}</h3>
                {line.map(|line| facts(i18n, line))}
                {(!vouchers.is_empty()).then(|| voucher_lines(i18n, vouchers))}
                <p>
                    <a class="row-link" href=format!("/guests/{guest}/points")>
                        {tu_string!(i18n, loyalty.open)}
                    </a>
                </p>
            </section>
        }
        .into_any(),
    )
}

/// The balance, the tier, and what ends next.
pub(super) fn facts(i18n: I18n, line: &PointsLine) -> AnyView {
    let tier = line.tier.clone().map(|tier| tu_string!(i18n, loyalty.tier, tier = tier));
    let ends = words::expiring(i18n, line).map(|words| view! { <p class="note note--warn">{words}</p> });
    view! {
        <p class="points-part__now">
            <span class="points-part__balance">{words::balance(i18n, line)}</span>
            {tier.map(|tier| view! { <span class="badge">{tier}</span> })}
        </p>
        {ends}
    }
    .into_any()
}

fn voucher_lines(i18n: I18n, vouchers: &[VoucherLine]) -> AnyView {
    let lines = vouchers
        .iter()
        .map(|voucher| {
            let what = words::voucher(i18n, &voucher.what, voucher.amount.as_ref());
            let until = tu_string!(i18n, loyalty.voucher.until, day = date::long_date(i18n, &voucher.expires));
            let soon = voucher
                .is_expiring
                .then(|| view! { <span class="badge badge--soon">{tu_string!(i18n, loyalty.soon)}</span> });
            view! {
                <li class="note-line">
                    <p>{what}</p>
                    <p class="muted cluster">
                        <span class="voucher__code">{voucher.code.printed()}</span>
                        <span>{until}</span>
                        {soon}
                    </p>
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="note-lines" aria-label=tu_string!(i18n, loyalty.voucher.title)>
            {lines}
        </ul>
    }
    .into_any()
}
