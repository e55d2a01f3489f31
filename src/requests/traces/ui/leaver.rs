//! What becomes of the work of a colleague who leaves, or is away: all that is open goes to another.

use super::super::{
    OpenWork, Workload,
    api::{HandOverWork, workloads},
};
use crate::{
    error::Refused,
    i18n::*,
    staff::ui::use_refused,
    ui::{Attempt, Failed, FormNote, I18n, Loading, Select, announce_done, outcome},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// The page `/traces/leaver`. `?from=ID` names who leaves.
#[component]
pub fn LeaverPage() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let from = query.with_untracked(|query| query.get("from").unwrap_or_default());
    let hand = ServerAction::<HandOverWork>::new();
    let people = Resource::new(move || hand.version().get(), |_| workloads());
    let refused = use_refused();
    announce_done(outcome(hand), tu_string!(i18n, work.leaver.done));
    // Handed over without scripts: the address says how much.
    let before = query.with_untracked(|query| {
        let count = |name: &str| query.get_str(name)?.parse::<u32>().ok();
        Some(OpenWork { traces: count("traces")?, recoveries: count("recoveries")? })
    });
    let moved = move || {
        let here = hand.value().with(|value| value.as_ref().map(|came| came.as_ref().ok().copied()));
        let moved = here.unwrap_or(before)?;
        let OpenWork { traces, recoveries } = moved;
        let words = tu_string!(i18n, work.leaver.moved, traces = traces, recoveries = recoveries);
        Some(view! { <p class="note note--ok">{words}</p> })
    };
    let title = tu_string!(i18n, work.leaver.title);
    view! {
        <Title text=title/>
        <div class="manage">
            <h1 class="page__title name">{title}</h1>
            <p class="lede">{tu_string!(i18n, work.leaver.lede)}</p>
            <p>
                <a class="button button--quiet" href="/traces">
                    {tu_string!(i18n, work.rules.back)}
                </a>
            </p>
            {moved}
            <Transition fallback=Loading>
                {move || {
                    let from = from.clone();
                    Suspend::new(async move {
                        let refused = refused.await;
                        match people.await {
                            Ok(people) => view! { <HandOver people from refused hand/> }.into_any(),
                            Err(error) => view! { <Failed error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
}

#[component]
fn HandOver(
    people: Vec<Workload>,
    /// The id of the colleague who leaves, where the address says it.
    from: String,
    /// A form that came back refused.
    refused: Option<Refused>,
    hand: ServerAction<HandOverWork>,
) -> impl IntoView {
    let i18n = use_i18n();
    let attempt = Attempt::of(hand, refused.as_ref());
    let (tried, pending) = (attempt.outcome, hand.pending());
    let choose = || (String::new(), tu_string!(i18n, work.leaver.choose).to_owned());
    let leavers: Vec<_> = std::iter::once(choose())
        .chain(people.iter().map(|load| (load.who.id.to_string(), with_work(i18n, load))))
        .collect();
    let heirs: Vec<_> = std::iter::once(choose())
        .chain(people.iter().filter(|load| load.may_take).map(|load| (load.who.id.to_string(), load.who.name.clone())))
        .collect();
    view! {
        <section class="panel">
            <ActionForm action=hand attr:class="stack">
                <FormNote outcome=tried fields=&["from", "to"] see_fields=tu_string!(i18n, work.leaver.see_fields)/>
                <div class="fields fields--two">
                    <Select
                        label=tu_string!(i18n, work.leaver.from)
                        name="from"
                        id="leaver-from"
                        options=leavers
                        selected=attempt.typed_or("from", from)
                        hint=tu_string!(i18n, work.leaver.from_hint)
                        error=attempt.problem_in("from")
                    />
                    <Select
                        label=tu_string!(i18n, work.leaver.to)
                        name="to"
                        id="leaver-to"
                        options=heirs
                        selected=attempt.typed("to")
                        hint=tu_string!(i18n, work.leaver.to_hint)
                        error=attempt.problem_in("to")
                    />
                </div>
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, work.leaver.submit)}
                </button>
            </ActionForm>
        </section>
    }
}

/// A colleague's name, with how much open work is theirs: "Wei (3)".
fn with_work(i18n: I18n, load: &Workload) -> String {
    let (name, count) = (load.who.name.clone(), load.open.total());
    tu_string!(i18n, work.leaver.who, name = name, count = count)
}
