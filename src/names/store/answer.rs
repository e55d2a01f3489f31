//! An answer of the drill: kept once, however often it is sent.

use crate::{
    error::AppError,
    guests,
    ids::{GuestId, OnceId, StaffId},
    names::{
        Grade,
        schedule::{Kept, Memory},
    },
    server::{
        clock,
        db::{Db, DbError, Tx, record, vars},
    },
    staff::guard::{LearnNames, Permit},
};
use chrono::{DateTime, NaiveDate, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// How often an answer is decided anew because another one about the same guest came first.
const ATTEMPTS: u32 = 10;
/// The longest time between two answers that counts as practice, seconds. Whoever takes longer was called away.
const LONGEST: i64 = 30;

/// A row of `name_card`.
#[derive(Debug, Clone, SurrealValue)]
pub(super) struct CardRow {
    pub staff: RecordId,
    pub house: RecordId,
    pub guest: RecordId,
    pub due: DateTime<Utc>,
    pub stability: f64,
    pub difficulty: f64,
    pub elapsed_days: i64,
    pub scheduled_days: i64,
    pub reps: i64,
    pub lapses: i64,
    pub state: i64,
    pub last_review: DateTime<Utc>,
}

impl CardRow {
    pub fn memory(&self) -> Memory {
        Memory::from(Kept {
            due: self.due,
            last_review: self.last_review,
            stability: self.stability,
            difficulty: self.difficulty,
            elapsed_days: self.elapsed_days,
            scheduled_days: self.scheduled_days,
            reps: i32::try_from(self.reps).unwrap_or(i32::MAX),
            lapses: i32::try_from(self.lapses).unwrap_or(i32::MAX),
            state: u8::try_from(self.state).unwrap_or(0),
        })
    }
}

/// A row of `drill_day`, as far as the drill needs it.
#[derive(Debug, Clone, Default, SurrealValue)]
pub(super) struct DayRow {
    pub asked: i64,
    pub known: i64,
    pub seconds: i64,
    pub last_at: Option<DateTime<Utc>>,
}

/// The key of what a colleague remembers of a guest's name.
pub(super) fn card_key(staff: StaffId, guest: GuestId) -> RecordId {
    record("name_card", format!("{staff}|{guest}"))
}

/// The key of a colleague's practice on a day.
pub(super) fn day_key(staff: StaffId, day: NaiveDate) -> RecordId {
    record("drill_day", format!("{staff}|{day}"))
}

/// What a colleague remembers of a name, and how much was practised on the day.
async fn so_far(db: &Db, card: &RecordId, day: &RecordId) -> Result<(Option<CardRow>, DayRow), DbError> {
    let bound = vars().with("card", card.clone()).with("day", day.clone());
    let mut found = db.query("SELECT * FROM $card; SELECT * FROM $day;", bound).await?;
    let (cards, days): (Vec<CardRow>, Vec<DayRow>) = (found.take(0)?, found.take(1)?);
    Ok((cards.into_iter().next(), days.into_iter().next().unwrap_or_default()))
}

/// Keeps how well the actor knew a guest's name, and when it is to be asked again. Tells whether there is time for
/// another question tonight. What is sent again under the same id changes nothing.
///
/// # Errors
/// [`AppError::NotFound`] for guests whose names are not practised: there is none, or he does not wish to be
/// recognised. [`AppError::Conflict`] when others were first again and again. Otherwise what the store answers.
pub async fn answer(
    db: &Db,
    permit: &Permit<LearnNames>,
    now: DateTime<Utc>,
    once: OnceId,
    guest: GuestId,
    grade: Grade,
) -> Result<bool, AppError> {
    let actor = permit.actor();
    let asked = guests::store::guest(db, guest).await?.filter(|guest| !guest.flags.incognito);
    if asked.is_none() {
        return Err(AppError::NotFound);
    }
    let today = clock::today(now, actor.house.zone());
    let (card, day) = (card_key(actor.staff, guest), day_key(actor.staff, today));
    for _ in 0..ATTEMPTS {
        let (before, so_far) = so_far(db, &card, &day).await?;
        let before = before.as_ref().map_or_else(|| Memory::new(now), CardRow::memory);
        let seen = i64::from(before.times());
        let kept = before.after(grade, now).kept();
        let spent = so_far.last_at.map_or(0, |last| (now - last).num_seconds().clamp(0, LONGEST));
        let learnt = CardRow {
            staff: record("staff", actor.staff),
            house: record("house", actor.house.id),
            guest: record("guest", guest),
            due: kept.due,
            stability: kept.stability,
            difficulty: kept.difficulty,
            elapsed_days: kept.elapsed_days,
            scheduled_days: kept.scheduled_days,
            reps: kept.reps.into(),
            lapses: kept.lapses.into(),
            state: kept.state.into(),
            last_review: kept.last_review,
        };
        // Both the answer's row and the card's are written by whoever answers, so that two at once conflict.
        let tx = Tx::new().run(
            "IF record::exists($drill_answer) { THROW 'guard:answered' };
             IF ((SELECT VALUE reps FROM ONLY $name_card) ?? 0) != $seen_reps { THROW 'guard:moved' };
             CREATE ONLY $drill_answer SET staff = $learner, at = $answered_at RETURN NONE;
             UPSERT ONLY $name_card CONTENT $learnt RETURN NONE;
             UPSERT ONLY $drill_day SET staff = $learner, house = $learns_in, day = $drilled_on, \
                asked = (asked ?? 0) + 1, known = (known ?? 0) + $was_known, seconds = (seconds ?? 0) + $spent, \
                last_at = $answered_at RETURN NONE",
            vars()
                .with("drill_answer", record("drill_answer", once))
                .with("name_card", card.clone())
                .with("drill_day", day.clone())
                .with("seen_reps", seen)
                .with("learner", record("staff", actor.staff))
                .with("learns_in", record("house", actor.house.id))
                .with("drilled_on", today.to_string())
                .with("answered_at", now)
                .with("was_known", i64::from(grade.is_known()))
                .with("spent", spent)
                .with("learnt", learnt),
        );
        match db.commit(tx).await {
            Ok(_) => {
                let so_far = DayRow { asked: so_far.asked + 1, seconds: so_far.seconds + spent, ..so_far };
                return Ok(!so_far.is_over());
            }
            Err(DbError::Guard(guard)) if guard == "answered" => return Ok(!so_far.is_over()),
            Err(DbError::Guard(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(AppError::Conflict(String::new()))
}
