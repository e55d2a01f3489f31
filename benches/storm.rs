//! After a restart everyone comes back at once: 8,000 streams with Last-Event-ID, each of which missed
//! 20 events. `make bench NAME=storm`.

mod parts;

use parts::{alone, clients, clients::Clients, descriptors, house::House, nanos, resident_bytes};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

const STREAMS: usize = 8_000;
const MISSED: usize = 20;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == clients::FLAG) {
        clients::run(&args[at + 1..]);
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let house = runtime.block_on(House::open(folder.path()));
    let streams = STREAMS.min(descriptors().saturating_sub(400));
    let head = runtime.block_on(async {
        house.raise().await;
        let head = house.head().await;
        for _ in 0..MISSED {
            house.raise().await;
        }
        head
    });
    let (peak, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let before = resident_bytes(std::process::id());
    let watcher = std::thread::spawn({
        let (peak, stop) = (Arc::clone(&peak), Arc::clone(&stop));
        move || {
            while !stop.load(Ordering::Relaxed) {
                peak.fetch_max(resident_bytes(std::process::id()), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    });
    let began = nanos();
    let clients = Clients::open(streams, MISSED, house.addr, &house.request(Some(head)), "event: hello");
    let connected = nanos();
    std::thread::sleep(Duration::from_secs(3));
    stop.store(true, Ordering::Relaxed);
    watcher.join().expect("watched");
    let receipts = clients.receipts();
    let lost = receipts.iter().flatten().filter(|receipt| **receipt == 0).count();
    let last = receipts.iter().flatten().copied().max().unwrap_or(began);
    println!("{streams} streams come back at once, each after {MISSED} missed events");
    alone("storm/connected", format!("{:.2}", (connected - began) as f64 / 1e9), "s");
    alone("storm/caught-up", format!("{:.2}", (last.max(connected) - began) as f64 / 1e9), "s");
    alone("storm/peak-memory", (peak.load(Ordering::Relaxed).saturating_sub(before)) / (1024 * 1024), "MB");
    alone("storm/lost", lost, "events");
}
