//! Traces in the store: how they are written, and how they end.

mod assign;
mod leaver;
mod list;

pub use assign::{give, put_back, take};
pub use leaver::{hand_over, open_work, workloads};
pub(super) use list::AHEAD_DAYS;
pub use list::{Whose, list};

use super::{TraceGuest, TraceKind, TracePaper, write::Asked};
use crate::{
    campaigns::OccurrenceId,
    error::{AppError, Problem},
    guests::{evidence::HouseMemory, relations::OccasionKind, store::guest},
    house::{House, StationKind},
    ids::{GuestId, HouseId, RecoveryId, RequestId, ReservationId, StaffId, TraceId, TraceRuleId},
    server::{
        clock,
        db::{Db, DbError, NewEvent, Tx, derived, id_of, record, vars},
    },
    staff::{
        audit::{self, Action},
        guard::{Permit, SeeGuests, SeeTraces},
    },
};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::collections::HashSet;
use surrealdb::types::{RecordId, SurrealValue};

/// The kind of event by which the feed tells that traces have changed.
pub const EVENT: &str = "trace";

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
    /// The same day's time on the house's clocks, `HH:MM`, and when it rings.
    pub local_time: Option<String>,
    pub rings_at: Option<DateTime<Utc>>,
    /// Name of whoever wrote it, or of the campaign that did.
    pub author: String,
    /// The colleague who wrote it, where one did.
    pub author_staff: Option<StaffId>,
    /// Who is to do it.
    pub assigned: Option<(StaffId, String)>,
    /// The greeting in whose place it stands.
    pub occurrence: Option<OccurrenceId>,
    /// What the guest asked for.
    pub request: Option<RequestId>,
    /// The complaint after which it was promised.
    pub recovery: Option<RecoveryId>,
    /// The rule that made it, and the booking, the day and the kind of day for which it did.
    pub rule: Option<TraceRuleId>,
    pub reservation: Option<ReservationId>,
    pub about_day: Option<NaiveDate>,
    pub occasion: Option<OccasionKind>,
}

impl NewTrace {
    /// A trace of which nothing more is said. `due` is house-local, `author` a name.
    #[must_use]
    pub fn of(
        id: TraceId,
        house: HouseId,
        department: StationKind,
        kind: TraceKind,
        due: NaiveDate,
        author: String,
    ) -> Self {
        Self {
            id,
            house,
            guest: None,
            department,
            kind,
            text: None,
            room: None,
            due,
            local_time: None,
            rings_at: None,
            author,
            author_staff: None,
            assigned: None,
            occurrence: None,
            request: None,
            recovery: None,
            rule: None,
            reservation: None,
            about_day: None,
            occasion: None,
        }
    }
}

#[derive(Debug, Clone, SurrealValue)]
pub(super) struct TraceRow {
    id: RecordId,
    house: RecordId,
    guest: Option<RecordId>,
    department: String,
    kind: String,
    text: Option<String>,
    room: Option<String>,
    due: String,
    local_time: Option<String>,
    rings_at: Option<DateTime<Utc>>,
    state: String,
    author_name: String,
    author_staff: Option<RecordId>,
    at: DateTime<Utc>,
    assigned: Option<RecordId>,
    assigned_name: Option<String>,
    resolved_by: Option<String>,
    resolved_at: Option<DateTime<Utc>>,
    occurrence: Option<RecordId>,
    request: Option<RecordId>,
    recovery: Option<RecordId>,
    rule: Option<RecordId>,
    reservation: Option<RecordId>,
    about_day: Option<String>,
    occasion: Option<String>,
}

/// What the feed says of traces: that the department's have changed.
#[derive(Debug, Clone, SurrealValue)]
struct TraceEvent {
    department: String,
}

/// Adds traces to the transaction that they belong to, and tells the feed. Written twice they are one
/// each, as their ids say; one that stands for a greeting and was made by a rule before stands for both from then on.
/// Once a transaction.
#[must_use]
pub fn add(tx: Tx, traces: &[NewTrace], now: DateTime<Utc>) -> Tx {
    let rows: Vec<TraceRow> = traces.iter().map(|trace| TraceRow::new(trace, now)).collect();
    let greetings: Vec<TraceRow> = rows.iter().filter(|row| row.occurrence.is_some()).cloned().collect();
    let told: HashSet<(HouseId, &str)> = traces.iter().map(|trace| (trace.house, trace.department.code())).collect();
    let mut tx = tx.run("INSERT IGNORE INTO trace $new_traces RETURN NONE", vars().with("new_traces", rows));
    if !greetings.is_empty() {
        tx = tx.run(
            "FOR $greeting IN $new_greetings {
                 UPDATE $greeting.id SET occurrence = $greeting.occurrence, state = 'open' \
                 WHERE occurrence = NONE AND state IN ['open', 'dropped'] RETURN NONE;
             }",
            vars().with("new_greetings", greetings),
        );
    }
    told.into_iter().fold(tx, |tx, (house, department)| tx.event(changed(house, department)))
}

/// The event that tells of a department's traces.
pub(super) fn changed(house: HouseId, department: &str) -> NewEvent {
    NewEvent::new(house, EVENT, TraceEvent { department: department.to_owned() })
}

/// The id of the trace that has a guest greeted in person on a birthday: made from the guest and the day (house-local
/// `YYYY-MM-DD`) alone, so that campaigns and rules together ask the floor once.
#[must_use]
pub fn birthday_id(guest: GuestId, date: &str) -> TraceId {
    TraceId(derived(&format!("birthday|{guest}|{date}")))
}

/// Adds to the transaction that ends a request what becomes of its traces: seen to by `by` where it was `done`, else
/// nobody's work any more. The transaction's own event tells of it.
#[must_use]
pub fn end_of_request(tx: Tx, request: RequestId, by: &str, now: DateTime<Utc>, done: bool) -> Tx {
    end_of(tx, "request", record("guest_request", request), by, now, done)
}

/// The same for what was promised after a complaint.
#[must_use]
pub fn end_of_recovery(tx: Tx, recovery: RecoveryId, by: &str, now: DateTime<Utc>, done: bool) -> Tx {
    end_of(tx, "recovery", record("recovery", recovery), by, now, done)
}

fn end_of(tx: Tx, column: &str, ended: RecordId, by: &str, now: DateTime<Utc>, done: bool) -> Tx {
    let end = if done {
        "state = 'resolved', resolved_by = $trace_ended_by, resolved_at = $trace_ended_at"
    } else {
        "state = 'dropped'"
    };
    tx.run(
        &format!("UPDATE trace SET {end}, rings_at = NONE WHERE {column} = $trace_of AND state = 'open' RETURN NONE"),
        vars().with("trace_of", ended).with("trace_ended_by", by.to_owned()).with("trace_ended_at", now),
    )
}

impl TraceRow {
    pub fn new(trace: &NewTrace, now: DateTime<Utc>) -> Self {
        let (assigned, assigned_name) =
            trace.assigned.clone().map(|(staff, name)| (record("staff", staff), name)).unzip();
        Self {
            id: record("trace", trace.id),
            house: record("house", trace.house),
            guest: trace.guest.map(|guest| record("guest", guest)),
            department: trace.department.code().to_owned(),
            kind: trace.kind.code().to_owned(),
            text: trace.text.clone(),
            room: trace.room.clone(),
            due: trace.due.to_string(),
            local_time: trace.local_time.clone(),
            rings_at: trace.rings_at,
            state: "open".to_owned(),
            author_name: trace.author.clone(),
            author_staff: trace.author_staff.map(|staff| record("staff", staff)),
            at: now,
            assigned,
            assigned_name,
            resolved_by: None,
            resolved_at: None,
            occurrence: trace.occurrence.as_ref().map(|id| record("occurrence", id)),
            request: trace.request.map(|request| record("guest_request", request)),
            recovery: trace.recovery.map(|recovery| record("recovery", recovery)),
            rule: trace.rule.map(|rule| record("trace_rule", rule)),
            reservation: trace.reservation.map(|booking| record("reservation", booking)),
            about_day: trace.about_day.map(|day| day.to_string()),
            occasion: trace.occasion.map(|occasion| occasion.code().to_owned()),
        }
    }

    /// Whether it asks the same, by the same person.
    fn asks_the_same_as(&self, other: &Self) -> bool {
        let said = |row: &Self| {
            let TraceRow { guest, department, kind, text, room, due, local_time, author_name, .. } = row.clone();
            (guest, department, kind, text, room, due, local_time, author_name)
        };
        said(self) == said(other)
    }
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
    let (house, author) = (permit.house(), actor.name.clone());
    // What rings is word about a guest, like any other.
    let rings_at = match asked.time.filter(|_| about.is_some()) {
        Some(time) => rings_at(db, &actor.house, asked.due, time, now).await?,
        None => None,
    };
    let written = NewTrace {
        guest: about,
        text: Some(asked.text),
        room: asked.room,
        local_time: asked.time.map(|time| time.format("%H:%M").to_string()),
        rings_at,
        author_staff: Some(actor.staff),
        ..NewTrace::of(id, house, asked.department, TraceKind::Note, asked.due, author)
    };
    let tx = Tx::new().run(
        "IF (SELECT VALUE state FROM ONLY $written) != NONE { THROW 'guard:written' }",
        vars().with("written", record("trace", id)),
    );
    let tx = add(tx, std::slice::from_ref(&written), now);
    match db.commit(audit::note(tx, actor, Action::WroteTrace, about, &[])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => {
            let there = trace(db, permit.house(), id).await?;
            if there.asks_the_same_as(&TraceRow::new(&written, now)) {
                Ok(())
            } else {
                Err(AppError::Conflict(there.author_name))
            }
        }
        Err(other) => Err(other.into()),
    }
}

/// When a trace rings that is due at that time: as long before as the house has its requests ring. What is due
/// sooner rings at once, what is over does not.
async fn rings_at(
    db: &Db,
    house: &House,
    day: NaiveDate,
    time: NaiveTime,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, DbError> {
    #[derive(SurrealValue)]
    struct Kept {
        memory: Option<String>,
    }
    let due = clock::local_instant(day, time, house.zone());
    if due <= now {
        return Ok(None);
    }
    let kept: Option<Kept> =
        db.row("SELECT memory FROM $house", vars().with("house", record("house", house.id))).await?;
    let kept = kept.and_then(|row| row.memory);
    let memory: HouseMemory = kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    Ok(Some((due - TimeDelta::minutes(memory.ring_minutes.into())).max(now)))
}

/// Says that a trace has been seen to. The first one wins.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Conflict`] with the name of whoever was first,
/// [`AppError::Fields`] for what a guest asked for and nobody has said how it was arranged, or what the store
/// answers.
pub async fn resolve(db: &Db, permit: &Permit<SeeTraces>, id: TraceId, now: DateTime<Utc>) -> Result<(), AppError> {
    let row = trace(db, permit.house(), id).await?;
    let actor = permit.actor();
    let guest = row.guest.as_ref().map(id_of::<GuestId>).transpose()?;
    if row.state == "open"
        && let Some(request) = &row.request
        && is_asked(db, request).await?
    {
        let problem = Problem::NotKnown(row.text.unwrap_or_default(), "@work_by_request".to_owned());
        return Err(AppError::field("trace", problem));
    }
    let tx = Tx::new()
        .run(
            "IF (SELECT VALUE state FROM ONLY $trace) != 'open' { THROW 'guard:resolved' };
             UPDATE ONLY $trace SET state = 'resolved', resolved_by = $who, resolved_staff = $staff, \
             resolved_at = $now, rings_at = NONE RETURN NONE",
            vars()
                .with("trace", record("trace", id))
                .with("who", actor.name.clone())
                .with("staff", record("staff", actor.staff))
                .with("now", now),
        )
        .event(changed(permit.house(), &row.department));
    match db.commit(audit::note(tx, actor, Action::ResolvedTrace, guest, &[])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => {
            let first = trace(db, permit.house(), id).await?.resolved_by;
            Err(AppError::Conflict(first.unwrap_or_default()))
        }
        Err(other) => Err(other.into()),
    }
}

/// Whether a request is still to be arranged or to be carried out.
async fn is_asked(db: &Db, request: &RecordId) -> Result<bool, DbError> {
    let open: Option<bool> =
        db.row("SELECT VALUE is_open FROM $request", vars().with("request", request.clone())).await?;
    Ok(open == Some(true))
}

/// A trace of the house.
async fn trace(db: &Db, house: HouseId, id: TraceId) -> Result<TraceRow, AppError> {
    let row: Option<TraceRow> = db.row("SELECT * FROM $trace", vars().with("trace", record("trace", id))).await?;
    row.filter(|row| row.house == record("house", house)).ok_or(AppError::NotFound)
}
