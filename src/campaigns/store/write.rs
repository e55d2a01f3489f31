//! Making a campaign, and changing what it is.

use super::{
    CampaignRow,
    letters::LetterRow,
    own,
    state::{Gate, gates},
};
use crate::{
    campaigns::{CampaignKind, Settings, template::Letter},
    error::{AppError, Problem},
    ids::CampaignId,
    server::db::{Commit, Db, DbError, Tx, record, vars},
    staff::{
        Role,
        audit::{self, Action},
        guard::{Actor, Permit, PlanGreetings},
    },
};
use chrono::{DateTime, Utc};

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
    let mut tx = Tx::new().run(
        "CREATE ONLY $campaign SET house = $house, kind = $kind, name = $name, state = 'draft', revision = 1, \
         settings = $settings, author = $staff, author_name = $author, editor = $staff, writers = [$staff], \
         changed_by = $author, created_at = $now RETURN NONE;
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
            .with("new_gates", Gate::all(id)),
    );
    let rows: Vec<_> = letters.iter().map(|letter| LetterRow::new(id, letter, 1, &actor.name, now)).collect();
    if !rows.is_empty() {
        tx = tx.run("INSERT INTO letter $letters RETURN NONE", vars().with("letters", rows));
    }
    db.commit(audit::note(tx, actor, Action::CampaignChanged, None, &["created"])).await?;
    Ok(id)
}

/// How an attempt to change a campaign or a letter ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Kept,
    /// A colleague changed it since.
    Moved,
}

/// Whether somebody may let a campaign do without its second person: a manager who is not its author. What such a
/// one has waived begins by the hand of another than the last editor, so that it is never one person's work.
#[must_use]
pub fn may_waive(actor: &Actor, row: &CampaignRow) -> bool {
    actor.role == Role::Manager && actor.staff != row.author
}

/// Changes name and settings if the campaign is still at the revision that the editor saw. One that is
/// active pauses until somebody has looked at what the change means; an approval does not outlive it.
///
/// # Errors
/// [`AppError::Fields`] for whoever may not do without the second person, see [`may_waive`];
/// [`AppError::NotFound`], or what the store answers.
pub async fn update(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: CampaignId,
    seen_revision: i64,
    name: &str,
    settings: &Settings,
) -> Result<Change, AppError> {
    let row = own(db, permit, id).await?;
    let actor = permit.actor();
    // Also of one yet to come: what is allowed is read off the revision that is changed.
    if row.revision != seen_revision {
        return Ok(Change::Moved);
    }
    let waives = row.settings.second_person && !settings.second_person;
    if waives && !may_waive(actor, &row) {
        return Err(AppError::field("second_person", Problem::OnlyAnotherManager));
    }
    let tx = Tx::new().run(
        "IF (SELECT VALUE revision FROM ONLY $campaign) != $revision { THROW 'guard:revision' };
         UPDATE ONLY $campaign SET revision += 1, name = $name, settings = $settings, approved_by = NONE, \
         waived = IF $second_person { NONE } ELSE IF $waives { true } ELSE { waived }, \
         writers = array::union(writers ?? [author, editor ?? author], [$staff]), \
         editor = $staff, changed_by = $who, state = IF state = 'waiting' { 'draft' } ELSE { state } RETURN NONE",
        vars()
            .with("campaign", record("campaign", id))
            .with("revision", seen_revision)
            .with("name", name.to_owned())
            .with("settings", json(settings))
            .with("second_person", settings.second_person)
            .with("waives", waives)
            .with("staff", record("staff", actor.staff))
            .with("who", actor.name.clone())
            .with("gates", gates(id)),
    );
    let tx = audit::note(changed(tx), actor, Action::CampaignChanged, None, &["saved"]);
    kept(db.commit(tx).await)
}

/// The statements after a change that keep a campaign under way, or one that has paused for another reason, from
/// going on with what nobody looked at.
/// They expect `$campaign` and `$gates`.
pub(super) fn changed(tx: Tx) -> Tx {
    tx.run(
        "IF (SELECT VALUE state FROM ONLY $campaign) IN ['active', 'paused'] {
            UPDATE ONLY $campaign SET state = 'paused', pause_reason = 'changed', paused_by = NONE RETURN NONE;
            UPDATE $gates SET open = false RETURN NONE;
         }",
        vars(),
    )
}

pub(super) fn kept(committed: Result<Commit, DbError>) -> Result<Change, AppError> {
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
