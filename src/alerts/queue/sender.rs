//! Sends what waits, in the order of the taps, until it has arrived. Nothing here runs on the server.

mod memory;

pub(super) use memory::OPENING;

use super::{
    Queue, Who,
    idb::Write,
    rules::{self, Deed, Entry, Fate, Reason, TakeBack, Verdict},
    wait::within,
};
use crate::{
    alerts::{
        AlertCard,
        api::{acknowledge, complete, raise, withdraw},
        live::{Live, LiveStatus, now_ms, wait_ms},
        ui::fresh_id,
    },
    error::AppError,
    ids::{AlertId, GuestId},
};
use leptos::{prelude::*, task::spawn_local};
use memory::Memory;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::{Rc, Weak},
    time::Duration,
};
use ulid::Ulid;
use web_sys::VisibilityState;

/// How long an answer may take before the line counts as gone. The same is then sent again, under the
/// same id.
const ANSWER: Duration = Duration::from_secs(10);

/// The one that sends, while somebody is signed in at a station.
pub(super) struct Sender {
    me: Weak<Self>,
    queue: Queue,
    live: Live,
    who: Who,
    memory: RefCell<Memory>,
    /// Counts what was written, to tell whether something was while the memory was being read.
    writes: Cell<u64>,
    /// The entry whose answer is on its way.
    in_flight: Cell<Option<Ulid>>,
    sending: Cell<bool>,
    /// Something has happened since this round began: another follows at once.
    once_more: Cell<bool>,
    /// Rounds that ended with something still waiting.
    failures: Cell<u32>,
    retry: Cell<Option<TimeoutHandle>>,
    ticker: Cell<Option<IntervalHandle>>,
    listeners: RefCell<Vec<WindowListenerHandle>>,
    closed: Cell<bool>,
}

impl Sender {
    /// Takes over what the device has kept, and sends from now on, until [`Sender::close`].
    pub(super) fn open(queue: Queue, live: Live, who: Who) -> Rc<Self> {
        let sender = Rc::new_cyclic(|me| Self {
            me: me.clone(),
            queue,
            live,
            who,
            memory: RefCell::new(Memory::Opening(Vec::new())),
            writes: Cell::new(0),
            in_flight: Cell::new(None),
            sending: Cell::new(false),
            once_more: Cell::new(false),
            failures: Cell::new(0),
            retry: Cell::new(None),
            ticker: Cell::new(None),
            listeners: RefCell::new(Vec::new()),
            closed: Cell::new(false),
        });
        sender.watch();
        sender.remember();
        sender
    }

    /// Sends nothing more. What waits stays on the device.
    pub(super) fn close(&self) {
        self.closed.set(true);
        for listener in self.listeners.take() {
            listener.remove();
        }
        if let Some(ticker) = self.ticker.take() {
            ticker.clear();
        }
        if let Some(retry) = self.retry.take() {
            retry.clear();
        }
    }

    /// Looks at the clock every second, and listens to the device: a tablet that wakes up or finds its
    /// network again does not wait for the next attempt.
    fn watch(self: &Rc<Self>) {
        let sender = Rc::downgrade(self);
        self.ticker.set(set_interval_with_handle(move || with(&sender, |it| it.tick()), Duration::from_secs(1)).ok());
        self.listeners.replace(vec![
            self.listen("online", |it| it.wake()),
            self.listen("pageshow", |it| it.wake()),
            self.listen("visibilitychange", |it| {
                if document().visibility_state() == VisibilityState::Visible {
                    it.wake();
                }
            }),
        ]);
    }

    fn listen(self: &Rc<Self>, name: &'static str, react: fn(&Rc<Self>)) -> WindowListenerHandle {
        let sender = Rc::downgrade(self);
        window_event_listener_untyped(name, move |_| with(&sender, react))
    }

    fn tick(&self) {
        if self.queue.entries.try_with_untracked(Vec::is_empty) == Some(false) {
            self.queue.now.set(now_ms());
            self.end_waiting();
        }
    }

    /// The line may stand again: what waits is sent now, not when its turn comes.
    pub(super) fn wake(self: &Rc<Self>) {
        self.failures.set(0);
        self.send();
    }

    /// Something has been tapped. A second tap on the same thing does nothing.
    pub(super) fn add(self: &Rc<Self>, alert: AlertId, deed: Deed) {
        let now = now_ms();
        let entry = Entry {
            id: fresh_id().0,
            alert,
            staff: self.who.staff,
            station: self.who.station,
            deed,
            tapped_at: now,
            tries: 0,
            fate: Fate::Waiting,
            held: None,
        };
        let replaced = self.queue.entries.try_with_untracked(|entries| {
            (!rules::is_doubled(entries, &entry)).then(|| rules::superseded(entries, &entry))
        });
        let Some(Some(replaced)) = replaced else { return };
        for id in replaced {
            self.remove(id);
        }
        self.queue.now.set(now);
        self.write(Write::Put(Box::new(entry.clone())));
        self.queue.entries.update(|entries| entries.push(entry));
        self.send();
    }

    /// Takes an alert back, whether it has left this device or not.
    pub(super) fn take_back(self: &Rc<Self>, alert: AlertId, guest: GuestId) {
        let step = self.queue.entries.try_with_untracked(|entries| rules::take_back(entries, alert));
        match step {
            Some(TakeBack::Forget(id)) => self.remove(id),
            Some(TakeBack::ForgetAndTell(id)) => {
                self.remove(id);
                self.add(alert, Deed::Withdraw { guest });
            }
            Some(TakeBack::Tell) => self.add(alert, Deed::Withdraw { guest }),
            None => {}
        }
    }

    /// Says again, as new word, what was not sent.
    pub(super) fn raise_anew(self: &Rc<Self>, id: Ulid) {
        if let Some(old) = self.entry(id).filter(Entry::can_be_raised_anew) {
            self.remove(id);
            self.add(fresh_id(), old.deed);
        }
    }

    /// Drops what has arrived or is not wanted any more.
    pub(super) fn remove(&self, id: Ulid) {
        self.queue.entries.maybe_update(|entries| {
            let before = entries.len();
            entries.retain(|entry| entry.id != id);
            entries.len() < before
        });
        self.write(Write::Remove(id));
    }

    /// Drops what the alerts, as they are known by now, show to have arrived.
    pub(super) fn reconcile(&self, alerts: &BTreeMap<AlertId, AlertCard>) {
        let arrived: Option<Vec<Ulid>> = self.queue.entries.try_with_untracked(|entries| {
            entries
                .iter()
                .filter(|entry| rules::has_arrived(entry, alerts.get(&entry.alert)))
                .map(|entry| entry.id)
                .collect()
        });
        for id in arrived.unwrap_or_default() {
            self.remove(id);
        }
    }

    fn entry(&self, id: Ulid) -> Option<Entry> {
        self.queue.entries.try_with_untracked(|entries| entries.iter().find(|entry| entry.id == id).cloned()).flatten()
    }

    /// Changes an entry, if it is still there, and keeps the change.
    fn change(&self, id: Ulid, change: impl FnOnce(&mut Entry)) {
        let changed = self.queue.entries.try_maybe_update(|entries| {
            let changed = entries.iter_mut().find(|entry| entry.id == id).map(|entry| {
                change(entry);
                entry.clone()
            });
            (changed.is_some(), changed)
        });
        if let Some(Some(entry)) = changed {
            self.write(Write::Put(Box::new(entry)));
        }
    }

    /// What has waited for too long is not sent any more.
    fn end_waiting(&self) {
        let changed = self.queue.entries.try_maybe_update(|entries| {
            let changed = rules::end_waiting(entries, now_ms(), self.who.station, self.in_flight.get());
            (!changed.is_empty(), changed)
        });
        for entry in changed.unwrap_or_default() {
            self.write(Write::Put(Box::new(entry)));
        }
    }

    /// Drops word that is known not to have been heard and has been taken back since.
    fn cancel(&self) {
        let cancelled = self.queue.entries.try_with_untracked(|entries| rules::cancelled(entries));
        for id in cancelled.unwrap_or_default() {
            self.remove(id);
        }
    }

    /// Sends everything that waits. While that is going on, once more after it.
    fn send(self: &Rc<Self>) {
        if self.closed.get() {
            return;
        }
        if let Some(retry) = self.retry.take() {
            retry.clear();
        }
        if self.sending.replace(true) {
            self.once_more.set(true);
            return;
        }
        let sender = Rc::clone(self);
        spawn_local(async move {
            loop {
                sender.once_more.set(false);
                sender.round().await;
                if sender.closed.get() || !sender.once_more.get() {
                    break;
                }
            }
            sender.sending.set(false);
            sender.rest();
        });
    }

    /// One look at everything that waits, from the oldest on.
    async fn round(&self) {
        self.refresh().await;
        let mut passed_over = Vec::new();
        loop {
            self.end_waiting();
            self.cancel();
            if self.closed.get() || self.is_offline() {
                return;
            }
            let next =
                self.queue.entries.try_with_untracked(|entries| rules::next(entries, &passed_over).cloned()).flatten();
            let Some(entry) = next else { return };
            self.in_flight.set(Some(entry.id));
            self.change(entry.id, |entry| entry.tries += 1);
            let answer = within(ANSWER, carry_out(&entry)).await.unwrap_or(Err(AppError::Unreachable));
            self.in_flight.set(None);
            let answer = answer.map(|card| self.take_answer(card));
            match rules::verdict(&entry.deed, answer) {
                Verdict::Done => {
                    let gone = self.queue.entries.try_with_untracked(|entries| rules::goes_with(entries, &entry));
                    for id in gone.unwrap_or_default() {
                        self.remove(id);
                    }
                }
                Verdict::Refused(error) => self.change(entry.id, |entry| {
                    entry.held = None;
                    entry.fate = Fate::NotSent(Reason::Refused(error));
                }),
                Verdict::Held(error) => {
                    self.change(entry.id, |entry| {
                        if rules::was_turned_away(&error) {
                            entry.tries = entry.tries.saturating_sub(1);
                        }
                        entry.held = Some(error);
                    });
                    passed_over.push(entry.alert);
                }
                Verdict::NoLine => {
                    self.change(entry.id, |entry| entry.held = None);
                    return;
                }
            }
        }
    }

    fn take_answer(&self, card: AlertCard) {
        if !self.closed.get() {
            self.live.upsert(card);
        }
    }

    /// The device says that it has no network, and nothing is heard that proves it wrong: then a tap
    /// has not left it.
    fn is_offline(&self) -> bool {
        !window().navigator().on_line() && self.live.status.try_get_untracked() != Some(LiveStatus::Live)
    }

    /// Tries again after a while if something still waits.
    fn rest(self: &Rc<Self>) {
        let waits = self.queue.entries.try_with_untracked(|entries| rules::next(entries, &[]).is_some());
        if self.closed.get() || waits != Some(true) {
            self.failures.set(0);
            return;
        }
        let wait = wait_ms(self.failures.get(), js_sys::Math::random());
        self.failures.set(self.failures.get().saturating_add(1));
        let sender = Rc::downgrade(self);
        let timer =
            set_timeout_with_handle(move || with(&sender, |it| it.send()), Duration::from_millis(u64::from(wait)));
        if let Some(earlier) = self.retry.replace(timer.ok()) {
            earlier.clear();
        }
    }
}

/// Asks the server. The ids are those of the tap, however often this is called.
async fn carry_out(entry: &Entry) -> Result<AlertCard, AppError> {
    match entry.deed.clone() {
        Deed::Raise { guest, to, kind, text, .. } => raise(entry.alert, guest, to, kind.code().to_owned(), text).await,
        Deed::Acknowledge => acknowledge(entry.alert).await,
        Deed::Complete { table } => complete(entry.alert, table).await,
        Deed::Withdraw { .. } => withdraw(entry.alert).await,
    }
}

/// Runs `react` if the sender still exists.
fn with(sender: &Weak<Sender>, react: impl FnOnce(&Rc<Sender>)) {
    if let Some(sender) = sender.upgrade() {
        react(&sender);
    }
}
