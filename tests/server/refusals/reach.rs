//! Who may do what, to which alert, and until when.

use super::{Elsewhere, Scene, refused_field, with};
use crate::{
    escalation::{coming_down, send, settle, ulid},
    harness::PASSWORD,
};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    alerts::{
        api::{Acknowledge, Complete, MuteKind, Raise, SaveAlertRule, Withdraw},
        store,
    },
    error::{AppError, Problem},
    house::api::ChooseStation,
    ids::GuestId,
};

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let mut scene = Scene::open().await;
    let mut floor = scene.house.device("floor", "floor").await;
    let nobody = GuestId::new().to_string();
    for (field, expected) in [("guest", "@known_guest"), ("to", "@other_station")] {
        let unknown = with(scene.word(), field, &nobody);
        let refused = refused_field(scene.refuses::<Raise>(&mut floor, &unknown, 422).await);
        assert_eq!(refused, (field.to_owned(), Problem::NotKnown(nobody.clone(), expected.to_owned())));
    }
    let unknown = [("id", ulid())];
    let mut host = scene.host.clone();
    scene.refuses::<Acknowledge>(&mut host, &unknown, 404).await;
    scene.refuses::<Complete>(&mut host, &unknown, 404).await;
    scene.refuses::<Withdraw>(&mut floor, &unknown, 404).await;
    let mut manager = scene.manager.clone();
    let unknown = with(scene.rule(), "station", &nobody);
    scene.refuses::<SaveAlertRule>(&mut manager, &unknown, 404).await;
}

#[tokio::test]
async fn another_house_is_out_of_reach() {
    let mut scene = Scene::open().await;
    let mut floor = scene.house.device("floor", "floor").await;
    let mut elsewhere = Elsewhere::beside(&scene.house).await;
    let theirs = with(scene.word(), "to", elsewhere.pool.to_string());
    let refused = scene.refuses::<Raise>(&mut floor, &theirs, 422).await;
    assert_eq!(refused_field(refused).0, "to", "their station");
    let ours = scene.word();
    let refused = scene.refuses::<Raise>(&mut elsewhere.device, &ours, 422).await;
    assert_eq!(refused_field(refused).0, "to", "and ours");

    let alert = elsewhere.device.call::<Raise>(&theirs).await.expect("raised in their own house");
    let id = [("id", alert.id.to_string())];
    let (mut host, mut manager) = (scene.host.clone(), scene.manager.clone());
    assert_eq!(scene.refuses::<Acknowledge>(&mut host, &id, 404).await, AppError::NotFound);
    assert_eq!(scene.refuses::<Complete>(&mut manager, &id, 404).await, AppError::NotFound);
    assert_eq!(scene.refuses::<Withdraw>(&mut floor, &id, 404).await, AppError::NotFound);
    let same_id = with(scene.word(), "id", alert.id.to_string());
    let refused = scene.refuses::<Raise>(&mut floor, &same_id, 409).await;
    assert_eq!(refused, AppError::Conflict(String::new()), "who used it is no business of this house");
    let row = store::row(&scene.house.db, alert.id).await.expect("an answer").expect("still there");
    assert_eq!(row.state, "raised", "nobody has touched it");
}

#[tokio::test]
async fn nobody_sends_word_to_where_they_stand() {
    let mut scene = Scene::open().await;
    let mut host = scene.host.clone();
    let to_itself = scene.word();
    let refused = scene.refuses::<Raise>(&mut host, &to_itself, 422).await;
    let problem = Problem::NotKnown("restaurant".to_owned(), "@other_station".to_owned());
    assert_eq!(refused_field(refused), ("to".to_owned(), problem));

    // What was sent from elsewhere is the same word still, asked about from where it went.
    let mut floor = scene.house.device("floor", "floor").await;
    let word = scene.word();
    let sent = floor.call::<Raise>(&word).await.expect("raised");
    let there = [("station", scene.house.stations["restaurant"].to_string())];
    floor.call::<ChooseStation>(&there).await.expect("moved");
    assert_eq!(floor.call::<Raise>(&word).await.expect("the same").id, sent.id);
}

#[tokio::test]
async fn whoever_may_not_is_refused() {
    let mut scene = Scene::open().await;
    let mut floor = scene.house.device("floor", "floor").await;
    let alert = coming_down(&mut floor, &scene.house, scene.guest).await;
    let (id, word, rule) = ([("id", alert.id.to_string())], scene.word(), scene.rule());
    let mute = [("kind", "leaving".to_owned()), ("on", "true".to_owned())];
    for role in ["marketing", "admin"] {
        let mut device = scene.house.device(role, "restaurant").await;
        scene.refuses::<Raise>(&mut device, &word, 403).await;
        scene.refuses::<Acknowledge>(&mut device, &id, 403).await;
        scene.refuses::<Complete>(&mut device, &id, 403).await;
        scene.refuses::<Withdraw>(&mut device, &id, 403).await;
        scene.refuses::<MuteKind>(&mut device, &mute, 403).await;
    }
    let mut host = scene.host.clone();
    scene.refuses::<SaveAlertRule>(&mut host, &rule, 403).await;
    scene.refuses::<Withdraw>(&mut host, &id, 403).await;
    let mut bar = scene.house.device("concierge", "bar").await;
    scene.refuses::<Acknowledge>(&mut bar, &id, 403).await;

    let mut nobody = scene.house.browser();
    scene.refuses::<Raise>(&mut nobody, &word, 401).await;
    scene.refuses::<Acknowledge>(&mut nobody, &id, 401).await;
    scene.refuses::<SaveAlertRule>(&mut nobody, &rule, 401).await;
    assert_eq!(nobody.get("/events").await.status(), 401);

    let mut nowhere = scene.house.browser();
    nowhere.sign_in("host2", PASSWORD).await.expect("signed in");
    assert_eq!(scene.refuses::<Raise>(&mut nowhere, &word, 409).await, AppError::NoStation);
    assert_eq!(scene.refuses::<Acknowledge>(&mut nowhere, &id, 409).await, AppError::NoStation);
}

#[tokio::test]
async fn whoever_comes_too_late_learns_who_was_first() {
    let mut scene = Scene::open().await;
    let (mut host, mut manager) = (scene.host.clone(), scene.manager.clone());
    let mut floor = scene.house.device("floor", "floor").await;
    let mut bea = scene.house.device("host2", "restaurant").await;
    let soon = with(scene.rule(), "expires_after", "3");
    manager.call::<SaveAlertRule>(&soon).await.expect("saved");

    let completed = [("id", coming_down(&mut floor, &scene.house, scene.guest).await.id.to_string())];
    host.call::<Complete>(&completed).await.expect("completed");
    let word = send(&mut floor, &scene.house, &ulid(), scene.guest, "leaving", "").await.expect("raised");
    let withdrawn = [("id", word.id.to_string())];
    floor.call::<Withdraw>(&withdrawn).await.expect("withdrawn");
    let word = send(&mut floor, &scene.house, &ulid(), scene.guest, "checked_in", "").await.expect("raised");
    let expired = [("id", word.id.to_string())];
    let word = send(&mut floor, &scene.house, &ulid(), scene.guest, "note", "soon").await.expect("raised");
    let seen = [("id", word.id.to_string())];
    host.call::<Acknowledge>(&seen).await.expect("acknowledged");
    let first = |name: &str| AppError::Conflict(name.to_owned());
    assert_eq!(scene.refuses::<Acknowledge>(&mut bea, &seen, 409).await, first("The host"));

    scene.house.clock.advance(TimeDelta::minutes(3));
    settle(&scene.house).await;
    for (id, who) in [(&completed, first("The host")), (&withdrawn, first("The floor")), (&expired, AppError::Expired)]
    {
        assert_eq!(scene.refuses::<Acknowledge>(&mut bea, id, 409).await, who);
        assert_eq!(scene.refuses::<Complete>(&mut bea, id, 409).await, who);
    }
    for (id, who) in [(&completed, first("The host")), (&expired, AppError::Expired), (&seen, AppError::Expired)] {
        assert_eq!(scene.refuses::<Withdraw>(&mut floor, id, 409).await, who);
    }
    // Who has seen it is known; that it was to be ended then is too late.
    assert_eq!(scene.refuses::<Acknowledge>(&mut bea, &seen, 409).await, first("The host"));
    assert_eq!(scene.refuses::<Complete>(&mut bea, &seen, 409).await, AppError::Expired);
    for (language, words) in [("en", "It has expired"), ("es", "Ha caducado"), ("zh", "该通知已失效")] {
        bea.cookies.insert("rapport_lang".into(), language.into());
        bea.post(Complete::PATH, &expired, "text/html").await;
        let page = bea.get("/board").await.text().await.expect("a page");
        assert!(page.contains(words), "{language}: {page}");
    }
}
