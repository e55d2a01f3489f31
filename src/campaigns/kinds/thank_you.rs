//! Thanks after a stay, so many days after the departure.

use super::{Candidate, GuestFacts, Kind, Page, Place, departures};
use crate::{
    campaigns::{CampaignKind, Settings},
    house::House,
    server::db::{Db, DbError},
};
use async_trait::async_trait;
use chrono::{Days, NaiveDate};
use std::ops::RangeInclusive;

pub(super) struct ThankYou;

#[async_trait]
impl Kind for ThankYou {
    fn kind(&self) -> CampaignKind {
        CampaignKind::ThankYou
    }

    fn variables(&self) -> &'static [&'static str] {
        &["last_stay_nights", "stays", "stays_in_words"]
    }

    async fn page(
        &self,
        db: &Db,
        house: &House,
        settings: &Settings,
        dates: RangeInclusive<NaiveDate>,
        after: Option<String>,
    ) -> Result<Page, DbError> {
        let Some(Place { date, .. }) = Place::of(after.as_deref(), &dates)? else { return Ok(Page::default()) };
        let guests = match departure(settings, date) {
            Some(day) => departures::on(db, house, day).await?,
            None => Vec::new(),
        };
        let candidates = guests.into_iter().map(|guest| Candidate { guest, date, stage: None }).collect();
        Ok(Page { candidates, next: Place::next_day(date, &dates) })
    }

    fn is_due(
        &self,
        house: &House,
        settings: &Settings,
        candidate: &Candidate,
        guest: &GuestFacts,
        _: NaiveDate,
    ) -> bool {
        // Who has only changed the booking, or is back already, is thanked in person.
        guest.in_house(house.id).is_none()
            && departure(settings, candidate.date).is_some_and(|day| guest.departed_on(house.id, day))
    }
}

fn departure(settings: &Settings, date: NaiveDate) -> Option<NaiveDate> {
    date.checked_sub_days(Days::new(settings.days_after.into()))
}
