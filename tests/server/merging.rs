//! What two say at once is said once; on a screen is told once; and what was said about a guest is kept.

use crate::{
    escalation::{coming_down, of_board, send, told, ulid},
    harness::{House, monday},
};
use chrono::TimeDelta;
use rapport::{
    alerts::{
        AlertCard, AlertState,
        api::{Board as BoardCall, Displayed, GuestAlerts, Withdraw},
    },
    error::AppError,
};

#[tokio::test]
async fn what_two_say_within_half_a_minute_is_one_alert_with_both_names() {
    let house = House::open().await;
    let (guest, other) = (house.guest("M0001").await, house.guest("M0002").await);
    let (mut floor, mut desk) = (house.device("floor", "floor").await, house.device("reception", "desk").await);
    let mut host = house.device("host", "restaurant").await;
    let (ours, theirs) = (ulid(), ulid());
    let first = send(&mut floor, &house, &ours, guest, "coming_down", "").await.expect("raised");
    house.clock.advance(TimeDelta::seconds(19));
    let second = send(&mut desk, &house, &theirs, guest, "coming_down", "").await.expect("the same");
    assert_eq!((second.id, second.by.as_str()), (first.id, "The floor"));
    assert_eq!(second.also_by, ["The reception"]);
    assert_eq!(second.also_from, [house.stations["desk"]]);
    assert_eq!(house.alerts_stored(&theirs).await, 0);
    assert_eq!(of_board(&mut desk, &first).await.expect("on the board of both").also_by, ["The reception"]);
    let board = host.call::<BoardCall>(&[]).await.expect("a board");
    assert_eq!(board.alerts.len(), 1, "once for the restaurant");

    // Either id again, and the same tap on the first device, change nothing.
    let again = [
        send(&mut desk, &house, &theirs, guest, "coming_down", "").await.expect("the same"),
        send(&mut floor, &house, &ours, guest, "coming_down", "").await.expect("the same"),
        send(&mut floor, &house, &ulid(), guest, "coming_down", "").await.expect("the same"),
    ];
    for again in again {
        assert_eq!((again.id, again.also_by), (first.id, vec!["The reception".to_owned()]));
    }
    let refused = send(&mut desk, &house, &theirs, other, "coming_down", "").await;
    assert!(matches!(refused, Err(AppError::Conflict(_))), "an id that stands for another alert: {refused:?}");

    // Another word, another guest, or half a minute later: another alert.
    let apart = send(&mut desk, &house, &ulid(), guest, "leaving", "").await.expect("raised");
    let one = send(&mut desk, &house, &ulid(), guest, "note", "one").await.expect("raised");
    let two = send(&mut floor, &house, &ulid(), guest, "note", "two").await.expect("raised");
    house.clock.advance(TimeDelta::seconds(11));
    let late = coming_down(&mut desk, &house, guest).await;
    let mut ids = vec![first.id, apart.id, one.id, two.id, late.id];
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);

    desk.call::<Withdraw>(&[("id", theirs)]).await.expect("whoever said it too may take it back");
    let left = of_board(&mut host, &first).await.expect("the other's word stands");
    assert_eq!((left.state, left.withdrawn.len()), (AlertState::Raised, 1));
    floor.call::<Withdraw>(&[("id", first.id.to_string())]).await.expect("the last one ends it");
    let ended = of_board(&mut host, &first).await.expect("just ended");
    assert_eq!(ended.state, AlertState::Withdrawn);
    assert_ne!(coming_down(&mut floor, &house, guest).await.id, first.id, "an ended alert takes nothing in");
}

#[tokio::test]
async fn two_taps_at_the_same_moment_are_one_alert() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut desk) = (house.device("floor", "floor").await, house.device("reception", "desk").await);
    for _ in 0..10 {
        let (a, b) = tokio::join!(coming_down(&mut floor, &house, guest), coming_down(&mut desk, &house, guest));
        assert_eq!(a.id, b.id);
        house.clock.advance(TimeDelta::seconds(31));
    }
}

#[tokio::test]
async fn on_screen_is_told_once_and_only_by_the_station_it_is_for() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut host) = (house.device("floor", "floor").await, house.device("host", "restaurant").await);
    let mut sender = floor.listen("").await;
    let alert = coming_down(&mut floor, &house, guest).await;
    let painted = [("ids[0]", alert.id.to_string()), ("ids[1]", ulid())];
    let mut bar = house.device("host2", "bar").await;
    bar.call::<Displayed>(&painted).await.expect("passed over");
    house.clock.advance(TimeDelta::seconds(2));
    let mut second = house.device("host2", "restaurant").await;
    host.call::<Displayed>(&painted).await.expect("reported");
    house.clock.advance(TimeDelta::seconds(1));
    second.call::<Displayed>(&painted).await.expect("passed over");
    host.call::<Displayed>(&painted).await.expect("passed over");
    assert_eq!(sender.next_alert().await["displayed_at"], serde_json::Value::Null);
    let shown = sender.next_alert().await;
    assert_eq!(shown["displayed_at"], (monday() + TimeDelta::seconds(2)).timestamp_millis());
    assert_eq!(shown["state"], "raised", "displayed is not acknowledged");
    assert_eq!(told(&house).await.len(), 2, "once");
    host.call::<Displayed>(&[]).await.expect("nothing to report");
}

#[tokio::test]
async fn the_history_of_a_guest_is_told_in_pages_and_notes_only_to_those_they_concerned() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut host) = (house.device("floor", "floor").await, house.device("host", "restaurant").await);
    let (mut desk, mut marketing) = (house.device("reception", "desk").await, house.device("marketing", "desk").await);
    let mut sent = Vec::new();
    for number in 0..25 {
        let text = format!("word {number}");
        sent.insert(0, send(&mut floor, &house, &ulid(), guest, "note", &text).await.expect("raised"));
        house.clock.advance(TimeDelta::seconds(1));
    }
    let mut fields = vec![("guest", guest.to_string())];
    let page = host.call::<GuestAlerts>(&fields).await.expect("a page");
    let ids = |cards: &[AlertCard]| cards.iter().map(|card| card.id).collect::<Vec<_>>();
    assert_eq!(ids(&page), ids(&sent[..20]));
    assert_eq!(page[0].text.as_deref(), Some("word 24"));
    fields.push(("before", page[19].id.to_string()));
    let rest = desk.call::<GuestAlerts>(&fields).await.expect("a page");
    assert_eq!(ids(&rest), ids(&sent[20..]));
    assert!(rest.iter().all(|card| card.text.is_none()), "it was not for the desk");
    assert_eq!(marketing.call::<GuestAlerts>(&fields).await, Err(AppError::Forbidden));
}
