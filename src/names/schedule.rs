//! When a name is asked again, by FSRS (the free spaced repetition scheduler, version 5).

use super::Grade;
use chrono::{DateTime, TimeDelta, Utc};
use rs_fsrs::{Card, FSRS, Parameters, Rating, State};

/// What is remembered of somebody's practice of one name.
#[derive(Debug, Clone, PartialEq)]
pub struct Memory(Card);

/// What is to be asked again within so many minutes is asked at the end of a drill, before there is nothing to ask.
const AHEAD: TimeDelta = TimeDelta::minutes(20);

/// When a name has its turn: what is due before what was never asked, and that before what is due soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    Due(DateTime<Utc>),
    Unseen,
    Soon(DateTime<Utc>),
}

/// When a name has its turn in a drill; `None` for what is known for tonight.
#[must_use]
pub fn turn(memory: Option<&Memory>, now: DateTime<Utc>) -> Option<Turn> {
    let Some(Memory(card)) = memory else { return Some(Turn::Unseen) };
    match card.state {
        State::New => Some(Turn::Unseen),
        _ if card.due <= now => Some(Turn::Due(card.due)),
        State::Learning | State::Relearning if card.due <= now + AHEAD => Some(Turn::Soon(card.due)),
        State::Learning | State::Relearning | State::Review => None,
    }
}

/// The same as plain values, for the store.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kept {
    pub due: DateTime<Utc>,
    pub last_review: DateTime<Utc>,
    pub stability: f64,
    pub difficulty: f64,
    pub elapsed_days: i64,
    pub scheduled_days: i64,
    pub reps: i32,
    pub lapses: i32,
    /// 0 new, 1 learning, 2 review, 3 relearning.
    pub state: u8,
}

impl Memory {
    /// Of a name that has never been asked.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(Card { due: now, last_review: now, ..Card::default() })
    }

    /// After an answer.
    #[must_use]
    pub fn after(self, grade: Grade, now: DateTime<Utc>) -> Self {
        let rating = match grade {
            Grade::Again => Rating::Again,
            Grade::Hard => Rating::Hard,
            Grade::Good => Rating::Good,
            Grade::Easy => Rating::Easy,
        };
        // Without chance: what is due is the same on every server.
        let parameters = Parameters { enable_fuzz: false, ..Parameters::default() };
        Self(FSRS::new(parameters).next(self.0, now, rating).card)
    }

    /// How often it has been asked.
    #[must_use]
    pub fn times(&self) -> i32 {
        self.0.reps
    }

    /// Whether the name counts as known: it has been practised, and is not due before `until`.
    #[must_use]
    pub fn is_known(&self, until: DateTime<Utc>) -> bool {
        self.0.state == State::Review && self.0.due > until
    }

    #[must_use]
    pub fn kept(&self) -> Kept {
        let card = &self.0;
        Kept {
            due: card.due,
            last_review: card.last_review,
            stability: card.stability,
            difficulty: card.difficulty,
            elapsed_days: card.elapsed_days,
            scheduled_days: card.scheduled_days,
            reps: card.reps,
            lapses: card.lapses,
            state: card.state as u8,
        }
    }
}

impl From<Kept> for Memory {
    /// A state that is not known begins anew.
    fn from(kept: Kept) -> Self {
        let state = match kept.state {
            1 => State::Learning,
            2 => State::Review,
            3 => State::Relearning,
            _ => State::New,
        };
        Self(Card {
            due: kept.due,
            last_review: kept.last_review,
            stability: kept.stability,
            difficulty: kept.difficulty,
            elapsed_days: kept.elapsed_days,
            scheduled_days: kept.scheduled_days,
            reps: kept.reps,
            lapses: kept.lapses,
            state,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-23T18:00:00Z".parse().expect("a moment")
    }

    #[test]
    fn what_is_known_comes_later_each_time_and_what_is_not_comes_at_once() {
        let mut memory = Memory::new(now());
        assert!(memory.times() == 0 && !memory.is_known(now()));
        let mut at = now();
        let mut pauses = Vec::new();
        for _ in 0..4 {
            memory = memory.after(Grade::Good, at);
            pauses.push(memory.kept().due - at);
            at = memory.kept().due;
        }
        assert!(pauses.is_sorted() && pauses[3] > TimeDelta::days(7), "{pauses:?}");
        assert!(memory.is_known(at - TimeDelta::hours(1)));
        let forgotten = memory.after(Grade::Again, at);
        assert!(forgotten.kept().due - at < TimeDelta::hours(1));
        assert!(!forgotten.is_known(at));
    }

    #[test]
    fn what_is_due_has_its_turn_first_and_what_is_due_soon_the_last() {
        let after = |grade| Memory::new(now()).after(grade, now());
        assert_eq!(turn(None, now()), Some(Turn::Unseen));
        assert_eq!(turn(Some(&Memory::new(now())), now()), Some(Turn::Unseen));
        let forgotten = after(Grade::Again);
        assert_eq!(turn(Some(&forgotten), now()), Some(Turn::Soon(forgotten.kept().due)));
        let later = now() + TimeDelta::minutes(2);
        assert_eq!(turn(Some(&forgotten), later), Some(Turn::Due(forgotten.kept().due)));
        let known = after(Grade::Easy);
        assert_eq!(turn(Some(&known), now()), None);
        let due = known.kept().due;
        assert_eq!(turn(Some(&known), due), Some(Turn::Due(due)));
        assert!(Turn::Due(due) < Turn::Unseen && Turn::Unseen < Turn::Soon(now()));
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let memory = Memory::new(now()).after(Grade::Hard, now());
        assert_eq!(Memory::from(memory.kept()), memory);
    }
}
