//! Identifiers. Each kind of record has its own type, so that a guest's id can never be handed to
//! something that expects a station's.

use serde::{Deserialize, Serialize};
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
}

/// An alert's id: a ULID made by the device that raises it, so that raising twice is one alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(pub ulid::Ulid);

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for AlertId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        ulid::Ulid::from_string(text).map(Self).map_err(|_| BadId(text.chars().take(64).collect()))
    }
}
