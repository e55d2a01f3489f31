//! Sessions: kept in the store, so that they survive a restart and hold on every server.

use crate::{
    error::AppError,
    ids::{DeviceId, StaffId},
    server::{
        AppState,
        config::Config,
        db::{Db, DbError, record, vars},
        error::is_away,
    },
};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use leptos_router::location::Url;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use surrealdb::types::{RecordId, SurrealValue};
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store,
};

const LOGIN: &str = "login";
/// That a person uses a device is written down at most this often. Browsers report it half as often, so
/// that no report is passed over.
const TOUCH_EVERY: TimeDelta = TimeDelta::seconds(15);
/// That a board on shift is alive is written down at most this often.
const ALIVE_EVERY: TimeDelta = TimeDelta::seconds(30);
/// How long a refused form of someone who is not signed in waits for its page.
const STRANGERS_DRAFT: time::Duration = time::Duration::minutes(5);

/// What a session knows of the person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Login {
    pub staff: StaffId,
    pub device: DeviceId,
    signed_in: DateTime<Utc>,
    /// When a person last used the device.
    active: DateTime<Utc>,
    /// When a board on shift was last seen alive. Keeps the session, not the profiles, open.
    board: DateTime<Utc>,
}

impl Login {
    /// Begins a session for a person on a device, under a new session id.
    ///
    /// # Errors
    /// What the session store answers.
    pub async fn begin(state: &AppState, session: &Session, staff: StaffId, device: DeviceId) -> Result<(), AppError> {
        let now = state.clock.now();
        // A session that was there before the sign-in must not carry over.
        end(session).await?;
        session.cycle_id().await.map_err(not_kept)?;
        let login = Self { staff, device, signed_in: now, active: now, board: now };
        session.insert(LOGIN, login).await.map_err(not_kept)?;
        session.save().await.map_err(not_kept)
    }

    /// The login of a session, unless it has ended: idle for too long, or too old.
    ///
    /// # Errors
    /// What the session store answers.
    pub async fn of(state: &AppState, session: &Session) -> Result<Option<Self>, AppError> {
        let Some(login) = session.get::<Self>(LOGIN).await.map_err(not_kept)? else {
            return Ok(None);
        };
        let now = state.clock.now();
        let too_old = now - login.signed_in >= TimeDelta::hours(i64::from(state.config.session_hours));
        let idle = now - login.active.max(login.board) >= idle_limit(state);
        if too_old || idle {
            end(session).await?;
            return Ok(None);
        }
        Ok(Some(login))
    }

    /// Whether profiles are closed because nobody has used the device for a while.
    #[must_use]
    pub fn is_locked(&self, state: &AppState) -> bool {
        state.clock.now() - self.active >= idle_limit(state)
    }

    /// Notes that a person uses the device. Does not open what has been locked.
    ///
    /// # Errors
    /// What the session store answers.
    pub async fn touch(&self, state: &AppState, session: &Session) -> Result<(), AppError> {
        let now = state.clock.now();
        if now - self.active >= TOUCH_EVERY && !self.is_locked(state) {
            self.save(session, Self { active: now, ..self.clone() }).await?;
        }
        Ok(())
    }

    /// Opens the profiles again after the person has proved who it is.
    ///
    /// # Errors
    /// What the session store answers.
    pub async fn unlock(&self, state: &AppState, session: &Session) -> Result<(), AppError> {
        self.save(session, Self { active: state.clock.now(), ..self.clone() }).await
    }

    /// Notes that a board on shift is alive.
    ///
    /// # Errors
    /// What the session store answers.
    pub async fn board_is_alive(&self, state: &AppState, session: &Session) -> Result<(), AppError> {
        let now = state.clock.now();
        if now - self.board >= ALIVE_EVERY {
            self.save(session, Self { board: now, ..self.clone() }).await?;
            session.save().await.map_err(not_kept)?;
        }
        Ok(())
    }

    async fn save(&self, session: &Session, login: Self) -> Result<(), AppError> {
        session.insert(LOGIN, login).await.map_err(not_kept)
    }
}

/// Ends a session for good. A browser that has none yet has nothing to end.
///
/// # Errors
/// What the session store answers.
pub async fn end(session: &Session) -> Result<(), AppError> {
    if session.id().is_some() {
        session.flush().await.map_err(not_kept)?;
    }
    Ok(())
}

/// Notes that a person uses the device, if anyone is signed in on it.
///
/// # Errors
/// What the session store answers.
pub async fn touch(state: &AppState, session: &Session) -> Result<(), AppError> {
    match Login::of(state, session).await? {
        Some(login) => login.touch(state, session).await,
        None => Ok(()),
    }
}

/// Whether nobody is signed in in this session.
///
/// # Errors
/// What the session store answers.
pub async fn is_strangers(session: &Session) -> Result<bool, AppError> {
    Ok(session.get_value(LOGIN).await.map_err(not_kept)?.is_none())
}

/// Lets a session in which nobody is signed in end within minutes: it holds no more than a refused form,
/// and whoever guesses passwords must not fill the store with them.
///
/// # Errors
/// What the session store answers.
pub async fn shorten_strangers(session: &Session) -> Result<(), AppError> {
    if is_strangers(session).await? {
        session.set_expiry(Some(Expiry::OnInactivity(STRANGERS_DRAFT)));
    }
    Ok(())
}

fn idle_limit(state: &AppState) -> TimeDelta {
    TimeDelta::minutes(i64::from(state.config.idle_minutes))
}

/// What stands for a session in the feed: a hash from which nobody learns its id.
#[must_use]
pub fn tag(session: &str) -> String {
    Sha256::digest(session.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A path of this site, as it was asked for: never another site's address, nor what cannot stand in a
/// header.
#[must_use]
pub fn local_path(path: &str) -> Option<&str> {
    let fits = path.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\\');
    (fits && path.starts_with('/') && !path.starts_with("//")).then_some(path)
}

/// A page on the way to another one: signing in, unlocking, choosing a station.
#[must_use]
pub fn on_the_way(page: &str, next: Option<&str>) -> String {
    match next.and_then(local_path) {
        Some(next) => format!("{page}?next={}", Url::escape(next)),
        None => page.to_owned(),
    }
}

/// The middleware that gives each request its session.
#[must_use]
pub fn layer(db: Db, config: &Config) -> SessionManagerLayer<StoredSessions> {
    SessionManagerLayer::new(StoredSessions(db))
        // The prefix makes browsers insist on Secure, Path=/ and no Domain.
        .with_name(if config.tls { "__Host-rapport" } else { "rapport" })
        .with_secure(config.tls)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(time::Duration::hours(i64::from(config.session_hours))))
}

/// The session store.
#[derive(Clone)]
pub struct StoredSessions(Db);

impl StoredSessions {
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self(db)
    }
}

impl std::fmt::Debug for StoredSessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredSessions")
    }
}

#[derive(SurrealValue)]
struct SessionRow {
    data: String,
    staff: Option<RecordId>,
    expires: DateTime<Utc>,
}

#[async_trait]
impl SessionStore for StoredSessions {
    async fn create(&self, new: &mut Record) -> session_store::Result<()> {
        // 128 random bits do not collide; CREATE would say so if they did.
        self.write("CREATE ONLY $kept CONTENT $row RETURN NONE", new).await?;
        // The new one does not depend on it: what another process is clearing away already, or what is
        // left over now, goes the next time.
        if let Err(error) = self.0.query("DELETE session WHERE expires < time::now() RETURN NONE", vars()).await {
            tracing::debug!(%error, "sessions that have ended are still stored");
        }
        Ok(())
    }

    async fn save(&self, kept: &Record) -> session_store::Result<()> {
        // Only what still exists: a board that reports in must not bring back a session that has ended.
        self.write("UPDATE $kept CONTENT $row RETURN NONE", kept).await
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let row: Option<SessionRow> = self
            .0
            .row("SELECT data, staff, expires FROM $kept", vars().with("kept", record("session", id)))
            .await
            .map_err(backend)?;
        row.filter(|row| row.expires > Utc::now())
            .map(|row| {
                Ok(Record {
                    id: *id,
                    data: serde_json::from_str(&row.data)
                        .map_err(|error| session_store::Error::Decode(error.to_string()))?,
                    expiry_date: time::OffsetDateTime::from_unix_timestamp(row.expires.timestamp())
                        .map_err(|error| session_store::Error::Decode(error.to_string()))?,
                })
            })
            .transpose()
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.0
            .query("DELETE $kept RETURN NONE", vars().with("kept", record("session", id)))
            .await
            .map(drop)
            .map_err(backend)
    }
}

impl StoredSessions {
    async fn write(&self, sql: &str, kept: &Record) -> session_store::Result<()> {
        let data =
            serde_json::to_string(&kept.data).map_err(|error| session_store::Error::Encode(error.to_string()))?;
        let staff = kept
            .data
            .get(LOGIN)
            .and_then(|login| login.get("staff"))
            .and_then(|staff| staff.as_str())
            .map(|staff| record("staff", staff));
        let expires = DateTime::from_timestamp(kept.expiry_date.unix_timestamp(), 0).unwrap_or_default();
        self.0
            .query(
                sql,
                vars().with("kept", record("session", kept.id)).with("row", SessionRow { data, staff, expires }),
            )
            .await
            .map(drop)
            .map_err(backend)
    }
}

fn backend(error: DbError) -> session_store::Error {
    // The cause crosses the session's library as text.
    session_store::Error::Backend(if is_away(&error) { DbError::Away } else { error }.to_string())
}

/// Why a session could not be read or kept.
fn not_kept(error: tower_sessions::session::Error) -> AppError {
    match &error {
        tower_sessions::session::Error::Store(session_store::Error::Backend(text))
            if *text == DbError::Away.to_string() =>
        {
            DbError::Away.into()
        }
        _ => AppError::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_gone_to() {
        assert_eq!(local_path("/desk?list=due-out"), Some("/desk?list=due-out"));
        for elsewhere in ["https://example.com", "//example.com", "/\\example.com", "desk", "", "/a\r\nb", "/caf\u{e9}"]
        {
            assert_eq!(local_path(elsewhere), None, "{elsewhere:?}");
        }
    }

    #[test]
    fn a_database_server_that_is_away_is_told_from_what_is_broken() {
        let of = |error| not_kept(tower_sessions::session::Error::Store(backend(error)));
        assert_eq!(of(DbError::Away), AppError::Away);
        assert!(matches!(of(DbError::Malformed("x".to_owned())), AppError::Internal(_)));
    }

    #[test]
    fn a_refused_sign_in_still_leads_on() {
        assert_eq!(on_the_way("/sign-in", Some("/desk?list=due-out")), "/sign-in?next=%2Fdesk%3Flist%3Ddue%2Dout");
        assert_eq!(on_the_way("/lock", None), "/lock");
        assert_eq!(on_the_way("/lock", Some("//example.com")), "/lock");
    }
}
