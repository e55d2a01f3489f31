//! The list of traces: of a department, of all, or of one colleague.

use super::super::{AskedFor, Colleague, Source, Trace, TraceGuest, TraceKind, TraceList, rule::RuleDay};
use crate::{
    guests::{GuestName, PreferenceCode, relations::OccasionKind},
    house::StationKind,
    ids::StaffId,
    requests::asked::RequestKind,
    server::{
        clock,
        db::{Db, DbError, Vars, id_of, record, vars, word},
    },
    staff::{
        Ability, Role,
        guard::{Permit, SeeTraces},
    },
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// Open ones that are listed at once, of each department.
const MOST_OPEN: u32 = 200;
/// Resolved ones that are listed, of each department, and for how many days.
const MOST_RESOLVED: u32 = 50;
const RESOLVED_DAYS: u64 = 7;
/// How many days ahead a list looks: what is due later is of no use to anyone yet.
pub(in crate::requests::traces) const AHEAD_DAYS: u64 = 7;

/// A trace with what it links to, as far as a list tells it.
const LISTED: &str = "*, guest.salutation AS guest_salutation, guest.first AS guest_first, guest.last AS guest_last, \
                      guest.native AS guest_native, guest.say AS guest_say, guest.language AS guest_language, \
                      request.kind AS asked_kind, request.place AS asked_place, \
                      rule.on_day AS rule_on, rule.code AS rule_code";

/// Whose traces are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    All,
    Department(StationKind),
    /// Those that were given to a colleague, in every department.
    Person(StaffId),
}

#[derive(SurrealValue)]
struct ListedRow {
    id: RecordId,
    guest: Option<RecordId>,
    department: String,
    kind: String,
    text: Option<String>,
    room: Option<String>,
    due: String,
    local_time: Option<String>,
    author_name: String,
    at: DateTime<Utc>,
    assigned: Option<RecordId>,
    assigned_name: Option<String>,
    resolved_by: Option<String>,
    resolved_at: Option<DateTime<Utc>>,
    request: Option<RecordId>,
    recovery: Option<RecordId>,
    about_day: Option<String>,
    occasion: Option<String>,
    guest_salutation: Option<String>,
    guest_first: Option<String>,
    guest_last: Option<String>,
    guest_native: Option<String>,
    guest_say: Option<String>,
    guest_language: Option<String>,
    asked_kind: Option<String>,
    asked_place: Option<String>,
    rule_on: Option<String>,
    rule_code: Option<String>,
}

#[derive(SurrealValue)]
struct Count {
    count: i64,
}

#[derive(SurrealValue)]
struct PersonRow {
    id: RecordId,
    name: String,
    role: String,
}

/// The moment and the role for which a list is made.
struct Reading {
    today: String,
    /// `HH:MM` on the house's clocks.
    time: String,
    zone: chrono_tz::Tz,
    role: Role,
}

/// The traces of the actor's house. Everything is asked of the store at once.
///
/// # Errors
/// What the store answers.
pub async fn list(db: &Db, permit: &Permit<SeeTraces>, whose: Whose, now: DateTime<Utc>) -> Result<TraceList, DbError> {
    let actor = permit.actor();
    let zone = actor.house.zone();
    let today = clock::today(now, zone);
    let asked = Asked::of(whose);
    let mut results = db.query(&asked.sql, asked.bound(permit, today)).await?;
    let mut open_of = |at: usize| -> Result<u32, DbError> {
        let count: Vec<Count> = results.take(at)?;
        Ok(count.first().and_then(|row| u32::try_from(row.count).ok()).unwrap_or(0))
    };
    let mut open = [0; StationKind::ALL.len()];
    for (at, count) in open.iter_mut().enumerate() {
        *count = open_of(at)?;
    }
    let mine = open_of(StationKind::ALL.len())?;
    let people: Vec<PersonRow> = results.take(StationKind::ALL.len() + 1)?;
    let (mut rows, mut done, mut more) = (Vec::new(), Vec::new(), false);
    for part in 0..asked.parts {
        let at = StationKind::ALL.len() + 2 + 2 * part;
        let found: Vec<ListedRow> = results.take(at)?;
        more |= found.len() > MOST_OPEN as usize;
        rows.extend(found.into_iter().take(MOST_OPEN as usize));
        done.extend(results.take::<Vec<ListedRow>>(at + 1)?);
    }
    done.sort_by_key(|row| std::cmp::Reverse(row.resolved_at));
    let reading = Reading { today: today.to_string(), time: clock::local_time(now, zone), zone, role: actor.role };
    let mut traces = rows.into_iter().map(|row| row.read(&reading)).collect::<Result<Vec<_>, _>>()?;
    traces.sort_by_cached_key(order);
    for row in done {
        traces.push(row.read(&reading)?);
    }
    let colleagues = if actor.role.may(Ability::AssignWork) { workers(people)? } else { Vec::new() };
    let person = match whose {
        Whose::Person(person) => Some(person),
        Whose::All | Whose::Department(_) => None,
    };
    Ok(TraceList { today: reading.today, open, mine, me: actor.staff, person, colleagues, traces, more })
}

/// Overdue first, then by day and time; on each day what has no time comes after what has.
fn order(trace: &Trace) -> (bool, String, bool, String, crate::ids::TraceId) {
    let time = trace.time.clone();
    (!trace.overdue, trace.due.clone(), time.is_none(), time.unwrap_or_default(), trace.id)
}

/// Those of the house who see traces, and so can be given one.
fn workers(people: Vec<PersonRow>) -> Result<Vec<Colleague>, DbError> {
    let mut workers = Vec::with_capacity(people.len());
    for row in people {
        if word(&row.role, Role::from_code)?.may(Ability::SeeTraces) {
            workers.push(Colleague { id: id_of(&row.id)?, name: row.name });
        }
    }
    Ok(workers)
}

/// What is asked: first how many are due in each department and of the actor's own, then who works here, then for
/// each part of the list the open ones and the resolved ones.
struct Asked {
    sql: String,
    parts: usize,
    person: Option<StaffId>,
}

impl Asked {
    fn of(whose: Whose) -> Self {
        let mut sql = String::new();
        for department in StationKind::ALL {
            sql.push_str(&format!(
                "SELECT count() AS count FROM trace WHERE {} AND state = 'open' AND due <= $today GROUP ALL;\n",
                of_department(department)
            ));
        }
        sql.push_str(
            "SELECT count() AS count FROM trace WHERE assigned = $me AND state = 'open' AND due <= $today GROUP ALL;
             SELECT id, name, role FROM staff WHERE house = $house AND active = true ORDER BY name;\n",
        );
        let department = |department| format!("trace WHERE {}", of_department(department));
        let parts: Vec<String> = match whose {
            Whose::All => StationKind::ALL.into_iter().map(department).collect(),
            Whose::Department(only) => vec![department(only)],
            // Whoever came from another house left its work there. By the house alone it would read all that it has.
            Whose::Person(_) => {
                vec!["trace WITH INDEX trace_assigned WHERE assigned = $person AND house = $house".to_owned()]
            }
        };
        for part in &parts {
            sql.push_str(&format!(
                "SELECT {LISTED} FROM {part} AND state = 'open' AND due <= $ahead ORDER BY due \
                 LIMIT $most_open;
                 SELECT {LISTED} FROM {part} AND state = 'resolved' AND due >= $since \
                 ORDER BY due DESC LIMIT $most_resolved;\n"
            ));
        }
        let person = match whose {
            Whose::Person(person) => Some(person),
            Whose::All | Whose::Department(_) => None,
        };
        Self { sql, parts: parts.len(), person }
    }

    fn bound(&self, permit: &Permit<SeeTraces>, today: NaiveDate) -> Vars {
        let ahead = today.checked_add_days(Days::new(AHEAD_DAYS)).unwrap_or(today);
        let since = today.checked_sub_days(Days::new(RESOLVED_DAYS)).unwrap_or(today);
        let me = permit.actor().staff;
        vars()
            .with("house", record("house", permit.house()))
            .with("me", record("staff", me))
            .with("person", record("staff", self.person.unwrap_or(me)))
            .with("today", today.to_string())
            .with("ahead", ahead.to_string())
            .with("since", since.to_string())
            // One more tells whether there are more.
            .with("most_open", i64::from(MOST_OPEN) + 1)
            .with("most_resolved", i64::from(MOST_RESOLVED))
    }
}

fn of_department(department: StationKind) -> String {
    format!("house = $house AND department = '{}'", department.code())
}

impl ListedRow {
    fn read(self, reading: &Reading) -> Result<Trace, DbError> {
        let about = self.about()?;
        let (request, source) = (self.asked()?, self.source(reading.role)?);
        let resolved = self.resolved_by.zip(self.resolved_at);
        let is_late = self.due < reading.today
            || (self.due == reading.today && self.local_time.as_ref().is_some_and(|time| *time < reading.time));
        let assigned = match (&self.assigned, self.assigned_name) {
            (Some(staff), Some(name)) => Some((id_of(staff)?, name)),
            _ => None,
        };
        let department = word(&self.department, StationKind::from_code)?;
        let kind = word(&self.kind, TraceKind::from_code)?;
        Ok(Trace {
            id: id_of(&self.id)?,
            department,
            kind,
            text: self.text.filter(|_| kind.words_are_for(reading.role, department)),
            about,
            room: self.room,
            overdue: resolved.is_none() && is_late,
            due: self.due,
            time: self.local_time,
            by: self.author_name,
            written: clock::local_minute(self.at, reading.zone),
            assigned,
            request,
            recovery: self.recovery.as_ref().map(id_of).transpose()?,
            source,
            resolved: resolved.map(|(who, at)| (who, clock::local_minute(at, reading.zone))),
        })
    }

    /// Nobody where the profile is gone.
    fn about(&self) -> Result<Option<TraceGuest>, DbError> {
        let (Some(guest), Some(first), Some(last)) = (&self.guest, &self.guest_first, &self.guest_last) else {
            return Ok(None);
        };
        let name = GuestName {
            salutation: self.guest_salutation.clone(),
            first: first.clone(),
            last: last.clone(),
            native: self.guest_native.clone(),
            say: self.guest_say.clone(),
        };
        Ok(Some(TraceGuest { guest: id_of(guest)?, name, language: self.guest_language.clone() }))
    }

    fn asked(&self) -> Result<Option<AskedFor>, DbError> {
        let (Some(request), Some(kind)) = (&self.request, &self.asked_kind) else { return Ok(None) };
        let kind = word(kind, RequestKind::from_code)?;
        Ok(Some(AskedFor { request: id_of(request)?, kind, place: self.asked_place.clone() }))
    }

    fn source(&self, role: Role) -> Result<Option<Source>, DbError> {
        let Some(on) = &self.rule_on else { return Ok(None) };
        let code = self.rule_code.as_deref().map(|code| word(code, PreferenceCode::from_code)).transpose()?;
        Ok(Some(Source {
            on: word(on, RuleDay::from_code)?,
            code: code.filter(|code| code.group().visible_to(role)),
            occasion: self.occasion.as_deref().map(|code| word(code, OccasionKind::from_code)).transpose()?,
            day: self.about_day.clone(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TraceId;

    fn trace(due: &str, time: Option<&str>, overdue: bool) -> Trace {
        Trace {
            id: TraceId::new(),
            department: StationKind::Floor,
            kind: TraceKind::Note,
            text: None,
            about: None,
            room: None,
            due: due.to_owned(),
            time: time.map(str::to_owned),
            overdue,
            by: String::new(),
            written: String::new(),
            assigned: None,
            request: None,
            recovery: None,
            source: None,
            resolved: None,
        }
    }

    #[test]
    fn what_is_overdue_comes_first_and_what_has_no_time_last() {
        let mut traces = [
            trace("2026-11-24", Some("08:00"), false),
            trace("2026-11-23", None, false),
            trace("2026-11-23", Some("18:00"), false),
            trace("2026-11-23", Some("07:00"), true),
            trace("2026-11-20", None, true),
        ];
        traces.sort_by_cached_key(order);
        let found: Vec<_> = traces.iter().map(|trace| (trace.due.as_str(), trace.time.as_deref())).collect();
        assert_eq!(
            found,
            [
                ("2026-11-20", None),
                ("2026-11-23", Some("07:00")),
                ("2026-11-23", Some("18:00")),
                ("2026-11-23", None),
                ("2026-11-24", Some("08:00")),
            ]
        );
    }
}
