//! What the manager reads of live word: who listens at each station, and how fast alerts are answered.

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;

use super::{AlertKind, StationPresence};
use crate::{house::Station, ids::StationId};
use serde::{Deserialize, Serialize};

/// The spans of days that a report can cover, today included.
pub const SPANS: [u32; 4] = [7, 14, 30, 90];
/// The span that is shown unless another is asked for.
pub const USUAL_SPAN: u32 = 14;

/// A station as the manager sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationStatus {
    pub station: Station,
    pub presence: StationPresence,
    /// Since when it has been so, house-local `YYYY-MM-DD HH:MM`. `None` if nobody has ever listened.
    pub since: Option<String>,
    /// The last alert of the past week that the station acknowledged: when, house-local
    /// `YYYY-MM-DD HH:MM`, and after how many milliseconds.
    pub answered: Option<(String, u64)>,
    /// Whether another station gets a copy of what nobody here acknowledges.
    pub has_backup: bool,
    /// Kinds that the station wants without a sound.
    pub muted: Vec<AlertKind>,
    /// How many alerts it has not answered that have been carried to whoever asks: to the colleague on duty, or
    /// to every manager.
    pub unanswered: u32,
}

/// How alerts were answered, day by day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerReport {
    /// Every day of the span, today first, also those without an alert.
    pub days: Vec<DayFigures>,
    /// The whole span by station, the one with the most alerts first.
    pub stations: Vec<StationFigures>,
    /// All stations and days.
    pub total: Figures,
}

/// One day of the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayFigures {
    /// `YYYY-MM-DD` in the house's zone.
    pub day: String,
    pub total: Figures,
    /// The stations that were told something on that day.
    pub stations: Vec<StationFigures>,
}

/// What one station was told, and how it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationFigures {
    pub station: StationId,
    /// Its name of today.
    pub name: String,
    pub figures: Figures,
}

/// How alerts were answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// How many were raised.
    pub count: u32,
    /// Median of the time from raising to acknowledging, in milliseconds; of those that were
    /// acknowledged.
    pub median: Option<u64>,
    /// The time within which 95 of 100 of them were acknowledged, in milliseconds.
    pub p95: Option<u64>,
    /// How many the sender was told of that no one answered, or that ran out unacknowledged.
    pub unanswered: u32,
}

/// What figures are made of.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// How long each acknowledged alert waited, in milliseconds.
    waits: Vec<u64>,
    count: u32,
    unanswered: u32,
}

impl Tally {
    /// Counts an alert; `wait` is how long it took to acknowledge it, in milliseconds, if anyone did.
    pub fn add(&mut self, wait: Option<u64>, unanswered: bool) {
        self.count = self.count.saturating_add(1);
        self.waits.extend(wait);
        self.unanswered = self.unanswered.saturating_add(u32::from(unanswered));
    }

    /// Takes over all that another one has counted.
    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.waits.extend_from_slice(&other.waits);
        self.unanswered = self.unanswered.saturating_add(other.unanswered);
    }

    #[must_use]
    pub fn figures(mut self) -> Figures {
        self.waits.sort_unstable();
        Figures {
            count: self.count,
            median: median(&self.waits),
            p95: percentile(&self.waits, 95),
            unanswered: self.unanswered,
        }
    }
}

/// The middle one, or half way between the middle two. `sorted` is in rising order.
fn median(sorted: &[u64]) -> Option<u64> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = sorted[middle - 1];
    Some(lower + (upper - lower) / 2)
}

/// The nearest rank: the smallest value that `percent` of 100 values do not exceed.
fn percentile(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(waits: impl IntoIterator<Item = u64>) -> Figures {
        let mut tally = Tally::default();
        for wait in waits {
            tally.add(Some(wait), false);
        }
        tally.figures()
    }

    #[test]
    fn the_median_stands_in_the_middle() {
        assert_eq!(figures([]).median, None);
        assert_eq!(figures([7]).median, Some(7));
        assert_eq!(figures([9, 1]).median, Some(5));
        assert_eq!(figures([9, 1, 2]).median, Some(2));
        assert_eq!(figures([u64::MAX, u64::MAX - 2]).median, Some(u64::MAX - 1), "without overflow");
    }

    #[test]
    fn the_percentile_is_a_time_that_was_measured() {
        assert_eq!(figures([]).p95, None);
        assert_eq!(figures([7]).p95, Some(7));
        assert_eq!(figures(1..=20).p95, Some(19));
        assert_eq!(figures(1..=100).p95, Some(95));
        assert_eq!(figures(1..=21).p95, Some(20));
    }

    #[test]
    fn whoever_did_not_answer_counts_without_a_time() {
        let mut tally = Tally::default();
        tally.add(None, true);
        tally.add(None, false);
        // Acknowledged after the sender had been told that no one answered.
        tally.add(Some(150_000), true);
        let mut all = Tally::default();
        all.add(Some(50_000), false);
        all.merge(&tally);
        assert_eq!(all.figures(), Figures { count: 4, median: Some(100_000), p95: Some(150_000), unanswered: 2 });
    }
}
