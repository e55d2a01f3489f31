//! The usual: where a guest sat and what he had last time at an outlet, to be offered again with one tap.

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;
#[cfg(feature = "ssr")]
pub mod write;

use crate::ids::{GuestId, OnceId, StationId};
use serde::{Deserialize, Serialize};

/// Refusals in a row after which the same is not offered again.
pub const REFUSALS: u32 = 2;
/// Most dishes, and most drinks, of a usual.
pub const MOST_ITEMS: usize = 8;
/// Most characters of each of them.
pub const MAX_ITEM: u32 = 60;
/// Most characters of the table: as many as an alert's, when it ends.
pub const MAX_SEAT: u32 = 20;

/// What a guest had last time at an outlet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsualLine {
    pub guest: GuestId,
    pub station: StationId,
    /// The outlet's name.
    pub outlet: String,
    /// The table.
    pub seat: Option<String>,
    pub dishes: Vec<String>,
    pub drinks: Vec<String>,
    /// On how many days it was written down as the same.
    pub times: u32,
    pub counts: Counts,
    /// Who wrote it down last, and on which house-local day, `YYYY-MM-DD`.
    pub by: String,
    pub on: String,
    /// An answer to an older one does not count for this one.
    pub revision: i64,
    /// What the next answer is sent under: everyone who sees the same offer answers it once between them.
    pub once: OnceId,
}

/// How the offer of the same went so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    pub offered: u32,
    /// Never more than were offered.
    pub taken: u32,
    /// Refused since it was last taken.
    pub refused: u32,
}

impl Counts {
    /// Whether the same may be offered.
    #[must_use]
    pub fn may_offer(self) -> bool {
        self.refused < REFUSALS
    }

    /// After one more offer.
    #[must_use]
    pub fn after(self, taken: bool) -> Self {
        Self {
            offered: self.offered + 1,
            taken: self.taken + u32::from(taken),
            refused: if taken { 0 } else { self.refused + 1 },
        }
    }
}

impl UsualLine {
    /// Whether there is something that can be offered again, and it may be.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        self.counts.may_offer() && self.has_items()
    }

    /// Whether anything is known of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seat.is_none() && !self.has_items()
    }

    fn has_items(&self) -> bool {
        !(self.dishes.is_empty() && self.drinks.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_twice_is_not_offered_again() {
        let once = Counts::default().after(true).after(false);
        assert_eq!(once, Counts { offered: 2, taken: 1, refused: 1 });
        assert!(once.may_offer());
        assert!(!once.after(false).may_offer());
        assert!(once.after(true).after(false).may_offer(), "it was taken in between");
    }
}
