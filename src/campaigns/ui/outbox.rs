//! The outbox: what is to leave and when, what is under way, what failed, and of what nobody knows whether it
//! arrived.

use super::{
    CampaignsHeading,
    words::{occurrence_words, reason_text},
};
use crate::{
    campaigns::{
        OccurrenceState,
        outbox_api::{OutboxLine, OutboxPage, ResolveLetter, RetryLetter, Show, show_outbox},
    },
    i18n::*,
    staff::ui::use_refused,
    ui::{Attempt, Empty, Failed, FormNote, I18n, Loading, announce_done, date, outcome},
};
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, location::Url};

/// The page `/campaigns/outbox`; its address says which part of it is shown, and from where.
#[component]
pub fn OutboxListPage() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| (query.get_str("show").and_then(Show::from_slug).unwrap_or_default(), query.get("after")))
    });
    let retry = ServerAction::<RetryLetter>::new();
    let resolve = ServerAction::<ResolveLetter>::new();
    let page = Resource::new(
        move || (asked.get(), retry.version().get(), resolve.version().get()),
        |((show, after), ..)| show_outbox(show, after),
    );
    let refused = use_refused();
    announce_done(outcome(retry), tu_string!(i18n, campaigns.outbox.retried));
    announce_done(outcome(resolve), tu_string!(i18n, campaigns.outbox.resolved));
    view! {
        <div class="manage">
            <CampaignsHeading
                title=tu_string!(i18n, campaigns.outbox.title)
                lede=tu_string!(i18n, campaigns.outbox.lede)
            />
            <Parts asked/>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    let (page, refused) = (page.await, refused.await);
                    let retried = Attempt::of(retry, refused.as_ref()).outcome;
                    let resolved = Attempt::of(resolve, refused.as_ref()).outcome;
                    match page {
                        Ok(page) => {
                            view! {
                                <FormNote outcome=retried done=tu_string!(i18n, campaigns.outbox.retried)/>
                                <FormNote outcome=resolved done=tu_string!(i18n, campaigns.outbox.resolved)/>
                                {lines(i18n, page, retry, resolve)}
                            }
                                .into_any()
                        }
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// The way to the parts of the outbox.
#[component]
fn Parts(asked: Memo<(Show, Option<String>)>) -> impl IntoView {
    let i18n = use_i18n();
    let links = Show::ALL
        .into_iter()
        .map(|show| {
            let current = move || asked.with(|(shown, _)| *shown == show).then_some("page");
            view! {
                <li>
                    <a href=format!("/campaigns/outbox?show={}", show.slug()) aria-current=current>
                        {part_words(i18n, show)}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="subnav" aria-label=tu_string!(i18n, campaigns.outbox.parts)>
            <ul>{links}</ul>
        </nav>
    }
}

fn part_words(i18n: I18n, show: Show) -> &'static str {
    match show {
        Show::Scheduled => tu_string!(i18n, campaigns.outbox.scheduled),
        Show::Awaiting => tu_string!(i18n, campaigns.outbox.awaiting),
        Show::Held => tu_string!(i18n, campaigns.outbox.held),
        Show::UnderWay => tu_string!(i18n, campaigns.outbox.under_way),
        Show::Unknown => tu_string!(i18n, campaigns.outbox.unknown),
        Show::Failed => tu_string!(i18n, campaigns.outbox.failed),
    }
}

fn lines(
    i18n: I18n,
    page: OutboxPage,
    retry: ServerAction<RetryLetter>,
    resolve: ServerAction<ResolveLetter>,
) -> AnyView {
    let OutboxPage { show, lines, next } = page;
    if lines.is_empty() {
        let text = match show {
            Show::Scheduled => tu_string!(i18n, campaigns.outbox.empty_scheduled),
            Show::Awaiting => tu_string!(i18n, campaigns.outbox.empty_awaiting),
            Show::Held => tu_string!(i18n, campaigns.outbox.empty_held),
            Show::UnderWay => tu_string!(i18n, campaigns.outbox.empty_under_way),
            Show::Unknown => tu_string!(i18n, campaigns.outbox.empty_unknown),
            Show::Failed => tu_string!(i18n, campaigns.outbox.empty_failed),
        };
        return view! { <Empty title=tu_string!(i18n, campaigns.outbox.empty) text/> }.into_any();
    }
    let explained = match show {
        Show::Awaiting | Show::UnderWay => None,
        Show::Scheduled => Some(tu_string!(i18n, campaigns.outbox.scheduled_text)),
        Show::Held => Some(tu_string!(i18n, campaigns.outbox.held_text)),
        Show::Unknown => Some(tu_string!(i18n, campaigns.outbox.unknown_text)),
        Show::Failed => Some(tu_string!(i18n, campaigns.outbox.failed_text)),
    };
    let rows = lines.into_iter().map(|line| row(i18n, line, retry, resolve)).collect_view();
    let next = next.map(|after| {
        let href = format!("/campaigns/outbox?show={}&after={}", show.slug(), Url::escape(&after));
        let more = if show.next_first() {
            tu_string!(i18n, campaigns.outbox.later)
        } else {
            tu_string!(i18n, campaigns.outbox.earlier)
        };
        view! { <p><a class="button" href=href>{more}</a></p> }
    });
    view! {
        {explained.map(|text| view! { <p class="note">{text}</p> })}
        <div class="table-frame" role="region" aria-label=part_words(i18n, show) tabindex="0">
            <table class="table table--outbox">
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, campaigns.outbox.guest)}</th>
                        <th scope="col">{tu_string!(i18n, campaigns.outbox.campaign)}</th>
                        <th scope="col">{tu_string!(i18n, campaigns.outbox.due)}</th>
                        <th scope="col">{tu_string!(i18n, campaigns.outbox.state)}</th>
                        <th scope="col">
                            <span class="visually-hidden">{tu_string!(i18n, campaigns.outbox.decide)}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {next}
    }
    .into_any()
}

fn row(
    i18n: I18n,
    line: OutboxLine,
    retry: ServerAction<RetryLetter>,
    resolve: ServerAction<ResolveLetter>,
) -> AnyView {
    let name = line.name.clone().unwrap_or_else(|| tu_string!(i18n, campaigns.outbox.gone).to_owned());
    let reason = line.reason.map(|reason| {
        let text = reason_text(i18n, reason, line.detail.as_deref());
        view! { <p>{text}</p> }
    });
    let answer = line.answer.filter(|answer| !answer.is_empty()).map(|answer| {
        let relay = line.relay.unwrap_or_default();
        let words = tu_string!(i18n, campaigns.outbox.answer, relay = relay, answer = answer);
        view! { <p class="muted outbox__answer">{words}</p> }
    });
    let attempts = (line.attempts > 0).then(|| {
        let words = tu_string!(i18n, campaigns.outbox.attempts, count = line.attempts);
        view! { <p class="muted">{words}</p> }
    });
    let decided = line.decided_by.map(|who| {
        let words = tu_string!(i18n, campaigns.outbox.decided, who = who);
        view! { <p class="muted">{words}</p> }
    });
    let address = line.address.map(|address| view! { <span class="muted outbox__address">{address}</span> });
    let decide = decide(i18n, line.state, line.id.to_string(), name.clone(), retry, resolve);
    view! {
        <tr>
            <th scope="row">
                <a class="name row-link" href=format!("/guests/{}", line.id.guest)>{name}</a>
                {address}
            </th>
            <td>{line.campaign}</td>
            <td class="table__time">{date::moment(i18n, &line.due)}</td>
            <td>
                <span class="badge">{occurrence_words(i18n, line.state)}</span>
                {reason}
                {answer}
                {attempts}
                {decided}
            </td>
            <td>{decide}</td>
        </tr>
    }
    .into_any()
}

/// What a person can decide about it.
fn decide(
    i18n: I18n,
    state: OccurrenceState,
    id: String,
    name: String,
    retry: ServerAction<RetryLetter>,
    resolve: ServerAction<ResolveLetter>,
) -> Option<AnyView> {
    // For those who hear the buttons rather than see where they stand.
    let about = move || view! { <span class="visually-hidden">" " {name.clone()}</span> };
    let (retrying, resolving) = (retry.pending(), resolve.pending());
    match state {
        OccurrenceState::Failed => Some(
            view! {
                <ActionForm action=retry>
                    <input type="hidden" name="letter" value=id/>
                    <button class="button" type="submit" disabled=move || retrying.get()>
                        {tu_string!(i18n, campaigns.outbox.retry)}
                        {about()}
                    </button>
                </ActionForm>
            }
            .into_any(),
        ),
        OccurrenceState::Unknown => Some(
            view! {
                <ActionForm action=resolve attr:class="cluster">
                    <input type="hidden" name="letter" value=id/>
                    <button class="button" type="submit" name="arrived" value="true" disabled=move || resolving.get()>
                        {tu_string!(i18n, campaigns.outbox.arrived)}
                        {about()}
                    </button>
                    <button class="button" type="submit" name="arrived" value="false" disabled=move || resolving.get()>
                        {tu_string!(i18n, campaigns.outbox.not_arrived)}
                        {about()}
                    </button>
                </ActionForm>
            }
            .into_any(),
        ),
        _ => None,
    }
}
