//! Colleagues: who works here, in which role, and who is signed in.

use super::{person::PersonPanel, role_name, role_options, use_refused, use_session};
use crate::{
    error::Refused,
    house::ui::ManageHeading,
    i18n::*,
    ids::StaffId,
    staff::{
        Ability, StaffRow,
        api::{AddStaff, EndSessions, RemoveStaff, SetActive, SetPassword, SetRole, staff_list},
    },
    ui::{Attempt, Empty, Failed, Field, FormNote, Loading, Select, announce_done, outcome, reset_when_done},
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_query_map;

/// The list of colleagues, with the form for a new one below, and beside it, after a choice, one
/// colleague's password and sessions.
#[component]
pub fn StaffPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let refused = use_refused();
    let add = ServerAction::<AddStaff>::new();
    let role = ServerAction::<SetRole>::new();
    let active = ServerAction::<SetActive>::new();
    let password = ServerAction::<SetPassword>::new();
    let sessions = ServerAction::<EndSessions>::new();
    let remove = ServerAction::<RemoveStaff>::new();
    let people = Resource::new(
        move || {
            let here = [add.version(), role.version(), active.version(), password.version(), sessions.version()];
            (here.map(|version| version.get()), remove.version().get())
        },
        |_| staff_list(),
    );
    let query = use_query_map();
    let chosen = Memo::new(move |_| query.with(|query| query.get_str("person")?.parse::<StaffId>().ok()));
    let saved = tu_string!(i18n, common.saved);
    for attempt in [outcome(role), outcome(active), outcome(sessions), outcome(remove)] {
        announce_done(attempt, saved);
    }
    view! {
        <div class="manage">
            <ManageHeading title=tu_string!(i18n, staff.people.title) lede=tu_string!(i18n, staff.people.lede)/>
            <Transition>
                {move || Suspend::new(async move {
                    let refused = refused.await;
                    view! {
                        <FormNote outcome=Attempt::of(role, refused.as_ref()).outcome/>
                        <FormNote outcome=Attempt::of(active, refused.as_ref()).outcome/>
                        <FormNote outcome=Attempt::of(sessions, refused.as_ref()).outcome/>
                        <FormNote outcome=Attempt::of(remove, refused.as_ref()).outcome/>
                    }
                })}
            </Transition>
            <Transition fallback=Loading>
                {move || {
                    let chosen = chosen.get();
                    Suspend::new(async move {
                        let me = session.await.ok().flatten();
                        let hands_out = me.as_ref().is_some_and(|me| me.role.may(Ability::AssignWork));
                        let me = me.map(|me| me.staff);
                        let refused = refused.await;
                        match people.await {
                            Ok(people) if people.is_empty() => {
                                view! {
                                    <Empty
                                        title=tu_string!(i18n, staff.people.empty)
                                        text=tu_string!(i18n, staff.people.empty_text)
                                    />
                                }
                                    .into_any()
                            }
                            Ok(people) => {
                                let person = people.iter().find(|person| Some(person.id) == chosen).cloned();
                                view! {
                                    {person
                                        .map(|person| {
                                            let remove = (me != Some(person.id)).then_some(remove);
                                            view! { <PersonPanel person password sessions remove hands_out refused/> }
                                        })}
                                    <People people me role active/>
                                }
                                    .into_any()
                            }
                            Err(error) => view! { <Failed error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
            <Transition>
                {move || Suspend::new(async move {
                    let refused = refused.await;
                    view! { <AddPerson add refused/> }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn People(
    people: Vec<StaffRow>,
    /// Who is looking: nobody takes away their own access.
    me: Option<StaffId>,
    role: ServerAction<SetRole>,
    active: ServerAction<SetActive>,
) -> impl IntoView {
    let i18n = use_i18n();
    let lines = people
        .into_iter()
        .map(|person| {
            let is_me = me == Some(person.id);
            view! { <Line person is_me role active/> }
        })
        .collect_view();
    view! {
        <div class="table-frame" role="region" aria-label=tu_string!(i18n, staff.people.title) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, staff.people.name)}</th>
                        <th scope="col">{tu_string!(i18n, staff.people.login)}</th>
                        <th scope="col">{tu_string!(i18n, staff.people.role)}</th>
                        <th scope="col">{tu_string!(i18n, staff.people.signed_in)}</th>
                        <th scope="col">{tu_string!(i18n, staff.people.access)}</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Line(person: StaffRow, is_me: bool, role: ServerAction<SetRole>, active: ServerAction<SetActive>) -> impl IntoView {
    let i18n = use_i18n();
    let StaffRow { id, login, name, role: current, active: is_active, sessions } = person;
    let sessions = match sessions {
        0 => tu_string!(i18n, staff.people.not_signed_in).to_owned(),
        count => tu_string!(i18n, staff.people.sessions, count = count),
    };
    let role_label = tu_string!(i18n, staff.people.role_of, name = &name);
    // The buttons of all lines read alike; screen readers hear whom each is about.
    let whom = format!(" {name}");
    let role_form = if is_me {
        view! { <span>{role_name(i18n, current)}</span> }.into_any()
    } else {
        view! {
            <ActionForm action=role attr:class="inline-form">
                <input type="hidden" name="staff" value=id.to_string()/>
                <Select
                    label=role_label
                    label_hidden=true
                    name="role"
                    id=format!("role-{id}")
                    options=role_options(i18n)
                    selected=current.code()
                />
                <button class="button button--quiet" type="submit">
                    {tu_string!(i18n, common.save)}
                </button>
            </ActionForm>
        }
        .into_any()
    };
    let access = match (is_me, is_active) {
        (true, _) => view! { <span>{tu_string!(i18n, staff.people.yourself)}</span> }.into_any(),
        (false, true) => view! {
            <ActionForm action=active>
                <input type="hidden" name="staff" value=id.to_string()/>
                <input type="hidden" name="active" value="false"/>
                <button class="button button--quiet" type="submit">
                    {tu_string!(i18n, staff.people.deactivate)}
                    <span class="visually-hidden">{whom}</span>
                </button>
            </ActionForm>
        }
        .into_any(),
        (false, false) => view! {
            <ActionForm action=active>
                <input type="hidden" name="staff" value=id.to_string()/>
                <input type="hidden" name="active" value="true"/>
                <button class="button" type="submit">
                    {tu_string!(i18n, staff.people.activate)}
                    <span class="visually-hidden">{whom}</span>
                </button>
            </ActionForm>
        }
        .into_any(),
    };
    let class = if is_active { "" } else { "table__row--off" };
    view! {
        <tr class=class>
            <th scope="row">
                <a class="name row-link" href=format!("/manage/staff?person={id}")>
                    {name}
                </a>
            </th>
            <td>{login}</td>
            <td>{role_form}</td>
            <td>{sessions}</td>
            <td>{access}</td>
        </tr>
    }
}

/// The form for a new colleague.
#[component]
fn AddPerson(add: ServerAction<AddStaff>, refused: Option<Refused>) -> impl IntoView {
    let i18n = use_i18n();
    let attempt = Attempt::of(add, refused.as_ref());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(attempt.outcome, form);
    view! {
        <section id="add" class="panel">
            <h2 class="panel__title">{tu_string!(i18n, staff.people.add)}</h2>
            <ActionForm action=add node_ref=form attr:class="stack">
                <FormNote
                    outcome=attempt.outcome
                    fields=&["name", "login", "role", "password"]
                    done=tu_string!(i18n, staff.people.added)
                />
                <div class="fields fields--two">
                    <Field
                        label=tu_string!(i18n, staff.people.name)
                        name="name"
                        value=attempt.typed("name")
                        hint=tu_string!(i18n, staff.people.name_hint)
                        autocomplete="off"
                        error=attempt.problem_in("name")
                        required=true
                    />
                    <Field
                        label=tu_string!(i18n, staff.people.login)
                        name="login"
                        value=attempt.typed("login")
                        hint=tu_string!(i18n, staff.people.login_hint)
                        autocomplete="off"
                        error=attempt.problem_in("login")
                        required=true
                    />
                    <Select
                        label=tu_string!(i18n, staff.people.role)
                        name="role"
                        options=role_options(i18n)
                        selected=attempt.typed("role")
                        error=attempt.problem_in("role")
                    />
                    <Field
                        label=tu_string!(i18n, staff.people.first_password)
                        name="password"
                        kind="password"
                        hint=tu_string!(i18n, staff.people.password_hint)
                        autocomplete="new-password"
                        error=attempt.problem_in("password")
                        required=true
                    />
                </div>
                <button class="button button--primary" type="submit">
                    {tu_string!(i18n, staff.people.add_submit)}
                </button>
            </ActionForm>
        </section>
    }
}
