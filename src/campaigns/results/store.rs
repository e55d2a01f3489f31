//! A campaign's results, from its occurrences and the bookings of those it was about.

use super::{LinkCount, Month, RETURN_DAYS, Results, Share};
use crate::{
    campaigns::{
        OccurrenceState, clicks, policy,
        store::{self as campaigns, CampaignRow},
    },
    error::AppError,
    house::House,
    ids::{CampaignId, GuestId},
    server::{
        clock,
        db::{Db, DbError, id_of, record, vars, word},
    },
    staff::guard::{Permit, PlanGreetings},
    stays::ReservationStatus,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{BTreeMap, HashMap};
use surrealdb::types::{RecordId, SurrealValue};

/// Occurrences that are held at once.
const PAGE: u32 = 1_000;
/// Months that are told one by one.
const MONTHS: usize = 12;

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    guest: RecordId,
    state: String,
    due: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    bounced: Option<String>,
    unsubscribed_at: Option<DateTime<Utc>>,
    clicked_at: Option<DateTime<Utc>>,
}

#[derive(SurrealValue)]
struct Booking {
    house: RecordId,
    guest: RecordId,
    arrival: String,
    status: String,
}

/// What came of a campaign of the actor's house.
///
/// A return is a booking in this house, neither cancelled nor a no-show, whose arrival lies after the day
/// of sending and at most [`RETURN_DAYS`] days later. For those kept back the day counts on which their
/// letter would have left.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn results(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: CampaignId,
    now: DateTime<Utc>,
) -> Result<Results, AppError> {
    let campaign = campaigns::own(db, permit, id).await?;
    let house = &permit.actor().house;
    let counts_links = policy::store::policy(db, house.id).await?.count_links;
    let mut tally = Tally::new(clock::today(now, house.zone()));
    // "|" stands in every key of the campaign and "}" is the character after it.
    let (mut first, end) = (format!("{id}|"), format!("{id}}}"));
    loop {
        let rows: Vec<Row> = db
            .rows(
                "SELECT id, guest, state, due, ended_at, bounced, unsubscribed_at, clicked_at \
                 FROM type::record('occurrence', $first..$end) LIMIT $limit",
                vars().with("first", first.clone()).with("end", end.clone()).with("limit", i64::from(PAGE)),
            )
            .await?;
        let Some(last) = rows.last() else { break };
        // The least text after the key.
        first = format!("{}!", id_of::<String>(&last.id)?);
        let is_last = rows.len() < PAGE as usize;
        let arrivals = arrivals(db, &campaign, &rows).await?;
        for row in &rows {
            tally.add(row, house, &arrivals)?;
        }
        if is_last {
            break;
        }
    }
    let languages = campaigns::letters(db, id).await?.into_iter().map(|letter| letter.language).collect();
    let links = if counts_links { clicks::by_link(db, id).await? } else { Vec::new() };
    Ok(tally.results(campaign, languages, counts_links.then_some(links)))
}

/// When those of a page whose letters left, or would have, have arrived or are to arrive.
async fn arrivals(db: &Db, campaign: &CampaignRow, rows: &[Row]) -> Result<HashMap<GuestId, Vec<NaiveDate>>, DbError> {
    let counted = |row: &&Row| matches!(row.state.as_str(), "sent" | "control");
    let guests: Vec<RecordId> = rows.iter().filter(counted).map(|row| row.guest.clone()).collect();
    if guests.is_empty() {
        return Ok(HashMap::new());
    }
    let bookings: Vec<Booking> = db
        .rows_among("SELECT house, guest, arrival, status FROM reservation WHERE guest IN $among", &guests, vars())
        .await?;
    let here = record("house", campaign.house);
    let mut found: HashMap<GuestId, Vec<NaiveDate>> = HashMap::new();
    for booking in bookings.into_iter().filter(|booking| booking.house == here) {
        let status = word(&booking.status, ReservationStatus::from_code)?;
        if !matches!(status, ReservationStatus::Cancelled | ReservationStatus::NoShow) {
            let arrival = word(&booking.arrival, |day| day.parse().ok())?;
            found.entry(id_of(&booking.guest)?).or_default().push(arrival);
        }
    }
    Ok(found)
}

struct Tally {
    today: NaiveDate,
    counts: BTreeMap<OccurrenceState, u32>,
    months: BTreeMap<String, Month>,
    sent: Share,
    control: Share,
    bounced: u32,
    complained: u32,
    unsubscribed: u32,
    clicked: u32,
    undecided: u32,
}

impl Tally {
    fn new(today: NaiveDate) -> Self {
        Self {
            today,
            counts: BTreeMap::new(),
            months: BTreeMap::new(),
            sent: Share::default(),
            control: Share::default(),
            bounced: 0,
            complained: 0,
            unsubscribed: 0,
            clicked: 0,
            undecided: 0,
        }
    }

    fn add(&mut self, row: &Row, house: &House, arrivals: &HashMap<GuestId, Vec<NaiveDate>>) -> Result<(), DbError> {
        let state = word(&row.state, OccurrenceState::from_code)?;
        *self.counts.entry(state).or_default() += 1;
        let left = match state {
            OccurrenceState::Sent => row.ended_at.unwrap_or(row.due),
            OccurrenceState::Control if clock::today(row.due, house.zone()) <= self.today => row.due,
            _ => return Ok(()),
        };
        let day = clock::today(left, house.zone());
        let last = day.checked_add_days(Days::new(u64::from(RETURN_DAYS))).unwrap_or(NaiveDate::MAX);
        let guest = id_of(&row.guest)?;
        let returned =
            arrivals.get(&guest).is_some_and(|days| days.iter().any(|&arrival| arrival > day && arrival <= last));
        if state == OccurrenceState::Control {
            self.control.of += 1;
            self.control.count += u32::from(returned);
            return Ok(());
        }
        let (complained, bounced) = match row.bounced.as_deref() {
            Some("complaint") => (true, false),
            other => (false, other.is_some()),
        };
        let unsubscribed = row.unsubscribed_at.is_some();
        self.sent.of += 1;
        self.sent.count += u32::from(returned);
        self.complained += u32::from(complained);
        self.bounced += u32::from(bounced);
        self.unsubscribed += u32::from(unsubscribed);
        self.clicked += u32::from(row.clicked_at.is_some());
        self.undecided += u32::from(last >= self.today && !returned);
        let month = day.format("%Y-%m").to_string();
        let figures = self.months.entry(month.clone()).or_insert_with(|| Month {
            month,
            sent: 0,
            bounced: 0,
            unsubscribed: 0,
            returned: 0,
        });
        figures.sent += 1;
        figures.bounced += u32::from(bounced);
        figures.unsubscribed += u32::from(unsubscribed);
        figures.returned += u32::from(returned);
        Ok(())
    }

    /// `links` are `None` where the house does not count them.
    fn results(self, campaign: CampaignRow, languages: Vec<String>, links: Option<Vec<LinkCount>>) -> Results {
        let skipped = self.months.len().saturating_sub(MONTHS);
        Results {
            campaign: campaign.shown(languages),
            counts: self.counts.into_iter().collect(),
            bounced: self.bounced,
            complained: self.complained,
            unsubscribed: self.unsubscribed,
            clicked: links.is_some().then_some(self.clicked),
            links: links.unwrap_or_default(),
            sent: self.sent,
            control: self.control,
            undecided: self.undecided,
            months: self.months.into_values().skip(skipped).collect(),
        }
    }
}
