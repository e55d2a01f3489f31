//! Raising an alert: with what is to happen if nobody answers, and once where two say the same.

use super::{
    Changed, find,
    rules::{self, RuleRow},
};
use crate::{
    alerts::{AlertKind, SAME_WORD_SECONDS, escalation, feed},
    error::{AppError, Problem},
    guests::{Guest, store::GuestRow},
    house::store::{StationRow, in_use},
    ids::{AlertId, GuestId, StationId},
    server::db::{Db, DbError, NewEvent, Tx, optional, record, vars},
    staff::{
        audit::{self, Action},
        guard::{Permit, RaiseAlerts},
    },
    stays::locator::{self, Whereabouts},
};
use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::SurrealValue;

/// What is to be raised, parsed.
#[derive(Debug, Clone)]
pub struct NewAlert {
    pub id: AlertId,
    pub guest: GuestId,
    pub receiver: StationId,
    pub kind: AlertKind,
    pub text: Option<String>,
}

/// Makes the alert with the first of its steps; or, where the same word is on its way already, adds the colleague to
/// it and lets the new id stand for it.
const RAISE: &str = "
    IF record::exists($id) OR record::exists($alias) { THROW 'guard:known' };
    LET $same = (SELECT * FROM alert WITH INDEX alert_same WHERE guest = $guest AND receiver = $receiver \
    AND kind = $kind AND text = $text AND raised_at > $since AND is_open = true ORDER BY raised_at LIMIT 1);
    LET $alert = IF array::len($same) = 0 {
        INSERT INTO escalation $first_step RETURN NONE;
        CREATE ONLY $id SET house = $house, guest = $guest, sender = $sender, receiver = $receiver, kind = $kind, \
        text = $text, state = 'raised', raised_by = $raised_by, raised_name = $raised_name, raised_at = $now, \
        muted = $muted RETURN AFTER
    } ELSE {
        LET $first = $same[0];
        LET $is_other = $first.raised_by != $raised_by AND !($first.also_staff CONTAINS $raised_by);
        LET $is_elsewhere = $first.sender != $sender AND !($first.also_from CONTAINS $sender);
        CREATE ONLY $alias SET alert = $first.id, staff = $raised_by, station = $sender, at = $now RETURN NONE;
        UPDATE ONLY $first.id SET \
        also_staff = IF $is_other { array::append($first.also_staff, $raised_by) } ELSE { $first.also_staff }, \
        also_names = IF $is_other { array::append($first.also_names, $raised_name) } ELSE { $first.also_names }, \
        also_from = IF $is_elsewhere { array::append($first.also_from, $sender) } ELSE { $first.also_from }, \
        withdrawn = array::complement($first.withdrawn ?? [], [$raised_by]), \
        withdrawn_from = array::complement($first.withdrawn_from ?? [], [$sender]) \
        RETURN AFTER
    }";

/// All that is asked before an alert is raised, in one statement: whoever taps waits for it.
const LOOK_UP: &str = "RETURN { guest: $guest.*, receiver: $receiver.*, own: $own.*, any: $any.*, \
    muted: record::exists($mute) }";

#[derive(SurrealValue)]
struct LookedUp {
    guest: Option<GuestRow>,
    receiver: Option<StationRow>,
    own: Option<RuleRow>,
    any: Option<RuleRow>,
    muted: bool,
}

/// Raises an alert. Raising it again under the same id is the same alert, and so is what a colleague says
/// in the same words within [`SAME_WORD_SECONDS`].
///
/// # Errors
/// [`AppError::NoStation`]; the field `guest` for one who is not known or has died; the field `to` for a station
/// that the house does not have, and for the sender's own; [`AppError::Conflict`] with the name of whoever raised
/// another alert under the id; what the store answers.
pub async fn raise(
    db: &Db,
    permit: &Permit<RaiseAlerts>,
    now: DateTime<Utc>,
    new: NewAlert,
) -> Result<Changed, AppError> {
    let actor = permit.actor();
    let sender = permit.station()?;
    // The card's facts are found while the alert is on its way: between its commit and the boards nothing is read.
    let ahead = feed::look_ahead(db, permit.house(), now, new.guest);
    let bound = vars().with("guest", record("guest", new.guest)).with("receiver", record("station", new.receiver));
    let found: Option<LookedUp> = db.row(LOOK_UP, rules::keys(bound, new.receiver, new.kind)).await?;
    let LookedUp { guest, receiver, own, any, muted } = found.ok_or(AppError::NotFound)?;
    let unknown =
        |field, id: String, expected: &str| AppError::field(field, Problem::NotKnown(id, expected.to_owned()));
    let guest = guest.map(Guest::try_from).transpose()?;
    let guest = guest.ok_or_else(|| unknown("guest", new.guest.to_string(), "@known_guest"))?;
    if guest.flags.deceased {
        return Err(AppError::field("guest", Problem::NotKnown(guest.name.full(), "@living".to_owned())));
    }
    // What was raised from another station, and is asked about again after the device has moved, stands.
    if new.receiver == sender.id && find(db, permit.house(), new.id).await?.is_none() {
        return Err(AppError::field("to", Problem::NotKnown(sender.name.clone(), "@other_station".to_owned())));
    }
    in_use(receiver, permit.house())?.ok_or_else(|| unknown("to", new.receiver.to_string(), "@other_station"))?;
    let rule = rules::holding(new.receiver, own, any)?;
    let mut tx = Tx::new()
        .run(
            RAISE,
            vars()
                .with("id", record("alert", new.id))
                .with("alias", record("alert_alias", new.id))
                .with("house", record("house", permit.house()))
                .with("guest", record("guest", new.guest))
                .with("sender", record("station", sender.id))
                .with("receiver", record("station", new.receiver))
                .with("kind", new.kind.code())
                .with("text", optional(new.text.clone()))
                .with("raised_by", record("staff", actor.staff))
                .with("raised_name", actor.name.clone())
                .with("muted", muted)
                .with("first_step", optional(escalation::first_step(permit.house(), new.id, &rule, muted, now)))
                .with("since", now - TimeDelta::seconds(SAME_WORD_SECONDS))
                .with("now", now),
        )
        .event(NewEvent::of_expression(permit.house(), "alert", "$alert").with_ahead(ahead));
    if new.kind.tells_where() {
        let place = Whereabouts::Station { station: sender.id, table: None };
        tx = locator::note(tx, actor, now, new.guest, &place);
    }
    match db.commit(audit::note(tx, actor, Action::Raised, Some(new.guest), &[new.kind.code()])).await {
        Ok(commit) => Ok(Changed::by(&commit)?),
        Err(DbError::Guard(_)) => {
            // Of another house, nothing is told.
            let (there, by) = find(db, permit.house(), new.id).await?.ok_or(AppError::Conflict(String::new()))?;
            let is_same = (there.guest, there.receiver, there.kind, &there.text, by)
                == (new.guest, new.receiver, new.kind, &new.text, actor.staff);
            if is_same { Ok(Changed::earlier(there)) } else { Err(AppError::Conflict(there.raised_name)) }
        }
        Err(other) => Err(other.into()),
    }
}
