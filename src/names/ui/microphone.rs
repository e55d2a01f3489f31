//! The microphone, while a guest says his name. Nothing leaves the device before somebody has listened to it and keeps
//! it. Only in the browser.

use crate::{error::AppError, ids::GuestId, names::VoiceAnswer};
use js_sys::Promise;
use leptos::prelude::*;
use std::{
    cell::{Cell, RefCell},
    time::Duration,
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobEvent, FormData, MediaRecorder, MediaRecorderOptions, MediaStream, MediaStreamConstraints,
    MediaStreamTrack, RequestInit, Response, Url,
};

/// What browsers record in, the best first. Those that can do none of it do as they like.
const KINDS: [&str; 3] = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
/// Bits of sound in a second: speech stays clear, and five seconds are some 20 KB.
const RATE: u32 = 32_000;

thread_local! {
    /// Counts recordings, those given up as well, to tell whether one that ends is still wanted.
    static TURN: Cell<u32> = const { Cell::new(0) };
    static OPEN: RefCell<Option<Open>> = const { RefCell::new(None) };
    static TAKEN: RefCell<Option<Taken>> = const { RefCell::new(None) };
}

/// A microphone that is heard. The browser shows that it is, until this is dropped.
struct Open {
    stream: MediaStream,
    recorder: MediaRecorder,
    end: Option<TimeoutHandle>,
    ticker: Option<IntervalHandle>,
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end.clear();
        }
        if let Some(ticker) = self.ticker.take() {
            ticker.clear();
        }
        // One that has stopped by itself cannot be stopped again.
        _ = self.recorder.stop();
        close(&self.stream);
    }
}

/// What was recorded, until it is kept or given up.
struct Taken {
    blob: Blob,
    address: String,
}

impl Drop for Taken {
    fn drop(&mut self) {
        // What cannot be forgotten goes with the page.
        _ = Url::revoke_object_url(&self.address);
    }
}

/// Whether the browser can record: some cannot, and none does without https.
#[must_use]
pub fn is_there() -> bool {
    let recorder = js_sys::Reflect::get(&window(), &JsValue::from_str("MediaRecorder"));
    let devices = js_sys::Reflect::get(&window().navigator(), &JsValue::from_str("mediaDevices"));
    recorder.is_ok_and(|class| class.is_function()) && devices.is_ok_and(|devices| devices.is_object())
}

/// Records for at most so many seconds, and tells each second how many are left, the first time when it begins. Gives
/// the address under which this page can play it; `None` if it was given up meanwhile.
///
/// # Errors
/// Where there is no microphone, or it may not be used.
pub async fn record(seconds: u32, tell: impl Fn(u32) + 'static) -> Result<Option<String>, JsValue> {
    discard();
    let turn = TURN.get();
    let stream = ask().await?;
    if TURN.get() != turn {
        close(&stream);
        return Ok(None);
    }
    let (recorder, heard) = match begin(&stream) {
        Ok(begun) => begun,
        Err(refused) => {
            close(&stream);
            return Err(refused);
        }
    };
    tell(seconds);
    let left = Cell::new(seconds);
    let tick = move || {
        left.set(left.get().saturating_sub(1));
        tell(left.get());
    };
    OPEN.set(Some(Open {
        stream,
        recorder,
        end: set_timeout_with_handle(stop, Duration::from_secs(seconds.into())).ok(),
        ticker: set_interval_with_handle(tick, Duration::from_secs(1)).ok(),
    }));
    let event = heard.await;
    if TURN.get() != turn {
        return Ok(None);
    }
    drop(OPEN.take());
    let blob = event?.unchecked_into::<BlobEvent>().data().filter(|blob| blob.size() > 0.0).ok_or(JsValue::NULL)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    TAKEN.set(Some(Taken { blob, address: address.clone() }));
    Ok(Some(address))
}

/// Ends the recording before its time.
pub fn stop() {
    OPEN.with_borrow(|open| {
        if let Some(open) = open {
            // It has just ended by itself.
            _ = open.recorder.stop();
        }
    });
}

/// Gives up what is being recorded and what was.
pub fn discard() {
    TURN.set(TURN.get().wrapping_add(1));
    drop(OPEN.take());
    drop(TAKEN.take());
}

/// What was recorded last, and has not been kept.
#[must_use]
pub fn taken() -> Option<Blob> {
    TAKEN.with_borrow(|taken| taken.as_ref().map(|taken| taken.blob.clone()))
}

/// Sends a recording to be kept, of a guest who agrees to it.
///
/// # Errors
/// What the server has against it, or that it was not reached.
pub async fn send(guest: GuestId, blob: &Blob) -> Result<VoiceAnswer, AppError> {
    let (status, text) = post(guest, blob).await.map_err(|_| AppError::Unreachable)?;
    if (200..300).contains(&status) {
        return Ok(VoiceAnswer::Kept);
    }
    match VoiceAnswer::from_code(&text) {
        Some(refused) => Ok(refused),
        // What is no answer of this server comes from something in between.
        None => Err(serde_json::from_str(&text).unwrap_or(AppError::Unreachable)),
    }
}

async fn post(guest: GuestId, blob: &Blob) -> Result<(u16, String), JsValue> {
    let form = FormData::new()?;
    form.append_with_str("agreed", "on")?;
    form.append_with_blob_and_filename("voice", blob, "voice")?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&form);
    let answer = window().fetch_with_str_and_init(&format!("/guests/{guest}/voice"), &request).await?;
    let answer: Response = answer.unchecked_into();
    let text = answer.text()?.await?;
    Ok((answer.status(), text.as_string().unwrap_or_default()))
}

/// Asks for the microphone.
async fn ask() -> Result<MediaStream, JsValue> {
    let wanted = MediaStreamConstraints::new();
    wanted.set_audio_bool(true);
    let stream = window().navigator().media_devices()?.get_user_media_with_constraints(&wanted)?.await?;
    Ok(stream.unchecked_into())
}

/// Begins to record. All of it comes at once when it ends.
fn begin(stream: &MediaStream) -> Result<(MediaRecorder, Promise), JsValue> {
    let options = MediaRecorderOptions::new();
    options.set_audio_bits_per_second(RATE);
    if let Some(kind) = KINDS.into_iter().find(|kind| MediaRecorder::is_type_supported(kind)) {
        options.set_mime_type(kind);
    }
    let recorder = MediaRecorder::new_with_media_stream_and_media_recorder_options(stream, &options)?;
    let heard = Promise::new(&mut |heard, failed| {
        recorder.set_ondataavailable(Some(&heard));
        recorder.set_onerror(Some(&failed));
    });
    recorder.start()?;
    Ok((recorder, heard))
}

/// Lets the microphone go.
fn close(stream: &MediaStream) {
    for track in stream.get_tracks() {
        track.unchecked_into::<MediaStreamTrack>().stop();
    }
}
