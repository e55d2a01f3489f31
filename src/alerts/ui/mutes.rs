//! Quiet: kinds of word that a station wants without a sound.

use crate::{
    alerts::{
        AlertKind,
        api::{MuteKind, mute_kind},
        live::Live,
    },
    guests::ui::words::kind_words,
    i18n::*,
    ids::StationId,
    ui::{ErrorNote, I18n},
};
use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn};

/// One switch for each kind. It holds for the whole station, and the manager sees it.
#[component]
pub fn Quiet(live: Live, station: StationId) -> impl IntoView {
    let i18n = use_i18n();
    let muted = Memo::new(move |_| {
        live.muted.with(|muted| {
            AlertKind::ALL.into_iter().filter(|kind| muted.contains(&(station, *kind))).collect::<Vec<_>>()
        })
    });
    let change = Action::new(move |change: &(AlertKind, bool)| {
        let (kind, on) = *change;
        async move {
            let answer = mute_kind(kind.code().to_owned(), on).await;
            if answer.is_ok() {
                live.muted.update(|muted| {
                    muted.retain(|other| *other != (station, kind));
                    if on {
                        muted.push((station, kind));
                    }
                });
            }
            answer
        }
    });
    let (changed, changing) = (change.value(), change.pending());
    let switches = AlertKind::ALL
        .into_iter()
        .map(|kind| {
            let is_muted = Memo::new(move |_| muted.with(|muted| muted.contains(&kind)));
            view! {
                <li class="quiet__kind">
                    <span>
                        <strong>{kind_words(i18n, kind)}</strong>
                        " "
                        <span class="muted">{move || how_it_comes(i18n, is_muted.get())}</span>
                    </span>
                    <form
                        method="post"
                        action=MuteKind::url()
                        on:submit=move |event: SubmitEvent| {
                            event.prevent_default();
                            change.dispatch((kind, !is_muted.get_untracked()));
                        }
                    >
                        <input type="hidden" name="kind" value=kind.code()/>
                        <input type="hidden" name="on" value=move || (!is_muted.get()).to_string()/>
                        <button class="button" type="submit" disabled=move || changing.get()>
                            {move || switch_words(i18n, kind, is_muted.get())}
                        </button>
                    </form>
                </li>
            }
        })
        .collect_view();
    let title = move || match muted.with(Vec::len) {
        0 => tu_string!(i18n, alerts.quiet.title).to_owned(),
        count => tu_string!(i18n, alerts.quiet.some, count = count),
    };
    view! {
        <details class="quiet">
            <summary class="button button--quiet">{title}</summary>
            <p class="muted">{tu_string!(i18n, alerts.quiet.hint)}</p>
            {move || changed.get().and_then(Result::err).map(|error| view! { <ErrorNote error/> })}
            <ul class="quiet__kinds">{switches}</ul>
        </details>
    }
}

fn how_it_comes(i18n: I18n, is_muted: bool) -> &'static str {
    if is_muted { tu_string!(i18n, alerts.quiet.is_muted) } else { tu_string!(i18n, alerts.quiet.is_loud) }
}

fn switch_words(i18n: I18n, kind: AlertKind, is_muted: bool) -> String {
    let kind = kind_words(i18n, kind);
    if is_muted {
        tu_string!(i18n, alerts.quiet.unmute, kind = kind)
    } else {
        tu_string!(i18n, alerts.quiet.mute, kind = kind)
    }
}
