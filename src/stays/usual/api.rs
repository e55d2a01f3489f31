//! What the browser asks about the usual.

use crate::{
    error::AppError,
    ids::{GuestId, OnceId, StationId},
};
use leptos::prelude::*;

/// Writes down where a guest sat and what he had at an outlet, dishes and drinks one on each line; `revision` is the one
/// that the form was made from, 0 where there was none.
#[server]
pub async fn write_usual(
    station: StationId,
    guest: GuestId,
    #[server(default)] seat: String,
    #[server(default)] dishes: String,
    #[server(default)] drinks: String,
    revision: i64,
) -> Result<(), AppError> {
    use crate::{
        server::AppState,
        staff::{draft::Sent, guard},
        stays::usual::{store, write},
    };
    let (about, at) = (guest.to_string(), station.to_string());
    let typed: [(&str, &str); 5] =
        [("guest", &about), ("station", &at), ("seat", &seat), ("dishes", &dishes), ("drinks", &drinks)];
    let sent = Sent::back::<WriteUsual>(format!("/guests/{guest}"), &typed);
    let writing = async {
        // A tap on a board that is on shift needs nobody to sign in again; writing does.
        guard::require::<guard::WritePreferences>().await?;
        let permit = guard::require::<guard::ServeUsual>().await?;
        let typed = write::Typed { seat: &seat, dishes: &dishes, drinks: &drinks };
        let usual = write::read(typed).map_err(AppError::Fields)?;
        let state = AppState::of_request();
        store::write(&state.db, &permit, state.clock.now(), (guest, station), revision, &usual).await
    };
    sent.ended(writing.await).await
}

/// Says whether a guest took the same again. What is sent twice under one id counts once.
#[server]
pub async fn answer_usual(
    once: OnceId,
    guest: GuestId,
    station: StationId,
    revision: i64,
    taken: bool,
) -> Result<(), AppError> {
    use crate::{
        server::AppState,
        staff::{draft::Sent, guard},
        stays::usual::store::{self, Answer},
    };
    let about = guest.to_string();
    let sent = Sent::back::<AnswerUsual>(format!("/guests/{guest}"), &[("guest", about.as_str())]);
    let answering = async {
        let permit = guard::require::<guard::ServeUsual>().await?;
        let state = AppState::of_request();
        let answer = Answer { once, guest, station, revision, taken };
        store::answer(&state.db, &permit, state.clock.now(), answer).await
    };
    sent.ended(answering.await).await
}
