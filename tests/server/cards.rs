//! Each role sees what it can act on, and no more: checked in the bytes that leave the server.

use crate::harness::House;
use chrono::TimeDelta;
use rapport::{
    alerts::retention,
    error::AppError,
    guests::{
        api::{OpenCard, RefreshCard},
        card::GuestCard,
    },
    server::clock::Clock,
    staff::api::{AuditTrail, StillHere},
    stays::{DayList, api::DayLists as DayListsCall},
};

/// What is in Mr Zhang's profile that not everyone may see.
const SECRETS: [(&str, &str); 8] = [
    ("phone", "+8613912345678"),
    ("email", "zhang.wei@post.example"),
    ("membership", "M0001"),
    ("birth year", "1978"),
    ("rate", "16800"),
    ("spend", "56800"),
    ("dates", "2026-11-25"),
    ("dining", "window_table"),
];

fn may_see(role: &str, what: &str) -> bool {
    match (role, what) {
        ("manager", _) => true,
        ("reception", "rate" | "spend") => false,
        ("reception", _) => true,
        ("floor", "dates") | ("host", "dining") | ("concierge", "phone" | "dates") => true,
        ("marketing", "dates" | "spend") => true,
        _ => false,
    }
}

#[tokio::test]
async fn a_card_holds_what_the_role_may_see_and_nothing_else() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    for role in ["reception", "floor", "host", "concierge", "marketing", "manager"] {
        let mut device = house.device(role, "desk").await;
        let answer = device
            .post(<OpenCard as leptos::server_fn::ServerFn>::PATH, &[("guest", guest.to_string())], "application/json")
            .await;
        assert_eq!(answer.status(), 200, "{role}");
        let bytes = answer.text().await.expect("a body");
        assert!(bytes.contains("张伟") && bytes.contains("Zhang"), "{role} sees the name");
        for (what, secret) in SECRETS {
            assert_eq!(bytes.contains(secret), may_see(role, what), "{role}: {what} in {bytes}");
        }
        let dietary = bytes.contains("no_shellfish");
        assert_eq!(dietary, !matches!(role, "concierge" | "marketing"), "{role}: dietary");
        assert!(!bytes.contains("\"shellfish\""), "{role}: an instruction, never the allergy itself");
    }
    let mut admin = house.device("admin", "desk").await;
    let refused = admin.call::<OpenCard>(&[("guest", guest.to_string())]).await;
    assert_eq!(refused, Err(AppError::Forbidden));
    assert_eq!(admin.last_status, 403);
}

#[tokio::test]
async fn the_words_of_a_booking_are_for_the_desk_and_managers_alone() {
    let house = House::open().await;
    let row = "1007,CITY,Ms,Ana,Teste,,PRT,pt,ana@post.example,,,,M0006,2026-11-22,2026-11-25,A,502,1,0,BB,90,EUR,Direct,\
               CHECKED IN,\"Severe nut allergy; wheelchair, HIV medication in fridge\",Type 2 diabetes,";
    house.import(&format!("{}\n{row}\n", crate::harness::HEADER)).await;
    let guest = house.guest("M0006").await;
    for role in ["reception", "floor", "host", "concierge", "marketing", "manager"] {
        let mut device = house.device(role, "desk").await;
        let answer = device
            .post(<OpenCard as leptos::server_fn::ServerFn>::PATH, &[("guest", guest.to_string())], "application/json")
            .await;
        let bytes = answer.text().await.expect("a body");
        let may_read = matches!(role, "reception" | "manager");
        for words in ["HIV medication", "wheelchair", "Severe nut allergy", "Type 2 diabetes"] {
            assert_eq!(bytes.contains(words), may_read, "{role}: {words} in {bytes}");
        }
        let instructed = !matches!(role, "concierge" | "marketing");
        assert_eq!(bytes.contains("no_nuts"), instructed, "{role}: what not to serve");
        let page = device.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
        assert_eq!(page.contains("HIV medication"), may_read, "{role}: the page");
    }
}

#[tokio::test]
async fn opening_a_card_is_audited() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    host.call::<OpenCard>(&[("guest", guest.to_string())]).await.expect("a card");
    let mut manager = house.device("manager", "desk").await;
    let trail = manager.call::<rapport::staff::api::AuditTrail>(&[]).await.expect("the audit");
    let opened = trail.iter().find(|row| row.action == "opened_card").expect("an entry");
    assert_eq!(opened.who, "The host");
    assert_eq!(opened.guest.as_ref().map(|(id, _)| *id), Some(guest));
    assert_eq!(opened.station.as_deref(), Some("restaurant"));
    let refused = host.call::<rapport::staff::api::AuditTrail>(&[]).await;
    assert_eq!(refused, Err(AppError::Forbidden));
}

#[tokio::test]
async fn a_card_that_loads_itself_again_is_not_opened_again() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let fields = [("guest", guest.to_string())];
    let mut host = house.device("host", "restaurant").await;
    let opened = host.call::<OpenCard>(&fields).await.expect("a card");
    for _ in 0..4 {
        house.clock.advance(TimeDelta::minutes(10));
        host.call::<StillHere>(&[]).await.expect("heard");
        assert_eq!(host.call::<RefreshCard>(&fields).await.expect("a card"), opened);
    }
    assert_eq!(openings(&house).await, ["The host"]);
    host.call::<OpenCard>(&fields).await.expect("a card");
    assert_eq!(openings(&house).await.len(), 2, "opening it again is told again");

    // Whoever asks without having opened it is told of like everyone else.
    let mut floor = house.device("floor", "floor").await;
    floor.call::<RefreshCard>(&fields).await.expect("a card");
    floor.call::<RefreshCard>(&fields).await.expect("a card");
    let other = [("guest", house.guest("M0002").await.to_string())];
    host.call::<RefreshCard>(&other).await.expect("a card");
    let mut same_person = house.device("host", "restaurant").await;
    same_person.call::<RefreshCard>(&fields).await.expect("a card");
    assert_eq!(openings(&house).await.len(), 5, "for each session and guest");

    for _ in 0..6 {
        house.clock.advance(TimeDelta::minutes(10));
        host.call::<StillHere>(&[]).await.expect("heard");
    }
    host.call::<RefreshCard>(&fields).await.expect("a card");
    host.call::<RefreshCard>(&fields).await.expect("a card");
    assert_eq!(openings(&house).await.len(), 6, "an hour later somebody still looks at it");

    let mut admin = house.device("admin", "desk").await;
    assert_eq!(admin.call::<RefreshCard>(&fields).await, Err(AppError::Forbidden));
    house.clock.advance(TimeDelta::minutes(61));
    let purged = retention::purge(&house.db, house.clock.now(), 90).await.expect("purged");
    assert_eq!(purged.cards, 4);
}

/// Who opened cards, the newest first.
async fn openings(house: &House) -> Vec<String> {
    let mut manager = house.device("manager", "desk").await;
    let trail = manager.call::<AuditTrail>(&[]).await.expect("the audit");
    trail.into_iter().filter(|row| row.action == "opened_card").map(|row| row.who).collect()
}

#[tokio::test]
async fn a_birthday_is_told_without_its_year_and_in_house_only() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    let zhang = floor.call::<OpenCard>(&[("guest", house.guest("M0001").await.to_string())]).await.expect("a card");
    let birthday = zhang.birthday().expect("he is in house");
    assert_eq!((birthday.year, birthday.month, birthday.day), (None, 11, 23));
    let sato = floor.call::<OpenCard>(&[("guest", house.guest("M0003").await.to_string())]).await.expect("a card");
    assert_eq!(sato.birthday(), None, "she is only due in");
    let mut concierge = house.device("concierge", "desk").await;
    let zhang = concierge.call::<OpenCard>(&[("guest", house.guest("M0001").await.to_string())]).await.expect("a card");
    assert!(matches!(zhang, GuestCard::Concierge(_)));
    assert_eq!(zhang.birthday(), None);
}

#[tokio::test]
async fn the_days_lists_are_counted_and_sorted() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    let lists = floor.call::<DayListsCall>(&[("list", "in-house".to_owned())]).await.expect("lists");
    assert_eq!(lists.today, "2026-11-23");
    assert_eq!(lists.counts, [1, 3, 1], "arrivals, in house, due out");
    assert_eq!(lists.list, DayList::InHouse);
    let rooms: Vec<_> = lists.lines.iter().filter_map(|line| line.room.as_deref()).collect();
    assert_eq!(rooms, ["611", "904", "1207"]);
    let mut marketing = house.device("marketing", "desk").await;
    let refused = marketing.call::<DayListsCall>(&[("list", "in-house".to_owned())]).await;
    assert_eq!(refused, Err(AppError::Forbidden));
    let mut host = house.device("host", "restaurant").await;
    let lists = host.call::<DayListsCall>(&[("list", "in-house".to_owned())]).await.expect("lists");
    assert!(lists.lines.iter().all(|line| line.dates.is_none()), "hosts see rooms, not dates");
}
