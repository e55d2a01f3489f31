//! One colleague: a new password, an end to the open sessions, and what happens when the colleague leaves.

use super::role_name;
use crate::{
    error::Refused,
    i18n::*,
    ids::StaffId,
    staff::{
        StaffRow,
        api::{EndSessions, RemoveStaff, SetPassword},
    },
    ui::{Attempt, Field, FormNote, Removal, reset_when_done},
};
use leptos::{html, prelude::*, server_fn::ServerFn};

/// What a manager does for one colleague at a time.
#[component]
pub fn PersonPanel(
    person: StaffRow,
    password: ServerAction<SetPassword>,
    sessions: ServerAction<EndSessions>,
    /// Removes the colleague; nothing for oneself.
    remove: Option<ServerAction<RemoveStaff>>,
    /// Whether the reader hands out work, and so can give the colleague's to another.
    hands_out: bool,
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
    let leaving = remove.map(|remove| view! { <Leaving id name=name.clone() remove hands_out/> });
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
            {leaving}
        </section>
    }
}

/// Handing over what is open, and taking the colleague off the list.
#[component]
fn Leaving(id: StaffId, name: String, remove: ServerAction<RemoveStaff>, hands_out: bool) -> impl IntoView {
    let i18n = use_i18n();
    let pending = remove.pending();
    let hand_over = hands_out.then(|| {
        view! {
            <a class="button" href=format!("/traces/leaver?from={id}")>
                {tu_string!(i18n, work.leaver.title)}
            </a>
        }
    });
    view! {
        <div class="panel__foot">
            <p class="muted">{tu_string!(i18n, work.removal.hint)}</p>
            {hand_over}
            <Removal
                label=tu_string!(i18n, work.removal.remove)
                what=name
                action=RemoveStaff::PATH
                fields=vec![("staff", id.to_string())]
                pending=pending
                remove=Callback::new(move |()| {
                    remove.dispatch(RemoveStaff { staff: id });
                })
            />
        </div>
    }
}
