//! Several servers on one store. Two of them share a store in memory and nothing else, as two processes
//! would; and where `RAPPORT_SURREAL` names a SurrealDB server's program (`make surreal` builds one), the
//! same is done over connections to that.

mod outage;

use crate::harness::{Device, House};
use chrono::TimeDelta;
use rapport::{
    alerts::{
        AlertCard,
        api::{Acknowledge, Board as BoardCall, Raise},
        escalation, presence,
        store::AlertRow,
    },
    error::AppError,
    ids::GuestId,
    server::{
        config::Config,
        db::{Db, record, vars},
    },
    staff::api::{SetShift, SignOut, WhoAmI},
};
use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use surrealdb::types::{RecordId, SurrealValue, Value};

/// Two servers of one house.
struct Pair {
    /// What they share, for the message of a test that fails.
    over: &'static str,
    one: House,
    other: House,
    _server: Option<Surreal>,
}

impl Pair {
    async fn each() -> Vec<Self> {
        let db = Db::in_memory().await.expect("a store in memory");
        let beside = db.sibling();
        let mut pairs = vec![Self::open("one store in memory", db, beside, None).await];
        if let Some(server) = Surreal::start().await {
            let (one, beside) = (server.db().await, server.db().await);
            pairs.push(Self::open("a SurrealDB server", one, beside, Some(server)).await);
        }
        pairs
    }

    async fn open(over: &'static str, one: Db, beside: Db, server: Option<Surreal>) -> Self {
        let one = House::open_on(one).await;
        let other = one.beside(beside).await;
        Self { over, one, other, _server: server }
    }

    fn advance(&self, by: TimeDelta) {
        self.one.clock.advance(by);
        self.other.clock.advance(by);
    }
}

/// A SurrealDB server of this test's own, empty.
struct Surreal {
    process: Child,
    address: SocketAddr,
    path: String,
}

impl Surreal {
    /// `None` where no program is named.
    async fn start() -> Option<Self> {
        Self::on("memory")
    }

    /// The same with a store of the server's own kind, by its path.
    fn on(path: &str) -> Option<Self> {
        let address = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
        Some(Self { process: Self::launch(address, path)?, address, path: path.to_owned() })
    }

    fn launch(address: SocketAddr, path: &str) -> Option<Child> {
        let program = std::env::var_os("RAPPORT_SURREAL").filter(|path| !path.is_empty())?;
        let process = Command::new(program)
            .args(["start", "--no-banner", "--log", "warn", "--user", "root", "--pass", "root"])
            .args(["--bind", &address.to_string(), path])
            .stdout(Stdio::null())
            .spawn()
            .expect("the SurrealDB server starts");
        Some(process)
    }

    /// Kills it, and starts it again on what its store has kept.
    fn restart(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
        self.process = Self::launch(self.address, &self.path).expect("its program");
    }

    /// A connection of its own. A server that is just starting is waited for.
    async fn db(&self) -> Db {
        Self::db_at(self.address).await
    }

    /// The same by another way to it.
    async fn db_at(address: SocketAddr) -> Db {
        let url = format!("ws://{address}");
        let env = [("RAPPORT_DB", url.as_str()), ("RAPPORT_DB_USER", "root"), ("RAPPORT_DB_PASSWORD", "root")];
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Db::open(&Config::from_sources(env, None).expect("a configuration")).await.expect("a connection")
    }
}

impl Drop for Surreal {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

async fn tell(device: &mut Device, house: &House, guest: GuestId, text: &str) -> Result<AlertCard, AppError> {
    device
        .call::<Raise>(&[
            ("id", ulid::Ulid::new().to_string()),
            ("guest", guest.to_string()),
            ("to", house.stations["restaurant"].to_string()),
            ("kind", "note".to_owned()),
            ("text", text.to_owned()),
        ])
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_on_the_other_servers_streams_within_700_ms() {
    const ALERTS: usize = 100;
    for pair in Pair::each().await {
        let guest = pair.one.guest("M0001").await;
        let mut floor = pair.one.device("floor", "floor").await;
        let host = pair.other.device("host", "restaurant").await;
        let mut stream = host.listen("").await;
        assert_eq!(stream.next().await.event, "hello");
        let heard = tokio::spawn(async move {
            let mut heard = Vec::new();
            while heard.len() < ALERTS {
                let alert = stream.next_alert().await;
                heard.push((alert["id"].as_str().expect("an id").to_owned(), Instant::now()));
            }
            heard
        });
        let mut raised = Vec::new();
        for number in 0..ALERTS {
            let alert = tell(&mut floor, &pair.one, guest, &format!("word {number}")).await.expect("raised");
            raised.push((alert.id.to_string(), Instant::now()));
        }
        let heard = heard.await.expect("every one of them");
        let ids = |list: &[(String, Instant)]| list.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&heard), ids(&raised), "each once and in order, over {}", pair.over);
        let mut delays: Vec<Duration> = raised
            .iter()
            .zip(&heard)
            .map(|((_, raised), (_, heard))| heard.saturating_duration_since(*raised))
            .collect();
        delays.sort_unstable();
        let p99 = delays[ALERTS * 99 / 100 - 1];
        println!("over {}: p50 {:?}, p99 {p99:?}", pair.over, delays[ALERTS / 2]);
        assert!(p99 <= Duration::from_millis(700), "over {}: p99 {p99:?}", pair.over);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_shifts_hold_on_either() {
    for pair in Pair::each().await {
        let mut here = pair.one.device("host", "restaurant").await;
        here.call::<SetShift>(&[("on", "true".to_owned())]).await.expect("on shift");
        let mut there = pair.other.served(&here);
        let me = there.call::<WhoAmI>(&[]).await.expect("an answer").expect("signed in on the other as well");
        assert!(me.on_shift, "over {}", pair.over);
        assert_eq!(me.station.map(|station| station.name), Some("restaurant".to_owned()));
        let guest = pair.one.guest("M0002").await;
        let mut floor = pair.other.device("floor", "floor").await;
        let alert = tell(&mut floor, &pair.other, guest, "The baby sleeps").await.expect("raised");
        let board = here.call::<BoardCall>(&[]).await.expect("a board");
        assert_eq!(board.alerts.iter().map(|alert| alert.id).collect::<Vec<_>>(), [alert.id], "over {}", pair.over);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_on_one_ends_the_streams_on_the_other() {
    for pair in Pair::each().await {
        let mut here = pair.one.device("host", "restaurant").await;
        let there = pair.other.served(&here);
        let mut stream = there.listen("").await;
        assert_eq!(stream.next().await.event, "hello");
        let mut colleague = pair.other.device("host2", "restaurant").await.listen("").await;
        assert_eq!(colleague.next().await.event, "hello");
        here.call::<SignOut>(&[]).await.expect("signed out");
        let ended = tokio::time::timeout(Duration::from_secs(5), async { while stream.next().await.event != "bye" {} });
        ended.await.unwrap_or_else(|_| panic!("the stream goes on after 5 seconds, over {}", pair.over));
        let guest = pair.one.guest("M0001").await;
        let mut floor = pair.one.device("floor", "floor").await;
        tell(&mut floor, &pair.one, guest, "Still there?").await.expect("raised");
        colleague.next_alert().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_answer_on_two_servers_one_wins() {
    for pair in Pair::each().await {
        let guest = pair.one.guest("M0001").await;
        let mut floor = pair.one.device("floor", "floor").await;
        let mut anna = pair.one.device("host", "restaurant").await;
        let mut bea = pair.other.device("host2", "restaurant").await;
        for round in 0..20 {
            let alert = tell(&mut floor, &pair.one, guest, &format!("round {round}")).await.expect("raised");
            let fields = [("id", alert.id.to_string())];
            let (a, b) = tokio::join!(anna.call::<Acknowledge>(&fields), bea.call::<Acknowledge>(&fields));
            let (winner, refused) = match (a, b) {
                (Ok(card), Err(error)) | (Err(error), Ok(card)) => (card.acknowledged_by.expect("a name"), error),
                other => panic!("one winner expected, over {}: {other:?}", pair.over),
            };
            assert_eq!(refused, AppError::Conflict(winner.clone()), "the loser learns who it was");
            // Her tap comes again because the answer was lost.
            let (again, name) = if winner == "Bea" { (&mut bea, "Bea") } else { (&mut anna, "The host") };
            let card = again.call::<Acknowledge>(&fields).await.expect("the same answer");
            assert_eq!(card.acknowledged_by.as_deref(), Some(name));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_from_both_are_numbered_without_a_gap() {
    const EACH: usize = 40;
    for pair in Pair::each().await {
        let guest = pair.one.guest("M0001").await;
        let floor = pair.one.device("floor", "floor").await;
        let streams = [pair.one.device("host", "restaurant").await, pair.other.device("host2", "restaurant").await];
        let head = pair.one.state.feed.head(pair.one.id).await.expect("a head");
        let raises = (0..2 * EACH).map(|number| {
            let house = if number % 2 == 0 { &pair.one } else { &pair.other };
            let mut device = house.served(&floor);
            async move { tell(&mut device, house, guest, &format!("number {number}")).await }
        });
        for raised in futures::future::join_all(raises).await {
            raised.unwrap_or_else(|error| panic!("over {}: {error}", pair.over));
        }
        for device in streams {
            let mut stream = device.listen(&format!("?after={head}")).await;
            let mut texts = Vec::new();
            let mut expected = head;
            while texts.len() < 2 * EACH {
                let frame = stream.next().await;
                if frame.event != "live" {
                    continue;
                }
                expected += 1;
                assert_eq!(frame.seq(), expected, "over {}", pair.over);
                if let Some(text) = frame.json()["alert"]["text"].as_str() {
                    texts.push(text.to_owned());
                }
            }
            texts.sort_unstable();
            texts.dedup();
            assert_eq!(texts.len(), 2 * EACH, "each once, over {}", pair.over);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_happens_once_with_both_looking() {
    for pair in Pair::each().await {
        let db = &pair.one.db;
        let guest = pair.one.guest("M0001").await;
        let mut floor = pair.one.device("floor", "floor").await;
        let mut alerts = Vec::new();
        for number in 0..10 {
            let text = format!("nobody answers {number}");
            alerts.push(tell(&mut floor, &pair.one, guest, &text).await.expect("raised").id);
        }
        let stored: Vec<RecordId> = alerts.iter().map(|alert| record("alert", alert)).collect();
        let look = |house: &House, owner: &'static str| {
            let (db, now) = (house.db.clone(), house.state.clock.now());
            async move { escalation::run_due(&db, now, owner).await.expect("carried further") }
        };
        for (level, seconds) in [(1, 21), (2, 40), (3, 60)] {
            pair.advance(TimeDelta::seconds(seconds));
            // The jobs of both servers look as well, and what they have claimed they carry out.
            tokio::join!(look(&pair.one, "a"), look(&pair.other, "b"));
            let began = Instant::now();
            loop {
                let levels: Vec<i64> = db
                    .rows("SELECT VALUE urgency FROM $alerts", vars().with("alerts", stored.clone()))
                    .await
                    .expect("alerts");
                if levels.iter().all(|reached| *reached == level) {
                    break;
                }
                assert!(began.elapsed() < Duration::from_secs(10), "{levels:?} over {}", pair.over);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        tokio::join!(look(&pair.one, "a"), look(&pair.other, "b"));
        let told: Vec<Value> = db
            .rows(
                "SELECT VALUE data FROM type::record('event', [$house, 0]..[$house, $ever]) WHERE kind = 'alert'",
                vars().with("house", pair.one.id.to_string()).with("ever", i64::MAX),
            )
            .await
            .expect("events");
        let told: Vec<AlertRow> = told.into_iter().map(|data| AlertRow::from_value(data).expect("an alert")).collect();
        for alert in stored {
            let levels: Vec<i64> = told.iter().filter(|row| row.id == alert).map(|row| row.urgency).collect();
            assert_eq!(levels, [0, 1, 2, 3], "each step once and in turn, over {}", pair.over);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_is_of_both_and_a_dead_server_listens_no_more() {
    for pair in Pair::each().await {
        let restaurant = pair.one.stations["restaurant"];
        let here = pair.one.device("host", "restaurant").await.listen("").await;
        let there = pair.other.device("host2", "restaurant").await.listen("").await;
        let seen = |house: &House| {
            let (db, now) = (house.db.clone(), house.state.clock.now());
            async move { presence::of_station(&db, restaurant, now).await.expect("an answer") }
        };
        let both = ["Bea".to_owned(), "The host".to_owned()];
        let began = Instant::now();
        while seen(&pair.one).await.who != both || seen(&pair.other).await.who != both {
            assert!(began.elapsed() < Duration::from_secs(5), "not both are seen, over {}", pair.over);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // A server whose clock stands still renews nothing, as if it had died.
        pair.one.clock.advance(TimeDelta::seconds(31));
        let began = Instant::now();
        while seen(&pair.one).await.who != ["The host"] {
            assert!(began.elapsed() < Duration::from_secs(5), "the dead server listens, over {}", pair.over);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        drop((here, there));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_start_at_once_on_an_empty_store_run_each_migration_once() {
    let Some(server) = Surreal::start().await else {
        // An embedded store belongs to one process, which migrates it before anyone else has it.
        return;
    };
    let dbs = futures::future::join_all((0..4).map(|_| server.db())).await;
    let mut epochs = Vec::new();
    for db in &dbs {
        let numbers: Vec<i64> =
            db.rows("SELECT VALUE number FROM type::table('migration')", vars()).await.expect("migrations");
        assert_eq!(numbers.iter().filter(|number| **number == 1).count(), 1);
        let epoch: Option<String> = db.row("SELECT VALUE epoch FROM meta:feed", vars()).await.expect("an epoch");
        epochs.push(epoch.expect("an epoch"));
    }
    epochs.dedup();
    assert_eq!(epochs.len(), 1, "one history");
}
