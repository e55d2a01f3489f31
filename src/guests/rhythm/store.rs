//! Rhythms in the store: derived from the bookings, a batch of guests at a time, by whatever becomes of their stays.

use super::{OverdueLine, OverdueList, Rhythm, Visit};
use crate::{
    guests::{
        Guest,
        store::{GuestRow, guest_records},
    },
    house::{House, store::houses},
    ids::{GuestId, HouseId},
    server::{
        clock,
        db::{Db, DbError, Tx, id_of, record, vars, word},
        follow::{self, Batch},
    },
    staff::guard::{Permit, SeeRhythm},
    stays::ReservationStatus,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{HashMap, HashSet};
use surrealdb::types::{RecordId, SurrealValue};

/// The name under which the job follows the feed.
const JOB: &str = "rhythm";
/// Batches of each house in one run: the job comes again soon, and its leases are not outlived.
const BATCHES: usize = 100;
/// Lines of the list.
const LISTED: usize = 100;
/// Days that the list looks back at first; it looks twice as far each time that it has not found enough.
const FIRST_LOOK: u64 = 7;
/// How often: nearly five years in all.
const LOOKS: u32 = 8;

/// A row of `rhythm`. Days are house-local `YYYY-MM-DD`.
#[derive(Debug, Clone, SurrealValue)]
struct Row {
    id: RecordId,
    house: RecordId,
    guest: RecordId,
    stays: i64,
    gap: i64,
    spread: i64,
    last: String,
    due: String,
    overdue: String,
}

impl Row {
    fn new(house: HouseId, guest: GuestId, rhythm: &Rhythm) -> Self {
        Self {
            id: key(house, guest),
            house: record("house", house),
            guest: record("guest", guest),
            stays: rhythm.stays.into(),
            gap: rhythm.gap.into(),
            spread: rhythm.spread.into(),
            last: rhythm.last.to_string(),
            due: rhythm.due.to_string(),
            overdue: rhythm.overdue.to_string(),
        }
    }

    fn read(&self) -> Result<(GuestId, Rhythm), DbError> {
        let whole = |number: i64| u32::try_from(number).map_err(|_| DbError::Malformed(format!("{:?}", self.id)));
        let rhythm = Rhythm {
            stays: whole(self.stays)?,
            gap: whole(self.gap)?,
            spread: whole(self.spread)?,
            last: day(&self.last)?,
            due: day(&self.due)?,
            overdue: day(&self.overdue)?,
        };
        Ok((id_of(&self.guest)?, rhythm))
    }
}

fn key(house: HouseId, guest: GuestId) -> RecordId {
    record("rhythm", format!("{house}|{guest}"))
}

fn day(text: &str) -> Result<NaiveDate, DbError> {
    word(text, |text| text.parse().ok())
}

/// A guest's rhythm in a house; `None` before there is one.
///
/// # Errors
/// What the store answers.
pub(crate) async fn rhythm_of(db: &Db, house: &House, guest: GuestId) -> Result<Option<Rhythm>, DbError> {
    Ok(rhythms_of(db, house, &[guest]).await?.remove(&guest))
}

/// The rhythms of those of these guests who have one in a house.
///
/// # Errors
/// What the store answers.
pub(crate) async fn rhythms_of(
    db: &Db,
    house: &House,
    guests: &[GuestId],
) -> Result<HashMap<GuestId, Rhythm>, DbError> {
    known(db, house.id, guests).await
}

async fn known(db: &Db, house: HouseId, guests: &[GuestId]) -> Result<HashMap<GuestId, Rhythm>, DbError> {
    let keys: Vec<RecordId> = guests.iter().map(|guest| key(house, *guest)).collect();
    let rows: Vec<Row> = db.rows("SELECT * FROM $rhythms", vars().with("rhythms", keys)).await?;
    rows.iter().map(Row::read).collect()
}

/// Guests who come to be overdue in a house on a day, house-local. Whether they have booked is not looked at.
///
/// # Errors
/// What the store answers.
pub(crate) async fn overdue_on(db: &Db, house: &House, day: NaiveDate) -> Result<Vec<GuestId>, DbError> {
    let guests: Vec<RecordId> = db
        .rows(
            "SELECT VALUE guest FROM rhythm WHERE house = $house AND overdue = $day",
            vars().with("house", record("house", house.id)).with("day", day.to_string()),
        )
        .await?;
    guests.iter().map(id_of).collect()
}

/// Brings the rhythms of every house up to what has become of its guests' stays. `epoch` names the history of events,
/// `owner` this process. Answers how many rhythms have changed.
///
/// # Errors
/// What the store answers.
pub async fn run_due(db: &Db, epoch: &str, owner: &str, now: DateTime<Utc>) -> Result<u32, DbError> {
    let mut changed = 0;
    for house in houses(db).await? {
        for _ in 0..BATCHES {
            let Some(batch) = follow::next(db, epoch, JOB, house.id, owner, now).await? else { break };
            match take(db, &batch).await {
                Ok(count) => changed += count,
                // Another server has taken the turn over.
                Err(DbError::Guard(_)) => break,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(changed)
}

/// Measures the rhythms of a batch anew and writes those that differ.
async fn take(db: &Db, batch: &Batch) -> Result<u32, DbError> {
    let known = known(db, batch.house, &batch.guests).await?;
    let mut visits = visits(db, batch).await?;
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    for guest in &batch.guests {
        let measured = visits.remove(guest).and_then(|visits| Rhythm::of(&visits));
        match (measured, known.get(guest)) {
            (Some(rhythm), before) if before != Some(&rhythm) => kept.push(Row::new(batch.house, *guest, &rhythm)),
            (None, Some(_)) => gone.push(key(batch.house, *guest)),
            _ => {}
        }
    }
    let changed = u32::try_from(kept.len() + gone.len()).unwrap_or(u32::MAX);
    let mut tx = Tx::new();
    if !kept.is_empty() {
        tx = tx.run(
            "FOR $row IN $rhythms_kept { UPSERT $row.id CONTENT $row RETURN NONE; }",
            vars().with("rhythms_kept", kept),
        );
    }
    if !gone.is_empty() {
        tx = tx.run("DELETE $rhythms_gone RETURN NONE", vars().with("rhythms_gone", gone));
    }
    db.commit(follow::done(tx, batch)).await?;
    Ok(changed)
}

/// The completed stays of a batch's guests in its house.
async fn visits(db: &Db, batch: &Batch) -> Result<HashMap<GuestId, Vec<Visit>>, DbError> {
    #[derive(SurrealValue)]
    struct Booking {
        guest: RecordId,
        house: RecordId,
        status: String,
        arrival: String,
        departure: String,
    }
    // By guest alone: a house has far more completed stays than its guests have bookings.
    let rows: Vec<Booking> = db
        .rows_among(
            "SELECT guest, house, status, arrival, departure FROM reservation WHERE guest IN $among",
            &guest_records(&batch.guests),
            vars(),
        )
        .await?;
    let here = record("house", batch.house);
    let mut found: HashMap<GuestId, Vec<Visit>> = HashMap::new();
    for row in rows.iter().filter(|row| row.house == here && row.status == ReservationStatus::CheckedOut.code()) {
        let visit = Visit { arrival: day(&row.arrival)?, departure: day(&row.departure)? };
        found.entry(id_of(&row.guest)?).or_default().push(visit);
    }
    Ok(found)
}

/// Who is overdue in the actor's house, without those who are in house or have booked.
///
/// # Errors
/// What the store answers.
pub async fn overdue(db: &Db, permit: &Permit<SeeRhythm>, now: DateTime<Utc>) -> Result<OverdueList, DbError> {
    let house = &permit.actor().house;
    let today = clock::today(now, house.zone());
    let (mut lines, mut until) = (Vec::new(), today);
    for look in 0..LOOKS {
        let since = until.checked_sub_days(Days::new(FIRST_LOOK << look)).unwrap_or(NaiveDate::MIN);
        let rows: Vec<Row> = db
            .rows(
                "SELECT * FROM rhythm WHERE house = $house AND overdue > $since AND overdue <= $until",
                vars()
                    .with("house", record("house", house.id))
                    .with("since", since.to_string())
                    .with("until", until.to_string()),
            )
            .await?;
        let rhythms: Vec<(GuestId, Rhythm)> = rows.iter().map(Row::read).collect::<Result<_, _>>()?;
        lines.extend(without_booked(db, house.id, today, rhythms).await?);
        if lines.len() > LISTED {
            break;
        }
        until = since;
    }
    lines.sort_by(|one, other| other.rhythm.overdue.cmp(&one.rhythm.overdue).then(one.guest.cmp(&other.guest)));
    let more = lines.len() > LISTED;
    lines.truncate(LISTED);
    Ok(OverdueList { today, lines, more })
}

/// Lines of those who are not expected anyway, and whom the house may address.
async fn without_booked(
    db: &Db,
    house: HouseId,
    today: NaiveDate,
    rhythms: Vec<(GuestId, Rhythm)>,
) -> Result<Vec<OverdueLine>, DbError> {
    #[derive(SurrealValue)]
    struct Booking {
        guest: RecordId,
        house: RecordId,
        status: String,
        departure: String,
    }
    let ids: Vec<GuestId> = rhythms.iter().map(|(guest, _)| *guest).collect();
    let records = guest_records(&ids);
    let bookings = db.rows_among::<Booking, _>(
        "SELECT guest, house, status, departure FROM reservation WHERE guest IN $among",
        &records,
        vars(),
    );
    let profiles = db.rows::<GuestRow>(
        "SELECT * FROM $guests WHERE merged_into = NONE AND deceased = false AND blocklisted = false",
        vars().with("guests", records.clone()),
    );
    let (bookings, profiles) = futures::try_join!(bookings, profiles)?;
    let (here, today) = (record("house", house), today.to_string());
    let expected: HashSet<GuestId> = bookings
        .iter()
        .filter(|row| {
            let is_to_come = row.status == ReservationStatus::Reserved.code() && row.departure >= today;
            row.house == here && (is_to_come || row.status == ReservationStatus::CheckedIn.code())
        })
        .map(|row| id_of(&row.guest))
        .collect::<Result<_, _>>()?;
    let mut rhythms: HashMap<GuestId, Rhythm> = rhythms.into_iter().collect();
    let mut lines = Vec::new();
    for row in profiles {
        let Guest { id, name, language, vip, .. } = Guest::try_from(row)?;
        if let Some(rhythm) = rhythms.remove(&id).filter(|_| !expected.contains(&id)) {
            lines.push(OverdueLine { guest: id, name, language, vip, rhythm });
        }
    }
    Ok(lines)
}
