//! Where this device stands.

use super::kind_name;
use crate::{
    error::AppError,
    house::{
        Station, StationKind,
        api::{ChooseStation, stations},
    },
    i18n::*,
    staff::{
        Ability, Role,
        ui::{next_page, use_refused, use_session},
    },
    ui::{Attempt, Empty, Failed, FormNote, I18n, Loading, redirect_to},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::location::Url;

/// One large button for each station, grouped by what is done there. The device remembers.
#[component]
pub fn StationPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let refused = use_refused();
    let all = Resource::new(|| (), |()| stations());
    let choose = ServerAction::<ChooseStation>::new();
    let next = next_page();
    let title = tu_string!(i18n, house.choose.title);
    view! {
        <Title text=title/>
        <h1 class="name">{title}</h1>
        <p class="lede">{tu_string!(i18n, house.choose.lede)}</p>
        <Transition>
            {move || Suspend::new(async move {
                let refused = refused.await;
                view! { <FormNote outcome=Attempt::of(choose, refused.as_ref()).outcome/> }
            })}
        </Transition>
        <Transition fallback=Loading>
            {move || {
                let next = next.clone();
                Suspend::new(async move {
                    let me = match session.await {
                        Ok(Some(me)) => me,
                        Ok(None) | Err(AppError::SignedOut) => return redirect_to(sign_in_address(next.as_deref())),
                        Err(error) => return view! { <Failed error/> }.into_any(),
                    };
                    let groups = match all.await {
                        Ok(stations) if stations.is_empty() => {
                            view! {
                                <Empty
                                    title=tu_string!(i18n, house.choose.empty)
                                    text=tu_string!(i18n, house.choose.empty_text)
                                />
                            }
                                .into_any()
                        }
                        Ok(stations) => {
                            let groups = by_kind(i18n, &stations, me.station.as_ref());
                            view! {
                                <ActionForm action=choose attr:class="stations">
                                    {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
                                    {groups}
                                </ActionForm>
                            }
                                .into_any()
                        }
                        Err(error) => view! { <Failed error/> }.into_any(),
                    };
                    view! {
                        {groups}
                        <Without role=me.role/>
                    }
                        .into_any()
                })
            }}
        </Transition>
    }
}

/// The sign-in page, which leads back here with what was wanted.
fn sign_in_address(next: Option<&str>) -> String {
    let here = next.map_or_else(|| "/station".to_owned(), |next| format!("/station?next={}", Url::escape(next)));
    format!("/sign-in?next={}", Url::escape(&here))
}

/// The stations in groups of one kind, the device's own one marked.
fn by_kind(i18n: I18n, stations: &[Station], own: Option<&Station>) -> Vec<AnyView> {
    StationKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let buttons: Vec<_> = stations
                .iter()
                .filter(|station| station.kind == kind)
                .map(|station| {
                    let is_own = own.is_some_and(|own| own.id == station.id);
                    view! { <Choice station=station.clone() is_own/> }
                })
                .collect();
            (!buttons.is_empty()).then(|| {
                view! {
                    <section class="stations__group">
                        <h2 class="stations__kind">{kind_name(i18n, kind)}</h2>
                        <div class="stations__choices">{buttons}</div>
                    </section>
                }
                .into_any()
            })
        })
        .collect()
}

#[component]
fn Choice(station: Station, is_own: bool) -> impl IntoView {
    let i18n = use_i18n();
    let here = is_own.then(|| view! { <span class="badge">{tu_string!(i18n, house.choose.here)}</span> });
    view! {
        <button class="station" type="submit" name="station" value=station.id.to_string()>
            <span class="station__name name">{station.name}</span>
            <span class="station__extension">
                {tu_string!(i18n, house.stations.extension_is, extension = station.extension)}
            </span>
            {here}
        </button>
    }
}

/// The way on for those whose work does not begin at a station.
#[component]
fn Without(role: Role) -> impl IntoView {
    let i18n = use_i18n();
    let needs_one = role.may(Ability::AnswerAlerts) && !role.may(Ability::ManageHouse);
    (!needs_one).then(|| {
        view! {
            <p class="front__aside">
                <a href=role.home() rel="external">
                    {tu_string!(i18n, house.choose.without)}
                </a>
            </p>
        }
    })
}
