//! What the devices were told, and what is wrong with it: beside itself, and beside what is stored.

use rapport::{
    alerts::store::AlertRow,
    server::db::{Db, id_of, record, vars},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::{Mutex, PoisonError},
};
use surrealdb::types::{RecordId, RecordIdKey, SurrealValue};

/// Written by every device.
#[derive(Default)]
pub struct Ledger(Mutex<Counts>);

/// What an event told of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    id: String,
    state: String,
    urgency: String,
}

impl Seen {
    /// `None` for an event that is nobody's business at that station.
    pub fn of(told: &Value) -> Option<Self> {
        let text = |field: &str| told["alert"][field].as_str().map(str::to_owned);
        (told["kind"] == "alert")
            .then(|| Some(Self { id: text("id")?, state: text("state")?, urgency: text("urgency")? }))
            .flatten()
    }
}

#[derive(Default)]
pub struct Counts {
    /// By the id that the device made: the alert that the server said it is.
    pub raised: BTreeMap<String, String>,
    /// By alert: who was told to have been the first.
    pub acknowledged: BTreeMap<String, BTreeSet<&'static str>>,
    pub completed: BTreeMap<String, BTreeSet<&'static str>>,
    pub retries: u64,
    /// Devices told to begin anew although nothing was too old.
    pub resets: u64,
    /// Streams ended as if somebody had signed out.
    pub ended: u64,
    shown: BTreeMap<u64, Seen>,
    last: HashMap<usize, u64>,
    events: u64,
    wrong: Wrong,
}

/// What must not be.
#[derive(Debug, Default)]
pub struct Wrong {
    pub lost: u64,
    pub doubled: u64,
    pub out_of_order: u64,
    pub uncommitted_shown: u64,
    pub two_winners: u64,
    pub steps_doubled: u64,
    /// The first of them in words.
    cases: Vec<String>,
}

impl Wrong {
    pub fn is_nothing(&self) -> bool {
        let Self { lost, doubled, out_of_order, uncommitted_shown, two_winners, steps_doubled, cases: _ } = self;
        lost + doubled + out_of_order + uncommitted_shown + two_winners + steps_doubled == 0
    }

    pub fn cases(&self) -> &[String] {
        &self.cases
    }

    fn add(&mut self, which: fn(&mut Self) -> &mut u64, case: impl FnOnce() -> String) {
        *which(self) += 1;
        if self.cases.len() < 20 {
            self.cases.push(case());
        }
    }

    fn lost(&mut self, case: impl FnOnce() -> String) {
        self.add(|wrong| &mut wrong.lost, case);
    }

    fn doubled(&mut self, case: impl FnOnce() -> String) {
        self.add(|wrong| &mut wrong.doubled, case);
    }

    fn out_of_order(&mut self, case: impl FnOnce() -> String) {
        self.add(|wrong| &mut wrong.out_of_order, case);
    }

    fn uncommitted(&mut self, case: impl FnOnce() -> String) {
        self.add(|wrong| &mut wrong.uncommitted_shown, case);
    }

    fn two_winners(&mut self, case: impl FnOnce() -> String) {
        self.add(|wrong| &mut wrong.two_winners, case);
    }

    fn steps_doubled(&mut self, case: impl FnOnce() -> String) {
        self.add(|wrong| &mut wrong.steps_doubled, case);
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lost, doubled, out_of_order, uncommitted_shown, two_winners, steps_doubled, cases: _ } = self;
        write!(
            f,
            "lost={lost} doubled={doubled} out_of_order={out_of_order} uncommitted_shown={uncommitted_shown} \
             two_winners={two_winners} steps_doubled={steps_doubled}"
        )
    }
}

impl Ledger {
    pub fn note(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// A raise was answered.
    pub fn raised(&self, id: &str, alert: &str) {
        self.note(|counts| {
            let first = counts.raised.entry(id.to_owned()).or_insert_with(|| alert.to_owned()).clone();
            if first != alert {
                counts.wrong.doubled(|| format!("{id} was {first} and then {alert}"));
            }
        });
    }

    /// An event came to a listener that held everything up to `last`.
    pub fn heard(&self, listener: usize, last: &mut u64, seq: u64, seen: Option<Seen>) {
        self.note(|counts| {
            counts.events += 1;
            if seq <= *last {
                counts.wrong.doubled(|| format!("listener {listener} had {last} and got {seq}"));
            } else if seq != *last + 1 {
                counts.wrong.out_of_order(|| format!("listener {listener} had {last} and got {seq}"));
            }
            *last = seq;
            counts.last.insert(listener, seq);
            if let Some(seen) = seen {
                let first = counts.shown.entry(seq).or_insert_with(|| seen.clone()).clone();
                if first != seen {
                    counts.wrong.uncommitted(|| format!("event {seq} was {first:?} and then {seen:?}"));
                }
            }
        });
    }

    /// Listeners of so many that have not come to an event yet.
    pub fn behind(&self, listeners: usize, head: u64) -> Vec<usize> {
        let mut behind = Vec::new();
        self.note(|counts| {
            behind =
                (0..listeners).filter(|listener| counts.last.get(listener).is_none_or(|last| *last < head)).collect();
        });
        behind
    }

    /// Compares what was told with what is stored, once nobody writes any more.
    pub async fn compare(self, db: &Db, house: &str, behind: &[usize]) -> Counts {
        let mut counts = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let stored = Stored::read(db, house).await;
        for listener in behind {
            counts.wrong.lost(|| format!("listener {listener} did not catch up"));
        }
        for _ in 0..counts.resets {
            counts.wrong.lost(|| "a listener was told to begin anew".to_owned());
        }
        for _ in 0..counts.ended {
            counts.wrong.lost(|| "a stream ended though nobody had signed out".to_owned());
        }
        stored.check_raised(&counts.raised, &mut counts.wrong);
        stored.check_shown(&counts.shown, &mut counts.wrong);
        stored.check_winners(&counts.acknowledged, |row| row.acknowledged_by.as_deref(), &mut counts.wrong);
        stored.check_winners(&counts.completed, |row| row.ended_by.as_deref(), &mut counts.wrong);
        stored.check_histories(&mut counts.wrong);
        counts
    }
}

impl Counts {
    pub fn wrong(&self) -> &Wrong {
        &self.wrong
    }

    /// How many events came to listeners, all of them together.
    pub fn events(&self) -> u64 {
        self.events
    }
}

/// What is in the store at the end.
struct Stored {
    alerts: BTreeMap<String, AlertRow>,
    /// Ids that stand for another alert.
    aliases: BTreeSet<String>,
    /// The alerts as the events of the feed had them, by number.
    events: BTreeMap<u64, AlertRow>,
    /// Steps that were carried out, by alert.
    steps: BTreeMap<String, Vec<i64>>,
    /// Numbers that should be there and are not.
    missing: Vec<u64>,
}

impl Stored {
    async fn read(db: &Db, house: &str) -> Self {
        #[derive(SurrealValue)]
        struct Event {
            id: RecordId,
            kind: String,
            data: surrealdb::types::Value,
        }
        #[derive(SurrealValue)]
        struct Step {
            alert: RecordId,
            step: i64,
        }
        let key = |id: &RecordId| id_of::<String>(id).expect("an id");
        let alerts: Vec<AlertRow> = db.rows("SELECT * FROM type::table('alert')", vars()).await.expect("alerts");
        let aliases: Vec<RecordId> =
            db.rows("SELECT VALUE id FROM type::table('alert_alias')", vars()).await.expect("aliases");
        let done: Vec<Step> =
            db.rows("SELECT alert, step FROM escalation WHERE state = 'done'", vars()).await.expect("steps");
        let rows: Vec<Event> = db
            .rows(
                "SELECT id, kind, data FROM type::record('event', [$house, 0]..[$house, $ever])",
                vars().with("house", house).with("ever", i64::MAX),
            )
            .await
            .expect("events");
        let head: Option<i64> = db
            .row("SELECT VALUE seq FROM $counter", vars().with("counter", record("counter", house)))
            .await
            .expect("a head");
        let mut events = BTreeMap::new();
        let mut numbers = BTreeSet::new();
        for row in rows {
            let RecordIdKey::Array(parts) = &row.id.key else { panic!("{:?}", row.id) };
            let seq = parts.get(1).cloned().and_then(|seq| u64::from_value(seq).ok()).expect("a number");
            numbers.insert(seq);
            if row.kind == "alert" {
                events.insert(seq, AlertRow::from_value(row.data).expect("an alert"));
            }
        }
        let head = u64::try_from(head.unwrap_or(0)).unwrap_or(0);
        let mut steps: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for Step { alert, step } in done {
            steps.entry(key(&alert)).or_default().push(step);
        }
        Self {
            alerts: alerts.into_iter().map(|row| (key(&row.id), row)).collect(),
            aliases: aliases.iter().map(key).collect(),
            events,
            steps,
            missing: (1..=head).filter(|seq| !numbers.contains(seq)).collect(),
        }
    }

    /// Everything that was answered is there, once.
    fn check_raised(&self, raised: &BTreeMap<String, String>, wrong: &mut Wrong) {
        for (id, alert) in raised {
            if !self.alerts.contains_key(alert) {
                wrong.lost(|| format!("{id} was answered as {alert}, which is not there"));
            }
            let (is_own, is_alias) = (self.alerts.contains_key(id), self.aliases.contains(id));
            if is_own && (is_alias || id != alert) {
                wrong.doubled(|| format!("{id} is there beside {alert}"));
            }
        }
        // Every note says something that no other says.
        let mut texts = BTreeSet::new();
        for row in self.alerts.values() {
            if let Some(text) = &row.text
                && !texts.insert(text)
            {
                wrong.doubled(|| format!("{text} is there twice"));
            }
        }
        for seq in &self.missing {
            wrong.lost(|| format!("event {seq} is not there"));
        }
    }

    /// Nothing was shown that is not committed as it was shown.
    fn check_shown(&self, shown: &BTreeMap<u64, Seen>, wrong: &mut Wrong) {
        const URGENCIES: [&str; 4] = ["plain", "rung_again", "duty_told", "unanswered"];
        for (seq, seen) in shown {
            let is_there = self.events.get(seq).is_some_and(|row| {
                id_of::<String>(&row.id).is_ok_and(|id| id == seen.id)
                    && row.state == seen.state
                    && URGENCIES.iter().position(|word| *word == seen.urgency) == usize::try_from(row.urgency).ok()
            });
            if !is_there {
                wrong.uncommitted(|| format!("event {seq} was shown as {seen:?}"));
            }
        }
    }

    /// Who was told to have been first is the one who was, and nobody else was told so.
    fn check_winners(
        &self,
        told: &BTreeMap<String, BTreeSet<&'static str>>,
        stored: fn(&AlertRow) -> Option<&str>,
        wrong: &mut Wrong,
    ) {
        for (alert, names) in told {
            let winner = self.alerts.get(alert).and_then(stored);
            if names.len() != 1 || winner != names.first().copied() {
                wrong.two_winners(|| format!("{alert}: {names:?} were told, {winner:?} is stored"));
            }
        }
    }

    /// Each alert's events tell of one winner and of each step once.
    fn check_histories(&self, wrong: &mut Wrong) {
        let mut histories: BTreeMap<String, Vec<&AlertRow>> = BTreeMap::new();
        for row in self.events.values() {
            histories.entry(id_of::<String>(&row.id).expect("an id")).or_default().push(row);
        }
        for (id, history) in &histories {
            let winners: BTreeSet<&String> = history.iter().filter_map(|row| row.acknowledged_by.as_ref()).collect();
            if winners.len() > 1 {
                wrong.two_winners(|| format!("{id} was acknowledged by {winners:?}"));
            }
            for pair in history.windows(2) {
                let [before, after] = pair else { continue };
                if after.urgency < before.urgency {
                    wrong.out_of_order(|| format!("{id} went back to urgency {}", after.urgency));
                }
            }
            let steps = self.steps.get(id).map_or(&[][..], Vec::as_slice);
            let reached = history.iter().map(|row| row.urgency).max().unwrap_or(0);
            if steps.iter().filter(|step| **step <= 3).max().copied().unwrap_or(0) != reached {
                wrong.steps_doubled(|| format!("{id} reached urgency {reached} by the steps {steps:?}"));
            }
            // Only notes are said once each: a colleague who says the same again is an event too.
            let came_to = |state: &str| usize::from(history.iter().any(|row| row.state == state));
            let expected = 1 + came_to("acknowledged") + came_to("completed") + steps.len();
            if history[0].kind == "note" && history.len() != expected {
                wrong.steps_doubled(|| format!("{id} has {} events, and the steps {steps:?}", history.len()));
            }
        }
        for id in self.alerts.keys().filter(|id| !histories.contains_key(*id)) {
            wrong.lost(|| format!("{id} is stored and no event tells of it"));
        }
    }
}
