//! Jobs that follow what becomes of bookings: each change once, by one server at a time, and everything where something
//! may have been missed.

use crate::harness::{HEADER, House};
use chrono::{TimeDelta, Utc};
use rapport::{
    alerts::retention,
    ids::GuestId,
    server::{
        clock::Clock,
        db::{DbError, Tx, record, vars},
        follow::{self, Batch},
    },
};
use std::collections::BTreeSet;
use surrealdb::types::RecordId;

async fn next(house: &House, owner: &str) -> Option<Batch> {
    next_in(house, house.state.feed.epoch(), owner).await
}

async fn next_in(house: &House, epoch: &str, owner: &str) -> Option<Batch> {
    follow::next(&house.db, epoch, "a_job", house.id, owner, house.clock.now()).await.expect("an answer")
}

async fn done(house: &House, batch: &Batch) -> Result<(), DbError> {
    house.db.commit(follow::done(Tx::new(), batch)).await.map(drop)
}

/// Sees to everything that there is, and answers whose stays it was about.
async fn catch_up(house: &House) -> BTreeSet<GuestId> {
    let mut seen = BTreeSet::new();
    while let Some(batch) = next(house, "one").await {
        seen.extend(batch.guests.iter().copied());
        done(house, &batch).await.expect("done");
    }
    seen
}

/// One more guest with a stay.
async fn arrives(house: &House, member: &str) -> GuestId {
    let row = format!(
        "{member},CITY,Ms,Ana,{member},,PRT,pt,{member}@post.example,,,,{member},2026-11-22,2026-11-25,A,501,1,0,BB,90,\
         EUR,Direct,CHECKED IN,,,Y"
    );
    house.import(&format!("{HEADER}\n{row}\n")).await;
    house.guest(member).await
}

#[tokio::test]
async fn a_job_that_begins_looks_at_everybody_and_then_at_those_whose_stays_change() {
    let house = House::open().await;
    let first = next(&house, "one").await.expect("everybody");
    assert!(first.is_walk && first.house == house.id);
    let mut everybody = BTreeSet::new();
    for member in ["M0001", "M0002", "M0003", "M0004", "M0005"] {
        everybody.insert(house.guest(member).await);
    }
    assert_eq!(first.guests.iter().copied().collect::<BTreeSet<_>>(), everybody);
    done(&house, &first).await.expect("done");
    assert!(next(&house, "one").await.is_none(), "what was imported before the walk is not looked at again");

    let ana = arrives(&house, "M0100").await;
    let batch = next(&house, "one").await.expect("news");
    assert_eq!((batch.guests.as_slice(), batch.is_walk), ([ana].as_slice(), false));
    done(&house, &batch).await.expect("done");
    assert!(next(&house, "one").await.is_none());
}

#[tokio::test]
async fn news_that_is_of_no_account_is_passed_over() {
    let house = House::open().await;
    catch_up(&house).await;
    let mut desk = house.device("reception", "desk").await;
    let guest = house.guest("M0001").await;
    let note =
        [("guest", guest.to_string()), ("text", "Likes the window".to_owned()), ("audience", "everyone".to_owned())];
    desk.call::<rapport::guests::api::AddNote>(&note).await.expect("noted");
    assert!(next(&house, "one").await.is_none());
    let ana = arrives(&house, "M0100").await;
    assert_eq!(catch_up(&house).await, BTreeSet::from([ana]));
}

#[tokio::test]
async fn one_server_at_a_time_has_the_turn_and_the_next_takes_it_over() {
    let house = House::open().await;
    let mine = next(&house, "one").await.expect("everybody");
    assert!(next(&house, "other").await.is_none(), "it is being seen to");
    house.clock.advance(TimeDelta::minutes(6));
    let theirs = next(&house, "other").await.expect("the first has died");
    assert_eq!(theirs.guests, mine.guests);
    assert!(matches!(done(&house, &mine).await, Err(DbError::Guard(_))), "the first is alive after all, and too late");
    done(&house, &theirs).await.expect("done");
    assert!(matches!(done(&house, &theirs).await, Err(DbError::Guard(_))), "once");
    assert!(next(&house, "one").await.is_none());
}

#[tokio::test]
async fn a_batch_that_failed_comes_again() {
    let house = House::open().await;
    catch_up(&house).await;
    let ana = arrives(&house, "M0100").await;
    let failed = next(&house, "one").await.expect("news");
    assert_eq!(failed.guests, [ana]);
    let bea = arrives(&house, "M0101").await;
    assert_eq!(catch_up(&house).await, BTreeSet::from([ana, bea]));
}

#[tokio::test]
async fn whoever_may_have_missed_something_looks_at_everybody_again() {
    let house = House::open().await;
    catch_up(&house).await;
    arrives(&house, "M0100").await;
    // The store stamps events by its own clock.
    let later = house.clock.now().max(Utc::now()) + TimeDelta::days(100);
    retention::purge(&house.db, later, 90).await.expect("purged");
    let batch = next(&house, "one").await.expect("everybody");
    assert!(batch.is_walk && batch.guests.len() == 6, "{batch:?}");
    done(&house, &batch).await.expect("done");
    assert!(next(&house, "one").await.is_none());
    let restored = next_in(&house, "another history", "one").await.expect("everybody");
    assert!(restored.is_walk && restored.guests.len() == 6, "{restored:?}");
}

#[tokio::test]
async fn a_walk_through_many_guests_meets_each_once() {
    let house = House::open().await;
    let more: Vec<RecordId> = (0..1_203).map(|_| record("guest", GuestId::new())).collect();
    house
        .db
        .query(
            "FOR $more IN $all {
                 CREATE $more SET revision = 1, first = 'Ana', last = 'Silva', vip = 0, phones = [], emails = [],
                 deceased = false, blocklisted = false, incognito = false, match_keys = [] RETURN NONE;
             }",
            vars().with("all", more),
        )
        .await
        .expect("guests");
    let (mut seen, mut sizes) = (Vec::new(), Vec::new());
    while let Some(batch) = next(&house, "one").await {
        // What comes in meanwhile is not forgotten.
        if sizes.is_empty() {
            arrives(&house, "M0100").await;
        }
        sizes.push((batch.guests.len(), batch.is_walk));
        seen.extend(batch.guests.iter().copied().filter(|_| batch.is_walk));
        done(&house, &batch).await.expect("done");
    }
    let different: BTreeSet<GuestId> = seen.iter().copied().collect();
    assert_eq!(different.len(), seen.len(), "nobody twice");
    assert!(different.len() >= 1_208, "{}", different.len());
    assert_eq!(sizes.last(), Some(&(1, false)), "{sizes:?}");
}
