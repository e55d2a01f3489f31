//! Identifiers. Each kind of record has its own type, so that a guest's id can never be handed to
//! something that expects a station's.

use serde::{Deserialize, Deserializer, Serialize, de};
use std::{fmt, str::FromStr};

/// What was wrong with a text that should have been an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id: {0:?}")]
pub struct BadId(pub String);

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new id (UUID v7: later ids sort after earlier ones).
            #[must_use]
            #[allow(clippy::new_without_default, reason = "a fresh id is not a default")]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                uuid::Uuid::parse_str(text).map(Self).map_err(|_| BadId(text.chars().take(64).collect()))
            }
        }
    )+};
}

uuid_ids! {
    /// A guest profile.
    GuestId,
    /// A house (a property).
    HouseId,
    /// A station: a place in a house where staff work.
    StationId,
    /// A member of staff.
    StaffId,
    /// A tablet or computer that staff use.
    DeviceId,
    /// A reservation, and the stay that came of it.
    ReservationId,
    /// A preference on a profile.
    PreferenceId,
    /// A note on a profile.
    NoteId,
    /// A stored photograph.
    PhotoId,
    /// One run of an import.
    ImportId,
    /// What one colleague leaves to the next at a station.
    HandOverId,
    /// A campaign of greetings.
    CampaignId,
    /// A picture that letters show.
    PictureId,
    /// A dated instruction to a department.
    TraceId,
    /// From what traces are made by themselves.
    TraceRuleId,
    /// Something that a guest asked for.
    RequestId,
    /// Words that a house writes again and again.
    QuickTextId,
    /// A complaint and its repair.
    RecoveryId,
    /// Something that was done about a complaint.
    StepId,
    /// A child of a household.
    ChildId,
    /// A day of a guest that the house keeps.
    OccasionId,
    /// People who travel together.
    PartyId,
    /// What a form was sent under that is to count once: a redemption, an answer.
    OnceId,
}

/// An alert's id: a ULID made by the device that raises it, so that raising twice is one alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct AlertId(pub ulid::Ulid);

impl<'de> Deserialize<'de> for AlertId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse::<Self>().map_err(de::Error::custom)
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for AlertId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        // 26 characters of five bits are two bits more than there are: above 7 the first would overflow, and be
        // read as another id.
        let fits = matches!(text.as_bytes().first(), Some(b'0'..=b'7'));
        let read = ulid::Ulid::from_string(text).ok().filter(|_| fits);
        read.map(Self).ok_or_else(|| BadId(text.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_no_ulid_has_is_not_read_as_another() {
        let largest = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ";
        assert_eq!(largest.parse::<AlertId>().map(|id| id.to_string()), Ok(largest.to_owned()));
        for bad in ["9AAAAAAAAAAAAAAAAAAAAAAAAA", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "", "7ZZ"] {
            assert_eq!(bad.parse::<AlertId>(), Err(BadId(bad.to_owned())));
            assert!(serde_json::from_value::<AlertId>(bad.into()).is_err(), "{bad}");
        }
    }
}
