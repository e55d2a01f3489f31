//! One greeting to a segment, on one day.

use super::{Candidate, GuestFacts, Kind, Page, segment};
use crate::{
    campaigns::{CampaignKind, Settings},
    house::House,
    server::db::{Db, DbError},
};
use async_trait::async_trait;
use chrono::NaiveDate;
use std::ops::RangeInclusive;

pub(super) struct OneOff;

#[async_trait]
impl Kind for OneOff {
    fn kind(&self) -> CampaignKind {
        CampaignKind::OneOff
    }

    fn variables(&self) -> &'static [&'static str] {
        &[]
    }

    async fn page(
        &self,
        db: &Db,
        _: &House,
        settings: &Settings,
        dates: RangeInclusive<NaiveDate>,
        after: Option<String>,
    ) -> Result<Page, DbError> {
        segment::page(db, &settings.segment, dates, |date| is_its_day(settings, date), after.as_deref()).await
    }

    fn is_due(
        &self,
        house: &House,
        settings: &Settings,
        candidate: &Candidate,
        guest: &GuestFacts,
        _: NaiveDate,
    ) -> bool {
        is_its_day(settings, candidate.date) && guest.belongs_to(house.id)
    }

    /// To find one, every profile would be read again.
    fn has_newcomers(&self) -> bool {
        false
    }
}

fn is_its_day(settings: &Settings, date: NaiveDate) -> bool {
    settings.starts.as_deref().is_some_and(|day| day.parse() == Ok(date))
}
