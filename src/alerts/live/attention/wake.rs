//! The screen that stays on while the device is on shift (the Screen Wake Lock of the W3C). Only in the
//! browser.

use super::notify::is_out_of_sight;
use leptos::{prelude::*, task::spawn_local};
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// A navigator that may not know how to keep the screen on.
    type Wakeful;
    #[wasm_bindgen(method, getter, js_name = wakeLock)]
    fn wake_lock(this: &Wakeful) -> Option<WakeLock>;

    type WakeLock;
    #[wasm_bindgen(method, catch)]
    fn request(this: &WakeLock, kind: &str) -> Result<js_sys::Promise, JsValue>;

    type Sentinel;
    #[wasm_bindgen(method, getter)]
    fn released(this: &Sentinel) -> bool;
    #[wasm_bindgen(method, setter, js_name = onrelease)]
    fn set_onrelease(this: &Sentinel, listener: Option<&js_sys::Function>);
    #[wasm_bindgen(method, catch)]
    fn release(this: &Sentinel) -> Result<js_sys::Promise, JsValue>;
}

thread_local! {
    /// Whether the screen is to stay on.
    static WANTED: Cell<bool> = const { Cell::new(false) };
    /// Whether the browser is being asked.
    static ASKING: Cell<bool> = const { Cell::new(false) };
    static HELD: RefCell<Option<Held>> = const { RefCell::new(None) };
}

/// A lock that the browser has given. It takes it back by itself when the page goes out of sight or the
/// battery is low.
struct Held {
    sentinel: Sentinel,
    _listener: Closure<dyn FnMut()>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.sentinel.set_onrelease(None);
    }
}

/// Keeps the screen on from now, as far as the browser allows, and says in `awake` whether it does. To
/// be called again whenever the page has come back into sight.
pub fn keep_screen_on(awake: RwSignal<Option<bool>>) {
    WANTED.set(true);
    let is_held = HELD.with_borrow(|held| held.as_ref().is_some_and(|held| !held.sentinel.released()));
    if is_held || ASKING.get() || is_out_of_sight() {
        return;
    }
    let asked =
        window().navigator().unchecked_ref::<Wakeful>().wake_lock().and_then(|lock| lock.request("screen").ok());
    let Some(asked) = asked else {
        awake.set(Some(false));
        return;
    };
    ASKING.set(true);
    spawn_local(async move {
        let answer = asked.await;
        ASKING.set(false);
        let Ok(sentinel) = answer.map(JsCast::unchecked_into::<Sentinel>) else {
            // Out of sight again before the browser answered: the next look asks again.
            if !is_out_of_sight() {
                awake.try_set(Some(false));
            }
            return;
        };
        let listener: Closure<dyn FnMut()> = Closure::new(move || {
            if WANTED.get() && !is_out_of_sight() {
                awake.try_set(Some(false));
            }
        });
        sentinel.set_onrelease(Some(listener.as_ref().unchecked_ref()));
        HELD.set(Some(Held { sentinel, _listener: listener }));
        awake.try_set(Some(true));
        // The shift may have ended while the browser was asked.
        if !WANTED.get() {
            let_screen_rest(awake);
        }
    });
}

/// Leaves the screen to the device's own habits.
pub fn let_screen_rest(awake: RwSignal<Option<bool>>) {
    WANTED.set(false);
    if let Some(held) = HELD.take()
        && let Ok(released) = held.sentinel.release()
    {
        // A lock that the browser has taken back already is as good as released.
        spawn_local(async move { _ = released.await });
    }
    awake.try_set(None);
}
