//! A guest in a line: the name large, and beside it what one has to know.

use super::seen::SeenLine;
use crate::{
    guests::ui::{
        names::name_parts,
        words::{language_words, one_thing_words, presence_words, vip_words},
    },
    i18n::*,
    ids::GuestId,
    stays::GuestLine,
};
use leptos::prelude::*;

/// A line that leads to the guest's card.
#[component]
pub fn GuestRow(
    line: GuestLine,
    /// Where the line leads.
    link: Callback<GuestId, String>,
    /// The guest whose card is open beside the list.
    #[prop(optional_no_strip)]
    selected: Option<Memo<Option<GuestId>>>,
    /// Says whether the guest is here, in lists where that differs.
    #[prop(optional)]
    with_presence: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let guest = line.guest;
    let current = move || selected.is_some_and(|selected| selected.get() == Some(guest)).then_some("true");
    let marks = [
        line.room.map(|room| ("badge badge--room", tu_string!(i18n, guests.card.room, room = room))),
        with_presence.then(|| ("badge", presence_words(i18n, line.presence))),
        vip_words(i18n, line.vip).map(|words| ("badge badge--vip", words)),
        line.language.as_deref().map(|code| ("badge", language_words(i18n, code))),
    ];
    let marks =
        marks.into_iter().flatten().map(|(class, words)| view! { <span class=class>{words}</span> }).collect_view();
    let thing = line.one_thing.map(|thing| view! { <span class="line__thing">{one_thing_words(i18n, &thing)}</span> });
    view! {
        <a class="line" href=move || link.run(guest) aria-current=current>
            <span class="line__name name">{line.name.address()}</span>
            " "
            <span class="line__aside">{name_parts(i18n, &line.name, line.language.clone())}</span>
            <span class="line__marks cluster">{marks}</span>
            {thing}
            <SeenLine guest loaded=line.seen/>
        </a>
    }
}

/// What a line in a list is known by: everything that it shows. A line whose guest has changed is a
/// new line, one that has only moved keeps its place on the screen and what is open in it.
#[must_use]
pub fn line_key(line: &GuestLine) -> String {
    format!("{line:?}")
}
