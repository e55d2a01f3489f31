//! The sessions of the streams. A sign-out is told by the feed; that a session has run out is not, and
//! a board on shift keeps its own alive.

use crate::{
    error::AppError,
    server::AppState,
    staff::{
        guard,
        session::{StoredSessions, tag},
    },
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tower_sessions::{Session, session::Id};

/// How often a session is looked at, however many streams it has.
const LOOK: Duration = Duration::from_secs(20);
/// How often it is looked for sessions whose turn it is.
const ROUND: Duration = Duration::from_secs(1);

/// The sessions that have streams.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<Id, Open>>);

struct Open {
    streams: usize,
    next_look: Instant,
}

/// A stream of a session, as long as it is held.
pub struct Watched {
    sessions: Arc<Sessions>,
    id: Id,
}

impl Sessions {
    pub(super) fn watch(self: &Arc<Self>, id: Id) -> Watched {
        let mut open = self.open();
        open.entry(id).or_insert_with(|| Open { streams: 0, next_look: Instant::now() + LOOK }).streams += 1;
        Watched { sessions: Arc::clone(self), id }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Id, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn due(&self) -> Vec<Id> {
        let now = Instant::now();
        let mut open = self.open();
        let due = open.iter_mut().filter(|(_, open)| open.next_look <= now);
        due.map(|(id, open)| {
            open.next_look = now + LOOK;
            *id
        })
        .collect()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut open = self.sessions.open();
        if let Some(session) = open.get_mut(&self.id) {
            session.streams -= 1;
            if session.streams == 0 {
                open.remove(&self.id);
            }
        }
    }
}

/// Looks at the sessions in turn until the server stops.
pub(super) async fn look(sessions: Arc<Sessions>, state: AppState) {
    let mut shutdown = state.shutdown.clone();
    loop {
        tokio::select! {
            _ = shutdown.changed() => return,
            () = tokio::time::sleep(ROUND) => {}
        }
        for id in sessions.due() {
            look_at(&state, id).await;
        }
    }
}

/// Ends the streams of a session that is over. A board on shift counts as used.
async fn look_at(state: &AppState, id: Id) {
    let session = Session::new(Some(id), Arc::new(StoredSessions::new(state.db.clone())), None);
    match guard::actor(state, &session).await {
        Ok((actor, login)) => {
            if actor.on_shift
                && let Err(error) = login.board_is_alive(state, &session).await
            {
                tracing::warn!(%error, "a board's session could not be kept alive");
            }
        }
        Err(AppError::SignedOut) => state.hub.end_session(&tag(&id.to_string())),
        // The store's trouble is not the session's end.
        Err(error) => tracing::warn!(%error, "a stream's session could not be looked at"),
    }
}
