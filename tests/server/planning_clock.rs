//! Planning keeps its promises whatever the clock does: a server that slept makes up for what is not too
//! late, and nothing is ever planned twice.

use crate::planning_desk::{Planning, plain};
use chrono::{Datelike, NaiveDate, TimeDelta};
use rapport::{
    campaigns::{CampaignKind, LeapDay, Settings},
    ids::GuestId,
    server::{
        clock::Clock,
        db::{record, vars},
    },
};

/// The states of a campaign's greetings, by the names of the guests.
async fn states(desk: &Planning, campaign: rapport::ids::CampaignId, guests: &[GuestId]) -> Vec<String> {
    let mut states = Vec::new();
    for guest in guests {
        states.push(desk.one(campaign, *guest).await.state);
    }
    states
}

#[tokio::test]
async fn a_server_that_slept_for_three_days_sends_what_is_not_too_late() {
    for (grace_hours, expected) in [
        // Asleep from the 23rd to the evening of the 27th: two of the days had been planned, two had not.
        (72, ["missed", "planned", "planned", "planned"]),
        (24, ["missed", "missed", "missed", "planned"]),
        (1, ["missed", "missed", "missed", "missed"]),
        (336, ["planned", "planned", "planned", "planned"]),
    ] {
        let desk = Planning::open().await;
        let mut guests = Vec::new();
        for day in 24..=27 {
            guests.push(desk.born(&format!("g{day}"), &format!("--11-{day}")).await);
        }
        let campaign = desk.campaign(CampaignKind::Birthday, &Settings { grace_hours, ..plain() }).await;
        desk.plan().await;
        desk.at("2026-11-27T18:00:00Z");
        for _ in 0..3 {
            desk.plan().await;
            desk.sweep().await;
        }
        assert_eq!(states(&desk, campaign, &guests).await, expected, "within {grace_hours} hours");
        // Planned ahead or made up for: whatever still leaves does so now, and none before its time.
        for guest in &guests {
            let row = desk.one(campaign, *guest).await;
            let left = row.state == "planned";
            assert!(!left || (row.due <= desk.house.clock.now() && row.until > desk.house.clock.now()), "{row:?}");
        }
    }
}

#[tokio::test]
async fn a_late_greeting_waits_for_the_end_of_the_quiet_hours() {
    let desk = Planning::open().await;
    let settings = Settings { quiet: Some(("21:00".to_owned(), "08:00".to_owned())), ..plain() };
    let campaign = desk.campaign(CampaignKind::Birthday, &settings).await;
    desk.plan().await;
    let guest = desk.born("late", "--11-24").await;
    desk.at("2026-11-24T23:30:00Z");
    desk.plan().await;
    assert_eq!(desk.one(campaign, guest).await.due.to_rfc3339(), "2026-11-25T08:00:00+00:00");
}

#[tokio::test]
async fn a_clock_that_is_moved_back_and_forth_plans_nobody_twice() {
    let desk = Planning::open().await;
    let birthday = desk.born("birthday", "--11-25").await;
    let lapsed = desk.left_on("lapsed", "2025-11-25").await;
    let settings = plain();
    let (cards, letters) =
        (desk.campaign(CampaignKind::Birthday, &settings).await, desk.campaign(CampaignKind::Lapsed, &settings).await);
    desk.plan().await;
    desk.sent(cards, birthday, "2026-11-25").await;
    desk.sent(letters, lapsed, "2026-11-25").await;
    let before = (desk.of(cards, birthday).await, desk.of(letters, lapsed).await);
    for instant in [
        "2026-11-24T09:00:00Z",
        "2026-11-20T09:00:00Z",
        "2026-11-26T09:00:00Z",
        "2026-11-01T09:00:00Z",
        "2027-02-01T09:00:00Z",
        "2026-11-23T09:00:00Z",
        "2026-11-25T08:59:00Z",
        "2026-11-25T09:01:00Z",
    ] {
        desk.at(instant);
        desk.plan().await;
        desk.sweep().await;
        assert_eq!((desk.of(cards, birthday).await, desk.of(letters, lapsed).await), before, "{instant}");
    }
}

#[tokio::test]
async fn a_clock_that_was_months_ahead_keeps_no_offer_back() {
    let desk = Planning::open().await;
    let guest = desk.guest("ana", "").await;
    let settings = Settings { starts: Some("2026-11-24".to_owned()), every_days: 14, ..plain() };
    let campaign = desk.campaign(CampaignKind::Offer, &settings).await;
    desk.plan().await;
    for instant in ["2027-04-01T09:00:00Z", "2026-12-07T09:00:00Z"] {
        desk.at(instant);
        desk.plan().await;
    }
    let rows = desk.of(campaign, guest).await;
    let next: Vec<_> = rows.iter().filter(|row| row.date == "2026-12-08").map(|row| row.state.as_str()).collect();
    assert_eq!(next, ["planned"]);
}

#[tokio::test]
async fn greetings_keep_their_distance_from_the_day_on_which_the_last_one_left() {
    let desk = Planning::open().await;
    let guest = desk.born("often", "--11-27").await;
    desk.booking(guest, "checked_out", "2026-11-20", "2026-11-22").await;
    let thanks = desk.campaign(CampaignKind::ThankYou, &plain()).await;
    desk.plan().await;
    // Two days late: its server was asleep.
    desk.sent(thanks, guest, "2026-11-24").await;
    desk.set("UPDATE occurrence SET sending_at = d'2026-11-26T20:00:00Z' WHERE state = 'sent' RETURN NONE").await;
    desk.at("2026-11-26T21:00:00Z");
    let birthday = desk.campaign(CampaignKind::Birthday, &Settings { frequency_days: 2, ..plain() }).await;
    desk.plan().await;
    let row = desk.one(birthday, guest).await;
    assert_eq!((row.state.as_str(), row.reason.as_deref()), ("held", Some("frequency_cap")));
}

#[tokio::test]
async fn a_birthday_that_is_corrected_is_not_greeted_again() {
    let desk = Planning::open().await;
    let guest = desk.born("wrong", "--11-24").await;
    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    desk.plan().await;
    desk.sent(campaign, guest, "2026-11-24").await;
    let bound = vars().with("guest", record("guest", guest));
    desk.house.db.query("UPDATE $guest SET birthday = '--11-25' RETURN NONE", bound).await.expect("corrected");
    desk.house.clock.advance(TimeDelta::hours(25));
    desk.plan().await;
    let rows = desk.of(campaign, guest).await;
    let sent = rows.iter().filter(|row| row.state == "sent").count();
    let fates: Vec<_> = rows.iter().filter(|row| row.state != "sent").map(|row| row.reason.as_deref()).collect();
    assert_eq!((sent, fates), (1, vec![Some("no_longer_due")]));
}

#[tokio::test]
async fn everybody_has_one_birthday_a_year() {
    for leap_day in [LeapDay::February28, LeapDay::March1] {
        let desk = Planning::open().await;
        let mut guests = Vec::new();
        for birthday in ["--02-28", "--02-29", "--03-01", "--01-01", "--12-31"] {
            guests.push(desk.born(birthday, birthday).await);
        }
        let campaign = desk.campaign(CampaignKind::Birthday, &Settings { leap_day, ..plain() }).await;
        // From the end of November 2026 to that of 2028, looked at once a week.
        for _ in 0..105 {
            desk.plan().await;
            desk.house.clock.advance(TimeDelta::days(7));
        }
        for guest in guests {
            let mut years: Vec<i32> = Vec::new();
            for row in desk.of(campaign, guest).await {
                years.push(row.date.parse::<NaiveDate>().expect("a day").year());
            }
            assert!(years == [2027, 2028] || years == [2026, 2027], "{years:?}");
        }
    }
}

#[tokio::test]
async fn whoever_comes_to_be_meant_after_the_day_was_planned_is_found() {
    let desk = Planning::open().await;
    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    let thanks = desk.campaign(CampaignKind::ThankYou, &Settings { days_after: 1, ..plain() }).await;
    desk.plan().await;
    let guest = desk.born("new", "--11-24").await;
    let left = desk.guest("left", "").await;
    let booking = desk.booking(left, "checked_in", "2026-11-20", "2026-11-23").await;
    desk.house.clock.advance(TimeDelta::minutes(5));
    desk.plan().await;
    assert!(desk.of(campaign, guest).await.is_empty(), "it is not looked every minute");
    desk.status(&booking, "checked_out").await;
    desk.house.clock.advance(TimeDelta::minutes(11));
    desk.plan().await;
    assert_eq!(desk.one(campaign, guest).await.state, "planned");
    assert_eq!(desk.one(thanks, left).await.date, "2026-11-24");
    // A birthday before the campaign began is none of its business.
    let past = desk.born("past", "--11-22").await;
    desk.house.clock.advance(TimeDelta::minutes(20));
    desk.plan().await;
    assert!(desk.of(campaign, past).await.is_empty());
}
