//! What becomes of an alert: on a screen, acknowledged, completed, taken back.

use super::{Alert, Changed, find};
use crate::{
    alerts::{AlertKind, AlertState, Outcome, Urgency, escalation::Left, feed},
    error::AppError,
    ids::{AlertId, StaffId, StationId},
    server::db::{Ahead, Db, DbError, NewEvent, Tx, Vars, id_of, optional, record, vars},
    staff::{
        Role,
        audit::{self, Action},
        guard::{Actor, AnswerAlerts, Permit, RaiseAlerts},
    },
    stays::{
        locator::{self, Whereabouts},
        usual::store as usual,
    },
};
use chrono::{DateTime, Utc};
use surrealdb::types::RecordId;

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
) -> Result<Changed, AppError> {
    let before = before(db, permit.actor(), id, may_answer).await?;
    // The card's facts are found while the answer is on its way: the sender sees it the sooner.
    let ahead = feed::look_ahead(db, permit.house(), now, before.guest);
    let change = Transition {
        allowed_from: &["raised"],
        guard: "",
        set: "state = 'acknowledged', acknowledged_by = $who, acknowledged_staff = $me, acknowledged_at = $now",
        action: Action::Acknowledged,
        left: Left::Expiry,
    };
    let tx = change.tx(permit.actor(), &before, vars().with("now", now), ahead);
    transition(db, permit.actor(), &before, tx, AlertState::Acknowledged, None).await
}

/// Ends an alert well: the guest was greeted, or seated at a table, which is then the one to offer there next time.
///
/// # Errors
/// As [`acknowledge`].
pub async fn complete(
    db: &Db,
    permit: &Permit<AnswerAlerts>,
    now: DateTime<Utc>,
    id: AlertId,
    outcome: Outcome,
) -> Result<Changed, AppError> {
    let actor = permit.actor();
    let before = before(db, actor, id, may_answer).await?;
    let ahead = feed::look_ahead(db, permit.house(), now, before.guest);
    let table = match &outcome {
        Outcome::Greeted => None,
        Outcome::Seated(table) => Some(table.clone()),
    };
    let change = Transition {
        allowed_from: &["raised", "acknowledged"],
        guard: "",
        // Whoever completes without a word before has also seen it.
        set: "state = 'completed', ended_by = $who, ended_staff = $me, ended_at = $now, seated_at = $table, \
              acknowledged_staff = IF acknowledged_by = NONE { $me } ELSE { acknowledged_staff }, \
              acknowledged_by = acknowledged_by ?? $who, acknowledged_at = acknowledged_at ?? $now",
        action: Action::Completed,
        left: Left::Nothing,
    };
    let bound = vars().with("now", now).with("table", optional(table.clone()));
    let mut tx = change.tx(actor, &before, bound, ahead);
    // Who has seen to what was due has not seen the guest.
    if before.kind != AlertKind::Due {
        if let Some(table) = &table {
            tx = usual::seated(tx, actor, now, (before.guest, before.receiver), table);
        }
        let place = Whereabouts::Station { station: before.receiver, table };
        tx = locator::note(tx, actor, now, before.guest, &place);
    }
    transition(db, actor, &before, tx, AlertState::Completed, Some(&outcome)).await
}

/// Takes an alert back: by those who raised it, or from their stations. Where several have said it, it stands
/// until the last of them has taken it back. Where the guest is as it was said is not known any more, unless
/// something else has told of it since.
///
/// # Errors
/// As [`acknowledge`].
pub async fn withdraw(
    db: &Db,
    permit: &Permit<RaiseAlerts>,
    now: DateTime<Utc>,
    id: AlertId,
) -> Result<Changed, AppError> {
    let actor = permit.actor();
    loop {
        let before = before(db, actor, id, may_withdraw).await?;
        let ahead = feed::look_ahead(db, permit.house(), now, before.guest);
        let leaving = leaving(db, &before, actor).await?;
        let change = if before.senders().all(|sender| before.withdrawn.contains(&sender) || leaving.contains(&sender)) {
            LAST_WITHDRAWS
        } else {
            ONE_WITHDRAWS
        };
        let staff: Vec<RecordId> = leaving.iter().map(|staff| record("staff", staff)).collect();
        let mut tx = change.tx(actor, &before, vars().with("now", now).with("leaving", staff), ahead);
        if before.kind.tells_where() {
            tx = locator::take_back(tx, permit.house(), before.guest, before.id, &leaving);
        }
        return match db.commit(tx).await {
            Ok(commit) => Ok(Changed::by(&commit)?),
            // Another sender has come or gone in the meantime: it is looked at anew.
            Err(DbError::Guard(guard)) if guard == "others" => continue,
            Err(DbError::Guard(_)) => {
                let after = after(db, actor, before.id).await?;
                // Asked for again because the answer was lost on its way, whatever others have done since.
                if leaving.iter().all(|sender| after.withdrawn.contains(sender)) {
                    Ok(Changed::earlier(after))
                } else {
                    Err(too_late(&after, AlertState::Withdrawn))
                }
            }
            Err(other) => Err(other.into()),
        };
    }
}

/// The last of the senders takes it back, and that is its end.
const LAST_WITHDRAWS: Transition = Transition {
    allowed_from: &["raised", "acknowledged"],
    guard: "LET $was = (SELECT * FROM $id)[0];
        IF ($was.withdrawn ?? []) CONTAINSALL $leaving { THROW 'guard:state' };
        LET $gone = array::union($was.withdrawn ?? [], $leaving);
        IF array::len(array::complement(array::add($was.also_staff, $was.raised_by), $gone)) > 0 { THROW 'guard:others' };",
    set: "state = 'withdrawn', withdrawn = $gone, ended_by = $who, ended_staff = $me, ended_at = $now",
    action: Action::Withdrew,
    left: Left::Nothing,
};

/// One of several takes it back; it stands for the others.
const ONE_WITHDRAWS: Transition = Transition {
    allowed_from: &["raised", "acknowledged"],
    guard: "LET $was = (SELECT * FROM $id)[0];
        IF ($was.withdrawn ?? []) CONTAINSALL $leaving { THROW 'guard:state' };
        LET $gone = array::union($was.withdrawn ?? [], $leaving);
        IF array::len(array::complement(array::add($was.also_staff, $was.raised_by), $gone)) = 0 { THROW 'guard:others' };
        LET $first_stands = IF $gone CONTAINS $was.raised_by { [] } ELSE { [$was.sender] };
        LET $others_stand = (SELECT VALUE station FROM alert_alias WHERE alert = $id AND !($gone CONTAINS staff));
        LET $left_from = array::complement(array::add($was.also_from, $was.sender), \
        array::union($first_stands, $others_stand));",
    set: "withdrawn = $gone, withdrawn_from = $left_from",
    action: Action::Withdrew,
    left: Left::Everything,
};

/// The senders who go when the actor takes an alert back: the actor; or, for one who did not say it, the
/// colleagues who said it from the actor's station.
async fn leaving(db: &Db, alert: &Alert, actor: &Actor) -> Result<Vec<StaffId>, AppError> {
    if alert.is_by(actor.staff) {
        return Ok(vec![actor.staff]);
    }
    let station = actor.station.as_ref().ok_or(AppError::NoStation)?.id;
    Ok(said_from(db, alert, station).await?)
}

async fn said_from(db: &Db, alert: &Alert, station: StationId) -> Result<Vec<StaffId>, DbError> {
    let also: Vec<RecordId> = db
        .rows(
            "SELECT VALUE staff FROM alert_alias WHERE alert = $alert AND station = $station",
            vars().with("alert", record("alert", alert.id)).with("station", record("station", station)),
        )
        .await?;
    let mut said: Vec<StaffId> = also.iter().map(id_of).collect::<Result<_, _>>()?;
    said.extend((alert.sender == station).then_some(alert.raised_by));
    Ok(said)
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
    /// Statements before it, which throw where it may not happen.
    guard: &'static str,
    set: &'static str,
    action: Action,
    /// What is still to happen to it.
    left: Left,
}

impl Transition {
    /// `ahead`: what is being looked up for the card; see [`feed::look_ahead`].
    fn tx(&self, actor: &Actor, before: &Alert, bound: Vars, ahead: Ahead) -> Tx {
        let sql = format!(
            "{} LET $changed = (UPDATE $id SET {} WHERE state IN $allowed RETURN AFTER);
             IF array::len($changed) = 0 {{ THROW 'guard:state' }};
             {} LET $alert = $changed[0]",
            self.guard,
            self.set,
            self.left.statements()
        );
        let tx = Tx::new()
            .run(
                &sql,
                self.left
                    .bind(bound, before.id)
                    .with("id", record("alert", before.id))
                    .with("allowed", self.allowed_from.iter().map(|&state| state.to_owned()).collect::<Vec<_>>())
                    .with("who", actor.name.clone())
                    .with("me", record("staff", actor.staff)),
            )
            .event(NewEvent::of_expression(actor.house.id, "alert", "$alert").with_ahead(ahead));
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
) -> Result<Changed, AppError> {
    match db.commit(tx).await {
        Ok(commit) => Ok(Changed::by(&commit)?),
        Err(DbError::Guard(_)) => {
            let after = after(db, actor, before.id).await?;
            if is_done(&after, actor, state, outcome) {
                Ok(Changed::earlier(after))
            } else {
                Err(too_late(&after, state))
            }
        }
        Err(other) => Err(other.into()),
    }
}

/// The alert as it is by now.
async fn after(db: &Db, actor: &Actor, id: AlertId) -> Result<Alert, AppError> {
    find(db, actor.house.id, id).await?.map(|(alert, _)| alert).ok_or(AppError::NotFound)
}

/// Whether an alert is as the actor wants it, and the actor made it so. Another colleague of the same name is
/// another. Whoever has acknowledged it has, whatever became of it after.
fn is_done(alert: &Alert, actor: &Actor, state: AlertState, outcome: Option<&Outcome>) -> bool {
    if state == AlertState::Acknowledged {
        return alert.acknowledged_staff == Some(actor.staff);
    }
    alert.state == state && alert.ended_staff == Some(actor.staff) && alert.outcome.as_ref() == outcome
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
