//! The house's settings for word that nobody answers: times, backup station and who is on duty, by
//! station and by kind. And for how long it is told where a guest was.

mod form;
mod locator;
mod table;

use super::ManageHeading;
use crate::{
    alerts::{
        AlertKind,
        api::{RemoveAlertRule, SaveAlertRule, alert_rules},
        rules::StationRules,
    },
    error::Refused,
    guests::ui::words::kind_words,
    house::Station,
    i18n::*,
    ids::StationId,
    staff::{StaffRow, api::staff_list, ui::use_refused},
    ui::{Attempt, Empty, ErrorNote, Failed, FormNote, I18n, Loading, announce_done, outcome},
};
use form::{ChooseRule, EditRule};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use locator::LocatorHours;
use table::RuleTable;

/// A rule by its station and kind; no kind for the one of every other kind.
type Which = (StationId, Option<AlertKind>);

/// The first field of the form. The ways to the form lead to it: a browser moves the focus there by itself.
const FIRST_FIELD: &str = "rule-first";

/// The page `/manage/alert-rules`.
#[component]
pub fn AlertRulesPage() -> impl IntoView {
    let i18n = use_i18n();
    let save = ServerAction::<SaveAlertRule>::new();
    let remove = ServerAction::<RemoveAlertRule>::new();
    let all = Resource::new(move || (save.version().get(), remove.version().get()), |_| alert_rules());
    let people = Resource::new(|| (), |()| staff_list());
    let refused = use_refused();
    let query = use_query_map();
    // The rule that the page's address asks to change.
    let chosen = Memo::new(move |_| -> Option<Which> {
        query.with(|query| {
            let station = query.get_str("station")?.parse::<StationId>().ok()?;
            Some((station, query.get_str("kind").and_then(AlertKind::from_code)))
        })
    });
    let shown = StoredValue::new(None);
    let removed = tu_string!(i18n, alerts.rules.removed);
    announce_done(outcome(save), tu_string!(i18n, common.saved));
    announce_done(outcome(remove), removed);
    Effect::new(move |before: Option<Option<Which>>| {
        let now = chosen.get();
        // What came of one rule is not told in the form of another.
        if before.is_some_and(|before| before != now) {
            save.clear();
        }
        now
    });
    view! {
        <div class="manage">
            <ManageHeading title=tu_string!(i18n, alerts.rules.title) lede=tu_string!(i18n, alerts.rules.lede)/>
            <Transition>
                {move || Suspend::new(async move {
                    let refused = refused.await;
                    view! { <FormNote outcome=Attempt::of(remove, refused.as_ref()).outcome done=removed/> }
                })}
            </Transition>
            <Transition fallback=Loading>
                {move || {
                    let chosen = chosen.get();
                    Suspend::new(async move {
                        let (all, people, refused) = (all.await, people.await, refused.await);
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
                            Ok(all) => {
                                let people = people.unwrap_or_default();
                                let form = form_of(&all, &people, chosen, refused, Actions { save, remove, shown });
                                view! {
                                    <RuleTable all people/>
                                    {form}
                                }
                                    .into_any()
                            }
                            Err(error) => view! { <Failed error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
            <LocatorHours refused/>
        </div>
    }
}

/// What the form does, and which rule it showed last.
#[derive(Clone, Copy)]
struct Actions {
    save: ServerAction<SaveAlertRule>,
    remove: ServerAction<RemoveAlertRule>,
    shown: StoredValue<Option<Which>>,
}

/// The form for the rule that was chosen, or the one to choose it.
fn form_of(
    all: &[StationRules],
    people: &[StaffRow],
    chosen: Option<Which>,
    refused: Option<Refused>,
    actions: Actions,
) -> AnyView {
    let stations: Vec<Station> = all.iter().map(|of| of.station.clone()).collect();
    let found = chosen.and_then(|(station, kind)| Some((all.iter().find(|of| of.station.id == station)?, kind)));
    match found {
        Some((of, kind)) => {
            let (of, people) = (of.clone(), people.to_vec());
            view! { <EditRule of kind stations people refused actions/> }.into_any()
        }
        None => {
            actions.shown.set_value(None);
            // The rule of a station that is gone has no form in which it could be told why it was refused.
            let is_there = |refused: &Refused| {
                stations.iter().any(|station| refused.typed_in("station") == Some(station.id.to_string().as_str()))
            };
            let homeless = refused.filter(|refused| refused.is_of::<SaveAlertRule>() && !is_there(refused));
            view! {
                {homeless.map(|refused| view! { <ErrorNote error=refused.error/> })}
                <ChooseRule stations/>
            }
            .into_any()
        }
    }
}

fn kind_or_any(i18n: I18n, kind: Option<AlertKind>) -> String {
    kind.map_or_else(|| tu_string!(i18n, alerts.rules.any_kind).to_owned(), |kind| kind_words(i18n, kind))
}
