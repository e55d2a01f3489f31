//! The form for one rule, and the one to choose which.

use super::{Actions, FIRST_FIELD, Which, kind_or_any};
use crate::{
    alerts::{
        AlertKind,
        rules::{LONGEST_OPEN, LONGEST_WAIT, StationRule, StationRules},
    },
    error::Refused,
    guests::ui::words::kind_words,
    house::Station,
    i18n::*,
    staff::{Ability, StaffRow},
    ui::{Attempt, Field, FormNote, I18n, Select},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlFormElement};

/// Which rule to change: a plain form that leads to this page again, to the form for that rule.
#[component]
pub(super) fn ChooseRule(stations: Vec<Station>) -> impl IntoView {
    let i18n = use_i18n();
    let stations: Vec<_> = stations.into_iter().map(|station| (station.id.to_string(), station.name)).collect();
    let kinds: Vec<_> = std::iter::once((String::new(), kind_or_any(i18n, None)))
        .chain(AlertKind::ALL.map(|kind| (kind.code().to_owned(), kind_words(i18n, kind))))
        .collect();
    view! {
        <section class="panel">
            <h2 class="panel__title">{tu_string!(i18n, alerts.rules.add)}</h2>
            <form class="stack" method="get" action=format!("/manage/alert-rules#{FIRST_FIELD}")>
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
pub(super) fn EditRule(
    of: StationRules,
    kind: Option<AlertKind>,
    stations: Vec<Station>,
    people: Vec<StaffRow>,
    refused: Option<Refused>,
    actions: Actions,
) -> impl IntoView {
    let i18n = use_i18n();
    let Actions { save, remove, shown } = actions;
    let StationRules { station, rules, .. } = of;
    let own = rules.iter().any(|rule| rule.kind == kind);
    let holds = rules.iter().find(|rule| rule.kind == kind).or_else(|| rules.first());
    let holds = holds.cloned().unwrap_or_else(|| StationRule::usual(station.id));
    let code = kind.map_or("", AlertKind::code);
    // What was typed for another rule does not belong here.
    let refused = refused.filter(|refused| {
        refused.typed_in("station") == Some(station.id.to_string().as_str()) && refused.typed_in("kind") == Some(code)
    });
    let attempt = Attempt::of(save, refused.as_ref());
    come_forward((station.id, kind), shown);
    let backup = attempt.typed_or("backup", holds.backup.map(|id| id.to_string()).unwrap_or_default());
    let duty = attempt.typed_or("duty", holds.duty.map(|id| id.to_string()).unwrap_or_default());
    let people = duty_options(i18n, people);
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
        <section id="rule" class="panel">
            <div class="panel__head">
                <h2 class="panel__title name">{title}</h2>
                <a class="button button--quiet" href="/manage/alert-rules">
                    {tu_string!(i18n, common.close)}
                </a>
            </div>
            <ActionForm action=save attr:class="stack">
                <input type="hidden" name="station" value=station.id.to_string()/>
                <input type="hidden" name="kind" value=code/>
                <FormNote outcome=attempt.outcome fields=RULE_FIELDS done=tu_string!(i18n, common.saved)/>
                <div class="fields fields--two">
                    <TimeUntil
                        attempt=attempt.clone()
                        label=tu_string!(i18n, alerts.rules.again_label)
                        hint=tu_string!(i18n, alerts.rules.seconds_hint)
                        name="again_after"
                        id=FIRST_FIELD
                        holds=holds.again_after
                        range=(0, LONGEST_WAIT)
                    />
                    <Select
                        label=tu_string!(i18n, alerts.rules.backup_label)
                        name="backup"
                        options=backups
                        selected=backup
                        hint=tu_string!(i18n, alerts.rules.backup_hint)
                        error=attempt.problem_in("backup")
                    />
                    <TimeUntil
                        attempt=attempt.clone()
                        label=tu_string!(i18n, alerts.rules.duty_label)
                        hint=tu_string!(i18n, alerts.rules.seconds_hint)
                        name="duty_after"
                        holds=holds.duty_after
                        range=(0, LONGEST_WAIT)
                    />
                    <Select
                        label=tu_string!(i18n, alerts.rules.duty_select)
                        name="duty"
                        options=people
                        selected=duty
                        hint=tu_string!(i18n, alerts.rules.duty_hint)
                        error=attempt.problem_in("duty")
                    />
                    <TimeUntil
                        attempt=attempt.clone()
                        label=tu_string!(i18n, alerts.rules.unanswered_label)
                        hint=tu_string!(i18n, alerts.rules.seconds_hint)
                        name="unanswered_after"
                        holds=holds.unanswered_after
                        range=(0, LONGEST_WAIT)
                    />
                    <TimeUntil
                        attempt=attempt.clone()
                        label=tu_string!(i18n, alerts.rules.expires_label)
                        hint=tu_string!(i18n, alerts.rules.expires_hint)
                        name="expires_after"
                        holds=holds.expires_after
                        range=(1, LONGEST_OPEN)
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

/// A field for the time until a step: what was typed, or else what holds.
#[component]
fn TimeUntil(
    attempt: Attempt,
    #[prop(into)] label: String,
    #[prop(into)] hint: String,
    name: &'static str,
    #[prop(optional)] id: &'static str,
    holds: u32,
    /// The least and the most that it may be.
    range: (u32, u32),
) -> impl IntoView {
    view! {
        <Field
            label=label
            name=name
            id=id
            kind="number"
            inputmode="numeric"
            range=range
            value=attempt.typed_or(name, holds.to_string())
            hint=hint
            error=attempt.problem_in(name)
            required=true
        />
    }
}

/// Once the form stands there for another rule: it shows that rule and nothing that was typed for the one
/// before, and is in sight with the focus in its first field, where the address leads there. Without scripts
/// the browser does as much by itself.
fn come_forward(rule: Which, shown: StoredValue<Option<Which>>) {
    let hash = use_location().hash;
    Effect::new(move |_| {
        let before = shown.try_update_value(|shown| shown.replace(rule)).flatten();
        if before == Some(rule) {
            return;
        }
        // The form takes its place in the page only now.
        request_animation_frame(move || {
            let is_asked_for = hash.try_get_untracked().is_some_and(|hash| hash.trim_start_matches('#') == FIRST_FIELD);
            if let Some(field) = document().get_element_by_id(FIRST_FIELD) {
                begin_at(field, before.is_some(), is_asked_for);
            }
        });
    });
}

/// Forgets what was typed into the form of `field` for another rule, and goes to the field if the address
/// asks for that.
fn begin_at(field: Element, is_another: bool, is_asked_for: bool) {
    let form = field.closest("form").ok().flatten().and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form else { return };
    if is_another {
        form.reset();
    }
    // Whoever has begun to type already is not disturbed.
    if is_asked_for && !form.contains(document().active_element().as_deref()) {
        field.scroll_into_view();
        // A focus that is refused leaves the keyboard where it is.
        _ = field.dyn_into::<HtmlElement>().map(|field| field.focus());
    }
}

/// Every manager, or one colleague who answers alerts: value and name.
fn duty_options(i18n: I18n, people: Vec<StaffRow>) -> Vec<(String, String)> {
    std::iter::once((String::new(), tu_string!(i18n, alerts.rules.every_manager).to_owned()))
        .chain(
            people
                .into_iter()
                .filter(|person| person.active && person.role.may(Ability::AnswerAlerts))
                .map(|person| (person.id.to_string(), person.name)),
        )
        .collect()
}
