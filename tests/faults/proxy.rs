//! The network between devices and servers, which is bad: it delays, cuts in the middle of an event,
//! leaves lines half open, stops reading, and has a proxy that answers for the server.

use crate::cluster::Cluster;
use fastrand::Rng;
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::sleep,
};

/// Nothing at all comes over a line that is half open, for so long. Devices notice earlier.
const HALF_OPEN: Duration = Duration::from_secs(40);
/// What changes something in the house: the answers whose loss hurts.
const DEEDS: [&[u8]; 3] = [b"POST /api/raise ", b"POST /api/acknowledge ", b"POST /api/complete "];

/// What may be answered in a server's place.
const ANSWERS: [&str; 3] = [
    "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 15\r\nconnection: close\r\n\r\n<h1>Oh no!</h1>",
    "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 5\r\nconnection: close\r\n\r\nlater",
    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 39\r\nconnection: close\r\n\r\n<h1>Hotel Wi-Fi</h1> Accept the terms. ",
];

/// The state of the network, and what it has done so far.
pub struct Network {
    rng: Mutex<Rng>,
    calm: AtomicBool,
    /// Who answers in the server's place at the moment.
    answer: Mutex<Option<&'static str>>,
    /// The next answer to a deed is swallowed, and its server killed: between commit and reply.
    strike: AtomicBool,
    /// Grows when every line is cut, or left half open.
    cut_all: watch::Sender<u32>,
    freeze_all: watch::Sender<u32>,
    pub cuts: AtomicU64,
    pub strikes: AtomicU64,
    pub half_open: AtomicU64,
    pub answered: AtomicU64,
}

/// What becomes of one line. Counted in bytes from the server.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Whole,
    Slow(Duration),
    CutAfter(usize),
    HalfOpenAfter(usize),
    /// Nothing is read from the server for a while: its queue fills.
    PauseAfter(usize, Duration),
}

impl Network {
    /// Opens the network between devices, which connect to the address, and the servers.
    pub async fn open(cluster: Arc<Cluster>, rng: Rng) -> (Arc<Self>, SocketAddr) {
        let network = Arc::new(Self {
            rng: Mutex::new(rng),
            calm: AtomicBool::new(true),
            answer: Mutex::default(),
            strike: AtomicBool::new(false),
            cut_all: watch::Sender::new(0),
            freeze_all: watch::Sender::new(0),
            cuts: AtomicU64::new(0),
            strikes: AtomicU64::new(0),
            half_open: AtomicU64::new(0),
            answered: AtomicU64::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let carrying = Arc::clone(&network);
        tokio::spawn(async move {
            loop {
                let Ok((device, _)) = listener.accept().await else { continue };
                tokio::spawn(Arc::clone(&carrying).carry(device, Arc::clone(&cluster)));
            }
        });
        (network, address)
    }

    /// From now on lines go wrong, or none does any more.
    pub fn set_calm(&self, calm: bool) {
        self.calm.store(calm, Ordering::SeqCst);
        if calm {
            self.strike.store(false, Ordering::SeqCst);
            self.answer_with(None);
            self.cut_all();
        }
    }

    pub fn cut_all(&self) {
        self.cut_all.send_modify(|turn| *turn += 1);
    }

    pub fn freeze_all(&self) {
        self.freeze_all.send_modify(|turn| *turn += 1);
    }

    pub fn strike_next(&self) {
        self.strike.store(true, Ordering::SeqCst);
    }

    /// Lets a proxy answer in the servers' place for a while.
    pub async fn be_answered_for(&self, kind: usize, span: Duration) {
        self.answer_with(Some(ANSWERS[kind % ANSWERS.len()]));
        sleep(span).await;
        self.answer_with(None);
    }

    fn answer_with(&self, answer: Option<&'static str>) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut self.rng.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn fate(&self) -> Fate {
        if self.calm.load(Ordering::SeqCst) {
            return Fate::Whole;
        }
        self.draw(|rng| match rng.u32(0..20) {
            0..=2 => Fate::Slow(Duration::from_millis(rng.u64(5..250))),
            3..=5 => Fate::CutAfter(rng.usize(0..6_000)),
            6 => Fate::HalfOpenAfter(rng.usize(0..20_000)),
            7 => Fate::PauseAfter(rng.usize(0..10_000), Duration::from_millis(rng.u64(500..6_000))),
            _ => Fate::Whole,
        })
    }

    async fn carry(self: Arc<Self>, mut device: TcpStream, cluster: Arc<Cluster>) {
        let answer = *self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        let which = self.draw(|rng| rng.usize(0..cluster.count()));
        let server = match answer {
            None => TcpStream::connect(cluster.address(which)).await.map_err(|_| ANSWERS[0]),
            Some(answer) => Err(answer),
        };
        match server {
            Ok(server) => self.join(device, server, which, cluster).await,
            Err(answer) => {
                self.answered.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 8 * 1024];
                if device.read(&mut request).await.is_ok() {
                    drop(device.write_all(answer.as_bytes()).await);
                    drop(device.shutdown().await);
                }
            }
        }
    }

    async fn join(self: Arc<Self>, mut device: TcpStream, mut server: TcpStream, which: usize, cluster: Arc<Cluster>) {
        let (mut cut, mut freeze) = (self.cut_all.subscribe(), self.freeze_all.subscribe());
        let mut fate = self.fate();
        let (mut up, mut down) = ([0; 8 * 1024], [0; 8 * 1024]);
        let mut is_deed = false;
        let mut carried = 0;
        loop {
            tokio::select! {
                read = device.read(&mut up) => {
                    let Ok(count @ 1..) = read else { return };
                    // A body may come in a part of its own.
                    if up[..count].starts_with(b"POST ") || up[..count].starts_with(b"GET ") {
                        is_deed = DEEDS.iter().any(|deed| up[..count].starts_with(deed));
                    }
                    if server.write_all(&up[..count]).await.is_err() {
                        return;
                    }
                }
                read = server.read(&mut down) => {
                    let Ok(count @ 1..) = read else { return };
                    if is_deed && self.strike.swap(false, Ordering::SeqCst) {
                        // It has answered, so it has committed; and nobody hears of it.
                        self.strikes.fetch_add(1, Ordering::SeqCst);
                        cluster.kill(which);
                        tokio::spawn(async move { cluster.revive(which).await });
                        return;
                    }
                    let mut end = count;
                    match fate {
                        Fate::Whole => {}
                        Fate::Slow(pause) => sleep(pause).await,
                        Fate::CutAfter(limit) | Fate::HalfOpenAfter(limit) => end = count.min(limit.saturating_sub(carried)),
                        Fate::PauseAfter(limit, pause) => if carried + count > limit {
                            fate = Fate::Whole;
                            sleep(pause).await;
                        },
                    }
                    if device.write_all(&down[..end]).await.is_err() {
                        return;
                    }
                    carried += end;
                    if end < count {
                        if matches!(fate, Fate::HalfOpenAfter(_)) {
                            return self.hold(cut).await;
                        }
                        self.cuts.fetch_add(1, Ordering::SeqCst);
                        return;
                    }
                }
                _ = cut.changed() => {
                    self.cuts.fetch_add(1, Ordering::SeqCst);
                    return;
                }
                _ = freeze.changed() => return self.hold(cut).await,
            }
        }
    }

    /// Both ends stay open, as their owners are still in the caller's hands, and nothing goes through.
    async fn hold(&self, mut cut: watch::Receiver<u32>) {
        self.half_open.fetch_add(1, Ordering::SeqCst);
        tokio::select! {
            () = sleep(HALF_OPEN) => {}
            _ = cut.changed() => {}
        }
    }
}
