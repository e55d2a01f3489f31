//! Planning: whom a campaign greets becomes occurrences, each of them once, some days ahead, with whoever
//! is held or skipped and why.

mod days;
mod facts;
mod letters;
mod preview;
mod rows;
mod run;
mod verdict;

pub use preview::{Line, Preflight, forecast, preflight};
pub use rows::trace_id;
pub use run::{Counts, run_due};
pub use verdict::{Verdict, verdicts};

use super::{Settings, store::CampaignRow};
use crate::ids::GuestId;
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::ops::RangeInclusive;

/// Days ahead of the house's today that are planned.
const AHEAD: u64 = 2;
/// Candidates that are looked at, and written, at once.
const CHUNK: usize = 500;

/// The first day that a campaign greets, where one is set.
fn first_day(settings: &Settings) -> Option<NaiveDate> {
    settings.starts.as_deref().and_then(|day| day.parse().ok())
}

/// Those of these days that lie between a campaign's first and last.
fn clipped(settings: &Settings, dates: RangeInclusive<NaiveDate>) -> RangeInclusive<NaiveDate> {
    let ends = settings.ends.as_deref().and_then(|day| day.parse::<NaiveDate>().ok());
    let (first, last) = dates.into_inner();
    first_day(settings).map_or(first, |starts| first.max(starts))..=ends.map_or(last, |ends| last.min(ends))
}

/// Whether a guest is kept back to compare with: the same for every greeting of a campaign, and for another
/// campaign somebody else.
fn is_control(campaign: &CampaignRow, guest: GuestId) -> bool {
    let hash = Sha256::digest(format!("control|{}|{guest}", campaign.id));
    let share = u32::from(u16::from_be_bytes([hash[0], hash[1]]));
    // Of 65,536 parts.
    share * 100 < u32::from(campaign.settings.control_percent.min(50)) * 65_536
}
