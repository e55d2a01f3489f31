//! Live word: durable before it is shown, shown once and in order, won by one.

use crate::harness::{Device, Events, House};
use rapport::{
    alerts::{
        AlertState, Outcome,
        api::{Acknowledge, Board as BoardCall, Complete, Raise, Withdraw},
    },
    error::AppError,
    guests::api::AddPreference,
    ids::GuestId,
    server::db::{NewEvent, Tx},
};
use surrealdb::types::SurrealValue;

async fn raise(
    device: &mut Device,
    house: &House,
    id: &str,
    guest: GuestId,
    to: &str,
) -> Result<rapport::alerts::AlertCard, AppError> {
    device
        .call::<Raise>(&[
            ("id", id.to_owned()),
            ("guest", guest.to_string()),
            ("to", house.stations[to].to_string()),
            ("kind", "coming_down".to_owned()),
        ])
        .await
}

/// A note to the restaurant.
async fn note(
    device: &mut Device,
    house: &House,
    id: &str,
    guest: GuestId,
    text: &str,
) -> Result<rapport::alerts::AlertCard, AppError> {
    device
        .call::<Raise>(&[
            ("id", id.to_owned()),
            ("guest", guest.to_string()),
            ("to", house.stations["restaurant"].to_string()),
            ("kind", "note".to_owned()),
            ("text", text.to_owned()),
        ])
        .await
}

fn ulid() -> String {
    ulid::Ulid::new().to_string()
}

#[tokio::test]
async fn the_restaurant_hears_it_and_the_sender_hears_the_answer() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let mut host = house.device("host", "restaurant").await;
    let mut restaurant = host.listen("").await;
    let mut sender = floor.listen("").await;
    let id = ulid();
    raise(&mut floor, &house, &id, guest, "restaurant").await.expect("raised");

    let alert = restaurant.next_alert().await;
    assert_eq!(alert["state"], "raised");
    assert_eq!(alert["name"]["native"], "张伟");
    assert_eq!(alert["room"], "904");
    assert_eq!(alert["dietary"][0]["coded"], "no_shellfish");
    assert_eq!(alert["dining"][0][1]["coded"], "window_table");
    assert_eq!(alert["from_name"], "floor");

    host.call::<Acknowledge>(&[("id", id.clone())]).await.expect("acknowledged");
    let seated = host.call::<Complete>(&[("id", id.clone()), ("table", "12".to_owned())]).await.expect("completed");
    assert_eq!(seated.outcome, Some(Outcome::Seated("12".to_owned())));
    let states: Vec<_> = [sender.next_alert().await, sender.next_alert().await, sender.next_alert().await]
        .iter()
        .map(|alert| (alert["state"].clone(), alert["acknowledged_by"].clone()))
        .collect();
    assert_eq!(states[0].0, "raised");
    assert_eq!(states[1], ("acknowledged".into(), "The host".into()));
    assert_eq!(states[2].0, "completed");
    let board = host.call::<BoardCall>(&[]).await.expect("a board");
    assert_eq!(board.alerts.len(), 1);
    assert_eq!(board.alerts[0].state, AlertState::Completed);
}

#[tokio::test]
async fn a_hosts_stream_holds_no_phone_no_email_and_no_spend() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let mut host = house.device("host", "restaurant").await;
    let mut stream = host.listen("?after=0").await;
    raise(&mut desk, &house, &ulid(), guest, "restaurant").await.expect("raised");
    stream.next_alert().await;
    let board = host.call::<BoardCall>(&[]).await.expect("a board");
    let live: String = stream.seen.iter().map(|frame| frame.data.as_str()).collect();
    let mut replay = host.listen("?after=0").await;
    replay.next_alert().await;
    let replayed: String = replay.seen.iter().map(|frame| frame.data.as_str()).collect();
    let snapshot = serde_json::to_string(&board.alerts).expect("JSON");
    for (name, bytes) in [("live", live), ("replay", replayed), ("board", snapshot)] {
        assert!(bytes.contains("张伟"), "{name} holds the alert");
        for secret in ["+8613912345678", "zhang.wei@", "16800", "56800", "14200", "1978", "2026-11-25"] {
            assert!(!bytes.contains(secret), "{name} holds {secret}: {bytes}");
        }
    }
}

#[tokio::test]
async fn other_stations_get_the_number_and_nothing_else() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let bar = house.device("host2", "bar").await;
    let mut stream = bar.listen("").await;
    assert_eq!(stream.next().await.event, "hello");
    raise(&mut floor, &house, &ulid(), guest, "restaurant").await.expect("raised");
    let frame = stream.next_live().await;
    assert_eq!(frame.data, r#"{"kind":"other"}"#);
    let mut replay = bar.listen("?after=0").await;
    loop {
        let again = replay.next_live().await;
        assert!(!again.data.contains("Zhang"), "{again:?}");
        if again.seq() == frame.seq() {
            break;
        }
    }
}

#[tokio::test]
async fn fifty_at_once_come_gapless_and_in_order() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let floor = house.device("floor", "floor").await;
    let host = house.device("host", "restaurant").await;
    let mut stream = host.listen("").await;
    assert_eq!(stream.next().await.event, "hello");
    let raises = (0..50).map(|number: u32| {
        let (mut floor, house) = (floor.clone(), &house);
        async move { note(&mut floor, house, &ulid(), guest, &format!("word {number}")).await }
    });
    for raised in futures::future::join_all(raises).await {
        raised.expect("raised");
    }
    let live = fifty_alerts(&mut stream).await;
    let first = live[0];
    assert_eq!(live, (first..first + live.len() as u64).collect::<Vec<_>>(), "live");
    let mut again = host.listen(&format!("?after={}", first - 1)).await;
    assert_eq!(fifty_alerts(&mut again).await, live, "replay");
}

/// The numbers of everything that comes until fifty alerts have come.
async fn fifty_alerts(stream: &mut Events) -> Vec<u64> {
    let (mut seqs, mut alerts) = (Vec::new(), 0);
    while alerts < 50 {
        let frame = stream.next().await;
        if frame.event == "live" {
            seqs.push(frame.seq());
            alerts += u32::from(frame.json()["kind"] == "alert");
        }
    }
    seqs
}

#[tokio::test]
async fn an_event_that_cannot_be_read_holds_up_no_other() {
    /// As from a server that knows more of alerts than this one.
    #[derive(SurrealValue)]
    struct Unreadable {
        unreadable: bool,
    }
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (mut floor, host) = (house.device("floor", "floor").await, house.device("host", "restaurant").await);
    let mut live = host.listen("").await;
    assert_eq!(live.next().await.event, "hello");
    let event = NewEvent::new(house.id, "alert", Unreadable { unreadable: true });
    let commit = house.db.commit(Tx::new().event(event)).await.expect("written");
    let seq = commit.told[0].1[0].seq;
    let alert = raise(&mut floor, &house, &ulid(), guest, "restaurant").await.expect("raised");
    let mut replayed = host.listen(&format!("?after={}", seq - 1)).await;
    for stream in [&mut live, &mut replayed] {
        let passed_over = loop {
            let frame = stream.next_live().await;
            if frame.seq() >= seq {
                break frame;
            }
        };
        assert_eq!((passed_over.seq(), passed_over.data.as_str()), (seq, r#"{"kind":"other"}"#));
        assert_eq!(stream.next_alert().await["id"], alert.id.to_string());
    }
}

#[tokio::test]
async fn raising_twice_is_one_alert_and_an_id_is_not_used_again() {
    let house = House::open().await;
    let (guest, other) = (house.guest("M0001").await, house.guest("M0002").await);
    let mut floor = house.device("floor", "floor").await;
    let id = ulid();
    let first = raise(&mut floor, &house, &id, guest, "restaurant").await.expect("raised");
    let head = house.state.feed.head(house.id).await.expect("a head");
    let second = raise(&mut floor, &house, &id, guest, "restaurant").await.expect("the same");
    assert_eq!((first.id, first.raised_at), (second.id, second.raised_at));
    assert_eq!(house.alerts_stored(&id).await, 1);
    assert_eq!(house.state.feed.head(house.id).await.expect("a head"), head, "no second event");
    let refused = raise(&mut floor, &house, &id, other, "restaurant").await;
    assert_eq!(refused, Err(AppError::Conflict("The floor".to_owned())), "whoever used it is named, in any language");
    assert_eq!(floor.last_status, 409);
}

#[tokio::test]
async fn of_two_who_tap_at_once_one_wins_and_both_learn_who() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let (mut anna, mut bea) = (house.device("host", "restaurant").await, house.device("host2", "restaurant").await);
    for _ in 0..10 {
        let id = ulid();
        raise(&mut floor, &house, &id, guest, "restaurant").await.expect("raised");
        let fields = [("id", id.clone())];
        let (a, b) = tokio::join!(anna.call::<Acknowledge>(&fields), bea.call::<Acknowledge>(&fields));
        let (winner, refused) = match (a, b) {
            (Ok(card), Err(error)) | (Err(error), Ok(card)) => (card.acknowledged_by.expect("a name"), error),
            other => panic!("one winner expected: {other:?}"),
        };
        assert_eq!(refused, AppError::Conflict(winner), "the loser learns who it was");
        // The next word is another one.
        house.clock.advance(chrono::TimeDelta::seconds(31));
    }
}

#[tokio::test]
async fn an_end_is_an_end() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let mut host = house.device("host", "restaurant").await;
    let id = ulid();
    raise(&mut floor, &house, &id, guest, "restaurant").await.expect("raised");
    let refused = host.call::<Withdraw>(&[("id", id.clone())]).await;
    assert_eq!(refused, Err(AppError::Forbidden), "only the sender takes it back");
    floor.call::<Withdraw>(&[("id", id.clone())]).await.expect("withdrawn");
    for _ in 0..2 {
        let refused = host.call::<Acknowledge>(&[("id", id.clone())]).await;
        assert_eq!(refused, Err(AppError::Conflict("The floor".to_owned())));
    }
    let refused = host.call::<Complete>(&[("id", id)]).await;
    assert!(matches!(refused, Err(AppError::Conflict(_))));
}

#[tokio::test]
async fn what_cannot_be_raised_is_refused_with_a_sentence() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let to = house.stations["restaurant"].to_string();
    let fields = |id: &str, guest: &str, to: &str, kind: &str| {
        vec![("id", id.to_owned()), ("guest", guest.to_owned()), ("to", to.to_owned()), ("kind", kind.to_owned())]
    };
    let nobody = GuestId::new().to_string();
    let guest = guest.to_string();
    let unknown = floor.call::<Raise>(&fields(&ulid(), &nobody, &to, "leaving")).await.expect_err("no such guest");
    assert!(unknown.to_string().starts_with("guest: "), "{unknown}");
    let unknown = floor.call::<Raise>(&fields(&ulid(), &guest, &nobody, "leaving")).await.expect_err("no such station");
    assert!(unknown.to_string().starts_with("to: "), "{unknown}");
    let refused = floor.call::<Raise>(&fields(&ulid(), &guest, &to, "party")).await.expect_err("refused");
    assert!(refused.to_string().contains("coming_down"), "{refused}");
    let refused = floor.call::<Raise>(&fields(&ulid(), &guest, &to, "note")).await.expect_err("refused");
    assert!(refused.to_string().contains("text"), "{refused}");
    assert!(floor.call::<Raise>(&fields("not an id", &guest, &to, "leaving")).await.is_err());
    let mut marketing = house.device("marketing", "desk").await;
    assert_eq!(marketing.call::<Raise>(&fields(&ulid(), &guest, &to, "leaving")).await, Err(AppError::Forbidden));
    let answer = floor.get("/events?after=minus").await;
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.expect("text").contains("after"));
}

#[tokio::test]
async fn another_history_or_the_future_is_answered_with_reset() {
    let house = House::open().await;
    let host = house.device("host", "restaurant").await;
    for query in ["?after=1&epoch=another", "?after=999999"] {
        let mut stream = host.listen(query).await;
        assert_eq!(stream.next().await.event, "hello", "{query}");
        assert_eq!(stream.next().await.event, "reset", "{query}");
    }
}

#[tokio::test]
async fn a_change_at_the_desk_reaches_whoever_may_see_it() {
    let house = House::open().await;
    let guest = house.guest("M0002").await;
    let mut desk = house.device("reception", "desk").await;
    let (host, concierge) = (house.device("host", "restaurant").await, house.device("concierge", "desk").await);
    let (mut at_restaurant, mut at_concierge) = (host.listen("").await, concierge.listen("").await);
    assert_eq!(at_restaurant.next().await.event, "hello");
    assert_eq!(at_concierge.next().await.event, "hello");
    let allergy = [
        ("guest", guest.to_string()),
        ("group", "dietary".to_owned()),
        ("value", "no_peanuts".to_owned()),
        ("stated", "true".to_owned()),
    ];
    desk.call::<AddPreference>(&allergy).await.expect("written down");
    let told = at_restaurant.next_live().await.json();
    assert_eq!(
        (told["kind"].as_str(), told["guest"].as_str()),
        (Some("guest_changed"), Some(guest.to_string().as_str()))
    );
    assert_eq!(at_concierge.next_live().await.json()["kind"], "other", "the concierge sees no dietary");
}

#[tokio::test]
async fn the_boards_page_is_whole_every_time() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let mut host = house.device("host", "restaurant").await;
    raise(&mut floor, &house, &ulid(), guest, "restaurant").await.expect("raised");
    for load in 0..60 {
        let page = tokio::time::timeout(std::time::Duration::from_secs(5), async {
            host.get("/board").await.text().await.expect("a page")
        });
        let page = page.await.unwrap_or_else(|_| panic!("load {load} does not end"));
        for part in ["张伟", "class=\"counts\"", "</html>"] {
            assert!(page.contains(part), "load {load} lacks {part}");
        }
    }
}
