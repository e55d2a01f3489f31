//! The form in which a request is entered. What the guest has asked for already stands before it.

use super::{part::asked_lines, words::request_kind};
use crate::{
    alerts::live::{refetch_when, use_live},
    error::{AppError, Refused},
    house::{StationKind, ui::kind_name},
    i18n::*,
    ids::{GuestId, RequestId},
    requests::{
        asked::{
            Entered, EntryPaper, MAX_PLACE, MAX_TEXT, QuickText, RequestKind, RequestLine,
            api::{EnterRequest, open_requests, request_paper},
        },
        traces::MAX_ROOM,
    },
    staff::ui::RefusedForm,
    ui::{
        Attempt, Failed, Field, FormNote, I18n, Outcome, Select, announce_done, error_of, problem_text, reset_when_done,
    },
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_query_map;

/// The form, for the guest whom the page's address names; the way to one where it names nobody.
#[component]
pub fn RequestForm(
    action: ServerAction<EnterRequest>,
    guest: Memo<Option<GuestId>>,
    refused: RefusedForm,
) -> impl IntoView {
    let i18n = use_i18n();
    let paper = Resource::new(
        move || guest.get(),
        |guest| async move {
            match guest {
                Some(guest) => request_paper(guest).await.map(Some),
                None => Ok(None),
            }
        },
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let (paper, refused) = (paper.await, refused.await);
                match paper {
                    Ok(Some(paper)) => view! { <Paper paper refused action/> }.into_any(),
                    Ok(None) => {
                        view! {
                            <p class="cluster">
                                <span>{tu_string!(i18n, requests.list.way)}</span>
                                <a class="button" href="/guests">
                                    {tu_string!(i18n, requests.list.find)}
                                </a>
                            </p>
                        }
                            .into_any()
                    }
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// Fields that show their own problems. That the guest has asked already is shown by the request itself.
const FIELDS: &[&str] = &["kind", "text", "place", "room", "day", "time", "department"];

#[component]
fn Paper(
    paper: EntryPaper,
    /// A form that came back refused.
    refused: Option<Refused>,
    action: ServerAction<EnterRequest>,
) -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let EntryPaper { id, about, room, today, quick, open } = paper;
    // What was typed about another guest does not belong here.
    let refused = refused.filter(|refused| refused.typed_in("guest") == Some(about.guest.to_string().as_str()));
    let attempt = Attempt::of(action, refused.as_ref());
    let tried = outcome_of(action, attempt.outcome);
    let pending = action.pending();
    let form = NodeRef::<html::Form>::new();
    reset_when_done(tried, form);
    announce_done(tried, tu_string!(i18n, requests.form.kept));

    let (first_kind, first_day) =
        (attempt.typed_or("kind", RequestKind::Taxi.code().to_owned()), attempt.typed_or("day", today));
    let (kind, day) = (RwSignal::new(first_kind.clone()), RwSignal::new(first_day.clone()));
    let guest = about.guest;
    // Open ones of that kind and day: told before anything else is typed, and followed while the form is open.
    let known = RwSignal::new(
        open.into_iter().filter(|line| line.kind.code() == first_kind && line.day == first_day).collect::<Vec<_>>(),
    );
    refetch_when(
        move || (kind.get(), day.get(), live.requests_changed.get(), live.reset.get(), action.version().get()),
        move || open_requests(guest, kind.get_untracked(), day.get_untracked()),
        move |answer: Result<Vec<RequestLine>, AppError>| {
            if let Ok(lines) = answer {
                known.set(lines);
            }
        },
    );
    // What is entered next is another request. What may not have arrived and is sent again is the same.
    let id = RwSignal::new(id);
    let emptied = (first_kind.clone(), first_day.clone());
    Effect::new(move |watched: Option<()>| {
        match action.value().get() {
            Some(Ok(Entered::Known(lines))) => known.set(lines),
            Some(Ok(Entered::Kept)) if watched.is_some() => {
                id.set(RequestId::new());
                // As the emptied form has them.
                kind.set(emptied.0.clone());
                day.set(emptied.1.clone());
            }
            _ => {}
        }
    });
    // Kept without scripts: the address says so.
    let was_kept = use_query_map().with_untracked(|query| query.get_str("done") == Some("entered"));
    let kept = move || {
        (was_kept && tried.with(Option::is_none))
            .then(|| view! { <p class="note note--ok">{tu_string!(i18n, requests.form.kept)}</p> })
    };
    let departments: Vec<_> = std::iter::once((String::new(), tu_string!(i18n, requests.form.usual).to_owned()))
        .chain(StationKind::ALL.map(|kind| (kind.code().to_owned(), kind_name(i18n, kind).to_owned())))
        .collect();
    let problem_of_kind = attempt.problem_in("kind");
    view! {
        <section class="panel" aria-labelledby="request-title">
            <div class="panel__head">
                <h2 class="panel__title" id="request-title">{tu_string!(i18n, requests.form.title)}</h2>
                <a class="button button--quiet" href=format!("/guests/{guest}")>
                    {tu_string!(i18n, requests.list.back, name = about.name.address())}
                </a>
            </div>
            {kept}
            <FormNote outcome=tried fields=FIELDS done=tu_string!(i18n, requests.form.kept)/>
            <ActionForm action=action node_ref=form attr:class="request-form stack">
                <input type="hidden" name="id" value=move || id.get().to_string()/>
                <input type="hidden" name="guest" value=guest.to_string()/>
                <fieldset class="choice">
                    <legend>{tu_string!(i18n, requests.form.kind)}</legend>
                    {kinds(i18n, &first_kind, kind)}
                    {move || {
                        problem_of_kind
                            .get()
                            .map(|problem| view! { <p class="field__problem">{problem_text(i18n, &problem)}</p> })
                    }}
                </fieldset>
                <div role="status">{move || known.with(|known| (!known.is_empty()).then(|| asked_before(i18n, known)))}</div>
                <div class="fields fields--two">
                    <div class="request-form__place">
                        <Field
                            label=tu_string!(i18n, requests.form.place)
                            name="place"
                            id="request-place"
                            value=attempt.typed("place")
                            hint=tu_string!(i18n, requests.form.place_hint)
                            error=attempt.problem_in("place")
                            maxlength=MAX_PLACE
                            autocomplete="off"
                        />
                    </div>
                    <div on:change=move |event| day.set(event_target_value(&event))>
                        <Field
                            label=tu_string!(i18n, requests.form.day)
                            name="day"
                            id="request-day"
                            kind="date"
                            value=first_day
                            error=attempt.problem_in("day")
                            required=true
                        />
                    </div>
                    <Field
                        label=tu_string!(i18n, requests.form.time)
                        name="time"
                        id="request-time"
                        kind="time"
                        value=attempt.typed("time")
                        hint=tu_string!(i18n, requests.form.time_hint)
                        error=attempt.problem_in("time")
                    />
                    <Field
                        label=tu_string!(i18n, requests.form.room)
                        name="room"
                        id="request-room"
                        value=attempt.typed_or("room", room.unwrap_or_default())
                        error=attempt.problem_in("room")
                        maxlength=MAX_ROOM
                        autocomplete="off"
                    />
                </div>
                {quick_choice(i18n, &quick, &attempt.typed("quick"))}
                <Field
                    label=tu_string!(i18n, requests.form.text)
                    name="text"
                    id="request-text"
                    value=attempt.typed("text")
                    hint=tu_string!(i18n, requests.form.text_hint, most = MAX_TEXT)
                    error=attempt.problem_in("text")
                    maxlength=MAX_TEXT
                    autocomplete="off"
                />
                <Select
                    label=tu_string!(i18n, requests.form.department)
                    name="department"
                    id="request-department"
                    options=departments
                    selected=attempt.typed("department")
                    error=attempt.problem_in("department")
                />
                <div class="cluster">
                    // The first button is the one that a key presses: it asks, where the guest has asked already.
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, requests.form.keep)}
                    </button>
                    {move || {
                        known
                            .with(|known| !known.is_empty())
                            .then(|| {
                                view! {
                                    <button class="button" type="submit" name="anyway" value="true">
                                        {tu_string!(i18n, requests.form.anyway)}
                                    </button>
                                }
                            })
                    }}
                </div>
            </ActionForm>
        </section>
    }
}

/// What came of sending the form. That the guest has asked for the same before is told by the request itself.
fn outcome_of(action: ServerAction<EnterRequest>, outcome: Outcome) -> Outcome {
    let value = action.value();
    Signal::derive(move || {
        if value.with(|value| matches!(value, Some(Ok(Entered::Known(_))))) {
            return None;
        }
        outcome
            .get()
            .filter(|outcome| !matches!(outcome, Err(AppError::Fields(errors)) if error_of(errors, "anyway").is_some()))
    })
}

/// One of the kinds, each a tap.
fn kinds(i18n: I18n, first: &str, chosen: RwSignal<String>) -> AnyView {
    RequestKind::ALL
        .iter()
        .map(|kind| {
            let code = kind.code();
            let is_first = code == first;
            view! {
                <label class="choice__one">
                    <input
                        type="radio"
                        name="kind"
                        value=code
                        checked=is_first
                        on:change=move |_| chosen.set(code.to_owned())
                    />
                    <span>{request_kind(i18n, *kind)}</span>
                </label>
            }
        })
        .collect_view()
        .into_any()
}

/// Words of the house. Those of other kinds than the chosen one are put away by the style sheet, with scripts and
/// without.
fn quick_choice(i18n: I18n, texts: &[QuickText], typed: &str) -> Option<AnyView> {
    if texts.is_empty() {
        return None;
    }
    let choices = texts
        .iter()
        .map(|text| {
            let id = text.id.to_string();
            let chosen = id == typed;
            view! {
                <label class=format!("choice__one quick quick--{}", text.kind.code())>
                    <input type="radio" name="quick" value=id checked=chosen/>
                    <span>{text.text.clone()}</span>
                </label>
            }
        })
        .collect_view();
    let none = !texts.iter().any(|text| text.id.to_string() == typed);
    Some(
        view! {
            <fieldset class="choice">
                <legend>{tu_string!(i18n, requests.form.quick)}</legend>
                <label class="choice__one">
                    <input type="radio" name="quick" value="" checked=none/>
                    <span>{tu_string!(i18n, requests.form.quick_none)}</span>
                </label>
                {choices}
            </fieldset>
        }
        .into_any(),
    )
}

/// What the guest has asked for already.
fn asked_before(i18n: I18n, known: &[RequestLine]) -> AnyView {
    view! {
        <section class="asked" aria-labelledby="request-known">
            <h3 class="asked__title" id="request-known">{tu_string!(i18n, requests.form.known)}</h3>
            {asked_lines(i18n, known, None)}
        </section>
    }
    .into_any()
}
