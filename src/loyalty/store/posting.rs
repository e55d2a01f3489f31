//! What people post: points spent and given, and what was posted taken back.

use super::{
    ATTEMPTS, Standing, key_of,
    ledger::{Draft, EntryRow, entry, told, write},
    standing, vouchers,
};
use crate::{
    error::{AppError, Problem},
    guests::store::{guest as profile, houses_of},
    ids::{GuestId, HouseId, OnceId},
    loyalty::EntryKind,
    server::{
        clock,
        db::{Db, DbError, Tx, id_of, record},
    },
    staff::{
        audit::{self, Action},
        guard::{Actor, Permit, RedeemPoints, SetLoyalty},
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;

/// What a posting comes to, decided on the account as it is.
pub(super) type Decided = Result<(EntryKind, Draft), AppError>;

/// What came of a posting.
pub(super) enum Came {
    Posted,
    /// The entry was there already.
    Before(Box<EntryRow>),
    /// Something else that the transaction was to do could not be done.
    Refused,
}

/// A posting that somebody makes about a guest.
pub(super) struct Posting<'a> {
    db: &'a Db,
    actor: &'a Actor,
    guest: GuestId,
    houses: BTreeSet<HouseId>,
    now: DateTime<Utc>,
}

impl<'a> Posting<'a> {
    pub async fn about(db: &'a Db, actor: &'a Actor, guest: GuestId, now: DateTime<Utc>) -> Result<Self, AppError> {
        profile(db, guest).await?.ok_or(AppError::NotFound)?;
        let houses = houses_of(db, actor.house.id, guest).await?;
        Ok(Self { db, actor, guest, houses, now })
    }

    /// Today in the house.
    pub fn today(&self) -> NaiveDate {
        clock::today(self.now, self.actor.house.zone())
    }

    /// Posts what `decide` makes of the account, with what `also` adds to the transaction; anew whenever somebody
    /// else's posting came in between. The audit says `action` and `field`.
    ///
    /// # Errors
    /// Those of `decide`, [`AppError::NotFound`] where no programme holds, or what the store answers.
    pub async fn post(
        &self,
        key: &str,
        (action, field): (Action, &str),
        decide: impl Fn(&Standing) -> Decided,
        also: impl Fn(Tx) -> Tx,
    ) -> Result<Came, AppError> {
        for _ in 0..ATTEMPTS {
            if let Some(there) = entry(self.db, key).await? {
                return Ok(Came::Before(Box::new(there)));
            }
            let standing = standing(self.db, self.actor.house.id, self.guest).await?.ok_or(AppError::NotFound)?;
            let (kind, draft) = decide(&standing)?;
            let draft = Draft { key: key.to_owned(), author: self.actor.name.clone(), ..draft };
            let tx = write(Tx::new(), &standing.purse, self.actor.house.id, vec![(kind, draft)], self.now);
            let tx = told(also(tx), &self.houses, self.guest);
            match self.db.commit(audit::note(tx, self.actor, action, Some(self.guest), &[field])).await {
                Ok(_) => return Ok(Came::Posted),
                Err(DbError::Guard(guard)) if guard == "posted" || guard == "moved" => {}
                Err(DbError::Guard(_)) => return Ok(Came::Refused),
                Err(other) => return Err(other.into()),
            }
        }
        Err(AppError::internal("others posted on the account all the time"))
    }

    /// Carries out what moves no points, with an entry in the audit. Tells whether it could be done.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn carry_out(&self, (action, field): (Action, &str), what: impl Fn(Tx) -> Tx) -> Result<bool, AppError> {
        let tx = told(what(Tx::new()), &self.houses, self.guest);
        match self.db.commit(audit::note(tx, self.actor, action, Some(self.guest), &[field])).await {
            Ok(_) => Ok(true),
            Err(DbError::Guard(_)) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }
}

/// More points than there are.
fn short(there: i64) -> AppError {
    AppError::field("points", Problem::NotEnough(there))
}

/// What takes points out of an account: those that end first.
pub(super) fn spending(standing: &Standing, points: i64, today: NaiveDate) -> Result<Draft, AppError> {
    let takes = standing.purse.take(points, &today.to_string(), None).map_err(short)?;
    Ok(Draft { amount: -points, takes, ..Draft::default() })
}

/// Spends a guest's points. What is sent twice under one id counts once.
///
/// # Errors
/// The field `points` with how many there are, where those are too few; [`AppError::Conflict`] where the id is that of
/// another redemption; [`AppError::NotFound`] for a guest or a programme that is not there; or what the store answers.
pub async fn redeem(
    db: &Db,
    permit: &Permit<RedeemPoints>,
    once: OnceId,
    guest: GuestId,
    points: i64,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let posting = Posting::about(db, permit.actor(), guest, now).await?;
    let today = posting.today();
    let decide = |standing: &Standing| -> Decided {
        let spent = spending(standing, points, today)?;
        Ok((EntryKind::Redeemed, Draft { reason: Some(reason.to_owned()), ..spent }))
    };
    let came = posting.post(&format!("redeem|{once}"), (Action::PostedPoints, "redeemed"), decide, |tx| tx).await?;
    same(came, guest, -points)
}

/// What points are given for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// One of the programme's reasons, by its name.
    Extra(String),
    /// So many, for a reason in words.
    ByHand(i64, String),
}

/// Gives a guest points. What is sent twice under one id counts once.
///
/// # Errors
/// The field `extra` for a reason that the programme does not have; otherwise as [`redeem`].
pub async fn give(
    db: &Db,
    permit: &Permit<RedeemPoints>,
    once: OnceId,
    guest: GuestId,
    given: &Given,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let posting = Posting::about(db, permit.actor(), guest, now).await?;
    let today = posting.today();
    let decide = |standing: &Standing| -> Decided {
        let programme = &standing.ruled.programme;
        if !programme.active {
            return Err(AppError::NotFound);
        }
        let (kind, amount, reason) = match given {
            Given::Extra(name) => {
                let known = programme.extras.iter().find(|extra| extra.name == *name);
                let known = known.ok_or_else(|| {
                    let excerpt = name.chars().take(40).collect();
                    AppError::field("extra", Problem::NotKnown(excerpt, "@listed".to_owned()))
                })?;
                (EntryKind::Extra, known.points, name)
            }
            Given::ByHand(points, reason) => (EntryKind::ByHand, *points, reason),
        };
        let gives = Some(programme.expires(today));
        Ok((kind, Draft { amount, reason: Some(reason.clone()), gives, ..Draft::default() }))
    };
    let noted = match given {
        Given::Extra(_) => "extra",
        Given::ByHand(..) => "by_hand",
    };
    match posting.post(&format!("give|{once}"), (Action::PostedPoints, noted), decide, |tx| tx).await? {
        Came::Before(there) if there.guest != record("guest", guest) => Err(AppError::Conflict(there.author_name)),
        _ => Ok(()),
    }
}

/// What is there under the id is what was asked for.
fn same(came: Came, guest: GuestId, amount: i64) -> Result<(), AppError> {
    match came {
        Came::Before(there) if there.guest != record("guest", guest) || there.amount != amount => {
            Err(AppError::Conflict(there.author_name))
        }
        _ => Ok(()),
    }
}

/// Takes an entry back, once: what it gave is taken, as far as it is all there, and what it took returns to where it was
/// taken from. One that paid for a voucher is taken back with the voucher. Tells whose it was.
///
/// # Errors
/// [`AppError::NotFound`] for an entry that is not there or cannot be taken back, the field `points` where points that
/// it gave have been spent, [`AppError::Conflict`] with the name of a colleague who was first, or what the store
/// answers.
pub async fn reverse(db: &Db, permit: &Permit<SetLoyalty>, id: &str, now: DateTime<Utc>) -> Result<GuestId, AppError> {
    let actor = permit.actor();
    let taken_back = entry(db, id).await?.ok_or(AppError::NotFound)?;
    let kind = taken_back.kind()?;
    if matches!(kind, EntryKind::Reversed | EntryKind::Expired) {
        return Err(AppError::NotFound);
    }
    let guest: GuestId = id_of(&taken_back.guest)?;
    if let Some(once) = id.strip_prefix("voucher|") {
        vouchers::withdraw(db, permit, &vouchers::code_of(once), now).await?;
        return Ok(guest);
    }
    let posting = Posting::about(db, actor, guest, now).await?;
    let decide = |standing: &Standing| -> Decided {
        Ok((EntryKind::Reversed, reversal(&taken_back, standing, posting.today())?))
    };
    match posting.post(&format!("reverse|{id}"), (Action::PostedPoints, "reversed"), decide, |tx| tx).await? {
        Came::Before(there) if there.author_name != actor.name => Err(AppError::Conflict(there.author_name)),
        _ => Ok(guest),
    }
}

/// What takes an entry back.
pub(super) fn reversal(row: &EntryRow, standing: &Standing, today: NaiveDate) -> Result<Draft, AppError> {
    let purse = &standing.purse;
    // Of another programme than the one that holds here.
    if row.account != purse.account {
        return Err(AppError::NotFound);
    }
    let key = key_of(&row.id)?;
    let (takes, returns) = if row.amount < 0 {
        (Vec::new(), row.took.iter().cloned().zip(row.parts.iter().copied()).collect())
    } else {
        let own = record("lot", &key);
        (purse.take(row.amount, &today.to_string(), Some(&own)).map_err(short)?, Vec::new())
    };
    Ok(Draft {
        amount: -row.amount,
        reason: row.reason.clone(),
        reservation: row.reservation.clone(),
        spend: row.spend,
        origin: Some(key),
        takes,
        returns,
        ..Draft::default()
    })
}
