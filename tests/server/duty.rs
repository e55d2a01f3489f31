//! Who is told that nobody answers, and who is who: managers wherever they are, senders who move on, senders who
//! take their part back, and colleagues of one name.

use crate::{
    escalation::{coming_down, of_board, pass, put_on_duty, settle},
    harness::{Device, Events, House, PASSWORD},
};
use leptos::server_fn::ServerFn;
use rapport::{
    alerts::{
        AlertCard, AlertState, Told, Urgency,
        api::{Acknowledge, Board as BoardCall, Complete, Withdraw},
        reports::api::StationBoard,
    },
    error::AppError,
    house::api::ChooseStation,
    staff::{
        Role, password,
        store::{self as staff, NewStaff},
    },
};

/// A manager whose device stands nowhere.
async fn manager_anywhere(house: &House) -> Device {
    let mut manager = house.browser();
    manager.sign_in("manager", PASSWORD).await.expect("signed in");
    manager
}

/// A stream that has begun, and that the house has written down.
async fn on_the_line(house: &House, device: &Device) -> Events {
    let mut stream = device.listen("").await;
    assert_eq!(stream.next().await.event, "hello");
    house.state.listeners.keep().await.expect("written");
    stream
}

/// Word that nobody has answered for a minute, as its sender has it.
async fn unanswered_for_a_minute(house: &House, floor: &mut Device) -> AlertCard {
    let guest = house.guest("M0001").await;
    let alert = coming_down(floor, house, guest).await;
    pass(house, 60).await;
    settle(house).await;
    of_board(floor, &alert).await.expect("sent from here")
}

#[tokio::test]
async fn nobody_is_told_where_no_manager_is_on_the_line_and_whoever_comes_later_sees_it() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    let _sender = on_the_line(&house, &floor).await;
    let card = unanswered_for_a_minute(&house, &mut floor).await;
    assert_eq!((card.urgency, card.told, card.duty_name), (Urgency::DutyTold, Some(Told::Nobody), None));

    let mut late = manager_anywhere(&house).await;
    let board = late.call::<BoardCall>(&[]).await.expect("a board without a station");
    assert_eq!(board.alerts.iter().map(|alert| alert.id).collect::<Vec<_>>(), [card.id]);
    assert_eq!(board.stations.len(), house.stations.len(), "none of them is hers");
    late.call::<Acknowledge>(&[("id", card.id.to_string())]).await.expect("and may answer it");
}

#[tokio::test]
async fn a_manager_without_a_station_is_told_over_her_own_line() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    let manager = manager_anywhere(&house).await;
    let mut line = on_the_line(&house, &manager).await;
    let card = unanswered_for_a_minute(&house, &mut floor).await;
    assert_eq!(card.told, Some(Told::Managers));
    loop {
        let alert = line.next_alert().await;
        if alert["urgency"] == "duty_told" {
            assert_eq!((alert["id"].as_str(), alert["told"].as_str()), (Some(&*card.id.to_string()), Some("managers")));
            break;
        }
    }
    let mut nowhere = house.browser();
    nowhere.sign_in("host2", PASSWORD).await.expect("signed in");
    assert_eq!(nowhere.call::<BoardCall>(&[]).await, Err(AppError::NoStation), "others choose where they are first");
}

#[tokio::test]
async fn in_place_of_a_colleague_on_duty_who_is_not_on_the_line_the_managers_are_told() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    let mut manager = manager_anywhere(&house).await;
    put_on_duty(&mut manager, &house, "concierge", Some("bar")).await;
    let _line = on_the_line(&house, &manager).await;
    let card = unanswered_for_a_minute(&house, &mut floor).await;
    assert_eq!((card.told, card.duty, card.duty_name), (Some(Told::Managers), None, None));
    let told = manager.call::<StationBoard>(&[]).await.expect("the overview");
    assert_eq!(told.iter().map(|status| status.unanswered).sum::<u32>(), 1, "the overview counts what the band shows");
}

#[tokio::test]
async fn a_manager_without_a_station_answers_from_the_board_what_was_told_to_whoever_is_on_duty() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    let mut manager = manager_anywhere(&house).await;
    put_on_duty(&mut manager, &house, "concierge", Some("bar")).await;
    let concierge = house.device("concierge", "desk").await;
    let _hers = on_the_line(&house, &concierge).await;
    let card = unanswered_for_a_minute(&house, &mut floor).await;
    assert_eq!((card.told, card.duty_name.as_deref()), (Some(Told::Colleague), Some("The concierge")));

    let answer = manager.get("/board").await;
    assert_eq!(answer.status(), 200, "nobody asks her to choose a station first");
    let page = answer.text().await.expect("a page");
    assert!(page.contains(&format!("ticket-{}", card.id)), "{page}");
    // As a browser without scripts does.
    let id = [("id", card.id.to_string())];
    assert!(manager.post(Acknowledge::PATH, &id, "text/html").await.status().as_u16() < 400);
    let answered = of_board(&mut floor, &card).await.expect("sent from here");
    assert_eq!(answered.acknowledged_by.as_deref(), Some("The manager"));
    let done = manager.call::<Complete>(&id).await.expect("greeted");
    assert_eq!((done.state, done.completed_by.as_deref()), (AlertState::Completed, Some("The manager")));

    let mut nowhere = house.browser();
    nowhere.sign_in("host2", PASSWORD).await.expect("signed in");
    let answer = nowhere.get("/board").await;
    assert_eq!(answer.headers()["location"], "/station?next=%2Fboard", "others choose where they are first");
}

#[tokio::test]
async fn whoever_sent_word_and_moves_on_has_its_answer_at_the_next_station() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let mut host = house.device("host", "restaurant").await;
    let alert = coming_down(&mut floor, &house, guest).await;
    let there = [("station", house.stations["desk"].to_string())];
    floor.call::<ChooseStation>(&there).await.expect("moved");
    assert!(of_board(&mut floor, &alert).await.is_some_and(|card| card.is_by(alert.by_staff)));
    let mut line = floor.listen("").await;
    host.call::<Acknowledge>(&[("id", alert.id.to_string())]).await.expect("acknowledged");
    assert_eq!(line.next_alert().await["acknowledged_by"], "The host");
    let mut desk = house.device("reception", "desk").await;
    assert_eq!(of_board(&mut desk, &alert).await, None, "a colleague there has nothing to do with it");
}

#[tokio::test]
async fn one_of_two_senders_takes_back_only_her_own_part() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut desk) = (house.device("floor", "floor").await, house.device("reception", "desk").await);
    let mut host = house.device("host", "restaurant").await;
    let first = coming_down(&mut floor, &house, guest).await;
    let id = [("id", first.id.to_string())];
    assert_eq!(coming_down(&mut desk, &house, guest).await.id, first.id);
    for again in ["once", "and asked again"] {
        let card = floor.call::<Withdraw>(&id).await.expect("taken back");
        assert_eq!(
            (card.state, card.withdrawn.as_slice()),
            (AlertState::Raised, [first.by_staff].as_slice()),
            "{again}"
        );
    }
    let stands = of_board(&mut host, &first).await.expect("the other stands by it");
    assert_eq!(
        (stands.state, stands.also_by.as_slice()),
        (AlertState::Raised, ["The reception".to_owned()].as_slice())
    );

    // Whoever says it anew stands by it again.
    let anew = coming_down(&mut floor, &house, guest).await;
    assert_eq!((anew.id, anew.withdrawn.len()), (first.id, 0));
    desk.call::<Withdraw>(&id).await.expect("taken back");
    assert_eq!(of_board(&mut host, &first).await.expect("still there").state, AlertState::Raised);
    let ended = floor.call::<Withdraw>(&id).await.expect("the last one");
    assert_eq!((ended.state, ended.completed_by.as_deref()), (AlertState::Withdrawn, Some("The floor")));
}

#[tokio::test]
async fn where_word_was_taken_back_nobody_is_told_what_becomes_of_it() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut desk) = (house.device("floor", "floor").await, house.device("reception", "desk").await);
    let mut colleague = house.device("concierge", "floor").await;
    let there = house.stations["floor"];
    let first = coming_down(&mut floor, &house, guest).await;
    coming_down(&mut desk, &house, guest).await;
    let id = [("id", first.id.to_string())];
    floor.call::<Withdraw>(&id).await.expect("taken back");
    let card = of_board(&mut colleague, &first).await.expect("it was sent from here");
    assert_eq!((card.state, card.withdrawn_from.as_slice()), (AlertState::Raised, [there].as_slice()));
    let by =
        |login: &'static str| card.senders().find(|(_, name)| *name == format!("The {login}")).expect("a sender").0;
    assert!(!card.stands_for(by("floor"), Some(there)));
    assert!(card.stands_for(by("reception"), Some(house.stations["desk"])));

    // Another colleague there says it too: it is the station's word again.
    let again = coming_down(&mut colleague, &house, guest).await;
    assert_eq!((again.id, again.withdrawn_from), (first.id, Vec::new()));
    // She goes as well, and then the first at the desk: for nobody does it stand any more.
    colleague.call::<Withdraw>(&id).await.expect("taken back");
    assert_eq!(of_board(&mut desk, &first).await.expect("stands").withdrawn_from, [there]);
    desk.call::<Withdraw>(&id).await.expect("the last one");
    pass(&house, 130).await;
    settle(&house).await;
    let ended = of_board(&mut floor, &first).await.expect("just ended");
    assert_eq!((ended.state, ended.urgency), (AlertState::Withdrawn, Urgency::Plain), "and nobody is told");
}

#[tokio::test]
async fn two_who_take_it_back_at_once_end_it() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, mut desk) = (house.device("floor", "floor").await, house.device("reception", "desk").await);
    for _ in 0..10 {
        let alert = coming_down(&mut floor, &house, guest).await;
        coming_down(&mut desk, &house, guest).await;
        let id = [("id", alert.id.to_string())];
        let (one, other) = tokio::join!(floor.call::<Withdraw>(&id), desk.call::<Withdraw>(&id));
        one.expect("taken back");
        other.expect("taken back");
        assert_eq!(of_board(&mut floor, &alert).await.expect("just ended").state, AlertState::Withdrawn);
    }
}

#[tokio::test]
async fn a_colleague_of_the_same_name_is_another() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let hash = password::hash(PASSWORD.to_owned()).await.expect("a hash");
    let new = NewStaff { login: "namesake".into(), name: "The host".into(), role: Role::Host, password_hash: hash };
    staff::insert(&house.db, house.id, new).await.expect("a colleague");
    let (mut host, mut namesake) =
        (house.device("host", "restaurant").await, house.device("namesake", "restaurant").await);
    let mut floor = house.device("floor", "floor").await;
    let alert = coming_down(&mut floor, &house, guest).await;
    let id = [("id", alert.id.to_string())];
    let won = host.call::<Acknowledge>(&id).await.expect("first");
    assert!(won.acknowledged_staff.is_some());
    let first = || Err(AppError::Conflict("The host".to_owned()));
    assert_eq!(namesake.call::<Acknowledge>(&id).await, first());
    assert_eq!(host.call::<Acknowledge>(&id).await.expect("the same").acknowledged_staff, won.acknowledged_staff);
    namesake.call::<Complete>(&id).await.expect("greeted");
    assert_eq!(host.call::<Complete>(&id).await, first());
    host.call::<Acknowledge>(&id).await.expect("she has seen it, whatever became of it");
}

#[tokio::test]
async fn the_manager_reads_which_stations_have_no_backup() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    put_on_duty(&mut manager, &house, "concierge", Some("bar")).await;
    let overview = manager.call::<StationBoard>(&[]).await.expect("the overview");
    for status in &overview {
        assert_eq!(status.has_backup, status.station.name == "restaurant", "{}", status.station.name);
    }
    let page = manager.get("/manage").await.text().await.expect("a page");
    assert!(page.contains("bar has no backup station."), "{page}");
    assert!(!page.contains("restaurant has no backup station."), "{page}");
    assert!(page.contains(&format!("/manage/alert-rules?station={}", house.stations["bar"])), "and where to name one");
}
