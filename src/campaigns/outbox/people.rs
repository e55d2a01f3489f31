//! What did not arrive, or of which that is not known: people look at it and decide.

use crate::{
    campaigns::{OccurrenceId, OccurrenceState, Reason, store},
    error::AppError,
    ids::CampaignId,
    server::db::{Db, DbError, Tx, id_of, record, vars, word},
    staff::{
        audit::{self, Action},
        guard::{Permit, PlanGreetings},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// A greeting that a person sends again may leave for so long, whatever its own time was.
pub const AGAIN_WITHIN: TimeDelta = TimeDelta::hours(24);

/// A greeting that did not arrive, or of which that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub id: OccurrenceId,
    /// [`OccurrenceState::Failed`] or [`OccurrenceState::Unknown`].
    pub state: OccurrenceState,
    pub reason: Option<Reason>,
    pub relay: Option<String>,
    /// What the relay said last.
    pub answer: Option<String>,
    pub message_id: Option<String>,
    pub sending_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
}

#[derive(Debug, SurrealValue)]
struct Row {
    id: RecordId,
    state: String,
    reason: Option<String>,
    relay: Option<String>,
    answer: Option<String>,
    message_id: Option<String>,
    sending_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    decided_by: Option<String>,
}

impl TryFrom<Row> for DeadLetter {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: id_of(&row.id)?,
            state: word(&row.state, OccurrenceState::from_code)?,
            reason: row.reason.as_deref().map(|text| word(text, Reason::from_code)).transpose()?,
            relay: row.relay,
            answer: row.answer,
            message_id: row.message_id,
            sending_at: row.sending_at,
            ended_at: row.ended_at,
        })
    }
}

/// The dead letters of a campaign of the actor's house, the newest first: `limit` of those that failed and
/// as many of those that are unknown.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn dead_letters(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    campaign: CampaignId,
    limit: u32,
) -> Result<Vec<DeadLetter>, AppError> {
    store::own(db, permit, campaign).await?;
    let mut letters = Vec::new();
    for state in [OccurrenceState::Unknown, OccurrenceState::Failed] {
        let rows: Vec<Row> = db
            .rows(
                "SELECT * FROM occurrence WHERE campaign = $campaign AND state = $state ORDER BY due DESC LIMIT $limit",
                vars()
                    .with("campaign", record("campaign", campaign))
                    .with("state", state.code().to_owned())
                    .with("limit", i64::from(limit)),
            )
            .await?;
        for row in rows {
            letters.push(DeadLetter::try_from(row)?);
        }
    }
    Ok(letters)
}

/// Sends a greeting that failed once more, with everything looked at anew. The message is the same, unless
/// the guest's address or the campaign has changed.
///
/// # Errors
/// [`AppError::Conflict`] where it is not failed any more, [`AppError::NotFound`], or what the store answers.
pub async fn retry(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: &OccurrenceId,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    decide(
        db,
        permit,
        id,
        "failed",
        "state = 'planned', due = $now, until = IF until > $latest { until } ELSE { $latest }, attempts = 0, \
         reason = NONE, detail = NONE, ended_at = NONE",
        "sent_again",
        now,
    )
    .await
}

/// Writes down what a person found out about a greeting of which it was not known whether it arrived. One
/// that did not counts as failed: it leaves again only if somebody says so.
///
/// # Errors
/// [`AppError::Conflict`] where it is known by now, [`AppError::NotFound`], or what the store answers.
pub async fn resolve(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: &OccurrenceId,
    arrived: bool,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let (state, told) = if arrived {
        ("state = 'sent', ended_at = $now", "arrived")
    } else {
        ("state = 'failed', ended_at = $now", "not_arrived")
    };
    decide(db, permit, id, "unknown", state, told, now).await
}

/// Changes a greeting that stands at `from`, and writes down in the audit who said so: `told` is its word.
async fn decide(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: &OccurrenceId,
    from: &str,
    set: &str,
    told: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let before = row(db, permit, id).await?;
    if before.state != from {
        return Err(by_now(before));
    }
    let actor = permit.actor();
    let tx = Tx::new().run(
        &format!(
            "IF (SELECT VALUE state FROM ONLY $row) != $from {{ THROW 'guard:decided' }};
             UPDATE ONLY $row SET {set}, owner = NONE, lease = NONE, decided_by = $who RETURN NONE"
        ),
        vars()
            .with("row", record("occurrence", id))
            .with("from", from.to_owned())
            .with("now", now)
            .with("latest", now + AGAIN_WITHIN)
            .with("who", actor.name.clone()),
    );
    match db.commit(audit::note_of_greeting(tx, actor, Action::CampaignChanged, id, &[told])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => Err(by_now(row(db, permit, id).await?)),
        Err(other) => Err(other.into()),
    }
}

/// A greeting of the actor's house.
async fn row(db: &Db, permit: &Permit<PlanGreetings>, id: &OccurrenceId) -> Result<Row, AppError> {
    let row: Option<Row> = db
        .row(
            "SELECT * FROM $row WHERE house = $house",
            vars().with("row", record("occurrence", id)).with("house", record("house", permit.house())),
        )
        .await?;
    row.ok_or(AppError::NotFound)
}

/// Who was first, or where the greeting stands by now.
fn by_now(row: Row) -> AppError {
    AppError::Conflict(row.decided_by.unwrap_or(row.state))
}
