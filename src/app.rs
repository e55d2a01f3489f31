//! The application: what every page may rely on, and which page stands at which address.

#[cfg(feature = "ssr")]
mod document;
mod frame;
mod guard;
#[cfg(feature = "ssr")]
mod language;
mod masthead;

#[cfg(feature = "ssr")]
pub use document::shell;

use crate::{
    alerts::{
        live::attention::{Waiting, title_with},
        ui::{AlertReportPage, BoardPage, EndShiftPage, finish_leaving},
    },
    calls::ui::CallPage,
    campaigns::{
        policy::LetterSettingsPage,
        ui::{
            ApprovalsPage, CalendarPage as CampaignCalendarPage, CampaignsPage, EditPage as CampaignEditPage,
            LettersPage, NewPage as NewCampaignPage, OutboxListPage, OverviewPage as CampaignPage, PicturesPage,
            PreflightPage, ResultsPage,
        },
    },
    exchange::ui::ImportsPage,
    guests::{
        relations::ui::PeopleAroundPage,
        rhythm::ui::RhythmPage,
        timeline::ui::GuestTimelinePage,
        ui::{CardPage, FormPage},
    },
    house::ui::{AlertRulesPage, ManagePage, MemoryPage, StationPage, StationsPage},
    i18n::*,
    loyalty::ui::{GuestPointsPage, LoyaltyPage},
    names::ui::{DrillPage, NamesPage, PrintPage as NamesPrintPage},
    requests::{
        asked::ui::RequestsPage,
        recovery::ui::{CausesPage, RecoveriesPage, RecoveryPageView},
        traces::ui::{LeaverPage, RulesPage as TraceRulesPage, TracesPage},
    },
    staff::{
        api::who_am_i,
        ui::{AuditPage, LockPage, Session, SetupPage, SignInPage, StaffPage},
    },
    stays::{
        briefing::ui::{BriefingPage, BriefingsPage},
        ui::{DeskPage, FloorPage, GuestsPage},
    },
    ui::{Announcer, LiveRegion, install_worker},
};
use frame::{Front, NotFoundPage, SignedIn};
use guard::Home;
use leptos::{
    prelude::*,
    server_fn::redirect::set_redirect_hook,
    web_sys::{Location, Url},
};
use leptos_i18n::context::CookieOptions;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

/// The cookie in which a browser's language is kept, once someone has chosen one.
pub const LANGUAGE_COOKIE: &str = "rapport_lang";

/// The root of everything, on the server and in the browser.
///
/// Every page is rendered complete before it is sent ([`SsrMode::Async`]), so that it can be used
/// while, and where, no script runs.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    load_pages_on_redirect();
    provide_context(Announcer::default());
    provide_context(Waiting::default());
    provide_context::<Session>(Resource::new(|| (), |()| who_am_i()));
    Effect::new(|_| {
        mark_as_hydrated();
        install_worker();
    });
    finish_leaving();

    #[cfg(feature = "ssr")]
    language::provide();
    view! {
        <I18nContextProvider cookie_name=LANGUAGE_COOKIE cookie_options=language_cookie()>
            <Titles/>
            <Router>
                <SkipLink/>
                <Routes fallback=|| view! { <Front><NotFoundPage/></Front> }>
                    <Route path=path!("/sign-in") view=|| view! { <Front><SignInPage/></Front> } ssr=SsrMode::Async/>
                    <Route path=path!("/lock") view=|| view! { <Front><LockPage/></Front> } ssr=SsrMode::Async/>
                    <Route path=path!("/setup") view=|| view! { <Front wide=true><SetupPage/></Front> } ssr=SsrMode::Async/>
                    <Route path=path!("/station") view=|| view! { <Front wide=true><StationPage/></Front> } ssr=SsrMode::Async/>
                    <ParentRoute path=path!("") view=SignedIn ssr=SsrMode::Async>
                        <Route path=path!("/") view=Home ssr=SsrMode::Async/>
                        <Route path=path!("/desk") view=DeskPage ssr=SsrMode::Async/>
                        <Route path=path!("/floor") view=FloorPage ssr=SsrMode::Async/>
                        <Route path=path!("/names") view=NamesPage ssr=SsrMode::Async/>
                        <Route path=path!("/names/drill") view=DrillPage ssr=SsrMode::Async/>
                        <Route path=path!("/names/print") view=NamesPrintPage ssr=SsrMode::Async/>
                        <Route path=path!("/board") view=BoardPage ssr=SsrMode::Async/>
                        <Route path=path!("/board/end-shift") view=EndShiftPage ssr=SsrMode::Async/>
                        <Route path=path!("/requests") view=RequestsPage ssr=SsrMode::Async/>
                        <Route path=path!("/guests") view=GuestsPage ssr=SsrMode::Async/>
                        <Route path=path!("/guests/new") view=FormPage ssr=SsrMode::Async/>
                        <Route path=path!("/guests/:id/timeline") view=GuestTimelinePage ssr=SsrMode::Async/>
                        <Route path=path!("/call") view=CallPage ssr=SsrMode::Async/>
                        <Route path=path!("/briefings") view=BriefingsPage ssr=SsrMode::Async/>
                        <Route path=path!("/briefings/:id") view=BriefingPage ssr=SsrMode::Async/>
                        <Route path=path!("/guests/:id") view=CardPage ssr=SsrMode::Async/>
                        <Route path=path!("/guests/:id/points") view=GuestPointsPage ssr=SsrMode::Async/>
                        <Route path=path!("/guests/:id/edit") view=FormPage ssr=SsrMode::Async/>
                        <Route path=path!("/guests/:id/people") view=PeopleAroundPage ssr=SsrMode::Async/>
                        <Route path=path!("/campaigns") view=CampaignsPage ssr=SsrMode::Async/>
                        <Route path=path!("/campaigns/new") view=NewCampaignPage ssr=SsrMode::Async/>
                        <Route path=path!("/campaigns/calendar") view=CampaignCalendarPage ssr=SsrMode::Async/>
                        <Route path=path!("/campaigns/approvals") view=ApprovalsPage ssr=SsrMode::Async/>
                        <Route path=path!("/campaigns/outbox") view=OutboxListPage ssr=SsrMode::Async/>
                        <Route path=path!("/campaigns/pictures") view=PicturesPage ssr=SsrMode::Async/>
                        <Route path=path!("/campaigns/:id") view=CampaignPage ssr=SsrMode::Async/>
                        <Route path=path!("/campaigns/:id/edit") view=CampaignEditPage ssr=SsrMode::Async/>
                        <Route path=path!("/campaigns/:id/preflight") view=PreflightPage ssr=SsrMode::Async/>
                        <Route path=path!("/campaigns/:id/letters") view=LettersPage ssr=SsrMode::Async/>
                        <Route path=path!("/campaigns/:id/results") view=ResultsPage ssr=SsrMode::Async/>
                        <Route path=path!("/recoveries") view=RecoveriesPage ssr=SsrMode::Async/>
                        <Route path=path!("/recoveries/causes") view=CausesPage ssr=SsrMode::Async/>
                        <Route path=path!("/recoveries/:id") view=RecoveryPageView ssr=SsrMode::Async/>
                        <Route path=path!("/rhythm") view=RhythmPage ssr=SsrMode::Async/>
                        <Route path=path!("/traces") view=TracesPage ssr=SsrMode::Async/>
                        <Route path=path!("/traces/rules") view=TraceRulesPage ssr=SsrMode::Async/>
                        <Route path=path!("/traces/leaver") view=LeaverPage ssr=SsrMode::Async/>
                        <Route path=path!("/manage") view=ManagePage ssr=SsrMode::Async/>
                        <Route path=path!("/manage/staff") view=StaffPage ssr=SsrMode::Async/>
                        <Route path=path!("/manage/stations") view=StationsPage ssr=SsrMode::Async/>
                        <Route path=path!("/manage/alerts") view=AlertReportPage ssr=SsrMode::Async/>
                        <Route path=path!("/manage/alert-rules") view=AlertRulesPage ssr=SsrMode::Async/>
                        <Route path=path!("/manage/memory") view=MemoryPage ssr=SsrMode::Async/>
                        <Route path=path!("/manage/letters") view=LetterSettingsPage ssr=SsrMode::Async/>
                        <Route path=path!("/manage/imports") view=ImportsPage ssr=SsrMode::Async/>
                        <Route path=path!("/manage/audit") view=AuditPage ssr=SsrMode::Async/>
                        <Route path=path!("/manage/loyalty") view=LoyaltyPage ssr=SsrMode::Async/>
                    </ParentRoute>
                </Routes>
            </Router>
            <LiveRegion/>
        </I18nContextProvider>
    }
}

/// Only the server writes the cookie, when a language is chosen: pages read it, on both sides.
fn language_cookie() -> CookieOptions<Locale> {
    CookieOptions::<Locale>::default().readonly(true)
}

/// The title of pages that give none, and the house style of those that do: how many alerts wait, the
/// page, the brand.
#[component]
fn Titles() -> impl IntoView {
    let brand = tu_string!(use_i18n(), common.brand);
    let Waiting(waiting) = use_context().unwrap_or_default();
    let formatter = move |page: String| {
        let title = if page == brand { page } else { format!("{page} · {brand}") };
        title_with(waiting.get(), title)
    };
    view! { <Title text=brand formatter/> }
}

/// For those who go through a page by keyboard: past the navigation in one step. The browser follows
/// it by itself, because it moves the focus too.
#[component]
fn SkipLink() -> impl IntoView {
    view! {
        <a class="skip-link" href="#main" rel="external">
            {tu_string!(use_i18n(), common.skip_link)}
        </a>
    }
}

/// Tells style sheets and tests that the page answers to scripts from now on.
fn mark_as_hydrated() {
    if let Some(root) = document().document_element() {
        // An attribute with a valid name is never refused.
        let _ = root.set_attribute("data-hydrated", "true");
    }
}

/// Has the browser load the page that a server function redirects to. Signing in or out or choosing
/// a station changes what every part of the page may show, so nothing of it is kept. A redirect back
/// to the page that is open is for browsers without scripts and is passed over: its lists are fetched
/// anew.
fn load_pages_on_redirect() {
    // The first hook stays: this is called before the router sets its own, which would swap only the
    // route. On the server and in later calls there is one already, which is as well.
    let _ = set_redirect_hook(|to| {
        let here = window().location();
        if leads_elsewhere(to, &here) == Some(true) {
            // Refused only for an address that is not one, which has been ruled out.
            let _ = here.set_href(to);
        }
    });
}

/// Whether `to` is another page than the open one; `None` if it is no address.
fn leads_elsewhere(to: &str, here: &Location) -> Option<bool> {
    let target = Url::new_with_base(to, &here.href().ok()?).ok()?;
    Some(
        target.origin() != here.origin().ok()?
            || target.pathname() != here.pathname().ok()?
            || target.search() != here.search().ok()?,
    )
}
