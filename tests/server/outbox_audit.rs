//! What people decide about greetings on their way stands in the audit.

use crate::{harness::House, letters_signed::seen, sending_desk::Desk};
use rapport::{
    campaigns::{
        OccurrenceId,
        outbox_api::{ApproveLetter, DropLetter, ResolveLetter, RetryLetter},
    },
    error::AppError,
    server::db::{record, vars},
    staff::{AuditRow, api::AuditTrail},
};

/// Puts an occurrence where a sender or the planner would have left it.
async fn stands_at(house: &House, id: &OccurrenceId, state: &str) {
    house
        .db
        .query(
            "UPDATE ONLY $id SET state = $state, address = 'guest0@post.example' RETURN NONE;
             UPSERT ONLY $envelope SET subject = 'Hello', text = 'Dear Given', \
             html = '<!doctype html><html><body><p>Dear Given</p></body></html>', revision = 1 RETURN NONE",
            vars()
                .with("id", record("occurrence", id))
                .with("envelope", record("envelope", id))
                .with("state", state.to_owned()),
        )
        .await
        .expect("an occurrence");
}

/// What was done about campaigns, the oldest first.
async fn trail(house: &House) -> Vec<AuditRow> {
    let mut manager = house.device("manager", "desk").await;
    let trail = manager.call::<AuditTrail>(&[]).await.expect("the audit");
    let mut told: Vec<_> = trail.into_iter().filter(|row| row.action == "campaign_changed").collect();
    told.reverse();
    told
}

#[tokio::test]
async fn whoever_decides_about_a_greeting_stands_in_the_audit_with_its_campaign() {
    let desk = Desk::open(5).await;
    let house = &desk.house;
    let ids: Vec<OccurrenceId> = desk.guests.iter().map(|guest| desk.id(*guest)).collect();
    for (id, state) in ids.iter().zip(["failed", "unknown", "unknown", "awaiting", "awaiting"]) {
        stands_at(house, id, state).await;
    }
    let (mut marketing, mut host) = (house.device("marketing", "desk").await, house.device("host", "restaurant").await);
    let letter = |number: usize| ("letter", ids[number].to_string());
    let refused = host.call::<RetryLetter>(&[letter(0)]).await;
    assert_eq!(refused, Err(AppError::Forbidden));
    assert!(trail(house).await.is_empty(), "nothing was done");

    marketing.call::<RetryLetter>(&[letter(0)]).await.expect("again");
    let arrived = |number, word: &str| [letter(number), ("arrived", word.to_owned())];
    marketing.call::<ResolveLetter>(&arrived(1, "true")).await.expect("noted");
    marketing.call::<ResolveLetter>(&arrived(2, "false")).await.expect("noted");
    let words = [
        letter(3),
        seen(&mut marketing, &ids[3]).await,
        ("subject", "For you".to_owned()),
        ("words[0]", "Dear friend".to_owned()),
        ("text", "Dear friend".to_owned()),
    ];
    marketing.call::<ApproveLetter>(&words).await.expect("approved");
    marketing.call::<DropLetter>(&[letter(4), ("reason", "She has moved".to_owned())]).await.expect("dropped");
    assert_eq!(desk.states().await, ["planned", "sent", "failed", "planned", "dropped"]);

    // Whoever comes second changes nothing, and nothing is told of it.
    let mut manager = house.device("manager", "desk").await;
    let first = Err(AppError::Conflict("The marketing".to_owned()));
    assert_eq!(manager.call::<RetryLetter>(&[letter(0)]).await, first);
    assert_eq!(manager.call::<ResolveLetter>(&arrived(1, "false")).await, first);
    assert_eq!(manager.call::<ApproveLetter>(&words).await, first);

    let told = trail(house).await;
    let said: Vec<_> = told.iter().map(|row| (row.who.as_str(), row.fields.join(" "))).collect();
    let by_marketing = |word: &str| ("The marketing", word.to_owned());
    let deeds = ["sent_again", "arrived", "not_arrived", "approved", "dropped"];
    assert_eq!(said, deeds.map(by_marketing));
    for (row, id) in told.iter().zip(&ids) {
        assert_eq!(row.guest.as_ref().map(|(guest, _)| *guest), Some(id.guest));
        assert_eq!(row.campaign, Some((desk.campaign, "Winter".to_owned())));
    }
    assert!(!serde_json::to_string(&told).expect("JSON").contains("post.example"), "an address: {told:?}");

    let page = manager.get("/manage/audit").await.text().await.expect("a page");
    for words in ["Sent again", "Noted as arrived", "Noted as not arrived", "Winter"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(page.contains(&format!("/campaigns/{}\"", desk.campaign)), "it leads to the campaign");
}
