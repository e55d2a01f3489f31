//! What the browser asks about tonight's names.

use super::Grade;
use crate::{
    error::AppError,
    ids::{GuestId, OnceId},
};
use leptos::prelude::*;

/// Tonight's guests of the whole house, of a floor, or of the floors up to another.
#[server]
pub async fn tonight(
    #[server(default)] floor: String,
    #[server(default)] upto: String,
) -> Result<super::Tonight, AppError> {
    use crate::{
        names::{Part, store},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require_of_device::<guard::LearnNames>().await?;
    let state = AppState::of_request();
    Ok(store::tonight(&state.db, &permit, state.clock.now(), Part::new(&floor, &upto)).await?)
}

/// The same to be taken along on paper, without guests who do not wish to be recognised. That it was opened is audited.
#[server]
pub async fn print_names(
    #[server(default)] floor: String,
    #[server(default)] upto: String,
) -> Result<super::Tonight, AppError> {
    use crate::{
        names::{Part, store},
        server::AppState,
        staff::{audit, guard},
    };
    let permit = guard::require::<guard::PrintNames>().await?;
    let state = AppState::of_request();
    let names = store::on_paper(&state.db, &permit, state.clock.now(), Part::new(&floor, &upto)).await?;
    audit::write(&state.db, permit.actor(), audit::Action::PrintedNames, None).await?;
    Ok(names)
}

/// Tonight's questions. `more` goes on when the five minutes are over.
#[server]
pub async fn drill(
    #[server(default)] floor: String,
    #[server(default)] upto: String,
    #[server(default)] more: bool,
) -> Result<super::Drill, AppError> {
    use crate::{
        names::{Part, store},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require::<guard::LearnNames>().await?;
    let state = AppState::of_request();
    Ok(store::drill(&state.db, &permit, state.clock.now(), Part::new(&floor, &upto), more).await?)
}

/// Keeps how well a name was known. What is sent twice under one id counts once. Tells whether there is time for
/// another question.
#[server]
pub async fn answer_name(once: OnceId, guest: GuestId, grade: Grade) -> Result<bool, AppError> {
    use crate::{
        names::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let (of, under) = (guest.to_string(), once.to_string());
    let typed: [(&str, &str); 3] = [("once", &under), ("guest", &of), ("grade", grade.code())];
    let sent = Sent::back::<AnswerName>("/names/drill", &typed);
    let answering = async {
        let permit = guard::require::<guard::LearnNames>().await?;
        let state = AppState::of_request();
        store::answer(&state.db, &permit, state.clock.now(), once, guest, grade).await
    };
    sent.ended(answering.await).await
}

/// How much each colleague has practised, for those who look after them: shares, and nothing of guests.
#[server]
pub async fn drill_shares() -> Result<Vec<super::DrillShare>, AppError> {
    use crate::{names::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::LearnNames>().await?;
    let state = AppState::of_request();
    store::shares(&state.db, &permit, state.clock.now()).await
}

/// Deletes the recording of a guest's voice: he has taken his agreement back.
#[server]
pub async fn withdraw_voice(guest: GuestId) -> Result<(), AppError> {
    use crate::{
        names::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 1] = [("guest", &of)];
    let withdrawing = async {
        let permit = guard::require::<guard::WritePreferences>().await?;
        store::withdraw_voice(&AppState::of_request().db, &permit, guest).await
    };
    Sent::back::<WithdrawVoice>(format!("/guests/{guest}"), &typed).ended(withdrawing.await).await
}
