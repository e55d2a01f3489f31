//! What was typed is never lost: a refused form that was posted without scripts waits in the session
//! until its page is shown again, and a form that was opened is remembered to tell what a colleague
//! has changed since.

use super::session::{is_strangers, local_path, shorten_strangers};
use crate::{
    error::{AppError, Refused},
    guests::form::GuestForm,
    ids::GuestId,
    server::respond,
};
use axum::http::{HeaderMap, header};
use leptos::server_fn::ServerFn;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use tower_sessions::Session;

const OPENED: &str = "opened";
const REFUSED: &str = "refused";
/// More characters than any of these fields takes. What is longer has not been typed by a person.
const MOST_TYPED: usize = 16_000;

/// A form that was sent: which one, the page that it stands on, and what was typed into it.
pub struct Sent {
    form: &'static str,
    page: Page,
    typed: BTreeMap<String, String>,
}

/// Where a form stands.
enum Page {
    Always(String),
    /// On several pages: on the one that the browser names, or else on this one.
    AsTold(String),
}

impl Sent {
    /// The form of the server function `F`, on a page of this site. `typed` is what may be shown again,
    /// by the name of the field: never a password.
    #[must_use]
    pub fn to<F: ServerFn>(page: impl Into<String>, typed: &[(&str, &str)]) -> Self {
        Self::on::<F>(Page::Always(page.into()), typed)
    }

    /// The same for a form that stands on several pages, `otherwise` on this one if the browser does not
    /// say from which it comes.
    #[must_use]
    pub fn back<F: ServerFn>(otherwise: impl Into<String>, typed: &[(&str, &str)]) -> Self {
        Self::on::<F>(Page::AsTold(otherwise.into()), typed)
    }

    fn on<F: ServerFn>(page: Page, typed: &[(&str, &str)]) -> Self {
        let keep = |text: &str| text.chars().take(MOST_TYPED).collect();
        let typed = typed.iter().map(|(field, text)| ((*field).to_owned(), keep(text))).collect();
        Self { form: F::PATH, page, typed }
    }

    /// Passes on what came of the form. Scripts are told why it was refused; a browser without them goes
    /// back to the form's page, which takes the reason and what was typed out of the session
    /// ([`refused`]).
    ///
    /// # Errors
    /// The one that is passed on.
    pub async fn ended<T>(self, came: Result<T, AppError>) -> Result<T, AppError> {
        let Err(error) = &came else {
            return came;
        };
        let refused = Refused { form: self.form.to_owned(), typed: self.typed, error: error.clone() };
        let goes_back = match error {
            // The page leads on to the sign-in, which begins with nothing of the session that was.
            AppError::SignedOut => is_without_scripts().await,
            _ => put(REFUSED, &refused).await,
        };
        // What cannot be kept must not hide why the form was refused: the framework puts that into the
        // address.
        if goes_back == Ok(true) {
            let page = match self.page {
                Page::Always(page) => page,
                Page::AsTold(otherwise) => came_from().await.unwrap_or(otherwise),
            };
            leptos_axum::redirect(&page);
        }
        came
    }
}

/// The page on which the form stood that was posted, if the browser says so.
async fn came_from() -> Option<String> {
    let headers: HeaderMap = leptos_axum::extract().await.ok()?;
    page_of(headers.get(header::REFERER)?.to_str().ok()?)
}

/// The path of a page's address. Whose site it names does not matter: the path is gone to on this one.
fn page_of(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let path = &rest[rest.find('/')?..];
    local_path(path).map(str::to_owned)
}

/// Takes the refused form that waits for this browser, if there is one: a page shows it once.
///
/// # Errors
/// What the session store answers.
pub async fn refused() -> Result<Option<Refused>, AppError> {
    take(REFUSED).await
}

/// Keeps a refused form for a browser without scripts and sends it to the page that shows it.
/// With scripts, the answer itself brings the form back and nothing is kept.
///
/// # Errors
/// What the session store answers.
pub async fn keep(name: &str, form: &impl Serialize, page: &str) -> Result<(), AppError> {
    if put(name, form).await? {
        leptos_axum::redirect(&format!("{page}?draft=1"));
    }
    Ok(())
}

/// Keeps a refused form for a browser without scripts. Tells whether it did.
///
/// # Errors
/// What the session store answers.
pub async fn put(name: &str, form: &impl Serialize) -> Result<bool, AppError> {
    let without_scripts = is_without_scripts().await?;
    if without_scripts {
        let session = session().await?;
        shorten_strangers(&session).await?;
        session.insert(&key(name), form).await.map_err(AppError::internal)?;
    }
    Ok(without_scripts)
}

/// Takes a kept form out of the session.
///
/// # Errors
/// What the session store answers.
pub async fn take<T: DeserializeOwned>(name: &str) -> Result<Option<T>, AppError> {
    let session = session().await?;
    let key = key(name);
    // Taking counts as a change even of a session in which there was nothing, and would write it.
    if session.get_value(&key).await.map_err(AppError::internal)?.is_none() {
        return Ok(None);
    }
    let taken = session.remove(&key).await.map_err(AppError::internal)?;
    if is_strangers(&session).await? {
        session.flush().await.map_err(AppError::internal)?;
    }
    Ok(taken)
}

/// Remembers a profile form as it was opened.
///
/// # Errors
/// What the session store answers.
pub async fn remember(guest: GuestId, revision: i64, form: &GuestForm) -> Result<(), AppError> {
    session().await?.insert(OPENED, (guest, revision, form)).await.map_err(AppError::internal)
}

/// The profile form as it was opened at a revision, if this session still remembers it.
///
/// # Errors
/// What the session store answers.
pub async fn opened(guest: GuestId, revision: i64) -> Result<Option<GuestForm>, AppError> {
    let kept: Option<(GuestId, i64, GuestForm)> = session().await?.get(OPENED).await.map_err(AppError::internal)?;
    Ok(kept.filter(|(id, at, _)| (*id, *at) == (guest, revision)).map(|(_, _, form)| form))
}

/// Whether the browser posted a form by itself, and goes to a page next.
///
/// # Errors
/// When there is no request.
pub async fn is_without_scripts() -> Result<bool, AppError> {
    let headers: HeaderMap = leptos_axum::extract().await.map_err(AppError::internal)?;
    Ok(respond::wants_page(&headers))
}

async fn session() -> Result<Session, AppError> {
    leptos_axum::extract().await.map_err(AppError::internal)
}

fn key(name: &str) -> String {
    format!("draft:{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_goes_back_to_the_page_it_stood_on_and_never_to_another_site() {
        for (address, page) in [
            ("https://rapport.example/desk?list=due-out&guest=1", Some("/desk?list=due-out&guest=1")),
            ("http://127.0.0.1:3000/board", Some("/board")),
            ("https://evil.example//evil.example/", None),
            ("https://rapport.example", None),
            ("/desk", None),
            ("", None),
        ] {
            assert_eq!(page_of(address).as_deref(), page, "{address}");
        }
    }
}
