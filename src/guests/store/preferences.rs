//! Preferences and notes: written by whoever may see them, told to whoever may read them.

use super::{
    GuestEvent, PreferenceRow,
    evidence::{self, Found},
    guest, houses_of,
};
use crate::{
    error::{AppError, Problem},
    guests::{Audience, PreferenceGroup, PreferenceValue, evidence::SightingKind},
    ids::{GuestId, HouseId, NoteId, PreferenceId, StaffId},
    server::{
        clock,
        db::{Db, DbError, Tx, id_of, optional, record, vars},
    },
    staff::{
        Role,
        audit::{self, Action},
        guard::{Permit, WriteNotes, WritePreferences},
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// Writes a preference down. One that is known already is confirmed: the guest said so, or a colleague noticed it, once
/// more.
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
    loop {
        let known: Vec<PreferenceRow> = db
            .rows(
                "SELECT * FROM preference WHERE guest = $guest AND area = $area",
                vars().with("guest", record("guest", id)).with("area", group.code()),
            )
            .await?;
        let seen = known.len();
        let same = known.into_iter().filter(|row| is_same(row, code.as_ref(), text.as_ref()));
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            same.partition(|row| evidence::holds_in(row.house.as_ref(), permit.house()));
        if let Some(row) = here.into_iter().next() {
            let found = Found { id: id_of(&row.id)?, guest: id, group, row };
            match evidence::confirm_found(db, permit, now, &found, stated).await {
                // Taken away in between.
                Err(AppError::NotFound) => continue,
                confirmed => return confirmed,
            }
        }
        // What holds in another house alone holds in this one now as well. Without a house it would stand twice on the
        // cards of the other.
        let only = (!elsewhere.is_empty()).then(|| permit.house());
        let new = New { guest: id, group, code: code.clone(), text: text.clone(), stated, only };
        match insert(db, permit, now, new, seen).await {
            // A colleague has written something of the group in between: perhaps this.
            Err(DbError::Guard(_)) => {}
            inserted => return Ok(inserted?),
        }
    }
}

/// Whether a row says the same as these columns.
fn is_same(row: &PreferenceRow, code: Option<&String>, text: Option<&String>) -> bool {
    let plain = |text: &String| text.to_lowercase();
    row.code.as_ref() == code && row.text.as_ref().map(plain) == text.map(plain)
}

/// A preference that is not known yet.
struct New {
    guest: GuestId,
    group: PreferenceGroup,
    code: Option<String>,
    text: Option<String>,
    stated: bool,
    /// The one house in which it holds.
    only: Option<HouseId>,
}

/// Adds it to the others of its group, of which there were so many when they were looked at.
async fn insert(
    db: &Db,
    permit: &Permit<WritePreferences>,
    now: DateTime<Utc>,
    new: New,
    seen: usize,
) -> Result<(), DbError> {
    let actor = permit.actor();
    let id = PreferenceId::new();
    let memory = evidence::memory_of(db, permit.house()).await?;
    let again = evidence::ask_again(&memory, new.stated, clock::today(now, actor.house.zone()));
    let houses = houses_of(db, permit.house(), new.guest).await?;
    // What is written down is said once today by whoever writes it.
    let tx = Tx::new()
        .run(
            "IF array::len((SELECT VALUE id FROM preference WHERE guest = $guest AND area = $area)) != $seen \
             { THROW 'guard:known' };
             CREATE ONLY $preference SET guest = $guest, area = $area, code = $code, text = $text, \
             stated = $stated, author = $said_by, staff = $staff, at = $at, last_at = $at, last_by = $said_by, \
             reconfirm_by = $again, house = $only_house RETURN NONE",
            vars()
                .with("area", new.group.code())
                .with("code", optional(new.code))
                .with("text", optional(new.text))
                .with("stated", new.stated)
                .with("staff", record("staff", actor.staff))
                .with("again", optional(again))
                .with("only_house", optional(new.only.map(|house| record("house", house))))
                .with("seen", i64::try_from(seen).unwrap_or(i64::MAX)),
        )
        .run(evidence::SAID, evidence::said(permit, now, (new.guest, id), SightingKind::Confirmed))
        .event_in(houses, "guest", GuestEvent::new(new.guest, &[new.group.code()]));
    let tx = audit::note(tx, actor, Action::AddedPreference, Some(new.guest), &[new.group.code()]);
    db.commit(tx).await.map(drop)
}

/// Takes a preference away, with what was said of it. Who wrote it and who removed it stays in the audit.
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
    let Found { group, .. } = evidence::find(db, permit, id, preference).await?;
    let houses = houses_of(db, permit.house(), id).await?;
    let tx = Tx::new()
        .run(
            "DELETE $preference RETURN NONE;
             DELETE sighting WHERE preference = $preference RETURN NONE;
             DELETE honour WHERE guest = $guest AND preference = $preference RETURN NONE",
            vars().with("preference", record("preference", preference)).with("guest", record("guest", id)),
        )
        .event_in(houses, "guest", GuestEvent::new(id, &[group.code()]));
    db.commit(audit::note(tx, permit.actor(), Action::RemovedPreference, Some(id), &[group.code()])).await?;
    Ok(())
}

/// Adds a note for its audience. After the day `until`, house-local, it is not shown any more.
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
    until: Option<NaiveDate>,
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
             staff = $staff, at = $at, until = $until RETURN NONE",
            vars()
                .with("note", record("note", NoteId::new()))
                .with("guest", record("guest", id))
                .with("text", text)
                .with("audience", audience.code())
                .with("author", permit.actor().name.clone())
                .with("staff", record("staff", permit.actor().staff))
                .with("at", now)
                .with("until", optional(until.map(|day| day.to_string()))),
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
