//! One worker: one message at a time, from the moment a connection stands to the relay's last word.

use super::{
    Run, Sender,
    ledger::{Answer, Ledger, Written},
    prepare::Prepared,
};
use crate::{
    campaigns::{
        Reason,
        outbox::{Claimed, Mark, Outcome, Stop},
        replies::Refusal,
    },
    server::mail::{Delivered, Failure, FailureKind},
};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};

/// Takes messages from the queue until it ends.
pub(super) async fn work(sender: Sender, ledger: Ledger, run: Arc<Run>, queue: Arc<Mutex<mpsc::Receiver<Prepared>>>) {
    // What came of the last message is written while the next one is made ready.
    let mut last: Option<Written> = None;
    loop {
        let next = queue.lock().await.recv().await;
        let Some(prepared) = next else { break };
        let outcome = carry(&sender, &ledger, &run, &prepared).await;
        if let Some(last) = last.take() {
            last.done().await;
        }
        let Some(outcome) = outcome else { continue };
        run.count(&outcome);
        if matches!(outcome, Outcome::Released | Outcome::NotReached) {
            run.release(&prepared.row.id);
            sender.return_token(prepared.row.house).await;
        }
        let Prepared { row: Claimed { id, owner, .. }, .. } = prepared;
        last = Some(ledger.note(Mark { id, owner, outcome }));
    }
    if let Some(last) = last {
        last.done().await;
    }
}

/// What becomes of a message; `None` where it is another's by now.
async fn carry(sender: &Sender, ledger: &Ledger, run: &Run, prepared: &Prepared) -> Option<Outcome> {
    if run.is_over() || *sender.shutdown.borrow() {
        return Some(Outcome::Released);
    }
    let Ok(ready) = sender.mailer.ready().await else {
        // Every relay has been tried. Of several workers that find so at once, one tells.
        return Some(if run.end() { Outcome::NotReached } else { Outcome::Released });
    };
    match ledger.may_start(prepared.start.clone()).await {
        Answer::Go => {
            let sent = ready.deliver(&prepared.message).await;
            Some(outcome(prepared, sent, sender.clock.now()))
        }
        Answer::Stop(stop) => {
            ready.release();
            match stop {
                Stop::Paused | Stop::Changed => Some(Outcome::Released),
                Stop::Suppressed => Some(Outcome::Skipped(Reason::Suppressed, None)),
                Stop::TakenOver => None,
            }
        }
        Answer::Trouble => {
            ready.release();
            Some(Outcome::Released)
        }
    }
}

fn outcome(prepared: &Prepared, sent: Result<Delivered, Failure>, now: DateTime<Utc>) -> Outcome {
    let failure = match sent {
        Ok(Delivered { relay, answer }) => return Outcome::Sent { relay, answer },
        Err(failure) => failure,
    };
    let is_of_connection = failure.is_of_connection();
    let Failure { kind, relay, answer, is_of_recipient, .. } = failure;
    match kind {
        // The connection that had stood was gone, and no other could be made.
        FailureKind::NotStarted | FailureKind::Temporary => {
            Outcome::after_failure(&prepared.row, now, relay, answer, is_of_connection)
        }
        FailureKind::Permanent => {
            let refusal = is_of_recipient.then(|| Refusal::read(prepared.start.address.clone(), &answer));
            Outcome::Failed { reason: Reason::Refused, relay, answer, refusal }
        }
        FailureKind::Unknown => Outcome::Unknown { relay, answer },
    }
}
