//! What the moments of a timeline tell.

use super::{MomentKind, Place};
use crate::{
    alerts::{AlertKind, AlertState, Outcome},
    campaigns::OccurrenceState,
    guests::{Audience, GuestName, card::StayLine},
    house::StationKind,
    ids::GuestId,
    loyalty::{EntryKind, VoucherState},
    requests::{asked::RequestLine, recovery::RecoveryLine, traces::TraceKind},
};
use serde::{Deserialize, Serialize};

/// One thing that happened with a guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub place: Place,
    /// House-local `YYYY-MM-DD`, and `HH:MM` where it has a time.
    pub day: String,
    pub time: Option<String>,
    pub what: What,
}

/// What it was, with no more than the role may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A booking or a stay, on the day of its arrival. Without the room for those who see dates alone.
    Stay(StayLine),
    Alert(Box<Word>),
    Request(Box<RequestLine>),
    Trace(Box<Instruction>),
    Note {
        text: String,
        audience: Audience,
        /// The author's name as it was then.
        by: String,
    },
    Recovery(Box<RecoveryLine>),
    Greeting {
        /// The campaign's name.
        campaign: String,
        state: OccurrenceState,
    },
    Call {
        /// As far as it could be read, in E.164.
        number: String,
        /// Who looked it up.
        by: String,
    },
    Points {
        kind: EntryKind,
        /// Less than 0 where points went.
        amount: i64,
        reason: Option<String>,
        by: String,
    },
    Voucher {
        what: String,
        /// ISO 4217 code and minor units, where it is worth an amount.
        worth: Option<(String, i64)>,
        state: VoucherState,
        /// The last house-local day on which it can be used, `YYYY-MM-DD`.
        expires: String,
        by: String,
    },
}

/// Word from station to station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    pub kind: AlertKind,
    /// Only for those whom it concerned.
    pub text: Option<String>,
    pub from: String,
    pub to: String,
    /// Names of those who said it.
    pub by: Vec<String>,
    pub state: AlertState,
    /// Who took it, or ended it.
    pub taken_by: Option<String>,
    pub ended_by: Option<String>,
    pub outcome: Option<Outcome>,
}

/// What a department was to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruction {
    pub kind: TraceKind,
    pub text: Option<String>,
    pub department: StationKind,
    pub by: String,
    /// Who did it; `None` while nobody has.
    pub resolved_by: Option<String>,
}

/// A page of a guest's timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelinePage {
    pub guest: GuestId,
    pub name: GuestName,
    /// ISO 639-1 code of the guest's language.
    pub language: Option<String>,
    /// Every kind that the role sees.
    pub kinds: Vec<MomentKind>,
    /// Those of them that are shown.
    pub shown: Vec<MomentKind>,
    /// Newest first.
    pub moments: Vec<Moment>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Place>,
}
