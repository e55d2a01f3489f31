//! Letters at work: the page on which they are written, what they would be for a guest, and tests of them.

mod testing;

pub use testing::{MOST_TESTS, TESTS_WITHIN, send_test};

use super::{
    OccurrenceId,
    kinds::Candidate,
    letter_api::{Asked, LetterDraft, LetterPage, LetterPreview, PreviewGuest, SavedLetter},
    policy,
    store::{self, CampaignRow, Change},
    template::{self, Letter, Links, Missing, Rendered},
};
use crate::{
    campaigns::CampaignKind,
    error::AppError,
    guests::{self, parse::LanguageCode},
    house::House,
    ids::{CampaignId, GuestId},
    loyalty,
    server::{
        AppState, clock,
        db::{Db, DbError, Tx, id_of, record, vars},
    },
    staff::{
        audit::{self, Action},
        guard::{Permit, PlanGreetings},
    },
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// Guests who are next, that are named beside the search.
const SOON: u32 = 5;

/// The page on which a letter is written. `refused` is what came back from the last attempt, if it is of this
/// letter.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn page(
    state: &AppState,
    permit: &Permit<PlanGreetings>,
    id: CampaignId,
    language: String,
    refused: Option<LetterDraft>,
) -> Result<LetterPage, AppError> {
    let view = View::new(state, permit, id, &Asked { language, ..Asked::default() }).await?;
    let kept = view.letter().cloned();
    let refused = refused.filter(|draft| draft.campaign == id && draft.letter.language == view.language);
    let mut draft = refused.unwrap_or_else(|| LetterDraft {
        campaign: id,
        letter: kept.unwrap_or_else(|| view.beginning()),
        errors: Vec::new(),
        moved: None,
    });
    draft.letter.html = String::new();
    let policy = policy::store::policy(&state.db, permit.house()).await?;
    Ok(LetterPage {
        today: view.today.to_string(),
        draft,
        mail_leaves: !state.mailer.is_shut(),
        test_addresses: policy.test_addresses,
        campaign: view.campaign.shown(view.letters.into_iter().map(|letter| letter.language).collect()),
    })
}

/// What a letter would be for a guest, and why it cannot be.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn preview(
    state: &AppState,
    permit: &Permit<PlanGreetings>,
    id: CampaignId,
    asked: &Asked,
) -> Result<LetterPreview, AppError> {
    View::new(state, permit, id, asked).await?.preview().await
}

/// The letter as a guest would get it: a page that stands alone.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn rendered(
    state: &AppState,
    permit: &Permit<PlanGreetings>,
    id: CampaignId,
    asked: &Asked,
) -> Result<Result<Rendered, Missing>, AppError> {
    let view = View::new(state, permit, id, asked).await?;
    view.rendered().await?.ok_or(AppError::NotFound)
}

/// A campaign's letters, looked at as one guest on one day.
struct View<'a> {
    state: &'a AppState,
    permit: &'a Permit<PlanGreetings>,
    campaign: CampaignRow,
    letters: Vec<Letter>,
    language: String,
    guest: Option<guests::Guest>,
    today: NaiveDate,
    date: NaiveDate,
    now: DateTime<Utc>,
}

impl<'a> View<'a> {
    async fn new(
        state: &'a AppState,
        permit: &'a Permit<PlanGreetings>,
        id: CampaignId,
        asked: &Asked,
    ) -> Result<Self, AppError> {
        let campaign = store::own(&state.db, permit, id).await?;
        let letters = store::letters(&state.db, id).await?;
        let now = state.clock.now();
        let today = clock::today(now, permit.actor().house.zone());
        let language = LanguageCode::parse(&asked.language)
            .map_or_else(|_| campaign.settings.fallback_language.clone(), String::from);
        let guest = match asked.guest {
            None => None,
            Some(guest) => {
                let found = guests::store::guest(&state.db, guest).await?.ok_or(AppError::NotFound)?;
                // It tells of the guest what a card does.
                audit::shown_again(&state.db, permit.actor(), now, guest).await?;
                Some(found)
            }
        };
        let date = asked.date.parse().unwrap_or(today);
        let date = match &guest {
            Some(guest) => occasion(&state.db, &permit.actor().house, &campaign, guest.id, date).await?,
            None => date,
        };
        Ok(Self { state, permit, campaign, letters, language, guest, today, date, now })
    }

    fn house(&self) -> &House {
        &self.permit.actor().house
    }

    fn letter(&self) -> Option<&Letter> {
        self.letters.iter().find(|letter| letter.language == self.language)
    }

    /// What a letter in a new language begins with: the one that stands in for it so far.
    fn beginning(&self) -> Letter {
        let like = template::pick(&self.letters, &self.language, &self.campaign.settings.fallback_language);
        let like = like.or_else(|| self.letters.first()).cloned().unwrap_or_default();
        Letter { language: self.language.clone(), revision: 0, text_by_hand: false, ..like }
    }

    async fn preview(&self) -> Result<LetterPreview, AppError> {
        let guest = match &self.guest {
            None => None,
            Some(guest) => {
                let fallback = self.campaign.settings.fallback_language.as_str();
                let own = guest.language.as_deref().unwrap_or(fallback);
                Some(PreviewGuest {
                    guest: guest.id,
                    name: guest.name.clone(),
                    language: guest.language.clone(),
                    gets: template::pick(&self.letters, own, fallback).map(|letter| letter.language.clone()),
                    remembered: remembered(&self.state.db, self.campaign.id, guest.id).await?,
                })
            }
        };
        let (shown, missing) = match self.rendered().await? {
            None => (None, None),
            Some(Ok(rendered)) => (Some((rendered.subject, rendered.text)), None),
            Some(Err(missing)) => (None, Some(missing.to_string())),
        };
        let soon = soon(&self.state.db, self.campaign.id).await?;
        Ok(LetterPreview { guest, date: self.date.to_string(), shown, missing, soon })
    }

    /// The letter filled in; `None` while there is none in this language.
    async fn rendered(&self) -> Result<Option<Result<Rendered, Missing>>, AppError> {
        let Some(letter) = self.letter() else { return Ok(None) };
        let url = self.state.config.public_url();
        let values = match &self.guest {
            None => template::examples(&url),
            Some(guest) => {
                let links = Links::nowhere(&url);
                let stage = stage(&self.state.db, &self.campaign, guest.id, self.date).await?;
                let candidate = Candidate { guest: guest.id, date: self.date, stage };
                let (db, house) = (&self.state.db, self.house());
                template::values(db, house, &self.campaign, &candidate, &self.language, &links, self.now).await?
            }
        };
        Ok(Some(template::render(letter, &values, &url)))
    }
}

/// The day as which a guest's greeting is looked at: for what expires, the next one on which something of the guest's
/// does, where nothing does on the day that was asked for.
async fn occasion(
    db: &Db,
    house: &House,
    campaign: &CampaignRow,
    guest: GuestId,
    date: NaiveDate,
) -> Result<NaiveDate, DbError> {
    if campaign.kind != CampaignKind::Expiring {
        return Ok(date);
    }
    let days = loyalty::store::endings_of(db, house, &[guest]).await?.remove(&guest).unwrap_or_default();
    Ok(days.range(date..).next().map_or(date, |(day, _)| *day))
}

/// The stage that a guest's greeting of a day is of: as it was planned, or for an anniversary the years since
/// the last stay that ended on such a day or before.
async fn stage(db: &Db, campaign: &CampaignRow, guest: GuestId, date: NaiveDate) -> Result<Option<u16>, DbError> {
    #[derive(SurrealValue)]
    struct Planned {
        stage: Option<i64>,
    }
    #[derive(SurrealValue)]
    struct Stay {
        departure: String,
        status: String,
    }
    let id = OccurrenceId { campaign: campaign.id, guest, date: date.to_string() };
    let planned: Option<Planned> =
        db.row("SELECT stage FROM $occurrence", vars().with("occurrence", record("occurrence", &id))).await?;
    if let Some(stage) = planned.and_then(|planned| planned.stage) {
        return Ok(u16::try_from(stage).ok());
    }
    if campaign.kind != CampaignKind::Anniversary {
        return Ok(None);
    }
    let stays: Vec<Stay> = db
        .rows(
            "SELECT departure, status FROM reservation WHERE guest = $guest",
            vars().with("guest", record("guest", guest)),
        )
        .await?;
    let ended = stays.iter().filter(|stay| stay.status == "checked_out");
    let last = ended.filter_map(|stay| stay.departure.parse::<NaiveDate>().ok()).filter(|day| *day < date).max();
    Ok(last.and_then(|day| u16::try_from(date.year() - day.year()).ok()).filter(|years| *years > 0))
}

/// Who is next to get the campaign's letter.
async fn soon(db: &Db, campaign: CampaignId) -> Result<Vec<(GuestId, String, String)>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
    }
    let rows: Vec<Row> = db
        .rows(
            "SELECT id, due FROM occurrence WHERE campaign = $campaign AND state = 'planned' ORDER BY due LIMIT $limit",
            vars().with("campaign", record("campaign", campaign)).with("limit", i64::from(SOON)),
        )
        .await?;
    let mut next = Vec::with_capacity(rows.len());
    for row in rows {
        let id: OccurrenceId = id_of(&row.id)?;
        if let Some(guest) = guests::store::guest(db, id.guest).await? {
            next.push((id.guest, guest.name.full(), id.date));
        }
    }
    Ok(next)
}

/// Compiles a letter and keeps it.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Fields`] for a language that is none, or what the store answers.
pub async fn save(
    state: &AppState,
    permit: &Permit<PlanGreetings>,
    id: CampaignId,
    letter: Letter,
) -> Result<SavedLetter, AppError> {
    let language: String =
        LanguageCode::parse(&letter.language).map_err(|problem| AppError::field("language", problem))?.into();
    let mut letter = Letter { language, ..letter };
    let refused = |letter: Letter, errors, moved| {
        Ok(SavedLetter::Refused(Box::new(LetterDraft { campaign: id, letter, errors, moved })))
    };
    // A long letter takes a processor a while.
    let (typed, url) = (letter.clone(), state.config.public_url());
    let compiled = tokio::task::spawn_blocking(move || {
        let by_hand = typed.text_by_hand.then_some(typed.text.as_str());
        template::compile(&typed.subject, &typed.mjml, by_hand, &url)
    });
    let compiled = match compiled.await.map_err(AppError::internal)? {
        Ok(compiled) => compiled,
        Err(errors) => return refused(letter, errors, None),
    };
    let kept = Letter { html: compiled.html, text: compiled.text, ..letter.clone() };
    match store::save_letter(&state.db, permit, id, &kept, state.clock.now()).await? {
        Change::Kept => Ok(SavedLetter::Done(letter.revision + 1)),
        Change::Moved => {
            let by = store::last_hand(&state.db, id).await?.name;
            let letters = store::letters(&state.db, id).await?;
            let theirs = letters.into_iter().find(|theirs| theirs.language == letter.language);
            let theirs = theirs.ok_or(AppError::NotFound)?;
            // Saving again, with both before one's eyes, decides.
            letter.revision = theirs.revision;
            refused(letter, Vec::new(), Some((by, Letter { html: String::new(), ..theirs })))
        }
    }
}

/// The detail that was approved for a guest's letters of a campaign; empty for none.
async fn remembered(db: &Db, campaign: CampaignId, guest: GuestId) -> Result<String, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        text: String,
    }
    let row: Option<Row> =
        db.row("SELECT text FROM $remembered", vars().with("remembered", remembered_key(campaign, guest))).await?;
    Ok(row.map(|row| row.text).unwrap_or_default())
}

/// Approves such a detail, or takes it back.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn remember(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    campaign: CampaignId,
    guest: GuestId,
    detail: Option<String>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    store::own(db, permit, campaign).await?;
    guests::store::guest(db, guest).await?.ok_or(AppError::NotFound)?;
    let actor = permit.actor();
    let key = vars().with("remembered", remembered_key(campaign, guest));
    let tx = match detail {
        Some(detail) => Tx::new().run(
            "UPSERT ONLY $remembered SET text = $detail, author_name = $who, at = $now RETURN NONE",
            key.with("detail", detail).with("who", actor.name.clone()).with("now", now),
        ),
        None => Tx::new().run("DELETE $remembered RETURN NONE", key),
    };
    db.commit(audit::note(tx, actor, Action::CampaignChanged, Some(guest), &["remembered"])).await?;
    Ok(())
}

fn remembered_key(campaign: CampaignId, guest: GuestId) -> RecordId {
    record("remembered", format!("{campaign}|{guest}"))
}
