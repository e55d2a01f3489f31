//! Houses and their stations.

pub mod api;
#[cfg(feature = "ssr")]
pub mod parse;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;

use crate::ids::{HouseId, StationId};
use serde::{Deserialize, Serialize};

/// Hours for which it is shown where a guest was last seen, until a house says otherwise.
pub const LOCATOR_HOURS: u8 = 4;

/// A house (a property).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct House {
    pub id: HouseId,
    /// What staff and guests call it.
    pub name: String,
    /// The property code under which the property management system exports its bookings.
    pub code: String,
    /// IANA name of its time zone, e.g. `Europe/Lisbon`. "Today" is today here.
    pub timezone: String,
    /// ISO 4217 code of the currency that amounts are shown in.
    pub currency: String,
    /// Hours, 1 to 24, for which it is worth saying where a guest was last seen.
    pub locator_hours: u8,
}

/// A place in a house where staff work, reachable live and by telephone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Station {
    pub id: StationId,
    pub house: HouseId,
    pub name: String,
    pub kind: StationKind,
    /// Telephone extension inside the house, digits, `*` and `#`.
    pub extension: String,
}

/// What kind of work is done at a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StationKind {
    FrontDesk,
    Floor,
    Restaurant,
    Concierge,
    Door,
}

impl StationKind {
    pub const ALL: [Self; 5] = [Self::FrontDesk, Self::Floor, Self::Restaurant, Self::Concierge, Self::Door];

    /// The word under which it is stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::FrontDesk => "front_desk",
            Self::Floor => "floor",
            Self::Restaurant => "restaurant",
            Self::Concierge => "concierge",
            Self::Door => "door",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}
