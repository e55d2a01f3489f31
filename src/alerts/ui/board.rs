//! The board of a station: word as it arrives, newest first, to be read from two metres.

use super::{
    refused::RefusedPost,
    shift::ShiftBar,
    side::{DayCounts, JustNow, LineWord, SentFromHere},
    sound,
    ticket::Ticket,
};
use crate::{
    alerts::{
        AlertCard, AlertState, Board,
        api::board,
        live::{Live, refetch_when, ticking, use_live},
    },
    error::AppError,
    guests::ui::words::kind_words,
    i18n::*,
    ids::{AlertId, StationId},
    ui::{Announcer, Empty, Failed, I18n, Loading},
};
use leptos::prelude::*;
use leptos_meta::Title;
use std::{cmp::Reverse, collections::BTreeSet, time::Duration};

/// The page `/board`: everything that was sent to this device's station and is not yet done.
#[component]
pub fn BoardPage() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let first = Resource::new(|| (), |()| board());
    // A changed profile changes the cards of that guest, so the board is loaded again; the same when
    // something may have been missed.
    let changed = Memo::new(move |before: Option<&u64>| match live.guest_changed.get() {
        Some((seq, guest)) if live.alerts.with_untracked(|alerts| alerts.values().any(|card| card.guest == guest)) => {
            seq
        }
        _ => before.copied().unwrap_or(0),
    });
    refetch_when(
        move || (live.reset.get(), changed.get()),
        board,
        move |answer: Result<Board, AppError>| {
            if let Ok(board) = answer {
                live.adopt(&board);
            }
        },
    );
    view! {
        <Title text=tu_string!(i18n, alerts.board.title)/>
        <RefusedPost/>
        <Suspense fallback=|| view! { <Loading/> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(board) => {
                        live.adopt(&board);
                        view! { <StationBoard board live/> }.into_any()
                    }
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn StationBoard(board: Board, live: Live) -> impl IntoView {
    let i18n = use_i18n();
    let Some(here) = board.me.station.clone() else {
        return view! { <Failed error=AppError::NoStation/> }.into_any();
    };
    let station = here.id;
    let now = ticking(Duration::from_secs(1));
    let on_shift = RwSignal::new(board.me.on_shift);
    let waiting = Memo::new(move |_| live.alerts.with(|alerts| open_for(alerts.values(), station)));
    ring_for_new(i18n, live, station, on_shift);
    view! {
        <div class="board">
            <header class="board__head">
                <h1 class="board__station name">{here.name}</h1>
                <ShiftBar on_shift/>
            </header>
            <section class="board__cards" aria-label=tu_string!(i18n, alerts.board.cards)>
                <ol class="tickets">
                    <For each=move || waiting.get() key=|id| *id let:id>
                        <li>
                            <Ticket id live now/>
                        </li>
                    </For>
                </ol>
                {move || {
                    waiting
                        .with(Vec::is_empty)
                        .then(|| {
                            view! {
                                <Empty
                                    title=tu_string!(i18n, alerts.board.empty_title)
                                    text=tu_string!(i18n, alerts.board.empty_text)
                                />
                            }
                        })
                }}
            </section>
            <aside class="board__side" aria-label=tu_string!(i18n, alerts.board.side)>
                <LineWord live/>
                <DayCounts counts=board.counts live/>
                <SentFromHere live station/>
                <JustNow live station/>
            </aside>
        </div>
    }
    .into_any()
}

/// Chimes while on shift, and tells a screen reader, when word arrives that was not on the board
/// before, whether it came over the stream or with a board that was loaded again.
fn ring_for_new(i18n: I18n, live: Live, station: StationId, on_shift: RwSignal<bool>) {
    let announcer = use_context::<Announcer>();
    Effect::new(move |known: Option<BTreeSet<AlertId>>| {
        let raised: Vec<AlertCard> = live.alerts.with(|alerts| {
            alerts.values().filter(|card| card.to == station && card.state == AlertState::Raised).cloned().collect()
        });
        // What stood on the board when it was opened is not news.
        let first_look = known.is_none();
        let mut known = known.unwrap_or_default();
        let news: Vec<_> = raised.into_iter().filter(|card| known.insert(card.id) && !first_look).collect();
        if let Some(card) = news.last() {
            if on_shift.get_untracked() {
                sound::chime();
            }
            if let Some(announcer) = announcer {
                announcer.announce(tu_string!(
                    i18n,
                    alerts.board.announce,
                    name = card.name.address(),
                    kind = kind_words(i18n, card.kind),
                    station = card.from_name.clone()
                ));
            }
        }
        known
    });
}

/// What was sent to the station and has not ended, newest first. Nothing changes its place when it is
/// answered.
fn open_for<'a>(alerts: impl Iterator<Item = &'a AlertCard>, station: StationId) -> Vec<AlertId> {
    let mut open: Vec<_> = alerts
        .filter(|card| card.to == station && !card.state.is_end())
        .map(|card| (Reverse(card.raised_at), Reverse(card.id)))
        .collect();
    open.sort_unstable();
    open.into_iter().map(|(_, Reverse(id))| id).collect()
}
