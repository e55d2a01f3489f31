//! Messages as files in a folder, for development: what would have left can be opened in a mail program.

use super::{
    Delivered, Outgoing,
    failure::{Failure, FailureKind},
};
use std::path::{Path, PathBuf};
use tokio::{
    fs::{self, OpenOptions},
    io::AsyncWriteExt,
};

const NAME: &str = "file";

pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Writes a message under the name of its Message-ID. One that is there already stays as it is: the
    /// same Message-ID is the same message.
    ///
    /// # Errors
    /// [`FailureKind::Temporary`] where it cannot be written.
    pub(super) async fn deliver(&self, message: &Outgoing) -> Result<Delivered, Failure> {
        let name = file_name(&message.message_id);
        let written = self.write(&name, &message.bytes).await;
        let answer = match written {
            Ok(()) => format!("written to {name}"),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => format!("was there already: {name}"),
            Err(error) => return Err(Failure::new(FailureKind::Temporary, NAME, error)),
        };
        Ok(Delivered { relay: NAME.to_owned(), answer })
    }

    async fn write(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        fs::create_dir_all(&self.0).await?;
        let path = self.0.join(name);
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path).await?;
        let written = async {
            file.write_all(bytes).await?;
            file.sync_all().await
        };
        if let Err(error) = written.await {
            // Half a message must not count as one.
            drop(fs::remove_file(&path).await);
            return Err(error);
        }
        Ok(())
    }
}

fn file_name(message_id: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "@.-_".contains(c) { c } else { '_' };
    let name: String = message_id.trim_matches(['<', '>']).chars().map(plain).collect();
    format!("{}.eml", name.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_message_and_stays_in_the_folder() {
        assert_eq!(file_name("<4f12@hotel.example>"), "4f12@hotel.example.eml");
        assert_eq!(file_name("<../../etc/passwd@x>"), "_.._etc_passwd@x.eml");
    }
}
