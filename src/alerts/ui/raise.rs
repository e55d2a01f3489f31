//! The panels from which word is sent, and in which its answer arrives.

use super::{
    post::{Post, Sending},
    presence_line::PresenceLine,
    queue::QueueNotes,
    words::sent_words,
};
use crate::{
    alerts::{
        AlertCard, AlertKind, AlertState,
        api::{Raise, Withdraw},
    },
    error::Refused,
    guests::ui::words::kind_words,
    house::Station,
    i18n::*,
    ids::{AlertId, GuestId, StaffId},
    ui::I18n,
};
use leptos::{prelude::*, server_fn::ServerFn};

/// Two taps from a list: "Coming down", and the station, the one last used first.
#[component]
pub fn QuickRaise(post: Post, guest: GuestId) -> impl IntoView {
    let i18n = use_i18n();
    let sending = post.sending(guest);
    let word = post.about(guest);
    let open = is_open(word, post.me);
    let kind = AlertKind::ComingDown;
    let id = post.paper_id(guest, None, kind);
    let live = post.live();
    let stations = {
        let post = post.clone();
        move || post.stations_in_order()
    };
    // Who listens is said once somebody chooses, not for every guest of the house at once.
    let choosing = RwSignal::new(false);
    view! {
        <div class="raise raise--quick">
            <WordState post word sending/>
            {move || {
                let stations = stations.clone();
                (!open.get())
                    .then(move || {
                        view! {
                            <details class="raise__choices" on:toggle=move |_| choosing.set(true)>
                                <summary class="button">{kind_words(i18n, kind)}</summary>
                                <form
                                    class="raise__stations"
                                    method="post"
                                    action=Raise::url()
                                    on:submit=move |event| sending.submit(&event)
                                >
                                    <Hidden id guest/>
                                    <input type="hidden" name="kind" value=kind.code()/>
                                    <For each=stations key=|station| station.id let:station>
                                        <div class="raise__choice">
                                            <button
                                                class="button button--primary"
                                                type="submit"
                                                name="to"
                                                value=station.id.to_string()
                                                disabled=move || sending.is_raising()
                                            >
                                                {tu_string!(i18n, alerts.raise.to, station = station.name.clone())}
                                            </button>
                                            {move || {
                                                let station = Signal::stored(Some(station.clone()));
                                                choosing.get().then(|| view! { <PresenceLine live station kind=kind/> })
                                            }}
                                        </div>
                                    </For>
                                </form>
                            </details>
                        }
                    })
            }}
        </div>
    }
}

/// The panel on a guest's card: one tap for the usual word to the usual place, everything else behind
/// a second.
#[component]
pub fn RaisePanel(
    post: Post,
    guest: GuestId,
    /// A form about the guest that came back refused.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let sending = post.sending(guest);
    let word = post.about(guest);
    let open = is_open(word, post.me);
    // What came back is shown once: not again after another word has come and gone.
    let refused = StoredValue::new(refused);
    view! {
        <section class="raise" aria-labelledby="raise-title">
            <h2 class="raise__title" id="raise-title">{tu_string!(i18n, alerts.raise.title)}</h2>
            <WordState post=post.clone() word sending/>
            {move || {
                let post = post.clone();
                (!open.get())
                    .then(move || {
                        if post.stations.is_empty() {
                            view! { <p class="muted">{tu_string!(i18n, alerts.raise.nowhere)}</p> }.into_any()
                        } else {
                            view! {
                                <PrimaryWord post=post.clone() guest sending/>
                                <OtherWords post guest sending refused=refused.try_update_value(Option::take).flatten()/>
                            }
                                .into_any()
                        }
                    })
            }}
        </section>
    }
}

/// The one-tap button.
#[component]
fn PrimaryWord(post: Post, guest: GuestId, sending: Sending) -> impl IntoView {
    let i18n = use_i18n();
    let kind = post.usual_kind();
    let id = post.paper_id(guest, None, kind);
    let live = post.live();
    let target = Memo::new(move |_| post.target());
    let target_id = move || target.get().map(|station| station.id.to_string());
    let label = move || {
        let station = target.get().map(|station| station.name).unwrap_or_default();
        tu_string!(i18n, alerts.raise.kind_to, kind = kind_words(i18n, kind), station = station)
    };
    view! {
        <form method="post" action=Raise::url() on:submit=move |event| sending.submit(&event)>
            <Hidden id guest/>
            <input type="hidden" name="to" value=target_id/>
            <input type="hidden" name="kind" value=kind.code()/>
            <button
                class="button button--primary raise__primary"
                type="submit"
                disabled=move || sending.is_raising()
            >
                {label}
            </button>
            <PresenceLine live station=target kind=kind/>
        </form>
    }
}

/// Every other word to every other place, and a note in one's own words.
#[component]
fn OtherWords(post: Post, guest: GuestId, sending: Sending, refused: Option<Refused>) -> impl IntoView {
    let i18n = use_i18n();
    // A note that comes back refused comes back as typed, and open.
    let refused = refused.filter(Refused::is_of::<Raise>);
    let typed =
        |field: &str| refused.as_ref().and_then(|refused| refused.typed_in(field)).unwrap_or_default().to_owned();
    let (text, to) = (typed("text"), typed("to"));
    let open = !text.is_empty();
    let note_id = post.paper_id(guest, None, AlertKind::Note);
    let options = post
        .stations
        .iter()
        .map(|station| {
            let id = station.id.to_string();
            let chosen = id == to;
            view! {
                <option value=id selected=chosen>
                    {station.name.clone()}
                </option>
            }
        })
        .collect_view();
    let rows = post.stations.iter().map(|station| station_row(i18n, &post, station, guest, sending)).collect_view();
    view! {
        <details class="raise__more" open=open>
            <summary class="button button--quiet">{tu_string!(i18n, alerts.raise.more)}</summary>
            <div class="stack">
                {rows}
                <form
                    class="raise__note"
                    method="post"
                    action=Raise::url()
                    on:submit=move |event| sending.submit(&event)
                >
                    <Hidden id=note_id guest/>
                    <input type="hidden" name="kind" value=AlertKind::Note.code()/>
                    <div class="field">
                        <label class="field__label" for="raise-note-to">{tu_string!(i18n, alerts.raise.note_to)}</label>
                        <select id="raise-note-to" name="to">{options}</select>
                    </div>
                    <div class="field raise__text">
                        <label class="field__label" for="raise-note-text">{tu_string!(i18n, alerts.raise.note_text)}</label>
                        <input id="raise-note-text" type="text" name="text" maxlength="280" value=text required autocomplete="off"/>
                    </div>
                    <button class="button" type="submit" disabled=move || sending.is_raising()>
                        {tu_string!(i18n, alerts.raise.note_send)}
                    </button>
                </form>
            </div>
        </details>
    }
}

/// One station with the words that can be sent to it, and its telephone.
fn station_row(i18n: I18n, post: &Post, station: &Station, guest: GuestId, sending: Sending) -> AnyView {
    let id = post.paper_id(guest, Some(station.id), AlertKind::ComingDown);
    let kinds = AlertKind::RAISED
        .into_iter()
        .filter(|kind| *kind != AlertKind::Note)
        .map(|kind| {
            view! {
                <button
                    class="button"
                    type="submit"
                    name="kind"
                    value=kind.code()
                    disabled=move || sending.is_raising()
                >
                    {kind_words(i18n, kind)}
                </button>
            }
        })
        .collect_view();
    let extension = (!station.extension.is_empty()).then(|| {
        view! {
            <span class="muted">{tu_string!(i18n, alerts.raise.extension, extension = station.extension.clone())}</span>
        }
    });
    view! {
        <form
            class="raise__station"
            method="post"
            action=Raise::url()
            on:submit=move |event| sending.submit(&event)
        >
            <Hidden id guest/>
            <input type="hidden" name="to" value=station.id.to_string()/>
            <p class="raise__where">
                <strong>{station.name.clone()}</strong>
                " "
                {extension}
            </p>
            <PresenceLine live=post.live() station=Signal::stored(Some(station.clone()))/>
            <div class="cluster">{kinds}</div>
        </form>
    }
    .into_any()
}

/// What became of the last word about the guest, and the way to take it back while it is open.
#[component]
fn WordState(post: Post, word: Memo<Option<AlertCard>>, sending: Sending) -> impl IntoView {
    let i18n = use_i18n();
    let live = post.live();
    let (here, me) = (post.here.id, post.me);
    let quick = Memo::new(move |_| sending.is_quick());
    let raising = Memo::new(move |_| sending.is_raising());
    // Nobody has got it yet: who would see it?
    let waits_at = Memo::new(move |_| {
        let to = word.with(|word| word.as_ref().filter(|card| card.state == AlertState::Raised).map(|card| card.to))?;
        post.stations.iter().find(|station| station.id == to).cloned()
    });
    let state = move || {
        if quick.get() {
            return Some(view! { <p class="raise__state">{tu_string!(i18n, alerts.raise.sending)}</p> }.into_any());
        }
        // What is older than the word that waits to be sent would only be confusing.
        let card = word.get().filter(|_| !raising.get())?;
        let id = card.id;
        let (stands, more) = sent_words(i18n, &card, me, Some(here));
        let more = more.into_iter().map(|words| view! { <p class="muted">{words}</p> }).collect_view();
        let take_back = (!card.state.is_end() && !card.has_withdrawn(me)).then(|| {
            view! {
                <form
                    method="post"
                    action=Withdraw::url()
                    on:submit=move |event: leptos::ev::SubmitEvent| sending.take_back(id, &event)
                >
                    <input type="hidden" name="id" value=id.to_string()/>
                    <button
                        class="button button--quiet"
                        type="submit"
                        disabled=move || sending.is_taking_back()
                    >
                        {tu_string!(i18n, alerts.raise.withdraw)}
                    </button>
                </form>
            }
        });
        let class = match card.state {
            AlertState::Raised => "raise__state raise__state--sent",
            AlertState::Acknowledged | AlertState::Completed => "raise__state raise__state--answered",
            AlertState::Withdrawn | AlertState::Expired => "raise__state",
        };
        Some(
            view! {
                <div class=class>
                    <p>
                        <strong>{stands}</strong>
                        " "
                        <span class="muted">
                            {kind_words(i18n, card.kind)} ", " {card.raised_time.clone()}
                        </span>
                    </p>
                    {more}
                    {take_back}
                </div>
            }
            .into_any(),
        )
    };
    view! {
        <div class="raise__answer" role="status">{state}</div>
        {move || {
            waits_at.with(Option::is_some).then(|| view! { <PresenceLine live station=waits_at/> })
        }}
        <QueueNotes entries=sending.entries()/>
    }
}

/// The fields that every form about a guest carries; the id counts only where scripts do not run.
#[component]
fn Hidden(id: AlertId, guest: GuestId) -> impl IntoView {
    view! {
        <input type="hidden" name="id" value=id.to_string()/>
        <input type="hidden" name="guest" value=guest.to_string()/>
    }
}

/// Whether word stands for whoever would send another: one that was taken back stands for others alone.
fn is_open(word: Memo<Option<AlertCard>>, me: StaffId) -> Memo<bool> {
    Memo::new(move |_| {
        word.with(|word| word.as_ref().is_some_and(|card| !card.state.is_end() && !card.has_withdrawn(me)))
    })
}
