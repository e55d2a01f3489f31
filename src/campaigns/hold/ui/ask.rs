//! The form that asks a guest for consent by e-mail.

use super::kind_options;
use crate::{
    campaigns::hold::api::AskConsent,
    i18n::*,
    ids::GuestId,
    ui::{Attempt, Folded, FormNote, Select},
};
use leptos::prelude::*;

/// Asks for all greetings or one kind of them.
#[component]
pub fn AskForm(guest: GuestId, action: ServerAction<AskConsent>, attempt: Attempt) -> impl IntoView {
    let i18n = use_i18n();
    let (tried, pending) = (attempt.outcome, action.pending());
    view! {
        <Folded label=tu_string!(i18n, campaigns.hold.ask.say) outcome=tried>
            <FormNote
                outcome=tried
                fields=&["kind"]
                see_fields=tu_string!(i18n, campaigns.hold.ask.see_field)
                done=tu_string!(i18n, campaigns.hold.ask.sent)
            />
            <ActionForm action=action>
                <input type="hidden" name="guest" value=guest.to_string()/>
                <Select
                    label=tu_string!(i18n, campaigns.hold.ask.kind)
                    name="kind"
                    id="ask-kind"
                    options=kind_options(i18n)
                    selected=attempt.typed("kind")
                    hint=tu_string!(i18n, campaigns.hold.ask.hint)
                    error=attempt.problem_in("kind")
                />
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, campaigns.hold.ask.send)}
                </button>
            </ActionForm>
        </Folded>
    }
}
