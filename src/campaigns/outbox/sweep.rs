//! What nobody carries any more: claims of processes that died, and what its time has passed for.

use super::IdRow;
use crate::server::db::{Db, DbError, Tx, vars};
use chrono::{DateTime, Utc};
use surrealdb::types::RecordId;

/// Rows that are changed at once.
const PAGE: u32 = 500;

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
    // The owner stays with what is unknown: should it live after all, its word counts.
    let unknown = change(
        db,
        now,
        "SELECT id, lease FROM occurrence WHERE state = 'sending' AND lease <= $now LIMIT $limit",
        "UPDATE $rows SET state = 'unknown', ended_at = $now, lease = NONE \
         WHERE state = 'sending' AND lease <= $now RETURN NONE",
    );
    let unknown = unknown.await?;
    let planned = change(
        db,
        now,
        "SELECT id, lease FROM occurrence WHERE state = 'claimed' AND lease <= $now LIMIT $limit",
        "UPDATE $rows SET state = 'planned', owner = NONE, lease = NONE \
         WHERE state = 'claimed' AND lease <= $now RETURN NONE",
    );
    Ok(Swept { unknown, planned: planned.await?, missed: 0 })
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
    loop {
        let found: Vec<IdRow> = db.rows(find, vars().with("now", now).with("limit", i64::from(PAGE))).await?;
        if found.is_empty() {
            return Ok(changed);
        }
        changed += u32::try_from(found.len()).unwrap_or(PAGE);
        let rows: Vec<RecordId> = found.into_iter().map(|row| row.id).collect();
        db.commit(Tx::new().run(set, vars().with("rows", rows).with("now", now))).await?;
    }
}
