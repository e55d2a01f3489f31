//! What a guest has asked for, as a card, a ticket and the side of a board tell it.

use super::words::{request_ordered, request_sentence, request_state};
use crate::{
    alerts::live::{Live, refetch_when},
    error::AppError,
    house::StationKind,
    i18n::*,
    ids::RequestId,
    requests::asked::{AskedFor, RequestLine, RequestList, api::requests},
    ui::I18n,
};
use leptos::prelude::*;

/// The part of a card: what has been asked for and is not done, so that nobody asks again.
#[must_use]
pub fn asked_part(i18n: I18n, lines: &[RequestLine]) -> Option<AnyView> {
    let guest = lines.first()?.guest;
    Some(
        view! {
            <section class="asked" aria-labelledby="guest-asked">
                <h3 class="asked__title" id="guest-asked">{tu_string!(i18n, requests.card.title)}</h3>
                {asked_lines(i18n, lines, None)}
                <p>
                    <a class="row-link" href=format!("/requests?guest={guest}")>
                        {tu_string!(i18n, requests.card.manage)}
                    </a>
                </p>
            </section>
        }
        .into_any(),
    )
}

/// One line for each: what and when, who ordered it, and how it stands. The one that is due is marked.
#[must_use]
pub fn asked_lines(i18n: I18n, lines: &[RequestLine], due: Option<RequestId>) -> AnyView {
    let lines = lines
        .iter()
        .map(|line| {
            let class = if Some(line.id) == due { "asked__line asked__line--due" } else { "asked__line" };
            let text = line.text.clone().map(|text| view! { <p class="asked__text">{text}</p> });
            view! {
                <li class=class>
                    <p class="asked__what">{request_sentence(i18n, line, None)}</p>
                    {text}
                    <p>{request_ordered(i18n, line)}</p>
                    <p class="muted">{request_state(i18n, line)}</p>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="asked__lines">{lines}</ul> }.into_any()
}

/// On the side of a board by which guests leave: what those who leave today have asked for. It follows the line.
#[component]
pub fn DepartingRequests(
    /// As the board was loaded.
    loaded: Vec<AskedFor>,
    station: StationKind,
    live: Live,
) -> impl IntoView {
    let i18n = use_i18n();
    let shown = RwSignal::new(loaded);
    refetch_when(
        move || (live.requests_changed.get(), live.stays_changed.get(), live.reset.get()),
        move || requests(Some(station)),
        move |answer: Result<RequestList, AppError>| {
            if let Ok(list) = answer {
                shown.set(list.open.into_iter().filter(|asked| asked.leaves_today).collect());
            }
        },
    );
    move || {
        shown.with(|shown| {
            (!shown.is_empty()).then(|| {
                view! {
                    <section class="side-list" aria-labelledby="departing-title">
                        <h2 id="departing-title">{tu_string!(i18n, requests.board.title)}</h2>
                        {asked_for_lines(i18n, shown)}
                    </section>
                }
            })
        })
    }
}

/// One line for each: who, what and when, and how it stands.
#[must_use]
pub fn asked_for_lines(i18n: I18n, asked: &[AskedFor]) -> AnyView {
    let lines = asked
        .iter()
        .map(|AskedFor { line, about, .. }| {
            let name = about.as_ref().map(|about| about.name.address()).unwrap_or_default();
            let room = line.room.clone().map(|room| tu_string!(i18n, guests.card.room, room = room));
            view! {
                <li>
                    <a class="name row-link" href=format!("/requests?guest={}", line.guest)>{name}</a>
                    " "
                    <span>{request_sentence(i18n, line, None)}</span>
                    " "
                    <span class="muted">{room}</span>
                    " "
                    <strong class="asked__state">{request_state(i18n, line)}</strong>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="asked__people">{lines}</ul> }.into_any()
}
