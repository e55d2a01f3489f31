//! One alert to N streams, beside nginx with nchan: from the commit to the last byte of the event in
//! another process, over loopback.
//!
//! `make bench NAME=fanout`. The peer keeps its messages in memory and asks nobody who may see them;
//! its time begins when the message is handed over.

mod parts;

use parts::{
    Spread, alone, clients, clients::Clients, cpu_millis, descriptors, house::House, line, nchan::Nchan, resident_bytes,
};
use std::time::Duration;

const STREAMS: [usize; 4] = [200, 1_000, 8_000, 20_000];
const ALERTS: usize = 40;
const PAUSE: Duration = Duration::from_millis(250);
/// Streams that come first, for what is taken once and not by each.
const FIRST: usize = 200;
/// How long it takes until what letting them in took is given back.
const SETTLES: Duration = Duration::from_secs(5);
/// Descriptors that a server needs beside its streams: the store keeps one for each process and thread of
/// the machine, to tell how busy it is.
const SPARE: usize = 1_000;

/// What one run showed.
struct Run {
    /// From the commit.
    spread: Spread,
    /// From the tap, the durable commit included; the peer has none.
    tap: Spread,
    lost: usize,
    bytes_per_stream: f64,
    /// The same while they are being let in, for ours.
    bytes_at_first: f64,
    cpu_millis: f64,
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == clients::FLAG) {
        clients::run(&args[at + 1..]);
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let house = runtime.block_on(House::open(folder.path()));
    println!("fan-out of one alert, {ALERTS} alerts each, store on disk with sync=every");
    alone("fanout/first-streams", format!("{:.2}", runtime.block_on(first_streams(&house))), "MB");
    for streams in STREAMS {
        let streams = streams.min(descriptors().saturating_sub(SPARE));
        // In turn, each alone on the machine.
        let ours = runtime.block_on(rapport(&house, streams));
        let peer = Nchan::start().map(|nchan| peer(&nchan, streams));
        report(streams, &ours, peer.as_ref());
    }
}

fn report(streams: usize, ours: &Run, peer: Option<&Run>) {
    let show = |name: &str, value: fn(&Run) -> f64, unit: &str| {
        let name = format!("fanout/{streams}/{name}");
        match peer {
            Some(peer) => line(&name, value(ours), "nchan", value(peer), unit),
            None => alone(&name, format!("{:.2}", value(ours)), unit),
        }
    };
    show("p50", |run| run.spread.millis(0.5), "ms");
    show("p99", |run| run.spread.millis(0.99), "ms");
    show("max", |run| run.spread.millis(1.0), "ms");
    show("tap-p50", |run| run.tap.millis(0.5), "ms");
    show("tap-p99", |run| run.tap.millis(0.99), "ms");
    show("memory", |run| run.bytes_per_stream / 1024.0, "KB/stream");
    alone(&format!("fanout/{streams}/memory-at-first"), format!("{:.2}", ours.bytes_at_first / 1024.0), "KB/stream");
    show("cpu", |run| run.cpu_millis, "ms/alert");
    show("lost", |run| run.lost as f64, "events");
}

async fn rapport(house: &House, streams: usize) -> Run {
    let pid = std::process::id();
    // What the store and the allocator take at first is not the streams'.
    for _ in 0..20 {
        house.raise().await;
    }
    let before = resident_bytes(pid);
    let request = house.request(None);
    let addr = house.addr;
    let clients =
        tokio::task::spawn_blocking(move || Clients::open(streams, ALERTS, addr, &request, "event: hello")).await;
    let clients = clients.expect("connected");
    let per_stream = || resident_bytes(pid).saturating_sub(before) as f64 / streams as f64;
    let bytes_at_first = per_stream();
    tokio::time::sleep(SETTLES).await;
    let bytes_per_stream = per_stream();
    let mut taps = Vec::with_capacity(ALERTS);
    let mut began = Vec::with_capacity(ALERTS);
    let cpu = cpu_millis(pid);
    for _ in 0..ALERTS {
        tokio::time::sleep(PAUSE).await;
        let (tapped, committed) = house.raise().await;
        taps.push(tapped);
        began.push(committed);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let cpu_millis = (cpu_millis(pid) - cpu) as f64 / ALERTS as f64;
    let receipts = tokio::task::spawn_blocking(move || clients.receipts()).await.expect("receipts");
    // Nobody acknowledges them: what is carried further would be told in the middle of the next run.
    house.withdraw_all().await;
    let (spread, lost) = latencies(&began, &receipts);
    let (tap, _) = latencies(&taps, &receipts);
    Run { spread, tap, lost, bytes_per_stream, bytes_at_first, cpu_millis }
}

/// What the first streams take that stays when they have gone, in megabytes.
async fn first_streams(house: &House) -> f64 {
    let pid = std::process::id();
    for _ in 0..20 {
        house.raise().await;
    }
    let before = resident_bytes(pid);
    let (request, addr) = (house.request(None), house.addr);
    let clients = tokio::task::spawn_blocking(move || Clients::open(FIRST, 1, addr, &request, "event: hello"));
    let clients = clients.await.expect("connected");
    house.raise().await;
    tokio::time::sleep(SETTLES).await;
    tokio::task::spawn_blocking(move || clients.receipts()).await.expect("receipts");
    tokio::time::sleep(SETTLES).await;
    resident_bytes(pid).saturating_sub(before) as f64 / 1_048_576.0
}

fn peer(nchan: &Nchan, streams: usize) -> Run {
    let memory = || nchan.workers().into_iter().map(resident_bytes).sum::<u64>();
    let cpu = || nchan.workers().into_iter().map(cpu_millis).sum::<u64>();
    let mut publisher = nchan.publisher();
    // As long as one of ours.
    let body = format!("{{\"kind\":\"alert\",\"urgency\":\"plain\",\"alert\":\"{}\"}}", "x".repeat(900));
    let before = memory();
    let clients = Clients::open(streams, ALERTS, nchan.addr, &nchan.request(), "\r\n\r\n");
    std::thread::sleep(Duration::from_secs(1));
    let bytes_per_stream = memory().saturating_sub(before) as f64 / streams as f64;
    let mut began = Vec::with_capacity(ALERTS);
    let cpu_before = cpu();
    for _ in 0..ALERTS {
        std::thread::sleep(PAUSE);
        began.push(publisher.publish(&body));
    }
    std::thread::sleep(Duration::from_secs(2));
    let cpu_millis = (cpu() - cpu_before) as f64 / ALERTS as f64;
    let receipts = clients.receipts();
    let (spread, lost) = latencies(&began, &receipts);
    let (tap, _) = latencies(&began, &receipts);
    Run { spread, tap, lost, bytes_per_stream, bytes_at_first: 0.0, cpu_millis }
}

/// Every receipt beside its beginning, and how many never came.
fn latencies(began: &[u64], receipts: &[Vec<u64>]) -> (Spread, usize) {
    let mut lost = 0;
    let mut values = Vec::with_capacity(began.len() * receipts.len());
    for stream in receipts {
        for (receipt, began) in stream.iter().zip(began) {
            match receipt {
                0 => lost += 1,
                at => values.push(at.saturating_sub(*began)),
            }
        }
    }
    (Spread::of(values), lost)
}
