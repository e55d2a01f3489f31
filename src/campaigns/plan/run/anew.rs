//! What was planned before its campaign was changed is judged anew by what is set now: when it leaves, whether it
//! waits for its signer, is held or kept back, or does not leave at all. Until then no sender takes it. What is on
//! its way or has come to its end stays as it is.

use super::{
    Planner,
    waiting::{COLUMNS, Waiting},
    zone_of,
};
use crate::{
    campaigns::{
        OccurrenceState, Reason,
        calendar::{self, SendTime},
        plan::{
            CHUNK, clipped, first_day,
            rows::Rows,
            verdict::{Greeted, Judged, Verdict, judge},
        },
    },
    server::{
        clock,
        db::{DbError, record, vars},
    },
};
use chrono::NaiveDate;

/// Greetings that are read at once.
const PAGE: u32 = 5_000;

impl Planner<'_> {
    /// Judges anew what was judged by an older revision of the campaign.
    pub(super) async fn judge_anew(&mut self) -> Result<(), DbError> {
        for state in [OccurrenceState::Planned, OccurrenceState::Awaiting, OccurrenceState::Held] {
            loop {
                let mut rows = self.older(state).await?;
                if rows.is_empty() {
                    break;
                }
                // Whoever was to leave first keeps that place where days fill up.
                rows.sort_by_key(|row| row.due);
                for part in rows.chunks(CHUNK) {
                    self.part_anew(part, state).await?;
                }
            }
        }
        Ok(())
    }

    /// The first of those in a state, by the time at which they were to leave. What has been judged is not among
    /// them any more.
    async fn older(&self, state: OccurrenceState) -> Result<Vec<Waiting>, DbError> {
        self.db
            .rows(
                &format!(
                    "SELECT {COLUMNS} FROM occurrence WITH INDEX occurrence_revision \
                     WHERE campaign = $campaign AND state = $state AND revision < $revision LIMIT $limit"
                ),
                vars()
                    .with("campaign", record("campaign", self.campaign.id))
                    .with("state", state.code().to_owned())
                    .with("revision", self.campaign.revision)
                    .with("limit", i64::from(PAGE)),
            )
            .await
    }

    async fn part_anew(&mut self, part: &[Waiting], state: OccurrenceState) -> Result<(), DbError> {
        let candidates = part.iter().map(Waiting::candidate).collect::<Result<Vec<_>, _>>()?;
        let words = self.words(part).await?;
        let mut greeted = Greeted::default();
        let judged = judge(self.db, &self.house, &self.campaign, &candidates, self.now, &mut greeted).await?;
        let mut rows = Rows::default();
        for ((mut judged, row), words) in judged.into_iter().zip(part).zip(words) {
            if !self.is_within(judged.candidate.date, row) {
                judged.verdict = Verdict::Skipped(Reason::NoLongerDue, None);
            }
            let time = self.time_anew(&judged, row);
            let fate = self.fate(&judged, time, words).await?;
            if fate.state != state {
                self.counts.add(fate.state);
            }
            rows.add(&self.campaign, &judged.candidate, &fate, self.now);
        }
        self.rewrite(rows, state).await
    }

    /// Whether a day lies between the campaign's first and last. One that was over when it was planned, as those
    /// of a backlog are, may lie before the first.
    fn is_within(&self, date: NaiveDate, row: &Waiting) -> bool {
        let settings = &self.campaign.settings;
        let planned = calendar::day_sent_on(clock::today(row.planned_at, self.house.zone()), settings);
        let came_before = date < planned && first_day(settings).is_some_and(|first| date < first);
        came_before || clipped(settings, date..=date).contains(&date)
    }

    /// When it is to leave from now on.
    fn time_anew(&self, judged: &Judged, row: &Waiting) -> SendTime {
        // Refused for now, it is tried again at its time; sent again by hand, it has the time given to it then.
        if row.sending_at.is_some() {
            return SendTime { due: row.due, until: row.until };
        }
        let (settings, zone) = (&self.campaign.settings, zone_of(judged));
        let own = judged.time;
        let day = |at| clock::today(at, self.house.zone());
        let time = if own.due >= self.now || !self.kind.can_wait() {
            own
        } else if row.due > self.now && day(row.due) > day(own.due) {
            // Of a backlog, or one for which there was no room on its own day: it has waited for a later one.
            self.next_time(zone)
        } else if row.due > own.until {
            // Such a one whose day has come.
            SendTime { due: row.due, until: row.due + calendar::grace(settings) }
        } else {
            own
        };
        // Not before the campaign's first day, where that has been put off.
        let first = first_day(settings).filter(|first| *first > judged.candidate.date);
        let begins = first.and_then(|first| calendar::send_time(first, settings, self.house.zone(), zone).ok());
        begins.filter(|begins| begins.due > time.due).unwrap_or(time)
    }
}
