//! Tiers: which of them a guest holds, by the nights and the spend of the last twelve months, and why that changed.

use super::{AccountRow, Ruled, account_of, key_of, rules};
use crate::{
    guests::store::{GuestEvent, guest_records, houses_of},
    house::{House, store::houses},
    ids::{GuestId, HouseId},
    loyalty::{Programme, TIER_MONTHS},
    server::{
        clock,
        db::{Db, DbError, Tx, id_of, optional, record, vars},
    },
    stays::{ReservationStatus, store::ReservationRow},
};
use chrono::{DateTime, Months, NaiveDate, Utc};
use std::collections::{HashMap, HashSet};
use surrealdb::types::RecordId;

/// Accounts of a programme that are looked at again at once.
const REVIEWED: u32 = 100;

/// What a guest's stays of the last twelve months come to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reached {
    tier: Option<String>,
    nights: u32,
    /// In minor units of the programme's currency.
    spend: i64,
    /// When the first of them lies too far back.
    review: Option<NaiveDate>,
}

/// Gives guests the tiers that their stays, in whichever houses, reach.
pub(super) async fn look_at(
    db: &Db,
    house: &House,
    ruled: &Ruled,
    stays: &HashMap<GuestId, Vec<ReservationRow>>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let ids: Vec<RecordId> = stays.keys().map(|guest| account_of(&ruled.key, *guest)).collect();
    let rows: Vec<AccountRow> = db.rows("SELECT * FROM $accounts", vars().with("accounts", ids)).await?;
    if ruled.programme.tiers.is_empty() && rows.iter().all(|row| row.tier.is_none()) {
        return Ok(());
    }
    let today = clock::today(now, house.zone());
    let accounts: HashMap<GuestId, AccountRow> =
        rows.into_iter().map(|row| Ok((id_of(&row.guest)?, row))).collect::<Result<_, DbError>>()?;
    let counted = rules::houses_under(db, &ruled.key).await?;
    for (guest, stays) in stays {
        let reached = reached(&ruled.programme, &counted, stays, today)?;
        keep(db, house.id, ruled, *guest, accounts.get(guest), reached, (today, now)).await?;
    }
    Ok(())
}

/// Looks again at the accounts whose tier rests on stays that lie too far back by now.
///
/// # Errors
/// What the store answers.
pub async fn review(db: &Db, now: DateTime<Utc>) -> Result<(), DbError> {
    for house in houses(db).await? {
        let Some(ruled) = rules::rules_of(db, house.id).await? else { continue };
        let today = clock::today(now, house.zone());
        let due: Vec<AccountRow> = db
            .rows(
                "SELECT * FROM account WHERE programme = $programme AND has_tier = true AND tier_review <= $today \
                 LIMIT $limit",
                vars()
                    .with("programme", record("programme", &ruled.key))
                    .with("today", today.to_string())
                    .with("limit", i64::from(REVIEWED)),
            )
            .await?;
        let guests: Vec<GuestId> = due.iter().map(|row| id_of(&row.guest)).collect::<Result<_, _>>()?;
        if guests.is_empty() {
            continue;
        }
        let rows: Vec<ReservationRow> =
            db.rows_among("SELECT * FROM reservation WHERE guest IN $among", &guest_records(&guests), vars()).await?;
        // Guests without any bookings have lost their tier too.
        let mut stays: HashMap<GuestId, Vec<ReservationRow>> =
            guests.iter().map(|guest| (*guest, Vec::new())).collect();
        for row in rows {
            stays.entry(id_of(&row.guest)?).or_default().push(row);
        }
        look_at(db, &house, &ruled, &stays, now).await?;
    }
    Ok(())
}

/// What stays reach on a day, those in houses of the programme that ended in the last twelve months.
fn reached(
    programme: &Programme,
    houses: &HashSet<HouseId>,
    stays: &[ReservationRow],
    today: NaiveDate,
) -> Result<Reached, DbError> {
    let (mut nights, mut spend, mut review) = (0_i64, 0_i64, None::<NaiveDate>);
    for stay in stays {
        let counts =
            stay.status()? == ReservationStatus::CheckedOut && houses.contains(&id_of::<HouseId>(&stay.house)?);
        let Ok(departure) = stay.departure.parse::<NaiveDate>() else {
            return Err(DbError::Malformed(stay.departure.clone()));
        };
        let Some(end) = departure.checked_add_months(Months::new(TIER_MONTHS)) else { continue };
        if !counts || end <= today {
            continue;
        }
        nights = nights.saturating_add(stay.nights());
        if stay.currency == programme.currency {
            spend = spend.saturating_add(stay.rate.saturating_mul(stay.nights()));
        }
        review = Some(review.map_or(end, |sooner| sooner.min(end)));
    }
    let nights = u32::try_from(nights).unwrap_or(u32::MAX);
    let tier = programme.tier(nights, spend).map(|tier| tier.name.clone());
    Ok(Reached { review: review.filter(|_| tier.is_some()), tier, nights, spend })
}

/// Writes down what an account has reached, where that is another tier than it has, and why.
async fn keep(
    db: &Db,
    house: HouseId,
    ruled: &Ruled,
    guest: GuestId,
    row: Option<&AccountRow>,
    reached: Reached,
    (today, now): (NaiveDate, DateTime<Utc>),
) -> Result<(), DbError> {
    let was = row.and_then(|row| row.tier.clone());
    let review = reached.review.map(|day| day.to_string());
    if was == reached.tier && row.and_then(|row| row.tier_review.clone()) == review {
        return Ok(());
    }
    let account = account_of(&ruled.key, guest);
    let changes = was != reached.tier;
    let mut tx = Tx::new().run(
        "IF (SELECT VALUE tier FROM ONLY $account) != $was { THROW 'guard:moved' };
         UPSERT ONLY $account SET programme = $programme, guest = $guest, tier = $became, \
         tier_since = IF $changes { $today } ELSE { tier_since }, tier_review = $review RETURN NONE",
        vars()
            .with("account", account.clone())
            .with("programme", record("programme", &ruled.key))
            .with("guest", record("guest", guest))
            .with("was", optional(was))
            .with("became", optional(reached.tier))
            .with("changes", changes)
            .with("today", today.to_string())
            .with("review", optional(review)),
    );
    if changes {
        let change = format!("{}|{}", key_of(&account)?, now.timestamp_millis());
        tx = tx
            .run(
                "CREATE ONLY $change SET account = $account, guest = $guest, was = $was, became = $became, \
                 nights = $nights, spend = $spend, at = $now RETURN NONE",
                vars()
                    .with("change", record("tier_change", change))
                    .with("nights", i64::from(reached.nights))
                    .with("spend", reached.spend.max(0))
                    .with("now", now),
            )
            .event_in(houses_of(db, house, guest).await?, "guest", GuestEvent::new(guest, &["points"]));
    }
    match db.commit(tx).await {
        // Another server was first: what it found is as new.
        Ok(_) | Err(DbError::Guard(_)) => Ok(()),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loyalty::Tier;

    #[test]
    fn a_tier_rests_on_the_last_twelve_months_and_on_the_houses_of_the_programme() {
        let (here, elsewhere) = (HouseId::new(), HouseId::new());
        let stay = |house: HouseId, arrival: &str, departure: &str, status: &str| ReservationRow {
            id: record("reservation", "r"),
            house: record("house", house),
            number: "1".to_owned(),
            guest: record("guest", "g"),
            arrival: arrival.to_owned(),
            departure: departure.to_owned(),
            room_type: "D".to_owned(),
            room: None,
            adults: 1,
            children: 0,
            meal_plan: "BB".to_owned(),
            rate: 10_000,
            currency: "EUR".to_owned(),
            segment: "Direct".to_owned(),
            status: status.to_owned(),
            requests: None,
            health: None,
            source: String::new(),
            fingerprint: String::new(),
        };
        let stays = [
            stay(here, "2025-11-20", "2025-11-24", "checked_out"),
            stay(here, "2026-05-01", "2026-05-07", "checked_out"),
            stay(here, "2026-11-20", "2026-11-25", "checked_in"),
            stay(elsewhere, "2026-06-01", "2026-06-20", "checked_out"),
        ];
        let silver = Tier { name: "Silver".to_owned(), nights: Some(10), spend: None };
        let programme = Programme { tiers: vec![silver], ..Programme::default() };
        let on = |day: &str| {
            let day: NaiveDate = day.parse().expect("a day");
            reached(&programme, &HashSet::from([here]), &stays, day).expect("stays")
        };
        let held = on("2026-11-23");
        assert_eq!((held.tier.as_deref(), held.nights, held.spend), (Some("Silver"), 10, 100_000));
        assert_eq!(held.review, "2026-11-24".parse().ok(), "the day on which the first stay lies too far back");
        let lost = on("2026-11-24");
        assert_eq!((lost.tier, lost.nights, lost.review), (None, 6, None));
    }
}
