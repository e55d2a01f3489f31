//! Which traces the rules of a house ask for today.

use super::{
    store::Rule,
    world::{Booking, World, horizon},
};
use crate::{
    campaigns::{LeapDay, calendar},
    guests::relations::OccasionKind,
    house::StationKind,
    ids::{GuestId, HouseId, TraceId, TraceRuleId},
    requests::traces::{
        TraceKind,
        rule::{RuleDay, due_before},
        store::{AHEAD_DAYS, NewTrace, birthday_id},
    },
    server::db::derived,
    stays::ReservationStatus,
};
use chrono::{Datelike, Days, NaiveDate};
use std::collections::{BTreeMap, HashMap};

/// A trace that a rule asks for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub rule: Rule,
    pub kind: TraceKind,
    pub guest: Option<GuestId>,
    pub booking: Option<Booking>,
    /// The arrival, departure, day of the guest, or day of its own, house-local.
    pub day: NaiveDate,
    pub occasion: Option<OccasionKind>,
    /// When it is due if it is made today.
    pub due: NaiveDate,
}

impl Wanted {
    /// So many days before, whether that has passed or not.
    pub fn planned(&self) -> NaiveDate {
        self.day.checked_sub_days(Days::new(self.rule.days_before.into())).unwrap_or(self.day)
    }

    pub fn room(&self) -> Option<String> {
        self.rule.room.clone().or_else(|| self.booking.as_ref().and_then(|booking| booking.room.clone()))
    }

    pub fn into_trace(self, id: TraceId, house: HouseId) -> NewTrace {
        let room = self.room();
        let Self { rule, kind, guest, booking, day, occasion, due } = self;
        NewTrace {
            guest,
            text: Some(rule.text),
            room,
            rule: Some(rule.id),
            reservation: booking.map(|booking| booking.id),
            about_day: Some(day),
            occasion,
            ..NewTrace::of(id, house, rule.department, kind, due, rule.author)
        }
    }
}

/// The id of the trace that a rule makes for `about` (a booking, a guest, or the house) and a day.
pub(super) fn id_for(rule: TraceRuleId, about: &str, day: NaiveDate) -> TraceId {
    TraceId(derived(&format!("trace_rule|{rule}|{about}|{day}")))
}

/// What the rules ask for, by the traces' ids.
pub(super) fn wanted(rules: &[Rule], world: &World, today: NaiveDate) -> BTreeMap<TraceId, Wanted> {
    let mut all = Asking { today, world, found: BTreeMap::new(), greeted: HashMap::new() };
    for rule in rules {
        match rule.on {
            RuleDay::Arrival | RuleDay::Departure => all.by_booking(rule),
            RuleDay::Occasion => all.by_occasion(rule),
            RuleDay::Every => all.again(rule),
        }
    }
    all.found
}

struct Asking<'a> {
    today: NaiveDate,
    world: &'a World,
    found: BTreeMap<TraceId, Wanted>,
    /// The rule by which the floor greets on a birthday: what others want of it that day are traces beside.
    greeted: HashMap<(GuestId, NaiveDate), TraceRuleId>,
}

impl Asking<'_> {
    fn by_booking(&mut self, rule: &Rule) {
        let world = self.world;
        for booking in world.bookings.iter().filter(|booking| is_meant(rule, booking, world)) {
            let day = match rule.on {
                // Whoever has come already today still finds it done.
                RuleDay::Arrival if booking.status == ReservationStatus::Reserved || booking.arrival == self.today => {
                    booking.arrival
                }
                RuleDay::Departure => booking.departure,
                _ => continue,
            };
            let id = id_for(rule.id, &booking.id.to_string(), day);
            self.ask(id, rule, TraceKind::Rule, Some(booking), day, None);
        }
    }

    fn by_occasion(&mut self, rule: &Rule) {
        let world = self.world;
        for booking in world.bookings.iter().filter(|booking| is_meant(rule, booking, world)) {
            let stay = booking.arrival..=booking.departure;
            for day in self.birthdays_of(booking.guest) {
                if !stay.contains(&day) {
                    continue;
                }
                // The same that a greeting by post becomes where the birthday falls in house.
                let is_greeting = rule.department == StationKind::Floor && rule.days_before == 0;
                let greets = is_greeting && *self.greeted.entry((booking.guest, day)).or_insert(rule.id) == rule.id;
                let id = if greets {
                    birthday_id(booking.guest, &day.to_string())
                } else {
                    id_for(rule.id, &booking.guest.to_string(), day)
                };
                self.ask(id, rule, TraceKind::Birthday, Some(booking), day, None);
            }
            for line in world.occasions.get(&booking.guest).into_iter().flatten() {
                let day = self.today.checked_add_days(Days::new(line.in_days.into())).unwrap_or(self.today);
                if stay.contains(&day) {
                    // One guest may keep two days on one date.
                    let id = id_for(rule.id, &format!("{}|{}", booking.guest, line.id), day);
                    self.ask(id, rule, TraceKind::Occasion, Some(booking), day, Some(line.kind));
                }
            }
        }
    }

    fn again(&mut self, rule: &Rule) {
        let Some(recurrence) = &rule.recurrence else { return };
        let last = self.today.checked_add_days(Days::new(AHEAD_DAYS)).unwrap_or(self.today);
        for day in recurrence.days(self.today, last) {
            self.ask(id_for(rule.id, "house", day), rule, TraceKind::Recurring, None, day, None);
        }
    }

    /// The guest's birthdays of this year and the next.
    fn birthdays_of(&self, guest: GuestId) -> Vec<NaiveDate> {
        let birthday = self.world.birthdays.get(&guest);
        let in_year = |birthday, year| calendar::birthday_in(birthday, year, LeapDay::default());
        let this_year = self.today.year();
        birthday.map(|birthday| (0..2).map(|ahead| in_year(*birthday, this_year + ahead)).collect()).unwrap_or_default()
    }

    fn ask(
        &mut self,
        id: TraceId,
        rule: &Rule,
        kind: TraceKind,
        booking: Option<&Booking>,
        day: NaiveDate,
        occasion: Option<OccasionKind>,
    ) {
        if day > horizon(rule, self.today) {
            return;
        }
        let Some(due) = due_before(day, rule.days_before, self.today) else { return };
        let guest = booking.map(|booking| booking.guest).or(rule.guest);
        // Of two bookings over one day the first stands for both.
        self.found.entry(id).or_insert_with(|| Wanted {
            rule: rule.clone(),
            kind,
            guest,
            booking: booking.cloned(),
            day,
            occasion,
            due,
        });
    }
}

/// Whether a rule is for the guest of a booking.
fn is_meant(rule: &Rule, booking: &Booking, world: &World) -> bool {
    let has = |code: &str| world.codes.get(&booking.guest).is_some_and(|codes| codes.contains(code));
    rule.guest.is_none_or(|guest| guest == booking.guest) && rule.code.is_none_or(|code| has(code.code()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        guests::{Birthday, PreferenceCode, relations::OccasionLine},
        ids::{OccasionId, ReservationId},
        requests::traces::rule::Recurrence,
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn rule(on: RuleDay, days_before: u8) -> Rule {
        Rule {
            id: TraceRuleId::new(),
            department: StationKind::Floor,
            text: "Feather-free bedding".to_owned(),
            on,
            days_before,
            code: None,
            guest: None,
            room: None,
            recurrence: None,
            author: "Li".to_owned(),
        }
    }

    fn booking(status: ReservationStatus, arrival: &str, departure: &str) -> Booking {
        Booking {
            id: ReservationId::new(),
            guest: GuestId::new(),
            status,
            arrival: day(arrival),
            departure: day(departure),
            room: Some("904".to_owned()),
        }
    }

    /// Day and due day of each trace that is asked for on 23 November.
    fn asked(rules: &[Rule], world: &World) -> Vec<(String, String)> {
        let found = wanted(rules, world, day("2026-11-23"));
        let mut found: Vec<_> = found.values().map(|one| (one.day.to_string(), one.due.to_string())).collect();
        found.sort();
        found
    }

    fn pair(day: &str, due: &str) -> (String, String) {
        (day.to_owned(), due.to_owned())
    }

    #[test]
    fn before_each_arrival_of_whoever_needs_it() {
        use ReservationStatus::{CheckedIn, Reserved};
        let bookings = vec![
            booking(Reserved, "2026-11-24", "2026-11-26"),
            booking(Reserved, "2026-11-23", "2026-11-26"),
            booking(Reserved, "2026-12-01", "2026-12-03"),
            // Beyond what any list shows.
            booking(Reserved, "2026-12-02", "2026-12-03"),
            // Came today, and came before.
            booking(CheckedIn, "2026-11-23", "2026-11-26"),
            booking(CheckedIn, "2026-11-22", "2026-11-26"),
        ];
        let needs = |guest: &GuestId| (*guest, ["feather_free".to_owned()].into());
        let mut codes: HashMap<_, _> = bookings.iter().map(|booking| needs(&booking.guest)).collect();
        codes.remove(&bookings[1].guest);
        let world = World { bookings, codes, ..World::default() };
        let rule = Rule { code: Some(PreferenceCode::FeatherFree), ..rule(RuleDay::Arrival, 1) };
        let expected =
            [pair("2026-11-23", "2026-11-23"), pair("2026-11-24", "2026-11-23"), pair("2026-12-01", "2026-11-30")];
        assert_eq!(asked(std::slice::from_ref(&rule), &world), expected);
        let of_one = Rule { guest: Some(world.bookings[0].guest), ..rule };
        assert_eq!(asked(&[of_one], &world), expected[1..2]);
    }

    #[test]
    fn days_of_guests_count_while_they_are_in_house() {
        let mut stay = booking(ReservationStatus::CheckedIn, "2026-11-20", "2026-11-26");
        let guest = GuestId::new();
        stay.guest = guest;
        let second = Booking { id: ReservationId::new(), ..stay.clone() };
        let line = |in_days| OccasionLine {
            id: OccasionId::new(),
            kind: OccasionKind::Anniversary,
            text: None,
            month: 11,
            day: 25,
            lead_days: 3,
            in_days,
        };
        let world = World {
            bookings: vec![stay, second],
            birthdays: [(guest, Birthday { year: None, month: 11, day: 24 })].into(),
            occasions: [(guest, vec![line(2), line(4)])].into(),
            ..World::default()
        };
        let rules = [rule(RuleDay::Occasion, 0), rule(RuleDay::Occasion, 1)];
        let found = wanted(&rules, &world, day("2026-11-23"));
        assert_eq!(found.len(), 4, "a birthday and an anniversary by each rule, and nothing after the departure");
        assert_eq!(found[&birthday_id(guest, "2026-11-24")].rule.id, rules[0].id, "one with the campaign's");
        let birthdays = found.values().filter(|one| one.kind == TraceKind::Birthday);
        let mut due: Vec<_> = birthdays.map(|one| one.due.to_string()).collect();
        due.sort();
        assert_eq!(due, ["2026-11-23", "2026-11-24"]);
    }

    #[test]
    fn what_comes_again_does_so_without_any_booking() {
        let recurrence = Some(Recurrence { starts: day("2026-11-02"), ends: None, every_days: 7 });
        let weekly = Rule { recurrence, room: Some("Linen room".to_owned()), ..rule(RuleDay::Every, 0) };
        let found = wanted(std::slice::from_ref(&weekly), &World::default(), day("2026-11-23"));
        let room = found.values().next().and_then(Wanted::room);
        assert_eq!(room.as_deref(), Some("Linen room"));
        let both = [pair("2026-11-23", "2026-11-23"), pair("2026-11-30", "2026-11-30")];
        assert_eq!(asked(&[weekly], &World::default()), both);
    }
}
