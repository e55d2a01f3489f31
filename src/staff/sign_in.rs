//! Proving who one is.

use super::{
    Role,
    audit::{self, Action},
    guard::{self, Actor},
    password,
    session::{self, Login, local_path, on_the_way},
    store,
};
use crate::{
    alerts::handover,
    error::{AppError, Problem},
    ids::DeviceId,
    server::AppState,
};
use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, HeaderValue, header},
};
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use std::net::SocketAddr;
use tower_sessions::{Session, cookie::Cookie};

const DEVICE_COOKIE: &str = "rapport_device";
const STATION_PAGE: &str = "/station";

pub(super) async fn sign_in(login: &str, password: String, next: Option<&str>) -> Result<(), AppError> {
    let state = AppState::of_request();
    let session = session().await?;
    let login = login.trim().to_lowercase();
    let device = device_of_request(&state).await?;
    let place = match device {
        Some(device) => device.to_string(),
        None => address(&state).await?,
    };
    check_credentials(&state, &login, &place, password).await?;
    let account = store::account(&state.db, &login).await?.ok_or_else(wrong)?;
    let device = match device {
        Some(device) => device,
        None => {
            let device = store::add_device(&state.db, state.clock.now()).await?;
            remember_device(&state, device);
            device
        }
    };
    Login::begin(&state, &session, account.id, device).await?;
    let (actor, _) = guard::actor(&state, &session).await?;
    audit::write(&state.db, &actor, Action::SignedIn, None).await?;
    leptos_axum::redirect(&where_to(&actor, next));
    Ok(())
}

/// `left`: the tag of the only session that is to end.
pub(super) async fn sign_out(left: Option<&str>) -> Result<(), AppError> {
    let state = AppState::of_request();
    let session = session().await?;
    let found = guard::actor(&state, &session).await;
    if let Some(left) = left {
        match &found {
            Ok((actor, _)) if session::tag(&actor.session) == left => {}
            // It has ended already.
            Ok(_) | Err(AppError::SignedOut) => return Ok(()),
            Err(error) => return Err(error.clone()),
        }
    }
    let actor = found.ok().map(|(actor, _)| actor);
    if let Some(actor) = &actor {
        audit::write(&state.db, actor, Action::SignedOut, None).await?;
        handover::leave(&state.db, actor, state.clock.now(), None).await?;
    }
    session::end(&session).await?;
    if let Some(actor) = &actor {
        store::end_streams(&state.db, actor).await?;
    }
    leptos_axum::redirect("/sign-in");
    Ok(())
}

pub(super) async fn unlock(password: String, next: Option<&str>) -> Result<(), AppError> {
    let state = AppState::of_request();
    let session = session().await?;
    let (actor, login) = guard::actor(&state, &session).await?;
    let hash = store::password_hash(&state.db, actor.staff).await?.ok_or(AppError::SignedOut)?;
    let account = actor.staff.to_string();
    let place = actor.device.to_string();
    let now = state.clock.now();
    if let Some(minutes) = store::locked_for(&state.db, &account, &place, now).await? {
        return Err(AppError::field("password", Problem::LockedOut(minutes)));
    }
    if !password::verify(password, hash).await {
        store::failed(&state.db, &account, &place, now).await?;
        return Err(AppError::field("password", Problem::WrongPassword));
    }
    store::succeeded(&state.db, &account, &place).await?;
    login.unlock(&state, &session).await?;
    leptos_axum::redirect(&where_to(&actor, next));
    Ok(())
}

async fn check_credentials(state: &AppState, login: &str, place: &str, password: String) -> Result<(), AppError> {
    let now = state.clock.now();
    if let Some(minutes) = store::locked_for(&state.db, login, place, now).await? {
        return Err(AppError::field("password", Problem::LockedOut(minutes)));
    }
    let right = match store::account(&state.db, login).await? {
        Some(account) => password::verify(password, account.password_hash).await,
        None => {
            // As slow as for someone who exists, so that the time tells nothing.
            password::verify_nobody(password).await;
            false
        }
    };
    if right {
        store::succeeded(&state.db, login, place).await?;
        return Ok(());
    }
    store::failed(&state.db, login, place, now).await?;
    match store::locked_for(&state.db, login, place, now).await? {
        Some(minutes) => Err(AppError::field("password", Problem::LockedOut(minutes))),
        None => Err(wrong()),
    }
}

fn wrong() -> AppError {
    AppError::field("password", Problem::WrongCredentials)
}

fn where_to(actor: &Actor, next: Option<&str>) -> String {
    let next = next.and_then(local_path);
    let stands_somewhere = actor.station.is_some() || !Role::SERVICE.contains(&actor.role);
    match next {
        // What was wanted is the choice of a station, which may lead on by itself.
        Some(page) if page.split('?').next() == Some(STATION_PAGE) => page.to_owned(),
        next if !stands_somewhere => on_the_way(STATION_PAGE, next),
        next => next.unwrap_or_else(|| actor.role.home()).to_owned(),
    }
}

pub(super) async fn session() -> Result<Session, AppError> {
    leptos_axum::extract().await.map_err(AppError::internal)
}

/// The device of the request's cookie, if the house knows it. An invented one counts for nothing.
async fn device_of_request(state: &AppState) -> Result<Option<DeviceId>, AppError> {
    let headers: HeaderMap = leptos_axum::extract().await.map_err(AppError::internal)?;
    let named = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == DEVICE_COOKIE)
        .and_then(|cookie| cookie.value().parse::<DeviceId>().ok());
    Ok(match named {
        Some(device) if store::known_device(&state.db, device).await? => Some(device),
        _ => None,
    })
}

/// Has the browser remember which device it is.
pub(super) fn remember_device(state: &AppState, device: DeviceId) {
    let secure = if state.config.tls { "; Secure" } else { "" };
    // Ten years: a tablet knows where it stands for as long as it lives.
    let cookie = format!("{DEVICE_COOKIE}={device}; Path=/; Max-Age=315360000; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        expect_context::<ResponseOptions>().append_header(header::SET_COOKIE, cookie);
    }
}

/// Where a request without a known device comes from.
async fn address(state: &AppState) -> Result<String, AppError> {
    let headers: HeaderMap = leptos_axum::extract().await.map_err(AppError::internal)?;
    if state.config.trust_proxy
        && let Some(last) = headers
            .get("x-forwarded-for")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.rsplit(',').next())
    {
        return Ok(last.trim().to_owned());
    }
    let peer = leptos_axum::extract::<ConnectInfo<SocketAddr>>().await;
    Ok(peer.map_or_else(|_| "unknown".to_owned(), |ConnectInfo(peer)| peer.ip().to_string()))
}
