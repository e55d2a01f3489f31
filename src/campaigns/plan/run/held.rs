//! What is planned and does not leave: held until its reason has passed, or of a campaign that has ended.

use super::{
    Counts, Planner,
    waiting::{COLUMNS, Waiting},
};
use crate::{
    campaigns::{
        OccurrenceState,
        calendar::SendTime,
        plan::{
            CHUNK,
            rows::Rows,
            verdict::{Greeted, judge},
        },
    },
    server::db::{Db, DbError, Tx, record, vars},
};
use chrono::{DateTime, Utc};
use surrealdb::types::RecordId;

impl Planner<'_> {
    /// Looks whether what holds someone has passed: at everybody, those first who were to leave first.
    pub(super) async fn look_at_held(&mut self) -> Result<(), DbError> {
        let mut after = None;
        loop {
            let page = self.held(after.as_ref()).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some((last.due, last.id.clone()));
            self.look_at(&page).await?;
        }
    }

    /// The next who are held, after the one that was to leave at that time.
    async fn held(&self, after: Option<&(DateTime<Utc>, RecordId)>) -> Result<Vec<Waiting>, DbError> {
        let mut bound = vars()
            .with("campaign", record("campaign", self.campaign.id))
            .with("revision", self.campaign.revision)
            .with("limit", i64::try_from(CHUNK).unwrap_or(i64::MAX));
        let beyond = if let Some((due, last)) = after {
            bound = bound.with("due", *due).with("last", last.clone());
            " AND due >= $due AND (due > $due OR id > $last)"
        } else {
            ""
        };
        self.db
            .rows(
                &format!(
                    "SELECT {COLUMNS} FROM occurrence WITH INDEX occurrence_revision WHERE campaign = $campaign \
                     AND state = 'held' AND revision = $revision{beyond} ORDER BY due, id LIMIT $limit"
                ),
                bound,
            )
            .await
    }

    async fn look_at(&mut self, page: &[Waiting]) -> Result<(), DbError> {
        let candidates = page.iter().map(Waiting::candidate).collect::<Result<Vec<_>, _>>()?;
        let words = self.words(page).await?;
        let mut greeted = Greeted::default();
        let judged = judge(self.db, &self.house, &self.campaign, &candidates, self.now, &mut greeted).await?;
        let mut rows = Rows::default();
        for ((judged, row), words) in judged.iter().zip(page).zip(words) {
            let fate = self.fate(judged, SendTime { due: row.due, until: row.until }, words).await?;
            let reason = fate.reason.map(|reason| reason.code().to_owned());
            // What became too late is for whoever looks after the outbox to say.
            let is_same = fate.state == OccurrenceState::Held && reason == row.reason && fate.detail == row.detail;
            if is_same || fate.state == OccurrenceState::Missed {
                continue;
            }
            self.counts.add(fate.state);
            rows.add(&self.campaign, &judged.candidate, &fate, self.now);
        }
        self.rewrite(rows, OccurrenceState::Held).await
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
