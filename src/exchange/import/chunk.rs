//! One chunk of bookings, in one transaction.

use super::{
    Booking,
    matching::{birthdays_agree, may_be_one},
    millis_since, store,
};
use crate::{
    alerts::feed::StaysEvent,
    error::AppError,
    exchange::{ImportCounts, export_file::Rejected},
    guests::{
        Birthday, FROM_BOOKING, Flags, GuestName, PreferenceGroup, PreferenceValue, names,
        parse::GuestDraft,
        store::{GuestRow, PreferenceRow, match_keys},
    },
    ids::{GuestId, HouseId, ImportId, PreferenceId, ReservationId},
    server::db::{Db, DbError, Tx, id_of, record, vars},
    stays::{ReservationStatus, store::ReservationRow},
};
use chrono::{DateTime, Utc};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    time::Instant,
};
use surrealdb::types::{Object, RecordId, SurrealValue};

/// How often a chunk is done anew because a colleague edited one of its guests at that moment.
const ATTEMPTS: u32 = 5;
/// Most numbers and addresses that bookings add to a profile.
const CONTACTS: usize = 8;

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
    loop {
        attempt += 1;
        let mut work = Work::load(db, bookings).await?;
        let mut counts = counts;
        for (house, booking) in bookings {
            match work.take(now, *house, booking)? {
                Taken::Created => counts.created += 1,
                Taken::Updated => counts.updated += 1,
                Taken::Unchanged => counts.unchanged += 1,
            }
        }
        let tx = store::progress(work.into_tx(), run, counts, percent, millis_since(began), rejected);
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

/// A guest as this chunk leaves him.
struct Known {
    row: GuestRow,
    birthday: Option<Birthday>,
    is_new: bool,
    changed: bool,
    preferences: HashSet<(PreferenceGroup, String)>,
}

#[derive(SurrealValue)]
struct StayRow {
    id: RecordId,
    reservation: RecordId,
    guest: RecordId,
    house: RecordId,
    room: Option<String>,
    arrived: String,
    departed: Option<String>,
}

#[derive(SurrealValue)]
struct ConsentRow {
    id: RecordId,
    guest: RecordId,
    channel: String,
    purpose: String,
    granted: bool,
    source: String,
    at: DateTime<Utc>,
}

#[derive(SurrealValue)]
struct GuestChange {
    id: RecordId,
    revision: i64,
    set: Object,
}

#[derive(Default)]
struct Work {
    reservations: HashMap<(HouseId, String), ReservationRow>,
    guests: HashMap<GuestId, Known>,
    by_key: HashMap<String, Vec<GuestId>>,
    new_reservations: Vec<ReservationRow>,
    changed_reservations: Vec<ReservationRow>,
    stays: Vec<StayRow>,
    ended_stays: Vec<RecordId>,
    preferences: Vec<PreferenceRow>,
    consents: Vec<ConsentRow>,
    touched: BTreeMap<HouseId, BTreeSet<GuestId>>,
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
                .rows(
                    "SELECT * FROM reservation WHERE house = $house AND number IN $numbers",
                    vars().with("house", record("house", house)).with("numbers", numbers),
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
                None => keys.extend(keys_of(booking)),
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
        let mut rows: Vec<GuestRow> = results.take(0)?;
        rows.extend(results.take::<Vec<GuestRow>>(1)?);
        let ids: Vec<RecordId> = rows.iter().map(|row| row.id.clone()).collect();
        for row in rows {
            work.know(row, false)?;
        }
        let preferences: Vec<PreferenceRow> =
            db.rows("SELECT * FROM preference WHERE guest IN $guests", vars().with("guests", ids)).await?;
        for row in preferences {
            let group = PreferenceGroup::from_code(&row.area);
            if let (Some(group), Some(known)) = (group, work.guests.get_mut(&id_of(&row.guest)?)) {
                known.preferences.insert((group, value_key(&row.value()?)));
            }
        }
        Ok(work)
    }

    fn know(&mut self, row: GuestRow, is_new: bool) -> Result<GuestId, DbError> {
        let id = id_of(&row.id)?;
        for key in &row.match_keys {
            let ids = self.by_key.entry(key.clone()).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let birthday = row.birthday.as_deref().and_then(Birthday::parse);
        self.guests.entry(id).or_insert(Known { row, birthday, is_new, changed: false, preferences: HashSet::new() });
        Ok(id)
    }

    fn take(&mut self, now: DateTime<Utc>, house: HouseId, booking: &Booking) -> Result<Taken, DbError> {
        let existing = self.reservations.get(&(house, booking.confirmation.clone())).cloned();
        let taken = match existing {
            Some(row) if row.fingerprint == booking.fingerprint => return Ok(Taken::Unchanged),
            Some(before) => {
                let guest: GuestId = id_of(&before.guest)?;
                self.fill(guest, booking);
                let row = reservation(before.id.clone(), house, guest, booking);
                self.follow_stay(&row, before.status()?, booking);
                self.changed_reservations.push(row);
                self.touched.entry(house).or_default().insert(guest);
                self.write_preferences(now, guest, booking);
                Taken::Updated
            }
            None => {
                let guest = match self.matching(booking) {
                    Some(guest) => {
                        self.fill(guest, booking);
                        guest
                    }
                    None => self.know(GuestRow::new(GuestId::new(), 1, None, draft(booking)), true)?,
                };
                let id = record("reservation", ReservationId::new());
                let row = reservation(id, house, guest, booking);
                self.follow_stay(&row, ReservationStatus::Reserved, booking);
                self.new_reservations.push(row);
                self.touched.entry(house).or_default().insert(guest);
                self.write_preferences(now, guest, booking);
                self.write_consent(now, guest, booking);
                Taken::Created
            }
        };
        Ok(taken)
    }

    /// The guest of a new booking, if he is known: by membership number before e-mail and surname.
    /// People of one family share an address and a surname, so first names and birthdays must not
    /// speak against it.
    fn matching(&self, booking: &Booking) -> Option<GuestId> {
        let by_membership = |key: &String| key.starts_with("member:");
        let mut keys = keys_of(booking);
        keys.sort_by_key(|key| !by_membership(key));
        keys.iter().find_map(|key| {
            self.by_key.get(key)?.iter().copied().find(|id| {
                by_membership(key)
                    || self.guests.get(id).is_some_and(|known| {
                        may_be_one(&known.row.first, &booking.name.first)
                            && birthdays_agree(known.birthday, booking.birthday)
                    })
            })
        })
    }

    /// Fills what the profile lacks. What someone wrote there is never overwritten.
    fn fill(&mut self, guest: GuestId, booking: &Booking) {
        let Some(known) = self.guests.get_mut(&guest) else { return };
        let row = &mut known.row;
        let mut changed = false;
        let mut blank = |field: &mut Option<String>, value: Option<&String>| {
            if field.is_none() && value.is_some() {
                *field = value.cloned();
                changed = true;
            }
        };
        blank(&mut row.salutation, booking.name.salutation.as_ref());
        blank(&mut row.native, booking.name.native.as_ref());
        blank(&mut row.nationality, booking.nationality.as_ref());
        blank(&mut row.language, booking.language.as_ref());
        blank(&mut row.membership, booking.membership.as_ref());
        let birthday = booking.birthday.map(|birthday| birthday.to_string());
        blank(&mut row.birthday, birthday.as_ref());
        // An initial makes way for the name that it stands for.
        if names::fold(&row.first).len() == 1 && names::fold(&booking.name.first).len() > 1 {
            row.first.clone_from(&booking.name.first);
            changed = true;
        }
        if i64::from(booking.vip) > row.vip {
            row.vip = i64::from(booking.vip);
            changed = true;
        }
        for (kept, new) in [(&mut row.emails, &booking.email), (&mut row.phones, &booking.phone)] {
            if let Some(new) = new
                && kept.len() < CONTACTS
                && !kept.contains(new)
            {
                kept.push(new.clone());
                changed = true;
            }
        }
        if changed {
            row.match_keys = match_keys(&row.last, &row.emails, row.membership.as_deref());
            known.birthday = row.birthday.as_deref().and_then(Birthday::parse);
            known.changed = true;
            for key in row.match_keys.clone() {
                let ids = self.by_key.entry(key).or_default();
                if !ids.contains(&guest) {
                    ids.push(guest);
                }
            }
        }
    }

    /// A stay begins with the check-in and ends with the check-out.
    fn follow_stay(&mut self, row: &ReservationRow, before: ReservationStatus, booking: &Booking) {
        let departed = match booking.status {
            ReservationStatus::CheckedIn => None,
            ReservationStatus::CheckedOut => Some(row.departure.clone()),
            ReservationStatus::Reserved | ReservationStatus::Cancelled | ReservationStatus::NoShow => {
                if matches!(before, ReservationStatus::CheckedIn | ReservationStatus::CheckedOut) {
                    self.ended_stays.push(stay_id(&row.id));
                }
                return;
            }
        };
        self.stays.push(StayRow {
            id: stay_id(&row.id),
            reservation: row.id.clone(),
            guest: row.guest.clone(),
            house: row.house.clone(),
            room: row.room.clone(),
            arrived: row.arrival.clone(),
            departed,
        });
    }

    fn write_preferences(&mut self, now: DateTime<Utc>, guest: GuestId, booking: &Booking) {
        let Some(known) = self.guests.get_mut(&guest) else { return };
        for (group, value) in &booking.preferences {
            if !known.preferences.insert((*group, value_key(value))) {
                continue;
            }
            let (code, text) = match value {
                PreferenceValue::Coded(code) => (Some(code.code().to_owned()), None),
                PreferenceValue::Text(text) => (None, Some(text.clone())),
            };
            self.preferences.push(PreferenceRow {
                id: record("preference", PreferenceId::new()),
                guest: known.row.id.clone(),
                area: group.code().to_owned(),
                code,
                text,
                stated: true,
                author: FROM_BOOKING.to_owned(),
                at: now,
            });
        }
    }

    fn write_consent(&mut self, now: DateTime<Utc>, guest: GuestId, booking: &Booking) {
        let Some(granted) = booking.email_opt_in else { return };
        self.consents.push(ConsentRow {
            id: record("consent", uuid::Uuid::now_v7()),
            guest: record("guest", guest),
            channel: "email".to_owned(),
            purpose: "greetings".to_owned(),
            granted,
            source: format!("booking {}", booking.confirmation),
            at: now,
        });
    }

    fn into_tx(self) -> Tx {
        let mut tx = Tx::new();
        let mut new_guests = Vec::new();
        let mut changed_guests = Vec::new();
        for known in self.guests.into_values() {
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

fn stay_id(reservation: &RecordId) -> RecordId {
    RecordId::new("stay", reservation.key.clone())
}

fn keys_of(booking: &Booking) -> Vec<String> {
    match_keys(&booking.name.last, booking.email.as_slice(), booking.membership.as_deref())
}

fn value_key(value: &PreferenceValue) -> String {
    match value {
        PreferenceValue::Coded(code) => code.code().to_owned(),
        PreferenceValue::Text(text) => names::fold(text),
    }
}

fn draft(booking: &Booking) -> GuestDraft {
    GuestDraft {
        name: GuestName { say: None, ..booking.name.clone() },
        nationality: booking.nationality.clone(),
        language: booking.language.clone(),
        vip: booking.vip,
        phones: booking.phone.iter().cloned().collect(),
        emails: booking.email.iter().cloned().collect(),
        address: None,
        birthday: booking.birthday,
        membership: booking.membership.clone(),
        flags: Flags::default(),
    }
}

fn reservation(id: RecordId, house: HouseId, guest: GuestId, booking: &Booking) -> ReservationRow {
    ReservationRow {
        id,
        house: record("house", house),
        number: booking.confirmation.clone(),
        guest: record("guest", guest),
        arrival: booking.arrival.to_string(),
        departure: booking.departure.to_string(),
        room_type: booking.room_type.clone(),
        room: booking.room.clone(),
        adults: i64::from(booking.adults),
        children: i64::from(booking.children),
        meal_plan: booking.meal_plan.clone(),
        rate: booking.rate,
        currency: booking.currency.clone(),
        segment: booking.market_segment.clone(),
        status: booking.status.code().to_owned(),
        requests: booking.special_requests.clone(),
        source: format!("line {}", booking.line),
        fingerprint: booking.fingerprint.clone(),
    }
}
