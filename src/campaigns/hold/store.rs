//! Holds in the store: one a guest, whichever house set it.

use super::{GuestGreetings, Hold, sees_consent};
use crate::{
    campaigns::consent,
    error::AppError,
    guests::store::{GuestEvent, guest},
    ids::GuestId,
    server::{
        clock,
        db::{Db, DbError, Tx, optional, record, vars},
    },
    staff::{
        audit::{self, Action},
        guard::{HoldGreetings, Permit},
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use surrealdb::types::SurrealValue;

#[derive(SurrealValue)]
struct Row {
    reason: String,
    until: Option<String>,
    author_name: String,
    at: DateTime<Utc>,
}

/// What a card tells of a guest's greetings. A hold whose last day is over is none.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn greetings(
    db: &Db,
    permit: &Permit<HoldGreetings>,
    id: GuestId,
    now: DateTime<Utc>,
) -> Result<GuestGreetings, AppError> {
    let actor = permit.actor();
    let zone = actor.house.zone();
    guest(db, id).await?.ok_or(AppError::NotFound)?;
    let consent = if sees_consent(actor.role) { Some(consent::history(db, id, zone).await?) } else { None };
    let row: Option<Row> =
        db.row("SELECT reason, until, author_name, at FROM $hold", vars().with("hold", record("hold", id))).await?;
    let today = clock::today(now, zone).to_string();
    let hold = row.filter(|row| row.until.as_ref().is_none_or(|until| *until >= today)).map(|row| Hold {
        reason: row.reason,
        until: row.until,
        by: row.author_name,
        at: clock::local_minute(row.at, zone),
    });
    Ok(GuestGreetings { guest: id, hold, consent })
}

/// Puts a guest on hold, in the place of any hold before.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn set(
    db: &Db,
    permit: &Permit<HoldGreetings>,
    id: GuestId,
    reason: String,
    until: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    guest(db, id).await?.ok_or(AppError::NotFound)?;
    let actor = permit.actor();
    let tx = Tx::new()
        .run(
            "UPSERT ONLY $hold SET guest = $guest, reason = $reason, until = $until, author_name = $who, at = $now \
             RETURN NONE",
            vars()
                .with("hold", record("hold", id))
                .with("guest", record("guest", id))
                .with("reason", reason)
                .with("until", optional(until.map(|day| day.to_string())))
                .with("who", actor.name.clone())
                .with("now", now),
        )
        .event_in([permit.house()], "guest", GuestEvent::new(id, &["greetings"]));
    db.commit(audit::note(tx, actor, Action::HeldGreetings, Some(id), &["hold"])).await?;
    Ok(())
}

/// Ends a guest's hold.
///
/// # Errors
/// [`AppError::NotFound`] where there is none any more, or what the store answers.
pub async fn end(db: &Db, permit: &Permit<HoldGreetings>, id: GuestId) -> Result<(), AppError> {
    let actor = permit.actor();
    let tx = Tx::new()
        .run(
            "IF (SELECT VALUE reason FROM ONLY $hold) = NONE { THROW 'guard:hold' };
             DELETE $hold RETURN NONE",
            vars().with("hold", record("hold", id)),
        )
        .event_in([permit.house()], "guest", GuestEvent::new(id, &["greetings"]));
    match db.commit(audit::note(tx, actor, Action::HeldGreetings, Some(id), &["removed"])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => Err(AppError::NotFound),
        Err(other) => Err(other.into()),
    }
}
