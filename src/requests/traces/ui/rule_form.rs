//! The form in which a rule is written or changed.

use super::words::{department_options, on_options, preset_text};
use crate::{
    error::Refused,
    guests::{PreferenceCode, ui::words::code_words},
    house::StationKind,
    i18n::*,
    ids::TraceRuleId,
    requests::traces::{
        MAX_ROOM, MAX_TEXT,
        api::SaveTraceRule,
        rule::{MAX_DAYS_BEFORE, MAX_EVERY_DAYS, Preset, RuleDay, RuleList, TraceRule},
    },
    ui::{Attempt, Field, FormNote, I18n, Select, TextArea, announce_done, reset_when_done},
};
use leptos::{html, prelude::*};

const FIELDS: &[&str] =
    &["department", "text", "on_day", "days_before", "code", "every_days", "starts", "ends", "room"];

/// What the fields begin with.
#[derive(Default)]
struct Beginning {
    department: String,
    text: String,
    on_day: String,
    days_before: String,
    code: String,
    every_days: String,
    starts: String,
    ends: String,
    room: String,
}

impl Beginning {
    /// A new rule: before arrivals, or as most houses have it.
    fn new(i18n: I18n, preset: Option<Preset>, today: String) -> Self {
        let department = preset.map_or(StationKind::Floor, Preset::department);
        Self {
            department: department.code().to_owned(),
            text: preset.map(|preset| preset_text(i18n, preset).to_owned()).unwrap_or_default(),
            on_day: preset.map_or(RuleDay::Arrival, Preset::on).code().to_owned(),
            days_before: preset.map_or(1, Preset::days_before).to_string(),
            code: preset.and_then(Preset::preference).map(|code| code.code().to_owned()).unwrap_or_default(),
            every_days: "7".to_owned(),
            starts: today,
            ..Self::default()
        }
    }

    /// A rule as the house has it.
    fn of(rule: &TraceRule) -> Self {
        Self {
            department: rule.department.code().to_owned(),
            text: rule.text.clone(),
            on_day: rule.on.code().to_owned(),
            days_before: rule.days_before.to_string(),
            code: rule.code.map(|code| code.code().to_owned()).unwrap_or_default(),
            every_days: rule.every_days.map(|days| days.to_string()).unwrap_or_default(),
            starts: rule.starts.clone().unwrap_or_default(),
            ends: rule.ends.clone().unwrap_or_default(),
            room: rule.room.clone().unwrap_or_default(),
        }
    }
}

#[component]
pub fn RuleForm(
    paper: RuleList,
    /// The rule that is to be changed; else it is a new one.
    edited: Option<TraceRuleId>,
    /// What a new one begins with.
    preset: Option<Preset>,
    /// A form that came back refused.
    refused: Option<Refused>,
    save: ServerAction<SaveTraceRule>,
) -> impl IntoView {
    let i18n = use_i18n();
    let RuleList { today, id, rules, about } = paper;
    let edited = rules.iter().find(|rule| Some(rule.id) == edited);
    // What was typed for another rule does not belong here.
    let typed_for = |refused: &Refused| {
        let typed = refused.typed_in("rule").unwrap_or_default().to_owned();
        rules.iter().find(|rule| rule.id.to_string() == typed).map(|rule| rule.id)
    };
    let refused = refused.filter(|refused| typed_for(refused) == edited.map(|rule| rule.id));
    let attempt = Attempt::of(save, refused.as_ref());
    let (tried, pending) = (attempt.outcome, save.pending());
    let form = NodeRef::<html::Form>::new();
    let is_new = edited.is_none();
    // What is written next is another rule. What may not have arrived and is sent again is the same.
    let id = RwSignal::new(edited.map_or_else(|| attempt.typed_or("rule", id.to_string()), |rule| rule.id.to_string()));
    if is_new {
        reset_when_done(tried, form);
        Effect::new(move |watched: Option<()>| {
            let is_kept = tried.with(|tried| matches!(tried, Some(Ok(()))));
            if watched.is_some() && is_kept {
                id.set(TraceRuleId::new().to_string());
            }
        });
    }
    announce_done(tried, tu_string!(i18n, work.rules.saved));
    let about = match edited {
        Some(rule) => rule.about.clone(),
        None => about,
    };
    let guest = about.as_ref().map(|about| about.guest.to_string()).unwrap_or_default();
    let about = about.map(|about| {
        let words = tu_string!(i18n, work.rules.only_for, name = about.name.address());
        view! { <p><a class="row-link" href=format!("/guests/{}", about.guest)>{words}</a></p> }
    });
    let begin = edited.map_or_else(|| Beginning::new(i18n, preset, today), Beginning::of);
    let (title, close) = match edited {
        Some(_) => (
            tu_string!(i18n, work.rules.change),
            Some(view! {
                <a class="button button--quiet" href="/traces/rules">
                    {tu_string!(i18n, common.close)}
                </a>
            }),
        ),
        None => (tu_string!(i18n, work.rules.add), None),
    };
    let anybody = (String::new(), tu_string!(i18n, work.rules.any_code).to_owned());
    let codes = PreferenceCode::ALL.iter().map(|code| (code.code().to_owned(), code_words(i18n, *code)));
    let codes: Vec<_> = std::iter::once(anybody).chain(codes).collect();
    view! {
        <section id="rule" class="panel">
            <div class="panel__head">
                <h2 class="panel__title">{title}</h2>
                {close}
            </div>
            {about}
            <ActionForm action=save node_ref=form attr:class="stack">
                <input type="hidden" name="rule" value=move || id.get()/>
                <input type="hidden" name="guest" value=guest/>
                <FormNote outcome=tried fields=FIELDS done=tu_string!(i18n, work.rules.saved)/>
                <div class="fields fields--two">
                    <Select
                        label=tu_string!(i18n, campaigns.trace.write_for)
                        name="department"
                        id="rule-department"
                        options=department_options(i18n)
                        selected=attempt.typed_or("department", begin.department)
                        error=attempt.problem_in("department")
                    />
                    <Select
                        label=tu_string!(i18n, work.rules.on_day)
                        name="on_day"
                        id="rule-on-day"
                        options=on_options(i18n)
                        selected=attempt.typed_or("on_day", begin.on_day)
                        error=attempt.problem_in("on_day")
                    />
                </div>
                <TextArea
                    label=tu_string!(i18n, campaigns.trace.write_text)
                    name="text"
                    id="rule-text"
                    value=attempt.typed_or("text", begin.text)
                    hint=tu_string!(i18n, campaigns.trace.write_text_hint, most = MAX_TEXT)
                    error=attempt.problem_in("text")
                    maxlength=MAX_TEXT
                    autocomplete="off"
                    required=true
                />
                <fieldset class="work__group">
                    <legend>{tu_string!(i18n, work.rules.before)}</legend>
                    <div class="fields fields--two">
                        <Field
                            label=tu_string!(i18n, work.rules.days_before)
                            name="days_before"
                            id="rule-days-before"
                            kind="number"
                            value=attempt.typed_or("days_before", begin.days_before)
                            hint=tu_string!(i18n, work.rules.days_before_hint)
                            error=attempt.problem_in("days_before")
                            range=(0, MAX_DAYS_BEFORE.into())
                        />
                        <Select
                            label=tu_string!(i18n, work.rules.code)
                            name="code"
                            id="rule-code"
                            options=codes
                            selected=attempt.typed_or("code", begin.code)
                            hint=tu_string!(i18n, work.rules.code_hint)
                            error=attempt.problem_in("code")
                        />
                    </div>
                </fieldset>
                <fieldset class="work__group">
                    <legend>{tu_string!(i18n, work.rules.on_every)}</legend>
                    <div class="fields fields--two">
                        <Field
                            label=tu_string!(i18n, work.rules.every_days)
                            name="every_days"
                            id="rule-every-days"
                            kind="number"
                            value=attempt.typed_or("every_days", begin.every_days)
                            hint=tu_string!(i18n, work.rules.every_days_hint)
                            error=attempt.problem_in("every_days")
                            range=(1, MAX_EVERY_DAYS.into())
                        />
                        <Field
                            label=tu_string!(i18n, campaigns.trace.write_room)
                            name="room"
                            id="rule-room"
                            value=attempt.typed_or("room", begin.room)
                            hint=tu_string!(i18n, campaigns.trace.write_room_hint)
                            error=attempt.problem_in("room")
                            maxlength=MAX_ROOM
                            autocomplete="off"
                        />
                        <Field
                            label=tu_string!(i18n, work.rules.starts)
                            name="starts"
                            id="rule-starts"
                            kind="date"
                            value=attempt.typed_or("starts", begin.starts)
                            error=attempt.problem_in("starts")
                        />
                        <Field
                            label=tu_string!(i18n, work.rules.ends)
                            name="ends"
                            id="rule-ends"
                            kind="date"
                            value=attempt.typed_or("ends", begin.ends)
                            hint=tu_string!(i18n, work.rules.ends_hint)
                            error=attempt.problem_in("ends")
                        />
                    </div>
                </fieldset>
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, work.rules.save)}
                </button>
            </ActionForm>
        </section>
    }
}
