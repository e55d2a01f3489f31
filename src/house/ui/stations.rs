//! The stations of the house, and the houses.

use super::{ManageHeading, ZoneField, kind_name};
use crate::{
    error::Refused,
    house::{
        House, Station, StationKind,
        api::{AddHouse, RemoveStation, SaveStation, houses, stations},
    },
    i18n::*,
    ids::StationId,
    staff::ui::use_refused,
    ui::{Attempt, Empty, Failed, Field, FormNote, I18n, Loading, Select, announce_done, outcome, reset_when_done},
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_query_map;

/// Stations with the form that adds or changes one, and the houses below.
#[component]
pub fn StationsPage() -> impl IntoView {
    let i18n = use_i18n();
    let save = ServerAction::<SaveStation>::new();
    let remove = ServerAction::<RemoveStation>::new();
    let add_house = ServerAction::<AddHouse>::new();
    let all = Resource::new(move || (save.version().get(), remove.version().get()), |_| stations());
    let all_houses = Resource::new(move || add_house.version().get(), |_| houses());
    let refused = use_refused();
    let query = use_query_map();
    let chosen = Memo::new(move |_| query.with(|query| query.get_str("edit")?.parse::<StationId>().ok()));
    announce_done(outcome(save), tu_string!(i18n, common.saved));
    announce_done(outcome(remove), tu_string!(i18n, house.stations.removed));
    view! {
        <div class="manage">
            <ManageHeading title=tu_string!(i18n, house.stations.title) lede=tu_string!(i18n, house.stations.lede)/>
            <Transition>
                {move || Suspend::new(async move {
                    let refused = refused.await;
                    view! { <FormNote outcome=Attempt::of(remove, refused.as_ref()).outcome/> }
                })}
            </Transition>
            <Transition fallback=Loading>
                {move || {
                    let chosen = chosen.get();
                    Suspend::new(async move {
                        match all.await {
                            Ok(stations) => {
                                let station = stations.iter().find(|station| Some(station.id) == chosen).cloned();
                                let refused = refused.await;
                                view! {
                                    <StationTable stations/>
                                    {match station {
                                        Some(station) => view! { <EditStation station save remove refused/> }.into_any(),
                                        None => view! { <AddStation save refused/> }.into_any(),
                                    }}
                                }
                                    .into_any()
                            }
                            Err(error) => view! { <Failed error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
            <h2 class="section-title name">{tu_string!(i18n, house.houses.title)}</h2>
            <p class="lede">{tu_string!(i18n, house.houses.lede)}</p>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match all_houses.await {
                        Ok(houses) => view! { <HouseTable houses/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
            <Transition>
                {move || Suspend::new(async move {
                    let refused = refused.await;
                    view! { <NewHouse add_house refused/> }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn StationTable(stations: Vec<Station>) -> impl IntoView {
    let i18n = use_i18n();
    if stations.is_empty() {
        return view! {
            <Empty title=tu_string!(i18n, house.stations.empty) text=tu_string!(i18n, house.stations.empty_text)/>
        }
        .into_any();
    }
    let rows = stations
        .into_iter()
        .map(|station| {
            view! {
                <tr>
                    <th scope="row">
                        <a class="name row-link" href=format!("/manage/stations?edit={}", station.id)>
                            {station.name}
                        </a>
                    </th>
                    <td>{kind_name(i18n, station.kind)}</td>
                    <td class="table__number">{station.extension}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-frame" role="region" aria-label=tu_string!(i18n, house.stations.title) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, house.stations.name)}</th>
                        <th scope="col">{tu_string!(i18n, house.stations.kind)}</th>
                        <th scope="col" class="table__number">
                            {tu_string!(i18n, house.stations.extension)}
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The form for a station that exists, and its removal.
#[component]
fn EditStation(
    station: Station,
    save: ServerAction<SaveStation>,
    remove: ServerAction<RemoveStation>,
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let Station { id, name, kind, extension, .. } = station;
    // What was typed for another station does not belong here.
    let refused = refused.filter(|refused| refused.typed_in("station") == Some(id.to_string().as_str()));
    let attempt = Attempt::of(save, refused.as_ref());
    view! {
        <section id="station" class="panel">
            <div class="panel__head">
                <h2 class="panel__title name">{name.clone()}</h2>
                <a class="button button--quiet" href="/manage/stations">
                    {tu_string!(i18n, common.close)}
                </a>
            </div>
            <ActionForm action=save attr:class="stack">
                <input type="hidden" name="station" value=id.to_string()/>
                <FormNote outcome=attempt.outcome fields=STATION_FIELDS done=tu_string!(i18n, common.saved)/>
                <StationFields attempt name kind=kind.code().to_owned() extension/>
                <button class="button button--primary" type="submit">
                    {tu_string!(i18n, common.save)}
                </button>
            </ActionForm>
            <ActionForm action=remove attr:class="panel__foot">
                <input type="hidden" name="station" value=id.to_string()/>
                <p class="muted">{tu_string!(i18n, house.stations.remove_hint)}</p>
                <button class="button button--danger" type="submit">
                    {tu_string!(i18n, house.stations.remove)}
                </button>
            </ActionForm>
        </section>
    }
}

/// The form for a new station.
#[component]
fn AddStation(save: ServerAction<SaveStation>, refused: Option<Refused>) -> impl IntoView {
    let i18n = use_i18n();
    let attempt = Attempt::of(save, refused.as_ref());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(attempt.outcome, form);
    view! {
        <section id="station" class="panel">
            <h2 class="panel__title">{tu_string!(i18n, house.stations.add)}</h2>
            <ActionForm action=save node_ref=form attr:class="stack">
                <FormNote outcome=attempt.outcome fields=STATION_FIELDS done=tu_string!(i18n, house.stations.added)/>
                <StationFields attempt name=String::new() kind=String::new() extension=String::new()/>
                <button class="button button--primary" type="submit">
                    {tu_string!(i18n, house.stations.add_submit)}
                </button>
            </ActionForm>
        </section>
    }
}

const STATION_FIELDS: &[&str] = &["name", "kind", "extension"];

/// The fields with what was typed into them, or else with what the house has.
#[component]
fn StationFields(attempt: Attempt, name: String, kind: String, extension: String) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <div class="fields fields--two">
            <Field
                label=tu_string!(i18n, house.stations.name)
                name="name"
                id="station-name"
                value=attempt.typed_or("name", name)
                hint=tu_string!(i18n, house.stations.name_hint)
                autocomplete="off"
                error=attempt.problem_in("name")
                required=true
            />
            <Select
                label=tu_string!(i18n, house.stations.kind)
                name="kind"
                options=kind_options(i18n)
                selected=attempt.typed_or("kind", kind)
                error=attempt.problem_in("kind")
            />
            <Field
                label=tu_string!(i18n, house.stations.extension)
                name="extension"
                value=attempt.typed_or("extension", extension)
                hint=tu_string!(i18n, house.stations.extension_hint)
                inputmode="tel"
                autocomplete="off"
                error=attempt.problem_in("extension")
                required=true
            />
        </div>
    }
}

fn kind_options(i18n: I18n) -> Vec<(String, String)> {
    StationKind::ALL.into_iter().map(|kind| (kind.code().to_owned(), kind_name(i18n, kind).to_owned())).collect()
}

#[component]
fn HouseTable(houses: Vec<House>) -> impl IntoView {
    let i18n = use_i18n();
    let rows = houses
        .into_iter()
        .map(|house| {
            view! {
                <tr>
                    <th scope="row" class="name">
                        {house.name}
                    </th>
                    <td>{house.code}</td>
                    <td>{house.timezone}</td>
                    <td>{house.currency}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-frame" role="region" aria-label=tu_string!(i18n, house.houses.title) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, house.houses.name)}</th>
                        <th scope="col">{tu_string!(i18n, house.houses.code)}</th>
                        <th scope="col">{tu_string!(i18n, house.houses.timezone)}</th>
                        <th scope="col">{tu_string!(i18n, house.houses.currency)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// The form for another house.
#[component]
fn NewHouse(add_house: ServerAction<AddHouse>, refused: Option<Refused>) -> impl IntoView {
    let i18n = use_i18n();
    let attempt = Attempt::of(add_house, refused.as_ref());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(attempt.outcome, form);
    view! {
        <section id="house" class="panel">
            <h3 class="panel__title">{tu_string!(i18n, house.houses.add)}</h3>
            <ActionForm action=add_house node_ref=form attr:class="stack">
                <FormNote
                    outcome=attempt.outcome
                    fields=&["name", "code", "timezone", "currency"]
                    done=tu_string!(i18n, house.houses.added)
                />
                <div class="fields fields--two">
                    <Field
                        label=tu_string!(i18n, house.houses.name)
                        name="name"
                        id="house-name"
                        value=attempt.typed("name")
                        autocomplete="off"
                        error=attempt.problem_in("name")
                        required=true
                    />
                    <Field
                        label=tu_string!(i18n, house.houses.code)
                        name="code"
                        value=attempt.typed("code")
                        hint=tu_string!(i18n, house.houses.code_hint)
                        autocomplete="off"
                        error=attempt.problem_in("code")
                        required=true
                    />
                    <ZoneField value=attempt.typed("timezone") error=attempt.problem_in("timezone")/>
                    <Field
                        label=tu_string!(i18n, house.houses.currency)
                        name="currency"
                        value=attempt.typed("currency")
                        hint=tu_string!(i18n, house.houses.currency_hint)
                        autocomplete="off"
                        error=attempt.problem_in("currency")
                        required=true
                    />
                </div>
                <button class="button" type="submit">
                    {tu_string!(i18n, house.houses.add_submit)}
                </button>
            </ActionForm>
        </section>
    }
}
