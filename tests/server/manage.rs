//! Opening a house and looking after it: who may be first, forms that come back as they were typed, and
//! the audit trail in words.

use crate::harness::{Device, House, PASSWORD};
use leptos::server_fn::ServerFn;
use rapport::{
    error::{AppError, Problem},
    house::api::{SaveStation, Stations},
    server::db::vars,
    staff::api::{AddStaff, EndSessions, SetPassword, SetUp, SignIn, StaffList, WhoAmI},
};
use surrealdb::types::RecordId;

/// The form of the first start, filled in.
fn first_start(login: &str, code: &str, again: &str) -> [(&'static str, String); 8] {
    [
        ("house_name", "Casa Nova".to_owned()),
        ("house_code", code.to_owned()),
        ("timezone", "Europe/Lisbon".to_owned()),
        ("currency", "EUR".to_owned()),
        ("name", "Clara".to_owned()),
        ("login", login.to_owned()),
        ("password", PASSWORD.to_owned()),
        ("password_again", again.to_owned()),
    ]
}

fn opened_already() -> AppError {
    AppError::field("form", Problem::OpenedAlready)
}

async fn count(house: &House, table: &str) -> usize {
    let sql = format!("SELECT VALUE id FROM type::table('{table}')");
    house.db.rows::<RecordId>(&sql, vars()).await.expect("an answer").len()
}

/// Posts a form as a page without scripts does; the page that the browser is sent to, by address and text.
async fn submit<F: ServerFn>(browser: &mut Device, fields: &[(&str, String)]) -> (String, String) {
    let answer = browser.post(F::PATH, fields, "text/html").await;
    assert_eq!(answer.status(), 302);
    let page = answer.headers()["location"].to_str().expect("an address").to_owned();
    let path = page.split('#').next().expect("a path");
    let text = browser.get(path).await.text().await.expect("a page");
    (page, text)
}

/// Whether a field of the page shows the value.
fn shows(page: &str, value: &str) -> bool {
    page.contains(&format!("value=\"{value}\""))
}

#[tokio::test]
async fn the_first_visitor_makes_the_first_manager_and_no_second_one() {
    let house = House::empty().await;
    let mut browser = house.browser();
    let refused = browser.call::<SetUp>(&first_start("clara", "nova", "something else")).await;
    assert_eq!(refused, Err(AppError::field("password_again", Problem::Differ)));
    assert_eq!(count(&house, "house").await, 0, "nothing is made of a refused form");
    browser.call::<SetUp>(&first_start("clara", "nova", PASSWORD)).await.expect("made");
    let me = browser.call::<WhoAmI>(&[]).await.expect("an answer").expect("signed in");
    assert_eq!((me.name.as_str(), me.role.code(), me.house.code.as_str()), ("Clara", "manager", "NOVA"));
    assert_eq!(browser.call::<Stations>(&[]).await.expect("the stations").len(), 3);

    let mut second = house.browser();
    assert_eq!(second.call::<SetUp>(&first_start("eve", "other", PASSWORD)).await, Err(opened_already()));
    let (page, text) = submit::<SetUp>(&mut second, &first_start("eve", "other", PASSWORD)).await;
    assert_eq!(page, "/sign-in");
    assert!(text.contains("has been opened already"), "{text}");
}

#[tokio::test]
async fn of_several_who_open_the_house_at_once_one_does() {
    let house = House::empty().await;
    let [mut one, mut two, mut three] = [house.browser(), house.browser(), house.browser()];
    // Nothing that they type is the same: only the order of their commits can tell them apart.
    let (clara, eve, ivo) = (
        first_start("clara", "one", PASSWORD),
        first_start("eve", "two", PASSWORD),
        first_start("ivo", "three", PASSWORD),
    );
    let came = tokio::join!(one.call::<SetUp>(&clara), two.call::<SetUp>(&eve), three.call::<SetUp>(&ivo));
    let came = [came.0, came.1, came.2];
    assert_eq!(came.iter().filter(|came| came.is_ok()).count(), 1, "{came:?}");
    assert_eq!(came.iter().filter(|came| **came == Err(opened_already())).count(), 2, "{came:?}");
    let made = [count(&house, "house").await, count(&house, "station").await, count(&house, "staff").await];
    assert_eq!(made, [1, 3, 1], "houses, stations, people");
    for (browser, came) in [one, two, three].iter_mut().zip(came) {
        let me = browser.call::<WhoAmI>(&[]).await.expect("an answer");
        assert_eq!(me.is_some(), came.is_ok(), "only the one who opened it is signed in");
    }
}

#[tokio::test]
async fn a_refused_first_start_keeps_what_was_typed_without_scripts() {
    let house = House::empty().await;
    let mut browser = house.browser();
    let mut typed = first_start("clara", "nova", PASSWORD);
    typed[2].1 = "Mars/Phobos".to_owned();
    let (page, text) = submit::<SetUp>(&mut browser, &typed).await;
    assert_eq!(page, "/setup");
    for value in ["Casa Nova", "Mars/Phobos", "clara"] {
        assert!(shows(&text, value), "{value} was lost");
    }
    assert!(text.contains("a zone such as Europe/Lisbon"), "the reason stands there");
    assert!(!text.contains(PASSWORD), "a password is not kept");
}

#[tokio::test]
async fn a_refused_colleague_comes_back_once_as_typed() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    let typed = [
        ("login", "nuno".to_owned()),
        ("name", "Nuno Reis".to_owned()),
        ("role", "floor".to_owned()),
        ("password", "too-short".to_owned()),
    ];
    let (page, text) = submit::<AddStaff>(&mut manager, &typed).await;
    assert_eq!(page, "/manage/staff#add", "the reason does not stand in the address");
    assert!(shows(&text, "nuno") && shows(&text, "Nuno Reis"), "what was typed was lost");
    assert!(text.contains("at least 10 characters"), "the reason stands there");
    assert!(!text.contains("too-short"), "a password is not kept");
    let again = manager.get("/manage/staff").await.text().await.expect("a page");
    assert!(!shows(&again, "Nuno Reis") && !again.contains("at least 10 characters"), "it is told once");

    let host = manager.call::<StaffList>(&[]).await.expect("the staff");
    let host = host.iter().find(|row| row.login == "host").expect("the host").id;
    let password = [("staff", host.to_string()), ("password", "too-short".to_owned())];
    let (page, text) = submit::<SetPassword>(&mut manager, &password).await;
    assert_eq!(page, format!("/manage/staff?person={host}"));
    assert!(text.contains("at least 10 characters"), "the reason stands there");
}

#[tokio::test]
async fn a_refused_change_of_a_station_comes_back_on_that_station() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    let bar = house.stations["bar"];
    let typed = [
        ("station", bar.to_string()),
        ("name", "Bar on the roof".to_owned()),
        ("kind", "restaurant".to_owned()),
        ("extension", "12a".to_owned()),
    ];
    let (page, text) = submit::<SaveStation>(&mut manager, &typed).await;
    assert_eq!(page, format!("/manage/stations?edit={bar}#station"));
    assert!(shows(&text, "Bar on the roof") && shows(&text, "12a"), "what was typed was lost");
    assert!(text.contains("“12a” is not known"), "the reason stands there");
    let again = manager.get(&format!("/manage/stations?edit={bar}")).await.text().await.expect("a page");
    assert!(!shows(&again, "12a") && shows(&again, "210"), "the station is as it was");
}

#[tokio::test]
async fn a_wrong_sign_in_keeps_the_name_and_nothing_in_the_store() {
    let house = House::open().await;
    let mut browser = house.browser();
    let typed = |password: &str| {
        [("login", "host".to_owned()), ("password", password.to_owned()), ("next", "/guests?q=sato".to_owned())]
    };
    assert!(browser.sign_in("host", "not the password").await.is_err());
    assert!(!browser.cookies.contains_key("rapport"), "scripts keep the form themselves");

    let (page, text) = submit::<SignIn>(&mut browser, &typed("not the password")).await;
    assert_eq!(page, "/sign-in?next=%2Fguests%3Fq%3Dsato");
    assert!(shows(&text, "host"), "the name was lost");
    assert!(shows(&text, "/guests?q=sato"), "where to go was lost");
    assert!(text.contains("Name or password is wrong."), "the reason stands there");
    assert!(!text.contains("not the password"), "a password is not kept");
    assert_eq!(count(&house, "session").await, 0, "what has been shown is not kept");

    let answer = browser.post(SignIn::PATH, &typed(PASSWORD), "text/html").await;
    assert_eq!(answer.headers()["location"], "/station?next=%2Fguests%3Fq%3Dsato", "the host stands nowhere yet");
    assert!(browser.call::<WhoAmI>(&[]).await.expect("an answer").is_some());
}

#[tokio::test]
async fn the_audit_trail_names_fields_in_the_readers_language() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    let staff = manager.call::<StaffList>(&[]).await.expect("the staff");
    let row = staff.iter().find(|row| row.login == "host").expect("the host");
    manager.call::<EndSessions>(&[("staff", row.id.to_string())]).await.expect("ended");
    let guest = house.guest("M0001").await;
    let wish = [
        ("guest", guest.to_string()),
        ("group", "drinks".to_owned()),
        ("value", "Green tea".to_owned()),
        ("stated", "true".to_owned()),
    ];
    manager.call::<rapport::guests::api::AddPreference>(&wish).await.expect("added");
    for (language, words) in [
        ("en", ["Signed out everywhere", "The usual, to drink"]),
        ("es", ["Todas sus sesiones cerradas", "Lo de siempre, para beber"]),
        ("zh", ["已在所有设备上退出", "常点饮品"]),
    ] {
        manager.cookies.insert("rapport_lang".into(), language.into());
        let page = manager.get("/manage/audit").await.text().await.expect("a page");
        let cells: Vec<_> = page
            .split("<td class=\"muted\">")
            .skip(1)
            .filter_map(|cell| cell.split("</td>").next())
            .filter(|cell| cell.chars().any(char::is_alphabetic))
            .collect();
        assert_eq!(cells.len(), 2, "{cells:?}");
        for (cell, words) in cells.iter().zip(words.iter().rev()) {
            assert!(cell.contains(words), "{language}: {cells:?}");
        }
    }
}
