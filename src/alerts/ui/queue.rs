//! What was tapped and has not arrived: beside the guest or the alert that it is about, and in a strip
//! under the head of every page.

use super::words::age_words;
use crate::{
    alerts::{
        live::{Live, use_live},
        queue::{Deed, Entry, Fate, Queue, Reason, is_being_taken_back, use_queue},
    },
    error::AppError,
    guests::ui::words::kind_words,
    i18n::*,
    ids::GuestId,
    ui::{I18n, error_text},
};
use leptos::prelude::*;
use ulid::Ulid;

/// What of `entries` has waited for longer than usual or was not sent, with what can be done about it.
#[component]
pub fn QueueNotes(
    entries: Memo<Vec<Entry>>,
    /// Says which guest it is about, away from the guest's own place.
    #[prop(optional)]
    with_guest: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let queue = use_queue();
    let live = use_live();
    let shown = Memo::new(move |_| {
        // The clock is looked at only while something waits.
        let needs_words = |entry: &&Entry| !entry.is_waiting() || entry.is_stuck(queue.now.get());
        entries.with(|entries| {
            let shown = entries.iter().filter(needs_words).filter(|entry| !is_being_taken_back(entries, entry));
            shown.map(|entry| entry.id).collect::<Vec<_>>()
        })
    });
    view! {
        <For each=move || shown.get() key=|id| *id let:id>
            {note(i18n, queue, live, entries, id, with_guest)}
        </For>
    }
}

/// The strip: how much waits for the network, and what was not sent. Nothing most of the time.
#[component]
pub fn QueueStrip() -> impl IntoView {
    let i18n = use_i18n();
    let queue = use_queue();
    let open = RwSignal::new(false);
    let waiting = Memo::new(move |_| {
        let now = queue.now.get();
        queue.entries.with(|entries| count(entries, |entry| entry.is_stuck(now)))
    });
    let unsent = queue.select(|entry| !entry.is_waiting());
    let unsent_count = Memo::new(move |_| unsent.with(|entries| count(entries, |_| true)));
    let lost_on_leaving = Memo::new(move |_| waiting.get() > 0 && !queue.kept.get());
    view! {
        <section class="queue" aria-label=tu_string!(i18n, alerts.queue.name)>
            <div role="status">
                {move || {
                    let count = waiting.get();
                    (count > 0)
                        .then(|| view! { <p class="queue__word">{tu_string!(i18n, alerts.queue.waiting_count, count = count)}</p> })
                }}
                {move || {
                    lost_on_leaving
                        .get()
                        .then(|| view! { <p class="note note--warn">{tu_string!(i18n, alerts.queue.not_kept)}</p> })
                }}
            </div>
            {move || {
                let count = unsent_count.get();
                (count > 0)
                    .then(|| {
                        view! {
                            <button
                                class="button queue__open"
                                type="button"
                                aria-expanded=move || open.get().to_string()
                                on:click=move |_| open.update(|open| *open = !*open)
                            >
                                {tu_string!(i18n, alerts.queue.unsent_count, count = count)}
                            </button>
                        }
                    })
            }}
            {move || {
                (open.get() && unsent_count.get() > 0)
                    .then(|| {
                        view! {
                            <div class="queue__list stack">
                                <QueueNotes entries=unsent with_guest=true/>
                            </div>
                        }
                    })
            }}
        </section>
    }
}

/// What was tapped: "Coming down → Restaurant", "Got it", "Seated at table 12".
fn deed_words(i18n: I18n, deed: &Deed) -> String {
    match deed {
        Deed::Raise { kind, to_name, .. } => {
            tu_string!(i18n, alerts.raise.kind_to, kind = kind_words(i18n, *kind), station = to_name.clone())
        }
        Deed::Acknowledge => tu_string!(i18n, alerts.answer.got_it).to_owned(),
        Deed::Complete { table: None } => tu_string!(i18n, alerts.answer.greeted).to_owned(),
        Deed::Complete { table: Some(table) } => tu_string!(i18n, alerts.answer.seated_at, table = table.clone()),
        Deed::Withdraw { .. } => tu_string!(i18n, alerts.raise.withdraw).to_owned(),
    }
}

/// One entry, as it stands.
fn note(i18n: I18n, queue: Queue, live: Live, entries: Memo<Vec<Entry>>, id: Ulid, with_guest: bool) -> AnyView {
    // One more attempt is no news: the note is not drawn anew for it, under a finger or a reader.
    let entry = Memo::new(move |_| {
        let entry = entries.with(|entries| entries.iter().find(|entry| entry.id == id).cloned())?;
        Some(if entry.is_waiting() { Entry { tries: 0, ..entry } } else { entry })
    });
    let body = move || {
        let entry = entry.get()?;
        let about = with_guest.then(|| guest_link(i18n, live, &entry));
        Some(match &entry.fate {
            Fate::Waiting => waiting_note(i18n, queue, &entry),
            Fate::NotSent(reason) => unsent_note(i18n, queue, &entry, reason, about),
        })
    };
    body.into_any()
}

fn waiting_note(i18n: I18n, queue: Queue, entry: &Entry) -> AnyView {
    let what = deed_words(i18n, &entry.deed);
    let words = match &entry.held {
        Some(error) => format!("{} {}", tu_string!(i18n, alerts.queue.held, what = what), error_text(i18n, error)),
        None => tu_string!(i18n, alerts.queue.waiting, what = what),
    };
    let tapped_at = entry.tapped_at;
    let age = move || age_words(i18n, queue.now.get() - tapped_at);
    let (alert, guest) = (entry.alert, entry.guest());
    let take_back = matches!(entry.deed, Deed::Raise { .. }).then_some(guest).flatten().map(|guest| {
        view! {
            <button
                class="button button--quiet"
                type="button"
                on:click=move |_| {
                    queue.take_back(alert, guest);
                }
            >
                {tu_string!(i18n, alerts.raise.withdraw)}
            </button>
        }
    });
    view! {
        <div class="queue__note queue__note--waiting">
            <p>
                <span role="status">{words}</span>
                // A reader hears once that it waits; eyes see the seconds pass.
                <span class="queue__age" aria-hidden="true">{age}</span>
            </p>
            {take_back}
        </div>
    }
    .into_any()
}

fn unsent_note(i18n: I18n, queue: Queue, entry: &Entry, reason: &Reason, about: Option<AnyView>) -> AnyView {
    let id = entry.id;
    let anew = entry.can_be_raised_anew().then(|| {
        view! {
            <button class="button" type="button" on:click=move |_| queue.raise_anew(id)>
                {tu_string!(i18n, alerts.queue.raise_anew)}
            </button>
        }
    });
    view! {
        <div class="queue__note note note--danger" role="alert">
            <p>{about} " " {reason_words(i18n, entry, reason)}</p>
            <div class="cluster">
                {anew}
                <button class="button button--quiet" type="button" on:click=move |_| queue.dismiss(id)>
                    {tu_string!(i18n, alerts.queue.dismiss)}
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// Why it was not sent, and what to do instead.
fn reason_words(i18n: I18n, entry: &Entry, reason: &Reason) -> String {
    let what = deed_words(i18n, &entry.deed);
    let words = match reason {
        Reason::TooOld if entry.tries == 0 => tu_string!(i18n, alerts.queue.too_old, what = what),
        Reason::TooOld => tu_string!(i18n, alerts.queue.unanswered, what = what),
        Reason::Moved => tu_string!(i18n, alerts.queue.moved, what = what),
        Reason::Refused(AppError::Conflict(name)) if !name.is_empty() => {
            tu_string!(i18n, alerts.queue.first, what = what, name = name.clone())
        }
        Reason::Refused(AppError::Expired) => tu_string!(i18n, alerts.queue.expired, what = what),
        Reason::Refused(error) => {
            tu_string!(i18n, alerts.queue.refused, what = what, reason = error_text(i18n, error))
        }
    };
    match &entry.deed {
        Deed::Raise { to_name, extension, .. } if !extension.is_empty() && entry.can_be_raised_anew() => {
            let call = tu_string!(i18n, alerts.queue.call, station = to_name.clone(), extension = extension.clone());
            format!("{words} {call}")
        }
        _ => words,
    }
}

/// The way to the guest whom an entry is about, by name where the page knows it.
fn guest_link(i18n: I18n, live: Live, entry: &Entry) -> AnyView {
    let (alert, guest) = (entry.alert, entry.guest());
    let known: Option<(GuestId, String)> = live.alerts.with_untracked(|alerts| {
        let of_guest = || alerts.values().find(|card| Some(card.guest) == guest);
        alerts.get(&alert).or_else(of_guest).map(|card| (card.guest, card.name.address()))
    });
    let Some(guest) = known.as_ref().map(|(guest, _)| *guest).or(guest) else { return ().into_any() };
    let name = known.map_or_else(|| tu_string!(i18n, alerts.queue.guest).to_owned(), |(_, name)| name);
    view! { <a href=format!("/guests/{guest}")>{name}</a> }.into_any()
}

fn count(entries: &[Entry], counts: impl Fn(&Entry) -> bool) -> u32 {
    u32::try_from(entries.iter().filter(|entry| counts(entry)).count()).unwrap_or(u32::MAX)
}
