//! Segments: whom a campaign is for beside what its kind says.

use super::{
    Candidate, Page, Place,
    facts::{GuestFacts, facts},
};
use crate::{
    campaigns::{Segment, calendar},
    guests::{GuestName, parse::Nationality},
    house::House,
    ids::{GuestId, HouseId},
    server::{
        clock,
        db::{Db, DbError, id_of, vars},
    },
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::ops::RangeInclusive;
use surrealdb::types::{RecordId, SurrealValue};

/// Profiles that are read at once.
const PAGE: u32 = 5_000;
/// Those of them of which everything is gathered at once.
const CLOSELY: usize = 500;
/// Profiles that a [`survey`] reads at most.
const SURVEYED: u32 = 50_000;
/// Guests that it names.
const SAMPLE: usize = 10;

/// Whether a guest belongs to the segment on a day. Nights and the last stay are those of the house.
#[must_use]
pub fn fits(segment: &Segment, house: HouseId, guest: &GuestFacts, date: NaiveDate) -> bool {
    let nationality = || guest.nationality.as_deref().unwrap_or_default();
    let language = || guest.language.as_deref().unwrap_or_default();
    let is_one_of = |list: &[String], fits: &dyn Fn(&str) -> bool| list.is_empty() || list.iter().any(|one| fits(one));
    guest.vip >= segment.vip_from
        && is_one_of(&segment.nationalities, &|code| is_same_country(code, nationality()))
        && is_one_of(&segment.languages, &|code| code.eq_ignore_ascii_case(language()))
        && is_one_of(&segment.preferences, &|code| guest.preferences.iter().any(|has| has == code))
        && is_of_age(segment, guest, date)
        && segment.nights_from.is_none_or(|nights| guest.nights(house) >= nights)
        && was_last_here(segment, guest.last_departure(house))
}

fn is_same_country(one: &str, other: &str) -> bool {
    match (Nationality::parse(one), Nationality::parse(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

fn is_of_age(segment: &Segment, guest: &GuestFacts, date: NaiveDate) -> bool {
    if segment.age_from.is_none() && segment.age_to.is_none() {
        return true;
    }
    let Some((birthday, born)) = guest.birthday.and_then(|birthday| Some((birthday, birthday.year?))) else {
        return false;
    };
    let this_year = calendar::birthday_in(birthday, date.year(), crate::campaigns::LeapDay::February28);
    let age = date.year() - born - i32::from(this_year > date);
    segment.age_from.is_none_or(|from| age >= i32::from(from)) && segment.age_to.is_none_or(|to| age <= i32::from(to))
}

/// Days in this form sort as the days do.
fn was_last_here(segment: &Segment, departure: Option<NaiveDate>) -> bool {
    if segment.last_stay_from.is_none() && segment.last_stay_to.is_none() {
        return true;
    }
    departure.map(|day| day.to_string()).is_some_and(|day| {
        segment.last_stay_from.as_ref().is_none_or(|from| day >= *from)
            && segment.last_stay_to.as_ref().is_none_or(|to| day <= *to)
    })
}

/// Candidates among all guests, by pages of their keys, on those of the days that are the campaign's.
pub(super) async fn page(
    db: &Db,
    segment: &Segment,
    dates: RangeInclusive<NaiveDate>,
    is_its_day: impl Fn(NaiveDate) -> bool,
    after: Option<&str>,
) -> Result<Page, DbError> {
    let Some(Place { date, after }) = Place::of(after, &dates)? else { return Ok(Page::default()) };
    let days = date.iter_days().take_while(|day| dates.contains(day));
    let Some(day) = days.into_iter().find(|day| is_its_day(*day)) else { return Ok(Page::default()) };
    let after = after.filter(|_| day == date);
    let keys = keys(db, segment, after).await?;
    let next = match keys.last {
        Some(last) => Some(Place::text(day, Some(last))),
        None => Place::next_day(day, &dates),
    };
    let candidates = keys.guests.into_iter().map(|guest| Candidate { guest, date: day, stage: None }).collect();
    Ok(Page { candidates, next })
}

/// A page of profiles.
struct Keys {
    /// Those of them that may belong to the segment.
    guests: Vec<GuestId>,
    read: u32,
    /// Where the next page begins, if there is one.
    last: Option<GuestId>,
}

/// Profiles after a key. What stands on the profile itself is looked at by the store, so that only those
/// who may be meant are looked at closely.
async fn keys(db: &Db, segment: &Segment, after: Option<GuestId>) -> Result<Keys, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
        fits: bool,
    }
    let codes = segment.nationalities.iter().flat_map(|code| match Nationality::parse(code) {
        Ok(country) => vec![country.alpha2().to_owned(), country.alpha3().to_owned()],
        Err(_) => vec![code.clone()],
    });
    // A range of keys, so that a page costs the same wherever it begins; see `guests::store::search_page`.
    let first = after.map_or_else(|| "0".to_owned(), |id| format!("{id}!"));
    let rows: Vec<Row> = db
        .rows(
            "SELECT id, (merged_into = NONE AND vip >= $vip \
             AND ($nationalities = [] OR nationality IN $nationalities) \
             AND ($languages = [] OR language IN $languages)) AS fits \
             FROM type::record('guest', $first..) LIMIT $limit",
            vars()
                .with("vip", i64::from(segment.vip_from))
                .with("nationalities", codes.collect::<Vec<_>>())
                .with("languages", segment.languages.clone())
                .with("first", first)
                .with("limit", i64::from(PAGE)),
        )
        .await?;
    let read = u32::try_from(rows.len()).unwrap_or(PAGE);
    let last = rows.last().filter(|_| read == PAGE).map(|row| id_of(&row.id)).transpose()?;
    let guests = rows.iter().filter(|row| row.fits).map(|row| id_of(&row.id)).collect::<Result<_, _>>()?;
    Ok(Keys { guests, read, last })
}

/// How large a segment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// Guests found, of whom nobody has asked yet whether they may be written to.
    pub count: u32,
    /// Profiles that were looked at.
    pub looked_at: u32,
    /// Whether these were all.
    pub is_complete: bool,
    /// The first few who were found.
    pub sample: Vec<(GuestId, GuestName)>,
}

/// Counts a segment as it is today, for whoever is drawing it up: of the first so many thousand profiles
/// where there are more.
///
/// # Errors
/// What the store answers.
pub async fn survey(db: &Db, house: &House, segment: &Segment, now: DateTime<Utc>) -> Result<Survey, DbError> {
    let today = clock::today(now, house.zone());
    let mut survey = Survey { count: 0, looked_at: 0, is_complete: false, sample: Vec::new() };
    let mut after = None;
    while survey.looked_at < SURVEYED {
        let page = keys(db, segment, after).await?;
        survey.looked_at += page.read;
        for guests in page.guests.chunks(CLOSELY) {
            let mut known = facts(db, guests, !segment.preferences.is_empty()).await?;
            for id in guests {
                let Some(guest) = known.remove(id) else { continue };
                if guest.belongs_to(house.id) && fits(segment, house.id, &guest, today) {
                    survey.count += 1;
                    if survey.sample.len() < SAMPLE {
                        survey.sample.push((*id, guest.name));
                    }
                }
            }
        }
        after = page.last;
        if after.is_none() {
            survey.is_complete = true;
            break;
        }
    }
    Ok(survey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        campaigns::kinds::facts::Booking,
        guests::{Birthday, Flags},
        stays::ReservationStatus,
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn guest(house: HouseId) -> GuestFacts {
        GuestFacts {
            name: GuestName::default(),
            nationality: Some("PRT".to_owned()),
            language: Some("pt".to_owned()),
            vip: 2,
            emails: Vec::new(),
            birthday: Birthday::parse("1980-02-29"),
            flags: Flags::default(),
            is_absorbed: false,
            bookings: vec![
                booking(house, "2024-05-01", "2024-05-04"),
                booking(house, "2025-03-01", "2025-03-02"),
                // Another house's.
                booking(HouseId::new(), "2026-01-01", "2026-01-20"),
            ],
            preferences: vec!["window_table".to_owned()],
            expiring: std::collections::BTreeSet::new(),
            rhythm: None,
        }
    }

    fn booking(house: HouseId, arrival: &str, departure: &str) -> Booking {
        let (arrival, departure) = (day(arrival), day(departure));
        Booking { house, status: ReservationStatus::CheckedOut, arrival, departure, room: None }
    }

    #[test]
    fn a_guest_belongs_to_a_segment_by_each_of_its_limits() {
        let house = HouseId::new();
        let guest = guest(house);
        let today = day("2027-02-28");
        let list = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let segment = Segment::default;
        let cases = [
            (segment(), true),
            (Segment { nationalities: list(&["DEU", "PT"]), ..segment() }, true),
            (Segment { nationalities: list(&["DEU"]), ..segment() }, false),
            (Segment { languages: list(&["pt"]), ..segment() }, true),
            (Segment { languages: list(&["en"]), ..segment() }, false),
            (Segment { vip_from: 2, ..segment() }, true),
            (Segment { vip_from: 3, ..segment() }, false),
            // 47 on that very day: 29 February is kept on the 28th.
            (Segment { age_from: Some(47), age_to: Some(47), ..segment() }, true),
            (Segment { age_to: Some(46), ..segment() }, false),
            (Segment { age_from: Some(48), ..segment() }, false),
            (Segment { preferences: list(&["halal", "window_table"]), ..segment() }, true),
            (Segment { preferences: list(&["halal"]), ..segment() }, false),
            (Segment { nights_from: Some(4), ..segment() }, true),
            (Segment { nights_from: Some(5), ..segment() }, false),
            (
                Segment {
                    last_stay_from: Some("2025-03-02".into()),
                    last_stay_to: Some("2025-03-02".into()),
                    ..segment()
                },
                true,
            ),
            (Segment { last_stay_from: Some("2025-03-03".into()), ..segment() }, false),
            (Segment { last_stay_to: Some("2025-03-01".into()), ..segment() }, false),
        ];
        for (segment, expected) in cases {
            assert_eq!(fits(&segment, house, &guest, today), expected, "{segment:?}");
        }
        let ageless = GuestFacts { birthday: Birthday::parse("--02-29"), ..guest };
        assert!(!fits(&Segment { age_from: Some(1), ..segment() }, house, &ageless, today), "the year is not known");
    }
}
