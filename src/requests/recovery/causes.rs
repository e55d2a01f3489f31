//! Causes that repeat themselves, counted by month and place, so that the house can change what brings them about.

use super::{Cause, Place, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most months of a table, and how many it has unless somebody asks for others.
pub const MOST_MONTHS: usize = 24;
pub const USUAL_MONTHS: usize = 6;

/// Complaints by what brought them about and where, month by month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseTable {
    /// House-local `YYYY-MM`, the first one first.
    pub months: Vec<String>,
    /// What happened most often first, of equals the graver.
    pub rows: Vec<CauseRow>,
}

/// What happened for one cause in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseRow {
    pub cause: Cause,
    pub place: Place,
    /// How often, in the order of the months.
    pub counts: Vec<u32>,
    pub gravest: Severity,
}

impl CauseRow {
    /// In all months together.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// Whether it happened more than once, and so can be expected again.
    #[must_use]
    pub fn repeats(&self) -> bool {
        self.total() > 1
    }
}

/// One complaint, as far as it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub month: String,
    pub cause: Cause,
    pub place: Place,
    pub severity: Severity,
}

impl CauseTable {
    /// Counts the cases that fall into the months.
    #[must_use]
    pub fn of(months: Vec<String>, cases: &[Case]) -> Self {
        let mut found: BTreeMap<(Cause, Place), CauseRow> = BTreeMap::new();
        for case in cases {
            let Some(at) = months.iter().position(|month| *month == case.month) else { continue };
            let row = found.entry((case.cause, case.place)).or_insert_with(|| CauseRow {
                cause: case.cause,
                place: case.place,
                counts: vec![0; months.len()],
                gravest: case.severity,
            });
            row.counts[at] += 1;
            row.gravest = row.gravest.max(case.severity);
        }
        let mut rows: Vec<CauseRow> = found.into_values().collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.total(), row.gravest)));
        Self { months, rows }
    }
}

/// The months from one to another, both `YYYY-MM`; `None` where one is no month, they are the wrong way round, or too
/// many.
#[must_use]
pub fn months(first: &str, last: &str) -> Option<Vec<String>> {
    let (first, last) = (number(first)?, number(last)?);
    let count = usize::try_from(last.checked_sub(first)?).ok()? + 1;
    (count <= MOST_MONTHS).then(|| (first..=last).map(written).collect())
}

/// The months up to one, as many as a table usually has; none where it is no month.
#[must_use]
pub fn usual(last: &str) -> Vec<String> {
    let back = u32::try_from(USUAL_MONTHS).unwrap_or(1) - 1;
    number(last).map(|last| (last.saturating_sub(back)..=last).map(written).collect()).unwrap_or_default()
}

/// Months since the year 0.
fn number(month: &str) -> Option<u32> {
    let (year, month) = month.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2)?;
    let digits =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
    let (year, month) = (digits(year)?, digits(month)?);
    (1..=12).contains(&month).then(|| year * 12 + month - 1)
}

fn written(number: u32) -> String {
    format!("{:04}-{:02}", number / 12, number % 12 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(month: &str, cause: Cause, place: Place, severity: u8) -> Case {
        let severity = Severity::new(severity).expect("a severity");
        Case { month: month.to_owned(), cause, place, severity }
    }

    #[test]
    fn what_repeats_itself_stands_first() {
        let cases = [
            case("2026-10", Cause::Wait, Place::FrontDesk, 1),
            case("2026-11", Cause::Noise, Place::Room, 3),
            case("2026-11", Cause::Wait, Place::FrontDesk, 2),
            case("2026-11", Cause::Wait, Place::Restaurant, 1),
            case("2026-09", Cause::Bill, Place::FrontDesk, 3),
        ];
        let table = CauseTable::of(months("2026-10", "2026-11").expect("months"), &cases);
        let found: Vec<_> = table.rows.iter().map(|row| (row.cause, row.place, row.counts.clone())).collect();
        let expected = [
            (Cause::Wait, Place::FrontDesk, vec![1, 1]),
            (Cause::Noise, Place::Room, vec![0, 1]),
            (Cause::Wait, Place::Restaurant, vec![0, 1]),
        ];
        assert_eq!(found, expected, "what was before is not counted");
        assert_eq!(table.rows[0].gravest, Severity::new(2).expect("a severity"));
        assert_eq!(table.rows.iter().map(CauseRow::repeats).collect::<Vec<_>>(), [true, false, false]);
    }

    #[test]
    fn months_follow_each_other_over_the_years() {
        let over = months("2026-11", "2027-02");
        let names = ["2026-11", "2026-12", "2027-01", "2027-02"].map(str::to_owned).to_vec();
        assert_eq!(over, Some(names));
        assert_eq!(months("2026-11", "2026-11").map(|months| months.len()), Some(1));
        assert_eq!(months("2025-01", "2026-12").map(|months| months.len()), Some(24));
        let wrong = [("2025-01", "2027-01"), ("2026-12", "2026-11"), ("2026-13", "2026-13"), ("26-01", "26-02")];
        for (first, last) in wrong.into_iter().chain([("", ""), ("2026-1", "2026-2"), ("+026-01", "2026-01")]) {
            assert_eq!(months(first, last), None, "{first} to {last}");
        }
        assert_eq!(usual("2027-02"), ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01", "2027-02"]);
        assert!(usual("soon").is_empty());
    }
}
