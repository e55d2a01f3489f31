//! Numbered migrations, run in order at start, once each. Each is kept with its checksum, so that a
//! file that was changed after it ran is noticed instead of half applied.

use super::{Db, DbError, Tx, vars};
use sha2::{Digest, Sha256};
use surrealdb::types::{RecordId, SurrealValue};

struct Migration {
    number: u32,
    name: &'static str,
    sql: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "ground", sql: include_str!("schema/0001_ground.surql") },
    Migration { number: 3, name: "live_word", sql: include_str!("schema/0003_live_word.surql") },
    Migration { number: 4, name: "same_word", sql: include_str!("schema/0004_same_word.surql") },
    Migration { number: 5, name: "duty", sql: include_str!("schema/0005_duty.surql") },
    Migration { number: 6, name: "greetings", sql: include_str!("schema/0006_greetings.surql") },
    Migration { number: 7, name: "lifted", sql: include_str!("schema/0007_lifted.surql") },
    Migration { number: 8, name: "audit_campaign", sql: include_str!("schema/0008_audit_campaign.surql") },
    Migration { number: 9, name: "revisions", sql: include_str!("schema/0009_revisions.surql") },
    Migration { number: 10, name: "letters", sql: include_str!("schema/0010_letters.surql") },
    Migration { number: 11, name: "waived", sql: include_str!("schema/0011_waived.surql") },
    Migration { number: 12, name: "withdrawn_from", sql: include_str!("schema/0012_withdrawn_from.surql") },
    Migration { number: 13, name: "next_step", sql: include_str!("schema/0013_next_step.surql") },
    Migration { number: 16, name: "writers", sql: include_str!("schema/0016_writers.surql") },
    Migration { number: 17, name: "planned_revision", sql: include_str!("schema/0017_planned_revision.surql") },
    Migration { number: 20, name: "requests", sql: include_str!("schema/0020_requests.surql") },
    Migration { number: 21, name: "evidence", sql: include_str!("schema/0021_evidence.surql") },
    Migration { number: 22, name: "people", sql: include_str!("schema/0022_people.surql") },
    Migration { number: 23, name: "loyalty", sql: include_str!("schema/0023_loyalty.surql") },
    Migration { number: 24, name: "rhythm", sql: include_str!("schema/0024_rhythm.surql") },
];

#[derive(SurrealValue)]
struct Applied {
    number: i64,
    checksum: String,
}

/// Where the migrations that have run are kept.
const LEDGER: &str = "
    DEFINE TABLE IF NOT EXISTS migration SCHEMAFULL;
    DEFINE FIELD IF NOT EXISTS number ON migration TYPE int;
    DEFINE FIELD IF NOT EXISTS name ON migration TYPE string;
    DEFINE FIELD IF NOT EXISTS checksum ON migration TYPE string;
    DEFINE FIELD IF NOT EXISTS at ON migration TYPE datetime";

/// Of two servers that start at once on one store, one runs a migration and the other finds that it has
/// been run.
pub(super) async fn run(db: &Db) -> Result<(), DbError> {
    db.commit(Tx::new().run(LEDGER, vars())).await?;
    let newest_known = MIGRATIONS.last().map_or(0, |migration| migration.number);
    if let Some(later) = applied(db).await?.iter().find(|row| row.number > i64::from(newest_known)) {
        return Err(DbError::FromTheFuture(u32::try_from(later.number).unwrap_or(u32::MAX)));
    }
    for migration in MIGRATIONS {
        migration.run(db).await?;
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

async fn applied(db: &Db) -> Result<Vec<Applied>, DbError> {
    db.rows("SELECT number, checksum FROM type::table('migration')", vars()).await
}

impl Migration {
    async fn run(&self, db: &Db) -> Result<(), DbError> {
        let checksum = hex(&Sha256::digest(self.sql.as_bytes()));
        if self.has_run(db, &checksum).await? {
            return Ok(());
        }
        tracing::info!(number = self.number, name = self.name, "migrating the store");
        let tx = Tx::new()
            .run(
                "IF record::exists($migration) { THROW 'guard:migrated' };
                 CREATE ONLY $migration SET number = $number, name = $name, checksum = $checksum, at = time::now()",
                vars()
                    .with("migration", RecordId::new("migration", i64::from(self.number)))
                    .with("number", i64::from(self.number))
                    .with("name", self.name)
                    .with("checksum", checksum.clone()),
            )
            .run(self.sql, vars());
        match db.commit(tx).await {
            Ok(_) => Ok(()),
            // Another server was first; whether with the same text, the next look tells.
            Err(DbError::Guard(_)) => self.has_run(db, &checksum).await.map(drop),
            Err(other) => Err(other),
        }
    }

    /// Whether it has run on this store, in the same words.
    async fn has_run(&self, db: &Db, checksum: &str) -> Result<bool, DbError> {
        match applied(db).await?.iter().find(|row| row.number == i64::from(self.number)) {
            Some(row) if row.checksum == checksum => Ok(true),
            Some(_) => Err(DbError::MigrationChanged { number: self.number, name: self.name.to_owned() }),
            None => Ok(false),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
