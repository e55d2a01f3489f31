//! The end of a shift: what is open at the station goes to the next colleague, who takes it over.

use super::words::state_words;
use crate::{
    alerts::{
        AlertCard, Board,
        api::{EndShift, TakeOver, board, take_over},
        live::{Live, refetch_when, use_live},
    },
    error::{AppError, Refused},
    guests::ui::words::kind_words,
    i18n::*,
    ids::{AlertId, HandOverId},
    requests::asked::ui::{AskedLeft, asked_for_lines},
    staff::ui::use_refused,
    ui::{Attempt, Failed, FormNote, I18n, Loading, TextArea, date::moment, error_text},
};
use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use std::cmp::Reverse;

/// What a note to the next colleague may have at most.
const LONGEST_NOTE: u32 = 1_000;

/// The page `/board/end-shift`: what is open here, and a word about it.
#[component]
pub fn EndShiftPage() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let first = Resource::new(|| (), |()| board());
    let end = ServerAction::<EndShift>::new();
    let refused = use_refused();
    view! {
        <Title text=tu_string!(i18n, alerts.handover.title)/>
        <div class="end-shift stack">
            <h1 class="page__title name">{tu_string!(i18n, alerts.handover.title)}</h1>
            <p class="lede">{tu_string!(i18n, alerts.handover.lede)}</p>
            <Suspense fallback=|| view! { <Loading/> }>
                {move || Suspend::new(async move {
                    match first.await {
                        Ok(board) => view! { <StillOpen board live/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Suspense>
            <AskedLeft/>
            <Transition>
                {move || Suspend::new(async move {
                    let refused = refused.await;
                    view! { <NoteToNext end refused/> }
                })}
            </Transition>
        </div>
    }
}

/// A word to the next colleague, and the end.
#[component]
fn NoteToNext(end: ServerAction<EndShift>, refused: Option<Refused>) -> impl IntoView {
    let i18n = use_i18n();
    let attempt = Attempt::of(end, refused.as_ref());
    let pending = end.pending();
    view! {
        <section class="panel">
            <ActionForm action=end attr:class="stack">
                <FormNote outcome=attempt.outcome fields=&["note"]/>
                <TextArea
                    label=tu_string!(i18n, alerts.handover.note)
                    name="note"
                    id="hand-over-note"
                    value=attempt.typed("note")
                    hint=tu_string!(i18n, alerts.handover.note_hint)
                    error=attempt.problem_in("note")
                    rows=4
                    maxlength=LONGEST_NOTE
                />
                <div class="cluster">
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, alerts.handover.end)}
                    </button>
                    <a class="button button--quiet" href="/board">
                        {tu_string!(i18n, alerts.handover.stay)}
                    </a>
                </div>
            </ActionForm>
        </section>
    }
}

/// What has not ended at this station. It follows the line.
#[component]
fn StillOpen(board: Board, live: Live) -> impl IntoView {
    let i18n = use_i18n();
    live.adopt(&board);
    let station = board.me.station.as_ref().map(|station| station.id);
    let open = Memo::new(move |_| {
        live.alerts.with(|alerts| {
            let mut open: Vec<_> = alerts
                .values()
                .filter(|card| !card.state.is_end())
                .filter(|card| Some(card.to) == station || (card.copied_to.is_some() && card.copied_to == station))
                .cloned()
                .collect();
            open.sort_by_key(|card| Reverse((card.raised_at, card.id)));
            open
        })
    });
    view! {
        <section aria-labelledby="still-open">
            <h2 class="section-title name" id="still-open">{tu_string!(i18n, alerts.handover.open)}</h2>
            {move || {
                open.with(|open| {
                    if open.is_empty() {
                        view! { <p class="muted">{tu_string!(i18n, alerts.handover.nothing_open)}</p> }.into_any()
                    } else {
                        lines(i18n, open)
                    }
                })
            }}
        </section>
    }
}

/// On the board, until somebody taps *Taken over*: who left what at this station.
#[component]
pub fn HandOverPanel(live: Live) -> impl IntoView {
    let i18n = use_i18n();
    let taking = Action::new(move |id: &HandOverId| {
        let id = *id;
        async move {
            let answer = take_over(id).await;
            // Whoever was first: it is taken over.
            if matches!(answer, Ok(()) | Err(AppError::Conflict(_) | AppError::NotFound)) {
                live.hand_over.update(|left| {
                    left.take_if(|left| left.id == id);
                });
            }
            answer
        }
    });
    let (taken, is_taking) = (taking.value(), taking.pending());
    // What becomes of the requests that were left is told by another event than what is left.
    let requests_left =
        Memo::new(move |_| live.hand_over.with(|left| left.as_ref().is_some_and(|left| !left.requests.is_empty())));
    refetch_when(
        move || requests_left.get().then(|| live.requests_changed.get()),
        board,
        move |answer: Result<Board, AppError>| {
            if let Ok(board) = answer {
                live.adopt(&board);
            }
        },
    );
    // A board that is loaded again says the same again: nothing moves for that.
    let waiting = Memo::new(move |_| live.hand_over.get());
    let trouble = move || {
        let text = match taken.get().and_then(Result::err)? {
            AppError::Conflict(name) => tu_string!(i18n, alerts.handover.taken_by, name = name),
            error => error_text(i18n, &error),
        };
        Some(view! { <p class="note note--danger" role="alert">{text}</p> })
    };
    view! {
        <div class="hand-over-place">
            {trouble}
            {move || {
                waiting
                    .get()
                    .map(|left| {
                        let id = left.id;
                        let said =
                            tu_string!(i18n, alerts.handover.said, name = left.by.clone(), at = moment(i18n, &left.at));
                        let note = left.note.map(|note| view! { <p class="hand-over__note">{note}</p> });
                        let ids = left.open;
                        let requests = (!left.requests.is_empty())
                            .then(|| {
                                view! {
                                    <h3>{tu_string!(i18n, requests.handover.title)}</h3>
                                    {asked_for_lines(i18n, &left.requests)}
                                }
                            });
                        view! {
                            <section class="hand-over" aria-labelledby="hand-over-title">
                                <h2 class="hand-over__title" id="hand-over-title">{said}</h2>
                                {note}
                                {move || what_was_open(i18n, live, &ids)}
                                {requests}
                                <form
                                    method="post"
                                    action=TakeOver::url()
                                    on:submit=move |event: SubmitEvent| {
                                        event.prevent_default();
                                        taking.dispatch(id);
                                    }
                                >
                                    <input type="hidden" name="id" value=id.to_string()/>
                                    <button
                                        class="button button--primary"
                                        type="submit"
                                        disabled=move || is_taking.get()
                                    >
                                        {tu_string!(i18n, alerts.handover.take)}
                                    </button>
                                </form>
                            </section>
                        }
                    })
            }}
        </div>
    }
}

/// The alerts that were open then, as they stand now. What has left the board since has ended.
fn what_was_open(i18n: I18n, live: Live, ids: &[AlertId]) -> AnyView {
    let still: Vec<AlertCard> = live.alerts.with(|alerts| {
        ids.iter().filter_map(|id| alerts.get(id)).filter(|card| !card.state.is_end()).cloned().collect()
    });
    let ended = ids.len() - still.len();
    let ended = (ended > 0).then(|| {
        view! { <p class="muted">{tu_string!(i18n, alerts.handover.ended, count = ended)}</p> }
    });
    view! {
        {(!still.is_empty()).then(|| lines(i18n, &still))}
        {ended}
    }
    .into_any()
}

/// A line for each alert: who, what, from where, and how it stands.
fn lines(i18n: I18n, cards: &[AlertCard]) -> AnyView {
    let lines = cards
        .iter()
        .map(|card| {
            view! {
                <li>
                    <span class="name">{card.name.address()}</span>
                    " "
                    <span>
                        {tu_string!(
                            i18n,
                            alerts.handover.line,
                            kind = kind_words(i18n, card.kind),
                            station = card.from_name.clone(),
                            time = card.raised_time.clone()
                        )}
                    </span>
                    " "
                    <strong>{state_words(i18n, card)}</strong>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="hand-over__open">{lines}</ul> }.into_any()
}
