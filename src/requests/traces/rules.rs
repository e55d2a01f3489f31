//! Traces that make themselves: before arrivals and departures of guests with a preference, for birthdays and other days
//! that fall in house, and again and again. Rules are looked at every minute by whichever servers there are; a trace has
//! an id made from the rule and from what it is about, so that it is one however often it is made. What it is about is
//! followed: a booking that is moved or cancelled takes its traces along, and one that comes back brings them back.

mod carry;
pub mod store;
mod wanted;
mod world;
pub mod write;

use crate::{
    house::{House, store::houses},
    server::{
        clock,
        db::{Db, DbError},
    },
};
use carry::carry_out;
use chrono::{DateTime, Utc};
use wanted::wanted;
use world::World;

/// What a look at the rules came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Made {
    /// Traces that are new, or open again.
    pub made: u32,
    /// Open ones that say something else now: another room, other words.
    pub changed: u32,
    /// Open ones that nobody needs any more.
    pub dropped: u32,
}

/// Carries out the rules of every house.
///
/// # Errors
/// What the store answers. A single house that fails is logged and comes again.
pub async fn run_due(db: &Db, now: DateTime<Utc>) -> Result<Made, DbError> {
    let mut all = Made::default();
    for house in houses(db).await? {
        match run(db, &house, now).await {
            Ok(Made { made, changed, dropped }) => {
                all.made += made;
                all.changed += changed;
                all.dropped += dropped;
            }
            Err(error) => tracing::error!(%error, house = %house.id, "the rules of a house could not be carried out"),
        }
    }
    Ok(all)
}

/// Carries out the rules of a house.
///
/// # Errors
/// What the store answers.
pub async fn run(db: &Db, house: &House, now: DateTime<Utc>) -> Result<Made, DbError> {
    let rules = store::active(db, house.id).await?;
    if rules.is_empty() {
        return Ok(Made::default());
    }
    let today = clock::today(now, house.zone());
    let world = World::load(db, house, &rules, today).await?;
    match carry_out(db, house, &rules, wanted(&rules, &world, today), today, now).await {
        // A rule was changed or paused meanwhile: the next look goes by what it says now.
        Err(DbError::Guard(_)) => Ok(Made::default()),
        other => other,
    }
}
