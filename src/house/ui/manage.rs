//! The manager's overview, and the heading that the pages of the house share.

mod overview;

pub use overview::ManagePage;

use crate::{
    i18n::*,
    staff::{Ability, Role, ui::use_session},
    ui::I18n,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// Title and purpose of a page of the house, with the way to the others.
#[component]
pub fn ManageHeading(title: &'static str, lede: &'static str) -> impl IntoView {
    let session = use_session();
    view! {
        <Title text=title/>
        <Transition>
            {move || Suspend::new(async move {
                match session.await {
                    Ok(Some(me)) => view! { <Pages role=me.role/> }.into_any(),
                    _ => ().into_any(),
                }
            })}
        </Transition>
        <h1 class="page__title name">{title}</h1>
        <p class="lede">{lede}</p>
    }
}

#[component]
fn Pages(role: Role) -> impl IntoView {
    let i18n = use_i18n();
    let links = pages(i18n, role)
        .into_iter()
        .map(|(href, text)| {
            view! {
                <li>
                    <A href=href exact=true>
                        {text}
                    </A>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="subnav" aria-label=tu_string!(i18n, house.manage.title)>
            <ul>{links}</ul>
        </nav>
    }
}

/// The pages of the house that the role may open.
fn pages(i18n: I18n, role: Role) -> Vec<(&'static str, &'static str)> {
    [
        (Ability::ManageHouse, "/manage", tu_string!(i18n, house.manage.overview)),
        (Ability::ManageHouse, "/manage/stations", tu_string!(i18n, house.manage.stations)),
        (Ability::ManageHouse, "/manage/alerts", tu_string!(i18n, alerts.report.link)),
        (Ability::ManageHouse, "/manage/alert-rules", tu_string!(i18n, alerts.rules.title)),
        (Ability::ManageHouse, "/manage/memory", tu_string!(i18n, memory.settings.title)),
        (Ability::ManageHouse, "/manage/letters", tu_string!(i18n, campaigns.policy.title)),
        (Ability::ManageStaff, "/manage/staff", tu_string!(i18n, house.manage.staff)),
        (Ability::Import, "/manage/imports", tu_string!(i18n, house.manage.imports)),
        (Ability::SeeAudit, "/manage/audit", tu_string!(i18n, house.manage.audit)),
        (Ability::SetLoyalty, "/manage/loyalty", tu_string!(i18n, loyalty.rules.title)),
    ]
    .into_iter()
    .filter(|(ability, ..)| role.may(*ability))
    .map(|(_, href, text)| (href, text))
    .collect()
}
