//! The days that are greeted, and the hours at which greetings leave.

mod zones;

pub use zones::zone_of_country;

use super::{LeapDay, Reason, SendZone, Settings};
use crate::{guests::Birthday, server::clock};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::ops::RangeInclusive;

/// The day on which a birthday is greeted in a year: 29 February in common years by the setting.
#[must_use]
pub fn birthday_in(birthday: Birthday, year: i32, leap_day: LeapDay) -> NaiveDate {
    let (month, day) = match leap_day {
        LeapDay::February28 => (2, 28),
        LeapDay::March1 => (3, 1),
    };
    NaiveDate::from_ymd_opt(year, birthday.month, birthday.day)
        .or_else(|| NaiveDate::from_ymd_opt(year, month, day))
        // Only beyond the ends of the calendar, some 260,000 years from now.
        .unwrap_or_default()
}

/// The birthdays (`MM-DD`) that are greeted on a day.
#[must_use]
pub fn birth_days_on(date: NaiveDate, leap_day: LeapDay) -> Vec<String> {
    let mut days = vec![date.format("%m-%d").to_string()];
    let stands_for_leap_day = Birthday::new(None, 2, 29)
        .is_some_and(|birthday| !date.leap_year() && birthday_in(birthday, date.year(), leap_day) == date);
    if stands_for_leap_day {
        days.push("02-29".to_owned());
    }
    days
}

/// The same day so many months later, or the last of that month where it is shorter.
#[must_use]
pub fn add_months(date: NaiveDate, months: u32) -> NaiveDate {
    date.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

/// Whole months from one day to another; 0 where the other is earlier.
#[must_use]
pub fn whole_months(from: NaiveDate, to: NaiveDate) -> u32 {
    let begun = (to.year() - from.year()) * 12 + to.month0().cast_signed() - from.month0().cast_signed();
    let begun = u32::try_from(begun).unwrap_or(0);
    if add_months(from, begun) > to { begun.saturating_sub(1) } else { begun }
}

/// The days from which it is so many months to `date`, as [`add_months`] counts: one, several where `date`
/// ends a month that is shorter than theirs, or none.
#[must_use]
pub fn months_before(date: NaiveDate, months: u32) -> Option<RangeInclusive<NaiveDate>> {
    let theirs = date.with_day(1)?.checked_sub_months(Months::new(months))?;
    let first = theirs.with_day(date.day())?;
    let ends_month = date.succ_opt().is_none_or(|next| next.month() != date.month());
    let last = if ends_month { add_months(theirs, 1).pred_opt()? } else { first };
    Some(first..=last)
}

/// When a greeting leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendTime {
    /// Not before.
    pub due: DateTime<Utc>,
    /// Not after.
    pub until: DateTime<Utc>,
}

/// By which clock a greeting's hours are meant. `guest` is the zone of the guest's country, if it has one.
#[must_use]
pub fn zone_of(settings: &Settings, house: Tz, guest: Option<Tz>) -> Tz {
    match settings.zone {
        SendZone::House => house,
        SendZone::Guest => guest.unwrap_or(house),
    }
}

/// When the greeting of a day leaves: at the set hour, so many days before, and moved to the first instant
/// after the quiet hours if it falls into them.
///
/// # Errors
/// [`Reason::QuietHours`] where that is too late.
pub fn send_time(date: NaiveDate, settings: &Settings, house: Tz, guest: Option<Tz>) -> Result<SendTime, Reason> {
    let zone = zone_of(settings, house, guest);
    let wanted = wanted_time(date, settings, zone);
    next_permitted(wanted.due, settings, zone)
        .filter(|due| *due <= wanted.until)
        .map(|due| SendTime { due, until: due + grace(settings) })
        .ok_or(Reason::QuietHours)
}

/// The same if there were no quiet hours.
#[must_use]
pub fn wanted_time(date: NaiveDate, settings: &Settings, zone: Tz) -> SendTime {
    // What was checked when it was saved; nine in the morning stands for what cannot be read.
    let hour = time(&settings.send_at).or(NaiveTime::from_hms_opt(9, 0, 0)).unwrap_or_default();
    let due = clock::local_instant(send_day(date, settings), hour, zone);
    SendTime { due, until: due + grace(settings) }
}

/// The day on which the greeting of a day is to leave.
#[must_use]
pub fn send_day(date: NaiveDate, settings: &Settings) -> NaiveDate {
    date.checked_sub_days(Days::new(settings.lead_days.into())).unwrap_or(date)
}

/// The day whose greeting is to leave on a day.
#[must_use]
pub fn day_sent_on(day: NaiveDate, settings: &Settings) -> NaiveDate {
    day.checked_add_days(Days::new(settings.lead_days.into())).unwrap_or(day)
}

/// How late a greeting still goes out.
#[must_use]
pub fn grace(settings: &Settings) -> TimeDelta {
    TimeDelta::hours(settings.grace_hours.into())
}

/// The first instant from `at` on that does not fall into the quiet hours. `None` where they never end.
#[must_use]
pub fn next_permitted(at: DateTime<Utc>, settings: &Settings, zone: Tz) -> Option<DateTime<Utc>> {
    let Some(quiet) = Quiet::of(settings) else { return Some(at) };
    let mut at = at;
    // The clocks can be put back into them once they have ended, and that once.
    for _ in 0..4 {
        let shown = at.with_timezone(&zone).naive_local();
        if !quiet.covers(shown.time()) {
            return Some(at);
        }
        let day = if shown.time() < quiet.to { shown.date() } else { shown.date().succ_opt()? };
        let end = clock::local_instant(day, quiet.to, zone);
        // Where the clocks show the end twice, and the first time is over, it is the second.
        at = if end > at { end } else { at + (quiet.to - shown.time()) };
    }
    None
}

/// Hours in which nothing leaves.
struct Quiet {
    from: NaiveTime,
    to: NaiveTime,
}

impl Quiet {
    fn of(settings: &Settings) -> Option<Self> {
        let (from, to) = settings.quiet.as_ref()?;
        Some(Self { from: time(from)?, to: time(to)? })
    }

    /// From a time to the same is the whole day.
    fn covers(&self, shown: NaiveTime) -> bool {
        if self.from < self.to { (self.from..self.to).contains(&shown) } else { shown >= self.from || shown < self.to }
    }
}

fn time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

#[cfg(test)]
mod tests;
