//! The feed's reader: one in each process. It follows the events of every house in their order,
//! makes of each what each role may see, once, and hands the same bytes to every stream.

mod around;
mod event;
mod rows;

pub use around::look_ahead;
pub use event::{AlertFacts, Body, Event, Viewer};
pub use rows::{StationEvent, StaysEvent};

use super::{
    AlertCard, presence,
    store::{Alert, AlertRow, Changed},
};
use crate::{
    ids::{GuestId, HouseId, StationId},
    server::{
        clock::Clock,
        db::{Committed, Db, DbError, Told, id_of, record, vars},
    },
    staff::guard::Actor,
};
use around::{Around, LookedUp};
use futures::{StreamExt, stream};
use rows::{CounterRow, EventRow, Read, extent_of, read, seq_of, signed, unsigned};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use surrealdb::types::{SurrealValue, Value};
use tokio::{
    sync::{RwLock, broadcast},
    time::{MissedTickBehavior, interval},
};

/// However a write became known or did not, the reader looks after this time.
const POLL: Duration = Duration::from_millis(500);
/// How long the feed is only polled after notifications were refused.
const NO_NOTIFICATIONS: Duration = Duration::from_secs(5);
/// Events read at once.
const PAGE: u32 = 500;
/// Events that wait for a stream that is slow; one that lags further reads the store again.
const BUFFER: usize = 1024;

/// The feed of this process.
pub struct Feed {
    db: Db,
    clock: Arc<dyn Clock>,
    epoch: String,
    hub: broadcast::Sender<Arc<Event>>,
    heads: RwLock<HashMap<HouseId, u64>>,
    /// Number of the last event of each house after which cards may look otherwise than before.
    changes: Mutex<HashMap<HouseId, u64>>,
}

/// How far the feed of a house reaches: its events are those after `floor` and up to `head`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Number of the last event that has been deleted because of its age; 0 for none.
    pub floor: u64,
    /// Number of the last event committed; 0 for none.
    pub head: u64,
}

impl Feed {
    /// Opens the feed at its present end and starts the reader.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn start(db: Db, clock: Arc<dyn Clock>) -> Result<Arc<Self>, DbError> {
        #[derive(SurrealValue)]
        struct Meta {
            epoch: String,
        }
        let meta: Option<Meta> = db.row("SELECT epoch FROM meta:feed", vars()).await?;
        let epoch = meta.ok_or_else(|| DbError::Malformed("meta:feed is missing".to_owned()))?.epoch;
        let heads = counters(&db).await?;
        let (hub, heads) = (broadcast::channel(BUFFER).0, RwLock::new(heads));
        let feed = Arc::new(Self { db, clock, epoch, hub, heads, changes: Mutex::default() });
        tokio::spawn(Arc::clone(&feed).read());
        Ok(feed)
    }

    /// Names this history of events.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Every event from now on, of every house.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.hub.subscribe()
    }

    /// Numbers of the last events that this process has read, by house.
    pub async fn known_heads(&self) -> HashMap<HouseId, u64> {
        self.heads.read().await.clone()
    }

    /// Number of the last event that this process has read of a house.
    pub async fn known_head(&self, house: HouseId) -> u64 {
        self.heads.read().await.get(&house).copied().unwrap_or(0)
    }

    /// Number of the last event committed in a house.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn head(&self, house: HouseId) -> Result<u64, DbError> {
        Ok(self.extent(house).await?.head)
    }

    /// How far the feed of a house reaches.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn extent(&self, house: HouseId) -> Result<Extent, DbError> {
        extent(&self.db, house).await
    }

    /// The events of a house after a number, in order, at most a page of them.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn after(&self, house: HouseId, seq: u64) -> Result<Vec<Arc<Event>>, DbError> {
        let rows = rows_after(&self.db, house, seq).await?;
        self.events(house, rows, None).await
    }

    /// The events of rows: their numbers, kinds and data; the cards of alerts made of what was looked up ahead,
    /// as far as that is still how things are.
    async fn events<Kind: AsRef<str>>(
        &self,
        house: HouseId,
        rows: Vec<(u64, Kind, Value)>,
        ahead: Option<&LookedUp>,
    ) -> Result<Vec<Arc<Event>>, DbError> {
        let mut events = Vec::with_capacity(rows.len());
        let mut alerts = Vec::new();
        let mut presences: Vec<(usize, StationId)> = Vec::new();
        let mut change_cards = false;
        for (seq, kind, data) in rows {
            let body = match read(kind.as_ref(), data) {
                Ok(Read::Body(body)) => {
                    change_cards |= body.changes_cards();
                    body
                }
                Ok(Read::Alert(row)) => {
                    alerts.push((events.len(), *row));
                    Body::Unknown
                }
                Ok(Read::Presence(station)) => {
                    presences.push((events.len(), station));
                    Body::Unknown
                }
                // One that cannot be read, such as one that a newer server has written, holds up no other.
                Err(error) => {
                    tracing::error!(%error, %house, seq, "an event cannot be read and is passed over");
                    change_cards = true;
                    Body::Unknown
                }
            };
            events.push((seq, body));
        }
        if !alerts.is_empty() {
            let (places, rows): (Vec<_>, Vec<_>) = alerts.into_iter().unzip();
            // A profile, booking or station that was changed after the look and told of before these events is on
            // the boards as it is now: the card must not take that back. What changed later tells of itself later.
            // Nor must an alert be missing because its guest was not there yet when it was looked up.
            let ahead = ahead.filter(|ahead| {
                !change_cards
                    && self.last_change(house) <= ahead.as_of
                    && rows.iter().all(|row| id_of(&row.guest).is_ok_and(|guest| ahead.around.knows(guest)))
            });
            let facts: Vec<Option<AlertFacts>> = match ahead {
                Some(ahead) => rows.into_iter().map(|row| ahead.around.facts(readable(row)?)).collect(),
                None => self.facts(house, rows).await?,
            };
            for (at, facts) in places.into_iter().zip(facts) {
                if let Some(facts) = facts {
                    events[at].1 = Body::Alert(Box::new(facts));
                }
            }
        }
        if !presences.is_empty() {
            // As it is now, and not as it was then: what was is of no use to anyone.
            let known = presence::of_house(&self.db, house, self.clock.now()).await?;
            for (at, station) in presences {
                if let Some(presence) = known.iter().find(|presence| presence.station == station) {
                    events[at].1 = Body::Presence(presence.clone());
                }
            }
        }
        Ok(events.into_iter().map(|(seq, body)| Arc::new(Event::new(house, seq, body))).collect())
    }

    /// Cards of alerts for the actor's role. `seq` is the number that they are as new as.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn cards(&self, actor: &Actor, rows: Vec<AlertRow>, seq: u64) -> Result<Vec<AlertCard>, DbError> {
        let facts = self.facts(actor.house.id, rows).await?;
        Ok(facts.into_iter().flatten().map(|facts| facts.card(actor.role, seq)).collect())
    }

    /// The card of an alert that this process has just changed, for the actor's role, made of what was looked up while
    /// the change was on its way: nothing if a card may look otherwise by now. The store is not asked.
    pub async fn card_of_change(&self, actor: &Actor, changed: &Changed) -> Option<AlertCard> {
        let (seq, ahead) = changed.told.clone()?;
        let ahead = around::found(ahead).await?;
        let house = actor.house.id;
        // Only whoever has read all that came before knows whether any of it changed what was looked up.
        let is_as_it_was = self.known_head(house).await + 1 >= seq && self.last_change(house) <= ahead.as_of;
        let facts = is_as_it_was.then(|| ahead.around.facts(changed.alert.clone())).flatten()?;
        Some(facts.card(actor.role, seq))
    }

    /// What cards need beside the alerts themselves. An alert about a guest who is gone has none.
    async fn facts(&self, house: HouseId, rows: Vec<AlertRow>) -> Result<Vec<Option<AlertFacts>>, DbError> {
        let alerts: Vec<Option<Alert>> = rows.into_iter().map(readable).collect();
        let mut guests: Vec<GuestId> = alerts.iter().flatten().map(|alert| alert.guest).collect();
        guests.sort_unstable();
        guests.dedup();
        let around = Around::look_up(&self.db, house, self.clock.now(), &guests).await?;
        Ok(alerts.into_iter().map(|alert| around.as_ref()?.facts(alert?)).collect())
    }

    /// Reads for ever. Errors are the store's trouble: they are logged, and the next look comes soon.
    async fn read(self: Arc<Self>) {
        let mut commits = self.db.commits();
        let mut elsewhere = self.notifications().await;
        // However much is told meanwhile, this comes in its time.
        let mut polls = interval(POLL);
        polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let look = tokio::select! {
                committed = commits.recv() => match committed {
                    Ok(Committed::Told(house, told)) => self.take(house, &told).await,
                    Ok(Committed::Perhaps) | Err(broadcast::error::RecvError::Lagged(_)) => Ok(true),
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                notified = elsewhere.next() => match notified {
                    Some(counter) => Ok(self.is_news(counter).await),
                    None => {
                        // The subscription ended with its connection; polling carries on meanwhile.
                        tokio::time::sleep(POLL).await;
                        elsewhere = self.notifications().await;
                        Ok(true)
                    }
                },
                _ = polls.tick() => Ok(true),
            };
            let read = match look {
                Ok(true) => self.read_once().await,
                Ok(false) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = read {
                tracing::error!(%error, "the feed could not be read");
                tokio::time::sleep(POLL).await;
            }
        }
    }

    /// Tells what this process has committed, without asking the store for it again. True if something
    /// came before it that must be read first.
    async fn take(&self, house: HouseId, told: &[Told]) -> Result<bool, DbError> {
        let (Some(first), Some(last)) = (told.first(), told.last()) else { return Ok(false) };
        let known = self.known_head(house).await;
        if first.seq != known + 1 {
            return Ok(last.seq > known);
        }
        let rows = told.iter().map(|event| (event.seq, event.kind, event.data.clone())).collect();
        let ahead = match told.iter().find_map(|event| event.ahead.clone()) {
            Some(ahead) => around::found(ahead).await,
            None => None,
        };
        let events = self.events(house, rows, ahead.as_deref()).await?;
        self.tell(house, events).await;
        Ok(false)
    }

    async fn tell(&self, house: HouseId, events: Vec<Arc<Event>>) {
        let Some(last) = events.last().map(|event| event.seq) else { return };
        if let Some(change) = events.iter().rev().find(|event| event.body.changes_cards()) {
            self.changes.lock().unwrap_or_else(PoisonError::into_inner).insert(house, change.seq);
        }
        for event in events {
            // No stream listening is no error.
            let _ = self.hub.send(event);
        }
        self.heads.write().await.insert(house, last);
    }

    /// Number of the last event that this process has read of a house after which cards may look otherwise.
    fn last_change(&self, house: HouseId) -> u64 {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).get(&house).copied().unwrap_or(0)
    }

    /// Whether a counter that has changed speaks of events that are to be read: not if they are known,
    /// nor while a writer of this process is at work, which will say itself what it has written.
    async fn is_news(&self, counter: Value) -> bool {
        let Ok(CounterRow { id, seq, .. }) = CounterRow::from_value(counter) else { return true };
        let Ok(house) = id_of(&id) else { return true };
        unsigned(seq) > self.known_head(house).await && !self.db.is_writing(house)
    }

    /// Wakes where another process has written. A wake-up only, never the truth. To a store that this process has
    /// for itself nobody else writes, and each commit would have to tell what is known.
    async fn notifications(&self) -> stream::BoxStream<'static, Value> {
        if self.db.is_alone() {
            return stream::pending().boxed();
        }
        match self.db.changes("counter").await {
            Ok(changes) => changes,
            Err(error) => {
                tracing::warn!(%error, "no live notifications; the feed is polled");
                // Asked for again when this ends.
                stream::once(tokio::time::sleep(NO_NOTIFICATIONS)).map(|()| Value::None).boxed()
            }
        }
    }

    async fn read_once(&self) -> Result<(), DbError> {
        for (house, head) in counters(&self.db).await? {
            loop {
                let known = self.known_head(house).await;
                if known >= head {
                    break;
                }
                let events = self.after(house, known).await?;
                if events.is_empty() {
                    break;
                }
                self.tell(house, events).await;
            }
        }
        Ok(())
    }
}

/// An alert as its row has it. One that cannot be read takes no other with it.
fn readable(row: AlertRow) -> Option<Alert> {
    let alert = Alert::try_from(row);
    alert.inspect_err(|error| tracing::error!(%error, "an alert cannot be read and is left out")).ok()
}

/// The events of a house after a number, in order, at most a page of them: their numbers, kinds and data.
async fn rows_after(db: &Db, house: HouseId, seq: u64) -> Result<Vec<(u64, String, Value)>, DbError> {
    let rows: Vec<EventRow> = db
        .rows(
            "SELECT id, kind, data FROM type::record('event', [$house, $first]..[$house, $last]) LIMIT $limit",
            vars()
                .with("house", house.to_string())
                .with("first", signed(seq + 1))
                .with("last", i64::MAX)
                .with("limit", i64::from(PAGE)),
        )
        .await?;
    rows.into_iter().map(|row| Ok((seq_of(&row.id)?, row.kind, row.data))).collect()
}

/// Whose bookings the events of a house after a number tell of, by the numbers of the events and in their order:
/// nobody's where an event is of another kind or cannot be read. At most a page of events.
///
/// # Errors
/// What the store answers.
pub(crate) async fn stays_after(db: &Db, house: HouseId, seq: u64) -> Result<Vec<(u64, Vec<GuestId>)>, DbError> {
    let whose = |kind: &str, data: Value| match (kind == "stays").then(|| read(kind, data)) {
        Some(Ok(Read::Body(Body::Stays { guests }))) => guests,
        _ => Vec::new(),
    };
    let rows = rows_after(db, house, seq).await?;
    Ok(rows.into_iter().map(|(seq, kind, data)| (seq, whose(&kind, data))).collect())
}

/// How far the feed of a house reaches.
///
/// # Errors
/// What the store answers.
pub(crate) async fn extent(db: &Db, house: HouseId) -> Result<Extent, DbError> {
    Ok(extent_of(db.row("SELECT * FROM $counter", vars().with("counter", record("counter", house))).await?))
}

async fn counters(db: &Db) -> Result<HashMap<HouseId, u64>, DbError> {
    let rows: Vec<CounterRow> = db.rows("SELECT * FROM type::table('counter')", vars()).await?;
    rows.iter().map(|row| Ok((id_of(&row.id)?, unsigned(row.seq)))).collect()
}
