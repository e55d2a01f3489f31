//! Pages about campaigns, and the headings that they share.

mod approve;
mod calendar;
mod edit;
mod letter;
mod list;
mod outbox;
mod overview;
mod pictures;
mod preflight;
mod preview;
mod results;
mod segment;
pub mod words;

pub use approve::ApprovalsPage;
pub use calendar::CalendarPage;
pub use edit::{EditPage, NewPage};
pub use letter::LettersPage;
pub use list::CampaignsPage;
pub use outbox::OutboxListPage;
pub use overview::OverviewPage;
pub use pictures::PicturesPage;
pub use preflight::PreflightPage;
pub use results::ResultsPage;

use super::{CampaignKind, CampaignState};
use crate::{error::AppError, i18n::*, ids::CampaignId, ui::Failed};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::A, hooks::use_params_map};
use words::{kind_words, state_words};

/// Title and purpose of a page about all campaigns, with the way to the others.
#[component]
pub fn CampaignsHeading(title: &'static str, lede: &'static str) -> impl IntoView {
    let i18n = use_i18n();
    let links = [
        ("/campaigns", tu_string!(i18n, campaigns.list.title)),
        ("/campaigns/calendar", tu_string!(i18n, campaigns.calendar.link)),
        ("/campaigns/approvals", tu_string!(i18n, campaigns.list.approvals)),
        ("/campaigns/outbox", tu_string!(i18n, campaigns.list.outbox)),
        ("/rhythm", tu_string!(i18n, care.rhythm.link)),
    ];
    view! {
        <Title text=title/>
        <Subnav links=links.map(|(href, text)| (href.to_owned(), text)).into()/>
        <h1 class="page__title name">{title}</h1>
        <p class="lede">{lede}</p>
    }
}

/// Name, kind and state of one campaign, with the way to what belongs to it.
#[component]
pub fn CampaignHead(
    id: CampaignId,
    #[prop(into)] name: String,
    kind: CampaignKind,
    state: CampaignState,
    /// Which of its pages this is, for the page's title; nothing for the first.
    #[prop(optional)]
    page: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    let title = if page.is_empty() { name.clone() } else { format!("{page}: {name}") };
    let at = |rest: &str| format!("/campaigns/{id}{rest}");
    let links = vec![
        (at(""), tu_string!(i18n, campaigns.overview.link)),
        (at("/edit"), tu_string!(i18n, campaigns.edit.link)),
        (at("/letters"), tu_string!(i18n, campaigns.overview.letters)),
        (at("/preflight"), tu_string!(i18n, campaigns.preflight.link)),
        (at("/results"), tu_string!(i18n, campaigns.overview.results)),
    ];
    view! {
        <Title text=title/>
        <p class="campaign-head__way">
            <a class="row-link" href="/campaigns">
                {tu_string!(i18n, campaigns.overview.all)}
            </a>
        </p>
        <div class="campaign-head">
            <h1 class="page__title name">{name}</h1>
            <p class="campaign-head__kind">
                {kind_words(i18n, kind)} <StateBadge state/>
            </p>
        </div>
        <Subnav links/>
    }
}

/// Where a campaign stands.
#[component]
pub fn StateBadge(state: CampaignState) -> impl IntoView {
    let i18n = use_i18n();
    view! { <span class=format!("badge badge--{}", state.code())>{state_words(i18n, state)}</span> }
}

#[component]
fn Subnav(links: Vec<(String, &'static str)>) -> impl IntoView {
    let i18n = use_i18n();
    let links = links
        .into_iter()
        .map(|(href, text)| {
            view! {
                <li>
                    <A href=href exact=true>
                        {text}
                    </A>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="subnav" aria-label=tu_string!(i18n, campaigns.list.pages)>
            <ul>{links}</ul>
        </nav>
    }
}

/// The page for the campaign in the address; says so where the address names none.
pub fn of_address(page: fn(CampaignId) -> AnyView) -> impl IntoView {
    let params = use_params_map();
    let asked = Memo::new(move |_| params.with(|params| params.get_str("id")?.parse::<CampaignId>().ok()));
    move || match asked.get() {
        Some(id) => page(id),
        None => view! { <Failed error=AppError::NotFound/> }.into_any(),
    }
}
