//! The one error that crosses the wire. The public part says what a person can do about it; causes
//! stay in the server's log under the request id.

use crate::alerts::rules::Step;
use leptos::server_fn::{
    ServerFn,
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a request was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in, or the session has ended.
    #[error("sign in first")]
    SignedOut,
    /// The session lives on for the board, but profiles are closed until the person proves who it is.
    #[error("locked: enter your password to go on")]
    Locked,
    /// The device has not been told at which station it stands.
    #[error("choose the station at which this device stands")]
    NoStation,
    /// The signed-in role may not do this.
    #[error("your role may not do this")]
    Forbidden,
    /// The record does not exist, or not any more.
    #[error("not found")]
    NotFound,
    /// One or more fields were refused. Nothing was changed, but for what a [`Problem`] says of it.
    #[error("{}", .0.iter().map(|field| format!("{}: {}", field.field, field.problem)).collect::<Vec<_>>().join("; "))]
    Fields(Vec<FieldError>),
    /// Someone else was first. `0` is who; empty where that is nobody's business.
    #[error("{0} was first")]
    Conflict(String),
    /// The alert has expired: nobody had ended it in time.
    #[error("the alert has expired")]
    Expired,
    /// The server could not do it now. `0` is the request id under which the cause is logged.
    #[error("something went wrong (reference {0})")]
    Internal(String),
    /// The database server does not answer just now. What was asked of it may have been done or not.
    #[error("the records of the house cannot be reached just now; try again in a moment")]
    Away,
    /// The request did not reach the server, or its answer did not reach us.
    #[error("no connection to the server")]
    Unreachable,
}

/// A field that was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name in the form, e.g. `email`.
    pub field: String,
    /// What is wrong with what was entered.
    pub problem: Problem,
}

/// What is wrong with a value, and with it what would be accepted. Shown in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Problem {
    /// Nothing was entered where something is needed.
    #[error("must not be empty")]
    Empty,
    /// More characters than are kept; the limit is given.
    #[error("is longer than {0} characters")]
    TooLong(usize),
    /// Fewer characters than needed; the least is given.
    #[error("needs at least {0} characters")]
    TooShort(usize),
    /// Not an e-mail address; the value is given.
    #[error("{0:?} is not an e-mail address; expected something like name@example.com")]
    NotEmail(String),
    /// Not a telephone number; the value is given.
    #[error("{0:?} is not a telephone number; expected country code and number, like +86 139 1234 5678")]
    NotPhone(String),
    /// Not a date of the calendar; the value is given.
    #[error("{0:?} is not a date; expected YYYY-MM-DD, or --MM-DD without the year")]
    NotDate(String),
    /// Not one of the values allowed; the value, and what is allowed: the values themselves, or `@` and
    /// the key of a description in the translations (`common.expected`).
    #[error("{0:?} is not known; expected {1}")]
    NotKnown(String, String),
    /// A control character or another character that cannot be part of a name.
    #[error("contains a character that cannot be used here")]
    BadCharacter,
    /// Someone else has this already; says who.
    #[error("is already used by {0}")]
    Taken(String),
    /// More points than can be spent; how many there are.
    #[error("only {0} points can be spent")]
    NotEnough(i64),
    /// The login of a new colleague is another colleague's.
    #[error("is already used by a colleague")]
    LoginTaken,
    /// A colleague who is to be removed and has work that is not done: who, and how many pieces of it.
    #[error("{who} still has {count} pieces of open work; hand them over first")]
    OpenWork { who: String, count: u32 },
    /// A time of an alert's rule at which `step` would not come after the step `before` it. `given` is what was
    /// entered, in seconds or, for [`Step::Expiry`], in minutes; `at` is the time of the other step, seconds.
    #[error("is too early: {step:?} comes after {before:?}, which is at {at} s")]
    TooEarly { step: Step, given: u32, before: Step, at: u32 },
    /// The two passwords differ.
    #[error("the two entries differ")]
    Differ,
    /// A file that is larger than allowed; the limit in bytes.
    #[error("is larger than {0} bytes")]
    TooLarge(usize),
    /// A file that is not what it should be; what is accepted.
    #[error("is not accepted; expected {0}")]
    WrongType(String),
    /// Something that is wrong on one line, from 1, of a longer text.
    #[error("line {0}: {1}")]
    AtLine(usize, Box<Problem>),
    /// A text in a language of its own that cannot be read; the reader's words.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// A letter, or its plain text, by which a guest cannot say that he wants no more; what to write.
    #[error("has neither unsubscribe_url nor preferences_url; write for example {0}")]
    NoWayOut(String),
    /// A letter that did not leave; why.
    #[error("was not sent: {0}")]
    NotSent(String),
    /// A part of a letter that the house has changed since the form was made; how it reads now.
    #[error("was changed since, and now reads {0:?}")]
    Reworded(String),
    /// A letter that is about to be written anew, because its campaign was changed.
    #[error("is written anew, because its campaign was changed")]
    WrittenAnew,
    /// Words without which a guest cannot say that he wants no more letters; what must stay.
    #[error("leaves the guest no way to say that he wants no more; put {0:?} back")]
    WayOutGone(String),
    /// What a guest said is written down, and the letter in which the guest is to confirm it did not leave; why.
    #[error("is written down, but the letter to confirm it was not sent: {0}")]
    UnconfirmedYes(String),
    /// A letter that may not go yet; from when on it may, house-local `YYYY-MM-DD HH:MM`.
    #[error("was sent not long ago; the next may go from {0} on")]
    TooSoon(String),
    /// Wrong name or password.
    #[error("name or password is wrong")]
    WrongCredentials,
    /// Wrong password, where it is known whose it should be.
    #[error("the password is wrong")]
    WrongPassword,
    /// Too many failures; how many minutes to wait.
    #[error("too many attempts; try again in {0} minutes")]
    LockedOut(u32),
    /// A campaign that somebody else must approve first.
    #[error("a second person must approve it first")]
    NeedsSecondPerson,
    /// A campaign that is to do without the second person who must approve it.
    #[error("only a manager who did not make it may let it do without a second person")]
    OnlyAnotherManager,
    /// The colleague who was chosen to sign letters, and may not any more.
    #[error("does not sign letters any more; choose who does")]
    SignerLeft,
    /// A campaign without a letter in the language that stands in for the others; ISO 639-1.
    #[error("there is no letter in {0:?} yet; write it first")]
    NoLetter(String),
    /// Another number of people than the one that was confirmed; so many it would be now.
    #[error("by now it would be {0} guests; look again and confirm that number")]
    NumberChanged(u32),
    /// The first start, of a house that has been opened already.
    #[error("the house has been opened already; sign in")]
    OpenedAlready,
    /// A request of a kind that the guest has made already for that day.
    #[error("the guest has asked for this already")]
    AskedAlready,
}

/// A form that was posted without scripts and refused, on its way back to its page. It waits in the
/// session and never in an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The address that it was posted to, which tells the forms apart.
    pub form: String,
    /// What was typed, by the name of the field; never a password.
    pub typed: BTreeMap<String, String>,
    /// Why it was refused.
    pub error: AppError,
}

impl Refused {
    /// Whether it is the form of this server function.
    #[must_use]
    pub fn is_of<F: ServerFn>(&self) -> bool {
        self.form == F::PATH
    }

    /// What was typed into a field; `None` for a field that the form does not have or that is not kept.
    #[must_use]
    pub fn typed_in(&self, field: &str) -> Option<&str> {
        self.typed.get(field).map(String::as_str)
    }
}

impl AppError {
    /// A refusal of one field.
    pub fn field(field: &str, problem: Problem) -> Self {
        Self::Fields(vec![FieldError { field: field.to_owned(), problem }])
    }
}

impl From<crate::ids::BadId> for AppError {
    fn from(_: crate::ids::BadId) -> Self {
        Self::NotFound
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::Unreachable
            }
            ServerFnErrorErr::Args(text) | ServerFnErrorErr::MissingArg(text) => {
                Self::field("form", Problem::NotKnown(text, "the fields of this form".to_owned()))
            }
            other => Self::Internal(other.to_string()),
        }
    }
}
