//! Bad input about alerts: the right status, a sentence, and nothing changed.

use crate::{
    escalation::{coming_down, send, ulid},
    harness::{Device, House, PASSWORD},
    interleavings::settle,
};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    alerts::{
        Board,
        api::{Acknowledge, AlertRules, Board as BoardCall, Complete, MuteKind, Raise, SaveAlertRule, Withdraw},
        rules::StationRules,
        store,
    },
    error::{AppError, FieldError, Problem},
    house::{
        StationKind,
        api::ChooseStation,
        store::{self as houses, NewHouse, NewStation},
    },
    ids::{GuestId, StaffId, StationId},
    server::db::vars,
    staff::{
        Role, password,
        store::{self as staff, NewStaff},
    },
};
use serde::de::DeserializeOwned;
use surrealdb::types::RecordId;

/// A house, and two who see whether anything has changed in it.
struct Scene {
    house: House,
    guest: GuestId,
    host: Device,
    manager: Device,
}

/// All that a refusal must leave as it is.
#[derive(Debug, PartialEq)]
struct Look {
    head: u64,
    board: Board,
    rules: Vec<StationRules>,
    /// How many rows each table has.
    rows: Vec<usize>,
}

impl Scene {
    async fn open() -> Self {
        let house = House::open().await;
        let guest = house.guest("M0001").await;
        let (host, manager) = (house.device("host", "restaurant").await, house.device("manager", "desk").await);
        Self { house, guest, host, manager }
    }

    async fn look(&mut self) -> Look {
        let mut rows = Vec::new();
        for table in ["alert", "alert_alias", "escalation", "alert_rule", "mute", "locator", "hand_over"] {
            let ids: Vec<RecordId> = self
                .house
                .db
                .rows("SELECT VALUE id FROM type::table($table)", vars().with("table", table))
                .await
                .expect("an answer");
            rows.push(ids.len());
        }
        Look {
            head: self.house.state.feed.head(self.house.id).await.expect("a head"),
            board: self.host.call::<BoardCall>(&[]).await.expect("a board"),
            rules: self.manager.call::<AlertRules>(&[]).await.expect("rules"),
            rows,
        }
    }

    /// The house refuses it with that status and a sentence, and stays as it is.
    async fn refuses<F>(&mut self, device: &mut Device, fields: &[(&str, String)], status: u16) -> AppError
    where
        F: ServerFn,
        F::Output: DeserializeOwned,
    {
        let before = self.look().await;
        let error = device.call::<F>(fields).await.err();
        let error = error.unwrap_or_else(|| panic!("{} accepts {fields:?}", F::PATH));
        assert_eq!(device.last_status, status, "{} {fields:?}: {error}", F::PATH);
        assert!(error.to_string().contains(' '), "a sentence: {error}");
        assert_eq!(self.look().await, before, "{} {fields:?}", F::PATH);
        error
    }

    /// Word to the restaurant that could be raised.
    fn word(&self) -> Fields {
        vec![
            ("id", ulid()),
            ("guest", self.guest.to_string()),
            ("to", self.house.stations["restaurant"].to_string()),
            ("kind", "coming_down".to_owned()),
            ("text", String::new()),
        ]
    }

    /// A rule of the restaurant that could be saved.
    fn rule(&self) -> Fields {
        vec![
            ("station", self.house.stations["restaurant"].to_string()),
            ("kind", String::new()),
            ("again_after", "20".to_owned()),
            ("duty_after", "60".to_owned()),
            ("unanswered_after", "120".to_owned()),
            ("expires_after", "240".to_owned()),
            ("backup", self.house.stations["bar"].to_string()),
            ("duty", String::new()),
        ]
    }
}

type Fields = Vec<(&'static str, String)>;

/// The same with another value in one field.
fn with(mut fields: Fields, name: &str, value: impl Into<String>) -> Fields {
    let field = fields.iter_mut().find(|(field, _)| *field == name).expect("a field of the form");
    field.1 = value.into();
    fields
}

/// The one field that was refused, and why.
fn refused_field(error: AppError) -> (String, Problem) {
    match error {
        AppError::Fields(fields) => match <[FieldError; 1]>::try_from(fields) {
            Ok([FieldError { field, problem }]) => (field, problem),
            Err(more) => panic!("one field expected: {more:?}"),
        },
        other => panic!("a field expected: {other}"),
    }
}

/// Another house on the same store.
struct Elsewhere {
    pool: StationId,
    colleague: StaffId,
    device: Device,
}

impl Elsewhere {
    async fn beside(house: &House) -> Self {
        let new = NewHouse {
            name: "The Elms".into(),
            code: "SEA".into(),
            timezone: chrono_tz::Europe::Lisbon,
            currency: "EUR".into(),
        };
        let id = houses::insert_house(&house.db, new).await.expect("a house");
        let station = |name: &str, extension: &str| NewStation {
            name: name.into(),
            kind: StationKind::Restaurant,
            extension: extension.into(),
        };
        let pool = houses::insert_station(&house.db, id, station("pool", "500")).await.expect("a station");
        let gate = houses::insert_station(&house.db, id, station("gate", "501")).await.expect("a station");
        let hash = password::hash(PASSWORD.to_owned()).await.expect("a hash");
        let new = NewStaff { login: "far".into(), name: "Fia".into(), role: Role::Host, password_hash: hash };
        let colleague = staff::insert(&house.db, id, new).await.expect("a colleague");
        let mut device = house.browser();
        device.sign_in("far", PASSWORD).await.expect("signed in");
        device.call::<ChooseStation>(&[("station", gate.to_string())]).await.expect("stands there");
        Self { pool, colleague, device }
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let mut scene = Scene::open().await;
    let mut floor = scene.house.device("floor", "floor").await;
    let nobody = GuestId::new().to_string();
    for field in ["guest", "to"] {
        let unknown = with(scene.word(), field, &nobody);
        assert_eq!(scene.refuses::<Raise>(&mut floor, &unknown, 404).await, AppError::NotFound, "{field}");
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
    assert_eq!(scene.refuses::<Raise>(&mut floor, &theirs, 404).await, AppError::NotFound, "their station");
    let ours = scene.word();
    assert_eq!(scene.refuses::<Raise>(&mut elsewhere.device, &ours, 404).await, AppError::NotFound, "and ours");

    let alert = elsewhere.device.call::<Raise>(&theirs).await.expect("raised in their own house");
    let id = [("id", alert.id.to_string())];
    let (mut host, mut manager) = (scene.host.clone(), scene.manager.clone());
    assert_eq!(scene.refuses::<Acknowledge>(&mut host, &id, 404).await, AppError::NotFound);
    assert_eq!(scene.refuses::<Complete>(&mut manager, &id, 404).await, AppError::NotFound);
    assert_eq!(scene.refuses::<Withdraw>(&mut floor, &id, 404).await, AppError::NotFound);
    let same_id = with(scene.word(), "id", alert.id.to_string());
    scene.refuses::<Raise>(&mut floor, &same_id, 409).await;
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
    for bad in
        ["", "not an id", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAU", "01ARZ3NDEKTSV4RRFFQ69G5FAVV"]
    {
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
        assert!(refused.to_string().contains("another alert"), "{refused}");
    }
    scene.refuses::<Raise>(&mut desk, &used, 409).await;
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
    for (id, who) in [(&completed, "The host"), (&withdrawn, "The floor"), (&expired, "Rapport"), (&seen, "The host")] {
        assert_eq!(scene.refuses::<Acknowledge>(&mut bea, id, 409).await, first(who));
        assert_eq!(scene.refuses::<Complete>(&mut bea, id, 409).await, first(who));
    }
    for (id, who) in [(&completed, "The host"), (&expired, "Rapport"), (&seen, "The host")] {
        assert_eq!(scene.refuses::<Withdraw>(&mut floor, id, 409).await, first(who));
    }
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

#[tokio::test]
async fn a_stream_from_nowhere_begins_afresh_or_not_at_all() {
    let mut scene = Scene::open().await;
    let mut floor = scene.house.device("floor", "floor").await;
    coming_down(&mut floor, &scene.house, scene.guest).await;
    // Marketing's stream is not listened to by a station: it changes nothing by itself.
    let mut marketing = scene.house.device("marketing", "desk").await;
    let before = scene.look().await;
    let (epoch, head) = (&before.board.epoch, before.head);
    for query in [
        "?after=1&epoch=nonsense".to_owned(),
        "?after=1&epoch=".to_owned(),
        format!("?after={}&epoch={epoch}", head + 1),
        format!("?after={}&epoch={epoch}", u64::MAX),
    ] {
        let mut stream = marketing.listen(&query).await;
        let hello = stream.next().await;
        assert_eq!((hello.event.as_str(), hello.json()["head"].as_u64()), ("hello", Some(head)), "{query}");
        assert_eq!(stream.next().await.event, "reset", "{query}");
    }
    let mut known = marketing.listen(&format!("?after={}&epoch={epoch}", head - 1)).await;
    assert_eq!(known.next().await.event, "hello");
    assert_eq!(known.next().await.seq(), head, "what is known goes on where it was");

    for after in ["", "-1", "1.5", "minus", "18446744073709551616", "1%20", "%3Cb%3E"] {
        let answer = marketing.get(&format!("/events?after={after}")).await;
        assert_eq!(answer.status(), 400, "{after:?}");
        let sentence = answer.text().await.expect("text");
        assert!(sentence.starts_with("after: ") && sentence.contains("not the number of an event"), "{sentence}");
    }
    let mut admin = scene.house.device("admin", "desk").await;
    assert_eq!(admin.get("/events").await.status(), 403);
    assert_eq!(scene.look().await, before);
}
