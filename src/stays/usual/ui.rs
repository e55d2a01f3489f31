//! The usual on a guest's card and on the board: what the guest had at an outlet, and the one tap that says whether he
//! took it again.

mod form;

use super::{
    Counts, UsualLine,
    api::{AnswerUsual, WriteUsual},
};
use crate::{
    alerts::ui::Post,
    error::Refused,
    house::StationKind,
    i18n::*,
    ids::{GuestId, StationId},
    ui::{FormNote, I18n, Outcome, announce_done, date, outcome},
};
use form::UsualForm;
use leptos::prelude::*;

/// The outlets of the house, by id and name: the device's own first.
#[must_use]
pub fn outlets_of(post: Option<&Post>) -> Vec<(StationId, String)> {
    post.into_iter()
        .flat_map(|post| std::iter::once(&post.here).chain(post.stations.iter()))
        .filter(|station| station.kind == StationKind::Restaurant)
        .map(|station| (station.id, station.name.clone()))
        .collect()
}

/// The part of a card that tells what the guest had at each outlet, and lets a colleague offer it again and write it
/// down. Made once for the card, so that it outlives the lines that it changes.
#[component]
pub fn UsualPart(
    guest: GuestId,
    lines: Memo<Vec<UsualLine>>,
    /// See [`outlets_of`].
    outlets: Vec<(StationId, String)>,
    edits: RwSignal<u32>,
    /// A form about the guest that came back refused.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let answer = ServerAction::<AnswerUsual>::new();
    let answered = outcome(answer);
    announce_done(answered, tu_string!(i18n, memory.usual.noted));
    count_edits(answered, edits);
    let shown = Memo::new(move |_| lines.with(|lines| with_others(&outlets, lines)));
    let is_empty = Memo::new(move |_| shown.with(Vec::is_empty));
    move || {
        let refused = refused.clone();
        (!is_empty.get()).then(|| {
            view! {
                <section class="guest__part" aria-labelledby="guest-usual">
                    <h3 id="guest-usual">{tu_string!(i18n, memory.usual.title)}</h3>
                    <FormNote outcome=answered/>
                    <ul class="usuals">
                        <For
                            each=move || shown.get()
                            key=|(station, _)| *station
                            children=move |(station, outlet)| {
                                let refused = refused.clone();
                                view! { <Outlet guest station outlet lines answer edits refused/> }
                            }
                        />
                    </ul>
                </section>
            }
        })
    }
}

/// The outlets, and those of which something is known though they are none of them any more.
fn with_others(outlets: &[(StationId, String)], lines: &[UsualLine]) -> Vec<(StationId, String)> {
    let others = lines
        .iter()
        .filter(|line| !line.is_empty() && outlets.iter().all(|(station, _)| *station != line.station))
        .map(|line| (line.station, line.outlet.clone()));
    outlets.iter().cloned().chain(others).collect()
}

/// One outlet: what the guest had there, the offer, and the form.
#[component]
fn Outlet(
    guest: GuestId,
    station: StationId,
    /// Its name.
    outlet: String,
    lines: Memo<Vec<UsualLine>>,
    answer: ServerAction<AnswerUsual>,
    edits: RwSignal<u32>,
    /// A form about the guest that came back refused.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let line = Memo::new(move |_| lines.with(|lines| lines.iter().find(|line| line.station == station).cloned()));
    let write = ServerAction::<WriteUsual>::new();
    let known = move || match line.get().filter(|line| !line.is_empty()) {
        Some(line) => told(i18n, &line, answer),
        None => view! { <p class="muted">{tu_string!(i18n, memory.usual.nothing)}</p> }.into_any(),
    };
    view! {
        <li class="usuals__one">
            <h4 class="usuals__outlet">{outlet}</h4>
            {known}
            <UsualForm guest station line write edits refused/>
        </li>
    }
}

/// What is known, who wrote it down, how the offer went so far, and the offer.
fn told(i18n: I18n, line: &UsualLine, answer: ServerAction<AnswerUsual>) -> AnyView {
    let by = tu_string!(i18n, memory.usual.noted_by, by = line.by.clone(), on = date::short_date(i18n, &line.on));
    let times = (line.times > 1).then(|| tu_string!(i18n, memory.usual.times, times = line.times));
    let facts: Vec<String> = std::iter::once(by).chain(times).chain(counts_words(i18n, line.counts)).collect();
    view! {
        <p class="usuals__what">{what_words(i18n, line)}</p>
        <p class="muted">{facts.join(" · ")}</p>
        {offer(i18n, line, answer)}
    }
    .into_any()
}

/// The two taps that answer the offer; or that it is not made any more.
fn offer(i18n: I18n, line: &UsualLine, answer: ServerAction<AnswerUsual>) -> Option<AnyView> {
    if line.is_offered() {
        let line = line.clone();
        return Some(view! { <Offer line answer/> }.into_any());
    }
    let is_over = !line.counts.may_offer();
    is_over.then(|| view! { <p class="usuals__over">{tu_string!(i18n, memory.usual.over)}</p> }.into_any())
}

#[component]
fn Offer(line: UsualLine, answer: ServerAction<AnswerUsual>) -> impl IntoView {
    let i18n = use_i18n();
    let pending = answer.pending();
    let UsualLine { guest, station, once, revision, outlet, .. } = line;
    view! {
        <ActionForm action=answer>
            <input type="hidden" name="once" value=once.to_string()/>
            <input type="hidden" name="guest" value=guest.to_string()/>
            <input type="hidden" name="station" value=station.to_string()/>
            <input type="hidden" name="revision" value=revision.to_string()/>
            <div class="cluster" role="group" aria-label=tu_string!(i18n, memory.usual.at, outlet = outlet)>
                <button
                    class="button button--primary"
                    type="submit"
                    name="taken"
                    value="true"
                    disabled=move || pending.get()
                >
                    {tu_string!(i18n, memory.usual.same_again)}
                </button>
                <button class="button" type="submit" name="taken" value="false" disabled=move || pending.get()>
                    {tu_string!(i18n, memory.usual.not_today)}
                </button>
            </div>
        </ActionForm>
    }
}

/// On a ticket: what the guest had last time at the outlet to which he comes. Answered once, it is not asked again
/// there.
#[component]
pub fn UsualOnTicket(line: Memo<Option<UsualLine>>) -> impl IntoView {
    let i18n = use_i18n();
    let answer = ServerAction::<AnswerUsual>::new();
    let answered = outcome(answer);
    announce_done(answered, tu_string!(i18n, memory.usual.noted));
    let is_noted = Memo::new(move |_| answered.with(|answered| matches!(answered, Some(Ok(())))));
    move || {
        let line = line.get().filter(|line| !line.is_empty())?;
        let title = tu_string!(i18n, memory.usual.at, outlet = line.outlet.clone());
        let what = what_words(i18n, &line);
        let counts = counts_words(i18n, line.counts).map(|words| view! { <p class="muted">{words}</p> });
        Some(view! {
            <div class="usuals__one usuals__one--ticket">
                <p class="usuals__outlet">{title}</p>
                <p class="usuals__what">{what}</p>
                {counts}
                <FormNote outcome=answered done=tu_string!(i18n, memory.usual.noted)/>
                {move || if is_noted.get() { None } else { offer(i18n, &line, answer) }}
            </div>
        })
    }
}

/// "Table 12 · Jasmine tea · Two eggs".
fn what_words(i18n: I18n, line: &UsualLine) -> String {
    let seat = line.seat.clone().map(|seat| tu_string!(i18n, memory.usual.table, table = seat));
    let words: Vec<String> = seat.into_iter().chain(line.drinks.iter().chain(&line.dishes).cloned()).collect();
    words.join(" · ")
}

/// How often it was offered and taken; nothing before it was.
fn counts_words(i18n: I18n, counts: Counts) -> Option<String> {
    let Counts { offered, taken, .. } = counts;
    (offered > 0).then(|| tu_string!(i18n, memory.usual.counts, offered = offered, taken = taken))
}

/// Counts what was kept, so that the card is loaded again.
fn count_edits(sent: Outcome, edits: RwSignal<u32>) {
    Effect::new(move |watched: Option<()>| {
        let is_kept = sent.with(|sent| matches!(sent, Some(Ok(()))));
        if watched.is_some() && is_kept {
            edits.update(|edits| *edits += 1);
        }
    });
}
