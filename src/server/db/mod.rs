//! The store: SurrealDB, embedded or remote, behind one handle. Queries stand in the features'
//! `store.rs`; what is here is how they are run, and how writes become events of the feed.

mod among;
mod link;
mod migrate;
mod tx;

pub use tx::{Ahead, Commit, Committed, NewEvent, Told, Tx};

use crate::{
    ids::HouseId,
    server::config::{Config, Database},
};
use futures::stream::BoxStream;
use link::{Link, Remote};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use surrealdb::{
    Surreal,
    engine::any::{self, Any},
    types::{RecordId, RecordIdKey, SurrealValue, Value, Variables},
};
use tokio::sync::broadcast;

/// Where a store in memory is.
const MEMORY: &str = "mem://";
/// Commits that wait for a reader of the feed that is slow; one that lags further looks into the store.
const COMMITS: usize = 256;

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("the store answered: {0}")]
    Store(#[from] surrealdb::Error),
    /// A guard in a transaction did not hold: someone was first, or the record is gone. The word
    /// names the guard.
    #[error("the guard {0:?} did not hold")]
    Guard(String),
    #[error("the store holds a record that cannot be read: {0}")]
    Malformed(String),
    #[error("migration {number} ({name}) was changed after it ran here; restore it or the backup")]
    MigrationChanged { number: u32, name: String },
    #[error("the store was written by a newer Rapport (migration {0}); start that version")]
    FromTheFuture(u32),
    #[error("cannot make the data folder {0}: {1}")]
    Folder(PathBuf, std::io::Error),
    #[error("the system gives no thread or descriptor for the streams: {0}")]
    Streams(std::io::Error),
    /// Another process holds the embedded store.
    #[error("the store in {0} is in use by another process")]
    InUse(PathBuf),
    /// The database server does not answer. What was asked of it meanwhile may have been done or not.
    #[error("the database server does not answer")]
    Away,
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    link: Arc<Link>,
    house_locks: Arc<Mutex<HashMap<HouseId, Arc<tokio::sync::Mutex<()>>>>>,
    imports: Arc<tokio::sync::Mutex<()>>,
    committed: broadcast::Sender<Committed>,
    is_alone: bool,
}

impl Db {
    /// Opens the store that the configuration names and brings its schema up to date.
    ///
    /// # Errors
    /// When the folder cannot be made, the store is held by another process or does not answer, or a
    /// migration fails.
    pub async fn open(config: &Config) -> Result<Self, DbError> {
        let address = match &config.db {
            Database::Embedded(folder) => {
                std::fs::create_dir_all(folder).map_err(|error| DbError::Folder(folder.clone(), error))?;
                // Every commit is on disk before it is answered.
                format!("rocksdb://{}?sync=every", folder.display())
            }
            Database::Memory => MEMORY.to_owned(),
            Database::Server { url, login } => {
                let remote = Remote::new(url, login.clone(), config);
                let db = Self::prepare(remote.wait().await?, true).await?;
                db.link.keep(remote);
                return Ok(db);
            }
        };
        let client = any::connect(address.as_str()).await.map_err(|error| match &config.db {
            Database::Embedded(folder) if error.to_string().to_lowercase().contains("lock") => {
                DbError::InUse(folder.clone())
            }
            _ => DbError::Store(error),
        })?;
        client.use_ns(&config.db_namespace).use_db(&config.db_database).await?;
        // One process at a time holds a store on disk. One in memory is shared by the servers of a test.
        let is_alone = matches!(&config.db, Database::Embedded(_));
        Ok(Self { is_alone, ..Self::prepare(client, false).await? })
    }

    /// An empty store in memory, for tests.
    ///
    /// # Errors
    /// When the schema cannot be made.
    pub async fn in_memory() -> Result<Self, DbError> {
        let client = any::connect(MEMORY).await?;
        client.use_ns("rapport").use_db("rapport").await?;
        Self::prepare(client, false).await
    }

    async fn prepare(client: Surreal<Any>, is_remote: bool) -> Result<Self, DbError> {
        let db = Self::over(Link::new(client, is_remote));
        migrate::run(&db).await?;
        Ok(db)
    }

    fn over(link: Arc<Link>) -> Self {
        let committed = broadcast::Sender::new(COMMITS);
        Self { link, house_locks: Arc::default(), imports: Arc::default(), committed, is_alone: false }
    }

    /// The same store as another process sees it: nothing in memory is shared, neither the queue of a
    /// house's writers nor the word of a commit. For tests of several servers on one store.
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self::over(Arc::clone(&self.link))
    }

    /// Runs statements, each in its own transaction, and returns their results. A single statement that
    /// other writers disturb is tried again.
    ///
    /// # Errors
    /// The first error of any statement, or [`DbError::Away`].
    pub async fn query(&self, sql: &str, vars: Vars) -> Result<surrealdb::IndexedResults, DbError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let bound = vars.0.clone();
            let results = self.link.ask(|client| async move { client.query(sql).bind(bound).await }).await?;
            let is_single = results.num_statements() == 1;
            match results.check() {
                // Nothing of it was done.
                Err(error) if is_single && tx::is_conflict(&error) && attempt < tx::ATTEMPTS => {
                    tx::give_way(attempt).await;
                }
                other => return Ok(other?),
            }
        }
    }

    /// The rows of a single statement.
    ///
    /// # Errors
    /// What the store answers, or a row that does not have the expected form.
    pub async fn rows<T: SurrealValue>(&self, sql: &str, vars: Vars) -> Result<Vec<T>, DbError> {
        Ok(self.query(sql, vars).await?.take(0)?)
    }

    /// The first row of a single statement.
    ///
    /// # Errors
    /// As [`Db::rows`].
    pub async fn row<T: SurrealValue>(&self, sql: &str, vars: Vars) -> Result<Option<T>, DbError> {
        Ok(self.rows(sql, vars).await?.into_iter().next())
    }

    /// The events that this process commits, those of a house in their order.
    #[must_use]
    pub fn commits(&self) -> broadcast::Receiver<Committed> {
        self.committed.subscribe()
    }

    /// Whether a writer of this process is at work on a house's feed. There is word of each that ends.
    #[must_use]
    pub fn is_writing(&self, house: HouseId) -> bool {
        self.house_lock(house).try_lock().is_err()
    }

    /// Whether nobody else writes to the store: every commit is among those of [`Db::commits`].
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// The record whenever one of a table changes, whichever process changed it. A wake-up and never
    /// the truth: it can be missed, and it ends with the connection.
    ///
    /// # Errors
    /// What the store answers, or [`DbError::Away`].
    pub async fn changes(&self, table: &'static str) -> Result<BoxStream<'static, Value>, DbError> {
        self.link.changes(table).await
    }

    /// Waits until none of this process's imports is at work on the store, first come, first served. Whoever
    /// comes from another process is not seen here.
    pub(crate) async fn import_turn(&self) -> tokio::sync::OwnedMutexGuard<()> {
        Arc::clone(&self.imports).lock_owned().await
    }

    fn house_lock(&self, house: HouseId) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.house_locks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(house).or_default())
    }
}

/// Values bound to a query's `$names`.
#[derive(Default)]
pub struct Vars(pub(crate) Variables);

impl Vars {
    #[must_use]
    pub fn with(mut self, name: &str, value: impl SurrealValue) -> Self {
        self.0.insert(name, value);
        self
    }
}

/// Starts a set of bound values.
#[must_use]
pub fn vars() -> Vars {
    Vars::default()
}

/// The record id of one of our typed ids.
pub fn record(table: &str, id: impl std::fmt::Display) -> RecordId {
    RecordId::new(table, id.to_string())
}

/// An id made from what it stands for: making the same twice is one record. `of` begins with the kind of record, and
/// its parts are kept apart by `|`.
#[must_use]
pub fn derived(of: &str) -> uuid::Uuid {
    let hash = Sha256::digest(of);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The typed id of a record.
///
/// # Errors
/// When the record's key is not an id of that kind.
pub fn id_of<T: std::str::FromStr>(record: &RecordId) -> Result<T, DbError> {
    match &record.key {
        RecordIdKey::String(key) => key.parse().map_err(|_| DbError::Malformed(format!("{record:?}"))),
        other => Err(DbError::Malformed(format!("{other:?}"))),
    }
}

/// A word of a closed list, as the store holds it.
///
/// # Errors
/// When the store holds another word.
pub fn word<T>(text: &str, read: fn(&str) -> Option<T>) -> Result<T, DbError> {
    read(text).ok_or_else(|| DbError::Malformed(text.to_owned()))
}

/// An optional record id as the store wants it: NONE, never NULL.
pub fn optional<T: SurrealValue>(value: Option<T>) -> Value {
    value.map_or(Value::None, SurrealValue::into_value)
}
