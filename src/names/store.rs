//! Tonight's names, and who has learnt which of them.

mod answer;
mod voice;

pub use answer::answer;
pub use voice::{Recording, keep_voice, recording, withdraw_voice};

use super::{
    Drill, DrillQuestion, DrillShare, Part, Progress, QUESTIONS, SECONDS, SHARE_DAYS, Tonight, TonightLine,
    floor_order, questions,
    schedule::{Memory, turn},
};
use crate::{
    error::AppError,
    guests::store::dossiers,
    house::House,
    ids::{GuestId, OnceId, StaffId},
    server::{
        clock,
        db::{Db, DbError, id_of, record, vars},
    },
    staff::{
        Ability,
        guard::{Actor, LearnNames, Permit, PrintNames},
    },
    stays::{
        ReservationStatus, floor_of,
        store::{ReservationRow, line, of_today},
    },
};
use answer::{CardRow, DayRow, card_key, day_key};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use surrealdb::types::{RecordId, SurrealValue};

/// Tonight's guests of a part of the actor's house.
///
/// # Errors
/// What the store answers.
pub async fn tonight(db: &Db, permit: &Permit<LearnNames>, now: DateTime<Utc>, part: Part) -> Result<Tonight, DbError> {
    Ok(gather(db, permit.actor(), now, part).await?.tonight)
}

/// The same for paper, which lies about: without guests who do not wish to be recognised.
///
/// # Errors
/// What the store answers.
pub async fn on_paper(
    db: &Db,
    permit: &Permit<PrintNames>,
    now: DateTime<Utc>,
    part: Part,
) -> Result<Tonight, DbError> {
    let Gathered { mut tonight, hidden, .. } = gather(db, permit.actor(), now, part).await?;
    tonight.lines.retain(|line| !hidden.contains(&line.guest));
    Ok(tonight)
}

/// Tonight's guests, and what the reader's practice has left behind.
struct Gathered {
    tonight: Tonight,
    memories: HashMap<GuestId, Memory>,
    /// Guests who do not wish to be recognised.
    hidden: HashSet<GuestId>,
}

async fn gather(db: &Db, actor: &Actor, now: DateTime<Utc>, part: Part) -> Result<Gathered, DbError> {
    let (house, role) = (&actor.house, actor.role);
    let today = clock::today(now, house.zone());
    let rows = of_today(db, house.id, today).await?;
    let floors: BTreeSet<(u64, String)> =
        rows.iter().filter_map(|row| Some(floor_order(&floor_of(row.room.as_deref()?)?))).collect();
    let mut shown: Vec<(GuestId, &ReservationRow)> = Vec::new();
    let mut named = HashSet::new();
    // Whoever is in house comes before who is due in: a guest with two bookings today stands here once.
    for row in rows.iter().filter(|row| part.has(row.room.as_deref())) {
        let guest = id_of(&row.guest)?;
        if named.insert(guest) {
            shown.push((guest, row));
        }
    }
    // By floor and room; rooms without a number last.
    shown.sort_by_cached_key(|(_, row)| {
        let room = row.room.clone().unwrap_or_default();
        (row.room.is_none(), room.len(), room, row.number.clone())
    });
    let ids: Vec<GuestId> = shown.iter().map(|(guest, _)| *guest).collect();
    let (found, memories, voices) =
        futures::try_join!(dossiers(db, house, now, &ids), memories(db, actor.staff, &ids), voices(db, &ids))?;
    let by_id: HashMap<GuestId, _> = found.iter().map(|dossier| (dossier.guest.id, dossier)).collect();
    let night_ends = night_ends(house, today);
    let mut lines = Vec::with_capacity(shown.len());
    for (guest, row) in shown {
        let Some(dossier) = by_id.get(&guest) else { continue };
        let listed = line(role, dossier);
        lines.push(TonightLine {
            guest,
            name: listed.name,
            photo: dossier.guest.photo,
            language: listed.language,
            vip: listed.vip,
            room: row.room.clone(),
            is_expected: row.status()? == ReservationStatus::Reserved,
            one_thing: listed.one_thing,
            has_voice: voices.contains(&guest),
            is_known: memories.get(&guest).is_some_and(|memory| memory.is_known(night_ends)),
        });
    }
    let hidden = found.iter().filter(|dossier| dossier.guest.flags.incognito).map(|dossier| dossier.guest.id).collect();
    let floors = floors.into_iter().map(|(_, floor)| floor).collect();
    let progress = Progress::of(&lines);
    Ok(Gathered { tonight: Tonight { today, floors, part, lines, progress }, memories, hidden })
}

/// What is known until then need not be asked tonight.
fn night_ends(house: &House, today: NaiveDate) -> DateTime<Utc> {
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
    clock::local_instant(tomorrow, NaiveTime::MIN, house.zone())
}

/// What a colleague's practice of these guests' names has left behind.
async fn memories(db: &Db, staff: StaffId, guests: &[GuestId]) -> Result<HashMap<GuestId, Memory>, DbError> {
    let cards: Vec<RecordId> = guests.iter().map(|guest| card_key(staff, *guest)).collect();
    let rows: Vec<CardRow> = db.rows("SELECT * FROM $cards", vars().with("cards", cards)).await?;
    rows.into_iter().map(|row| Ok((id_of(&row.guest)?, row.memory()))).collect()
}

/// Guests who can be listened to.
async fn voices(db: &Db, guests: &[GuestId]) -> Result<HashSet<GuestId>, DbError> {
    let voices: Vec<RecordId> = guests.iter().map(|guest| record("voice", guest)).collect();
    let kept: Vec<RecordId> = db.rows("SELECT VALUE id FROM $voices", vars().with("voices", voices)).await?;
    kept.iter().map(id_of).collect()
}

/// Tonight's questions: names that are due, then those that were never asked, then those that will be due in a moment;
/// none when the five minutes are over, unless the reader goes on with `more`.
///
/// # Errors
/// What the store answers.
pub async fn drill(
    db: &Db,
    permit: &Permit<LearnNames>,
    now: DateTime<Utc>,
    part: Part,
    more: bool,
) -> Result<Drill, DbError> {
    let actor = permit.actor();
    let today = clock::today(now, actor.house.zone());
    let day = async { db.row::<DayRow>("SELECT * FROM $day", vars().with("day", day_key(actor.staff, today))).await };
    let (gathered, day) = futures::try_join!(gather(db, actor, now, part), day)?;
    let Gathered { tonight, memories, hidden } = gathered;
    let day = day.unwrap_or_default();
    let is_over = !more && day.is_over();
    let left = if more { QUESTIONS } else { day.questions_left() };
    let mut turns: Vec<_> = tonight
        .lines
        .into_iter()
        .filter(|line| line.is_practised() && !hidden.contains(&line.guest))
        .filter_map(|line| turn(memories.get(&line.guest), now).map(|turn| (turn, line)))
        .collect();
    // Those that were never asked stay in the order of the rooms.
    turns.sort_by_key(|(turn, _)| *turn);
    let questions = turns.into_iter().take(if is_over { 0 } else { left }).filter_map(|(_, line)| {
        let times = memories.get(&line.guest).map_or(0, Memory::times);
        let asked = questions(&line);
        // By turns: whoever knows the face is asked how to say the name the next time.
        let kind = *asked.get(usize::try_from(times).unwrap_or(0) % asked.len().max(1))?;
        Some(DrillQuestion { once: OnceId::new(), kind, line })
    });
    Ok(Drill {
        questions: questions.collect(),
        part: tonight.part,
        progress: tonight.progress,
        answers: day.answers(),
        is_over,
    })
}

/// How much each colleague of the house has practised in the last days, by name.
///
/// # Errors
/// [`AppError::Forbidden`] for those who do not look after colleagues, or what the store answers.
pub async fn shares(db: &Db, permit: &Permit<LearnNames>, now: DateTime<Utc>) -> Result<Vec<DrillShare>, AppError> {
    #[derive(SurrealValue)]
    struct Row {
        staff: RecordId,
        name: Option<String>,
        day: String,
        asked: i64,
        known: i64,
    }
    let actor = permit.actor();
    if !actor.role.may(Ability::ManageStaff) {
        return Err(AppError::Forbidden);
    }
    let today = clock::today(now, actor.house.zone());
    let first = today.checked_sub_days(Days::new(u64::from(SHARE_DAYS) - 1)).unwrap_or(today);
    let rows: Vec<Row> = db
        .rows(
            "SELECT staff, staff.name AS name, day, asked, known FROM drill_day WITH INDEX drill_day_house \
             WHERE house = $house AND day >= $first",
            vars().with("house", record("house", actor.house.id)).with("first", first.to_string()),
        )
        .await?;
    let today = today.to_string();
    let mut found: BTreeMap<(String, StaffId), DrillShare> = BTreeMap::new();
    for row in rows {
        // Whoever has left the house has no share any more.
        let Some(name) = row.name else { continue };
        let staff: StaffId = id_of(&row.staff)?;
        let answers = Progress { known: count(row.known), of: count(row.asked) };
        let share = found.entry((name.clone(), staff)).or_insert_with(|| DrillShare {
            staff,
            name,
            tonight: None,
            week: Progress::default(),
            nights: 0,
        });
        share.week.known += answers.known;
        share.week.of += answers.of;
        share.nights += 1;
        if row.day == today {
            share.tonight = Some(answers);
        }
    }
    Ok(found.into_values().collect())
}

/// A count as the store has it.
fn count(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

impl DayRow {
    /// Tonight's answers.
    fn answers(&self) -> Progress {
        Progress { known: count(self.known), of: count(self.asked) }
    }

    /// How many questions there are left tonight.
    fn questions_left(&self) -> usize {
        QUESTIONS.saturating_sub(usize::try_from(self.asked).unwrap_or(0))
    }

    /// Whether tonight's five minutes are over.
    fn is_over(&self) -> bool {
        self.seconds >= i64::from(SECONDS) || self.questions_left() == 0
    }
}
