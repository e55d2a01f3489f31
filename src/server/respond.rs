//! Answers of the routes that are not pages.

use crate::error::AppError;
use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

/// The status that tells a program what the sentence tells a person.
#[must_use]
pub fn status_of(error: &AppError) -> StatusCode {
    match error {
        AppError::SignedOut => StatusCode::UNAUTHORIZED,
        AppError::Locked | AppError::Forbidden => StatusCode::FORBIDDEN,
        AppError::NotFound => StatusCode::NOT_FOUND,
        AppError::NoStation | AppError::Conflict(_) => StatusCode::CONFLICT,
        AppError::Fields(_) => StatusCode::UNPROCESSABLE_ENTITY,
        AppError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        AppError::Unreachable => StatusCode::BAD_GATEWAY,
    }
}

/// An error as a short text.
#[must_use]
pub fn error(error: &AppError) -> Response {
    (status_of(error), error.to_string()).into_response()
}

/// Whether a plain form was posted, without scripts: the answer is then a redirect to a page.
#[must_use]
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}
