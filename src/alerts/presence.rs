//! Who listens where. A station is listening while a device that stands there has a live stream, and
//! whoever uses a device with one is on the line, wherever it stands. Each
//! server process keeps one row a station for its own streams, under a lease, so that a process that
//! died does not listen for ever; together the rows of all processes say who would see a word now.

mod line;
mod rows;

pub use line::on_the_line;
pub use rows::{of_house, of_station};

use super::feed::StationEvent;
use crate::{
    ids::{HouseId, StaffId, StationId},
    server::{
        clock::Clock,
        db::{Db, DbError, NewEvent, Tx, Vars, id_of, record, vars},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use line::Line;
use rows::Row;
use std::{
    collections::{BTreeMap, HashMap},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use surrealdb::types::RecordId;

/// A process that has not renewed its row for so long listens no more.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// A row is renewed when its lease has less than this left.
const RENEW_BEFORE: TimeDelta = TimeDelta::seconds(20);
/// Whoever leaves counts as present for so long: going from one page to the next is not leaving.
const GRACE: TimeDelta = TimeDelta::seconds(3);

/// What is done once the rows of a station have changed: it is as it is since then, if it was otherwise.
const SETTLE: &str = "
    LET $heard = array::len((SELECT VALUE id FROM listening WHERE station = $station AND lease > $now)) > 0;
    UPSERT ONLY $station_state SET house = $house, since = IF listening = $heard { since } ELSE { $now }, \
    listening = $heard RETURN NONE";

/// The streams of this process, by the station at which their devices stand.
///
/// A stream that comes or goes costs no write: [`Listeners::keep`] looks once a second and writes what
/// has changed.
pub struct Listeners {
    db: Db,
    clock: Arc<dyn Clock>,
    server: Arc<str>,
    stations: Mutex<HashMap<StationId, Here>>,
    line: Line,
    /// Held while rows are written, so that one look never overtakes another; true once the server stops.
    writing: tokio::sync::Mutex<bool>,
}

/// What this process knows of one station.
struct Here {
    house: HouseId,
    people: BTreeMap<Person, Streams>,
    /// The row as this process last wrote it.
    written: Option<Written<Person>>,
}

/// A colleague. In the order of the names; two who have the same are two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Person {
    name: Arc<str>,
    staff: StaffId,
}

#[derive(Default)]
struct Streams {
    open: u32,
    /// When the last of them ended.
    left: Option<DateTime<Utc>>,
}

struct Written<T> {
    who: Vec<T>,
    lease: DateTime<Utc>,
}

/// One stream of someone who hears alerts, at a station or anywhere. It leaves when this is dropped.
pub struct Listener {
    listeners: Arc<Listeners>,
    house: HouseId,
    station: Option<StationId>,
    who: Person,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.listeners.leave(self.house, self.station, &self.who);
    }
}

/// What a look found to be written.
#[derive(Default)]
struct Work {
    changed: Vec<Change>,
    renewed: Vec<StationId>,
}

/// A station at which other people listen than this process's row says.
struct Change {
    house: HouseId,
    station: StationId,
    /// Nobody: the row goes.
    who: Vec<Person>,
}

/// Ends the leases of the process before this one, which may still run if it was killed: of a store that belongs
/// to one process, nobody listens while it starts. The rows are swept as those of any dead process.
///
/// # Errors
/// What the store answers.
pub async fn end_leases(db: &Db) -> Result<(), DbError> {
    let over = "UPDATE listening SET lease = $over RETURN NONE; UPDATE on_line SET lease = $over RETURN NONE";
    db.commit(Tx::new().run(over, vars().with("over", DateTime::UNIX_EPOCH))).await.map(drop)
}

impl Listeners {
    /// No stream yet. `server` names this process among those that share the store.
    #[must_use]
    pub fn new(db: Db, clock: Arc<dyn Clock>, server: Arc<str>) -> Arc<Self> {
        let writing = tokio::sync::Mutex::new(false);
        Arc::new(Self { db, clock, server, stations: Mutex::default(), line: Line::default(), writing })
    }

    /// A stream has begun: of the colleague at the device, who is called `name`, and at the station where the
    /// device stands.
    #[must_use]
    pub fn arrive(
        self: &Arc<Self>,
        house: HouseId,
        station: Option<StationId>,
        staff: StaffId,
        name: String,
    ) -> Listener {
        let who = Person { name: name.into(), staff };
        if let Some(station) = station {
            let mut stations = self.stations();
            let here =
                stations.entry(station).or_insert_with(|| Here { house, people: BTreeMap::new(), written: None });
            here.people.entry(who.clone()).or_default().open += 1;
        }
        self.line.arrive(house, staff);
        Listener { listeners: Arc::clone(self), house, station, who }
    }

    fn leave(&self, house: HouseId, station: Option<StationId>, who: &Person) {
        let now = self.clock.now();
        self.line.leave(house, who.staff, now);
        let Some(station) = station else { return };
        if let Some(streams) = self.stations().get_mut(&station).and_then(|here| here.people.get_mut(who)) {
            streams.leave(now);
        }
    }

    /// Writes who listens now, renews the leases that need it, and clears away the rows of processes
    /// that died. Called once a second.
    ///
    /// # Errors
    /// What the store answers. What was not written is written by the next look.
    pub async fn keep(self: &Arc<Self>) -> Result<(), DbError> {
        let stopped = self.writing.lock().await;
        if *stopped {
            return Ok(());
        }
        let now = self.clock.now();
        let mut work = self.look(now);
        if !work.renewed.is_empty() {
            let swept = self.renew(now, &work.renewed).await?;
            work.changed.extend(swept);
        }
        for change in work.changed {
            self.write(now, change).await?;
        }
        self.line.keep(&self.db, &self.server, now).await?;
        sweep(&self.db, now).await
    }

    /// Takes the rows of this process away: the server stops. Nothing is written after this.
    ///
    /// # Errors
    /// What the store answers. What stays is swept once its lease has run out.
    pub async fn leave_all(&self) -> Result<(), DbError> {
        let mut stopped = self.writing.lock().await;
        if mem::replace(&mut *stopped, true) {
            return Ok(());
        }
        let now = self.clock.now();
        let left: Vec<Change> = self
            .stations()
            .iter()
            .filter(|(_, here)| here.written.is_some())
            .map(|(station, here)| Change { house: here.house, station: *station, who: Vec::new() })
            .collect();
        for change in left {
            self.write(now, change).await?;
        }
        self.line.leave_all(&self.db, &self.server, now).await
    }

    fn stations(&self) -> MutexGuard<'_, HashMap<StationId, Here>> {
        // Counters are changed one at a time: there is no half-changed state to fear after a panic.
        self.stations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compares what is with what was written, and forgets who has left.
    fn look(&self, now: DateTime<Utc>) -> Work {
        let mut work = Work::default();
        self.stations().retain(|station, here| {
            here.people.retain(|_, streams| streams.is_present(now));
            match &here.written {
                None if here.people.is_empty() => return false,
                Some(written) if written.who.iter().eq(here.people.keys()) => {
                    if written.needs_renewal(now) {
                        work.renewed.push(*station);
                    }
                }
                _ => work.changed.push(here.change(*station)),
            }
            true
        });
        work
    }

    /// Renews leases in one statement, and returns the stations whose row was swept meanwhile.
    async fn renew(&self, now: DateTime<Utc>, stations: &[StationId]) -> Result<Vec<Change>, DbError> {
        let rows: Vec<RecordId> = stations.iter().map(|station| self.row(*station)).collect();
        let lease = now + LEASE;
        let kept: Vec<RecordId> = self
            .db
            .rows("UPDATE $rows SET lease = $lease RETURN VALUE id", vars().with("rows", rows).with("lease", lease))
            .await?;
        let mut held = self.stations();
        let mut swept = Vec::new();
        for station in stations {
            let Some(here) = held.get_mut(station) else { continue };
            if kept.contains(&self.row(*station)) {
                if let Some(written) = &mut here.written {
                    written.lease = lease;
                }
            } else {
                swept.push(here.change(*station));
            }
        }
        Ok(swept)
    }

    async fn write(&self, now: DateTime<Utc>, change: Change) -> Result<(), DbError> {
        let Change { house, station, who } = change;
        let lease = now + LEASE;
        let row = if who.is_empty() {
            "DELETE $listening RETURN NONE"
        } else {
            "UPSERT ONLY $listening SET house = $house, station = $station, server = $server, who = $who, staff = $staff, \
             since = since ?? $now, lease = $lease RETURN NONE"
        };
        let bound = settled(house, station, now)
            .with("listening", self.row(station))
            .with("server", self.server.to_string())
            .with("who", who.iter().map(|person| person.name.to_string()).collect::<Vec<_>>())
            .with("staff", who.iter().map(|person| record("staff", person.staff)).collect::<Vec<_>>())
            .with("lease", lease);
        let tx = Tx::new().run(row, bound).run(SETTLE, vars()).event(changed(house, station));
        self.db.commit(tx).await?;
        if let Some(here) = self.stations().get_mut(&station) {
            here.written = (!who.is_empty()).then_some(Written { who, lease });
        }
        Ok(())
    }

    /// This process's row of a station.
    fn row(&self, station: StationId) -> RecordId {
        record("listening", format!("{station}|{}", self.server))
    }
}

impl Here {
    fn change(&self, station: StationId) -> Change {
        Change { house: self.house, station, who: self.people.keys().cloned().collect() }
    }
}

impl Streams {
    fn leave(&mut self, now: DateTime<Utc>) {
        self.open = self.open.saturating_sub(1);
        self.left = Some(now);
    }

    fn is_present(&self, now: DateTime<Utc>) -> bool {
        self.open > 0 || self.left.is_some_and(|left| now - left < GRACE)
    }
}

impl<T> Written<T> {
    fn needs_renewal(&self, now: DateTime<Utc>) -> bool {
        let left = self.lease - now;
        // More than a whole lease is left only after the clock was put back.
        left < RENEW_BEFORE || left > LEASE
    }
}

/// Clears away rows whose lease has run out, whichever process wrote them.
async fn sweep(db: &Db, now: DateTime<Utc>) -> Result<(), DbError> {
    let dead: Vec<Row> = db.rows("SELECT * FROM listening WHERE lease <= $now", vars().with("now", now)).await?;
    for row in dead {
        let (house, station) = (id_of(&row.house)?, id_of(&row.station)?);
        let tx = Tx::new()
            .run(
                "LET $dead = (DELETE $listening WHERE lease <= $now RETURN BEFORE);
                 IF array::len($dead) = 0 { THROW 'guard:alive' }",
                settled(house, station, now).with("listening", row.id),
            )
            .run(SETTLE, vars())
            .event(changed(house, station));
        match db.commit(tx).await {
            // Another process was first, or the row's own has renewed it.
            Ok(_) | Err(DbError::Guard(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

/// What [`SETTLE`] needs.
fn settled(house: HouseId, station: StationId, now: DateTime<Utc>) -> Vars {
    vars()
        .with("house", record("house", house))
        .with("station", record("station", station))
        .with("station_state", record("station_state", station))
        .with("now", now)
}

fn changed(house: HouseId, station: StationId) -> NewEvent {
    NewEvent::new(house, "presence", StationEvent { station: station.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::clock::FixedClock;

    async fn listeners() -> (Arc<Listeners>, Arc<FixedClock>) {
        let clock = Arc::new(FixedClock::new("2026-11-23T09:00:00Z".parse().expect("an instant")));
        let db = Db::in_memory().await.expect("a store in memory");
        (Listeners::new(db, clock.clone(), "one".into()), clock)
    }

    fn names(work: &Work) -> Vec<Vec<&str>> {
        work.changed.iter().map(|change| change.who.iter().map(|person| &*person.name).collect()).collect()
    }

    #[tokio::test]
    async fn going_to_another_page_is_not_leaving() {
        let (listeners, clock) = listeners().await;
        let (house, station, anna) = (HouseId::new(), StationId::new(), StaffId::new());
        let first = listeners.arrive(house, Some(station), anna, "Anna".to_owned());
        assert_eq!(names(&listeners.look(clock.now())), [["Anna"]]);
        drop(first);
        clock.advance(TimeDelta::milliseconds(2_900));
        assert_eq!(names(&listeners.look(clock.now())), [["Anna"]], "within the grace");
        let second = listeners.arrive(house, Some(station), anna, "Anna".to_owned());
        clock.advance(TimeDelta::seconds(5));
        assert_eq!(names(&listeners.look(clock.now())), [["Anna"]], "she is back");
        drop(second);
        clock.advance(GRACE);
        assert!(listeners.look(clock.now()).changed.is_empty(), "nothing was written, so nothing goes");
        assert!(listeners.stations().is_empty(), "and nothing is kept");
    }

    #[tokio::test]
    async fn two_of_one_name_are_two() {
        let (listeners, clock) = listeners().await;
        let (house, station) = (HouseId::new(), StationId::new());
        let one = listeners.arrive(house, Some(station), StaffId::new(), "Anna".to_owned());
        let _other = listeners.arrive(house, Some(station), StaffId::new(), "Anna".to_owned());
        assert_eq!(names(&listeners.look(clock.now())), [["Anna", "Anna"]]);
        drop(one);
        clock.advance(GRACE);
        assert_eq!(names(&listeners.look(clock.now())), [["Anna"]], "the other one goes on listening");
    }

    #[test]
    fn a_lease_is_renewed_in_time_and_after_the_clock_was_put_back() {
        let now: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().expect("an instant");
        let written = Written { who: vec!["Anna"], lease: now + LEASE };
        for (seconds, needs) in [(0, false), (10, false), (11, true), (40, true), (-1, true)] {
            assert_eq!(written.needs_renewal(now + TimeDelta::seconds(seconds)), needs, "{seconds}");
        }
    }
}
