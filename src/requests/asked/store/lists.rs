//! What is read of requests: of a guest, of a house, and of those who leave today.

use super::RequestRow;
use crate::{
    error::AppError,
    guests::{
        Guest,
        store::{GuestRow, dossiers, guest_records},
    },
    house::{House, StationKind},
    ids::{GuestId, HouseId, RequestId},
    requests::{
        asked::{AskedFor, EntryPaper, RequestKind, RequestLine, RequestList, is_at_departure},
        traces::TraceGuest,
    },
    server::{
        clock,
        db::{Db, DbError, Vars, id_of, record, vars},
    },
    staff::guard::{AnswerAlerts, HandleRequests, Permit},
    stays::{Presence, ReservationStatus, store::of_today},
};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};
use surrealdb::types::RecordId;

/// Open ones of a house that are listed at once.
const MOST_OPEN: usize = 300;
/// Ended ones that are listed, and for how many days.
const MOST_ENDED: usize = 50;
const ENDED_DAYS: u64 = 1;
/// The same of a guest, for as long as a stay is remembered at the desk.
const MOST_ENDED_OF_GUEST: usize = 20;
const ENDED_DAYS_OF_GUEST: i64 = 30;

/// What the guest has asked for in the actor's house and is not done: all of it, or one kind, or for one day.
///
/// # Errors
/// What the store answers.
pub async fn open_of(
    db: &Db,
    permit: &Permit<HandleRequests>,
    now: DateTime<Utc>,
    guest: GuestId,
    kind: Option<RequestKind>,
    day: Option<NaiveDate>,
) -> Result<Vec<RequestLine>, DbError> {
    let house = &permit.actor().house;
    let day = day.map(|day| day.to_string());
    let mut lines = open_in(db, house, now, guest).await?;
    lines.retain(|line| kind.is_none_or(|kind| line.kind == kind) && day.as_ref().is_none_or(|day| line.day == *day));
    Ok(lines)
}

async fn open_in(db: &Db, house: &House, now: DateTime<Utc>, guest: GuestId) -> Result<Vec<RequestLine>, DbError> {
    let rows: Vec<RequestRow> = db
        .rows(
            "SELECT *, asked_at_station.name AS station_name FROM guest_request \
             WHERE guest = $guest AND is_open = true",
            vars().with("guest", record("guest", guest)),
        )
        .await?;
    let mut lines = lines_of(rows, house, now)?;
    lines.sort_by_cached_key(RequestLine::order);
    Ok(lines)
}

/// Those of the house, in words.
fn lines_of(rows: Vec<RequestRow>, house: &House, now: DateTime<Utc>) -> Result<Vec<RequestLine>, DbError> {
    let here = record("house", house.id);
    rows.into_iter().filter(|row| row.house == here).map(|row| row.line(now, house.zone())).collect()
}

/// The form in which a request of the guest is entered.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn paper(
    db: &Db,
    permit: &Permit<HandleRequests>,
    now: DateTime<Utc>,
    guest: GuestId,
) -> Result<EntryPaper, AppError> {
    let house = &permit.actor().house;
    let dossier = dossiers(db, house, now, &[guest]).await?.pop().ok_or(AppError::NotFound)?;
    let here = dossier.presence != Presence::Elsewhere;
    Ok(EntryPaper {
        id: RequestId::new(),
        room: dossier.stay.filter(|_| here).and_then(|stay| stay.room),
        today: dossier.today.to_string(),
        quick: super::quick_texts(db, permit).await?,
        open: open_in(db, house, now, guest).await?,
        about: TraceGuest { guest, name: dossier.guest.name, language: dossier.guest.language },
    })
}

/// The requests of the actor's house: those that concern a department, or all.
///
/// # Errors
/// What the store answers.
pub async fn list(
    db: &Db,
    permit: &Permit<HandleRequests>,
    department: Option<StationKind>,
    now: DateTime<Utc>,
) -> Result<RequestList, DbError> {
    let house = &permit.actor().house;
    let today = clock::today(now, house.zone());
    let mut open = open_of_house(db, house, now).await?;
    let more = open.len() > MOST_OPEN;
    open.truncate(MOST_OPEN);
    let since = today.checked_sub_days(Days::new(ENDED_DAYS)).unwrap_or(today);
    let ended = ended(
        db,
        "SELECT *, asked_at_station.name AS station_name FROM guest_request \
         WHERE house = $house AND is_open = false AND day >= $since ORDER BY day DESC LIMIT $limit",
        vars()
            .with("house", record("house", house.id))
            .with("since", since.to_string())
            .with("limit", limit(MOST_ENDED)),
        house,
        now,
    )
    .await?;
    let counts = counts_of(&open);
    let concerns = |line: &RequestLine| department.is_none_or(|department| line.concerns(department));
    let leaving = leaving(db, house.id, today).await?;
    let open: Vec<RequestLine> = open.into_iter().filter(concerns).collect();
    let ended: Vec<RequestLine> = ended.into_iter().filter(concerns).collect();
    let guests = guests_of(db, open.iter().chain(&ended).map(|line| line.guest).collect()).await?;
    Ok(RequestList {
        today: today.to_string(),
        counts,
        open: with_guests(open, &guests, &leaving),
        ended: with_guests(ended, &guests, &leaving),
        more,
    })
}

/// The requests of a guest in the actor's house: open ones, and those that ended of late.
///
/// # Errors
/// What the store answers.
pub async fn of_guest(
    db: &Db,
    permit: &Permit<HandleRequests>,
    guest: GuestId,
    now: DateTime<Utc>,
) -> Result<RequestList, DbError> {
    let house = &permit.actor().house;
    let today = clock::today(now, house.zone());
    let open = open_in(db, house, now, guest).await?;
    let mut ended = ended(
        db,
        "SELECT *, asked_at_station.name AS station_name FROM guest_request \
         WHERE guest = $guest AND asked_at > $since ORDER BY asked_at DESC LIMIT $limit",
        vars()
            .with("guest", record("guest", guest))
            .with("since", now - TimeDelta::days(ENDED_DAYS_OF_GUEST))
            .with("limit", limit(MOST_ENDED_OF_GUEST)),
        house,
        now,
    )
    .await?;
    ended.retain(|line| !line.state.is_open());
    let guests = guests_of(db, open.iter().chain(&ended).map(|line| line.guest).collect()).await?;
    let leaving = leaving(db, house.id, today).await?;
    let counts = counts_of(&open);
    Ok(RequestList {
        today: today.to_string(),
        counts,
        open: with_guests(open, &guests, &leaving),
        ended: with_guests(ended, &guests, &leaving),
        more: false,
    })
}

/// What those who leave today have asked for and is not done, for the board of a station by which they leave.
///
/// # Errors
/// What the store answers.
pub async fn departing(
    db: &Db,
    permit: &Permit<AnswerAlerts>,
    station: StationKind,
    now: DateTime<Utc>,
) -> Result<Vec<AskedFor>, DbError> {
    if !is_at_departure(station) {
        return Ok(Vec::new());
    }
    let house = &permit.actor().house;
    let leaving = leaving(db, house.id, clock::today(now, house.zone())).await?;
    if leaving.is_empty() {
        return Ok(Vec::new());
    }
    let mut open = open_of_house(db, house, now).await?;
    open.retain(|line| leaving.contains(&line.guest) && line.concerns(station));
    let guests = guests_of(db, open.iter().map(|line| line.guest).collect()).await?;
    Ok(with_guests(open, &guests, &leaving))
}

/// The requests of these records that are still there, as they stand now, by day and time.
///
/// # Errors
/// What the store answers.
pub(crate) async fn of_records(
    db: &Db,
    house: &House,
    records: &[RecordId],
    now: DateTime<Utc>,
) -> Result<Vec<AskedFor>, DbError> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<RequestRow> = db
        .rows(
            "SELECT *, asked_at_station.name AS station_name FROM $left_requests",
            vars().with("left_requests", records.to_vec()),
        )
        .await?;
    let mut lines = lines_of(rows, house, now)?;
    lines.sort_by_cached_key(RequestLine::order);
    let guests = guests_of(db, lines.iter().map(|line| line.guest).collect()).await?;
    let leaving = leaving(db, house.id, clock::today(now, house.zone())).await?;
    Ok(with_guests(lines, &guests, &leaving))
}

/// The open ones of a house by day and time, one more than are listed.
async fn open_of_house(db: &Db, house: &House, now: DateTime<Utc>) -> Result<Vec<RequestLine>, DbError> {
    let rows: Vec<RequestRow> = db
        .rows(
            "SELECT *, asked_at_station.name AS station_name FROM guest_request \
             WHERE house = $house AND is_open = true ORDER BY day LIMIT $limit",
            vars().with("house", record("house", house.id)).with("limit", limit(MOST_OPEN + 1)),
        )
        .await?;
    let mut lines = lines_of(rows, house, now)?;
    lines.sort_by_cached_key(RequestLine::order);
    Ok(lines)
}

/// What has ended, the newest first.
async fn ended(
    db: &Db,
    sql: &str,
    bound: Vars,
    house: &House,
    now: DateTime<Utc>,
) -> Result<Vec<RequestLine>, DbError> {
    let mut rows: Vec<RequestRow> = db.rows(sql, bound).await?;
    rows.sort_by_key(|row| Reverse(row.ended_at));
    lines_of(rows, house, now)
}

/// Guests who are in house and leave today, or should have left.
async fn leaving(db: &Db, house: HouseId, today: NaiveDate) -> Result<HashSet<GuestId>, DbError> {
    let mut leaving = HashSet::new();
    for row in of_today(db, house, today).await? {
        if row.status()? == ReservationStatus::CheckedIn && row.departure <= today.to_string() {
            leaving.insert(id_of(&row.guest)?);
        }
    }
    Ok(leaving)
}

async fn guests_of(db: &Db, mut ids: Vec<GuestId>) -> Result<HashMap<GuestId, TraceGuest>, DbError> {
    ids.sort_unstable();
    ids.dedup();
    let found: Vec<GuestRow> = db.rows("SELECT * FROM $guests", vars().with("guests", guest_records(&ids))).await?;
    found
        .into_iter()
        .map(|row| {
            let guest = Guest::try_from(row)?;
            Ok((guest.id, TraceGuest { guest: guest.id, name: guest.name, language: guest.language }))
        })
        .collect()
}

fn with_guests(
    lines: Vec<RequestLine>,
    guests: &HashMap<GuestId, TraceGuest>,
    leaving: &HashSet<GuestId>,
) -> Vec<AskedFor> {
    let whom = |line: RequestLine| {
        let (about, leaves_today) = (guests.get(&line.guest).cloned(), leaving.contains(&line.guest));
        AskedFor { line, about, leaves_today }
    };
    lines.into_iter().map(whom).collect()
}

/// How many of them concern each department.
fn counts_of(open: &[RequestLine]) -> [u32; StationKind::ALL.len()] {
    StationKind::ALL.map(|of| u32::try_from(open.iter().filter(|line| line.concerns(of)).count()).unwrap_or(u32::MAX))
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
