//! What people type when they write a rule.

use super::super::{
    MAX_ROOM, MAX_TEXT,
    rule::{MAX_DAYS_BEFORE, MAX_EVERY_DAYS, Recurrence, RuleDay},
    write::excerpt,
};
use crate::{
    error::{FieldError, Problem},
    guests::{PreferenceCode, parse},
    house::StationKind,
};
use chrono::NaiveDate;

/// The fields of the form, as they came.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    pub department: &'a str,
    pub text: &'a str,
    pub on_day: &'a str,
    pub days_before: &'a str,
    pub code: &'a str,
    pub every_days: &'a str,
    pub starts: &'a str,
    pub ends: &'a str,
    pub room: &'a str,
    /// Whether it is for one guest.
    pub has_guest: bool,
}

/// What they ask for. Fields that have no meaning for the kind of rule are empty, whatever was typed there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedRule {
    pub department: StationKind,
    pub text: String,
    pub on: RuleDay,
    pub days_before: u8,
    pub code: Option<PreferenceCode>,
    pub recurrence: Option<Recurrence>,
    pub room: Option<String>,
}

/// Reads the form. `today` is the house's.
///
/// # Errors
/// Each field that was refused, and why.
pub fn read(typed: Typed<'_>, today: NaiveDate) -> Result<AskedRule, Vec<FieldError>> {
    let mut refused = Refused(Vec::new());
    let department = refused.unless("department", listed(typed.department, StationKind::from_code));
    let text = parse::text(typed.text, MAX_TEXT as usize).and_then(|text| text.ok_or(Problem::Empty));
    let text = refused.unless("text", text);
    let on = refused.unless("on_day", listed(typed.on_day, RuleDay::from_code));
    let comes_again = on == Some(RuleDay::Every);
    let days_before = if comes_again { Some(0) } else { refused.unless("days_before", days_before(typed.days_before)) };
    let code = if comes_again {
        Some(None)
    } else {
        let code = parse::optional(typed.code, |code| listed(code, PreferenceCode::from_code));
        let by_booking = matches!(on, Some(RuleDay::Arrival | RuleDay::Departure));
        // Every arrival of a house would bury the traces that somebody needs.
        let code = code.and_then(|code| {
            if by_booking && code.is_none() && !typed.has_guest { Err(Problem::Empty) } else { Ok(code) }
        });
        refused.unless("code", code)
    };
    let recurrence = if comes_again { recurrence(&mut refused, typed, today).map(Some) } else { Some(None) };
    let room =
        if comes_again { refused.unless("room", parse::line(typed.room, MAX_ROOM as usize)) } else { Some(None) };
    match (department, text, on, days_before, code, recurrence, room) {
        (Some(department), Some(text), Some(on), Some(days_before), Some(code), Some(recurrence), Some(room)) => {
            Ok(AskedRule { department, text, on, days_before, code, recurrence, room })
        }
        _ => Err(refused.0),
    }
}

/// Collects what is wrong with a form.
struct Refused(Vec<FieldError>);

impl Refused {
    /// The value of a field; nothing where it was refused.
    fn unless<T>(&mut self, field: &str, read: Result<T, Problem>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(problem) => {
                self.0.push(FieldError { field: field.to_owned(), problem });
                None
            }
        }
    }
}

fn listed<T>(text: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Problem> {
    read(text).ok_or_else(|| Problem::NotKnown(excerpt(text), "@listed".to_owned()))
}

fn days_before(text: &str) -> Result<u8, Problem> {
    let days = parse::optional(text, |text| whole(text, 0, MAX_DAYS_BEFORE.into(), "@work_days_before"))?;
    Ok(days.and_then(|days| u8::try_from(days).ok()).unwrap_or(0))
}

fn recurrence(refused: &mut Refused, typed: Typed<'_>, today: NaiveDate) -> Option<Recurrence> {
    let every_days = if typed.every_days.trim().is_empty() {
        Err(Problem::Empty)
    } else {
        whole(typed.every_days, 1, MAX_EVERY_DAYS, "@work_every_days")
    };
    let every_days = refused.unless("every_days", every_days);
    let starts = refused.unless("starts", parse::optional(typed.starts, day)).map(|starts| starts.unwrap_or(today));
    let ends = parse::optional(typed.ends, day).and_then(|ends| match (starts, ends) {
        (Some(starts), Some(ends)) if ends < starts => {
            Err(Problem::NotKnown(ends.to_string(), "@not_before".to_owned()))
        }
        (_, ends) => Ok(ends),
    });
    let ends = refused.unless("ends", ends);
    Some(Recurrence { starts: starts?, ends: ends?, every_days: every_days? })
}

fn day(text: &str) -> Result<NaiveDate, Problem> {
    text.trim().parse().map_err(|_| Problem::NotDate(excerpt(text)))
}

/// A whole number within a range.
fn whole(text: &str, least: u16, most: u16, expected: &str) -> Result<u16, Problem> {
    let text = text.trim();
    // Number parsing alone would take "+1".
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse::<u16>()
        .ok()
        .filter(|number| is_plain && (least..=most).contains(number))
        .ok_or_else(|| Problem::NotKnown(excerpt(text), expected.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE_ARRIVAL: Typed<'static> = Typed {
        department: "floor",
        text: "Feather-free bedding",
        on_day: "arrival",
        days_before: "1",
        code: "feather_free",
        every_days: "",
        starts: "",
        ends: "",
        room: "",
        has_guest: false,
    };
    const WEEKLY: Typed<'static> =
        Typed { on_day: "every", every_days: "7", days_before: "x", code: "x", ..BEFORE_ARRIVAL };

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day")
    }

    fn refused(typed: Typed<'_>) -> Vec<String> {
        read(typed, today()).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_rule_of_bookings_says_whom_it_is_for() {
        let asked = read(BEFORE_ARRIVAL, today()).expect("a rule");
        assert_eq!((asked.days_before, asked.code), (1, Some(PreferenceCode::FeatherFree)));
        let nobody = Typed { code: "", ..BEFORE_ARRIVAL };
        assert_eq!(refused(nobody), ["code"]);
        assert!(refused(Typed { has_guest: true, ..nobody }).is_empty());
        assert!(refused(Typed { on_day: "occasion", ..nobody }).is_empty(), "whoever is in house");
        for days_before in ["31", "-1", "+1", "one"] {
            assert_eq!(refused(Typed { days_before, ..BEFORE_ARRIVAL }), ["days_before"], "{days_before}");
        }
        assert_eq!(refused(Typed { days_before: " ", ..BEFORE_ARRIVAL }), Vec::<String>::new());
    }

    #[test]
    fn what_comes_again_says_how_often() {
        let asked = read(WEEKLY, today()).expect("a rule");
        let weekly = Recurrence { starts: today(), ends: None, every_days: 7 };
        assert_eq!((asked.recurrence, asked.code, asked.days_before), (Some(weekly), None, 0));
        for every_days in ["", "0", "367", "1.5"] {
            assert_eq!(refused(Typed { every_days, ..WEEKLY }), ["every_days"], "{every_days}");
        }
        assert_eq!(refused(Typed { starts: "2026-12-01", ends: "2026-11-30", ..WEEKLY }), ["ends"]);
        assert_eq!(refused(Typed { ends: "2026-11-22", ..WEEKLY }), ["ends"]);
        assert_eq!(refused(Typed { starts: "soon", ends: "later", ..WEEKLY }), ["starts", "ends"]);
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        let wrong = Typed { department: "", text: " ", on_day: "noon", days_before: "x", code: "x", ..BEFORE_ARRIVAL };
        assert_eq!(refused(wrong), ["department", "text", "on_day", "days_before", "code"]);
    }
}
