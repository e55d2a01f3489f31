//! The booking export of a property management system, read row by row from any source in bounded
//! memory, forgiving in form (delimiter, encoding, order of columns) and strict in content: a row is
//! right as a whole, or it goes to the report with everything that is wrong with it.

mod beginning;
mod bytes;
mod columns;
pub(crate) mod money;
mod record;
mod records;
mod report;
mod row;
#[cfg(test)]
mod tests;
mod wishes;

pub use report::write_report;

use super::{FileProblem, Reason};
use crate::{
    guests::{Birthday, GuestName, PreferenceGroup, PreferenceValue},
    stays::ReservationStatus,
};
use chrono::NaiveDate;
use columns::{Column, Columns, MAX_COLUMNS};
use record::Record;
use records::Records;
use std::{
    collections::HashMap,
    io::{self, Read},
};

/// How many characters of a value the report repeats.
const EXCERPT: usize = 200;

/// A row of the export that is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Line of the file that the row begins on, from 1.
    pub line: u64,
    /// The confirmation number, unique in the file.
    pub confirmation: String,
    /// The property code of the house, as the file has it.
    pub property: String,
    /// Salutation included; how to say it is never in an export.
    pub name: GuestName,
    /// ISO 3166-1 alpha-3.
    pub nationality: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    /// Normalised: trimmed, lower case.
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    pub birthday: Option<Birthday>,
    /// 0 (none) to 3.
    pub vip: u8,
    pub membership: Option<String>,
    /// House-local.
    pub arrival: NaiveDate,
    /// House-local, never before the arrival.
    pub departure: NaiveDate,
    /// The code in the house's own system; may be empty, like the other codes.
    pub room_type: String,
    pub room: Option<String>,
    /// 0 to 999.
    pub adults: u32,
    /// 0 to 999.
    pub children: u32,
    pub meal_plan: String,
    /// Average nightly rate in minor units of the currency, 0 or more.
    pub rate: i64,
    /// ISO 4217.
    pub currency: String,
    pub market_segment: String,
    pub status: ReservationStatus,
    /// What was asked for, in the words of the booking.
    pub special_requests: Option<String>,
    /// The entries of the allergies that tell of the guest's health without being an instruction, in the
    /// words of the booking.
    pub health: Option<String>,
    /// What requests and allergies say about the guest beyond this stay, each once.
    pub preferences: Vec<(PreferenceGroup, PreferenceValue)>,
    /// Whether the guest agreed to e-mails; `None`: never asked.
    pub email_opt_in: Option<bool>,
    /// Hex SHA-256 of the row's values as printed, whatever the order of columns, delimiter and
    /// encoding of the file. The same fingerprint means that nothing has changed.
    pub fingerprint: String,
}

/// One thing that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Line of the file that the row begins on, from 1.
    pub line: u64,
    /// Name of the column; empty where the row as a whole is wrong.
    pub column: String,
    /// The refused value, or its first 200 characters, with control characters spelled out.
    pub value: String,
    /// What is wrong with it, and what would be accepted.
    pub reason: Reason,
}

/// Reads an export. Iterating yields the rows in their order: a booking, or everything that is wrong
/// with the row, at least one thing. Where the source fails, one refusal says so and the rows end.
pub struct ExportReader<R> {
    records: Records<R>,
    record: Record,
    columns: Columns,
    /// What came of reading the next record, where that was done ahead.
    ahead: Option<io::Result<bool>>,
    /// Confirmation numbers of the bookings so far, with their lines.
    seen: HashMap<String, u64>,
    failed: bool,
}

impl<R: Read> ExportReader<R> {
    /// Reads the first line: finds out the delimiter and where each column is. A UTF-8 byte order mark
    /// is skipped; unknown columns are ignored.
    ///
    /// # Errors
    /// [`FileProblem`] where the file is no export, or lacks a column that a booking needs.
    pub fn open(source: R) -> Result<Self, FileProblem> {
        let mut records = Records::open(source, |name| Column::named(name).is_some())?;
        let mut record = Record::default();
        if !records.read(&mut record, MAX_COLUMNS)? {
            return Err(FileProblem::Empty);
        }
        let columns = Columns::read(&record)?;
        Ok(Self { records, record, columns, ahead: None, seen: HashMap::new(), failed: false })
    }

    /// Whether anything stands below the first line, good or bad.
    pub fn has_rows(&mut self) -> bool {
        let Self { records, record, columns, ahead, .. } = self;
        !matches!(ahead.get_or_insert_with(|| records.read(record, columns.count())), Ok(false))
    }

    /// How many bytes of the source have been read.
    pub fn bytes_read(&self) -> u64 {
        self.records.bytes_read()
    }

    /// Names of the columns that the file lacks. They read as empty.
    pub fn absent_columns(&self) -> Vec<&'static str> {
        self.columns.absent().map(Column::name).collect()
    }

    fn booking(&mut self) -> Result<Booking, Vec<Rejected>> {
        let booking = row::booking(&self.record, &self.columns)?;
        if let Some(line) = self.seen.get(&booking.confirmation) {
            return Err(vec![Rejected {
                line: booking.line,
                column: Column::ConfirmationNo.name().to_owned(),
                value: excerpt(&booking.confirmation),
                reason: Reason::AlreadyOn(*line),
            }]);
        }
        self.seen.insert(booking.confirmation.clone(), booking.line);
        Ok(booking)
    }
}

impl<R: Read> Iterator for ExportReader<R> {
    type Item = Result<Booking, Vec<Rejected>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let ahead = self.ahead.take();
        match ahead.unwrap_or_else(|| self.records.read(&mut self.record, self.columns.count())) {
            Ok(true) => Some(self.booking()),
            Ok(false) => None,
            Err(error) => {
                self.failed = true;
                Some(Err(vec![Rejected {
                    line: self.record.line,
                    column: String::new(),
                    value: String::new(),
                    reason: Reason::Unreadable(error.to_string()),
                }]))
            }
        }
    }
}

/// The beginning of a value for the report.
fn excerpt(value: &str) -> String {
    spelled_out(value.chars().take(EXCERPT))
}

/// Text in which control characters, and those that turn the direction of the text around, are
/// spelled out.
fn spelled_out(text: impl IntoIterator<Item = char>) -> String {
    let mut shown = String::new();
    for c in text {
        if c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}
