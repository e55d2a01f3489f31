//! Greetings from the outbox to the relay's 250, each claimed, looked at once more, filled in, kept, and its
//! every step on disk before the next; beside postfix's smtp-source, which says one message again and again
//! and writes nothing down, and beside lettre's own pool with the same message, all to the same smtp-sink.
//!
//! `make bench NAME=greetings`; with more or fewer greetings by `RAPPORT_BENCH_GREETINGS`.

mod parts;
#[path = "../tests/greetings/seed.rs"]
mod seed;

use chrono::{DateTime, Utc};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    address::{Address, Envelope},
    transport::smtp::PoolConfig,
};
use parts::{alone, cpu_millis, line, postfix::Sink};
use rapport::{
    campaigns::{CampaignKind, plan, sender::Sender},
    ids::HouseId,
    server::{
        clock::SystemClock,
        config::Config,
        db::{Db, vars},
        mail::Mailer,
    },
};
use std::{path::Path, sync::Arc, time::Instant};
use surrealdb::types::Bytes;
use tokio::{sync::watch, task::JoinSet};

const CONNECTIONS: [usize; 3] = [1, 4, 16];
/// Messages of smtp-source: enough that its start does not count.
const OF_SOURCE: usize = 20_000;
/// Messages of lettre's pool on each connection: it waits for a delayed acknowledgement at each.
const OF_LETTRE: usize = 100;
const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/mail/testdata/rsa-pkcs8.pem");

fn main() {
    let set = std::env::var("RAPPORT_BENCH_GREETINGS").ok();
    let greetings = set.and_then(|text| text.parse().ok()).unwrap_or(4_000);
    let Some(sink) = Sink::start() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let bench = runtime.block_on(Bench::open(folder.path(), greetings));
    println!("{greetings} greetings to smtp-sink, store on disk with sync=every");
    let mut message = Vec::new();
    for connections in CONNECTIONS {
        let ours = runtime.block_on(bench.run(&sink, connections, false));
        if message.is_empty() {
            message = runtime.block_on(bench.message());
        }
        let source = sink.source(connections, OF_SOURCE, message.len());
        let pool = runtime.block_on(of_lettre(&sink, connections, &message));
        line(&format!("greetings/{connections}/rate"), ours.rate, "smtp-source", source, "messages/s");
        line(&format!("greetings/{connections}/rate"), ours.rate, "lettre", pool, "messages/s");
        alone(&format!("greetings/{connections}/cpu"), format!("{:.2}", ours.cpu_millis), "ms/message");
    }
    let signed = runtime.block_on(bench.run(&sink, 16, true));
    let source = sink.source(16, OF_SOURCE, message.len());
    line("greetings/16-signed/rate", signed.rate, "smtp-source", source, "messages/s");
    alone("greetings/message", message.len(), "bytes");
}

/// A house on disk whose guests have their birthday today.
struct Bench {
    db: Db,
    house: HouseId,
    greetings: usize,
    now: DateTime<Utc>,
}

/// What one run showed.
struct Run {
    /// Messages in a second.
    rate: f64,
    /// Processor time of a message.
    cpu_millis: f64,
}

impl Bench {
    async fn open(folder: &Path, greetings: usize) -> Self {
        let db = Db::open(&config(&[("DATA_DIR", folder.display().to_string())])).await.expect("a store");
        let now = Utc::now();
        let house = seed::house(&db).await;
        seed::guests(&db, (0..greetings).map(|number| seed::Person::numbered(number, now.date_naive())), now).await;
        Self { db, house, greetings, now }
    }

    /// Sends a letter to everybody, by a campaign of its own.
    async fn run(&self, sink: &Sink, connections: usize, is_signed: bool) -> Run {
        let (db, now) = (&self.db, self.now);
        let campaign = seed::campaign(db, self.house, CampaignKind::Birthday, &seed::due_today(), now).await;
        plan::run_due(db, now, "bench", "https://rapport.example").await.expect("a plan");
        let mut settings = vec![
            ("MAIL", format!("smtp://{}?tls=none", sink.addr)),
            ("MAIL_FROM", "The Cedars <greetings@cedars.example>".to_owned()),
            ("MAIL_CONNECTIONS", connections.to_string()),
            ("MAIL_PER_MINUTE", "1000000".to_owned()),
            ("BASE_URL", "https://rapport.example".to_owned()),
            ("TLS", "true".to_owned()),
        ];
        if is_signed {
            settings.push(("DKIM_DOMAIN", "cedars.example".to_owned()));
            settings.extend([("DKIM_SELECTOR", "winter".to_owned()), ("DKIM_KEY", KEY.to_owned())]);
        }
        let config = config(&settings);
        let (_running, shutdown) = watch::channel(false);
        let sender = Sender {
            db: db.clone(),
            mailer: Arc::new(Mailer::new(&config)),
            clock: Arc::new(SystemClock),
            server_id: "bench".into(),
            url: config.public_url().into(),
            shutdown,
        };
        let pid = std::process::id();
        let (cpu, began) = (cpu_millis(pid), Instant::now());
        let counts = sender.run_due().await.expect("a run");
        let seconds = began.elapsed().as_secs_f64();
        let cpu = cpu_millis(pid) - cpu;
        assert_eq!(usize::try_from(counts.sent), Ok(self.greetings), "{counts:?}");
        seed::end(db, campaign).await;
        Run { rate: self.greetings as f64 / seconds, cpu_millis: cpu as f64 / self.greetings as f64 }
    }

    /// A message that was sent.
    async fn message(&self) -> Vec<u8> {
        let kept: Option<Bytes> =
            self.db.row("SELECT VALUE message FROM envelope LIMIT 1", vars()).await.expect("an answer");
        kept.expect("a message").into_inner().to_vec()
    }
}

fn config(settings: &[(&str, String)]) -> Config {
    let env = settings.iter().map(|(name, value)| (format!("RAPPORT_{name}"), value.clone()));
    Config::from_sources(env, None).expect("a configuration")
}

/// How many messages lettre's own pool hands over in a second.
async fn of_lettre(sink: &Sink, connections: usize, message: &[u8]) -> f64 {
    let size = u32::try_from(connections).expect("few");
    let pool: AsyncSmtpTransport<Tokio1Executor> =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(sink.addr.ip().to_string())
            .port(sink.addr.port())
            .pool_config(PoolConfig::new().max_size(size))
            .build();
    let address = |text: &str| text.parse::<Address>().expect("an address");
    let envelope = Envelope::new(Some(address("greetings@cedars.example")), vec![address("guest@post.example")]);
    let envelope = Arc::new(envelope.expect("an envelope"));
    let message: Arc<[u8]> = message.into();
    let began = Instant::now();
    let mut work = JoinSet::new();
    for _ in 0..connections {
        let (pool, envelope, message) = (pool.clone(), Arc::clone(&envelope), Arc::clone(&message));
        work.spawn(async move {
            for _ in 0..OF_LETTRE {
                pool.send_raw(&envelope, &message).await.expect("taken");
            }
        });
    }
    while let Some(done) = work.join_next().await {
        done.expect("sent");
    }
    (connections * OF_LETTRE) as f64 / began.elapsed().as_secs_f64()
}
