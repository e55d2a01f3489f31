//! The store: SurrealDB, embedded or remote, behind one handle. Queries stand in the features'
//! `store.rs`; what is here is how they are run, and how writes become events of the feed.

mod migrate;
mod tx;

pub use tx::{Commit, NewEvent, Tx};

use crate::{
    ids::HouseId,
    server::config::{Config, Database},
};
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
use tokio::sync::watch;

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
    /// Another process holds the embedded store.
    #[error("the store in {0} is in use by another process")]
    InUse(PathBuf),
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    // Shared behind an Arc: cloning `Surreal` itself would open a new session.
    client: Arc<Surreal<Any>>,
    house_locks: Arc<Mutex<HashMap<HouseId, Arc<tokio::sync::Mutex<()>>>>>,
    committed: watch::Sender<u64>,
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
            Database::Memory => "mem://".to_owned(),
            Database::Server { url, .. } => url.clone(),
        };
        let client = any::connect(address.as_str()).await.map_err(|error| match &config.db {
            Database::Embedded(folder) if error.to_string().to_lowercase().contains("lock") => {
                DbError::InUse(folder.clone())
            }
            _ => DbError::Store(error),
        })?;
        if let Database::Server { login: Some((name, password)), .. } = &config.db {
            client
                .signin(surrealdb::opt::auth::Root { username: name.clone(), password: password.expose().to_owned() })
                .await?;
        }
        Self::prepare(client, &config.db_namespace, &config.db_database).await
    }

    /// An empty store in memory, for tests.
    ///
    /// # Errors
    /// When the schema cannot be made.
    pub async fn in_memory() -> Result<Self, DbError> {
        Self::prepare(any::connect("mem://").await?, "rapport", "rapport").await
    }

    async fn prepare(client: Surreal<Any>, namespace: &str, database: &str) -> Result<Self, DbError> {
        client.use_ns(namespace).use_db(database).await?;
        let db = Self { client: Arc::new(client), house_locks: Arc::default(), committed: watch::Sender::new(0) };
        migrate::run(&db).await?;
        Ok(db)
    }

    /// Runs statements, each in its own transaction, and returns their results.
    ///
    /// # Errors
    /// The first error of any statement.
    pub async fn query(&self, sql: &str, vars: Vars) -> Result<surrealdb::IndexedResults, DbError> {
        Ok(self.client.query(sql).bind(vars.0).await?.check()?)
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

    /// Counts commits of this process that wrote to the feed; whoever reads the feed waits on it.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.committed.subscribe()
    }

    /// The underlying client, for LIVE SELECT.
    #[must_use]
    pub fn client(&self) -> &Surreal<Any> {
        &self.client
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
