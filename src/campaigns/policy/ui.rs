//! The page on which a manager decides about the house's letters.

use super::{
    HousePolicy,
    api::{SaveLetterSettings, letter_settings},
};
use crate::{
    error::Refused,
    house::ui::ManageHeading,
    i18n::*,
    staff::ui::use_refused,
    ui::{Attempt, CheckBox, Failed, FormNote, Loading, TextArea, announce_done, outcome},
};
use leptos::prelude::*;

/// The page `/manage/letters`.
#[component]
pub fn LetterSettingsPage() -> impl IntoView {
    let i18n = use_i18n();
    let save = ServerAction::<SaveLetterSettings>::new();
    let settings = Resource::new(|| (), |()| letter_settings());
    let refused = use_refused();
    announce_done(outcome(save), tu_string!(i18n, common.saved));
    view! {
        <div class="manage">
            <ManageHeading title=tu_string!(i18n, campaigns.policy.title) lede=tu_string!(i18n, campaigns.policy.lede)/>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    let refused = refused.await;
                    match settings.await {
                        Ok(policy) => view! { <SettingsForm policy save refused/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn SettingsForm(
    policy: HousePolicy,
    save: ServerAction<SaveLetterSettings>,
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let attempt = Attempt::of(save, refused.as_ref());
    let kept = if policy.count_links { "on" } else { "" };
    let counts = attempt.typed_or("count_links", kept.to_owned()) == "on";
    view! {
        <section class="panel">
            <ActionForm action=save attr:class="stack">
                <FormNote outcome=attempt.outcome fields=&["test_addresses"] done=tu_string!(i18n, common.saved)/>
                <CheckBox
                    label=tu_string!(i18n, campaigns.policy.count_links)
                    name="count_links"
                    checked=counts
                    hint=tu_string!(i18n, campaigns.policy.count_links_hint)
                />
                <p class="muted">{tu_string!(i18n, campaigns.policy.no_opens)}</p>
                <TextArea
                    label=tu_string!(i18n, campaigns.policy.test_addresses)
                    name="test_addresses"
                    value=attempt.typed_or("test_addresses", policy.test_addresses.join("\n"))
                    hint=tu_string!(i18n, campaigns.policy.test_addresses_hint)
                    error=attempt.problem_in("test_addresses")
                    rows=5
                />
                <button class="button button--primary" type="submit">
                    {tu_string!(i18n, common.save)}
                </button>
            </ActionForm>
        </section>
    }
}
