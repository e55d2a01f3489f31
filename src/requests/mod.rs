//! Dated instructions to the departments of a house (traces): who is to do what for whom on which day, and
//! who did it.

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;
#[cfg(feature = "ssr")]
pub mod write;

use crate::{
    guests::GuestName,
    house::StationKind,
    ids::{GuestId, TraceId},
};
use serde::{Deserialize, Serialize};

/// Most characters of what is to be done, where a person writes a trace.
pub const MAX_TEXT: u32 = 500;
/// Most characters of its room.
pub const MAX_ROOM: u32 = 20;

/// What a trace asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceKind {
    /// The guest's birthday falls in house: greet in person.
    Birthday,
    /// What the text says.
    Note,
}

impl TraceKind {
    pub const ALL: [Self; 2] = [Self::Birthday, Self::Note];

    /// The word under which it is stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Birthday => "birthday",
            Self::Note => "note",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Whom a trace is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceGuest {
    pub guest: GuestId,
    pub name: GuestName,
    /// ISO 639-1 code of the guest's language.
    pub language: Option<String>,
}

/// A trace as its department sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    pub id: TraceId,
    pub department: StationKind,
    pub kind: TraceKind,
    pub text: Option<String>,
    /// `None` where it is about nobody, or about somebody whose profile is gone.
    pub about: Option<TraceGuest>,
    pub room: Option<String>,
    /// The day on which it is to be done, house-local `YYYY-MM-DD`.
    pub due: String,
    /// Still open after its day.
    pub overdue: bool,
    /// Who wrote it; a campaign's name where a campaign did.
    pub by: String,
    /// When it was written, house-local `YYYY-MM-DD HH:MM`.
    pub written: String,
    /// Who did it, and when, house-local `YYYY-MM-DD HH:MM`; `None` while it is open.
    pub resolved: Option<(String, String)>,
}

/// The form in which a person writes a trace, before anything has been typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracePaper {
    /// The trace's id: a form that is sent twice is one trace.
    pub id: TraceId,
    /// The department of the station at which the device stands.
    pub department: StationKind,
    /// House-local `YYYY-MM-DD`.
    pub today: String,
    /// Whom it will be about, where that is known already.
    pub about: Option<TraceGuest>,
}

/// The traces of a house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceList {
    /// House-local `YYYY-MM-DD`.
    pub today: String,
    /// How many are open and due in each department, in the order of [`StationKind::ALL`].
    pub open: [u32; StationKind::ALL.len()],
    /// Of the department asked for, or of all: the open ones first, oldest day first, then those that were
    /// resolved in the last days, newest first.
    pub traces: Vec<Trace>,
    /// Whether there are more open ones than are listed.
    pub more: bool,
}
