//! Who is on the line, wherever their device stands: whom an alert that nobody answers can be carried to.
//! Each server process keeps one row a house, under the same lease as its stations.

use super::{LEASE, Streams, Written};
use crate::{
    ids::{HouseId, StaffId},
    server::db::{Db, DbError, Tx, id_of, record, vars},
};
use chrono::{DateTime, Utc};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};
use surrealdb::types::{RecordId, SurrealValue};

/// The streams of this process, by house and by whoever uses the device.
#[derive(Default)]
pub(super) struct Line(Mutex<HashMap<HouseId, Here>>);

/// What this process knows of one house.
#[derive(Default)]
struct Here {
    people: BTreeMap<StaffId, Streams>,
    /// The row as this process last wrote it.
    written: Option<Written<StaffId>>,
}

impl Line {
    pub(super) fn arrive(&self, house: HouseId, staff: StaffId) {
        self.houses().entry(house).or_default().people.entry(staff).or_default().open += 1;
    }

    pub(super) fn leave(&self, house: HouseId, staff: StaffId, now: DateTime<Utc>) {
        if let Some(streams) = self.houses().get_mut(&house).and_then(|here| here.people.get_mut(&staff)) {
            streams.leave(now);
        }
    }

    /// Writes who has come and gone, renews what needs it, and clears away the rows of processes that died.
    pub(super) async fn keep(&self, db: &Db, server: &str, now: DateTime<Utc>) -> Result<(), DbError> {
        let due = self.look(now);
        for (house, staff) in &due {
            write(db, server, now, *house, staff).await?;
            if let Some(here) = self.houses().get_mut(house) {
                here.written = (!staff.is_empty()).then(|| Written { who: staff.clone(), lease: now + LEASE });
            }
        }
        // A dead row tells nobody anything: it is cleared away when there is something to be written.
        if due.is_empty() { Ok(()) } else { sweep(db, now).await }
    }

    /// Takes the rows of this process away.
    pub(super) async fn leave_all(&self, db: &Db, server: &str, now: DateTime<Utc>) -> Result<(), DbError> {
        let houses: Vec<HouseId> = self.houses().drain().map(|(house, _)| house).collect();
        for house in houses {
            write(db, server, now, house, &[]).await?;
        }
        Ok(())
    }

    fn houses(&self) -> MutexGuard<'_, HashMap<HouseId, Here>> {
        // Counters are changed one at a time: there is no half-changed state to fear after a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The houses whose row is to be written, with who is on the line there, and forgets who has left.
    fn look(&self, now: DateTime<Utc>) -> Vec<(HouseId, Vec<StaffId>)> {
        let mut due = Vec::new();
        self.houses().retain(|house, here| {
            here.people.retain(|_, streams| streams.is_present(now));
            match &here.written {
                None if here.people.is_empty() => return false,
                Some(written) if written.who.iter().eq(here.people.keys()) && !written.needs_renewal(now) => {}
                _ => due.push((*house, here.people.keys().copied().collect())),
            }
            true
        });
        due
    }
}

/// Everyone who is on the line in a house, whichever server they are connected to.
///
/// # Errors
/// What the store answers.
pub async fn on_the_line(db: &Db, house: HouseId, now: DateTime<Utc>) -> Result<BTreeSet<StaffId>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        staff: Vec<RecordId>,
        lease: DateTime<Utc>,
    }
    let rows: Vec<Row> = db
        .rows("SELECT staff, lease FROM on_line WHERE house = $house", vars().with("house", record("house", house)))
        .await?;
    rows.iter().filter(|row| row.lease > now).flat_map(|row| &row.staff).map(id_of).collect()
}

async fn write(db: &Db, server: &str, now: DateTime<Utc>, house: HouseId, staff: &[StaffId]) -> Result<(), DbError> {
    let row = if staff.is_empty() {
        "DELETE $row RETURN NONE"
    } else {
        "UPSERT ONLY $row SET house = $house, server = $server, staff = $staff, lease = $lease RETURN NONE"
    };
    let staff: Vec<RecordId> = staff.iter().map(|staff| record("staff", staff)).collect();
    let bound = vars()
        .with("row", record("on_line", format!("{house}|{server}")))
        .with("house", record("house", house))
        .with("server", server)
        .with("staff", staff)
        .with("lease", now + LEASE);
    db.commit(Tx::new().run(row, bound)).await.map(drop)
}

async fn sweep(db: &Db, now: DateTime<Utc>) -> Result<(), DbError> {
    let dead: Vec<RecordId> =
        db.rows("SELECT VALUE id FROM on_line WHERE lease <= $now", vars().with("now", now)).await?;
    if dead.is_empty() {
        return Ok(());
    }
    // Its own process may have renewed it since.
    let tx = Tx::new().run("DELETE $dead WHERE lease <= $now RETURN NONE", vars().with("dead", dead).with("now", now));
    db.commit(tx).await.map(drop)
}
