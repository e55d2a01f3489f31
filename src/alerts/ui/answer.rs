//! The answer to an alert: *Got it*, then *Greeted* or *Seated at* a table.

use super::{
    focus::{Answered, focus, follow_answer, is_for_keys},
    queue::QueueNotes,
};
use crate::{
    alerts::{
        AlertState,
        api::{Acknowledge, Complete},
        queue::{Deed, Entry, Queue, stage, use_queue},
    },
    i18n::*,
    ids::AlertId,
};
use leptos::{ev::SubmitEvent, html, prelude::*, server_fn::ServerFn};

/// What a table's name may have at most.
const LONGEST_TABLE: &str = "20";

/// What can be answered while the alert stands at `state`, and what became of the answers.
#[component]
pub fn Answer(
    id: AlertId,
    state: Memo<Option<AlertState>>,
    /// Whether something is due: nobody is greeted then, or seated.
    is_due: Memo<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    let queue = use_queue();
    let answered = use_context::<Answered>();
    let answers =
        queue.select(move |entry| entry.alert == id && matches!(entry.deed, Deed::Acknowledge | Deed::Complete { .. }));
    // The clock is looked at only while something waits.
    let at = Memo::new(move |_| {
        let state = state.get()?;
        let now = if answers.with(Vec::is_empty) { 0 } else { queue.now.get() };
        Some(answers.with(|answers| stage(state, answers, now)))
    });
    let busy = Memo::new(move |_| {
        answers.with(|answers| answers.iter().any(|entry| entry.is_waiting() && !entry.is_stuck(queue.now.get())))
    });
    follow_answer(answered, id, at);
    let submit = move |deed: Deed, event: &SubmitEvent| {
        if let Some(answered) = answered {
            answered.here(id);
        }
        submit(queue, id, deed, event);
    };
    view! {
        <QueueNotes entries=answers/>
        {move || match at.get() {
            Some(AlertState::Raised) => {
                view! {
                    <form
                        method="post"
                        action=Acknowledge::url()
                        on:submit=move |event: SubmitEvent| submit(Deed::Acknowledge, &event)
                    >
                        <input type="hidden" name="id" value=id.to_string()/>
                        <button class="button button--primary ticket__got-it" type="submit" disabled=move || busy.get()>
                            {tu_string!(i18n, alerts.answer.got_it)}
                        </button>
                    </form>
                }
                    .into_any()
            }
            Some(AlertState::Acknowledged) => {
                view! {
                    <form
                        method="post"
                        action=Complete::url()
                        on:submit=move |event: SubmitEvent| submit(Deed::Complete { table: None }, &event)
                    >
                        <input type="hidden" name="id" value=id.to_string()/>
                        <button class="button" type="submit" disabled=move || busy.get()>
                            {move || {
                                if is_due.get() {
                                    tu_string!(i18n, requests.due.seen_to)
                                } else {
                                    tu_string!(i18n, alerts.answer.greeted)
                                }
                            }}
                        </button>
                    </form>
                    {move || {
                        let submit = Callback::new(move |(deed, event): (Deed, SubmitEvent)| submit(deed, &event));
                        (!is_due.get()).then(|| view! { <Seat id busy submit/> })
                    }}
                }
                    .into_any()
            }
            _ => ().into_any(),
        }}
    }
}

/// *Got it*, away from the board.
#[component]
pub fn GotIt(id: AlertId) -> impl IntoView {
    let i18n = use_i18n();
    let queue = use_queue();
    let answers = queue.select(move |entry| entry.alert == id && entry.deed == Deed::Acknowledge);
    let busy = Memo::new(move |_| answers.with(|answers| answers.iter().any(Entry::is_waiting)));
    view! {
        <form
            method="post"
            action=Acknowledge::url()
            on:submit=move |event: SubmitEvent| submit(queue, id, Deed::Acknowledge, &event)
        >
            <input type="hidden" name="id" value=id.to_string()/>
            <button class="button button--primary" type="submit" disabled=move || busy.get()>
                {tu_string!(i18n, alerts.answer.got_it)}
            </button>
        </form>
    }
}

/// Queues what was tapped, in place of the browser, which posts the form where nobody is there to send
/// it.
fn submit(queue: Queue, id: AlertId, deed: Deed, event: &SubmitEvent) {
    if queue.add(id, deed) {
        event.prevent_default();
    }
}

/// *Seated at* a table: a number pad, which without scripts is a plain field.
#[component]
fn Seat(
    id: AlertId,
    busy: Memo<bool>,
    /// Takes the answer, and what the browser would do with it.
    submit: Callback<(Deed, SubmitEvent)>,
) -> impl IntoView {
    let i18n = use_i18n();
    // `None` while the field is as the page came, so that what was typed before the page was live is
    // not taken away.
    let table = RwSignal::new(None::<String>);
    let input = NodeRef::<html::Input>::new();
    let (details, summary) = (NodeRef::<html::Details>::new(), NodeRef::<html::Summary>::new());
    Effect::new(move |_| {
        if let Some(already) = input.get().map(|input| input.value()).filter(|value| !value.is_empty()) {
            table.set(Some(already));
        }
    });
    let push = move |digit: char| table.update(|table| table.get_or_insert_default().push(digit));
    let field = format!("table-{id}");
    let digits = ('1'..='9')
        .map(|digit| {
            view! {
                <button class="pad__key" type="button" on:click=move |_| push(digit)>
                    {digit}
                </button>
            }
        })
        .collect_view();
    let label = move || {
        let table = table.get().unwrap_or_default();
        if table.trim().is_empty() {
            tu_string!(i18n, alerts.answer.seated).to_owned()
        } else {
            tu_string!(i18n, alerts.answer.seated_at, table = table)
        }
    };
    view! {
        <details
            class="seat"
            on:toggle=move |_| {
                if let (Some(summary), Some(input)) = (summary.get_untracked(), input.get_untracked())
                    && details.get_untracked().is_some_and(|details| details.has_attribute("open"))
                    && is_for_keys(&summary)
                {
                    focus(input.into());
                }
            }
            node_ref=details
        >
            <summary class="button button--primary" node_ref=summary>{tu_string!(i18n, alerts.answer.seat)}</summary>
            <form
                class="seat__form"
                method="post"
                action=Complete::url()
                on:submit=move |event: SubmitEvent| {
                    let table = table.get_untracked().map(|table| table.trim().to_owned());
                    let deed = Deed::Complete { table: table.filter(|table| !table.is_empty()) };
                    submit.run((deed, event));
                }
            >
                <input type="hidden" name="id" value=id.to_string()/>
                <label class="seat__label" for=field.clone()>
                    {tu_string!(i18n, alerts.answer.table)}
                </label>
                <input
                    class="seat__table"
                    id=field
                    type="text"
                    name="table"
                    inputmode="numeric"
                    autocomplete="off"
                    maxlength=LONGEST_TABLE
                    required
                    prop:value=move || table.get()
                    node_ref=input
                    on:input=move |event| table.set(Some(event_target_value(&event)))
                />
                <div class="pad" role="group" aria-label=tu_string!(i18n, alerts.answer.pad)>
                    {digits}
                    <button class="pad__key pad__key--word" type="button" on:click=move |_| table.set(Some(String::new()))>
                        {tu_string!(i18n, alerts.answer.clear)}
                    </button>
                    <button class="pad__key" type="button" on:click=move |_| push('0')>
                        "0"
                    </button>
                </div>
                <button class="button button--primary" type="submit" disabled=move || busy.get()>
                    {label}
                </button>
            </form>
        </details>
    }
}
