//! A guest's timeline in the store: one range of keys for each kind that the role sees, all of them in one statement.

mod rows;

use super::{MomentKind, PAGE, Place, TimelinePage};
use crate::{
    error::AppError,
    guests::Guest,
    ids::GuestId,
    server::{
        clock,
        db::{Db, optional, record, vars},
    },
    staff::{
        Ability, Role,
        guard::{Permit, SeeGuests},
    },
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use rows::Found;
use std::cmp::Ordering;

/// A page of what happened with a guest, of those of the `asked` kinds that the actor's role sees, after a place.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn page(
    db: &Db,
    permit: &Permit<SeeGuests>,
    now: DateTime<Utc>,
    guest: GuestId,
    asked: &[MomentKind],
    after: Option<Place>,
) -> Result<TimelinePage, AppError> {
    let actor = permit.actor();
    let zone = actor.house.zone();
    let shown = MomentKind::seen(actor.role, asked);
    let mut parts = vec!["guests: (SELECT * FROM $guest)".to_owned()];
    parts.extend(shown.iter().map(|kind| part(*kind, actor.role, after.as_ref(), zone)));
    let since = after.as_ref().map(|place| DateTime::from_timestamp_nanos(place.at));
    let found: Option<Found> = db
        .row(
            &format!("RETURN {{ {} }}", parts.join(", ")),
            vars()
                .with("guest", record("guest", guest))
                .with("house", record("house", actor.house.id))
                .with("at", optional(since))
                .with("day", optional(since.map(|at| clock::today(at, zone).to_string())))
                .with("last", optional(after.as_ref().map(|place| record(table(place.kind), &place.key))))
                .with("limit", i64::try_from(PAGE).unwrap_or(i64::MAX) + 1),
        )
        .await?;
    let mut found = found.ok_or(AppError::NotFound)?;
    let row = found.guests.pop().ok_or(AppError::NotFound)?;
    let Guest { name, language, .. } = Guest::try_from(row)?;
    let mut sources = found.moments(actor, now)?;
    if let Some(after) = &after {
        for source in &mut sources {
            source.retain(|(place, _)| place < after);
        }
    }
    let (moments, next) = super::page(sources);
    Ok(TimelinePage {
        guest,
        name,
        language,
        kinds: MomentKind::seen(actor.role, &[]),
        shown,
        moments: moments.into_iter().map(|(_, moment)| moment).collect(),
        next,
    })
}

/// The table of a kind's records.
fn table(kind: MomentKind) -> &'static str {
    match kind {
        MomentKind::Stay => "reservation",
        MomentKind::Alert => "alert",
        MomentKind::Request => "guest_request",
        MomentKind::Trace => "trace",
        MomentKind::Note => "note",
        MomentKind::Recovery => "recovery",
        MomentKind::Greeting => "occurrence",
        MomentKind::Call => "call",
        MomentKind::Points => "points",
        MomentKind::Voucher => "voucher",
    }
}

/// One kind's part of the statement. Of stays and notes a guest has few: they are read whole. Requests stand for their
/// traces. What nobody does any more, and greetings that were never meant to leave, did not happen.
fn part(kind: MomentKind, role: Role, after: Option<&Place>, zone: Tz) -> String {
    let (name, columns, index, at, also) = match kind {
        MomentKind::Stay => {
            return "stays: (SELECT *, house.name AS house_name FROM reservation WHERE guest = $guest)".to_owned();
        }
        MomentKind::Note => return "notes: (SELECT * FROM note WHERE guest = $guest)".to_owned(),
        MomentKind::Alert => (
            "alerts",
            "*, sender.name AS from_name, receiver.name AS to_name",
            "alert_guest",
            "raised_at",
            "AND house = $house",
        ),
        MomentKind::Request => {
            ("requests", "*, asked_at_station.name AS station_name", "request_guest", "asked_at", "AND house = $house")
        }
        // What was promised after a complaint is told to those who are told of the complaint.
        MomentKind::Trace if role.may(Ability::MendRecoveries) => {
            ("traces", "*", "trace_guest", "due", "AND house = $house AND request = NONE AND state != 'dropped'")
        }
        MomentKind::Trace => (
            "traces",
            "*",
            "trace_guest",
            "due",
            "AND house = $house AND request = NONE AND recovery = NONE AND state != 'dropped'",
        ),
        MomentKind::Recovery => ("recoveries", "*", "recovery_guest", "at", ""),
        MomentKind::Greeting => (
            "greetings",
            "id, due, state, campaign.name AS campaign_name",
            "occurrence_guest",
            "due",
            "AND house = $house AND state != 'dropped' AND state != 'control'",
        ),
        MomentKind::Call => ("calls", "*", "call_guest", "at", "AND house = $house"),
        MomentKind::Points => ("points", "*", "points_guest", "at", "AND house = $house"),
        MomentKind::Voucher => ("vouchers", "*", "voucher_guest_at", "at", "AND house = $house"),
    };
    let table = table(kind);
    let range = after.map(|place| range(kind, at, place, zone)).unwrap_or_default();
    format!(
        "{name}: (SELECT {columns} FROM {table} WITH INDEX {index} WHERE guest = $guest {range} {also} \
         ORDER BY {at} DESC, id DESC LIMIT $limit)"
    )
}

/// What lies after a place in the stream, and so before it in time. Of moments of one instant the kinds are in their
/// order, and those of a kind in that of their keys.
fn range(kind: MomentKind, at: &str, after: &Place, zone: Tz) -> String {
    let (end, order) = if kind == MomentKind::Trace {
        let instant = DateTime::from_timestamp_nanos(after.at);
        let begins = nanos(start_of(clock::today(instant, zone), zone)) == after.at;
        // Within a day all of that day's traces lie before.
        ("$day", if begins { kind.cmp(&after.kind) } else { Ordering::Less })
    } else {
        ("$at", kind.cmp(&after.kind))
    };
    match order {
        Ordering::Less => format!("AND {at} <= {end}"),
        Ordering::Equal => format!("AND {at} <= {end} AND ({at} < {end} OR id < $last)"),
        Ordering::Greater => format!("AND {at} < {end}"),
    }
}

fn start_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    clock::local_instant(day, NaiveTime::MIN, zone)
}

/// An instant that no place can name (after 2262) comes first of all.
fn nanos(at: DateTime<Utc>) -> i64 {
    at.timestamp_nanos_opt().unwrap_or(i64::MAX)
}
