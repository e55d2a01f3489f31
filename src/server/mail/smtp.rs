//! One connection to a relay, and what its answers mean.
//!
//! Whatever goes wrong with it, a connection of which it is not known where it stands is never used again:
//! a late answer would be taken for the answer to something else.

use super::{
    Delivered, Outgoing,
    failure::{CLOSING, Failure, FailureKind, without_addresses},
    wire::{Wire, within},
};
use crate::server::config::{Limits, Relay};
use lettre::transport::smtp::{
    Error as SmtpError,
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::AsyncSmtpConnection,
    commands::{Data, Mail, Noop, Rcpt, Rset},
    extension::ClientId,
    response::Response,
};
use std::{
    error::Error as _,
    fmt::Display,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::time::timeout;

pub(super) struct Line {
    connection: AsyncSmtpConnection,
    /// Host and port.
    relay: String,
    limits: Limits,
    /// Whether the end of the message may have gone out.
    ended: Arc<AtomicBool>,
    used: u32,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// The other side ended it.
    Closed,
    /// It is not known where it stands.
    Lost,
}

impl Line {
    /// Connects, with TLS and signed in where the relay asks for that.
    ///
    /// # Errors
    /// [`FailureKind::NotStarted`], whatever went wrong.
    pub(super) async fn open(relay: &Relay, hello: &ClientId) -> Result<Self, Failure> {
        let name = name_of(relay);
        let line = Self::connect(relay, hello, name.clone()).await;
        line.map_err(|trouble| Failure::new(FailureKind::NotStarted, &name, trouble))
    }

    async fn connect(relay: &Relay, hello: &ClientId, name: String) -> Result<Self, String> {
        let limits = relay.limits;
        let ended = Arc::new(AtomicBool::new(false));
        let wire = Wire::open(relay, hello, Arc::clone(&ended)).await?;
        let greet = AsyncSmtpConnection::connect_with_transport(Box::new(wire), hello);
        let mut connection = within(limits.command, "the greeting", greet).await?;
        if let Some((user, password)) = &relay.login {
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            within(limits.command, "signing in", connection.auth(DEFAULT_MECHANISMS, &credentials)).await?;
        }
        Ok(Self { connection, relay: name, limits, ended, used: 0, state: State::Good })
    }

    /// How many messages it has carried.
    pub(super) fn used(&self) -> u32 {
        self.used
    }

    /// Whether it may carry another message.
    pub(super) fn is_good(&self) -> bool {
        self.state == State::Good
    }

    /// Whether the relay ended it, as relays do with connections that were idle or carried enough.
    pub(super) fn was_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Asks whether the relay is still there.
    pub(super) async fn answers(&mut self) -> bool {
        self.command(Noop, |code| code == 250).await.is_ok()
    }

    /// Hands over a message.
    ///
    /// # Errors
    /// [`Failure`]; [`FailureKind::Unknown`] only once the end of the message may have gone out.
    pub(super) async fn deliver(&mut self, message: &Outgoing) -> Result<Delivered, Failure> {
        self.used += 1;
        self.ended.store(false, Ordering::Release);
        let accepted = self.introduce(message).await;
        if let Err(failure) = accepted {
            // The next message must not be taken for a part of this one.
            if self.is_good() && self.command(Rset, |code| code == 250).await.is_err() {
                self.state = State::Lost;
            }
            return Err(failure);
        }
        self.say(&message.bytes).await
    }

    async fn introduce(&mut self, message: &Outgoing) -> Result<(), Failure> {
        self.command(Mail::new(Some(message.envelope_from.clone()), Vec::new()), |code| code == 250).await?;
        let recipient = Rcpt::new(message.to.clone(), Vec::new());
        self.command(recipient, |code| (250..=252).contains(&code)).await.map_err(Failure::of_recipient)?;
        self.command(Data, |code| code == 354).await
    }

    async fn say(&mut self, bytes: &[u8]) -> Result<Delivered, Failure> {
        let said = timeout(self.limits.body, self.connection.message(bytes)).await;
        let trouble = match said {
            Ok(Ok(response)) if u16::from(response.code()) == 250 => {
                let answer = without_addresses(&text_of(&response));
                return Ok(Delivered { relay: self.relay.clone(), answer });
            }
            Ok(Ok(response)) => format!("answered with {}", text_of(&response)),
            Ok(Err(error)) => match refusal(&error) {
                Some((code, text)) => {
                    if code == CLOSING {
                        self.state = State::Lost;
                    }
                    return Err(Failure::refused(&self.relay, code, &text));
                }
                None => error.to_string(),
            },
            Err(_) => format!("no answer to the message within {} ms", self.limits.body.as_millis()),
        };
        self.state = State::Lost;
        let may_have_arrived = self.ended.load(Ordering::Acquire);
        let kind = if may_have_arrived { FailureKind::Unknown } else { FailureKind::Temporary };
        Err(Failure::new(kind, &self.relay, trouble))
    }

    async fn command(&mut self, command: impl Display, is_wanted: fn(u16) -> bool) -> Result<(), Failure> {
        let said = timeout(self.limits.command, self.connection.command(command)).await;
        let (state, trouble) = match said {
            Ok(Ok(response)) if is_wanted(response.code().into()) => return Ok(()),
            Ok(Ok(response)) => (State::Lost, format!("answered with {}", text_of(&response))),
            Ok(Err(error)) => match refusal(&error) {
                Some((code, text)) => {
                    if code == CLOSING {
                        self.state = State::Closed;
                    }
                    return Err(Failure::refused(&self.relay, code, &text));
                }
                None => (State::Closed, error.to_string()),
            },
            Err(_) => (State::Lost, format!("no answer within {} ms", self.limits.command.as_millis())),
        };
        self.state = state;
        Err(Failure::new(FailureKind::Temporary, &self.relay, trouble))
    }

    /// Takes leave, where that means anything.
    pub(super) async fn quit(mut self) {
        if self.is_good() {
            drop(timeout(self.limits.command, self.connection.quit()).await);
        }
    }
}

/// A relay's host and port.
pub(super) fn name_of(relay: &Relay) -> String {
    format!("{}:{}", relay.host, relay.port)
}

fn text_of(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    format!("{} {}", response.code(), lines.join(" "))
}

/// Code and words of an answer that refuses.
fn refusal(error: &SmtpError) -> Option<(u16, String)> {
    let code = error.status()?;
    Some((code.into(), error.source().map(ToString::to_string).unwrap_or_default()))
}
