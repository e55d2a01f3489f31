//! Each greeting leaves once. Servers that send are killed again and again, at every point of a message's way
//! to the relay; at the end, what the relay took is joined with what the outbox says.
//!
//! `make soak KILLS=200 SEED=7` runs it: two servers over a SurrealDB server where RAPPORT_SURREAL names its
//! program, else one server on the embedded store. The seed gives the same kills; how they meet the servers
//! is up to the machine.
//!
//! Beside it, letters are read by programs that know nothing of Rapport.

mod ledger;
mod letters;
mod office;
mod seed;
mod servers;

use chrono::{TimeDelta, Utc};
use fastrand::Rng;
use ledger::Ledger;
use office::{Boundary, Office};
use rapport::{
    campaigns::{CampaignKind, outbox, plan, sender::Sender},
    ids::CampaignId,
    server::{
        clock::{Clock, FixedClock},
        config::Config,
        db::Db,
        mail::Mailer,
    },
};
use servers::{CONNECTIONS, Servers};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, sleep},
};

/// How long it may take until a server comes to a point, on a machine with other things to do.
const COMES_WITHIN: Duration = Duration::from_secs(120);

/// How long servers are killed where no number of kills is asked for.
const LASTS: Duration = Duration::from_secs(20);

/// More kills than a fast machine does in that time.
const MOST_BY_TIME: usize = 80;

struct Plan {
    /// At least so many.
    kills: usize,
    /// For at least so long.
    lasts: Duration,
    seed: u64,
}

impl Plan {
    fn of_environment() -> Self {
        let number = |name: &str| {
            let set = std::env::var(name).ok().filter(|value| !value.is_empty());
            set.map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is {value:?}; expected a whole number")))
        };
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs());
        let kills = number("GREETINGS_KILLS");
        Self {
            // Each point is come to at least once.
            kills: usize::try_from(kills.unwrap_or(0)).expect("a number").max(Boundary::ALL.len() + 1),
            lasts: if kills.is_some() { Duration::ZERO } else { LASTS },
            seed: number("GREETINGS_SEED").unwrap_or_else(now),
        }
    }

    /// The kills end here, however long they were to last.
    fn most_kills(&self) -> usize {
        self.kills.max(MOST_BY_TIME)
    }

    /// More than are sent while the kills last.
    fn guests(&self) -> usize {
        400 + self.most_kills() * 50
    }

    fn is_over(&self, kills: usize, after: Duration) -> bool {
        kills >= self.most_kills() || kills >= self.kills && after >= self.lasts
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute and more: make soak KILLS=200"]
async fn each_greeting_leaves_once() {
    let plan = Plan::of_environment();
    println!("seed={} kills>={} seconds>={}", plan.seed, plan.kills, plan.lasts.as_secs());
    let mut rng = Rng::with_seed(plan.seed);
    let office = Office::open(servers::possible(), &mut rng).await;
    let servers = Servers::prepare(office.doors());
    let guests = plan.guests();
    let campaign = servers.with_store(|db| async move { greet_today(&db, guests).await });

    let began = Instant::now();
    let storm = storm(&plan, &servers, &office, &mut rng).await;
    let seconds = began.elapsed().as_secs();
    servers.kill_all();
    let config = servers.config(0);
    let (before, ledger) = servers.with_store(|db| async move { settle(&db, &config, campaign).await });

    let counts = ledger.join(&office.taken(), guests);
    println!(
        "db={} servers={} seconds={seconds} at_the_last_kill: {before}",
        if servers.count() > 1 { "surreal" } else { "rocksdb" },
        servers.count(),
    );
    println!("killed: {}", storm.words());
    println!("seed={} kills={} {counts}", plan.seed, storm.kills());
    assert!(counts.is_right(), "seed {}:\n{}", plan.seed, counts.cases());
    assert!(counts.sent > 0, "nothing happened");
    assert!(Boundary::ALL.into_iter().all(|at| storm.0.contains_key(&Some(at))), "a point was not come to");
    let on_the_wire = storm.kills() * CONNECTIONS;
    assert!(counts.unknown <= on_the_wire, "more are unknown than can have been on the wire: {on_the_wire}");
}

/// Makes a house whose guests all have their birthday today, and plans them.
async fn greet_today(db: &Db, guests: usize) -> CampaignId {
    let now = Utc::now();
    let house = seed::house(db).await;
    seed::guests(db, (0..guests).map(|number| seed::Person::numbered(number, now.date_naive())), now).await;
    let campaign = seed::campaign(db, house, CampaignKind::Birthday, &seed::due_today(), now).await;
    let planned = plan::run_due(db, now, "test", "https://rapport.example").await.expect("a plan");
    assert_eq!(usize::try_from(planned.planned), Ok(guests), "{planned:?}");
    campaign
}

/// How many servers were killed, by the point that they had come to; `None` for any.
#[derive(Default)]
struct Storm(BTreeMap<Option<Boundary>, usize>);

impl Storm {
    fn kills(&self) -> usize {
        self.0.values().sum()
    }

    fn words(&self) -> String {
        let words = self.0.iter().map(|(at, count)| match at {
            Some(at) => format!("{at:?}={count}"),
            None => format!("anywhere={count}"),
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// Kills servers, each as soon as it has come to a point, and starts them again.
async fn storm(plan: &Plan, servers: &Servers, office: &Office, rng: &mut Rng) -> Storm {
    let mut storm = Storm::default();
    let mut points: Vec<Option<Boundary>> = Vec::new();
    // The one that has been started last is the one that makes new connections.
    let mut newest = rng.usize(0..servers.count());
    servers.keep_alive();
    let began = Instant::now();
    while !plan.is_over(storm.kills(), began.elapsed()) {
        let Some(point) = points.pop() else {
            points = Boundary::ALL.into_iter().map(Some).chain([None]).collect();
            rng.shuffle(&mut points);
            continue;
        };
        let victim = match point {
            Some(at) if at.is_of_new_connections() => newest,
            _ => rng.usize(0..servers.count()),
        };
        match point {
            Some(at) => {
                come_to(at, servers, office.ambush(victim, at)).await;
                // It is committing just now: before, in the middle, or after.
                if at.goes_on() && rng.bool() {
                    std::thread::sleep(Duration::from_micros(rng.u64(0..4_000)));
                }
            }
            // Also while it starts.
            None => sleep(Duration::from_millis(rng.u64(0..2_000))).await,
        }
        if servers.kill(victim) {
            *storm.0.entry(point).or_default() += 1;
        } else {
            points.push(point);
        }
        servers.keep_alive();
        newest = victim;
    }
    storm
}

/// Waits until a server has come to a point.
async fn come_to(at: Boundary, servers: &Servers, mut sprung: oneshot::Receiver<()>) {
    let began = Instant::now();
    loop {
        tokio::select! {
            biased;
            _ = &mut sprung => return,
            () = sleep(Duration::from_millis(100)) => servers.keep_alive(),
        }
        assert!(began.elapsed() < COMES_WITHIN, "no server came to {at:?}");
    }
}

/// Lets everything that was left lying come to its end, some hours later by the clock: leases have run out
/// then. Returns how it lay before, and the end.
async fn settle(db: &Db, config: &Config, campaign: CampaignId) -> (String, Ledger) {
    let before = Ledger::read(db, campaign).await.states();
    let clock = Arc::new(FixedClock::new(Utc::now() + TimeDelta::hours(2)));
    let (_running, shutdown) = watch::channel(false);
    let sender = Sender {
        db: db.clone(),
        mailer: Arc::new(Mailer::new(config)),
        clock: clock.clone(),
        server_id: "the last".into(),
        url: config.public_url().into(),
        shutdown,
    };
    // Each round sends what the bucket holds.
    for _ in 0..1_000 {
        outbox::sweep(db, clock.now()).await.expect("swept");
        sender.run_due().await.expect("a run");
        let ledger = Ledger::read(db, campaign).await;
        if !ledger.is_open() {
            return (before, ledger);
        }
        clock.advance(TimeDelta::minutes(1));
    }
    (before, Ledger::read(db, campaign).await)
}
