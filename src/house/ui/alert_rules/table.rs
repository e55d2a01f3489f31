//! All rules of the house: a table, or a card for each rule where the screen is narrow.

use super::{FIRST_FIELD, kind_or_any};
use crate::{
    alerts::{
        AlertKind,
        rules::{StationRule, StationRules},
        ui::names_in_a_row,
    },
    guests::ui::words::kind_words,
    house::Station,
    i18n::*,
    staff::StaffRow,
    ui::I18n,
};
use leptos::prelude::*;

/// The rules of every station. The station's name leads to the form for its rule.
#[component]
pub(super) fn RuleTable(all: Vec<StationRules>, people: Vec<StaffRow>) -> impl IntoView {
    let i18n = use_i18n();
    let stations: Vec<Station> = all.iter().map(|of| of.station.clone()).collect();
    let rows = all.iter().map(|of| station_rows(i18n, of, &stations, &people)).collect_view();
    view! {
        <div class="table-frame" role="region" aria-label=tu_string!(i18n, alerts.rules.table) tabindex="0">
            // Told in so many words: laid out as cards it would be no table any more to some readers.
            <table class="table table--rules" role="table">
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">{tu_string!(i18n, alerts.rules.station)}</th>
                        <th scope="col" role="columnheader">{tu_string!(i18n, alerts.rules.kind)}</th>
                        <th scope="col" role="columnheader">{tu_string!(i18n, alerts.rules.again)}</th>
                        <th scope="col" role="columnheader">{tu_string!(i18n, alerts.rules.duty)}</th>
                        <th scope="col" role="columnheader">{tu_string!(i18n, alerts.rules.unanswered)}</th>
                        <th scope="col" role="columnheader">{tu_string!(i18n, alerts.rules.expires)}</th>
                        <th scope="col" role="columnheader">{tu_string!(i18n, alerts.rules.backup)}</th>
                        <th scope="col" role="columnheader">{tu_string!(i18n, alerts.rules.duty_who)}</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
}

/// The rules of one station, and what it has muted.
fn station_rows(i18n: I18n, of: &StationRules, stations: &[Station], people: &[StaffRow]) -> AnyView {
    of.rules
        .iter()
        .map(|rule| {
            let backup = rule.backup.and_then(|id| stations.iter().find(|station| station.id == id));
            let backup =
                backup.map_or_else(|| tu_string!(i18n, alerts.rules.nobody).to_owned(), |station| station.name.clone());
            let duty = rule.duty.and_then(|id| people.iter().find(|person| person.id == id));
            let duty = duty
                .map_or_else(|| tu_string!(i18n, alerts.rules.every_manager).to_owned(), |person| person.name.clone());
            // Said once, with the rule for every kind.
            let quiet = (rule.kind.is_none() && !of.muted.is_empty()).then(|| {
                let kinds: Vec<_> = of.muted.iter().map(|kind| kind_words(i18n, *kind)).collect();
                let kinds = names_in_a_row(i18n, &kinds);
                view! { <p class="muted">{tu_string!(i18n, alerts.quiet.of_station, kinds = kinds)}</p> }
            });
            let expires = tu_string!(i18n, alerts.rules.after_minutes, minutes = rule.expires_after);
            view! {
                <tr role="row">
                    <th scope="row" role="rowheader">
                        <a class="name row-link" href=form_address(rule)>
                            {of.station.name.clone()}
                            <span class="visually-hidden">" " {kind_or_any(i18n, rule.kind)}</span>
                        </a>
                    </th>
                    <td class="table__words" role="cell">
                        {kind_or_any(i18n, rule.kind)}
                        {quiet}
                    </td>
                    <td role="cell" data-label=tu_string!(i18n, alerts.rules.again)>
                        {after(i18n, rule.again_after)}
                    </td>
                    <td role="cell" data-label=tu_string!(i18n, alerts.rules.duty)>
                        {after(i18n, rule.duty_after)}
                    </td>
                    <td role="cell" data-label=tu_string!(i18n, alerts.rules.unanswered)>
                        {after(i18n, rule.unanswered_after)}
                    </td>
                    <td role="cell" data-label=tu_string!(i18n, alerts.rules.expires)>
                        {expires}
                    </td>
                    <td class="table__words" role="cell" data-label=tu_string!(i18n, alerts.rules.backup)>
                        {backup}
                    </td>
                    <td class="table__words" role="cell" data-label=tu_string!(i18n, alerts.rules.duty_who)>
                        {duty}
                    </td>
                </tr>
            }
        })
        .collect_view()
        .into_any()
}

fn after(i18n: I18n, seconds: u32) -> String {
    match seconds {
        0 => tu_string!(i18n, alerts.rules.never).to_owned(),
        seconds => tu_string!(i18n, alerts.rules.after_seconds, seconds = seconds),
    }
}

fn form_address(rule: &StationRule) -> String {
    let kind = rule.kind.map_or("", AlertKind::code);
    format!("/manage/alert-rules?station={}&kind={kind}#{FIRST_FIELD}", rule.station)
}
