//! Mail relays in this process: one that speaks SMTP in full and answers what it is told to, and one that
//! misbehaves on the wire.

use mailin_embedded::{AuthMechanism, Handler, Response, Server, SslConfig, response};
use std::{
    collections::{HashMap, VecDeque},
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// The certificates of the relays here, and of the authority that vouches for them.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/server/certificates");

/// The file with the authority's certificate.
pub fn authority() -> String {
    format!("{FOLDER}/ca.pem")
}

/// A message that a relay took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// By the envelope.
    pub from: String,
    pub to: Vec<String>,
    /// Who had signed in.
    pub login: Option<String>,
    pub bytes: Vec<u8>,
}

impl Posted {
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).expect("text")
    }

    /// A header in one line.
    pub fn header(&self, name: &str) -> Option<String> {
        let text = self.text().replace("\r\n ", " ").replace("\r\n\t", " ");
        let head = text.split("\r\n\r\n").next().unwrap_or_default().to_owned();
        let begins = format!("{}:", name.to_ascii_lowercase());
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&begins))?;
        Some(line[begins.len()..].trim().to_owned())
    }

    pub fn message_id(&self) -> String {
        self.header("Message-ID").expect("a Message-ID")
    }
}

/// Where a relay may answer otherwise than with yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    From,
    To,
    Data,
    End,
}

/// A relay that speaks SMTP in full, with STARTTLS and sign-in where it is opened so.
#[derive(Clone)]
pub struct PostOffice {
    pub addr: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    posted: Mutex<Vec<Posted>>,
    answers: Mutex<HashMap<Stage, VecDeque<(u16, &'static str)>>>,
    /// Messages that are being handed over wait at their end until this is true.
    open: Mutex<Option<watch::Receiver<bool>>>,
}

impl PostOffice {
    /// Without TLS.
    pub fn open() -> Self {
        Self::serve(|_| {})
    }

    /// With STARTTLS, and a sign-in of `rapport` with `sesame`.
    pub fn guarded() -> Self {
        // mailin asks for the process's own provider.
        drop(ring::default_provider().install_default());
        Self::serve(|server| {
            let ssl = SslConfig::SelfSigned {
                cert_path: format!("{FOLDER}/relay.pem"),
                key_path: format!("{FOLDER}/relay.key"),
            };
            server.with_ssl(ssl).expect("certificates");
            server.with_auth(AuthMechanism::Plain);
        })
    }

    fn serve(prepare: impl FnOnce(&mut Server<Clerk>)) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::default());
        let mut server = Server::new(Clerk { shared: Arc::clone(&shared), at_hand: None, login: None });
        server.with_name("relay.test").with_num_threads(20).with_tcp_listener(listener);
        prepare(&mut server);
        std::thread::spawn(move || server.serve().map_err(|error| error.to_string()));
        Self { addr, shared }
    }

    /// Answers so at the next message that comes so far, before it says yes again.
    pub fn answer(&self, stage: Stage, code: u16, words: &'static str) {
        self.shared.answers.lock().expect("whole").entry(stage).or_default().push_back((code, words));
    }

    /// Everything that was taken, in its order.
    pub fn posted(&self) -> Vec<Posted> {
        self.shared.posted.lock().expect("whole").clone()
    }

    /// Lets messages wait at their end until the sender says true or is dropped.
    pub fn hold_back(&self) -> watch::Sender<bool> {
        let (open, wait) = watch::channel(false);
        *self.shared.open.lock().expect("whole") = Some(wait);
        open
    }
}

#[derive(Clone)]
struct Clerk {
    shared: Arc<Shared>,
    at_hand: Option<Posted>,
    login: Option<String>,
}

impl Clerk {
    fn say(&self, stage: Stage) -> Response {
        let next = self.shared.answers.lock().expect("whole").get_mut(&stage).and_then(VecDeque::pop_front);
        next.map_or(response::OK, |(code, words)| Response::custom(code, words.to_owned()))
    }
}

impl Handler for Clerk {
    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        let login = self.login.clone();
        self.at_hand = Some(Posted { from: from.to_owned(), to: Vec::new(), login, bytes: Vec::new() });
        self.say(Stage::From)
    }

    fn rcpt(&mut self, to: &str) -> Response {
        if let Some(posted) = &mut self.at_hand {
            posted.to.push(to.to_owned());
        }
        self.say(Stage::To)
    }

    fn data_start(&mut self, _: &str, _: &str, _: bool, _: &[String]) -> Response {
        self.say(Stage::Data)
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(posted) = &mut self.at_hand {
            posted.bytes.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let waits = self.shared.open.lock().expect("whole").clone();
        if let Some(mut waits) = waits {
            // This thread serves one connection and nothing else.
            drop(futures::executor::block_on(waits.wait_for(|open| *open)));
        }
        let answer = self.say(Stage::End);
        if answer.code == 250
            && let Some(posted) = self.at_hand.take()
        {
            self.shared.posted.lock().expect("whole").push(posted);
        }
        answer
    }

    fn auth_plain(&mut self, _: &str, user: &str, password: &str) -> Response {
        if (user, password) == ("rapport", "sesame") {
            self.login = Some(user.to_owned());
            response::AUTH_OK
        } else {
            response::INVALID_CREDENTIALS
        }
    }
}

/// How a relay misbehaves, at one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// None.
    Behaves,
    /// Takes the connection and says nothing.
    Mute,
    /// Greets with 554 and means it.
    Refuses,
    /// Never answers this command.
    StallsAt(&'static str),
    /// Ends the connection instead of answering this command.
    DropsAt(&'static str),
    /// Takes the message to its last dot and ends the connection.
    DropsAfterEnd,
    /// Takes the message to its last dot and keeps silent.
    SilentAfterEnd,
    /// Takes the message to its last dot and answers what is no answer.
    Babbles,
    /// Carries one message, then ends the connection.
    OneMessage,
    /// Answers before it is asked: STARTTLS, and right behind it, what should come after the handshake.
    Injects,
}

/// A relay that misbehaves: the first connection by the first fault, the last fault from then on.
pub struct Crank {
    pub addr: SocketAddr,
    /// Messages that it got to their last dot, whatever it said then.
    pub seen: Arc<Mutex<Vec<String>>>,
}

impl Crank {
    /// Without TLS.
    pub async fn open(faults: &[Fault]) -> Self {
        Self::serve(faults, None).await
    }

    /// With TLS from the first byte.
    pub async fn open_tls(faults: &[Fault]) -> Self {
        let certificates = CertificateDer::pem_file_iter(format!("{FOLDER}/relay.pem")).expect("certificates");
        let certificates = certificates.collect::<Result<Vec<_>, _>>().expect("certificates");
        let key = PrivateKeyDer::from_pem_file(format!("{FOLDER}/relay.key")).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .expect("a configuration");
        Self::serve(faults, Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn serve(faults: &[Fault], tls: Option<TlsAcceptor>) -> Self {
        // Also under names that its certificate does not have.
        let listener = TcpListener::bind("0.0.0.0:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let addr = SocketAddr::from(([127, 0, 0, 1], port));
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let (faults, kept) = (faults.to_vec(), Arc::clone(&seen));
        tokio::spawn(async move {
            for number in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let fault = faults[number.min(faults.len() - 1)];
                tokio::spawn(welcome(stream, tls.clone(), fault, Arc::clone(&kept)));
            }
        });
        Self { addr, seen }
    }

    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("whole").clone()
    }
}

async fn welcome(stream: TcpStream, tls: Option<TlsAcceptor>, fault: Fault, seen: Arc<Mutex<Vec<String>>>) {
    // The other side may be gone at any moment: that is what it is here for.
    drop(match tls {
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => talk(stream, fault, &seen).await,
            Err(error) => Err(error),
        },
        None => talk(stream, fault, &seen).await,
    });
}

async fn talk<S>(stream: S, fault: Fault, seen: &Mutex<Vec<String>>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (read, mut write) = tokio::io::split(stream);
    let mut lines = BufReader::new(read).lines();
    match fault {
        Fault::Mute => return std::future::pending().await,
        Fault::Refuses => return write.write_all(b"554 nothing for you here\r\n").await,
        _ => write.write_all(b"220 crank.test\r\n").await?,
    }
    while let Some(line) = lines.next_line().await? {
        let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match fault {
            Fault::StallsAt(word) if word == command => return std::future::pending().await,
            Fault::DropsAt(word) if word == command => return Ok(()),
            Fault::Injects if command == "EHLO" => {
                write.write_all(b"250-crank.test\r\n250 STARTTLS\r\n").await?;
                continue;
            }
            Fault::Injects if command == "STARTTLS" => {
                write.write_all(b"220 go on\r\n250 crank.test\r\n250 taken\r\n").await?;
                continue;
            }
            _ => {}
        }
        let answer: &[u8] = match command.as_str() {
            "DATA" => b"354 go on\r\n",
            "QUIT" => return write.write_all(b"221 bye\r\n").await,
            _ => b"250 yes\r\n",
        };
        write.write_all(answer).await?;
        if command != "DATA" {
            continue;
        }
        let mut message = String::new();
        while let Some(line) = lines.next_line().await? {
            if line == "." {
                break;
            }
            message.push_str(&line);
            message.push('\n');
        }
        seen.lock().expect("whole").push(message);
        match fault {
            Fault::DropsAfterEnd => return Ok(()),
            Fault::SilentAfterEnd => return std::future::pending().await,
            Fault::Babbles => return write.write_all(b"yes, why not\r\n").await,
            Fault::OneMessage => return write.write_all(b"250 taken\r\n").await,
            _ => write.write_all(b"250 taken\r\n").await?,
        }
    }
    Ok(())
}

/// The times that relays are given in tests of those that keep silent.
pub const IMPATIENT: &str = "connect=500ms&command=300ms&body=300ms";

/// Longer than any of those times, and short enough for whoever waits for a test.
pub const SOON: Duration = Duration::from_secs(20);
