//! The sockets of all streams of this process. A few threads write to them, each frame's bytes shared
//! by everyone who may see it; nobody's slowness delays another.

mod held;
mod memory;
mod sessions;
mod shard;

use super::feed::{Event, Feed, Viewer};
use crate::{ids::HouseId, server::AppState};
use bytes::Bytes;
use sessions::Sessions;
pub use sessions::Watched;
use shard::{Command, PageWanted, Shard};
use std::{
    collections::HashMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::Sender,
    },
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit, broadcast, mpsc};

/// Threads that write. More than this gains nothing: the kernel's locks are then the limit.
const MOST_SHARDS: usize = 4;
/// Events that are written to a stream in one go, when several wait.
const BATCH: usize = 16;
/// Pages that are read from the store at the same time.
const READS: usize = 8;
/// Devices that are let in at the same time. After a restart all of them come, and each costs memory while
/// its session is looked up; the store does not get faster by being asked for thousands at once.
const DOORS: usize = 16;
/// How long a page that was read serves others who ask for the same: after a restart everyone does.
const PAGE_SERVES: Duration = Duration::from_millis(500);

/// A stream that is to be served.
pub struct Joining {
    pub socket: std::net::TcpStream,
    pub viewer: Viewer,
    pub house: HouseId,
    /// Hash of the session's id: what ends the session ends the stream.
    pub session: String,
    /// Number of the last event that the device holds.
    pub last: u64,
    /// Number of the last event that was committed when the device asked.
    pub head: u64,
    /// Number of the last event that was known before the session was looked at: what ended sessions up
    /// to there did not end this one.
    pub looked_at: u64,
    /// Dropped when the stream ends.
    pub guard: Box<dyn Send>,
}

/// The streams of this process.
pub struct Hub {
    shards: Vec<Handle>,
    next: AtomicUsize,
    sessions: Arc<Sessions>,
    doors: Semaphore,
}

struct Handle {
    commands: Sender<Command>,
    waker: Arc<mio::Waker>,
}

impl Handle {
    fn tell(&self, command: Command) {
        // A thread that is gone has closed its sockets.
        if self.commands.send(command).is_ok()
            && let Err(error) = self.waker.wake()
        {
            tracing::error!(%error, "a writing thread could not be woken");
        }
    }
}

impl Hub {
    /// Starts the threads, and follows the feed.
    ///
    /// # Errors
    /// When the system gives no thread or no descriptor.
    pub fn start(feed: &Arc<Feed>) -> io::Result<Arc<Self>> {
        let (wanted, pages) = mpsc::unbounded_channel();
        let count = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_SHARDS);
        let epoch: Arc<str> = feed.epoch().into();
        let shards = (0..count)
            .map(|at| {
                let (shard, commands, waker) = Shard::new(at, Arc::clone(&epoch), wanted.clone())?;
                std::thread::Builder::new().name(format!("streams-{at}")).spawn(move || shard.run())?;
                Ok(Handle { commands, waker })
            })
            .collect::<io::Result<_>>()?;
        let hub = Arc::new(Self {
            shards,
            next: AtomicUsize::new(0),
            sessions: Arc::default(),
            doors: Semaphore::new(DOORS),
        });
        tokio::spawn(follow(Arc::downgrade(&hub), feed.subscribe()));
        tokio::spawn(memory::look_after(Arc::downgrade(&hub)));
        tokio::spawn(read_pages(Arc::downgrade(&hub), Arc::clone(feed), pages));
        Ok(hub)
    }

    /// Serves a stream from now on.
    pub fn join(&self, joining: Joining) {
        let at = self.next.fetch_add(1, Ordering::Relaxed) % self.shards.len();
        self.shards[at].tell(Command::Join(Box::new(joining)));
    }

    /// Waits until a device may be let in. Its turn lasts as long as the answer is held.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed.
        self.doors.acquire().await.ok()
    }

    /// Looks from time to time whether the session goes on, as long as the answer is held.
    #[must_use]
    pub fn watch_session(&self, id: tower_sessions::session::Id) -> Watched {
        self.sessions.watch(id)
    }

    /// Looks at the sessions of all streams until the server stops.
    pub fn look_at_sessions(state: &AppState) {
        tokio::spawn(sessions::look(Arc::clone(&state.hub.sessions), state.clone()));
    }

    /// Ends the streams of a session, with a word to the device.
    pub fn end_session(&self, session: &str) {
        for shard in &self.shards {
            shard.tell(Command::End(session.to_owned()));
        }
    }

    /// Ends every stream: the server stops.
    pub fn stop(&self) {
        for shard in &self.shards {
            shard.tell(Command::Stop);
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Hands what the feed tells to the threads.
async fn follow(hub: std::sync::Weak<Hub>, mut live: broadcast::Receiver<Arc<Event>>) {
    loop {
        let command = match live.recv().await {
            Ok(event) => {
                let mut events = vec![event];
                while events.len() < BATCH
                    && let Ok(event) = live.try_recv()
                {
                    events.push(event);
                }
                Command::Events(events.into())
            }
            Err(broadcast::error::RecvError::Lagged(_)) => Command::Missed,
            Err(broadcast::error::RecvError::Closed) => return,
        };
        let Some(hub) = hub.upgrade() else { return };
        for shard in &hub.shards {
            shard.tell(command.clone_for_all());
        }
    }
}

/// Reads for the streams that are behind what they have missed. Streams that miss the same read it
/// once.
async fn read_pages(hub: std::sync::Weak<Hub>, feed: Arc<Feed>, mut pages: mpsc::UnboundedReceiver<PageWanted>) {
    type Slot = Arc<Mutex<Option<Arc<[Arc<Event>]>>>>;
    let reads = Arc::new(Semaphore::new(READS));
    let mut recent: HashMap<(HouseId, u64), (Instant, Slot)> = HashMap::new();
    while let Some(wanted) = pages.recv().await {
        let now = Instant::now();
        if recent.len() > 64 {
            recent.retain(|_, (read, _)| now - *read < PAGE_SERVES);
        }
        let key = (wanted.house, wanted.after);
        let slot = match recent.get(&key) {
            Some((read, slot)) if now - *read < PAGE_SERVES => Arc::clone(slot),
            _ => {
                let slot = Slot::default();
                recent.insert(key, (now, Arc::clone(&slot)));
                slot
            }
        };
        let (hub, feed, reads) = (hub.clone(), Arc::clone(&feed), Arc::clone(&reads));
        tokio::spawn(async move {
            let mut read = slot.lock().await;
            let events = match &*read {
                Some(events) => Some(Arc::clone(events)),
                None => {
                    // Never closed.
                    let _turn = reads.acquire().await;
                    match feed.after(wanted.house, wanted.after).await {
                        Ok(events) => {
                            let events: Arc<[Arc<Event>]> = events.into();
                            // That there is nothing more is true for this moment only.
                            *read = (!events.is_empty()).then(|| Arc::clone(&events));
                            Some(events)
                        }
                        Err(error) => {
                            tracing::error!(%error, "a stream could not catch up");
                            None
                        }
                    }
                }
            };
            drop(read);
            if let Some(hub) = hub.upgrade() {
                // Without a page the stream ends, and the device comes back.
                hub.shards[wanted.shard].tell(Command::Page { key: wanted.key, turn: wanted.turn, events });
            }
        });
    }
}

/// One server-sent event without a number.
pub fn frame(event: &str, data: &impl serde::Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_else(|_| "null".to_owned());
    Bytes::from(format!("event: {event}\ndata: {data}\n\n"))
}
