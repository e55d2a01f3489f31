//! Cards on a screen. Opening one is told each time; a card that changes while it is open is loaded again by
//! itself, which nobody has done, and is told only where it would otherwise go untold that somebody still
//! looks at it.

use super::{Action, note};
use crate::{
    ids::GuestId,
    server::db::{Db, DbError, Tx, record, vars},
    staff::{guard::Actor, session},
};
use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// For how long a card counts as the one that was opened.
pub const SHOWN: TimeDelta = TimeDelta::hours(1);

/// Tells that somebody opened a card.
///
/// # Errors
/// What the store answers.
pub async fn shown_anew(db: &Db, actor: &Actor, now: DateTime<Utc>, guest: GuestId) -> Result<(), DbError> {
    let shown = vars().with("shown_card", key(actor, guest)).with("shown_at", now);
    let tx = Tx::new().run("UPSERT ONLY $shown_card SET at = $shown_at RETURN NONE", shown);
    db.commit(note(tx, actor, Action::OpenedCard, Some(guest), &[])).await.map(drop)
}

/// Tells that a card is loaded again, as an opening, unless this session opened it within the last hour
/// ([`SHOWN`]): whoever asks without having opened it is told of like everyone else.
///
/// # Errors
/// What the store answers.
pub async fn shown_again(db: &Db, actor: &Actor, now: DateTime<Utc>, guest: GuestId) -> Result<(), DbError> {
    #[derive(SurrealValue)]
    struct Row {
        at: DateTime<Utc>,
    }
    let told: Option<Row> = db.row("SELECT at FROM $shown_card", vars().with("shown_card", key(actor, guest))).await?;
    if told.is_some_and(|told| now - told.at < SHOWN) {
        return Ok(());
    }
    shown_anew(db, actor, now, guest).await
}

fn key(actor: &Actor, guest: GuestId) -> RecordId {
    record("shown_card", format!("{}|{guest}", session::tag(&actor.session)))
}
