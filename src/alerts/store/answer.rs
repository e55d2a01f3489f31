//! What becomes of an alert: on a screen, acknowledged, completed, taken back.

use super::{Alert, find};
use crate::{
    alerts::{AlertState, Outcome, Urgency, escalation, rules::Step},
    error::AppError,
    ids::AlertId,
    server::db::{Db, DbError, NewEvent, Tx, Vars, optional, record, vars},
    staff::{
        Role,
        audit::{self, Action},
        guard::{Actor, AnswerAlerts, Permit, RaiseAlerts},
    },
    stays::locator::{self, Whereabouts},
};
use chrono::{DateTime, Utc};

/// Says "Got it" for the station.
///
/// # Errors
/// [`AppError::Conflict`] naming who was first; [`AppError::Expired`]; [`AppError::Forbidden`] away from the
/// stations that have it; [`AppError::NotFound`]; what the store answers.
pub async fn acknowledge(
    db: &Db,
    permit: &Permit<AnswerAlerts>,
    now: DateTime<Utc>,
    id: AlertId,
) -> Result<Alert, AppError> {
    let before = before(db, permit.actor(), id, may_answer).await?;
    let change = Transition {
        allowed_from: &["raised"],
        set: "state = 'acknowledged', acknowledged_by = $who, acknowledged_at = $now",
        action: Action::Acknowledged,
        drops: &[Step::Again, Step::Duty, Step::Unanswered],
    };
    let tx = change.tx(permit.actor(), &before, vars().with("now", now));
    transition(db, permit.actor(), &before, tx, AlertState::Acknowledged, None).await
}

/// Ends an alert well: the guest was greeted, or seated at a table.
///
/// # Errors
/// As [`acknowledge`].
pub async fn complete(
    db: &Db,
    permit: &Permit<AnswerAlerts>,
    now: DateTime<Utc>,
    id: AlertId,
    outcome: Outcome,
) -> Result<Alert, AppError> {
    let actor = permit.actor();
    let before = before(db, actor, id, may_answer).await?;
    let table = match &outcome {
        Outcome::Greeted => None,
        Outcome::Seated(table) => Some(table.clone()),
    };
    let change = Transition {
        allowed_from: &["raised", "acknowledged"],
        // Whoever completes without a word before has also seen it.
        set: "state = 'completed', ended_by = $who, ended_at = $now, seated_at = $table, \
              acknowledged_by = acknowledged_by ?? $who, acknowledged_at = acknowledged_at ?? $now",
        action: Action::Completed,
        drops: &Step::ALL,
    };
    let bound = vars().with("now", now).with("table", optional(table.clone()));
    let place = Whereabouts::Station { station: before.receiver, table };
    let tx = locator::note(change.tx(actor, &before, bound), actor, now, before.guest, &place);
    transition(db, actor, &before, tx, AlertState::Completed, Some(&outcome)).await
}

/// Takes an alert back: by those who raised it, or from their stations. Where the guest is as it said is not
/// known any more, unless something else has told of it since.
///
/// # Errors
/// As [`acknowledge`].
pub async fn withdraw(
    db: &Db,
    permit: &Permit<RaiseAlerts>,
    now: DateTime<Utc>,
    id: AlertId,
) -> Result<Alert, AppError> {
    let before = before(db, permit.actor(), id, may_withdraw).await?;
    let change = Transition {
        allowed_from: &["raised", "acknowledged"],
        set: "state = 'withdrawn', ended_by = $who, ended_at = $now",
        action: Action::Withdrew,
        drops: &Step::ALL,
    };
    let mut tx = change.tx(permit.actor(), &before, vars().with("now", now));
    if before.kind.tells_where() {
        tx = locator::take_back(tx, permit.house(), before.guest, before.id);
    }
    transition(db, permit.actor(), &before, tx, AlertState::Withdrawn, None).await
}

/// Notes that alerts are on a screen of the station that they were raised for. Only the first time
/// counts, and only open alerts of that station; anything else is passed over, because a device reports
/// what it has painted without knowing what others did meanwhile.
///
/// # Errors
/// [`AppError::NoStation`], or what the store answers.
pub async fn displayed(
    db: &Db,
    permit: &Permit<AnswerAlerts>,
    now: DateTime<Utc>,
    ids: &[AlertId],
) -> Result<(), AppError> {
    let station = permit.station()?;
    for id in ids {
        let Some((alert, _)) = find(db, permit.house(), *id).await? else { continue };
        if alert.receiver != station.id || alert.displayed_at.is_some() || alert.state.is_end() {
            continue;
        }
        let tx = Tx::new()
            .run(
                "LET $changed = (UPDATE $id SET displayed_at = $now \
                 WHERE displayed_at = NONE AND state IN ['raised', 'acknowledged'] RETURN AFTER);
                 IF array::len($changed) = 0 { THROW 'guard:displayed' };
                 LET $alert = $changed[0]",
                vars().with("id", record("alert", alert.id)).with("now", now),
            )
            .event(NewEvent::of_expression(permit.house(), "alert", "$alert"));
        match db.commit(tx).await {
            Ok(_) | Err(DbError::Guard(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

struct Transition {
    allowed_from: &'static [&'static str],
    set: &'static str,
    action: Action,
    /// The steps that are not to happen any more.
    drops: &'static [Step],
}

impl Transition {
    fn tx(&self, actor: &Actor, before: &Alert, bound: Vars) -> Tx {
        let sql = format!(
            "LET $changed = (UPDATE $id SET {} WHERE state IN $allowed RETURN AFTER);
             IF array::len($changed) = 0 {{ THROW 'guard:state' }};
             UPDATE $dropped SET state = 'dropped' WHERE state = 'planned' RETURN NONE;
             LET $alert = $changed[0]",
            self.set
        );
        let tx = Tx::new()
            .run(
                &sql,
                bound
                    .with("id", record("alert", before.id))
                    .with("allowed", self.allowed_from.iter().map(|&state| state.to_owned()).collect::<Vec<_>>())
                    .with("dropped", escalation::keys(before.id, self.drops))
                    .with("who", actor.name.clone()),
            )
            .event(NewEvent::of_expression(actor.house.id, "alert", "$alert"));
        audit::note(tx, actor, self.action, Some(before.guest), &[])
    }
}

/// The alert as it was, if the actor may change it so.
async fn before(
    db: &Db,
    actor: &Actor,
    id: AlertId,
    may: fn(&Alert, &Actor) -> Result<bool, AppError>,
) -> Result<Alert, AppError> {
    let (alert, _) = find(db, actor.house.id, id).await?.ok_or(AppError::NotFound)?;
    // Whom it has been carried to only grows: who may now, may also when it is committed.
    if may(&alert, actor)? { Ok(alert) } else { Err(AppError::Forbidden) }
}

/// The station that it was raised for, the one that has a copy, and once the colleague on duty was told,
/// that colleague and every manager, wherever they are.
fn may_answer(alert: &Alert, actor: &Actor) -> Result<bool, AppError> {
    let is_on_duty = actor.role == Role::Manager || alert.duty == Some(actor.staff);
    if alert.urgency >= Urgency::DutyTold && is_on_duty {
        return Ok(true);
    }
    let station = actor.station.as_ref().ok_or(AppError::NoStation)?.id;
    Ok(alert.receiver == station || alert.copied_to == Some(station))
}

fn may_withdraw(alert: &Alert, actor: &Actor) -> Result<bool, AppError> {
    if alert.is_by(actor.staff) {
        return Ok(true);
    }
    Ok(alert.is_from(actor.station.as_ref().ok_or(AppError::NoStation)?.id))
}

/// Commits a change that leads to a state. Who asks for it again because the answer was lost on its way
/// gets the same answer.
async fn transition(
    db: &Db,
    actor: &Actor,
    before: &Alert,
    tx: Tx,
    state: AlertState,
    outcome: Option<&Outcome>,
) -> Result<Alert, AppError> {
    let committed = db.commit(tx).await;
    let (after, _) = find(db, actor.house.id, before.id).await?.ok_or(AppError::NotFound)?;
    match committed {
        Ok(_) => Ok(after),
        Err(DbError::Guard(_)) if is_done(&after, actor, state, outcome) => Ok(after),
        Err(DbError::Guard(_)) => Err(too_late(&after, state)),
        Err(other) => Err(other.into()),
    }
}

/// Whether an alert is as the actor wants it, and the actor made it so.
fn is_done(alert: &Alert, actor: &Actor, state: AlertState, outcome: Option<&Outcome>) -> bool {
    let by = if state == AlertState::Acknowledged { &alert.acknowledged_by } else { &alert.ended_by };
    alert.state == state && by.as_ref() == Some(&actor.name) && alert.outcome.as_ref() == outcome
}

/// Why the one who came second, and wanted another state, is refused: the name of whoever decided, or that
/// time did.
fn too_late(alert: &Alert, wanted: AlertState) -> AppError {
    let first = match wanted {
        AlertState::Acknowledged => alert.acknowledged_by.as_ref().or(alert.ended_by.as_ref()),
        _ => alert.ended_by.as_ref(),
    };
    match first {
        Some(name) => AppError::Conflict(name.clone()),
        None if alert.state == AlertState::Expired => AppError::Expired,
        None => AppError::Conflict(alert.raised_name.clone()),
    }
}
