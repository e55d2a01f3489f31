//! What every page does to be noticed: it chimes, counts, keeps the screen on, notifies, and shows a
//! band: of what calls at a station on shift, and when nobody answers.

use super::{
    answer::GotIt,
    ring::{LetRing, may_ring},
    sound,
    words::{notification_words, urgent_words},
};
use crate::{
    alerts::{
        AlertCard, Board,
        api::board,
        live::{
            Live, LiveStatus,
            attention::{
                Call, Here, Known, Tablet, Waiting, clear_notifications, is_out_of_sight, keep_screen_on,
                let_screen_rest, notify, show_count, use_tablet,
            },
            refetch_when, use_live,
        },
    },
    error::AppError,
    guests::ui::words::kind_words,
    i18n::*,
    ids::AlertId,
    staff::{
        Ability,
        ui::{Session, use_session},
    },
    ui::{Announcer, I18n},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use std::collections::BTreeSet;

/// Stands on every page of people who are signed in. Empty while nothing calls and the device can be heard.
#[component]
pub fn Attention() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let tablet = use_tablet();
    let session = use_session();
    // Found out in the browser only, so that the first render is the same on both sides.
    let here = RwSignal::new(None::<Here>);
    let hears = RwSignal::new(false);
    Effect::new(move |_| {
        if let Some(me) = live.me(session) {
            here.set(Here::of(&me));
            hears.set(me.role.may(Ability::AnswerAlerts));
            tablet.on_shift.set(me.on_shift);
        }
    });
    let calls = Memo::new(move |_| here.with(|here| here.as_ref().map(|here| calls(live, here)).unwrap_or_default()));
    keep_board(live, here);
    call_out(i18n, live, tablet, here, calls);
    count(calls);
    stay_awake(tablet);
    stay_audible(tablet);
    let path = use_location().pathname;
    // A board shows what is for its station, and whether it can be heard.
    let is_board = Memo::new(move |_| path.with(|path| path.trim_end_matches('/') == "/board"));
    let is_silent_here = Memo::new(move |_| {
        let says_it = is_board.get() && here.with(|here| here.as_ref().is_some_and(|here| here.station.is_some()));
        hears.get() && here.with(Option::is_some) && !says_it
    });
    let calls_here = Memo::new(move |_| tablet.on_shift.get() && !is_board.get());
    view! {
        <LetRing wanted=is_silent_here/>
        <CallBand live calls calls_here/>
    }
}

/// How many alerts the band of every page tells of that nobody answers; `None` while this page does not know.
#[must_use]
pub fn unanswered_here(live: Live, session: Session) -> Memo<Option<u32>> {
    Memo::new(move |_| {
        if !live.begun.get() {
            return None;
        }
        let here = Here::of(&live.me(session)?)?;
        let count = calls(live, &here).iter().filter(|(_, call)| call.is_everywhere()).count();
        Some(u32::try_from(count).unwrap_or(u32::MAX))
    })
}

/// Every alert that calls for attention here, and why.
fn calls(live: Live, here: &Here) -> Vec<(AlertId, Call)> {
    live.alerts.with(|alerts| alerts.values().filter_map(|card| Some((card.id, here.call(card)?))).collect())
}

/// Has a board of this station on every page, whatever else is shown there: loaded once where the page
/// has none of its own, and again when something may have been missed or has changed.
fn keep_board(live: Live, here: RwSignal<Option<Here>>) {
    let is_wanted = Memo::new(move |before: Option<&bool>| {
        before.copied().unwrap_or(false)
            || (here.with(Option::is_some) && live.status.get() == LiveStatus::Live && !live.begun.get())
    });
    // A changed profile changes the cards of that guest.
    let changed = Memo::new(move |before: Option<&u64>| match live.guest_changed.get() {
        Some((seq, guest)) if live.alerts.with_untracked(|alerts| alerts.values().any(|card| card.guest == guest)) => {
            seq
        }
        _ => before.copied().unwrap_or(0),
    });
    refetch_when(
        move || (is_wanted.get(), changed.get(), live.reset.get(), live.station_changed.get()),
        board,
        move |answer: Result<Board, AppError>| {
            if let Ok(board) = answer {
                live.adopt(&board);
            }
        },
    );
}

/// Chimes, tells a screen reader and notifies when something calls that did not call before, or not so
/// pressingly; whether it came over the stream or with a board that was loaded again.
fn call_out(i18n: I18n, live: Live, tablet: Tablet, here: RwSignal<Option<Here>>, calls: Memo<Vec<(AlertId, Call)>>) {
    let announcer = use_context::<Announcer>();
    Effect::new(move |known: Option<Option<Known>>| {
        let known = known.flatten();
        let calls = calls.get();
        if here.with(Option::is_none) || !live.begun.get() {
            return known;
        }
        // What stood there when the page was opened is not news.
        let first_look = known.is_none();
        let mut known = known.unwrap_or_default();
        let news = known.news(&calls);
        let Some((id, call)) = news.into_iter().max_by_key(|(id, call)| (*call, *id)).filter(|_| !first_look) else {
            return Some(known);
        };
        if let Some(card) = live.alerts.with_untracked(|alerts| alerts.get(&id).cloned()) {
            let on_shift = tablet.on_shift.get_untracked();
            // What the receiving station wants quietly concerns neither whoever is on duty nor the sender.
            let is_quiet = card.muted && !call.is_everywhere();
            if !is_quiet && (on_shift || (tablet.rings.get_untracked() && call.is_everywhere())) {
                sound::chime(call.chimes());
            }
            // The band speaks for itself.
            if let Some(announcer) = announcer.filter(|_| !call.is_everywhere()) {
                announcer.announce(announcement(i18n, &card, call));
            }
            if is_out_of_sight() && !is_quiet && (on_shift || call.is_everywhere()) {
                let (title, text) = notification_words(i18n, &card, call, calls.len());
                notify(title, text);
            }
        }
        Some(known)
    });
    Effect::new(move |_| {
        let seen = window_event_listener_untyped("visibilitychange", move |_| {
            if !is_out_of_sight() {
                clear_notifications();
            }
        });
        on_cleanup(move || seen.remove());
    });
}

fn announcement(i18n: I18n, card: &AlertCard, call: Call) -> String {
    let (name, kind, station) = (card.name.address(), kind_words(i18n, card.kind), card.from_name.clone());
    if call == Call::Word {
        tu_string!(i18n, alerts.board.announce, name = name, kind = kind, station = station)
    } else {
        tu_string!(i18n, alerts.tablet.announce_again, name = name, kind = kind, station = station)
    }
}

/// Writes how many call into the title and on the icons.
fn count(calls: Memo<Vec<(AlertId, Call)>>) {
    let Waiting(waiting) = use_context().unwrap_or_default();
    let count = Memo::new(move |_| calls.with(Vec::len));
    Effect::new({
        let waiting = waiting.clone();
        move |_| {
            let count = count.get();
            show_count(count);
            waiting.set(count);
        }
    });
    // Pages without this component, such as the lock, count nothing.
    on_cleanup(move || waiting.set(0));
}

/// While on shift the screen stays on.
fn stay_awake(tablet: Tablet) {
    let Tablet { on_shift, awake, .. } = tablet;
    let on_shift = Memo::new(move |_| on_shift.get());
    Effect::new(move |_| {
        if !on_shift.get() {
            return;
        }
        keep_screen_on(awake);
        let again = window_event_listener_untyped("visibilitychange", move |_| keep_screen_on(awake));
        on_cleanup(move || {
            again.remove();
            let_screen_rest(awake);
        });
    });
}

/// While on shift, or where the device has been allowed to ring: any touch gives back the sound that the system
/// or a page that was loaded anew took away.
fn stay_audible(tablet: Tablet) {
    let Tablet { on_shift, rings, heard, .. } = tablet;
    Effect::new(move |_| {
        if may_ring() {
            rings.set(true);
        }
    });
    // A page that says again what is known must not cost the device its sound.
    let is_audible = Memo::new(move |_| on_shift.get() || rings.get());
    Effect::new(move |_| {
        if !is_audible.get() {
            return;
        }
        let touches = ["click", "keydown"].map(|name| {
            window_event_listener_untyped(name, move |_| {
                if !heard.get_untracked() {
                    sound::unlock(heard, false);
                }
            })
        });
        on_cleanup(move || {
            for touch in touches {
                touch.remove();
            }
            sound::lock(heard);
        });
    });
}

/// A band for each alert that nobody answers, for whoever is on duty and for the sender; and away from the board for
/// each that calls at a station on shift, so that it can be answered from any page. It stays until somebody answers,
/// or has seen it.
#[component]
fn CallBand(
    live: Live,
    calls: Memo<Vec<(AlertId, Call)>>,
    /// Whether what calls at the station is shown too.
    calls_here: Memo<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    let hidden = RwSignal::new(BTreeSet::<(AlertId, Call)>::new());
    let shown = Memo::new(move |_| {
        calls.with(|calls| {
            hidden.with(|hidden| {
                calls
                    .iter()
                    .copied()
                    .filter(|call| (call.1.is_everywhere() || calls_here.get()) && !hidden.contains(call))
                    .collect::<Vec<_>>()
            })
        })
    });
    let band = move |(id, call): (AlertId, Call)| {
        let card = live.alerts.with_untracked(|alerts| alerts.get(&id).cloned())?;
        let (address, words) = if call == Call::Unanswered {
            (format!("/guests/{}", card.guest), tu_string!(i18n, alerts.tablet.open_guest))
        } else {
            ("/board".to_owned(), tu_string!(i18n, alerts.tablet.open_board))
        };
        // What is no alarm yet has been told to a screen reader already.
        let (class, role, text) = if call.is_everywhere() {
            ("urgent__one", Some("alert"), urgent_words(i18n, &card, call))
        } else {
            ("urgent__one urgent__one--word", None, announcement(i18n, &card, call))
        };
        let answer = (call != Call::Unanswered).then(|| view! { <GotIt id/> });
        Some(view! {
            <div class=class role=role>
                <p class="urgent__words">{text}</p>
                {answer}
                <a class="button" href=address>
                    {words}
                </a>
                <button
                    class="button button--quiet"
                    type="button"
                    on:click=move |_| hidden.update(|hidden| {
                        hidden.insert((id, call));
                    })
                >
                    {tu_string!(i18n, alerts.tablet.hide)}
                </button>
            </div>
        })
    };
    // Without a name it is no landmark: an empty one on every page would only be in the way of a screen reader.
    let label = move || shown.with(|shown| (!shown.is_empty()).then(|| tu_string!(i18n, alerts.tablet.band)));
    view! {
        <section class="urgent" aria-label=label>
            <For each=move || shown.get() key=|call| *call children=band/>
        </section>
    }
}
