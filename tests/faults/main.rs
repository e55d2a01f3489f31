//! Nothing is lost. Real servers are killed, connections are cut, left half open, delayed and answered by
//! strangers, while devices raise, acknowledge and complete alerts and follow the stream, and insist as
//! the browser's part does. At the end what they were told is compared with what is stored.
//!
//! `make soak SECONDS=600 SEED=7` runs it, with `DB=surreal` on two servers over a SurrealDB server. The
//! seed gives the same faults and deeds; how they meet is up to the machine.

mod cluster;
mod crew;
mod device;
mod ledger;
mod proxy;

use cluster::Cluster;
use crew::{Answers, Crew, House, Raising};
use device::{Answer, Device};
use fastrand::Rng;
use ledger::Ledger;
use leptos::server_fn::ServerFn;
use proxy::Network;
use rapport::alerts::api::Board;
use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};

/// How long everyone may take to come to an end once the network is calm.
const CALM: Duration = Duration::from_secs(90);

struct Plan {
    seconds: u64,
    seed: u64,
    with_surreal: bool,
}

impl Plan {
    fn of_environment() -> Self {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let number = |name: &str| {
            set(name)
                .map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is {value:?}; expected a whole number")))
        };
        let today = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs());
        let with_surreal = match set("FAULTS_DB").as_deref() {
            None => false,
            Some("surreal") => true,
            Some(other) => panic!("FAULTS_DB is {other:?}; expected surreal, or nothing"),
        };
        Self {
            seconds: number("FAULTS_SECONDS").unwrap_or(60),
            seed: number("FAULTS_SEED").unwrap_or_else(today),
            with_surreal,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute and more: make soak"]
async fn nothing_is_lost() {
    let plan = Plan::of_environment();
    println!("seed={} seconds={}", plan.seed, plan.seconds);
    let mut rng = Rng::with_seed(plan.seed);
    let cluster = Cluster::start(plan.with_surreal).await;
    let (network, address) = Network::open(Arc::clone(&cluster), rng.fork()).await;
    let ledger = Arc::new(Ledger::default());
    let house = Arc::new(House::prepare(address).await);
    let crew = Crew::sign_in(address, &house).await;
    let before = cluster.resident_mib(0);

    let began = Instant::now();
    let storm_ends = began + Duration::from_secs(plan.seconds);
    let deadline = storm_ends + CALM;
    let over = watch::Sender::new(false);
    let (mut listening, mut raising, mut answering) = (JoinSet::new(), JoinSet::new(), JoinSet::new());
    let answers = Answers { ledger: Arc::clone(&ledger), seed: plan.seed, deadline, over: over.subscribe() };
    let listeners = crew.listen(&mut listening, &mut answering, &answers, &mut rng).await;
    for device in crew.raisers {
        let work = Raising { device, house: Arc::clone(&house), ledger: Arc::clone(&ledger), storm_ends, deadline };
        raising.spawn(work.run(rng.fork()));
    }
    listening.spawn(never_read(crew.watcher.clone(), Arc::clone(&cluster)));
    network.set_calm(false);
    storm(&cluster, &network, &mut rng, storm_ends).await;

    network.set_calm(true);
    for which in 0..cluster.count() {
        cluster.revive(which).await;
    }
    finish(&mut raising, deadline).await;
    // Once everyone has heard of every alert, nobody has to wait for another one.
    catch_up(&crew.watcher, &ledger, listeners, deadline).await;
    over.send_replace(true);
    finish(&mut answering, deadline + CALM).await;
    drop(answers);
    let behind = catch_up(&crew.watcher, &ledger, listeners, deadline + CALM).await;
    let after = cluster.resident_mib(0);
    listening.shutdown().await;
    let kills = cluster.kills.load(Ordering::SeqCst);
    cluster.close();
    let db = cluster.store().await;
    let ledger = Arc::into_inner(ledger).expect("nobody writes any more");
    let counts = ledger.compare(&db, &house.id, &behind).await;
    let load = |number: &std::sync::atomic::AtomicU64| number.load(Ordering::SeqCst);
    println!(
        "db={} servers={} listeners={listeners} events_received={} half_open={} answered_by_strangers={} \
         killed_between_commit_and_reply={} rss_before={before} MiB rss_after={after} MiB",
        if plan.with_surreal { "surreal" } else { "rocksdb" },
        cluster.count(),
        counts.events(),
        load(&network.half_open),
        load(&network.answered),
        load(&network.strikes),
    );
    println!(
        "seed={} seconds={} raised={} acknowledged={} completed={} kills={kills} cuts={} retries={} {}",
        plan.seed,
        plan.seconds,
        counts.raised.len(),
        counts.acknowledged.len(),
        counts.completed.len(),
        load(&network.cuts),
        counts.retries,
        counts.wrong(),
    );
    assert!(counts.wrong().is_nothing(), "seed {}:\n{}", plan.seed, counts.wrong().cases().join("\n"));
    assert!(!counts.raised.is_empty() && !counts.acknowledged.is_empty() && kills > 0, "nothing happened");
}

/// Waits until everyone has come to an end.
async fn finish(devices: &mut JoinSet<()>, deadline: Instant) {
    let all = async {
        while let Some(done) = devices.join_next().await {
            done.expect("a device came to its end");
        }
    };
    timeout_at(deadline, all).await.expect("no device is still waiting for an answer");
}

/// What goes wrong, by the seed, until the storm ends.
async fn storm(cluster: &Arc<Cluster>, network: &Arc<Network>, rng: &mut Rng, ends: Instant) {
    while Instant::now() < ends {
        sleep(Duration::from_millis(rng.u64(300..2_200))).await;
        let which = rng.usize(0..cluster.count());
        match rng.u32(0..12) {
            // A server that is just starting is given the time to serve something.
            0..=2 if cluster.is_ready(which) => {
                let (cluster, mut rng) = (Arc::clone(cluster), rng.fork());
                tokio::spawn(async move { cluster.restart(which, &mut rng).await });
            }
            3..=4 if cluster.is_ready(which) => network.strike_next(),
            5..=6 => network.be_answered_for(rng.usize(0..3), Duration::from_millis(rng.u64(300..2_500))).await,
            7..=8 => network.cut_all(),
            9 => network.freeze_all(),
            _ => {}
        }
    }
}

/// A device that takes nothing off its line. It comes back with every start of the server.
async fn never_read(device: Device, cluster: Arc<Cluster>) {
    loop {
        let kills = cluster.kills.load(Ordering::SeqCst);
        let _line = device.ignore_stream(cluster.address(0)).await;
        while cluster.kills.load(Ordering::SeqCst) == kills || !cluster.is_ready(0) {
            sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Waits until every listener has come to what is the newest event now. Returns those that have not.
async fn catch_up(watcher: &Device, ledger: &Ledger, listeners: usize, deadline: Instant) -> Vec<usize> {
    let head = loop {
        match watcher.post(Board::PATH, &[]).await {
            Answer::Done(board) => break board["seq"].as_u64().expect("a number"),
            Answer::Refused(refused) => panic!("no board: {refused}"),
            Answer::Lost => sleep(Duration::from_millis(200)).await,
        }
    };
    let deadline = deadline.max(Instant::now() + Duration::from_secs(30));
    loop {
        let behind = ledger.behind(listeners, head);
        if behind.is_empty() || Instant::now() > deadline {
            return behind;
        }
        sleep(Duration::from_millis(50)).await;
    }
}
