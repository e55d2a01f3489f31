//! Live word about a guest from one station to another: raised, seen, answered, ended.

#[allow(clippy::too_many_arguments, reason = "a server function takes the fields of its form")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod escalation;
#[cfg(feature = "ssr")]
pub mod feed;
#[cfg(feature = "ssr")]
pub mod handover;
#[cfg(feature = "ssr")]
pub mod hub;
mod kind;
pub mod live;
#[cfg(feature = "ssr")]
pub mod presence;
pub mod queue;
pub mod reports;
#[cfg(feature = "ssr")]
pub mod retention;
pub mod rules;
#[cfg(test)]
mod sample;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod stream;
pub mod ui;

pub use kind::AlertKind;

use crate::{
    guests::{GuestName, PreferenceGroup, PreferenceValue},
    house::Station,
    ids::{AlertId, GuestId, HandOverId, PhotoId, RequestId, StaffId, StationId},
    requests::{
        asked::{AskedFor, RequestLine},
        recovery::RecoveryCue,
    },
    staff::Me,
    stays::{Seen, usual::UsualLine},
};
use serde::{Deserialize, Serialize};

/// Where an alert stands. The last three are ends: nothing follows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Durable, and on its way to the screens of the station.
    Raised,
    /// Someone has tapped "Got it".
    Acknowledged,
    /// The guest has been greeted or seated.
    Completed,
    /// The sender took it back.
    Withdrawn,
    /// Nobody ended it in time.
    Expired,
}

impl AlertState {
    pub const ALL: [Self; 5] = [Self::Raised, Self::Acknowledged, Self::Completed, Self::Withdrawn, Self::Expired];

    /// The word under which it is stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Acknowledged => "acknowledged",
            Self::Completed => "completed",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn is_end(self) -> bool {
        matches!(self, Self::Completed | Self::Withdrawn | Self::Expired)
    }
}

/// Two colleagues who send the same word about one guest to one station within this time have sent one
/// alert.
pub const SAME_WORD_SECONDS: i64 = 30;

/// At most so many alerts about a guest are told of at once.
pub const HISTORY_PAGE: u32 = 20;

/// How far an alert has been carried because nobody acknowledged it. Grows, never shrinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// On the station's screens.
    #[default]
    Plain,
    /// It has chimed again, and a backup station has a copy.
    RungAgain,
    /// The duty manager has been told.
    DutyTold,
    /// The sender has been told that no one answered.
    Unanswered,
}

impl Urgency {
    pub const ALL: [Self; 4] = [Self::Plain, Self::RungAgain, Self::DutyTold, Self::Unanswered];

    /// The number under which it is stored: 0 to 3.
    #[must_use]
    pub fn level(self) -> i64 {
        self as i64
    }

    #[must_use]
    pub fn from_level(level: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|urgency| urgency.level() == level)
    }
}

/// Who was told at [`Urgency::DutyTold`] that nobody answers: of those who were on the line then, because
/// nobody else can hear it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// The colleague on duty whom the rule names.
    Colleague,
    /// Every manager who was on the line.
    Managers,
    /// None of them was. Whoever of them comes on the line later sees it then.
    Nobody,
}

impl Told {
    pub const ALL: [Self; 3] = [Self::Colleague, Self::Managers, Self::Nobody];

    /// The word under which it is stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Colleague => "colleague",
            Self::Managers => "managers",
            Self::Nobody => "nobody",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|told| told.code() == code)
    }
}

/// How an alert was completed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Greeted,
    /// Seated at the table named.
    Seated(String),
}

/// An alert as it may be shown to the role and station that receive it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertCard {
    pub id: AlertId,
    /// Number of the event in the house's feed that this state came with: the higher one is newer.
    pub seq: u64,
    pub kind: AlertKind,
    pub state: AlertState,
    /// The sender's words, for [`AlertKind::Note`]; for [`AlertKind::Due`] its time and what it is.
    pub text: Option<String>,
    /// What the guest asked for, where it is that which is due.
    pub request: Option<RequestId>,
    pub guest: GuestId,
    pub name: GuestName,
    pub photo: Option<PhotoId>,
    pub language: Option<String>,
    /// 0 (none) to 3.
    pub vip: u8,
    pub incognito: bool,
    pub room: Option<String>,
    /// Dietary instructions, where the role may see them.
    pub dietary: Vec<PreferenceValue>,
    /// Seat, dishes and drinks, where the role may see them.
    pub dining: Vec<(PreferenceGroup, PreferenceValue)>,
    /// What the guest has asked for and is not done, by day and time.
    pub requests: Vec<RequestLine>,
    /// What the guest had last time at each outlet, where the role may see it.
    pub usuals: Vec<UsualLine>,
    /// That there is a complaint.
    pub cue: Option<RecoveryCue>,
    pub from: StationId,
    pub from_name: String,
    pub to: StationId,
    pub to_name: String,
    /// The colleague who raised it, and the name.
    pub by_staff: StaffId,
    pub by: String,
    /// Milliseconds since 1970, UTC: for the ticking age.
    pub raised_at: i64,
    /// The same in the house's zone, `HH:MM`.
    pub raised_time: String,
    /// The day of it in the house's zone, `YYYY-MM-DD`.
    pub raised_on: String,
    /// Colleagues who said the same within [`SAME_WORD_SECONDS`], in their order, and their names.
    pub also_staff: Vec<StaffId>,
    pub also_by: Vec<String>,
    /// The stations of those colleagues: what is raised from there by two is one alert.
    pub also_from: Vec<StationId>,
    /// Those of its senders who have taken it back. It ends with the last of them.
    pub withdrawn: Vec<StaffId>,
    /// The stations from which nobody stands by it any more, while it stands for others.
    pub withdrawn_from: Vec<StationId>,
    /// How far it has been carried because nobody acknowledged it.
    pub urgency: Urgency,
    /// The backup station that it was copied to, once [`Urgency::RungAgain`] has been reached.
    pub copied_to: Option<StationId>,
    pub copied_to_name: Option<String>,
    /// Who was told that nobody answers; `None` until then, and where the rule tells nobody.
    pub told: Option<Told>,
    /// The colleague on duty whom the rule names, with the name, where it was told to them or to nobody.
    pub duty: Option<StaffId>,
    pub duty_name: Option<String>,
    /// When a device of the receiving station first had it on its screen: milliseconds since 1970, UTC.
    pub displayed_at: Option<i64>,
    /// The receiving station wants this kind without a sound; it is not carried further, but its sender
    /// is told if nobody answers.
    pub muted: bool,
    /// Telephone extension of the receiving station, for when nobody answers.
    pub to_extension: String,
    pub acknowledged_by: Option<String>,
    /// The same colleague. Two may have one name; who did something is decided by this alone.
    pub acknowledged_staff: Option<StaffId>,
    /// Milliseconds since 1970, UTC.
    pub acknowledged_at: Option<i64>,
    /// Who completed it, or took it back as the last of its senders.
    pub completed_by: Option<String>,
    pub completed_staff: Option<StaffId>,
    pub outcome: Option<Outcome>,
}

impl AlertCard {
    /// Whether a station said it, first or once more.
    #[must_use]
    pub fn is_from(&self, station: StationId) -> bool {
        self.from == station || self.also_from.contains(&station)
    }

    /// Whether a colleague said it, first or once more.
    #[must_use]
    pub fn is_by(&self, staff: StaffId) -> bool {
        self.by_staff == staff || self.also_staff.contains(&staff)
    }

    /// Whether a colleague has said it and taken it back.
    #[must_use]
    pub fn has_withdrawn(&self, staff: StaffId) -> bool {
        self.withdrawn.contains(&staff)
    }

    /// Whether it is word of a colleague or of the station at which they stand: said by them or from there, and
    /// not taken back.
    #[must_use]
    pub fn stands_for(&self, staff: StaffId, station: Option<StationId>) -> bool {
        let from_here = station.is_some_and(|here| self.is_from(here) && !self.withdrawn_from.contains(&here));
        (self.is_by(staff) || from_here) && !self.has_withdrawn(staff)
    }

    /// Everyone who said it, with the name, in their order.
    pub fn senders(&self) -> impl Iterator<Item = (StaffId, &str)> {
        let also = self.also_staff.iter().copied().zip(self.also_by.iter().map(String::as_str));
        std::iter::once((self.by_staff, self.by.as_str())).chain(also)
    }
}

/// A board as it stands at one point of the feed. The stream goes on from `seq`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    pub me: Me,
    pub epoch: String,
    pub seq: u64,
    /// Open alerts to this station and those raised from it, newest first, and those ended in the
    /// last minutes.
    pub alerts: Vec<AlertCard>,
    /// How many guests are due in, in house and due out today.
    pub counts: [u32; 3],
    /// The other stations of the house, to which word can be sent.
    pub stations: Vec<Station>,
    /// Who listens at each station of the house, this one included.
    pub presence: Vec<StationPresence>,
    /// Kinds that stations of the house have muted.
    pub muted: Vec<(StationId, AlertKind)>,
    /// What the colleague before left at this station, until somebody takes it over.
    pub hand_over: Option<HandOver>,
    /// What guests who leave today have asked for and is not done, at stations by which they leave.
    pub departing: Vec<AskedFor>,
}

/// Whether anyone would see word that is sent to a station now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationPresence {
    pub station: StationId,
    /// At least one device that stands there has a live stream.
    pub listening: bool,
    /// Names of the colleagues at those devices, each colleague once, in alphabetical order.
    pub who: Vec<String>,
    /// Since when it has been so: milliseconds since 1970, UTC. `None` if nobody has ever listened.
    pub since: Option<i64>,
}

/// What is open at a station when one colleague hands over to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    pub id: HandOverId,
    /// Name of the colleague whose shift ended.
    pub by: String,
    /// House-local `YYYY-MM-DD HH:MM`.
    pub at: String,
    /// In the colleague's own words.
    pub note: Option<String>,
    /// The alerts that were open then. Those ended since are shown as such.
    pub open: Vec<AlertId>,
    /// What the station's department had to do for guests then, as it stands now.
    pub requests: Vec<AskedFor>,
}

/// One event of the feed as a browser receives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LiveEvent {
    /// An alert is new or has changed.
    Alert { alert: Box<AlertCard> },
    /// A profile has changed in something that the role may see.
    GuestChanged { guest: GuestId },
    /// The day's lists have changed.
    StaysChanged,
    /// A guest was seen somewhere; `None` when it is not known any more where.
    Seen { guest: GuestId, seen: Option<Seen> },
    /// Someone has begun or ceased to listen at a station.
    Presence { presence: StationPresence },
    /// A station's rules (mutes, times) or its hand-over have changed: boards are loaded again.
    StationChanged { station: StationId },
    /// Traces of a department were written or resolved.
    TracesChanged,
    /// Something that a guest asked for is new or has changed.
    RequestsChanged,
    /// Something that is not this role's or station's business; only its number is told.
    Other,
}

/// First frame of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Names this history of events. After a restored backup it is another.
    pub epoch: String,
    /// Number of the last event committed so far.
    pub head: u64,
}
