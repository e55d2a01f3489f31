//! The live client: what the house's stations tell each other arrives here, and whether the line to
//! them stands is always known. One [`Live`] serves the whole page.

pub mod attention;
mod banner;
mod device;
mod line;
mod refetch;
pub mod rules;

pub use banner::LiveStatusBanner;
pub use refetch::{now_ms, refetch_when, ticking};
pub use rules::{LiveStatus, wait_ms};

use self::{
    attention::{Here, Tablet},
    device::follow_device,
    line::Line,
    rules::{Adopt, Position},
};
use super::{AlertCard, AlertKind, Board, HandOver, Hello, LiveEvent, StationPresence};
use crate::{
    ids::{AlertId, GuestId, StationId},
    staff::{Me, ui::Session},
    stays::Seen,
};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::{collections::BTreeMap, time::Duration};

/// What has arrived, and how the line stands. Cheap to copy; the values live in signals.
#[derive(Clone, Copy)]
pub struct Live {
    pub status: RwSignal<LiveStatus>,
    /// The newest known state of every alert that this device has been told of.
    pub alerts: RwSignal<BTreeMap<AlertId, AlertCard>>,
    /// The last profile that changed, with the number of the event.
    pub guest_changed: RwSignal<Option<(u64, GuestId)>>,
    /// What was heard of where guests are since the page was loaded, over what it was loaded with.
    pub seen: RwSignal<BTreeMap<GuestId, Option<Seen>>>,
    /// What the colleague before left at this station, until somebody takes it over.
    pub hand_over: RwSignal<Option<HandOver>>,
    /// Kinds that stations of the house have muted.
    pub muted: RwSignal<Vec<(StationId, AlertKind)>>,
    /// The device's clock to the minute, milliseconds since 1970; `None` until the page is live.
    pub minute: RwSignal<Option<i64>>,
    /// Grows when the day's lists have changed.
    pub stays_changed: RwSignal<u64>,
    /// Grows when traces were written or resolved.
    pub traces_changed: RwSignal<u64>,
    /// Grows when guests' requests were entered or have changed.
    pub requests_changed: RwSignal<u64>,
    /// Grows when something may have been missed: load again what is on the screen.
    pub reset: RwSignal<u64>,
    /// Grows each time that the line stands again.
    pub opened: RwSignal<u32>,
    /// Number of the last event committed in the house, as far as is known.
    pub head: RwSignal<u64>,
    /// Who listens at each station of the house. A station that is not in it has not been told of.
    pub presence: RwSignal<BTreeMap<StationId, StationPresence>>,
    /// Grows when a station's rules or its hand-over have changed.
    pub station_changed: RwSignal<u64>,
    /// Whether a board has been taken over: before that, what is not known may still be waiting.
    pub begun: RwSignal<bool>,
    /// Who uses the device and where it stands, since another tab has moved it.
    pub moved: RwSignal<Option<Me>>,
    /// Set when this page signs out: what the stream says of it then is no news.
    pub leaving: StoredValue<bool>,
    /// The number with which each station's presence last came over the stream.
    presence_told: StoredValue<BTreeMap<StationId, u64>>,
    position: StoredValue<Position>,
}

impl Live {
    /// Nothing heard yet.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "signals are made for an owner; a default would hide that")]
    pub fn new() -> Self {
        Self {
            status: RwSignal::new(LiveStatus::Off),
            alerts: RwSignal::new(BTreeMap::new()),
            guest_changed: RwSignal::new(None),
            seen: RwSignal::new(BTreeMap::new()),
            hand_over: RwSignal::new(None),
            muted: RwSignal::new(Vec::new()),
            minute: RwSignal::new(None),
            stays_changed: RwSignal::new(0),
            traces_changed: RwSignal::new(0),
            requests_changed: RwSignal::new(0),
            reset: RwSignal::new(0),
            opened: RwSignal::new(0),
            head: RwSignal::new(0),
            presence: RwSignal::new(BTreeMap::new()),
            station_changed: RwSignal::new(0),
            begun: RwSignal::new(false),
            moved: RwSignal::new(None),
            leaving: StoredValue::new(false),
            presence_told: StoredValue::new(BTreeMap::new()),
            position: StoredValue::new(Position::default()),
        }
    }

    /// Who uses the device, and where it stands: as the page was loaded, or as another tab has moved it since.
    /// `None` while that is not known, and for nobody.
    #[must_use]
    pub fn me(self, session: Session) -> Option<Me> {
        self.moved.get().or_else(|| session.get()?.ok()?)
    }

    /// Takes over a board that was loaded. The stream begins after it if it has not begun yet.
    pub fn adopt(self, board: &Board) {
        let verdict = self.position.try_update_value(|position| position.adopt(&board.epoch, board.seq));
        if matches!(verdict, Some(Adopt::Take | Adopt::TakeAndReload)) {
            self.alerts.update(|alerts| rules::take_board(alerts, board.seq, &board.alerts));
            self.hand_over.set(board.hand_over.clone());
            self.muted.set(board.muted.clone());
            self.presence_told.with_value(|told| {
                self.presence.update(|known| rules::take_presences(known, told, board.seq, &board.presence));
            });
            self.begun.set(true);
        }
        if verdict == Some(Adopt::TakeAndReload) {
            self.reload();
        }
    }

    /// Takes over the answer to something that was done on this device, which may come before the
    /// stream tells of it.
    pub fn upsert(self, card: AlertCard) {
        self.alerts.update(|alerts| rules::take_answer(alerts, card));
    }

    /// Where a guest was last seen: as heard since, or as the page was loaded with. Nothing once that is
    /// too long ago to say.
    #[must_use]
    pub fn seen_of(self, guest: GuestId, loaded: Option<Seen>) -> Option<Seen> {
        let heard = self.seen.with(|seen| seen.get(&guest).cloned());
        let now = self.minute.get();
        heard.unwrap_or(loaded).filter(|seen| now.is_none_or(|now| now < seen.until))
    }

    /// Asks every page to load again what it shows.
    fn reload(self) {
        // What the pages load is newer than what was heard before.
        self.seen.update(BTreeMap::clear);
        self.reset.update(|count| *count += 1);
    }

    /// The stream has begun.
    fn hello(self, hello: &Hello, after: Option<u64>) {
        let heard = self.position.try_update_value(|position| position.hello(hello, after));
        self.head.set(hello.head);
        self.opened.update(|count| *count += 1);
        if heard.is_some_and(|heard| heard.other_history) {
            self.alerts.set(BTreeMap::new());
            self.presence_told.set_value(BTreeMap::new());
        }
        if heard.is_some_and(|heard| heard.missed) {
            self.reload();
        }
    }

    /// An event has come over the stream.
    fn event(self, seq: u64, event: Option<LiveEvent>) {
        let Some((gap, snapshot)) =
            self.position.try_update_value(|position| (position.frame(seq), position.snapshot()))
        else {
            return;
        };
        self.head.update(|head| *head = (*head).max(seq));
        match event {
            Some(LiveEvent::Alert { alert }) => {
                self.alerts.maybe_update(|alerts| rules::take_frame(alerts, snapshot, *alert));
            }
            Some(LiveEvent::GuestChanged { guest }) => self.guest_changed.set(Some((seq, guest))),
            Some(LiveEvent::Seen { guest, seen: now }) => {
                self.seen.update(|seen| {
                    seen.insert(guest, now);
                });
            }
            Some(LiveEvent::StaysChanged) => self.stays_changed.update(|count| *count += 1),
            Some(LiveEvent::TracesChanged) => self.traces_changed.update(|count| *count += 1),
            Some(LiveEvent::RequestsChanged) => self.requests_changed.update(|count| *count += 1),
            Some(LiveEvent::Presence { presence }) => {
                let newer = self.presence_told.try_update_value(|told| rules::is_newer(told, presence.station, seq));
                if newer == Some(true) {
                    self.presence.update(|known| {
                        known.insert(presence.station, presence);
                    });
                }
            }
            Some(LiveEvent::StationChanged { .. }) => self.station_changed.update(|count| *count += 1),
            // Not ours to know, or a kind that a newer server tells of: its number is enough.
            Some(LiveEvent::Other) | None => {}
        }
        if gap {
            self.reload();
        }
    }

    /// Whether the house has gone further than what came over the stream.
    fn is_behind(self, head: u64) -> bool {
        self.position.try_with_value(|position| position.is_behind(head)).unwrap_or(false)
    }

    /// What lies before `head` will not come any more: load it instead.
    fn skip_to(self, head: u64) {
        self.position.update_value(|position| position.skip_to(head));
        self.reload();
    }

    /// The server does not know our place in the feed.
    fn lose(self) {
        self.position.update_value(Position::lose);
        self.presence_told.set_value(BTreeMap::new());
        self.reload();
    }

    /// The history and the number after which the next stream is to begin.
    fn resume(self) -> Option<(String, u64)> {
        self.position.try_with_value(|position| position.resume().map(|(epoch, at)| (epoch.to_owned(), at))).flatten()
    }
}

/// The page's [`Live`], or a silent one where no provider stands above.
#[must_use]
pub fn use_live() -> Live {
    use_context::<Live>().unwrap_or_else(Live::new)
}

/// Provides [`Live`] to its children and keeps the line open while someone is signed in at a station, or manages
/// the house from anywhere.
#[component]
pub fn LiveProvider(children: Children) -> impl IntoView {
    let live = Live::new();
    provide_context(live);
    provide_context(Tablet::new());
    let minute = ticking(Duration::from_secs(60));
    Effect::new(move |_| live.minute.set(minute.get()));
    let session = use_context::<Session>();
    if let Some(session) = session {
        follow_device(live, session);
    }
    // Where there is something to hear. A house tells each stream what concerns the place where it was opened.
    let place = Memo::new(move |_| Here::of(&live.me(session?)?).map(|here| here.station));
    // An effect runs in the browser only, and after the page has been taken over: by then a board on
    // the page has been adopted, and the stream begins after it.
    Effect::new(move |before: Option<Option<Option<StationId>>>| {
        let place = place.get();
        if place.is_none() {
            live.status.set(LiveStatus::Off);
            return place;
        }
        if before.flatten().is_some_and(|before| Some(before) != place) {
            // What was told at the old station is not enough here.
            live.lose();
        }
        let line = SendWrapper::new(Line::open(live));
        on_cleanup(move || line.take().close());
        place
    });
    children()
}
