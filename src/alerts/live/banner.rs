//! The state of the line, for the eyes: a word while it stands, a band that cannot be missed while it
//! does not.

use super::{LiveStatus, ticking, use_live};
use crate::i18n::*;
use leptos::prelude::*;
use std::time::Duration;

/// A green dot with the word "Live"; or a red band that says for how long nothing has come.
#[component]
pub fn LiveStatusBanner() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let now = ticking(Duration::from_secs(1));
    // The band is built once when the line is lost; only the seconds in it tick.
    let kind = Memo::new(move |_| match live.status.get() {
        LiveStatus::Off => Shown::Nothing,
        LiveStatus::Connecting => Shown::Connecting,
        LiveStatus::Live => Shown::Live,
        LiveStatus::Stale { .. } => Shown::Lost,
    });
    let seconds = move || match (live.status.get(), now.get()) {
        (LiveStatus::Stale { since_ms }, Some(now)) => ((now - since_ms) / 1_000).max(0),
        _ => 0,
    };
    view! {
        <section class="line-state" aria-label=tu_string!(i18n, alerts.line.name)>
            {move || match kind.get() {
                Shown::Nothing => ().into_any(),
                Shown::Connecting => {
                    view! { <p class="line-state__word muted">{tu_string!(i18n, alerts.line.connecting)}</p> }.into_any()
                }
                Shown::Live => {
                    view! {
                        <p class="line-state__word line-state__word--live">
                            <span class="line-state__dot" aria-hidden="true"></span>
                            {tu_string!(i18n, alerts.line.live)}
                        </p>
                    }
                        .into_any()
                }
                Shown::Lost => {
                    view! {
                        <div class="line-state__lost" role="alert">
                            // A reader hears it once; eyes see the seconds pass.
                            <span class="visually-hidden">{tu_string!(i18n, alerts.line.lost_spoken)}</span>
                            <span aria-hidden="true">
                                {move || tu_string!(i18n, alerts.line.lost, seconds = seconds())}
                            </span>
                        </div>
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Connecting,
    Live,
    Lost,
}
