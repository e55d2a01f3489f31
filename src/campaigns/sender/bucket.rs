//! How many greetings of a house may leave: a bucket of tokens in the store, which fills with time, shared
//! by all servers.

use crate::{
    ids::HouseId,
    server::db::{Db, DbError, Tx, optional, record, vars},
};
use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::SurrealValue;

/// How often it is tried when others take from the same bucket.
const ATTEMPTS: u32 = 100;
/// How far the clocks of servers that share a bucket may be apart. A bucket that was seen later than this after now
/// was seen by a clock that has been put back since.
const APART: TimeDelta = TimeDelta::seconds(60);

#[derive(Debug, Clone, Copy, PartialEq, SurrealValue)]
struct Row {
    tokens: f64,
    at: DateTime<Utc>,
}

/// Takes up to `want` tokens, and tells how many there were.
///
/// # Errors
/// What the store answers.
pub(super) async fn take(
    db: &Db,
    house: HouseId,
    want: u32,
    per_minute: u32,
    now: DateTime<Utc>,
) -> Result<u32, DbError> {
    for _ in 0..ATTEMPTS {
        let seen = read(db, house).await?;
        let tokens = filled(seen, per_minute, now);
        let taken = whole(tokens).min(want);
        let at = seen_at(seen, now);
        let was_put_back = seen.is_some_and(|row| row.at > at);
        // Where there is nothing to take, what has dripped in so far stays as it is.
        if taken == 0 && !was_put_back {
            return Ok(0);
        }
        if write(db, house, seen, Row { tokens: tokens - f64::from(taken), at }).await? {
            return Ok(taken);
        }
    }
    Ok(0)
}

/// Puts back what was taken and not used.
///
/// # Errors
/// What the store answers.
pub(super) async fn give_back(
    db: &Db,
    house: HouseId,
    count: u32,
    per_minute: u32,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if count == 0 {
        return Ok(());
    }
    for _ in 0..ATTEMPTS {
        let seen = read(db, house).await?;
        let tokens = (filled(seen, per_minute, now) + f64::from(count)).min(room(per_minute));
        if write(db, house, seen, Row { tokens, at: seen_at(seen, now) }).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// How many a full bucket holds: what drips into it in six seconds, and at least one.
fn room(per_minute: u32) -> f64 {
    (f64::from(per_minute) / 10.0).max(1.0)
}

/// What is in it now. A clock that was put back fills nothing.
fn filled(seen: Option<Row>, per_minute: u32, now: DateTime<Utc>) -> f64 {
    let Some(row) = seen else { return room(per_minute) };
    let millis = (now - row.at).num_milliseconds().clamp(0, 3_600_000);
    let dripped = i32::try_from(millis).map_or(0.0, f64::from) * f64::from(per_minute) / 60_000.0;
    (row.tokens + dripped).min(room(per_minute))
}

/// Until when it has been filled, once it is written. A server whose clock is a little behind another's does not set it
/// back: what dripped in between would drip in again for the other, at every turn.
fn seen_at(seen: Option<Row>, now: DateTime<Utc>) -> DateTime<Utc> {
    match seen {
        Some(row) if row.at > now && row.at - now <= APART => row.at,
        _ => now,
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what a u32 holds")]
fn whole(tokens: f64) -> u32 {
    tokens.floor().clamp(0.0, f64::from(u32::MAX)) as u32
}

async fn read(db: &Db, house: HouseId) -> Result<Option<Row>, DbError> {
    db.row("SELECT tokens, at FROM $bucket", vars().with("bucket", record("bucket", house))).await
}

/// Whether the bucket was still as it had been seen.
async fn write(db: &Db, house: HouseId, seen: Option<Row>, new: Row) -> Result<bool, DbError> {
    let tx = Tx::new().run(
        "IF (SELECT VALUE [tokens, at] FROM ONLY $bucket) != $seen { THROW 'guard:bucket' };
         UPSERT ONLY $bucket SET tokens = $tokens, at = $at RETURN NONE",
        vars()
            .with("bucket", record("bucket", house))
            .with("seen", optional(seen.map(|row| (row.tokens, row.at))))
            .with("tokens", new.tokens)
            .with("at", new.at),
    );
    match db.commit(tx).await {
        Ok(_) => Ok(true),
        Err(DbError::Guard(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tokens_drip_in_with_time_and_no_more_than_there_is_room_for() {
        let db = Db::in_memory().await.expect("a store");
        let (house, start): (_, DateTime<Utc>) = (HouseId::new(), "2026-11-23T09:00:00Z".parse().expect("an instant"));
        let take = |want, now| {
            let db = db.clone();
            async move { take(&db, house, want, 60, now).await.expect("tokens") }
        };
        assert_eq!(take(4, start).await, 4);
        assert_eq!(take(4, start).await, 2, "a bucket of six");
        assert_eq!(take(4, start).await, 0);
        assert_eq!(take(4, start + TimeDelta::milliseconds(999)).await, 0);
        assert_eq!(take(4, start + TimeDelta::seconds(1)).await, 1, "looking took nothing");
        give_back(&db, house, 1, 60, start + TimeDelta::seconds(1)).await.expect("given back");
        assert_eq!(take(4, start + TimeDelta::seconds(1)).await, 1);
        // Put back by a day, the clock fills nothing, and a second later it does again.
        let earlier = start - TimeDelta::days(1);
        assert_eq!(take(4, earlier).await, 0);
        assert_eq!(take(4, earlier + TimeDelta::seconds(1)).await, 1);
        assert_eq!(take(400, start + TimeDelta::days(9)).await, 6);
    }

    #[tokio::test]
    async fn servers_whose_clocks_differ_get_no_more_than_one() {
        let db = Db::in_memory().await.expect("a store");
        let (house, start): (_, DateTime<Utc>) = (HouseId::new(), "2026-11-23T09:00:00Z".parse().expect("an instant"));
        let mut taken = 0;
        for second in 0..10 {
            let behind = start + TimeDelta::seconds(second);
            for now in [behind + TimeDelta::seconds(30), behind] {
                taken += take(&db, house, 9, 60, now).await.expect("tokens");
            }
        }
        assert_eq!(taken, 6 + 9, "a bucket of six, and one a second");
    }

    #[tokio::test]
    async fn those_who_take_at_once_never_get_more_than_there_is() {
        let db = Db::in_memory().await.expect("a store");
        let (house, now) = (HouseId::new(), "2026-11-23T09:00:00Z".parse().expect("an instant"));
        let takers = (0..10).map(|_| {
            let db = db.sibling();
            async move { take(&db, house, 3, 100, now).await.expect("tokens") }
        });
        assert_eq!(futures::future::join_all(takers).await.into_iter().sum::<u32>(), 10);
    }
}
