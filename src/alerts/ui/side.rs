//! The side of a board: the line, the day's numbers, what was sent from here and what was just done.

use super::words::{sent_words, state_words};
use crate::{
    alerts::{
        AlertCard,
        live::{Live, LiveStatus, attention::Here, refetch_when},
    },
    error::AppError,
    guests::ui::words::kind_words,
    i18n::*,
    ids::{StaffId, StationId},
    stays::{DayList, DayLists, api::day_lists},
    ui::I18n,
};
use leptos::prelude::*;
use std::cmp::Reverse;

/// How many lines each of the two lists has at most.
const LINES: usize = 6;

/// The state of the line in a word.
#[component]
pub fn LineWord(live: Live) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <p class="side-line">
            <span>{tu_string!(i18n, alerts.line.label)}</span>
            " "
            <strong>
                {move || match live.status.get() {
                    LiveStatus::Live => tu_string!(i18n, alerts.line.stands),
                    LiveStatus::Stale { .. } => tu_string!(i18n, alerts.line.broken),
                    LiveStatus::Off | LiveStatus::Connecting => tu_string!(i18n, alerts.line.opening),
                }}
            </strong>
        </p>
    }
}

/// Expected today, in house, leaving today.
#[component]
pub fn DayCounts(
    /// As they stood when the board was loaded.
    counts: [u32; 3],
    live: Live,
) -> impl IntoView {
    let i18n = use_i18n();
    let counts = RwSignal::new(counts);
    refetch_when(
        move || (live.stays_changed.get(), live.reset.get()),
        || day_lists(DayList::InHouse),
        move |answer: Result<DayLists, AppError>| {
            if let Ok(day) = answer {
                counts.set(day.counts);
            }
        },
    );
    let count = move |at: usize| counts.with(|counts| counts[at]);
    view! {
        <dl class="counts">
            <div class="counts__one">
                <dt>{tu_string!(i18n, alerts.board.expected)}</dt>
                <dd>{move || count(0)}</dd>
            </div>
            <div class="counts__one">
                <dt>{tu_string!(i18n, alerts.board.in_house)}</dt>
                <dd>{move || count(1)}</dd>
            </div>
            <div class="counts__one">
                <dt>{tu_string!(i18n, alerts.board.leaving)}</dt>
                <dd>{move || count(2)}</dd>
            </div>
        </dl>
    }
}

/// What was sent from this station, or by whoever is using it, with the answers.
#[component]
pub fn SentFromHere(live: Live, station: Option<StationId>, staff: StaffId) -> impl IntoView {
    let i18n = use_i18n();
    let is_ours = move |card: &AlertCard| station.is_some_and(|here| card.is_from(here)) || card.is_by(staff);
    let sent = Memo::new(move |_| newest(live, is_ours, |card| card.raised_at));
    view! {
        {move || {
            let lines = sent.get();
            (!lines.is_empty())
                .then(|| {
                    view! {
                        <section class="side-list" aria-labelledby="sent-title">
                            <h2 id="sent-title">{tu_string!(i18n, alerts.board.sent)}</h2>
                            <ul>
                                {lines
                                    .into_iter()
                                    .map(|card| {
                                        let (state, more) = sent_words(i18n, &card, staff, station);
                                        view! {
                                            <li>
                                                <span class="name">{card.name.address()}</span>
                                                " "
                                                <span>{kind_words(i18n, card.kind)}</span>
                                                " "
                                                <strong>{state}</strong>
                                                {more
                                                    .into_iter()
                                                    .map(|words| view! { <span class="side-list__more">{words}</span> })
                                                    .collect_view()}
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        </section>
                    }
                })
        }}
    }
}

/// What has just been done here, so that a card that goes does not vanish.
#[component]
pub fn JustNow(live: Live, here: Here) -> impl IntoView {
    let i18n = use_i18n();
    let ended = Memo::new(move |_| {
        newest(live, |card| here.had_on_board(card), |card| i64::try_from(card.seq).unwrap_or(i64::MAX))
    });
    view! {
        {move || {
            let lines = ended.get();
            (!lines.is_empty())
                .then(|| {
                    view! {
                        <section class="side-list" aria-labelledby="just-now-title">
                            <h2 id="just-now-title">{tu_string!(i18n, alerts.board.just_now)}</h2>
                            <ul>{lines.into_iter().map(|card| just_now_line(i18n, &card)).collect_view()}</ul>
                        </section>
                    }
                })
        }}
    }
}

fn just_now_line(i18n: I18n, card: &AlertCard) -> AnyView {
    view! {
        <li>
            <span class="name">{card.name.address()}</span>
            " "
            <span>{state_words(i18n, card)}</span>
        </li>
    }
    .into_any()
}

/// The newest [`LINES`] alerts of a kind, by a number that grows with time.
fn newest(live: Live, belongs: impl Fn(&AlertCard) -> bool, time: impl Fn(&AlertCard) -> i64) -> Vec<AlertCard> {
    let mut cards: Vec<_> = live.alerts.with(|alerts| alerts.values().filter(|card| belongs(card)).cloned().collect());
    cards.sort_by_key(|card| Reverse(time(card)));
    cards.truncate(LINES);
    cards
}
