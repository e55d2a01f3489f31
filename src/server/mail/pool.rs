//! The relays, by weight, and their open connections. A relay that cannot be reached rests, longer each
//! time, and the others take its share.

use super::{
    failure::{Failure, FailureKind},
    smtp::{Line, name_of},
};
use crate::server::config::Relay;
use lettre::transport::smtp::extension::ClientId;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// The first rest of a relay that could not be reached, and the longest.
const REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(300);
/// A connection that was idle for so long is asked whether it is still there before it is used.
const FRESH: Duration = Duration::from_secs(1);
/// A connection that was idle for so long is not used again: relays end them about then.
const STALE: Duration = Duration::from_secs(60);
/// Messages after which a connection is made anew, so that a relay behind several addresses shares them out.
const MOST: u32 = 500;

pub(super) struct Pool {
    hello: ClientId,
    /// Idle connections that are kept to each relay.
    keep: usize,
    relays: Vec<Relay>,
    states: Mutex<Vec<State>>,
}

#[derive(Default)]
struct State {
    idle: Vec<(Line, Instant)>,
    /// What this relay is owed of the messages, in weights.
    owed: i64,
    rests_until: Option<Instant>,
    /// Failed attempts to connect since the last that did not.
    failures: u32,
}

/// A connection, and which relay's it is.
pub(super) struct Lent {
    pub(super) line: Line,
    relay: usize,
}

impl Pool {
    pub(super) fn new(relays: Vec<Relay>, hello: &str, keep: usize) -> Self {
        let states = Mutex::new(relays.iter().map(|_| State::default()).collect());
        Self { hello: ClientId::Domain(hello.to_owned()), keep, relays, states }
    }

    /// A connection that is ready for a message: to the relay whose turn it is, or to the next that can be
    /// reached.
    ///
    /// # Errors
    /// [`FailureKind::NotStarted`] where none can.
    pub(super) async fn lend(&self) -> Result<Lent, Failure> {
        let mut tried = Vec::new();
        let mut last = None;
        while let Some(relay) = self.turn(&tried, Instant::now()) {
            while let Some((mut line, since)) = self.take_idle(relay) {
                let idle = since.elapsed();
                if idle < FRESH || (idle < STALE && line.answers().await) {
                    return Ok(Lent { line, relay });
                }
            }
            match Line::open(&self.relays[relay], &self.hello).await {
                Ok(line) => {
                    self.reached(relay);
                    return Ok(Lent { line, relay });
                }
                Err(failure) => {
                    tracing::warn!(relay = failure.relay, answer = failure.answer, "a mail relay cannot be reached");
                    self.rest(relay, Instant::now());
                    tried.push(relay);
                    last = Some(failure);
                }
            }
        }
        Err(last.unwrap_or_else(|| {
            let relay = self.relays.first().map(name_of).unwrap_or_default();
            Failure::new(FailureKind::NotStarted, &relay, "every relay rests after it could not be reached")
        }))
    }

    /// Takes a connection back.
    pub(super) fn give_back(&self, lent: Lent) {
        let Lent { line, relay } = lent;
        if !line.is_good() {
            return;
        }
        let mut states = self.states();
        let idle = &mut states[relay].idle;
        if line.used() < MOST && idle.len() < self.keep {
            idle.push((line, Instant::now()));
        } else {
            drop(states);
            tokio::spawn(line.quit());
        }
    }

    /// How long it is until a relay may be tried, where all of them rest.
    pub(super) fn rests(&self, now: Instant) -> Option<Duration> {
        let states = self.states();
        let waits = states.iter().map(|state| state.rests_until.filter(|until| *until > now));
        waits.collect::<Option<Vec<_>>>()?.into_iter().min().map(|until| until - now)
    }

    /// Takes leave of every relay.
    pub(super) async fn quit(&self) {
        let idle: Vec<_> = self.states().iter_mut().flat_map(|state| std::mem::take(&mut state.idle)).collect();
        for (line, _) in idle {
            line.quit().await;
        }
    }

    /// Whose turn it is among the relays that do not rest, each as often as its weight says and evenly spread.
    fn turn(&self, tried: &[usize], now: Instant) -> Option<usize> {
        let mut states = self.states();
        let awake = |state: &State| state.rests_until.is_none_or(|until| until <= now);
        let ready: Vec<usize> =
            (0..self.relays.len()).filter(|at| !tried.contains(at) && awake(&states[*at])).collect();
        let mut total = 0;
        for at in &ready {
            let weight = i64::from(self.relays[*at].weight);
            states[*at].owed += weight;
            total += weight;
        }
        let next = ready.into_iter().max_by_key(|at| states[*at].owed)?;
        states[next].owed -= total;
        Some(next)
    }

    fn take_idle(&self, relay: usize) -> Option<(Line, Instant)> {
        self.states()[relay].idle.pop()
    }

    fn reached(&self, relay: usize) {
        let mut states = self.states();
        let state = &mut states[relay];
        state.failures = 0;
        state.rests_until = None;
    }

    fn rest(&self, relay: usize, now: Instant) {
        let mut states = self.states();
        let state = &mut states[relay];
        // Several that failed at once are one failure.
        if state.rests_until.is_some_and(|until| until > now) {
            return;
        }
        let rest = REST.saturating_mul(1 << state.failures.min(16)).min(LONGEST_REST);
        state.failures += 1;
        state.rests_until = Some(now + rest);
        state.idle.clear();
    }

    fn states(&self) -> MutexGuard<'_, Vec<State>> {
        // A panic leaves no half-made state that would matter.
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::{Limits, Security};

    fn pool(weights: &[u32]) -> Pool {
        let relay = |weight: &u32| Relay {
            host: "relay.example".to_owned(),
            port: 25,
            security: Security::Plain,
            login: None,
            weight: *weight,
            ca: None,
            limits: Limits::default(),
        };
        Pool::new(weights.iter().map(relay).collect(), "hotel.example", 4)
    }

    fn turns(pool: &Pool, count: usize, now: Instant) -> Vec<usize> {
        (0..count).filter_map(|_| pool.turn(&[], now)).collect()
    }

    #[test]
    fn relays_take_turns_by_their_weight_and_never_far_apart() {
        let turns = turns(&pool(&[3, 1]), 8, Instant::now());
        assert_eq!(turns.iter().filter(|at| **at == 1).count(), 2);
        assert!(turns.windows(5).all(|some| some.contains(&1)), "{turns:?}");
    }

    #[test]
    fn one_that_fails_rests_longer_each_time_and_the_other_takes_over() {
        let (pool, start) = (pool(&[1, 1]), Instant::now());
        pool.rest(0, start);
        assert_eq!(turns(&pool, 3, start), [1, 1, 1]);
        assert_eq!(pool.rests(start), None, "one is awake");
        pool.rest(1, start);
        assert_eq!(pool.rests(start), Some(REST));
        assert!(turns(&pool, 1, start).is_empty());
        // Several that fail at once are one failure.
        pool.rest(1, start);
        let later = start + REST;
        assert_eq!(turns(&pool, 2, later).len(), 2);
        pool.rest(1, later);
        assert_eq!(turns(&pool, 2, later + REST), [0, 0], "the second rest is twice as long");
        assert!(turns(&pool, 2, later + REST * 2).contains(&1));
        pool.rest(1, later + REST * 2);
        pool.reached(1);
        assert!(turns(&pool, 2, later + REST * 2).contains(&1), "reached again, it works at once");
    }
}
