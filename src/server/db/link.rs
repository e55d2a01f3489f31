//! The connection to the store. An embedded store is there for as long as the process lives. A
//! SurrealDB server can go away and come back, and a connection to it can be broken without anyone
//! saying so: then nobody waits for an answer that does not come, and another connection is made, with
//! sign-in and all, as soon as there is somebody to connect to.

use super::{DbError, tx};
use crate::server::config::{Config, Secret};
use futures::{StreamExt, stream::BoxStream};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use surrealdb::{
    Surreal,
    engine::any::{self, Any},
    opt::auth::Root,
    types::Value,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

/// How often it is looked whether a database server answers.
const LOOK: Duration = Duration::from_millis(500);
/// How long it may take to answer that.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long making a connection may take: a sign-in costs the server a password hash.
const CONNECT: Duration = Duration::from_secs(10);
/// How long anything asked of a database server may take. Embedded stores take what they need.
const LONGEST: Duration = Duration::from_secs(60);
/// How long a server that is just starting is waited for: both may be started together.
const START: Duration = Duration::from_secs(20);

/// The connection of a store. Shared by all that work on it.
pub(super) struct Link {
    current: watch::Sender<Current>,
    /// Whether it can go away.
    is_remote: bool,
}

#[derive(Clone)]
struct Current {
    // Shared behind an Arc: cloning `Surreal` itself would open a new session.
    client: Arc<Surreal<Any>>,
    /// Another one for each connection.
    turn: u64,
    answers: bool,
}

/// What a connection to a database server is made with.
pub(super) struct Remote {
    url: String,
    login: Option<(String, Secret)>,
    namespace: String,
    database: String,
}

impl Remote {
    pub(super) fn new(url: &str, login: Option<(String, Secret)>, config: &Config) -> Self {
        Self {
            url: url.to_owned(),
            login,
            namespace: config.db_namespace.clone(),
            database: config.db_database.clone(),
        }
    }

    async fn connect(&self) -> Result<Surreal<Any>, surrealdb::Error> {
        let client = any::connect(self.url.as_str()).await?;
        if let Some((username, password)) = &self.login {
            let root = Root { username: username.clone(), password: password.expose().to_owned() };
            client.signin(root).await?;
        }
        client.use_ns(&self.namespace).use_db(&self.database).await?;
        Ok(client)
    }

    /// Connects, and waits for a server that is just starting.
    pub(super) async fn wait(&self) -> Result<Surreal<Any>, DbError> {
        let began = Instant::now();
        loop {
            let refused = match timeout(CONNECT, self.connect()).await {
                Ok(Ok(client)) => return Ok(client),
                Ok(Err(error)) => DbError::Store(error),
                Err(_) => DbError::Away,
            };
            // Two that make the same namespace at once disturb each other; wrong credentials stay wrong.
            let passes = matches!(&refused, DbError::Away)
                || matches!(&refused, DbError::Store(error) if error.is_connection() || tx::is_conflict(error));
            if !passes || began.elapsed() > START {
                return Err(refused);
            }
            tracing::info!(error = %refused, "waiting for the database server");
            sleep(LOOK).await;
        }
    }
}

impl Link {
    pub(super) fn new(client: Surreal<Any>, is_remote: bool) -> Arc<Self> {
        let current = Current { client: Arc::new(client), turn: 0, answers: true };
        Arc::new(Self { current: watch::Sender::new(current), is_remote })
    }

    /// Looks after the connection from now on, for as long as anyone uses it.
    pub(super) fn keep(self: &Arc<Self>, remote: Remote) {
        let link = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                sleep(LOOK).await;
                let Some(link) = Weak::upgrade(&link) else { return };
                link.look(&remote).await;
            }
        });
    }

    /// Asks the store something. What was asked of a server that went away meanwhile may have been done
    /// or not.
    ///
    /// # Errors
    /// [`DbError::Away`], or what the store answers.
    pub(super) async fn ask<T, Answer>(&self, question: impl FnOnce(Arc<Surreal<Any>>) -> Answer) -> Result<T, DbError>
    where
        Answer: Future<Output = Result<T, surrealdb::Error>>,
    {
        let (client, answers) = {
            let current = self.current.borrow();
            (Arc::clone(&current.client), current.answers)
        };
        if !self.is_remote {
            return Ok(question(client).await?);
        }
        if !answers {
            return Err(DbError::Away);
        }
        tokio::select! {
            answer = timeout(LONGEST, question(client)) => match answer {
                Ok(answer) => Ok(answer?),
                Err(_) => Err(DbError::Away),
            },
            () = self.lost() => Err(DbError::Away),
        }
    }

    /// The record whenever one of a table changes, whoever changed it; ends with the connection.
    ///
    /// # Errors
    /// As [`Link::ask`].
    pub(super) async fn changes(&self, table: &'static str) -> Result<BoxStream<'static, Value>, DbError> {
        let lost = self.lost();
        let stream = self.ask(|client| async move { client.select::<Vec<Value>>(table).live().await }).await?;
        // What cannot be read is still a change.
        Ok(stream.map(|change| change.map_or(Value::None, |change| change.data)).take_until(lost).boxed())
    }

    /// Waits until this connection is of no use any more.
    fn lost(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut current = self.current.subscribe();
        let turn = current.borrow_and_update().turn;
        async move {
            // A link that is gone is lost as well.
            let _ = current.wait_for(|now| now.turn != turn || !now.answers).await;
        }
    }

    /// Looks whether the server answers, and connects again if it does not.
    async fn look(&self, remote: &Remote) {
        let Current { client, turn, answers } = self.current.borrow().clone();
        // Something of ours: it also tells whether we are still signed in, and where.
        let answer = timeout(PATIENCE, async { client.query("SELECT epoch FROM meta:feed").await?.check() }).await;
        let trouble = match answer {
            Ok(Ok(_)) if answers => return,
            Ok(Ok(_)) => {
                tracing::info!("the database server answers again");
                self.current.send_replace(Current { client, turn: turn + 1, answers: true });
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        if answers {
            tracing::error!(trouble, "the database server is away");
            self.current.send_modify(|now| now.answers = false);
        }
        // The driver connects again by itself, but forgets who we are when its sign-in is refused once,
        // and does not notice a line that is dead.
        if let Ok(Ok(client)) = timeout(CONNECT, remote.connect()).await {
            self.current.send_replace(Current { client: Arc::new(client), turn: turn + 1, answers: false });
        }
    }
}
