//! What happens to an alert that nobody answers. Its steps are planned in the transaction that raises
//! it, and carried out by whichever server process claims them first: each one once, whatever stops or
//! starts meanwhile.

use super::{
    Told, presence,
    rules::{StationRule, Step},
    store::{self, Alert},
};
use crate::{
    ids::{AlertId, HouseId, StaffId},
    server::db::{Db, DbError, NewEvent, Tx, Vars, id_of, optional, record, vars},
};
use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::{Array, RecordId, SurrealValue};

/// A process that has claimed a step and not carried it out after this time has died.
const LEASE: TimeDelta = TimeDelta::seconds(10);
/// Steps that are claimed at once.
const PAGE: u32 = 100;

/// A step of an alert, as it is planned.
#[derive(Debug, Clone, SurrealValue)]
pub(super) struct PlannedRow {
    id: RecordId,
    house: RecordId,
    alert: RecordId,
    step: i64,
    due: DateTime<Utc>,
    state: String,
}

/// What one look at the steps that are due came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Chimed again, and copied to the backup station where there is one.
    pub again: u32,
    /// Told to whoever is on duty.
    pub duty: u32,
    /// Told to the sender as unanswered.
    pub unanswered: u32,
    pub expired: u32,
    /// Not needed any more: somebody had answered.
    pub dropped: u32,
}

impl Counts {
    fn of(&mut self, step: Step) -> &mut u32 {
        match step {
            Step::Again => &mut self.again,
            Step::Duty => &mut self.duty,
            Step::Unanswered => &mut self.unanswered,
            Step::Expiry => &mut self.expired,
        }
    }
}

/// The steps of an alert that is raised now, to be written with it.
pub(super) fn planned(
    house: HouseId,
    alert: AlertId,
    rule: &StationRule,
    muted: bool,
    now: DateTime<Utc>,
) -> Vec<PlannedRow> {
    rule.steps(muted)
        .map(|(step, after)| PlannedRow {
            id: key(alert, step),
            house: record("house", house),
            alert: record("alert", alert),
            step: step.number(),
            due: now + TimeDelta::seconds(i64::from(after)),
            state: "planned".to_owned(),
        })
        .collect()
}

/// The records of an alert's steps.
pub(super) fn keys(alert: AlertId, steps: &[Step]) -> Vec<RecordId> {
    steps.iter().map(|step| key(alert, *step)).collect()
}

fn key(alert: AlertId, step: Step) -> RecordId {
    let parts = vec![alert.to_string().into_value(), step.number().into_value()];
    RecordId::new("escalation", Array::from(parts))
}

#[derive(SurrealValue)]
struct DueRow {
    id: RecordId,
}

/// A step that this process has claimed.
#[derive(Debug, Clone, SurrealValue)]
struct ClaimedRow {
    id: RecordId,
    house: RecordId,
    alert: RecordId,
    step: i64,
    state: String,
    owner: Option<String>,
    lease: Option<DateTime<Utc>>,
}

/// Carries out the steps that are due in every house. `owner` names this process; of several that look
/// at once, one claims a step, and another takes over only after the claim has run out.
///
/// # Errors
/// What the store answers. A single step that fails is logged and comes again when its claim has run out.
pub async fn run_due(db: &Db, now: DateTime<Utc>, owner: &str) -> Result<Counts, DbError> {
    let mut counts = Counts::default();
    loop {
        let due: Vec<DueRow> = db
            .rows(
                "SELECT id, due FROM escalation WHERE state = 'planned' AND due <= $now \
                 AND (lease = NONE OR lease <= $now) ORDER BY due LIMIT $limit",
                vars().with("now", now).with("limit", i64::from(PAGE)),
            )
            .await?;
        if due.is_empty() {
            return Ok(counts);
        }
        let due = due.into_iter().map(|row| row.id).collect();
        for row in claim(db, now, owner, due).await? {
            match carry_out(db, now, &row).await {
                Ok(Some((step, true))) => *counts.of(step) += 1,
                Ok(Some((_, false))) => counts.dropped += 1,
                // Another process took it over: it counts there.
                Ok(None) => {}
                Err(error) => tracing::error!(%error, step = ?row.id, "a step of an alert failed"),
            }
        }
    }
}

/// Claims steps, and returns those of them that are this process's now, the earliest first.
async fn claim(db: &Db, now: DateTime<Utc>, owner: &str, due: Vec<RecordId>) -> Result<Vec<ClaimedRow>, DbError> {
    let lease = now + LEASE;
    let tx = Tx::new().run(
        "UPDATE $due SET owner = $owner, lease = $lease \
         WHERE state = 'planned' AND (lease = NONE OR lease <= $now) RETURN NONE",
        vars().with("due", due.clone()).with("owner", owner).with("lease", lease).with("now", now),
    );
    db.commit(tx).await?;
    let rows: Vec<ClaimedRow> = db.rows("SELECT * FROM $due", vars().with("due", due)).await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.state == "planned" && row.owner.as_deref() == Some(owner) && row.lease == Some(lease))
        .collect())
}

/// Carries out a claimed step: true if it was, false if it was not needed any more, `None` if the claim
/// does not hold any more.
async fn carry_out(db: &Db, now: DateTime<Utc>, row: &ClaimedRow) -> Result<Option<(Step, bool)>, DbError> {
    let step = Step::from_number(row.step).ok_or_else(|| DbError::Malformed(row.step.to_string()))?;
    let house: HouseId = id_of(&row.house)?;
    let alert = store::row(db, id_of(&row.alert)?).await?.map(Alert::try_from).transpose()?;
    let Some(alert) = alert else { return drop_step(db, row).await.map(|held| held.then_some((step, false))) };
    let (set, bound) = change(db, house, &alert, step, now).await?;
    let sql = format!(
        "LET $mine = (UPDATE $step SET state = 'done', done_at = $now \
         WHERE state = 'planned' AND owner = $owner AND lease = $lease RETURN AFTER);
         IF array::len($mine) = 0 {{ THROW 'guard:claim' }};
         LET $changed = (UPDATE $id SET {set} WHERE state IN $allowed RETURN AFTER);
         IF array::len($changed) = 0 {{ THROW 'guard:answered' }};
         UPDATE $dropped SET state = 'dropped' WHERE state = 'planned' RETURN NONE;
         LET $alert = $changed[0]"
    );
    let (allowed, dropped) = match step {
        Step::Expiry => (vec!["raised".to_owned(), "acknowledged".to_owned()], keys(alert.id, &Step::ALL)),
        Step::Again | Step::Duty | Step::Unanswered => (vec!["raised".to_owned()], Vec::new()),
    };
    let tx = Tx::new()
        .run(
            &sql,
            bound
                .with("step", row.id.clone())
                .with("owner", optional(row.owner.clone()))
                .with("lease", optional(row.lease))
                .with("now", now)
                .with("id", record("alert", alert.id))
                .with("allowed", allowed)
                .with("dropped", dropped),
        )
        .event(NewEvent::of_expression(house, "alert", "$alert"));
    match db.commit(tx).await {
        Ok(_) => Ok(Some((step, true))),
        Err(DbError::Guard(guard)) if guard == "answered" => {
            drop_step(db, row).await.map(|held| held.then_some((step, false)))
        }
        Err(DbError::Guard(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// What a step changes about its alert, by the rules of the moment: a backup station or a colleague who
/// has left since does not get it.
async fn change(
    db: &Db,
    house: HouseId,
    alert: &Alert,
    step: Step,
    now: DateTime<Utc>,
) -> Result<(&'static str, Vars), DbError> {
    let bound = vars().with("now", now);
    Ok(match step {
        Step::Again => {
            let (rule, _) = store::rules::at(db, alert.receiver, alert.kind).await?;
            let backup = match rule.backup {
                Some(backup) => crate::house::store::station(db, house, backup).await?.map(|station| station.id),
                None => None,
            };
            let backup = backup.map(|backup| record("station", backup));
            ("urgency = math::max([urgency, 1]), copied_to = $backup", bound.with("backup", optional(backup)))
        }
        Step::Duty => {
            let (rule, _) = store::rules::at(db, alert.receiver, alert.kind).await?;
            let (told, named) = whom_to_tell(db, house, rule.duty, now).await?;
            let (duty, name) = named.map(|(duty, name)| (record("staff", duty), name)).unzip();
            (
                "urgency = math::max([urgency, 2]), told = $told, duty = $duty, duty_name = $duty_name",
                bound.with("told", told.code()).with("duty", optional(duty)).with("duty_name", optional(name)),
            )
        }
        Step::Unanswered => ("urgency = math::max([urgency, 3])", bound),
        Step::Expiry => ("state = 'expired', ended_at = $now", bound),
    })
}

/// Whom the second step tells: the colleague on duty if they are on the line, else every manager who is, else
/// nobody. With the colleague on duty, unless the managers are told in their place.
async fn whom_to_tell(
    db: &Db,
    house: HouseId,
    on_duty: Option<StaffId>,
    now: DateTime<Utc>,
) -> Result<(Told, Option<(StaffId, String)>), DbError> {
    let on_the_line = presence::on_the_line(db, house, now).await?;
    let named = match on_duty {
        Some(duty) => crate::staff::store::working(db, house, duty).await?.map(|(name, _)| (duty, name)),
        None => None,
    };
    Ok(match named {
        Some((duty, name)) if on_the_line.contains(&duty) => (Told::Colleague, Some((duty, name))),
        _ if crate::staff::store::has_manager(db, house, &on_the_line).await? => (Told::Managers, None),
        named => (Told::Nobody, named),
    })
}

/// Notes that a claimed step is not needed. Tells whether the claim still held.
async fn drop_step(db: &Db, row: &ClaimedRow) -> Result<bool, DbError> {
    let tx = Tx::new().run(
        "LET $mine = (UPDATE $step SET state = 'dropped' \
         WHERE state = 'planned' AND owner = $owner AND lease = $lease RETURN AFTER);
         IF array::len($mine) = 0 { THROW 'guard:claim' }",
        vars()
            .with("step", row.id.clone())
            .with("owner", optional(row.owner.clone()))
            .with("lease", optional(row.lease)),
    );
    match db.commit(tx).await {
        Ok(_) => Ok(true),
        Err(DbError::Guard(_)) => Ok(false),
        Err(other) => Err(other),
    }
}
