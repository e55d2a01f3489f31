//! The drill: a face or a room, and who is it; a name, and how is it said. Whoever answers says how well it was known.

use super::{
    Voice, address, marks, part_of_address, progress_line,
    words::{grade_words, part_words, share_words},
};
use crate::{
    error::{AppError, Refused},
    guests::ui::{
        idle::{lock_address, lock_when_idle},
        names::name_parts,
        words::one_thing_words,
    },
    i18n::*,
    names::{
        Drill, DrillQuestion, Grade, Part, Progress, QuestionKind, TonightLine,
        api::{AnswerName, drill},
    },
    staff::ui::{use_refused, use_session},
    ui::{Attempt, Empty, Failed, FormNote, I18n, Loading, redirect_to},
};
use leptos::{html, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// The page `/names/drill?floor=&upto=`. With `more=1` it goes on when the five minutes are over.
#[component]
pub fn DrillPage() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let part = part_of_address();
    let more = Memo::new(move |_| query.with(|query| query.get_str("more") == Some("1")));
    let (session, refused, lock) = (use_session(), use_refused(), lock_address());
    let answer = ServerAction::<AnswerName>::new();
    // Grows when the questions that were loaded have been asked.
    let round = RwSignal::new(0_u32);
    let questions = Resource::new(
        move || (part.get(), more.get(), round.get()),
        |(part, more, _)| drill(part.floor, part.upto, more),
    );
    view! {
        <Title text=tu_string!(i18n, people.names.drill.title)/>
        <div class="manage drill">
            <h1 class="page__title name">{tu_string!(i18n, people.names.drill.title)}</h1>
            <Transition fallback=Loading>
                {move || {
                    let lock = lock.clone();
                    Suspend::new(async move {
                        let (loaded, me, refused) = (questions.await, session.await.ok().flatten(), refused.await);
                        match loaded {
                            Ok(drill) => {
                                if let Some(me) = me {
                                    lock_when_idle(lock, me.idle_minutes);
                                }
                                let more = more.get_untracked();
                                view! { <Round drill more answer round refused/> }.into_any()
                            }
                            Err(AppError::Locked) => redirect_to(lock),
                            Err(error) => view! { <Failed error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
}

/// The questions as they were loaded, one after the other. Without scripts each answer loads them anew, and the first
/// is the next.
#[component]
fn Round(
    drill: Drill,
    /// Goes on when the five minutes are over.
    more: bool,
    answer: ServerAction<AnswerName>,
    round: RwSignal<u32>,
    /// An answer that came back refused.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let attempt = Attempt::of(answer, refused.as_ref());
    let Drill { part, questions, progress, answers, is_over } = drill;
    let count = questions.len();
    let list = StoredValue::new(questions);
    let at = RwSignal::new(0_usize);
    let came = answer.value();
    Effect::new(move |watched: Option<()>| {
        // Whether there is time for another one, and whether this one is done.
        let done = came.with(|came| match came {
            Some(Ok(goes_on)) => Some(*goes_on || more),
            // Nobody asks for this guest's name any more.
            Some(Err(AppError::NotFound)) => Some(false),
            _ => None,
        });
        if let (Some(()), Some(goes_on)) = (watched, done) {
            let next = at.get_untracked() + 1;
            if next < count && goes_on {
                at.set(next);
            } else {
                at.set(count);
                round.update(|round| *round = round.wrapping_add(1));
            }
        }
    });
    let next = move || list.with_value(|list| list.get(at.get()).cloned()).into_iter().collect::<Vec<DrillQuestion>>();
    let body = if count == 0 {
        nothing_left(i18n, &part, progress, answers, is_over)
    } else {
        view! {
            <For
                each=next
                key=|question| question.once
                children=move |question: DrillQuestion| {
                    let place = at.get_untracked() + 1;
                    // Whoever answers by keyboard goes on where the next answer is shown.
                    let takes_focus = place > 1 || round.get_untracked() > 0;
                    view! { <Question question place count answer takes_focus/> }
                }
            />
        }
        .into_any()
    };
    view! {
        <p class="cluster">
            <strong>{part_words(i18n, &part)}</strong>
            <a class="row-link" href=address("/names", &part)>{tu_string!(i18n, people.names.to_list)}</a>
        </p>
        {progress_line(i18n, progress)}
        <FormNote outcome=attempt.outcome/>
        {body}
    }
}

/// Why nothing is asked.
fn nothing_left(i18n: I18n, part: &Part, progress: Progress, answers: Progress, is_over: bool) -> AnyView {
    let (title, text) = match (is_over, progress.of) {
        (true, _) => (
            tu_string!(i18n, people.names.drill.over),
            tu_string!(i18n, people.names.drill.over_text, answers = share_words(i18n, answers)),
        ),
        (false, 0) => {
            (tu_string!(i18n, people.names.drill.nobody), tu_string!(i18n, people.names.drill.nobody_text).to_owned())
        }
        (false, _) => (
            tu_string!(i18n, people.names.drill.all_known),
            tu_string!(i18n, people.names.drill.all_known_text).to_owned(),
        ),
    };
    let page = address("/names/drill", part);
    let on = format!("{page}{}more=1", if page.contains('?') { '&' } else { '?' });
    let on =
        is_over.then(|| view! { <p><a class="button" href=on>{tu_string!(i18n, people.names.drill.more)}</a></p> });
    view! {
        <Empty title text/>
        {on}
    }
    .into_any()
}

/// One question: what is shown, and behind a tap the answer and how well it was known.
#[component]
fn Question(
    question: DrillQuestion,
    /// Which of the questions it is, from 1.
    place: usize,
    count: usize,
    answer: ServerAction<AnswerName>,
    /// Whether the cursor goes to the answer.
    takes_focus: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let DrillQuestion { once, kind, line } = question;
    let pending = answer.pending();
    let summary = NodeRef::<html::Summary>::new();
    Effect::new(move |_| {
        if takes_focus && let Some(summary) = summary.get() {
            // A focus that cannot be set leaves the page as it is.
            let _ = summary.focus();
        }
    });
    let grades = Grade::ALL
        .iter()
        .map(|grade| {
            view! {
                <button class="button" type="submit" name="grade" value=grade.code() disabled=move || pending.get()>
                    {grade_words(i18n, *grade)}
                </button>
            }
        })
        .collect_view();
    view! {
        <article class="drill__card" aria-labelledby="drill-asked">
            <p class="muted">{tu_string!(i18n, people.names.drill.place, place = place, of = count)}</p>
            {asked(i18n, kind, &line)}
            <details class="drill__answer">
                <summary class="button button--primary" node_ref=summary>
                    {tu_string!(i18n, people.names.drill.show)}
                </summary>
                <div class="drill__sheet stack">
                    {told(i18n, &line)}
                    <ActionForm action=answer>
                        <input type="hidden" name="once" value=once.to_string()/>
                        <input type="hidden" name="guest" value=line.guest.to_string()/>
                        <fieldset class="chips">
                            <legend>{tu_string!(i18n, people.names.drill.how_well)}</legend>
                            <div class="cluster">{grades}</div>
                        </fieldset>
                    </ActionForm>
                </div>
            </details>
        </article>
    }
}

/// What is shown, and what is asked about it. Nothing of it tells the answer.
fn asked(i18n: I18n, kind: QuestionKind, line: &TonightLine) -> AnyView {
    let words = match kind {
        QuestionKind::Face => tu_string!(i18n, people.names.drill.face),
        QuestionKind::Room => tu_string!(i18n, people.names.drill.room),
        QuestionKind::Say => tu_string!(i18n, people.names.drill.say),
    };
    let shown = match kind {
        QuestionKind::Face => line
            .photo
            .map(|photo| {
                let words = tu_string!(i18n, people.names.drill.photo);
                view! { <img class="drill__photo" src=format!("/photos/{photo}") alt=words width="320" height="320"/> }
            })
            .into_any(),
        QuestionKind::Room => {
            let room = line.room.clone().unwrap_or_default();
            view! { <p class="name name--huge">{tu_string!(i18n, guests.card.room, room = room)}</p> }.into_any()
        }
        QuestionKind::Say => {
            let (full, native) = (line.name.full(), line.name.native.clone());
            let native = native.map(|native| view! { <p class="native" lang=line.language.clone()>{native}</p> });
            view! {
                <p class="name name--huge">{full}</p>
                {native}
            }
            .into_any()
        }
    };
    view! {
        {shown}
        <h2 class="drill__asked" id="drill-asked">{words}</h2>
    }
    .into_any()
}

/// The answer, with the one thing to know.
fn told(i18n: I18n, line: &TonightLine) -> AnyView {
    let marks = marks(i18n, line);
    let marks = marks.into_iter().map(|(class, words)| view! { <li class=class>{words}</li> }).collect_view();
    let thing =
        line.one_thing.as_ref().map(|thing| view! { <p class="line__thing">{one_thing_words(i18n, thing)}</p> });
    view! {
        <p class="name name--huge">{line.name.address()}</p>
        <p class="name-line">{name_parts(i18n, &line.name, line.language.clone())}</p>
        {line.has_voice.then(|| view! { <Voice guest=line.guest name=line.name.address()/> })}
        <ul class="cluster">{marks}</ul>
        {thing}
    }
    .into_any()
}
