//! The house's settings for word that nobody answers: times, backup station and who is on duty, by
//! station and by kind. And for how long it is told where a guest was.

use super::ManageHeading;
use crate::{
    alerts::{
        AlertKind,
        api::{RemoveAlertRule, SaveAlertRule, alert_rules},
        rules::{LONGEST_OPEN, LONGEST_WAIT, RuleForm, StationRule, StationRules},
        ui::names_in_a_row,
    },
    guests::ui::words::kind_words,
    house::{Station, api::SaveLocatorHours},
    i18n::*,
    ids::StationId,
    staff::{Ability, StaffRow, api::staff_list, ui::use_session},
    ui::{
        Empty, ErrorNote, Failed, Field, FormNote, I18n, Loading, Select, announce_done, error_of, outcome, problem_in,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The rule that the page's address asks to change.
type Chosen = Option<(StationId, Option<AlertKind>)>;

/// The page `/manage/alert-rules`.
#[component]
pub fn AlertRulesPage() -> impl IntoView {
    let i18n = use_i18n();
    let save = ServerAction::<SaveAlertRule>::new();
    let remove = ServerAction::<RemoveAlertRule>::new();
    let all = Resource::new(move || (save.version().get(), remove.version().get()), |_| alert_rules());
    let people = Resource::new(|| (), |()| staff_list());
    let query = use_query_map();
    let chosen = Memo::new(move |_| -> Chosen {
        query.with(|query| {
            let station = query.get_str("station")?.parse::<StationId>().ok()?;
            Some((station, query.get_str("kind").and_then(AlertKind::from_code)))
        })
    });
    announce_done(outcome(save), tu_string!(i18n, common.saved));
    announce_done(outcome(remove), tu_string!(i18n, alerts.rules.removed));
    view! {
        <div class="manage">
            <ManageHeading title=tu_string!(i18n, alerts.rules.title) lede=tu_string!(i18n, alerts.rules.lede)/>
            <FormNote outcome=outcome(remove) done=tu_string!(i18n, alerts.rules.removed)/>
            <Transition fallback=Loading>
                {move || {
                    let chosen = chosen.get();
                    Suspend::new(async move {
                        let (all, people) = (all.await, people.await);
                        match all {
                            Ok(all) if all.is_empty() => {
                                view! {
                                    <Empty
                                        title=tu_string!(i18n, house.stations.empty)
                                        text=tu_string!(i18n, house.stations.empty_text)
                                    />
                                }
                                    .into_any()
                            }
                            // Without the list of colleagues the times can be set all the same.
                            Ok(all) => rules(i18n, all, &people.unwrap_or_default(), chosen, save, remove),
                            Err(error) => view! { <Failed error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
            <LocatorHours/>
        </div>
    }
}

/// The table of all rules, and the form for the one that was chosen or is to be chosen.
fn rules(
    i18n: I18n,
    all: Vec<StationRules>,
    people: &[StaffRow],
    chosen: Chosen,
    save: ServerAction<SaveAlertRule>,
    remove: ServerAction<RemoveAlertRule>,
) -> AnyView {
    let stations: Vec<Station> = all.iter().map(|of| of.station.clone()).collect();
    let form = chosen.and_then(|(station, kind)| {
        let of = all.iter().find(|of| of.station.id == station)?.clone();
        let duty = duty_options(i18n, people);
        Some(view! { <EditRule of kind stations=stations.clone() duty save remove/> }.into_any())
    });
    let form = form.unwrap_or_else(|| view! { <ChooseRule stations=stations.clone()/> }.into_any());
    let rows = all.iter().map(|of| station_rows(i18n, of, &stations, people)).collect_view();
    view! {
        <div class="table-frame" role="region" aria-label=tu_string!(i18n, alerts.rules.table) tabindex="0">
            <table class="table table--rules">
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, alerts.rules.station)}</th>
                        <th scope="col">{tu_string!(i18n, alerts.rules.kind)}</th>
                        <th scope="col">{tu_string!(i18n, alerts.rules.again)}</th>
                        <th scope="col">{tu_string!(i18n, alerts.rules.duty)}</th>
                        <th scope="col">{tu_string!(i18n, alerts.rules.unanswered)}</th>
                        <th scope="col">{tu_string!(i18n, alerts.rules.expires)}</th>
                        <th scope="col">{tu_string!(i18n, alerts.rules.backup)}</th>
                        <th scope="col">{tu_string!(i18n, alerts.rules.duty_who)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {form}
    }
    .into_any()
}

/// The rules of one station, and what it has muted.
fn station_rows(i18n: I18n, of: &StationRules, stations: &[Station], people: &[StaffRow]) -> AnyView {
    of.rules
        .iter()
        .map(|rule| {
            let backup = rule.backup.and_then(|id| stations.iter().find(|station| station.id == id));
            let duty = rule.duty.and_then(|id| people.iter().find(|person| person.id == id));
            // Said once, with the rule for every kind.
            let quiet = (rule.kind.is_none() && !of.muted.is_empty()).then(|| {
                let kinds: Vec<_> = of.muted.iter().map(|kind| kind_words(i18n, *kind)).collect();
                let kinds = names_in_a_row(i18n, &kinds);
                view! { <p class="muted">{tu_string!(i18n, alerts.quiet.of_station, kinds = kinds)}</p> }
            });
            view! {
                <tr>
                    <th scope="row">
                        <a class="name row-link" href=rule_address(rule)>
                            {of.station.name.clone()}
                            <span class="visually-hidden">" " {kind_or_any(i18n, rule.kind)}</span>
                        </a>
                    </th>
                    <td class="table__words">{kind_or_any(i18n, rule.kind)} {quiet}</td>
                    <td>{after(i18n, rule.again_after)}</td>
                    <td>{after(i18n, rule.duty_after)}</td>
                    <td>{after(i18n, rule.unanswered_after)}</td>
                    <td>{tu_string!(i18n, alerts.rules.after_minutes, minutes = rule.expires_after)}</td>
                    <td class="table__words">
                        {backup.map_or_else(|| tu_string!(i18n, alerts.rules.nobody).to_owned(), |to| to.name.clone())}
                    </td>
                    <td class="table__words">
                        {duty
                            .map_or_else(
                                || tu_string!(i18n, alerts.rules.every_manager).to_owned(),
                                |person| person.name.clone(),
                            )}
                    </td>
                </tr>
            }
        })
        .collect_view()
        .into_any()
}

/// Which rule to change: a plain form that leads to this page again.
#[component]
fn ChooseRule(stations: Vec<Station>) -> impl IntoView {
    let i18n = use_i18n();
    let stations: Vec<_> = stations.into_iter().map(|station| (station.id.to_string(), station.name)).collect();
    let kinds: Vec<_> = std::iter::once((String::new(), kind_or_any(i18n, None)))
        .chain(AlertKind::ALL.map(|kind| (kind.code().to_owned(), kind_words(i18n, kind))))
        .collect();
    view! {
        <section class="panel">
            <h2 class="panel__title">{tu_string!(i18n, alerts.rules.add)}</h2>
            <form class="stack" method="get" action="/manage/alert-rules">
                <div class="fields fields--two">
                    <Select label=tu_string!(i18n, alerts.rules.station) name="station" options=stations/>
                    <Select label=tu_string!(i18n, alerts.rules.kind) name="kind" options=kinds/>
                </div>
                <button class="button" type="submit">
                    {tu_string!(i18n, alerts.rules.add_submit)}
                </button>
            </form>
        </section>
    }
}

const RULE_FIELDS: &[&str] = &["again_after", "duty_after", "unanswered_after", "expires_after", "backup", "duty"];

/// The form for one rule. A kind without a rule of its own begins with what holds for it now.
#[component]
fn EditRule(
    of: StationRules,
    kind: Option<AlertKind>,
    stations: Vec<Station>,
    /// Who can be on duty: value and name.
    duty: Vec<(String, String)>,
    save: ServerAction<SaveAlertRule>,
    remove: ServerAction<RemoveAlertRule>,
) -> impl IntoView {
    let i18n = use_i18n();
    let tried = outcome(save);
    let StationRules { station, rules, refused, .. } = of;
    let own = rules.iter().any(|rule| rule.kind == kind);
    let holds = rules.iter().find(|rule| rule.kind == kind).or_else(|| rules.first());
    let holds = holds.cloned().unwrap_or_else(|| StationRule::usual(station.id));
    // What was typed without scripts and refused stands in the form again.
    let code = kind.map_or("", AlertKind::code);
    let refused = refused.filter(|refused| refused.form.kind == code);
    let (form, errors) = refused.map_or_else(|| (typed(&holds), Vec::new()), |refused| (refused.form, refused.errors));
    let problem = move |field: &'static str| {
        let now = problem_in(tried, field);
        let kept = error_of(&errors, field);
        Signal::derive(move || now.get().or_else(|| kept.clone()))
    };
    let backups: Vec<_> = std::iter::once((String::new(), tu_string!(i18n, alerts.rules.nobody).to_owned()))
        .chain(
            stations.into_iter().filter(|other| other.id != station.id).map(|other| (other.id.to_string(), other.name)),
        )
        .collect();
    let remove = (own && kind.is_some()).then(|| {
        view! {
            <ActionForm action=remove attr:class="panel__foot">
                <input type="hidden" name="station" value=station.id.to_string()/>
                <input type="hidden" name="kind" value=code/>
                <button class="button button--danger" type="submit">
                    {tu_string!(i18n, alerts.rules.remove)}
                </button>
            </ActionForm>
        }
    });
    let title = tu_string!(i18n, alerts.rules.for_kind, station = station.name.clone(), kind = kind_or_any(i18n, kind));
    view! {
        <section class="panel">
            <div class="panel__head">
                <h2 class="panel__title name">{title}</h2>
                <a class="button button--quiet" href="/manage/alert-rules">
                    {tu_string!(i18n, common.close)}
                </a>
            </div>
            <ActionForm action=save attr:class="stack">
                <input type="hidden" name="station" value=station.id.to_string()/>
                <input type="hidden" name="kind" value=code/>
                <FormNote outcome=tried fields=RULE_FIELDS done=tu_string!(i18n, common.saved)/>
                <div class="fields fields--two">
                    <Field
                        label=tu_string!(i18n, alerts.rules.again_label)
                        name="again_after"
                        kind="number"
                        inputmode="numeric"
                        range=(0, LONGEST_WAIT)
                        value=form.again_after
                        hint=tu_string!(i18n, alerts.rules.seconds_hint)
                        error=problem("again_after")
                        required=true
                    />
                    <Select
                        label=tu_string!(i18n, alerts.rules.backup_label)
                        name="backup"
                        options=backups
                        selected=form.backup
                        hint=tu_string!(i18n, alerts.rules.backup_hint)
                        error=problem("backup")
                    />
                    <Field
                        label=tu_string!(i18n, alerts.rules.duty_label)
                        name="duty_after"
                        kind="number"
                        inputmode="numeric"
                        range=(0, LONGEST_WAIT)
                        value=form.duty_after
                        hint=tu_string!(i18n, alerts.rules.seconds_hint)
                        error=problem("duty_after")
                        required=true
                    />
                    <Select
                        label=tu_string!(i18n, alerts.rules.duty_select)
                        name="duty"
                        options=duty
                        selected=form.duty
                        hint=tu_string!(i18n, alerts.rules.duty_hint)
                        error=problem("duty")
                    />
                    <Field
                        label=tu_string!(i18n, alerts.rules.unanswered_label)
                        name="unanswered_after"
                        kind="number"
                        inputmode="numeric"
                        range=(0, LONGEST_WAIT)
                        value=form.unanswered_after
                        hint=tu_string!(i18n, alerts.rules.seconds_hint)
                        error=problem("unanswered_after")
                        required=true
                    />
                    <Field
                        label=tu_string!(i18n, alerts.rules.expires_label)
                        name="expires_after"
                        kind="number"
                        inputmode="numeric"
                        range=(1, LONGEST_OPEN)
                        value=form.expires_after
                        hint=tu_string!(i18n, alerts.rules.expires_hint)
                        error=problem("expires_after")
                        required=true
                    />
                </div>
                <button class="button button--primary" type="submit">
                    {tu_string!(i18n, common.save)}
                </button>
            </ActionForm>
            {remove}
        </section>
    }
}

/// For how long it is told where a guest was last seen.
#[component]
fn LocatorHours() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let save = ServerAction::<SaveLocatorHours>::new();
    let tried = outcome(save);
    announce_done(tried, tu_string!(i18n, common.saved));
    view! {
        <section class="panel">
            <h2 class="panel__title">{tu_string!(i18n, alerts.rules.locator)}</h2>
            <Transition>
                {move || Suspend::new(async move {
                    match session.await {
                        Ok(me) => {
                            let hours = me.map(|me| me.house.locator_hours.to_string()).unwrap_or_default();
                            view! {
                                <ActionForm action=save attr:class="stack">
                                    <FormNote outcome=tried fields=&["hours"] done=tu_string!(i18n, common.saved)/>
                                    <Field
                                        label=tu_string!(i18n, alerts.locator.hours)
                                        name="hours"
                                        id="locator-hours"
                                        kind="number"
                                        inputmode="numeric"
                                        range=(1, 24)
                                        value=hours
                                        hint=tu_string!(i18n, alerts.locator.hours_hint)
                                        error=problem_in(tried, "hours")
                                        required=true
                                    />
                                    <button class="button button--primary" type="submit">
                                        {tu_string!(i18n, common.save)}
                                    </button>
                                </ActionForm>
                            }
                                .into_any()
                        }
                        Err(error) => view! { <ErrorNote error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

/// Every manager, or one colleague who answers alerts.
fn duty_options(i18n: I18n, people: &[StaffRow]) -> Vec<(String, String)> {
    std::iter::once((String::new(), tu_string!(i18n, alerts.rules.every_manager).to_owned()))
        .chain(
            people
                .iter()
                .filter(|person| person.active && person.role.may(Ability::AnswerAlerts))
                .map(|person| (person.id.to_string(), person.name.clone())),
        )
        .collect()
}

/// A rule as the form shows it.
fn typed(rule: &StationRule) -> RuleForm {
    RuleForm {
        station: rule.station,
        kind: rule.kind.map_or("", AlertKind::code).to_owned(),
        again_after: rule.again_after.to_string(),
        duty_after: rule.duty_after.to_string(),
        unanswered_after: rule.unanswered_after.to_string(),
        expires_after: rule.expires_after.to_string(),
        backup: rule.backup.map(|id| id.to_string()).unwrap_or_default(),
        duty: rule.duty.map(|id| id.to_string()).unwrap_or_default(),
    }
}

fn kind_or_any(i18n: I18n, kind: Option<AlertKind>) -> String {
    kind.map_or_else(|| tu_string!(i18n, alerts.rules.any_kind).to_owned(), |kind| kind_words(i18n, kind))
}

fn after(i18n: I18n, seconds: u32) -> String {
    match seconds {
        0 => tu_string!(i18n, alerts.rules.never).to_owned(),
        seconds => tu_string!(i18n, alerts.rules.after_seconds, seconds = seconds),
    }
}

fn rule_address(rule: &StationRule) -> String {
    let kind = rule.kind.map_or("", AlertKind::code);
    format!("/manage/alert-rules?station={}&kind={kind}", rule.station)
}
