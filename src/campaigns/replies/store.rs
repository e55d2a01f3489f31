//! What follows from a mail that came back, in one transaction with the word that it was counted.

use super::{Mail, Returned, Severity, Taken, parse};
use crate::{
    campaigns::consent::{self, Cause, Source, Statement},
    ids::GuestId,
    server::db::{Db, DbError, Tx, id_of, optional, record, vars},
};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use surrealdb::types::{RecordId, SurrealValue};

/// How far back soft failures are counted, how long an address rests after too many, and how old the letter
/// may be that a report without its Message-ID is about.
pub(super) const WHILE: TimeDelta = TimeDelta::days(30);
/// Soft failures within that time at which the address rests.
pub(super) const TOO_MANY: i64 = 3;

/// The letter that came back.
#[derive(Debug, SurrealValue)]
struct Letter {
    id: RecordId,
    guest: RecordId,
    address: Option<String>,
    sending_at: Option<DateTime<Utc>>,
}

/// Reads a mail and does what follows from it, unless that has been done. `source` is the word for where
/// it was found.
///
/// # Errors
/// What the store answers.
pub async fn take(db: &Db, mail: Vec<u8>, source: &str, now: DateTime<Utc>) -> Result<Taken, DbError> {
    let report = record("report", fingerprint(&mail));
    // Whoever likes can write such a mail. Should one be made so cleverly that reading it panics, it is
    // unreadable and nothing more.
    let read = tokio::task::spawn_blocking(move || parse::read(&mail)).await.unwrap_or(Mail::Unreadable);
    match read {
        Mail::PassedOver => Ok(Taken::PassedOver),
        Mail::Unreadable => {
            let tx = counted(
                Tx::new(),
                Counted { report, kind: "unreadable", letter: None, key: None, status: None, source },
                now,
            );
            commit(db, tx, Taken::Unreadable).await
        }
        Mail::Report(returned) => match find(db, &returned, now).await? {
            Some(letter) => follow(db, report, &returned, &letter, source, now).await,
            None => {
                let kind = returned.severity.code();
                let status = returned.status;
                let tx = counted(Tx::new(), Counted { report, kind, letter: None, key: None, status, source }, now);
                commit(db, tx, Taken::Unmatched).await
            }
        },
    }
}

/// The same for all copies of a mail, whether their lines end as on the wire or as in a file.
fn fingerprint(mail: &[u8]) -> String {
    let mut hash = Sha256::new();
    for part in mail.split(|byte| *byte == b'\r') {
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn find(db: &Db, returned: &Returned, now: DateTime<Utc>) -> Result<Option<Letter>, DbError> {
    let secret = consent::secret(db, consent::LINKS).await?;
    if let Some(id) = returned.tokens.iter().find_map(|token| consent::read_token(&secret, token)) {
        let bound = vars().with("letter", record("occurrence", id));
        return db.row("SELECT id, guest, address, sending_at FROM $letter", bound).await;
    }
    if !returned.message_ids.is_empty() {
        let ids: Vec<String> =
            returned.message_ids.iter().flat_map(|id| [id.clone(), format!("<{id}>")]).take(32).collect();
        let bound = vars().with("ids", ids);
        return db
            .row("SELECT id, guest, address, sending_at FROM occurrence WHERE message_id IN $ids LIMIT 1", bound)
            .await;
    }
    let Some(address) = &returned.address else {
        return Ok(None);
    };
    let letters: Vec<Letter> = db
        .rows(
            "SELECT id, guest, address, sending_at FROM occurrence WHERE address = $address",
            vars().with("address", address.trim().to_lowercase()),
        )
        .await?;
    let recent = letters.into_iter().filter(|letter| letter.sending_at.is_some_and(|at| now - at <= WHILE));
    Ok(recent.max_by_key(|letter| letter.sending_at))
}

async fn follow(
    db: &Db,
    report: RecordId,
    returned: &Returned,
    letter: &Letter,
    source: &str,
    now: DateTime<Utc>,
) -> Result<Taken, DbError> {
    // The address that was written to, not the one that it was passed on to.
    let key = match letter.address.as_deref().or(returned.address.as_deref()) {
        Some(address) => Some(consent::address_key(db, address).await?),
        None => None,
    };
    let kind = returned.severity.code();
    let status = returned.status.clone();
    let mut tx = counted(
        Tx::new(),
        Counted { report, kind, letter: Some(letter.id.clone()), key: key.clone(), status: status.clone(), source },
        now,
    )
    .run(
        "UPDATE $letter SET bounced = $kind WHERE bounced = NONE OR bounced = 'soft' OR $kind = 'complaint' \
         RETURN NONE",
        vars().with("letter", letter.id.clone()),
    );
    let taken = match returned.severity {
        Severity::Hard => {
            if let Some(key) = &key {
                tx = consent::add_suppression(tx, key, Cause::Bounced, status.as_deref(), now);
            }
            Taken::Hard
        }
        Severity::Soft => {
            if let Some(key) = &key {
                tx = tx.run(
                    "LET $failures = (SELECT VALUE id FROM report WHERE address = $key AND at > $since AND kind = 'soft')",
                    vars().with("since", now - WHILE),
                );
                let condition = format!("array::len($failures) >= {TOO_MANY}");
                let detail = status.as_deref().unwrap_or("-");
                tx = consent::add_suppression_until(tx, &condition, key, detail, now, now + WHILE);
            }
            Taken::Soft
        }
        Severity::Complaint => {
            if let Some(key) = &key {
                tx = consent::add_suppression(tx, key, Cause::Complained, None, now);
            }
            let guest: GuestId = id_of(&letter.guest)?;
            tx = consent::add_statements(tx, vec![complaint(guest)], now);
            Taken::Complaint
        }
    };
    commit(db, tx, taken).await
}

/// What a complaint says about being written to.
fn complaint(guest: GuestId) -> Statement {
    Statement {
        guest,
        kind: None,
        granted: false,
        source: Source::Complaint,
        wording: None,
        language: None,
        author: None,
    }
}

/// A row of `report`.
struct Counted<'a> {
    report: RecordId,
    kind: &'static str,
    letter: Option<RecordId>,
    /// The keyed hash of the address that was written to.
    key: Option<String>,
    status: Option<String>,
    source: &'a str,
}

/// Begins a transaction that does not go on where the mail has been counted.
fn counted(tx: Tx, row: Counted<'_>, now: DateTime<Utc>) -> Tx {
    tx.run(
        "IF record::exists($report) { THROW 'guard:counted' };
         CREATE ONLY $report SET kind = $kind, occurrence = $occurrence, address = $key, status = $status, \
         source = $source, at = $at RETURN NONE",
        vars()
            .with("report", row.report)
            .with("kind", row.kind.to_owned())
            .with("occurrence", optional(row.letter))
            .with("key", optional(row.key))
            .with("status", optional(row.status))
            .with("source", row.source.to_owned())
            .with("at", now),
    )
}

async fn commit(db: &Db, tx: Tx, taken: Taken) -> Result<Taken, DbError> {
    match db.commit(tx).await {
        Ok(_) => Ok(taken),
        Err(DbError::Guard(_)) => Ok(Taken::Again),
        Err(other) => Err(other),
    }
}
