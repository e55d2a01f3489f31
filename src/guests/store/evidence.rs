//! What colleagues say of preferences: that they still hold or do not, and whether a stay honoured them.

use super::{GuestEvent, PreferenceRow, guest, houses_of};
use crate::{
    error::{AppError, Problem},
    guests::{
        PreferenceGroup,
        evidence::{Cue, HonourOutcome, HonourScore, HouseMemory, SightingKind},
    },
    ids::{GuestId, HouseId, PreferenceId, ReservationId, StaffId},
    server::{
        clock,
        db::{Db, DbError, Tx, Vars, id_of, optional, record, vars, word},
    },
    staff::{
        audit::{self, Action},
        guard::{ManageHouse, Permit, WritePreferences},
    },
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{HashMap, HashSet};
use surrealdb::types::{RecordId, SurrealValue};

/// A preference of which the actor has something to say.
pub(super) struct Found {
    pub id: PreferenceId,
    pub guest: GuestId,
    pub group: PreferenceGroup,
    pub row: PreferenceRow,
}

/// A preference that the actor's role sees on the card of its guest in the actor's house.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`] for a group that the role does not see, or what the store answers.
pub(super) async fn find(
    db: &Db,
    permit: &Permit<WritePreferences>,
    guest: GuestId,
    id: PreferenceId,
) -> Result<Found, AppError> {
    let row: Option<PreferenceRow> = db
        .row(
            "SELECT * FROM $preference WHERE guest = $guest",
            vars().with("preference", record("preference", id)).with("guest", record("guest", guest)),
        )
        .await?;
    let row = row.filter(|row| holds_in(row.house.as_ref(), permit.house())).ok_or(AppError::NotFound)?;
    let group = word(&row.area, PreferenceGroup::from_code)?;
    if !group.visible_to(permit.actor().role) {
        return Err(AppError::Forbidden);
    }
    Ok(Found { id, guest, group, row })
}

/// Whether a preference that holds in one house (`only`), or in all, holds in this one.
pub(super) fn holds_in(only: Option<&RecordId>, house: HouseId) -> bool {
    only.is_none_or(|only| *only == record("house", house))
}

/// Writes down who said something of a preference today. Said again on the same day by the same colleague, it is the
/// same word, and the last one stands.
pub(super) const SAID: &str = "
    IF record::exists($preference) = false { THROW 'guard:gone' };
    LET $said_today = record::exists($sighting);
    UPSERT ONLY $sighting SET preference = $preference, guest = $guest, kind = $kind, author_name = $said_by, at = $at \
    RETURN NONE";

/// What was said of a preference, as [`SAID`] binds it.
pub(super) fn said(
    permit: &Permit<WritePreferences>,
    now: DateTime<Utc>,
    (guest, preference): (GuestId, PreferenceId),
    kind: SightingKind,
) -> Vars {
    let actor = permit.actor();
    vars()
        .with("preference", record("preference", preference))
        .with("guest", record("guest", guest))
        .with("sighting", sighting(preference, actor.staff, clock::today(now, actor.house.zone())))
        .with("kind", kind.code())
        .with("said_by", actor.name.clone())
        .with("at", now)
}

fn sighting(preference: PreferenceId, staff: StaffId, day: NaiveDate) -> RecordId {
    record("sighting", format!("{preference}|{staff}|{day}"))
}

/// The day from which something is to be asked again that is said (`stated`), or seen, today.
pub(super) fn ask_again(memory: &HouseMemory, stated: bool, today: NaiveDate) -> Option<String> {
    let days = memory.reconfirm_days.filter(|_| stated)?;
    today.checked_add_days(Days::new(days.into())).map(|day| day.to_string())
}

/// Says that a preference holds. Of one colleague it counts once a day.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`] for a group that the role does not see, or what the store answers.
pub async fn confirm(
    db: &Db,
    permit: &Permit<WritePreferences>,
    now: DateTime<Utc>,
    guest: GuestId,
    preference: PreferenceId,
) -> Result<(), AppError> {
    let found = find(db, permit, guest, preference).await?;
    confirm_found(db, permit, now, &found, false).await
}

/// The same of one that was found already; `stated` where the guest said so now.
///
/// # Errors
/// [`AppError::NotFound`] where it is gone, or what the store answers.
pub(super) async fn confirm_found(
    db: &Db,
    permit: &Permit<WritePreferences>,
    now: DateTime<Utc>,
    found: &Found,
    stated: bool,
) -> Result<(), AppError> {
    let memory = memory_of(db, permit.house()).await?;
    let today = clock::today(now, permit.actor().house.zone());
    let again = ask_again(&memory, stated || found.row.stated, today);
    let tx = Tx::new().run(SAID, said(permit, now, (found.guest, found.id), SightingKind::Confirmed)).run(
        "UPDATE $preference SET times = IF $said_today { times } ELSE { times + 1 }, \
         stated = IF $stated { true } ELSE { stated }, last_at = $at, last_by = $said_by, reconfirm_by = $again, \
         contradicted_at = NONE, contradicted_by = NONE RETURN NONE",
        vars().with("stated", stated).with("again", optional(again)),
    );
    commit(db, permit, tx, found, Action::ConfirmedPreference, &[found.group.code()]).await
}

/// Says that a preference does not hold. It stays to be seen, and is no instruction until somebody confirms it.
///
/// # Errors
/// As [`confirm`].
pub async fn contradict(
    db: &Db,
    permit: &Permit<WritePreferences>,
    now: DateTime<Utc>,
    guest: GuestId,
    preference: PreferenceId,
) -> Result<(), AppError> {
    let found = find(db, permit, guest, preference).await?;
    let tx = Tx::new()
        .run(SAID, said(permit, now, (guest, preference), SightingKind::Contradicted))
        .run("UPDATE $preference SET contradicted_at = $at, contradicted_by = $said_by RETURN NONE", vars());
    commit(db, permit, tx, &found, Action::ContradictedPreference, &[found.group.code()]).await
}

/// Says what a colleague does with a preference, and whether it holds in the actor's house alone.
///
/// # Errors
/// As [`confirm`].
pub async fn set_cue(
    db: &Db,
    permit: &Permit<WritePreferences>,
    guest: GuestId,
    preference: PreferenceId,
    cue: Cue,
    only_here: bool,
) -> Result<(), AppError> {
    let found = find(db, permit, guest, preference).await?;
    let only = only_here.then(|| record("house", permit.house()));
    let tx = Tx::new().run(
        "IF record::exists($preference) = false { THROW 'guard:gone' };
         UPDATE $preference SET cue = $cue, house = $only_house RETURN NONE",
        vars()
            .with("preference", record("preference", preference))
            .with("cue", cue.code())
            .with("only_house", optional(only)),
    );
    commit(db, permit, tx, &found, Action::EditedProfile, &[found.group.code(), "cue"]).await
}

/// Says what the stay in house made of a preference. The last word stands.
///
/// # Errors
/// As [`confirm`]; the field `guest` for one who is not in the actor's house.
pub async fn mark(
    db: &Db,
    permit: &Permit<WritePreferences>,
    now: DateTime<Utc>,
    id: GuestId,
    preference: PreferenceId,
    outcome: HonourOutcome,
) -> Result<(), AppError> {
    let found = find(db, permit, id, preference).await?;
    let stays: Vec<Stay> = db
        .rows(
            "SELECT id, arrival FROM reservation WITH INDEX reservation_guest \
             WHERE guest = $guest AND house = $house AND status = 'checked_in'",
            vars().with("guest", record("guest", id)).with("house", record("house", permit.house())),
        )
        .await?;
    let Some(stay) = last_of(&stays)? else {
        let whom = guest(db, id).await?.ok_or(AppError::NotFound)?;
        return Err(AppError::field("guest", Problem::NotKnown(whom.name.full(), "@memory_in_house".to_owned())));
    };
    let tx = Tx::new().run(
        "IF record::exists($preference) = false { THROW 'guard:gone' };
         UPSERT ONLY $honour SET preference = $preference, reservation = $reservation, guest = $guest, \
         outcome = $outcome, author_name = $said_by, at = $at RETURN NONE",
        vars()
            .with("honour", record("honour", format!("{preference}|{stay}")))
            .with("preference", record("preference", preference))
            .with("reservation", record("reservation", stay))
            .with("guest", record("guest", id))
            .with("outcome", outcome.code())
            .with("said_by", permit.actor().name.clone())
            .with("at", now),
    );
    commit(db, permit, tx, &found, Action::HonouredPreference, &[found.group.code()]).await
}

/// Commits what was said of a preference, and tells every open card on which it stands.
async fn commit(
    db: &Db,
    permit: &Permit<WritePreferences>,
    tx: Tx,
    found: &Found,
    action: Action,
    fields: &[&str],
) -> Result<(), AppError> {
    let houses = houses_of(db, permit.house(), found.guest).await?;
    let tx = tx.event_in(houses, "guest", GuestEvent::new(found.guest, &[found.group.code()]));
    match db.commit(audit::note(tx, permit.actor(), action, Some(found.guest), fields)).await {
        Ok(_) => Ok(()),
        // A colleague has taken it away.
        Err(DbError::Guard(_)) => Err(AppError::NotFound),
        Err(other) => Err(other.into()),
    }
}

/// A stay in house.
#[derive(SurrealValue)]
struct Stay {
    id: RecordId,
    arrival: String,
}

/// The one that began last: whoever has two rooms has come for the second.
fn last_of(stays: &[Stay]) -> Result<Option<ReservationId>, DbError> {
    stays.iter().max_by(|one, other| one.arrival.cmp(&other.arrival)).map(|stay| id_of(&stay.id)).transpose()
}

/// A preference as far as it counts for a stay.
#[derive(SurrealValue)]
struct Known {
    id: RecordId,
    at: DateTime<Utc>,
    house: Option<RecordId>,
    contradicted_at: Option<DateTime<Utc>>,
}

/// What a stay made of a preference.
#[derive(SurrealValue)]
struct Marked {
    preference: RecordId,
    reservation: RecordId,
    outcome: String,
}

type Marks = HashMap<PreferenceId, HonourOutcome>;

fn marks_of(stay: ReservationId, marked: &[Marked]) -> Result<Marks, DbError> {
    let stay = record("reservation", stay);
    let of_stay = marked.iter().filter(|mark| mark.reservation == stay);
    of_stay.map(|mark| Ok((id_of(&mark.preference)?, word(&mark.outcome, HonourOutcome::from_code)?))).collect()
}

/// What was marked, and what else was known.
fn tally<'a>(known: impl Iterator<Item = &'a Known>, marks: &Marks) -> Result<HonourScore, DbError> {
    let mut all: HashSet<PreferenceId> = marks.keys().copied().collect();
    for row in known {
        all.insert(id_of(&row.id)?);
    }
    let count =
        |outcome: HonourOutcome| u32::try_from(marks.values().filter(|is| **is == outcome).count()).unwrap_or(u32::MAX);
    Ok(HonourScore {
        known: u32::try_from(all.len()).unwrap_or(u32::MAX),
        honoured: count(HonourOutcome::Honoured),
        missed: count(HonourOutcome::Missed),
    })
}

/// How a stay went for what was known until it ended. Of a stay that is not known, nothing.
///
/// # Errors
/// What the store answers.
pub async fn score(db: &Db, reservation: ReservationId) -> Result<HonourScore, DbError> {
    #[derive(SurrealValue)]
    struct Over {
        guest: RecordId,
        house: RecordId,
        departure: String,
        timezone: String,
    }
    #[derive(SurrealValue)]
    struct Both {
        known: Vec<Known>,
        marked: Vec<Marked>,
    }
    let stay = record("reservation", reservation);
    let over: Option<Over> = db
        .row(
            "SELECT guest, house, departure, house.timezone AS timezone FROM $reservation",
            vars().with("reservation", stay.clone()),
        )
        .await?;
    let Some(over) = over else { return Ok(HonourScore::default()) };
    let both: Option<Both> = db
        .row(
            "RETURN {
                known: (SELECT id, at, house, contradicted_at FROM preference WHERE guest = $guest),
                marked: (SELECT preference, reservation, outcome FROM honour WHERE reservation = $reservation)
             }",
            vars().with("guest", over.guest.clone()).with("reservation", stay),
        )
        .await?;
    let Some(Both { known, marked }) = both else { return Ok(HonourScore::default()) };
    let zone = over.timezone.parse().unwrap_or(chrono_tz::UTC);
    let by_then = |at: DateTime<Utc>| clock::today(at, zone).to_string() <= over.departure;
    let was_known = |row: &&Known| {
        let held = row.house.as_ref().is_none_or(|only| *only == over.house);
        held && by_then(row.at) && !row.contradicted_at.is_some_and(by_then)
    };
    tally(known.iter().filter(was_known), &marks_of(reservation, &marked)?)
}

/// How the guest's stay in a house goes so far, and what was marked; nothing for who is not in house.
///
/// # Errors
/// What the store answers.
pub(super) async fn so_far(db: &Db, house: HouseId, guest: GuestId) -> Result<(Option<HonourScore>, Marks), DbError> {
    #[derive(SurrealValue)]
    struct All {
        stays: Vec<Stay>,
        known: Vec<Known>,
        marked: Vec<Marked>,
    }
    let all: Option<All> = db
        .row(
            "RETURN {
                stays: (SELECT id, arrival FROM reservation WITH INDEX reservation_guest
                    WHERE guest = $guest AND house = $house AND status = 'checked_in'),
                known: (SELECT id, at, house, contradicted_at FROM preference WHERE guest = $guest),
                marked: (SELECT preference, reservation, outcome FROM honour WHERE guest = $guest)
             }",
            vars().with("guest", record("guest", guest)).with("house", record("house", house)),
        )
        .await?;
    let Some(All { stays, known, marked }) = all else { return Ok((None, Marks::new())) };
    let Some(stay) = last_of(&stays)? else { return Ok((None, Marks::new())) };
    let marks = marks_of(stay, &marked)?;
    let is_known = |row: &&Known| holds_in(row.house.as_ref(), house) && row.contradicted_at.is_none();
    let score = tally(known.iter().filter(is_known), &marks)?;
    Ok((Some(score), marks))
}

/// What a house decides about its memory; what it has not decided, and settings that cannot be read, are as by default.
///
/// # Errors
/// What the store answers.
pub async fn memory_of(db: &Db, house: HouseId) -> Result<HouseMemory, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        memory: Option<String>,
    }
    let row: Option<Row> = db.row("SELECT memory FROM $house", vars().with("house", record("house", house))).await?;
    Ok(read_memory(row.and_then(|row| row.memory)))
}

/// The column `memory` of a house.
pub(super) fn read_memory(kept: Option<String>) -> HouseMemory {
    kept.and_then(|memory| serde_json::from_str(&memory).ok()).unwrap_or_default()
}

/// Keeps what a house decides about its memory.
///
/// # Errors
/// What the store answers.
pub async fn set_memory(db: &Db, permit: &Permit<ManageHouse>, memory: &HouseMemory) -> Result<(), AppError> {
    let kept = serde_json::to_string(memory).map_err(AppError::internal)?;
    let tx = Tx::new().run(
        "UPDATE ONLY $house SET memory = $memory RETURN NONE",
        vars().with("house", record("house", permit.house())).with("memory", kept),
    );
    db.commit(audit::note(tx, permit.actor(), Action::MemoryChanged, None, &[])).await?;
    Ok(())
}
