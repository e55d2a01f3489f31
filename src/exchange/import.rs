//! Bookings in: each chunk of rows is one transaction, so an import that is cut off can simply be run
//! again, and several imports at once take turns. Guests are matched exactly, on the same e-mail and
//! surname or the same membership number.

mod changes;
mod chunk;
mod known;
mod matching;
mod rows;

use super::{
    EndReason, FileProblem, ImportCounts, Reason,
    export_file::{Booking, ExportReader, Rejected},
    store,
    words::file_problem_text,
};
use crate::{
    error::{AppError, Problem},
    house::store::{NewHouse, insert_house},
    i18n::Locale,
    ids::{HouseId, ImportId},
    server::{
        clock::Clock,
        db::{Db, DbError},
    },
    staff::{
        audit::{self, Action},
        guard::{Import, Permit},
    },
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    io::{Read, Seek, SeekFrom},
    sync::Arc,
    time::Instant,
};

/// Rows that are committed together. Few enough that live word hardly waits for one.
const CHUNK: usize = 250;

/// What is imported, for whom.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file's name, to be shown.
    pub file: String,
    pub by: String,
    /// The house of whoever imports; `None` by command.
    pub house: Option<HouseId>,
    /// Makes a house for each property code that is not known yet. Otherwise such rows are rejected.
    pub new_houses: bool,
}

/// What came of an import.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    pub run: ImportId,
    pub counts: ImportCounts,
    pub millis: u64,
    /// The rejected rows as CSV in English; empty when there are none.
    pub report: String,
}

/// Why an import did not begin.
#[derive(Debug)]
pub enum StartError {
    /// The file is no export, or has nothing to import.
    File(FileProblem),
    Other(AppError),
}

impl From<AppError> for StartError {
    fn from(error: AppError) -> Self {
        Self::Other(error)
    }
}

impl From<StartError> for AppError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::File(problem) => {
                let text = file_problem_text(Locale::en, &problem);
                Self::field("file", Problem::WrongType(format!("an export of bookings as CSV. {text}")))
            }
            StartError::Other(error) => error,
        }
    }
}

/// Starts an import that goes on by itself; its run tells how far it is. A file that is no export, or
/// has headings alone, is refused before a run begins.
///
/// # Errors
/// [`StartError`], with what the store answers among it.
pub async fn start<R: Read + Seek + Send + 'static>(
    db: &Db,
    clock: Arc<dyn Clock>,
    permit: &Permit<Import>,
    options: Options,
    source: R,
) -> Result<ImportId, StartError> {
    let export = Export::open(source).await?;
    if !export.has_rows {
        return Err(StartError::File(FileProblem::NoRows));
    }
    audit::write(db, permit.actor(), Action::Imported, None).await.map_err(AppError::from)?;
    let run = begin(db, &clock, &options).await?;
    let db = db.clone();
    tokio::spawn(async move {
        // The run itself tells what went wrong.
        drop(carry_out(&db, clock, options, run, export).await);
    });
    Ok(run)
}

/// Imports a file and waits for the end. Headings alone are an import of nothing: a program that
/// imports what is new each night will have a night without bookings.
///
/// # Errors
/// [`AppError::Fields`] with what is wrong with the file, in English; what the store answers.
pub async fn run<R: Read + Seek + Send + 'static>(
    db: &Db,
    clock: Arc<dyn Clock>,
    options: Options,
    source: R,
) -> Result<Outcome, AppError> {
    let export = Export::open(source).await?;
    let run = begin(db, &clock, &options).await?;
    carry_out(db, clock, options, run, export).await
}

async fn begin(db: &Db, clock: &Arc<dyn Clock>, options: &Options) -> Result<ImportId, AppError> {
    Ok(store::begin(db, clock.now(), &options.file, &options.by, options.house).await?)
}

/// A file whose headings have been read.
struct Export<R> {
    reader: ExportReader<R>,
    has_rows: bool,
    /// In bytes.
    size: u64,
}

impl<R: Read + Seek + Send + 'static> Export<R> {
    async fn open(mut source: R) -> Result<Self, StartError> {
        // Reading takes the processor, so it is done away from the requests.
        let opened = tokio::task::spawn_blocking(move || {
            let size = source.seek(SeekFrom::End(0))?;
            source.rewind()?;
            let mut reader = ExportReader::open(source)?;
            let has_rows = reader.has_rows();
            Ok::<_, FileProblem>(Self { reader, has_rows, size })
        });
        opened.await.map_err(AppError::internal)?.map_err(StartError::File)
    }
}

async fn carry_out<R: Read + Send + 'static>(
    db: &Db,
    clock: Arc<dyn Clock>,
    options: Options,
    run: ImportId,
    export: Export<R>,
) -> Result<Outcome, AppError> {
    let began = Instant::now();
    let mut counts = ImportCounts::default();
    let result = read_all(db, clock, options, run, export, began, &mut counts).await;
    let millis = millis_since(began);
    let stopped = result.as_ref().err().cloned().map(EndReason::Failed);
    store::end(db, run, counts, millis, stopped).await?;
    result?;
    tracing::info!(%counts, millis, "an import is done");
    let report = if counts.rejected == 0 { Vec::new() } else { store::csv_of(db, run, Locale::en).await? };
    Ok(Outcome { run, counts, millis, report: String::from_utf8_lossy(&report).into_owned() })
}

async fn read_all<R: Read + Send + 'static>(
    db: &Db,
    clock: Arc<dyn Clock>,
    options: Options,
    run: ImportId,
    export: Export<R>,
    began: Instant,
    counts: &mut ImportCounts,
) -> Result<(), AppError> {
    let Export { mut reader, size, .. } = export;
    let mut houses = Houses::load(db, options.new_houses).await?;
    loop {
        // Away from the requests, as above.
        let (given_back, rows) = tokio::task::spawn_blocking(move || {
            let rows: Vec<_> = reader.by_ref().take(CHUNK).collect();
            (reader, rows)
        })
        .await
        .map_err(AppError::internal)?;
        reader = given_back;
        if rows.is_empty() {
            return Ok(());
        }
        let mut bookings = Vec::with_capacity(rows.len());
        let mut rejected: Vec<Rejected> = Vec::new();
        // What is counted stands in the store: rows of a chunk that fails were neither kept nor listed.
        let mut reached = *counts;
        for row in rows {
            reached.rows += 1;
            match row {
                Ok(booking) => match houses.of(db, &booking).await? {
                    Ok(house) => bookings.push((house, booking)),
                    Err(unknown) => {
                        reached.rejected += 1;
                        rejected.push(unknown);
                    }
                },
                Err(problems) => {
                    reached.rejected += 1;
                    rejected.extend(problems);
                }
            }
        }
        let percent =
            u8::try_from((reader.bytes_read() * 100).checked_div(size).unwrap_or(100).min(100)).unwrap_or(100);
        *counts = chunk::import(db, clock.now(), run, &bookings, &rejected, reached, percent, began).await?;
    }
}

fn millis_since(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The houses by property code.
struct Houses {
    by_code: HashMap<String, HouseId>,
    /// Where new houses are made, what they take over from the first one.
    make: Option<chrono_tz::Tz>,
}

impl Houses {
    async fn load(db: &Db, make: bool) -> Result<Self, DbError> {
        let houses = crate::house::store::houses(db).await?;
        let zone = houses.first().map_or(chrono_tz::UTC, crate::house::House::zone);
        Ok(Self {
            by_code: houses.into_iter().map(|house| (house.code.to_uppercase(), house.id)).collect(),
            make: make.then_some(zone),
        })
    }

    async fn of(&mut self, db: &Db, booking: &Booking) -> Result<Result<HouseId, Rejected>, AppError> {
        let code = booking.property.to_uppercase();
        if let Some(house) = self.by_code.get(&code) {
            return Ok(Ok(*house));
        }
        // Another import may have made it since.
        if self.make.is_some()
            && let Some(house) = self.made_meanwhile(db, &code).await?
        {
            return Ok(Ok(house));
        }
        let Some(timezone) = self.make else {
            let mut known: Vec<_> = self.by_code.keys().cloned().collect();
            known.sort();
            return Ok(Err(Rejected {
                line: booking.line,
                column: "property".to_owned(),
                value: booking.property.clone(),
                reason: Reason::UnknownHouse(known),
            }));
        };
        let new = NewHouse {
            name: booking.property.clone(),
            code: code.clone(),
            timezone,
            currency: booking.currency.clone(),
        };
        let house = match insert_house(db, new).await {
            Ok(house) => house,
            // Made in this very moment.
            Err(error) => self.made_meanwhile(db, &code).await?.ok_or(error)?,
        };
        self.by_code.insert(code, house);
        Ok(Ok(house))
    }

    /// The house of a code that was not known when the run began.
    async fn made_meanwhile(&mut self, db: &Db, code: &str) -> Result<Option<HouseId>, DbError> {
        for house in crate::house::store::houses(db).await? {
            self.by_code.entry(house.code.to_uppercase()).or_insert(house.id);
        }
        Ok(self.by_code.get(code).copied())
    }
}
