//! What was typed is never lost: a refused form that was posted without scripts waits in the session
//! until its page is shown again, and a form that was opened is remembered to tell what a colleague
//! has changed since.

use crate::{error::AppError, guests::form::GuestForm, ids::GuestId, server::respond};
use axum::http::HeaderMap;
use serde::{Serialize, de::DeserializeOwned};
use tower_sessions::Session;

const OPENED: &str = "opened";

/// Keeps a refused form for a browser without scripts and sends it to the page that shows it.
/// With scripts, the answer itself brings the form back and nothing is kept.
///
/// # Errors
/// What the session store answers.
pub async fn keep(name: &str, form: &impl Serialize, page: &str) -> Result<(), AppError> {
    if put(name, form).await? {
        leptos_axum::redirect(&format!("{page}?draft=1"));
    }
    Ok(())
}

/// Keeps a refused form for a browser without scripts, which goes back to the page that it came from.
/// Tells whether it did.
///
/// # Errors
/// What the session store answers.
pub async fn put(name: &str, form: &impl Serialize) -> Result<bool, AppError> {
    let headers: HeaderMap = leptos_axum::extract().await.map_err(AppError::internal)?;
    let without_scripts = respond::wants_page(&headers);
    if without_scripts {
        session().await?.insert(&key(name), form).await.map_err(AppError::internal)?;
    }
    Ok(without_scripts)
}

/// Takes a kept form out of the session.
///
/// # Errors
/// What the session store answers.
pub async fn take<T: DeserializeOwned>(name: &str) -> Result<Option<T>, AppError> {
    session().await?.remove(&key(name)).await.map_err(AppError::internal)
}

/// Remembers a profile form as it was opened.
///
/// # Errors
/// What the session store answers.
pub async fn remember(guest: GuestId, revision: i64, form: &GuestForm) -> Result<(), AppError> {
    session().await?.insert(OPENED, (guest, revision, form)).await.map_err(AppError::internal)
}

/// The profile form as it was opened at a revision, if this session still remembers it.
///
/// # Errors
/// What the session store answers.
pub async fn opened(guest: GuestId, revision: i64) -> Result<Option<GuestForm>, AppError> {
    let kept: Option<(GuestId, i64, GuestForm)> = session().await?.get(OPENED).await.map_err(AppError::internal)?;
    Ok(kept.filter(|(id, at, _)| (*id, *at) == (guest, revision)).map(|(_, _, form)| form))
}

async fn session() -> Result<Session, AppError> {
    leptos_axum::extract().await.map_err(AppError::internal)
}

fn key(name: &str) -> String {
    format!("draft:{name}")
}
