//! Double opt-in: what a colleague or a form took down is asked for again at the address itself, and
//! counts once the link in that e-mail was followed.

use super::{CampaignKind, Row, Said, Source, Statement, add_rows, said};
use crate::{
    i18n::*,
    ids::GuestId,
    server::db::{Db, DbError, Tx, id_of, record, vars},
};
use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::RecordIdKey;
use uuid::Uuid;

/// How long a request can be confirmed.
pub const CONFIRM_WITHIN: TimeDelta = TimeDelta::days(30);

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub guest: GuestId,
    /// `None` for all greetings.
    pub kind: Option<CampaignKind>,
    /// The language in which it was asked, ISO 639-1.
    pub language: Option<String>,
    pub confirmed: bool,
}

/// The e-mail that asks for the confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub subject: String,
    /// Plain text with the link on a line of its own.
    pub text: String,
}

/// Takes down that a guest agreed, to be confirmed with the link of [`super::confirmation_link`]. Until then
/// nothing follows from it.
///
/// # Errors
/// What the store answers.
pub async fn ask(db: &Db, statement: Statement, now: DateTime<Utc>) -> Result<Uuid, DbError> {
    let id = Uuid::now_v7();
    let row = Row::new(record("consent", id), Statement { granted: true, ..statement }, true, now);
    db.commit(add_rows(Tx::new(), vec![row])).await?;
    Ok(id)
}

/// A request that can be confirmed or has been; `None` where there is none, it is too old, or the guest
/// objected since.
///
/// # Errors
/// What the store answers.
pub async fn request(db: &Db, id: Uuid, now: DateTime<Utc>) -> Result<Option<Request>, DbError> {
    Ok(found(db, id, now).await?.map(|(_, request)| request))
}

/// Confirms a request; doing so twice is once.
///
/// # Errors
/// What the store answers.
pub async fn confirm(db: &Db, id: Uuid, now: DateTime<Utc>) -> Result<Option<Request>, DbError> {
    let Some((row, request)) = found(db, id, now).await? else {
        return Ok(None);
    };
    if !request.confirmed {
        let statement = Statement {
            guest: request.guest,
            kind: request.kind,
            granted: true,
            source: Source::Confirmation,
            wording: row.wording,
            language: row.language,
            author: row.author,
        };
        let row = Row::new(record("consent", confirmed(id)), statement, false, now);
        db.commit(add_rows(Tx::new(), vec![row])).await?;
    }
    Ok(Some(Request { confirmed: true, ..request }))
}

/// The words of the e-mail in which the house asks.
#[must_use]
pub fn invitation(locale: Locale, house: &str, greetings: &str, link: &str) -> Invitation {
    // A name is on one line, whatever was typed.
    let house: String = house.chars().filter(|c| !c.is_control()).collect();
    Invitation {
        subject: td_string!(locale, campaigns.public.invitation.subject, house = house.clone()),
        text: td_string!(locale, campaigns.public.invitation.text, house = house, kind = greetings, link = link),
    }
}

/// The key of the statement that a request becomes.
fn confirmed(id: Uuid) -> String {
    format!("{id}-confirmed")
}

async fn found(db: &Db, id: Uuid, now: DateTime<Utc>) -> Result<Option<(Row, Request)>, DbError> {
    let row: Option<Row> = db.row("SELECT * FROM $request", vars().with("request", record("consent", id))).await?;
    let Some(row) = row.filter(|row| row.pending) else {
        return Ok(None);
    };
    let guest: GuestId = id_of(&row.guest)?;
    let Said(said) = said(db, &[guest]).await?.remove(&guest).unwrap_or_default();
    let since = said.into_iter().skip_while(|other| other.id != row.id).skip(1);
    let (mut is_confirmed, mut objected) = (false, false);
    for other in since.filter(|other| !other.pending) {
        is_confirmed |= matches!(&other.id.key, RecordIdKey::String(key) if *key == confirmed(id));
        objected |= !other.granted && (other.kind.is_none() || other.kind == row.kind);
    }
    if objected || (!is_confirmed && now - row.at > CONFIRM_WITHIN) {
        return Ok(None);
    }
    let request = Request { guest, kind: row.kind()?, language: row.language.clone(), confirmed: is_confirmed };
    Ok(Some((row, request)))
}
