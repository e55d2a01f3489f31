//! What is not needed any more goes: ended alerts with all that hangs on them, the events of the feed,
//! hand-overs, and what was known of where guests are and which cards are open. In batches, so that nobody waits for it.

use crate::{
    ids::HouseId,
    server::db::{Db, DbError, Tx, Vars, id_of, vars},
    staff::audit::SHOWN,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::fmt;
use surrealdb::types::{RecordId, RecordIdKey, SurrealValue};

/// Records that are deleted in one transaction.
const BATCH: u32 = 500;

/// How many records went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    pub alerts: u64,
    pub events: u64,
    pub hand_overs: u64,
    pub locators: u64,
    /// What was known of the cards that sessions show.
    pub cards: u64,
    /// Under which answers of the drill were sent.
    pub answers: u64,
}

impl Purged {
    /// Whether there was nothing to do.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

impl fmt::Display for Purged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { alerts, events, hand_overs, locators, cards, answers } = self;
        write!(
            f,
            "{alerts} alerts, {events} events, {hand_overs} hand-overs, {locators} locator entries, {cards} cards \
             shown, {answers} answers sent"
        )
    }
}

/// Deletes what is older than `keep_days` days, and locator entries that have expired. An open alert
/// stays however old it is. A stream that asks to go on from below the oldest event that is kept is
/// told to load its boards afresh.
///
/// Several servers may do it at once: what one has deleted the other does not find.
///
/// # Errors
/// What the store answers. The batches before it stay deleted.
pub async fn purge(db: &Db, now: DateTime<Utc>, keep_days: u32) -> Result<Purged, DbError> {
    let before = now - TimeDelta::days(i64::from(keep_days));
    Ok(Purged {
        alerts: batches(
            db,
            // Nothing that was raised within the time goes, whenever it ended.
            "SELECT VALUE id FROM alert WHERE is_open = false AND ended_at < $before AND raised_at < $before LIMIT $batch",
            before,
            // One by one: of more than 32 values after IN the store reads the whole table.
            "FOR $one IN $old {
                LET $key = record::id($one);
                LET $steps = [type::record('escalation', [$key, 1]), type::record('escalation', [$key, 2]),
                    type::record('escalation', [$key, 3]), type::record('escalation', [$key, 4])];
                DELETE $steps RETURN NONE;
                DELETE alert_alias WHERE alert = $one RETURN NONE;
             };
             DELETE $old RETURN NONE",
        )
        .await?,
        events: events(db, before).await?,
        hand_overs: batches(
            db,
            "SELECT VALUE id FROM hand_over WHERE at < $before LIMIT $batch",
            before,
            "DELETE $old RETURN NONE",
        )
        .await?,
        locators: batches(
            db,
            "SELECT VALUE id FROM locator WHERE expires < $before LIMIT $batch",
            now,
            // The guest may have been seen again since it was looked up.
            "DELETE $old WHERE expires < $before RETURN NONE",
        )
        .await?,
        cards: batches(
            db,
            "SELECT VALUE id FROM shown_card WHERE at < $before LIMIT $batch",
            now - SHOWN,
            // The card may have been opened again since.
            "DELETE $old WHERE at < $before RETURN NONE",
        )
        .await?,
        answers: batches(
            db,
            "SELECT VALUE id FROM drill_answer WHERE at < $before LIMIT $batch",
            // A page that was left open sends its answer again within a day, if ever.
            now - TimeDelta::days(1),
            "DELETE $old RETURN NONE",
        )
        .await?,
    })
}

/// Deletes what a look-up finds until it finds nothing more.
async fn batches(db: &Db, find: &str, before: DateTime<Utc>, delete: &str) -> Result<u64, DbError> {
    let bound = || vars().with("before", before);
    let mut gone = 0;
    loop {
        let old: Vec<RecordId> = db.rows(find, limited(bound())).await?;
        let found = old.len();
        if found > 0 {
            db.commit(Tx::new().run(delete, bound().with("old", old))).await?;
        }
        gone += found as u64;
        if found < BATCH as usize {
            return Ok(gone);
        }
    }
}

/// Events go from the beginning of each house's feed: what is left has no gap.
async fn events(db: &Db, before: DateTime<Utc>) -> Result<u64, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
        at: DateTime<Utc>,
    }
    let counters: Vec<RecordId> = db.rows("SELECT VALUE id FROM type::table('counter')", vars()).await?;
    let mut gone = 0;
    for counter in counters {
        let house: HouseId = id_of(&counter)?;
        loop {
            let rows: Vec<Row> = db
                .rows(
                    "SELECT id, at FROM type::record('event', [$house, 0]..[$house, $ever]) LIMIT $batch",
                    limited(vars().with("house", house.to_string()).with("ever", i64::MAX)),
                )
                .await?;
            let old: Vec<RecordId> = rows.into_iter().take_while(|row| row.at < before).map(|row| row.id).collect();
            let Some(last) = old.last() else { break };
            // Said before it is done, and by itself: the counter is what every writer of the house waits for.
            let floor = vars().with("counter", counter.clone()).with("floor", seq_of(last)?);
            db.commit(Tx::new().run("UPDATE ONLY $counter SET floor = $floor RETURN NONE", floor)).await?;
            let found = old.len();
            db.commit(Tx::new().run("DELETE $old RETURN NONE", vars().with("old", old))).await?;
            gone += found as u64;
            if found < BATCH as usize {
                break;
            }
        }
    }
    Ok(gone)
}

fn limited(bound: Vars) -> Vars {
    bound.with("batch", i64::from(BATCH))
}

/// The number of an event, as the store holds it.
fn seq_of(event: &RecordId) -> Result<i64, DbError> {
    match &event.key {
        RecordIdKey::Array(parts) => parts.get(1).cloned().and_then(|seq| i64::from_value(seq).ok()),
        _ => None,
    }
    .ok_or_else(|| DbError::Malformed(format!("{event:?}")))
}
