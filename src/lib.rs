//! Rapport: guest recognition for hotels. One guest profile, shared by the front desk, the floors and
//! the restaurant; live word between stations.
#![recursion_limit = "512"]

pub mod alerts;
pub mod app;
pub mod calls;
pub mod campaigns;
pub mod error;
pub mod exchange;
pub mod guests;
pub mod house;
pub mod ids;
pub mod loyalty;
pub mod names;
pub mod requests;
#[cfg(feature = "ssr")]
pub mod server;
pub mod staff;
pub mod stays;
pub mod ui;
mod words;

include!(concat!(env!("OUT_DIR"), "/i18n/mod.rs"));

/// Takes over the page that the server rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
