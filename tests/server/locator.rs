//! Where a guest was last seen: from word and by hand, for those who see the lists, and not for ever.

use crate::harness::{Device, Events, House};
use chrono::TimeDelta;
use rapport::{
    alerts::api::{Acknowledge, Complete, Raise, Withdraw},
    error::{AppError, Problem},
    house::api::SaveLocatorHours,
    ids::GuestId,
    stays::{
        Seen,
        api::{ClearLocator, DayLists, LastSeen, SetLocator},
    },
};

async fn raise(device: &mut Device, house: &House, guest: GuestId, kind: &str) -> String {
    let id = ulid::Ulid::new().to_string();
    let fields = [
        ("id", id.clone()),
        ("guest", guest.to_string()),
        ("to", house.stations["restaurant"].to_string()),
        ("kind", kind.to_owned()),
        ("text", "he likes the corner".to_owned()),
    ];
    device.call::<Raise>(&fields).await.expect("raised");
    id
}

async fn seen(device: &mut Device, guest: GuestId) -> Option<Seen> {
    device.call::<LastSeen>(&[("guest", guest.to_string())]).await.expect("an answer")
}

/// The same on the list of those in house.
async fn listed(device: &mut Device, guest: GuestId) -> Option<Seen> {
    let day = device.call::<DayLists>(&[("list", "in-house".to_owned())]).await.expect("a list");
    day.lines.into_iter().find(|line| line.guest == guest).expect("on the list").seen
}

async fn say(device: &mut Device, guest: GuestId, place: &str) -> Result<(), AppError> {
    device.call::<SetLocator>(&[("guest", guest.to_string()), ("place", place.to_owned())]).await
}

/// The next event about where someone is.
async fn told(stream: &mut Events) -> serde_json::Value {
    loop {
        let json = stream.next_live().await.json();
        if json["kind"] == "seen" {
            return json;
        }
    }
}

#[tokio::test]
async fn word_about_a_guest_tells_where_the_guest_is() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut host) = (house.device("floor", "floor").await, house.device("host", "restaurant").await);
    let mut desk = house.device("reception", "desk").await;
    assert_eq!(seen(&mut desk, guest).await, None);

    let id = raise(&mut floor, &house, guest, "coming_down").await;
    let at_floor = seen(&mut desk, guest).await.expect("seen");
    assert_eq!((at_floor.place.as_str(), at_floor.time.as_str(), at_floor.table.as_deref()), ("floor", "09:00", None));
    assert_eq!((at_floor.by.as_str(), at_floor.by_hand), ("The floor", false));
    assert_eq!(listed(&mut desk, guest).await, Some(at_floor));

    house.clock.advance(TimeDelta::minutes(7));
    host.call::<Complete>(&[("id", id), ("table", "12".to_owned())]).await.expect("completed");
    let at_table = seen(&mut floor, guest).await.expect("seen");
    assert_eq!(
        (at_table.place.as_str(), at_table.table.as_deref(), at_table.time.as_str()),
        ("restaurant", Some("12"), "09:07")
    );
    assert_eq!(listed(&mut floor, guest).await, Some(at_table));
    assert_eq!(listed(&mut floor, house.guest("M0002").await).await, None, "nobody else moved");
}

#[tokio::test]
async fn a_note_does_not_tell_where_a_guest_is() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    raise(&mut floor, &house, guest, "note").await;
    assert_eq!(seen(&mut floor, guest).await, None);
}

#[tokio::test]
async fn what_is_said_by_hand_is_on_every_list_at_once() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut concierge = house.device("concierge", "desk").await;
    let host = house.device("host", "restaurant").await;
    let mut stream = host.listen("").await;
    assert_eq!(stream.next().await.event, "hello");
    say(&mut concierge, guest, "  the pool ").await.expect("kept");
    let event = told(&mut stream).await;
    assert_eq!(event["guest"], guest.to_string());
    assert_eq!((&event["seen"]["place"], &event["seen"]["by_hand"]), (&"the pool".into(), &true.into()));
    let kept = seen(&mut concierge, guest).await.expect("seen");
    assert_eq!((kept.place.as_str(), kept.by.as_str(), kept.by_hand), ("the pool", "The concierge", true));

    concierge.call::<ClearLocator>(&[("guest", guest.to_string())]).await.expect("cleared");
    let event = told(&mut stream).await;
    assert!(event["seen"].is_null(), "{event}");
    assert_eq!(seen(&mut concierge, guest).await, None);
    assert_eq!(listed(&mut concierge, guest).await, None);
}

#[tokio::test]
async fn word_that_is_taken_back_takes_back_where_the_guest_is() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut desk) = (house.device("floor", "floor").await, house.device("reception", "desk").await);
    let mut host = house.device("host", "restaurant").await;
    let mut stream = host.listen("").await;
    assert_eq!(stream.next().await.event, "hello");
    let id = raise(&mut floor, &house, guest, "coming_down").await;
    assert_eq!(told(&mut stream).await["seen"]["place"], "floor");
    host.call::<Acknowledge>(&[("id", id.clone())]).await.expect("acknowledged");
    floor.call::<Withdraw>(&[("id", id)]).await.expect("withdrawn");
    let event = told(&mut stream).await;
    assert!(event["guest"] == guest.to_string() && event["seen"].is_null(), "{event}");
    assert_eq!(seen(&mut desk, guest).await, None);
    assert_eq!(listed(&mut desk, guest).await, None);

    // The same word of a colleague is the same alert: what either of them told goes with it.
    raise(&mut floor, &house, guest, "leaving").await;
    house.clock.advance(TimeDelta::seconds(9));
    let id = raise(&mut desk, &house, guest, "leaving").await;
    assert_eq!(seen(&mut host, guest).await.expect("seen").place, "desk");
    desk.call::<Withdraw>(&[("id", id)]).await.expect("withdrawn");
    assert_eq!(seen(&mut host, guest).await, None);
}

#[tokio::test]
async fn what_has_been_told_since_stays_when_word_is_taken_back() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut desk) = (house.device("floor", "floor").await, house.device("reception", "desk").await);
    let mut stream = house.device("host", "restaurant").await.listen("").await;
    assert_eq!(stream.next().await.event, "hello");

    let mistaken = raise(&mut floor, &house, guest, "coming_down").await;
    house.clock.advance(TimeDelta::minutes(1));
    let leaving = raise(&mut desk, &house, guest, "leaving").await;
    floor.call::<Withdraw>(&[("id", mistaken)]).await.expect("withdrawn");
    let stays = seen(&mut floor, guest).await.expect("seen");
    assert_eq!((stays.place.as_str(), stays.time.as_str()), ("desk", "09:01"));
    let places = [told(&mut stream).await, told(&mut stream).await, told(&mut stream).await];
    assert_eq!(places.map(|event| event["seen"]["place"].clone()), ["floor", "desk", "desk"]);

    say(&mut floor, guest, "the pool").await.expect("kept");
    desk.call::<Withdraw>(&[("id", leaving)]).await.expect("withdrawn");
    assert_eq!(seen(&mut floor, guest).await.expect("seen").place, "the pool");

    // A note says nothing of it, whoever takes it back.
    let note = raise(&mut floor, &house, guest, "note").await;
    floor.call::<Withdraw>(&[("id", note)]).await.expect("withdrawn");
    assert_eq!(seen(&mut desk, guest).await.expect("seen").place, "the pool");
}

#[tokio::test]
async fn a_place_is_forgotten_after_the_hours_that_the_house_has_set() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    say(&mut house.device("floor", "floor").await, guest, "cellar").await.expect("kept");
    house.clock.advance(TimeDelta::minutes(239));
    assert!(seen(&mut house.device("floor", "floor").await, guest).await.is_some(), "four hours are usual");
    house.clock.advance(TimeDelta::minutes(1));
    let mut floor = house.device("floor", "floor").await;
    assert_eq!(seen(&mut floor, guest).await, None);
    assert_eq!(listed(&mut floor, guest).await, None);

    let mut manager = house.device("manager", "desk").await;
    manager.call::<SaveLocatorHours>(&[("hours", "1".to_owned())]).await.expect("kept");
    say(&mut floor, guest, "cellar").await.expect("kept");
    house.clock.advance(TimeDelta::minutes(60));
    assert_eq!(seen(&mut house.device("floor", "floor").await, guest).await, None);
    let mut manager = house.device("manager", "desk").await;
    for refused in ["0", "25", "soon", ""] {
        let answer = manager.call::<SaveLocatorHours>(&[("hours", refused.to_owned())]).await;
        assert!(
            matches!(&answer, Err(AppError::Fields(fields)) if fields[0].field == "hours"),
            "{refused:?}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn those_who_see_no_lists_learn_no_places() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    say(&mut house.device("floor", "floor").await, guest, "cellar").await.expect("kept");
    for role in ["marketing", "admin"] {
        let mut device = house.device(role, "desk").await;
        let asked = device.call::<LastSeen>(&[("guest", guest.to_string())]).await;
        assert_eq!(asked, Err(AppError::Forbidden), "{role}");
        assert_eq!(say(&mut device, guest, "bar").await, Err(AppError::Forbidden), "{role}");
        let cleared = device.call::<ClearLocator>(&[("guest", guest.to_string())]).await;
        assert_eq!(cleared, Err(AppError::Forbidden), "{role}");
        let page = device.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
        assert!(!page.contains("cellar"), "{role}");
    }
    assert_eq!(seen(&mut house.device("host", "restaurant").await, guest).await.expect("seen").place, "cellar");
}

#[tokio::test]
async fn a_place_that_is_none_is_refused_beside_its_field() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    assert_eq!(say(&mut floor, guest, "  ").await, Err(AppError::field("place", Problem::Empty)));
    assert_eq!(floor.last_status, 422);
    assert_eq!(say(&mut floor, guest, &"x".repeat(61)).await, Err(AppError::field("place", Problem::TooLong(60))));
    assert_eq!(say(&mut floor, GuestId::new(), "cellar").await, Err(AppError::NotFound));
    assert_eq!(seen(&mut floor, guest).await, None);
}

#[tokio::test]
async fn pages_without_scripts_say_it_and_take_it() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let fields = [("guest", guest.to_string()), ("place", "the pool".to_owned())];
    let answer = floor.post("/api/set_locator", &fields, "text/html").await;
    assert_eq!(answer.status(), 302);
    for path in [format!("/guests/{guest}"), "/floor".to_owned(), "/desk?list=in-house".to_owned()] {
        let page = floor.get(&path).await.text().await.expect("a page");
        assert!(page.contains("Last seen: the pool, 09:00"), "{path}");
    }
}
