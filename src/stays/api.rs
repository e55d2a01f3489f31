//! What the browser asks about the day.

use super::DayList;
use crate::error::AppError;
use leptos::prelude::*;

/// One of the day's lists in this house, with the counts of all three.
#[server]
pub async fn day_lists(list: DayList) -> Result<super::DayLists, AppError> {
    use crate::{server::AppState, staff::guard, stays::store};
    let permit = guard::require::<guard::SeeLists>().await?;
    let state = AppState::of_request();
    Ok(store::day_lists(&state.db, &permit, state.clock.now(), list).await?)
}
