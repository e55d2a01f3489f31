//! What the browser asks about requests.

use super::{Entered, EntryPaper, QuickText, RequestLine, RequestList};
use crate::{
    error::AppError,
    house::StationKind,
    ids::{GuestId, QuickTextId, RequestId},
};
use leptos::prelude::*;

/// The requests of this house: those that concern one department, or all.
#[server]
pub async fn requests(#[server(default)] department: Option<StationKind>) -> Result<RequestList, AppError> {
    use crate::{requests::asked::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::HandleRequests>().await?;
    let state = AppState::of_request();
    Ok(store::list(&state.db, &permit, department, state.clock.now()).await?)
}

/// The requests of a guest in this house: open ones, and those that ended of late.
#[server]
pub async fn guest_requests(guest: GuestId) -> Result<RequestList, AppError> {
    use crate::{requests::asked::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::HandleRequests>().await?;
    let state = AppState::of_request();
    Ok(store::of_guest(&state.db, &permit, guest, state.clock.now()).await?)
}

/// What a guest has asked for and is not done: of one kind and for one day, house-local `YYYY-MM-DD`, or all where these
/// are empty.
#[server]
pub async fn open_requests(
    guest: GuestId,
    #[server(default)] kind: String,
    #[server(default)] day: String,
) -> Result<Vec<RequestLine>, AppError> {
    use crate::{
        requests::asked::{RequestKind, store},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require_of_device::<guard::HandleRequests>().await?;
    let (kind_typed, day_typed) = (!kind.is_empty(), !day.is_empty());
    let (kind, day) = (RequestKind::from_code(&kind), day.parse::<chrono::NaiveDate>().ok());
    // What is no kind or no day, nobody has asked for.
    if (kind_typed && kind.is_none()) || (day_typed && day.is_none()) {
        return Ok(Vec::new());
    }
    let state = AppState::of_request();
    Ok(store::open_of(&state.db, &permit, state.clock.now(), guest, kind, day).await?)
}

/// A form in which a request of the guest is entered.
#[server]
pub async fn request_paper(guest: GuestId) -> Result<EntryPaper, AppError> {
    use crate::{requests::asked::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::HandleRequests>().await?;
    let state = AppState::of_request();
    store::paper(&state.db, &permit, state.clock.now(), guest).await
}

/// Enters what a guest asked for: the day is house-local, as is the time (`HH:MM`), which may be empty. Where the guest
/// has asked for the same kind for that day already, nothing is written and the open one is the answer, unless
/// `anyway` says that another is meant. `quick` is the id of words of the house, or empty.
#[server]
pub async fn enter_request(
    id: RequestId,
    guest: GuestId,
    #[server(default)] kind: String,
    #[server(default)] text: String,
    #[server(default)] quick: String,
    #[server(default)] place: String,
    #[server(default)] room: String,
    #[server(default)] day: String,
    #[server(default)] time: String,
    #[server(default)] department: String,
    #[server(default)] anyway: bool,
) -> Result<Entered, AppError> {
    use crate::{
        error::Problem,
        requests::asked::{store, write},
        server::AppState,
        staff::{
            draft::{self, Sent},
            guard,
        },
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 9] = [
        ("guest", &of),
        ("kind", &kind),
        ("text", &text),
        ("quick", &quick),
        ("place", &place),
        ("room", &room),
        ("day", &day),
        ("time", &time),
        ("department", &department),
    ];
    let page = format!("/requests?guest={guest}");
    let sent = Sent::to::<EnterRequest>(page.clone(), &typed);
    let entering = async {
        let permit = guard::require::<guard::HandleRequests>().await?;
        let state = AppState::of_request();
        let now = state.clock.now();
        let words = match quick.parse::<QuickTextId>() {
            Ok(quick) => store::quick_text(&state.db, &permit, quick).await?,
            Err(_) => None,
        };
        let quick = words.as_ref().map(|words| (words.kind, words.text.as_str()));
        let typed = write::Typed {
            kind: &kind,
            text: &text,
            quick,
            place: &place,
            room: &room,
            day: &day,
            time: &time,
            department: &department,
        };
        let local = now.with_timezone(&permit.actor().house.zone()).naive_local();
        let asked = write::read(typed, local).map_err(AppError::Fields)?;
        let entered = store::enter(&state.db, &permit, now, store::NewRequest { id, guest, asked, anyway }).await?;
        // Scripts show the open one from the answer; without them the form comes back, and it stands on its page.
        let without_scripts = draft::is_without_scripts().await?;
        match entered {
            Entered::Known(_) if without_scripts => Err(AppError::field("anyway", Problem::AskedAlready)),
            entered => Ok(entered),
        }
    };
    let entered = sent.ended(entering.await).await?;
    if draft::is_without_scripts().await? {
        leptos_axum::redirect(&format!("{page}&done=entered"));
    }
    Ok(entered)
}

/// Says what becomes of a request: `to` is `arranged` with details such as the plate, `done`, or `declined` with a
/// reason. `seen` is the word for the state that the colleague saw, and `was` the details then: where somebody has
/// decided since, that stands.
#[server]
pub async fn change_request(
    request: RequestId,
    to: String,
    #[server(default)] details: String,
    #[server(default)] reason: String,
    #[server(default)] seen: String,
    #[server(default)] was: String,
) -> Result<(), AppError> {
    use crate::{
        requests::asked::{RequestState, store, write},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = request.to_string();
    let typed: [(&str, &str); 4] = [("request", &of), ("to", &to), ("details", &details), ("reason", &reason)];
    let sent = Sent::back::<ChangeRequest>("/requests", &typed);
    let changing = async {
        let permit = guard::require::<guard::HandleRequests>().await?;
        let state = AppState::of_request();
        let kind = store::kind_of(&state.db, &permit, request).await?;
        let change = write::Change::read(kind, &to, &details, &reason).map_err(AppError::Fields)?;
        let seen = RequestState::from_code(&seen)
            .map(|state| store::Seen { state, details: Some(was.clone()).filter(|was| !was.is_empty()) });
        store::change(&state.db, &permit, state.clock.now(), request, change, seen).await
    };
    sent.ended(changing.await).await
}

/// The words that the house writes again and again.
#[server]
pub async fn quick_texts() -> Result<Vec<QuickText>, AppError> {
    use crate::{requests::asked::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::HandleRequests>().await?;
    Ok(store::quick_texts(&AppState::of_request().db, &permit).await?)
}

/// Keeps words for a kind of request, for everyone in the house.
#[server]
pub async fn save_quick_text(#[server(default)] kind: String, #[server(default)] text: String) -> Result<(), AppError> {
    use crate::{
        error::Problem,
        guests::parse,
        requests::asked::{MAX_QUICK, RequestKind, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let typed: [(&str, &str); 2] = [("kind", &kind), ("text", &text)];
    let sent = Sent::back::<SaveQuickText>("/requests", &typed);
    let saving = async {
        let permit = guard::require::<guard::ManageHouse>().await?;
        let kind = RequestKind::from_code(&kind)
            .ok_or_else(|| AppError::field("kind", Problem::NotKnown(kind.clone(), "@listed".to_owned())))?;
        let text = parse::line(&text, MAX_QUICK as usize)
            .and_then(|text| text.ok_or(Problem::Empty))
            .map_err(|problem| AppError::field("text", problem))?;
        store::save_quick_text(&AppState::of_request().db, &permit, kind, text).await
    };
    sent.ended(saving.await).await
}

/// Takes words away. What was entered with them stays.
#[server]
pub async fn remove_quick_text(quick_text: QuickTextId) -> Result<(), AppError> {
    use crate::{
        requests::asked::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let removing = async {
        let permit = guard::require::<guard::ManageHouse>().await?;
        store::remove_quick_text(&AppState::of_request().db, &permit, quick_text).await
    };
    Sent::back::<RemoveQuickText>("/requests", &[]).ended(removing.await).await
}
