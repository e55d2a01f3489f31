//! The rules of attention, without a browser: which alerts call for it at a device, how pressing each
//! of them is, and what is new about that.

use crate::{
    alerts::{AlertCard, AlertState, Urgency},
    ids::{AlertId, StationId},
    staff::{Ability, Me},
};
use std::collections::BTreeMap;

/// The favicon without a number, and with those from 1 to 9.
const FAVICONS: [&str; 10] = [
    "/favicon.svg",
    "/icons/badge-1.svg",
    "/icons/badge-2.svg",
    "/icons/badge-3.svg",
    "/icons/badge-4.svg",
    "/icons/badge-5.svg",
    "/icons/badge-6.svg",
    "/icons/badge-7.svg",
    "/icons/badge-8.svg",
    "/icons/badge-9.svg",
];

/// The favicon for more than that.
const FAVICON_OF_MORE: &str = "/icons/badge-more.svg";

/// Where a device stands, and who is using it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    pub station: StationId,
    /// The colleague's name, by which an alert names whoever is on duty.
    pub name: String,
    /// Whether the colleague is among those who are told where nobody in particular is on duty.
    pub manages: bool,
}

impl Here {
    /// `None` while the device stands at no station: then nothing is heard of alerts.
    #[must_use]
    pub fn of(me: &Me) -> Option<Self> {
        let station = me.station.as_ref()?.id;
        let manages = me.role.may(Ability::ManageHouse);
        Some(Self { station, name: me.name.clone(), manages })
    }

    /// Whether this is the colleague on duty to whom the alert has been carried.
    fn is_told_of(&self, card: &AlertCard) -> bool {
        card.urgency >= Urgency::DutyTold
            && match &card.duty_name {
                Some(name) => *name == self.name,
                None => self.manages,
            }
    }

    /// Whether the alert belongs on this device's board: sent here, copied here, or carried to whoever
    /// is on duty; and not ended.
    #[must_use]
    pub fn has_on_board(&self, card: &AlertCard) -> bool {
        !card.state.is_end()
            && (card.to == self.station || card.copied_to == Some(self.station) || self.is_told_of(card))
    }

    /// Why the alert calls for attention here, if it does; the most pressing reason of several.
    #[must_use]
    pub fn call(&self, card: &AlertCard) -> Option<Call> {
        if card.state != AlertState::Raised {
            return None;
        }
        let sent_here = card.to == self.station || card.copied_to == Some(self.station);
        let sent_from_here = card.from == self.station || card.also_from.contains(&self.station);
        if sent_from_here && card.urgency == Urgency::Unanswered {
            Some(Call::Unanswered)
        } else if self.is_told_of(card) {
            Some(Call::Duty)
        } else if sent_here && card.urgency >= Urgency::RungAgain {
            Some(Call::Again)
        } else {
            sent_here.then_some(Call::Word)
        }
    }
}

/// Why an alert that nobody has acknowledged calls for attention. The later is the more pressing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// Word for this station.
    Word,
    /// Nobody has acknowledged it; also for the backup station.
    Again,
    /// The station does not answer, and whoever is using this device is on duty.
    Duty,
    /// What was sent from here has not been answered.
    Unanswered,
}

impl Call {
    /// Whether it is shown on every page, not on the board alone.
    #[must_use]
    pub fn is_everywhere(self) -> bool {
        self >= Self::Duty
    }

    /// How many times the chime is heard.
    #[must_use]
    pub fn chimes(self) -> u32 {
        match self {
            Self::Word => 1,
            Self::Again | Self::Unanswered => 2,
            Self::Duty => 3,
        }
    }
}

/// What has called on this page so far. Nothing that was known before calls again unless it has become
/// more pressing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known(BTreeMap<AlertId, Call>);

impl Known {
    /// Takes note of `calls`, and returns those that are new or more pressing than before.
    pub fn news(&mut self, calls: &[(AlertId, Call)]) -> Vec<(AlertId, Call)> {
        calls
            .iter()
            .copied()
            .filter(|(id, call)| {
                let is_new = self.0.get(id).is_none_or(|known| known < call);
                if is_new {
                    self.0.insert(*id, *call);
                }
                is_new
            })
            .collect()
    }
}

/// The title of a page while `count` alerts call: "(2) Board".
#[must_use]
pub fn title_with(count: usize, title: String) -> String {
    match count {
        0 => title,
        1..=99 => format!("({count}) {title}"),
        _ => format!("(99+) {title}"),
    }
}

/// The address of the favicon that shows `count`.
#[must_use]
pub fn favicon(count: usize) -> &'static str {
    FAVICONS.get(count).copied().unwrap_or(FAVICON_OF_MORE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::sample::{self, FROM, TO};
    use uuid::Uuid;

    const BACKUP: StationId = StationId(Uuid::from_u128(3));
    const ELSEWHERE: StationId = StationId(Uuid::from_u128(4));

    fn at(station: StationId) -> Here {
        Here { station, name: "Bea".to_owned(), manages: false }
    }

    fn carried(urgency: Urgency) -> AlertCard {
        let copied_to = (urgency >= Urgency::RungAgain).then_some(BACKUP);
        AlertCard { urgency, copied_to, ..sample::card() }
    }

    #[test]
    fn an_alert_calls_at_one_more_place_with_each_step() {
        use Call::{Again, Duty, Unanswered, Word};
        let manager = Here { manages: true, ..at(ELSEWHERE) };
        for (urgency, receiver, backup, duty, sender) in [
            (Urgency::Plain, Word, None, None, None),
            (Urgency::RungAgain, Again, Some(Again), None, None),
            (Urgency::DutyTold, Again, Some(Again), Some(Duty), None),
            (Urgency::Unanswered, Again, Some(Again), Some(Duty), Some(Unanswered)),
        ] {
            let card = carried(urgency);
            assert_eq!(at(TO).call(&card), Some(receiver), "{urgency:?}");
            assert_eq!(at(BACKUP).call(&card), backup, "{urgency:?}");
            assert_eq!(manager.call(&card), duty, "{urgency:?}");
            assert_eq!(at(FROM).call(&card), sender, "{urgency:?}");
            assert_eq!(at(ELSEWHERE).call(&card), None, "{urgency:?}");
        }
    }

    #[test]
    fn nothing_calls_once_somebody_has_it() {
        for state in AlertState::ALL.into_iter().filter(|state| *state != AlertState::Raised) {
            let card = AlertCard { state, ..carried(Urgency::Unanswered) };
            for station in [FROM, TO, BACKUP] {
                assert_eq!(at(station).call(&card), None, "{state:?}");
            }
        }
    }

    #[test]
    fn whoever_is_on_duty_is_told_and_nobody_else() {
        let card = AlertCard { duty_name: Some("Bea".to_owned()), ..carried(Urgency::DutyTold) };
        assert_eq!(at(ELSEWHERE).call(&card), Some(Call::Duty));
        let manager = Here { name: "Mia".to_owned(), manages: true, ..at(ELSEWHERE) };
        assert_eq!(manager.call(&card), None, "Bea has been told, not every manager");
    }

    #[test]
    fn a_second_sender_learns_that_nobody_answered() {
        let card = AlertCard { also_from: vec![ELSEWHERE], ..carried(Urgency::Unanswered) };
        assert_eq!(at(ELSEWHERE).call(&card), Some(Call::Unanswered));
    }

    #[test]
    fn a_board_holds_what_is_for_it_until_it_ends() {
        let card = carried(Urgency::RungAgain);
        assert!(at(TO).has_on_board(&card) && at(BACKUP).has_on_board(&card));
        assert!(!at(FROM).has_on_board(&card) && !at(ELSEWHERE).has_on_board(&card));
        let taken = AlertCard { state: AlertState::Acknowledged, ..card.clone() };
        assert!(at(TO).has_on_board(&taken) && at(BACKUP).has_on_board(&taken));
        let ended = AlertCard { state: AlertState::Completed, ..card };
        assert!(!at(TO).has_on_board(&ended) && !at(BACKUP).has_on_board(&ended));
        let manager = Here { manages: true, ..at(ELSEWHERE) };
        assert!(!manager.has_on_board(&carried(Urgency::RungAgain)));
        assert!(manager.has_on_board(&carried(Urgency::DutyTold)));
    }

    #[test]
    fn what_is_known_calls_again_only_when_it_is_more_pressing() {
        let (one, two) = (AlertId(ulid::Ulid(1)), AlertId(ulid::Ulid(2)));
        let mut known = Known::default();
        assert_eq!(known.news(&[(one, Call::Word)]), [(one, Call::Word)]);
        assert_eq!(known.news(&[(one, Call::Word), (two, Call::Word)]), [(two, Call::Word)]);
        assert_eq!(known.news(&[(one, Call::Again), (two, Call::Word)]), [(one, Call::Again)]);
        assert!(known.news(&[]).is_empty());
        assert!(known.news(&[(one, Call::Again)]).is_empty(), "it was only out of sight");
    }

    #[test]
    fn titles_and_favicons_count() {
        let title = |count| title_with(count, "Board".to_owned());
        assert_eq!([title(0), title(2), title(120)], ["Board", "(2) Board", "(99+) Board"]);
        assert_eq!([favicon(0), favicon(3)], ["/favicon.svg", "/icons/badge-3.svg"]);
        assert_eq!([favicon(9), favicon(10)], ["/icons/badge-9.svg", "/icons/badge-more.svg"]);
    }

    #[test]
    fn every_favicon_is_there() {
        let public = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("public");
        for count in 0..=10 {
            let file = public.join(favicon(count).trim_start_matches('/'));
            assert!(file.is_file(), "{}", file.display());
        }
    }
}
