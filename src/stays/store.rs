//! Reservations in the store, and the day's lists made of them.

use super::{DayList, DayLists, GuestLine, Presence, ReservationStatus, floor_of, locator};
use crate::{
    guests::{
        card::{Dossier, one_thing},
        store::dossiers,
    },
    house::House,
    ids::{GuestId, HouseId},
    server::{
        clock,
        db::{Db, DbError, id_of, record, vars, word},
    },
    staff::{
        Role,
        guard::{Permit, SeeLists},
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use surrealdb::types::{RecordId, SurrealValue};

#[derive(Debug, Clone, SurrealValue)]
pub(crate) struct ReservationRow {
    pub id: RecordId,
    pub house: RecordId,
    pub number: String,
    pub guest: RecordId,
    pub arrival: String,
    pub departure: String,
    pub room_type: String,
    pub room: Option<String>,
    pub adults: i64,
    pub children: i64,
    pub meal_plan: String,
    pub rate: i64,
    pub currency: String,
    pub segment: String,
    pub status: String,
    pub requests: Option<String>,
    /// What the booking tells of the guest's health, in its words.
    pub health: Option<String>,
    pub source: String,
    pub fingerprint: String,
}

impl ReservationRow {
    pub fn status(&self) -> Result<ReservationStatus, DbError> {
        word(&self.status, ReservationStatus::from_code)
    }

    /// Nights between arrival and departure.
    pub fn nights(&self) -> i64 {
        match (self.arrival.parse::<NaiveDate>(), self.departure.parse::<NaiveDate>()) {
            (Ok(arrival), Ok(departure)) => (departure - arrival).num_days().max(0),
            _ => 0,
        }
    }
}

/// Bookings that make today: those in house, and those due in.
///
/// # Errors
/// What the store answers.
pub(crate) async fn of_today(db: &Db, house: HouseId, today: NaiveDate) -> Result<Vec<ReservationRow>, DbError> {
    let mut results = db
        .query(
            "SELECT * FROM reservation WHERE house = $house AND status = 'checked_in';
             SELECT * FROM reservation WHERE house = $house AND status = 'reserved' AND arrival = $today;",
            vars().with("house", record("house", house)).with("today", today.to_string()),
        )
        .await?;
    let mut rows: Vec<ReservationRow> = results.take(0)?;
    rows.extend(results.take::<Vec<ReservationRow>>(1)?);
    Ok(rows)
}

/// How many guests are due in, in house and due out today.
///
/// # Errors
/// What the store answers.
pub async fn counts(db: &Db, house: &House, now: DateTime<Utc>) -> Result<[u32; 3], DbError> {
    let today = clock::today(now, house.zone());
    let mut counts = [0; 3];
    for row in of_today(db, house.id, today).await? {
        for (count, is_on) in counts.iter_mut().zip(lists_of(&row, &today.to_string())?) {
            *count += u32::from(is_on);
        }
    }
    Ok(counts)
}

/// On which of the day's lists a booking of today stands, in the order of [`DayList::ALL`].
fn lists_of(row: &ReservationRow, today: &str) -> Result<[bool; 3], DbError> {
    let in_house = row.status()? == ReservationStatus::CheckedIn;
    Ok([!in_house, in_house, in_house && row.departure == today])
}

/// One of the day's lists, with the counts of all three.
///
/// # Errors
/// What the store answers.
pub async fn day_lists(
    db: &Db,
    permit: &Permit<SeeLists>,
    now: DateTime<Utc>,
    list: DayList,
) -> Result<DayLists, DbError> {
    let actor = permit.actor();
    let house = &actor.house;
    let today = clock::today(now, house.zone()).to_string();
    let rows = of_today(db, house.id, clock::today(now, house.zone())).await?;
    let mut counts = [0; 3];
    let mut shown = Vec::new();
    for row in rows {
        let on = lists_of(&row, &today)?;
        for (count, is_on) in counts.iter_mut().zip(on) {
            *count += u32::from(is_on);
        }
        if on[DayList::ALL.iter().position(|other| *other == list).unwrap_or_default()] {
            shown.push(row);
        }
    }
    // By floor and room; rooms without a number last.
    shown.sort_by_cached_key(|row| {
        let room = row.room.clone().unwrap_or_default();
        (row.room.is_none(), room.len(), room, row.number.clone())
    });
    let guests: Vec<GuestId> = shown.iter().map(|row| id_of(&row.guest)).collect::<Result<_, _>>()?;
    let found = dossiers(db, house, now, &guests).await?;
    let by_id: std::collections::HashMap<GuestId, &Dossier> =
        found.iter().map(|dossier| (dossier.guest.id, dossier)).collect();
    let mut lines: Vec<GuestLine> = shown
        .iter()
        .zip(&guests)
        .filter_map(|(row, guest)| {
            by_id.get(guest).map(|dossier| {
                let mut line = line(actor.role, dossier);
                // A guest with two bookings today stands on the list with the one it lists.
                line.room.clone_from(&row.room);
                line.floor = row.room.as_deref().and_then(floor_of);
                line.presence = if list == DayList::Arrivals { Presence::DueIn } else { Presence::InHouse };
                if line.dates.is_some() {
                    line.dates = Some((row.arrival.clone(), row.departure.clone()));
                }
                line
            })
        })
        .collect();
    locator::fill(db, house, now, &mut lines).await?;
    Ok(DayLists { today, counts, list, lines })
}

/// A guest as a line in a list, with what the role may see.
#[must_use]
pub fn line(role: Role, dossier: &Dossier) -> GuestLine {
    let current = dossier.stay.as_ref().filter(|_| dossier.presence != Presence::Elsewhere);
    let room = current.and_then(|stay| stay.room.clone()).filter(|_| role != Role::Marketing && role != Role::Admin);
    GuestLine {
        guest: dossier.guest.id,
        name: dossier.guest.name.clone(),
        language: dossier.guest.language.clone(),
        vip: dossier.guest.vip,
        floor: room.as_deref().and_then(floor_of),
        room,
        dates: current.filter(|_| role != Role::Host).map(|stay| (stay.arrival.clone(), stay.departure.clone())),
        presence: dossier.presence,
        one_thing: one_thing(role, dossier),
        seen: None,
    }
}
