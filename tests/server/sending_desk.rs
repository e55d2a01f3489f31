//! A campaign that is due now, and senders that carry it to the relays of a test.

use crate::harness::{Device, HEADER, House, monday};
use chrono::{DateTime, TimeDelta, Utc};
use rapport::{
    campaigns::{
        CampaignKind, OccurrenceId, Settings,
        sender::{Counts, Sender},
        store,
    },
    ids::{CampaignId, GuestId},
    server::{
        clock::Clock,
        config::Config,
        db::{record, vars},
        mail::Mailer,
    },
    staff::{
        guard::{self, Grants, Permit},
        session::StoredSessions,
    },
};
use std::sync::Arc;
use surrealdb::types::{RecordId, SurrealValue};
use tokio::sync::watch;

/// A house with guests who agreed to be written to, and a campaign that greets them today.
pub struct Desk {
    pub house: House,
    pub campaign: CampaignId,
    pub guests: Vec<GuestId>,
    _go_on: watch::Sender<bool>,
    running: watch::Receiver<bool>,
}

/// Where an occurrence stands.
#[derive(Debug, Clone, PartialEq, SurrealValue)]
pub struct Fate {
    pub state: String,
    pub reason: Option<String>,
    pub detail: Option<String>,
    pub relay: Option<String>,
    pub answer: Option<String>,
    pub attempts: i64,
    pub due: DateTime<Utc>,
    pub message_id: Option<String>,
}

#[derive(SurrealValue)]
struct Gate {
    id: RecordId,
    campaign: RecordId,
    open: bool,
    passed: i64,
}

#[derive(SurrealValue)]
struct Occurrence {
    id: RecordId,
    campaign: RecordId,
    house: RecordId,
    guest: RecordId,
    date: String,
    state: String,
    due: DateTime<Utc>,
    until: DateTime<Utc>,
    planned_at: DateTime<Utc>,
    revision: i64,
}

impl Desk {
    /// With so many guests.
    pub async fn open(guests: usize) -> Self {
        let addresses: Vec<String> = (0..guests).map(|number| format!("guest{number}@post.example")).collect();
        Self::with(&addresses).await
    }

    /// With a guest at each of these addresses.
    pub async fn with(addresses: &[String]) -> Self {
        let house = House::open().await;
        let mut csv = HEADER.to_owned();
        for (number, address) in addresses.iter().enumerate() {
            csv.push_str(&format!(
                "\n{},CITY,Ms,Given{number},Family{number},,PRT,en,{address},,,,G{number},2026-01-02,2026-01-05,A,,1,0,BB,99,EUR,Direct,CHECKED OUT,,,Y",
                5_000 + number
            ));
        }
        house.import(&csv).await;
        let mut guests = Vec::new();
        for number in 0..addresses.len() {
            guests.push(house.guest(&format!("G{number}")).await);
        }
        let (go_on, running) = watch::channel(false);
        let planned = guests.clone();
        let mut desk = Self { house, campaign: CampaignId::new(), guests, _go_on: go_on, running };
        desk.plan(&planned).await;
        desk
    }

    /// Makes another campaign, which is from now on the one that is meant, and plans these guests today.
    pub async fn plan(&mut self, guests: &[GuestId]) {
        self.campaign = CampaignId::new();
        let campaign = record("campaign", self.campaign);
        let settings = Settings {
            quiet: None,
            frequency_days: 0,
            starts: Some("2026-11-23".to_owned()),
            signer: "The marketing".to_owned(),
            ..Settings::default()
        };
        let now = self.house.clock.now();
        let gates: Vec<Gate> = store::gates(self.campaign)
            .into_iter()
            .map(|id| Gate { id, campaign: campaign.clone(), open: true, passed: 0 })
            .collect();
        let rows: Vec<Occurrence> = guests
            .iter()
            .map(|guest| Occurrence {
                id: record("occurrence", self.id(*guest)),
                campaign: campaign.clone(),
                house: record("house", self.house.id),
                guest: record("guest", guest),
                date: "2026-11-23".to_owned(),
                state: "planned".to_owned(),
                due: monday(),
                until: monday() + TimeDelta::hours(72),
                planned_at: now,
                revision: 1,
            })
            .collect();
        self.house
            .db
            .query(
                "CREATE ONLY $campaign SET house = $house, kind = $kind, name = 'Winter', state = 'active', \
                 revision = 1, settings = $settings, author = $author, author_name = 'Ana', created_at = $now, \
                 activated_at = $now RETURN NONE;
                 INSERT INTO gate $gates RETURN NONE;
                 CREATE ONLY $letter SET campaign = $campaign, language = 'en', revision = 1, \
                 subject = 'Hello {{ first_name }}', mjml = '', text_by_hand = true, author_name = 'Ana', at = $now, \
                 html = '<p>Dear {{ first_name }}. <a href=\"{{ unsubscribe_url }}\">No more</a></p>', \
                 text = 'Dear {{ first_name }}. No more: {{ unsubscribe_url }}' RETURN NONE;
                 INSERT INTO occurrence $rows RETURN NONE",
                vars()
                    .with("campaign", campaign)
                    .with("house", record("house", self.house.id))
                    .with("kind", CampaignKind::OneOff.code().to_owned())
                    .with("settings", serde_json::to_string(&settings).expect("JSON"))
                    .with("author", record("staff", rapport::ids::StaffId::new()))
                    .with("now", now)
                    .with("gates", gates)
                    .with("letter", record("letter", format!("{}|en", self.campaign)))
                    .with("rows", rows),
            )
            .await
            .expect("a campaign");
    }

    pub fn id(&self, guest: GuestId) -> OccurrenceId {
        OccurrenceId { campaign: self.campaign, guest, date: "2026-11-23".to_owned() }
    }

    /// A sender of a server of its own, with these relays.
    pub fn sender(&self, mail: &str, more: &[(&str, &str)]) -> Sender {
        let fixed = [
            ("RAPPORT_MAIL", mail),
            ("RAPPORT_MAIL_FROM", "The Cedars <greetings@cedars.example>"),
            ("RAPPORT_MAIL_BOUNCE", "bounces@cedars.example"),
            ("RAPPORT_MAIL_PER_MINUTE", "1000000"),
            ("RAPPORT_BASE_URL", "https://rapport.example"),
            ("RAPPORT_TLS", "true"),
        ];
        let env = fixed.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = Config::from_sources(env, None).expect("settings");
        Sender {
            db: self.house.db.sibling(),
            mailer: Arc::new(Mailer::new(&config)),
            clock: self.house.clock.clone(),
            server_id: uuid::Uuid::new_v4().to_string().into(),
            url: config.public_url().into(),
            shutdown: self.running.clone(),
        }
    }

    /// Sends what is due by one connection.
    pub async fn send(&self, mail: &str) -> Counts {
        self.sender(mail, &[("RAPPORT_MAIL_CONNECTIONS", "1")]).run_due().await.expect("a run")
    }

    pub async fn fate(&self, guest: GuestId) -> Fate {
        let row: Option<Fate> = self
            .house
            .db
            .row("SELECT * FROM $row", vars().with("row", record("occurrence", self.id(guest))))
            .await
            .expect("an answer");
        row.expect("an occurrence")
    }

    /// The states of all guests' occurrences, in their order.
    pub async fn states(&self) -> Vec<String> {
        let mut states = Vec::new();
        for guest in &self.guests {
            states.push(self.fate(*guest).await.state);
        }
        states
    }

    /// What somebody who has signed in may do.
    pub async fn permit<A: Grants>(&self, device: &Device) -> Permit<A> {
        let id = device.cookies["rapport"].parse().expect("a session");
        let session =
            tower_sessions::Session::new(Some(id), Arc::new(StoredSessions::new(self.house.db.clone())), None);
        guard::permit(&self.house.state, &session).await.expect("a permit")
    }
}
