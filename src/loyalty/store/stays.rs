//! Points for stays: what each of them earned, and what changes when it turns out to have cost something else.

use super::{
    ATTEMPTS, Purse, Ruled, account_of, key_of,
    ledger::{Draft, EntryRow, told, write},
    tiers,
};
use crate::{
    guests::store::{guest_records, houses_of},
    house::House,
    ids::{GuestId, ReservationId},
    loyalty::{EntryKind, Programme},
    server::{
        clock,
        db::{Db, DbError, Tx, id_of, record, vars},
    },
    stays::{ReservationStatus, store::ReservationRow},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::HashMap;
use surrealdb::types::RecordId;

/// Entries that are written in one transaction.
pub(super) const AT_ONCE: usize = 20;

/// What a stay changes in its guest's account.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Due {
    reservation: ReservationId,
    /// What it cost, in minor units of the programme's currency.
    spend: i64,
    /// Positive for points to be given, and otherwise how many are to be taken back.
    points: i64,
    departure: NaiveDate,
    /// How often something was posted for it.
    posted: usize,
}

/// Posts what the stays of guests in a house have earned, and looks what tier they reach. What is posted already is not
/// posted again. Tells of how many guests the account changed.
///
/// # Errors
/// What the store answers.
pub(crate) async fn post_stays(
    db: &Db,
    house: &House,
    ruled: &Ruled,
    guests: &[GuestId],
    now: DateTime<Utc>,
) -> Result<u32, DbError> {
    let today = clock::today(now, house.zone());
    let stays: Vec<ReservationRow> =
        db.rows_among("SELECT * FROM reservation WHERE guest IN $among", &guest_records(guests), vars()).await?;
    let mut by_guest: HashMap<GuestId, Vec<ReservationRow>> = HashMap::new();
    for stay in stays {
        by_guest.entry(id_of(&stay.guest)?).or_default().push(stay);
    }
    let here = record("house", house.id);
    let ids: Vec<RecordId> =
        by_guest.values().flatten().filter(|stay| stay.house == here).map(|stay| stay.id.clone()).collect();
    let posted = posted_for(db, &ids).await?;
    let mut changed = 0;
    for (guest, stays) in &by_guest {
        let mine: Vec<&ReservationRow> = stays.iter().filter(|stay| stay.house == here).collect();
        let dues = dues(ruled, *guest, &mine, &posted, today)?;
        let has_changed = !dues.is_empty() && settle(db, house, ruled, *guest, &mine, now).await?;
        changed += u32::from(has_changed);
    }
    tiers::look_at(db, house, ruled, &by_guest, now).await?;
    Ok(changed)
}

/// What was posted for reservations, oldest first.
async fn posted_for(db: &Db, reservations: &[RecordId]) -> Result<HashMap<ReservationId, Vec<EntryRow>>, DbError> {
    let rows: Vec<EntryRow> =
        db.rows_among("SELECT * FROM points WHERE reservation IN $among", reservations, vars()).await?;
    let mut posted: HashMap<ReservationId, Vec<EntryRow>> = HashMap::new();
    for row in rows {
        if let Some(reservation) = &row.reservation {
            posted.entry(id_of(reservation)?).or_default().push(row);
        }
    }
    for rows in posted.values_mut() {
        rows.sort_by_key(|row| row.number);
    }
    Ok(posted)
}

/// What is to be posted for a guest's stays in a house.
fn dues(
    ruled: &Ruled,
    guest: GuestId,
    stays: &[&ReservationRow],
    posted: &HashMap<ReservationId, Vec<EntryRow>>,
    today: NaiveDate,
) -> Result<Vec<Due>, DbError> {
    let account = account_of(&ruled.key, guest);
    let mut dues = Vec::new();
    for stay in stays {
        let entries = posted.get(&id_of::<ReservationId>(&stay.id)?).map(Vec::as_slice).unwrap_or_default();
        let under_these: Vec<&EntryRow> = of_programme(entries, &ruled.key)?;
        // What was posted for whoever else had the stay stands.
        if under_these.iter().all(|entry| entry.account == account) {
            dues.extend(due(&ruled.programme, stay, &under_these, today)?);
        }
    }
    // The same order whenever it is looked at, so that the oldest points are given first.
    dues.sort_by_key(|due| (due.departure, due.reservation));
    Ok(dues)
}

/// The entries of accounts under a programme.
fn of_programme<'a>(entries: &'a [EntryRow], programme: &str) -> Result<Vec<&'a EntryRow>, DbError> {
    let mut found = Vec::new();
    for entry in entries {
        if key_of(&entry.account)?.split_once('|').is_some_and(|(of, _)| of == programme) {
            found.push(entry);
        }
    }
    Ok(found)
}

/// What is to be posted for a stay, of which these entries, oldest first, have been posted already.
fn due(
    programme: &Programme,
    stay: &ReservationRow,
    entries: &[&EntryRow],
    today: NaiveDate,
) -> Result<Option<Due>, DbError> {
    let Ok(departure) = stay.departure.parse::<NaiveDate>() else {
        return Err(DbError::Malformed(stay.departure.clone()));
    };
    let is_paid = stay.status()? == ReservationStatus::CheckedOut && stay.currency == programme.currency;
    let spend = if is_paid { stay.rate.saturating_mul(stay.nights()) } else { 0 };
    let points = match entries.last() {
        None if programme.counts(departure, today) => programme.earned(spend),
        None => 0,
        // What a person took back is not given again.
        Some(_) if entries.iter().any(|entry| entry.origin.is_some()) => 0,
        Some(last) => {
            let before = last.spend.unwrap_or(0);
            let given: i64 = entries.iter().map(|entry| entry.amount).sum();
            programme.difference(before, spend, given)
        }
    };
    let due = Due { reservation: id_of(&stay.id)?, spend, points, departure, posted: entries.len() };
    Ok((points != 0).then_some(due))
}

/// Posts what is due on one account, read anew until there is nothing left of it. Tells whether there was anything.
async fn settle(
    db: &Db,
    house: &House,
    ruled: &Ruled,
    guest: GuestId,
    stays: &[&ReservationRow],
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let today = clock::today(now, house.zone());
    let houses = houses_of(db, house.id, guest).await?;
    let ids: Vec<RecordId> = stays.iter().map(|stay| stay.id.clone()).collect();
    let (mut attempts, mut has_changed) = (0, false);
    while attempts < ATTEMPTS {
        // The account first: what is posted after it was read is noticed when this is.
        let purse = Purse::load(db, &ruled.key, guest).await?;
        let dues = dues(ruled, guest, stays, &posted_for(db, &ids).await?, today)?;
        let drafts = drafts(ruled, &purse, dues, today);
        if drafts.is_empty() {
            break;
        }
        let tx = told(write(Tx::new(), &purse, house.id, drafts, now), &houses, guest);
        match db.commit(tx).await {
            Ok(_) => has_changed = true,
            Err(DbError::Guard(_)) => attempts += 1,
            Err(other) => return Err(other),
        }
    }
    Ok(has_changed)
}

/// The entries for some of what is due: points to be given together, those to be taken back each by itself, because
/// what can be taken depends on what was taken before.
fn drafts(ruled: &Ruled, purse: &Purse, dues: Vec<Due>, today: NaiveDate) -> Vec<(EntryKind, Draft)> {
    if let Some(less) = dues.iter().find(|due| due.points < 0) {
        // What is gone is not asked back.
        let all = purse.take(-less.points, &today.to_string(), None);
        let points = all.as_ref().map_or_else(|there| *there, |_| -less.points);
        let takes =
            all.or_else(|there| if there > 0 { purse.take(there, &today.to_string(), None) } else { Ok(Vec::new()) });
        let takes = takes.unwrap_or_default();
        return vec![(EntryKind::Reversed, Draft { amount: -points, takes, ..less.draft(ruled) })];
    }
    let given = dues.into_iter().take(AT_ONCE).map(|due| {
        let gives = Some(ruled.programme.expires(due.departure));
        (EntryKind::Earned, Draft { amount: due.points, gives, ..due.draft(ruled) })
    });
    given.collect()
}

impl Due {
    fn draft(&self, ruled: &Ruled) -> Draft {
        let key = match self.posted {
            0 => format!("stay|{}|{}", self.reservation, ruled.key),
            times => format!("stay|{}|{}|{times}", self.reservation, ruled.key),
        };
        Draft {
            key,
            reservation: Some(record("reservation", self.reservation)),
            spend: Some(self.spend),
            ..Draft::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loyalty::store::LotRow;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn now() -> DateTime<Utc> {
        "2026-11-23T09:00:00Z".parse().expect("an instant")
    }

    /// Four nights at EUR 142, until 15 March 2026.
    fn stay(status: &str) -> ReservationRow {
        ReservationRow {
            id: record("reservation", ReservationId::new()),
            house: record("house", "h"),
            number: "1001".to_owned(),
            guest: record("guest", GuestId::new()),
            arrival: "2026-03-11".to_owned(),
            departure: "2026-03-15".to_owned(),
            room_type: "D".to_owned(),
            room: None,
            adults: 1,
            children: 0,
            meal_plan: "BB".to_owned(),
            rate: 14_200,
            currency: "EUR".to_owned(),
            segment: "Direct".to_owned(),
            status: status.to_owned(),
            requests: None,
            health: None,
            source: String::new(),
            fingerprint: String::new(),
        }
    }

    fn posted(amount: i64, spend: i64, origin: Option<&str>) -> EntryRow {
        EntryRow {
            id: record("points", "stay|x|chain"),
            account: record("account", "chain|g"),
            guest: record("guest", "g"),
            house: record("house", "h"),
            kind: "earned".to_owned(),
            amount,
            balance: amount.max(0),
            number: 1,
            reason: None,
            reservation: None,
            spend: Some(spend),
            origin: origin.map(|origin| record("points", origin)),
            took: Vec::new(),
            parts: Vec::new(),
            author_name: String::new(),
            at: now(),
        }
    }

    fn points(stay: &ReservationRow, entries: &[EntryRow]) -> i64 {
        let programme = Programme::default();
        let entries: Vec<&EntryRow> = entries.iter().collect();
        let due = due(&programme, stay, &entries, day("2026-11-23")).expect("a stay");
        due.map_or(0, |due| due.points)
    }

    #[test]
    fn only_what_was_paid_in_the_currency_of_the_programme_earns() {
        assert_eq!(points(&stay("checked_out"), &[]), 56);
        for status in ["reserved", "checked_in", "cancelled", "no_show"] {
            assert_eq!(points(&stay(status), &[]), 0, "{status}");
        }
        let dollars = ReservationRow { currency: "USD".to_owned(), ..stay("checked_out") };
        assert_eq!(points(&dollars, &[]), 0);
        let long_ago = ReservationRow {
            departure: "2024-03-15".to_owned(),
            arrival: "2024-03-11".to_owned(),
            ..stay("checked_out")
        };
        assert_eq!(points(&long_ago, &[]), 0, "they would have expired");
    }

    #[test]
    fn a_stay_is_posted_once_and_then_only_the_difference() {
        let first = posted(56, 56_800, None);
        let there = || vec![first.clone()];
        assert_eq!(points(&stay("checked_out"), &there()), 0);
        let dearer = ReservationRow { rate: 15_000, ..stay("checked_out") };
        assert_eq!(points(&dearer, &there()), 4);
        assert_eq!(points(&stay("cancelled"), &there()), -56);
        let settled = vec![first.clone(), posted(-50, 0, None)];
        assert_eq!(points(&stay("cancelled"), &settled), 0, "what was gone is not asked back");
        let by_hand = vec![first, posted(-56, 56_800, Some("stay|x|chain"))];
        assert_eq!(points(&dearer, &by_hand), 0, "a person took it back");
    }

    #[test]
    fn what_is_to_be_taken_back_is_taken_as_far_as_it_is_there() {
        let guest = GuestId::new();
        let lot = |remains: i64| LotRow {
            id: record("lot", format!("lot of {remains}")),
            house: record("house", "h"),
            remains,
            expires: None,
            at: now(),
        };
        let ruled = Ruled { key: "chain".to_owned(), programme: Programme::default() };
        let due = |points: i64| Due {
            reservation: ReservationId::new(),
            spend: 0,
            points,
            departure: day("2026-03-15"),
            posted: 1,
        };
        let purse = |lots: Vec<LotRow>| Purse::new("chain", guest, None, lots);
        let entries = |lots: Vec<LotRow>, dues: Vec<Due>| drafts(&ruled, &purse(lots), dues, day("2026-11-23"));
        let amounts = |drafts: &[(EntryKind, Draft)]| drafts.iter().map(|(_, draft)| draft.amount).collect::<Vec<_>>();
        assert_eq!(amounts(&entries(vec![lot(30), lot(40)], vec![due(-56)])), [-56]);
        let less = entries(vec![lot(30)], vec![due(7), due(-56)]);
        assert_eq!(amounts(&less), [-30]);
        assert_eq!(less[0].1.takes.len(), 1);
        let nothing = entries(Vec::new(), vec![due(-56)]);
        assert_eq!((amounts(&nothing), nothing[0].1.takes.is_empty()), (vec![0], true));
        assert_eq!(amounts(&entries(Vec::new(), vec![due(7), due(8)])), [7, 8]);
    }
}
