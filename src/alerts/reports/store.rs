//! The figures of live word, from the alerts themselves.

use super::{AnswerReport, DayFigures, StationFigures, StationStatus, Tally};
use crate::{
    alerts::{AlertState, Urgency, presence, store::rules},
    ids::StationId,
    server::{
        clock,
        db::{Db, DbError, id_of, record, vars},
    },
    staff::guard::{ManageHouse, Permit},
};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use std::collections::{HashMap, HashSet};
use surrealdb::types::{RecordId, SurrealValue};

/// How far the search for a station's last answer goes back, in hours: a busy station has answered just
/// now, and only a quiet one is looked through for a whole week.
const LOOK_BACK: [i64; 3] = [1, 24, 7 * 24];

/// Every station of the manager's house as it stands now.
///
/// # Errors
/// What the store answers.
pub async fn station_board(
    db: &Db,
    permit: &Permit<ManageHouse>,
    now: DateTime<Utc>,
) -> Result<Vec<StationStatus>, DbError> {
    let house = &permit.actor().house;
    let stations = crate::house::store::stations(db, house.id).await?;
    let mut presence: HashMap<StationId, _> =
        presence::of_house(db, house.id, now).await?.into_iter().map(|presence| (presence.station, presence)).collect();
    let ruled = rules::of_house(db, permit).await?;
    let in_use = |backup: StationId| stations.iter().any(|station| station.id == backup);
    let backed_up: HashSet<StationId> = ruled
        .iter()
        .filter(|of| of.rules.first().and_then(|rule| rule.backup).is_some_and(in_use))
        .map(|of| of.station.id)
        .collect();
    let mut muted: HashMap<StationId, _> = ruled.into_iter().map(|of| (of.station.id, of.muted)).collect();
    let carried: Vec<RecordId> = db
        .rows(
            "SELECT VALUE receiver FROM alert \
             WHERE house = $house AND is_open = true AND urgency >= $told AND state = 'raised' \
             AND (told IN ['managers', 'nobody'] OR duty = $me)",
            vars()
                .with("house", record("house", house.id))
                .with("told", Urgency::DutyTold.level())
                .with("me", record("staff", permit.actor().staff)),
        )
        .await?;
    let mut board = Vec::with_capacity(stations.len());
    for station in stations {
        let presence = match presence.remove(&station.id) {
            Some(presence) => presence,
            // Made a moment ago.
            None => presence::of_station(db, station.id, now).await?,
        };
        let answered = last_answer(db, station.id, now)
            .await?
            .map(|answer| (clock::local_minute(answer.at, house.zone()), answer.after));
        board.push(StationStatus {
            since: presence.since.map(|since| clock::local_minute(clock::from_millis(since), house.zone())),
            answered,
            has_backup: backed_up.contains(&station.id),
            muted: muted.remove(&station.id).unwrap_or_default(),
            unanswered: {
                let at = record("station", station.id);
                u32::try_from(carried.iter().filter(|receiver| **receiver == at).count()).unwrap_or(u32::MAX)
            },
            presence,
            station,
        });
    }
    Ok(board)
}

struct Answer {
    at: DateTime<Utc>,
    /// Milliseconds.
    after: u64,
}

async fn last_answer(db: &Db, station: StationId, now: DateTime<Utc>) -> Result<Option<Answer>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        raised_at: DateTime<Utc>,
        acknowledged_at: Option<DateTime<Utc>>,
    }
    for hours in LOOK_BACK {
        let rows: Vec<Row> = db
            .rows_for_each(
                "SELECT raised_at, acknowledged_at FROM alert WITH INDEX alert_open_receiver \
                 WHERE receiver = $station AND is_open = $each AND raised_at > $since",
                &[true, false],
                vars().with("station", record("station", station)).with("since", now - TimeDelta::hours(hours)),
            )
            .await?;
        let newest = rows
            .iter()
            .filter_map(|row| {
                Some(Answer { at: row.acknowledged_at?, after: wait(row.raised_at, row.acknowledged_at)? })
            })
            .max_by_key(|answer| answer.at);
        if newest.is_some() {
            return Ok(newest);
        }
    }
    Ok(None)
}

/// How the alerts of the last `days` days of the manager's house were answered, today included.
///
/// # Errors
/// What the store answers.
pub async fn alert_report(
    db: &Db,
    permit: &Permit<ManageHouse>,
    now: DateTime<Utc>,
    days: u32,
) -> Result<AnswerReport, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        receiver: RecordId,
        state: String,
        urgency: i64,
        raised_at: DateTime<Utc>,
        acknowledged_at: Option<DateTime<Utc>>,
    }
    let house = &permit.actor().house;
    let names = station_names(db, permit).await?;
    let zone = house.zone();
    let today = clock::today(now, zone);
    let midnight = |day| clock::local_instant(day, NaiveTime::MIN, zone);
    let mut report = AnswerReport { days: Vec::new(), stations: Vec::new(), total: Tally::default().figures() };
    let mut span: HashMap<StationId, Tally> = HashMap::new();
    // Day by day: what is held at once is what one day brought.
    for back in 0..days {
        let Some((day, next)) =
            today.checked_sub_days(Days::new(u64::from(back))).and_then(|day| Some((day, day.succ_opt()?)))
        else {
            break;
        };
        let rows: Vec<Row> = db
            .rows(
                "SELECT receiver, state, urgency, raised_at, acknowledged_at FROM alert \
                 WHERE house = $house AND raised_at >= $first AND raised_at < $next",
                vars()
                    .with("house", record("house", house.id))
                    .with("first", midnight(day))
                    .with("next", midnight(next)),
            )
            .await?;
        let mut stations: HashMap<StationId, Tally> = HashMap::new();
        for row in rows {
            let ran_out = row.state == AlertState::Expired.code() && row.acknowledged_at.is_none();
            let unanswered = ran_out || row.urgency >= Urgency::Unanswered.level();
            stations
                .entry(id_of(&row.receiver)?)
                .or_default()
                .add(wait(row.raised_at, row.acknowledged_at), unanswered);
        }
        for (station, tally) in &stations {
            span.entry(*station).or_default().merge(tally);
        }
        report.days.push(DayFigures {
            day: day.to_string(),
            total: together(stations.values()),
            stations: by_station(stations, &names),
        });
    }
    report.total = together(span.values());
    report.stations = by_station(span, &names);
    Ok(report)
}

fn together<'a>(tallies: impl Iterator<Item = &'a Tally>) -> super::Figures {
    let mut all = Tally::default();
    for tally in tallies {
        all.merge(tally);
    }
    all.figures()
}

/// The station with the most alerts first.
fn by_station(tallies: HashMap<StationId, Tally>, names: &HashMap<StationId, String>) -> Vec<StationFigures> {
    let mut stations: Vec<_> = tallies
        .into_iter()
        .map(|(station, tally)| StationFigures {
            station,
            name: names.get(&station).cloned().unwrap_or_default(),
            figures: tally.figures(),
        })
        .collect();
    stations.sort_by(|a, b| b.figures.count.cmp(&a.figures.count).then_with(|| a.name.cmp(&b.name)));
    stations
}

/// Names of all stations that the house has or had.
async fn station_names(db: &Db, permit: &Permit<ManageHouse>) -> Result<HashMap<StationId, String>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
        name: String,
    }
    let rows: Vec<Row> = db
        .rows(
            "SELECT id, name FROM station WHERE house = $house",
            vars().with("house", record("house", permit.house())),
        )
        .await?;
    rows.into_iter().map(|row| Ok((id_of(&row.id)?, row.name))).collect()
}

/// Milliseconds from raising to acknowledging. Clocks of two servers may differ a little: never less
/// than nothing.
fn wait(raised: DateTime<Utc>, acknowledged: Option<DateTime<Utc>>) -> Option<u64> {
    acknowledged.map(|at| u64::try_from((at - raised).num_milliseconds()).unwrap_or(0))
}
