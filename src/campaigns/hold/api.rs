//! What a guest's card asks about greetings.

use super::GuestGreetings;
use crate::{error::AppError, ids::GuestId};
use leptos::prelude::*;

/// Whether a guest gets greetings, and what the guest said about that.
#[server]
pub async fn card_greetings(guest: GuestId) -> Result<GuestGreetings, AppError> {
    use crate::{campaigns::hold::store, server::AppState, staff::guard};
    let permit = guard::require_of_device::<guard::HoldGreetings>().await?;
    let state = AppState::of_request();
    store::greetings(&state.db, &permit, guest, state.clock.now()).await
}

/// Keeps a guest from being greeted until a day, or until somebody ends it.
#[server]
pub async fn hold_greetings(guest: GuestId, reason: String, until: String) -> Result<(), AppError> {
    use crate::{
        campaigns::hold::{MAX_REASON, store},
        error::{FieldError, Problem},
        guests::parse,
        server::{AppState, clock},
        staff::{draft::Sent, guard},
    };
    use chrono::NaiveDate;
    let of = guest.to_string();
    let typed: [(&str, &str); 3] = [("guest", &of), ("reason", &reason), ("until", &until)];
    let sent = Sent::back::<HoldGreetings>(format!("/guests/{guest}"), &typed);
    let holding = async {
        let permit = guard::require::<guard::HoldGreetings>().await?;
        let state = AppState::of_request();
        let now = state.clock.now();
        let today = clock::today(now, permit.actor().house.zone());
        let mut errors = Vec::new();
        let mut refuse = |field: &str, problem| errors.push(FieldError { field: field.to_owned(), problem });
        let words = parse::line(&reason, MAX_REASON as usize).and_then(|words| words.ok_or(Problem::Empty));
        let words = words.map_err(|problem| refuse("reason", problem)).unwrap_or_default();
        let until = until.trim();
        let last: Option<NaiveDate> = if until.is_empty() { None } else { until.parse().ok() };
        let excerpt: String = until.chars().take(40).collect();
        if last.is_none() && !until.is_empty() {
            refuse("until", Problem::NotDate(excerpt));
        } else if last.is_some_and(|last| last < today) {
            refuse("until", Problem::NotKnown(excerpt, "@from_today".to_owned()));
        }
        if !errors.is_empty() {
            return Err(AppError::Fields(errors));
        }
        store::set(&state.db, &permit, guest, words, last, now).await
    };
    sent.ended(holding.await).await
}

/// Ends a guest's hold.
#[server]
pub async fn end_hold(guest: GuestId) -> Result<(), AppError> {
    use crate::{
        campaigns::hold::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let ending = async {
        let permit = guard::require::<guard::HoldGreetings>().await?;
        store::end(&AppState::of_request().db, &permit, guest).await
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 1] = [("guest", &of)];
    Sent::back::<EndHold>(format!("/guests/{guest}"), &typed).ended(ending.await).await
}

/// Asks a guest by e-mail for consent: to the kind of greetings that is named, or to all where it is empty.
#[server]
pub async fn ask_consent(guest: GuestId, #[server(default)] kind: String) -> Result<(), AppError> {
    use crate::{
        campaigns::hold::{asking, spoken},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 2] = [("guest", &of), ("kind", &kind)];
    let sent = Sent::back::<AskConsent>(format!("/guests/{guest}"), &typed);
    let asking = async {
        let permit = guard::require::<guard::HoldGreetings>().await?;
        let about = spoken::kind(&kind).map_err(|problem| AppError::field("kind", problem))?;
        asking::ask(&AppState::of_request(), &permit, guest, about, None).await
    };
    sent.ended(asking.await).await
}

/// Takes down what a guest told a colleague: yes or no (`answer`), to the kind of greetings that is named or to
/// all where it is empty, by which way, and in which words.
#[server]
pub async fn take_down_consent(
    guest: GuestId,
    #[server(default)] kind: String,
    #[server(default)] answer: String,
    #[server(default)] way: String,
    #[server(default)] words: String,
    #[server(default)] language: String,
) -> Result<(), AppError> {
    use crate::{
        campaigns::hold::spoken::{self, Typed},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 6] = [
        ("guest", &of),
        ("kind", &kind),
        ("answer", &answer),
        ("way", &way),
        ("words", &words),
        ("language", &language),
    ];
    let sent = Sent::back::<TakeDownConsent>(format!("/guests/{guest}"), &typed);
    let taking = async {
        let permit = guard::require::<guard::HoldGreetings>().await?;
        let typed = Typed { kind: &kind, answer: &answer, way: &way, words: &words, language: &language };
        let told = spoken::read(typed).map_err(AppError::Fields)?;
        spoken::take_down(&AppState::of_request(), &permit, guest, told).await
    };
    sent.ended(taking.await).await
}

/// Lifts the suppression of a guest's address, for a reason.
#[server]
pub async fn lift_suppression(guest: GuestId, #[server(default)] why: String) -> Result<(), AppError> {
    use crate::{
        campaigns::hold::{MAX_REASON, store},
        error::Problem,
        guests::parse,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 2] = [("guest", &of), ("why", &why)];
    let sent = Sent::back::<LiftSuppression>(format!("/guests/{guest}"), &typed);
    let lifting = async {
        let permit = guard::require::<guard::PlanGreetings>().await?;
        let words = parse::line(&why, MAX_REASON as usize).and_then(|words| words.ok_or(Problem::Empty));
        let words = words.map_err(|problem| AppError::field("why", problem))?;
        let state = AppState::of_request();
        store::lift(&state.db, &permit, guest, words, state.clock.now()).await
    };
    sent.ended(lifting.await).await
}
