//! Campaigns and their letters in the store. What changes a campaign's state also opens or closes its
//! gates, in the same transaction.

mod letters;
mod state;
mod write;

pub use letters::{languages, letters, save_letter};
pub use state::{GATES, activate, approve, end, gate, gates, pause, pause_by_hand, submit};
pub use write::{Change, create, may_waive, update};

use super::{Campaign, CampaignKind, CampaignState, OccurrenceState, PauseReason, Settings};
use crate::{
    error::AppError,
    ids::{CampaignId, HouseId, StaffId},
    server::db::{Db, DbError, id_of, record, vars, word},
    staff::guard::{Permit, PlanGreetings},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;
use surrealdb::types::{RecordId, SurrealValue};

/// A campaign as the server works with it.
#[derive(Debug, Clone)]
pub struct CampaignRow {
    pub id: CampaignId,
    pub house: HouseId,
    pub kind: CampaignKind,
    pub name: String,
    pub state: CampaignState,
    pub revision: i64,
    pub settings: Settings,
    pub author: StaffId,
    pub author_name: String,
    pub approved_by: Option<String>,
    pub pause: Option<PauseReason>,
    pub paused_by: Option<String>,
    /// The last day, house-local, up to which guests have been planned.
    pub planned_through: Option<NaiveDate>,
    pub activated_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, SurrealValue)]
struct Row {
    id: RecordId,
    house: RecordId,
    kind: String,
    name: String,
    state: String,
    revision: i64,
    settings: String,
    author: RecordId,
    author_name: String,
    approved_by: Option<String>,
    pause_reason: Option<String>,
    paused_by: Option<String>,
    planned_through: Option<String>,
    activated_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for CampaignRow {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let settings = serde_json::from_str(&row.settings)
            .map_err(|error| DbError::Malformed(format!("settings of {:?}: {error}", row.id)))?;
        Ok(Self {
            id: id_of(&row.id)?,
            house: id_of(&row.house)?,
            kind: word(&row.kind, CampaignKind::from_code)?,
            name: row.name,
            state: word(&row.state, CampaignState::from_code)?,
            revision: row.revision,
            settings,
            author: id_of(&row.author)?,
            author_name: row.author_name,
            approved_by: row.approved_by,
            pause: row.pause_reason.as_deref().map(|text| word(text, PauseReason::from_code)).transpose()?,
            paused_by: row.paused_by,
            planned_through: row
                .planned_through
                .as_deref()
                .map(|text| word(text, |day| day.parse().ok()))
                .transpose()?,
            activated_at: row.activated_at,
        })
    }
}

impl CampaignRow {
    /// As marketing sees it.
    #[must_use]
    pub fn shown(self, languages: Vec<String>) -> Campaign {
        Campaign {
            id: self.id,
            kind: self.kind,
            name: self.name,
            state: self.state,
            revision: self.revision,
            settings: self.settings,
            author: self.author_name,
            approved_by: self.approved_by,
            pause: self.pause,
            paused_by: self.paused_by,
            languages,
            was_active: self.activated_at.is_some(),
        }
    }
}

/// A campaign, or nothing if there is none under that id.
///
/// # Errors
/// What the store answers.
pub async fn campaign(db: &Db, id: CampaignId) -> Result<Option<CampaignRow>, DbError> {
    let row: Option<Row> = db.row("SELECT * FROM $campaign", vars().with("campaign", record("campaign", id))).await?;
    row.map(CampaignRow::try_from).transpose()
}

/// A campaign of the actor's own house.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn own(db: &Db, permit: &Permit<PlanGreetings>, id: CampaignId) -> Result<CampaignRow, AppError> {
    campaign(db, id).await?.filter(|row| row.house == permit.house()).ok_or(AppError::NotFound)
}

/// Every active campaign of every house; in place of one that cannot be read, why not. It holds up no other.
///
/// # Errors
/// What the store answers.
pub async fn active_or_broken(db: &Db) -> Result<Vec<Result<CampaignRow, DbError>>, DbError> {
    let rows: Vec<Row> = db.rows("SELECT * FROM campaign WHERE state = 'active'", vars()).await?;
    Ok(rows.into_iter().map(CampaignRow::try_from).collect())
}

/// Every active campaign of every house that can be read.
///
/// # Errors
/// What the store answers.
pub async fn active(db: &Db) -> Result<Vec<CampaignRow>, DbError> {
    Ok(active_or_broken(db).await?.into_iter().filter_map(Result::ok).collect())
}

/// The campaigns of the house, newest first.
///
/// # Errors
/// What the store answers.
pub async fn of_house(db: &Db, permit: &Permit<PlanGreetings>) -> Result<Vec<CampaignRow>, DbError> {
    let rows: Vec<Row> = db
        .rows("SELECT * FROM campaign WHERE house = $house", vars().with("house", record("house", permit.house())))
        .await?;
    let mut rows: Vec<CampaignRow> = rows.into_iter().map(CampaignRow::try_from).collect::<Result<_, _>>()?;
    // Ids of a later time are larger.
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    Ok(rows)
}

/// Who had a campaign in hand last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastHand {
    /// Who wrote any of its settings or letters since it was approved last, and so cannot be the second person who
    /// approves it.
    pub writers: Vec<StaffId>,
    /// The name of whoever last changed anything about it, its state included.
    pub name: String,
}

/// Who had a campaign in hand last.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn last_hand(db: &Db, id: CampaignId) -> Result<LastHand, AppError> {
    #[derive(SurrealValue)]
    struct Hand {
        author: RecordId,
        author_name: String,
        editor: Option<RecordId>,
        writers: Option<Vec<RecordId>>,
        changed_by: Option<String>,
    }
    let row: Option<Hand> = db
        .row(
            "SELECT author, author_name, editor, writers, changed_by FROM $campaign",
            vars().with("campaign", record("campaign", id)),
        )
        .await?;
    let row = row.ok_or(AppError::NotFound)?;
    // Of one made before they were written down, the same two as the guard of an approval.
    let writers = row.writers.unwrap_or_else(|| [Some(row.author), row.editor].into_iter().flatten().collect());
    Ok(LastHand {
        writers: writers.iter().map(id_of::<StaffId>).collect::<Result<_, DbError>>()?,
        name: row.changed_by.unwrap_or(row.author_name),
    })
}

/// How many occurrences of a campaign stand where.
///
/// # Errors
/// What the store answers.
pub async fn counts(db: &Db, id: CampaignId) -> Result<BTreeMap<OccurrenceState, u32>, DbError> {
    #[derive(SurrealValue)]
    struct Count {
        state: String,
        count: i64,
    }
    let rows: Vec<Count> = db
        .rows(
            "SELECT state, count() AS count FROM occurrence WHERE campaign = $campaign GROUP BY state",
            vars().with("campaign", record("campaign", id)),
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok((word(&row.state, OccurrenceState::from_code)?, u32::try_from(row.count).unwrap_or(u32::MAX))))
        .collect()
}

/// How many occurrences of a campaign stand in each of some states.
///
/// # Errors
/// What the store answers.
pub async fn counts_of(
    db: &Db,
    id: CampaignId,
    states: &[OccurrenceState],
) -> Result<BTreeMap<OccurrenceState, u32>, DbError> {
    #[derive(SurrealValue)]
    struct Count {
        count: i64,
    }
    let mut counts = BTreeMap::new();
    for &state in states {
        let found: Option<Count> = db
            .row(
                "SELECT count() AS count FROM occurrence WHERE campaign = $campaign AND state = $state GROUP ALL",
                vars().with("campaign", record("campaign", id)).with("state", state.code().to_owned()),
            )
            .await?;
        counts.insert(state, u32::try_from(found.map_or(0, |row| row.count)).unwrap_or(u32::MAX));
    }
    Ok(counts)
}

/// How many greetings of a campaign are to leave from one instant on and before another, by the quarter of an
/// hour: no zone's days begin at any other time.
///
/// # Errors
/// What the store answers.
pub async fn leaving(
    db: &Db,
    id: CampaignId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<(DateTime<Utc>, u32)>, DbError> {
    #[derive(SurrealValue)]
    struct Quarter {
        at: DateTime<Utc>,
        count: i64,
    }
    let rows: Vec<Quarter> = db
        .rows(
            "SELECT time::floor(due, 15m) AS at, count() AS count FROM occurrence \
             WHERE campaign = $campaign AND state = 'planned' AND due >= $from AND due < $to GROUP BY at",
            vars().with("campaign", record("campaign", id)).with("from", from).with("to", to),
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.at, u32::try_from(row.count).unwrap_or(u32::MAX))).collect())
}
