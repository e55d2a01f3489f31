//! The form in which a complaint is written down, on the guest's card; and the fields that it shares with the form of
//! those who see to it.

use super::words::{cause_words, place_words, severity_words};
use crate::{
    error::Refused,
    i18n::*,
    ids::{GuestId, RecoveryId},
    requests::recovery::{Cause, MAX_TEXT, Place, Severity, api::RaiseRecovery},
    ui::{Attempt, Field, FormNote, I18n, Select, TextArea, announce_done, reset_when_done},
};
use leptos::{html, prelude::*};

/// The fields that both forms show.
pub(super) const FIELDS: &[&str] = &["what", "cause", "place", "severity", "promise", "promise_due"];

/// Writes a complaint down. For everyone who serves guests: whoever hears of it first.
#[component]
pub fn RaiseComplaint(
    guest: GuestId,
    edits: RwSignal<u32>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let raise = ServerAction::<RaiseRecovery>::new();
    let attempt = Attempt::of(raise, refused.as_ref());
    let (sent, pending) = (attempt.outcome, raise.pending());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(sent, form);
    announce_done(sent, tu_string!(i18n, care.raise.kept));
    // Made in the browser, anew for each complaint: what may not have arrived and is sent again is the same.
    let id = RwSignal::new(String::new());
    Effect::new(move |watched: Option<()>| {
        let is_kept = sent.with(|sent| matches!(sent, Some(Ok(()))));
        if watched.is_none() || is_kept {
            id.set(RecoveryId::new().to_string());
        }
        if watched.is_some() && is_kept {
            edits.update(|edits| *edits += 1);
        }
    });
    // A form that comes back refused comes back open.
    let open = sent.with_untracked(|sent| matches!(sent, Some(Err(_))));
    let now = Shown { severity: Severity::USUAL.level().to_string(), ..Shown::default() };
    view! {
        <details class="write" open=open>
            <summary class="button">{tu_string!(i18n, care.raise.open)}</summary>
            <div class="write__sheet stack">
                <p class="muted">{tu_string!(i18n, care.raise.hint)}</p>
                <FormNote outcome=sent fields=FIELDS/>
                <ActionForm action=raise node_ref=form>
                    <input type="hidden" name="id" value=move || id.get()/>
                    <input type="hidden" name="guest" value=guest.to_string()/>
                    <ComplaintFields attempt now/>
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, care.raise.keep)}
                    </button>
                </ActionForm>
            </div>
        </details>
    }
}

/// What the fields show before anything has been typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    pub what: String,
    pub cause: String,
    pub place: String,
    pub severity: String,
    pub promise: String,
    pub promise_due: String,
}

/// What happened, where, how grave it is, and what was promised.
#[component]
pub(super) fn ComplaintFields(attempt: Attempt, now: Shown) -> impl IntoView {
    let i18n = use_i18n();
    let typed = |field: &str, now: String| attempt.typed_or(field, now);
    // Nothing is counted as a cause because it stands first.
    let open = now.cause.is_empty().then(|| (String::new(), tu_string!(i18n, care.raise.choose).to_owned()));
    let causes: Vec<_> = open.clone().into_iter().chain(cause_options(i18n)).collect();
    let places: Vec<_> = open.into_iter().chain(place_options(i18n)).collect();
    view! {
        <TextArea
            label=tu_string!(i18n, care.raise.what)
            name="what"
            id="complaint-what"
            value=typed("what", now.what)
            hint=tu_string!(i18n, care.raise.what_hint)
            error=attempt.problem_in("what")
            maxlength=MAX_TEXT
            autocomplete="off"
            required=true
        />
        <Select
            label=tu_string!(i18n, care.raise.cause)
            name="cause"
            id="complaint-cause"
            options=causes
            selected=typed("cause", now.cause)
            error=attempt.problem_in("cause")
        />
        <Select
            label=tu_string!(i18n, care.raise.place)
            name="place"
            id="complaint-place"
            options=places
            selected=typed("place", now.place)
            error=attempt.problem_in("place")
        />
        <Select
            label=tu_string!(i18n, care.raise.severity)
            name="severity"
            id="complaint-severity"
            options=severity_options(i18n)
            selected=typed("severity", now.severity)
            error=attempt.problem_in("severity")
        />
        <TextArea
            label=tu_string!(i18n, care.raise.promise)
            name="promise"
            id="complaint-promise"
            value=typed("promise", now.promise)
            hint=tu_string!(i18n, care.raise.promise_hint)
            error=attempt.problem_in("promise")
            maxlength=MAX_TEXT
            autocomplete="off"
            rows=2
        />
        <Field
            label=tu_string!(i18n, care.raise.promise_due)
            name="promise_due"
            id="complaint-promise-due"
            kind="date"
            value=typed("promise_due", now.promise_due)
            hint=tu_string!(i18n, care.raise.promise_due_hint)
            error=attempt.problem_in("promise_due")
        />
    }
}

fn cause_options(i18n: I18n) -> Vec<(String, String)> {
    Cause::ALL.iter().map(|cause| (cause.code().to_owned(), cause_words(i18n, *cause).to_owned())).collect()
}

fn place_options(i18n: I18n) -> Vec<(String, String)> {
    Place::ALL.iter().map(|place| (place.code().to_owned(), place_words(i18n, *place).to_owned())).collect()
}

fn severity_options(i18n: I18n) -> Vec<(String, String)> {
    Severity::ALL
        .into_iter()
        .map(|severity| (severity.level().to_string(), severity_words(i18n, severity).to_owned()))
        .collect()
}
