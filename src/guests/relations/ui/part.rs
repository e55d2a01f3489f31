//! The part of a card that tells who is around the guest.

use super::words::{child_words, occasion_words, relation_words};
use crate::{
    guests::{
        GuestName,
        card::GuestCard,
        relations::{ChildLine, OccasionLine, PartyLine, RelationLine},
    },
    i18n::*,
    ids::GuestId,
    ui::{I18n, date},
};
use leptos::prelude::*;

/// Who belongs to the guest, who comes along, the children, and the days that the house keeps: as much of it as the
/// card carries. Nothing where there is nobody.
#[must_use]
pub fn people_part(i18n: I18n, card: &GuestCard) -> Option<AnyView> {
    let served = card.served()?;
    let occasions = card.occasions();
    if served.people.is_empty() && served.children.is_empty() && served.party.is_none() && occasions.is_empty() {
        return None;
    }
    let days = occasions.iter().map(|day| view! { <li>{day_line(i18n, day)}</li> }).collect_view();
    let party = served.party.as_ref().map(|party| view! { <li>{party_line(i18n, party)}</li> });
    let people = served.people.iter().map(|line| view! { <li>{relation_line(i18n, line)}</li> }).collect_view();
    let children = served.children.iter().map(|child| view! { <li>{child_line(i18n, child)}</li> }).collect_view();
    Some(
        view! {
            <section class="guest__part around" aria-labelledby="guest-people">
                <h3 id="guest-people">{tu_string!(i18n, people.title)}</h3>
                <ul class="around__lines">{days} {party} {people} {children}</ul>
            </section>
        }
        .into_any(),
    )
}

/// A name that leads to its card.
pub(super) fn name_link(guest: GuestId, name: &GuestName) -> AnyView {
    let address = name.address();
    view! {
        <a class="name row-link" href=format!("/guests/{guest}")>
            {address}
        </a>
    }
    .into_any()
}

/// "Mrs Müller partner": the name leads to the card.
pub(super) fn relation_line(i18n: I18n, line: &RelationLine) -> AnyView {
    view! {
        {name_link(line.guest, &line.name)}
        " "
        <span class="muted">{relation_words(i18n, line.relation)}</span>
    }
    .into_any()
}

pub(super) fn child_line(i18n: I18n, child: &ChildLine) -> AnyView {
    view! { <span>{child_words(i18n, child)}</span> }.into_any()
}

/// A day, marked when it is time to prepare it.
pub(super) fn day_line(i18n: I18n, day: &OccasionLine) -> AnyView {
    let soon =
        day.is_near().then(|| view! { <span class="badge badge--near">{tu_string!(i18n, people.around.soon)}</span> });
    view! {
        <span>{occasion_words(i18n, day)}</span>
        " "
        {soon}
    }
    .into_any()
}

/// "The Zhangs, 22 Nov 2026 to 25 Nov 2026", and the others by name.
fn party_line(i18n: I18n, party: &PartyLine) -> AnyView {
    let others = party
        .others
        .iter()
        .map(|(guest, name)| {
            view! {
                " "
                {name_link(*guest, name)}
            }
        })
        .collect_view();
    view! {
        <span>{party_words(i18n, party)}</span>
        {others}
    }
    .into_any()
}

pub(super) fn party_words(i18n: I18n, party: &PartyLine) -> String {
    tu_string!(
        i18n,
        people.around.party.line,
        name = party.name.clone(),
        arrival = date::short_date(i18n, &party.arrival),
        departure = date::short_date(i18n, &party.departure)
    )
}
