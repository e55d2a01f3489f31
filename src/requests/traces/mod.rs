//! Dated instructions to the departments of a house (traces): who is to do what for whom on which day, and
//! who did it.

#[allow(clippy::too_many_arguments, reason = "a server function takes the fields of its form")]
pub mod api;
pub mod rule;
#[cfg(feature = "ssr")]
pub mod rules;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;
#[cfg(feature = "ssr")]
pub mod write;

use crate::{
    guests::{GuestName, PreferenceCode, relations::OccasionKind},
    house::StationKind,
    ids::{GuestId, RecoveryId, RequestId, StaffId, TraceId},
    requests::asked::RequestKind,
    staff::{Ability, Role},
    words::words,
};
use rule::RuleDay;
use serde::{Deserialize, Serialize};

/// Most characters of what is to be done, where a person writes a trace.
pub const MAX_TEXT: u32 = 500;
/// Most characters of its room.
pub const MAX_ROOM: u32 = 20;

words! {
    /// What a trace asks for.
    TraceKind {
        /// The guest's birthday falls in house: greet in person.
        Birthday = "birthday",
        /// What the text says, in the words of whoever wrote it.
        Note = "note",
        /// By a rule, before an arrival or a departure.
        Rule = "rule",
        /// By a rule, for another day of the guest that falls in house.
        Occasion = "occasion",
        /// By a rule, again and again.
        Recurring = "recurring",
        /// Something that the guest asked for.
        Request = "request",
        /// Something that was promised after a complaint.
        Recovery = "recovery",
    }
}

impl TraceKind {
    /// Whether a role may read the words of a trace of this kind and department. What was promised after a complaint
    /// is for those who see to complaints and for the department that is to keep it; the others see that there is one.
    #[must_use]
    pub fn words_are_for(self, role: Role, department: StationKind) -> bool {
        let works_there = match role {
            Role::Floor => department == StationKind::Floor,
            Role::Host => department == StationKind::Restaurant,
            _ => false,
        };
        self != Self::Recovery || works_there || role.may(Ability::MendRecoveries)
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
    /// `HH:MM` on the house's clocks, where the day is not enough.
    pub time: Option<String>,
    /// Still open after its day, or after its time.
    pub overdue: bool,
    /// Who wrote it: a colleague, also one who has left; a campaign's name where a campaign did.
    pub by: String,
    /// When it was written, house-local `YYYY-MM-DD HH:MM`.
    pub written: String,
    /// The colleague who is to do it, where one is named.
    pub assigned: Option<(StaffId, String)>,
    /// What the guest asked for, where it stands for that.
    pub request: Option<AskedFor>,
    /// The complaint that it belongs to.
    pub recovery: Option<RecoveryId>,
    /// What made it, where a rule did.
    pub source: Option<Source>,
    /// Who did it, and when, house-local `YYYY-MM-DD HH:MM`; `None` while it is open.
    pub resolved: Option<(String, String)>,
}

/// What a guest asked for, as far as a trace tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedFor {
    pub request: RequestId,
    pub kind: RequestKind,
    /// Where to.
    pub place: Option<String>,
}

/// By what a rule made a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub on: RuleDay,
    /// The preference that it goes by; not told to roles that do not see it.
    pub code: Option<PreferenceCode>,
    /// Which of the guest's days it is about, where it is not the birthday.
    pub occasion: Option<OccasionKind>,
    /// That arrival, departure or day of the guest, house-local `YYYY-MM-DD`.
    pub day: Option<String>,
}

/// Somebody who works in the house, as far as handing out work goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    pub id: StaffId,
    pub name: String,
}

/// A colleague, and how much open work is theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    pub who: Colleague,
    /// Whether the colleague can be given work: has access, and a role that sees traces.
    pub may_take: bool,
    pub open: OpenWork,
}

/// Work that is somebody's and not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OpenWork {
    pub traces: u32,
    /// Complaints that the colleague sees to.
    pub recoveries: u32,
}

impl OpenWork {
    #[must_use]
    pub fn total(self) -> u32 {
        self.traces.saturating_add(self.recoveries)
    }
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
    /// How many are open and due of those that are the reader's own.
    pub mine: u32,
    /// The reader.
    pub me: StaffId,
    /// The colleague whose work it is, where it is one person's list.
    pub person: Option<StaffId>,
    /// To whom the reader may give work; nobody for those who may not.
    pub colleagues: Vec<Colleague>,
    /// Of the department or person asked for, or of all departments: the open ones first, those that are overdue
    /// before all others, then by day and time, on each day those without a time last; then those that were
    /// resolved in the last days, newest first.
    pub traces: Vec<Trace>,
    /// Whether there are more open ones than are listed.
    pub more: bool,
}
