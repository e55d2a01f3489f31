//! What the browser asks about complaints.

use super::{RecoveryList, RecoveryPage, causes::CauseTable};
use crate::{
    error::AppError,
    ids::{GuestId, RecoveryId, StepId},
};
use leptos::prelude::*;

/// Writes a complaint down. Sent twice with one id it is one; a form that has none, because no script runs, is known by
/// who says what about whom on which day.
#[server]
pub async fn raise_recovery(
    #[server(default)] id: String,
    guest: GuestId,
    #[server(default)] what: String,
    #[server(default)] cause: String,
    #[server(default)] place: String,
    #[server(default)] severity: String,
    #[server(default)] promise: String,
    #[server(default)] promise_due: String,
) -> Result<(), AppError> {
    use crate::{
        requests::recovery::{store, write},
        server::{AppState, clock, db::derived},
        staff::{draft::Sent, guard},
    };
    let of = guest.to_string();
    let typed: [(&str, &str); 7] = [
        ("guest", &of),
        ("what", &what),
        ("cause", &cause),
        ("place", &place),
        ("severity", &severity),
        ("promise", &promise),
        ("promise_due", &promise_due),
    ];
    let sent = Sent::back::<RaiseRecovery>(format!("/guests/{guest}"), &typed);
    let raising = async {
        let permit = guard::require::<guard::RaiseRecoveries>().await?;
        let state = AppState::of_request();
        let now = state.clock.now();
        let today = clock::today(now, permit.actor().house.zone());
        let typed = write::Typed {
            what: &what,
            cause: &cause,
            place: &place,
            severity: &severity,
            promise: &promise,
            promise_due: &promise_due,
        };
        let complaint = write::read(typed, today, None).map_err(AppError::Fields)?;
        let id = match id.as_str() {
            "" => {
                let who = permit.actor().staff;
                let said = format!("recovery|{guest}|{who}|{today}|{cause}|{place}|{}", complaint.what);
                RecoveryId(derived(&said))
            }
            id => id.parse()?,
        };
        store::raise(&state.db, &permit, now, id, guest, complaint).await
    };
    sent.ended(raising.await).await
}

/// The complaints of this house: the open ones, or those that are closed where `state` says so.
#[server]
pub async fn recoveries(#[server(default)] state: String) -> Result<RecoveryList, AppError> {
    use crate::{
        requests::recovery::{RecoveryState, store},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require_of_device::<guard::MendRecoveries>().await?;
    let wanted = RecoveryState::from_code(&state).unwrap_or(RecoveryState::Open);
    let state = AppState::of_request();
    Ok(store::list(&state.db, &permit, wanted, state.clock.now()).await?)
}

/// One complaint with all that was done about it. Looking at it is looking at the guest's card.
#[server]
pub async fn open_recovery(recovery: RecoveryId) -> Result<RecoveryPage, AppError> {
    use crate::{
        requests::recovery::store,
        server::AppState,
        staff::{audit, guard},
    };
    let permit = guard::require_of_device::<guard::MendRecoveries>().await?;
    let state = AppState::of_request();
    let now = state.clock.now();
    let page = store::page(&state.db, &permit, recovery, now).await?;
    audit::shown_again(&state.db, permit.actor(), now, page.line.guest).await?;
    Ok(page)
}

/// Changes what is known of a complaint, whose it is, what was promised, and where it stands; `revision` is the one that
/// the form was made from.
#[server]
pub async fn change_recovery(
    recovery: RecoveryId,
    revision: i64,
    #[server(default)] what: String,
    #[server(default)] cause: String,
    #[server(default)] place: String,
    #[server(default)] severity: String,
    #[server(default)] owner: String,
    #[server(default)] promise: String,
    #[server(default)] promise_due: String,
    #[server(default)] result: String,
    #[server(default)] state: String,
) -> Result<(), AppError> {
    use crate::{
        requests::recovery::{store, write},
        server::{AppState, clock},
        staff::{draft::Sent, guard},
    };
    let of = recovery.to_string();
    let typed: [(&str, &str); 10] = [
        ("recovery", &of),
        ("what", &what),
        ("cause", &cause),
        ("place", &place),
        ("severity", &severity),
        ("owner", &owner),
        ("promise", &promise),
        ("promise_due", &promise_due),
        ("result", &result),
        ("state", &state),
    ];
    let sent = Sent::to::<ChangeRecovery>(format!("/recoveries/{recovery}"), &typed);
    let changing = async {
        let permit = guard::require::<guard::MendRecoveries>().await?;
        let app = AppState::of_request();
        let now = app.clock.now();
        let today = clock::today(now, permit.actor().house.zone());
        let seen = store::Seen::of(&app.db, &permit, recovery, revision).await?;
        let typed = write::Typed {
            what: &what,
            cause: &cause,
            place: &place,
            severity: &severity,
            promise: &promise,
            promise_due: &promise_due,
        };
        let complaint = write::read(typed, today, seen.promise_due.as_deref());
        let repair = write::read_repair(write::TypedRepair { owner: &owner, result: &result, state: &state });
        let (complaint, repair) = match (complaint, repair) {
            (Ok(complaint), Ok(repair)) => (complaint, repair),
            (complaint, repair) => {
                let mut refused = complaint.err().unwrap_or_default();
                refused.extend(repair.err().unwrap_or_default());
                return Err(AppError::Fields(refused));
            }
        };
        store::change(&app.db, &permit, now, recovery, &seen, complaint, repair).await
    };
    sent.ended(changing.await).await
}

/// Says what was done about a complaint.
#[server]
pub async fn add_step(step: StepId, recovery: RecoveryId, #[server(default)] text: String) -> Result<(), AppError> {
    use crate::{
        error::Problem,
        requests::recovery::{store, write},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = recovery.to_string();
    let typed: [(&str, &str); 2] = [("recovery", &of), ("text", &text)];
    let sent = Sent::to::<AddStep>(format!("/recoveries/{recovery}"), &typed);
    let adding = async {
        let permit = guard::require::<guard::MendRecoveries>().await?;
        let words = write::text(&text).and_then(|text| text.ok_or(Problem::Empty));
        let words = words.map_err(|problem| AppError::field("text", problem))?;
        let state = AppState::of_request();
        store::add_step(&state.db, &permit, state.clock.now(), step, recovery, words).await
    };
    sent.ended(adding.await).await
}

/// Notes that the guest was told what came of it.
#[server]
pub async fn tell_guest(recovery: RecoveryId) -> Result<(), AppError> {
    use crate::{
        requests::recovery::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = recovery.to_string();
    let telling = async {
        let permit = guard::require::<guard::MendRecoveries>().await?;
        let state = AppState::of_request();
        store::tell_guest(&state.db, &permit, state.clock.now(), recovery).await
    };
    Sent::back::<TellGuest>(format!("/recoveries/{recovery}"), &[("recovery", of.as_str())]).ended(telling.await).await
}

/// Notes that what was promised has been kept.
#[server]
pub async fn keep_promise(recovery: RecoveryId) -> Result<(), AppError> {
    use crate::{
        requests::recovery::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = recovery.to_string();
    let keeping = async {
        let permit = guard::require::<guard::MendRecoveries>().await?;
        let state = AppState::of_request();
        store::keep_promise(&state.db, &permit, state.clock.now(), recovery).await
    };
    Sent::back::<KeepPromise>(format!("/recoveries/{recovery}"), &[("recovery", of.as_str())])
        .ended(keeping.await)
        .await
}

/// Says what a complaint cost, in the house's currency; nothing takes it away. For managers.
#[server]
pub async fn set_cost(recovery: RecoveryId, #[server(default)] amount: String) -> Result<(), AppError> {
    use crate::{
        error::Problem,
        exchange::export_file::money::Currency,
        requests::recovery::{store, write},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let of = recovery.to_string();
    let typed: [(&str, &str); 2] = [("recovery", &of), ("amount", &amount)];
    let sent = Sent::to::<SetCost>(format!("/recoveries/{recovery}"), &typed);
    let setting = async {
        let permit = guard::require::<guard::MendRecoveries>().await?;
        let code = permit.actor().house.currency.clone();
        let cost = match amount.trim() {
            "" => None,
            text => {
                let minor = Currency::parse(&code).and_then(|currency| currency.minor_units(text));
                let problem = || Problem::NotKnown(write::excerpt(text), "@care_amount".to_owned());
                Some((minor.map_err(|_| AppError::field("amount", problem()))?, code))
            }
        };
        store::set_cost(&AppState::of_request().db, &permit, recovery, cost).await
    };
    sent.ended(setting.await).await
}

/// What brought complaints about, by month and place: from one month to another, `YYYY-MM`, or the last months where
/// neither is named.
#[server]
pub async fn causes(#[server(default)] first: String, #[server(default)] last: String) -> Result<CauseTable, AppError> {
    use crate::{
        error::Problem,
        requests::recovery::{
            causes::{months, usual},
            store,
        },
        server::{AppState, clock},
        staff::guard,
    };
    let permit = guard::require_of_device::<guard::MendRecoveries>().await?;
    let state = AppState::of_request();
    let today = clock::today(state.clock.now(), permit.actor().house.zone());
    let asked = if first.is_empty() && last.is_empty() {
        usual(&today.format("%Y-%m").to_string())
    } else {
        let excerpt = format!("{first} – {last}").chars().take(40).collect();
        let refused = || AppError::field("first", Problem::NotKnown(excerpt, "@care_months".to_owned()));
        months(&first, &last).ok_or_else(refused)?
    };
    Ok(store::causes(&state.db, &permit, asked).await?)
}
