//! Where a preference holds, what a stay made of it, who may say so, and two who say it at once.

use crate::{
    evidence::{EGGS, Fields, TEA, card, known, of, one, page, said, seen, words_of},
    harness::{BOOKINGS, Device, House, PASSWORD, monday},
};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    error::{AppError, Problem},
    guests::{
        Preference,
        PreferenceGroup::{Dietary, Dishes, Drinks, Temperature},
        api::{AddPreference, OpenCard},
        evidence::{Cue, HonourOutcome, HonourScore},
        evidence_api::{ConfirmPreference, ContradictPreference, MarkHonoured, SetCue},
        store as guests,
    },
    house::{
        StationKind,
        api::ChooseStation,
        store::{self as houses, NewHouse, NewStation},
    },
    ids::{GuestId, PreferenceId, ReservationId},
    server::db::{id_of, record, vars},
    staff::{
        Role, password,
        store::{self as staff, NewStaff},
    },
};
use surrealdb::types::RecordId;

fn marked(guest: GuestId, id: PreferenceId, outcome: &str) -> Fields {
    [of(guest, id), vec![("outcome", outcome.to_owned())]].concat()
}

fn used(guest: GuestId, id: PreferenceId, cue: &str, only_here: bool) -> Fields {
    [of(guest, id), vec![("cue", cue.to_owned()), ("only_here", only_here.to_string())]].concat()
}

/// What comes of everything that can be said of a preference.
async fn all_of(device: &mut Device, guest: GuestId, id: PreferenceId) -> [Result<(), AppError>; 4] {
    [
        device.call::<ConfirmPreference>(&of(guest, id)).await,
        device.call::<ContradictPreference>(&of(guest, id)).await,
        device.call::<MarkHonoured>(&marked(guest, id, "honoured")).await,
        device.call::<SetCue>(&used(guest, id, "say", true)).await,
    ]
}

/// A host of another house on the same store.
async fn far(house: &House) -> Device {
    let new = NewHouse {
        name: "By the Sea".into(),
        code: "SEA".into(),
        timezone: chrono_tz::Europe::Lisbon,
        currency: "EUR".into(),
    };
    let id = houses::insert_house(&house.db, new).await.expect("a house");
    let gate = NewStation { name: "gate".into(), kind: StationKind::Restaurant, extension: "500".into() };
    let gate = houses::insert_station(&house.db, id, gate).await.expect("a station");
    let hash = password::hash(PASSWORD.to_owned()).await.expect("a hash");
    let new = NewStaff { login: "far".into(), name: "Fia".into(), role: Role::Host, password_hash: hash };
    staff::insert(&house.db, id, new).await.expect("a colleague");
    let mut device = house.browser();
    device.sign_in("far", PASSWORD).await.expect("signed in");
    device.call::<ChooseStation>(&[("station", gate.to_string())]).await.expect("stands there");
    device
}

#[tokio::test]
async fn it_is_said_or_done_silently_and_may_hold_in_one_house_alone() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    let mut fia = far(&house).await;
    host.call::<AddPreference>(&seen(guest, "drinks", TEA)).await.expect("written down");
    host.call::<AddPreference>(&seen(guest, "dishes", EGGS)).await.expect("written down");
    let (tea, eggs) = (one(&mut host, guest, Drinks).await.id, one(&mut host, guest, Dishes).await.id);
    assert_eq!(one(&mut fia, guest, Drinks).await.id, tea, "it holds in all houses");
    let shown = page(&mut host, guest).await;
    assert!(!shown.contains(">say it<") && !shown.contains("only in The Cedars"), "{shown}");

    let problem = Problem::NotKnown("shout".to_owned(), "@listed".to_owned());
    let refused = host.call::<SetCue>(&used(guest, tea, "shout", true)).await;
    assert_eq!(refused, Err(AppError::field("cue", problem)));
    host.call::<SetCue>(&used(guest, tea, "say", true)).await.expect("set");
    host.call::<SetCue>(&used(guest, eggs, "say", false)).await.expect("set");
    let here = one(&mut host, guest, Drinks).await;
    assert_eq!((here.evidence.cue, here.evidence.only_in.as_deref()), (Cue::Say, Some("The Cedars")));
    assert_eq!(here.evidence.times, 1, "how it is used says nothing of whether it holds");
    let shown = page(&mut host, guest).await;
    assert!(shown.contains(">say it<") && shown.contains("only in The Cedars"), "{shown}");

    // In the other house nothing of it is told, and nothing can be said of it.
    assert!(known(&mut fia, guest, Drinks).await.is_empty());
    let shown = page(&mut fia, guest).await;
    assert!(shown.contains(EGGS) && !shown.contains(TEA), "{shown}");
    assert!(all_of(&mut fia, guest, tea).await.iter().all(|came| *came == Err(AppError::NotFound)));
    let elsewhere = one(&mut fia, guest, Dishes).await.evidence;
    assert_eq!((elsewhere.cue, elsewhere.only_in), (Cue::Say, None));
    assert_eq!(one(&mut host, guest, Drinks).await, here);

    // Seen there too, it is known in both, and on no card twice.
    fia.call::<AddPreference>(&seen(guest, "drinks", TEA)).await.expect("written down");
    let there = one(&mut fia, guest, Drinks).await;
    assert_eq!((there.evidence.only_in.as_deref(), there.evidence.times), (Some("By the Sea"), 1));
    assert_eq!(one(&mut host, guest, Drinks).await, here);
    fia.call::<AddPreference>(&seen(guest, "drinks", TEA)).await.expect("the same");
    assert_eq!(one(&mut fia, guest, Drinks).await.id, there.id);

    fia.call::<SetCue>(&used(guest, eggs, "silent", true)).await.expect("set");
    assert!(known(&mut host, guest, Dishes).await.is_empty(), "by the sea alone");
    fia.call::<SetCue>(&used(guest, eggs, "silent", false)).await.expect("set");
    let everywhere = one(&mut host, guest, Dishes).await.evidence;
    assert_eq!((everywhere.cue, everywhere.only_in), (Cue::Silent, None));
}

/// What the stay in house makes of what was known, as the host sees it.
async fn score(device: &mut Device, guest: GuestId) -> Option<HonourScore> {
    card(device, guest).await.served().expect("a card of service").score
}

#[tokio::test]
async fn what_a_stay_honoured_and_missed_is_its_score() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let stays: Vec<RecordId> = house
        .db
        .rows(
            "SELECT VALUE id FROM reservation WHERE guest = $guest AND status = 'checked_in'",
            vars().with("guest", record("guest", guest)),
        )
        .await
        .expect("stays");
    let stay: ReservationId = id_of(&stays[0]).expect("an id");
    let mut host = house.device("host", "restaurant").await;
    // The table by the window and the shellfish, which came with the booking.
    assert_eq!(score(&mut host, guest).await, Some(HonourScore { known: 2, honoured: 0, missed: 0 }));
    assert!(!page(&mut host, guest).await.contains("In this stay:"), "nothing is marked");
    for (group, value) in [("drinks", TEA), ("dishes", EGGS), ("seating", "By the door")] {
        host.call::<AddPreference>(&seen(guest, group, value)).await.expect("written down");
    }
    let (tea, eggs) = (one(&mut host, guest, Drinks).await.id, one(&mut host, guest, Dishes).await.id);
    let door = card(&mut host, guest).await.dining().iter().find(|known| known.by == "The host").map(|known| known.id);
    host.call::<ContradictPreference>(&of(guest, door.expect("the door"))).await.expect("not so");

    host.call::<MarkHonoured>(&marked(guest, tea, "missed")).await.expect("marked");
    host.call::<MarkHonoured>(&marked(guest, eggs, "missed")).await.expect("marked");
    for _ in 0..2 {
        host.call::<MarkHonoured>(&marked(guest, tea, "honoured")).await.expect("the last word stands");
    }
    let marked_so = |known: &Preference| known.evidence.marked;
    assert_eq!(marked_so(&one(&mut host, guest, Drinks).await), Some(HonourOutcome::Honoured));
    assert_eq!(marked_so(&one(&mut host, guest, Dishes).await), Some(HonourOutcome::Missed));
    let expected = HonourScore { known: 4, honoured: 1, missed: 1 };
    assert_eq!(score(&mut host, guest).await, Some(expected), "what does not hold is not known");
    assert_eq!(expected.percent(), Some(50));
    assert!(page(&mut host, guest).await.contains("In this stay: 4 known, 1 honoured, 1 missed."));
    assert_eq!(guests::score(&house.db, stay).await.expect("a score"), expected);
    host.call::<ContradictPreference>(&of(guest, eggs)).await.expect("not so");
    assert_eq!(score(&mut host, guest).await, Some(expected), "what was marked was known");

    let perhaps = Problem::NotKnown("perhaps".to_owned(), "@listed".to_owned());
    let refused = host.call::<MarkHonoured>(&marked(guest, tea, "perhaps")).await;
    assert_eq!(refused, Err(AppError::field("outcome", perhaps)));
    let gone = house.guest("M0004").await;
    host.call::<AddPreference>(&seen(gone, "drinks", TEA)).await.expect("written down");
    let his = one(&mut host, gone, Drinks).await.id;
    let refused = host.call::<MarkHonoured>(&marked(gone, his, "honoured")).await;
    let problem = Problem::NotKnown("Weimar Zander".to_owned(), "@memory_in_house".to_owned());
    assert_eq!(refused, Err(AppError::field("guest", problem)));
    assert_eq!(score(&mut host, gone).await, None);
    assert!(!page(&mut host, gone).await.contains("Honoured<"), "nor is it asked");

    // The stay is over: its score stays, whatever is learnt later.
    house.clock.set(monday() + TimeDelta::days(2));
    house.import(&BOOKINGS.replace("CHECKED IN,Window", "CHECKED OUT,Window")).await;
    house.clock.set(monday() + TimeDelta::days(3));
    let mut host = house.device("host", "restaurant").await;
    assert_eq!(score(&mut host, guest).await, None);
    assert_eq!(marked_so(&one(&mut host, guest, Drinks).await), None);
    host.call::<AddPreference>(&seen(guest, "drinks", "Coffee")).await.expect("written down");
    let shellfish = one(&mut host, guest, Dietary).await.id;
    host.call::<ContradictPreference>(&of(guest, shellfish)).await.expect("not so");
    assert_eq!(guests::score(&house.db, stay).await.expect("a score"), expected);
    let nothing = guests::score(&house.db, ReservationId::new()).await.expect("a score");
    assert_eq!(nothing, HonourScore::default(), "of no stay");
}

#[tokio::test]
async fn who_does_not_see_a_group_says_nothing_of_it() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    desk.call::<AddPreference>(&seen(guest, "drinks", TEA)).await.expect("written down");
    desk.call::<AddPreference>(&said(guest, "temperature", "18 degrees")).await.expect("written down");
    let tea = one(&mut desk, guest, Drinks).await;
    let warmth = one(&mut desk, guest, Temperature).await;
    for (login, hidden) in [
        ("floor", vec![&tea]),
        ("concierge", vec![&tea]),
        ("host", vec![&warmth]),
        ("marketing", vec![&tea, &warmth]),
        ("admin", vec![&tea, &warmth]),
    ] {
        let mut device = house.device(login, "desk").await;
        for preference in hidden {
            let came = all_of(&mut device, guest, preference.id).await;
            assert!(came.iter().all(|came| *came == Err(AppError::Forbidden)), "{login}: {came:?}");
            let again = seen(guest, preference.group.code(), "Something else");
            assert_eq!(device.call::<AddPreference>(&again).await, Err(AppError::Forbidden), "{login}");
            assert_eq!(device.last_status, 403, "{login}");
            let answer = device.post(OpenCard::PATH, &[("guest", guest.to_string())], "application/json").await;
            let bytes = answer.text().await.expect("an answer");
            assert!(!bytes.contains(&preference.id.to_string()), "{login}: {bytes}");
        }
        assert!(login == "host" || !page(&mut device, guest).await.contains(TEA), "{login}");
    }
    assert_eq!(house.browser().call::<ConfirmPreference>(&of(guest, tea.id)).await, Err(AppError::SignedOut));
    // Of somebody else's, and of none.
    let other = house.guest("M0002").await;
    for (guest, id) in [(other, tea.id), (guest, PreferenceId::new())] {
        let came = all_of(&mut desk, guest, id).await;
        assert!(came.iter().all(|came| *came == Err(AppError::NotFound)), "{came:?}");
    }
    assert_eq!((one(&mut desk, guest, Drinks).await, one(&mut desk, guest, Temperature).await), (tea.clone(), warmth));
    assert_eq!(words_of(&house, tea.id).await, ["The reception"], "nothing came of it");
    // Those who see both say what they know.
    let mut manager = house.device("manager", "desk").await;
    let mut concierge = house.device("concierge", "desk").await;
    let warmth = one(&mut concierge, guest, Temperature).await.id;
    assert_eq!(all_of(&mut concierge, guest, warmth).await, [Ok(()), Ok(()), Ok(()), Ok(())]);
    assert_eq!(all_of(&mut manager, guest, tea.id).await, [Ok(()), Ok(()), Ok(()), Ok(())]);
}

#[tokio::test]
async fn without_scripts_a_tap_is_a_form_and_a_refusal_comes_back_once() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    host.call::<AddPreference>(&seen(guest, "drinks", TEA)).await.expect("written down");
    let tea = one(&mut host, guest, Drinks).await.id;
    let shown = page(&mut host, guest).await;
    for path in [ConfirmPreference::PATH, ContradictPreference::PATH, MarkHonoured::PATH, SetCue::PATH] {
        assert!(shown.contains(&format!("action=\"{path}\"")), "{path}: {shown}");
    }
    for (path, fields) in [
        (ContradictPreference::PATH, of(guest, tea)),
        (MarkHonoured::PATH, marked(guest, tea, "honoured")),
        (SetCue::PATH, used(guest, tea, "say", true)),
    ] {
        let answer = host.post(path, &fields, "text/html").await;
        assert!(answer.status().is_redirection(), "{path}: {}", answer.status());
    }
    let now = one(&mut host, guest, Drinks).await.evidence;
    assert_eq!((now.cue, now.contradicted.is_some()), (Cue::Say, true));
    assert_eq!((now.only_in.as_deref(), now.marked), (Some("The Cedars"), Some(HonourOutcome::Honoured)));
    let answer = host.post(ConfirmPreference::PATH, &of(guest, tea), "text/html").await;
    assert!(answer.status().is_redirection(), "{}", answer.status());
    assert_eq!(one(&mut host, guest, Drinks).await.evidence.contradicted, None);

    // A page that was open while he left.
    house.import(&BOOKINGS.replace("CHECKED IN,Window", "CHECKED OUT,Window")).await;
    let answer = host.post(MarkHonoured::PATH, &marked(guest, tea, "missed"), "text/html").await;
    assert_eq!(answer.headers()["location"], format!("/guests/{guest}").as_str());
    assert!(page(&mut host, guest).await.contains("a guest who is in house"), "and says why");
    assert!(!page(&mut host, guest).await.contains("a guest who is in house"), "once");
}

#[tokio::test]
async fn every_open_card_of_those_who_see_the_group_follows() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    let (desk, floor) = (house.device("reception", "desk").await, house.device("floor", "floor").await);
    let (mut at_the_desk, mut on_the_floor) = (desk.listen("").await, floor.listen("").await);
    let mut said = vec![host.call::<AddPreference>(&seen(guest, "drinks", TEA)).await];
    let tea = one(&mut host, guest, Drinks).await.id;
    said.extend(all_of(&mut host, guest, tea).await);
    for came in said {
        came.expect("said");
        let told = at_the_desk.next_live().await.json();
        assert_eq!((told["kind"].as_str(), told["guest"].as_str()), (Some("guest_changed"), Some(&*guest.to_string())));
        assert_eq!(on_the_floor.next_live().await.data, r#"{"kind":"other"}"#);
    }
}

#[tokio::test]
async fn two_who_see_it_at_once_on_two_servers_write_it_once() {
    let house = House::open().await;
    let beside = house.beside(house.db.sibling()).await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    let mut bea = beside.served(&house.device("host2", "restaurant").await);
    let tea = seen(guest, "drinks", TEA);
    let (one_of_them, other) = futures::join!(host.call::<AddPreference>(&tea), bea.call::<AddPreference>(&tea));
    assert_eq!((one_of_them, other), (Ok(()), Ok(())));
    let kept = one(&mut host, guest, Drinks).await;
    assert_eq!(kept.evidence.times, 2, "one wrote it down, and the other confirmed it");
    assert_eq!(words_of(&house, kept.id).await, ["Bea", "The host"]);
    // Two devices of one colleague.
    let mut desk = house.device("reception", "desk").await;
    let mut tablet = beside.served(&desk);
    let tap = of(guest, kept.id);
    let (first, second) = futures::join!(desk.call::<ConfirmPreference>(&tap), tablet.call::<ConfirmPreference>(&tap));
    assert_eq!((first, second), (Ok(()), Ok(())));
    assert_eq!(one(&mut host, guest, Drinks).await.evidence.times, 3);
}
