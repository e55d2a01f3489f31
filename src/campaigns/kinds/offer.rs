//! An offer to a segment, again and again.

use super::{Candidate, GuestFacts, Kind, Page, segment};
use crate::{
    campaigns::{CampaignKind, Settings},
    house::House,
    server::db::{Db, DbError},
};
use async_trait::async_trait;
use chrono::{Datelike, NaiveDate};
use std::ops::RangeInclusive;

pub(super) struct Offer;

#[async_trait]
impl Kind for Offer {
    fn kind(&self) -> CampaignKind {
        CampaignKind::Offer
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

    fn minds_bookings(&self) -> bool {
        true
    }

    /// To find one, every profile would be read again.
    fn has_newcomers(&self) -> bool {
        false
    }
}

/// Every so many days from the first; where none is set, the days whose number in the calendar the span
/// divides, so that it does not matter who asks when.
fn is_its_day(settings: &Settings, date: NaiveDate) -> bool {
    let first = settings.starts.as_deref().and_then(|day| day.parse::<NaiveDate>().ok());
    let days = date.num_days_from_ce() - first.map_or(0, |first| first.num_days_from_ce());
    days >= 0 && days % i32::from(settings.every_days.max(1)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_comes_round() {
        let settings = Settings { starts: Some("2026-11-23".to_owned()), every_days: 14, ..Settings::default() };
        let days = |settings: &Settings| {
            let first: NaiveDate = "2026-11-01".parse().unwrap();
            first.iter_days().take(60).filter(|day| is_its_day(settings, *day)).map(|day| day.to_string()).collect()
        };
        let found: Vec<String> = days(&settings);
        assert_eq!(found, ["2026-11-23", "2026-12-07", "2026-12-21"]);
        let unset: Vec<String> = days(&Settings { starts: None, ..settings });
        assert!((4..=5).contains(&unset.len()), "{unset:?}");
    }
}
