//! What the browser asks about alerts.

use super::AlertCard;
use crate::{
    error::AppError,
    ids::{AlertId, GuestId, HandOverId, StationId},
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
    let permit = guard::require_of_device::<guard::AnswerAlerts>().await?;
    let state = AppState::of_request();
    let me = me_of(permit.actor(), &state.config);
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
        staff::{draft::Sent, guard},
    };
    let (of, at) = (guest.to_string(), to.to_string());
    let typed: [(&str, &str); 3] = [("guest", &of), ("to", &at), ("text", text.as_deref().unwrap_or_default())];
    let sent = Sent::back::<Raise>(format!("/guests/{guest}"), &typed);
    let raising = async {
        let permit = guard::require::<guard::RaiseAlerts>().await?;
        let kind = AlertKind::raised(&kind).map_err(|problem| AppError::field("kind", problem))?;
        let text = match &text {
            Some(text) => parse::line(text, 280).map_err(|problem| AppError::field("text", problem))?,
            None => None,
        };
        if kind == AlertKind::Note && text.is_none() {
            return Err(AppError::field("text", Problem::Empty));
        }
        let state = AppState::of_request();
        let new = store::NewAlert { id, guest, receiver: to, kind, text };
        let changed = store::raise(&state.db, &permit, state.clock.now(), new).await?;
        state.card_after(permit.actor(), &changed).await
    };
    sent.ended(raising.await).await
}

/// "Got it": this station has seen it. The first one wins.
#[server]
pub async fn acknowledge(id: AlertId) -> Result<AlertCard, AppError> {
    use crate::{
        alerts::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let answering = async {
        let permit = guard::require::<guard::AnswerAlerts>().await?;
        let state = AppState::of_request();
        let changed = store::acknowledge(&state.db, &permit, state.clock.now(), id).await?;
        state.card_after(permit.actor(), &changed).await
    };
    Sent::back::<Acknowledge>("/board", &[]).ended(answering.await).await
}

/// The guest has been greeted, or seated at a table.
#[server]
pub async fn complete(id: AlertId, #[server(default)] table: Option<String>) -> Result<AlertCard, AppError> {
    use crate::{
        alerts::{Outcome, store},
        guests::parse,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let answering = async {
        let permit = guard::require::<guard::AnswerAlerts>().await?;
        let table = match table {
            Some(table) => parse::line(&table, 20).map_err(|problem| AppError::field("table", problem))?,
            None => None,
        };
        let state = AppState::of_request();
        let outcome = table.map_or(Outcome::Greeted, Outcome::Seated);
        let changed = store::complete(&state.db, &permit, state.clock.now(), id, outcome).await?;
        state.card_after(permit.actor(), &changed).await
    };
    Sent::back::<Complete>("/board", &[]).ended(answering.await).await
}

/// Takes an alert back.
#[server]
pub async fn withdraw(id: AlertId) -> Result<AlertCard, AppError> {
    use crate::{
        alerts::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let withdrawing = async {
        let permit = guard::require::<guard::RaiseAlerts>().await?;
        let state = AppState::of_request();
        let changed = store::withdraw(&state.db, &permit, state.clock.now(), id).await?;
        state.card_after(permit.actor(), &changed).await
    };
    Sent::back::<Withdraw>("/board", &[]).ended(withdrawing.await).await
}

/// Reports that alerts are on this device's screen, after they have been painted. What is not for this
/// station, or was on a screen before, is passed over.
#[server]
pub async fn displayed(#[server(default)] ids: Vec<AlertId>) -> Result<(), AppError> {
    use crate::{alerts::store, server::AppState, staff::guard};
    // Nobody has as many on one screen: what is left out is reported again at the next painting.
    const MOST: usize = 50;
    let permit = guard::require_of_device::<guard::AnswerAlerts>().await?;
    let state = AppState::of_request();
    store::displayed(&state.db, &permit, state.clock.now(), &ids[..ids.len().min(MOST)]).await
}

/// Mutes a kind at this station, or ends that.
#[server]
pub async fn mute_kind(kind: String, on: bool) -> Result<(), AppError> {
    use crate::{
        alerts::{AlertKind, store::rules},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let muting = async {
        let permit = guard::require::<guard::AnswerAlerts>().await?;
        let kind = AlertKind::from_code(&kind).ok_or_else(|| AppError::field("kind", AlertKind::not_known(&kind)))?;
        let state = AppState::of_request();
        rules::mute(&state.db, &permit, state.clock.now(), kind, on).await
    };
    Sent::back::<MuteKind>("/board", &[]).ended(muting.await).await
}

/// The rules of every station of the house.
#[server]
pub async fn alert_rules() -> Result<Vec<super::rules::StationRules>, AppError> {
    use crate::{alerts::store::rules, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::ManageHouse>().await?;
    Ok(rules::of_house(&AppState::of_request().db, &permit).await?)
}

/// Saves what happens at a station to alerts that nobody acknowledges: times in seconds, 0 for never, and
/// the expiry in minutes. An empty kind stands for every kind, an empty colleague for every manager.
#[server]
pub async fn save_alert_rule(
    station: StationId,
    #[server(default)] kind: String,
    again_after: String,
    duty_after: String,
    unanswered_after: String,
    expires_after: String,
    #[server(default)] backup: String,
    #[server(default)] duty: String,
) -> Result<(), AppError> {
    use crate::{
        alerts::{AlertKind, rules::RuleForm, store::rules},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = station.to_string();
    let typed: [(&str, &str); 8] = [
        ("station", &of),
        ("kind", &kind),
        ("again_after", &again_after),
        ("duty_after", &duty_after),
        ("unanswered_after", &unanswered_after),
        ("expires_after", &expires_after),
        ("backup", &backup),
        ("duty", &duty),
    ];
    let known_kind = AlertKind::from_code(&kind).map_or("", AlertKind::code);
    let page = format!("/manage/alert-rules?station={of}&kind={known_kind}#rule");
    let sent = Sent::to::<SaveAlertRule>(page, &typed);
    let saving = async {
        let permit = guard::require::<guard::ManageHouse>().await?;
        let form = RuleForm { station, kind, again_after, duty_after, unanswered_after, expires_after, backup, duty };
        let rule = form.read().map_err(AppError::Fields)?;
        rules::save(&AppState::of_request().db, &permit, rule).await
    };
    sent.ended(saving.await).await
}

/// Takes away the rule that a station has for one kind.
#[server]
pub async fn remove_alert_rule(station: StationId, kind: String) -> Result<(), AppError> {
    use crate::{
        alerts::{AlertKind, store::rules},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let removing = async {
        let permit = guard::require::<guard::ManageHouse>().await?;
        let kind = AlertKind::from_code(&kind).ok_or_else(|| AppError::field("kind", AlertKind::not_known(&kind)))?;
        rules::remove(&AppState::of_request().db, &permit, station, kind).await
    };
    Sent::to::<RemoveAlertRule>("/manage/alert-rules", &[]).ended(removing.await).await
}

/// What was said about a guest in this house, the newest first: at most a page, from before the alert
/// named on.
#[server]
pub async fn guest_alerts(
    guest: GuestId,
    #[server(default)] before: Option<AlertId>,
) -> Result<Vec<AlertCard>, AppError> {
    use crate::{alerts::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::SeeLists>().await?;
    let state = AppState::of_request();
    store::about(&state.db, &state.feed, &permit, state.clock.now(), guest, before).await
}

/// The newest alert about a guest that this station raised or received in the last hours.
#[server]
pub async fn last_alert(guest: GuestId) -> Result<Option<AlertCard>, AppError> {
    use crate::{alerts::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::AnswerAlerts>().await?;
    let state = AppState::of_request();
    match store::last_about(&state.db, permit.actor(), state.clock.now(), guest).await? {
        Some(row) => {
            let head = state.feed.head(permit.house()).await?;
            Ok(state.feed.cards(permit.actor(), vec![row], head).await?.pop())
        }
        None => Ok(None),
    }
}

/// Ends the shift of this device and leaves to the next colleague what is open at its station.
#[server]
pub async fn end_shift(#[server(default)] note: Option<String>) -> Result<(), AppError> {
    use crate::{
        alerts::handover,
        guests::parse,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let typed: [(&str, &str); 1] = [("note", note.as_deref().unwrap_or_default())];
    let sent = Sent::to::<EndShift>("/board/end-shift", &typed);
    let ending = async {
        let permit = guard::require::<guard::AnswerAlerts>().await?;
        let note = match &note {
            Some(note) => parse::text(note, 1_000).map_err(|problem| AppError::field("note", problem))?,
            None => None,
        };
        let state = AppState::of_request();
        handover::end_shift(&state.db, &permit, state.clock.now(), note).await
    };
    sent.ended(ending.await).await?;
    leptos_axum::redirect("/board");
    Ok(())
}

/// Takes over what the colleague before left at this station.
#[server]
pub async fn take_over(id: HandOverId) -> Result<(), AppError> {
    use crate::{
        alerts::handover,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let taking = async {
        let permit = guard::require::<guard::AnswerAlerts>().await?;
        let state = AppState::of_request();
        handover::take_over(&state.db, &permit, state.clock.now(), id).await
    };
    Sent::back::<TakeOver>("/board", &[]).ended(taking.await).await
}
