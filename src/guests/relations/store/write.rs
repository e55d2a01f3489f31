//! What is written down about the people around a guest. Each write is told to the open cards of all whom it is about.
//! Keys are made of what they stand for, so what is sent twice is one row.

use super::ChildRow;
use crate::{
    error::{AppError, Problem},
    guests::{
        Guest,
        relations::{
            OccasionKind, Relation, RelationKind,
            parse::{NewChild, NewOccasion, NewParty},
            sees_days,
        },
        store::{GuestEvent, dossiers, guest, guest_records, houses_of},
    },
    ids::{ChildId, GuestId, OccasionId, PartyId},
    server::db::{Db, DbError, Tx, Vars, derived, id_of, optional, record, vars},
    staff::{
        audit::{self, Action},
        guard::{Actor, Permit, WriteNotes},
    },
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use surrealdb::types::{RecordId, SurrealValue};

#[derive(SurrealValue)]
struct NewRelation {
    id: RecordId,
    one: RecordId,
    other: RecordId,
    kind: String,
    author_name: String,
    at: DateTime<Utc>,
}

#[derive(SurrealValue)]
struct NewMember {
    id: RecordId,
    party: RecordId,
    guest: RecordId,
    leads: bool,
}

impl NewMember {
    fn new(party: PartyId, guest: GuestId, leads: bool) -> Self {
        Self { id: member(party, guest), party: record("party", party), guest: record("guest", guest), leads }
    }
}

fn relationship(one: GuestId, other: GuestId, kind: RelationKind) -> RecordId {
    record("relationship", format!("{one}|{other}|{}", kind.code()))
}

fn member(party: PartyId, guest: GuestId) -> RecordId {
    record("party_member", format!("{party}|{guest}"))
}

async fn known(db: &Db, id: GuestId) -> Result<Guest, AppError> {
    guest(db, id).await?.ok_or(AppError::NotFound)
}

/// Whoever is to be written down beside a guest: somebody else.
async fn somebody_else(db: &Db, id: GuestId, other: GuestId) -> Result<Guest, AppError> {
    let refused =
        |value: String, expected: &str| AppError::field("other", Problem::NotKnown(value, expected.to_owned()));
    let found = guest(db, other).await?.ok_or_else(|| refused(other.to_string(), "@known_guest"))?;
    if other == id { Err(refused(found.name.full(), "@people_other")) } else { Ok(found) }
}

/// Adds that the open cards of guests learn of it.
async fn told(db: &Db, mut tx: Tx, actor: &Actor, guests: impl IntoIterator<Item = GuestId>) -> Result<Tx, DbError> {
    for guest in guests.into_iter().collect::<BTreeSet<_>>() {
        let houses = houses_of(db, actor.house.id, guest).await?;
        tx = tx.event_in(houses, "guest", GuestEvent::new(guest, &["people"]));
    }
    Ok(tx)
}

/// Commits what was changed on the card of a guest, with its audit entry.
async fn carry_out(
    db: &Db,
    tx: Tx,
    actor: &Actor,
    id: GuestId,
    field: &str,
    also: impl IntoIterator<Item = GuestId>,
) -> Result<(), AppError> {
    let tx = told(db, tx, actor, also.into_iter().chain([id])).await?;
    match db.commit(audit::note(tx, actor, Action::ChangedPeople, Some(id), &[field])).await {
        Ok(_) => Ok(()),
        // It went in between.
        Err(DbError::Guard(_)) => Err(AppError::NotFound),
        Err(other) => Err(other.into()),
    }
}

/// Says what another guest is to a guest. What was written the other way round is put right by it.
///
/// # Errors
/// [`AppError::NotFound`]; the field `other` for nobody, and for the guest himself; or what the store answers.
pub async fn relate(
    db: &Db,
    permit: &Permit<WriteNotes>,
    now: DateTime<Utc>,
    id: GuestId,
    other: GuestId,
    relation: Relation,
) -> Result<(), AppError> {
    known(db, id).await?;
    somebody_else(db, id, other).await?;
    let actor = permit.actor();
    let (one, second, kind) = relation.stored(id, other);
    let row = NewRelation {
        id: relationship(one, second, kind),
        one: record("guest", one),
        other: record("guest", second),
        kind: kind.code().to_owned(),
        author_name: actor.name.clone(),
        at: now,
    };
    let tx = Tx::new().run(
        "DELETE $relation_turned RETURN NONE;
         INSERT IGNORE INTO relationship $relation_row RETURN NONE",
        vars().with("relation_turned", relationship(second, one, kind)).with("relation_row", row),
    );
    carry_out(db, tx, actor, id, "people_relation", [other]).await
}

/// Takes away what another guest is to a guest.
///
/// # Errors
/// [`AppError::NotFound`] where that is not written down, or what the store answers.
pub async fn unrelate(
    db: &Db,
    permit: &Permit<WriteNotes>,
    id: GuestId,
    other: GuestId,
    relation: Relation,
) -> Result<(), AppError> {
    let (one, second, kind) = relation.stored(id, other);
    let tx = Tx::new().run(
        "IF record::exists($relation) = false { THROW 'guard:gone' };
         DELETE $relation RETURN NONE",
        vars().with("relation", relationship(one, second, kind)),
    );
    carry_out(db, tx, permit.actor(), id, "people_relation", [other]).await
}

/// A guest and his partners: the children of one are those of the other.
async fn household(db: &Db, id: GuestId) -> Result<Vec<GuestId>, DbError> {
    let mut results = db
        .query(
            "SELECT VALUE other FROM relationship WHERE one = $guest AND kind = 'partner';
             SELECT VALUE one FROM relationship WHERE other = $guest AND kind = 'partner';",
            vars().with("guest", record("guest", id)),
        )
        .await?;
    let mut partners: Vec<RecordId> = results.take(0)?;
    partners.extend(results.take::<Vec<RecordId>>(1)?);
    let mut guests = vec![id];
    for partner in &partners {
        guests.push(id_of(partner)?);
    }
    Ok(guests)
}

/// Writes a child of the household down, on the card of this guest; one of that name that stands on it or a partner's
/// already is written anew where it stands.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn add_child(
    db: &Db,
    permit: &Permit<WriteNotes>,
    now: DateTime<Utc>,
    id: GuestId,
    new: NewChild,
) -> Result<(), AppError> {
    known(db, id).await?;
    let household = household(db, id).await?;
    let children: Vec<ChildRow> =
        db.rows_among("SELECT * FROM child WHERE guest IN $among", &guest_records(&household), vars()).await?;
    let name = new.name.to_lowercase();
    let (key, of) = match children.into_iter().find(|child| child.name.to_lowercase() == name) {
        Some(child) => (child.id, child.guest),
        None => (record("child", ChildId(derived(&format!("child|{id}|{name}")))), record("guest", id)),
    };
    let tx = Tx::new().run(
        "UPSERT ONLY $child SET guest = $child_of, name = $child_name, birthday = $child_born, likes = $child_likes, \
         author_name = $child_by, at = $child_at RETURN NONE",
        vars()
            .with("child", key)
            .with("child_of", of)
            .with("child_name", new.name)
            .with("child_born", optional(new.birthday.map(|birthday| birthday.to_string())))
            .with("child_likes", optional(new.likes))
            .with("child_by", permit.actor().name.clone())
            .with("child_at", now),
    );
    carry_out(db, tx, permit.actor(), id, "people_child", household).await
}

/// Takes a child of the household away.
///
/// # Errors
/// [`AppError::NotFound`] for a child of others, or what the store answers.
pub async fn remove_child(db: &Db, permit: &Permit<WriteNotes>, id: GuestId, child: ChildId) -> Result<(), AppError> {
    let household = household(db, id).await?;
    let there: Option<ChildRow> = db.row("SELECT * FROM $child", vars().with("child", record("child", child))).await?;
    let of: GuestId = id_of(&there.ok_or(AppError::NotFound)?.guest)?;
    if !household.contains(&of) {
        return Err(AppError::NotFound);
    }
    let tx = Tx::new().run("DELETE $child RETURN NONE", vars().with("child", record("child", child)));
    carry_out(db, tx, permit.actor(), id, "people_child", household).await
}

/// Whether the actor is told the guest's days, and so may write them down.
async fn must_see_days(db: &Db, actor: &Actor, now: DateTime<Utc>, id: GuestId) -> Result<(), AppError> {
    let found = dossiers(db, &actor.house, now, &[id]).await?;
    let dossier = found.first().ok_or(AppError::NotFound)?;
    if sees_days(actor.role, dossier.presence) { Ok(()) } else { Err(AppError::Forbidden) }
}

/// Has the house keep a day of a guest. One of that kind and day that is kept already is written anew.
///
/// # Errors
/// [`AppError::Forbidden`] for a role that is not told the guest's days, [`AppError::NotFound`], or what the store
/// answers.
pub async fn save_occasion(
    db: &Db,
    permit: &Permit<WriteNotes>,
    now: DateTime<Utc>,
    id: GuestId,
    new: NewOccasion,
) -> Result<(), AppError> {
    must_see_days(db, permit.actor(), now, id).await?;
    let day = format!("{:02}-{:02}", new.day.month, new.day.day);
    // What has no name of its own is told apart by its words.
    let words = new.text.as_deref().filter(|_| new.kind == OccasionKind::Other).unwrap_or_default().to_lowercase();
    let key = OccasionId(derived(&format!("occasion|{id}|{}|{day}|{words}", new.kind.code())));
    let tx = Tx::new().run(
        "UPSERT ONLY $occasion SET guest = $occasion_of, kind = $occasion_kind, text = $occasion_text, \
         day = $occasion_day, year = $occasion_year, lead_days = $occasion_lead, author_name = $occasion_by, \
         at = $occasion_at RETURN NONE",
        vars()
            .with("occasion", record("occasion", key))
            .with("occasion_of", record("guest", id))
            .with("occasion_kind", new.kind.code())
            .with("occasion_text", optional(new.text))
            .with("occasion_day", day)
            .with("occasion_year", optional(new.day.year.map(i64::from)))
            .with("occasion_lead", i64::from(new.lead_days))
            .with("occasion_by", permit.actor().name.clone())
            .with("occasion_at", now),
    );
    carry_out(db, tx, permit.actor(), id, "people_occasion", []).await
}

/// Has the house keep a day of a guest no more.
///
/// # Errors
/// As [`save_occasion`].
pub async fn remove_occasion(
    db: &Db,
    permit: &Permit<WriteNotes>,
    now: DateTime<Utc>,
    id: GuestId,
    occasion: OccasionId,
) -> Result<(), AppError> {
    must_see_days(db, permit.actor(), now, id).await?;
    let key = record("occasion", occasion);
    let there: Option<RecordId> = db
        .row(
            "SELECT VALUE guest FROM $occasion WHERE guest = $guest",
            vars().with("occasion", key.clone()).with("guest", record("guest", id)),
        )
        .await?;
    there.ok_or(AppError::NotFound)?;
    let tx = Tx::new().run("DELETE $occasion RETURN NONE", vars().with("occasion", key));
    carry_out(db, tx, permit.actor(), id, "people_occasion", []).await
}

/// Who travels in a party; of which the guest must be one.
async fn members(db: &Db, party: PartyId, id: GuestId) -> Result<Vec<GuestId>, AppError> {
    let rows: Vec<RecordId> = db
        .rows("SELECT VALUE guest FROM party_member WHERE party = $party", vars().with("party", record("party", party)))
        .await?;
    let members = rows.iter().map(id_of).collect::<Result<Vec<GuestId>, _>>()?;
    if members.contains(&id) { Ok(members) } else { Err(AppError::NotFound) }
}

/// Has another guest travel in the party of which a guest is.
///
/// # Errors
/// As [`relate`]; [`AppError::NotFound`] too for a party of others.
pub async fn join(
    db: &Db,
    permit: &Permit<WriteNotes>,
    id: GuestId,
    other: GuestId,
    party: PartyId,
) -> Result<(), AppError> {
    let mut all = members(db, party, id).await?;
    somebody_else(db, id, other).await?;
    all.push(other);
    let tx = Tx::new().run(
        "IF record::exists($party) = false { THROW 'guard:gone' };
         INSERT IGNORE INTO party_member $party_rows RETURN NONE",
        vars().with("party", record("party", party)).with("party_rows", vec![NewMember::new(party, other, false)]),
    );
    carry_out(db, tx, permit.actor(), id, "people_party", all).await
}

/// Has another guest travel with a guest, who leads, in a party of their own.
///
/// # Errors
/// As [`relate`].
pub async fn set_out(
    db: &Db,
    permit: &Permit<WriteNotes>,
    now: DateTime<Utc>,
    id: GuestId,
    other: GuestId,
    new: NewParty,
) -> Result<(), AppError> {
    known(db, id).await?;
    somebody_else(db, id, other).await?;
    let party = PartyId(derived(&format!("party|{}|{id}|{}", permit.house(), new.arrival)));
    let rows = vec![NewMember::new(party, id, true), NewMember::new(party, other, false)];
    let bound = days(party, new)
        .with("party_house", record("house", permit.house()))
        .with("party_by", permit.actor().name.clone())
        .with("party_at", now)
        .with("party_rows", rows);
    let tx = Tx::new().run(
        "UPSERT ONLY $party SET house = $party_house, name = $party_name, arrival = $party_arrival, \
         departure = $party_departure, author_name = $party_by, at = $party_at RETURN NONE;
         INSERT IGNORE INTO party_member $party_rows RETURN NONE",
        bound,
    );
    carry_out(db, tx, permit.actor(), id, "people_party", [other]).await
}

/// A party, its name and its days, to be bound.
fn days(party: PartyId, new: NewParty) -> Vars {
    vars()
        .with("party", record("party", party))
        .with("party_name", new.name)
        .with("party_arrival", new.arrival.to_string())
        .with("party_departure", new.departure.to_string())
}

/// Changes the name and the days of the party of which a guest is.
///
/// # Errors
/// [`AppError::NotFound`] for a party of others, or what the store answers.
pub async fn change_party(
    db: &Db,
    permit: &Permit<WriteNotes>,
    id: GuestId,
    party: PartyId,
    new: NewParty,
) -> Result<(), AppError> {
    let all = members(db, party, id).await?;
    let tx = Tx::new().run(
        "IF record::exists($party) = false { THROW 'guard:gone' };
         UPDATE ONLY $party SET name = $party_name, arrival = $party_arrival, departure = $party_departure RETURN NONE",
        days(party, new),
    );
    carry_out(db, tx, permit.actor(), id, "people_party", all).await
}

/// Takes a member out of the party of which a guest is. One alone is no party.
///
/// # Errors
/// [`AppError::NotFound`] for a party or a member of others, or what the store answers.
pub async fn leave_party(
    db: &Db,
    permit: &Permit<WriteNotes>,
    id: GuestId,
    party: PartyId,
    leaves: GuestId,
) -> Result<(), AppError> {
    let all = members(db, party, id).await?;
    if !all.contains(&leaves) {
        return Err(AppError::NotFound);
    }
    let tx = Tx::new().run(
        "DELETE $party_leaves RETURN NONE;
         LET $party_rest = (SELECT VALUE id FROM party_member WHERE party = $party);
         IF array::len($party_rest) < 2 { DELETE $party_rest RETURN NONE; DELETE $party RETURN NONE }",
        vars().with("party_leaves", member(party, leaves)).with("party", record("party", party)),
    );
    carry_out(db, tx, permit.actor(), id, "people_party", all).await
}
