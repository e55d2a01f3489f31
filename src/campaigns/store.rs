//! Campaigns and their letters in the store. What changes a campaign's state also opens or closes its
//! gates, in the same transaction.

use super::{Campaign, CampaignKind, CampaignState, OccurrenceState, PauseReason, Settings, template::Letter};
use crate::{
    error::AppError,
    ids::{CampaignId, HouseId, StaffId},
    server::{
        db::{Db, DbError, Tx, id_of, optional, record, vars, word},
    },
    staff::guard::{Permit, PlanGreetings},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;
use surrealdb::types::{RecordId, SurrealValue};

/// Gates of a campaign: as many sends of it can be committed at once without waiting for each other.
pub const GATES: u32 = 16;

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
            planned_through: row.planned_through.as_deref().map(|text| word(text, |day| day.parse().ok())).transpose()?,
            activated_at: row.activated_at,
        })
    }
}

/// A campaign, or nothing if there is none under that id.
///
/// # Errors
/// What the store answers.
pub async fn campaign(db: &Db, id: CampaignId) -> Result<Option<CampaignRow>, DbError> {
    let row: Option<Row> =
        db.row("SELECT * FROM $campaign", vars().with("campaign", record("campaign", id))).await?;
    row.map(CampaignRow::try_from).transpose()
}

/// A campaign of the actor's own house.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn own(db: &Db, permit: &Permit<PlanGreetings>, id: CampaignId) -> Result<CampaignRow, AppError> {
    campaign(db, id).await?.filter(|row| row.house == permit.house()).ok_or(AppError::NotFound)
}

/// Every active campaign of every house.
///
/// # Errors
/// What the store answers.
pub async fn active(db: &Db) -> Result<Vec<CampaignRow>, DbError> {
    let rows: Vec<Row> = db.rows("SELECT * FROM campaign WHERE state = 'active'", vars()).await?;
    rows.into_iter().map(CampaignRow::try_from).collect()
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
        .map(|row| {
            Ok((word(&row.state, OccurrenceState::from_code)?, u32::try_from(row.count).unwrap_or(u32::MAX)))
        })
        .collect()
}

/// Makes a draft with its letters.
///
/// # Errors
/// What the store answers.
pub async fn create(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    kind: CampaignKind,
    name: &str,
    settings: &Settings,
    letters: &[Letter],
    now: DateTime<Utc>,
) -> Result<CampaignId, AppError> {
    let id = CampaignId::new();
    let actor = permit.actor();
    let rows: Vec<_> = letters.iter().map(|letter| LetterRow::new(id, letter, &actor.name, now)).collect();
    let tx = Tx::new()
        .run(
            "CREATE ONLY $campaign SET house = $house, kind = $kind, name = $name, state = 'draft', revision = 1, \
             settings = $settings, author = $staff, author_name = $author, created_at = $now RETURN NONE;
             INSERT INTO letter $letters RETURN NONE;
             INSERT INTO gate $new_gates RETURN NONE",
            vars()
                .with("campaign", record("campaign", id))
                .with("house", record("house", permit.house()))
                .with("kind", kind.code().to_owned())
                .with("name", name.to_owned())
                .with("settings", json(settings))
                .with("staff", record("staff", actor.staff))
                .with("author", actor.name.clone())
                .with("now", now)
                .with("letters", rows)
                .with("new_gates", Gate::all(id)),
        );
    db.commit(tx).await?;
    Ok(id)
}

/// How an attempt to change a campaign or a letter ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Kept,
    /// A colleague changed it since.
    Moved,
}

/// Changes name and settings if the campaign is still at the revision that the editor saw. One that is
/// active pauses until somebody has looked at what the change means.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn update(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: CampaignId,
    seen_revision: i64,
    name: &str,
    settings: &Settings,
) -> Result<Change, AppError> {
    own(db, permit, id).await?;
    let tx = Tx::new().run(
        "IF (SELECT VALUE revision FROM ONLY $campaign) != $revision { THROW 'guard:revision' };
         UPDATE ONLY $campaign SET revision += 1, name = $name, settings = $settings, approved_by = NONE, \
         state = IF state = 'waiting' { 'draft' } ELSE { state } RETURN NONE",
        vars()
            .with("campaign", record("campaign", id))
            .with("revision", seen_revision)
            .with("name", name.to_owned())
            .with("settings", json(settings))
            .with("gates", gates(id)),
    );
    kept(db.commit(changed(tx)).await)
}

/// The statements after a change that keep an active campaign from going on with what nobody looked at.
fn changed(tx: Tx) -> Tx {
    tx.run(
        "IF (SELECT VALUE state FROM ONLY $campaign) = 'active' {
            UPDATE ONLY $campaign SET state = 'paused', pause_reason = 'changed', paused_by = NONE RETURN NONE;
            UPDATE $gates SET open = false RETURN NONE;
         }",
        vars(),
    )
}

fn kept(committed: Result<crate::server::db::Commit, DbError>) -> Result<Change, AppError> {
    match committed {
        Ok(_) => Ok(Change::Kept),
        Err(DbError::Guard(_)) => Ok(Change::Moved),
        Err(other) => Err(other.into()),
    }
}

fn json(settings: &Settings) -> String {
    #[allow(clippy::expect_used, reason = "a struct of texts and numbers always becomes JSON")]
    serde_json::to_string(settings).expect("settings become JSON")
}

/// Asks for the second person's approval.
///
/// # Errors
/// [`AppError::Conflict`] where the campaign is no draft any more, or what the store answers.
pub async fn submit(db: &Db, permit: &Permit<PlanGreetings>, id: CampaignId) -> Result<(), AppError> {
    go(db, permit, id, Step { from: &["draft"], to: CampaignState::Waiting, set: "approved_by = NONE" }, None).await
}

/// Approves what a colleague submitted, and makes it a draft that may be activated.
///
/// # Errors
/// [`AppError::Forbidden`] for whoever wrote it, [`AppError::Conflict`] where it does not wait any more, or
/// what the store answers.
pub async fn approve(db: &Db, permit: &Permit<PlanGreetings>, id: CampaignId) -> Result<(), AppError> {
    let row = own(db, permit, id).await?;
    if row.author == permit.actor().staff {
        return Err(AppError::Forbidden);
    }
    go(db, permit, id, Step { from: &["waiting"], to: CampaignState::Draft, set: "approved_by = $who" }, None).await
}

/// Starts a campaign, or lets it go on.
///
/// # Errors
/// [`AppError::Conflict`] where it is active or has ended, or what the store answers.
pub async fn activate(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: CampaignId,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let set = "pause_reason = NONE, paused_by = NONE, activated_at = activated_at ?? $now";
    go(db, permit, id, Step { from: &["draft", "paused"], to: CampaignState::Active, set }, Some(now)).await
}

/// Ends a campaign for good: what has not left is dropped by the planner.
///
/// # Errors
/// [`AppError::Conflict`] where it has ended, or what the store answers.
pub async fn end(db: &Db, permit: &Permit<PlanGreetings>, id: CampaignId) -> Result<(), AppError> {
    let from = &["draft", "waiting", "active", "paused"];
    go(db, permit, id, Step { from, to: CampaignState::Ended, set: "pause_reason = NONE" }, None).await
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

/// A change of state.
struct Step {
    from: &'static [&'static str],
    to: CampaignState,
    /// What else is set.
    set: &'static str,
}

async fn go(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: CampaignId,
    step: Step,
    now: Option<DateTime<Utc>>,
) -> Result<(), AppError> {
    own(db, permit, id).await?;
    let tx = Tx::new().run(
        &format!(
            "IF (SELECT VALUE state FROM ONLY $campaign) NOT IN $from {{ THROW 'guard:state' }};
             UPDATE ONLY $campaign SET state = $to, {} RETURN NONE;
             UPDATE $gates SET open = $open RETURN NONE",
            step.set
        ),
        vars()
            .with("campaign", record("campaign", id))
            .with("gates", gates(id))
            .with("from", step.from.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
            .with("to", step.to.code().to_owned())
            .with("open", step.to == CampaignState::Active)
            .with("who", permit.actor().name.clone())
            .with("now", optional(now)),
    );
    match db.commit(tx).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => {
            let row = own(db, permit, id).await?;
            Err(AppError::Conflict(row.paused_by.or(row.approved_by).unwrap_or(row.author_name)))
        }
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
struct Gate {
    id: RecordId,
    campaign: RecordId,
    open: bool,
    passed: i64,
}

impl Gate {
    /// The gates of a new campaign, all of them closed.
    fn all(campaign: CampaignId) -> Vec<Self> {
        gates(campaign)
            .into_iter()
            .map(|id| Self { id, campaign: record("campaign", campaign), open: false, passed: 0 })
            .collect()
    }
}

#[derive(Debug, Clone, SurrealValue)]
struct LetterRow {
    id: RecordId,
    campaign: RecordId,
    language: String,
    revision: i64,
    subject: String,
    mjml: String,
    html: String,
    text: String,
    text_by_hand: bool,
    author_name: String,
    at: DateTime<Utc>,
}

impl LetterRow {
    fn new(campaign: CampaignId, letter: &Letter, author: &str, now: DateTime<Utc>) -> Self {
        Self {
            id: record("letter", format!("{campaign}|{}", letter.language)),
            campaign: record("campaign", campaign),
            language: letter.language.clone(),
            revision: letter.revision,
            subject: letter.subject.clone(),
            mjml: letter.mjml.clone(),
            html: letter.html.clone(),
            text: letter.text.clone(),
            text_by_hand: letter.text_by_hand,
            author_name: author.to_owned(),
            at: now,
        }
    }

    fn read(self) -> Letter {
        Letter {
            language: self.language,
            revision: self.revision,
            subject: self.subject,
            mjml: self.mjml,
            html: self.html,
            text: self.text,
            text_by_hand: self.text_by_hand,
        }
    }
}

/// A campaign's letters, by language.
///
/// # Errors
/// What the store answers.
pub async fn letters(db: &Db, id: CampaignId) -> Result<Vec<Letter>, DbError> {
    let rows: Vec<LetterRow> = db
        .rows("SELECT * FROM letter WHERE campaign = $campaign", vars().with("campaign", record("campaign", id)))
        .await?;
    let mut letters: Vec<Letter> = rows.into_iter().map(LetterRow::read).collect();
    letters.sort_by(|one, other| one.language.cmp(&other.language));
    Ok(letters)
}

/// Keeps a letter, compiled, if it is still at the revision that the editor saw (0 for a new language).
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn save_letter(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: CampaignId,
    letter: &Letter,
    now: DateTime<Utc>,
) -> Result<Change, AppError> {
    own(db, permit, id).await?;
    let seen = letter.revision;
    let mut row = LetterRow::new(id, letter, &permit.actor().name, now);
    row.revision = seen + 1;
    let tx = Tx::new().run(
        "IF ((SELECT VALUE revision FROM ONLY $letter) ?? 0) != $seen { THROW 'guard:revision' };
         UPSERT ONLY $letter CONTENT $content RETURN NONE;
         UPDATE ONLY $campaign SET revision += 1, approved_by = NONE, \
         state = IF state = 'waiting' { 'draft' } ELSE { state } RETURN NONE",
        vars()
            .with("letter", row.id.clone())
            .with("content", row)
            .with("seen", seen)
            .with("campaign", record("campaign", id))
            .with("gates", gates(id)),
    );
    kept(db.commit(changed(tx)).await)
}
