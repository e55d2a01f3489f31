//! What is old goes, in batches; what is open or young stays, and streams learn what they cannot have.

use crate::harness::{House, monday};
use chrono::{DateTime, TimeDelta, Utc};
use rapport::{
    alerts::{api::Raise, retention},
    server::db::{record, vars},
};

/// Retention reaches the events only once they are old by the store's own clock, too.
fn later(days: i64) -> DateTime<Utc> {
    monday().max(Utc::now()) + TimeDelta::days(days)
}

/// As many ended alerts of that age, each with a step of its escalation and a second sender.
async fn old_alerts(house: &House, count: i64, ended: DateTime<Utc>) {
    house
        .db
        .query(
            "FOR $number IN 0..$count {
                 LET $alert = type::record('alert', $age + <string>$number);
                 CREATE $alert SET house = $house, guest = $guest, sender = $station, receiver = $station,
                 kind = 'leaving', state = 'completed', raised_by = $staff, raised_name = 'Wei', raised_at = $ended,
                 ended_at = $ended RETURN NONE;
                 CREATE type::record('escalation', [record::id($alert), 1]) SET house = $house, alert = $alert, step = 1,
                 due = $ended, state = 'dropped' RETURN NONE;
                 CREATE alert_alias SET alert = $alert, staff = $staff, station = $station, at = $ended RETURN NONE;
             }",
            vars()
                .with("count", count)
                .with("age", ended.timestamp().to_string())
                .with("house", record("house", house.id))
                .with("guest", record("guest", "x"))
                .with("station", record("station", house.stations["bar"]))
                .with("staff", record("staff", "x"))
                .with("ended", ended),
        )
        .await
        .expect("stored");
}

async fn count(house: &House, table: &str) -> usize {
    let rows: Vec<surrealdb::types::RecordId> = house
        .db
        .rows("SELECT VALUE id FROM type::table($table)", vars().with("table", table))
        .await
        .expect("an answer");
    rows.len()
}

#[tokio::test]
async fn ended_alerts_go_with_all_that_hangs_on_them() {
    let house = House::open().await;
    let now = monday();
    old_alerts(&house, 1_203, now - TimeDelta::days(91)).await;
    old_alerts(&house, 7, now - TimeDelta::days(89)).await;
    let purged = retention::purge(&house.db, now, 90).await.expect("purged");
    assert_eq!(purged.alerts, 1_203, "in several batches");
    for table in ["alert", "escalation", "alert_alias"] {
        assert_eq!(count(&house, table).await, 7, "{table}");
    }
    assert_eq!(retention::purge(&house.db, now, 90).await.expect("purged").alerts, 0, "nothing is left to do");
}

#[tokio::test]
async fn an_open_alert_stays_however_old_it_is() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let id = ulid::Ulid::new().to_string();
    let fields = [
        ("id", id.clone()),
        ("guest", guest.to_string()),
        ("to", house.stations["restaurant"].to_string()),
        ("kind", "coming_down".to_owned()),
    ];
    floor.call::<Raise>(&fields).await.expect("raised");
    retention::purge(&house.db, later(1_000), 90).await.expect("purged");
    assert_eq!(house.alerts_stored(&id).await, 1);
}

#[tokio::test]
async fn whoever_asks_for_events_that_are_gone_loads_afresh() {
    let house = House::open().await;
    let host = house.device("host", "restaurant").await;
    let head = house.state.feed.head(house.id).await.expect("a head");
    assert!(head > 0, "the import has told of its bookings");
    assert_eq!(retention::purge(&house.db, later(89), 90).await.expect("purged").events, 0);
    let purged = retention::purge(&house.db, later(91), 90).await.expect("purged");
    assert!(purged.events >= head, "{purged}");
    assert_eq!(count(&house, "event").await, 0);
    assert!(house.state.feed.head(house.id).await.expect("a head") >= head, "numbers go on");

    let mut behind = host.listen("?after=0").await;
    assert_eq!(behind.next().await.event, "hello");
    assert_eq!(behind.next().await.event, "reset");
    let mut in_time = host.listen(&format!("?after={head}")).await;
    assert_eq!(in_time.next().await.event, "hello");
    let guest = house.guest("M0002").await;
    let mut floor = house.device("floor", "floor").await;
    let fields = [
        ("id", ulid::Ulid::new().to_string()),
        ("guest", guest.to_string()),
        ("to", house.stations["restaurant"].to_string()),
        ("kind", "leaving".to_owned()),
    ];
    floor.call::<Raise>(&fields).await.expect("raised");
    loop {
        let frame = in_time.next().await;
        assert_ne!(frame.event, "reset", "it holds everything that there was");
        if frame.event == "live" && frame.json()["kind"] == "alert" {
            break;
        }
    }
}

#[tokio::test]
async fn hand_overs_and_expired_locators_go_too() {
    let house = House::open().await;
    let now = monday();
    for days in 80..100 {
        let bound = vars()
            .with("house", record("house", house.id))
            .with("station", record("station", house.stations["bar"]))
            .with("at", now - TimeDelta::days(days));
        let sql = "CREATE hand_over SET house = $house, station = $station, author = 'Anna', open = [], at = $at";
        house.db.query(sql, bound).await.expect("stored");
    }
    for hours in [-1, 1] {
        let bound = vars()
            .with("house", record("house", house.id))
            .with("guest", record("guest", "x"))
            .with("now", now)
            .with("expires", now + TimeDelta::hours(hours));
        let sql = "CREATE locator SET house = $house, guest = $guest, place = 'Restaurant', at = $now, \
                   local_time = '09:00', author = 'Anna', by_hand = true, expires = $expires";
        house.db.query(sql, bound).await.expect("stored");
    }
    let purged = retention::purge(&house.db, now, 90).await.expect("purged");
    assert_eq!((purged.hand_overs, purged.locators), (9, 1), "91 to 99 days ago, and an hour ago");
    assert_eq!((count(&house, "hand_over").await, count(&house, "locator").await), (11, 1));
}
