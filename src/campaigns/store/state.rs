//! What becomes of a campaign: submitted, approved, active, paused, ended. Its gates open and close with it.

use super::{last_hand, own};
use crate::{
    campaigns::{CampaignState, PauseReason},
    error::{AppError, Problem},
    ids::CampaignId,
    server::db::{Db, DbError, Tx, optional, record, vars},
    staff::{
        audit::{self, Action},
        guard::{Permit, PlanGreetings},
    },
};
use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// Gates of a campaign: as many sends of it can be committed at once without waiting for each other.
pub const GATES: u32 = 16;

/// Asks for the second person's approval.
///
/// # Errors
/// [`AppError::Conflict`] where the campaign is no draft any more and not paused either, or what the store
/// answers.
pub async fn submit(db: &Db, permit: &Permit<PlanGreetings>, id: CampaignId) -> Result<(), AppError> {
    own(db, permit, id).await?;
    let step = Step::new(&["draft", "paused"], CampaignState::Waiting, "submitted").with("approved_by = NONE");
    go(db, permit, id, step).await
}

/// Approves what a colleague submitted, and makes it a draft that may be activated. `seen_revision` is
/// the one that was looked at.
///
/// # Errors
/// [`AppError::Fields`] for whoever wrote any of it since it was approved last, [`AppError::Conflict`] where it does
/// not wait any more or was changed since, or what the store answers.
pub async fn approve(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: CampaignId,
    seen_revision: i64,
) -> Result<(), AppError> {
    own(db, permit, id).await?;
    let step = Step::new(&["waiting"], CampaignState::Draft, "approved")
        .with("approved_by = $who, writers = []")
        .seen(seen_revision)
        .by_another();
    go(db, permit, id, step).await
}

/// Starts a campaign, or lets it go on. `seen_revision` is the one that was looked at. One whose second person was
/// waived is started by another than whoever changed it last.
///
/// # Errors
/// [`AppError::Fields`] where a second person must approve it first or start it, [`AppError::Conflict`] where it is
/// active, has ended or was changed since, or what the store answers.
pub async fn activate(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: CampaignId,
    seen_revision: i64,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let row = own(db, permit, id).await?;
    // An approval holds for one revision, which the transaction looks at again.
    if row.settings.second_person && row.approved_by.is_none() {
        return Err(needs_second_person());
    }
    // What was just read is what starts, and no revision yet to come.
    if row.revision != seen_revision {
        return Err(AppError::Conflict(last_hand(db, id).await?.name));
    }
    let step = Step::new(&["draft", "paused"], CampaignState::Active, "activated")
        .with("pause_reason = NONE, paused_by = NONE, activated_at = activated_at ?? $now")
        .seen(seen_revision)
        .at(now);
    go(db, permit, id, step).await
}

/// Ends a campaign for good: what has not left is dropped by the planner.
///
/// # Errors
/// [`AppError::Conflict`] where it has ended, or what the store answers.
pub async fn end(db: &Db, permit: &Permit<PlanGreetings>, id: CampaignId) -> Result<(), AppError> {
    own(db, permit, id).await?;
    let from = &["draft", "waiting", "active", "paused"];
    go(db, permit, id, Step::new(from, CampaignState::Ended, "ended").with("pause_reason = NONE")).await
}

/// Pauses a campaign in somebody's name: once this has returned, nothing of it starts any more.
///
/// # Errors
/// [`AppError::Conflict`] where it is not active, or what the store answers.
pub async fn pause_by_hand(db: &Db, permit: &Permit<PlanGreetings>, id: CampaignId) -> Result<(), AppError> {
    own(db, permit, id).await?;
    let step =
        Step::new(&["active"], CampaignState::Paused, "paused").with("pause_reason = 'by_hand', paused_by = $who");
    go(db, permit, id, step).await
}

/// Pauses a campaign: once this has returned, nothing of it starts any more. Nothing happens to one that
/// is not active.
///
/// # Errors
/// What the store answers.
pub async fn pause(db: &Db, id: CampaignId, reason: PauseReason, by: Option<&str>) -> Result<(), DbError> {
    let tx = Tx::new().run(
        "IF (SELECT VALUE state FROM ONLY $campaign) = 'active' {
            UPDATE ONLY $campaign SET state = 'paused', pause_reason = $reason, paused_by = $by RETURN NONE;
            UPDATE $gates SET open = false RETURN NONE;
         }",
        vars()
            .with("campaign", record("campaign", id))
            .with("gates", gates(id))
            .with("reason", reason.code().to_owned())
            .with("by", optional(by.map(str::to_owned))),
    );
    db.commit(tx).await.map(drop)
}

/// Why somebody alone cannot do it.
fn needs_second_person() -> AppError {
    AppError::field("approval", Problem::NeedsSecondPerson)
}

/// A change of state.
struct Step {
    from: &'static [&'static str],
    to: CampaignState,
    /// What the audit trail calls it.
    told: &'static str,
    /// What else is set.
    set: &'static str,
    seen: Option<i64>,
    /// Whether nobody may do it who wrote any of the campaign since it was approved last. A colleague who changes a
    /// comma in it does not make the rest of it seen by two.
    by_another: bool,
    now: Option<DateTime<Utc>>,
}

impl Step {
    fn new(from: &'static [&'static str], to: CampaignState, told: &'static str) -> Self {
        Self { from, to, told, set: "", seen: None, by_another: false, now: None }
    }

    fn with(self, set: &'static str) -> Self {
        Self { set, ..self }
    }

    fn seen(self, revision: i64) -> Self {
        Self { seen: Some(revision), ..self }
    }

    fn by_another(self) -> Self {
        Self { by_another: true, ..self }
    }

    fn at(self, now: DateTime<Utc>) -> Self {
        Self { now: Some(now), ..self }
    }
}

async fn go(db: &Db, permit: &Permit<PlanGreetings>, id: CampaignId, step: Step) -> Result<(), AppError> {
    let actor = permit.actor();
    let comma = if step.set.is_empty() { "" } else { ", " };
    let tx = Tx::new().run(
        &format!(
            "IF (SELECT VALUE state FROM ONLY $campaign) NOT IN $from {{ THROW 'guard:state' }};
             IF $seen != NONE AND (SELECT VALUE revision FROM ONLY $campaign) != $seen {{ THROW 'guard:revision' }};
             IF $by_another AND $staff IN (SELECT VALUE (writers ?? [author, editor ?? author]) FROM ONLY $campaign) \
             {{ THROW 'guard:own' }};
             IF $to = 'active' AND (SELECT VALUE waived FROM ONLY $campaign) = true \
             AND (SELECT VALUE (editor ?? author) FROM ONLY $campaign) = $staff {{ THROW 'guard:own' }};
             UPDATE ONLY $campaign SET state = $to, changed_by = $who{comma}{} RETURN NONE;
             UPDATE $gates SET open = $open RETURN NONE",
            step.set
        ),
        vars()
            .with("campaign", record("campaign", id))
            .with("gates", gates(id))
            .with("from", step.from.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
            .with("to", step.to.code().to_owned())
            .with("seen", optional(step.seen))
            .with("by_another", step.by_another)
            .with("staff", record("staff", actor.staff))
            .with("open", step.to == CampaignState::Active)
            .with("who", actor.name.clone())
            .with("now", optional(step.now)),
    );
    match db.commit(audit::note(tx, actor, Action::CampaignChanged, None, &[step.told])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(guard)) if guard == "own" => Err(needs_second_person()),
        Err(DbError::Guard(_)) => Err(AppError::Conflict(last_hand(db, id).await?.name)),
        Err(other) => Err(other.into()),
    }
}

/// The records of a campaign's gates.
#[must_use]
pub fn gates(id: CampaignId) -> Vec<RecordId> {
    (0..GATES).map(|number| gate(id, number)).collect()
}

/// One of a campaign's gates; `number` counts round.
#[must_use]
pub fn gate(id: CampaignId, number: u32) -> RecordId {
    record("gate", format!("{id}|{}", number % GATES))
}

#[derive(SurrealValue)]
pub(super) struct Gate {
    id: RecordId,
    campaign: RecordId,
    open: bool,
    passed: i64,
}

impl Gate {
    /// The gates of a new campaign, all of them closed.
    pub(super) fn all(campaign: CampaignId) -> Vec<Self> {
        gates(campaign)
            .into_iter()
            .map(|id| Self { id, campaign: record("campaign", campaign), open: false, passed: 0 })
            .collect()
    }
}
