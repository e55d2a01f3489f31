//! For how long it is told where a guest was last seen.

use crate::{
    house::api::SaveLocatorHours,
    i18n::*,
    staff::ui::{RefusedForm, use_session},
    ui::{Attempt, ErrorNote, Field, FormNote, announce_done, outcome},
};
use leptos::prelude::*;

/// The form for the hours.
#[component]
pub(super) fn LocatorHours(refused: RefusedForm) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let save = ServerAction::<SaveLocatorHours>::new();
    announce_done(outcome(save), tu_string!(i18n, common.saved));
    view! {
        <section id="locator" class="panel">
            <h2 class="panel__title">{tu_string!(i18n, alerts.rules.locator)}</h2>
            <Transition>
                {move || Suspend::new(async move {
                    let refused = refused.await;
                    match session.await {
                        Ok(me) => {
                            let hours = me.map(|me| me.house.locator_hours.to_string()).unwrap_or_default();
                            let attempt = Attempt::of(save, refused.as_ref());
                            view! {
                                <ActionForm action=save attr:class="stack">
                                    <FormNote
                                        outcome=attempt.outcome
                                        fields=&["hours"]
                                        done=tu_string!(i18n, common.saved)
                                    />
                                    <Field
                                        label=tu_string!(i18n, alerts.locator.hours)
                                        name="hours"
                                        id="locator-hours"
                                        kind="number"
                                        inputmode="numeric"
                                        range=(1, 24)
                                        value=attempt.typed_or("hours", hours)
                                        hint=tu_string!(i18n, alerts.locator.hours_hint)
                                        error=attempt.problem_in("hours")
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
