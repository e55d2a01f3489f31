//! Everything that happened with a guest in one stream, as each role may see it, and page by page.

use crate::{
    harness::{Device, House},
    recovery::{PROMISE, WHAT, complaint},
    requests::{enter, taxi},
};
use chrono::{DateTime, TimeDelta, Utc};
use leptos::server_fn::ServerFn;
use rapport::{
    alerts::api::Raise,
    calls::api::LookUpCaller,
    error::AppError,
    guests::{
        api::AddNote,
        timeline::{MomentKind, Place, TimelinePage, What, api::Timeline},
    },
    ids::{GuestId, RecoveryId, StaffId},
    requests::{asked::Entered, recovery::api::RaiseRecovery},
    server::{
        clock::Clock,
        db::{record, vars},
    },
    staff::api::AuditTrail,
};
use std::collections::HashSet;
use surrealdb::types::{RecordId, SurrealValue};

async fn page(device: &mut Device, guest: GuestId, kinds: &str, after: &str) -> Result<TimelinePage, AppError> {
    device
        .call::<Timeline>(&[("guest", guest.to_string()), ("kinds", kinds.to_owned()), ("after", after.to_owned())])
        .await
}

fn kinds(page: &TimelinePage) -> Vec<MomentKind> {
    page.moments.iter().map(|moment| moment.place.kind).collect()
}

/// Mr Zhang's morning: word from the floor, a taxi, a complaint, a note for the desk, and his call.
async fn morning(house: &House) -> GuestId {
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let mut floor = house.device("floor", "floor").await;
    let word = [
        ("id", ulid::Ulid::new().to_string()),
        ("guest", guest.to_string()),
        ("to", house.stations["restaurant"].to_string()),
        ("kind", "note".to_owned()),
        ("text", "Has a visitor with him".to_owned()),
    ];
    floor.call::<Raise>(&word).await.expect("raised");
    house.clock.advance(TimeDelta::minutes(1));
    assert_eq!(enter(&mut desk, &taxi(guest)).await, Ok(Entered::Kept));
    house.clock.advance(TimeDelta::minutes(1));
    floor.call::<RaiseRecovery>(&complaint(Some(RecoveryId::new()), guest)).await.expect("raised");
    house.clock.advance(TimeDelta::minutes(1));
    let note =
        [("guest", guest.to_string()), ("text", "Wife calls at six".to_owned()), ("audience", "desk".to_owned())];
    desk.call::<AddNote>(&note).await.expect("kept");
    house.clock.advance(TimeDelta::minutes(1));
    desk.call::<LookUpCaller>(&[("from", "+86 139 1234 5678".to_owned())]).await.expect("looked up");
    guest
}

#[tokio::test]
async fn one_stream_tells_each_role_what_it_may_see() {
    use MomentKind::{Alert, Call, Note, Recovery, Request, Stay, Trace};
    let house = House::open().await;
    let guest = morning(&house).await;
    // The promise of the complaint is a trace of the next day; the stays lie on the days of their arrivals.
    let all = vec![Trace, Call, Note, Recovery, Request, Alert, Stay, Stay];
    for (login, seen) in [
        ("manager", all.clone()),
        ("reception", all),
        ("concierge", vec![Trace, Call, Note, Recovery, Request, Alert, Stay, Stay]),
        // What was promised is not for those who are not told of the complaint.
        ("floor", vec![Request, Alert, Stay, Stay]),
        ("host", vec![Request, Alert]),
        ("marketing", vec![Stay, Stay]),
    ] {
        let mut device = house.device(login, if login == "floor" { "floor" } else { "desk" }).await;
        let timeline = page(&mut device, guest, "", "").await.expect(login);
        assert_eq!(kinds(&timeline), seen, "{login}");
        assert_eq!((timeline.next.is_none(), timeline.name.last.as_str()), (true, "Zhang"), "{login}");
        assert!(seen.iter().all(|kind| timeline.kinds.contains(kind)), "{login}");
        let asked = [("guest", guest.to_string()), ("kinds", String::new()), ("after", String::new())];
        let bytes = device.post(Timeline::PATH, &asked, "application/json").await.text().await.expect("a body");
        for (word, kind) in [(WHAT, Recovery), (PROMISE, Recovery), ("Wife calls at six", Note), ("Airport", Request)] {
            assert_eq!(bytes.contains(word), seen.contains(&kind), "{login}: {word} in {bytes}");
        }
        assert_eq!(bytes.contains("\"904\""), login != "marketing", "{login}: the room in {bytes}");
        // The words of an alert are for those whom it concerned.
        let is_told = matches!(login, "manager" | "floor");
        assert_eq!(bytes.contains("Has a visitor"), is_told, "{login}: {bytes}");
        let html = device.get(&format!("/guests/{guest}/timeline")).await;
        assert_eq!(html.status(), 200, "{login}");
        let html = html.text().await.expect("a page");
        assert_eq!(html.contains("Called from +8613912345678"), seen.contains(&Call), "{login}: {html}");
    }
    let mut admin = house.device("admin", "desk").await;
    assert_eq!(page(&mut admin, guest, "", "").await, Err(AppError::Forbidden));
    assert_eq!(admin.get(&format!("/guests/{guest}/timeline")).await.status(), 403);
    let nobody = page(&mut house.device("manager", "desk").await, GuestId::new(), "", "").await;
    assert_eq!(nobody, Err(AppError::NotFound));

    let trail = house.device("manager", "desk").await.call::<AuditTrail>(&[]).await.expect("the audit");
    let who: HashSet<&str> =
        trail.iter().filter(|row| row.action == "opened_timeline").map(|row| row.who.as_str()).collect();
    assert!(who.contains("The host") && who.contains("The marketing") && !who.contains("The admin"), "{who:?}");
}

#[tokio::test]
async fn what_is_shown_can_be_narrowed_and_never_widened() {
    let house = House::open().await;
    let guest = morning(&house).await;
    let mut desk = house.device("reception", "desk").await;
    let some = page(&mut desk, guest, "note,stay,party", "").await.expect("a page");
    assert_eq!(some.shown, [MomentKind::Stay, MomentKind::Note]);
    assert_eq!(kinds(&some), [MomentKind::Note, MomentKind::Stay, MomentKind::Stay]);
    let What::Stay(here) = &some.moments[1].what else { panic!("the stay that goes on") };
    assert_eq!((here.arrival.as_str(), here.room.as_deref()), ("2026-11-22", Some("904")));
    let mut host = house.device("host", "restaurant").await;
    assert!(page(&mut host, guest, "recovery,call,stay", "").await.expect("a page").moments.is_empty());
    // A note that has ended is not told any more.
    let ended = vars().with("guest", record("guest", guest));
    house.db.query("UPDATE note SET until = '2026-11-22' WHERE guest = $guest", ended).await.expect("ended");
    assert!(!kinds(&page(&mut desk, guest, "note", "").await.expect("a page")).contains(&MomentKind::Note));
}

#[derive(SurrealValue)]
struct CallRow {
    id: RecordId,
    house: RecordId,
    number: String,
    guest: RecordId,
    matches: i64,
    staff: RecordId,
    who: String,
    at: DateTime<Utc>,
}

#[derive(SurrealValue)]
struct VoucherRow {
    id: RecordId,
    house: RecordId,
    guest: RecordId,
    what: String,
    state: String,
    expires: String,
    author_name: String,
    at: DateTime<Utc>,
}

#[tokio::test]
async fn pages_follow_one_another_and_none_is_left_out() {
    let house = House::open().await;
    let guest = house.guest("M0002").await;
    let now = house.clock.now();
    // Many at one instant, as an import or a job makes them, and some a nanosecond apart.
    let instant = |number: i64| match number {
        0..70 => now,
        70..90 => now - TimeDelta::nanoseconds(number),
        _ => now - TimeDelta::minutes(number),
    };
    let calls: Vec<CallRow> = (0..120)
        .map(|number| CallRow {
            id: record("call", uuid::Uuid::now_v7()),
            house: record("house", house.id),
            number: format!("+35191255{number:04}"),
            guest: record("guest", guest),
            matches: 1,
            staff: record("staff", StaffId::new()),
            who: "Li".to_owned(),
            at: instant(number),
        })
        .collect();
    let vouchers: Vec<VoucherRow> = (0..60)
        .map(|number| VoucherRow {
            id: record("voucher", format!("CODE{number:06}")),
            house: record("house", house.id),
            guest: record("guest", guest),
            what: "Dinner".to_owned(),
            state: "issued".to_owned(),
            expires: "2027-11-23".to_owned(),
            author_name: "Li".to_owned(),
            at: instant(number),
        })
        .collect();
    let rows = vars().with("calls", calls).with("vouchers", vouchers);
    house.db.query("INSERT INTO call $calls; INSERT INTO voucher $vouchers", rows).await.expect("kept");

    let mut desk = house.device("reception", "desk").await;
    let (mut seen, mut after, mut pages) = (Vec::<Place>::new(), String::new(), 0);
    loop {
        let found = page(&mut desk, guest, "", &after).await.expect("a page");
        pages += 1;
        assert!(pages < 20, "it ends");
        seen.extend(found.moments.iter().map(|moment| moment.place.clone()));
        match found.next {
            Some(next) => after = next.to_string(),
            None => break,
        }
    }
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "newest first, and each once");
    let of = |kind| seen.iter().filter(|place| place.kind == kind).count();
    assert_eq!((of(MomentKind::Call), of(MomentKind::Voucher), of(MomentKind::Stay)), (120, 60, 1));
    assert_eq!(pages, 5, "40 at a time");
}
