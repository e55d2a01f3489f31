//! Each guest's own rhythm of visits: how long he usually stays away, and when he is overdue against himself. It is
//! measured by the median and the median absolute deviation, which one long illness or one return within the week
//! does not move (Rousseeuw and Croux, "Alternatives to the Median Absolute Deviation", 1993).

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;

use crate::{guests::GuestName, ids::GuestId};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// Completed stays from which on there is a rhythm.
pub const LEAST_STAYS: usize = 3;
/// What makes the median absolute deviation comparable to a standard deviation, in thousandths.
const CONSISTENT: u64 = 1_483;
/// Spreads after the day on which a guest is due, from which he is overdue; and the least of it in days.
const SPREADS: u64 = 2;
const LEAST_GRACE: u64 = 14;

/// A completed stay: house-local days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Visit {
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
}

/// How a guest usually comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rhythm {
    /// Visits that it rests on; stays that touch are one visit.
    pub stays: u32,
    /// Median of the days from a departure to the next arrival.
    pub gap: u32,
    /// How far the gaps usually lie from it: 1.483 times their median absolute deviation, in whole days.
    pub spread: u32,
    /// The last departure.
    pub last: NaiveDate,
    /// The day on which the guest is due again, and the first on which he is overdue.
    pub due: NaiveDate,
    pub overdue: NaiveDate,
}

/// Where a guest stands against his own rhythm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beat {
    /// Not yet due.
    Away,
    Due,
    Overdue,
}

/// A guest who has stayed away for longer than he usually does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverdueLine {
    pub guest: GuestId,
    pub name: GuestName,
    /// ISO 639-1 code of the guest's language.
    pub language: Option<String>,
    /// 0 (none) to 3.
    pub vip: u8,
    pub rhythm: Rhythm,
}

/// Who is overdue and has not booked, those first who have come to be so last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverdueList {
    /// House-local.
    pub today: NaiveDate,
    pub lines: Vec<OverdueLine>,
    /// Whether there are more than are listed.
    pub more: bool,
}

impl Rhythm {
    /// The rhythm of these visits, in any order. `None` before there are [`LEAST_STAYS`] of them.
    #[must_use]
    pub fn of(visits: &[Visit]) -> Option<Self> {
        let visits = joined(visits);
        if visits.len() < LEAST_STAYS {
            return None;
        }
        let gaps: Vec<u64> = visits
            .windows(2)
            .map(|pair| u64::try_from((pair[1].arrival - pair[0].departure).num_days()).unwrap_or(0))
            .collect();
        let gap = median(&gaps)?;
        let away: Vec<u64> = gaps.iter().map(|other| other.abs_diff(gap)).collect();
        // Rounded to the nearest day.
        let spread = (median(&away)? * CONSISTENT + 500) / 1_000;
        let last = visits.last()?.departure;
        let due = last.checked_add_days(Days::new(gap))?;
        let overdue = due.checked_add_days(Days::new((spread * SPREADS).max(LEAST_GRACE)))?;
        let whole = |number: u64| u32::try_from(number).ok();
        Some(Self {
            stays: u32::try_from(visits.len()).ok()?,
            gap: whole(gap)?,
            spread: whole(spread)?,
            last,
            due,
            overdue,
        })
    }

    /// Where the guest stands on a day.
    #[must_use]
    pub fn on(&self, today: NaiveDate) -> Beat {
        if today >= self.overdue {
            Beat::Overdue
        } else if today >= self.due {
            Beat::Due
        } else {
            Beat::Away
        }
    }
}

/// Visits in order; one that begins before or on the day on which another ends goes on with it.
fn joined(visits: &[Visit]) -> Vec<Visit> {
    let mut sorted: Vec<Visit> = visits.iter().filter(|visit| visit.departure >= visit.arrival).copied().collect();
    sorted.sort_unstable();
    let mut joined: Vec<Visit> = Vec::with_capacity(sorted.len());
    for visit in sorted {
        match joined.last_mut() {
            Some(before) if visit.arrival <= before.departure => {
                before.departure = before.departure.max(visit.departure)
            }
            _ => joined.push(visit),
        }
    }
    joined
}

/// The middle of some numbers; of an even number of them the mean of the two in the middle, rounded down.
fn median(numbers: &[u64]) -> Option<u64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(sorted[middle - 1].midpoint(upper))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn visit(arrival: &str, nights: u64) -> Visit {
        let arrival: NaiveDate = arrival.parse().expect("a day");
        Visit { arrival, departure: arrival + Days::new(nights) }
    }

    #[test]
    fn a_guest_who_comes_each_spring_is_due_in_spring() {
        let visits = [visit("2023-04-01", 4), visit("2024-04-03", 4), visit("2025-04-02", 4), visit("2026-04-04", 4)];
        let rhythm = Rhythm::of(&visits).expect("a rhythm");
        // Gaps of 364, 360 and 363 days.
        assert_eq!((rhythm.stays, rhythm.gap, rhythm.spread), (4, 363, 1));
        assert_eq!(rhythm.last.to_string(), "2026-04-08");
        assert_eq!(rhythm.due.to_string(), "2027-04-06");
        assert_eq!(rhythm.overdue.to_string(), "2027-04-20");
        for (day, beat) in [
            ("2027-04-05", Beat::Away),
            ("2027-04-06", Beat::Due),
            ("2027-04-19", Beat::Due),
            ("2027-04-20", Beat::Overdue),
        ] {
            assert_eq!(rhythm.on(day.parse().expect("a day")), beat, "{day}");
        }
    }

    #[test]
    fn two_stays_are_no_rhythm_and_stays_that_touch_are_one() {
        assert_eq!(Rhythm::of(&[visit("2025-01-01", 3), visit("2026-01-01", 3)]), None);
        let moved = [visit("2024-01-01", 3), visit("2024-01-04", 3), visit("2025-01-01", 3)];
        assert_eq!(Rhythm::of(&moved), None, "he changed the room");
    }

    #[test]
    fn one_long_absence_does_not_move_it() {
        let usual = [visit("2022-01-01", 2), visit("2022-02-02", 2), visit("2022-03-06", 2), visit("2022-04-07", 2)];
        let gap = |visits: &[Visit]| Rhythm::of(visits).expect("a rhythm").gap;
        let mut ill = usual.to_vec();
        ill.push(visit("2025-06-01", 2));
        assert_eq!((gap(&usual), gap(&ill)), (30, 30));
    }

    proptest! {
        /// The reference counts instead of sorting: no more than half of the numbers lie on either side of a median.
        #[test]
        fn half_of_the_numbers_lie_on_either_side(numbers in prop::collection::vec(0_u64..5_000, 1..40)) {
            let middle = median(&numbers).expect("numbers");
            let below = numbers.iter().filter(|number| **number < middle).count();
            let above = numbers.iter().filter(|number| **number > middle).count();
            prop_assert!(below * 2 <= numbers.len() && above * 2 <= numbers.len());
        }

        #[test]
        fn order_is_of_no_account(mut days in prop::collection::vec(0_u64..6_000, 3..12), nights in 0_u64..9) {
            let first: NaiveDate = "2010-01-01".parse().expect("a day");
            let visits = |days: &[u64]| -> Vec<Visit> {
                let arrivals = days.iter().map(|day| first + Days::new(*day));
                arrivals.map(|arrival| Visit { arrival, departure: arrival + Days::new(nights) }).collect()
            };
            let before = Rhythm::of(&visits(&days));
            days.reverse();
            prop_assert_eq!(Rhythm::of(&visits(&days)), before);
        }
    }
}
