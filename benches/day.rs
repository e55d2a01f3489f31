//! What an alert costs as the days pile up: the tap to one socket, and the board, with 100 and with
//! 1,000,000 alerts in the store. `make bench NAME=day`; fewer with `RAPPORT_BENCH_ALERTS`.

mod parts;

use parts::{Spread, clients, clients::Clients, house::House, line};
use std::time::Duration;

const TAPS: usize = 200;
const PAUSE: Duration = Duration::from_millis(20);

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == clients::FLAG) {
        clients::run(&args[at + 1..]);
        return;
    }
    let many = std::env::var("RAPPORT_BENCH_ALERTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let house = runtime.block_on(House::open(folder.path()));
    let young = runtime.block_on(measure(&house, 100));
    let old = runtime.block_on(measure(&house, many - 100));
    println!("{TAPS} taps to one socket with {many} alerts in the store; the peer is the same store with 100");
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        line(&format!("day/tap/{name}"), old.millis(share), "young", young.millis(share), "ms");
    }
}

async fn measure(house: &House, more: usize) -> Spread {
    house.fill(more).await;
    let (request, addr) = (house.request(None), house.addr);
    let clients = tokio::task::spawn_blocking(move || Clients::open(1, TAPS, addr, &request, "event: hello"))
        .await
        .expect("connected");
    let mut began = Vec::with_capacity(TAPS);
    for _ in 0..TAPS {
        tokio::time::sleep(PAUSE).await;
        began.push(house.raise().await.0);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let receipts = tokio::task::spawn_blocking(move || clients.receipts()).await.expect("receipts");
    Spread::of(receipts[0].iter().zip(&began).map(|(receipt, began)| receipt.saturating_sub(*began)).collect())
}
