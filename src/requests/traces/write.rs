//! What people type when they write a trace.

use super::{MAX_ROOM, MAX_TEXT};
use crate::{
    error::{FieldError, Problem},
    guests::parse,
    house::StationKind,
};
use chrono::{Months, NaiveDate, NaiveTime};

/// How many months ahead a trace may be due.
const AHEAD_MONTHS: u32 = 12;

/// The fields of the form, as they came.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    pub department: &'a str,
    pub text: &'a str,
    pub due: &'a str,
    pub time: &'a str,
    pub room: &'a str,
}

/// What they ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub department: StationKind,
    pub text: String,
    /// House-local.
    pub due: NaiveDate,
    /// The time on the house's clocks, where the day is not enough.
    pub time: Option<NaiveTime>,
    pub room: Option<String>,
}

/// Reads the form. `today` is the house's.
///
/// # Errors
/// Each field that was refused, and why.
pub fn read(typed: Typed<'_>, today: NaiveDate) -> Result<Asked, Vec<FieldError>> {
    let department = StationKind::from_code(typed.department)
        .ok_or_else(|| Problem::NotKnown(excerpt(typed.department), "@listed".to_owned()));
    let text = parse::text(typed.text, MAX_TEXT as usize).and_then(|text| text.ok_or(Problem::Empty));
    let due = day(typed.due.trim(), today);
    let time = parse::optional(typed.time, time);
    let room = parse::line(typed.room, MAX_ROOM as usize);
    match (department, text, due, time, room) {
        (Ok(department), Ok(text), Ok(due), Ok(time), Ok(room)) => Ok(Asked { department, text, due, time, room }),
        (department, text, due, time, room) => {
            let problems = [
                ("department", department.err()),
                ("text", text.err()),
                ("due", due.err()),
                ("time", time.err()),
                ("room", room.err()),
            ];
            let refused = problems.into_iter().filter_map(|(field, problem)| problem.map(|problem| (field, problem)));
            Err(refused.map(|(field, problem)| FieldError { field: field.to_owned(), problem }).collect())
        }
    }
}

/// `HH:MM`, as browsers send it and as people write it (`9:00`).
fn time(text: &str) -> Result<NaiveTime, Problem> {
    let text = text.trim();
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| Problem::NotKnown(excerpt(text), "@time".to_owned()))
}

fn day(text: &str, today: NaiveDate) -> Result<NaiveDate, Problem> {
    if text.is_empty() {
        return Err(Problem::Empty);
    }
    let day: NaiveDate = text.parse().map_err(|_| Problem::NotDate(excerpt(text)))?;
    let latest = today.checked_add_months(Months::new(AHEAD_MONTHS)).unwrap_or(today);
    if (today..=latest).contains(&day) {
        Ok(day)
    } else {
        Err(Problem::NotKnown(excerpt(text), "@within_year".to_owned()))
    }
}

/// The beginning of a refused value, long enough to recognise it.
pub(super) fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: Typed<'static> = Typed { department: "floor", text: "Roses", due: "2026-11-23", time: "", room: "" };

    fn refused(typed: Typed<'_>) -> Vec<String> {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
        read(typed, today).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_trace_is_due_from_today_to_the_same_day_of_the_next_year() {
        for due in ["2026-11-23", " 2027-11-23 "] {
            assert!(refused(Typed { due, ..RIGHT }).is_empty(), "{due}");
        }
        for due in ["", "2026-11-22", "2027-11-24", "2026-02-30", "tomorrow", "--11-23"] {
            assert_eq!(refused(Typed { due, ..RIGHT }), ["due"], "{due}");
        }
    }

    #[test]
    fn a_time_is_read_as_it_is_written() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
        let at = |time| read(Typed { time, ..RIGHT }, today).map(|asked| asked.time.map(|time| time.to_string()));
        assert_eq!(at(" 9:05 "), Ok(Some("09:05:00".to_owned())));
        assert_eq!(at(" "), Ok(None));
        for time in ["24:00", "9", "09:05 pm", "-1:00"] {
            assert_eq!(refused(Typed { time, ..RIGHT }), ["time"], "{time}");
        }
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        let (most, beyond) = ("ä".repeat(500), "ä".repeat(501));
        assert!(refused(Typed { text: &most, ..RIGHT }).is_empty());
        assert_eq!(refused(Typed { text: &beyond, ..RIGHT }), ["text"]);
        assert_eq!(refused(Typed { text: " \r\n ", ..RIGHT }), ["text"]);
        assert_eq!(refused(Typed { text: "a\u{202e}b", ..RIGHT }), ["text"]);
        assert_eq!(refused(Typed { room: "123456789012345678901", ..RIGHT }), ["room"]);
        let nothing = Typed { department: "", text: "", due: "", time: "noon", room: "\u{0}" };
        assert_eq!(refused(nothing), ["department", "text", "due", "time", "room"]);
    }
}
