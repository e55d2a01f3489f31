//! Returned mail in a folder: `.eml` files, or a maildir (`new` and `cur`) into which a mail server
//! delivers. A mail that was read is moved to `done`, one that could not be made out to `unreadable`,
//! beside it. Files must come into the folder whole, by a rename, as mail servers do it.

use super::{BATCH, LARGEST, Taken, Tally, Trouble, store};
use crate::server::db::Db;
use chrono::{DateTime, Utc};
use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};
use tokio::fs;

/// Where what was read goes.
const DONE: &str = "done";
/// Where what could not be made out goes, for a person to look at.
const UNREADABLE: &str = "unreadable";

/// Reads the mails of a folder, the first by name first.
///
/// # Errors
/// [`Trouble::Folder`] where the folder cannot be read or written, or what the store answers.
pub async fn read_folder(db: &Db, folder: &Path, now: DateTime<Utc>) -> Result<Tally, Trouble> {
    let mut tally = Tally::default();
    for path in waiting(folder).await.map_err(Trouble::Folder)? {
        let mail = match open(&path).await {
            Ok(Some(mail)) => mail,
            Ok(None) => continue,
            Err(error) => {
                // One that may not be read must not keep the others waiting.
                tracing::warn!(%error, path = %path.display(), "a returned mail cannot be read");
                continue;
            }
        };
        let taken = match mail {
            Some(mail) => store::take(db, mail, "folder", now).await?,
            None => Taken::Unreadable,
        };
        // After the commit: what is moved has been counted, and what is counted twice counts once.
        let place = if taken == Taken::Unreadable { UNREADABLE } else { DONE };
        put_away(&path, &folder.join(place)).await.map_err(Trouble::Folder)?;
        tally.add(taken);
    }
    Ok(tally)
}

/// The mails that wait, by name.
async fn waiting(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = files(folder, |name| name.to_ascii_lowercase().ends_with(".eml")).await?;
    for inbox in ["new", "cur"] {
        match files(&folder.join(inbox), |_| true).await {
            Ok(mails) => found.extend(mails),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.sort();
    found.truncate(BATCH);
    Ok(found)
}

async fn files(folder: &Path, is_mail: fn(&str) -> bool) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut entries = fs::read_dir(folder).await?;
    while let Some(entry) = entries.next_entry().await? {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Hidden files are being written; links lead elsewhere.
        if !name.starts_with('.') && is_mail(&name) && entry.file_type().await?.is_file() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// The bytes of a mail; nothing where another server has put it away, and no bytes where there are too
/// many.
async fn open(path: &Path) -> std::io::Result<Option<Option<Vec<u8>>>> {
    let read = async {
        if fs::metadata(path).await?.len() > LARGEST {
            return Ok(None);
        }
        fs::read(path).await.map(Some)
    };
    unless_gone(read.await)
}

async fn put_away(path: &Path, place: &Path) -> std::io::Result<()> {
    fs::create_dir_all(place).await?;
    let name = path.file_name().unwrap_or_default();
    let mut to = place.join(name);
    if fs::try_exists(&to).await? {
        // Another mail of that name came before.
        to = place.join(format!("{}-{}", uuid::Uuid::now_v7().simple(), name.to_string_lossy()));
    }
    unless_gone(fs::rename(path, to).await).map(drop)
}

/// Nothing where the file is not there any more: several servers may read one folder.
fn unless_gone<T>(result: std::io::Result<T>) -> std::io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
