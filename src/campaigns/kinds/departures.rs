//! Who left a house on a day, by the index of departures.

use crate::{
    house::House,
    ids::GuestId,
    server::db::{Db, DbError, id_of, record, vars},
};
use chrono::NaiveDate;
use surrealdb::types::RecordId;

/// Guests with a completed stay that ended on that day: as many as leave a house in one.
///
/// # Errors
/// What the store answers.
pub(super) async fn on(db: &Db, house: &House, day: NaiveDate) -> Result<Vec<GuestId>, DbError> {
    let guests: Vec<RecordId> = db
        .rows(
            "SELECT VALUE guest FROM reservation WHERE house = $house AND status = 'checked_out' AND departure = $day",
            vars().with("house", record("house", house.id)).with("day", day.to_string()),
        )
        .await?;
    let mut guests: Vec<GuestId> = guests.iter().map(id_of).collect::<Result<_, _>>()?;
    guests.sort_unstable();
    guests.dedup();
    Ok(guests)
}

/// The first day on which a completed stay ended; `None` before there is one.
///
/// # Errors
/// What the store answers.
pub(super) async fn first(db: &Db, house: &House) -> Result<Option<NaiveDate>, DbError> {
    let day: Option<String> = db
        .row(
            "SELECT VALUE departure FROM reservation WHERE house = $house AND status = 'checked_out' \
             ORDER BY departure LIMIT 1",
            vars().with("house", record("house", house.id)),
        )
        .await?;
    Ok(day.and_then(|day| day.parse().ok()))
}
