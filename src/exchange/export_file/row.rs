//! One record as a booking, or everything that is wrong with it.

use super::{
    Booking, Reason, Rejected,
    columns::{Column, Columns, decoded},
    excerpt,
    money::Currency,
    record::{MAX_FIELD, Record},
    wishes,
};
use crate::{
    error::Problem,
    guests::{
        GuestName,
        parse::{self, Email, LanguageCode, Membership, Name, Nationality, Phone},
    },
    stays::ReservationStatus,
};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// Most characters of a code: room type, meal plan, property and the like.
const MAX_CODE: usize = 40;
/// Most characters of the confirmation number.
const MAX_CONFIRMATION: usize = 64;
/// Most characters of the special requests, and of the allergies.
const MAX_REQUESTS: usize = 2_000;
/// Most adults, and most children, of one booking.
const MAX_PARTY: u32 = 999;

/// Reads a record; on refusal says what is wrong, at least one thing.
pub(super) fn booking(record: &Record, columns: &Columns) -> Result<Booking, Vec<Rejected>> {
    let damage = damage(record, columns);
    if !damage.is_empty() {
        return Err(damage);
    }
    let values = columns.values(record);
    let mut row = Row { line: record.line, values: &values, rejected: Vec::new() };

    let name = row.name();
    let nationality = row.read(Column::Nationality, |text| parse::optional(text, Nationality::parse));
    let country = nationality.map(Nationality::alpha2);
    let (arrival, departure) = row.dates();
    let (currency, rate) = row.rate();
    let special_requests = row.read(Column::SpecialRequests, |text| parse::text(text, MAX_REQUESTS));
    let allergies = row.read(Column::Allergies, |text| parse::text(text, MAX_REQUESTS));
    let wishes =
        wishes::wishes(special_requests.as_deref().unwrap_or_default(), allergies.as_deref().unwrap_or_default());
    let booking = Booking {
        line: record.line,
        confirmation: row.read(Column::ConfirmationNo, |text| needed(text, MAX_CONFIRMATION)),
        property: row.read(Column::Property, |text| needed(text, MAX_CODE)),
        name,
        nationality: nationality.map(|nationality| nationality.alpha3().to_owned()),
        language: row.read(Column::Language, |text| parse::optional(text, LanguageCode::parse)).map(String::from),
        email: row.read(Column::Email, |text| parse::optional(text, Email::parse)).map(String::from),
        phone: row
            .read(Column::Phone, |text| parse::optional(text, |text| Phone::parse(text, country)))
            .map(String::from),
        birthday: row.read(Column::BirthDate, |text| parse::optional(text, parse::birthday)),
        vip: row.read(Column::VipCode, vip),
        membership: row.read(Column::MembershipNo, |text| parse::optional(text, Membership::parse)).map(String::from),
        arrival,
        departure,
        room_type: row.read(Column::RoomType, |text| parse::line(text, MAX_CODE)).unwrap_or_default(),
        room: row.read(Column::RoomNo, |text| parse::line(text, MAX_CODE)),
        adults: row.read(Column::Adults, party),
        children: row.read(Column::Children, party),
        meal_plan: row.read(Column::MealPlan, |text| parse::line(text, MAX_CODE)).unwrap_or_default(),
        rate,
        currency,
        market_segment: row.read(Column::MarketSegment, |text| parse::line(text, MAX_CODE)).unwrap_or_default(),
        // Stands in until the status has been read: a row without one is refused below.
        status: ReservationStatus::Cancelled,
        special_requests,
        health: wishes.health,
        preferences: wishes.preferences,
        email_opt_in: row.read(Column::EmailOptIn, opt_in),
        fingerprint: fingerprint(&values),
    };
    match row.read(Column::Status, |text| status(text).map(Some)) {
        Some(status) if row.rejected.is_empty() => Ok(Booking { status, ..booking }),
        _ => Err(row.rejected),
    }
}

/// What is wrong with a record as such, before any of its values is looked at.
fn damage(record: &Record, columns: &Columns) -> Vec<Rejected> {
    let line = record.line;
    let rejected = |index: usize, reason: Reason| Rejected {
        line,
        column: columns.name_at(index).to_owned(),
        value: excerpt(&String::from_utf8_lossy(record.field(index))),
        reason,
    };
    if let Some(index) = record.unclosed {
        return vec![rejected(index, Reason::Unclosed)];
    }
    if let Some(index) = record.too_long {
        return vec![rejected(index, Reason::TooManyBytes(MAX_FIELD))];
    }
    if record.count != columns.count() {
        let reason = Reason::Width { fields: record.count, columns: columns.count() };
        return vec![Rejected { line, column: String::new(), value: excerpt(&decoded(record.field(0))), reason }];
    }
    let nul = |(index, field): (usize, &[u8])| field.contains(&0).then(|| rejected(index, Reason::Nul));
    record.fields().enumerate().filter_map(nul).collect()
}

/// A record while its values are read.
struct Row<'a> {
    line: u64,
    /// In the order of [`Column::ALL`].
    values: &'a [Cow<'a, str>],
    rejected: Vec<Rejected>,
}

impl Row<'_> {
    /// The value that `parse` makes of a column, or a default while the problem goes to the report.
    fn read<T: Default, E: Into<Reason>>(&mut self, column: Column, parse: impl FnOnce(&str) -> Result<T, E>) -> T {
        parse(self.value(column)).unwrap_or_else(|problem| {
            self.reject(column, problem.into());
            T::default()
        })
    }

    /// A column's text. Databases print `NULL` where they have nothing; only a name may be just that.
    fn value(&self, column: Column) -> &str {
        let text = self.values[column as usize].trim();
        let is_name = matches!(column, Column::FirstName | Column::LastName | Column::NativeName);
        if text.eq_ignore_ascii_case("NULL") && !is_name { "" } else { text }
    }

    fn reject(&mut self, column: Column, reason: Reason) {
        let value = excerpt(&self.values[column as usize]);
        self.rejected.push(Rejected { line: self.line, column: column.name().to_owned(), value, reason });
    }

    fn name(&mut self) -> GuestName {
        let part = |text: &str| parse::optional(text, Name::parse).map(|name| name.map(String::from));
        let name = GuestName {
            salutation: self.read(Column::Title, |text| parse::line(text, MAX_CODE)),
            first: self.read(Column::FirstName, part).unwrap_or_default(),
            last: self.read(Column::LastName, part).unwrap_or_default(),
            native: self.read(Column::NativeName, part),
            say: None,
        };
        if self.value(Column::FirstName).is_empty() && self.value(Column::LastName).is_empty() {
            self.reject(Column::LastName, Reason::NoName);
        }
        name
    }

    fn dates(&mut self) -> (NaiveDate, NaiveDate) {
        let arrival = self.read(Column::Arrival, |text| date(text).map(Some));
        let departure = self.read(Column::Departure, |text| date(text).map(Some));
        if let (Some(arrival), Some(departure)) = (arrival, departure)
            && departure < arrival
        {
            self.reject(Column::Departure, Reason::BeforeArrival(arrival));
        }
        (arrival.unwrap_or_default(), departure.unwrap_or_default())
    }

    fn rate(&mut self) -> (String, i64) {
        let Some(currency) = self.read(Column::Currency, |text| Currency::parse(text).map(Some)) else {
            return (String::new(), 0);
        };
        (currency.code.to_owned(), self.read(Column::Adr, |text| currency.minor_units(text)))
    }
}

/// A line of text that may not be empty.
fn needed(text: &str, max: usize) -> Result<String, Problem> {
    parse::line(text, max)?.ok_or(Problem::Empty)
}

/// `YYYY-MM-DD` and nothing else: 03/04 is two days to two people.
fn date(text: &str) -> Result<NaiveDate, Reason> {
    let written_so = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    if !written_so {
        return Err(Reason::NotDate);
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| Reason::NotInCalendar)
}

fn party(text: &str) -> Result<u32, Reason> {
    let digits_only = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Some(text)
        .filter(|_| digits_only)
        .and_then(|text| text.parse().ok())
        .filter(|count: &u32| *count <= MAX_PARTY)
        .ok_or(Reason::NotCount(MAX_PARTY))
}

fn vip(text: &str) -> Result<u8, Reason> {
    match text.to_ascii_uppercase().as_str() {
        "" => Ok(0),
        "V1" => Ok(1),
        "V2" => Ok(2),
        "V3" => Ok(3),
        _ => Err(Reason::NotListed { accepted: "V1, V2, V3".to_owned(), or_empty: true }),
    }
}

fn opt_in(text: &str) -> Result<Option<bool>, Reason> {
    match text.to_ascii_uppercase().as_str() {
        "" => Ok(None),
        "Y" | "YES" => Ok(Some(true)),
        "N" | "NO" => Ok(Some(false)),
        _ => Err(Reason::NotListed { accepted: "Y, N".to_owned(), or_empty: true }),
    }
}

fn status(text: &str) -> Result<ReservationStatus, Reason> {
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    match letters.to_ascii_uppercase().as_str() {
        "RESERVED" => Ok(ReservationStatus::Reserved),
        "CHECKEDIN" => Ok(ReservationStatus::CheckedIn),
        "CHECKEDOUT" => Ok(ReservationStatus::CheckedOut),
        "CANCELLED" | "CANCELED" => Ok(ReservationStatus::Cancelled),
        "NOSHOW" => Ok(ReservationStatus::NoShow),
        _ => {
            let accepted = "RESERVED, CHECKED IN, CHECKED OUT, CANCELLED, NO SHOW".to_owned();
            Err(Reason::NotListed { accepted, or_empty: false })
        }
    }
}

/// Hex SHA-256 of the values. Their lengths go in too, so that no two rows read alike when joined.
fn fingerprint(values: &[Cow<'_, str>]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut hash = Sha256::new();
    for value in values {
        hash.update((value.len() as u64).to_le_bytes());
        hash.update(value.as_bytes());
    }
    let nibbles = hash.finalize().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from(HEX[usize::from(nibble)])).collect()
}
