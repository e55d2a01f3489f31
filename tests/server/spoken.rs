//! What guests tell a colleague about being written to.

use crate::{
    asking::{card, link, open, trail},
    consent::{Stranger, lines},
    harness::{House, monday},
    post_office::{PostOffice, Stage},
    sending_desk::Desk,
};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    campaigns::{
        CampaignKind::{self, Birthday, Offer, OneOff},
        consent::{self, Cause, Source, Statement},
        hold::api::TakeDownConsent,
    },
    error::{AppError, Problem},
    ids::GuestId,
};

type Fields = [(&'static str, String); 6];

fn told(guest: GuestId, answer: &str, kind: &str, words: &str) -> Fields {
    [
        ("guest", guest.to_string()),
        ("kind", kind.to_owned()),
        ("answer", answer.to_owned()),
        ("way", "telephone".to_owned()),
        ("words", words.to_owned()),
        ("language", "pt".to_owned()),
    ]
}

fn refused(field: &str, problem: Problem) -> Result<(), AppError> {
    Err(AppError::field(field, problem))
}

fn not_sent(why: &str) -> Result<(), AppError> {
    refused("answer", Problem::NotSent(why.to_owned()))
}

async fn may(house: &House, guest: GuestId, kind: CampaignKind) -> bool {
    consent::of(&house.db, &[guest], kind).await.expect("an answer")[&guest]
}

#[tokio::test]
async fn a_spoken_no_holds_at_once_and_is_kept_word_for_word() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    assert!(may(&house, guest, Offer).await && may(&house, guest, Birthday).await);
    let words = "N\u{e3}o quero mais ofertas,\r\nobrigado (wei@post.example)";
    desk.call::<TakeDownConsent>(&told(guest, "no", "offer", words)).await.expect("kept");
    assert!(!may(&house, guest, Offer).await && may(&house, guest, Birthday).await, "that kind and no other");

    let shown = card(&mut desk, guest).await;
    let line = &shown.consent[0];
    assert_eq!((line.kind, line.granted, line.pending, line.waits), (Some(Offer), false, false, false));
    assert_eq!((line.source.as_str(), line.language.as_deref()), ("colleague telephone", Some("pt")));
    assert_eq!((line.author.as_deref(), line.at.as_str()), (Some("The reception"), "2026-11-23 09:00"));
    assert_eq!(line.wording.as_deref(), Some(words.replace("\r\n", "\n").as_str()));
    assert_eq!(shown.address.as_deref(), Some("zhang.wei@post.example"));
    // Marketing reads the same, and no address in full.
    let mut marketing = house.device("marketing", "desk").await;
    let seen = card(&mut marketing, guest).await;
    assert_eq!(seen.address.as_deref(), Some("z\u{2022}\u{2022}\u{2022}@p\u{2022}\u{2022}\u{2022}.example"));
    let masked = seen.consent[0].wording.clone().expect("words");
    assert!(masked.starts_with("N\u{e3}o quero mais ofertas,") && !masked.contains("post"), "{masked}");
    assert_eq!((&seen.consent[0].author, seen.consent.len()), (&line.author, shown.consent.len()));
    let page = marketing.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(page.contains("told to a colleague on the telephone") && !page.contains("wei@post.example"), "{page}");

    // A no to all of them is another line.
    desk.call::<TakeDownConsent>(&told(guest, "no", "", "Nothing at all")).await.expect("kept");
    assert!(!may(&house, guest, Birthday).await);
    assert_eq!(lines(&house, guest).await.len(), shown.consent.len() + 1);
    let by = ("The reception".to_owned(), vec!["objected".to_owned()]);
    assert_eq!(trail(&house, "took_down_consent").await, [by.clone(), by]);
    for role in ["floor", "host", "concierge", "admin"] {
        let mut device = house.device(role, "desk").await;
        let answer = device.call::<TakeDownConsent>(&told(guest, "no", "", "No")).await;
        assert_eq!(answer, Err(AppError::Forbidden), "{role}");
    }
    let nobody = told(GuestId::new(), "no", "", "No");
    assert_eq!(desk.call::<TakeDownConsent>(&nobody).await, Err(AppError::NotFound));
}

#[tokio::test]
async fn a_letter_that_is_queued_is_not_sent_after_a_spoken_no() {
    let (desk, office) = (Desk::open(2).await, PostOffice::open());
    let mut reception = desk.house.device("reception", "desk").await;
    reception.call::<TakeDownConsent>(&told(desk.guests[0], "no", "", "Please, no letters")).await.expect("kept");
    assert_eq!(desk.send(&format!("smtp://{}?tls=none", office.addr)).await.sent, 1);
    let posted = office.posted();
    assert_eq!(posted.iter().map(|mail| mail.to.clone()).collect::<Vec<_>>(), [["guest1@post.example"]]);
    let fate = desk.fate(desk.guests[0]).await;
    assert_eq!((fate.state.as_str(), fate.reason.as_deref()), ("skipped", Some("no_consent")));
    assert!(may(&desk.house, desk.guests[1], OneOff).await);
}

#[tokio::test]
async fn a_spoken_yes_counts_once_the_guest_has_confirmed_it() {
    let (house, office) = open().await;
    // She said no when she booked, and thinks better of it.
    let guest = house.guest("M0003").await;
    let mut desk = house.device("reception", "desk").await;
    desk.call::<TakeDownConsent>(&told(guest, "yes", "birthday", "For my birthday, gladly")).await.expect("kept");
    assert!(!may(&house, guest, Birthday).await, "nobody has confirmed it");
    let shown = card(&mut desk, guest).await;
    let said: Vec<_> =
        shown.consent.iter().take(2).map(|line| (line.source.as_str(), line.pending, line.waits)).collect();
    assert_eq!(said, [("asked", true, true), ("colleague telephone", true, false)]);
    assert_eq!(shown.consent[1].wording.as_deref(), Some("For my birthday, gladly"));
    assert_eq!(trail(&house, "took_down_consent").await, [("The reception".to_owned(), vec!["agreed".to_owned()])]);
    let page = desk.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(page.contains("Said yes, to be confirmed by e-mail"), "{page}");

    let posted = office.posted();
    assert_eq!(posted.len(), 1);
    let path = link(&posted[0]);
    assert_eq!(Stranger::of(&house).submit(&path, &[]).await.0, 200);
    assert!(may(&house, guest, Birthday).await && !may(&house, guest, Offer).await, "to that kind and no other");
    let confirmed = &lines(&house, guest).await[0];
    assert_eq!(confirmed.source, "confirmation");
    assert!(confirmed.wording.as_deref().is_some_and(|words| words.starts_with("The Cedars was asked to send")));

    // The same again is no second letter, and nothing of it is taken down.
    let before = lines(&house, guest).await.len();
    let again = desk.call::<TakeDownConsent>(&told(guest, "yes", "offer", "And offers")).await;
    assert_eq!(again, refused("answer", Problem::TooSoon("2026-12-23 09:00".to_owned())));
    assert_eq!((office.posted().len(), lines(&house, guest).await.len()), (1, before));
    // Unless the guest has objected meanwhile, so that the letter of then leads nowhere.
    house.clock.advance(TimeDelta::minutes(1));
    desk.call::<TakeDownConsent>(&told(guest, "no", "", "No more")).await.expect("kept");
    house.clock.advance(TimeDelta::minutes(1));
    desk.call::<TakeDownConsent>(&told(guest, "yes", "", "After all, yes")).await.expect("kept");
    assert_eq!(office.posted().len(), 2);
    assert!(!may(&house, guest, Birthday).await, "until it is confirmed");
}

#[tokio::test]
async fn a_yes_that_cannot_be_confirmed_is_refused_in_words_and_not_taken_down() {
    let (house, office) = open().await;
    let guest = house.guest("M0005").await;
    let mut desk = house.device("reception", "desk").await;
    consent::suppress(&house.db, "oneill@mail.example", Cause::Bounced, None, monday()).await.expect("kept");
    let yes = told(guest, "yes", "", "Yes, do");
    assert_eq!(desk.call::<TakeDownConsent>(&yes).await, not_sent("@suppressed"));
    assert!(office.posted().is_empty() && lines(&house, guest).await.is_empty());

    // Without scripts everything that was typed stays, with the reason beside its field.
    let answer = desk.post(TakeDownConsent::PATH, &yes, "text/html").await;
    assert_eq!(answer.headers()["location"], format!("/guests/{guest}").as_str());
    let page = desk.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(page.contains("id=\"told-answer-problem\"") && page.contains("Yes, do"), "{page}");
    let silent = told(guest, "", "spam", " ");
    let Err(AppError::Fields(errors)) = desk.call::<TakeDownConsent>(&silent).await else { panic!("kept") };
    assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["kind", "answer", "words"]);
    // A no needs no letter.
    desk.call::<TakeDownConsent>(&told(guest, "no", "", "No")).await.expect("kept");
    assert_eq!(lines(&house, guest).await.len(), 1);
}

#[tokio::test]
async fn a_yes_whose_letter_does_not_leave_is_written_down_and_the_page_says_so() {
    let (house, office) = open().await;
    let guest = house.guest("M0005").await;
    let mut desk = house.device("reception", "desk").await;
    let yes = told(guest, "yes", "", "Yes, do");
    office.answer(Stage::To, 451, "not now");
    let answer = desk.call::<TakeDownConsent>(&yes).await;
    let Err(AppError::Fields(errors)) = &answer else { panic!("{answer:?}") };
    assert!(
        matches!(&errors[..], [error] if error.field == "answer"
            && matches!(&error.problem, Problem::UnconfirmedYes(why) if why.contains("451"))),
        "{errors:?}"
    );
    let said: Vec<_> = lines(&house, guest).await.into_iter().map(|line| (line.source, line.waits)).collect();
    assert_eq!(said, [("not_sent".to_owned(), false), ("colleague telephone".to_owned(), false)]);

    // Without scripts the page says the same, and never that nothing was written down.
    office.answer(Stage::To, 451, "not now");
    desk.post(TakeDownConsent::PATH, &yes, "text/html").await;
    let page = desk.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(page.contains("The yes is written down and does not count yet"), "{page}");
    assert!(!page.contains("Nothing was written down"), "{page}");
    // Kept once more, it goes out.
    desk.call::<TakeDownConsent>(&yes).await.expect("asked");
    assert_eq!(office.posted().len(), 1);
    assert!(card(&mut desk, guest).await.waits && !may(&house, guest, Birthday).await);
}

#[tokio::test]
async fn an_import_does_not_bring_back_what_was_refused_aloud() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    desk.call::<TakeDownConsent>(&told(guest, "no", "", "No")).await.expect("kept");
    let yes = Statement {
        guest,
        kind: None,
        granted: true,
        source: Source::Booking("1010".to_owned()),
        wording: None,
        language: None,
        author: None,
    };
    consent::record_statement(&house.db, yes, monday() + TimeDelta::days(1)).await.expect("kept");
    assert!(!may(&house, guest, Birthday).await, "a box that is still ticked in the hotel's system");
}
