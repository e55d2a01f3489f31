//! How many greetings of a campaign leave on which day, where no more than so many may.

use crate::{
    campaigns::store::CampaignRow,
    house::House,
    server::{
        clock,
        db::{Db, DbError, record, vars},
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::HashMap;
use surrealdb::types::SurrealValue;

/// Days, house-local, and how full they are.
pub(super) struct Days {
    cap: u32,
    taken: HashMap<NaiveDate, u32>,
    /// Where the last search began and ended: all days between are full.
    full: Option<(NaiveDate, NaiveDate)>,
}

/// States in which a greeting takes up its day.
const TAKING: [&str; 6] = ["planned", "awaiting", "claimed", "sending", "sent", "unknown"];
/// Those of them in which it can still come to another day.
const MOVING: [&str; 2] = ["planned", "awaiting"];

impl Days {
    /// What is planned from today on; `None` for a campaign without a limit. What was planned by another
    /// revision of the campaign has its place to find yet, and takes up none.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn load(
        db: &Db,
        house: &House,
        campaign: &CampaignRow,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, DbError> {
        #[derive(SurrealValue)]
        struct Row {
            at: DateTime<Utc>,
            count: i64,
        }
        let Some(cap) = campaign.settings.daily_cap else { return Ok(None) };
        let mut bound = vars()
            .with("campaign", record("campaign", campaign.id))
            .with("revision", campaign.revision)
            .with("from", clock::day_begins(now, house.zone()));
        let mut text = String::new();
        for (at, state) in TAKING.iter().enumerate() {
            let judged = if MOVING.contains(state) { "revision = $revision AND " } else { "" };
            // By the quarter of an hour: no zone's days begin at any other time.
            text.push_str(&format!(
                "SELECT time::floor(due, 15m) AS at, count() AS count FROM occurrence \
                 WHERE campaign = $campaign AND state = $state{at} AND {judged}due >= $from GROUP BY at;\n"
            ));
            bound = bound.with(&format!("state{at}"), *state);
        }
        let mut results = db.query(&text, bound).await?;
        let mut taken: HashMap<NaiveDate, u32> = HashMap::new();
        for at in 0..TAKING.len() {
            for row in results.take::<Vec<Row>>(at)? {
                let count = taken.entry(clock::today(row.at, house.zone())).or_default();
                *count = count.saturating_add(u32::try_from(row.count).unwrap_or(u32::MAX));
            }
        }
        Ok(Some(Self { cap: cap.max(1), taken, full: None }))
    }

    /// The first day from `day` on that has room.
    pub fn first_free(&mut self, day: NaiveDate) -> NaiveDate {
        let mut free = match self.full {
            Some((from, to)) if (from..=to).contains(&day) => to,
            _ => day,
        };
        while self.taken.get(&free).is_some_and(|count| *count >= self.cap) {
            let Some(next) = free.succ_opt() else { return free };
            free = next;
        }
        self.full = match self.full {
            Some((from, to)) if (from..=to).contains(&day) => Some((from, free)),
            _ => Some((day, free)),
        };
        free
    }

    /// One more leaves on that day.
    pub fn take(&mut self, day: NaiveDate) {
        *self.taken.entry(day).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backlog_is_spread_over_the_days_that_have_room() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (first, third) = (day("2026-11-23"), day("2026-11-25"));
        let mut days = Days { cap: 2, taken: HashMap::from([(first, 1), (third, 2)]), full: None };
        let mut taken = Vec::new();
        for _ in 0..6 {
            let free = days.first_free(first);
            days.take(free);
            taken.push(free.to_string());
        }
        assert_eq!(taken, ["2026-11-23", "2026-11-24", "2026-11-24", "2026-11-26", "2026-11-26", "2026-11-27"]);
        assert_eq!(days.first_free(day("2026-11-22")), day("2026-11-22"), "a day before has room of its own");
        assert_eq!(days.first_free(third), day("2026-11-27"));
    }
}
