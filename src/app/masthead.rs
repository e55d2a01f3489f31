//! The line at the head of every page: where one can go, which house and station this is, who is
//! signed in.

use super::guard::may_open;
use crate::{
    alerts::{
        live::{LiveStatusBanner, use_live},
        ui::{QueueStrip, SignOutForm},
    },
    house::ui::LanguageSwitch,
    i18n::*,
    staff::{
        Ability, Me,
        ui::{role_name, tell_of_use, use_session},
    },
    ui::I18n,
};
use leptos::{html, prelude::*};
use leptos_router::{components::A, hooks::use_location};

/// The masthead, for whoever is signed in; empty for nobody.
#[component]
pub fn Masthead() -> impl IntoView {
    let session = use_session();
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match session.await {
                    Ok(Some(me)) => {
                        let hears_alerts = me.role.may(Ability::AnswerAlerts);
                        view! {
                            <Bar me/>
                            {hears_alerts.then(|| view! { <LiveStatusBanner/> <QueueStrip/> })}
                        }
                            .into_any()
                    }
                    _ => ().into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Bar(me: Me) -> impl IntoView {
    let i18n = use_i18n();
    tell_of_use();
    let links = links(i18n, &me)
        .into_iter()
        .map(|(href, text)| {
            view! {
                <li>
                    <A href=href>{text}</A>
                </li>
            }
        })
        .collect_view();
    let live = use_live();
    let loaded = me.station.clone();
    // Another tab of the device may have moved it since.
    let station = move || {
        let station = live.moved.get().map_or_else(|| loaded.clone(), |me| me.station);
        station.map_or_else(|| tu_string!(i18n, common.masthead.no_station).to_owned(), |station| station.name)
    };
    view! {
        <header class="masthead">
            <a class="wordmark" href=me.role.home()>
                {tu_string!(i18n, common.brand)}
            </a>
            <nav class="masthead__nav" aria-label=tu_string!(i18n, common.nav.label)>
                <ul>{links}</ul>
            </nav>
            <p class="masthead__place">
                <span class="masthead__house">{me.house.name}</span>
                <span class="masthead__station">{station}</span>
            </p>
            <Menu name=me.name role=role_name(i18n, me.role) session=me.session/>
        </header>
    }
}

/// What concerns the person and the device: station, language, signing out.
#[component]
fn Menu(name: String, role: &'static str, session: String) -> impl IntoView {
    let i18n = use_i18n();
    let menu = NodeRef::<html::Details>::new();
    let path = use_location().pathname;
    Effect::new(move |_| {
        path.track();
        if let Some(menu) = menu.get_untracked() {
            // Taking away what is not there is not refused either.
            let _ = menu.remove_attribute("open");
        }
    });
    view! {
        <details class="menu" node_ref=menu>
            <summary class="menu__button">
                <span class="menu__name">{name}</span>
                <span class="menu__role">{role}</span>
            </summary>
            <div class="menu__sheet stack">
                <p>
                    <A href="/station" attr:class="button button--quiet">
                        {tu_string!(i18n, common.masthead.change_station)}
                    </A>
                </p>
                <LanguageSwitch/>
                <SignOutForm label=tu_string!(i18n, common.masthead.sign_out) class="button" shown=session/>
            </div>
        </details>
    }
}

/// The pages that the role may open, in the order of the day.
fn links(i18n: I18n, me: &Me) -> Vec<(&'static str, &'static str)> {
    [
        ("/manage", tu_string!(i18n, common.nav.house)),
        ("/desk", tu_string!(i18n, common.nav.desk)),
        ("/briefings", tu_string!(i18n, common.nav.briefings)),
        ("/floor", tu_string!(i18n, common.nav.floor)),
        ("/names", tu_string!(i18n, common.nav.names)),
        ("/board", tu_string!(i18n, common.nav.board)),
        ("/requests", tu_string!(i18n, common.nav.requests)),
        ("/traces", tu_string!(i18n, common.nav.traces)),
        ("/recoveries", tu_string!(i18n, common.nav.complaints)),
        ("/guests", tu_string!(i18n, common.nav.guests)),
        ("/campaigns", tu_string!(i18n, common.nav.greetings)),
    ]
    .into_iter()
    .filter(|(href, _)| may_open(me.role, href))
    .collect()
}
