//! What guests ask for: the page on which it is entered, arranged and ended, and the parts of other pages that tell
//! of it.

mod form;
mod left;
mod list;
mod part;
mod quick;
mod words;

pub use left::AskedLeft;
pub use part::{DepartingRequests, asked_for_lines, asked_lines, asked_part};
pub use words::{request_kind, request_sentence, request_state, request_what};

use super::api::{ChangeRequest, EnterRequest};
use crate::{i18n::*, ids::GuestId, staff::ui::use_refused};
use form::RequestForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use list::Requests;
use quick::QuickTexts;

/// The page `/requests`. With a guest in its address: what that guest has asked for, and the form to enter more.
/// Without: what concerns a department, by default that of the station at which the device stands.
#[component]
pub fn RequestsPage() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let guest =
        Memo::new(move |_| query.with(|query| query.get_str("guest").and_then(|id| id.parse::<GuestId>().ok())));
    let department = Memo::new(move |_| query.with(|query| query.get("department").unwrap_or_default()));
    let enter = ServerAction::<EnterRequest>::new();
    let change = ServerAction::<ChangeRequest>::new();
    let refused = use_refused();
    view! {
        <Title text=tu_string!(i18n, requests.title)/>
        <div class="manage requests">
            <h1 class="page__title name">{tu_string!(i18n, requests.title)}</h1>
            <p class="lede">{tu_string!(i18n, requests.lede)}</p>
            <RequestForm action=enter guest refused/>
            <Requests guest department enter change refused/>
            <QuickTexts refused/>
        </div>
    }
}
