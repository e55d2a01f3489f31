//! The page about a guest's points.

use super::{Standing, key_of, ledger::EntryRow, standing, vouchers::VoucherRow};
use crate::{
    error::AppError,
    guests::store::guest,
    house::House,
    ids::{GuestId, OnceId},
    loyalty::{
        EntryKind,
        page::{ENTRIES, EntryLine, GuestPoints, PointsDetail, TierLine, VoucherRecord},
    },
    server::{
        clock,
        db::{Db, DbError, record, vars},
    },
    staff::{
        Ability,
        guard::{Permit, SeePoints},
    },
};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use surrealdb::types::{RecordId, SurrealValue};

/// Changes of tier and vouchers that are shown.
const SHOWN: u32 = 50;

/// A row of `tier_change`.
#[derive(SurrealValue)]
struct TierRow {
    account: RecordId,
    was: Option<String>,
    became: Option<String>,
    nights: i64,
    spend: i64,
    at: DateTime<Utc>,
}

/// Arrival and departure of a stay.
#[derive(SurrealValue)]
struct StayRow {
    id: RecordId,
    arrival: String,
    departure: String,
}

/// A guest's points, as much of them as the role sees; of the ledger the entries below a number, or the newest.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn points_page(
    db: &Db,
    permit: &Permit<SeePoints>,
    id: GuestId,
    below: Option<i64>,
    now: DateTime<Utc>,
) -> Result<GuestPoints, AppError> {
    let actor = permit.actor();
    let house = &actor.house;
    let guest = guest(db, id).await?.ok_or(AppError::NotFound)?;
    let standing = standing(db, house.id, id).await?;
    let today = clock::today(now, house.zone());
    let line = standing.as_ref().and_then(|standing| standing.line(today));
    let detail = if actor.role.may(Ability::RedeemPoints) {
        let may_reverse = actor.role.may(Ability::SetLoyalty);
        let detail = detail(db, house, (id, standing.as_ref()), below, may_reverse, now).await?;
        Some(Box::new(detail))
    } else {
        None
    };
    Ok(GuestPoints { guest: id, name: guest.name, language: guest.language, line, detail })
}

async fn detail(
    db: &Db,
    house: &House,
    (guest, standing): (GuestId, Option<&Standing>),
    below: Option<i64>,
    may_reverse: bool,
    now: DateTime<Utc>,
) -> Result<PointsDetail, DbError> {
    let today = clock::today(now, house.zone()).to_string();
    let programme = standing.map(|standing| &standing.ruled.programme);
    let currency = programme.map_or_else(|| house.currency.clone(), |programme| programme.currency.clone());
    let mut detail = PointsDetail {
        once: OnceId::new(),
        gives: programme.is_some_and(|programme| programme.active),
        worth_of_point: programme.map(|programme| programme.worth_of_point),
        extras: programme.map(|programme| programme.extras.clone()).unwrap_or_default(),
        entries: Vec::new(),
        next: None,
        tiers: Vec::new(),
        vouchers: vouchers(db, house, guest, standing, &today).await?,
        may_reverse,
        currency,
        today,
    };
    if let Some(standing) = standing {
        let account = &standing.purse.account;
        (detail.entries, detail.next) = entries(db, house, account, below, may_reverse).await?;
        detail.tiers = tiers(db, house, guest, standing).await?;
    }
    Ok(detail)
}

/// Entries of an account, newest first, and the number below which they go on.
async fn entries(
    db: &Db,
    house: &House,
    account: &RecordId,
    below: Option<i64>,
    may_reverse: bool,
) -> Result<(Vec<EntryLine>, Option<i64>), DbError> {
    let mut rows: Vec<EntryRow> = db
        .rows(
            "SELECT * FROM points WHERE account = $account AND number < $below ORDER BY number DESC LIMIT $limit",
            vars()
                .with("account", account.clone())
                .with("below", below.unwrap_or(i64::MAX))
                // One more tells whether there are more.
                .with("limit", i64::try_from(ENTRIES + 1).unwrap_or(i64::MAX)),
        )
        .await?;
    let has_more = rows.len() > ENTRIES;
    rows.truncate(ENTRIES);
    let next = rows.last().map(|row| row.number).filter(|_| has_more);
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id.clone()).collect();
    let taken_back: Vec<EntryRow> = db.rows_among("SELECT * FROM points WHERE origin IN $among", &ids, vars()).await?;
    let reversed: HashSet<String> = taken_back
        .into_iter()
        .filter(|row| row.kind == EntryKind::Reversed.code())
        .filter_map(|row| row.origin.as_ref().map(key_of))
        .collect::<Result<_, _>>()?;
    let reservations: Vec<RecordId> = rows.iter().filter_map(|row| row.reservation.clone()).collect();
    let stays: Vec<StayRow> =
        db.rows("SELECT id, arrival, departure FROM $reservations", vars().with("reservations", reservations)).await?;
    let stays: HashMap<String, (String, String)> = stays
        .into_iter()
        .map(|row| Ok((key_of(&row.id)?, (row.arrival, row.departure))))
        .collect::<Result<_, DbError>>()?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, kind) = (key_of(&row.id)?, row.kind()?);
        let stay = row.reservation.as_ref().map(key_of).transpose()?.and_then(|key| stays.get(&key).cloned());
        let is_reversed = reversed.contains(&id);
        lines.push(EntryLine {
            number: row.number,
            kind,
            amount: row.amount,
            balance: row.balance,
            reason: row.reason,
            stay,
            by: row.author_name,
            at: clock::local_minute(row.at, house.zone()),
            is_reversed,
            can_reverse: may_reverse && !is_reversed && !matches!(kind, EntryKind::Reversed | EntryKind::Expired),
            id,
        });
    }
    Ok((lines, next))
}

/// How the guest's tier changed, newest first.
async fn tiers(db: &Db, house: &House, guest: GuestId, standing: &Standing) -> Result<Vec<TierLine>, DbError> {
    let rows: Vec<TierRow> = db
        .rows(
            "SELECT * FROM tier_change WHERE guest = $guest ORDER BY at DESC LIMIT $limit",
            vars().with("guest", record("guest", guest)).with("limit", i64::from(SHOWN)),
        )
        .await?;
    let lines = rows.into_iter().filter(|row| row.account == standing.purse.account).map(|row| TierLine {
        was: row.was,
        became: row.became,
        nights: u32::try_from(row.nights).unwrap_or(0),
        spend: (standing.ruled.programme.currency.clone(), row.spend),
        at: clock::local_minute(row.at, house.zone()),
    });
    Ok(lines.collect())
}

/// The guest's vouchers that a house issued or takes, newest first.
async fn vouchers(
    db: &Db,
    house: &House,
    guest: GuestId,
    standing: Option<&Standing>,
    today: &str,
) -> Result<Vec<VoucherRecord>, DbError> {
    let rows: Vec<VoucherRow> = db
        .rows(
            "SELECT * FROM voucher WHERE guest = $guest ORDER BY at DESC LIMIT $limit",
            vars().with("guest", record("guest", guest)).with("limit", i64::from(SHOWN)),
        )
        .await?;
    let ruled = standing.map(|standing| &standing.ruled);
    let at = |at| clock::local_minute(at, house.zone());
    let mut found = Vec::new();
    for row in rows.into_iter().filter(|row| row.is_taken_in(house.id, ruled)) {
        found.push(VoucherRecord {
            code: row.code()?,
            amount: row.money(),
            state: row.state()?,
            can_redeem: row.is_good(today),
            was_bought: row.paid.is_some(),
            issued: (row.author_name, at(row.at)),
            ended: row.ended_at.map(|ended| (row.ended_by.unwrap_or_default(), at(ended))),
            what: row.what,
            expires: row.expires,
        });
    }
    Ok(found)
}
