//! What campaigns can greet. A kind is one file that says whom it is for, on which day, and which words its
//! letters have of their own; planning, holding and sending are the same for all.

mod anniversary;
mod birthday;
mod departures;
mod expiring;
pub mod facts;
mod lapsed;
mod offer;
mod one_off;
mod overdue;
pub mod segment;
mod thank_you;

use super::{CampaignKind, Settings};
use crate::{
    house::House,
    ids::GuestId,
    server::db::{Db, DbError},
};
use async_trait::async_trait;
use chrono::NaiveDate;
use facts::GuestFacts;
use std::{collections::HashMap, ops::RangeInclusive};

/// A guest whom a campaign may greet on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Candidate {
    pub guest: GuestId,
    /// The day that is greeted, house-local.
    pub date: NaiveDate,
    /// Months for a lapsed guest, years for an anniversary.
    pub stage: Option<u16>,
}

/// Some of a campaign's candidates: a few thousand at most.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    pub candidates: Vec<Candidate>,
    /// What to ask for the next page with; `None` where this is the last. A page can be empty and not the
    /// last.
    pub next: Option<String>,
}

/// A kind of greeting.
#[async_trait]
pub trait Kind: Send + Sync {
    fn kind(&self) -> CampaignKind;

    /// Names of the variables that its letters are about, beside those of every letter.
    fn variables(&self) -> &'static [&'static str];

    /// Whom it may greet on these days: looked up by an index, in bounded memory. There can be guests among
    /// them to whom the rule does not apply on a closer look, see [`Kind::is_due`].
    ///
    /// # Errors
    /// What the store answers.
    async fn page(
        &self,
        db: &Db,
        house: &House,
        settings: &Settings,
        dates: RangeInclusive<NaiveDate>,
        after: Option<String>,
    ) -> Result<Page, DbError>;

    /// Adds what the rule looks at beside the profiles and bookings of these guests.
    ///
    /// # Errors
    /// What the store answers.
    async fn learn(&self, _db: &Db, _house: &House, _guests: &mut HashMap<GuestId, GuestFacts>) -> Result<(), DbError> {
        Ok(())
    }

    /// Whether the rule applies to a guest of whom this is known, today.
    fn is_due(
        &self,
        house: &House,
        settings: &Settings,
        candidate: &Candidate,
        guest: &GuestFacts,
        today: NaiveDate,
    ) -> bool;

    /// Those whose day was up to `through`, before the campaign began, and who are greeted nonetheless.
    ///
    /// # Errors
    /// What the store answers.
    async fn backlog(
        &self,
        _db: &Db,
        _house: &House,
        _settings: &Settings,
        _through: NaiveDate,
        _after: Option<String>,
    ) -> Result<Page, DbError> {
        Ok(Page::default())
    }

    /// Whether a guest who has a booking to come, or is in house, is not to be greeted.
    fn minds_bookings(&self) -> bool {
        false
    }

    /// Whether the floor greets in person if the day falls in house.
    fn is_greeted_in_house(&self) -> bool {
        false
    }

    /// Whether it may leave on any later day where its own is full; else within its grace alone.
    fn can_wait(&self) -> bool {
        true
    }

    /// Whether guests who come to be meant by a day after it was planned are looked for: by an import, a new
    /// profile, a check-out.
    fn has_newcomers(&self) -> bool {
        true
    }

    /// Days within which one campaign greets a guest once, even if the day itself was corrected meanwhile; 0
    /// where every day counts for itself.
    fn once_within_days(&self) -> u16 {
        0
    }

    /// Whether the rule still applies to each of these.
    ///
    /// # Errors
    /// What the store answers.
    async fn still_due(
        &self,
        db: &Db,
        house: &House,
        settings: &Settings,
        candidates: &[Candidate],
        today: NaiveDate,
    ) -> Result<Vec<bool>, DbError> {
        let guests: Vec<GuestId> = candidates.iter().map(|candidate| candidate.guest).collect();
        let known = facts::of_campaign(db, house, self.kind(), settings, &guests).await?;
        let applies = |candidate: &Candidate| {
            known.get(&candidate.guest).is_some_and(|guest| {
                self.is_due(house, settings, candidate, guest, today)
                    && segment::fits(&settings.segment, house.id, guest, candidate.date)
            })
        };
        Ok(candidates.iter().map(applies).collect())
    }
}

/// The rules of a kind.
#[must_use]
pub fn of(kind: CampaignKind) -> &'static dyn Kind {
    match kind {
        CampaignKind::Birthday => &birthday::Birthdays,
        CampaignKind::Lapsed => &lapsed::Lapsed,
        CampaignKind::Anniversary => &anniversary::Anniversary,
        CampaignKind::ThankYou => &thank_you::ThankYou,
        CampaignKind::Offer => &offer::Offer,
        CampaignKind::OneOff => &one_off::OneOff,
        CampaignKind::Expiring => &expiring::Expiring,
        CampaignKind::Overdue => &overdue::Overdue,
    }
}

/// Where a page ended: at a guest of a day, or with the day before it.
struct Place {
    date: NaiveDate,
    after: Option<GuestId>,
}

impl Place {
    /// Where to go on in these days; `None` where they are over.
    fn of(after: Option<&str>, dates: &RangeInclusive<NaiveDate>) -> Result<Option<Self>, DbError> {
        let Some(text) = after else {
            return Ok((!dates.is_empty()).then(|| Self { date: *dates.start(), after: None }));
        };
        let malformed = || DbError::Malformed(format!("a page after {text:?}"));
        let (date, guest) = text.split_once('|').ok_or_else(malformed)?;
        let date = date.parse().map_err(|_| malformed())?;
        let after = (!guest.is_empty()).then(|| guest.parse()).transpose().map_err(|_| malformed())?;
        Ok(dates.contains(&date).then_some(Self { date, after }))
    }

    fn text(date: NaiveDate, after: Option<GuestId>) -> String {
        format!("{date}|{}", after.map_or_else(String::new, |guest| guest.to_string()))
    }

    /// The beginning of the next day, if it is one of these.
    fn next_day(date: NaiveDate, dates: &RangeInclusive<NaiveDate>) -> Option<String> {
        let next = date.succ_opt()?;
        dates.contains(&next).then(|| Self::text(next, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaigns::template;

    #[test]
    fn a_kind_is_what_it_says_and_its_variables_exist() {
        for kind in CampaignKind::ALL {
            let rules = of(*kind);
            assert_eq!(rules.kind(), *kind);
            for name in rules.variables() {
                assert!(template::VARIABLES.iter().any(|variable| variable.name == *name), "{name}");
            }
        }
    }

    #[test]
    fn a_page_begins_where_the_last_one_ended() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let dates = day("2027-02-27")..=day("2027-03-01");
        let guest = GuestId::new();
        let place = Place::of(Some(&Place::text(day("2027-02-28"), Some(guest))), &dates).unwrap().unwrap();
        assert_eq!((place.date, place.after), (day("2027-02-28"), Some(guest)));
        assert_eq!(Place::next_day(day("2027-02-28"), &dates).as_deref(), Some("2027-03-01|"));
        assert_eq!(Place::next_day(day("2027-03-01"), &dates), None);
        assert!(Place::of(Some("nothing"), &dates).is_err());
        assert!(Place::of(None, &(day("2027-03-02")..=day("2027-03-01"))).unwrap().is_none());
    }
}
