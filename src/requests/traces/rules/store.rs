//! Rules in the store.

use super::write::AskedRule;
use crate::{
    error::AppError,
    guests::{
        Guest, PreferenceCode,
        store::{GuestRow, guest_records},
    },
    house::StationKind,
    ids::{GuestId, HouseId, TraceRuleId},
    requests::traces::{
        TraceGuest,
        rule::{Recurrence, RuleDay, RuleList, TraceRule},
        store::changed,
    },
    server::{
        clock,
        db::{Db, DbError, Tx, id_of, optional, record, vars, word},
    },
    staff::{
        audit::{self, Action},
        guard::{AssignWork, Permit},
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::HashMap;
use surrealdb::types::{RecordId, SurrealValue};

#[derive(Debug, Clone, SurrealValue)]
struct RuleRow {
    id: RecordId,
    department: String,
    text: String,
    on_day: String,
    days_before: i64,
    code: Option<String>,
    guest: Option<RecordId>,
    room: Option<String>,
    every_days: Option<i64>,
    starts: Option<String>,
    ends: Option<String>,
    active: bool,
    author_name: String,
}

/// A rule as it is carried out.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub id: TraceRuleId,
    pub department: StationKind,
    pub text: String,
    pub on: RuleDay,
    pub days_before: u8,
    pub code: Option<PreferenceCode>,
    pub guest: Option<GuestId>,
    pub room: Option<String>,
    /// Of [`RuleDay::Every`].
    pub recurrence: Option<Recurrence>,
    pub author: String,
}

/// The rules of a house that make traces, the oldest first.
pub(super) async fn active(db: &Db, house: HouseId) -> Result<Vec<Rule>, DbError> {
    let rows: Vec<RuleRow> = db
        .rows(
            "SELECT * FROM trace_rule WHERE house = $house AND active = true",
            vars().with("house", record("house", house)),
        )
        .await?;
    let mut rules = rows.into_iter().map(RuleRow::read).collect::<Result<Vec<_>, _>>()?;
    rules.sort_by_key(|rule| rule.id);
    Ok(rules)
}

impl RuleRow {
    fn read(self) -> Result<Rule, DbError> {
        let day = |text: &str| word(text, |text| text.parse::<NaiveDate>().ok());
        let recurrence = match (&self.starts, self.every_days) {
            (Some(starts), Some(every)) => Some(Recurrence {
                starts: day(starts)?,
                ends: self.ends.as_deref().map(day).transpose()?,
                every_days: number(every)?,
            }),
            _ => None,
        };
        Ok(Rule {
            id: id_of(&self.id)?,
            department: word(&self.department, StationKind::from_code)?,
            text: self.text,
            on: word(&self.on_day, RuleDay::from_code)?,
            days_before: number(self.days_before)?,
            code: self.code.as_deref().map(|code| word(code, PreferenceCode::from_code)).transpose()?,
            guest: self.guest.as_ref().map(id_of).transpose()?,
            room: self.room,
            recurrence,
            author: self.author_name,
        })
    }

    /// As the page of rules tells it.
    fn line(self, guests: &HashMap<GuestId, TraceGuest>) -> Result<TraceRule, DbError> {
        let (starts, ends, active) = (self.starts.clone(), self.ends.clone(), self.active);
        let every_days = self.every_days.map(number).transpose()?;
        let rule = self.read()?;
        Ok(TraceRule {
            id: rule.id,
            department: rule.department,
            text: rule.text,
            on: rule.on,
            days_before: rule.days_before,
            code: rule.code,
            about: rule.guest.and_then(|guest| guests.get(&guest).cloned()),
            room: rule.room,
            every_days,
            starts,
            ends,
            active,
            by: rule.author,
        })
    }
}

fn number<T: TryFrom<i64>>(value: i64) -> Result<T, DbError> {
    T::try_from(value).map_err(|_| DbError::Malformed(value.to_string()))
}

/// The rules of the house, those that are paused last. `about` is whom a new one will be for.
///
/// # Errors
/// What the store answers.
pub async fn list(
    db: &Db,
    permit: &Permit<AssignWork>,
    about: Option<TraceGuest>,
    now: DateTime<Utc>,
) -> Result<RuleList, DbError> {
    let house = &permit.actor().house;
    let mut rows: Vec<RuleRow> = db
        .rows("SELECT * FROM trace_rule WHERE house = $house", vars().with("house", record("house", house.id)))
        .await?;
    let mut ids = Vec::new();
    for guest in rows.iter().filter_map(|row| row.guest.as_ref()) {
        ids.push(id_of::<GuestId>(guest)?);
    }
    let guests = guests_of(db, &ids).await?;
    rows.sort_by(|one, other| other.active.cmp(&one.active).then_with(|| one.id.key.cmp(&other.id.key)));
    let rules = rows.into_iter().map(|row| row.line(&guests)).collect::<Result<_, _>>()?;
    let today = clock::today(now, house.zone()).to_string();
    Ok(RuleList { today, id: TraceRuleId::new(), rules, about })
}

async fn guests_of(db: &Db, ids: &[GuestId]) -> Result<HashMap<GuestId, TraceGuest>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<GuestRow> = db.rows("SELECT * FROM $guests", vars().with("guests", guest_records(ids))).await?;
    let mut guests = HashMap::with_capacity(found.len());
    for row in found {
        let guest = Guest::try_from(row)?;
        guests.insert(guest.id, TraceGuest { guest: guest.id, name: guest.name, language: guest.language });
    }
    Ok(guests)
}

/// Writes a rule, or another over it. Whoever saved last counts. A paused one stays paused.
///
/// # Errors
/// [`AppError::NotFound`] for a rule of another house, or what the store answers.
pub async fn save(
    db: &Db,
    permit: &Permit<AssignWork>,
    id: TraceRuleId,
    guest: Option<GuestId>,
    asked: AskedRule,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let AskedRule { department, text, on, days_before, code, recurrence, room } = asked;
    let (starts, ends, every_days) = match recurrence {
        Some(Recurrence { starts, ends, every_days }) => {
            (Some(starts.to_string()), ends.map(|day| day.to_string()), Some(i64::from(every_days)))
        }
        None => (None, None, None),
    };
    let tx = of_the_house(Tx::new(), permit.house(), id)
        .run(
            "UPSERT ONLY $rule SET house = $house, department = $department, text = $text, on_day = $on_day, \
             days_before = $days_before, code = $code, guest = $about, room = $room, every_days = $every_days, \
             starts = $starts, ends = $ends, active = active ?? true, author_name = $author, at = $now RETURN NONE",
            vars()
                .with("department", department.code().to_owned())
                .with("text", text)
                .with("on_day", on.code().to_owned())
                .with("days_before", i64::from(days_before))
                .with("code", optional(code.map(|code| code.code().to_owned())))
                .with("about", optional(guest.map(|guest| record("guest", guest))))
                .with("room", optional(room))
                .with("every_days", optional(every_days))
                .with("starts", optional(starts))
                .with("ends", optional(ends))
                .with("author", permit.actor().name.clone())
                .with("now", now),
        )
        .event(changed(permit.house(), department.code()));
    committed(db.commit(audit::note(tx, permit.actor(), Action::ChangedTraceRule, guest, &[])).await)
}

/// Pauses a rule, or lets it make traces again. A paused one takes back what it asked for and nobody has seen to yet.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn set_active(db: &Db, permit: &Permit<AssignWork>, id: TraceRuleId, active: bool) -> Result<(), AppError> {
    let mut tx = of_the_house(Tx::new(), permit.house(), id).run(
        "IF $there = NONE { THROW 'guard:elsewhere' };
         UPDATE ONLY $rule SET active = $active RETURN NONE",
        vars().with("active", active),
    );
    if !active {
        tx = tx.run(
            // What stands for a greeting as well goes on standing for that.
            "UPDATE trace SET rule = NONE, text = NONE WHERE rule = $rule AND state = 'open' AND occurrence != NONE \
             RETURN NONE;
             UPDATE trace SET state = 'dropped', rings_at = NONE WHERE rule = $rule AND state = 'open' RETURN NONE",
            vars(),
        );
    }
    // The feed tells pages that traces have changed, and not of which department.
    let tx = tx.event(changed(permit.house(), ""));
    committed(db.commit(audit::note(tx, permit.actor(), Action::ChangedTraceRule, None, &[])).await)
}

/// Begins a transaction about a rule, `$rule`, that is the house's or nobody's yet.
fn of_the_house(tx: Tx, house: HouseId, id: TraceRuleId) -> Tx {
    tx.run(
        "LET $there = (SELECT VALUE house FROM ONLY $rule);
         IF $there != NONE AND $there != $house { THROW 'guard:elsewhere' }",
        vars().with("rule", record("trace_rule", id)).with("house", record("house", house)),
    )
}

fn committed<T>(came: Result<T, DbError>) -> Result<(), AppError> {
    match came {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => Err(AppError::NotFound),
        Err(other) => Err(other.into()),
    }
}
