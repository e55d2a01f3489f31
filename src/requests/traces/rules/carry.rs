//! Makes of the traces of rules what the rules ask for: new ones, changed ones, and none where nobody needs one.

use super::{Made, store::Rule, wanted::Wanted};
use crate::{
    house::{House, StationKind},
    ids::{ReservationId, TraceId, TraceRuleId},
    requests::traces::{
        rule::RuleDay,
        store::{NewTrace, add, changed},
    },
    server::db::{Db, DbError, Tx, id_of, record, vars, word},
    stays::ReservationStatus,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use surrealdb::types::{RecordId, SurrealValue};

/// Traces that are written in one transaction, or looked up at once.
const BATCH: usize = 200;
/// Days back to which open traces of rules are looked at again: a booking can turn out to be a no-show.
const BACK_DAYS: u64 = 31;

/// A trace of a rule as it stands.
#[derive(SurrealValue)]
struct ThereRow {
    id: RecordId,
    state: String,
    department: String,
    guest: Option<RecordId>,
    text: Option<String>,
    room: Option<String>,
    due: String,
    rule: Option<RecordId>,
    reservation: Option<RecordId>,
    about_day: Option<String>,
}

/// What a trace of a rule is to say from now on.
#[derive(Debug, Clone, SurrealValue)]
struct ChangeRow {
    id: RecordId,
    /// The state in which it was found, and nothing is changed in another.
    found: String,
    department: String,
    guest: Option<RecordId>,
    text: Option<String>,
    room: Option<String>,
    due: String,
    rule: Option<RecordId>,
    reservation: Option<RecordId>,
    about_day: Option<String>,
    author: String,
}

#[derive(SurrealValue)]
struct BookingRow {
    id: RecordId,
    status: String,
    arrival: String,
    departure: String,
}

/// What is to be written.
#[derive(Default)]
struct Work {
    new: Vec<NewTrace>,
    changes: Vec<ChangeRow>,
    dropped: Vec<(RecordId, String)>,
}

/// Writes what differs from what the rules ask for. Tells how much that was.
///
/// # Errors
/// [`DbError::Guard`] where a rule was paused meanwhile, or what the store answers.
pub(super) async fn carry_out(
    db: &Db,
    house: &House,
    rules: &[Rule],
    wanted: BTreeMap<TraceId, Wanted>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Made, DbError> {
    let dropped = no_longer_wanted(db, rules, &wanted, today).await?;
    let mut work = Work { dropped, ..Work::default() };
    let ids: Vec<RecordId> = wanted.keys().map(|id| record("trace", id)).collect();
    let mut there: HashMap<TraceId, ThereRow> = HashMap::new();
    for ids in ids.chunks(BATCH) {
        let rows: Vec<ThereRow> = db.rows("SELECT * FROM $traces", vars().with("traces", ids.to_vec())).await?;
        for row in rows {
            there.insert(id_of(&row.id)?, row);
        }
    }
    for (id, wanted) in wanted {
        match there.remove(&id) {
            None => work.new.push(wanted.into_trace(id, house.id)),
            Some(row) => work.changes.extend(change(row, &wanted, today)),
        }
    }
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let again = work.changes.iter().filter(|change| change.found == "dropped").count();
    let made = Made {
        made: count(work.new.len() + again),
        changed: count(work.changes.len() - again),
        dropped: count(work.dropped.len()),
    };
    work.write(db, house, rules, now).await?;
    Ok(made)
}

/// What is to become of a trace that is there already; nothing where it is as it should be, or has been seen to.
fn change(row: ThereRow, wanted: &Wanted, today: NaiveDate) -> Option<ChangeRow> {
    if row.state != "open" && row.state != "dropped" {
        return None;
    }
    let planned = wanted.planned();
    let was = row.due.parse::<NaiveDate>().ok();
    let due = match was {
        // Made late, or overdue: its day stays.
        Some(was) if row.state == "open" && planned < today && was <= today => was,
        _ => wanted.due,
    };
    let changed = ChangeRow {
        id: row.id.clone(),
        found: row.state.clone(),
        department: wanted.rule.department.code().to_owned(),
        guest: wanted.guest.map(|guest| record("guest", guest)),
        text: Some(wanted.rule.text.clone()),
        room: wanted.room(),
        due: due.to_string(),
        rule: Some(record("trace_rule", wanted.rule.id)),
        reservation: wanted.booking.as_ref().map(|booking| record("reservation", booking.id)),
        about_day: Some(wanted.day.to_string()),
        author: wanted.rule.author.clone(),
    };
    let is_same = row.state == "open"
        && (&row.department, &row.guest, &row.text, &row.room, &row.due)
            == (&changed.department, &changed.guest, &changed.text, &changed.room, &changed.due)
        && (&row.rule, &row.reservation, &row.about_day) == (&changed.rule, &changed.reservation, &changed.about_day);
    (!is_same).then_some(changed)
}

/// Open traces of these rules that none of them asks for, with their departments: the booking was cancelled or moved,
/// the guest does not need it any more, or the rule says something else. What is about a day that is over stays, unless
/// that day never came.
async fn no_longer_wanted(
    db: &Db,
    rules: &[Rule],
    wanted: &BTreeMap<TraceId, Wanted>,
    today: NaiveDate,
) -> Result<Vec<(RecordId, String)>, DbError> {
    let since = today.checked_sub_days(Days::new(BACK_DAYS)).unwrap_or(today);
    let ids: Vec<RecordId> = rules.iter().map(|rule| record("trace_rule", rule.id)).collect();
    let rows: Vec<ThereRow> = db
        .rows_for_each(
            "SELECT * FROM trace WHERE rule = $each AND state = 'open' AND due >= $since",
            &ids,
            vars().with("since", since.to_string()),
        )
        .await?;
    let (mut gone, mut past) = (Vec::new(), Vec::new());
    for row in rows {
        let day = row.about_day.as_deref().and_then(|day| day.parse::<NaiveDate>().ok());
        if wanted.contains_key(&id_of::<TraceId>(&row.id)?) {
            continue;
        }
        if day.is_none_or(|day| day >= today) {
            gone.push((row.id, row.department));
        } else if row.reservation.is_some() {
            past.push(row);
        }
    }
    let kinds: HashMap<TraceRuleId, RuleDay> = rules.iter().map(|rule| (rule.id, rule.on)).collect();
    let bookings = bookings_of(db, &past).await?;
    for row in past {
        let on = row.rule.as_ref().map(id_of::<TraceRuleId>).transpose()?.and_then(|rule| kinds.get(&rule));
        let booking = row.reservation.as_ref().map(id_of::<ReservationId>).transpose()?;
        let booking = booking.and_then(|booking| bookings.get(&booking));
        if !still_was(on.copied(), row.about_day.as_deref().unwrap_or_default(), booking)? {
            gone.push((row.id, row.department));
        }
    }
    Ok(gone)
}

async fn bookings_of(db: &Db, rows: &[ThereRow]) -> Result<HashMap<ReservationId, BookingRow>, DbError> {
    let mut ids: BTreeSet<ReservationId> = BTreeSet::new();
    for booking in rows.iter().filter_map(|row| row.reservation.as_ref()) {
        ids.insert(id_of(booking)?);
    }
    let mut found = HashMap::with_capacity(ids.len());
    let records: Vec<RecordId> = ids.iter().map(|id| record("reservation", id)).collect();
    for records in records.chunks(BATCH) {
        let rows: Vec<BookingRow> = db
            .rows("SELECT id, status, arrival, departure FROM $bookings", vars().with("bookings", records.to_vec()))
            .await?;
        for row in rows {
            found.insert(id_of(&row.id)?, row);
        }
    }
    Ok(found)
}

/// Whether the day that a trace is about was a day of its booking after all.
fn still_was(on: Option<RuleDay>, day: &str, booking: Option<&BookingRow>) -> Result<bool, DbError> {
    let Some(booking) = booking else { return Ok(false) };
    let status = word(&booking.status, ReservationStatus::from_code)?;
    if matches!(status, ReservationStatus::Cancelled | ReservationStatus::NoShow) {
        return Ok(false);
    }
    Ok(match on {
        Some(RuleDay::Arrival) => booking.arrival == day,
        Some(RuleDay::Departure) => booking.departure == day,
        Some(RuleDay::Occasion) => (booking.arrival.as_str()..=booking.departure.as_str()).contains(&day),
        Some(RuleDay::Every) | None => true,
    })
}

impl Work {
    /// In transactions of some hundred traces each, each of which holds only while none of the rules has been paused.
    async fn write(self, db: &Db, house: &House, rules: &[Rule], now: DateTime<Utc>) -> Result<(), DbError> {
        let Self { new, changes, dropped } = self;
        for new in new.chunks(BATCH) {
            db.commit(add(unpaused(rules), new, now)).await?;
        }
        for changes in changes.chunks(BATCH) {
            let told: BTreeSet<&str> = changes.iter().map(|change| change.department.as_str()).collect();
            let tx = unpaused(rules).run(
                "FOR $change IN $changes {
                     UPDATE $change.id SET state = 'open', department = $change.department, guest = $change.guest, \
                     text = $change.text, room = $change.room, due = $change.due, rule = $change.rule, \
                     reservation = $change.reservation, about_day = $change.about_day, author_name = $change.author \
                     WHERE state = $change.found RETURN NONE;
                 }",
                vars().with("changes", changes.to_vec()),
            );
            db.commit(telling(tx, house, &told)).await?;
        }
        for dropped in dropped.chunks(BATCH) {
            let told: BTreeSet<&str> = dropped.iter().map(|(_, department)| department.as_str()).collect();
            let ids: Vec<RecordId> = dropped.iter().map(|(id, _)| id.clone()).collect();
            let tx = unpaused(rules).run(
                // What stands for a greeting as well goes on standing for that.
                "UPDATE $gone SET rule = NONE, text = NONE WHERE state = 'open' AND occurrence != NONE RETURN NONE;
                 UPDATE $gone SET state = 'dropped', rings_at = NONE WHERE state = 'open' AND occurrence = NONE \
                 RETURN NONE",
                vars().with("gone", ids),
            );
            db.commit(telling(tx, house, &told)).await?;
        }
        Ok(())
    }
}

/// Begins a transaction that fails with the guard `rules` where one of them makes no traces any more.
fn unpaused(rules: &[Rule]) -> Tx {
    let ids: Vec<RecordId> = rules.iter().map(|rule| record("trace_rule", rule.id)).collect();
    Tx::new().run(
        "IF array::len((SELECT VALUE id FROM $rules WHERE active = true)) != $rule_count { THROW 'guard:rules' }",
        vars().with("rule_count", i64::try_from(ids.len()).unwrap_or(i64::MAX)).with("rules", ids),
    )
}

fn telling(tx: Tx, house: &House, departments: &BTreeSet<&str>) -> Tx {
    let known = StationKind::ALL.into_iter().map(StationKind::code).filter(|code| departments.contains(code));
    known.fold(tx, |tx, department| tx.event(changed(house.id, department)))
}
