//! Bad input about alerts: the right status, a sentence, and nothing changed.

mod forms;
mod reach;
mod streams;

use crate::{
    escalation::ulid,
    harness::{Device, House, PASSWORD},
};
use leptos::server_fn::ServerFn;
use rapport::{
    alerts::{
        Board,
        api::{AlertRules, Board as BoardCall},
        rules::StationRules,
    },
    error::{AppError, FieldError, Problem},
    house::{
        StationKind,
        api::ChooseStation,
        store::{self as houses, NewHouse, NewStation},
    },
    ids::{GuestId, StaffId, StationId},
    server::db::vars,
    staff::{
        Role, password,
        store::{self as staff, NewStaff},
    },
};
use serde::de::DeserializeOwned;
use surrealdb::types::RecordId;

/// A house, and two who see whether anything has changed in it.
struct Scene {
    house: House,
    guest: GuestId,
    host: Device,
    manager: Device,
}

/// All that a refusal must leave as it is.
#[derive(Debug, PartialEq)]
struct Look {
    head: u64,
    board: Board,
    rules: Vec<StationRules>,
    /// How many rows each table has.
    rows: Vec<usize>,
}

impl Scene {
    async fn open() -> Self {
        let house = House::open().await;
        let guest = house.guest("M0001").await;
        let (host, manager) = (house.device("host", "restaurant").await, house.device("manager", "desk").await);
        Self { house, guest, host, manager }
    }

    async fn look(&mut self) -> Look {
        let mut rows = Vec::new();
        for table in ["alert", "alert_alias", "escalation", "alert_rule", "mute", "locator", "hand_over"] {
            let ids: Vec<RecordId> = self
                .house
                .db
                .rows("SELECT VALUE id FROM type::table($table)", vars().with("table", table))
                .await
                .expect("an answer");
            rows.push(ids.len());
        }
        Look {
            head: self.house.state.feed.head(self.house.id).await.expect("a head"),
            board: self.host.call::<BoardCall>(&[]).await.expect("a board"),
            rules: self.manager.call::<AlertRules>(&[]).await.expect("rules"),
            rows,
        }
    }

    /// The house refuses it with that status and a sentence, and stays as it is.
    async fn refuses<F>(&mut self, device: &mut Device, fields: &[(&str, String)], status: u16) -> AppError
    where
        F: ServerFn,
        F::Output: DeserializeOwned,
    {
        let before = self.look().await;
        let error = device.call::<F>(fields).await.err();
        let error = error.unwrap_or_else(|| panic!("{} accepts {fields:?}", F::PATH));
        assert_eq!(device.last_status, status, "{} {fields:?}: {error}", F::PATH);
        assert!(error.to_string().contains(' '), "a sentence: {error}");
        assert_eq!(self.look().await, before, "{} {fields:?}", F::PATH);
        error
    }

    /// Word to the restaurant that could be raised.
    fn word(&self) -> Fields {
        vec![
            ("id", ulid()),
            ("guest", self.guest.to_string()),
            ("to", self.house.stations["restaurant"].to_string()),
            ("kind", "coming_down".to_owned()),
            ("text", String::new()),
        ]
    }

    /// A rule of the restaurant that could be saved.
    fn rule(&self) -> Fields {
        vec![
            ("station", self.house.stations["restaurant"].to_string()),
            ("kind", String::new()),
            ("again_after", "20".to_owned()),
            ("duty_after", "60".to_owned()),
            ("unanswered_after", "120".to_owned()),
            ("expires_after", "240".to_owned()),
            ("backup", self.house.stations["bar"].to_string()),
            ("duty", String::new()),
        ]
    }
}

type Fields = Vec<(&'static str, String)>;

/// The same with another value in one field.
fn with(mut fields: Fields, name: &str, value: impl Into<String>) -> Fields {
    let field = fields.iter_mut().find(|(field, _)| *field == name).expect("a field of the form");
    field.1 = value.into();
    fields
}

/// The one field that was refused, and why.
fn refused_field(error: AppError) -> (String, Problem) {
    match error {
        AppError::Fields(fields) => match <[FieldError; 1]>::try_from(fields) {
            Ok([FieldError { field, problem }]) => (field, problem),
            Err(more) => panic!("one field expected: {more:?}"),
        },
        other => panic!("a field expected: {other}"),
    }
}

/// Another house on the same store.
struct Elsewhere {
    pool: StationId,
    colleague: StaffId,
    device: Device,
}

impl Elsewhere {
    async fn beside(house: &House) -> Self {
        let new = NewHouse {
            name: "The Elms".into(),
            code: "SEA".into(),
            timezone: chrono_tz::Europe::Lisbon,
            currency: "EUR".into(),
        };
        let id = houses::insert_house(&house.db, new).await.expect("a house");
        let station = |name: &str, extension: &str| NewStation {
            name: name.into(),
            kind: StationKind::Restaurant,
            extension: extension.into(),
        };
        let pool = houses::insert_station(&house.db, id, station("pool", "500")).await.expect("a station");
        let gate = houses::insert_station(&house.db, id, station("gate", "501")).await.expect("a station");
        let hash = password::hash(PASSWORD.to_owned()).await.expect("a hash");
        let new = NewStaff { login: "far".into(), name: "Fia".into(), role: Role::Host, password_hash: hash };
        let colleague = staff::insert(&house.db, id, new).await.expect("a colleague");
        let mut device = house.browser();
        device.sign_in("far", PASSWORD).await.expect("signed in");
        device.call::<ChooseStation>(&[("station", gate.to_string())]).await.expect("stands there");
        Self { pool, colleague, device }
    }
}
