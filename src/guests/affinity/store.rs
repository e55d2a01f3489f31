//! What goes with what, in the store: counted anew each night in each house, a page of guests at a time, by one server.

use super::{Counter, Frequent, Item, Rule, Threshold};
use crate::{
    guests::{
        PreferenceGroup,
        store::{PreferenceRow, guest_records},
    },
    house::{House, store::houses},
    ids::{GuestId, HouseId},
    server::{
        clock,
        db::{Db, DbError, Tx, id_of, record, vars, word},
    },
    staff::{
        Role,
        guard::{Permit, SeeLists},
    },
};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};
use surrealdb::types::{RecordId, SurrealValue};

/// The name under which the job is kept among those that follow a house.
const JOB: &str = "affinity";
/// The hour of the house from which on it is night enough.
const HOUR: TimeDelta = TimeDelta::hours(3);
/// A server that counts and has not ended after so long has died.
const LEASE: TimeDelta = TimeDelta::hours(2);
/// A lease that ends later than this was given by a clock that has been put back since.
const LONGEST_LEASE: TimeDelta = TimeDelta::hours(12);
/// Guests that are read at once, and rows that are written at once.
const PAGE: usize = 500;
/// Rules of a house that are kept, the strongest.
const MOST_RULES: usize = 5_000;
/// Suggestions for one guest.
const MOST_SUGGESTED: usize = 5;

/// A row of `affinity`.
#[derive(Debug, Clone, SurrealValue)]
struct Row {
    id: RecordId,
    house: RecordId,
    likes: String,
    also: String,
    found_by: String,
    with_likes: i64,
    with_also: i64,
    with_both: i64,
    guests: i64,
    at: DateTime<Utc>,
}

impl Row {
    fn new(house: HouseId, rule: &Rule, at: DateTime<Utc>) -> Self {
        let (likes, also) = (rule.likes.text(), rule.also.text());
        Self {
            id: record("affinity", format!("{house}|{likes}|{also}")),
            house: record("house", house),
            found_by: found_by(house, &rule.likes),
            likes,
            also,
            with_likes: rule.with_likes.into(),
            with_also: rule.with_also.into(),
            with_both: rule.with_both.into(),
            guests: rule.guests.into(),
            at,
        }
    }

    fn read(&self) -> Result<Rule, DbError> {
        let count = |number: i64| {
            let whole = u32::try_from(number).ok().filter(|number| *number > 0);
            whole.ok_or_else(|| DbError::Malformed(format!("{:?}", self.id)))
        };
        Ok(Rule {
            likes: word(&self.likes, Item::parse)?,
            also: word(&self.also, Item::parse)?,
            with_likes: count(self.with_likes)?,
            with_also: count(self.with_also)?,
            with_both: count(self.with_both)?,
            guests: count(self.guests)?,
        })
    }
}

fn found_by(house: HouseId, likes: &Item) -> String {
    format!("{house}|{}", likes.text())
}

/// Counts what goes with what in every house in which it has not been done since the last night began. `owner` names
/// this process. Answers in how many houses it was done.
///
/// # Errors
/// What the store answers.
pub async fn run_due(db: &Db, owner: &str, now: DateTime<Utc>) -> Result<u32, DbError> {
    let mut done = 0;
    for house in houses(db).await? {
        let follower = record("follower", format!("{JOB}|{}", house.id));
        if claim(db, &follower, &house, owner, now).await? {
            let rules = count(db, house.id).await?;
            replace(db, house.id, &rules, now).await?;
            end(db, &follower, owner, now).await?;
            done += 1;
        }
    }
    Ok(done)
}

/// Takes the house's turn, unless it is done or another server is at it.
async fn claim(db: &Db, follower: &RecordId, house: &House, owner: &str, now: DateTime<Utc>) -> Result<bool, DbError> {
    #[derive(SurrealValue)]
    struct Turn {
        walked_at: Option<DateTime<Utc>>,
    }
    #[derive(SurrealValue)]
    struct NewTurn {
        id: RecordId,
        seq: i64,
    }
    let zone = house.zone();
    let today = clock::today(now, zone);
    let begins = |day| clock::local_instant(day, NaiveTime::MIN + HOUR, zone);
    let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    let night = if now < begins(today) { begins(yesterday) } else { begins(today) };
    let turn: Option<Turn> =
        db.row("SELECT walked_at FROM $follower", vars().with("follower", follower.clone())).await?;
    match turn {
        // A time to come was written by a clock that has been put back since.
        Some(Turn { walked_at: Some(at) }) if (night..=now).contains(&at) => return Ok(false),
        Some(_) => {}
        None => {
            let row = NewTurn { id: follower.clone(), seq: 0 };
            db.query("INSERT IGNORE INTO follower $row RETURN NONE", vars().with("row", row)).await?;
        }
    }
    let mine: Option<Turn> = db
        .row(
            "UPDATE $follower SET owner = $owner, lease = $lease \
             WHERE (walked_at = NONE OR walked_at < $night OR walked_at > $now) \
             AND (owner = NONE OR owner = $owner OR lease <= $now OR lease > $longest) RETURN AFTER",
            vars()
                .with("follower", follower.clone())
                .with("owner", owner)
                .with("night", night)
                .with("now", now)
                .with("lease", now + LEASE)
                .with("longest", now + LONGEST_LEASE),
        )
        .await?;
    Ok(mine.is_some())
}

async fn end(db: &Db, follower: &RecordId, owner: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    db.query(
        "UPDATE $follower SET walked_at = $now, owner = NONE, lease = NONE WHERE owner = $owner RETURN NONE",
        vars().with("follower", follower.clone()).with("owner", owner).with("now", now),
    )
    .await
    .map(drop)
}

/// Goes through the guests twice: for what is liked often, and for what of it goes together. What is held at once does
/// not grow with the guests.
async fn count(db: &Db, house: HouseId) -> Result<Vec<Rule>, DbError> {
    let least = Threshold::default();
    let mut frequent = Frequent::default();
    let mut after = None;
    loop {
        let (guests, next) = page(db, house, after).await?;
        guests.iter().for_each(|items| frequent.add(items));
        after = next;
        if after.is_none() {
            break;
        }
    }
    let mut counter = Counter::among(frequent.items(least.with_both));
    loop {
        let (guests, next) = page(db, house, after).await?;
        guests.into_iter().for_each(|items| counter.add(items));
        after = next;
        if after.is_none() {
            break;
        }
    }
    let mut rules = counter.rules(least);
    rules.truncate(MOST_RULES);
    Ok(rules)
}

/// What each of the next guests likes who have ever booked in the house or eaten there, and where to go on.
async fn page(
    db: &Db,
    house: HouseId,
    after: Option<String>,
) -> Result<(Vec<BTreeSet<Item>>, Option<String>), DbError> {
    #[derive(SurrealValue)]
    struct Booking {
        guest: RecordId,
        house: RecordId,
    }
    let first = after.unwrap_or_else(|| "0".to_owned());
    let found: Vec<RecordId> = db
        .rows(
            "SELECT VALUE id FROM type::record('guest', $first..) LIMIT $limit",
            vars().with("first", first).with("limit", i64::try_from(PAGE).unwrap_or(i64::MAX)),
        )
        .await?;
    let guests: Vec<GuestId> = found.iter().map(id_of).collect::<Result<_, _>>()?;
    // "!" sorts before every digit: an id with it is the least text after the id itself.
    let next = guests.last().filter(|_| guests.len() == PAGE).map(|last| format!("{last}!"));
    let bookings =
        db.rows_among::<Booking, _>("SELECT guest, house FROM reservation WHERE guest IN $among", &found, vars());
    let (bookings, mut liked) = futures::try_join!(bookings, liked(db, house, &guests))?;
    let here = record("house", house);
    let here = bookings.iter().filter(|row| row.house == here);
    let members: HashSet<GuestId> = here.map(|row| id_of(&row.guest)).collect::<Result<_, _>>()?;
    let of_members = guests.iter().filter_map(|guest| {
        let liked = liked.remove(guest)?;
        (liked.has_usual || members.contains(guest)).then_some(liked.items)
    });
    Ok((of_members.collect(), next))
}

/// What a guest likes, as far as it holds in a house.
#[derive(Default)]
struct Liked {
    items: BTreeSet<Item>,
    /// What somebody has said not to hold any more.
    contradicted: BTreeSet<Item>,
    /// Whether there is a usual at an outlet of the house.
    has_usual: bool,
}

/// What these guests like, by guest; nobody who likes nothing.
async fn liked(db: &Db, house: HouseId, guests: &[GuestId]) -> Result<HashMap<GuestId, Liked>, DbError> {
    #[derive(SurrealValue)]
    struct Usual {
        guest: RecordId,
        house: RecordId,
        dishes: Vec<String>,
        drinks: Vec<String>,
    }
    let records = guest_records(guests);
    let (preferences, usuals) = futures::try_join!(
        db.rows_among::<PreferenceRow, _>("SELECT * FROM preference WHERE guest IN $among", &records, vars()),
        // By guest alone: an outlet has far more usuals than a guest has.
        db.rows_among::<Usual, _>(
            "SELECT guest, house, dishes, drinks FROM usual WITH INDEX usual_guest WHERE guest IN $among",
            &records,
            vars(),
        ),
    )?;
    let here = record("house", house);
    let mut found: HashMap<GuestId, Liked> = HashMap::new();
    for row in preferences.iter().filter(|row| row.house.as_ref().is_none_or(|only| *only == here)) {
        let Some(item) = Item::of(word(&row.area, PreferenceGroup::from_code)?, &row.value()?) else { continue };
        let liked = found.entry(id_of(&row.guest)?).or_default();
        let holds = row.contradicted_at.is_none();
        (if holds { &mut liked.items } else { &mut liked.contradicted }).insert(item);
    }
    for row in usuals.iter().filter(|row| row.house == here) {
        let liked = found.entry(id_of(&row.guest)?).or_default();
        liked.has_usual = true;
        for (group, values) in [(PreferenceGroup::Dishes, &row.dishes), (PreferenceGroup::Drinks, &row.drinks)] {
            liked.items.extend(values.iter().filter_map(|value| Item::new(group.code(), value)));
        }
    }
    Ok(found)
}

/// Puts the rules of a house in the place of those before.
async fn replace(db: &Db, house: HouseId, rules: &[Rule], now: DateTime<Utc>) -> Result<(), DbError> {
    for rules in rules.chunks(PAGE) {
        let rows: Vec<Row> = rules.iter().map(|rule| Row::new(house, rule, now)).collect();
        let tx = Tx::new()
            .run("FOR $row IN $rules { UPSERT $row.id CONTENT $row RETURN NONE; }", vars().with("rules", rows));
        db.commit(tx).await?;
    }
    loop {
        let old: Vec<RecordId> = db
            .rows(
                "SELECT VALUE id FROM affinity WHERE house = $house AND at < $now LIMIT $limit",
                vars()
                    .with("house", record("house", house))
                    .with("now", now)
                    .with("limit", i64::try_from(PAGE).unwrap_or(i64::MAX)),
            )
            .await?;
        if old.is_empty() {
            return Ok(());
        }
        db.commit(Tx::new().run("DELETE $old RETURN NONE", vars().with("old", old))).await?;
    }
}

/// What else a guest may like, by what is known that the actor's role sees: the likeliest first. Neither what is known
/// anyway nor what somebody has said not to hold.
///
/// # Errors
/// What the store answers.
pub async fn suggestions(db: &Db, permit: &Permit<SeeLists>, guest: GuestId) -> Result<Vec<Rule>, DbError> {
    let (house, role) = (permit.house(), permit.actor().role);
    let Some(known) = liked(db, house, &[guest]).await?.remove(&guest) else { return Ok(Vec::new()) };
    let keys: Vec<String> =
        known.items.iter().filter(|item| is_visible(item, role)).map(|item| found_by(house, item)).collect();
    let rows: Vec<Row> = db.rows_among("SELECT * FROM affinity WHERE found_by IN $among", &keys, vars()).await?;
    let mut best: BTreeMap<Item, Rule> = BTreeMap::new();
    for row in rows {
        let rule = row.read()?;
        let is_news = !known.items.contains(&rule.also) && !known.contradicted.contains(&rule.also);
        if !is_news || !is_visible(&rule.also, role) {
            continue;
        }
        match best.get(&rule.also) {
            Some(before) if by_strength(before, &rule).is_le() => {}
            _ => {
                best.insert(rule.also.clone(), rule);
            }
        }
    }
    let mut found: Vec<Rule> = best.into_values().collect();
    found.sort_by(by_strength);
    found.truncate(MOST_SUGGESTED);
    Ok(found)
}

/// The likelier comes first.
fn by_strength(one: &Rule, other: &Rule) -> Ordering {
    other.lift().total_cmp(&one.lift()).then_with(|| other.confidence().total_cmp(&one.confidence()))
}

fn is_visible(item: &Item, role: Role) -> bool {
    PreferenceGroup::from_code(&item.group).is_some_and(|group| group.visible_to(role))
}
