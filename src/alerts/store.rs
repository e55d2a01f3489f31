//! Alerts in the store. Every change of state is guarded in the query, so of two people who tap at
//! once one wins and the other learns who it was.

use super::{AlertKind, AlertState, Board, Outcome, feed::Feed};
use crate::{
    error::{AppError, Problem},
    ids::{AlertId, GuestId, StaffId, StationId},
    server::db::{Db, DbError, NewEvent, Tx, Vars, id_of, optional, record, vars, word},
    staff::{
        Me,
        audit::{self, Action},
        guard::{Actor, AnswerAlerts, Permit, RaiseAlerts},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// How long an ended alert still stands on the board.
const ENDED_SHOWN: TimeDelta = TimeDelta::minutes(10);

/// An alert as it is stored, and as its event carries it.
#[derive(Debug, Clone, SurrealValue)]
pub struct AlertRow {
    pub id: RecordId,
    pub house: RecordId,
    pub guest: RecordId,
    pub sender: RecordId,
    pub receiver: RecordId,
    pub kind: String,
    pub text: Option<String>,
    pub state: String,
    pub raised_by: RecordId,
    pub raised_name: String,
    pub raised_at: DateTime<Utc>,
    pub acknowledged_by: Option<String>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub ended_by: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    pub seated_at: Option<String>,
}

/// An alert with its words read.
#[derive(Debug, Clone)]
pub struct Alert {
    pub id: AlertId,
    pub guest: GuestId,
    pub sender: StationId,
    pub receiver: StationId,
    pub kind: AlertKind,
    pub text: Option<String>,
    pub state: AlertState,
    pub raised_by: StaffId,
    pub raised_name: String,
    pub raised_at: DateTime<Utc>,
    pub acknowledged_by: Option<String>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub ended_by: Option<String>,
    pub outcome: Option<Outcome>,
}

impl TryFrom<AlertRow> for Alert {
    type Error = DbError;

    fn try_from(row: AlertRow) -> Result<Self, DbError> {
        let state = word(&row.state, AlertState::from_code)?;
        Ok(Self {
            id: id_of(&row.id)?,
            guest: id_of(&row.guest)?,
            sender: id_of(&row.sender)?,
            receiver: id_of(&row.receiver)?,
            kind: word(&row.kind, AlertKind::from_code)?,
            text: row.text,
            state,
            raised_by: id_of(&row.raised_by)?,
            raised_name: row.raised_name,
            raised_at: row.raised_at,
            acknowledged_by: row.acknowledged_by,
            acknowledged_at: row.acknowledged_at,
            ended_by: row.ended_by,
            outcome: (state == AlertState::Completed).then(|| row.seated_at.map_or(Outcome::Greeted, Outcome::Seated)),
        })
    }
}

/// What is to be raised, parsed.
#[derive(Debug, Clone)]
pub struct NewAlert {
    pub id: AlertId,
    pub guest: GuestId,
    pub receiver: StationId,
    pub kind: AlertKind,
    pub text: Option<String>,
}

/// Raises an alert. Raising it again under the same id is the same alert.
///
/// # Errors
/// [`AppError::NoStation`]; [`AppError::NotFound`] for a guest or station that is not there;
/// [`AppError::Conflict`] when the id was used for another alert; what the store answers.
pub async fn raise(
    db: &Db,
    permit: &Permit<RaiseAlerts>,
    now: DateTime<Utc>,
    new: NewAlert,
) -> Result<Alert, AppError> {
    let actor = permit.actor();
    let sender = permit.station()?;
    let guest = crate::guests::store::guest(db, new.guest).await?.ok_or(AppError::NotFound)?;
    if guest.flags.deceased {
        return Err(AppError::field("guest", Problem::NotKnown(guest.name.full(), "@living".to_owned())));
    }
    crate::house::store::station(db, permit.house(), new.receiver).await?.ok_or(AppError::NotFound)?;
    let tx = Tx::new()
        .run(
            "LET $alert = (CREATE ONLY $id SET house = $house, guest = $guest, sender = $sender, receiver = $receiver, \
             kind = $kind, text = $text, state = 'raised', raised_by = $raised_by, raised_name = $raised_name, \
             raised_at = $now)",
            vars()
                .with("id", record("alert", new.id))
                .with("house", record("house", permit.house()))
                .with("guest", record("guest", new.guest))
                .with("sender", record("station", sender.id))
                .with("receiver", record("station", new.receiver))
                .with("kind", new.kind.code())
                .with("text", optional(new.text.clone()))
                .with("raised_by", record("staff", actor.staff))
                .with("raised_name", actor.name.clone())
                .with("now", now),
        )
        .event(NewEvent::of_expression(permit.house(), "alert", "$alert"));
    match db.commit(audit::note(tx, actor, Action::Raised, Some(new.guest), &[new.kind.code()])).await {
        Ok(_) => find(db, actor, new.id).await?.ok_or(AppError::NotFound),
        Err(DbError::Store(error)) if error.message().contains("already exists") => {
            let there = find(db, actor, new.id).await?;
            there
                .filter(|there| {
                    (there.guest, there.receiver, there.kind, &there.text, there.raised_by)
                        == (new.guest, new.receiver, new.kind, &new.text, actor.staff)
                })
                .ok_or_else(|| AppError::Conflict("another alert with this id".to_owned()))
        }
        Err(other) => Err(other.into()),
    }
}

/// Says "Got it" for the station.
///
/// # Errors
/// [`AppError::Conflict`] naming who was first or how it ended; [`AppError::Forbidden`] away from the
/// receiving station; [`AppError::NotFound`]; what the store answers.
pub async fn acknowledge(
    db: &Db,
    permit: &Permit<AnswerAlerts>,
    now: DateTime<Utc>,
    id: AlertId,
) -> Result<Alert, AppError> {
    let change = Transition {
        allowed_from: &["raised"],
        set: "state = 'acknowledged', acknowledged_by = $who, acknowledged_at = $now",
        action: Action::Acknowledged,
        side: Side::Receiver,
    };
    transition(db, permit.actor(), id, change, vars().with("now", now)).await
}

/// Ends an alert well: the guest was greeted, or seated at a table.
///
/// # Errors
/// As [`acknowledge`].
pub async fn complete(
    db: &Db,
    permit: &Permit<AnswerAlerts>,
    now: DateTime<Utc>,
    id: AlertId,
    outcome: Outcome,
) -> Result<Alert, AppError> {
    let table = match outcome {
        Outcome::Greeted => None,
        Outcome::Seated(table) => Some(table),
    };
    let change = Transition {
        allowed_from: &["raised", "acknowledged"],
        // Whoever completes without a word before has also seen it.
        set: "state = 'completed', ended_by = $who, ended_at = $now, seated_at = $table, \
              acknowledged_by = acknowledged_by ?? $who, acknowledged_at = acknowledged_at ?? $now",
        action: Action::Completed,
        side: Side::Receiver,
    };
    transition(db, permit.actor(), id, change, vars().with("now", now).with("table", optional(table))).await
}

/// Takes an alert back: by the station that raised it.
///
/// # Errors
/// As [`acknowledge`].
pub async fn withdraw(
    db: &Db,
    permit: &Permit<RaiseAlerts>,
    now: DateTime<Utc>,
    id: AlertId,
) -> Result<Alert, AppError> {
    let change = Transition {
        allowed_from: &["raised", "acknowledged"],
        set: "state = 'withdrawn', ended_by = $who, ended_at = $now",
        action: Action::Withdrew,
        side: Side::Sender,
    };
    transition(db, permit.actor(), id, change, vars().with("now", now)).await
}

struct Transition {
    allowed_from: &'static [&'static str],
    set: &'static str,
    action: Action,
    side: Side,
}

#[derive(PartialEq)]
enum Side {
    Sender,
    Receiver,
}

async fn transition(db: &Db, actor: &Actor, id: AlertId, change: Transition, bound: Vars) -> Result<Alert, AppError> {
    let before = find(db, actor, id).await?.ok_or(AppError::NotFound)?;
    let station = actor.station.as_ref().ok_or(AppError::NoStation)?.id;
    let may = match change.side {
        Side::Receiver => before.receiver == station,
        Side::Sender => before.sender == station || before.raised_by == actor.staff,
    };
    if !may {
        return Err(AppError::Forbidden);
    }
    let sql = format!(
        "LET $changed = (UPDATE $id SET {} WHERE state IN $allowed RETURN AFTER);
         IF array::len($changed) = 0 {{ THROW 'guard:state' }};
         LET $alert = $changed[0]",
        change.set
    );
    let tx = Tx::new()
        .run(
            &sql,
            bound
                .with("id", record("alert", id))
                .with("allowed", change.allowed_from.iter().map(|&state| state.to_owned()).collect::<Vec<_>>())
                .with("who", actor.name.clone()),
        )
        .event(NewEvent::of_expression(actor.house.id, "alert", "$alert"));
    let committed = db.commit(audit::note(tx, actor, change.action, Some(before.guest), &[])).await;
    let after = find(db, actor, id).await?.ok_or(AppError::NotFound)?;
    match committed {
        Ok(_) => Ok(after),
        Err(DbError::Guard(_)) => Err(AppError::Conflict(who_was_first(&after))),
        Err(other) => Err(other.into()),
    }
}

/// The name of whoever decided, for the one who came second.
fn who_was_first(alert: &Alert) -> String {
    let name = alert.ended_by.as_ref().or(alert.acknowledged_by.as_ref());
    name.cloned().unwrap_or_else(|| alert.raised_name.clone())
}

/// An alert of the actor's house.
async fn find(db: &Db, actor: &Actor, id: AlertId) -> Result<Option<Alert>, DbError> {
    let row: Option<AlertRow> = db
        .row(
            "SELECT * FROM $id WHERE house = $house",
            vars().with("id", record("alert", id)).with("house", record("house", actor.house.id)),
        )
        .await?;
    row.map(Alert::try_from).transpose()
}

/// The board of the actor's station as it stands now.
///
/// # Errors
/// [`AppError::NoStation`], or what the store answers.
pub async fn board(
    db: &Db,
    feed: &Feed,
    permit: &Permit<AnswerAlerts>,
    now: DateTime<Utc>,
    me: Me,
) -> Result<Board, AppError> {
    let actor = permit.actor();
    let station = permit.station()?;
    // The number first: what is committed after it comes again on the stream, which does no harm;
    // the other way round something would be missing.
    let seq = feed.head(actor.house.id).await?;
    let mut results = db
        .query(
            "SELECT * FROM alert WHERE receiver = $station AND is_open = true;
             SELECT * FROM alert WHERE sender = $station AND is_open = true;
             SELECT * FROM alert WHERE receiver = $station AND is_open = false AND raised_at > $since;
             SELECT * FROM alert WHERE sender = $station AND is_open = false AND raised_at > $since;",
            vars()
                .with("station", record("station", station.id))
                .with("since", now - ENDED_SHOWN - TimeDelta::hours(1)),
        )
        .await?;
    let mut rows: Vec<AlertRow> = Vec::new();
    for at in 0..4 {
        let found: Vec<AlertRow> = results.take(at).map_err(DbError::from)?;
        rows.extend(found.into_iter().filter(|row| row.ended_at.is_none_or(|ended| now - ended < ENDED_SHOWN)));
    }
    let mut alerts = feed.cards(actor, rows, seq).await?;
    alerts.sort_by(|a, b| b.raised_at.cmp(&a.raised_at).then(b.id.cmp(&a.id)));
    alerts.dedup_by_key(|alert| alert.id);
    let stations = crate::house::store::stations(db, actor.house.id).await?;
    let counts = crate::stays::store::counts(db, &actor.house, now).await?;
    Ok(Board {
        me,
        epoch: feed.epoch().to_owned(),
        seq,
        alerts,
        counts,
        stations: stations.into_iter().filter(|other| other.id != station.id).collect(),
    })
}

/// The newest alert about a guest that the actor's station raised or received in the last hours.
///
/// # Errors
/// [`AppError::NoStation`], or what the store answers.
pub async fn last_about(
    db: &Db,
    actor: &Actor,
    now: DateTime<Utc>,
    guest: GuestId,
) -> Result<Option<AlertRow>, AppError> {
    let station = actor.station.as_ref().ok_or(AppError::NoStation)?;
    let rows: Vec<AlertRow> = db
        .rows(
            "SELECT * FROM alert WHERE guest = $guest AND raised_at > $since ORDER BY raised_at DESC",
            vars().with("guest", record("guest", guest)).with("since", now - TimeDelta::hours(12)),
        )
        .await?;
    let mine = record("station", station.id);
    Ok(rows.into_iter().find(|row| row.sender == mine || row.receiver == mine))
}

/// The stored rows of the alerts named.
///
/// # Errors
/// What the store answers.
pub async fn row(db: &Db, id: AlertId) -> Result<Option<AlertRow>, DbError> {
    db.row("SELECT * FROM $id", vars().with("id", record("alert", id))).await
}
