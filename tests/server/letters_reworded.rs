//! Letters that the house changes while their signer has them open: nothing is overwritten unseen, and nothing typed is
//! lost.

use crate::{
    campaigns::{at, form, made, with},
    harness::{Device, House},
    letters_pages::campaign,
    letters_signed::{awaiting, seen, states},
};
use rapport::{
    campaigns::{
        OccurrenceId, consent,
        outbox_api::{ApproveLetter, ListApprovals, PersonalLetter, approvals_page},
    },
    error::{AppError, FieldError, Problem},
    server::db::{record, vars},
};

/// A letter with the signer's own words.
fn words(letter: &OccurrenceId, seen: (&'static str, String)) -> Vec<(&'static str, String)> {
    vec![
        ("letter", letter.to_string()),
        seen,
        ("subject", "For you".to_owned()),
        ("words[0]", "Dear Wei,".to_owned()),
        ("words[1]", "the terrace misses you.".to_owned()),
        ("text", "Dear Wei, the terrace misses you.".to_owned()),
    ]
}

/// What the planner makes of a letter once it has been corrected.
async fn rewrite(house: &House, letter: &OccurrenceId, set: &str) {
    let sql = format!("UPDATE ONLY $letter SET {set} RETURN NONE");
    house.db.query(&sql, vars().with("letter", record("envelope", letter))).await.expect("rewritten");
}

async fn opened(device: &mut Device, letter: &OccurrenceId) -> PersonalLetter {
    let page = device.call::<ListApprovals>(&[("open", letter.to_string())]).await.expect("a page");
    page.open.expect("the letter")
}

fn reworded(field: &str, words: &str) -> FieldError {
    FieldError { field: field.to_owned(), problem: Problem::Reworded(words.to_owned()) }
}

const CORRECTED: &str = "html = '<!doctype html><html><body><p>Dear Mr Zhang,</p><p>we do miss you.</p></body></html>'";

#[tokio::test]
async fn an_old_form_does_not_overwrite_what_the_house_has_corrected() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let id = campaign(&mut marketing).await;
    let letter = awaiting(&house, id, "M0001").await;
    let old = words(&letter, seen(&mut marketing, &letter).await);
    rewrite(&house, &letter, CORRECTED).await;

    let now = opened(&mut marketing, &letter).await.seen;
    let changed = vec![reworded("seen", &now), reworded("words[1]", "we do miss you.")];
    assert_eq!(marketing.call::<ApproveLetter>(&old).await, Err(AppError::Fields(changed.clone())));
    assert_eq!(states(&house).await, ["awaiting"]);
    assert_eq!(opened(&mut marketing, &letter).await.words[1], "we do miss you.");

    // Without scripts the page says what has changed, and everything that was typed is there.
    let page = approvals_page(&letter.to_string());
    let answer = marketing.post("/api/approve_letter", &old, "text/html").await;
    assert_eq!(answer.headers()["location"], page.as_str());
    let text = marketing.get(&page).await.text().await.expect("a page");
    for words in ["It now reads: we do miss you.", "the terrace misses you.", "Dear Wei,", "For you", now.as_str()] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("It now reads: Dear Mr Zhang"), "of what stayed nothing is said: {text}");

    // Whoever has read that sends what is typed; a form that tells nothing has read nothing.
    let blind = words(&letter, ("seen", String::new()));
    let refused = marketing.call::<ApproveLetter>(&blind).await;
    assert!(matches!(&refused, Err(AppError::Fields(fields)) if fields[0] == changed[0]), "{refused:?}");
    marketing.call::<ApproveLetter>(&words(&letter, ("seen", now))).await.expect("approved");
    assert_eq!(states(&house).await, ["planned"]);
}

#[tokio::test]
async fn what_was_typed_stays_where_a_letter_has_fewer_passages_now() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let id = campaign(&mut marketing).await;
    let letter = awaiting(&house, id, "M0001").await;
    let old = words(&letter, seen(&mut marketing, &letter).await);
    rewrite(&house, &letter, "html = '<!doctype html><html><body><p>Dear Mr Zhang, come.</p></body></html>'").await;
    marketing.post("/api/approve_letter", &old, "text/html").await;
    let text = marketing.get(&approvals_page(&letter.to_string())).await.text().await.expect("a page");
    assert!(text.contains("It now reads: Dear Mr Zhang, come."), "{text}");
    assert!(text.contains("no passage any more: the terrace misses you."), "{text}");
    assert_eq!(states(&house).await, ["awaiting"]);
}

#[tokio::test]
async fn a_letter_whose_campaign_was_changed_waits_until_it_is_written_anew() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let id = campaign(&mut marketing).await;
    let letter = awaiting(&house, id, "M0001").await;
    let typed = words(&letter, seen(&mut marketing, &letter).await);
    let changes = [("form[signer]", "The marketing"), ("form[send_at]", "10:00"), ("revision", "1")];
    made(&mut marketing, &[with(form("birthday", "House letter"), &changes), at(id)].concat()).await;
    let refused = marketing.call::<ApproveLetter>(&typed).await;
    assert_eq!(refused, Err(AppError::field("seen", Problem::WrittenAnew)));
    assert!(opened(&mut marketing, &letter).await.is_outdated);
    let text = marketing.get(&approvals_page(&letter.to_string())).await.text().await.expect("a page");
    assert!(text.contains("written anew once the campaign goes on"), "{text}");
    assert_eq!(states(&house).await, ["awaiting"]);

    // With the same words, so that the form that is open does.
    rewrite(&house, &letter, "revision = 2").await;
    marketing.call::<ApproveLetter>(&typed).await.expect("approved");
}

#[tokio::test]
async fn a_signer_who_takes_the_way_out_of_a_letter_is_refused() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let id = campaign(&mut marketing).await;
    let letter = awaiting(&house, id, "M0001").await;
    let secret = consent::secret(&house.db, consent::LINKS).await.expect("a secret");
    let out = consent::links("http://rapport.example", &secret, &letter).unsubscribe;
    let html = format!(
        "html = '<!doctype html><html><body><p>Dear Mr Zhang,</p><a href=\"{out}\">No more</a></body></html>', \
         text = 'Dear Mr Zhang, no more: {out}'"
    );
    rewrite(&house, &letter, &html).await;
    let typed = async |device: &mut Device, last: &str, text: &str| {
        let mut fields = words(&letter, seen(device, &letter).await);
        fields[4].1 = last.to_owned();
        fields[5].1 = text.to_owned();
        device.call::<ApproveLetter>(&fields).await
    };
    let gone = |field: &str, what: &str| Err(AppError::field(field, Problem::WayOutGone(what.to_owned())));
    let with_link = format!("Dear Wei. Enough? {out}");
    assert_eq!(typed(&mut marketing, "", &with_link).await, gone("words", "No more"));
    assert_eq!(typed(&mut marketing, "Enough?", "Dear Wei").await, gone("text", &out));
    assert_eq!(states(&house).await, ["awaiting"]);
    typed(&mut marketing, "Enough?", &with_link).await.expect("approved");
}
