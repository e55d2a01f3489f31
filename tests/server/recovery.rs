//! Complaints: raised anywhere, seen to by those who may, felt at every station, until what was promised is kept.

use crate::harness::{Device, House};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    error::{AppError, Problem},
    guests::api::OpenCard,
    ids::{GuestId, RecoveryId, StepId},
    requests::{
        recovery::{
            RecoveryPage, RecoveryState,
            api::{
                AddStep, Causes, ChangeRecovery, KeepPromise, OpenRecovery, RaiseRecovery, Recoveries, SetCost,
                TellGuest,
            },
        },
        traces::{TraceKind, api::Traces},
    },
};

pub type Fields = Vec<(&'static str, String)>;

pub const WHAT: &str = "The room was not ready at four and nobody said so";
pub const PROMISE: &str = "A quiet room, ready at noon";

/// The form of a complaint, with a promise for tomorrow.
pub fn complaint(id: Option<RecoveryId>, guest: GuestId) -> Fields {
    vec![
        ("id", id.map(|id| id.to_string()).unwrap_or_default()),
        ("guest", guest.to_string()),
        ("what", WHAT.to_owned()),
        ("cause", "room_not_ready".to_owned()),
        ("place", "front_desk".to_owned()),
        ("severity", "3".to_owned()),
        ("promise", PROMISE.to_owned()),
        ("promise_due", "2026-11-24".to_owned()),
    ]
}

/// The same with something else in a field.
pub fn with(mut fields: Fields, field: &str, text: &str) -> Fields {
    let found = fields.iter_mut().find(|(name, _)| *name == field);
    text.clone_into(&mut found.expect("a field of the form").1);
    fields
}

/// The form of those who see to it, as it stands.
pub fn repair(page: &RecoveryPage) -> Fields {
    let line = &page.line;
    vec![
        ("recovery", line.id.to_string()),
        ("revision", page.revision.to_string()),
        ("what", line.what.clone()),
        ("cause", line.cause.code().to_owned()),
        ("place", line.place.code().to_owned()),
        ("severity", line.severity.level().to_string()),
        ("owner", page.owner.to_string()),
        ("promise", line.promise.clone().unwrap_or_default()),
        ("promise_due", line.promise_due.clone().unwrap_or_default()),
        ("result", line.result.clone().unwrap_or_default()),
        ("state", line.state.code().to_owned()),
    ]
}

fn of(id: RecoveryId) -> Fields {
    vec![("recovery", id.to_string())]
}

async fn raise(device: &mut Device, guest: GuestId) -> RecoveryId {
    let id = RecoveryId::new();
    device.call::<RaiseRecovery>(&complaint(Some(id), guest)).await.expect("raised");
    id
}

pub async fn page(device: &mut Device, id: RecoveryId) -> RecoveryPage {
    device.call::<OpenRecovery>(&of(id)).await.expect("a complaint")
}

/// A card as its bytes leave the server.
async fn card(house: &House, login: &str, guest: GuestId) -> String {
    let mut device = house.device(login, "desk").await;
    let answer = device.post(OpenCard::PATH, &[("guest", guest.to_string())], "application/json").await;
    answer.text().await.expect("a card")
}

/// The traces of the front desk that are open: kind, words, and to whom each is given.
async fn work(house: &House) -> Vec<(TraceKind, Option<String>, Option<String>)> {
    let mut desk = house.device("reception", "desk").await;
    let list = desk.call::<Traces>(&[("department", "front_desk".to_owned())]).await.expect("a list");
    let open = list.traces.into_iter().filter(|trace| trace.resolved.is_none());
    open.map(|trace| (trace.kind, trace.text, trace.assigned.map(|(_, name)| name))).collect()
}

#[tokio::test]
async fn a_complaint_is_on_every_card_until_what_was_promised_is_kept() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let id = raise(&mut floor, guest).await;
    for (login, in_full) in [
        ("reception", true),
        ("concierge", true),
        ("manager", true),
        ("floor", false),
        ("host", false),
        ("marketing", false),
    ] {
        let bytes = card(&house, login, guest).await;
        assert_eq!(bytes.contains(WHAT) && bytes.contains(PROMISE), in_full, "{login}: {bytes}");
        for word in [WHAT, PROMISE, "room_not_ready"] {
            assert!(in_full || !bytes.contains(word), "{login} is not told: {bytes}");
        }
        let cue = bytes.contains("\"cue\":{\"severity\":3,\"is_open\":true}");
        assert_eq!(cue, matches!(login, "floor" | "host"), "{login}: {bytes}");
        let page = house.device(login, "desk").await.get(&format!("/guests/{guest}")).await;
        let page = page.text().await.expect("a page");
        let attentive = page.contains("There is a grave complaint.");
        assert_eq!(attentive, matches!(login, "floor" | "host"), "{login}: {page}");
        assert_eq!(page.contains("Promised by 24 November 2026: A quiet room"), in_full, "{login}: {page}");
    }
    // Whoever raised it may not see to it: it is the manager's, and so is the promise.
    let promised = (TraceKind::Recovery, Some(PROMISE.to_owned()), Some("The manager".to_owned()));
    assert_eq!(work(&house).await, [promised]);
    // The list of all departments tells others that something was promised, and not what.
    for login in ["floor", "host"] {
        let list = house.device(login, "desk").await.call::<Traces>(&[]).await.expect("a list");
        let promises: Vec<_> = list.traces.iter().filter(|trace| trace.kind == TraceKind::Recovery).collect();
        assert_eq!(promises.iter().map(|trace| &trace.text).collect::<Vec<_>>(), [&None], "{login}");
        let page = house.device(login, "desk").await.get("/traces?department=all").await.text().await.expect("a page");
        assert!(page.contains("A promise after a complaint") && !page.contains(PROMISE), "{login}: {page}");
    }

    let mut desk = house.device("reception", "desk").await;
    let step = [
        ("step", StepId::new().to_string()),
        ("recovery", id.to_string()),
        ("text", "Brought tea, found another room".to_owned()),
    ];
    desk.call::<AddStep>(&step).await.expect("added");
    desk.call::<AddStep>(&step).await.expect("the same step");
    let opened = page(&mut desk, id).await;
    assert_eq!(opened.steps.len(), 1);
    assert_eq!((opened.steps[0].by.as_str(), opened.line.owner.as_str()), ("The reception", "The manager"));
    assert_eq!(opened.about.map(|about| about.guest), Some(guest));

    let fields = with(repair(&page(&mut desk, id).await), "state", "closed");
    let unsaid = desk.call::<ChangeRecovery>(&fields).await;
    assert_eq!(unsaid, Err(AppError::field("result", Problem::Empty)), "how it was put right");
    desk.call::<ChangeRecovery>(&with(fields, "result", "Room 905 instead")).await.expect("closed");
    desk.call::<TellGuest>(&of(id)).await.expect("told");
    let closed = page(&mut desk, id).await;
    assert_eq!(closed.line.state, RecoveryState::Closed);
    assert_eq!(closed.closed.map(|(who, _)| who).as_deref(), Some("The reception"));
    assert_eq!(
        (closed.line.told.as_deref(), closed.told_by.as_deref()),
        (Some("2026-11-23 09:00"), Some("The reception"))
    );

    // At the next arrival, a year on, the desk sees what was promised.
    house.clock.advance(TimeDelta::days(365));
    let bytes = card(&house, "reception", guest).await;
    assert!(bytes.contains(PROMISE) && bytes.contains("\"promise_kept\":false"), "{bytes}");
    let bytes = card(&house, "floor", guest).await;
    assert!(bytes.contains("\"cue\":{\"severity\":3,\"is_open\":false}"), "{bytes}");
    let mut desk = house.device("reception", "desk").await;
    assert!(page(&mut desk, id).await.overdue, "it was to be kept a year ago");
    desk.call::<KeepPromise>(&of(id)).await.expect("kept");
    assert!(!card(&house, "reception", guest).await.contains(PROMISE));
    assert!(card(&house, "floor", guest).await.contains("\"cue\":null"));
    assert!(work(&house).await.is_empty(), "and its trace is done");
}

#[tokio::test]
async fn the_trace_of_a_promise_follows_what_becomes_of_it() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let id = raise(&mut desk, guest).await;
    let mine = |words: &str, who: &str| vec![(TraceKind::Recovery, Some(words.to_owned()), Some(who.to_owned()))];
    assert_eq!(work(&house).await, mine(PROMISE, "The reception"), "whoever sees to complaints keeps it");

    let opened = page(&mut desk, id).await;
    let (manager, _) = opened.owners.iter().find(|(_, name)| name == "The manager").expect("a manager");
    assert_eq!(opened.owners.len(), 3, "those who see to complaints: {:?}", opened.owners);
    let fields = with(with(repair(&opened), "promise", "A suite"), "owner", &manager.to_string());
    desk.call::<ChangeRecovery>(&fields).await.expect("changed");
    assert_eq!(work(&house).await, mine("A suite", "The manager"));

    let fields = with(with(repair(&page(&mut desk, id).await), "promise", ""), "promise_due", "");
    desk.call::<ChangeRecovery>(&fields).await.expect("nothing is promised any more");
    assert!(work(&house).await.is_empty());
    assert_eq!(desk.call::<KeepPromise>(&of(id)).await, Err(AppError::NotFound));

    let fields = with(with(repair(&page(&mut desk, id).await), "promise", "Flowers"), "promise_due", "2026-11-25");
    desk.call::<ChangeRecovery>(&fields).await.expect("promised");
    assert_eq!(work(&house).await, mine("Flowers", "The manager"));
    desk.call::<KeepPromise>(&of(id)).await.expect("kept");
    assert!(work(&house).await.is_empty());
    // Another promise is not the one that was kept.
    let fields = with(repair(&page(&mut desk, id).await), "promise", "More flowers");
    desk.call::<ChangeRecovery>(&fields).await.expect("promised");
    assert!(!page(&mut desk, id).await.line.promise_kept);
    assert_eq!(work(&house).await, mine("More flowers", "The manager"));
}

#[tokio::test]
async fn everyone_who_serves_raises_and_the_desk_sees_to_it() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut ids = Vec::new();
    for login in ["reception", "floor", "host", "concierge", "manager"] {
        let mut device = house.device(login, "desk").await;
        ids.push(raise(&mut device, guest).await);
        assert!(device.get(&format!("/guests/{guest}")).await.text().await.expect("a page").contains("complaint-what"));
    }
    let id = ids[0];
    let mut desk = house.device("reception", "desk").await;
    let fields = repair(&page(&mut desk, id).await);
    let step = [("step", StepId::new().to_string()), ("recovery", id.to_string()), ("text", "x".to_owned())];
    for login in ["floor", "host", "marketing", "admin"] {
        let mut device = house.device(login, "desk").await;
        if matches!(login, "marketing" | "admin") {
            let new = complaint(Some(RecoveryId::new()), guest);
            assert_eq!(device.call::<RaiseRecovery>(&new).await, Err(AppError::Forbidden), "{login}");
        }
        assert_eq!(device.call::<Recoveries>(&[]).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<OpenRecovery>(&of(id)).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<ChangeRecovery>(&fields).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<AddStep>(&step).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<TellGuest>(&of(id)).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<KeepPromise>(&of(id)).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<Causes>(&[]).await, Err(AppError::Forbidden), "{login}");
        for path in ["/recoveries".to_owned(), format!("/recoveries/{id}"), "/recoveries/causes".to_owned()] {
            assert_eq!(device.get(&path).await.status(), 403, "{login} at {path}");
        }
    }
    for login in ["reception", "concierge", "manager"] {
        let mut device = house.device(login, "desk").await;
        let list = device.call::<Recoveries>(&[]).await.expect("a list");
        assert_eq!(list.recoveries.len(), 5, "{login}");
        for path in ["/recoveries".to_owned(), format!("/recoveries/{id}"), "/recoveries/causes".to_owned()] {
            assert_eq!(device.get(&path).await.status(), 200, "{login} at {path}");
        }
    }
    assert_eq!(desk.get(&format!("/recoveries/{}", RecoveryId::new())).await.status(), 404);
}

#[tokio::test]
async fn managers_alone_are_told_what_it_cost() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let id = raise(&mut desk, guest).await;
    let cost = |amount: &str| vec![("recovery", id.to_string()), ("amount", amount.to_owned())];
    assert_eq!(desk.call::<SetCost>(&cost("45,50")).await, Err(AppError::Forbidden));
    let mut manager = house.device("manager", "desk").await;
    for (amount, minor) in [("45,50", Some(4_550)), ("0", Some(0)), ("", None), ("120", Some(12_000))] {
        manager.call::<SetCost>(&cost(amount)).await.expect("said");
        let known = page(&mut manager, id).await.cost.expect("told");
        assert_eq!((known.minor, known.currency.as_str()), (minor, "EUR"), "{amount:?}");
    }
    let refused = Problem::NotKnown("a lot".to_owned(), "@care_amount".to_owned());
    assert_eq!(manager.call::<SetCost>(&cost("a lot")).await, Err(AppError::field("amount", refused)));
    for login in ["reception", "concierge"] {
        let mut device = house.device(login, "desk").await;
        let answer = device.post(OpenRecovery::PATH, &of(id), "application/json").await;
        let bytes = answer.text().await.expect("a complaint");
        assert!(!bytes.contains("cost") && !bytes.contains("12000"), "{login}: {bytes}");
        let page = device.get(&format!("/recoveries/{id}")).await.text().await.expect("a page");
        assert!(!page.contains("120.00") && !page.contains("What it cost"), "{login}: {page}");
    }
    let page = manager.get(&format!("/recoveries/{id}")).await.text().await.expect("a page");
    assert!(page.contains("120.00"), "{page}");
}

#[tokio::test]
async fn whoever_comes_second_learns_who_was_first() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let mut concierge = house.device("concierge", "desk").await;
    let id = RecoveryId::new();
    let fields = complaint(Some(id), guest);
    desk.call::<RaiseRecovery>(&fields).await.expect("raised");
    desk.call::<RaiseRecovery>(&fields).await.expect("the same");
    let other = concierge.call::<RaiseRecovery>(&with(fields, "what", "Another one")).await;
    assert_eq!(other, Err(AppError::Conflict("The reception".to_owned())));

    let seen = repair(&page(&mut desk, id).await);
    desk.call::<ChangeRecovery>(&with(seen.clone(), "severity", "1")).await.expect("changed");
    desk.call::<ChangeRecovery>(&with(seen.clone(), "severity", "1")).await.expect("sent again it is the same change");
    let late = concierge.call::<ChangeRecovery>(&with(seen, "what", "It was worse")).await;
    assert_eq!(late, Err(AppError::Conflict("The reception".to_owned())));
    assert_eq!(page(&mut desk, id).await.line.what, WHAT, "nothing of it was written");

    // Both at once.
    let told = of(id);
    let (one, other) = futures::join!(desk.call::<TellGuest>(&told), concierge.call::<TellGuest>(&told));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let first = if one.is_ok() { "The reception" } else { "The concierge" };
    assert_eq!(one.and(other), Err(AppError::Conflict(first.to_owned())));
    let (one, other) = futures::join!(desk.call::<KeepPromise>(&told), concierge.call::<KeepPromise>(&told));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");

    // What is closed is opened again before it is put right.
    let closed = with(with(repair(&page(&mut desk, id).await), "state", "closed"), "result", "Mended");
    desk.call::<ChangeRecovery>(&closed).await.expect("closed");
    let mended = with(repair(&page(&mut desk, id).await), "state", "mended");
    let refused = Problem::NotKnown("mended".to_owned(), "@care_state".to_owned());
    assert_eq!(desk.call::<ChangeRecovery>(&mended).await, Err(AppError::field("state", refused)));
    let open = with(repair(&page(&mut desk, id).await), "state", "open");
    desk.call::<ChangeRecovery>(&open).await.expect("opened again");
    assert_eq!(page(&mut desk, id).await.closed, None);
}
