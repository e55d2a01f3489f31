//! Tests of letters: to the addresses that the manager has set, and to nobody else.

use crate::{
    harness::{Device, House, monday},
    letters_pages::{MJML, campaign, write},
    letters_signed::states,
};
use rapport::{
    campaigns::{
        OccurrenceId,
        consent::{self, Cause},
        letter_api::{OpenLetter, SendTest},
        letters::{MOST_TESTS, TESTS_WITHIN},
        policy::{
            HousePolicy,
            api::{LetterSettings, SaveLetterSettings},
        },
    },
    error::{AppError, Problem},
    ids::{CampaignId, GuestId},
    server::db::{Db, record, vars},
    staff::api::AuditTrail,
};
use std::path::Path;
use surrealdb::types::{RecordId, SurrealValue};
use tempfile::TempDir;

const ANA: &str = "ana@cedars.example";

/// A house whose mail is written into a folder, with a campaign.
async fn open() -> (House, TempDir, Device, CampaignId) {
    let folder = tempfile::tempdir().expect("a folder");
    let mail = format!("file:{}", folder.path().display());
    let settings = [("RAPPORT_MAIL", mail.as_str()), ("RAPPORT_MAIL_FROM", "The Cedars <greetings@cedars.example>")];
    let db = Db::in_memory().await.expect("a store in memory");
    let house = House::open_with(db, &settings).await;
    let mut marketing = house.device("marketing", "desk").await;
    let campaign = campaign(&mut marketing).await;
    write(&mut marketing, campaign, "For {{ first_name }}", MJML).await;
    (house, folder, marketing, campaign)
}

/// The manager sets where tests may go.
async fn allow(house: &House, addresses: &str) {
    let mut manager = house.device("manager", "desk").await;
    let fields = [("test_addresses", addresses.to_owned())];
    manager.call::<SaveLetterSettings>(&fields).await.expect("kept");
}

fn test(campaign: CampaignId, guest: GuestId, address: &str) -> [(&'static str, String); 4] {
    [
        ("campaign", campaign.to_string()),
        ("address", address.to_owned()),
        ("language", "en".to_owned()),
        ("guest", guest.to_string()),
    ]
}

fn refused(problem: Problem) -> Result<(), AppError> {
    Err(AppError::field("address", problem))
}

/// The messages that have left.
fn written(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .map(|path| std::fs::read_to_string(path).expect("a message").replace("=\r\n", ""))
        .collect()
}

#[tokio::test]
async fn a_test_goes_to_a_colleague_and_is_no_greeting() {
    let (house, folder, mut marketing, campaign) = open().await;
    allow(&house, ANA).await;
    let guest = house.guest("M0002").await;
    let answer = marketing.call::<SendTest>(&test(campaign, guest, "nobody")).await;
    assert_eq!(answer, refused(Problem::NotEmail("nobody".to_owned())));
    marketing.call::<SendTest>(&test(campaign, guest, " Ana@cedars.example ")).await.expect("sent");
    let messages = written(folder.path());
    assert_eq!(messages.len(), 1, "{messages:?}");
    let message = &messages[0];
    assert!(message.contains("Subject: [Test] For Josefa"), "{message}");
    assert!(message.contains("To: ana@cedars.example"), "{message}");
    assert!(!message.contains("List-Unsubscribe"), "it is sent to nobody on a list");
    assert_eq!(states(&house).await, Vec::<String>::new(), "no occurrence came of it");
    // Its links are nobody's.
    let links: Vec<&str> = message.match_indices("/u/").map(|(at, _)| &message[at..]).collect();
    assert!(!links.is_empty() && links.iter().all(|link| link.starts_with("/u/example")), "{message}");
    let secret = consent::secret(&house.db, consent::LINKS).await.expect("a secret");
    let id = OccurrenceId { campaign, guest, date: monday().date_naive().to_string() };
    assert!(!message.contains(&consent::link_token(&secret, &id)));

    let shut = House::open().await;
    let mut marketing = shut.device("marketing", "desk").await;
    let campaign = crate::letters_pages::campaign(&mut marketing).await;
    let guest = shut.guest("M0002").await;
    let answer = marketing.call::<SendTest>(&test(campaign, guest, ANA)).await;
    assert_eq!(answer, refused(Problem::NotSent("@mail_shut".to_owned())));
}

#[tokio::test]
async fn a_test_goes_nowhere_else() {
    let (house, folder, mut marketing, campaign) = open().await;
    let guest = house.guest("M0002").await;
    let unset = |address: &str| refused(Problem::NotKnown(address.to_owned(), "@test_address".to_owned()));
    assert_eq!(marketing.call::<SendTest>(&test(campaign, guest, ANA)).await, unset(ANA), "nothing is set yet");
    let page = format!("/campaigns/{campaign}/letters?language=en");
    let text = marketing.get(&page).await.text().await.expect("a page");
    assert!(text.contains("No address for tests has been set yet."), "{text}");

    allow(&house, &format!("li@cedars.example\n{ANA}")).await;
    let elsewhere = "somebody@elsewhere.example";
    assert_eq!(marketing.call::<SendTest>(&test(campaign, guest, elsewhere)).await, unset(elsewhere));
    let fields = [("campaign", campaign.to_string()), ("language", "en".to_owned())];
    let offered = marketing.call::<OpenLetter>(&fields).await.expect("a page").test_addresses;
    assert_eq!(offered, ["li@cedars.example", ANA]);
    let text = marketing.get(&page).await.text().await.expect("a page");
    assert!(text.contains("<option") && text.contains(ANA), "the page offers them");

    consent::suppress(&house.db, ANA, Cause::Complained, None, monday()).await.expect("kept");
    let answer = marketing.call::<SendTest>(&test(campaign, guest, ANA)).await;
    assert_eq!(answer, refused(Problem::NotSent("@suppressed_test".to_owned())));
    assert_eq!(written(folder.path()), Vec::<String>::new());
}

#[tokio::test]
async fn nobody_sends_more_tests_than_one_can_read() {
    let (house, folder, mut marketing, campaign) = open().await;
    allow(&house, ANA).await;
    let guest = house.guest("M0001").await;
    let fields = test(campaign, guest, ANA);
    for _ in 0..MOST_TESTS {
        marketing.call::<SendTest>(&fields).await.expect("sent");
    }
    assert_eq!(marketing.call::<SendTest>(&fields).await, refused(Problem::LockedOut(10)));
    assert_eq!(written(folder.path()).len(), MOST_TESTS as usize);
    // It is counted by colleague, and not for ever.
    let mut manager = house.device("manager", "desk").await;
    manager.call::<SendTest>(&fields).await.expect("sent");
    house.clock.advance(TESTS_WITHIN);
    let mut marketing = house.device("marketing", "desk").await;
    marketing.call::<SendTest>(&fields).await.expect("sent");
}

#[tokio::test]
async fn it_is_known_who_sent_which_test_in_whose_words() {
    #[derive(SurrealValue)]
    struct Entry {
        who: String,
        guest: Option<RecordId>,
        campaign: Option<RecordId>,
        address: Option<String>,
        fields: Vec<String>,
    }
    let (house, _folder, mut marketing, campaign) = open().await;
    allow(&house, ANA).await;
    let guest = house.guest("M0001").await;
    marketing.call::<SendTest>(&test(campaign, guest, ANA)).await.expect("sent");
    let entries: Vec<Entry> = house
        .db
        .rows("SELECT * FROM type::table('audit') WHERE action = 'tested_letter'", vars())
        .await
        .expect("an answer");
    let [entry] = &entries[..] else { panic!("{} entries", entries.len()) };
    assert_eq!((entry.who.as_str(), &entry.fields[..]), ("The marketing", &["en".to_owned()][..]));
    assert_eq!(entry.guest, Some(record("guest", guest)));
    assert_eq!(entry.campaign, Some(record("campaign", campaign)));
    let key = consent::address_key(&house.db, ANA).await.expect("a hash");
    assert_eq!(entry.address.as_deref(), Some(key.as_str()), "what stands for the address, and not the address");

    let mut manager = house.device("manager", "desk").await;
    let trail = manager.call::<AuditTrail>(&[]).await.expect("a trail");
    let told = trail.iter().find(|row| row.action == "tested_letter").expect("told");
    assert_eq!(told.guest.as_ref().map(|(id, _)| *id), Some(guest));
    assert_eq!(told.campaign.as_ref().map(|(id, _)| *id), Some(campaign));
    let page = manager.get("/manage/audit").await.text().await.expect("a page");
    assert!(page.contains("Sent a test of a letter"), "{page}");
}

#[tokio::test]
async fn managers_decide_about_letters() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    let none: [(&str, String); 0] = [];
    assert_eq!(manager.call::<LetterSettings>(&none).await, Ok(HousePolicy::default()), "nothing is counted unasked");
    let fields = |counts: bool, addresses: &str| {
        let mut fields = vec![("test_addresses", addresses.to_owned())];
        fields.extend(counts.then(|| ("count_links", "on".to_owned())));
        fields
    };
    let wrong = manager.call::<SaveLetterSettings>(&fields(true, "ana@cedars.example\nnobody")).await;
    assert_eq!(wrong, Err(AppError::field("test_addresses", Problem::NotEmail("nobody".to_owned()))));
    assert_eq!(manager.call::<LetterSettings>(&none).await, Ok(HousePolicy::default()));
    manager.call::<SaveLetterSettings>(&fields(true, ANA)).await.expect("kept");
    let kept = HousePolicy { count_links: true, test_addresses: vec![ANA.to_owned()] };
    assert_eq!(manager.call::<LetterSettings>(&none).await, Ok(kept));

    // Without scripts what was typed comes back.
    let answer = manager.post("/api/save_letter_settings", &fields(false, "li@\nnobody"), "text/html").await;
    assert_eq!(answer.headers()["location"], "/manage/letters");
    let page = manager.get("/manage/letters").await.text().await.expect("a page");
    assert!(page.contains("li@\nnobody") && page.contains("role=\"alert\""), "{page}");

    for role in ["marketing", "reception", "host"] {
        let mut device = house.device(role, "desk").await;
        assert_eq!(device.get("/manage/letters").await.status(), 403, "{role}");
        assert_eq!(device.call::<LetterSettings>(&none).await, Err(AppError::Forbidden), "{role}");
        let saved = device.call::<SaveLetterSettings>(&fields(true, ANA)).await;
        assert_eq!(saved, Err(AppError::Forbidden), "{role}");
    }
}
