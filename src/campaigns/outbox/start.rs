//! The last moment before the wire: whatever was committed by then, by a guest or a colleague, stops a message.

use crate::{
    campaigns::{OccurrenceId, store},
    ids::{CampaignId, GuestId},
    server::db::{Tx, record, vars},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;
use surrealdb::types::RecordId;

/// A claimed occurrence whose message is about to go to the wire.
#[derive(Debug, Clone)]
pub struct Start {
    pub id: OccurrenceId,
    pub owner: String,
    /// What stands for its address in the store.
    pub address: String,
    /// How many statements of its guest there were when consent was looked at.
    pub statements: u32,
    /// The campaign's revision by which it was judged and from which it was made.
    pub revision: i64,
    /// The day on which it leaves, house-local: a hold that lasts until then stops it.
    pub day: NaiveDate,
}

/// Why a message must not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The campaign has been paused or has ended.
    Paused,
    /// The address has been suppressed.
    Suppressed,
    /// The guest has said something since, was put on hold, or has complained; the profile speaks against it by
    /// now; or the campaign was changed. It must be looked at again.
    Changed,
    /// The claim does not hold any more, or the time is over in which it may leave.
    TakenOver,
}

impl Stop {
    pub(in crate::campaigns) fn of_guard(word: &str) -> Self {
        match word {
            "gate" => Self::Paused,
            "suppressed" => Self::Suppressed,
            "said" | "guest" | "hold" | "complaint" | "changed" => Self::Changed,
            _ => Self::TakenOver,
        }
    }
}

/// Adds what puts messages on the wire: all of them, or the transaction fails with the word of a
/// [`Stop`]. What a guest or a colleague commits before this transaction begins stops its message.
#[must_use]
pub(in crate::campaigns) fn add_sending(
    tx: Tx,
    starts: &[Start],
    gate: u32,
    now: DateTime<Utc>,
    lease: DateTime<Utc>,
) -> Tx {
    let mut tx = nothing_against(tx, starts);
    let mut campaigns: BTreeMap<(CampaignId, i64), i64> = BTreeMap::new();
    for start in starts {
        *campaigns.entry((start.id.campaign, start.revision)).or_default() += 1;
    }
    for (number, ((campaign, revision), count)) in campaigns.into_iter().enumerate() {
        // Whoever changes a campaign writes its gates too, so that it cannot change between this look and the wire.
        tx = tx.run(
            &format!(
                "IF (SELECT VALUE revision FROM ONLY $start_campaign{number}) != $start_revision{number} \
                 {{ THROW 'guard:changed' }};
                 LET $open{number} = (UPDATE $gate{number} SET passed += $passing{number} WHERE open = true RETURN AFTER);
                 IF array::len($open{number}) = 0 {{ THROW 'guard:gate' }}"
            ),
            vars()
                .with(&format!("start_campaign{number}"), record("campaign", campaign))
                .with(&format!("start_revision{number}"), revision)
                .with(&format!("gate{number}"), store::gate(campaign, gate))
                .with(&format!("passing{number}"), count),
        );
    }
    let rows: Vec<RecordId> = starts.iter().map(|start| record("occurrence", &start.id)).collect();
    let held: Vec<(RecordId, String)> =
        starts.iter().map(|start| (record("occurrence", &start.id), start.owner.clone())).collect();
    // A claim that has run out holds no more, even if nobody has taken it yet: a machine that was asleep since goes
    // on where it stood, days after what it had looked at.
    tx.run(
        "LET $started = (UPDATE $start_rows SET state = 'sending', sending_at = $start_now, lease = $start_lease \
         WHERE state = 'claimed' AND lease > $start_now AND until > $start_now AND [id, owner] IN $start_held \
         RETURN AFTER);
         IF array::len($started) != $start_count { THROW 'guard:claim' }",
        vars()
            .with("start_count", i64::try_from(rows.len()).unwrap_or(i64::MAX))
            .with("start_rows", rows)
            .with("start_held", held)
            .with("start_now", now)
            .with("start_lease", lease),
    )
}

/// Adds that nothing speaks against writing to these guests that was not known when they were looked at.
fn nothing_against(tx: Tx, starts: &[Start]) -> Tx {
    // Of several letters to one guest, what counts is what the first of them knew: the others may have been
    // looked at after the guest said something.
    let mut statements: BTreeMap<GuestId, u32> = BTreeMap::new();
    for start in starts {
        statements
            .entry(start.id.guest)
            .and_modify(|least| *least = start.statements.min(*least))
            .or_insert(start.statements);
    }
    let guests: Vec<RecordId> = statements.keys().map(|guest| record("guest", guest)).collect();
    let holds: Vec<RecordId> = statements.keys().map(|guest| record("hold", guest)).collect();
    let counts: Vec<i64> = statements.into_values().map(i64::from).collect();
    let suppressions: Vec<RecordId> = starts.iter().map(|start| record("suppression", &start.address)).collect();
    // Of the houses' days the first: where that stops one too many, it starts by itself.
    let day = starts.iter().map(|start| start.day).min().unwrap_or_default();
    // One look-up of statements and of complaints a guest: a long list after IN would read all of the house.
    tx.run(
        "IF array::len((SELECT VALUE id FROM $start_suppressions)) > 0 { THROW 'guard:suppressed' };
         IF $start_guests.map(|$guest| array::len((SELECT VALUE id FROM consent WHERE guest = $guest))) \
         != $start_statements { THROW 'guard:said' };
         IF array::len((SELECT VALUE id FROM $start_guests WHERE deceased = false AND blocklisted = false \
         AND incognito = false AND merged_into = NONE)) != array::len($start_guests) { THROW 'guard:guest' };
         IF array::len((SELECT VALUE id FROM $start_holds WHERE until = NONE OR until >= $start_day)) > 0 \
         { THROW 'guard:hold' };
         IF math::sum($start_guests.map(|$guest| array::len((SELECT VALUE id FROM recovery \
         WHERE guest = $guest AND matters = true AND is_open = true)))) > 0 { THROW 'guard:complaint' }",
        vars()
            .with("start_suppressions", suppressions)
            .with("start_guests", guests)
            .with("start_holds", holds)
            .with("start_statements", counts)
            .with("start_day", day.to_string()),
    )
}

#[cfg(test)]
mod tests;
