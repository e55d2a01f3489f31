//! Guests who have stayed away for longer than they usually do: once, on the first day on which they are overdue
//! against their own rhythm. A new stay begins it anew.

use super::{Candidate, GuestFacts, Kind, Page, Place};
use crate::{
    campaigns::{CampaignKind, Settings},
    guests::rhythm,
    house::House,
    ids::GuestId,
    server::db::{Db, DbError},
};
use async_trait::async_trait;
use chrono::{Days, NaiveDate};
use std::{collections::HashMap, ops::RangeInclusive};

/// Days that the backlog goes back: whoever has been overdue for longer has gone, and is greeted as such.
const BACK: u64 = 365;
/// Guests after whom a page of the backlog ends.
const GUESTS: usize = 2_000;

pub(super) struct Overdue;

#[async_trait]
impl Kind for Overdue {
    fn kind(&self) -> CampaignKind {
        CampaignKind::Overdue
    }

    fn variables(&self) -> &'static [&'static str] {
        &["due_month", "last_stay_month", "stays_in_words", "remembered"]
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
        Ok(Page { candidates: overdue_on(db, house, date).await?, next: Place::next_day(date, &dates) })
    }

    async fn learn(&self, db: &Db, house: &House, guests: &mut HashMap<GuestId, GuestFacts>) -> Result<(), DbError> {
        let ids: Vec<GuestId> = guests.keys().copied().collect();
        for (guest, rhythm) in rhythm::store::rhythms_of(db, house, &ids).await? {
            if let Some(known) = guests.get_mut(&guest) {
                known.rhythm = Some(rhythm);
            }
        }
        Ok(())
    }

    fn is_due(&self, house: &House, _: &Settings, candidate: &Candidate, guest: &GuestFacts, _: NaiveDate) -> bool {
        let (Some(rhythm), Some(departure)) = (guest.rhythm, guest.last_departure(house.id)) else { return false };
        // Rhythms follow the bookings a little later: whoever has been here since is not missed.
        guest.in_house(house.id).is_none() && rhythm.overdue == candidate.date && departure <= rhythm.last
    }

    /// Those who came to be overdue last come first.
    async fn backlog(
        &self,
        db: &Db,
        house: &House,
        _: &Settings,
        through: NaiveDate,
        after: Option<String>,
    ) -> Result<Page, DbError> {
        let first = through.checked_sub_days(Days::new(BACK)).unwrap_or(through);
        let Some(place) = Place::of(after.as_deref(), &(first..=through))? else { return Ok(Page::default()) };
        let mut candidates = Vec::new();
        // From the last day back to the first.
        let mut day = if after.is_some() { place.date } else { through };
        while candidates.len() < GUESTS {
            candidates.extend(overdue_on(db, house, day).await?);
            match day.pred_opt().filter(|before| *before >= first) {
                Some(before) => day = before,
                None => return Ok(Page { candidates, next: None }),
            }
        }
        Ok(Page { candidates, next: Some(Place::text(day, None)) })
    }

    fn minds_bookings(&self) -> bool {
        true
    }

    /// A booking that is put right moves the day by some weeks. Whoever comes every month can be missed again after it.
    fn once_within_days(&self) -> u16 {
        90
    }
}

async fn overdue_on(db: &Db, house: &House, date: NaiveDate) -> Result<Vec<Candidate>, DbError> {
    let mut guests = rhythm::store::overdue_on(db, house, date).await?;
    guests.sort_unstable();
    Ok(guests.into_iter().map(|guest| Candidate { guest, date, stage: None }).collect())
}
