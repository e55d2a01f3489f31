//! What the browser asks about alerts.

use super::AlertCard;
use crate::{
    error::AppError,
    ids::{AlertId, GuestId, StationId},
};
use leptos::prelude::*;

/// The board of this device's station, with the number from which the stream goes on.
#[server]
pub async fn board() -> Result<super::Board, AppError> {
    use crate::{
        alerts::store,
        server::AppState,
        staff::{api::me_of, guard},
    };
    let permit = guard::require::<guard::AnswerAlerts>().await?;
    let state = AppState::of_request();
    let me = me_of(permit.actor());
    store::board(&state.db, &state.feed, &permit, state.clock.now(), me).await
}

/// Tells a station about a guest.
#[server]
pub async fn raise(
    id: AlertId,
    guest: GuestId,
    to: StationId,
    kind: String,
    #[server(default)] text: Option<String>,
) -> Result<AlertCard, AppError> {
    use crate::{
        alerts::{AlertKind, store},
        error::Problem,
        guests::parse,
        server::AppState,
        staff::guard,
    };
    let permit = guard::require::<guard::RaiseAlerts>().await?;
    let kind = AlertKind::from_code(&kind).ok_or_else(|| {
        let known = AlertKind::ALL.map(AlertKind::code).join(", ");
        AppError::field("kind", Problem::NotKnown(kind.chars().take(40).collect(), known))
    })?;
    let text = match text {
        Some(text) => parse::line(&text, 280).map_err(|problem| AppError::field("text", problem))?,
        None => None,
    };
    if kind == AlertKind::Note && text.is_none() {
        return Err(AppError::field("text", Problem::Empty));
    }
    let state = AppState::of_request();
    let new = store::NewAlert { id, guest, receiver: to, kind, text };
    let alert = store::raise(&state.db, &permit, state.clock.now(), new).await?;
    state.card_of(permit.actor(), alert.id).await
}

/// "Got it": this station has seen it. The first one wins.
#[server]
pub async fn acknowledge(id: AlertId) -> Result<AlertCard, AppError> {
    use crate::{alerts::store, server::AppState, staff::guard};
    let permit = guard::require::<guard::AnswerAlerts>().await?;
    let state = AppState::of_request();
    store::acknowledge(&state.db, &permit, state.clock.now(), id).await?;
    state.card_of(permit.actor(), id).await
}

/// The guest has been greeted, or seated at a table.
#[server]
pub async fn complete(id: AlertId, #[server(default)] table: Option<String>) -> Result<AlertCard, AppError> {
    use crate::{
        alerts::{Outcome, store},
        guests::parse,
        server::AppState,
        staff::guard,
    };
    let permit = guard::require::<guard::AnswerAlerts>().await?;
    let table = match table {
        Some(table) => parse::line(&table, 20).map_err(|problem| AppError::field("table", problem))?,
        None => None,
    };
    let state = AppState::of_request();
    let outcome = table.map_or(Outcome::Greeted, Outcome::Seated);
    store::complete(&state.db, &permit, state.clock.now(), id, outcome).await?;
    state.card_of(permit.actor(), id).await
}

/// Takes an alert back.
#[server]
pub async fn withdraw(id: AlertId) -> Result<AlertCard, AppError> {
    use crate::{alerts::store, server::AppState, staff::guard};
    let permit = guard::require::<guard::RaiseAlerts>().await?;
    let state = AppState::of_request();
    store::withdraw(&state.db, &permit, state.clock.now(), id).await?;
    state.card_of(permit.actor(), id).await
}

/// The newest alert about a guest that this station raised or received in the last hours.
#[server]
pub async fn last_alert(guest: GuestId) -> Result<Option<AlertCard>, AppError> {
    use crate::{alerts::store, server::AppState, staff::guard};
    let permit = guard::require::<guard::AnswerAlerts>().await?;
    let state = AppState::of_request();
    match store::last_about(&state.db, permit.actor(), state.clock.now(), guest).await? {
        Some(row) => {
            let head = state.feed.head(permit.house()).await?;
            Ok(state.feed.cards(permit.actor(), vec![row], head).await?.pop())
        }
        None => Ok(None),
    }
}
