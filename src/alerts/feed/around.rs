//! What cards need beside the alerts themselves: the house, its stations and what is known of the guests.

use super::{
    AlertFacts, Extent,
    rows::{CounterRow, extent_of},
};
use crate::{
    alerts::store::Alert,
    guests::{
        card::Dossier,
        store::{KNOWN, Known, dossiers, dossiers_of},
    },
    house::{
        House,
        store::{HOUSE_AND_STATIONS, HouseAndStations, StationNames},
    },
    ids::{GuestId, HouseId, StationId},
    server::{
        clock,
        db::{Ahead, Db, DbError, record, vars},
    },
};
use chrono::{DateTime, Utc};
use std::{any::Any, collections::HashMap, sync::Arc};
use surrealdb::types::SurrealValue;
use tokio::sync::watch;

/// What the store knows around the alerts about some guests of a house.
pub(super) struct Around {
    house: House,
    stations: StationNames,
    dossiers: HashMap<GuestId, Dossier>,
}

/// The same, looked up while an alert was still on its way to the store.
pub(super) struct LookedUp {
    /// Number of the last event of the house that was committed before it was looked up.
    pub as_of: u64,
    pub around: Around,
}

impl Around {
    /// Looks it up. `None` for a house that is not there.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn look_up(
        db: &Db,
        house: HouseId,
        now: DateTime<Utc>,
        guests: &[GuestId],
    ) -> Result<Option<Self>, DbError> {
        let Some((house, stations)) = crate::house::store::house_and_stations(db, house).await? else {
            return Ok(None);
        };
        let dossiers = dossiers(db, &house, now, guests).await?;
        Ok(Some(Self::new(house, stations, dossiers)))
    }

    fn new(house: House, stations: StationNames, dossiers: Vec<Dossier>) -> Self {
        let dossiers = dossiers.into_iter().map(|dossier| (dossier.guest.id, dossier)).collect();
        Self { house, stations, dossiers }
    }

    /// Whether the guest was found.
    pub fn knows(&self, guest: GuestId) -> bool {
        self.dossiers.contains_key(&guest)
    }

    /// All that any card of an alert needs. An alert about a guest who is gone has none.
    pub fn facts(&self, alert: Alert) -> Option<AlertFacts> {
        let name_of =
            |station: StationId| self.stations.get(&station).map(|called| called.name.clone()).unwrap_or_default();
        let zone = self.house.zone();
        Some(AlertFacts {
            dossier: self.dossiers.get(&alert.guest)?.clone(),
            sender_name: name_of(alert.sender),
            receiver_name: name_of(alert.receiver),
            receiver_extension: self
                .stations
                .get(&alert.receiver)
                .map(|called| called.extension.clone())
                .unwrap_or_default(),
            copied_name: alert.copied_to.map(name_of),
            raised_time: clock::local_time(alert.raised_at, zone),
            raised_on: clock::today(alert.raised_at, zone).to_string(),
            alert,
        })
    }
}

/// Begins to look up what the card of an alert about a guest needs, so that it is there when the alert is
/// committed. Where the feed has told in between of what a card shows, the reader looks it up once more.
pub fn look_ahead(db: &Db, house: HouseId, now: DateTime<Utc>, guest: GuestId) -> Ahead {
    let (tell, ahead) = watch::channel(None);
    let db = db.clone();
    tokio::spawn(async move {
        match look_up(&db, house, now, guest).await {
            Ok(Some(found)) => {
                let found: Arc<dyn Any + Send + Sync> = Arc::new(found);
                // Nobody waits for it where the alert was refused.
                let _ = tell.send(Some(found));
            }
            Ok(None) => {}
            // The reader looks it up itself, and has the store's trouble too.
            Err(error) => tracing::debug!(%error, "what a card needs could not be looked up ahead"),
        }
    });
    // A worker of the runtime keeps the task that it began last for itself, and the writer, who hardly ever waits,
    // would only come to it while the disk is at work. With another one after it, an idle worker takes it up now.
    tokio::spawn(async {});
    ahead
}

/// What one statement finds: all of it as of one moment.
#[derive(SurrealValue)]
struct Found {
    counter: Option<CounterRow>,
    place: HouseAndStations,
    known: Known,
}

/// In one statement: each of its own would read the store's definitions again, and that is most of what it costs.
async fn look_up(db: &Db, house: HouseId, now: DateTime<Utc>, guest: GuestId) -> Result<Option<LookedUp>, DbError> {
    let sql = format!("RETURN {{ counter: $counter.*, place: {HOUSE_AND_STATIONS}, known: {KNOWN} }}");
    let bound = vars()
        .with("counter", record("counter", house))
        .with("house", record("house", house))
        .with("among", vec![record("guest", guest)]);
    let found: Option<Found> = db.row(&sql, bound).await?;
    let Some(Found { counter, place, known }) = found else { return Ok(None) };
    let Some((house, stations)) = place.read()? else { return Ok(None) };
    let Extent { head, .. } = extent_of(counter);
    let dossiers = dossiers_of(known, &house, now, &[guest])?;
    Ok(Some(LookedUp { as_of: head, around: Around::new(house, stations, dossiers) }))
}

/// What was looked up ahead, once it is there; nothing where it could not be.
pub(super) async fn found(mut ahead: Ahead) -> Option<Arc<LookedUp>> {
    let found = ahead.wait_for(Option::is_some).await.ok()?.clone()?;
    found.downcast().ok()
}
