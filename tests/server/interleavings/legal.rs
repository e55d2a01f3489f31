//! What is stored is legal: each alert by itself, what the feed told of it, its steps, and all of them beside
//! each other.

use crate::{escalation::told, harness::House};
use chrono::TimeDelta;
use rapport::{
    alerts::{
        AlertState, SAME_WORD_SECONDS, Told, Urgency,
        store::{Alert, AlertRow},
    },
    ids::AlertId,
    server::db::{id_of, vars},
};
use std::collections::{BTreeMap, BTreeSet};
use surrealdb::types::{RecordId, SurrealValue};

/// Every alert that is stored.
pub async fn all(house: &House) -> BTreeMap<AlertId, AlertRow> {
    let rows: Vec<AlertRow> = house.db.rows("SELECT * FROM alert", vars()).await.expect("alerts");
    rows.into_iter().map(|row| (id_of(&row.id).expect("an id"), row)).collect()
}

/// The ids that stand for another alert.
pub async fn aliases(house: &House) -> BTreeMap<String, AlertId> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
        alert: RecordId,
    }
    let rows: Vec<Row> = house.db.rows("SELECT id, alert FROM alert_alias", vars()).await.expect("aliases");
    let id = |id: &RecordId| id_of::<AlertId>(id).expect("an id");
    rows.iter().map(|row| (id(&row.id).to_string(), id(&row.alert))).collect()
}

/// Checks each alert by itself, what the feed told of it, its steps, and that no two say the same.
pub async fn are_legal(house: &House, alerts: &BTreeMap<AlertId, AlertRow>) {
    let mut history: BTreeMap<AlertId, Vec<AlertRow>> = BTreeMap::new();
    for row in told(house).await {
        history.entry(id_of(&row.id).expect("an id")).or_default().push(row);
    }
    assert!(history.keys().eq(alerts.keys()), "what is stored has been told, and nothing else");
    for (id, row) in alerts {
        has_legal_fields(row);
        let told = &history[id];
        begins_well(&told[0]);
        for pair in told.windows(2) {
            follows(&pair[0], &pair[1]);
        }
        assert_eq!(format!("{:?}", told.last()), format!("{:?}", Some(row)), "the last word is what is stored");
    }
    steps_are_legal(house, alerts).await;
    nothing_is_said_twice(alerts.values().collect());
}

fn has_legal_fields(row: &AlertRow) {
    let alert = Alert::try_from(row.clone()).expect("readable");
    let state = alert.state;
    let ended = matches!(state, AlertState::Completed | AlertState::Withdrawn);
    assert_eq!(row.acknowledged_by.is_some(), row.acknowledged_at.is_some(), "{row:?}");
    assert_eq!(row.ended_by.is_some(), ended, "{row:?}");
    assert_eq!(row.ended_at.is_some(), state.is_end(), "{row:?}");
    assert!(row.seated_at.is_none() || state == AlertState::Completed, "{row:?}");
    match state {
        AlertState::Raised => assert!(row.acknowledged_by.is_none(), "{row:?}"),
        AlertState::Acknowledged | AlertState::Completed => assert!(row.acknowledged_by.is_some(), "{row:?}"),
        AlertState::Withdrawn | AlertState::Expired => {}
    }
    for later in [row.acknowledged_at, row.ended_at, row.displayed_at].into_iter().flatten() {
        assert!(later >= row.raised_at, "{row:?}");
    }
    assert!(row.copied_to.is_none() || alert.urgency >= Urgency::RungAgain, "{row:?}");
    assert!(row.duty.is_none() || alert.urgency >= Urgency::DutyTold, "{row:?}");
    assert_eq!(row.duty.is_some(), row.duty_name.is_some(), "{row:?}");
    assert!(row.duty.is_none() || alert.told.is_some_and(|told| told != Told::Managers), "{row:?}");
    assert!(alert.told.is_none() || alert.urgency >= Urgency::DutyTold, "{row:?}");
    let is_quiet = matches!(alert.urgency, Urgency::Plain | Urgency::Unanswered) && alert.told.is_none();
    assert!(!row.muted || is_quiet, "{row:?}");
    assert_eq!(row.acknowledged_by.is_some(), row.acknowledged_staff.is_some(), "{row:?}");
    assert_eq!(row.ended_by.is_some(), row.ended_staff.is_some(), "{row:?}");
    let stand_by_it = alert.senders().filter(|sender| !alert.withdrawn.contains(sender)).count();
    assert_eq!(stand_by_it == 0, state == AlertState::Withdrawn, "the last of its senders ends it: {row:?}");
    assert!(alert.withdrawn_from.iter().all(|station| alert.is_from(*station)), "{row:?}");
    let others: BTreeSet<_> = alert.also_staff.iter().collect();
    assert!(others.len() == alert.also_names.len() && others.len() == alert.also_staff.len(), "{row:?}");
    assert!(!others.contains(&alert.raised_by), "{row:?}");
    let elsewhere: BTreeSet<_> = alert.also_from.iter().collect();
    assert!(elsewhere.len() == alert.also_from.len() && !elsewhere.contains(&alert.sender), "{row:?}");
}

fn begins_well(first: &AlertRow) {
    assert_eq!((first.state.as_str(), first.urgency), ("raised", 0), "{first:?}");
    assert!(first.also_names.is_empty() && first.displayed_at.is_none() && first.copied_to.is_none(), "{first:?}");
}

/// One state of an alert may follow another: forwards only, and what has been won stays won.
fn follows(before: &AlertRow, after: &AlertRow) {
    let moved = (before.state.as_str(), after.state.as_str());
    let may = matches!(
        moved,
        ("raised", "raised" | "acknowledged")
            | ("acknowledged", "acknowledged")
            | ("raised" | "acknowledged", "completed" | "withdrawn" | "expired")
    );
    assert!(may, "{moved:?}");
    assert!(after.urgency >= before.urgency, "{before:?} {after:?}");
    assert!(after.urgency == before.urgency || moved == ("raised", "raised"), "{before:?} {after:?}");
    let kept = |before: Option<String>, after: Option<String>| before.is_none() || before == after;
    let at = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| at.to_rfc3339());
    let id = |id: &Option<RecordId>| id.as_ref().map(|id| format!("{id:?}"));
    assert!(kept(before.acknowledged_by.clone(), after.acknowledged_by.clone()), "{before:?} {after:?}");
    assert!(kept(at(before.acknowledged_at), at(after.acknowledged_at)), "{before:?} {after:?}");
    assert!(kept(at(before.displayed_at), at(after.displayed_at)), "{before:?} {after:?}");
    assert!(kept(id(&before.copied_to), id(&after.copied_to)), "{before:?} {after:?}");
    assert!(after.also_names.starts_with(&before.also_names), "{before:?} {after:?}");
    let said = |row: &AlertRow| format!("{:?}", (&row.guest, &row.sender, &row.receiver, &row.kind, &row.text));
    assert_eq!(said(before), said(after));
    assert_eq!((before.raised_at, &before.raised_name), (after.raised_at, &after.raised_name));
}

/// What was planned was carried out exactly as far as the alert says, and nothing waits that is not to come.
async fn steps_are_legal(house: &House, alerts: &BTreeMap<AlertId, AlertRow>) {
    #[derive(SurrealValue)]
    struct Row {
        alert: RecordId,
        step: i64,
        state: String,
    }
    let rows: Vec<Row> = house.db.rows("SELECT alert, step, state FROM escalation", vars()).await.expect("steps");
    let mut steps: BTreeMap<AlertId, BTreeMap<i64, String>> = BTreeMap::new();
    for row in rows {
        let alert = id_of(&row.alert).expect("an id");
        assert_eq!(steps.entry(alert).or_default().insert(row.step, row.state), None, "one of each");
    }
    for (id, alert) in alerts {
        let steps = &steps[id];
        let all = if alert.muted { vec![3, 4] } else { vec![1, 2, 3, 4] };
        assert!(steps.keys().all(|step| all.contains(step)), "{steps:?} {alert:?}");
        let in_state = |wanted: &str| -> Vec<i64> {
            steps.iter().filter(|(_, state)| *state == wanted).map(|(step, _)| *step).collect()
        };
        let done = in_state("done");
        let carried = done.iter().copied().filter(|step| *step < 4).max().unwrap_or(0);
        assert_eq!((carried, done.contains(&4)), (alert.urgency, alert.state == "expired"), "{steps:?} {alert:?}");
        let before_the_end: Vec<i64> = done.iter().copied().filter(|step| *step < 4).collect();
        assert!(all.starts_with(&before_the_end), "none was left out: {steps:?} {alert:?}");
        // One waits while it is open: the next one, or once it is known only its end.
        let next = all.iter().copied().find(|step| !done.contains(step));
        let waits = match alert.state.as_str() {
            "raised" => next,
            "acknowledged" => Some(4),
            _ => None,
        };
        assert_eq!(in_state("planned"), Vec::from_iter(waits), "{steps:?} {alert:?}");
    }
}

/// Of two alerts that say the same within half a minute, the earlier one had ended before the later one.
fn nothing_is_said_twice(mut rows: Vec<&AlertRow>) {
    rows.sort_by_key(|row| row.raised_at);
    let said = |row: &AlertRow| format!("{:?}", (&row.guest, &row.receiver, &row.kind, &row.text));
    let ended_by_then = |row: &AlertRow, other: &AlertRow| row.ended_at.is_some_and(|ended| ended <= other.raised_at);
    for (at, earlier) in rows.iter().enumerate() {
        for later in &rows[at + 1..] {
            let apart = later.raised_at - earlier.raised_at;
            if apart >= TimeDelta::seconds(SAME_WORD_SECONDS) {
                break;
            }
            let either = ended_by_then(earlier, later) || ended_by_then(later, earlier);
            assert!(said(earlier) != said(later) || either, "said twice: {earlier:?} {later:?}");
        }
    }
}
