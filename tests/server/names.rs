//! Every name known by night: the list of one's floor, the drill and what is learnt of it, and the list on paper.

use crate::harness::{Device, House};
use chrono::{DateTime, TimeDelta, Utc};
use leptos::server_fn::ServerFn;
use rapport::{
    alerts::retention,
    error::AppError,
    guests::{OneThing, PreferenceCode, PreferenceValue},
    ids::{GuestId, OnceId, PhotoId},
    names::{
        Drill, Grade, Progress, QUESTIONS, QuestionKind, SECONDS, Tonight,
        api::{self, AnswerName, DrillShares, PrintNames},
    },
    server::{
        clock::Clock,
        db::{Db, record, vars},
    },
    staff::api::AuditTrail,
};
use surrealdb::types::SurrealValue;

async fn tonight(device: &mut Device, floor: &str, upto: &str) -> Result<Tonight, AppError> {
    device.call::<api::Tonight>(&[("floor", floor.to_owned()), ("upto", upto.to_owned())]).await
}

async fn drill(device: &mut Device) -> Drill {
    device.call::<api::Drill>(&[]).await.expect("a drill")
}

fn graded(once: OnceId, guest: GuestId, grade: Grade) -> [(&'static str, String); 3] {
    [("once", once.to_string()), ("guest", guest.to_string()), ("grade", grade.code().to_owned())]
}

/// An answer of its own.
async fn answer(device: &mut Device, guest: GuestId, grade: Grade) -> Result<bool, AppError> {
    device.call::<AnswerName>(&graded(OnceId::new(), guest, grade)).await
}

async fn set(house: &House, guest: GuestId, what: &str) {
    let bound = vars().with("guest", record("guest", guest)).with("photo", record("photo", PhotoId::new()));
    house.db.query(&format!("UPDATE $guest SET {what} RETURN NONE"), bound).await.expect("set");
}

fn rooms(tonight: &Tonight) -> Vec<&str> {
    tonight.lines.iter().filter_map(|line| line.room.as_deref()).collect()
}

#[derive(Debug, SurrealValue)]
struct Day {
    asked: i64,
    known: i64,
    seconds: i64,
}

async fn days(house: &House) -> Vec<Day> {
    house.db.rows("SELECT asked, known, seconds FROM drill_day", vars()).await.expect("days")
}

#[derive(Debug, SurrealValue)]
struct Card {
    reps: i64,
    due: DateTime<Utc>,
}

async fn cards(house: &House) -> Vec<Card> {
    house.db.rows("SELECT reps, due FROM name_card", vars()).await.expect("cards")
}

#[tokio::test]
async fn tonights_guests_are_listed_by_floor() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    let all = tonight(&mut floor, "", "").await.expect("a list");
    assert_eq!(rooms(&all), ["611", "718", "904", "1207"], "in house and due in, by room");
    assert_eq!(all.floors, ["6", "7", "9", "12"]);
    assert_eq!(all.lines.iter().map(|line| line.is_expected).collect::<Vec<_>>(), [false, true, false, false]);
    assert_eq!((all.progress, all.today.to_string()), (Progress { known: 0, of: 4 }, "2026-11-23".to_owned()));
    for (first, last, found) in [
        ("9", "", vec!["904"]),
        ("6", "9", vec!["611", "718", "904"]),
        ("12", "7", vec!["718", "904", "1207"]),
        ("3", "", vec![]),
    ] {
        let part = tonight(&mut floor, first, last).await.expect("a list");
        assert_eq!(rooms(&part), found, "floors {first} to {last}");
        assert_eq!(part.floors, all.floors, "any other can be chosen");
    }
    // One thing to know, for the role that reads it.
    let gluten = OneThing::Dietary(PreferenceValue::Coded(PreferenceCode::NoGluten));
    assert_eq!(all.lines[0].one_thing, Some(gluten));
    assert_eq!(all.lines[2].one_thing, Some(OneThing::BirthdayToday));
    let mut concierge = house.device("concierge", "desk").await;
    let seen = tonight(&mut concierge, "", "").await.expect("a list");
    assert_eq!(seen.lines[0].one_thing, Some(OneThing::FirstStay), "the concierge sees nothing of the table");

    set(&house, all.lines[2].guest, "say = 'jahng way'").await;
    let page = floor.get("/names?floor=9").await;
    assert_eq!(page.status(), 200);
    let page = page.text().await.expect("a page");
    for words in
        ["Floor 9", "Mr Zhang", "张伟", "jahng way", "Birthday", "/names/drill?floor=9", "/names/print?floor=9"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("Sato"), "she is on another floor: {page}");
}

#[tokio::test]
async fn the_drill_asks_by_turns_and_again_when_it_is_due() {
    let house = House::open().await;
    let (zhang, oneill) = (house.guest("M0001").await, house.guest("M0005").await);
    set(&house, zhang, "say = 'jahng way'").await;
    set(&house, oneill, "photo = $photo").await;
    let mut floor = house.device("floor", "floor").await;
    let asked = |drill: &Drill| {
        drill.questions.iter().map(|asked| (asked.line.guest, asked.kind)).collect::<Vec<(GuestId, QuestionKind)>>()
    };
    let first = drill(&mut floor).await;
    let kinds: Vec<_> = first.questions.iter().map(|asked| asked.kind).collect();
    assert_eq!(kinds, [QuestionKind::Face, QuestionKind::Room, QuestionKind::Room, QuestionKind::Room]);
    assert_eq!((first.progress, first.answers), (Progress { known: 0, of: 4 }, Progress::default()));

    // Once known, he comes again behind those who were never asked, and it is asked how his name is said.
    assert_eq!(answer(&mut floor, zhang, Grade::Good).await, Ok(true));
    let second = asked(&drill(&mut floor).await);
    assert_eq!(second.len(), 4);
    assert_eq!(second.last(), Some(&(zhang, QuestionKind::Say)));
    assert_eq!(answer(&mut floor, zhang, Grade::Good).await, Ok(true));
    let third = drill(&mut floor).await;
    assert_eq!(third.questions.len(), 3, "he is known for tonight");
    assert_eq!((third.progress, third.answers), (Progress { known: 1, of: 4 }, Progress { known: 2, of: 2 }));
    let list = tonight(&mut floor, "9", "").await.expect("a list");
    assert_eq!((list.lines[0].is_known, list.progress.percent()), (true, 100));

    // What was not known comes again first, as soon as it is due.
    assert_eq!(answer(&mut floor, oneill, Grade::Again).await, Ok(true));
    assert_eq!(asked(&drill(&mut floor).await).last().map(|(guest, _)| *guest), Some(oneill));
    house.clock.advance(TimeDelta::minutes(2));
    assert_eq!(asked(&drill(&mut floor).await).first().map(|(guest, _)| *guest), Some(oneill));

    // What somebody knows is his own: the host begins.
    let mut host = house.device("host", "restaurant").await;
    assert_eq!(drill(&mut host).await.progress, Progress { known: 0, of: 4 });

    // Days later the name is due again, and not known until it has been asked.
    let due = cards(&house).await.into_iter().map(|card| card.due).max().expect("a card");
    assert!(due - house.clock.now() > TimeDelta::hours(20), "{due}");
    house.clock.set(due);
    let mut floor = house.device("floor", "floor").await;
    let later = drill(&mut floor).await;
    assert!(asked(&later).iter().any(|(guest, _)| *guest == zhang), "{later:?}");
    assert_eq!((later.progress.known, later.answers), (0, Progress::default()), "another night");
}

#[tokio::test]
async fn a_repeated_tap_counts_once() {
    let db = Db::in_memory().await.expect("a store in memory");
    let beside = db.sibling();
    let house = House::open_on(db).await;
    let other = house.beside(beside).await;
    let (zhang, oneill) = (house.guest("M0001").await, house.guest("M0005").await);
    let mut here = house.device("floor", "floor").await;
    let mut there = other.served(&here);
    let tap = graded(OnceId::new(), zhang, Grade::Good);
    let (left, right) = tokio::join!(here.call::<AnswerName>(&tap), there.call::<AnswerName>(&tap));
    assert_eq!((left, right), (Ok(true), Ok(true)), "who taps twice is told nothing of it");
    assert_eq!(here.call::<AnswerName>(&tap).await, Ok(true));
    let [day]: [Day; 1] = days(&house).await.try_into().expect("one day");
    assert_eq!((day.asked, day.known), (1, 1));
    assert_eq!(cards(&house).await.iter().map(|card| card.reps).collect::<Vec<_>>(), [1]);

    // Two answers of their own about one guest are two.
    let answers = [graded(OnceId::new(), oneill, Grade::Good), graded(OnceId::new(), oneill, Grade::Again)];
    let (left, right) = tokio::join!(here.call::<AnswerName>(&answers[0]), there.call::<AnswerName>(&answers[1]));
    assert_eq!((left, right), (Ok(true), Ok(true)));
    let [day]: [Day; 1] = days(&house).await.try_into().expect("one day");
    assert_eq!((day.asked, day.known), (3, 2));
    assert_eq!(cards(&house).await.iter().map(|card| card.reps).max(), Some(2));

    // Under what they were sent is forgotten when nothing sends it again.
    let young = retention::purge(&house.db, house.clock.now(), 90).await.expect("purged");
    let old = retention::purge(&house.db, house.clock.now() + TimeDelta::days(2), 90).await.expect("purged");
    assert_eq!((young.answers, old.answers), (0, 3));
}

#[tokio::test]
async fn five_minutes_a_night_are_enough() {
    let house = House::open().await;
    let zhang = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    // Whoever is called away for a while has not practised meanwhile.
    for seconds in [20, 90, 45] {
        assert_eq!(answer(&mut floor, zhang, Grade::Again).await, Ok(true));
        house.clock.advance(TimeDelta::seconds(seconds));
    }
    let mut goes_on = true;
    while goes_on {
        goes_on = answer(&mut floor, zhang, Grade::Again).await.expect("kept");
        house.clock.advance(TimeDelta::seconds(30));
    }
    let [day]: [Day; 1] = days(&house).await.try_into().expect("one day");
    assert_eq!((day.asked, day.known), (12, 0), "20, 30, 30 and then eight times 30");
    assert!(day.seconds >= i64::from(SECONDS) && day.seconds < i64::from(SECONDS) + 30, "{day:?}");
    let over = drill(&mut floor).await;
    assert!(over.is_over && over.questions.is_empty(), "{over:?}");
    assert_eq!(over.answers, Progress { known: 0, of: 12 });
    let page = floor.get("/names/drill").await.text().await.expect("a page");
    assert!(page.contains("Five minutes are enough") && page.contains("/names/drill?more=1"), "{page}");
    // Who wants to goes on.
    let more = floor.call::<api::Drill>(&[("more", "true".to_owned())]).await.expect("a drill");
    assert_eq!((more.is_over, more.questions.len()), (false, 4));
    // For a colleague the night has not begun, and the day after it begins anew.
    assert_eq!(drill(&mut house.device("host", "bar").await).await.questions.len(), 4);
    house.clock.advance(TimeDelta::days(1));
    assert!(!drill(&mut house.device("floor", "floor").await).await.is_over);
}

#[tokio::test]
async fn no_night_has_more_questions_than_one_drill() {
    let house = House::open().await;
    let zhang = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let last = i64::try_from(QUESTIONS).expect("a number") - 1;
    assert_eq!(answer(&mut floor, zhang, Grade::Again).await, Ok(true));
    house.db.query("UPDATE drill_day SET asked = $asked", vars().with("asked", last)).await.expect("set");
    assert_eq!(drill(&mut floor).await.questions.len(), 1, "there is time for one");
    assert_eq!(answer(&mut floor, zhang, Grade::Again).await, Ok(false));
    assert!(drill(&mut floor).await.is_over);
}

#[tokio::test]
async fn whoever_does_not_wish_to_be_recognised_is_neither_practised_nor_printed() {
    let house = House::open().await;
    let zhang = house.guest("M0001").await;
    set(&house, zhang, "incognito = true, say = 'jahng way', photo = $photo").await;
    let mut floor = house.device("floor", "floor").await;
    let list = tonight(&mut floor, "", "").await.expect("a list");
    let line = list.lines.iter().find(|line| line.guest == zhang).expect("he is in house");
    assert_eq!((&line.one_thing, list.progress.of), (&Some(OneThing::Incognito), 3));
    for more in ["false", "true"] {
        let drill = floor.call::<api::Drill>(&[("more", more.to_owned())]).await.expect("a drill");
        assert_eq!(drill.questions.len(), 3);
        assert!(drill.questions.iter().all(|asked| asked.line.guest != zhang), "{drill:?}");
    }
    assert_eq!(answer(&mut floor, zhang, Grade::Easy).await, Err(AppError::NotFound));
    assert_eq!(answer(&mut floor, GuestId::new(), Grade::Easy).await, Err(AppError::NotFound));
    assert!(cards(&house).await.is_empty() && days(&house).await.is_empty());
    let paper = floor.call::<PrintNames>(&[]).await.expect("a list");
    assert_eq!(rooms(&paper), ["611", "718", "1207"]);
    let page = floor.get("/names/print").await.text().await.expect("a page");
    assert!(page.contains("Neill") && !page.contains("Zhang") && !page.contains("张伟"), "{page}");
}

#[tokio::test]
async fn the_list_is_printed_by_those_who_may_and_that_is_told() {
    let house = House::open().await;
    let printed = async || {
        let trail = house.device("manager", "desk").await.call::<AuditTrail>(&[]).await.expect("the audit");
        trail.into_iter().filter(|row| row.action == "printed_names").map(|row| row.who).collect::<Vec<_>>()
    };
    for login in ["concierge", "marketing", "admin"] {
        let mut device = house.device(login, "desk").await;
        assert_eq!(device.call::<PrintNames>(&[]).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.get("/names/print").await.status(), 403, "{login}");
    }
    assert!(printed().await.is_empty());
    let page = house.device("concierge", "desk").await.get("/names").await.text().await.expect("a page");
    assert!(page.contains("Dr Sato") && !page.contains("/names/print"), "the way is not shown: {page}");
    for login in ["reception", "floor", "host", "manager"] {
        let mut device = house.device(login, "desk").await;
        let page = device.get("/names/print?floor=7").await;
        assert_eq!(page.status(), 200, "{login}");
        let page = page.text().await.expect("a page");
        for words in ["Floor 7, 23 November 2026", "718", "Dr Sato", "佐藤恵子", "Print this list"] {
            assert!(page.contains(words), "{login}: {words}: {page}");
        }
        assert_eq!(printed().await.first().map(String::as_str), Some(format!("The {login}").as_str()));
    }
    assert_eq!(printed().await.len(), 4, "each opening once");
}

#[tokio::test]
async fn names_are_for_those_who_meet_guests() {
    let house = House::open().await;
    let zhang = house.guest("M0001").await;
    for login in ["marketing", "admin"] {
        let mut device = house.device(login, "desk").await;
        assert_eq!(tonight(&mut device, "", "").await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<api::Drill>(&[]).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(answer(&mut device, zhang, Grade::Good).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<DrillShares>(&[]).await, Err(AppError::Forbidden), "{login}");
        for page in ["/names", "/names/drill"] {
            let answer = device.get(page).await;
            assert_eq!(answer.status(), 403, "{login} at {page}");
            assert!(!answer.text().await.expect("a page").contains("Zhang"), "{login} at {page}");
        }
    }
    for login in ["reception", "floor", "host", "concierge", "manager"] {
        let mut device = house.device(login, "desk").await;
        assert_eq!(tonight(&mut device, "", "").await.expect("a list").lines.len(), 4, "{login}");
        assert_eq!(drill(&mut device).await.questions.len(), 4, "{login}");
    }
}

#[tokio::test]
async fn a_manager_sees_shares_and_no_names() {
    let house = House::open().await;
    let (zhang, oneill) = (house.guest("M0001").await, house.guest("M0005").await);
    let mut floor = house.device("floor", "floor").await;
    for (guest, grade) in [(zhang, Grade::Good), (oneill, Grade::Again)] {
        answer(&mut floor, guest, grade).await.expect("kept");
    }
    for login in ["reception", "floor", "host", "concierge"] {
        let mut device = house.device(login, "desk").await;
        assert_eq!(device.call::<DrillShares>(&[]).await, Err(AppError::Forbidden), "{login}");
        let page = device.get("/names").await.text().await.expect("a page");
        assert!(!page.contains("Practice of the colleagues"), "{login}: {page}");
    }
    let mut manager = house.device("manager", "desk").await;
    let shares = manager.call::<DrillShares>(&[]).await.expect("shares");
    let [share] = shares.as_slice() else { panic!("one: {shares:?}") };
    assert_eq!((share.name.as_str(), share.nights), ("The floor", 1));
    assert_eq!((share.tonight, share.week), (Some(Progress { known: 1, of: 2 }), Progress { known: 1, of: 2 }));
    let bytes = manager.post(DrillShares::PATH, &[], "application/json").await.text().await.expect("a body");
    for name in ["Zhang", "Neill", &zhang.to_string()] {
        assert!(!bytes.contains(name), "{name} in {bytes}");
    }
    let page = manager.get("/names").await.text().await.expect("a page");
    assert!(page.contains("Practice of the colleagues") && page.contains("1 of 2 (50 %)"), "{page}");

    // A night later he has not practised yet; what is older than a week counts no more.
    house.clock.advance(TimeDelta::days(1));
    let mut manager = house.device("manager", "desk").await;
    let shares = manager.call::<DrillShares>(&[]).await.expect("shares");
    assert_eq!(shares.iter().map(|share| (share.tonight, share.nights)).collect::<Vec<_>>(), [(None, 1)]);
    house.clock.advance(TimeDelta::days(6));
    let mut manager = house.device("manager", "desk").await;
    assert_eq!(manager.call::<DrillShares>(&[]).await, Ok(Vec::new()));
}

#[tokio::test]
async fn the_drill_goes_on_where_no_script_runs() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    let oneill = house.guest("M0005").await;
    let page = floor.get("/names/drill").await.text().await.expect("a page");
    assert!(page.contains("Question 1 of 4") && page.contains("Who stays in this room?"), "{page}");
    assert!(page.contains("Room 611") && page.contains("name=\"once\"") && page.contains("value=\"again\""), "{page}");
    let sent = floor.post(AnswerName::PATH, &graded(OnceId::new(), oneill, Grade::Easy), "text/html").await;
    assert_eq!(sent.status(), 302);
    let page = floor.get("/names/drill").await.text().await.expect("a page");
    assert!(page.contains("Question 1 of 3") && page.contains("Room 718"), "{page}");
    assert!(page.contains("You know 1 of 4 names (25 %)."), "{page}");
}
