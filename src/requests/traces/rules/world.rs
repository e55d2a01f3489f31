//! What rules look at: who is in house and who comes, what they prefer, and which of their days are near.

use super::store::Rule;
use crate::{
    guests::{
        Birthday,
        relations::{OccasionLine, store::occasions_of},
        store::guest_records,
    },
    house::House,
    ids::{GuestId, ReservationId},
    requests::traces::{rule::RuleDay, store::AHEAD_DAYS},
    server::db::{Db, DbError, id_of, record, vars, word},
    stays::ReservationStatus,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{HashMap, HashSet};
use surrealdb::types::{RecordId, SurrealValue};

/// A booking that is not over.
#[derive(Debug, Clone)]
pub(super) struct Booking {
    pub id: ReservationId,
    pub guest: GuestId,
    pub status: ReservationStatus,
    /// House-local.
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
    pub room: Option<String>,
}

/// What is around the rules of a house.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    /// Those in house, and those due in within the days that the rules look ahead; in the order of their ids.
    pub bookings: Vec<Booking>,
    /// Codes of the preferences that hold here, by guest.
    pub codes: HashMap<GuestId, HashSet<String>>,
    /// Birthdays of those who may be greeted.
    pub birthdays: HashMap<GuestId, Birthday>,
    /// Other days that are kept, of those who may be greeted.
    pub occasions: HashMap<GuestId, Vec<OccasionLine>>,
}

#[derive(SurrealValue)]
struct BookingRow {
    id: RecordId,
    guest: RecordId,
    status: String,
    arrival: String,
    departure: String,
    room: Option<String>,
}

#[derive(SurrealValue)]
struct CodeRow {
    guest: RecordId,
    code: Option<String>,
    house: Option<RecordId>,
    contradicted_at: Option<DateTime<Utc>>,
}

#[derive(SurrealValue)]
struct PersonRow {
    id: RecordId,
    birthday: Option<String>,
    deceased: bool,
    blocklisted: bool,
    incognito: bool,
}

/// The last day for which a rule makes traces: those that are due before any list looks.
pub(super) fn horizon(rule: &Rule, today: NaiveDate) -> NaiveDate {
    today.checked_add_days(Days::new(AHEAD_DAYS + u64::from(rule.days_before))).unwrap_or(today)
}

impl World {
    pub async fn load(db: &Db, house: &House, rules: &[Rule], today: NaiveDate) -> Result<Self, DbError> {
        let of_bookings = || rules.iter().filter(|rule| rule.on != RuleDay::Every);
        let Some(last) = of_bookings().map(|rule| horizon(rule, today)).max() else { return Ok(Self::default()) };
        let bookings = bookings(db, house, today, last).await?;
        let mut guests: Vec<GuestId> = bookings.iter().map(|booking| booking.guest).collect();
        guests.sort_unstable();
        guests.dedup();
        let codes = if of_bookings().any(|rule| rule.code.is_some()) {
            codes(db, house, &guests).await?
        } else {
            HashMap::new()
        };
        let (birthdays, occasions) = if of_bookings().any(|rule| rule.on == RuleDay::Occasion) {
            days_of(db, &guests, today).await?
        } else {
            (HashMap::new(), HashMap::new())
        };
        Ok(Self { bookings, codes, birthdays, occasions })
    }
}

async fn bookings(db: &Db, house: &House, today: NaiveDate, last: NaiveDate) -> Result<Vec<Booking>, DbError> {
    let mut results = db
        .query(
            "SELECT id, guest, status, arrival, departure, room FROM reservation WITH INDEX reservation_arrival \
             WHERE house = $house AND status = 'checked_in';
             SELECT id, guest, status, arrival, departure, room FROM reservation WITH INDEX reservation_arrival \
             WHERE house = $house AND status = 'reserved' AND arrival >= $today AND arrival <= $last;",
            vars()
                .with("house", record("house", house.id))
                .with("today", today.to_string())
                .with("last", last.to_string()),
        )
        .await?;
    let mut rows: Vec<BookingRow> = results.take(0)?;
    rows.extend(results.take::<Vec<BookingRow>>(1)?);
    let day = |text: &str| word(text, |text| text.parse::<NaiveDate>().ok());
    let mut bookings = Vec::with_capacity(rows.len());
    for row in rows {
        bookings.push(Booking {
            id: id_of(&row.id)?,
            guest: id_of(&row.guest)?,
            status: word(&row.status, ReservationStatus::from_code)?,
            arrival: day(&row.arrival)?,
            departure: day(&row.departure)?,
            room: row.room,
        });
    }
    bookings.sort_by_key(|booking| booking.id);
    Ok(bookings)
}

async fn codes(db: &Db, house: &House, guests: &[GuestId]) -> Result<HashMap<GuestId, HashSet<String>>, DbError> {
    let here = record("house", house.id);
    let rows: Vec<CodeRow> = db
        .rows_among(
            "SELECT guest, code, house, contradicted_at FROM preference WHERE guest IN $among",
            &guest_records(guests),
            vars(),
        )
        .await?;
    let mut codes: HashMap<GuestId, HashSet<String>> = HashMap::new();
    for CodeRow { guest, code, house: only, contradicted_at } in rows {
        if let Some(code) = code
            && contradicted_at.is_none()
            && only.is_none_or(|only| only == here)
        {
            codes.entry(id_of(&guest)?).or_default().insert(code);
        }
    }
    Ok(codes)
}

/// Birthdays and other days of those whom the house greets: nobody who does not want to be recognised, or is not
/// welcome, or has died.
async fn days_of(
    db: &Db,
    guests: &[GuestId],
    today: NaiveDate,
) -> Result<(HashMap<GuestId, Birthday>, HashMap<GuestId, Vec<OccasionLine>>), DbError> {
    if guests.is_empty() {
        return Ok((HashMap::new(), HashMap::new()));
    }
    let people: Vec<PersonRow> = db
        .rows(
            "SELECT id, birthday, deceased, blocklisted, incognito FROM $guests",
            vars().with("guests", guest_records(guests)),
        )
        .await?;
    let (mut greeted, mut birthdays) = (Vec::with_capacity(people.len()), HashMap::new());
    for person in people {
        if person.deceased || person.blocklisted || person.incognito {
            continue;
        }
        let id: GuestId = id_of(&person.id)?;
        greeted.push(id);
        if let Some(birthday) = &person.birthday {
            birthdays.insert(id, word(birthday, Birthday::parse)?);
        }
    }
    Ok((birthdays, occasions_of(db, &greeted, today).await?))
}
