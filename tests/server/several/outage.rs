//! A database server that cannot be reached for a while: the line to it is cut and joined again, or it is killed
//! and started again on what it has kept.

use super::{Surreal, tell};
use crate::harness::House;
use rapport::{error::AppError, server::db::vars};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    time::sleep,
};

/// How long a server may take to notice that the line is cut, or stands again.
const NOTICED: Duration = Duration::from_secs(30);

/// The line between an app server and the database server.
struct Wire {
    /// Where the app server connects to.
    address: SocketAddr,
    is_joined: watch::Sender<bool>,
}

impl Wire {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let is_joined = watch::Sender::new(true);
        let state = is_joined.subscribe();
        tokio::spawn(async move {
            loop {
                let Ok((near, _)) = listener.accept().await else { continue };
                tokio::spawn(carry(near, server, state.clone()));
            }
        });
        Self { address, is_joined }
    }

    fn cut(&self) {
        self.is_joined.send_replace(false);
    }

    fn join(&self) {
        self.is_joined.send_replace(true);
    }
}

/// Carries what comes from either end, until the line is cut. A line that is cut takes no connection.
async fn carry(mut near: TcpStream, server: SocketAddr, mut is_joined: watch::Receiver<bool>) {
    if !*is_joined.borrow_and_update() {
        return;
    }
    let Ok(mut far) = TcpStream::connect(server).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => {}
        _ = is_joined.wait_for(|is_joined| !is_joined) => {}
    }
}

/// Waits until the server says of itself what a load balancer is to know.
async fn says_of_itself(house: &House, status: u16) {
    let mut probe = house.browser();
    let began = Instant::now();
    while probe.get("/readyz").await.status() != status {
        assert!(began.elapsed() < NOTICED, "/readyz does not answer {status}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_lost_its_database_says_so_and_goes_on_when_it_is_back() {
    let Some(server) = Surreal::start().await else {
        // An embedded store does not go away by itself.
        return;
    };
    let direct = server.db().await;
    let wire = Wire::to(server.address).await;
    let over_the_wire = Surreal::db_at(wire.address).await;
    let one = House::open_on(over_the_wire).await;
    let other = one.beside(direct).await;
    let guest = one.guest("M0001").await;
    let (mut floor, host) = (one.device("floor", "floor").await, one.device("host", "restaurant").await);
    let mut desk = other.device("reception", "desk").await;
    tell(&mut floor, &one, guest, "before").await.expect("raised");
    says_of_itself(&one, 200).await;
    let head = one.state.feed.head(one.id).await.expect("a head");

    wire.cut();
    says_of_itself(&one, 503).await;
    let began = Instant::now();
    // In the first moments the driver has words of its own for it.
    while tell(&mut floor, &one, guest, "during").await != Err(AppError::Away) {
        assert!(began.elapsed() < NOTICED, "a raise is answered with {}", floor.last_status);
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(floor.last_status, 503);
    let page = host.clone().get("/board").await;
    assert_eq!(page.status(), 503);
    assert!(page.text().await.expect("a page").contains("cannot be reached just now"), "in words as well");
    says_of_itself(&other, 200).await;
    let meanwhile = tell(&mut desk, &other, guest, "meanwhile").await.expect("the other server goes on");

    wire.join();
    says_of_itself(&one, 200).await;
    // Whoever was cut off hears what happened meanwhile, and from then on everything as it happens.
    let mut stream = host.listen(&format!("?after={head}")).await;
    assert_eq!(stream.next().await.event, "hello");
    assert_eq!(stream.next_alert().await["id"], meanwhile.id.to_string());
    let here = tell(&mut floor, &one, guest, "after").await.expect("raised");
    assert_eq!(stream.next_alert().await["id"], here.id.to_string());
    let across = tell(&mut desk, &other, guest, "across").await.expect("raised");
    assert_eq!(stream.next_alert().await["id"], across.id.to_string());
    let mut stored: Vec<String> = one.db.rows("SELECT VALUE text FROM alert", vars()).await.expect("alerts");
    stored.sort_unstable();
    assert_eq!(
        stored,
        ["across", "after", "before", "meanwhile"],
        "all that was answered, and nothing that was refused"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_server_that_was_killed_comes_back_with_all_that_was_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    // Its smallest store that outlives the process: each commit is in a log on disk before it is answered.
    let path = format!("memory://{}?aol=sync", folder.path().display());
    let Some(mut server) = Surreal::on(&path) else { return };
    let house = House::open_on(server.db().await).await;
    let guest = house.guest("M0001").await;
    let (mut floor, host) = (house.device("floor", "floor").await, house.device("host", "restaurant").await);
    let mut stream = host.listen("").await;
    assert_eq!(stream.next().await.event, "hello");
    let before = tell(&mut floor, &house, guest, "before").await.expect("raised");
    let heard = stream.next_alert().await;
    assert_eq!(heard["id"], before.id.to_string());

    server.restart();
    let began = Instant::now();
    let after = loop {
        match tell(&mut floor, &house, guest, "after").await {
            Ok(card) => break card,
            Err(error) => assert!(began.elapsed() < NOTICED, "a raise is answered with {error}"),
        }
        sleep(Duration::from_millis(20)).await;
    };
    // On the same stream, and under the next numbers of the same history.
    let again = stream.next_alert().await;
    assert_eq!(again["id"], after.id.to_string());
    assert!(again["seq"].as_u64() > heard["seq"].as_u64());
    let mut stored: Vec<String> = house.db.rows("SELECT VALUE text FROM alert", vars()).await.expect("alerts");
    stored.sort_unstable();
    assert_eq!(stored, ["after", "before"]);
}
