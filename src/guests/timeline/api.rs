//! What the browser asks about a guest's timeline.

use super::TimelinePage;
use crate::{error::AppError, ids::GuestId};
use leptos::prelude::*;

/// What happened with a guest, newest first: a page of it, after the place `after` where there is one, of those `kinds`
/// that are named (words with commas between them; all where none is) and that the role sees. Looking at it is audited.
#[server]
pub async fn timeline(
    guest: GuestId,
    #[server(default)] kinds: String,
    #[server(default)] after: String,
) -> Result<TimelinePage, AppError> {
    use crate::{
        guests::timeline::{MomentKind, store},
        server::AppState,
        staff::{audit, guard},
    };
    let permit = guard::require::<guard::SeeGuests>().await?;
    let asked: Vec<MomentKind> = kinds.split(',').filter_map(|kind| MomentKind::from_code(kind.trim())).collect();
    let state = AppState::of_request();
    // A place that is none is the beginning.
    let page = store::page(&state.db, &permit, state.clock.now(), guest, &asked, after.parse().ok()).await?;
    audit::write(&state.db, permit.actor(), audit::Action::OpenedTimeline, Some(guest)).await?;
    Ok(page)
}
