//! Complaints: the list of them, each on its own page, what repeats itself, and what of them stands on a card.

mod card;
mod causes;
mod change;
mod page;
mod raise;
pub mod words;

pub use card::{cue_words, on_card, promise_words};
pub use causes::CausesPage;
pub use page::RecoveryPageView;
pub use raise::RaiseComplaint;

use super::{ListedRecovery, RecoveryList, api::recoveries};
use crate::{
    alerts::live::use_live,
    guests::ui::names::name_parts,
    i18n::*,
    ui::{Empty, Failed, I18n, Loading, date},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use words::{cause_words, place_words, severity_words, state_words};

/// The addresses of the pages about all complaints.
const OPEN: &str = "/recoveries";
const CLOSED: &str = "/recoveries?state=closed";
const CAUSES: &str = "/recoveries/causes";

/// Title and purpose of a page about all complaints, with the way to the others.
#[component]
fn CareHeading(
    title: &'static str,
    lede: &'static str,
    /// The address of this page among them.
    #[prop(into)]
    current: Signal<&'static str>,
) -> impl IntoView {
    let i18n = use_i18n();
    let links = [
        (OPEN, tu_string!(i18n, care.list.open)),
        (CLOSED, tu_string!(i18n, care.list.closed)),
        (CAUSES, tu_string!(i18n, care.causes.link)),
    ];
    let links = links
        .into_iter()
        .map(|(href, text)| {
            let is_here = move || (current.get() == href).then_some("page");
            view! {
                <li>
                    <a href=href aria-current=is_here>
                        {text}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <Title text=title/>
        <nav class="subnav" aria-label=tu_string!(i18n, care.list.pages)>
            <ul>{links}</ul>
        </nav>
        <h1 class="page__title name">{title}</h1>
        <p class="lede">{lede}</p>
    }
}

/// The page `/recoveries`: the open ones; with `state=closed` those that are closed. It follows the line.
#[component]
pub fn RecoveriesPage() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let query = use_query_map();
    let closed = Memo::new(move |_| query.with(|query| query.get_str("state") == Some("closed")));
    let list = Resource::new(
        move || (closed.get(), live.guest_changed.get(), live.reset.get()),
        |(closed, ..)| async move { (closed, recoveries(if closed { "closed" } else { "open" }.to_owned()).await) },
    );
    let current = Signal::derive(move || if closed.get() { CLOSED } else { OPEN });
    view! {
        <div class="manage">
            <CareHeading title=tu_string!(i18n, care.title) lede=tu_string!(i18n, care.list.lede) current/>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    let (closed, list) = list.await;
                    match list {
                        Ok(list) if list.recoveries.is_empty() => nothing(i18n, closed),
                        Ok(list) => lines(i18n, list),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

fn nothing(i18n: I18n, closed: bool) -> AnyView {
    let (title, text) = if closed {
        (tu_string!(i18n, care.list.none_closed), tu_string!(i18n, care.list.none_closed_text))
    } else {
        (tu_string!(i18n, care.list.none_open), tu_string!(i18n, care.list.none_open_text))
    };
    view! { <Empty title text/> }.into_any()
}

fn lines(i18n: I18n, list: RecoveryList) -> AnyView {
    let RecoveryList { recoveries, more } = list;
    let lines = recoveries.into_iter().map(|listed| line(i18n, listed)).collect_view();
    view! {
        <ul class="complaints">{lines}</ul>
        {more.then(|| view! { <p class="note">{tu_string!(i18n, care.list.more)}</p> })}
    }
    .into_any()
}

/// One complaint: whom it is about, what happened where, what was promised, and who sees to it.
fn line(i18n: I18n, listed: ListedRecovery) -> AnyView {
    let ListedRecovery { line, about, overdue } = listed;
    let href = format!("/recoveries/{}", line.id);
    let name =
        about.as_ref().map_or_else(|| tu_string!(i18n, care.list.nobody).to_owned(), |about| about.name.address());
    let parts = about.map(|about| name_parts(i18n, &about.name, about.language));
    let promise = promise_words(i18n, &line).map(|words| view! { <p class="complaint__promise">{words}</p> });
    let late =
        overdue.then(|| view! { <span class="badge badge--overdue">{tu_string!(i18n, care.line.overdue)}</span> });
    let owner = tu_string!(i18n, care.line.owner, name = line.owner);
    let class = if overdue { "complaint-line complaint-line--overdue" } else { "complaint-line" };
    view! {
        <li class=class>
            <p class="name-line">
                <a class="name complaint-line__name row-link" href=href>
                    {name}
                </a>
                " "
                {parts}
            </p>
            <p class="complaint-line__what">{line.what}</p>
            {promise}
            <p class="cluster">
                <span class="badge">{severity_words(i18n, line.severity)}</span>
                <span class="badge">{state_words(i18n, line.state)}</span>
                {late}
                <span class="muted">{cause_words(i18n, line.cause)} ", " {place_words(i18n, line.place)}</span>
                <span class="muted">{date::moment(i18n, &line.on)}</span>
                <span class="muted">{owner}</span>
            </p>
        </li>
    }
    .into_any()
}
