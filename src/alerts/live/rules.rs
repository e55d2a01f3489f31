//! The rules of the line, without a browser: when it counts as lost, how long to wait before trying
//! again, from where to go on, and which state of an alert is the newer one. Time is passed in.

use crate::{
    alerts::{AlertCard, Hello, StationPresence},
    ids::{AlertId, StationId},
};
use std::collections::BTreeMap;

/// Milliseconds without any frame after which the line counts as lost. The server sends a beat every
/// 10 s, so two have failed to come.
pub const STALE_AFTER_MS: i64 = 25_000;

/// Milliseconds within which a line that has spoken is trusted when the screen wakes up: one beat and
/// a little.
pub const FRESH_MS: i64 = 12_000;

/// The wait before the first attempt to connect again lies between this and twice this.
const SHORTEST_WAIT_MS: u32 = 500;

/// No wait is longer than this.
const LONGEST_WAIT_MS: u32 = 10_000;

/// How the line to the house stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveStatus {
    /// There is nothing to listen for: nobody is signed in, or the device of someone who does not manage the
    /// house stands at no station. Also the state on the server and until the page is live.
    Off,
    /// Trying, and not yet so long that anyone should worry.
    Connecting,
    /// The stream has said hello and has been heard in the last 25 s.
    Live,
    /// Nothing has been heard since this time (milliseconds since 1970).
    Stale { since_ms: i64 },
}

/// How the line stands at `now_ms`: `heard_ms` is when the last frame came (or when listening began),
/// `greeted` whether the present connection has said hello, `offline` whether the device itself says
/// that it has no network.
#[must_use]
pub fn status(now_ms: i64, heard_ms: i64, greeted: bool, offline: bool) -> LiveStatus {
    if offline || now_ms - heard_ms >= STALE_AFTER_MS {
        LiveStatus::Stale { since_ms: heard_ms }
    } else if greeted {
        LiveStatus::Live
    } else {
        LiveStatus::Connecting
    }
}

/// Milliseconds to wait before the next attempt after `failures` failed ones: between 0.5 s and a
/// ceiling that doubles from 1 s to 10 s, spread by `random` (0 to 1) so that the tablets of a house
/// do not all come back in the same instant after a restart.
#[must_use]
pub fn wait_ms(failures: u32, random: f64) -> u32 {
    let ceiling =
        SHORTEST_WAIT_MS.saturating_mul(2_u32.saturating_pow(failures.saturating_add(1))).min(LONGEST_WAIT_MS);
    SHORTEST_WAIT_MS + (f64::from(ceiling - SHORTEST_WAIT_MS) * random.clamp(0.0, 1.0)) as u32
}

/// The event's number out of a frame's id (`epoch:seq`).
#[must_use]
pub fn seq_of(frame_id: &str) -> Option<u64> {
    frame_id.rsplit_once(':')?.1.parse().ok()
}

/// Puts in what came over the stream, unless what is known is as new. `snapshot` is the number up to
/// which a whole board has been taken over: what that board left out has ended.
pub fn take_frame(alerts: &mut BTreeMap<AlertId, AlertCard>, snapshot: u64, card: AlertCard) -> bool {
    let known = alerts.get(&card.id).map_or(snapshot, |known| known.seq);
    let newer = card.seq > known;
    if newer {
        alerts.insert(card.id, card);
    }
    newer
}

/// Puts in the answer to something that was done on this device, unless what is known is newer.
pub fn take_answer(alerts: &mut BTreeMap<AlertId, AlertCard>, card: AlertCard) {
    if alerts.get(&card.id).is_none_or(|known| known.seq <= card.seq) {
        alerts.insert(card.id, card);
    }
}

/// Takes over a board that stands at `seq`: it replaces everything that is not newer than itself.
pub fn take_board(alerts: &mut BTreeMap<AlertId, AlertCard>, seq: u64, board: &[AlertCard]) {
    alerts.retain(|_, known| known.seq > seq);
    for card in board {
        take_answer(alerts, card.clone());
    }
}

/// Whether what the event with this number tells of a station is news, after what `told` has noted.
pub fn is_newer(told: &mut BTreeMap<StationId, u64>, station: StationId, seq: u64) -> bool {
    let last = told.entry(station).or_insert(0);
    let newer = seq > *last;
    *last = seq.max(*last);
    newer
}

/// Takes over who listens where from a board that stands at `seq`, unless the stream has told something
/// newer of a station. Stations that the board does not know are forgotten.
pub fn take_presences(
    known: &mut BTreeMap<StationId, StationPresence>,
    told: &BTreeMap<StationId, u64>,
    seq: u64,
    board: &[StationPresence],
) {
    let is_newer = |station: &StationId| told.get(station).is_some_and(|told| *told > seq);
    known.retain(|station, _| is_newer(station));
    for presence in board.iter().filter(|presence| !is_newer(&presence.station)) {
        known.insert(presence.station, presence.clone());
    }
}

/// Where this device stands in the house's feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// Names the history that the numbers belong to.
    epoch: Option<String>,
    /// The stream has been read up to here; before there was a stream, the board stands here.
    at: Option<u64>,
    /// Every event above this number has come over the stream, or will.
    covered_from: Option<u64>,
    /// The number of the next frame, if none is missing.
    next: Option<u64>,
    /// The newest board that was taken over.
    snapshot: u64,
}

/// What a hello means for what is on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// What is known belongs to another history: forget it.
    pub other_history: bool,
    /// Something may have been missed: load what is on the screen again.
    pub missed: bool,
}

/// Whether a board may be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adopt {
    Take,
    /// It is older than one taken over before.
    Older,
    /// Take it, and load another: between it and the beginning of the stream something may be missing.
    TakeAndReload,
}

impl Position {
    /// The history and the number after which the stream is to begin; `None`: from now.
    #[must_use]
    pub fn resume(&self) -> Option<(&str, u64)> {
        Some((self.epoch.as_deref()?, self.at?))
    }

    /// The newest board that was taken over, 0 before the first.
    #[must_use]
    pub fn snapshot(&self) -> u64 {
        self.snapshot
    }

    /// A stream that was opened after `after` (`None`: from now) has begun.
    pub fn hello(&mut self, hello: &Hello, after: Option<u64>) -> Heard {
        let other_history = self.epoch.as_deref().is_some_and(|epoch| epoch != hello.epoch);
        if other_history {
            *self = Self::default();
        }
        let after = after.filter(|_| !other_history);
        let start = after.unwrap_or(hello.head);
        let missed = other_history || self.at.is_some_and(|at| at < start);
        self.epoch = Some(hello.epoch.clone());
        // A stream that goes on where the last one ended covers what that one covered.
        self.covered_from = Some(match (after, self.covered_from) {
            (Some(_), Some(from)) => from.min(start),
            _ => start,
        });
        self.next = Some(start + 1);
        self.at = Some(start);
        Heard { other_history, missed }
    }

    /// The frame with this number has come. Whether one before it is missing.
    pub fn frame(&mut self, seq: u64) -> bool {
        let gap = self.next.is_some_and(|next| seq > next);
        self.next = Some(seq + 1);
        self.at = Some(self.at.map_or(seq, |at| at.max(seq)));
        gap
    }

    /// Whether the house's feed has gone further than the stream.
    #[must_use]
    pub fn is_behind(&self, head: u64) -> bool {
        self.at.is_some_and(|at| at < head)
    }

    /// Gives up waiting for what lies before `head`.
    pub fn skip_to(&mut self, head: u64) {
        self.at = Some(head);
        self.next = Some(head + 1);
        self.covered_from = Some(head);
    }

    /// The server does not know this place in the feed any more: the next stream begins from now.
    pub fn lose(&mut self) {
        self.at = None;
        self.covered_from = None;
        self.next = None;
        self.snapshot = 0;
    }

    /// A board that stands at `seq` has been loaded.
    pub fn adopt(&mut self, epoch: &str, seq: u64) -> Adopt {
        if self.epoch.as_deref() != Some(epoch) {
            *self = Self { epoch: Some(epoch.to_owned()), at: Some(seq), snapshot: seq, ..Self::default() };
            return Adopt::Take;
        }
        if seq < self.snapshot {
            return Adopt::Older;
        }
        self.snapshot = seq;
        match self.covered_from {
            // Once there is a stream, its own place counts: profiles and lists that changed are told
            // by the stream alone.
            Some(from) if seq < from => Adopt::TakeAndReload,
            Some(_) => Adopt::Take,
            None => {
                self.at = Some(seq);
                Adopt::Take
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::sample;

    fn hello(epoch: &str, head: u64) -> Hello {
        Hello { epoch: epoch.to_owned(), head }
    }

    fn card(id: u128, seq: u64) -> AlertCard {
        AlertCard { id: AlertId(ulid::Ulid(id)), seq, ..sample::card() }
    }

    #[test]
    fn a_silent_line_is_lost_after_25_seconds() {
        assert_eq!(status(1_000, 0, false, false), LiveStatus::Connecting);
        assert_eq!(status(24_999, 0, true, false), LiveStatus::Live);
        assert_eq!(status(25_000, 0, true, false), LiveStatus::Stale { since_ms: 0 });
        assert_eq!(status(10, 5, true, true), LiveStatus::Stale { since_ms: 5 });
    }

    #[test]
    fn waits_grow_from_half_a_second_to_ten() {
        assert_eq!(wait_ms(0, 0.0), 500);
        assert_eq!(wait_ms(0, 1.0), 1_000);
        assert_eq!(wait_ms(1, 1.0), 2_000);
        assert_eq!(wait_ms(40, 1.0), 10_000);
        assert_eq!(wait_ms(u32::MAX, 0.0), 500);
    }

    #[test]
    fn a_frame_tells_its_number() {
        assert_eq!(seq_of("01J:42"), Some(42));
        assert_eq!(seq_of("a:b:7"), Some(7));
        assert_eq!(seq_of("42"), None);
        assert_eq!(seq_of(""), None);
    }

    #[test]
    fn the_newer_state_of_an_alert_stays() {
        let mut alerts = BTreeMap::new();
        assert!(take_frame(&mut alerts, 0, card(1, 5)));
        assert!(!take_frame(&mut alerts, 0, card(1, 5)), "the same again is nothing new");
        assert!(!take_frame(&mut alerts, 0, card(1, 4)), "an older one neither");
        assert!(take_frame(&mut alerts, 0, card(1, 6)));
        assert!(!take_frame(&mut alerts, 9, card(2, 8)), "the board at 9 did not have it any more");
        take_answer(&mut alerts, card(1, 5));
        assert_eq!(alerts.values().map(|card| card.seq).collect::<Vec<_>>(), [6]);
    }

    #[test]
    fn a_board_replaces_what_is_not_newer_than_itself() {
        let mut alerts = BTreeMap::new();
        for known in [card(1, 5), card(2, 12)] {
            take_answer(&mut alerts, known);
        }
        take_board(&mut alerts, 10, &[card(3, 7), card(2, 9)]);
        assert_eq!(alerts.values().map(|card| (card.id.0.0, card.seq)).collect::<Vec<_>>(), [(2, 12), (3, 7)]);
    }

    #[test]
    fn who_listens_is_what_was_told_last() {
        let (bar, desk) = (StationId(uuid::Uuid::from_u128(1)), StationId(uuid::Uuid::from_u128(2)));
        let presence = |station, listening| StationPresence { station, listening, who: Vec::new(), since: None };
        let (mut known, mut told) = (BTreeMap::new(), BTreeMap::new());
        take_presences(&mut known, &told, 10, &[presence(bar, false), presence(desk, true)]);
        assert!(is_newer(&mut told, bar, 12));
        assert!(!is_newer(&mut told, bar, 11), "a second stream tells the same once more");
        known.insert(bar, presence(bar, true));

        take_presences(&mut known, &told, 11, &[presence(bar, false)]);
        assert_eq!(known.keys().copied().collect::<Vec<_>>(), [bar], "the desk has been closed");
        assert!(known[&bar].listening, "the board is older than the stream");
        take_presences(&mut known, &told, 12, &[presence(bar, false)]);
        assert!(!known[&bar].listening);
    }

    #[test]
    fn the_stream_goes_on_after_the_board() {
        let mut position = Position::default();
        assert_eq!(position.resume(), None);
        assert_eq!(position.adopt("e", 10), Adopt::Take);
        assert_eq!(position.resume(), Some(("e", 10)));
        assert_eq!(position.hello(&hello("e", 12), Some(10)), Heard { other_history: false, missed: false });
        assert!(!position.frame(11));
        assert!(position.is_behind(12));
        assert!(!position.frame(12));
        assert!(!position.is_behind(12));
        assert!(position.frame(14), "13 is missing");
        // A later board does not move the stream's own place.
        assert_eq!(position.adopt("e", 20), Adopt::Take);
        assert_eq!(position.resume(), Some(("e", 14)));
        assert_eq!(position.adopt("e", 19), Adopt::Older);
    }

    #[test]
    fn a_board_from_before_the_stream_began_is_loaded_again() {
        let mut position = Position::default();
        position.hello(&hello("e", 6), None);
        assert_eq!(position.adopt("e", 5), Adopt::TakeAndReload);
        assert_eq!(position.adopt("e", 6), Adopt::Take);
        // The same the other way round: the board came first, the stream was opened without it.
        let mut position = Position::default();
        position.adopt("e", 5);
        assert!(position.hello(&hello("e", 6), None).missed);
    }

    #[test]
    fn a_second_stream_covers_what_the_first_did() {
        let mut position = Position::default();
        position.hello(&hello("e", 6), None);
        position.frame(7);
        position.hello(&hello("e", 9), Some(7));
        assert_eq!(position.adopt("e", 6), Adopt::Take);
    }

    #[test]
    fn another_history_is_begun_afresh() {
        let mut position = Position::default();
        position.adopt("e", 50);
        assert_eq!(position.hello(&hello("f", 3), Some(50)), Heard { other_history: true, missed: true });
        assert_eq!(position.resume(), Some(("f", 3)));
        position.lose();
        assert_eq!(position.resume(), None);
        assert_eq!(position.hello(&hello("f", 9), None), Heard { other_history: false, missed: false });
    }
}
