//! The peer: nginx with nchan, which fans out messages as server-sent events.

use super::nanos;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

/// A running nginx. Stops when dropped.
pub struct Nchan {
    child: Child,
    pub addr: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Nchan {
    /// `None`, with the reason printed, where it is not installed and cannot be.
    #[allow(clippy::zombie_processes, reason = "waited for when it is dropped")]
    pub fn start() -> Option<Self> {
        if !Path::new(MODULE).exists() {
            let installed =
                Command::new("scripts/bench_peers.sh").arg("nchan").status().is_ok_and(|status| status.success());
            if !installed || !Path::new(MODULE).exists() {
                println!("peer: nginx with nchan could not be installed");
                return None;
            }
        }
        let folder = tempfile::tempdir().expect("a folder");
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = free.local_addr().expect("an address");
        drop(free);
        let path = folder.path().display();
        let config = format!(
            "load_module {MODULE};\ndaemon off;\nworker_processes auto;\nworker_rlimit_nofile {files};\npid {path}/pid;\n\
             error_log {path}/error.log;\nevents {{ worker_connections {files}; }}\n\
             http {{\n access_log off;\n client_body_temp_path {path}/body;\n proxy_temp_path {path}/proxy;\n \
             fastcgi_temp_path {path}/fastcgi;\n uwsgi_temp_path {path}/uwsgi;\n scgi_temp_path {path}/scgi;\n \
             tcp_nodelay on;\n keepalive_requests 1000000;\n nchan_max_reserved_memory 512M;\n server {{\n  listen {addr} backlog=8192;\n  \
             location /pub {{ nchan_publisher; nchan_channel_id house; nchan_message_buffer_length 10; }}\n  \
             location /sub {{ nchan_subscriber eventsource; nchan_channel_id house; nchan_subscriber_first_message newest; }}\n }}\n}}\n",
            files = super::descriptors(),
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, config).expect("a configuration");
        let child = Command::new("/usr/sbin/nginx")
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx starts");
        for _ in 0..100 {
            if TcpStream::connect(addr).is_ok() {
                return Some(Self { child, addr, _folder: folder });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("nginx does not listen");
    }

    /// What a client sends to listen.
    pub fn request(&self) -> String {
        format!("GET /sub HTTP/1.1\r\nhost: {}\r\naccept: text/event-stream\r\n\r\n", self.addr)
    }

    /// Processes that do the work.
    pub fn workers(&self) -> Vec<u32> {
        let master = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{master}/task/{master}/children")).unwrap_or_default();
        children.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
    }

    /// A connection over which alerts are published.
    pub fn publisher(&self) -> Publisher {
        let socket = TcpStream::connect(self.addr).expect("connected");
        socket.set_nodelay(true).expect("no delay");
        Publisher { socket, host: self.addr }
    }
}

impl Drop for Nchan {
    fn drop(&mut self) {
        for pid in self.workers().into_iter().chain([self.child.id()]) {
            let _ = Command::new("kill").arg("-9").arg(pid.to_string()).status();
        }
        let _ = self.child.wait();
    }
}

pub struct Publisher {
    socket: TcpStream,
    host: SocketAddr,
}

impl Publisher {
    /// Publishes one message; returns when it was handed over, in nanoseconds since 1970.
    pub fn publish(&mut self, body: &str) -> u64 {
        let request = format!(
            "POST /pub HTTP/1.1\r\nhost: {}\r\nx-eventsource-event: live\r\ncontent-length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        let at = nanos();
        self.socket.write_all(request.as_bytes()).expect("published");
        let mut bytes = [0; 4096];
        let count = self.socket.read(&mut bytes).expect("an answer");
        assert!(bytes[..count].starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(&bytes[..count]));
        at
    }
}
