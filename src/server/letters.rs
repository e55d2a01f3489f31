//! What letters are made of, over HTTP: their pictures, which anyone may see who knows their address, and
//! the letters themselves as staff look at them.

use super::{AppState, respond, uploads::field};
use crate::{
    campaigns::{
        letter_api::Asked,
        letters,
        pictures::{self, Encoded},
        template,
    },
    error::{AppError, Problem},
    guests::parse,
    ids::{GuestId, PictureId},
    staff::guard::{self, PlanGreetings},
};
use axum::{
    extract::{Multipart, Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use std::collections::HashMap;
use tower_sessions::Session;

/// Most characters of a picture's name.
const MAX_NAME: usize = 80;

/// A picture in a letter. It never changes under its address.
pub async fn picture(State(state): State<AppState>, Path(picture): Path<String>) -> Response {
    let found = async {
        let id: PictureId = picture.parse()?;
        pictures::picture(&state.db, id).await?.ok_or(AppError::NotFound)
    };
    match found.await {
        Ok((mime, bytes)) => {
            let mime = HeaderValue::from_str(&mime).unwrap_or(HeaderValue::from_static("application/octet-stream"));
            let headers = [
                (header::CONTENT_TYPE, mime),
                (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
                (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
                // Mail programs on the web show it on pages of their own.
                (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
            ];
            (headers, bytes).into_response()
        }
        Err(error) => respond::error(&error),
    }
}

/// Takes a picture for letters and goes back to the list.
pub async fn add_picture(State(state): State<AppState>, session: Session, form: Multipart) -> Response {
    let kept = async {
        let permit = guard::permit::<PlanGreetings>(&state, &session).await?;
        let too_large = |_| AppError::field("picture", Problem::TooLarge(crate::guests::photo::MAX_BYTES));
        let (name, bytes) = field(form, "picture").await.map_err(too_large)?.unwrap_or_default();
        let encoded: Encoded = tokio::task::spawn_blocking(move || pictures::reencode(&bytes))
            .await
            .map_err(AppError::internal)?
            .map_err(|problem| AppError::field("picture", problem))?;
        let name: String = name.chars().take(MAX_NAME).collect();
        // A name that cannot be shown is none; the picture shows itself.
        let name = parse::line(&name, MAX_NAME).ok().flatten().unwrap_or_default();
        pictures::add(&state.db, &permit, name, encoded, state.clock.now()).await
    };
    match kept.await {
        Ok(picture) => Redirect::to(&format!("/campaigns/pictures?added={picture}")).into_response(),
        Err(AppError::Fields(refused)) => {
            let too_large = refused.iter().any(|error| matches!(error.problem, Problem::TooLarge(_)));
            let reason = if too_large { "too-large" } else { "wrong-type" };
            Redirect::to(&format!("/campaigns/pictures?refused={reason}")).into_response()
        }
        Err(AppError::SignedOut) => Redirect::to("/sign-in").into_response(),
        Err(AppError::Locked) => Redirect::to("/lock?next=/campaigns/pictures").into_response(),
        Err(error) => respond::error(&error),
    }
}

/// A letter as one guest would get it, for the frame within the page on which it is written. Whatever
/// stands in it, nothing of it runs, is sent, or is fetched from elsewhere.
pub async fn preview(
    State(state): State<AppState>,
    session: Session,
    Path(campaign): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    let found = async {
        let permit = guard::permit_of_device::<PlanGreetings>(&state, &session).await?;
        let guest = query.get("guest").map(|guest| guest.parse::<GuestId>()).transpose()?;
        let asked = Asked { language: text("language"), guest, date: text("date") };
        letters::rendered(&state, &permit, campaign.parse()?, &asked).await
    };
    let is_dark = text("scheme") == "dark";
    let mut response = match found.await {
        Ok(Ok(letter)) => Html(in_scheme(&letter.html, is_dark)).into_response(),
        Ok(Err(missing)) => template::why(respond::language_of(&headers), &missing.to_string()).into_response(),
        Err(error) => respond::error(&error),
    };
    // Pictures of the house: from here, and from the address that letters name them by.
    let policy = format!(
        "default-src 'none'; img-src 'self' {} data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; \
         frame-ancestors 'self'; sandbox",
        state.config.public_url()
    );
    let sent = response.headers_mut();
    let nothing = HeaderValue::from_static("default-src 'none'; sandbox");
    sent.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).unwrap_or(nothing));
    sent.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    response
}

/// The letter as a mail program shows it in the light or in the dark, whatever the reader's own screen is.
fn in_scheme(html: &str, is_dark: bool) -> String {
    let (never, always, scheme) = ("(max-width: 0)", "(min-width: 0)", if is_dark { "dark" } else { "light" });
    let mut shown = html.to_owned();
    for (asked, holds) in [("dark", is_dark), ("light", !is_dark)] {
        let answer = if holds { always } else { never };
        for space in ["", " "] {
            shown = shown.replace(&format!("(prefers-color-scheme:{space}{asked})"), answer);
        }
    }
    let style = format!("<style>:root {{ color-scheme: {scheme} }}</style></head>");
    shown.replacen("</head>", &style, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_shown_in_the_light_and_in_the_dark() {
        let letter =
            "<html><head><style>@media (prefers-color-scheme: dark) { p { color: #fff } }</style></head></html>";
        let (light, dark) = (in_scheme(letter, false), in_scheme(letter, true));
        assert!(light.contains("@media (max-width: 0) {") && light.contains("color-scheme: light"), "{light}");
        assert!(dark.contains("@media (min-width: 0) {") && dark.contains("color-scheme: dark"), "{dark}");
        assert!(!dark.contains("prefers-color-scheme"));
    }
}
