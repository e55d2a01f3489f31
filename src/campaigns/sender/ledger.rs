//! What is about to go to the wire and what came of it, written down. A commit waits for the disk, so
//! everything that comes together is committed together: with many connections the disk is asked no more
//! often than with one.

use super::brake;
use crate::{
    campaigns::outbox::{Mark, Start, Stop, add_marks, add_sending},
    server::{
        clock::Clock,
        db::{Db, DbError, Tx},
    },
};
use chrono::TimeDelta;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

/// Entries that are committed together at most.
const BATCH: usize = 128;
/// How often results are tried to be written while the store does not take them, and the longest pause
/// between. After that their leases have run out anyway.
const ATTEMPTS: u32 = 100;
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The answer to whoever wants to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is on disk: now.
    Go,
    Stop(Stop),
    /// The store did not say. It must not start.
    Trouble,
}

enum Entry {
    Start(Start, oneshot::Sender<Answer>),
    Mark(Mark, oneshot::Sender<()>),
}

/// Where workers hand in what is to be written. The writer ends when every handle is gone.
#[derive(Clone)]
pub(super) struct Ledger(mpsc::UnboundedSender<Entry>);

/// Something that will have been written down.
pub(super) struct Written(oneshot::Receiver<()>);

impl Written {
    pub(super) async fn done(self) {
        // A writer that is gone has nothing to wait for.
        let _ = self.0.await;
    }
}

impl Ledger {
    /// Starts the writer. `gate` is which of a campaign's gates this process goes through, `longest` how
    /// long a message may be on the wire.
    pub(super) fn start(db: Db, clock: Arc<dyn Clock>, gate: u32, longest: TimeDelta) -> Self {
        let (desk, entries) = mpsc::unbounded_channel();
        tokio::spawn(Writer { db, clock, gate, longest }.run(entries));
        Self(desk)
    }

    /// Asks to put a message on the wire.
    pub(super) async fn may_start(&self, start: Start) -> Answer {
        let (answer, answered) = oneshot::channel();
        if self.0.send(Entry::Start(start, answer)).is_err() {
            return Answer::Trouble;
        }
        answered.await.unwrap_or(Answer::Trouble)
    }

    /// Hands in what became of an occurrence.
    pub(super) fn note(&self, mark: Mark) -> Written {
        let (written, done) = oneshot::channel();
        // Without a writer the lease tells the others.
        let _ = self.0.send(Entry::Mark(mark, written));
        Written(done)
    }
}

struct Writer {
    db: Db,
    clock: Arc<dyn Clock>,
    gate: u32,
    longest: TimeDelta,
}

/// Those who wait to start.
type Waiting = Vec<(Start, oneshot::Sender<Answer>)>;

impl Writer {
    async fn run(self, mut entries: mpsc::UnboundedReceiver<Entry>) {
        while let Some(first) = entries.recv().await {
            // Whoever has something by now comes along.
            tokio::task::yield_now().await;
            let mut next = Some(first);
            let (mut starts, mut marks, mut written): (Waiting, Vec<Mark>, Vec<_>) = Default::default();
            while let Some(entry) = next {
                match entry {
                    Entry::Start(start, answer) => starts.push((start, answer)),
                    Entry::Mark(mark, done) => {
                        marks.push(mark);
                        written.push(done);
                    }
                }
                next = if starts.len() + marks.len() < BATCH { entries.try_recv().ok() } else { None };
            }
            self.write(starts, &marks).await;
            for done in written {
                let _ = done.send(());
            }
            if let Err(error) = brake::look(&self.db, &marks).await {
                tracing::error!(%error, "the brake of a campaign could not be looked at");
            }
        }
    }

    async fn write(&self, starts: Waiting, marks: &[Mark]) {
        if starts.is_empty() {
            return self.write_results(marks).await;
        }
        let together = self.commit(&starts, marks).await;
        match together {
            Ok(()) => tell(starts, Answer::Go),
            // One of them may not start: the results do not wait for that to be sorted out.
            Err(DbError::Guard(_)) => {
                self.write_results(marks).await;
                self.sort_out(starts).await;
            }
            Err(error) => {
                tracing::error!(%error, "greetings could not be started");
                tell(starts, Answer::Trouble);
                self.write_results(marks).await;
            }
        }
    }

    /// Halves those who wait until each that may not start stands alone.
    async fn sort_out(&self, starts: Waiting) {
        let mut heaps = vec![starts];
        while let Some(mut heap) = heaps.pop() {
            match self.commit(&heap, &[]).await {
                Ok(()) => tell(heap, Answer::Go),
                Err(DbError::Guard(word)) if heap.len() <= 1 => tell(heap, Answer::Stop(Stop::of_guard(&word))),
                Err(DbError::Guard(_)) => {
                    let second = heap.split_off(heap.len() / 2);
                    heaps.push(second);
                    heaps.push(heap);
                }
                Err(error) => {
                    tracing::error!(%error, "greetings could not be started");
                    tell(heap, Answer::Trouble);
                }
            }
        }
    }

    async fn commit(&self, starts: &[(Start, oneshot::Sender<Answer>)], marks: &[Mark]) -> Result<(), DbError> {
        let now = self.clock.now();
        let starts: Vec<Start> = starts.iter().map(|(start, _)| start.clone()).collect();
        let tx = brake::add_outcomes(add_marks(Tx::new(), marks, now), marks);
        self.db.commit(add_sending(tx, &starts, self.gate, now, now + self.longest)).await.map(drop)
    }

    /// Writes what the relays have said, and does not give up lightly: what is lost of it, people have to
    /// find out.
    async fn write_results(&self, marks: &[Mark]) {
        if marks.is_empty() {
            return;
        }
        for attempt in 1..=ATTEMPTS {
            let tx = brake::add_outcomes(add_marks(Tx::new(), marks, self.clock.now()), marks);
            match self.db.commit(tx).await {
                Ok(_) => return,
                Err(error) => tracing::error!(%error, attempt, "what became of greetings could not be written down"),
            }
            sleep(LONGEST_PAUSE.min(Duration::from_millis(100) * attempt)).await;
        }
    }
}

fn tell(starts: Waiting, answer: Answer) {
    for (_, waiting) in starts {
        // Whoever does not wait any more has not started.
        let _ = waiting.send(answer);
    }
}
