//! What the relay took, beside what the outbox says of it.

use rapport::{
    campaigns::{OccurrenceId, OccurrenceState},
    ids::CampaignId,
    server::db::{Db, id_of, record, vars},
};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};
use surrealdb::types::{RecordId, SurrealValue};

/// Where the occurrences of a campaign stand.
pub struct Ledger(Vec<Row>);

struct Row {
    id: OccurrenceId,
    state: OccurrenceState,
    message_id: Option<String>,
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Counts {
    pub planned: usize,
    pub sent: usize,
    pub unknown: usize,
    /// Of those that are unknown, how many the relay has.
    pub unknown_taken: usize,
    pub missed: usize,
    /// Taken more than once.
    pub doubled: usize,
    /// In no end state.
    pub stuck: usize,
    /// Written down as sent and not taken, taken and not written down, or planned and not there any more.
    pub lost: usize,
    /// The first of what is wrong, in words.
    cases: Vec<String>,
}

impl Ledger {
    pub async fn read(db: &Db, campaign: CampaignId) -> Self {
        #[derive(SurrealValue)]
        struct Stored {
            id: RecordId,
            state: String,
            message_id: Option<String>,
        }
        let rows: Vec<Stored> = db
            .rows(
                "SELECT id, state, message_id FROM occurrence WHERE campaign = $campaign",
                vars().with("campaign", record("campaign", campaign)),
            )
            .await
            .expect("occurrences");
        let rows = rows.into_iter().map(|row| Row {
            id: id_of(&row.id).expect("an occurrence"),
            state: OccurrenceState::from_code(&row.state).expect("a state"),
            message_id: row.message_id,
        });
        Self(rows.collect())
    }

    /// How many occurrences stand where, in words.
    pub fn states(&self) -> String {
        let mut states: BTreeMap<OccurrenceState, usize> = BTreeMap::new();
        for row in &self.0 {
            *states.entry(row.state).or_default() += 1;
        }
        let words: Vec<String> = states.iter().map(|(state, count)| format!("{}={count}", state.code())).collect();
        words.join(" ")
    }

    /// Whether something can still leave.
    pub fn is_open(&self) -> bool {
        self.0.iter().any(|row| !is_end(row.state))
    }

    /// Joins what stands in the outbox with what the relay took. `planned` is how many there were at first.
    pub fn join(&self, taken: &[String], planned: usize) -> Counts {
        let mut times: HashMap<&str, usize> = HashMap::new();
        for message in taken {
            *times.entry(message).or_default() += 1;
        }
        let mut counts = Counts { planned, ..Counts::default() };
        if self.0.len() != planned {
            counts.lost += planned.abs_diff(self.0.len());
            counts.cases.push(format!("{planned} were planned and {} are there", self.0.len()));
        }
        for (message, times) in times.iter().filter(|(_, times)| **times > 1) {
            counts.doubled += 1;
            counts.cases.push(format!("{message} was taken {times} times"));
        }
        for row in &self.0 {
            let times = row.message_id.as_deref().and_then(|message| times.remove(message)).unwrap_or_default();
            counts.add(row, times > 0);
        }
        for message in times.keys() {
            counts.lost += 1;
            counts.cases.push(format!("{message:?} was taken and is nobody's"));
        }
        counts
    }
}

impl Counts {
    fn add(&mut self, row: &Row, is_taken: bool) {
        match (row.state, is_taken) {
            (OccurrenceState::Sent, true) => self.sent += 1,
            (OccurrenceState::Sent, false) => self.wrong(|counts| &mut counts.lost, row, "is sent and was not taken"),
            (OccurrenceState::Unknown, _) => {
                self.unknown += 1;
                self.unknown_taken += usize::from(is_taken);
            }
            (OccurrenceState::Missed, false) => self.missed += 1,
            (state, _) if !is_end(state) => self.wrong(|counts| &mut counts.stuck, row, state.code()),
            (state, true) => self.wrong(|counts| &mut counts.lost, row, &format!("was taken and is {}", state.code())),
            // Nothing of this test is refused, held or dropped.
            (state, false) => self.wrong(|counts| &mut counts.lost, row, &format!("is {}", state.code())),
        }
    }

    fn wrong(&mut self, count: fn(&mut Self) -> &mut usize, row: &Row, what: &str) {
        *count(self) += 1;
        self.cases.push(format!("{} {what}", row.id));
    }

    pub fn is_right(&self) -> bool {
        self.doubled + self.stuck + self.lost == 0
    }

    /// The first of what is wrong.
    pub fn cases(&self) -> String {
        self.cases.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { planned, sent, unknown, unknown_taken, missed, doubled, stuck, lost, cases: _ } = self;
        write!(
            f,
            "planned={planned} sent={sent} unknown={unknown} unknown_taken={unknown_taken} missed={missed} \
             doubled={doubled} stuck={stuck} lost={lost}"
        )
    }
}

fn is_end(state: OccurrenceState) -> bool {
    use OccurrenceState::{Awaiting, Claimed, Held, Planned, Sending};
    !matches!(state, Planned | Awaiting | Claimed | Sending | Held)
}
