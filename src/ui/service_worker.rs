//! The service worker, which keeps the shell of the application and opens the board when a notification
//! is tapped. Only in the browser.

use leptos::{logging::warn, prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};
use web_sys::{ServiceWorkerContainer, ServiceWorkerRegistration};

/// Where it lies: at the root, because it looks after every page.
const SCRIPT: &str = "/sw.js";

#[wasm_bindgen]
extern "C" {
    /// A navigator that may have no service workers: without https, and in some private windows.
    type Served;
    #[wasm_bindgen(method, getter, js_name = serviceWorker)]
    fn service_worker(this: &Served) -> Option<ServiceWorkerContainer>;
}

fn workers() -> Option<ServiceWorkerContainer> {
    window().navigator().unchecked_ref::<Served>().service_worker()
}

/// Has the browser install the worker, or look whether there is a newer one.
pub fn install_worker() {
    let Some(workers) = workers() else { return };
    let installed = workers.register(SCRIPT);
    spawn_local(async move {
        if let Err(refused) = installed.await {
            // The page works without it.
            warn!("the service worker was not installed: {refused:?}");
        }
    });
}

/// The worker's registration; `None` where there is none.
pub async fn worker() -> Option<ServiceWorkerRegistration> {
    workers()?.get_registration().await.ok()?.dyn_into().ok()
}
