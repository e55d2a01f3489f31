//! What is planned and can still leave, as the planner looks at it once more.

use super::{Planner, fate::Words};
use crate::{
    campaigns::{OccurrenceId, OccurrenceState, Reason, kinds::Candidate, plan::rows::Rows},
    server::db::{DbError, Tx, id_of, vars, word},
};
use chrono::{DateTime, Utc};
use std::collections::HashSet;
use surrealdb::types::{RecordId, SurrealValue};

/// What is read of each.
pub(super) const COLUMNS: &str = "id, date, stage, reason, detail, due, until, planned_at, sending_at, decided_by";

/// A greeting that can still leave.
#[derive(SurrealValue)]
pub(super) struct Waiting {
    pub id: RecordId,
    date: String,
    stage: Option<i64>,
    pub reason: Option<String>,
    pub detail: Option<String>,
    pub due: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub planned_at: DateTime<Utc>,
    /// When it was on the wire last.
    pub sending_at: Option<DateTime<Utc>>,
    decided_by: Option<String>,
}

impl Waiting {
    pub fn candidate(&self) -> Result<Candidate, DbError> {
        let OccurrenceId { guest, .. } = id_of(&self.id)?;
        let date = word(&self.date, |date| date.parse().ok())?;
        let stage = self.stage.and_then(|stage| u16::try_from(stage).ok());
        Ok(Candidate { guest, date, stage })
    }
}

impl Planner<'_> {
    /// What is known of the words of each of these.
    pub(super) async fn words(&self, rows: &[Waiting]) -> Result<Vec<Words>, DbError> {
        // Of what nobody has decided about, nothing has been signed.
        let decided = rows.iter().filter(|row| row.decided_by.is_some());
        let letters: Vec<RecordId> = decided.map(|row| RecordId::new("envelope", row.id.key.clone())).collect();
        let mut signed: HashSet<OccurrenceId> = HashSet::new();
        if !letters.is_empty() {
            let edited: Vec<RecordId> = self
                .db
                .rows("SELECT VALUE id FROM $letters WHERE edited_by != NONE", vars().with("letters", letters))
                .await?;
            for letter in &edited {
                signed.insert(id_of(letter)?);
            }
        }
        let words = |row: &Waiting| {
            let id: OccurrenceId = id_of(&row.id)?;
            Ok(if signed.contains(&id) {
                Words::Signed
            } else if row.reason.as_deref() == Some(Reason::Letter.code()) {
                Words::Wanting
            } else {
                Words::ToCome
            })
        };
        rows.iter().map(words).collect()
    }

    /// Writes down what has become of these, unless they have gone on meanwhile from where they stood.
    pub(super) async fn rewrite(&self, mut rows: Rows, from: OccurrenceState) -> Result<(), DbError> {
        if rows.occurrences.is_empty() {
            return Ok(());
        }
        let tx = self.renewed(Tx::new()).run(
            "FOR $row IN $changed {
                 UPDATE $row.id SET state = $row.state, reason = $row.reason, detail = $row.detail, \
                 due = $row.due, until = $row.until, household = $row.household, \
                 language = $row.language ?? language, address = $row.address ?? address, \
                 ended_at = $row.ended_at, revision = $row.revision WHERE state = $from RETURN NONE;
             }",
            vars().with("changed", std::mem::take(&mut rows.occurrences)).with("from", from.code().to_owned()),
        );
        self.commit(tx, rows).await
    }
}
