//! The sheet before the visit: what to know of a guest who arrives, what to prepare, and what is to be asked.

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;

use super::GuestLine;
use crate::{
    guests::{
        Guest, GuestName, Preference, PreferenceGroup, PreferenceValue,
        card::GuestCard,
        evidence::{HonourScore, Standing},
    },
    house::StationKind,
    ids::GuestId,
    requests::{
        recovery::{RecoveryCue, RecoveryLine},
        traces::TraceKind,
    },
    staff::{Ability, Role},
    words::words,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Who arrives on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefingList {
    /// House-local.
    pub today: NaiveDate,
    pub day: NaiveDate,
    /// By name.
    pub arrivals: Vec<Arrival>,
}

/// One of them, with how much there is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    pub line: GuestLine,
    /// Number of the stay that begins (1 is the first), where the role may know it.
    pub stay_number: Option<u32>,
    /// That there is a complaint.
    pub cue: Option<RecoveryCue>,
    /// Open traces about the guest in the house.
    pub traces: u32,
    /// What is to be asked, for those who ask it.
    pub questions: u32,
}

/// The sheet about one guest, for the role that opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Briefing {
    /// House-local day on which it was made.
    pub today: NaiveDate,
    pub card: GuestCard,
    /// Days after which what was only observed fades.
    pub fade_days: u16,
    /// How the last stay in the house went for what was known, where something was marked.
    pub score: Option<HonourScore>,
    /// The last complaints and what came of them, newest first, for those who see to them.
    pub complaints: Vec<RecoveryLine>,
    pub traces: Vec<Preparation>,
    pub questions: Vec<Question>,
    /// Profiles that may be of the same person, for those who can look into it.
    pub doubles: Vec<Double>,
}

/// Something that a department is to do for the guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preparation {
    pub kind: TraceKind,
    pub text: Option<String>,
    pub department: StationKind,
    /// House-local `YYYY-MM-DD`, and `HH:MM` where it has a time.
    pub due: String,
    pub time: Option<String>,
    /// Who is to do it, where somebody is named.
    pub assigned: Option<String>,
}

words! {
    /// A fact that a profile lacks.
    Missing {
        Language = "language",
        /// How to say the name.
        Say = "say",
        Nationality = "nationality",
        Birthday = "birthday",
        /// What the guest must not be served.
        Dietary = "dietary",
    }
}

/// Something that the desk is to ask, or to find out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    Missing(Missing),
    /// It was said or seen long ago, is to be asked again, or somebody said that it does not hold.
    Stale(PreferenceGroup, PreferenceValue),
    /// It was seen once and may have been an accident.
    Once(PreferenceGroup, PreferenceValue),
}

words! {
    /// What two profiles have in common.
    Shared {
        Phone = "phone",
        /// The e-mail address, with the same family name.
        Email = "email",
        Membership = "membership",
    }
}

/// A profile that may be of the same person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Double {
    pub guest: GuestId,
    pub name: GuestName,
    /// ISO 639-1 code of the guest's language.
    pub language: Option<String>,
    pub shared: Shared,
}

/// Whether a role asks what a profile lacks, and looks into profiles that may be of one person: whoever can change them.
#[must_use]
pub fn asks(role: Role) -> bool {
    role.may(Ability::EditGuests)
}

/// What is to be asked of a guest: first what is not known at all, then what is not known well.
#[must_use]
pub fn questions(guest: &Guest, preferences: &[Preference], today: NaiveDate, fade_days: u16) -> Vec<Question> {
    let has_dietary = preferences.iter().any(|preference| preference.group == PreferenceGroup::Dietary);
    let missing = [
        (Missing::Language, guest.language.is_none()),
        (Missing::Say, guest.name.say.is_none()),
        (Missing::Nationality, guest.nationality.is_none()),
        (Missing::Birthday, guest.birthday.is_none()),
        (Missing::Dietary, !has_dietary),
    ];
    let missing = missing.into_iter().filter(|(_, is_missing)| *is_missing).map(|(what, _)| Question::Missing(what));
    let unsure = preferences.iter().filter_map(|preference| {
        let (group, value) = (preference.group, preference.value.clone());
        match preference.evidence.standing(today, fade_days) {
            Standing::Fading | Standing::Contradicted => Some(Question::Stale(group, value)),
            Standing::Once => Some(Question::Once(group, value)),
            Standing::Stated | Standing::Habit | Standing::Twice => None,
        }
    });
    missing.chain(unsure).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        guests::{
            Birthday, Flags,
            evidence::{Cue, Evidence},
        },
        ids::PreferenceId,
    };

    fn guest() -> Guest {
        Guest {
            id: GuestId::new(),
            revision: 1,
            name: GuestName { last: "Zhang".to_owned(), say: Some("jahng".to_owned()), ..GuestName::default() },
            photo: None,
            nationality: Some("CHN".to_owned()),
            language: Some("zh".to_owned()),
            vip: 0,
            phones: Vec::new(),
            emails: Vec::new(),
            address: None,
            birthday: Birthday::parse("--11-23"),
            membership: None,
            flags: Flags::default(),
        }
    }

    fn seen(group: PreferenceGroup, text: &str, times: u32, last: &str) -> Preference {
        Preference {
            id: PreferenceId::new(),
            group,
            value: PreferenceValue::Text(text.to_owned()),
            stated: false,
            by: "Li".to_owned(),
            on: last.to_owned(),
            evidence: Evidence {
                stated: false,
                times,
                last: last.parse().expect("a day"),
                last_by: "Li".to_owned(),
                reconfirm_by: None,
                cue: Cue::Silent,
                only_in: None,
                contradicted: None,
                marked: None,
            },
        }
    }

    #[test]
    fn what_is_missing_is_asked_before_what_is_not_sure() {
        let today: NaiveDate = "2026-11-23".parse().expect("a day");
        let known = [
            seen(PreferenceGroup::Dietary, "no garlic", 3, "2026-11-01"),
            seen(PreferenceGroup::Drinks, "jasmine tea", 1, "2026-11-01"),
            seen(PreferenceGroup::Room, "near the lift", 4, "2020-01-01"),
        ];
        let text = |text: &str| PreferenceValue::Text(text.to_owned());
        assert_eq!(
            questions(&guest(), &known, today, 730),
            [
                Question::Once(PreferenceGroup::Drinks, text("jasmine tea")),
                Question::Stale(PreferenceGroup::Room, text("near the lift")),
            ]
        );
        let bare = Guest { language: None, birthday: None, ..guest() };
        assert_eq!(
            questions(&bare, &[], today, 730),
            [Missing::Language, Missing::Birthday, Missing::Dietary].map(Question::Missing)
        );
    }

    #[test]
    fn the_desk_asks() {
        let asking: Vec<Role> = Role::ALL.into_iter().filter(|role| asks(*role)).collect();
        assert_eq!(asking, [Role::Reception, Role::Manager]);
    }
}
