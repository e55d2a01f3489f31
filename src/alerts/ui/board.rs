//! The board of a station: word as it arrives, newest first, to be read from two metres.

use super::{
    focus::{Answered, follow_board},
    handover::HandOverPanel,
    mutes::Quiet,
    painted::report_painted,
    refused::RefusedPost,
    shift::ShiftBar,
    side::{DayCounts, JustNow, LineWord, SentFromHere},
    ticket::Ticket,
};
use crate::{
    alerts::{
        AlertCard, Board,
        api::board,
        live::{
            Live,
            attention::{Here, use_tablet},
            ticking, use_live,
        },
    },
    error::AppError,
    i18n::*,
    ids::AlertId,
    requests::asked::{is_at_departure, ui::DepartingRequests},
    staff::ui::use_refused,
    ui::{Empty, Failed, Loading},
};
use leptos::{html, prelude::*};
use leptos_meta::Title;
use std::{cmp::Reverse, time::Duration};

/// The page `/board`: everything that was sent to this device's station and is not yet done; for a manager whose
/// device stands nowhere, what was carried to whoever is on duty. It is kept
/// up to date by what stands on every page ([`super::Attention`]).
#[component]
pub fn BoardPage() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let first = Resource::new(|| (), |()| board());
    let refused = use_refused();
    view! {
        <Title text=tu_string!(i18n, alerts.board.title)/>
        <RefusedPost refused/>
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
    let tablet = use_tablet();
    let Some(here) = Here::of(&board.me) else {
        return view! { <Failed error=AppError::NoStation/> }.into_any();
    };
    let Here { staff, station, .. } = here;
    let departing = board.me.station.as_ref().map(|station| station.kind).filter(|kind| is_at_departure(*kind));
    let departing = departing.map(|station| {
        let loaded = board.departing.clone();
        view! { <DepartingRequests loaded station live/> }
    });
    let (name, empty_text) = match &board.me.station {
        Some(station) => (station.name.clone(), tu_string!(i18n, alerts.board.empty_text)),
        None => (tu_string!(i18n, alerts.board.anywhere).to_owned(), tu_string!(i18n, alerts.board.anywhere_empty)),
    };
    let now = ticking(Duration::from_secs(1));
    tablet.on_shift.set(board.me.on_shift);
    let waiting = {
        let here = here.clone();
        Memo::new(move |_| live.alerts.with(|alerts| open_for(alerts.values(), &here)))
    };
    if let Some(station) = station {
        report_painted(live, station);
    }
    let heading = NodeRef::<html::H1>::new();
    let answered = Answered::new();
    provide_context(answered);
    follow_board(answered, waiting, heading);
    view! {
        <div class="board">
            <header class="board__head">
                <h1 class="board__station name" tabindex="-1" node_ref=heading>
                    {name}
                </h1>
                {match station {
                    Some(_) => view! { <ShiftBar tablet/> }.into_any(),
                    None => view! { <FromAnywhere/> }.into_any(),
                }}
            </header>
            <section class="board__cards" aria-label=tu_string!(i18n, alerts.board.cards)>
                <HandOverPanel live/>
                <ol class="tickets">
                    <For each=move || waiting.get() key=|id| *id let:id>
                        <li>
                            <Ticket id here=station live now/>
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
                                    text=empty_text
                                />
                            }
                        })
                }}
            </section>
            <aside class="board__side" aria-label=tu_string!(i18n, alerts.board.side)>
                <LineWord live/>
                <DayCounts counts=board.counts live/>
                {departing}
                <SentFromHere live station staff/>
                <JustNow live here/>
                {station.map(|station| view! { <Quiet live station/> })}
            </aside>
        </div>
    }
    .into_any()
}

/// What a manager's board shows while the device stands nowhere, and the way to a station.
#[component]
fn FromAnywhere() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <div class="cluster">
            <p class="muted">{tu_string!(i18n, alerts.board.anywhere_text)}</p>
            <a class="button button--quiet" href="/station?next=%2Fboard" rel="external">
                {tu_string!(i18n, common.states.choose_station)}
            </a>
        </div>
    }
}

/// What belongs on the board, newest first. Nothing changes its place when it is answered.
fn open_for<'a>(alerts: impl Iterator<Item = &'a AlertCard>, here: &Here) -> Vec<AlertId> {
    let mut open: Vec<_> =
        alerts.filter(|card| here.has_on_board(card)).map(|card| (Reverse(card.raised_at), Reverse(card.id))).collect();
    open.sort_unstable();
    open.into_iter().map(|(_, Reverse(id))| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::{
        AlertState, Urgency,
        sample::{self, FROM, TO},
    };
    use crate::ids::StaffId;

    const BEA: StaffId = StaffId(uuid::Uuid::from_u128(102));

    #[test]
    fn a_board_is_in_the_order_of_arrival_whatever_became_of_the_cards() {
        let id = |id: u128| AlertId(ulid::Ulid(id));
        let card = |number: u128, raised_at| AlertCard { id: id(number), raised_at, ..sample::card() };
        let alerts = [
            card(1, 10),
            AlertCard { state: AlertState::Acknowledged, ..card(2, 30) },
            AlertCard { state: AlertState::Completed, ..card(3, 40) },
            AlertCard { to: FROM, copied_to: Some(TO), urgency: Urgency::RungAgain, ..card(4, 20) },
            AlertCard { to: FROM, ..card(5, 50) },
        ];
        let here = Here { station: Some(TO), staff: BEA, manages: false };
        assert_eq!(open_for(alerts.iter(), &here), [id(2), id(4), id(1)]);
    }
}
