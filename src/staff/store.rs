//! Staff, their devices and their failed attempts, in the store.

use super::{
    Role, StaffRow,
    audit::{self, Action},
    guard::{Actor, ManageStaff, Permit},
    session::Login,
};
use crate::{
    error::{AppError, Problem},
    house::{House, Station},
    ids::{DeviceId, HouseId, StaffId, StationId},
    server::db::{Db, DbError, Tx, id_of, record, vars, word},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use surrealdb::types::{RecordId, SurrealValue};
use tower_sessions::Session;

/// Failures after which an account is locked on a device.
const FAILURES_BY_ACCOUNT: i64 = 5;
/// Failures after which a device may not try any account.
const FAILURES_BY_DEVICE: i64 = 20;
const LOCKED_MINUTES: i64 = 15;

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    login: String,
    name: String,
    role: String,
    house: RecordId,
    password: String,
    active: bool,
}

/// What signing in needs to know of an account. Not serialisable: it holds the password's hash.
pub struct Account {
    pub id: StaffId,
    pub role: Role,
    pub house: HouseId,
    pub password_hash: String,
}

/// Whether nobody has been made yet: the first visitor makes the first manager.
///
/// # Errors
/// What the store answers.
pub async fn is_empty(db: &Db) -> Result<bool, DbError> {
    let found: Vec<RecordId> = db.rows("SELECT VALUE id FROM type::table('staff') LIMIT 1", vars()).await?;
    Ok(found.is_empty())
}

/// The active account of a login name.
///
/// # Errors
/// What the store answers.
pub async fn account(db: &Db, login: &str) -> Result<Option<Account>, DbError> {
    let row: Option<Row> =
        db.row("SELECT * FROM staff WHERE login = $login", vars().with("login", login.trim().to_lowercase())).await?;
    row.filter(|row| row.active)
        .map(|row| {
            Ok(Account {
                id: id_of(&row.id)?,
                role: word(&row.role, Role::from_code)?,
                house: id_of(&row.house)?,
                password_hash: row.password,
            })
        })
        .transpose()
}

/// The hash of someone's password, to check it again.
///
/// # Errors
/// What the store answers.
pub async fn password_hash(db: &Db, staff: StaffId) -> Result<Option<String>, DbError> {
    let row: Option<Row> = db.row("SELECT * FROM $staff", vars().with("staff", record("staff", staff))).await?;
    Ok(row.filter(|row| row.active).map(|row| row.password))
}

/// Who acts in a session: nobody, if the account has been closed.
///
/// # Errors
/// What the store answers.
pub async fn actor(db: &Db, login: &Login, session: &Session) -> Result<Option<Actor>, DbError> {
    #[derive(SurrealValue)]
    struct DeviceRow {
        station: Option<RecordId>,
        on_shift: bool,
    }
    let mut results = db
        .query(
            "SELECT * FROM $staff; SELECT * FROM ONLY $staff.house; SELECT station, on_shift FROM ONLY $device;
             SELECT * FROM ONLY $device.station;",
            vars().with("staff", record("staff", login.staff)).with("device", record("device", login.device)),
        )
        .await?;
    let row: Option<Row> = results.take(0)?;
    let house: Option<crate::house::store::HouseRow> = results.take(1)?;
    let device: Option<DeviceRow> = results.take(2)?;
    let station: Option<crate::house::store::StationRow> = results.take(3)?;
    let (Some(row), Some(house)) = (row.filter(|row| row.active), house) else {
        return Ok(None);
    };
    let house = House::try_from(house)?;
    let station = station.filter(|station| !station.removed).map(Station::try_from).transpose()?;
    Ok(Some(Actor {
        staff: login.staff,
        name: row.name,
        role: word(&row.role, Role::from_code)?,
        on_shift: device.as_ref().is_some_and(|device| device.on_shift && device.station.is_some()),
        // A device that was carried to another house has to choose again.
        station: station.filter(|station| station.house == house.id),
        house,
        device: login.device,
        session: session.id().map(|id| id.to_string()).unwrap_or_default(),
    }))
}

/// Everyone who works in the house, with the number of open sessions.
///
/// # Errors
/// What the store answers.
pub async fn list(db: &Db, permit: &Permit<ManageStaff>) -> Result<Vec<StaffRow>, DbError> {
    #[derive(SurrealValue)]
    struct Open {
        staff: RecordId,
        sessions: i64,
    }
    let mut results = db
        .query(
            "SELECT * FROM staff WHERE house = $house ORDER BY name;
             SELECT staff, count() AS sessions FROM session WHERE expires > time::now() AND staff != NONE GROUP BY staff;",
            vars().with("house", record("house", permit.house())),
        )
        .await?;
    let rows: Vec<Row> = results.take(0)?;
    let open: Vec<Open> = results.take(1)?;
    let open: HashMap<StaffId, i64> =
        open.into_iter().map(|row| Ok((id_of(&row.staff)?, row.sessions))).collect::<Result<_, DbError>>()?;
    rows.into_iter()
        .map(|row| {
            let id = id_of(&row.id)?;
            Ok(StaffRow {
                sessions: open.get(&id).copied().and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
                id,
                login: row.login,
                name: row.name,
                role: word(&row.role, Role::from_code)?,
                active: row.active,
            })
        })
        .collect()
}

/// A new member of staff, parsed and with the password hashed.
pub struct NewStaff {
    /// Lower case, unique.
    pub login: String,
    pub name: String,
    pub role: Role,
    pub password_hash: String,
}

/// Adds a member of staff to a house. The caller is the one who may: a manager through
/// [`add`], the first start, or a command on the server itself.
///
/// # Errors
/// [`AppError::Fields`] when the login is taken, or what the store answers.
pub async fn insert(db: &Db, house: HouseId, new: NewStaff) -> Result<StaffId, AppError> {
    let id = StaffId::new();
    db.commit(with_staff(Tx::new(), house, id, new)).await.map_err(login_taken)?;
    Ok(id)
}

/// Adds a member of staff to the manager's house.
///
/// # Errors
/// As [`insert`]; [`AppError::Forbidden`] where the role is above the actor's own.
pub async fn add(db: &Db, permit: &Permit<ManageStaff>, new: NewStaff) -> Result<(), AppError> {
    may_give(permit, new.role)?;
    let tx = with_staff(Tx::new(), permit.house(), StaffId::new(), new);
    db.commit(audit::note(tx, permit.actor(), Action::StaffChanged, None, &["added"])).await.map_err(login_taken)?;
    Ok(())
}

/// Adds a member of staff in a transaction.
pub(super) fn with_staff(tx: Tx, house: HouseId, id: StaffId, new: NewStaff) -> Tx {
    tx.run(
        "CREATE ONLY $new_staff SET login = $login, name = $name, role = $role, house = $staff_house, \
         password = $password, active = true RETURN NONE",
        vars()
            .with("new_staff", record("staff", id))
            .with("login", new.login)
            .with("name", new.name)
            .with("role", new.role.code())
            .with("staff_house", record("house", house))
            .with("password", new.password_hash),
    )
}

fn login_taken(error: DbError) -> AppError {
    match error {
        DbError::Store(error) if error.message().contains("staff_login") => {
            AppError::field("login", Problem::Taken("a colleague".to_owned()))
        }
        other => other.into(),
    }
}

/// Administrators do not see guests; so they must not be able to make themselves or others managers.
fn may_give(permit: &Permit<ManageStaff>, role: Role) -> Result<(), AppError> {
    (permit.actor().role == Role::Manager || role != Role::Manager).then_some(()).ok_or(AppError::Forbidden)
}

/// Something to change about a colleague.
pub enum StaffChange {
    Role(Role),
    Active(bool),
    PasswordHash(String),
    /// Ends every session.
    EndSessions,
}

/// Changes a colleague of the same house. Every change ends the colleague's sessions, so that it
/// holds at once.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] when it would lock the actor out; what the store
/// answers.
pub async fn change(
    db: &Db,
    permit: &Permit<ManageStaff>,
    staff: StaffId,
    change: StaffChange,
) -> Result<(), AppError> {
    let row: Option<Row> = db
        .row(
            "SELECT * FROM $staff WHERE house = $house",
            vars().with("staff", record("staff", staff)).with("house", record("house", permit.house())),
        )
        .await?;
    let row = row.ok_or(AppError::NotFound)?;
    // Whoever may not give the role may not take it, or its password, either.
    may_give(permit, word(&row.role, Role::from_code)?)?;
    let bound = vars().with("staff", record("staff", staff));
    let locks_out = matches!(change, StaffChange::Role(_) | StaffChange::Active(false));
    if locks_out && staff == permit.actor().staff {
        return Err(AppError::field("staff", Problem::NotKnown(row.name, "@colleague".to_owned())));
    }
    let (sql, bound, field) = match change {
        StaffChange::Role(role) => {
            may_give(permit, role)?;
            ("UPDATE ONLY $staff SET role = $role RETURN NONE;", bound.with("role", role.code()), "role")
        }
        StaffChange::Active(active) => {
            ("UPDATE ONLY $staff SET active = $active RETURN NONE;", bound.with("active", active), "active")
        }
        StaffChange::PasswordHash(hash) => {
            ("UPDATE ONLY $staff SET password = $password RETURN NONE;", bound.with("password", hash), "password")
        }
        StaffChange::EndSessions => ("", bound, "sessions"),
    };
    let tx = Tx::new().run(&format!("{sql} DELETE session WHERE staff = $staff RETURN NONE"), bound).event_in(
        [permit.house()],
        "staff",
        SessionsEnded { staff: staff.to_string(), session: None },
    );
    db.commit(audit::note(tx, permit.actor(), Action::StaffChanged, None, &[field])).await?;
    Ok(())
}

/// What the feed says when someone's sessions end: their streams end with them.
#[derive(Debug, Clone, SurrealValue)]
pub struct SessionsEnded {
    pub staff: String,
    /// The tag of the one session that ended; `None` for all that the colleague had.
    pub session: Option<String>,
}

/// Ends the streams of a session, on every server. To be called once the session is gone.
///
/// # Errors
/// What the store answers.
pub async fn end_streams(db: &Db, actor: &Actor) -> Result<(), DbError> {
    let ended = SessionsEnded { staff: actor.staff.to_string(), session: Some(super::session::tag(&actor.session)) };
    db.commit(Tx::new().event_in([actor.house.id], "staff", ended)).await.map(drop)
}

/// The name and role of a colleague who works in the house now.
///
/// # Errors
/// What the store answers.
pub async fn working(db: &Db, house: HouseId, staff: StaffId) -> Result<Option<(String, Role)>, DbError> {
    let row: Option<Row> = db
        .row(
            "SELECT * FROM $staff WHERE house = $house",
            vars().with("staff", record("staff", staff)).with("house", record("house", house)),
        )
        .await?;
    row.filter(|row| row.active).map(|row| Ok((row.name, word(&row.role, Role::from_code)?))).transpose()
}

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
pub(super) fn with_device(tx: Tx, device: DeviceId, now: DateTime<Utc>) -> Tx {
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

/// Minutes for which this account may not be tried from this place, if it may not.
///
/// # Errors
/// What the store answers.
pub async fn locked_for(db: &Db, login: &str, place: &str, now: DateTime<Utc>) -> Result<Option<u32>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
        failures: i64,
        until: DateTime<Utc>,
    }
    let (by_account, by_device) = attempts(login, place);
    let rows: Vec<Row> = db
        .rows(
            "SELECT * FROM [$by_account, $by_device]",
            vars().with("by_account", by_account.clone()).with("by_device", by_device),
        )
        .await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.until > now)
        .filter(|row| row.failures >= if row.id == by_account { FAILURES_BY_ACCOUNT } else { FAILURES_BY_DEVICE })
        .map(|row| u32::try_from(((row.until - now).num_seconds() + 59).div_euclid(60)).unwrap_or(1))
        .max())
}

/// Counts a failed attempt. Each one starts the time of the lock again.
///
/// # Errors
/// What the store answers.
pub async fn failed(db: &Db, login: &str, place: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let (by_account, by_device) = attempts(login, place);
    let until = now + TimeDelta::minutes(LOCKED_MINUTES);
    // As a transaction it is tried again where several attempts come at once: none goes uncounted.
    let tx = Tx::new().run(
        "FOR $attempt IN [$by_account, $by_device] {
             UPSERT $attempt SET failures = IF (until ?? $now) > $now { (failures ?? 0) + 1 } ELSE { 1 },
             until = $until RETURN NONE;
         }",
        vars().with("by_account", by_account).with("by_device", by_device).with("now", now).with("until", until),
    );
    db.commit(tx).await.map(drop)
}

/// Forgets the failures of an account and of a place, after someone has signed in there.
///
/// # Errors
/// What the store answers.
pub async fn succeeded(db: &Db, login: &str, place: &str) -> Result<(), DbError> {
    let (by_account, by_device) = attempts(login, place);
    db.query("DELETE $attempts RETURN NONE", vars().with("attempts", vec![by_account, by_device])).await.map(drop)
}

fn attempts(login: &str, place: &str) -> (RecordId, RecordId) {
    (record("attempt", format!("{login}@{place}")), record("attempt", format!("@{place}")))
}
