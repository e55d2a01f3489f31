//! The people of a group, by name, a page at a time.

use super::{group_page, outcome_words};
use crate::{
    campaigns::{
        pages::{self, Outcome, Person},
        ui::words::{reason_text, reason_words},
    },
    guests::ui::words::language_words,
    i18n::*,
    ui::{I18n, date::long_date},
};
use leptos::prelude::*;
use leptos_router::location::Url;

/// The people of the group that is shown, with the day, their language and the reason for each.
#[component]
pub fn People(page: pages::PreflightPage) -> impl IntoView {
    let i18n = use_i18n();
    let pages::PreflightPage { campaign, shown, people, next, .. } = page;
    let (outcome, reason) = shown.unwrap_or((Outcome::Reached, None));
    let title = match reason {
        Some(reason) => format!("{}: {}", outcome_words(i18n, outcome), reason_words(i18n, reason)),
        None => outcome_words(i18n, outcome).to_owned(),
    };
    let rows = people
        .into_iter()
        .map(|person| {
            view! { <tr>{person_cells(i18n, person)}</tr> }
        })
        .collect_view();
    let more =
        next.map(|after| format!("{}&after={}#people", group_page(campaign.id, outcome, reason), Url::escape(&after)));
    view! {
        <section id="people" class="people">
            <h2 class="section-title name">{title.clone()}</h2>
            <div class="table-frame" role="region" aria-label=title tabindex="0">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">{tu_string!(i18n, campaigns.preflight.guest)}</th>
                            <th scope="col">{tu_string!(i18n, campaigns.preflight.day)}</th>
                            <th scope="col">{tu_string!(i18n, campaigns.preflight.language)}</th>
                            <th scope="col">{tu_string!(i18n, campaigns.preflight.what)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {more
                .map(|href| {
                    view! {
                        <p>
                            <a class="button" href=href>
                                {tu_string!(i18n, campaigns.preflight.more)}
                            </a>
                        </p>
                    }
                })}
        </section>
    }
}

/// Somebody in a row of a table: name, day, language, and what becomes of him and why.
pub(in super::super) fn person_cells(i18n: I18n, person: Person) -> impl IntoView {
    let native = person.native.map(|native| view! { " " <span class="native">{native}</span> });
    let language = person.language.map(|code| language_words(i18n, &code));
    let what = match person.reason {
        Some(reason) => {
            format!("{}. {}", outcome_words(i18n, person.outcome), reason_text(i18n, reason, person.detail.as_deref()))
        }
        None => outcome_words(i18n, person.outcome).to_owned(),
    };
    view! {
        <th scope="row">
            <a class="row-link" href=format!("/guests/{}", person.guest)>
                <span class="name">{person.name}</span>
                {native}
            </a>
        </th>
        <td class="table__time">{long_date(i18n, &person.date)}</td>
        <td>{language}</td>
        <td>{what}</td>
    }
}
