//! What the browser asks about greetings on their way: personal letters that wait for their signer, the
//! outbox, and what came of a campaign.

use super::{CampaignKind, OccurrenceId, OccurrenceState, Reason, results::Results};
use crate::{error::AppError, guests::GuestName, ids::CampaignId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Most characters of the reason for which a personal letter is dropped.
pub const MAX_REASON: u32 = 200;

/// A personal letter in the list of those that wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingLetter {
    pub id: OccurrenceId,
    pub name: GuestName,
    /// ISO 639-1 code of the guest's language.
    pub language: Option<String>,
    /// 0 (none) to 3.
    pub vip: u8,
    pub campaign: String,
    pub kind: CampaignKind,
    /// Whose name stands under it.
    pub signer: String,
    /// Whether whoever reads this may send or drop it: its signer, or a manager.
    pub may_decide: bool,
    /// When it is to leave, and when it would be too late; house-local `YYYY-MM-DD HH:MM`.
    pub due: String,
    pub until: String,
}

/// The page on which signers look at their letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approvals {
    /// Those that are to leave first, first.
    pub waiting: Vec<WaitingLetter>,
    /// Whether there are more than are listed.
    pub more: bool,
    /// The one that was asked for, as long as it waits.
    pub open: Option<PersonalLetter>,
}

/// A personal letter as its signer edits it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalLetter {
    pub about: WaitingLetter,
    /// What the form of it is made of, to be sent with it: what the house changes later is not overwritten unseen.
    pub seen: String,
    /// Whether its campaign was changed since, so that the letter is about to be written anew.
    pub is_outdated: bool,
    pub subject: String,
    /// The words of the letter, a passage for each piece of text in it.
    pub words: Vec<String>,
    /// What a mail program without pictures and colours shows.
    pub text: String,
    /// ISO 639-1 code of the language that it is written in.
    pub written_in: Option<String>,
}

/// Which part of the outbox is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// Planned, and its hour has not come.
    Scheduled,
    /// Personal letters that wait for their signers.
    Awaiting,
    /// Kept back, for a reason that can pass.
    Held,
    /// Due, claimed, or on the wire.
    #[default]
    UnderWay,
    /// Nobody knows whether they arrived.
    Unknown,
    Failed,
}

impl Show {
    pub const ALL: [Self; 6] =
        [Self::Scheduled, Self::Awaiting, Self::Held, Self::UnderWay, Self::Unknown, Self::Failed];

    /// The word in the page's address.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Awaiting => "awaiting",
            Self::Held => "held",
            Self::UnderWay => "under-way",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
        }
    }

    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|show| show.slug() == slug)
    }

    /// The states that it is made of.
    #[must_use]
    pub fn states(self) -> &'static [OccurrenceState] {
        match self {
            Self::Scheduled => &[OccurrenceState::Planned],
            Self::Awaiting => &[OccurrenceState::Awaiting],
            Self::Held => &[OccurrenceState::Held],
            Self::UnderWay => &[OccurrenceState::Planned, OccurrenceState::Claimed, OccurrenceState::Sending],
            Self::Unknown => &[OccurrenceState::Unknown],
            Self::Failed => &[OccurrenceState::Failed],
        }
    }

    /// Whether what leaves next comes first: where something is still to leave. Elsewhere the latest does.
    #[must_use]
    pub fn next_first(self) -> bool {
        matches!(self, Self::Scheduled | Self::Awaiting | Self::Held)
    }
}

/// A greeting in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxLine {
    pub id: OccurrenceId,
    /// The guest's name; `None` where the profile is gone.
    pub name: Option<String>,
    pub campaign: String,
    pub state: OccurrenceState,
    /// House-local `YYYY-MM-DD HH:MM`.
    pub due: String,
    /// Masked: enough to see that there is one, too little to use it.
    pub address: Option<String>,
    pub reason: Option<Reason>,
    pub detail: Option<String>,
    /// What the relay said last, without anything of the guest.
    pub answer: Option<String>,
    pub relay: Option<String>,
    pub attempts: u32,
    /// Who decided about it last.
    pub decided_by: Option<String>,
}

/// A page of the outbox, in the order of [`Show::next_first`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxPage {
    pub show: Show,
    pub lines: Vec<OutboxLine>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// The personal letters of this house that wait for their signers; `open` is edited.
#[server]
pub async fn list_approvals(#[server(default)] open: String) -> Result<Approvals, AppError> {
    use crate::{campaigns::outbox, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::PlanGreetings>().await?;
    let db = &AppState::of_request().db;
    let (waiting, more) = outbox::waiting(db, &permit).await?;
    let open = match open.parse::<OccurrenceId>() {
        Ok(id) => outbox::letter(db, &permit, &id).await?,
        Err(_) => None,
    };
    Ok(Approvals { waiting, more, open })
}

/// Sends a personal letter with the signer's words. Its signer does, or a manager. `seen` is what the form was made of:
/// what was changed since is told beside its field, and nothing is sent.
#[server]
pub async fn approve_letter(
    letter: String,
    #[server(default)] seen: String,
    subject: String,
    #[server(default)] words: Vec<String>,
    text: String,
) -> Result<(), AppError> {
    use crate::{
        campaigns::outbox::{self, Typed},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let passages: Vec<(String, &String)> =
        words.iter().enumerate().map(|(number, words)| (format!("words[{number}]"), words)).collect();
    let mut typed: Vec<(&str, &str)> =
        vec![("letter", &letter), ("seen", &seen), ("subject", &subject), ("text", &text)];
    typed.extend(passages.iter().map(|(field, words)| (field.as_str(), words.as_str())));
    let sent = Sent::to::<ApproveLetter>(approvals_page(&letter), &typed);
    let approving = async {
        let permit = guard::require::<guard::PlanGreetings>().await?;
        let id: OccurrenceId = letter.parse()?;
        let state = AppState::of_request();
        let typed = Typed { seen: &seen, subject: &subject, words: &words, text: &text };
        outbox::approve(&state.db, &permit, &id, typed, state.clock.now()).await
    };
    let came = sent.ended(approving.await).await;
    if came.is_ok() {
        leptos_axum::redirect("/campaigns/approvals?done=sent");
    }
    came
}

/// Keeps a personal letter from leaving. Its signer does, or a manager.
#[server]
pub async fn drop_letter(letter: String, reason: String) -> Result<(), AppError> {
    use crate::{
        campaigns::outbox,
        error::Problem,
        guests::parse,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let typed: [(&str, &str); 2] = [("letter", &letter), ("reason", &reason)];
    let sent = Sent::to::<DropLetter>(approvals_page(&letter), &typed);
    let dropping = async {
        let permit = guard::require::<guard::PlanGreetings>().await?;
        let id: OccurrenceId = letter.parse()?;
        let reason = parse::line(&reason, MAX_REASON as usize)
            .and_then(|reason| reason.ok_or(Problem::Empty))
            .map_err(|problem| AppError::field("reason", problem))?;
        let state = AppState::of_request();
        outbox::discard(&state.db, &permit, &id, reason, state.clock.now()).await
    };
    let came = sent.ended(dropping.await).await;
    if came.is_ok() {
        leptos_axum::redirect("/campaigns/approvals?done=dropped");
    }
    came
}

/// The page on which a letter is edited.
#[must_use]
pub fn approvals_page(letter: &str) -> String {
    // An id holds nothing that would have to be written otherwise, but for its bars.
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '|');
    let id: String = letter.chars().filter(plain).take(100).collect();
    format!("/campaigns/approvals?letter={}", id.replace('|', "%7C"))
}

/// A page of the outbox. `after` is where it begins.
#[server]
pub async fn show_outbox(
    #[server(default)] show: Show,
    #[server(default)] after: Option<String>,
) -> Result<OutboxPage, AppError> {
    use crate::{campaigns::outbox, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::PlanGreetings>().await?;
    let state = AppState::of_request();
    Ok(outbox::list(&state.db, &permit, show, after.as_deref(), state.clock.now()).await?)
}

/// Sends a greeting that failed once more.
#[server]
pub async fn retry_letter(letter: String) -> Result<(), AppError> {
    use crate::{
        campaigns::outbox,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let typed: [(&str, &str); 1] = [("letter", &letter)];
    let sent = Sent::back::<RetryLetter>("/campaigns/outbox?show=failed", &typed);
    let retrying = async {
        let permit = guard::require::<guard::PlanGreetings>().await?;
        let id: OccurrenceId = letter.parse()?;
        let state = AppState::of_request();
        outbox::retry(&state.db, &permit, &id, state.clock.now()).await
    };
    sent.ended(retrying.await).await
}

/// Writes down whether a greeting arrived of which that was not known.
#[server]
pub async fn resolve_letter(letter: String, arrived: bool) -> Result<(), AppError> {
    use crate::{
        campaigns::outbox,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let typed: [(&str, &str); 1] = [("letter", &letter)];
    let sent = Sent::back::<ResolveLetter>("/campaigns/outbox?show=unknown", &typed);
    let resolving = async {
        let permit = guard::require::<guard::PlanGreetings>().await?;
        let id: OccurrenceId = letter.parse()?;
        let state = AppState::of_request();
        outbox::resolve(&state.db, &permit, &id, arrived, state.clock.now()).await
    };
    sent.ended(resolving.await).await
}

/// What came of a campaign so far.
#[server]
pub async fn campaign_results(campaign: CampaignId) -> Result<Results, AppError> {
    use crate::{campaigns::results::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::PlanGreetings>().await?;
    let state = AppState::of_request();
    store::results(&state.db, &permit, campaign, state.clock.now()).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::GuestId;

    #[test]
    fn a_letter_is_opened_by_its_id_and_nothing_else() {
        let id = OccurrenceId {
            campaign: CampaignId(uuid::Uuid::nil()),
            guest: GuestId(uuid::Uuid::nil()),
            date: "2026-11-23".to_owned(),
        };
        let page = approvals_page(&id.to_string());
        assert!(page.ends_with("%7C2026-11-23") && !page.contains('|'), "{page}");
        assert_eq!(approvals_page("x&y=1#z/../%2e"), "/campaigns/approvals?letter=xy1z2e");
    }
}
