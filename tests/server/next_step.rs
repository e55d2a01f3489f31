//! Of what is to happen to an alert that nobody answers, one step waits: the next one, at the time that was set when
//! the alert was raised. And what its card shows was looked up on its way, and is never older than the boards.

use crate::{
    escalation::{coming_down, pass, settle},
    harness::House,
};
use chrono::{DateTime, TimeDelta, Utc};
use rapport::{
    alerts::{
        api::{Acknowledge, Complete, SaveAlertRule},
        feed,
        store::AlertRow,
    },
    guests::store::GuestEvent,
    ids::{AlertId, GuestId},
    server::{
        clock::Clock,
        db::{Ahead, NewEvent, Tx, record, vars},
    },
};
use surrealdb::types::SurrealValue;

/// The steps of an alert that are stored: number, state, and seconds from raising it until they are due.
async fn steps(house: &House, alert: AlertId) -> Vec<(i64, String, i64)> {
    #[derive(SurrealValue)]
    struct Row {
        step: i64,
        state: String,
        due: DateTime<Utc>,
    }
    let alert = record("alert", alert);
    let raised: Option<DateTime<Utc>> = house
        .db
        .row("SELECT VALUE raised_at FROM $alert", vars().with("alert", alert.clone()))
        .await
        .expect("an answer");
    let raised = raised.expect("the alert");
    let rows =
        house.db.rows("SELECT step, state, due FROM escalation WHERE alert = $alert", vars().with("alert", alert));
    let mut rows: Vec<Row> = rows.await.expect("steps");
    rows.sort_by_key(|row| row.step);
    rows.into_iter().map(|row| (row.step, row.state, (row.due - raised).num_seconds())).collect()
}

fn are(expected: &[(i64, &str, i64)]) -> Vec<(i64, String, i64)> {
    expected.iter().map(|(step, state, due)| (*step, (*state).to_owned(), *due)).collect()
}

async fn urgency(house: &House, alert: AlertId) -> i64 {
    let bound = vars().with("alert", record("alert", alert));
    let row: Option<AlertRow> = house.db.row("SELECT * FROM $alert", bound).await.expect("an answer");
    row.expect("the alert").urgency
}

#[tokio::test]
async fn each_step_is_planned_with_the_one_before_it() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut manager) = (house.device("floor", "floor").await, house.device("manager", "desk").await);
    let alert = coming_down(&mut floor, &house, guest).await.id;
    assert_eq!(steps(&house, alert).await, are(&[(1, "planned", 20)]), "written with the alert");

    // Another rule is for alerts that are raised from now on.
    let later = [
        ("station", house.stations["restaurant"].to_string()),
        ("again_after", "20".to_owned()),
        ("duty_after", "600".to_owned()),
        ("unanswered_after", "900".to_owned()),
        ("expires_after", "60".to_owned()),
    ];
    manager.call::<SaveAlertRule>(&later).await.expect("saved");
    pass(&house, 20).await;
    settle(&house).await;
    assert_eq!(steps(&house, alert).await, are(&[(1, "done", 20), (2, "planned", 60)]));
    pass(&house, 40).await;
    settle(&house).await;
    assert_eq!(steps(&house, alert).await, are(&[(1, "done", 20), (2, "done", 60), (3, "planned", 120)]));
    // Everything that is overdue by now.
    house.clock.advance(TimeDelta::hours(5));
    settle(&house).await;
    assert_eq!(
        steps(&house, alert).await,
        are(&[(1, "done", 20), (2, "done", 60), (3, "done", 120), (4, "done", 14_400)])
    );
}

#[tokio::test]
async fn what_is_known_only_ends_and_what_has_ended_waits_for_nothing() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut host) = (house.device("floor", "floor").await, house.device("host", "restaurant").await);
    let alert = coming_down(&mut floor, &house, guest).await.id;
    let id = [("id", alert.to_string())];
    pass(&house, 20).await;
    settle(&house).await;
    host.call::<Acknowledge>(&id).await.expect("acknowledged");
    let known = [(1, "done", 20), (2, "dropped", 60), (4, "planned", 14_400)];
    assert_eq!(steps(&house, alert).await, are(&known), "it ends when it would have ended");
    pass(&house, 120).await;
    settle(&house).await;
    assert_eq!(urgency(&house, alert).await, 1, "nobody else is told");
    host.call::<Complete>(&id).await.expect("completed");
    let over = [(1, "done", 20), (2, "dropped", 60), (4, "dropped", 14_400)];
    assert_eq!(steps(&house, alert).await, are(&over));
}

#[tokio::test]
async fn steps_that_an_earlier_version_planned_all_at_once_go_on() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut host) = (house.device("floor", "floor").await, house.device("host", "restaurant").await);
    let alert = coming_down(&mut floor, &house, guest).await.id;
    let raised = house.clock.now();
    house
        .db
        .query(
            "UPDATE escalation SET then_steps = NONE, then_due = NONE WHERE alert = $alert;
             FOR $step IN [[2, $second], [3, $third], [4, $last]] {
                 CREATE type::record('escalation', [$key, $step[0]]) SET house = $house, alert = $alert,
                 step = $step[0], due = $step[1], state = 'planned' RETURN NONE;
             }",
            vars()
                .with("alert", record("alert", alert))
                .with("key", alert.to_string())
                .with("house", record("house", house.id))
                .with("second", raised + TimeDelta::seconds(60))
                .with("third", raised + TimeDelta::seconds(120))
                .with("last", raised + TimeDelta::seconds(14_400)),
        )
        .await
        .expect("stored");
    pass(&house, 60).await;
    settle(&house).await;
    let so_far = [(1, "done", 20), (2, "done", 60), (3, "planned", 120), (4, "planned", 14_400)];
    assert_eq!(steps(&house, alert).await, are(&so_far));
    host.call::<Acknowledge>(&[("id", alert.to_string())]).await.expect("acknowledged");
    let known = [(1, "done", 20), (2, "done", 60), (3, "dropped", 120), (4, "planned", 14_400)];
    assert_eq!(steps(&house, alert).await, are(&known));
}

/// Begins to look up what the guest's card needs, and waits until it is there.
async fn looked_up(house: &House, guest: GuestId) -> Ahead {
    let mut ahead = feed::look_ahead(&house.db, house.id, house.clock.now(), guest);
    ahead.wait_for(Option::is_some).await.expect("looked up");
    ahead
}

/// Tells of an alert once more, with what was looked up for it before.
async fn tell_again(house: &House, alert: AlertId, ahead: Ahead) {
    let tx = Tx::new()
        .run("LET $alert = (SELECT * FROM $id)[0]", vars().with("id", record("alert", alert)))
        .event(NewEvent::of_expression(house.id, "alert", "$alert").with_ahead(ahead));
    house.db.commit(tx).await.expect("told");
}

#[tokio::test]
async fn a_card_shows_what_was_looked_up_on_its_way_and_nothing_older_than_the_boards() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let mut board = house.device("host", "restaurant").await.listen("").await;
    assert_eq!(board.next().await.event, "hello");
    let alert = coming_down(&mut floor, &house, guest).await.id;
    assert_eq!(board.next_alert().await["incognito"], false);
    let set = |incognito: bool| {
        let bound = vars().with("guest", record("guest", guest)).with("incognito", incognito);
        Tx::new().run("UPDATE ONLY $guest SET incognito = $incognito RETURN NONE", bound)
    };

    // The boards learn of a change after the look: the card that comes after that knows of it too.
    let ahead = looked_up(&house, guest).await;
    let changed = NewEvent::new(house.id, "guest", GuestEvent::new(guest, &["identity"]));
    house.db.commit(set(true).event(changed)).await.expect("changed");
    tell_again(&house, alert, ahead).await;
    assert_eq!(board.next_alert().await["incognito"], true, "as it is by now");

    // Where they have not learned of anything, nothing is read between the commit and the boards.
    let ahead = looked_up(&house, guest).await;
    house.db.commit(set(false)).await.expect("changed, and nobody is told");
    tell_again(&house, alert, ahead).await;
    assert_eq!(board.next_alert().await["incognito"], true, "as it was looked up");
}

#[tokio::test]
async fn an_alert_whose_guest_was_not_found_on_its_way_is_on_the_boards_all_the_same() {
    let house = House::open().await;
    let (guest, other) = (house.guest("M0001").await, house.guest("M0002").await);
    let mut floor = house.device("floor", "floor").await;
    let mut board = house.device("host", "restaurant").await.listen("").await;
    assert_eq!(board.next().await.event, "hello");
    let alert = coming_down(&mut floor, &house, guest).await.id;
    assert_eq!(board.next_alert().await["id"], alert.to_string());
    // What was looked up knows somebody else only.
    let ahead = looked_up(&house, other).await;
    tell_again(&house, alert, ahead).await;
    assert_eq!(board.next_alert().await["id"], alert.to_string());
}

/// The sender reads what was looked up for the boards, and as new as their event: the store is not asked once more.
#[tokio::test]
async fn the_answer_to_a_tap_shows_what_the_boards_show() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    let mut board = house.device("floor", "floor").await.listen("").await;
    assert_eq!(board.next().await.event, "hello");
    let mut as_new = 0;
    for number in ["M0001", "M0002", "M0005"] {
        let guest = house.guest(number).await;
        let mut answer = serde_json::to_value(coming_down(&mut floor, &house, guest).await).expect("a card");
        let told = board.next_alert().await;
        // A reader that was just behind has the store asked: the answer is newer then, and the same.
        as_new += usize::from(answer["seq"] == told["seq"]);
        answer["seq"] = told["seq"].clone();
        assert_eq!(answer, told, "{number}");
    }
    assert!(as_new > 0, "no answer was made of what was looked up ahead");
}

#[tokio::test]
async fn whoever_acknowledges_reads_their_own_answer_and_the_sender_the_same() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut host) = (house.device("floor", "floor").await, house.device("host", "restaurant").await);
    let alert = coming_down(&mut floor, &house, guest).await.id;
    let mut sender = house.device("floor", "floor").await.listen("").await;
    assert_eq!(sender.next().await.event, "hello");
    let answer = host.call::<Acknowledge>(&[("id", alert.to_string())]).await.expect("acknowledged");
    let told = sender.next_alert().await;
    assert_eq!((answer.acknowledged_by.as_deref(), answer.state.code()), (Some("The host"), "acknowledged"));
    assert_eq!(told["acknowledged_by"], "The host");
    assert_eq!(told["acknowledged_at"], answer.acknowledged_at.expect("a time"));
    // Asked for again because the answer was lost on its way: as it stands by now.
    let again = host.call::<Acknowledge>(&[("id", alert.to_string())]).await.expect("the same");
    assert_eq!(again.acknowledged_at, answer.acknowledged_at);
}
