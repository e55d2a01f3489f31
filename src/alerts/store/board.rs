//! What is read of alerts: the board of a station, and what was said about a guest.

use super::{Alert, AlertRow, find, rules};
use crate::{
    alerts::{AlertCard, Board, HISTORY_PAGE, Urgency, feed::Feed, handover, presence},
    error::AppError,
    ids::{AlertId, GuestId, StationId},
    requests::asked,
    server::db::{Db, DbError, optional, record, vars},
    staff::{
        Me, Role,
        guard::{Actor, AnswerAlerts, Permit, SeeLists},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::RecordId;

/// How long an ended alert still stands on the board.
const ENDED_SHOWN: TimeDelta = TimeDelta::minutes(10);
/// Alerts are never open for longer, whatever the house has set.
const LONGEST_OPEN: TimeDelta = TimeDelta::minutes(crate::alerts::rules::LONGEST_OPEN as i64);

/// The board of the actor's station as it stands now. A manager whose device stands nowhere has one too: with
/// what was carried to managers.
///
/// # Errors
/// [`AppError::NoStation`] for others whose device stands nowhere, or what the store answers.
pub async fn board(
    db: &Db,
    feed: &Feed,
    permit: &Permit<AnswerAlerts>,
    now: DateTime<Utc>,
    me: Me,
) -> Result<Board, AppError> {
    let actor = permit.actor();
    let station = match actor.role {
        Role::Manager => actor.station.as_ref(),
        _ => Some(permit.station()?),
    }
    .map(|station| station.id);
    // The number first: what is committed after it comes again on the stream, which does no harm;
    // the other way round something would be missing.
    let seq = feed.head(actor.house.id).await?;
    let rows = rows_of_board(db, actor, station, now).await?;
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
        stations: stations.into_iter().filter(|other| Some(other.id) != station).collect(),
        presence: presence::of_house(db, actor.house.id, now).await?,
        muted: rules::mutes(db, actor.house.id).await?,
        hand_over: match station {
            Some(station) => handover::latest_open(db, &actor.house, station, now).await?,
            None => None,
        },
        departing: match &actor.station {
            Some(station) => asked::store::departing(db, permit, station.kind, now).await?,
            None => Vec::new(),
        },
    })
}

/// What concerns the actor at any station: what was carried so far, what has ended, and what the actor said.
const OF_ACTOR: &str = "
    SELECT VALUE alert FROM alert_alias WHERE staff = $me AND at > $longest_ago;
    SELECT * FROM alert WHERE house = $house AND is_open = true AND urgency >= $told;
    SELECT * FROM alert WITH INDEX alert_ended WHERE is_open = false AND ended_at > $since AND house = $house;
    SELECT * FROM alert WHERE raised_by = $me AND is_open = true;";
/// And what concerns the station at which the actor stands.
const OF_STATION: &str = "
    SELECT * FROM alert WHERE receiver = $station AND is_open = true;
    SELECT * FROM alert WHERE sender = $station AND is_open = true;
    SELECT * FROM alert WHERE copied_to = $station AND is_open = true;
    SELECT VALUE alert FROM alert_alias WHERE station = $station AND at > $longest_ago;";

/// What was raised for the station or from it, what was copied to it, carried to the actor or said by the
/// actor: open, or ended in the last minutes. One alert may come more than once.
async fn rows_of_board(
    db: &Db,
    actor: &Actor,
    station: Option<StationId>,
    now: DateTime<Utc>,
) -> Result<Vec<AlertRow>, AppError> {
    let (house, me) = (record("house", actor.house.id), record("staff", actor.staff));
    let station = station.map(|station| record("station", station));
    let sql = if station.is_some() { format!("{OF_ACTOR}{OF_STATION}") } else { OF_ACTOR.to_owned() };
    let mut results = db
        .query(
            &sql,
            vars()
                .with("me", me.clone())
                .with("station", optional(station.clone()))
                .with("house", house.clone())
                .with("told", Urgency::DutyTold.level())
                .with("since", now - ENDED_SHOWN)
                .with("longest_ago", now - LONGEST_OPEN),
        )
        .await?;
    let mut also: Vec<RecordId> = results.take(0).map_err(DbError::from)?;
    let mut rows: Vec<AlertRow> = Vec::new();
    for at in if station.is_some() { 1..7 } else { 1..4 } {
        let found: Vec<AlertRow> = results.take(at).map_err(DbError::from)?;
        rows.extend(found);
    }
    if station.is_some() {
        let here: Vec<RecordId> = results.take(7).map_err(DbError::from)?;
        also.extend(here);
    }
    if !also.is_empty() {
        rows.extend(db.rows::<AlertRow>("SELECT * FROM $also", vars().with("also", also)).await?);
    }
    // What was carried to whoever is on duty concerns no one else.
    rows.retain(|row| {
        let at = |station: &RecordId| {
            [Some(&row.receiver), Some(&row.sender), row.copied_to.as_ref()].contains(&Some(station))
                || row.also_from.contains(station)
        };
        let mine = row.house == house && (row.raised_by == me || row.also_staff.contains(&me));
        let here = mine || station.as_ref().is_some_and(at);
        let is_told =
            row.urgency >= Urgency::DutyTold.level() && (actor.role == Role::Manager || row.duty.as_ref() == Some(&me));
        (here || is_told) && row.ended_at.is_none_or(|ended| now - ended < ENDED_SHOWN)
    });
    Ok(rows)
}

/// The newest alert about a guest that the actor or the actor's station raised, or that the station received,
/// in the last hours.
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
    let (me, here) = (record("staff", actor.staff), record("station", station.id));
    Ok(rows.into_iter().find(|row| {
        let said = row.raised_by == me || row.also_staff.contains(&me);
        said || row.sender == here || row.receiver == here || row.also_from.contains(&here)
    }))
}

/// What was said about a guest in this house, the newest first: at most a page of it, from before
/// `earlier_than` on. What a note said is for those whom it concerned.
///
/// # Errors
/// [`AppError::NotFound`] for an alert that is not there to go on from, or what the store answers.
pub async fn about(
    db: &Db,
    feed: &Feed,
    permit: &Permit<SeeLists>,
    now: DateTime<Utc>,
    guest: GuestId,
    earlier_than: Option<AlertId>,
) -> Result<Vec<AlertCard>, AppError> {
    let actor = permit.actor();
    let from = match earlier_than {
        Some(id) => find(db, permit.house(), id).await?.ok_or(AppError::NotFound)?.0.raised_at,
        // Another server's clock may be a little ahead.
        None => now + TimeDelta::hours(1),
    };
    let head = feed.head(permit.house()).await?;
    let mut rows: Vec<AlertRow> = db
        .rows(
            "SELECT * FROM alert WITH INDEX alert_guest WHERE guest = $guest AND raised_at < $from AND house = $house \
             ORDER BY raised_at DESC LIMIT $limit",
            vars()
                .with("guest", record("guest", guest))
                .with("house", record("house", permit.house()))
                .with("from", from)
                .with("limit", i64::from(HISTORY_PAGE)),
        )
        .await?;
    for row in &mut rows {
        let alert = Alert::try_from(row.clone())?;
        if !alert.is_business_of(actor.role, actor.station.as_ref().map(|station| station.id), actor.staff) {
            row.text = None;
        }
    }
    feed.cards(actor, rows, head).await.map_err(AppError::from)
}
