//! One transaction that changes records and says so in the feed.

use super::{Db, DbError, Vars, record};
use crate::ids::HouseId;
use std::{collections::BTreeSet, time::Duration};
use surrealdb::types::{ErrorDetails, QueryError, SurrealValue, Value, Variables};

/// Statements that are carried out together or not at all, and the events that tell of them.
///
/// A transaction that other processes made fail is tried again, so its statements must come to the
/// same when they are repeated after a commit whose outcome stayed unknown: rows have ids made
/// beforehand, and changes of state are guarded.
#[derive(Default)]
pub struct Tx {
    sql: String,
    vars: Variables,
    events: Vec<NewEvent>,
}

/// Something that other stations, the search index or jobs must learn.
pub struct NewEvent {
    pub house: HouseId,
    /// Which kind; see `alerts::feed`.
    pub kind: &'static str,
    /// An expression of the transaction (such as `$alert`), or `$event_data` bound by [`NewEvent::new`].
    data: EventData,
}

enum EventData {
    Value(Value),
    Expression(&'static str),
}

impl NewEvent {
    #[must_use]
    pub fn new(house: HouseId, kind: &'static str, data: impl SurrealValue) -> Self {
        Self { house, kind, data: EventData::Value(data.into_value()) }
    }

    /// An event that carries what an earlier statement of the transaction bound with LET.
    #[must_use]
    pub fn of_expression(house: HouseId, kind: &'static str, expression: &'static str) -> Self {
        Self { house, kind, data: EventData::Expression(expression) }
    }
}

/// What a transaction left behind.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Number of the last event that it wrote to each house's feed.
    pub heads: Vec<(HouseId, u64)>,
}

impl Tx {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds statements. Bound names are shared by the whole transaction.
    #[must_use]
    pub fn run(mut self, sql: &str, vars: Vars) -> Self {
        self.sql.push_str(sql.trim_end().trim_end_matches(';'));
        self.sql.push_str(";\n");
        self.vars.extend(vars.0);
        self
    }

    #[must_use]
    pub fn event(mut self, event: NewEvent) -> Self {
        self.events.push(event);
        self
    }

    /// The same event in the feed of each house.
    #[must_use]
    pub fn event_in(
        mut self,
        houses: impl IntoIterator<Item = HouseId>,
        kind: &'static str,
        data: impl SurrealValue,
    ) -> Self {
        let data = data.into_value();
        for house in houses {
            self.events.push(NewEvent { house, kind, data: EventData::Value(data.clone()) });
        }
        self
    }
}

/// How often a transaction is tried when other writers make it fail. Writers of this process do not: they
/// queue. Of several processes one gets through each time.
pub(super) const ATTEMPTS: u32 = 40;
/// The longest pause between two attempts, in milliseconds.
const LONGEST_PAUSE: u64 = 40;

impl Db {
    /// Commits a transaction with its events, then wakes whoever reads the feed. When this returns,
    /// it is on disk.
    ///
    /// # Errors
    /// [`DbError::Guard`] when the transaction threw `guard:WORD`; otherwise what the store answers.
    pub async fn commit(&self, tx: Tx) -> Result<Commit, DbError> {
        let houses: BTreeSet<HouseId> = tx.events.iter().map(|event| event.house).collect();
        // Writers of one house queue here instead of conflicting in the store. Always in the same
        // order, so that two of them never wait for each other.
        let mut held = Vec::with_capacity(houses.len());
        for house in &houses {
            held.push(self.house_lock(*house).lock_owned().await);
        }
        let (sql, vars) = compose(tx, &houses);
        let mut attempt = 0;
        let heads = loop {
            attempt += 1;
            match self.attempt(&sql, &vars, &houses).await {
                Err(DbError::Store(error)) if is_conflict(&error) && attempt < ATTEMPTS => {
                    give_way(attempt).await;
                }
                other => break other?,
            }
        };
        drop(held);
        if !houses.is_empty() {
            self.committed.send_modify(|count| *count += 1);
        }
        Ok(Commit { heads })
    }

    async fn attempt(
        &self,
        sql: &str,
        vars: &Variables,
        houses: &BTreeSet<HouseId>,
    ) -> Result<Vec<(HouseId, u64)>, DbError> {
        let bound = vars.clone();
        let mut results = self.link.ask(|client| async move { client.query(sql).bind(bound).await }).await?;
        // When one statement fails, the others report that they were cancelled: the real cause is the
        // error that says something else.
        let mut errors: Vec<_> = results.take_errors().into_iter().collect();
        if !errors.is_empty() {
            errors.sort_by_key(|(at, _)| *at);
            let cause = errors
                .iter()
                .position(|(_, error)| guard_of(error).is_some() || is_conflict(error) || !is_cancelled(error))
                .unwrap_or_default();
            let (_, error) = errors.swap_remove(cause);
            return Err(guard_of(&error).map_or(DbError::Store(error), DbError::Guard));
        }
        let mut heads = Vec::with_capacity(houses.len());
        if !houses.is_empty() {
            let last = results.num_statements().saturating_sub(1);
            // The last statement but COMMIT returns the heads, in the order of the houses.
            for at in (0..=last).rev() {
                let value: Value = results.take(at)?;
                if let Value::Array(numbers) = value {
                    heads.extend(
                        houses.iter().copied().zip(numbers.into_iter().filter_map(|n| u64::from_value(n).ok())),
                    );
                    break;
                }
            }
        }
        Ok(heads)
    }
}

fn compose(tx: Tx, houses: &BTreeSet<HouseId>) -> (String, Variables) {
    let Tx { sql, mut vars, events } = tx;
    let mut text = format!("BEGIN;\n{sql}");
    for (at, house) in houses.iter().enumerate() {
        let mine: Vec<_> = events.iter().enumerate().filter(|(_, event)| event.house == *house).collect();
        vars.insert(format!("feed_counter{at}"), record("counter", house));
        vars.insert(format!("feed_house{at}"), house.to_string());
        text.push_str(&format!(
            "LET $feed_head{at} = (UPSERT ONLY $feed_counter{at} SET seq = (seq ?? 0) + {count} RETURN AFTER).seq;\n",
            count = mine.len()
        ));
        for (place, (number, event)) in mine.iter().enumerate() {
            let data = match &event.data {
                EventData::Value(value) => {
                    vars.insert(format!("feed_data{number}"), value.clone());
                    format!("$feed_data{number}")
                }
                EventData::Expression(expression) => (*expression).to_owned(),
            };
            text.push_str(&format!(
                "CREATE ONLY type::record('event', [$feed_house{at}, $feed_head{at} - {back}]) \
                 CONTENT {{ kind: '{kind}', at: time::now(), data: {data} }} RETURN NONE;\n",
                back = mine.len() - 1 - place,
                kind = event.kind,
            ));
        }
    }
    if !houses.is_empty() {
        let heads: Vec<_> = (0..houses.len()).map(|at| format!("$feed_head{at}")).collect();
        text.push_str(&format!("RETURN [{}];\n", heads.join(", ")));
    }
    text.push_str("COMMIT;");
    (text, vars)
}

/// Waits before the next attempt: longer each time, and never as long as another process that was
/// disturbed in the same moment.
pub(super) async fn give_way(attempt: u32) {
    let longest = (u64::from(attempt) * 3).min(LONGEST_PAUSE);
    let part = u64::from(uuid::Uuid::new_v4().as_bytes()[0]);
    tokio::time::sleep(Duration::from_micros(1_000 + longest * 1_000 * part / 255)).await;
}

/// Whether a transaction failed because of another one, and changed nothing. Over a connection it looks
/// the same.
pub(super) fn is_conflict(error: &surrealdb::Error) -> bool {
    matches!(error.details(), ErrorDetails::Query(Some(QueryError::TransactionConflict)))
        || error.message().contains("can be retried")
}

fn is_cancelled(error: &surrealdb::Error) -> bool {
    error.message().contains("not executed due to")
}

fn guard_of(error: &surrealdb::Error) -> Option<String> {
    let (_, guard) = error.message().split_once("guard:")?;
    Some(guard.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
}
