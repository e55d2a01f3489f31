//! What becomes of somebody for whom there is a verdict, and when.

use super::Planner;
use crate::{
    campaigns::{
        OccurrenceState, Reason,
        calendar::{self, SendTime},
        kinds::Candidate,
        plan::{
            days::Days,
            is_control,
            letters::Letters,
            rows::Fate,
            verdict::{Judged, Verdict},
        },
        template::{Missing, Rendered},
    },
    server::{clock, db::DbError},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// What is known of the words of somebody's letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Nothing yet.
    ToCome,
    /// They could not be filled in.
    Wanting,
    /// The signer has approved them.
    Signed,
}

impl Planner<'_> {
    /// The next time at which a greeting of this campaign leaves, whatever day it greets.
    pub(super) fn next_time(&self, guest: Option<Tz>) -> SendTime {
        let settings = &self.campaign.settings;
        let today = clock::today(self.now, self.house.zone());
        let mut days = today.iter_days().take(7).map(|day| calendar::day_sent_on(day, settings));
        days.find_map(|date| {
            calendar::send_time(date, settings, self.house.zone(), guest).ok().filter(|time| time.due >= self.now)
        })
        .unwrap_or(SendTime { due: self.now, until: self.now + calendar::grace(settings) })
    }

    /// What becomes of a candidate.
    pub(super) async fn fate(&mut self, judged: &Judged, time: SendTime, words: Words) -> Result<Fate, DbError> {
        let SendTime { due, until } = time;
        let fate = |state, reason, detail: Option<String>| Fate {
            state,
            reason,
            detail,
            due,
            until,
            address: None,
            language: None,
            household: None,
            letter: None,
        };
        Ok(match &judged.verdict {
            Verdict::Skipped(reason, detail) => fate(OccurrenceState::Skipped, Some(*reason), detail.clone()),
            Verdict::Held(reason, detail) if until < self.now => {
                fate(OccurrenceState::Missed, Some(*reason), detail.clone())
            }
            Verdict::Held(reason, detail) => fate(OccurrenceState::Held, Some(*reason), detail.clone()),
            Verdict::Trace { .. } if judged.candidate.date < clock::today(self.now, self.house.zone()) => {
                fate(OccurrenceState::Missed, Some(Reason::InHouse), None)
            }
            Verdict::Trace { room } => fate(OccurrenceState::Trace, Some(Reason::InHouse), room.clone()),
            Verdict::Go { address, language, household, zone } => {
                if is_control(&self.campaign, judged.candidate.guest) {
                    return Ok(fate(OccurrenceState::Control, None, None));
                }
                let Some(time) = self.place(time, *zone).await? else {
                    return Ok(fate(OccurrenceState::Missed, None, None));
                };
                let vip = judged.guest.as_ref().map_or(0, |guest| guest.vip);
                let is_personal =
                    words != Words::Signed && self.campaign.settings.personal_from_vip.is_some_and(|from| vip >= from);
                let letter = if is_personal || words == Words::Wanting {
                    match self.fill(&judged.candidate, language).await? {
                        Ok(letter) => Some(letter).filter(|_| is_personal),
                        Err(missing) => {
                            return Ok(fate(OccurrenceState::Held, Some(Reason::Letter), Some(missing.to_string())));
                        }
                    }
                } else {
                    None
                };
                self.take(time.due);
                Fate {
                    due: time.due,
                    until: time.until,
                    address: Some(address.clone()),
                    language: Some(language.clone()),
                    household: household.clone(),
                    letter,
                    ..fate(if is_personal { OccurrenceState::Awaiting } else { OccurrenceState::Planned }, None, None)
                }
            }
        })
    }

    async fn fill(&mut self, candidate: &Candidate, language: &str) -> Result<Result<Rendered, Missing>, DbError> {
        let letters = match self.letters.take() {
            Some(letters) => letters,
            None => Letters::load(self.db, &self.campaign, self.base_url).await?,
        };
        let filled = letters.fill(self.db, &self.house, &self.campaign, candidate, language, self.now).await;
        self.letters = Some(letters);
        filled
    }

    /// When a greeting leaves that was to leave at `time`: at once where that is over, and on a later day where
    /// its own is full. `None` where that is too late.
    async fn place(&mut self, time: SendTime, guest: Option<Tz>) -> Result<Option<SendTime>, DbError> {
        let zone = self.house.zone();
        let settings = self.campaign.settings.clone();
        let due = if time.due < self.now {
            calendar::next_permitted(self.now, &settings, calendar::zone_of(&settings, zone, guest))
        } else {
            Some(time.due)
        };
        let Some(due) = due.filter(|due| *due <= time.until) else { return Ok(None) };
        let now = self.now;
        let can_wait = self.kind.can_wait();
        let Some(days) = self.days().await? else { return Ok(Some(SendTime { due, ..time })) };
        let day = clock::today(due, zone);
        let free = days.first_free(day);
        if free == day {
            return Ok(Some(SendTime { due, ..time }));
        }
        let later = calendar::send_time(calendar::day_sent_on(free, &settings), &settings, zone, guest).ok();
        Ok(later.filter(|later| later.due >= now).and_then(|later| {
            if can_wait {
                Some(later)
            } else {
                (later.due <= time.until).then_some(SendTime { due: later.due, ..time })
            }
        }))
    }

    fn take(&mut self, due: DateTime<Utc>) {
        let zone = self.house.zone();
        if let Some(Some(days)) = &mut self.days {
            days.take(clock::today(due, zone));
        }
    }

    async fn days(&mut self) -> Result<Option<&mut Days>, DbError> {
        if self.days.is_none() {
            self.days = Some(Days::load(self.db, &self.house, &self.campaign, self.now).await?);
        }
        Ok(self.days.as_mut().and_then(Option::as_mut))
    }
}
