//! Points in whole numbers, tiers, and vouchers: the rules of a programme and the arithmetic of a ledger.

pub mod api;
pub mod form;
pub mod page;
#[cfg(feature = "ssr")]
pub mod parse;
#[cfg(feature = "ssr")]
pub mod post;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;
pub mod voucher;

use crate::words::words;
use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// Most points that are moved at once.
pub const MOST: i64 = 100_000_000;
/// Most characters of a reason.
pub const MAX_REASON: u32 = 200;

/// Months whose stays a tier rests on.
pub const TIER_MONTHS: u32 = 12;

words! {
    /// Why points came or went.
    EntryKind {
        /// By a stay.
        Earned = "earned",
        /// For one of the programme's other reasons.
        Extra = "extra",
        /// Given by hand, for a reason in words.
        ByHand = "by_hand",
        Redeemed = "redeemed",
        /// What had been posted was taken back.
        Reversed = "reversed",
        Expired = "expired",
    }
}

words! {
    /// Where a voucher stands.
    VoucherState {
        Issued = "issued",
        Redeemed = "redeemed",
        Withdrawn = "withdrawn",
        Expired = "expired",
    }
}

words! {
    /// Whose rules of points are meant.
    Scope {
        /// Those of one house.
        House = "house",
        /// Those of every house that has none of its own.
        Chain = "chain",
    }
}

/// The programme of a house or of the chain. Amounts are in minor units of `currency`; what was paid in another earns
/// nothing. Kept as JSON; fields that a stored one lacks have their default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Programme {
    /// Whether points are posted at all.
    pub active: bool,
    /// ISO 4217.
    pub currency: String,
    /// What must be spent for a point, at least 1: by default ten units of a currency with cents.
    pub spend_for_point: i64,
    /// What a point is worth when it is redeemed, at least 1: by default a tenth of a unit.
    pub worth_of_point: i64,
    /// Whole months after which points expire; `None` for never.
    pub expire_months: Option<u16>,
    /// Days before they expire from which it is said.
    pub notice_days: u16,
    /// Stays that ended before this house-local day earn nothing; `None` where all of them count.
    pub since: Option<NaiveDate>,
    /// Reasons for which points are given beside those for a stay.
    pub extras: Vec<Extra>,
    /// From the lowest to the highest.
    pub tiers: Vec<Tier>,
}

/// A reason for points beside those for a stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// In the words of the house: "Welcome", "Spa".
    pub name: String,
    /// At least 1.
    pub points: i64,
}

/// A tier, reached by nights or by spend of the last twelve months, whichever comes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// In the words of the house: "Silver". Also the word under which it is kept.
    pub name: String,
    pub nights: Option<u32>,
    /// In minor units of the programme's currency.
    pub spend: Option<i64>,
}

impl Default for Programme {
    fn default() -> Self {
        Self {
            active: false,
            currency: "EUR".to_owned(),
            spend_for_point: 1_000,
            worth_of_point: 10,
            expire_months: Some(24),
            notice_days: 60,
            since: None,
            extras: Vec::new(),
            tiers: Vec::new(),
        }
    }
}

impl Programme {
    /// Points for what was spent, rounded down; none for nothing and for less than nothing.
    #[must_use]
    pub fn earned(&self, spend: i64) -> i64 {
        (spend.max(0) / self.spend_for_point.max(1)).min(MOST)
    }

    /// What points are worth, in minor units.
    #[must_use]
    pub fn worth(&self, points: i64) -> i64 {
        points.saturating_mul(self.worth_of_point)
    }

    /// The last day on which points of a day can be used; `None` for ever.
    #[must_use]
    pub fn expires(&self, earned: NaiveDate) -> Option<NaiveDate> {
        earned.checked_add_months(Months::new(self.expire_months?.into()))
    }

    /// Whether a stay that ended on a day earns points on another: it counts, and what it earns has not expired by then.
    #[must_use]
    pub fn counts(&self, departure: NaiveDate, today: NaiveDate) -> bool {
        self.since.is_none_or(|since| departure >= since) && self.expires(departure).is_none_or(|last| last >= today)
    }

    /// What points change by where a stay that had cost `before` turns out to cost `after`, both in minor units, and
    /// `posted` points stand for it: never below none.
    #[must_use]
    pub fn difference(&self, before: i64, after: i64, posted: i64) -> i64 {
        (self.earned(after) - self.earned(before)).max(-posted.max(0))
    }

    /// The highest tier that nights and spend of the last twelve months reach.
    #[must_use]
    pub fn tier(&self, nights: u32, spend: i64) -> Option<&Tier> {
        let reached = |tier: &&Tier| {
            tier.nights.is_some_and(|least| nights >= least) || tier.spend.is_some_and(|least| spend >= least)
        };
        self.tiers.iter().rev().find(reached)
    }
}

/// Takes points from lots, in their order, until `wanted` have been taken: how many from each. `None` where all of
/// them together are not enough, and for less than one point.
#[must_use]
pub fn take(lots: &[i64], wanted: i64) -> Option<Vec<i64>> {
    if wanted < 1 {
        return None;
    }
    let mut missing = wanted;
    let taken = lots
        .iter()
        .map(|left| {
            let part = missing.min((*left).max(0));
            missing -= part;
            part
        })
        .collect();
    (missing == 0).then_some(taken)
}

/// A guest's points, as the card tells them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsLine {
    pub balance: i64,
    pub tier: Option<String>,
    /// What they are worth: ISO 4217 code and minor units.
    pub worth: (String, i64),
    /// The next points to expire within the programme's notice: how many, and the last house-local day, `YYYY-MM-DD`.
    pub expiring: Option<(i64, String)>,
}

/// What a guest can use on a day for the last time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiring {
    pub points: i64,
    /// House-local `YYYY-MM-DD`.
    pub day: String,
    pub vouchers: Vec<voucher::VoucherLine>,
}

impl Expiring {
    /// Nothing yet, on a day.
    #[must_use]
    pub fn on(day: NaiveDate) -> Self {
        Self { points: 0, day: day.to_string(), vouchers: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tier(name: &str, nights: Option<u32>, spend: Option<i64>) -> Tier {
        Tier { name: name.to_owned(), nights, spend }
    }

    #[test]
    fn ten_units_are_a_point_and_a_point_is_a_tenth() {
        let programme = Programme::default();
        for (spend, points) in [(0, 0), (-5_000, 0), (999, 0), (1_000, 1), (14_299, 14), (i64::MAX, MOST)] {
            assert_eq!(programme.earned(spend), points, "{spend}");
        }
        assert_eq!(programme.worth(25), 250);
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert_eq!(programme.expires(day("2026-02-28")), Some(day("2028-02-28")));
        let for_ever = Programme { expire_months: None, ..programme };
        assert_eq!(for_ever.expires(day("2026-02-28")), None);
    }

    #[test]
    fn a_stay_counts_from_the_first_day_of_the_programme_until_its_points_would_have_expired() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let programme = Programme { since: Some(day("2025-01-01")), ..Programme::default() };
        let today = day("2026-11-23");
        assert!(!programme.counts(day("2024-12-31"), today));
        assert!(programme.counts(day("2025-01-01"), today));
        let older = Programme { since: None, ..programme };
        assert!(older.counts(day("2024-11-23"), today), "its last day is today");
        assert!(!older.counts(day("2024-11-22"), today));
        assert!(Programme { expire_months: None, ..older }.counts(day("1999-01-01"), today));
    }

    #[test]
    fn a_stay_that_changed_moves_points_by_the_difference() {
        let programme = Programme::default();
        assert_eq!(programme.difference(10_000, 12_000, 10), 2);
        assert_eq!(programme.difference(10_000, 0, 10), -10);
        assert_eq!(programme.difference(10_000, 10_999, 10), 0);
        // Posted when a point cost more: no more is taken back than was given.
        assert_eq!(programme.difference(10_000, 0, 4), -4);
        assert_eq!(programme.difference(10_000, 0, -3), 0);
    }

    #[test]
    fn a_tier_is_reached_by_nights_or_by_spend() {
        let tiers = vec![tier("Silver", Some(10), Some(100_000)), tier("Gold", Some(30), None)];
        let programme = Programme { tiers, ..Programme::default() };
        let name = |nights, spend| programme.tier(nights, spend).map(|tier| tier.name.as_str());
        assert_eq!(name(9, 99_999), None);
        assert_eq!(name(10, 0), Some("Silver"));
        assert_eq!(name(0, 100_000), Some("Silver"));
        assert_eq!(name(30, 0), Some("Gold"));
        assert_eq!(name(0, i64::MAX), Some("Silver"), "Gold is for nights alone");
    }

    #[test]
    fn the_oldest_points_go_first() {
        assert_eq!(take(&[5, 10, 20], 12), Some(vec![5, 7, 0]));
        assert_eq!(take(&[5, 10, 20], 35), Some(vec![5, 10, 20]));
        assert_eq!(take(&[5, 10, 20], 36), None);
        assert_eq!(take(&[5], 0), None);
        assert_eq!(take(&[], 1), None);
    }

    proptest! {
        #[test]
        fn what_is_taken_was_there(lots in prop::collection::vec(0_i64..500, 0..12), wanted in 1_i64..4_000) {
            match take(&lots, wanted) {
                Some(taken) => {
                    prop_assert_eq!(taken.iter().sum::<i64>(), wanted);
                    prop_assert!(taken.iter().zip(&lots).all(|(part, left)| (0..=*left).contains(part)));
                    prop_assert_eq!(taken.len(), lots.len());
                }
                None => prop_assert!(lots.iter().sum::<i64>() < wanted),
            }
        }
    }
}
