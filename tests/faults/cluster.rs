//! The real servers, as processes that can be killed: one on an embedded store, or two on a SurrealDB
//! server.

use fastrand::Rng;
use rapport::server::{
    config::Config,
    db::{Db, DbError},
};
use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a server may take until it is ready, on a machine with other things to do.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// All processes of the test, and where they keep their data.
pub struct Cluster {
    folder: tempfile::TempDir,
    surreal: Option<Surreal>,
    servers: Vec<Server>,
    http: reqwest::Client,
    pub kills: AtomicU64,
    /// No server is started any more.
    closed: AtomicBool,
}

struct Surreal {
    process: Child,
    url: String,
}

struct Server {
    address: SocketAddr,
    process: Mutex<Option<Child>>,
    ready: AtomicBool,
    /// Held while it is being started again.
    starting: tokio::sync::Mutex<()>,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}

impl Cluster {
    /// Makes the demo house and starts the servers.
    pub async fn start(with_surreal: bool) -> Arc<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        // Only what the start insists on: this test opens no page.
        std::fs::create_dir_all(folder.path().join("site/pkg")).expect("a folder");
        std::fs::write(folder.path().join("site/pkg/rapport.js"), "").expect("a file");
        let surreal = with_surreal.then(Surreal::start);
        let servers = (0..if with_surreal { 2 } else { 1 })
            .map(|_| Server {
                address: SocketAddr::from(([127, 0, 0, 1], free_port())),
                process: Mutex::default(),
                ready: AtomicBool::new(false),
                starting: tokio::sync::Mutex::default(),
            })
            .collect();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(2)).build().expect("a client");
        let cluster =
            Arc::new(Self { folder, surreal, servers, http, kills: AtomicU64::new(0), closed: AtomicBool::new(false) });
        let made = cluster.command(0).arg("demo").status().expect("rapport demo");
        assert!(made.success(), "the demo house could not be made");
        for which in 0..cluster.servers.len() {
            cluster.revive(which).await;
        }
        cluster
    }

    pub fn count(&self) -> usize {
        self.servers.len()
    }

    pub fn address(&self, which: usize) -> SocketAddr {
        self.servers[which].address
    }

    pub fn is_ready(&self, which: usize) -> bool {
        self.servers[which].ready.load(Ordering::SeqCst)
    }

    /// SIGKILL: nothing is written on the way out.
    pub fn kill(&self, which: usize) {
        self.servers[which].ready.store(false, Ordering::SeqCst);
        let mut process = self.servers[which].process.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut running) = process.take() {
            self.kills.fetch_add(1, Ordering::SeqCst);
            drop(running.kill());
            drop(running.wait());
        }
    }

    /// Starts a server that was killed, and waits until it is ready.
    pub async fn revive(&self, which: usize) {
        let server = &self.servers[which];
        let _turn = server.starting.lock().await;
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < READY_WITHIN, "server {which} is not ready");
            {
                let mut process = server.process.lock().unwrap_or_else(PoisonError::into_inner);
                if self.closed.load(Ordering::SeqCst) {
                    return;
                }
                // Killed once more meanwhile, or refused by a store that the one before still held.
                if process.as_mut().is_none_or(|running| !matches!(running.try_wait(), Ok(None))) {
                    *process = Some(self.command(which).arg("serve").spawn().expect("the server starts"));
                }
            }
            let answer = self.http.get(format!("http://{}/readyz", server.address)).send().await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                server.ready.store(true, Ordering::SeqCst);
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Kills a server, leaves it dead for a moment, and starts it again.
    pub async fn restart(&self, which: usize, rng: &mut Rng) {
        self.kill(which);
        tokio::time::sleep(Duration::from_millis(rng.u64(0..1_500))).await;
        self.revive(which).await;
    }

    /// Kills every server for good.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        for which in 0..self.servers.len() {
            self.kill(which);
        }
    }

    /// Memory that a server occupies, in MiB.
    pub fn resident_mib(&self, which: usize) -> u64 {
        let process = self.servers[which].process.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(id) = process.as_ref().map(Child::id) else { return 0 };
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
        kib.unwrap_or(0_u64) / 1024
    }

    /// The store, in this process. An embedded one is free a moment after the server that had it died.
    pub async fn store(&self) -> Db {
        let config = Config::from_sources(self.environment(0).into_iter(), None).expect("a configuration");
        let began = Instant::now();
        loop {
            match Db::open(&config).await {
                Err(DbError::InUse(_)) if began.elapsed() < READY_WITHIN => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                opened => return opened.expect("the store"),
            }
        }
    }

    fn environment(&self, which: usize) -> Vec<(String, String)> {
        let path = |path: PathBuf| path.display().to_string();
        let mut environment = vec![
            ("RAPPORT_ADDR".to_owned(), self.servers[which].address.to_string()),
            ("RAPPORT_DATA_DIR".to_owned(), path(self.folder.path().join(format!("data{which}")))),
            ("RAPPORT_SITE_ROOT".to_owned(), path(self.folder.path().join("site"))),
            ("RAPPORT_LOG".to_owned(), std::env::var("FAULTS_LOG").unwrap_or_else(|_| "off".to_owned())),
        ];
        if let Some(surreal) = &self.surreal {
            for (name, value) in [("DB", surreal.url.as_str()), ("DB_USER", "root"), ("DB_PASSWORD", "root")] {
                environment.push((format!("RAPPORT_{name}"), value.to_owned()));
            }
        }
        environment
    }

    fn command(&self, which: usize) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
        command.envs(self.environment(which)).stdout(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.close();
    }
}

impl Surreal {
    fn start() -> Self {
        let program =
            std::env::var_os("RAPPORT_SURREAL").expect("RAPPORT_SURREAL names the SurrealDB server's program");
        let port = free_port();
        let process = Command::new(program)
            .args(["start", "--no-banner", "--log", "error", "--user", "root", "--pass", "root"])
            .args(["--bind", &format!("127.0.0.1:{port}"), "memory"])
            .stdout(Stdio::null())
            .spawn()
            .expect("the SurrealDB server starts");
        Self { process, url: format!("ws://127.0.0.1:{port}") }
    }
}

impl Drop for Surreal {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
