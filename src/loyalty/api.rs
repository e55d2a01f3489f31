//! What the browser asks about points, tiers and vouchers.

use super::{
    form::{RulesForm, RulesPage},
    page::GuestPoints,
};
use crate::{
    error::AppError,
    ids::{GuestId, OnceId},
};
use leptos::prelude::*;

/// A guest's points, as much of them as the role sees: of the ledger the entries below a number, or the newest.
#[server]
pub async fn points_page(guest: GuestId, #[server(default)] below: Option<i64>) -> Result<GuestPoints, AppError> {
    use crate::{
        loyalty::store,
        server::AppState,
        staff::{audit, guard},
    };
    let permit = guard::require_of_device::<guard::SeePoints>().await?;
    let state = AppState::of_request();
    let now = state.clock.now();
    let page = store::points_page(&state.db, &permit, guest, below, now).await?;
    audit::shown_again(&state.db, permit.actor(), now, guest).await?;
    Ok(page)
}

/// Spends a guest's points. What is sent twice under one id counts once.
#[server]
pub async fn redeem_points(
    once: OnceId,
    guest: GuestId,
    #[server(default)] points: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    use crate::{
        loyalty::{parse, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 3] = [("guest", &of), ("points", &points), ("reason", &reason)];
    let sent = Sent::to::<RedeemPoints>(format!("/guests/{guest}/points"), &typed);
    let redeeming = async {
        let permit = guard::require::<guard::RedeemPoints>().await?;
        let (points, reason) = parse::moved(&points, &reason).map_err(AppError::Fields)?;
        let state = AppState::of_request();
        store::redeem(&state.db, &permit, once, guest, points, &reason, state.clock.now()).await
    };
    sent.ended(redeeming.await).await
}

/// Gives a guest points: those of one of the programme's reasons, or so many by hand. What is sent twice under one id
/// counts once.
#[server]
pub async fn give_points(
    once: OnceId,
    guest: GuestId,
    #[server(default)] extra: String,
    #[server(default)] points: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    use crate::{
        loyalty::{
            parse,
            store::{self, Given},
        },
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 4] = [("guest", &of), ("extra", &extra), ("points", &points), ("reason", &reason)];
    let sent = Sent::to::<GivePoints>(format!("/guests/{guest}/points"), &typed);
    let giving = async {
        let permit = guard::require::<guard::RedeemPoints>().await?;
        let given = if extra.is_empty() {
            let (points, reason) = parse::moved(&points, &reason).map_err(AppError::Fields)?;
            Given::ByHand(points, reason)
        } else {
            Given::Extra(extra.clone())
        };
        let state = AppState::of_request();
        store::give(&state.db, &permit, once, guest, &given, state.clock.now()).await
    };
    sent.ended(giving.await).await
}

/// Takes back what was posted, once.
#[server]
pub async fn reverse_points(entry: String) -> Result<(), AppError> {
    use crate::{
        loyalty::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let typed: [(&str, &str); 1] = [("entry", &entry)];
    let sent = Sent::back::<ReversePoints>("/guests", &typed);
    let reversing = async {
        let permit = guard::require::<guard::SetLoyalty>().await?;
        let state = AppState::of_request();
        store::reverse(&state.db, &permit, &entry, state.clock.now()).await.map(drop)
    };
    sent.ended(reversing.await).await
}

/// Issues a voucher, as a present or for points. What is sent twice under one id is one.
#[server]
pub async fn issue_voucher(
    once: OnceId,
    guest: GuestId,
    #[server(default)] what: String,
    #[server(default)] amount: String,
    #[server(default)] expires: String,
    #[server(default)] points: String,
) -> Result<(), AppError> {
    use crate::{
        loyalty::{parse, store},
        server::{AppState, clock},
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 5] =
        [("guest", &of), ("what", &what), ("amount", &amount), ("expires", &expires), ("points", &points)];
    let sent = Sent::to::<IssueVoucher>(format!("/guests/{guest}/points"), &typed);
    let issuing = async {
        let permit = guard::require::<guard::RedeemPoints>().await?;
        let state = AppState::of_request();
        let (house, now) = (&permit.actor().house, state.clock.now());
        let currency = store::currency_of(&state.db, house).await?;
        let typed = parse::TypedVoucher { what: &what, amount: &amount, expires: &expires, points: &points };
        let today = clock::today(now, house.zone());
        let new = parse::voucher(once, guest, typed, &currency, today).map_err(AppError::Fields)?;
        store::issue(&state.db, &permit, &new, now).await.map(drop)
    };
    sent.ended(issuing.await).await
}

/// Uses a guest's voucher. The first one wins.
#[server]
pub async fn redeem_voucher(guest: GuestId, #[server(default)] code: String) -> Result<(), AppError> {
    use crate::{
        loyalty::{parse, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 2] = [("guest", &of), ("code", &code)];
    let sent = Sent::to::<RedeemVoucher>(format!("/guests/{guest}/points"), &typed);
    let redeeming = async {
        let permit = guard::require::<guard::RedeemPoints>().await?;
        let code = parse::code(&code).map_err(|problem| AppError::field("code", problem))?;
        let state = AppState::of_request();
        store::redeem_voucher(&state.db, &permit, guest, &code, state.clock.now()).await
    };
    sent.ended(redeeming.await).await
}

/// Withdraws a voucher that has not been used.
#[server]
pub async fn withdraw_voucher(#[server(default)] code: String) -> Result<(), AppError> {
    use crate::{
        loyalty::{parse, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let typed: [(&str, &str); 1] = [("code", &code)];
    let sent = Sent::back::<WithdrawVoucher>("/guests", &typed);
    let withdrawing = async {
        let permit = guard::require::<guard::SetLoyalty>().await?;
        let code = parse::code(&code).map_err(|problem| AppError::field("code", problem))?;
        let state = AppState::of_request();
        store::withdraw(&state.db, &permit, &code, state.clock.now()).await.map(drop)
    };
    sent.ended(withdrawing.await).await
}

/// The rules of points: those of the manager's house (`house`, or anything else), or the chain's (`chain`).
#[server]
pub async fn loyalty_rules(#[server(default)] scope: String) -> Result<RulesPage, AppError> {
    use crate::{
        loyalty::{Scope, store},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require_of_device::<guard::SetLoyalty>().await?;
    let scope = Scope::from_code(&scope).unwrap_or(Scope::House);
    Ok(store::rules_page(&AppState::of_request().db, &permit, scope).await?)
}

/// Keeps the rules of points.
#[server]
pub async fn save_loyalty(
    #[server(default)] scope: String,
    revision: i64,
    #[server(default)] form: RulesForm,
) -> Result<(), AppError> {
    use crate::{
        loyalty::{Scope, parse, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let scope = Scope::from_code(&scope).unwrap_or(Scope::House);
    let mut typed = form.typed();
    typed.push(("scope", scope.code()));
    let sent = Sent::to::<SaveLoyalty>(format!("/manage/loyalty?for={}", scope.code()), &typed);
    let saving = async {
        let permit = guard::require::<guard::SetLoyalty>().await?;
        let programme = parse::programme(&form).map_err(AppError::Fields)?;
        let state = AppState::of_request();
        store::save(&state.db, &permit, scope, revision, &programme, state.clock.now()).await
    };
    sent.ended(saving.await).await
}

/// Has the manager's house follow the chain's rules of points.
#[server]
pub async fn follow_chain() -> Result<(), AppError> {
    use crate::{
        loyalty::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let following = async {
        let permit = guard::require::<guard::SetLoyalty>().await?;
        store::follow_chain(&AppState::of_request().db, &permit).await
    };
    Sent::to::<FollowChain>("/manage/loyalty", &[]).ended(following.await).await
}
