//! The brake: a campaign whose messages fail pauses, before it does more harm.

use crate::{
    campaigns::{
        PauseReason,
        outbox::{Mark, Outcome},
        store,
    },
    ids::CampaignId,
    server::db::{Db, DbError, Tx, record, vars},
};
use std::collections::BTreeMap;
use surrealdb::types::SurrealValue;

/// Failures in a row, and failures among the last hundred messages, at which a campaign pauses.
const IN_A_ROW: usize = 10;
const OF_A_HUNDRED: usize = 20;

const TAKEN: char = '.';
const FAILED: char = 'x';

/// Adds how messages fared to what is kept of their campaigns.
#[must_use]
pub(super) fn add_outcomes(mut tx: Tx, marks: &[Mark]) -> Tx {
    for (number, (campaign, outcomes)) in outcomes(marks).into_iter().enumerate() {
        tx = tx.run(
            &format!(
                "LET $fared{number} = string::concat((SELECT VALUE outcomes FROM ONLY $brake{number}) ?? '', \
                 $outcomes{number});
                 UPSERT ONLY $brake{number} SET outcomes = \
                 string::slice($fared{number}, math::max([0, string::len($fared{number}) - 100])) RETURN NONE"
            ),
            vars()
                .with(&format!("brake{number}"), record("brake", campaign))
                .with(&format!("outcomes{number}"), outcomes),
        );
    }
    tx
}

/// Pauses those campaigns that have had too many failures.
///
/// # Errors
/// What the store answers.
pub(super) async fn look(db: &Db, marks: &[Mark]) -> Result<(), DbError> {
    #[derive(SurrealValue)]
    struct Row {
        outcomes: String,
    }
    for (campaign, outcomes) in outcomes(marks) {
        if !outcomes.contains(FAILED) {
            continue;
        }
        let brake = record("brake", campaign);
        let row: Option<Row> = db.row("SELECT outcomes FROM $brake", vars().with("brake", brake.clone())).await?;
        if row.is_some_and(|row| trips(&row.outcomes)) {
            tracing::warn!(%campaign, "too many of a campaign's messages fail: it pauses");
            store::pause(db, campaign, PauseReason::TooManyFailures, None).await?;
            // Whoever lets it go on begins anew.
            db.query("UPDATE $brake SET outcomes = '' RETURN NONE", vars().with("brake", brake)).await?;
        }
    }
    Ok(())
}

fn trips(outcomes: &str) -> bool {
    let in_a_row = outcomes.chars().rev().take_while(|outcome| *outcome == FAILED).count();
    in_a_row >= IN_A_ROW || outcomes.chars().filter(|outcome| *outcome == FAILED).count() >= OF_A_HUNDRED
}

/// How messages fared, by campaign and in their order: those that were on the wire, and of each time that no relay
/// could be reached, one that was to go there.
fn outcomes(marks: &[Mark]) -> BTreeMap<CampaignId, String> {
    let mut outcomes: BTreeMap<CampaignId, String> = BTreeMap::new();
    for mark in marks {
        let outcome = match &mark.outcome {
            Outcome::Sent { .. } => TAKEN,
            Outcome::Failed { .. } | Outcome::Unknown { .. } | Outcome::NotReached => FAILED,
            // Connections that are cut before the message has ended.
            Outcome::Later { is_of_connection: true, .. } => FAILED,
            // Relays that do not know a sender yet ask everybody to come again: that is not a fault, and one
            // that never ends becomes a failure.
            Outcome::Later { is_of_connection: false, .. }
            | Outcome::Released
            | Outcome::Held(..)
            | Outcome::Skipped(..)
            | Outcome::Trace { .. } => continue,
        };
        outcomes.entry(mark.id.campaign).or_default().push(outcome);
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_in_a_row_or_twenty_of_a_hundred_are_too_many() {
        assert!(!trips(""));
        assert!(!trips("xxxxxxxxx"));
        assert!(trips("..xxxxxxxxxx"));
        assert!(!trips("xxxxxxxxx.xxxxxxxxx."), "never ten in a row");
        assert!(!trips(&"x....".repeat(19)));
        assert!(trips(&"x....".repeat(20)));
    }
}
