//! From causes to what may be told.

use super::db::DbError;
use crate::error::AppError;

impl AppError {
    /// Logs the cause and keeps it there; the person gets a reference to it.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let reference = uuid::Uuid::new_v4().simple().to_string().chars().take(8).collect::<String>();
        tracing::error!(reference, %cause, "a request failed");
        Self::Internal(reference)
    }
}

impl From<DbError> for AppError {
    fn from(error: DbError) -> Self {
        if is_away(&error) {
            tracing::warn!(%error, "a request found the database server away");
            return Self::Away;
        }
        Self::internal(error)
    }
}

/// Whether it is the connection to the database server that failed, and not what was asked of it.
#[must_use]
pub fn is_away(error: &DbError) -> bool {
    match error {
        DbError::Away => true,
        DbError::Store(error) => error.is_connection(),
        _ => false,
    }
}
