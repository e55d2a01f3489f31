//! Briefings, made of what the store knows when they are opened.

use super::{Arrival, Briefing, BriefingList, Double, Preparation, Question, Shared, asks, questions};
use crate::{
    error::AppError,
    guests::{
        Guest,
        card::{Dossier, GuestCard},
        store::{GuestRow, dossiers, guest_records, match_keys, memory_of, opened, score},
    },
    house::{House, StationKind},
    ids::{GuestId, HouseId, ReservationId},
    requests::{
        recovery::{RecoveryLine, store::RecoveryRow},
        traces::TraceKind,
    },
    server::{
        clock,
        db::{Db, DbError, id_of, record, vars, word},
    },
    staff::{
        Ability, Role,
        guard::{Permit, SeeBriefings},
    },
    stays::{
        floor_of,
        store::{ReservationRow, line},
    },
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{BTreeMap, HashMap};
use surrealdb::types::{RecordId, SurrealValue};

/// Complaints of former stays that a sheet tells of.
const COMPLAINTS: i64 = 3;
/// Traces on a sheet.
const TRACES: i64 = 50;
/// Profiles that are looked at for each thing that two of them may share.
const ALIKE: i64 = 10;

/// Who arrives in the actor's house on a day.
///
/// # Errors
/// What the store answers.
pub async fn list(
    db: &Db,
    permit: &Permit<SeeBriefings>,
    now: DateTime<Utc>,
    day: Option<NaiveDate>,
) -> Result<BriefingList, DbError> {
    let actor = permit.actor();
    let (house, role) = (&actor.house, actor.role);
    let today = clock::today(now, house.zone());
    let memory = memory_of(db, house.id).await?;
    let day = day.or_else(|| today.checked_add_days(Days::new(memory.briefing_days.into()))).unwrap_or(today);
    let rows: Vec<ReservationRow> = db
        .rows(
            "SELECT * FROM reservation WHERE house = $house AND status = 'reserved' AND arrival = $day",
            vars().with("house", record("house", house.id)).with("day", day.to_string()),
        )
        .await?;
    let guests: Vec<GuestId> = rows.iter().map(|row| id_of(&row.guest)).collect::<Result<_, _>>()?;
    let (found, traces) = futures::try_join!(dossiers(db, house, now, &guests), open_traces(db, house.id, &guests))?;
    let by_id: HashMap<GuestId, &Dossier> = found.iter().map(|dossier| (dossier.guest.id, dossier)).collect();
    let mut arrivals = Vec::with_capacity(rows.len());
    for (row, guest) in rows.iter().zip(&guests) {
        let Some(dossier) = by_id.get(guest) else { continue };
        let mut line = line(role, dossier);
        line.room.clone_from(&row.room);
        line.floor = row.room.as_deref().and_then(floor_of);
        // The host sees the room and no dates, nor how often a guest came.
        let sees_dates = role != Role::Host;
        line.dates = sees_dates.then(|| (row.arrival.clone(), row.departure.clone()));
        let asked = if asks(role) { asked_of(dossier, memory.fade_days) } else { Vec::new() };
        arrivals.push(Arrival {
            line,
            stay_number: sees_dates.then_some(dossier.history.stay_number + u32::from(day > today)),
            cue: dossier.remembered.cue(),
            traces: traces.get(guest).copied().unwrap_or(0),
            questions: u32::try_from(asked.len()).unwrap_or(u32::MAX),
        });
    }
    arrivals.sort_by_cached_key(|arrival| (arrival.line.name.last.clone(), arrival.line.name.first.clone()));
    Ok(BriefingList { today, day, arrivals })
}

fn asked_of(dossier: &Dossier, fade_days: u16) -> Vec<Question> {
    questions(&dossier.guest, &dossier.preferences, dossier.today, fade_days)
}

/// How many traces about each of these guests are open in a house. What stands for a request is told with it.
async fn open_traces(db: &Db, house: HouseId, guests: &[GuestId]) -> Result<HashMap<GuestId, u32>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        guest: RecordId,
        house: RecordId,
        request: Option<RecordId>,
    }
    let rows: Vec<Row> = db
        .rows_among(
            "SELECT guest, house, request FROM trace WHERE guest IN $among AND state = 'open'",
            &guest_records(guests),
            vars(),
        )
        .await?;
    let here = record("house", house);
    let mut counts = HashMap::new();
    for row in rows.iter().filter(|row| row.house == here && row.request.is_none()) {
        *counts.entry(id_of(&row.guest)?).or_insert(0) += 1;
    }
    Ok(counts)
}

/// The sheet about a guest, as much of it as the actor's role may see.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn sheet(
    db: &Db,
    permit: &Permit<SeeBriefings>,
    now: DateTime<Utc>,
    guest: GuestId,
) -> Result<Briefing, AppError> {
    let actor = permit.actor();
    let (house, role) = (&actor.house, actor.role);
    let (dossier, memory, complaints, traces, last) = futures::try_join!(
        opened(db, house, now, guest),
        memory_of(db, house.id),
        complaints(db, house, role, guest),
        preparations(db, house.id, role, guest),
        last_stay(db, house.id, guest),
    )?;
    let dossier = dossier.ok_or(AppError::NotFound)?;
    let score = match last {
        Some(stay) => Some(score(db, stay).await?),
        None => None,
    };
    let (questions, doubles) = if asks(role) {
        (asked_of(&dossier, memory.fade_days), doubles(db, &dossier.guest).await?)
    } else {
        (Vec::new(), Vec::new())
    };
    Ok(Briefing {
        today: dossier.today,
        fade_days: memory.fade_days,
        score: score.filter(|score| score.honoured + score.missed > 0),
        complaints,
        traces,
        questions,
        doubles,
        card: GuestCard::for_role(role, dossier).ok_or(AppError::Forbidden)?,
    })
}

/// The last complaints of a guest, in whichever house, for those who see to complaints.
async fn complaints(db: &Db, house: &House, role: Role, guest: GuestId) -> Result<Vec<RecoveryLine>, DbError> {
    if !role.may(Ability::MendRecoveries) {
        return Ok(Vec::new());
    }
    let rows: Vec<RecoveryRow> = db
        .rows(
            "SELECT * FROM recovery WITH INDEX recovery_guest WHERE guest = $guest ORDER BY at DESC LIMIT $limit",
            vars().with("guest", record("guest", guest)).with("limit", COMPLAINTS),
        )
        .await?;
    rows.into_iter().map(|row| row.line(house.zone())).collect()
}

/// What departments of a house are to do for a guest, the first to be done first.
async fn preparations(db: &Db, house: HouseId, role: Role, guest: GuestId) -> Result<Vec<Preparation>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        kind: String,
        text: Option<String>,
        department: String,
        due: String,
        local_time: Option<String>,
        assigned_name: Option<String>,
    }
    let rows: Vec<Row> = db
        .rows(
            "SELECT * FROM trace WITH INDEX trace_guest WHERE guest = $guest AND state = 'open' AND house = $house \
             AND request = NONE ORDER BY due LIMIT $limit",
            vars().with("guest", record("guest", guest)).with("house", record("house", house)).with("limit", TRACES),
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let kind = word(&row.kind, TraceKind::from_code)?;
            let department = word(&row.department, StationKind::from_code)?;
            Ok(Preparation {
                kind,
                text: row.text.filter(|_| kind.words_are_for(role, department)),
                department,
                due: row.due,
                time: row.local_time,
                assigned: row.assigned_name,
            })
        })
        .collect()
}

/// The guest's last stay in a house that is over.
async fn last_stay(db: &Db, house: HouseId, guest: GuestId) -> Result<Option<ReservationId>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
        house: RecordId,
        departure: String,
        status: String,
    }
    let rows: Vec<Row> = db
        .rows(
            "SELECT id, house, departure, status FROM reservation WHERE guest = $guest",
            vars().with("guest", record("guest", guest)),
        )
        .await?;
    let here = record("house", house);
    let over = rows.iter().filter(|row| row.house == here && row.status == "checked_out");
    over.max_by(|one, other| one.departure.cmp(&other.departure)).map(|row| id_of(&row.id)).transpose()
}

/// Profiles that share a telephone number, an e-mail address under one family name, or a membership number with this
/// one, by name.
async fn doubles(db: &Db, guest: &Guest) -> Result<Vec<Double>, DbError> {
    let keys = match_keys(&guest.name.last, &guest.emails, guest.membership.as_deref());
    let by_key = async {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "SELECT * FROM guest WHERE match_keys CONTAINSANY $keys LIMIT $limit";
        db.rows::<GuestRow>(sql, vars().with("keys", keys.clone()).with("limit", ALIKE)).await
    };
    let by_phone = async {
        if guest.phones.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "SELECT * FROM guest WHERE phones CONTAINSANY $numbers LIMIT $limit";
        db.rows::<GuestRow>(sql, vars().with("numbers", guest.phones.clone()).with("limit", ALIKE)).await
    };
    let (by_key, by_phone) = futures::try_join!(by_key, by_phone)?;
    let mut found: BTreeMap<GuestId, Double> = BTreeMap::new();
    for row in by_key.into_iter().chain(by_phone) {
        let other = Guest::try_from(row)?;
        if other.id == guest.id {
            continue;
        }
        let shared = shared(guest, &other);
        found.entry(other.id).or_insert(Double { guest: other.id, name: other.name, language: other.language, shared });
    }
    let mut found: Vec<Double> = found.into_values().collect();
    found.sort_by_cached_key(|double| double.name.full());
    Ok(found)
}

/// What tells most of what they have in common.
fn shared(guest: &Guest, other: &Guest) -> Shared {
    if guest.membership.is_some() && guest.membership == other.membership {
        Shared::Membership
    } else if guest.emails.iter().any(|email| other.emails.contains(email)) {
        Shared::Email
    } else {
        Shared::Phone
    }
}
