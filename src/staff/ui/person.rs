//! One colleague: a new password, and an end to the open sessions.

use super::role_name;
use crate::{
    error::Refused,
    i18n::*,
    staff::{
        StaffRow,
        api::{EndSessions, SetPassword},
    },
    ui::{Attempt, Field, FormNote, reset_when_done},
};
use leptos::{html, prelude::*};

/// What a manager does for one colleague at a time.
#[component]
pub fn PersonPanel(
    person: StaffRow,
    password: ServerAction<SetPassword>,
    sessions: ServerAction<EndSessions>,
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let StaffRow { id, login, name, role, sessions: open, .. } = person;
    let attempt = Attempt::of(password, refused.as_ref());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(attempt.outcome, form);
    let end_sessions = (open > 0).then(|| {
        view! {
            <ActionForm action=sessions attr:class="cluster">
                <input type="hidden" name="staff" value=id.to_string()/>
                <p>{tu_string!(i18n, staff.people.sessions, count = open)}</p>
                <button class="button button--danger" type="submit">
                    {tu_string!(i18n, staff.people.end_sessions)}
                </button>
            </ActionForm>
        }
    });
    view! {
        <section class="panel">
            <div class="panel__head">
                <h2 class="panel__title name">{name}</h2>
                <p class="muted">{format!("{login} · {}", role_name(i18n, role))}</p>
                <a class="button button--quiet" href="/manage/staff">
                    {tu_string!(i18n, common.close)}
                </a>
            </div>
            <ActionForm action=password node_ref=form attr:class="stack">
                <input type="hidden" name="staff" value=id.to_string()/>
                <FormNote outcome=attempt.outcome fields=&["password"] done=tu_string!(i18n, staff.people.password_changed)/>
                <Field
                    label=tu_string!(i18n, staff.people.new_password)
                    name="password"
                    id="person-password"
                    kind="password"
                    hint=tu_string!(i18n, staff.people.password_hint)
                    autocomplete="new-password"
                    error=attempt.problem_in("password")
                    required=true
                />
                <button class="button" type="submit">
                    {tu_string!(i18n, staff.people.set_password)}
                </button>
            </ActionForm>
            {end_sessions}
        </section>
    }
}
