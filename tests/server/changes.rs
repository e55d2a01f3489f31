//! Letters and campaigns that are changed while greetings wait: what leaves is what stands there when it does.

use crate::{
    campaigns::{Fields, form, made},
    harness::House,
    planning_desk::URL,
    post_office::{PostOffice, Stage},
    sending::{plain, until},
    sending_desk::Desk,
};
use chrono::TimeDelta;
use rapport::{
    campaigns::{
        CampaignState, PauseReason,
        api::{ActivateCampaign, PauseCampaign, ResumeCampaign},
        plan,
        store::{self, Change},
    },
    error::AppError,
    server::{
        clock::Clock,
        db::{record, vars},
    },
    staff::guard::{Permit, PlanGreetings},
};

/// Corrects the letter, as somebody does who has paused the campaign for it, and lets the campaign go on.
async fn correct(desk: &Desk, permit: &Permit<PlanGreetings>, greeting: &str) {
    let (db, now) = (&desk.house.db, desk.house.clock.now());
    let mut letter = store::letters(db, desk.campaign).await.expect("letters").remove(0);
    letter.html = format!("<p>{greeting} {{{{ first_name }}}}. <a href=\"{{{{ unsubscribe_url }}}}\">No more</a></p>");
    letter.text = format!("{greeting} {{{{ first_name }}}}. No more: {{{{ unsubscribe_url }}}}");
    assert_eq!(store::save_letter(db, permit, desk.campaign, &letter, now).await, Ok(Change::Kept));
    let row = store::campaign(db, desk.campaign).await.expect("an answer").expect("a campaign");
    assert_eq!(row.state, CampaignState::Paused);
    store::activate(db, permit, desk.campaign, row.revision, now).await.expect("it goes on");
}

/// A run of the planner that finds nobody new.
async fn judge_anew(desk: &Desk) {
    let planned = "UPDATE $campaign SET planned_through = '2026-11-25', planned_revision = revision RETURN NONE";
    let db = &desk.house.db;
    db.query(planned, vars().with("campaign", record("campaign", desk.campaign))).await.expect("planned before");
    plan::run_due(db, desk.house.clock.now(), "a server", URL).await.expect("judged");
}

async fn permit(desk: &Desk) -> Permit<PlanGreetings> {
    let device = desk.house.device("marketing", "desk").await;
    desk.permit(&device).await
}

#[tokio::test]
async fn what_was_refused_for_now_leaves_with_the_corrected_words() {
    let (desk, office) = (Desk::open(1).await, PostOffice::open());
    office.answer(Stage::To, 450, "greylisted");
    assert_eq!(desk.send(&plain(&office)).await.later, 1);
    let before = desk.fate(desk.guests[0]).await;

    correct(&desk, &permit(&desk).await, "Corrected").await;
    desk.house.clock.advance(TimeDelta::minutes(1));
    assert_eq!(desk.send(&plain(&office)).await.sent, 0, "it has not been judged anew");
    judge_anew(&desk).await;
    let judged = desk.fate(desk.guests[0]).await;
    assert_eq!((judged.attempts, judged.due), (1, before.due), "the time of the next attempt stays");
    assert_eq!(desk.send(&plain(&office)).await.sent, 1);
    let posted = office.posted();
    assert_eq!(posted.len(), 1);
    assert!(posted[0].text().contains("Corrected Given0."), "{}", posted[0].text());
    assert!(!posted[0].text().contains("Dear"), "nothing of the old letter");
    assert_eq!(Some(posted[0].message_id()), before.message_id, "it is the same greeting");
}

#[tokio::test]
async fn what_was_ready_to_leave_when_the_letter_was_corrected_leaves_corrected() {
    let (desk, office) = (Desk::open(3).await, PostOffice::open());
    let permit = permit(&desk).await;
    let open = office.hold_back();
    let sender = desk.sender(&plain(&office), &[("RAPPORT_MAIL_CONNECTIONS", "1")]);
    let run = tokio::spawn(async move { sender.run_due().await });
    until(async || desk.states().await.iter().any(|state| state == "sending")).await;
    // All of it while two messages wait behind the first, in the sender's hands.
    correct(&desk, &permit, "Corrected").await;
    open.send_replace(true);
    let counts = run.await.expect("ended").expect("a run");
    assert_eq!((counts.sent, counts.released), (1, 2), "only what was on the wire by then");
    assert_eq!(desk.send(&plain(&office)).await.sent, 0);

    judge_anew(&desk).await;
    assert_eq!(desk.send(&plain(&office)).await.sent, 2);
    let posted = office.posted();
    let corrected = posted.iter().filter(|mail| mail.text().contains("Corrected Given")).count();
    assert_eq!((posted.len(), corrected), (3, 2));
}

#[tokio::test]
async fn a_signers_words_stay_whatever_becomes_of_the_letter() {
    let (desk, office) = (Desk::open(1).await, PostOffice::open());
    let id = desk.id(desk.guests[0]);
    let approved = "CREATE ONLY $envelope SET subject = 'For you', html = '<p>Dear friend</p>', text = 'Dear friend', \
                    edited_by = 'Ana', revision = 1 RETURN NONE;
                    UPDATE ONLY $row SET decided_by = 'Ana' RETURN NONE";
    let bound = vars().with("envelope", record("envelope", &id)).with("row", record("occurrence", &id));
    desk.house.db.query(approved, bound).await.expect("approved");
    correct(&desk, &permit(&desk).await, "Corrected").await;
    judge_anew(&desk).await;
    assert_eq!(desk.send(&plain(&office)).await.sent, 1);
    let posted = office.posted();
    assert_eq!(posted[0].header("Subject").as_deref(), Some("For you"));
    assert!(posted[0].text().contains("Dear friend"), "{}", posted[0].text());
}

#[tokio::test]
async fn what_is_changed_in_a_pause_is_looked_at_before_it_goes_on() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let fields = form("birthday", "House letter");
    let id = made(&mut marketing, &fields).await;
    let campaign = [("campaign", id.to_string())];
    let at = |revision: i64| [("campaign", id.to_string()), ("revision", revision.to_string())];
    marketing.call::<ActivateCampaign>(&at(1)).await.expect("activated");
    marketing.call::<PauseCampaign>(&campaign).await.expect("paused");

    let mut changed: Fields =
        fields.into_iter().filter(|(name, _)| !["revision", "form[send_at]"].contains(name)).collect();
    changed.extend([("form[send_at]", "10:30".to_owned())]);
    changed.extend(at(1));
    made(&mut marketing, &changed).await;
    let row = store::campaign(&house.db, id).await.expect("an answer").expect("a campaign");
    let stands = (row.state, row.pause, row.revision);
    assert_eq!(stands, (CampaignState::Paused, Some(PauseReason::Changed), 2), "no more a pause by hand");
    let resumed = marketing.call::<ResumeCampaign>(&at(2)).await;
    assert!(matches!(resumed, Err(AppError::Conflict(_))), "not without a look: {resumed:?}");
    marketing.call::<ActivateCampaign>(&at(2)).await.expect("it goes on by way of the preflight");

    // A pause in which nothing is changed just ends.
    marketing.call::<PauseCampaign>(&campaign).await.expect("paused");
    marketing.call::<ResumeCampaign>(&at(2)).await.expect("it goes on");
}
