//! Guests whose greetings are kept back for a while, and what the floor does instead of a letter.

use crate::harness::{House, monday};
use chrono::TimeDelta;
use rapport::{
    campaigns::hold::api::{CardGreetings, EndHold, HoldGreetings},
    error::AppError,
    house::StationKind,
    ids::TraceId,
    requests::traces::{
        TraceKind,
        api::{ResolveTrace, Traces},
        store::{self as traces, NewTrace},
    },
    server::db::Tx,
};

#[tokio::test]
async fn greetings_are_held_by_those_who_may_and_everyone_who_greets_reads_why() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let mut marketing = house.device("marketing", "desk").await;
    let hold = |reason: &str, until: &str| {
        [("guest", guest.to_string()), ("reason", reason.to_owned()), ("until", until.to_owned())]
    };
    let of = [("guest", guest.to_string())];
    let refused = desk.call::<HoldGreetings>(&hold(" ", "2026-11-22")).await;
    let Err(AppError::Fields(fields)) = refused else { panic!("kept") };
    let named: Vec<_> = fields.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(named, ["reason", "until"], "both are told at once");
    assert!(desk.call::<HoldGreetings>(&hold("Bereaved", "tomorrow")).await.is_err());
    desk.call::<HoldGreetings>(&hold("A bereavement", "2026-11-24")).await.expect("held");

    let shown = marketing.call::<CardGreetings>(&of).await.expect("an answer");
    let kept = shown.hold.expect("on hold");
    assert_eq!((kept.reason.as_str(), kept.until.as_deref()), ("A bereavement", Some("2026-11-24")));
    assert_eq!((kept.by.as_str(), kept.at.as_str()), ("The reception", "2026-11-23 09:00"));
    assert!(shown.consent.iter().any(|line| line.source.starts_with("booking ")), "marketing reads what was said");
    let page = marketing.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(page.contains("A bereavement") && page.contains("booking 1001") && !page.contains("zhang.wei@"));
    let consent = desk.call::<CardGreetings>(&of).await.expect("an answer").consent;
    assert!(consent.iter().any(|line| line.granted && line.source.starts_with("booking ")), "{consent:?}");
    let page = desk.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(page.contains("A bereavement") && page.contains("Agreed to"));

    for role in ["floor", "host", "concierge", "admin"] {
        let mut device = house.device(role, "desk").await;
        assert_eq!(device.call::<CardGreetings>(&of).await, Err(AppError::Forbidden), "{role}");
        assert_eq!(device.call::<HoldGreetings>(&hold("x", "")).await, Err(AppError::Forbidden), "{role}");
        let page = device.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
        assert!(!page.contains("A bereavement"), "{role}");
    }
    house.clock.advance(TimeDelta::days(2));
    let mut marketing = house.device("marketing", "desk").await;
    assert_eq!(marketing.call::<CardGreetings>(&of).await.expect("an answer").hold, None, "its last day is over");
    marketing.call::<HoldGreetings>(&hold("Asked us to wait", "")).await.expect("held");
    marketing.call::<EndHold>(&of).await.expect("ended");
    assert_eq!(marketing.call::<EndHold>(&of).await, Err(AppError::NotFound));
    assert_eq!(marketing.call::<CardGreetings>(&of).await.expect("an answer").hold, None);
}

#[tokio::test]
async fn traces_are_seen_to_once_and_everyone_learns_by_whom() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let trace = |department, due: &str, kind, text: Option<&str>| {
        let (due, author) = (due.parse().expect("a day"), "Birthday, house letter".to_owned());
        NewTrace {
            guest: Some(guest),
            text: text.map(str::to_owned),
            room: Some("904".to_owned()),
            ..NewTrace::of(TraceId::new(), house.id, department, kind, due, author)
        }
    };
    let today = trace(StationKind::Floor, "2026-11-23", TraceKind::Birthday, None);
    let late = trace(StationKind::Floor, "2026-11-21", TraceKind::Note, Some("Roses in the room"));
    let elsewhere = trace(StationKind::Restaurant, "2026-11-23", TraceKind::Note, Some("A cake"));
    let host_device = house.device("host", "restaurant").await;
    let mut stream = host_device.listen("").await;
    assert_eq!(stream.next().await.event, "hello");
    let all = [today.clone(), late.clone(), elsewhere];
    for _ in 0..2 {
        // Written twice they are one each.
        house.db.commit(traces::add(Tx::new(), &all, monday())).await.expect("written");
    }
    assert_eq!(stream.next_live().await.json()["kind"], "traces_changed");

    let (mut floor, mut host) = (house.device("floor", "floor").await, host_device);
    let list = floor.call::<Traces>(&[("department", "floor".to_owned())]).await.expect("a list");
    let shown: Vec<_> = list.traces.iter().map(|trace| (trace.id, trace.overdue)).collect();
    assert_eq!(shown, [(late.id, true), (today.id, false)], "the oldest first");
    assert_eq!(list.open.iter().sum::<u32>(), 3);
    let page = floor.get("/traces").await.text().await.expect("a page");
    assert!(
        page.contains("Roses in the room") && page.contains("Overdue") && !page.contains("A cake"),
        "its own first"
    );
    let page = floor.get("/traces?department=all").await.text().await.expect("a page");
    assert!(page.contains("A cake"));

    let of = [("trace", late.id.to_string())];
    floor.call::<ResolveTrace>(&of).await.expect("seen to");
    assert_eq!(host.call::<ResolveTrace>(&of).await, Err(AppError::Conflict("The floor".to_owned())));
    let list = host.call::<Traces>(&[("department", "floor".to_owned())]).await.expect("a list");
    let shown: Vec<_> = list.traces.iter().map(|trace| (trace.id, trace.resolved.clone())).collect();
    let by = ("The floor".to_owned(), "2026-11-23 09:00".to_owned());
    assert_eq!(shown, [(today.id, None), (late.id, Some(by))], "open ones first");

    // Without scripts the loser is told on the page.
    let answer = host.post("/api/resolve_trace", &of, "text/html").await;
    assert_eq!(answer.status(), 302);
    let page = host.get("/traces?department=floor").await.text().await.expect("a page");
    assert!(page.contains("The floor was first."));

    let mut marketing = house.device("marketing", "desk").await;
    assert_eq!(marketing.call::<Traces>(&[]).await, Err(AppError::Forbidden));
    assert_eq!(marketing.call::<ResolveTrace>(&of).await, Err(AppError::Forbidden));
    let nothing = [("trace", TraceId::new().to_string())];
    assert_eq!(host.call::<ResolveTrace>(&nothing).await, Err(AppError::NotFound));
}
