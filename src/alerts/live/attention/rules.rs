//! The rules of attention, without a browser: which alerts call for it at a device, how pressing each
//! of them is, and what is new about that.

use crate::{
    alerts::{AlertCard, AlertState, Told, Urgency},
    ids::{AlertId, StaffId, StationId},
    staff::{Ability, Me, Role},
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
    /// `None` for a manager whose device stands nowhere.
    pub station: Option<StationId>,
    pub staff: StaffId,
    /// Whether the colleague is among those who are told where nobody in particular is on duty.
    pub manages: bool,
}

impl Here {
    /// `None` while the device stands at no station: then nothing is heard of alerts. Managers hear of them
    /// wherever they are.
    #[must_use]
    pub fn of(me: &Me) -> Option<Self> {
        let station = me.station.as_ref().map(|station| station.id);
        let manages = me.role.may(Ability::ManageHouse);
        let hears = station.is_some() || me.role == Role::Manager;
        hears.then_some(Self { station, staff: me.staff, manages })
    }

    /// Whether the alert was sent here, or copied here.
    fn has(&self, card: &AlertCard) -> bool {
        self.station.is_some_and(|here| card.to == here || card.copied_to == Some(here))
    }

    /// Whether the alert has been carried to this colleague: to whoever is on duty, or else to every manager.
    /// A manager who was not on the line then sees it as soon as that changes.
    fn is_told_of(&self, card: &AlertCard) -> bool {
        match card.told {
            Some(Told::Colleague) => card.duty == Some(self.staff),
            Some(Told::Managers | Told::Nobody) => self.manages || card.duty == Some(self.staff),
            None => false,
        }
    }

    /// Whether the alert came to this device's board: sent here, copied here, or carried to whoever is on duty.
    /// Managers see all that was carried so far, whoever was told of it.
    fn is_for(&self, card: &AlertCard) -> bool {
        self.has(card) || self.is_told_of(card) || (self.manages && card.told.is_some())
    }

    /// Whether the alert belongs on this device's board: it came here, and has not ended.
    #[must_use]
    pub fn has_on_board(&self, card: &AlertCard) -> bool {
        !card.state.is_end() && self.is_for(card)
    }

    /// Whether the alert belonged on this device's board until it ended.
    #[must_use]
    pub fn had_on_board(&self, card: &AlertCard) -> bool {
        card.state.is_end() && self.is_for(card)
    }

    /// Why the alert calls for attention here, if it does; the most pressing reason of several.
    #[must_use]
    pub fn call(&self, card: &AlertCard) -> Option<Call> {
        if card.state != AlertState::Raised {
            return None;
        }
        let sent_here = self.has(card);
        if card.stands_for(self.staff, self.station) && card.urgency == Urgency::Unanswered {
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
    /// What was sent from here, or by this colleague from elsewhere, has not been answered.
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
    use crate::alerts::sample::{self, BY, FROM, TO};
    use uuid::Uuid;

    const BACKUP: StationId = StationId(Uuid::from_u128(3));
    const ELSEWHERE: StationId = StationId(Uuid::from_u128(4));
    const BEA: StaffId = StaffId(Uuid::from_u128(102));
    const MIA: StaffId = StaffId(Uuid::from_u128(103));

    fn at(station: StationId) -> Here {
        Here { station: Some(station), staff: BEA, manages: false }
    }

    fn manager() -> Here {
        Here { station: None, staff: MIA, manages: true }
    }

    fn carried(urgency: Urgency) -> AlertCard {
        let copied_to = (urgency >= Urgency::RungAgain).then_some(BACKUP);
        let told = (urgency >= Urgency::DutyTold).then_some(Told::Managers);
        AlertCard { urgency, copied_to, told, ..sample::card() }
    }

    #[test]
    fn an_alert_calls_at_one_more_place_with_each_step() {
        use Call::{Again, Duty, Unanswered, Word};
        let manager = manager();
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
        let card = AlertCard { told: Some(Told::Colleague), duty: Some(BEA), ..carried(Urgency::DutyTold) };
        assert_eq!(at(ELSEWHERE).call(&card), Some(Call::Duty));
        assert_eq!(manager().call(&card), None, "Bea has been told, not every manager");
        assert!(manager().has_on_board(&card), "whoever looks finds it, and may answer");
        let nobody = AlertCard { told: Some(Told::Nobody), ..card };
        assert_eq!(at(ELSEWHERE).call(&nobody), Some(Call::Duty), "she has come on the line");
        assert_eq!(manager().call(&nobody), Some(Call::Duty), "and so has a manager");
        let never = AlertCard { told: None, ..carried(Urgency::Unanswered) };
        assert_eq!(manager().call(&never), None, "the station's rule tells no manager");
    }

    #[test]
    fn whoever_sent_word_hears_of_it_at_another_station_and_until_it_is_taken_back() {
        let card = carried(Urgency::Unanswered);
        let moved = Here { staff: BY, ..at(ELSEWHERE) };
        assert_eq!(moved.call(&card), Some(Call::Unanswered));
        let others_stand = AlertCard { also_staff: vec![BEA], withdrawn: vec![BY], ..card };
        assert_eq!(moved.call(&others_stand), None);
        assert_eq!(at(ELSEWHERE).call(&others_stand), Some(Call::Unanswered), "the other sender");
        let others_stand = AlertCard { also_from: vec![ELSEWHERE], withdrawn_from: vec![FROM], ..others_stand };
        let colleague = |station| Here { staff: MIA, ..at(station) };
        assert_eq!(colleague(FROM).call(&others_stand), None, "a colleague where it was taken back");
        assert_eq!(colleague(ELSEWHERE).call(&others_stand), Some(Call::Unanswered), "and where it was not");
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
        assert!(at(TO).had_on_board(&ended) && !at(FROM).had_on_board(&ended));
        let manager = manager();
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
