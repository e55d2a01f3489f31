//! A form that stays out of the way until somebody wants it.

use super::Outcome;
use leptos::prelude::*;

/// A form folded away behind a button. One that comes back refused comes back open. It works before scripts
/// have loaded, as a browser folds by itself.
#[component]
pub fn Folded(
    /// What the button says.
    #[prop(into)]
    label: String,
    /// What came of the last attempt at the form.
    outcome: Outcome,
    /// Open from the start, whatever came of it.
    #[prop(optional)]
    open: bool,
    children: Children,
) -> impl IntoView {
    let is_refused = outcome.with_untracked(|outcome| matches!(outcome, Some(Err(_))));
    let open = open || is_refused;
    view! {
        <details class="write" open=open>
            <summary class="button">{label}</summary>
            <div class="write__sheet stack">{children()}</div>
        </details>
    }
}
