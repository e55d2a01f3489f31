//! What the browser asks about a house's letters.

use super::HousePolicy;
use crate::error::AppError;
use leptos::prelude::*;

/// What the house decided about its letters.
#[server]
pub async fn letter_settings() -> Result<HousePolicy, AppError> {
    use crate::{campaigns::policy::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::ManageHouse>().await?;
    Ok(store::policy(&AppState::of_request().db, permit.house()).await?)
}

/// Decides whether links are counted and where tests may go.
#[server]
pub async fn save_letter_settings(
    #[server(default)] count_links: Option<String>,
    #[server(default)] test_addresses: String,
) -> Result<(), AppError> {
    use crate::{
        campaigns::policy::{parse, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let counts = count_links.as_deref().unwrap_or_default();
    let typed: [(&str, &str); 2] = [("count_links", counts), ("test_addresses", &test_addresses)];
    let sent = Sent::to::<SaveLetterSettings>("/manage/letters", &typed);
    let count_links = count_links.is_some();
    let saving = async {
        let permit = guard::require::<guard::ManageHouse>().await?;
        let read = parse::addresses(&test_addresses);
        let test_addresses = read.map_err(|problem| AppError::field("test_addresses", problem))?;
        let policy = HousePolicy { count_links, test_addresses };
        store::set_policy(&AppState::of_request().db, &permit, &policy).await
    };
    sent.ended(saving.await).await
}
