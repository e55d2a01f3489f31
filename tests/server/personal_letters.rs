//! Personal letters are sent by whoever signs them, or by a manager in the signer's place.

use crate::{
    campaigns::{at, form, made, shown, with},
    harness::{Device, House},
    letters_signed::{awaiting, seen, states},
};
use rapport::{
    campaigns::{
        OccurrenceId,
        outbox_api::{ApproveLetter, DropLetter, ListApprovals, approvals_page},
    },
    error::AppError,
    ids::CampaignId,
    staff::api::AuditTrail,
};

async fn send(device: &mut Device, letter: &OccurrenceId) -> [(&'static str, String); 6] {
    [
        seen(device, letter).await,
        ("letter", letter.to_string()),
        ("subject", "For you".to_owned()),
        ("words[0]", "Dear Wei,".to_owned()),
        ("words[1]", "come back.".to_owned()),
        ("text", "Dear Wei, come back.".to_owned()),
    ]
}

fn discard(letter: &OccurrenceId) -> [(&'static str, String); 2] {
    [("letter", letter.to_string()), ("reason", "Not now".to_owned())]
}

/// A campaign of marketing's, with these in its form, and a letter of it that waits.
async fn waiting(house: &House, device: &mut Device, changes: &[(&'static str, &str)]) -> (CampaignId, OccurrenceId) {
    let campaign = made(device, &with(form("birthday", "House letter"), changes)).await;
    (campaign, awaiting(house, campaign, "M0001").await)
}

/// What was done about letters, the newest first.
async fn deeds(house: &House) -> Vec<(String, String)> {
    let mut manager = house.device("manager", "desk").await;
    let trail = manager.call::<AuditTrail>(&[]).await.expect("the audit");
    let about_letters = trail.into_iter().filter(|row| row.action == "campaign_changed" && row.guest.is_some());
    about_letters.map(|row| (row.who, row.fields.join(" "))).collect()
}

#[tokio::test]
async fn a_letter_that_another_signs_is_read_and_no_more() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let (_, letter) = waiting(&house, &mut marketing, &[("form[signer]", "Clara Sousa")]).await;
    let page = marketing.call::<ListApprovals>(&[("open", letter.to_string())]).await.expect("a page");
    assert!(!page.waiting[0].may_decide);
    assert_eq!(page.open.expect("it can be read").words, ["Dear Mr Zhang,", "we miss you."]);
    let text = marketing.get(&approvals_page(&letter.to_string())).await.text().await.expect("a page");
    assert!(text.contains("we miss you.") && text.contains("Only Clara Sousa or a manager"), "{text}");
    assert!(!text.contains("/api/approve_letter") && !text.contains("/api/drop_letter"), "{text}");
    // Whoever sends the form all the same.
    let words = send(&mut marketing, &letter).await;
    assert_eq!(marketing.call::<ApproveLetter>(&words).await, Err(AppError::Forbidden));
    assert_eq!(marketing.last_status, 403);
    assert_eq!(marketing.call::<DropLetter>(&discard(&letter)).await, Err(AppError::Forbidden));
    assert_eq!(states(&house).await, ["awaiting"]);
    assert!(deeds(&house).await.is_empty());

    // A manager stands in, and the audit says that it was in the signer's place.
    let mut manager = house.device("manager", "desk").await;
    let text = manager.get(&approvals_page(&letter.to_string())).await.text().await.expect("a page");
    assert!(text.contains("/api/approve_letter"), "{text}");
    manager.call::<ApproveLetter>(&words).await.expect("approved");
    assert_eq!(deeds(&house).await, [("The manager".to_owned(), "approved for_signer".to_owned())]);
    let text = manager.get("/manage/audit").await.text().await.expect("a page");
    assert!(text.contains("In the signer’s place"), "{text}");
}

#[tokio::test]
async fn the_signer_is_who_was_chosen_whatever_stands_under_the_letter() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let (mine, letter) = waiting(&house, &mut marketing, &[("form[signer]", " the MARKETING ")]).await;
    let page = marketing.call::<ListApprovals>(&[("open", letter.to_string())]).await.expect("a page");
    assert!(page.open.expect("the letter").about.may_decide, "whose name it is");
    marketing.call::<DropLetter>(&discard(&letter)).await.expect("dropped");
    assert_eq!(deeds(&house).await, [("The marketing".to_owned(), "dropped".to_owned())]);

    // Another one is chosen, and the name alone is not enough any more.
    let fields = [("kind", "birthday".to_owned()), ("draft", "false".to_owned())];
    let opened = marketing.call::<rapport::campaigns::api::OpenCampaignForm>(&fields).await.expect("a form");
    let manager = opened.signers.iter().find(|(_, name)| name == "The manager").expect("a manager").0.to_string();
    let changes = [("form[signer]", "The marketing"), ("form[signer_staff]", manager.as_str()), ("revision", "1")];
    made(&mut marketing, &[with(form("birthday", "House letter"), &changes), at(mine)].concat()).await;
    assert_eq!(shown(&mut marketing, mine).await.campaign.revision, 2);
    let second = awaiting(&house, mine, "M0002").await;
    let words = send(&mut marketing, &second).await;
    assert_eq!(marketing.call::<ApproveLetter>(&words).await, Err(AppError::Forbidden));
    let mut signer = house.device("manager", "desk").await;
    signer.call::<ApproveLetter>(&words).await.expect("approved");
    assert_eq!(deeds(&house).await[0], ("The manager".to_owned(), "approved".to_owned()), "in nobody's place");
}
