//! Bookings in from the hotel's property management system.

pub mod api;
#[cfg(feature = "ssr")]
pub mod export_file;
#[cfg(feature = "ssr")]
pub mod import;
mod reason;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;
pub mod words;

pub use reason::{EndReason, FileProblem, Reason};

use crate::ids::ImportId;
use serde::{Deserialize, Serialize};

/// One run of an import, as managers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRun {
    pub id: ImportId,
    /// The file's name as it was uploaded.
    pub file: String,
    pub by: String,
    /// House-local `YYYY-MM-DD HH:MM`.
    pub started: String,
    pub state: ImportState,
    pub counts: ImportCounts,
    /// Share of the file that has been read, 0 to 100.
    pub percent: u8,
    /// Wall-clock milliseconds so far.
    pub millis: u64,
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    Running,
    Done,
    /// Ended before the end of the file. What was imported stays, and the same file can simply be
    /// imported again.
    Stopped(EndReason),
}

/// What came of the rows read so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportCounts {
    pub rows: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub rejected: u64,
}

impl std::fmt::Display for ImportCounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rows, created, updated, unchanged, rejected } = self;
        write!(f, "rows={rows} created={created} updated={updated} unchanged={unchanged} rejected={rejected}")
    }
}
