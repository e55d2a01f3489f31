//! What is planned and does not leave: held until its reason has passed, or of a campaign that has ended.

use super::{Counts, Planner};
use crate::{
    campaigns::{
        OccurrenceId, OccurrenceState, Reason,
        calendar::SendTime,
        kinds::Candidate,
        plan::{
            CHUNK,
            rows::Rows,
            verdict::{Greeted, judge},
        },
    },
    server::db::{Db, DbError, Tx, id_of, record, vars, word},
};
use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// Held greetings that are looked at in one run.
const HELD: u32 = 20_000;

#[derive(SurrealValue)]
struct HeldRow {
    id: RecordId,
    date: String,
    stage: Option<i64>,
    reason: Option<String>,
    detail: Option<String>,
    due: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Planner<'_> {
    /// Looks whether what holds someone has passed.
    pub(super) async fn look_at_held(&mut self) -> Result<(), DbError> {
        let rows: Vec<HeldRow> = self
            .db
            .rows(
                "SELECT id, date, stage, reason, detail, due, until FROM occurrence \
                 WHERE campaign = $campaign AND state = 'held' LIMIT $limit",
                vars().with("campaign", record("campaign", self.campaign.id)).with("limit", i64::from(HELD)),
            )
            .await?;
        let mut held = Vec::with_capacity(rows.len());
        for row in rows {
            let OccurrenceId { guest, .. } = id_of(&row.id)?;
            let date = word(&row.date, |date| date.parse().ok())?;
            let stage = row.stage.and_then(|stage| u16::try_from(stage).ok());
            held.push((Candidate { guest, date, stage }, row));
        }
        for part in held.chunks(CHUNK) {
            let candidates: Vec<Candidate> = part.iter().map(|(candidate, _)| *candidate).collect();
            let mut greeted = Greeted::default();
            let judged = judge(self.db, &self.house, &self.campaign, &candidates, self.now, &mut greeted).await?;
            let mut rows = Rows::default();
            for (judged, (candidate, row)) in judged.iter().zip(part) {
                let for_letter = row.reason.as_deref() == Some(Reason::Letter.code());
                let fate = self.fate(judged, SendTime { due: row.due, until: row.until }, for_letter).await?;
                let reason = fate.reason.map(|reason| reason.code().to_owned());
                // What became too late is for whoever looks after the outbox to say.
                let is_same = fate.state == OccurrenceState::Held && reason == row.reason && fate.detail == row.detail;
                if is_same || fate.state == OccurrenceState::Missed {
                    continue;
                }
                self.counts.add(fate.state);
                rows.add(&self.campaign, candidate, &fate, self.now);
            }
            if rows.occurrences.is_empty() {
                continue;
            }
            let tx = self.renewed(Tx::new()).run(
                "FOR $row IN $changed {
                     UPDATE $row.id SET state = $row.state, reason = $row.reason, detail = $row.detail, \
                     due = $row.due, until = $row.until, household = $row.household, language = $row.language, \
                     address = $row.address, ended_at = $row.ended_at WHERE state = 'held' RETURN NONE;
                 }",
                vars().with("changed", std::mem::take(&mut rows.occurrences)),
            );
            self.commit(tx, rows).await?;
        }
        Ok(())
    }
}

/// Takes what has not left of campaigns that have ended out of the outbox.
pub(super) async fn drop_ended(db: &Db, now: DateTime<Utc>) -> Result<Counts, DbError> {
    let mut counts = Counts::default();
    let ended: Vec<RecordId> = db.rows("SELECT VALUE id FROM campaign WHERE state = 'ended'", vars()).await?;
    for campaign in ended {
        for state in ["planned", "awaiting", "held"] {
            loop {
                let left: Vec<RecordId> = db
                    .rows(
                        "SELECT VALUE id FROM occurrence WHERE campaign = $campaign AND state = $state LIMIT $limit",
                        vars()
                            .with("campaign", campaign.clone())
                            .with("state", state)
                            .with("limit", i64::try_from(CHUNK).unwrap_or(i64::MAX)),
                    )
                    .await?;
                if left.is_empty() {
                    break;
                }
                counts.skipped = counts.skipped.saturating_add(u32::try_from(left.len()).unwrap_or(u32::MAX));
                let tx = Tx::new().run(
                    "UPDATE $left SET state = 'skipped', reason = 'campaign_ended', detail = NONE, ended_at = $now \
                     WHERE state = $state RETURN NONE",
                    vars().with("left", left).with("state", state).with("now", now),
                );
                db.commit(tx).await?;
            }
        }
    }
    Ok(counts)
}
