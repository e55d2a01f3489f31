//! A booking as rows of the store.

use super::Booking;
use crate::{
    guests::{
        FROM_BOOKING, Flags, GuestName, PreferenceGroup, PreferenceValue,
        evidence::Cue,
        parse::GuestDraft,
        store::{PreferenceRow, match_keys},
    },
    ids::{GuestId, HouseId, PreferenceId},
    server::db::record,
    stays::store::ReservationRow,
};
use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue};

#[derive(SurrealValue)]
pub(super) struct StayRow {
    id: RecordId,
    reservation: RecordId,
    guest: RecordId,
    house: RecordId,
    room: Option<String>,
    arrived: String,
    departed: Option<String>,
}

#[derive(SurrealValue)]
pub(super) struct ConsentRow {
    id: RecordId,
    guest: RecordId,
    channel: String,
    purpose: String,
    granted: bool,
    source: String,
    at: DateTime<Utc>,
}

/// By what the guest of a booking is found again.
pub(super) fn keys_of(booking: &Booking) -> Vec<String> {
    match_keys(&booking.name.last, booking.email.as_slice(), booking.membership.as_deref())
}

/// The profile of a guest who is new.
pub(super) fn draft(booking: &Booking) -> GuestDraft {
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

pub(super) fn reservation(id: RecordId, house: HouseId, guest: GuestId, booking: &Booking) -> ReservationRow {
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
        health: booking.health.clone(),
        source: format!("line {}", booking.line),
        fingerprint: booking.fingerprint.clone(),
    }
}

/// A reservation has one stay at most, under the same key.
pub(super) fn stay_id(reservation: &RecordId) -> RecordId {
    RecordId::new("stay", reservation.key.clone())
}

pub(super) fn stay(reservation: &ReservationRow, departed: Option<String>) -> StayRow {
    StayRow {
        id: stay_id(&reservation.id),
        reservation: reservation.id.clone(),
        guest: reservation.guest.clone(),
        house: reservation.house.clone(),
        room: reservation.room.clone(),
        arrived: reservation.arrival.clone(),
        departed,
    }
}

pub(super) fn preference(
    now: DateTime<Utc>,
    guest: RecordId,
    group: PreferenceGroup,
    value: &PreferenceValue,
) -> PreferenceRow {
    let (code, text) = PreferenceRow::columns(value.clone());
    PreferenceRow {
        id: record("preference", PreferenceId::new()),
        guest,
        area: group.code().to_owned(),
        code,
        text,
        stated: true,
        author: FROM_BOOKING.to_owned(),
        at: now,
        staff: None,
        times: 1,
        last_at: None,
        last_by: None,
        reconfirm_by: None,
        cue: Cue::Silent.code().to_owned(),
        house: None,
        contradicted_at: None,
        contradicted_by: None,
    }
}

/// What the guest answered about e-mails; `None` where nobody asked.
pub(super) fn consent(now: DateTime<Utc>, guest: GuestId, booking: &Booking) -> Option<ConsentRow> {
    let granted = booking.email_opt_in?;
    Some(ConsentRow {
        id: record("consent", uuid::Uuid::now_v7()),
        guest: record("guest", guest),
        channel: "email".to_owned(),
        purpose: "greetings".to_owned(),
        granted,
        source: format!("booking {}", booking.confirmation),
        at: now,
    })
}
