//! What a chunk of bookings changes in the store, gathered to be written at once.

use super::{
    Booking,
    known::{Guests, Known},
    rows::{self, ConsentRow, StayRow},
};
use crate::{
    alerts::feed::StaysEvent,
    guests::store::{GuestRow, PreferenceRow},
    ids::{GuestId, HouseId},
    server::db::{Tx, vars},
    stays::{ReservationStatus, store::ReservationRow},
};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use surrealdb::types::{Object, RecordId, SurrealValue};

#[derive(SurrealValue)]
struct GuestChange {
    id: RecordId,
    revision: i64,
    set: Object,
}

#[derive(Default)]
pub(super) struct Changes {
    new_reservations: Vec<ReservationRow>,
    changed_reservations: Vec<ReservationRow>,
    stays: Vec<StayRow>,
    ended_stays: Vec<RecordId>,
    preferences: Vec<PreferenceRow>,
    consents: Vec<ConsentRow>,
    /// Whose stays are to be told, by house.
    touched: BTreeMap<HouseId, BTreeSet<GuestId>>,
}

impl Changes {
    pub fn create(&mut self, row: ReservationRow, booking: &Booking) {
        self.follow_stay(&row, ReservationStatus::Reserved, booking);
        self.new_reservations.push(row);
    }

    pub fn update(&mut self, before: ReservationStatus, row: ReservationRow, booking: &Booking) {
        self.follow_stay(&row, before, booking);
        self.changed_reservations.push(row);
    }

    /// A stay begins with the check-in and ends with the check-out.
    fn follow_stay(&mut self, row: &ReservationRow, before: ReservationStatus, booking: &Booking) {
        match booking.status {
            ReservationStatus::CheckedIn => self.stays.push(rows::stay(row, None)),
            ReservationStatus::CheckedOut => self.stays.push(rows::stay(row, Some(row.departure.clone()))),
            ReservationStatus::Reserved | ReservationStatus::Cancelled | ReservationStatus::NoShow => {
                if matches!(before, ReservationStatus::CheckedIn | ReservationStatus::CheckedOut) {
                    self.ended_stays.push(rows::stay_id(&row.id));
                }
            }
        }
    }

    /// Has the house told that the guest's stays are others now.
    pub fn touch(&mut self, house: HouseId, guest: GuestId) {
        self.touched.entry(house).or_default().insert(guest);
    }

    /// Adds what a booking tells of its guest's likes and needs, unless it is known.
    pub fn add_preferences(&mut self, now: DateTime<Utc>, guest: &mut Known, booking: &Booking) {
        for (group, value) in &booking.preferences {
            if guest.learns(*group, value) {
                self.preferences.push(rows::preference(now, guest.row.id.clone(), *group, value));
            }
        }
    }

    pub fn add_consent(&mut self, now: DateTime<Utc>, guest: GuestId, booking: &Booking) {
        self.consents.extend(rows::consent(now, guest, booking));
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.touched.is_empty()
    }

    /// Adds all of it, with the guests as they are now, to a transaction. A profile that a colleague has
    /// changed meanwhile makes it fail with the guard `revision`.
    pub fn add_to(self, mut tx: Tx, guests: Guests) -> Tx {
        let mut new_guests = Vec::new();
        let mut changed_guests = Vec::new();
        for known in guests.into_all() {
            if known.is_new {
                new_guests.push(known.row);
            } else if known.changed {
                let revision = known.row.revision;
                let row = GuestRow { revision: revision + 1, ..known.row };
                changed_guests.push(GuestChange { id: row.id.clone(), revision, set: row.into_merge() });
            }
        }
        if !new_guests.is_empty() {
            tx = tx.run("INSERT INTO guest $new_guests RETURN NONE", vars().with("new_guests", new_guests));
        }
        if !changed_guests.is_empty() {
            tx = tx.run(
                "FOR $change IN $changed_guests {
                     IF (SELECT VALUE revision FROM ONLY $change.id) != $change.revision { THROW 'guard:revision' };
                     UPDATE $change.id MERGE $change.set RETURN NONE;
                 }",
                vars().with("changed_guests", changed_guests),
            );
        }
        if !self.new_reservations.is_empty() {
            let rows = vars().with("new_reservations", self.new_reservations);
            tx = tx.run("INSERT INTO reservation $new_reservations RETURN NONE", rows);
        }
        if !self.changed_reservations.is_empty() {
            let rows = vars().with("changed_reservations", self.changed_reservations);
            tx = tx.run("FOR $row IN $changed_reservations { UPDATE $row.id CONTENT $row RETURN NONE; }", rows);
        }
        if !self.ended_stays.is_empty() {
            tx = tx.run("DELETE $ended_stays RETURN NONE", vars().with("ended_stays", self.ended_stays));
        }
        if !self.stays.is_empty() {
            let rows = vars().with("stays", self.stays);
            tx = tx.run("FOR $row IN $stays { UPSERT $row.id CONTENT $row RETURN NONE; }", rows);
        }
        if !self.preferences.is_empty() {
            let rows = vars().with("preferences", self.preferences);
            tx = tx.run("INSERT INTO preference $preferences RETURN NONE", rows);
        }
        if !self.consents.is_empty() {
            tx = tx.run("INSERT INTO consent $consents RETURN NONE", vars().with("consents", self.consents));
        }
        for (house, guests) in self.touched {
            let guests = guests.iter().map(ToString::to_string).collect();
            tx = tx.event_in([house], "stays", StaysEvent { guests });
        }
        tx
    }
}
