//! What an opened card tells beside what every list needs: the people around the guest, the days that the house keeps,
//! points and vouchers, the rhythm of visits, and whether there is a voice to listen to.

use super::{dossiers, evidence::so_far};
use crate::{
    guests::{
        card::{Dossier, Remembered},
        relations::store::{occasions_of, people_of},
        rhythm::store::rhythm_of,
    },
    house::House,
    ids::GuestId,
    loyalty::store::{points_of, vouchers_of},
    server::{
        clock,
        db::{Db, DbError, record, vars},
    },
};
use chrono::{DateTime, Utc};
use surrealdb::types::RecordId;

/// The dossier of a guest whose card is opened, with all that is remembered around him; `None` where there is no such
/// guest. Everything is asked for at once, so that a card costs one round trip however much it tells.
///
/// # Errors
/// What the store answers.
pub async fn opened(db: &Db, house: &House, now: DateTime<Utc>, guest: GuestId) -> Result<Option<Dossier>, DbError> {
    let asked = [guest];
    let (found, around) = futures::try_join!(dossiers(db, house, now, &asked), remember(db, house, now, guest))?;
    Ok(found.into_iter().next().map(|dossier| dossier.with_all(around)))
}

/// What is remembered around a guest, without what every dossier has: requests, complaints and the usual.
///
/// # Errors
/// What the store answers.
pub async fn remember(db: &Db, house: &House, now: DateTime<Utc>, guest: GuestId) -> Result<Remembered, DbError> {
    let today = clock::today(now, house.zone());
    let asked = [guest];
    let ((people, children, party), mut occasions, has_voice, points, vouchers, rhythm, (score, marked)) = futures::try_join!(
        people_of(db, guest, today),
        occasions_of(db, &asked, today),
        has_voice(db, guest),
        points_of(db, house, guest, today),
        vouchers_of(db, house, guest, today),
        rhythm_of(db, house, guest),
        so_far(db, house.id, guest),
    )?;
    Ok(Remembered {
        people,
        children,
        party,
        occasions: occasions.remove(&guest).unwrap_or_default(),
        has_voice,
        points,
        vouchers,
        rhythm,
        score,
        marked,
        ..Remembered::default()
    })
}

/// Whether the guest agreed to be listened to, and was recorded.
async fn has_voice(db: &Db, guest: GuestId) -> Result<bool, DbError> {
    let found: Option<RecordId> =
        db.row("SELECT VALUE id FROM $voice", vars().with("voice", record("voice", guest))).await?;
    Ok(found.is_some())
}

impl Dossier {
    /// With what is remembered around the guest.
    fn with_all(mut self, around: Remembered) -> Self {
        let Remembered { requests, recoveries, usuals, .. } = std::mem::take(&mut self.remembered);
        for preference in &mut self.preferences {
            preference.evidence.marked = around.marked.get(&preference.id).copied();
        }
        self.remembered = Remembered { requests, recoveries, usuals, ..around };
        self
    }
}
