//! One transaction that changes records and says so in the feed.

use super::{Db, DbError, Vars, record};
use crate::ids::HouseId;
use std::{any::Any, collections::BTreeSet, sync::Arc, time::Duration};
use surrealdb::types::{ErrorDetails, QueryError, SurrealValue, Value, Variables};
use tokio::sync::{broadcast, watch};

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
    ahead: Option<Ahead>,
}

/// What a writer has begun to look up for whoever tells of its event in this process, so that it is at hand when
/// the commit is: nothing until it has been found, and a channel that closes where it could not be.
pub type Ahead = watch::Receiver<Option<Arc<dyn Any + Send + Sync>>>;

enum EventData {
    Value(Value),
    Expression(&'static str),
}

impl NewEvent {
    #[must_use]
    pub fn new(house: HouseId, kind: &'static str, data: impl SurrealValue) -> Self {
        Self { house, kind, data: EventData::Value(data.into_value()), ahead: None }
    }

    /// An event that carries what an earlier statement of the transaction bound with LET.
    #[must_use]
    pub fn of_expression(house: HouseId, kind: &'static str, expression: &'static str) -> Self {
        Self { house, kind, data: EventData::Expression(expression), ahead: None }
    }

    /// The same, with what is being looked up for it meanwhile. It is told in this process only: a hint, and
    /// never part of what is stored.
    #[must_use]
    pub fn with_ahead(self, ahead: Ahead) -> Self {
        Self { ahead: Some(ahead), ..self }
    }
}

/// What a transaction left behind.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The events that it wrote, by house, in their order.
    pub told: Vec<(HouseId, Arc<[Told]>)>,
}

/// An event as a transaction has written it.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its number in the house's feed.
    pub seq: u64,
    pub kind: &'static str,
    pub data: Value,
    /// See [`NewEvent::with_ahead`].
    pub ahead: Option<Ahead>,
}

/// Word of a commit of this process.
#[derive(Debug, Clone)]
pub enum Committed {
    /// These events of a house are on disk now.
    Told(HouseId, Arc<[Told]>),
    /// The outcome is not known here: the feed may have grown or not.
    Perhaps,
}

/// Says [`Committed::Perhaps`] when it is dropped: a writer that fails or is given up has perhaps
/// written, and whoever waits for its word must not wait for ever.
struct Telling<'a> {
    committed: &'a broadcast::Sender<Committed>,
    over: bool,
}

impl Telling<'_> {
    fn tell(mut self, told: &[(HouseId, Arc<[Told]>)]) {
        self.over = true;
        for (house, events) in told {
            // Nobody may be reading.
            let _ = self.committed.send(Committed::Told(*house, Arc::clone(events)));
        }
    }
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        if !self.over {
            let _ = self.committed.send(Committed::Perhaps);
        }
    }
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
            self.events.push(NewEvent::new(house, kind, data.clone()));
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
    /// Commits a transaction with its events, then hands them to whoever reads the feed. When this
    /// returns, it is on disk.
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
        // Told before the next writer's turn, so that it is told in the order of the commits.
        let telling = Telling { committed: &self.committed, over: houses.is_empty() };
        let (sql, vars, written) = compose(tx, &houses);
        let mut attempt = 0;
        let answer = loop {
            attempt += 1;
            match self.attempt(&sql, &vars, !houses.is_empty()).await {
                Err(DbError::Store(error)) if is_conflict(&error) && attempt < ATTEMPTS => {
                    give_way(attempt).await;
                }
                other => break other?,
            }
        };
        let told = written.told(&houses, answer)?;
        telling.tell(&told);
        drop(held);
        if !told.is_empty() {
            // The feed's reader has just been woken on this worker of the runtime, and would wait until the writer
            // does, who has an answer to put together: the boards come first.
            tokio::task::yield_now().await;
        }
        Ok(Commit { told })
    }

    async fn attempt(&self, sql: &str, vars: &Variables, has_events: bool) -> Result<Answer, DbError> {
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
        if has_events {
            // The last statement but COMMIT says what became of the events.
            for at in (0..results.num_statements()).rev() {
                let value: Value = results.take(at)?;
                if matches!(value, Value::Object(_)) {
                    return Ok(Answer::from_value(value)?);
                }
            }
        }
        Ok(Answer::default())
    }
}

/// What a transaction with events returns.
#[derive(Default, SurrealValue)]
struct Answer {
    /// Number of the last event of each house, in the order of the houses.
    heads: Vec<i64>,
    /// What the expressions came to that events carry, in the order of the events.
    data: Vec<Value>,
}

/// What a transaction told one house.
type InHouse = (HouseId, Arc<[Told]>);

/// The events of a transaction, whose numbers and expressions are not known yet.
struct Written(Vec<NewEvent>);

impl Written {
    fn told(self, houses: &BTreeSet<HouseId>, answer: Answer) -> Result<Vec<InHouse>, DbError> {
        let mut computed = answer.data.into_iter();
        let mut told: Vec<(HouseId, Vec<Told>)> = houses.iter().map(|house| (*house, Vec::new())).collect();
        for NewEvent { house, kind, data, ahead } in self.0 {
            let data = match data {
                EventData::Value(value) => value,
                EventData::Expression(_) => computed.next().ok_or_else(|| DbError::Malformed(kind.to_owned()))?,
            };
            if let Some((_, events)) = told.iter_mut().find(|(at, _)| *at == house) {
                events.push(Told { seq: 0, kind, data, ahead });
            }
        }
        if answer.heads.len() != told.len() {
            return Err(DbError::Malformed(format!("{:?}", answer.heads)));
        }
        Ok(told
            .into_iter()
            .zip(answer.heads)
            .map(|((house, mut events), head)| {
                let numbers = (1..=u64::try_from(head).unwrap_or(0)).rev();
                for (event, seq) in events.iter_mut().rev().zip(numbers) {
                    event.seq = seq;
                }
                (house, events.into())
            })
            .collect())
    }
}

fn compose(tx: Tx, houses: &BTreeSet<HouseId>) -> (String, Variables, Written) {
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
        let expressions = events.iter().filter_map(|event| match &event.data {
            EventData::Expression(expression) => Some(*expression),
            EventData::Value(_) => None,
        });
        let data: Vec<_> = expressions.collect();
        text.push_str(&format!("RETURN {{ heads: [{}], data: [{}] }};\n", heads.join(", "), data.join(", ")));
    }
    text.push_str("COMMIT;");
    (text, vars, Written(events))
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
