//! The outbox as people look at it: what is still to leave and when, what is under way, what failed, and what
//! nobody knows of.

use crate::{
    campaigns::{
        OccurrenceId, OccurrenceState, Reason,
        outbox_api::{OutboxLine, OutboxPage, Show},
    },
    guests::{Guest, card::mask_email, store::GuestRow},
    ids::{CampaignId, GuestId},
    server::{
        clock,
        db::{Db, DbError, id_of, record, vars, word},
    },
    staff::guard::{Permit, PlanGreetings},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use std::{cmp::Reverse, collections::HashMap};
use surrealdb::types::{RecordId, SurrealValue};

/// Greetings on a page.
const PAGE: usize = 50;
/// Longer from now than anything is planned or put off, and longer ago than anything waits.
const FAR: TimeDelta = TimeDelta::days(366);

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    state: String,
    due: DateTime<Utc>,
    reason: Option<String>,
    detail: Option<String>,
    address: Option<String>,
    relay: Option<String>,
    answer: Option<String>,
    attempts: i64,
    decided_by: Option<String>,
}

/// Where a page begins: after this one.
struct Cursor {
    due: DateTime<Utc>,
    id: OccurrenceId,
}

impl Cursor {
    fn read(text: &str) -> Option<Self> {
        let (due, id) = text.split_once('~')?;
        Some(Self { due: DateTime::parse_from_rfc3339(due).ok()?.to_utc(), id: id.parse().ok()? })
    }

    fn write(row: &Row) -> Result<String, DbError> {
        let id: OccurrenceId = id_of(&row.id)?;
        Ok(format!("{}~{id}", row.due.to_rfc3339_opts(SecondsFormat::Nanos, true)))
    }
}

/// A page of the outbox of the actor's house, in the order of [`Show::next_first`]. `after` is the `next` of the page before;
/// one that cannot be read begins anew.
///
/// # Errors
/// What the store answers.
pub async fn list(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    show: Show,
    after: Option<&str>,
    now: DateTime<Utc>,
) -> Result<OutboxPage, DbError> {
    let cursor = after.and_then(Cursor::read);
    let mut rows = Vec::new();
    for state in show.states() {
        rows.extend(of_state(db, permit, show, *state, cursor.as_ref(), now).await?);
    }
    if show.next_first() {
        rows.sort_by_cached_key(|row| (row.due, row.id.key.clone()));
    } else {
        rows.sort_by_cached_key(|row| Reverse((row.due, row.id.key.clone())));
    }
    let is_last = rows.len() <= PAGE;
    rows.truncate(PAGE);
    let next = if is_last { None } else { rows.last().map(Cursor::write).transpose()? };
    let names = names(db, &rows).await?;
    let campaigns = campaign_names(db, &rows).await?;
    let zone = permit.actor().house.zone();
    let lines = rows.into_iter().map(|row| {
        let id: OccurrenceId = id_of(&row.id)?;
        Ok(OutboxLine {
            name: names.get(&id.guest).cloned(),
            campaign: campaigns.get(&id.campaign).cloned().unwrap_or_default(),
            state: word(&row.state, OccurrenceState::from_code)?,
            due: clock::local_minute(row.due, zone),
            address: row.address.as_deref().map(mask_email),
            reason: row.reason.as_deref().map(|text| word(text, Reason::from_code)).transpose()?,
            detail: row.detail,
            answer: row.answer,
            relay: row.relay,
            attempts: u32::try_from(row.attempts).unwrap_or_default(),
            decided_by: row.decided_by,
            id,
        })
    });
    Ok(OutboxPage { show, lines: lines.collect::<Result<_, DbError>>()?, next })
}

/// One more than a page of those in a state.
async fn of_state(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    show: Show,
    state: OccurrenceState,
    cursor: Option<&Cursor>,
    now: DateTime<Utc>,
) -> Result<Vec<Row>, DbError> {
    // What is planned is scheduled before its hour, and under way from then on. A page that began before that
    // bound begins at it.
    let (bound, cursor, reach, after, order) = if show.next_first() {
        let bound = if show == Show::Scheduled { now } else { now - FAR };
        match cursor.filter(|cursor| cursor.due > bound) {
            Some(cursor) => (cursor.due, Some(cursor), ">=", " AND (due > $begin OR id > $last)", "due, id"),
            None => (bound, None, ">", "", "due, id"),
        }
    } else {
        let bound = if state == OccurrenceState::Planned { now } else { now + FAR };
        match cursor.filter(|cursor| cursor.due <= bound) {
            Some(cursor) => (cursor.due, Some(cursor), "<=", " AND (due < $begin OR id < $last)", "due DESC, id DESC"),
            None => (bound, None, "<=", "", "due DESC, id DESC"),
        }
    };
    let mut bound = vars()
        .with("state", state.code().to_owned())
        .with("house", record("house", permit.house()))
        .with("begin", bound)
        .with("limit", i64::try_from(PAGE).unwrap_or(i64::MAX) + 1);
    if let Some(cursor) = cursor {
        bound = bound.with("last", record("occurrence", &cursor.id));
    }
    db.rows(
        &format!(
            "SELECT id, state, due, reason, detail, address, relay, answer, attempts, decided_by FROM occurrence \
             WITH INDEX occurrence_due WHERE state = $state AND due {reach} $begin AND house = $house{after} \
             ORDER BY {order} LIMIT $limit"
        ),
        bound,
    )
    .await
}

async fn names(db: &Db, rows: &[Row]) -> Result<HashMap<GuestId, String>, DbError> {
    let guests = rows.iter().map(|row| Ok(record("guest", id_of::<OccurrenceId>(&row.id)?.guest)));
    let guests: Vec<RecordId> = guests.collect::<Result<_, DbError>>()?;
    let found: Vec<GuestRow> = db.rows("SELECT * FROM $guests", vars().with("guests", guests)).await?;
    found
        .into_iter()
        .map(|row| {
            let guest = Guest::try_from(row)?;
            Ok((guest.id, guest.name.full()))
        })
        .collect()
}

async fn campaign_names(db: &Db, rows: &[Row]) -> Result<HashMap<CampaignId, String>, DbError> {
    #[derive(SurrealValue)]
    struct Named {
        id: RecordId,
        name: String,
    }
    let mut ids: Vec<CampaignId> =
        rows.iter().map(|row| Ok(id_of::<OccurrenceId>(&row.id)?.campaign)).collect::<Result<_, DbError>>()?;
    ids.sort_unstable();
    ids.dedup();
    let records: Vec<RecordId> = ids.iter().map(|id| record("campaign", id)).collect();
    let found: Vec<Named> = db.rows("SELECT id, name FROM $campaigns", vars().with("campaigns", records)).await?;
    found.into_iter().map(|row| Ok((id_of(&row.id)?, row.name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_goes_on_where_the_one_before_ended() {
        let id = OccurrenceId { campaign: CampaignId::new(), guest: GuestId::new(), date: "2026-11-23".to_owned() };
        let row = Row {
            id: record("occurrence", &id),
            state: "failed".to_owned(),
            due: DateTime::from_timestamp(1_800_000_000, 123_456_789).expect("an instant"),
            reason: None,
            detail: None,
            address: None,
            relay: None,
            answer: None,
            attempts: 0,
            decided_by: None,
        };
        let cursor = Cursor::read(&Cursor::write(&row).expect("text")).expect("a cursor");
        assert_eq!((cursor.due, cursor.id), (row.due, id));
        for wrong in ["", "~", "2026-11-23", "2026-11-23T00:00:00Z~x", "x~y"] {
            assert!(Cursor::read(wrong).is_none(), "{wrong}");
        }
    }
}
