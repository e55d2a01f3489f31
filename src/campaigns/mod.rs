//! Greetings: whom a campaign reaches, with which letter and when; and that each goes out once.
//!
//! A campaign is planned into occurrences (one guest, one campaign, one date), which are the rows of the
//! outbox. What an occurrence goes through is told by [`OccurrenceState`].

pub mod api;
#[cfg(feature = "ssr")]
pub mod calendar;
#[cfg(feature = "ssr")]
pub mod clicks;
#[cfg(feature = "ssr")]
pub mod consent;
pub mod form;
pub mod hold;
#[cfg(feature = "ssr")]
pub mod kinds;
#[allow(clippy::too_many_arguments, reason = "a server function takes the fields of its form")]
pub mod letter_api;
#[cfg(feature = "ssr")]
pub mod letters;
#[cfg(feature = "ssr")]
pub mod outbox;
#[allow(clippy::too_many_arguments, reason = "a server function takes the fields of its form")]
pub mod outbox_api;
#[cfg(feature = "ssr")]
pub mod outlook;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod parse;
#[cfg(feature = "ssr")]
pub mod pictures;
#[cfg(feature = "ssr")]
pub mod plan;
pub mod policy;
#[cfg(feature = "ssr")]
pub mod public;
#[cfg(feature = "ssr")]
pub mod replies;
pub mod results;
#[cfg(feature = "ssr")]
pub mod saving;
#[cfg(feature = "ssr")]
pub mod sender;
#[cfg(feature = "ssr")]
pub mod store;
pub mod template;
pub mod ui;

pub use hold::ConsentLine;

use crate::{
    ids::{CampaignId, GuestId, StaffId},
    words::words,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

words! {
    /// What a campaign greets.
    CampaignKind {
        Birthday = "birthday",
        /// Guests who have not come back for so many whole months.
        Lapsed = "lapsed",
        /// The day of a departure, whole years later.
        Anniversary = "anniversary",
        /// After a stay.
        ThankYou = "thank_you",
        /// To a segment, again and again.
        Offer = "offer",
        /// To a segment, on one day.
        OneOff = "one_off",
        /// Points or a voucher that can be used on a day for the last time.
        Expiring = "expiring",
        /// Guests who have stayed away for longer than they usually do.
        Overdue = "overdue",
    }
}

words! {
    /// Where a campaign stands.
    CampaignState {
        Draft = "draft",
        /// Waits for the second person's approval.
        Waiting = "waiting",
        Active = "active",
        Paused = "paused",
        Ended = "ended",
    }
}

words! {
    /// Where an occurrence stands. `Planned`, `Awaiting` and `Held` can still leave; `Claimed` and
    /// `Sending` are under way; the others are ends, but for `Unknown`, which a person resolves.
    OccurrenceState {
        Planned = "planned",
        /// A personal letter that waits for its signer.
        Awaiting = "awaiting",
        /// A worker has it, under a lease, and nothing has gone to the wire.
        Claimed = "claimed",
        /// On the wire: after a crash nobody knows whether it arrived.
        Sending = "sending",
        /// The relay said 250 after the body.
        Sent = "sent",
        /// Refused for good.
        Failed = "failed",
        Skipped = "skipped",
        Unknown = "unknown",
        /// Its time passed while it could not leave.
        Missed = "missed",
        /// Not now, for a reason that can pass before its time does.
        Held = "held",
        /// A person decided that it does not leave.
        Dropped = "dropped",
        /// Kept back to compare with.
        Control = "control",
        /// The floor greets in person instead.
        Trace = "trace",
    }
}

words! {
    /// Why someone is held or skipped.
    Reason {
        NoConsent = "no_consent",
        Suppressed = "suppressed",
        Deceased = "deceased",
        Blocklisted = "blocklisted",
        Incognito = "incognito",
        /// A hold on the profile; its words and its end are the detail.
        OnHold = "on_hold",
        /// A complaint that is not closed yet.
        OpenRecovery = "open_recovery",
        FutureReservation = "future_reservation",
        /// The profile may be another's double. Nobody has this reason yet: doubles are not looked for.
        MergePending = "merge_pending",
        HouseholdGreeted = "household_greeted",
        /// Another campaign's greeting is too near; its name is the detail.
        FrequencyCap = "frequency_cap",
        /// There is no hour at which it may leave before it is too late.
        QuietHours = "quiet_hours",
        NoAddress = "no_address",
        /// The address is none; what is wrong with it is the detail.
        BadAddress = "bad_address",
        /// The letter does not render for this guest; what is missing is the detail.
        Letter = "letter",
        /// The guest's birthday falls in house: the floor greets.
        InHouse = "in_house",
        /// The guest came back, or the profile changed, so that the rule no longer holds.
        NoLongerDue = "no_longer_due",
        /// The profile was removed or absorbed by another.
        Gone = "gone",
        /// The campaign ended before its turn.
        CampaignEnded = "campaign_ended",
        /// The relay refused for good; its answer is the detail.
        Refused = "refused",
        /// Too many temporary failures; the last answer is the detail.
        GaveUp = "gave_up",
    }
}

words! {
    /// Why a campaign does not go on.
    PauseReason {
        /// Somebody paused it.
        ByHand = "by_hand",
        /// Too many failures in a row or too large a share of them.
        TooManyFailures = "too_many_failures",
        /// Too many letters came back.
        TooManyBounces = "too_many_bounces",
        /// The settings or letters of an active campaign were changed and must be looked at again.
        Changed = "changed",
    }
}

/// An occurrence's id, made from what it is about: planning the same twice is one occurrence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OccurrenceId {
    pub campaign: CampaignId,
    pub guest: GuestId,
    /// House-local `YYYY-MM-DD`.
    pub date: String,
}

impl fmt::Display for OccurrenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}|{}", self.campaign, self.guest, self.date)
    }
}

impl FromStr for OccurrenceId {
    type Err = crate::ids::BadId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || crate::ids::BadId(text.chars().take(100).collect());
        let mut parts = text.split('|');
        let (Some(campaign), Some(guest), Some(date), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad());
        };
        if date.parse::<chrono::NaiveDate>().is_err() || date.len() != 10 {
            return Err(bad());
        }
        Ok(Self { campaign: campaign.parse()?, guest: guest.parse()?, date: date.to_owned() })
    }
}

/// By whose clock the hour of sending is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendZone {
    #[default]
    House,
    /// The zone of the guest's country, where it has one and the country is known; else the house's.
    Guest,
}

/// On which day those born on 29 February are greeted in common years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeapDay {
    #[default]
    February28,
    March1,
}

/// Whom a campaign is for, beside what its kind says. Empty lists and `None` stand for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Segment {
    /// ISO 3166-1 codes as on the profile.
    pub nationalities: Vec<String>,
    /// ISO 639-1.
    pub languages: Vec<String>,
    /// Whole years of age on the day, from and to; guests whose year of birth is unknown are not meant
    /// where one is set.
    pub age_from: Option<u8>,
    pub age_to: Option<u8>,
    /// VIP level at least, 0 to 3.
    pub vip_from: u8,
    /// Codes of preferences, any of which the guest has.
    pub preferences: Vec<String>,
    /// Nights in all completed stays, at least.
    pub nights_from: Option<u32>,
    /// Days of the last completed departure, house-local `YYYY-MM-DD`, from and to.
    pub last_stay_from: Option<String>,
    pub last_stay_to: Option<String>,
}

/// How a campaign works. Kept as JSON; fields that a stored one lacks have their default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub segment: Segment,
    /// `HH:MM` at which a greeting leaves, by the clock of `zone`.
    pub send_at: String,
    pub zone: SendZone,
    /// Hours in which nothing leaves, by the same clock: `HH:MM` from (included) and to (not included),
    /// which may pass midnight. `None` for none.
    pub quiet: Option<(String, String)>,
    /// Days before the day that is greeted, 0 to 60.
    pub lead_days: u8,
    /// Hours after its time within which a late greeting still goes out, 1 to 336.
    pub grace_hours: u16,
    /// The most that leave on one day; `None` for no limit.
    pub daily_cap: Option<u32>,
    /// Days, 0 to 365, that must lie between any two greetings to one guest, of all campaigns; 0 for none.
    pub frequency_days: u16,
    /// One greeting for all who share an address.
    pub one_per_household: bool,
    /// First and last day that is greeted, house-local `YYYY-MM-DD`.
    pub starts: Option<String>,
    pub ends: Option<String>,
    /// For [`CampaignKind::Offer`]: every so many days, 1 to 366. For [`CampaignKind::OneOff`] the day is
    /// `starts`.
    pub every_days: u16,
    /// For [`CampaignKind::Lapsed`]: whole months since the last departure, each once.
    pub stages: Vec<u16>,
    /// For [`CampaignKind::ThankYou`]: days after the departure, 0 to 60.
    pub days_after: u8,
    pub leap_day: LeapDay,
    /// VIP level, 1 to 3, from which letters wait for their signer; `None` for never.
    pub personal_from_vip: Option<u8>,
    /// Whether a second person must approve before it is activated.
    pub second_person: bool,
    /// Share in percent, 0 to 50, that is kept back to compare with.
    pub control_percent: u8,
    /// The language of the letter for guests without one of their own.
    pub fallback_language: String,
    /// Name and title under the letter.
    pub signer: String,
    pub signer_title: String,
    /// The colleague who signs personal letters; `None` for whoever works here under the name of `signer`.
    pub signer_staff: Option<StaffId>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            segment: Segment::default(),
            send_at: "09:00".to_owned(),
            zone: SendZone::House,
            quiet: Some(("21:00".to_owned(), "08:00".to_owned())),
            lead_days: 0,
            grace_hours: 72,
            daily_cap: Some(200),
            frequency_days: 14,
            one_per_household: false,
            starts: None,
            ends: None,
            every_days: 30,
            stages: vec![12, 24, 36],
            days_after: 2,
            leap_day: LeapDay::February28,
            personal_from_vip: None,
            second_person: false,
            control_percent: 0,
            fallback_language: "en".to_owned(),
            signer: String::new(),
            signer_title: String::new(),
            signer_staff: None,
        }
    }
}

/// A campaign as marketing sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    pub id: CampaignId,
    pub kind: CampaignKind,
    pub name: String,
    pub state: CampaignState,
    /// Grows by one with every change; an edit names the one that it began from.
    pub revision: i64,
    pub settings: Settings,
    /// Who made it.
    pub author: String,
    pub approved_by: Option<String>,
    pub pause: Option<PauseReason>,
    /// The person who paused it.
    pub paused_by: Option<String>,
    /// Languages in which there is a letter.
    pub languages: Vec<String>,
    /// Whether it was ever active.
    pub was_active: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_occurrence_is_named_by_what_it_is_about() {
        let id = OccurrenceId { campaign: CampaignId::new(), guest: GuestId::new(), date: "2028-02-29".to_owned() };
        assert_eq!(id.to_string().parse::<OccurrenceId>(), Ok(id.clone()));
        let text = id.to_string();
        for bad in ["", "a|b|c", &text.replace("02-29", "02-30"), &format!("{text}|1"), &text.replace("2028", "28")] {
            assert!(bad.parse::<OccurrenceId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn settings_of_an_older_release_have_defaults() {
        let read: Settings = serde_json::from_str(r#"{"send_at":"10:30"}"#).unwrap();
        assert_eq!(read, Settings { send_at: "10:30".to_owned(), ..Settings::default() });
    }
}
