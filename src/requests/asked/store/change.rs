//! What becomes of a request: arranged, done, declined. The first one wins.

use super::{RequestRow, changed, row_of};
use crate::{
    error::AppError,
    guests::store::{GuestEvent, houses_of},
    ids::{GuestId, RequestId},
    requests::{
        asked::{RequestKind, RequestState, write::Change},
        traces::store as traces,
    },
    server::db::{Db, DbError, Tx, id_of, optional, record, vars, word},
    staff::{
        audit::{self, Action},
        guard::{Actor, HandleRequests, Permit},
    },
};
use chrono::{DateTime, Utc};

/// What a colleague saw of a request before deciding what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub state: RequestState,
    pub details: Option<String>,
}

/// Says what becomes of a request. The first one wins: whoever decides by what has changed since learns who was first.
/// What is done is done, however it had been arranged.
///
/// # Errors
/// [`AppError::Conflict`] with the name of whoever was first; [`AppError::NotFound`] for a request of another house or
/// of none; what the store answers.
pub async fn change(
    db: &Db,
    permit: &Permit<HandleRequests>,
    now: DateTime<Utc>,
    id: RequestId,
    change: Change,
    seen: Option<Seen>,
) -> Result<(), AppError> {
    let (actor, house) = (permit.actor(), permit.house());
    let before = row_of(db, house, id).await?;
    let whom: GuestId = id_of(&before.guest)?;
    let to = change.state();
    let seen = seen.filter(|_| change != Change::Done);
    let open = RequestState::ALL.iter().copied().filter(|state| state.may_become(to));
    let allowed: Vec<String> = open
        .filter(|state| seen.as_ref().is_none_or(|seen| seen.state == *state))
        .map(|state| state.code().to_owned())
        .collect();
    let bound = vars()
        .with("changed_request", record("guest_request", id))
        .with("request_to", to.code())
        .with("request_from", allowed)
        .with("request_who", actor.name.clone())
        .with("request_staff", record("staff", actor.staff))
        .with("request_at", now);
    let (set, bound) = match &change {
        Change::Arrange(details) => (
            "details = $request_details, arranged_staff = $request_staff, arranged_by = $request_who, \
             arranged_at = $request_at",
            bound.with("request_details", optional(details.clone())),
        ),
        Change::Done => (ENDED, bound.with("request_reason", optional(None::<String>))),
        Change::Decline(reason) => (ENDED, bound.with("request_reason", reason.clone())),
    };
    let (unless_moved, bound) = match seen {
        Some(Seen { state: RequestState::Arranged, details }) => {
            (" AND (details ?? '') = $request_seen", bound.with("request_seen", details.unwrap_or_default()))
        }
        _ => ("", bound),
    };
    let sql = format!(
        "LET $request_changed = (UPDATE $changed_request SET state = $request_to, {set} \
         WHERE state IN $request_from{unless_moved} RETURN AFTER);
         IF array::len($request_changed) = 0 {{ THROW 'guard:state' }}"
    );
    let houses = houses_of(db, house, whom).await?;
    let tx = Tx::new().run(&sql, bound).event(changed(house, &before.department)).event_in(
        houses,
        "guest",
        GuestEvent::new(whom, &["requests"]),
    );
    let tx = match &change {
        Change::Arrange(_) => tx,
        Change::Done => traces::end_of_request(tx, id, &actor.name, now, true),
        Change::Decline(_) => traces::end_of_request(tx, id, &actor.name, now, false),
    };
    match db.commit(audit::note(tx, actor, Action::ChangedRequest, Some(whom), &[to.code()])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => {
            let there = row_of(db, house, id).await?;
            // Asked for again because the answer was lost on its way.
            if is_done(&there, &change, actor) { Ok(()) } else { Err(AppError::Conflict(there.last_word())) }
        }
        Err(other) => Err(other.into()),
    }
}

/// What an end says of itself. What has ended does not ring.
const ENDED: &str = "reason = $request_reason, ended_staff = $request_staff, ended_by = $request_who, \
                     ended_at = $request_at, rings_at = NONE";

/// Whether a request is as the actor wants it, and the actor made it so.
fn is_done(there: &RequestRow, change: &Change, actor: &Actor) -> bool {
    let me = Some(record("staff", actor.staff));
    let is_there = there.state == change.state().code();
    is_there
        && match change {
            Change::Arrange(details) => there.arranged_staff == me && there.details == *details,
            Change::Done => there.ended_staff == me,
            Change::Decline(reason) => there.ended_staff == me && there.reason.as_ref() == Some(reason),
        }
}

/// What a request is, for whoever is to say what becomes of it.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn kind_of(db: &Db, permit: &Permit<HandleRequests>, id: RequestId) -> Result<RequestKind, AppError> {
    Ok(word(&row_of(db, permit.house(), id).await?.kind, RequestKind::from_code)?)
}
