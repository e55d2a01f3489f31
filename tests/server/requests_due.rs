//! Requests ring when their time comes, are carried further until somebody answers, and are left to the next shift.

use crate::{
    escalation::{pass, settle, told},
    harness::{Device, House, monday},
    requests::{enter, open, taxi, with},
};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    alerts::{
        AlertCard, AlertKind, AlertState, Board, Urgency,
        api::{Acknowledge, Board as BoardCall, Complete, EndShift, Raise, TakeOver},
        store::AlertRow,
    },
    error::{AppError, Problem},
    house::{
        StationKind,
        api::ChooseStation,
        store::{self as houses, NewStation},
    },
    ids::{RequestId, StationId, TraceId},
    requests::asked::{
        Entered, RequestState,
        api::{ChangeRequest, EnterRequest, QuickTexts, RemoveQuickText, SaveQuickText},
        due,
    },
    server::{
        clock::Clock,
        db::{Db, optional, record, vars},
    },
    staff::api::SetShift,
    stays::api::LastSeen,
};
use surrealdb::types::RecordId;

async fn station(house: &House, name: &str, kind: StationKind) -> StationId {
    let new = NewStation { name: name.to_owned(), kind, extension: "900".to_owned() };
    houses::insert_station(&house.db, house.id, new).await.expect("a station")
}

async fn at(house: &House, login: &str, station: StationId) -> Device {
    let mut device = house.device(login, "desk").await;
    device.call::<ChooseStation>(&[("station", station.to_string())]).await.expect("stands there");
    device
}

async fn board(device: &mut Device) -> Board {
    device.call::<BoardCall>(&[]).await.expect("a board")
}

/// Lets ring what is due, here or by the server's own look.
async fn ring(house: &House) {
    due::run_due(&house.db, house.clock.now()).await.expect("a look");
}

async fn rung(house: &House) -> Vec<AlertRow> {
    house.db.rows("SELECT * FROM alert WHERE kind = 'due'", vars()).await.expect("alerts")
}

async fn due_on(device: &mut Device) -> Option<AlertCard> {
    board(device).await.alerts.into_iter().find(|alert| alert.kind == AlertKind::Due)
}

#[tokio::test]
async fn a_taxi_rings_at_the_concierge_and_is_carried_further_until_somebody_answers() {
    // More than an hour passes, and nobody is signed out in it.
    let long = [("RAPPORT_IDLE_MINUTES", "240"), ("RAPPORT_SESSION_HOURS", "24")];
    let house = House::open_with(Db::in_memory().await.expect("a store in memory"), &long).await;
    let guest = house.guest("M0001").await;
    let lodge = station(&house, "Lodge", StationKind::Concierge).await;
    let mut desk = house.device("reception", "desk").await;
    let mut concierge = at(&house, "concierge", lodge).await;
    enter(&mut desk, &taxi(guest)).await.expect("entered");
    let line = open(&mut desk, guest).await.remove(0);

    house.clock.set(monday() + TimeDelta::minutes(79));
    ring(&house).await;
    assert!(rung(&house).await.is_empty(), "half past ten is eleven minutes away");
    house.clock.set(monday() + TimeDelta::minutes(80));
    ring(&house).await;
    ring(&house).await;
    assert_eq!(rung(&house).await.len(), 1, "it rings once");
    let card = due_on(&mut concierge).await.expect("on the board of the lodge");
    assert_eq!((card.guest, card.state, card.request), (guest, AlertState::Raised, Some(line.id)));
    assert_eq!(card.text.as_deref(), Some("10:30 · Airport · Two suitcases"));
    assert_eq!((card.from_name.as_str(), card.to_name.as_str(), card.by.as_str()), ("desk", "Lodge", "The reception"));
    assert_eq!(card.requests.iter().map(|line| line.id).collect::<Vec<_>>(), [line.id]);
    let page = concierge.get("/board").await.text().await.expect("a page");
    assert!(page.contains("Due now") && page.contains("Taxi to Airport"), "{page}");

    // Nobody answers: it goes the way of every word.
    pass(&house, 20).await;
    settle(&house).await;
    assert_eq!(due_on(&mut concierge).await.expect("there").urgency, Urgency::RungAgain);
    pass(&house, 40).await;
    settle(&house).await;
    let mut manager = house.device("manager", "restaurant").await;
    assert_eq!(due_on(&mut manager).await.expect("carried to managers").urgency, Urgency::DutyTold);
    pass(&house, 60).await;
    settle(&house).await;
    assert_eq!(due_on(&mut desk).await.expect("back to who entered it").urgency, Urgency::Unanswered);

    let id = [("id", card.id.to_string())];
    concierge.call::<Acknowledge>(&id).await.expect("known");
    concierge.call::<Complete>(&id).await.expect("seen to");
    let of = [("guest", guest.to_string())];
    assert_eq!(concierge.call::<LastSeen>(&of).await, Ok(None), "the guest is not at the lodge");
    assert_eq!(open(&mut desk, guest).await.remove(0).state, RequestState::Asked, "and no car has been arranged by it");
    assert!(told(&house).await.iter().all(|row| row.request.is_some()), "the feed knows what it was about");
}

#[tokio::test]
async fn what_is_entered_late_rings_at_once_and_what_has_ended_never() {
    let house = House::open().await;
    let (guest, other) = (house.guest("M0001").await, house.guest("M0002").await);
    let mut desk = house.device("reception", "desk").await;
    enter(&mut desk, &with(taxi(guest), "time", "09:05")).await.expect("entered");
    ring(&house).await;
    let card = due_on(&mut desk).await.expect("no concierge stands anywhere: the front desk rings");
    assert_eq!((card.to_name.as_str(), card.guest), ("desk", guest));

    enter(&mut desk, &taxi(other)).await.expect("entered");
    enter(&mut desk, &with(with(taxi(other), "kind", "laundry"), "time", "")).await.expect("entered");
    let line = open(&mut desk, other).await.remove(0);
    let fields = [("request", line.id.to_string()), ("to", "declined".to_owned()), ("reason", "No car".to_owned())];
    desk.call::<ChangeRequest>(&fields).await.expect("declined");
    house.clock.set(monday() + TimeDelta::hours(9));
    ring(&house).await;
    assert_eq!(rung(&house).await.len(), 1, "what has no time, and what has ended, does not ring");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_servers_one_rings() {
    let db = Db::in_memory().await.expect("a store in memory");
    let (one, two) = (db.sibling(), db.sibling());
    let house = House::open_on(db).await;
    let mut desk = house.device("reception", "desk").await;
    let guest = house.guest("M0001").await;
    for (minute, kind) in ["taxi", "luggage", "table", "tickets", "wake_up"].into_iter().enumerate() {
        let fields = with(with(taxi(guest), "kind", kind), "time", &format!("10:3{minute}"));
        enter(&mut desk, &fields).await.expect("entered");
    }
    house.clock.set(monday() + TimeDelta::minutes(90));
    let now = house.clock.now();
    let looks = tokio::join!(due::run_due(&one, now), due::run_due(&two, now), due::run_due(&house.db, now));
    assert!(looks.0.is_ok() && looks.1.is_ok() && looks.2.is_ok(), "{looks:?}");
    ring(&house).await;
    assert_eq!(rung(&house).await.len(), 5);
    let steps: Vec<i64> = house.db.rows("SELECT VALUE step FROM escalation", vars()).await.expect("steps");
    assert_eq!(steps, [1; 5], "and each has its first step once");
}

#[tokio::test]
async fn a_trace_about_a_guest_rings_like_a_request() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let staff: Option<RecordId> =
        house.db.row("SELECT VALUE id FROM staff WHERE login = 'reception'", vars()).await.expect("an answer");
    let staff = staff.expect("a colleague");
    for about in [Some(guest), None] {
        let sql = "CREATE $trace SET house = $house, guest = $guest, department = 'floor', kind = 'note', \
                   text = 'Roses', due = '2026-11-23', state = 'open', author_name = 'Li', author_staff = $staff, \
                   at = $at, local_time = '09:30', rings_at = $at RETURN NONE";
        let bound = vars()
            .with("trace", record("trace", TraceId::new()))
            .with("house", record("house", house.id))
            .with("guest", optional(about.map(|guest| record("guest", guest))))
            .with("staff", staff.clone())
            .with("at", monday());
        house.db.query(sql, bound).await.expect("a trace");
    }
    ring(&house).await;
    let mut floor = house.device("floor", "floor").await;
    let card = due_on(&mut floor).await.expect("on the board of the floor");
    assert_eq!((card.guest, card.text.as_deref(), card.request), (guest, Some("09:30 · Roses"), None));
    assert_eq!(rung(&house).await.len(), 1, "about nobody, nothing can be said");
    let left: Vec<bool> = house.db.rows("SELECT VALUE waits FROM trace", vars()).await.expect("traces");
    assert_eq!(left, [false, false]);
}

#[tokio::test]
async fn nobody_raises_by_hand_what_is_due() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    let fields = [
        ("id", ulid::Ulid::new().to_string()),
        ("guest", house.guest("M0001").await.to_string()),
        ("to", house.stations["restaurant"].to_string()),
        ("kind", "due".to_owned()),
    ];
    let Err(AppError::Fields(errors)) = floor.call::<Raise>(&fields).await else { panic!("refused") };
    let [error] = errors.as_slice() else { panic!("one: {errors:?}") };
    assert!(matches!(&error.problem, Problem::NotKnown(word, known) if word == "due" && !known.contains("due")));
}

#[tokio::test]
async fn what_is_to_be_done_is_left_to_the_next_shift_and_stands_at_the_door() {
    let house = House::open().await;
    let (guest, leaving) = (house.guest("M0001").await, house.guest("M0002").await);
    let lodge = station(&house, "Lodge", StationKind::Concierge).await;
    let door = station(&house, "Door", StationKind::Door).await;
    let mut desk = house.device("reception", "desk").await;
    let mut concierge = at(&house, "concierge", lodge).await;
    concierge.call::<SetShift>(&[("on", "true".to_owned())]).await.expect("on shift");
    enter(&mut desk, &taxi(guest)).await.expect("entered");
    enter(&mut desk, &with(taxi(leaving), "day", "2026-11-24")).await.expect("entered");
    enter(&mut desk, &with(taxi(guest), "day", "2026-11-25")).await.expect("entered");
    enter(&mut desk, &with(taxi(leaving), "kind", "luggage")).await.expect("entered");

    // The porter sees what those who leave today have asked for, whoever arranges it.
    let mut porter = at(&house, "floor", door).await;
    let departing = board(&mut porter).await.departing;
    assert_eq!(departing.len(), 2, "{departing:?}");
    assert!(departing.iter().all(|asked| asked.line.guest == leaving && asked.leaves_today));
    let page = porter.get("/board").await.text().await.expect("a page");
    assert!(page.contains("Leaving today, and asked for") && page.contains("Luggage to Airport"), "{page}");
    let mut host = house.device("host", "restaurant").await;
    assert!(board(&mut host).await.departing.is_empty(), "guests do not leave by the restaurant");

    let ending = concierge.get("/board/end-shift").await.text().await.expect("a page");
    assert!(ending.contains("To be done for guests until tomorrow") && ending.contains("Taxi to Airport"), "{ending}");
    concierge.call::<EndShift>(&[]).await.expect("ended");
    let left = board(&mut concierge).await.hand_over.expect("a hand-over, without a word and without an alert");
    let days: Vec<_> = left.requests.iter().map(|asked| (asked.line.guest, asked.line.day.as_str())).collect();
    assert_eq!(days, [(guest, "2026-11-23"), (leaving, "2026-11-24")], "of the department, until tomorrow");
    let fields = [("request", left.requests[0].line.id.to_string()), ("to", "done".to_owned())];
    desk.call::<ChangeRequest>(&fields).await.expect("done");
    let left = board(&mut concierge).await.hand_over.expect("still there");
    assert_eq!(left.requests[0].line.state, RequestState::Done, "as it stands now");
    concierge.call::<TakeOver>(&[("id", left.id.to_string())]).await.expect("taken over");
    assert_eq!(board(&mut concierge).await.hand_over, None);
}

#[tokio::test]
async fn a_request_is_entered_without_scripts_and_the_open_one_comes_first() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let card = desk.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    let page = format!("/requests?guest={guest}");
    assert!(card.contains(&page), "the card leads to the form");
    let wrong = with(with(taxi(guest), "time", "07:15"), "text", "Three suitcases");
    let answer = desk.post(EnterRequest::PATH, &wrong, "text/html").await;
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], page.as_str());
    let text = desk.get(&page).await.text().await.expect("a page");
    for typed in ["07:15", "Three suitcases", "Airport", "a time from now on"] {
        assert!(text.contains(typed), "{typed}: {text}");
    }
    let answer = desk.post(EnterRequest::PATH, &taxi(guest), "text/html").await;
    let kept = format!("{page}&done=entered");
    assert_eq!(answer.headers()["location"], kept.as_str());
    let text = desk.get(&kept).await.text().await.expect("a page");
    assert!(text.contains("Entered. Every station") && text.contains("Taxi to Airport, 10:30"), "{text}");

    // A second one comes back with the first.
    let second = with(taxi(guest), "place", "Harbour");
    let answer = desk.post(EnterRequest::PATH, &second, "text/html").await;
    assert_eq!(answer.headers()["location"], page.as_str());
    let text = desk.get(&page).await.text().await.expect("a page");
    for words in ["Asked for already: do not ask again", "Enter another all the same", "value=\"Harbour\""] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(open(&mut desk, guest).await.len(), 1);
    desk.post(EnterRequest::PATH, &with(second, "anyway", "true"), "text/html").await;
    assert_eq!(open(&mut desk, guest).await.len(), 2);

    // A taxi without its plate comes back open, with the reason beside it.
    let id = open(&mut desk, guest).await.remove(0).id.to_string();
    let arrange =
        |details: &str| vec![("request", id.clone()), ("to", "arranged".to_owned()), ("details", details.to_owned())];
    let answer = desk.post(ChangeRequest::PATH, &arrange(" "), "text/html").await;
    assert_eq!(answer.headers()["location"], "/requests");
    let text = desk.get("/requests").await.text().await.expect("a page");
    assert!(text.contains("Please fill this in."), "{text}");
    desk.post(ChangeRequest::PATH, &arrange("12-AB-34"), "text/html").await;
    let text = desk.get("/requests").await.text().await.expect("a page");
    assert!(text.contains("Arranged by The reception: 12-AB-34"), "{text}");
}

#[tokio::test]
async fn a_house_keeps_its_quick_texts() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut manager = house.device("manager", "desk").await;
    let mut desk = house.device("reception", "desk").await;
    let text = |kind: &str, text: &str| [("kind", kind.to_owned()), ("text", text.to_owned())];
    assert_eq!(desk.call::<SaveQuickText>(&text("taxi", "Child seat")).await, Err(AppError::Forbidden));
    manager.call::<SaveQuickText>(&text("taxi", " Child  seat ")).await.expect("kept");
    manager.call::<SaveQuickText>(&text("taxi", "Child seat")).await.expect("kept before");
    manager.call::<SaveQuickText>(&text("room", "A cot")).await.expect("kept");
    let empty = manager.call::<SaveQuickText>(&text("taxi", " ")).await;
    assert_eq!(empty, Err(AppError::field("text", Problem::Empty)));
    let known = desk.call::<QuickTexts>(&[]).await.expect("quick texts");
    assert_eq!(known.iter().map(|text| text.text.as_str()).collect::<Vec<_>>(), ["Child seat", "A cot"]);
    let id = known[0].id;
    let fields = with(taxi(guest), "quick", &id.to_string());
    assert_eq!(enter(&mut desk, &fields).await, Ok(Entered::Kept));
    assert_eq!(open(&mut desk, guest).await.remove(0).text.as_deref(), Some("Child seat, Two suitcases"));

    let gone = [("quick_text", id.to_string())];
    assert_eq!(desk.call::<RemoveQuickText>(&gone).await, Err(AppError::Forbidden));
    manager.call::<RemoveQuickText>(&gone).await.expect("removed");
    assert_eq!(manager.call::<RemoveQuickText>(&gone).await, Err(AppError::NotFound));
    assert_eq!(desk.call::<QuickTexts>(&[]).await.expect("quick texts").len(), 1);
    let late = with(with(fields, "id", &RequestId::new().to_string()), "day", "2026-11-24");
    assert_eq!(enter(&mut desk, &late).await, Ok(Entered::Kept), "a form that was open before");
}
