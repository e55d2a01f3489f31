//! Points that have expired leave their accounts.

use super::{
    ATTEMPTS, LotRow, Purse, key_of,
    ledger::{Draft, told, write},
    stays::AT_ONCE,
};
use crate::{
    guests::store::houses_of,
    house::House,
    ids::GuestId,
    loyalty::EntryKind,
    server::{
        clock,
        db::{Db, DbError, Tx, record, vars},
    },
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use surrealdb::types::RecordId;

/// Lots that are looked at for expiry at once.
const EXPIRE_BATCH: u32 = 200;

/// Takes what has expired out of the accounts of a house, lot by lot. Tells of how many accounts.
///
/// # Errors
/// What the store answers.
pub async fn expire(db: &Db, house: &House, now: DateTime<Utc>) -> Result<u32, DbError> {
    let today = clock::today(now, house.zone()).to_string();
    let found: Vec<RecordId> = db
        .rows(
            "SELECT VALUE account FROM lot WHERE house = $house AND runs_out = true AND expires < $today \
             LIMIT $limit",
            vars()
                .with("house", record("house", house.id))
                .with("today", today.clone())
                .with("limit", i64::from(EXPIRE_BATCH)),
        )
        .await?;
    let accounts: BTreeSet<String> = found.iter().map(key_of).collect::<Result<_, _>>()?;
    let mut ended = 0;
    for account in accounts {
        let (programme, guest) = account.split_once('|').ok_or_else(|| DbError::Malformed(account.clone()))?;
        let guest: GuestId = guest.parse().map_err(|_| DbError::Malformed(account.clone()))?;
        ended += u32::from(expire_of(db, house, (programme, guest), &today, now).await?);
    }
    Ok(ended)
}

/// Takes out of one account what was given in a house and has expired. Tells whether there was any.
async fn expire_of(
    db: &Db,
    house: &House,
    (programme, guest): (&str, GuestId),
    today: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let here = record("house", house.id);
    let houses = houses_of(db, house.id, guest).await?;
    for _ in 0..ATTEMPTS {
        let purse = Purse::load(db, programme, guest).await?;
        let over: Vec<&LotRow> =
            purse.lots.iter().filter(|lot| lot.house == here && !lot.is_good(today)).take(AT_ONCE).collect();
        if over.is_empty() {
            return Ok(false);
        }
        let mut drafts = Vec::with_capacity(over.len());
        for (number, lot) in (purse.entries + 1..).zip(over) {
            let origin = key_of(&lot.id)?;
            let takes = vec![(lot.id.clone(), lot.remains)];
            let key = format!("expire|{origin}|{number}");
            let draft = Draft { key, amount: -lot.remains, origin: Some(origin), takes, ..Draft::default() };
            drafts.push((EntryKind::Expired, draft));
        }
        let tx = told(write(Tx::new(), &purse, house.id, drafts, now), &houses, guest);
        match db.commit(tx).await {
            Ok(_) => return Ok(true),
            Err(DbError::Guard(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(false)
}
