//! What answers tell programs: statuses, and the answers of the routes that are not pages.

use crate::{
    app::LANGUAGE_COOKIE,
    error::AppError,
    i18n::{I18nLocaleTrait, Locale},
};
use axum::{
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// The status that tells a program what the sentence tells a person.
#[must_use]
pub fn status_of(error: &AppError) -> StatusCode {
    match error {
        AppError::SignedOut => StatusCode::UNAUTHORIZED,
        AppError::Locked | AppError::Forbidden => StatusCode::FORBIDDEN,
        AppError::NotFound => StatusCode::NOT_FOUND,
        AppError::NoStation | AppError::Conflict(_) | AppError::Expired => StatusCode::CONFLICT,
        AppError::Fields(_) => StatusCode::UNPROCESSABLE_ENTITY,
        AppError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        AppError::Away => StatusCode::SERVICE_UNAVAILABLE,
        AppError::Unreachable => StatusCode::BAD_GATEWAY,
    }
}

/// Gives the page that is being rendered the status of what it could not show. Pages are sent when they
/// are whole, so there is still time. The first reason counts; a page that sends the browser elsewhere
/// goes on doing so, because a redirect overwrites whatever status there is.
pub fn page_failed(error: &AppError) {
    // The page leads to where one signs in or chooses a station.
    if matches!(error, AppError::SignedOut | AppError::NoStation) {
        return;
    }
    if let Some(ResponseOptions(parts)) = use_context::<ResponseOptions>()
        && let Ok(mut parts) = parts.write()
        && parts.status.is_none()
    {
        parts.status = Some(status_of(error));
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

/// The language of whoever asks, as on the pages: the one that was chosen in this browser, or else the
/// first of those that the browser prefers that there is.
#[must_use]
pub fn language_of(headers: &HeaderMap) -> Locale {
    let texts = |name: HeaderName| headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    let chosen = texts(header::COOKIE).flat_map(|cookies| cookies.split(';')).find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        if name == LANGUAGE_COOKIE { value.parse::<Locale>().ok() } else { None }
    });
    chosen.unwrap_or_else(|| {
        let preferred: Vec<&str> = texts(header::ACCEPT_LANGUAGE)
            .flat_map(|languages| languages.split(','))
            .filter_map(|language| language.split(';').next())
            .map(str::trim)
            .collect();
        Locale::find_locale(&preferred)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_in_the_language_of_the_pages() {
        for (cookie, accepted, language) in [
            ("rapport=1; rapport_lang=es", "zh", Locale::es),
            ("rapport_lang=xx", "zh-CN,zh;q=0.9,en;q=0.8", Locale::zh),
            ("", "fr, es-MX;q=0.7", Locale::es),
            ("", "fr", Locale::en),
            ("", "", Locale::en),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().expect("a header"));
            headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().expect("a header"));
            assert_eq!(language_of(&headers), language, "{cookie:?}, {accepted:?}");
        }
    }
}
