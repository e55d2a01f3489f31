//! What a house of 1,000,000 guests pays for its memory: 1,000 cards of random guests, their timelines, the arrivals and
//! the work list, beside the same in a house of 10,000. `make bench NAME=cards`; fewer guests with
//! `RAPPORT_BENCH_GUESTS`. The goal is a ratio below 1.5.

mod parts;

use chrono::{DateTime, Days, NaiveDate, Utc};
use parts::{Spread, house::House, line, nanos};
use rapport::{
    guests::{card::GuestCard, store::opened, timeline::store::page},
    ids::{GuestId, ReservationId, TraceId},
    requests::traces::store::{Whose, list as work_list},
    server::db::{record, vars},
    staff::{
        Role,
        guard::{SeeBriefings, SeeGuests, SeeLists, SeeTraces},
    },
    stays::{DayList, briefing, store::day_lists},
};
use std::time::Instant;
use surrealdb::types::{RecordId, SurrealValue};

/// Guests of the house that the large one is compared with.
const FEW: usize = 10_000;
/// Random cards and timelines that are opened, and how often each list is.
const OPENED: usize = 1_000;
const LISTED: usize = 100;
/// Opened before anything is measured.
const WARM: usize = 200;
/// The day of either house: who arrives, who is in house, and what is to be done.
const ARRIVALS: usize = 150;
const IN_HOUSE: usize = 200;
const TRACES: usize = 200;
/// Guests that are written at once.
const CHUNK: usize = 1_000;

fn main() {
    let set = std::env::var("RAPPORT_BENCH_GUESTS").ok();
    let many: usize = set.and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(many.max(FEW)));
}

async fn run(many: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path()).await;
    let now = Utc::now();
    let mut guests = Vec::with_capacity(many);
    fill(&house, &mut guests, FEW, now).await;
    today(&house, &guests, now).await;
    let small = measure(&house, &guests).await;
    let began = Instant::now();
    fill(&house, &mut guests, many, now).await;
    println!("{many} guests, the last {} stored in {:.0} s", many - FEW, began.elapsed().as_secs_f64());
    let large = measure(&house, &guests).await;
    println!("the peer is the same house with {FEW} guests; the goal is a ratio below 1.5");
    for (name, large, small) in large.iter().zip(&small).map(|((name, large), (_, small))| (name, large, small)) {
        for (share_name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let (large, small) = (large.millis(share), small.millis(share));
            line(&format!("cards/{name}/{share_name}"), large, "small", small, "ms");
        }
    }
}

/// How long each thing takes, in nanoseconds.
async fn measure(house: &House, guests: &[GuestId]) -> Vec<(&'static str, Spread)> {
    let db = &house.state.db;
    let (sees, lists) = (house.may::<SeeGuests>().await, house.may::<SeeLists>().await);
    let (works, briefs) = (house.may::<SeeTraces>().await, house.may::<SeeBriefings>().await);
    let here = &sees.actor().house;
    let now = Utc::now();
    // The same guests in each run of the benchmark.
    let mut random = fastrand::Rng::with_seed(7);
    let mut some = || guests[random.usize(..guests.len())];
    let (mut cards, mut timelines) = (Vec::with_capacity(OPENED), Vec::with_capacity(OPENED));
    for at in 0..WARM + OPENED {
        let guest = some();
        let began = nanos();
        let dossier = opened(db, here, now, guest).await.expect("an answer").expect("a guest");
        assert!(GuestCard::for_role(Role::Manager, dossier).is_some(), "a card");
        let card = nanos();
        let timeline = page(db, &sees, now, guest, &[], None).await.expect("a timeline");
        assert!(!timeline.moments.is_empty(), "everybody was here");
        if at >= WARM {
            cards.push(card - began);
            timelines.push(nanos() - card);
        }
    }
    let (mut arrivals, mut in_house, mut work, mut briefings) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..LISTED {
        let began = nanos();
        let listed = day_lists(db, &lists, now, DayList::Arrivals).await.expect("a list");
        assert_eq!(listed.lines.len(), ARRIVALS);
        let first = nanos();
        day_lists(db, &lists, now, DayList::InHouse).await.expect("a list");
        let second = nanos();
        work_list(db, &works, Whose::All, now).await.expect("a list");
        let third = nanos();
        let today = Some(now.date_naive());
        briefing::store::list(db, &briefs, now, today).await.expect("a list");
        arrivals.push(first - began);
        in_house.push(second - first);
        work.push(third - second);
        briefings.push(nanos() - third);
    }
    [
        ("card", cards),
        ("timeline", timelines),
        ("arrivals", arrivals),
        ("in-house", in_house),
        ("work-list", work),
        ("briefings", briefings),
    ]
    .map(|(name, took)| (name, Spread::of(took)))
    .into()
}

#[derive(SurrealValue)]
struct GuestRow {
    id: RecordId,
    revision: i64,
    first: String,
    last: String,
    language: Option<String>,
    vip: i64,
    phones: Vec<String>,
    emails: Vec<String>,
    birthday: Option<String>,
    membership: Option<String>,
    deceased: bool,
    blocklisted: bool,
    incognito: bool,
    match_keys: Vec<String>,
}

#[derive(SurrealValue)]
struct StayRow {
    id: RecordId,
    house: RecordId,
    number: String,
    guest: RecordId,
    arrival: String,
    departure: String,
    room_type: String,
    room: Option<String>,
    adults: i64,
    children: i64,
    meal_plan: String,
    rate: i64,
    currency: String,
    segment: String,
    status: String,
    source: String,
    fingerprint: String,
}

#[derive(SurrealValue)]
struct PreferenceRow {
    id: RecordId,
    guest: RecordId,
    area: String,
    code: Option<String>,
    stated: bool,
    author: String,
    at: DateTime<Utc>,
    times: i64,
    cue: String,
}

#[derive(SurrealValue)]
struct TraceRow {
    id: RecordId,
    house: RecordId,
    guest: Option<RecordId>,
    department: String,
    kind: String,
    text: Option<String>,
    due: String,
    state: String,
    author_name: String,
    at: DateTime<Utc>,
}

/// Keeps guests until there are so many, each with a stay that is over, a preference, and for one in ten a trace that
/// was resolved.
async fn fill(house: &House, guests: &mut Vec<GuestId>, until: usize, now: DateTime<Utc>) {
    while guests.len() < until {
        let first = guests.len();
        let fresh: Vec<GuestId> = (first..until.min(first + CHUNK)).map(|_| GuestId::new()).collect();
        let (mut rows, mut stays, mut preferences, mut traces) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (number, guest) in (first..).zip(&fresh) {
            let id = record("guest", guest);
            let days = 30 + u64::try_from(number % 1_500).expect("few");
            let departure = now.date_naive() - Days::new(days);
            rows.push(GuestRow {
                id: id.clone(),
                revision: 1,
                first: format!("Given{number}"),
                last: format!("Family{number}"),
                language: Some("en".to_owned()),
                vip: 0,
                phones: vec![format!("+3519{number:08}")],
                emails: vec![format!("guest{number}@post.example")],
                birthday: Some("--06-21".to_owned()),
                membership: Some(format!("M{number}")),
                deceased: false,
                blocklisted: false,
                incognito: false,
                match_keys: vec![format!("member:M{number}")],
            });
            stays.push(stay(house, guest, number, departure - Days::new(3), departure, "checked_out"));
            preferences.push(PreferenceRow {
                id: record("preference", uuid::Uuid::now_v7()),
                guest: id.clone(),
                area: "bedding".to_owned(),
                code: Some("feather_free".to_owned()),
                stated: true,
                author: "Li".to_owned(),
                at: now,
                times: 1,
                cue: "silent".to_owned(),
            });
            if number.is_multiple_of(10) {
                traces.push(trace(house, guest, departure, "resolved", now));
            }
        }
        keep(house, rows, stays, preferences, traces).await;
        guests.extend(fresh);
    }
}

/// The day: the same in a house of any size.
async fn today(house: &House, guests: &[GuestId], now: DateTime<Utc>) {
    let today = now.date_naive();
    let (mut stays, mut traces) = (Vec::new(), Vec::new());
    for (number, guest) in guests.iter().take(ARRIVALS + IN_HOUSE).enumerate() {
        let (arrival, status) =
            if number < ARRIVALS { (today, "reserved") } else { (today - Days::new(1), "checked_in") };
        stays.push(stay(house, guest, 100_000_000 + number, arrival, today + Days::new(3), status));
        if number < TRACES {
            traces.push(trace(house, guest, today, "open", now));
        }
    }
    keep(house, Vec::new(), stays, Vec::new(), traces).await;
}

fn stay(
    house: &House,
    guest: &GuestId,
    number: usize,
    arrival: NaiveDate,
    departure: NaiveDate,
    status: &str,
) -> StayRow {
    StayRow {
        id: record("reservation", ReservationId::new()),
        house: record("house", house.id),
        number: number.to_string(),
        guest: record("guest", guest),
        arrival: arrival.to_string(),
        departure: departure.to_string(),
        room_type: "D".to_owned(),
        room: Some(format!("{}", 100 + number % 900)),
        adults: 1,
        children: 0,
        meal_plan: "BB".to_owned(),
        rate: 14_200,
        currency: "EUR".to_owned(),
        segment: "Direct".to_owned(),
        status: status.to_owned(),
        source: String::new(),
        fingerprint: number.to_string(),
    }
}

fn trace(house: &House, guest: &GuestId, due: NaiveDate, state: &str, now: DateTime<Utc>) -> TraceRow {
    TraceRow {
        id: record("trace", TraceId::new()),
        house: record("house", house.id),
        guest: Some(record("guest", guest)),
        department: "floor".to_owned(),
        kind: "note".to_owned(),
        text: Some("Flowers".to_owned()),
        due: due.to_string(),
        state: state.to_owned(),
        author_name: "Li".to_owned(),
        at: now,
    }
}

async fn keep(
    house: &House,
    guests: Vec<GuestRow>,
    stays: Vec<StayRow>,
    preferences: Vec<PreferenceRow>,
    traces: Vec<TraceRow>,
) {
    let parts = [
        ("guest", "guests", guests.is_empty()),
        ("reservation", "stays", stays.is_empty()),
        ("preference", "preferences", preferences.is_empty()),
        ("trace", "traces", traces.is_empty()),
    ];
    let sql: Vec<String> = parts
        .into_iter()
        .filter(|(.., is_empty)| !is_empty)
        .map(|(table, rows, _)| format!("INSERT INTO {table} ${rows} RETURN NONE;"))
        .collect();
    let bound =
        vars().with("guests", guests).with("stays", stays).with("preferences", preferences).with("traces", traces);
    house.state.db.query(&sql.concat(), bound).await.expect("stored");
}
