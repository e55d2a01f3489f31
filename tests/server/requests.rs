//! What guests ask for: entered once at one station, known at every other, and changed by whoever is first.

use crate::harness::{Device, House};
use leptos::server_fn::ServerFn;
use rapport::{
    error::{AppError, Problem},
    guests::api::OpenCard,
    house::StationKind,
    ids::{GuestId, RequestId},
    requests::asked::{
        Entered, RequestKind, RequestLine, RequestList, RequestState,
        api::{ChangeRequest, EnterRequest, GuestRequests, OpenRequests, RequestPaper, Requests},
    },
    server::db::{Db, vars},
    staff::api::AuditTrail,
};
use surrealdb::types::SurrealValue;

pub type Fields = Vec<(&'static str, String)>;

/// A taxi to the airport at half past ten, today.
pub fn taxi(guest: GuestId) -> Fields {
    vec![
        ("id", RequestId::new().to_string()),
        ("guest", guest.to_string()),
        ("kind", "taxi".to_owned()),
        ("text", "Two suitcases".to_owned()),
        ("place", "Airport".to_owned()),
        ("room", "904".to_owned()),
        ("day", "2026-11-23".to_owned()),
        ("time", "10:30".to_owned()),
    ]
}

/// The same with something else in a field.
pub fn with(mut fields: Fields, field: &'static str, text: &str) -> Fields {
    match fields.iter_mut().find(|(name, _)| *name == field) {
        Some((_, there)) => text.clone_into(there),
        None => fields.push((field, text.to_owned())),
    }
    fields
}

pub async fn enter(device: &mut Device, fields: &Fields) -> Result<Entered, AppError> {
    device.call::<EnterRequest>(fields).await
}

pub async fn open(device: &mut Device, guest: GuestId) -> Vec<RequestLine> {
    device.call::<OpenRequests>(&[("guest", guest.to_string())]).await.expect("open ones")
}

/// Says what becomes of a request, as a page that shows `line` does.
async fn change(device: &mut Device, line: &RequestLine, to: &str, words: &str) -> Result<(), AppError> {
    let fields = [
        ("request", line.id.to_string()),
        ("to", to.to_owned()),
        ("details", words.to_owned()),
        ("reason", words.to_owned()),
        ("seen", line.state.code().to_owned()),
        ("was", line.details.clone().unwrap_or_default()),
    ];
    device.call::<ChangeRequest>(&fields).await
}

async fn list(device: &mut Device, department: &str) -> RequestList {
    device.call::<Requests>(&[("department", department.to_owned())]).await.expect("a list")
}

#[derive(Debug, SurrealValue)]
struct TraceRow {
    department: String,
    text: Option<String>,
    due: String,
    local_time: Option<String>,
    state: String,
    resolved_by: Option<String>,
}

async fn traces(house: &House) -> Vec<TraceRow> {
    let sql = "SELECT department, text, due, local_time, state, resolved_by FROM trace WHERE kind = 'request'";
    house.db.rows(sql, vars()).await.expect("traces")
}

#[tokio::test]
async fn what_is_asked_at_one_station_is_on_the_card_at_every_other() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let paper = desk.call::<RequestPaper>(&[("guest", guest.to_string())]).await.expect("a form");
    assert_eq!((paper.today.as_str(), paper.room.as_deref()), ("2026-11-23", Some("904")));
    assert!(paper.open.is_empty());
    let floor = house.device("floor", "floor").await;
    let mut stream = floor.listen("").await;
    assert_eq!(stream.next().await.event, "hello");
    assert_eq!(enter(&mut desk, &with(taxi(guest), "id", &paper.id.to_string())).await, Ok(Entered::Kept));

    // Every open card is told to load again, and every list.
    let (mut card, mut lists) = (false, false);
    while !(card && lists) {
        let told = stream.next_live().await.json();
        card |= told["kind"] == "guest_changed" && told["guest"] == guest.to_string();
        lists |= told["kind"] == "requests_changed";
    }
    for role in ["reception", "floor", "host", "concierge", "manager"] {
        let mut device = house.device(role, "restaurant").await;
        let card = device.call::<OpenCard>(&[("guest", guest.to_string())]).await.expect(role);
        let [line] = card.served().expect(role).requests.as_slice() else { panic!("{role}: one request") };
        assert_eq!((line.id, line.kind, line.state), (paper.id, RequestKind::Taxi, RequestState::Asked), "{role}");
        assert_eq!((line.place.as_deref(), line.time.as_deref()), (Some("Airport"), Some("10:30")), "{role}");
        assert_eq!((line.asked_by.as_str(), line.asked_at_station.as_deref()), ("The reception", Some("desk")));
        assert_eq!((line.department, line.overdue), (StationKind::Concierge, false));
        let page = device.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
        for words in ["Taxi to Airport, 10:30", "Ordered by The reception at desk: do not ask, confirm."] {
            assert!(page.contains(words), "{role}: {words}: {page}");
        }
    }
    let mut marketing = house.device("marketing", "desk").await;
    let bytes = marketing.post(OpenCard::PATH, &[("guest", guest.to_string())], "application/json").await;
    let bytes = bytes.text().await.expect("a body");
    assert!(bytes.contains("Zhang") && !bytes.contains("Airport") && !bytes.contains("suitcases"), "{bytes}");
    let mut manager = house.device("manager", "desk").await;
    let trail = manager.call::<AuditTrail>(&[]).await.expect("the audit");
    let entry = trail.iter().find(|row| row.action == "requested").expect("an entry");
    assert_eq!((entry.who.as_str(), entry.fields.as_slice()), ("The reception", ["taxi".to_owned()].as_slice()));
}

#[tokio::test]
async fn the_same_kind_for_the_same_day_shows_the_open_one_first() {
    let house = House::open().await;
    let (guest, other) = (house.guest("M0001").await, house.guest("M0002").await);
    let mut desk = house.device("reception", "desk").await;
    let mut floor = house.device("floor", "floor").await;
    let first = taxi(guest);
    assert_eq!(enter(&mut desk, &first).await, Ok(Entered::Kept));
    assert_eq!(enter(&mut desk, &first).await, Ok(Entered::Kept), "sent twice it is one");
    let changed = with(first.clone(), "place", "Harbour");
    assert_eq!(enter(&mut desk, &changed).await, Err(AppError::Conflict("The reception".to_owned())));
    let again = with(with(taxi(guest), "time", "11:00"), "place", "Harbour");
    let Ok(Entered::Known(known)) = enter(&mut floor, &again).await else { panic!("it is known") };
    assert_eq!(known.iter().map(|line| line.place.as_deref()).collect::<Vec<_>>(), [Some("Airport")]);
    assert_eq!(open(&mut floor, guest).await.len(), 1, "nothing was written");

    // Another kind, another day, another guest: nobody has asked for that.
    let luggage = with(with(taxi(guest), "kind", "luggage"), "department", "");
    for fields in [luggage, with(taxi(guest), "day", "2026-11-24"), taxi(other)] {
        assert_eq!(enter(&mut floor, &fields).await, Ok(Entered::Kept), "{fields:?}");
    }
    assert_eq!(enter(&mut floor, &with(again, "anyway", "true")).await, Ok(Entered::Kept));
    let lines = open(&mut desk, guest).await;
    let when: Vec<_> = lines.iter().map(|line| (line.day.as_str(), line.time.as_deref())).collect();
    let (today, tomorrow) = ("2026-11-23", "2026-11-24");
    let expected = [(today, Some("10:30")), (today, Some("10:30")), (today, Some("11:00")), (tomorrow, Some("10:30"))];
    assert_eq!(when, expected, "by day and time");
    // What has ended is no reason not to ask.
    for line in lines.iter().filter(|line| line.kind == RequestKind::Taxi && line.day == today) {
        change(&mut desk, line, "done", "").await.expect("done");
    }
    assert_eq!(enter(&mut floor, &taxi(guest)).await, Ok(Entered::Kept));
    let narrow = [("guest", guest.to_string()), ("kind", "taxi".to_owned()), ("day", tomorrow.to_owned())];
    assert_eq!(desk.call::<OpenRequests>(&narrow).await.expect("open ones").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_colleagues_at_once_order_one_taxi_and_arrange_it_once() {
    let db = Db::in_memory().await.expect("a store in memory");
    let beside = db.sibling();
    let one = House::open_on(db).await;
    let other = one.beside(beside).await;
    let guest = one.guest("M0001").await;
    let mut desk = one.device("reception", "desk").await;
    let mut concierge = other.served(&one.device("concierge", "desk").await);
    for day in 24..32 {
        let day = if day > 30 { "2026-12-01".to_owned() } else { format!("2026-11-{day}") };
        let (left, right) = (with(taxi(guest), "day", &day), with(taxi(guest), "day", &day));
        let (left, right) = tokio::join!(enter(&mut desk, &left), enter(&mut concierge, &right));
        let came = [left.expect("an answer"), right.expect("an answer")];
        let kept = came.iter().filter(|came| **came == Entered::Kept).count();
        let known = came.iter().find_map(|came| match came {
            Entered::Known(lines) => Some(lines.len()),
            Entered::Kept => None,
        });
        assert_eq!((kept, known), (1, Some(1)), "{day}: {came:?}");

        let narrow = [("guest", guest.to_string()), ("day", day.clone())];
        let line = desk.call::<OpenRequests>(&narrow).await.expect("open ones").remove(0);
        let (here, there) = tokio::join!(
            change(&mut desk, &line, "arranged", "plate of the desk"),
            change(&mut concierge, &line, "arranged", "plate of the concierge")
        );
        let winner = if here.is_ok() { "The reception" } else { "The concierge" };
        let refused: Vec<_> = [here, there].into_iter().filter_map(Result::err).collect();
        assert_eq!(refused, [AppError::Conflict(winner.to_owned())], "{day}");
        let line = desk.call::<OpenRequests>(&narrow).await.expect("open ones").remove(0);
        assert_eq!(line.arranged_by.as_deref(), Some(winner), "{day}");
    }
    assert_eq!(traces(&one).await.len(), 8, "one trace for each");
}

#[tokio::test]
async fn what_somebody_has_decided_since_stands() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let mut concierge = house.device("concierge", "desk").await;
    enter(&mut desk, &taxi(guest)).await.expect("entered");
    let asked = open(&mut desk, guest).await.remove(0);
    change(&mut concierge, &asked, "arranged", "12-AB-34").await.expect("arranged");
    change(&mut concierge, &asked, "arranged", "12-AB-34").await.expect("the answer was lost");
    let first = AppError::Conflict("The concierge".to_owned());
    assert_eq!(change(&mut desk, &asked, "arranged", "99-XX-99").await, Err(first.clone()));
    assert_eq!(change(&mut desk, &asked, "declined", "No car").await, Err(first.clone()), "there is a car by now");
    let arranged = open(&mut desk, guest).await.remove(0);
    assert_eq!((arranged.state, arranged.details.as_deref()), (RequestState::Arranged, Some("12-AB-34")));
    change(&mut desk, &arranged, "arranged", "56-CD-78").await.expect("another car");
    let stale = change(&mut concierge, &arranged, "arranged", "90-EF-12").await;
    assert_eq!(stale, Err(AppError::Conflict("The reception".to_owned())));
    // However it was arranged: what is done is done.
    change(&mut concierge, &asked, "done", "").await.expect("done");
    change(&mut concierge, &asked, "done", "").await.expect("done before");
    assert_eq!(change(&mut desk, &asked, "done", "").await, Err(first.clone()));
    assert_eq!(change(&mut desk, &arranged, "declined", "No car").await, Err(first));
    assert!(open(&mut desk, guest).await.is_empty());
    let ended = desk.call::<GuestRequests>(&[("guest", guest.to_string())]).await.expect("a list").ended;
    let [done] = ended.as_slice() else { panic!("one: {ended:?}") };
    assert_eq!(
        (done.line.ended_by.as_deref(), done.line.details.as_deref()),
        (Some("The concierge"), Some("56-CD-78"))
    );
}

#[tokio::test]
async fn whoever_must_act_has_a_trace_that_ends_with_the_request() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    enter(&mut desk, &taxi(guest)).await.expect("entered");
    let laundry = with(with(taxi(guest), "kind", "laundry"), "time", "");
    enter(&mut desk, &laundry).await.expect("entered");
    let mut made = traces(&house).await;
    made.sort_by(|one, other| one.department.cmp(&other.department));
    let [concierge, floor] = made.as_slice() else { panic!("two: {made:?}") };
    assert_eq!((concierge.department.as_str(), concierge.text.as_deref()), ("concierge", Some("Two suitcases")));
    assert_eq!((concierge.due.as_str(), concierge.local_time.as_deref()), ("2026-11-23", Some("10:30")));
    assert_eq!((floor.department.as_str(), floor.local_time.as_deref()), ("floor", None));

    let lines = open(&mut desk, guest).await;
    let (taxi, laundry): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.kind == RequestKind::Taxi);
    change(&mut desk, &taxi[0], "arranged", "12-AB-34").await.expect("arranged");
    assert!(traces(&house).await.iter().all(|trace| trace.state == "open"), "the car has not come yet");
    let arranged = open(&mut desk, guest).await.into_iter().find(|line| line.id == taxi[0].id).expect("it is open");
    change(&mut desk, &arranged, "done", "").await.expect("done");
    change(&mut desk, &laundry[0], "declined", "Too late for today").await.expect("declined");
    let mut made = traces(&house).await;
    made.sort_by(|one, other| one.department.cmp(&other.department));
    let ends: Vec<_> = made.iter().map(|trace| (trace.state.as_str(), trace.resolved_by.as_deref())).collect();
    assert_eq!(ends, [("resolved", Some("The reception")), ("dropped", None)]);
}

#[tokio::test]
async fn a_department_sees_what_concerns_it() {
    let house = House::open().await;
    let (guest, leaving) = (house.guest("M0001").await, house.guest("M0002").await);
    let mut desk = house.device("reception", "desk").await;
    enter(&mut desk, &taxi(guest)).await.expect("entered");
    enter(&mut desk, &with(taxi(leaving), "kind", "table")).await.expect("entered");
    enter(&mut desk, &with(taxi(leaving), "kind", "wake_up")).await.expect("entered");
    let kinds = |list: &RequestList| list.open.iter().map(|asked| asked.line.kind).collect::<Vec<_>>();
    let door = list(&mut desk, "door").await;
    assert_eq!(kinds(&door), [RequestKind::Taxi]);
    assert_eq!(door.counts, [3, 2, 2, 2, 1], "front desk, floor, restaurant, concierge, door");
    assert_eq!(kinds(&list(&mut desk, "restaurant").await), [RequestKind::Taxi, RequestKind::Table]);
    let all = desk.call::<Requests>(&[]).await.expect("a list");
    assert_eq!(all.open.len(), 3);
    let leaves: Vec<_> = all.open.iter().map(|asked| (asked.line.guest, asked.leaves_today)).collect();
    assert!(leaves.iter().all(|(of, leaves)| *leaves == (*of == leaving)), "{leaves:?}");
    let names: Vec<_> = all.open.iter().filter_map(|asked| asked.about.as_ref()).map(|about| about.guest).collect();
    assert_eq!(names.len(), 3);
}

#[tokio::test]
async fn requests_are_for_those_who_serve() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    enter(&mut desk, &taxi(guest)).await.expect("entered");
    let line = open(&mut desk, guest).await.remove(0);
    let of = [("guest", guest.to_string())];
    for login in ["marketing", "admin"] {
        let mut device = house.device(login, "desk").await;
        assert_eq!(enter(&mut device, &taxi(guest)).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.last_status, 403);
        assert_eq!(change(&mut device, &line, "done", "").await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<Requests>(&[]).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<OpenRequests>(&of).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<GuestRequests>(&of).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<RequestPaper>(&of).await, Err(AppError::Forbidden), "{login}");
        let page = device.get("/requests").await.text().await.expect("a page");
        assert!(!page.contains("Airport") && !page.contains("href=\"/requests\""), "{login}: {page}");
    }
    assert_eq!(open(&mut desk, guest).await.len(), 1);
    let nobody = with(taxi(guest), "guest", &GuestId::new().to_string());
    assert_eq!(enter(&mut desk, &nobody).await, Err(AppError::NotFound));
    let wrong = with(with(taxi(guest), "time", "08:00"), "place", &"x".repeat(81));
    let refused = enter(&mut desk, &wrong).await.expect_err("refused");
    let AppError::Fields(errors) = refused else { panic!("fields are refused") };
    let problems: Vec<_> = errors.into_iter().map(|error| (error.field, error.problem)).collect();
    let early = Problem::NotKnown("08:00".to_owned(), "@from_now".to_owned());
    assert_eq!(problems, [("place".to_owned(), Problem::TooLong(80)), ("time".to_owned(), early)]);
}
