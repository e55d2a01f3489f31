//! Authorisation as an argument. A store method that needs a permission takes a [`Permit`], and only
//! the functions here can make one: whoever can call the method may do it.

use super::{Ability, Role, session::Login};
use crate::{
    error::AppError,
    house::{House, Station},
    ids::{DeviceId, HouseId, StaffId},
    server::AppState,
};
use std::marker::PhantomData;
use tower_sessions::Session;

/// Who is acting, from where.
#[derive(Debug, Clone)]
pub struct Actor {
    pub staff: StaffId,
    pub name: String,
    pub role: Role,
    pub house: House,
    pub station: Option<Station>,
    pub device: DeviceId,
    /// The session's id in the store.
    pub session: String,
    pub on_shift: bool,
}

/// Proof that the actor may do `A`.
#[derive(Debug, Clone)]
pub struct Permit<A> {
    actor: Actor,
    ability: PhantomData<A>,
}

impl<A> Permit<A> {
    /// A permit for what the server does by itself in someone's name, such as loading the demo house.
    pub(crate) fn of_the_server(actor: Actor) -> Self {
        Self { actor, ability: PhantomData }
    }

    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    #[must_use]
    pub fn house(&self) -> HouseId {
        self.actor.house.id
    }

    /// The station at which the actor's device stands.
    ///
    /// # Errors
    /// [`AppError::NoStation`] while none has been chosen.
    pub fn station(&self) -> Result<&Station, AppError> {
        self.actor.station.as_ref().ok_or(AppError::NoStation)
    }
}

/// An [`Ability`] as a type.
pub trait Grants {
    const ABILITY: Ability;
    /// Whether a person must have used the device in the last minutes. A board on shift goes on
    /// showing and answering alerts, and saying whether the same was taken again, without.
    const NEEDS_PRESENCE: bool = true;
}

macro_rules! abilities {
    ($($name:ident $(, presence = $presence:literal)?);+ $(;)?) => {$(
        #[doc = concat!("Permission for [`Ability::", stringify!($name), "`].")]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Grants for $name {
            const ABILITY: Ability = Ability::$name;
            $(const NEEDS_PRESENCE: bool = $presence;)?
        }
    )+};
}

abilities! {
    SeeGuests;
    SeeLists;
    EditGuests;
    WritePreferences;
    WriteNotes;
    RaiseAlerts;
    AnswerAlerts, presence = false;
    Import;
    ManageStaff;
    ManageHouse;
    SeeAudit;
    PlanGreetings;
    HoldGreetings;
    SeeTraces;
    AssignWork;
    HandleRequests;
    RaiseRecoveries;
    MendRecoveries;
    SeeBriefings;
    LearnNames;
    PrintNames;
    AnswerCalls;
    ServeUsual, presence = false;
    SeePoints;
    RedeemPoints;
    SetLoyalty;
    SeeRhythm;
}

/// The permission, for a server function that a person causes: one that writes, or that answers what
/// somebody asked just now. It counts as use of the device.
///
/// # Errors
/// [`AppError::SignedOut`], [`AppError::Locked`] or [`AppError::Forbidden`].
pub async fn require<A: Grants>() -> Result<Permit<A>, AppError> {
    let state = AppState::of_request();
    let session = leptos_axum::extract::<Session>().await.map_err(|_| AppError::SignedOut)?;
    permit(&state, &session).await
}

/// The permission for what a device does by itself: to load again what it shows, or to report that it
/// shows it. It does not count as use by a person, so that it never keeps profiles open.
///
/// # Errors
/// As [`require`].
pub async fn require_of_device<A: Grants>() -> Result<Permit<A>, AppError> {
    let state = AppState::of_request();
    let session = leptos_axum::extract::<Session>().await.map_err(|_| AppError::SignedOut)?;
    permit_of_device(&state, &session).await
}

/// The permission, for a route of the router that a person asks for.
///
/// # Errors
/// As [`require`].
pub async fn permit<A: Grants>(state: &AppState, session: &Session) -> Result<Permit<A>, AppError> {
    let (permit, login) = granted(state, session).await?;
    login.touch(state, session).await?;
    Ok(permit)
}

/// The permission, for a route that pages ask by themselves. See [`require_of_device`].
///
/// # Errors
/// As [`require`].
pub async fn permit_of_device<A: Grants>(state: &AppState, session: &Session) -> Result<Permit<A>, AppError> {
    granted(state, session).await.map(|(permit, _)| permit)
}

async fn granted<A: Grants>(state: &AppState, session: &Session) -> Result<(Permit<A>, Login), AppError> {
    let (actor, login) = actor(state, session).await?;
    if !actor.role.may(A::ABILITY) {
        return Err(AppError::Forbidden);
    }
    if A::NEEDS_PRESENCE && login.is_locked(state) {
        return Err(AppError::Locked);
    }
    Ok((Permit { actor, ability: PhantomData }, login))
}

/// Who is signed in, whatever the role.
///
/// # Errors
/// [`AppError::SignedOut`], or what the store answers.
pub async fn actor(state: &AppState, session: &Session) -> Result<(Actor, Login), AppError> {
    let login = Login::of(state, session).await?.ok_or(AppError::SignedOut)?;
    let Some(actor) = super::store::actor(&state.db, &login, session).await? else {
        super::session::end(session).await?;
        return Err(AppError::SignedOut);
    };
    Ok((actor, login))
}
