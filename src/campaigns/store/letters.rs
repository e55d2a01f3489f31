//! A campaign's letters.

use super::{
    Change, own,
    state::gates,
    write::{changed, kept},
};
use crate::{
    campaigns::template::Letter,
    error::AppError,
    ids::CampaignId,
    server::db::{Db, DbError, Tx, record, vars},
    staff::{
        audit::{self, Action},
        guard::{Permit, PlanGreetings},
    },
};
use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue};

#[derive(Debug, Clone, SurrealValue)]
pub(super) struct LetterRow {
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
    /// A letter as it is kept from now on, at a revision of its own.
    pub(super) fn new(campaign: CampaignId, letter: &Letter, revision: i64, author: &str, now: DateTime<Utc>) -> Self {
        Self {
            id: record("letter", format!("{campaign}|{}", letter.language)),
            campaign: record("campaign", campaign),
            language: letter.language.clone(),
            revision,
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

/// The languages in which a campaign has a letter.
///
/// # Errors
/// What the store answers.
pub async fn languages(db: &Db, id: CampaignId) -> Result<Vec<String>, DbError> {
    let mut languages: Vec<String> = db
        .rows(
            "SELECT VALUE language FROM letter WHERE campaign = $campaign",
            vars().with("campaign", record("campaign", id)),
        )
        .await?;
    languages.sort();
    Ok(languages)
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
    let actor = permit.actor();
    let seen = letter.revision;
    let row = LetterRow::new(id, letter, seen + 1, &actor.name, now);
    let tx = Tx::new().run(
        "IF ((SELECT VALUE revision FROM ONLY $letter) ?? 0) != $seen { THROW 'guard:revision' };
         UPSERT ONLY $letter CONTENT $content RETURN NONE;
         UPDATE ONLY $campaign SET revision += 1, approved_by = NONE, \
         writers = array::union(writers ?? [author, editor ?? author], [$staff]), editor = $staff, changed_by = $who, \
         state = IF state = 'waiting' { 'draft' } ELSE { state } RETURN NONE",
        vars()
            .with("letter", row.id.clone())
            .with("content", row)
            .with("seen", seen)
            .with("campaign", record("campaign", id))
            .with("staff", record("staff", actor.staff))
            .with("who", actor.name.clone())
            .with("gates", gates(id)),
    );
    let tx = audit::note(changed(tx), actor, Action::CampaignChanged, None, &["saved"]);
    kept(db.commit(tx).await)
}
