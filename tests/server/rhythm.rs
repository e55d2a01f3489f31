//! Each guest's own rhythm of visits, as it is measured from the bookings, told on cards and listed.

use crate::harness::{HEADER, House};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    error::AppError,
    guests::{
        api::OpenCard,
        rhythm::{self, OverdueList, api::OverdueGuests},
    },
    ids::GuestId,
    server::{
        clock::Clock,
        db::{record, vars},
    },
};
use surrealdb::types::SurrealValue;

/// Stays of one guest, as arrival, departure and status.
async fn stays(house: &House, member: &str, stays: &[(&str, &str, &str)]) -> GuestId {
    let mut file = format!("{HEADER}\n");
    for (number, (arrival, departure, status)) in stays.iter().enumerate() {
        file.push_str(&format!(
            "{member}-{number},CITY,Ms,Ana,{member},,PRT,pt,{member}@post.example,,,V2,{member},{arrival},{departure},A,501,\
             1,0,BB,90,EUR,Direct,{status},,,Y\n"
        ));
    }
    house.import(&file).await;
    house.guest(member).await
}

/// Every spring: gaps of 364, 360 and 363 days. Due on 6 April 2027 and overdue on the 20th.
const SPRINGS: [(&str, &str, &str); 4] = [
    ("2023-04-01", "2023-04-05", "CHECKED OUT"),
    ("2024-04-03", "2024-04-07", "CHECKED OUT"),
    ("2025-04-02", "2025-04-06", "CHECKED OUT"),
    ("2026-04-04", "2026-04-08", "CHECKED OUT"),
];

async fn measure(house: &House) -> u32 {
    let now = house.clock.now();
    rhythm::store::run_due(&house.db, house.state.feed.epoch(), "a server", now).await.expect("measured")
}

/// Visits, gap, spread, and the days of the last departure, due and overdue.
async fn kept(house: &House, guest: GuestId) -> Option<(i64, i64, i64, [String; 3])> {
    #[derive(SurrealValue)]
    struct Row {
        stays: i64,
        gap: i64,
        spread: i64,
        last: String,
        due: String,
        overdue: String,
    }
    let row: Option<Row> = house
        .db
        .row("SELECT * FROM rhythm WHERE guest = $guest", vars().with("guest", record("guest", guest)))
        .await
        .expect("an answer");
    row.map(|row| (row.stays, row.gap, row.spread, [row.last, row.due, row.overdue]))
}

#[tokio::test]
async fn a_rhythm_follows_the_bookings() {
    let house = House::open().await;
    let spring = stays(&house, "SPRING", &SPRINGS).await;
    let twice = stays(&house, "TWICE", &SPRINGS[..2]).await;
    assert_eq!(measure(&house).await, 1);
    let days = |last: &str, due: &str, overdue: &str| [last, due, overdue].map(str::to_owned);
    let expected = (4, 363, 1, days("2026-04-08", "2027-04-06", "2027-04-20"));
    assert_eq!(kept(&house, spring).await, Some(expected));
    assert_eq!(kept(&house, twice).await, None, "two visits are no rhythm");
    assert_eq!(measure(&house).await, 0, "nothing is new");

    // Comes again: by the feed, and for him alone.
    stays(
        &house,
        "SPRING",
        &[SPRINGS[0], SPRINGS[1], SPRINGS[2], SPRINGS[3], ("2026-11-01", "2026-11-05", "CHECKED OUT")],
    )
    .await;
    assert_eq!(measure(&house).await, 1);
    let (visits, gap, ..) = kept(&house, spring).await.expect("a rhythm");
    // 207, 360, 363 and 364 days: the middle of the two in the middle, rounded down.
    assert_eq!((visits, gap), (5, 361));

    // And two of them were never there.
    let cancelled = SPRINGS.map(|(arrival, departure, _)| (arrival, departure, "CANCELLED"));
    stays(&house, "SPRING", &[cancelled[0], cancelled[1], cancelled[2]]).await;
    assert_eq!(measure(&house).await, 1);
    assert_eq!(kept(&house, spring).await, None);
}

async fn overdue(house: &House, login: &str) -> Result<OverdueList, AppError> {
    house.device(login, "desk").await.call::<OverdueGuests>(&[]).await
}

#[tokio::test]
async fn the_list_names_who_is_overdue_and_not_expected() {
    let house = House::open().await;
    let spring = stays(&house, "SPRING", &SPRINGS).await;
    // The same rhythm, a month before.
    let winter = SPRINGS.map(|(arrival, departure, status)| {
        (arrival.replace("-04-", "-03-"), departure.replace("-04-", "-03-"), status)
    });
    let winter: Vec<(&str, &str, &str)> =
        winter.iter().map(|(arrival, departure, status)| (arrival.as_str(), departure.as_str(), *status)).collect();
    let march = stays(&house, "MARCH", &winter).await;
    for (member, status) in [("BOOKED", "RESERVED"), ("HERE", "CHECKED IN")] {
        let mut with_booking = SPRINGS.to_vec();
        with_booking.push(("2027-05-30", "2027-06-04", status));
        stays(&house, member, &with_booking).await;
    }
    let dead = stays(&house, "DEAD", &SPRINGS).await;
    let bound = vars().with("dead", record("guest", dead));
    house.db.query("UPDATE $dead SET deceased = true RETURN NONE", bound).await.expect("changed");
    assert_eq!(measure(&house).await, 5);

    let listed = async || {
        let list = overdue(&house, "marketing").await.expect("a list");
        list.lines.iter().map(|line| line.guest).collect::<Vec<_>>()
    };
    for (day, expected) in [
        ("2027-03-15T12:00:00Z", vec![]),
        ("2027-03-25T12:00:00Z", vec![march]),
        ("2027-04-19T12:00:00Z", vec![march]),
        ("2027-04-20T12:00:00Z", vec![spring, march]),
        ("2027-06-01T12:00:00Z", vec![spring, march]),
    ] {
        house.clock.set(day.parse().expect("an instant"));
        assert_eq!(listed().await, expected, "{day}");
    }
    let list = overdue(&house, "reception").await.expect("a list");
    let line = &list.lines[0];
    assert_eq!((line.name.last.as_str(), line.vip, list.more), ("SPRING", 2, false));
    assert_eq!((line.rhythm.gap, line.rhythm.due.to_string()), (363, "2027-04-06".to_owned()));
    let page = house.device("marketing", "desk").await.get("/rhythm").await.text().await.expect("a page");
    assert!(page.contains("Ms SPRING") && page.contains("6 Apr 2027") && page.contains("56 days"), "{page}");
    overdue(&house, "manager").await.expect("a list");
    for login in ["floor", "host", "concierge", "admin"] {
        assert_eq!(overdue(&house, login).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(house.device(login, "desk").await.get("/rhythm").await.status(), 403, "{login}");
    }
}

#[tokio::test]
async fn a_card_tells_the_rhythm_to_those_who_count() {
    let house = House::open().await;
    let guest = stays(&house, "SPRING", &SPRINGS).await;
    measure(&house).await;
    house.clock.set("2027-04-10T12:00:00Z".parse().expect("an instant"));
    for (login, may) in [
        ("reception", true),
        ("marketing", true),
        ("manager", true),
        ("floor", false),
        ("host", false),
        ("concierge", false),
    ] {
        let mut device = house.device(login, "desk").await;
        let answer = device.post(OpenCard::PATH, &[("guest", guest.to_string())], "application/json").await;
        let bytes = answer.text().await.expect("a card");
        assert_eq!(bytes.contains("\"gap\":363"), may, "{login}: {bytes}");
        assert_eq!(bytes.contains("\"beat\":\"due\""), may, "{login}: {bytes}");
        let page = device.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
        assert_eq!(page.contains("Due again since 6 April 2027."), may, "{login}: {page}");
    }
    // From the day on that is beyond two spreads, or a fortnight.
    house.clock.advance(TimeDelta::days(10));
    let mut desk = house.device("reception", "desk").await;
    let page = desk.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(page.contains("Overdue since 20 April 2027."), "{page}");
}
