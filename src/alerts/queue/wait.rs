//! Waiting in the browser: for something that is told once, and never for longer than one is ready to.

use leptos::prelude::set_timeout_with_handle;
use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::pin,
    rc::Rc,
    task::{Poll, Waker},
    time::Duration,
};

/// Rung once, by whoever knows, and heard by the one who waits.
#[derive(Clone, Default)]
pub(super) struct Bell(Rc<Rope>);

#[derive(Default)]
struct Rope {
    rung: Cell<bool>,
    listener: RefCell<Option<Waker>>,
}

impl Bell {
    pub(super) fn ring(&self) {
        self.0.rung.set(true);
        let listener = self.0.listener.take();
        if let Some(listener) = listener {
            listener.wake();
        }
    }

    /// Ends when it has been rung, even if that was before.
    pub(super) async fn heard(&self) {
        poll_fn(|context| {
            if self.0.rung.get() {
                return Poll::Ready(());
            }
            self.0.listener.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}

/// What `task` gives, or `None` if that takes longer than `patience`; the task is then dropped.
pub(in crate::alerts) async fn within<T>(patience: Duration, task: impl Future<Output = T>) -> Option<T> {
    let over = Bell::default();
    let ringer = over.clone();
    let timer = set_timeout_with_handle(move || ringer.ring(), patience).ok();
    let mut task = pin!(task);
    let mut over = pin!(over.heard());
    let answer = poll_fn(|context| match task.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => over.as_mut().poll(context).map(|()| None),
    })
    .await;
    if let Some(timer) = timer {
        timer.clear();
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Context;

    #[test]
    fn a_bell_is_heard_by_those_who_come_before_and_after() {
        let bell = Bell::default();
        let mut context = Context::from_waker(Waker::noop());
        let mut early = Box::pin(bell.heard());
        assert_eq!(early.as_mut().poll(&mut context), Poll::Pending);
        bell.ring();
        assert_eq!(early.as_mut().poll(&mut context), Poll::Ready(()));
        assert_eq!(pin!(bell.heard()).poll(&mut context), Poll::Ready(()));
    }
}
