//! What became of an alert, and how long ago, in the reader's language.

use crate::{
    alerts::{AlertCard, AlertState, Outcome},
    i18n::*,
    ui::I18n,
};

/// What the sender and everyone else reads of an alert: "Sent to Restaurant", "Acknowledged by Anna".
#[must_use]
pub fn state_words(i18n: I18n, card: &AlertCard) -> String {
    match card.state {
        AlertState::Raised => tu_string!(i18n, alerts.state.sent, station = card.to_name.clone()),
        AlertState::Acknowledged => match &card.acknowledged_by {
            Some(name) => tu_string!(i18n, alerts.state.acknowledged, name = name.clone()),
            None => tu_string!(i18n, alerts.state.acknowledged_plain).to_owned(),
        },
        AlertState::Completed => match (&card.outcome, &card.completed_by) {
            (Some(Outcome::Seated(table)), _) => tu_string!(i18n, alerts.state.seated, table = table.clone()),
            (_, Some(name)) => tu_string!(i18n, alerts.state.greeted, name = name.clone()),
            (_, None) => tu_string!(i18n, alerts.state.greeted_plain).to_owned(),
        },
        AlertState::Withdrawn => tu_string!(i18n, alerts.state.withdrawn).to_owned(),
        AlertState::Expired => tu_string!(i18n, alerts.state.expired).to_owned(),
    }
}

/// How long ago something was: "just now", "40 s", "3 min", "1 h 05 min". Clocks of two devices
/// differ a little: what lies ahead counts as now.
#[must_use]
pub fn age_words(i18n: I18n, millis: i64) -> String {
    match Age::of(millis) {
        Age::Now => tu_string!(i18n, alerts.age.now).to_owned(),
        Age::Seconds(seconds) => tu_string!(i18n, alerts.age.seconds, seconds = seconds),
        Age::Minutes(minutes) => tu_string!(i18n, alerts.age.minutes, minutes = minutes),
        Age::Hours(hours, minutes) => {
            tu_string!(i18n, alerts.age.hours, hours = hours, minutes = format!("{minutes:02}"))
        }
    }
}

/// An age in the unit in which a person would say it.
#[derive(Debug, PartialEq, Eq)]
enum Age {
    Now,
    Seconds(i64),
    Minutes(i64),
    Hours(i64, i64),
}

impl Age {
    fn of(millis: i64) -> Self {
        match millis / 1_000 {
            ..5 => Self::Now,
            seconds @ 5..60 => Self::Seconds(seconds),
            seconds @ 60..3_600 => Self::Minutes(seconds / 60),
            seconds => Self::Hours(seconds / 3_600, seconds / 60 % 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_said_in_the_unit_of_people() {
        for (millis, age) in [
            (-3_000, Age::Now),
            (4_999, Age::Now),
            (5_000, Age::Seconds(5)),
            (59_999, Age::Seconds(59)),
            (60_000, Age::Minutes(1)),
            (3_599_999, Age::Minutes(59)),
            (3_900_000, Age::Hours(1, 5)),
        ] {
            assert_eq!(Age::of(millis), age, "{millis}");
        }
    }
}
