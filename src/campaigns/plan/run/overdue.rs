//! What was to leave on an earlier day and has not, where no more than so many may leave on one: its server was asleep,
//! or its campaign in a pause. It finds its day anew, and until then no sender takes it.

use super::{
    Planner,
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
    server::{
        clock,
        db::{DbError, record, vars},
    },
};

impl Planner<'_> {
    /// Finds a day for everything that is left over, those first who were to leave first.
    pub(super) async fn place_overdue(&mut self) -> Result<(), DbError> {
        if self.campaign.settings.daily_cap.is_none() {
            return Ok(());
        }
        loop {
            let page = self.overdue().await?;
            if page.is_empty() {
                return Ok(());
            }
            self.place_anew(&page).await?;
        }
    }

    /// The first of what is left over. What has found its day is not among it any more.
    async fn overdue(&self) -> Result<Vec<Waiting>, DbError> {
        self.db
            .rows(
                &format!(
                    "SELECT {COLUMNS} FROM occurrence WITH INDEX occurrence_revision WHERE campaign = $campaign \
                     AND state = 'planned' AND revision = $revision AND due < $begin AND until > $now \
                     ORDER BY due LIMIT $limit"
                ),
                vars()
                    .with("campaign", record("campaign", self.campaign.id))
                    .with("revision", self.campaign.revision)
                    .with("begin", clock::day_begins(self.now, self.house.zone()))
                    .with("now", self.now)
                    .with("limit", i64::try_from(CHUNK).unwrap_or(i64::MAX)),
            )
            .await
    }

    async fn place_anew(&mut self, page: &[Waiting]) -> Result<(), DbError> {
        let candidates = page.iter().map(Waiting::candidate).collect::<Result<Vec<_>, _>>()?;
        let words = self.words(page).await?;
        let mut greeted = Greeted::default();
        let judged = judge(self.db, &self.house, &self.campaign, &candidates, self.now, &mut greeted).await?;
        let mut rows = Rows::default();
        for ((judged, row), words) in judged.iter().zip(page).zip(words) {
            let fate = self.fate(judged, SendTime { due: row.due, until: row.until }, words).await?;
            if fate.state != OccurrenceState::Planned {
                self.counts.add(fate.state);
            }
            rows.add(&self.campaign, &judged.candidate, &fate, self.now);
        }
        self.rewrite(rows, OccurrenceState::Planned).await
    }
}
