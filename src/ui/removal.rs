//! Taking something away for good.

use crate::i18n::*;
use leptos::{ev::SubmitEvent, prelude::*};

/// Removes something on the second tap: the first one only opens the button that does it, so that
/// nothing is lost by a finger that slips.
#[component]
pub fn Removal(
    /// What the first button says.
    #[prop(into)]
    label: String,
    /// What would be removed, for those who hear the button rather than see where it stands. Not needed
    /// where the label says it.
    #[prop(optional, into)]
    what: String,
    /// Address of the server function that removes it.
    action: &'static str,
    /// The server function's fields.
    fields: Vec<(&'static str, String)>,
    /// A removal is under way.
    #[prop(into)]
    pending: Signal<bool>,
    /// Removes it where scripts run.
    remove: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let what = (!what.is_empty()).then(|| view! { <span class="visually-hidden">" " {what}</span> });
    let fields =
        fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    view! {
        <details class="removal">
            <summary class="button button--quiet">{label} {what}</summary>
            <form
                method="post"
                action=action
                on:submit=move |event: SubmitEvent| {
                    event.prevent_default();
                    remove.run(());
                }
            >
                {fields}
                <button class="button button--danger" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, common.remove_yes)}
                </button>
            </form>
        </details>
    }
}
