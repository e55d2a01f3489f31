//! What the store holds of the moments of a timeline, and what a role is told of each.

use super::{nanos, start_of};
use crate::{
    alerts::store::{Alert, AlertRow},
    campaigns::OccurrenceState,
    guests::{
        Audience,
        card::StayLine,
        store::GuestRow,
        timeline::{Instruction, Moment, MomentKind, Place, What, Word},
    },
    house::StationKind,
    loyalty::{EntryKind, VoucherState},
    requests::{asked::store::RequestRow, recovery::store::RecoveryRow, traces::TraceKind},
    server::{
        clock,
        db::{DbError, id_of, word},
    },
    staff::{Role, guard::Actor},
    stays::ReservationStatus,
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use surrealdb::types::{RecordId, SurrealValue, Value};

/// What the statement answers; of kinds that were not asked for nothing.
#[derive(SurrealValue)]
pub(super) struct Found {
    pub guests: Vec<GuestRow>,
    stays: Option<Vec<StayRow>>,
    /// Each both an [`AlertRow`] and its [`Stations`].
    alerts: Option<Vec<Value>>,
    requests: Option<Vec<RequestRow>>,
    traces: Option<Vec<TraceRow>>,
    notes: Option<Vec<NoteRow>>,
    recoveries: Option<Vec<RecoveryRow>>,
    greetings: Option<Vec<GreetingRow>>,
    calls: Option<Vec<CallRow>>,
    points: Option<Vec<PointsRow>>,
    vouchers: Option<Vec<VoucherRow>>,
}

#[derive(SurrealValue)]
struct StayRow {
    id: RecordId,
    house_name: Option<String>,
    room: Option<String>,
    arrival: String,
    departure: String,
    status: String,
}

#[derive(SurrealValue)]
struct Stations {
    from_name: Option<String>,
    to_name: Option<String>,
}

#[derive(SurrealValue)]
struct TraceRow {
    id: RecordId,
    kind: String,
    text: Option<String>,
    department: String,
    due: String,
    local_time: Option<String>,
    author_name: String,
    resolved_by: Option<String>,
}

#[derive(SurrealValue)]
struct NoteRow {
    id: RecordId,
    text: String,
    audience: String,
    author: String,
    at: DateTime<Utc>,
    until: Option<String>,
}

#[derive(SurrealValue)]
struct GreetingRow {
    id: RecordId,
    due: DateTime<Utc>,
    state: String,
    campaign_name: Option<String>,
}

#[derive(SurrealValue)]
struct CallRow {
    id: RecordId,
    number: String,
    who: String,
    at: DateTime<Utc>,
}

#[derive(SurrealValue)]
struct PointsRow {
    id: RecordId,
    kind: String,
    amount: i64,
    reason: Option<String>,
    author_name: String,
    at: DateTime<Utc>,
}

#[derive(SurrealValue)]
struct VoucherRow {
    id: RecordId,
    what: String,
    amount: Option<i64>,
    currency: Option<String>,
    state: String,
    expires: String,
    author_name: String,
    at: DateTime<Utc>,
}

/// A moment and its place in the stream.
type Placed = (Place, Moment);

/// Something that happened at an instant.
fn at_instant(kind: MomentKind, id: &RecordId, at: DateTime<Utc>, zone: Tz, what: What) -> Result<Placed, DbError> {
    let place = Place { at: nanos(at), kind, key: id_of(id)? };
    let (day, time) = (clock::today(at, zone).to_string(), Some(clock::local_time(at, zone)));
    Ok((place.clone(), Moment { place, day, time, what }))
}

/// Something of a day, house-local `YYYY-MM-DD`, with its time where it has one.
fn on_day(
    kind: MomentKind,
    id: &RecordId,
    day: String,
    time: Option<String>,
    zone: Tz,
    what: What,
) -> Result<Placed, DbError> {
    let date: NaiveDate = word(&day, |day| day.parse().ok())?;
    let place = Place { at: nanos(start_of(date, zone)), kind, key: id_of(id)? };
    Ok((place.clone(), Moment { place, day, time, what }))
}

impl Found {
    /// What was found, kind by kind, as the actor may see it.
    pub fn moments(self, actor: &Actor, now: DateTime<Utc>) -> Result<Vec<Vec<Placed>>, DbError> {
        let zone = actor.house.zone();
        let today = clock::today(now, zone).to_string();
        let notes = self.notes.into_iter().flatten().filter(|row| row.until.as_ref().is_none_or(|end| *end >= today));
        Ok(vec![
            each(self.stays, |row| row.read(actor.role, zone))?,
            each(self.alerts, |row| alert(row, actor, zone))?,
            each(self.requests, |row| request(row, now, zone))?,
            each(self.traces, |row| row.read(zone))?,
            notes.filter_map(|row| row.read(actor.role, zone).transpose()).collect::<Result<_, _>>()?,
            each(self.recoveries, |row| recovery(row, zone))?,
            each(self.greetings, |row| row.read(zone))?,
            each(self.calls, |row| row.read(zone))?,
            each(self.points, |row| row.read(zone))?,
            each(self.vouchers, |row| row.read(zone))?,
        ])
    }
}

fn each<T>(rows: Option<Vec<T>>, read: impl Fn(T) -> Result<Placed, DbError>) -> Result<Vec<Placed>, DbError> {
    rows.into_iter().flatten().map(read).collect()
}

impl StayRow {
    fn read(self, role: Role, zone: Tz) -> Result<Placed, DbError> {
        let line = StayLine {
            house: self.house_name.unwrap_or_default(),
            // Marketing sees dates and no room.
            room: self.room.filter(|_| role != Role::Marketing),
            arrival: self.arrival.clone(),
            departure: self.departure,
            status: word(&self.status, ReservationStatus::from_code)?,
        };
        on_day(MomentKind::Stay, &self.id, self.arrival, None, zone, What::Stay(line))
    }
}

/// What was said; its words only for those whom they concerned.
fn alert(row: Value, actor: &Actor, zone: Tz) -> Result<Placed, DbError> {
    let Stations { from_name, to_name } = Stations::from_value(row.clone())?;
    let row = AlertRow::from_value(row)?;
    let (id, at) = (row.id.clone(), row.raised_at);
    let alert = Alert::try_from(row)?;
    let here = actor.station.as_ref().map(|station| station.id);
    let concerned = alert.is_business_of(actor.role, here, actor.staff);
    let word = Word {
        kind: alert.kind,
        text: alert.text.filter(|_| concerned),
        from: from_name.unwrap_or_default(),
        to: to_name.unwrap_or_default(),
        by: std::iter::once(alert.raised_name).chain(alert.also_names).collect(),
        state: alert.state,
        taken_by: alert.acknowledged_by,
        ended_by: alert.ended_by,
        outcome: alert.outcome,
    };
    at_instant(MomentKind::Alert, &id, at, zone, What::Alert(Box::new(word)))
}

fn request(row: RequestRow, now: DateTime<Utc>, zone: Tz) -> Result<Placed, DbError> {
    let (id, at) = (row.id.clone(), row.asked_at);
    at_instant(MomentKind::Request, &id, at, zone, What::Request(Box::new(row.line(now, zone)?)))
}

impl TraceRow {
    fn read(self, zone: Tz) -> Result<Placed, DbError> {
        let what = Instruction {
            kind: word(&self.kind, TraceKind::from_code)?,
            text: self.text,
            department: word(&self.department, StationKind::from_code)?,
            by: self.author_name,
            resolved_by: self.resolved_by,
        };
        on_day(MomentKind::Trace, &self.id, self.due, self.local_time, zone, What::Trace(Box::new(what)))
    }
}

impl NoteRow {
    /// Nothing for a role for which it was not written.
    fn read(self, role: Role, zone: Tz) -> Result<Option<Placed>, DbError> {
        let audience = word(&self.audience, Audience::from_code)?;
        if !audience.includes(role) {
            return Ok(None);
        }
        let what = What::Note { text: self.text, audience, by: self.author };
        at_instant(MomentKind::Note, &self.id, self.at, zone, what).map(Some)
    }
}

fn recovery(row: RecoveryRow, zone: Tz) -> Result<Placed, DbError> {
    let (id, at) = (row.id.clone(), row.at);
    at_instant(MomentKind::Recovery, &id, at, zone, What::Recovery(Box::new(row.line(zone)?)))
}

impl GreetingRow {
    fn read(self, zone: Tz) -> Result<Placed, DbError> {
        let state = word(&self.state, OccurrenceState::from_code)?;
        let what = What::Greeting { campaign: self.campaign_name.unwrap_or_default(), state };
        at_instant(MomentKind::Greeting, &self.id, self.due, zone, what)
    }
}

impl CallRow {
    fn read(self, zone: Tz) -> Result<Placed, DbError> {
        let what = What::Call { number: self.number, by: self.who };
        at_instant(MomentKind::Call, &self.id, self.at, zone, what)
    }
}

impl PointsRow {
    fn read(self, zone: Tz) -> Result<Placed, DbError> {
        let kind = word(&self.kind, EntryKind::from_code)?;
        let what = What::Points { kind, amount: self.amount, reason: self.reason, by: self.author_name };
        at_instant(MomentKind::Points, &self.id, self.at, zone, what)
    }
}

impl VoucherRow {
    fn read(self, zone: Tz) -> Result<Placed, DbError> {
        let what = What::Voucher {
            what: self.what,
            worth: self.currency.zip(self.amount),
            state: word(&self.state, VoucherState::from_code)?,
            expires: self.expires,
            by: self.author_name,
        };
        at_instant(MomentKind::Voucher, &self.id, self.at, zone, what)
    }
}
