//! What a house decides about its letters, in the store.

use super::HousePolicy;
use crate::{
    error::AppError,
    ids::HouseId,
    server::db::{Db, DbError, Tx, record, vars},
    staff::{
        audit::{self, Action},
        guard::{ManageHouse, Permit},
    },
};
use surrealdb::types::SurrealValue;

/// What a house decided; nothing, until it did.
///
/// # Errors
/// What the store answers.
pub async fn policy(db: &Db, house: HouseId) -> Result<HousePolicy, DbError> {
    #[derive(SurrealValue)]
    struct Kept {
        greetings: Option<String>,
    }
    let kept: Option<Kept> =
        db.row("SELECT greetings FROM $house", vars().with("house", record("house", house))).await?;
    kept.and_then(|kept| kept.greetings).map_or_else(
        || Ok(HousePolicy::default()),
        |json| serde_json::from_str(&json).map_err(|error| DbError::Malformed(error.to_string())),
    )
}

/// Decides for the manager's house. It holds for letters that are made from now on.
///
/// # Errors
/// What the store answers.
pub async fn set_policy(db: &Db, permit: &Permit<ManageHouse>, policy: &HousePolicy) -> Result<(), AppError> {
    let json = serde_json::to_string(policy).map_err(AppError::internal)?;
    let tx = Tx::new().run(
        "UPDATE ONLY $house SET greetings = $policy RETURN NONE",
        vars().with("house", record("house", permit.house())).with("policy", json),
    );
    db.commit(audit::note(tx, permit.actor(), Action::CampaignChanged, None, &["letter_settings"])).await?;
    Ok(())
}
