//! `GET /events`: the feed as server-sent events, for one signed-in device.

use super::{
    Hello,
    feed::{Body, Event, Extent, Viewer},
    presence::Listener,
};
use crate::{
    error::AppError,
    ids::HouseId,
    server::{AppState, db::DbError, respond},
    staff::{
        Ability,
        guard::{self, Actor},
        session::{self, StoredSessions},
    },
};
use axum::{
    body::Body as HttpBody,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    sync::broadcast,
    time::{Instant, Interval, MissedTickBehavior},
};
use tower_sessions::{Session, session::Id};

/// How often a stream says that it is alive, and looks whether its session is.
const BEAT: Duration = Duration::from_secs(10);
/// Whoever missed more events than this reloads instead of replaying them.
const REPLAY_LIMIT: u64 = 5_000;
/// Frames for which an idle stream keeps room. Catching up needs more for a moment.
const QUEUE: usize = 2;

/// From where the stream is to go on.
#[derive(Debug, Default, Deserialize)]
pub struct From {
    after: Option<String>,
    epoch: Option<String>,
}

/// Answers with a stream of events that starts after the number that the device holds.
pub async fn events(
    State(state): State<AppState>,
    session: Session,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Response {
    // Listened to before the session is looked at: one that ends meanwhile is not missed.
    let live = state.feed.subscribe();
    let actor = match guard::actor(&state, &session).await {
        Ok((actor, _)) if actor.role.may(Ability::SeeGuests) => actor,
        Ok(_) => return respond::error(&AppError::Forbidden),
        Err(error) => return respond::error(&error),
    };
    let position = match position(&from, headers.get("last-event-id")) {
        Ok(position) => position,
        Err(sentence) => return (StatusCode::BAD_REQUEST, sentence).into_response(),
    };
    match Stream::open(state, actor, session.id(), position, live).await {
        Ok(stream) => {
            let body = HttpBody::from_stream(futures::stream::unfold(stream, Stream::next));
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                // Reverse proxies that buffer would hold the word back.
                (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
            ];
            (headers, body).into_response()
        }
        Err(error) => respond::error(&error.into()),
    }
}

/// What the device holds: nothing, or everything up to a number of a history.
#[derive(Debug, PartialEq, Eq)]
struct Position {
    epoch: Option<String>,
    after: u64,
}

fn position(from: &From, last_event_id: Option<&HeaderValue>) -> Result<Option<Position>, String> {
    let number = |text: &str| {
        text.parse::<u64>().map_err(|_| {
            format!("after: {:?} is not the number of an event", text.chars().take(40).collect::<String>())
        })
    };
    // What the browser itself remembers is newer than the address it first asked for.
    if let Some(id) = last_event_id.and_then(|value| value.to_str().ok()).filter(|id| !id.is_empty()) {
        let (epoch, seq) = id.rsplit_once(':').ok_or("Last-Event-ID: expected epoch:number")?;
        return Ok(Some(Position { epoch: Some(epoch.to_owned()), after: number(seq)? }));
    }
    match &from.after {
        Some(after) => Ok(Some(Position { epoch: from.epoch.clone(), after: number(after)? })),
        None => Ok(None),
    }
}

/// What a stream holds between two frames. The frames themselves are shared by everyone who may see
/// the same; a device that does not read holds back at most a page of them, and nobody else.
struct Stream {
    state: AppState,
    session: Option<Id>,
    house: HouseId,
    viewer: Viewer,
    /// Number of the last event that was queued for the device.
    last: u64,
    behind: bool,
    ended: bool,
    queue: VecDeque<Bytes>,
    live: broadcast::Receiver<Arc<Event>>,
    beat: Interval,
    /// The station listens as long as this is held.
    _listener: Option<Listener>,
}

impl Stream {
    async fn open(
        state: AppState,
        actor: Actor,
        session: Option<Id>,
        position: Option<Position>,
        live: broadcast::Receiver<Arc<Event>>,
    ) -> Result<Self, DbError> {
        let Extent { floor, head } = state.feed.extent(actor.house.id).await?;
        let asked_for = position.is_some();
        let known = position.filter(|position| {
            position.epoch.as_deref().is_none_or(|epoch| epoch == state.feed.epoch())
                && position.after >= floor
                && position.after <= head
                && head - position.after <= REPLAY_LIMIT
        });
        let mut beat = tokio::time::interval_at(Instant::now() + BEAT, BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let hello = Hello { epoch: state.feed.epoch().to_owned(), head };
        let mut queue = VecDeque::from([frame("hello", &hello)]);
        if asked_for && known.is_none() {
            // Another history, or too much missed: the device loads its boards afresh.
            queue.push_back(frame("reset", &()));
        }
        let after = known.map_or(head, |position| position.after);
        let station = actor.station.as_ref().map(|station| station.id);
        let listener = station
            .filter(|_| actor.role.may(Ability::AnswerAlerts))
            .map(|station| state.listeners.arrive(actor.house.id, station, actor.name));
        Ok(Self {
            last: after,
            behind: after < head,
            house: actor.house.id,
            viewer: Viewer { role: actor.role, station, staff: actor.staff },
            queue,
            state,
            session,
            ended: false,
            live,
            beat,
            _listener: listener,
        })
    }

    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        loop {
            if let Some(bytes) = self.queue.pop_front() {
                return Some((Ok(bytes), self));
            }
            if self.ended || *self.state.shutdown.borrow() {
                return None;
            }
            if self.behind {
                self.catch_up().await?;
                continue;
            }
            self.queue.shrink_to(QUEUE);
            tokio::select! {
                event = self.live.recv() => match event {
                    Ok(event) => self.take(&event).await,
                    Err(broadcast::error::RecvError::Lagged(_)) => self.behind = true,
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                _ = self.beat.tick() => self.on_beat().await,
                _ = self.state.shutdown.changed() => return None,
            }
        }
    }

    /// Reads from the store what did not come live. `None` ends the stream: the device comes back.
    async fn catch_up(&mut self) -> Option<()> {
        match self.state.feed.after(self.house, self.last).await {
            Ok(events) if events.is_empty() => self.behind = false,
            Ok(events) => {
                for event in events {
                    self.queue_event(&event);
                    self.end_with_session(&event).await;
                    if self.ended {
                        break;
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, "a stream could not catch up");
                return None;
            }
        }
        Some(())
    }

    async fn take(&mut self, event: &Event) {
        if event.house != self.house {
            return;
        }
        if event.seq == self.last + 1 {
            self.queue_event(event);
        } else if event.seq > self.last {
            self.behind = true;
        }
        // Also one that was committed before the stream began, and perhaps after its session was looked at.
        self.end_with_session(event).await;
    }

    fn queue_event(&mut self, event: &Event) {
        self.last = event.seq;
        self.queue.push_back(event.frame(self.state.feed.epoch(), self.viewer));
    }

    /// Ends the stream if the event tells that its session has ended.
    async fn end_with_session(&mut self, event: &Event) {
        let Body::SessionsEnded { staff, session: ended } = &event.body else { return };
        if *staff != self.viewer.staff {
            return;
        }
        match (ended, self.session) {
            (Some(ended), Some(own)) => {
                if *ended == session::tag(&own.to_string()) {
                    self.end();
                }
            }
            // All of the colleague's sessions of that time: this one may have begun since.
            _ => {
                self.look_at_session().await;
            }
        }
    }

    async fn on_beat(&mut self) {
        if self.look_at_session().await {
            let head = self.state.feed.known_head(self.house).await.max(self.last);
            self.queue.push_back(frame("beat", &serde_json::json!({ "head": head })));
        }
    }

    /// Whether the session goes on; the stream ends with it. A board on shift counts as used.
    async fn look_at_session(&mut self) -> bool {
        let session = Session::new(self.session, Arc::new(StoredSessions::new(self.state.db.clone())), None);
        match guard::actor(&self.state, &session).await {
            Ok((actor, login)) => {
                if actor.on_shift
                    && let Err(error) = login.board_is_alive(&self.state, &session).await
                {
                    tracing::warn!(%error, "a board's session could not be kept alive");
                }
                true
            }
            Err(AppError::SignedOut) => {
                self.end();
                false
            }
            // The store's trouble is not the session's end.
            Err(error) => {
                tracing::warn!(%error, "a stream's session could not be looked at");
                false
            }
        }
    }

    fn end(&mut self) {
        if !self.ended {
            self.queue.push_back(frame("bye", &()));
            self.ended = true;
        }
    }
}

fn frame(event: &str, data: &impl serde::Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_else(|_| "null".to_owned());
    Bytes::from(format!("event: {event}\ndata: {data}\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_own_memory_wins() {
        let from = From { after: Some("3".to_owned()), epoch: Some("a".to_owned()) };
        let id = HeaderValue::from_static("b:9");
        assert_eq!(position(&from, Some(&id)), Ok(Some(Position { epoch: Some("b".to_owned()), after: 9 })));
        assert_eq!(position(&from, None), Ok(Some(Position { epoch: Some("a".to_owned()), after: 3 })));
        assert_eq!(position(&From::default(), None), Ok(None));
    }

    #[test]
    fn what_is_not_a_number_is_named() {
        let from = From { after: Some("-1".to_owned()), epoch: None };
        assert_eq!(position(&from, None), Err("after: \"-1\" is not the number of an event".to_owned()));
    }
}
