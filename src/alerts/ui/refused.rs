//! What became of a form that was posted before the page was live and was refused: the page's address
//! carries the reason.

use crate::{
    alerts::api::{Acknowledge, Complete, MuteKind, Raise, TakeOver, Withdraw},
    error::AppError,
    ui::ErrorNote,
};
use leptos::prelude::*;

/// Says once, at the top of the page, why the last plain post about an alert was refused.
#[component]
pub fn RefusedPost() -> impl IntoView {
    let reasons: [Option<AppError>; 6] = [
        ServerAction::<Raise>::new().value().get_untracked().and_then(Result::err),
        ServerAction::<Acknowledge>::new().value().get_untracked().and_then(Result::err),
        ServerAction::<Complete>::new().value().get_untracked().and_then(Result::err),
        ServerAction::<Withdraw>::new().value().get_untracked().and_then(Result::err),
        ServerAction::<TakeOver>::new().value().get_untracked().and_then(Result::err),
        ServerAction::<MuteKind>::new().value().get_untracked().and_then(Result::err),
    ];
    reasons.into_iter().flatten().map(|error| view! { <ErrorNote error/> }).collect_view()
}
