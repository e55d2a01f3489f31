//! Structured logs. They name requests, routes and times, and never a guest.

use super::config::{Config, LogFormat};
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging to standard error. A bare level holds for Rapport; the libraries below it are told to
/// keep to warnings.
pub fn start(config: &Config) {
    // The configuration has checked that the filter can be read.
    // The store's background tasks complain of being cancelled whenever a command ends.
    let quiet = if config.log.contains(['=', ',']) {
        ""
    } else {
        ",surrealdb=warn,surrealdb_core::kvs::tasks=off,tantivy=warn"
    };
    let filter = EnvFilter::try_new(format!("{}{quiet}", config.log)).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let started = match config.log_format {
        LogFormat::Text => registry
            .with(
                tracing_subscriber::fmt::layer()
                    .with_ansi(std::io::stderr().is_terminal())
                    .with_writer(std::io::stderr),
            )
            .try_init(),
        LogFormat::Json => {
            registry.with(tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr)).try_init()
        }
    };
    // Tests start more than one server in a process; the first subscriber stays.
    drop(started);
}
