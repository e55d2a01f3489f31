//! Forms that are filled in wrongly.

use super::{Elsewhere, Scene, refused_field, with};
use crate::escalation::{coming_down, ulid};
use leptos::server_fn::ServerFn;
use rapport::{
    alerts::api::{Acknowledge, Complete, MuteKind, Raise, SaveAlertRule},
    error::{AppError, Problem},
    ids::StaffId,
};

#[tokio::test]
async fn a_refused_word_comes_back_without_scripts_too() {
    let mut scene = Scene::open().await;
    let mut floor = scene.house.device("floor", "floor").await;
    let note = with(with(scene.word(), "kind", "note"), "text", "in a\u{0} hurry");
    let card = format!("/guests/{}", scene.guest);
    let before = scene.look().await;
    let answer = floor.post(Raise::PATH, &note, "text/html").await;
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], card, "nothing of it is in the address");
    let page = floor.get(&card).await.text().await.expect("a page");
    assert!(page.contains("value=\"in a") && page.contains("This contains a character"), "what was typed, and why not");
    assert!(!floor.get(&card).await.text().await.expect("a page").contains("This contains a character"), "once");
    assert_eq!(scene.look().await, before);

    let mut host = scene.host.clone();
    let answer = host.post(Acknowledge::PATH, &[("id", ulid())], "text/html").await;
    assert_eq!(answer.headers()["location"], "/board", "nothing of it is in the address");
    let page = host.get("/board").await.text().await.expect("a page");
    assert!(page.contains("It does not exist, or not any more."), "{page}");
}

#[tokio::test]
async fn an_id_is_one_alerts_and_of_one_form() {
    let mut scene = Scene::open().await;
    let mut floor = scene.house.device("floor", "floor").await;
    let mut desk = scene.house.device("reception", "desk").await;
    for bad in [
        "",
        "not an id",
        "01ARZ3NDEKTSV4RRFFQ69G5FA",
        "01ARZ3NDEKTSV4RRFFQ69G5FAU",
        "01ARZ3NDEKTSV4RRFFQ69G5FAVV",
        // More than an id can hold: read as another, it would be another's.
        "9AAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        let malformed = with(scene.word(), "id", bad);
        refused_field(scene.refuses::<Raise>(&mut floor, &malformed, 422).await);
    }
    let used = scene.word();
    floor.call::<Raise>(&used).await.expect("raised");
    let other = scene.house.guest("M0002").await.to_string();
    let others = [
        with(used.clone(), "guest", other),
        with(used.clone(), "kind", "leaving"),
        with(used.clone(), "to", scene.house.stations["bar"].to_string()),
    ];
    for other in others {
        let refused = scene.refuses::<Raise>(&mut floor, &other, 409).await;
        assert!(refused.to_string().contains("The floor"), "whoever used it is named: {refused}");
    }
    scene.refuses::<Raise>(&mut desk, &used, 409).await;
}

#[tokio::test]
async fn words_that_cannot_be_kept_are_named() {
    let mut scene = Scene::open().await;
    let mut floor = scene.house.device("floor", "floor").await;
    let note = |text: String| with(with(scene.word(), "kind", "note"), "text", text);
    let notes = [
        (note("é".repeat(281)), Problem::TooLong(280)),
        (note("in a hurry\u{0}".to_owned()), Problem::BadCharacter),
        (note("served \u{202E}toor yb".to_owned()), Problem::BadCharacter),
        (note("  \u{3000} ".to_owned()), Problem::Empty),
    ];
    let unknown = with(scene.word(), "kind", "p".repeat(1_000));
    for (note, problem) in notes {
        assert_eq!(refused_field(scene.refuses::<Raise>(&mut floor, &note, 422).await), ("text".to_owned(), problem));
    }
    // The form does not take what the server would refuse: nothing typed can be lost.
    let page = floor.get(&format!("/guests/{}", scene.guest)).await.text().await.expect("a page");
    assert!(page.contains("name=\"text\" maxlength=\"280\""), "the form has a limit");

    let (field, problem) = refused_field(scene.refuses::<Raise>(&mut floor, &unknown, 422).await);
    let Problem::NotKnown(given, expected) = problem else { panic!("{problem}") };
    assert_eq!((field.as_str(), given.len()), ("kind", 40), "long enough to recognise it");
    assert!(expected.contains("coming_down"), "what is accepted: {expected}");

    let mut host = scene.host.clone();
    for kind in ["", "party", "COMING_DOWN"] {
        let mute = [("kind", kind.to_owned()), ("on", "true".to_owned())];
        assert_eq!(refused_field(scene.refuses::<MuteKind>(&mut host, &mute, 422).await).0, "kind");
    }
    let alert = coming_down(&mut floor, &scene.house, scene.guest).await;
    for (table, problem) in [("1".repeat(21), Problem::TooLong(20)), ("12\u{0}".to_owned(), Problem::BadCharacter)] {
        let seat = [("id", alert.id.to_string()), ("table", table)];
        let refused = scene.refuses::<Complete>(&mut host, &seat, 422).await;
        assert_eq!(refused_field(refused), ("table".to_owned(), problem));
    }
}

#[tokio::test]
async fn a_note_is_text_and_nothing_else() {
    let mut scene = Scene::open().await;
    let mut floor = scene.house.device("floor", "floor").await;
    let text = "</script><script>alert(1)</script> & \"so on\"";
    let note = with(with(scene.word(), "kind", "note"), "text", format!("  {text}\r\n"));
    let card = floor.call::<Raise>(&note).await.expect("raised");
    assert_eq!(card.text.as_deref(), Some(text), "kept as typed, but for the spaces around it");
    let page = scene.host.get("/board").await.text().await.expect("a page");
    assert!(page.contains("&lt;script&gt;alert(1)"), "it is shown");
    assert!(!page.contains("<script>alert(1)"), "and is no part of the page");
    let longest = with(with(scene.word(), "kind", "note"), "text", "é".repeat(280));
    floor.call::<Raise>(&longest).await.expect("characters are counted, not bytes");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_as_too_large() {
    let mut scene = Scene::open().await;
    let mut floor = scene.house.device("floor", "floor").await;
    let huge = with(with(scene.word(), "kind", "note"), "text", "a".repeat(300 * 1024));
    let refused = scene.refuses::<Raise>(&mut floor, &huge, 413).await;
    assert_eq!(refused_field(refused), ("form".to_owned(), Problem::TooLarge(256 * 1024)));
    let before = scene.look().await;
    let answer = floor.post(Raise::PATH, &huge, "text/html").await;
    assert_eq!(answer.status(), 413);
    assert!(answer.text().await.expect("text").contains("larger than"), "and a sentence without scripts");
    assert_eq!(scene.look().await, before);
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused_at_its_field() {
    let mut scene = Scene::open().await;
    let elsewhere = Elsewhere::beside(&scene.house).await;
    let mut manager = scene.manager.clone();
    manager.call::<SaveAlertRule>(&scene.rule()).await.expect("a rule that does");
    let own = scene.house.stations["restaurant"].to_string();
    let (their_pool, their_colleague) = (elsewhere.pool.to_string(), elsewhere.colleague.to_string());
    let nobody = StaffId::new().to_string();
    let cases: [(&str, &str, &str); 20] = [
        ("again_after", "soon", "again_after"),
        ("again_after", "", "again_after"),
        ("again_after", "-1", "again_after"),
        ("again_after", "1.5", "again_after"),
        ("again_after", "3601", "again_after"),
        // The time that is not later than the one before it.
        ("again_after", "70", "duty_after"),
        ("duty_after", "20", "duty_after"),
        ("duty_after", "90000000000", "duty_after"),
        ("unanswered_after", "59", "unanswered_after"),
        ("unanswered_after", "two", "unanswered_after"),
        ("expires_after", "2", "expires_after"),
        ("expires_after", "0", "expires_after"),
        ("expires_after", "1441", "expires_after"),
        ("kind", "party", "kind"),
        ("backup", &own, "backup"),
        ("backup", &their_pool, "backup"),
        ("backup", "the bar", "backup"),
        ("duty", &their_colleague, "duty"),
        ("duty", &nobody, "duty"),
        ("duty", "Clara", "duty"),
    ];
    for (field, value, refused) in cases {
        let error = scene.refuses::<SaveAlertRule>(&mut manager, &with(scene.rule(), field, value), 422).await;
        assert_eq!(refused_field(error).0, refused, "{field} = {value:?}");
    }
    let theirs = with(scene.rule(), "station", &their_pool);
    assert_eq!(scene.refuses::<SaveAlertRule>(&mut manager, &theirs, 404).await, AppError::NotFound);
}
