//! Traces that people write by hand.

use crate::{
    harness::{Device, House, monday},
    work::staff,
};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    error::{AppError, Problem},
    house::StationKind,
    ids::{GuestId, RequestId, StaffId, TraceId},
    requests::{
        asked::RequestKind,
        traces::{
            Trace, TraceKind, TraceList,
            api::{BlankTrace, ResolveTrace, Traces, WriteTrace},
            store::{self, NewTrace},
        },
    },
    server::db::{Tx, record, vars},
    staff::api::AuditTrail,
};
use surrealdb::types::RecordId;

pub type Fields = Vec<(&'static str, String)>;

/// The form of a trace for the floor, about nobody.
pub fn form(id: TraceId, text: &str, due: &str) -> Fields {
    vec![
        ("id", id.to_string()),
        ("guest", String::new()),
        ("department", "floor".to_owned()),
        ("text", text.to_owned()),
        ("due", due.to_owned()),
        ("time", String::new()),
        ("room", "904".to_owned()),
    ]
}

/// The same with something else in a field.
pub fn with(mut fields: Fields, field: &str, text: &str) -> Fields {
    let found = fields.iter_mut().find(|(name, _)| *name == field);
    text.clone_into(&mut found.expect("a field of the form").1);
    fields
}

async fn floors(device: &mut Device) -> TraceList {
    device.call::<Traces>(&[("department", "floor".to_owned())]).await.expect("a list")
}

async fn concierges(device: &mut Device) -> TraceList {
    device.call::<Traces>(&[("department", "concierge".to_owned())]).await.expect("a list")
}

async fn kept(house: &House) -> usize {
    let ids: Vec<RecordId> = house.db.rows("SELECT VALUE id FROM trace", vars()).await.expect("traces");
    ids.len()
}

/// Who wrote traces, about whom, as the audit tells it.
async fn written(house: &House) -> Vec<(String, Option<GuestId>)> {
    let mut manager = house.device("manager", "desk").await;
    let trail = manager.call::<AuditTrail>(&[]).await.expect("the audit");
    let written = trail.into_iter().filter(|row| row.action == "wrote_trace");
    written.map(|row| (row.who, row.guest.map(|(guest, _)| guest))).collect()
}

#[tokio::test]
async fn a_trace_is_due_in_its_department_on_its_day_and_not_before() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let paper = desk.call::<BlankTrace>(&[("guest", guest.to_string())]).await.expect("a form");
    assert_eq!((paper.department, paper.today.as_str()), (StationKind::FrontDesk, "2026-11-23"));
    assert_eq!(paper.about.map(|about| about.guest), Some(guest));
    let fields = with(form(paper.id, "Roses in the room,\r\nred ones", "2026-12-10"), "guest", &guest.to_string());
    desk.call::<WriteTrace>(&fields).await.expect("written");
    // Sent twice it is one trace.
    desk.call::<WriteTrace>(&fields).await.expect("written before");
    assert_eq!(kept(&house).await, 1);
    assert_eq!(written(&house).await, [("The reception".to_owned(), Some(guest))]);
    // Another one under its id is not taken for it.
    let other = desk.call::<WriteTrace>(&with(fields.clone(), "text", "Lilies")).await;
    assert_eq!(other, Err(AppError::Conflict("The reception".to_owned())));

    let floor_sees = async || floors(&mut house.device("floor", "floor").await).await;
    let list = floor_sees().await;
    assert!(list.traces.is_empty() && list.open.iter().sum::<u32>() == 0, "{list:?}");
    // The days ahead can be looked at, and nothing is due yet.
    house.clock.set(monday() + TimeDelta::days(16));
    let list = floor_sees().await;
    assert_eq!((list.traces.len(), list.open.iter().sum::<u32>()), (1, 0), "{list:?}");
    house.clock.set(monday() + TimeDelta::days(17));
    let list = floor_sees().await;
    assert_eq!(list.open.iter().sum::<u32>(), 1);
    let [Trace { id, text, about, room, due, overdue, by, written, resolved, .. }] = list.traces.as_slice() else {
        panic!("one trace: {list:?}")
    };
    assert_eq!((*id, text.as_deref()), (paper.id, Some("Roses in the room,\nred ones")));
    assert_eq!((about.as_ref().map(|about| about.guest), room.as_deref()), (Some(guest), Some("904")));
    assert_eq!((due.as_str(), *overdue, resolved), ("2026-12-10", false, &None));
    assert_eq!((by.as_str(), written.as_str()), ("The reception", "2026-11-23 09:00"));
    let mut host = house.device("host", "restaurant").await;
    let elsewhere = host.call::<Traces>(&[("department", "restaurant".to_owned())]).await.expect("a list");
    assert!(elsewhere.traces.is_empty());

    let mut floor = house.device("floor", "floor").await;
    let page = floor.get("/traces").await.text().await.expect("a page");
    assert!(page.contains("Roses in the room") && page.contains("Written by The reception"), "{page}");
    floor.call::<ResolveTrace>(&[("trace", id.to_string())]).await.expect("seen to");
    let list = floors(&mut floor).await;
    assert_eq!(list.open.iter().sum::<u32>(), 0);
    let by = ("The floor".to_owned(), "2026-12-10 09:00".to_owned());
    assert_eq!(list.traces[0].resolved, Some(by));
}

#[tokio::test]
async fn what_no_trace_can_be_is_refused_beside_its_field() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    let right = || form(TraceId::new(), "Roses", "2026-11-23");
    let within = |given: &str| Problem::NotKnown(given.to_owned(), "@within_year".to_owned());
    let beyond = "x".repeat(501);
    let refusals = [
        ("text", "", Problem::Empty),
        ("text", " \n ", Problem::Empty),
        ("text", beyond.as_str(), Problem::TooLong(500)),
        ("text", "a\u{202e}b", Problem::BadCharacter),
        ("due", "", Problem::Empty),
        ("due", "soon", Problem::NotDate("soon".to_owned())),
        ("due", "2026-11-22", within("2026-11-22")),
        ("due", "2027-11-24", within("2027-11-24")),
        ("time", "noon", Problem::NotKnown("noon".to_owned(), "@time".to_owned())),
        ("department", "cellar", Problem::NotKnown("cellar".to_owned(), "@listed".to_owned())),
        ("room", "123456789012345678901", Problem::TooLong(20)),
    ];
    for (field, given, problem) in refusals {
        let answer = desk.call::<WriteTrace>(&with(right(), field, given)).await;
        assert_eq!(answer, Err(AppError::field(field, problem)), "{field}: {given:?}");
    }
    let nobody = with(right(), "guest", &GuestId::new().to_string());
    assert_eq!(desk.call::<WriteTrace>(&nobody).await, Err(AppError::NotFound));
    assert_eq!(kept(&house).await, 0);
    for (text, due) in [("x", "2026-11-23"), ("x".repeat(500).as_str(), "2027-11-23")] {
        desk.call::<WriteTrace>(&form(TraceId::new(), text, due)).await.expect("written");
    }
    assert_eq!(kept(&house).await, 2);
}

#[tokio::test]
async fn a_trace_is_written_without_scripts_and_what_was_typed_stays() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    let guest = house.guest("M0001").await;
    let card = desk.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    let page = format!("/traces?guest={guest}");
    assert!(card.contains(&page), "the card leads to the form");
    let text = desk.get(&page).await.text().await.expect("a page");
    assert!(text.contains("About Mr Zhang") && text.contains(&format!("value=\"{guest}\"")), "{text}");

    let fields = form(TraceId::new(), "Feathers out of the room", "2026-11-01");
    let fields = with(with(fields, "guest", &guest.to_string()), "room", "1207");
    let answer = desk.post(WriteTrace::PATH, &fields, "text/html").await;
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], page.as_str());
    let text = desk.get(&page).await.text().await.expect("a page");
    for typed in ["Feathers out of the room", "2026-11-01", "1207", "a day from today to one year ahead"] {
        assert!(text.contains(typed), "{typed}: {text}");
    }
    assert!(!text.contains("Written down."), "{text}");
    assert_eq!(kept(&house).await, 0);

    let answer = desk.post(WriteTrace::PATH, &with(fields, "due", "2026-11-23"), "text/html").await;
    assert_eq!(answer.headers()["location"], "/traces?department=floor&done=written");
    let text = desk.get("/traces?department=floor&done=written").await.text().await.expect("a page");
    assert!(text.contains("Feathers out of the room") && text.contains("Written down."), "{text}");
}

#[tokio::test]
async fn traces_are_written_by_those_who_serve() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    for (number, login) in ["reception", "floor", "host", "concierge", "manager"].into_iter().enumerate() {
        let mut device = house.device(login, "desk").await;
        let fields = form(TraceId::new(), &format!("A cake, {number}"), "2026-11-23");
        device.call::<WriteTrace>(&fields).await.expect(login);
    }
    for login in ["marketing", "admin"] {
        let mut device = house.device(login, "desk").await;
        let fields = form(TraceId::new(), "A cake", "2026-11-23");
        assert_eq!(device.call::<WriteTrace>(&fields).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.last_status, 403);
        let about = [("guest", guest.to_string())];
        assert_eq!(device.call::<BlankTrace>(&about).await, Err(AppError::Forbidden), "{login}");
    }
    assert_eq!(kept(&house).await, 5);
    assert_eq!(written(&house).await.len(), 5);
}

/// A request of a guest's, and the trace that stands for it.
async fn asked_for(house: &House, guest: GuestId, by: StaffId) -> (RequestId, TraceId) {
    let (request, trace) = (RequestId::new(), TraceId::new());
    let sql = "CREATE ONLY $request SET house = $house, guest = $guest, kind = 'taxi', place = 'Airport', \
               day = '2026-11-25', asked_staff = $staff, asked_by = 'The reception', asked_at = $now, \
               department = 'concierge', state = 'asked' RETURN NONE";
    let bound = vars()
        .with("request", record("guest_request", request))
        .with("house", record("house", house.id))
        .with("guest", record("guest", guest))
        .with("staff", record("staff", by))
        .with("now", monday());
    house.db.query(sql, bound).await.expect("a request");
    let due = "2026-11-25".parse().expect("a day");
    let (at, author) = (StationKind::Concierge, "The reception".to_owned());
    let new = NewTrace {
        guest: Some(guest),
        request: Some(request),
        local_time: Some("10:30".to_owned()),
        ..NewTrace::of(trace, house.id, at, TraceKind::Request, due, author)
    };
    house.db.commit(store::add(Tx::new(), &[new], monday())).await.expect("a trace");
    (request, trace)
}

#[tokio::test]
async fn what_a_guest_asked_for_is_arranged_on_the_request_and_ends_with_it() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let by = staff(&house, "reception").await;
    let (done, trace) = asked_for(&house, guest, by).await;
    let (declined, other) = asked_for(&house, guest, by).await;
    let mut concierge = house.device("concierge", "desk").await;
    let found = concierges(&mut concierge).await;
    let asked = found.traces[0].request.clone().expect("what was asked for");
    assert_eq!((asked.request, asked.kind, asked.place.as_deref()), (done, RequestKind::Taxi, Some("Airport")));
    let page = concierge.get("/traces?department=concierge").await.text().await.expect("a page");
    assert!(page.contains("Taxi · Airport") && page.contains(&format!("/requests?guest={guest}")), "{page}");
    let by_request = Problem::NotKnown(String::new(), "@work_by_request".to_owned());
    let answer = concierge.call::<ResolveTrace>(&[("trace", trace.to_string())]).await;
    assert_eq!(answer, Err(AppError::field("trace", by_request)), "it asks how first");

    for (request, is_done) in [(done, true), (declined, false)] {
        let tx = store::end_of_request(Tx::new(), request, "The concierge", monday(), is_done);
        house.db.commit(tx).await.expect("ended");
    }
    let found = concierges(&mut concierge).await;
    let [ended] = found.traces.as_slice() else { panic!("the declined one is nobody's work: {found:?}") };
    assert_eq!((ended.id, ended.resolved.as_ref().map(|(who, _)| who.as_str())), (trace, Some("The concierge")));
    assert_ne!(ended.id, other);
}
