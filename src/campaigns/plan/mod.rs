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

/// Days ahead of the house's today that are planned.
const AHEAD: u64 = 2;
/// Candidates that are looked at, and written, at once.
const CHUNK: usize = 500;
