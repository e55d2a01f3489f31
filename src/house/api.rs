//! What the browser asks about houses and stations.

use super::{House, Station};
use crate::{error::AppError, ids::StationId};
use leptos::prelude::*;

/// The stations of this house.
#[server]
pub async fn stations() -> Result<Vec<Station>, AppError> {
    use crate::{house::store, server::AppState, staff::api::signed_in};
    let actor = signed_in().await?;
    Ok(store::stations(&AppState::of_request().db, actor.house.id).await?)
}

/// All houses.
#[server]
pub async fn houses() -> Result<Vec<House>, AppError> {
    use crate::{house::store, server::AppState, staff::guard};
    guard::require_of_device::<guard::ManageHouse>().await?;
    Ok(store::houses(&AppState::of_request().db).await?)
}

/// Says where this device stands, which is remembered, and goes on to the page that was wanted.
#[server]
pub async fn choose_station(station: StationId, #[server(default)] next: Option<String>) -> Result<(), AppError> {
    use crate::{
        alerts::handover,
        server::AppState,
        staff::{
            api::signed_in,
            draft::Sent,
            session::{local_path, on_the_way},
            store,
        },
    };
    let choosing = async {
        let actor = signed_in().await?;
        let state = AppState::of_request();
        if actor.station.as_ref().is_some_and(|here| here.id != station) {
            handover::leave(&state.db, &actor, state.clock.now(), None).await?;
        }
        store::place_device(&state.db, &actor, station).await?;
        Ok::<_, AppError>(actor.role.home())
    };
    let page = on_the_way("/station", next.as_deref());
    let home = Sent::to::<ChooseStation>(page, &[]).ended(choosing.await).await?;
    leptos_axum::redirect(next.as_deref().and_then(local_path).unwrap_or(home));
    Ok(())
}

/// Makes a station, or changes one.
#[server]
pub async fn save_station(
    #[server(default)] station: Option<StationId>,
    name: String,
    kind: String,
    extension: String,
) -> Result<(), AppError> {
    use crate::{
        house::{parse, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = station.map(|station| station.to_string()).unwrap_or_default();
    let page = if of.is_empty() {
        "/manage/stations#station".to_owned()
    } else {
        format!("/manage/stations?edit={of}#station")
    };
    let typed: [(&str, &str); 4] = [("station", &of), ("name", &name), ("kind", &kind), ("extension", &extension)];
    let saving = async {
        let permit = guard::require::<guard::ManageHouse>().await?;
        let new = parse::station(&name, &kind, &extension).map_err(AppError::Fields)?;
        store::save_station(&AppState::of_request().db, &permit, station, new).await
    };
    Sent::to::<SaveStation>(page, &typed).ended(saving.await).await
}

/// Takes a station out of use.
#[server]
pub async fn remove_station(station: StationId) -> Result<(), AppError> {
    use crate::{
        house::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let removing = async {
        let permit = guard::require::<guard::ManageHouse>().await?;
        store::remove_station(&AppState::of_request().db, &permit, station).await
    };
    Sent::to::<RemoveStation>("/manage/stations", &[]).ended(removing.await).await
}

/// Adds a house to the chain.
#[server]
pub async fn add_house(name: String, code: String, timezone: String, currency: String) -> Result<(), AppError> {
    use crate::{
        house::{parse, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let typed: [(&str, &str); 4] = [("name", &name), ("code", &code), ("timezone", &timezone), ("currency", &currency)];
    let sent = Sent::to::<AddHouse>("/manage/stations#house", &typed);
    let adding = async {
        let permit = guard::require::<guard::ManageHouse>().await?;
        let new = parse::house(&name, &code, &timezone, &currency).map_err(AppError::Fields)?;
        store::add_house(&AppState::of_request().db, &permit, new).await
    };
    sent.ended(adding.await).await
}

/// Says for how many hours it is shown where a guest was last seen.
#[server]
pub async fn save_locator_hours(hours: String) -> Result<(), AppError> {
    use crate::{
        house::{parse, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let typed: [(&str, &str); 1] = [("hours", &hours)];
    let sent = Sent::to::<SaveLocatorHours>("/manage/alert-rules#locator", &typed);
    let saving = async {
        let permit = guard::require::<guard::ManageHouse>().await?;
        let hours = parse::locator_hours(&hours).map_err(|problem| AppError::field("hours", problem))?;
        store::set_locator_hours(&AppState::of_request().db, &permit, hours).await
    };
    sent.ended(saving.await).await
}

/// Chooses the language of this browser.
#[server]
pub async fn set_language(locale: String, back: String) -> Result<(), AppError> {
    use crate::{error::Problem, i18n::Locale, server::AppState};
    use axum::http::{HeaderValue, header};
    let chosen: Locale = locale.parse().map_err(|_| {
        AppError::field("locale", Problem::NotKnown(locale.chars().take(20).collect(), "en, es, zh".to_owned()))
    })?;
    let secure = if AppState::of_request().config.tls { "; Secure" } else { "" };
    let cookie = format!("rapport_lang={chosen}; Path=/; Max-Age=31536000; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        expect_context::<leptos_axum::ResponseOptions>().append_header(header::SET_COOKIE, cookie);
    }
    leptos_axum::redirect(crate::staff::session::local_path(&back).unwrap_or("/"));
    Ok(())
}
