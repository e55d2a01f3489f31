//! Suppressions that somebody lifted. What they were is kept beside who lifted them and why, by the same hash
//! of the address.

use super::suppression::{Cause, Suppression};
use crate::server::db::{Db, DbError, Tx, record, vars, word};
use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue};
use uuid::Uuid;

/// The most that are told of one address, the newest.
const MOST: i64 = 20;

/// A suppression that was, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifted {
    pub cause: Cause,
    pub detail: Option<String>,
    pub suppressed_at: DateTime<Utc>,
    /// In the words of whoever lifted it.
    pub why: String,
    pub by: String,
    pub at: DateTime<Utc>,
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    address: String,
    reason: String,
    detail: Option<String>,
    suppressed_at: DateTime<Utc>,
    why: String,
    author_name: String,
    at: DateTime<Utc>,
}

/// Lifts a suppression in a transaction, which fails with a guard where it is no more what was looked at.
/// Once a transaction.
#[must_use]
pub(in crate::campaigns) fn add_lifting(
    tx: Tx,
    suppression: &Suppression,
    why: String,
    by: &str,
    now: DateTime<Utc>,
) -> Tx {
    let row = Row {
        id: record("lifted", Uuid::now_v7()),
        address: suppression.key.clone(),
        reason: suppression.cause.code().to_owned(),
        detail: suppression.detail.clone(),
        suppressed_at: suppression.at,
        why,
        author_name: by.to_owned(),
        at: now,
    };
    tx.run(
        "IF (SELECT VALUE reason FROM ONLY $suppression) != $lifted_reason { THROW 'guard:suppression' };
         DELETE $suppression RETURN NONE;
         INSERT INTO lifted $lifted_row RETURN NONE",
        vars()
            .with("suppression", record("suppression", &suppression.key))
            .with("lifted_reason", row.reason.clone())
            .with("lifted_row", row),
    )
}

/// The suppressions of an address that were lifted by hand, the newest first.
///
/// # Errors
/// What the store answers.
pub async fn lifted(db: &Db, key: &str) -> Result<Vec<Lifted>, DbError> {
    let rows: Vec<Row> = db
        .rows(
            "SELECT * FROM lifted WHERE address = $address ORDER BY at DESC LIMIT $limit",
            vars().with("address", key.to_owned()).with("limit", MOST),
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Lifted {
                cause: word(&row.reason, Cause::from_code)?,
                detail: row.detail,
                suppressed_at: row.suppressed_at,
                why: row.why,
                by: row.author_name,
                at: row.at,
            })
        })
        .collect()
}
