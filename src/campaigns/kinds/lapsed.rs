//! Guests who have not come back: so many whole months after their last completed stay here, once at each
//! stage. A new stay begins it anew.

use super::{Candidate, GuestFacts, Kind, Page, Place, departures};
use crate::{
    campaigns::{CampaignKind, Settings, calendar},
    house::House,
    ids::GuestId,
    server::db::{Db, DbError},
};
use async_trait::async_trait;
use chrono::{Months, NaiveDate};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// Days of departure, and guests, after which a page of the backlog ends.
const DAYS: usize = 400;
const GUESTS: usize = 2_000;

pub(super) struct Lapsed;

#[async_trait]
impl Kind for Lapsed {
    fn kind(&self) -> CampaignKind {
        CampaignKind::Lapsed
    }

    fn variables(&self) -> &'static [&'static str] {
        &["years_away", "last_stay_month", "remembered"]
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
        let mut stages: BTreeMap<GuestId, u16> = BTreeMap::new();
        for &stage in &settings.stages {
            let Some(days) = calendar::months_before(date, stage.into()) else { continue };
            for day in days.start().iter_days().take_while(|day| day <= days.end()) {
                for guest in departures::on(db, house, day).await? {
                    // Who left several times on this day of some year was last here at the lowest stage.
                    stages.entry(guest).and_modify(|known| *known = stage.min(*known)).or_insert(stage);
                }
            }
        }
        let candidates =
            stages.into_iter().map(|(guest, stage)| Candidate { guest, date, stage: Some(stage) }).collect();
        Ok(Page { candidates, next: Place::next_day(date, &dates) })
    }

    fn is_due(
        &self,
        house: &House,
        settings: &Settings,
        candidate: &Candidate,
        guest: &GuestFacts,
        today: NaiveDate,
    ) -> bool {
        let (Some(stage), Some(departure)) = (candidate.stage, guest.last_departure(house.id)) else { return false };
        let reached = |stage: u16| calendar::add_months(departure, stage.into());
        // Whoever waited in the backlog until the next stage came is greeted at that one.
        let is_overtaken = settings.stages.iter().any(|later| *later > stage && reached(*later) <= today);
        guest.in_house(house.id).is_none()
            && settings.stages.contains(&stage)
            && reached(stage) == candidate.date
            && !is_overtaken
    }

    /// Each guest at the highest stage that was reached. Those who left last come first.
    async fn backlog(
        &self,
        db: &Db,
        house: &House,
        settings: &Settings,
        through: NaiveDate,
        after: Option<String>,
    ) -> Result<Page, DbError> {
        let Some(&lowest) = settings.stages.iter().min() else { return Ok(Page::default()) };
        let Some(first) = departures::first(db, house).await? else { return Ok(Page::default()) };
        let last = calendar::months_before(through, lowest.into()).map(|days| *days.end());
        let Some(last) = last.or_else(|| through.checked_sub_months(Months::new(lowest.into()))) else {
            return Ok(Page::default());
        };
        let Some(place) = Place::of(after.as_deref(), &(first..=last))? else { return Ok(Page::default()) };
        let mut candidates = Vec::new();
        // From the last day back to the first.
        let mut day = if after.is_some() { place.date } else { last };
        for _ in 0..DAYS {
            let reached = settings.stages.iter().filter(|stage| calendar::add_months(day, (**stage).into()) <= through);
            if let Some(&stage) = reached.max() {
                let date = calendar::add_months(day, stage.into());
                let guests = departures::on(db, house, day).await?;
                candidates.extend(guests.into_iter().map(|guest| Candidate { guest, date, stage: Some(stage) }));
            }
            match day.pred_opt().filter(|before| *before >= first) {
                Some(before) => day = before,
                None => return Ok(Page { candidates, next: None }),
            }
            if candidates.len() >= GUESTS {
                break;
            }
        }
        Ok(Page { candidates, next: Some(Place::text(day, None)) })
    }

    fn minds_bookings(&self) -> bool {
        true
    }

    /// A departure that is corrected by some days begins nothing anew. Two stages, and a stage and the same after
    /// another stay, lie a month apart at least.
    fn once_within_days(&self) -> u16 {
        27
    }
}
