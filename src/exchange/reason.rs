//! Why a file, a row or a run of an import was refused: a code and what belongs to it. Words are made
//! of it only for whoever reads it, in that person's language (see [`words`](super::words)).

use crate::error::{AppError, Problem};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Longest column name that an address may carry.
const LONGEST_NAME: usize = 20;

/// What is wrong with a row, or with one of its values, and with it what would be accepted.
///
/// The store keeps it under the names that stand here, so a variant keeps its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A value that a form would refuse as well.
    Value(Problem),
    /// Neither a first nor a last name.
    NoName,
    /// Not written as `YYYY-MM-DD`.
    NotDate,
    /// Written as a date, of a day that does not exist.
    NotInCalendar,
    /// A departure before the arrival, which is given.
    BeforeArrival(NaiveDate),
    /// Not a whole number from 0 to the one given.
    NotCount(u32),
    /// Not one of the codes allowed.
    NotListed {
        /// The codes, as they may be written.
        accepted: String,
        /// Whether nothing would be accepted as well.
        or_empty: bool,
    },
    /// Not the code of a currency.
    NotCurrency,
    /// An amount below 0.
    Negative,
    /// Not an amount of money.
    NotAmount,
    /// More digits before the decimal point than the number given.
    AmountTooLarge(usize),
    /// More decimals than the currency has.
    TooManyDecimals {
        /// ISO 4217.
        currency: String,
        /// How many the currency has.
        decimals: usize,
    },
    /// A quotation mark opens the value and is never closed.
    Unclosed,
    /// More bytes than the number given.
    TooManyBytes(usize),
    /// A NUL character in the value.
    Nul,
    /// The row has another number of fields than the first line names columns.
    Width { fields: usize, columns: usize },
    /// The confirmation number stands already on the line given.
    AlreadyOn(u64),
    /// No house has this code; the codes that are known.
    UnknownHouse(Vec<String>),
    /// The file could not be read beyond this row; what the operating system says.
    Unreadable(String),
    /// A sentence in English, kept before reasons had codes.
    InWords(String),
}

impl From<Problem> for Reason {
    fn from(problem: Problem) -> Self {
        Self::Value(problem)
    }
}

/// Why a run ended before the end of its file. Kept in the store like [`Reason`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The server was stopped while the run went on.
    Interrupted,
    /// The server could not go on.
    Failed(AppError),
    /// A sentence in English, kept before reasons had codes.
    InWords(String),
}

/// Why a file is not imported at all, and with it what would be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileProblem {
    /// The form came without a file.
    NotChosen,
    /// The upload broke off.
    NotArrived,
    /// Larger than an upload may be; the most in MB.
    TooLarge(u32),
    /// Nothing but empty lines.
    Empty,
    /// Headings without bookings.
    NoRows,
    /// Text in UTF-16.
    Utf16,
    /// A workbook, another office document, or an archive.
    Packed,
    /// Not text at all.
    NotText,
    /// More columns than can be read.
    TooManyColumns { found: usize, most: usize },
    /// The first line has this column twice.
    Repeated(String),
    /// The first line lacks columns that a booking needs.
    Missing {
        /// Names of the columns that are needed and absent.
        missing: Vec<String>,
        /// All names that the first line has; empty where they are not told.
        found: Vec<String>,
    },
    /// What the operating system says.
    Unreadable(String),
}

impl From<std::io::Error> for FileProblem {
    fn from(error: std::io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl FileProblem {
    /// The problem as a page's address carries it, without texts from the file: anyone can make an
    /// address, and a page must not say what they please.
    #[must_use]
    pub fn to_address(&self) -> String {
        match self {
            Self::NotChosen => "no-file".to_owned(),
            Self::NotArrived | Self::Unreadable(_) => "not-arrived".to_owned(),
            Self::TooLarge(most) => format!("too-large.{most}"),
            Self::Empty => "empty".to_owned(),
            Self::NoRows => "no-rows".to_owned(),
            Self::Utf16 => "utf-16".to_owned(),
            Self::Packed => "packed".to_owned(),
            Self::NotText => "not-text".to_owned(),
            Self::TooManyColumns { found, most } => format!("columns.{found}.{most}"),
            Self::Repeated(column) => format!("twice.{column}"),
            Self::Missing { missing, .. } => format!("missing.{}", missing.join(".")),
        }
    }

    /// Reads what [`to_address`](Self::to_address) wrote; `None` for anything else.
    #[must_use]
    pub fn from_address(text: &str) -> Option<Self> {
        let (word, rest) = text.split_once('.').unwrap_or((text, ""));
        Some(match word {
            "no-file" => Self::NotChosen,
            "not-arrived" => Self::NotArrived,
            "too-large" => Self::TooLarge(rest.parse().ok()?),
            "empty" => Self::Empty,
            "no-rows" => Self::NoRows,
            "utf-16" => Self::Utf16,
            "packed" => Self::Packed,
            "not-text" => Self::NotText,
            "columns" => {
                let (found, most) = rest.split_once('.')?;
                Self::TooManyColumns { found: found.parse().ok()?, most: most.parse().ok()? }
            }
            "twice" => Self::Repeated(column(rest)?),
            "missing" => {
                let missing = rest.split('.').map(column).collect::<Option<_>>()?;
                Self::Missing { missing, found: Vec::new() }
            }
            _ => return None,
        })
    }
}

/// What can be the name of a column that a booking needs.
fn column(name: &str) -> Option<String> {
    let is_one =
        (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_one.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_what_is_wrong_with_a_file() {
        use FileProblem as P;
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        for problem in [
            P::NotChosen,
            P::NotArrived,
            P::TooLarge(64),
            P::Empty,
            P::NoRows,
            P::Utf16,
            P::Packed,
            P::NotText,
            P::TooManyColumns { found: 300, most: 256 },
            P::Repeated("arrival".to_owned()),
            P::Missing { missing: names(&["confirmation_no", "status"]), found: Vec::new() },
        ] {
            assert_eq!(P::from_address(&problem.to_address()), Some(problem));
        }
        let missing = P::Missing { missing: names(&["status"]), found: names(&["state & more"]) };
        assert_eq!(missing.to_address(), "missing.status", "nothing of the file");
    }

    #[test]
    fn an_address_cannot_put_words_on_a_page() {
        for text in ["", "soon", "too-large", "too-large.much", "columns.3", "missing", "missing.Call 555", "twice.a.b"]
        {
            assert_eq!(FileProblem::from_address(text), None, "{text:?}");
        }
        assert_eq!(FileProblem::from_address(&format!("twice.{}", "x".repeat(21))), None);
    }

    #[test]
    fn reasons_come_back_from_the_store() {
        let reasons = [
            Reason::Value(Problem::NotKnown("XYZ".to_owned(), "PT, PRT".to_owned())),
            Reason::BeforeArrival(NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day")),
            Reason::Width { fields: 2, columns: 27 },
            Reason::Nul,
        ];
        for reason in reasons {
            let kept = serde_json::to_string(&reason).expect("JSON");
            assert_eq!(serde_json::from_str::<Reason>(&kept).ok(), Some(reason), "{kept}");
        }
        let kept = serde_json::to_string(&Reason::NotCount(999)).expect("JSON");
        assert_eq!(kept, r#"{"not_count":999}"#, "the name under which stores have it");
    }
}
