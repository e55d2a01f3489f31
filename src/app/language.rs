//! The language of a page that the server renders.

use super::{LANGUAGE_COOKIE, language_cookie};
use crate::i18n::Locale;
use leptos::prelude::*;
use leptos_i18n::context::{I18nContextOptions, init_i18n_context_with_options};

/// Finds the page's language. The provider of the texts takes over what it finds here.
///
/// Its own way starts an effect that writes the cookie, which has nothing to do on the server. It runs on
/// any thread, and if the page has been sent or its reader has gone before its turn comes, it breaks off
/// with a trace in the log. Under an owner that is paused its turn never comes.
pub fn provide() {
    let owner = Owner::new();
    owner.pause();
    let options = I18nContextOptions::<Locale> {
        cookie_name: LANGUAGE_COOKIE.into(),
        cookie_options: language_cookie(),
        ..I18nContextOptions::default()
    };
    provide_context(owner.with(|| init_i18n_context_with_options(options)));
    // What the owner holds lasts as long as the page.
    on_cleanup(move || drop(owner));
}
