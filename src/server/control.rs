//! Commands for a house that is running. The embedded store belongs to one process, so `rapport
//! import` and `rapport user add` hand their work to the server. A file that only the server's own
//! account can read tells them where it listens and the secret of this start.

use super::{AppState, config::Config, db::Db, respond};
use crate::{
    error::AppError,
    exchange::import::{self, Options},
    staff::{parse, store},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::{Deserialize, Serialize};
use std::{net::SocketAddr, path::PathBuf, sync::Arc};

const FILE: &str = "control.json";

/// The secret of this start.
pub struct Token(String);

impl Token {
    #[must_use]
    #[allow(clippy::new_without_default, reason = "a fresh secret is not a default")]
    pub fn new() -> Self {
        Self(format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple()))
    }

    /// Compares in a time that does not depend on where the texts differ.
    fn is(&self, given: &str) -> bool {
        let differences = self.0.bytes().zip(given.bytes()).fold(0, |differences, (a, b)| differences | (a ^ b));
        self.0.len() == given.len() && differences == 0
    }
}

/// Where the running server is, for commands.
#[derive(Serialize, Deserialize)]
pub struct Door {
    pub addr: SocketAddr,
    pub token: String,
}

/// Someone to add.
#[derive(Serialize, Deserialize)]
pub struct NewUser {
    pub login: String,
    pub name: String,
    pub role: String,
    pub password: String,
    /// Code of the house; not needed where there is only one.
    pub house: Option<String>,
}

#[derive(Deserialize)]
struct ImportQuery {
    file: String,
    #[serde(default)]
    new_houses: bool,
}

impl Door {
    fn path(config: &Config) -> PathBuf {
        config.data_dir.join(FILE)
    }

    /// Writes the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn open(config: &Config, addr: SocketAddr, token: &Token) -> std::io::Result<()> {
        use std::{io::Write, os::unix::fs::OpenOptionsExt};
        std::fs::create_dir_all(&config.data_dir)?;
        let path = Self::path(config);
        // Made anew, so that its permissions are ours from the first byte.
        let _ = std::fs::remove_file(&path);
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let door = Self { addr, token: token.0.clone() };
        file.write_all(serde_json::to_string(&door)?.as_bytes())
    }

    /// Takes the file away when the server stops.
    pub fn close(config: &Config) {
        let _ = std::fs::remove_file(Self::path(config));
    }

    /// Reads the file, if a server has written it.
    #[must_use]
    pub fn find(config: &Config) -> Option<Self> {
        serde_json::from_str(&std::fs::read_to_string(Self::path(config)).ok()?).ok()
    }
}

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/control/import", post(import_file)).route("/control/users", post(add_user))
}

fn admitted(state: &AppState, headers: &HeaderMap) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|given| state.control.is(given))
}

async fn import_file(
    State(state): State<AppState>,
    headers: HeaderMap,
    Query(query): Query<ImportQuery>,
    body: Bytes,
) -> Response {
    if !admitted(&state, &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let options = Options { file: query.file, by: "command".to_owned(), house: None, new_houses: query.new_houses };
    let done = import::run(&state.db, Arc::clone(&state.clock), options, std::io::Cursor::new(body)).await;
    match done {
        Ok(outcome) => Json(outcome).into_response(),
        Err(error) => respond::error(&error),
    }
}

async fn add_user(State(state): State<AppState>, headers: HeaderMap, Json(new): Json<NewUser>) -> Response {
    if !admitted(&state, &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match new.add(&state.db).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => respond::error(&error),
    }
}

impl NewUser {
    /// Adds the person.
    ///
    /// # Errors
    /// [`AppError::Fields`] with what is refused, or what the store answers.
    pub async fn add(self, db: &Db) -> Result<(), AppError> {
        use crate::error::Problem;
        let houses = crate::house::store::houses(db).await?;
        let codes = || houses.iter().map(|house| house.code.as_str()).collect::<Vec<_>>().join(", ");
        let house = match &self.house {
            Some(code) => houses.iter().find(|house| house.code.eq_ignore_ascii_case(code)),
            None if houses.len() == 1 => houses.first(),
            None => None,
        };
        let house = house.ok_or_else(|| {
            AppError::field(
                "house",
                Problem::NotKnown(self.house.clone().unwrap_or_default(), format!("one of {}", codes())),
            )
        })?;
        let new = parse::new_staff(&self.login, &self.name, &self.role, self.password).await?;
        store::insert(db, house.id, new).await?;
        Ok(())
    }
}
