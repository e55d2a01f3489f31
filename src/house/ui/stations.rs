//! The stations of the house, and the houses.

use super::{ManageHeading, ZoneField, kind_name};
use crate::{
    house::{
        House, Station, StationKind,
        api::{AddHouse, RemoveStation, SaveStation, houses, stations},
    },
    i18n::*,
    ids::StationId,
    ui::{Empty, Failed, Field, FormNote, I18n, Loading, Select, announce_done, outcome, problem_in, reset_when_done},
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
    let query = use_query_map();
    let chosen = Memo::new(move |_| query.with(|query| query.get_str("edit")?.parse::<StationId>().ok()));
    announce_done(outcome(save), tu_string!(i18n, common.saved));
    announce_done(outcome(remove), tu_string!(i18n, house.stations.removed));
    view! {
        <div class="manage">
            <ManageHeading title=tu_string!(i18n, house.stations.title) lede=tu_string!(i18n, house.stations.lede)/>
            <FormNote outcome=outcome(remove)/>
            <Transition fallback=Loading>
                {move || {
                    let chosen = chosen.get();
                    Suspend::new(async move {
                        match all.await {
                            Ok(stations) => {
                                let station = stations.iter().find(|station| Some(station.id) == chosen).cloned();
                                view! {
                                    <StationTable stations/>
                                    {match station {
                                        Some(station) => view! { <EditStation station save remove/> }.into_any(),
                                        None => view! { <AddStation save/> }.into_any(),
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
            <NewHouse add_house/>
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
) -> impl IntoView {
    let i18n = use_i18n();
    let Station { id, name, kind, extension, .. } = station;
    view! {
        <section class="panel">
            <div class="panel__head">
                <h2 class="panel__title name">{name.clone()}</h2>
                <a class="button button--quiet" href="/manage/stations">
                    {tu_string!(i18n, common.close)}
                </a>
            </div>
            <ActionForm action=save attr:class="stack">
                <input type="hidden" name="station" value=id.to_string()/>
                <FormNote
                    outcome=outcome(save)
                    fields=STATION_FIELDS
                    done=tu_string!(i18n, common.saved)
                />
                <StationFields save name kind=Some(kind) extension/>
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
fn AddStation(save: ServerAction<SaveStation>) -> impl IntoView {
    let i18n = use_i18n();
    let form = NodeRef::<html::Form>::new();
    reset_when_done(outcome(save), form);
    view! {
        <section class="panel">
            <h2 class="panel__title">{tu_string!(i18n, house.stations.add)}</h2>
            <ActionForm action=save node_ref=form attr:class="stack">
                <FormNote
                    outcome=outcome(save)
                    fields=STATION_FIELDS
                    done=tu_string!(i18n, house.stations.added)
                />
                <StationFields save name=String::new() kind=None extension=String::new()/>
                <button class="button button--primary" type="submit">
                    {tu_string!(i18n, house.stations.add_submit)}
                </button>
            </ActionForm>
        </section>
    }
}

const STATION_FIELDS: &[&str] = &["name", "kind", "extension"];

#[component]
fn StationFields(
    save: ServerAction<SaveStation>,
    name: String,
    kind: Option<StationKind>,
    extension: String,
) -> impl IntoView {
    let i18n = use_i18n();
    let tried = outcome(save);
    view! {
        <div class="fields fields--two">
            <Field
                label=tu_string!(i18n, house.stations.name)
                name="name"
                id="station-name"
                value=name
                hint=tu_string!(i18n, house.stations.name_hint)
                autocomplete="off"
                error=problem_in(tried, "name")
                required=true
            />
            <Select
                label=tu_string!(i18n, house.stations.kind)
                name="kind"
                options=kind_options(i18n)
                selected=kind.map_or("", StationKind::code)
                error=problem_in(tried, "kind")
            />
            <Field
                label=tu_string!(i18n, house.stations.extension)
                name="extension"
                value=extension
                hint=tu_string!(i18n, house.stations.extension_hint)
                inputmode="tel"
                autocomplete="off"
                error=problem_in(tried, "extension")
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
fn NewHouse(add_house: ServerAction<AddHouse>) -> impl IntoView {
    let i18n = use_i18n();
    let tried = outcome(add_house);
    let form = NodeRef::<html::Form>::new();
    reset_when_done(tried, form);
    view! {
        <section class="panel">
            <h3 class="panel__title">{tu_string!(i18n, house.houses.add)}</h3>
            <ActionForm action=add_house node_ref=form attr:class="stack">
                <FormNote
                    outcome=tried
                    fields=&["name", "code", "timezone", "currency"]
                    done=tu_string!(i18n, house.houses.added)
                />
                <div class="fields fields--two">
                    <Field
                        label=tu_string!(i18n, house.houses.name)
                        name="name"
                        id="house-name"
                        autocomplete="off"
                        error=problem_in(tried, "name")
                        required=true
                    />
                    <Field
                        label=tu_string!(i18n, house.houses.code)
                        name="code"
                        hint=tu_string!(i18n, house.houses.code_hint)
                        autocomplete="off"
                        error=problem_in(tried, "code")
                        required=true
                    />
                    <ZoneField error=problem_in(tried, "timezone")/>
                    <Field
                        label=tu_string!(i18n, house.houses.currency)
                        name="currency"
                        hint=tu_string!(i18n, house.houses.currency_hint)
                        autocomplete="off"
                        error=problem_in(tried, "currency")
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
