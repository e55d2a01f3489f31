//! Points or vouchers that can be used on a day for the last time, told so many days before it.

use super::{Candidate, GuestFacts, Kind, Page, Place};
use crate::{
    campaigns::{CampaignKind, Settings},
    house::House,
    ids::GuestId,
    loyalty,
    server::db::{Db, DbError},
};
use async_trait::async_trait;
use chrono::{Days, NaiveDate};
use std::{collections::HashMap, ops::RangeInclusive};

pub(super) struct Expiring;

#[async_trait]
impl Kind for Expiring {
    fn kind(&self) -> CampaignKind {
        CampaignKind::Expiring
    }

    fn variables(&self) -> &'static [&'static str] {
        &["points_expiring", "expires_on", "voucher"]
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
        let guests = loyalty::store::expiring_on(db, house, date).await?;
        let candidates = guests.into_iter().map(|guest| Candidate { guest, date, stage: None }).collect();
        Ok(Page { candidates, next: Place::next_day(date, &dates) })
    }

    async fn learn(&self, db: &Db, house: &House, guests: &mut HashMap<GuestId, GuestFacts>) -> Result<(), DbError> {
        let ids: Vec<GuestId> = guests.keys().copied().collect();
        for (guest, days) in loyalty::store::endings_of(db, house, &ids).await? {
            if let Some(known) = guests.get_mut(&guest) {
                known.expiring = days.into_keys().collect();
            }
        }
        Ok(())
    }

    /// Until the last day is over: what has been used, withdrawn or spent meanwhile is nothing to be told of.
    fn is_due(&self, _: &House, _: &Settings, candidate: &Candidate, guest: &GuestFacts, today: NaiveDate) -> bool {
        candidate.date >= today && guest.expiring.contains(&candidate.date)
    }

    /// What ends sooner than the campaign writes ahead, and can still be used.
    async fn backlog(
        &self,
        db: &Db,
        house: &House,
        settings: &Settings,
        through: NaiveDate,
        after: Option<String>,
    ) -> Result<Page, DbError> {
        let Some(days) = settings.lead_days.checked_sub(1) else { return Ok(Page::default()) };
        let first = through.checked_sub_days(Days::new(days.into())).unwrap_or(through);
        self.page(db, house, settings, first..=through, after).await
    }
}
