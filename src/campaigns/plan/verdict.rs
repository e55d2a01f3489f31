//! Whether a guest is greeted: every reason that speaks against it, the gravest first.

use super::facts::{Other, Surroundings};
use crate::{
    campaigns::{
        OccurrenceId, OccurrenceState, Reason, SendZone,
        calendar::{self, SendTime},
        kinds::{self, Candidate, facts::GuestFacts, segment},
        store::CampaignRow,
    },
    guests::parse::Email,
    house::House,
    ids::GuestId,
    server::{
        clock,
        db::{Db, DbError},
        mail::{BadAddress, wire_address},
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::HashMap;

/// What is to become of a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Go {
        /// The e-mail address, in lower case.
        address: String,
        /// The guest's language, or the campaign's own where it is not known (ISO 639-1).
        language: String,
        /// What those share who get one greeting together.
        household: Option<String>,
        /// The zone of the guest's country, where the hour goes by it.
        zone: Option<Tz>,
    },
    /// Not now; with what belongs to the reason.
    Held(Reason, Option<String>),
    /// Not at all.
    Skipped(Reason, Option<String>),
    /// The floor greets in person.
    Trace { room: Option<String> },
}

/// What is to become of each of these, of whom some are planned already and others not yet. At most 500 at
/// once; everything is looked up for all of them together.
///
/// # Errors
/// What the store answers.
pub async fn verdicts(
    db: &Db,
    house: &House,
    campaign: &CampaignRow,
    candidates: &[Candidate],
    now: DateTime<Utc>,
) -> Result<Vec<Verdict>, DbError> {
    let judged = judge(db, house, campaign, candidates, now, &mut Greeted::default()).await?;
    Ok(judged.into_iter().map(|judged| judged.verdict).collect())
}

/// A verdict with what it was found by.
pub(super) struct Judged {
    pub candidate: Candidate,
    pub verdict: Verdict,
    /// Nothing where there is no such profile.
    pub guest: Option<GuestFacts>,
    /// The rule never applied to this guest: whoever is not planned yet need not be told of.
    pub is_outside: bool,
    /// When it is to leave if nothing else is in its way.
    pub time: SendTime,
}

/// Greetings that have just been decided on, and that the store does not know of yet.
#[derive(Default)]
pub(super) struct Greeted {
    by_guest: HashMap<GuestId, Vec<Other>>,
    by_household: HashMap<String, Vec<Other>>,
}

impl Greeted {
    fn add(&mut self, other: Other) {
        if let Some(household) = &other.household {
            self.by_household.entry(household.clone()).or_default().push(other.clone());
        }
        self.by_guest.entry(other.id.guest).or_default().push(other);
    }
}

pub(super) async fn judge(
    db: &Db,
    house: &House,
    campaign: &CampaignRow,
    candidates: &[Candidate],
    now: DateTime<Utc>,
    greeted: &mut Greeted,
) -> Result<Vec<Judged>, DbError> {
    let around = Surroundings::load(db, house, campaign, candidates, now).await?;
    let today = clock::today(now, house.zone());
    let mut judged = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let guest = around.guests.get(&candidate.guest).cloned();
        let case = Case { house, campaign, candidate, around: &around, greeted, now, today };
        let time = case.time(guest.as_ref());
        let (verdict, is_outside) = match guest.as_ref().filter(|guest| !guest.is_absorbed) {
            None => (Verdict::Skipped(Reason::Gone, None), true),
            Some(guest) if !is_meant(house, campaign, candidate, guest, today) => {
                (Verdict::Skipped(Reason::NoLongerDue, None), true)
            }
            Some(guest) => (case.verdict(guest, time), false),
        };
        let id = case.id();
        // Whoever is planned already is known by the store, at the address of then.
        if let Verdict::Go { household, .. } = &verdict
            && around.own(&id).is_none_or(|own| own.household != *household)
        {
            let due = time.map_or(now, |time| time.due.max(now));
            greeted.add(Other { state: OccurrenceState::Planned, due, household: household.clone(), id });
        }
        let time = time.unwrap_or_else(|_| calendar::wanted_time(candidate.date, &campaign.settings, house.zone()));
        judged.push(Judged { candidate: *candidate, verdict, guest, is_outside, time });
    }
    Ok(judged)
}

/// One candidate in the light of everything around.
struct Case<'a> {
    house: &'a House,
    campaign: &'a CampaignRow,
    candidate: &'a Candidate,
    around: &'a Surroundings,
    greeted: &'a Greeted,
    now: DateTime<Utc>,
    today: NaiveDate,
}

/// Whether a campaign is for this guest and day at all. A profile that another has taken in is nobody.
pub(super) fn is_meant(
    house: &House,
    campaign: &CampaignRow,
    candidate: &Candidate,
    guest: &GuestFacts,
    today: NaiveDate,
) -> bool {
    let CampaignRow { kind, settings, .. } = campaign;
    !guest.is_absorbed
        && kinds::of(*kind).is_due(house, settings, candidate, guest, today)
        && segment::fits(&settings.segment, house.id, guest, candidate.date)
}

impl Case<'_> {
    fn id(&self) -> OccurrenceId {
        OccurrenceId { campaign: self.campaign.id, guest: self.candidate.guest, date: self.candidate.date.to_string() }
    }

    /// Other greetings of the same guest, near to this one.
    fn of_guest(&self) -> impl Iterator<Item = &Other> {
        let new = self.greeted.by_guest.get(&self.candidate.guest).into_iter().flatten();
        self.around.of_guest(self.candidate.guest).chain(new)
    }

    fn zone(&self, guest: Option<&GuestFacts>) -> Option<Tz> {
        let country = guest.filter(|_| self.campaign.settings.zone == SendZone::Guest)?.nationality.as_deref()?;
        calendar::zone_of_country(country)
    }

    fn time(&self, guest: Option<&GuestFacts>) -> Result<SendTime, Reason> {
        calendar::send_time(self.candidate.date, &self.campaign.settings, self.house.zone(), self.zone(guest))
    }

    fn verdict(&self, guest: &GuestFacts, time: Result<SendTime, Reason>) -> Verdict {
        self.against(guest)
            .or_else(|| self.in_house(guest))
            .or_else(|| self.against_writing(guest))
            .unwrap_or_else(|| self.to(guest, time))
    }

    /// What speaks against greeting the guest in any way.
    fn against(&self, guest: &GuestFacts) -> Option<Verdict> {
        let flags = guest.flags;
        for (is_so, reason) in [
            (flags.deceased, Reason::Deceased),
            (flags.blocklisted, Reason::Blocklisted),
            (flags.incognito, Reason::Incognito),
            (self.was_greeted(), Reason::NoLongerDue),
        ] {
            if is_so {
                return Some(Verdict::Skipped(reason, None));
            }
        }
        let leaves_on = calendar::send_day(self.candidate.date, &self.campaign.settings).max(self.today);
        let hold = self.around.holds.get(&self.candidate.guest).filter(|hold| hold.lasts(leaves_on));
        if let Some(hold) = hold {
            return Some(Verdict::Held(Reason::OnHold, Some(hold.detail())));
        }
        // "We miss you" to somebody whom the house still owes an answer.
        let has_complained = self.around.complaints.contains(&self.candidate.guest);
        has_complained.then_some(Verdict::Held(Reason::OpenRecovery, None))
    }

    /// Whether the same campaign has greeted the same guest, on a day that was corrected since.
    fn was_greeted(&self) -> bool {
        use OccurrenceState::{Claimed, Control, Sending, Sent, Trace, Unknown};
        let span = i64::from(kinds::of(self.campaign.kind).once_within_days());
        let own = self.id();
        span > 0
            && self.of_guest().any(|other| {
                let date = other.id.date.parse::<NaiveDate>().unwrap_or_default();
                other.id.campaign == own.campaign
                    && other.id != own
                    && matches!(other.state, Claimed | Control | Sending | Sent | Trace | Unknown)
                    && (date - self.candidate.date).num_days().abs() < span
            })
    }

    /// A day that falls in house is greeted by the floor. Where the guest is only expected, it is waited
    /// until he is there or does not come.
    fn in_house(&self, guest: &GuestFacts) -> Option<Verdict> {
        use crate::stays::ReservationStatus::{CheckedIn, Reserved};
        if !kinds::of(self.campaign.kind).is_greeted_in_house() {
            return None;
        }
        let day = self.candidate.date;
        let over_the_day = |status| {
            let covers = move |booking: &&kinds::facts::Booking| {
                booking.status == status && (booking.arrival..=booking.departure).contains(&day)
            };
            // This house before another one.
            let mut found: Vec<_> = guest.bookings.iter().filter(covers).collect();
            found.sort_by_key(|booking| booking.house != self.house.id);
            found.into_iter().next()
        };
        if let Some(booking) = over_the_day(CheckedIn) {
            let is_here = booking.house == self.house.id;
            return Some(if is_here {
                Verdict::Trace { room: booking.room.clone() }
            } else {
                Verdict::Skipped(Reason::InHouse, None)
            });
        }
        over_the_day(Reserved).map(|booking| Verdict::Held(Reason::InHouse, booking.room.clone()))
    }

    /// What speaks against writing.
    fn against_writing(&self, guest: &GuestFacts) -> Option<Verdict> {
        if kinds::of(self.campaign.kind).minds_bookings()
            && let Some(booking) = guest.booked(self.house.id, self.today)
        {
            return Some(Verdict::Held(Reason::FutureReservation, Some(booking.arrival.to_string())));
        }
        (!self.around.has_consent(self.candidate.guest)).then_some(Verdict::Skipped(Reason::NoConsent, None))
    }

    fn to(&self, guest: &GuestFacts, time: Result<SendTime, Reason>) -> Verdict {
        let address = match address_of(guest) {
            Ok(address) => address,
            Err(verdict) => return verdict,
        };
        if self.around.suppressed.contains(&address) {
            return Verdict::Skipped(Reason::Suppressed, None);
        }
        let due = match time {
            Ok(time) => time.due.max(self.now),
            Err(reason) => return Verdict::Skipped(reason, None),
        };
        if self.is_silent(guest) {
            return Verdict::Held(Reason::QuietHours, None);
        }
        let household = self.campaign.settings.one_per_household.then(|| address.clone());
        if household.as_deref().is_some_and(|household| self.is_household_greeted(household)) {
            return Verdict::Skipped(Reason::HouseholdGreeted, None);
        }
        if let Some(other) = self.too_near(due) {
            let name = self.around.campaigns.get(&other.id.campaign).cloned();
            return Verdict::Held(Reason::FrequencyCap, name);
        }
        let language = guest.language.as_deref().map(str::to_ascii_lowercase);
        Verdict::Go {
            address,
            language: language.unwrap_or_else(|| self.campaign.settings.fallback_language.clone()),
            household,
            zone: self.zone(Some(guest)),
        }
    }

    /// Whether it is about to leave, late, in hours in which nothing does. The planner finds it another time.
    fn is_silent(&self, guest: &GuestFacts) -> bool {
        let settings = &self.campaign.settings;
        let zone = calendar::zone_of(settings, self.house.zone(), self.zone(Some(guest)));
        self.around.own(&self.id()).is_some_and(|own| own.state == OccurrenceState::Claimed)
            && calendar::next_permitted(self.now, settings, zone) != Some(self.now)
    }

    /// Whether another greeting counts beside this one. Two that are both still to leave look at each other:
    /// the one that comes first in a fixed order goes, and the other gives way.
    fn counts(&self, other: &Other, is_first: impl FnOnce(&Other) -> bool) -> bool {
        use OccurrenceState::{Awaiting, Claimed, Planned, Sending, Sent, Unknown};
        match other.state {
            Sending | Sent | Unknown => true,
            Planned | Awaiting | Claimed => match self.around.own(&self.id()) {
                Some(own) if matches!(own.state, Planned | Awaiting | Claimed) => is_first(own),
                // Not planned yet, or held: whoever was planned before goes first.
                _ => true,
            },
            _ => false,
        }
    }

    fn is_household_greeted(&self, household: &str) -> bool {
        let id = self.id();
        // Planned at another address, one is not seen by those who were planned at this one, and so gives way to them.
        let has_moved = self.around.own(&id).is_some_and(|own| own.household.as_deref() != Some(household));
        let known = self.around.of_household(household);
        let new = self.greeted.by_household.get(household).into_iter().flatten();
        known.chain(new).any(|other| {
            other.id.campaign == id.campaign
                && other.id.date == id.date
                && other.id != id
                && self.counts(other, |_| has_moved || other.id < id)
        })
    }

    /// Another greeting that leaves too near to this one.
    fn too_near(&self, due: DateTime<Utc>) -> Option<&Other> {
        let days = i64::from(self.campaign.settings.frequency_days);
        let id = self.id();
        let day = |at: DateTime<Utc>| clock::today(at, self.house.zone());
        self.of_guest().find(|other| {
            other.id != id
                && (day(other.due) - day(due)).num_days().abs() < days
                && self.counts(other, |own| (other.due, &other.id) < (own.due, &id))
        })
    }
}

/// The first of the guest's addresses, in lower case, if it can be written to.
fn address_of(guest: &GuestFacts) -> Result<String, Verdict> {
    let first = guest.emails.first().map(|address| address.trim()).filter(|address| !address.is_empty());
    let Some(first) = first else { return Err(Verdict::Skipped(Reason::NoAddress, None)) };
    // What is wrong with it, without the address itself, which not everybody sees who sees this.
    let bad = |problem: BadAddress| Verdict::Skipped(Reason::BadAddress, Some(problem.code()));
    wire_address(first).map_err(bad)?;
    Email::parse(first).map(String::from).map_err(|_| bad(BadAddress::NotOne))
}
