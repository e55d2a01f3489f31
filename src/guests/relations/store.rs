//! People around guests in the store: one row for both sides of a relation, so that each card tells its own.

mod write;

pub use write::{
    add_child, change_party, join, leave_party, relate, remove_child, remove_occasion, save_occasion, set_out, unrelate,
};

use super::{
    ChildLine, OccasionKind, OccasionLine, PartyLine, PeoplePage, Person, RelationKind, RelationLine, sees_days,
};
use crate::{
    campaigns::{LeapDay, calendar},
    error::AppError,
    guests::{
        Birthday, GuestName,
        card::GuestCard,
        store::{guest, guest_records, opened},
    },
    ids::{GuestId, PartyId},
    server::db::{Db, DbError, id_of, record, vars, word},
    staff::guard::{Permit, SeeLists},
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::collections::HashMap;
use surrealdb::types::{RecordId, SurrealValue};

/// Somebody behind a link, with what the link says: of a relationship its kind, of a party which it is.
#[derive(SurrealValue)]
struct PersonRow {
    guest: RecordId,
    salutation: Option<String>,
    first: Option<String>,
    last: Option<String>,
    native: Option<String>,
    say: Option<String>,
    language: Option<String>,
    kind: Option<String>,
    party: Option<RecordId>,
    party_name: Option<String>,
    arrival: Option<String>,
    departure: Option<String>,
    leads: Option<bool>,
}

impl PersonRow {
    /// `None` where the link leads nowhere any more.
    fn name(&self) -> Option<GuestName> {
        Some(GuestName {
            salutation: self.salutation.clone(),
            first: self.first.clone()?,
            last: self.last.clone()?,
            native: self.native.clone(),
            say: self.say.clone(),
        })
    }

    fn relation(self, is_one: bool) -> Result<Option<RelationLine>, DbError> {
        let Some(name) = self.name() else { return Ok(None) };
        let of_one = word(self.kind.as_deref().unwrap_or_default(), RelationKind::from_code)?.of_one();
        let relation = if is_one { of_one } else { of_one.inverse() };
        Ok(Some(RelationLine { guest: id_of(&self.guest)?, name, language: self.language, relation }))
    }
}

#[derive(Debug, Clone, SurrealValue)]
struct ChildRow {
    id: RecordId,
    guest: RecordId,
    name: String,
    birthday: Option<String>,
    likes: Option<String>,
}

impl ChildRow {
    fn line(self) -> Result<ChildLine, DbError> {
        let birthday = self.birthday.as_deref().map(|text| word(text, Birthday::parse)).transpose()?;
        Ok(ChildLine {
            id: id_of(&self.id)?,
            name: self.name,
            birthday: birthday.map(|birthday| (birthday.month, birthday.day)),
            likes: self.likes,
            of: id_of(&self.guest)?,
        })
    }
}

#[derive(SurrealValue)]
struct OccasionRow {
    id: RecordId,
    guest: RecordId,
    kind: String,
    text: Option<String>,
    day: String,
    lead_days: i64,
}

impl OccasionRow {
    fn line(self, today: NaiveDate) -> Result<OccasionLine, DbError> {
        let day = word(&format!("--{}", self.day), Birthday::parse)?;
        let lead_days = u8::try_from(self.lead_days).map_err(|_| DbError::Malformed(format!("{:?}", self.id)))?;
        Ok(OccasionLine {
            id: id_of(&self.id)?,
            kind: word(&self.kind, OccasionKind::from_code)?,
            text: self.text,
            month: day.month,
            day: day.day,
            lead_days,
            in_days: days_until(day, today),
        })
    }
}

/// Days until a day of every year comes next; 0 on the day. 29 February is kept on the 28th in common years.
fn days_until(day: Birthday, today: NaiveDate) -> u32 {
    let in_year = |ahead| calendar::birthday_in(day, today.year() + ahead, LeapDay::default());
    let next = (0..2).map(in_year).find(|next| *next >= today).unwrap_or(today);
    u32::try_from((next - today).num_days()).unwrap_or(0)
}

/// The columns that make a name, of the guest behind a link.
fn name_of(link: &str) -> String {
    ["salutation", "first", "last", "native", "say", "language"]
        .map(|column| format!("{link}.{column} AS {column}"))
        .join(", ")
}

/// Everything around one guest at once. The children of a partner are those of the household; parties that are over are
/// left out. A key that no party has is looked for with them, as there may be none.
fn around() -> String {
    format!(
        "LET $household = array::concat([$guest], array::concat(
            (SELECT VALUE other FROM relationship WHERE one = $guest AND kind = 'partner'),
            (SELECT VALUE one FROM relationship WHERE other = $guest AND kind = 'partner')));
        LET $parties = array::concat([$no_party],
            (SELECT VALUE party FROM party_member WHERE guest = $guest AND party.departure >= $today));
        RETURN {{
            ones: (SELECT kind, one AS guest, {one} FROM relationship WHERE other = $guest),
            others: (SELECT kind, other AS guest, {other} FROM relationship WHERE one = $guest),
            children: (SELECT * FROM child WHERE guest IN $household),
            members: (SELECT guest, leads, party, party.name AS party_name, party.arrival AS arrival, \
                party.departure AS departure, {guest} FROM party_member WHERE party IN $parties)
        }};",
        one = name_of("one"),
        other = name_of("other"),
        guest = name_of("guest"),
    )
}

#[derive(Default, SurrealValue)]
struct Found {
    /// Those who are something to the guest, as it is stored.
    ones: Vec<PersonRow>,
    /// Those to whom the guest is something.
    others: Vec<PersonRow>,
    children: Vec<ChildRow>,
    members: Vec<PersonRow>,
}

/// The people around a guest: those who are something to him, the children of the household, and with whom he travels
/// on a day of the house or next after it.
///
/// # Errors
/// What the store answers.
pub async fn people_of(
    db: &Db,
    id: GuestId,
    today: NaiveDate,
) -> Result<(Vec<RelationLine>, Vec<ChildLine>, Option<PartyLine>), DbError> {
    let bound = vars()
        .with("guest", record("guest", id))
        .with("today", today.to_string())
        .with("no_party", record("party", "none"));
    let mut results = db.query(&around(), bound).await?;
    let last = results.num_statements().saturating_sub(1);
    let Found { ones, others, children, members } =
        results.take::<Vec<Found>>(last)?.into_iter().next().unwrap_or_default();
    let mut people = Vec::with_capacity(ones.len() + others.len());
    for row in ones {
        people.extend(row.relation(true)?);
    }
    for row in others {
        people.extend(row.relation(false)?);
    }
    people.sort_by_cached_key(|line| (line.relation, line.name.full(), line.guest));
    let mut children = children.into_iter().map(ChildRow::line).collect::<Result<Vec<_>, _>>()?;
    children.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
    Ok((people, children, party(id, members)?))
}

/// Of the parties that the rows tell of, the one that begins first, as the card of one of its members tells it.
fn party(of: GuestId, members: Vec<PersonRow>) -> Result<Option<PartyLine>, DbError> {
    struct Part {
        line: PartyLine,
        others: Vec<(bool, GuestId, GuestName)>,
    }
    let mut parties: HashMap<PartyId, Part> = HashMap::new();
    for row in members {
        let (Some(party), Some(name)) = (&row.party, row.name()) else { continue };
        let (guest, id): (GuestId, PartyId) = (id_of(&row.guest)?, id_of(party)?);
        let part = parties.entry(id).or_insert_with(|| Part {
            line: PartyLine {
                id,
                name: row.party_name.unwrap_or_default(),
                arrival: row.arrival.unwrap_or_default(),
                departure: row.departure.unwrap_or_default(),
                others: Vec::new(),
            },
            others: Vec::new(),
        });
        if guest != of {
            part.others.push((row.leads.unwrap_or(false), guest, name));
        }
    }
    let first = parties.into_values().min_by_key(|part| {
        let PartyLine { arrival, departure, id, .. } = &part.line;
        (arrival.clone(), departure.clone(), *id)
    });
    Ok(first.map(|Part { line, mut others }| {
        others.sort_by_cached_key(|(leads, guest, name)| (!leads, name.full(), *guest));
        PartyLine { others: others.into_iter().map(|(_, guest, name)| (guest, name)).collect(), ..line }
    }))
}

/// The days of guests that the house keeps, by how soon they come; guests without any are left out.
///
/// # Errors
/// What the store answers.
pub async fn occasions_of(
    db: &Db,
    guests: &[GuestId],
    today: NaiveDate,
) -> Result<HashMap<GuestId, Vec<OccasionLine>>, DbError> {
    let rows: Vec<OccasionRow> =
        db.rows_among("SELECT * FROM occasion WHERE guest IN $among", &guest_records(guests), vars()).await?;
    let mut found: HashMap<GuestId, Vec<OccasionLine>> = HashMap::new();
    for row in rows {
        found.entry(id_of(&row.guest)?).or_default().push(row.line(today)?);
    }
    for lines in found.values_mut() {
        lines.sort_by_key(|line| (line.in_days, line.id));
    }
    Ok(found)
}

/// The page on which people around a guest are written down, as much of it as the actor's card of the guest tells; with
/// `other`, who was chosen to be related to him.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn page(
    db: &Db,
    permit: &Permit<SeeLists>,
    now: DateTime<Utc>,
    id: GuestId,
    other: Option<GuestId>,
) -> Result<PeoplePage, AppError> {
    let actor = permit.actor();
    let chosen = async {
        match other.filter(|other| *other != id) {
            Some(other) => guest(db, other).await,
            None => Ok(None),
        }
    };
    let (dossier, chosen) = futures::try_join!(opened(db, &actor.house, now, id), chosen)?;
    let card = GuestCard::for_role(actor.role, dossier.ok_or(AppError::NotFound)?).ok_or(AppError::Forbidden)?;
    let served = card.served().ok_or(AppError::Forbidden)?.clone();
    let identity = card.identity();
    let tells_days = sees_days(actor.role, identity.presence);
    Ok(PeoplePage {
        who: Person { guest: id, name: identity.name.clone(), language: identity.language.clone() },
        people: served.people,
        children: served.children,
        party: served.party,
        occasions: tells_days.then(|| card.occasions().to_vec()),
        stay: card.stay().map(|stay| (stay.arrival.clone(), stay.departure.clone())),
        other: chosen.map(|other| Person { guest: other.id, name: other.name, language: other.language }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_day_of_every_year_comes_next_this_year_or_the_next() {
        let until = |every: &str, today: &str| days_until(Birthday::parse(every).expect("a day"), day(today));
        assert_eq!(until("--11-23", "2026-11-23"), 0);
        assert_eq!(until("--11-25", "2026-11-23"), 2);
        assert_eq!(until("--11-22", "2026-11-23"), 364);
        assert_eq!(until("--01-01", "2026-12-31"), 1);
        // In common years on the 28th.
        assert_eq!(until("--02-29", "2026-02-28"), 0);
        assert_eq!(until("--02-29", "2028-02-28"), 1);
        assert_eq!(until("--02-29", "2026-03-01"), 364);
    }

    proptest! {
        #[test]
        fn a_day_of_every_year_is_never_further_away_than_a_year(
            ahead in 0_u64..5_000,
            month in 1_u32..=12,
            of_month in 1_u32..=31,
        ) {
            let today = day("2024-01-01").checked_add_days(Days::new(ahead)).expect("a day");
            let Some(every) = Birthday::new(None, month, of_month) else { return Ok(()) };
            let found = days_until(every, today);
            prop_assert!(found <= 365);
            let on = today.checked_add_days(Days::new(found.into())).expect("a day");
            let stands_in = (month, of_month) == (2, 29) && !on.leap_year() && (on.month(), on.day()) == (2, 28);
            prop_assert!((on.month(), on.day()) == (month, of_month) || stands_in);
        }
    }
}
