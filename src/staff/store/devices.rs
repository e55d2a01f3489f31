//! The devices that staff use: where they stand, and whether a board is on shift.

use crate::{
    error::AppError,
    ids::{DeviceId, StationId},
    server::db::{Db, DbError, Tx, record, vars},
    staff::guard::Actor,
};
use chrono::{DateTime, Utc};
use surrealdb::types::RecordId;

/// The device of a cookie, if the house knows it.
///
/// # Errors
/// What the store answers.
pub async fn known_device(db: &Db, device: DeviceId) -> Result<bool, DbError> {
    let found: Vec<RecordId> =
        db.rows("SELECT VALUE id FROM $device", vars().with("device", record("device", device))).await?;
    Ok(!found.is_empty())
}

/// Remembers a device.
///
/// # Errors
/// What the store answers.
pub async fn add_device(db: &Db, now: DateTime<Utc>) -> Result<DeviceId, DbError> {
    let device = DeviceId::new();
    db.commit(with_device(Tx::new(), device, now)).await?;
    Ok(device)
}

/// Remembers a device in a transaction.
pub(in crate::staff) fn with_device(tx: Tx, device: DeviceId, now: DateTime<Utc>) -> Tx {
    tx.run(
        "CREATE ONLY $new_device SET seen = $device_seen RETURN NONE",
        vars().with("new_device", record("device", device)).with("device_seen", now),
    )
}

/// Moves a device to a station; its shift ends there.
///
/// # Errors
/// [`AppError::NotFound`] for a station that the house does not have, or what the store answers.
pub async fn place_device(db: &Db, actor: &Actor, station: StationId) -> Result<(), AppError> {
    crate::house::store::station(db, actor.house.id, station).await?.ok_or(AppError::NotFound)?;
    db.query(
        "UPDATE ONLY $device SET station = $station, on_shift = false RETURN NONE",
        vars().with("device", record("device", actor.device)).with("station", record("station", station)),
    )
    .await?;
    Ok(())
}

/// Starts the shift of the board on a device. It ends with a hand-over: see `alerts::handover`.
///
/// # Errors
/// What the store answers.
pub async fn start_shift(db: &Db, device: DeviceId) -> Result<(), DbError> {
    db.query("UPDATE ONLY $device SET on_shift = true RETURN NONE", vars().with("device", record("device", device)))
        .await
        .map(drop)
}
