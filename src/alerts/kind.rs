//! What word from one station to another can be.

use crate::error::Problem;
use serde::{Deserialize, Serialize};

/// What the word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    ComingDown,
    AtTheDoor,
    CheckedIn,
    Leaving,
    NeedsAttention,
    /// A note in the sender's words.
    Note,
    /// The time has come for something that the guest asked for, or for a trace about him. Nobody raises it.
    Due,
}

impl AlertKind {
    pub const ALL: [Self; 7] = [
        Self::ComingDown,
        Self::AtTheDoor,
        Self::CheckedIn,
        Self::Leaving,
        Self::NeedsAttention,
        Self::Note,
        Self::Due,
    ];
    /// Those that people raise.
    pub const RAISED: [Self; 6] =
        [Self::ComingDown, Self::AtTheDoor, Self::CheckedIn, Self::Leaving, Self::NeedsAttention, Self::Note];

    /// The word under which it is stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ComingDown => "coming_down",
            Self::AtTheDoor => "at_the_door",
            Self::CheckedIn => "checked_in",
            Self::Leaving => "leaving",
            Self::NeedsAttention => "needs_attention",
            Self::Note => "note",
            Self::Due => "due",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The refusal of a word that names no kind.
    #[must_use]
    pub fn not_known(code: &str) -> Problem {
        Problem::NotKnown(code.chars().take(40).collect(), Self::ALL.map(Self::code).join(", "))
    }

    /// The kind that a person raises by this word.
    ///
    /// # Errors
    /// The refusal of a word that names none of them.
    pub fn raised(code: &str) -> Result<Self, Problem> {
        let kind = Self::RAISED.into_iter().find(|kind| kind.code() == code);
        kind.ok_or_else(|| Problem::NotKnown(code.chars().take(40).collect(), Self::RAISED.map(Self::code).join(", ")))
    }

    /// Whether whoever sends it has the guest before them. A note may be about anything, and what is due is nobody's
    /// word.
    #[must_use]
    pub fn tells_where(self) -> bool {
        !matches!(self, Self::Note | Self::Due)
    }
}
