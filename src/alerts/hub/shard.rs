//! One thread with its share of the sockets. It never waits for a socket: what one does not take stays
//! behind, and is read again from the store when there is room. So a stream costs a few hundred bytes
//! however slow its device is.

use super::{Joining, frame};
use crate::{
    alerts::feed::{Body, Event, Viewer},
    ids::HouseId,
};
use bytes::Bytes;
use mio::{Events, Interest, Poll, Token, Waker, net::TcpStream};
use slab::Slab;
use std::{
    collections::{HashMap, VecDeque},
    io::{self, Read, Write},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    time::{Duration, Instant},
};
use tokio::sync::mpsc::UnboundedSender;

/// How often each stream says that it is alive.
const BEAT: Duration = Duration::from_secs(10);
/// The streams are told in this many groups, so that not all sockets are written to at once.
const GROUPS: usize = 40;
/// A device that takes nothing for this long is gone.
const STALLED: Duration = Duration::from_secs(60);
/// The token of the thread's own alarm; sockets have their place in the slab.
const ALARM: Token = Token(usize::MAX);

/// What a thread is told.
pub(super) enum Command {
    Join(Box<Joining>),
    /// News, in order.
    Events(Arc<[Arc<Event>]>),
    /// Some news never came: everyone looks into the store.
    Missed,
    /// What a stream that was behind has missed; nothing, if the store did not answer.
    Page {
        key: usize,
        turn: u32,
        events: Option<Arc<[Arc<Event>]>>,
    },
    /// A session has ended.
    End(String),
    Stop,
}

impl Command {
    /// The same for another thread. Only for what concerns everyone.
    pub(super) fn clone_for_all(&self) -> Self {
        match self {
            Self::Events(events) => Self::Events(Arc::clone(events)),
            Self::End(session) => Self::End(session.clone()),
            Self::Stop => Self::Stop,
            Self::Missed | Self::Join(_) | Self::Page { .. } => Self::Missed,
        }
    }
}

/// A stream that is behind asks for the events after a number.
pub(super) struct PageWanted {
    pub shard: usize,
    pub key: usize,
    pub turn: u32,
    pub house: HouseId,
    pub after: u64,
}

pub(super) struct Shard {
    number: usize,
    poll: Poll,
    commands: Receiver<Command>,
    wanted: UnboundedSender<PageWanted>,
    epoch: Arc<str>,
    streams: Slab<Held>,
    /// Number of the last event that came live, by house.
    seen: HashMap<HouseId, u64>,
    /// Tells a stream from the one that had its place before.
    turns: u32,
    next_group: usize,
    next_beat: Instant,
}

/// A stream.
struct Held {
    socket: TcpStream,
    viewer: Viewer,
    house: HouseId,
    session: String,
    turn: u32,
    /// Number of the last event that was written, or begun.
    last: u64,
    /// See [`Joining::looked_at`].
    looked_at: u64,
    /// What the socket did not take of it.
    rest: Option<Bytes>,
    stalled_since: Option<Instant>,
    /// Events from the store that are still to be written.
    page: VecDeque<Arc<Event>>,
    /// Misses something; and whether the store is being asked for it.
    behind: bool,
    asked: bool,
    _guard: Box<dyn Send>,
}

/// The socket is of no use any more.
struct Gone;

impl Shard {
    pub(super) fn new(
        number: usize,
        epoch: Arc<str>,
        wanted: UnboundedSender<PageWanted>,
    ) -> io::Result<(Self, Sender<Command>, Arc<Waker>)> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), ALARM)?);
        let (sender, commands) = channel();
        let shard = Self {
            number,
            poll,
            commands,
            wanted,
            epoch,
            streams: Slab::new(),
            seen: HashMap::new(),
            turns: 0,
            next_group: 0,
            next_beat: Instant::now(),
        };
        Ok((shard, sender, waker))
    }

    pub(super) fn run(mut self) {
        let mut ready = Events::with_capacity(1024);
        loop {
            let wait = self.next_beat.saturating_duration_since(Instant::now());
            match self.poll.poll(&mut ready, Some(wait)) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    tracing::error!(%error, "a writing thread lost its sockets");
                    return;
                }
            }
            // News first: what is ready can wait for it, not the other way round.
            loop {
                match self.commands.try_recv() {
                    Ok(Command::Stop) | Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
                    Ok(command) => self.obey(command),
                    Err(std::sync::mpsc::TryRecvError::Empty) => break,
                }
            }
            for event in &ready {
                if event.token() != ALARM {
                    self.socket_is_ready(event.token().0, event.is_readable() || event.is_read_closed());
                }
            }
            let now = Instant::now();
            if now >= self.next_beat {
                self.beat(now);
                self.next_beat = now + BEAT / GROUPS as u32;
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Join(joining) => self.join(*joining),
            Command::Events(events) => self.deliver(&events),
            Command::Missed => {
                for (key, held) in &mut self.streams {
                    held.behind = true;
                    held.ask(&self.wanted, self.number, key);
                }
            }
            Command::Page { key, turn, events } => {
                let Some(held) = self.streams.get_mut(key).filter(|held| held.turn == turn) else { return };
                held.asked = false;
                let Some(events) = events else {
                    self.remove(key);
                    return;
                };
                held.behind = !events.is_empty();
                held.page.extend(events.iter().filter(|event| event.seq > held.last).cloned());
                self.go_on(key);
            }
            Command::End(session) => {
                let over: Vec<usize> =
                    self.streams.iter().filter(|(_, held)| held.session == session).map(|(key, _)| key).collect();
                for key in over {
                    if let Some(held) = self.streams.get_mut(key) {
                        held.say_goodbye();
                    }
                    self.remove(key);
                }
            }
            Command::Stop => {}
        }
    }

    fn join(&mut self, joining: Joining) {
        let Joining { socket, viewer, house, session, last, head, looked_at, guard } = joining;
        self.turns = self.turns.wrapping_add(1);
        let seen = self.seen.get(&house).copied().unwrap_or(0);
        let entry = self.streams.vacant_entry();
        let key = entry.key();
        let mut socket = TcpStream::from_std(socket);
        if let Err(error) =
            self.poll.registry().register(&mut socket, Token(key), Interest::READABLE | Interest::WRITABLE)
        {
            tracing::warn!(%error, "a stream could not be served");
            return;
        }
        let held = entry.insert(Held {
            socket,
            viewer,
            house,
            session,
            turn: self.turns,
            last,
            looked_at,
            rest: None,
            stalled_since: None,
            page: VecDeque::new(),
            behind: last < head.max(seen),
            asked: false,
            _guard: guard,
        });
        held.ask(&self.wanted, self.number, key);
    }

    fn deliver(&mut self, events: &[Arc<Event>]) {
        for event in events {
            self.seen.insert(event.house, event.seq);
        }
        let mut gone = Vec::new();
        for (key, held) in &mut self.streams {
            if held.take(events, &self.epoch).is_err() {
                gone.push(key);
            } else if held.behind {
                held.ask(&self.wanted, self.number, key);
            }
        }
        for key in gone {
            self.remove(key);
        }
    }

    fn socket_is_ready(&mut self, key: usize, readable: bool) {
        let Some(held) = self.streams.get_mut(key) else { return };
        if readable && held.has_left() {
            self.remove(key);
        } else {
            self.go_on(key);
        }
    }

    /// Writes what waits, as far as the socket takes it.
    fn go_on(&mut self, key: usize) {
        let Some(held) = self.streams.get_mut(key) else { return };
        let seen = self.seen.get(&held.house).copied().unwrap_or(0);
        match held.drain(&self.epoch, seen) {
            Ok(()) => held.ask(&self.wanted, self.number, key),
            Err(Gone) => self.remove(key),
        }
    }

    /// Tells one group of streams that the line stands.
    fn beat(&mut self, now: Instant) {
        let group = self.next_group;
        self.next_group = (group + 1) % GROUPS;
        let mut frames: HashMap<(HouseId, u64), Bytes> = HashMap::new();
        let mut gone = Vec::new();
        for (key, held) in &mut self.streams {
            if key % GROUPS != group {
                continue;
            }
            if held.stalled_since.is_some_and(|since| now - since > STALLED) {
                gone.push(key);
                continue;
            }
            if held.rest.is_some() {
                continue;
            }
            let head = self.seen.get(&held.house).copied().unwrap_or(0).max(held.last);
            let bytes = frames
                .entry((held.house, head))
                .or_insert_with(|| frame("beat", &serde_json::json!({ "head": head })))
                .clone();
            if held.write(bytes).is_err() {
                gone.push(key);
            }
        }
        for key in gone {
            self.remove(key);
        }
    }

    fn remove(&mut self, key: usize) {
        if let Some(mut held) = self.streams.try_remove(key) {
            // Closing it takes it off as well.
            let _ = self.poll.registry().deregister(&mut held.socket);
        }
    }
}

impl Held {
    /// Asks the store for what is missing, unless there is still something to write or it has been asked.
    fn ask(&mut self, wanted: &UnboundedSender<PageWanted>, shard: usize, key: usize) {
        if self.behind && !self.asked && self.rest.is_none() && self.page.is_empty() {
            self.asked = true;
            // Nobody reads any more when the server stops.
            let _ = wanted.send(PageWanted { shard, key, turn: self.turn, house: self.house, after: self.last });
        }
    }

    /// News: written at once, or left in the store until the device has taken what came before.
    fn take(&mut self, events: &[Arc<Event>], epoch: &str) -> Result<(), Gone> {
        if self.behind {
            return Ok(());
        }
        let mut joined: Option<Vec<u8>> = None;
        let mut single: Option<Bytes> = None;
        let before = self.last;
        for event in events.iter().filter(|event| event.house == self.house && event.seq > before) {
            if self.rest.is_some() || event.seq != self.last + 1 {
                self.behind = true;
                break;
            }
            if self.is_ended_by(event) {
                self.say_goodbye();
                return Err(Gone);
            }
            let bytes = event.frame(epoch, self.viewer);
            self.last = event.seq;
            match (&mut joined, single.take()) {
                (Some(joined), _) => joined.extend_from_slice(&bytes),
                (None, Some(first)) => joined = Some([&first[..], &bytes[..]].concat()),
                (None, None) => single = Some(bytes),
            }
        }
        match joined.map(Bytes::from).or(single) {
            Some(bytes) => self.write(bytes),
            None => Ok(()),
        }
    }

    /// Writes the rest, then the page, and says whether the stream is up to date: `seen` is the last
    /// event that came live.
    fn drain(&mut self, epoch: &str, seen: u64) -> Result<(), Gone> {
        if let Some(rest) = self.rest.take() {
            self.write(rest)?;
        }
        while self.rest.is_none()
            && let Some(event) = self.page.pop_front()
        {
            if self.is_ended_by(&event) {
                self.say_goodbye();
                return Err(Gone);
            }
            let bytes = event.frame(epoch, self.viewer);
            self.last = event.seq;
            self.write(bytes)?;
        }
        if self.rest.is_none() && self.page.is_empty() && !self.asked {
            self.behind = self.behind || self.last < seen;
        }
        Ok(())
    }

    fn is_ended_by(&self, event: &Event) -> bool {
        matches!(&event.body, Body::SessionsEnded { staff, session }
            if event.seq > self.looked_at
                && *staff == self.viewer.staff
                && session.as_ref().is_none_or(|session| *session == self.session))
    }

    /// Tells the device that its session is over. One that cannot be told finds out when it comes back.
    fn say_goodbye(&mut self) {
        if self.rest.is_none() {
            let _ = self.write(frame("bye", &()));
        }
    }

    /// Writes as much as the socket takes. Only to be called when nothing waits.
    fn write(&mut self, mut bytes: Bytes) -> Result<(), Gone> {
        loop {
            match self.socket.write(&bytes) {
                Ok(0) => return Err(Gone),
                Ok(count) if count == bytes.len() => {
                    self.stalled_since = None;
                    return Ok(());
                }
                Ok(count) => {
                    bytes = bytes.slice(count..);
                    self.stalled_since = None;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.stalled_since.get_or_insert_with(Instant::now);
                    self.rest = Some(bytes);
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Gone),
            }
        }
    }

    /// Whether the device has closed its side. What it says otherwise is not listened to.
    fn has_left(&mut self) -> bool {
        let mut bytes = [0; 512];
        loop {
            match self.socket.read(&mut bytes) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return true,
            }
        }
    }
}
