//! The sender: takes what is due from the outbox to the relays, each greeting once. Any number of servers
//! run it at the same time, each with several connections.
//!
//! 1. A page of a campaign's due occurrences is claimed under a lease, as many as the house's bucket holds
//!    tokens for. Campaigns take turns. What was judged before the campaign was changed is left for the planner.
//! 2. Each is looked at once more, filled in, and its bytes are kept.
//! 3. A worker has a connection ready, and only then is `sending` committed, through the campaign's gate, and
//!    only if nothing has changed that speaks against it.
//! 4. The message goes to the wire, and what the relay said is committed. If the process dies in between,
//!    the occurrence becomes unknown when its lease runs out, and a person finds out.

mod brake;
mod bucket;
mod ledger;
mod prepare;
mod worker;

use super::{
    OccurrenceId,
    outbox::{self, Mark, Outcome},
    store::{self, CampaignRow},
};
use crate::{
    house::store as houses,
    ids::{CampaignId, HouseId},
    server::{
        AppState,
        clock::{self, Clock},
        db::{Db, DbError},
        mail::Mailer,
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use ledger::Ledger;
use prepare::Prepared;
use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

/// What is claimed and has not gone to the wire after this time is another's to claim.
const CLAIM: TimeDelta = TimeDelta::seconds(60);
/// A campaign for which nothing could be done is looked at again after this time, while others keep the sender
/// busy: something may have come due, or its house's bucket have filled.
const REST: TimeDelta = TimeDelta::seconds(1);

/// What one look at the outbox came to, in occurrences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub sent: u32,
    /// Failed for now, to be tried again.
    pub later: u32,
    pub failed: u32,
    pub unknown: u32,
    /// Held or skipped when they were looked at once more, or left to the floor.
    pub held_back: u32,
    /// Claimed, and left as they were.
    pub released: u32,
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Sent { .. } => &mut self.sent,
            Outcome::Later { .. } => &mut self.later,
            Outcome::Failed { .. } => &mut self.failed,
            Outcome::Unknown { .. } => &mut self.unknown,
            Outcome::Held(..) | Outcome::Skipped(..) | Outcome::Trace { .. } => &mut self.held_back,
            Outcome::Released | Outcome::NotReached => &mut self.released,
        } += 1;
    }
}

/// What the sender works with.
#[derive(Clone)]
pub struct Sender {
    pub db: Db,
    pub mailer: Arc<Mailer>,
    pub clock: Arc<dyn Clock>,
    /// Names this process among those that share the store.
    pub server_id: Arc<str>,
    /// Where the links in letters lead, without a slash at the end.
    pub url: Arc<str>,
    /// Turns true when nothing more is to be started.
    pub shutdown: watch::Receiver<bool>,
}

impl Sender {
    /// The sender of a server.
    #[must_use]
    pub fn of(state: &AppState) -> Self {
        Self {
            db: state.db.clone(),
            mailer: Arc::clone(&state.mailer),
            clock: Arc::clone(&state.clock),
            server_id: Arc::clone(&state.server_id),
            url: state.config.public_url().into(),
            shutdown: state.shutdown.clone(),
        }
    }

    /// Sends everything that is due, in every house, and returns when it is done, when no relay can be
    /// reached, or when the server is to stop and nothing is on the wire any more.
    ///
    /// # Errors
    /// What the store answers. What had been claimed then is planned again when its lease runs out.
    pub async fn run_due(&self) -> Result<Counts, DbError> {
        if self.mailer.is_shut() || self.mailer.rests().is_some() || store::active(&self.db).await?.is_empty() {
            return Ok(Counts::default());
        }
        let _busy = self.mailer.busy();
        let connections = self.mailer.connections();
        let (hand_out, queue) = mpsc::channel(connections);
        let queue = Arc::new(tokio::sync::Mutex::new(queue));
        let longest = TimeDelta::from_std(self.mailer.longest()).unwrap_or(TimeDelta::hours(1));
        let ledger = Ledger::start(self.db.clone(), Arc::clone(&self.clock), gate_of(&self.server_id), longest);
        let run = Arc::new(Run::default());
        let mut workers = JoinSet::new();
        for _ in 0..connections {
            workers.spawn(worker::work(self.clone(), ledger.clone(), Arc::clone(&run), Arc::clone(&queue)));
        }
        drop(ledger);
        let fed = self.feed(&run, hand_out).await;
        while let Some(ended) = workers.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a worker of the sender broke off");
            }
        }
        fed?;
        Ok(run.counts())
    }

    /// Claims and prepares until nothing is left to be done, campaigns taking turns.
    async fn feed(&self, run: &Run, hand_out: mpsc::Sender<Prepared>) -> Result<(), DbError> {
        let mut rests: HashMap<CampaignId, DateTime<Utc>> = HashMap::new();
        // Where few may leave at a time, whoever comes first gets all: it must not always be the same one.
        let mut turn = usize::from(uuid::Uuid::new_v4().as_bytes()[0]);
        loop {
            let now = self.clock.now();
            let mut left = store::active(&self.db).await?;
            left.retain(|campaign| rests.get(&campaign.id).is_none_or(|until| *until <= now));
            if left.is_empty() {
                return Ok(());
            }
            let first = turn % left.len();
            left.rotate_left(first);
            turn += 1;
            for campaign in left {
                if run.is_over() || *self.shutdown.borrow() {
                    return Ok(());
                }
                let goes_on = match self.feed_page(run, &campaign, &hand_out).await {
                    // What of one campaign cannot be read holds up no other.
                    Err(DbError::Malformed(what)) => {
                        tracing::error!(%what, campaign = %campaign.id, "greetings of a campaign cannot be read");
                        false
                    }
                    told => told?,
                };
                if !goes_on {
                    rests.insert(campaign.id, self.clock.now() + REST);
                }
            }
        }
    }

    /// Hands out a page of a campaign. Tells whether there may be another one at once.
    async fn feed_page(
        &self,
        run: &Run,
        campaign: &CampaignRow,
        hand_out: &mpsc::Sender<Prepared>,
    ) -> Result<bool, DbError> {
        let now = self.clock.now();
        let first = self.first_due(campaign, now).await?;
        let wanted = u32::try_from(self.mailer.connections() * 8).unwrap_or(u32::MAX).clamp(32, 256);
        let per_minute = self.mailer.per_minute();
        let tokens = bucket::take(&self.db, campaign.house, wanted, per_minute, now).await?;
        if tokens == 0 {
            return Ok(false);
        }
        let owner = format!("{}:{}", self.server_id, uuid::Uuid::new_v4().simple());
        let rows =
            outbox::claim(&self.db, campaign.id, campaign.revision, first..=now, &owner, now + CLAIM, tokens).await?;
        let claimed = rows.len();
        // Whoever was let go in this run had a reason that lasts.
        let (again, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| run.has_released(&row.id));
        let (prepared, mut marks) = prepare::prepare(self, campaign, rows).await?;
        let goes_on = again.is_empty() && claimed > 0;
        let released = again.into_iter().map(|row| Mark { id: row.id, owner: row.owner, outcome: Outcome::Released });
        marks.extend(released);
        outbox::mark(&self.db, &marks, now).await?;
        marks.iter().for_each(|mark| run.count(&mark.outcome));
        let used = u32::try_from(prepared.len()).unwrap_or(tokens);
        bucket::give_back(&self.db, campaign.house, tokens.saturating_sub(used), per_minute, now).await?;
        for message in prepared {
            // Workers live as long as this end of their queue.
            let _ = hand_out.send(message).await;
        }
        Ok(goes_on)
    }

    /// The first instant at which something was to leave that may leave now. Where no more than so many may on one day,
    /// what is left over from an earlier one finds its day anew first, which is for the planner to do.
    async fn first_due(&self, campaign: &CampaignRow, now: DateTime<Utc>) -> Result<DateTime<Utc>, DbError> {
        if campaign.settings.daily_cap.is_none() {
            return Ok(DateTime::UNIX_EPOCH);
        }
        let house = houses::house(&self.db, campaign.house).await?;
        Ok(house.map_or(DateTime::UNIX_EPOCH, |house| clock::day_begins(now, house.zone())))
    }

    /// Gives a token back that a message did not need.
    async fn return_token(&self, house: HouseId) {
        let given = bucket::give_back(&self.db, house, 1, self.mailer.per_minute(), self.clock.now()).await;
        if let Err(error) = given {
            tracing::warn!(%error, "a token was lost");
        }
    }
}

/// One call of [`Sender::run_due`], as its workers share it.
#[derive(Default)]
struct Run {
    counts: Mutex<Counts>,
    /// No relay can be reached: nothing more is begun.
    over: AtomicBool,
    released: Mutex<HashSet<OccurrenceId>>,
}

impl Run {
    fn count(&self, outcome: &Outcome) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).add(outcome);
    }

    fn counts(&self) -> Counts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins nothing more. Tells whether nobody had said so before.
    fn end(&self) -> bool {
        !self.over.swap(true, Ordering::AcqRel)
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    fn release(&self, id: &OccurrenceId) {
        self.released.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
    }

    fn has_released(&self, id: &OccurrenceId) -> bool {
        self.released.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }
}

/// Through which of a campaign's gates a process goes: several processes seldom write the same one.
fn gate_of(server_id: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    server_id.hash(&mut hasher);
    u32::try_from(hasher.finish() % u64::from(store::GATES)).unwrap_or_default()
}
