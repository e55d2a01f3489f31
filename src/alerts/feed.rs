//! The feed's reader: one in each process. It follows the events of every house in their order,
//! makes of each what each role may see, once, and hands the same bytes to every stream.

mod event;

pub use event::{AlertFacts, Body, Event, Viewer};

use super::{
    AlertCard, presence,
    store::{Alert, AlertRow},
};
use crate::{
    guests::{
        card::Dossier,
        store::{GuestEvent, dossiers},
    },
    ids::{GuestId, HouseId, StationId},
    requests::store as traces,
    server::{
        clock::{self, Clock},
        db::{Committed, Db, DbError, Told, id_of, record, vars, word},
    },
    staff::{guard::Actor, store::SessionsEnded},
    stays::locator,
};
use futures::StreamExt;
use std::{collections::HashMap, sync::Arc, time::Duration};
use surrealdb::types::{RecordId, RecordIdKey, SurrealValue, Value};
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
}

#[derive(SurrealValue)]
struct EventRow {
    id: RecordId,
    kind: String,
    data: Value,
}

#[derive(SurrealValue)]
struct CounterRow {
    id: RecordId,
    seq: i64,
    floor: Option<i64>,
}

/// How far the feed of a house reaches: its events are those after `floor` and up to `head`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Number of the last event that has been deleted because of its age; 0 for none.
    pub floor: u64,
    /// Number of the last event committed; 0 for none.
    pub head: u64,
}

/// What the feed says of bookings that came in.
#[derive(Debug, Clone, SurrealValue)]
pub struct StaysEvent {
    pub guests: Vec<String>,
}

/// What the feed says of a station: whether anyone listens there, its rules or its hand-over have changed.
#[derive(Debug, Clone, SurrealValue)]
pub struct StationEvent {
    pub station: String,
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
        let feed = Arc::new(Self { db, clock, epoch, hub: broadcast::channel(BUFFER).0, heads: RwLock::new(heads) });
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
        let row: Option<CounterRow> =
            self.db.row("SELECT * FROM $counter", vars().with("counter", record("counter", house))).await?;
        Ok(row.map_or(Extent { floor: 0, head: 0 }, |row| Extent {
            floor: unsigned(row.floor.unwrap_or(0)),
            head: unsigned(row.seq),
        }))
    }

    /// The events of a house after a number, in order, at most a page of them.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn after(&self, house: HouseId, seq: u64) -> Result<Vec<Arc<Event>>, DbError> {
        let rows: Vec<EventRow> = self
            .db
            .rows(
                "SELECT id, kind, data FROM type::record('event', [$house, $first]..[$house, $last]) LIMIT $limit",
                vars()
                    .with("house", house.to_string())
                    .with("first", signed(seq + 1))
                    .with("last", i64::MAX)
                    .with("limit", i64::from(PAGE)),
            )
            .await?;
        let rows =
            rows.into_iter().map(|row| Ok((seq_of(&row.id)?, row.kind, row.data))).collect::<Result<_, DbError>>()?;
        self.events(house, rows).await
    }

    /// The events of rows: their numbers, kinds and data.
    async fn events<Kind: AsRef<str>>(
        &self,
        house: HouseId,
        rows: Vec<(u64, Kind, Value)>,
    ) -> Result<Vec<Arc<Event>>, DbError> {
        let mut events = Vec::with_capacity(rows.len());
        let mut alerts = Vec::new();
        let mut presences: Vec<(usize, StationId)> = Vec::new();
        for (seq, kind, data) in rows {
            let body = match read(kind.as_ref(), data) {
                Ok(Read::Body(body)) => body,
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
                    Body::Unknown
                }
            };
            events.push((seq, body));
        }
        if !alerts.is_empty() {
            let (places, rows): (Vec<_>, Vec<_>) = alerts.into_iter().unzip();
            for (at, facts) in places.into_iter().zip(self.facts(house, rows).await?) {
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

    /// What cards need beside the alerts themselves. An alert about a guest who is gone has none.
    async fn facts(&self, house: HouseId, rows: Vec<AlertRow>) -> Result<Vec<Option<AlertFacts>>, DbError> {
        let Some((house, names)) = crate::house::store::house_and_stations(&self.db, house).await? else {
            return Ok(rows.into_iter().map(|_| None).collect());
        };
        let alerts: Vec<Option<Alert>> = rows
            .into_iter()
            .map(|row| {
                let alert = Alert::try_from(row);
                // It takes no other alert with it.
                alert.inspect_err(|error| tracing::error!(%error, "an alert cannot be read and is left out")).ok()
            })
            .collect();
        let mut guests: Vec<GuestId> = alerts.iter().flatten().map(|alert| alert.guest).collect();
        guests.sort_unstable();
        guests.dedup();
        let found: HashMap<GuestId, Dossier> = dossiers(&self.db, &house, self.clock.now(), &guests)
            .await?
            .into_iter()
            .map(|dossier| (dossier.guest.id, dossier))
            .collect();
        let name_of = |station| names.get(&station).map(|called| called.name.clone()).unwrap_or_default();
        Ok(alerts
            .into_iter()
            .map(|alert| {
                let alert = alert?;
                Some(AlertFacts {
                    dossier: found.get(&alert.guest)?.clone(),
                    sender_name: name_of(alert.sender),
                    receiver_name: name_of(alert.receiver),
                    receiver_extension: names
                        .get(&alert.receiver)
                        .map(|called| called.extension.clone())
                        .unwrap_or_default(),
                    copied_name: alert.copied_to.map(name_of),
                    raised_time: clock::local_time(alert.raised_at, house.zone()),
                    raised_on: clock::today(alert.raised_at, house.zone()).to_string(),
                    alert,
                })
            })
            .collect())
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
        let events = self.events(house, rows).await?;
        self.tell(house, events).await;
        Ok(false)
    }

    async fn tell(&self, house: HouseId, events: Vec<Arc<Event>>) {
        let Some(last) = events.last().map(|event| event.seq) else { return };
        for event in events {
            // No stream listening is no error.
            let _ = self.hub.send(event);
        }
        self.heads.write().await.insert(house, last);
    }

    /// Whether a counter that has changed speaks of events that are to be read: not if they are known,
    /// nor while a writer of this process is at work, which will say itself what it has written.
    async fn is_news(&self, counter: Value) -> bool {
        let Ok(CounterRow { id, seq, .. }) = CounterRow::from_value(counter) else { return true };
        let Ok(house) = id_of(&id) else { return true };
        unsigned(seq) > self.known_head(house).await && !self.db.is_writing(house)
    }

    /// Wakes where another process has written. A wake-up only, never the truth.
    async fn notifications(&self) -> futures::stream::BoxStream<'static, Value> {
        match self.db.changes("counter").await {
            Ok(changes) => changes,
            Err(error) => {
                tracing::warn!(%error, "no live notifications; the feed is polled");
                // Asked for again when this ends.
                futures::stream::once(tokio::time::sleep(NO_NOTIFICATIONS)).map(|()| Value::None).boxed()
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

/// What an event says, as far as its row tells.
enum Read {
    Body(Body),
    /// Its card is made of more than the row.
    Alert(Box<AlertRow>),
    /// How things stand at the station is looked up.
    Presence(StationId),
}

fn read(kind: &str, data: Value) -> Result<Read, DbError> {
    Ok(Read::Body(match kind {
        "alert" => return Ok(Read::Alert(Box::new(AlertRow::from_value(data)?))),
        "presence" => return Ok(Read::Presence(parse(&StationEvent::from_value(data)?.station)?)),
        "guest" => {
            let GuestEvent { guest, groups } = GuestEvent::from_value(data)?;
            Body::GuestChanged { guest: parse(&guest)?, groups }
        }
        "stays" => {
            let guests = StaysEvent::from_value(data)?.guests;
            Body::Stays { guests: guests.iter().map(|guest| parse(guest)).collect::<Result<_, _>>()? }
        }
        locator::EVENT => {
            let (guest, seen) = locator::read_event(data)?;
            Body::Seen { guest, seen }
        }
        "staff" => {
            let SessionsEnded { staff, session } = SessionsEnded::from_value(data)?;
            Body::SessionsEnded { staff: parse(&staff)?, session }
        }
        traces::EVENT => Body::TracesChanged,
        "station" => Body::StationChanged(parse(&StationEvent::from_value(data)?.station)?),
        _ => Body::Unknown,
    }))
}

async fn counters(db: &Db) -> Result<HashMap<HouseId, u64>, DbError> {
    let rows: Vec<CounterRow> = db.rows("SELECT * FROM type::table('counter')", vars()).await?;
    rows.iter().map(|row| Ok((id_of(&row.id)?, unsigned(row.seq)))).collect()
}

fn seq_of(id: &RecordId) -> Result<u64, DbError> {
    match &id.key {
        RecordIdKey::Array(parts) => parts.get(1).cloned().and_then(|seq| i64::from_value(seq).ok()).map(unsigned),
        _ => None,
    }
    .ok_or_else(|| DbError::Malformed(format!("{id:?}")))
}

fn parse<T: std::str::FromStr>(text: &str) -> Result<T, DbError> {
    word(text, |text| text.parse().ok())
}

fn unsigned(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or(0)
}

fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
