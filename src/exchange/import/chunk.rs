//! One chunk of bookings, in one transaction: what the store knows of them is read, they are taken
//! one after the other, and what came of them is written at once.
//!
//! Several imports may go on at once, in this process and in others. They take turns by the chunk, so that
//! each sees what the others have written: two that bring the same booking make one of it, and two that
//! bring the same new guest make one guest.

use super::{Booking, changes::Changes, known::Guests, millis_since, rows, store};
use crate::{
    error::AppError,
    exchange::{ImportCounts, export_file::Rejected},
    guests::store::{GuestRow, PreferenceRow},
    ids::{GuestId, HouseId, ImportId, ReservationId},
    server::db::{Db, DbError, Tx, id_of, record, vars},
    stays::store::ReservationRow,
};
use chrono::{DateTime, Utc};
use std::{
    collections::{BTreeMap, HashMap},
    time::Instant,
};
use surrealdb::types::RecordId;

/// How often a chunk is done anew because something that it rests on has changed meanwhile: a colleague
/// edited one of its guests, or the import of another process wrote. One of them gets through each time.
const ATTEMPTS: u32 = 40;

#[allow(clippy::too_many_arguments, reason = "the state of the run, used once")]
pub(super) async fn import(
    db: &Db,
    now: DateTime<Utc>,
    run: ImportId,
    bookings: &[(HouseId, Booking)],
    rejected: &[Rejected],
    counts: ImportCounts,
    percent: u8,
    began: Instant,
) -> Result<ImportCounts, AppError> {
    let mut attempt = 0;
    let _turn = db.import_turn().await;
    loop {
        attempt += 1;
        let number = store::turn(db).await?;
        let mut work = Work::load(db, bookings).await?;
        let mut counts = counts;
        for (house, booking) in bookings {
            match work.take(now, *house, booking)? {
                Taken::Created => counts.created += 1,
                Taken::Updated => counts.updated += 1,
                Taken::Unchanged => counts.unchanged += 1,
            }
        }
        let mut tx = Tx::new();
        if !work.changes.is_empty() {
            // Before anything else, so that a booking which another import has made meanwhile is met as that
            // and not as a number that is taken.
            tx = store::take_turn(tx, number);
        }
        let tx = work.changes.add_to(tx, work.guests);
        let tx = store::progress(tx, run, counts, percent, millis_since(began), rejected);
        match db.commit(tx).await {
            Ok(_) => return Ok(counts),
            Err(DbError::Guard(_)) if attempt < ATTEMPTS => {}
            Err(error) => return Err(error.into()),
        }
    }
}

enum Taken {
    Created,
    Updated,
    Unchanged,
}

/// What the store knows of a chunk, and what the chunk makes of it.
#[derive(Default)]
struct Work {
    reservations: HashMap<(HouseId, String), ReservationRow>,
    guests: Guests,
    changes: Changes,
}

impl Work {
    /// Reads what the store knows of these bookings and their guests.
    async fn load(db: &Db, bookings: &[(HouseId, Booking)]) -> Result<Self, DbError> {
        let mut work = Self::default();
        let mut numbers: BTreeMap<HouseId, Vec<String>> = BTreeMap::new();
        for (house, booking) in bookings {
            numbers.entry(*house).or_default().push(booking.confirmation.clone());
        }
        for (house, numbers) in numbers {
            let rows: Vec<ReservationRow> = db
                .rows_for_each(
                    "SELECT * FROM reservation WHERE house = $house AND number = $each",
                    &numbers,
                    vars().with("house", record("house", house)),
                )
                .await?;
            work.reservations.extend(rows.into_iter().map(|row| ((house, row.number.clone()), row)));
        }
        let mut keys = Vec::new();
        let mut linked = Vec::new();
        for (house, booking) in bookings {
            match work.reservations.get(&(*house, booking.confirmation.clone())) {
                Some(row) if row.fingerprint == booking.fingerprint => {}
                Some(row) => linked.push(row.guest.clone()),
                None => keys.extend(rows::keys_of(booking)),
            }
        }
        if keys.is_empty() && linked.is_empty() {
            return Ok(work);
        }
        let mut results = db
            .query(
                "SELECT * FROM guest WHERE match_keys CONTAINSANY $keys; SELECT * FROM $linked;",
                vars().with("keys", keys).with("linked", linked),
            )
            .await?;
        let mut found: Vec<GuestRow> = results.take(0)?;
        found.extend(results.take::<Vec<GuestRow>>(1)?);
        let ids: Vec<RecordId> = found.iter().map(|row| row.id.clone()).collect();
        for row in found {
            work.guests.add(row, false)?;
        }
        let preferences: Vec<PreferenceRow> =
            db.rows_among("SELECT * FROM preference WHERE guest IN $among", &ids, vars()).await?;
        for row in preferences {
            work.guests.add_preference(&row)?;
        }
        Ok(work)
    }

    fn take(&mut self, now: DateTime<Utc>, house: HouseId, booking: &Booking) -> Result<Taken, DbError> {
        let existing = self.reservations.get(&(house, booking.confirmation.clone())).cloned();
        let (guest, taken) = match existing {
            Some(row) if row.fingerprint == booking.fingerprint => return Ok(Taken::Unchanged),
            Some(before) => {
                let guest: GuestId = id_of(&before.guest)?;
                self.guests.fill(guest, booking);
                let row = rows::reservation(before.id.clone(), house, guest, booking);
                self.changes.update(before.status()?, row, booking);
                (guest, Taken::Updated)
            }
            None => {
                let guest = match self.guests.matching(booking) {
                    Some(guest) => {
                        self.guests.fill(guest, booking);
                        guest
                    }
                    None => self.guests.add(GuestRow::new(GuestId::new(), 1, None, rows::draft(booking)), true)?,
                };
                let id = record("reservation", ReservationId::new());
                self.changes.create(rows::reservation(id, house, guest, booking), booking);
                self.changes.add_consent(now, guest, booking);
                (guest, Taken::Created)
            }
        };
        self.changes.touch(house, guest);
        if let Some(known) = self.guests.get_mut(guest) {
            self.changes.add_preferences(now, known, booking);
        }
        Ok(taken)
    }
}
