//! How many alerts wait, where a device shows it while another page or program is in front: on the
//! tab's icon and on the installed application's.

use super::rules::favicon;
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::HtmlLinkElement;

/// The id of the element of the document's head that names the favicon.
const FAVICON: &str = "favicon";

/// How many alerts call at this device: provided by the application, which writes it into the title of
/// every page.
#[derive(Debug, Clone, Default)]
pub struct Waiting(pub ArcRwSignal<usize>);

#[wasm_bindgen]
extern "C" {
    /// The navigator of a browser that can install applications.
    type Badged;
    #[wasm_bindgen(method, catch, js_name = setAppBadge)]
    fn set_app_badge(this: &Badged, count: u32) -> Result<js_sys::Promise, JsValue>;
}

/// Shows `count` on the tab's icon and on the installed application's. Only in the browser.
pub fn show_count(count: usize) {
    let icon = document().get_element_by_id(FAVICON).and_then(|link| link.dyn_into::<HtmlLinkElement>().ok());
    if let Some(icon) = icon {
        icon.set_href(favicon(count));
    }
    // 0 takes the number away. A browser that lacks the method answers with an error, and so does one
    // in which the application is not installed: the tab and the title still say it.
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    if let Ok(shown) = window().navigator().unchecked_ref::<Badged>().set_app_badge(count) {
        spawn_local(async move { _ = shown.await });
    }
}
