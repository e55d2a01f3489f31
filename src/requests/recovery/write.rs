//! What people type when they write a complaint down, and when they see to it.

use super::{Cause, MAX_TEXT, Place, RecoveryState, Severity};
use crate::{
    error::{FieldError, Problem},
    guests::parse,
    ids::StaffId,
};
use chrono::{Months, NaiveDate};

/// How many months ahead a promise may be due: guests come again after years.
const AHEAD_MONTHS: u32 = 60;

/// The fields that both forms have, as they came.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    pub what: &'a str,
    pub cause: &'a str,
    pub place: &'a str,
    pub severity: &'a str,
    pub promise: &'a str,
    pub promise_due: &'a str,
}

/// What they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub what: String,
    pub cause: Cause,
    pub place: Place,
    pub severity: Severity,
    pub promise: Option<String>,
    /// House-local; never without a promise.
    pub promise_due: Option<NaiveDate>,
}

/// What the form of those who see to it has beside that, as it came.
#[derive(Debug, Clone, Copy)]
pub struct TypedRepair<'a> {
    pub owner: &'a str,
    pub result: &'a str,
    pub state: &'a str,
}

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    pub owner: StaffId,
    /// Never empty once it was put right.
    pub result: Option<String>,
    pub state: RecoveryState,
}

/// Reads what both forms have. `today` is the house's; a promise may stay due on the day `stays`, though it is over.
///
/// # Errors
/// Each field that was refused, and why.
pub fn read(typed: Typed<'_>, today: NaiveDate, stays: Option<&str>) -> Result<Complaint, Vec<FieldError>> {
    let mut refused = Refusals::default();
    let what = refused.take("what", text(typed.what).and_then(|text| text.ok_or(Problem::Empty)));
    let cause = refused.take("cause", listed(typed.cause, Cause::from_code));
    let place = refused.take("place", listed(typed.place, Place::from_code));
    let severity = refused.take("severity", listed(typed.severity, severity));
    let promise = refused.take("promise", text(typed.promise));
    let due = refused.take("promise_due", day(typed.promise_due.trim(), today, stays));
    if let (Some(None), Some(Some(_))) = (&promise, &due) {
        refused.0.push(FieldError { field: "promise".to_owned(), problem: Problem::Empty });
    }
    match (what, cause, place, severity, promise, due) {
        (Some(what), Some(cause), Some(place), Some(severity), Some(promise), Some(promise_due))
            if refused.0.is_empty() =>
        {
            Ok(Complaint { what, cause, place, severity, promise, promise_due })
        }
        _ => Err(refused.0),
    }
}

/// Reads what the form of those who see to it has beside that.
///
/// # Errors
/// Each field that was refused, and why.
pub fn read_repair(typed: TypedRepair<'_>) -> Result<Repair, Vec<FieldError>> {
    let mut refused = Refusals::default();
    let owner = refused.take("owner", listed(typed.owner, |text| text.parse::<StaffId>().ok()));
    let result = refused.take("result", text(typed.result));
    let state = refused.take("state", listed(typed.state, RecoveryState::from_code));
    if let (Some(None), Some(RecoveryState::Mended | RecoveryState::Closed)) = (&result, state) {
        refused.0.push(FieldError { field: "result".to_owned(), problem: Problem::Empty });
    }
    match (owner, result, state) {
        (Some(owner), Some(result), Some(state)) if refused.0.is_empty() => Ok(Repair { owner, result, state }),
        _ => Err(refused.0),
    }
}

/// One text of a complaint.
///
/// # Errors
/// As [`parse::text`].
pub fn text(typed: &str) -> Result<Option<String>, Problem> {
    parse::text(typed, MAX_TEXT as usize)
}

/// Fields that were refused, in the order of the form.
#[derive(Default)]
struct Refusals(Vec<FieldError>);

impl Refusals {
    fn take<T>(&mut self, field: &str, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.0.push(FieldError { field: field.to_owned(), problem })).ok()
    }
}

fn listed<T>(text: &str, read: fn(&str) -> Option<T>) -> Result<T, Problem> {
    match text.trim() {
        "" => Err(Problem::Empty),
        text => read(text).ok_or_else(|| Problem::NotKnown(excerpt(text), "@listed".to_owned())),
    }
}

fn severity(text: &str) -> Option<Severity> {
    Severity::new(text.parse().ok()?)
}

fn day(text: &str, today: NaiveDate, stays: Option<&str>) -> Result<Option<NaiveDate>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let day: NaiveDate = text.parse().map_err(|_| Problem::NotDate(excerpt(text)))?;
    let latest = today.checked_add_months(Months::new(AHEAD_MONTHS)).unwrap_or(today);
    let is_known = stays == Some(day.to_string().as_str());
    if is_known || (today..=latest).contains(&day) {
        Ok(Some(day))
    } else {
        Err(Problem::NotKnown(excerpt(text), "@care_due".to_owned()))
    }
}

/// The beginning of a refused value, long enough to recognise it.
pub(super) fn excerpt(text: &str) -> String {
    text.trim().chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: Typed<'static> = Typed {
        what: "The room was not ready at four",
        cause: "room_not_ready",
        place: "front_desk",
        severity: "2",
        promise: "A room on the quiet side",
        promise_due: "2026-12-24",
    };

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day")
    }

    fn refused(typed: Typed<'_>) -> Vec<String> {
        read(typed, today(), None).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_complaint_says_what_and_where() {
        let read = read(RIGHT, today(), None).expect("right");
        assert_eq!((read.cause, read.place, read.severity.level()), (Cause::RoomNotReady, Place::FrontDesk, 2));
        assert_eq!(read.promise_due.map(|day| day.to_string()).as_deref(), Some("2026-12-24"));
        let nothing = Typed { what: " ", cause: "", place: "moon", severity: "4", promise: "", promise_due: "soon" };
        assert_eq!(refused(nothing), ["what", "cause", "place", "severity", "promise_due"]);
        assert_eq!(refused(Typed { what: &"ä".repeat(1_001), ..RIGHT }), ["what"]);
    }

    #[test]
    fn a_day_belongs_to_a_promise_and_is_not_over() {
        assert_eq!(refused(Typed { promise: " ", ..RIGHT }), ["promise"]);
        assert!(refused(Typed { promise: "", promise_due: "", ..RIGHT }).is_empty());
        for due in ["2026-11-23", "2031-11-23", ""] {
            assert!(refused(Typed { promise_due: due, ..RIGHT }).is_empty(), "{due}");
        }
        for due in ["2026-11-22", "2031-11-24", "2026-02-30"] {
            assert_eq!(refused(Typed { promise_due: due, ..RIGHT }), ["promise_due"], "{due}");
        }
        let past = Typed { promise_due: "2026-11-01", ..RIGHT };
        assert!(read(past, today(), Some("2026-11-01")).is_ok(), "as it stands already");
    }

    #[test]
    fn what_was_put_right_says_how() {
        let owner = StaffId::new().to_string();
        let repair = |result, state| read_repair(TypedRepair { owner: &owner, result, state });
        let fields = |result, state| {
            repair(result, state).err().unwrap_or_default().into_iter().map(|error| error.field).collect::<Vec<_>>()
        };
        assert!(repair("", "open").is_ok());
        assert!(repair("Another room, and flowers", "mended").is_ok());
        assert_eq!(fields("", "mended"), ["result"]);
        assert_eq!(fields(" ", "closed"), ["result"]);
        assert_eq!(fields("", "gone"), ["state"]);
        let nobody = read_repair(TypedRepair { owner: "Li", result: "", state: "open" });
        assert_eq!(nobody.err().map(|errors| errors[0].field.clone()).as_deref(), Some("owner"));
    }
}
