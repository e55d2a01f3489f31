//! What the rules of points do by themselves: stays earn, points and vouchers expire, tiers are looked at again.

use super::store::{CHAIN, Ruled, expire, expire_vouchers, post_stays, review, rules_of};
use crate::{
    house::{House, store::houses},
    ids::HouseId,
    server::{
        db::{Db, DbError, Tx, record, vars},
        follow,
    },
};
use chrono::{DateTime, Utc};
use std::{collections::HashSet, fmt};
use surrealdb::types::RecordId;

/// Pages of guests whose stays are looked at before others have their turn.
const PAGES: u32 = 20;
/// How often in one run it is looked whether more has expired.
const ROUNDS: u32 = 50;

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Posted {
    /// Accounts to which stays have brought points, or from which they have taken some.
    pub accounts: u32,
    /// Accounts of which points have expired.
    pub expired: u32,
    /// Vouchers whose last day has passed.
    pub vouchers: u32,
}

impl Posted {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Posted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accounts, expired, vouchers } = self;
        write!(f, "accounts={accounts} expired={expired} vouchers={vouchers}")
    }
}

/// Does all that is due in every house. It may run in several processes at once: what one of them has done is done.
/// `epoch` names the history of events, `owner` the process.
///
/// # Errors
/// What the store answers.
pub async fn run_due(db: &Db, epoch: &str, now: DateTime<Utc>, owner: &str) -> Result<Posted, DbError> {
    let mut posted = Posted::default();
    for house in houses(db).await? {
        for _ in 0..ROUNDS {
            let (expired, vouchers) = (expire(db, &house, now).await?, expire_vouchers(db, &house, now).await?);
            posted.expired += expired;
            posted.vouchers += vouchers;
            if (expired, vouchers) == (0, 0) {
                break;
            }
        }
        if let Some(ruled) = rules_of(db, house.id).await?.filter(|ruled| ruled.programme.active) {
            posted.accounts += stays(db, epoch, &house, &ruled, owner, now).await?;
        }
    }
    review(db, now).await?;
    Ok(posted)
}

/// Posts what stays earned that are new or have changed since it was last looked.
async fn stays(
    db: &Db,
    epoch: &str,
    house: &House,
    ruled: &Ruled,
    owner: &str,
    now: DateTime<Utc>,
) -> Result<u32, DbError> {
    let mut accounts = 0;
    for _ in 0..PAGES {
        let Some(batch) = follow::next(db, epoch, job(&ruled.key), house.id, owner, now).await? else { break };
        accounts += post_stays(db, house, ruled, &batch.guests, now).await?;
        // Posting twice is posting once: where this is not kept, the guests are looked at again.
        match db.commit(follow::done(Tx::new(), &batch)).await {
            Ok(_) => {}
            // Another server has taken the turn over, or the rules have changed and everything begins anew.
            Err(DbError::Guard(_)) => break,
            Err(other) => return Err(other),
        }
    }
    Ok(accounts)
}

/// The name under which the stays of a house are followed: under other rules everything is looked at anew.
fn job(programme: &str) -> &'static str {
    if programme == CHAIN { "points_of_chain" } else { "points_of_house" }
}

/// Has all stays of houses looked at again, under the rules of a key.
pub(super) fn begin_anew(tx: Tx, programme: &str, houses: &HashSet<HouseId>) -> Tx {
    let followers: Vec<RecordId> =
        houses.iter().map(|house| record("follower", format!("{}|{house}", job(programme)))).collect();
    tx.run("DELETE $followers RETURN NONE", vars().with("followers", followers))
}
