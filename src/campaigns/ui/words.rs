//! What campaigns do, in sentences.

use crate::{
    alerts::ui::names_in_a_row,
    campaigns::{
        Campaign, CampaignKind, CampaignState, LeapDay, OccurrenceState, PauseReason, Reason, Segment, SendZone,
        Settings, pages::Outlook, template,
    },
    guests::{
        PreferenceCode,
        ui::words::{code_words, language_words, vip_words},
    },
    i18n::*,
    ui::{I18n, date::long_date},
};

/// What a kind of campaign is called.
#[must_use]
pub fn kind_words(i18n: I18n, kind: CampaignKind) -> &'static str {
    match kind {
        CampaignKind::Birthday => tu_string!(i18n, campaigns.kind.birthday),
        CampaignKind::Lapsed => tu_string!(i18n, campaigns.kind.lapsed),
        CampaignKind::Anniversary => tu_string!(i18n, campaigns.kind.anniversary),
        CampaignKind::ThankYou => tu_string!(i18n, campaigns.kind.thank_you),
        CampaignKind::Offer => tu_string!(i18n, campaigns.kind.offer),
        CampaignKind::OneOff => tu_string!(i18n, campaigns.kind.one_off),
        CampaignKind::Expiring => tu_string!(i18n, campaigns.kind.expiring),
        CampaignKind::Overdue => tu_string!(i18n, campaigns.kind.overdue),
    }
}

/// Whom a kind of campaign greets, for whoever chooses one.
#[must_use]
pub fn kind_text(i18n: I18n, kind: CampaignKind) -> &'static str {
    match kind {
        CampaignKind::Birthday => tu_string!(i18n, campaigns.kind.birthday_text),
        CampaignKind::Lapsed => tu_string!(i18n, campaigns.kind.lapsed_text),
        CampaignKind::Anniversary => tu_string!(i18n, campaigns.kind.anniversary_text),
        CampaignKind::ThankYou => tu_string!(i18n, campaigns.kind.thank_you_text),
        CampaignKind::Offer => tu_string!(i18n, campaigns.kind.offer_text),
        CampaignKind::OneOff => tu_string!(i18n, campaigns.kind.one_off_text),
        CampaignKind::Expiring => tu_string!(i18n, campaigns.kind.expiring_text),
        CampaignKind::Overdue => tu_string!(i18n, campaigns.kind.overdue_text),
    }
}

/// Where a campaign stands, in a word or two.
#[must_use]
pub fn state_words(i18n: I18n, state: CampaignState) -> &'static str {
    match state {
        CampaignState::Draft => tu_string!(i18n, campaigns.state.draft),
        CampaignState::Waiting => tu_string!(i18n, campaigns.state.waiting),
        CampaignState::Active => tu_string!(i18n, campaigns.state.active),
        CampaignState::Paused => tu_string!(i18n, campaigns.state.paused),
        CampaignState::Ended => tu_string!(i18n, campaigns.state.ended),
    }
}

/// Where a greeting stands, in a word or two.
#[must_use]
pub fn occurrence_words(i18n: I18n, state: OccurrenceState) -> &'static str {
    match state {
        OccurrenceState::Planned => tu_string!(i18n, campaigns.occurrence.planned),
        OccurrenceState::Awaiting => tu_string!(i18n, campaigns.occurrence.awaiting),
        OccurrenceState::Claimed => tu_string!(i18n, campaigns.occurrence.claimed),
        OccurrenceState::Sending => tu_string!(i18n, campaigns.occurrence.sending),
        OccurrenceState::Sent => tu_string!(i18n, campaigns.occurrence.sent),
        OccurrenceState::Failed => tu_string!(i18n, campaigns.occurrence.failed),
        OccurrenceState::Skipped => tu_string!(i18n, campaigns.occurrence.skipped),
        OccurrenceState::Unknown => tu_string!(i18n, campaigns.occurrence.unknown),
        OccurrenceState::Missed => tu_string!(i18n, campaigns.occurrence.missed),
        OccurrenceState::Held => tu_string!(i18n, campaigns.occurrence.held),
        OccurrenceState::Dropped => tu_string!(i18n, campaigns.occurrence.dropped),
        OccurrenceState::Control => tu_string!(i18n, campaigns.occurrence.control),
        OccurrenceState::Trace => tu_string!(i18n, campaigns.occurrence.trace),
    }
}

/// Why somebody is held or skipped.
#[must_use]
pub fn reason_words(i18n: I18n, reason: Reason) -> &'static str {
    match reason {
        Reason::NoConsent => tu_string!(i18n, campaigns.reason.no_consent),
        Reason::Suppressed => tu_string!(i18n, campaigns.reason.suppressed),
        Reason::Deceased => tu_string!(i18n, campaigns.reason.deceased),
        Reason::Blocklisted => tu_string!(i18n, campaigns.reason.blocklisted),
        Reason::Incognito => tu_string!(i18n, campaigns.reason.incognito),
        Reason::OnHold => tu_string!(i18n, campaigns.reason.on_hold),
        Reason::OpenRecovery => tu_string!(i18n, campaigns.reason.open_recovery),
        Reason::FutureReservation => tu_string!(i18n, campaigns.reason.future_reservation),
        Reason::MergePending => tu_string!(i18n, campaigns.reason.merge_pending),
        Reason::HouseholdGreeted => tu_string!(i18n, campaigns.reason.household_greeted),
        Reason::FrequencyCap => tu_string!(i18n, campaigns.reason.frequency_cap),
        Reason::QuietHours => tu_string!(i18n, campaigns.reason.quiet_hours),
        Reason::NoAddress => tu_string!(i18n, campaigns.reason.no_address),
        Reason::BadAddress => tu_string!(i18n, campaigns.reason.bad_address),
        Reason::Letter => tu_string!(i18n, campaigns.reason.letter),
        Reason::InHouse => tu_string!(i18n, campaigns.reason.in_house),
        Reason::NoLongerDue => tu_string!(i18n, campaigns.reason.no_longer_due),
        Reason::Gone => tu_string!(i18n, campaigns.reason.gone),
        Reason::CampaignEnded => tu_string!(i18n, campaigns.reason.campaign_ended),
        Reason::Refused => tu_string!(i18n, campaigns.reason.refused),
        Reason::GaveUp => tu_string!(i18n, campaigns.reason.gave_up),
    }
}

/// The reason with what belongs to it: the words of a hold, the other campaign, what is missing.
#[must_use]
pub fn reason_text(i18n: I18n, reason: Reason, detail: Option<&str>) -> String {
    let words = reason_words(i18n, reason);
    match detail.filter(|detail| !detail.is_empty()) {
        None => words.to_owned(),
        Some(detail) => {
            let detail = match (reason, detail) {
                (Reason::Letter, detail) => template::why(i18n.get_locale_untracked(), detail),
                (Reason::FutureReservation, day) => long_date(i18n, day),
                (Reason::BadAddress, "too_long") => tu_string!(i18n, campaigns.reason.address_too_long).to_owned(),
                (Reason::BadAddress, "not_email") => tu_string!(i18n, campaigns.reason.address_none).to_owned(),
                (_, detail) => detail.to_owned(),
            };
            tu_string!(i18n, campaigns.reason.with_detail, reason = words, detail = detail)
        }
    }
}

/// Why a campaign does not go on, in a sentence.
#[must_use]
pub fn pause_text(i18n: I18n, pause: Option<PauseReason>, by: Option<&str>) -> String {
    match (pause, by) {
        (Some(PauseReason::ByHand), Some(by)) => tu_string!(i18n, campaigns.pause.by_hand, who = by),
        (Some(PauseReason::TooManyFailures), _) => tu_string!(i18n, campaigns.pause.too_many_failures).to_owned(),
        (Some(PauseReason::TooManyBounces), _) => tu_string!(i18n, campaigns.pause.too_many_bounces).to_owned(),
        (Some(PauseReason::Changed), _) => tu_string!(i18n, campaigns.pause.changed).to_owned(),
        (Some(PauseReason::ByHand) | None, _) => tu_string!(i18n, campaigns.pause.unnamed).to_owned(),
    }
}

/// When a campaign greets and in which language, up to the letter that it sends: "On a guest's birthday at
/// 09:00 their time, in their language:".
#[must_use]
pub fn when_sentence(i18n: I18n, campaign: &Campaign) -> String {
    let Campaign { kind, settings, .. } = campaign;
    let occasion = occasion(i18n, *kind, settings);
    let time = settings.send_at.as_str();
    match settings.zone {
        SendZone::Guest => tu_string!(i18n, campaigns.list.sentence_guest, occasion = occasion, time = time),
        SendZone::House => tu_string!(i18n, campaigns.list.sentence_house, occasion = occasion, time = time),
    }
}

/// On which day a campaign greets.
fn occasion(i18n: I18n, kind: CampaignKind, settings: &Settings) -> String {
    match (kind, settings.lead_days) {
        (CampaignKind::Birthday, 0) => tu_string!(i18n, campaigns.list.on_birthday).to_owned(),
        (CampaignKind::Birthday, days) => tu_string!(i18n, campaigns.list.before_birthday, count = days),
        (CampaignKind::Anniversary, 0) => tu_string!(i18n, campaigns.list.on_anniversary).to_owned(),
        (CampaignKind::Anniversary, days) => tu_string!(i18n, campaigns.list.before_anniversary, count = days),
        (CampaignKind::Lapsed, _) => {
            let months: Vec<_> = settings.stages.iter().map(u16::to_string).collect();
            tu_string!(i18n, campaigns.list.lapsed, months = names_in_a_row(i18n, &months))
        }
        (CampaignKind::ThankYou, _) => match settings.days_after {
            0 => tu_string!(i18n, campaigns.list.on_departure).to_owned(),
            days => tu_string!(i18n, campaigns.list.after_departure, count = days),
        },
        (CampaignKind::Offer, _) => tu_string!(i18n, campaigns.list.every, count = settings.every_days),
        (CampaignKind::OneOff, _) => match &settings.starts {
            Some(day) => tu_string!(i18n, campaigns.list.once_on, day = long_date(i18n, day)),
            None => tu_string!(i18n, campaigns.list.once).to_owned(),
        },
        (CampaignKind::Expiring, 0) => tu_string!(i18n, campaigns.list.on_expiry).to_owned(),
        (CampaignKind::Expiring, days) => tu_string!(i18n, campaigns.list.before_expiry, count = days),
        (CampaignKind::Overdue, _) => tu_string!(i18n, campaigns.list.overdue).to_owned(),
    }
}

/// Who is greeted next: "Next: 14 tomorrow."
#[must_use]
pub fn next_sentence(i18n: I18n, outlook: &Outlook) -> String {
    match outlook.next {
        None => tu_string!(i18n, campaigns.list.next_none).to_owned(),
        Some((0, count)) => tu_string!(i18n, campaigns.list.next_today, count = count),
        Some((1, count)) => tu_string!(i18n, campaigns.list.next_tomorrow, count = count),
        Some((days, count)) => tu_string!(i18n, campaigns.list.next_later, count = count, days = days),
    }
}

/// Whom a campaign is for beside what its kind says, a sentence each; none for everybody.
#[must_use]
pub fn segment_sentences(i18n: I18n, segment: &Segment) -> Vec<String> {
    let mut said = Vec::new();
    if !segment.nationalities.is_empty() {
        let names = names_in_a_row(i18n, &segment.nationalities);
        said.push(tu_string!(i18n, campaigns.segment.says_nationalities, names = names));
    }
    if !segment.languages.is_empty() {
        let names: Vec<_> = segment.languages.iter().map(|code| language_words(i18n, code)).collect();
        said.push(tu_string!(i18n, campaigns.segment.says_languages, names = names_in_a_row(i18n, &names)));
    }
    match (segment.age_from, segment.age_to) {
        (Some(from), Some(to)) => said.push(tu_string!(i18n, campaigns.segment.says_age, from = from, to = to)),
        (Some(from), None) => said.push(tu_string!(i18n, campaigns.segment.says_age_from, from = from)),
        (None, Some(to)) => said.push(tu_string!(i18n, campaigns.segment.says_age_to, to = to)),
        (None, None) => {}
    }
    if let Some(vip) = vip_words(i18n, segment.vip_from) {
        said.push(tu_string!(i18n, campaigns.segment.says_vip, vip = vip));
    }
    if !segment.preferences.is_empty() {
        let names: Vec<_> = segment.preferences.iter().map(|code| preference_words(i18n, code)).collect();
        said.push(tu_string!(i18n, campaigns.segment.says_preferences, names = names_in_a_row(i18n, &names)));
    }
    if let Some(nights) = segment.nights_from {
        said.push(tu_string!(i18n, campaigns.segment.says_nights, count = nights));
    }
    let day = |day: &Option<String>| day.as_ref().map(|day| long_date(i18n, day));
    match (day(&segment.last_stay_from), day(&segment.last_stay_to)) {
        (Some(from), Some(to)) => said.push(tu_string!(i18n, campaigns.segment.says_stay, from = from, to = to)),
        (Some(from), None) => said.push(tu_string!(i18n, campaigns.segment.says_stay_from, from = from)),
        (None, Some(to)) => said.push(tu_string!(i18n, campaigns.segment.says_stay_to, to = to)),
        (None, None) => {}
    }
    said
}

/// A preference by its code, as people read it.
#[must_use]
pub fn preference_words(i18n: I18n, code: &str) -> String {
    PreferenceCode::from_code(code).map_or_else(|| code.to_owned(), |code| code_words(i18n, code))
}

/// What the settings of a campaign come to, a sentence each.
#[must_use]
pub fn settings_sentences(i18n: I18n, kind: CampaignKind, settings: &Settings) -> Vec<String> {
    let mut said = Vec::new();
    if let Some((from, to)) = &settings.quiet {
        said.push(tu_string!(i18n, campaigns.says.quiet, from = from, to = to));
    }
    said.push(tu_string!(i18n, campaigns.says.grace, count = settings.grace_hours));
    said.push(match settings.daily_cap {
        Some(most) => tu_string!(i18n, campaigns.says.daily_cap, count = most),
        None => tu_string!(i18n, campaigns.says.no_daily_cap).to_owned(),
    });
    if settings.frequency_days > 0 {
        said.push(tu_string!(i18n, campaigns.says.frequency, count = settings.frequency_days));
    }
    if settings.one_per_household {
        said.push(tu_string!(i18n, campaigns.says.household).to_owned());
    }
    if kind == CampaignKind::Birthday {
        said.push(match settings.leap_day {
            LeapDay::February28 => tu_string!(i18n, campaigns.says.february_28).to_owned(),
            LeapDay::March1 => tu_string!(i18n, campaigns.says.march_1).to_owned(),
        });
    }
    let day = |day: &Option<String>| day.as_ref().map(|day| long_date(i18n, day));
    // What goes out once has said its day already.
    match (day(&settings.starts), day(&settings.ends)) {
        _ if kind == CampaignKind::OneOff => {}
        (Some(from), Some(to)) => said.push(tu_string!(i18n, campaigns.says.between, from = from, to = to)),
        (Some(from), None) => said.push(tu_string!(i18n, campaigns.says.starts, from = from)),
        (None, Some(to)) => said.push(tu_string!(i18n, campaigns.says.ends, to = to)),
        (None, None) => {}
    }
    let language = language_words(i18n, &settings.fallback_language);
    said.push(tu_string!(i18n, campaigns.says.fallback, language = language));
    match (settings.signer.as_str(), settings.signer_title.as_str()) {
        ("", _) => {}
        (signer, "") => said.push(tu_string!(i18n, campaigns.says.signer, signer = signer)),
        (signer, title) => said.push(tu_string!(i18n, campaigns.says.signer_title, signer = signer, title = title)),
    }
    if let Some(vip) = settings.personal_from_vip.and_then(|level| vip_words(i18n, level)) {
        said.push(tu_string!(i18n, campaigns.says.personal, vip = vip));
    }
    if settings.second_person {
        said.push(tu_string!(i18n, campaigns.says.second_person).to_owned());
    }
    if settings.control_percent > 0 {
        said.push(tu_string!(i18n, campaigns.says.control, percent = settings.control_percent));
    }
    said
}
