//! The post from which word is sent: who stands where, and where word can go.

use crate::{
    alerts::{
        AlertCard, AlertKind, Board,
        api::board,
        live::Live,
        queue::{Deed, Entry, Queue, use_queue},
    },
    house::{Station, StationKind},
    ids::{AlertId, GuestId, StaffId, StationId},
    staff::{Ability, Me, ui::Session},
};
use leptos::{form::form_data_from_event, prelude::*};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};

/// Under this name the browser remembers the station that word was last sent to.
const LAST_USED: &str = "rapport.last-station";

/// What a page learns once about whoever is using it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outfit {
    pub me: Me,
    /// The station's board, where the role may send word and the device stands somewhere.
    pub board: Option<Board>,
    /// The id that forms begin from which are sent before the page is live.
    pub id: AlertId,
}

/// Loaded with the page; `None` if nobody is signed in.
pub type OutfitResource = Resource<Option<Outfit>>;

/// Loads what the page needs to know of its user.
#[must_use]
pub fn outfit() -> OutfitResource {
    let session = use_context::<Session>();
    Resource::new(|| (), move |()| load(session))
}

async fn load(session: Option<Session>) -> Option<Outfit> {
    let me = session?.await.ok().flatten()?;
    let board = if me.role.may(Ability::RaiseAlerts) && me.station.is_some() {
        // Without it the page is worth showing all the same: only nothing can be sent from it.
        board().await.ok()
    } else {
        None
    };
    Some(Outfit { me, board, id: fresh_id() })
}

/// A new alert's id. A ULID and a UUID v7 are built alike (48 bits of milliseconds, then 80 bits that
/// make it unique), and the latter can be made on both sides.
#[must_use]
pub fn fresh_id() -> AlertId {
    AlertId(ulid::Ulid(uuid::Uuid::now_v7().as_u128()))
}

/// The id of the alert that a form on a page without scripts makes: the same form sent twice is one
/// alert, another guest's, station's or kind's form another.
fn id_on_paper(first: AlertId, guest: GuestId, to: Option<StationId>, kind: AlertKind) -> AlertId {
    const RANDOM_BITS: u128 = (1 << 80) - 1;
    let station = to.map_or(0, |to| to.0.as_u128().rotate_left(17));
    let kind = (kind as u128) << 70;
    AlertId(ulid::Ulid(first.0.0 ^ ((guest.0.as_u128() ^ station ^ kind) & RANDOM_BITS)))
}

/// Where word is sent from on this page. Cheap to clone.
#[derive(Clone)]
pub struct Post {
    pub here: Station,
    /// Who sends.
    pub me: StaffId,
    /// Where word can go.
    pub stations: Arc<[Station]>,
    live: Live,
    first: AlertId,
    last_used: RwSignal<Option<StationId>>,
    /// The newest alert about each guest that was raised from here or by whoever sends, alone or with others.
    latest: Memo<HashMap<GuestId, AlertCard>>,
}

impl Post {
    /// `None` where no word can be sent. Takes the board over into `live`.
    #[must_use]
    pub fn new(live: Live, outfit: &Outfit) -> Option<Self> {
        let board = outfit.board.as_ref()?;
        let here = outfit.me.station.clone()?;
        live.adopt(board);
        let last_used = RwSignal::new(None);
        Effect::new(move |_| last_used.set(remembered()));
        let (station, me) = (here.id, outfit.me.staff);
        let latest = Memo::new(move |_| live.alerts.with(|alerts| latest_from(alerts.values(), station, me)));
        Some(Self { here, me, stations: board.stations.as_slice().into(), live, first: outfit.id, last_used, latest })
    }

    /// The newest alert about the guest that was raised from here, or by whoever sends.
    #[must_use]
    pub fn about(&self, guest: GuestId) -> Memo<Option<AlertCard>> {
        let latest = self.latest;
        Memo::new(move |_| latest.with(|latest| latest.get(&guest).cloned()))
    }

    /// The stations, the one last used first.
    #[must_use]
    pub fn stations_in_order(&self) -> Vec<Station> {
        let last_used = self.last_used.get();
        let mut stations = self.stations.to_vec();
        stations.sort_by_key(|station| Some(station.id) != last_used);
        stations
    }

    /// Names of all stations, the own one first.
    #[must_use]
    pub fn places(&self) -> Vec<String> {
        std::iter::once(&self.here).chain(self.stations.iter()).map(|station| station.name.clone()).collect()
    }

    /// The station that is offered for one tap: the one last used, or the restaurant, or the desk.
    #[must_use]
    pub fn target(&self) -> Option<Station> {
        let last_used = self.last_used.get();
        let of_kind = |kind: StationKind| self.stations.iter().find(move |station| station.kind == kind);
        self.stations
            .iter()
            .find(|station| Some(station.id) == last_used)
            .or_else(|| of_kind(StationKind::Restaurant))
            .or_else(|| of_kind(StationKind::FrontDesk))
            .or_else(|| self.stations.first())
            .cloned()
    }

    /// What is most often said from here.
    #[must_use]
    pub fn usual_kind(&self) -> AlertKind {
        match self.here.kind {
            StationKind::Door => AlertKind::AtTheDoor,
            StationKind::Restaurant => AlertKind::Leaving,
            StationKind::FrontDesk | StationKind::Floor | StationKind::Concierge => AlertKind::ComingDown,
        }
    }

    /// See [`id_on_paper`].
    #[must_use]
    pub fn paper_id(&self, guest: GuestId, to: Option<StationId>, kind: AlertKind) -> AlertId {
        id_on_paper(self.first, guest, to, kind)
    }

    /// What is needed to send word about one guest.
    #[must_use]
    pub fn sending(&self, guest: GuestId) -> Sending {
        let queue = use_queue();
        let about = queue.select(move |entry| entry.guest() == Some(guest));
        Sending {
            guest,
            queue,
            about,
            raising: Memo::new(move |_| {
                about.with(|about| {
                    about.iter().any(|entry| entry.is_waiting() && matches!(entry.deed, Deed::Raise { .. }))
                })
            }),
            stations: StoredValue::new(Arc::clone(&self.stations)),
            last_used: self.last_used,
        }
    }

    pub(super) fn live(&self) -> Live {
        self.live
    }
}

/// Sends word about one guest, and knows what became of the sending.
#[derive(Clone, Copy)]
pub struct Sending {
    guest: GuestId,
    queue: Queue,
    about: Memo<Vec<Entry>>,
    raising: Memo<bool>,
    stations: StoredValue<Arc<[Station]>>,
    last_used: RwSignal<Option<StationId>>,
}

impl Sending {
    /// Sends what the form says, in place of the browser. What cannot be sent from here the browser
    /// posts itself, and the server says what is wrong with it.
    pub fn submit(self, event: &leptos::ev::SubmitEvent) {
        if self.raising.get_untracked() {
            event.prevent_default();
            return;
        }
        let Ok(form) = form_data_from_event(event) else { return };
        let field =
            |name: &str| form.get(name).as_string().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let to = field("to").and_then(|to| to.parse::<StationId>().ok());
        let station = self.stations.with_value(|all| all.iter().find(|station| Some(station.id) == to).cloned());
        let (Some(station), Some(kind)) = (station, field("kind").and_then(|kind| AlertKind::from_code(&kind))) else {
            return;
        };
        let to = station.id;
        let deed = Deed::Raise {
            guest: self.guest,
            to,
            to_name: station.name,
            extension: station.extension,
            kind,
            text: field("text"),
        };
        if self.queue.add(fresh_id(), deed) {
            event.prevent_default();
            self.last_used.set(Some(to));
            remember(to);
        }
    }

    /// Takes the alert back, in place of the browser.
    pub fn take_back(self, alert: AlertId, event: &leptos::ev::SubmitEvent) {
        if self.queue.take_back(alert, self.guest) {
            event.prevent_default();
        }
    }

    /// Whether word about the guest is on its way.
    #[must_use]
    pub fn is_raising(self) -> bool {
        self.raising.get()
    }

    /// Whether it is on its way for no longer than usual.
    #[must_use]
    pub fn is_quick(self) -> bool {
        self.about.with(|about| about.iter().any(|entry| entry.is_waiting() && !entry.is_stuck(self.queue.now.get())))
    }

    /// Whether an alert is being taken back.
    #[must_use]
    pub fn is_taking_back(self) -> bool {
        self.about
            .with(|about| about.iter().any(|entry| entry.is_waiting() && matches!(entry.deed, Deed::Withdraw { .. })))
    }

    /// What was sent about the guest and has not arrived.
    #[must_use]
    pub fn entries(self) -> Memo<Vec<Entry>> {
        self.about
    }
}

fn latest_from<'a>(
    alerts: impl Iterator<Item = &'a AlertCard>,
    station: StationId,
    me: StaffId,
) -> HashMap<GuestId, AlertCard> {
    let mut latest: HashMap<GuestId, AlertCard> = HashMap::new();
    for card in alerts.filter(|card| card.is_from(station) || card.is_by(me)) {
        if latest.get(&card.guest).is_none_or(|known| known.raised_at <= card.raised_at) {
            latest.insert(card.guest, card.clone());
        }
    }
    latest
}

/// The station last used on this device. A browser that keeps nothing (private mode) offers the usual
/// order.
fn remembered() -> Option<StationId> {
    window().local_storage().ok()??.get_item(LAST_USED).ok()??.parse().ok()
}

fn remember(station: StationId) {
    if let Ok(Some(storage)) = window().local_storage() {
        // Full or forbidden: then it is not remembered.
        _ = storage.set_item(LAST_USED, &station.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn forms_on_paper_make_alerts_of_their_own() {
        let first = fresh_id();
        let (guest, other) = (GuestId(Uuid::now_v7()), GuestId(Uuid::now_v7()));
        let (here, there) = (Some(StationId(Uuid::now_v7())), Some(StationId(Uuid::now_v7())));
        let id = id_on_paper(first, guest, here, AlertKind::ComingDown);
        assert_eq!(id, id_on_paper(first, guest, here, AlertKind::ComingDown));
        assert_eq!(id.0.timestamp_ms(), first.0.timestamp_ms());
        for different in [
            id_on_paper(first, other, here, AlertKind::ComingDown),
            id_on_paper(first, guest, there, AlertKind::ComingDown),
            id_on_paper(first, guest, None, AlertKind::ComingDown),
            id_on_paper(first, guest, here, AlertKind::Leaving),
        ] {
            assert_ne!(id, different);
        }
    }

    #[test]
    fn ids_are_new_each_time_and_in_order() {
        let (one, two) = (fresh_id(), fresh_id());
        assert!(one < two);
    }
}
