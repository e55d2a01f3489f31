//! The demo house: a shipped cut of a real export, loaded through the same import as any other, its
//! dates moved so that today has arrivals, guests in house and departures; with stations, staff of
//! every role, and a few stories.

use super::{
    clock::{self, Clock},
    db::{Db, DbError, vars},
};
use crate::{
    alerts::{rules::StationRule, store::rules},
    error::AppError,
    exchange::import::{self, Options},
    guests::{
        Audience, PreferenceGroup, PreferenceValue,
        form::GuestForm,
        parse::GuestDraft,
        store::{self as guests},
    },
    house::{
        StationKind,
        store::{self as houses, NewHouse, NewStation},
    },
    ids::{GuestId, OnceId, StationId},
    loyalty::{
        Extra, Programme, Scope, Tier,
        store::{self as loyalty, Given, NewVoucher},
    },
    requests::asked::{self, RequestKind},
    staff::{
        Role,
        guard::{Actor, ManageHouse, Permit},
        password,
        store::{self as staff, NewStaff},
    },
};
use chrono::{Days, NaiveDate};
use std::{collections::HashMap, sync::Arc};
use surrealdb::types::{RecordId, SurrealValue};

const BOOKINGS: &[u8] = include_bytes!("../../demo/bookings.csv");
/// Bookings that tell a story; the same columns.
const STORIES: &[u8] = include_bytes!("../../demo/stories.csv");
/// The day of the export that becomes today.
const TODAY_IN_EXPORT: &str = "2026-11-23";
const ZONE: chrono_tz::Tz = chrono_tz::Europe::Lisbon;
const PASSWORD: &str = "welcome-2-rapport";

const STAFF: &[(&str, &str, Role)] = &[
    ("li", "Li", Role::Reception),
    ("wei", "Wei", Role::Floor),
    ("anna", "Anna", Role::Host),
    ("marco", "Marco", Role::Concierge),
    ("sofia", "Sofia", Role::Marketing),
    ("clara", "Clara", Role::Manager),
    ("ada", "Ada", Role::Admin),
];

const STATIONS: &[(&str, StationKind, &str)] = &[
    ("Front desk", StationKind::FrontDesk, "100"),
    ("Floors 1 to 9", StationKind::Floor, "310"),
    ("Floors 10 to 18", StationKind::Floor, "320"),
    ("Restaurant", StationKind::Restaurant, "200"),
    ("Concierge", StationKind::Concierge, "120"),
    ("Door", StationKind::Door, "101"),
];

/// Who gets a copy of word that nobody acknowledges.
const BACKUPS: &[(&str, &str)] = &[
    ("Front desk", "Concierge"),
    ("Floors 1 to 9", "Floors 10 to 18"),
    ("Floors 10 to 18", "Floors 1 to 9"),
    ("Restaurant", "Front desk"),
    ("Concierge", "Front desk"),
    ("Door", "Concierge"),
];

/// Words that the house writes again and again.
const QUICK_TEXTS: &[(RequestKind, &str)] = &[
    (RequestKind::Taxi, "Two suitcases"),
    (RequestKind::Taxi, "Child seat"),
    (RequestKind::Luggage, "Keep until the evening"),
    (RequestKind::Room, "A cot"),
    (RequestKind::Room, "Another pillow"),
];

/// Why the demo house could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    App(#[from] AppError),
    #[error("the shipped bookings cannot be read: {0}")]
    Csv(#[from] csv::Error),
    #[error("the shipped bookings are not right: {0}")]
    Wrong(String),
    #[error("there is a house already; the demo house is only loaded into an empty store")]
    NotEmpty,
}

/// Whether the store is new: nobody works here yet.
///
/// # Errors
/// What the store answers.
pub async fn is_wanted(db: &Db) -> Result<bool, DbError> {
    staff::is_empty(db).await
}

/// Whether this is the demo house.
///
/// # Errors
/// What the store answers.
pub async fn is_loaded(db: &Db) -> Result<bool, DbError> {
    let found: Vec<RecordId> = db.rows("SELECT VALUE id FROM meta:demo", vars()).await?;
    Ok(!found.is_empty())
}

/// The sign-ins of the demo house, to be printed.
#[must_use]
pub fn sign_ins() -> String {
    let mut text = format!("Demo sign-ins, password {PASSWORD}:\n");
    for (login, name, role) in STAFF {
        text.push_str(&format!("  {login:<6} {name} ({})\n", role.code()));
    }
    text.push_str("Two browsers: sign in as wei at Floors 1 to 9, and as anna at Restaurant. Tell the restaurant that Mr Zhang is coming down.");
    text
}

/// Loads the demo house into an empty store.
///
/// # Errors
/// [`DemoError::NotEmpty`], or what went wrong.
pub async fn load(db: &Db, clock: Arc<dyn Clock>) -> Result<(), DemoError> {
    if !is_wanted(db).await? {
        return Err(DemoError::NotEmpty);
    }
    let today = clock::today(clock.now(), ZONE);
    let (mut city, mut stood) = (None, Vec::new());
    for (name, code) in [("The Cedars", "CITY"), ("The Cedars by the Sea", "RESORT")] {
        let new = NewHouse { name: name.to_owned(), code: code.to_owned(), timezone: ZONE, currency: "EUR".to_owned() };
        let house = houses::insert_house(db, new).await?;
        let mut stations = HashMap::new();
        for (name, kind, extension) in STATIONS {
            let new = NewStation { name: (*name).to_owned(), kind: *kind, extension: (*extension).to_owned() };
            stations.insert(*name, houses::insert_station(db, house, new).await?);
        }
        stood.push((house, stations));
        city.get_or_insert(house);
    }
    let city = city.ok_or_else(|| DemoError::Wrong("no house".to_owned()))?;
    for (file, bytes) in [("bookings.csv", BOOKINGS), ("stories.csv", STORIES)] {
        let moved = move_dates(bytes, today)?;
        let options = Options { file: file.to_owned(), by: "demo".to_owned(), house: Some(city), new_houses: false };
        let outcome = import::run(db, Arc::clone(&clock), options, std::io::Cursor::new(moved)).await?;
        if outcome.counts.rejected > 0 {
            return Err(DemoError::Wrong(outcome.report));
        }
    }
    let hash = password::hash(PASSWORD.to_owned()).await.map_err(AppError::internal)?;
    let mut actor = None;
    for (login, name, role) in STAFF {
        let new =
            NewStaff { login: (*login).to_owned(), name: (*name).to_owned(), role: *role, password_hash: hash.clone() };
        let id = staff::insert(db, city, new).await?;
        if *role == Role::Manager {
            actor = Some((id, (*name).to_owned()));
        }
    }
    let (id, name) = actor.ok_or_else(|| DemoError::Wrong("no manager".to_owned()))?;
    let house = houses::house(db, city).await?.ok_or_else(|| DemoError::Wrong("no house".to_owned()))?;
    let actor = Actor {
        staff: id,
        name,
        role: Role::Manager,
        house,
        station: None,
        device: staff::add_device(db, clock.now()).await?,
        session: String::new(),
        on_shift: false,
    };
    for (house, stations) in stood {
        let house = houses::house(db, house).await?.ok_or_else(|| DemoError::Wrong("no house".to_owned()))?;
        let permit = Permit::of_the_server(Actor { house, ..actor.clone() });
        back_up(db, &permit, &stations).await?;
        for (kind, text) in QUICK_TEXTS {
            asked::store::save_quick_text(db, &permit, *kind, (*text).to_owned()).await?;
        }
    }
    tell_stories(db, &*clock, &actor).await?;
    give_points(db, &*clock, &actor).await?;
    db.query("UPSERT ONLY meta:demo SET epoch = 'demo' RETURN NONE", vars()).await?;
    Ok(())
}

/// The export with every date moved by the same number of days.
fn move_dates(bytes: &[u8], today: NaiveDate) -> Result<Vec<u8>, DemoError> {
    let wrong = || DemoError::Wrong("a date".to_owned());
    let anchor: NaiveDate = TODAY_IN_EXPORT.parse().map_err(|_| wrong())?;
    let mut reader = csv::Reader::from_reader(bytes);
    let headers = reader.headers()?.clone();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headers)?;
    for row in reader.records() {
        let row = row?;
        let mut moved = Vec::with_capacity(row.len());
        for (header, field) in headers.iter().zip(&row) {
            moved.push(if header == "arrival" || header == "departure" {
                let date: NaiveDate = field.parse().map_err(|_| wrong())?;
                let days = (today - anchor).num_days();
                let date = if days >= 0 {
                    date.checked_add_days(Days::new(days.unsigned_abs()))
                } else {
                    date.checked_sub_days(Days::new(days.unsigned_abs()))
                };
                date.ok_or_else(wrong)?.to_string()
            } else if header == "birth_date" && field == "today" {
                today.format("--%m-%d").to_string()
            } else {
                field.to_owned()
            });
        }
        writer.write_record(&moved)?;
    }
    writer.into_inner().map_err(|error| DemoError::Wrong(error.to_string()))
}

/// What the house remembers of a guest, beyond what came with the bookings.
struct Story {
    membership: &'static str,
    say: Option<&'static str>,
    preferences: &'static [(PreferenceGroup, &'static str)],
    notes: &'static [(&'static str, Audience)],
}

const TOLD: &[Story] = &[
    Story {
        membership: "CEDAR0904",
        say: Some("jahng way"),
        preferences: &[
            (PreferenceGroup::Seating, "Table 12, by the window"),
            (PreferenceGroup::Drinks, "Jasmine tea"),
            (PreferenceGroup::Dishes, "Two eggs over easy"),
            (PreferenceGroup::Handling, "Likes to be greeted by name"),
        ],
        notes: &[
            ("Second stay. Last time he praised the quiet of room 904.", Audience::Everyone),
            ("Taxi to the airport on departure: ordered, do not ask again.", Audience::Desk),
        ],
    },
    Story {
        membership: "CEDAR1207",
        say: Some("zhoo-ZEH-fah"),
        preferences: &[
            (PreferenceGroup::Drinks, "Flat white, oat milk"),
            (PreferenceGroup::Temperature, "Room at 21 degrees"),
        ],
        notes: &[("Her birthday is today. The kitchen knows.", Audience::Everyone)],
    },
    Story {
        membership: "CEDAR0611",
        say: Some("SHEE-oh-bhawn oh-NEEL"),
        preferences: &[(PreferenceGroup::Seating, "Quiet corner, away from the door")],
        notes: &[],
    },
];

/// Names the backup station of each station of the permit's house.
async fn back_up(
    db: &Db,
    permit: &Permit<ManageHouse>,
    stations: &HashMap<&'static str, StationId>,
) -> Result<(), DemoError> {
    let at =
        |name: &str| stations.get(name).copied().ok_or_else(|| DemoError::Wrong(format!("there is no station {name}")));
    for (station, backup) in BACKUPS {
        let rule = StationRule { backup: Some(at(backup)?), ..StationRule::usual(at(station)?) };
        rules::save(db, permit, rule).await?;
    }
    Ok(())
}

/// The points of the chain: what it is worth to come back, and what Mr Zhang has of it beside his stays.
async fn give_points(db: &Db, clock: &dyn Clock, actor: &Actor) -> Result<(), DemoError> {
    let tier = |name: &str, nights, spend| Tier { name: name.to_owned(), nights: Some(nights), spend: Some(spend) };
    let programme = Programme {
        active: true,
        currency: "EUR".to_owned(),
        extras: vec![Extra { name: "Welcome".to_owned(), points: 100 }, Extra { name: "Spa".to_owned(), points: 50 }],
        tiers: vec![tier("Silver", 5, 80_000), tier("Gold", 15, 250_000)],
        ..Programme::default()
    };
    let now = clock.now();
    loyalty::save(db, &Permit::of_the_server(actor.clone()), Scope::Chain, 0, &programme, now).await?;
    let guest = member(db, "CEDAR0904").await?;
    let permit = Permit::of_the_server(actor.clone());
    loyalty::give(db, &permit, OnceId::new(), guest, &Given::Extra("Welcome".to_owned()), now).await?;
    let last_day = clock::today(now, ZONE).checked_add_days(Days::new(30));
    let voucher = NewVoucher {
        once: OnceId::new(),
        guest,
        what: "Dinner for two by the window".to_owned(),
        amount: None,
        expires: last_day.ok_or_else(|| DemoError::Wrong("a date".to_owned()))?,
        points: None,
    };
    loyalty::issue(db, &permit, &voucher, now).await?;
    Ok(())
}

/// The guest with a membership number.
async fn member(db: &Db, membership: &str) -> Result<GuestId, DemoError> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
    }
    let row: Option<Row> =
        db.row("SELECT id FROM guest WHERE membership = $membership", vars().with("membership", membership)).await?;
    let row = row.ok_or_else(|| DemoError::Wrong(format!("nobody has the number {membership}")))?;
    Ok(super::db::id_of(&row.id)?)
}

async fn tell_stories(db: &Db, clock: &dyn Clock, actor: &Actor) -> Result<(), DemoError> {
    for story in TOLD {
        let id = member(db, story.membership).await?;
        let guest = guests::guest(db, id).await?.ok_or_else(|| DemoError::Wrong("a guest is gone".to_owned()))?;
        let form = GuestForm { say: story.say.unwrap_or_default().to_owned(), ..GuestForm::from(&guest) };
        let draft = GuestDraft::try_from(form).map_err(AppError::Fields)?;
        guests::update(db, &Permit::of_the_server(actor.clone()), id, guest.revision, draft).await?;
        let permit = Permit::of_the_server(actor.clone());
        for (group, text) in story.preferences {
            let value = PreferenceValue::Text((*text).to_owned());
            guests::add_preference(db, &permit, clock.now(), id, *group, value, true).await?;
        }
        let permit = Permit::of_the_server(actor.clone());
        for (text, audience) in story.notes {
            guests::add_note(db, &permit, clock.now(), id, (*text).to_owned(), *audience, None).await?;
        }
    }
    Ok(())
}
