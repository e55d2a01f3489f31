//! What the house remembers around a guest, in the parts in which roles are shown it.

use crate::{
    guests::{
        evidence::{HonourOutcome, HonourScore},
        relations::{ChildLine, OccasionLine, PartyLine, RelationLine},
        rhythm::{Beat, Rhythm},
    },
    ids::PreferenceId,
    loyalty::{PointsLine, voucher::VoucherLine},
    requests::{
        asked::RequestLine,
        recovery::{RecoveryCue, RecoveryLine, cue},
    },
    stays::{Presence, usual::UsualLine},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// All that is remembered around a guest. Lives on the server only.
#[derive(Debug, Clone, Default)]
pub struct Remembered {
    /// Open ones, by day and time.
    pub requests: Vec<RequestLine>,
    /// Those that are open, and those of which a promise has not been kept.
    pub recoveries: Vec<RecoveryLine>,
    pub usuals: Vec<UsualLine>,
    pub people: Vec<RelationLine>,
    pub children: Vec<ChildLine>,
    pub occasions: Vec<OccasionLine>,
    pub party: Option<PartyLine>,
    pub points: Option<PointsLine>,
    /// Those that can be used.
    pub vouchers: Vec<VoucherLine>,
    pub rhythm: Option<Rhythm>,
    pub has_voice: bool,
    /// What the stay in house made so far of what was known, and of which preference; nothing for who is not in house.
    pub score: Option<HonourScore>,
    pub marked: HashMap<PreferenceId, HonourOutcome>,
}

/// What everyone who serves the guest may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    pub requests: Vec<RequestLine>,
    pub people: Vec<RelationLine>,
    pub children: Vec<ChildLine>,
    pub party: Option<PartyLine>,
    pub has_voice: bool,
    /// How the stay in house goes for what was known; `None` for who is not in house.
    pub score: Option<HonourScore>,
}

/// What those may know who count: balance, tier, and when the guest usually comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    pub points: Option<PointsLine>,
    pub rhythm: Option<Rhythm>,
    /// Where the guest stands against it on the day on which the card was made.
    pub beat: Option<Beat>,
}

impl Remembered {
    #[must_use]
    pub fn served(&self) -> Served {
        Served {
            requests: self.requests.clone(),
            people: self.people.clone(),
            children: self.children.clone(),
            party: self.party.clone(),
            has_voice: self.has_voice,
            score: self.score,
        }
    }

    /// `today` is the house's.
    #[must_use]
    pub fn counted(&self, today: NaiveDate) -> Counted {
        Counted { points: self.points.clone(), rhythm: self.rhythm, beat: self.rhythm.map(|rhythm| rhythm.on(today)) }
    }

    /// That there is a complaint, for those who need not know which.
    #[must_use]
    pub fn cue(&self) -> Option<RecoveryCue> {
        cue(&self.recoveries)
    }

    /// The days that the house keeps, for those who see a birthday in house alone.
    #[must_use]
    pub fn occasions_in_house(&self, presence: Presence) -> Vec<OccasionLine> {
        if presence == Presence::InHouse { self.occasions.clone() } else { Vec::new() }
    }
}
