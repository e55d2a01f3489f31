//! Failed attempts to sign in: whoever guesses has to wait.

use crate::server::db::{Db, DbError, Tx, record, vars};
use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// Failures after which an account is locked on a device.
const FAILURES_BY_ACCOUNT: i64 = 5;
/// Failures after which a device may not try any account.
const FAILURES_BY_DEVICE: i64 = 20;
const LOCKED_MINUTES: i64 = 15;

/// Minutes for which this account may not be tried from this place, if it may not.
///
/// # Errors
/// What the store answers.
pub async fn locked_for(db: &Db, login: &str, place: &str, now: DateTime<Utc>) -> Result<Option<u32>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
        failures: i64,
        until: DateTime<Utc>,
    }
    let (by_account, by_device) = attempts(login, place);
    let rows: Vec<Row> = db
        .rows(
            "SELECT * FROM [$by_account, $by_device]",
            vars().with("by_account", by_account.clone()).with("by_device", by_device),
        )
        .await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.until > now)
        .filter(|row| row.failures >= if row.id == by_account { FAILURES_BY_ACCOUNT } else { FAILURES_BY_DEVICE })
        .map(|row| u32::try_from(((row.until - now).num_seconds() + 59).div_euclid(60)).unwrap_or(1))
        .max())
}

/// Counts a failed attempt. Each one starts the time of the lock again.
///
/// # Errors
/// What the store answers.
pub async fn failed(db: &Db, login: &str, place: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let (by_account, by_device) = attempts(login, place);
    let until = now + TimeDelta::minutes(LOCKED_MINUTES);
    // As a transaction it is tried again where several attempts come at once: none goes uncounted.
    let tx = Tx::new().run(
        "FOR $attempt IN [$by_account, $by_device] {
             UPSERT $attempt SET failures = IF (until ?? $now) > $now { (failures ?? 0) + 1 } ELSE { 1 },
             until = $until RETURN NONE;
         }",
        vars().with("by_account", by_account).with("by_device", by_device).with("now", now).with("until", until),
    );
    db.commit(tx).await.map(drop)
}

/// Forgets the failures of an account and of a place, after someone has signed in there.
///
/// # Errors
/// What the store answers.
pub async fn succeeded(db: &Db, login: &str, place: &str) -> Result<(), DbError> {
    let (by_account, by_device) = attempts(login, place);
    db.query("DELETE $attempts RETURN NONE", vars().with("attempts", vec![by_account, by_device])).await.map(drop)
}

fn attempts(login: &str, place: &str) -> (RecordId, RecordId) {
    (record("attempt", format!("{login}@{place}")), record("attempt", format!("@{place}")))
}
