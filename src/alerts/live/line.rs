//! The stream in the browser: an `EventSource` that never gives up. Nothing here runs on the server.

use super::{
    Live, now_ms,
    rules::{self, FRESH_MS, STALE_AFTER_MS},
};
use crate::{
    alerts::{Hello, LiveEvent},
    error::AppError,
    staff::api::who_am_i,
};
use leptos::{prelude::*, task::spawn_local};
use serde::Deserialize;
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
    time::Duration,
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent, VisibilityState};

/// How long a frame that the beat speaks of may be on its way before it counts as lost.
const GRACE: Duration = Duration::from_secs(2);

/// The named events that a stream sends, and the browser's own word that it broke.
const EVENTS: [&str; 6] = ["hello", "live", "beat", "reset", "bye", "error"];

/// Payload of the event `beat`.
#[derive(Deserialize)]
struct Beat {
    head: u64,
}

/// The line of this page: one stream at a time, opened again and again until it is closed.
pub(super) struct Line {
    live: Live,
    socket: RefCell<Option<Socket>>,
    /// The timer of the next attempt.
    retry: Cell<Option<TimeoutHandle>>,
    /// Attempts since the last hello.
    failures: Cell<u32>,
    /// When the present attempt began, and when the last frame came; milliseconds since 1970.
    tried_at: Cell<i64>,
    heard_at: Cell<i64>,
    /// Whether the present stream has said hello.
    greeted: Cell<bool>,
    /// The number after which the present stream was opened.
    after: Cell<Option<u64>>,
    /// The device says that it has no network.
    offline: Cell<bool>,
    closed: Cell<bool>,
    ticker: Cell<Option<IntervalHandle>>,
    listeners: RefCell<Vec<WindowListenerHandle>>,
}

impl Line {
    /// Opens the line and keeps it open until [`Line::close`].
    pub(super) fn open(live: Live) -> Rc<Self> {
        let now = now_ms();
        let line = Rc::new(Self {
            live,
            socket: RefCell::new(None),
            retry: Cell::new(None),
            failures: Cell::new(0),
            tried_at: Cell::new(now),
            heard_at: Cell::new(now),
            greeted: Cell::new(false),
            after: Cell::new(None),
            offline: Cell::new(!window().navigator().on_line()),
            closed: Cell::new(false),
            ticker: Cell::new(None),
            listeners: RefCell::new(Vec::new()),
        });
        line.connect();
        line.watch();
        line.show();
        line
    }

    /// Ends the line for good.
    pub(super) fn close(&self) {
        self.closed.set(true);
        for listener in self.listeners.take() {
            listener.remove();
        }
        if let Some(ticker) = self.ticker.take() {
            ticker.clear();
        }
        if let Some(retry) = self.retry.take() {
            retry.clear();
        }
        self.socket.replace(None);
    }

    /// Looks at the clock every second, and listens to the device: a tablet that wakes up or finds its
    /// network again does not wait for the next attempt.
    fn watch(self: &Rc<Self>) {
        let line = Rc::downgrade(self);
        self.ticker.set(set_interval_with_handle(move || with(&line, |line| line.tick()), Duration::from_secs(1)).ok());
        self.listeners.replace(vec![
            self.listen("visibilitychange", |line| {
                if document().visibility_state() == VisibilityState::Visible {
                    line.wake();
                }
            }),
            self.listen("pageshow", |line| line.wake()),
            self.listen("online", |line| {
                line.offline.set(false);
                line.connect();
                line.show();
            }),
            self.listen("offline", |line| {
                line.offline.set(true);
                // A stream that outlived its network would only look alive.
                line.failed();
                line.show();
            }),
        ]);
    }

    fn listen(self: &Rc<Self>, name: &'static str, react: fn(&Rc<Self>)) -> WindowListenerHandle {
        let line = Rc::downgrade(self);
        window_event_listener_untyped(name, move |_| with(&line, react))
    }

    /// The screen has come back: a line that has not been heard lately is opened anew.
    fn wake(self: &Rc<Self>) {
        if !self.greeted.get() || now_ms() - self.heard_at.get() > FRESH_MS {
            self.connect();
        }
        self.show();
    }

    fn tick(self: &Rc<Self>) {
        let quiet_since = self.heard_at.get().max(self.tried_at.get());
        if now_ms() - quiet_since >= STALE_AFTER_MS {
            // Open and silent, or never answered: the browser may not notice for minutes.
            self.failed();
        }
        self.show();
    }

    /// Opens a stream where the last one ended, in place of whatever there was.
    fn connect(self: &Rc<Self>) {
        if self.closed.get() {
            return;
        }
        if let Some(retry) = self.retry.take() {
            retry.clear();
        }
        self.greeted.set(false);
        self.tried_at.set(now_ms());
        let resume = self.live.resume();
        self.after.set(resume.as_ref().map(|(_, at)| *at));
        let address = match &resume {
            Some((epoch, at)) => {
                format!("/events?after={at}&epoch={}", String::from(js_sys::encode_uri_component(epoch)))
            }
            None => "/events".to_owned(),
        };
        let socket = Socket::open(&address, &Rc::downgrade(self));
        let refused = socket.is_none();
        self.socket.replace(socket);
        if refused {
            self.failed();
        }
    }

    /// The stream broke, or never came: try again after a while.
    fn failed(self: &Rc<Self>) {
        self.greeted.set(false);
        self.tried_at.set(now_ms());
        if let Some(socket) = self.socket.borrow().as_ref() {
            // Closed by the browser: the server has answered, and refused. Perhaps the session is over.
            if socket.source.ready_state() == EventSource::CLOSED {
                self.ask_for_session();
            }
            // Without this the browser would connect again by itself, from a place of its own choosing.
            socket.source.close();
        }
        self.connect_after(rules::wait_ms(self.failures.get(), js_sys::Math::random()));
        self.failures.set(self.failures.get().saturating_add(1));
    }

    /// A session that ended while the line was down says no goodbye.
    fn ask_for_session(self: &Rc<Self>) {
        let line = Rc::downgrade(self);
        spawn_local(async move {
            if matches!(who_am_i().await, Ok(None) | Err(AppError::SignedOut)) {
                with(&line, |line| line.sign_in_again());
            }
        });
    }

    fn connect_after(self: &Rc<Self>, millis: u32) {
        if self.closed.get() {
            return;
        }
        let line = Rc::downgrade(self);
        let timer = set_timeout_with_handle(
            move || with(&line, |line| line.connect()),
            Duration::from_millis(u64::from(millis)),
        );
        if let Some(earlier) = self.retry.replace(timer.ok()) {
            earlier.clear();
        }
    }

    /// One of [`EVENTS`] has come.
    fn heard(self: &Rc<Self>, name: &str, event: &web_sys::Event) {
        if self.closed.get() {
            return;
        }
        if name == "error" {
            self.failed();
            self.show();
            return;
        }
        let Some(message) = event.dyn_ref::<MessageEvent>() else { return };
        let data = message.data().as_string().unwrap_or_default();
        self.heard_at.set(now_ms());
        // What is heard is true, whatever the device says of its network.
        self.offline.set(false);
        match name {
            "hello" => {
                if let Ok(hello) = serde_json::from_str::<Hello>(&data) {
                    self.failures.set(0);
                    self.greeted.set(true);
                    self.live.hello(&hello, self.after.get());
                }
            }
            "live" => {
                if let Some(seq) = rules::seq_of(&message.last_event_id()) {
                    self.live.event(seq, serde_json::from_str::<LiveEvent>(&data).ok());
                }
            }
            "beat" => {
                if let Ok(Beat { head }) = serde_json::from_str(&data) {
                    self.beat(head);
                }
            }
            "reset" => {
                self.live.lose();
                // Not at once: this is the old stream's own event, which must not be pulled away from
                // under its feet.
                self.connect_after(0);
            }
            "bye" => self.sign_in_again(),
            _ => {}
        }
        self.show();
    }

    /// The house has reached `head`. What has not come by the end of the grace will not come.
    fn beat(&self, head: u64) {
        let live = self.live;
        live.head.set(head);
        if live.is_behind(head) {
            set_timeout(
                move || {
                    if live.is_behind(head) {
                        live.skip_to(head);
                    }
                },
                GRACE,
            );
        }
    }

    /// The session has ended elsewhere: whoever signs in comes back to this page. A page that signs out
    /// itself is on its way already, and to no page of its own.
    fn sign_in_again(&self) {
        self.close();
        if self.live.leaving.try_get_value() == Some(true) {
            return;
        }
        let location = window().location();
        let here = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
        // If the browser refuses, the next request answers that nobody is signed in.
        _ = location.set_href(&format!("/sign-in?next={}", String::from(js_sys::encode_uri_component(&here))));
    }

    fn show(&self) {
        let status = rules::status(now_ms(), self.heard_at.get(), self.greeted.get(), self.offline.get());
        if !self.closed.get() && self.live.status.try_get_untracked() != Some(status) {
            self.live.status.set(status);
        }
    }
}

/// Runs `react` if the line still exists.
fn with(line: &Weak<Line>, react: impl FnOnce(&Rc<Line>)) {
    if let Some(line) = line.upgrade() {
        react(&line);
    }
}

type Listener = Closure<dyn FnMut(web_sys::Event)>;

/// One `EventSource` with its listeners, which are taken off when it is dropped.
struct Socket {
    source: EventSource,
    listeners: Vec<(&'static str, Listener)>,
}

impl Socket {
    /// `None` where the browser refuses to open it at all.
    fn open(address: &str, line: &Weak<Line>) -> Option<Self> {
        let source = EventSource::new(address).ok()?;
        let listeners = EVENTS
            .into_iter()
            .map(|name| {
                let line = line.clone();
                let listener: Listener = Closure::new(move |event: web_sys::Event| {
                    with(&line, |line| line.heard(name, &event));
                });
                (name, listener)
            })
            .collect::<Vec<_>>();
        for (name, listener) in &listeners {
            source.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref()).ok()?;
        }
        Some(Self { source, listeners })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        for (name, listener) in &self.listeners {
            // A listener that cannot be taken off belongs to a stream that is closed in the next line.
            _ = self.source.remove_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        }
        self.source.close();
    }
}
