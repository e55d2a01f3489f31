//! What was tapped and has not arrived yet. A tablet without a network keeps what its user raised,
//! acknowledged and completed, sends it in that order under the same ids when the line is back, and
//! after five minutes says that it was not sent rather than sending it late.
//!
//! Everything that is tapped goes this way, with a network too: then it is gone at once.

mod idb;
mod rules;
mod sender;
mod tabs;
mod wait;

pub use rules::{Deed, Entry, Fate, Reason, is_being_taken_back, stage};
pub(super) use wait::within;

use self::{
    idb::{Database, Write},
    sender::{OPENING, Sender},
    tabs::Word,
};
use super::live::{LiveStatus, attention::Here, use_live};
use crate::{
    ids::{AlertId, GuestId, StaffId, StationId},
    staff::{Me, ui::Session},
};
use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;
use std::rc::Rc;
use ulid::Ulid;

/// The queue of the page. Cheap to copy; the values live in signals.
#[derive(Clone, Copy)]
pub struct Queue {
    /// What waits and what was not sent, of whoever is signed in, in the order of the taps.
    pub entries: RwSignal<Vec<Entry>>,
    /// The device's clock, milliseconds since 1970. It ticks while there are entries.
    pub now: RwSignal<i64>,
    /// Whether the device keeps what waits when the page is left.
    pub kept: RwSignal<bool>,
    /// Grows when it is to be opened again.
    opened: RwSignal<u32>,
    sender: StoredValue<Option<SendWrapper<Rc<Sender>>>>,
}

/// Who taps, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Who {
    staff: StaffId,
    /// `None` for a manager whose device stands nowhere.
    station: Option<StationId>,
}

impl Who {
    fn of(me: &Me) -> Option<Self> {
        Here::of(me).map(|Here { staff, station, .. }| Self { staff, station })
    }
}

impl Queue {
    /// Nothing in it, and nobody who sends.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "signals are made for an owner; a default would hide that")]
    pub fn new() -> Self {
        Self {
            entries: RwSignal::new(Vec::new()),
            now: RwSignal::new(0),
            kept: RwSignal::new(true),
            opened: RwSignal::new(0),
            sender: StoredValue::new(None),
        }
    }

    /// Something has been tapped about an alert. `false`: nobody is there to send it, and the browser
    /// had better post the form itself.
    pub fn add(self, alert: AlertId, deed: Deed) -> bool {
        self.with_sender(|sender| sender.add(alert, deed))
    }

    /// Takes an alert back, whether it has left this device or not. `false`: as [`Queue::add`].
    pub fn take_back(self, alert: AlertId, guest: GuestId) -> bool {
        self.with_sender(|sender| sender.take_back(alert, guest))
    }

    /// Says once more, as new word, what was not sent.
    pub fn raise_anew(self, id: Ulid) {
        self.with_sender(|sender| sender.raise_anew(id));
    }

    /// Someone has read why an entry was not sent.
    pub fn dismiss(self, id: Ulid) {
        self.with_sender(|sender| sender.remove(id));
    }

    /// What was tapped and has not arrived, as far as `belongs` says.
    #[must_use]
    pub fn select(self, belongs: impl Fn(&Entry) -> bool + Send + Sync + 'static) -> Memo<Vec<Entry>> {
        Memo::new(move |_| {
            self.entries.with(|entries| entries.iter().filter(|entry| belongs(entry)).cloned().collect())
        })
    }

    /// Sends again what could not be deleted ([`forget`]), for whoever stays, here and on the other tabs.
    pub fn open_again(self, staff: StaffId) {
        tabs::tell(Word::GoOn(staff));
        self.open_here();
    }

    fn open_here(self) {
        self.opened.update(|count| *count += 1);
    }

    /// Another tab of this device has said something about what is kept.
    fn heed(self, word: Word, me: Option<StaffId>) {
        match word {
            Word::Forget(staff) if me == Some(staff) => {
                self.close();
                self.entries.try_set(Vec::new());
                // What was written here before the word came goes as well.
                spawn_local(async move {
                    _ = within(OPENING, delete(staff)).await;
                });
            }
            Word::GoOn(staff) if me == Some(staff) => self.open_here(),
            Word::Forget(_) | Word::GoOn(_) => {}
        }
    }

    /// Sends nothing more from this page.
    fn close(self) {
        if let Some(sender) = self.sender.try_update_value(Option::take).flatten() {
            sender.close();
        }
    }

    fn with_sender(self, act: impl FnOnce(&Rc<Sender>)) -> bool {
        let sender = self.sender.try_get_value().flatten();
        if let Some(sender) = &sender {
            act(sender);
        }
        sender.is_some()
    }
}

/// The page's [`Queue`], or an idle one where no provider stands above.
#[must_use]
pub fn use_queue() -> Queue {
    use_context::<Queue>().unwrap_or_else(Queue::new)
}

/// Provides [`Queue`] to its children, and sends what is in it while someone is signed in who hears alerts.
#[component]
pub fn QueueProvider(children: Children) -> impl IntoView {
    let live = use_live();
    let queue = Queue::new();
    provide_context(queue);
    let session = use_context::<Session>();
    let who = Memo::new(move |_| Who::of(&live.me(session?)?));
    // Effects run in the browser only, and after the page has been taken over.
    Effect::new(move |_| {
        queue.opened.track();
        let Some(who) = who.get() else { return };
        let sender = SendWrapper::new(Sender::open(queue, live, who));
        queue.sender.set_value(Some(sender));
        on_cleanup(move || queue.close());
    });
    Effect::new(move |_| {
        tabs::hear(move |word| queue.heed(word, who.try_get_untracked().flatten().map(|who| who.staff)));
    });
    Effect::new(move |_| {
        if live.status.get() == LiveStatus::Live {
            queue.with_sender(Sender::wake);
        }
    });
    Effect::new(move |_| {
        live.alerts.with(|alerts| queue.with_sender(|sender| sender.reconcile(alerts)));
    });
    children()
}

/// How many entries of a member of staff this device and this page keep.
pub async fn left_behind(queue: Queue, staff: StaffId) -> usize {
    let on_the_page = queue.entries.try_with_untracked(Vec::len).unwrap_or_default();
    let kept = within(OPENING, async {
        let database = Database::open(|| {}).await.ok()?;
        Some(database.all().await.ok()?.into_iter().filter(|entry| entry.staff == staff).count())
    });
    kept.await.flatten().unwrap_or_default().max(on_the_page)
}

/// Sends nothing more from this device, and deletes what it keeps of a member of staff. `false`: something of it is
/// still there, or nobody can tell.
pub async fn forget(queue: Queue, staff: StaffId) -> bool {
    queue.close();
    tabs::tell(Word::Forget(staff));
    // First of all: an answer that is on its way must not bring back what is being deleted.
    let known = queue.entries.try_update(std::mem::take).unwrap_or_default();
    let is_gone = !idb::is_there() || within(OPENING, delete(staff)).await.flatten() == Some(true);
    if !is_gone {
        queue.entries.try_set(known);
    }
    is_gone
}

/// Deletes what the device keeps of a member of staff. Whether nothing of it is left; `None` where that cannot be
/// found out.
async fn delete(staff: StaffId) -> Option<bool> {
    let database = Database::open(|| {}).await.ok()?;
    for entry in database.all().await.ok()?.into_iter().filter(|entry| entry.staff == staff) {
        database.write(&Write::Remove(entry.id)).ok()?;
    }
    // Answered only after what was deleted before it is gone.
    let left = database.all().await.ok()?;
    Some(left.iter().all(|entry| entry.staff != staff))
}
