//! Who calls: a page that a telephone system opens, a number typed in, and what is kept of it.

use crate::harness::{Device, HEADER, House};
use chrono::TimeDelta;
use rapport::{
    calls::{Caller, api::LookUpCaller},
    error::AppError,
    ids::GuestId,
    server::db::{record, vars},
    staff::api::AuditTrail,
};
use surrealdb::types::{RecordId, SurrealValue};

async fn call(device: &mut Device, field: &'static str, text: &str) -> Result<Caller, AppError> {
    device.call::<LookUpCaller>(&[(field, text.to_owned())]).await
}

/// Whom one call came from.
async fn one(device: &mut Device, field: &'static str, text: &str) -> Option<GuestId> {
    match call(device, field, text).await.expect(text) {
        Caller::One(line) => Some(line.guest),
        _ => None,
    }
}

#[derive(SurrealValue)]
struct CallRow {
    number: String,
    guest: Option<RecordId>,
    matches: i64,
    who: String,
}

async fn kept(house: &House) -> Vec<CallRow> {
    house.db.rows("SELECT number, guest, matches, who, at FROM call ORDER BY at", vars()).await.expect("calls")
}

#[tokio::test]
async fn a_known_number_opens_the_card_however_it_is_written() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    for number in [
        "+86 139 1234 5678",
        "+8613912345678",
        " 8613912345678",
        "0086-139-1234-5678",
        "13912345678",
        "0139 1234 5678",
        "sip:+8613912345678@pbx.example",
        "M0001",
    ] {
        assert_eq!(one(&mut desk, "from", number).await, Some(guest), "{number}");
    }
    for number in ["M0001", "m0001", " M 0001 "] {
        assert_eq!(one(&mut desk, "member", number).await, Some(guest), "{number}");
    }
    assert_eq!(call(&mut desk, "from", "  ").await, Ok(Caller::Nothing));

    // What a telephone system asks for, by script or without: the card.
    for address in ["/call?from=%2B8613912345678", "/call?from=+8613912345678", "/call?member=M0001"] {
        let answer = desk.get(address).await;
        assert!(answer.status().is_redirection(), "{address}: {}", answer.status());
        let to = answer.headers()["location"].to_str().expect("an address");
        assert_eq!(to, format!("/guests/{guest}?call=1"), "{address}");
    }
    let card = desk.get(&format!("/guests/{guest}?call=1")).await.text().await.expect("a card");
    assert!(card.contains("On the telephone now") && card.contains("Nothing is open"), "{card}");
    let plain = desk.get(&format!("/guests/{guest}")).await.text().await.expect("a card");
    assert!(!plain.contains("On the telephone now"));
}

#[tokio::test]
async fn several_who_share_a_number_are_offered() {
    let house = House::open().await;
    let row = "1007,CITY,Mr,Rui,Baptista,,PRT,pt,rui@post.example,+351 912 555 010,,,M0006,2026-12-01,2026-12-03,A,501,1,0,\
               BB,90,EUR,Direct,RESERVED,,,";
    house.import(&format!("{HEADER}\n{row}\n")).await;
    let (josefa, rui) = (house.guest("M0002").await, house.guest("M0006").await);
    let mut desk = house.device("concierge", "desk").await;
    let Ok(Caller::Several(lines)) = call(&mut desk, "from", "+351912555010").await else { panic!("several") };
    assert_eq!(lines.iter().map(|line| line.guest).collect::<Vec<_>>(), [josefa, rui], "who is in house first");
    let page = desk.get("/call?from=%2B351912555010").await.text().await.expect("a page");
    assert!(page.contains("Several guests have this number") && page.contains("Baptista"), "{page}");
    // A tap says who it was.
    let chosen = [("from", "+351912555010".to_owned()), ("guest", rui.to_string())];
    let Ok(Caller::One(line)) = desk.call::<LookUpCaller>(&chosen).await else { panic!("one") };
    assert_eq!(line.guest, rui);
    let calls = kept(&house).await;
    assert_eq!(calls.len(), 1, "one call");
    assert_eq!(calls[0].guest, Some(record("guest", rui)));
    // Nobody is made of the call who does not have the number.
    let stranger = house.guest("M0001").await;
    let wrong = [("from", "+351912555010".to_owned()), ("guest", stranger.to_string())];
    assert!(matches!(desk.call::<LookUpCaller>(&wrong).await, Ok(Caller::Several(_))));
}

#[tokio::test]
async fn an_unknown_number_begins_a_profile() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    let unknown = Caller::Nobody { number: "+66812345678".to_owned(), may_begin: true };
    assert_eq!(call(&mut desk, "from", "+66 81 234 5678").await, Ok(unknown));
    let page = desk.get("/call?from=%2B66812345678").await.text().await.expect("a page");
    assert!(page.contains("Nobody is known by this number"), "{page}");
    assert!(page.contains("/guests/new?phone=%2B66812345678"), "{page}");
    let form = desk.get("/guests/new?phone=%2B66812345678").await.text().await.expect("a form");
    assert!(form.contains("+66812345678"), "{form}");
    let nobody = Caller::Nobody { number: String::new(), may_begin: true };
    assert_eq!(call(&mut desk, "member", "X999").await, Ok(nobody));
    // Extensions of the house are nobody's.
    for number in ["210", "0", "zhang"] {
        assert!(matches!(call(&mut desk, "from", number).await, Ok(Caller::Nobody { .. })), "{number}");
    }
    let mut concierge = house.device("concierge", "desk").await;
    let unknown = Caller::Nobody { number: "+66812345678".to_owned(), may_begin: false };
    assert_eq!(call(&mut concierge, "from", "0066812345678").await, Ok(unknown));
    let page = concierge.get("/call?from=%2B66812345678").await.text().await.expect("a page");
    assert!(!page.contains("/guests/new"), "{page}");
}

#[tokio::test]
async fn a_call_is_kept_once_however_often_its_page_is_loaded() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    for _ in 0..3 {
        assert_eq!(one(&mut desk, "from", "+8613912345678").await, Some(guest));
    }
    let calls = kept(&house).await;
    assert_eq!(calls.len(), 1);
    let row = &calls[0];
    assert_eq!((row.number.as_str(), row.matches, row.who.as_str()), ("+8613912345678", 1, "The reception"));
    assert_eq!(row.guest, Some(record("guest", guest)));
    house.clock.advance(TimeDelta::minutes(15));
    // A tablet that nobody touches for so long has signed itself out.
    let mut desk = house.device("reception", "desk").await;
    one(&mut desk, "from", "+8613912345678").await;
    assert_eq!(kept(&house).await.len(), 2, "another call");
    let trail = house.device("manager", "desk").await.call::<AuditTrail>(&[]).await.expect("the audit");
    let entry = trail.iter().find(|row| row.action == "looked_up_call").expect("an entry");
    assert_eq!(entry.guest.as_ref().map(|(guest, _)| *guest), Some(guest));
}

#[tokio::test]
async fn callers_are_looked_up_by_those_who_see_telephone_numbers() {
    let house = House::open().await;
    for login in ["floor", "host", "marketing", "admin"] {
        let mut device = house.device(login, "desk").await;
        assert_eq!(call(&mut device, "from", "+8613912345678").await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.get("/call?from=%2B8613912345678").await.status(), 403, "{login}");
    }
    for login in ["reception", "concierge", "manager"] {
        assert!(one(&mut house.device(login, "desk").await, "from", "+8613912345678").await.is_some(), "{login}");
    }
    // Whoever is not signed in signs in first, and comes back.
    let mut stranger = house.browser();
    let answer = stranger.get("/call?from=%2B8613912345678").await;
    let to = answer.headers().get("location").map(|to| to.to_str().expect("an address").to_owned());
    assert!(to.is_some_and(|to| to.starts_with("/sign-in?next=%2Fcall%3Ffrom")), "back to the call");
}
