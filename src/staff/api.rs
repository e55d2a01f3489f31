//! Signing in and out, and looking after the staff.

use super::{AuditRow, Me, StaffRow};
use crate::{
    error::{AppError, Refused},
    ids::StaffId,
};
use leptos::prelude::*;

/// Who uses this browser; nobody, if no one is signed in.
#[server]
pub async fn who_am_i() -> Result<Option<Me>, AppError> {
    match signed_in().await {
        Ok(actor) => Ok(Some(me_of(&actor, &crate::server::AppState::of_request().config))),
        Err(AppError::SignedOut) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Signs in, under a new session, and goes on to the page that was wanted.
#[server]
pub async fn sign_in(login: String, password: String, #[server(default)] next: Option<String>) -> Result<(), AppError> {
    use crate::staff::{draft::Sent, session::on_the_way, sign_in};
    let page = on_the_way("/sign-in", next.as_deref());
    let came = sign_in::sign_in(&login, password, next.as_deref()).await;
    Sent::to::<SignIn>(page, &[("login", &login)]).ended(came).await
}

/// Signs out. Streams of this session end. A `session` ([`Me::session`]) is that of whoever has left, or whom the page
/// showed: whoever has signed in since in this browser stays.
#[server]
pub async fn sign_out(#[server(default)] session: Option<String>) -> Result<(), AppError> {
    super::sign_in::sign_out(session.as_deref()).await
}

/// Opens the profiles again on a device that nobody has used for a while.
#[server]
pub async fn unlock(password: String, #[server(default)] next: Option<String>) -> Result<(), AppError> {
    use crate::staff::{draft::Sent, session::on_the_way, sign_in};
    let page = on_the_way("/lock", next.as_deref());
    let came = sign_in::unlock(password, next.as_deref()).await;
    Sent::to::<Unlock>(page, &[]).ended(came).await
}

/// Tells the house that a person is using this device. Pages report it themselves, because what they load
/// says nothing of it. It does not open what has been locked.
#[server]
pub async fn still_here() -> Result<(), AppError> {
    use crate::{server::AppState, staff::session};
    let session = leptos_axum::extract::<tower_sessions::Session>().await.map_err(AppError::internal)?;
    signed_in().await?;
    session::touch(&AppState::of_request(), &session).await
}

/// The form that this browser posted without scripts and that was refused, if its page has not shown it
/// yet: it is told once.
#[server]
pub async fn refused_form() -> Result<Option<Refused>, AppError> {
    super::draft::refused().await
}

/// Whether the first manager is still to be made.
#[server]
pub async fn setup_needed() -> Result<bool, AppError> {
    Ok(super::store::is_empty(&crate::server::AppState::of_request().db).await?)
}

/// Makes the first house with its first stations, and its first manager.
#[server]
pub async fn set_up(
    house_name: String,
    house_code: String,
    timezone: String,
    currency: String,
    name: String,
    login: String,
    password: String,
    password_again: String,
) -> Result<(), AppError> {
    use crate::staff::first_start::{self, FirstStart};
    let form = FirstStart { house_name, house_code, timezone, currency, name, login };
    first_start::set_up(form, password, password_again).await
}

/// Everyone who works in this house.
#[server]
pub async fn staff_list() -> Result<Vec<StaffRow>, AppError> {
    use crate::{
        server::AppState,
        staff::{guard, store},
    };
    let permit = guard::require_of_device::<guard::ManageStaff>().await?;
    Ok(store::list(&AppState::of_request().db, &permit).await?)
}

/// Adds a colleague.
#[server]
pub async fn add_staff(login: String, name: String, role: String, password: String) -> Result<(), AppError> {
    use crate::{
        server::AppState,
        staff::{draft::Sent, guard, parse, store},
    };
    let sent = Sent::to::<AddStaff>("/manage/staff#add", &[("login", &login), ("name", &name), ("role", &role)]);
    let adding = async {
        let permit = guard::require::<guard::ManageStaff>().await?;
        let new = parse::new_staff(&login, &name, &role, password).await?;
        store::add(&AppState::of_request().db, &permit, new).await
    };
    sent.ended(adding.await).await
}

/// Gives a colleague another role.
#[server]
pub async fn set_role(staff: StaffId, role: String) -> Result<(), AppError> {
    use crate::{
        server::AppState,
        staff::{
            draft::Sent,
            guard, parse,
            store::{self, StaffChange},
        },
    };
    let changing = async {
        let permit = guard::require::<guard::ManageStaff>().await?;
        let role = parse::role(&role).map_err(|problem| AppError::field("role", problem))?;
        store::change(&AppState::of_request().db, &permit, staff, StaffChange::Role(role)).await
    };
    Sent::to::<SetRole>("/manage/staff", &[]).ended(changing.await).await
}

/// Closes or reopens a colleague's account.
#[server]
pub async fn set_active(staff: StaffId, active: bool) -> Result<(), AppError> {
    use crate::{
        server::AppState,
        staff::{
            draft::Sent,
            guard,
            store::{self, StaffChange},
        },
    };
    let changing = async {
        let permit = guard::require::<guard::ManageStaff>().await?;
        store::change(&AppState::of_request().db, &permit, staff, StaffChange::Active(active)).await
    };
    Sent::to::<SetActive>("/manage/staff", &[]).ended(changing.await).await
}

/// Gives a colleague a new password.
#[server]
pub async fn set_password(staff: StaffId, password: String) -> Result<(), AppError> {
    use crate::{
        server::AppState,
        staff::{
            draft::Sent,
            guard, password as passwords,
            store::{self, StaffChange},
        },
    };
    let changing = async {
        let permit = guard::require::<guard::ManageStaff>().await?;
        passwords::check(&password).map_err(|problem| AppError::field("password", problem))?;
        let hash = passwords::hash(password).await.map_err(AppError::internal)?;
        store::change(&AppState::of_request().db, &permit, staff, StaffChange::PasswordHash(hash)).await
    };
    Sent::to::<SetPassword>(format!("/manage/staff?person={staff}"), &[]).ended(changing.await).await
}

/// Ends a colleague's sessions.
#[server]
pub async fn end_sessions(staff: StaffId) -> Result<(), AppError> {
    use crate::{
        server::AppState,
        staff::{
            draft::Sent,
            guard,
            store::{self, StaffChange},
        },
    };
    let ending = async {
        let permit = guard::require::<guard::ManageStaff>().await?;
        store::change(&AppState::of_request().db, &permit, staff, StaffChange::EndSessions).await
    };
    Sent::to::<EndSessions>(format!("/manage/staff?person={staff}"), &[]).ended(ending.await).await
}

/// Takes a colleague off the list who has no open work. What the colleague wrote and did stays.
#[server]
pub async fn remove_staff(staff: StaffId) -> Result<(), AppError> {
    use crate::{
        server::AppState,
        staff::{
            draft::Sent,
            guard,
            store::{self, StaffChange},
        },
    };
    let of = staff.to_string();
    let removing = async {
        let permit = guard::require::<guard::ManageStaff>().await?;
        store::change(&AppState::of_request().db, &permit, staff, StaffChange::Removed).await
    };
    Sent::to::<RemoveStaff>(format!("/manage/staff?person={staff}"), &[("staff", &of)]).ended(removing.await).await
}

/// Who looked at whom and who changed what, newest first.
#[server]
pub async fn audit_trail() -> Result<Vec<AuditRow>, AppError> {
    use crate::{
        server::AppState,
        staff::{audit, guard},
    };
    let permit = guard::require_of_device::<guard::SeeAudit>().await?;
    Ok(audit::newest(&AppState::of_request().db, &permit, 200).await?)
}

/// Starts or ends the shift of this device's board.
#[server]
pub async fn set_shift(on: bool) -> Result<(), AppError> {
    use crate::{
        alerts::handover,
        server::AppState,
        staff::{guard, store},
    };
    let permit = guard::require::<guard::AnswerAlerts>().await?;
    permit.station()?;
    let state = AppState::of_request();
    if on {
        Ok(store::start_shift(&state.db, permit.actor().device).await?)
    } else {
        handover::end_shift(&state.db, &permit, state.clock.now(), None).await
    }
}

/// Whoever is signed in, whatever the role.
///
/// # Errors
/// [`AppError::SignedOut`], or what the store answers.
#[cfg(feature = "ssr")]
pub async fn signed_in() -> Result<super::guard::Actor, AppError> {
    let session = leptos_axum::extract::<tower_sessions::Session>().await.map_err(AppError::internal)?;
    Ok(super::guard::actor(&crate::server::AppState::of_request(), &session).await?.0)
}

/// What people's own browsers may know of them.
#[cfg(feature = "ssr")]
#[must_use]
pub fn me_of(actor: &super::guard::Actor, config: &crate::server::config::Config) -> Me {
    Me {
        staff: actor.staff,
        name: actor.name.clone(),
        role: actor.role,
        house: actor.house.clone(),
        station: actor.station.clone(),
        on_shift: actor.on_shift,
        idle_minutes: config.idle_minutes,
        session: super::session::tag(&actor.session),
    }
}
