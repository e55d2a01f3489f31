//! One stream: what has been written to its socket, and what is still to be.

use super::{Joining, frame, shard::PageWanted};
use crate::{
    alerts::feed::{Body, Event, Viewer},
    ids::HouseId,
};
use bytes::Bytes;
use mio::net::TcpStream;
use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    sync::Arc,
    time::Instant,
};
use tokio::sync::mpsc::UnboundedSender;

/// A stream.
pub(super) struct Held {
    pub socket: TcpStream,
    viewer: Viewer,
    pub house: HouseId,
    pub session: String,
    /// Tells it from the one that had its place before.
    pub turn: u32,
    /// Number of the last event that was written, or begun.
    pub last: u64,
    /// See [`Joining::looked_at`].
    looked_at: u64,
    /// What the socket did not take of it.
    pub rest: Option<Bytes>,
    pub stalled_since: Option<Instant>,
    /// Events from the store that are still to be written.
    pub page: VecDeque<Arc<Event>>,
    /// Misses something; and whether the store is being asked for it.
    pub behind: bool,
    pub asked: bool,
    _guard: Box<dyn Send>,
}

/// The socket is of no use any more.
pub(super) struct Gone;

impl Held {
    /// A stream that begins. `seen` is the last event that came live.
    pub(super) fn new(joining: Joining, turn: u32, seen: u64) -> Self {
        let Joining { socket, viewer, house, session, last, head, looked_at, guard } = joining;
        Self {
            socket: TcpStream::from_std(socket),
            viewer,
            house,
            session,
            turn,
            last,
            looked_at,
            rest: None,
            stalled_since: None,
            page: VecDeque::new(),
            behind: last < head.max(seen),
            asked: false,
            _guard: guard,
        }
    }

    /// Asks the store for what is missing, unless there is still something to write or it has been asked.
    pub(super) fn ask(&mut self, wanted: &UnboundedSender<PageWanted>, shard: usize, key: usize) {
        if self.behind && !self.asked && self.rest.is_none() && self.page.is_empty() {
            self.asked = true;
            // Nobody reads any more when the server stops.
            let _ = wanted.send(PageWanted { shard, key, turn: self.turn, house: self.house, after: self.last });
        }
    }

    /// News: written at once, or left in the store until the device has taken what came before.
    pub(super) fn take(&mut self, events: &[Arc<Event>], epoch: &str) -> Result<(), Gone> {
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
    pub(super) fn drain(&mut self, epoch: &str, seen: u64) -> Result<(), Gone> {
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
    pub(super) fn say_goodbye(&mut self) {
        if self.rest.is_none() {
            let _ = self.write(frame("bye", &()));
        }
    }

    /// Writes as much as the socket takes. Only to be called when nothing waits.
    pub(super) fn write(&mut self, mut bytes: Bytes) -> Result<(), Gone> {
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
    pub(super) fn has_left(&mut self) -> bool {
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
