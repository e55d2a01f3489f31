//! What lies ahead, as the pages about campaigns show it.

use super::{
    OccurrenceState, Reason,
    kinds::{self, Candidate},
    pages::{CalendarPage, Column, Day, DayPeople, Group, Outcome, Outlook, Person},
    plan::{self, Preflight, Verdict},
    store::{self, CampaignRow},
};
use crate::{
    guests::GuestName,
    house::House,
    ids::{CampaignId, GuestId},
    server::{
        clock,
        db::{Db, DbError},
    },
    staff::Role,
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use std::{collections::BTreeMap, str::FromStr};

/// Days in the calendar.
const CALENDAR_DAYS: usize = 60;
/// Days that are looked at for the next greeting.
const NEXT_DAYS: u64 = 8;
/// Names on one page. Verdicts are found for up to 500 at once.
const NAMES: usize = 100;

/// What is about to happen in a campaign, as far as it has been planned.
///
/// # Errors
/// What the store answers.
pub async fn outlook(db: &Db, house: &House, campaign: CampaignId, now: DateTime<Utc>) -> Result<Outlook, DbError> {
    use OccurrenceState::{Awaiting, Held, Unknown};
    let zone = house.zone();
    let today = clock::today(now, zone);
    let begin = |day: NaiveDate| clock::local_instant(day, NaiveTime::MIN, zone);
    let mut days: BTreeMap<NaiveDate, u32> = BTreeMap::new();
    for (at, count) in store::leaving(db, campaign, begin(today), begin(today + Days::new(NEXT_DAYS))).await? {
        *days.entry(clock::today(at, zone)).or_default() += count;
    }
    let next = days.first_key_value().map(|(day, count)| {
        let ahead = (*day - today).num_days();
        (u16::try_from(ahead).unwrap_or_default(), *count)
    });
    let counts = store::counts_of(db, campaign, &[Held, Awaiting, Unknown]).await?;
    let count = |state| counts.get(&state).copied().unwrap_or_default();
    Ok(Outlook { next, held: count(Held), awaiting: count(Awaiting), unknown: count(Unknown) })
}

/// Everybody of a preflight by what would become of them, the largest reason first.
#[must_use]
pub fn groups(found: &Preflight) -> Vec<Group> {
    let mut counts: BTreeMap<(Outcome, Option<Reason>), u32> = BTreeMap::new();
    for ((state, reason), count) in &found.groups {
        *counts.entry((outcome_of(*state), *reason)).or_default() += count;
    }
    let mut groups: Vec<Group> =
        counts.into_iter().map(|((outcome, reason), count)| Group { outcome, reason, count }).collect();
    groups.sort_by_key(|group| (group.outcome, std::cmp::Reverse(group.count)));
    groups
}

/// The people of a group, a page at a time, and where the list goes on.
#[must_use]
pub fn people(
    found: Preflight,
    outcome: Outcome,
    reason: Option<Reason>,
    after: Option<&str>,
    reader: Role,
) -> (Vec<Person>, Option<String>) {
    let mut lines: Vec<_> = found
        .lines
        .into_iter()
        .filter(|line| outcome_of(line.state) == outcome && reason.is_none_or(|reason| line.reason == Some(reason)))
        // Keys are texts that sort as the list does: the backlog first, and then by the day.
        .map(|line| (format!("{}|{}|{}", u8::from(!line.is_backlog), line.date, line.guest), line))
        .filter(|(key, _)| after.is_none_or(|after| key.as_str() > after))
        .collect();
    lines.sort_by(|(one, _), (other, _)| one.cmp(other));
    let next = (lines.len() > NAMES).then(|| lines.get(NAMES - 1).map(|(key, _)| key.clone())).flatten();
    let people = lines
        .into_iter()
        .take(NAMES)
        .map(|(_, line)| {
            let who = Who { guest: line.guest, name: line.name, language: line.language };
            who.person(line.date, outcome, line.reason, line.detail, reader)
        })
        .collect();
    (people, next)
}

fn outcome_of(state: OccurrenceState) -> Outcome {
    match state {
        OccurrenceState::Held => Outcome::Held,
        OccurrenceState::Trace => Outcome::Trace,
        OccurrenceState::Control => Outcome::Control,
        OccurrenceState::Skipped | OccurrenceState::Missed | OccurrenceState::Dropped | OccurrenceState::Failed => {
            Outcome::Skipped
        }
        OccurrenceState::Planned
        | OccurrenceState::Awaiting
        | OccurrenceState::Claimed
        | OccurrenceState::Sending
        | OccurrenceState::Sent
        | OccurrenceState::Unknown => Outcome::Reached,
    }
}

/// Somebody as lists name him.
struct Who {
    guest: GuestId,
    name: GuestName,
    language: Option<String>,
}

impl Who {
    fn person(
        self,
        date: NaiveDate,
        outcome: Outcome,
        reason: Option<Reason>,
        detail: Option<String>,
        reader: Role,
    ) -> Person {
        // Where a guest of the house lives is not for everybody who writes to guests.
        let is_room = outcome == Outcome::Trace || reason == Some(Reason::InHouse);
        Person {
            guest: self.guest,
            name: self.name.address(),
            native: self.name.native,
            language: self.language,
            date: date.to_string(),
            outcome,
            reason,
            detail: detail.filter(|_| !is_room || reader == Role::Manager),
        }
    }
}

/// The day and the campaign of the calendar whose people were asked for, and where their list goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedDay {
    pub date: NaiveDate,
    pub campaign: Option<CampaignId>,
    pub after: Option<Place>,
}

/// Where a list of a day's people goes on: so many candidates into a page of a campaign's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    campaign: CampaignId,
    skipped: usize,
    page: Option<String>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}~{}", self.campaign, self.skipped, self.page.as_deref().unwrap_or_default())
    }
}

impl FromStr for Place {
    type Err = crate::ids::BadId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || crate::ids::BadId(text.chars().take(100).collect());
        let mut parts = text.splitn(3, '~');
        let (Some(campaign), Some(skipped), Some(page)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad());
        };
        Ok(Self {
            campaign: campaign.parse()?,
            skipped: skipped.parse().map_err(|_| bad())?,
            page: (!page.is_empty()).then(|| page.to_owned()),
        })
    }
}

/// The coming days by campaign, with the people of one of them where that was asked for.
///
/// # Errors
/// What the store answers.
pub async fn calendar(
    db: &Db,
    house: &House,
    campaigns: Vec<CampaignRow>,
    asked: Option<AskedDay>,
    reader: Role,
    now: DateTime<Utc>,
) -> Result<CalendarPage, DbError> {
    let today = clock::today(now, house.zone());
    let dates: Vec<NaiveDate> = today.iter_days().take(CALENDAR_DAYS).collect();
    let last = dates.last().copied().unwrap_or(today);
    let mut columns = Vec::with_capacity(campaigns.len());
    let mut days: Vec<Day> =
        dates.iter().map(|date| Day { date: date.to_string(), counts: Vec::with_capacity(campaigns.len()) }).collect();
    for row in &campaigns {
        let (counts, is_complete) = plan::forecast(db, house, row, today..=last).await?;
        for (day, date) in days.iter_mut().zip(&dates) {
            day.counts.push(counts.get(date).copied().unwrap_or_default());
        }
        columns.push(Column {
            id: row.id,
            name: row.name.clone(),
            kind: row.kind,
            state: row.state,
            at_least: !is_complete,
        });
    }
    let shown = match asked {
        Some(asked) => Some(names(db, house, &campaigns, asked, reader, now).await?),
        None => None,
    };
    Ok(CalendarPage { today: today.to_string(), campaigns: columns, days, shown })
}

/// Who is greeted on a day, a page at a time.
async fn names(
    db: &Db,
    house: &House,
    campaigns: &[CampaignRow],
    asked: AskedDay,
    reader: Role,
    now: DateTime<Utc>,
) -> Result<DayPeople, DbError> {
    let AskedDay { date, campaign, after } = asked;
    let mut shown = DayPeople { date: date.to_string(), campaign, people: Vec::new(), next: None };
    let first = after.as_ref().and_then(|place| campaigns.iter().position(|row| row.id == place.campaign));
    let mut begin = after;
    for row in campaigns.iter().skip(first.unwrap_or_default()) {
        let is_asked_for = campaign.is_none_or(|id| id == row.id);
        if !is_asked_for || !is_in_time(row, date) {
            begin = None;
            continue;
        }
        let (mut page, mut skipped) = begin
            .take()
            .filter(|place| place.campaign == row.id)
            .map_or((None, 0), |place| (place.page, place.skipped));
        loop {
            let found = kinds::of(row.kind).page(db, house, &row.settings, date..=date, page.clone()).await?;
            while let Some(candidates) = found.candidates.get(skipped..).filter(|rest| !rest.is_empty()) {
                if shown.people.len() >= NAMES {
                    shown.next = Some(Place { campaign: row.id, skipped, page }.to_string());
                    return Ok(shown);
                }
                let candidates = candidates.get(..NAMES).unwrap_or(candidates);
                skipped += candidates.len();
                let people = judged(db, house, row, candidates, reader, now).await?;
                shown.people.extend(people.into_iter().map(|person| (row.id, person)));
            }
            (page, skipped) = match found.next {
                Some(next) => (Some(next), 0),
                None => break,
            };
        }
    }
    Ok(shown)
}

/// Whether a campaign greets on a day at all.
fn is_in_time(row: &CampaignRow, date: NaiveDate) -> bool {
    let date = date.to_string();
    let settings = &row.settings;
    settings.starts.as_ref().is_none_or(|starts| *starts <= date)
        && settings.ends.as_ref().is_none_or(|ends| date <= *ends)
}

/// Candidates with what would become of them; those to whom the rule does not apply on a closer look are
/// left out.
async fn judged(
    db: &Db,
    house: &House,
    row: &CampaignRow,
    candidates: &[Candidate],
    reader: Role,
    now: DateTime<Utc>,
) -> Result<Vec<Person>, DbError> {
    let verdicts = plan::verdicts(db, house, row, candidates, now).await?;
    let guests: Vec<GuestId> = candidates.iter().map(|candidate| candidate.guest).collect();
    let mut known = kinds::facts::facts(db, &guests, false).await?;
    let people = candidates.iter().zip(verdicts).filter_map(|(candidate, verdict)| {
        let (outcome, reason, detail) = match verdict {
            Verdict::Skipped(Reason::NoLongerDue | Reason::Gone, _) => return None,
            Verdict::Go { .. } => (Outcome::Reached, None, None),
            Verdict::Trace { room } => (Outcome::Trace, None, room),
            Verdict::Held(reason, detail) => (Outcome::Held, Some(reason), detail),
            Verdict::Skipped(reason, detail) => (Outcome::Skipped, Some(reason), detail),
        };
        let guest = known.remove(&candidate.guest)?;
        let who = Who { guest: candidate.guest, name: guest.name, language: guest.language };
        Some(who.person(candidate.date, outcome, reason, detail, reader))
    });
    Ok(people.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaigns::plan::Line;

    fn line(date: &str, state: OccurrenceState, reason: Option<Reason>, is_backlog: bool) -> Line {
        Line {
            guest: GuestId::new(),
            name: GuestName { last: "Zhang".to_owned(), ..GuestName::default() },
            language: None,
            date: date.parse().unwrap(),
            state,
            reason,
            detail: Some("904".to_owned()),
            is_backlog,
        }
    }

    #[test]
    fn long_lists_are_read_to_their_end_and_nobody_twice() {
        let mut lines: Vec<Line> = (0..250)
            .map(|at| line(&format!("2026-12-{:02}", at % 30 + 1), OccurrenceState::Planned, None, at % 50 == 0))
            .collect();
        lines.push(line("2026-12-01", OccurrenceState::Held, Some(Reason::OnHold), false));
        let found = Preflight { lines, ..Preflight::default() };
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let (people, next) = people(found.clone(), Outcome::Reached, None, after.as_deref(), Role::Marketing);
            assert!(people.len() <= NAMES);
            seen.extend(people.into_iter().map(|person| (person.guest, person.date)));
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 250);
        let backlog = seen
            .iter()
            .take(5)
            .all(|(guest, _)| found.lines.iter().any(|line| line.guest == *guest && line.is_backlog));
        assert!(backlog, "who is due already comes first");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 250, "each once");
    }

    #[test]
    fn rooms_are_not_for_marketing() {
        let found = Preflight {
            lines: vec![
                line("2026-12-01", OccurrenceState::Held, Some(Reason::InHouse), false),
                line("2026-12-01", OccurrenceState::Held, Some(Reason::FrequencyCap), false),
            ],
            ..Preflight::default()
        };
        let details = |reader| {
            let (people, _) = people(found.clone(), Outcome::Held, None, None, reader);
            let mut details: Vec<_> = people.into_iter().map(|person| (person.reason, person.detail)).collect();
            details.sort();
            details
        };
        let told = Some("904".to_owned());
        assert_eq!(
            details(Role::Marketing),
            [(Some(Reason::FrequencyCap), told.clone()), (Some(Reason::InHouse), None)]
        );
        assert!(details(Role::Manager).iter().all(|(_, detail)| *detail == told));
    }

    #[test]
    fn a_place_in_a_list_is_read_back() {
        for page in [None, Some("2026-12-01|0190".to_owned())] {
            let place = Place { campaign: CampaignId::new(), skipped: 100, page };
            assert_eq!(place.to_string().parse(), Ok(place.clone()));
        }
        for bad in ["", "x~1~", "~", "0190~many~"] {
            assert!(bad.parse::<Place>().is_err(), "{bad}");
        }
    }
}
