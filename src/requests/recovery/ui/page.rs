//! One complaint with all that was done about it, and what its owner does next.

use super::{
    OPEN,
    card::promise_words,
    change::ChangeForm,
    words::{cause_words, place_words, severity_words, state_words},
};
use crate::{
    alerts::live::{refetch_when, use_live},
    error::{AppError, Refused},
    guests::ui::names::name_parts,
    i18n::*,
    ids::{GuestId, RecoveryId},
    requests::recovery::{
        Cost, MAX_TEXT, RecoveryPage, StepLine,
        api::{AddStep, ChangeRecovery, KeepPromise, SetCost, TellGuest, open_recovery},
    },
    staff::ui::use_refused,
    ui::{
        Attempt, Failed, Field, FormNote, I18n, Loading, TextArea, announce_done, date, money, outcome, reset_when_done,
    },
};
use leptos::{html, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// What can be done on the page.
#[derive(Clone, Copy)]
struct Actions {
    change: ServerAction<ChangeRecovery>,
    step: ServerAction<AddStep>,
    tell: ServerAction<TellGuest>,
    keep: ServerAction<KeepPromise>,
    cost: ServerAction<SetCost>,
}

/// The page `/recoveries/:id`.
#[component]
pub fn RecoveryPageView() -> impl IntoView {
    let i18n = use_i18n();
    let params = use_params_map();
    let asked =
        Memo::new(move |_| params.with(|params| params.get_str("id").and_then(|id| id.parse::<RecoveryId>().ok())));
    view! {
        <Title text=tu_string!(i18n, care.page.title)/>
        <div class="manage">
            <p>
                <a class="row-link" href=OPEN>
                    {tu_string!(i18n, care.page.all)}
                </a>
            </p>
            {move || match asked.get() {
                Some(recovery) => view! { <Recovery recovery/> }.into_any(),
                None => view! { <Failed error=AppError::NotFound/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Recovery(recovery: RecoveryId) -> impl IntoView {
    let actions = Actions {
        change: ServerAction::new(),
        step: ServerAction::new(),
        tell: ServerAction::new(),
        keep: ServerAction::new(),
        cost: ServerAction::new(),
    };
    let refused = use_refused();
    let first = Resource::new(|| (), move |()| open_recovery(recovery));
    view! {
        <Suspense fallback=|| view! { <Loading/> }>
            {move || Suspend::new(async move {
                let (page, refused) = (first.await, refused.await);
                match page {
                    Ok(page) => view! { <Opened page actions refused/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// The complaint as it was loaded, and then as it is: it follows the line.
#[component]
fn Opened(page: RecoveryPage, actions: Actions, refused: Option<Refused>) -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let (id, guest) = (page.line.id, page.line.guest);
    let Actions { change, step, tell, keep, cost } = actions;
    // From what the form was made, and what is known now.
    let based = RwSignal::new(page.clone());
    let shown = RwSignal::new(page);
    let changed_here = StoredValue::new(false);
    let saved = outcome(change);
    announce_done(saved, tu_string!(i18n, common.saved));
    Effect::new(move |watched: Option<()>| {
        let is_kept = saved.with(|saved| matches!(saved, Some(Ok(()))));
        if watched.is_some() && is_kept {
            changed_here.set_value(true);
        }
    });
    let heard = Memo::new(move |before: Option<&u64>| heard_of(live.guest_changed.get(), guest, before));
    refetch_when(
        move || {
            let done = (change.version().get(), step.version().get(), tell.version().get());
            (live.reset.get(), heard.get(), done, keep.version().get(), cost.version().get())
        },
        move || open_recovery(id),
        move |answer: Result<RecoveryPage, AppError>| {
            if let Ok(now) = answer {
                if changed_here.get_value() {
                    changed_here.set_value(false);
                    based.set(now.clone());
                }
                shown.set(now);
            }
        },
    );
    let is_old = Memo::new(move |_| shown.with(|shown| shown.revision) != based.with(|based| based.revision));
    let cost_now = Memo::new(move |_| shown.with(|shown| shown.cost.clone()));
    let (of_change, of_step, of_cost) = (refused.clone(), refused.clone(), refused.clone());
    let noted = [Attempt::of(tell, refused.as_ref()).outcome, Attempt::of(keep, refused.as_ref()).outcome];
    view! {
        {move || shown.with(|shown| head(i18n, shown))}
        {noted.into_iter().map(|outcome| view! { <FormNote outcome/> }).collect_view()}
        {move || shown.with(|shown| next(i18n, shown, tell, keep))}
        {move || shown.with(|shown| steps(i18n, &shown.steps))}
        <StepForm shown action=step refused=of_step/>
        {move || is_old.get().then(|| view! { <p class="note note--warn">{tu_string!(i18n, care.page.moved)}</p> })}
        {move || {
            saved
                .with(|saved| matches!(saved, Some(Ok(()))))
                .then(|| view! { <p class="note note--ok">{tu_string!(i18n, common.saved)}</p> })
        }}
        {move || {
            let (from, refused) = (based.get(), of_change.clone());
            view! { <ChangeForm from action=change refused/> }
        }}
        {move || {
            cost_now.get().map(|now| view! { <CostForm recovery=id now action=cost refused=of_cost.clone()/> })
        }}
    }
}

/// The number of the last event about a guest.
fn heard_of(told: Option<(u64, GuestId)>, guest: GuestId, before: Option<&u64>) -> u64 {
    match told {
        Some((seq, other)) if other == guest => seq,
        _ => before.copied().unwrap_or(0),
    }
}

/// Whom it is about, what happened, what was promised, and what came of it.
fn head(i18n: I18n, page: &RecoveryPage) -> AnyView {
    let line = &page.line;
    let who = page.about.as_ref().map(|about| {
        view! {
            <h1 class="page__title name">
                <a href=format!("/guests/{}", about.guest)>{about.name.address()}</a>
            </h1>
            <p class="name-line">{name_parts(i18n, &about.name, about.language.clone())}</p>
        }
    });
    let nobody =
        page.about.is_none().then(|| view! { <h1 class="page__title name">{tu_string!(i18n, care.list.nobody)}</h1> });
    let late =
        page.overdue.then(|| view! { <span class="badge badge--overdue">{tu_string!(i18n, care.line.overdue)}</span> });
    let by_at = |who: &str, at: &str| (who.to_owned(), date::moment(i18n, at));
    let told = match (&line.told, &page.told_by) {
        (Some(at), Some(who)) => {
            let (who, at) = by_at(who, at);
            tu_string!(i18n, care.page.told_by, who = who, at = at)
        }
        _ => tu_string!(i18n, care.line.not_told).to_owned(),
    };
    let (who_wrote, written_at) = by_at(&page.by, &line.on);
    let kept = page.kept.as_ref().map(|(who, at)| {
        let (who, at) = by_at(who, at);
        tu_string!(i18n, care.page.kept_by, who = who, at = at)
    });
    let closed = page.closed.as_ref().map(|(who, at)| {
        let (who, at) = by_at(who, at);
        tu_string!(i18n, care.page.closed_by, who = who, at = at)
    });
    let facts = [
        Some(tu_string!(i18n, care.line.owner, name = line.owner.clone())),
        Some(tu_string!(i18n, care.page.written_by, who = who_wrote, at = written_at)),
        kept,
        line.result.clone().map(|result| tu_string!(i18n, care.line.result, result = result)),
        Some(told),
        closed,
    ];
    let facts = facts.into_iter().flatten().map(|fact| view! { <li>{fact}</li> }).collect_view();
    view! {
        {who}
        {nobody}
        <p class="cluster">
            <span class="badge">{severity_words(i18n, line.severity)}</span>
            <span class="badge">{state_words(i18n, line.state)}</span>
            {late}
            <span class="muted">{cause_words(i18n, line.cause)} ", " {place_words(i18n, line.place)}</span>
        </p>
        <p class="complaint__what">{line.what.clone()}</p>
        {promise_words(i18n, line).map(|words| view! { <p class="complaint__promise">{words}</p> })}
        <ul class="complaint__facts">{facts}</ul>
    }
    .into_any()
}

/// What is left to be said and kept.
fn next(
    i18n: I18n,
    page: &RecoveryPage,
    tell: ServerAction<TellGuest>,
    keep: ServerAction<KeepPromise>,
) -> Option<AnyView> {
    let line = &page.line;
    let id = line.id;
    let may_keep = (line.promise.is_some() && !line.promise_kept).then(|| {
        view! {
            <ActionForm action=keep>
                <input type="hidden" name="recovery" value=id.to_string()/>
                <button class="button" type="submit">{tu_string!(i18n, care.page.kept_now)}</button>
            </ActionForm>
        }
    });
    let may_tell = line.told.is_none().then(|| {
        view! {
            <ActionForm action=tell>
                <input type="hidden" name="recovery" value=id.to_string()/>
                <button class="button" type="submit">{tu_string!(i18n, care.page.told_now)}</button>
            </ActionForm>
        }
    });
    if may_keep.is_none() && may_tell.is_none() {
        return None;
    }
    Some(view! { <div class="cluster">{may_keep} {may_tell}</div> }.into_any())
}

/// What was done, in the order in which it was.
fn steps(i18n: I18n, steps: &[StepLine]) -> AnyView {
    if steps.is_empty() {
        return view! { <p class="muted">{tu_string!(i18n, care.page.no_steps)}</p> }.into_any();
    }
    let lines = steps
        .iter()
        .map(|step| {
            let by = tu_string!(i18n, care.page.step_by, who = step.by.clone(), at = date::moment(i18n, &step.at));
            view! {
                <li class="note-line">
                    <p>{step.text.clone()}</p>
                    <p class="muted">{by}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="stack" aria-labelledby="complaint-steps">
            <h2 class="section-title" id="complaint-steps">{tu_string!(i18n, care.page.steps)}</h2>
            <ol class="note-lines">{lines}</ol>
        </section>
    }
    .into_any()
}

/// Says what was done.
#[component]
fn StepForm(shown: RwSignal<RecoveryPage>, action: ServerAction<AddStep>, refused: Option<Refused>) -> impl IntoView {
    let i18n = use_i18n();
    let recovery = shown.with_untracked(|shown| shown.line.id.to_string());
    // What was typed about another complaint does not belong here.
    let refused = refused.filter(|refused| refused.typed_in("recovery") == Some(recovery.as_str()));
    let attempt = Attempt::of(action, refused.as_ref());
    let (tried, pending) = (attempt.outcome, action.pending());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(tried, form);
    announce_done(tried, tu_string!(i18n, care.page.step_kept));
    view! {
        <ActionForm action=action node_ref=form attr:class="stack">
            <FormNote outcome=tried fields=&["text"]/>
            // Another one after each that was kept: the page is loaded again then.
            <input type="hidden" name="step" value=move || shown.with(|shown| shown.next_step.to_string())/>
            <input type="hidden" name="recovery" value=recovery/>
            <TextArea
                label=tu_string!(i18n, care.page.step)
                name="text"
                id="complaint-step"
                value=attempt.typed("text")
                error=attempt.problem_in("text")
                maxlength=MAX_TEXT
                autocomplete="off"
                rows=2
                required=true
            />
            <p>
                <button class="button" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, care.page.step_keep)}
                </button>
            </p>
        </ActionForm>
    }
}

/// What it cost: for managers, who alone are told.
#[component]
fn CostForm(recovery: RecoveryId, now: Cost, action: ServerAction<SetCost>, refused: Option<Refused>) -> impl IntoView {
    let i18n = use_i18n();
    let id = recovery.to_string();
    let refused = refused.filter(|refused| refused.typed_in("recovery") == Some(id.as_str()));
    let attempt = Attempt::of(action, refused.as_ref());
    let (tried, pending) = (attempt.outcome, action.pending());
    let Cost { currency, minor } = now;
    let stands = match minor {
        Some(minor) => tu_string!(i18n, care.page.cost_is, amount = money(minor, &currency)),
        None => tu_string!(i18n, care.page.cost_none).to_owned(),
    };
    view! {
        <section class="panel" aria-labelledby="complaint-cost">
            <h2 class="panel__title" id="complaint-cost">{tu_string!(i18n, care.page.cost)}</h2>
            <p>{stands}</p>
            <ActionForm action=action attr:class="stack">
                <FormNote outcome=tried fields=&["amount"] done=tu_string!(i18n, common.saved)/>
                <input type="hidden" name="recovery" value=id/>
                <Field
                    label=tu_string!(i18n, care.page.amount, currency = currency)
                    name="amount"
                    id="complaint-amount"
                    value=attempt.typed("amount")
                    hint=tu_string!(i18n, care.page.amount_hint)
                    error=attempt.problem_in("amount")
                    inputmode="decimal"
                    autocomplete="off"
                />
                <p>
                    <button class="button" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, common.save)}
                    </button>
                </p>
            </ActionForm>
        </section>
    }
}
