//! What the rules look at: guests with their bookings, gathered for many at once.

use crate::{
    campaigns::{CampaignKind, Settings},
    guests::{Birthday, Flags, GuestName, rhythm::Rhythm, store::guest_records},
    house::House,
    ids::{GuestId, HouseId},
    server::db::{Db, DbError, id_of, vars, word},
    stays::ReservationStatus,
};
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap};
use surrealdb::types::{RecordId, SurrealValue};

/// A guest as the rules see one.
#[derive(Debug, Clone)]
pub struct GuestFacts {
    pub name: GuestName,
    /// As on the profile.
    pub nationality: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    /// 0 to 3.
    pub vip: u8,
    pub emails: Vec<String>,
    pub birthday: Option<Birthday>,
    pub flags: Flags,
    /// Whether another profile has taken this one in.
    pub is_absorbed: bool,
    /// In every house.
    pub bookings: Vec<Booking>,
    /// Codes of preferences, where they were asked for.
    pub preferences: Vec<String>,
    /// The last days of what the guest can use in the house, where they were asked for.
    pub expiring: BTreeSet<NaiveDate>,
    /// The guest's own rhythm of visits to the house, where it was asked for and there is one.
    pub rhythm: Option<Rhythm>,
}

/// A booking as the rules see one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    pub house: HouseId,
    pub status: ReservationStatus,
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
    pub room: Option<String>,
}

impl GuestFacts {
    fn completed(&self, house: HouseId) -> impl Iterator<Item = &Booking> {
        self.bookings
            .iter()
            .filter(move |booking| booking.house == house && booking.status == ReservationStatus::CheckedOut)
    }

    /// Whether a completed stay in the house ended on that day.
    #[must_use]
    pub fn departed_on(&self, house: HouseId, day: NaiveDate) -> bool {
        self.completed(house).any(|booking| booking.departure == day)
    }

    /// The day on which the last completed stay in the house ended.
    #[must_use]
    pub fn last_departure(&self, house: HouseId) -> Option<NaiveDate> {
        self.completed(house).map(|booking| booking.departure).max()
    }

    /// Nights of all completed stays in the house.
    #[must_use]
    pub fn nights(&self, house: HouseId) -> u32 {
        let nights: i64 =
            self.completed(house).map(|booking| (booking.departure - booking.arrival).num_days().max(0)).sum();
        u32::try_from(nights).unwrap_or(u32::MAX)
    }

    /// The booking by which the guest is in house now.
    #[must_use]
    pub fn in_house(&self, house: HouseId) -> Option<&Booking> {
        self.bookings.iter().find(|booking| booking.house == house && booking.status == ReservationStatus::CheckedIn)
    }

    /// A booking in the house that is not over: to come, or in house.
    #[must_use]
    pub fn booked(&self, house: HouseId, today: NaiveDate) -> Option<&Booking> {
        self.bookings.iter().find(|booking| {
            booking.house == house
                && match booking.status {
                    ReservationStatus::CheckedIn => true,
                    // One whose days are over was never ended in the hotel's system.
                    ReservationStatus::Reserved => booking.departure >= today,
                    ReservationStatus::CheckedOut | ReservationStatus::Cancelled | ReservationStatus::NoShow => false,
                }
        })
    }

    /// Whether the house may greet: the guest has booked there, or nowhere yet.
    #[must_use]
    pub fn belongs_to(&self, house: HouseId) -> bool {
        self.bookings.is_empty() || self.bookings.iter().any(|booking| booking.house == house)
    }
}

#[derive(SurrealValue)]
struct GuestRow {
    id: RecordId,
    salutation: Option<String>,
    first: String,
    last: String,
    native: Option<String>,
    say: Option<String>,
    nationality: Option<String>,
    language: Option<String>,
    vip: i64,
    emails: Vec<String>,
    birthday: Option<String>,
    deceased: bool,
    blocklisted: bool,
    incognito: bool,
    merged_into: Option<RecordId>,
}

#[derive(SurrealValue)]
struct BookingRow {
    guest: RecordId,
    house: RecordId,
    status: String,
    arrival: String,
    departure: String,
    room: Option<String>,
}

#[derive(SurrealValue)]
struct PreferenceRow {
    guest: RecordId,
    code: Option<String>,
}

/// What is known of these guests, and what the rules of a kind of campaign look at beside it; those who do not exist
/// (any more) are left out.
///
/// # Errors
/// What the store answers.
pub async fn of_campaign(
    db: &Db,
    house: &House,
    kind: CampaignKind,
    settings: &Settings,
    guests: &[GuestId],
) -> Result<HashMap<GuestId, GuestFacts>, DbError> {
    let mut found = facts(db, guests, !settings.segment.preferences.is_empty()).await?;
    super::of(kind).learn(db, house, &mut found).await?;
    Ok(found)
}

/// What is known of these guests; those who do not exist (any more) are left out.
///
/// # Errors
/// What the store answers.
pub async fn facts(
    db: &Db,
    guests: &[GuestId],
    with_preferences: bool,
) -> Result<HashMap<GuestId, GuestFacts>, DbError> {
    let records = guest_records(guests);
    let profiles = db.rows::<GuestRow>(
        "SELECT id, salutation, first, last, native, say, nationality, language, vip, emails, birthday, deceased, \
         blocklisted, incognito, merged_into FROM $guests",
        vars().with("guests", records.clone()),
    );
    let bookings = db.rows_among::<BookingRow, _>(
        "SELECT guest, house, status, arrival, departure, room FROM reservation WHERE guest IN $among",
        &records,
        vars(),
    );
    let (profiles, bookings) = futures::try_join!(profiles, bookings)?;
    let preferences: Vec<PreferenceRow> = if with_preferences {
        db.rows_among("SELECT guest, code FROM preference WHERE guest IN $among", &records, vars()).await?
    } else {
        Vec::new()
    };
    let mut found = HashMap::with_capacity(profiles.len());
    for row in profiles {
        found.insert(id_of::<GuestId>(&row.id)?, row.read()?);
    }
    for row in bookings {
        if let Some(guest) = found.get_mut(&id_of::<GuestId>(&row.guest)?) {
            guest.bookings.push(row.read()?);
        }
    }
    for row in preferences {
        if let Some(guest) = found.get_mut(&id_of::<GuestId>(&row.guest)?) {
            guest.preferences.extend(row.code);
        }
    }
    Ok(found)
}

impl GuestRow {
    fn read(self) -> Result<GuestFacts, DbError> {
        Ok(GuestFacts {
            name: GuestName {
                salutation: self.salutation,
                first: self.first,
                last: self.last,
                native: self.native,
                say: self.say,
            },
            nationality: self.nationality,
            language: self.language,
            vip: u8::try_from(self.vip).map_err(|_| DbError::Malformed(format!("vip {}", self.vip)))?,
            emails: self.emails,
            birthday: self.birthday.as_deref().map(|text| word(text, Birthday::parse)).transpose()?,
            flags: Flags { deceased: self.deceased, blocklisted: self.blocklisted, incognito: self.incognito },
            is_absorbed: self.merged_into.is_some(),
            bookings: Vec::new(),
            preferences: Vec::new(),
            expiring: BTreeSet::new(),
            rhythm: None,
        })
    }
}

impl BookingRow {
    fn read(self) -> Result<Booking, DbError> {
        let day = |text: &str| word(text, |text| text.parse().ok());
        Ok(Booking {
            house: id_of(&self.house)?,
            status: word(&self.status, ReservationStatus::from_code)?,
            arrival: day(&self.arrival)?,
            departure: day(&self.departure)?,
            room: self.room,
        })
    }
}
