//! Whom a campaign is for, with how many that are and some of their names while it is being built.

use super::edit::field_label;
use crate::{
    campaigns::{
        api::count_segment,
        form::{CampaignForm, SegmentCount, SegmentForm},
    },
    error::{AppError, FieldError},
    guests::{
        PreferenceCode, PreferenceGroup,
        ui::words::{LANGUAGES, code_words, group_words, language_words, vip_words},
    },
    i18n::*,
    ui::{Field, I18n, Select, error_of, error_text},
};
use leptos::{form::FromFormData, html, prelude::*, task::spawn_local, web_sys::FormData};
use serde::Deserialize;
use std::time::Duration;

/// How long to wait after a key before counting, so that a number typed at once is one question.
const PAUSE: Duration = Duration::from_millis(400);

/// The groups of preferences by which one may choose. What guests eat is told for health or for faith:
/// nobody is written to for it.
const GROUPS: [PreferenceGroup; 4] =
    [PreferenceGroup::Room, PreferenceGroup::Bedding, PreferenceGroup::Seating, PreferenceGroup::Newspaper];

/// The fields of the segment, as typed, each with what was wrong with it.
#[component]
pub fn SegmentFields(
    typed: SegmentForm,
    errors: Vec<FieldError>,
    /// What was counted without scripts, if it was asked for.
    counted: Option<SegmentCount>,
    /// The form that the fields stand in.
    form: NodeRef<html::Form>,
) -> impl IntoView {
    let i18n = use_i18n();
    let counting = Counting::new(form, counted.map(Ok));
    let mut ask = debounce(PAUSE, move |()| counting.ask());
    // The segment that the page came with; scripts count it once they run.
    Effect::new(move |_| {
        if form.get().is_some() {
            counting.ask();
        }
    });
    let line = |name: &'static str, field: &'static str, value: String, hint: &'static str| {
        view! {
            <Field
                label=field_label(i18n, field)
                name=name
                value=value
                hint=hint
                error=error_of(&errors, field)
                autocomplete="off"
                id=format!("campaign-{field}")
            />
        }
    };
    let whole = |name: &'static str, field: &'static str, value: String, range: (u32, u32)| {
        view! {
            <Field
                label=field_label(i18n, field)
                name=name
                value=value
                kind="number"
                inputmode="numeric"
                range=range
                error=error_of(&errors, field)
                id=format!("campaign-{field}")
            />
        }
    };
    let day = |name: &'static str, field: &'static str, value: String| {
        view! {
            <Field
                label=field_label(i18n, field)
                name=name
                value=value
                kind="date"
                error=error_of(&errors, field)
                id=format!("campaign-{field}")
            />
        }
    };
    let languages = language_choices(i18n, &typed.languages);
    let preferences = preference_choices(i18n, &typed.preferences);
    view! {
        <fieldset class="form-part segment" on:input=move |_| ask(())>
            <legend>{tu_string!(i18n, campaigns.segment.title)}</legend>
            <p class="segment__lede">{tu_string!(i18n, campaigns.segment.lede)}</p>
            <div class="form-grid">
                {line(
                    "form[segment][nationalities]",
                    "nationalities",
                    typed.nationalities,
                    tu_string!(i18n, campaigns.segment.nationalities_hint),
                )}
                <Select
                    label=field_label(i18n, "vip_from")
                    name="form[segment][vip_from]"
                    options=vip_options(i18n)
                    selected=typed.vip_from
                    error=error_of(&errors, "vip_from")
                    id="campaign-vip_from"
                />
                {whole("form[segment][age_from]", "age_from", typed.age_from, (0, 120))}
                {whole("form[segment][age_to]", "age_to", typed.age_to, (0, 120))}
                {whole("form[segment][nights_from]", "nights_from", typed.nights_from, (1, 10_000))}
                {day("form[segment][last_stay_from]", "last_stay_from", typed.last_stay_from)}
                {day("form[segment][last_stay_to]", "last_stay_to", typed.last_stay_to)}
            </div>
            <Choices
                title=field_label(i18n, "languages")
                name="form[segment][languages][]"
                choices=languages
                problem=error_of(&errors, "languages").is_some()
            />
            <Choices
                title=field_label(i18n, "preferences")
                name="form[segment][preferences][]"
                choices=preferences
                problem=error_of(&errors, "preferences").is_some()
            />
            <div class="segment__count">
                <div role="status">{move || counting.said(i18n)}</div>
                <button class="button only-without-scripts" type="submit" name="form[count]" value="on" formnovalidate>
                    {tu_string!(i18n, campaigns.segment.count)}
                </button>
            </div>
        </fieldset>
    }
}

/// A value, the text shown, and whether it is ticked.
type Choice = (String, String, bool);

/// Boxes to tick, folded away while none is.
#[component]
fn Choices(title: String, name: &'static str, choices: Vec<Choice>, problem: bool) -> impl IntoView {
    let i18n = use_i18n();
    let ticked: Vec<String> = choices.iter().filter(|(.., ticked)| *ticked).map(|(_, text, _)| text.clone()).collect();
    let summary =
        if ticked.is_empty() { tu_string!(i18n, campaigns.segment.any).to_owned() } else { ticked.join(", ") };
    let open = problem || !ticked.is_empty();
    let boxes = choices
        .into_iter()
        .map(|(value, text, ticked)| {
            view! {
                <li>
                    <label class="check__label">
                        <input class="check__box" type="checkbox" name=name value=value checked=ticked/>
                        <span>{text}</span>
                    </label>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="choices" open=open>
            <summary class="choices__summary">
                <span class="field__label">{title.clone()}</span>
                <span class="muted">{summary}</span>
            </summary>
            {problem
                .then(|| view! { <p class="field__problem">{tu_string!(i18n, campaigns.segment.choice_unknown)}</p> })}
            <ul class="choices__boxes" aria-label=title>
                {boxes}
            </ul>
        </details>
    }
}

/// What was counted last, and the question that is under way.
#[derive(Clone, Copy)]
struct Counting {
    form: NodeRef<html::Form>,
    found: RwSignal<Option<Result<SegmentCount, AppError>>>,
    /// Counts the questions: an answer to an earlier one is passed over.
    asked: RwSignal<u32>,
    pending: RwSignal<bool>,
}

/// What of the form is read to count it.
#[derive(Deserialize)]
struct Counted {
    #[serde(default)]
    form: CampaignForm,
}

impl Counting {
    fn new(form: NodeRef<html::Form>, found: Option<Result<SegmentCount, AppError>>) -> Self {
        Self { form, found: RwSignal::new(found), asked: RwSignal::new(0), pending: RwSignal::new(false) }
    }

    /// Counts the segment as it stands in the form now.
    fn ask(self) {
        let form = self.form.try_get_untracked().flatten();
        let Some(data) = form.and_then(|form| FormData::new_with_form(&form).ok()) else { return };
        // What cannot be read as a form is told when it is saved.
        let Ok(Counted { form: typed }) = Counted::from_form_data(&data) else { return };
        // The fields may have been made anew meanwhile.
        let Some(number) = self.asked.try_get_untracked().map(|before| before + 1) else { return };
        self.asked.set(number);
        self.pending.set(true);
        spawn_local(async move {
            let found = count_segment(typed.segment).await;
            // Or left.
            if self.asked.try_get_untracked() == Some(number) {
                self.found.set(Some(found));
                self.pending.set(false);
            }
        });
    }

    /// How many they are and who, or why that cannot be said.
    fn said(self, i18n: I18n) -> AnyView {
        let pending = self.pending.get();
        self.found.with(|found| match found {
            None if pending => view! { <p class="muted">{tu_string!(i18n, campaigns.segment.counting)}</p> }.into_any(),
            None => view! { <p class="muted">{tu_string!(i18n, campaigns.segment.not_counted)}</p> }.into_any(),
            Some(Err(error)) => view! { <p class="field__problem">{error_text(i18n, error)}</p> }.into_any(),
            Some(Ok(found)) => {
                let count = if found.at_least {
                    tu_string!(i18n, campaigns.segment.at_least, count = found.count)
                } else {
                    tu_string!(i18n, campaigns.segment.exactly, count = found.count)
                };
                let sample = (!found.sample.is_empty()).then(|| {
                    let names = found.sample.join(tu_string!(i18n, alerts.presence.comma));
                    view! { <p class="muted">{tu_string!(i18n, campaigns.segment.sample, names = names)}</p> }
                });
                view! {
                    <p class="segment__number name" aria-busy=pending.to_string()>
                        {count}
                    </p>
                    {sample}
                }
                .into_any()
            }
        })
    }
}

/// The usual languages, and what was chosen of the rarer ones.
fn language_choices(i18n: I18n, chosen: &[String]) -> Vec<Choice> {
    let rare = chosen.iter().map(String::as_str).filter(|code| !LANGUAGES.contains(code));
    LANGUAGES
        .into_iter()
        .chain(rare)
        .map(|code| (code.to_owned(), language_words(i18n, code), chosen.iter().any(|chosen| chosen == code)))
        .collect()
}

fn preference_choices(i18n: I18n, chosen: &[String]) -> Vec<Choice> {
    GROUPS
        .into_iter()
        .flat_map(|group| PreferenceCode::ALL.iter().filter(move |code| code.group() == group))
        .map(|code| {
            let text = format!("{}: {}", group_words(i18n, code.group()), code_words(i18n, *code));
            (code.code().to_owned(), text, chosen.iter().any(|chosen| chosen == code.code()))
        })
        .collect()
}

fn vip_options(i18n: I18n) -> Vec<(String, String)> {
    (0..=3_u8)
        .map(|level| {
            let words = match vip_words(i18n, level) {
                Some(vip) => tu_string!(i18n, campaigns.segment.vip_at_least, vip = vip),
                None => tu_string!(i18n, campaigns.segment.any_vip).to_owned(),
            };
            (level.to_string(), words)
        })
        .collect()
}
