//! Files in and out: photographs and exports of the hotel's system.

use super::{AppState, respond};
use crate::{
    error::{AppError, Problem},
    exchange::{
        FileProblem,
        import::{self, Options, StartError},
        store as imports,
    },
    guests::{photo as photos, store as guests},
    ids::{GuestId, ImportId, PhotoId},
    staff::guard::{self, EditGuests, Import, SeeGuests},
};
use axum::{
    body::Bytes,
    extract::{Multipart, Path, State, multipart::MultipartError},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use std::sync::Arc;
use tower_sessions::Session;

/// The largest photograph that is read.
const PHOTO_LIMIT: usize = 5 * 1024 * 1024;

/// A photograph, as it was re-encoded.
pub async fn photo(State(state): State<AppState>, session: Session, Path(photo): Path<String>) -> Response {
    let found = async {
        let permit = guard::permit_of_device::<SeeGuests>(&state, &session).await?;
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

/// Takes an export and starts to import it; the page then shows how far it is, or what is wrong with
/// the file.
pub async fn import(State(state): State<AppState>, session: Session, form: Multipart) -> Response {
    let mut new_houses = false;
    let started = async {
        let permit = guard::permit::<Import>(&state, &session).await?;
        let upload = Upload::read(form, state.config.upload_mb).await.map_err(StartError::File)?;
        new_houses = upload.new_houses;
        let options =
            Options { file: upload.name, by: permit.actor().name.clone(), house: Some(permit.house()), new_houses };
        let source = std::io::Cursor::new(upload.bytes);
        import::start(&state.db, Arc::clone(&state.clock), &permit, options, source).await
    };
    match started.await {
        Ok(run) => Redirect::to(&format!("/manage/imports?run={run}")).into_response(),
        Err(StartError::File(problem)) => {
            let kept = if new_houses { "&new_houses=on" } else { "" };
            Redirect::to(&format!("/manage/imports?refused={}{kept}", problem.to_address())).into_response()
        }
        Err(StartError::Other(AppError::SignedOut)) => Redirect::to("/sign-in").into_response(),
        Err(StartError::Other(AppError::Locked)) => Redirect::to("/lock?next=/manage/imports").into_response(),
        Err(StartError::Other(error)) => respond::error(&error),
    }
}

/// The rejected rows of an import as CSV, in the language of whoever downloads it.
pub async fn report(
    State(state): State<AppState>,
    session: Session,
    Path(run): Path<String>,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let permit = guard::permit::<Import>(&state, &session).await?;
        let run: ImportId = run.parse()?;
        imports::report(&state.db, &permit, run, respond::language_of(&headers)).await
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
    bytes: Bytes,
    new_houses: bool,
}

impl Upload {
    /// Reads the form, of which the server takes `most` MB.
    async fn read(mut form: Multipart, most: u32) -> Result<Self, FileProblem> {
        let broken_off = |error: MultipartError| {
            if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
                FileProblem::TooLarge(most)
            } else {
                FileProblem::NotArrived
            }
        };
        let mut upload = Self::default();
        while let Some(part) = form.next_field().await.map_err(broken_off)? {
            match part.name() {
                Some("file") => {
                    upload.name = part.file_name().unwrap_or("upload.csv").chars().take(120).collect();
                    upload.bytes = part.bytes().await.map_err(broken_off)?;
                }
                Some("new_houses") => upload.new_houses = true,
                _ => {}
            }
        }
        // Where no file was chosen, browsers send one without name and content.
        if upload.name.is_empty() && upload.bytes.is_empty() { Err(FileProblem::NotChosen) } else { Ok(upload) }
    }
}

/// The first field of a name, with its file's name.
pub(super) async fn field(mut form: Multipart, wanted: &str) -> Result<Option<(String, Bytes)>, MultipartError> {
    while let Some(part) = form.next_field().await? {
        if part.name() == Some(wanted) {
            let name = part.file_name().unwrap_or_default().to_owned();
            return Ok(Some((name, part.bytes().await?)));
        }
    }
    Ok(None)
}
