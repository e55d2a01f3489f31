//! Who calls, from what the store and the search index know.

use super::{Asked, Caller, MOST_MATCHES};
use crate::{
    error::AppError,
    guests::{
        parse::{Membership, Phone, phone_digits},
        store::{dossiers, guest_records},
    },
    ids::GuestId,
    server::{
        AppState,
        db::{Db, DbError, Tx, derived, id_of, record, vars},
    },
    staff::{
        Ability,
        audit::{self, Action},
        guard::{Actor, AnswerCalls, Permit, SeeGuests},
    },
    stays::store::line,
};
use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// Digits at the end of a number by which one is found that was kept without its country, or that is told without: no
/// country's numbers have fewer that tell two of them apart.
const TELLING: usize = 9;
/// Digits of the shortest number that anyone calls from outside the house.
const LEAST: usize = 6;
/// Seconds in which the same call is one, however often its page is loaded.
const ONE_CALL: i64 = 15 * 60;

/// Whom the number belongs to, and keeps that it was looked up.
///
/// # Errors
/// What the store or the index answers.
pub async fn look_up(
    state: &AppState,
    permit: &Permit<AnswerCalls>,
    search: &Permit<SeeGuests>,
    asked: &Asked,
    chosen: Option<GuestId>,
) -> Result<Caller, AppError> {
    let (actor, now) = (permit.actor(), state.clock.now());
    let (number, mut ids) = match asked {
        Asked::Number(text) => {
            let phone = Phone::parse(text, None).ok().map(String::from);
            let ids = of_number(state, search, text, phone.as_deref()).await?;
            (phone.unwrap_or_else(|| text.clone()), ids)
        }
        Asked::Member(text) => (text.clone(), of_member(&state.db, text).await?),
    };
    if let Some(chosen) = chosen.filter(|chosen| ids.contains(chosen)) {
        ids = vec![chosen];
    }
    ids.truncate(MOST_MATCHES);
    let found = dossiers(&state.db, &actor.house, now, &ids).await?;
    let mut lines: Vec<_> = found.iter().map(|dossier| line(actor.role, dossier)).collect();
    // Who is here or due in is the likeliest to call.
    lines.sort_by(|one, other| one.presence.cmp(&other.presence).then_with(|| one.name.full().cmp(&other.name.full())));
    let one = match lines.as_slice() {
        [line] => Some(line.guest),
        _ => None,
    };
    keep(&state.db, actor, now, &number, lines.len(), one).await?;
    Ok(match lines.len() {
        0 => Caller::Nobody {
            number: if matches!(asked, Asked::Number(_)) { number } else { String::new() },
            may_begin: actor.role.may(Ability::EditGuests),
        },
        1 => Caller::One(Box::new(lines.remove(0))),
        _ => Caller::Several(lines),
    })
}

/// Guests of a telephone number, or of a membership number that came in its place.
async fn of_number(
    state: &AppState,
    search: &Permit<SeeGuests>,
    text: &str,
    phone: Option<&str>,
) -> Result<Vec<GuestId>, AppError> {
    if let Some(phone) = phone {
        let kept: Vec<RecordId> = state
            .db
            .rows(
                "SELECT VALUE id FROM guest WHERE phones CONTAINSANY $numbers LIMIT $limit",
                vars().with("numbers", vec![phone.to_owned()]).with("limit", most()),
            )
            .await?;
        if !kept.is_empty() {
            return Ok(kept.iter().map(id_of).collect::<Result<Vec<GuestId>, DbError>>()?);
        }
    }
    let alike = alike(state, search, text).await?;
    if alike.is_empty() { Ok(of_member(&state.db, text).await?) } else { Ok(alike) }
}

/// Guests one of whose numbers ends as this one does.
async fn alike(state: &AppState, search: &Permit<SeeGuests>, text: &str) -> Result<Vec<GuestId>, AppError> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
        phones: Vec<String>,
    }
    let Some(end) = telling(text) else { return Ok(Vec::new()) };
    let lines = state.search.find(search, &end).await.map_err(AppError::internal)?;
    let ids: Vec<GuestId> = lines.iter().map(|line| line.guest).collect();
    // The index knows digits in many places: only whoever can be called by them is meant.
    let rows: Vec<Row> =
        state.db.rows("SELECT id, phones FROM $guests", vars().with("guests", guest_records(&ids))).await?;
    let is_meant = |row: &&Row| row.phones.iter().any(|phone| phone_digits(phone).ends_with(&end));
    Ok(rows.iter().filter(is_meant).map(|row| id_of(&row.id)).collect::<Result<Vec<GuestId>, DbError>>()?)
}

/// The end of a number that tells it from others, without the zero that is dialled within its country; nothing for
/// what is no number from outside.
fn telling(text: &str) -> Option<String> {
    if text.chars().any(char::is_alphabetic) {
        return None;
    }
    let digits = phone_digits(text);
    let digits = digits.trim_start_matches('0');
    let end = &digits[digits.len().saturating_sub(TELLING)..];
    (end.len() >= LEAST).then(|| end.to_owned())
}

/// Guests with a membership number, which a telephone system may have given a plus.
async fn of_member(db: &Db, text: &str) -> Result<Vec<GuestId>, DbError> {
    let Ok(number) = Membership::parse(text.trim_start_matches('+')) else { return Ok(Vec::new()) };
    let found: Vec<RecordId> = db
        .rows(
            "SELECT VALUE id FROM guest WHERE membership = $number LIMIT $limit",
            vars().with("number", String::from(number)).with("limit", most()),
        )
        .await?;
    found.iter().map(id_of).collect()
}

fn most() -> i64 {
    i64::try_from(MOST_MATCHES).unwrap_or(i64::MAX)
}

/// A row of `call`.
#[derive(SurrealValue)]
struct CallRow {
    id: RecordId,
    house: RecordId,
    number: String,
    guest: Option<RecordId>,
    matches: i64,
    staff: RecordId,
    who: String,
    at: DateTime<Utc>,
}

/// Keeps that somebody called, and who it turned out to be.
async fn keep(
    db: &Db,
    actor: &Actor,
    now: DateTime<Utc>,
    number: &str,
    matches: usize,
    guest: Option<GuestId>,
) -> Result<(), DbError> {
    let quarter = now.timestamp().div_euclid(ONE_CALL);
    let key = derived(&format!("call|{}|{}|{number}|{quarter}", actor.house.id, actor.device));
    let call = record("call", key);
    let row = CallRow {
        id: call.clone(),
        house: record("house", actor.house.id),
        number: number.to_owned(),
        guest: guest.map(|guest| record("guest", guest)),
        matches: i64::try_from(matches).unwrap_or(i64::MAX),
        staff: record("staff", actor.staff),
        who: actor.name.clone(),
        at: now,
    };
    let mut tx = Tx::new().run("INSERT IGNORE INTO call $call_row RETURN NONE", vars().with("call_row", row));
    if let Some(guest) = guest {
        tx = tx.run(
            "UPDATE $call SET guest = $caller RETURN NONE",
            vars().with("call", call).with("caller", record("guest", guest)),
        );
    }
    db.commit(audit::note(tx, actor, Action::LookedUpCall, guest, &[])).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_told_by_its_end() {
        for (text, end) in [
            ("+66 81 234 5678", Some("812345678")),
            ("081 234 5678", Some("812345678")),
            ("0066812345678", Some("812345678")),
            ("234567", Some("234567")),
            ("0100", None),
            ("M0001", None),
            ("", None),
        ] {
            assert_eq!(telling(text).as_deref(), end, "{text}");
        }
    }
}
