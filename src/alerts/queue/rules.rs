//! The rules of the queue, without a browser: what is sent next, what has become too old to be sent,
//! what an answer means, and what is kept for whom. Time is passed in.

use crate::{
    alerts::{AlertCard, AlertKind, AlertState},
    error::AppError,
    ids::{AlertId, GuestId, StaffId, StationId},
};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// Milliseconds after the tap from which on it is shown as not sent, and not sent any more: by then
/// the guest has gone past.
pub const TOO_OLD_MS: i64 = 5 * 60 * 1_000;

/// Milliseconds after which a device forgets what nobody has come back for: a shift.
const KEPT_MS: i64 = 12 * 60 * 60 * 1_000;

/// Milliseconds by which a device's clock may be set back without making its taps doubtful.
const CLOCK_SLACK_MS: i64 = 60 * 1_000;

/// Milliseconds within which an answer normally comes. What takes longer is shown as waiting.
const USUAL_MS: i64 = 2_000;

/// Something that was tapped, until it is known to have arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Of this tap: later taps sort after earlier ones.
    pub id: Ulid,
    /// The alert that it is about; for a new one, the id under which it is raised, however often.
    pub alert: AlertId,
    /// Who tapped. Nobody else sends it.
    pub staff: StaffId,
    /// Where the device stood; `None` for a manager whose device stands nowhere.
    pub station: Option<StationId>,
    pub deed: Deed,
    /// Milliseconds since 1970, by the device's clock.
    pub tapped_at: i64,
    /// How often it was sent without an answer that says it did not arrive. From the first time on, it may have.
    pub tries: u32,
    pub fate: Fate,
    /// Why the server could not take it yet, where it is not the network.
    #[serde(skip)]
    pub held: Option<AppError>,
}

/// What was tapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    Raise {
        guest: GuestId,
        to: StationId,
        /// Name and telephone of the receiving station, for when it is not sent.
        to_name: String,
        extension: String,
        kind: AlertKind,
        text: Option<String>,
    },
    Acknowledge,
    /// Greeted, or seated at the table named.
    Complete {
        table: Option<String>,
    },
    Withdraw {
        guest: GuestId,
    },
}

/// What is to become of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is sent as soon as that is possible.
    Waiting,
    /// It is not sent any more, and shown until someone has read why.
    NotSent(Reason),
}

/// Why an entry is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// See [`TOO_OLD_MS`].
    TooOld,
    /// The device has been told since that it stands at another station.
    Moved,
    /// The server has answered no, for good.
    Refused(AppError),
}

impl Entry {
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.fate == Fate::Waiting
    }

    /// Whether it has waited for longer than an answer usually takes.
    #[must_use]
    pub fn is_stuck(&self, now: i64) -> bool {
        self.is_waiting() && (now - self.tapped_at >= USUAL_MS || self.held.is_some())
    }

    /// Whether it comes before another about the same alert, whatever the device's clock said at the taps: what is
    /// to be taken back or completed must be there first.
    fn goes_before(&self, other: &Self) -> bool {
        self.alert == other.alert && (self.deed.turn(), self.id) < (other.deed.turn(), other.id)
    }

    /// The guest, where the deed says who it is.
    #[must_use]
    pub fn guest(&self) -> Option<GuestId> {
        match self.deed {
            Deed::Raise { guest, .. } | Deed::Withdraw { guest } => Some(guest),
            Deed::Acknowledge | Deed::Complete { .. } => None,
        }
    }

    /// Whether the same can be said anew, under a new id: word about a guest that was not refused.
    #[must_use]
    pub fn can_be_raised_anew(&self) -> bool {
        matches!((&self.deed, &self.fate), (Deed::Raise { .. }, Fate::NotSent(Reason::TooOld | Reason::Moved)))
    }
}

impl Deed {
    /// In which order deeds about one alert are done.
    fn turn(&self) -> u8 {
        match self {
            Self::Raise { .. } => 0,
            Self::Acknowledge => 1,
            Self::Complete { .. } | Self::Withdraw { .. } => 2,
        }
    }
}

/// Ends the waiting of what may not be sent any more, and returns what has changed. `station`: where
/// the device stands now, if anywhere; `in_flight`: the entry whose answer is on its way.
///
/// Taking word back is never too late: if it did arrive, it still stands on a board.
pub fn end_waiting(entries: &mut [Entry], now: i64, station: Option<StationId>, in_flight: Option<Ulid>) -> Vec<Entry> {
    let mut changed = Vec::new();
    for entry in entries {
        if !entry.is_waiting() || Some(entry.id) == in_flight || matches!(entry.deed, Deed::Withdraw { .. }) {
            continue;
        }
        // A clock that was set back says nothing about a tap that now lies ahead of it.
        let fresh = (-CLOCK_SLACK_MS..TOO_OLD_MS).contains(&(now - entry.tapped_at));
        let reason = match (entry.station == station, fresh) {
            (false, _) => Reason::Moved,
            (true, false) => Reason::TooOld,
            (true, true) => continue,
        };
        entry.fate = Fate::NotSent(reason);
        entry.held = None;
        changed.push(entry.clone());
    }
    changed
}

/// What is sent next: the oldest that waits, and of one alert strictly one after the other. What follows
/// something about the same alert that could not be sent in this round (`passed_over`) waits with it.
#[must_use]
pub fn next<'a>(entries: &'a [Entry], passed_over: &[AlertId]) -> Option<&'a Entry> {
    let waiting = || entries.iter().filter(move |entry| entry.is_waiting() && !passed_over.contains(&entry.alert));
    waiting().filter(|entry| !waiting().any(|other| other.goes_before(entry))).min_by_key(|entry| entry.id)
}

/// What an answer means for the entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It has arrived.
    Done,
    /// It will never be accepted.
    Refused(AppError),
    /// The server is there but cannot take this one now.
    Held(AppError),
    /// There is no line: nothing else would arrive either.
    NoLine,
}

/// Reads the answer to `deed`. Whoever asks again because the first answer was lost gets the same answer: a
/// conflict is with somebody else, whatever the name.
#[must_use]
pub fn verdict(deed: &Deed, answer: Result<(), AppError>) -> Verdict {
    match (answer, deed) {
        (Ok(()), _) => Verdict::Done,
        // It never arrived, and what was to be taken back is not sent any more: see [`next`].
        (Err(AppError::NotFound), Deed::Withdraw { .. }) => Verdict::Done,
        (Err(AppError::Unreachable), _) => Verdict::NoLine,
        (Err(error @ (AppError::Internal(_) | AppError::Away | AppError::SignedOut | AppError::Locked)), _) => {
            Verdict::Held(error)
        }
        (Err(error), _) => Verdict::Refused(error),
    }
}

/// Whether an answer says that what was asked did not happen, so that it need not be taken back. Of other trouble on
/// the server the outcome is not known.
#[must_use]
pub fn was_turned_away(error: &AppError) -> bool {
    matches!(error, AppError::SignedOut | AppError::Locked)
}

/// The entries that go once `done` has arrived: with word that was taken back goes what is left of it here.
#[must_use]
pub fn goes_with(entries: &[Entry], done: &Entry) -> Vec<Ulid> {
    let takes_back = matches!(done.deed, Deed::Withdraw { .. });
    let goes = |entry: &&Entry| entry.id == done.id || (takes_back && is_raise_of(entry, done.alert));
    entries.iter().filter(goes).map(|entry| entry.id).collect()
}

/// What is not to be sent at all: word that nobody has heard, and with it its taking back. Sent one after the other,
/// it would ring for a moment.
#[must_use]
pub fn cancelled(entries: &[Entry]) -> Vec<Ulid> {
    let is_unheard = |alert| entries.iter().any(|entry| is_raise_of(entry, alert) && entry.tries == 0);
    let takes_back = |entry: &&Entry| entry.is_waiting() && matches!(entry.deed, Deed::Withdraw { .. });
    let taken_back = entries.iter().filter(takes_back).filter(|entry| is_unheard(entry.alert));
    taken_back.flat_map(|entry| goes_with(entries, entry)).collect()
}

/// Whether word is being taken back already: then only that is shown of it.
#[must_use]
pub fn is_being_taken_back(entries: &[Entry], entry: &Entry) -> bool {
    let takes_back = |other: &Entry| other.is_waiting() && matches!(other.deed, Deed::Withdraw { .. });
    matches!(entry.deed, Deed::Raise { .. })
        && entries.iter().any(|other| other.alert == entry.alert && takes_back(other))
}

fn is_raise_of(entry: &Entry, alert: AlertId) -> bool {
    entry.alert == alert && matches!(entry.deed, Deed::Raise { .. })
}

/// Whether the alert as it is known by now shows that the entry has arrived, though no answer came.
#[must_use]
pub fn has_arrived(entry: &Entry, known: Option<&AlertCard>) -> bool {
    let Some(card) = known else { return false };
    let me = Some(entry.staff);
    match entry.deed {
        Deed::Raise { .. } => true,
        Deed::Acknowledge => card.acknowledged_staff == me,
        Deed::Complete { .. } => card.state == AlertState::Completed && card.completed_staff == me,
        Deed::Withdraw { .. } => card.state == AlertState::Withdrawn || card.has_withdrawn(entry.staff),
    }
}

/// Where an alert will stand once what is stuck about it has arrived, so that the next thing can be
/// tapped without a network too.
#[must_use]
pub fn stage(state: AlertState, about_it: &[Entry], now: i64) -> AlertState {
    about_it.iter().filter(|entry| entry.is_stuck(now)).fold(state, |state, entry| match (&entry.deed, state) {
        (_, ended) if ended.is_end() => ended,
        (Deed::Acknowledge, _) => AlertState::Acknowledged,
        (Deed::Complete { .. }, _) => AlertState::Completed,
        (Deed::Withdraw { .. }, _) => AlertState::Withdrawn,
        (Deed::Raise { .. }, state) => state,
    })
}

/// Whether the same already waits: a second tap on the same button.
#[must_use]
pub fn is_doubled(entries: &[Entry], new: &Entry) -> bool {
    entries.iter().any(|entry| entry.is_waiting() && is_same(entry, new))
}

/// What need not be shown any more because the same is now tried anew.
#[must_use]
pub fn superseded(entries: &[Entry], new: &Entry) -> Vec<Ulid> {
    entries.iter().filter(|entry| !entry.is_waiting() && is_same(entry, new)).map(|entry| entry.id).collect()
}

/// Whether two entries do the same thing to the same alert, or say the same of the same guest.
fn is_same(one: &Entry, other: &Entry) -> bool {
    match (&one.deed, &other.deed) {
        (
            Deed::Raise { guest, to, kind, text, .. },
            Deed::Raise { guest: guest_2, to: to_2, kind: kind_2, text: text_2, .. },
        ) => (guest, to, kind, text) == (guest_2, to_2, kind_2, text_2),
        (one_deed, other_deed) => {
            one.alert == other.alert && std::mem::discriminant(one_deed) == std::mem::discriminant(other_deed)
        }
    }
}

/// What taking back an alert means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeBack {
    /// It has never left this device: the entry goes, and that is all.
    Forget(Ulid),
    /// The entry, which is not sent any more, goes, and the server is told, because it may have arrived.
    ForgetAndTell(Ulid),
    /// The server has it, and is told. Or it is not known whether it has: then the entry is asked about until that
    /// is known, and the server told after it. The other way round, word that was under way could ring after it was
    /// taken back.
    Tell,
}

/// See [`TakeBack`].
#[must_use]
pub fn take_back(entries: &[Entry], alert: AlertId) -> TakeBack {
    match entries.iter().find(|entry| is_raise_of(entry, alert)) {
        Some(entry) if entry.tries == 0 => TakeBack::Forget(entry.id),
        Some(entry) if !entry.is_waiting() => TakeBack::ForgetAndTell(entry.id),
        Some(_) | None => TakeBack::Tell,
    }
}

/// Sorts what the device has kept: what `staff` tapped, oldest first, and the ids of what is to be
/// forgotten, whoever's it is. `present`: what the page knows of it beyond what is kept.
#[must_use]
pub fn take_over(kept: Vec<Entry>, staff: StaffId, now: i64, present: &[Entry]) -> (Vec<Entry>, Vec<Ulid>) {
    let (fresh, old): (Vec<_>, Vec<_>) =
        kept.into_iter().partition(|entry| (now - entry.tapped_at).saturating_abs() < KEPT_MS);
    let mut mine: Vec<Entry> = fresh.into_iter().filter(|entry| entry.staff == staff).collect();
    for entry in &mut mine {
        entry.held = present.iter().find(|known| known.id == entry.id).and_then(|known| known.held.clone());
    }
    mine.sort_by_key(|entry| entry.id);
    (mine, old.into_iter().map(|entry| entry.id).collect())
}

#[cfg(test)]
mod tests;
