//! Time. It is passed in wherever a rule depends on it, so that every rule can be tried on any day;
//! and it is UTC everywhere, except where a person reads it or a date means a day at the house.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};
use std::sync::{Mutex, PoisonError};

/// Tells what time it is.
pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands still until it is told otherwise; for tests.
#[derive(Debug)]
pub struct FixedClock(Mutex<DateTime<Utc>>);

impl FixedClock {
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves to an instant, earlier or later.
    pub fn set(&self, now: DateTime<Utc>) {
        self.change(|shown| *shown = now);
    }

    /// Moves by a span, negative to go back.
    pub fn advance(&self, by: TimeDelta) {
        self.change(|shown| *shown += by);
    }

    fn change<T>(&self, change: impl FnOnce(&mut DateTime<Utc>) -> T) -> T {
        // Any instant is as good as another: there is no half-changed state to fear after a panic.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        self.change(|shown| *shown)
    }
}

/// The day that the house is in.
#[must_use]
pub fn today(now: DateTime<Utc>, tz: Tz) -> NaiveDate {
    now.with_timezone(&tz).date_naive()
}

/// When the day began that the house is in.
#[must_use]
pub fn day_begins(now: DateTime<Utc>, tz: Tz) -> DateTime<Utc> {
    local_instant(today(now, tz), NaiveTime::MIN, tz)
}

/// The instant at which the house's clocks show a date and time. Where they are put forward and never
/// show it, the first instant after the gap; where they are put back and show it twice, the earlier.
#[must_use]
pub fn local_instant(date: NaiveDate, time: NaiveTime, tz: Tz) -> DateTime<Utc> {
    let local = date.and_time(time);
    if let Some(instant) = tz.from_local_datetime(&local).earliest() {
        return instant.to_utc();
    }
    match GapInfo::new(&local, &tz).and_then(|gap| gap.end) {
        Some(end) => end.to_utc(),
        // Only within a day of the ends of the calendar, some 260,000 years from now.
        None => local.and_utc(),
    }
}

/// The time on the house's clocks, `HH:MM`.
#[must_use]
pub fn local_time(at: DateTime<Utc>, tz: Tz) -> String {
    at.with_timezone(&tz).format("%H:%M").to_string()
}

/// Date and time on the house's clocks, `YYYY-MM-DD HH:MM`.
#[must_use]
pub fn local_minute(at: DateTime<Utc>, tz: Tz) -> String {
    at.with_timezone(&tz).format("%Y-%m-%d %H:%M").to_string()
}

/// The instant that is so many milliseconds after the start of 1970, as records and messages carry it.
/// One that no calendar reaches becomes the nearest that it does.
#[must_use]
pub fn from_millis(millis: i64) -> DateTime<Utc> {
    let nearest = if millis < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    DateTime::from_timestamp_millis(millis).unwrap_or(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{
        Africa::Casablanca,
        America::{New_York, Sao_Paulo, St_Johns},
        Asia::{Kathmandu, Shanghai},
        Atlantic::Azores,
        Australia::Lord_Howe,
        Europe::{Dublin, Lisbon},
        Pacific::{Apia, Chatham, Kiritimati},
    };
    use proptest::prelude::*;

    const ZONES: [Tz; 12] = [
        Casablanca, New_York, Sao_Paulo, St_Johns, Kathmandu, Shanghai, Azores, Lord_Howe, Dublin, Lisbon, Apia,
        Chatham,
    ];

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn time(text: &str) -> NaiveTime {
        text.parse().expect("a time")
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    #[test]
    fn today_is_the_day_at_the_house() {
        let now = utc("2026-11-22T11:30:00Z");
        assert_eq!(today(now, Lisbon), date("2026-11-22"));
        assert_eq!(today(now, Kiritimati), date("2026-11-23"));
        assert_eq!(today(utc("2026-11-22T02:30:00Z"), Sao_Paulo), date("2026-11-21"));
    }

    #[test]
    fn an_ordinary_time_is_shown_once() {
        assert_eq!(local_instant(date("2026-07-01"), time("09:00:00"), Lisbon), utc("2026-07-01T08:00:00Z"));
        assert_eq!(local_instant(date("2026-12-01"), time("09:00:00"), Lisbon), utc("2026-12-01T09:00:00Z"));
        assert_eq!(local_instant(date("2026-12-01"), time("09:00:00"), Shanghai), utc("2026-12-01T01:00:00Z"));
    }

    #[test]
    fn a_time_that_the_clocks_skip_becomes_the_first_after_the_gap() {
        // 01:00 to 02:00 is skipped.
        for skipped in ["01:00:00", "01:30:00", "01:59:59.999"] {
            assert_eq!(local_instant(date("2026-03-29"), time(skipped), Lisbon), utc("2026-03-29T01:00:00Z"));
        }
        // Midnight itself was skipped: the day began at 01:00.
        assert_eq!(local_instant(date("2018-11-04"), time("00:00:00"), Sao_Paulo), utc("2018-11-04T03:00:00Z"));
        // A whole day was skipped.
        assert_eq!(local_instant(date("2011-12-30"), time("12:00:00"), Apia), utc("2011-12-30T10:00:00Z"));
    }

    #[test]
    fn a_time_that_the_clocks_show_twice_becomes_the_earlier() {
        assert_eq!(local_instant(date("2026-10-25"), time("01:30:00"), Lisbon), utc("2026-10-25T00:30:00Z"));
        assert_eq!(local_instant(date("2018-02-17"), time("23:30:00"), Sao_Paulo), utc("2018-02-18T01:30:00Z"));
        // Half an hour only.
        assert_eq!(local_instant(date("2026-04-05"), time("01:45:00"), Lord_Howe), utc("2026-04-04T14:45:00Z"));
    }

    #[test]
    fn times_are_written_as_the_house_reads_them() {
        let at = utc("2026-07-01T22:05:59Z");
        assert_eq!(local_time(at, Lisbon), "23:05");
        assert_eq!(local_minute(at, Kathmandu), "2026-07-02 03:50");
    }

    #[test]
    fn milliseconds_never_fall_off_the_calendar() {
        assert_eq!(from_millis(1_782_943_559_000), utc("2026-07-01T22:05:59Z"));
        assert_eq!(from_millis(i64::MAX), DateTime::<Utc>::MAX_UTC);
        assert_eq!(from_millis(i64::MIN), DateTime::<Utc>::MIN_UTC);
    }

    #[test]
    fn a_fixed_clock_goes_only_when_told() {
        let clock = FixedClock::new(utc("2026-11-22T12:00:00Z"));
        assert_eq!(clock.now(), clock.now());
        clock.advance(TimeDelta::minutes(15));
        assert_eq!(clock.now(), utc("2026-11-22T12:15:00Z"));
        clock.set(utc("2028-02-29T00:00:00Z"));
        assert_eq!(clock.now(), utc("2028-02-29T00:00:00Z"));
    }

    proptest! {
        #[test]
        fn every_local_time_has_its_instant(
            zone in prop::sample::select(ZONES.to_vec()),
            day in 0..47_000_i32,
            second in 0..86_400_u32,
        ) {
            // 1970 to 2098.
            let date = date("1970-01-01") + TimeDelta::days(i64::from(day));
            let time = NaiveTime::from_num_seconds_from_midnight_opt(second, 0).expect("within a day");
            let wanted = date.and_time(time);

            let instant = local_instant(date, time, zone);
            let shown = instant.with_timezone(&zone).naive_local();
            // Shown as asked, or the time was skipped: then a second earlier it was not yet.
            let before = (instant - TimeDelta::seconds(1)).with_timezone(&zone).naive_local();
            prop_assert!(shown == wanted || (before < wanted && wanted < shown), "{zone}: {wanted} became {shown}");
            // Never the second of two.
            let earlier = (1..=180).map(|minutes| instant - TimeDelta::minutes(minutes));
            for earlier in earlier {
                prop_assert_ne!(earlier.with_timezone(&zone).naive_local(), wanted);
            }
        }
    }
}
