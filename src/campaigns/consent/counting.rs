//! Whether it may be counted which links of their letters guests follow. It is a statement of its own beside
//! those about being written to: who said nothing about it is not counted, and who objects to all greetings
//! later has objected to this too, until it is agreed to anew by itself.

use super::{GREETINGS, OccurrenceId, Row, Said, Source, Statement, add_rows, said};
use crate::{
    ids::GuestId,
    server::db::{Db, DbError, Tx, record},
};
use chrono::{DateTime, Utc};
use std::collections::HashSet;

/// The purpose of these statements.
pub(super) const LINK_COUNTS: &str = "link_counts";

impl Row {
    pub(super) fn is_about_greetings(&self) -> bool {
        self.purpose == GREETINGS
    }
}

impl Said {
    pub(super) fn agrees_to_counting(&self) -> bool {
        let Some(place) = self.0.iter().rposition(|row| row.purpose == LINK_COUNTS) else { return false };
        // Whoever takes such an objection back says nothing of counting by that.
        let ends = |row: &Row| row.is_about_greetings() && row.kind.is_none() && row.is_firm_refusal();
        self.0[place].granted && !self.0[place + 1..].iter().any(ends)
    }
}

/// Those of these guests who agreed to it.
///
/// # Errors
/// What the store answers.
pub async fn counting(db: &Db, guests: &[GuestId]) -> Result<HashSet<GuestId>, DbError> {
    let said = said(db, guests).await?;
    Ok(said.into_iter().filter(|(_, said)| said.agrees_to_counting()).map(|(guest, _)| guest).collect())
}

/// Takes down what was chosen on the page that a letter's link opens, in the words that stood beside it. What
/// holds already is not said again.
///
/// # Errors
/// What the store answers.
pub async fn choose_counting(
    db: &Db,
    letter: &OccurrenceId,
    granted: bool,
    wording: String,
    language: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if counting(db, &[letter.guest]).await?.contains(&letter.guest) == granted {
        return Ok(());
    }
    let statement = Statement {
        guest: letter.guest,
        kind: None,
        granted,
        source: Source::PreferencesPage,
        wording: Some(wording),
        language: Some(language.to_owned()),
        author: None,
    };
    let row = Row::new(record("consent", uuid::Uuid::now_v7()), statement, false, now);
    db.commit(add_rows(Tx::new(), vec![Row { purpose: LINK_COUNTS.to_owned(), ..row }])).await.map(drop)
}
