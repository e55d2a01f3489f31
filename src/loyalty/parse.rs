//! What people type about points, parsed once into numbers that are right from then on.

use super::{Extra, MAX_REASON, MOST, Programme, Tier, form::RulesForm, store::NewVoucher, voucher::VoucherCode};
use crate::{
    error::{FieldError, Problem},
    exchange::export_file::money::Currency,
    guests::parse::line,
    ids::{GuestId, OnceId},
};
use chrono::NaiveDate;

/// Most characters of the name of a tier or of a reason for points.
const MAX_NAME: usize = 60;
/// Most months after which points expire.
const MAX_MONTHS: u16 = 120;
/// Most days ahead that it is said.
const MAX_NOTICE: u16 = 365;
/// Most lines of each list.
const MAX_LINES: usize = 20;
/// How many characters of a refused value its error repeats.
const EXCERPT: usize = 40;

/// A number of points that is given or spent: 1 to [`MOST`].
///
/// # Errors
/// [`Problem::Empty`], or [`Problem::NotKnown`] for anything else.
pub fn points(text: &str) -> Result<i64, Problem> {
    // People group digits with spaces.
    let digits: String = text.split_whitespace().collect();
    if digits.is_empty() {
        return Err(Problem::Empty);
    }
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let read = Some(digits.as_str()).filter(|_| plain).and_then(|digits| digits.parse::<i64>().ok());
    read.filter(|points| (1..=MOST).contains(points)).ok_or_else(|| not_known(text, "@loyalty_points"))
}

/// Why points come or go, in a line.
///
/// # Errors
/// [`Problem::Empty`], and as [`line`].
pub fn reason(text: &str) -> Result<String, Problem> {
    line(text, MAX_REASON as usize)?.ok_or(Problem::Empty)
}

/// How many points come or go, and why.
///
/// # Errors
/// Every field that is refused.
pub fn moved(typed: &str, why: &str) -> Result<(i64, String), Vec<FieldError>> {
    match (points(typed), reason(why)) {
        (Ok(points), Ok(reason)) => Ok((points, reason)),
        (points, reason) => Err(refused([("points", points.err()), ("reason", reason.err())])),
    }
}

/// An amount in units of a currency, as minor units, at least 1.
///
/// # Errors
/// [`Problem::Empty`], or [`Problem::NotKnown`] for what is no amount of the currency, and for nothing.
pub(crate) fn amount(text: &str, currency: Currency) -> Result<i64, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::Empty);
    }
    let minor = currency.minor_units(text).ok().filter(|minor| *minor >= 1);
    minor.ok_or_else(|| not_known(text, "@loyalty_amount"))
}

/// The last day of something, from today on.
///
/// # Errors
/// [`Problem::Empty`], [`Problem::NotDate`], or [`Problem::NotKnown`] for a day that is over.
pub fn last_day(text: &str, today: NaiveDate) -> Result<NaiveDate, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::Empty);
    }
    let day: NaiveDate = text.parse().map_err(|_| Problem::NotDate(excerpt(text)))?;
    if day < today { Err(not_known(text, "@from_today")) } else { Ok(day) }
}

/// The fields of a voucher's form, as they came.
#[derive(Debug, Clone, Copy)]
pub struct TypedVoucher<'a> {
    pub what: &'a str,
    /// Empty where it is not worth an amount.
    pub amount: &'a str,
    pub expires: &'a str,
    /// Empty where it costs the guest nothing.
    pub points: &'a str,
}

/// A voucher for a guest, in a currency (ISO 4217) and on a day of the house.
///
/// # Errors
/// Every field that is refused.
pub fn voucher(
    once: OnceId,
    guest: GuestId,
    typed: TypedVoucher<'_>,
    currency: &str,
    today: NaiveDate,
) -> Result<NewVoucher, Vec<FieldError>> {
    let what = reason(typed.what);
    let money = || -> Result<Option<(String, i64)>, Problem> {
        if typed.amount.trim().is_empty() {
            return Ok(None);
        }
        let known = Currency::parse(currency).map_err(|_| not_known(currency, "@currency"))?;
        Ok(Some((known.code.to_owned(), amount(typed.amount, known)?)))
    };
    let money = money();
    let expires = last_day(typed.expires, today);
    let cost = if typed.points.trim().is_empty() { Ok(None) } else { points(typed.points).map(Some) };
    match (what, money, expires, cost) {
        (Ok(what), Ok(amount), Ok(expires), Ok(points)) => {
            Ok(NewVoucher { once, guest, what, amount, expires, points })
        }
        (what, money, expires, cost) => Err(refused([
            ("what", what.err()),
            ("amount", money.err()),
            ("expires", expires.err()),
            ("points", cost.err()),
        ])),
    }
}

/// The code of a voucher, as people write it.
///
/// # Errors
/// [`Problem::Empty`], or [`Problem::NotKnown`] for what is no code.
pub fn code(text: &str) -> Result<VoucherCode, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::Empty);
    }
    text.parse().map_err(|_| not_known(text, "@loyalty_code"))
}

/// The rules of a programme.
///
/// # Errors
/// Every field that is refused.
pub fn programme(form: &RulesForm) -> Result<Programme, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, problem: Problem| errors.push(FieldError { field: field.to_owned(), problem });
    let currency = Currency::parse(&form.currency).map_err(|_| not_known(&form.currency, "@currency"));
    let known = currency.clone().ok();
    let currency = currency.map_err(|problem| refuse("currency", problem)).ok();
    let mut money = |field: &str, text: &str| {
        let read = amount(text, known?);
        read.map_err(|problem| refuse(field, problem)).ok()
    };
    let spend_for_point = money("spend_for_point", &form.spend_for_point);
    let worth_of_point = money("worth_of_point", &form.worth_of_point);
    let expire_months = whole(&form.expire_months, 1..=MAX_MONTHS, "@loyalty_months");
    let expire_months = expire_months.map_err(|problem| refuse("expire_months", problem)).unwrap_or_default();
    let notice_days =
        whole(&form.notice_days, 0..=MAX_NOTICE, "@loyalty_days").and_then(|days| days.ok_or(Problem::Empty));
    let notice_days = notice_days.map_err(|problem| refuse("notice_days", problem)).unwrap_or_default();
    let since = match form.since.trim() {
        "" => Ok(None),
        text => text.parse::<NaiveDate>().map(Some).map_err(|_| Problem::NotDate(excerpt(text))),
    };
    let since = since.map_err(|problem| refuse("since", problem)).unwrap_or_default();
    let extras = lines(&form.extras, extra).map_err(|problem| refuse("extras", problem)).unwrap_or_default();
    let read_tiers = match known {
        Some(currency) => lines(&form.tiers, |parts| tier(parts, currency)).and_then(in_order),
        None => Ok(Vec::new()),
    };
    let tiers = read_tiers.map_err(|problem| refuse("tiers", problem)).unwrap_or_default();
    match (currency, spend_for_point, worth_of_point) {
        (Some(currency), Some(spend_for_point), Some(worth_of_point)) if errors.is_empty() => Ok(Programme {
            active: form.active.is_some(),
            currency: currency.code.to_owned(),
            spend_for_point,
            worth_of_point,
            expire_months,
            notice_days,
            since,
            extras,
            tiers,
        }),
        _ => Err(errors),
    }
}

/// The form that shows the rules of a programme.
#[must_use]
pub fn form(programme: &Programme) -> RulesForm {
    let plain = |minor: i64| {
        Currency::parse(&programme.currency).map_or_else(|_| minor.to_string(), |currency| currency.plain(minor))
    };
    let extras = programme.extras.iter().map(|extra| format!("{}; {}", extra.name, extra.points));
    let tiers = programme.tiers.iter().map(|tier| {
        let nights = tier.nights.map(|nights| nights.to_string()).unwrap_or_default();
        let spend = tier.spend.map(plain).unwrap_or_default();
        format!("{}; {nights}; {spend}", tier.name).trim_end_matches([';', ' ']).to_owned()
    });
    RulesForm {
        active: programme.active.then(|| "on".to_owned()),
        currency: programme.currency.clone(),
        spend_for_point: plain(programme.spend_for_point),
        worth_of_point: plain(programme.worth_of_point),
        expire_months: programme.expire_months.map(|months| months.to_string()).unwrap_or_default(),
        notice_days: programme.notice_days.to_string(),
        since: programme.since.map(|day| day.to_string()).unwrap_or_default(),
        extras: extras.collect::<Vec<_>>().join("\n"),
        tiers: tiers.collect::<Vec<_>>().join("\n"),
    }
}

/// A whole number of a range; nothing for nothing.
fn whole(text: &str, range: std::ops::RangeInclusive<u16>, expected: &str) -> Result<Option<u16>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => {
            let read = text.parse::<u16>().ok().filter(|number| range.contains(number));
            read.map(Some).ok_or_else(|| not_known(text, expected))
        }
    }
}

/// What can be told apart in a list by its name.
trait Named {
    fn name(&self) -> &str;
}

impl Named for Extra {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Tier {
    fn name(&self) -> &str {
        &self.name
    }
}

/// A list of which each line that is not empty has parts, separated by semicolons. The first is the name, which no
/// other line has.
fn lines<T: Named>(text: &str, read: impl Fn(&[&str]) -> Result<T, Problem>) -> Result<Vec<T>, Problem> {
    let mut found: Vec<T> = Vec::new();
    for (at, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        let wrong = |problem| Problem::AtLine(at + 1, Box::new(problem));
        let parts: Vec<&str> = text.split([';', '；']).map(str::trim).collect();
        let one = read(&parts).map_err(wrong)?;
        if found.iter().any(|other| other.name() == one.name()) {
            return Err(wrong(Problem::Taken(one.name().to_owned())));
        }
        if found.len() == MAX_LINES {
            return Err(wrong(not_known(one.name(), "@loyalty_lines")));
        }
        found.push(one);
    }
    Ok(found)
}

fn name(text: &str) -> Result<String, Problem> {
    line(text, MAX_NAME)?.ok_or(Problem::Empty)
}

fn extra(parts: &[&str]) -> Result<Extra, Problem> {
    let &[title, amount] = parts else { return Err(not_known(&parts.join("; "), "@loyalty_extra")) };
    Ok(Extra { name: name(title)?, points: points(amount)? })
}

fn tier(parts: &[&str], currency: Currency) -> Result<Tier, Problem> {
    let unread = || not_known(&parts.join("; "), "@loyalty_tier");
    let (title, nights, spend) = match parts {
        [title, nights] => (title, *nights, ""),
        [title, nights, spend] => (title, *nights, *spend),
        _ => return Err(unread()),
    };
    let nights = whole(nights, 1..=366, "@loyalty_tier")?.map(u32::from);
    let spend = if spend.is_empty() { None } else { Some(amount(spend, currency)?) };
    if nights.is_none() && spend.is_none() {
        return Err(unread());
    }
    Ok(Tier { name: name(title)?, nights, spend })
}

/// A higher tier needs more: otherwise the one below it would never be held.
fn in_order(tiers: Vec<Tier>) -> Result<Vec<Tier>, Problem> {
    for (at, pair) in tiers.windows(2).enumerate() {
        let less =
            |lower: Option<i64>, higher: Option<i64>| lower.zip(higher).is_some_and(|(lower, higher)| higher <= lower);
        if less(pair[0].nights.map(i64::from), pair[1].nights.map(i64::from)) || less(pair[0].spend, pair[1].spend) {
            // Empty lines between them are not counted: the name tells which it is.
            let higher = not_known(&pair[1].name, "@loyalty_higher");
            return Err(Problem::AtLine(at + 2, Box::new(higher)));
        }
    }
    Ok(tiers)
}

/// The fields in which something is wrong.
fn refused<const N: usize>(problems: [(&str, Option<Problem>); N]) -> Vec<FieldError> {
    let wrong = problems.into_iter().filter_map(|(field, problem)| problem.map(|problem| (field, problem)));
    wrong.map(|(field, problem)| FieldError { field: field.to_owned(), problem }).collect()
}

fn not_known(value: &str, expected: &str) -> Problem {
    Problem::NotKnown(excerpt(value), expected.to_owned())
}

/// The beginning of a refused value, long enough to recognise it.
fn excerpt(text: &str) -> String {
    text.trim().chars().take(EXCERPT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> RulesForm {
        RulesForm {
            active: Some("on".to_owned()),
            currency: "eur".to_owned(),
            spend_for_point: "10".to_owned(),
            worth_of_point: "0,10".to_owned(),
            expire_months: "24".to_owned(),
            notice_days: "60".to_owned(),
            since: "2025-01-01".to_owned(),
            extras: "Welcome; 500\r\n\r\nSpa； 50\n".to_owned(),
            tiers: "Silver; 10; 1000\nGold; 30".to_owned(),
        }
    }

    #[test]
    fn rules_are_read_and_shown_as_they_were_read() {
        let read = programme(&typed()).expect("rules");
        assert_eq!((read.currency.as_str(), read.spend_for_point, read.worth_of_point), ("EUR", 1_000, 10));
        assert_eq!((read.expire_months, read.notice_days), (Some(24), 60));
        assert_eq!(read.extras.iter().map(|extra| extra.points).collect::<Vec<_>>(), [500, 50]);
        let gold = Tier { name: "Gold".to_owned(), nights: Some(30), spend: None };
        assert_eq!(read.tiers[0].spend, Some(100_000));
        assert_eq!(read.tiers[1], gold);
        assert_eq!(programme(&form(&read)), Ok(read), "what the form shows is what it was");
        let usual = Programme::default();
        assert_eq!(programme(&form(&usual)), Ok(usual));
        let by_spend = RulesForm { tiers: "Silver;; 1000.50".to_owned(), expire_months: String::new(), ..typed() };
        let by_spend = programme(&by_spend).expect("rules");
        assert_eq!((by_spend.tiers[0].nights, by_spend.tiers[0].spend), (None, Some(100_050)));
        assert_eq!(by_spend.expire_months, None);
        assert_eq!(programme(&form(&by_spend)), Ok(by_spend));
    }

    #[test]
    fn every_rule_that_is_wrong_is_named() {
        let refused = |form: RulesForm| -> Vec<String> {
            programme(&form).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
        };
        assert_eq!(refused(RulesForm { currency: "euro".to_owned(), ..typed() }), ["currency"]);
        for wrong in ["", "0", "0.001", "-1", "ten"] {
            assert_eq!(refused(RulesForm { spend_for_point: wrong.to_owned(), ..typed() }), ["spend_for_point"]);
        }
        for wrong in ["0", "121", "a year"] {
            assert_eq!(refused(RulesForm { expire_months: wrong.to_owned(), ..typed() }), ["expire_months"]);
        }
        assert_eq!(refused(RulesForm { since: "soon".to_owned(), ..typed() }), ["since"]);
        for wrong in ["Welcome", "Welcome; 0", "; 5", "Spa; 5\nSpa; 6"] {
            assert_eq!(refused(RulesForm { extras: wrong.to_owned(), ..typed() }), ["extras"], "{wrong}");
        }
        for wrong in ["Silver", "Silver;;", "Silver; 400", "A; 20\nB; 10", "A;; 20\nB; 5; 20", "A; 1\nA; 2"] {
            assert_eq!(refused(RulesForm { tiers: wrong.to_owned(), ..typed() }), ["tiers"], "{wrong}");
        }
        let nothing = RulesForm::default();
        assert_eq!(refused(nothing), ["currency", "notice_days"]);
        let line = programme(&RulesForm { extras: "Spa; 5\nWine".to_owned(), ..typed() }).expect_err("refused");
        assert!(matches!(&line[0].problem, Problem::AtLine(2, _)), "{line:?}");
    }

    #[test]
    fn a_voucher_is_for_something_and_has_a_last_day() {
        let today: NaiveDate = "2026-11-23".parse().expect("a day");
        let right = TypedVoucher { what: "Dinner for two", amount: "80", expires: "2026-11-23", points: "800" };
        let read = |typed| voucher(OnceId::new(), GuestId::new(), typed, "EUR", today);
        let new = read(right).expect("a voucher");
        assert_eq!((new.amount, new.points), (Some(("EUR".to_owned(), 8_000)), Some(800)));
        let present = read(TypedVoucher { amount: "", points: " ", ..right }).expect("a voucher");
        assert_eq!((present.amount, present.points), (None, None));
        let wrong = TypedVoucher { what: " ", amount: "much", expires: "2026-11-22", points: "0" };
        let fields: Vec<String> = read(wrong).expect_err("refused").into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["what", "amount", "expires", "points"]);
    }

    #[test]
    fn points_are_whole_and_there_are_some() {
        assert_eq!(points(" 1 250 "), Ok(1_250));
        assert_eq!(points(""), Err(Problem::Empty));
        for wrong in ["0", "-5", "1.5", "1e3", "١٢", "100000001", "99999999999999999999"] {
            assert!(matches!(points(wrong), Err(Problem::NotKnown(..))), "{wrong}");
        }
    }
}
