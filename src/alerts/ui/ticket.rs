//! One alert on the board: who comes, what to say, what to mind, and the answer.

use super::{
    answer::Answer,
    painted::heading_id,
    words::{age_words, carried_words, names_in_a_row, state_words, withdrawn_words},
};
use crate::{
    alerts::{AlertCard, AlertKind, AlertState, Urgency, live::Live},
    guests::ui::{
        names::NameLine,
        words::{group_words, kind_words, language_words, preference_words, vip_words},
    },
    i18n::*,
    ids::{AlertId, StationId},
    requests::{asked::ui::asked_lines, recovery::ui::cue_words},
    stays::usual::{UsualLine, ui::UsualOnTicket},
    ui::I18n,
};
use leptos::prelude::*;

/// One alert. Large until someone has got it, small until it is done.
#[component]
pub fn Ticket(
    id: AlertId,
    /// The station whose board this is; `None` for a manager's, whose device stands nowhere.
    here: Option<StationId>,
    live: Live,
    now: ReadSignal<Option<i64>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let card = Memo::new(move |_| live.alerts.with(|alerts| alerts.get(&id).cloned()));
    let state = Memo::new(move |_| card.with(|card| card.as_ref().map(|card| card.state)));
    let is_due = Memo::new(move |_| card.with(|card| card.as_ref().is_some_and(|card| card.kind == AlertKind::Due)));
    let usual = Memo::new(move |_| card.with(|card| card.as_ref().and_then(usual_there)));
    let is_carried =
        Memo::new(move |_| card.with(|card| card.as_ref().is_some_and(|card| card.urgency > Urgency::Plain)));
    let class = move || match (state.get(), is_carried.get()) {
        (Some(AlertState::Raised), false) => "ticket ticket--raised",
        (Some(AlertState::Raised), true) => "ticket ticket--raised ticket--again",
        _ => "ticket ticket--small",
    };
    view! {
        <article class=class aria-labelledby=heading_id(id)>
            {move || card.get().map(|card| face(i18n, &card, here, now))}
            <UsualOnTicket line=usual/>
            <div class="ticket__answer">
                <Answer id state is_due/>
            </div>
        </article>
    }
}

/// Everything there is to read on a card.
fn face(i18n: I18n, card: &AlertCard, here: Option<StationId>, now: ReadSignal<Option<i64>>) -> AnyView {
    let raised_at = card.raised_at;
    let raised_time = card.raised_time.clone();
    let age = move || match now.get() {
        Some(now) => age_words(i18n, now - raised_at),
        None => raised_time.clone(),
    };
    let photo = card.photo.map(|photo| {
        view! { <img class="ticket__photo" src=format!("/photos/{photo}") alt="" width="160" height="160"/> }
    });
    let vip = vip_words(i18n, card.vip).map(|words| view! { <li class="badge badge--vip">{words}</li> });
    let language = card.language.as_deref().map(|code| view! { <li class="badge">{language_words(i18n, code)}</li> });
    let room = card
        .room
        .clone()
        .map(|room| view! { <li class="badge">{tu_string!(i18n, guests.card.room, room = room)}</li> });
    let incognito = card.incognito.then(|| {
        view! { <p class="band band--incognito">{tu_string!(i18n, guests.card.incognito)}</p> }
    });
    let cue = card.cue.as_ref().map(|cue| {
        view! { <p class="band band--complaint">{cue_words(i18n, cue)}</p> }
    });
    let text = card.text.clone().map(|text| view! { <p class="ticket__text">{text}</p> });
    let taken = (card.state == AlertState::Acknowledged)
        .then(|| view! { <p class="ticket__taken">{state_words(i18n, card)}</p> });
    let carried = carried_words(i18n, card, here)
        .into_iter()
        .chain(withdrawn_words(i18n, card))
        .map(|words| view! { <p class="ticket__carried">{words}</p> })
        .collect_view();
    let quiet = (card.muted && card.state == AlertState::Raised).then(|| {
        let words = tu_string!(i18n, alerts.tablet.quiet, station = card.to_name.clone());
        view! { <p class="ticket__quiet">{words}</p> }
    });
    // On the board of the backup station or of whoever is on duty.
    let elsewhere = (Some(card.to) != here).then(|| {
        let words = tu_string!(i18n, alerts.raise.to, station = card.to_name.clone());
        view! { <span class="ticket__to">" " {words}</span> }
    });
    let stand_by_it = card.senders().filter(|(staff, _)| card.state.is_end() || !card.has_withdrawn(*staff));
    let senders: Vec<_> = stand_by_it.map(|(_, name)| name.to_owned()).collect();
    let senders = names_in_a_row(i18n, &senders);
    view! {
        <header class="ticket__head">
            {photo}
            <div class="ticket__who">
                <NameLine name=card.name.clone() language=card.language.clone() id=heading_id(card.id)/>
            </div>
            <p class="ticket__age">
                <span class="visually-hidden">{tu_string!(i18n, alerts.board.since)} " "</span>
                <span>{age}</span>
            </p>
        </header>
        <p class="ticket__kind">
            <strong>{kind_words(i18n, card.kind)}</strong>
            " "
            <span class="ticket__from">
                {tu_string!(i18n, alerts.board.from, station = card.from_name.clone(), name = senders)}
            </span>
            {elsewhere}
        </p>
        {carried}
        {quiet}
        {text}
        {cue}
        {incognito}
        {dietary(i18n, card)}
        <ul class="ticket__marks cluster">{vip} {language} {room}</ul>
        {asked(i18n, card)}
        {dining(i18n, card)}
        {taken}
    }
    .into_any()
}

/// What the guest must not be served, as a band that is read before anything is said.
fn dietary(i18n: I18n, card: &AlertCard) -> Option<AnyView> {
    if card.dietary.is_empty() {
        return None;
    }
    let words: Vec<_> = card.dietary.iter().map(|value| preference_words(i18n, value)).collect();
    Some(
        view! {
            <p class="band band--dietary">
                <span class="visually-hidden">{tu_string!(i18n, guests.group.dietary)} ": "</span>
                {words.join(" · ")}
            </p>
        }
        .into_any(),
    )
}

/// What the guest has asked for and is not done: nobody asks again. Where something is due, the way to it.
fn asked(i18n: I18n, card: &AlertCard) -> Option<AnyView> {
    let way = (card.kind == AlertKind::Due).then(|| {
        let (href, words) = match card.request {
            Some(_) => (format!("/requests?guest={}", card.guest), tu_string!(i18n, requests.due.open)),
            None => ("/traces".to_owned(), tu_string!(i18n, requests.due.open_traces)),
        };
        view! {
            <p>
                <a class="button" href=href>{words}</a>
            </p>
        }
    });
    if card.requests.is_empty() {
        return way.map(|way| way.into_any());
    }
    Some(
        view! {
            <div class="asked">
                <p class="asked__title">{tu_string!(i18n, requests.card.title)}</p>
                {asked_lines(i18n, &card.requests, card.request)}
                {way}
            </div>
        }
        .into_any(),
    )
}

/// What the guest had last time at the station to which he comes. Whatever is due there, nobody is served.
fn usual_there(card: &AlertCard) -> Option<UsualLine> {
    let comes = card.kind != AlertKind::Due;
    card.usuals.iter().find(|usual| comes && usual.station == card.to).cloned()
}

/// The usual table, and what the guest usually has.
fn dining(i18n: I18n, card: &AlertCard) -> Option<AnyView> {
    if card.dining.is_empty() {
        return None;
    }
    let lines = card
        .dining
        .iter()
        .map(|(group, value)| {
            view! {
                <div class="usual__line">
                    <dt>{group_words(i18n, *group)}</dt>
                    <dd>{preference_words(i18n, value)}</dd>
                </div>
            }
        })
        .collect_view();
    Some(view! { <dl class="usual">{lines}</dl> }.into_any())
}
