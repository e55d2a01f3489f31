//! Complaints as forms bring them, what they keep from leaving, and what is learnt from them.

use crate::{
    harness::House,
    planning_desk::{Planning, plain},
    recovery::{PROMISE, WHAT, complaint, page, repair, with},
};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    campaigns::{CampaignKind, hold::api::CardGreetings},
    error::{AppError, Problem},
    ids::RecoveryId,
    requests::recovery::api::{Causes, ChangeRecovery, RaiseRecovery, Recoveries},
    server::db::vars,
};

#[tokio::test]
async fn a_complaint_is_written_without_scripts_and_what_was_typed_stays() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let card = format!("/guests/{guest}");
    let fields = with(with(complaint(None, guest), "cause", ""), "promise_due", "2026-11-22");
    let answer = floor.post(RaiseRecovery::PATH, &fields, "text/html").await;
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().ok()), (302, Some(card.as_str())));
    let page = floor.get(&card).await.text().await.expect("a page");
    for shown in [WHAT, PROMISE, "2026-11-22", "a day from today to five years ahead", "Please fill this in."] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    // A form that no script gave an id, sent twice.
    let fields = complaint(None, guest);
    for _ in 0..2 {
        let answer = floor.post(RaiseRecovery::PATH, &fields, "text/html").await;
        assert!(answer.status().as_u16() < 400, "{}", answer.status());
    }
    let mut desk = house.device("reception", "desk").await;
    let list = desk.call::<Recoveries>(&[("state", "open".to_owned())]).await.expect("a list");
    let [listed] = list.recoveries.as_slice() else { panic!("one: {list:?}") };
    assert_eq!(listed.about.as_ref().map(|about| about.name.address()).as_deref(), Some("Mr Zhang"));
    let path = format!("/recoveries/{}", listed.line.id);
    let change = with(repair(&crate::recovery::page(&mut desk, listed.line.id).await), "state", "mended");
    let answer = desk.post(ChangeRecovery::PATH, &change, "text/html").await;
    assert_eq!(answer.headers()["location"], path.as_str());
    let page = desk.get(&path).await.text().await.expect("a page");
    assert!(page.contains("Please fill this in.") && page.contains("Mr Zhang"), "{page}");
}

#[tokio::test]
async fn no_greeting_leaves_while_a_complaint_is_open() {
    let desk = Planning::open().await;
    let guest = desk.born("held", "--11-24").await;
    let mut reception = desk.house.device("reception", "desk").await;
    let id = RecoveryId::new();
    let fields = with(with(complaint(Some(id), guest), "promise", ""), "promise_due", "");
    reception.call::<RaiseRecovery>(&fields).await.expect("raised");
    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    desk.plan().await;
    let row = desk.one(campaign, guest).await;
    assert_eq!((row.state.as_str(), row.reason.as_deref()), ("held", Some("open_recovery")));
    for login in ["reception", "marketing", "manager"] {
        let mut device = desk.house.device(login, "desk").await;
        let about = [("guest", guest.to_string())];
        assert!(device.call::<CardGreetings>(&about).await.expect("told").open_complaint, "{login}");
        let page = device.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
        assert!(page.contains("no greeting leaves until it is closed"), "{login}: {page}");
        assert_eq!(page.contains(WHAT), login != "marketing", "{login}: {page}");
    }
    // Put right is not yet closed: nobody knows what the guest says to it.
    let mended = with(with(repair(&page(&mut reception, id).await), "state", "mended"), "result", "Another room");
    reception.call::<ChangeRecovery>(&mended).await.expect("mended");
    desk.house.clock.advance(TimeDelta::minutes(1));
    desk.plan().await;
    assert_eq!(desk.one(campaign, guest).await.state, "held");
    let closed = with(repair(&page(&mut reception, id).await), "state", "closed");
    reception.call::<ChangeRecovery>(&closed).await.expect("closed");
    desk.house.clock.advance(TimeDelta::minutes(1));
    desk.plan().await;
    let row = desk.one(campaign, guest).await;
    assert_eq!((row.state.as_str(), row.reason), ("planned", None));
}

#[tokio::test]
async fn what_repeats_itself_is_counted_by_month_and_place() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    for (day, cause, place) in [
        ("2026-09-30T22:30:00Z", "bill", "front_desk"),
        // In Lisbon it is still September.
        ("2026-09-30T22:59:59Z", "wait", "restaurant"),
        ("2026-10-02T09:00:00Z", "wait", "restaurant"),
        ("2026-10-09T09:00:00Z", "wait", "restaurant"),
        ("2026-11-23T09:00:00Z", "noise", "room"),
    ] {
        house.clock.set(day.parse().expect("an instant"));
        let mut desk = house.device("reception", "desk").await;
        let fields = with(with(complaint(Some(RecoveryId::new()), guest), "cause", cause), "place", place);
        desk.call::<RaiseRecovery>(&with(fields, "promise_due", "")).await.expect("raised");
    }
    let mut desk = house.device("reception", "desk").await;
    let table = desk.call::<Causes>(&[]).await.expect("a table");
    assert_eq!(table.months, ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"]);
    let counted: Vec<_> =
        table.rows.iter().map(|row| (row.cause.code(), row.place.code(), row.counts[3..].to_vec())).collect();
    assert_eq!(counted[0], ("wait", "restaurant", vec![1, 2, 0]));
    assert_eq!(counted.len(), 3);
    let asked = |first: &str, last: &str| vec![("first", first.to_owned()), ("last", last.to_owned())];
    let october = desk.call::<Causes>(&asked("2026-10", "2026-10")).await.expect("a table");
    assert_eq!(october.rows.iter().map(|row| row.total()).collect::<Vec<_>>(), [2]);
    let wrong = Problem::NotKnown("2026-11 – 2026-10".to_owned(), "@care_months".to_owned());
    assert_eq!(desk.call::<Causes>(&asked("2026-11", "2026-10")).await, Err(AppError::field("first", wrong)));
    let page = desk.get("/recoveries/causes?first=2026-09&last=2026-10").await.text().await.expect("a page");
    assert!(page.contains("A long wait: Restaurant") && page.contains("October 2026"), "{page}");
    assert!(!page.contains("Noise: Room"), "{page}");
    let kept: Vec<String> = house.db.rows("SELECT VALUE month FROM recovery", vars()).await.expect("rows");
    assert_eq!(kept.iter().filter(|month| *month == "2026-09").count(), 2);
}
