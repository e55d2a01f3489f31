//! Files in and out: photographs and exports of the hotel's system.

use super::{AppState, respond};
use crate::{
    error::{AppError, Problem},
    exchange::{
        import::{self, Options},
        store as imports,
    },
    guests::{photo as photos, store as guests},
    ids::{GuestId, ImportId, PhotoId},
    staff::guard::{self, EditGuests, Import, SeeGuests},
};
use axum::{
    body::Bytes,
    extract::{Multipart, Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use std::sync::Arc;
use tower_sessions::Session;

/// The largest photograph that is read.
const PHOTO_LIMIT: usize = 5 * 1024 * 1024;

/// A photograph, as it was re-encoded.
pub async fn photo(State(state): State<AppState>, session: Session, Path(photo): Path<String>) -> Response {
    let found = async {
        let permit = guard::permit::<SeeGuests>(&state, &session).await?;
        let photo: PhotoId = photo.parse()?;
        guests::photo(&state.db, &permit, photo).await?.ok_or(AppError::NotFound)
    };
    match found.await {
        Ok(jpeg) => ([(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"))], jpeg).into_response(),
        Err(error) => respond::error(&error),
    }
}

/// Takes a photograph for a profile and goes back to it.
pub async fn set_photo(
    State(state): State<AppState>,
    session: Session,
    Path(guest): Path<String>,
    form: Multipart,
) -> Response {
    let kept = async {
        let permit = guard::permit::<EditGuests>(&state, &session).await?;
        let guest: GuestId = guest.parse()?;
        let bytes = field(form, "photo").await.map_err(|_| AppError::field("photo", Problem::TooLarge(PHOTO_LIMIT)))?;
        let bytes = bytes.map(|(_, bytes)| bytes).unwrap_or_default();
        let jpeg = tokio::task::spawn_blocking(move || photos::reencode(&bytes))
            .await
            .map_err(AppError::internal)?
            .map_err(|problem| AppError::field("photo", problem))?;
        guests::set_photo(&state.db, &permit, guest, Some(jpeg)).await
    };
    match kept.await {
        Ok(()) => Redirect::to(&format!("/guests/{guest}")).into_response(),
        Err(AppError::Fields(refused)) => {
            let too_large = refused.iter().any(|error| matches!(error.problem, Problem::TooLarge(_)));
            let reason = if too_large { "too-large" } else { "wrong-type" };
            Redirect::to(&format!("/guests/{guest}/edit?photo={reason}")).into_response()
        }
        Err(AppError::SignedOut) => Redirect::to("/sign-in").into_response(),
        Err(AppError::Locked) => Redirect::to(&format!("/lock?next=/guests/{guest}/edit")).into_response(),
        Err(error) => respond::error(&error),
    }
}

/// Takes an export and starts to import it; the page then shows how far it is.
pub async fn import(State(state): State<AppState>, session: Session, form: Multipart) -> Response {
    let started = async {
        let permit = guard::permit::<Import>(&state, &session).await?;
        let mut form = Upload::read(form).await?;
        let options = Options {
            file: std::mem::take(&mut form.name),
            by: permit.actor().name.clone(),
            house: Some(permit.house()),
            new_houses: form.new_houses,
        };
        let bytes = form.bytes.filter(|bytes| !bytes.is_empty()).ok_or(AppError::field("file", Problem::Empty))?;
        import::start(&state.db, Arc::clone(&state.clock), &permit, options, std::io::Cursor::new(bytes)).await
    };
    match started.await {
        Ok(run) => Redirect::to(&format!("/manage/imports?run={run}")).into_response(),
        Err(AppError::Fields(refused)) => {
            let reason = match refused.first().map(|error| &error.problem) {
                Some(Problem::Empty) => "no-file",
                Some(Problem::TooLarge(_)) => "too-large",
                _ => "wrong-type",
            };
            Redirect::to(&format!("/manage/imports?refused={reason}")).into_response()
        }
        Err(AppError::SignedOut) => Redirect::to("/sign-in").into_response(),
        Err(AppError::Locked) => Redirect::to("/lock?next=/manage/imports").into_response(),
        Err(error) => respond::error(&error),
    }
}

/// The rejected rows of an import as CSV.
pub async fn report(State(state): State<AppState>, session: Session, Path(run): Path<String>) -> Response {
    let found = async {
        let permit = guard::permit::<Import>(&state, &session).await?;
        let run: ImportId = run.parse()?;
        imports::report(&state.db, &permit, run).await
    };
    match found.await {
        Ok(csv) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
                (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"rejected-rows.csv\"")),
            ];
            (headers, csv).into_response()
        }
        Err(error) => respond::error(&error),
    }
}

#[derive(Default)]
struct Upload {
    name: String,
    bytes: Option<Bytes>,
    new_houses: bool,
}

impl Upload {
    async fn read(mut form: Multipart) -> Result<Self, AppError> {
        let too_large = |_| AppError::field("file", Problem::TooLarge(0));
        let mut upload = Self::default();
        while let Some(part) = form.next_field().await.map_err(too_large)? {
            match part.name() {
                Some("file") => {
                    upload.name = part.file_name().unwrap_or("upload.csv").chars().take(120).collect();
                    upload.bytes = Some(part.bytes().await.map_err(too_large)?);
                }
                Some("new_houses") => upload.new_houses = true,
                _ => {}
            }
        }
        Ok(upload)
    }
}

/// The first field of a name, with its file's name.
async fn field(
    mut form: Multipart,
    wanted: &str,
) -> Result<Option<(String, Bytes)>, axum::extract::multipart::MultipartError> {
    while let Some(part) = form.next_field().await? {
        if part.name() == Some(wanted) {
            let name = part.file_name().unwrap_or_default().to_owned();
            return Ok(Some((name, part.bytes().await?)));
        }
    }
    Ok(None)
}
