//! Whose work it is: the list in its order, what is taken and given, and what becomes of it when somebody leaves.

use crate::{
    harness::{Device, House, PASSWORD, monday},
    traces::{form, with},
};
use chrono::{DateTime, TimeDelta, Utc};
use leptos::server_fn::ServerFn;
use rapport::{
    error::{AppError, Problem},
    guests::api::AddNote,
    ids::{RecoveryId, StaffId, TraceId},
    requests::traces::{
        OpenWork, Trace, TraceList,
        api::{AssignTrace, HandOverWork, ResolveTrace, Traces, Workloads, WriteTrace},
    },
    server::db::{record, vars},
    staff::api::{AddStaff, AuditTrail, RemoveStaff, StaffList},
};
use surrealdb::types::{RecordId, SurrealValue};

async fn list(device: &mut Device, fields: &[(&str, &str)]) -> TraceList {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    device.call::<Traces>(&fields).await.expect("a list")
}

/// Writes a trace for the floors. Returns its id.
async fn write(device: &mut Device, text: &str, due: &str, time: &str) -> TraceId {
    let id = TraceId::new();
    let fields = with(form(id, text, due), "time", time);
    device.call::<WriteTrace>(&fields).await.expect("written");
    id
}

async fn assign(device: &mut Device, trace: TraceId, person: &str) -> Result<(), AppError> {
    device.call::<AssignTrace>(&[("trace", trace.to_string()), ("person", person.to_owned())]).await
}

pub async fn staff(house: &House, login: &str) -> StaffId {
    let mut manager = house.device("manager", "desk").await;
    let people = manager.call::<StaffList>(&[]).await.expect("the staff");
    people.into_iter().find(|person| person.login == login).expect("a colleague").id
}

fn refused(given: &str, expected: &str) -> Problem {
    Problem::NotKnown(given.to_owned(), expected.to_owned())
}

fn texts(traces: &[Trace]) -> Vec<&str> {
    traces.iter().filter_map(|trace| trace.text.as_deref()).collect()
}

/// A complaint that somebody sees to.
async fn complaint(house: &House, owner: StaffId) -> RecordId {
    let id = record("recovery", RecoveryId::new());
    let sql = "CREATE ONLY $recovery SET house = $house, guest = $guest, what = 'Noise at night', cause = 'noise', \
               place = 'room', severity = 2, owner = $owner, owner_name = 'The floor', state = 'open', \
               month = '2026-11', author = $owner, author_name = 'The floor', at = $now RETURN NONE";
    let bound = vars()
        .with("recovery", id.clone())
        .with("house", record("house", house.id))
        .with("guest", record("guest", house.guest("M0001").await))
        .with("owner", record("staff", owner))
        .with("now", monday());
    house.db.query(sql, bound).await.expect("a complaint");
    id
}

#[tokio::test]
async fn what_is_overdue_comes_first_and_what_has_no_time_last() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    for (text, due, time) in [
        ("tomorrow early", "2026-11-24", "06:30"),
        ("any time today", "2026-11-23", ""),
        ("this evening", "2026-11-23", "18:00"),
        ("an hour ago", "2026-11-23", "8:00"),
        ("next week", "2026-11-30", ""),
    ] {
        write(&mut desk, text, due, time).await;
    }
    let mut floor = house.device("floor", "floor").await;
    let found = list(&mut floor, &[("department", "floor")]).await;
    let order = ["an hour ago", "this evening", "any time today", "tomorrow early", "next week"];
    assert_eq!(texts(&found.traces), order);
    let overdue: Vec<_> = found.traces.iter().map(|trace| trace.overdue).collect();
    assert_eq!(overdue, [true, false, false, false, false]);
    assert_eq!(found.traces[1].time.as_deref(), Some("18:00"));
    assert_eq!(found.open[1], 3, "due today");
    let page = floor.get("/traces?department=floor").await.text().await.expect("a page");
    assert!(page.contains("today, 18:00"), "{page}");
    // The next day what was not done is first, whatever its time.
    house.clock.set(monday() + TimeDelta::days(1));
    let mut floor = house.device("floor", "floor").await;
    let found = list(&mut floor, &[("department", "floor")]).await;
    assert_eq!(texts(&found.traces)[..3], ["an hour ago", "this evening", "any time today"]);
    assert_eq!(found.traces.iter().filter(|trace| trace.overdue).count(), 4);
}

#[tokio::test]
async fn a_trace_about_a_guest_rings_shortly_before_its_time() {
    #[derive(SurrealValue)]
    struct Row {
        rings_at: Option<DateTime<Utc>>,
        waits: bool,
    }
    let house = House::open().await;
    let guest = house.guest("M0001").await.to_string();
    let mut desk = house.device("reception", "desk").await;
    let rings = async |id: TraceId| {
        let row: Option<Row> = house
            .db
            .row("SELECT rings_at, waits FROM $trace", vars().with("trace", record("trace", id)))
            .await
            .expect("an answer");
        let Row { rings_at, waits } = row.expect("a trace");
        assert_eq!(rings_at.is_some(), waits);
        rings_at
    };
    let at = |hour: i64, minute: i64| Some(monday() + TimeDelta::hours(hour - 9) + TimeDelta::minutes(minute));
    for (about, time, rings_at) in [
        (guest.as_str(), "18:00", at(17, 50)),
        (guest.as_str(), "09:12", at(9, 2)),
        // What is over does not, and what is about nobody has no card to ring with.
        (guest.as_str(), "08:59", None),
        (guest.as_str(), "", None),
        ("", "18:00", None),
    ] {
        let id = TraceId::new();
        let fields = with(with(form(id, "Roses", "2026-11-23"), "time", time), "guest", about);
        desk.call::<WriteTrace>(&fields).await.expect("written");
        assert_eq!(rings(id).await, rings_at, "{time:?}");
        desk.call::<ResolveTrace>(&[("trace", id.to_string())]).await.expect("seen to");
        assert_eq!(rings(id).await, None, "what is done does not ring");
    }
}

#[tokio::test]
async fn work_is_taken_by_whoever_is_first_and_given_by_those_who_hand_it_out() {
    let house = House::open().await;
    let (mut floor, mut host) = (house.device("floor", "floor").await, house.device("host", "restaurant").await);
    let mut desk = house.device("reception", "desk").await;
    let trace = write(&mut desk, "Roses", "2026-11-23", "").await;
    let (the_floor, the_host) = (staff(&house, "floor").await, staff(&house, "host").await);

    assign(&mut floor, trace, "me").await.expect("taken");
    assert_eq!(assign(&mut host, trace, "me").await, Err(AppError::Conflict("The floor".to_owned())));
    assert_eq!(assign(&mut host, trace, "").await, Err(AppError::Conflict("The floor".to_owned())));
    assert_eq!(assign(&mut host, trace, &the_floor.to_string()).await, Err(AppError::Forbidden));
    let mine = list(&mut floor, &[("person", "me")]).await;
    assert_eq!((texts(&mine.traces), mine.mine, mine.person), (vec!["Roses"], 1, Some(the_floor)));
    assert_eq!(mine.traces[0].assigned, Some((the_floor, "The floor".to_owned())));
    assert!(mine.colleagues.is_empty(), "does not hand out work");

    assign(&mut desk, trace, &the_host.to_string()).await.expect("given");
    assert!(list(&mut floor, &[("person", "me")]).await.traces.is_empty());
    let person = the_host.to_string();
    let theirs = list(&mut desk, &[("person", &person)]).await;
    assert_eq!((texts(&theirs.traces), theirs.mine), (vec!["Roses"], 0));
    let names: Vec<_> = theirs.colleagues.iter().map(|who| who.name.as_str()).collect();
    assert_eq!(names, ["Bea", "The concierge", "The floor", "The host", "The manager", "The reception"]);
    let others = floor.call::<Traces>(&[("person", person.clone())]).await;
    assert_eq!(others, Err(AppError::Forbidden), "whose work it is concerns those who hand it out");

    for (login, name) in [("marketing", "The marketing"), ("admin", "The admin")] {
        let id = staff(&house, login).await.to_string();
        let answer = assign(&mut desk, trace, &id).await;
        assert_eq!(answer, Err(AppError::field("person", refused(name, "@work_colleague"))));
    }
    assign(&mut host, trace, "").await.expect("given back");
    assign(&mut floor, trace, "me").await.expect("taken again");
    let page = floor.get("/traces?person=me").await.text().await.expect("a page");
    assert!(page.contains("Roses") && page.contains("Give it back") && !page.contains("Hand over work"), "{page}");
    let page = desk.get("/traces?department=floor").await.text().await.expect("a page");
    assert!(page.contains("The floor does it") && page.contains("Hand over work"), "{page}");

    floor.call::<ResolveTrace>(&[("trace", trace.to_string())]).await.expect("seen to");
    assert_eq!(assign(&mut host, trace, "me").await, Err(AppError::Conflict("The floor".to_owned())));
    assert_eq!(assign(&mut desk, TraceId::new(), "me").await, Err(AppError::NotFound));
    let mut marketing = house.device("marketing", "desk").await;
    assert_eq!(assign(&mut marketing, trace, "me").await, Err(AppError::Forbidden));
    let mut manager = house.device("manager", "desk").await;
    let trail = manager.call::<AuditTrail>(&[]).await.expect("the audit");
    assert_eq!(trail.iter().filter(|row| row.action == "assigned_trace").count(), 4);
}

#[tokio::test]
async fn of_two_who_take_it_at_two_servers_one_has_it() {
    let house = House::open().await;
    let beside = house.beside(house.db.sibling()).await;
    let mut desk = house.device("reception", "desk").await;
    let mut floor = house.device("floor", "floor").await;
    let mut host = beside.served(&house.device("host", "restaurant").await);
    for round in 0..10 {
        let trace = write(&mut desk, &format!("Roses {round}"), "2026-11-23", "").await;
        let (one, other) = futures::join!(assign(&mut floor, trace, "me"), assign(&mut host, trace, "me"));
        let won = match (one, other) {
            (Ok(()), Err(AppError::Conflict(who))) => {
                assert_eq!(who, "The floor");
                "The floor"
            }
            (Err(AppError::Conflict(who)), Ok(())) => {
                assert_eq!(who, "The host");
                "The host"
            }
            other => panic!("one has it: {other:?}"),
        };
        let found = list(&mut desk, &[("department", "floor")]).await;
        let found = found.traces.into_iter().find(|found| found.id == trace).expect("on the list");
        assert_eq!(found.assigned.map(|(_, name)| name).as_deref(), Some(won));
    }
}

#[tokio::test]
async fn all_open_work_of_a_leaver_goes_to_another() {
    let house = House::open().await;
    let (the_floor, bea) = (staff(&house, "floor").await, staff(&house, "host2").await);
    let the_concierge = staff(&house, "concierge").await;
    let mut desk = house.device("reception", "desk").await;
    let mut floor = house.device("floor", "floor").await;
    let done = write(&mut floor, "Done before", "2026-11-23", "").await;
    let open = write(&mut floor, "Roses", "2026-11-23", "").await;
    for trace in [done, open] {
        assign(&mut desk, trace, &the_floor.to_string()).await.expect("given");
    }
    floor.call::<ResolveTrace>(&[("trace", done.to_string())]).await.expect("seen to");
    // More than go over at once, and far ahead.
    let sql = "CREATE |trace:450| SET house = $house, department = 'door', kind = 'note', text = 'Umbrellas', \
               due = '2027-06-01', state = 'open', author_name = 'Wei', at = $now, assigned = $floor, \
               assigned_name = 'The floor' RETURN NONE";
    let bound =
        vars().with("house", record("house", house.id)).with("now", monday()).with("floor", record("staff", the_floor));
    house.db.query(sql, bound).await.expect("much work");
    let recovery = complaint(&house, the_floor).await;

    let load = desk.call::<Workloads>(&[]).await.expect("the work");
    let of = |who: StaffId| load.iter().find(|load| load.who.id == who).map(|load| (load.may_take, load.open));
    assert_eq!(of(the_floor), Some((true, OpenWork { traces: 451, recoveries: 1 })));
    assert_eq!(of(bea), Some((true, OpenWork::default())));
    assert!(load.iter().all(|load| !["The marketing", "The admin"].contains(&load.who.name.as_str())));
    let page = desk.get(&format!("/traces/leaver?from={the_floor}")).await.text().await.expect("a page");
    assert!(page.contains("The floor (452)"), "{page}");

    let hand = |from: StaffId, to: StaffId| [("from", from.to_string()), ("to", to.to_string())];
    for login in ["floor", "host", "concierge", "marketing", "admin"] {
        let mut device = house.device(login, "desk").await;
        let answer = device.call::<HandOverWork>(&hand(the_floor, the_concierge)).await;
        assert_eq!(answer, Err(AppError::Forbidden), "{login}");
    }
    let same = desk.call::<HandOverWork>(&hand(the_floor, the_floor)).await;
    assert_eq!(same, Err(AppError::field("to", refused("The floor", "@work_other"))));
    let blind = desk.call::<HandOverWork>(&hand(the_floor, bea)).await;
    assert_eq!(blind, Err(AppError::field("to", refused("Bea", "@work_mender"))), "a host sees no complaints");
    let nobody = desk.call::<HandOverWork>(&hand(StaffId::new(), the_concierge)).await;
    assert_eq!(nobody, Err(AppError::NotFound));
    let unchosen = [("from", the_floor.to_string()), ("to", String::new())];
    let answer = desk.call::<HandOverWork>(&unchosen).await;
    assert_eq!(answer, Err(AppError::field("to", Problem::Empty)));

    let moved = desk.call::<HandOverWork>(&hand(the_floor, the_concierge)).await;
    assert_eq!(moved, Ok(OpenWork { traces: 451, recoveries: 1 }));
    let again = desk.call::<HandOverWork>(&hand(the_floor, the_concierge)).await;
    assert_eq!(again, Ok(OpenWork::default()), "there is nothing left");
    let person = the_concierge.to_string();
    let theirs = list(&mut desk, &[("person", &person)]).await;
    assert_eq!(texts(&theirs.traces), ["Roses"]);
    assert_eq!(theirs.traces[0].by, "The floor", "who wrote it stays");
    let seen = list(&mut desk, &[("department", "floor")]).await;
    let resolved = seen.traces.iter().find(|trace| trace.id == done).and_then(|trace| trace.resolved.clone());
    assert_eq!(resolved.map(|(who, _)| who).as_deref(), Some("The floor"), "and who did it");
    let owner: Option<String> = house
        .db
        .row("SELECT VALUE owner_name FROM $recovery WHERE revision = 2", vars().with("recovery", recovery))
        .await
        .expect("an answer");
    assert_eq!(owner.as_deref(), Some("The concierge"));

    // Without scripts the page says how much it was.
    let back = [("from", the_concierge.to_string()), ("to", the_floor.to_string())];
    let answer = desk.post(HandOverWork::PATH, &back, "text/html").await;
    assert_eq!(answer.headers()["location"], format!("/traces/leaver?from={the_concierge}").as_str(), "refused");
    let page = desk.get(&format!("/traces/leaver?from={the_concierge}")).await.text().await.expect("a page");
    assert!(page.contains("a colleague who sees complaints"), "{page}");
    let manager = staff(&house, "manager").await;
    let on = [("from", the_concierge.to_string()), ("to", manager.to_string())];
    let answer = desk.post(HandOverWork::PATH, &on, "text/html").await;
    assert_eq!(answer.headers()["location"], "/traces/leaver?traces=451&recoveries=1");
    let page = desk.get("/traces/leaver?traces=451&recoveries=1").await.text().await.expect("a page");
    assert!(page.contains("Traces: 451. Complaints: 1."), "{page}");
}

#[tokio::test]
async fn whoever_leaves_takes_nothing_along() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (the_floor, the_manager) = (staff(&house, "floor").await, staff(&house, "manager").await);
    let mut floor = house.device("floor", "floor").await;
    let (mut desk, mut manager) = (house.device("reception", "desk").await, house.device("manager", "desk").await);
    let note = [
        ("guest", guest.to_string()),
        ("text", "Hums Schubert".to_owned()),
        ("audience", "everyone".to_owned()),
        ("until", String::new()),
    ];
    floor.call::<AddNote>(&note).await.expect("a note");
    let trace = write(&mut floor, "Roses", "2026-11-23", "").await;
    assign(&mut floor, trace, "me").await.expect("taken");
    complaint(&house, the_floor).await;

    let remove = |who: StaffId| [("staff", who.to_string())];
    assert_eq!(desk.call::<RemoveStaff>(&remove(the_floor)).await, Err(AppError::Forbidden));
    let mut admin = house.device("admin", "desk").await;
    assert_eq!(admin.call::<RemoveStaff>(&remove(the_manager)).await, Err(AppError::Forbidden));
    let own = manager.call::<RemoveStaff>(&remove(the_manager)).await;
    assert_eq!(own, Err(AppError::field("staff", refused("The manager", "@colleague"))));
    let still = Problem::OpenWork { who: "The floor".to_owned(), count: 2 };
    let busy = manager.call::<RemoveStaff>(&remove(the_floor)).await;
    assert_eq!(busy, Err(AppError::field("staff", still)));
    let answer = manager.post(RemoveStaff::PATH, &remove(the_floor), "text/html").await;
    let page = format!("/manage/staff?person={the_floor}");
    assert_eq!(answer.headers()["location"], page.as_str());
    let text = manager.get(&page).await.text().await.expect("a page");
    assert!(text.contains("The floor still has 2 pieces of open work"), "{text}");
    assert!(text.contains(&format!("/traces/leaver?from={the_floor}")), "{text}");

    let hand = [("from", the_floor.to_string()), ("to", the_manager.to_string())];
    assert_eq!(manager.call::<HandOverWork>(&hand).await, Ok(OpenWork { traces: 1, recoveries: 1 }));
    manager.call::<RemoveStaff>(&remove(the_floor)).await.expect("removed");
    assert_eq!(manager.call::<RemoveStaff>(&remove(the_floor)).await, Err(AppError::NotFound), "once");
    assert_eq!(floor.call::<Traces>(&[]).await, Err(AppError::SignedOut), "at once");
    let mut browser = house.browser();
    let answer = browser.sign_in("floor", PASSWORD).await;
    assert!(matches!(answer, Err(AppError::Fields(_))), "{answer:?}");
    let people = manager.call::<StaffList>(&[]).await.expect("the staff");
    assert!(people.iter().all(|person| person.id != the_floor));
    // What he knew and did is the house's, under his name.
    let card = desk.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(card.contains("Hums Schubert") && card.contains("The floor"), "{card}");
    let found = list(&mut desk, &[("department", "floor")]).await;
    assert_eq!((found.traces[0].by.as_str(), found.traces[0].id), ("The floor", trace));
    let trail = manager.call::<AuditTrail>(&[]).await.expect("the audit");
    assert!(trail.iter().any(|row| row.who == "The floor" && row.action == "added_note"));
    let next = [
        ("login", "floor".to_owned()),
        ("name", "Nora".to_owned()),
        ("role", "floor".to_owned()),
        ("password", PASSWORD.to_owned()),
    ];
    manager.call::<AddStaff>(&next).await.expect("the name to sign in with is free");
    let gone = assign(&mut desk, trace, &the_floor.to_string()).await;
    assert_eq!(gone, Err(AppError::field("person", refused(&the_floor.to_string(), "@work_colleague"))));
}
