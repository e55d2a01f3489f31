//! Everything that cards and lines are made from, gathered for many guests in one call.

use super::{
    evidence::read_memory,
    rows::{GuestRow, NoteRow, PreferenceRow},
};
use crate::{
    guests::{
        Guest,
        card::{BookingWords, Dossier, History, Remembered, Spend, StayLine},
    },
    house::{House, store::HouseName},
    ids::{GuestId, HouseId},
    requests::{
        asked::{RequestLine, store::RequestRow},
        recovery::store::RecoveryRow,
    },
    server::{
        clock,
        db::{Db, DbError, id_of, record, vars},
    },
    stays::{Presence, ReservationStatus, store::ReservationRow, usual::store::UsualRow},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, HashMap};
use surrealdb::types::{RecordId, SurrealValue};

/// What is known of the guests `$among`, as an object for a statement: one statement, and so one moment for as many
/// as are looked up at once.
pub(crate) const KNOWN: &str = "{
    guests: (SELECT * FROM $among),
    preferences: (SELECT * FROM preference WHERE guest IN $among),
    notes: (SELECT * FROM note WHERE guest IN $among),
    reservations: (SELECT * FROM reservation WHERE guest IN $among),
    requests: (SELECT *, asked_at_station.name AS station_name FROM guest_request
        WHERE guest IN $among AND is_open = true),
    recoveries: (SELECT * FROM recovery WHERE guest IN $among AND matters = true),
    usuals: (SELECT *, station.name AS outlet FROM usual WHERE guest IN $among),
    houses: (SELECT id, name, memory FROM type::table('house'))
}";

/// What that object holds.
#[derive(Default, SurrealValue)]
pub(crate) struct Known {
    guests: Vec<GuestRow>,
    preferences: Vec<PreferenceRow>,
    notes: Vec<NoteRow>,
    reservations: Vec<ReservationRow>,
    requests: Vec<RequestRow>,
    recoveries: Vec<RecoveryRow>,
    usuals: Vec<UsualRow>,
    houses: Vec<HouseName>,
}

/// What the store knows of guests.
async fn gather(db: &Db, ids: &[GuestId]) -> Result<Known, DbError> {
    let mut all = Known::default();
    let sql = format!("RETURN {KNOWN}");
    for found in db.rows_among::<Known, _>(&sql, &super::guest_records(ids), vars()).await? {
        all.guests.extend(found.guests);
        all.preferences.extend(found.preferences);
        all.notes.extend(found.notes);
        all.reservations.extend(found.reservations);
        all.requests.extend(found.requests);
        all.recoveries.extend(found.recoveries);
        all.usuals.extend(found.usuals);
        // The same each time.
        all.houses = found.houses;
    }
    Ok(all)
}

/// The dossiers of guests, in the order asked for; guests that do not exist are left out.
///
/// # Errors
/// What the store answers.
pub async fn dossiers(db: &Db, house: &House, now: DateTime<Utc>, ids: &[GuestId]) -> Result<Vec<Dossier>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    dossiers_of(gather(db, ids).await?, house, now, ids)
}

/// The dossiers of guests of whom this is known, in the order asked for; those who were not found are left out.
///
/// # Errors
/// A record that does not have the expected form.
pub(crate) fn dossiers_of(
    known: Known,
    house: &House,
    now: DateTime<Utc>,
    ids: &[GuestId],
) -> Result<Vec<Dossier>, DbError> {
    let zone = house.zone();
    let today = clock::today(now, zone);
    let here = record("house", house.id);
    let Known { guests, preferences, notes, reservations, requests, recoveries, usuals, houses } = known;
    let mut remembered = remembered(house, now, requests, recoveries, usuals)?;
    let mut preferences = by_guest(preferences, |row| &row.guest)?;
    let mut notes = by_guest(notes, |row| &row.guest)?;
    let mut reservations = by_guest(reservations, |row| &row.guest)?;
    let memory = houses.iter().find(|row| row.id == here).and_then(|row| row.memory.clone());
    let fade_days = read_memory(memory).fade_days;
    let house_names: HashMap<HouseId, String> =
        houses.into_iter().map(|row| Ok((id_of(&row.id)?, row.name))).collect::<Result<_, DbError>>()?;

    let mut found: HashMap<GuestId, Dossier> = HashMap::with_capacity(guests.len());
    for row in guests {
        let guest = Guest::try_from(row)?;
        let id = guest.id;
        let bookings = reservations.remove(&id).unwrap_or_default();
        let mut guest_preferences = preferences
            .remove(&id)
            .unwrap_or_default()
            .into_iter()
            .filter(|row| row.house.as_ref().is_none_or(|only| *only == here))
            .map(|row| row.read(zone, &house_names))
            .collect::<Result<Vec<_>, _>>()?;
        guest_preferences.sort_by(|a, b| a.group.cmp(&b.group).then(a.id.cmp(&b.id)));
        let mut guest_notes = notes
            .remove(&id)
            .unwrap_or_default()
            .into_iter()
            .filter(|row| row.until.as_deref().is_none_or(|until| until >= today.to_string().as_str()))
            .map(|row| row.read(zone))
            .collect::<Result<Vec<_>, _>>()?;
        guest_notes.sort_by(|a, b| b.at.cmp(&a.at));
        let (presence, matters) = that_matters(&bookings, house.id, today)?;
        let stay = matters
            .map(|row| {
                let house = id_of(&row.house)?;
                Ok::<_, DbError>(StayLine {
                    house: house_names.get(&house).cloned().unwrap_or_default(),
                    room: row.room.clone(),
                    arrival: row.arrival.clone(),
                    departure: row.departure.clone(),
                    status: row.status()?,
                })
            })
            .transpose()?;
        let booked = matters.map_or_else(BookingWords::default, |row| BookingWords {
            requests: row.requests.clone(),
            health: row.health.clone(),
        });
        let rate = matters.map(|row| (row.currency.clone(), row.rate));
        let history = history(&bookings, presence)?;
        let spend = spend(&bookings)?;
        found.insert(
            id,
            Dossier {
                guest,
                stay,
                booked,
                presence,
                history,
                preferences: guest_preferences,
                notes: guest_notes,
                spend,
                rate,
                remembered: remembered.remove(&id).unwrap_or_default(),
                today,
                fade_days,
            },
        );
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Who is in house and who is due in today, with the room: the guests that a search names first.
///
/// # Errors
/// What the store answers.
pub async fn presences(
    db: &Db,
    house: HouseId,
    today: NaiveDate,
) -> Result<HashMap<GuestId, (Presence, Option<String>)>, DbError> {
    let rows: Vec<ReservationRow> = crate::stays::store::of_today(db, house, today).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        let presence = if row.status()? == ReservationStatus::CheckedIn { Presence::InHouse } else { Presence::DueIn };
        let entry = found.entry(id_of(&row.guest)?).or_insert((presence, row.room.clone()));
        if presence < entry.0 {
            *entry = (presence, row.room);
        }
    }
    Ok(found)
}

/// What is remembered of guests for every card and alert about them: what they have asked for in the house, of what
/// they have complained anywhere, and what they usually have in the house.
fn remembered(
    house: &House,
    now: DateTime<Utc>,
    requests: Vec<RequestRow>,
    recoveries: Vec<RecoveryRow>,
    usuals: Vec<UsualRow>,
) -> Result<HashMap<GuestId, Remembered>, DbError> {
    let (here, zone) = (record("house", house.id), house.zone());
    let mut found: HashMap<GuestId, Remembered> = HashMap::new();
    for row in requests.into_iter().filter(|row| row.house == here) {
        found.entry(id_of(&row.guest)?).or_default().requests.push(row.line(now, zone)?);
    }
    for row in recoveries {
        found.entry(id_of(&row.guest)?).or_default().recoveries.push(row.line(zone)?);
    }
    for row in usuals.into_iter().filter(|row| row.house == here) {
        found.entry(id_of(&row.guest)?).or_default().usuals.push(row.line(zone)?);
    }
    for known in found.values_mut() {
        known.requests.sort_by_cached_key(RequestLine::order);
        // The gravest first, of equal ones the newest.
        known.recoveries.sort_by(|one, other| {
            other.severity.cmp(&one.severity).then_with(|| other.on.cmp(&one.on)).then(other.id.cmp(&one.id))
        });
        known.usuals.sort_by(|one, other| one.outlet.cmp(&other.outlet).then(one.station.cmp(&other.station)));
    }
    Ok(found)
}

fn by_guest<T>(rows: Vec<T>, guest: fn(&T) -> &RecordId) -> Result<HashMap<GuestId, Vec<T>>, DbError> {
    let mut found: HashMap<GuestId, Vec<T>> = HashMap::new();
    for row in rows {
        found.entry(id_of(guest(&row))?).or_default().push(row);
    }
    Ok(found)
}

/// The booking that matters now: the one in house here, else the one due in today, else the next one
/// to come, here before elsewhere.
fn that_matters(
    bookings: &[ReservationRow],
    house: HouseId,
    today: NaiveDate,
) -> Result<(Presence, Option<&ReservationRow>), DbError> {
    let today = today.to_string();
    let mut best: Option<(u8, &ReservationRow)> = None;
    for row in bookings {
        let here = id_of::<HouseId>(&row.house)? == house;
        let rank = match (row.status()?, here) {
            (ReservationStatus::CheckedIn, true) => 0,
            (ReservationStatus::Reserved, true) if row.arrival == today => 1,
            (ReservationStatus::CheckedIn, false) => 2,
            (ReservationStatus::Reserved, true) if row.arrival > today => 3,
            (ReservationStatus::Reserved, false) if row.arrival >= today => 4,
            _ => continue,
        };
        if best.is_none_or(|(rank_so_far, so_far)| (rank, &row.arrival) < (rank_so_far, &so_far.arrival)) {
            best = Some((rank, row));
        }
    }
    Ok(match best {
        Some((0, row)) => (Presence::InHouse, Some(row)),
        Some((1, row)) => (Presence::DueIn, Some(row)),
        Some((_, row)) => (Presence::Elsewhere, Some(row)),
        None => (Presence::Elsewhere, None),
    })
}

fn history(bookings: &[ReservationRow], presence: Presence) -> Result<History, DbError> {
    let mut completed = 0;
    let mut last: Option<&ReservationRow> = None;
    for row in bookings {
        if row.status()? == ReservationStatus::CheckedOut {
            completed += 1;
            if last.is_none_or(|so_far| row.departure > so_far.departure) {
                last = Some(row);
            }
        }
    }
    let present = u32::from(presence != Presence::Elsewhere);
    Ok(History { stay_number: completed + present, last: last.map(|row| (row.departure.clone(), row.room.clone())) })
}

fn spend(bookings: &[ReservationRow]) -> Result<Spend, DbError> {
    let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
    for row in bookings {
        if row.status()? == ReservationStatus::CheckedOut {
            *totals.entry(&row.currency).or_default() += row.rate.saturating_mul(row.nights());
        }
    }
    Ok(Spend { totals: totals.into_iter().map(|(currency, sum)| (currency.to_owned(), sum)).collect() })
}
