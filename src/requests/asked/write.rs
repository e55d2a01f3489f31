//! What people type when they enter a request, and when they say what became of it.

use super::{MAX_PLACE, MAX_TEXT, RequestKind, RequestState};
use crate::{
    error::{FieldError, Problem},
    guests::parse,
    house::StationKind,
    requests::traces::MAX_ROOM,
};
use chrono::{Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

/// How many months ahead a request may be for.
const AHEAD_MONTHS: u32 = 12;

/// The fields of the form, as they came.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    pub kind: &'a str,
    pub text: &'a str,
    /// Words of the house that were chosen, with what they are for.
    pub quick: Option<(RequestKind, &'a str)>,
    pub place: &'a str,
    pub room: &'a str,
    pub day: &'a str,
    pub time: &'a str,
    /// Empty for whoever arranges that kind otherwise.
    pub department: &'a str,
}

/// What they ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub kind: RequestKind,
    pub text: Option<String>,
    pub place: Option<String>,
    pub room: Option<String>,
    /// House-local, as is the time.
    pub day: NaiveDate,
    pub time: Option<NaiveTime>,
    pub department: StationKind,
}

/// Reads the form. `now` is what the house's clocks show.
///
/// # Errors
/// Each field that was refused, and why.
pub fn read(typed: Typed<'_>, now: NaiveDateTime) -> Result<Asked, Vec<FieldError>> {
    let kind =
        RequestKind::from_code(typed.kind).ok_or_else(|| Problem::NotKnown(excerpt(typed.kind), "@listed".to_owned()));
    let known = kind.as_ref().ok().copied();
    let text = text(typed, known);
    let place = parse::line(typed.place, MAX_PLACE as usize);
    let room = parse::line(typed.room, MAX_ROOM as usize);
    let day = day(typed.day.trim(), now.date());
    let time = time(typed.time.trim(), day.as_ref().ok().copied(), now).and_then(|time| {
        if time.is_none() && needs(known, RequestKind::needs_time) { Err(Problem::Empty) } else { Ok(time) }
    });
    let department = match (typed.department.trim(), known) {
        ("", Some(kind)) => Ok(kind.department()),
        ("", None) => Ok(StationKind::FrontDesk),
        (code, _) => StationKind::from_code(code).ok_or_else(|| Problem::NotKnown(excerpt(code), "@listed".to_owned())),
    };
    match (kind, text, place, room, day, time, department) {
        (Ok(kind), Ok(text), Ok(place), Ok(room), Ok(day), Ok(time), Ok(department)) => {
            // What was typed before another kind was chosen is not meant any more.
            let place = place.filter(|_| kind.has_place());
            Ok(Asked { kind, text, place, room, day, time, department })
        }
        (kind, text, place, room, day, time, department) => {
            let problems = [
                ("kind", kind.err()),
                ("text", text.err()),
                ("place", place.err()),
                ("room", room.err()),
                ("day", day.err()),
                ("time", time.err()),
                ("department", department.err()),
            ];
            let refused = problems.into_iter().filter_map(|(field, problem)| problem.map(|problem| (field, problem)));
            Err(refused.map(|(field, problem)| FieldError { field: field.to_owned(), problem }).collect())
        }
    }
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// With what whoever arranged it was told.
    Arrange(Option<String>),
    Done,
    /// With why it will not be done.
    Decline(String),
}

impl Change {
    /// Reads the form: the word for the state to come, and what was typed with it. `kind` is the request's.
    ///
    /// # Errors
    /// Each field that was refused, and why.
    pub fn read(kind: RequestKind, to: &str, details: &str, reason: &str) -> Result<Self, Vec<FieldError>> {
        let refused = |field: &str, problem| vec![FieldError { field: field.to_owned(), problem }];
        let words = |field: &str, typed: &str, needed: bool| match parse::line(typed, MAX_TEXT as usize) {
            Ok(None) if needed => Err(refused(field, Problem::Empty)),
            Ok(words) => Ok(words),
            Err(problem) => Err(refused(field, problem)),
        };
        match RequestState::from_code(to) {
            Some(RequestState::Arranged) => Ok(Self::Arrange(words("details", details, kind.needs_details())?)),
            Some(RequestState::Done) => Ok(Self::Done),
            Some(RequestState::Declined) => Ok(Self::Decline(words("reason", reason, true)?.unwrap_or_default())),
            Some(RequestState::Asked) | None => {
                Err(refused("to", Problem::NotKnown(excerpt(to), "arranged, done, declined".to_owned())))
            }
        }
    }

    /// The state that it leads to.
    #[must_use]
    pub fn state(&self) -> RequestState {
        match self {
            Self::Arrange(_) => RequestState::Arranged,
            Self::Done => RequestState::Done,
            Self::Decline(_) => RequestState::Declined,
        }
    }
}

fn needs(kind: Option<RequestKind>, what: fn(RequestKind) -> bool) -> bool {
    kind.is_some_and(what)
}

/// The words of the house that were chosen, if they are for that kind, and the colleague's own after them.
fn text(typed: Typed<'_>, kind: Option<RequestKind>) -> Result<Option<String>, Problem> {
    let own = parse::line(typed.text, MAX_TEXT as usize)?;
    let quick = typed.quick.filter(|(of, _)| Some(*of) == kind).map(|(_, text)| text.to_owned());
    let words = quick.into_iter().chain(own).collect::<Vec<_>>().join(", ");
    match parse::line(&words, MAX_TEXT as usize)? {
        None if needs(kind, RequestKind::needs_text) => Err(Problem::Empty),
        words => Ok(words),
    }
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

/// A time of the day, not before this minute where it is today's.
fn time(text: &str, day: Option<NaiveDate>, now: NaiveDateTime) -> Result<Option<NaiveTime>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let time =
        NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| Problem::NotKnown(excerpt(text), "@time".to_owned()))?;
    let minute = (now.hour(), now.minute());
    if day == Some(now.date()) && (time.hour(), time.minute()) < minute {
        return Err(Problem::NotKnown(excerpt(text), "@from_now".to_owned()));
    }
    Ok(Some(time))
}

/// The beginning of a refused value, long enough to recognise it.
fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: Typed<'static> = Typed {
        kind: "taxi",
        text: "",
        quick: None,
        place: "Airport",
        room: "904",
        day: "2026-11-23",
        time: "10:30",
        department: "",
    };

    fn now() -> NaiveDateTime {
        "2026-11-23T09:00:40".parse().expect("a time")
    }

    fn refused(typed: Typed<'_>) -> Vec<String> {
        read(typed, now()).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_taxi_is_the_concierges_unless_somebody_says_otherwise() {
        let asked = read(RIGHT, now()).expect("a taxi");
        assert_eq!((asked.department, asked.place.as_deref()), (StationKind::Concierge, Some("Airport")));
        assert_eq!(asked.time, NaiveTime::from_hms_opt(10, 30, 0));
        let door = read(Typed { department: "door", ..RIGHT }, now()).expect("a taxi");
        assert_eq!(door.department, StationKind::Door);
    }

    #[test]
    fn words_of_the_house_stand_before_ones_own_and_only_where_they_belong() {
        let quick = Some((RequestKind::Taxi, "To the airport"));
        let asked = |kind, text| read(Typed { kind, text, quick, ..RIGHT }, now()).map(|asked| asked.text);
        assert_eq!(asked("taxi", " two  bags "), Ok(Some("To the airport, two bags".to_owned())));
        assert_eq!(asked("taxi", ""), Ok(Some("To the airport".to_owned())));
        assert_eq!(asked("laundry", ""), Ok(None), "chosen before the kind was");
        let most = "x".repeat(300);
        assert_eq!(refused(Typed { text: &most, ..RIGHT }), Vec::<String>::new());
        assert_eq!(refused(Typed { text: &most, quick, ..RIGHT }), ["text"], "together they are too long");
    }

    #[test]
    fn what_is_typed_for_another_kind_is_not_kept() {
        let laundry = read(Typed { kind: "laundry", ..RIGHT }, now()).expect("a request");
        assert_eq!(laundry.place, None);
    }

    #[test]
    fn a_time_that_has_passed_is_no_time_of_today() {
        for (day, time, wrong) in [
            ("2026-11-23", "09:00", vec![]),
            ("2026-11-23", "08:59", vec!["time"]),
            ("2026-11-24", "00:00", vec![]),
            ("2026-11-23", "", vec![]),
            ("2026-11-23", "9", vec!["time"]),
            ("2026-11-23", "24:00", vec!["time"]),
            ("2026-11-22", "10:30", vec!["day"]),
            ("2027-11-24", "10:30", vec!["day"]),
            ("", "", vec!["day"]),
            ("soon", "soon", vec!["day", "time"]),
        ] {
            assert_eq!(refused(Typed { day, time, ..RIGHT }), wrong, "{day} {time}");
        }
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        let place = "x".repeat(81);
        let wrong = Typed {
            kind: "party",
            text: "a\u{202e}b",
            quick: None,
            place: &place,
            room: "123456789012345678901",
            day: "2026-02-30",
            time: "25:00",
            department: "cellar",
        };
        assert_eq!(refused(wrong), ["kind", "text", "place", "room", "day", "time", "department"]);
        assert_eq!(refused(Typed { kind: "wake_up", time: "", ..RIGHT }), ["time"], "when is he to be woken?");
        assert_eq!(refused(Typed { kind: "other", text: " ", ..RIGHT }), ["text"]);
        assert!(refused(Typed { kind: "other", text: "An iron", ..RIGHT }).is_empty());
    }

    #[test]
    fn a_taxi_is_arranged_with_its_plate_and_declined_with_a_reason() {
        let read = |kind, to, details, reason| {
            Change::read(kind, to, details, reason)
                .map_err(|errors| errors.into_iter().map(|error| error.field).collect::<Vec<_>>())
        };
        let taxi = RequestKind::Taxi;
        assert_eq!(read(taxi, "arranged", " 12-AB-34 ", ""), Ok(Change::Arrange(Some("12-AB-34".to_owned()))));
        assert_eq!(read(taxi, "arranged", " ", ""), Err(vec!["details".to_owned()]));
        assert_eq!(read(RequestKind::WakeUp, "arranged", "", ""), Ok(Change::Arrange(None)));
        assert_eq!(read(taxi, "done", "ignored", "ignored"), Ok(Change::Done));
        assert_eq!(read(taxi, "declined", "", "No car"), Ok(Change::Decline("No car".to_owned())));
        assert_eq!(read(taxi, "declined", "", ""), Err(vec!["reason".to_owned()]));
        for to in ["asked", "", "gone"] {
            assert_eq!(read(taxi, to, "x", "x"), Err(vec!["to".to_owned()]), "{to}");
        }
    }
}
