//! What stands for the variables of a guest's letter: gathered from the store, cleaned, and put into the
//! words of the letter's language.

use super::{Links, PREFERENCES, UNSUBSCRIBE, Values, address, render::one_line, words};
use crate::{
    campaigns::{CampaignKind, Settings, kinds::Candidate, store::CampaignRow},
    guests::{Guest, GuestName, rhythm, store::GuestRow},
    house::House,
    ids::HouseId,
    loyalty::{self, Expiring},
    server::{
        clock,
        db::{Db, DbError, id_of, record, vars, word},
    },
    stays::ReservationStatus,
};
use chrono::{DateTime, Months, NaiveDate, Utc};
use minijinja::Value;
use surrealdb::types::{RecordId, SurrealValue};

/// What is known for a guest's letter in a language. What is not known is not there.
///
/// # Errors
/// What the store answers.
pub async fn values(
    db: &Db,
    house: &House,
    campaign: &CampaignRow,
    candidate: &Candidate,
    language: &str,
    links: &Links,
    now: DateTime<Utc>,
) -> Result<Values, DbError> {
    #[derive(SurrealValue)]
    struct Booking {
        house: RecordId,
        arrival: String,
        departure: String,
        status: String,
    }
    #[derive(SurrealValue)]
    struct Detail {
        text: String,
    }

    let mut results = db
        .query(
            "SELECT * FROM $guest;
             SELECT house, arrival, departure, status FROM reservation WHERE guest = $guest;
             SELECT text FROM $remembered;",
            vars()
                .with("guest", record("guest", candidate.guest))
                .with("remembered", record("remembered", format!("{}|{}", campaign.id, candidate.guest))),
        )
        .await?;
    let guest = results.take::<Vec<GuestRow>>(0)?.into_iter().next().map(Guest::try_from).transpose()?;
    let today = clock::today(now, house.zone());
    let mut stays = Vec::new();
    for booking in results.take::<Vec<Booking>>(1)? {
        let is_completed = word(&booking.status, ReservationStatus::from_code)? == ReservationStatus::CheckedOut;
        if is_completed && id_of::<HouseId>(&booking.house)? == house.id {
            let arrival: NaiveDate = word(&booking.arrival, |day| day.parse().ok())?;
            let departure: NaiveDate = word(&booking.departure, |day| day.parse().ok())?;
            // Whoever left before the day that was booked left today at the latest.
            stays.push((arrival, departure.min(today)));
        }
    }
    let remembered = results.take::<Vec<Detail>>(2)?.into_iter().next().map(|detail| detail.text);
    let (mut expiring, mut due) = (None, None);
    match campaign.kind {
        CampaignKind::Expiring => {
            let mut found = loyalty::store::expiring_of(db, house, &[candidate.guest], candidate.date).await?;
            expiring = found.remove(&candidate.guest);
        }
        CampaignKind::Overdue => {
            due = rhythm::store::rhythm_of(db, house, candidate.guest).await?.map(|rhythm| rhythm.due);
        }
        _ => {}
    }
    Ok(assemble(&Facts {
        name: guest.as_ref().map(|guest| &guest.name),
        nationality: guest.as_ref().and_then(|guest| guest.nationality.as_deref()),
        house: &house.name,
        kind: campaign.kind,
        settings: &campaign.settings,
        date: candidate.date,
        stage: candidate.stage,
        stays: &stays,
        remembered: remembered.as_deref(),
        expiring: expiring.as_ref(),
        due,
        language,
        links,
    }))
}

/// What the values are made from.
pub(super) struct Facts<'a> {
    pub name: Option<&'a GuestName>,
    pub nationality: Option<&'a str>,
    pub house: &'a str,
    pub kind: CampaignKind,
    pub settings: &'a Settings,
    /// The day that is greeted.
    pub date: NaiveDate,
    pub stage: Option<u16>,
    /// Arrival and departure of the completed stays in this house.
    pub stays: &'a [(NaiveDate, NaiveDate)],
    pub remembered: Option<&'a str>,
    /// What can be used on that day for the last time.
    pub expiring: Option<&'a Expiring>,
    /// The day on which the guest was due again.
    pub due: Option<NaiveDate>,
    pub language: &'a str,
    pub links: &'a Links,
}

pub(super) fn assemble(facts: &Facts<'_>) -> Values {
    let language = facts.language;
    let mut known = Known(Values::new());
    known.text("house", facts.house);
    known.text("day", &words::day(language, facts.date));
    known.text(UNSUBSCRIBE, &facts.links.unsubscribe);
    known.text(PREFERENCES, &facts.links.preferences);
    known.text("signer", &facts.settings.signer);
    known.text("signer_title", &facts.settings.signer_title);
    known.text("remembered", facts.remembered.unwrap_or_default());
    if let Some(name) = facts.name {
        known.text("dear", &address::dear(name, facts.nationality, language));
        known.text("address", &address::address(name, facts.nationality, language));
        known.text("first_name", &name.first);
        known.text("last_name", &name.last);
        known.text("native_name", name.native.as_deref().unwrap_or_default());
        known.text("salutation", name.salutation.as_deref().unwrap_or_default());
    }
    if let Some(&(arrival, departure)) = facts.stays.iter().max_by_key(|(_, departure)| *departure) {
        let count = u32::try_from(facts.stays.len()).unwrap_or(u32::MAX);
        known.number("stays", count);
        known.text("stays_in_words", &words::stays(language, count));
        known.text("last_stay_month", &words::month(language, departure));
        let nights = (departure - arrival).num_days();
        known.number("last_stay_nights", u32::try_from(nights).unwrap_or(0));
        let years = whole_years(departure, facts.date);
        if years > 0 {
            known.text("years_away", &words::years(language, years));
        }
    }
    if let (CampaignKind::Anniversary, Some(years)) = (facts.kind, facts.stage) {
        known.text("years_since", &words::years(language, u32::from(years)));
    }
    if let Some(due) = facts.due {
        known.text("due_month", &words::month(language, due));
    }
    if let Some(expiring) = facts.expiring {
        known.expiring(language, facts.date, expiring);
    }
    known.0
}

/// Whole years from one day to a later one; 29 February comes round on the 28th.
fn whole_years(from: NaiveDate, to: NaiveDate) -> u32 {
    let years = to.years_since(from).unwrap_or(0);
    let next = from.checked_add_months(Months::new(12 * (years + 1)));
    if next.is_some_and(|next| next <= to) { years + 1 } else { years }
}

struct Known(Values);

impl Known {
    /// A text in one line; nothing where nothing is left of it.
    fn text(&mut self, name: &str, text: &str) {
        let text = one_line(text);
        if !text.is_empty() {
            self.0.insert(name.to_owned(), Value::from(text));
        }
    }

    fn number(&mut self, name: &str, number: u32) {
        self.0.insert(name.to_owned(), Value::from(number));
    }

    /// What ends on a day. A voucher's code stays with the guest: letters are looked at by those who do not see it.
    fn expiring(&mut self, language: &str, day: NaiveDate, expiring: &Expiring) {
        self.text("expires_on", &words::day(language, day));
        if let Some(points) = u32::try_from(expiring.points).ok().filter(|points| *points > 0) {
            self.number("points_expiring", points);
        }
        let mut vouchers: Vec<&str> = expiring.vouchers.iter().map(|voucher| voucher.what.as_str()).collect();
        vouchers.sort_unstable();
        self.text("voucher", &words::list(language, &vouchers));
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::{super::VARIABLES, *};
    use crate::loyalty::voucher::{VoucherCode, VoucherLine};

    pub fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    pub fn links() -> Links {
        Links {
            unsubscribe: "https://house.example/u/abc-123".to_owned(),
            preferences: "https://house.example/preferences/abc-123".to_owned(),
        }
    }

    pub fn zhang() -> GuestName {
        GuestName {
            salutation: Some("Mr".to_owned()),
            first: "Wei".to_owned(),
            last: "Zhang".to_owned(),
            native: Some("张伟".to_owned()),
            say: None,
        }
    }

    pub fn signed() -> Settings {
        Settings { signer: "Clara Sousa".to_owned(), signer_title: "General Manager".to_owned(), ..Settings::default() }
    }

    /// Twelve hundred points and two vouchers, on their last day.
    pub fn expiring() -> Expiring {
        let voucher = |number: u8, what: &str| VoucherLine {
            code: VoucherCode::of([number; 9]),
            what: what.to_owned(),
            amount: None,
            expires: "2026-05-12".to_owned(),
            is_expiring: true,
        };
        let vouchers = vec![voucher(1, "Dinner for two"), voucher(2, "A bottle of port")];
        Expiring { points: 1_200, vouchers, ..Expiring::on(day("2026-05-12")) }
    }

    /// Everything there is to know of a guest, in a language.
    pub fn full(kind: CampaignKind, language: &str) -> Values {
        let stays = [(day("2021-05-01"), day("2021-05-03")), (day("2023-03-11"), day("2023-03-15"))];
        assemble(&Facts {
            name: Some(&zhang()),
            nationality: Some("CHN"),
            house: "The Cedars",
            kind,
            settings: &signed(),
            date: day("2026-05-12"),
            stage: (kind == CampaignKind::Anniversary).then_some(5),
            stays: &stays,
            remembered: Some("the table by the window"),
            expiring: Some(&expiring()),
            due: Some(day("2026-03-20")),
            language,
            links: &links(),
        })
    }

    /// As little as there can be: a name.
    pub fn sparse(kind: CampaignKind, language: &str) -> Values {
        let name = GuestName { first: "Wei".to_owned(), ..GuestName::default() };
        assemble(&Facts {
            name: Some(&name),
            nationality: None,
            house: "The Cedars",
            kind,
            settings: &Settings::default(),
            date: day("2026-05-12"),
            stage: None,
            stays: &[],
            remembered: None,
            expiring: None,
            due: None,
            language,
            links: &links(),
        })
    }

    fn text(values: &Values, name: &str) -> Option<String> {
        values.get(name).map(ToString::to_string)
    }

    #[test]
    fn everything_is_said_in_the_letters_language() {
        for (language, dear, away, month, stays, since, date) in [
            ("en", "Dear Mr Zhang", "three years", "March 2023", "two stays", "five years", "12 May"),
            ("es", "Estimado Sr. Zhang", "tres años", "marzo de 2023", "dos estancias", "cinco años", "12 de mayo"),
            ("zh", "尊敬的张先生", "三年", "2023年3月", "两次入住", "五年", "5月12日"),
        ] {
            let values = full(CampaignKind::Anniversary, language);
            let said = ["dear", "years_away", "last_stay_month", "stays_in_words", "years_since", "day"];
            assert_eq!(
                said.map(|name| text(&values, name)),
                [dear, away, month, stays, since, date].map(|said| Some(said.to_owned()))
            );
            assert_eq!(values["stays"], Value::from(2));
            assert_eq!(values["last_stay_nights"], Value::from(4));
        }
    }

    #[test]
    fn what_ends_is_said_without_the_codes_of_vouchers() {
        for (language, ends, vouchers, due) in [
            ("en", "12 May", "A bottle of port, Dinner for two", "March 2026"),
            ("es", "12 de mayo", "A bottle of port, Dinner for two", "marzo de 2026"),
            ("zh", "5月12日", "A bottle of port、Dinner for two", "2026年3月"),
        ] {
            let values = full(CampaignKind::Expiring, language);
            let said = ["expires_on", "voucher", "due_month"].map(|name| text(&values, name));
            assert_eq!(said, [ends, vouchers, due].map(|said| Some(said.to_owned())));
            assert_eq!(values["points_expiring"], Value::from(1_200));
            for voucher in expiring().vouchers {
                let said = |value: &Value| value.to_string().contains(&voucher.code.printed());
                assert!(!values.values().any(said), "{values:?}");
            }
        }
        // Vouchers alone.
        let alone = Expiring { points: 0, ..expiring() };
        let mut known = Known(Values::new());
        known.expiring("en", day("2026-05-12"), &alone);
        assert_eq!(known.0.keys().map(String::as_str).collect::<Vec<_>>(), ["expires_on", "voucher"]);
    }

    #[test]
    fn every_variable_is_known_where_everything_is() {
        let values = full(CampaignKind::Anniversary, "en");
        assert!(VARIABLES.iter().all(|variable| values.contains_key(variable.name)), "{values:?}");
        assert_eq!(values.len(), VARIABLES.len());
    }

    #[test]
    fn what_is_not_known_is_not_there() {
        let values = sparse(CampaignKind::Birthday, "en");
        let known: Vec<_> = values.keys().map(String::as_str).collect();
        assert_eq!(known, ["address", "day", "dear", "first_name", "house", "preferences_url", "unsubscribe_url"]);
        assert!(!full(CampaignKind::Birthday, "en").contains_key("years_since"));
    }

    #[test]
    fn years_are_whole_ones() {
        for (from, to, years) in [
            ("2023-03-15", "2026-03-14", 2),
            ("2023-03-15", "2026-03-15", 3),
            ("2024-02-29", "2025-02-28", 1),
            ("2024-02-29", "2025-02-27", 0),
            ("2024-02-29", "2028-02-28", 3),
            ("2024-02-29", "2028-02-29", 4),
            ("2026-03-15", "2025-03-15", 0),
        ] {
            assert_eq!(whole_years(day(from), day(to)), years, "{from} to {to}");
        }
    }

    #[test]
    fn values_are_single_lines() {
        let name = GuestName {
            first: "Wei\r\nBcc: x\u{202e}".to_owned(),
            last: "\u{2066}\t \u{0}".to_owned(),
            ..GuestName::default()
        };
        let settings = Settings { signer: "Clara\nSousa".to_owned(), ..Settings::default() };
        let values = assemble(&Facts {
            name: Some(&name),
            nationality: None,
            house: "The\u{2029}Cedars",
            kind: CampaignKind::OneOff,
            settings: &settings,
            date: day("2026-05-12"),
            stage: None,
            stays: &[],
            remembered: Some("tea\nand eggs"),
            expiring: None,
            due: None,
            language: "en",
            links: &links(),
        });
        assert_eq!(text(&values, "first_name").as_deref(), Some("Wei Bcc: x"));
        assert_eq!(text(&values, "last_name"), None);
        assert_eq!(text(&values, "signer").as_deref(), Some("Clara Sousa"));
        assert_eq!(text(&values, "house").as_deref(), Some("The Cedars"));
        assert_eq!(text(&values, "remembered").as_deref(), Some("tea and eggs"));
    }
}
