//! Houses, guests and campaigns written straight into a store, with nobody signed in.
#![allow(dead_code, reason = "each of those who share it uses a part")]

use chrono::{DateTime, NaiveDate, Utc};
use rapport::{
    campaigns::{CampaignKind, Settings, store, template},
    house::store::{NewHouse, insert_house},
    ids::{CampaignId, GuestId, HouseId, StaffId},
    server::db::{Db, record, vars},
};
use surrealdb::types::{RecordId, SurrealValue};

/// Guests that are written at once.
const CHUNK: usize = 1_000;

/// Somebody who agreed to be written to.
#[derive(Debug, Clone, Default)]
pub struct Person {
    pub first: String,
    pub last: String,
    pub native: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    pub email: String,
    pub birthday: Option<NaiveDate>,
}

impl Person {
    /// One of many, with a birthday.
    pub fn numbered(number: usize, birthday: NaiveDate) -> Self {
        Self {
            first: format!("Given{number}"),
            last: format!("Family{number}"),
            native: None,
            language: Some("en".to_owned()),
            email: format!("guest{number}@post.example"),
            birthday: Some(birthday),
        }
    }
}

/// A house whose day is that of UTC.
pub async fn house(db: &Db) -> HouseId {
    let new = NewHouse {
        name: "The Cedars".to_owned(),
        code: "CITY".to_owned(),
        timezone: chrono_tz::UTC,
        currency: "EUR".to_owned(),
    };
    insert_house(db, new).await.expect("a house")
}

#[derive(SurrealValue)]
struct GuestRow {
    id: RecordId,
    revision: i64,
    first: String,
    last: String,
    native: Option<String>,
    language: Option<String>,
    vip: i64,
    phones: Vec<String>,
    emails: Vec<String>,
    birthday: Option<String>,
    deceased: bool,
    blocklisted: bool,
    incognito: bool,
    match_keys: Vec<String>,
}

#[derive(SurrealValue)]
struct ConsentRow {
    id: RecordId,
    guest: RecordId,
    channel: String,
    purpose: String,
    granted: bool,
    source: String,
    at: DateTime<Utc>,
    pending: bool,
}

/// Keeps guests, each with the consent that a booking brought.
pub async fn guests(db: &Db, people: impl IntoIterator<Item = Person>, now: DateTime<Utc>) {
    let mut people = people.into_iter().peekable();
    while people.peek().is_some() {
        let (mut rows, mut consents) = (Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK));
        for person in people.by_ref().take(CHUNK) {
            let guest = record("guest", GuestId::new());
            consents.push(ConsentRow {
                id: record("consent", uuid::Uuid::now_v7()),
                guest: guest.clone(),
                channel: "email".to_owned(),
                purpose: "greetings".to_owned(),
                granted: true,
                source: "booking 1".to_owned(),
                at: now,
                pending: false,
            });
            rows.push(GuestRow {
                id: guest,
                revision: 1,
                first: person.first,
                last: person.last,
                native: person.native,
                language: person.language,
                vip: 0,
                phones: Vec::new(),
                emails: vec![person.email],
                birthday: person.birthday.map(|day| day.to_string()),
                deceased: false,
                blocklisted: false,
                incognito: false,
                match_keys: Vec::new(),
            });
        }
        db.query(
            "INSERT INTO guest $guests RETURN NONE; INSERT INTO consent $consents RETURN NONE",
            vars().with("guests", rows).with("consents", consents),
        )
        .await
        .expect("guests");
    }
}

/// Settings by which everybody's greeting of today is due since midnight.
pub fn due_today() -> Settings {
    Settings {
        send_at: "00:00".to_owned(),
        quiet: None,
        // Whoever is slow to test is not late.
        grace_hours: 336,
        daily_cap: None,
        frequency_days: 0,
        signer: "Clara Sousa".to_owned(),
        signer_title: "General Manager".to_owned(),
        ..Settings::default()
    }
}

#[derive(SurrealValue)]
struct GateRow {
    id: RecordId,
    campaign: RecordId,
    open: bool,
    passed: i64,
}

#[derive(SurrealValue)]
struct LetterRow {
    id: RecordId,
    campaign: RecordId,
    language: String,
    revision: i64,
    subject: String,
    mjml: String,
    html: String,
    text: String,
    text_by_hand: bool,
    author_name: String,
    at: DateTime<Utc>,
}

/// Begins a campaign with the house's own letters.
pub async fn campaign(
    db: &Db,
    house: HouseId,
    kind: CampaignKind,
    settings: &Settings,
    now: DateTime<Utc>,
) -> CampaignId {
    let id = CampaignId::new();
    let campaign = record("campaign", id);
    let gates: Vec<GateRow> = store::gates(id)
        .into_iter()
        .map(|gate| GateRow { id: gate, campaign: campaign.clone(), open: true, passed: 0 })
        .collect();
    let letters: Vec<LetterRow> = template::starters(kind)
        .into_iter()
        .map(|letter| LetterRow {
            id: record("letter", format!("{id}|{}", letter.language)),
            campaign: campaign.clone(),
            language: letter.language,
            revision: 1,
            subject: letter.subject,
            mjml: letter.mjml,
            html: letter.html,
            text: letter.text,
            text_by_hand: letter.text_by_hand,
            author_name: "Clara".to_owned(),
            at: now,
        })
        .collect();
    db.query(
        "CREATE ONLY $campaign SET house = $house, kind = $kind, name = 'A campaign', state = 'active', revision = 1, \
         settings = $settings, author = $author, author_name = 'Clara', created_at = $now, activated_at = $now \
         RETURN NONE;
         INSERT INTO gate $gates RETURN NONE;
         INSERT INTO letter $letters RETURN NONE",
        vars()
            .with("campaign", campaign)
            .with("house", record("house", house))
            .with("kind", kind.code().to_owned())
            .with("settings", serde_json::to_string(settings).expect("JSON"))
            .with("author", record("staff", StaffId::new()))
            .with("now", now)
            .with("gates", gates)
            .with("letters", letters),
    )
    .await
    .expect("a campaign");
    id
}

/// Takes a campaign out of the way of the next one.
pub async fn end(db: &Db, campaign: CampaignId) {
    db.query("UPDATE $campaign SET state = 'ended' RETURN NONE", vars().with("campaign", record("campaign", campaign)))
        .await
        .expect("an answer");
}
