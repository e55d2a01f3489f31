//! A house for tests: a server on a free port, a clock that stands still, and people with sessions.

use chrono::{DateTime, TimeZone, Utc};
use futures::StreamExt;
use leptos::server_fn::ServerFn;
use rapport::{
    error::AppError,
    exchange::import::{self, Options, Outcome},
    house::{
        StationKind,
        store::{self as houses, NewHouse, NewStation},
    },
    ids::{GuestId, HouseId, StationId},
    server::{
        AppState,
        clock::{Clock, FixedClock},
        config::Config,
        db::{Db, record, vars},
        listen, router,
    },
    staff::{
        Role, password,
        store::{self as staff, NewStaff},
    },
};
use serde::de::DeserializeOwned;
use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};
use surrealdb::types::SurrealValue;
use tokio::{net::TcpListener, sync::watch};

pub const PASSWORD: &str = "a long enough password";
/// Monday, 23 November 2026, 09:00 in Lisbon.
pub fn monday() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap()
}

pub struct House {
    pub db: Db,
    pub clock: Arc<FixedClock>,
    pub state: AppState,
    pub addr: SocketAddr,
    pub id: HouseId,
    pub stations: HashMap<&'static str, StationId>,
    _stop: watch::Sender<bool>,
}

pub const STATIONS: [(&str, StationKind, &str); 4] = [
    ("desk", StationKind::FrontDesk, "100"),
    ("floor", StationKind::Floor, "310"),
    ("restaurant", StationKind::Restaurant, "200"),
    ("bar", StationKind::Restaurant, "210"),
];

impl House {
    /// A house in memory with everyone, and the bookings of [`BOOKINGS`].
    pub async fn open() -> Self {
        Self::open_on(Db::in_memory().await.expect("a store in memory")).await
    }

    pub async fn open_on(db: Db) -> Self {
        Self::open_with(db, &[]).await
    }

    /// The same with settings of its own.
    pub async fn open_with(db: Db, settings: &[(&str, &str)]) -> Self {
        // What the server logs stands beside a test that fails.
        drop(tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_test_writer().try_init());
        let id = houses::insert_house(
            &db,
            NewHouse {
                name: "The Cedars".into(),
                code: "CITY".into(),
                timezone: chrono_tz::Europe::Lisbon,
                currency: "EUR".into(),
            },
        )
        .await
        .expect("a house");
        let mut stations = HashMap::new();
        for (name, kind, extension) in STATIONS {
            let new = NewStation { name: name.into(), kind, extension: extension.into() };
            stations.insert(name, houses::insert_station(&db, id, new).await.expect("a station"));
        }
        let hash = password::hash(PASSWORD.to_owned()).await.expect("a hash");
        for role in Role::ALL {
            let new = NewStaff {
                login: role.code().into(),
                name: format!("The {}", role.code()),
                role,
                password_hash: hash.clone(),
            };
            staff::insert(&db, id, new).await.expect("a colleague");
        }
        let second = NewStaff { login: "host2".into(), name: "Bea".into(), role: Role::Host, password_hash: hash };
        staff::insert(&db, id, second).await.expect("a colleague");
        let house = Self::serve(db, id, stations, settings).await;
        house.import(BOOKINGS).await;
        house.state.search.built().await;
        // What was imported after the index was built comes by the feed, a moment later.
        while house.state.search.guests() < GUESTS {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        house
    }

    /// Another server process on the same house, with a clock of its own that shows the same time.
    pub async fn beside(&self, db: Db) -> Self {
        let other = Self::serve(db, self.id, self.stations.clone(), &[]).await;
        other.clock.set(self.clock.now());
        other.state.search.built().await;
        other
    }

    /// The same browser, sent to this server by whatever shares out the load.
    pub fn served(&self, device: &Device) -> Device {
        Device { base: format!("http://{}", self.addr), ..device.clone() }
    }

    /// A server on an empty store, before anyone has been made.
    pub async fn empty() -> Self {
        Self::serve(Db::in_memory().await.expect("a store in memory"), HouseId::new(), HashMap::new(), &[]).await
    }

    /// What the beat of a device's open stream does for its session.
    pub async fn board_is_alive(&self, device: &Device) {
        use rapport::staff::{guard, session::StoredSessions};
        let id = device.cookies["rapport"].parse().expect("a session");
        let session = tower_sessions::Session::new(Some(id), Arc::new(StoredSessions::new(self.db.clone())), None);
        let (_, login) = guard::actor(&self.state, &session).await.expect("a session that goes on");
        login.board_is_alive(&self.state, &session).await.expect("kept alive");
    }

    async fn serve(db: Db, id: HouseId, stations: HashMap<&'static str, StationId>, settings: &[(&str, &str)]) -> Self {
        let clock = Arc::new(FixedClock::new(monday()));
        let (stop, shutdown) = watch::channel(false);
        let state = start(db.clone(), clock.clone(), shutdown, settings).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        tokio::spawn(listen::serve(listener, router(state.clone()), state.shutdown.clone()));
        Self { db, clock, state, addr, id, stations, _stop: stop }
    }

    pub async fn import(&self, csv: &str) -> Outcome {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let options = Options { file: "test.csv".into(), by: "test".into(), house: Some(self.id), new_houses: false };
        import::run(&self.db, clock, options, std::io::Cursor::new(csv.as_bytes().to_vec())).await.expect("an import")
    }

    /// A browser with a session of the role, at a station.
    pub async fn device(&self, login: &str, station: &str) -> Device {
        let mut device = self.browser();
        device.sign_in(login, PASSWORD).await.expect("signed in");
        let station = self.stations[station];
        device
            .call::<rapport::house::api::ChooseStation>(&[("station", station.to_string())])
            .await
            .expect("stands at a station");
        device
    }

    /// A browser that nobody has used.
    pub fn browser(&self) -> Device {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Device { http, base: format!("http://{}", self.addr), cookies: HashMap::new(), last_status: 0 }
    }

    pub async fn guest(&self, membership: &str) -> GuestId {
        #[derive(SurrealValue)]
        struct Row {
            id: surrealdb::types::RecordId,
        }
        let row: Option<Row> = self
            .db
            .row("SELECT id FROM guest WHERE membership = $number", vars().with("number", membership))
            .await
            .expect("an answer");
        rapport::server::db::id_of(&row.expect("a guest with that number").id).expect("an id")
    }

    pub async fn alerts_stored(&self, id: &str) -> usize {
        let found: Vec<surrealdb::types::RecordId> = self
            .db
            .rows("SELECT VALUE id FROM $alert", vars().with("alert", record("alert", id)))
            .await
            .expect("an answer");
        found.len()
    }
}

/// What a server knows the moment it has started: its search index is still empty.
pub async fn start(
    db: Db,
    clock: Arc<dyn Clock>,
    shutdown: watch::Receiver<bool>,
    settings: &[(&str, &str)],
) -> AppState {
    let env = [("RAPPORT_DB", "mem://")].iter().chain(settings);
    let env = env.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let config = Config::from_sources(env, None).expect("a configuration");
    AppState::start(db, Arc::new(config), clock, shutdown).await.expect("a state")
}

/// A browser without scripts: it keeps cookies and says where its requests come from.
#[derive(Clone)]
pub struct Device {
    pub http: reqwest::Client,
    pub base: String,
    pub cookies: HashMap<String, String>,
    pub last_status: u16,
}

impl Device {
    pub async fn sign_in(&mut self, login: &str, password: &str) -> Result<(), AppError> {
        self.call::<rapport::staff::api::SignIn>(&[("login", login.to_owned()), ("password", password.to_owned())])
            .await
    }

    /// Calls a server function as the scripts of a page do.
    pub async fn call<F>(&mut self, fields: &[(&str, String)]) -> Result<F::Output, AppError>
    where
        F: ServerFn,
        F::Output: DeserializeOwned,
    {
        let answer = self.post(F::PATH, fields, "application/json").await;
        self.last_status = answer.status().as_u16();
        let failed = answer.status().as_u16() >= 400;
        let text = answer.text().await.expect("a body");
        if failed {
            return Err(serde_json::from_str(&text).unwrap_or_else(|_| panic!("{}: {text}", F::PATH)));
        }
        Ok(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}: {text}", F::PATH)))
    }

    /// Posts a form; `accept` tells a page from a script.
    pub async fn post(&mut self, path: &str, fields: &[(&str, String)], accept: &str) -> reqwest::Response {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
        let request = self
            .http
            .post(format!("{}{path}", self.base))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", accept)
            .header("cookie", self.cookie_header())
            .body(body.join("&"));
        let answer = request.send().await.expect("an answer");
        self.remember(&answer);
        answer
    }

    pub async fn get(&mut self, path: &str) -> reqwest::Response {
        let request = self
            .http
            .get(format!("{}{path}", self.base))
            .header("accept", "text/html")
            .header("cookie", self.cookie_header());
        let answer = request.send().await.expect("an answer");
        self.remember(&answer);
        answer
    }

    /// Opens the stream of events.
    pub async fn listen(&self, query: &str) -> Events {
        let answer = self
            .http
            .get(format!("{}/events{query}", self.base))
            .header("cookie", self.cookie_header())
            .send()
            .await
            .expect("a stream");
        assert_eq!(answer.status(), 200, "the stream is refused");
        Events { body: answer.bytes_stream().boxed(), text: String::new(), seen: Vec::new() }
    }

    pub fn cookie_header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn remember(&mut self, answer: &reqwest::Response) {
        for cookie in answer.headers().get_all("set-cookie") {
            let text = cookie.to_str().expect("a cookie");
            let pair = text.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// A stream being read.
pub struct Events {
    body: futures::stream::BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    text: String,
    /// Everything that came, as it came.
    pub seen: Vec<Frame>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub id: Option<String>,
    pub event: String,
    pub data: String,
}

impl Frame {
    pub fn seq(&self) -> u64 {
        self.id.as_ref().and_then(|id| id.rsplit_once(':')).expect("a number").1.parse().expect("a number")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.data).expect("JSON")
    }
}

impl Events {
    /// The next frame, within five seconds.
    pub async fn next(&mut self) -> Frame {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let frame = parse(frame);
                self.text = rest.to_owned();
                self.seen.push(frame.clone());
                return frame;
            }
            let chunk = tokio::time::timeout(Duration::from_secs(5), self.body.next())
                .await
                .expect("a frame within five seconds")
                .expect("the stream goes on")
                .expect("bytes");
            self.text.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    /// The next frame that carries an event of the feed. That someone listens or ceases to comes in
    /// between at any time, and is passed over.
    pub async fn next_live(&mut self) -> Frame {
        loop {
            let frame = self.next().await;
            if frame.event == "live" && frame.json()["kind"] != "presence" {
                return frame;
            }
        }
    }

    /// The next word of who listens at a station.
    pub async fn next_presence(&mut self, station: StationId) -> serde_json::Value {
        loop {
            let frame = self.next().await;
            let told = if frame.event == "live" { frame.json() } else { continue };
            if told["kind"] == "presence" && told["presence"]["station"] == station.to_string() {
                return told["presence"].clone();
            }
        }
    }

    /// The next event about an alert.
    pub async fn next_alert(&mut self) -> serde_json::Value {
        loop {
            let json = self.next_live().await.json();
            if json["kind"] == "alert" {
                return json["alert"].clone();
            }
        }
    }
}

fn parse(text: &str) -> Frame {
    let field =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned));
    Frame { id: field("id"), event: field("event").unwrap_or_default(), data: field("data").unwrap_or_default() }
}

pub fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => (byte as char).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

pub const HEADER: &str = "confirmation_no,property,title,first_name,last_name,native_name,nationality,language,email,phone,birth_date,vip_code,membership_no,arrival,departure,room_type,room_no,adults,children,meal_plan,adr,currency,market_segment,status,special_requests,allergies,email_opt_in";

/// How many people [`BOOKINGS`] tells of.
const GUESTS: u64 = 5;

/// Mr Zhang is here for the second time; the others are in house, due in, and gone.
pub const BOOKINGS: &str = "confirmation_no,property,title,first_name,last_name,native_name,nationality,language,email,phone,birth_date,vip_code,membership_no,arrival,departure,room_type,room_no,adults,children,meal_plan,adr,currency,market_segment,status,special_requests,allergies,email_opt_in
1001,CITY,Mr,Wei,Zhang,张伟,CHN,zh,zhang.wei@post.example,+86 139 1234 5678,1978-11-23,V2,M0001,2023-03-11,2023-03-15,D,904,1,0,BB,142,EUR,Direct,CHECKED OUT,,shellfish,Y
1002,CITY,Mr,Wei,Zhang,张伟,CHN,zh,zhang.wei@post.example,+86 139 1234 5678,1978-11-23,V2,M0001,2026-11-22,2026-11-25,D,904,1,0,BB,168,EUR,Direct,CHECKED IN,Window table at breakfast,shellfish,Y
1003,CITY,Mrs,Josefa,Müller-Baptista,,PRT,pt,josefa@post.example,+351 912 555 010,--11-23,V3,M0002,2026-11-21,2026-11-23,G,1207,2,0,HB,210,EUR,Direct,CHECKED IN,Feather-free bedding,,Y
1004,CITY,Dr,Keiko,Sato,佐藤恵子,JPN,ja,keiko@post.example,+81 90 5555 0100,--06-21,,M0003,2026-11-23,2026-11-27,D,718,1,0,BB,151,EUR,Corporate,RESERVED,High floor,,N
1005,CITY,Mr,Weimar,Zander,,DEU,de,zander@mail.example,+49 1512 5550 123,,,M0004,2025-01-02,2025-01-05,A,501,1,0,BB,99,EUR,Direct,CHECKED OUT,,,
1006,CITY,Ms,Siobhán,O'Neill,,IRL,en,oneill@mail.example,+353 85 555 0144,1990-09-17,,M0005,2026-11-20,2026-11-24,A,611,1,0,BB,119,EUR,Online TA,CHECKED IN,,gluten,
";
