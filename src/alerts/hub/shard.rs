//! One thread with its share of the sockets. It never waits for a socket: what one does not take stays
//! behind, and is read again from the store when there is room. So a stream costs a few hundred bytes
//! however slow its device is.

use super::{
    Joining, frame,
    held::{Gone, Held},
};
use crate::{alerts::feed::Event, ids::HouseId};
use bytes::Bytes;
use mio::{Events, Interest, Poll, Token, Waker};
use slab::Slab;
use std::{
    collections::HashMap,
    io,
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
    /// Streams that have begun.
    turns: u32,
    next_group: usize,
    next_beat: Instant,
}

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
        self.turns = self.turns.wrapping_add(1);
        let seen = self.seen.get(&joining.house).copied().unwrap_or(0);
        let mut held = Held::new(joining, self.turns, seen);
        let entry = self.streams.vacant_entry();
        let key = entry.key();
        let interest = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) = self.poll.registry().register(&mut held.socket, Token(key), interest) {
            tracing::warn!(%error, "a stream could not be served");
            return;
        }
        entry.insert(held).ask(&self.wanted, self.number, key);
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
