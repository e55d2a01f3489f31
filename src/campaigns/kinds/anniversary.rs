//! The day of the last departure, whole years later.

use super::{Candidate, GuestFacts, Kind, Page, Place, departures};
use crate::{
    campaigns::{CampaignKind, Settings, calendar},
    house::House,
    ids::GuestId,
    server::db::{Db, DbError},
};
use async_trait::async_trait;
use chrono::NaiveDate;
use std::{collections::BTreeMap, ops::RangeInclusive};

/// The most years that are looked back.
const YEARS: u16 = 30;

pub(super) struct Anniversary;

#[async_trait]
impl Kind for Anniversary {
    fn kind(&self) -> CampaignKind {
        CampaignKind::Anniversary
    }

    fn variables(&self) -> &'static [&'static str] {
        &["years_since", "last_stay_month"]
    }

    async fn page(
        &self,
        db: &Db,
        house: &House,
        _: &Settings,
        dates: RangeInclusive<NaiveDate>,
        after: Option<String>,
    ) -> Result<Page, DbError> {
        let Some(Place { date, .. }) = Place::of(after.as_deref(), &dates)? else { return Ok(Page::default()) };
        let mut years: BTreeMap<GuestId, u16> = BTreeMap::new();
        for year in 1..=YEARS {
            let Some(days) = calendar::months_before(date, u32::from(year) * 12) else { continue };
            for day in days.start().iter_days().take_while(|day| day <= days.end()) {
                for guest in departures::on(db, house, day).await? {
                    // Who left several times on this day of some year: the last time counts.
                    years.entry(guest).or_insert(year);
                }
            }
        }
        let candidates = years.into_iter().map(|(guest, year)| Candidate { guest, date, stage: Some(year) }).collect();
        Ok(Page { candidates, next: Place::next_day(date, &dates) })
    }

    fn is_due(&self, house: &House, _: &Settings, candidate: &Candidate, guest: &GuestFacts, _: NaiveDate) -> bool {
        let (Some(years), Some(departure)) = (candidate.stage, guest.last_departure(house.id)) else { return false };
        years > 0
            && guest.in_house(house.id).is_none()
            && calendar::add_months(departure, u32::from(years) * 12) == candidate.date
    }

    fn can_wait(&self) -> bool {
        false
    }

    fn once_within_days(&self) -> u16 {
        180
    }
}
