//! Houses and stations in the store.

use super::{House, Station, StationKind};
use crate::{
    error::{AppError, Problem},
    ids::{HouseId, StationId},
    server::db::{Db, DbError, Tx, id_of, record, vars, word},
    staff::{
        audit::{self, Action},
        guard::{ManageHouse, Permit},
    },
};
use std::collections::HashMap;
use surrealdb::types::{RecordId, SurrealValue};

#[derive(Debug, Clone, SurrealValue)]
pub(crate) struct HouseRow {
    id: RecordId,
    name: String,
    code: String,
    timezone: String,
    currency: String,
    locator_hours: i64,
}

#[derive(Debug, Clone, SurrealValue)]
pub(crate) struct HouseName {
    pub id: RecordId,
    pub name: String,
    /// What it decides about its memory, where that was asked for.
    pub memory: Option<String>,
}

#[derive(Debug, Clone, SurrealValue)]
pub(crate) struct StationRow {
    id: RecordId,
    house: RecordId,
    name: String,
    kind: String,
    extension: String,
    pub removed: bool,
}

impl TryFrom<HouseRow> for House {
    type Error = DbError;
    fn try_from(row: HouseRow) -> Result<Self, DbError> {
        Ok(Self {
            id: id_of(&row.id)?,
            name: row.name,
            code: row.code,
            timezone: row.timezone,
            currency: row.currency,
            locator_hours: u8::try_from(row.locator_hours)
                .map_err(|_| DbError::Malformed(row.locator_hours.to_string()))?,
        })
    }
}

impl TryFrom<StationRow> for Station {
    type Error = DbError;
    fn try_from(row: StationRow) -> Result<Self, DbError> {
        Ok(Self {
            id: id_of(&row.id)?,
            house: id_of(&row.house)?,
            name: row.name,
            kind: word(&row.kind, StationKind::from_code)?,
            extension: row.extension,
        })
    }
}

impl House {
    /// The time zone. A name that the zone database does not know any more counts as UTC.
    #[must_use]
    pub fn zone(&self) -> chrono_tz::Tz {
        self.timezone.parse().unwrap_or(chrono_tz::UTC)
    }
}

/// All houses.
///
/// # Errors
/// What the store answers.
pub async fn houses(db: &Db) -> Result<Vec<House>, DbError> {
    let rows: Vec<HouseRow> = db.rows("SELECT * FROM type::table('house') ORDER BY name", vars()).await?;
    rows.into_iter().map(House::try_from).collect()
}

/// One house.
///
/// # Errors
/// What the store answers.
pub async fn house(db: &Db, id: HouseId) -> Result<Option<House>, DbError> {
    let row: Option<HouseRow> = db.row("SELECT * FROM $house", vars().with("house", record("house", id))).await?;
    row.map(House::try_from).transpose()
}

/// How a station is called, and called up.
#[derive(Debug, Clone, SurrealValue)]
pub struct StationName {
    id: RecordId,
    pub name: String,
    pub extension: String,
}

/// How the stations of a house are called, by station.
pub type StationNames = HashMap<StationId, StationName>;

/// The house `$house`, and how its stations are called, as an object for a statement.
pub(crate) const HOUSE_AND_STATIONS: &str =
    "{ house: $house.*, stations: (SELECT id, name, extension FROM station WHERE house = $house) }";

/// What that object holds.
#[derive(SurrealValue)]
pub(crate) struct HouseAndStations {
    house: Option<HouseRow>,
    stations: Vec<StationName>,
}

impl HouseAndStations {
    /// One house with its stations, those out of use too. `None` where there is no such house.
    ///
    /// # Errors
    /// A record that does not have the expected form.
    pub(crate) fn read(self) -> Result<Option<(House, StationNames)>, DbError> {
        let Some(house) = self.house else { return Ok(None) };
        let stations =
            self.stations.into_iter().map(|row| Ok((id_of(&row.id)?, row))).collect::<Result<_, DbError>>()?;
        Ok(Some((House::try_from(house)?, stations)))
    }
}

/// One house, and how its stations are called, those out of use too.
///
/// # Errors
/// What the store answers.
pub async fn house_and_stations(db: &Db, id: HouseId) -> Result<Option<(House, StationNames)>, DbError> {
    let sql = format!("RETURN {HOUSE_AND_STATIONS}");
    let found: Option<HouseAndStations> = db.row(&sql, vars().with("house", record("house", id))).await?;
    found.map_or(Ok(None), HouseAndStations::read)
}

/// The stations of a house.
///
/// # Errors
/// What the store answers.
pub async fn stations(db: &Db, house: HouseId) -> Result<Vec<Station>, DbError> {
    let rows: Vec<StationRow> =
        db.rows("SELECT * FROM station WHERE house = $house", vars().with("house", record("house", house))).await?;
    let mut stations: Vec<_> =
        rows.into_iter().filter(|row| !row.removed).map(Station::try_from).collect::<Result<_, _>>()?;
    stations.sort_by(|a, b| {
        a.kind
            .cmp(&b.kind)
            .then_with(|| a.extension.len().cmp(&b.extension.len()))
            .then_with(|| a.extension.cmp(&b.extension))
            .then_with(|| a.name.cmp(&b.name))
    });
    Ok(stations)
}

/// One station of a house.
///
/// # Errors
/// What the store answers.
pub async fn station(db: &Db, house: HouseId, id: StationId) -> Result<Option<Station>, DbError> {
    in_use(db.row("SELECT * FROM $station", vars().with("station", record("station", id))).await?, house)
}

/// A station of a house, unless it has been removed.
pub(crate) fn in_use(row: Option<StationRow>, house: HouseId) -> Result<Option<Station>, DbError> {
    let station = row.filter(|row| !row.removed).map(Station::try_from).transpose()?;
    Ok(station.filter(|station| station.house == house))
}

/// A house to be, parsed.
#[derive(Debug, Clone)]
pub struct NewHouse {
    pub name: String,
    pub code: String,
    pub timezone: chrono_tz::Tz,
    pub currency: String,
}

/// Makes a house. Asked for by a manager through [`add_house`], by the first start, or by an import
/// that was told to.
///
/// # Errors
/// [`AppError::Fields`] when the code is taken, or what the store answers.
pub async fn insert_house(db: &Db, new: NewHouse) -> Result<HouseId, AppError> {
    let id = HouseId::new();
    let code = new.code.clone();
    db.commit(with_house(Tx::new(), id, new)).await.map_err(|error| code_taken(error, "code", code))?;
    Ok(id)
}

/// Makes a house for a manager.
///
/// # Errors
/// As [`insert_house`].
pub async fn add_house(db: &Db, permit: &Permit<ManageHouse>, new: NewHouse) -> Result<(), AppError> {
    let code = new.code.clone();
    let tx = with_house(Tx::new(), HouseId::new(), new);
    db.commit(audit::note(tx, permit.actor(), Action::StationChanged, None, &[]))
        .await
        .map_err(|error| code_taken(error, "code", code))?;
    Ok(())
}

/// Says for how many hours, 1 to 24, it is shown where a guest was last seen. It holds for whoever is
/// seen from now on.
///
/// # Errors
/// What the store answers.
pub async fn set_locator_hours(db: &Db, permit: &Permit<ManageHouse>, hours: u8) -> Result<(), AppError> {
    let tx = Tx::new().run(
        "UPDATE ONLY $house SET locator_hours = $hours RETURN NONE",
        vars().with("house", record("house", permit.house())).with("hours", i64::from(hours)),
    );
    db.commit(audit::note(tx, permit.actor(), Action::StationChanged, None, &["locator_hours"])).await?;
    Ok(())
}

/// Makes a house in a transaction.
pub(crate) fn with_house(tx: Tx, id: HouseId, new: NewHouse) -> Tx {
    tx.run(
        "CREATE ONLY $new_house SET name = $house_name, code = $house_code, timezone = $house_zone, \
         currency = $house_currency RETURN NONE",
        vars()
            .with("new_house", record("house", id))
            .with("house_name", new.name)
            .with("house_code", new.code)
            .with("house_zone", new.timezone.name())
            .with("house_currency", new.currency),
    )
}

/// Why a house was not made: the refusal of the form's `field` where another house has the code.
pub(crate) fn code_taken(error: DbError, field: &str, code: String) -> AppError {
    match error {
        DbError::Store(error) if error.message().contains("house_code") => AppError::field(field, Problem::Taken(code)),
        other => other.into(),
    }
}

/// A station to be, parsed.
#[derive(Debug, Clone)]
pub struct NewStation {
    pub name: String,
    pub kind: StationKind,
    pub extension: String,
}

/// Makes a station in a house without asking who: for the first start and the demo house.
///
/// # Errors
/// What the store answers.
pub async fn insert_station(db: &Db, house: HouseId, new: NewStation) -> Result<StationId, DbError> {
    let id = StationId::new();
    db.commit(upsert(Tx::new(), house, id, new)).await?;
    Ok(id)
}

/// Makes the stations of a new house in a transaction.
pub(crate) fn with_stations(tx: Tx, house: HouseId, new: impl IntoIterator<Item = NewStation>) -> Tx {
    let rows: Vec<StationRow> = new
        .into_iter()
        .map(|new| StationRow {
            id: record("station", StationId::new()),
            house: record("house", house),
            name: new.name,
            kind: new.kind.code().to_owned(),
            extension: new.extension,
            removed: false,
        })
        .collect();
    tx.run("INSERT INTO station $new_stations RETURN NONE", vars().with("new_stations", rows))
}

/// Makes or changes a station of the manager's house.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn save_station(
    db: &Db,
    permit: &Permit<ManageHouse>,
    id: Option<StationId>,
    new: NewStation,
) -> Result<(), AppError> {
    if let Some(id) = id {
        station(db, permit.house(), id).await?.ok_or(AppError::NotFound)?;
    }
    let tx = upsert(Tx::new(), permit.house(), id.unwrap_or_else(StationId::new), new);
    db.commit(audit::note(tx, permit.actor(), Action::StationChanged, None, &["saved"])).await?;
    Ok(())
}

/// Takes a station out of use. What it sent and received stays.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn remove_station(db: &Db, permit: &Permit<ManageHouse>, id: StationId) -> Result<(), AppError> {
    station(db, permit.house(), id).await?.ok_or(AppError::NotFound)?;
    let tx = Tx::new()
        .run("UPDATE ONLY $station SET removed = true RETURN NONE", vars().with("station", record("station", id)));
    db.commit(audit::note(tx, permit.actor(), Action::StationChanged, None, &["removed"])).await?;
    Ok(())
}

fn upsert(tx: Tx, house: HouseId, id: StationId, new: NewStation) -> Tx {
    tx.run(
        "UPSERT ONLY $station SET house = $house, name = $name, kind = $kind, extension = $extension, removed = false \
         RETURN NONE",
        vars()
            .with("station", record("station", id))
            .with("house", record("house", house))
            .with("name", new.name)
            .with("kind", new.kind.code())
            .with("extension", new.extension),
    )
}
