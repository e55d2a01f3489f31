//! What happens to an alert that nobody answers. Its first step is planned in the transaction that raises
//! it, with the times of those after it; each of these is planned in the transaction in which the one before it
//! is carried out. So one row waits for each open alert, and whichever server process claims it first carries it
//! out: each step once, whatever stops or starts meanwhile.

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

/// A step of an alert, as it is planned: and the steps after it with their times, as they were set when the
/// alert was raised.
#[derive(Debug, Clone, SurrealValue)]
pub(super) struct PlannedRow {
    id: RecordId,
    house: RecordId,
    alert: RecordId,
    step: i64,
    due: DateTime<Utc>,
    state: String,
    then_steps: Vec<i64>,
    then_due: Vec<DateTime<Utc>>,
}

impl PlannedRow {
    /// The first of these steps, with the others after it.
    fn first_of(house: &RecordId, alert: AlertId, times: &[(Step, DateTime<Utc>)]) -> Option<Self> {
        let ((step, due), then) = times.split_first()?;
        Some(Self {
            id: key(alert, *step),
            house: house.clone(),
            alert: record("alert", alert),
            step: step.number(),
            due: *due,
            state: "planned".to_owned(),
            then_steps: then.iter().map(|(step, _)| step.number()).collect(),
            then_due: then.iter().map(|(_, due)| *due).collect(),
        })
    }
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

/// The first step of an alert that is raised now, to be written with it. There is always one: its end.
pub(super) fn first_step(
    house: HouseId,
    alert: AlertId,
    rule: &StationRule,
    muted: bool,
    now: DateTime<Utc>,
) -> Option<PlannedRow> {
    let times: Vec<_> =
        rule.steps(muted).map(|(step, after)| (step, now + TimeDelta::seconds(i64::from(after)))).collect();
    PlannedRow::first_of(&record("house", house), alert, &times)
}

/// What is left of an alert's steps once somebody has answered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    Everything,
    /// It is known, and ends some time even if nobody says so.
    Expiry,
    Nothing,
}

impl Left {
    /// Statements that drop the step that waits, of the alert `$id`, if it is not left; and plan the end where that
    /// is left and did not wait yet.
    pub(super) fn statements(self) -> &'static str {
        match self {
            Self::Everything => "",
            Self::Expiry => {
                "LET $waited = (UPDATE $not_left SET state = 'dropped' WHERE state = 'planned' RETURN AFTER);
                 IF array::len($waited[0].then_due ?? []) > 0 {
                     INSERT IGNORE INTO escalation { id: $end, house: $waited[0].house, alert: $id, step: $end_number, \
                     due: array::last($waited[0].then_due), state: 'planned', then_steps: [], then_due: [] } RETURN NONE
                 };"
            }
            Self::Nothing => "UPDATE $not_left SET state = 'dropped' WHERE state = 'planned' RETURN NONE;",
        }
    }

    /// Binds what the statements need.
    pub(super) fn bind(self, bound: Vars, alert: AlertId) -> Vars {
        let drops: &[Step] = match self {
            Self::Everything => return bound,
            Self::Expiry => &[Step::Again, Step::Duty, Step::Unanswered],
            Self::Nothing => &Step::ALL,
        };
        bound
            .with("not_left", keys(alert, drops))
            .with("end", key(alert, Step::Expiry))
            .with("end_number", Step::Expiry.number())
    }
}

fn keys(alert: AlertId, steps: &[Step]) -> Vec<RecordId> {
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
    /// None where all steps were planned at once, by an earlier version.
    then_steps: Option<Vec<i64>>,
    then_due: Option<Vec<DateTime<Utc>>>,
}

impl ClaimedRow {
    /// The steps after it, with their times.
    fn then(&self) -> Result<Vec<(Step, DateTime<Utc>)>, DbError> {
        let steps = self.then_steps.iter().flatten().map(|step| step_of(*step));
        steps.zip(self.then_due.iter().flatten()).map(|(step, due)| Ok((step?, *due))).collect()
    }
}

fn step_of(number: i64) -> Result<Step, DbError> {
    Step::from_number(number).ok_or_else(|| DbError::Malformed(number.to_string()))
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
    let step = step_of(row.step)?;
    let house: HouseId = id_of(&row.house)?;
    let alert = store::row(db, id_of(&row.alert)?).await?.map(Alert::try_from).transpose()?;
    let Some(alert) = alert else { return drop_step(db, row, None).await.map(|held| held.then_some((step, false))) };
    let then = row.then()?;
    let (set, bound) = change(db, house, &alert, step, now).await?;
    let next = PlannedRow::first_of(&row.house, alert.id, &then);
    let (allowed, follow) = match (step, &next) {
        (Step::Expiry, _) => (vec!["raised".to_owned(), "acknowledged".to_owned()], Left::Nothing.statements()),
        // The claim, under which this happens once, and the id together let it be planned once.
        (_, Some(_)) => (vec!["raised".to_owned()], PLAN),
        (_, None) => (vec!["raised".to_owned()], ""),
    };
    let sql = format!(
        "LET $mine = (UPDATE $step SET state = 'done', done_at = $now \
         WHERE state = 'planned' AND owner = $owner AND lease = $lease RETURN AFTER);
         IF array::len($mine) = 0 {{ THROW 'guard:claim' }};
         LET $changed = (UPDATE $id SET {set} WHERE state IN $allowed RETURN AFTER);
         IF array::len($changed) = 0 {{ THROW 'guard:answered' }};
         {follow}
         LET $alert = $changed[0]"
    );
    let tx = Tx::new()
        .run(
            &sql,
            Left::Nothing
                .bind(bound, alert.id)
                .with("step", row.id.clone())
                .with("owner", optional(row.owner.clone()))
                .with("lease", optional(row.lease))
                .with("now", now)
                .with("id", record("alert", alert.id))
                .with("allowed", allowed)
                .with("next", optional(next)),
        )
        .event(NewEvent::of_expression(house, "alert", "$alert"));
    match db.commit(tx).await {
        Ok(_) => Ok(Some((step, true))),
        Err(DbError::Guard(guard)) if guard == "answered" => {
            // Its end is all that is still to come of it.
            let end = then.split_last().and_then(|(end, _)| PlannedRow::first_of(&row.house, alert.id, &[*end]));
            drop_step(db, row, end).await.map(|held| held.then_some((step, false)))
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

/// Plans the step `$next`, unless it has been.
const PLAN: &str = "INSERT IGNORE INTO escalation $next RETURN NONE;";

/// Notes that a claimed step is not needed, and plans what comes in its place. Tells whether the claim still held.
async fn drop_step(db: &Db, row: &ClaimedRow, next: Option<PlannedRow>) -> Result<bool, DbError> {
    let mut tx = Tx::new().run(
        "LET $mine = (UPDATE $step SET state = 'dropped' \
         WHERE state = 'planned' AND owner = $owner AND lease = $lease RETURN AFTER);
         IF array::len($mine) = 0 { THROW 'guard:claim' }",
        vars()
            .with("step", row.id.clone())
            .with("owner", optional(row.owner.clone()))
            .with("lease", optional(row.lease)),
    );
    if let Some(next) = next {
        tx = tx.run(PLAN, vars().with("next", next));
    }
    match db.commit(tx).await {
        Ok(_) => Ok(true),
        Err(DbError::Guard(_)) => Ok(false),
        Err(other) => Err(other),
    }
}
