//! What planning writes: occurrences, letters that wait for their signer, and traces for the floor.

use super::facts;
use crate::{
    campaigns::{OccurrenceId, OccurrenceState, Reason, kinds::Candidate, store::CampaignRow, template::Rendered},
    house::StationKind,
    ids::TraceId,
    requests::traces::{
        TraceKind,
        store::{NewTrace, birthday_id},
    },
    server::db::record,
};
use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue};

/// What becomes of a candidate.
#[derive(Debug, Clone)]
pub(super) struct Fate {
    pub state: OccurrenceState,
    pub reason: Option<Reason>,
    pub detail: Option<String>,
    pub due: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub address: Option<String>,
    pub language: Option<String>,
    pub household: Option<String>,
    /// For [`OccurrenceState::Awaiting`].
    pub letter: Option<Rendered>,
}

impl Fate {
    /// Whether nothing more will become of it.
    fn is_end(&self) -> bool {
        use OccurrenceState::{Control, Missed, Skipped, Trace};
        matches!(self.state, Control | Missed | Skipped | Trace)
    }
}

#[derive(Debug, Clone, SurrealValue)]
pub(super) struct OccurrenceRow {
    id: RecordId,
    campaign: RecordId,
    house: RecordId,
    guest: RecordId,
    date: String,
    stage: Option<i64>,
    state: String,
    reason: Option<String>,
    detail: Option<String>,
    due: DateTime<Utc>,
    until: DateTime<Utc>,
    planned_at: DateTime<Utc>,
    household: Option<String>,
    attempts: i64,
    language: Option<String>,
    address: Option<String>,
    ended_at: Option<DateTime<Utc>>,
    /// The campaign's, by which it was judged.
    revision: i64,
}

#[derive(Debug, Clone, SurrealValue)]
pub(super) struct EnvelopeRow {
    id: RecordId,
    subject: String,
    html: String,
    text: String,
    revision: i64,
}

/// What one chunk of candidates comes to.
#[derive(Default)]
pub(super) struct Rows {
    pub occurrences: Vec<OccurrenceRow>,
    pub envelopes: Vec<EnvelopeRow>,
    pub traces: Vec<NewTrace>,
}

impl Rows {
    pub fn add(&mut self, campaign: &CampaignRow, candidate: &Candidate, fate: &Fate, now: DateTime<Utc>) {
        let id = facts::occurrence(campaign.id, candidate);
        if let Some(letter) = &fate.letter {
            self.envelopes.push(EnvelopeRow {
                id: RecordId::new("envelope", id.key.clone()),
                subject: letter.subject.clone(),
                html: letter.html.clone(),
                text: letter.text.clone(),
                revision: campaign.revision,
            });
        }
        if fate.state == OccurrenceState::Trace {
            let occurrence =
                OccurrenceId { campaign: campaign.id, guest: candidate.guest, date: candidate.date.to_string() };
            let (id, author) = (trace_id(&occurrence), campaign.name.clone());
            self.traces.push(NewTrace {
                guest: Some(candidate.guest),
                room: fate.detail.clone(),
                occurrence: Some(occurrence),
                ..NewTrace::of(id, campaign.house, StationKind::Floor, TraceKind::Birthday, candidate.date, author)
            });
        }
        self.occurrences.push(OccurrenceRow {
            id,
            campaign: record("campaign", campaign.id),
            house: record("house", campaign.house),
            guest: record("guest", candidate.guest),
            date: candidate.date.to_string(),
            stage: candidate.stage.map(i64::from),
            state: fate.state.code().to_owned(),
            reason: fate.reason.map(|reason| reason.code().to_owned()),
            detail: fate.detail.clone(),
            due: fate.due,
            until: fate.until,
            planned_at: now,
            household: fate.household.clone(),
            attempts: 0,
            language: fate.language.clone(),
            address: fate.address.clone(),
            ended_at: fate.is_end().then_some(now),
            revision: campaign.revision,
        });
    }
}

/// The id of the trace that stands for the greeting of a birthday: made from the guest and the day alone, so
/// that two campaigns ask the floor once.
#[must_use]
pub fn trace_id(occurrence: &OccurrenceId) -> TraceId {
    birthday_id(occurrence.guest, &occurrence.date)
}
