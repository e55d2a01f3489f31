//! Numbered migrations, run in order at start, once each. Each is kept with its checksum, so that a
//! file that was changed after it ran is noticed instead of half applied.

use super::{Db, DbError, vars};
use sha2::{Digest, Sha256};
use surrealdb::types::SurrealValue;

struct Migration {
    number: u32,
    name: &'static str,
    sql: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "ground", sql: include_str!("schema/0001_ground.surql") },
    Migration { number: 3, name: "live_word", sql: include_str!("schema/0003_live_word.surql") },
];

#[derive(SurrealValue)]
struct Applied {
    number: i64,
    checksum: String,
}

pub(super) async fn run(db: &Db) -> Result<(), DbError> {
    db.query(
        "DEFINE TABLE IF NOT EXISTS migration SCHEMAFULL;
         DEFINE FIELD IF NOT EXISTS number ON migration TYPE int;
         DEFINE FIELD IF NOT EXISTS name ON migration TYPE string;
         DEFINE FIELD IF NOT EXISTS checksum ON migration TYPE string;
         DEFINE FIELD IF NOT EXISTS at ON migration TYPE datetime;",
        vars(),
    )
    .await?;
    let applied: Vec<Applied> = db.rows("SELECT number, checksum FROM migration", vars()).await?;
    let newest_known = MIGRATIONS.last().map_or(0, |migration| migration.number);
    if let Some(later) = applied.iter().find(|row| row.number > i64::from(newest_known)) {
        return Err(DbError::FromTheFuture(u32::try_from(later.number).unwrap_or(u32::MAX)));
    }
    for Migration { number, name, sql } in MIGRATIONS {
        let checksum = hex(&Sha256::digest(sql.as_bytes()));
        match applied.iter().find(|row| row.number == i64::from(*number)) {
            Some(row) if row.checksum == checksum => {}
            Some(_) => return Err(DbError::MigrationChanged { number: *number, name: (*name).to_owned() }),
            None => {
                tracing::info!(number, name, "migrating the store");
                let text = format!(
                    "BEGIN;\n{sql}\nCREATE ONLY type::record('migration', $number) \
                     SET number = $number, name = $name, checksum = $checksum, at = time::now();\nCOMMIT;"
                );
                let bound = vars().with("number", i64::from(*number)).with("name", *name).with("checksum", checksum);
                db.query(&text, bound).await?;
            }
        }
    }
    // The name of this history of events: a client that knows another one starts afresh.
    db.query(
        "CREATE ONLY meta:feed SET epoch = $epoch RETURN NONE",
        vars().with("epoch", uuid::Uuid::new_v4().simple().to_string()),
    )
    .await
    .map(drop)
    .or_else(|error| match error {
        DbError::Store(error) if error.message().contains("already exists") => Ok(()),
        other => Err(other),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
