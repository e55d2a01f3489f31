//! Word that nobody raises: something is due.

use super::rules;
use crate::{
    alerts::{AlertKind, escalation},
    ids::{AlertId, GuestId, HouseId, RequestId, StaffId, StationId, TraceId},
    server::db::{Db, DbError, NewEvent, Tx, optional, record, vars},
};
use chrono::{DateTime, Utc};

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Request(RequestId),
    Trace(TraceId),
}

/// What is to be said to a station about it, in the name of whoever entered it.
#[derive(Debug, Clone)]
pub(crate) struct DueWord {
    /// Made of what is due and when: whoever says it again says the same.
    pub id: AlertId,
    pub house: HouseId,
    pub guest: GuestId,
    /// Where it was entered; the receiver itself where that is not known.
    pub sender: StationId,
    pub receiver: StationId,
    pub text: Option<String>,
    pub about: About,
    pub by: StaffId,
    pub by_name: String,
}

/// Makes the alert with the first of its steps, unless it is there already.
const RING: &str = "
    LET $alert = IF record::exists($due_alert) { (SELECT * FROM $due_alert)[0] } ELSE {
        INSERT IGNORE INTO escalation $due_first_step RETURN NONE;
        CREATE ONLY $due_alert SET house = $due_house, guest = $due_guest, sender = $due_sender, \
        receiver = $due_receiver, kind = $due_kind, text = $due_text, state = 'raised', raised_by = $due_by, \
        raised_name = $due_by_name, raised_at = $due_at, muted = $due_muted, request = $due_request, \
        trace = $due_trace RETURN AFTER
    }";

/// Adds it to the transaction that finds it due. It is carried further by the station's rules of the moment.
///
/// # Errors
/// What the store answers.
pub(crate) async fn add(db: &Db, tx: Tx, word: &DueWord, now: DateTime<Utc>) -> Result<Tx, DbError> {
    let (rule, muted) = rules::at(db, word.receiver, AlertKind::Due).await?;
    let (request, trace) = match word.about {
        About::Request(request) => (Some(record("guest_request", request)), None),
        About::Trace(trace) => (None, Some(record("trace", trace))),
    };
    let tx = tx.run(
        RING,
        vars()
            .with("due_alert", record("alert", word.id))
            .with("due_first_step", optional(escalation::first_step(word.house, word.id, &rule, muted, now)))
            .with("due_house", record("house", word.house))
            .with("due_guest", record("guest", word.guest))
            .with("due_sender", record("station", word.sender))
            .with("due_receiver", record("station", word.receiver))
            .with("due_kind", AlertKind::Due.code())
            .with("due_text", optional(word.text.clone()))
            .with("due_by", record("staff", word.by))
            .with("due_by_name", word.by_name.clone())
            .with("due_at", now)
            .with("due_muted", muted)
            .with("due_request", optional(request))
            .with("due_trace", optional(trace)),
    );
    Ok(tx.event(NewEvent::of_expression(word.house, "alert", "$alert")))
}
