//! The form in which a person writes a trace.

use super::words::department_options;
use crate::{
    error::Refused,
    i18n::*,
    ids::TraceId,
    requests::traces::{
        MAX_ROOM, MAX_TEXT, TracePaper,
        api::{WriteTrace, blank_trace},
    },
    staff::ui::RefusedForm,
    ui::{Attempt, Failed, Field, Folded, FormNote, Select, TextArea, announce_done, reset_when_done},
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_query_map;

/// The form, about the guest whose id the page's address names, or about nobody. It stands apart from the
/// list, which is made anew whenever a colleague changes it, so that what is being typed stays.
#[component]
pub fn TraceForm(action: ServerAction<WriteTrace>, guest: Memo<String>, refused: RefusedForm) -> impl IntoView {
    let paper = Resource::new(move || guest.get(), blank_trace);
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let (paper, refused) = (paper.await, refused.await);
                match paper {
                    Ok(paper) => view! { <Paper paper refused action/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Paper(
    paper: TracePaper,
    /// A form that came back refused.
    refused: Option<Refused>,
    action: ServerAction<WriteTrace>,
) -> impl IntoView {
    let i18n = use_i18n();
    let TracePaper { id, department, today, about } = paper;
    let attempt = Attempt::of(action, refused.as_ref());
    let (tried, pending) = (attempt.outcome, action.pending());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(tried, form);
    announce_done(tried, tu_string!(i18n, campaigns.trace.written));
    // What is written next is another trace. What may not have arrived and is sent again is the same.
    let id = RwSignal::new(id);
    Effect::new(move |watched: Option<()>| {
        let is_kept = tried.with(|tried| matches!(tried, Some(Ok(()))));
        if watched.is_some() && is_kept {
            id.set(TraceId::new());
        }
    });
    // Kept without scripts: the address says so.
    let was_kept = use_query_map().with_untracked(|query| query.get_str("done") == Some("written"));
    let kept = move || {
        (was_kept && tried.with(Option::is_none))
            .then(|| view! { <p class="note note--ok">{tu_string!(i18n, campaigns.trace.written)}</p> })
    };
    // Whoever came from a guest's card came for the form.
    let is_asked_for = about.is_some();
    let guest = about.as_ref().map(|about| about.guest.to_string()).unwrap_or_default();
    let about = about.map(|about| {
        let words = tu_string!(i18n, campaigns.trace.about, name = about.name.address());
        view! { <p><a class="row-link" href=format!("/guests/{}", about.guest)>{words}</a></p> }
    });
    let departments = department_options(i18n);
    view! {
        {kept}
        <Folded label=tu_string!(i18n, campaigns.trace.write) outcome=tried open=is_asked_for>
            {about}
            <FormNote
                outcome=tried
                fields=&["department", "text", "due", "time", "room"]
                done=tu_string!(i18n, campaigns.trace.written)
            />
            <ActionForm action=action node_ref=form>
                <input type="hidden" name="id" value=move || id.get().to_string()/>
                <input type="hidden" name="guest" value=guest/>
                <Select
                    label=tu_string!(i18n, campaigns.trace.write_for)
                    name="department"
                    id="trace-department"
                    options=departments
                    selected=attempt.typed_or("department", department.code().to_owned())
                    error=attempt.problem_in("department")
                />
                <TextArea
                    label=tu_string!(i18n, campaigns.trace.write_text)
                    name="text"
                    id="trace-text"
                    value=attempt.typed("text")
                    hint=tu_string!(i18n, campaigns.trace.write_text_hint, most = MAX_TEXT)
                    error=attempt.problem_in("text")
                    maxlength=MAX_TEXT
                    autocomplete="off"
                    required=true
                />
                <Field
                    label=tu_string!(i18n, campaigns.trace.write_day)
                    name="due"
                    id="trace-due"
                    kind="date"
                    value=attempt.typed_or("due", today)
                    hint=tu_string!(i18n, campaigns.trace.write_day_hint)
                    error=attempt.problem_in("due")
                    required=true
                />
                <Field
                    label=tu_string!(i18n, work.list.write_time)
                    name="time"
                    id="trace-time"
                    kind="time"
                    value=attempt.typed("time")
                    hint=tu_string!(i18n, work.list.write_time_hint)
                    error=attempt.problem_in("time")
                />
                <Field
                    label=tu_string!(i18n, campaigns.trace.write_room)
                    name="room"
                    id="trace-room"
                    value=attempt.typed("room")
                    hint=tu_string!(i18n, campaigns.trace.write_room_hint)
                    error=attempt.problem_in("room")
                    maxlength=MAX_ROOM
                    autocomplete="off"
                />
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, campaigns.trace.write_keep)}
                </button>
            </ActionForm>
        </Folded>
    }
}
