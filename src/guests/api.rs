//! What the browser asks of the guests' room.

use super::{
    card::GuestCard,
    form::{self, GuestFormPage, Saved},
};
use crate::{
    error::AppError,
    ids::{GuestId, NoteId, PreferenceId},
    stays::GuestLine,
};
use leptos::prelude::*;

/// Guests by name in any order, part or script, by room, and by what else the role may search by.
#[server]
pub async fn search(q: String) -> Result<Vec<GuestLine>, AppError> {
    use crate::{server::AppState, staff::guard};
    let permit = guard::require::<guard::SeeGuests>().await?;
    if q.trim().is_empty() {
        return Ok(Vec::new());
    }
    AppState::of_request().search.find(&permit, &q).await.map_err(AppError::internal)
}

/// The card of a guest for the role that opens it. Opening it is audited.
#[server]
pub async fn open_card(guest: GuestId) -> Result<GuestCard, AppError> {
    use crate::{
        server::AppState,
        staff::{audit, guard},
    };
    let permit = guard::require::<guard::SeeGuests>().await?;
    let state = AppState::of_request();
    let card = card_of(&state, permit.actor(), guest).await?;
    audit::shown_anew(&state.db, permit.actor(), state.clock.now(), guest).await?;
    Ok(card)
}

/// A card that is open, as it is now. Pages ask for it by themselves, so it is neither use of the device
/// nor, for a while, audited again.
#[server]
pub async fn refresh_card(guest: GuestId) -> Result<GuestCard, AppError> {
    use crate::{
        server::AppState,
        staff::{audit, guard},
    };
    let permit = guard::require_of_device::<guard::SeeGuests>().await?;
    let state = AppState::of_request();
    let card = card_of(&state, permit.actor(), guest).await?;
    audit::shown_again(&state.db, permit.actor(), state.clock.now(), guest).await?;
    Ok(card)
}

#[cfg(feature = "ssr")]
async fn card_of(
    state: &crate::server::AppState,
    actor: &crate::staff::guard::Actor,
    guest: GuestId,
) -> Result<GuestCard, AppError> {
    let dossier = super::store::opened(&state.db, &actor.house, state.clock.now(), guest).await?;
    GuestCard::for_role(actor.role, dossier.ok_or(AppError::NotFound)?).ok_or(AppError::Forbidden)
}

/// The form of a profile, new or existing; with `draft`, what was refused when it was last sent. A new one begins with
/// the telephone number of whoever calls, where there is one.
#[server]
pub async fn guest_form(
    guest: Option<GuestId>,
    draft: bool,
    #[server(default)] phone: String,
) -> Result<GuestFormPage, AppError> {
    use crate::{
        guests::store,
        server::AppState,
        staff::{audit, draft, guard},
    };
    let permit = guard::require::<guard::EditGuests>().await?;
    let state = AppState::of_request();
    if draft
        && let Some(page) = draft::take::<GuestFormPage>(GUEST_DRAFT).await?
        && page.guest == guest
    {
        return Ok(page);
    }
    let Some(id) = guest else {
        return Ok(GuestFormPage {
            guest: None,
            revision: 0,
            form: form::GuestForm {
                vip: "0".to_owned(),
                phones: crate::calls::from_address(&phone),
                ..form::GuestForm::default()
            },
            errors: Vec::new(),
            changed: Vec::new(),
        });
    };
    let guest = store::guest(&state.db, id).await?.ok_or(AppError::NotFound)?;
    audit::write(&state.db, permit.actor(), audit::Action::OpenedCard, Some(id)).await?;
    let form = form::GuestForm::from(&guest);
    draft::remember(id, guest.revision, &form).await?;
    Ok(GuestFormPage { guest: Some(id), revision: guest.revision, form, errors: Vec::new(), changed: Vec::new() })
}

/// The name under which a refused profile form waits in the session.
pub const GUEST_DRAFT: &str = "guest";

/// Makes or changes a profile. What is refused comes back as typed; what a colleague changed since
/// the form was opened is shown instead of being overwritten.
#[server]
pub async fn save_guest(
    guest: Option<GuestId>,
    revision: i64,
    #[server(default)] form: form::GuestForm,
) -> Result<Saved, AppError> {
    use crate::{
        guests::{
            form::Changed,
            parse::GuestDraft,
            store::{self, Change},
        },
        server::AppState,
        staff::{draft, guard},
    };
    let permit = guard::require::<guard::EditGuests>().await?;
    let state = AppState::of_request();
    let edit_page = guest.map_or_else(|| "/guests/new".to_owned(), |guest| format!("/guests/{guest}/edit"));
    let refuse = |revision, form: &form::GuestForm, errors, changed| GuestFormPage {
        guest,
        revision,
        form: form.clone(),
        errors,
        changed,
    };
    let parsed = match GuestDraft::try_from(form.clone()) {
        Ok(parsed) => parsed,
        Err(errors) => {
            let page = refuse(revision, &form, errors, Vec::new());
            draft::keep(GUEST_DRAFT, &page, &edit_page).await?;
            return Ok(Saved::Refused(Box::new(page)));
        }
    };
    let Some(id) = guest else {
        let id = store::create(&state.db, &permit, parsed).await?;
        leptos_axum::redirect(&format!("/guests/{id}"));
        return Ok(Saved::Done(id));
    };
    let Change::Moved(now) = store::update(&state.db, &permit, id, revision, parsed.clone()).await? else {
        leptos_axum::redirect(&format!("/guests/{id}"));
        return Ok(Saved::Done(id));
    };
    let theirs = form::GuestForm::from(now.as_ref());
    let opened = draft::opened(id, revision).await?;
    let was = opened.clone().unwrap_or_else(|| form.clone());
    // What this editor left alone follows the colleague; what both changed is shown, and is decided by
    // saving again.
    let merged = form.clone().with_changes(&was, &theirs);
    let changed: Vec<Changed> = was
        .fields()
        .into_iter()
        .zip(theirs.fields())
        .zip(merged.fields())
        .filter(|(((_, was), (_, is)), _)| was != is)
        .map(|(((field, was), (_, is)), (_, yours))| Changed { field: field.to_owned(), was, is, yours })
        .collect();
    // The profile moved on in something that is not in this form (its photograph): nothing to decide.
    if opened.is_some()
        && changed.is_empty()
        && let Change::Kept = store::update(&state.db, &permit, id, now.revision, parsed).await?
    {
        leptos_axum::redirect(&format!("/guests/{id}"));
        return Ok(Saved::Done(id));
    }
    draft::remember(id, now.revision, &theirs).await?;
    let page = refuse(now.revision, &merged, Vec::new(), changed);
    draft::keep(GUEST_DRAFT, &page, &edit_page).await?;
    Ok(Saved::Refused(Box::new(page)))
}

/// Writes a preference down: a coded one, or one in words.
#[server]
pub async fn add_preference(
    guest: GuestId,
    group: String,
    value: String,
    #[server(default)] stated: bool,
) -> Result<(), AppError> {
    use crate::{
        error::Problem,
        guests::{PreferenceCode, PreferenceGroup, PreferenceValue, parse, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let (of, how) = (guest.to_string(), stated.to_string());
    let typed: [(&str, &str); 4] = [("guest", &of), ("group", &group), ("value", &value), ("stated", &how)];
    let sent = Sent::back::<AddPreference>(format!("/guests/{guest}"), &typed);
    let adding = async {
        let permit = guard::require::<guard::WritePreferences>().await?;
        let state = AppState::of_request();
        let (group, value) = match PreferenceCode::from_code(value.trim()) {
            // A coded preference knows its group.
            Some(code) => (code.group(), PreferenceValue::Coded(code)),
            None => {
                let group = PreferenceGroup::from_code(&group)
                    .ok_or_else(|| AppError::field("group", Problem::NotKnown(group.clone(), "@listed".to_owned())))?;
                let text = parse::line(&value, 200)
                    .and_then(|text| text.ok_or(Problem::Empty))
                    .map_err(|problem| AppError::field("value", problem))?;
                (group, PreferenceValue::Text(text))
            }
        };
        store::add_preference(&state.db, &permit, state.clock.now(), guest, group, value, stated).await
    };
    sent.ended(adding.await).await
}

/// Takes a preference away.
#[server]
pub async fn remove_preference(guest: GuestId, preference: PreferenceId) -> Result<(), AppError> {
    use crate::{
        guests::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let removing = async {
        let permit = guard::require::<guard::WritePreferences>().await?;
        store::remove_preference(&AppState::of_request().db, &permit, guest, preference).await
    };
    Sent::back::<RemovePreference>(format!("/guests/{guest}"), &[]).ended(removing.await).await
}

/// Adds a note for an audience to which the author belongs; `until` is the last day on which it is shown, `YYYY-MM-DD`,
/// or empty.
#[server]
pub async fn add_note(
    guest: GuestId,
    text: String,
    audience: String,
    #[server(default)] until: String,
) -> Result<(), AppError> {
    use crate::{
        error::Problem,
        guests::{Audience, parse, store},
        server::{AppState, clock},
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 4] = [("guest", &of), ("text", &text), ("audience", &audience), ("until", &until)];
    let sent = Sent::back::<AddNote>(format!("/guests/{guest}"), &typed);
    let adding = async {
        let permit = guard::require::<guard::WriteNotes>().await?;
        let text = parse::text(&text, 2_000)
            .and_then(|text| text.ok_or(Problem::Empty))
            .map_err(|problem| AppError::field("text", problem))?;
        let audience = Audience::from_code(&audience)
            .ok_or_else(|| AppError::field("audience", Problem::NotKnown(audience.clone(), "@listed".to_owned())))?;
        let state = AppState::of_request();
        let now = state.clock.now();
        let until = parse::last_day(&until, clock::today(now, permit.actor().house.zone()))
            .map_err(|problem| AppError::field("until", problem))?;
        store::add_note(&state.db, &permit, now, guest, text, audience, until).await
    };
    sent.ended(adding.await).await
}

/// Removes a note: one's own, or any as a manager.
#[server]
pub async fn remove_note(guest: GuestId, note: NoteId) -> Result<(), AppError> {
    use crate::{
        guests::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let removing = async {
        let permit = guard::require::<guard::WriteNotes>().await?;
        store::remove_note(&AppState::of_request().db, &permit, guest, note).await
    };
    Sent::back::<RemoveNote>(format!("/guests/{guest}"), &[]).ended(removing.await).await
}

/// Takes the photograph away.
#[server]
pub async fn remove_photo(guest: GuestId) -> Result<(), AppError> {
    use crate::{guests::store, server::AppState, staff::guard};
    let permit = guard::require::<guard::EditGuests>().await?;
    store::set_photo(&AppState::of_request().db, &permit, guest, None).await
}
