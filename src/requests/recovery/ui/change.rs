//! The form of those who see to a complaint.

use super::{
    raise::{ComplaintFields, Shown},
    words::state_words,
};
use crate::{
    error::Refused,
    i18n::*,
    requests::recovery::{MAX_TEXT, RecoveryPage, RecoveryState, api::ChangeRecovery},
    ui::{Attempt, FormNote, I18n, Select, TextArea},
};
use leptos::prelude::*;

/// The form, made from the complaint as it was when somebody began to change it: a colleague's change does not replace
/// what is being typed.
#[component]
pub(super) fn ChangeForm(
    from: RecoveryPage,
    action: ServerAction<ChangeRecovery>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let RecoveryPage { line, revision, owner, owners, .. } = from;
    let id = line.id.to_string();
    // What was typed about another complaint does not belong here.
    let refused = refused.filter(|refused| refused.typed_in("recovery") == Some(id.as_str()));
    let attempt = Attempt::of(action, refused.as_ref());
    let (tried, pending) = (attempt.outcome, action.pending());
    let now = Shown {
        what: line.what,
        cause: line.cause.code().to_owned(),
        place: line.place.code().to_owned(),
        severity: line.severity.level().to_string(),
        promise: line.promise.unwrap_or_default(),
        promise_due: line.promise_due.unwrap_or_default(),
    };
    let owners: Vec<_> = owners.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let states = state_options(i18n, line.state);
    let open = tried.with_untracked(|tried| matches!(tried, Some(Err(_))));
    view! {
        <details class="write" open=open>
            <summary class="button">{tu_string!(i18n, care.page.change)}</summary>
            <div class="write__sheet stack">
                <FormNote outcome=tried fields=CHANGED/>
                <ActionForm action=action>
                    <input type="hidden" name="recovery" value=id/>
                    <input type="hidden" name="revision" value=revision.to_string()/>
                    <Select
                        label=tu_string!(i18n, care.page.state)
                        name="state"
                        id="complaint-state"
                        options=states
                        selected=attempt.typed_or("state", line.state.code().to_owned())
                        hint=tu_string!(i18n, care.page.state_hint)
                        error=attempt.problem_in("state")
                    />
                    <TextArea
                        label=tu_string!(i18n, care.page.result)
                        name="result"
                        id="complaint-result"
                        value=attempt.typed_or("result", line.result.unwrap_or_default())
                        hint=tu_string!(i18n, care.page.result_hint)
                        error=attempt.problem_in("result")
                        maxlength=MAX_TEXT
                        autocomplete="off"
                    />
                    <Select
                        label=tu_string!(i18n, care.page.owner)
                        name="owner"
                        id="complaint-owner"
                        options=owners
                        selected=attempt.typed_or("owner", owner.to_string())
                        error=attempt.problem_in("owner")
                    />
                    <ComplaintFields attempt now/>
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, care.page.save)}
                    </button>
                </ActionForm>
            </div>
        </details>
    }
}

/// The fields that show their own problems.
const CHANGED: &[&str] = &["what", "cause", "place", "severity", "promise", "promise_due", "state", "result", "owner"];

/// Where it may go from here.
fn state_options(i18n: I18n, state: RecoveryState) -> Vec<(String, String)> {
    RecoveryState::ALL
        .iter()
        .filter(|next| **next == state || state.may_become(**next))
        .map(|next| (next.code().to_owned(), state_words(i18n, *next).to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{super::raise::FIELDS, *};

    #[test]
    fn what_either_form_shows_says_its_own_problems() {
        assert!(FIELDS.iter().all(|field| CHANGED.contains(field)));
    }
}
