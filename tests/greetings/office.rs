//! A relay in this process that writes down what it took, by Message-ID, and stops wherever it is told to:
//! whoever is on the other side can be killed at any point of the conversation.

use fastrand::Rng;
use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::oneshot,
    time::sleep,
};

/// The longest that it thinks before an answer.
const THINKS: Duration = Duration::from_millis(12);

/// A point of the conversation, and what is true of the sender's ledger there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Boundary {
    /// A connection is made: occurrences are claimed and their letters are kept.
    Connected,
    /// The connection is ready: `sending` is being committed.
    Greeted,
    /// MAIL: `sending` is committed.
    Sender,
    Recipient,
    Data,
    /// In the middle of the message.
    Body,
    /// The message is here to its last dot, and nobody has taken it.
    End,
    /// It is taken, and 250 has not been said.
    Taken,
    /// 250 has been said: what became of it is being committed.
    Answered,
}

impl Boundary {
    pub const ALL: [Self; 9] = [
        Self::Connected,
        Self::Greeted,
        Self::Sender,
        Self::Recipient,
        Self::Data,
        Self::Body,
        Self::End,
        Self::Taken,
        Self::Answered,
    ];

    /// Whether the conversation goes on, because it is the other side that is about to do something.
    pub fn goes_on(self) -> bool {
        matches!(self, Self::Greeted | Self::Answered)
    }

    /// Whether only a connection that is new comes to it.
    pub fn is_of_new_connections(self) -> bool {
        matches!(self, Self::Connected | Self::Greeted)
    }
}

/// The relay, with a door for each server.
pub struct Office {
    doors: Vec<SocketAddr>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    taken: Mutex<Vec<String>>,
    ambush: Mutex<Option<Ambush>>,
}

struct Ambush {
    door: usize,
    at: Boundary,
    sprung: oneshot::Sender<()>,
}

impl Office {
    pub async fn open(doors: usize, rng: &mut Rng) -> Self {
        let shared = Arc::new(Shared::default());
        let mut addresses = Vec::with_capacity(doors);
        for door in 0..doors {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            addresses.push(listener.local_addr().expect("an address"));
            let (shared, mut rng) = (Arc::clone(&shared), rng.fork());
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let visit = Visit::new(stream, door, Arc::clone(&shared), rng.fork());
                    tokio::spawn(async move {
                        // The other side is killed again and again: that is what it is here for.
                        drop(visit.run().await);
                    });
                }
            });
        }
        Self { doors: addresses, shared }
    }

    pub fn doors(&self) -> &[SocketAddr] {
        &self.doors
    }

    /// Waits for the next conversation at a door that comes to a point. Of two such, the later one counts.
    pub fn ambush(&self, door: usize, at: Boundary) -> oneshot::Receiver<()> {
        let (sprung, springs) = oneshot::channel();
        *self.shared.ambush() = Some(Ambush { door, at, sprung });
        springs
    }

    /// The Message-IDs of everything that was taken, in its order.
    pub fn taken(&self) -> Vec<String> {
        self.shared.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Shared {
    fn ambush(&self) -> MutexGuard<'_, Option<Ambush>> {
        self.ambush.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, message_id: String) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(message_id);
    }
}

/// One connection.
struct Visit {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    door: usize,
    shared: Arc<Shared>,
    rng: Rng,
}

impl Visit {
    fn new(stream: TcpStream, door: usize, shared: Arc<Shared>, rng: Rng) -> Self {
        drop(stream.set_nodelay(true));
        let (reader, writer) = stream.into_split();
        Self { reader: BufReader::new(reader), writer, door, shared, rng }
    }

    async fn run(mut self) -> io::Result<()> {
        self.reach(Boundary::Connected).await?;
        self.say("220 office.test").await?;
        loop {
            let line = self.line().await?;
            let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match command.as_str() {
                "EHLO" | "HELO" => {
                    self.say("250 office.test").await?;
                    self.reach(Boundary::Greeted).await?;
                }
                "MAIL" => {
                    self.reach(Boundary::Sender).await?;
                    self.say("250 go on").await?;
                }
                "RCPT" => {
                    self.reach(Boundary::Recipient).await?;
                    self.say("250 go on").await?;
                }
                "DATA" => self.message().await?,
                "QUIT" => return self.say("221 bye").await,
                _ => self.say("250 yes").await?,
            }
        }
    }

    async fn message(&mut self) -> io::Result<()> {
        self.reach(Boundary::Data).await?;
        self.say("354 go on").await?;
        let mut head = String::new();
        let mut is_body = false;
        loop {
            let line = self.line().await?;
            if line == "." {
                break;
            }
            if !is_body && line.is_empty() {
                is_body = true;
                self.reach(Boundary::Body).await?;
            }
            if !is_body {
                head.push_str(&line);
                head.push('\n');
            }
        }
        self.reach(Boundary::End).await?;
        self.shared.take(message_id(&head));
        self.reach(Boundary::Taken).await?;
        self.say("250 taken").await?;
        self.reach(Boundary::Answered).await
    }

    /// Stops here if it was told to, until the other side is dead.
    async fn reach(&mut self, at: Boundary) -> io::Result<()> {
        let ambush = {
            let mut ambush = self.shared.ambush();
            ambush.take_if(|ambush| ambush.door == self.door && ambush.at == at)
        };
        let Some(ambush) = ambush else { return Ok(()) };
        // Whoever waited may have gone on.
        let _ = ambush.sprung.send(());
        if at.goes_on() {
            return Ok(());
        }
        loop {
            self.line().await?;
        }
    }

    /// The next line without its end.
    async fn line(&mut self) -> io::Result<String> {
        let mut bytes = Vec::new();
        if self.reader.read_until(b'\n', &mut bytes).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned())
    }

    async fn say(&mut self, answer: &str) -> io::Result<()> {
        sleep(THINKS.mul_f64(self.rng.f64())).await;
        self.writer.write_all(format!("{answer}\r\n").as_bytes()).await
    }
}

/// A message without one is one that nobody has sent.
fn message_id(head: &str) -> String {
    let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
    let found = unfolded.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("Message-ID").then(|| value.trim().to_owned())
    });
    found.unwrap_or_default()
}
