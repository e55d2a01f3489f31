//! The answer to an alert: *Got it*, then *Greeted* or *Seated at* a table.

use super::refused::Refusal;
use crate::{
    alerts::{
        AlertCard, AlertState,
        api::{Acknowledge, Complete, acknowledge, complete},
        live::Live,
    },
    error::AppError,
    i18n::*,
    ids::AlertId,
    ui::ErrorNote,
};
use leptos::{ev::SubmitEvent, html, prelude::*, server_fn::ServerFn};

/// What a table's name may have at most.
const LONGEST_TABLE: &str = "20";

/// What can be answered while the alert stands at `state`.
#[component]
pub fn Answer(id: AlertId, live: Live, state: Memo<Option<AlertState>>) -> impl IntoView {
    let i18n = use_i18n();
    let refusal = Refusal::new(move || (state.get(), live.opened.get()));
    // Plain actions, not server actions: those would all show the error in the page's address.
    let got_it = Action::new(move |(): &()| refusal.watch(keep(live, acknowledge(id))));
    let done = Action::new(move |table: &Option<String>| refusal.watch(keep(live, complete(id, table.clone()))));
    let (getting, finishing) = (got_it.pending(), done.pending());
    view! {
        {move || refusal.get().map(|error| view! { <ErrorNote error/> })}
        {move || match state.get() {
            Some(AlertState::Raised) => {
                view! {
                    <form
                        method="post"
                        action=Acknowledge::url()
                        on:submit=move |event: SubmitEvent| {
                            event.prevent_default();
                            got_it.dispatch(());
                        }
                    >
                        <input type="hidden" name="id" value=id.to_string()/>
                        <button class="button button--primary ticket__got-it" type="submit" disabled=move || getting.get()>
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
                        on:submit=move |event: SubmitEvent| {
                            event.prevent_default();
                            done.dispatch(None);
                        }
                    >
                        <input type="hidden" name="id" value=id.to_string()/>
                        <button class="button" type="submit" disabled=move || finishing.get()>
                            {tu_string!(i18n, alerts.answer.greeted)}
                        </button>
                    </form>
                    <Seat id done finishing/>
                }
                    .into_any()
            }
            _ => ().into_any(),
        }}
    }
}

/// *Seated at* a table: a number pad, which without scripts is a plain field.
#[component]
fn Seat(
    id: AlertId,
    done: Action<Option<String>, Result<AlertCard, AppError>>,
    finishing: Memo<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    // `None` while the field is as the page came, so that what was typed before the page was live is
    // not taken away.
    let table = RwSignal::new(None::<String>);
    let input = NodeRef::<html::Input>::new();
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
        <details class="seat">
            <summary class="button button--primary">{tu_string!(i18n, alerts.answer.seat)}</summary>
            <form
                class="seat__form"
                method="post"
                action=Complete::url()
                on:submit=move |event: SubmitEvent| {
                    event.prevent_default();
                    done.dispatch(Some(table.get_untracked().unwrap_or_default()));
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
                <button class="button button--primary" type="submit" disabled=move || finishing.get()>
                    {label}
                </button>
            </form>
        </details>
    }
}

/// Waits for the answer and takes it over, before the stream tells of it.
async fn keep(live: Live, answer: impl Future<Output = Result<AlertCard, AppError>>) -> Result<AlertCard, AppError> {
    let answer = answer.await;
    if let Ok(card) = &answer {
        live.upsert(card.clone());
    }
    answer
}
