//! What the rows of all server processes say together: who listens at a station, and since when.

use crate::{
    alerts::StationPresence,
    ids::{HouseId, StaffId, StationId},
    server::db::{Db, DbError, id_of, record, vars},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use surrealdb::types::{RecordId, SurrealValue};

/// What one server process says of a station.
#[derive(SurrealValue)]
pub(super) struct Row {
    pub id: RecordId,
    pub house: RecordId,
    pub station: RecordId,
    who: Vec<String>,
    /// Whom the names are of, in the same order. Not known of rows that an older server has written.
    staff: Option<Vec<RecordId>>,
    since: DateTime<Utc>,
    lease: DateTime<Utc>,
}

impl Row {
    fn people(&self) -> impl Iterator<Item = (&String, Option<StaffId>)> {
        let staff = self.staff.as_deref().unwrap_or_default();
        self.who.iter().enumerate().map(|(at, name)| (name, staff.get(at).and_then(|staff| id_of(staff).ok())))
    }
}

#[derive(SurrealValue)]
struct StateRow {
    id: RecordId,
    listening: bool,
    since: DateTime<Utc>,
}

/// Who listens at each station of a house, whichever server they are connected to.
///
/// # Errors
/// What the store answers.
pub async fn of_house(db: &Db, house: HouseId, now: DateTime<Utc>) -> Result<Vec<StationPresence>, DbError> {
    let mut results = db
        .query(
            "SELECT VALUE id FROM station WHERE house = $house AND removed = false;
             SELECT * FROM listening WHERE house = $house;
             SELECT * FROM station_state WHERE house = $house;",
            vars().with("house", record("house", house)),
        )
        .await?;
    let stations: Vec<RecordId> = results.take(0)?;
    let rows: Vec<Row> = results.take(1)?;
    let states: Vec<StateRow> = results.take(2)?;
    stations
        .iter()
        .map(|station| {
            let id = id_of(station)?;
            let rows: Vec<&Row> = rows.iter().filter(|row| row.station == *station).collect();
            let own = record("station_state", id);
            Ok(presence(id, &rows, states.iter().find(|state| state.id == own), now))
        })
        .collect()
}

/// Who listens at one station.
///
/// # Errors
/// What the store answers.
pub async fn of_station(db: &Db, station: StationId, now: DateTime<Utc>) -> Result<StationPresence, DbError> {
    let mut results = db
        .query(
            "SELECT * FROM listening WHERE station = $station; SELECT * FROM $station_state;",
            vars().with("station", record("station", station)).with("station_state", record("station_state", station)),
        )
        .await?;
    let rows: Vec<Row> = results.take(0)?;
    let states: Vec<StateRow> = results.take(1)?;
    Ok(presence(station, &rows.iter().collect::<Vec<_>>(), states.first(), now))
}

fn presence(station: StationId, rows: &[&Row], state: Option<&StateRow>, now: DateTime<Utc>) -> StationPresence {
    let live = || rows.iter().filter(|row| row.lease > now);
    // By the name, and each colleague once, however many devices and servers.
    let who: BTreeSet<(&String, Option<StaffId>)> = live().flat_map(|row| row.people()).collect();
    let listening = live().next().is_some();
    let since = match state {
        Some(state) if state.listening == listening => Some(state.since),
        // A process died, and its row has not been swept yet: nobody listens since its lease ran out.
        _ if !listening => rows.iter().map(|row| row.lease).max(),
        _ => live().map(|row| row.since).min(),
    };
    StationPresence {
        station,
        listening,
        who: who.into_iter().map(|(name, _)| name.clone()).collect(),
        since: since.map(|since| since.timestamp_millis()),
    }
}
