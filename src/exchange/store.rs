//! Runs of imports and the rows they rejected.

use super::{
    EndReason, ImportCounts, ImportRun, ImportState, Reason,
    export_file::{Rejected, write_report},
};
use crate::{
    error::AppError,
    house::House,
    i18n::Locale,
    ids::{HouseId, ImportId},
    server::{
        clock,
        db::{Db, DbError, Tx, Vars, id_of, optional, record, vars},
    },
    staff::guard::{Import, Permit},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, de::DeserializeOwned};
use surrealdb::types::{RecordId, SurrealValue};

/// The one row of the table that counts what imports have written.
const TURN: &str = "one";

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    file: String,
    author: String,
    started: DateTime<Utc>,
    millis: i64,
    state: String,
    /// An [`EndReason`], as [`kept`] writes it.
    reason: Option<String>,
    percent: i64,
    rows: i64,
    created: i64,
    updated: i64,
    unchanged: i64,
    rejected: i64,
}

#[derive(SurrealValue)]
struct RejectRow {
    id: RecordId,
    run: RecordId,
    line: i64,
    field: String,
    entry: String,
    /// A [`Reason`], as [`kept`] writes it.
    reason: String,
}

impl Row {
    fn read(self, house: &House) -> Result<ImportRun, DbError> {
        let count = |number| u64::try_from(number).unwrap_or(0);
        Ok(ImportRun {
            id: id_of(&self.id)?,
            file: self.file,
            by: self.author,
            started: clock::local_minute(self.started, house.zone()),
            state: match self.state.as_str() {
                "running" => ImportState::Running,
                "done" => ImportState::Done,
                _ => ImportState::Stopped(read(self.reason.unwrap_or_default(), EndReason::InWords)),
            },
            counts: ImportCounts {
                rows: count(self.rows),
                created: count(self.created),
                updated: count(self.updated),
                unchanged: count(self.unchanged),
                rejected: count(self.rejected),
            },
            percent: u8::try_from(self.percent.clamp(0, 100)).unwrap_or(100),
            millis: count(self.millis),
        })
    }
}

/// Notes that an import begins.
///
/// # Errors
/// What the store answers.
pub async fn begin(
    db: &Db,
    now: DateTime<Utc>,
    file: &str,
    by: &str,
    house: Option<HouseId>,
) -> Result<ImportId, DbError> {
    let run = ImportId::new();
    db.query(
        "CREATE ONLY $run SET house = $house, file = $file, author = $author, started = $now, millis = 0, \
         state = 'running', percent = 0, rows = 0, created = 0, updated = 0, unchanged = 0, rejected = 0 RETURN NONE",
        vars()
            .with("run", record("import_run", run))
            .with("house", optional(house.map(|house| record("house", house))))
            .with("file", file)
            .with("author", by)
            .with("now", now),
    )
    .await?;
    Ok(run)
}

/// How often imports have written so far.
///
/// # Errors
/// What the store answers.
pub(super) async fn turn(db: &Db) -> Result<i64, DbError> {
    let number: Option<i64> =
        db.row("SELECT VALUE number FROM $turn", vars().with("turn", record("import_turn", TURN))).await?;
    Ok(number.unwrap_or_default())
}

/// Has a transaction fail with the guard `turn` where another import wrote since [`turn`] answered `number`.
#[must_use]
pub(super) fn take_turn(tx: Tx, number: i64) -> Tx {
    tx.run(
        "LET $taken = (UPSERT ONLY $turn SET number = (number ?? 0) + 1 RETURN AFTER).number; \
         IF $taken != $number + 1 { THROW 'guard:turn' }",
        vars().with("turn", record("import_turn", TURN)).with("number", number),
    )
}

/// Adds how far a run is, and what it rejected, to the transaction that brought it there.
#[must_use]
pub(super) fn progress(
    tx: Tx,
    run: ImportId,
    counts: ImportCounts,
    percent: u8,
    millis: u64,
    rejected: &[Rejected],
) -> Tx {
    let rows: Vec<RejectRow> = rejected
        .iter()
        .map(|row| RejectRow {
            id: RecordId::new("import_reject", uuid::Uuid::now_v7().to_string()),
            run: record("import_run", run),
            line: signed(row.line),
            field: row.column.clone(),
            entry: row.value.clone(),
            reason: kept(&row.reason),
        })
        .collect();
    tx.run(
        "UPDATE ONLY $run SET percent = $percent, millis = $millis, rows = $rows, created = $created, \
         updated = $updated, unchanged = $unchanged, rejected = $rejected RETURN NONE; \
         INSERT INTO import_reject $rejects RETURN NONE",
        counted(run, counts, millis).with("percent", i64::from(percent)).with("rejects", rows),
    )
}

/// Notes how an import ended: well, or with the reason why it stopped.
///
/// # Errors
/// What the store answers.
pub(super) async fn end(
    db: &Db,
    run: ImportId,
    counts: ImportCounts,
    millis: u64,
    stopped: Option<EndReason>,
) -> Result<(), DbError> {
    let state = if stopped.is_some() { "stopped" } else { "done" };
    db.query(
        "UPDATE ONLY $run SET state = $state, reason = $reason, millis = $millis, rows = $rows, created = $created, \
         updated = $updated, unchanged = $unchanged, rejected = $rejected, \
         percent = IF $state = 'done' { 100 } ELSE { percent } RETURN NONE",
        counted(run, counts, millis).with("state", state).with("reason", optional(stopped.as_ref().map(kept))),
    )
    .await
    .map(drop)
}

fn counted(run: ImportId, counts: ImportCounts, millis: u64) -> Vars {
    vars()
        .with("run", record("import_run", run))
        .with("millis", signed(millis))
        .with("rows", signed(counts.rows))
        .with("created", signed(counts.created))
        .with("updated", signed(counts.updated))
        .with("unchanged", signed(counts.unchanged))
        .with("rejected", signed(counts.rejected))
}

/// Says of runs that were going on when a server was killed that they stopped: of those that have got no
/// further since `silent_since`.
///
/// # Errors
/// What the store answers.
pub async fn stop_interrupted(db: &Db, silent_since: DateTime<Utc>) -> Result<(), DbError> {
    #[derive(SurrealValue)]
    struct Running {
        id: RecordId,
        started: DateTime<Utc>,
        millis: i64,
    }
    let running: Vec<Running> =
        db.rows("SELECT id, started, millis FROM type::table('import_run') WHERE state = 'running'", vars()).await?;
    let silent: Vec<RecordId> = running
        .into_iter()
        .filter(|run| run.started + TimeDelta::milliseconds(run.millis) <= silent_since)
        .map(|run| run.id)
        .collect();
    if silent.is_empty() {
        return Ok(());
    }
    db.query(
        "UPDATE $silent SET state = 'stopped', reason = $reason WHERE state = 'running' RETURN NONE",
        vars().with("silent", silent).with("reason", kept(&EndReason::Interrupted)),
    )
    .await
    .map(drop)
}

/// The newest runs.
///
/// # Errors
/// What the store answers.
pub async fn newest(db: &Db, permit: &Permit<Import>, limit: u32) -> Result<Vec<ImportRun>, DbError> {
    let rows: Vec<Row> = db
        .rows(
            "SELECT * FROM import_run WHERE started > $ever ORDER BY started DESC LIMIT $limit",
            vars().with("ever", DateTime::<Utc>::UNIX_EPOCH).with("limit", i64::from(limit)),
        )
        .await?;
    rows.into_iter().map(|row| row.read(&permit.actor().house)).collect()
}

/// One run.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn run(db: &Db, permit: &Permit<Import>, id: ImportId) -> Result<ImportRun, AppError> {
    let row: Option<Row> = db.row("SELECT * FROM $run", vars().with("run", record("import_run", id))).await?;
    Ok(row.ok_or(AppError::NotFound)?.read(&permit.actor().house)?)
}

/// What a run rejected, as CSV in a language.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn report(db: &Db, permit: &Permit<Import>, id: ImportId, locale: Locale) -> Result<Vec<u8>, AppError> {
    run(db, permit, id).await?;
    csv_of(db, id, locale).await
}

/// What a run rejected, as CSV, for whoever ran it by command.
///
/// # Errors
/// What the store answers.
pub(super) async fn csv_of(db: &Db, id: ImportId, locale: Locale) -> Result<Vec<u8>, AppError> {
    let rows: Vec<RejectRow> = db
        .rows(
            "SELECT * FROM import_reject WHERE run = $run ORDER BY line",
            vars().with("run", record("import_run", id)),
        )
        .await?;
    let rejected: Vec<Rejected> = rows
        .into_iter()
        .map(|row| Rejected {
            line: u64::try_from(row.line).unwrap_or(0),
            column: row.field,
            value: row.entry,
            reason: read(row.reason, Reason::InWords),
        })
        .collect();
    let mut csv = Vec::new();
    write_report(locale, &rejected, &mut csv).map_err(AppError::internal)?;
    Ok(csv)
}

/// A reason as the store keeps it: its code with what belongs to it, in JSON.
fn kept(reason: &impl Serialize) -> String {
    // Codes, texts and numbers always have a form in JSON.
    serde_json::to_string(reason).unwrap_or_default()
}

/// Reads what [`kept`] wrote. What earlier versions wrote were sentences.
fn read<T: DeserializeOwned>(text: String, in_words: fn(String) -> T) -> T {
    serde_json::from_str(&text).unwrap_or_else(|_| in_words(text))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
