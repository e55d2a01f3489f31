//! Planning a day in a house of 1,000,000 guests: a birthday campaign, which finds its few thousand among
//! them, and one letter to everybody, which looks at each. `make bench NAME=planning`; fewer guests with
//! `RAPPORT_BENCH_GUESTS`. Beside each time stands the goal.

mod parts;
#[path = "../tests/greetings/seed.rs"]
mod seed;

use chrono::{DateTime, Days, Utc};
use parts::{alone, line, resident_bytes};
use rapport::{
    campaigns::{CampaignKind, Settings, plan},
    ids::HouseId,
    server::{config::Config, db::Db},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Seconds that planning a day may take.
const GOAL: f64 = 60.0;

fn main() {
    let set = std::env::var("RAPPORT_BENCH_GUESTS").ok();
    let guests: usize = set.and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(guests));
}

async fn run(guests: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let env = [("RAPPORT_DATA_DIR".to_owned(), folder.path().display().to_string())];
    let config = Config::from_sources(env.into_iter(), None).expect("a configuration");
    let db = Db::open(&config).await.expect("a store");
    let now = Utc::now();
    let house = seed::house(&db).await;
    let began = Instant::now();
    let people = (0..guests).map(|number| {
        let day = Days::new(u64::try_from(number % 365).expect("a day of the year"));
        seed::Person::numbered(number, now.date_naive() + day)
    });
    seed::guests(&db, people, now).await;
    println!("{guests} guests, stored in {:.0} s", began.elapsed().as_secs_f64());

    measure("birthday", &db, house, CampaignKind::Birthday, &seed::due_today(), now).await;
    let today = Settings { starts: Some(now.date_naive().to_string()), ..seed::due_today() };
    let planned = measure("everybody", &db, house, CampaignKind::OneOff, &today, now).await;
    assert_eq!(usize::try_from(planned), Ok(guests), "everybody is planned");
}

/// Plans a new campaign, and tells how many were.
async fn measure(
    name: &str,
    db: &Db,
    house: HouseId,
    kind: CampaignKind,
    settings: &Settings,
    now: DateTime<Utc>,
) -> u32 {
    let campaign = seed::campaign(db, house, kind, settings, now).await;
    let before = resident_bytes(std::process::id());
    let (peak, began) = (Peak::watch(), Instant::now());
    let counts = plan::run_due(db, now, "bench", "https://rapport.example").await.expect("a plan");
    let seconds = began.elapsed().as_secs_f64();
    let peak = peak.end();
    seed::end(db, campaign).await;
    line(&format!("planning/{name}/time"), seconds, "goal", GOAL, "s");
    alone(&format!("planning/{name}/planned"), counts.planned, "greetings");
    alone(&format!("planning/{name}/memory"), peak.saturating_sub(before) / (1024 * 1024), "MB more");
    alone(&format!("planning/{name}/peak-memory"), peak / (1024 * 1024), "MB");
    counts.planned
}

/// The most memory that this process occupies.
struct Peak {
    most: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    watcher: JoinHandle<()>,
}

impl Peak {
    fn watch() -> Self {
        let (most, stop) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let (sees, stops) = (Arc::clone(&most), Arc::clone(&stop));
        let watcher = std::thread::spawn(move || {
            while !stops.load(Ordering::Relaxed) {
                sees.fetch_max(resident_bytes(std::process::id()), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        Self { most, stop, watcher }
    }

    fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.watcher.join().expect("watched");
        self.most.load(Ordering::Relaxed)
    }
}
