//! What nobody carries any more: claims of processes that died, and what its time has passed for.

use super::IdRow;
use crate::server::db::{Db, DbError, Tx, vars};
use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::RecordId;

/// Rows that are changed at once.
const PAGE: u32 = 500;

/// A lease that ends later than this was given by a clock that has been put back since; see `Mailer::longest` for what
/// the longest of them is, 16 hours with the longest patience that a relay can be given.
const LONGEST_LEASE: TimeDelta = TimeDelta::hours(24);

/// What one look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Were on the wire when their process died: a person must find out.
    pub unknown: u32,
    /// Were claimed and had not started: they wait for their turn again.
    pub planned: u32,
    pub missed: u32,
}

/// Looks after everything that nobody carries any more.
///
/// # Errors
/// What the store answers.
pub async fn sweep(db: &Db, now: DateTime<Utc>) -> Result<Swept, DbError> {
    let mut swept = unknown_after_crash(db, now).await?;
    swept.missed = miss(db, now).await?;
    Ok(swept)
}

/// Takes what was claimed by a process that has died from it: what may be on the wire becomes unknown, the
/// rest is planned again.
///
/// # Errors
/// What the store answers.
pub async fn unknown_after_crash(db: &Db, now: DateTime<Utc>) -> Result<Swept, DbError> {
    let mut swept = Swept::default();
    for is_over in ["lease <= $now", "lease > $longest"] {
        // The owner stays with what is unknown: should it live after all, its word counts.
        let set = "state = 'unknown', ended_at = $now, lease = NONE";
        swept.unknown += take_over(db, now, "sending", is_over, set).await?;
        let set = "state = 'planned', owner = NONE, lease = NONE";
        swept.planned += take_over(db, now, "claimed", is_over, set).await?;
    }
    Ok(swept)
}

async fn take_over(db: &Db, now: DateTime<Utc>, state: &str, is_over: &str, set: &str) -> Result<u32, DbError> {
    let find = format!("SELECT id, lease FROM occurrence WHERE state = '{state}' AND {is_over} LIMIT $limit");
    let set = format!("UPDATE $rows SET {set} WHERE state = '{state}' AND {is_over} RETURN NONE");
    change(db, now, &find, &set).await
}

/// Gives up what could not leave in its time. Tells how many.
///
/// # Errors
/// What the store answers.
pub async fn miss(db: &Db, now: DateTime<Utc>) -> Result<u32, DbError> {
    let mut missed = 0;
    for state in ["planned", "held", "awaiting"] {
        let find = format!(
            "SELECT id, due FROM occurrence WHERE state = '{state}' AND due <= $now AND until <= $now LIMIT $limit"
        );
        let set = format!(
            "UPDATE $rows SET state = 'missed', ended_at = $now WHERE state = '{state}' AND until <= $now RETURN NONE"
        );
        missed += change(db, now, &find, &set).await?;
    }
    Ok(missed)
}

async fn change(db: &Db, now: DateTime<Utc>, find: &str, set: &str) -> Result<u32, DbError> {
    let mut changed = 0;
    let bound = || vars().with("now", now).with("longest", now + LONGEST_LEASE);
    loop {
        let found: Vec<IdRow> = db.rows(find, bound().with("limit", i64::from(PAGE))).await?;
        if found.is_empty() {
            return Ok(changed);
        }
        changed += u32::try_from(found.len()).unwrap_or(PAGE);
        let rows: Vec<RecordId> = found.into_iter().map(|row| row.id).collect();
        db.commit(Tx::new().run(set, bound().with("rows", rows))).await?;
    }
}
