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
        Self::internal(error)
    }
}
