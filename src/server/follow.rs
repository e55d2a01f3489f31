//! For jobs that follow what becomes of bookings: whose stays have changed, a batch of guests at a time, from where the
//! job stopped, whichever server goes on. A job that has never run in a house, or that has missed what the feed keeps,
//! walks through all guests first and goes on from where the feed stood when it began.

use crate::{
    alerts::feed::{self, Extent},
    ids::{GuestId, HouseId},
    server::db::{Db, DbError, Tx, id_of, optional, record, vars},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use surrealdb::types::{RecordId, SurrealValue};

/// Guests of a page of the walk, and from how many on what the feed tells is a batch.
const PAGE: usize = 500;
/// A server that has a batch and has written nothing for so long has died.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// A lease that ends later than this was given by a clock that has been put back since.
const LONGEST_LEASE: TimeDelta = TimeDelta::hours(12);
/// Sorts before the key of every guest.
const BEGINNING: &str = "0";

/// Guests that a job is to look at, and what [`done`] needs to know of its turn.
#[derive(Debug, Clone)]
pub struct Batch {
    pub house: HouseId,
    /// Each once, in order. The last page of a walk can be empty.
    pub guests: Vec<GuestId>,
    /// Whether they are part of a walk through all guests, those too of whom the house knows nothing.
    pub is_walk: bool,
    follower: RecordId,
    owner: String,
    epoch: String,
    now: DateTime<Utc>,
    /// Where the job stood, and where it stands once the batch is done.
    was: Place,
    then: Place,
}

/// How far a job has come.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// Number of the last event that has been seen to.
    seq: i64,
    /// Where the walk goes on; `None` when it is over.
    walk: Option<String>,
}

#[derive(SurrealValue)]
struct Row {
    seq: i64,
    epoch: Option<String>,
    place: Option<String>,
}

#[derive(SurrealValue)]
struct NewRow {
    id: RecordId,
    seq: i64,
}

impl Row {
    /// Whether the feed still has all that came after `seq`.
    fn knows(&self, epoch: &str, extent: Extent) -> bool {
        let (floor, head) = (signed(extent.floor), signed(extent.head));
        self.epoch.as_deref() == Some(epoch) && (floor..=head).contains(&self.seq)
    }

    fn is_up_to_date(&self, epoch: &str, extent: Extent) -> bool {
        self.knows(epoch, extent) && self.place.is_none() && self.seq == signed(extent.head)
    }
}

/// The next guests that `job` is to look at in a house, under a lease; `None` if there is nothing to do, or another
/// server is at it. `epoch` names the history of events, `owner` this process.
///
/// # Errors
/// What the store answers.
pub async fn next(
    db: &Db,
    epoch: &str,
    job: &str,
    house: HouseId,
    owner: &str,
    now: DateTime<Utc>,
) -> Result<Option<Batch>, DbError> {
    let follower = record("follower", format!("{job}|{house}"));
    let row: Option<Row> =
        db.row("SELECT seq, epoch, place FROM $follower", vars().with("follower", follower.clone())).await?;
    if let Some(row) = row {
        let extent = feed::extent(db, house).await?;
        if row.is_up_to_date(epoch, extent) {
            return Ok(None);
        }
    } else {
        let row = NewRow { id: follower.clone(), seq: 0 };
        db.query("INSERT IGNORE INTO follower $row RETURN NONE", vars().with("row", row)).await?;
    }
    let Some(row) = claim(db, &follower, owner, now).await? else { return Ok(None) };
    // After the claim, so that it is at least as far as whoever had the turn before.
    let extent = feed::extent(db, house).await?;
    let is_known = row.knows(epoch, extent);
    let was = Place { seq: row.seq, walk: row.place };
    let from =
        if is_known { was.clone() } else { Place { seq: signed(extent.head), walk: Some(BEGINNING.to_owned()) } };
    let batch = |guests, is_walk, then| Batch {
        house,
        guests,
        is_walk,
        follower: follower.clone(),
        owner: owner.to_owned(),
        epoch: epoch.to_owned(),
        now,
        was: was.clone(),
        then,
    };
    if let Some(first) = from.walk {
        let guests = page(db, &first).await?;
        // "!" sorts before every digit: an id with it is the least text after the id itself.
        let walk = guests.last().filter(|_| guests.len() == PAGE).map(|last| format!("{last}!"));
        return Ok(Some(batch(guests, true, Place { seq: from.seq, walk })));
    }
    let (guests, seq) = told(db, house, from.seq).await?;
    let batch = batch(guests.into_iter().collect(), false, Place { seq, walk: None });
    if batch.guests.is_empty() {
        // Nothing that concerns the job: it need not hear of it.
        return match db.commit(done(Tx::new(), &batch)).await {
            Ok(_) | Err(DbError::Guard(_)) => Ok(None),
            Err(error) => Err(error),
        };
    }
    Ok(Some(batch))
}

/// Adds to the transaction that writes what a batch came to that the batch is done. It fails with the guard `follower`
/// where another server has taken the turn over.
#[must_use]
pub fn done(tx: Tx, batch: &Batch) -> Tx {
    let walk_is_over = batch.is_walk && batch.then.walk.is_none();
    tx.run(
        "LET $followed = (UPDATE $follower SET seq = $follower_seq, epoch = $follower_epoch, place = $follower_place, \
         walked_at = $follower_walked ?? walked_at, owner = NONE, lease = NONE \
         WHERE owner = $follower_owner AND seq = $follower_was AND place = $follower_was_at RETURN AFTER);
         IF array::len($followed) = 0 { THROW 'guard:follower' }",
        vars()
            .with("follower", batch.follower.clone())
            .with("follower_owner", batch.owner.clone())
            .with("follower_epoch", batch.epoch.clone())
            .with("follower_seq", batch.then.seq)
            .with("follower_place", optional(batch.then.walk.clone()))
            .with("follower_was", batch.was.seq)
            .with("follower_was_at", optional(batch.was.walk.clone()))
            .with("follower_walked", optional(walk_is_over.then_some(batch.now))),
    )
}

/// Takes the turn, unless another server has it. A process that failed with its batch begins it anew.
async fn claim(db: &Db, follower: &RecordId, owner: &str, now: DateTime<Utc>) -> Result<Option<Row>, DbError> {
    db.row(
        "UPDATE $follower SET owner = $owner, lease = $lease \
         WHERE owner = NONE OR owner = $owner OR lease <= $now OR lease > $longest RETURN AFTER",
        vars()
            .with("follower", follower.clone())
            .with("owner", owner)
            .with("lease", now + LEASE)
            .with("longest", now + LONGEST_LEASE)
            .with("now", now),
    )
    .await
}

/// The guests from a key on.
async fn page(db: &Db, first: &str) -> Result<Vec<GuestId>, DbError> {
    let found: Vec<RecordId> = db
        .rows(
            "SELECT VALUE id FROM type::record('guest', $first..) LIMIT $limit",
            vars().with("first", first).with("limit", i64::try_from(PAGE).unwrap_or(i64::MAX)),
        )
        .await?;
    found.iter().map(id_of).collect()
}

/// Whose stays the events after a number tell of, and the number of the last event that was read.
async fn told(db: &Db, house: HouseId, after: i64) -> Result<(BTreeSet<GuestId>, i64), DbError> {
    let (mut guests, mut seq) = (BTreeSet::new(), after);
    loop {
        let events = feed::stays_after(db, house, u64::try_from(seq).unwrap_or(0)).await?;
        if events.is_empty() {
            return Ok((guests, seq));
        }
        for (number, of) in events {
            guests.extend(of);
            seq = signed(number);
            if guests.len() >= PAGE {
                return Ok((guests, seq));
            }
        }
    }
}

fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
