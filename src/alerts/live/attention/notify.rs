//! Notifications of the device, for when nobody looks at the page. They stand on locked screens and are
//! kept by the system, so they name stations and never guests. Only in the browser.

use crate::ui::worker;
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Notification, NotificationOptions, NotificationPermission, VisibilityState};

/// A newer notification takes the place of the last: there is one board to go to.
const TAG: &str = "word";

const ICON: &str = "/icons/icon-192.png";

/// Whether the browser has notifications at all. Where it has none, there is nothing to be asked.
fn permission() -> Option<NotificationPermission> {
    let class = js_sys::Reflect::get(&window(), &JsValue::from_str("Notification"));
    class.is_ok_and(|class| class.is_function()).then(Notification::permission)
}

/// Asks, once, whether the device may show notifications. To be called from a tap.
pub fn allow_notifications() {
    if permission() == Some(NotificationPermission::Default)
        && let Ok(answer) = Notification::request_permission()
    {
        // Whatever the answer is, it is looked up when there is something to show.
        spawn_local(async move { _ = answer.await });
    }
}

/// Whether the page cannot be seen: another tab, another program or a dark screen.
#[must_use]
pub fn is_out_of_sight() -> bool {
    document().visibility_state() == VisibilityState::Hidden
}

/// Shows a notification, if the device has been allowed to. Neither text may name a guest.
pub fn notify(title: String, body: String) {
    if permission() != Some(NotificationPermission::Granted) {
        return;
    }
    spawn_local(async move {
        let Some(worker) = worker().await else { return };
        let options = NotificationOptions::new();
        options.set_body(&body);
        options.set_tag(TAG);
        options.set_renotify(true);
        options.set_icon(ICON);
        if let Ok(shown) = worker.show_notification_with_options(&title, &options) {
            // Forbidden in the meantime: the sound and the title remain.
            _ = shown.await;
        }
    });
}

/// Takes away what was shown: somebody is looking again.
pub fn clear_notifications() {
    if permission() != Some(NotificationPermission::Granted) {
        return;
    }
    spawn_local(async move {
        let Some(worker) = worker().await else { return };
        let Ok(shown) = worker.get_notifications() else { return };
        let Ok(shown) = shown.await else { return };
        for notification in js_sys::Array::from(&shown) {
            if let Ok(notification) = notification.dyn_into::<Notification>() {
                notification.close();
            }
        }
    });
}
