//! A house on a store on disk (every commit synchronised), served by this process.

use super::nanos;
use chrono::Utc;
use futures::StreamExt;
use rapport::{
    alerts::{
        AlertKind,
        store::{NewAlert, raise, withdraw},
    },
    house::{
        StationKind,
        store::{NewHouse, NewStation, insert_house, insert_station},
    },
    ids::{AlertId, GuestId, HouseId, StationId},
    server::{
        AppState,
        clock::{Clock, SystemClock},
        config::Config,
        db::{Db, record, vars},
        listen, router,
    },
    staff::{
        Role,
        guard::{self, Grants, Permit, RaiseAlerts},
        session::{Login, StoredSessions},
        store::{NewStaff, add_device, insert, place_device},
    },
};
use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
};
use surrealdb::types::{RecordId, SurrealValue};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::watch,
};

pub struct House {
    pub state: AppState,
    pub addr: SocketAddr,
    pub id: HouseId,
    pub floor: StationId,
    pub restaurant: StationId,
    cookie: String,
    permit: Permit<RaiseAlerts>,
    session: tower_sessions::Session,
    guest: GuestId,
    /// When the store told that the feed had grown: after each commit.
    grown: Arc<Mutex<Vec<u64>>>,
    raised: Mutex<Vec<AlertId>>,
    _stop: watch::Sender<bool>,
}

impl House {
    pub async fn open(folder: &Path) -> Self {
        let env = [
            ("RAPPORT_DATA_DIR".to_owned(), folder.display().to_string()),
            ("RAPPORT_LOG".to_owned(), "warn".to_owned()),
        ];
        let config = Arc::new(Config::from_sources(env.into_iter(), None).expect("a configuration"));
        let db = Db::open(&config).await.expect("a store");
        let new =
            NewHouse { name: "Bench".into(), code: "BENCH".into(), timezone: chrono_tz::UTC, currency: "EUR".into() };
        let id = insert_house(&db, new).await.expect("a house");
        let station = |name: &str, kind| NewStation { name: name.into(), kind, extension: "1".into() };
        let floor = insert_station(&db, id, station("Floor", StationKind::Floor)).await.expect("a station");
        let restaurant =
            insert_station(&db, id, station("Restaurant", StationKind::Restaurant)).await.expect("a station");
        let new = NewStaff { login: "m".into(), name: "M".into(), role: Role::Manager, password_hash: "-".into() };
        let staff = insert(&db, id, new).await.expect("a manager");
        let device = add_device(&db, Utc::now()).await.expect("a device");
        let guest = GuestId::new();
        db.query(
            "CREATE $guest SET revision = 1, first = 'Wei', last = 'Zhang', native = '张伟', vip = 2, phones = [], \
             emails = [], deceased = false, blocklisted = false, incognito = false, match_keys = []",
            vars().with("guest", record("guest", guest)),
        )
        .await
        .expect("a guest");
        let (stop, shutdown) = watch::channel(false);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let state = AppState::start(db.clone(), config, clock, shutdown.clone()).await.expect("a state");
        let session = tower_sessions::Session::new(None, Arc::new(StoredSessions::new(db.clone())), None);
        Login::begin(&state, &session, staff, device).await.expect("a session");
        let (actor, _) = guard::actor(&state, &session).await.expect("signed in");
        place_device(&db, &actor, floor).await.expect("a place");
        let permit = guard::permit::<RaiseAlerts>(&state, &session).await.expect("may raise");
        let cookie = format!("rapport={}", session.id().expect("a session id"));
        let grown = Arc::<Mutex<Vec<u64>>>::default();
        let mut changes = db.changes("counter").await.expect("told of changes");
        let told = Arc::clone(&grown);
        tokio::spawn(async move {
            while changes.next().await.is_some() {
                told.lock().expect("no one panicked").push(nanos());
            }
        });
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        let listener: TcpListener = socket.listen(8_192).expect("listening");
        let addr = listener.local_addr().expect("an address");
        tokio::spawn(listen::serve(listener, router(state.clone()), shutdown));
        Self {
            state,
            addr,
            id,
            floor,
            restaurant,
            cookie,
            permit,
            session,
            guest,
            grown,
            raised: Mutex::default(),
            _stop: stop,
        }
    }

    /// What the manager who is signed in may do.
    pub async fn may<A: Grants>(&self) -> Permit<A> {
        guard::permit(&self.state, &self.session).await.expect("may")
    }

    /// What a client sends to listen, after an event if it knows one.
    pub fn request(&self, after: Option<u64>) -> String {
        let last = after.map(|seq| format!("last-event-id: {}:{seq}\r\n", self.state.feed.epoch())).unwrap_or_default();
        format!("GET /events HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\n{last}\r\n", self.addr, self.cookie)
    }

    /// Raises one alert. Returns when the tap came and when it was committed, in nanoseconds since 1970.
    pub async fn raise(&self) -> (u64, u64) {
        let id = AlertId(ulid::Ulid::new());
        let new = NewAlert {
            id,
            guest: self.guest,
            receiver: self.restaurant,
            kind: AlertKind::Note,
            // Words of its own: what is the same within half a minute would be one alert.
            text: Some(format!("Word {id}")),
        };
        let tapped = nanos();
        raise(&self.state.db, &self.permit, Utc::now(), new).await.expect("raised");
        let answered = nanos();
        self.raised.lock().expect("no one panicked").push(id);
        // What is told of a commit is told after it, and before the writer has its answer.
        let grown = self.grown.lock().expect("no one panicked");
        (tapped, grown.iter().copied().find(|at| *at >= tapped).unwrap_or(answered).min(answered))
    }

    /// Takes back what was raised and is still open.
    pub async fn withdraw_all(&self) {
        let raised = std::mem::take(&mut *self.raised.lock().expect("no one panicked"));
        for id in raised {
            withdraw(&self.state.db, &self.permit, Utc::now(), id).await.expect("withdrawn");
        }
    }

    /// How long the store takes to commit one small record, in nanoseconds.
    pub async fn bare_commits(&self, count: usize, pause: std::time::Duration) -> Vec<u64> {
        let mut took = Vec::with_capacity(count);
        for _ in 0..count {
            tokio::time::sleep(pause).await;
            let began = nanos();
            let counter = record("counter", HouseId::new());
            self.state
                .db
                .query("CREATE $counter SET seq = 0 RETURN NONE", vars().with("counter", counter))
                .await
                .expect("kept");
            took.push(nanos() - began);
        }
        took
    }

    /// Number of the last event.
    pub async fn head(&self) -> u64 {
        self.state.feed.head(self.id).await.expect("a number")
    }

    /// Puts ended alerts of earlier days into the store, with their events.
    pub async fn fill(&self, alerts: usize) {
        #[derive(SurrealValue)]
        struct Row {
            id: RecordId,
            house: RecordId,
            guest: RecordId,
            sender: RecordId,
            receiver: RecordId,
            kind: String,
            state: String,
            raised_by: RecordId,
            raised_name: String,
            raised_at: chrono::DateTime<Utc>,
            ended_by: Option<String>,
            ended_at: Option<chrono::DateTime<Utc>>,
        }
        let now = Utc::now();
        for chunk in (0..alerts).collect::<Vec<_>>().chunks(1_000) {
            let rows: Vec<Row> = chunk
                .iter()
                .map(|&at| {
                    let raised_at = now - chrono::TimeDelta::seconds(7_200 + i64::try_from(at).expect("few") * 8);
                    Row {
                        id: record("alert", ulid::Ulid::new()),
                        house: record("house", self.id),
                        guest: record("guest", self.guest),
                        sender: record("station", self.floor),
                        receiver: record("station", self.restaurant),
                        kind: "coming_down".into(),
                        state: "completed".into(),
                        raised_by: record("staff", self.permit.actor().staff),
                        raised_name: "M".into(),
                        raised_at,
                        ended_by: Some("M".into()),
                        ended_at: Some(raised_at + chrono::TimeDelta::seconds(40)),
                    }
                })
                .collect();
            self.state
                .db
                .query("INSERT INTO alert $rows RETURN NONE", vars().with("rows", rows))
                .await
                .expect("stored");
        }
    }
}
