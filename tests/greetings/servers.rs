//! The real servers, as processes that can be killed: one on an embedded store, or two on a SurrealDB
//! server where there is one.

use rapport::server::{
    config::Config,
    db::{Db, DbError},
};
use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// How long a store may take until it can be opened, on a machine with other things to do.
const OPEN_WITHIN: Duration = Duration::from_secs(120);
/// Messages that a server has on the wire at once.
pub const CONNECTIONS: usize = 4;
/// Messages a minute of a house. It bounds how many occurrences a server that is killed has claimed.
const PER_MINUTE: u32 = 1_500;

/// All processes of the test, and where they keep their data.
pub struct Servers {
    folder: tempfile::TempDir,
    surreal: Option<Surreal>,
    servers: Vec<Server>,
}

struct Surreal {
    process: Child,
    url: String,
}

struct Server {
    address: SocketAddr,
    /// The relay's.
    door: SocketAddr,
    process: Mutex<Option<Child>>,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}

/// How many servers there can be.
pub fn possible() -> usize {
    if Surreal::program().is_some() { 2 } else { 1 }
}

impl Servers {
    /// One for each door of the relay. None of them runs yet.
    pub fn prepare(doors: &[SocketAddr]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // Only what the start insists on: this test opens no page.
        std::fs::create_dir_all(folder.path().join("site/pkg")).expect("a folder");
        std::fs::write(folder.path().join("site/pkg/rapport.js"), "").expect("a file");
        let servers = doors
            .iter()
            .map(|door| Server {
                address: SocketAddr::from(([127, 0, 0, 1], free_port())),
                door: *door,
                process: Mutex::default(),
            })
            .collect();
        Self { folder, surreal: (doors.len() > 1).then(Surreal::start), servers }
    }

    pub fn count(&self) -> usize {
        self.servers.len()
    }

    /// Starts every server that does not run: it was killed, or refused by a store that the one before still
    /// held.
    pub fn keep_alive(&self) {
        for which in 0..self.servers.len() {
            let mut process = self.process(which);
            if process.as_mut().is_none_or(|running| !matches!(running.try_wait(), Ok(None))) {
                let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
                command.envs(self.environment(which)).arg("serve").stdout(Stdio::null());
                *process = Some(command.spawn().expect("the server starts"));
            }
        }
    }

    /// SIGKILL: nothing is written on the way out. Tells whether there was something to kill.
    pub fn kill(&self, which: usize) -> bool {
        let Some(mut running) = self.process(which).take() else { return false };
        let ran = matches!(running.try_wait(), Ok(None));
        drop(running.kill());
        drop(running.wait());
        ran
    }

    pub fn kill_all(&self) {
        for which in 0..self.servers.len() {
            self.kill(which);
        }
    }

    /// The settings of a server.
    pub fn config(&self, which: usize) -> Config {
        Config::from_sources(self.environment(which).into_iter(), None).expect("a configuration")
    }

    /// Does something with the store in a runtime of its own. When this returns nothing of it is left, so that
    /// an embedded store is free for a server.
    pub fn with_store<Work, Doing, T>(&self, work: Work) -> T
    where
        Work: FnOnce(Db) -> Doing + Send,
        Doing: Future<Output = T>,
        T: Send,
    {
        let config = self.config(0);
        thread::scope(|scope| {
            let done = scope.spawn(move || {
                let runtime = tokio::runtime::Runtime::new().expect("a runtime");
                runtime.block_on(async move {
                    let done = work(open(&config).await).await;
                    self.is_closed().await;
                    done
                })
            });
            done.join().expect("the store did what was asked")
        })
    }

    /// Waits until this process has no file of the embedded stores open. The store closes its files by and by
    /// once nobody has a hand on it, and not at all when its runtime ends before.
    async fn is_closed(&self) {
        let began = Instant::now();
        let is_ours = |file: std::fs::DirEntry| {
            std::fs::read_link(file.path()).is_ok_and(|path| path.starts_with(self.folder.path()))
        };
        while std::fs::read_dir("/proc/self/fd").expect("this process's files").flatten().any(is_ours) {
            assert!(began.elapsed() < OPEN_WITHIN, "the store keeps its files open");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn process(&self, which: usize) -> MutexGuard<'_, Option<Child>> {
        self.servers[which].process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn environment(&self, which: usize) -> Vec<(String, String)> {
        let server = &self.servers[which];
        let mut environment = vec![
            ("ADDR", server.address.to_string()),
            ("DATA_DIR", self.folder.path().join(format!("data{which}")).display().to_string()),
            ("SITE_ROOT", self.folder.path().join("site").display().to_string()),
            ("LOG", std::env::var("GREETINGS_LOG").unwrap_or_else(|_| "off".to_owned())),
            ("BASE_URL", "https://rapport.example".to_owned()),
            ("TLS", "true".to_owned()),
            ("MAIL", format!("smtp://{}?tls=none&connect=5s&command=10s&body=20s", server.door)),
            ("MAIL_FROM", "The Cedars <greetings@cedars.example>".to_owned()),
            ("MAIL_CONNECTIONS", CONNECTIONS.to_string()),
            ("MAIL_PER_MINUTE", PER_MINUTE.to_string()),
        ];
        if let Some(surreal) = &self.surreal {
            environment.push(("DB", surreal.url.clone()));
            environment.extend([("DB_USER", "root".to_owned()), ("DB_PASSWORD", "root".to_owned())]);
        }
        environment.into_iter().map(|(name, value)| (format!("RAPPORT_{name}"), value)).collect()
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.kill_all();
    }
}

/// An embedded store is free a moment after the process that had it died.
async fn open(config: &Config) -> Db {
    let began = Instant::now();
    loop {
        match Db::open(config).await {
            Err(DbError::InUse(_)) if began.elapsed() < OPEN_WITHIN => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            opened => return opened.expect("the store"),
        }
    }
}

impl Surreal {
    fn program() -> Option<std::ffi::OsString> {
        std::env::var_os("RAPPORT_SURREAL").filter(|program| !program.is_empty())
    }

    fn start() -> Self {
        let program = Self::program().expect("RAPPORT_SURREAL names the SurrealDB server's program");
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
