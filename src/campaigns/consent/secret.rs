//! Secrets that the installation makes for itself and keeps in the store, so that all its servers share
//! them.

use crate::server::db::{Db, DbError, record, vars};
use sha2::{Digest, Sha256};
use surrealdb::types::{Bytes, RecordId, SurrealValue};
use uuid::Uuid;

/// With which the links in letters are sealed.
pub const LINKS: &str = "links";
/// With which addresses are hashed that are not written to.
pub const ADDRESSES: &str = "addresses";

/// A secret by what it is for; made when it is asked for the first time, and the same ever after.
///
/// # Errors
/// What the store answers.
pub async fn secret(db: &Db, name: &str) -> Result<[u8; 32], DbError> {
    if let Some(bytes) = kept(db, name).await? {
        return Ok(bytes);
    }
    let new = Row { id: record("secret", name), bytes: Bytes::from(random().to_vec()) };
    // Where another server is first, its secret stays.
    db.query("INSERT IGNORE INTO secret $secret RETURN NONE", vars().with("secret", new)).await?;
    kept(db, name).await?.ok_or_else(|| DbError::Malformed(format!("the secret {name:?} was not kept")))
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    bytes: Bytes,
}

async fn kept(db: &Db, name: &str) -> Result<Option<[u8; 32]>, DbError> {
    let row: Option<Row> = db.row("SELECT * FROM $secret", vars().with("secret", record("secret", name))).await?;
    row.map(|row| {
        <[u8; 32]>::try_from(&row.bytes[..])
            .map_err(|_| DbError::Malformed(format!("the secret {name:?} is not of 32 bytes")))
    })
    .transpose()
}

/// 32 bytes made from four times the 122 random bits of a UUID.
fn random() -> [u8; 32] {
    let mut hash = Sha256::new();
    for _ in 0..4 {
        hash.update(Uuid::new_v4().as_bytes());
    }
    hash.finalize().into()
}
