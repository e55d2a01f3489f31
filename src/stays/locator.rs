//! Where guests were last seen, in the store: from the word that is sent about them, and by hand.

use super::{GuestLine, Seen};
use crate::{
    error::AppError,
    house::House,
    ids::{AlertId, GuestId, HouseId, StaffId, StationId},
    server::{
        clock,
        db::{Db, DbError, NewEvent, Tx, Vars, id_of, optional, record, vars},
    },
    staff::{
        audit::{self, Action},
        guard::{Actor, Permit, SeeLists},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use surrealdb::types::{RecordId, SurrealValue};

/// Where someone was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whereabouts {
    /// At a station, and at a table of it where one is known.
    Station { station: StationId, table: Option<String> },
    /// In a colleague's own words, by hand.
    Words(String),
}

/// A row of `locator`, and what its event carries.
#[derive(Debug, Clone, SurrealValue)]
struct LocatorRow {
    guest: RecordId,
    place: String,
    seat: Option<String>,
    at: DateTime<Utc>,
    local_time: String,
    author: String,
    by_hand: bool,
    expires: DateTime<Utc>,
}

/// What the feed says of a guest who was seen somewhere, or whose place is not known any more.
#[derive(Debug, Clone, SurrealValue)]
struct LocatorEvent {
    guest: String,
    seen: Option<LocatorRow>,
}

impl From<LocatorRow> for Seen {
    fn from(row: LocatorRow) -> Self {
        Self {
            place: row.place,
            table: row.seat,
            time: row.local_time,
            until: row.expires.timestamp_millis(),
            by: row.author,
            by_hand: row.by_hand,
        }
    }
}

/// Adds to a transaction that the guest has just been seen, and tells the feed.
#[must_use]
pub fn note(tx: Tx, actor: &Actor, now: DateTime<Utc>, guest: GuestId, place: &Whereabouts) -> Tx {
    let (words, station, table) = match place {
        Whereabouts::Station { station, table } => (None, Some(*station), table.clone()),
        Whereabouts::Words(words) => (Some(words.clone()), None, None),
    };
    let by_hand = words.is_some();
    // The station's name of the moment is kept: it is what the colleague knew the place by. That of the colleague's
    // own is known, and is not looked up while others wait.
    let here = actor.station.as_ref().filter(|here| Some(here.id) == station).map(|here| here.name.clone());
    let name = words.or(here);
    let named = if name.is_some() { "$seen_name" } else { "(SELECT VALUE name FROM ONLY $seen_station) ?? ''" };
    let sql = format!(
        "LET $seen_row = (UPSERT ONLY $seen_key SET house = $seen_house, guest = $seen_guest, station = $seen_station, \
         place = {named}, seat = $seen_table, at = $seen_at, local_time = $seen_time, author = $seen_by, \
         by_hand = $seen_by_hand, expires = $seen_until RETURN AFTER);
         LET $seen_event = {{ guest: $seen_guest_text, seen: $seen_row }}"
    );
    let house = &actor.house;
    tx.run(
        &sql,
        of(house.id, guest)
            .with("seen_guest", record("guest", guest))
            .with("seen_station", optional(station.map(|station| record("station", station))))
            .with("seen_by_hand", by_hand)
            .with("seen_name", optional(name))
            .with("seen_table", optional(table))
            .with("seen_at", now)
            .with("seen_time", clock::local_time(now, house.zone()))
            .with("seen_by", actor.name.clone())
            .with("seen_until", now + TimeDelta::hours(i64::from(house.locator_hours))),
    )
    .event(NewEvent::of_expression(house.id, EVENT, "$seen_event"))
}

/// Adds to the transaction in which senders take back an alert: what those named told of where the guest is, by
/// raising it, is not known any more. What has been told since, by other word or by hand, stays; the feed tells how it
/// is then.
#[must_use]
pub fn take_back(tx: Tx, house: HouseId, guest: GuestId, alert: AlertId, by: &[StaffId]) -> Tx {
    // An entry is the alert's own if it was written where and when the alert, or the same word of a
    // colleague, was raised.
    tx.run(
        "LET $seen_first = (SELECT VALUE [raised_at, sender] FROM $seen_alert WHERE raised_by IN $seen_said_by);
         LET $seen_again = (SELECT VALUE [at, station] FROM alert_alias \
         WHERE alert = $seen_alert AND staff IN $seen_said_by);
         LET $seen_by_it = array::concat($seen_first, $seen_again);
         DELETE $seen_key WHERE by_hand = false AND $seen_by_it CONTAINS [at, station] RETURN NONE;
         LET $seen_now = (SELECT * FROM $seen_key);
         LET $seen_event = { guest: $seen_guest_text, seen: $seen_now[0] }",
        of(house, guest)
            .with("seen_alert", record("alert", alert))
            .with("seen_said_by", by.iter().map(|staff| record("staff", staff)).collect::<Vec<_>>()),
    )
    .event(NewEvent::of_expression(house, EVENT, "$seen_event"))
}

/// The kind of event by which the feed tells where someone was seen.
pub const EVENT: &str = "locator";

/// Reads such an event.
///
/// # Errors
/// When it is not one.
pub fn read_event(data: surrealdb::types::Value) -> Result<(GuestId, Option<Seen>), DbError> {
    let LocatorEvent { guest, seen } = LocatorEvent::from_value(data)?;
    let id = guest.parse().map_err(|_| DbError::Malformed(guest))?;
    Ok((id, seen.map(Seen::from)))
}

/// Says by hand where a guest is.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn set(
    db: &Db,
    permit: &Permit<SeeLists>,
    now: DateTime<Utc>,
    guest: GuestId,
    place: String,
) -> Result<(), AppError> {
    crate::guests::store::guest(db, guest).await?.ok_or(AppError::NotFound)?;
    let tx = note(Tx::new(), permit.actor(), now, guest, &Whereabouts::Words(place));
    db.commit(audit::note(tx, permit.actor(), Action::Located, Some(guest), &["place"])).await?;
    Ok(())
}

/// Says that it is not known any more where a guest is.
///
/// # Errors
/// What the store answers.
pub async fn clear(db: &Db, permit: &Permit<SeeLists>, guest: GuestId) -> Result<(), AppError> {
    let house = permit.house();
    let tx = Tx::new()
        .run(
            "DELETE $seen_key RETURN NONE;
             LET $seen_event = { guest: $seen_guest_text, seen: NONE }",
            of(house, guest),
        )
        .event(NewEvent::of_expression(house, EVENT, "$seen_event"));
    db.commit(audit::note(tx, permit.actor(), Action::Located, Some(guest), &["cleared"])).await?;
    Ok(())
}

/// Where guests were last seen in this house, as far as that is not too long ago.
///
/// # Errors
/// What the store answers.
pub async fn last_seen(
    db: &Db,
    house: &House,
    now: DateTime<Utc>,
    guests: &[GuestId],
) -> Result<HashMap<GuestId, Seen>, DbError> {
    if guests.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<RecordId> = guests.iter().map(|guest| key(house.id, *guest)).collect();
    let rows: Vec<LocatorRow> = db.rows("SELECT * FROM $seen_keys", vars().with("seen_keys", keys)).await?;
    rows.into_iter().filter(|row| row.expires > now).map(|row| Ok((id_of(&row.guest)?, Seen::from(row)))).collect()
}

/// The same on the lines of a list.
///
/// # Errors
/// What the store answers.
pub async fn fill(db: &Db, house: &House, now: DateTime<Utc>, lines: &mut [GuestLine]) -> Result<(), DbError> {
    let guests: Vec<GuestId> = lines.iter().map(|line| line.guest).collect();
    let seen = last_seen(db, house, now, &guests).await?;
    for line in lines {
        line.seen = seen.get(&line.guest).cloned();
    }
    Ok(())
}

fn key(house: HouseId, guest: GuestId) -> RecordId {
    record("locator", format!("{house}|{guest}"))
}

fn of(house: HouseId, guest: GuestId) -> Vars {
    vars()
        .with("seen_key", key(house, guest))
        .with("seen_house", record("house", house))
        .with("seen_guest_text", guest.to_string())
}
