//! Guests' own voices, of those who agreed to be recorded. Each write is told to the open cards.

use crate::{
    error::AppError,
    guests::store::{GuestEvent, houses_of},
    ids::GuestId,
    names::sound::Sound,
    server::db::{Db, DbError, Tx, record, vars, word},
    staff::{
        audit::{self, Action},
        guard::{LearnNames, Permit, WritePreferences},
    },
};
use chrono::{DateTime, Utc};
use surrealdb::types::{Bytes, SurrealValue};

/// A guest saying his name.
pub struct Recording {
    pub kind: Sound,
    pub bytes: bytes::Bytes,
}

/// Keeps a guest's voice in the place of the one that there was. He has agreed to it.
///
/// # Errors
/// [`AppError::NotFound`] where there is no such guest, or what the store answers.
pub async fn keep_voice(
    db: &Db,
    permit: &Permit<WritePreferences>,
    now: DateTime<Utc>,
    guest: GuestId,
    kept: Recording,
) -> Result<(), AppError> {
    let tx = Tx::new().run(
        "IF !record::exists($speaker) { THROW 'guard:guest' };
         UPSERT ONLY $voice SET guest = $speaker, mime = $mime, bytes = $recorded, agreed = true, \
            author_name = $author, at = $recorded_at RETURN NONE",
        vars()
            .with("speaker", record("guest", guest))
            .with("voice", record("voice", guest))
            .with("mime", kept.kind.code())
            .with("recorded", Bytes::from(kept.bytes))
            .with("author", permit.actor().name.clone())
            .with("recorded_at", now),
    );
    carry_out(db, permit, guest, Action::RecordedVoice, tx).await
}

/// Deletes a guest's voice.
///
/// # Errors
/// [`AppError::NotFound`] where there is none, or what the store answers.
pub async fn withdraw_voice(db: &Db, permit: &Permit<WritePreferences>, guest: GuestId) -> Result<(), AppError> {
    let tx = Tx::new().run(
        "IF !record::exists($voice) { THROW 'guard:voice' };
         DELETE $voice RETURN NONE",
        vars().with("voice", record("voice", guest)),
    );
    carry_out(db, permit, guest, Action::WithdrewVoice, tx).await
}

/// A guest's voice, where there is one.
///
/// # Errors
/// What the store answers.
pub async fn recording(db: &Db, _: &Permit<LearnNames>, guest: GuestId) -> Result<Option<Recording>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        mime: String,
        bytes: Bytes,
    }
    let row: Option<Row> =
        db.row("SELECT mime, bytes FROM $voice", vars().with("voice", record("voice", guest))).await?;
    row.map(|row| Ok(Recording { kind: word(&row.mime, Sound::from_code)?, bytes: row.bytes.into_inner() })).transpose()
}

/// Commits what was done with a voice, with its audit entry, and tells the open cards of it.
async fn carry_out(
    db: &Db,
    permit: &Permit<WritePreferences>,
    guest: GuestId,
    action: Action,
    tx: Tx,
) -> Result<(), AppError> {
    let houses = houses_of(db, permit.house(), guest).await?;
    let tx = tx.event_in(houses, "guest", GuestEvent::new(guest, &["voice"]));
    match db.commit(audit::note(tx, permit.actor(), action, Some(guest), &[])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => Err(AppError::NotFound),
        Err(other) => Err(other.into()),
    }
}
