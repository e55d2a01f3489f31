//! What guests ask for, asked once: entered at one station it is on the guest's card at every other.

#[allow(clippy::too_many_arguments, reason = "a server function takes the fields of its form")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod due;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;
#[cfg(feature = "ssr")]
pub mod write;

use super::traces::TraceGuest;
use crate::{
    house::StationKind,
    ids::{GuestId, QuickTextId, RequestId},
    words::words,
};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// The kind of event by which the feed tells that requests have changed.
pub const EVENT: &str = "request";
/// Most characters of a request's words, of what was arranged, and of why it was declined.
pub const MAX_TEXT: u32 = 300;
/// Most characters of words that the house writes again and again.
pub const MAX_QUICK: u32 = 80;
/// Most characters of where to.
pub const MAX_PLACE: u32 = 80;
/// Minutes before its time at which a request rings, until a house says otherwise.
pub const RING_MINUTES: u16 = 10;

words! {
    /// What was asked for.
    RequestKind {
        Taxi = "taxi",
        WakeUp = "wake_up",
        Luggage = "luggage",
        /// A table, in the house or elsewhere.
        Table = "table",
        Tickets = "tickets",
        Laundry = "laundry",
        /// Something for the room: a cot, another pillow.
        Room = "room",
        Other = "other",
    }
}

impl RequestKind {
    /// Who arranges it where nobody says otherwise.
    #[must_use]
    pub fn department(self) -> StationKind {
        match self {
            Self::Taxi | Self::Table | Self::Tickets => StationKind::Concierge,
            Self::WakeUp | Self::Other => StationKind::FrontDesk,
            Self::Luggage => StationKind::Door,
            Self::Laundry | Self::Room => StationKind::Floor,
        }
    }

    /// Departments whose people the guest passes with it, and who would otherwise ask him again.
    #[must_use]
    pub fn concerns(self) -> &'static [StationKind] {
        use StationKind::{Concierge, Door, Floor, FrontDesk, Restaurant};
        match self {
            Self::Taxi | Self::Luggage => &[FrontDesk, Floor, Restaurant, Concierge, Door],
            Self::WakeUp | Self::Room | Self::Laundry => &[FrontDesk, Floor],
            Self::Table => &[FrontDesk, Restaurant, Concierge],
            Self::Tickets => &[FrontDesk, Concierge, Door],
            Self::Other => &[FrontDesk, Concierge],
        }
    }

    /// Whether it goes somewhere.
    #[must_use]
    pub fn has_place(self) -> bool {
        matches!(self, Self::Taxi | Self::Luggage | Self::Table | Self::Tickets)
    }

    /// Whether nobody knows what is meant without words.
    #[must_use]
    pub fn needs_text(self) -> bool {
        matches!(self, Self::Room | Self::Other)
    }

    /// Whether it is nothing without a time.
    #[must_use]
    pub fn needs_time(self) -> bool {
        self == Self::WakeUp
    }

    /// Whether the guest will want to hear how it was arranged: the plate, the table, the seats.
    #[must_use]
    pub fn needs_details(self) -> bool {
        matches!(self, Self::Taxi | Self::Table | Self::Tickets)
    }
}

words! {
    /// Where a request stands. The last two are ends.
    RequestState {
        Asked = "asked",
        /// Somebody has seen to it; the details say how.
        Arranged = "arranged",
        Done = "done",
        /// It will not be done; the reason says why.
        Declined = "declined",
    }
}

impl RequestState {
    /// Whether it is still to be done, and not to be asked again.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Arranged)
    }

    /// Whether it may become `next`. What was arranged can be arranged otherwise.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        self.is_open() && next != Self::Asked
    }
}

/// A request as a card, a board and a list tell it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestLine {
    pub id: RequestId,
    pub guest: GuestId,
    pub kind: RequestKind,
    pub text: Option<String>,
    /// Where to.
    pub place: Option<String>,
    pub room: Option<String>,
    /// House-local `YYYY-MM-DD`, and `HH:MM` where it has a time.
    pub day: String,
    pub time: Option<String>,
    pub state: RequestState,
    /// Name of the colleague who entered it, and of the station, where the device stood at one.
    pub asked_by: String,
    pub asked_at_station: Option<String>,
    /// House-local `YYYY-MM-DD HH:MM`.
    pub asked_on: String,
    pub department: StationKind,
    pub concerns: Vec<StationKind>,
    /// What whoever arranged it was told, such as the plate; and who it was.
    pub details: Option<String>,
    pub arranged_by: Option<String>,
    pub reason: Option<String>,
    pub ended_by: Option<String>,
    /// Still open after its day or time.
    pub overdue: bool,
}

impl RequestLine {
    /// By day and time; what has no time comes after what has.
    #[must_use]
    pub fn order(&self) -> (String, bool, String, RequestId) {
        (self.day.clone(), self.time.is_none(), self.time.clone().unwrap_or_default(), self.id)
    }

    /// Whether a department is to know of it: it arranges it, or the guest passes there.
    #[must_use]
    pub fn concerns(&self, department: StationKind) -> bool {
        self.department == department || self.concerns.contains(&department)
    }

    /// Whether its day is today, told without a clock: it was entered for its own day, and that is not over. What was
    /// entered on an earlier day is not known to be.
    #[must_use]
    pub fn is_of_today(&self) -> bool {
        self.asked_on.starts_with(&self.day) && !self.overdue
    }

    /// Whether the colleague who leaves on `today` leaves it to the next one in the department: it is to be arranged
    /// there, and is for a day until [`last_left`].
    #[must_use]
    pub fn is_left_in(&self, department: StationKind, today: &str) -> bool {
        let last = today.parse().map_or_else(|_| today.to_owned(), |today| last_left(today).to_string());
        self.state.is_open() && self.department == department && self.day <= last
    }
}

/// The last day whose requests are left to the next shift: that of a shift which lasts until tomorrow.
#[must_use]
pub fn last_left(today: NaiveDate) -> NaiveDate {
    today.checked_add_days(Days::new(1)).unwrap_or(today)
}

/// Whether guests leave by stations of a kind, so that their boards show what those who leave today have asked for.
#[must_use]
pub fn is_at_departure(kind: StationKind) -> bool {
    matches!(kind, StationKind::Door | StationKind::FrontDesk | StationKind::Concierge)
}

/// A request, and whom it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedFor {
    pub line: RequestLine,
    /// `None` where the profile is gone.
    pub about: Option<TraceGuest>,
    /// The guest is in house and leaves today.
    pub leaves_today: bool,
}

/// The requests of a house or of a guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestList {
    /// House-local `YYYY-MM-DD`.
    pub today: String,
    /// How many open ones concern each department, in the order of [`StationKind::ALL`].
    pub counts: [u32; StationKind::ALL.len()],
    /// Open ones by day and time.
    pub open: Vec<AskedFor>,
    /// Those that were ended of late, the newest first.
    pub ended: Vec<AskedFor>,
    /// Whether there are more open ones than are listed.
    pub more: bool,
}

/// Words that the house writes again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuickText {
    pub id: QuickTextId,
    pub kind: RequestKind,
    pub text: String,
}

/// The form in which a request is entered, before anything has been typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryPaper {
    /// The request's id: a form that is sent twice is one request.
    pub id: RequestId,
    pub about: TraceGuest,
    /// The guest's room, where he is in house or has been given one.
    pub room: Option<String>,
    /// House-local `YYYY-MM-DD`.
    pub today: String,
    /// By kind and text.
    pub quick: Vec<QuickText>,
    /// What the guest has asked for already and is not done.
    pub open: Vec<RequestLine>,
}

/// What came of entering a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entered {
    Kept,
    /// Nothing was written: the guest has asked for the same for that day already. Here it is, at least one line.
    Known(Vec<RequestLine>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_stays_ended() {
        for state in RequestState::ALL {
            assert_eq!(state.may_become(RequestState::Done), state.is_open(), "{state:?}");
            assert!(!state.may_become(RequestState::Asked), "{state:?}");
        }
        assert!(RequestState::Arranged.may_become(RequestState::Arranged), "another car");
    }

    #[test]
    fn a_shift_leaves_what_its_own_department_has_to_do_until_tomorrow() {
        let today = "2026-11-23";
        let line = |day: &str, state| RequestLine {
            id: RequestId(uuid::Uuid::nil()),
            guest: GuestId(uuid::Uuid::nil()),
            kind: RequestKind::Taxi,
            text: None,
            place: None,
            room: None,
            day: day.to_owned(),
            time: None,
            state,
            asked_by: "Li".to_owned(),
            asked_at_station: None,
            asked_on: "2026-11-22 20:00".to_owned(),
            department: StationKind::Concierge,
            concerns: StationKind::ALL.to_vec(),
            details: None,
            arranged_by: None,
            reason: None,
            ended_by: None,
            overdue: false,
        };
        for (day, left) in [("2026-11-22", true), (today, true), ("2026-11-24", true), ("2026-11-25", false)] {
            assert_eq!(line(day, RequestState::Asked).is_left_in(StationKind::Concierge, today), left, "{day}");
        }
        assert!(!line(today, RequestState::Asked).is_left_in(StationKind::Door, today), "it only passes there");
        assert!(!line(today, RequestState::Done).is_left_in(StationKind::Concierge, today));
        assert!(line("2027-01-01", RequestState::Asked).is_left_in(StationKind::Concierge, "2026-12-31"));
    }

    #[test]
    fn a_taxi_is_known_wherever_the_guest_passes() {
        assert_eq!(RequestKind::Taxi.concerns(), StationKind::ALL);
        assert!(RequestKind::ALL.iter().all(|kind| RequestKind::from_code(kind.code()) == Some(*kind)));
        // Whoever works at the desk answers for every request.
        assert!(RequestKind::ALL.iter().all(|kind| kind.concerns().contains(&StationKind::FrontDesk)));
    }
}
