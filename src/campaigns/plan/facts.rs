//! Everything that verdicts rest on, looked up for many candidates at once.

use crate::{
    campaigns::{
        OccurrenceId, OccurrenceState, consent,
        kinds::{
            self, Candidate,
            facts::{GuestFacts, of_campaign},
        },
        store::CampaignRow,
    },
    guests::{parse::Email, store::guest_records},
    house::House,
    ids::{CampaignId, GuestId},
    requests::recovery,
    server::{
        clock,
        db::{Db, DbError, id_of, record, vars, word},
    },
};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::collections::{BTreeSet, HashMap, HashSet};
use surrealdb::types::{RecordId, SurrealValue};

/// How late a greeting leaves at most: the longest grace that a campaign can have.
const LATEST: TimeDelta = TimeDelta::hours(336);

/// What is around some candidates.
pub(super) struct Surroundings {
    pub guests: HashMap<GuestId, GuestFacts>,
    pub holds: HashMap<GuestId, Hold>,
    /// Of whom a complaint is open.
    pub complaints: HashSet<GuestId>,
    pub suppressed: HashSet<String>,
    /// Names of the campaigns whose greetings are near.
    pub campaigns: HashMap<CampaignId, String>,
    consents: HashMap<GuestId, bool>,
    /// Greetings near to those of the candidates, and the candidates' own.
    by_guest: HashMap<GuestId, Vec<Other>>,
    by_household: HashMap<String, Vec<Other>>,
    own: HashMap<OccurrenceId, Other>,
}

/// An occurrence beside a candidate, or its own.
#[derive(Debug, Clone)]
pub(super) struct Other {
    pub id: OccurrenceId,
    pub state: OccurrenceState,
    /// When it is to leave, or has left.
    pub due: DateTime<Utc>,
    pub household: Option<String>,
}

/// A profile that gets no greetings for now.
#[derive(Debug, Clone, SurrealValue)]
pub(super) struct Hold {
    guest: RecordId,
    reason: String,
    /// The last day, house-local.
    until: Option<String>,
}

impl Hold {
    pub fn lasts(&self, day: NaiveDate) -> bool {
        self.until.as_ref().is_none_or(|until| day.to_string() <= *until)
    }

    /// Its words and its end.
    pub fn detail(&self) -> String {
        match &self.until {
            Some(until) => format!("{} · {until}", self.reason),
            None => self.reason.clone(),
        }
    }
}

#[derive(SurrealValue)]
struct OtherRow {
    id: RecordId,
    state: String,
    due: DateTime<Utc>,
    sending_at: Option<DateTime<Utc>>,
    household: Option<String>,
}

/// What is read of each.
const COLUMNS: &str = "id, state, due, sending_at, household";

impl OtherRow {
    fn read(self) -> Result<Other, DbError> {
        use OccurrenceState::{Sending, Sent, Unknown};
        let state = word(&self.state, OccurrenceState::from_code)?;
        // What has left did so then, however late.
        let left = self.sending_at.filter(|_| matches!(state, Sending | Sent | Unknown));
        Ok(Other { id: id_of(&self.id)?, state, due: left.unwrap_or(self.due), household: self.household })
    }
}

impl Surroundings {
    pub async fn load(
        db: &Db,
        house: &House,
        campaign: &CampaignRow,
        candidates: &[Candidate],
        now: DateTime<Utc>,
    ) -> Result<Self, DbError> {
        let ids: BTreeSet<GuestId> = candidates.iter().map(|candidate| candidate.guest).collect();
        let ids: Vec<GuestId> = ids.into_iter().collect();
        let (guests, consents, own, near, complaints) = futures::try_join!(
            of_campaign(db, house, campaign.kind, &campaign.settings, &ids),
            consent::of(db, &ids, campaign.kind),
            existing(db, campaign.id, candidates),
            near(db, house, campaign, candidates, &ids, now),
            recovery::store::open_of(db, &ids),
        )?;
        let addresses: BTreeSet<String> =
            guests.values().filter_map(|guest| Email::parse(guest.emails.first()?).ok()).map(String::from).collect();
        let addresses: Vec<String> = addresses.into_iter().collect();
        let holds: Vec<RecordId> = ids.iter().map(|id| record("hold", id)).collect();
        let sharing =
            async { if campaign.settings.one_per_household { sharing(db, &addresses).await } else { Ok(Vec::new()) } };
        let (suppressed, holds, sharing) = futures::try_join!(
            consent::suppressed(db, &addresses),
            db.rows::<Hold>("SELECT guest, reason, until FROM $holds", vars().with("holds", holds)),
            sharing,
        )?;
        let holds = holds.into_iter().map(|hold| Ok((id_of(&hold.guest)?, hold))).collect::<Result<_, DbError>>()?;
        let mut around = Self {
            guests,
            holds,
            complaints,
            suppressed,
            campaigns: HashMap::new(),
            consents,
            by_guest: HashMap::new(),
            by_household: HashMap::new(),
            own,
        };
        around.campaigns = names(db, &near).await?;
        for other in near {
            around.by_guest.entry(other.id.guest).or_default().push(other);
        }
        for other in sharing {
            if let Some(household) = other.household.clone() {
                around.by_household.entry(household).or_default().push(other);
            }
        }
        around.campaigns.insert(campaign.id, campaign.name.clone());
        Ok(around)
    }

    /// The candidate's own row, if it is planned already.
    pub fn own(&self, id: &OccurrenceId) -> Option<&Other> {
        self.own.get(id)
    }

    pub fn of_guest(&self, guest: GuestId) -> impl Iterator<Item = &Other> {
        self.by_guest.get(&guest).into_iter().flatten()
    }

    pub fn of_household(&self, household: &str) -> impl Iterator<Item = &Other> {
        self.by_household.get(household).into_iter().flatten()
    }

    pub fn has_consent(&self, guest: GuestId) -> bool {
        self.consents.get(&guest).copied().unwrap_or(false)
    }
}

/// The rows of those candidates that are planned already.
pub(super) async fn existing(
    db: &Db,
    campaign: CampaignId,
    candidates: &[Candidate],
) -> Result<HashMap<OccurrenceId, Other>, DbError> {
    let own: Vec<RecordId> = candidates.iter().map(|candidate| occurrence(campaign, candidate)).collect();
    let rows: Vec<OtherRow> = db.rows(&format!("SELECT {COLUMNS} FROM $own"), vars().with("own", own)).await?;
    rows.into_iter()
        .map(|row| {
            let other = row.read()?;
            Ok((other.id.clone(), other))
        })
        .collect()
}

/// The record of a candidate's occurrence.
pub(super) fn occurrence(campaign: CampaignId, candidate: &Candidate) -> RecordId {
    let id = OccurrenceId { campaign, guest: candidate.guest, date: candidate.date.to_string() };
    record("occurrence", id)
}

/// Greetings of these guests, of any campaign, that the frequency cap or the rule of once a year could mind.
async fn near(
    db: &Db,
    house: &House,
    campaign: &CampaignRow,
    candidates: &[Candidate],
    guests: &[GuestId],
    now: DateTime<Utc>,
) -> Result<Vec<Other>, DbError> {
    let span = campaign.settings.frequency_days.max(kinds::of(campaign.kind).once_within_days());
    if span == 0 {
        return Ok(Vec::new());
    }
    // A day more on either side, for the zones.
    let span = TimeDelta::days(i64::from(span) + 1 + i64::from(campaign.settings.lead_days));
    // What was due then may have left by now.
    let span_before = span + LATEST;
    let at = |candidate: &Candidate| clock::local_instant(candidate.date, NaiveTime::MIN, house.zone());
    let from = candidates.iter().map(at).min().unwrap_or(now) - span_before;
    let to = candidates.iter().map(at).max().unwrap_or(now).max(now) + span;
    let rows: Vec<OtherRow> = db
        .rows_among(
            &format!("SELECT {COLUMNS} FROM occurrence WHERE guest IN $among AND due >= $from AND due <= $to"),
            &guest_records(guests),
            vars().with("from", from).with("to", to),
        )
        .await?;
    rows.into_iter().map(OtherRow::read).collect()
}

/// Greetings to these addresses where each household gets one.
async fn sharing(db: &Db, households: &[String]) -> Result<Vec<Other>, DbError> {
    let rows: Vec<OtherRow> = db
        .rows_among(&format!("SELECT {COLUMNS} FROM occurrence WHERE household IN $among"), households, vars())
        .await?;
    rows.into_iter().map(OtherRow::read).collect()
}

async fn names(db: &Db, others: &[Other]) -> Result<HashMap<CampaignId, String>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
        name: String,
    }
    let ids: BTreeSet<CampaignId> = others.iter().map(|other| other.id.campaign).collect();
    let ids: Vec<RecordId> = ids.into_iter().map(|id| record("campaign", id)).collect();
    let rows: Vec<Row> = db.rows("SELECT id, name FROM $campaigns", vars().with("campaigns", ids)).await?;
    rows.into_iter().map(|row| Ok((id_of(&row.id)?, row.name))).collect()
}
