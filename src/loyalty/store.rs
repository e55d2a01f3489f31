//! Points, tiers and vouchers in the store.

mod ending;
mod expiry;
mod ledger;
mod page;
mod posting;
mod rules;
mod stays;
mod tiers;
mod vouchers;

pub use ending::{endings_of, expiring_of, expiring_on, vouchers_of};
pub use expiry::expire;
pub use page::points_page;
pub use posting::{Given, give, redeem, reverse};
pub use rules::{currency_of, follow_chain, rules_page, save};
pub use tiers::review;
pub use vouchers::{NewVoucher, expire_vouchers, issue, redeem_voucher, withdraw};

pub(crate) use rules::{CHAIN, Ruled, rules_of};
pub(crate) use stays::post_stays;

use super::{PointsLine, take};
use crate::{
    house::House,
    ids::{GuestId, HouseId},
    server::db::{Db, DbError, id_of, record, vars},
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use rules::{ProgrammeRow, in_force};
use std::collections::BTreeMap;
use surrealdb::types::{RecordId, SurrealValue};

/// How often something is read and decided anew because another posting on the same account came in between. One of
/// them gets through each time.
const ATTEMPTS: u32 = 40;

/// A row of `account`.
#[derive(Debug, Clone, SurrealValue)]
struct AccountRow {
    id: RecordId,
    programme: RecordId,
    guest: RecordId,
    balance: i64,
    entries: i64,
    tier: Option<String>,
    tier_review: Option<String>,
}

/// A row of `lot`.
#[derive(Debug, Clone, SurrealValue)]
struct LotRow {
    id: RecordId,
    house: RecordId,
    remains: i64,
    expires: Option<String>,
    at: DateTime<Utc>,
}

/// An account as it was at one moment, whether it has been opened or not.
#[derive(Debug, Clone)]
struct Purse {
    account: RecordId,
    programme: RecordId,
    guest: GuestId,
    /// How many entries the ledger had: a posting that finds another number has been overtaken.
    entries: i64,
    tier: Option<String>,
    /// Those of which something is left.
    lots: Vec<LotRow>,
}

/// The rules that hold for a guest in a house, and the account under them.
#[derive(Debug, Clone)]
struct Standing {
    ruled: Ruled,
    purse: Purse,
}

/// The record of a guest's account under a programme.
fn account_of(programme: &str, guest: GuestId) -> RecordId {
    record("account", format!("{programme}|{guest}"))
}

impl LotRow {
    /// Whether it can be spent on a day.
    fn is_good(&self, today: &str) -> bool {
        self.expires.as_deref().is_none_or(|last| last >= today)
    }
}

impl Purse {
    fn new(programme: &str, guest: GuestId, row: Option<AccountRow>, lots: Vec<LotRow>) -> Self {
        let (entries, tier) = row.map_or((0, None), |row| (row.entries, row.tier));
        Self {
            account: account_of(programme, guest),
            programme: record("programme", programme),
            guest,
            entries,
            tier,
            lots,
        }
    }

    /// The account as it is now.
    async fn load(db: &Db, programme: &str, guest: GuestId) -> Result<Self, DbError> {
        #[derive(SurrealValue)]
        struct Found {
            accounts: Vec<AccountRow>,
            lots: Vec<LotRow>,
        }
        let found: Option<Found> = db
            .row(
                "RETURN {
                    accounts: (SELECT * FROM $account),
                    lots: (SELECT * FROM lot WHERE account = $account AND has_some = true)
                }",
                vars().with("account", account_of(programme, guest)),
            )
            .await?;
        let Found { accounts, lots } = found.ok_or_else(|| DbError::Malformed("an account".to_owned()))?;
        Ok(Self::new(programme, guest, accounts.into_iter().next(), lots))
    }

    /// What can be spent on a day.
    fn there(&self, today: &str) -> i64 {
        self.lots.iter().filter(|lot| lot.is_good(today)).map(|lot| lot.remains).sum()
    }

    /// The lots of which points are taken and how many of each, where there are enough of them: first those of the lot
    /// that is named, then those that end first, and of them the oldest.
    ///
    /// # Errors
    /// How many there are, where those are too few.
    fn take(&self, wanted: i64, today: &str, first: Option<&RecordId>) -> Result<Vec<(RecordId, i64)>, i64> {
        let is_first = |lot: &LotRow| first == Some(&lot.id);
        let mut lots: Vec<&LotRow> = self.lots.iter().filter(|lot| is_first(lot) || lot.is_good(today)).collect();
        lots.sort_by(|one, other| {
            // What never ends comes last.
            let end = |lot: &LotRow| (!is_first(lot), lot.expires.is_none(), lot.expires.clone(), lot.at);
            end(one).cmp(&end(other)).then_with(|| one.id.key.cmp(&other.id.key))
        });
        let remains: Vec<i64> = lots.iter().map(|lot| lot.remains).collect();
        let parts = take(&remains, wanted).ok_or_else(|| remains.iter().sum::<i64>())?;
        Ok(lots
            .into_iter()
            .zip(parts)
            .filter(|(_, part)| *part > 0)
            .map(|(lot, part)| (lot.id.clone(), part))
            .collect())
    }
}

/// The rules that hold for a guest in a house and the account under them; nothing where no programme holds.
async fn standing(db: &Db, house: HouseId, guest: GuestId) -> Result<Option<Standing>, DbError> {
    #[derive(SurrealValue)]
    struct Found {
        programmes: Vec<ProgrammeRow>,
        accounts: Vec<AccountRow>,
        own_lots: Vec<LotRow>,
        chain_lots: Vec<LotRow>,
    }
    let own = house.to_string();
    let found: Option<Found> = db
        .row(
            "RETURN {
                programmes: (SELECT * FROM $programmes),
                accounts: (SELECT * FROM $accounts),
                own_lots: (SELECT * FROM lot WHERE account = $own AND has_some = true),
                chain_lots: (SELECT * FROM lot WHERE account = $chain AND has_some = true)
            }",
            vars()
                .with("programmes", vec![record("programme", &own), record("programme", CHAIN)])
                .with("accounts", vec![account_of(&own, guest), account_of(CHAIN, guest)])
                .with("own", account_of(&own, guest))
                .with("chain", account_of(CHAIN, guest)),
        )
        .await?;
    let Found { programmes, accounts, own_lots, chain_lots } =
        found.ok_or_else(|| DbError::Malformed("an account".to_owned()))?;
    let Some(ruled) = in_force(house, programmes)? else { return Ok(None) };
    let account = account_of(&ruled.key, guest);
    let row = accounts.into_iter().find(|row| row.id == account);
    let lots = if ruled.key == CHAIN { chain_lots } else { own_lots };
    let purse = Purse::new(&ruled.key, guest, row, lots);
    Ok(Some(Standing { ruled, purse }))
}

/// A guest's points, tier and what is about to expire, in a house and on its day. Nothing where no programme holds, or
/// where one that gives no points any more has given the guest none.
///
/// # Errors
/// What the store answers.
pub async fn points_of(
    db: &Db,
    house: &House,
    guest: GuestId,
    today: NaiveDate,
) -> Result<Option<PointsLine>, DbError> {
    Ok(standing(db, house.id, guest).await?.and_then(|standing| standing.line(today)))
}

impl Standing {
    fn line(&self, today: NaiveDate) -> Option<PointsLine> {
        let Self { ruled: Ruled { programme, .. }, purse } = self;
        if !programme.active && purse.entries == 0 {
            return None;
        }
        let notice = today.checked_add_days(Days::new(programme.notice_days.into())).unwrap_or(today).to_string();
        let today = today.to_string();
        let mut ends: BTreeMap<&str, i64> = BTreeMap::new();
        for lot in purse.lots.iter().filter(|lot| lot.is_good(&today)) {
            if let Some(last) = lot.expires.as_deref().filter(|last| *last <= notice.as_str()) {
                *ends.entry(last).or_default() += lot.remains;
            }
        }
        let balance = purse.there(&today);
        Some(PointsLine {
            balance,
            tier: purse.tier.clone(),
            worth: (programme.currency.clone(), programme.worth(balance)),
            expiring: ends.into_iter().next().map(|(last, points)| (points, last.to_owned())),
        })
    }
}

/// The key of a record, as it stands in the store.
fn key_of(record: &RecordId) -> Result<String, DbError> {
    id_of::<String>(record)
}
