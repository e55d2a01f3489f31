//! How well a preference is known: said or seen, how often, how long ago, and whether anything speaks against it.

use super::{Preference, PreferenceGroup};
use crate::words::words;
use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// Observations from which on a preference counts as a habit.
pub const HABIT: u32 = 3;

words! {
    /// What a colleague does with a preference.
    Cue {
        /// Say it: "the usual, Mr Zhang?"
        Say = "say",
        /// Do it, and do not speak of it.
        Silent = "silent",
    }
}

words! {
    /// What somebody noted of a preference again.
    SightingKind {
        Confirmed = "confirmed",
        Contradicted = "contradicted",
    }
}

words! {
    /// What a stay made of a preference that was known.
    HonourOutcome {
        Honoured = "honoured",
        Missed = "missed",
    }
}

/// What is known about a preference beside its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The guest said so, or a colleague noticed it.
    pub stated: bool,
    /// How often it was said or noticed, on a day by one colleague once; at least 1.
    pub times: u32,
    /// House-local `YYYY-MM-DD` on which it was last said or noticed, and who did.
    pub last: NaiveDate,
    pub last_by: String,
    /// The day from which it is to be asked again.
    pub reconfirm_by: Option<NaiveDate>,
    pub cue: Cue,
    /// Name of the one house in which it holds; `None` for all.
    pub only_in: Option<String>,
    /// The day on which somebody last said that it does not hold, and who did; `None` once it was confirmed again.
    pub contradicted: Option<(NaiveDate, String)>,
    /// What the stay in house made of it so far, on a card that somebody opened.
    pub marked: Option<HonourOutcome>,
}

/// What a preference is worth today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The guest said so.
    Stated,
    /// Seen at least [`HABIT`] times.
    Habit,
    /// Seen twice.
    Twice,
    /// Seen once: it may have been an accident.
    Once,
    /// Seen, and so long ago that it may be over; or to be asked again.
    Fading,
    /// Somebody said that it does not hold.
    Contradicted,
}

impl Evidence {
    /// What it is worth today, in a house that lets observations fade after `fade_days` days.
    #[must_use]
    pub fn standing(&self, today: NaiveDate, fade_days: u16) -> Standing {
        let is_old = self.last.checked_add_days(Days::new(fade_days.into())).is_some_and(|fades| fades < today);
        let is_due = self.reconfirm_by.is_some_and(|day| day <= today);
        match (&self.contradicted, self.stated, self.times) {
            (Some(_), ..) => Standing::Contradicted,
            _ if is_due => Standing::Fading,
            (None, true, _) => Standing::Stated,
            _ if is_old => Standing::Fading,
            (None, false, HABIT..) => Standing::Habit,
            (None, false, 2) => Standing::Twice,
            (None, false, _) => Standing::Once,
        }
    }
}

/// Groups of which a guest can want one thing at a time: two in one of them speak against each other.
#[must_use]
pub fn is_single(group: PreferenceGroup) -> bool {
    matches!(group, PreferenceGroup::Temperature | PreferenceGroup::Newspaper)
}

/// Preferences that are to be shown together because they speak against each other: those of a group of which there
/// is one at a time, in their order.
#[must_use]
pub fn conflicts(preferences: &[Preference]) -> Vec<Vec<&Preference>> {
    let mut found = Vec::new();
    for group in PreferenceGroup::ALL.into_iter().filter(|group| is_single(*group)) {
        let of_group: Vec<_> = preferences.iter().filter(|preference| preference.group == group).collect();
        if of_group.len() > 1 {
            found.push(of_group);
        }
    }
    found
}

/// How a stay went for what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HonourScore {
    /// Preferences that were known, were they marked or not.
    pub known: u32,
    pub honoured: u32,
    pub missed: u32,
}

impl HonourScore {
    /// Whole percent of what was marked; `None` where nothing was.
    #[must_use]
    pub fn percent(self) -> Option<u32> {
        (u64::from(self.honoured) * 100)
            .checked_div(u64::from(self.honoured) + u64::from(self.missed))
            .and_then(|percent| u32::try_from(percent).ok())
    }
}

/// What a house decides about its memory. Kept as JSON on the house; fields that a stored one lacks have their default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HouseMemory {
    /// Days after which what was only observed fades, 30 to 3650.
    pub fade_days: u16,
    /// Days after which what was stated is to be asked again, 30 to 3650; `None` for never.
    pub reconfirm_days: Option<u16>,
    /// Minutes before its time at which a request rings, 0 to 240.
    pub ring_minutes: u16,
    /// Days before an arrival on which its briefing is made, 0 to 14.
    pub briefing_days: u8,
}

impl Default for HouseMemory {
    fn default() -> Self {
        Self {
            fade_days: 730,
            reconfirm_days: Some(1_095),
            ring_minutes: crate::requests::asked::RING_MINUTES,
            briefing_days: 2,
        }
    }
}

/// Days until a day of the year (`month`, `day`) comes next, counted from `today`; 29 February is kept on 28 February
/// in common years. `None` for a day that no year has.
#[must_use]
pub fn days_until(month: u32, day: u32, today: NaiveDate) -> Option<u32> {
    let in_year = |year: i32| {
        NaiveDate::from_ymd_opt(year, month, day)
            .or_else(|| ((month, day) == (2, 29)).then(|| NaiveDate::from_ymd_opt(year, 2, 28)).flatten())
    };
    let this = in_year(today.year())?;
    let next = if this >= today { this } else { in_year(today.year() + 1)? };
    u32::try_from((next - today).num_days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{guests::PreferenceValue, ids::PreferenceId};

    const FADE: u16 = 730;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn seen(times: u32) -> Evidence {
        Evidence {
            stated: false,
            times,
            last: day("2026-11-23"),
            last_by: "Anna".to_owned(),
            reconfirm_by: None,
            cue: Cue::Silent,
            only_in: None,
            contradicted: None,
            marked: None,
        }
    }

    #[test]
    fn once_is_an_accident_and_three_times_a_habit() {
        let today = day("2026-11-23");
        let standings = [1, 2, 3, 40].map(|times| seen(times).standing(today, FADE));
        assert_eq!(standings, [Standing::Once, Standing::Twice, Standing::Habit, Standing::Habit]);
        assert_eq!(Evidence { stated: true, ..seen(1) }.standing(today, FADE), Standing::Stated);
    }

    #[test]
    fn what_was_only_seen_fades_and_what_was_said_is_asked_again() {
        assert_eq!(seen(3).standing(day("2028-11-22"), FADE), Standing::Habit, "on the last day");
        assert_eq!(seen(3).standing(day("2028-11-23"), FADE), Standing::Fading);
        let said = Evidence { stated: true, ..seen(1) };
        assert_eq!(said.standing(day("2040-01-01"), FADE), Standing::Stated);
        let asked = Evidence { reconfirm_by: Some(day("2029-01-01")), ..said };
        assert_eq!(asked.standing(day("2028-12-31"), FADE), Standing::Stated);
        assert_eq!(asked.standing(day("2029-01-01"), FADE), Standing::Fading);
    }

    #[test]
    fn what_is_contradicted_is_worth_nothing_until_it_is_confirmed() {
        let denied = Evidence { contradicted: Some((day("2026-11-24"), "Li".to_owned())), ..seen(9) };
        assert_eq!(denied.standing(day("2026-11-24"), FADE), Standing::Contradicted);
        assert_eq!(Evidence { contradicted: None, ..denied }.standing(day("2026-11-24"), FADE), Standing::Habit);
    }

    #[test]
    fn a_share_is_of_what_was_marked() {
        assert_eq!(HonourScore { known: 9, honoured: 2, missed: 1 }.percent(), Some(66));
        assert_eq!(HonourScore { known: 9, honoured: 0, missed: 0 }.percent(), None);
    }

    #[test]
    fn days_of_the_year_come_again() {
        let today = day("2026-11-23");
        assert_eq!(days_until(11, 23, today), Some(0));
        assert_eq!(days_until(11, 22, today), Some(364));
        assert_eq!(days_until(2, 29, day("2027-02-27")), Some(1), "a common year");
        assert_eq!(days_until(2, 29, day("2028-02-27")), Some(2), "a leap year");
        assert_eq!(days_until(2, 30, today), None);
    }

    #[test]
    fn two_temperatures_are_shown_together() {
        let of = |group| Preference {
            id: PreferenceId::new(),
            group,
            value: PreferenceValue::Text("18 °C".to_owned()),
            stated: false,
            by: "Wei".to_owned(),
            on: "2026-11-23".to_owned(),
            evidence: seen(1),
        };
        let known = [of(PreferenceGroup::Temperature), of(PreferenceGroup::Dishes), of(PreferenceGroup::Temperature)];
        assert_eq!(conflicts(&known), [vec![&known[0], &known[2]]]);
        assert!(conflicts(&known[..2]).is_empty());
    }
}
