//! Alerts in the store. Every change of state is guarded in the query, so of two people who tap at
//! once one wins and the other learns who it was.

mod answer;
mod board;
pub(crate) mod due;
mod raise;
pub mod rules;

pub use answer::{acknowledge, complete, displayed, withdraw};
pub use board::{about, board, last_about};
pub use raise::{NewAlert, raise};

use super::{AlertKind, AlertState, Outcome, Told, Urgency};
use crate::{
    ids::{AlertId, GuestId, HouseId, RequestId, StaffId, StationId},
    server::db::{Ahead, Commit, Db, DbError, id_of, record, vars, word},
    staff::Role,
};
use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// An alert as it is stored, and as its event carries it.
#[derive(Debug, Clone, SurrealValue)]
pub struct AlertRow {
    pub id: RecordId,
    pub house: RecordId,
    pub guest: RecordId,
    pub sender: RecordId,
    pub receiver: RecordId,
    pub kind: String,
    pub text: Option<String>,
    /// What is due, where that is the word.
    pub request: Option<RecordId>,
    pub trace: Option<RecordId>,
    pub state: String,
    pub raised_by: RecordId,
    pub raised_name: String,
    pub raised_at: DateTime<Utc>,
    pub also_staff: Vec<RecordId>,
    pub also_names: Vec<String>,
    pub also_from: Vec<RecordId>,
    pub withdrawn: Option<Vec<RecordId>>,
    pub withdrawn_from: Option<Vec<RecordId>>,
    pub muted: bool,
    pub displayed_at: Option<DateTime<Utc>>,
    pub urgency: i64,
    pub copied_to: Option<RecordId>,
    pub told: Option<String>,
    pub duty: Option<RecordId>,
    pub duty_name: Option<String>,
    pub acknowledged_by: Option<String>,
    pub acknowledged_staff: Option<RecordId>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub ended_by: Option<String>,
    pub ended_staff: Option<RecordId>,
    pub ended_at: Option<DateTime<Utc>>,
    pub seated_at: Option<String>,
}

/// An alert with its words read.
#[derive(Debug, Clone)]
pub struct Alert {
    pub id: AlertId,
    pub guest: GuestId,
    pub sender: StationId,
    pub receiver: StationId,
    pub kind: AlertKind,
    pub text: Option<String>,
    /// What the guest asked for, where it is that which is due.
    pub request: Option<RequestId>,
    pub state: AlertState,
    pub raised_by: StaffId,
    pub raised_name: String,
    pub raised_at: DateTime<Utc>,
    /// Colleagues who said the same, their names in the same order, and their stations.
    pub also_staff: Vec<StaffId>,
    pub also_names: Vec<String>,
    pub also_from: Vec<StationId>,
    /// Those of all these who have taken it back.
    pub withdrawn: Vec<StaffId>,
    /// The stations from which nobody stands by it any more.
    pub withdrawn_from: Vec<StationId>,
    pub muted: bool,
    pub displayed_at: Option<DateTime<Utc>>,
    pub urgency: Urgency,
    pub copied_to: Option<StationId>,
    /// Who was told at [`Urgency::DutyTold`].
    pub told: Option<Told>,
    /// The colleague whom the rule names, where it was told to them or to nobody.
    pub duty: Option<StaffId>,
    pub duty_name: Option<String>,
    pub acknowledged_by: Option<String>,
    pub acknowledged_staff: Option<StaffId>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub ended_by: Option<String>,
    pub ended_staff: Option<StaffId>,
    pub outcome: Option<Outcome>,
}

/// An alert after someone has changed it.
#[derive(Debug, Clone)]
pub struct Changed {
    pub alert: Alert,
    /// Where this is what changed it: the number of the event that tells of it, and what was looked up for its
    /// card. Nothing where it had been done before.
    pub told: Option<(u64, Ahead)>,
}

impl Changed {
    /// As the transaction left it: what its event carries.
    fn by(commit: &Commit) -> Result<Self, DbError> {
        let mut told = commit.told.iter().flat_map(|(_, events)| events.iter());
        let event = told.find(|event| event.kind == "alert").ok_or_else(|| DbError::Malformed("alert".to_owned()))?;
        let alert = Alert::try_from(AlertRow::from_value(event.data.clone())?)?;
        Ok(Self { alert, told: event.ahead.clone().map(|ahead| (event.seq, ahead)) })
    }

    /// As it had become before.
    fn earlier(alert: Alert) -> Self {
        Self { alert, told: None }
    }
}

impl TryFrom<AlertRow> for Alert {
    type Error = DbError;

    fn try_from(row: AlertRow) -> Result<Self, DbError> {
        let state = word(&row.state, AlertState::from_code)?;
        Ok(Self {
            id: id_of(&row.id)?,
            guest: id_of(&row.guest)?,
            sender: id_of(&row.sender)?,
            receiver: id_of(&row.receiver)?,
            kind: word(&row.kind, AlertKind::from_code)?,
            text: row.text,
            request: row.request.as_ref().map(id_of).transpose()?,
            state,
            raised_by: id_of(&row.raised_by)?,
            raised_name: row.raised_name,
            raised_at: row.raised_at,
            also_staff: row.also_staff.iter().map(id_of).collect::<Result<_, _>>()?,
            also_names: row.also_names,
            also_from: row.also_from.iter().map(id_of).collect::<Result<_, _>>()?,
            withdrawn: row.withdrawn.iter().flatten().map(id_of).collect::<Result<_, _>>()?,
            withdrawn_from: row.withdrawn_from.iter().flatten().map(id_of).collect::<Result<_, _>>()?,
            muted: row.muted,
            displayed_at: row.displayed_at,
            urgency: Urgency::from_level(row.urgency).ok_or_else(|| DbError::Malformed(row.urgency.to_string()))?,
            copied_to: row.copied_to.as_ref().map(id_of).transpose()?,
            told: row.told.map(|told| word(&told, Told::from_code)).transpose()?,
            duty: row.duty.as_ref().map(id_of).transpose()?,
            duty_name: row.duty_name,
            acknowledged_by: row.acknowledged_by,
            acknowledged_staff: row.acknowledged_staff.as_ref().map(id_of).transpose()?,
            acknowledged_at: row.acknowledged_at,
            ended_by: row.ended_by,
            ended_staff: row.ended_staff.as_ref().map(id_of).transpose()?,
            outcome: (state == AlertState::Completed).then(|| row.seated_at.map_or(Outcome::Greeted, Outcome::Seated)),
        })
    }
}

impl Alert {
    /// Whether a station has to do with it: it was raised there or for there, or copied to it.
    #[must_use]
    pub fn concerns(&self, station: StationId) -> bool {
        self.receiver == station || self.copied_to == Some(station) || self.is_from(station)
    }

    /// Whether someone may know all of it: it concerns their station, they said it, or it was carried to
    /// them; and managers always.
    #[must_use]
    pub fn is_business_of(&self, role: Role, station: Option<StationId>, staff: StaffId) -> bool {
        role == Role::Manager
            || station.is_some_and(|station| self.concerns(station))
            || self.is_by(staff)
            || self.duty == Some(staff)
    }

    /// Whether a station said it, first or once more.
    #[must_use]
    pub fn is_from(&self, station: StationId) -> bool {
        self.sender == station || self.also_from.contains(&station)
    }

    /// Whether a colleague said it, first or once more.
    #[must_use]
    pub fn is_by(&self, staff: StaffId) -> bool {
        self.senders().any(|sender| sender == staff)
    }

    /// Everyone who said it, in their order; those who have taken it back too.
    pub fn senders(&self) -> impl Iterator<Item = StaffId> {
        std::iter::once(self.raised_by).chain(self.also_staff.iter().copied())
    }
}

/// What a second tap left behind: its id, which stands for the first one's alert.
#[derive(SurrealValue)]
struct Alias {
    alert: RecordId,
    staff: RecordId,
}

/// An alert of a house, under its own id or one that stands for it; with the colleague who used that id.
async fn find(db: &Db, house: HouseId, id: AlertId) -> Result<Option<(Alert, StaffId)>, DbError> {
    if let Some(alert) = find_row(db, house, record("alert", id)).await? {
        let by = alert.raised_by;
        return Ok(Some((alert, by)));
    }
    let alias: Option<Alias> =
        db.row("SELECT alert, staff FROM $alias", vars().with("alias", record("alert_alias", id))).await?;
    let Some(alias) = alias else { return Ok(None) };
    let by = id_of(&alias.staff)?;
    Ok(find_row(db, house, alias.alert).await?.map(|alert| (alert, by)))
}

async fn find_row(db: &Db, house: HouseId, id: RecordId) -> Result<Option<Alert>, DbError> {
    let row: Option<AlertRow> = db
        .row(
            "SELECT * FROM $alert WHERE house = $house",
            vars().with("alert", id).with("house", record("house", house)),
        )
        .await?;
    row.map(Alert::try_from).transpose()
}

/// The stored row of an alert.
///
/// # Errors
/// What the store answers.
pub async fn row(db: &Db, id: AlertId) -> Result<Option<AlertRow>, DbError> {
    db.row("SELECT * FROM $id", vars().with("id", record("alert", id))).await
}
