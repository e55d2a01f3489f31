//! From what traces are made by themselves, and on which day each is due.

use super::TraceGuest;
use crate::{guests::PreferenceCode, house::StationKind, ids::TraceRuleId, words::words};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

words! {
    /// What a rule goes by.
    RuleDay {
        /// So many days before an arrival.
        Arrival = "arrival",
        /// So many days before a departure.
        Departure = "departure",
        /// So many days before a birthday or another occasion that falls in house.
        Occasion = "occasion",
        /// Each so many days.
        Every = "every",
    }
}

/// Most days before the day itself on which a trace of a rule can be due.
pub const MAX_DAYS_BEFORE: u8 = 30;
/// Most days from one to the next of what comes again and again.
pub const MAX_EVERY_DAYS: u16 = 366;

/// A rule of the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceRule {
    pub id: TraceRuleId,
    pub department: StationKind,
    /// What is to be done.
    pub text: String,
    pub on: RuleDay,
    /// 0 to [`MAX_DAYS_BEFORE`].
    pub days_before: u8,
    /// The preference of those whom it is for; `None` for whoever it is else.
    pub code: Option<PreferenceCode>,
    /// The one guest whom it is for.
    pub about: Option<TraceGuest>,
    pub room: Option<String>,
    /// Of [`RuleDay::Every`]: 1 to [`MAX_EVERY_DAYS`], and its first and last days, house-local `YYYY-MM-DD`.
    pub every_days: Option<u16>,
    pub starts: Option<String>,
    pub ends: Option<String>,
    /// Whether it makes traces; else it is paused.
    pub active: bool,
    /// Name of whoever wrote it last.
    pub by: String,
}

/// The rules of a house, and what the form for one of them begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleList {
    /// House-local `YYYY-MM-DD`.
    pub today: String,
    /// The id of the next rule: a form that is sent twice is one rule.
    pub id: TraceRuleId,
    /// Those that make traces first.
    pub rules: Vec<TraceRule>,
    /// Whom a new one will be for, where that is known already.
    pub about: Option<TraceGuest>,
}

words! {
    /// Rules that most houses have, to begin with.
    Preset {
        FeatherFree = "feather_free",
        ExtraPillow = "extra_pillow",
        TwinBeds = "twin_beds",
        GlutenFree = "gluten_free",
        /// Birthdays and other days of a guest that fall in house.
        Occasions = "occasions",
        /// Something that comes every week.
        Weekly = "weekly",
    }
}

impl Preset {
    #[must_use]
    pub fn department(self) -> StationKind {
        match self {
            Self::GlutenFree => StationKind::Restaurant,
            Self::FeatherFree | Self::ExtraPillow | Self::TwinBeds | Self::Occasions | Self::Weekly => {
                StationKind::Floor
            }
        }
    }

    #[must_use]
    pub fn on(self) -> RuleDay {
        match self {
            Self::Occasions => RuleDay::Occasion,
            Self::Weekly => RuleDay::Every,
            Self::FeatherFree | Self::ExtraPillow | Self::TwinBeds | Self::GlutenFree => RuleDay::Arrival,
        }
    }

    #[must_use]
    pub fn days_before(self) -> u8 {
        match self.on() {
            RuleDay::Arrival | RuleDay::Departure => 1,
            RuleDay::Occasion | RuleDay::Every => 0,
        }
    }

    /// The preference that asks for it, if one does.
    #[must_use]
    pub fn preference(self) -> Option<PreferenceCode> {
        match self {
            Self::FeatherFree => Some(PreferenceCode::FeatherFree),
            Self::ExtraPillow => Some(PreferenceCode::ExtraPillow),
            Self::TwinBeds => Some(PreferenceCode::TwinBeds),
            Self::GlutenFree => Some(PreferenceCode::NoGluten),
            Self::Occasions | Self::Weekly => None,
        }
    }
}

/// When traces of a rule are due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// The first day, house-local.
    pub starts: NaiveDate,
    /// The last day, if there is one.
    pub ends: Option<NaiveDate>,
    /// 1 to 366.
    pub every_days: u16,
}

impl Recurrence {
    /// Its days from `from` to `to`, both included; at most one for each day between them.
    #[must_use]
    pub fn days(&self, from: NaiveDate, to: NaiveDate) -> Vec<NaiveDate> {
        let every = i64::from(self.every_days.max(1));
        let to = self.ends.map_or(to, |ends| ends.min(to));
        let gone = (from.max(self.starts) - self.starts).num_days();
        // Rounded up to a whole number of periods.
        let begun = gone + (every - gone % every) % every;
        let Some(first) = u64::try_from(begun).ok().and_then(|days| self.starts.checked_add_days(Days::new(days)))
        else {
            return Vec::new();
        };
        first.iter_days().step_by(usize::from(self.every_days.max(1))).take_while(|day| *day <= to).collect()
    }
}

/// The day on which a trace is due that stands before `day`; today where that has passed and the day itself has not,
/// so that what was learnt late is still done. `None` once the day is over.
#[must_use]
pub fn due_before(day: NaiveDate, days_before: u8, today: NaiveDate) -> Option<NaiveDate> {
    let due = day.checked_sub_days(Days::new(days_before.into())).unwrap_or(day);
    (day >= today).then(|| due.max(today))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn recurring_traces_keep_their_step_wherever_one_looks() {
        let rule = Recurrence { starts: day("2026-11-02"), ends: Some(day("2026-12-01")), every_days: 7 };
        let all = rule.days(day("2026-01-01"), day("2027-12-31"));
        assert_eq!(all.len(), 5);
        assert_eq!(all.last(), Some(&day("2026-11-30")));
        assert_eq!(rule.days(day("2026-11-03"), day("2026-11-16")), [day("2026-11-09"), day("2026-11-16")]);
        assert_eq!(rule.days(day("2026-11-09"), day("2026-11-09")), [day("2026-11-09")]);
        assert!(rule.days(day("2026-12-02"), day("2027-12-31")).is_empty());
        assert!(rule.days(day("2026-10-01"), day("2026-11-01")).is_empty());
    }

    #[test]
    fn what_most_houses_have_says_whom_it_is_for() {
        for preset in Preset::ALL {
            let by_booking = matches!(preset.on(), RuleDay::Arrival | RuleDay::Departure);
            assert_eq!(by_booking, preset.preference().is_some(), "{preset:?}");
        }
    }

    #[test]
    fn what_is_learnt_late_is_done_today() {
        let arrival = day("2026-11-25");
        assert_eq!(due_before(arrival, 2, day("2026-11-20")), Some(day("2026-11-23")));
        assert_eq!(due_before(arrival, 2, day("2026-11-24")), Some(day("2026-11-24")));
        assert_eq!(due_before(arrival, 2, arrival), Some(arrival));
        assert_eq!(due_before(arrival, 2, day("2026-11-26")), None);
    }
}
