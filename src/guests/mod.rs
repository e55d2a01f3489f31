//! The guest profile: what the house knows, and the card that each role is shown of it.

pub mod affinity;
pub mod api;
pub mod card;
pub mod evidence;
pub mod evidence_api;
pub mod form;
#[cfg(feature = "ssr")]
pub mod indexer;
pub mod names;
#[cfg(feature = "ssr")]
pub mod parse;
#[cfg(feature = "ssr")]
pub mod photo;
mod preference;
pub mod relations;
pub mod rhythm;
#[cfg(feature = "ssr")]
pub mod search;
#[cfg(feature = "ssr")]
pub mod store;
pub mod timeline;
pub mod ui;

pub use preference::{FROM_BOOKING, Preference, PreferenceCode, PreferenceGroup, PreferenceValue};

use crate::{
    ids::{GuestId, NoteId, PhotoId, StaffId},
    staff::Role,
};
use serde::{Deserialize, Serialize};

/// How a guest is called, written and pronounced.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GuestName {
    /// "Mr", "Dr", "Frau": as the guest wishes to be addressed.
    pub salutation: Option<String>,
    pub first: String,
    pub last: String,
    /// The name in its own script, e.g. 张伟.
    pub native: Option<String>,
    /// How to say it, spelled so that a colleague can read it aloud: "jahng way".
    pub say: Option<String>,
}

impl GuestName {
    /// The name under which one greets: "Mr Zhang", or whatever part of it is known.
    #[must_use]
    pub fn address(&self) -> String {
        let name = if self.last.is_empty() { &self.first } else { &self.last };
        match &self.salutation {
            Some(salutation) => format!("{salutation} {name}"),
            None => self.full(),
        }
    }

    /// First and last name.
    #[must_use]
    pub fn full(&self) -> String {
        [self.first.as_str(), self.last.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A birthday. The year is optional, and no age is ever shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Birthday {
    pub year: Option<i32>,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31, valid for the month; 29 February is allowed without a year or in a leap year.
    pub day: u32,
}

impl Birthday {
    /// A birthday that exists in the calendar, between 1900 and 2100 where the year is known.
    #[must_use]
    pub fn new(year: Option<i32>, month: u32, day: u32) -> Option<Self> {
        let in_range = year.is_none_or(|year| (1900..=2100).contains(&year));
        // 2024 is a leap year: without a year 29 February stands.
        (in_range && chrono::NaiveDate::from_ymd_opt(year.unwrap_or(2024), month, day).is_some()).then_some(Self {
            year,
            month,
            day,
        })
    }

    /// Reads `YYYY-MM-DD`, or `--MM-DD` where the year is unknown (the short form of ISO 8601:2000
    /// that vCard uses too).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (year, rest) = match text.strip_prefix("--") {
            Some(rest) => (None, rest),
            None => {
                let (year, rest) = text.split_once('-')?;
                if year.len() != 4 {
                    return None;
                }
                (Some(year.parse().ok()?), rest)
            }
        };
        let (month, day) = rest.split_once('-')?;
        if month.len() != 2 || day.len() != 2 {
            return None;
        }
        Self::new(year, month.parse().ok()?, day.parse().ok()?)
    }

    /// The same day without its year.
    #[must_use]
    pub fn without_year(self) -> Self {
        Self { year: None, ..self }
    }
}

impl std::fmt::Display for Birthday {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.year {
            Some(year) => write!(f, "{year:04}-{:02}-{:02}", self.month, self.day),
            None => write!(f, "--{:02}-{:02}", self.month, self.day),
        }
    }
}

/// The whole profile, as the house keeps it. It never crosses the wire: what does is a
/// [`card::GuestCard`] or, for those who may edit, a [`form::GuestForm`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    pub id: GuestId,
    /// Grows by one with every change; an edit names the one that it began from.
    pub revision: i64,
    pub name: GuestName,
    pub photo: Option<PhotoId>,
    /// ISO 3166-1 alpha-2 or alpha-3, as the hotel's system exports it.
    pub nationality: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    /// 0 (none) to 3 (highest).
    pub vip: u8,
    /// E.164, e.g. `+8613812345678`.
    pub phones: Vec<String>,
    /// Normalised: trimmed, lower case.
    pub emails: Vec<String>,
    pub address: Option<String>,
    pub birthday: Option<Birthday>,
    pub membership: Option<String>,
    pub flags: Flags,
}

/// Reasons why a guest is not to be greeted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Flags {
    pub deceased: bool,
    pub blocklisted: bool,
    /// Wishes not to be recognised: staff do not address the guest by name in public.
    pub incognito: bool,
}

/// A note on a profile, readable by its audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub id: NoteId,
    pub text: String,
    pub audience: Audience,
    /// The author's name as it was then.
    pub by: String,
    /// The author; `None` for older notes, which do not say.
    pub staff: Option<StaffId>,
    /// House-local `YYYY-MM-DD HH:MM`.
    pub at: String,
    /// The last day on which it is shown, house-local `YYYY-MM-DD`; `None` for always.
    pub until: Option<String>,
}

/// Who may read a note. Managers read all, marketing none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everyone who serves guests.
    Everyone,
    /// Reception and concierge.
    Desk,
    /// Floor staff and reception.
    Floors,
    /// Restaurant hosts.
    Restaurant,
    /// Managers alone.
    Managers,
}

impl Audience {
    pub const ALL: [Self; 5] = [Self::Everyone, Self::Desk, Self::Floors, Self::Restaurant, Self::Managers];

    /// The word under which it is stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Desk => "desk",
            Self::Floors => "floors",
            Self::Restaurant => "restaurant",
            Self::Managers => "managers",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.code() == code)
    }

    #[must_use]
    pub fn includes(self, role: Role) -> bool {
        match role {
            Role::Manager => true,
            Role::Marketing | Role::Admin => false,
            Role::Reception => matches!(self, Self::Everyone | Self::Desk | Self::Floors),
            Role::Concierge => matches!(self, Self::Everyone | Self::Desk),
            Role::Floor => matches!(self, Self::Everyone | Self::Floors),
            Role::Host => matches!(self, Self::Everyone | Self::Restaurant),
        }
    }
}

/// The one thing to know before one speaks to a guest, chosen for the role by [`card::one_thing`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OneThing {
    /// Does not wish to be recognised.
    Incognito,
    BirthdayToday,
    Dietary(PreferenceValue),
    Preference(PreferenceValue),
    /// Comes back: the number of this stay, 2 or more.
    Returning(u32),
    FirstStay,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn birthdays_are_days_of_the_calendar() {
        assert_eq!(Birthday::parse("1963-05-12"), Birthday::new(Some(1963), 5, 12));
        assert_eq!(Birthday::parse("--02-29").map(|b| b.to_string()).as_deref(), Some("--02-29"));
        for bad in ["1963-02-31", "2023-02-29", "63-05-12", "1963-5-12", "12/05/1963", "--13-01", "", "1800-01-01"] {
            assert_eq!(Birthday::parse(bad), None, "{bad:?}");
        }
    }
}
