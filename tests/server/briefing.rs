//! The sheet before the visit: whom to expect, what to prepare, what to ask; and who is shown what of it.

use crate::{
    harness::{Device, HEADER, House},
    recovery::{self, PROMISE, WHAT, complaint, repair},
};
use leptos::server_fn::ServerFn;
use rapport::{
    error::{AppError, Problem},
    guests::{PreferenceCode, PreferenceValue, api::AddPreference},
    ids::{GuestId, RecoveryId, TraceId},
    requests::{
        recovery::api::{ChangeRecovery, RaiseRecovery},
        traces::api::WriteTrace,
    },
    server::{
        clock::Clock,
        db::{record, vars},
    },
    staff::api::AuditTrail,
    stays::briefing::{
        Briefing, BriefingList, Missing, Question, Shared,
        api::{Briefings, OpenBriefing},
    },
};

/// Ms Teste comes in two days, for the second time. She gives the telephone number of another guest.
const TESTE: [&str; 2] = [
    "1007,CITY,Ms,Ana,Teste,,PRT,pt,ana@post.example,+351 912 555 010,,V1,M0006,2025-03-01,2025-03-04,A,502,1,0,BB,90,EUR,\
     Direct,CHECKED OUT,,,",
    "1008,CITY,Ms,Ana,Teste,,PRT,pt,ana@post.example,+351 912 555 010,,V1,M0006,2026-11-25,2026-11-28,A,503,1,0,BB,90,EUR,\
     Direct,RESERVED,Feather-free bedding,,",
];

async fn teste(house: &House) -> GuestId {
    house.import(&format!("{HEADER}\n{}\n{}\n", TESTE[0], TESTE[1])).await;
    house.guest("M0006").await
}

async fn list(device: &mut Device, day: &str) -> Result<BriefingList, AppError> {
    device.call::<Briefings>(&[("day", day.to_owned())]).await
}

async fn sheet(device: &mut Device, guest: GuestId) -> Result<Briefing, AppError> {
    device.call::<OpenBriefing>(&[("guest", guest.to_string())]).await
}

fn task(guest: GuestId, text: &str) -> [(&'static str, String); 7] {
    [
        ("id", TraceId::new().to_string()),
        ("guest", guest.to_string()),
        ("department", "floor".to_owned()),
        ("text", text.to_owned()),
        ("due", "2026-11-25".to_owned()),
        ("time", String::new()),
        ("room", "503".to_owned()),
    ]
}

#[tokio::test]
async fn arrivals_are_listed_two_days_ahead() {
    let house = House::open().await;
    let guest = teste(&house).await;
    let mut desk = house.device("reception", "desk").await;
    desk.call::<WriteTrace>(&task(guest, "White roses")).await.expect("written");
    let ahead = list(&mut desk, "").await.expect("a list");
    assert_eq!((ahead.today.to_string(), ahead.day.to_string()), ("2026-11-23".to_owned(), "2026-11-25".to_owned()));
    let [arrival] = ahead.arrivals.as_slice() else { panic!("one arrival: {ahead:?}") };
    assert_eq!((arrival.line.guest, arrival.line.room.as_deref()), (guest, Some("503")));
    assert_eq!((arrival.stay_number, arrival.traces, arrival.cue.is_none()), (Some(2), 1, true));
    // How to say the name, the birthday, and what she does not eat.
    assert_eq!(arrival.questions, 3);
    let today = list(&mut desk, "2026-11-23").await.expect("a list");
    assert_eq!(today.arrivals.iter().map(|arrival| arrival.line.name.last.as_str()).collect::<Vec<_>>(), ["Sato"]);
    assert_eq!(today.arrivals[0].stay_number, Some(1));
    let bad = list(&mut desk, "soon").await;
    assert_eq!(bad, Err(AppError::field("day", Problem::NotDate("soon".to_owned()))));

    // The house briefs a day ahead from now on.
    let here = vars().with("house", record("house", house.id));
    let sql = r#"UPDATE $house SET memory = '{"briefing_days":1}' RETURN NONE"#;
    house.db.query(sql, here).await.expect("set");
    assert_eq!(list(&mut desk, "").await.expect("a list").day.to_string(), "2026-11-24");

    let mut host = house.device("host", "restaurant").await;
    let seen = list(&mut host, "2026-11-25").await.expect("a list");
    let arrival = &seen.arrivals[0];
    assert_eq!((arrival.stay_number, &arrival.line.dates, arrival.questions), (None, &None, 0));
    let page = desk.get("/briefings?day=2026-11-25").await.text().await.expect("a page");
    assert!(page.contains("Ms Teste") && page.contains("1 to prepare") && page.contains("3 questions"), "{page}");
}

#[tokio::test]
async fn a_sheet_tells_what_to_prepare_and_what_to_ask() {
    let house = House::open().await;
    let guest = teste(&house).await;
    let mut desk = house.device("reception", "desk").await;
    desk.call::<WriteTrace>(&task(guest, "White roses")).await.expect("written");
    let seen = [
        ("guest", guest.to_string()),
        ("group", "drinks".to_owned()),
        ("value", "Jasmine tea".to_owned()),
        ("stated", "false".to_owned()),
    ];
    desk.call::<AddPreference>(&seen).await.expect("kept");
    let id = RecoveryId::new();
    desk.call::<RaiseRecovery>(&complaint(Some(id), guest)).await.expect("raised");
    let mended = recovery::with(repair(&recovery::page(&mut desk, id).await), "result", "A suite, and flowers");
    desk.call::<ChangeRecovery>(&mended).await.expect("changed");

    let made = sheet(&mut desk, guest).await.expect("a sheet");
    let texts: Vec<_> = made.traces.iter().filter_map(|trace| trace.text.as_deref()).collect();
    assert!(texts.contains(&"White roses") && texts.contains(&PROMISE), "{texts:?}");
    let tea = PreferenceValue::Text("Jasmine tea".to_owned());
    let missing = [Missing::Say, Missing::Birthday, Missing::Dietary].map(Question::Missing);
    assert_eq!(made.questions[..3], missing);
    assert!(made.questions[3..].iter().any(|ask| matches!(ask, Question::Once(_, value) if *value == tea)));
    assert_eq!(
        made.complaints.iter().map(|line| line.result.as_deref()).collect::<Vec<_>>(),
        [Some("A suite, and flowers")]
    );
    let feathers = PreferenceValue::Coded(PreferenceCode::FeatherFree);
    assert!(made.card.preferences().iter().any(|known| known.value == feathers));
    // Another guest has her telephone number.
    let other = house.guest("M0002").await;
    assert_eq!(
        made.doubles.iter().map(|double| (double.guest, double.shared)).collect::<Vec<_>>(),
        [(other, Shared::Phone)]
    );

    let page = desk.get(&format!("/briefings/{guest}")).await;
    assert_eq!(page.status(), 200);
    let page = page.text().await.expect("a page");
    for words in [
        "Ms Teste",
        "White roses",
        "Put right: A suite, and flowers",
        "How is the name pronounced?",
        "Jasmine tea. It was seen once. Is it a wish?",
        "Jasmine tea (seen once, last on 23 Nov 2026 by The reception)",
        "Last here until 4 March 2025, room 502",
        "May be the same person",
        "Müller-Baptista",
        "Print this sheet",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let manager = house.device("manager", "desk").await.get(&format!("/briefings/{guest}")).await;
    let manager = manager.text().await.expect("a page");
    assert!(manager.contains("Rooms: EUR\u{a0}270.00"), "three nights at ninety: {manager}");
    assert!(!page.contains("Rooms: "), "the desk sees no spend: {page}");
    let trail = house.device("manager", "desk").await.call::<AuditTrail>(&[]).await.expect("the audit");
    let entry = trail.iter().find(|row| row.action == "opened_briefing").expect("an entry");
    assert_eq!(entry.guest.as_ref().map(|(guest, _)| *guest), Some(guest));
}

#[tokio::test]
async fn a_sheet_tells_each_role_what_it_may_see() {
    let house = House::open().await;
    let guest = teste(&house).await;
    let mut desk = house.device("reception", "desk").await;
    desk.call::<RaiseRecovery>(&complaint(Some(RecoveryId::new()), guest)).await.expect("raised");
    let dish = [("guest", guest.to_string()), ("group", "dishes".to_owned()), ("value", "Eggs over easy".to_owned())];
    desk.call::<AddPreference>(&dish).await.expect("kept");
    for (login, in_full, dines, asks) in [
        ("reception", true, true, true),
        ("manager", true, true, true),
        ("concierge", true, false, false),
        ("floor", false, false, false),
        ("host", false, true, false),
    ] {
        let mut device = house.device(login, "desk").await;
        let of = [("guest", guest.to_string())];
        let bytes = device.post(OpenBriefing::PATH, &of, "application/json").await.text().await.expect("a body");
        for word in [WHAT, PROMISE] {
            assert_eq!(bytes.contains(word), in_full, "{login}: {word} in {bytes}");
        }
        assert_eq!(bytes.contains("Eggs over easy"), dines, "{login}: {bytes}");
        assert_eq!(bytes.contains("\"missing\""), asks, "{login}: questions in {bytes}");
        assert_eq!(bytes.contains("Baptista"), asks, "{login}: who may be the same in {bytes}");
        assert_eq!(bytes.contains("27000"), login == "manager", "{login}: spend in {bytes}");
        let page = device.get(&format!("/briefings/{guest}")).await.text().await.expect("a page");
        let attentive = page.contains("There is a grave complaint.");
        assert_eq!(attentive, !in_full, "{login}: {page}");
    }
    for login in ["marketing", "admin"] {
        let mut device = house.device(login, "desk").await;
        assert_eq!(sheet(&mut device, guest).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(list(&mut device, "").await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.get("/briefings").await.status(), 403, "{login}");
    }
    assert_eq!(sheet(&mut desk, GuestId::new()).await, Err(AppError::NotFound));
}

#[tokio::test]
async fn what_was_seen_long_ago_is_asked_again() {
    let house = House::open().await;
    let guest = house.guest("M0003").await;
    let mut desk = house.device("reception", "desk").await;
    let tea = [("guest", guest.to_string()), ("group", "drinks".to_owned()), ("value", "Jasmine tea".to_owned())];
    desk.call::<AddPreference>(&tea).await.expect("kept");
    let three = vars().with("guest", record("guest", guest)).with("now", house.clock.now());
    let sql = "UPDATE preference SET times = 3, last_at = $now WHERE guest = $guest AND area = 'drinks' RETURN NONE";
    house.db.query(sql, three).await.expect("a habit");
    let about_tea = async |desk: &mut Device| {
        let made = sheet(desk, guest).await.expect("a sheet");
        let value = PreferenceValue::Text("Jasmine tea".to_owned());
        made.questions
            .into_iter()
            .find(|ask| matches!(ask, Question::Once(_, what) | Question::Stale(_, what) if *what == value))
    };
    assert_eq!(about_tea(&mut desk).await, None, "it is a habit");
    let old =
        vars().with("guest", record("guest", guest)).with("then", house.clock.now() - chrono::TimeDelta::days(731));
    let sql = "UPDATE preference SET last_at = $then WHERE guest = $guest AND area = 'drinks' RETURN NONE";
    house.db.query(sql, old).await.expect("long ago");
    assert!(matches!(about_tea(&mut desk).await, Some(Question::Stale(..))));
}
