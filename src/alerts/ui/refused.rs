//! What became of a form that was posted before the page was live and was refused.

use crate::{
    alerts::api::{Acknowledge, Complete, MuteKind, Raise, TakeOver, Withdraw},
    error::Refused,
    guests::{
        api::{RemoveNote, RemovePreference},
        evidence_api::{ConfirmPreference, ContradictPreference, MarkHonoured, SetCue},
    },
    staff::ui::RefusedForm,
    stays::usual::api::AnswerUsual,
    ui::ErrorNote,
};
use leptos::prelude::*;

/// Says once, at the top of the page, why the last plain post was refused that has no place of its own to
/// say so: an answer, a removal, or word to a station.
#[component]
pub fn RefusedPost(refused: RefusedForm) -> impl IntoView {
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let refused = refused.await.filter(has_no_place);
                refused.map(|refused| view! { <ErrorNote error=refused.error/> })
            })}
        </Transition>
    }
}

fn has_no_place(refused: &Refused) -> bool {
    refused.is_of::<Raise>()
        || refused.is_of::<Acknowledge>()
        || refused.is_of::<Complete>()
        || refused.is_of::<Withdraw>()
        || refused.is_of::<TakeOver>()
        || refused.is_of::<MuteKind>()
        || refused.is_of::<RemovePreference>()
        || refused.is_of::<RemoveNote>()
        || refused.is_of::<AnswerUsual>()
        || refused.is_of::<ConfirmPreference>()
        || refused.is_of::<ContradictPreference>()
        || refused.is_of::<MarkHonoured>()
        || refused.is_of::<SetCue>()
}
