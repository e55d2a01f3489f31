//! What people type about those around a guest, parsed once.

use super::{LEAD_DAYS, MAX_LEAD_DAYS, MAX_NAME, MAX_TEXT, OccasionKind, Relation};
use crate::{
    error::{FieldError, Problem},
    guests::{
        Birthday,
        parse::{birthday, last_day, line, optional},
    },
};
use chrono::NaiveDate;

/// How many characters of a refused value its error repeats.
const EXCERPT: usize = 40;

/// A child of a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChild {
    pub name: String,
    pub birthday: Option<Birthday>,
    pub likes: Option<String>,
}

/// A day that the house keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOccasion {
    pub kind: OccasionKind,
    /// In the words of whoever wrote it down; never `None` for [`OccasionKind::Other`].
    pub text: Option<String>,
    pub day: Birthday,
    pub lead_days: u8,
}

/// People who travel together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewParty {
    pub name: String,
    /// House-local, as is the departure, which is not before it.
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
}

/// What somebody is to a guest.
///
/// # Errors
/// [`Problem::NotKnown`].
pub fn relation(text: &str) -> Result<Relation, Problem> {
    Relation::from_code(text).ok_or_else(|| not_known(text, "@listed"))
}

/// A child: a name, a birthday and what it likes; the last two may be left empty.
///
/// # Errors
/// Every field that is refused.
pub fn child(name: &str, born: &str, likes: &str) -> Result<NewChild, Vec<FieldError>> {
    match (named(name), optional(born, of_year), line(likes, MAX_TEXT as usize)) {
        (Ok(name), Ok(birthday), Ok(likes)) => Ok(NewChild { name, birthday, likes }),
        (name, born, likes) => Err(refused([("name", name.err()), ("birthday", born.err()), ("likes", likes.err())])),
    }
}

/// A day that the house keeps: of which kind, in words, the day, and how many days before it the house is told. Another
/// day than the kinds that are listed needs words.
///
/// # Errors
/// Every field that is refused.
pub fn occasion(kind: &str, text: &str, day: &str, lead_days: &str) -> Result<NewOccasion, Vec<FieldError>> {
    let kind = OccasionKind::from_code(kind).ok_or_else(|| not_known(kind, "@listed"));
    let text = line(text, MAX_TEXT as usize).and_then(|text| match (&kind, text) {
        (Ok(OccasionKind::Other), None) => Err(Problem::Empty),
        (_, text) => Ok(text),
    });
    match (kind, text, of_year(day), lead(lead_days)) {
        (Ok(kind), Ok(text), Ok(day), Ok(lead_days)) => Ok(NewOccasion { kind, text, day, lead_days }),
        (kind, text, day, lead_days) => Err(refused([
            ("kind", kind.err()),
            ("text", text.err()),
            ("day", day.err()),
            ("lead_days", lead_days.err()),
        ])),
    }
}

/// People who travel together: a name and the days of the house. What is over today is no party to wait for.
///
/// # Errors
/// Every field that is refused.
pub fn party(name: &str, arrival: &str, departure: &str, today: NaiveDate) -> Result<NewParty, Vec<FieldError>> {
    let (name, begins) = (named(name), date(arrival));
    let ends = last_day(departure, today).and_then(|day| day.ok_or(Problem::Empty)).and_then(|day| match begins {
        Ok(begins) if day < begins => Err(not_known(departure, "@people_after_arrival")),
        _ => Ok(day),
    });
    match (name, begins, ends) {
        (Ok(name), Ok(arrival), Ok(departure)) => Ok(NewParty { name, arrival, departure }),
        (name, begins, ends) => {
            Err(refused([("name", name.err()), ("arrival", begins.err()), ("departure", ends.err())]))
        }
    }
}

fn named(text: &str) -> Result<String, Problem> {
    line(text, MAX_NAME as usize)?.ok_or(Problem::Empty)
}

/// A day of every year; the year may be left out, and then the hyphens that stand for it too.
fn of_year(text: &str) -> Result<Birthday, Problem> {
    let text = text.trim();
    if text.len() == 5 { birthday(&format!("--{text}")) } else { birthday(text) }
}

fn date(text: &str) -> Result<NaiveDate, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::Empty);
    }
    // Dates are kept in ten characters, so that they sort as they follow each other.
    let day = text.parse::<NaiveDate>().ok().filter(|day| text.len() == 10 && day.to_string() == text);
    day.ok_or_else(|| not_known(text, "@day"))
}

fn lead(text: &str) -> Result<u8, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(LEAD_DAYS);
    }
    // Number parsing alone would take "+1".
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let read = Some(text).filter(|_| plain).and_then(|text| text.parse::<u8>().ok());
    read.filter(|days| *days <= MAX_LEAD_DAYS).ok_or_else(|| not_known(text, "@people_lead_days"))
}

fn not_known(text: &str, expected: &str) -> Problem {
    Problem::NotKnown(text.trim().chars().take(EXCERPT).collect(), expected.to_owned())
}

fn refused<const N: usize>(problems: [(&str, Option<Problem>); N]) -> Vec<FieldError> {
    let field =
        |(field, problem): (&str, Option<Problem>)| Some(FieldError { field: field.to_owned(), problem: problem? });
    problems.into_iter().filter_map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(refused: Vec<FieldError>) -> Vec<String> {
        refused.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_child_has_a_name() {
        let mila = child("  Mila ", "03-03", "Dinosaurs").expect("a child");
        assert_eq!(
            mila,
            NewChild {
                name: "Mila".to_owned(),
                birthday: Birthday::new(None, 3, 3),
                likes: Some("Dinosaurs".to_owned()),
            }
        );
        assert_eq!(child("Tom", "2019-07-01", "").map(|tom| tom.birthday), Ok(Birthday::new(Some(2019), 7, 1)));
        assert_eq!(child("Tom", "", "").map(|tom| (tom.birthday, tom.likes)), Ok((None, None)));
        assert_eq!(child(" ", "13-01", "").map_err(fields), Err(vec!["name".to_owned(), "birthday".to_owned()]));
    }

    #[test]
    fn a_day_is_kept_some_days_ahead() {
        let read = occasion("anniversary", "", "--11-25", "").expect("a day");
        assert_eq!((read.kind, read.text, read.lead_days), (OccasionKind::Anniversary, None, LEAD_DAYS));
        assert_eq!(occasion("memorial", "Of his father", "02-29", "30").map(|read| read.lead_days), Ok(30));
        let refused = |kind, text, day, lead| occasion(kind, text, day, lead).map_err(fields);
        let named = |names: &[&str]| Err(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(refused("other", " ", "11-25", "3"), named(&["text"]), "another day needs words");
        assert_eq!(refused("birthday", "", "", "31"), named(&["kind", "day", "lead_days"]));
        assert_eq!(refused("other", "Moving in", "30-02", "+3"), named(&["day", "lead_days"]));
    }

    #[test]
    fn a_party_is_not_over() {
        let today: NaiveDate = "2026-11-23".parse().expect("a day");
        assert!(party("The Zhangs", "2026-11-22", "2026-11-25", today).is_ok());
        let refused = |arrival, departure| party("The Zhangs", arrival, departure, today).map_err(fields);
        let named = |name: &str| Err(vec![name.to_owned()]);
        assert_eq!(refused("2026-11-25", "2026-11-24"), named("departure"));
        assert_eq!(refused("2026-11-20", "2026-11-22"), named("departure"));
        assert_eq!(refused("2026-1-2", "2026-11-24"), named("arrival"));
        assert_eq!(refused("2026-11-24", ""), named("departure"));
    }
}
