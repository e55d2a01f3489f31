//! What the browser asks about imports. Files come through the route `POST /imports`.

use crate::{error::AppError, ids::ImportId};
use leptos::prelude::*;

/// The newest imports.
#[server]
pub async fn imports() -> Result<Vec<super::ImportRun>, AppError> {
    use crate::{exchange::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::Import>().await?;
    Ok(store::newest(&AppState::of_request().db, &permit, 20).await?)
}

/// One import, with how far it is.
#[server]
pub async fn import_run(id: ImportId) -> Result<super::ImportRun, AppError> {
    use crate::{exchange::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::Import>().await?;
    store::run(&AppState::of_request().db, &permit, id).await
}
