//! The outbox: what an occurrence goes through once its time has come, whoever carries it and whatever
//! stops meanwhile.
//!
//! Each step is an UPDATE that names the state and the owner that it expects. An owner is one claim of one
//! process, so that nobody can finish what another has taken over.

mod listing;
mod people;
mod personal;
mod start;
mod sweep;

pub use listing::list;
pub use people::{AGAIN_WITHIN, DeadLetter, dead_letters, resolve, retry};
pub use personal::{Typed, approve, discard, letter, waiting};
pub use start::{Start, Stop};
pub use sweep::{Swept, miss, sweep, unknown_after_crash};

pub(super) use start::add_sending;

use super::{
    OccurrenceId, Reason, plan,
    replies::{self, Refusal},
};
use crate::{
    house::StationKind,
    ids::{CampaignId, HouseId},
    requests::traces::{
        TraceKind,
        store::{self as requests, NewTrace},
    },
    server::db::{Db, DbError, Tx, id_of, optional, record, vars},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::ops::RangeInclusive;
use surrealdb::types::{RecordId, SurrealValue};

/// Pauses before the next attempts after temporary failures, in minutes; the last one from then on.
const PAUSES: [i64; 4] = [1, 5, 15, 60];

/// An occurrence that this process has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub id: OccurrenceId,
    pub house: HouseId,
    /// The claim.
    pub owner: String,
    pub stage: Option<u16>,
    /// When it is too late.
    pub until: DateTime<Utc>,
    /// Attempts that ended with a temporary failure.
    pub attempts: u32,
    /// Where an earlier attempt would have gone.
    pub address: Option<String>,
}

#[derive(Debug, Clone, SurrealValue)]
struct ClaimedRow {
    id: RecordId,
    house: RecordId,
    stage: Option<i64>,
    state: String,
    until: DateTime<Utc>,
    owner: Option<String>,
    attempts: i64,
    address: Option<String>,
}

#[derive(SurrealValue)]
struct IdRow {
    id: RecordId,
}

impl TryFrom<ClaimedRow> for Claimed {
    type Error = DbError;

    fn try_from(row: ClaimedRow) -> Result<Self, DbError> {
        Ok(Self {
            id: id_of(&row.id)?,
            house: id_of(&row.house)?,
            owner: row.owner.unwrap_or_default(),
            stage: row.stage.and_then(|stage| u16::try_from(stage).ok()),
            until: row.until,
            attempts: u32::try_from(row.attempts).unwrap_or_default(),
            address: row.address,
        })
    }
}

/// Claims occurrences of a campaign whose time has come, the earliest first, until `lease`: those that were to leave
/// in `due`, which ends now. `owner` must be another one at each call. What was judged by another `revision` of the
/// campaign than this is left for the planner, who judges it anew.
///
/// # Errors
/// What the store answers.
pub async fn claim(
    db: &Db,
    campaign: CampaignId,
    revision: i64,
    due: RangeInclusive<DateTime<Utc>>,
    owner: &str,
    lease: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Claimed>, DbError> {
    let (first, now) = due.into_inner();
    let due: Vec<IdRow> = db
        .rows(
            "SELECT id, due FROM occurrence WITH INDEX occurrence_revision WHERE campaign = $campaign \
             AND state = 'planned' AND revision = $revision AND due >= $first AND due <= $now AND until > $now \
             ORDER BY due LIMIT $limit",
            vars()
                .with("campaign", record("campaign", campaign))
                .with("revision", revision)
                .with("first", first)
                .with("now", now)
                .with("limit", i64::from(limit)),
        )
        .await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let due: Vec<RecordId> = due.into_iter().map(|row| row.id).collect();
    let tx = Tx::new().run(
        "UPDATE $due SET state = 'claimed', owner = $owner, lease = $lease \
         WHERE state = 'planned' AND revision = $revision RETURN NONE",
        vars().with("due", due.clone()).with("owner", owner).with("lease", lease).with("revision", revision),
    );
    db.commit(tx).await?;
    let rows: Vec<ClaimedRow> = db.rows("SELECT * FROM $due", vars().with("due", due)).await?;
    let mine = |row: &ClaimedRow| row.state == "claimed" && row.owner.as_deref() == Some(owner);
    rows.into_iter().filter(mine).map(Claimed::try_from).collect()
}

/// What became of a claimed occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The relay answers for it now.
    Sent {
        relay: String,
        answer: String,
    },
    /// Refused for good.
    Failed {
        reason: Reason,
        relay: String,
        answer: String,
        /// What it says of the address, where it was the recipient that was refused.
        refusal: Option<Refusal>,
    },
    /// A temporary failure: again at that time.
    Later {
        due: DateTime<Utc>,
        relay: String,
        answer: String,
        /// Whether the connection failed; else the relay asked to come again.
        is_of_connection: bool,
    },
    /// It may have arrived or not.
    Unknown {
        relay: String,
        answer: String,
    },
    /// It never went to the wire, and waits for its turn as before.
    Released,
    /// The same, because no relay could be reached.
    NotReached,
    /// Not now, for a reason that can pass.
    Held(Reason, Option<String>),
    Skipped(Reason, Option<String>),
    /// The floor greets in person, in this room where it is known.
    Trace {
        house: HouseId,
        room: Option<String>,
        author: String,
    },
}

impl Outcome {
    /// The outcome of a temporary failure, be it `is_of_connection` or the relay's word: another attempt while
    /// there is time for one, or the end.
    #[must_use]
    pub fn after_failure(
        row: &Claimed,
        now: DateTime<Utc>,
        relay: String,
        answer: String,
        is_of_connection: bool,
    ) -> Self {
        let due = now + pause_after(row.attempts);
        if due < row.until {
            Self::Later { due, relay, answer, is_of_connection }
        } else {
            Self::Failed { reason: Reason::GaveUp, relay, answer, refusal: None }
        }
    }

    fn state(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Failed { .. } => "failed",
            Self::Later { .. } | Self::Released | Self::NotReached => "planned",
            Self::Unknown { .. } => "unknown",
            Self::Held(..) => "held",
            Self::Skipped(..) => "skipped",
            Self::Trace { .. } => "trace",
        }
    }

    /// The states that it can follow on.
    fn follows(&self) -> &'static [&'static str] {
        match self {
            // Where the lease ran out while a slow relay thought, its answer is still the truth.
            Self::Sent { .. } | Self::Failed { .. } | Self::Later { .. } | Self::Unknown { .. } => {
                &["sending", "unknown"]
            }
            // Also where the outcome of the commit stayed unknown that would have started it.
            Self::Released | Self::NotReached => &["claimed", "sending"],
            Self::Held(..) | Self::Skipped(..) | Self::Trace { .. } => &["claimed"],
        }
    }

    /// Whether nothing follows by itself.
    fn is_end(&self) -> bool {
        !matches!(self, Self::Later { .. } | Self::Released | Self::NotReached | Self::Held(..))
    }
}

/// The pause after so many attempts that failed before this one.
fn pause_after(attempts: u32) -> TimeDelta {
    let at = usize::try_from(attempts).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
    TimeDelta::minutes(PAUSES[at])
}

/// What is written down about an occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub id: OccurrenceId,
    /// The claim under which it came about.
    pub owner: String,
    pub outcome: Outcome,
}

/// Adds marks. One whose claim does not hold any more changes nothing; but a relay's refusal of an address is
/// true whoever heard it.
#[must_use]
pub(super) fn add_marks(mut tx: Tx, marks: &[Mark], now: DateTime<Utc>) -> Tx {
    for (number, mark) in marks.iter().enumerate() {
        tx = add_mark(tx, number, mark, now);
    }
    let refused = marks.iter().filter_map(|mark| match &mark.outcome {
        Outcome::Failed { refusal: Some(refusal), .. } => Some((&mark.id, mark.owner.as_str(), refusal)),
        _ => None,
    });
    let tx = replies::add_refusals(tx, refused, now);
    let traces: Vec<NewTrace> = marks.iter().filter_map(trace).collect();
    if traces.is_empty() { tx } else { requests::add(tx, &traces, now) }
}

/// What the floor is told in the place of a letter. Its id is that of the planner, so that it is told once.
fn trace(mark: &Mark) -> Option<NewTrace> {
    let Outcome::Trace { house, room, author } = &mark.outcome else { return None };
    let (id, due) = (plan::trace_id(&mark.id), mark.id.date.parse().ok()?);
    Some(NewTrace {
        guest: Some(mark.id.guest),
        room: room.clone(),
        occurrence: Some(mark.id.clone()),
        ..NewTrace::of(id, *house, StationKind::Floor, TraceKind::Birthday, due, author.clone())
    })
}

fn add_mark(tx: Tx, number: usize, mark: &Mark, now: DateTime<Utc>) -> Tx {
    let outcome = &mark.outcome;
    let (mut reason, mut detail, mut relay, mut answer, mut due) = (None, None, None, None, None);
    match outcome.clone() {
        Outcome::Sent { relay: by, answer: said } | Outcome::Unknown { relay: by, answer: said } => {
            (relay, answer) = (Some(by), Some(said));
        }
        Outcome::Failed { reason: why, relay: by, answer: said, .. } => {
            (reason, relay, answer) = (Some(why), Some(by), Some(said));
        }
        Outcome::Later { due: at, relay: by, answer: said, .. } => {
            (due, relay, answer) = (Some(at), Some(by), Some(said));
        }
        Outcome::Held(why, what) | Outcome::Skipped(why, what) => (reason, detail) = (Some(why), what),
        Outcome::Trace { room, .. } => (reason, detail) = (Some(Reason::InHouse), room),
        Outcome::Released | Outcome::NotReached => {}
    }
    let tries = i64::from(matches!(outcome, Outcome::Later { .. }));
    let name = |what: &str| format!("mark{number}_{what}");
    let bound = vars()
        .with(&name("row"), record("occurrence", &mark.id))
        .with(&name("owner"), mark.owner.clone())
        .with(&name("from"), outcome.follows().iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
        .with(&name("state"), outcome.state().to_owned())
        .with(&name("reason"), optional(reason.map(|reason| reason.code().to_owned())))
        .with(&name("detail"), optional(detail))
        .with(&name("relay"), optional(relay))
        .with(&name("answer"), optional(answer))
        .with(&name("due"), optional(due))
        .with(&name("tries"), tries)
        .with(&name("ended"), optional(outcome.is_end().then_some(now)));
    let m = format!("$mark{number}_");
    tx.run(
        &format!(
            "UPDATE {m}row SET state = {m}state, reason = {m}reason, detail = {m}detail, relay = {m}relay ?? relay, \
             answer = {m}answer ?? answer, due = {m}due ?? due, attempts += {m}tries, ended_at = {m}ended, \
             owner = NONE, lease = NONE WHERE owner = {m}owner AND state IN {m}from RETURN NONE"
        ),
        bound,
    )
}

/// Writes marks down.
///
/// # Errors
/// What the store answers.
pub async fn mark(db: &Db, marks: &[Mark], now: DateTime<Utc>) -> Result<(), DbError> {
    if marks.is_empty() {
        return Ok(());
    }
    db.commit(add_marks(Tx::new(), marks, now)).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::GuestId;

    fn row(attempts: u32, until: &str) -> Claimed {
        Claimed {
            id: OccurrenceId { campaign: CampaignId::new(), guest: GuestId::new(), date: "2026-11-23".to_owned() },
            house: HouseId::new(),
            owner: "a".to_owned(),
            stage: None,
            until: until.parse().expect("an instant"),
            attempts,
            address: None,
        }
    }

    #[test]
    fn attempts_are_further_apart_each_time_and_end_with_the_time() {
        let now: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().expect("an instant");
        let next =
            |attempts, until| Outcome::after_failure(&row(attempts, until), now, "r".into(), "450".into(), false);
        for (attempts, minutes) in [(0, 1), (1, 5), (2, 15), (3, 60), (4, 60), (900, 60)] {
            let Outcome::Later { due, .. } = next(attempts, "2026-11-24T09:00:00Z") else { panic!("again") };
            assert_eq!(due - now, TimeDelta::minutes(minutes), "{attempts}");
        }
        assert!(matches!(next(3, "2026-11-23T10:00:00Z"), Outcome::Failed { reason: Reason::GaveUp, .. }));
    }
}
