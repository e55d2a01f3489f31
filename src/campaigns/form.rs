//! A campaign as it stands in the edit form: text as typed, kept as typed until it is right.

use super::{CampaignKind, CampaignState, LeapDay, Segment, SendZone, Settings};
use crate::{
    error::FieldError,
    ids::{CampaignId, StaffId},
};
use serde::{Deserialize, Serialize};

/// The fields of the campaign form, exactly as typed. A field that the kind has no use for keeps what it
/// holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CampaignForm {
    pub name: String,
    /// `HH:MM`.
    pub send_at: String,
    /// `house` or `guest`.
    pub zone: String,
    /// `HH:MM`, both or neither.
    pub quiet_from: String,
    pub quiet_to: String,
    pub lead_days: String,
    pub grace_hours: String,
    /// Empty for no limit.
    pub daily_cap: String,
    pub frequency_days: String,
    /// Check boxes: present (any text) or absent.
    pub one_per_household: Option<String>,
    pub second_person: Option<String>,
    /// `YYYY-MM-DD`, or empty.
    pub starts: String,
    pub ends: String,
    pub every_days: String,
    /// Whole months, separated by commas or spaces.
    pub stages: String,
    pub days_after: String,
    /// `february_28` or `march_1`.
    pub leap_day: String,
    /// `1` to `3`, empty for never.
    pub personal_from_vip: String,
    pub control_percent: String,
    /// ISO 639-1.
    pub fallback_language: String,
    pub signer: String,
    pub signer_title: String,
    /// The id of the colleague who signs personal letters; empty for whoever has the signer's name.
    pub signer_staff: String,
    pub segment: SegmentForm,
    /// The button that counts the segment was pressed, and not the one that saves.
    pub count: Option<String>,
}

/// Whom a campaign is for, exactly as typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SegmentForm {
    /// ISO 3166-1 codes, separated by commas or spaces.
    pub nationalities: String,
    /// The ticked ones, ISO 639-1.
    pub languages: Vec<String>,
    pub age_from: String,
    pub age_to: String,
    /// `0` to `3`.
    pub vip_from: String,
    /// The codes of the ticked ones.
    pub preferences: Vec<String>,
    pub nights_from: String,
    /// `YYYY-MM-DD`, or empty.
    pub last_stay_from: String,
    pub last_stay_to: String,
}

impl CampaignForm {
    /// The form that shows a campaign as it is kept.
    #[must_use]
    pub fn of(name: &str, settings: &Settings) -> Self {
        let tick = |set: bool| set.then(|| "on".to_owned());
        let (quiet_from, quiet_to) = settings.quiet.clone().unwrap_or_default();
        let stages: Vec<_> = settings.stages.iter().map(u16::to_string).collect();
        Self {
            name: name.to_owned(),
            send_at: settings.send_at.clone(),
            zone: zone_code(settings.zone).to_owned(),
            quiet_from,
            quiet_to,
            lead_days: settings.lead_days.to_string(),
            grace_hours: settings.grace_hours.to_string(),
            daily_cap: text_of(settings.daily_cap),
            frequency_days: settings.frequency_days.to_string(),
            one_per_household: tick(settings.one_per_household),
            second_person: tick(settings.second_person),
            starts: settings.starts.clone().unwrap_or_default(),
            ends: settings.ends.clone().unwrap_or_default(),
            every_days: settings.every_days.to_string(),
            stages: stages.join(", "),
            days_after: settings.days_after.to_string(),
            leap_day: leap_day_code(settings.leap_day).to_owned(),
            personal_from_vip: text_of(settings.personal_from_vip),
            control_percent: settings.control_percent.to_string(),
            fallback_language: settings.fallback_language.clone(),
            signer: settings.signer.clone(),
            signer_title: settings.signer_title.clone(),
            signer_staff: text_of(settings.signer_staff),
            segment: SegmentForm::of(&settings.segment),
            count: None,
        }
    }

    /// The field names with their texts, in the form's order, for comparing two versions.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let tick = |mark: &Option<String>| if mark.is_some() { "on".to_owned() } else { String::new() };
        let segment = &self.segment;
        vec![
            ("name", self.name.clone()),
            ("stages", self.stages.clone()),
            ("days_after", self.days_after.clone()),
            ("every_days", self.every_days.clone()),
            ("leap_day", self.leap_day.clone()),
            ("nationalities", segment.nationalities.clone()),
            ("languages", segment.languages.join(", ")),
            ("vip_from", segment.vip_from.clone()),
            ("age_from", segment.age_from.clone()),
            ("age_to", segment.age_to.clone()),
            ("nights_from", segment.nights_from.clone()),
            ("last_stay_from", segment.last_stay_from.clone()),
            ("last_stay_to", segment.last_stay_to.clone()),
            ("preferences", segment.preferences.join(", ")),
            ("send_at", self.send_at.clone()),
            ("zone", self.zone.clone()),
            ("quiet_from", self.quiet_from.clone()),
            ("quiet_to", self.quiet_to.clone()),
            ("lead_days", self.lead_days.clone()),
            ("grace_hours", self.grace_hours.clone()),
            ("starts", self.starts.clone()),
            ("ends", self.ends.clone()),
            ("daily_cap", self.daily_cap.clone()),
            ("frequency_days", self.frequency_days.clone()),
            ("one_per_household", tick(&self.one_per_household)),
            ("fallback_language", self.fallback_language.clone()),
            ("signer", self.signer.clone()),
            ("signer_title", self.signer_title.clone()),
            ("signer_staff", self.signer_staff.clone()),
            ("personal_from_vip", self.personal_from_vip.clone()),
            ("second_person", tick(&self.second_person)),
            ("control_percent", self.control_percent.clone()),
        ]
    }
}

impl SegmentForm {
    #[must_use]
    pub fn of(segment: &Segment) -> Self {
        Self {
            nationalities: segment.nationalities.join(", "),
            languages: segment.languages.clone(),
            age_from: text_of(segment.age_from),
            age_to: text_of(segment.age_to),
            vip_from: segment.vip_from.to_string(),
            preferences: segment.preferences.clone(),
            nights_from: text_of(segment.nights_from),
            last_stay_from: segment.last_stay_from.clone().unwrap_or_default(),
            last_stay_to: segment.last_stay_to.clone().unwrap_or_default(),
        }
    }
}

fn text_of(number: Option<impl ToString>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// The word for whose clock it is.
#[must_use]
pub fn zone_code(zone: SendZone) -> &'static str {
    match zone {
        SendZone::House => "house",
        SendZone::Guest => "guest",
    }
}

/// The word for the day on which those born on 29 February are greeted.
#[must_use]
pub fn leap_day_code(day: LeapDay) -> &'static str {
    match day {
        LeapDay::February28 => "february_28",
        LeapDay::March1 => "march_1",
    }
}

/// What the form page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignFormPage {
    /// `None` while the campaign is new.
    pub campaign: Option<CampaignId>,
    pub kind: CampaignKind,
    /// Where it stands: an active one pauses when it is changed.
    pub state: CampaignState,
    /// The revision that the form starts from; goes back with it.
    pub revision: i64,
    pub form: CampaignForm,
    /// What was refused in the last attempt.
    pub errors: Vec<FieldError>,
    /// What a colleague changed since the form was opened, if one did.
    pub moved: Option<Moved>,
    /// What was counted, if it was asked for without scripts.
    pub counted: Option<SegmentCount>,
    /// The colleagues who may sign personal letters, by name.
    pub signers: Vec<(StaffId, String)>,
    /// The colleague who was chosen to sign and may not any more, by name; an empty one where nobody knows it.
    pub left_signer: Option<(StaffId, String)>,
    /// Whether a second person must approve it, and whoever reads this may not change that.
    pub second_person_stays: bool,
}

/// What a colleague made of a campaign while the form was open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub by: String,
    /// Fields in which the two differ: as the colleague left it, and as it stands in this form.
    pub fields: Vec<Differs>,
}

/// A field in which two versions differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differs {
    pub field: String,
    pub theirs: String,
    pub yours: String,
}

/// How many guests a segment has, and some of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentCount {
    pub count: u32,
    /// Whether counting ended before it had looked at everybody: there are at least so many.
    pub at_least: bool,
    /// Names of a few.
    pub sample: Vec<String>,
}

/// What came of saving the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Saved {
    /// Kept; the campaign's id.
    Done(CampaignId),
    /// Nothing was kept; the form as typed, with the reasons.
    Refused(Box<CampaignFormPage>),
}
