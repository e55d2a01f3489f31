//! What a house decides about its memory: by those who look after it, within limits, and felt where it counts.

use crate::{
    evidence::{Fields, card, settings},
    harness::{Device, House},
    requests::{enter, taxi},
};
use chrono::{DateTime, TimeDelta, Utc};
use leptos::server_fn::ServerFn;
use rapport::{
    error::{AppError, Problem},
    guests::{
        evidence::HouseMemory,
        evidence_api::{MemorySettings, SaveMemory},
        store as guests,
    },
    house::store::{self as houses, NewHouse},
    requests::asked::Entered,
    server::{clock::Clock, db::vars},
    staff::api::AuditTrail,
    stays::briefing::api::Briefings,
};

/// The form filled in: days until something fades, until it is asked again, minutes and days ahead.
fn typed(fade: &str, reconfirm: &str, ring: &str, briefing: &str) -> Fields {
    let mut fields = settings(fade, reconfirm);
    ring.clone_into(&mut fields[2].1);
    briefing.clone_into(&mut fields[3].1);
    fields
}

async fn decided(device: &mut Device) -> HouseMemory {
    device.call::<MemorySettings>(&[]).await.expect("settings")
}

#[tokio::test]
async fn what_a_house_decides_holds_in_it_and_in_no_other() {
    let house = House::open().await;
    let new = NewHouse {
        name: "By the Sea".into(),
        code: "SEA".into(),
        timezone: chrono_tz::Europe::Lisbon,
        currency: "EUR".into(),
    };
    let other = houses::insert_house(&house.db, new).await.expect("a house");
    let guest = house.guest("M0001").await;
    let (mut manager, mut admin) = (house.device("manager", "desk").await, house.device("admin", "desk").await);
    let mut desk = house.device("reception", "desk").await;
    assert_eq!(decided(&mut manager).await, HouseMemory::default());
    assert_eq!(card(&mut desk, guest).await.identity().fade_days, 730);
    manager.call::<SaveMemory>(&typed(" 365 ", "400", "60", "5")).await.expect("decided");
    let memory = HouseMemory { fade_days: 365, reconfirm_days: Some(400), ring_minutes: 60, briefing_days: 5 };
    assert_eq!((decided(&mut manager).await, decided(&mut admin).await), (memory.clone(), memory));
    assert_eq!(guests::memory_of(&house.db, other).await.expect("settings"), HouseMemory::default());

    // Cards fade by it, briefings and requests come as early as it says.
    assert_eq!(card(&mut desk, guest).await.identity().fade_days, 365);
    let briefings = desk.call::<Briefings>(&[("day", String::new())]).await.expect("a list");
    assert_eq!(briefings.day.to_string(), "2026-11-28");
    assert_eq!(enter(&mut desk, &taxi(guest)).await, Ok(Entered::Kept));
    let rings: Vec<DateTime<Utc>> =
        house.db.rows("SELECT VALUE rings_at FROM guest_request", vars()).await.expect("a request");
    assert_eq!(rings, [house.clock.now() + TimeDelta::minutes(30)], "an hour before half past ten");

    // The limits themselves are allowed.
    for (least, most) in [("30", "3650"), ("3650", "30")] {
        admin.call::<SaveMemory>(&typed(least, most, "0", "14")).await.expect("within the limits");
    }
    admin.call::<SaveMemory>(&typed("30", " ", "240", "0")).await.expect("never asked again");
    let memory = HouseMemory { fade_days: 30, reconfirm_days: None, ring_minutes: 240, briefing_days: 0 };
    assert_eq!(decided(&mut manager).await, memory);
    let trail = manager.call::<AuditTrail>(&[]).await.expect("a trail");
    assert_eq!(trail.iter().filter(|row| row.action == "memory_changed").count(), 4);
    let page = manager.get("/manage/audit").await.text().await.expect("a page");
    assert!(page.contains("Changed what the house remembers"), "{page}");
}

#[tokio::test]
async fn what_is_refused_is_named_and_stays_typed() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    let not_known = |value: &str, expected: &str| Problem::NotKnown(value.to_owned(), expected.to_owned());
    for (fields, refused) in [
        (typed("29", "400", "15", "2"), ("fade_days", not_known("29", "@memory_days"))),
        (typed("3651", "400", "15", "2"), ("fade_days", not_known("3651", "@memory_days"))),
        (typed("", "400", "15", "2"), ("fade_days", Problem::Empty)),
        (typed("365", "29", "15", "2"), ("reconfirm_days", not_known("29", "@memory_days_or_never"))),
        (typed("365", "400", "241", "2"), ("ring_minutes", not_known("241", "@memory_minutes"))),
        (typed("365", "400", "-1", "2"), ("ring_minutes", not_known("-1", "@memory_minutes"))),
        (typed("365", "400", "15", "15"), ("briefing_days", not_known("15", "@memory_ahead"))),
    ] {
        let came = manager.call::<SaveMemory>(&fields).await;
        assert_eq!(came, Err(AppError::field(refused.0, refused.1)));
        assert_eq!(manager.last_status, 422);
    }
    assert_eq!(decided(&mut manager).await, HouseMemory::default(), "nothing is kept of it");

    // Without scripts all that was typed comes back, with every reason, once.
    let answer = manager.post(SaveMemory::PATH, &typed("29", "4000", "55", "two"), "text/html").await;
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().ok()), (302, Some("/manage/memory")));
    let page = manager.get("/manage/memory").await.text().await.expect("a page");
    for value in ["29", "4000", "55", "two"] {
        assert!(page.contains(&format!("value=\"{value}\"")), "{value} was lost: {page}");
    }
    for reason in ["whole days from 30 to 3650.", "whole days from 30 to 3650, or nothing", "whole days from 0 to 14"] {
        assert!(page.contains(reason), "{reason}: {page}");
    }
    assert!(!page.contains("whole minutes from 0 to 240"), "that was right: {page}");
    let page = manager.get("/manage/memory").await.text().await.expect("a page");
    for value in ["730", "1095", "10", "2"] {
        assert!(page.contains(&format!("value=\"{value}\"")), "{value}: {page}");
    }
    assert!(!page.contains("value=\"4000\"") && !page.contains("whole days from 0 to 14"), "it is told once: {page}");

    // And what is right is kept.
    let answer = manager.post(SaveMemory::PATH, &typed("365", "", "0", "14"), "text/html").await;
    assert!(answer.status().is_redirection(), "{}", answer.status());
    let memory = HouseMemory { fade_days: 365, reconfirm_days: None, ring_minutes: 0, briefing_days: 14 };
    assert_eq!(decided(&mut manager).await, memory);
}

#[tokio::test]
async fn nobody_decides_it_who_does_not_look_after_the_house() {
    let house = House::open().await;
    for login in ["reception", "floor", "host", "concierge", "marketing"] {
        let mut device = house.device(login, "desk").await;
        assert_eq!(device.call::<SaveMemory>(&settings("30", "60")).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.last_status, 403, "{login}");
        assert_eq!(device.call::<MemorySettings>(&[]).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.get("/manage/memory").await.status(), 403, "{login}");
    }
    let mut stranger = house.browser();
    assert_eq!(stranger.call::<SaveMemory>(&settings("30", "60")).await, Err(AppError::SignedOut));
    for login in ["manager", "admin"] {
        let mut device = house.device(login, "desk").await;
        assert_eq!(decided(&mut device).await, HouseMemory::default(), "{login}: nothing came of it");
        assert_eq!(device.get("/manage/memory").await.status(), 200, "{login}");
        let manage = device.get("/manage/stations").await.text().await.expect("a page");
        assert!(manage.contains("href=\"/manage/memory\""), "{login}: {manage}");
    }
}
