//! Guests who have not come back: once at each stage, and anew after a stay.

use crate::planning_desk::{Planning, plain};
use chrono::TimeDelta;
use rapport::{
    campaigns::{
        CampaignKind, Reason, Settings,
        kinds::Candidate,
        plan::{self, Counts, Verdict},
        store,
    },
    house::store as houses,
    ids::GuestId,
    server::{clock::Clock, db::vars},
};
use std::collections::BTreeMap;

#[tokio::test]
async fn lapsed_guests_are_greeted_once_at_each_stage_and_anew_after_a_stay() {
    let desk = Planning::open().await;
    let campaign = desk.campaign(CampaignKind::Lapsed, &plain()).await;
    let guest = desk.left_on("gone", "2025-11-25").await;
    let stages = async || {
        let rows = desk.of(campaign, guest).await;
        rows.into_iter().map(|row| (row.date, row.stage.unwrap_or(0))).collect::<Vec<_>>()
    };
    desk.plan().await;
    assert_eq!(stages().await, [("2026-11-25".to_owned(), 12)]);
    desk.sent(campaign, guest, "2026-11-25").await;
    // Two years and a half.
    for _ in 0..58 {
        desk.house.clock.advance(TimeDelta::days(15));
        desk.plan().await;
        for row in desk.of(campaign, guest).await {
            desk.sent(campaign, guest, &row.date).await;
        }
    }
    let three: Vec<_> =
        [("2026-11-25", 12), ("2027-11-25", 24), ("2028-11-25", 36)].map(|(day, s)| (day.to_owned(), s)).into();
    assert_eq!(stages().await, three);

    // He comes back in June 2029, and stays away again.
    desk.at("2029-06-10T09:00:00Z");
    desk.booking(guest, "checked_out", "2029-06-05", "2029-06-08").await;
    desk.plan().await;
    assert_eq!(stages().await, three);
    for _ in 0..25 {
        desk.house.clock.advance(TimeDelta::days(15));
        desk.plan().await;
    }
    let mut four = three;
    four.push(("2030-06-08".to_owned(), 12));
    assert_eq!(stages().await, four);
}

#[tokio::test]
async fn whoever_comes_back_is_not_missed_any_more() {
    let desk = Planning::open().await;
    let campaign = desk.campaign(CampaignKind::Lapsed, &plain()).await;
    // Due tomorrow: one stays in house again, one has booked, one has come back since, one was here elsewhere.
    let back = desk.left_on("back", "2025-11-24").await;
    let booked = desk.left_on("booked", "2025-11-24").await;
    let returned = desk.left_on("returned", "2025-11-24").await;
    let gone = desk.left_on("gone", "2025-11-24").await;
    desk.plan().await;
    assert_eq!(desk.fates(campaign).await.values().flatten().filter(|fate| *fate == "planned").count(), 4);

    desk.booking(back, "checked_in", "2026-11-23", "2026-11-28").await;
    let booking = desk.booking(booked, "reserved", "2026-12-23", "2026-12-28").await;
    desk.booking(returned, "checked_out", "2026-11-20", "2026-11-23").await;
    let verdict = async |guest| {
        let row = store::campaign(&desk.house.db, campaign).await.expect("an answer").expect("a campaign");
        let here = houses::house(&desk.house.db, desk.house.id).await.expect("a house").expect("a house");
        let candidate = Candidate { guest, date: "2026-11-24".parse().expect("a day"), stage: Some(12) };
        let now = desk.house.clock.now();
        plan::verdicts(&desk.house.db, &here, &row, &[candidate], now).await.expect("a verdict").remove(0)
    };
    assert_eq!(verdict(back).await, Verdict::Skipped(Reason::NoLongerDue, None));
    assert_eq!(verdict(returned).await, Verdict::Skipped(Reason::NoLongerDue, None));
    assert_eq!(verdict(booked).await, Verdict::Held(Reason::FutureReservation, Some("2026-12-23".to_owned())));
    assert!(matches!(verdict(gone).await, Verdict::Go { .. }));
    assert_eq!(verdict(GuestId::new()).await, Verdict::Skipped(Reason::Gone, None));
    desk.status(&booking, "cancelled").await;
    assert!(matches!(verdict(booked).await, Verdict::Go { .. }));
}

#[tokio::test]
async fn a_backlog_is_greeted_at_its_highest_stage_and_spread_over_days() {
    let desk = Planning::open().await;
    let mut guests = Vec::new();
    for (number, departure) in
        ["2025-11-20", "2024-12-01", "2024-02-29", "2023-05-05", "2021-01-01", "2019-07-07"].into_iter().enumerate()
    {
        guests.push(desk.left_on(&format!("old{number}"), departure).await);
    }
    let settings = Settings { daily_cap: Some(2), ..plain() };
    let campaign = desk.campaign(CampaignKind::Lapsed, &settings).await;
    let before = desk.preflight(campaign).await;
    // The house's own guest of January 2025 and the Mr Zhang of 2023, who is in house, are not all of it.
    assert_eq!((before.backlog, before.backlog_days), (6, 3));
    assert!(before.is_complete);
    assert!(desk.rows(campaign).await.is_empty(), "looking plans nothing");

    desk.at("2026-11-23T10:00:00Z");
    desk.plan().await;
    let mut days: BTreeMap<String, u32> = BTreeMap::new();
    for (guest, stage) in guests.iter().zip([12, 12, 24, 36, 36, 36]) {
        let row = desk.one(campaign, *guest).await;
        assert_eq!((row.stage, row.state.as_str()), (Some(stage), "planned"), "{row:?}");
        assert_eq!(row.until - row.due, TimeDelta::hours(72));
        *days.entry(row.due.to_rfc3339()).or_default() += 1;
    }
    let days: Vec<_> = days.into_iter().collect();
    // Nine o'clock is over today.
    let expected = ["2026-11-24", "2026-11-25", "2026-11-26"].map(|day| (format!("{day}T09:00:00+00:00"), 2));
    assert_eq!(days, expected);
    let counts = desk.plan().await;
    assert_eq!(counts, Counts::default(), "the backlog comes once");
}

#[tokio::test]
async fn what_a_server_slept_through_does_not_all_leave_on_the_day_it_wakes() {
    let desk = Planning::open().await;
    let departures = ["2025-11-20", "2024-12-01", "2024-02-29", "2023-05-05", "2021-01-01", "2019-07-07"];
    for (number, departure) in departures.into_iter().enumerate() {
        desk.left_on(&format!("old{number}"), departure).await;
    }
    desk.at("2026-11-23T10:00:00Z");
    let campaign = desk.campaign(CampaignKind::Lapsed, &Settings { daily_cap: Some(2), ..plain() }).await;
    desk.plan().await;
    // Two were to leave on each of the days up to this one, and none did.
    desk.at("2026-11-26T12:00:00Z");
    desk.plan().await;
    let mut days: BTreeMap<String, u32> = BTreeMap::new();
    for row in desk.rows(campaign).await.into_iter().filter(|row| row.state == "planned") {
        *days.entry(row.due.format("%m-%d %H:%M").to_string()).or_default() += 1;
    }
    let expected = ["11-26 09:00", "11-27 09:00", "11-28 09:00"].map(|day| (day.to_owned(), 2));
    assert_eq!(days.into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(desk.plan().await, Counts::default(), "and they stay there");
}

#[tokio::test]
async fn a_departure_that_is_corrected_is_not_greeted_again() {
    let desk = Planning::open().await;
    let guest = desk.guest("gone", "").await;
    let booking = desk.booking(guest, "checked_out", "2025-11-20", "2025-11-24").await;
    let campaign = desk.campaign(CampaignKind::Lapsed, &plain()).await;
    desk.plan().await;
    desk.sent(campaign, guest, "2026-11-24").await;
    let bound = vars().with("booking", booking);
    let corrected = "UPDATE $booking SET departure = '2025-11-26' RETURN NONE";
    desk.house.db.query(corrected, bound).await.expect("corrected");
    desk.at("2026-11-25T10:00:00Z");
    desk.plan().await;
    let fates: Vec<_> = desk.of(campaign, guest).await.into_iter().map(|row| (row.state, row.reason)).collect();
    assert_eq!(fates, [("sent".to_owned(), None), ("skipped".to_owned(), Some("no_longer_due".to_owned()))]);
}
