//! What cards are made from, and the choices that do not depend on a card.

use super::{BookingWords, History, Remembered, Spend, StayLine};
use crate::{
    guests::{Guest, Note, OneThing, Preference, PreferenceGroup, PreferenceValue, evidence::Standing},
    staff::Role,
    stays::Presence,
};

/// Everything that a card is made from. Lives on the server only.
#[derive(Debug, Clone)]
pub struct Dossier {
    pub guest: Guest,
    pub stay: Option<StayLine>,
    /// The words of the stay's booking.
    pub booked: BookingWords,
    pub presence: Presence,
    pub history: History,
    pub preferences: Vec<Preference>,
    pub notes: Vec<Note>,
    pub spend: Spend,
    pub rate: Option<(String, i64)>,
    /// What is remembered around the guest.
    pub remembered: Remembered,
    /// Today in the house's zone.
    pub today: chrono::NaiveDate,
    /// Days after which what was only observed fades in the house.
    pub fade_days: u16,
}

/// The one thing to know, for a role that sees the day's lists.
#[must_use]
pub fn one_thing(role: Role, dossier: &Dossier) -> Option<OneThing> {
    let first_of = |belongs: fn(PreferenceGroup) -> bool| {
        let known = dossier.preferences_of(role, belongs);
        known.into_iter().find(|preference| dossier.can_be_relied_on(preference)).map(|preference| preference.value)
    };
    let here = dossier.presence != Presence::Elsewhere;
    let may_see_birthday = matches!(role, Role::Reception | Role::Manager)
        || (matches!(role, Role::Floor | Role::Host) && dossier.presence == Presence::InHouse);
    let birthday_today = may_see_birthday
        && dossier.guest.birthday.is_some_and(|birthday| {
            use chrono::Datelike;
            (birthday.month, birthday.day) == (dossier.today.month(), dossier.today.day())
        });
    if dossier.guest.flags.incognito {
        return Some(OneThing::Incognito);
    }
    if birthday_today {
        return Some(OneThing::BirthdayToday);
    }
    if let Some(value) = first_of(is_dietary) {
        return Some(OneThing::Dietary(value));
    }
    if let Some(value) = first_of(|group| !is_dietary(group)) {
        return Some(OneThing::Preference(value));
    }
    // How often a guest came follows from dates, which the host does not see.
    (here && role != Role::Host && role != Role::Marketing).then_some(match dossier.history.stay_number {
        0 | 1 => OneThing::FirstStay,
        number => OneThing::Returning(number),
    })
}

impl Dossier {
    /// Whether a preference is one thing to know. What may be over, or is said not to hold, is to be asked first; what
    /// somebody must not be served is told however little is known of it.
    fn can_be_relied_on(&self, preference: &Preference) -> bool {
        let standing = preference.evidence.standing(self.today, self.fade_days);
        is_dietary(preference.group) || !matches!(standing, Standing::Fading | Standing::Contradicted)
    }

    pub(super) fn preferences_of(&self, role: Role, belongs: fn(PreferenceGroup) -> bool) -> Vec<Preference> {
        let mut found: Vec<_> = self
            .preferences
            .iter()
            .filter(|preference| belongs(preference.group) && preference.group.visible_to(role))
            .cloned()
            .collect();
        found.sort_by_key(|preference| preference.group);
        found
    }

    pub(super) fn notes_for(&self, role: Role) -> Vec<Note> {
        self.notes.iter().filter(|note| note.audience.includes(role)).cloned().collect()
    }

    /// Dietary instructions that the role may see, as values.
    #[must_use]
    pub fn dietary_for(&self, role: Role) -> Vec<PreferenceValue> {
        self.preferences_of(role, is_dietary).into_iter().map(|preference| preference.value).collect()
    }

    /// Seat, dishes and drinks that the role may see, as values: without those that are said not to hold.
    #[must_use]
    pub fn dining_for(&self, role: Role) -> Vec<(PreferenceGroup, PreferenceValue)> {
        self.preferences_of(role, is_dining)
            .into_iter()
            .filter(|preference| preference.evidence.contradicted.is_none())
            .map(|preference| (preference.group, preference.value))
            .collect()
    }
}

pub(super) fn is_dietary(group: PreferenceGroup) -> bool {
    group == PreferenceGroup::Dietary
}

pub(super) fn is_dining(group: PreferenceGroup) -> bool {
    matches!(group, PreferenceGroup::Seating | PreferenceGroup::Dishes | PreferenceGroup::Drinks)
}

pub(super) fn is_other(group: PreferenceGroup) -> bool {
    !is_dietary(group) && !is_dining(group)
}
