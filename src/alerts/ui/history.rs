//! What was said about a guest: the newest word first, a page of it at a time.

use super::words::{names_in_a_row, state_words};
use crate::{
    alerts::{
        AlertCard, HISTORY_PAGE,
        api::guest_alerts,
        live::{refetch_when, use_live},
    },
    error::AppError,
    guests::ui::words::kind_words,
    i18n::*,
    ids::{AlertId, GuestId},
    ui::{I18n, date::short_date},
};
use leptos::prelude::*;
use leptos_router::{
    hooks::{use_location, use_query_map},
    location::Location,
};

/// The name in the page's address of the alert from before which word is shown.
const EARLIER: &str = "earlier";

type Page = (Option<AlertId>, Vec<AlertCard>);

/// The part of a card that tells what was said about the guest. It follows the line; nothing for roles
/// that have nothing to do with word.
#[component]
pub fn AlertHistory(guest: GuestId) -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let query = use_query_map();
    let Location { pathname, search, .. } = use_location();
    let here = move |earlier: Option<AlertId>| address(&pathname.get_untracked(), &search.get_untracked(), earlier);
    let earlier =
        Memo::new(move |_| query.with(|query| query.get_str(EARLIER).and_then(|id| id.parse::<AlertId>().ok())));
    let first = Resource::new(move || earlier.get(), move |earlier| page(guest, earlier));
    let newer = RwSignal::new(None::<Page>);
    let heard = Memo::new(move |_| {
        live.alerts.with(|alerts| alerts.values().filter(|card| card.guest == guest).map(|card| card.seq).max())
    });
    refetch_when(
        move || (live.reset.get(), heard.get()),
        move || page(guest, earlier.get_untracked()),
        move |answer: Result<Page, AppError>| {
            if let Ok(page) = answer {
                newer.set(Some(page));
            }
        },
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                // What cannot be loaded leaves the rest of the card standing, which says why.
                let Ok(loaded) = first.await else { return ().into_any() };
                let shown = move || newer.get().filter(|(earlier, _)| *earlier == loaded.0).unwrap_or_else(|| loaded.clone());
                (move || word(i18n, shown(), here)).into_any()
            })}
        </Transition>
    }
}

async fn page(guest: GuestId, earlier: Option<AlertId>) -> Result<Page, AppError> {
    Ok((earlier, guest_alerts(guest, earlier).await?))
}

fn word(i18n: I18n, (earlier, cards): Page, here: impl Fn(Option<AlertId>) -> String) -> Option<AnyView> {
    if cards.is_empty() && earlier.is_none() {
        return None;
    }
    let none = cards.is_empty().then(|| view! { <p class="muted">{tu_string!(i18n, alerts.history.none_older)}</p> });
    // A page that is not full is the last one.
    let is_full = u32::try_from(cards.len()).is_ok_and(|count| count >= HISTORY_PAGE);
    let older = cards.last().filter(|_| is_full).map(|last| {
        view! {
            <a class="button button--quiet" href=here(Some(last.id))>
                {tu_string!(i18n, alerts.history.older)}
            </a>
        }
    });
    let newest = earlier.map(|_| {
        view! {
            <a class="button button--quiet" href=here(None)>
                {tu_string!(i18n, alerts.history.back)}
            </a>
        }
    });
    let lines = cards.iter().map(|card| line(i18n, card)).collect_view();
    Some(
        view! {
            <section class="guest__part word-history" aria-labelledby="guest-word">
                <h3 id="guest-word">{tu_string!(i18n, alerts.history.title)}</h3>
                <ol class="word-lines">{lines}</ol>
                {none}
                <p class="cluster">{newest} {older}</p>
            </section>
        }
        .into_any(),
    )
}

/// When, what from where to where, in whose words, and what became of it.
fn line(i18n: I18n, card: &AlertCard) -> AnyView {
    let what = tu_string!(
        i18n,
        alerts.history.line,
        kind = kind_words(i18n, card.kind),
        from = card.from_name.clone(),
        to = card.to_name.clone()
    );
    let by: Vec<_> = std::iter::once(&card.by).chain(&card.also_by).cloned().collect();
    let text = card.text.clone().map(|text| view! { <p class="ticket__text">{text}</p> });
    view! {
        <li class="word-line">
            <p>
                <span class="muted">{short_date(i18n, &card.raised_on)} ", " {card.raised_time.clone()}</span>
                " "
                <strong>{what}</strong>
                " "
                <span class="muted">{tu_string!(i18n, alerts.history.by, name = names_in_a_row(i18n, &by))}</span>
            </p>
            {text}
            <p>{state_words(i18n, card)}</p>
        </li>
    }
    .into_any()
}

/// The address of this page with word from before another alert.
fn address(path: &str, search: &str, earlier: Option<AlertId>) -> String {
    let kept = search
        .trim_start_matches('?')
        .split('&')
        .filter(|part| !part.is_empty() && !part.starts_with(&format!("{EARLIER}=")))
        .map(str::to_owned);
    let query: Vec<_> = kept.chain(earlier.map(|id| format!("{EARLIER}={id}"))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_keeps_what_else_is_on_the_screen() {
        let id = AlertId(ulid::Ulid(7));
        let search = "?list=in-house&earlier=00000000000000000000000001&guest=x";
        assert_eq!(address("/desk", search, None), "/desk?list=in-house&guest=x");
        assert_eq!(
            address("/desk", search, Some(id)),
            "/desk?list=in-house&guest=x&earlier=00000000000000000000000007"
        );
        assert_eq!(address("/guests/x", "", None), "/guests/x");
        assert_eq!(address("/guests/x", "", Some(id)), "/guests/x?earlier=00000000000000000000000007");
    }
}
