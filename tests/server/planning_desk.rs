//! A house with guests as a test wants them, and campaigns that are planned.

use crate::harness::House;
use chrono::{DateTime, NaiveDate, Utc};
use rapport::{
    campaigns::{
        CampaignKind, OccurrenceId, Settings, outbox,
        plan::{self, Counts, Preflight},
        store,
    },
    ids::{CampaignId, GuestId, ReservationId, StaffId},
    server::{
        clock::Clock,
        db::{id_of, record, vars},
    },
};
use std::collections::BTreeMap;
use surrealdb::types::{RecordId, SurrealValue};

pub const URL: &str = "https://rapport.example";

pub struct Planning {
    pub house: House,
}

/// Where a greeting stands.
#[derive(Debug, Clone, PartialEq, SurrealValue)]
pub struct Row {
    pub id: RecordId,
    pub campaign: RecordId,
    pub guest: RecordId,
    pub date: String,
    pub stage: Option<i64>,
    pub state: String,
    pub reason: Option<String>,
    pub detail: Option<String>,
    pub due: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub address: Option<String>,
}

#[derive(SurrealValue)]
struct Gate {
    id: RecordId,
    campaign: RecordId,
    open: bool,
    passed: i64,
}

impl Planning {
    pub async fn open() -> Self {
        Self { house: House::open().await }
    }

    /// Runs statements that arrange something.
    pub async fn set(&self, sql: &str) {
        self.house.db.query(sql, vars().with("house", record("house", self.house.id))).await.expect("arranged");
    }

    /// A guest with an address of that name who agreed to greetings; `set` is what else stands on the profile.
    pub async fn guest(&self, name: &str, set: &str) -> GuestId {
        let id = GuestId::new();
        let sql = format!(
            "CREATE ONLY $guest SET revision = 1, first = 'Ana', last = $name, vip = 0, phones = [], emails = $emails, \
             deceased = false, blocklisted = false, incognito = false, match_keys = []{comma}{set} RETURN NONE;
             CREATE consent SET guest = $guest, channel = 'email', purpose = 'greetings', granted = true, \
             source = 'colleague', at = $at, pending = false RETURN NONE",
            comma = if set.is_empty() { "" } else { ", " },
        );
        let bound = vars()
            .with("guest", record("guest", id))
            .with("name", name)
            .with("emails", vec![format!("{name}@post.example")])
            .with("at", self.house.clock.now());
        self.house.db.query(&sql, bound).await.expect("a guest");
        id
    }

    /// A guest born on a day (`--MM-DD`).
    pub async fn born(&self, name: &str, birthday: &str) -> GuestId {
        self.guest(name, &format!("birthday = '{birthday}'")).await
    }

    /// A booking in this house.
    pub async fn booking(&self, guest: GuestId, status: &str, arrival: &str, departure: &str) -> RecordId {
        let id = record("reservation", ReservationId::new());
        let sql = "CREATE ONLY $booking SET house = $house, number = $number, guest = $guest, arrival = $arrival, \
                   departure = $departure, room_type = 'D', room = '904', adults = 1, children = 0, meal_plan = 'BB', \
                   rate = 1, currency = 'EUR', segment = 'Direct', status = $status, source = 'test', \
                   fingerprint = 'test' RETURN NONE";
        let bound = vars()
            .with("booking", id.clone())
            .with("house", record("house", self.house.id))
            .with("number", ReservationId::new().to_string())
            .with("guest", record("guest", guest))
            .with("arrival", arrival)
            .with("departure", departure)
            .with("status", status);
        self.house.db.query(sql, bound).await.expect("a booking");
        id
    }

    pub async fn status(&self, booking: &RecordId, status: &str) {
        let bound = vars().with("booking", booking.clone()).with("status", status);
        self.house.db.query("UPDATE $booking SET status = $status RETURN NONE", bound).await.expect("changed");
    }

    /// A guest with one completed stay, the last night of it before that day.
    pub async fn left_on(&self, name: &str, departure: &str) -> GuestId {
        let guest = self.guest(name, "").await;
        let day: NaiveDate = departure.parse().expect("a day");
        let arrival = day.pred_opt().expect("a day").to_string();
        self.booking(guest, "checked_out", &arrival, departure).await;
        guest
    }

    /// An active campaign of the house.
    pub async fn campaign(&self, kind: CampaignKind, settings: &Settings) -> CampaignId {
        let id = CampaignId::new();
        let campaign = record("campaign", id);
        let gates: Vec<Gate> = store::gates(id)
            .into_iter()
            .map(|gate| Gate { id: gate, campaign: campaign.clone(), open: true, passed: 0 })
            .collect();
        let sql = "CREATE ONLY $campaign SET house = $house, kind = $kind, name = $name, state = 'active', \
                   revision = 1, settings = $settings, author = $author, author_name = 'Mara', created_at = $now, \
                   activated_at = $now RETURN NONE;
                   INSERT INTO gate $gates RETURN NONE;
                   CREATE ONLY $letter SET campaign = $campaign, language = 'en', revision = 1, subject = 'Greetings', \
                   mjml = '', html = '<p>Dear {{ first_name }} <a href=\"{{ unsubscribe_url }}\">No more</a></p>', \
                   text = 'Dear {{ first_name }}. No more: {{ unsubscribe_url }}', \
                   text_by_hand = true, author_name = 'Mara', at = $now RETURN NONE";
        let bound = vars()
            .with("campaign", campaign)
            .with("house", record("house", self.house.id))
            .with("kind", kind.code())
            .with("name", format!("The {}", kind.code()))
            .with("settings", serde_json::to_string(settings).expect("JSON"))
            .with("author", record("staff", StaffId::new()))
            .with("now", self.house.clock.now())
            .with("gates", gates)
            .with("letter", record("letter", format!("{id}|en")));
        self.house.db.query(sql, bound).await.expect("a campaign");
        id
    }

    /// Has every letter say the name in its own script, which not every profile has.
    pub async fn letter_with_native_name(&self) {
        self.letter("<p>Dear {{ first_name }} {{ native_name }} <a href=\"{{ unsubscribe_url }}\">No more</a></p>")
            .await;
    }

    /// Has every letter consist of this.
    pub async fn letter(&self, html: &str) {
        let bound = vars().with("html", html.to_owned());
        let sql = "UPDATE letter SET html = $html, revision += 1 RETURN NONE";
        self.house.db.query(sql, bound).await.expect("rewritten");
    }

    /// One run of the planner, by a server of that name.
    pub async fn plan_as(&self, owner: &str) -> Counts {
        plan::run_due(&self.house.db, self.house.clock.now(), owner, URL).await.expect("planned")
    }

    pub async fn plan(&self) -> Counts {
        self.plan_as("a server").await
    }

    pub async fn preflight(&self, campaign: CampaignId) -> Preflight {
        let row = store::campaign(&self.house.db, campaign).await.expect("an answer").expect("a campaign");
        plan::preflight(&self.house.db, &row, self.house.clock.now()).await.expect("looked at")
    }

    /// Gives up what could not leave in its time.
    pub async fn sweep(&self) {
        outbox::sweep(&self.house.db, self.house.clock.now()).await.expect("swept");
    }

    pub fn at(&self, instant: &str) {
        self.house.clock.set(instant.parse().expect("an instant"));
    }

    /// Every greeting of a campaign, in the order of their days and guests.
    pub async fn rows(&self, campaign: CampaignId) -> Vec<Row> {
        let bound = vars().with("campaign", record("campaign", campaign));
        let sql = "SELECT * FROM occurrence WHERE campaign = $campaign";
        let mut rows: Vec<Row> = self.house.db.rows(sql, bound).await.expect("rows");
        rows.sort_by_key(|row| (row.date.clone(), id_of::<GuestId>(&row.guest).expect("an id")));
        rows
    }

    /// Those of one guest.
    pub async fn of(&self, campaign: CampaignId, guest: GuestId) -> Vec<Row> {
        let rows = self.rows(campaign).await;
        rows.into_iter().filter(|row| row.guest == record("guest", guest)).collect()
    }

    /// The only one of a guest.
    pub async fn one(&self, campaign: CampaignId, guest: GuestId) -> Row {
        let mut rows = self.of(campaign, guest).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0)
    }

    /// How each guest's greetings stand: the state, with the reason where there is one.
    pub async fn fates(&self, campaign: CampaignId) -> BTreeMap<GuestId, Vec<String>> {
        let mut fates: BTreeMap<GuestId, Vec<String>> = BTreeMap::new();
        for row in self.rows(campaign).await {
            let fate = row.reason.map_or_else(|| row.state.clone(), |reason| format!("{} {reason}", row.state));
            fates.entry(id_of(&row.guest).expect("an id")).or_default().push(fate);
        }
        fates
    }

    /// Marks a greeting as one that left at its time.
    pub async fn sent(&self, campaign: CampaignId, guest: GuestId, date: &str) {
        let id = OccurrenceId { campaign, guest, date: date.to_owned() };
        let bound = vars().with("row", record("occurrence", id)).with("now", self.house.clock.now());
        let sql = "UPDATE $row SET state = 'sent', ended_at = $now RETURN NONE";
        self.house.db.query(sql, bound).await.expect("sent");
    }
}

/// Settings without what would come between: no other greeting is minded, and every hour is permitted.
pub fn plain() -> Settings {
    Settings { quiet: None, frequency_days: 0, daily_cap: None, ..Settings::default() }
}
