//! The feed's rows, and what an event says as far as its row tells.

use super::{Body, Extent};
use crate::{
    alerts::store::AlertRow,
    guests::store::GuestEvent,
    ids::StationId,
    requests::{asked, traces::store as traces},
    server::db::{DbError, word},
    staff::store::SessionsEnded,
    stays::locator,
};
use surrealdb::types::{RecordId, RecordIdKey, SurrealValue, Value};

/// A row of `event`, as far as it is read.
#[derive(SurrealValue)]
pub(super) struct EventRow {
    pub id: RecordId,
    pub kind: String,
    pub data: Value,
}

/// A row of `counter`: how far the feed of a house reaches.
#[derive(SurrealValue)]
pub(super) struct CounterRow {
    pub id: RecordId,
    pub seq: i64,
    pub floor: Option<i64>,
}

/// How far the feed of a house reaches that has this counter, or none yet.
pub(super) fn extent_of(counter: Option<CounterRow>) -> Extent {
    counter.map_or(Extent { floor: 0, head: 0 }, |counter| Extent {
        floor: unsigned(counter.floor.unwrap_or(0)),
        head: unsigned(counter.seq),
    })
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

/// What an event says, as far as its row tells.
pub(super) enum Read {
    Body(Body),
    /// Its card is made of more than the row.
    Alert(Box<AlertRow>),
    /// How things stand at the station is looked up.
    Presence(StationId),
}

/// Reads what an event of a kind carries.
///
/// # Errors
/// When it does not carry what that kind does. A kind that is not known is no error.
pub(super) fn read(kind: &str, data: Value) -> Result<Read, DbError> {
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
        asked::EVENT => Body::RequestsChanged,
        "station" => Body::StationChanged(parse(&StationEvent::from_value(data)?.station)?),
        _ => Body::Unknown,
    }))
}

/// The number of an event.
pub(super) fn seq_of(id: &RecordId) -> Result<u64, DbError> {
    match &id.key {
        RecordIdKey::Array(parts) => parts.get(1).cloned().and_then(|seq| i64::from_value(seq).ok()).map(unsigned),
        _ => None,
    }
    .ok_or_else(|| DbError::Malformed(format!("{id:?}")))
}

fn parse<T: std::str::FromStr>(text: &str) -> Result<T, DbError> {
    word(text, |text| text.parse().ok())
}

pub(super) fn unsigned(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or(0)
}

pub(super) fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
