//! Vouchers: issued for words or for points, used once, withdrawn, or over.

use super::{
    Ruled, Standing, key_of,
    ledger::{Draft, entry, told},
    posting::{Came, Decided, Posting, reversal, spending},
    rules_of,
};
use crate::{
    error::{AppError, Problem},
    guests::store::houses_of,
    house::House,
    ids::{GuestId, HouseId, OnceId},
    loyalty::{EntryKind, VoucherState, voucher::VoucherCode},
    server::{
        clock,
        db::{Db, DbError, Tx, derived, id_of, optional, record, vars, word},
    },
    staff::{
        audit::{self, Action},
        guard::{Permit, RedeemPoints, SetLoyalty},
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// Vouchers whose last day has passed that are ended at once.
const BATCH: u32 = 200;

/// A row of `voucher`.
#[derive(Debug, Clone, SurrealValue)]
pub(super) struct VoucherRow {
    pub id: RecordId,
    pub house: RecordId,
    pub guest: RecordId,
    pub what: String,
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub programme: Option<RecordId>,
    pub paid: Option<RecordId>,
    pub state: String,
    pub expires: String,
    pub author_name: String,
    pub at: DateTime<Utc>,
    pub ended_by: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl VoucherRow {
    pub fn code(&self) -> Result<VoucherCode, DbError> {
        id_of(&self.id)
    }

    pub fn state(&self) -> Result<VoucherState, DbError> {
        word(&self.state, VoucherState::from_code)
    }

    /// What it is worth, where that is an amount.
    pub fn money(&self) -> Option<(String, i64)> {
        self.currency.clone().zip(self.amount)
    }

    /// Whether a house takes it: the one that issued it, and every other one under the same programme.
    pub fn is_taken_in(&self, house: HouseId, ruled: Option<&Ruled>) -> bool {
        let shared = self.programme.as_ref().zip(ruled);
        self.house == record("house", house)
            || shared.is_some_and(|(programme, ruled)| *programme == record("programme", &ruled.key))
    }

    /// Whether it can be used on a day.
    pub fn is_good(&self, today: &str) -> bool {
        self.state == VoucherState::Issued.code() && self.expires.as_str() >= today
    }
}

/// A voucher to be issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVoucher {
    /// What the form was sent under.
    pub once: OnceId,
    pub guest: GuestId,
    pub what: String,
    /// ISO 4217 code and minor units, at least 1, where it is worth an amount.
    pub amount: Option<(String, i64)>,
    /// The last house-local day on which it can be used.
    pub expires: NaiveDate,
    /// What it costs the guest in points, at least 1; nothing where it is a present.
    pub points: Option<i64>,
}

/// The code of what was sent under an id: made of it, so that what is sent twice is one voucher.
pub(super) fn code_of(once: &str) -> VoucherCode {
    let bytes = derived(&format!("voucher|{once}")).into_bytes();
    let mut random = [0; 9];
    // Those that hold the version and the variant of the id, places 6 and 8, are left out.
    for (place, from) in random.iter_mut().zip([0, 1, 2, 3, 4, 5, 9, 10, 11]) {
        *place = bytes[from];
    }
    VoucherCode::of(random)
}

/// Issues a voucher. What is sent twice under one id is one.
///
/// # Errors
/// The field `points` where the guest has too few, [`AppError::Conflict`] where the id is that of another voucher,
/// [`AppError::NotFound`] for a guest who is not there, and for points where there is no programme; or what the store
/// answers.
pub async fn issue(
    db: &Db,
    permit: &Permit<RedeemPoints>,
    new: &NewVoucher,
    now: DateTime<Utc>,
) -> Result<VoucherCode, AppError> {
    let actor = permit.actor();
    let code = code_of(&new.once.to_string());
    let posting = Posting::about(db, actor, new.guest, now).await?;
    let programme = rules_of(db, permit.house()).await?.map(|ruled| record("programme", ruled.key));
    let paid = new.points.map(|_| format!("voucher|{}", new.once));
    let (currency, amount) = new.amount.clone().unzip();
    let created = |tx: Tx| {
        tx.run(
            "IF record::exists($voucher) { THROW 'guard:issued' };
             CREATE ONLY $voucher SET house = $issued_in, guest = $for_guest, what = $what, amount = $worth, \
             currency = $currency, programme = $under, paid = $paid, state = 'issued', expires = $last_day, \
             author_name = $who, at = $now RETURN NONE",
            vars()
                .with("voucher", record("voucher", &code))
                .with("issued_in", record("house", permit.house()))
                .with("for_guest", record("guest", new.guest))
                .with("what", new.what.clone())
                .with("worth", optional(amount))
                .with("currency", optional(currency.clone()))
                .with("under", optional(programme.clone()))
                .with("paid", optional(paid.as_ref().map(|key| record("points", key))))
                .with("last_day", new.expires.to_string())
                .with("who", actor.name.clone())
                .with("now", now),
        )
    };
    let noted = (Action::UsedVoucher, "issued");
    let is_new = match (new.points, &paid) {
        (Some(points), Some(key)) => {
            let today = posting.today();
            let what = Some(new.what.clone());
            let decide = |standing: &Standing| -> Decided {
                Ok((EntryKind::Redeemed, Draft { reason: what.clone(), ..spending(standing, points, today)? }))
            };
            matches!(posting.post(key, noted, decide, created).await?, Came::Posted)
        }
        _ => posting.carry_out(noted, created).await?,
    };
    if !is_new {
        let there = voucher(db, &code).await?.ok_or(AppError::NotFound)?;
        if there.guest != record("guest", new.guest) || there.what != new.what {
            return Err(AppError::Conflict(there.author_name));
        }
    }
    Ok(code)
}

async fn voucher(db: &Db, code: &VoucherCode) -> Result<Option<VoucherRow>, DbError> {
    db.row("SELECT * FROM $voucher", vars().with("voucher", record("voucher", code))).await
}

/// What no voucher of the guest's has for a code, or one that cannot be used any more.
fn refused(code: &VoucherCode, expected: &str) -> AppError {
    AppError::field("code", Problem::NotKnown(code.printed(), expected.to_owned()))
}

/// Uses a guest's voucher. The first one wins.
///
/// # Errors
/// [`AppError::Conflict`] with the name of whoever used or withdrew it, the field `code` for one that is not the guest's
/// or not taken in this house, and for one whose last day has passed; or what the store answers.
pub async fn redeem_voucher(
    db: &Db,
    permit: &Permit<RedeemPoints>,
    guest: GuestId,
    code: &VoucherCode,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let actor = permit.actor();
    let today = clock::today(now, actor.house.zone()).to_string();
    let ruled = rules_of(db, permit.house()).await?;
    let there = voucher(db, code).await?.filter(|row| row.guest == record("guest", guest));
    let there = there.filter(|row| row.is_taken_in(permit.house(), ruled.as_ref()));
    let there = there.ok_or_else(|| refused(code, "@loyalty_code"))?;
    let houses = houses_of(db, permit.house(), guest).await?;
    let tx = Tx::new().run(
        "LET $used = (UPDATE $voucher SET state = 'redeemed', ended_by = $who, ended_at = $now \
         WHERE state = 'issued' AND expires >= $today RETURN AFTER);
         IF array::len($used) = 0 { THROW 'guard:used' }",
        vars().with("voucher", there.id.clone()).with("who", actor.name.clone()).with("now", now).with("today", today),
    );
    let tx = told(tx, &houses, guest);
    match db.commit(audit::note(tx, actor, Action::UsedVoucher, Some(guest), &["redeemed"])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => Err(ended(db, code).await?),
        Err(other) => Err(other.into()),
    }
}

/// Why a voucher cannot be used or withdrawn any more.
async fn ended(db: &Db, code: &VoucherCode) -> Result<AppError, AppError> {
    let row = voucher(db, code).await?.ok_or(AppError::NotFound)?;
    Ok(match row.state()? {
        VoucherState::Redeemed | VoucherState::Withdrawn => AppError::Conflict(row.ended_by.unwrap_or_default()),
        VoucherState::Issued | VoucherState::Expired => refused(code, "@loyalty_valid"),
    })
}

/// Withdraws a voucher that has not been used; the points that paid for it return. Tells whose it was.
///
/// # Errors
/// As [`redeem_voucher`].
pub async fn withdraw(
    db: &Db,
    permit: &Permit<SetLoyalty>,
    code: &VoucherCode,
    now: DateTime<Utc>,
) -> Result<GuestId, AppError> {
    let actor = permit.actor();
    let ruled = rules_of(db, permit.house()).await?;
    let there = voucher(db, code).await?.filter(|row| row.is_taken_in(permit.house(), ruled.as_ref()));
    let there = there.ok_or_else(|| refused(code, "@loyalty_code"))?;
    let guest: GuestId = id_of(&there.guest)?;
    let posting = Posting::about(db, actor, guest, now).await?;
    let withdrawn = |tx: Tx| {
        tx.run(
            "LET $ended = (UPDATE $voucher SET state = 'withdrawn', ended_by = $who, ended_at = $now \
             WHERE state = 'issued' RETURN AFTER);
             IF array::len($ended) = 0 { THROW 'guard:used' }",
            vars().with("voucher", there.id.clone()).with("who", actor.name.clone()).with("now", now),
        )
    };
    let noted = (Action::UsedVoucher, "withdrawn");
    let is_done = match &there.paid {
        Some(paid) => {
            let key = key_of(paid)?;
            let bought = entry(db, &key).await?.ok_or(AppError::NotFound)?;
            let today = posting.today();
            let decide =
                |standing: &Standing| -> Decided { Ok((EntryKind::Reversed, reversal(&bought, standing, today)?)) };
            matches!(posting.post(&format!("reverse|{key}"), noted, decide, withdrawn).await?, Came::Posted)
        }
        None => posting.carry_out(noted, withdrawn).await?,
    };
    if is_done { Ok(guest) } else { Err(ended(db, code).await?) }
}

/// Ends the vouchers of a house whose last day has passed. Tells of how many.
///
/// # Errors
/// What the store answers.
pub async fn expire_vouchers(db: &Db, house: &House, now: DateTime<Utc>) -> Result<u32, DbError> {
    let today = clock::today(now, house.zone()).to_string();
    let over: Vec<VoucherRow> = db
        .rows(
            "SELECT * FROM voucher WHERE house = $house AND is_open = true AND expires < $today LIMIT $limit",
            vars().with("house", record("house", house.id)).with("today", today).with("limit", i64::from(BATCH)),
        )
        .await?;
    let mut ended = 0;
    for row in over {
        let guest: GuestId = id_of(&row.guest)?;
        let tx = Tx::new().run(
            "LET $ended = (UPDATE $voucher SET state = 'expired', ended_at = $now WHERE state = 'issued' RETURN AFTER);
             IF array::len($ended) = 0 { THROW 'guard:used' }",
            vars().with("voucher", row.id.clone()).with("now", now),
        );
        match db.commit(told(tx, &houses_of(db, house.id, guest).await?, guest)).await {
            Ok(_) => ended += 1,
            Err(DbError::Guard(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(ended)
}
