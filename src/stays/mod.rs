//! Reservations, the stays that come of them, and the day's lists.

pub mod api;
pub mod briefing;
#[cfg(feature = "ssr")]
pub mod locator;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;
pub mod usual;

use crate::{
    guests::{GuestName, OneThing},
    ids::GuestId,
};
use serde::{Deserialize, Serialize};

/// Where a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReservationStatus {
    /// Booked, not yet arrived.
    Reserved,
    /// In house.
    CheckedIn,
    /// Departed.
    CheckedOut,
    Cancelled,
    NoShow,
}

impl ReservationStatus {
    pub const ALL: [Self; 5] = [Self::Reserved, Self::CheckedIn, Self::CheckedOut, Self::Cancelled, Self::NoShow];

    /// The word under which it is stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::CheckedIn => "checked_in",
            Self::CheckedOut => "checked_out",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// The three lists of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayList {
    /// Booked for today and not yet in house.
    Arrivals,
    /// In house tonight or until today.
    InHouse,
    /// In house, leaving today.
    DueOut,
}

impl DayList {
    pub const ALL: [Self; 3] = [Self::Arrivals, Self::InHouse, Self::DueOut];

    /// The word in the page's address.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Arrivals => "arrivals",
            Self::InHouse => "in-house",
            Self::DueOut => "due-out",
        }
    }

    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.slug() == slug)
    }
}

/// A line in one of the day's lists, or in the answer to a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestLine {
    pub guest: GuestId,
    pub name: GuestName,
    /// ISO 639-1 code of the guest's language.
    pub language: Option<String>,
    /// 0 (none) to 3.
    pub vip: u8,
    /// The room in house or allotted, where the role may see it.
    pub room: Option<String>,
    /// Floor of the room: its number without the last two digits.
    pub floor: Option<String>,
    /// Arrival and departure (house-local `YYYY-MM-DD`), where the role may see them.
    pub dates: Option<(String, String)>,
    /// Where the guest stands today.
    pub presence: Presence,
    /// The one thing to know before one speaks to the guest.
    pub one_thing: Option<OneThing>,
    /// Where the guest was last seen, for roles that see the day's lists.
    pub seen: Option<Seen>,
}

/// Where a guest was last seen in the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// A station's name, or a place in a colleague's own words.
    pub place: String,
    /// The table at that station.
    pub table: Option<String>,
    /// When, on the house's clocks, `HH:MM`.
    pub time: String,
    /// Until when it is worth saying: milliseconds since 1970, UTC.
    pub until: i64,
    /// Name of the colleague who saw the guest or said so.
    pub by: String,
    /// Said by hand, rather than concluded from an alert.
    pub by_hand: bool,
}

/// Whether a guest is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    InHouse,
    DueIn,
    Elsewhere,
}

/// The day's lists with their counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayLists {
    /// Today in the house's zone, `YYYY-MM-DD`.
    pub today: String,
    /// How many guests are on each list, in the order of [`DayList::ALL`].
    pub counts: [u32; 3],
    pub list: DayList,
    pub lines: Vec<GuestLine>,
}

/// The floor that a room is on: its number without the last two digits ("1118" is on 11, "204" on 2).
#[must_use]
pub fn floor_of(room: &str) -> Option<String> {
    let digits = room.trim().len().checked_sub(2)?;
    room.trim().get(..digits).filter(|floor| !floor.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_tells_its_floor() {
        assert_eq!(floor_of("1118").as_deref(), Some("11"));
        assert_eq!(floor_of("204").as_deref(), Some("2"));
        assert_eq!(floor_of("7"), None);
        assert_eq!(floor_of("é7"), None, "never cuts a character in two");
    }
}
