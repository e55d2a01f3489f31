//! From one shift to the next: what is open, a word about it, and who takes it over.

use crate::harness::{Device, House};
use rapport::{
    alerts::{
        Board,
        api::{Acknowledge, Board as BoardCall, Complete, EndShift, Raise, TakeOver},
    },
    error::{AppError, Problem},
    house::api::ChooseStation,
    staff::api::{SetShift, SignOut},
};

async fn raise(device: &mut Device, house: &House, membership: &str) -> String {
    let id = ulid::Ulid::new().to_string();
    let fields = [
        ("id", id.clone()),
        ("guest", house.guest(membership).await.to_string()),
        ("to", house.stations["restaurant"].to_string()),
        ("kind", "coming_down".to_owned()),
    ];
    device.call::<Raise>(&fields).await.expect("raised");
    id
}

async fn on_shift(house: &House, login: &str, station: &str) -> Device {
    let mut device = house.device(login, station).await;
    device.call::<SetShift>(&[("on", "true".to_owned())]).await.expect("on shift");
    device
}

async fn board(device: &mut Device) -> Board {
    device.call::<BoardCall>(&[]).await.expect("a board")
}

#[tokio::test]
async fn the_next_colleague_sees_what_is_open_until_it_is_taken_over() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    let mut host = on_shift(&house, "host", "restaurant").await;
    let (seated, known, new) = (
        raise(&mut floor, &house, "M0001").await,
        raise(&mut floor, &house, "M0002").await,
        raise(&mut floor, &house, "M0005").await,
    );
    host.call::<Complete>(&[("id", seated.clone())]).await.expect("completed");
    host.call::<Acknowledge>(&[("id", known.clone())]).await.expect("acknowledged");
    let mut next = house.device("host2", "restaurant").await;
    assert_eq!(board(&mut next).await.hand_over, None);
    let mut stream = next.listen("").await;
    assert_eq!(stream.next().await.event, "hello");

    host.call::<EndShift>(&[("note", " The baby at 7 sleeps.\r\nWalk softly. ".to_owned())]).await.expect("ended");
    assert!(!board(&mut host).await.me.on_shift);
    let told = loop {
        let json = stream.next_live().await.json();
        if json["kind"] == "station_changed" {
            break json;
        }
    };
    assert_eq!(told["station"], house.stations["restaurant"].to_string());
    let left = board(&mut next).await.hand_over.expect("a hand-over");
    assert_eq!((left.by.as_str(), left.at.as_str()), ("The host", "2026-11-23 09:00"));
    assert_eq!(left.note.as_deref(), Some("The baby at 7 sleeps.\nWalk softly."));
    let mut open: Vec<_> = left.open.iter().map(ToString::to_string).collect();
    let mut expected = [known, new];
    open.sort();
    expected.sort();
    assert_eq!(open, expected, "what has ended is not left");

    let fields = [("id", left.id.to_string())];
    let mut bar = house.device("manager", "bar").await;
    assert_eq!(board(&mut bar).await.hand_over, None, "it is left at the restaurant");
    assert_eq!(bar.call::<TakeOver>(&fields).await, Err(AppError::NotFound));
    next.call::<TakeOver>(&fields).await.expect("taken over");
    assert_eq!(board(&mut next).await.hand_over, None);
    let second = host.call::<TakeOver>(&fields).await;
    assert_eq!(second, Err(AppError::Conflict("Bea".to_owned())), "the second learns who was first");
}

#[tokio::test]
async fn where_nothing_is_open_and_nothing_is_said_nothing_is_left() {
    let house = House::open().await;
    let mut host = on_shift(&house, "host", "restaurant").await;
    host.call::<EndShift>(&[("note", " \r\n ".to_owned())]).await.expect("ended");
    let now = board(&mut host).await;
    assert_eq!((now.me.on_shift, now.hand_over), (false, None));
}

#[tokio::test]
async fn a_shift_ends_once() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    let mut host = on_shift(&house, "host", "restaurant").await;
    raise(&mut floor, &house, "M0001").await;
    host.call::<EndShift>(&[("note", "first".to_owned())]).await.expect("ended");
    let left = board(&mut host).await.hand_over.expect("a hand-over");
    host.call::<EndShift>(&[("note", "again".to_owned())]).await.expect("nothing to end");
    assert_eq!(board(&mut host).await.hand_over, Some(left.clone()));
    host.call::<TakeOver>(&[("id", left.id.to_string())]).await.expect("taken over");
    assert_eq!(board(&mut host).await.hand_over, None);
}

#[tokio::test]
async fn taking_over_the_last_takes_over_what_was_left_before() {
    let house = House::open().await;
    for (login, note) in [("host", "first"), ("host2", "second")] {
        let mut device = on_shift(&house, login, "restaurant").await;
        device.call::<EndShift>(&[("note", note.to_owned())]).await.expect("ended");
        house.clock.advance(chrono::TimeDelta::minutes(1));
    }
    let mut host = house.device("host", "restaurant").await;
    let left = board(&mut host).await.hand_over.expect("a hand-over");
    assert_eq!(left.note.as_deref(), Some("second"));
    host.call::<TakeOver>(&[("id", left.id.to_string())]).await.expect("taken over");
    assert_eq!(board(&mut host).await.hand_over, None);
}

#[tokio::test]
async fn whoever_leaves_without_a_word_leaves_what_is_open() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    let id = raise(&mut floor, &house, "M0001").await;
    let mut other = house.device("host2", "restaurant").await;

    let mut host = on_shift(&house, "host", "restaurant").await;
    host.call::<SignOut>(&[]).await.expect("signed out");
    let left = board(&mut other).await.hand_over.expect("by signing out");
    assert_eq!((left.by.as_str(), left.note.as_deref()), ("The host", None));
    assert_eq!(left.open.iter().map(ToString::to_string).collect::<Vec<_>>(), [id]);
    other.call::<TakeOver>(&[("id", left.id.to_string())]).await.expect("taken over");

    house.clock.advance(chrono::TimeDelta::seconds(1));
    let mut host = on_shift(&house, "host", "restaurant").await;
    let bar = house.stations["bar"].to_string();
    host.call::<ChooseStation>(&[("station", bar)]).await.expect("moved");
    assert_eq!(board(&mut other).await.hand_over.expect("by moving the device").by, "The host");
    assert_eq!(board(&mut host).await.hand_over, None, "nothing is left at the bar");
}

#[tokio::test]
async fn a_note_that_is_too_long_is_refused_and_the_shift_goes_on() {
    let house = House::open().await;
    let mut host = on_shift(&house, "host", "restaurant").await;
    let refused = host.call::<EndShift>(&[("note", "x".repeat(1_001))]).await;
    assert_eq!(refused, Err(AppError::field("note", Problem::TooLong(1_000))));
    assert!(board(&mut host).await.me.on_shift);
    let mut marketing = house.device("marketing", "restaurant").await;
    assert_eq!(marketing.call::<EndShift>(&[]).await, Err(AppError::Forbidden));
}

#[tokio::test]
async fn pages_without_scripts_hand_over_and_take_over() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    raise(&mut floor, &house, "M0001").await;
    let mut host = on_shift(&house, "host", "restaurant").await;
    let page = host.get("/board").await.text().await.expect("a page");
    assert!(page.contains("href=\"/board/end-shift\""), "the way to the end of the shift");
    let page = host.get("/board/end-shift").await.text().await.expect("a page");
    assert!(page.contains("Mr Zhang") && page.contains("name=\"note\""), "what is open, and a word about it");
    let answer = host.post("/api/end_shift", &[("note", "mind the step".to_owned())], "text/html").await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (302, &"/board".parse().expect("a value")));
    let page = host.get("/board").await.text().await.expect("a page");
    for part in ["The host handed over, 23 Nov 2026, 09:00", "mind the step", "Taken over"] {
        assert!(page.contains(part), "{part}");
    }
    let left = board(&mut host).await.hand_over.expect("a hand-over");
    let answer = host.post("/api/take_over", &[("id", left.id.to_string())], "text/html").await;
    assert_eq!(answer.status(), 302);
    let page = host.get("/board").await.text().await.expect("a page");
    assert!(!page.contains("mind the step"), "it is taken over");
}
