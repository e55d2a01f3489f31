use super::*;
use chrono::{Offset, TimeZone};
use chrono_tz::{
    Asia::Shanghai,
    Europe::{Lisbon, London},
    TZ_VARIANTS,
};
use proptest::prelude::*;
use std::collections::HashMap;

const YEARS: RangeInclusive<i32> = 2024..=2032;

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn quiet(from: &str, to: &str) -> Option<(String, String)> {
    Some((from.to_owned(), to.to_owned()))
}

fn days(first: &str, last: &str) -> impl Iterator<Item = NaiveDate> + use<> {
    let last = date(last);
    date(first).iter_days().take_while(move |day| *day <= last)
}

/// All zones whose clocks are put forward or back in those years.
fn zones_with_changes() -> Vec<Tz> {
    let samples: Vec<_> =
        days("2024-01-01", "2032-12-31").step_by(15).map(|day| day.and_time(NaiveTime::MIN)).collect();
    let changes = |zone: &Tz| {
        let mut offsets = samples.iter().map(|at| zone.offset_from_utc_datetime(at).fix());
        let first = offsets.next();
        offsets.any(|offset| Some(offset) != first)
    };
    TZ_VARIANTS.into_iter().filter(changes).collect()
}

#[test]
fn every_birthday_comes_once_a_year() {
    for leap_day in [LeapDay::February28, LeapDay::March1] {
        for year in YEARS {
            let mut greeted: HashMap<String, Vec<NaiveDate>> = HashMap::new();
            for day in days(&format!("{year}-01-01"), &format!("{year}-12-31")) {
                for birthday in birth_days_on(day, leap_day) {
                    greeted.entry(birthday).or_default().push(day);
                }
            }
            // 2024 has every day that there is.
            for day in days("2024-01-01", "2024-12-31") {
                let birthday = Birthday::new(None, day.month(), day.day()).expect("a birthday");
                let key = day.format("%m-%d").to_string();
                assert_eq!(greeted[&key], [birthday_in(birthday, year, leap_day)], "{key} in {year}");
            }
        }
    }
}

#[test]
fn the_29th_of_february_is_greeted_by_the_setting() {
    let birthday = Birthday::new(Some(2000), 2, 29).expect("a birthday");
    let on = |year, leap_day| birthday_in(birthday, year, leap_day).to_string();
    assert_eq!(on(2028, LeapDay::February28), "2028-02-29");
    assert_eq!(on(2028, LeapDay::March1), "2028-02-29");
    assert_eq!(on(2027, LeapDay::February28), "2027-02-28");
    assert_eq!(on(2027, LeapDay::March1), "2027-03-01");
    // 2100 is no leap year.
    assert_eq!(on(2100, LeapDay::March1), "2100-03-01");
    assert_eq!(birth_days_on(date("2028-02-28"), LeapDay::February28), ["02-28"]);
    assert_eq!(birth_days_on(date("2027-02-28"), LeapDay::February28), ["02-28", "02-29"]);
    assert_eq!(birth_days_on(date("2027-02-28"), LeapDay::March1), ["02-28"]);
}

/// Every day of nine years in every zone whose clocks change: its greeting has one time, at an hour that is
/// permitted, on its day or, where the quiet hours end later, on the next.
#[test]
fn every_day_has_its_hour_wherever_the_clocks_change() {
    let hours = ["00:00", "00:30", "01:15", "02:30", "03:00", "09:00", "20:59", "23:45"];
    let silences =
        [None, quiet("21:00", "08:00"), quiet("00:00", "02:30"), quiet("01:30", "03:15"), quiet("08:59", "09:01")];
    let mut settings = Vec::new();
    for send_at in hours {
        for quiet in &silences {
            settings.push(Settings { send_at: send_at.to_owned(), quiet: quiet.clone(), ..Settings::default() });
        }
    }
    let zones = zones_with_changes();
    assert!(zones.len() > 100, "{} zones", zones.len());
    let mut turn = 0;
    for zone in zones {
        let mut before = None;
        for day in days("2024-01-01", "2032-12-31") {
            // The settings take turns; 40 of them meet each day of the year in some zone and year.
            turn += 1;
            let settings = &settings[turn % settings.len()];
            let found = send_time(day, settings, zone, None).expect("an hour");
            let shown = found.due.with_timezone(&zone).naive_local();
            assert!(!Quiet::of(settings).is_some_and(|quiet| quiet.covers(shown.time())), "{zone}: {shown} is quiet");
            let late = (shown.date() - day).num_days();
            assert!((0..=1).contains(&late), "{zone}: {day} is greeted at {shown}");
            assert_eq!(found.until - found.due, TimeDelta::hours(72));
            // Days with a setting of their own follow each other.
            let of_nine = send_time(day, &Settings::default(), zone, None).expect("an hour").due;
            assert!(before < Some(of_nine), "{zone}: {day} does not come after the day before it");
            before = Some(of_nine);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn quiet_hours_are_never_broken(
        zone in prop::sample::select(TZ_VARIANTS.to_vec()),
        day in 0..3_288_u64,
        second in 0..86_400_i64,
        from in 0..96_u32,
        length in 1..96_u32,
    ) {
        let hour = |quarter: u32| format!("{:02}:{:02}", quarter % 96 / 4, quarter % 4 * 15);
        let settings = Settings { quiet: quiet(&hour(from), &hour(from + length)), ..Settings::default() };
        let at = (date("2024-01-01") + Days::new(day)).and_time(NaiveTime::MIN).and_utc() + TimeDelta::seconds(second);
        let found = next_permitted(at, &settings, zone).expect("they end");
        let quiet = Quiet::of(&settings).expect("quiet hours");
        let shown = |at: DateTime<Utc>| at.with_timezone(&zone).time();
        prop_assert!(found >= at);
        prop_assert!(!quiet.covers(shown(found)));
        // What lies between is quiet: nothing waits for longer than it must. But clocks that are put back can
        // show a permitted hour again in the midst of the quiet ones, which is let pass.
        let offset = |at: DateTime<Utc>| at.with_timezone(&zone).offset().fix();
        let mut between = if offset(at) == offset(found) { at } else { found };
        while between < found {
            prop_assert!(quiet.covers(shown(between)), "{zone}: {between} was permitted");
            between += TimeDelta::minutes(7);
        }
    }

    #[test]
    fn months_are_counted_as_they_are_added(from in 0..20_000_u64, months in 0..600_u32, more in 0..28_u64) {
        let from = date("1980-01-01") + Days::new(from);
        let to = add_months(from, months);
        prop_assert_eq!(whole_months(from, to), months);
        let later = to + Days::new(more);
        prop_assert!(add_months(from, whole_months(from, later)) <= later);
        prop_assert!(add_months(from, whole_months(from, later) + 1) > later);
        let back = months_before(to, months).expect("a day that leads there");
        prop_assert!(back.contains(&from));
        for day in back.start().iter_days().take_while(|day| day <= back.end()) {
            prop_assert_eq!(add_months(day, months), to);
        }
        // And no other day does.
        for near in [back.start().pred_opt(), back.end().succ_opt()].into_iter().flatten() {
            prop_assert_ne!(add_months(near, months), to);
        }
    }
}

#[test]
fn a_month_that_is_shorter_ends_what_began_on_its_missing_days() {
    assert_eq!(add_months(date("2024-02-29"), 12), date("2025-02-28"));
    assert_eq!(months_before(date("2025-02-28"), 12), Some(date("2024-02-28")..=date("2024-02-29")));
    assert_eq!(months_before(date("2028-02-29"), 12), None, "no day of 2027 is a year before it");
    assert_eq!(months_before(date("2028-02-29"), 48), Some(date("2024-02-29")..=date("2024-02-29")));
    assert_eq!(whole_months(date("2026-05-02"), date("2026-05-01")), 0);
}

#[test]
fn a_greeting_leaves_by_the_clock_that_was_set() {
    let house = Settings::default();
    let guest = Settings { zone: SendZone::Guest, ..Settings::default() };
    let day = date("2026-07-01");
    let due = |settings: &Settings, zone| send_time(day, settings, Lisbon, zone).map(|time| time.due);
    assert_eq!(due(&house, Some(Shanghai)), Ok(utc("2026-07-01T08:00:00Z")));
    assert_eq!(due(&guest, Some(Shanghai)), Ok(utc("2026-07-01T01:00:00Z")));
    assert_eq!(due(&guest, None), Ok(utc("2026-07-01T08:00:00Z")), "the country is not known");
    let early = Settings { lead_days: 3, ..Settings::default() };
    assert_eq!(due(&early, None), Ok(utc("2026-06-28T08:00:00Z")));
}

#[test]
fn quiet_hours_move_a_greeting_or_hold_it() {
    let night = Settings { send_at: "22:00".to_owned(), ..Settings::default() };
    let due = send_time(date("2026-07-01"), &night, Lisbon, None).map(|time| time.due);
    assert_eq!(due, Ok(utc("2026-07-02T07:00:00Z")), "the next morning");
    let hasty = Settings { grace_hours: 9, ..night.clone() };
    assert_eq!(send_time(date("2026-07-01"), &hasty, Lisbon, None), Err(Reason::QuietHours));
    let never = Settings { quiet: quiet("08:00", "08:00"), ..Settings::default() };
    assert_eq!(send_time(date("2026-07-01"), &never, Lisbon, None), Err(Reason::QuietHours));
    let none = Settings { quiet: None, ..night };
    assert_eq!(
        send_time(date("2026-07-01"), &none, Lisbon, None).map(|time| time.due),
        Ok(utc("2026-07-01T21:00:00Z"))
    );
}

#[test]
fn quiet_hours_end_once_the_clocks_have_shown_it() {
    let until_half_past = Settings { quiet: quiet("00:00", "01:30"), ..Settings::default() };
    let next = |at| next_permitted(utc(at), &until_half_past, London);
    // On 25 October 2026 the clocks show 01:00 to 02:00 twice.
    assert_eq!(next("2026-10-25T00:15:00Z"), Some(utc("2026-10-25T00:30:00Z")));
    assert_eq!(next("2026-10-25T01:15:00Z"), Some(utc("2026-10-25T01:30:00Z")), "the second time");
    // On 29 March they never show it.
    assert_eq!(next("2026-03-29T00:45:00Z"), Some(utc("2026-03-29T01:00:00Z")));
}
