//! The rules of points: a house's own, or the chain's where it has none.

use super::key_of;
use crate::{
    error::{AppError, Problem},
    house::{House, store::houses},
    ids::HouseId,
    loyalty::{Programme, Scope, form::RulesPage, parse, post},
    server::{
        clock,
        db::{Db, DbError, Tx, record, vars},
    },
    staff::{
        audit::{self, Action},
        guard::{Permit, SetLoyalty},
    },
};
use chrono::{DateTime, Utc};
use std::collections::HashSet;
use surrealdb::types::{RecordId, SurrealValue};

/// The key of the chain's rules.
pub(crate) const CHAIN: &str = "chain";

/// A row of `programme`.
#[derive(Debug, Clone, SurrealValue)]
pub(super) struct ProgrammeRow {
    id: RecordId,
    settings: String,
    revision: i64,
    author_name: String,
    at: DateTime<Utc>,
}

/// The rules that hold somewhere, and whose they are.
#[derive(Debug, Clone)]
pub(crate) struct Ruled {
    /// A house's id, or [`CHAIN`].
    pub key: String,
    pub programme: Programme,
}

impl ProgrammeRow {
    fn programme(&self) -> Result<Programme, DbError> {
        serde_json::from_str(&self.settings).map_err(|error| DbError::Malformed(error.to_string()))
    }
}

/// The rules that hold in a house: its own, or else the chain's.
///
/// # Errors
/// What the store answers.
pub(crate) async fn rules_of(db: &Db, house: HouseId) -> Result<Option<Ruled>, DbError> {
    in_force(house, both(db, house).await?)
}

/// What points are worth and vouchers are for in a house: ISO 4217.
///
/// # Errors
/// What the store answers.
pub async fn currency_of(db: &Db, house: &House) -> Result<String, DbError> {
    let ruled = rules_of(db, house.id).await?;
    Ok(ruled.map_or_else(|| house.currency.clone(), |ruled| ruled.programme.currency))
}

async fn both(db: &Db, house: HouseId) -> Result<Vec<ProgrammeRow>, DbError> {
    let programmes = vec![record("programme", house), record("programme", CHAIN)];
    db.rows("SELECT * FROM $programmes", vars().with("programmes", programmes)).await
}

/// Which of a house's rules and the chain's hold in the house.
pub(super) fn in_force(house: HouseId, rows: Vec<ProgrammeRow>) -> Result<Option<Ruled>, DbError> {
    let own = record("programme", house);
    let row = rows.iter().find(|row| row.id == own).or_else(|| rows.first());
    row.map(|row| Ok(Ruled { key: key_of(&row.id)?, programme: row.programme()? })).transpose()
}

/// The houses in which the rules of a key hold.
///
/// # Errors
/// What the store answers.
pub(super) async fn houses_under(db: &Db, key: &str) -> Result<HashSet<HouseId>, DbError> {
    if key != CHAIN {
        return Ok(key.parse::<HouseId>().into_iter().collect());
    }
    let own: Vec<RecordId> = db.rows("SELECT VALUE id FROM type::table('programme')", vars()).await?;
    let all = houses(db).await?.into_iter().map(|house| house.id);
    Ok(all.filter(|house| !own.contains(&record("programme", house))).collect())
}

/// The rules of a house or of the chain in their form.
///
/// # Errors
/// What the store answers.
pub async fn rules_page(db: &Db, permit: &Permit<SetLoyalty>, scope: Scope) -> Result<RulesPage, DbError> {
    let house = &permit.actor().house;
    let rows = both(db, house.id).await?;
    let id = record("programme", key(house, scope));
    let row = rows.iter().find(|row| row.id == id);
    let programme = row.map_or_else(|| Ok(usual(house)), ProgrammeRow::programme)?;
    let kept = row.map(|row| (row.author_name.clone(), clock::local_minute(row.at, house.zone())));
    let revision = row.map_or(0, |row| row.revision);
    let holds = in_force(house.id, rows)?.map(|ruled| if ruled.key == CHAIN { Scope::Chain } else { Scope::House });
    Ok(RulesPage { scope, revision, form: parse::form(&programme), kept, holds })
}

/// What the form begins with.
fn usual(house: &House) -> Programme {
    Programme { currency: house.currency.clone(), ..Programme::default() }
}

fn key(house: &House, scope: Scope) -> String {
    match scope {
        Scope::House => house.id.to_string(),
        Scope::Chain => CHAIN.to_owned(),
    }
}

/// Keeps the rules of the manager's house, or the chain's, if they are still at the revision that the manager saw.
/// Points keep what they were given under; the currency stays once there are points.
///
/// # Errors
/// [`AppError::Conflict`] with the name of whoever changed them since, the field `currency`, or what the store answers.
pub async fn save(
    db: &Db,
    permit: &Permit<SetLoyalty>,
    scope: Scope,
    seen_revision: i64,
    programme: &Programme,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let actor = permit.actor();
    let key = key(&actor.house, scope);
    let id = record("programme", &key);
    let row: Option<ProgrammeRow> = db.row("SELECT * FROM $programme", vars().with("programme", id.clone())).await?;
    let before = row.as_ref().map(ProgrammeRow::programme).transpose()?;
    if before.as_ref().is_some_and(|before| before.currency != programme.currency) && has_accounts(db, &id).await? {
        let given = programme.currency.clone();
        return Err(AppError::field("currency", Problem::NotKnown(given, "@loyalty_currency".to_owned())));
    }
    let settings = serde_json::to_string(programme).map_err(AppError::internal)?;
    let mut tx = Tx::new().run(
        "IF ((SELECT VALUE revision FROM ONLY $programme) ?? 0) != $revision { THROW 'guard:revision' };
         UPSERT ONLY $programme SET settings = $settings, revision = $revision + 1, author_name = $who, at = $now \
         RETURN NONE",
        vars()
            .with("programme", id.clone())
            .with("revision", seen_revision)
            .with("settings", settings)
            .with("who", actor.name.clone())
            .with("now", now),
    );
    // Stays that did not count before may do so now.
    if before.is_none_or(|before| before.since != programme.since || !before.active) {
        tx = post::begin_anew(tx, &key, &houses_under(db, &key).await?);
    }
    match db.commit(audit::note(tx, actor, Action::LoyaltyChanged, None, &["saved"])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => {
            let row: Option<ProgrammeRow> = db.row("SELECT * FROM $programme", vars().with("programme", id)).await?;
            Err(AppError::Conflict(row.map(|row| row.author_name).unwrap_or_default()))
        }
        Err(other) => Err(other.into()),
    }
}

/// Whether points have been given under rules.
async fn has_accounts(db: &Db, programme: &RecordId) -> Result<bool, DbError> {
    let found: Vec<RecordId> = db
        .rows(
            "SELECT VALUE id FROM account WHERE programme = $programme LIMIT 1",
            vars().with("programme", programme.clone()),
        )
        .await?;
    Ok(!found.is_empty())
}

/// Takes the rules of the manager's house away, so that the chain's hold there. Points that were given under them stay
/// in their accounts, and count again when the house has rules of its own.
///
/// # Errors
/// What the store answers.
pub async fn follow_chain(db: &Db, permit: &Permit<SetLoyalty>) -> Result<(), AppError> {
    let tx =
        Tx::new().run("DELETE $programme RETURN NONE", vars().with("programme", record("programme", permit.house())));
    db.commit(audit::note(tx, permit.actor(), Action::LoyaltyChanged, None, &["removed"])).await?;
    Ok(())
}
