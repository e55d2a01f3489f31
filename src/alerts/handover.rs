//! What one colleague leaves to the next at a station, in the store.

use super::{HandOver, feed::StationEvent};
use crate::{
    error::AppError,
    house::House,
    ids::{AlertId, HandOverId, StationId},
    requests::asked,
    server::{
        clock,
        db::{Db, DbError, NewEvent, Tx, id_of, optional, record, vars},
    },
    staff::guard::{Actor, AnswerAlerts, Permit},
};
use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue};

#[derive(Debug, Clone, SurrealValue)]
struct HandOverRow {
    id: RecordId,
    station: RecordId,
    author: String,
    at: DateTime<Utc>,
    note: Option<String>,
    open: Vec<RecordId>,
    /// `None` where it was left before there were any.
    requests: Option<Vec<RecordId>>,
    taken_by: Option<String>,
}

/// What was left at a station of the house and has not been taken over yet.
///
/// # Errors
/// What the store answers.
pub async fn latest_open(
    db: &Db,
    house: &House,
    station: StationId,
    now: DateTime<Utc>,
) -> Result<Option<HandOver>, DbError> {
    let row: Option<HandOverRow> = db
        .row(
            "SELECT * FROM hand_over WHERE station = $station ORDER BY at DESC LIMIT 1",
            vars().with("station", record("station", station)),
        )
        .await?;
    let Some(row) = row.filter(|row| row.taken_by.is_none()) else { return Ok(None) };
    let requests = row.requests.unwrap_or_default();
    Ok(Some(HandOver {
        id: id_of(&row.id)?,
        by: row.author,
        at: clock::local_minute(row.at, house.zone()),
        note: row.note,
        open: row.open.iter().map(id_of::<AlertId>).collect::<Result<_, _>>()?,
        requests: asked::store::of_records(db, house, &requests, now).await?,
    }))
}

/// Ends the shift of the actor's device, and leaves to the next colleague what is open at its station, and what its
/// department is to do for guests until tomorrow.
///
/// # Errors
/// [`AppError::NoStation`], or what the store answers.
pub async fn end_shift(
    db: &Db,
    permit: &Permit<AnswerAlerts>,
    now: DateTime<Utc>,
    note: Option<String>,
) -> Result<(), AppError> {
    permit.station()?;
    Ok(leave(db, permit.actor(), now, note).await?)
}

/// The same for whoever leaves a device: by signing out of it, or by taking it elsewhere. Nothing is
/// left by a device that is not on shift, and no hand-over is made where nothing is open and nothing
/// is to be said.
///
/// # Errors
/// What the store answers.
pub async fn leave(db: &Db, actor: &Actor, now: DateTime<Utc>, note: Option<String>) -> Result<(), DbError> {
    let Some(station) = &actor.station else { return Ok(()) };
    let tx = Tx::new()
        .run(
            "LET $left = (UPDATE $device SET on_shift = false WHERE on_shift = true RETURN AFTER);
             IF array::len($left) = 0 { THROW 'guard:shift' };
             LET $still_open = array::union(
                 (SELECT VALUE id FROM alert WHERE receiver = $station AND is_open = true),
                 (SELECT VALUE id FROM alert WHERE copied_to = $station AND is_open = true)
             );
             LET $still_asked = (SELECT VALUE id FROM guest_request WITH INDEX request_department \
                 WHERE house = $house AND department = $department AND is_open = true AND day <= $last_day);
             IF array::len($still_open) > 0 OR array::len($still_asked) > 0 OR $note != NONE {
                 CREATE ONLY $hand_over SET house = $house, station = $station, author = $author, at = $now, \
                 note = $note, open = $still_open, requests = $still_asked RETURN NONE
             }",
            vars()
                .with("device", record("device", actor.device))
                .with("station", record("station", station.id))
                .with("hand_over", record("hand_over", HandOverId::new()))
                .with("house", record("house", actor.house.id))
                .with("department", station.kind.code())
                .with("last_day", asked::last_left(clock::today(now, actor.house.zone())).to_string())
                .with("author", actor.name.clone())
                .with("now", now)
                .with("note", optional(note)),
        )
        .event(NewEvent::new(actor.house.id, "station", StationEvent { station: station.id.to_string() }));
    match db.commit(tx).await {
        // The shift had ended before: what was open then has been left already.
        Ok(_) | Err(DbError::Guard(_)) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Takes over what was left at the actor's station, and with it what was left there before that.
///
/// # Errors
/// [`AppError::Conflict`] with the name of the colleague who took it over first;
/// [`AppError::NotFound`] for what was left at another station or nowhere; [`AppError::NoStation`]; what
/// the store answers.
pub async fn take_over(
    db: &Db,
    permit: &Permit<AnswerAlerts>,
    now: DateTime<Utc>,
    id: HandOverId,
) -> Result<(), AppError> {
    let station = record("station", permit.station()?.id);
    let tx = Tx::new()
        .run(
            "LET $taken = (UPDATE $hand_over SET taken_by = $who, taken_at = $now \
             WHERE station = $station AND taken_by = NONE RETURN AFTER);
             IF array::len($taken) = 0 { THROW 'guard:taken' };
             UPDATE hand_over SET taken_by = $who, taken_at = $now \
             WHERE station = $station AND at < $taken[0].at AND taken_by = NONE RETURN NONE",
            vars()
                .with("hand_over", record("hand_over", id))
                .with("station", station.clone())
                .with("who", permit.actor().name.clone())
                .with("now", now),
        )
        .event(NewEvent::new(permit.house(), "station", StationEvent { station: permit.station()?.id.to_string() }));
    match db.commit(tx).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => {
            let row: Option<HandOverRow> =
                db.row("SELECT * FROM $hand_over", vars().with("hand_over", record("hand_over", id))).await?;
            let first = row.filter(|row| row.station == station).and_then(|row| row.taken_by);
            Err(first.map_or(AppError::NotFound, AppError::Conflict))
        }
        Err(other) => Err(other.into()),
    }
}
