//! What the browser asks about the day, and about where guests are.

use super::{DayList, Seen};
use crate::{error::AppError, ids::GuestId};
use leptos::prelude::*;

/// One of the day's lists in this house, with the counts of all three.
#[server]
pub async fn day_lists(list: DayList) -> Result<super::DayLists, AppError> {
    use crate::{server::AppState, staff::guard, stays::store};
    let permit = guard::require_of_device::<guard::SeeLists>().await?;
    let state = AppState::of_request();
    Ok(store::day_lists(&state.db, &permit, state.clock.now(), list).await?)
}

/// Where a guest was last seen in this house, as far as that is not too long ago.
#[server]
pub async fn last_seen(guest: GuestId) -> Result<Option<Seen>, AppError> {
    use crate::{server::AppState, staff::guard, stays::locator};
    let permit = guard::require_of_device::<guard::SeeLists>().await?;
    let state = AppState::of_request();
    let found = locator::last_seen(&state.db, &permit.actor().house, state.clock.now(), &[guest]).await?;
    Ok(found.into_values().next())
}

/// Says by hand where a guest is.
#[server]
pub async fn set_locator(guest: GuestId, place: String) -> Result<(), AppError> {
    use crate::{
        error::Problem,
        guests::parse,
        server::AppState,
        staff::{draft::Sent, guard},
        stays::locator,
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 2] = [("guest", &of), ("place", &place)];
    let sent = Sent::back::<SetLocator>(format!("/guests/{guest}"), &typed);
    let setting = async {
        let permit = guard::require::<guard::SeeLists>().await?;
        let place = parse::line(&place, 60)
            .and_then(|place| place.ok_or(Problem::Empty))
            .map_err(|problem| AppError::field("place", problem))?;
        let state = AppState::of_request();
        locator::set(&state.db, &permit, state.clock.now(), guest, place).await
    };
    sent.ended(setting.await).await
}

/// Says that it is not known any more where a guest is.
#[server]
pub async fn clear_locator(guest: GuestId) -> Result<(), AppError> {
    use crate::{
        server::AppState,
        staff::{draft::Sent, guard},
        stays::locator,
    };
    let clearing = async {
        let permit = guard::require::<guard::SeeLists>().await?;
        locator::clear(&AppState::of_request().db, &permit, guest).await
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 1] = [("guest", &of)];
    Sent::back::<ClearLocator>(format!("/guests/{guest}"), &typed).ended(clearing.await).await
}
