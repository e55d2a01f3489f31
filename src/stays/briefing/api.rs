//! What the browser asks about arrivals.

use super::{Briefing, BriefingList};
use crate::{error::AppError, ids::GuestId};
use leptos::prelude::*;

/// Who arrives on a day, house-local `YYYY-MM-DD`; without one, so many days ahead as the house briefs.
#[server]
pub async fn briefings(#[server(default)] day: String) -> Result<BriefingList, AppError> {
    use crate::{error::Problem, server::AppState, staff::guard, stays::briefing::store};
    let permit = guard::require_of_device::<guard::SeeBriefings>().await?;
    let day = match day.trim() {
        "" => None,
        day => Some(day.parse().map_err(|_| AppError::field("day", Problem::NotDate(day.to_owned())))?),
    };
    let state = AppState::of_request();
    Ok(store::list(&state.db, &permit, state.clock.now(), day).await?)
}

/// The sheet about a guest. Opening it is audited.
#[server]
pub async fn open_briefing(guest: GuestId) -> Result<Briefing, AppError> {
    use crate::{
        server::AppState,
        staff::{audit, guard},
        stays::briefing::store,
    };
    let permit = guard::require::<guard::SeeBriefings>().await?;
    let state = AppState::of_request();
    let briefing = store::sheet(&state.db, &permit, state.clock.now(), guest).await?;
    audit::write(&state.db, permit.actor(), audit::Action::OpenedBriefing, Some(guest)).await?;
    Ok(briefing)
}
