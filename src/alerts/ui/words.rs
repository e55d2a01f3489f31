//! What became of an alert, and how long ago, in the reader's language.

use crate::{
    alerts::{AlertCard, AlertKind, AlertState, Outcome, Told, Urgency, live::attention::Call},
    guests::ui::words::kind_words,
    i18n::*,
    ids::{StaffId, StationId},
    ui::I18n,
};

/// What the sender and everyone else reads of an alert: "Sent to Restaurant", "On screen at Restaurant",
/// "Acknowledged by Anna".
#[must_use]
pub fn state_words(i18n: I18n, card: &AlertCard) -> String {
    let station = card.to_name.clone();
    match card.state {
        AlertState::Raised if card.urgency == Urgency::Unanswered => match extension(card) {
            Some(extension) => tu_string!(i18n, alerts.state.unanswered, extension = extension),
            None => tu_string!(i18n, alerts.state.unanswered_plain).to_owned(),
        },
        AlertState::Raised if card.displayed_at.is_some() => {
            tu_string!(i18n, alerts.state.on_screen, station = station)
        }
        AlertState::Raised => tu_string!(i18n, alerts.state.sent, station = station),
        AlertState::Acknowledged => match &card.acknowledged_by {
            Some(name) => tu_string!(i18n, alerts.state.acknowledged, name = name.clone()),
            None => tu_string!(i18n, alerts.state.acknowledged_plain).to_owned(),
        },
        AlertState::Completed => match (&card.outcome, &card.completed_by) {
            (Some(Outcome::Seated(table)), _) => tu_string!(i18n, alerts.state.seated, table = table.clone()),
            (_, Some(name)) if card.kind == AlertKind::Due => {
                tu_string!(i18n, requests.due.seen_to_by, name = name.clone())
            }
            (_, Some(name)) => tu_string!(i18n, alerts.state.greeted, name = name.clone()),
            (_, None) => tu_string!(i18n, alerts.state.greeted_plain).to_owned(),
        },
        AlertState::Withdrawn => match &card.completed_by {
            Some(name) => tu_string!(i18n, alerts.state.withdrawn, name = name.clone()),
            None => tu_string!(i18n, alerts.state.withdrawn_plain).to_owned(),
        },
        AlertState::Expired => match &card.acknowledged_by {
            Some(name) => tu_string!(i18n, alerts.state.expired_acknowledged, name = name.clone()),
            None => tu_string!(i18n, alerts.state.expired).to_owned(),
        },
    }
}

/// How far an alert has been carried because nobody acknowledges it, as it is read at station `here`: a
/// sentence for each station and colleague that it went to, and none while it went nowhere.
#[must_use]
pub fn carried_words(i18n: I18n, card: &AlertCard, here: Option<StationId>) -> Vec<String> {
    carried(card, here)
        .into_iter()
        .map(|carried| match carried {
            Carried::CopiedHere(station) => tu_string!(i18n, alerts.tablet.copied_here, station = station.to_owned()),
            Carried::Copied(station) => tu_string!(i18n, alerts.tablet.copied, station = station.to_owned()),
            Carried::Again => tu_string!(i18n, alerts.tablet.again).to_owned(),
            Carried::Told(name) => tu_string!(i18n, alerts.tablet.told, name = name.to_owned()),
            Carried::ManagersTold => tu_string!(i18n, alerts.tablet.told_managers).to_owned(),
            Carried::NobodyTold => tu_string!(i18n, alerts.tablet.told_nobody).to_owned(),
        })
        .collect()
}

/// What has been done about an alert that nobody acknowledges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carried<'a> {
    /// This station has it as the backup of the one named.
    CopiedHere(&'a str),
    /// The backup station named has it too.
    Copied(&'a str),
    /// It has chimed again, and there is no backup.
    Again,
    /// The colleague on duty has been told.
    Told(&'a str),
    ManagersTold,
    /// Nobody could be told: nobody who should be is on the line.
    NobodyTold,
}

fn carried(card: &AlertCard, here: Option<StationId>) -> Vec<Carried<'_>> {
    if card.state != AlertState::Raised || card.urgency == Urgency::Plain {
        return Vec::new();
    }
    let duty = card.told.map(|told| match (told, card.duty_name.as_deref()) {
        (Told::Colleague, Some(name)) => Carried::Told(name),
        (Told::Colleague | Told::Managers, _) => Carried::ManagersTold,
        (Told::Nobody, _) => Carried::NobodyTold,
    });
    let station = match &card.copied_to_name {
        _ if here.is_some() && card.copied_to == here && Some(card.to) != here => {
            Some(Carried::CopiedHere(&card.to_name))
        }
        Some(backup) => Some(Carried::Copied(backup)),
        // Whoever is told is told because it has chimed again for nothing.
        None => duty.is_none().then_some(Carried::Again),
    };
    station.into_iter().chain(duty).collect()
}

/// Who of several senders has taken an alert back that stands for the others.
#[must_use]
pub fn withdrawn_words(i18n: I18n, card: &AlertCard) -> Option<String> {
    if card.state.is_end() {
        return None;
    }
    let names: Vec<_> =
        card.senders().filter(|(staff, _)| card.has_withdrawn(*staff)).map(|(_, name)| name.to_owned()).collect();
    (!names.is_empty()).then(|| tu_string!(i18n, alerts.state.withdrawn, name = names_in_a_row(i18n, &names)))
}

/// What a colleague reads of word that was sent by them or from where they stand: how it stands, and how far it has
/// been carried. Of word that was taken back and stands for others no more than that: what becomes of it is theirs.
#[must_use]
pub fn sent_words(i18n: I18n, card: &AlertCard, me: StaffId, here: Option<StationId>) -> (String, Vec<String>) {
    let withdrawn = withdrawn_words(i18n, card);
    match withdrawn {
        Some(withdrawn) if !card.stands_for(me, here) => (withdrawn, Vec::new()),
        withdrawn => {
            let more = carried_words(i18n, card, here).into_iter().chain(withdrawn).collect();
            (state_words(i18n, card), more)
        }
    }
}

/// What is said on every page of an alert that nobody answers: to whoever is on duty, and to the sender.
#[must_use]
pub fn urgent_words(i18n: I18n, card: &AlertCard, call: Call) -> String {
    let (name, kind, station) = (card.name.address(), kind_words(i18n, card.kind), card.to_name.clone());
    match (call, extension(card)) {
        (Call::Unanswered, Some(extension)) => {
            tu_string!(i18n, alerts.tablet.unanswered, name = name, station = station, extension = extension)
        }
        (Call::Unanswered, None) => tu_string!(i18n, alerts.tablet.unanswered_plain, name = name, station = station),
        (_, Some(extension)) => {
            tu_string!(i18n, alerts.tablet.duty, name = name, kind = kind, station = station, extension = extension)
        }
        (_, None) => tu_string!(i18n, alerts.tablet.duty_plain, name = name, kind = kind, station = station),
    }
}

/// Title and text of the device's notification. It stands on a locked screen: no guest is in it.
#[must_use]
pub fn notification_words(i18n: I18n, card: &AlertCard, call: Call, waiting: usize) -> (String, String) {
    let station = card.to_name.clone();
    let waiting = tu_string!(i18n, alerts.tablet.word_waiting, number = waiting);
    if call.is_everywhere() {
        let text = match extension(card) {
            Some(extension) => tu_string!(i18n, alerts.tablet.call, extension = extension),
            None => waiting,
        };
        (tu_string!(i18n, alerts.tablet.unanswered_at, station = station), text)
    } else {
        (tu_string!(i18n, alerts.tablet.word_for, station = station), waiting)
    }
}

/// Names in a row, as the language separates them.
#[must_use]
pub fn names_in_a_row(i18n: I18n, names: &[String]) -> String {
    names.join(tu_string!(i18n, alerts.presence.comma))
}

/// The receiving station's telephone, where it has one.
fn extension(card: &AlertCard) -> Option<String> {
    (!card.to_extension.is_empty()).then(|| card.to_extension.clone())
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
    use crate::alerts::sample::{self, FROM, TO};
    use uuid::Uuid;

    #[test]
    fn each_station_and_colleague_that_word_was_carried_to_is_named() {
        const BAR: StationId = StationId(Uuid::from_u128(3));
        let card = |urgency, backup: bool, duty: Option<&str>| AlertCard {
            urgency,
            copied_to: backup.then_some(BAR),
            copied_to_name: backup.then(|| "Bar".to_owned()),
            told: (urgency >= Urgency::DutyTold).then_some(duty.map_or(Told::Managers, |_| Told::Colleague)),
            duty_name: duty.map(str::to_owned),
            ..sample::card()
        };
        let here = Carried::CopiedHere("Restaurant");
        for (card, at, told) in [
            (card(Urgency::Plain, false, None), TO, vec![]),
            (card(Urgency::RungAgain, false, None), TO, vec![Carried::Again]),
            (card(Urgency::RungAgain, true, None), TO, vec![Carried::Copied("Bar")]),
            (card(Urgency::RungAgain, true, None), BAR, vec![here]),
            (card(Urgency::DutyTold, true, None), TO, vec![Carried::Copied("Bar"), Carried::ManagersTold]),
            (card(Urgency::DutyTold, true, Some("Clara")), BAR, vec![here, Carried::Told("Clara")]),
            (
                card(Urgency::Unanswered, true, Some("Clara")),
                FROM,
                vec![Carried::Copied("Bar"), Carried::Told("Clara")],
            ),
            (card(Urgency::Unanswered, false, None), TO, vec![Carried::ManagersTold]),
        ] {
            assert_eq!(carried(&card, Some(at)), told, "{:?}", card.urgency);
        }
        let told_nobody = AlertCard { told: Some(Told::Nobody), ..card(Urgency::DutyTold, true, Some("Clara")) };
        assert_eq!(carried(&told_nobody, Some(TO)), [Carried::Copied("Bar"), Carried::NobodyTold]);
        let quiet = AlertCard { told: None, ..card(Urgency::Unanswered, false, None) };
        assert_eq!(carried(&quiet, Some(TO)), [Carried::Again], "nobody was to be told but the sender");
        let taken = AlertCard { state: AlertState::Acknowledged, ..card(Urgency::DutyTold, true, None) };
        assert_eq!(carried(&taken, Some(TO)), []);
    }

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
