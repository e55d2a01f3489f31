//! Requests in the store: entered once, and changed by whoever is first.

mod change;
mod lists;
mod quick;

pub use change::{Seen, change, kind_of};
pub(crate) use lists::of_records;
pub use lists::{departing, list, of_guest, open_of, paper};
pub use quick::{quick_text, quick_texts, remove_quick_text, save_quick_text};

use super::{EVENT, Entered, RequestKind, RequestLine, RequestState, write::Asked};
use crate::{
    error::{AppError, Problem},
    guests::{
        evidence::HouseMemory,
        store::{GuestEvent, guest, houses_of},
    },
    house::{StationKind, store::stations},
    ids::{GuestId, HouseId, RequestId, StationId, TraceId},
    requests::traces::{
        TraceKind,
        store::{self as traces, NewTrace},
    },
    server::{
        clock,
        db::{Db, DbError, NewEvent, Tx, derived, id_of, record, vars, word},
    },
    staff::{
        audit::{self, Action},
        guard::{Actor, HandleRequests, Permit},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use surrealdb::types::{RecordId, SurrealValue};

/// A request as it is read: `SELECT *, asked_at_station.name AS station_name FROM guest_request`.
#[derive(Debug, Clone, SurrealValue)]
pub(crate) struct RequestRow {
    pub id: RecordId,
    pub house: RecordId,
    pub guest: RecordId,
    kind: String,
    text: Option<String>,
    place: Option<String>,
    room: Option<String>,
    day: String,
    local_time: Option<String>,
    due: Option<DateTime<Utc>>,
    asked_staff: RecordId,
    asked_by: String,
    pub asked_at: DateTime<Utc>,
    department: String,
    concerns: Vec<String>,
    state: String,
    details: Option<String>,
    reason: Option<String>,
    arranged_staff: Option<RecordId>,
    arranged_by: Option<String>,
    ended_staff: Option<RecordId>,
    ended_by: Option<String>,
    ended_at: Option<DateTime<Utc>>,
    /// Name of the station at which it was entered, where it was asked for.
    station_name: Option<String>,
}

impl RequestRow {
    /// As it is told now, in a house of that zone.
    ///
    /// # Errors
    /// When the store holds a word that is not known.
    pub(crate) fn line(self, now: DateTime<Utc>, zone: Tz) -> Result<RequestLine, DbError> {
        let state = word(&self.state, RequestState::from_code)?;
        let today = clock::today(now, zone).to_string();
        let has_passed = self.day < today || self.due.is_some_and(|due| due < now);
        Ok(RequestLine {
            id: id_of(&self.id)?,
            guest: id_of(&self.guest)?,
            kind: word(&self.kind, RequestKind::from_code)?,
            text: self.text,
            place: self.place,
            room: self.room,
            day: self.day,
            time: self.local_time,
            state,
            asked_by: self.asked_by,
            asked_at_station: self.station_name,
            asked_on: clock::local_minute(self.asked_at, zone),
            department: word(&self.department, StationKind::from_code)?,
            concerns: self
                .concerns
                .iter()
                .map(|department| word(department, StationKind::from_code))
                .collect::<Result<_, _>>()?,
            details: self.details,
            arranged_by: self.arranged_by,
            reason: self.reason,
            ended_by: self.ended_by,
            overdue: state.is_open() && has_passed,
        })
    }

    /// Who decided what it is now.
    fn last_word(self) -> String {
        self.ended_by.or(self.arranged_by).unwrap_or(self.asked_by)
    }
}

/// A request as it is written down.
#[derive(Debug, Clone, SurrealValue)]
struct NewRow {
    id: RecordId,
    house: RecordId,
    guest: RecordId,
    kind: String,
    text: Option<String>,
    place: Option<String>,
    room: Option<String>,
    day: String,
    local_time: Option<String>,
    due: Option<DateTime<Utc>>,
    asked_staff: RecordId,
    asked_by: String,
    asked_at_station: Option<RecordId>,
    asked_at: DateTime<Utc>,
    department: String,
    station: Option<RecordId>,
    concerns: Vec<String>,
    state: String,
    rings_at: Option<DateTime<Utc>>,
}

impl NewRow {
    /// Whether what is there says the same, by the same colleague.
    fn is_said_by(&self, there: &RequestRow) -> bool {
        (&self.house, &self.guest, &self.kind, &self.asked_staff)
            == (&there.house, &there.guest, &there.kind, &there.asked_staff)
            && (&self.text, &self.place, &self.room) == (&there.text, &there.place, &there.room)
            && (&self.day, &self.local_time, &self.department) == (&there.day, &there.local_time, &there.department)
    }
}

/// What the feed says of requests: that something of a department's has changed.
#[derive(Debug, Clone, SurrealValue)]
struct RequestEvent {
    department: String,
}

fn changed(house: HouseId, department: &str) -> NewEvent {
    NewEvent::new(house, EVENT, RequestEvent { department: department.to_owned() })
}

/// A request to be entered, parsed.
#[derive(Debug, Clone)]
pub struct NewRequest {
    pub id: RequestId,
    pub guest: GuestId,
    pub asked: Asked,
    /// Enter it though there is an open one of that kind for that day.
    pub anyway: bool,
}

/// Writes the request, unless an open one of the guest asks for the same on the same day. Writers of a house stand in
/// a row by the number that its feed gives each, so no two of them find that there is none.
const ENTER: &str = "
    IF record::exists($new_request) { THROW 'guard:written' };
    LET $asked_already = (SELECT VALUE id FROM guest_request WITH INDEX request_same WHERE guest = $request_guest \
    AND kind = $request_kind AND day = $request_day AND house = $request_house AND is_open = true LIMIT 1);
    IF $request_anyway = false AND array::len($asked_already) > 0 { THROW 'guard:known' };
    INSERT INTO guest_request $request_row RETURN NONE";

/// Enters a request: it stands on the guest's card at every station, and the department that is to arrange it has a
/// trace. Entering it again under the same id is the same request.
///
/// # Errors
/// [`AppError::NotFound`] for a guest who is not known; the field `guest` for one who has died;
/// [`AppError::Conflict`] with the name of whoever entered another request under the id; what the store answers.
pub async fn enter(
    db: &Db,
    permit: &Permit<HandleRequests>,
    now: DateTime<Utc>,
    new: NewRequest,
) -> Result<Entered, AppError> {
    let (actor, house) = (permit.actor(), permit.house());
    let whom = guest(db, new.guest).await?.ok_or(AppError::NotFound)?;
    if whom.flags.deceased {
        return Err(AppError::field("guest", Problem::NotKnown(whom.name.full(), "@living".to_owned())));
    }
    let row = new_row(db, actor, now, &new).await?;
    let trace = trace_of(actor, &new);
    let houses = houses_of(db, house, new.guest).await?;
    loop {
        let tx = Tx::new()
            .run(
                ENTER,
                vars()
                    .with("new_request", row.id.clone())
                    .with("request_guest", row.guest.clone())
                    .with("request_house", row.house.clone())
                    .with("request_kind", row.kind.clone())
                    .with("request_day", row.day.clone())
                    .with("request_anyway", new.anyway)
                    .with("request_row", row.clone()),
            )
            .event(changed(house, &row.department))
            .event_in(houses.clone(), "guest", GuestEvent::new(new.guest, &["requests"]));
        let tx = traces::add(tx, std::slice::from_ref(&trace), now);
        match db.commit(audit::note(tx, actor, Action::Requested, Some(new.guest), &[row.kind.as_str()])).await {
            Ok(_) => return Ok(Entered::Kept),
            Err(DbError::Guard(guard)) if guard == "known" => {
                let (kind, day) = (Some(new.asked.kind), Some(new.asked.day));
                let known = open_of(db, permit, now, new.guest, kind, day).await?;
                // Ended in the meantime: there is nothing any more that stands against it.
                if !known.is_empty() {
                    return Ok(Entered::Known(known));
                }
            }
            Err(DbError::Guard(_)) => {
                let there = row_of(db, house, new.id).await?;
                let is_same = row.is_said_by(&there);
                return if is_same { Ok(Entered::Kept) } else { Err(AppError::Conflict(there.asked_by)) };
            }
            Err(other) => return Err(other.into()),
        }
    }
}

async fn new_row(db: &Db, actor: &Actor, now: DateTime<Utc>, new: &NewRequest) -> Result<NewRow, DbError> {
    let asked = &new.asked;
    let house = actor.house.id;
    let due = asked.time.map(|time| clock::local_instant(asked.day, time, actor.house.zone()));
    let rings_at = match due {
        Some(due) => Some(due - TimeDelta::minutes(ring_minutes(db, house).await?)),
        None => None,
    };
    Ok(NewRow {
        id: record("guest_request", new.id),
        house: record("house", house),
        guest: record("guest", new.guest),
        kind: asked.kind.code().to_owned(),
        text: asked.text.clone(),
        place: asked.place.clone(),
        room: asked.room.clone(),
        day: asked.day.to_string(),
        local_time: local_time(asked),
        due,
        asked_staff: record("staff", actor.staff),
        asked_by: actor.name.clone(),
        asked_at_station: actor.station.as_ref().map(|station| record("station", station.id)),
        asked_at: now,
        department: asked.department.code().to_owned(),
        station: station_of(db, actor, asked.department).await?.map(|station| record("station", station)),
        concerns: asked.kind.concerns().iter().map(|department| department.code().to_owned()).collect(),
        state: RequestState::Asked.code().to_owned(),
        rings_at,
    })
}

/// The trace that tells the department what to arrange. It says what the colleague wrote: the kind and the place are
/// read from the request, in the words of whoever reads it.
fn trace_of(actor: &Actor, new: &NewRequest) -> NewTrace {
    let asked = &new.asked;
    let id = TraceId(derived(&format!("request|{}", new.id)));
    NewTrace {
        guest: Some(new.guest),
        text: asked.text.clone().or_else(|| asked.place.clone()),
        room: asked.room.clone(),
        request: Some(new.id),
        local_time: local_time(asked),
        author_staff: Some(actor.staff),
        ..NewTrace::of(id, actor.house.id, asked.department, TraceKind::Request, asked.day, actor.name.clone())
    }
}

fn local_time(asked: &Asked) -> Option<String> {
    asked.time.map(|time| time.format("%H:%M").to_string())
}

/// The station that is to ring: the colleague's own where it is of the department, else the department's first.
async fn station_of(db: &Db, actor: &Actor, department: StationKind) -> Result<Option<StationId>, DbError> {
    if let Some(own) = actor.station.as_ref().filter(|station| station.kind == department) {
        return Ok(Some(own.id));
    }
    let stations = stations(db, actor.house.id).await?;
    Ok(stations.into_iter().find(|station| station.kind == department).map(|station| station.id))
}

/// Minutes before its time at which a request rings in a house.
async fn ring_minutes(db: &Db, house: HouseId) -> Result<i64, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        memory: Option<String>,
    }
    let row: Option<Row> = db.row("SELECT memory FROM $house", vars().with("house", record("house", house))).await?;
    let memory = row.and_then(|row| row.memory);
    // Settings that cannot be read must not keep a taxi from being ordered.
    let memory = memory.and_then(|memory| serde_json::from_str::<HouseMemory>(&memory).ok()).unwrap_or_default();
    Ok(i64::from(memory.ring_minutes))
}

async fn row_of(db: &Db, house: HouseId, id: RequestId) -> Result<RequestRow, AppError> {
    let row: Option<RequestRow> =
        db.row("SELECT * FROM $asked", vars().with("asked", record("guest_request", id))).await?;
    row.filter(|row| row.house == record("house", house)).ok_or(AppError::NotFound)
}
