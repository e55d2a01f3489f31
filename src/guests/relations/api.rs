//! What the browser asks about the people around a guest.

use super::PeoplePage;
use crate::{
    error::AppError,
    ids::{ChildId, GuestId, OccasionId, PartyId},
};
use leptos::prelude::*;

/// The people around a guest, and the days that the house keeps of him; with `other`, who was chosen to be related to
/// him.
#[server]
pub async fn people_around(guest: GuestId, #[server(default)] other: Option<GuestId>) -> Result<PeoplePage, AppError> {
    use crate::{
        guests::relations::store,
        server::AppState,
        staff::{audit, guard},
    };
    let permit = guard::require_of_device::<guard::SeeLists>().await?;
    let state = AppState::of_request();
    let now = state.clock.now();
    let page = store::page(&state.db, &permit, now, guest, other).await?;
    audit::shown_again(&state.db, permit.actor(), now, guest).await?;
    Ok(page)
}

/// Says what `other` is to the guest: it is told on the cards of both.
#[server]
pub async fn relate(guest: GuestId, other: GuestId, #[server(default)] relation: String) -> Result<(), AppError> {
    use crate::{
        guests::relations::{parse, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let (of, to) = (guest.to_string(), other.to_string());
    let typed: [(&str, &str); 3] = [("guest", &of), ("other", &to), ("relation", &relation)];
    let sent = Sent::to::<Relate>(format!("/guests/{guest}/people?with={other}"), &typed);
    let relating = async {
        let permit = guard::require::<guard::WriteNotes>().await?;
        let relation = parse::relation(&relation).map_err(|problem| AppError::field("relation", problem))?;
        let state = AppState::of_request();
        store::relate(&state.db, &permit, state.clock.now(), guest, other, relation).await
    };
    sent.ended(relating.await).await
}

/// Takes away that `other` is this to the guest, from the cards of both.
#[server]
pub async fn unrelate(guest: GuestId, other: GuestId, #[server(default)] relation: String) -> Result<(), AppError> {
    use crate::{
        guests::relations::{parse, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let removing = async {
        let permit = guard::require::<guard::WriteNotes>().await?;
        let relation = parse::relation(&relation).map_err(|problem| AppError::field("relation", problem))?;
        store::unrelate(&AppState::of_request().db, &permit, guest, other, relation).await
    };
    Sent::to::<Unrelate>(format!("/guests/{guest}/people"), &[]).ended(removing.await).await
}

/// Writes a child of the household down. A child of that name that is known already is written anew.
#[server]
pub async fn add_child(
    guest: GuestId,
    #[server(default)] name: String,
    #[server(default)] birthday: String,
    #[server(default)] likes: String,
) -> Result<(), AppError> {
    use crate::{
        guests::relations::{parse, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 4] = [("guest", &of), ("name", &name), ("birthday", &birthday), ("likes", &likes)];
    let sent = Sent::to::<AddChild>(format!("/guests/{guest}/people"), &typed);
    let adding = async {
        let permit = guard::require::<guard::WriteNotes>().await?;
        let child = parse::child(&name, &birthday, &likes).map_err(AppError::Fields)?;
        let state = AppState::of_request();
        store::add_child(&state.db, &permit, state.clock.now(), guest, child).await
    };
    sent.ended(adding.await).await
}

/// Takes a child of the household away.
#[server]
pub async fn remove_child(guest: GuestId, child: ChildId) -> Result<(), AppError> {
    use crate::{
        guests::relations::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let removing = async {
        let permit = guard::require::<guard::WriteNotes>().await?;
        store::remove_child(&AppState::of_request().db, &permit, guest, child).await
    };
    Sent::to::<RemoveChild>(format!("/guests/{guest}/people"), &[]).ended(removing.await).await
}

/// Has the house keep a day of the guest: `YYYY-MM-DD`, or `MM-DD` without the year. `lead_days` before it the house is
/// told; 3 where it is empty.
#[server]
pub async fn save_occasion(
    guest: GuestId,
    #[server(default)] kind: String,
    #[server(default)] text: String,
    #[server(default)] day: String,
    #[server(default)] lead_days: String,
) -> Result<(), AppError> {
    use crate::{
        guests::relations::{parse, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 5] =
        [("guest", &of), ("kind", &kind), ("text", &text), ("day", &day), ("lead_days", &lead_days)];
    let sent = Sent::to::<SaveOccasion>(format!("/guests/{guest}/people"), &typed);
    let saving = async {
        let permit = guard::require::<guard::WriteNotes>().await?;
        let occasion = parse::occasion(&kind, &text, &day, &lead_days).map_err(AppError::Fields)?;
        let state = AppState::of_request();
        store::save_occasion(&state.db, &permit, state.clock.now(), guest, occasion).await
    };
    sent.ended(saving.await).await
}

/// Has the house keep a day no more.
#[server]
pub async fn remove_occasion(guest: GuestId, occasion: OccasionId) -> Result<(), AppError> {
    use crate::{
        guests::relations::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let removing = async {
        let permit = guard::require::<guard::WriteNotes>().await?;
        let state = AppState::of_request();
        store::remove_occasion(&state.db, &permit, state.clock.now(), guest, occasion).await
    };
    Sent::to::<RemoveOccasion>(format!("/guests/{guest}/people"), &[]).ended(removing.await).await
}

/// Has `other` travel with the guest: in the party that the guest is of, or in one of those two from a day to another,
/// house-local `YYYY-MM-DD`, which the guest leads.
#[server]
pub async fn travel_together(
    guest: GuestId,
    other: GuestId,
    #[server(default)] party: Option<PartyId>,
    #[server(default)] name: String,
    #[server(default)] arrival: String,
    #[server(default)] departure: String,
) -> Result<(), AppError> {
    use crate::{
        guests::relations::{parse, store},
        server::{AppState, clock},
        staff::{draft::Sent, guard},
    };
    let (of, to) = (guest.to_string(), other.to_string());
    let typed: [(&str, &str); 5] =
        [("guest", &of), ("other", &to), ("name", &name), ("arrival", &arrival), ("departure", &departure)];
    let sent = Sent::to::<TravelTogether>(format!("/guests/{guest}/people?with={other}"), &typed);
    let joining = async {
        let permit = guard::require::<guard::WriteNotes>().await?;
        let state = AppState::of_request();
        if let Some(party) = party {
            return store::join(&state.db, &permit, guest, other, party).await;
        }
        let now = state.clock.now();
        let today = clock::today(now, permit.actor().house.zone());
        let party = parse::party(&name, &arrival, &departure, today).map_err(AppError::Fields)?;
        store::set_out(&state.db, &permit, now, guest, other, party).await
    };
    sent.ended(joining.await).await
}

/// Changes the name and the days of a party of which the guest is.
#[server]
pub async fn change_party(
    guest: GuestId,
    party: PartyId,
    #[server(default)] name: String,
    #[server(default)] arrival: String,
    #[server(default)] departure: String,
) -> Result<(), AppError> {
    use crate::{
        guests::relations::{parse, store},
        server::{AppState, clock},
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 4] = [("guest", &of), ("name", &name), ("arrival", &arrival), ("departure", &departure)];
    let sent = Sent::to::<ChangeParty>(format!("/guests/{guest}/people"), &typed);
    let changing = async {
        let permit = guard::require::<guard::WriteNotes>().await?;
        let state = AppState::of_request();
        let today = clock::today(state.clock.now(), permit.actor().house.zone());
        let changed = parse::party(&name, &arrival, &departure, today).map_err(AppError::Fields)?;
        store::change_party(&state.db, &permit, guest, party, changed).await
    };
    sent.ended(changing.await).await
}

/// Takes a member out of a party of which the guest is. What is left of it with fewer than two is no party.
#[server]
pub async fn leave_party(guest: GuestId, party: PartyId, member: GuestId) -> Result<(), AppError> {
    use crate::{
        guests::relations::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let leaving = async {
        let permit = guard::require::<guard::WriteNotes>().await?;
        store::leave_party(&AppState::of_request().db, &permit, guest, party, member).await
    };
    Sent::to::<LeaveParty>(format!("/guests/{guest}/people"), &[]).ended(leaving.await).await
}
