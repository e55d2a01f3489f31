//! What the house decides about its memory.

use super::ManageHeading;
use crate::{
    error::Refused,
    guests::{
        evidence::HouseMemory,
        evidence_api::{SaveMemory, memory_settings},
    },
    i18n::*,
    staff::ui::use_refused,
    ui::{Attempt, Failed, Field, FormNote, Loading, announce_done, outcome},
};
use leptos::prelude::*;

/// The fields that show their own problems.
const FIELDS: &[&str] = &["fade_days", "reconfirm_days", "ring_minutes", "briefing_days"];

/// The page `/manage/memory`.
#[component]
pub fn MemoryPage() -> impl IntoView {
    let i18n = use_i18n();
    let save = ServerAction::<SaveMemory>::new();
    let memory = Resource::new(|| (), |()| memory_settings());
    let refused = use_refused();
    announce_done(outcome(save), tu_string!(i18n, common.saved));
    view! {
        <div class="manage">
            <ManageHeading title=tu_string!(i18n, memory.settings.title) lede=tu_string!(i18n, memory.settings.lede)/>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    let (memory, refused) = (memory.await, refused.await);
                    match memory {
                        Ok(memory) => view! { <MemoryForm memory refused save/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn MemoryForm(
    memory: HouseMemory,
    /// A form that came back refused.
    refused: Option<Refused>,
    save: ServerAction<SaveMemory>,
) -> impl IntoView {
    let i18n = use_i18n();
    let attempt = Attempt::of(save, refused.as_ref());
    let pending = save.pending();
    let reconfirm = memory.reconfirm_days.map(|days| days.to_string()).unwrap_or_default();
    view! {
        <section class="panel">
            <ActionForm action=save attr:class="stack">
                <FormNote outcome=attempt.outcome fields=FIELDS done=tu_string!(i18n, common.saved)/>
                <div class="fields fields--two">
                    <Field
                        label=tu_string!(i18n, memory.settings.fade_days)
                        name="fade_days"
                        id="memory-fade"
                        kind="number"
                        inputmode="numeric"
                        range=(30, 3650)
                        value=attempt.typed_or("fade_days", memory.fade_days.to_string())
                        hint=tu_string!(i18n, memory.settings.fade_hint)
                        error=attempt.problem_in("fade_days")
                        required=true
                    />
                    <Field
                        label=tu_string!(i18n, memory.settings.reconfirm_days)
                        name="reconfirm_days"
                        id="memory-reconfirm"
                        kind="number"
                        inputmode="numeric"
                        range=(30, 3650)
                        value=attempt.typed_or("reconfirm_days", reconfirm)
                        hint=tu_string!(i18n, memory.settings.reconfirm_hint)
                        error=attempt.problem_in("reconfirm_days")
                    />
                    <Field
                        label=tu_string!(i18n, memory.settings.ring_minutes)
                        name="ring_minutes"
                        id="memory-ring"
                        kind="number"
                        inputmode="numeric"
                        range=(0, 240)
                        value=attempt.typed_or("ring_minutes", memory.ring_minutes.to_string())
                        hint=tu_string!(i18n, memory.settings.ring_hint)
                        error=attempt.problem_in("ring_minutes")
                        required=true
                    />
                    <Field
                        label=tu_string!(i18n, memory.settings.briefing_days)
                        name="briefing_days"
                        id="memory-briefing"
                        kind="number"
                        inputmode="numeric"
                        range=(0, 14)
                        value=attempt.typed_or("briefing_days", memory.briefing_days.to_string())
                        hint=tu_string!(i18n, memory.settings.briefing_hint)
                        error=attempt.problem_in("briefing_days")
                        required=true
                    />
                </div>
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, common.save)}
                </button>
            </ActionForm>
        </section>
    }
}
