//! What a card asks about what goes with what.

use super::Rule;
use crate::{error::AppError, ids::GuestId};
use leptos::prelude::*;

/// What else the guest may like, with the numbers that it is concluded from; as far as the role sees either.
#[server]
pub async fn suggestions(guest: GuestId) -> Result<Vec<Rule>, AppError> {
    use crate::{guests::affinity::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::SeeLists>().await?;
    Ok(store::suggestions(&AppState::of_request().db, &permit, guest).await?)
}
