//! What the device keeps beyond the page: opened when the sender is, written with every tap, and read again
//! before each round.

use super::{Sender, with};
use crate::alerts::{
    live::now_ms,
    queue::{
        idb::{Database, Write},
        rules::{self, Entry},
        wait::within,
    },
};
use leptos::{prelude::*, task::spawn_local};
use std::{rc::Rc, time::Duration};

/// How long the browser may take to open what it keeps.
pub(in crate::alerts::queue) const OPENING: Duration = Duration::from_secs(3);

/// What the device keeps beyond the page.
pub(super) enum Memory {
    /// On its way; what is to be written then.
    Opening(Vec<Write>),
    Open(Rc<Database>),
    /// This browser keeps nothing.
    Absent,
}

impl Sender {
    /// Opens what the device keeps, writes what has come in the meantime, and begins to send.
    pub(super) fn remember(self: &Rc<Self>) {
        let sender = Rc::clone(self);
        spawn_local(async move {
            let failed = {
                let sender = Rc::downgrade(&sender);
                move || with(&sender, |it| it.queue.kept.set(false))
            };
            let database = within(OPENING, Database::open(failed)).await.and_then(Result::ok).map(Rc::new);
            let open = database.clone().map_or(Memory::Absent, Memory::Open);
            let before = sender.memory.replace(open);
            // What has been deleted meanwhile stays deleted.
            if sender.closed.get() {
                return;
            }
            let mut kept = database.is_some();
            if let (Some(database), Memory::Opening(writes)) = (&database, before) {
                // What the page knows was perhaps not kept before the browser closed the store.
                let known = sender.queue.entries.try_get_untracked().unwrap_or_default();
                for write in known.into_iter().map(Box::new).map(Write::Put).chain(writes) {
                    kept &= database.write(&write).is_ok();
                }
            }
            sender.queue.kept.set(kept);
            sender.send();
        });
    }

    /// Keeps a change for the next page. The page itself goes on without.
    pub(super) fn write(&self, write: Write) {
        self.writes.set(self.writes.get() + 1);
        let closed = match &mut *self.memory.borrow_mut() {
            Memory::Opening(writes) => {
                writes.push(write);
                None
            }
            Memory::Open(database) => database.write(&write).is_err().then_some(write),
            Memory::Absent => None,
        };
        // The browser has closed the store: it is opened again.
        if let (Some(write), Some(sender)) = (closed, self.me.upgrade()) {
            self.memory.replace(Memory::Opening(vec![write]));
            sender.remember();
        }
    }

    /// Takes over what the device has kept: from before the page was loaded, and what another page on
    /// this device has done with it since.
    pub(super) async fn refresh(&self) {
        let database = match &*self.memory.borrow() {
            Memory::Open(database) => Rc::clone(database),
            Memory::Opening(_) | Memory::Absent => return,
        };
        // A tap while it is being read would be missing in what was read: then it is read again.
        for _ in 0..3 {
            let before = self.writes.get();
            let Some(Ok(found)) = within(OPENING, database.all()).await else { return };
            // Once something could not be kept, the page knows more than the device.
            if self.closed.get() || self.queue.kept.try_get_untracked() != Some(true) {
                return;
            }
            if self.writes.get() == before {
                self.take_over(found);
                return;
            }
        }
    }

    fn take_over(&self, found: Vec<Entry>) {
        let now = now_ms();
        let forgotten = self.queue.entries.try_maybe_update(|entries| {
            let (mine, forgotten) = rules::take_over(found, self.who.staff, now, entries);
            let changed = mine != *entries;
            *entries = mine;
            (changed, forgotten)
        });
        for id in forgotten.unwrap_or_default() {
            self.write(Write::Remove(id));
        }
        self.queue.now.set(now);
        // What arrived without an answer may have been told by the stream before this was read.
        self.live.alerts.try_with_untracked(|alerts| self.reconcile(alerts));
    }
}
