//! What is set anew reaches what is planned already: nothing leaves by rules that hold no more.

use crate::planning_desk::{Planning, Row, plain};
use chrono::TimeDelta;
use rapport::{
    campaigns::{CampaignKind, OccurrenceState, Segment, Settings, plan::Counts},
    ids::{CampaignId, GuestId},
    server::{
        clock::Clock,
        db::{record, vars},
    },
};
use std::collections::BTreeMap;
use surrealdb::types::{RecordId, SurrealValue};

const TODAY: &str = "--11-24";

/// Sets a campaign anew, as it stands once it goes on.
async fn change(desk: &Planning, campaign: CampaignId, settings: &Settings) {
    let bound = vars()
        .with("campaign", record("campaign", campaign))
        .with("settings", serde_json::to_string(settings).expect("JSON"));
    let sql = "UPDATE ONLY $campaign SET settings = $settings, revision += 1 RETURN NONE";
    desk.house.db.query(sql, bound).await.expect("changed");
}

/// How many are planned for which instant.
async fn days(desk: &Planning, campaign: CampaignId) -> Vec<(String, u32)> {
    let mut days: BTreeMap<String, u32> = BTreeMap::new();
    for row in desk.rows(campaign).await.into_iter().filter(|row| row.state == "planned") {
        *days.entry(row.due.format("%m-%d %H:%M").to_string()).or_default() += 1;
    }
    days.into_iter().collect()
}

async fn words(desk: &Planning, row: &Row) -> String {
    #[derive(SurrealValue)]
    struct Envelope {
        html: String,
    }
    let envelope = RecordId::new("envelope", row.id.key.clone());
    let kept: Option<Envelope> =
        desk.house.db.row("SELECT html FROM $envelope", vars().with("envelope", envelope)).await.expect("an answer");
    kept.expect("filled in").html
}

#[tokio::test]
async fn letters_that_are_to_be_signed_from_now_on_wait_for_their_signer() {
    let desk = Planning::open().await;
    let vip = desk.guest("vip", &format!("birthday = '{TODAY}', vip = 3")).await;
    let common = desk.born("common", TODAY).await;
    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    desk.plan().await;
    let state = async |guest: GuestId| desk.one(campaign, guest).await.state;
    assert_eq!((state(vip).await.as_str(), state(common).await.as_str()), ("planned", "planned"));

    let settings = Settings { personal_from_vip: Some(2), ..plain() };
    change(&desk, campaign, &settings).await;
    assert_eq!(desk.plan().await, Counts { awaiting: 1, ..Counts::default() });
    assert_eq!((state(vip).await.as_str(), state(common).await.as_str()), ("awaiting", "planned"));
    assert!(words(&desk, &desk.one(campaign, vip).await).await.contains("Dear Ana"));
    assert_eq!(desk.plan().await, Counts::default(), "once");

    // The letter is corrected before the signer has read it.
    desk.letter("<p>My dear {{ first_name }} <a href=\"{{ unsubscribe_url }}\">No more</a></p>").await;
    change(&desk, campaign, &settings).await;
    desk.plan().await;
    assert!(words(&desk, &desk.one(campaign, vip).await).await.contains("My dear Ana"));

    // And set to another hour after the signer has let it go.
    desk.set(
        "UPDATE occurrence SET state = 'planned', decided_by = 'Ana' WHERE state = 'awaiting' RETURN NONE;
         UPDATE envelope SET html = '<p>Dear friend</p>', edited_by = 'Ana' RETURN NONE",
    )
    .await;
    change(&desk, campaign, &Settings { send_at: "11:00".to_owned(), ..settings }).await;
    desk.plan().await;
    let row = desk.one(campaign, vip).await;
    assert_eq!((row.state.as_str(), row.due.to_rfc3339()), ("planned", "2026-11-24T11:00:00+00:00".to_owned()));
    assert_eq!(words(&desk, &row).await, "<p>Dear friend</p>");
}

#[tokio::test]
async fn hours_are_those_that_are_set_now() {
    let desk = Planning::open().await;
    let guest = desk.born("ana", TODAY).await;
    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    desk.plan().await;
    let quiet = Some(("14:00".to_owned(), "18:00".to_owned()));
    for (settings, due) in [
        (Settings { send_at: "15:00".to_owned(), ..plain() }, "2026-11-24T15:00:00+00:00"),
        (Settings { send_at: "15:00".to_owned(), quiet, ..plain() }, "2026-11-24T18:00:00+00:00"),
        (Settings { lead_days: 1, grace_hours: 5, ..plain() }, "2026-11-23T09:00:00+00:00"),
        (plain(), "2026-11-24T09:00:00+00:00"),
    ] {
        change(&desk, campaign, &settings).await;
        assert_eq!(desk.plan().await, Counts::default(), "it is planned as it was");
        let row = desk.one(campaign, guest).await;
        assert_eq!((row.state.as_str(), row.due.to_rfc3339().as_str()), ("planned", due));
        assert_eq!(row.until - row.due, TimeDelta::hours(settings.grace_hours.into()));
    }
}

#[tokio::test]
async fn a_share_that_is_kept_back_from_now_on_is_kept_back() {
    let desk = Planning::open().await;
    for number in 0..60 {
        desk.born(&format!("g{number}"), TODAY).await;
    }
    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    assert_eq!(desk.plan().await.planned, 60);
    change(&desk, campaign, &Settings { control_percent: 50, ..plain() }).await;
    let found = desk.preflight(campaign).await;
    let control = desk.plan().await.control;
    // Four standard deviations on either side of 30.
    assert!((14..=46).contains(&control), "{control}");
    assert_eq!(found.groups[&(OccurrenceState::Control, None)], control, "what the preflight has said");
    assert_eq!(days(&desk, campaign).await, [("11-24 09:00".to_owned(), 60 - control)]);
}

#[tokio::test]
async fn whoever_is_not_meant_any_more_is_not_greeted() {
    let desk = Planning::open().await;
    let guest = desk.born("ana", TODAY).await;
    let segment = Segment { vip_from: 3, ..Segment::default() };
    for settings in [Settings { segment, ..plain() }, Settings { ends: Some("2026-11-23".to_owned()), ..plain() }] {
        let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
        desk.plan().await;
        change(&desk, campaign, &settings).await;
        assert_eq!(desk.plan().await, Counts { skipped: 1, ..Counts::default() });
        let row = desk.one(campaign, guest).await;
        assert_eq!((row.state.as_str(), row.reason.as_deref()), ("skipped", Some("no_longer_due")));
    }
}

#[tokio::test]
async fn whoever_a_change_brings_in_is_planned_as_well() {
    let desk = Planning::open().await;
    let vip = desk.guest("vip", "vip = 3").await;
    let common = desk.guest("common", "").await;
    let on = |day: &str, vip_from| Settings {
        starts: Some(day.to_owned()),
        segment: Segment { vip_from, ..Segment::default() },
        ..plain()
    };
    let states = async |campaign, guest: GuestId| {
        desk.of(campaign, guest).await.into_iter().map(|row| (row.date, row.state)).collect::<Vec<_>>()
    };
    let at = |day: &str, state: &str| (day.to_owned(), state.to_owned());
    let campaign = desk.campaign(CampaignKind::OneOff, &on("2026-11-25", 3)).await;
    desk.plan().await;
    assert_eq!(states(campaign, vip).await, [at("2026-11-25", "planned")]);
    assert!(states(campaign, common).await.is_empty());

    change(&desk, campaign, &on("2026-11-25", 0)).await;
    desk.plan().await;
    assert_eq!(states(campaign, common).await, [at("2026-11-25", "planned")]);
    // A day earlier, of which nobody thought when the days up to then were planned.
    change(&desk, campaign, &on("2026-11-24", 0)).await;
    desk.plan().await;
    for guest in [vip, common] {
        assert_eq!(states(campaign, guest).await, [at("2026-11-24", "planned"), at("2026-11-25", "skipped")]);
    }
    assert_eq!(desk.plan().await, Counts::default(), "once");
}

#[tokio::test]
async fn a_backlog_finds_its_days_anew() {
    let desk = Planning::open().await;
    let mut guests = Vec::new();
    for (number, departure) in
        ["2025-11-20", "2024-12-01", "2024-02-29", "2023-05-05", "2021-01-01", "2019-07-07"].into_iter().enumerate()
    {
        guests.push(desk.left_on(&format!("old{number}"), departure).await);
    }
    desk.at("2026-11-23T10:00:00Z");
    let capped = |daily_cap| Settings { daily_cap: Some(daily_cap), ..plain() };
    let campaign = desk.campaign(CampaignKind::Lapsed, &capped(2)).await;
    desk.plan().await;
    let on = |days: &[(&str, u32)]| days.iter().map(|(day, count)| ((*day).to_owned(), *count)).collect::<Vec<_>>();
    assert_eq!(days(&desk, campaign).await, on(&[("11-24 09:00", 2), ("11-25 09:00", 2), ("11-26 09:00", 2)]));
    let before = desk.rows(campaign).await;
    change(&desk, campaign, &Settings { signer: "Ana".to_owned(), ..capped(2) }).await;
    desk.plan().await;
    assert_eq!(desk.rows(campaign).await, before, "nothing moves where nothing of it was changed");
    change(&desk, campaign, &capped(3)).await;
    desk.plan().await;
    assert_eq!(days(&desk, campaign).await, on(&[("11-24 09:00", 3), ("11-25 09:00", 3)]));

    // Three have left when it is set to one a day: that day is full, and what has left stays as it is.
    desk.at("2026-11-24T09:30:00Z");
    let is_first = |row: &Row| row.state == "planned" && row.due < desk.house.clock.now();
    let first: Vec<Row> = desk.rows(campaign).await.into_iter().filter(is_first).collect();
    for row in &first {
        let guest = guests.iter().find(|guest| record("guest", guest) == row.guest).expect("one of them");
        desk.sent(campaign, *guest, &row.date).await;
    }
    change(&desk, campaign, &capped(1)).await;
    desk.plan().await;
    assert_eq!(
        days(&desk, campaign).await,
        on(&[("11-25 09:00", 1), ("11-26 09:00", 1), ("11-27 09:00", 1)]),
        "each day takes one"
    );
    let sent = desk.rows(campaign).await.into_iter().filter(|row| row.state == "sent");
    assert_eq!(sent.map(|row| row.due).collect::<Vec<_>>(), first.iter().map(|row| row.due).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_a_person_sends_again_keeps_the_time_that_it_was_given() {
    let desk = Planning::open().await;
    let guest = desk.born("ana", TODAY).await;
    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    desk.plan().await;
    // Refused on its day, and sent again by hand five days later.
    desk.at("2026-11-29T12:00:00Z");
    desk.set(
        "UPDATE occurrence SET sending_at = due, due = d'2026-11-29T12:00:00Z', until = d'2026-11-30T12:00:00Z', \
         decided_by = 'Ana' WHERE state = 'planned' RETURN NONE",
    )
    .await;
    change(&desk, campaign, &Settings { send_at: "10:00".to_owned(), ..plain() }).await;
    desk.plan().await;
    let row = desk.one(campaign, guest).await;
    assert_eq!((row.state.as_str(), row.due), ("planned", desk.house.clock.now()));
    assert_eq!(row.until - row.due, TimeDelta::hours(24));
}

#[tokio::test]
async fn what_was_planned_by_an_older_release_is_judged_anew() {
    let desk = Planning::open().await;
    desk.born("ana", TODAY).await;
    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    desk.plan().await;
    desk.set("UPDATE occurrence SET revision = NONE RETURN NONE").await;
    desk.plan().await;
    let revisions: Vec<i64> = desk
        .house
        .db
        .rows(
            "SELECT VALUE revision FROM occurrence WHERE campaign = $campaign AND state = 'planned'",
            vars().with("campaign", record("campaign", campaign)),
        )
        .await
        .expect("a revision");
    assert_eq!(revisions, [1]);
}

#[tokio::test]
async fn everybody_who_is_held_is_looked_at() {
    let desk = Planning::open().await;
    // More than are looked at together, all of them due at one instant.
    let count = 510;
    for number in 0..count {
        desk.born(&format!("g{number}"), TODAY).await;
    }
    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    assert_eq!(desk.plan().await.planned, count);
    desk.set("UPDATE occurrence SET state = 'held', reason = 'on_hold' WHERE state = 'planned' RETURN NONE").await;
    assert_eq!(desk.plan().await.planned, count);
    assert_eq!(days(&desk, campaign).await, [("11-24 09:00".to_owned(), count)]);
}
