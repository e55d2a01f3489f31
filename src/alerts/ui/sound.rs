//! The chime: two soft tones, made in the browser. Nothing here runs on the server.

use std::cell::RefCell;
use wasm_bindgen::JsValue;
use web_sys::{AudioContext, OscillatorType};

thread_local! {
    /// Made by a tap, because browsers keep a page silent that nobody has touched.
    static CONTEXT: RefCell<Option<AudioContext>> = const { RefCell::new(None) };
}

/// When each tone begins (seconds) and how high it is (hertz): e'' and a''.
const TONES: [(f64, f32); 2] = [(0.0, 659.25), (0.22, 880.0)];

/// How loud a tone is at its loudest (1 is full), and for how long it can be heard, in seconds.
const LOUDNESS: f32 = 0.3;
const LENGTH: f64 = 1.1;

/// Unlocks the sound and lets it be heard once. To be called from a tap; `false` if this device has
/// no sound to give.
pub fn unlock() -> bool {
    CONTEXT.with_borrow_mut(|context| {
        if context.is_none() {
            *context = AudioContext::new().ok();
        }
        context.as_ref().is_some_and(|context| context.resume().is_ok() && ring(context).is_ok())
    })
}

/// Silence until the next [`unlock`].
pub fn lock() {
    if let Some(context) = CONTEXT.take() {
        // A context that will not close keeps silent all the same: nothing is played on it any more.
        _ = context.close();
    }
}

/// Lets the chime be heard, if it is unlocked.
pub fn chime() {
    CONTEXT.with_borrow(|context| {
        if let Some(context) = context {
            // What cannot be heard can still be seen: the card is on the board.
            _ = ring(context);
        }
    });
}

fn ring(context: &AudioContext) -> Result<(), JsValue> {
    let now = context.current_time();
    for (begin, hertz) in TONES {
        let begin = now + begin;
        let tone = context.create_oscillator()?;
        tone.set_type(OscillatorType::Sine);
        tone.frequency().set_value(hertz);
        let loudness = context.create_gain()?;
        loudness.gain().set_value_at_time(0.0, begin)?;
        loudness.gain().linear_ramp_to_value_at_time(LOUDNESS, begin + 0.02)?;
        loudness.gain().exponential_ramp_to_value_at_time(0.001, begin + LENGTH)?;
        tone.connect_with_audio_node(&loudness)?;
        loudness.connect_with_audio_node(&context.destination())?;
        tone.start_with_when(begin)?;
        tone.stop_with_when(begin + LENGTH)?;
    }
    Ok(())
}
