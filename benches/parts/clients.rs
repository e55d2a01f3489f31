//! Many streams in a process of their own, on one thread: what it costs to listen must not hide what it
//! costs to tell.

use super::nanos;
use mio::{Events, Interest, Poll, Token, net::TcpStream};
use std::{
    io::{ErrorKind, Read, Write},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Streams for one source address: a pair of addresses has about 28,000 ports.
const PORTS: usize = 10_000;

/// What an event has that tells of a new alert.
const ALERT: &[u8] = b"\"urgency\":\"plain\",";

/// The argument with which a benchmark starts itself as the clients.
pub const FLAG: &str = "--clients";

/// Streams that another process has opened.
pub struct Clients {
    child: Child,
    streams: usize,
    alerts: usize,
}

impl Clients {
    /// Opens the streams: `request` is sent on each, and `greeting` awaited.
    pub fn open(streams: usize, alerts: usize, addr: SocketAddr, request: &str, greeting: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args([FLAG, &streams.to_string(), &alerts.to_string(), &addr.to_string(), request, greeting])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the clients start");
        let mut ready = [0; 1];
        child.stdout.as_mut().expect("a pipe").read_exact(&mut ready).expect("the clients are connected");
        Self { child, streams, alerts }
    }

    /// When each alert came to each stream: one list a stream, 0 for never.
    pub fn receipts(mut self) -> Vec<Vec<u64>> {
        drop(self.child.stdin.take());
        let mut bytes = Vec::new();
        self.child.stdout.take().expect("a pipe").read_to_end(&mut bytes).expect("what the clients saw");
        self.child.wait().expect("the clients end");
        let all: Vec<u64> =
            bytes.chunks_exact(8).map(|chunk| u64::from_le_bytes(chunk.try_into().expect("eight bytes"))).collect();
        assert_eq!(all.len(), self.streams * self.alerts, "every stream reports");
        all.chunks_exact(self.alerts).map(<[u64]>::to_vec).collect()
    }
}

struct Stream {
    socket: TcpStream,
    unread: Vec<u8>,
    receipts: Vec<u64>,
}

/// The other process.
pub fn run(args: &[String]) {
    let number = |at: usize| args[at].parse::<usize>().expect("a number");
    let (streams, alerts) = (number(0), number(1));
    let addr: SocketAddr = args[2].parse().expect("an address");
    let (request, greeting) = (&args[3], &args[4]);
    let mut poll = Poll::new().expect("epoll");
    // Everyone asks before anyone is heard, as after a restart.
    let asked: Vec<_> = (0..streams).map(|at| ask(at, addr, request)).collect();
    let mut open: Vec<Stream> = asked.into_iter().map(|socket| hear(socket, greeting)).collect();
    for (at, stream) in open.iter_mut().enumerate() {
        poll.registry().register(&mut stream.socket, Token(at), Interest::READABLE).expect("registered");
    }
    let mut out = std::io::stdout().lock();
    out.write_all(b"!").and_then(|()| out.flush()).expect("someone listens");
    let stopped = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stopped);
    std::thread::spawn(move || {
        // Ends when the other side closes it.
        drop(std::io::stdin().read(&mut [0; 1]));
        told.store(true, Ordering::Relaxed);
    });
    let mut ready = Events::with_capacity(1024);
    while !stopped.load(Ordering::Relaxed) {
        poll.poll(&mut ready, Some(Duration::from_millis(50))).expect("polled");
        for event in &ready {
            open[event.token().0].read();
        }
    }
    for stream in &mut open {
        stream.receipts.resize(alerts, 0);
        for receipt in &stream.receipts {
            out.write_all(&receipt.to_le_bytes()).expect("someone listens");
        }
    }
}

fn ask(at: usize, addr: SocketAddr, request: &str) -> std::net::TcpStream {
    // One source address for some thousands of streams.
    let from = SocketAddr::from(([127, 0, 0, 2 + u8::try_from(at / PORTS).expect("few")], 0));
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    socket.bind(&from.into()).expect("an address");
    socket.connect(&addr.into()).expect("connected");
    let mut socket: std::net::TcpStream = socket.into();
    socket.write_all(request.as_bytes()).expect("asked");
    socket
}

fn hear(mut socket: std::net::TcpStream, greeting: &str) -> Stream {
    let mut unread = Vec::new();
    let mut bytes = [0; 2048];
    while !unread.windows(greeting.len()).any(|part| part == greeting.as_bytes()) {
        let count = socket.read(&mut bytes).expect("an answer");
        assert!(count > 0, "the stream is refused: {}", String::from_utf8_lossy(&unread));
        unread.extend_from_slice(&bytes[..count]);
    }
    socket.set_nonblocking(true).expect("non-blocking");
    let mut stream = Stream { socket: TcpStream::from_std(socket), unread: Vec::new(), receipts: Vec::new() };
    stream.take(&unread);
    stream
}

impl Stream {
    fn read(&mut self) {
        let mut bytes = [0; 16 * 1024];
        loop {
            match self.socket.read(&mut bytes) {
                Ok(0) => return,
                Ok(count) => self.take(&bytes[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("a stream broke: {error}"),
            }
        }
    }

    /// An alert counts when its last byte has come.
    fn take(&mut self, bytes: &[u8]) {
        let now = nanos();
        self.unread.extend_from_slice(bytes);
        while let Some(end) = self.unread.windows(2).position(|part| part == b"\n\n") {
            if self.unread[..end].windows(ALERT.len()).any(|part| part == ALERT) {
                self.receipts.push(now);
            }
            self.unread.drain(..end + 2);
        }
    }
}
