//! Tonight's names: the list of one's floor or outlet, the drill, the list on paper, and guests' own voices.

mod drill;
mod microphone;
mod paper;
mod recorder;
mod tonight;
mod voice;
mod words;

pub use drill::DrillPage;
pub use paper::PrintPage;
pub use recorder::VoiceForm;
pub use tonight::NamesPage;
pub use voice::Voice;

use super::{Part, Progress, TonightLine};
use crate::{
    guests::ui::words::{language_words, vip_words},
    i18n::*,
    ui::I18n,
};
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, location::Url};

/// The part of the house that the page's address names.
fn part_of_address() -> Memo<Part> {
    let query = use_query_map();
    Memo::new(move |_| {
        query.with(|query| {
            let text = |name: &str| query.get(name).unwrap_or_default();
            Part::new(&text("floor"), &text("upto"))
        })
    })
}

/// The address of a page about the same part of the house.
fn address(page: &str, part: &Part) -> String {
    match (part.floor.as_str(), part.upto.as_str()) {
        ("", _) => page.to_owned(),
        (floor, "") => format!("{page}?floor={}", Url::escape(floor)),
        (floor, upto) => format!("{page}?floor={}&upto={}", Url::escape(floor), Url::escape(upto)),
    }
}

/// How much of tonight the reader knows.
fn progress_line(i18n: I18n, progress: Progress) -> Option<AnyView> {
    if progress.of == 0 {
        return None;
    }
    let Progress { known, of } = progress;
    let words = tu_string!(i18n, people.names.progress, known = known, of = of, percent = progress.percent());
    Some(
        view! {
            <div class="names__progress">
                <p>{words.clone()}</p>
                <progress max=of.to_string() value=known.to_string() aria-label=words></progress>
            </div>
        }
        .into_any(),
    )
}

/// Room, arrival, VIP level and language.
fn marks(i18n: I18n, line: &TonightLine) -> Vec<(&'static str, String)> {
    let room = line.room.clone().map(|room| ("badge badge--room", tu_string!(i18n, guests.card.room, room = room)));
    let expected = line.is_expected.then(|| ("badge", tu_string!(i18n, people.names.expected).to_owned()));
    let vip = vip_words(i18n, line.vip).map(|words| ("badge badge--vip", words));
    let language = line.language.as_deref().map(|code| ("badge", language_words(i18n, code)));
    [room, expected, vip, language].into_iter().flatten().collect()
}
