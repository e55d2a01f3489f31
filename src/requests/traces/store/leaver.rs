//! How much is whose, and what becomes of the work of a colleague who leaves.

use super::{
    assign::{still_works, worker},
    changed,
};
use crate::{
    error::{AppError, Problem},
    guests::store::{GuestEvent, houses_of},
    ids::{GuestId, HouseId, StaffId},
    requests::traces::{Colleague, OpenWork, Workload},
    server::db::{Db, DbError, Tx, id_of, record, vars, word},
    staff::{
        self, Ability, Role,
        audit::{self, Action},
        guard::{AssignWork, Permit},
    },
};
use std::collections::{BTreeSet, HashMap};
use surrealdb::types::{RecordId, SurrealValue};

/// Traces that go over in one transaction.
const BATCH: i64 = 200;

#[derive(SurrealValue)]
struct PersonRow {
    id: RecordId,
    name: String,
    role: String,
    active: bool,
}

#[derive(SurrealValue)]
struct CountRow {
    who: Option<RecordId>,
    count: i64,
}

#[derive(SurrealValue)]
struct WorkRow {
    id: RecordId,
    department: String,
}

#[derive(SurrealValue)]
struct RecoveryRow {
    id: RecordId,
    guest: RecordId,
}

/// Everyone of the house who sees traces or has open work, also those without access, by name.
///
/// # Errors
/// What the store answers.
pub async fn workloads(db: &Db, permit: &Permit<AssignWork>) -> Result<Vec<Workload>, DbError> {
    let house = record("house", permit.house());
    let people: Vec<PersonRow> = db
        .rows(
            "SELECT id, name, role, active FROM staff WHERE house = $house ORDER BY name",
            vars().with("house", house.clone()),
        )
        .await?;
    let ids: Vec<RecordId> = people.iter().map(|row| row.id.clone()).collect();
    let traces = by_person(
        db.rows_for_each(
            "SELECT assigned AS who, count() AS count FROM trace WHERE assigned = $each AND state = 'open' \
             GROUP BY who",
            &ids,
            vars(),
        )
        .await?,
    )?;
    let recoveries = by_person(
        db.rows(
            "SELECT owner AS who, count() AS count FROM recovery WITH INDEX recovery_house_open \
             WHERE house = $house AND is_open = true GROUP BY who",
            vars().with("house", house),
        )
        .await?,
    )?;
    let mut found = Vec::with_capacity(people.len());
    for row in people {
        let id: StaffId = id_of(&row.id)?;
        let of = |counts: &HashMap<StaffId, u32>| counts.get(&id).copied().unwrap_or(0);
        let open = OpenWork { traces: of(&traces), recoveries: of(&recoveries) };
        let may_take = row.active && word(&row.role, Role::from_code)?.may(Ability::SeeTraces);
        if may_take || open.total() > 0 {
            found.push(Workload { who: Colleague { id, name: row.name }, may_take, open });
        }
    }
    Ok(found)
}

fn by_person(rows: Vec<CountRow>) -> Result<HashMap<StaffId, u32>, DbError> {
    let mut counts = HashMap::with_capacity(rows.len());
    for row in rows {
        if let Some(who) = &row.who {
            counts.insert(id_of(who)?, u32::try_from(row.count).unwrap_or(u32::MAX));
        }
    }
    Ok(counts)
}

/// How much open work is a colleague's.
///
/// # Errors
/// What the store answers.
pub async fn open_work(db: &Db, house: HouseId, who: StaffId) -> Result<OpenWork, DbError> {
    let mut results = db
        .query(
            "SELECT VALUE id FROM trace WHERE assigned = $who AND state = 'open';
             SELECT VALUE id FROM recovery WITH INDEX recovery_house_open \
             WHERE house = $house AND is_open = true AND owner = $who;",
            vars().with("who", record("staff", who)).with("house", record("house", house)),
        )
        .await?;
    let traces: Vec<RecordId> = results.take(0)?;
    let recoveries: Vec<RecordId> = results.take(1)?;
    let count = |of: &[RecordId]| u32::try_from(of.len()).unwrap_or(u32::MAX);
    Ok(OpenWork { traces: count(&traces), recoveries: count(&recoveries) })
}

/// Gives all open work of one colleague to another: every open trace, whatever its day, and every complaint that is
/// not closed. What a colleague did and wrote stays under that colleague's name. Returns how much went over.
///
/// # Errors
/// [`AppError::NotFound`] for nobody of the house, [`AppError::Fields`] where the other cannot be given it,
/// [`AppError::Conflict`] where the other leaves meanwhile, or what the store answers.
pub async fn hand_over(db: &Db, permit: &Permit<AssignWork>, from: StaffId, to: StaffId) -> Result<OpenWork, AppError> {
    let heir = worker(db, permit, "to", to).await?;
    if from == to {
        return Err(AppError::field("to", Problem::NotKnown(heir.1, "@work_other".to_owned())));
    }
    let here: Option<RecordId> = db
        .row(
            "SELECT VALUE id FROM $leaver WHERE house = $house",
            vars().with("leaver", record("staff", from)).with("house", record("house", permit.house())),
        )
        .await?;
    here.ok_or(AppError::NotFound)?;
    let complaints = recoveries_of(db, permit.house(), from).await?;
    if !complaints.is_empty() && !may_mend(db, permit.house(), to).await? {
        return Err(AppError::field("to", Problem::NotKnown(heir.1, "@work_mender".to_owned())));
    }
    let traces = hand_over_traces(db, permit, from, &heir).await?;
    let recoveries = hand_over_recoveries(db, permit, from, &heir, complaints).await?;
    Ok(OpenWork { traces, recoveries })
}

async fn may_mend(db: &Db, house: HouseId, who: StaffId) -> Result<bool, DbError> {
    let found = staff::store::working(db, house, who).await?;
    Ok(found.is_some_and(|(_, role)| role.may(Ability::MendRecoveries)))
}

async fn hand_over_traces(
    db: &Db,
    permit: &Permit<AssignWork>,
    from: StaffId,
    (to, name): &(StaffId, String),
) -> Result<u32, AppError> {
    let (leaver, heir) = (record("staff", from), record("staff", to));
    let mut moved = 0_u32;
    loop {
        let rows: Vec<WorkRow> = db
            .rows(
                "SELECT id, department FROM trace WHERE assigned = $leaver AND state = 'open' LIMIT $batch",
                vars().with("leaver", leaver.clone()).with("batch", BATCH),
            )
            .await?;
        if rows.is_empty() {
            return Ok(moved);
        }
        let departments: BTreeSet<String> = rows.iter().map(|row| row.department.clone()).collect();
        let ids: Vec<RecordId> = rows.into_iter().map(|row| row.id).collect();
        let tx = still_works(Tx::new(), *to).run(
            "UPDATE $work SET assigned = $heir, assigned_name = $heir_name \
             WHERE assigned = $leaver AND state = 'open' RETURN NONE",
            vars()
                .with("work", ids.clone())
                .with("heir", heir.clone())
                .with("heir_name", name.clone())
                .with("leaver", leaver.clone()),
        );
        let tx = departments.iter().fold(tx, |tx, department| tx.event(changed(permit.house(), department)));
        carried(db.commit(audit::note(tx, permit.actor(), Action::AssignedTrace, None, &[])).await, name)?;
        moved = moved.saturating_add(now_theirs(db, "assigned", ids, &heir).await?);
    }
}

async fn recoveries_of(db: &Db, house: HouseId, owner: StaffId) -> Result<Vec<RecoveryRow>, DbError> {
    db.rows(
        "SELECT id, guest FROM recovery WITH INDEX recovery_house_open \
         WHERE house = $house AND is_open = true AND owner = $owner",
        vars().with("house", record("house", house)).with("owner", record("staff", owner)),
    )
    .await
}

async fn hand_over_recoveries(
    db: &Db,
    permit: &Permit<AssignWork>,
    from: StaffId,
    (to, name): &(StaffId, String),
    complaints: Vec<RecoveryRow>,
) -> Result<u32, AppError> {
    if complaints.is_empty() {
        return Ok(0);
    }
    let heir = record("staff", to);
    let mut guests: BTreeSet<GuestId> = BTreeSet::new();
    for row in &complaints {
        guests.insert(id_of(&row.guest)?);
    }
    let ids: Vec<RecordId> = complaints.into_iter().map(|row| row.id).collect();
    let mut tx = still_works(Tx::new(), *to).run(
        "UPDATE $work SET owner = $heir, owner_name = $heir_name, revision += 1 \
         WHERE owner = $leaver AND is_open = true RETURN NONE",
        vars()
            .with("work", ids.clone())
            .with("heir", heir.clone())
            .with("heir_name", name.clone())
            .with("leaver", record("staff", from)),
    );
    // Open cards tell who sees to it.
    for guest in guests {
        let houses = houses_of(db, permit.house(), guest).await?;
        tx = tx.event_in(houses, "guest", GuestEvent::new(guest, &["recovery"]));
    }
    carried(db.commit(audit::note(tx, permit.actor(), Action::ChangedRecovery, None, &[])).await, name)?;
    Ok(now_theirs(db, "owner", ids, &heir).await?)
}

/// What became of a transaction that gives work to somebody who may have left meanwhile.
fn carried<T>(came: Result<T, DbError>, name: &str) -> Result<(), AppError> {
    match came {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => Err(AppError::Conflict(name.to_owned())),
        Err(other) => Err(other.into()),
    }
}

/// How many of these are the colleague's now: what was seen to meanwhile did not go over.
async fn now_theirs(db: &Db, column: &str, ids: Vec<RecordId>, heir: &RecordId) -> Result<u32, DbError> {
    let theirs: Vec<RecordId> = db
        .rows(
            &format!("SELECT VALUE id FROM $work WHERE {column} = $heir"),
            vars().with("work", ids).with("heir", heir.clone()),
        )
        .await?;
    Ok(u32::try_from(theirs.len()).unwrap_or(u32::MAX))
}
