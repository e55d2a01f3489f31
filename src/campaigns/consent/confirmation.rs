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
/// How long a guest is left in peace before the next request: as long as the last one can be confirmed.
pub const ASK_AGAIN_AFTER: TimeDelta = CONFIRM_WITHIN;

/// What came of wanting to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It is taken down, and its letter may be sent.
    Noted(Uuid),
    /// The guest was asked not long ago, and may be again from then on.
    TooSoon(DateTime<Utc>),
    /// The guest said no before, and did not think better of it.
    Objected,
}

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

/// Takes down that a guest is asked to agree, to be confirmed with the link of [`super::confirmation_link`],
/// in the transaction `tx`. Until it is confirmed nothing follows from it. `told` is the yes that the guest has
/// just told a colleague, where that is why: it is taken down with it, and is thinking better of any no before.
/// Where `tx` has an event for the house, two colleagues who ask at once are one after the other, and the second
/// is too soon.
///
/// # Errors
/// What the store answers.
pub async fn ask(
    db: &Db,
    tx: Tx,
    request: Statement,
    told: Option<Statement>,
    now: DateTime<Utc>,
) -> Result<Asked, DbError> {
    let (guest, kind, agrees) = (request.guest, request.kind, told.is_some());
    let before = said(db, &[guest]).await?.remove(&guest).unwrap_or_default();
    if let Some(refused) = before.against_asking(kind, agrees, now) {
        return Ok(refused);
    }
    let pending = |statement: Statement, id: Uuid| {
        Row::new(record("consent", id), Statement { granted: true, ..statement }, true, now)
    };
    // Ids of a later time are larger: what was told comes before what is asked for it.
    let mut rows: Vec<Row> = told.into_iter().map(|told| pending(told, Uuid::now_v7())).collect();
    let id = Uuid::now_v7();
    rows.push(pending(request, id));
    let tx = tx.run(
        "IF array::len((SELECT VALUE id FROM consent WHERE guest = $asked)) != $asked_statements \
         { THROW 'guard:said' };
         INSERT INTO consent $asked_rows RETURN NONE",
        vars()
            .with("asked", record("guest", guest))
            .with("asked_statements", i64::try_from(before.0.len()).unwrap_or(i64::MAX))
            .with("asked_rows", rows),
    );
    match db.commit(tx).await {
        Ok(_) => Ok(Asked::Noted(id)),
        // Something was said since; perhaps it is this, of a commit whose outcome stayed unknown.
        Err(DbError::Guard(_)) => {
            let since = said(db, &[guest]).await?.remove(&guest).unwrap_or_default();
            if since.0.iter().any(|row| row.id == record("consent", id)) {
                return Ok(Asked::Noted(id));
            }
            Ok(since.against_asking(kind, agrees, now).unwrap_or(Asked::TooSoon(now)))
        }
        Err(other) => Err(other),
    }
}

impl Said {
    /// Why the guest is not asked for consent to a kind, or to all; nothing where that may be. Whoever `agrees`
    /// has just told a colleague so.
    fn against_asking(&self, kind: Option<CampaignKind>, agrees: bool, now: DateTime<Utc>) -> Option<Asked> {
        let Self(said) = self;
        if !agrees && self.objects(kind) {
            return Some(Asked::Objected);
        }
        // A request that an objection has made void cannot be confirmed any more.
        let voids = |row: &Row| {
            let code = kind.map(CampaignKind::code);
            row.is_about_greetings()
                && !row.pending
                && !row.granted
                && (row.kind.is_none() || row.kind.as_deref() == code)
        };
        let from = if agrees { said.iter().rposition(voids).map_or(0, |place| place + 1) } else { 0 };
        let last = said[from..].iter().filter(|row| row.is_request()).map(|row| row.at).max()?;
        Some(last + ASK_AGAIN_AFTER).filter(|next| *next > now).map(Asked::TooSoon)
    }

    /// Whether the guest said no to a kind, or to all: to the house, or as a booking tells it.
    fn objects(&self, kind: Option<CampaignKind>) -> bool {
        let refuses = |kind: Option<CampaignKind>| self.standing(kind).is_some_and(|(_, row)| !row.granted);
        match kind {
            Some(kind) => !self.may_be_sent(kind) && (refuses(Some(kind)) || refuses(None)),
            None => refuses(None) || CampaignKind::ALL.iter().all(|kind| refuses(Some(*kind))),
        }
    }
}

/// Notes that the letter of a request did not leave, so that the guest may be asked again.
///
/// # Errors
/// What the store answers.
pub async fn not_sent(db: &Db, tx: Tx, request: Uuid) -> Result<(), DbError> {
    let tx = tx.run(
        "UPDATE $unsent SET source = $unsent_source RETURN NONE",
        vars().with("unsent", record("consent", request)).with("unsent_source", Source::NotSent.to_string()),
    );
    db.commit(tx).await.map(drop)
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
    let confirmed = match answer(&said, &row, id, now) {
        Answer::Awaited => false,
        Answer::Given => true,
        Answer::Void => return Ok(None),
    };
    let request = Request { guest, kind: row.kind()?, language: row.language.clone(), confirmed };
    Ok(Some((row, request)))
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Awaited,
    Given,
    /// It is too old, or the guest objected since.
    Void,
}

/// `said` is everything that was said about the guest, oldest first.
fn answer(said: &[Row], request: &Row, id: Uuid, now: DateTime<Utc>) -> Answer {
    let since = said.iter().skip_while(|other| other.id != request.id).skip(1);
    let (mut is_confirmed, mut objected) = (false, false);
    for other in since.filter(|other| !other.pending && other.is_about_greetings()) {
        is_confirmed |= matches!(&other.id.key, RecordIdKey::String(key) if *key == confirmed(id));
        objected |= !other.granted && (other.kind.is_none() || other.kind == request.kind);
    }
    if objected || (!is_confirmed && now - request.at > CONFIRM_WITHIN) {
        return Answer::Void;
    }
    if is_confirmed { Answer::Given } else { Answer::Awaited }
}

/// Whether a statement is a request that went out and can still be confirmed.
pub(super) fn waits(said: &[Row], row: &Row, now: DateTime<Utc>) -> Result<bool, DbError> {
    if !row.is_request() {
        return Ok(false);
    }
    Ok(answer(said, row, id_of(&row.id)?, now) == Answer::Awaited)
}
