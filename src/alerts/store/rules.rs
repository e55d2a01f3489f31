//! What stations want to happen to their alerts, in the store: the times and people of the house's
//! settings, and the kinds that a station has muted.

use crate::{
    alerts::{
        AlertKind,
        feed::StationEvent,
        rules::{StationRule, StationRules},
    },
    error::{AppError, FieldError, Problem},
    ids::{HouseId, StationId},
    server::db::{Db, DbError, NewEvent, Tx, Vars, id_of, optional, record, vars, word},
    staff::{
        Ability,
        audit::{self, Action},
        guard::{AnswerAlerts, ManageHouse, Permit},
    },
};
use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue};

#[derive(Debug, Clone, SurrealValue)]
pub(super) struct RuleRow {
    station: RecordId,
    kind: Option<String>,
    again_after: i64,
    duty_after: i64,
    unanswered_after: i64,
    expires_after: i64,
    backup: Option<RecordId>,
    duty: Option<RecordId>,
}

impl TryFrom<RuleRow> for StationRule {
    type Error = DbError;

    fn try_from(row: RuleRow) -> Result<Self, DbError> {
        let number = |number: i64| u32::try_from(number).map_err(|_| DbError::Malformed(number.to_string()));
        Ok(Self {
            station: id_of(&row.station)?,
            kind: row.kind.map(|kind| word(&kind, AlertKind::from_code)).transpose()?,
            again_after: number(row.again_after)?,
            duty_after: number(row.duty_after)?,
            unanswered_after: number(row.unanswered_after)?,
            expires_after: number(row.expires_after)?,
            backup: row.backup.as_ref().map(id_of).transpose()?,
            duty: row.duty.as_ref().map(id_of).transpose()?,
        })
    }
}

/// What holds at a station for a kind: its own rule, else the one for every kind, else the usual; and
/// whether the station has muted the kind.
///
/// # Errors
/// What the store answers.
pub async fn at(db: &Db, station: StationId, kind: AlertKind) -> Result<(StationRule, bool), DbError> {
    #[derive(SurrealValue)]
    struct Found {
        own: Option<RuleRow>,
        any: Option<RuleRow>,
        muted: bool,
    }
    let found: Option<Found> = db
        .row("RETURN { own: $own.*, any: $any.*, muted: record::exists($mute) }", keys(vars(), station, kind))
        .await?;
    let Some(Found { own, any, muted }) = found else { return Ok((StationRule::usual(station), false)) };
    Ok((holding(station, own, any)?, muted))
}

/// Binds the records of a station's rules for a kind, `$own` and `$any`, and of its mute, `$mute`.
pub(super) fn keys(bound: Vars, station: StationId, kind: AlertKind) -> Vars {
    bound
        .with("own", rule_key(station, Some(kind)))
        .with("any", rule_key(station, None))
        .with("mute", mute_key(station, kind))
}

/// Of a station's rules for a kind and for every kind, the one that holds.
pub(super) fn holding(station: StationId, own: Option<RuleRow>, any: Option<RuleRow>) -> Result<StationRule, DbError> {
    own.or(any).map_or_else(|| Ok(StationRule::usual(station)), StationRule::try_from)
}

/// The rules of every station of the manager's house.
///
/// # Errors
/// What the store answers.
pub async fn of_house(db: &Db, permit: &Permit<ManageHouse>) -> Result<Vec<StationRules>, DbError> {
    let house = permit.house();
    let rows: Vec<RuleRow> =
        db.rows("SELECT * FROM alert_rule WHERE house = $house", vars().with("house", record("house", house))).await?;
    let mut saved: Vec<StationRule> = rows.into_iter().map(StationRule::try_from).collect::<Result<_, _>>()?;
    saved.sort_by_key(|rule| rule.kind);
    let muted = mutes(db, house).await?;
    let stations = crate::house::store::stations(db, house).await?;
    Ok(stations
        .into_iter()
        .map(|station| {
            let mut rules: Vec<_> = saved.iter().filter(|rule| rule.station == station.id).cloned().collect();
            if rules.first().is_none_or(|rule| rule.kind.is_some()) {
                rules.insert(0, StationRule::usual(station.id));
            }
            let muted = muted.iter().filter(|(at, _)| *at == station.id).map(|(_, kind)| *kind).collect();
            StationRules { station, rules, muted }
        })
        .collect())
}

/// Saves a rule of a station of the manager's house. It holds for alerts that are raised from now on.
///
/// # Errors
/// [`AppError::NotFound`] for a station that the house does not have; [`AppError::Fields`] for a backup
/// that it does not have and a colleague who does not work there or does not answer alerts; what the
/// store answers.
pub async fn save(db: &Db, permit: &Permit<ManageHouse>, rule: StationRule) -> Result<(), AppError> {
    let house = permit.house();
    crate::house::store::station(db, house, rule.station).await?.ok_or(AppError::NotFound)?;
    let mut errors = Vec::new();
    let mut refuse = |field: &str, value: String, expected: &str| {
        errors.push(FieldError { field: field.to_owned(), problem: Problem::NotKnown(value, expected.to_owned()) });
    };
    if let Some(backup) = rule.backup
        && crate::house::store::station(db, house, backup).await?.is_none()
    {
        refuse("backup", backup.to_string(), "@other_station");
    }
    if let Some(duty) = rule.duty {
        match crate::staff::store::working(db, house, duty).await? {
            Some((_, role)) if role.may(Ability::AnswerAlerts) => {}
            Some((name, _)) => refuse("duty", name, "@answers"),
            None => refuse("duty", duty.to_string(), "@answers"),
        }
    }
    if !errors.is_empty() {
        return Err(AppError::Fields(errors));
    }
    let tx = Tx::new()
        .run(
            "UPSERT ONLY $rule SET house = $house, station = $station, kind = $kind, again_after = $again_after, \
             duty_after = $duty_after, unanswered_after = $unanswered_after, expires_after = $expires_after, \
             backup = $backup, duty = $duty RETURN NONE",
            vars()
                .with("rule", rule_key(rule.station, rule.kind))
                .with("house", record("house", house))
                .with("station", record("station", rule.station))
                .with("kind", optional(rule.kind.map(|kind| kind.code().to_owned())))
                .with("again_after", i64::from(rule.again_after))
                .with("duty_after", i64::from(rule.duty_after))
                .with("unanswered_after", i64::from(rule.unanswered_after))
                .with("expires_after", i64::from(rule.expires_after))
                .with("backup", optional(rule.backup.map(|backup| record("station", backup))))
                .with("duty", optional(rule.duty.map(|duty| record("staff", duty)))),
        )
        .event(changed(house, rule.station));
    db.commit(audit::note(tx, permit.actor(), Action::StationChanged, None, &["alert_rule"])).await?;
    Ok(())
}

/// Takes away the rule that a station of the manager's house has for one kind: the one for every kind
/// holds again.
///
/// # Errors
/// [`AppError::NotFound`] for a station that the house does not have, or what the store answers.
pub async fn remove(
    db: &Db,
    permit: &Permit<ManageHouse>,
    station: StationId,
    kind: AlertKind,
) -> Result<(), AppError> {
    crate::house::store::station(db, permit.house(), station).await?.ok_or(AppError::NotFound)?;
    let tx = Tx::new()
        .run("DELETE $rule RETURN NONE", vars().with("rule", rule_key(station, Some(kind))))
        .event(changed(permit.house(), station));
    db.commit(audit::note(tx, permit.actor(), Action::StationChanged, None, &["alert_rule", "removed"])).await?;
    Ok(())
}

/// Mutes a kind at the actor's station, or ends that. It holds for alerts that are raised from now on.
///
/// # Errors
/// [`AppError::NoStation`], or what the store answers.
pub async fn mute(
    db: &Db,
    permit: &Permit<AnswerAlerts>,
    now: DateTime<Utc>,
    kind: AlertKind,
    on: bool,
) -> Result<(), AppError> {
    let station = permit.station()?.id;
    let (sql, field) = if on {
        (
            "UPSERT ONLY $mute SET house = $house, station = $station, kind = $kind, author = $author, at = $now RETURN NONE",
            "muted",
        )
    } else {
        ("DELETE $mute RETURN NONE", "unmuted")
    };
    let tx = Tx::new()
        .run(
            sql,
            vars()
                .with("mute", mute_key(station, kind))
                .with("house", record("house", permit.house()))
                .with("station", record("station", station))
                .with("kind", kind.code())
                .with("author", permit.actor().name.clone())
                .with("now", now),
        )
        .event(changed(permit.house(), station));
    db.commit(audit::note(tx, permit.actor(), Action::StationChanged, None, &[field, kind.code()])).await?;
    Ok(())
}

/// The kinds that the stations of a house have muted.
///
/// # Errors
/// What the store answers.
pub async fn mutes(db: &Db, house: HouseId) -> Result<Vec<(StationId, AlertKind)>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        station: RecordId,
        kind: String,
    }
    let rows: Vec<Row> = db
        .rows("SELECT station, kind FROM mute WHERE house = $house", vars().with("house", record("house", house)))
        .await?;
    let mut mutes: Vec<(StationId, AlertKind)> = rows
        .into_iter()
        .map(|row| Ok((id_of(&row.station)?, word(&row.kind, AlertKind::from_code)?)))
        .collect::<Result<_, DbError>>()?;
    mutes.sort_unstable();
    Ok(mutes)
}

fn changed(house: HouseId, station: StationId) -> NewEvent {
    NewEvent::new(house, "station", StationEvent { station: station.to_string() })
}

fn rule_key(station: StationId, kind: Option<AlertKind>) -> RecordId {
    record("alert_rule", format!("{station}|{}", kind.map_or("any", AlertKind::code)))
}

fn mute_key(station: StationId, kind: AlertKind) -> RecordId {
    record("mute", format!("{station}|{}", kind.code()))
}
