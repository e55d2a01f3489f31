//! Complaints seen to: what is known of them, whose they are, what was promised, and where they stand.

use super::{
    Owner, RecoveryRow, owners, row,
    write::{promise_trace, told},
};
use crate::{
    error::{AppError, Problem},
    ids::{RecoveryId, StaffId},
    requests::{
        recovery::{
            RecoveryState,
            write::{Complaint, Repair},
        },
        traces::store::{add, end_of_recovery},
    },
    server::db::{Db, DbError, Tx, id_of, record, vars},
    staff::guard::{Actor, MendRecoveries, Permit},
};
use chrono::{DateTime, Utc};

/// What of a complaint somebody saw before changing it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub revision: i64,
    /// The day on which its promise is due, house-local `YYYY-MM-DD`.
    pub promise_due: Option<String>,
}

impl Seen {
    /// What is known of a complaint that somebody is about to change from `revision` on.
    ///
    /// # Errors
    /// [`AppError::NotFound`], or what the store answers.
    pub async fn of(db: &Db, _: &Permit<MendRecoveries>, id: RecoveryId, revision: i64) -> Result<Self, AppError> {
        let row = row(db, id).await?;
        Ok(Self { revision, promise_due: row.promise_due })
    }
}

/// Changes a complaint if it is still at the revision that was seen.
///
/// # Errors
/// The fields `state` and `owner` for what they cannot become, [`AppError::Conflict`] with the name of whoever changed
/// it since, [`AppError::NotFound`], or what the store answers.
pub async fn change(
    db: &Db,
    permit: &Permit<MendRecoveries>,
    now: DateTime<Utc>,
    id: RecoveryId,
    seen: &Seen,
    complaint: Complaint,
    repair: Repair,
) -> Result<(), AppError> {
    let actor = permit.actor();
    let before = row(db, id).await?;
    let owner = owner_of(db, actor, &before, repair.owner).await?;
    let after = changed(before.clone(), actor, now, &owner, complaint, repair)?;
    let tx = Tx::new().run(
        // Whether the promise was kept is noted beside: it stays, unless another one is made.
        "LET $rec_changed = (UPDATE $rec SET \
         promise_kept_at = IF promise = $rec_row.promise { promise_kept_at } ELSE { NONE }, \
         promise_kept_by = IF promise = $rec_row.promise { promise_kept_by } ELSE { NONE }, \
         what = $rec_row.what, cause = $rec_row.cause, place = $rec_row.place, severity = $rec_row.severity, \
         owner = $rec_row.owner, owner_name = $rec_row.owner_name, promise = $rec_row.promise, \
         promise_due = $rec_row.promise_due, result = $rec_row.result, state = $rec_row.state, \
         closed_at = $rec_row.closed_at, closed_by = $rec_row.closed_by, changed_by = $rec_row.changed_by, \
         revision += 1 \
         WHERE revision = $rec_seen RETURN AFTER);
         IF array::len($rec_changed) = 0 { THROW 'guard:changed' }",
        vars().with("rec", after.id.clone()).with("rec_row", after.clone()).with("rec_seen", seen.revision),
    );
    let tx = keep_trace(tx, &before, &after, &owner, actor, now)?;
    let fields = differing(&before, &after);
    match db.commit(told(db, tx, actor, &after, &fields).await?).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => {
            let there = row(db, id).await?;
            if differing(&there, &after).is_empty() {
                return Ok(());
            }
            Err(AppError::Conflict(there.changed_by.unwrap_or_default()))
        }
        Err(other) => Err(other.into()),
    }
}

/// Whose it is to be: a colleague of this house who sees to complaints, or whoever owns it already.
async fn owner_of(db: &Db, actor: &Actor, before: &RecoveryRow, wanted: StaffId) -> Result<Owner, AppError> {
    let known = owners(db, actor.house.id).await?.into_iter().find(|owner| owner.id == wanted);
    let present = || {
        let stays = before.owner == record("staff", wanted);
        stays.then(|| Owner { id: wanted, name: before.owner_name.clone(), role: None })
    };
    known
        .or_else(present)
        .ok_or_else(|| AppError::field("owner", Problem::NotKnown(wanted.to_string(), "@listed".to_owned())))
}

/// The complaint as it is after a change.
fn changed(
    before: RecoveryRow,
    actor: &Actor,
    now: DateTime<Utc>,
    owner: &Owner,
    complaint: Complaint,
    repair: Repair,
) -> Result<RecoveryRow, AppError> {
    let was = RecoveryState::from_code(&before.state).ok_or_else(|| DbError::Malformed(before.state.clone()))?;
    if repair.state != was && !was.may_become(repair.state) {
        return Err(AppError::field(
            "state",
            Problem::NotKnown(repair.state.code().to_owned(), "@care_state".to_owned()),
        ));
    }
    let closes = repair.state == RecoveryState::Closed && was != RecoveryState::Closed;
    let stays_closed = repair.state == RecoveryState::Closed && was == RecoveryState::Closed;
    // Another promise is not the one that was kept.
    let is_same_promise = complaint.promise == before.promise;
    Ok(RecoveryRow {
        what: complaint.what,
        cause: complaint.cause.code().to_owned(),
        place: complaint.place.code().to_owned(),
        severity: complaint.severity.level().into(),
        owner: record("staff", owner.id),
        owner_name: owner.name.clone(),
        promise: complaint.promise,
        promise_due: complaint.promise_due.map(|day| day.to_string()),
        promise_kept_at: before.promise_kept_at.filter(|_| is_same_promise),
        promise_kept_by: before.promise_kept_by.filter(|_| is_same_promise),
        result: repair.result,
        state: repair.state.code().to_owned(),
        closed_at: if closes { Some(now) } else { before.closed_at.filter(|_| stays_closed) },
        closed_by: if closes { Some(actor.name.clone()) } else { before.closed_by.filter(|_| stays_closed) },
        changed_by: Some(actor.name.clone()),
        ..before
    })
}

/// Names of the fields that a person has changed, for the audit.
fn differing(one: &RecoveryRow, other: &RecoveryRow) -> Vec<&'static str> {
    [
        ("complaint_what", one.what != other.what),
        ("complaint_cause", one.cause != other.cause),
        ("complaint_place", one.place != other.place),
        ("complaint_severity", one.severity != other.severity),
        ("complaint_owner", one.owner != other.owner),
        ("complaint_promise", (&one.promise, &one.promise_due) != (&other.promise, &other.promise_due)),
        ("complaint_result", one.result != other.result),
        ("complaint_state", one.state != other.state),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}

/// Has the trace of a promise follow what became of it.
fn keep_trace(
    tx: Tx,
    before: &RecoveryRow,
    after: &RecoveryRow,
    owner: &Owner,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Tx, DbError> {
    let asks = |row: &RecoveryRow| (row.promise.clone(), row.promise_due.clone(), row.owner.clone());
    if asks(before) == asks(after) || after.promise_kept_at.is_some() {
        return Ok(tx);
    }
    let id: RecoveryId = id_of(&after.id)?;
    let Some(trace) = promise_trace(after, owner, actor)? else {
        return Ok(end_of_recovery(tx, id, &actor.name, now, false));
    };
    // There may be one already, done or not: what is promised now is to be kept.
    let tx = add(tx, std::slice::from_ref(&trace), now);
    Ok(tx.run(
        "UPDATE $rec_trace SET text = $rec_row.promise, due = $rec_row.promise_due, department = $rec_department, \
         assigned = $rec_row.owner, assigned_name = $rec_row.owner_name, state = 'open', resolved_by = NONE, \
         resolved_staff = NONE, resolved_at = NONE RETURN NONE",
        vars().with("rec_trace", record("trace", trace.id)).with("rec_department", trace.department.code().to_owned()),
    ))
}
