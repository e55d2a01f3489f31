//! Dates in the reader's language, from the house-local `YYYY-MM-DD` in which they are kept. A text
//! that is no date is shown as it is.

use super::I18n;
use crate::i18n::*;
use chrono::{Datelike, NaiveDate};

/// "3 March 2026", "3 de marzo de 2026", "2026年3月3日".
#[must_use]
pub fn long_date(i18n: I18n, date: &str) -> String {
    long(i18n.get_locale_untracked(), date)
}

/// The same with the month abbreviated: "3 Mar 2026".
#[must_use]
pub fn short_date(i18n: I18n, date: &str) -> String {
    short(i18n.get_locale_untracked(), date)
}

/// A day without its year: "3 March". `month` counts from 1; another number is no month and gives
/// the numbers alone.
#[must_use]
pub fn day_month(i18n: I18n, month: u32, day: u32) -> String {
    let locale = i18n.get_locale_untracked();
    match month_name(locale, month) {
        Some(month) => td_string!(locale, common.dates.day_month, day = day, month = month),
        None => format!("{month:02}-{day:02}"),
    }
}

/// The month of a date: "March 2026".
#[must_use]
pub fn month_year(i18n: I18n, date: &str) -> String {
    let locale = i18n.get_locale_untracked();
    written(date, |day| {
        Some(td_string!(locale, common.dates.month_year, month = month_name(locale, day.month())?, year = day.year()))
    })
}

/// A date and time of the house, `YYYY-MM-DD HH:MM`: "3 Mar 2026, 14:05".
#[must_use]
pub fn moment(i18n: I18n, at: &str) -> String {
    moment_in(i18n.get_locale_untracked(), at)
}

/// The same in a language that is no page's.
#[must_use]
pub fn moment_in(locale: Locale, at: &str) -> String {
    match at.split_once(' ') {
        Some((date, time)) => td_string!(locale, common.dates.moment, date = short(locale, date), time = time),
        None => short(locale, at),
    }
}

fn long(locale: Locale, date: &str) -> String {
    written(date, |day| {
        let month = month_name(locale, day.month())?;
        Some(td_string!(locale, common.dates.full, day = day.day(), month = month, year = day.year()))
    })
}

fn short(locale: Locale, date: &str) -> String {
    written(date, |day| {
        let month = short_month_name(locale, day.month())?;
        Some(td_string!(locale, common.dates.brief, day = day.day(), month = month, year = day.year()))
    })
}

fn written(date: &str, write: impl FnOnce(NaiveDate) -> Option<String>) -> String {
    parse(date).and_then(write).unwrap_or_else(|| date.to_owned())
}

fn parse(date: &str) -> Option<NaiveDate> {
    let mut parts = date.split('-');
    let day =
        NaiveDate::from_ymd_opt(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)?;
    parts.next().is_none().then_some(day)
}

fn month_name(locale: Locale, month: u32) -> Option<&'static str> {
    Some(match month {
        1 => td_string!(locale, common.months.january),
        2 => td_string!(locale, common.months.february),
        3 => td_string!(locale, common.months.march),
        4 => td_string!(locale, common.months.april),
        5 => td_string!(locale, common.months.may),
        6 => td_string!(locale, common.months.june),
        7 => td_string!(locale, common.months.july),
        8 => td_string!(locale, common.months.august),
        9 => td_string!(locale, common.months.september),
        10 => td_string!(locale, common.months.october),
        11 => td_string!(locale, common.months.november),
        12 => td_string!(locale, common.months.december),
        _ => return None,
    })
}

fn short_month_name(locale: Locale, month: u32) -> Option<&'static str> {
    Some(match month {
        1 => td_string!(locale, common.short_months.january),
        2 => td_string!(locale, common.short_months.february),
        3 => td_string!(locale, common.short_months.march),
        4 => td_string!(locale, common.short_months.april),
        5 => td_string!(locale, common.short_months.may),
        6 => td_string!(locale, common.short_months.june),
        7 => td_string!(locale, common.short_months.july),
        8 => td_string!(locale, common.short_months.august),
        9 => td_string!(locale, common.short_months.september),
        10 => td_string!(locale, common.short_months.october),
        11 => td_string!(locale, common.short_months.november),
        12 => td_string!(locale, common.short_months.december),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_out() {
        assert_eq!(long(Locale::en, "2026-03-03"), "3 March 2026");
        assert_eq!(short(Locale::en, "2026-09-30"), "30 Sept 2026");
        assert_eq!(long(Locale::es, "2026-03-03"), "3 de marzo de 2026");
        assert_eq!(long(Locale::zh, "2026-03-03"), "2026年3月3日");
    }

    #[test]
    fn what_is_no_date_is_shown_as_it_is() {
        for text in ["", "soon", "2026-02-30", "2026-03", "2026-03-03-04"] {
            assert_eq!(long(Locale::en, text), text);
        }
    }
}
