//! From the configuration to a server that listens, and to its orderly end.

use super::{
    AppState,
    clock::{Clock, SystemClock},
    config::{Config, Database},
    control::Door,
    db::Db,
    demo, listen, router,
};
use chrono::TimeDelta;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch};

/// How long requests may go on after the server was told to stop. Streams end at once.
const GRACE: Duration = Duration::from_secs(4);
/// An import of another server that has got no further for so long has died with it.
const IMPORT_SILENCE: TimeDelta = TimeDelta::minutes(5);
/// How long the store may take to hear that nobody listens here any more.
const LEAVING: Duration = Duration::from_secs(2);

/// Why the server did not start or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Db(#[from] super::db::DbError),
    #[error("cannot listen on {0}: {1}; is another server running, or the address not this machine's?")]
    Listen(SocketAddr, std::io::Error),
    #[error("the demo house could not be loaded: {0}")]
    Demo(#[from] demo::DemoError),
    #[error(
        "setting site_root (RAPPORT_SITE_ROOT) is {0:?}, where there is no pkg/rapport.js; expected the folder of the built browser files"
    )]
    NoSite(std::path::PathBuf),
    #[error("the server stopped: {0}")]
    Io(#[from] std::io::Error),
}

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// [`ServeError`], to be shown to whoever started it.
pub async fn serve(config: Config, with_demo: bool) -> Result<(), ServeError> {
    serve_by(config, with_demo, Arc::new(SystemClock)).await
}

/// Serves until SIGTERM or Ctrl-C, by another clock than the machine's.
///
/// # Errors
/// [`ServeError`], to be shown to whoever started it.
pub async fn serve_by(config: Config, with_demo: bool, clock: Arc<dyn Clock>) -> Result<(), ServeError> {
    if !config.site_root.join("pkg/rapport.js").exists() {
        return Err(ServeError::NoSite(config.site_root));
    }
    let config = Arc::new(config);
    let listener = TcpListener::bind(config.addr).await.map_err(|error| ServeError::Listen(config.addr, error))?;
    let db = Db::open(&config).await?;
    // Another server of the house may be importing.
    let others_import = matches!(config.db, Database::Server { .. });
    let silence = if others_import { IMPORT_SILENCE } else { TimeDelta::zero() };
    crate::exchange::store::stop_interrupted(&db, clock.now() - silence).await?;
    if with_demo && demo::is_wanted(&db).await? {
        println!("Loading the demo house (about 10 seconds) ...");
        demo::load(&db, Arc::clone(&clock)).await?;
    }
    let (stop, shutdown) = watch::channel(false);
    let state = AppState::start(db, Arc::clone(&config), clock, shutdown).await?;
    let address = listener.local_addr()?;
    Door::open(&config, address, &state.control)?;
    announce(address, &config, &state).await?;
    let listeners = Arc::clone(&state.listeners);
    let hub = Arc::clone(&state.hub);
    let mailer = Arc::clone(&state.mailer);
    let mut stopping = state.shutdown.clone();
    tokio::spawn(async move {
        told_to_stop().await;
        tracing::info!("stopping");
        stop.send_replace(true);
    });
    let server = listen::serve(listener, router(state), stopping.clone());
    tokio::select! {
        () = server => {}
        () = async {
            // The sender lives until it has told.
            let _ = stopping.wait_for(|stop| *stop).await;
            hub.stop();
            tokio::time::sleep(GRACE).await;
        } => tracing::warn!("some requests were still running and were cut"),
    }
    // A store that does not answer any more must not hold up the end.
    if !matches!(tokio::time::timeout(LEAVING, listeners.leave_all()).await, Ok(Ok(()))) {
        tracing::warn!("stations count as listened to until the lease of this server runs out");
    }
    // A greeting that is cut off on the wire is one that a person must find out about.
    if tokio::time::timeout(LEAVING, mailer.quiet()).await.is_err() {
        tracing::warn!("some greetings were on the wire and were cut");
    }
    Door::close(&config);
    tracing::info!("stopped");
    Ok(())
}

async fn announce(address: SocketAddr, config: &Config, state: &AppState) -> Result<(), ServeError> {
    let url = config.base_url.clone().unwrap_or_else(|| format!("http://{address}"));
    println!("\nRapport is at {url}");
    if crate::staff::store::is_empty(&state.db).await? {
        println!("Nobody can sign in yet: open {url}/setup to make the first manager.");
    } else if demo::is_loaded(&state.db).await? {
        println!("{}", demo::sign_ins());
    }
    println!();
    Ok(())
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(error) => {
                tracing::error!(%error, "SIGTERM cannot be heard");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
