//! The pages that guests open from their letters: to unsubscribe, to choose what they are sent, to confirm
//! that they asked. They are plain pages of the server. Nothing of the staff's application is on them:
//! no session, no script, no service worker. The seal of the link is all the authority there is, and a
//! link that was not made here is answered like any address that leads nowhere.

mod form;
mod page;
pub(super) mod words;

use super::{
    CampaignKind, OccurrenceId, clicks,
    consent::{self, Chosen, Source},
    policy, store,
};
use crate::{
    error::AppError,
    guests::store as guests,
    house::{House, store as houses},
    i18n::*,
    ids::HouseId,
    server::{
        AppState,
        db::{DbError, id_of, record, vars},
        respond,
    },
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, Query, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use form::{Choice, Form};
use page::{Came, Page};
use std::collections::HashMap;
use surrealdb::types::{RecordId, SurrealValue};

/// Far above what any of the forms sends, in bytes.
const FORM_LIMIT: usize = 16 * 1024;

/// The address that mail programs post to by themselves (RFC 8058), from wherever they are: it must stand
/// outside of what refuses requests from other sites. No cookie is read here, so there is nothing that
/// another site could make use of.
pub fn one_click() -> Router<AppState> {
    Router::new().route("/u/{token}", get(unsubscribe_page).post(unsubscribe)).layer(DefaultBodyLimit::max(FORM_LIMIT))
}

/// The other pages, which only their own forms post to, and where links lead that are counted.
pub fn pages() -> Router<AppState> {
    Router::new()
        .route("/l/{token}", get(follow))
        .route("/preferences/{token}", get(preferences_page).post(keep_preferences))
        .route("/confirm/{token}", get(confirmation_page).post(confirm))
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
}

/// Whoever asks: in which language.
type Asked = Query<HashMap<String, String>>;

async fn unsubscribe_page(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Query(asked): Asked,
    headers: HeaderMap,
) -> Response {
    let visit = Visit::new(&state, &asked, &headers);
    let shown = async {
        let Some(letter) = visit.letter(&token).await? else {
            return Ok(visit.nowhere());
        };
        let wishes = consent::wishes(&state.db, letter.id.guest).await?;
        let page = letter.page(&state);
        Ok(if wishes.refuses_all {
            page.unsubscribed(None, &token)
        } else {
            page.unsubscribe(letter.kind, wishes.refused.contains(&letter.kind), &token)
        })
    };
    visit.answer(shown.await)
}

async fn unsubscribe(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Query(asked): Asked,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let visit = Visit::new(&state, &asked, &headers);
    let kept = async {
        let Some(letter) = visit.letter(&token).await? else {
            return Ok(visit.nowhere());
        };
        let page = letter.page(&state);
        let choice = Form::read(request).await.and_then(|form| form.choice());
        let (kind, source, wording) = match choice {
            Some(Choice::OneClick) => (Some(letter.kind), Source::OneClick, None),
            Some(Choice::Kind) => {
                let words = words::no_more(letter.locale, letter.kind);
                (Some(letter.kind), Source::UnsubscribePage, Some(words))
            }
            Some(Choice::All) => (None, Source::UnsubscribePage, Some(words::no_more_at_all(letter.locale))),
            // A form that says nothing changes nothing: the page asks again.
            None => return Ok(with_status(StatusCode::BAD_REQUEST, page.unsubscribe(letter.kind, false, &token))),
        };
        let is_one_click = source == Source::OneClick;
        let chosen = vec![Chosen { kind, granted: false, wording }];
        let now = state.clock.now();
        let language = (!is_one_click).then_some(letter.locale.as_str());
        consent::choose(&state.db, &letter.id, chosen, &source, language, now).await?;
        Ok(if is_one_click {
            // Nobody reads it.
            td_string!(letter.locale, campaigns.public.unsubscribe.plain).into_response()
        } else {
            page.unsubscribed(kind, &token)
        })
    };
    visit.answer(kept.await)
}

async fn preferences_page(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Query(asked): Asked,
    headers: HeaderMap,
) -> Response {
    let visit = Visit::new(&state, &asked, &headers);
    let shown = async {
        let Some(letter) = visit.letter(&token).await? else {
            return Ok(visit.nowhere());
        };
        let wishes = consent::wishes(&state.db, letter.id.guest).await?;
        let counting = visit.counting(&letter).await?;
        Ok(letter.page(&state).preferences(&wishes.granted, counting, None, &token))
    };
    visit.answer(shown.await)
}

async fn keep_preferences(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Query(asked): Asked,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let visit = Visit::new(&state, &asked, &headers);
    let kept = async {
        let Some(letter) = visit.letter(&token).await? else {
            return Ok(visit.nowhere());
        };
        let Some(form) = Form::read(request).await.filter(Form::tells_wishes) else {
            // What was not said is no objection: the page asks again.
            let wishes = consent::wishes(&state.db, letter.id.guest).await?;
            let counting = visit.counting(&letter).await?;
            let page = letter.page(&state).preferences(&wishes.granted, counting, Some(Came::Unreadable), &token);
            return Ok(with_status(StatusCode::BAD_REQUEST, page));
        };
        let wanted = form.kinds();
        let is_offered = visit.counting(&letter).await?.is_some();
        let chosen = if wanted.is_empty() {
            // Whoever wants none of these wants none of those to come either.
            let wording = Some(words::no_more_at_all(letter.locale));
            vec![Chosen { kind: None, granted: false, wording }]
        } else {
            let granted = consent::wishes(&state.db, letter.id.guest).await?.granted;
            let changed = CampaignKind::ALL.iter().filter(|kind| wanted.contains(kind) != granted.contains(kind));
            let chosen = changed.map(|&kind| Chosen {
                kind: Some(kind),
                granted: wanted.contains(&kind),
                wording: Some(words::described(letter.locale, kind)),
            });
            chosen.collect()
        };
        let source = Source::PreferencesPage;
        let (language, now) = (letter.locale.as_str(), state.clock.now());
        consent::choose(&state.db, &letter.id, chosen, &source, Some(language), now).await?;
        if is_offered {
            let wording = words::counting(letter.locale);
            consent::choose_counting(&state.db, &letter.id, form.counts_links(), wording, language, now).await?;
        }
        let wishes = consent::wishes(&state.db, letter.id.guest).await?;
        let counting = visit.counting(&letter).await?;
        Ok(letter.page(&state).preferences(&wishes.granted, counting, Some(Came::Kept), &token))
    };
    visit.answer(kept.await)
}

async fn confirmation_page(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Query(asked): Asked,
    headers: HeaderMap,
) -> Response {
    let visit = Visit::new(&state, &asked, &headers);
    let shown = async {
        let Some((house, request)) = visit.request(&token).await? else {
            return Ok(visit.nowhere());
        };
        let request = consent::request(&state.db, request, state.clock.now()).await?;
        Ok(visit.confirmation(&house, request, &token))
    };
    visit.answer(shown.await)
}

async fn confirm(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Query(asked): Asked,
    headers: HeaderMap,
) -> Response {
    let visit = Visit::new(&state, &asked, &headers);
    let kept = async {
        let Some((house, request)) = visit.request(&token).await? else {
            return Ok(visit.nowhere());
        };
        let request = consent::confirm(&state.db, request, state.clock.now()).await?;
        Ok(visit.confirmation(&house, request, &token))
    };
    visit.answer(kept.await)
}

/// Sends on to where a link of a letter leads, and counts that where it is counted.
async fn follow(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Query(asked): Asked,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let visit = Visit::new(&state, &asked, &headers);
    let led = async {
        let secret = consent::secret(&state.db, consent::LINKS).await?;
        let link = consent::read_counted(&secret, &token);
        let Some((link, target)) = link.and_then(|link| location(&link.target).map(|target| (link, target))) else {
            return Ok(visit.nowhere());
        };
        if method == Method::GET
            && let Err(error) = clicks::followed(&state.db, &link, state.clock.now()).await
        {
            // The guest gets there all the same.
            tracing::warn!(%error, "a link that was followed is not counted");
        }
        Ok((StatusCode::FOUND, [(header::LOCATION, target)]).into_response())
    };
    visit.answer(led.await)
}

/// An address of the web as a header tells it.
fn location(address: &str) -> Option<HeaderValue> {
    let url = reqwest::Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| HeaderValue::from_str(url.as_str()).ok()).flatten()
}

/// The letter whose link was followed.
struct Letter {
    id: OccurrenceId,
    kind: CampaignKind,
    house: House,
    locale: Locale,
}

impl Letter {
    fn page<'a>(&'a self, state: &AppState) -> Page<'a> {
        Page::new(state, self.locale, Some(&self.house.name))
    }
}

#[derive(SurrealValue)]
struct Row {
    house: RecordId,
    language: Option<String>,
}

/// Somebody who opens one of these pages.
struct Visit<'a> {
    state: &'a AppState,
    /// The language that was chosen on the page.
    chosen: Option<Locale>,
    /// Any that the browser would have.
    preferred: Locale,
}

impl<'a> Visit<'a> {
    fn new(state: &'a AppState, asked: &HashMap<String, String>, headers: &HeaderMap) -> Self {
        let chosen = asked.get("lang").and_then(|language| language.parse().ok());
        Self { state, chosen, preferred: respond::language_of(headers) }
    }

    /// The language of a page: the one chosen on it, or else the first of these that there is, or else one
    /// that the browser would have.
    fn locale(&self, languages: [Option<&str>; 2]) -> Locale {
        let known = || languages.into_iter().flatten().find_map(|language| language.parse().ok());
        self.chosen.or_else(known).unwrap_or(self.preferred)
    }

    async fn letter(&self, token: &str) -> Result<Option<Letter>, DbError> {
        let db = &self.state.db;
        let Some(id) = consent::read_token(&consent::secret(db, consent::LINKS).await?, token) else {
            return Ok(None);
        };
        let row: Option<Row> =
            db.row("SELECT house, language FROM $letter", vars().with("letter", record("occurrence", &id))).await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let (campaign, house, guest) = (
            store::campaign(db, id.campaign).await?,
            houses::house(db, id_of(&row.house)?).await?,
            guests::guest(db, id.guest).await?,
        );
        let (Some(campaign), Some(house), Some(guest)) = (campaign, house, guest) else {
            return Ok(None);
        };
        let locale = self.locale([row.language.as_deref(), guest.language.as_deref()]);
        Ok(Some(Letter { id, kind: campaign.kind, house, locale }))
    }

    /// Whether the guest agreed that links are counted; `None` where nothing is counted and nothing was agreed.
    async fn counting(&self, letter: &Letter) -> Result<Option<bool>, DbError> {
        let (db, guest) = (&self.state.db, letter.id.guest);
        let agreed = consent::counting(db, &[guest]).await?.contains(&guest);
        let is_offered = agreed || policy::store::policy(db, letter.house.id).await?.count_links;
        Ok(is_offered.then_some(agreed))
    }

    async fn request(&self, token: &str) -> Result<Option<(House, uuid::Uuid)>, DbError> {
        let db = &self.state.db;
        let sealed = consent::read_confirmation(&consent::secret(db, consent::LINKS).await?, token);
        let Some((request, house)): Option<(uuid::Uuid, HouseId)> = sealed else {
            return Ok(None);
        };
        Ok(houses::house(db, house).await?.map(|house| (house, request)))
    }

    fn confirmation(&self, house: &House, request: Option<consent::Request>, token: &str) -> Response {
        let Some(request) = request else {
            return self.nowhere();
        };
        let locale = self.locale([request.language.as_deref(), None]);
        let page = Page::new(self.state, locale, Some(&house.name));
        if request.confirmed { page.confirmed(request.kind) } else { page.confirmation(request.kind, token) }
    }

    fn nowhere(&self) -> Response {
        with_status(StatusCode::NOT_FOUND, Page::new(self.state, self.locale([None, None]), None).nowhere())
    }

    /// The page, or one that says that it cannot be had now.
    fn answer(&self, page: Result<Response, DbError>) -> Response {
        let mut response = page.unwrap_or_else(|error| {
            let failed = AppError::internal(error);
            let page = Page::new(self.state, self.locale([None, None]), None).failed();
            with_status(respond::status_of(&failed), page)
        });
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static("content-security-policy"), page::policy());
        headers.insert(HeaderName::from_static("x-robots-tag"), page::no_robots());
        response
    }
}

fn with_status(status: StatusCode, response: Response) -> Response {
    (status, response).into_response()
}
