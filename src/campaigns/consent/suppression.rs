//! Addresses that are not written to, whoever they belong to. Only a keyed hash of each is kept: it
//! outlives the profile, and nobody reads an address off it.

use super::secret::{ADDRESSES, secret};
use crate::server::db::{Db, DbError, Tx, optional, record, vars, word};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::collections::HashSet;
use surrealdb::types::{RecordId, SurrealValue};

/// Why an address is not written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Letters to it come back.
    Bounced,
    /// Its owner complained to the provider.
    Complained,
    /// A colleague said so.
    ByHand,
}

impl Cause {
    /// The word under which it is stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::ByHand => "by_hand",
        }
    }

    /// The cause of such a word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Bounced, Self::Complained, Self::ByHand].into_iter().find(|cause| cause.code() == code)
    }
}

/// That an address is not written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// What stands for the address: see [`address_key`].
    pub key: String,
    pub cause: Cause,
    /// In the words of whoever refused it.
    pub detail: Option<String>,
    pub at: DateTime<Utc>,
    /// When it ends by itself.
    pub until: Option<DateTime<Utc>>,
}

/// What stands for an address in the store: the same for all ways of writing it that reach one mailbox as
/// far as can be told, trimmed and in lower case.
///
/// # Errors
/// What the store answers.
pub async fn address_key(db: &Db, address: &str) -> Result<String, DbError> {
    Ok(hash(&secret(db, ADDRESSES).await?, address))
}

fn hash(secret: &[u8; 32], address: &str) -> String {
    #[allow(clippy::expect_used, reason = "a key of any length is accepted")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key");
    mac.update(address.trim().to_lowercase().as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes to an address no more. `detail` says why in the words of whoever refused it, without the address.
///
/// # Errors
/// What the store answers.
pub async fn suppress(
    db: &Db,
    address: &str,
    cause: Cause,
    detail: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let key = address_key(db, address).await?;
    db.commit(add_suppression(Tx::new(), &key, cause, detail, now)).await.map(drop)
}

/// The same in the transaction that it belongs to. Once a transaction.
#[must_use]
pub(in crate::campaigns) fn add_suppression(
    tx: Tx,
    key: &str,
    cause: Cause,
    detail: Option<&str>,
    now: DateTime<Utc>,
) -> Tx {
    tx.run(
        "UPSERT ONLY $suppression SET reason = $suppression_reason, detail = $suppression_detail, \
         at = $suppression_at, until = NONE RETURN NONE",
        vars()
            .with("suppression", record("suppression", key))
            .with("suppression_reason", cause.code().to_owned())
            .with("suppression_detail", optional(detail.map(str::to_owned)))
            .with("suppression_at", now),
    )
}

/// Writes to an address no more for a while, if the value `condition` (an expression of the transaction)
/// is true. An address that is suppressed already stays so for as long as it is.
#[must_use]
pub(in crate::campaigns) fn add_suppression_until(
    tx: Tx,
    condition: &str,
    key: &str,
    detail: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Tx {
    let row = Row {
        id: record("suppression", key),
        reason: Cause::Bounced.code().to_owned(),
        detail: Some(detail.to_owned()),
        at: now,
        until: Some(until),
    };
    tx.run(
        &format!("IF {condition} {{ INSERT IGNORE INTO suppression $suppression_row RETURN NONE; }}"),
        vars().with("suppression_row", row),
    )
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    reason: String,
    detail: Option<String>,
    at: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
}

/// The records that would suppress these addresses, in their order, whether they exist or not.
///
/// # Errors
/// What the store answers.
pub async fn suppressions(db: &Db, addresses: &[String]) -> Result<Vec<RecordId>, DbError> {
    let secret = secret(db, ADDRESSES).await?;
    Ok(addresses.iter().map(|address| record("suppression", hash(&secret, address))).collect())
}

/// Which of these addresses are not written to, as they were given.
///
/// # Errors
/// What the store answers.
pub async fn suppressed(db: &Db, addresses: &[String]) -> Result<HashSet<String>, DbError> {
    if addresses.is_empty() {
        return Ok(HashSet::new());
    }
    let records = suppressions(db, addresses).await?;
    let found: Vec<RecordId> =
        db.rows("SELECT VALUE id FROM $suppressions", vars().with("suppressions", records.clone())).await?;
    let hit = addresses.iter().zip(&records).filter(|(_, record)| found.contains(record));
    Ok(hit.map(|(address, _)| address.clone()).collect())
}

/// Why an address is not written to; `None` where it is.
///
/// # Errors
/// What the store answers.
pub async fn suppression(db: &Db, address: &str) -> Result<Option<Suppression>, DbError> {
    Ok(standing(db, address).await?.1)
}

/// What stands for an address, and why it is not written to; `None` where it is.
///
/// # Errors
/// What the store answers.
pub async fn standing(db: &Db, address: &str) -> Result<(String, Option<Suppression>), DbError> {
    let key = address_key(db, address).await?;
    let row: Option<Row> = db
        .row(
            "SELECT id, reason, detail, at, until FROM $suppression",
            vars().with("suppression", record("suppression", &key)),
        )
        .await?;
    let Some(Row { reason, detail, at, until, .. }) = row else {
        return Ok((key, None));
    };
    let cause = word(&reason, Cause::from_code)?;
    Ok((key.clone(), Some(Suppression { key, cause, detail, at, until })))
}

/// Writes again to addresses whose while is over.
///
/// # Errors
/// What the store answers.
pub async fn lift_expired(db: &Db, now: DateTime<Utc>) -> Result<(), DbError> {
    db.query("DELETE suppression WHERE passes = true AND until <= $now RETURN NONE", vars().with("now", now))
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_has_one_hash_and_a_secret_of_its_own() {
        let hashed = hash(&[1; 32], "anna@example.com");
        assert_eq!(hashed.len(), 64);
        assert_eq!(hash(&[1; 32], " Anna@EXAMPLE.com "), hashed);
        assert_ne!(hash(&[2; 32], "anna@example.com"), hashed);
        assert_ne!(hash(&[1; 32], "anne@example.com"), hashed);
    }
}
