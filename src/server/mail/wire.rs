//! The stream under a connection: without delay, and encrypted before anything is said where that is asked.
//!
//! STARTTLS is spoken here and not by lettre, which goes on reading from a buffer that was filled before
//! the handshake: whoever sits on the line could have put answers into it, and one of them would count as
//! the 250 to a message. Here nothing may have come in before the handshake but the answer to STARTTLS.

use crate::server::config::{Relay, Security};
use futures::io::{AsyncRead as _, AsyncWrite as _};
#[allow(deprecated, reason = "nothing else turns a stream of ours to TLS with the roots that lettre holds")]
use lettre::transport::smtp::client::AsyncNetworkStream;
use lettre::transport::smtp::{
    client::{AsyncTokioStream, Certificate, CertificateStore, TlsParameters},
    extension::ClientId,
};
use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
    time::timeout,
};

/// What ends a message on the wire. lettre writes it by itself, and no other write of it looks so.
const END: &[u8] = b"\r\n.\r\n";
/// Stands for the greeting that was read before the handshake.
const GREETED: &[u8] = b"220 greeted\r\n";
/// The longest answer that is read before the handshake, in bytes.
const LONGEST_ANSWER: usize = 16 * 1024;

/// A stream to a relay that knows whether the end of a message may have gone out.
#[allow(deprecated, reason = "see above")]
#[derive(Debug)]
pub(super) struct Wire {
    stream: AsyncNetworkStream,
    /// What is read before anything of the stream.
    first: &'static [u8],
    ended: Arc<AtomicBool>,
    peer: SocketAddr,
}

/// Whether the text holds certificates.
pub(crate) fn are_certificates(pem: &str) -> bool {
    pem.contains("-----BEGIN CERTIFICATE-----") && Certificate::from_pem(pem.as_bytes()).is_ok()
}

/// What a TLS connection to a host is made with: the public authorities, or one's own.
///
/// # Errors
/// What is wrong with the certificates.
fn tls_parameters(host: &str, ca: Option<&str>) -> Result<TlsParameters, lettre::transport::smtp::Error> {
    let builder = TlsParameters::builder(host.to_owned());
    match ca {
        None => builder.certificate_store(CertificateStore::WebpkiRoots).build_rustls(),
        Some(pem) => builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(pem.as_bytes())?)
            .build_rustls(),
    }
}

impl Wire {
    /// Connects to a relay. `ended` turns true when the end of a message is about to be written.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub(super) async fn open(relay: &Relay, hello: &ClientId, ended: Arc<AtomicBool>) -> Result<Self, String> {
        let limits = relay.limits;
        let connect = TcpStream::connect((relay.host.as_str(), relay.port));
        let mut stream = within(limits.connect, "connecting", connect).await?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let first = match relay.security {
            Security::StartTls => {
                ask_for_tls(&mut stream, hello, limits.command).await?;
                GREETED
            }
            Security::Tls | Security::Plain => b"",
        };
        let secure = relay.security != Security::Plain;
        let (stream, peer) =
            dress(stream, secure.then_some((relay.host.as_str(), relay.ca.as_deref())), limits.connect).await?;
        Ok(Self { stream, first, ended, peer })
    }

    /// A TLS connection that speaks no SMTP.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub(super) async fn secure(host: &str, port: u16, ca: Option<&str>, limit: Duration) -> Result<Self, String> {
        let stream = within(limit, "connecting", TcpStream::connect((host, port))).await?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let (stream, peer) = dress(stream, Some((host, ca)), limit).await?;
        Ok(Self { stream, first: b"", ended: Arc::default(), peer })
    }
}

/// Makes lettre's stream of a connection, with TLS for a host or without.
#[allow(deprecated, reason = "see above")]
async fn dress(
    stream: TcpStream,
    tls: Option<(&str, Option<&str>)>,
    limit: Duration,
) -> Result<(AsyncNetworkStream, SocketAddr), String> {
    let peer = stream.peer_addr().map_err(|error| error.to_string())?;
    let mut stream = AsyncNetworkStream::use_existing_tokio1(Box::new(stream));
    if let Some((host, ca)) = tls {
        let parameters = tls_parameters(host, ca).map_err(|error| error.to_string())?;
        within(limit, "the TLS handshake", stream.upgrade_tls(parameters)).await?;
    }
    Ok((stream, peer))
}

/// Waits for something, and no longer than `limit`; what went wrong comes in words.
pub(super) async fn within<T, E: fmt::Display>(
    limit: Duration,
    doing: &str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, String> {
    match timeout(limit, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(format!("{doing}: {error}")),
        Err(_) => Err(format!("{doing}: nothing within {} ms", limit.as_millis())),
    }
}

/// Speaks until the relay is ready for the handshake.
async fn ask_for_tls(stream: &mut TcpStream, hello: &ClientId, limit: Duration) -> Result<(), String> {
    let mut read = Vec::new();
    within(limit, "the greeting", answer(stream, &mut read, "220")).await?;
    let offered = within(limit, "EHLO", async {
        stream.write_all(format!("EHLO {hello}\r\n").as_bytes()).await?;
        answer(stream, &mut read, "250").await
    })
    .await?;
    if !offered.lines().any(|line| line.get(4..).is_some_and(|word| word.eq_ignore_ascii_case("STARTTLS"))) {
        return Err("the relay does not offer STARTTLS".to_owned());
    }
    within(limit, "STARTTLS", async {
        stream.write_all(b"STARTTLS\r\n").await?;
        answer(stream, &mut read, "220").await
    })
    .await?;
    if read.is_empty() { Ok(()) } else { Err("somebody answered before the handshake".to_owned()) }
}

/// Reads one answer, which must have the code. What came after it stays in `read`.
async fn answer(stream: &mut TcpStream, read: &mut Vec<u8>, code: &str) -> io::Result<String> {
    loop {
        if let Some(length) = answer_length(read) {
            let answer: Vec<u8> = read.drain(..length).collect();
            let answer = String::from_utf8_lossy(&answer).replace('\r', "");
            return if answer.starts_with(code) { Ok(answer) } else { Err(io::Error::other(answer)) };
        }
        if read.len() > LONGEST_ANSWER {
            return Err(io::Error::other("an endless answer"));
        }
        if stream.read_buf(read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// How many bytes the first whole answer takes: up to the line whose code is not followed by a hyphen.
fn answer_length(read: &[u8]) -> Option<usize> {
    let mut length = 0;
    for line in read.split_inclusive(|byte| *byte == b'\n') {
        length += line.len();
        if line.ends_with(b"\n") && line.get(3) != Some(&b'-') {
            return Some(length);
        }
    }
    None
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.first.is_empty() {
            let (now, later) = self.first.split_at(self.first.len().min(buf.remaining()));
            buf.put_slice(now);
            self.first = later;
            return Poll::Ready(Ok(()));
        }
        let count = ready!(Pin::new(&mut self.stream).poll_read(cx, buf.initialize_unfilled()))?;
        buf.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if bytes == END {
            self.ended.store(true, Ordering::Release);
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_with_its_last_line() {
        assert_eq!(answer_length(b"250-one\r\n250 two\r\nmore"), Some(18));
        assert_eq!(answer_length(b"220\r\n"), Some(5));
        for unfinished in [b"250-one\r\n".as_slice(), b"250 tw", b""] {
            assert_eq!(answer_length(unfinished), None);
        }
    }
}
