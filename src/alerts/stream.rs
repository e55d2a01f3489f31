//! `GET /events`: the feed as server-sent events, for one signed-in device.

use super::{
    Hello,
    feed::{Extent, Viewer},
    hub::{Joining, frame},
};
use crate::{
    error::AppError,
    server::{AppState, listen::Handover, respond},
    staff::{Ability, guard, session},
};
use axum::{
    Extension,
    extract::{Query, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::sync::Arc;
use tower_sessions::Session;

/// Whoever missed more events than this reloads instead of replaying them.
const REPLAY_LIMIT: u64 = 5_000;

/// From where the stream is to go on.
#[derive(Debug, Default, Deserialize)]
pub struct From {
    after: Option<String>,
    epoch: Option<String>,
}

/// Answers with a stream of events that starts after the number that the device holds. The socket is
/// handed to the [`Hub`](super::hub::Hub), which writes to it from then on.
pub async fn events(
    State(state): State<AppState>,
    session: Session,
    Query(from): Query<From>,
    handover: Option<Extension<Handover>>,
    request: Request,
) -> Response {
    let hub = Arc::clone(&state.hub);
    let turn = hub.turn().await;
    // Before the session is looked at: what ends it from here on is found among the events that follow.
    let looked_at = state.feed.known_heads().await;
    let actor = match guard::actor(&state, &session).await {
        Ok((actor, _)) if actor.role.may(Ability::SeeGuests) => actor,
        Ok(_) => return respond::error(&AppError::Forbidden),
        Err(error) => return respond::error(&error),
    };
    let position = match position(&from, request.headers().get("last-event-id")) {
        Ok(position) => position,
        Err(sentence) => return (StatusCode::BAD_REQUEST, sentence).into_response(),
    };
    let Extent { floor, head } = match state.feed.extent(actor.house.id).await {
        Ok(extent) => extent,
        Err(error) => return respond::error(&error.into()),
    };
    let (Some(Extension(handover)), Some(id), &Method::GET) = (handover, session.id(), request.method()) else {
        return [(header::CONTENT_TYPE, "text/event-stream")].into_response();
    };
    let asked_for = position.is_some();
    let known = position.filter(|position| {
        position.epoch.as_deref().is_none_or(|epoch| epoch == state.feed.epoch())
            && position.after >= floor
            && position.after <= head
            && head - position.after <= REPLAY_LIMIT
    });
    let hello = Hello { epoch: state.feed.epoch().to_owned(), head };
    let first = beginning(&hello, asked_for && known.is_none());
    let house = actor.house.id;
    let station = actor.station.as_ref().map(|station| station.id);
    let viewer = Viewer { role: actor.role, station, staff: actor.staff };
    let listening =
        actor.role.may(Ability::AnswerAlerts).then(|| state.listeners.arrive(house, station, actor.staff, actor.name));
    let watched = state.hub.watch_session(id);
    drop(turn);
    let hub = Arc::clone(&state.hub);
    let join = move |socket| {
        hub.join(Joining {
            socket,
            viewer,
            house,
            session: session::tag(&id.to_string()),
            last: known.map_or(head, |position| position.after),
            head,
            looked_at: looked_at.get(&house).copied().unwrap_or(0),
            guard: Box::new((listening, watched)),
        });
    };
    match handover.take(first, join).await {}
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

/// Everything that is written before the first event: the head of the answer, hello, and perhaps reset.
fn beginning(hello: &Hello, reset: bool) -> Vec<u8> {
    // Without a length the answer lasts as long as the connection. `x-accel-buffering`: reverse proxies
    // that buffer would hold the word back.
    let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\n\
        x-content-type-options: nosniff\r\nx-accel-buffering: no\r\nconnection: close\r\n\r\n"
        .to_vec();
    bytes.extend_from_slice(&frame("hello", hello));
    if reset {
        // Another history, or too much missed: the device loads its boards afresh.
        bytes.extend_from_slice(&frame("reset", &()));
    }
    bytes
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
