//! What a campaign would do, before it does it.

use super::{
    CHUNK, clipped,
    facts::existing,
    first_day, is_control,
    letters::Letters,
    verdict::{Greeted, Judged, Verdict, is_meant, judge},
};
use crate::{
    campaigns::{
        OccurrenceId, OccurrenceState, Reason, calendar,
        kinds::{self, Candidate, facts::of_campaign},
        store::CampaignRow,
    },
    guests::GuestName,
    house::{self, House},
    ids::GuestId,
    server::{
        clock,
        db::{Db, DbError},
    },
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// Days that the preflight looks ahead.
const DAYS: u16 = 30;
/// Candidates that are looked at, at most.
const LOOKED_AT: u32 = 50_000;
/// Letters that are filled in to see whether anything is missing, at most.
const FILLED_IN: u32 = 1_000;
/// Stands for this installation's address in letters that nobody is sent.
const NOWHERE: &str = "https://preview.invalid";

/// Whom a campaign would reach if it were activated now, and whom not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preflight {
    /// Days, from today on, that this looks ahead.
    pub days: u16,
    /// How many by what would become of them and why.
    pub groups: BTreeMap<(OccurrenceState, Option<Reason>), u32>,
    /// How many of those who are reached are due already: they are written to from the day of activation on,
    /// no more on one day than the daily cap.
    pub backlog: u32,
    /// Days over which that spreads them.
    pub backlog_days: u32,
    /// Whether these are all; else there are at least so many.
    pub is_complete: bool,
    /// Everybody who was looked at, the backlog first and the days in their order.
    pub lines: Vec<Line>,
}

/// Somebody whom a campaign is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub guest: GuestId,
    pub name: GuestName,
    /// ISO 639-1, of the profile.
    pub language: Option<String>,
    /// The day that is greeted, house-local.
    pub date: NaiveDate,
    pub state: OccurrenceState,
    pub reason: Option<Reason>,
    pub detail: Option<String>,
    pub is_backlog: bool,
}

/// Looks at everybody whom the campaign would plan in the coming 30 days, and at its backlog if it was never
/// active. What is planned already and can still leave is looked at again.
///
/// # Errors
/// What the store answers.
pub async fn preflight(db: &Db, campaign: &CampaignRow, now: DateTime<Utc>) -> Result<Preflight, DbError> {
    let Some(house) = house::store::house(db, campaign.house).await? else { return Ok(Preflight::default()) };
    let mut look = Look {
        db,
        house: &house,
        campaign,
        now,
        greeted: Greeted::default(),
        letters: Letters::load(db, campaign, NOWHERE).await?,
        looked_at: 0,
        filled_in: 0,
        found: Preflight { days: DAYS, is_complete: true, ..Preflight::default() },
    };
    let settings = &campaign.settings;
    let first = calendar::day_sent_on(clock::today(now, house.zone()), settings);
    if campaign.planned_through.is_none() {
        let before = first.max(first_day(settings).unwrap_or(first)) - Days::new(1);
        look.through(before..=before, true).await?;
    }
    look.through(clipped(settings, first..=first + Days::new(DAYS.into())), false).await?;
    let mut found = look.found;
    let in_one_day = settings.daily_cap.unwrap_or(u32::MAX).max(1);
    found.backlog_days = found.backlog.div_ceil(in_one_day);
    Ok(found)
}

struct Look<'a> {
    db: &'a Db,
    house: &'a House,
    campaign: &'a CampaignRow,
    now: DateTime<Utc>,
    greeted: Greeted,
    letters: Letters,
    looked_at: u32,
    filled_in: u32,
    found: Preflight,
}

impl Look<'_> {
    async fn through(&mut self, dates: RangeInclusive<NaiveDate>, is_backlog: bool) -> Result<(), DbError> {
        let (db, house, settings) = (self.db, self.house, &self.campaign.settings);
        let kind = kinds::of(self.campaign.kind);
        let mut after = None;
        loop {
            let page = if is_backlog {
                kind.backlog(db, house, settings, *dates.end(), after).await?
            } else {
                kind.page(db, house, settings, dates.clone(), after).await?
            };
            for candidates in page.candidates.chunks(CHUNK) {
                if self.looked_at >= LOOKED_AT {
                    self.found.is_complete = false;
                    return Ok(());
                }
                self.looked_at += u32::try_from(candidates.len()).unwrap_or(u32::MAX);
                self.chunk(candidates, is_backlog).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn chunk(&mut self, candidates: &[Candidate], is_backlog: bool) -> Result<(), DbError> {
        use OccurrenceState::{Awaiting, Held, Planned};
        let planned = existing(self.db, self.campaign.id, candidates).await?;
        let can_leave = |candidate: &&Candidate| {
            let id =
                OccurrenceId { campaign: self.campaign.id, guest: candidate.guest, date: candidate.date.to_string() };
            planned.get(&id).is_none_or(|row| matches!(row.state, Planned | Awaiting | Held))
        };
        let candidates: Vec<Candidate> = candidates.iter().filter(can_leave).copied().collect();
        if candidates.is_empty() {
            return Ok(());
        }
        let judged = judge(self.db, self.house, self.campaign, &candidates, self.now, &mut self.greeted).await?;
        for judged in judged.into_iter().filter(|judged| !judged.is_outside) {
            let (state, reason, detail) = self.outcome(&judged).await?;
            *self.found.groups.entry((state, reason)).or_default() += 1;
            if is_backlog && matches!(state, Planned | Awaiting) {
                self.found.backlog += 1;
            }
            let Some(guest) = judged.guest else { continue };
            self.found.lines.push(Line {
                guest: judged.candidate.guest,
                name: guest.name,
                language: guest.language,
                date: judged.candidate.date,
                state,
                reason,
                detail,
                is_backlog,
            });
        }
        Ok(())
    }

    async fn outcome(&mut self, judged: &Judged) -> Result<(OccurrenceState, Option<Reason>, Option<String>), DbError> {
        let language = match &judged.verdict {
            Verdict::Held(reason, detail) => return Ok((OccurrenceState::Held, Some(*reason), detail.clone())),
            Verdict::Skipped(reason, detail) => return Ok((OccurrenceState::Skipped, Some(*reason), detail.clone())),
            Verdict::Trace { room } => return Ok((OccurrenceState::Trace, None, room.clone())),
            Verdict::Go { language, .. } => language,
        };
        if is_control(self.campaign, judged.candidate.guest) {
            return Ok((OccurrenceState::Control, None, None));
        }
        if self.filled_in < FILLED_IN {
            self.filled_in += 1;
            let candidate = &judged.candidate;
            let filled = self.letters.fill(self.db, self.house, self.campaign, candidate, language, self.now).await?;
            if let Err(missing) = filled {
                return Ok((OccurrenceState::Held, Some(Reason::Letter), Some(missing.to_string())));
            }
        }
        let vip = judged.guest.as_ref().map_or(0, |guest| guest.vip);
        let is_personal = self.campaign.settings.personal_from_vip.is_some_and(|from| vip >= from);
        Ok((if is_personal { OccurrenceState::Awaiting } else { OccurrenceState::Planned }, None, None))
    }
}

/// How many guests a campaign is for on each of these days, of which the first is today, before anyone has
/// asked what speaks against it; and whether these are all.
///
/// # Errors
/// What the store answers.
pub async fn forecast(
    db: &Db,
    house: &House,
    campaign: &CampaignRow,
    dates: RangeInclusive<NaiveDate>,
) -> Result<(BTreeMap<NaiveDate, u32>, bool), DbError> {
    let kind = kinds::of(campaign.kind);
    let today = *dates.start();
    let dates = clipped(&campaign.settings, dates);
    let mut days: BTreeMap<NaiveDate, u32> = BTreeMap::new();
    let mut looked_at = 0;
    let mut after = None;
    loop {
        let page = kind.page(db, house, &campaign.settings, dates.clone(), after).await?;
        for candidates in page.candidates.chunks(CHUNK) {
            let ids: Vec<GuestId> = candidates.iter().map(|candidate| candidate.guest).collect();
            let guests = of_campaign(db, house, campaign.kind, &campaign.settings, &ids).await?;
            for candidate in candidates {
                let guest = guests.get(&candidate.guest);
                if guest.is_some_and(|guest| is_meant(house, campaign, candidate, guest, today)) {
                    *days.entry(candidate.date).or_default() += 1;
                }
            }
        }
        looked_at += page.candidates.len();
        after = page.next;
        if after.is_none() {
            return Ok((days, true));
        }
        if looked_at >= LOOKED_AT as usize {
            return Ok((days, false));
        }
    }
}
