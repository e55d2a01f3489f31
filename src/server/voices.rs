//! Guests' own voices in and out: recorded in the browser or chosen as a file, and listened to by those who serve.

use super::{AppState, respond};
use crate::{
    error::AppError,
    ids::GuestId,
    names::{
        VOICE_BYTES, VOICE_SECONDS, VoiceAnswer,
        sound::Sound,
        store::{self, Recording},
    },
    staff::guard::{self, LearnNames, WritePreferences},
};
use axum::{
    Json,
    body::Bytes,
    extract::{
        Multipart, Path, State,
        multipart::{Field, MultipartError},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use std::ops::RangeInclusive;
use tower_sessions::Session;

/// How much of an upload is read, in bytes: far more than is kept, because whoever is still sending does not hear an
/// answer.
pub const HEARD_OUT: usize = 16 * VOICE_BYTES;

/// Recorders stop a moment late. In milliseconds.
const LENIENCE: u64 = 1_000;

/// Takes a guest's voice, with his agreement. A script is told what came of it (204, or 422 with the word of a
/// [`VoiceAnswer`]); a plain form leads back to the card, which says so.
pub async fn keep(
    State(state): State<AppState>,
    session: Session,
    Path(guest): Path<String>,
    headers: HeaderMap,
    form: Multipart,
) -> Response {
    let Ok(guest) = guest.parse::<GuestId>() else {
        return respond::error(&AppError::NotFound);
    };
    let came = kept(&state, &session, guest, form).await;
    if respond::wants_page(&headers) {
        return match came {
            Ok(answer) => Redirect::to(&format!("/guests/{guest}?voice={}", answer.code())).into_response(),
            Err(AppError::SignedOut) => Redirect::to("/sign-in").into_response(),
            Err(AppError::Locked) => Redirect::to(&format!("/lock?next=/guests/{guest}")).into_response(),
            Err(error) => respond::error(&error),
        };
    }
    match came {
        Ok(VoiceAnswer::Kept) => StatusCode::NO_CONTENT.into_response(),
        Ok(refused) => (StatusCode::UNPROCESSABLE_ENTITY, refused.code()).into_response(),
        Err(error) => (respond::status_of(&error), Json(error)).into_response(),
    }
}

async fn kept(state: &AppState, session: &Session, guest: GuestId, form: Multipart) -> Result<VoiceAnswer, AppError> {
    let permit = guard::permit::<WritePreferences>(state, session).await?;
    let recording = match Upload::read(form).await {
        Ok(upload) => looked_at(upload),
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(VoiceAnswer::TooLarge),
        Err(_) => Err(VoiceAnswer::Missing),
    };
    match recording {
        Ok(recording) => {
            store::keep_voice(&state.db, &permit, state.clock.now(), guest, recording).await?;
            Ok(VoiceAnswer::Kept)
        }
        Err(refused) => Ok(refused),
    }
}

/// The recording that is to be kept, or why it is not. What kind of file it is its content says, and neither its name
/// nor whoever sends it.
fn looked_at(upload: Upload) -> Result<Recording, VoiceAnswer> {
    let Upload { agreed, voice: bytes } = upload;
    if !agreed {
        return Err(VoiceAnswer::NotAgreed);
    }
    if bytes.is_empty() {
        return Err(VoiceAnswer::Missing);
    }
    if bytes.len() > VOICE_BYTES {
        return Err(VoiceAnswer::TooLarge);
    }
    let kind = Sound::of(&bytes).ok_or(VoiceAnswer::WrongType)?;
    // The guest agreed to so much and no more.
    let most = u64::from(VOICE_SECONDS) * 1_000 + LENIENCE;
    if kind.millis(&bytes).is_some_and(|lasts| lasts > most) {
        return Err(VoiceAnswer::TooLong);
    }
    Ok(Recording { kind, bytes })
}

/// The form as it was sent.
#[derive(Default)]
struct Upload {
    agreed: bool,
    voice: Bytes,
}

impl Upload {
    async fn read(mut form: Multipart) -> Result<Self, MultipartError> {
        let mut upload = Self::default();
        while let Some(part) = form.next_field().await? {
            match part.name() {
                Some("agreed") => upload.agreed = is_on(part).await?,
                Some("voice") => upload.voice = part.bytes().await?,
                _ => {}
            }
        }
        Ok(upload)
    }
}

async fn is_on(part: Field<'_>) -> Result<bool, MultipartError> {
    Ok(part.text().await? == "on")
}

/// A guest's voice, for those who learn his name. Browsers ask for a part of it at a time, and Safari plays nothing
/// that does not come in parts (RFC 9110, 14).
pub async fn voice(
    State(state): State<AppState>,
    session: Session,
    Path(guest): Path<String>,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let permit = guard::permit_of_device::<LearnNames>(&state, &session).await?;
        let guest: GuestId = guest.parse()?;
        store::recording(&state.db, &permit, guest).await?.ok_or(AppError::NotFound)
    };
    match found.await {
        Ok(recording) => played(recording, headers.get(header::RANGE).and_then(|range| range.to_str().ok())),
        Err(error) => respond::error(&error),
    }
}

fn played(recording: Recording, range: Option<&str>) -> Response {
    let Recording { kind, bytes } = recording;
    let length = bytes.len();
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.code())),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        // Once it has been deleted, it is nowhere.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    match asked(range, length) {
        Asked::Whole => (headers, bytes).into_response(),
        Asked::Part(part) => {
            let place = format!("bytes {}-{}/{length}", part.start(), part.end());
            let body = bytes.slice(part);
            (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, place)], headers, body).into_response()
        }
        Asked::Beyond => {
            let place = format!("bytes */{length}");
            (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, place)]).into_response()
        }
    }
}

/// How much of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    /// From one byte to another, both included.
    Part(RangeInclusive<usize>),
    /// What the file does not have.
    Beyond,
}

/// Reads the `Range` of a request for a file of `length` bytes. What is not understood, and several parts at once, is
/// answered with the whole file, as the RFC allows.
fn asked(range: Option<&str>, length: usize) -> Asked {
    let Some((first, last)) = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-')) else {
        return Asked::Whole;
    };
    let Some(end) = length.checked_sub(1) else {
        return Asked::Whole;
    };
    match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last && first <= end => Asked::Part(first..=last.min(end)),
        (Ok(first), Err(_)) if last.is_empty() && first <= end => Asked::Part(first..=end),
        (Ok(first), Ok(last)) if first > last => Asked::Whole,
        (Ok(_), _) if last.is_empty() || last.parse::<usize>().is_ok() => Asked::Beyond,
        // The last so many bytes.
        (Err(_), Ok(0)) if first.is_empty() => Asked::Beyond,
        (Err(_), Ok(count)) if first.is_empty() => Asked::Part(length.saturating_sub(count)..=end),
        _ => Asked::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_what_was_asked_for_and_no_more_than_there_is() {
        for (range, part) in [
            ("bytes=0-1", Asked::Part(0..=1)),
            ("bytes=0-", Asked::Part(0..=99)),
            ("bytes=90-200", Asked::Part(90..=99)),
            ("bytes=-10", Asked::Part(90..=99)),
            ("bytes=-1000", Asked::Part(0..=99)),
            ("bytes=99-99", Asked::Part(99..=99)),
            ("bytes=100-", Asked::Beyond),
            ("bytes=100-101", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
            ("bytes=5-2", Asked::Whole),
            ("bytes=0-1,5-6", Asked::Whole),
            ("bytes=x-2", Asked::Whole),
            ("seconds=0-1", Asked::Whole),
            ("bytes=-", Asked::Whole),
        ] {
            assert_eq!(asked(Some(range), 100), part, "{range}");
        }
        assert_eq!(asked(None, 100), Asked::Whole);
        assert_eq!(asked(Some("bytes=0-1"), 0), Asked::Whole);
    }
}
