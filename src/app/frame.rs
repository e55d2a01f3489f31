//! What stands around a page: a sheet of letter paper before one is signed in, the masthead after.

use super::{guard::Guard, masthead::Masthead};
use crate::{
    alerts::{live::LiveProvider, queue::QueueProvider, ui::Attention},
    house::ui::LanguageSwitch,
    i18n::*,
};
use leptos::{html, prelude::*};
use leptos_meta::Title;
use leptos_router::{components::Outlet, hooks::use_location};

/// The id that the skip link leads to.
const MAIN: &str = "main";

/// The pages on which there is nothing to do but one thing: sign in, unlock, choose a station.
#[component]
pub fn Front(
    /// Room for more than a few short fields.
    #[prop(optional)]
    wide: bool,
    children: Children,
) -> impl IntoView {
    let i18n = use_i18n();
    let class = if wide { "front front--wide" } else { "front" };
    view! {
        <div class=class>
            <header class="front__mark">
                <img src="/favicon.svg" width="56" height="56" alt=""/>
                <p class="wordmark wordmark--large">{tu_string!(i18n, common.brand)}</p>
            </header>
            <main id=MAIN class="front__sheet" tabindex="-1">
                {children()}
            </main>
            <footer class="front__foot">
                <LanguageSwitch/>
            </footer>
        </div>
    }
}

/// Every page for people who are signed in.
#[component]
pub fn SignedIn() -> impl IntoView {
    let main = NodeRef::<html::Main>::new();
    focus_main_on_arrival(main);
    view! {
        <LiveProvider>
            <QueueProvider>
                <Masthead/>
                <Attention/>
                <main id=MAIN class="page" tabindex="-1" node_ref=main>
                    <Guard/>
                    <Outlet/>
                </main>
            </QueueProvider>
        </LiveProvider>
    }
}

/// An address at which there is nothing.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    let i18n = use_i18n();
    let title = tu_string!(i18n, common.not_found.title);
    view! {
        <Title text=title/>
        <h1 class="name">{title}</h1>
        <p class="lede">{tu_string!(i18n, common.not_found.text)}</p>
        <p>
            <a class="button button--primary" href="/" rel="external">
                {tu_string!(i18n, common.not_found.home)}
            </a>
        </p>
    }
}

/// Following a link inside the application moves the focus to the new page, as the browser does when
/// it loads one. A page that wants the cursor elsewhere takes it from there.
fn focus_main_on_arrival(main: NodeRef<html::Main>) {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path)
            && let Some(main) = main.get_untracked()
        {
            // A focus that cannot be set leaves the page as it is.
            let _ = main.focus();
        }
        path
    });
}
