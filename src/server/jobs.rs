//! What the server does by itself, at intervals of real time, until it is told to stop. What a job finds
//! to be done it decides by the clock that is passed in. Every job may run in several processes at once.

use super::{AppState, db::DbError};
use crate::{
    alerts::{escalation, retention},
    campaigns::{consent, outbox, plan, replies, sender::Sender},
    guests::{affinity, rhythm},
    loyalty::post,
    requests::{asked, traces::rules},
};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// How often it is looked for alerts that nobody answers: a step is late by this at most.
const ESCALATION: Duration = Duration::from_millis(500);
/// How often it is looked whether something that guests asked for is due.
const RINGING: Duration = Duration::from_secs(1);
/// How often it is written down who listens.
const PRESENCE: Duration = Duration::from_secs(1);
/// How often what is too old is deleted.
const RETENTION: Duration = Duration::from_secs(3_600);
/// When that begins: not while every device comes back after a restart.
const RETENTION_BEGINS: Duration = Duration::from_secs(60);

/// How often returned mail is read.
const RETURNED_MAIL: Duration = Duration::from_secs(60);

/// How often it is looked whom campaigns will greet.
const PLANNING: Duration = Duration::from_secs(60);
/// How often it is looked which traces the rules of the houses ask for.
const TRACES: Duration = Duration::from_secs(60);
/// How often it is looked whether a greeting's time has come.
const SENDING: Duration = Duration::from_secs(1);
/// How often it is looked for stays that earn points, and for points that expire.
const POINTS: Duration = Duration::from_secs(10);
/// How often it is looked for greetings that nobody carries any more.
const SWEEPING: Duration = Duration::from_secs(5);
/// How often rhythms of visits are brought up to what has become of bookings.
const FOLLOWING_STAYS: Duration = Duration::from_secs(5);
/// How often it is looked whether it is night in a house, and time to count what goes with what.
const COUNTING: Duration = Duration::from_secs(600);

/// Starts the jobs.
pub(super) fn start(state: &AppState) {
    let (now, later) = (Instant::now(), Instant::now() + RETENTION_BEGINS);
    let every = |begins, period, trouble| Every { begins, period, trouble, state: state.clone() };
    tokio::spawn(every(now, ESCALATION, "alerts could not be carried further").run(escalate));
    tokio::spawn(every(now, RINGING, "what is due could not ring").run(ring_due));
    tokio::spawn(every(now, PRESENCE, "it could not be written down who listens").run(keep_presence));
    tokio::spawn(every(later, RETENTION, "what is too old could not be deleted").run(purge));
    tokio::spawn(every(now, RETURNED_MAIL, "returned mail could not be read").run(read_returned_mail));
    tokio::spawn(every(now, PLANNING, "greetings could not be planned").run(plan_greetings));
    tokio::spawn(every(now, TRACES, "traces could not be made").run(make_traces));
    tokio::spawn(every(now, SENDING, "greetings could not be sent").run(send_greetings));
    tokio::spawn(every(now + POINTS, POINTS, "points could not be posted").run(post_points));
    tokio::spawn(every(now, SWEEPING, "greetings could not be looked after").run(sweep_outbox));
    tokio::spawn(every(later, FOLLOWING_STAYS, "rhythms of visits could not be measured").run(follow_stays));
    tokio::spawn(every(later, COUNTING, "what goes with what could not be counted").run(count_what_goes_together));
}

async fn escalate(state: AppState) -> Result<(), DbError> {
    escalation::run_due(&state.db, state.clock.now(), &state.server_id).await.map(drop)
}

async fn ring_due(state: AppState) -> Result<(), DbError> {
    asked::due::run_due(&state.db, state.clock.now()).await.map(drop)
}

async fn keep_presence(state: AppState) -> Result<(), DbError> {
    state.listeners.keep().await
}

async fn purge(state: AppState) -> Result<(), DbError> {
    let purged = retention::purge(&state.db, state.clock.now(), state.config.alert_retention_days).await?;
    if !purged.is_empty() {
        tracing::info!(%purged, "deleted what was too old");
    }
    Ok(())
}

async fn read_returned_mail(state: AppState) -> Result<(), DbError> {
    let now = state.clock.now();
    consent::lift_expired(&state.db, now).await?;
    let Some(returns) = &state.config.returns else {
        return Ok(());
    };
    let tally = replies::read(&state.db, returns, now).await?;
    if !tally.is_empty() {
        tracing::info!(%tally, "read returned mail");
    }
    Ok(())
}

async fn plan_greetings(state: AppState) -> Result<(), DbError> {
    let url = state.config.public_url();
    plan::run_due(&state.db, state.clock.now(), &state.server_id, &url).await.map(drop)
}

async fn make_traces(state: AppState) -> Result<(), DbError> {
    rules::run_due(&state.db, state.clock.now()).await.map(drop)
}

async fn send_greetings(state: AppState) -> Result<(), DbError> {
    Sender::of(&state).run_due().await.map(drop)
}

async fn post_points(state: AppState) -> Result<(), DbError> {
    let posted = post::run_due(&state.db, state.feed.epoch(), state.clock.now(), &state.server_id).await?;
    if !posted.is_empty() {
        tracing::info!(%posted, "posted points");
    }
    Ok(())
}

async fn sweep_outbox(state: AppState) -> Result<(), DbError> {
    let swept = outbox::sweep(&state.db, state.clock.now()).await?;
    if swept.unknown > 0 {
        tracing::warn!(count = swept.unknown, "greetings were on the wire when their server ended");
    }
    Ok(())
}

async fn follow_stays(state: AppState) -> Result<(), DbError> {
    rhythm::store::run_due(&state.db, state.feed.epoch(), &state.server_id, state.clock.now()).await.map(drop)
}

async fn count_what_goes_together(state: AppState) -> Result<(), DbError> {
    affinity::store::run_due(&state.db, &state.server_id, state.clock.now()).await.map(drop)
}

/// When a job runs.
struct Every {
    begins: Instant,
    period: Duration,
    /// What it means when it fails, for the log.
    trouble: &'static str,
    state: AppState,
}

impl Every {
    /// Runs a job again and again. Its errors are the store's trouble: they are logged, and it comes again.
    async fn run<Run>(self, job: fn(AppState) -> Run)
    where
        Run: Future<Output = Result<(), DbError>>,
    {
        let mut shutdown = self.state.shutdown.clone();
        let mut ticks = interval_at(self.begins, self.period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // Told to stop, or nobody is left who could tell.
                _ = shutdown.changed() => return,
                _ = ticks.tick() => {}
            }
            if let Err(error) = job(self.state.clone()).await {
                tracing::error!(%error, "{}", self.trouble);
            }
        }
    }
}
