//! What the browser asks about traces.

use super::{TraceList, TracePaper};
use crate::{error::AppError, house::StationKind, ids::TraceId};
use leptos::prelude::*;

/// The traces of this house: of one department, or of all.
#[server]
pub async fn traces(#[server(default)] department: Option<StationKind>) -> Result<TraceList, AppError> {
    use crate::{requests::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::SeeTraces>().await?;
    let state = AppState::of_request();
    Ok(store::list(&state.db, &permit, department, state.clock.now()).await?)
}

/// A form in which a trace is written; about the guest that is named, or about nobody where that is empty.
#[server]
pub async fn blank_trace(#[server(default)] guest: String) -> Result<TracePaper, AppError> {
    use crate::{ids::GuestId, requests::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::SeeTraces>().await?;
    let state = AppState::of_request();
    let about = if guest.is_empty() {
        None
    } else {
        let id: GuestId = guest.parse()?;
        Some(store::about(&state.db, &guard::require_of_device::<guard::SeeGuests>().await?, id).await?)
    };
    Ok(store::paper(&permit, about, state.clock.now()))
}

/// Writes a trace for a department; `due` is the day, house-local. About the guest that is named, or about
/// nobody where that is empty.
#[server]
pub async fn write_trace(
    id: TraceId,
    #[server(default)] guest: String,
    #[server(default)] department: String,
    #[server(default)] text: String,
    #[server(default)] due: String,
    #[server(default)] room: String,
) -> Result<(), AppError> {
    use crate::{
        ids::GuestId,
        requests::{store, write},
        server::{AppState, clock},
        staff::{
            draft::{self, Sent},
            guard,
        },
    };
    let typed: [(&str, &str); 5] =
        [("guest", &guest), ("department", &department), ("text", &text), ("due", &due), ("room", &room)];
    let page = match guest.parse::<GuestId>() {
        Ok(guest) => format!("/traces?guest={guest}"),
        Err(_) => "/traces".to_owned(),
    };
    let sent = Sent::back::<WriteTrace>(page, &typed);
    let writing = async {
        let permit = guard::require::<guard::SeeTraces>().await?;
        let state = AppState::of_request();
        let about = if guest.is_empty() {
            None
        } else {
            let id: GuestId = guest.parse()?;
            Some(store::about(&state.db, &guard::require::<guard::SeeGuests>().await?, id).await?.guest)
        };
        let now = state.clock.now();
        let today = clock::today(now, permit.actor().house.zone());
        let typed = write::Typed { department: &department, text: &text, due: &due, room: &room };
        let asked = write::read(typed, today).map_err(AppError::Fields)?;
        let department = asked.department;
        store::write(&state.db, &permit, id, about, asked, now).await?;
        Ok::<_, AppError>(department)
    };
    let department = sent.ended(writing.await).await?;
    // The department's list need not show it yet, so the page says that it was kept.
    if draft::is_without_scripts().await? {
        leptos_axum::redirect(&format!("/traces?department={}&done=written", department.code()));
    }
    Ok(())
}

/// Says that a trace has been seen to.
#[server]
pub async fn resolve_trace(trace: TraceId) -> Result<(), AppError> {
    use crate::{
        requests::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = trace.to_string();
    let typed: [(&str, &str); 1] = [("trace", &of)];
    let resolving = async {
        let permit = guard::require::<guard::SeeTraces>().await?;
        let state = AppState::of_request();
        store::resolve(&state.db, &permit, trace, state.clock.now()).await
    };
    Sent::back::<ResolveTrace>("/traces", &typed).ended(resolving.await).await
}
