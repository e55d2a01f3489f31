//! What the manager reads of live word: days of the house, and each station as it stands.

use crate::{
    escalation::{coming_down, pass, put_on_duty, settle},
    harness::House,
};
use chrono::{DateTime, TimeDelta, Utc};
use rapport::{
    alerts::{
        api::{Acknowledge, Raise},
        reports::{
            Figures,
            api::{AlertReport, StationBoard},
        },
    },
    error::AppError,
    server::{
        clock::Clock,
        db::{optional, record, vars},
    },
};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// An alert of the past, as the store would hold it.
async fn past(house: &House, to: &str, raised: &str, answered_after: Option<i64>, urgency: i64) {
    let raised = utc(raised);
    let acknowledged = answered_after.map(|seconds| raised + TimeDelta::seconds(seconds));
    house
        .db
        .query(
            "CREATE alert SET house = $house, guest = $guest, sender = $sender, receiver = $receiver, kind = 'leaving',
             state = $state, urgency = $urgency, raised_by = $staff, raised_name = 'Wei', raised_at = $raised,
             acknowledged_at = $acknowledged, ended_at = $ended RETURN NONE",
            vars()
                .with("house", record("house", house.id))
                .with("guest", record("guest", "x"))
                .with("sender", record("station", house.stations["floor"]))
                .with("receiver", record("station", house.stations[to]))
                .with("state", if acknowledged.is_some() { "completed" } else { "expired" })
                .with("urgency", urgency)
                .with("staff", record("staff", "x"))
                .with("raised", raised)
                .with("acknowledged", optional(acknowledged))
                .with("ended", raised + TimeDelta::hours(4)),
        )
        .await
        .expect("stored");
}

#[tokio::test]
async fn a_day_is_a_day_at_the_house() {
    let house = House::open().await;
    // It is 09:00 in London and 17:00 here: today began at 16:00 UTC yesterday.
    house
        .db
        .query("UPDATE $house SET timezone = 'Asia/Shanghai'", vars().with("house", record("house", house.id)))
        .await
        .expect("moved");
    past(&house, "restaurant", "2026-11-22T15:59:59Z", Some(10), 0).await;
    past(&house, "restaurant", "2026-11-22T16:00:00Z", Some(20), 0).await;
    past(&house, "restaurant", "2026-11-23T01:00:00Z", Some(150), 3).await;
    past(&house, "bar", "2026-11-23T02:00:00Z", None, 0).await;
    // Before the span.
    past(&house, "bar", "2026-11-16T15:59:59Z", None, 0).await;

    let mut manager = house.device("manager", "desk").await;
    let report = manager.call::<AlertReport>(&[("days", "7".to_owned())]).await.expect("a report");
    let days: Vec<_> = report.days.iter().map(|day| (day.day.as_str(), day.total.count)).collect();
    assert_eq!(days.len(), 7);
    assert_eq!(days[..3], [("2026-11-23", 3), ("2026-11-22", 1), ("2026-11-21", 0)]);
    assert_eq!(days[6], ("2026-11-17", 0));
    let today: Vec<_> = report.days[0].stations.iter().map(|row| (row.name.as_str(), row.figures)).collect();
    assert_eq!(
        today,
        [
            ("restaurant", Figures { count: 2, median: Some(85_000), p95: Some(150_000), unanswered: 1 }),
            ("bar", Figures { count: 1, median: None, p95: None, unanswered: 1 }),
        ]
    );
    assert_eq!(
        report.stations[0].figures,
        Figures { count: 3, median: Some(20_000), p95: Some(150_000), unanswered: 1 }
    );
    assert_eq!((report.total.count, report.total.unanswered), (4, 2));
}

#[tokio::test]
async fn a_report_is_for_managers_and_for_spans_that_there_are() {
    let house = House::open().await;
    let mut host = house.device("host", "restaurant").await;
    assert_eq!(host.call::<AlertReport>(&[("days", "7".to_owned())]).await, Err(AppError::Forbidden));
    assert_eq!(host.call::<StationBoard>(&[]).await, Err(AppError::Forbidden));
    let mut manager = house.device("manager", "desk").await;
    let refused = manager.call::<AlertReport>(&[("days", "8".to_owned())]).await.expect_err("refused");
    assert!(refused.to_string().contains("7, 14, 30, 90"), "{refused}");
    let page = manager.get("/manage/alerts?days=30").await.text().await.expect("a page");
    assert!(page.contains("No alerts in this time"), "an empty house has an empty page");
    past(&house, "restaurant", "2026-11-23T08:00:00Z", Some(65), 0).await;
    let page = manager.get("/manage/alerts?days=30").await.text().await.expect("a page");
    for part in ["<svg", "<table", "1 min 05 s", "23 Nov 2026", "aria-current=\"page\""] {
        assert!(page.contains(part), "the page lacks {part}");
    }
}

#[tokio::test]
async fn the_manager_sees_every_station_as_it_stands() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut host) = (house.device("floor", "floor").await, house.device("host", "restaurant").await);
    let mut stream = host.listen("").await;
    assert_eq!(stream.next().await.event, "hello");
    house.state.listeners.keep().await.expect("written");
    let id = ulid::Ulid::new().to_string();
    let fields = [
        ("id", id.clone()),
        ("guest", guest.to_string()),
        ("to", house.stations["restaurant"].to_string()),
        ("kind", "coming_down".to_owned()),
    ];
    floor.call::<Raise>(&fields).await.expect("raised");
    house.clock.advance(TimeDelta::seconds(8));
    host.call::<Acknowledge>(&[("id", id)]).await.expect("acknowledged");
    house.clock.set(house.clock.now() + TimeDelta::minutes(2));
    // What the job does each second.
    house.state.listeners.keep().await.expect("written");

    let mut manager = house.device("manager", "desk").await;
    let board = manager.call::<StationBoard>(&[]).await.expect("a board");
    let status = |name: &str| board.iter().find(|status| status.station.name == name).expect("a station");
    let restaurant = status("restaurant");
    assert!(restaurant.presence.listening);
    assert_eq!(restaurant.presence.who, ["The host"]);
    assert_eq!(restaurant.since.as_deref(), Some("2026-11-23 09:00"));
    assert_eq!(restaurant.answered, Some(("2026-11-23 09:00".to_owned(), 8_000)));
    let bar = status("bar");
    assert!(!bar.presence.listening);
    assert_eq!((&bar.since, &bar.answered), (&None, &None));
    let page = manager.get("/manage").await.text().await.expect("a page");
    for part in ["Listening since 23 Nov 2026, 09:00: The host", "after 8 s", "No one has listened here yet"] {
        assert!(page.contains(part), "the page lacks {part}");
    }
}

#[tokio::test]
async fn what_nobody_answers_waits_for_the_manager() {
    const WAITS: &str = "No one has answered";
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut host) = (house.device("floor", "floor").await, house.device("host", "restaurant").await);
    let mut manager = house.device("manager", "desk").await;
    let alert = coming_down(&mut floor, &house, guest).await;
    house.clock.advance(TimeDelta::seconds(59));
    settle(&house).await;
    let page = manager.get("/manage").await.text().await.expect("a page");
    assert!(!page.contains(WAITS), "the station may still answer");
    house.clock.advance(TimeDelta::seconds(1));
    settle(&house).await;
    let page = manager.get("/manage").await.text().await.expect("a page");
    assert!(page.contains("No one has answered 1 alert."), "{page}");
    let board = manager.call::<StationBoard>(&[]).await.expect("a board");
    let waiting: Vec<_> = board.iter().map(|status| (status.station.name.as_str(), status.unanswered)).collect();
    assert!(waiting.contains(&("restaurant", 1)) && waiting.iter().map(|(_, count)| count).sum::<u32>() == 1);
    host.call::<Acknowledge>(&[("id", alert.id.to_string())]).await.expect("acknowledged");
    let page = manager.get("/manage").await.text().await.expect("a page");
    assert!(!page.contains(WAITS), "somebody has it");

    // Where a colleague is on duty, and on the line, it is that colleague's.
    let colleague = house.device("reception", "desk").await;
    let mut stream = colleague.listen("").await;
    assert_eq!(stream.next().await.event, "hello");
    put_on_duty(&mut manager, &house, "reception", None).await;
    coming_down(&mut floor, &house, house.guest("M0002").await).await;
    pass(&house, 60).await;
    settle(&house).await;
    let board = manager.call::<StationBoard>(&[]).await.expect("a board");
    assert!(board.iter().all(|status| status.unanswered == 0));
}
