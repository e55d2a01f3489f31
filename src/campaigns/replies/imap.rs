//! Returned mail in an IMAP mailbox (RFC 3501). A mail is marked as seen once what follows from it has been
//! committed; one that could not be made out is flagged as well, for a person to look at. The mailbox is
//! there for returned mail alone.

use super::{BATCH, LARGEST, Taken, Tally, Trouble, store};
use crate::server::db::Db;
use async_imap::{Client, error::Error, types::Fetch};
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use std::{fmt, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

/// How long a whole visit may take. What was read until then counts; the rest waits for the next.
const VISIT: Duration = Duration::from_secs(300);
/// How long it may take until a connection stands.
const CONNECT: Duration = Duration::from_secs(20);

/// Where the mailbox is.
pub(super) struct Server<'a> {
    pub host: &'a str,
    pub port: u16,
    /// Certificates (PEM) of the authority that vouches for it, in place of the public ones.
    pub ca: Option<&'a str>,
}

/// Reads the new mails of a mailbox on a server, over TLS from the first byte (RFC 8314).
///
/// # Errors
/// See [`Trouble`].
pub(super) async fn read_server(
    db: &Db,
    server: &Server<'_>,
    user: &str,
    password: &str,
    mailbox: &str,
    now: DateTime<Utc>,
) -> Result<Tally, Trouble> {
    let connected = timeout(CONNECT, connect(server)).await.map_err(|_| Trouble::TooLong)?;
    let stream = connected.map_err(Trouble::Connection)?;
    let visit = read_mailbox(db, stream, user, password, mailbox, now);
    timeout(VISIT, visit).await.map_err(|_| Trouble::TooLong)?
}

async fn connect(server: &Server<'_>) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    match server.ca {
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                roots.add(certificate.map_err(std::io::Error::other)?).map_err(std::io::Error::other)?;
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(server.host.to_owned()).map_err(std::io::Error::other)?;
    let stream = TcpStream::connect((server.host, server.port)).await?;
    stream.set_nodelay(true)?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// Reads the new mails of a mailbox over a connection on which the server is about to greet. Mails that are
/// larger than any report are left as they are.
///
/// # Errors
/// What the server or the store answers.
pub async fn read_mailbox<S>(
    db: &Db,
    stream: S,
    user: &str,
    password: &str,
    mailbox: &str,
    now: DateTime<Utc>,
) -> Result<Tally, Trouble>
where
    S: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send,
{
    let mut client = Client::new(stream);
    client.read_response().await.map_err(Error::Io)?.ok_or(Error::ConnectionLost)?;
    let mut session = client.login(user, password).await.map_err(|(error, _)| error)?;
    session.select(mailbox).await?;
    let mut new: Vec<u32> = session.uid_search(format!("UNSEEN SMALLER {LARGEST}")).await?.into_iter().collect();
    new.sort_unstable();
    new.truncate(BATCH);
    let mut tally = Tally::default();
    for uid in new {
        // Reading alone must not mark it: nothing has been counted yet.
        let fetched: Vec<Fetch> = session.uid_fetch(uid.to_string(), "(UID BODY.PEEK[])").await?.try_collect().await?;
        let mail = fetched.iter().filter(|fetch| fetch.uid == Some(uid)).find_map(Fetch::body);
        let Some(mail) = mail.map(<[u8]>::to_vec) else {
            // A colleague took it away.
            continue;
        };
        let taken = store::take(db, mail, "imap", now).await?;
        let flags = if taken == Taken::Unreadable { "(\\Seen \\Flagged)" } else { "(\\Seen)" };
        let _: Vec<Fetch> =
            session.uid_store(uid.to_string(), format!("+FLAGS.SILENT {flags}")).await?.try_collect().await?;
        tally.add(taken);
    }
    // Everything has been said and done; how the server takes its leave does not matter.
    drop(session.logout().await);
    Ok(tally)
}
