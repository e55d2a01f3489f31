//! The planner. Any server may plan any campaign; a lease keeps two from planning one at the same time, and
//! ids made from what an occurrence is about keep anything from being planned twice.

mod anew;
mod fate;
mod held;
mod overdue;
mod waiting;

use super::{
    AHEAD, CHUNK, clipped,
    days::Days,
    facts, first_day,
    letters::Letters,
    rows::Rows,
    verdict::{Greeted, Judged, Verdict, judge},
};
use crate::{
    campaigns::{
        OccurrenceId, OccurrenceState, calendar,
        kinds::{self, Candidate, Kind},
        store::{self, CampaignRow},
    },
    house::{self, House},
    ids::CampaignId,
    requests::traces::store as traces,
    server::{
        clock,
        db::{Db, DbError, Tx, optional, record, vars},
    },
};
use chrono::{DateTime, Days as Span, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use fate::Words;
use std::{
    ops::{AddAssign, RangeInclusive},
    time::Instant,
};
use surrealdb::types::SurrealValue;

/// A server that plans a campaign and has written nothing for so long has died.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// A lease that ends later than this was given by a clock that has been put back since.
const LONGEST_LEASE: TimeDelta = TimeDelta::hours(12);
/// How often days that are planned already are looked at again, for guests who have come to be meant by them:
/// an import, a new profile, a check-out.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(15);
/// Days that are made up for at most, after nobody planned for longer.
const MADE_UP: u64 = 31;

/// What one run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub planned: u32,
    /// Wait for their signer.
    pub awaiting: u32,
    pub held: u32,
    pub skipped: u32,
    /// Found too late.
    pub missed: u32,
    /// Kept back to compare with.
    pub control: u32,
    /// Left to the floor.
    pub traces: u32,
}

impl Counts {
    fn add(&mut self, state: OccurrenceState) {
        *match state {
            OccurrenceState::Awaiting => &mut self.awaiting,
            OccurrenceState::Held => &mut self.held,
            OccurrenceState::Skipped => &mut self.skipped,
            OccurrenceState::Missed => &mut self.missed,
            OccurrenceState::Control => &mut self.control,
            OccurrenceState::Trace => &mut self.traces,
            _ => &mut self.planned,
        } += 1;
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.planned += other.planned;
        self.awaiting += other.awaiting;
        self.held += other.held;
        self.skipped += other.skipped;
        self.missed += other.missed;
        self.control += other.control;
        self.traces += other.traces;
    }
}

/// Plans every active campaign of every house up to two days ahead, looks again at whoever is held, and judges
/// anew what was planned before a campaign was changed.
/// `owner` names this process; `base_url` is the address of this installation, without a slash at its end,
/// for the links of letters that wait for their signer.
///
/// # Errors
/// What the store answers. A single campaign that fails is logged and comes again.
pub async fn run_due(db: &Db, now: DateTime<Utc>, owner: &str, base_url: &str) -> Result<Counts, DbError> {
    let mut counts = held::drop_ended(db, now).await?;
    for campaign in store::active_or_broken(db).await? {
        let campaign = match campaign {
            Ok(campaign) => campaign,
            Err(error) => {
                tracing::error!(%error, "an active campaign cannot be read and greets nobody");
                continue;
            }
        };
        let id = campaign.id;
        match plan(db, now, owner, base_url, campaign).await {
            Ok(done) => counts += done,
            // Paused or ended meanwhile, or another server took over.
            Err(DbError::Guard(_)) => {}
            Err(error) => tracing::error!(%error, campaign = %id, "a campaign could not be planned"),
        }
    }
    Ok(counts)
}

async fn plan(
    db: &Db,
    now: DateTime<Utc>,
    owner: &str,
    base_url: &str,
    campaign: CampaignRow,
) -> Result<Counts, DbError> {
    let Some(house) = house::store::house(db, campaign.house).await? else { return Ok(Counts::default()) };
    let Some(turn) = claim(db, now, owner, campaign.id).await? else { return Ok(Counts::default()) };
    let kind = kinds::of(campaign.kind);
    let mut planner = Planner {
        db,
        now,
        owner,
        base_url,
        began: Instant::now(),
        house,
        campaign,
        kind,
        days: None,
        letters: None,
        counts: Counts::default(),
    };
    let done = planner.run(&turn).await;
    if done.is_err() {
        // Not to keep others waiting; if this fails as well, the lease runs out.
        drop(planner.release(None, false).await);
    }
    done.map(|()| planner.counts)
}

/// What is known of a campaign's planning so far.
#[derive(SurrealValue)]
struct Turn {
    planned_through: Option<String>,
    planned_revision: Option<i64>,
    looked_at: Option<DateTime<Utc>>,
}

/// Takes a campaign's turn, unless another server has it.
async fn claim(db: &Db, now: DateTime<Utc>, owner: &str, id: CampaignId) -> Result<Option<Turn>, DbError> {
    db.row(
        "UPDATE $campaign SET planner = $owner, planner_lease = $lease WHERE state = 'active' AND \
         (planner = NONE OR planner = $owner OR planner_lease <= $now OR planner_lease > $longest) RETURN AFTER",
        vars()
            .with("campaign", record("campaign", id))
            .with("owner", owner)
            .with("lease", now + LEASE)
            .with("longest", now + LONGEST_LEASE)
            .with("now", now),
    )
    .await
}

/// How it comes that a candidate is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// Its day is planned.
    New,
    /// Its day was planned before, and the guest was not meant then.
    Newcomer,
    /// Its day was before the campaign began.
    Backlog,
}

struct Planner<'a> {
    db: &'a Db,
    now: DateTime<Utc>,
    owner: &'a str,
    base_url: &'a str,
    began: Instant,
    house: House,
    campaign: CampaignRow,
    kind: &'static dyn Kind,
    /// Read when the first greeting is planned, where so many may leave on one day; see [`Planner::days`].
    days: Option<Option<Days>>,
    letters: Option<Letters>,
    counts: Counts,
}

impl Planner<'_> {
    async fn run(&mut self, turn: &Turn) -> Result<(), DbError> {
        let settings = self.campaign.settings.clone();
        let zone = self.house.zone();
        self.judge_anew().await?;
        self.place_overdue().await?;
        self.look_at_held().await?;
        let first_today = calendar::day_sent_on(clock::today(self.now, zone), &settings);
        let last = first_today + Span::new(AHEAD);
        let starts = first_day(&settings);
        if starts.is_some_and(|starts| last < starts) {
            return self.release(None, false).await;
        }
        let planned_through = turn.planned_through.as_deref().and_then(|day| day.parse::<NaiveDate>().ok());
        let Some(through) = planned_through else {
            let before = first_today.max(starts.unwrap_or(first_today)) - Span::new(1);
            self.pass(before..=before, Found::Backlog).await?;
            self.pass(clipped(&settings, first_today..=last), Found::New).await?;
            return self.release(Some(last), true).await;
        };
        let began = self
            .campaign
            .activated_at
            .map_or(first_today, |at| calendar::day_sent_on(clock::today(at, zone), &settings));
        let is_time = turn.looked_at.is_none_or(|at| at > self.now || self.now - at >= LOOK_AGAIN);
        // Others are meant by what is set now, and perhaps on other days.
        let is_changed = turn.planned_revision != Some(self.campaign.revision);
        // The clock has been put back since, and not every day before that one need have been planned.
        let was_ahead = through > last + Span::new(1);
        let looks_again = is_changed || was_ahead || (is_time && self.kind.has_newcomers());
        if looks_again {
            // Whoever comes to be meant in time is greeted, late or not, but for days before the campaign began.
            let lateness = if self.kind.has_newcomers() { u64::from(settings.grace_hours) / 24 + 2 } else { 0 };
            let from = (first_today - Span::new(lateness)).max(began);
            self.pass(clipped(&settings, from..=through.min(last)), Found::Newcomer).await?;
        }
        // And what was missed while no server planned.
        let first = (through + Span::new(1)).max(first_today - Span::new(MADE_UP)).max(began);
        self.pass(clipped(&settings, first..=last), Found::New).await?;
        self.release(Some(if was_ahead { last } else { through.max(last) }), looks_again).await
    }

    async fn pass(&mut self, dates: RangeInclusive<NaiveDate>, found: Found) -> Result<(), DbError> {
        let mut after = None;
        loop {
            let (db, house, settings) = (self.db, &self.house, &self.campaign.settings);
            let page = if found == Found::Backlog {
                self.kind.backlog(db, house, settings, *dates.end(), after).await?
            } else {
                self.kind.page(db, house, settings, dates.clone(), after).await?
            };
            for candidates in page.candidates.chunks(CHUNK) {
                self.chunk(candidates, found).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn chunk(&mut self, candidates: &[Candidate], found: Found) -> Result<(), DbError> {
        let planned = facts::existing(self.db, self.campaign.id, candidates).await?;
        let is_new = |candidate: &&Candidate| !planned.contains_key(&id_of_candidate(self.campaign.id, candidate));
        let fresh: Vec<Candidate> = candidates.iter().filter(is_new).copied().collect();
        if fresh.is_empty() {
            return Ok(());
        }
        let mut greeted = Greeted::default();
        let judged = judge(self.db, &self.house, &self.campaign, &fresh, self.now, &mut greeted).await?;
        let mut rows = Rows::default();
        for judged in judged.iter().filter(|judged| !judged.is_outside) {
            let time = if found == Found::Backlog { self.next_time(zone_of(judged)) } else { judged.time };
            let fate = self.fate(judged, time, Words::ToCome).await?;
            // Nobody waited for what came to be known too late.
            if found == Found::Newcomer && fate.state == OccurrenceState::Missed {
                continue;
            }
            self.counts.add(fate.state);
            rows.add(&self.campaign, &judged.candidate, &fate, self.now);
        }
        let tx = self.renewed(Tx::new()).run(
            "INSERT IGNORE INTO occurrence $occurrences RETURN NONE",
            vars().with("occurrences", std::mem::take(&mut rows.occurrences)),
        );
        self.commit(tx, rows).await
    }

    /// Commits what goes with occurrences that have been written.
    async fn commit(&self, mut tx: Tx, rows: Rows) -> Result<(), DbError> {
        if !rows.envelopes.is_empty() {
            // A letter that its signer has changed stays as it is.
            tx = tx.run(
                "INSERT IGNORE INTO envelope $envelopes RETURN NONE;
                 FOR $envelope IN $envelopes {
                     UPDATE $envelope.id SET subject = $envelope.subject, html = $envelope.html, \
                     text = $envelope.text, message = NONE, revision = $envelope.revision \
                     WHERE edited_by = NONE RETURN NONE;
                 }",
                vars().with("envelopes", rows.envelopes),
            );
        }
        if !rows.traces.is_empty() {
            tx = traces::add(tx, &rows.traces, self.now);
        }
        self.db.commit(tx).await.map(drop)
    }

    /// Keeps the turn for longer, and fails with the guard `planner` where it was lost.
    fn renewed(&self, tx: Tx) -> Tx {
        let lease = self.now + TimeDelta::from_std(self.began.elapsed()).unwrap_or_default() + LEASE;
        tx.run(
            "LET $mine = (UPDATE $campaign SET planner_lease = $lease \
             WHERE planner = $owner AND state = 'active' RETURN AFTER);
             IF array::len($mine) = 0 { THROW 'guard:planner' }",
            vars()
                .with("campaign", record("campaign", self.campaign.id))
                .with("owner", self.owner)
                .with("lease", lease),
        )
    }

    /// Gives the turn back, with how far was planned, if all of it was.
    async fn release(&self, through: Option<NaiveDate>, has_looked: bool) -> Result<(), DbError> {
        self.db
            .query(
                "UPDATE $campaign SET planner = NONE, planner_lease = NONE, \
                 planned_through = $through ?? planned_through, looked_at = $looked_at ?? looked_at, \
                 planned_revision = $planned_revision ?? planned_revision \
                 WHERE planner = $owner RETURN NONE",
                vars()
                    .with("campaign", record("campaign", self.campaign.id))
                    .with("owner", self.owner)
                    .with("through", optional(through.map(|day| day.to_string())))
                    .with("planned_revision", optional(through.map(|_| self.campaign.revision)))
                    .with("looked_at", optional(has_looked.then_some(self.now))),
            )
            .await
            .map(drop)
    }
}

fn id_of_candidate(campaign: CampaignId, candidate: &Candidate) -> OccurrenceId {
    OccurrenceId { campaign, guest: candidate.guest, date: candidate.date.to_string() }
}

fn zone_of(judged: &Judged) -> Option<Tz> {
    match &judged.verdict {
        Verdict::Go { zone, .. } => *zone,
        _ => None,
    }
}
