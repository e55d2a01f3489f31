//! The fields of the campaign form, in the order in which a campaign is thought of, each with what it means
//! in plain words.

use super::super::segment::SegmentFields;
use crate::{
    campaigns::{CampaignKind, form::CampaignFormPage},
    error::Problem,
    guests::ui::words::{LANGUAGES, language_words, vip_words},
    i18n::*,
    ids::StaffId,
    ui::{CheckBox, Field, I18n, Select, error_of, problem_text},
};
use leptos::{html, prelude::*};

/// All fields of a campaign, as typed, each with what was wrong with it.
#[component]
pub fn Fields(
    page: CampaignFormPage,
    /// The form that they stand in.
    form: NodeRef<html::Form>,
) -> impl IntoView {
    let i18n = use_i18n();
    let CampaignFormPage { kind, form: typed, errors, counted, signers, left_signer, second_person_stays, .. } = page;
    let of = move |kinds: &[CampaignKind]| kinds.contains(&kind);
    // Name in the form, name in an error.
    let line = |name: &'static str, field: &'static str, value: String, input: Input| {
        view! {
            <Field
                label=field_label(i18n, field)
                name=name
                value=value
                kind=input.kind
                hint=hint(i18n, field)
                error=error_of(&errors, field)
                required=input.required
                autocomplete="off"
                id=format!("campaign-{field}")
            />
        }
    };
    let whole = |name: &'static str, field: &'static str, value: String, range: (u32, u32), required: bool| {
        view! {
            <Field
                label=field_label(i18n, field)
                name=name
                value=value
                kind="number"
                hint=hint(i18n, field)
                inputmode="numeric"
                range=range
                error=error_of(&errors, field)
                required=required
                id=format!("campaign-{field}")
            />
        }
    };
    let select = |name: &'static str, field: &'static str, value: String, options: Vec<(String, String)>| {
        view! {
            <Select
                label=field_label(i18n, field)
                name=name
                options=options
                selected=value
                hint=hint(i18n, field)
                error=error_of(&errors, field)
                id=format!("campaign-{field}")
            />
        }
    };
    let tick = |name: &'static str, field: &'static str, mark: Option<String>| {
        view! {
            <CheckBox
                label=field_label(i18n, field)
                name=name
                checked=mark.is_some()
                hint=hint(i18n, field)
                id=format!("campaign-{field}")
            />
        }
    };
    let zones = vec![
        ("guest".to_owned(), tu_string!(i18n, campaigns.edit.zone_guest).to_owned()),
        ("house".to_owned(), tu_string!(i18n, campaigns.edit.zone_house).to_owned()),
    ];
    let leap_days = vec![
        ("february_28".to_owned(), tu_string!(i18n, campaigns.edit.february_28).to_owned()),
        ("march_1".to_owned(), tu_string!(i18n, campaigns.edit.march_1).to_owned()),
    ];
    // Asked before anything is sent: whoever saves the form decides who signs from now on.
    let has_left = left_signer.as_ref().is_some_and(|(staff, _)| staff.to_string() == typed.signer_staff);
    let wrong_signer = error_of(&errors, "signer_staff").or_else(|| has_left.then_some(Problem::SignerLeft));
    view! {
        <fieldset class="form-part">
            <legend>{tu_string!(i18n, campaigns.edit.part_what)}</legend>
            <div class="form-grid">
                {line("form[name]", "name", typed.name, Input::text().required())}
                {of(&[CampaignKind::Lapsed])
                    .then(|| line("form[stages]", "stages", typed.stages, Input::text().required()))}
                {of(&[CampaignKind::ThankYou])
                    .then(|| whole("form[days_after]", "days_after", typed.days_after, (0, 60), true))}
                {of(&[CampaignKind::Offer])
                    .then(|| whole("form[every_days]", "every_days", typed.every_days, (1, 366), true))}
                {of(&[CampaignKind::Birthday, CampaignKind::Anniversary, CampaignKind::Expiring])
                    .then(|| whole("form[lead_days]", "lead_days", typed.lead_days, (0, 60), true))}
                {of(&[CampaignKind::Birthday])
                    .then(|| select("form[leap_day]", "leap_day", typed.leap_day, leap_days))}
                {of(&[CampaignKind::OneOff])
                    .then(|| line("form[starts]", "starts", typed.starts.clone(), Input::date().required()))}
            </div>
        </fieldset>
        <SegmentFields typed=typed.segment errors=errors.clone() counted form/>
        <fieldset class="form-part">
            <legend>{tu_string!(i18n, campaigns.edit.part_when)}</legend>
            <div class="form-grid">
                {line("form[send_at]", "send_at", typed.send_at, Input::time().required())}
                {select("form[zone]", "zone", typed.zone, zones)}
                {line("form[quiet_from]", "quiet_from", typed.quiet_from, Input::time())}
                {line("form[quiet_to]", "quiet_to", typed.quiet_to, Input::time())}
                {whole("form[grace_hours]", "grace_hours", typed.grace_hours, (1, 336), true)}
                {(!of(&[CampaignKind::OneOff]))
                    .then(|| line("form[starts]", "starts", typed.starts, Input::date()))}
                {(!of(&[CampaignKind::OneOff])).then(|| line("form[ends]", "ends", typed.ends, Input::date()))}
            </div>
        </fieldset>
        <fieldset class="form-part">
            <legend>{tu_string!(i18n, campaigns.edit.part_much)}</legend>
            <div class="form-grid">
                {whole("form[daily_cap]", "daily_cap", typed.daily_cap, (1, 1_000_000), false)}
                {whole("form[frequency_days]", "frequency_days", typed.frequency_days, (0, 365), true)}
                {tick("form[one_per_household]", "one_per_household", typed.one_per_household)}
                {whole("form[control_percent]", "control_percent", typed.control_percent, (0, 50), true)}
            </div>
        </fieldset>
        <fieldset class="form-part">
            <legend>{tu_string!(i18n, campaigns.edit.part_letter)}</legend>
            <div class="form-grid">
                {select(
                    "form[fallback_language]",
                    "fallback_language",
                    typed.fallback_language.clone(),
                    language_options(i18n, &typed.fallback_language),
                )}
                {line("form[signer]", "signer", typed.signer, Input::text())}
                {line("form[signer_title]", "signer_title", typed.signer_title, Input::text())}
                {select("form[personal_from_vip]", "personal_from_vip", typed.personal_from_vip, personal_options(i18n))}
                <Select
                    label=field_label(i18n, "signer_staff")
                    name="form[signer_staff]"
                    options=signer_options(i18n, signers, left_signer)
                    selected=typed.signer_staff
                    hint=hint(i18n, "signer_staff")
                    error=wrong_signer
                    id="campaign-signer_staff"
                />
                {if second_person_stays {
                    second_person(i18n, error_of(&errors, "second_person"))
                } else {
                    tick("form[second_person]", "second_person", typed.second_person).into_any()
                }}
            </div>
        </fieldset>
    }
}

/// The box that stays ticked for whoever may not do without the second person: a sentence in its place.
fn second_person(i18n: I18n, wrong: Option<Problem>) -> AnyView {
    let wrong = wrong.map(|problem| view! { <p class="field__problem">{problem_text(i18n, &problem)}</p> });
    view! {
        <div class="check">
            <input type="hidden" name="form[second_person]" value="on"/>
            <p>{tu_string!(i18n, campaigns.says.second_person)}</p>
            <p class="field__hint">{tu_string!(i18n, campaigns.edit.second_person_stays)}</p>
            {wrong}
        </div>
    }
    .into_any()
}

/// What a line takes.
struct Input {
    kind: &'static str,
    required: bool,
}

impl Input {
    fn text() -> Self {
        Self { kind: "text", required: false }
    }

    fn time() -> Self {
        Self { kind: "time", ..Self::text() }
    }

    fn date() -> Self {
        Self { kind: "date", ..Self::text() }
    }

    fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// What a field of the campaign form is called. A field that the form does not have keeps its own name.
#[must_use]
pub(in super::super) fn field_label(i18n: I18n, field: &str) -> String {
    match field {
        "name" => tu_string!(i18n, campaigns.edit.name),
        "stages" => tu_string!(i18n, campaigns.edit.stages),
        "days_after" => tu_string!(i18n, campaigns.edit.days_after),
        "every_days" => tu_string!(i18n, campaigns.edit.every_days),
        "lead_days" => tu_string!(i18n, campaigns.edit.lead_days),
        "leap_day" => tu_string!(i18n, campaigns.edit.leap_day),
        "send_at" => tu_string!(i18n, campaigns.edit.send_at),
        "zone" => tu_string!(i18n, campaigns.edit.zone),
        "quiet_from" => tu_string!(i18n, campaigns.edit.quiet_from),
        "quiet_to" => tu_string!(i18n, campaigns.edit.quiet_to),
        "grace_hours" => tu_string!(i18n, campaigns.edit.grace_hours),
        "starts" => tu_string!(i18n, campaigns.edit.starts),
        "ends" => tu_string!(i18n, campaigns.edit.ends),
        "daily_cap" => tu_string!(i18n, campaigns.edit.daily_cap),
        "frequency_days" => tu_string!(i18n, campaigns.edit.frequency_days),
        "one_per_household" => tu_string!(i18n, campaigns.edit.one_per_household),
        "control_percent" => tu_string!(i18n, campaigns.edit.control_percent),
        "fallback_language" => tu_string!(i18n, campaigns.edit.fallback_language),
        "signer" => tu_string!(i18n, campaigns.edit.signer),
        "signer_title" => tu_string!(i18n, campaigns.edit.signer_title),
        "signer_staff" => tu_string!(i18n, campaigns.edit.signer_staff),
        "personal_from_vip" => tu_string!(i18n, campaigns.edit.personal_from_vip),
        "second_person" => tu_string!(i18n, campaigns.edit.second_person),
        "nationalities" => tu_string!(i18n, campaigns.segment.nationalities),
        "languages" => tu_string!(i18n, campaigns.segment.languages),
        "vip_from" => tu_string!(i18n, campaigns.segment.vip_from),
        "age_from" => tu_string!(i18n, campaigns.segment.age_from),
        "age_to" => tu_string!(i18n, campaigns.segment.age_to),
        "nights_from" => tu_string!(i18n, campaigns.segment.nights_from),
        "last_stay_from" => tu_string!(i18n, campaigns.segment.last_stay_from),
        "last_stay_to" => tu_string!(i18n, campaigns.segment.last_stay_to),
        "preferences" => tu_string!(i18n, campaigns.segment.preferences),
        other => return other.to_owned(),
    }
    .to_owned()
}

/// What a field means; nothing where its name says it.
fn hint(i18n: I18n, field: &str) -> &'static str {
    match field {
        "name" => tu_string!(i18n, campaigns.edit.name_hint),
        "stages" => tu_string!(i18n, campaigns.edit.stages_hint),
        "days_after" => tu_string!(i18n, campaigns.edit.days_after_hint),
        "every_days" => tu_string!(i18n, campaigns.edit.every_days_hint),
        "lead_days" => tu_string!(i18n, campaigns.edit.lead_days_hint),
        "leap_day" => tu_string!(i18n, campaigns.edit.leap_day_hint),
        "send_at" => tu_string!(i18n, campaigns.edit.send_at_hint),
        "zone" => tu_string!(i18n, campaigns.edit.zone_hint),
        "quiet_from" => tu_string!(i18n, campaigns.edit.quiet_from_hint),
        "quiet_to" => tu_string!(i18n, campaigns.edit.quiet_to_hint),
        "grace_hours" => tu_string!(i18n, campaigns.edit.grace_hours_hint),
        "starts" => tu_string!(i18n, campaigns.edit.starts_hint),
        "ends" => tu_string!(i18n, campaigns.edit.ends_hint),
        "daily_cap" => tu_string!(i18n, campaigns.edit.daily_cap_hint),
        "frequency_days" => tu_string!(i18n, campaigns.edit.frequency_days_hint),
        "one_per_household" => tu_string!(i18n, campaigns.edit.one_per_household_hint),
        "control_percent" => tu_string!(i18n, campaigns.edit.control_percent_hint),
        "fallback_language" => tu_string!(i18n, campaigns.edit.fallback_language_hint),
        "signer" => tu_string!(i18n, campaigns.edit.signer_hint),
        "signer_title" => tu_string!(i18n, campaigns.edit.signer_title_hint),
        "signer_staff" => tu_string!(i18n, campaigns.edit.signer_staff_hint),
        "personal_from_vip" => tu_string!(i18n, campaigns.edit.personal_from_vip_hint),
        "second_person" => tu_string!(i18n, campaigns.edit.second_person_hint),
        _ => "",
    }
}

/// The usual languages, and the campaign's own where it is a rarer one.
fn language_options(i18n: I18n, chosen: &str) -> Vec<(String, String)> {
    let rare = (!chosen.is_empty() && !LANGUAGES.contains(&chosen)).then_some(chosen);
    LANGUAGES.into_iter().chain(rare).map(|code| (code.to_owned(), language_words(i18n, code))).collect()
}

/// Whoever has the name under the letter, or one of the colleagues who may sign. Whoever was chosen and has `left`
/// stays among them, so that nobody else takes the place unasked.
fn signer_options(
    i18n: I18n,
    signers: Vec<(StaffId, String)>,
    left: Option<(StaffId, String)>,
) -> Vec<(String, String)> {
    let by_name = (String::new(), tu_string!(i18n, campaigns.edit.signer_by_name).to_owned());
    let left = left.map(|(staff, name)| {
        let words = if name.is_empty() {
            tu_string!(i18n, campaigns.edit.signer_left_nameless).to_owned()
        } else {
            tu_string!(i18n, campaigns.edit.signer_left, name = name)
        };
        (staff.to_string(), words)
    });
    let signers = signers.into_iter().map(|(staff, name)| (staff.to_string(), name));
    std::iter::once(by_name).chain(signers).chain(left).collect()
}

fn personal_options(i18n: I18n) -> Vec<(String, String)> {
    let levels = (1..=3_u8).filter_map(|level| {
        let vip = vip_words(i18n, level)?;
        Some((level.to_string(), tu_string!(i18n, campaigns.edit.personal_from, vip = vip)))
    });
    std::iter::once((String::new(), tu_string!(i18n, campaigns.edit.personal_never).to_owned())).chain(levels).collect()
}
