//! Who would see word that is sent to a station: said before the tap, and after it.

use super::words::names_in_a_row;
use crate::{
    alerts::{
        AlertKind, StationPresence,
        live::{Live, LiveStatus},
    },
    house::Station,
    i18n::*,
    ui::I18n,
};
use leptos::prelude::*;

/// How many names are said; of the others the number.
const NAMES: usize = 3;

/// "Restaurant, Anna, listening", or that no one is listening and whom to call. Empty while it is not
/// known: before a board was loaded, and while the line is lost.
#[component]
pub fn PresenceLine(
    live: Live,
    /// Where the word would go; `None`: nowhere yet.
    #[prop(into)]
    station: Signal<Option<Station>>,
    /// The word that would be sent: it is said if the station wants it without a sound.
    #[prop(optional)]
    kind: Option<AlertKind>,
) -> impl IntoView {
    let i18n = use_i18n();
    let presence = Memo::new(move |_| {
        if matches!(live.status.get(), LiveStatus::Stale { .. }) {
            return None;
        }
        let station = station.get()?;
        let presence = live.presence.with(|known| known.get(&station.id).cloned())?;
        Some((station, presence))
    });
    let is_quiet = Memo::new(move |_| {
        let (Some(station), Some(kind)) = (station.get(), kind) else { return false };
        live.muted.with(|muted| muted.contains(&(station.id, kind)))
    });
    view! {
        <div class="presence">
            {move || {
                presence
                    .get()
                    .map(|(station, presence)| {
                        let class =
                            if presence.listening { "presence__who" } else { "presence__who presence__who--nobody" };
                        view! { <p class=class>{presence_words(i18n, &station, &presence)}</p> }
                    })
            }}
            {move || {
                station
                    .get()
                    .filter(|_| is_quiet.get())
                    .map(|station| {
                        view! {
                            <p class="presence__quiet">
                                {tu_string!(i18n, alerts.presence.quiet, station = station.name)}
                            </p>
                        }
                    })
            }}
        </div>
    }
}

/// Who listens at a station, in a sentence.
fn presence_words(i18n: I18n, station: &Station, presence: &StationPresence) -> String {
    let name = station.name.clone();
    match (presence.listening, shown(&presence.who)) {
        (true, Some((names, others))) => {
            let mut who = names_in_a_row(i18n, names);
            if others > 0 {
                who = tu_string!(i18n, alerts.presence.more, who = who, number = others);
            }
            tu_string!(i18n, alerts.presence.listening, station = name, who = who)
        }
        (true, None) => tu_string!(i18n, alerts.presence.listening_plain, station = name),
        (false, _) if station.extension.is_empty() => {
            tu_string!(i18n, alerts.presence.nobody_plain, station = name)
        }
        (false, _) => {
            tu_string!(i18n, alerts.presence.nobody, station = name, extension = station.extension.clone())
        }
    }
}

/// The names that are said, and how many more there are; `None` if there is no name.
fn shown(who: &[String]) -> Option<(&[String], usize)> {
    let names = &who[..who.len().min(NAMES)];
    (!names.is_empty()).then(|| (names, who.len() - names.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_colleagues_three_are_named() {
        let all: Vec<_> = ["Anna", "Bea", "Carl", "Dora", "Emil"].map(str::to_owned).into();
        assert_eq!(shown(&[]), None);
        assert_eq!(shown(&all[..1]), Some((&all[..1], 0)));
        assert_eq!(shown(&all[..3]), Some((&all[..3], 0)));
        assert_eq!(shown(&all), Some((&all[..3], 2)));
    }
}
