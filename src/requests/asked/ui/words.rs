//! A request in the reader's language.

use crate::{
    i18n::*,
    requests::asked::{RequestKind, RequestLine, RequestState},
    ui::{I18n, date},
};

/// What was asked for, in a word.
#[must_use]
pub fn request_kind(i18n: I18n, kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Taxi => tu_string!(i18n, requests.kind.taxi),
        RequestKind::WakeUp => tu_string!(i18n, requests.kind.wake_up),
        RequestKind::Luggage => tu_string!(i18n, requests.kind.luggage),
        RequestKind::Table => tu_string!(i18n, requests.kind.table),
        RequestKind::Tickets => tu_string!(i18n, requests.kind.tickets),
        RequestKind::Laundry => tu_string!(i18n, requests.kind.laundry),
        RequestKind::Room => tu_string!(i18n, requests.kind.room),
        RequestKind::Other => tu_string!(i18n, requests.kind.something),
    }
}

/// "Taxi to the airport".
#[must_use]
pub fn request_what(i18n: I18n, line: &RequestLine) -> String {
    let kind = request_kind(i18n, line.kind);
    let Some(place) = line.place.clone() else { return kind.to_owned() };
    match line.kind {
        RequestKind::Taxi => tu_string!(i18n, requests.to.taxi, place = place),
        RequestKind::Luggage => tu_string!(i18n, requests.to.luggage, place = place),
        RequestKind::Table => tu_string!(i18n, requests.to.table, place = place),
        RequestKind::Tickets => tu_string!(i18n, requests.to.tickets, place = place),
        RequestKind::WakeUp | RequestKind::Laundry | RequestKind::Room | RequestKind::Other => kind.to_owned(),
    }
}

/// "Taxi to the airport, 10:30": the day is named where it is not known to be today.
#[must_use]
pub fn request_sentence(i18n: I18n, line: &RequestLine, today: Option<&str>) -> String {
    let is_today = today.map_or_else(|| line.is_of_today(), |today| line.day == today);
    let when = match (&line.time, is_today) {
        (Some(time), true) => time.clone(),
        (Some(time), false) => {
            let day = date::short_date(i18n, &line.day);
            tu_string!(i18n, requests.line.day_at, day = day, time = time.clone())
        }
        (None, true) => tu_string!(i18n, requests.line.today).to_owned(),
        (None, false) => date::short_date(i18n, &line.day),
    };
    tu_string!(i18n, requests.line.what_when, what = request_what(i18n, line), when = when)
}

/// "Ordered by Li at the front desk: do not ask, confirm."
#[must_use]
pub fn request_ordered(i18n: I18n, line: &RequestLine) -> String {
    let by = line.asked_by.clone();
    match line.asked_at_station.clone() {
        Some(station) => tu_string!(i18n, requests.line.ordered_at, by = by, station = station),
        None => tu_string!(i18n, requests.line.ordered, by = by),
    }
}

/// "Entered by Li at the front desk, 23 Nov 2026, 09:00".
#[must_use]
pub fn request_entered(i18n: I18n, line: &RequestLine) -> String {
    let (by, at) = (line.asked_by.clone(), date::moment(i18n, &line.asked_on));
    match line.asked_at_station.clone() {
        Some(station) => tu_string!(i18n, requests.line.entered_at, by = by, station = station, at = at),
        None => tu_string!(i18n, requests.line.entered, by = by, at = at),
    }
}

/// How it stands: "Arranged by Marco: 12-AB-34".
#[must_use]
pub fn request_state(i18n: I18n, line: &RequestLine) -> String {
    let name = |who: &Option<String>| who.clone().unwrap_or_default();
    match line.state {
        RequestState::Asked => tu_string!(i18n, requests.state.asked).to_owned(),
        RequestState::Arranged => match line.details.clone() {
            Some(details) => {
                let who = name(&line.arranged_by);
                tu_string!(i18n, requests.state.arranged_details, who = who, details = details)
            }
            None => tu_string!(i18n, requests.state.arranged, who = name(&line.arranged_by)),
        },
        RequestState::Done => tu_string!(i18n, requests.state.done, who = name(&line.ended_by)),
        RequestState::Declined => {
            let reason = line.reason.clone().unwrap_or_default();
            tu_string!(i18n, requests.state.declined, who = name(&line.ended_by), reason = reason)
        }
    }
}
