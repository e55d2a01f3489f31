//! Word that nobody answers is carried further: each step in time and once, whoever looks and whatever
//! stops; and whoever it was carried to may answer.

use crate::harness::{Device, Events, House, monday};
use chrono::TimeDelta;
use rapport::{
    alerts::{
        AlertCard, AlertKind, Urgency,
        api::{Acknowledge, AlertRules, Board as BoardCall, Complete, MuteKind, Raise, SaveAlertRule},
        escalation::{self, Counts},
        store::AlertRow,
    },
    error::AppError,
    ids::GuestId,
    server::{
        AppState,
        clock::{Clock, FixedClock},
        db::{record, vars},
    },
    staff::api::StaffList,
};
use std::{sync::Arc, time::Duration};
use surrealdb::types::RecordId;
use tokio::sync::watch;

pub fn ulid() -> String {
    ulid::Ulid::new().to_string()
}

/// Sends word to the restaurant.
pub async fn send(
    device: &mut Device,
    house: &House,
    id: &str,
    guest: GuestId,
    kind: &str,
    text: &str,
) -> Result<AlertCard, AppError> {
    let fields = [
        ("id", id.to_owned()),
        ("guest", guest.to_string()),
        ("to", house.stations["restaurant"].to_string()),
        ("kind", kind.to_owned()),
        ("text", text.to_owned()),
    ];
    device.call::<Raise>(&fields).await
}

pub async fn coming_down(device: &mut Device, house: &House, guest: GuestId) -> AlertCard {
    send(device, house, &ulid(), guest, "coming_down", "").await.expect("raised")
}

/// The rule of the restaurant for a kind, or for all: 20 s, 60 s, 120 s, four hours.
fn rule(house: &House, kind: &str, backup: String, duty: String) -> Vec<(&'static str, String)> {
    vec![
        ("station", house.stations["restaurant"].to_string()),
        ("kind", kind.to_owned()),
        ("again_after", "20".to_owned()),
        ("duty_after", "60".to_owned()),
        ("unanswered_after", "120".to_owned()),
        ("expires_after", "240".to_owned()),
        ("backup", backup),
        ("duty", duty),
    ]
}

/// Names the colleague on duty for the restaurant, and its backup.
pub async fn put_on_duty(manager: &mut Device, house: &House, on_duty: &str, backup: Option<&str>) {
    let staff = manager.call::<StaffList>(&[]).await.expect("the staff");
    let duty = staff.iter().find(|row| row.login == on_duty).expect("a colleague").id.to_string();
    let backup = backup.map(|backup| house.stations[backup].to_string()).unwrap_or_default();
    manager.call::<SaveAlertRule>(&rule(house, "", backup, duty)).await.expect("saved");
}

/// One look by a server process of that name. The house's own looks too.
async fn look(house: &House, owner: &str) -> Counts {
    escalation::run_due(&house.db, house.clock.now(), owner).await.expect("a look")
}

/// Waits until everything that is due has been carried out, here or by the server's own look.
pub async fn settle(house: &House) {
    let settled = async {
        loop {
            let now = house.clock.now();
            escalation::run_due(&house.db, now, "last").await.expect("a look");
            let overdue: Vec<RecordId> = house
                .db
                .rows(
                    "SELECT VALUE id FROM escalation WHERE state = 'planned' AND due <= $now",
                    vars().with("now", now),
                )
                .await
                .expect("steps");
            if overdue.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), settled).await.expect("what is due is carried out");
}

/// Lets time pass while devices keep their streams.
pub async fn pass(house: &House, seconds: i64) {
    for _ in 0..seconds / 10 {
        house.clock.advance(TimeDelta::seconds(10));
        house.state.listeners.keep().await.expect("written");
    }
    house.clock.advance(TimeDelta::seconds(seconds % 10));
}

/// Everything that the feed has told of alerts, in its order.
pub async fn told(house: &House) -> Vec<AlertRow> {
    house.db.rows("SELECT VALUE data FROM event WHERE kind = 'alert'", vars()).await.expect("events")
}

async fn next_urgency(stream: &mut Events, urgency: &str) -> serde_json::Value {
    loop {
        let alert = stream.next_alert().await;
        if alert["urgency"] == urgency {
            return alert;
        }
    }
}

pub async fn of_board(device: &mut Device, id: &AlertCard) -> Option<AlertCard> {
    let board = device.call::<BoardCall>(&[]).await.expect("a board");
    board.alerts.into_iter().find(|alert| alert.id == id.id)
}

#[tokio::test]
async fn each_step_comes_in_time_and_once() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut manager = house.device("manager", "desk").await;
    put_on_duty(&mut manager, &house, "reception", Some("bar")).await;
    let mut floor = house.device("floor", "floor").await;
    let mut bar = house.device("host2", "bar").await;
    let mut desk = house.device("reception", "desk").await;
    let (mut sender, mut backup, mut duty) = (floor.listen("").await, bar.listen("").await, desk.listen("").await);
    assert_eq!(duty.next().await.event, "hello");
    house.state.listeners.keep().await.expect("written");
    let alert = coming_down(&mut floor, &house, guest).await;

    house.clock.advance(TimeDelta::seconds(19));
    assert_eq!(look(&house, "a").await, Counts::default(), "nothing is due");
    assert_eq!(of_board(&mut bar, &alert).await, None);

    house.clock.advance(TimeDelta::seconds(1));
    look(&house, "a").await;
    let copy = next_urgency(&mut backup, "rung_again").await;
    assert_eq!((copy["copied_to_name"].as_str(), copy["to_name"].as_str()), (Some("bar"), Some("restaurant")));
    assert_eq!(of_board(&mut bar, &alert).await.expect("a copy").urgency, Urgency::RungAgain);
    assert_eq!(of_board(&mut desk, &alert).await, None, "not yet");

    pass(&house, 40).await;
    look(&house, "a").await;
    let carried = next_urgency(&mut duty, "duty_told").await;
    assert_eq!((carried["told"].as_str(), carried["duty_name"].as_str()), (Some("colleague"), Some("The reception")));
    assert_eq!(of_board(&mut desk, &alert).await.expect("carried here").from_name, "floor");
    assert!(of_board(&mut manager, &alert).await.is_some(), "managers see it too");

    house.clock.advance(TimeDelta::seconds(60));
    look(&house, "a").await;
    assert_eq!(next_urgency(&mut sender, "unanswered").await["to_extension"], "200");
    assert_eq!(look(&house, "b").await, Counts::default(), "nothing is left to do");
    let urgencies: Vec<_> = told(&house).await.iter().map(|row| row.urgency).collect();
    assert_eq!(urgencies, [0, 1, 2, 3]);
}

#[tokio::test]
async fn what_a_dead_server_had_claimed_is_taken_over_when_its_claim_runs_out() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let mut sender = floor.listen("").await;
    let alert = coming_down(&mut floor, &house, guest).await;
    let claim = "UPDATE escalation SET owner = 'dead', lease = $lease WHERE alert = $alert";
    let bound = vars().with("lease", monday() + TimeDelta::seconds(29)).with("alert", record("alert", alert.id));
    house.db.query(claim, bound).await.expect("claimed");
    house.clock.advance(TimeDelta::seconds(28));
    assert_eq!(look(&house, "a").await, Counts::default(), "another server's for now");
    house.clock.advance(TimeDelta::seconds(1));
    look(&house, "a").await;
    next_urgency(&mut sender, "rung_again").await;
}

#[tokio::test]
async fn a_server_that_starts_resumes_what_is_due() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let mut sender = floor.listen("").await;
    coming_down(&mut floor, &house, guest).await;
    // For the first one no time passes; the second one starts when everything is overdue.
    let (_stop, shutdown) = watch::channel(false);
    let later: Arc<dyn Clock> = Arc::new(FixedClock::new(monday() + TimeDelta::minutes(3)));
    let config = Arc::clone(&house.state.config);
    let second = AppState::start(house.db.clone(), config, later, shutdown).await.expect("a second server");
    for urgency in ["rung_again", "duty_told", "unanswered"] {
        next_urgency(&mut sender, urgency).await;
    }
    drop(second);
}

#[tokio::test]
async fn an_answer_stops_it_and_what_nobody_ends_expires() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let mut host = house.device("host", "restaurant").await;
    let mut sender = floor.listen("").await;
    let known = coming_down(&mut floor, &house, guest).await;
    let id = [("id", known.id.to_string())];
    let done = send(&mut floor, &house, &ulid(), guest, "leaving", "").await.expect("raised");
    house.clock.advance(TimeDelta::seconds(10));
    host.call::<Acknowledge>(&id).await.expect("acknowledged");
    host.call::<Complete>(&[("id", done.id.to_string())]).await.expect("completed");
    house.clock.advance(TimeDelta::seconds(200));
    assert_eq!(look(&house, "a").await, Counts::default());
    assert_eq!(of_board(&mut host, &known).await.expect("still there").urgency, Urgency::Plain);

    house.clock.advance(TimeDelta::minutes(240));
    look(&house, "a").await;
    loop {
        let alert = sender.next_alert().await;
        if alert["state"] == "expired" {
            assert_eq!(alert["id"], known.id.to_string());
            break;
        }
    }
    assert_eq!(look(&house, "a").await, Counts::default(), "what was completed does not expire");
    let mut host = house.device("host", "restaurant").await;
    assert_eq!(host.call::<Complete>(&id).await, Err(AppError::Expired));
}

#[tokio::test]
async fn whoever_it_was_carried_to_may_answer_and_nobody_else() {
    let house = House::open().await;
    let (guest, other) = (house.guest("M0001").await, house.guest("M0002").await);
    let mut manager = house.device("manager", "desk").await;
    put_on_duty(&mut manager, &house, "concierge", Some("bar")).await;
    let mut floor = house.device("floor", "floor").await;
    let mut bar = house.device("host2", "bar").await;
    let (mut desk, mut concierge) = (house.device("reception", "desk").await, house.device("concierge", "desk").await);
    let mut sender = floor.listen("").await;
    let first = coming_down(&mut floor, &house, guest).await;
    let second = coming_down(&mut floor, &house, other).await;
    let (first, second) = ([("id", first.id.to_string())], [("id", second.id.to_string())]);
    assert_eq!(bar.call::<Acknowledge>(&first).await, Err(AppError::Forbidden));

    house.clock.advance(TimeDelta::seconds(20));
    look(&house, "a").await;
    for _ in 0..2 {
        next_urgency(&mut sender, "rung_again").await;
    }
    assert_eq!(manager.call::<Acknowledge>(&first).await, Err(AppError::Forbidden), "not told yet");
    let answered = bar.call::<Acknowledge>(&first).await.expect("the copy is answered");
    assert_eq!(answered.acknowledged_by.as_deref(), Some("Bea"));

    house.clock.advance(TimeDelta::seconds(40));
    look(&house, "a").await;
    assert_eq!(next_urgency(&mut sender, "duty_told").await["id"], second[0].1, "the other was answered");
    assert_eq!(desk.call::<Acknowledge>(&second).await, Err(AppError::Forbidden));
    concierge.call::<Acknowledge>(&second).await.expect("the colleague on duty");
    manager.call::<Complete>(&second).await.expect("a manager");
}

#[tokio::test]
async fn of_several_servers_one_carries_out_a_step() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let mut sender = floor.listen("").await;
    for number in 0..20 {
        send(&mut floor, &house, &ulid(), guest, "note", &format!("word {number}")).await.expect("raised");
    }
    house.clock.advance(TimeDelta::seconds(130));
    let looks = tokio::join!(look(&house, "a"), look(&house, "b"), look(&house, "c"));
    for _ in 0..20 {
        next_urgency(&mut sender, "unanswered").await;
    }
    for counts in [looks.0, looks.1, looks.2] {
        assert_eq!((counts.dropped, counts.expired), (0, 0));
    }
    let told = told(&house).await;
    for level in 0..=3 {
        let mut at_level: Vec<_> = told.iter().filter(|row| row.urgency == level).map(|row| row.id.clone()).collect();
        assert_eq!(at_level.len(), 20, "told at level {level}");
        at_level.sort();
        at_level.dedup();
        assert_eq!(at_level.len(), 20, "each alert once at level {level}");
    }
}

#[tokio::test]
async fn a_muted_kind_comes_quietly_and_its_sender_is_told_all_the_same() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut host) = (house.device("floor", "floor").await, house.device("host", "restaurant").await);
    let mut manager = house.device("manager", "desk").await;
    let mute = |on: bool| [("kind", "coming_down".to_owned()), ("on", on.to_string())];
    host.call::<MuteKind>(&mute(true)).await.expect("muted");
    let quiet = (house.stations["restaurant"], AlertKind::ComingDown);
    assert_eq!(manager.call::<BoardCall>(&[]).await.expect("a board").muted, [quiet]);
    let alert = coming_down(&mut floor, &house, guest).await;
    assert!(alert.muted);
    house.clock.advance(TimeDelta::seconds(119));
    assert_eq!(look(&house, "a").await, Counts::default(), "nobody is rung again, and no other station has it");
    house.clock.advance(TimeDelta::seconds(1));
    settle(&house).await;
    let unanswered = of_board(&mut floor, &alert).await.expect("sent from here");
    assert_eq!((unanswered.urgency, unanswered.copied_to, unanswered.told), (Urgency::Unanswered, None, None));

    host.call::<MuteKind>(&mute(false)).await.expect("not muted");
    assert!(!coming_down(&mut floor, &house, guest).await.muted);
    let refused = host.call::<MuteKind>(&[("kind", "party".to_owned()), ("on", "true".to_owned())]).await;
    assert!(refused.expect_err("refused").to_string().contains("coming_down"));
}

#[tokio::test]
async fn each_kind_is_carried_further_by_its_own_rule() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut manager, mut floor) = (house.device("manager", "desk").await, house.device("floor", "floor").await);
    let mut sender = floor.listen("").await;
    assert_eq!(floor.call::<AlertRules>(&[]).await, Err(AppError::Forbidden));
    let nobody = GuestId::new().to_string();
    let unknown = rule(&house, "", nobody.clone(), nobody.clone());
    let Err(AppError::Fields(errors)) = manager.call::<SaveAlertRule>(&unknown).await else { panic!("accepted") };
    assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["backup", "duty"]);
    let staff = manager.call::<StaffList>(&[]).await.expect("the staff");
    let admin = staff.iter().find(|row| row.login == "admin").expect("an admin").id.to_string();
    let refused = manager.call::<SaveAlertRule>(&rule(&house, "", String::new(), admin)).await;
    assert!(refused.expect_err("does not answer alerts").to_string().contains("duty"));
    let mut elsewhere = rule(&house, "", String::new(), String::new());
    elsewhere[0].1 = nobody;
    assert_eq!(manager.call::<SaveAlertRule>(&elsewhere).await, Err(AppError::NotFound));

    let mut quick = rule(&house, "at_the_door", String::new(), String::new());
    quick[2].1 = "5".to_owned();
    quick[3].1 = "0".to_owned();
    manager.call::<SaveAlertRule>(&quick).await.expect("saved");
    let rules = manager.call::<AlertRules>(&[]).await.expect("rules");
    let restaurant = rules.iter().find(|its| its.station.id == house.stations["restaurant"]).expect("the restaurant");
    let read: Vec<_> = restaurant.rules.iter().map(|rule| (rule.kind, rule.again_after, rule.duty_after)).collect();
    assert_eq!(read, [(None, 20, 60), (Some(AlertKind::AtTheDoor), 5, 0)]);

    let door = send(&mut floor, &house, &ulid(), guest, "at_the_door", "").await.expect("raised");
    coming_down(&mut floor, &house, guest).await;
    house.clock.advance(TimeDelta::seconds(5));
    look(&house, "a").await;
    assert_eq!(next_urgency(&mut sender, "rung_again").await["id"], door.id.to_string());
    assert_eq!(look(&house, "a").await, Counts::default(), "the other waits for its twenty seconds");
}
