//! Birthdays: day and month, in the house's zone; the year is never needed.

use super::{Candidate, GuestFacts, Kind, Page, Place};
use crate::{
    campaigns::{CampaignKind, Settings, calendar},
    house::House,
    ids::GuestId,
    server::db::{Db, DbError, id_of, record, vars},
};
use async_trait::async_trait;
use chrono::{Datelike, NaiveDate};
use std::ops::RangeInclusive;
use surrealdb::types::RecordId;

/// Guests of one page. Many profiles say 1 January because somebody had to type something.
const PAGE: usize = 5_000;

pub(super) struct Birthdays;

#[async_trait]
impl Kind for Birthdays {
    fn kind(&self) -> CampaignKind {
        CampaignKind::Birthday
    }

    fn variables(&self) -> &'static [&'static str] {
        &["day"]
    }

    async fn page(
        &self,
        db: &Db,
        _: &House,
        settings: &Settings,
        dates: RangeInclusive<NaiveDate>,
        after: Option<String>,
    ) -> Result<Page, DbError> {
        let Some(Place { date, after }) = Place::of(after.as_deref(), &dates)? else { return Ok(Page::default()) };
        // "!" sorts before every digit of an id.
        let after = after.map_or_else(|| "!".to_owned(), |guest| guest.to_string());
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        let mut guests: Vec<GuestId> = Vec::new();
        let mut is_full = false;
        for day in calendar::birth_days_on(date, settings.leap_day) {
            let found: Vec<RecordId> = db
                .rows(
                    "SELECT VALUE id FROM guest WITH INDEX guest_birth_day WHERE birth_day = $day AND id > $after \
                     ORDER BY id LIMIT $limit",
                    vars().with("day", day).with("after", record("guest", &after)).with("limit", limit),
                )
                .await?;
            is_full |= found.len() == PAGE;
            for guest in found {
                guests.push(id_of(&guest)?);
            }
        }
        // Of two birthdays that are greeted on one day, the page ends where the first of the two ends.
        guests.sort_unstable();
        if is_full {
            guests.truncate(PAGE);
        }
        let next = match guests.last() {
            Some(last) if is_full => Some(Place::text(date, Some(*last))),
            _ => Place::next_day(date, &dates),
        };
        let candidates = guests.into_iter().map(|guest| Candidate { guest, date, stage: None }).collect();
        Ok(Page { candidates, next })
    }

    fn is_due(
        &self,
        house: &House,
        settings: &Settings,
        candidate: &Candidate,
        guest: &GuestFacts,
        _: NaiveDate,
    ) -> bool {
        let greeted_on = |birthday| calendar::birthday_in(birthday, candidate.date.year(), settings.leap_day);
        guest.belongs_to(house.id) && guest.birthday.map(greeted_on) == Some(candidate.date)
    }

    fn is_greeted_in_house(&self) -> bool {
        true
    }

    fn can_wait(&self) -> bool {
        false
    }

    fn once_within_days(&self) -> u16 {
        180
    }
}
