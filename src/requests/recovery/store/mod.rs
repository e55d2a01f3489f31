//! Complaints in the store.

mod change;
mod write;

pub use change::{Seen, change};
pub use write::{add_step, keep_promise, raise, set_cost, tell_guest};

use super::{
    Cause, Cost, ListedRecovery, Place, RecoveryLine, RecoveryList, RecoveryPage, RecoveryState, Severity, StepLine,
    causes::{Case, CauseTable},
};
use crate::{
    error::AppError,
    guests::{
        Guest,
        store::{GuestRow, guest_records},
    },
    ids::{GuestId, HouseId, RecoveryId, StaffId, StepId},
    requests::traces::TraceGuest,
    server::{
        clock,
        db::{Db, DbError, id_of, record, vars, word},
    },
    staff::{
        Ability, Role,
        guard::{MendRecoveries, Permit},
    },
};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use surrealdb::types::{RecordId, SurrealValue};

/// Complaints that are listed at once.
const LISTED: usize = 200;

/// A row of `recovery`, without what the store derives.
#[derive(Debug, Clone, SurrealValue)]
pub(crate) struct RecoveryRow {
    pub id: RecordId,
    pub house: RecordId,
    pub guest: RecordId,
    pub reservation: Option<RecordId>,
    pub what: String,
    pub cause: String,
    pub place: String,
    pub severity: i64,
    pub owner: RecordId,
    pub owner_name: String,
    pub promise: Option<String>,
    pub promise_due: Option<String>,
    pub promise_kept_at: Option<DateTime<Utc>>,
    pub promise_kept_by: Option<String>,
    pub cost: Option<i64>,
    pub currency: Option<String>,
    pub result: Option<String>,
    pub told_at: Option<DateTime<Utc>>,
    pub told_by: Option<String>,
    pub state: String,
    pub month: String,
    pub author: RecordId,
    pub author_name: String,
    pub at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub closed_by: Option<String>,
    pub changed_by: Option<String>,
    pub revision: i64,
}

impl RecoveryRow {
    /// As those are told who see to complaints. `zone` is that of the house where it is read.
    pub fn line(self, zone: chrono_tz::Tz) -> Result<RecoveryLine, DbError> {
        Ok(RecoveryLine {
            id: id_of(&self.id)?,
            guest: id_of(&self.guest)?,
            what: self.what,
            cause: word(&self.cause, Cause::from_code)?,
            place: word(&self.place, Place::from_code)?,
            severity: severity(self.severity)?,
            state: word(&self.state, RecoveryState::from_code)?,
            owner: self.owner_name,
            promise: self.promise,
            promise_due: self.promise_due,
            promise_kept: self.promise_kept_at.is_some(),
            result: self.result,
            on: clock::local_minute(self.at, zone),
            told: self.told_at.map(|at| clock::local_minute(at, zone)),
        })
    }

    /// Whether something was to be kept before `today`, house-local, and has not been.
    fn is_overdue(&self, today: &str) -> bool {
        self.promise_kept_at.is_none() && self.promise_due.as_deref().is_some_and(|due| due < today)
    }
}

fn severity(level: i64) -> Result<Severity, DbError> {
    let known = u8::try_from(level).ok().and_then(Severity::new);
    known.ok_or_else(|| DbError::Malformed(format!("severity {level}")))
}

/// Of these guests, those of whom a complaint is open, in whichever house: they are not greeted meanwhile.
///
/// # Errors
/// What the store answers.
pub(crate) async fn open_of(db: &Db, guests: &[GuestId]) -> Result<HashSet<GuestId>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        guest: RecordId,
        is_open: bool,
    }
    let rows: Vec<Row> = db
        .rows_among(
            "SELECT guest, is_open FROM recovery WHERE guest IN $among AND matters = true",
            &guest_records(guests),
            vars(),
        )
        .await?;
    rows.iter().filter(|row| row.is_open).map(|row| id_of(&row.guest)).collect()
}

/// The complaints of the actor's house that are open, or those that are closed.
///
/// # Errors
/// What the store answers.
pub async fn list(
    db: &Db,
    permit: &Permit<MendRecoveries>,
    state: RecoveryState,
    now: DateTime<Utc>,
) -> Result<RecoveryList, DbError> {
    let house = &permit.actor().house;
    let mut rows: Vec<RecoveryRow> = db
        .rows(
            "SELECT * FROM recovery WITH INDEX recovery_house_open WHERE house = $house AND is_open = $open \
             ORDER BY at DESC LIMIT $limit",
            vars()
                .with("house", record("house", house.id))
                .with("open", state.is_open())
                // One more tells whether there are more.
                .with("limit", i64::try_from(LISTED).unwrap_or(i64::MAX) + 1),
        )
        .await?;
    let more = rows.len() > LISTED;
    rows.truncate(LISTED);
    if state.is_open() {
        rows.sort_by(|one, other| other.severity.cmp(&one.severity).then(one.at.cmp(&other.at)));
    }
    let ids: Vec<GuestId> = rows.iter().map(|row| id_of(&row.guest)).collect::<Result<_, _>>()?;
    let people = people(db, &ids).await?;
    let (zone, today) = (house.zone(), clock::today(now, house.zone()).to_string());
    let recoveries = rows.into_iter().zip(ids).map(|(row, guest)| {
        let overdue = row.is_overdue(&today);
        let about = people.get(&guest).cloned();
        Ok(ListedRecovery { line: row.line(zone)?, about, overdue })
    });
    Ok(RecoveryList { recoveries: recoveries.collect::<Result<_, DbError>>()?, more })
}

/// How these guests are called.
async fn people(db: &Db, ids: &[GuestId]) -> Result<HashMap<GuestId, TraceGuest>, DbError> {
    let mut once = ids.to_vec();
    once.sort_unstable();
    once.dedup();
    let rows: Vec<GuestRow> = db.rows("SELECT * FROM $guests", vars().with("guests", guest_records(&once))).await?;
    rows.into_iter()
        .map(|row| {
            let Guest { id, name, language, .. } = Guest::try_from(row)?;
            Ok((id, TraceGuest { guest: id, name, language }))
        })
        .collect()
}

/// A complaint, of whichever house: what was promised holds in each.
async fn row(db: &Db, id: RecoveryId) -> Result<RecoveryRow, AppError> {
    let row: Option<RecoveryRow> =
        db.row("SELECT * FROM $recovery", vars().with("recovery", record("recovery", id))).await?;
    row.ok_or(AppError::NotFound)
}

/// A complaint with all that was done about it.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn page(
    db: &Db,
    permit: &Permit<MendRecoveries>,
    id: RecoveryId,
    now: DateTime<Utc>,
) -> Result<RecoveryPage, AppError> {
    let actor = permit.actor();
    let zone = actor.house.zone();
    let row = row(db, id).await?;
    let guest: GuestId = id_of(&row.guest)?;
    let asked = [guest];
    let (people, mut owners, steps) =
        futures::try_join!(people(db, &asked), owners(db, actor.house.id), steps(db, id, zone))?;
    let owner: StaffId = id_of(&row.owner)?;
    if owners.iter().all(|other| other.id != owner) {
        owners.push(Owner { id: owner, name: row.owner_name.clone(), role: None });
    }
    let when = |at: Option<DateTime<Utc>>, by: &Option<String>| {
        at.map(|at| (by.clone().unwrap_or_default(), clock::local_minute(at, zone)))
    };
    let cost = (actor.role == Role::Manager).then(|| Cost {
        currency: row.currency.clone().unwrap_or_else(|| actor.house.currency.clone()),
        minor: row.cost,
    });
    Ok(RecoveryPage {
        about: people.get(&guest).cloned(),
        revision: row.revision,
        owner,
        owners: owners.into_iter().map(|owner| (owner.id, owner.name)).collect(),
        by: row.author_name.clone(),
        told_by: row.told_by.clone(),
        kept: when(row.promise_kept_at, &row.promise_kept_by),
        closed: when(row.closed_at, &row.closed_by),
        overdue: row.is_overdue(&clock::today(now, zone).to_string()),
        steps,
        next_step: StepId::new(),
        cost,
        line: row.line(zone)?,
    })
}

async fn steps(db: &Db, id: RecoveryId, zone: chrono_tz::Tz) -> Result<Vec<StepLine>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        text: String,
        author_name: String,
        at: DateTime<Utc>,
    }
    let rows: Vec<Row> = db
        .rows(
            "SELECT text, author_name, at FROM recovery_step WHERE recovery = $recovery ORDER BY at",
            vars().with("recovery", record("recovery", id)),
        )
        .await?;
    let lines = rows.into_iter().map(|row| StepLine {
        text: row.text,
        by: row.author_name,
        at: clock::local_minute(row.at, zone),
    });
    Ok(lines.collect())
}

/// A colleague who can see to a complaint.
#[derive(Debug, Clone)]
struct Owner {
    id: StaffId,
    name: String,
    /// `None` for one who does not work in the house any more.
    role: Option<Role>,
}

/// Who works in a house and sees to complaints, by name.
async fn owners(db: &Db, house: HouseId) -> Result<Vec<Owner>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
        name: String,
        role: String,
        active: bool,
    }
    let rows: Vec<Row> = db
        .rows("SELECT * FROM staff WHERE house = $house ORDER BY name", vars().with("house", record("house", house)))
        .await?;
    let mut found = Vec::new();
    for row in rows.into_iter().filter(|row| row.active) {
        let role = word(&row.role, Role::from_code)?;
        if role.may(Ability::MendRecoveries) {
            found.push(Owner { id: id_of(&row.id)?, name: row.name, role: Some(role) });
        }
    }
    Ok(found)
}

/// What brought complaints about in the actor's house, by month and place. `months` are house-local `YYYY-MM`, one
/// after the other.
///
/// # Errors
/// What the store answers.
pub async fn causes(db: &Db, permit: &Permit<MendRecoveries>, months: Vec<String>) -> Result<CauseTable, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        month: String,
        cause: String,
        place: String,
        severity: i64,
    }
    let (Some(first), Some(last)) = (months.first(), months.last()) else {
        return Ok(CauseTable::of(months, &[]));
    };
    let rows: Vec<Row> = db
        .rows(
            "SELECT month, cause, place, severity FROM recovery WITH INDEX recovery_month \
             WHERE house = $house AND month >= $first AND month <= $last",
            vars()
                .with("house", record("house", permit.house()))
                .with("first", first.clone())
                .with("last", last.clone()),
        )
        .await?;
    let cases = rows.into_iter().map(|row| {
        Ok(Case {
            month: row.month,
            cause: word(&row.cause, Cause::from_code)?,
            place: word(&row.place, Place::from_code)?,
            severity: severity(row.severity)?,
        })
    });
    let cases: Vec<Case> = cases.collect::<Result<_, DbError>>()?;
    Ok(CauseTable::of(months, &cases))
}
