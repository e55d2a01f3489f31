//! One alert to N streams: from the commit to the receipt in another process, over loopback.
//!
//! `make bench NAME=fanout`. Prints a line a figure. The server runs in this process on a store on
//! disk; this program starts itself again as the clients.

use chrono::Utc;
use rapport::{
    alerts::{
        AlertKind,
        store::{NewAlert, raise},
    },
    house::{
        StationKind,
        store::{NewHouse, NewStation, insert_house, insert_station},
    },
    ids::{AlertId, GuestId},
    server::{
        AppState,
        clock::{Clock, SystemClock},
        config::Config,
        db::{Db, record, vars},
        router,
    },
    staff::{
        Role,
        guard::{self, RaiseAlerts},
        session::{Login, StoredSessions},
        store::{NewStaff, add_device, insert, place_device},
    },
};
use std::{
    io::{Read, Write},
    net::SocketAddr,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
    sync::watch,
};

const STREAMS: [usize; 3] = [200, 1_000, 8_000];
const ALERTS: usize = 40;
const PAUSE: Duration = Duration::from_millis(250);

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    match args.iter().position(|arg| arg == "--clients") {
        Some(at) => runtime.block_on(clients(&args[at + 1..])),
        None => runtime.block_on(measure()),
    }
}

async fn measure() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path()).await;
    println!(
        "fan-out of one alert, {ALERTS} alerts each, store on disk with sync=every, dev profile with optimised dependencies"
    );
    for streams in STREAMS {
        let before = resident_bytes();
        let mut clients = Command::new(std::env::current_exe().expect("this program"))
            .args(["--clients", &streams.to_string(), &house.addr.to_string(), &house.cookie, &ALERTS.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the clients start");
        let mut answers = clients.stdout.take().expect("a pipe");
        let mut ready = [0; 1];
        answers.read_exact(&mut ready).expect("the clients are connected");
        let per_stream = resident_bytes().saturating_sub(before) / streams;
        let mut committed = Vec::with_capacity(ALERTS);
        for _ in 0..ALERTS {
            tokio::time::sleep(PAUSE).await;
            house.raise().await;
            committed.push(nanos());
        }
        // The clients stop by themselves when they have everything, or when told to.
        tokio::time::sleep(Duration::from_secs(3)).await;
        clients.stdin.take().expect("a pipe").write_all(b".").expect("told to stop");
        let mut bytes = Vec::new();
        answers.read_to_end(&mut bytes).expect("what the clients saw");
        clients.wait().expect("the clients end");
        report(streams, &committed, &bytes, per_stream);
    }
}

/// Prints the figures: each client wrote its receipts, one for each alert, 0 for none.
fn report(streams: usize, committed: &[u64], bytes: &[u8], per_stream: usize) {
    let receipts: Vec<u64> =
        bytes.chunks_exact(8).map(|chunk| u64::from_le_bytes(chunk.try_into().expect("eight bytes"))).collect();
    assert_eq!(receipts.len(), streams * committed.len(), "every client reports");
    let mut latencies = Vec::with_capacity(receipts.len());
    let mut lost = 0;
    for client in receipts.chunks_exact(committed.len()) {
        for (receipt, commit) in client.iter().zip(committed) {
            match receipt {
                0 => lost += 1,
                at => latencies.push(at.saturating_sub(*commit)),
            }
        }
    }
    latencies.sort_unstable();
    let at = |share: f64| {
        let place = ((latencies.len() as f64 * share) as usize).min(latencies.len().saturating_sub(1));
        latencies.get(place).copied().unwrap_or_default() as f64 / 1e6
    };
    println!("fanout/{streams}/p50 {:.2} ms", at(0.5));
    println!("fanout/{streams}/p99 {:.2} ms", at(0.99));
    println!("fanout/{streams}/max {:.2} ms", at(1.0));
    println!("fanout/{streams}/lost {lost} of {}", receipts.len());
    println!("fanout/{streams}/memory {:.1} KB a stream", per_stream as f64 / 1024.0);
}

struct House {
    state: AppState,
    addr: SocketAddr,
    cookie: String,
    session: tower_sessions::session::Id,
    guest: GuestId,
    receiver: rapport::ids::StationId,
    _stop: watch::Sender<bool>,
}

impl House {
    async fn open(folder: &std::path::Path) -> Self {
        let env = [("RAPPORT_DATA_DIR".to_owned(), folder.display().to_string())];
        let config = Arc::new(Config::from_sources(env.into_iter(), None).expect("a configuration"));
        let db = Db::open(&config).await.expect("a store");
        let new =
            NewHouse { name: "Bench".into(), code: "BENCH".into(), timezone: chrono_tz::UTC, currency: "EUR".into() };
        let house = insert_house(&db, new).await.expect("a house");
        let station = |name: &str, kind| NewStation { name: name.into(), kind, extension: "1".into() };
        let floor = insert_station(&db, house, station("Floor", StationKind::Floor)).await.expect("a station");
        let receiver =
            insert_station(&db, house, station("Restaurant", StationKind::Restaurant)).await.expect("a station");
        let new = NewStaff { login: "m".into(), name: "M".into(), role: Role::Manager, password_hash: "-".into() };
        let staff = insert(&db, house, new).await.expect("a manager");
        let device = add_device(&db, Utc::now()).await.expect("a device");
        let guest = GuestId::new();
        db.query(
            "CREATE $guest SET revision = 1, first = 'Wei', last = 'Zhang', native = '张伟', vip = 2, phones = [], \
             emails = [], deceased = false, blocklisted = false, incognito = false, match_keys = []",
            vars().with("guest", record("guest", guest)),
        )
        .await
        .expect("a guest");
        let (stop, shutdown) = watch::channel(false);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let state = AppState::start(db.clone(), config, clock, shutdown).await.expect("a state");
        let session = tower_sessions::Session::new(None, Arc::new(StoredSessions::new(db.clone())), None);
        Login::begin(&state, &session, staff, device).await.expect("a session");
        let (actor, _) = guard::actor(&state, &session).await.expect("signed in");
        place_device(&db, &actor, floor).await.expect("a place");
        let id = session.id().expect("a session id");
        let listener = TcpSocket::new_v4().expect("a socket");
        listener.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        let listener: TcpListener = listener.listen(8_192).expect("listening");
        let addr = listener.local_addr().expect("an address");
        let app = router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { state, addr, cookie: format!("rapport={id}"), session: id, guest, receiver, _stop: stop }
    }

    async fn raise(&self) {
        let store = Arc::new(StoredSessions::new(self.state.db.clone()));
        let session = tower_sessions::Session::new(Some(self.session), store, None);
        let permit = guard::permit::<RaiseAlerts>(&self.state, &session).await.expect("may raise");
        let new = NewAlert {
            id: AlertId(ulid::Ulid::new()),
            guest: self.guest,
            receiver: self.receiver,
            kind: AlertKind::ComingDown,
            text: None,
        };
        raise(&self.state.db, &permit, Utc::now(), new).await.expect("raised");
    }
}

/// The other process: connects, says so with one byte, and writes when each alert came to each stream.
async fn clients(args: &[String]) {
    let streams: usize = args[0].parse().expect("a number");
    let addr: SocketAddr = args[1].parse().expect("an address");
    let alerts: usize = args[3].parse().expect("a number");
    let request = format!("GET /events HTTP/1.1\r\nhost: {addr}\r\ncookie: {}\r\n\r\n", args[2]);
    let (stop, stopped) = watch::channel(false);
    let mut tasks = Vec::with_capacity(streams);
    for _ in 0..streams {
        let mut socket = tokio::net::TcpStream::connect(addr).await.expect("connected");
        socket.write_all(request.as_bytes()).await.expect("asked");
        let mut first = vec![0; 1024];
        let mut text = Vec::new();
        while !text.windows(12).any(|part| part == b"event: hello") {
            let count = socket.read(&mut first).await.expect("an answer");
            assert!(count > 0, "the stream is refused");
            text.extend_from_slice(&first[..count]);
        }
        let mut stopped = stopped.clone();
        tasks.push(tokio::spawn(async move {
            let mut receipts = Vec::with_capacity(alerts);
            let mut bytes = vec![0; 2048];
            let mut tail = Vec::new();
            while receipts.len() < alerts {
                tokio::select! {
                    count = socket.read(&mut bytes) => {
                        let Ok(count @ 1..) = count else { break };
                        let now = nanos();
                        tail.extend_from_slice(&bytes[..count]);
                        while let Some(end) = tail.windows(2).position(|part| part == b"\n\n") {
                            let frame: Vec<u8> = tail.drain(..end + 2).collect();
                            if frame.windows(11).any(|part| part == b"event: live") {
                                receipts.push(now);
                            }
                        }
                    }
                    _ = stopped.changed() => break,
                }
            }
            receipts.resize(alerts, 0);
            receipts
        }));
    }
    let mut out = std::io::stdout();
    out.write_all(b"!").and_then(|()| out.flush()).expect("the server listens");
    tokio::task::spawn_blocking(move || {
        let mut told = [0; 1];
        drop(std::io::stdin().read(&mut told));
        stop.send_replace(true);
    });
    for task in tasks {
        for receipt in task.await.expect("a client") {
            out.write_all(&receipt.to_le_bytes()).expect("the server listens");
        }
    }
}

fn nanos() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_nanos()).expect("before 2554")
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: usize = statm.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).expect("a number");
    pages * 4096
}
