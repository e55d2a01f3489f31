//! The ledger: how points come to an account and leave it.
//!
//! Every posting writes the account's row, so that two at once conflict in the store; and it is refused by the
//! transaction if the account has another number of entries than the one that it was decided on. Then it is read and
//! decided anew. So what a decision rests on (which lots there are) is as it was when the decision is kept, and the
//! balance is the store's own sum.

use super::Purse;
use crate::{
    guests::store::GuestEvent,
    ids::{GuestId, HouseId},
    loyalty::EntryKind,
    server::db::{Db, DbError, Tx, record, vars, word},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;
use surrealdb::types::{RecordId, SurrealValue};

/// A row of `points`.
#[derive(Debug, Clone, SurrealValue)]
pub(super) struct EntryRow {
    pub id: RecordId,
    pub account: RecordId,
    pub guest: RecordId,
    pub house: RecordId,
    pub kind: String,
    pub amount: i64,
    pub balance: i64,
    pub number: i64,
    pub reason: Option<String>,
    pub reservation: Option<RecordId>,
    pub spend: Option<i64>,
    pub origin: Option<RecordId>,
    pub took: Vec<RecordId>,
    pub parts: Vec<i64>,
    pub author_name: String,
    pub at: DateTime<Utc>,
}

impl EntryRow {
    pub fn kind(&self) -> Result<EntryKind, DbError> {
        word(&self.kind, EntryKind::from_code)
    }
}

/// An entry to be written.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// Its idempotency key.
    pub key: String,
    pub amount: i64,
    pub reason: Option<String>,
    pub reservation: Option<RecordId>,
    pub spend: Option<i64>,
    /// The key of the entry that it takes back, or that expired.
    pub origin: Option<String>,
    /// Empty for what the rules post by themselves.
    pub author: String,
    /// The last day of the points that it gives, where it gives any; `None` inside for ever.
    pub gives: Option<Option<NaiveDate>>,
    /// From which lots it takes.
    pub takes: Vec<(RecordId, i64)>,
    /// To which lots it gives back.
    pub returns: Vec<(RecordId, i64)>,
}

/// A draft as the transaction reads it.
#[derive(SurrealValue)]
struct Bound {
    kind: String,
    amount: i64,
    reason: Option<String>,
    reservation: Option<RecordId>,
    spend: Option<i64>,
    origin: Option<RecordId>,
    took: Vec<RecordId>,
    parts: Vec<i64>,
    author: String,
    ends: Option<String>,
}

#[derive(SurrealValue)]
struct Part {
    lot: RecordId,
    points: i64,
}

/// Adds entries to a transaction. It fails with the guard `posted` if one of them is there, and with `moved` if the
/// account is not as it was when they were decided on. Once a transaction.
pub(super) fn write(tx: Tx, purse: &Purse, house: HouseId, drafts: Vec<(EntryKind, Draft)>, now: DateTime<Utc>) -> Tx {
    const ENTRY: &str = "LET $made# = (UPSERT ONLY $account SET programme = $programme, guest = $holder, \
             balance = (balance ?? 0) + $draft#.amount, entries = (entries ?? 0) + 1 RETURN AFTER);
         CREATE ONLY $entry# SET account = $account, guest = $holder, house = $posted_in, kind = $draft#.kind, \
             amount = $draft#.amount, balance = $made#.balance, number = $made#.entries, reason = $draft#.reason, \
             reservation = $draft#.reservation, spend = $draft#.spend, origin = $draft#.origin, took = $draft#.took, \
             parts = $draft#.parts, author_name = $draft#.author, at = $posted_at RETURN NONE";
    const GIVES: &str = "CREATE ONLY $lot# SET account = $account, guest = $holder, house = $posted_in, \
             remains = $draft#.amount, expires = $draft#.ends, at = $posted_at RETURN NONE";
    const TAKES: &str = "FOR $part IN $takes# { UPDATE $part.lot SET remains -= $part.points RETURN NONE }";
    const RETURNS: &str = "FOR $part IN $returns# { UPDATE $part.lot SET remains += $part.points RETURN NONE }";
    let mut guards = String::new();
    let mut bound = vars()
        .with("account", purse.account.clone())
        .with("programme", purse.programme.clone())
        .with("holder", record("guest", purse.guest))
        .with("posted_in", record("house", house))
        .with("posted_at", now)
        .with("seen_entries", purse.entries);
    for (at, (_, draft)) in drafts.iter().enumerate() {
        guards.push_str(&format!("IF record::exists($entry{at}) {{ THROW 'guard:posted' }};\n"));
        bound = bound.with(&format!("entry{at}"), record("points", &draft.key));
    }
    guards.push_str("IF ((SELECT VALUE entries FROM ONLY $account) ?? 0) != $seen_entries { THROW 'guard:moved' }");
    let mut tx = tx.run(&guards, bound);
    for (at, (kind, draft)) in drafts.into_iter().enumerate() {
        let numbered = |sql: &str| sql.replace('#', &at.to_string());
        let name = |of: &str| format!("{of}{at}");
        let lot = record("lot", &draft.key);
        let (gives, takes, returns) = (draft.gives.is_some(), parts(&draft.takes), parts(&draft.returns));
        tx = tx.run(&numbered(ENTRY), vars().with(&name("draft"), Bound::new(kind, draft)));
        if gives {
            tx = tx.run(&numbered(GIVES), vars().with(&name("lot"), lot));
        }
        if !takes.is_empty() {
            tx = tx.run(&numbered(TAKES), vars().with(&name("takes"), takes));
        }
        if !returns.is_empty() {
            tx = tx.run(&numbered(RETURNS), vars().with(&name("returns"), returns));
        }
    }
    tx
}

fn parts(of: &[(RecordId, i64)]) -> Vec<Part> {
    of.iter().map(|(lot, points)| Part { lot: lot.clone(), points: *points }).collect()
}

impl Bound {
    fn new(kind: EntryKind, draft: Draft) -> Self {
        let (took, parts) = draft.takes.into_iter().unzip();
        Self {
            kind: kind.code().to_owned(),
            amount: draft.amount,
            reason: draft.reason,
            reservation: draft.reservation,
            spend: draft.spend,
            origin: draft.origin.map(|origin| record("points", origin)),
            took,
            parts,
            author: draft.author,
            ends: draft.gives.flatten().map(|last| last.to_string()),
        }
    }
}

/// Tells open cards that the guest's points are others now.
pub(super) fn told(tx: Tx, houses: &BTreeSet<HouseId>, guest: GuestId) -> Tx {
    tx.event_in(houses.iter().copied(), "guest", GuestEvent::new(guest, &["points"]))
}

/// An entry by its key.
pub(super) async fn entry(db: &Db, key: &str) -> Result<Option<EntryRow>, DbError> {
    db.row("SELECT * FROM $entry", vars().with("entry", record("points", key))).await
}
