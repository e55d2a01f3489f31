//! Guests in the store.

mod dossier;
mod evidence;
mod preferences;
mod remember;
mod rows;

pub(crate) use dossier::{KNOWN, Known, dossiers_of};
pub use dossier::{dossiers, presences};
pub use evidence::{confirm, contradict, mark, memory_of, score, set_cue, set_memory};
pub use preferences::{add_note, add_preference, remove_note, remove_preference};
pub use remember::{opened, remember};
pub(crate) use rows::{GuestRow, PreferenceRow, match_keys};

use super::{Guest, parse::GuestDraft, search::SearchDoc};
use crate::{
    error::AppError,
    ids::{GuestId, HouseId, PhotoId},
    server::db::{Db, DbError, Tx, id_of, optional, record, vars},
    staff::{
        audit::{self, Action},
        guard::{EditGuests, Permit, SeeGuests},
    },
};
use std::collections::BTreeSet;
use surrealdb::types::{Bytes, RecordId, SurrealValue};

/// The profile, or nothing if there is none under that id.
///
/// # Errors
/// What the store answers.
pub async fn guest(db: &Db, id: GuestId) -> Result<Option<Guest>, DbError> {
    let row: Option<GuestRow> = db.row("SELECT * FROM $guest", vars().with("guest", record("guest", id))).await?;
    row.map(Guest::try_from).transpose()
}

/// Makes a profile and tells the feed.
///
/// # Errors
/// What the store answers.
pub async fn create(db: &Db, permit: &Permit<EditGuests>, draft: GuestDraft) -> Result<GuestId, AppError> {
    let id = GuestId::new();
    let row = GuestRow::new(id, 1, None, draft);
    let tx = Tx::new().run("INSERT INTO guest $row RETURN NONE", vars().with("row", row)).event_in(
        [permit.house()],
        "guest",
        GuestEvent::new(id, &["identity"]),
    );
    db.commit(audit::note(tx, permit.actor(), Action::EditedProfile, Some(id), &["created"])).await?;
    Ok(id)
}

/// How an attempt to change a profile ended.
pub enum Change {
    Kept,
    /// A colleague changed it since; the profile as it is now.
    Moved(Box<Guest>),
}

/// Changes a profile if it is still at the revision that the editor saw.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn update(
    db: &Db,
    permit: &Permit<EditGuests>,
    id: GuestId,
    seen_revision: i64,
    draft: GuestDraft,
) -> Result<Change, AppError> {
    let before = guest(db, id).await?.ok_or(AppError::NotFound)?;
    if before.revision != seen_revision {
        return Ok(Change::Moved(Box::new(before)));
    }
    let (fields, groups) = changed_fields(&before, &draft);
    let row = GuestRow::new(id, seen_revision + 1, before.photo, draft);
    let houses = houses_of(db, permit.house(), id).await?;
    // The whole row is replaced, so the guard stands first: whoever saved in between wins.
    let tx = Tx::new()
        .run(
            "IF (SELECT VALUE revision FROM ONLY $guest) != $revision { THROW 'guard:revision' };
             UPDATE ONLY $guest MERGE $row RETURN NONE",
            vars().with("guest", record("guest", id)).with("revision", seen_revision).with("row", row.into_merge()),
        )
        .event_in(houses, "guest", GuestEvent::new(id, &groups));
    match db.commit(audit::note(tx, permit.actor(), Action::EditedProfile, Some(id), &fields)).await {
        Ok(_) => Ok(Change::Kept),
        Err(DbError::Guard(_)) => {
            let now = guest(db, id).await?.ok_or(AppError::NotFound)?;
            Ok(Change::Moved(Box::new(now)))
        }
        Err(other) => Err(other.into()),
    }
}

/// Replaces the photograph (already re-encoded), or takes it away.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn set_photo(
    db: &Db,
    permit: &Permit<EditGuests>,
    id: GuestId,
    jpeg: Option<Vec<u8>>,
) -> Result<(), AppError> {
    let before = guest(db, id).await?.ok_or(AppError::NotFound)?;
    let photo = jpeg.as_ref().map(|_| PhotoId::new());
    let houses = houses_of(db, permit.house(), id).await?;
    let mut tx = Tx::new();
    if let (Some(photo), Some(jpeg)) = (photo, jpeg) {
        tx = tx.run(
            "CREATE ONLY $photo SET guest = $guest, jpeg = $jpeg RETURN NONE",
            vars().with("photo", record("photo", photo)).with("jpeg", Bytes::from(jpeg)),
        );
    }
    if let Some(old) = before.photo {
        tx = tx.run("DELETE ONLY $old_photo RETURN BEFORE", vars().with("old_photo", record("photo", old)));
    }
    let tx = tx
        .run(
            "UPDATE ONLY $guest SET photo = $new_photo, revision += 1 RETURN NONE",
            vars()
                .with("guest", record("guest", id))
                .with("new_photo", optional(photo.map(|photo| record("photo", photo)))),
        )
        .event_in(houses, "guest", GuestEvent::new(id, &["identity"]));
    db.commit(audit::note(tx, permit.actor(), Action::ChangedPhoto, Some(id), &["photo"])).await?;
    Ok(())
}

/// The JPEG of a photograph.
///
/// # Errors
/// What the store answers.
pub async fn photo(db: &Db, _: &Permit<SeeGuests>, id: PhotoId) -> Result<Option<Vec<u8>>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        jpeg: Bytes,
    }
    let row: Option<Row> = db.row("SELECT jpeg FROM $photo", vars().with("photo", record("photo", id))).await?;
    Ok(row.map(|row| row.jpeg.into_inner().to_vec()))
}

/// Guests as the search index wants them, a page at a time by key: those after `after`, at most
/// `limit`.
///
/// # Errors
/// What the store answers.
pub async fn search_page(db: &Db, after: Option<GuestId>, limit: u32) -> Result<Vec<SearchDoc>, DbError> {
    // A range of keys, so that a page costs the same wherever it begins. "!" sorts before every digit:
    // an id with it is the least text after the id itself.
    let first = after.map_or_else(|| "0".to_owned(), |id| format!("{id}!"));
    let rows: Vec<GuestRow> = db
        .rows(
            "SELECT * FROM type::record('guest', $first..) LIMIT $limit",
            vars().with("first", first).with("limit", i64::from(limit)),
        )
        .await?;
    rows.into_iter().map(|row| Guest::try_from(row).map(SearchDoc::from)).collect()
}

/// The same for guests by id; those that do not exist (any more) are left out.
///
/// # Errors
/// What the store answers.
pub async fn search_docs(db: &Db, ids: &[GuestId]) -> Result<Vec<SearchDoc>, DbError> {
    let rows: Vec<GuestRow> = db.rows("SELECT * FROM $guests", vars().with("guests", guest_records(ids))).await?;
    rows.into_iter().map(|row| Guest::try_from(row).map(SearchDoc::from)).collect()
}

impl From<Guest> for SearchDoc {
    fn from(guest: Guest) -> Self {
        let mut names = vec![guest.name.first, guest.name.last];
        names.extend(guest.name.native);
        Self {
            guest: guest.id,
            names,
            emails: guest.emails,
            phones: guest.phones,
            membership: guest.membership,
            former: Vec::new(),
        }
    }
}

/// What the feed says of a changed profile: which groups of fields, so that nobody is told of a
/// change in what the role may not see.
#[derive(Debug, Clone, SurrealValue)]
pub struct GuestEvent {
    pub guest: String,
    pub groups: Vec<String>,
}

impl GuestEvent {
    #[must_use]
    pub fn new(guest: GuestId, groups: &[&str]) -> Self {
        Self { guest: guest.to_string(), groups: groups.iter().map(|&group| group.to_owned()).collect() }
    }
}

/// The houses that must learn of a change: where the guest has bookings, and where it was made.
pub(crate) async fn houses_of(db: &Db, acting: HouseId, id: GuestId) -> Result<BTreeSet<HouseId>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        house: RecordId,
    }
    let rows: Vec<Row> = db
        .rows(
            "SELECT house FROM reservation WHERE guest = $guest GROUP BY house",
            vars().with("guest", record("guest", id)),
        )
        .await?;
    let mut houses: BTreeSet<HouseId> = rows.iter().map(|row| id_of(&row.house)).collect::<Result<_, _>>()?;
    houses.insert(acting);
    Ok(houses)
}

pub(crate) fn guest_records(ids: &[GuestId]) -> Vec<RecordId> {
    ids.iter().map(|id| record("guest", id)).collect()
}

/// The names of the fields that differ, for the audit, and their groups, for the feed.
fn changed_fields(before: &Guest, after: &GuestDraft) -> (Vec<&'static str>, Vec<&'static str>) {
    let comparisons = [
        ("name", "identity", before.name != after.name),
        ("language", "identity", before.language != after.language),
        ("vip", "identity", before.vip != after.vip),
        ("flags", "identity", before.flags != after.flags),
        ("nationality", "contact", before.nationality != after.nationality),
        ("phones", "contact", before.phones != after.phones),
        ("emails", "contact", before.emails != after.emails),
        ("address", "contact", before.address != after.address),
        ("membership", "contact", before.membership != after.membership),
        ("birthday", "birthday", before.birthday != after.birthday),
    ];
    let changed: Vec<_> = comparisons.into_iter().filter(|(_, _, differs)| *differs).collect();
    let groups: BTreeSet<_> = changed.iter().map(|(_, group, _)| *group).collect();
    (changed.iter().map(|(field, _, _)| *field).collect(), groups.into_iter().collect())
}
