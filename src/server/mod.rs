//! What makes the features a server.

pub mod clock;
pub mod config;
pub mod control;
pub mod csp;
pub mod db;
pub mod demo;
pub mod error;
pub mod follow;
mod jobs;
mod letters;
pub mod listen;
pub mod mail;
pub mod respond;
mod router;
pub mod serve;
pub mod telemetry;
mod uploads;
mod voices;

use crate::{
    alerts::{
        AlertCard,
        feed::Feed,
        hub::Hub,
        presence::{self, Listeners},
        store::Changed,
    },
    error::AppError,
    guests::indexer::Search,
    ids::AlertId,
    staff::guard::Actor,
};
use axum::extract::FromRef;
use clock::Clock;
use config::Config;
use db::{Db, DbError};
use leptos::prelude::LeptosOptions;
use mail::Mailer;
use std::sync::Arc;
use tokio::sync::watch;

pub use router::router;

/// What every request may use. Cheap to clone.
#[derive(Clone, FromRef)]
pub struct AppState {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub config: Arc<Config>,
    pub feed: Arc<Feed>,
    /// The sockets of this process's streams.
    pub hub: Arc<Hub>,
    pub search: Arc<Search>,
    /// Who listens at which station, by the streams of this process.
    pub listeners: Arc<Listeners>,
    /// What mail leaves by; shut where none does.
    pub mailer: Arc<Mailer>,
    /// Names this process among those that share the store: another one at each start.
    pub server_id: Arc<str>,
    pub leptos: LeptosOptions,
    /// Turns true when the server is to stop: streams end.
    pub shutdown: watch::Receiver<bool>,
    /// The secret with which commands on this machine speak to the running server.
    pub control: Arc<control::Token>,
}

impl AppState {
    /// Starts everything that hangs on an open store.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn start(
        db: Db,
        config: Arc<Config>,
        clock: Arc<dyn Clock>,
        shutdown: watch::Receiver<bool>,
    ) -> Result<Self, DbError> {
        let feed = Feed::start(db.clone(), Arc::clone(&clock)).await?;
        let search = Search::start(db.clone(), Arc::clone(&feed), Arc::clone(&clock))?;
        let hub = Hub::start(&feed).map_err(DbError::Streams)?;
        let server_id: Arc<str> = uuid::Uuid::new_v4().simple().to_string().into();
        if matches!(config.db, config::Database::Embedded(_)) {
            presence::end_leases(&db).await?;
        }
        let listeners = Listeners::new(db.clone(), Arc::clone(&clock), Arc::clone(&server_id));
        let mailer = Arc::new(Mailer::new(&config));
        let leptos = LeptosOptions::builder()
            .output_name("rapport")
            .site_root(config.site_root.display().to_string())
            .site_pkg_dir("pkg")
            .site_addr(config.addr)
            .build();
        let state = Self {
            db,
            clock,
            config,
            feed,
            hub,
            search,
            listeners,
            mailer,
            server_id,
            leptos,
            shutdown,
            control: Arc::new(control::Token::new()),
        };
        Hub::look_at_sessions(&state);
        jobs::start(&state);
        Ok(state)
    }

    /// An alert as whoever has just changed it sees it.
    ///
    /// # Errors
    /// [`AppError::NotFound`], or what the store answers.
    pub async fn card_after(&self, actor: &Actor, changed: &Changed) -> Result<AlertCard, AppError> {
        match self.feed.card_of_change(actor, changed).await {
            Some(card) => Ok(card),
            None => self.card_of(actor, changed.alert.id).await,
        }
    }

    /// An alert as its sender or receiver sees it now.
    async fn card_of(&self, actor: &Actor, id: AlertId) -> Result<AlertCard, AppError> {
        // The number first: the card is at least as new as it says.
        let head = self.feed.head(actor.house.id).await?;
        let row = crate::alerts::store::row(&self.db, id).await?.ok_or(AppError::NotFound)?;
        self.feed.cards(actor, vec![row], head).await?.pop().ok_or(AppError::NotFound)
    }

    /// The state, inside a server function.
    ///
    /// # Panics
    /// Outside of a request that the router has prepared, which would be a mistake in the router.
    #[must_use]
    pub fn of_request() -> Self {
        leptos::prelude::expect_context::<Self>()
    }
}
