//! Preferences and notes: written by whoever may see them, told to whoever may read them.

use super::{GuestEvent, PreferenceRow, guest, houses_of};
use crate::{
    error::{AppError, Problem},
    guests::{Audience, PreferenceGroup, PreferenceValue},
    ids::{GuestId, NoteId, PreferenceId, StaffId},
    server::db::{Db, Tx, id_of, optional, record, vars},
    staff::{
        Role,
        audit::{self, Action},
        guard::{Permit, WriteNotes, WritePreferences},
    },
};
use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// Writes a preference down.
///
/// # Errors
/// [`AppError::Forbidden`] for a group that the role does not see, [`AppError::NotFound`], or what the
/// store answers.
pub async fn add_preference(
    db: &Db,
    permit: &Permit<WritePreferences>,
    now: DateTime<Utc>,
    id: GuestId,
    group: PreferenceGroup,
    value: PreferenceValue,
    stated: bool,
) -> Result<(), AppError> {
    if !group.visible_to(permit.actor().role) {
        return Err(AppError::Forbidden);
    }
    guest(db, id).await?.ok_or(AppError::NotFound)?;
    let (code, text) = PreferenceRow::columns(value);
    let houses = houses_of(db, permit.house(), id).await?;
    let tx = Tx::new()
        .run(
            "CREATE ONLY $preference SET guest = $guest, area = $area, code = $code, text = $text, \
             stated = $stated, author = $author, at = $at RETURN NONE",
            vars()
                .with("preference", record("preference", PreferenceId::new()))
                .with("guest", record("guest", id))
                .with("area", group.code())
                .with("code", optional(code))
                .with("text", optional(text))
                .with("stated", stated)
                .with("author", permit.actor().name.clone())
                .with("at", now),
        )
        .event_in(houses, "guest", GuestEvent::new(id, &[group.code()]));
    db.commit(audit::note(tx, permit.actor(), Action::AddedPreference, Some(id), &[group.code()])).await?;
    Ok(())
}

/// Takes a preference away. Who wrote it and who removed it stays in the audit.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`] for a group that the role does not see, or what the
/// store answers.
pub async fn remove_preference(
    db: &Db,
    permit: &Permit<WritePreferences>,
    id: GuestId,
    preference: PreferenceId,
) -> Result<(), AppError> {
    #[derive(SurrealValue)]
    struct Row {
        area: String,
    }
    let row: Option<Row> = db
        .row(
            "SELECT area FROM $preference WHERE guest = $guest",
            vars().with("preference", record("preference", preference)).with("guest", record("guest", id)),
        )
        .await?;
    let group = row.and_then(|row| PreferenceGroup::from_code(&row.area)).ok_or(AppError::NotFound)?;
    if !group.visible_to(permit.actor().role) {
        return Err(AppError::Forbidden);
    }
    let houses = houses_of(db, permit.house(), id).await?;
    let tx = Tx::new()
        .run("DELETE $preference RETURN NONE", vars().with("preference", record("preference", preference)))
        .event_in(houses, "guest", GuestEvent::new(id, &[group.code()]));
    db.commit(audit::note(tx, permit.actor(), Action::RemovedPreference, Some(id), &[group.code()])).await?;
    Ok(())
}

/// Adds a note for its audience.
///
/// # Errors
/// [`AppError::NotFound`], the field `audience` if the author does not belong to it and could not read the
/// note again, or what the store answers.
pub async fn add_note(
    db: &Db,
    permit: &Permit<WriteNotes>,
    now: DateTime<Utc>,
    id: GuestId,
    text: String,
    audience: Audience,
) -> Result<(), AppError> {
    if !audience.includes(permit.actor().role) {
        let code = audience.code().to_owned();
        return Err(AppError::field("audience", Problem::NotKnown(code, "@listed".to_owned())));
    }
    guest(db, id).await?.ok_or(AppError::NotFound)?;
    let houses = houses_of(db, permit.house(), id).await?;
    let tx = Tx::new()
        .run(
            "CREATE ONLY $note SET guest = $guest, text = $text, audience = $audience, author = $author, \
             staff = $staff, at = $at RETURN NONE",
            vars()
                .with("note", record("note", NoteId::new()))
                .with("guest", record("guest", id))
                .with("text", text)
                .with("audience", audience.code())
                .with("author", permit.actor().name.clone())
                .with("staff", record("staff", permit.actor().staff))
                .with("at", now),
        )
        .event_in(houses, "guest", GuestEvent::new(id, &[note_group(audience)]));
    db.commit(audit::note(tx, permit.actor(), Action::AddedNote, Some(id), &["note"])).await?;
    Ok(())
}

/// Removes a note: one's own, or any as a manager. A note that does not say who wrote it is nobody's own.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`] for a colleague's note, or what the store answers.
pub async fn remove_note(db: &Db, permit: &Permit<WriteNotes>, id: GuestId, note: NoteId) -> Result<(), AppError> {
    #[derive(SurrealValue)]
    struct Row {
        audience: String,
        staff: Option<RecordId>,
    }
    let row: Option<Row> = db
        .row(
            "SELECT audience, staff FROM $note WHERE guest = $guest",
            vars().with("note", record("note", note)).with("guest", record("guest", id)),
        )
        .await?;
    let row = row.ok_or(AppError::NotFound)?;
    let audience = Audience::from_code(&row.audience).ok_or(AppError::NotFound)?;
    let actor = permit.actor();
    let author = row.staff.as_ref().map(id_of::<StaffId>).transpose()?;
    if actor.role != Role::Manager && !(audience.includes(actor.role) && author == Some(actor.staff)) {
        return Err(AppError::Forbidden);
    }
    let houses = houses_of(db, permit.house(), id).await?;
    let tx = Tx::new().run("DELETE $note RETURN NONE", vars().with("note", record("note", note))).event_in(
        houses,
        "guest",
        GuestEvent::new(id, &[note_group(audience)]),
    );
    db.commit(audit::note(tx, permit.actor(), Action::RemovedNote, Some(id), &["note"])).await?;
    Ok(())
}

fn note_group(audience: Audience) -> &'static str {
    match audience {
        Audience::Everyone => "note_everyone",
        Audience::Desk => "note_desk",
        Audience::Floors => "note_floors",
        Audience::Restaurant => "note_restaurant",
        Audience::Managers => "note_managers",
    }
}
