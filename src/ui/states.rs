//! The states of a page or panel that has nothing of its own to show.

use super::error_text;
use crate::{error::AppError, i18n::*};
use leptos::prelude::*;

/// Nothing is there, and that is fine: says so, and what would bring something.
#[component]
pub fn Empty(
    /// What is not there.
    #[prop(into)]
    title: String,
    /// What to do about it, or why it is well.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <section class="state">
            <h2 class="state__title name">{title}</h2>
            <p class="state__text">{text}</p>
        </section>
    }
}

/// Something is on its way.
#[component]
pub fn Loading() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <p class="state state--loading" role="status">
            {tu_string!(i18n, common.states.loading)}
        </p>
    }
}

/// Is told why something could not be shown. The server provides one for each page that it renders, so
/// that the page's status tells programs what the page tells people.
#[derive(Clone, Copy)]
pub struct WhenFailed(pub fn(&AppError));

/// Something could not be shown: says why, with the way on.
#[component]
pub fn Failed(error: AppError) -> impl IntoView {
    let i18n = use_i18n();
    if let Some(WhenFailed(tell)) = use_context::<WhenFailed>() {
        tell(&error);
    }
    // An empty address is this page again. Every way out of here loads its page from the server.
    let (title, href, way_on) = match error {
        AppError::SignedOut => {
            (tu_string!(i18n, common.states.signed_out), "/sign-in", tu_string!(i18n, common.states.sign_in))
        }
        AppError::Locked => (tu_string!(i18n, common.states.locked), "/lock", tu_string!(i18n, common.states.unlock)),
        AppError::NoStation => {
            (tu_string!(i18n, common.states.no_station), "/station", tu_string!(i18n, common.states.choose_station))
        }
        AppError::Forbidden => (tu_string!(i18n, common.states.forbidden), "/", tu_string!(i18n, common.states.home)),
        AppError::NotFound => (tu_string!(i18n, common.states.not_found), "/", tu_string!(i18n, common.states.home)),
        AppError::Fields(_)
        | AppError::Conflict(_)
        | AppError::Expired
        | AppError::Internal(_)
        | AppError::Away
        | AppError::Unreachable => (tu_string!(i18n, common.states.failed), "", tu_string!(i18n, common.states.again)),
    };
    view! {
        <section class="state state--failed" role="alert">
            <h2 class="state__title name">{title}</h2>
            <p class="state__text">{error_text(i18n, &error)}</p>
            <p>
                <a class="button" href=href rel="external">
                    {way_on}
                </a>
            </p>
        </section>
    }
}
