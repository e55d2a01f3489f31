//! Guests who are asked for consent by e-mail, and addresses that are written to again.

use crate::{
    consent::{Stranger, lines},
    harness::{Device, HEADER, House, monday},
    post_office::{PostOffice, Posted, Stage},
};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    campaigns::{
        CampaignKind::{Birthday, Offer},
        consent::{self, Cause, Source, Statement},
        hold::{
            GuestGreetings,
            api::{AskConsent, CardGreetings, HoldGreetings, LiftSuppression},
        },
    },
    error::{AppError, Problem},
    ids::GuestId,
    server::db::{Db, record, vars},
    staff::api::AuditTrail,
};

const SATO: &str = "keiko@post.example";
const ONEILL: &str = "oneill@mail.example";

/// A house whose mail goes to a relay of its own.
pub async fn open() -> (House, PostOffice) {
    let office = PostOffice::open();
    let mail = format!("smtp://{}?tls=none", office.addr);
    let settings = [
        ("RAPPORT_MAIL", mail.as_str()),
        ("RAPPORT_MAIL_FROM", "The Cedars <greetings@cedars.example>"),
        ("RAPPORT_BASE_URL", "http://rapport.example"),
    ];
    let db = Db::in_memory().await.expect("a store in memory");
    (House::open_with(db, &settings).await, office)
}

fn about(guest: GuestId, kind: &str) -> [(&'static str, String); 2] {
    [("guest", guest.to_string()), ("kind", kind.to_owned())]
}

fn because(guest: GuestId, why: &str) -> [(&'static str, String); 2] {
    [("guest", guest.to_string()), ("why", why.to_owned())]
}

/// The refusal of the form that asks.
fn not_sent(why: &str) -> Result<(), AppError> {
    Err(AppError::field("kind", Problem::NotSent(why.to_owned())))
}

pub async fn card(device: &mut Device, guest: GuestId) -> GuestGreetings {
    device.call::<CardGreetings>(&[("guest", guest.to_string())]).await.expect("an answer")
}

/// The path of the link in a letter.
pub fn link(mail: &Posted) -> String {
    let text = mail.text().replace("=\r\n", "");
    let begins = text.find("/confirm/").expect("a link");
    text[begins..].chars().take_while(|c| c.is_ascii_alphanumeric() || "/-_".contains(*c)).collect()
}

/// What was done and by whom, the newest first, with the fields that are named.
pub async fn trail(house: &House, action: &str) -> Vec<(String, Vec<String>)> {
    let mut manager = house.device("manager", "desk").await;
    let trail = manager.call::<AuditTrail>(&[]).await.expect("the audit");
    trail.into_iter().filter(|row| row.action == action).map(|row| (row.who, row.fields)).collect()
}

#[tokio::test]
async fn a_guest_is_asked_once_and_counts_once_the_link_is_followed() {
    let (house, office) = open().await;
    // She said nothing when she booked.
    let guest = house.guest("M0005").await;
    let may = async |kind| consent::of(&house.db, &[guest], kind).await.expect("an answer")[&guest];
    let mut desk = house.device("reception", "desk").await;
    desk.call::<AskConsent>(&about(guest, "offer")).await.expect("asked");

    let posted = office.posted();
    assert_eq!(posted.len(), 1);
    let mail = &posted[0];
    assert_eq!(mail.to, [ONEILL]);
    assert_eq!(mail.header("Content-Language").as_deref(), Some("en"));
    assert_eq!(mail.header("Subject").as_deref(), Some("May The Cedars write to you?"));
    assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(mail.header("List-Unsubscribe"), None, "it is sent to nobody on a list");
    assert!(mail.text().contains("nothing that you need to do"), "{}", mail.text());

    assert!(!may(Offer).await, "nobody has confirmed it");
    let shown = card(&mut desk, guest).await;
    let line = &shown.consent[0];
    assert!(shown.waits && line.waits && line.pending);
    assert_eq!((line.kind, line.source.as_str(), line.language.as_deref()), (Some(Offer), "asked", Some("en")));
    assert_eq!(line.author.as_deref(), Some("The reception"));
    assert!(line.wording.as_deref().is_some_and(|words| words.starts_with("The Cedars was asked to send")), "{line:?}");
    let page = desk.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(page.contains("waiting for an answer"), "{page}");

    let stranger = Stranger::of(&house);
    let path = link(mail);
    assert!(stranger.page(&path).await.contains("The Cedars was asked to send"));
    assert!(!may(Offer).await, "the page alone confirms nothing");
    assert_eq!(stranger.submit(&path, &[]).await.0, 200);
    assert!(may(Offer).await && !may(Birthday).await, "to what was asked and nothing else");
    assert!(!card(&mut desk, guest).await.waits);
    assert_eq!(trail(&house, "asked_consent").await, [("The reception".to_owned(), Vec::new())]);
}

#[tokio::test]
async fn nobody_is_asked_twice_in_thirty_days() {
    let (house, office) = open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let mut marketing = house.device("marketing", "desk").await;
    let all = about(guest, "");
    let (one, other) = futures::future::join(desk.call::<AskConsent>(&all), marketing.call::<AskConsent>(&all)).await;
    let too_soon = Err(AppError::field("kind", Problem::TooSoon("2026-12-23 09:00".to_owned())));
    assert!([&one, &other].contains(&&Ok(())) && [&one, &other].contains(&&too_soon), "{one:?} {other:?}");
    assert_eq!(desk.call::<AskConsent>(&about(guest, "birthday")).await, too_soon);
    assert_eq!(office.posted().len(), 1);
    assert_eq!(office.posted()[0].header("Content-Language").as_deref(), Some("zh"));
    assert!(card(&mut marketing, guest).await.waits, "marketing learns that he was asked");

    // Without scripts the form comes back with the reason beside its field, and what was chosen.
    let page = format!("/guests/{guest}");
    let answer = desk.post(AskConsent::PATH, &about(guest, "birthday"), "text/html").await;
    assert_eq!(answer.headers()["location"], page.as_str());
    let page = desk.get(&page).await.text().await.expect("a page");
    assert!(page.contains("The next letter may go from 23 Dec 2026, 09:00 on."), "{page}");
    assert!(page.contains("id=\"ask-kind-problem\""), "{page}");

    house.clock.advance(TimeDelta::days(30) - TimeDelta::seconds(1));
    let mut desk = house.device("reception", "desk").await;
    assert_eq!(desk.call::<AskConsent>(&all).await, too_soon);
    house.clock.advance(TimeDelta::seconds(1));
    desk.call::<AskConsent>(&all).await.expect("asked");
    assert_eq!(office.posted().len(), 2);
}

#[tokio::test]
async fn who_cannot_be_written_to_is_not_asked() {
    let (house, office) = open().await;
    house
        .import(&format!(
            "{HEADER}\n1008,CITY,Ms,Ana,Lima,,PRT,en,,,,,M0008,2026-01-02,2026-01-05,A,,1,0,BB,99,EUR,Direct,CHECKED OUT,,,\n"
        ))
        .await;
    let mut desk = house.device("reception", "desk").await;
    let silent = house.guest("M0008").await;
    assert_eq!(desk.call::<AskConsent>(&about(silent, "")).await, not_sent("@no_address"));
    let gone = house.guest("M0002").await;
    let of = vars().with("guest", record("guest", gone));
    house.db.query("UPDATE $guest SET deceased = true RETURN NONE", of).await.expect("kept");
    assert_eq!(desk.call::<AskConsent>(&about(gone, "")).await, not_sent("@deceased"));
    let guest = house.guest("M0005").await;
    consent::suppress(&house.db, ONEILL, Cause::Bounced, Some("5.1.1"), monday()).await.expect("kept");
    assert_eq!(desk.call::<AskConsent>(&about(guest, "")).await, not_sent("@suppressed"));
    let refused = desk.call::<AskConsent>(&about(house.guest("M0001").await, "spam")).await;
    let unknown = Problem::NotKnown("spam".to_owned(), "@listed".to_owned());
    assert_eq!(refused, Err(AppError::field("kind", unknown)));
    for role in ["floor", "host", "concierge", "admin"] {
        let mut device = house.device(role, "desk").await;
        assert_eq!(device.call::<AskConsent>(&about(guest, "")).await, Err(AppError::Forbidden), "{role}");
    }
    assert!(office.posted().is_empty());
    assert!(lines(&house, guest).await.iter().all(|line| !line.pending));

    let shut = House::open().await;
    let mut desk = shut.device("reception", "desk").await;
    let guest = shut.guest("M0001").await;
    assert_eq!(desk.call::<AskConsent>(&about(guest, "")).await, not_sent("@mail_shut"));
}

#[tokio::test]
async fn whoever_said_no_is_not_asked_nor_whom_no_greeting_may_reach() {
    let (house, office) = open().await;
    let mut desk = house.device("reception", "desk").await;
    // She said no to all of them when she booked.
    let declined = house.guest("M0003").await;
    for kind in ["", "offer"] {
        assert_eq!(desk.call::<AskConsent>(&about(declined, kind)).await, not_sent("@objected"), "{kind}");
    }
    // She said no to one kind, to the house itself, and may be asked for another.
    let guest = house.guest("M0005").await;
    let no = Statement {
        guest,
        kind: Some(Offer),
        granted: false,
        source: Source::UnsubscribePage,
        wording: None,
        language: None,
        author: None,
    };
    consent::record_statement(&house.db, no, monday()).await.expect("kept");
    assert_eq!(desk.call::<AskConsent>(&about(guest, "offer")).await, not_sent("@objected"));
    // Without scripts the reason stands in words.
    desk.post(AskConsent::PATH, &about(guest, "offer"), "text/html").await;
    let page = desk.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(page.contains("the guest has said no to this"), "{page}");

    let of = || vars().with("guest", record("guest", guest));
    for (field, why) in [("blocklisted", "@blocklisted"), ("incognito", "@incognito")] {
        let set = |is_so: bool| format!("UPDATE $guest SET {field} = {is_so} RETURN NONE");
        house.db.query(&set(true), of()).await.expect("kept");
        assert_eq!(desk.call::<AskConsent>(&about(guest, "birthday")).await, not_sent(why));
        house.db.query(&set(false), of()).await.expect("kept");
    }
    let other = vars().with("guest", record("guest", guest)).with("other", record("guest", declined));
    house.db.query("UPDATE $guest SET merged_into = $other RETURN NONE", other).await.expect("kept");
    assert_eq!(desk.call::<AskConsent>(&about(guest, "birthday")).await, not_sent("@absorbed"));
    house.db.query("UPDATE $guest SET merged_into = NONE RETURN NONE", of()).await.expect("kept");
    let hold =
        [("guest", guest.to_string()), ("reason", "A bereavement".to_owned()), ("until", "2026-11-24".to_owned())];
    desk.call::<HoldGreetings>(&hold).await.expect("held");
    assert_eq!(desk.call::<AskConsent>(&about(guest, "birthday")).await, not_sent("@on_hold"));
    assert!(office.posted().is_empty());
    assert!(lines(&house, guest).await.iter().all(|line| !line.pending));

    // Its last day is over.
    house.clock.advance(TimeDelta::days(2));
    let mut desk = house.device("reception", "desk").await;
    desk.call::<AskConsent>(&about(guest, "birthday")).await.expect("asked");
    assert_eq!(office.posted().len(), 1);
}

#[tokio::test]
async fn a_letter_that_did_not_leave_can_be_sent_again_at_once() {
    let (house, office) = open().await;
    let guest = house.guest("M0005").await;
    let mut desk = house.device("reception", "desk").await;
    office.answer(Stage::To, 451, "not now");
    let refused = desk.call::<AskConsent>(&about(guest, "")).await;
    assert!(
        matches!(&refused, Err(AppError::Fields(fields)) if matches!(&fields[0].problem, Problem::NotSent(why) if why.contains("451"))),
        "{refused:?}"
    );
    let shown = card(&mut desk, guest).await;
    assert_eq!(shown.consent[0].source, "not_sent");
    assert!(!shown.waits);
    desk.call::<AskConsent>(&about(guest, "")).await.expect("asked");
    assert_eq!(office.posted().len(), 1);
    assert!(card(&mut desk, guest).await.waits);
}

#[tokio::test]
async fn a_suppression_is_lifted_for_a_reason_and_both_are_kept() {
    let house = House::open().await;
    let guest = house.guest("M0003").await;
    consent::suppress(&house.db, SATO, Cause::Bounced, Some("5.1.1"), monday()).await.expect("kept");
    let is_suppressed = async || consent::suppression(&house.db, SATO).await.expect("an answer").is_some();
    let mut desk = house.device("reception", "desk").await;
    let mut marketing = house.device("marketing", "desk").await;

    let told = card(&mut desk, guest).await.suppressed.expect("told");
    assert_eq!(
        (told.cause.as_str(), told.detail.as_deref(), told.at.as_str()),
        ("bounced", Some("5.1.1"), "2026-11-23 09:00")
    );
    assert!(!told.may_lift && card(&mut marketing, guest).await.suppressed.expect("told").may_lift);
    let page = desk.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(
        page.contains("Letters came back (5.1.1), since 23 Nov 2026, 09:00.") && !page.contains("lift-why"),
        "{page}"
    );
    assert_eq!(desk.call::<LiftSuppression>(&because(guest, "x")).await, Err(AppError::Forbidden));
    let empty = Err(AppError::field("why", Problem::Empty));
    assert_eq!(marketing.call::<LiftSuppression>(&because(guest, " ")).await, empty);
    // Without scripts what was typed stands in the form again.
    let long = "x".repeat(201);
    marketing.post(LiftSuppression::PATH, &because(guest, &long), "text/html").await;
    let page = marketing.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(page.contains(&long) && page.contains("id=\"lift-why-problem\""), "{page}");
    assert!(is_suppressed().await);

    house.clock.advance(TimeDelta::minutes(5));
    marketing.call::<LiftSuppression>(&because(guest, "She has a new mailbox")).await.expect("lifted");
    assert!(!is_suppressed().await);
    let shown = card(&mut desk, guest).await;
    assert_eq!(shown.suppressed, None);
    let kept = &shown.lifted[0];
    assert_eq!((kept.cause.as_str(), kept.since.as_str()), ("bounced", "2026-11-23 09:00"));
    assert_eq!((kept.why.as_str(), kept.by.as_str()), ("She has a new mailbox", "The marketing"));
    assert_eq!(kept.at, "2026-11-23 09:05");
    assert_eq!(marketing.call::<LiftSuppression>(&because(guest, "Again")).await, Err(AppError::NotFound));
    let lifted = [("The marketing".to_owned(), vec!["bounced".to_owned()])];
    assert_eq!(trail(&house, "lifted_suppression").await, lifted);
}

#[tokio::test]
async fn a_complaint_is_lifted_by_a_manager_alone() {
    let house = House::open().await;
    let guest = house.guest("M0003").await;
    consent::suppress(&house.db, SATO, Cause::Complained, None, monday()).await.expect("kept");
    for role in ["reception", "marketing", "host", "admin"] {
        let mut device = house.device(role, "desk").await;
        let refused = device.call::<LiftSuppression>(&because(guest, "She called")).await;
        assert_eq!(refused, Err(AppError::Forbidden), "{role}");
    }
    let mut marketing = house.device("marketing", "desk").await;
    assert!(!card(&mut marketing, guest).await.suppressed.expect("still").may_lift);
    let mut manager = house.device("manager", "desk").await;
    assert!(card(&mut manager, guest).await.suppressed.expect("still").may_lift);
    manager.call::<LiftSuppression>(&because(guest, "She called")).await.expect("lifted");
    let shown = card(&mut manager, guest).await;
    assert_eq!((shown.suppressed, shown.lifted.len()), (None, 1));
    // It is no consent: what she said to the house itself still holds.
    assert!(!consent::of(&house.db, &[guest], Offer).await.expect("an answer")[&guest]);
}
