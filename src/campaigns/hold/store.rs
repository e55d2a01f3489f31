//! Holds in the store: one a guest, whichever house set it. And the suppression of the guest's address.

use super::{GuestGreetings, Hold, Lifted, Suppressed, sees_consent};
use crate::{
    campaigns::consent::{self, Cause},
    error::AppError,
    guests::{
        Guest,
        store::{GuestEvent, guest},
    },
    ids::GuestId,
    server::{
        clock,
        db::{Db, DbError, Tx, optional, record, vars},
    },
    staff::{
        Ability, Role,
        audit::{self, Action},
        guard::{HoldGreetings, Permit, PlanGreetings},
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
    let profile = guest(db, id).await?.ok_or(AppError::NotFound)?;
    let said = consent::history(db, id, zone, now).await?;
    let waits = said.iter().any(|line| line.waits);
    let (mut suppressed, mut lifted) = (None, Vec::new());
    if let Some(address) = address_of(&profile) {
        suppressed = consent::suppression(db, address).await?.map(|standing| Suppressed {
            cause: standing.cause.code().to_owned(),
            detail: standing.detail,
            at: clock::local_minute(standing.at, zone),
            until: standing.until.map(|until| clock::local_minute(until, zone)),
            may_lift: may_lift(actor.role, standing.cause),
        });
        let before = consent::lifted(db, &consent::address_key(db, address).await?).await?;
        lifted.extend(before.into_iter().map(|before| Lifted {
            cause: before.cause.code().to_owned(),
            detail: before.detail,
            since: clock::local_minute(before.suppressed_at, zone),
            why: before.why,
            by: before.by,
            at: clock::local_minute(before.at, zone),
        }));
    }
    let row: Option<Row> =
        db.row("SELECT reason, until, author_name, at FROM $hold", vars().with("hold", record("hold", id))).await?;
    let today = clock::today(now, zone).to_string();
    let hold = row.filter(|row| row.until.as_ref().is_none_or(|until| *until >= today)).map(|row| Hold {
        reason: row.reason,
        until: row.until,
        by: row.author_name,
        at: clock::local_minute(row.at, zone),
    });
    let consent = sees_consent(actor.role).then_some(said);
    Ok(GuestGreetings { guest: id, hold, consent, waits, suppressed, lifted })
}

/// The address that greetings go to: the first of the guest's.
pub(super) fn address_of(guest: &Guest) -> Option<&str> {
    guest.emails.first().map(|address| address.trim()).filter(|address| !address.is_empty())
}

/// Whoever plans greetings may lift a suppression, but a complaint weighs more.
fn may_lift(role: Role, cause: Cause) -> bool {
    role.may(Ability::PlanGreetings) && (cause != Cause::Complained || role == Role::Manager)
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

/// Lifts the suppression of a guest's address.
///
/// # Errors
/// [`AppError::Forbidden`] for a complaint and anyone but a manager, [`AppError::NotFound`] where there is
/// no suppression any more, or what the store answers.
pub async fn lift(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: GuestId,
    why: String,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let actor = permit.actor();
    let profile = guest(db, id).await?.ok_or(AppError::NotFound)?;
    let address = address_of(&profile).ok_or(AppError::NotFound)?;
    let suppression = consent::suppression(db, address).await?.ok_or(AppError::NotFound)?;
    if !may_lift(actor.role, suppression.cause) {
        return Err(AppError::Forbidden);
    }
    let tx = consent::add_lifting(Tx::new(), &suppression, why, &actor.name, now).event_in(
        [permit.house()],
        "guest",
        GuestEvent::new(id, &["greetings"]),
    );
    let cause = [suppression.cause.code()];
    match db.commit(audit::note(tx, actor, Action::LiftedSuppression, Some(id), &cause)).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => Err(AppError::NotFound),
        Err(other) => Err(other.into()),
    }
}
