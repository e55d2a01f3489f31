//! Complaints written down, and what is noted of them: steps, that the guest was told, that a promise was kept, what it
//! cost. Each is guarded in the query: whoever comes second learns who was first.

use super::{Owner, RecoveryRow, owners, row};
use crate::{
    error::AppError,
    guests::store::{GuestEvent, guest, houses_of},
    house::StationKind,
    ids::{GuestId, HouseId, RecoveryId, StepId, TraceId},
    requests::{
        recovery::{RecoveryState, write::Complaint},
        traces::{
            TraceKind,
            store::{NewTrace, add, end_of_recovery},
        },
    },
    server::{
        clock,
        db::{Db, DbError, Tx, derived, id_of, optional, record, vars},
    },
    staff::{
        Role,
        audit::{self, Action},
        guard::{Actor, MendRecoveries, Permit, RaiseRecoveries},
    },
    stays::{ReservationStatus, store::ReservationRow},
};
use chrono::{DateTime, NaiveDate, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// What open cards follow when a complaint changes: the complaint, and whether greetings are held.
const GROUPS: [&str; 2] = ["recovery", "greetings"];

/// Writes a complaint down. Writing it again under the same id is the same complaint. It belongs to whoever wrote it,
/// where he sees to complaints; else to a manager of the house.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Conflict`] with the name of whoever wrote another complaint under the id, or what
/// the store answers.
pub async fn raise(
    db: &Db,
    permit: &Permit<RaiseRecoveries>,
    now: DateTime<Utc>,
    id: RecoveryId,
    about: GuestId,
    complaint: Complaint,
) -> Result<(), AppError> {
    let actor = permit.actor();
    guest(db, about).await?.ok_or(AppError::NotFound)?;
    let owner = first_owner(db, actor).await?;
    let today = clock::today(now, actor.house.zone());
    let written = RecoveryRow {
        id: record("recovery", id),
        house: record("house", permit.house()),
        guest: record("guest", about),
        reservation: stay_of(db, permit.house(), about).await?,
        what: complaint.what,
        cause: complaint.cause.code().to_owned(),
        place: complaint.place.code().to_owned(),
        severity: complaint.severity.level().into(),
        owner: record("staff", owner.id),
        owner_name: owner.name.clone(),
        promise: complaint.promise,
        promise_due: complaint.promise_due.map(|day| day.to_string()),
        promise_kept_at: None,
        promise_kept_by: None,
        cost: None,
        currency: None,
        result: None,
        told_at: None,
        told_by: None,
        state: RecoveryState::Open.code().to_owned(),
        month: today.format("%Y-%m").to_string(),
        author: record("staff", actor.staff),
        author_name: actor.name.clone(),
        at: now,
        closed_at: None,
        closed_by: None,
        changed_by: None,
        revision: 1,
    };
    let mut tx = Tx::new().run(
        "IF (SELECT VALUE state FROM ONLY $rec) != NONE { THROW 'guard:written' };
         INSERT INTO recovery $rec_row RETURN NONE",
        vars().with("rec", written.id.clone()).with("rec_row", written.clone()),
    );
    if let Some(trace) = promise_trace(&written, &owner, actor)? {
        tx = add(tx, &[trace], now);
    }
    let tx = tx.event_in(houses_of(db, permit.house(), about).await?, "guest", GuestEvent::new(about, &GROUPS));
    match db.commit(audit::note(tx, actor, Action::RaisedRecovery, Some(about), &[])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => {
            let there = row(db, id).await?;
            let is_same =
                (&there.guest, &there.what, &there.author) == (&written.guest, &written.what, &written.author);
            if is_same { Ok(()) } else { Err(AppError::Conflict(there.author_name)) }
        }
        Err(other) => Err(other.into()),
    }
}

/// To whom a new complaint belongs.
async fn first_owner(db: &Db, actor: &Actor) -> Result<Owner, DbError> {
    let owners = owners(db, actor.house.id).await?;
    let of_role = |role| owners.iter().find(|owner| owner.role == Some(role));
    let found = owners.iter().find(|owner| owner.id == actor.staff);
    let found = found.or_else(|| of_role(Role::Manager)).or_else(|| owners.first()).cloned();
    // Where nobody sees to complaints, at least it is known who heard of it.
    Ok(found.unwrap_or_else(|| Owner { id: actor.staff, name: actor.name.clone(), role: Some(actor.role) }))
}

/// The stay that a complaint is about: the one in house, or else the last one in the house.
async fn stay_of(db: &Db, house: HouseId, guest: GuestId) -> Result<Option<RecordId>, DbError> {
    let rows: Vec<ReservationRow> =
        db.rows("SELECT * FROM reservation WHERE guest = $guest", vars().with("guest", record("guest", guest))).await?;
    let here = record("house", house);
    let mut stays = Vec::new();
    for row in rows.into_iter().filter(|row| row.house == here) {
        let status = row.status()?;
        if matches!(status, ReservationStatus::CheckedIn | ReservationStatus::CheckedOut) {
            stays.push((status == ReservationStatus::CheckedIn, row.departure, row.id));
        }
    }
    Ok(stays.into_iter().max_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1))).map(|(_, _, id)| id))
}

/// The instruction to keep a promise, to the department of whoever owns the complaint; `None` without a day.
pub(super) fn promise_trace(row: &RecoveryRow, owner: &Owner, actor: &Actor) -> Result<Option<NewTrace>, DbError> {
    let (Some(promise), Some(due)) = (&row.promise, &row.promise_due) else { return Ok(None) };
    let due: NaiveDate = due.parse().map_err(|_| DbError::Malformed(due.clone()))?;
    let id: RecoveryId = id_of(&row.id)?;
    Ok(Some(NewTrace {
        guest: Some(id_of(&row.guest)?),
        text: Some(promise.clone()),
        recovery: Some(id),
        assigned: Some((owner.id, owner.name.clone())),
        author_staff: Some(actor.staff),
        ..NewTrace::of(
            trace_id(id),
            id_of(&row.house)?,
            department(owner.role),
            TraceKind::Recovery,
            due,
            actor.name.clone(),
        )
    }))
}

fn trace_id(id: RecoveryId) -> TraceId {
    TraceId(derived(&format!("recovery|{id}|promise")))
}

/// Where a colleague of the role works. Who has left is stood in for by the desk.
fn department(role: Option<Role>) -> StationKind {
    match role {
        Some(Role::Floor) => StationKind::Floor,
        Some(Role::Host) => StationKind::Restaurant,
        Some(Role::Concierge) => StationKind::Concierge,
        Some(Role::Reception | Role::Marketing | Role::Manager | Role::Admin) | None => StationKind::FrontDesk,
    }
}

/// Adds that all who have the guest's card open learn of it, and that it is known who did it.
pub(super) async fn told(db: &Db, tx: Tx, actor: &Actor, row: &RecoveryRow, fields: &[&str]) -> Result<Tx, DbError> {
    let guest: GuestId = id_of(&row.guest)?;
    let mut houses = houses_of(db, actor.house.id, guest).await?;
    houses.insert(id_of(&row.house)?);
    let tx = tx.event_in(houses, "guest", GuestEvent::new(guest, &GROUPS));
    Ok(audit::note(tx, actor, Action::ChangedRecovery, Some(guest), fields))
}

/// Says what was done about a complaint. Saying it again under the same id is the same step.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Conflict`] with the name of whoever wrote another step under the id, or what the
/// store answers.
pub async fn add_step(
    db: &Db,
    permit: &Permit<MendRecoveries>,
    now: DateTime<Utc>,
    step: StepId,
    id: RecoveryId,
    text: String,
) -> Result<(), AppError> {
    #[derive(SurrealValue)]
    struct Written {
        recovery: RecordId,
        text: String,
        author_name: String,
    }
    let actor = permit.actor();
    let of = row(db, id).await?;
    let key = record("recovery_step", step);
    let tx = Tx::new().run(
        "IF (SELECT VALUE text FROM ONLY $rec_step) != NONE { THROW 'guard:written' };
         CREATE ONLY $rec_step SET recovery = $rec, text = $rec_text, author_name = $rec_who, at = $rec_now RETURN NONE",
        vars()
            .with("rec_step", key.clone())
            .with("rec", of.id.clone())
            .with("rec_text", text.clone())
            .with("rec_who", actor.name.clone())
            .with("rec_now", now),
    );
    match db.commit(told(db, tx, actor, &of, &["complaint_step"]).await?).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => {
            let there: Option<Written> =
                db.row("SELECT recovery, text, author_name FROM $step", vars().with("step", key)).await?;
            let there = there.ok_or(AppError::NotFound)?;
            let is_same = there.recovery == of.id && there.text == text;
            if is_same { Ok(()) } else { Err(AppError::Conflict(there.author_name)) }
        }
        Err(other) => Err(other.into()),
    }
}

/// Notes that the guest was told what came of the complaint. The first one wins.
///
/// # Errors
/// [`AppError::Conflict`] with the name of whoever was first, [`AppError::NotFound`], or what the store answers.
pub async fn tell_guest(
    db: &Db,
    permit: &Permit<MendRecoveries>,
    now: DateTime<Utc>,
    id: RecoveryId,
) -> Result<(), AppError> {
    let actor = permit.actor();
    let of = row(db, id).await?;
    let tx = Tx::new().run(
        "LET $rec_told = (UPDATE $rec SET told_at = $rec_now, told_by = $rec_who WHERE told_at = NONE RETURN AFTER);
         IF array::len($rec_told) = 0 { THROW 'guard:told' }",
        vars().with("rec", of.id.clone()).with("rec_now", now).with("rec_who", actor.name.clone()),
    );
    match db.commit(told(db, tx, actor, &of, &["complaint_told"]).await?).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => Err(AppError::Conflict(row(db, id).await?.told_by.unwrap_or_default())),
        Err(other) => Err(other.into()),
    }
}

/// Notes that what was promised has been kept, and with it that its trace is done. The first one wins.
///
/// # Errors
/// [`AppError::Conflict`] with the name of whoever was first, [`AppError::NotFound`] where nothing was promised, or what
/// the store answers.
pub async fn keep_promise(
    db: &Db,
    permit: &Permit<MendRecoveries>,
    now: DateTime<Utc>,
    id: RecoveryId,
) -> Result<(), AppError> {
    let actor = permit.actor();
    let of = row(db, id).await?;
    if of.promise.is_none() {
        return Err(AppError::NotFound);
    }
    let tx = Tx::new().run(
        "LET $rec_kept = (UPDATE $rec SET promise_kept_at = $rec_now, promise_kept_by = $rec_who \
         WHERE promise != NONE AND promise_kept_at = NONE RETURN AFTER);
         IF array::len($rec_kept) = 0 { THROW 'guard:kept' }",
        vars().with("rec", of.id.clone()).with("rec_now", now).with("rec_who", actor.name.clone()),
    );
    let tx = end_of_recovery(tx, id, &actor.name, now, true);
    match db.commit(told(db, tx, actor, &of, &["complaint_promise_kept"]).await?).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => Err(AppError::Conflict(row(db, id).await?.promise_kept_by.unwrap_or_default())),
        Err(other) => Err(other.into()),
    }
}

/// Says what a complaint cost, in minor units of a currency of ISO 4217; `None` takes it away.
///
/// # Errors
/// [`AppError::Forbidden`] for anyone but a manager, [`AppError::NotFound`], or what the store answers.
pub async fn set_cost(
    db: &Db,
    permit: &Permit<MendRecoveries>,
    id: RecoveryId,
    cost: Option<(i64, String)>,
) -> Result<(), AppError> {
    let actor = permit.actor();
    if actor.role != Role::Manager {
        return Err(AppError::Forbidden);
    }
    let of = row(db, id).await?;
    let (minor, currency) = cost.unzip();
    let tx = Tx::new().run(
        "UPDATE $rec SET cost = $rec_cost, currency = $rec_currency RETURN NONE",
        vars().with("rec", of.id.clone()).with("rec_cost", optional(minor)).with("rec_currency", optional(currency)),
    );
    db.commit(told(db, tx, actor, &of, &["complaint_cost"]).await?).await?;
    Ok(())
}
