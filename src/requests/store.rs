//! Traces in the store.

use super::{Trace, TraceGuest, TraceKind, TraceList, TracePaper, write::Asked};
use crate::{
    campaigns::OccurrenceId,
    error::AppError,
    guests::{
        Guest,
        store::{GuestRow, guest, guest_records},
    },
    house::{House, StationKind},
    ids::{GuestId, HouseId, TraceId},
    server::{
        clock,
        db::{Db, DbError, NewEvent, Tx, id_of, record, vars, word},
    },
    staff::{
        audit::{self, Action},
        guard::{Permit, SeeGuests, SeeTraces},
    },
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{HashMap, HashSet};
use surrealdb::types::{RecordId, SurrealValue};

/// The kind of event by which the feed tells that traces have changed.
pub const EVENT: &str = "trace";

/// Open ones that are listed at once, of each department.
const MOST_OPEN: u32 = 200;
/// Resolved ones that are listed, of each department, and for how many days.
const MOST_RESOLVED: u32 = 50;
const RESOLVED_DAYS: u64 = 7;
/// How many days ahead a list looks: what is due later is of no use to anyone yet.
const AHEAD_DAYS: u64 = 7;

/// A trace to be written.
#[derive(Debug, Clone)]
pub struct NewTrace {
    pub id: TraceId,
    pub house: HouseId,
    pub guest: Option<GuestId>,
    pub department: StationKind,
    pub kind: TraceKind,
    pub text: Option<String>,
    pub room: Option<String>,
    /// House-local.
    pub due: NaiveDate,
    pub author: String,
    /// The greeting in whose place it stands.
    pub occurrence: Option<OccurrenceId>,
}

#[derive(Debug, Clone, SurrealValue)]
struct TraceRow {
    id: RecordId,
    house: RecordId,
    guest: Option<RecordId>,
    department: String,
    kind: String,
    text: Option<String>,
    room: Option<String>,
    due: String,
    state: String,
    author_name: String,
    at: DateTime<Utc>,
    resolved_by: Option<String>,
    resolved_at: Option<DateTime<Utc>>,
    occurrence: Option<RecordId>,
}

/// What the feed says of traces: that the department's have changed.
#[derive(Debug, Clone, SurrealValue)]
struct TraceEvent {
    department: String,
}

/// Adds traces to the transaction that they belong to, and tells the feed. Written twice they are one
/// each, as their ids say. Once a transaction.
#[must_use]
pub fn add(tx: Tx, traces: &[NewTrace], now: DateTime<Utc>) -> Tx {
    let rows: Vec<TraceRow> = traces.iter().map(|trace| TraceRow::new(trace, now)).collect();
    let told: HashSet<(HouseId, &str)> = traces.iter().map(|trace| (trace.house, trace.department.code())).collect();
    let tx = tx.run("INSERT IGNORE INTO trace $new_traces RETURN NONE", vars().with("new_traces", rows));
    told.into_iter().fold(tx, |tx, (house, department)| tx.event(changed(house, department)))
}

fn changed(house: HouseId, department: &str) -> NewEvent {
    NewEvent::new(house, EVENT, TraceEvent { department: department.to_owned() })
}

impl TraceRow {
    fn new(trace: &NewTrace, now: DateTime<Utc>) -> Self {
        Self {
            id: record("trace", trace.id),
            house: record("house", trace.house),
            guest: trace.guest.map(|guest| record("guest", guest)),
            department: trace.department.code().to_owned(),
            kind: trace.kind.code().to_owned(),
            text: trace.text.clone(),
            room: trace.room.clone(),
            due: trace.due.to_string(),
            state: "open".to_owned(),
            author_name: trace.author.clone(),
            at: now,
            resolved_by: None,
            resolved_at: None,
            occurrence: trace.occurrence.as_ref().map(|id| record("occurrence", id)),
        }
    }

    /// Whether it asks the same, by the same person.
    fn asks_the_same_as(&self, other: &Self) -> bool {
        let said = |row: &Self| {
            let TraceRow { guest, department, kind, text, room, due, author_name, .. } = row.clone();
            (guest, department, kind, text, room, due, author_name)
        };
        said(self) == said(other)
    }

    fn read(self, today: &str, zone: chrono_tz::Tz, guests: &HashMap<GuestId, TraceGuest>) -> Result<Trace, DbError> {
        let about = self.guest.as_ref().map(id_of::<GuestId>).transpose()?;
        let resolved = self.resolved_by.zip(self.resolved_at);
        Ok(Trace {
            id: id_of(&self.id)?,
            department: word(&self.department, StationKind::from_code)?,
            kind: word(&self.kind, TraceKind::from_code)?,
            text: self.text,
            about: about.and_then(|guest| guests.get(&guest).cloned()),
            room: self.room,
            overdue: resolved.is_none() && self.due.as_str() < today,
            due: self.due,
            by: self.author_name,
            written: clock::local_minute(self.at, zone),
            resolved: resolved.map(|(who, at)| (who, clock::local_minute(at, zone))),
        })
    }
}

/// The traces of the actor's house, of one department or of all.
///
/// # Errors
/// What the store answers.
pub async fn list(
    db: &Db,
    permit: &Permit<SeeTraces>,
    department: Option<StationKind>,
    now: DateTime<Utc>,
) -> Result<TraceList, DbError> {
    let house = &permit.actor().house;
    let today = clock::today(now, house.zone());
    let (mut open, mut done, mut more) = (Vec::new(), Vec::new(), false);
    let mut counts = [0; StationKind::ALL.len()];
    for (of, count) in StationKind::ALL.into_iter().zip(&mut counts) {
        let rows = open_of(db, house, of, today).await?;
        let due = rows.iter().filter(|row| row.due <= today.to_string()).count();
        *count = u32::try_from(due).unwrap_or(u32::MAX);
        if department.is_none_or(|wanted| wanted == of) {
            more |= rows.len() > MOST_OPEN as usize;
            open.extend(rows.into_iter().take(MOST_OPEN as usize));
            done.extend(resolved_of(db, house, of, today).await?);
        }
    }
    open.sort_by(|one, other| one.due.cmp(&other.due).then_with(|| one.id.key.cmp(&other.id.key)));
    done.sort_by_key(|row| std::cmp::Reverse(row.resolved_at));
    open.append(&mut done);
    let guests = guests_of(db, &open).await?;
    let (today, zone) = (today.to_string(), house.zone());
    let traces = open.into_iter().map(|row| row.read(&today, zone, &guests)).collect::<Result<_, _>>()?;
    Ok(TraceList { today, open: counts, traces, more })
}

async fn open_of(db: &Db, house: &House, of: StationKind, today: NaiveDate) -> Result<Vec<TraceRow>, DbError> {
    let ahead = today.checked_add_days(Days::new(AHEAD_DAYS)).unwrap_or(today);
    db.rows(
        "SELECT * FROM trace WHERE house = $house AND department = $department AND state = 'open' AND due <= $ahead \
         ORDER BY due LIMIT $limit",
        vars()
            .with("house", record("house", house.id))
            .with("department", of.code().to_owned())
            .with("ahead", ahead.to_string())
            // One more tells whether there are more.
            .with("limit", i64::from(MOST_OPEN) + 1),
    )
    .await
}

async fn resolved_of(db: &Db, house: &House, of: StationKind, today: NaiveDate) -> Result<Vec<TraceRow>, DbError> {
    let since = today.checked_sub_days(Days::new(RESOLVED_DAYS)).unwrap_or(today);
    db.rows(
        "SELECT * FROM trace WHERE house = $house AND department = $department AND state = 'resolved' \
         AND due >= $since ORDER BY due DESC LIMIT $limit",
        vars()
            .with("house", record("house", house.id))
            .with("department", of.code().to_owned())
            .with("since", since.to_string())
            .with("limit", i64::from(MOST_RESOLVED)),
    )
    .await
}

async fn guests_of(db: &Db, rows: &[TraceRow]) -> Result<HashMap<GuestId, TraceGuest>, DbError> {
    let mut ids: Vec<GuestId> =
        rows.iter().filter_map(|row| row.guest.as_ref()).map(id_of).collect::<Result<_, DbError>>()?;
    ids.sort_unstable();
    ids.dedup();
    let found: Vec<GuestRow> = db.rows("SELECT * FROM $guests", vars().with("guests", guest_records(&ids))).await?;
    found
        .into_iter()
        .map(|row| {
            let guest = Guest::try_from(row)?;
            Ok((guest.id, TraceGuest { guest: guest.id, name: guest.name, language: guest.language }))
        })
        .collect()
}

/// Whom a trace that is to be written will be about, for those who may see the guest.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn about(db: &Db, _permit: &Permit<SeeGuests>, id: GuestId) -> Result<TraceGuest, AppError> {
    let guest = guest(db, id).await?.ok_or(AppError::NotFound)?;
    Ok(TraceGuest { guest: guest.id, name: guest.name, language: guest.language })
}

/// The form in which a person writes a trace.
#[must_use]
pub fn paper(permit: &Permit<SeeTraces>, about: Option<TraceGuest>, now: DateTime<Utc>) -> TracePaper {
    let actor = permit.actor();
    TracePaper {
        id: TraceId::new(),
        department: actor.station.as_ref().map_or(StationKind::Floor, |station| station.kind),
        today: clock::today(now, actor.house.zone()).to_string(),
        about,
    }
}

/// Writes a trace down. Writing it again under the same id is the same trace.
///
/// # Errors
/// [`AppError::Conflict`] with the name of whoever wrote another trace under the id, or what the store
/// answers.
pub async fn write(
    db: &Db,
    permit: &Permit<SeeTraces>,
    id: TraceId,
    about: Option<GuestId>,
    asked: Asked,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let actor = permit.actor();
    let written = NewTrace {
        id,
        house: permit.house(),
        guest: about,
        department: asked.department,
        kind: TraceKind::Note,
        text: Some(asked.text),
        room: asked.room,
        due: asked.due,
        author: actor.name.clone(),
        occurrence: None,
    };
    let tx = Tx::new().run(
        "IF (SELECT VALUE state FROM ONLY $written) != NONE { THROW 'guard:written' }",
        vars().with("written", record("trace", id)),
    );
    let tx = add(tx, std::slice::from_ref(&written), now);
    match db.commit(audit::note(tx, actor, Action::WroteTrace, about, &[])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => {
            let there = trace(db, permit, id).await?;
            if there.asks_the_same_as(&TraceRow::new(&written, now)) {
                Ok(())
            } else {
                Err(AppError::Conflict(there.author_name))
            }
        }
        Err(other) => Err(other.into()),
    }
}

/// Says that a trace has been seen to. The first one wins.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Conflict`] with the name of whoever was first, or what the store
/// answers.
pub async fn resolve(db: &Db, permit: &Permit<SeeTraces>, id: TraceId, now: DateTime<Utc>) -> Result<(), AppError> {
    let row = trace(db, permit, id).await?;
    let actor = permit.actor();
    let guest = row.guest.as_ref().map(id_of::<GuestId>).transpose()?;
    let tx = Tx::new()
        .run(
            "IF (SELECT VALUE state FROM ONLY $trace) != 'open' { THROW 'guard:resolved' };
             UPDATE ONLY $trace SET state = 'resolved', resolved_by = $who, resolved_at = $now RETURN NONE",
            vars().with("trace", record("trace", id)).with("who", actor.name.clone()).with("now", now),
        )
        .event(changed(permit.house(), &row.department));
    match db.commit(audit::note(tx, actor, Action::ResolvedTrace, guest, &[])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => {
            let first = trace(db, permit, id).await?.resolved_by;
            Err(AppError::Conflict(first.unwrap_or_default()))
        }
        Err(other) => Err(other.into()),
    }
}

async fn trace(db: &Db, permit: &Permit<SeeTraces>, id: TraceId) -> Result<TraceRow, AppError> {
    let row: Option<TraceRow> = db.row("SELECT * FROM $trace", vars().with("trace", record("trace", id))).await?;
    row.filter(|row| row.house == record("house", permit.house())).ok_or(AppError::NotFound)
}
