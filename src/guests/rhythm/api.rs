//! What the browser asks about rhythms.

use super::OverdueList;
use crate::error::AppError;
use leptos::prelude::*;

/// Who has stayed away from this house for longer than he usually does, and has not booked.
#[server]
pub async fn overdue_guests() -> Result<OverdueList, AppError> {
    use crate::{guests::rhythm::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::SeeRhythm>().await?;
    let state = AppState::of_request();
    Ok(store::overdue(&state.db, &permit, state.clock.now()).await?)
}
