//! What guests said about being written to. Statements are only ever added, each with its words, their
//! language and where it comes from; what holds now is read off them.
//!
//! Three rules decide:
//! * A kind of greeting that was spoken of by itself goes by the last word about it; the others go by the
//!   last word about all of them. Whoever objects to all, later, has objected to each.
//! * What an import brings never overrides an objection that was made to the house itself: the hotel's
//!   system is not told of those, and goes on exporting the box that was once ticked.
//! * What was asked for and not confirmed counts for nothing. Whether its letter left is all that is ever
//!   changed about a statement.

mod confirmation;
mod counting;
mod lifting;
mod link;
mod secret;
mod suppression;

pub use confirmation::{
    ASK_AGAIN_AFTER, Asked, CONFIRM_WITHIN, Invitation, Request, ask, confirm, invitation, not_sent, request,
};
pub use counting::{choose_counting, counting};
pub use lifting::{Lifted, lifted};
pub use link::{
    CountedLink, confirmation_link, counted_link, link_token, links, read_confirmation, read_counted, read_token,
};
pub use secret::{ADDRESSES, LINKS, secret};
pub use suppression::{
    Cause, Suppression, address_key, lift_expired, standing, suppress, suppressed, suppression, suppressions,
};

pub(super) use lifting::add_lifting;
pub(super) use suppression::{add_suppression, add_suppression_until};

use super::{CampaignKind, ConsentLine, OccurrenceId, hold::Way};
use crate::{
    guests::store::guest_records,
    ids::GuestId,
    server::{
        clock,
        db::{Db, DbError, Tx, id_of, record, vars, word},
    },
};
use chrono::{DateTime, Utc};
use std::{collections::HashMap, fmt};
use surrealdb::types::{RecordId, SurrealValue};

/// Where a statement comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A booking that an import brought; its number.
    Booking(String),
    /// The button of a mail program (RFC 8058).
    OneClick,
    /// The page that a letter's link opens.
    UnsubscribePage,
    /// The page on which guests choose the kinds. Whoever opens it came by a link in a letter to the
    /// address, so what is agreed to there needs no second confirmation.
    PreferencesPage,
    /// The link that confirms what was asked for.
    Confirmation,
    /// The guest's provider passed on a complaint.
    Complaint,
    /// A colleague wrote down what the guest said. A yes of this kind waits for the guest's own confirmation by
    /// e-mail; a no holds at once.
    Colleague(Way),
    /// The house asked by e-mail.
    Asked,
    /// The house would have asked by e-mail, and the letter did not leave.
    NotSent,
}

/// The purpose of statements about being written to.
const GREETINGS: &str = "greetings";
/// How the sources begin that are the hotel's system and not the guest.
const BOOKING: &str = "booking ";
/// How those begin that a guest told a colleague.
const COLLEAGUE: &str = "colleague ";

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Booking(number) => return write!(f, "{BOOKING}{number}"),
            Self::Colleague(way) => return write!(f, "{COLLEAGUE}{}", way.code()),
            Self::OneClick => "one_click",
            Self::UnsubscribePage => "unsubscribe_page",
            Self::PreferencesPage => "preferences_page",
            Self::Confirmation => "confirmation",
            Self::Complaint => "complaint",
            Self::Asked => "asked",
            Self::NotSent => "not_sent",
        })
    }
}

/// Something said about writing to a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub guest: GuestId,
    /// `None` for all kinds of greetings.
    pub kind: Option<CampaignKind>,
    pub granted: bool,
    pub source: Source,
    /// The words that the guest had before them.
    pub wording: Option<String>,
    /// Their language, ISO 639-1.
    pub language: Option<String>,
    /// The colleague who took it down.
    pub author: Option<String>,
}

#[derive(Debug, Clone, SurrealValue)]
struct Row {
    id: RecordId,
    guest: RecordId,
    channel: String,
    purpose: String,
    granted: bool,
    source: String,
    at: DateTime<Utc>,
    kind: Option<String>,
    wording: Option<String>,
    language: Option<String>,
    pending: bool,
    author: Option<String>,
}

impl Row {
    fn new(id: RecordId, statement: Statement, pending: bool, now: DateTime<Utc>) -> Self {
        Self {
            id,
            guest: record("guest", statement.guest),
            channel: "email".to_owned(),
            purpose: GREETINGS.to_owned(),
            granted: statement.granted,
            source: statement.source.to_string(),
            at: now,
            kind: statement.kind.map(|kind| kind.code().to_owned()),
            wording: statement.wording,
            language: statement.language,
            pending,
            author: statement.author,
        }
    }

    fn kind(&self) -> Result<Option<CampaignKind>, DbError> {
        self.kind.as_deref().map(|text| word(text, CampaignKind::from_code)).transpose()
    }

    fn is_from_booking(&self) -> bool {
        self.source.starts_with(BOOKING)
    }

    /// A request by e-mail that left.
    fn is_request(&self) -> bool {
        // What a guest told a colleague is pending too, and is confirmed by the request that follows on it.
        self.pending && !self.source.starts_with(COLLEAGUE) && self.source != Source::NotSent.to_string()
    }

    /// An objection made to the house itself.
    fn is_firm_refusal(&self) -> bool {
        !self.granted && !self.is_from_booking()
    }

    fn line(self, zone: chrono_tz::Tz, waits: bool) -> Result<ConsentLine, DbError> {
        Ok(ConsentLine {
            at: clock::local_minute(self.at, zone),
            kind: self.kind()?,
            about_links: self.purpose == counting::LINK_COUNTS,
            granted: self.granted,
            pending: self.pending,
            waits,
            source: self.source,
            wording: self.wording,
            language: self.language,
            author: self.author,
        })
    }
}

/// Everything that was said about a guest, oldest first.
#[derive(Debug, Default)]
struct Said(Vec<Row>);

impl Said {
    /// The statement that holds of one kind by itself, or of all kinds together, and its place.
    fn standing(&self, kind: Option<CampaignKind>) -> Option<(usize, &Row)> {
        let code = kind.map(CampaignKind::code);
        let about = |row: &Row| row.is_about_greetings() && !row.pending && row.kind.as_deref() == code;
        let about = self.0.iter().enumerate().filter(|&(_, row)| about(row));
        about.fold(None, |standing: Option<(usize, &Row)>, (place, row)| match standing {
            Some((_, before)) if before.is_firm_refusal() && row.is_from_booking() => standing,
            _ => Some((place, row)),
        })
    }

    fn may_be_sent(&self, kind: CampaignKind) -> bool {
        match (self.standing(Some(kind)), self.standing(None)) {
            (None, None) => false,
            (None, Some((_, all))) => all.granted,
            (Some((_, own)), None) => own.granted,
            (Some((place, own)), Some((place_of_all, all))) => own.granted && (all.granted || place > place_of_all),
        }
    }

    /// Whether the guest objected in a way that no import overrides, so that saying it again adds nothing.
    fn is_refused(&self, kind: Option<CampaignKind>) -> bool {
        let firm = |kind| self.standing(kind).is_some_and(|(_, row)| row.is_firm_refusal());
        match kind {
            Some(kind) => !self.may_be_sent(kind) && (firm(Some(kind)) || firm(None)),
            None => firm(None) && CampaignKind::ALL.iter().all(|kind| !self.may_be_sent(*kind)),
        }
    }
}

async fn said(db: &Db, guests: &[GuestId]) -> Result<HashMap<GuestId, Said>, DbError> {
    let rows: Vec<Row> =
        db.rows_among("SELECT * FROM consent WHERE guest IN $among", &guest_records(guests), vars()).await?;
    let mut found: HashMap<GuestId, Said> = HashMap::new();
    for row in rows {
        found.entry(id_of(&row.guest)?).or_default().0.push(row);
    }
    for Said(rows) in found.values_mut() {
        // Ids of a later time are larger.
        rows.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.id.key.cmp(&b.id.key)));
    }
    Ok(found)
}

/// What was found when consent was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    pub may_be_sent: bool,
    /// How many statements there were. One more, and it must be looked again.
    pub statements: u32,
}

/// Whether each of these guests may be sent greetings of a kind. Who said nothing may not.
///
/// # Errors
/// What the store answers.
pub async fn of(db: &Db, guests: &[GuestId], kind: CampaignKind) -> Result<HashMap<GuestId, bool>, DbError> {
    let looks = look(db, guests, kind).await?;
    Ok(looks.into_iter().map(|(guest, look)| (guest, look.may_be_sent)).collect())
}

/// The same with how many statements it rests on, for whoever acts on it later.
///
/// # Errors
/// What the store answers.
pub async fn look(db: &Db, guests: &[GuestId], kind: CampaignKind) -> Result<HashMap<GuestId, Look>, DbError> {
    let said = said(db, guests).await?;
    let look = |guest: &GuestId| {
        said.get(guest).map_or_else(Look::default, |said| Look {
            may_be_sent: said.may_be_sent(kind),
            statements: u32::try_from(said.0.len()).unwrap_or(u32::MAX),
        })
    };
    Ok(guests.iter().map(|guest| (*guest, look(guest))).collect())
}

/// What one guest may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// The kinds that may be sent.
    pub granted: Vec<CampaignKind>,
    /// The kinds to which the guest objected.
    pub refused: Vec<CampaignKind>,
    /// Whether all greetings were objected to, those of kinds yet to come too.
    pub refuses_all: bool,
}

/// What a guest may be sent, and what not.
///
/// # Errors
/// What the store answers.
pub async fn wishes(db: &Db, guest: GuestId) -> Result<Wishes, DbError> {
    let said = said(db, &[guest]).await?.remove(&guest).unwrap_or_default();
    let kinds = |wanted: &dyn Fn(CampaignKind) -> bool| {
        CampaignKind::ALL.iter().copied().filter(|kind| wanted(*kind)).collect::<Vec<_>>()
    };
    Ok(Wishes {
        granted: kinds(&|kind| said.may_be_sent(kind)),
        refused: kinds(&|kind| said.is_refused(Some(kind))),
        refuses_all: said.is_refused(None),
    })
}

/// Everything that was said about a guest, newest first, for the card of those who may see it.
///
/// # Errors
/// What the store answers.
pub async fn history(
    db: &Db,
    guest: GuestId,
    zone: chrono_tz::Tz,
    now: DateTime<Utc>,
) -> Result<Vec<ConsentLine>, DbError> {
    let Said(said) = said(db, &[guest]).await?.remove(&guest).unwrap_or_default();
    let waits = said.iter().map(|row| confirmation::waits(&said, row, now)).collect::<Result<Vec<_>, _>>()?;
    said.into_iter().zip(waits).rev().map(|(row, waits)| row.line(zone, waits)).collect()
}

/// Adds a statement.
///
/// # Errors
/// What the store answers.
pub async fn record_statement(db: &Db, statement: Statement, now: DateTime<Utc>) -> Result<(), DbError> {
    db.commit(add_statements(Tx::new(), vec![statement], now)).await.map(drop)
}

/// Adds statements to the transaction that they belong to. Once a transaction.
#[must_use]
pub(super) fn add_statements(tx: Tx, statements: Vec<Statement>, now: DateTime<Utc>) -> Tx {
    let rows: Vec<Row> = statements
        .into_iter()
        .map(|statement| Row::new(record("consent", uuid::Uuid::now_v7()), statement, false, now))
        .collect();
    add_rows(tx, rows)
}

/// A transaction whose outcome stayed unknown is repeated with the same ids, and adds nothing then.
fn add_rows(tx: Tx, rows: Vec<Row>) -> Tx {
    tx.run("INSERT IGNORE INTO consent $consent_rows RETURN NONE", vars().with("consent_rows", rows))
}

/// What somebody chose who came by a letter's link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// `None` for all kinds.
    pub kind: Option<CampaignKind>,
    pub granted: bool,
    /// The words beside the choice; `None` where a mail program chose.
    pub wording: Option<String>,
}

/// Takes down what was chosen by way of a letter. What holds already is not said again, so that a link
/// that is opened twice is one statement. An objection counts among the letter's results.
///
/// # Errors
/// What the store answers.
pub async fn choose(
    db: &Db,
    letter: &OccurrenceId,
    chosen: Vec<Chosen>,
    source: &Source,
    language: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let said = said(db, &[letter.guest]).await?.remove(&letter.guest).unwrap_or_default();
    let objects = chosen.iter().any(|chosen| !chosen.granted);
    let statements: Vec<Statement> = chosen
        .into_iter()
        .filter(|chosen| match (chosen.granted, chosen.kind) {
            (true, Some(kind)) => !said.may_be_sent(kind),
            (true, None) => !CampaignKind::ALL.iter().all(|kind| said.may_be_sent(*kind)),
            (false, kind) => !said.is_refused(kind),
        })
        .map(|chosen| Statement {
            guest: letter.guest,
            kind: chosen.kind,
            granted: chosen.granted,
            source: source.clone(),
            wording: chosen.wording,
            language: language.map(str::to_owned),
            author: None,
        })
        .collect();
    let mut tx = Tx::new();
    if objects {
        tx = tx.run(
            "UPDATE $letter SET unsubscribed_at = $now WHERE unsubscribed_at = NONE RETURN NONE",
            vars().with("letter", record("occurrence", letter)).with("now", now),
        );
    }
    if !statements.is_empty() {
        tx = add_statements(tx, statements, now);
    } else if !objects {
        return Ok(());
    }
    db.commit(tx).await.map(drop)
}

#[cfg(test)]
mod tests;
