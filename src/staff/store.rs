//! Staff in the store: who works where, in which role, and who acts in a session.

mod attempts;
mod devices;

pub use attempts::{failed, locked_for, succeeded};
pub(super) use devices::with_device;
pub use devices::{add_device, known_device, place_device, start_shift};

use super::{
    Role, StaffRow,
    audit::{self, Action},
    guard::{Actor, ManageStaff, Permit},
    session::Login,
};
use crate::{
    error::{AppError, Problem},
    house::{House, Station},
    ids::{HouseId, StaffId},
    requests::traces::store as traces,
    server::db::{Db, DbError, Tx, id_of, record, vars, word},
};
use std::collections::HashMap;
use surrealdb::types::{RecordId, SurrealValue};
use tower_sessions::Session;

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
    #[derive(SurrealValue)]
    struct Found {
        staff: Option<Row>,
        house: Option<crate::house::store::HouseRow>,
        device: Option<DeviceRow>,
        station: Option<crate::house::store::StationRow>,
    }
    // One statement: whatever anyone does waits for it.
    let found: Option<Found> = db
        .row(
            "RETURN { staff: $staff.*, house: $staff.house.*, device: $device.*, station: $device.station.* }",
            vars().with("staff", record("staff", login.staff)).with("device", record("device", login.device)),
        )
        .await?;
    let Some(Found { staff, house, device, station }) = found else { return Ok(None) };
    let (Some(row), Some(house)) = (staff.filter(|row| row.active), house) else {
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
            AppError::field("login", Problem::LoginTaken)
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
    /// Takes the colleague off the list. What the colleague knew and did belongs to the house: it stays, under the
    /// colleague's name.
    Removed,
}

/// Removes a colleague who has no open work, with what was the colleague's alone.
const REMOVE: &str = "
    IF array::len((SELECT VALUE id FROM trace WHERE assigned = $staff AND state = 'open' LIMIT 1)) > 0 {
        THROW 'guard:work'
    };
    IF array::len((SELECT VALUE id FROM recovery WITH INDEX recovery_house_open
        WHERE house = $house AND is_open = true AND owner = $staff)) > 0 {
        THROW 'guard:work'
    };
    UPDATE alert_rule SET duty = NONE WHERE house = $house AND duty = $staff RETURN NONE;
    DELETE name_card WHERE staff = $staff RETURN NONE;
    DELETE drill_day WHERE staff = $staff RETURN NONE;
    DELETE $staff RETURN NONE;";

/// Changes a colleague of the same house. Every change ends the colleague's sessions, so that it
/// holds at once.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Fields`] when it would lock the actor out, or take work with it that is not
/// done; what the store answers.
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
    let locks_out = matches!(change, StaffChange::Role(_) | StaffChange::Active(false) | StaffChange::Removed);
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
        StaffChange::Removed => (REMOVE, bound.with("house", record("house", permit.house())), "removed"),
    };
    let tx = Tx::new().run(&format!("{sql} DELETE session WHERE staff = $staff RETURN NONE"), bound).event_in(
        [permit.house()],
        "staff",
        SessionsEnded { staff: staff.to_string(), session: None },
    );
    match db.commit(audit::note(tx, permit.actor(), Action::StaffChanged, None, &[field])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => {
            let open = traces::open_work(db, permit.house(), staff).await?;
            Err(AppError::field("staff", Problem::OpenWork { who: row.name, count: open.total() }))
        }
        Err(other) => Err(other.into()),
    }
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

/// Whether one of these colleagues is a manager who works in the house now.
///
/// # Errors
/// What the store answers.
pub async fn has_manager<'a>(
    db: &Db,
    house: HouseId,
    staff: impl IntoIterator<Item = &'a StaffId>,
) -> Result<bool, DbError> {
    let staff: Vec<RecordId> = staff.into_iter().map(|staff| record("staff", staff)).collect();
    let managers: Vec<RecordId> = db
        .rows(
            "SELECT VALUE id FROM $staff WHERE house = $house AND active = true AND role = $role",
            vars().with("staff", staff).with("house", record("house", house)).with("role", Role::Manager.code()),
        )
        .await?;
    Ok(!managers.is_empty())
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
