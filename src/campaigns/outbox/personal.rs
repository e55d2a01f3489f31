//! Personal letters: they wait until their signer has read them, changed them, and let them go.

mod words;

pub use words::Typed;

use crate::{
    campaigns::{
        OccurrenceId, Settings, consent,
        outbox_api::{PersonalLetter, WaitingLetter},
        store::{self, CampaignRow},
        template::passages,
    },
    error::{AppError, Problem},
    guests::{self, Guest},
    ids::{CampaignId, StaffId},
    server::{
        clock,
        db::{Db, DbError, Tx, id_of, optional, record, vars},
    },
    staff::{
        Role,
        audit::{self, Action},
        guard::{Actor, Permit, PlanGreetings},
    },
};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use surrealdb::types::{RecordId, SurrealValue};
use words::Envelope;

/// Letters that are listed at once.
const MOST: u32 = 100;

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    house: RecordId,
    state: String,
    due: DateTime<Utc>,
    until: DateTime<Utc>,
    language: Option<String>,
    decided_by: Option<String>,
}

/// The personal letters of the actor's house that wait for their signers, those that are to leave first,
/// first; and whether there are more than are listed.
///
/// # Errors
/// What the store answers.
pub async fn waiting(db: &Db, permit: &Permit<PlanGreetings>) -> Result<(Vec<WaitingLetter>, bool), DbError> {
    let rows: Vec<Row> = db
        .rows(
            "SELECT id, house, state, due, until, language, decided_by FROM occurrence WITH INDEX occurrence_due \
             WHERE state = 'awaiting' AND house = $house ORDER BY due LIMIT $limit",
            vars().with("house", record("house", permit.house())).with("limit", i64::from(MOST) + 1),
        )
        .await?;
    let more = rows.len() > MOST as usize;
    let mut campaigns: HashMap<CampaignId, Option<CampaignRow>> = HashMap::new();
    let mut letters = Vec::with_capacity(rows.len());
    for row in rows.into_iter().take(MOST as usize) {
        let id: OccurrenceId = id_of(&row.id)?;
        let campaign = match campaigns.get(&id.campaign) {
            Some(known) => known.clone(),
            None => {
                let found = store::campaign(db, id.campaign).await?;
                campaigns.insert(id.campaign, found.clone());
                found
            }
        };
        // Of a guest or a campaign that is gone, nothing leaves.
        if let (Some(campaign), Some(guest)) = (campaign, guests::store::guest(db, id.guest).await?) {
            letters.push(line(permit, id, &row, &campaign, guest));
        }
    }
    Ok((letters, more))
}

fn line(
    permit: &Permit<PlanGreetings>,
    id: OccurrenceId,
    row: &Row,
    campaign: &CampaignRow,
    guest: Guest,
) -> WaitingLetter {
    let zone = permit.actor().house.zone();
    WaitingLetter {
        id,
        name: guest.name,
        language: guest.language,
        vip: guest.vip,
        campaign: campaign.name.clone(),
        kind: campaign.kind,
        signer: campaign.settings.signer.clone(),
        may_decide: decides(permit.actor(), &campaign.settings).is_some(),
        due: clock::local_minute(row.due, zone),
        until: clock::local_minute(row.until, zone),
    }
}

/// In whose place somebody decides about a campaign's letters, as the audit's words for it: the signer in nobody's,
/// a manager in the signer's. `None` for everybody else.
fn decides(actor: &Actor, settings: &Settings) -> Option<&'static [&'static str]> {
    if is_signer(settings, actor.staff, &actor.name) {
        Some(&[])
    } else if actor.role == Role::Manager {
        Some(&["for_signer"])
    } else {
        None
    }
}

/// Whether a colleague is the one who was chosen to sign, or has the name that stands under the letters where
/// nobody was chosen.
fn is_signer(settings: &Settings, staff: StaffId, name: &str) -> bool {
    match settings.signer_staff {
        Some(signer) => signer == staff,
        None => !settings.signer.is_empty() && settings.signer.to_lowercase() == name.trim().to_lowercase(),
    }
}

/// A letter to be edited; `None` where it does not wait any more, or never did.
///
/// # Errors
/// What the store answers.
pub async fn letter(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: &OccurrenceId,
) -> Result<Option<PersonalLetter>, AppError> {
    let Some(row) = row(db, permit, id).await?.filter(|row| row.state == "awaiting") else {
        return Ok(None);
    };
    let (campaign, guest) = (store::campaign(db, id.campaign).await?, guests::store::guest(db, id.guest).await?);
    let (Some(campaign), Some(guest), Some(envelope)) = (campaign, guest, envelope(db, id).await?) else {
        return Ok(None);
    };
    Ok(Some(PersonalLetter {
        about: line(permit, id.clone(), &row, &campaign, guest),
        seen: envelope.seen(),
        is_outdated: envelope.revision != Some(campaign.revision),
        subject: envelope.subject,
        words: passages(&envelope.html),
        text: envelope.text,
        written_in: row.language,
    }))
}

async fn row(db: &Db, permit: &Permit<PlanGreetings>, id: &OccurrenceId) -> Result<Option<Row>, DbError> {
    let row: Option<Row> = db
        .row(
            "SELECT id, house, state, due, until, language, decided_by FROM $row",
            vars().with("row", record("occurrence", id)),
        )
        .await?;
    Ok(row.filter(|row| row.house == record("house", permit.house())))
}

async fn envelope(db: &Db, id: &OccurrenceId) -> Result<Option<Envelope>, DbError> {
    db.row("SELECT subject, html, text, revision FROM $envelope", vars().with("envelope", record("envelope", id))).await
}

/// Lets a letter go with the signer's words: it leaves at its time, or at once where that has passed.
///
/// # Errors
/// [`AppError::Forbidden`] for anyone but the signer and managers, [`AppError::Fields`] for words that no letter may
/// hold, and for what the house has changed since the form was made, or is about to: it is not overwritten unseen.
/// [`AppError::Conflict`] with the name of whoever was first, [`AppError::NotFound`], or what the store answers.
pub async fn approve(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: &OccurrenceId,
    typed: Typed<'_>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let place = may_decide(db, permit, id).await?;
    still_waits(db, permit, id).await?;
    let before = as_shown(db, permit, id, typed.seen).await?;
    let token = consent::link_token(&consent::secret(db, consent::LINKS).await?, id);
    let edited = before.edited(&typed, &token).map_err(AppError::Fields)?;
    let actor = permit.actor();
    let tx = Tx::new().run(
        "IF (SELECT VALUE state FROM ONLY $row) != 'awaiting' { THROW 'guard:awaiting' };
         IF (SELECT VALUE [subject, html, text] FROM ONLY $envelope) != $shown { THROW 'guard:reworded' };
         IF (SELECT VALUE revision FROM ONLY $campaign) != $revision { THROW 'guard:reworded' };
         UPDATE ONLY $envelope SET subject = $subject, html = $html, text = $text, message = NONE, \
         edited_by = $who RETURN NONE;
         UPDATE ONLY $row SET state = 'planned', due = IF due < $now { $now } ELSE { due }, decided_by = $who \
         RETURN NONE",
        vars()
            .with("row", record("occurrence", id))
            .with("envelope", record("envelope", id))
            .with("campaign", record("campaign", id.campaign))
            .with("shown", vec![before.subject, before.html, before.text])
            .with("revision", optional(before.revision))
            .with("subject", edited.subject)
            .with("html", edited.html)
            .with("text", edited.text)
            .with("who", actor.name.clone())
            .with("now", now),
    );
    let told: Vec<&str> = [&["approved"][..], place].concat();
    let tx = audit::note_of_greeting(tx, actor, Action::CampaignChanged, id, &told);
    match db.commit(tx).await {
        Err(DbError::Guard(guard)) if guard == "reworded" => {
            as_shown(db, permit, id, typed.seen).await?;
            // And back again by now.
            Err(AppError::Conflict(String::new()))
        }
        other => decided(db, permit, id, other.map(drop)).await,
    }
}

/// The letter as the form of its signer was made of it.
///
/// # Errors
/// [`AppError::Fields`] where the house has changed it since, or its campaign, from which it is written anew then.
async fn as_shown(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: &OccurrenceId,
    seen: &str,
) -> Result<Envelope, AppError> {
    let campaign = store::own(db, permit, id.campaign).await?;
    let letter = envelope(db, id).await?.ok_or(AppError::NotFound)?;
    let changed = letter.changed_since(seen);
    if !changed.is_empty() {
        return Err(AppError::Fields(changed));
    }
    if letter.revision != Some(campaign.revision) {
        return Err(AppError::field("seen", Problem::WrittenAnew));
    }
    Ok(letter)
}

/// Keeps a letter from leaving, for a reason.
///
/// # Errors
/// As [`approve`].
pub async fn discard(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: &OccurrenceId,
    reason: String,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let place = may_decide(db, permit, id).await?;
    still_waits(db, permit, id).await?;
    let actor = permit.actor();
    let tx = Tx::new().run(
        "IF (SELECT VALUE state FROM ONLY $row) != 'awaiting' { THROW 'guard:awaiting' };
         UPDATE ONLY $row SET state = 'dropped', detail = $reason, ended_at = $now, decided_by = $who RETURN NONE",
        vars()
            .with("row", record("occurrence", id))
            .with("reason", reason)
            .with("who", actor.name.clone())
            .with("now", now),
    );
    let told: Vec<&str> = [&["dropped"][..], place].concat();
    let tx = audit::note_of_greeting(tx, actor, Action::CampaignChanged, id, &told);
    decided(db, permit, id, db.commit(tx).await.map(drop)).await
}

/// In whose place the actor decides about a letter; see [`decides`].
async fn may_decide(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: &OccurrenceId,
) -> Result<&'static [&'static str], AppError> {
    let campaign = store::own(db, permit, id.campaign).await?;
    decides(permit.actor(), &campaign.settings).ok_or(AppError::Forbidden)
}

async fn still_waits(db: &Db, permit: &Permit<PlanGreetings>, id: &OccurrenceId) -> Result<(), AppError> {
    let row = row(db, permit, id).await?.ok_or(AppError::NotFound)?;
    match row.state.as_str() {
        "awaiting" => Ok(()),
        _ => Err(AppError::Conflict(row.decided_by.unwrap_or(row.state))),
    }
}

/// What came of it; whoever was not the first learns who was.
async fn decided(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: &OccurrenceId,
    committed: Result<(), DbError>,
) -> Result<(), AppError> {
    match committed {
        Err(DbError::Guard(_)) => still_waits(db, permit, id).await,
        other => other.map_err(AppError::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_signed_by_the_colleague_who_was_named() {
        let (clara, sofia) = (StaffId::new(), StaffId::new());
        let by_name = Settings { signer: "Clara Sousa".to_owned(), ..Settings::default() };
        assert!(is_signer(&by_name, clara, " clara SOUSA") && !is_signer(&by_name, sofia, "Sofia"));
        let chosen = Settings { signer_staff: Some(sofia), ..by_name };
        assert!(is_signer(&chosen, sofia, "Sofia") && !is_signer(&chosen, clara, "Clara Sousa"));
        assert!(!is_signer(&Settings::default(), clara, ""), "where nobody is named, nobody is");
    }
}
