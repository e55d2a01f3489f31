//! The first start: the first house, its stations and its first manager, made together or not at all.

use super::{
    Role,
    api::SetUp,
    audit::{self, Action},
    draft::Sent,
    guard::Actor,
    parse,
    session::Login,
    sign_in,
    store::{self, NewStaff},
};
use crate::{
    error::{AppError, Problem},
    house::{
        House, LOCATOR_HOURS, StationKind, parse as house_parse,
        store::{self as houses, NewHouse, NewStation},
    },
    ids::{DeviceId, HouseId, StaffId},
    server::{
        AppState,
        db::{Db, DbError, Tx, vars},
    },
};
use chrono::{DateTime, Utc};

/// What every house begins with; its manager changes them.
const STATIONS: [(&str, StationKind, &str); 3] = [
    ("Front desk", StationKind::FrontDesk, "100"),
    ("Floors", StationKind::Floor, "300"),
    ("Restaurant", StationKind::Restaurant, "200"),
];

/// The form of the first start as typed, without the passwords: what may be kept when it is refused.
pub(super) struct FirstStart {
    pub house_name: String,
    pub house_code: String,
    pub timezone: String,
    pub currency: String,
    pub name: String,
    pub login: String,
}

impl FirstStart {
    fn fields(&self) -> [(&str, &str); 6] {
        [
            ("house_name", &self.house_name),
            ("house_code", &self.house_code),
            ("timezone", &self.timezone),
            ("currency", &self.currency),
            ("name", &self.name),
            ("login", &self.login),
        ]
    }
}

/// Opens the house and signs its manager in.
///
/// # Errors
/// [`AppError::Fields`] with what is refused, [`Problem::OpenedAlready`] once there is anyone who can
/// sign in, or what the store answers.
pub(super) async fn set_up(form: FirstStart, password: String, again: String) -> Result<(), AppError> {
    let came = open(&form, password, &again).await;
    // The page of the first start leads away from a house that is open, so the sign-in page tells it.
    let page = if came == Err(opened_already()) { "/sign-in" } else { "/setup" };
    Sent::to::<SetUp>(page, &form.fields()).ended(came).await
}

async fn open(form: &FirstStart, password: String, again: &str) -> Result<(), AppError> {
    let state = AppState::of_request();
    // Before the work of hashing a password; what decides is the guard in the transaction.
    if !store::is_empty(&state.db).await? {
        return Err(opened_already());
    }
    let (house, manager) = parsed(form, password, again).await?;
    let manager = make(&state.db, state.clock.now(), house, manager).await?;
    tracing::info!("the first manager was made");
    sign_in::remember_device(&state, manager.device);
    Login::begin(&state, &sign_in::session().await?, manager.staff, manager.device).await?;
    audit::write(&state.db, &manager, Action::SignedIn, None).await?;
    leptos_axum::redirect("/station");
    Ok(())
}

/// The house and the manager, with the password hashed.
async fn parsed(form: &FirstStart, password: String, again: &str) -> Result<(NewHouse, NewStaff), AppError> {
    let mut errors = Vec::new();
    let house = house_parse::house(&form.house_name, &form.house_code, &form.timezone, &form.currency)
        .map_err(|refused| {
            errors.extend(refused.into_iter().map(|mut error| {
                if error.field == "name" || error.field == "code" {
                    error.field.insert_str(0, "house_");
                }
                error
            }));
        })
        .ok();
    if password != again {
        house_parse::refuse(&mut errors, "password_again", Problem::Differ);
    }
    let manager = match parse::new_staff(&form.login, &form.name, Role::Manager.code(), password).await {
        Ok(manager) => Some(manager),
        Err(AppError::Fields(refused)) => {
            errors.extend(refused);
            None
        }
        Err(other) => return Err(other),
    };
    match (house, manager) {
        (Some(house), Some(manager)) if errors.is_empty() => Ok((house, manager)),
        _ => Err(AppError::Fields(errors)),
    }
}

/// Makes everything in one transaction, unless anyone works here already. Two that come at once see
/// nobody, both of them; but they write the same marker, so the store lets one through and has the other
/// tried again, which then finds the first.
async fn make(db: &Db, now: DateTime<Utc>, house: NewHouse, manager: NewStaff) -> Result<Actor, AppError> {
    let code = house.code.clone();
    let actor = Actor {
        staff: StaffId::new(),
        name: manager.name.clone(),
        role: manager.role,
        house: House {
            id: HouseId::new(),
            name: house.name.clone(),
            code: house.code.clone(),
            timezone: house.timezone.name().to_owned(),
            currency: house.currency.clone(),
            locator_hours: LOCATOR_HOURS,
        },
        station: None,
        device: DeviceId::new(),
        session: String::new(),
        on_shift: false,
    };
    let stations = STATIONS.map(|(name, kind, extension)| NewStation {
        name: name.to_owned(),
        kind,
        extension: extension.to_owned(),
    });
    let tx = Tx::new().run(
        "LET $anyone = (SELECT VALUE id FROM type::table('staff') LIMIT 1);
         IF array::len($anyone) > 0 { THROW 'guard:opened' };
         UPSERT ONLY meta:first_start SET epoch = <string> time::now() RETURN NONE",
        vars(),
    );
    let tx = houses::with_house(tx, actor.house.id, house);
    let tx = houses::with_stations(tx, actor.house.id, stations);
    let tx = store::with_device(tx, actor.device, now);
    let tx = store::with_staff(tx, actor.house.id, actor.staff, manager);
    match db.commit(audit::note(tx, &actor, Action::StaffChanged, None, &["added"])).await {
        Ok(_) => Ok(actor),
        Err(DbError::Guard(_)) => Err(opened_already()),
        Err(other) => Err(houses::code_taken(other, "house_code", code)),
    }
}

fn opened_already() -> AppError {
    AppError::field("form", Problem::OpenedAlready)
}
