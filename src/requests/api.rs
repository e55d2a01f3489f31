//! What the browser asks about traces.

use super::TraceList;
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
