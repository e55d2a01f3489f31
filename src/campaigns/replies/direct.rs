//! A recipient whom a relay refuses on the spot. What follows is what would follow if the relay had taken the
//! letter and returned it.

use super::{
    Severity,
    dsn::Status,
    store::{TOO_MANY, WHILE},
};
use crate::{
    campaigns::OccurrenceId,
    server::db::{Tx, record, vars},
};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use surrealdb::types::{RecordId, SurrealValue};

/// What a refusal says of the address that was written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What stands for the address in the store.
    address: String,
    /// The enhanced status code (RFC 3463), where there was one.
    status: Option<Status>,
}

impl Refusal {
    /// `answer` is what the relay said for good: `550 5.1.1 no such user`.
    pub(in crate::campaigns) fn read(address: String, answer: &str) -> Self {
        Self { address, status: Status::find(answer) }
    }

    fn severity(&self) -> Severity {
        if self.status.is_some_and(Status::is_hard) { Severity::Hard } else { Severity::Soft }
    }
}

#[derive(SurrealValue)]
struct Row {
    report: RecordId,
    kind: String,
    occurrence: RecordId,
    address: String,
    suppression: RecordId,
    status: Option<String>,
    /// The same in words, where an address rests for a while.
    detail: String,
}

/// Adds what follows from refusals, each with its greeting and the claim under which it came about: under one
/// claim it counts once, however often it is written down.
#[must_use]
pub(in crate::campaigns) fn add_refusals<'a>(
    tx: Tx,
    refusals: impl Iterator<Item = (&'a OccurrenceId, &'a str, &'a Refusal)>,
    now: DateTime<Utc>,
) -> Tx {
    let rows: Vec<Row> = refusals
        .map(|(occurrence, claim, refusal)| {
            let status = refusal.status.map(|status| status.to_string());
            Row {
                report: record("report", fingerprint(occurrence, claim)),
                kind: refusal.severity().code().to_owned(),
                occurrence: record("occurrence", occurrence),
                address: refusal.address.clone(),
                suppression: record("suppression", &refusal.address),
                detail: status.clone().unwrap_or_else(|| "-".to_owned()),
                status,
            }
        })
        .collect();
    if rows.is_empty() {
        return tx;
    }
    tx.run(
        "FOR $refusal IN $refusals {
             LET $refused_address = $refusal.address;
             UPSERT $refusal.report SET kind = $refusal.kind, occurrence = $refusal.occurrence, \
             address = $refused_address, status = $refusal.status, source = 'relay', at = $refused_at RETURN NONE;
             IF $refusal.kind = 'hard' {
                 UPSERT $refusal.suppression SET reason = 'bounced', detail = $refusal.status, at = $refused_at, \
                 until = NONE RETURN NONE;
             } ELSE IF record::exists($refusal.suppression) = false AND array::len((SELECT VALUE id FROM report \
             WHERE address = $refused_address AND at > $refused_since AND kind = 'soft')) >= $refused_too_often {
                 UPSERT $refusal.suppression SET reason = 'bounced', detail = $refusal.detail, at = $refused_at, \
                 until = $refused_until RETURN NONE;
             };
         }",
        vars()
            .with("refusals", rows)
            .with("refused_at", now)
            .with("refused_since", now - WHILE)
            .with("refused_until", now + WHILE)
            .with("refused_too_often", TOO_MANY),
    )
}

fn fingerprint(occurrence: &OccurrenceId, claim: &str) -> String {
    let hash = Sha256::digest(format!("relay|{occurrence}|{claim}"));
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_address_is_told_from_other_refusals() {
        for (answer, severity) in [
            ("550 5.1.1 <(address)>: no such user", Severity::Hard),
            ("550 #5.1.0 Address rejected", Severity::Hard),
            // About the sender's address, which is ours.
            ("550 5.1.8 sender domain does not exist", Severity::Soft),
            ("552 5.2.2 mailbox full", Severity::Soft),
            ("550 5.7.1 not from here", Severity::Soft),
            ("550 no such user", Severity::Soft),
        ] {
            assert_eq!(Refusal::read("x".to_owned(), answer).severity(), severity, "{answer}");
        }
    }
}
