//! Greetings leave once each, to a relay that behaves: whoever sends, and whatever changes meanwhile.

use crate::{
    post_office::{PostOffice, SOON, Stage, authority},
    sending_desk::Desk,
};
use chrono::TimeDelta;
use rapport::{
    campaigns::{
        OccurrenceState, PauseReason,
        consent::{self, Cause, Source, Statement},
        outbox, store,
    },
    error::AppError,
    server::{
        clock::Clock,
        db::{record, vars},
    },
    staff::guard::PlanGreetings,
};
use std::collections::HashSet;
use surrealdb::types::{Bytes, SurrealValue};

pub fn plain(office: &PostOffice) -> String {
    format!("smtp://{}?tls=none", office.addr)
}

/// Waits until something is so; fails after a while.
pub async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, wait).await.expect("in time");
}

#[tokio::test]
async fn a_greeting_leaves_once_and_with_everything_that_mail_needs() {
    let (desk, office) = (Desk::open(3).await, PostOffice::open());
    let sender = desk.sender(
        &plain(&office),
        &[
            ("RAPPORT_DKIM_DOMAIN", "cedars.example"),
            ("RAPPORT_DKIM_SELECTOR", "winter"),
            ("RAPPORT_DKIM_KEY", concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/mail/testdata/ed25519.pem")),
        ],
    );
    assert_eq!(sender.run_due().await.expect("a run").sent, 3);
    assert_eq!(sender.run_due().await.expect("a run").sent, 0);
    let posted = office.posted();
    assert_eq!(posted.len(), 3);

    let mail = posted.iter().find(|mail| mail.to == ["guest1@post.example"]).expect("to the second guest");
    let fate = desk.fate(desk.guests[1]).await;
    assert_eq!(fate.state, "sent");
    assert_eq!(fate.message_id, Some(mail.message_id()));
    assert_eq!(mail.message_id(), sender.mailer.message_id(&desk.id(desk.guests[1]).to_string()));
    assert_eq!(mail.from, "bounces@cedars.example");
    for (name, value) in [
        ("From", "\"The Cedars\" <greetings@cedars.example>"),
        ("To", "guest1@post.example"),
        ("Subject", "Hello Given1"),
        ("Date", "Mon, 23 Nov 2026 09:00:00 +0000"),
        ("Auto-Submitted", "auto-generated"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ] {
        assert_eq!(mail.header(name).as_deref(), Some(value));
    }
    let link = mail.header("List-Unsubscribe").expect("a link");
    assert!(link.starts_with("<https://rapport.example/u/") && link.ends_with('>'), "{link}");
    assert!(mail.header("Content-Type").expect("a type").starts_with("multipart/alternative"));
    let signature = mail.header("DKIM-Signature").expect("a signature").replace(' ', "");
    assert!(signature.contains(":list-unsubscribe:list-unsubscribe-post;"), "{signature}");
    assert!(signature.contains("d=cedars.example;s=winter;"), "{signature}");
    assert!(mail.text().contains("Dear Given1."));
}

#[tokio::test]
async fn several_servers_with_several_connections_send_each_once() {
    let (desk, office) = (Desk::open(60).await, PostOffice::open());
    let senders: Vec<_> = (0..3).map(|_| desk.sender(&plain(&office), &[("RAPPORT_MAIL_CONNECTIONS", "4")])).collect();
    let runs = senders.iter().map(|sender| sender.run_due());
    for run in futures::future::join_all(runs).await {
        run.expect("a run");
    }
    // One may have looked while another had claimed the rest.
    senders[0].run_due().await.expect("a run");
    let posted = office.posted();
    let ids: HashSet<String> = posted.iter().map(|mail| mail.message_id()).collect();
    assert_eq!((posted.len(), ids.len()), (60, 60));
    assert!(desk.states().await.iter().all(|state| state == "sent"));
}

#[tokio::test]
async fn later_means_later_with_the_same_bytes() {
    #[derive(SurrealValue)]
    struct Kept {
        message: Bytes,
    }
    let (desk, office) = (Desk::open(1).await, PostOffice::open());
    office.answer(Stage::To, 450, "greylisted, guest0@post.example");
    office.answer(Stage::End, 451, "not just now");
    let guest = desk.guests[0];

    assert_eq!(desk.send(&plain(&office)).await.later, 1);
    let fate = desk.fate(guest).await;
    assert_eq!((fate.state.as_str(), fate.attempts), ("planned", 1));
    assert_eq!(fate.due - desk.house.clock.now(), TimeDelta::minutes(1));
    assert_eq!(fate.answer.as_deref(), Some("450 greylisted, (address)"));
    let kept: Option<Kept> = desk
        .house
        .db
        .row("SELECT message FROM $row", vars().with("row", record("envelope", desk.id(guest))))
        .await
        .expect("an answer");

    desk.house.clock.advance(TimeDelta::seconds(59));
    assert_eq!(desk.send(&plain(&office)).await.later, 0, "not yet");
    desk.house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(desk.send(&plain(&office)).await.later, 1);
    assert_eq!(desk.fate(guest).await.due - desk.house.clock.now(), TimeDelta::minutes(5));
    desk.house.clock.advance(TimeDelta::minutes(5));
    assert_eq!(desk.send(&plain(&office)).await.sent, 1);
    let posted = office.posted();
    assert_eq!(posted.len(), 1);
    let kept = kept.expect("an envelope").message.into_inner();
    assert_eq!(posted[0].text().trim_end(), String::from_utf8_lossy(&kept).trim_end());
}

#[tokio::test]
async fn never_means_never_and_people_may_try_again() {
    let (desk, office) = (Desk::open(2).await, PostOffice::open());
    office.answer(Stage::To, 550, "<guest0@post.example>: no such mailbox");
    office.answer(Stage::End, 554, "looks like spam");
    assert_eq!(desk.send(&plain(&office)).await.failed, 2);
    assert_eq!(office.posted(), []);
    let device = desk.house.device("marketing", "desk").await;
    let permit = desk.permit::<PlanGreetings>(&device).await;
    let letters = outbox::dead_letters(&desk.house.db, &permit, desk.campaign, 20).await.expect("dead letters");
    assert_eq!(letters.len(), 2);
    for letter in &letters {
        assert_eq!(letter.state, OccurrenceState::Failed);
        let answer = letter.answer.as_deref().expect("an answer");
        assert!(answer.starts_with("55") && !answer.contains('@'), "{answer}");
    }
    let (now, id) = (desk.house.clock.now(), &letters[0].id);
    outbox::retry(&desk.house.db, &permit, id, now).await.expect("planned again");
    let twice = outbox::retry(&desk.house.db, &permit, id, now).await;
    assert!(matches!(twice, Err(AppError::Conflict(_))), "{twice:?}");
    assert_eq!(desk.send(&plain(&office)).await.sent, 1);
    assert_eq!(office.posted().len(), 1);
}

#[tokio::test]
async fn nothing_starts_after_a_pause() {
    let (desk, office) = (Desk::open(5).await, PostOffice::open());
    let open = office.hold_back();
    let sender = desk.sender(&plain(&office), &[("RAPPORT_MAIL_CONNECTIONS", "1")]);
    let run = tokio::spawn(async move { sender.run_due().await });
    until(async || desk.states().await.iter().any(|state| state == "sending")).await;
    store::pause(&desk.house.db, desk.campaign, PauseReason::ByHand, Some("Ana")).await.expect("paused");
    open.send_replace(true);
    let counts = run.await.expect("ended").expect("a run");
    assert_eq!((counts.sent, office.posted().len()), (1, 1), "the one that was on the wire");
    let states = desk.states().await;
    assert_eq!(states.iter().filter(|state| *state == "planned").count(), 4, "{states:?}");

    let resume = "UPDATE $campaign SET state = 'active' RETURN NONE; UPDATE $gates SET open = true RETURN NONE";
    let bound = vars().with("campaign", record("campaign", desk.campaign)).with("gates", store::gates(desk.campaign));
    desk.house.db.query(resume, bound).await.expect("resumed");
    assert_eq!(desk.send(&plain(&office)).await.sent, 4);
    assert_eq!(office.posted().len(), 5);
}

#[tokio::test]
async fn a_word_of_the_guest_counts_until_the_message_starts() {
    let (desk, office) = (Desk::open(4).await, PostOffice::open());
    let refuse = |guest| Statement {
        guest,
        kind: None,
        granted: false,
        source: Source::UnsubscribePage,
        wording: None,
        language: None,
        author: None,
    };
    let (db, now) = (&desk.house.db, desk.house.clock.now());
    // Between planning and claiming.
    consent::record_statement(db, refuse(desk.guests[3]), now).await.expect("said");
    let open = office.hold_back();
    let sender = desk.sender(&plain(&office), &[("RAPPORT_MAIL_CONNECTIONS", "1")]);
    let run = tokio::spawn(async move { sender.run_due().await });
    until(async || desk.states().await.iter().any(|state| state == "sending")).await;
    // Between claiming and the wire, to everybody whose message has not started.
    let states = desk.states().await;
    let waiting: Vec<usize> = (0..3).filter(|at| states[*at] == "claimed").collect();
    assert_eq!(waiting.len(), 2, "{states:?}");
    consent::record_statement(db, refuse(desk.guests[waiting[0]]), now).await.expect("said");
    let address = format!("guest{}@post.example", waiting[1]);
    consent::suppress(db, &address, Cause::Complained, None, now).await.expect("suppressed");
    open.send_replace(true);
    run.await.expect("ended").expect("a run");
    desk.send(&plain(&office)).await;

    assert_eq!(office.posted().len(), 1);
    let reason = async |at: usize| {
        let fate = desk.fate(desk.guests[at]).await;
        (fate.state, fate.reason)
    };
    let skipped = |reason: &str| ("skipped".to_owned(), Some(reason.to_owned()));
    assert_eq!(reason(3).await, skipped("no_consent"));
    assert_eq!(reason(waiting[0]).await, skipped("no_consent"));
    assert_eq!(reason(waiting[1]).await, skipped("suppressed"));
}

#[tokio::test]
async fn a_house_sends_no_faster_than_it_may() {
    let (desk, office) = (Desk::open(8).await, PostOffice::open());
    let sender = desk.sender(&plain(&office), &[("RAPPORT_MAIL_PER_MINUTE", "60")]);
    assert_eq!(sender.run_due().await.expect("a run").sent, 6);
    assert_eq!(sender.run_due().await.expect("a run").sent, 0);
    desk.house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(sender.run_due().await.expect("a run").sent, 1);
    desk.house.clock.advance(TimeDelta::seconds(60));
    assert_eq!(sender.run_due().await.expect("a run").sent, 1);
    assert_eq!(office.posted().len(), 8);
}

#[tokio::test]
async fn a_campaign_whose_messages_fail_pauses_itself() {
    let (desk, office) = (Desk::open(30).await, PostOffice::open());
    for _ in 0..30 {
        office.answer(Stage::To, 550, "no");
    }
    desk.send(&plain(&office)).await;
    let campaign = store::campaign(&desk.house.db, desk.campaign).await.expect("an answer").expect("a campaign");
    assert_eq!(campaign.pause, Some(PauseReason::TooManyFailures));
    let states = desk.states().await;
    let failed = states.iter().filter(|state| *state == "failed").count();
    // One was on its way while the tenth was written down.
    assert!((10..=11).contains(&failed), "{failed}");
    assert!(states.iter().all(|state| state == "failed" || state == "planned"), "{states:?}");
}

#[tokio::test]
async fn what_its_time_has_passed_for_is_missed() {
    let (desk, office) = (Desk::open(1).await, PostOffice::open());
    desk.house.clock.advance(TimeDelta::hours(72));
    assert_eq!(desk.send(&plain(&office)).await.sent, 0);
    outbox::sweep(&desk.house.db, desk.house.clock.now()).await.expect("a look");
    assert_eq!(desk.states().await, ["missed"]);
}

#[tokio::test]
async fn addresses_of_other_scripts_are_written_as_relays_read_them() {
    let addresses = ["info@müller.example", "jörg@post.example", "klaus..berg@post.example"].map(str::to_owned);
    let (desk, office) = (Desk::with(&addresses).await, PostOffice::open());
    desk.send(&plain(&office)).await;
    let mut written: Vec<String> = office.posted().into_iter().flat_map(|mail| mail.to).collect();
    written.sort();
    assert_eq!(written, ["\"klaus..berg\"@post.example", "info@xn--mller-kva.example"]);
    let fate = desk.fate(desk.guests[1]).await;
    assert!(["held", "skipped"].contains(&fate.state.as_str()), "{fate:?}");
    assert_eq!(fate.reason.as_deref(), Some("bad_address"));
    assert_eq!(fate.detail.as_deref(), Some("local_part"));
}

#[tokio::test]
async fn a_folder_gets_each_message_as_a_file_and_once() {
    let desk = Desk::open(2).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mail = format!("file:{}", folder.path().join("out").display());
    assert_eq!(desk.send(&mail).await.sent, 2);
    let path = |at: usize| {
        let id = desk.sender(&mail, &[]).mailer.message_id(&desk.id(desk.guests[at]).to_string());
        folder.path().join("out").join(format!("{}.eml", id.trim_matches(['<', '>'])))
    };
    let first = std::fs::read(path(0)).expect("a message");
    assert!(path(1).exists());
    // Sent again after its word was lost: the file stays as it is.
    desk.house
        .db
        .query(
            "UPDATE $row SET state = 'planned' RETURN NONE; UPDATE $envelope SET message = NONE RETURN NONE",
            vars()
                .with("row", record("occurrence", desk.id(desk.guests[0])))
                .with("envelope", record("envelope", desk.id(desk.guests[0]))),
        )
        .await
        .expect("planned again");
    desk.house.clock.advance(TimeDelta::minutes(1));
    assert_eq!(desk.send(&mail).await.sent, 1);
    assert_eq!(std::fs::read(path(0)).expect("a message"), first);
}

#[tokio::test]
async fn a_relay_may_ask_for_tls_and_a_name() {
    let (desk, office) = (Desk::open(2).await, PostOffice::guarded());
    let port = office.addr.port();
    let ca = authority();
    assert_eq!(desk.send(&format!("smtp://rapport:sesame@localhost:{port}?ca={ca}")).await.sent, 2);
    assert!(office.posted().iter().all(|mail| mail.login.as_deref() == Some("rapport")));
}

#[tokio::test]
async fn a_wrong_password_is_the_relays_trouble_and_no_guests() {
    let (desk, office) = (Desk::open(1).await, PostOffice::guarded());
    let port = office.addr.port();
    let ca = authority();
    let counts = desk.send(&format!("smtp://rapport:wrong@localhost:{port}?ca={ca}")).await;
    assert_eq!((counts.sent, counts.released), (0, 1));
    let fate = desk.fate(desk.guests[0]).await;
    assert_eq!((fate.state.as_str(), fate.attempts), ("planned", 0));
}

#[tokio::test]
async fn a_relay_that_asks_everybody_to_come_again_pauses_nothing() {
    let (desk, office) = (Desk::open(30).await, PostOffice::open());
    for _ in 0..30 {
        office.answer(Stage::To, 451, "4.7.1 greylisted");
    }
    desk.send(&plain(&office)).await;
    let campaign = store::campaign(&desk.house.db, desk.campaign).await.expect("an answer").expect("a campaign");
    assert_eq!((campaign.pause, office.posted().len()), (None, 0));
    desk.house.clock.advance(TimeDelta::minutes(2));
    assert_eq!(desk.send(&plain(&office)).await.sent, 30, "the second time they are let in");
}
