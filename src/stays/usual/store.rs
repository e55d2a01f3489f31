//! The usual in the store: written down, offered again, and kept up to date by where the guest is seated.

use super::{Counts, UsualLine, write::Usual};
use crate::{
    error::{AppError, Problem},
    guests::store::{GuestEvent, guest as profile},
    house::{StationKind, store::station as station_of},
    ids::{GuestId, HouseId, OnceId, StationId},
    server::{
        clock,
        db::{Db, DbError, NewEvent, Tx, derived, id_of, optional, record, vars},
    },
    staff::{
        audit::{self, Action},
        guard::{Actor, Permit, ServeUsual},
    },
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use surrealdb::types::{RecordId, SurrealValue};

/// How often something is read and decided anew because somebody else's answer came in between. One of them gets
/// through each time.
const ATTEMPTS: u32 = 40;

/// The usual as it is read: `SELECT *, station.name AS outlet FROM usual`.
#[derive(Debug, Clone, SurrealValue)]
pub(crate) struct UsualRow {
    pub house: RecordId,
    pub guest: RecordId,
    station: RecordId,
    seat: Option<String>,
    dishes: Vec<String>,
    drinks: Vec<String>,
    times: i64,
    offered: i64,
    taken: i64,
    refused: i64,
    author_name: String,
    at: DateTime<Utc>,
    revision: i64,
    /// Name of the outlet, where it was asked for.
    outlet: Option<String>,
}

impl UsualRow {
    /// As it is told in a house of that zone.
    ///
    /// # Errors
    /// When the store holds a record that cannot be read.
    pub(crate) fn line(self, zone: Tz) -> Result<UsualLine, DbError> {
        let (guest, station) = (id_of(&self.guest)?, id_of(&self.station)?);
        let counts = self.counts();
        Ok(UsualLine {
            guest,
            station,
            outlet: self.outlet.unwrap_or_default(),
            seat: self.seat,
            dishes: self.dishes,
            drinks: self.drinks,
            times: number(self.times),
            counts,
            by: self.author_name,
            on: clock::today(self.at, zone).to_string(),
            revision: self.revision,
            once: next_answer(guest, station, self.revision, counts.offered),
        })
    }

    fn counts(&self) -> Counts {
        Counts { offered: number(self.offered), taken: number(self.taken), refused: number(self.refused) }
    }

    fn says(&self, usual: &Usual) -> bool {
        (&self.seat, &self.dishes, &self.drinks) == (&usual.seat, &usual.dishes, &usual.drinks)
    }
}

fn number(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(0)
}

/// What the next answer to an offer is sent under. It is made of how often this was offered before, so that forms need
/// no scripts to make one, and the same offer on a card and on a board is answered once.
fn next_answer(guest: GuestId, station: StationId, revision: i64, offered: u32) -> OnceId {
    OnceId(derived(&format!("usual_answer|{guest}|{station}|{revision}|{offered}")))
}

fn key(guest: GuestId, station: StationId) -> RecordId {
    record("usual", format!("{guest}|{station}"))
}

/// Writes down where a guest sat and what he had at an outlet. What is new is a new usual, which has been offered to
/// nobody; the same again is counted once a day.
///
/// # Errors
/// [`AppError::NotFound`] for a guest or a usual that is not there, the field `station` for what is no outlet of the
/// house, the field `dishes` where nothing is said, [`AppError::Conflict`] with the name of whoever wrote another one
/// since the revision that was seen (0 for none), or what the store answers.
pub async fn write(
    db: &Db,
    permit: &Permit<ServeUsual>,
    now: DateTime<Utc>,
    (guest, station): (GuestId, StationId),
    seen: i64,
    usual: &Usual,
) -> Result<(), AppError> {
    let (actor, house) = (permit.actor(), permit.house());
    profile(db, guest).await?.ok_or(AppError::NotFound)?;
    if !is_outlet(db, house, station).await? {
        return Err(AppError::field("station", Problem::NotKnown(station.to_string(), "@listed".to_owned())));
    }
    let day = |at| clock::today(at, actor.house.zone());
    for _ in 0..ATTEMPTS {
        let there = row_of(db, guest, station).await?;
        let (sql, fields) = match &there {
            None if seen != 0 => return Err(AppError::NotFound),
            None if usual.is_empty() => return Err(AppError::field("dishes", Problem::Empty)),
            None => (CREATE, differing(None, usual)),
            // Sent again, or written down by a colleague too.
            Some(row) if row.says(usual) && day(row.at) == day(now) => return Ok(()),
            Some(row) if row.says(usual) => (AGAIN, Vec::new()),
            Some(row) if row.revision != seen => return Err(AppError::Conflict(row.author_name.clone())),
            Some(row) => (CHANGE, differing(Some(row), usual)),
        };
        let bound = vars()
            .with("usual", key(guest, station))
            .with("usual_guest", record("guest", guest))
            .with("usual_house", record("house", house))
            .with("usual_station", record("station", station))
            .with("usual_seat", optional(usual.seat.clone()))
            .with("usual_dishes", usual.dishes.clone())
            .with("usual_drinks", usual.drinks.clone())
            .with("usual_by", actor.name.clone())
            .with("usual_at", now)
            .with("usual_seen", there.as_ref().map_or(0, |row| row.revision))
            .with("usual_times", there.as_ref().map_or(0, |row| row.times));
        let tx = told(Tx::new().run(sql, bound), house, guest);
        match db.commit(audit::note(tx, actor, Action::ChangedUsual, Some(guest), &fields)).await {
            Ok(_) => return Ok(()),
            Err(DbError::Guard(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(AppError::internal("others wrote the usual all the time"))
}

const CREATE: &str = "
    IF record::exists($usual) { THROW 'guard:changed' };
    CREATE ONLY $usual SET guest = $usual_guest, house = $usual_house, station = $usual_station, seat = $usual_seat, \
    dishes = $usual_dishes, drinks = $usual_drinks, times = 1, offered = 0, taken = 0, refused = 0, \
    author_name = $usual_by, at = $usual_at, revision = 1 RETURN NONE";

const CHANGE: &str = "
    LET $usual_changed = (UPDATE $usual SET seat = $usual_seat, dishes = $usual_dishes, drinks = $usual_drinks, \
    times = 1, offered = 0, taken = 0, refused = 0, author_name = $usual_by, at = $usual_at, revision += 1 \
    WHERE revision = $usual_seen RETURN AFTER);
    IF array::len($usual_changed) = 0 { THROW 'guard:changed' }";

const AGAIN: &str = "
    LET $usual_changed = (UPDATE $usual SET times += 1, author_name = $usual_by, at = $usual_at \
    WHERE revision = $usual_seen AND times = $usual_times RETURN AFTER);
    IF array::len($usual_changed) = 0 { THROW 'guard:changed' }";

/// What came of offering the same again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// What it is sent under: sent twice it counts once.
    pub once: OnceId,
    pub guest: GuestId,
    pub station: StationId,
    /// The revision that was offered.
    pub revision: i64,
    pub taken: bool,
}

/// Counts that the same was offered again, and whether it was taken.
///
/// # Errors
/// [`AppError::Conflict`] with the name of whoever wrote another usual since, answered the same offer otherwise, or was
/// refused last where the same is not offered any more; [`AppError::NotFound`] for a usual that is not there or has
/// nothing to offer; or what the store answers.
pub async fn answer(db: &Db, permit: &Permit<ServeUsual>, now: DateTime<Utc>, answer: Answer) -> Result<(), AppError> {
    let Answer { once, guest, station, revision, taken } = answer;
    let (actor, house) = (permit.actor(), permit.house());
    let said = if taken { "same_again" } else { "not_today" };
    for _ in 0..ATTEMPTS {
        let (row, answered) = offer(db, once, guest, station).await?;
        let row = row.filter(|row| row.house == record("house", house)).ok_or(AppError::NotFound)?;
        if let Some(answered) = answered {
            let is_same = answered.usual == key(guest, station) && answered.taken == taken;
            return if is_same { Ok(()) } else { Err(AppError::Conflict(answered.author_name)) };
        }
        if row.revision != revision {
            return Err(AppError::Conflict(row.author_name));
        }
        if row.dishes.is_empty() && row.drinks.is_empty() {
            return Err(AppError::NotFound);
        }
        let counts = row.counts();
        if !counts.may_offer() {
            return Err(AppError::Conflict(last_refused(db, guest, station).await?.unwrap_or(row.author_name)));
        }
        let then = counts.after(taken);
        let bound = vars()
            .with("usual", key(guest, station))
            .with("usual_guest", record("guest", guest))
            .with("usual_answer", record("usual_answer", once))
            .with("usual_seen", revision)
            .with("usual_before", row.offered)
            .with("usual_offered", i64::from(then.offered))
            .with("usual_took", i64::from(then.taken))
            .with("usual_refused", i64::from(then.refused))
            .with("usual_taken", taken)
            .with("usual_by", actor.name.clone())
            .with("usual_at", now);
        let tx = told(Tx::new().run(ANSWER, bound), house, guest);
        match db.commit(audit::note(tx, actor, Action::ChangedUsual, Some(guest), &[said])).await {
            Ok(_) => return Ok(()),
            Err(DbError::Guard(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(AppError::internal("others answered all the time"))
}

const ANSWER: &str = "
    IF record::exists($usual_answer) { THROW 'guard:answered' };
    LET $usual_counted = (UPDATE $usual SET offered = $usual_offered, taken = $usual_took, refused = $usual_refused \
    WHERE revision = $usual_seen AND offered = $usual_before RETURN AFTER);
    IF array::len($usual_counted) = 0 { THROW 'guard:changed' };
    CREATE ONLY $usual_answer SET usual = $usual, guest = $usual_guest, taken = $usual_taken, \
    author_name = $usual_by, at = $usual_at RETURN NONE";

/// Adds to a transaction that the guest has just been seated at a table. At an outlet it is the one to offer next time.
/// What he had there is still what it was, and so is how often that was refused: another table does not have it offered
/// again.
#[must_use]
pub(crate) fn seated(
    tx: Tx,
    actor: &Actor,
    now: DateTime<Utc>,
    (guest, station): (GuestId, StationId),
    table: &str,
) -> Tx {
    let house = actor.house.id;
    let bound = vars()
        .with("usual", key(guest, station))
        .with("usual_guest", record("guest", guest))
        .with("usual_house", record("house", house))
        .with("usual_station", record("station", station))
        .with("usual_outlet", StationKind::Restaurant.code())
        .with("usual_seat", table.to_owned())
        .with("usual_by", actor.name.clone())
        .with("usual_at", now);
    told(tx.run(SEATED, bound), house, guest)
}

const SEATED: &str = "
    IF (SELECT VALUE kind FROM ONLY $usual_station) = $usual_outlet {
        IF record::exists($usual) {
            UPDATE $usual SET seat = $usual_seat, revision += 1 WHERE seat != $usual_seat RETURN NONE
        } ELSE {
            CREATE $usual SET guest = $usual_guest, house = $usual_house, station = $usual_station, \
            seat = $usual_seat, dishes = [], drinks = [], times = 1, offered = 0, taken = 0, refused = 0, \
            author_name = $usual_by, at = $usual_at, revision = 1 RETURN NONE
        }
    }";

/// Tells every card of the guest in the house.
fn told(tx: Tx, house: HouseId, guest: GuestId) -> Tx {
    tx.event(NewEvent::new(house, "guest", GuestEvent::new(guest, &["usual"])))
}

/// Whether people are served at a station of the house.
async fn is_outlet(db: &Db, house: HouseId, station: StationId) -> Result<bool, DbError> {
    Ok(station_of(db, house, station).await?.is_some_and(|station| station.kind == StationKind::Restaurant))
}

async fn row_of(db: &Db, guest: GuestId, station: StationId) -> Result<Option<UsualRow>, DbError> {
    db.row("SELECT * FROM $usual", vars().with("usual", key(guest, station))).await
}

/// A row of `usual_answer`.
#[derive(Debug, SurrealValue)]
struct AnswerRow {
    usual: RecordId,
    taken: bool,
    author_name: String,
}

/// The usual as it is, and the answer that was sent under an id, if there is one.
async fn offer(
    db: &Db,
    once: OnceId,
    guest: GuestId,
    station: StationId,
) -> Result<(Option<UsualRow>, Option<AnswerRow>), DbError> {
    #[derive(SurrealValue)]
    struct Found {
        usuals: Vec<UsualRow>,
        answers: Vec<AnswerRow>,
    }
    let found: Option<Found> = db
        .row(
            "RETURN { usuals: (SELECT * FROM $usual), answers: (SELECT * FROM $usual_answer) }",
            vars().with("usual", key(guest, station)).with("usual_answer", record("usual_answer", once)),
        )
        .await?;
    let Found { usuals, answers } = found.ok_or_else(|| DbError::Malformed("a usual".to_owned()))?;
    Ok((usuals.into_iter().next(), answers.into_iter().next()))
}

/// Who heard the last answer about a usual.
async fn last_refused(db: &Db, guest: GuestId, station: StationId) -> Result<Option<String>, DbError> {
    let row: Option<AnswerRow> = db
        .row(
            "SELECT * FROM usual_answer WITH INDEX usual_answer_guest WHERE guest = $guest AND usual = $usual \
             ORDER BY at DESC LIMIT 1",
            vars().with("guest", record("guest", guest)).with("usual", key(guest, station)),
        )
        .await?;
    Ok(row.map(|row| row.author_name))
}

/// Names of the fields that a person has changed, for the audit.
fn differing(before: Option<&UsualRow>, after: &Usual) -> Vec<&'static str> {
    let (seat, dishes, drinks) = match before {
        Some(row) => (row.seat != after.seat, row.dishes != after.dishes, row.drinks != after.drinks),
        None => (after.seat.is_some(), !after.dishes.is_empty(), !after.drinks.is_empty()),
    };
    [("seating", seat), ("dishes", dishes), ("drinks", drinks)]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
}
