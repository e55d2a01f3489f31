//! Complaints and their repair: what went wrong, what was promised, and whether it was kept and told.

#[allow(clippy::too_many_arguments, reason = "a server function takes the fields of its form")]
pub mod api;
pub mod causes;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;
#[cfg(feature = "ssr")]
pub mod write;

use super::traces::TraceGuest;
use crate::{
    ids::{GuestId, RecoveryId, StaffId, StepId},
    words::words,
};
use serde::{Deserialize, Serialize};

/// Most characters of each of its texts.
pub const MAX_TEXT: u32 = 1_000;

words! {
    /// Why it happened, as far as houses count it.
    Cause {
        RoomNotReady = "room_not_ready",
        Cleanliness = "cleanliness",
        Noise = "noise",
        Defect = "defect",
        Wait = "wait",
        Food = "food",
        Manner = "manner",
        Bill = "bill",
        /// Something that had been promised.
        Promise = "promise",
        Other = "other",
    }
}

words! {
    /// Where it happened.
    Place {
        Room = "room",
        Bathroom = "bathroom",
        FrontDesk = "front_desk",
        Restaurant = "restaurant",
        Bar = "bar",
        Lift = "lift",
        Pool = "pool",
        Door = "door",
        Telephone = "telephone",
        Elsewhere = "elsewhere",
    }
}

words! {
    /// Where a complaint stands.
    RecoveryState {
        Open = "open",
        /// Put right, and the guest has not been told yet or has not said that it is well.
        Mended = "mended",
        Closed = "closed",
    }
}

impl RecoveryState {
    /// Whether it still puts its cue on every card and holds greetings.
    #[must_use]
    pub fn is_open(self) -> bool {
        self != Self::Closed
    }

    /// Whether it may become `next`. A complaint that was closed too early is opened again.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        self != next && (self != Self::Closed || next == Self::Open)
    }
}

/// How grave a complaint is: 1 (a remark), 2 (a complaint), 3 (the guest may not come back).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub struct Severity(u8);

impl Severity {
    pub const ALL: [Self; 3] = [Self(1), Self(2), Self(3)];
    /// What most complaints are.
    pub const USUAL: Self = Self(2);
    /// The guest may not come back.
    pub const GRAVE: Self = Self(3);

    #[must_use]
    pub fn new(level: u8) -> Option<Self> {
        (1..=3).contains(&level).then_some(Self(level))
    }

    /// 1 to 3.
    #[must_use]
    pub fn level(self) -> u8 {
        self.0
    }
}

impl From<Severity> for u8 {
    fn from(severity: Severity) -> Self {
        severity.0
    }
}

impl TryFrom<u8> for Severity {
    type Error = String;

    fn try_from(level: u8) -> Result<Self, String> {
        Self::new(level).ok_or_else(|| format!("no severity: {level}"))
    }
}

/// That there is a complaint, for those who need not know which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCue {
    /// Of the gravest.
    pub severity: Severity,
    /// Whether one is open; else something that was promised has not been kept yet.
    pub is_open: bool,
}

/// A complaint on a card: one that is open, or of which a promise has not been kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryLine {
    pub id: RecoveryId,
    pub guest: GuestId,
    pub what: String,
    pub cause: Cause,
    pub place: Place,
    pub severity: Severity,
    pub state: RecoveryState,
    pub owner: String,
    pub promise: Option<String>,
    /// House-local `YYYY-MM-DD` by which it is to be kept; and whether it has been.
    pub promise_due: Option<String>,
    pub promise_kept: bool,
    pub result: Option<String>,
    /// House-local `YYYY-MM-DD HH:MM` when it was written down, and when the guest was told what came of it.
    pub on: String,
    pub told: Option<String>,
}

/// A complaint in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedRecovery {
    pub line: RecoveryLine,
    /// `None` where the profile is gone.
    pub about: Option<TraceGuest>,
    /// The promise was to be kept before today, and has not been.
    pub overdue: bool,
}

/// The complaints of a house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryList {
    /// The gravest first, of equal ones the oldest; those that are closed, the newest first.
    pub recoveries: Vec<ListedRecovery>,
    /// Whether there are more than are listed.
    pub more: bool,
}

/// Something that was done about a complaint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepLine {
    pub text: String,
    pub by: String,
    /// House-local `YYYY-MM-DD HH:MM`.
    pub at: String,
}

/// A complaint on its own page, with all that was done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryPage {
    pub line: RecoveryLine,
    /// `None` where the profile is gone.
    pub about: Option<TraceGuest>,
    /// Grows by one with every change; an edit names the one that it began from.
    pub revision: i64,
    pub owner: StaffId,
    /// Colleagues of this house who see to complaints, and whoever owns it now.
    pub owners: Vec<(StaffId, String)>,
    /// Who wrote it down.
    pub by: String,
    /// Who told the guest what came of it, and who kept the promise and when, house-local `YYYY-MM-DD HH:MM`.
    pub told_by: Option<String>,
    pub kept: Option<(String, String)>,
    /// Who closed it, and when, in the same form.
    pub closed: Option<(String, String)>,
    /// The promise was to be kept before today, and has not been.
    pub overdue: bool,
    /// In the order in which they were done.
    pub steps: Vec<StepLine>,
    /// The id of the step that is written next: a form that is sent twice is one step.
    pub next_step: StepId,
    /// What it cost, for managers alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// What a complaint cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// ISO 4217: of what was written down, else the house's own.
    pub currency: String,
    /// Minor units; `None` where nobody has said yet.
    pub minor: Option<i64>,
}

/// What those see who need not know more: that there is something.
#[must_use]
pub fn cue(lines: &[RecoveryLine]) -> Option<RecoveryCue> {
    let severity = lines.iter().map(|line| line.severity).max()?;
    Some(RecoveryCue { severity, is_open: lines.iter().any(|line| line.state.is_open()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_can_be_opened_again_and_not_mended_twice() {
        use RecoveryState::{Closed, Mended, Open};
        for (from, to, may) in [
            (Open, Mended, true),
            (Open, Closed, true),
            (Mended, Open, true),
            (Closed, Open, true),
            (Closed, Mended, false),
            (Mended, Mended, false),
        ] {
            assert_eq!(from.may_become(to), may, "{from:?} to {to:?}");
        }
    }

    #[test]
    fn severities_are_one_to_three() {
        assert_eq!(serde_json::from_str::<Severity>("3").ok(), Severity::new(3));
        for bad in ["0", "4", "-1", "\"2\""] {
            assert!(serde_json::from_str::<Severity>(bad).is_err(), "{bad}");
        }
        assert!(Severity::new(3) > Severity::new(1));
    }
}
