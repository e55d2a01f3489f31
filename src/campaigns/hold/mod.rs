//! Holds: guests who get no greetings for a while, and why. And what guests said about being written to,
//! as their cards tell it.

pub mod api;
#[cfg(feature = "ssr")]
mod asking;
#[cfg(feature = "ssr")]
pub mod store;
mod ui;

pub use ui::GreetingsPanel;

use super::ConsentLine;
use crate::{ids::GuestId, staff::Role};
use serde::{Deserialize, Serialize};

/// Most characters of a hold's reason, and of why a suppression is lifted.
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
    /// Whether the guest was asked by e-mail and can still answer.
    pub waits: bool,
    /// Why nothing is sent to the guest's address, if it is so.
    pub suppressed: Option<Suppressed>,
    /// What kept letters from the address before, newest first.
    pub lifted: Vec<Lifted>,
}

/// Why nothing is sent to a guest's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppressed {
    /// `bounced`, `complained` or `by_hand`.
    pub cause: String,
    /// In the words of whoever refused it.
    pub detail: Option<String>,
    /// House-local `YYYY-MM-DD HH:MM`.
    pub at: String,
    /// When it ends by itself, in the same form.
    pub until: Option<String>,
    /// Whether whoever asks may lift it.
    pub may_lift: bool,
}

/// A suppression that somebody lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifted {
    /// `bounced`, `complained` or `by_hand`.
    pub cause: String,
    pub detail: Option<String>,
    /// Since when it was, house-local `YYYY-MM-DD HH:MM`.
    pub since: String,
    /// In the words of whoever lifted it.
    pub why: String,
    pub by: String,
    /// House-local `YYYY-MM-DD HH:MM`.
    pub at: String,
}

/// Whether a role is told what a guest said about being written to: those who see e-mail addresses in full.
#[must_use]
pub fn sees_consent(role: Role) -> bool {
    matches!(role, Role::Reception | Role::Manager)
}
