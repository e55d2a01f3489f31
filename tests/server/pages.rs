//! What a page tells programs: its status says the same as its text.

use crate::harness::{House, monday, start};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use rapport::{
    ids::GuestId,
    server::{clock::FixedClock, db::Db, router},
    staff::Role,
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::watch;
use tower::Service;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    layer::{Context, Layer, SubscriberExt},
    util::SubscriberInitExt,
};

#[tokio::test]
async fn an_address_at_which_there_is_nothing_is_not_found() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    let nobody = GuestId::new();
    for path in [
        format!("/guests/{nobody}"),
        format!("/guests/{nobody}/edit"),
        format!("/desk?guest={nobody}"),
        "/guests/not-an-id".to_owned(),
        "/guests/not-an-id/edit".to_owned(),
        "/nowhere".to_owned(),
    ] {
        assert_eq!(desk.get(&path).await.status(), 404, "{path}");
    }
    let guest = house.guest("M0001").await;
    for path in [format!("/guests/{guest}"), format!("/guests/{guest}/edit"), format!("/desk?guest={guest}")] {
        assert_eq!(desk.get(&path).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn a_page_that_is_not_made_for_the_role_is_refused() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (card, edit) = (format!("/guests/{guest}"), format!("/guests/{guest}/edit"));
    for (role, pages) in [
        ("host", vec!["/guests/new", &edit, "/manage", "/manage/stations", "/manage/imports", "/manage/audit"]),
        ("marketing", vec!["/desk", "/floor", "/board", "/guests/new", "/manage/staff"]),
        ("admin", vec!["/guests", &card, "/board", "/manage/imports", "/manage/audit"]),
    ] {
        let mut device = house.device(role, "desk").await;
        for path in pages {
            let answer = device.get(path).await;
            assert_eq!(answer.status(), 403, "{role} at {path}");
            let page = answer.text().await.expect("a page");
            assert!(page.contains("Your role does not open this."), "{role} at {path} is told why");
        }
    }
    for role in Role::ALL {
        let mut device = house.device(role.code(), "desk").await;
        assert_eq!(device.get(role.home()).await.status(), 200, "{role:?} at {}", role.home());
    }
}

#[tokio::test]
async fn whoever_is_signed_out_is_sent_to_sign_in_whatever_the_address() {
    let house = House::open().await;
    let mut browser = house.browser();
    let guest = house.guest("M0001").await;
    for path in ["/guests/not-an-id".to_owned(), format!("/guests/{guest}"), "/manage/audit".to_owned()] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status(), 302, "{path}");
        let to = answer.headers()["location"].to_str().expect("an address");
        assert!(to.starts_with("/sign-in?next="), "{path} leads to {to}");
    }
}

#[tokio::test]
async fn only_scripts_fetch_what_only_scripts_use() {
    let house = House::empty().await;
    let page = house.browser().get("/sign-in").await.text().await.expect("a page");
    assert!(page.contains("rapport.wasm"));
    assert!(!page.contains("href=\"/pkg/rapport.wasm\""), "a link is followed without scripts too");
}

#[tokio::test]
async fn a_server_that_is_still_starting_is_not_ready_and_that_is_no_error() {
    let db = Db::in_memory().await.expect("a store in memory");
    let (_stop, shutdown) = watch::channel(false);
    let state = start(db, Arc::new(FixedClock::new(monday())), shutdown, &[]).await;
    let mut app = router(state.clone());
    let logged = Logged::default();
    let status = {
        let _here = tracing_subscriber::registry().with(logged.clone()).set_default();
        // On this runtime, which has one thread, nothing else goes on until the answer has to wait for
        // something, and this one does not.
        app.call(probe()).await.expect("an answer").status()
    };
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(logged.0.load(Ordering::Relaxed), 0, "lines in the log");
    state.search.built().await;
    assert_eq!(app.call(probe()).await.expect("an answer").status(), StatusCode::OK);
}

#[tokio::test]
async fn a_reader_who_leaves_before_the_page_is_there_breaks_nothing() {
    static BROKEN: AtomicUsize = AtomicUsize::new(0);
    let house = House::open().await;
    let mut app = router(house.state.clone());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.to_string().contains("disposed") {
            BROKEN.fetch_add(1, Ordering::Relaxed);
        }
        before(panic);
    }));
    for _ in 0..5 {
        let request = Request::get("/sign-in").header("accept", "text/html").body(Body::empty()).expect("a request");
        let mut page = Box::pin(app.call(request));
        // On this runtime, which has one thread, what the page has started waits for its turn meanwhile.
        assert!(futures::poll!(&mut page).is_pending(), "the page waits for the store");
        drop(page);
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(BROKEN.load(Ordering::Relaxed), 0);
}

fn probe() -> Request<Body> {
    Request::get("/readyz").body(Body::empty()).expect("a request")
}

/// Counts the lines that stand in a log as it is usually kept.
#[derive(Clone, Default)]
struct Logged(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Logged {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() <= Level::INFO {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}
