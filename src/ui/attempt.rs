//! What came of sending a form: kept, or refused and why.

use super::{Announcer, error_of, error_text};
use crate::{
    error::{AppError, Problem, Refused},
    i18n::*,
};
use leptos::{html, prelude::*, server_fn::ServerFn};
use std::collections::BTreeMap;

/// What came of the last attempt, if there was one. The server function's own answer is left out, so
/// that one note fits every form.
pub type Outcome = Signal<Option<Result<(), AppError>>>;

/// What came of the last attempt to send the form of `action`. Without scripts it comes back in the
/// page's address, where the action finds it, or waits in the session: see [`Attempt`].
pub fn outcome<F>(action: ServerAction<F>) -> Outcome
where
    F: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    F::Output: Send + Sync + 'static,
{
    let value = action.value();
    Signal::derive(move || {
        value.with(|value| value.as_ref().map(|result| result.as_ref().map(|_| ()).map_err(Clone::clone)))
    })
}

/// The last attempt at a form, wherever it was made: on this page, or without scripts on the one before.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub outcome: Outcome,
    typed: BTreeMap<String, String>,
}

impl Attempt {
    /// The last attempt to send the form of `action`, which begins with the one that came back refused,
    /// if it is of this form.
    pub fn of<F>(action: ServerAction<F>, refused: Option<&Refused>) -> Self
    where
        F: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
        F::Output: Send + Sync + 'static,
    {
        let here = outcome(action);
        // A view made anew after the form was kept begins afresh.
        let is_kept = here.with_untracked(|outcome| matches!(outcome, Some(Ok(()))));
        let refused = refused.filter(|refused| refused.is_of::<F>() && !is_kept);
        let before = refused.map(|refused| refused.error.clone());
        Self {
            outcome: Signal::derive(move || here.get().or_else(|| before.clone().map(Err))),
            typed: refused.map(|refused| refused.typed.clone()).unwrap_or_default(),
        }
    }

    /// What was typed into a field before the page was made; empty if nothing was.
    #[must_use]
    pub fn typed(&self, field: &str) -> String {
        self.typed_or(field, String::new())
    }

    /// The same, for a field that otherwise shows what the house has.
    #[must_use]
    pub fn typed_or(&self, field: &str, otherwise: String) -> String {
        self.typed.get(field).cloned().unwrap_or(otherwise)
    }

    /// What is wrong with `field`.
    #[must_use]
    pub fn problem_in(&self, field: &'static str) -> Signal<Option<Problem>> {
        problem_in(self.outcome, field)
    }
}

/// What was wrong with `field` in the last attempt.
pub fn problem_in(outcome: Outcome, field: &'static str) -> Signal<Option<Problem>> {
    Signal::derive(move || {
        outcome.with(|outcome| match outcome {
            Some(Err(AppError::Fields(errors))) => error_of(errors, field),
            _ => None,
        })
    })
}

/// Has a screen reader say `text` each time that an attempt succeeds.
pub fn announce_done(outcome: Outcome, text: &'static str) {
    let announcer = use_context::<Announcer>();
    when_done(outcome, move || {
        if let Some(announcer) = announcer {
            announcer.announce(text);
        }
    });
}

/// Empties a form once what was entered has been kept.
pub fn reset_when_done(outcome: Outcome, form: NodeRef<html::Form>) {
    when_done(outcome, move || {
        if let Some(form) = form.get_untracked() {
            // A reset returns to what stood there when the page was made, which may be what was refused.
            while let Ok(Some(field)) = form.query_selector("input[type=text][value]") {
                if field.remove_attribute("value").is_err() {
                    break;
                }
            }
            while let Ok(Some(field)) = form.query_selector("textarea:not(:empty)") {
                field.set_text_content(None);
            }
            form.reset();
        }
    });
}

/// Runs `then` after each attempt that succeeds from now on. An earlier success, which a view made
/// anew still finds, does not count.
fn when_done(outcome: Outcome, then: impl Fn() + 'static) {
    Effect::new(move |watched: Option<()>| {
        let done = outcome.with(|outcome| matches!(outcome, Some(Ok(()))));
        if watched.is_some() && done {
            then();
        }
    });
}

/// The line above a form: what was refused, or that it was kept. Problems of the `fields` that the
/// form shows stand beside those; the line then only points there.
#[component]
pub fn FormNote(
    outcome: Outcome,
    /// Names of the fields that show their own problems.
    #[prop(optional)]
    fields: &'static [&'static str],
    /// What to say then, where nothing was to be saved.
    #[prop(optional)]
    see_fields: &'static str,
    /// What to say after success; nothing by default.
    #[prop(optional)]
    done: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    let refusal = move |error: &AppError| match error {
        AppError::Fields(errors) if errors.iter().all(|error| fields.iter().any(|field| *field == error.field)) => {
            let saving = tu_string!(i18n, common.problems.see_fields);
            (if see_fields.is_empty() { saving } else { see_fields }).to_owned()
        }
        error => error_text(i18n, error),
    };
    move || {
        outcome.with(|outcome| match outcome {
            Some(Err(error)) => {
                let text = refusal(error);
                view! {
                    <p class="note note--danger" role="alert">
                        {text}
                    </p>
                }
                .into_any()
            }
            Some(Ok(())) if !done.is_empty() => view! { <p class="note note--ok">{done}</p> }.into_any(),
            _ => ().into_any(),
        })
    }
}
