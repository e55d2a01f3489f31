//! A guest's own voice, to be listened to.

use crate::{i18n::*, ids::GuestId, ui::I18n};
use leptos::{ev::SubmitEvent, html, prelude::*, task::spawn_local};
use std::cell::RefCell;
use web_sys::HtmlAudioElement;

thread_local! {
    /// What plays or has played last: of two voices at once neither is understood.
    static PLAYS: RefCell<Option<HtmlAudioElement>> = const { RefCell::new(None) };
}

/// Plays how a guest says his own name, of whom there is a recording. Nothing is loaded before somebody asks for it.
/// Where no script runs, the browser opens it by itself.
#[component]
pub fn Voice(
    guest: GuestId,
    /// Whom one hears, for those who hear the button rather than see where it stands.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    let i18n = use_i18n();
    let audio = NodeRef::<html::Audio>::new();
    let (plays, fails) = (RwSignal::new(false), RwSignal::new(false));
    let toggle = move |event: SubmitEvent| {
        let Some(audio) = audio.get_untracked() else { return };
        event.prevent_default();
        if plays.get_untracked() {
            // What cannot be stopped is over in five seconds.
            _ = audio.pause();
        } else {
            fails.set(false);
            play(audio, fails);
        }
    };
    let class = move || if plays.get() { "button voice__button voice__button--plays" } else { "button voice__button" };
    let words =
        move || if plays.get() { tu_string!(i18n, people.voice.hush) } else { tu_string!(i18n, people.voice.hear) };
    let label = move || tu_string!(i18n, people.voice.of, what = words(), name = name.clone());
    let address = format!("/voices/{guest}");
    view! {
        <form class="voice" method="get" action=address on:submit=toggle>
            <button class=class type="submit" aria-label=label>
                {words}
            </button>
            <audio
                node_ref=audio
                preload="none"
                src=address.clone()
                on:playing=move |_| plays.set(true)
                on:pause=move |_| plays.set(false)
                on:ended=move |_| plays.set(false)
            ></audio>
            {move || fails.get().then(|| trouble(i18n))}
        </form>
    }
}

fn trouble(i18n: I18n) -> AnyView {
    view! {
        <p class="voice__trouble" role="alert">
            {tu_string!(i18n, people.voice.silent)}
        </p>
    }
    .into_any()
}

/// Plays from the beginning. `fails` tells that it could not be played: it has been deleted meanwhile, or there is no
/// connection.
fn play(audio: HtmlAudioElement, fails: RwSignal<bool>) {
    if let Some(other) = PLAYS.replace(Some(audio.clone()))
        && other != audio
    {
        _ = other.pause();
    }
    audio.set_current_time(0.0);
    let Ok(begun) = audio.play() else {
        fails.set(true);
        return;
    };
    spawn_local(async move {
        if begun.await.is_err() {
            // The next tap asks for it anew.
            audio.load();
            fails.try_set(true);
        }
    });
}
