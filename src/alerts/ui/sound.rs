//! The chime: two soft tones, made in the browser. Nothing here runs on the server.

use leptos::{prelude::*, task::spawn_local};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{AudioContext, AudioContextState, OscillatorType};

thread_local! {
    /// Made by a tap, because browsers keep a page silent that nobody has touched.
    static SPEAKER: RefCell<Option<Speaker>> = const { RefCell::new(None) };
}

/// When each tone begins (seconds) and how high it is (hertz): e'' and a''.
const TONES: [(f64, f32); 2] = [(0.0, 659.25), (0.22, 880.0)];

/// How loud a tone is at its loudest (1 is full), and for how long it can be heard, in seconds.
const LOUDNESS: f32 = 0.3;
const LENGTH: f64 = 1.1;

/// Seconds from one chime to the next, where it is heard more than once.
const AGAIN: f64 = 1.3;

/// What sounds, and the listener that hears when the system silences it.
struct Speaker {
    context: AudioContext,
    _listener: Closure<dyn FnMut()>,
}

impl Speaker {
    fn new(heard: RwSignal<bool>) -> Result<Self, JsValue> {
        let context = AudioContext::new()?;
        let listener: Closure<dyn FnMut()> = {
            let context = context.clone();
            Closure::new(move || {
                heard.try_set(is_running(&context));
            })
        };
        context.set_onstatechange(Some(listener.as_ref().unchecked_ref()));
        Ok(Self { context, _listener: listener })
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.context.set_onstatechange(None);
        // A context that will not close keeps silent all the same: nothing is played on it any more.
        if let Ok(closed) = self.context.close() {
            spawn_local(async move { _ = closed.await });
        }
    }
}

/// Unlocks the sound, and lets it be heard once if `aloud`. To be called from a tap or a key. `heard`
/// says from then on whether the device lets it be heard.
pub fn unlock(heard: RwSignal<bool>, aloud: bool) {
    let context = SPEAKER.with_borrow_mut(|speaker| {
        if speaker.is_none() {
            // A device that has no sound to give has no context either.
            *speaker = Speaker::new(heard).ok();
        }
        speaker.as_ref().map(|speaker| speaker.context.clone())
    });
    let Some((context, resumed)) = context.and_then(|context| Some((context.clone(), context.resume().ok()?))) else {
        return;
    };
    spawn_local(async move {
        // Where the system forbids it, the answer is a refusal, or never comes.
        if resumed.await.is_ok() && is_running(&context) {
            heard.try_set(true);
            if aloud {
                // What cannot be heard can still be seen.
                _ = ring(&context, 0.0);
            }
        }
    });
}

/// Silence until the next [`unlock`].
pub fn lock(heard: RwSignal<bool>) {
    drop(SPEAKER.take());
    heard.try_set(false);
}

/// Lets the chime be heard `times` times, if it is unlocked.
pub fn chime(times: u32) {
    SPEAKER.with_borrow(|speaker| {
        // A silenced context would keep the tones, and play them all when it is allowed to.
        if let Some(Speaker { context, .. }) = speaker.as_ref().filter(|speaker| is_running(&speaker.context)) {
            for time in 0..times {
                // What cannot be heard can still be seen: the card is on the board.
                _ = ring(context, f64::from(time) * AGAIN);
            }
        }
    });
}

fn is_running(context: &AudioContext) -> bool {
    context.state() == AudioContextState::Running
}

/// One chime, `delay` seconds from now.
fn ring(context: &AudioContext, delay: f64) -> Result<(), JsValue> {
    let now = context.current_time() + delay;
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
