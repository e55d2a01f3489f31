//! What the browser says of preferences that are known, and what a house decides about its memory.

use super::evidence::HouseMemory;
use crate::{
    error::AppError,
    ids::{GuestId, PreferenceId},
};
use leptos::prelude::*;

/// Says that a preference still holds. Of one colleague it counts once a day.
#[server]
pub async fn confirm_preference(guest: GuestId, preference: PreferenceId) -> Result<(), AppError> {
    use crate::{
        guests::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let confirming = async {
        let permit = guard::require::<guard::WritePreferences>().await?;
        let state = AppState::of_request();
        store::confirm(&state.db, &permit, state.clock.now(), guest, preference).await
    };
    Sent::back::<ConfirmPreference>(format!("/guests/{guest}"), &[]).ended(confirming.await).await
}

/// Says that a preference does not hold.
#[server]
pub async fn contradict_preference(guest: GuestId, preference: PreferenceId) -> Result<(), AppError> {
    use crate::{
        guests::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let contradicting = async {
        let permit = guard::require::<guard::WritePreferences>().await?;
        let state = AppState::of_request();
        store::contradict(&state.db, &permit, state.clock.now(), guest, preference).await
    };
    Sent::back::<ContradictPreference>(format!("/guests/{guest}"), &[]).ended(contradicting.await).await
}

/// Says whether the stay in house honoured a preference: `honoured` or `missed`.
#[server]
pub async fn mark_honoured(guest: GuestId, preference: PreferenceId, outcome: String) -> Result<(), AppError> {
    use crate::{
        error::Problem,
        guests::{evidence::HonourOutcome, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let marking = async {
        let permit = guard::require::<guard::WritePreferences>().await?;
        let read = HonourOutcome::from_code(&outcome)
            .ok_or_else(|| AppError::field("outcome", Problem::NotKnown(outcome.clone(), "@listed".to_owned())))?;
        let state = AppState::of_request();
        store::mark(&state.db, &permit, state.clock.now(), guest, preference, read).await
    };
    Sent::back::<MarkHonoured>(format!("/guests/{guest}"), &[]).ended(marking.await).await
}

/// Says what a colleague does with a preference, `say` or `silent`, and whether it holds in this house alone.
#[server]
pub async fn set_cue(
    guest: GuestId,
    preference: PreferenceId,
    cue: String,
    #[server(default)] only_here: bool,
) -> Result<(), AppError> {
    use crate::{
        error::Problem,
        guests::{evidence::Cue, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let setting = async {
        let permit = guard::require::<guard::WritePreferences>().await?;
        let read = Cue::from_code(&cue)
            .ok_or_else(|| AppError::field("cue", Problem::NotKnown(cue.clone(), "@listed".to_owned())))?;
        store::set_cue(&AppState::of_request().db, &permit, guest, preference, read, only_here).await
    };
    Sent::back::<SetCue>(format!("/guests/{guest}"), &[]).ended(setting.await).await
}

/// What the house has decided about its memory.
#[server]
pub async fn memory_settings() -> Result<HouseMemory, AppError> {
    use crate::{guests::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::ManageHouse>().await?;
    Ok(store::memory_of(&AppState::of_request().db, permit.house()).await?)
}

/// Decides it anew.
#[server]
pub async fn save_memory(
    #[server(default)] fade_days: String,
    #[server(default)] reconfirm_days: String,
    #[server(default)] ring_minutes: String,
    #[server(default)] briefing_days: String,
) -> Result<(), AppError> {
    use crate::{
        guests::{
            parse::{TypedMemory, house_memory},
            store,
        },
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let typed: [(&str, &str); 4] = [
        ("fade_days", &fade_days),
        ("reconfirm_days", &reconfirm_days),
        ("ring_minutes", &ring_minutes),
        ("briefing_days", &briefing_days),
    ];
    let sent = Sent::to::<SaveMemory>("/manage/memory", &typed);
    let saving = async {
        let permit = guard::require::<guard::ManageHouse>().await?;
        let memory = house_memory(TypedMemory {
            fade_days: &fade_days,
            reconfirm_days: &reconfirm_days,
            ring_minutes: &ring_minutes,
            briefing_days: &briefing_days,
        })
        .map_err(AppError::Fields)?;
        store::set_memory(&AppState::of_request().db, &permit, &memory).await
    };
    sent.ended(saving.await).await
}
