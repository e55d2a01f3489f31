//! The usual: written down by those who serve it, offered again with one tap, and not a third time to a guest who refused
//! it twice.

use crate::harness::{Device, House};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    alerts::api::{Complete, Raise},
    error::{AppError, Problem},
    guests::{api::OpenCard, card::GuestCard},
    ids::{GuestId, OnceId},
    staff::api::{AuditTrail, SetShift},
    stays::usual::{
        Counts, UsualLine,
        api::{AnswerUsual, WriteUsual},
    },
};

type Fields = Vec<(&'static str, String)>;

/// The form of the restaurant: table 12, tea, eggs and toast.
fn written(house: &House, guest: GuestId, revision: i64) -> Fields {
    vec![
        ("station", house.stations["restaurant"].to_string()),
        ("guest", guest.to_string()),
        ("seat", "12".to_owned()),
        ("dishes", "Two eggs\r\nToast".to_owned()),
        ("drinks", "Jasmine tea".to_owned()),
        ("revision", revision.to_string()),
    ]
}

/// The same with something else in a field.
fn with(mut fields: Fields, field: &str, text: &str) -> Fields {
    let found = fields.iter_mut().find(|(name, _)| *name == field);
    text.clone_into(&mut found.expect("a field of the form").1);
    fields
}

/// What a tap sends.
fn tap(line: &UsualLine, taken: bool) -> Fields {
    vec![
        ("once", line.once.to_string()),
        ("guest", line.guest.to_string()),
        ("station", line.station.to_string()),
        ("revision", line.revision.to_string()),
        ("taken", taken.to_string()),
    ]
}

async fn usuals(device: &mut Device, guest: GuestId) -> Vec<UsualLine> {
    let card: GuestCard = device.call::<OpenCard>(&[("guest", guest.to_string())]).await.expect("a card");
    card.usuals().to_vec()
}

/// The only one.
async fn line(device: &mut Device, guest: GuestId) -> UsualLine {
    let [line] = <[UsualLine; 1]>::try_from(usuals(device, guest).await).expect("one");
    line
}

async fn page(device: &mut Device, guest: GuestId) -> String {
    device.get(&format!("/guests/{guest}")).await.text().await.expect("a page")
}

fn counts(offered: u32, taken: u32, refused: u32) -> Counts {
    Counts { offered, taken, refused }
}

/// Word from the floor that a guest comes to a station. Its id.
async fn word(house: &House, guest: GuestId, to: &str) -> String {
    let mut floor = house.device("floor", "floor").await;
    let id = ulid::Ulid::new().to_string();
    let fields = [
        ("id", id.clone()),
        ("guest", guest.to_string()),
        ("to", house.stations[to].to_string()),
        ("kind", "coming_down".to_owned()),
    ];
    floor.call::<Raise>(&fields).await.expect("raised");
    id
}

#[tokio::test]
async fn the_same_is_offered_with_one_tap_and_not_after_two_refusals() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    assert!(page(&mut host, guest).await.contains("Nothing is written down yet"));
    host.call::<WriteUsual>(&written(&house, guest, 0)).await.expect("written");
    let first = line(&mut host, guest).await;
    assert_eq!((first.outlet.as_str(), first.seat.as_deref()), ("restaurant", Some("12")));
    assert_eq!(
        (&first.dishes[..], &first.drinks[..]),
        (&["Two eggs".to_owned(), "Toast".to_owned()][..], &["Jasmine tea".to_owned()][..])
    );
    assert_eq!((first.by.as_str(), first.on.as_str(), first.revision, first.times), ("The host", "2026-11-23", 1, 1));

    // Tapped twice, it counts once; and so it does on the device of a colleague who sees the same offer.
    let mut bea = house.device("host2", "restaurant").await;
    host.call::<AnswerUsual>(&tap(&first, true)).await.expect("taken");
    host.call::<AnswerUsual>(&tap(&first, true)).await.expect("the same tap");
    bea.call::<AnswerUsual>(&tap(&first, true)).await.expect("the same offer");
    let other = bea.call::<AnswerUsual>(&tap(&first, false)).await;
    assert_eq!(other, Err(AppError::Conflict("The host".to_owned())), "it was answered otherwise");
    let second = line(&mut host, guest).await;
    assert_eq!(second.counts, counts(1, 1, 0));
    assert_ne!(second.once, first.once);
    let shown = page(&mut host, guest).await;
    assert!(shown.contains("Table 12 · Jasmine tea · Two eggs · Toast") && shown.contains("Same again"), "{shown}");
    assert!(shown.contains("Offered 1, taken 1"), "{shown}");

    bea.call::<AnswerUsual>(&tap(&second, false)).await.expect("refused");
    let third = line(&mut host, guest).await;
    assert!(third.is_offered());
    house.clock.advance(TimeDelta::minutes(1));
    bea.call::<AnswerUsual>(&tap(&third, false)).await.expect("refused");
    let refused = line(&mut host, guest).await;
    assert_eq!((refused.counts, refused.is_offered()), (counts(3, 1, 2), false));
    let again = host.call::<AnswerUsual>(&tap(&refused, true)).await;
    assert_eq!(again, Err(AppError::Conflict("Bea".to_owned())), "not a third time");
    assert_eq!(line(&mut host, guest).await.counts, counts(3, 1, 2));
    let shown = page(&mut host, guest).await;
    assert!(shown.contains("Refused twice") && !shown.contains("Same again"), "{shown}");
    // Writing the same down does not have it offered again; something else does.
    host.call::<WriteUsual>(&written(&house, guest, 1)).await.expect("the same");
    assert!(!line(&mut host, guest).await.is_offered());
    let coffee = with(written(&house, guest, 1), "drinks", "Coffee");
    host.call::<WriteUsual>(&coffee).await.expect("written");
    let new = line(&mut host, guest).await;
    assert_eq!((new.revision, new.counts, new.is_offered()), (2, Counts::default(), true));
    let late = host.call::<AnswerUsual>(&tap(&UsualLine { once: OnceId::new(), ..third }, true)).await;
    assert_eq!(late, Err(AppError::Conflict("The host".to_owned())), "that was about tea");
    assert_eq!(line(&mut host, guest).await.counts, Counts::default());

    let mut manager = house.device("manager", "desk").await;
    let trail = manager.call::<AuditTrail>(&[]).await.expect("a trail");
    let fields: Vec<_> =
        trail.iter().filter(|row| row.action == "changed_usual").map(|row| row.fields.join("+")).collect();
    assert_eq!(fields, ["drinks", "not_today", "not_today", "same_again", "seating+dishes+drinks"]);
}

#[tokio::test]
async fn whoever_writes_second_learns_who_was_first() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    let mut bea = house.device("host2", "restaurant").await;
    let empty = with(with(with(written(&house, guest, 0), "seat", ""), "dishes", " \n"), "drinks", "");
    assert_eq!(host.call::<WriteUsual>(&empty).await, Err(AppError::field("dishes", Problem::Empty)));
    host.call::<WriteUsual>(&written(&house, guest, 0)).await.expect("written");
    host.call::<WriteUsual>(&written(&house, guest, 0)).await.expect("sent again");
    bea.call::<WriteUsual>(&written(&house, guest, 0)).await.expect("the same");
    assert_eq!((line(&mut host, guest).await.times, line(&mut host, guest).await.revision), (1, 1));
    let other = with(written(&house, guest, 0), "drinks", "Coffee");
    let late = bea.call::<WriteUsual>(&other).await;
    assert_eq!(late, Err(AppError::Conflict("The host".to_owned())));

    // The same on another day.
    house.clock.advance(TimeDelta::days(1));
    let mut bea = house.device("host2", "restaurant").await;
    bea.call::<WriteUsual>(&written(&house, guest, 1)).await.expect("the same");
    let now = line(&mut bea, guest).await;
    assert_eq!((now.times, now.revision, now.by.as_str(), now.on.as_str()), (2, 1, "Bea", "2026-11-24"));
    assert!(page(&mut bea, guest).await.contains("So on 2 days"));
    // What is not usual any more.
    bea.call::<WriteUsual>(&with(empty, "revision", "1")).await.expect("nothing");
    let now = line(&mut bea, guest).await;
    assert!(now.is_empty() && now.revision == 2);
    assert!(page(&mut bea, guest).await.contains("Nothing is written down yet"));
    assert_eq!(bea.call::<AnswerUsual>(&tap(&now, true)).await, Err(AppError::NotFound), "nothing to offer");

    let desk = house.stations["desk"].to_string();
    let elsewhere = bea.call::<WriteUsual>(&with(written(&house, guest, 0), "station", &desk)).await;
    let problem = Problem::NotKnown(desk, "@listed".to_owned());
    assert_eq!(elsewhere, Err(AppError::field("station", problem)), "nobody is served there");
    let stranger = GuestId::new();
    assert_eq!(bea.call::<WriteUsual>(&written(&house, stranger, 0)).await, Err(AppError::NotFound));
    assert_eq!(
        bea.call::<WriteUsual>(&with(written(&house, guest, 3), "station", &house.stations["bar"].to_string())).await,
        Err(AppError::NotFound),
        "there was none to change"
    );
}

#[tokio::test]
async fn the_desk_the_host_and_managers_serve_it_and_nobody_else_is_told() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut revision = 0;
    for (login, drink) in [("reception", "Milk"), ("manager", "Coffee"), ("host", "Jasmine tea")] {
        let mut device = house.device(login, "restaurant").await;
        let fields = with(written(&house, guest, revision), "drinks", drink);
        device.call::<WriteUsual>(&fields).await.expect(login);
        let known = line(&mut device, guest).await;
        revision = known.revision;
        device.call::<AnswerUsual>(&tap(&known, true)).await.expect(login);
        let shown = page(&mut device, guest).await;
        assert!(shown.contains(drink) && shown.contains("Same again"), "{login}: {shown}");
    }
    let mut host = house.device("host", "restaurant").await;
    let known = line(&mut host, guest).await;
    for login in ["floor", "concierge", "marketing", "admin"] {
        let mut device = house.device(login, "restaurant").await;
        let coffee = with(written(&house, guest, revision), "drinks", "Coffee");
        assert_eq!(device.call::<WriteUsual>(&coffee).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<AnswerUsual>(&tap(&known, true)).await, Err(AppError::Forbidden), "{login}");
        let answer = device.post(OpenCard::PATH, &[("guest", guest.to_string())], "application/json").await;
        let bytes = answer.text().await.expect("an answer");
        let shown = page(&mut device, guest).await;
        for word in ["usuals", "Jasmine tea", "Two eggs"] {
            assert!(!bytes.contains(word) && !shown.contains(word), "{login}: {word} in {bytes}");
        }
        assert!(!shown.contains("Same again"), "{login}: {shown}");
    }
    assert_eq!(line(&mut host, guest).await, known, "nothing came of it");
}

#[tokio::test]
async fn the_board_of_the_outlet_offers_it_and_open_cards_follow() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    let (mut desk, floor) = (house.device("reception", "desk").await, house.device("floor", "floor").await);
    let (mut at_the_desk, mut on_the_floor) = (desk.listen("").await, floor.listen("").await);
    host.call::<WriteUsual>(&written(&house, guest, 0)).await.expect("written");
    let told = at_the_desk.next_live().await.json();
    assert_eq!(
        (told["kind"].as_str(), told["guest"].as_str()),
        (Some("guest_changed"), Some(guest.to_string().as_str()))
    );
    assert_eq!(on_the_floor.next_live().await.data, r#"{"kind":"other"}"#);

    word(&house, guest, "restaurant").await;
    let board = host.get("/board").await.text().await.expect("a board");
    assert!(board.contains("The usual at restaurant") && board.contains("Same again"), "{board}");
    // A guest who comes to the desk is offered no tea.
    word(&house, guest, "desk").await;
    let board = desk.get("/board").await.text().await.expect("a board");
    assert!(board.contains("张伟") && !board.contains("Same again"), "{board}");
    let mut waiter = house.device("floor", "restaurant").await;
    let board = waiter.get("/board").await.text().await.expect("a board");
    assert!(board.contains("张伟") && !board.contains("Same again") && !board.contains("Jasmine tea"), "{board}");

    // Without scripts the form leads back to where it stood, and says there what was wrong.
    let known = line(&mut host, guest).await;
    let answer = host.post(AnswerUsual::PATH, &tap(&known, true), "text/html").await;
    assert!(answer.status().is_redirection(), "{}", answer.status());
    assert_eq!(line(&mut host, guest).await.counts, counts(1, 1, 0));
    let answer = host.post(AnswerUsual::PATH, &tap(&known, false), "text/html").await;
    assert_eq!(answer.headers()["location"], format!("/guests/{guest}").as_str());
    assert!(page(&mut host, guest).await.contains("The host was first"), "it was taken already");
    let long = "x".repeat(61);
    let typed = with(written(&house, guest, 1), "dishes", &format!("Toast\n{long}"));
    host.post(WriteUsual::PATH, &typed, "text/html").await;
    let shown = page(&mut host, guest).await;
    assert!(shown.contains(&long) && shown.contains("60 characters"), "{shown}");
}

#[tokio::test]
async fn a_board_on_shift_answers_and_nobody_writes_there_without_a_password() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    host.call::<WriteUsual>(&written(&house, guest, 0)).await.expect("written");
    let known = line(&mut host, guest).await;
    host.call::<SetShift>(&[("on", "true".to_owned())]).await.expect("on shift");
    for _ in 0..5 {
        house.clock.advance(TimeDelta::minutes(10));
        house.board_is_alive(&host).await;
    }
    host.call::<AnswerUsual>(&tap(&known, true)).await.expect("one tap");
    let coffee = with(written(&house, guest, 1), "drinks", "Coffee");
    assert_eq!(host.call::<WriteUsual>(&coffee).await, Err(AppError::Locked));
}

#[tokio::test]
async fn the_table_of_an_alert_is_the_usual_one_from_then_on() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    host.call::<WriteUsual>(&written(&house, guest, 0)).await.expect("written");
    for _ in 0..2 {
        let known = line(&mut host, guest).await;
        host.call::<AnswerUsual>(&tap(&known, false)).await.expect("refused");
    }
    let mut seat = async |table: &str| {
        let id = word(&house, guest, "restaurant").await;
        let done = host.call::<Complete>(&[("id", id), ("table", table.to_owned())]).await;
        done.expect("completed");
        house.clock.advance(TimeDelta::minutes(1));
        line(&mut host, guest).await
    };
    let same = seat("12").await;
    assert_eq!((same.seat.as_deref(), same.revision), (Some("12"), 1));
    let moved = seat("14").await;
    assert_eq!((moved.seat.as_deref(), moved.revision, moved.drinks.len()), (Some("14"), 2, 1));
    assert_eq!(moved.counts, counts(2, 0, 2), "another table does not have the tea offered again");
    assert_eq!((moved.times, moved.on.as_str()), (1, "2026-11-23"));
    let greeted = seat("").await;
    assert_eq!((greeted.seat.as_deref(), greeted.revision), (Some("14"), 2), "no table was told");

    // Of somebody else nothing was known, and at the desk nobody sits at a table.
    let other = house.guest("M0002").await;
    let mut desk = house.device("reception", "desk").await;
    let id = word(&house, other, "desk").await;
    desk.call::<Complete>(&[("id", id), ("table", "3".to_owned())]).await.expect("completed");
    assert!(usuals(&mut desk, other).await.is_empty());
    let id = word(&house, other, "restaurant").await;
    let mut host = house.device("host", "restaurant").await;
    host.call::<Complete>(&[("id", id), ("table", "7".to_owned())]).await.expect("completed");
    let seated = line(&mut desk, other).await;
    assert_eq!((seated.seat.as_deref(), seated.by.as_str()), (Some("7"), "The host"));
    assert!(!seated.is_offered(), "there is nothing to offer");
}

#[tokio::test]
async fn two_who_tap_at_once_on_two_servers_count_as_they_should() {
    let house = House::open().await;
    let beside = house.beside(house.db.sibling()).await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    host.call::<WriteUsual>(&written(&house, guest, 0)).await.expect("written");
    let mut bea = beside.served(&house.device("host2", "restaurant").await);
    let same = tap(&line(&mut host, guest).await, true);
    let (one, two) = futures::join!(host.call::<AnswerUsual>(&same), bea.call::<AnswerUsual>(&same));
    assert_eq!((one, two), (Ok(()), Ok(())), "the same offer");
    let known = line(&mut host, guest).await;
    assert_eq!(known.counts, counts(1, 1, 0));
    // Two offers, each with its answer.
    let other = |taken| tap(&UsualLine { once: OnceId::new(), ..known.clone() }, taken);
    let (first, second) = (other(true), other(true));
    let (one, two) = futures::join!(host.call::<AnswerUsual>(&first), bea.call::<AnswerUsual>(&second));
    assert_eq!((one, two), (Ok(()), Ok(())));
    assert_eq!(line(&mut host, guest).await.counts, counts(3, 3, 0));
    // Two who refuse what was refused once: only one of them is heard.
    let known = line(&mut host, guest).await;
    host.call::<AnswerUsual>(&tap(&known, false)).await.expect("refused");
    let known = line(&mut host, guest).await;
    let other = |taken| tap(&UsualLine { once: OnceId::new(), ..known.clone() }, taken);
    let (first, second) = (other(false), other(false));
    let (one, two) = futures::join!(host.call::<AnswerUsual>(&first), bea.call::<AnswerUsual>(&second));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert_eq!(line(&mut host, guest).await.counts, counts(5, 3, 2));
    // And one of two who write something new.
    let known = line(&mut host, guest).await;
    let (milk, water) = (
        with(written(&house, guest, known.revision), "drinks", "Milk"),
        with(written(&house, guest, known.revision), "drinks", "Water"),
    );
    let (one, two) = futures::join!(host.call::<WriteUsual>(&milk), bea.call::<WriteUsual>(&water));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let first = if one.is_ok() { "The host" } else { "Bea" };
    assert_eq!(one.and(two), Err(AppError::Conflict(first.to_owned())));
    assert_eq!(line(&mut host, guest).await.revision, 2);
}
