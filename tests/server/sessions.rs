//! Who may come in, for how long, and from where.

use crate::harness::{Device, House, PASSWORD};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    alerts::api::{Board as BoardCall, GuestAlerts, LastAlert},
    error::{AppError, FieldError, Problem},
    guests::api::{RefreshCard, Search},
    house::api::{ChooseStation, SetLanguage},
    staff::api::{AddStaff, EndSessions, SetShift, SignIn, SignOut, StaffList, StillHere, Unlock, WhoAmI},
    stays::api::{DayLists, LastSeen},
};
use std::sync::{Arc, Mutex};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    layer::{Context, Layer, SubscriberExt},
    util::SubscriberInitExt,
};

fn problem(result: Result<(), AppError>) -> Problem {
    match result {
        Err(AppError::Fields(fields)) => {
            fields.into_iter().next().map(|FieldError { problem, .. }| problem).expect("one")
        }
        other => panic!("a refusal expected: {other:?}"),
    }
}

#[tokio::test]
async fn five_failures_lock_that_account_on_that_device_for_a_quarter_of_an_hour() {
    let house = House::open().await;
    let mut other = house.device("host2", "bar").await;
    let mut tablet = house.device("host", "restaurant").await;
    tablet.call::<SignOut>(&[]).await.expect("signed out");
    for _ in 0..4 {
        assert_eq!(problem(tablet.sign_in("host", "wrong password").await), Problem::WrongCredentials);
    }
    assert_eq!(problem(tablet.sign_in("host", "wrong password").await), Problem::LockedOut(15));
    assert!(matches!(problem(tablet.sign_in("host", PASSWORD).await), Problem::LockedOut(_)), "not even the right one");
    other.sign_in("host", PASSWORD).await.expect("another device is not locked");
    tablet.sign_in("floor", PASSWORD).await.expect("nor another account");
    tablet.call::<SignOut>(&[]).await.expect("signed out");
    house.clock.advance(TimeDelta::minutes(16));
    tablet.sign_in("host", PASSWORD).await.expect("after the quarter of an hour");
}

#[tokio::test]
async fn an_invented_device_does_not_start_the_count_again() {
    let house = House::open().await;
    let mut stranger = house.browser();
    for _ in 0..5 {
        stranger.cookies.insert("rapport_device".into(), rapport::ids::DeviceId::new().to_string());
        drop(stranger.sign_in("host", "wrong password").await);
    }
    assert!(matches!(problem(stranger.sign_in("host", PASSWORD).await), Problem::LockedOut(_)));
}

#[tokio::test]
async fn the_cookie_changes_at_sign_in() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    let before = desk.cookies["rapport"].clone();
    desk.sign_in("reception", PASSWORD).await.expect("signed in");
    let after = desk.cookies["rapport"].clone();
    assert_ne!(before, after);
    desk.cookies.insert("rapport".into(), before);
    assert_eq!(desk.call::<WhoAmI>(&[]).await, Ok(None), "the old one has ended");
}

#[tokio::test]
async fn a_session_ends_when_idle_and_when_old() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    house.clock.advance(TimeDelta::minutes(14));
    desk.call::<Search>(&[("q", "zhang".to_owned())]).await.expect("still used");
    house.clock.advance(TimeDelta::minutes(14));
    desk.call::<Search>(&[("q", "zhang".to_owned())]).await.expect("using it keeps it");
    house.clock.advance(TimeDelta::minutes(15));
    assert_eq!(desk.call::<Search>(&[("q", "zhang".to_owned())]).await, Err(AppError::SignedOut));
    assert_eq!(desk.last_status, 401);

    desk.sign_in("reception", PASSWORD).await.expect("signed in");
    for _ in 0..(12 * 6 - 1) {
        house.clock.advance(TimeDelta::minutes(10));
        desk.call::<Search>(&[("q", "zhang".to_owned())]).await.expect("used all day");
    }
    house.clock.advance(TimeDelta::minutes(10));
    assert_eq!(desk.call::<Search>(&[("q", "zhang".to_owned())]).await, Err(AppError::SignedOut), "twelve hours");
}

#[tokio::test]
async fn a_board_on_shift_stays_and_its_profiles_lock() {
    let house = House::open().await;
    let mut host = house.device("host", "restaurant").await;
    host.call::<SetShift>(&[("on", "true".to_owned())]).await.expect("on shift");
    for _ in 0..5 {
        house.clock.advance(TimeDelta::minutes(10));
        // What the stream's beat does while it is open.
        house.board_is_alive(&host).await;
    }
    host.call::<BoardCall>(&[]).await.expect("the board goes on");
    assert_eq!(host.call::<Search>(&[("q", "zhang".to_owned())]).await, Err(AppError::Locked));
    host.call::<StillHere>(&[]).await.expect("heard");
    assert_eq!(host.get("/board").await.status(), 200);
    assert_eq!(host.call::<Search>(&[("q", "zhang".to_owned())]).await, Err(AppError::Locked), "use opens nothing");
    assert_eq!(problem(host.call::<Unlock>(&[("password", "wrong".to_owned())]).await), Problem::WrongPassword);
    host.call::<Unlock>(&[("password", PASSWORD.to_owned())]).await.expect("unlocked");
    host.call::<Search>(&[("q", "zhang".to_owned())]).await.expect("open again");
}

#[tokio::test]
async fn what_a_page_loads_by_itself_keeps_nothing_open() {
    let house = House::open().await;
    let guest = [("guest", house.guest("M0001").await.to_string())];
    let mut desk = house.device("reception", "desk").await;
    for _ in 0..2 {
        house.clock.advance(TimeDelta::minutes(7));
        desk.call::<DayLists>(&[("list", "arrivals".to_owned())]).await.expect("a list");
        desk.call::<RefreshCard>(&guest).await.expect("a card");
        desk.call::<LastAlert>(&guest).await.expect("an answer");
        desk.call::<LastSeen>(&guest).await.expect("an answer");
        desk.call::<GuestAlerts>(&guest).await.expect("an answer");
        desk.call::<BoardCall>(&[]).await.expect("a board");
        // Where a page goes by itself when nobody has used the device.
        assert_eq!(desk.get("/lock").await.status(), 200);
    }
    house.clock.advance(TimeDelta::minutes(1));
    assert_eq!(desk.call::<RefreshCard>(&guest).await, Err(AppError::SignedOut), "a quarter of an hour without anyone");
}

#[tokio::test]
async fn a_touch_or_a_page_keeps_a_desk_open() {
    let house = House::open().await;
    let guest = [("guest", house.guest("M0001").await.to_string())];
    let mut desk = house.device("reception", "desk").await;
    house.clock.advance(TimeDelta::minutes(14));
    desk.call::<StillHere>(&[]).await.expect("heard");
    house.clock.advance(TimeDelta::minutes(14));
    assert_eq!(desk.get("/desk").await.status(), 200);
    house.clock.advance(TimeDelta::minutes(14));
    let language = [("locale", "en".to_owned()), ("back", "/desk".to_owned())];
    assert_eq!(desk.post(SetLanguage::PATH, &language, "text/html").await.status(), 302);
    house.clock.advance(TimeDelta::minutes(14));
    desk.call::<RefreshCard>(&guest).await.expect("still open");
    house.clock.advance(TimeDelta::minutes(1));
    assert_eq!(desk.call::<StillHere>(&[]).await, Err(AppError::SignedOut), "too late");
}

#[tokio::test]
async fn the_browser_closes_cards_when_the_house_does() {
    let db = rapport::server::db::Db::in_memory().await.expect("a store");
    let house = House::open_with(db, &[("RAPPORT_IDLE_MINUTES", "5")]).await;
    let mut desk = house.device("reception", "desk").await;
    assert_eq!(desk.call::<WhoAmI>(&[]).await.expect("an answer").expect("signed in").idle_minutes, 5);
}

#[tokio::test]
async fn what_was_wanted_is_gone_to_after_a_station_has_been_chosen() {
    let house = House::open().await;
    let wanted = "/desk?list=due-out";
    let mut desk = house.browser();
    let fields = [("login", "reception".to_owned()), ("password", PASSWORD.to_owned()), ("next", wanted.to_owned())];
    let answer = desk.post(SignIn::PATH, &fields, "text/html").await;
    let station_page = "/station?next=%2Fdesk%3Flist%3Ddue%2Dout";
    assert_eq!(answer.headers()["location"], station_page);
    let page = desk.get(station_page).await.text().await.expect("a page");
    assert!(page.contains("value=\"/desk?list=due-out\""), "the form goes on with it");
    let answer = desk.get(wanted).await;
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], station_page);

    let unknown = [("station", rapport::ids::StationId::new().to_string()), ("next", wanted.to_owned())];
    let answer = desk.post(ChooseStation::PATH, &unknown, "text/html").await;
    assert_eq!(answer.headers()["location"], station_page, "a refusal does not lose it either");
    let chosen = |next: &str| [("station", house.stations["desk"].to_string()), ("next", next.to_owned())];
    let answer = desk.post(ChooseStation::PATH, &chosen("//evil.example"), "text/html").await;
    assert_eq!(answer.headers()["location"], "/desk");
    let answer = desk.post(ChooseStation::PATH, &chosen(wanted), "text/html").await;
    assert_eq!(answer.headers()["location"], wanted);
}

#[tokio::test]
async fn signing_in_and_out_leaves_no_warning_in_the_log() {
    let house = House::open().await;
    let warnings = Warnings::default();
    let mut browser = house.browser();
    {
        let _here = tracing_subscriber::registry().with(warnings.clone()).set_default();
        browser.sign_in("host", PASSWORD).await.expect("signed in");
        browser.call::<SignOut>(&[]).await.expect("signed out");
        house.browser().call::<SignOut>(&[]).await.expect("nobody was signed in");
    }
    assert_eq!(*warnings.0.lock().expect("the list"), [""; 0]);
}

/// Where warnings come from.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<&'static str>>>);

impl<S: Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if *metadata.level() <= Level::WARN && metadata.target().starts_with("tower_sessions") {
            self.0.lock().expect("the list").push(metadata.target());
        }
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    let kept = desk.clone();
    desk.call::<SignOut>(&[]).await.expect("signed out");
    let mut thief = kept;
    assert_eq!(thief.call::<Search>(&[("q", "zhang".to_owned())]).await, Err(AppError::SignedOut));
}

#[tokio::test]
async fn a_manager_ends_a_colleagues_sessions_and_streams() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    let mut host = house.device("host", "restaurant").await;
    let mut stream = host.listen("").await;
    let staff = manager.call::<StaffList>(&[]).await.expect("the staff");
    let row = staff.iter().find(|row| row.login == "host").expect("the host");
    assert_eq!(row.sessions, 1);
    manager.call::<EndSessions>(&[("staff", row.id.to_string())]).await.expect("ended");
    loop {
        let frame = stream.next().await;
        if frame.event == "bye" {
            break;
        }
    }
    assert_eq!(host.call::<BoardCall>(&[]).await, Err(AppError::SignedOut));
}

#[tokio::test]
async fn staff_are_added_with_every_field_checked() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    let fields = |login: &str, role: &str, password: &str| {
        [
            ("login", login.to_owned()),
            ("name", "Nuno".to_owned()),
            ("role", role.to_owned()),
            ("password", password.to_owned()),
        ]
    };
    let Err(AppError::Fields(refused)) = manager.call::<AddStaff>(&fields("a b", "chef", "short")).await else {
        panic!("it was accepted")
    };
    let names: Vec<_> = refused.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(names, ["login", "role", "password"]);
    manager.call::<AddStaff>(&fields("Nuno", "floor", PASSWORD)).await.expect("added");
    assert_eq!(problem(manager.call::<AddStaff>(&fields("nuno", "floor", PASSWORD)).await), Problem::LoginTaken);
    house.browser().sign_in("nuno", PASSWORD).await.expect("signs in");
    let mut admin = house.device("admin", "desk").await;
    let made_manager = admin.call::<AddStaff>(&fields("eve", "manager", PASSWORD)).await;
    assert_eq!(made_manager, Err(AppError::Forbidden), "an administrator cannot let itself see guests");
}

#[tokio::test]
async fn whoever_has_left_takes_no_later_session_along() {
    let house = House::open().await;
    let mut tablet = house.device("host", "restaurant").await;
    let left = tablet.call::<WhoAmI>(&[]).await.expect("an answer").expect("signed in").session;
    tablet.call::<SignOut>(&[]).await.expect("signed out");
    tablet.sign_in("host", PASSWORD).await.expect("and in again at once");
    let again = tablet.call::<WhoAmI>(&[]).await.expect("an answer").expect("signed in").session;
    assert_ne!(again, left);
    tablet.call::<SignOut>(&[("session", left.clone())]).await.expect("it has ended already");
    let still = tablet.call::<WhoAmI>(&[]).await.expect("an answer").expect("still signed in");
    assert_eq!(still.session, again);
    tablet.call::<SignOut>(&[("session", again)]).await.expect("signed out");
    assert_eq!(tablet.call::<WhoAmI>(&[]).await, Ok(None));
    tablet.call::<SignOut>(&[("session", left)]).await.expect("nobody is there to sign out");
}

/// The session that the forms of a page would end.
async fn shown_on(tablet: &mut Device, path: &str) -> String {
    let page = tablet.get(path).await.text().await.expect("a page");
    let (_, form) = page.split_once(SignOut::PATH).expect("a form to sign out");
    let (_, field) = form.split_once("name=\"session\"").expect("it names a session");
    let (_, value) = field.split_once("value=\"").expect("and which");
    value.split('"').next().expect("the session").to_owned()
}

#[tokio::test]
async fn the_plain_form_of_an_old_page_signs_out_nobody_who_came_later() {
    let house = House::open().await;
    let mut tablet = house.device("host", "restaurant").await;
    let old = shown_on(&mut tablet, "/board").await;
    assert_eq!(old, tablet.call::<WhoAmI>(&[]).await.expect("an answer").expect("signed in").session);
    assert_eq!(shown_on(&mut tablet, "/lock").await, old);
    // In another tab of the same tablet.
    tablet.sign_in("reception", PASSWORD).await.expect("somebody else");
    tablet.post(SignOut::PATH, &[("session", old)], "text/html").await;
    let still = tablet.call::<WhoAmI>(&[]).await.expect("an answer").expect("still signed in");
    assert_eq!(still.name, "The reception");

    let own = shown_on(&mut tablet, "/desk").await;
    let answer = tablet.post(SignOut::PATH, &[("session", own)], "text/html").await;
    assert_eq!(answer.headers()["location"], "/sign-in");
    assert_eq!(tablet.call::<WhoAmI>(&[]).await, Ok(None));
}

#[tokio::test]
async fn posts_from_other_sites_are_refused() {
    let house = House::open().await;
    let desk = house.device("reception", "desk").await;
    let url = format!("{}{}", desk.base, SignOut::PATH);
    let host = house.addr.to_string();
    let send = |headers: Vec<(&'static str, String)>| {
        let mut request = desk.http.post(&url).header("cookie", desk.cookie_header());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        async move { request.send().await.expect("an answer").status().as_u16() }
    };
    assert_eq!(send(vec![("sec-fetch-site", "cross-site".into())]).await, 403);
    assert_eq!(send(vec![("sec-fetch-site", "same-site".into())]).await, 403);
    assert_eq!(send(vec![("origin", "https://evil.example".into())]).await, 403);
    assert_eq!(send(vec![]).await, 403, "nothing says where it comes from");
    assert_eq!(send(vec![("origin", format!("http://{host}"))]).await, 200);
}

#[tokio::test]
async fn pages_carry_a_strict_policy_and_are_not_kept() {
    let house = House::open().await;
    let mut browser = house.browser();
    let answer = browser.get("/sign-in").await;
    assert_eq!(answer.status(), 200);
    let headers = answer.headers().clone();
    let policy = headers["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"), "{policy}");
    assert_eq!(headers["cache-control"], "no-store");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
    let html = answer.text().await.expect("a page");
    for script in html.match_indices("<script").map(|(at, _)| &html[at..html.len().min(at + 200)]) {
        assert!(script.contains(&format!("nonce=\"{nonce}\"")), "{script}");
    }
    assert_eq!(browser.get("/healthz").await.status(), 200);
    assert_eq!(browser.get("/readyz").await.status(), 200);
    assert_eq!(browser.get("/events").await.status(), 401);
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_this_host() {
    let db = rapport::server::db::Db::in_memory().await.expect("a store");
    let house = House::open_with(db, &[("RAPPORT_TLS", "true")]).await;
    let mut browser = house.browser();
    let fields = [("login", "host".to_owned()), ("password", PASSWORD.to_owned())];
    let path = <rapport::staff::api::SignIn as ServerFn>::PATH;
    let answer = browser.post(path, &fields, "application/json").await;
    assert!(answer.headers().contains_key("strict-transport-security"));
    let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().map(|c| c.to_str().expect("text")).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("__Host-rapport=")).expect("a session cookie");
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(session.contains(part), "{session}");
    }
    assert!(!session.contains("Domain"), "{session}");
    assert!(cookies.iter().all(|cookie| cookie.contains("Secure")), "{cookies:?}");
}
