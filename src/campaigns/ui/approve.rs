//! Personal letters that wait for their signers: read, changed in their words, sent or dropped.

use super::{CampaignsHeading, words::kind_words};
use crate::{
    campaigns::{
        outbox_api::{
            Approvals, ApproveLetter, DropLetter, MAX_REASON, PersonalLetter, WaitingLetter, approvals_page,
            list_approvals,
        },
        template::MAX_SUBJECT,
    },
    error::{AppError, Problem, Refused},
    guests::ui::{
        names::name_parts,
        words::{language_words, vip_words},
    },
    i18n::*,
    staff::ui::use_refused,
    ui::{Attempt, Empty, Failed, Field, FormNote, I18n, Loading, Outcome, TextArea, date, error_of, problem_text},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The page `/campaigns/approvals`; its address says which letter is open.
#[component]
pub fn ApprovalsPage() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let open = Memo::new(move |_| query.with(|query| query.get("letter").unwrap_or_default()));
    let done = Memo::new(move |_| query.with(|query| query.get("done").unwrap_or_default()));
    let approve = ServerAction::<ApproveLetter>::new();
    let discard = ServerAction::<DropLetter>::new();
    let page = Resource::new(move || open.get(), list_approvals);
    let refused = use_refused();
    let told = move || match done.get().as_str() {
        "sent" => Some(tu_string!(i18n, campaigns.approve.sent)),
        "dropped" => Some(tu_string!(i18n, campaigns.approve.dropped)),
        _ => None,
    };
    view! {
        <div class="manage approvals">
            <CampaignsHeading
                title=tu_string!(i18n, campaigns.approve.title)
                lede=tu_string!(i18n, campaigns.approve.lede)
            />
            {move || told().map(|words| view! { <p class="note note--ok" role="status">{words}</p> })}
            <Transition fallback=Loading>
                {move || {
                    let asked = open.get();
                    Suspend::new(async move {
                        let (page, refused) = (page.await, refused.await);
                        match page {
                            Ok(page) => waiting(i18n, page, &asked, refused, approve, discard),
                            Err(error) => view! { <Failed error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
}

fn waiting(
    i18n: I18n,
    page: Approvals,
    asked: &str,
    refused: Option<Refused>,
    approve: ServerAction<ApproveLetter>,
    discard: ServerAction<DropLetter>,
) -> AnyView {
    let Approvals { waiting, more, open } = page;
    // Decided by somebody else since, or its time is over. What came back refused says by whom.
    let gone = (!asked.is_empty() && open.is_none()).then(|| {
        let note = Attempt::of(approve, refused.as_ref()).outcome;
        let other = Attempt::of(discard, refused.as_ref()).outcome;
        view! {
            <FormNote outcome=note/>
            <FormNote outcome=other/>
            <p class="note note--warn" role="status">{tu_string!(i18n, campaigns.approve.gone)}</p>
        }
    });
    let shown = open.as_ref().map(|letter| letter.about.id.clone());
    let lines = waiting
        .iter()
        .map(|letter| {
            let current = (shown.as_ref() == Some(&letter.id)).then_some("true");
            line(i18n, letter, current)
        })
        .collect_view();
    let list = if waiting.is_empty() {
        view! {
            <Empty
                title=tu_string!(i18n, campaigns.approve.empty)
                text=tu_string!(i18n, campaigns.approve.empty_text)
            />
        }
        .into_any()
    } else {
        view! { <ul class="approvals__list" aria-label=tu_string!(i18n, campaigns.approve.title)>{lines}</ul> }
            .into_any()
    };
    view! {
        {gone}
        <div class="approvals__two">
            <div>
                {list}
                {more.then(|| view! { <p class="note">{tu_string!(i18n, campaigns.approve.more)}</p> })}
            </div>
            {open
                .map(|letter| {
                    if letter.about.may_decide {
                        view! { <Letter letter refused approve discard/> }.into_any()
                    } else {
                        of_another(i18n, letter)
                    }
                })}
        </div>
    }
    .into_any()
}

fn line(i18n: I18n, letter: &WaitingLetter, current: Option<&'static str>) -> AnyView {
    let href = approvals_page(&letter.id.to_string());
    view! {
        <li class="approval">
            <p class="name-line">
                <a class="name row-link approval__name" href=href aria-current=current>
                    {letter.name.address()}
                </a>
                " "
                {name_parts(i18n, &letter.name, letter.language.clone())}
            </p>
            <p>
                {vip_words(i18n, letter.vip).map(|vip| view! { <span class="badge badge--vip">{vip}</span> " " })}
                {letter.campaign.clone()}
                " · "
                {kind_words(i18n, letter.kind)}
            </p>
            <p class="muted">{leaves(i18n, letter)}</p>
        </li>
    }
    .into_any()
}

/// "Leaves 3 Mar 2026, 09:00; too late after 6 Mar 2026, 09:00."
fn leaves(i18n: I18n, letter: &WaitingLetter) -> String {
    let (due, until) = (date::moment(i18n, &letter.due), date::moment(i18n, &letter.until));
    tu_string!(i18n, campaigns.approve.leaves, due = due, until = until)
}

/// A letter that somebody else signs, to be read.
fn of_another(i18n: I18n, letter: PersonalLetter) -> AnyView {
    let PersonalLetter { about, subject, words, written_in, .. } = letter;
    let whose = if about.signer.is_empty() {
        tu_string!(i18n, campaigns.approve.not_yours).to_owned()
    } else {
        tu_string!(i18n, campaigns.approve.of_another, signer = about.signer.clone())
    };
    let passages = words.into_iter().map(|words| view! { <p>{words}</p> }).collect_view();
    view! {
        <section class="panel stack" aria-labelledby="approval-title">
            <h2 class="panel__title name" id="approval-title">
                {about.name.address()}
            </h2>
            <p class="muted">{leaves(i18n, &about)}</p>
            <p class="note">{whose}</p>
            <article class="stack" lang=written_in>
                <h3>{subject}</h3>
                {passages}
            </article>
        </section>
    }
    .into_any()
}

/// One letter, in the words of the house until its signer has changed them.
#[component]
fn Letter(
    letter: PersonalLetter,
    refused: Option<Refused>,
    approve: ServerAction<ApproveLetter>,
    discard: ServerAction<DropLetter>,
) -> impl IntoView {
    let i18n = use_i18n();
    let PersonalLetter { about, seen, is_outdated, subject, words, text, written_in } = letter;
    let id = about.id.to_string();
    let (same_id, page) = (id.clone(), approvals_page(&id));
    // What came back refused is of this letter, or of another that was open before.
    let refused = refused.filter(|refused| refused.typed_in("letter") == Some(id.as_str()));
    let attempt = Attempt::of(approve, refused.as_ref());
    let dropped = Attempt::of(discard, refused.as_ref());
    let (sending, dropping) = (approve.pending(), discard.pending());
    let outcome = attempt.outcome;
    // Once what the house has changed stands beside its field, the form is sent with that.
    let first = attempt.typed_or("seen", seen);
    let seen = Memo::new(move |before: Option<&String>| {
        changed_to(outcome).or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    // What is said of that beside the fields is not said once more above them.
    let others = Signal::derive(move || outcome.get().filter(|_| changed_to(outcome).is_none()));
    let left_over = left_over(i18n, &attempt, words.len());
    let passages = words
        .into_iter()
        .enumerate()
        .map(|(number, words)| {
            let field = format!("words[{number}]");
            let lines = u32::try_from(words.chars().count() / 60).unwrap_or(1).clamp(1, 12);
            let same = field.clone();
            let wrong = Signal::derive(move || problem_of(outcome, &same));
            view! {
                <TextArea
                    label=tu_string!(i18n, campaigns.approve.passage, number = number + 1)
                    value=attempt.typed_or(&field, words)
                    id=format!("passage-{number}")
                    name=field
                    error=wrong
                    rows=lines
                />
            }
        })
        .collect_view();
    let wrong_words = attempt.problem_in("words");
    let refused_words =
        move || wrong_words.get().map(|problem| view! { <p class="field__problem">{problem_text(i18n, &problem)}</p> });
    let language = written_in.as_deref().map(|code| {
        let words = tu_string!(i18n, campaigns.approve.written_in, language = language_words(i18n, code));
        view! { <p class="muted">{words}</p> }
    });
    let signer = (!about.signer.is_empty()).then(|| {
        let words = tu_string!(i18n, campaigns.approve.signer, signer = about.signer.clone());
        view! { <p class="muted">{words}</p> }
    });
    view! {
        <section class="panel stack" aria-labelledby="approval-title">
            <h2 class="panel__title name" id="approval-title">{about.name.address()}</h2>
            <p class="muted">{leaves(i18n, &about)}</p>
            {language}
            {signer}
            {is_outdated.then(|| view! { <p class="note note--warn">{tu_string!(i18n, campaigns.approve.outdated)}</p> })}
            <ActionForm action=approve attr:class="stack">
                <input type="hidden" name="letter" value=id/>
                <input type="hidden" name="seen" value=move || seen.get()/>
                <FormNote outcome=others fields=&["subject", "words", "text"]/>
                {move || changed_to(outcome).is_some().then(|| changed(i18n, page.clone()))}
                {left_over}
                <Field
                    label=tu_string!(i18n, campaigns.letter.subject)
                    name="subject"
                    value=attempt.typed_or("subject", subject)
                    error=attempt.problem_in("subject")
                    maxlength=u32::try_from(MAX_SUBJECT).unwrap_or(u32::MAX)
                    required=true
                    autocomplete="off"
                />
                <fieldset class="fields">
                    <legend>{tu_string!(i18n, campaigns.approve.words)}</legend>
                    <p class="field__hint">{tu_string!(i18n, campaigns.approve.words_hint)}</p>
                    {refused_words}
                    {passages}
                </fieldset>
                <TextArea
                    label=tu_string!(i18n, campaigns.letter.text)
                    name="text"
                    value=attempt.typed_or("text", text)
                    hint=tu_string!(i18n, campaigns.approve.text_hint)
                    error=attempt.problem_in("text")
                    rows=10
                    required=true
                />
                <button class="button button--primary" type="submit" disabled=move || sending.get()>
                    {tu_string!(i18n, campaigns.approve.send)}
                </button>
            </ActionForm>
            <ActionForm action=discard attr:class="panel__foot">
                <input type="hidden" name="letter" value=same_id/>
                <FormNote outcome=dropped.outcome fields=&["reason"]/>
                <Field
                    label=tu_string!(i18n, campaigns.approve.reason)
                    name="reason"
                    value=dropped.typed("reason")
                    hint=tu_string!(i18n, campaigns.approve.reason_hint)
                    error=dropped.problem_in("reason")
                    maxlength=MAX_REASON
                    required=true
                    autocomplete="off"
                />
                <button class="button button--danger" type="submit" disabled=move || dropping.get()>
                    {tu_string!(i18n, campaigns.approve.drop)}
                </button>
            </ActionForm>
        </section>
    }
}

/// What is wrong with a field whose name is made.
fn problem_of(outcome: Outcome, field: &str) -> Option<Problem> {
    outcome.with(|outcome| match outcome {
        Some(Err(AppError::Fields(errors))) => error_of(errors, field),
        _ => None,
    })
}

/// What the form is to be sent with, where the house has changed the letter since it was made.
fn changed_to(outcome: Outcome) -> Option<String> {
    match problem_of(outcome, "seen") {
        Some(Problem::Reworded(seen)) => Some(seen),
        _ => None,
    }
}

/// Says that the letter was changed. It may have more passages now than the form, which then has to be made anew.
fn changed(i18n: I18n, page: String) -> AnyView {
    view! {
        <div class="note note--warn" role="alert">
            <p>{tu_string!(i18n, campaigns.approve.changed)}</p>
            <p>
                <a class="row-link" href=page target="_blank" rel="external noopener">
                    {tu_string!(i18n, campaigns.approve.open_anew)}
                </a>
            </p>
        </div>
    }
    .into_any()
}

/// What was typed into passages that the letter has no more.
fn left_over(i18n: I18n, attempt: &Attempt, passages: usize) -> Option<AnyView> {
    let typed = |number: usize| Some(attempt.typed(&format!("words[{number}]"))).filter(|words| !words.is_empty());
    let words = (passages..).map_while(typed).collect::<Vec<_>>().join(" / ");
    (!words.is_empty()).then(|| {
        let words = tu_string!(i18n, campaigns.approve.left_over, words = words);
        view! { <p class="note">{words}</p> }.into_any()
    })
}
