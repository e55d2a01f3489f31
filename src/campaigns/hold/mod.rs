//! Holds: guests who get no greetings for a while, and why. And what guests said about being written to,
//! as their cards tell it.

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;
mod ui;

pub use ui::GreetingsPanel;

use super::ConsentLine;
use crate::{ids::GuestId, staff::Role};
use serde::{Deserialize, Serialize};

/// Most characters of a hold's reason.
pub const MAX_REASON: u32 = 200;

/// Why a guest gets no greetings, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub reason: String,
    /// The last day, house-local `YYYY-MM-DD`; `None` until somebody ends it.
    pub until: Option<String>,
    pub by: String,
    /// House-local `YYYY-MM-DD HH:MM`.
    pub at: String,
}

/// What a card tells of a guest's greetings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestGreetings {
    pub guest: GuestId,
    pub hold: Option<Hold>,
    /// What was said about being written to, newest first; `None` for roles that are not told.
    pub consent: Option<Vec<ConsentLine>>,
}

/// Whether a role is told what a guest said about being written to: those who see e-mail addresses in full.
#[must_use]
pub fn sees_consent(role: Role) -> bool {
    matches!(role, Role::Reception | Role::Manager)
}
