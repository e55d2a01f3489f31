//! What the manager's pages ask about live word.

use super::{AnswerReport, StationStatus};
use crate::error::AppError;
use leptos::prelude::*;

/// Every station of the house: who listens, since when, when it last answered, what it has muted.
#[server]
pub async fn station_board() -> Result<Vec<StationStatus>, AppError> {
    use crate::{alerts::reports::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::ManageHouse>().await?;
    let state = AppState::of_request();
    Ok(store::station_board(&state.db, &permit, state.clock.now()).await?)
}

/// How the alerts of the last days were answered; `days` is one of [`super::SPANS`].
#[server]
pub async fn alert_report(days: u32) -> Result<AnswerReport, AppError> {
    use crate::{
        alerts::reports::{SPANS, store},
        error::Problem,
        server::AppState,
        staff::guard,
    };
    let permit = guard::require_of_device::<guard::ManageHouse>().await?;
    if !SPANS.contains(&days) {
        let known = SPANS.map(|span| span.to_string()).join(", ");
        return Err(AppError::field("days", Problem::NotKnown(days.to_string(), known)));
    }
    let state = AppState::of_request();
    Ok(store::alert_report(&state.db, &permit, state.clock.now(), days).await?)
}
