//! Who listens: a lease that dies with its process, one word for each change, and streams that end with
//! their session.

use crate::harness::{House, monday, start};
use chrono::TimeDelta;
use rapport::{
    alerts::{
        StationPresence,
        presence::{Listeners, of_house, of_station, on_the_line},
    },
    ids::{StaffId, StationId},
    server::{
        AppState,
        clock::{Clock, FixedClock},
        config::{Config, Database},
        db::{Db, record, vars},
    },
    staff::api::SignOut,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// Another server process on the same store.
fn process(house: &House, name: &str) -> (Arc<Listeners>, Arc<FixedClock>) {
    let clock = Arc::new(FixedClock::new(house.clock.now()));
    let shared: Arc<dyn Clock> = clock.clone();
    (Listeners::new(house.db.clone(), shared, name.into()), clock)
}

async fn at(db: &Db, station: StationId, clock: &FixedClock) -> StationPresence {
    of_station(db, station, clock.now()).await.expect("an answer")
}

async fn head(house: &House) -> u64 {
    house.state.feed.head(house.id).await.expect("a head")
}

#[tokio::test]
async fn a_station_listens_while_a_device_has_its_stream() {
    let house = House::open().await;
    let restaurant = house.stations["restaurant"];
    let (desk, host) = (house.device("reception", "desk").await, house.device("host", "restaurant").await);
    let before = at(&house.db, restaurant, &house.clock).await;
    assert_eq!(before, StationPresence { station: restaurant, listening: false, who: vec![], since: None });

    let mut watching = desk.listen("").await;
    let mut stream = host.listen("").await;
    assert_eq!(stream.next().await.event, "hello");
    house.state.listeners.keep().await.expect("written");
    let told = watching.next_presence(restaurant).await;
    assert_eq!(told["listening"], true);
    assert_eq!(told["who"], serde_json::json!(["The host"]));
    assert_eq!(told["since"], monday().timestamp_millis());

    drop(stream);
    // The server finds out that the socket is closed when it does; three seconds later she has left.
    let left = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            house.clock.advance(TimeDelta::seconds(1));
            house.state.listeners.keep().await.expect("written");
            let now = at(&house.db, restaurant, &house.clock).await;
            if !now.listening {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let left = left.await.expect("she has left within five seconds");
    assert!(left.since.expect("a time") > monday().timestamp_millis());
    assert_eq!(watching.next_presence(restaurant).await["listening"], false);
    let all = of_house(&house.db, house.id, house.clock.now()).await.expect("an answer");
    assert_eq!(all.len(), house.stations.len(), "every station, also those where nobody ever listened");
    assert_eq!(all.iter().filter(|presence| presence.listening).count(), 1, "the desk goes on listening");
}

#[tokio::test]
async fn marketing_has_a_stream_and_listens_for_nobody() {
    let house = House::open().await;
    let marketing = house.device("marketing", "bar").await;
    let mut stream = marketing.listen("").await;
    assert_eq!(stream.next().await.event, "hello");
    house.state.listeners.keep().await.expect("nothing to write");
    assert!(!at(&house.db, house.stations["bar"], &house.clock).await.listening);
}

#[tokio::test]
async fn two_servers_say_together_who_listens() {
    let house = House::open().await;
    let bar = house.stations["bar"];
    let ((one, first_clock), (two, second_clock)) = (process(&house, "one"), process(&house, "two"));
    let staff = StaffId::new();
    let anna = one.arrive(house.id, Some(bar), staff, "Anna".into());
    one.keep().await.expect("written");
    let bea = two.arrive(house.id, Some(bar), StaffId::new(), "Bea".into());
    let again = two.arrive(house.id, Some(bar), staff, "Anna".into());
    two.keep().await.expect("written");
    let both = at(&house.db, bar, &house.clock).await;
    assert_eq!((both.listening, both.who.as_slice()), (true, ["Anna".to_owned(), "Bea".to_owned()].as_slice()));
    assert_eq!(both.since, Some(monday().timestamp_millis()));

    drop((bea, again));
    second_clock.advance(TimeDelta::seconds(3));
    two.keep().await.expect("written");
    let one_left = at(&house.db, bar, &house.clock).await;
    assert_eq!((one_left.listening, one_left.who), (true, vec!["Anna".to_owned()]));
    assert_eq!(one_left.since, both.since, "someone has listened all the time");

    drop(anna);
    first_clock.advance(TimeDelta::seconds(5));
    one.keep().await.expect("written");
    let nobody = at(&house.db, bar, &first_clock).await;
    assert_eq!((nobody.listening, nobody.since), (false, Some(first_clock.now().timestamp_millis())));
}

#[tokio::test]
async fn two_of_one_name_are_two_on_any_server() {
    let house = House::open().await;
    let bar = house.stations["bar"];
    let ((one, _), (two, _)) = (process(&house, "one"), process(&house, "two"));
    let _first = one.arrive(house.id, Some(bar), StaffId::new(), "Anna".into());
    let _second = two.arrive(house.id, Some(bar), StaffId::new(), "Anna".into());
    one.keep().await.expect("written");
    two.keep().await.expect("written");
    assert_eq!(at(&house.db, bar, &house.clock).await.who, ["Anna", "Anna"]);
}

#[tokio::test]
async fn whoever_is_on_the_line_is_known_with_and_without_a_station_and_only_while_the_process_lives() {
    let house = House::open().await;
    let (one, clock) = process(&house, "one");
    let (anna, mia) = (StaffId::new(), StaffId::new());
    let _at_the_bar = one.arrive(house.id, Some(house.stations["bar"]), anna, "Anna".into());
    let anywhere = one.arrive(house.id, None, mia, "Mia".into());
    one.keep().await.expect("written");
    let line = || async { on_the_line(&house.db, house.id, clock.now()).await.expect("an answer") };
    assert_eq!(line().await, [anna, mia].into());
    drop(anywhere);
    clock.advance(TimeDelta::seconds(3));
    one.keep().await.expect("written");
    assert_eq!(line().await, [anna].into());
    clock.advance(TimeDelta::seconds(30));
    assert!(line().await.is_empty(), "its lease has run out");
    one.keep().await.expect("written again");
    assert_eq!(line().await, [anna].into());
    one.leave_all().await.expect("gone");
    assert!(line().await.is_empty());
}

#[tokio::test]
async fn a_dead_process_does_not_listen_for_ever() {
    let house = House::open().await;
    let bar = house.stations["bar"];
    let (dead, _) = process(&house, "dead");
    let _stream = dead.arrive(house.id, Some(bar), StaffId::new(), "Anna".into());
    dead.keep().await.expect("written");
    let (alive, clock) = process(&house, "alive");
    clock.advance(TimeDelta::seconds(29));
    alive.keep().await.expect("nothing to sweep");
    assert!(at(&house.db, bar, &clock).await.listening, "its lease has not run out");

    clock.advance(TimeDelta::seconds(1));
    let expected = clock.now().timestamp_millis();
    let unswept = at(&house.db, bar, &clock).await;
    assert_eq!((unswept.listening, unswept.since), (false, Some(expected)), "true before it is swept, too");
    let before = head(&house).await;
    alive.keep().await.expect("swept");
    let swept = at(&house.db, bar, &clock).await;
    assert_eq!((swept.listening, swept.since), (false, Some(expected)));
    assert_eq!(head(&house).await, before + 1, "and everyone is told, once");
    alive.keep().await.expect("nothing to sweep");
    assert_eq!(head(&house).await, before + 1);
}

#[tokio::test]
async fn a_house_of_one_process_that_starts_again_listens_to_nobody_before_they_come_back() {
    let house = House::open().await;
    let bar = house.stations["bar"];
    let (killed, clock) = process(&house, "killed");
    let _at_the_bar = killed.arrive(house.id, Some(bar), StaffId::new(), "Anna".into());
    killed.keep().await.expect("written");
    let line = || async { on_the_line(&house.db, house.id, clock.now()).await.expect("an answer") };
    let (_stop, shutdown) = watch::channel(false);
    let time: Arc<dyn Clock> = clock.clone();
    let _beside = start(house.db.clone(), Arc::clone(&time), shutdown.clone(), &[]).await;
    assert!(at(&house.db, bar, &clock).await.listening, "another server that starts says nothing of this one");
    assert_eq!(line().await.len(), 1);

    let alone = Config::from_sources(std::iter::empty(), None).expect("a configuration");
    assert!(matches!(alone.db, Database::Embedded(_)), "the store belongs to one process");
    let _again = AppState::start(house.db.clone(), Arc::new(alone), time, shutdown).await.expect("started again");
    assert!(!at(&house.db, bar, &clock).await.listening, "whoever was there before the kill has to come back");
    assert!(line().await.is_empty());
}

#[tokio::test]
async fn renewing_a_lease_tells_nobody_anything() {
    let house = House::open().await;
    let bar = house.stations["bar"];
    let (one, clock) = process(&house, "one");
    let _stream = one.arrive(house.id, Some(bar), StaffId::new(), "Anna".into());
    one.keep().await.expect("written");
    let before = head(&house).await;
    for _ in 0..60 {
        clock.advance(TimeDelta::seconds(1));
        one.keep().await.expect("renewed");
    }
    assert_eq!(head(&house).await, before);
    let now = at(&house.db, bar, &clock).await;
    assert_eq!((now.listening, now.since), (true, Some(monday().timestamp_millis())), "a minute later");
}

#[tokio::test]
async fn a_row_that_was_swept_too_early_is_written_again() {
    let house = House::open().await;
    let bar = house.stations["bar"];
    let (one, clock) = process(&house, "one");
    let _stream = one.arrive(house.id, Some(bar), StaffId::new(), "Anna".into());
    one.keep().await.expect("written");
    // The process stood still for longer than its lease, and another one has cleared up behind it.
    let (other, ahead) = process(&house, "other");
    ahead.advance(TimeDelta::seconds(40));
    other.keep().await.expect("swept");
    assert!(!at(&house.db, bar, &ahead).await.listening);
    clock.advance(TimeDelta::seconds(40));
    one.keep().await.expect("written again");
    let back = at(&house.db, bar, &clock).await;
    assert_eq!((back.listening, back.who), (true, vec!["Anna".to_owned()]));
}

#[tokio::test]
async fn an_orderly_end_leaves_nothing_behind() {
    let house = House::open().await;
    let bar = house.stations["bar"];
    let (one, clock) = process(&house, "one");
    let _stream = one.arrive(house.id, Some(bar), StaffId::new(), "Anna".into());
    one.keep().await.expect("written");
    one.leave_all().await.expect("gone");
    assert!(!at(&house.db, bar, &clock).await.listening);
    one.keep().await.expect("nothing is written any more");
    let rows: Vec<surrealdb::types::RecordId> = house
        .db
        .rows("SELECT VALUE id FROM listening WHERE station = $bar", vars().with("bar", record("station", bar)))
        .await
        .expect("an answer");
    assert!(rows.is_empty(), "{rows:?}");
}

#[tokio::test]
async fn signing_out_ends_the_streams_of_that_session_alone() {
    let house = House::open().await;
    let (mut one, other) = (house.device("host", "restaurant").await, house.device("host", "restaurant").await);
    let (mut ends, mut stays) = (one.listen("").await, other.listen("").await);
    assert_eq!(ends.next().await.event, "hello");
    assert_eq!(stays.next().await.event, "hello");
    one.call::<SignOut>(&[]).await.expect("signed out");
    // Each frame comes within five seconds, or the wait itself fails.
    loop {
        if ends.next().await.event == "bye" {
            break;
        }
    }
    let signed_out = loop {
        let frame = stays.next_live().await;
        if frame.data == r#"{"kind":"other"}"# {
            break frame;
        }
    };
    let mut again = other.listen("?after=0").await;
    assert_eq!(again.next().await.event, "hello");
    loop {
        let frame = again.next().await;
        assert_ne!(frame.event, "bye", "what has ended another session does not end this one, on replay either");
        if frame.event == "live" && frame.seq() >= signed_out.seq() {
            break;
        }
    }
}
