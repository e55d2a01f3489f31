//! Whose a trace is.

use super::{changed, trace};
use crate::{
    error::{AppError, Problem},
    ids::{GuestId, StaffId, TraceId},
    server::db::{Db, DbError, Tx, Vars, id_of, optional, record, vars},
    staff::{
        self, Ability,
        audit::{self, Action},
        guard::{Actor, AssignWork, Permit, SeeTraces},
    },
};

/// Takes a trace on oneself. The first one wins: what is a colleague's stays the colleague's.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Conflict`] with the name of whoever has it or has seen to it, or what the
/// store answers.
pub async fn take(db: &Db, permit: &Permit<SeeTraces>, id: TraceId) -> Result<(), AppError> {
    let actor = permit.actor();
    let to = (actor.staff, actor.name.clone());
    change(db, actor, id, Some(to), "assigned = NONE OR assigned = $actor").await
}

/// Gives back to its department what one has taken or been given.
///
/// # Errors
/// As [`take`].
pub async fn put_back(db: &Db, permit: &Permit<SeeTraces>, id: TraceId) -> Result<(), AppError> {
    change(db, permit.actor(), id, None, "assigned = NONE OR assigned = $actor").await
}

/// Gives a trace to a colleague, whosever it was, or to nobody.
///
/// # Errors
/// [`AppError::Fields`] where it is no colleague of the house who sees traces; else as [`take`].
pub async fn give(db: &Db, permit: &Permit<AssignWork>, id: TraceId, to: Option<StaffId>) -> Result<(), AppError> {
    let to = match to {
        Some(to) => Some(worker(db, permit, "person", to).await?),
        None => None,
    };
    change(db, permit.actor(), id, to, "true").await
}

/// A colleague of the house to whom work may be given, by the form's `field` that names one.
///
/// # Errors
/// [`AppError::Fields`] where nobody is one under that id, or what the store answers.
pub(super) async fn worker(
    db: &Db,
    permit: &Permit<AssignWork>,
    field: &str,
    id: StaffId,
) -> Result<(StaffId, String), AppError> {
    let found = staff::store::working(db, permit.house(), id).await?;
    match found {
        Some((name, role)) if role.may(Ability::SeeTraces) => Ok((id, name)),
        other => {
            let given = other.map_or_else(|| id.to_string(), |(name, _)| name);
            Err(AppError::field(field, Problem::NotKnown(given, "@work_colleague".to_owned())))
        }
    }
}

/// Adds the guard that the colleague to whom work goes still works here: nobody is removed between two of the
/// house's transactions.
pub(super) fn still_works(tx: Tx, to: StaffId) -> Tx {
    tx.run(
        "IF (SELECT VALUE active FROM ONLY $work_to) != true { THROW 'guard:left' }",
        vars().with("work_to", record("staff", to)),
    )
}

/// Changes whose an open trace is, where `only_if` holds of it.
async fn change(
    db: &Db,
    actor: &Actor,
    id: TraceId,
    to: Option<(StaffId, String)>,
    only_if: &str,
) -> Result<(), AppError> {
    let row = trace(db, actor.house.id, id).await?;
    let guest = row.guest.as_ref().map(id_of::<GuestId>).transpose()?;
    let mut tx = Tx::new();
    if let Some((to, _)) = &to {
        tx = still_works(tx, *to);
    }
    let tx = tx
        .run(
            &format!(
                "LET $given = (UPDATE $trace SET assigned = $to, assigned_name = $to_name \
                 WHERE state = 'open' AND ({only_if}) RETURN AFTER);
                 IF array::len($given) = 0 {{ THROW 'guard:given' }}"
            ),
            bound(id, to).with("actor", record("staff", actor.staff)),
        )
        .event(changed(actor.house.id, &row.department));
    match db.commit(audit::note(tx, actor, Action::AssignedTrace, guest, &[])).await {
        Ok(_) => Ok(()),
        // Whoever was to get it has been removed meanwhile.
        Err(DbError::Guard(guard)) if guard == "left" => Err(AppError::NotFound),
        Err(DbError::Guard(_)) => {
            let row = trace(db, actor.house.id, id).await?;
            Err(AppError::Conflict(row.resolved_by.or(row.assigned_name).unwrap_or_default()))
        }
        Err(other) => Err(other.into()),
    }
}

fn bound(id: TraceId, to: Option<(StaffId, String)>) -> Vars {
    let (to, name) = to.map(|(to, name)| (record("staff", to), name)).unzip();
    vars().with("trace", record("trace", id)).with("to", optional(to)).with("to_name", optional(name))
}
