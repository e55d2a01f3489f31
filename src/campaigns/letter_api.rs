//! What the browser asks about letters: to write them, to see them as a guest would, to test them, and the
//! pictures that they show.

use super::{Campaign, template::Letter};
use crate::{
    error::{AppError, FieldError},
    guests::GuestName,
    ids::{CampaignId, GuestId, PictureId},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The name under which a refused letter waits in the session.
pub const LETTER_DRAFT: &str = "letter";
/// Most characters of a detail that a letter remembers.
pub const MAX_REMEMBERED: u32 = 300;

/// The page on which a letter is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterPage {
    pub campaign: Campaign,
    /// House-local `YYYY-MM-DD`.
    pub today: String,
    /// As it stands in the form. The compiled letter stays on the server.
    pub draft: LetterDraft,
    /// Whether any mail leaves this installation.
    pub mail_leaves: bool,
    /// Where tests of the letter may go.
    pub test_addresses: Vec<String>,
}

impl LetterPage {
    /// Whether there is a letter in this language, and not only what one would begin with.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.campaign.languages.contains(&self.draft.letter.language)
    }
}

/// A letter in its form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterDraft {
    pub campaign: CampaignId,
    /// Its revision is the one that the form started from.
    pub letter: Letter,
    /// What was refused in the last attempt.
    pub errors: Vec<FieldError>,
    /// Who changed it since the form was opened, and what it is now.
    pub moved: Option<(String, Letter)>,
}

/// A letter as one guest would get it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterPreview {
    /// `None` for nobody in particular: with the examples of the variables.
    pub guest: Option<PreviewGuest>,
    /// The day that is greeted, house-local `YYYY-MM-DD`.
    pub date: String,
    /// Subject and plain text; `None` while there is no letter, or where it cannot be filled in.
    pub shown: Option<(String, String)>,
    /// Why it cannot be filled in: [`super::template::Missing`] as text.
    pub missing: Option<String>,
    /// Who is next to get it: guest, name, and the day that is greeted.
    pub soon: Vec<(GuestId, String, String)>,
}

/// Whom a letter is shown for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewGuest {
    pub guest: GuestId,
    pub name: GuestName,
    /// ISO 639-1 code of the guest's language.
    pub language: Option<String>,
    /// The language of the letter that the guest would get, if there is one.
    pub gets: Option<String>,
    /// The detail that was approved for this guest.
    pub remembered: String,
}

/// What came of saving a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedLetter {
    /// Kept; the letter's revision.
    Done(i64),
    /// Nothing was kept; the letter as typed, with the reasons.
    Refused(Box<LetterDraft>),
}

/// A picture that letters can show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    pub id: PictureId,
    pub name: String,
    /// The address that a letter names it by.
    pub address: String,
    /// Pixels.
    pub width: u32,
    pub height: u32,
    pub by: String,
    /// House-local `YYYY-MM-DD HH:MM`.
    pub at: String,
}

/// Which letter a page shows, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// ISO 639-1; empty for the one that stands in for the others.
    pub language: String,
    pub guest: Option<GuestId>,
    /// The day that is greeted, house-local `YYYY-MM-DD`; empty for today.
    pub date: String,
}

impl Asked {
    /// The address of the page.
    #[must_use]
    pub fn page(&self, campaign: CampaignId) -> String {
        format!("/campaigns/{campaign}/letters?{}", self.query())
    }

    /// The address of the letter itself, as it is shown within the page.
    #[must_use]
    pub fn frame(&self, campaign: CampaignId, dark: bool) -> String {
        let scheme = if dark { "&scheme=dark" } else { "" };
        format!("/campaigns/{campaign}/preview?{}{scheme}", self.query())
    }

    fn query(&self) -> String {
        // Letters, digits and hyphens: what is of another form is asked for by nobody.
        let plain = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>();
        let guest = self.guest.map(|guest| format!("&guest={guest}")).unwrap_or_default();
        let date = if self.date.is_empty() { String::new() } else { format!("&date={}", plain(&self.date)) };
        format!("language={}{guest}{date}", plain(&self.language))
    }
}

/// A campaign's letter in a language, or else in the one that stands in for the others; with `draft`, what
/// was refused when it was last sent.
#[server]
pub async fn open_letter(
    campaign: CampaignId,
    #[server(default)] language: String,
    #[server(default)] draft: bool,
) -> Result<LetterPage, AppError> {
    use crate::{
        campaigns::letters,
        server::AppState,
        staff::{draft as drafts, guard},
    };
    let permit = guard::require_of_device::<guard::PlanGreetings>().await?;
    let refused = if draft { drafts::take::<LetterDraft>(LETTER_DRAFT).await? } else { None };
    letters::page(&AppState::of_request(), &permit, campaign, language, refused).await
}

/// The letter as it is kept, filled in for a guest.
#[server]
pub async fn preview_letter(campaign: CampaignId, #[server(default)] asked: Asked) -> Result<LetterPreview, AppError> {
    use crate::{campaigns::letters, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::PlanGreetings>().await?;
    letters::preview(&AppState::of_request(), &permit, campaign, &asked).await
}

/// Keeps a letter. What is refused comes back as typed; what a colleague changed meanwhile is shown instead
/// of being overwritten.
#[server]
pub async fn save_letter(
    campaign: CampaignId,
    language: String,
    revision: i64,
    subject: String,
    mjml: String,
    #[server(default)] text: String,
    #[server(default)] by_hand: Option<String>,
    #[server(default)] guest: Option<GuestId>,
    #[server(default)] date: String,
) -> Result<SavedLetter, AppError> {
    use crate::{
        campaigns::letters,
        server::AppState,
        staff::{draft as drafts, guard},
    };
    let permit = guard::require::<guard::PlanGreetings>().await?;
    let letter = Letter {
        language: language.clone(),
        revision,
        subject,
        mjml,
        html: String::new(),
        text,
        text_by_hand: by_hand.is_some(),
    };
    let page = Asked { language, guest, date }.page(campaign);
    let saved = letters::save(&AppState::of_request(), &permit, campaign, letter).await?;
    match &saved {
        // Another address than that of the form, so that the page is loaded with what was kept.
        SavedLetter::Done(revision) => leptos_axum::redirect(&format!("{page}&saved={revision}")),
        SavedLetter::Refused(draft) => {
            if drafts::put(LETTER_DRAFT, draft).await? {
                leptos_axum::redirect(&format!("{page}&draft=1"));
            }
        }
    }
    Ok(saved)
}

/// Approves a detail that a guest's letters of this campaign may remember, or with an empty text takes it
/// back.
#[server]
pub async fn remember_detail(campaign: CampaignId, guest: GuestId, remembered: String) -> Result<(), AppError> {
    use crate::{
        campaigns::letters,
        error::Problem,
        guests::parse,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 2] = [("guest", &of), ("remembered", &remembered)];
    let sent = Sent::back::<RememberDetail>(format!("/campaigns/{campaign}/letters"), &typed);
    let approving = async {
        let permit = guard::require::<guard::PlanGreetings>().await?;
        let detail: Result<Option<String>, Problem> = parse::line(&remembered, MAX_REMEMBERED as usize);
        let detail = detail.map_err(|problem| AppError::field("remembered", problem))?;
        let state = AppState::of_request();
        letters::remember(&state.db, &permit, campaign, guest, detail, state.clock.now()).await
    };
    sent.ended(approving.await).await
}

/// Sends the letter as it is kept to one of the addresses that are set for tests, marked as a test. It is no
/// greeting: what is written down is who sent which letter in which guest's words.
#[server]
pub async fn send_test(
    campaign: CampaignId,
    address: String,
    language: String,
    #[server(default)] guest: Option<GuestId>,
    #[server(default)] date: String,
) -> Result<(), AppError> {
    use crate::{
        campaigns::letters,
        server::AppState,
        staff::{
            draft::{self, Sent},
            guard,
        },
    };
    let asked = Asked { language, guest, date };
    let page = asked.page(campaign);
    let typed: [(&str, &str); 1] = [("address", &address)];
    let sending = async {
        let permit = guard::require::<guard::PlanGreetings>().await?;
        letters::send_test(&AppState::of_request(), &permit, campaign, &asked, &address).await
    };
    let came = Sent::to::<SendTest>(page.clone(), &typed).ended(sending.await).await;
    // With scripts the page stays as it is, and with it what is being written.
    if came.is_ok() && draft::is_without_scripts().await? {
        leptos_axum::redirect(&format!("{page}&tested=1"));
    }
    came
}

/// The house's pictures, newest first.
#[server]
pub async fn pictures() -> Result<Vec<Picture>, AppError> {
    use crate::{campaigns::pictures, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::PlanGreetings>().await?;
    let state = AppState::of_request();
    Ok(pictures::list(&state.db, &permit, &state.config.public_url()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_nothing_but_what_it_names() {
        let campaign = CampaignId(uuid::Uuid::nil());
        let asked = Asked { language: "zh&x=<1>".to_owned(), guest: None, date: "2027-02-28#y".to_owned() };
        assert_eq!(asked.page(campaign), format!("/campaigns/{campaign}/letters?language=zhx1&date=2027-02-28y"));
        let plain = Asked { language: "en".to_owned(), ..Asked::default() };
        assert_eq!(plain.frame(campaign, true), format!("/campaigns/{campaign}/preview?language=en&scheme=dark"));
    }
}
