//! Whom campaigns greet: everybody who is meant, once, and with every reason that speaks against it.

use crate::planning_desk::{Planning, URL, plain};
use chrono::TimeDelta;
use rapport::{
    campaigns::{
        CampaignKind, OccurrenceState, Reason, SendZone, Settings,
        consent::{self, Cause},
        plan::{self, Counts},
        store,
    },
    ids::{GuestId, HouseId},
    server::{
        clock::Clock,
        db::{record, vars},
    },
};
use std::collections::BTreeMap;
use surrealdb::types::SurrealValue;

const TODAY: &str = "--11-24";

#[tokio::test]
async fn everybody_whose_birthday_comes_is_greeted_or_it_is_said_why_not() {
    let desk = Planning::open().await;
    let mut expected: BTreeMap<GuestId, Vec<String>> = BTreeMap::new();
    for (name, set, fate) in [
        ("plain", "", "planned"),
        ("year", "birthday = '1963-11-24'", "planned"),
        ("dead", "deceased = true", "skipped deceased"),
        ("banned", "blocklisted = true", "skipped blocklisted"),
        ("shy", "incognito = true", "skipped incognito"),
        ("mute", "emails = []", "skipped no_address"),
        ("odd", "emails = ['a@b.example, c@d.example']", "skipped bad_address"),
        ("long", &format!("emails = ['{}@post.example']", "x".repeat(320)), "skipped bad_address"),
    ] {
        let set = if set.contains("birthday") { set.to_owned() } else { format!("birthday = '{TODAY}', {set}") };
        let guest = desk.guest(name, set.trim_end_matches(", ")).await;
        expected.insert(guest, vec![fate.to_owned()]);
    }
    let silent = desk.born("silent", TODAY).await;
    desk.set("DELETE consent WHERE guest.last = 'silent'").await;
    expected.insert(silent, vec!["skipped no_consent".to_owned()]);
    let bounced = desk.born("bounced", TODAY).await;
    let now = desk.house.clock.now();
    consent::suppress(&desk.house.db, "bounced@post.example", Cause::Bounced, None, now).await.expect("suppressed");
    expected.insert(bounced, vec!["skipped suppressed".to_owned()]);
    let held = desk.born("held", TODAY).await;
    hold(&desk, held, "a death in the family", Some("2026-11-24")).await;
    expected.insert(held, vec!["held on_hold".to_owned()]);
    // Over before the day comes.
    let free = desk.born("free", TODAY).await;
    hold(&desk, free, "asked for a pause", Some("2026-11-23")).await;
    expected.insert(free, vec!["planned".to_owned()]);
    // Not meant: another day, another profile, another house.
    desk.born("later", "--12-24").await;
    let twin = desk.born("twin", TODAY).await;
    desk.set("UPDATE guest SET merged_into = guest:other WHERE last = 'twin'").await;
    let elsewhere = desk.born("elsewhere", TODAY).await;
    let booking = desk.booking(elsewhere, "checked_out", "2025-01-01", "2025-01-05").await;
    let other = vars().with("booking", booking).with("other", record("house", HouseId::new()));
    desk.house.db.query("UPDATE $booking SET house = $other RETURN NONE", other).await.expect("another house");

    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    let counts = desk.plan().await;
    // Two guests of the house itself have their birthday today and are in house.
    assert_eq!(counts, Counts { planned: 3, held: 1, skipped: 8, traces: 2, ..Counts::default() });
    let mut fates = desk.fates(campaign).await;
    for member in ["M0001", "M0002"] {
        assert_eq!(fates.remove(&desk.house.guest(member).await), Some(vec!["trace in_house".to_owned()]));
    }
    assert_eq!(fates, expected);
    let row = desk.one(campaign, held).await;
    assert_eq!(row.detail.as_deref(), Some("a death in the family · 2026-11-24"));
    for (name, what) in [("odd", "not_one"), ("long", "too_long")] {
        let bad = desk.rows(campaign).await.into_iter().filter(|row| row.detail.as_deref() == Some(what)).count();
        assert_eq!(bad, 1, "{name}");
    }
    let row = desk.rows(campaign).await.into_iter().find(|row| row.address.as_deref() == Some("plain@post.example"));
    let row = row.expect("with its address");
    assert_eq!((row.due.to_rfc3339(), row.until - row.due), ("2026-11-24T09:00:00+00:00".into(), TimeDelta::hours(72)));

    // Whoever looks again, and however often, finds nothing to do.
    let before = desk.rows(campaign).await;
    for minutes in [0, 1, 20] {
        desk.house.clock.advance(TimeDelta::minutes(minutes));
        assert_eq!(desk.plan().await, Counts::default());
    }
    assert_eq!(desk.rows(campaign).await, before);
    assert!(desk.of(campaign, twin).await.is_empty());
}

async fn hold(desk: &Planning, guest: GuestId, reason: &str, until: Option<&str>) {
    let sql = "UPSERT ONLY $hold SET guest = $guest, reason = $reason, until = $until, author_name = 'Rui', at = $now \
               RETURN NONE";
    let bound = vars()
        .with("hold", record("hold", guest))
        .with("guest", record("guest", guest))
        .with("reason", reason)
        .with("until", rapport::server::db::optional(until.map(str::to_owned)))
        .with("now", desk.house.clock.now());
    desk.house.db.query(sql, bound).await.expect("on hold");
}

#[tokio::test]
async fn a_hold_that_ends_lets_the_greeting_go() {
    let desk = Planning::open().await;
    let guest = desk.born("held", TODAY).await;
    hold(&desk, guest, "a complaint", None).await;
    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    desk.plan().await;
    assert_eq!(desk.one(campaign, guest).await.reason.as_deref(), Some("on_hold"));
    // Ended by hand in the afternoon of the day: it goes out late.
    desk.at("2026-11-24T15:00:00Z");
    desk.set("DELETE hold").await;
    assert_eq!(desk.plan().await.planned, 1);
    let row = desk.one(campaign, guest).await;
    assert_eq!((row.state.as_str(), row.reason, row.due), ("planned", None, desk.house.clock.now()));
    assert_eq!(row.address.as_deref(), Some("held@post.example"));
}

#[tokio::test]
async fn a_birthday_in_house_is_left_to_the_floor() {
    #[derive(Debug, SurrealValue)]
    struct Trace {
        department: String,
        kind: String,
        room: Option<String>,
        due: String,
        state: String,
    }
    let desk = Planning::open().await;
    let here = desk.born("here", TODAY).await;
    desk.booking(here, "checked_in", "2026-11-22", "2026-11-24").await;
    let expected = desk.born("expected", TODAY).await;
    let booking = desk.booking(expected, "reserved", "2026-11-23", "2026-11-26").await;
    let absent = desk.born("absent", TODAY).await;
    let cancelled = desk.booking(absent, "reserved", "2026-11-23", "2026-11-26").await;
    let gone = desk.born("gone", TODAY).await;
    desk.booking(gone, "checked_in", "2026-11-20", "2026-11-23").await;
    // The same by two campaigns.
    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    desk.campaign(CampaignKind::Birthday, &plain()).await;
    desk.plan().await;
    let state = async |guest| desk.one(campaign, guest).await.state;
    assert_eq!((state(here).await.as_str(), state(gone).await.as_str()), ("trace", "planned"));
    assert_eq!(desk.one(campaign, expected).await.reason.as_deref(), Some("in_house"));
    assert_eq!((state(expected).await.as_str(), state(absent).await.as_str()), ("held", "held"));

    desk.status(&booking, "checked_in").await;
    desk.status(&cancelled, "cancelled").await;
    desk.plan().await;
    assert_eq!((state(expected).await.as_str(), state(absent).await.as_str()), ("trace", "planned"));
    for guest in [here, expected] {
        let bound = vars().with("guest", record("guest", guest));
        let traces: Vec<Trace> =
            desk.house.db.rows("SELECT * FROM trace WHERE guest = $guest", bound).await.expect("traces");
        let [trace] = traces.as_slice() else { panic!("told once: {traces:?}") };
        assert_eq!((trace.department.as_str(), trace.kind.as_str()), ("floor", "birthday"));
        assert_eq!((trace.due.as_str(), trace.state.as_str()), ("2026-11-24", "open"));
        assert_eq!(trace.room.as_deref(), Some("904"));
    }
    let told: Vec<i64> =
        desk.house.db.rows("SELECT VALUE 1 FROM event WHERE kind = 'trace'", vars()).await.expect("events");
    assert!(told.len() >= 2, "the feed is told of both");
}

#[tokio::test]
async fn greetings_keep_their_distance() {
    let desk = Planning::open().await;
    let guest = desk.born("often", "--11-25").await;
    let other = desk.guest("other", "").await;
    desk.booking(guest, "checked_out", "2026-11-20", "2026-11-22").await;
    desk.booking(other, "checked_out", "2026-11-20", "2026-11-22").await;
    let thanks = desk.campaign(CampaignKind::ThankYou, &plain()).await;
    desk.plan().await;
    assert_eq!(desk.fates(thanks).await.len(), 2);
    let settings = Settings { frequency_days: 2, ..plain() };
    let birthday = desk.campaign(CampaignKind::Birthday, &settings).await;
    desk.plan().await;
    let held = desk.one(birthday, guest).await;
    assert_eq!((held.state.as_str(), held.reason.as_deref()), ("held", Some("frequency_cap")));
    assert_eq!(held.detail.as_deref(), Some("The thank_you"));
    desk.sent(thanks, guest, "2026-11-24").await;
    // The distance is kept on the 26th, and that is not yet too late.
    desk.at("2026-11-26T09:30:00Z");
    desk.plan().await;
    let row = desk.one(birthday, guest).await;
    assert_eq!((row.state.as_str(), row.due), ("planned", desk.house.clock.now()));
}

#[tokio::test]
async fn a_household_is_greeted_once() {
    let desk = Planning::open().await;
    for (name, email) in [("one", "both@post.example"), ("two", "Both@post.example"), ("three", "own@post.example")] {
        desk.guest(name, &format!("emails = ['{email}']")).await;
    }
    let settings = Settings { starts: Some("2026-11-24".to_owned()), ..plain() };
    let each = desk.campaign(CampaignKind::OneOff, &settings).await;
    let once = desk.campaign(CampaignKind::OneOff, &Settings { one_per_household: true, ..settings }).await;
    desk.plan().await;
    let fates = async |campaign| {
        let rows = desk
            .rows(campaign)
            .await
            .into_iter()
            .filter(|row| row.state != "skipped" || row.reason.as_deref() == Some("household_greeted"));
        let mut fates: Vec<_> = rows.map(|row| (row.state, row.reason)).collect();
        fates.sort();
        fates
    };
    let planned = || ("planned".to_owned(), None);
    let mut all = fates(each).await;
    all.retain(|fate| *fate == planned());
    assert!(all.len() >= 3);
    let mut sparing = fates(once).await;
    assert_eq!(sparing.iter().filter(|(state, _)| state == "planned").count(), all.len() - 1);
    sparing.retain(|fate| *fate != planned() && fate.0 != "held");
    assert_eq!(sparing, [("skipped".to_owned(), Some("household_greeted".to_owned()))]);
}

#[tokio::test]
async fn a_share_is_kept_back_and_it_is_always_the_same() {
    let desk = Planning::open().await;
    for number in 0..200 {
        desk.born(&format!("g{number}"), TODAY).await;
    }
    let settings = Settings { control_percent: 20, ..plain() };
    let campaign = desk.campaign(CampaignKind::Birthday, &settings).await;
    let found = desk.preflight(campaign).await;
    let counts = desk.plan().await;
    assert_eq!(counts.planned + counts.control, 200);
    // Five standard deviations on either side of 40.
    assert!((12..=68).contains(&counts.control), "{counts:?}");
    assert_eq!(found.groups[&(OccurrenceState::Control, None)], counts.control);
    assert_eq!(found.groups[&(OccurrenceState::Planned, None)], counts.planned);
}

#[tokio::test]
async fn letters_to_the_most_important_guests_wait_for_their_signer() {
    #[derive(SurrealValue)]
    struct Envelope {
        html: String,
    }
    let desk = Planning::open().await;
    let common = desk.guest("common", &format!("birthday = '{TODAY}', vip = 1, native = '安娜'")).await;
    let vip = desk.guest("vip", &format!("birthday = '{TODAY}', vip = 3, native = '安娜'")).await;
    let nameless = desk.guest("nameless", &format!("birthday = '{TODAY}', vip = 3")).await;
    let settings = Settings { personal_from_vip: Some(2), ..plain() };
    let campaign = desk.campaign(CampaignKind::Birthday, &settings).await;
    desk.letter_with_native_name().await;
    desk.plan().await;
    assert_eq!(desk.one(campaign, common).await.state, "planned");
    let row = desk.one(campaign, vip).await;
    assert_eq!(row.state, "awaiting");
    let envelope = vars().with("envelope", surrealdb::types::RecordId::new("envelope", row.id.key.clone()));
    let kept: Option<Envelope> = desk.house.db.row("SELECT html FROM $envelope", envelope).await.expect("an answer");
    assert!(kept.expect("filled in").html.contains("Dear Ana 安娜"));
    let row = desk.one(campaign, nameless).await;
    assert_eq!((row.state.as_str(), row.reason.as_deref()), ("held", Some("letter")));
    assert_eq!(row.detail.as_deref(), Some("native_name"), "it is said what is missing");
    // Once it is there, the letter goes to its signer.
    desk.set("UPDATE guest SET native = '安娜' WHERE last = 'nameless'").await;
    desk.plan().await;
    assert_eq!(desk.one(campaign, nameless).await.state, "awaiting");
}

#[tokio::test]
async fn the_hour_goes_by_the_guests_clock_where_it_is_set_so() {
    let desk = Planning::open().await;
    let there = desk.guest("there", &format!("birthday = '{TODAY}', nationality = 'CHN'")).await;
    let wide = desk.guest("wide", &format!("birthday = '{TODAY}', nationality = 'USA'")).await;
    let campaign = desk.campaign(CampaignKind::Birthday, &Settings { zone: SendZone::Guest, ..plain() }).await;
    desk.plan().await;
    assert_eq!(desk.one(campaign, there).await.due.to_rfc3339(), "2026-11-24T01:00:00+00:00");
    assert_eq!(desk.one(campaign, wide).await.due.to_rfc3339(), "2026-11-24T09:00:00+00:00", "the house's");
}

#[tokio::test]
async fn what_activation_would_do_is_what_it_does() {
    let desk = Planning::open().await;
    for (name, set) in [("a", ""), ("b", ", deceased = true"), ("c", ", emails = []"), ("d", ", native = 'x'")] {
        desk.guest(name, &format!("birthday = '{TODAY}'{set}")).await;
    }
    let far = desk.born("far", "--12-20").await;
    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    desk.letter_with_native_name().await;
    let found = desk.preflight(campaign).await;
    let named: BTreeMap<_, _> =
        found.lines.iter().map(|line| (line.name.last.as_str(), (line.state, line.reason))).collect();
    assert_eq!(named["a"], (OccurrenceState::Held, Some(Reason::Letter)), "the native name is missing");
    assert_eq!(named["b"], (OccurrenceState::Skipped, Some(Reason::Deceased)));
    assert_eq!(named["c"], (OccurrenceState::Skipped, Some(Reason::NoAddress)));
    assert_eq!(named["d"], (OccurrenceState::Planned, None));
    assert!(named.contains_key("far"), "it looks thirty days ahead");
    assert_eq!(found.backlog, 0);
    let (days, is_complete) = {
        let row = store::campaign(&desk.house.db, campaign).await.expect("an answer").expect("a campaign");
        let here =
            rapport::house::store::house(&desk.house.db, desk.house.id).await.expect("a house").expect("a house");
        let dates = "2026-11-24".parse().expect("a day")..="2027-01-22".parse().expect("a day");
        plan::forecast(&desk.house.db, &here, &row, dates).await.expect("a forecast")
    };
    let days: Vec<_> = days.into_iter().map(|(day, count)| (day.to_string(), count)).collect();
    assert_eq!((days, is_complete), (vec![("2026-11-24".to_owned(), 4), ("2026-12-20".to_owned(), 1)], true));
    desk.plan().await;
    assert!(desk.of(campaign, far).await.is_empty(), "and plans two");
}

#[tokio::test]
async fn what_has_not_left_of_a_campaign_that_ended_does_not() {
    let desk = Planning::open().await;
    let guest = desk.born("late", TODAY).await;
    let campaign = desk.campaign(CampaignKind::Birthday, &plain()).await;
    desk.plan().await;
    desk.set("UPDATE campaign SET state = 'paused'").await;
    desk.born("later", TODAY).await;
    desk.house.clock.advance(TimeDelta::minutes(20));
    assert_eq!(desk.plan().await, Counts::default(), "nothing is planned in a pause");
    desk.set("UPDATE campaign SET state = 'ended'").await;
    assert_eq!(desk.plan().await.skipped, 1);
    assert_eq!(desk.one(campaign, guest).await.reason.as_deref(), Some("campaign_ended"));
}

#[tokio::test]
async fn two_servers_that_plan_at_once_plan_each_once() {
    let desk = Planning::open().await;
    for number in 0..60 {
        desk.born(&format!("g{number}"), TODAY).await;
    }
    let settings = Settings { daily_cap: Some(20), ..plain() };
    let campaign = desk.campaign(CampaignKind::Birthday, &settings).await;
    let other = desk.house.db.sibling();
    let now = desk.house.clock.now();
    let both = futures::join!(desk.plan_as("one"), plan::run_due(&other, now, "other", URL));
    let counted = both.0.planned + both.1.expect("planned").planned;
    assert_eq!(counted, 60, "one has its turn, or the other finds nothing left");
    let mut days: BTreeMap<String, u32> = BTreeMap::new();
    for row in desk.rows(campaign).await.into_iter().filter(|row| row.state == "planned") {
        *days.entry(row.due.to_rfc3339()).or_default() += 1;
    }
    assert_eq!(days.into_values().collect::<Vec<_>>(), [20, 20, 20]);
}
