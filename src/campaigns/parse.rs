//! The campaign form, from the texts as typed to what is kept.

use super::{
    CampaignKind, LeapDay, Segment, SendZone, Settings,
    form::{CampaignForm, SegmentForm},
};
use crate::{
    error::{FieldError, Problem},
    guests::{
        PreferenceCode, PreferenceGroup,
        parse::{LanguageCode, Nationality, line},
    },
    ids::StaffId,
};
use chrono::{NaiveDate, NaiveTime};

/// Most characters of a campaign's name.
const MAX_NAME: usize = 80;
/// Most characters of a signer's name, and of the title below it.
const MAX_SIGNER: usize = 80;
/// Most whole months of a lapsed guest's stage, and most stages.
const MAX_MONTHS: u16 = 240;
const MAX_STAGES: usize = 12;
/// How many characters of a refused value its error repeats.
const EXCERPT: usize = 40;

/// What a campaign's form says, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignDraft {
    pub name: String,
    pub settings: Settings,
}

/// Reads the whole form, so that every refused field is told at once. What the kind has no use for is not
/// read, and has its default.
///
/// # Errors
/// Every field that is refused.
pub fn campaign(kind: CampaignKind, form: &CampaignForm) -> Result<CampaignDraft, Vec<FieldError>> {
    let mut refused = Refused::default();
    let name = refused.unless("name", line(&form.name, MAX_NAME).and_then(|name| name.ok_or(Problem::Empty)));
    let segment = segment_in(&mut refused, &form.segment);
    let quiet = quiet_in(&mut refused, &form.quiet_from, &form.quiet_to);
    let is = |kinds: &[CampaignKind]| kinds.contains(&kind);
    let usual = Settings::default();
    let starts = refused.unless("starts", optional(&form.starts, day));
    let ends = if is(&[CampaignKind::OneOff]) {
        if form.starts.trim().is_empty() {
            refused.add("starts", Problem::Empty);
        }
        // What is sent on one day begins and ends with it.
        starts
    } else {
        refused.unless("ends", optional(&form.ends, day))
    };
    refused.unless_in_order("ends", &form.ends, starts, ends);
    let settings = Settings {
        segment,
        send_at: refused.unless("send_at", time(&form.send_at)),
        zone: refused.unless("zone", zone(&form.zone)),
        quiet,
        lead_days: if is(&[CampaignKind::Birthday, CampaignKind::Anniversary, CampaignKind::Expiring]) {
            small(refused.unless("lead_days", whole(&form.lead_days, 0, 60)))
        } else {
            usual.lead_days
        },
        grace_hours: medium(refused.unless("grace_hours", whole(&form.grace_hours, 1, 336))),
        daily_cap: refused.unless("daily_cap", optional(&form.daily_cap, |text| whole(text, 1, 1_000_000))),
        frequency_days: medium(refused.unless("frequency_days", whole(&form.frequency_days, 0, 365))),
        one_per_household: form.one_per_household.is_some(),
        starts: starts.map(|day| day.to_string()),
        ends: ends.map(|day| day.to_string()),
        every_days: if is(&[CampaignKind::Offer]) {
            medium(refused.unless("every_days", whole(&form.every_days, 1, 366)))
        } else {
            usual.every_days
        },
        stages: if is(&[CampaignKind::Lapsed]) { refused.unless("stages", stages(&form.stages)) } else { usual.stages },
        days_after: if is(&[CampaignKind::ThankYou]) {
            small(refused.unless("days_after", whole(&form.days_after, 0, 60)))
        } else {
            usual.days_after
        },
        leap_day: if is(&[CampaignKind::Birthday]) {
            refused.unless("leap_day", leap_day(&form.leap_day))
        } else {
            usual.leap_day
        },
        personal_from_vip: refused
            .unless("personal_from_vip", optional(&form.personal_from_vip, |text| whole(text, 1, 3)))
            .map(small),
        second_person: form.second_person.is_some(),
        control_percent: small(refused.unless("control_percent", whole(&form.control_percent, 0, 50))),
        fallback_language: refused
            .unless("fallback_language", LanguageCode::parse(&form.fallback_language).map(String::from)),
        signer: refused.unless("signer", line(&form.signer, MAX_SIGNER)).unwrap_or_default(),
        signer_title: refused.unless("signer_title", line(&form.signer_title, MAX_SIGNER)).unwrap_or_default(),
        signer_staff: refused.unless("signer_staff", optional(&form.signer_staff, colleague)),
    };
    refused.or(CampaignDraft { name, settings })
}

/// Reads the segment alone, to count it while it is being built.
///
/// # Errors
/// Every field of it that is refused.
pub fn segment(form: &SegmentForm) -> Result<Segment, Vec<FieldError>> {
    let mut refused = Refused::default();
    let segment = segment_in(&mut refused, form);
    refused.or(segment)
}

/// The preferences by which a segment may be chosen. What guests eat is told for health or for faith:
/// nobody is written to for it.
#[must_use]
pub fn is_offered(code: PreferenceCode) -> bool {
    code.group() != PreferenceGroup::Dietary
}

fn segment_in(refused: &mut Refused, form: &SegmentForm) -> Segment {
    let age = |text: &str| optional(text, |text| whole(text, 0, 120)).map(|age| age.map(small));
    let (age_from, age_to) =
        (refused.unless("age_from", age(&form.age_from)), refused.unless("age_to", age(&form.age_to)));
    refused.unless_in_order("age_to", &form.age_to, age_from, age_to);
    let last_stay_from = refused.unless("last_stay_from", optional(&form.last_stay_from, day));
    let last_stay_to = refused.unless("last_stay_to", optional(&form.last_stay_to, day));
    refused.unless_in_order("last_stay_to", &form.last_stay_to, last_stay_from, last_stay_to);
    Segment {
        nationalities: refused.unless_each("nationalities", items(&form.nationalities), |text| {
            Nationality::parse(text).map(|nationality| nationality.alpha3().to_owned())
        }),
        languages: refused.unless_each("languages", form.languages.iter().map(String::as_str), |text| {
            LanguageCode::parse(text).map(String::from)
        }),
        age_from,
        age_to,
        vip_from: refused.unless("vip_from", crate::guests::parse::vip(&form.vip_from)),
        preferences: refused.unless_each("preferences", form.preferences.iter().map(String::as_str), preference),
        nights_from: refused.unless("nights_from", optional(&form.nights_from, |text| whole(text, 1, 10_000))),
        last_stay_from: last_stay_from.map(|day| day.to_string()),
        last_stay_to: last_stay_to.map(|day| day.to_string()),
    }
}

fn quiet_in(refused: &mut Refused, from: &str, to: &str) -> Option<(String, String)> {
    if from.trim().is_empty() && to.trim().is_empty() {
        return None;
    }
    let (begins, ends) = (refused.unless("quiet_from", time(from)), refused.unless("quiet_to", time(to)));
    if begins == ends && !begins.is_empty() {
        refused.add("quiet_to", unknown(to, "@other_time"));
    }
    Some((begins, ends))
}

/// `HH:MM`, as browsers send it and as people write it (`9:00`).
fn time(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::Empty);
    }
    NaiveTime::parse_from_str(text, "%H:%M")
        .map(|time| time.format("%H:%M").to_string())
        .map_err(|_| unknown(text, "@time"))
}

/// A day of the calendar, `YYYY-MM-DD`, between 2000 and 2100.
fn day(text: &str) -> Result<NaiveDate, Problem> {
    let text = text.trim();
    let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    text.parse::<NaiveDate>()
        .ok()
        .filter(|_| is_plain && ("2000-01-01"..="2100-12-31").contains(&text))
        .ok_or_else(|| unknown(text, "@day"))
}

/// A whole number within a range.
fn whole(text: &str, least: u32, most: u32) -> Result<u32, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::Empty);
    }
    // Number parsing alone would take "+1".
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse::<u32>()
        .ok()
        .filter(|number| is_plain && (least..=most).contains(number))
        .ok_or_else(|| unknown(text, &format!("{least}–{most}")))
}

/// Whole months, each once, in order.
fn stages(text: &str) -> Result<Vec<u16>, Problem> {
    let mut stages = Vec::new();
    for item in items(text) {
        let months = whole(item, 1, u32::from(MAX_MONTHS)).map_err(|_| unknown(item, "@months"))?;
        stages.push(medium(months));
    }
    stages.sort_unstable();
    stages.dedup();
    match stages.len() {
        0 => Err(Problem::Empty),
        1..=MAX_STAGES => Ok(stages),
        _ => Err(unknown(text, "@months")),
    }
}

fn zone(text: &str) -> Result<SendZone, Problem> {
    match text {
        "house" => Ok(SendZone::House),
        "guest" => Ok(SendZone::Guest),
        other => Err(unknown(other, "@listed")),
    }
}

fn leap_day(text: &str) -> Result<LeapDay, Problem> {
    match text {
        "february_28" => Ok(LeapDay::February28),
        "march_1" => Ok(LeapDay::March1),
        other => Err(unknown(other, "@listed")),
    }
}

fn colleague(text: &str) -> Result<StaffId, Problem> {
    text.trim().parse::<StaffId>().map_err(|_| unknown(text, "@listed"))
}

fn preference(text: &str) -> Result<String, Problem> {
    PreferenceCode::from_code(text)
        .filter(|code| is_offered(*code))
        .map(|code| code.code().to_owned())
        .ok_or_else(|| unknown(text, "@listed"))
}

/// What stands between commas, semicolons and spaces.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '，' | '、')).filter(|item| !item.is_empty())
}

fn optional<T>(text: &str, parse: impl FnOnce(&str) -> Result<T, Problem>) -> Result<Option<T>, Problem> {
    crate::guests::parse::optional(text, parse)
}

fn unknown(given: &str, expected: &str) -> Problem {
    Problem::NotKnown(given.trim().chars().take(EXCERPT).collect(), expected.to_owned())
}

/// A number that has been found to be small enough.
fn small(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// The same, of two bytes.
fn medium(number: u32) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// The fields refused so far.
#[derive(Default)]
struct Refused(Vec<FieldError>);

impl Refused {
    fn add(&mut self, field: &str, problem: Problem) {
        self.0.push(FieldError { field: field.to_owned(), problem });
    }

    /// The value, or its default while the problem is kept for the answer.
    fn unless<T: Default>(&mut self, field: &str, parsed: Result<T, Problem>) -> T {
        parsed.unwrap_or_else(|problem| {
            self.add(field, problem);
            T::default()
        })
    }

    /// The values of a field that holds several, each once.
    fn unless_each<'a>(
        &mut self,
        field: &str,
        texts: impl Iterator<Item = &'a str>,
        parse: impl Fn(&str) -> Result<String, Problem>,
    ) -> Vec<String> {
        let mut values = Vec::new();
        for text in texts {
            match parse(text) {
                Ok(value) if !values.contains(&value) => values.push(value),
                Ok(_) => {}
                Err(problem) => self.add(field, problem),
            }
        }
        values
    }

    /// Refuses an end that lies before its beginning.
    fn unless_in_order<T: Ord>(&mut self, field: &str, typed: &str, from: Option<T>, to: Option<T>) {
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            self.add(field, unknown(typed, "@not_before"));
        }
    }

    fn or<T>(self, read: T) -> Result<T, Vec<FieldError>> {
        if self.0.is_empty() { Ok(read) } else { Err(self.0) }
    }
}

#[cfg(test)]
mod tests;
