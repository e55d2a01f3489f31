//! What the pages about campaigns show, made on the server.

use super::{Campaign, CampaignKind, CampaignState, OccurrenceState, Reason};
use crate::ids::{CampaignId, GuestId};
use serde::{Deserialize, Serialize};

/// The house's campaigns, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignList {
    pub lines: Vec<CampaignLine>,
}

/// A campaign in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignLine {
    pub campaign: Campaign,
    pub outlook: Outlook,
}

/// What is about to happen in a campaign, as far as it has been planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Outlook {
    /// The next day, counted from today, on which somebody is greeted, and how many are.
    pub next: Option<(u16, u32)>,
    /// How many are held now.
    pub held: u32,
    /// How many personal letters wait for their signer.
    pub awaiting: u32,
    /// How many nobody knows of whether they arrived.
    pub unknown: u32,
}

/// A campaign's own page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignPage {
    pub campaign: Campaign,
    pub outlook: Outlook,
    /// How many occurrences stand where, in the order of [`OccurrenceState`]; states without any are left out.
    pub counts: Vec<(OccurrenceState, u32)>,
    /// Whether whoever reads this wrote any of it since it was approved last, and so cannot approve it.
    pub is_own: bool,
    /// Whether there is a letter in the language that stands in for the others.
    pub has_letter: bool,
}

/// What activation would make of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Reached,
    /// The floor greets in person.
    Trace,
    Held,
    Skipped,
    /// Kept back to compare with.
    Control,
}

impl Outcome {
    pub const ALL: [Self; 5] = [Self::Reached, Self::Trace, Self::Held, Self::Skipped, Self::Control];

    /// The word under which it is sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::Trace => "trace",
            Self::Held => "held",
            Self::Skipped => "skipped",
            Self::Control => "control",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// Whom a campaign would reach, and whom not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreflightPage {
    pub campaign: Campaign,
    /// Days, from today on, that this looks ahead.
    pub days: u16,
    /// Everybody by what would become of them, the largest reason first.
    pub groups: Vec<Group>,
    /// How many are due already and would be written to as soon as it is activated; no more of them in one
    /// day than the daily cap.
    pub backlog: u32,
    /// Days over which they would be written to.
    pub backlog_days: u32,
    /// Whether looking ended before it had seen everybody: there are at least so many.
    pub at_least: bool,
    /// The group whose people are listed.
    pub shown: Option<(Outcome, Option<Reason>)>,
    pub people: Vec<Person>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Whether there is a letter in the language that stands in for the others.
    pub has_letter: bool,
}

/// People of whom the same would become for the same reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub outcome: Outcome,
    pub reason: Option<Reason>,
    pub count: u32,
}

/// Somebody whom a campaign is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub guest: GuestId,
    /// As one addresses him: "Mr Zhang".
    pub name: String,
    pub native: Option<String>,
    /// ISO 639-1, of the profile.
    pub language: Option<String>,
    /// The day that is greeted, house-local `YYYY-MM-DD`.
    pub date: String,
    pub outcome: Outcome,
    pub reason: Option<Reason>,
    pub detail: Option<String>,
}

/// The coming days by campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarPage {
    /// House-local `YYYY-MM-DD`.
    pub today: String,
    pub campaigns: Vec<Column>,
    /// Every day from today on.
    pub days: Vec<Day>,
    /// The people of one day, where one was asked for.
    pub shown: Option<DayPeople>,
}

/// A campaign in the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub id: CampaignId,
    pub name: String,
    pub kind: CampaignKind,
    pub state: CampaignState,
    /// Whether counting ended before it had looked at everybody: there are at least so many.
    pub at_least: bool,
}

/// A day in the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// House-local `YYYY-MM-DD`.
    pub date: String,
    /// How many are greeted, in the order of the campaigns.
    pub counts: Vec<u32>,
}

/// The people of a day in the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayPeople {
    pub date: String,
    /// The campaign that was asked for; `None` for all of them.
    pub campaign: Option<CampaignId>,
    /// Who, of which campaign.
    pub people: Vec<(CampaignId, Person)>,
    /// Where the list goes on.
    pub next: Option<String>,
}
