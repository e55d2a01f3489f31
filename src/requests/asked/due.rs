//! Requests and traces that ring at their time: each becomes word to the station that is to act, and from then on is
//! carried further as any other word is.

use super::RequestState;
use crate::{
    alerts::store::due::{self as alerts, About, DueWord},
    house::{Station, StationKind, store::stations},
    ids::{AlertId, GuestId, HouseId},
    server::db::{Db, DbError, Tx, derived, id_of, record, vars, word},
};
use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// So many of each are looked at together; what is left over comes with the next look.
const PAGE: i64 = 50;

/// What one look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Became word to a station.
    pub rung: u32,
    /// Would have rung, and nobody is there to hear it, or there is nothing to be done any more.
    pub silent: u32,
}

/// Something whose time to ring has come: a request, or a trace about a guest.
#[derive(Debug, Clone, SurrealValue)]
struct Due {
    id: RecordId,
    house: RecordId,
    guest: Option<RecordId>,
    department: String,
    /// The station that is to ring, where one was chosen.
    station: Option<RecordId>,
    /// The station where it was said.
    origin: Option<RecordId>,
    place: Option<String>,
    text: Option<String>,
    local_time: Option<String>,
    state: String,
    rings_at: DateTime<Utc>,
    by_staff: Option<RecordId>,
    by_name: String,
}

const REQUESTS: &str = "SELECT id, house, guest, department, station, asked_at_station AS origin, place, text, \
    local_time, state, rings_at, asked_staff AS by_staff, asked_by AS by_name FROM guest_request \
    WHERE waits = true AND rings_at <= $now ORDER BY rings_at LIMIT $limit";
const TRACES: &str = "SELECT id, house, guest, department, text, local_time, state, rings_at, \
    author_staff AS by_staff, author_name AS by_name FROM trace \
    WHERE waits = true AND rings_at <= $now ORDER BY rings_at LIMIT $limit";

/// Lets everything ring whose time has come, in every house. Several processes may look at once: each rings once.
///
/// # Errors
/// What the store answers. A single one that fails is logged and comes again.
pub async fn run_due(db: &Db, now: DateTime<Utc>) -> Result<Counts, DbError> {
    let mut counts = Counts::default();
    for sql in [REQUESTS, TRACES] {
        let due: Vec<Due> = db.rows(sql, vars().with("now", now).with("limit", PAGE)).await?;
        for due in due {
            match ring(db, now, &due).await {
                Ok(Some(true)) => counts.rung += 1,
                Ok(Some(false)) => counts.silent += 1,
                // Another process was first.
                Ok(None) => {}
                Err(error) => tracing::error!(%error, id = ?due.id, "what is due did not ring"),
            }
        }
    }
    Ok(counts)
}

/// Takes its time from it, under which it rings once.
const TAKE: &str = "
    LET $rung = (UPDATE $due SET rings_at = NONE WHERE waits = true AND rings_at <= $due_now RETURN AFTER);
    IF array::len($rung) = 0 { THROW 'guard:rung' }";

/// Whether it rang; `None` where another process had it ring, or it was ended just now.
async fn ring(db: &Db, now: DateTime<Utc>, due: &Due) -> Result<Option<bool>, DbError> {
    let word = word_of(db, due).await?;
    let rings = word.is_some();
    let tx = Tx::new().run(TAKE, vars().with("due", due.id.clone()).with("due_now", now));
    let tx = match word {
        Some(word) => alerts::add(db, tx, &word, now).await?,
        None => tx,
    };
    match db.commit(tx).await {
        Ok(_) => Ok(Some(rings)),
        Err(DbError::Guard(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// What is said to which station; nothing about nobody, in nobody's name, in a house without stations, and of what
/// has ended.
async fn word_of(db: &Db, due: &Due) -> Result<Option<DueWord>, DbError> {
    let is_open = due.state == "open" || RequestState::from_code(&due.state).is_some_and(RequestState::is_open);
    let (Some(guest), Some(by), true) = (&due.guest, &due.by_staff, is_open) else { return Ok(None) };
    let house: HouseId = id_of(&due.house)?;
    let guest: GuestId = id_of(guest)?;
    let department = word(&due.department, StationKind::from_code)?;
    let stations = stations(db, house).await?;
    let Some(receiver) = receiver(&stations, due.station.as_ref(), department) else { return Ok(None) };
    let sender = named(&stations, due.origin.as_ref()).unwrap_or(receiver);
    let (about, made_of) = if due.id.table.as_str() == "trace" {
        let trace = id_of(&due.id)?;
        (About::Trace(trace), format!("due|trace|{trace}"))
    } else {
        let request = id_of(&due.id)?;
        (About::Request(request), format!("due|request|{request}"))
    };
    let millis = u64::try_from(due.rings_at.timestamp_millis()).unwrap_or(0);
    Ok(Some(DueWord {
        id: AlertId(ulid::Ulid::from_parts(millis, derived(&made_of).as_u128())),
        house,
        guest,
        sender: sender.id,
        receiver: receiver.id,
        text: said(due),
        about,
        by: id_of(by)?,
        by_name: due.by_name.clone(),
    }))
}

/// The station that rings: the one that was chosen while it is in use, else the department's first, else the front
/// desk, where somebody always is.
fn receiver<'a>(stations: &'a [Station], chosen: Option<&RecordId>, department: StationKind) -> Option<&'a Station> {
    let first = |kind| stations.iter().find(|station| station.kind == kind);
    named(stations, chosen)
        .or_else(|| first(department))
        .or_else(|| first(StationKind::FrontDesk))
        .or_else(|| stations.first())
}

fn named<'a>(stations: &'a [Station], name: Option<&RecordId>) -> Option<&'a Station> {
    let name = name?;
    stations.iter().find(|station| record("station", station.id) == *name)
}

/// "10:30 · Airport": its time and what a colleague wrote. The word for the kind depends on who reads it.
fn said(due: &Due) -> Option<String> {
    let parts: Vec<&str> = [&due.local_time, &due.place, &due.text].into_iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::StationId;
    use uuid::Uuid;

    fn station(number: u128, kind: StationKind) -> Station {
        Station {
            id: StationId(Uuid::from_u128(number)),
            house: HouseId(Uuid::nil()),
            name: number.to_string(),
            kind,
            extension: String::new(),
        }
    }

    #[test]
    fn what_is_due_rings_where_somebody_can_hear_it() {
        let (desk, door) = (station(1, StationKind::FrontDesk), station(2, StationKind::Door));
        let second_door = station(3, StationKind::Door);
        let all = [desk.clone(), door.clone(), second_door.clone()];
        let at = |stations: &[Station], chosen: Option<&Station>, department| {
            let chosen = chosen.map(|station| record("station", station.id));
            receiver(stations, chosen.as_ref(), department).map(|station| station.id)
        };
        assert_eq!(at(&all, Some(&second_door), StationKind::Door), Some(second_door.id));
        assert_eq!(at(&all[..2], Some(&second_door), StationKind::Door), Some(door.id), "the chosen one is gone");
        assert_eq!(at(&all, None, StationKind::Concierge), Some(desk.id));
        assert_eq!(at(&all[1..], None, StationKind::Concierge), Some(door.id));
        assert_eq!(at(&[], None, StationKind::Door), None);
    }
}
