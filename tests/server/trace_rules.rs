//! Traces that make themselves, and what they follow.

use crate::{
    harness::{Device, House, monday},
    planning_desk::{Planning, plain},
    traces::{Fields, with},
};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    campaigns::CampaignKind,
    error::{AppError, Problem},
    guests::{PreferenceCode, relations::OccasionKind},
    house::StationKind,
    ids::{GuestId, OccasionId, PreferenceId, TraceRuleId},
    requests::traces::{
        Trace, TraceKind,
        api::{PauseTraceRule, ResolveTrace, SaveTraceRule, TraceRules, Traces},
        rule::{RuleDay, RuleList},
        rules::{self, Made},
    },
    server::{
        clock::Clock,
        db::{record, vars},
    },
};
use surrealdb::types::{RecordId, SurrealValue};

const FEATHERS: &str = "Feathers out of the room";

/// The form of a rule: one day before each arrival of whoever wants no feathers.
fn feather_free(id: TraceRuleId) -> Fields {
    vec![
        ("rule", id.to_string()),
        ("guest", String::new()),
        ("department", "floor".to_owned()),
        ("text", FEATHERS.to_owned()),
        ("on_day", "arrival".to_owned()),
        ("days_before", "1".to_owned()),
        ("code", "feather_free".to_owned()),
        ("every_days", String::new()),
        ("starts", String::new()),
        ("ends", String::new()),
        ("room", String::new()),
    ]
}

/// On the day itself of whatever a guest keeps in house.
fn occasions(id: TraceRuleId) -> Fields {
    let fields = with(with(feather_free(id), "on_day", "occasion"), "code", "");
    with(with(fields, "days_before", "0"), "text", "A card and flowers")
}

fn weekly(id: TraceRuleId) -> Fields {
    let fields = with(with(feather_free(id), "on_day", "every"), "every_days", "7");
    with(with(fields, "room", "Linen room"), "text", "Count the linen")
}

/// A trace as the store has it.
#[derive(Debug, SurrealValue)]
struct Row {
    department: String,
    kind: String,
    text: Option<String>,
    state: String,
    rule: Option<RecordId>,
    occurrence: Option<RecordId>,
}

async fn rows_about(desk: &Planning, guest: GuestId) -> Vec<Row> {
    let bound = vars().with("guest", record("guest", guest));
    desk.house.db.rows("SELECT * FROM trace WHERE guest = $guest", bound).await.expect("traces")
}

async fn prefers_no_feathers(desk: &Planning, guest: GuestId) {
    let sql = "CREATE ONLY $preference SET guest = $guest, area = 'bedding', code = 'feather_free', stated = true, \
               author = 'Li', at = $now RETURN NONE";
    let bound = vars()
        .with("preference", record("preference", PreferenceId::new()))
        .with("guest", record("guest", guest))
        .with("now", desk.house.clock.now());
    desk.house.db.query(sql, bound).await.expect("a preference");
}

/// Someone who wants no feathers, with a booking.
async fn comes(desk: &Planning, name: &str, status: &str, arrival: &str, departure: &str) -> (GuestId, RecordId) {
    let guest = desk.guest(name, "").await;
    prefers_no_feathers(desk, guest).await;
    let booking = desk.booking(guest, status, arrival, departure).await;
    (guest, booking)
}

async fn save(device: &mut Device, fields: &Fields) {
    device.call::<SaveTraceRule>(fields).await.expect("a rule");
}

async fn pause(device: &mut Device, rule: TraceRuleId, active: bool) {
    let fields = [("rule", rule.to_string()), ("active", active.to_string())];
    device.call::<PauseTraceRule>(&fields).await.expect("changed");
}

/// What the job does every minute.
async fn look(house: &House) -> Made {
    rules::run_due(&house.db, house.clock.now()).await.expect("looked at")
}

async fn listed(device: &mut Device, department: &str) -> Vec<Trace> {
    let list = device.call::<Traces>(&[("department", department.to_owned())]).await.expect("a list");
    list.traces.into_iter().filter(|trace| trace.resolved.is_none()).collect()
}

#[tokio::test]
async fn a_preference_is_a_trace_before_each_arrival() {
    let desk = Planning::open().await;
    let (guest, _) = comes(&desk, "Reis", "reserved", "2026-11-24", "2026-11-28").await;
    // Nobody who is here already, or who likes feathers.
    comes(&desk, "Sousa", "checked_in", "2026-11-22", "2026-11-28").await;
    let other = desk.guest("Prado", "").await;
    desk.booking(other, "reserved", "2026-11-24", "2026-11-26").await;
    let mut manager = desk.house.device("manager", "desk").await;
    let id = TraceRuleId::new();
    save(&mut manager, &feather_free(id)).await;
    // Sent twice it is one rule, and another look makes nothing more.
    save(&mut manager, &feather_free(id)).await;
    assert_eq!(look(&desk.house).await, Made::default());

    let mut floor = desk.house.device("floor", "floor").await;
    let traces = listed(&mut floor, "floor").await;
    let [trace] = traces.as_slice() else { panic!("one trace: {traces:?}") };
    assert_eq!(trace.about.as_ref().map(|about| about.guest), Some(guest));
    assert_eq!((trace.kind, trace.text.as_deref()), (TraceKind::Rule, Some(FEATHERS)));
    assert_eq!((trace.due.as_str(), trace.room.as_deref()), ("2026-11-23", Some("904")));
    assert_eq!(trace.by, "The manager");
    let source = trace.source.clone().expect("a source");
    assert_eq!((source.on, source.day.as_deref()), (RuleDay::Arrival, Some("2026-11-24")));
    assert_eq!(source.code, Some(PreferenceCode::FeatherFree));
    // A host does not see how guests sleep: what is asked for, and not by which preference.
    let mut host = desk.house.device("host", "restaurant").await;
    let seen = listed(&mut host, "floor").await;
    assert_eq!(seen[0].source.as_ref().map(|source| source.code), Some(None));
    let page = floor.get("/traces?department=floor").await.text().await.expect("a page");
    assert!(page.contains(FEATHERS) && page.contains("Floors and housekeeping"), "{page}");
    // What is learnt on the day itself is due on it.
    comes(&desk, "Tavares", "reserved", "2026-11-23", "2026-11-24").await;
    assert_eq!(look(&desk.house).await, Made { made: 1, ..Made::default() });
    assert!(listed(&mut floor, "floor").await.iter().all(|trace| trace.due == "2026-11-23"));
}

#[tokio::test]
async fn a_booking_takes_its_traces_along() {
    let desk = Planning::open().await;
    let (guest, booking) = comes(&desk, "Reis", "reserved", "2026-11-25", "2026-11-28").await;
    let mut manager = desk.house.device("manager", "desk").await;
    save(&mut manager, &feather_free(TraceRuleId::new())).await;
    let set = async |sql: &str| {
        let bound = vars().with("booking", booking.clone()).with("guest", record("guest", guest));
        desk.house.db.query(sql, bound).await.expect("changed");
    };
    let mut floor = desk.house.device("floor", "floor").await;
    let (dropped, made) = (Made { dropped: 1, ..Made::default() }, Made { made: 1, ..Made::default() });

    desk.status(&booking, "cancelled").await;
    assert_eq!(look(&desk.house).await, dropped);
    assert!(listed(&mut floor, "floor").await.is_empty());
    desk.status(&booking, "reserved").await;
    assert_eq!(look(&desk.house).await, made, "it is booked again");

    set("UPDATE $booking SET arrival = '2026-11-27' RETURN NONE").await;
    assert_eq!(look(&desk.house).await, Made { made: 1, dropped: 1, ..Made::default() });
    set("UPDATE $booking SET room = '1001' RETURN NONE").await;
    assert_eq!(look(&desk.house).await, Made { changed: 1, ..Made::default() });
    let traces = listed(&mut floor, "floor").await;
    let [trace] = traces.as_slice() else { panic!("one trace: {traces:?}") };
    assert_eq!((trace.due.as_str(), trace.room.as_deref()), ("2026-11-26", Some("1001")));

    set("UPDATE preference SET contradicted_at = time::now() WHERE guest = $guest RETURN NONE").await;
    assert_eq!(look(&desk.house).await, dropped, "it does not hold");
    set("UPDATE preference SET contradicted_at = NONE WHERE guest = $guest RETURN NONE").await;
    assert_eq!(look(&desk.house).await, made);

    floor.call::<ResolveTrace>(&[("trace", trace.id.to_string())]).await.expect("seen to");
    assert_eq!(look(&desk.house).await, Made::default(), "what was done is not asked for again");
    desk.status(&booking, "cancelled").await;
    assert_eq!(look(&desk.house).await, Made::default(), "and stays done");
}

#[tokio::test]
async fn what_was_not_done_stays_for_whoever_came() {
    let desk = Planning::open().await;
    let (came, arrived) = comes(&desk, "Reis", "reserved", "2026-11-23", "2026-11-28").await;
    let (_, absent) = comes(&desk, "Sousa", "reserved", "2026-11-23", "2026-11-28").await;
    let mut manager = desk.house.device("manager", "desk").await;
    save(&mut manager, &feather_free(TraceRuleId::new())).await;
    desk.house.clock.set(monday() + TimeDelta::days(1));
    desk.status(&arrived, "checked_in").await;
    desk.status(&absent, "no_show").await;
    assert_eq!(look(&desk.house).await, Made { dropped: 1, ..Made::default() });
    let mut floor = desk.house.device("floor", "floor").await;
    let traces = listed(&mut floor, "floor").await;
    let [trace] = traces.as_slice() else { panic!("one trace: {traces:?}") };
    assert_eq!(trace.about.as_ref().map(|about| about.guest), Some(came));
    assert!(trace.overdue && trace.due == "2026-11-23", "{trace:?}");
}

#[tokio::test]
async fn the_floor_is_asked_once_to_greet_on_a_birthday() {
    for campaign_first in [true, false] {
        let desk = Planning::open().await;
        let guest = desk.born("here", "--11-24").await;
        desk.booking(guest, "checked_in", "2026-11-22", "2026-11-26").await;
        let unseen = desk.guest("unseen", "birthday = '--11-24', incognito = true").await;
        desk.booking(unseen, "checked_in", "2026-11-22", "2026-11-26").await;
        let mut manager = desk.house.device("manager", "desk").await;
        let (floors, cooks) = (TraceRuleId::new(), TraceRuleId::new());
        desk.campaign(CampaignKind::Birthday, &plain()).await;
        if campaign_first {
            desk.plan().await;
        }
        save(&mut manager, &occasions(floors)).await;
        if !campaign_first {
            desk.plan().await;
        }
        let rows = rows_about(&desk, guest).await;
        let [row] = rows.as_slice() else { panic!("asked once: {rows:?}") };
        assert_eq!((row.kind.as_str(), row.text.as_deref()), ("birthday", Some("A card and flowers")));
        assert!(row.rule.is_some() && row.occurrence.is_some(), "it stands for both: {row:?}");
        assert!(rows_about(&desk, unseen).await.is_empty(), "does not want to be recognised");
        // What the kitchen does is something else.
        save(&mut manager, &with(with(occasions(cooks), "department", "restaurant"), "text", "A cake")).await;
        let departments: Vec<_> = rows_about(&desk, guest).await.into_iter().map(|row| row.department).collect();
        assert!(departments.len() == 2 && departments.contains(&"restaurant".to_owned()), "{departments:?}");
        // Without the rule the greeting of the campaign is still to be given.
        for rule in [floors, cooks] {
            pause(&mut manager, rule, false).await;
        }
        look(&desk.house).await;
        let open: Vec<_> = rows_about(&desk, guest).await.into_iter().filter(|row| row.state == "open").collect();
        let [row] = open.as_slice() else { panic!("one is left: {open:?}") };
        assert_eq!((row.department.as_str(), row.text.as_deref(), row.rule.is_none()), ("floor", None, true));
        pause(&mut manager, floors, true).await;
        let texts: Vec<_> = rows_about(&desk, guest).await.into_iter().filter_map(|row| row.text).collect();
        assert!(texts.contains(&"A card and flowers".to_owned()), "{texts:?}");
    }
}

#[tokio::test]
async fn other_days_that_a_guest_keeps_count_in_house() {
    let desk = Planning::open().await;
    let guest = desk.guest("Reis", "").await;
    let booking = desk.booking(guest, "checked_in", "2026-11-22", "2026-11-26").await;
    for day in ["11-25", "11-28"] {
        let sql = "CREATE ONLY $occasion SET guest = $guest, kind = 'anniversary', day = $day, author_name = 'Li', \
                   at = $now RETURN NONE";
        let bound = vars()
            .with("occasion", record("occasion", OccasionId::new()))
            .with("guest", record("guest", guest))
            .with("day", day)
            .with("now", desk.house.clock.now());
        desk.house.db.query(sql, bound).await.expect("an occasion");
    }
    let mut manager = desk.house.device("manager", "desk").await;
    save(&mut manager, &with(occasions(TraceRuleId::new()), "days_before", "1")).await;
    let mut floor = desk.house.device("floor", "floor").await;
    let about = |traces: Vec<Trace>| -> Vec<Trace> {
        traces.into_iter().filter(|trace| trace.about.as_ref().is_some_and(|about| about.guest == guest)).collect()
    };
    let traces = about(listed(&mut floor, "floor").await);
    let [trace] = traces.as_slice() else { panic!("one day is in house: {traces:?}") };
    assert_eq!((trace.kind, trace.due.as_str()), (TraceKind::Occasion, "2026-11-24"));
    let source = trace.source.clone().expect("a source");
    assert_eq!((source.occasion, source.day.as_deref()), (Some(OccasionKind::Anniversary), Some("2026-11-25")));
    // The guest leaves earlier.
    let bound = vars().with("booking", booking);
    desk.house.db.query("UPDATE $booking SET departure = '2026-11-24' RETURN NONE", bound).await.expect("changed");
    assert_eq!(look(&desk.house).await.dropped, 1);
    assert!(about(listed(&mut floor, "floor").await).is_empty());
}

#[tokio::test]
async fn what_comes_again_and_again_can_be_changed_paused_and_gone_on_with() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    let id = TraceRuleId::new();
    save(&mut manager, &weekly(id)).await;
    let mut floor = house.device("floor", "floor").await;
    let days = |traces: Vec<Trace>| -> Vec<String> { traces.into_iter().map(|trace| trace.due).collect() };
    assert_eq!(days(listed(&mut floor, "floor").await), ["2026-11-23", "2026-11-30"]);

    house.clock.set(monday() + TimeDelta::days(7));
    assert_eq!(look(&house).await, Made { made: 1, ..Made::default() });
    let mut manager = house.device("manager", "desk").await;
    let mut floor = house.device("floor", "floor").await;
    let traces = listed(&mut floor, "floor").await;
    assert!(traces[0].overdue && traces[0].due == "2026-11-23", "{traces:?}");
    assert_eq!(traces[1].room.as_deref(), Some("Linen room"));
    assert_eq!(traces[1].kind, TraceKind::Recurring);

    save(&mut manager, &with(weekly(id), "text", "Count the towels")).await;
    let texts: Vec<_> = listed(&mut floor, "floor").await.into_iter().filter_map(|trace| trace.text).collect();
    assert_eq!(texts, ["Count the linen", "Count the towels", "Count the towels"], "what is over stays as it was");

    pause(&mut manager, id, false).await;
    assert_eq!(look(&house).await, Made::default());
    assert!(listed(&mut floor, "floor").await.is_empty(), "nobody needs them any more");
    let rules = manager.call::<TraceRules>(&[]).await.expect("the rules");
    assert_eq!(rules.rules.iter().map(|rule| rule.active).collect::<Vec<_>>(), [false]);
    // Changing one that is paused does not wake it.
    save(&mut manager, &weekly(id)).await;
    assert!(listed(&mut floor, "floor").await.is_empty());
    pause(&mut manager, id, true).await;
    assert_eq!(days(listed(&mut floor, "floor").await), ["2026-11-30", "2026-12-07"]);
}

#[tokio::test]
async fn rules_are_written_by_those_who_hand_out_work() {
    let house = House::open().await;
    for login in ["floor", "host", "concierge", "marketing", "admin"] {
        let mut device = house.device(login, "desk").await;
        assert_eq!(device.call::<TraceRules>(&[]).await, Err(AppError::Forbidden), "{login}");
        let fields = feather_free(TraceRuleId::new());
        assert_eq!(device.call::<SaveTraceRule>(&fields).await, Err(AppError::Forbidden), "{login}");
        let fields = [("rule", TraceRuleId::new().to_string()), ("active", "true".to_owned())];
        assert_eq!(device.call::<PauseTraceRule>(&fields).await, Err(AppError::Forbidden), "{login}");
    }
    let mut desk = house.device("reception", "desk").await;
    let guest = house.guest("M0001").await;
    let right = feather_free(TraceRuleId::new());
    let refusals = [
        ("code", "", Problem::Empty),
        ("code", "sleepy", Problem::NotKnown("sleepy".to_owned(), "@listed".to_owned())),
        ("days_before", "31", Problem::NotKnown("31".to_owned(), "@work_days_before".to_owned())),
        ("text", " ", Problem::Empty),
        ("on_day", "noon", Problem::NotKnown("noon".to_owned(), "@listed".to_owned())),
    ];
    for (field, given, problem) in refusals {
        let answer = desk.call::<SaveTraceRule>(&with(right.clone(), field, given)).await;
        assert_eq!(answer, Err(AppError::field(field, problem)), "{field}: {given:?}");
    }
    let nobody = with(right.clone(), "guest", &GuestId::new().to_string());
    assert_eq!(desk.call::<SaveTraceRule>(&nobody).await, Err(AppError::NotFound));
    let unknown = [("rule", TraceRuleId::new().to_string()), ("active", "false".to_owned())];
    assert_eq!(desk.call::<PauseTraceRule>(&unknown).await, Err(AppError::NotFound));
    // For one guest it needs no preference.
    save(&mut desk, &with(with(right, "guest", &guest.to_string()), "code", "")).await;
    let RuleList { today, rules, .. } = desk.call::<TraceRules>(&[]).await.expect("the rules");
    let [rule] = rules.as_slice() else { panic!("one rule: {rules:?}") };
    assert_eq!((today.as_str(), rule.by.as_str()), ("2026-11-23", "The reception"));
    assert_eq!((rule.department, rule.on, rule.days_before), (StationKind::Floor, RuleDay::Arrival, 1));
    assert_eq!(rule.about.as_ref().map(|about| about.guest), Some(guest));
}

#[tokio::test]
async fn a_rule_is_written_without_scripts_and_what_was_typed_stays() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    let page = desk.get("/traces/rules?preset=feather_free").await.text().await.expect("a page");
    assert!(page.contains("No rules yet") && page.contains("pillows and duvet"), "{page}");
    let fields = with(feather_free(TraceRuleId::new()), "code", "");
    let answer = desk.post(SaveTraceRule::PATH, &fields, "text/html").await;
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], "/traces/rules");
    let page = desk.get("/traces/rules").await.text().await.expect("a page");
    assert!(page.contains(FEATHERS) && page.contains("Please fill this in."), "{page}");
    desk.post(SaveTraceRule::PATH, &with(fields, "code", "feather_free"), "text/html").await;
    let page = desk.get("/traces/rules").await.text().await.expect("a page");
    assert!(page.contains("1 day before the arrival: Feather-free"), "{page}");
}

#[tokio::test]
async fn two_servers_that_look_at_once_make_each_trace_once() {
    let desk = Planning::open().await;
    let mut manager = desk.house.device("manager", "desk").await;
    save(&mut manager, &feather_free(TraceRuleId::new())).await;
    for number in 0..60 {
        comes(&desk, &format!("g{number}"), "reserved", "2026-11-24", "2026-11-26").await;
    }
    let (other, now) = (desk.house.db.sibling(), desk.house.clock.now());
    let both = futures::join!(rules::run_due(&desk.house.db, now), rules::run_due(&other, now));
    both.0.expect("looked at");
    both.1.expect("looked at");
    let made: Vec<RecordId> =
        desk.house.db.rows("SELECT VALUE id FROM trace WHERE kind = 'rule'", vars()).await.expect("traces");
    assert_eq!(made.len(), 60);
    assert_eq!(look(&desk.house).await, Made::default());
}
