//! The rules by which traces make themselves.

use super::{
    rule_form::RuleForm,
    words::{department_name, preset_name, rule_words},
};
use crate::{
    alerts::live::use_live,
    i18n::*,
    ids::TraceRuleId,
    requests::traces::{
        api::{PauseTraceRule, SaveTraceRule, trace_rules},
        rule::{Preset, RuleList, TraceRule},
    },
    staff::ui::use_refused,
    ui::{Attempt, Empty, Failed, FormNote, I18n, Loading, announce_done, outcome},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// The page `/traces/rules`. `?edit=ID` changes a rule, `?preset=` begins with one that most houses have, and `?guest=`
/// with one for that guest alone.
#[component]
pub fn RulesPage() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let query = use_query_map();
    let guest = Memo::new(move |_| query.with(|query| query.get("guest").unwrap_or_default()));
    let edited = Memo::new(move |_| query.with(|query| query.get_str("edit")?.parse::<TraceRuleId>().ok()));
    let preset = Memo::new(move |_| query.with(|query| Preset::from_code(query.get_str("preset")?)));
    let save = ServerAction::<SaveTraceRule>::new();
    let pause = ServerAction::<PauseTraceRule>::new();
    let rules = Resource::new(
        move || (save.version().get(), pause.version().get(), live.traces_changed.get(), live.reset.get()),
        |_| trace_rules(String::new()),
    );
    // Apart from the list, which is made anew whenever a colleague changes it, so that what is being typed stays.
    let paper = Resource::new(move || guest.get(), trace_rules);
    let refused = use_refused();
    announce_done(outcome(pause), tu_string!(i18n, common.saved));
    let title = tu_string!(i18n, work.rules.title);
    view! {
        <Title text=title/>
        <div class="manage">
            <h1 class="page__title name">{title}</h1>
            <p class="lede">{tu_string!(i18n, work.rules.lede)}</p>
            <p>
                <a class="button button--quiet" href="/traces">
                    {tu_string!(i18n, work.rules.back)}
                </a>
            </p>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    let refused = refused.await;
                    let attempt = Attempt::of(pause, refused.as_ref());
                    match rules.await {
                        Ok(list) => view! {
                            <FormNote outcome=attempt.outcome done=tu_string!(i18n, common.saved)/>
                            {lines(i18n, &list, pause)}
                        }
                        .into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
            {presets(i18n)}
            <Transition>
                {move || {
                    let (edited, preset) = (edited.get(), preset.get());
                    Suspend::new(async move {
                        let refused = refused.await;
                        match paper.await {
                            Ok(paper) => view! { <RuleForm paper edited preset refused save/> }.into_any(),
                            // The list above says why.
                            Err(_) => ().into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
}

fn lines(i18n: I18n, list: &RuleList, pause: ServerAction<PauseTraceRule>) -> AnyView {
    if list.rules.is_empty() {
        return view! {
            <Empty title=tu_string!(i18n, work.rules.empty) text=tu_string!(i18n, work.rules.empty_text)/>
        }
        .into_any();
    }
    let lines = list.rules.iter().map(|rule| line(i18n, rule, pause)).collect_view();
    view! { <ul class="traces__list" aria-label=tu_string!(i18n, work.rules.list)>{lines}</ul> }.into_any()
}

fn line(i18n: I18n, rule: &TraceRule, pause: ServerAction<PauseTraceRule>) -> AnyView {
    let pending = pause.pending();
    let (class, paused, button) = if rule.active {
        ("trace", None, tu_string!(i18n, work.rules.pause))
    } else {
        let badge = view! { <span class="badge">{tu_string!(i18n, work.rules.paused)}</span> };
        ("trace trace--paused", Some(badge), tu_string!(i18n, work.rules.resume))
    };
    let room = rule.room.clone().map(|room| tu_string!(i18n, guests.card.room, room = room));
    let room = room.map(|room| view! { <span class="badge badge--room">{room}</span> });
    // The buttons of all lines read alike; screen readers hear which each is about.
    let which = format!(" {}", rule.text);
    let (id, active) = (rule.id.to_string(), (!rule.active).to_string());
    view! {
        <li class=class>
            <div class="trace__what">
                <p class="trace__text">{rule.text.clone()}</p>
                <p>{rule_words(i18n, rule)}</p>
                <p class="cluster trace__marks">
                    <span class="badge">{department_name(i18n, rule.department)}</span> {room} {paused}
                </p>
                <p class="muted">{tu_string!(i18n, work.rules.by, by = rule.by.clone())}</p>
            </div>
            <div class="trace__do">
                <a class="button" href=format!("/traces/rules?edit={}#rule", rule.id) rel="external">
                    {tu_string!(i18n, work.rules.edit)}
                    <span class="visually-hidden">{which.clone()}</span>
                </a>
                <ActionForm action=pause>
                    <input type="hidden" name="rule" value=id/>
                    <input type="hidden" name="active" value=active/>
                    <button class="button button--quiet" type="submit" disabled=move || pending.get()>
                        {button}
                        <span class="visually-hidden">{which}</span>
                    </button>
                </ActionForm>
            </div>
        </li>
    }
    .into_any()
}

/// Rules that most houses have: each begins the form below.
fn presets(i18n: I18n) -> AnyView {
    let links = Preset::ALL
        .iter()
        .map(|preset| {
            view! {
                <li>
                    <a
                        class="button button--quiet"
                        href=format!("/traces/rules?preset={}#rule", preset.code())
                        rel="external"
                    >
                        {preset_name(i18n, *preset)}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="stack" aria-labelledby="rule-presets">
            <h2 class="section-title" id="rule-presets">{tu_string!(i18n, work.rules.presets)}</h2>
            <ul class="cluster work__presets">{links}</ul>
        </section>
    }
    .into_any()
}
