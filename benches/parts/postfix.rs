//! The peers of the sender: postfix's `smtp-sink`, which takes everything and keeps nothing, and its
//! `smtp-source`, which says the same message again and again.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const SINK: &str = "/usr/sbin/smtp-sink";
const SOURCE: &str = "/usr/sbin/smtp-source";

/// A running smtp-sink. Stops when dropped.
pub struct Sink {
    child: Child,
    pub addr: SocketAddr,
}

impl Sink {
    /// `None`, with the reason printed, where it is not installed and cannot be.
    #[allow(clippy::zombie_processes, reason = "waited for when it is dropped")]
    pub fn start() -> Option<Self> {
        let is_there = || Path::new(SINK).exists() && Path::new(SOURCE).exists();
        if !is_there() {
            let install = Command::new("scripts/bench_peers.sh").arg("postfix").status();
            if !install.is_ok_and(|status| status.success()) || !is_there() {
                println!("peer: postfix's smtp-sink and smtp-source could not be installed");
                return None;
            }
        }
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = free.local_addr().expect("an address");
        drop(free);
        let mut command = Command::new(SINK);
        // It refuses to be root.
        if is_root() {
            command.args(["-u", "nobody"]);
        }
        let child = command
            .args([&addr.to_string(), "1024"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink starts");
        for _ in 0..100 {
            if TcpStream::connect(addr).is_ok() {
                return Some(Self { child, addr });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("smtp-sink does not listen");
    }

    /// How many messages of a length smtp-source hands over in a second, on so many connections that stay
    /// open.
    pub fn source(&self, connections: usize, messages: usize, length: usize) -> f64 {
        let began = Instant::now();
        let status = Command::new(SOURCE)
            .args(["-d", "-s", &connections.to_string(), "-m", &messages.to_string(), "-l", &length.to_string()])
            .args(["-f", "greetings@cedars.example", "-t", "guest@post.example", &self.addr.to_string()])
            .status()
            .expect("smtp-source starts");
        assert!(status.success(), "smtp-source: {status}");
        messages as f64 / began.elapsed().as_secs_f64()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    status.lines().any(|line| line.strip_prefix("Uid:").is_some_and(|ids| ids.split_whitespace().nth(1) == Some("0")))
}
