//! What can be used, and what can be used for the last time.

use super::{
    CHAIN, account_of,
    rules::{ProgrammeRow, in_force},
    vouchers::VoucherRow,
};
use crate::{
    guests::store::guest_records,
    house::House,
    ids::GuestId,
    loyalty::{Expiring, voucher::VoucherLine},
    server::db::{Db, DbError, id_of, record, vars, word},
};
use chrono::{Days, NaiveDate};
use std::collections::{BTreeMap, HashMap};
use surrealdb::types::{RecordId, SurrealValue};

/// Days of notice where no programme says.
const NOTICE_DAYS: u64 = 60;

/// What ends for guests, by its last day.
type Endings = HashMap<GuestId, BTreeMap<NaiveDate, Expiring>>;

/// The vouchers of a guest that can be used in a house, on its day; the one that ends first comes first.
///
/// # Errors
/// What the store answers.
pub async fn vouchers_of(
    db: &Db,
    house: &House,
    guest: GuestId,
    today: NaiveDate,
) -> Result<Vec<VoucherLine>, DbError> {
    #[derive(SurrealValue)]
    struct Found {
        programmes: Vec<ProgrammeRow>,
        vouchers: Vec<VoucherRow>,
    }
    let found: Option<Found> = db
        .row(
            "RETURN {
                programmes: (SELECT * FROM $programmes),
                vouchers: (SELECT * FROM voucher WHERE guest = $guest AND is_open = true)
            }",
            vars()
                .with("programmes", vec![record("programme", house.id), record("programme", CHAIN)])
                .with("guest", record("guest", guest)),
        )
        .await?;
    let Found { programmes, vouchers } = found.ok_or_else(|| DbError::Malformed("vouchers".to_owned()))?;
    let ruled = in_force(house.id, programmes)?;
    let notice = ruled.as_ref().map_or(NOTICE_DAYS, |ruled| ruled.programme.notice_days.into());
    let soon = today.checked_add_days(Days::new(notice)).unwrap_or(today).to_string();
    let today = today.to_string();
    let mut lines = Vec::new();
    for row in vouchers.into_iter().filter(|row| row.is_good(&today) && row.is_taken_in(house.id, ruled.as_ref())) {
        lines.push(VoucherLine {
            code: row.code()?,
            amount: row.money(),
            is_expiring: row.expires <= soon,
            what: row.what,
            expires: row.expires,
        });
    }
    lines.sort_by(|one, other| one.expires.cmp(&other.expires).then_with(|| one.code.cmp(&other.code)));
    Ok(lines)
}

/// Guests whose points or vouchers of a house can be used on a day for the last time, each once.
///
/// # Errors
/// What the store answers.
pub async fn expiring_on(db: &Db, house: &House, day: NaiveDate) -> Result<Vec<GuestId>, DbError> {
    #[derive(SurrealValue)]
    struct Ending {
        lots: Vec<RecordId>,
        vouchers: Vec<RecordId>,
    }
    let found: Option<Ending> = db
        .row(
            "RETURN {
                lots: (SELECT VALUE guest FROM lot WHERE house = $house AND runs_out = true AND expires = $day),
                vouchers: (SELECT VALUE guest FROM voucher WHERE house = $house AND is_open = true AND expires = $day)
            }",
            vars().with("house", record("house", house.id)).with("day", day.to_string()),
        )
        .await?;
    let Ending { lots, vouchers } = found.ok_or_else(|| DbError::Malformed("what expires".to_owned()))?;
    let mut guests: Vec<GuestId> = lots.iter().chain(&vouchers).map(id_of).collect::<Result<_, _>>()?;
    guests.sort_unstable();
    guests.dedup();
    Ok(guests)
}

/// What can be used on a day for the last time, of these guests and in this house. Who has nothing of it is not named.
///
/// # Errors
/// What the store answers.
pub async fn expiring_of(
    db: &Db,
    house: &House,
    guests: &[GuestId],
    day: NaiveDate,
) -> Result<HashMap<GuestId, Expiring>, DbError> {
    let endings = endings_of(db, house, guests).await?;
    Ok(endings.into_iter().filter_map(|(guest, mut days)| Some((guest, days.remove(&day)?))).collect())
}

/// What these guests have of a house that ends on some day, by that day. It is looked up by the guests, so that it
/// costs the same however much else ends on those days.
///
/// # Errors
/// What the store answers.
pub async fn endings_of(db: &Db, house: &House, guests: &[GuestId]) -> Result<Endings, DbError> {
    #[derive(SurrealValue)]
    struct Lot {
        guest: RecordId,
        house: RecordId,
        remains: i64,
        expires: Option<String>,
    }
    let own = house.id.to_string();
    let accounts: Vec<RecordId> =
        guests.iter().flat_map(|guest| [account_of(&own, *guest), account_of(CHAIN, *guest)]).collect();
    let records = guest_records(guests);
    let (lots, vouchers) = futures::try_join!(
        db.rows_among::<Lot, _>(
            "SELECT guest, house, remains, expires FROM lot WHERE account IN $among AND has_some = true",
            &accounts,
            vars(),
        ),
        // By the guest first: all that can be used at all is another index.
        db.rows_among::<VoucherRow, _>(
            "SELECT * FROM voucher WITH INDEX voucher_guest WHERE guest IN $among AND is_open = true",
            &records,
            vars(),
        ),
    )?;
    let here = record("house", house.id);
    let mut found = Endings::new();
    for lot in lots.into_iter().filter(|lot| lot.house == here) {
        if let Some(last) = &lot.expires {
            on(&mut found, &lot.guest, last)?.points += lot.remains;
        }
    }
    for row in vouchers.into_iter().filter(|row| row.house == here) {
        let ending = on(&mut found, &row.guest, &row.expires)?;
        ending.vouchers.push(VoucherLine {
            code: row.code()?,
            amount: row.money(),
            is_expiring: true,
            what: row.what,
            expires: row.expires,
        });
    }
    Ok(found)
}

/// What ends for a guest on a day, so far.
fn on<'a>(found: &'a mut Endings, guest: &RecordId, last: &str) -> Result<&'a mut Expiring, DbError> {
    let day: NaiveDate = word(last, |text| text.parse().ok())?;
    Ok(found.entry(id_of(guest)?).or_default().entry(day).or_insert_with(|| Expiring::on(day)))
}
