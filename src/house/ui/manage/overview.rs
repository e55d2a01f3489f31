//! The house at a glance: what waits for the manager, and each part of the house in a sentence.

mod stations;

use super::ManageHeading;
use crate::{
    alerts::{
        AlertCard, AlertState, Urgency,
        live::{refetch_when, use_live},
        reports::{StationStatus, api::station_board},
        ui::unanswered_here,
    },
    error::AppError,
    exchange::{ImportRun, ImportState, api::imports, ui::run_sentence},
    house::Station,
    i18n::*,
    staff::{AuditRow, StaffRow, api::audit_trail, api::staff_list, ui::use_session},
    ui::{ErrorNote, I18n, Loading, date::moment},
};
use leptos::prelude::*;
use stations::StationList;

type Answer<T> = Result<Vec<T>, AppError>;

/// Each part is asked for on its own, so that one that fails leaves the others standing. What the
/// role may not see is left out. The stations follow what happens, where the line is open.
#[component]
pub fn ManagePage() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let all_stations = Resource::new(|| (), |()| station_board());
    let newer = RwSignal::new(None);
    refetch_when(
        move || {
            let (last_answer, unanswered) = live.alerts.with(|alerts| {
                let carried =
                    |alert: &&AlertCard| alert.state == AlertState::Raised && alert.urgency >= Urgency::DutyTold;
                (
                    alerts.values().filter_map(|alert| alert.acknowledged_at).max(),
                    alerts.values().filter(carried).count(),
                )
            });
            (live.presence.get(), live.station_changed.get(), live.reset.get(), last_answer, unanswered)
        },
        station_board,
        move |answer: Answer<StationStatus>| {
            if let Ok(stations) = answer {
                newer.set(Some(stations));
            }
        },
    );
    // The very count of the band above, where the page knows it.
    let told_above = unanswered_here(live, use_session());
    let people = Resource::new(|| (), |()| staff_list());
    let runs = Resource::new(|| (), |()| imports());
    let trail = Resource::new(|| (), |()| audit_trail());
    view! {
        <div class="manage">
            <ManageHeading title=tu_string!(i18n, house.manage.title) lede=tu_string!(i18n, house.manage.lede)/>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    let (stations, people, runs, trail) =
                        (all_stations.await, people.await, runs.await, trail.await);
                    let waiting = waiting(i18n, &stations, &runs);
                    let loaded_bare = stations.as_deref().map(without_backup).unwrap_or_default();
                    let bare = Memo::new(move |_| {
                        newer.with(|newer| newer.as_deref().map_or_else(|| loaded_bare.clone(), without_backup))
                    });
                    let loaded = stations.as_deref().map_or(0, unanswered);
                    let unanswered = Memo::new(move |_| {
                        let known = || newer.with(|newer| newer.as_deref().map_or(loaded, unanswered));
                        told_above.get().unwrap_or_else(known)
                    });
                    view! {
                        <Waiting unanswered bare waiting/>
                        <div class="overview">
                            {part(
                                tu_string!(i18n, house.manage.stations),
                                "/manage/stations",
                                stations,
                                move |stations| view! { <StationList stations newer/> }.into_any(),
                            )}
                            {part(
                                tu_string!(i18n, house.manage.imports),
                                "/manage/imports",
                                runs,
                                move |runs| newest_import(i18n, &runs),
                            )}
                            {part(
                                tu_string!(i18n, house.manage.staff),
                                "/manage/staff",
                                people,
                                move |people| people_sentence(i18n, &people),
                            )}
                            {part(
                                tu_string!(i18n, house.manage.audit),
                                "/manage/audit",
                                trail,
                                move |trail| last_seen(i18n, &trail),
                            )}
                        </div>
                    }
                })}
            </Transition>
        </div>
    }
}

/// One part of the house with the way to its page; nothing for roles that may not see it.
fn part<T>(
    title: &'static str,
    href: &'static str,
    answer: Answer<T>,
    content: impl FnOnce(Vec<T>) -> AnyView,
) -> Option<AnyView> {
    let content = match answer {
        Ok(rows) => content(rows),
        Err(AppError::Forbidden) => return None,
        Err(error) => view! { <ErrorNote error/> }.into_any(),
    };
    Some(
        view! {
            <section class="panel overview__part">
                <h2 class="panel__title">
                    <a href=href>{title}</a>
                </h2>
                {content}
            </section>
        }
        .into_any(),
    )
}

/// How many alerts nobody has answered that have been carried to whoever is looking.
fn unanswered(stations: &[StationStatus]) -> u32 {
    stations.iter().map(|status| status.unanswered).sum()
}

/// The stations whose word goes to no other one when nobody acknowledges it. In a house of one station there
/// is no other.
fn without_backup(stations: &[StationStatus]) -> Vec<Station> {
    let bare = stations.iter().filter(|status| stations.len() > 1 && !status.has_backup);
    bare.map(|status| status.station.clone()).collect()
}

/// What else a manager should look at, most pressing first: text and where to go.
fn waiting(i18n: I18n, stations: &Answer<StationStatus>, runs: &Answer<ImportRun>) -> Vec<(String, &'static str)> {
    let mut waiting = Vec::new();
    if matches!(stations, Ok(stations) if stations.is_empty()) {
        waiting.push((tu_string!(i18n, house.manage.no_stations).to_owned(), "/manage/stations"));
    }
    match runs.as_ref().map(|runs| runs.first()) {
        Ok(None) => waiting.push((tu_string!(i18n, house.manage.no_imports).to_owned(), "/manage/imports")),
        Ok(Some(run)) => {
            if matches!(run.state, ImportState::Stopped(_)) {
                waiting.push((tu_string!(i18n, house.manage.import_stopped, file = &run.file), "/manage/imports"));
            }
            if run.counts.rejected > 0 {
                let text = tu_string!(i18n, house.manage.rows_rejected, count = run.counts.rejected, file = &run.file);
                waiting.push((text, "/manage/imports"));
            }
        }
        Err(_) => {}
    }
    waiting
}

#[component]
fn Waiting(
    /// Alerts that nobody has answered: before everything else.
    unanswered: Memo<u32>,
    /// Stations that have no backup.
    bare: Memo<Vec<Station>>,
    waiting: Vec<(String, &'static str)>,
) -> impl IntoView {
    let i18n = use_i18n();
    let content = move || {
        let alerts = Some(unanswered.get()).filter(|count| *count > 0);
        let alerts =
            alerts.map(|count| (tu_string!(i18n, house.manage.unanswered_alerts, count = count), "/board".to_owned()));
        let bare = bare.get().into_iter().map(|station| {
            let rule = format!("/manage/alert-rules?station={}&kind=#rule", station.id);
            (tu_string!(i18n, house.manage.no_backup, station = station.name), rule)
        });
        let others = waiting.iter().map(|(text, href)| (text.clone(), (*href).to_owned()));
        let lines: Vec<_> = alerts.into_iter().chain(bare).chain(others).collect();
        if lines.is_empty() {
            return view! { <p>{tu_string!(i18n, house.manage.nothing_waits)}</p> }.into_any();
        }
        let lines = lines
            .into_iter()
            .map(|(text, href)| {
                view! {
                    <li>
                        <a class="row-link" href=href>
                            {text}
                        </a>
                    </li>
                }
            })
            .collect_view();
        view! { <ul class="waiting__list">{lines}</ul> }.into_any()
    };
    view! {
        <section class="waiting">
            <h2 class="waiting__title">{tu_string!(i18n, house.manage.waiting)}</h2>
            {content}
        </section>
    }
}

fn newest_import(i18n: I18n, runs: &[ImportRun]) -> AnyView {
    let sentence = runs
        .first()
        .map_or_else(|| tu_string!(i18n, house.manage.no_imports).to_owned(), |run| run_sentence(i18n, run));
    view! { <p>{sentence}</p> }.into_any()
}

fn people_sentence(i18n: I18n, people: &[StaffRow]) -> AnyView {
    let active = people.iter().filter(|person| person.active).count();
    let signed_in: Vec<_> =
        people.iter().filter(|person| person.sessions > 0).map(|person| person.name.clone()).collect();
    let now = if signed_in.is_empty() {
        tu_string!(i18n, house.manage.nobody_signed_in).to_owned()
    } else {
        tu_string!(i18n, house.manage.signed_in_now, names = signed_in.join(", "))
    };
    view! {
        <p>{tu_string!(i18n, house.manage.people, count = active)}</p>
        <p class="muted">{now}</p>
    }
    .into_any()
}

fn last_seen(i18n: I18n, trail: &[AuditRow]) -> AnyView {
    let sentence = trail.iter().find_map(|row| {
        let (_, guest) = row.guest.as_ref()?;
        Some(tu_string!(i18n, house.manage.last_looked, who = &row.who, guest = guest, at = moment(i18n, &row.at)))
    });
    let sentence = sentence.unwrap_or_else(|| tu_string!(i18n, house.manage.nobody_looked).to_owned());
    view! { <p>{sentence}</p> }.into_any()
}
