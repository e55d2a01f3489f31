//! From the tap to the sockets of 200 listening tablets, durable commit included, beside the least that
//! the same store commits (one record, synchronised), and beside a bare synchronised write on the disk.
//!
//! `make bench NAME=tap`.

mod parts;

use parts::{Spread, clients, clients::Clients, house::House, line, nanos};
use std::{io::Write, time::Duration};

const STREAMS: usize = 200;
const TAPS: usize = 200;
const PAUSE: Duration = Duration::from_millis(40);
/// About what one alert with its event writes.
const WRITTEN: usize = 2_048;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == clients::FLAG) {
        clients::run(&args[at + 1..]);
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let bare = Spread::of(bare(folder.path()));
    let house = runtime.block_on(House::open(folder.path()));
    let least = Spread::of(runtime.block_on(house.bare_commits(TAPS, PAUSE)));
    let (commit, reached) = runtime.block_on(taps(&house));
    println!(
        "tap to {STREAMS} sockets, {TAPS} taps; the peers are one record committed to the same store, and fdatasync"
    );
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
        line(&format!("tap/commit/{name}"), commit.millis(share), "fdatasync", bare.millis(share), "ms");
        line(&format!("tap/socket/{name}"), reached.millis(share), "fdatasync", bare.millis(share), "ms");
        line(&format!("tap/socket-of-store/{name}"), reached.millis(share), "store", least.millis(share), "ms");
    }
}

/// What the disk takes for a synchronised write alone.
fn bare(folder: &std::path::Path) -> Vec<u64> {
    let mut file = std::fs::File::create(folder.join("bare")).expect("a file");
    let bytes = vec![7; WRITTEN];
    (0..TAPS)
        .map(|_| {
            std::thread::sleep(PAUSE);
            let began = nanos();
            file.write_all(&bytes).and_then(|()| file.sync_data()).expect("written");
            nanos() - began
        })
        .collect()
}

/// Commit and last byte at each socket, both from the tap.
async fn taps(house: &House) -> (Spread, Spread) {
    for _ in 0..20 {
        house.raise().await;
    }
    let (request, addr) = (house.request(None), house.addr);
    let clients = tokio::task::spawn_blocking(move || Clients::open(STREAMS, TAPS, addr, &request, "event: hello"))
        .await
        .expect("connected");
    let mut began = Vec::with_capacity(TAPS);
    let mut commits = Vec::with_capacity(TAPS);
    for _ in 0..TAPS {
        tokio::time::sleep(PAUSE).await;
        let (tapped, committed) = house.raise().await;
        began.push(tapped);
        commits.push(committed.saturating_sub(tapped));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let receipts = tokio::task::spawn_blocking(move || clients.receipts()).await.expect("receipts");
    let reached = receipts
        .iter()
        .flat_map(|stream| stream.iter().zip(&began))
        .map(|(receipt, began)| {
            assert_ne!(*receipt, 0, "nothing is lost");
            receipt - began
        })
        .collect();
    (Spread::of(commits), Spread::of(reached))
}
