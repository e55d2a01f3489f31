//! Holds: guests who get no greetings for a while, and why. And what guests said about being written to,
//! as their cards tell it.

pub mod api;
#[cfg(feature = "ssr")]
mod asking;
#[cfg(feature = "ssr")]
pub mod spoken;
#[cfg(feature = "ssr")]
pub mod store;
mod ui;

pub use ui::GreetingsPanel;

use super::CampaignKind;
use crate::ids::GuestId;
use serde::{Deserialize, Serialize};

/// Most characters of a hold's reason, and of why a suppression is lifted.
pub const MAX_REASON: u32 = 200;
/// Most characters of what a guest said.
pub const MAX_SAID: u32 = 500;

/// By which way a guest told a colleague something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    Desk,
    Telephone,
    Letter,
}

impl Way {
    pub const ALL: [Self; 3] = [Self::Desk, Self::Telephone, Self::Letter];

    /// The word under which it is stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Telephone => "telephone",
            Self::Letter => "letter",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == code)
    }
}

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
    /// Whether a complaint is open, which holds greetings by itself.
    pub open_complaint: bool,
    /// Where letters go, as the role may see it: marketing sees addresses masked.
    pub address: Option<String>,
    /// The language of the profile, ISO 639-1.
    pub language: Option<String>,
    /// What was said about being written to, newest first.
    pub consent: Vec<ConsentLine>,
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

/// What was once said about writing to a guest, as the guest's card tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentLine {
    /// House-local `YYYY-MM-DD HH:MM`.
    pub at: String,
    /// The greetings that it is about; `None` for all of them.
    pub kind: Option<CampaignKind>,
    /// Whether it is not about being written to, but about counting which links are followed.
    pub about_links: bool,
    pub granted: bool,
    /// Asked for, to be confirmed by the link in the e-mail: nothing follows from it by itself.
    pub pending: bool,
    /// Asked for, and can still be confirmed.
    pub waits: bool,
    /// Where it comes from: a `consent::Source` as text.
    pub source: String,
    /// The words that were agreed or objected to, where there were any, and their language (ISO 639-1).
    pub wording: Option<String>,
    pub language: Option<String>,
    /// The colleague who took it down.
    pub author: Option<String>,
}
