//! The stations at a glance: who listens, since when, and how they answer.

use crate::{
    alerts::{
        reports::StationStatus,
        ui::{names_in_a_row, wait_words},
    },
    guests::ui::words::kind_words,
    house::ui::kind_name,
    i18n::*,
    ui::{I18n, date::moment},
};
use leptos::prelude::*;

/// Every station in a few words, and the way to the figures. `newer` takes the place of what the page
/// was loaded with.
#[component]
pub(super) fn StationList(stations: Vec<StationStatus>, newer: RwSignal<Option<Vec<StationStatus>>>) -> impl IntoView {
    let i18n = use_i18n();
    let lines = move || {
        let stations = newer.get().unwrap_or_else(|| stations.clone());
        stations.into_iter().map(|status| view! { <Line status/> }).collect_view()
    };
    view! {
        <ul class="overview__stations">{lines}</ul>
        <p>
            <a class="row-link" href="/manage/alerts">
                {tu_string!(i18n, alerts.stations.figures)}
            </a>
        </p>
    }
}

#[component]
fn Line(status: StationStatus) -> impl IntoView {
    let i18n = use_i18n();
    let class = if status.presence.listening {
        "overview__presence overview__presence--listening"
    } else {
        "overview__presence"
    };
    let (presence, answer) = (presence_words(i18n, &status), answer_words(i18n, &status));
    let quiet = (!status.muted.is_empty()).then(|| {
        let kinds: Vec<_> = status.muted.iter().map(|kind| kind_words(i18n, *kind)).collect();
        view! {
            <span class="overview__quiet">
                {tu_string!(i18n, alerts.stations.quiet, kinds = names_in_a_row(i18n, &kinds))}
            </span>
        }
    });
    let station = status.station;
    view! {
        <li class="overview__station">
            <span class="name">{station.name}</span>
            <span class="muted">{kind_name(i18n, station.kind)}</span>
            <span class="overview__extension">
                {tu_string!(i18n, house.stations.extension_is, extension = station.extension)}
            </span>
            <span class=class>{presence}</span>
            <span class="overview__answer muted">{answer}</span>
            {quiet}
        </li>
    }
}

/// "Listening since 3 Mar 2026, 14:05: Anna, Bea", or that nobody does.
fn presence_words(i18n: I18n, status: &StationStatus) -> String {
    let since = status.since.as_ref().map(|since| moment(i18n, since));
    match (status.presence.listening, since) {
        (true, Some(since)) => {
            tu_string!(i18n, alerts.stations.listening, since = since, who = names_in_a_row(i18n, &status.presence.who))
        }
        // Always known where someone listens.
        (true, None) => names_in_a_row(i18n, &status.presence.who),
        (false, Some(since)) => tu_string!(i18n, alerts.stations.silent, since = since),
        (false, None) => tu_string!(i18n, alerts.stations.never).to_owned(),
    }
}

fn answer_words(i18n: I18n, status: &StationStatus) -> String {
    match &status.answered {
        Some((at, after)) => {
            tu_string!(i18n, alerts.stations.answered, at = moment(i18n, at), wait = wait_words(i18n, *after))
        }
        None => tu_string!(i18n, alerts.stations.not_answered).to_owned(),
    }
}
