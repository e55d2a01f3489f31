//! What stops greetings at the last moment, and whom: a guest, an address, a campaign, and nobody else.

use crate::{
    planning_desk::URL,
    post_office::{Crank, Fault, PostOffice, Stage},
    sending::{plain, until},
    sending_desk::Desk,
};
use chrono::TimeDelta;
use rapport::{
    campaigns::{
        PauseReason, Settings,
        consent::{self, Cause},
        outbox, plan, store,
    },
    server::{
        clock::Clock,
        db::{record, vars},
    },
};

async fn pause_of(desk: &Desk) -> Option<PauseReason> {
    store::campaign(&desk.house.db, desk.campaign).await.expect("an answer").expect("a campaign").pause
}

#[tokio::test]
async fn a_flag_and_a_hold_count_until_the_message_starts() {
    let (desk, office) = (Desk::open(3).await, PostOffice::open());
    let open = office.hold_back();
    let sender = desk.sender(&plain(&office), &[("RAPPORT_MAIL_CONNECTIONS", "1")]);
    let run = tokio::spawn(async move { sender.run_due().await });
    until(async || desk.states().await.iter().any(|state| state == "sending")).await;
    let states = desk.states().await;
    let waiting: Vec<usize> = (0..3).filter(|at| states[*at] == "claimed").collect();
    assert_eq!(waiting.len(), 2, "{states:?}");
    let (shy, held) = (desk.guests[waiting[0]], desk.guests[waiting[1]]);
    let said = "UPDATE ONLY $shy SET incognito = true RETURN NONE;
                CREATE ONLY $hold SET guest = $held, reason = 'a complaint', author_name = 'Rui', at = $now RETURN NONE";
    let bound = vars()
        .with("shy", record("guest", shy))
        .with("held", record("guest", held))
        .with("hold", record("hold", held))
        .with("now", desk.house.clock.now());
    desk.house.db.query(said, bound).await.expect("said");
    open.send_replace(true);
    run.await.expect("ended").expect("a run");
    assert_eq!(office.posted().len(), 1, "the one that was on the wire");
    desk.send(&plain(&office)).await;

    assert_eq!(office.posted().len(), 1);
    let (shy, held) = (desk.fate(shy).await, desk.fate(held).await);
    assert_eq!((shy.state.as_str(), shy.reason.as_deref()), ("skipped", Some("incognito")));
    assert_eq!((held.state.as_str(), held.reason.as_deref()), ("held", Some("on_hold")));
}

#[tokio::test]
async fn a_wrong_address_that_is_refused_at_once_is_written_to_no_more() {
    let (mut desk, office) = (Desk::open(3).await, PostOffice::open());
    let answers = ["5.1.1 no such mailbox", "5.1.8 we do not know the sender", "no, thank you"];
    for words in answers {
        office.answer(Stage::To, 550, words);
    }
    assert_eq!(desk.send(&plain(&office)).await.failed, 3);
    let mut wrong = Vec::new();
    for at in 0..3 {
        let said = desk.fate(desk.guests[at]).await.answer.expect("an answer");
        let address = format!("guest{at}@post.example");
        let suppression = consent::suppression(&desk.house.db, &address).await.expect("an answer");
        if said.contains("5.1.1") {
            let suppression = suppression.expect("suppressed");
            assert_eq!((suppression.cause, suppression.detail.as_deref()), (Cause::Bounced, Some("5.1.1")));
            assert_eq!((suppression.at, suppression.until), (desk.house.clock.now(), None), "for good");
            wrong.push(desk.guests[at]);
        } else {
            assert_eq!(suppression, None, "{said}");
        }
    }
    assert_eq!(wrong.len(), 1);
    desk.plan(&wrong).await;
    assert_eq!(desk.send(&plain(&office)).await.held_back, 1);
    assert_eq!(desk.fate(wrong[0]).await.reason.as_deref(), Some("suppressed"));
    assert_eq!(office.posted(), []);
}

#[tokio::test]
async fn an_address_that_is_refused_three_times_without_a_word_rests() {
    let (mut desk, office) = (Desk::open(1).await, PostOffice::open());
    let guest = desk.guests[0];
    for time in 1..=3 {
        if time > 1 {
            desk.house.clock.advance(TimeDelta::hours(1));
            desk.plan(&[guest]).await;
        }
        office.answer(Stage::To, 550, "no, thank you");
        assert_eq!(desk.send(&plain(&office)).await.failed, 1, "{time}");
        let found = consent::suppression(&desk.house.db, "guest0@post.example").await.expect("an answer");
        let rests = (time == 3).then(|| desk.house.clock.now() + TimeDelta::days(30));
        assert_eq!(found.and_then(|suppression| suppression.until), rests, "{time}");
    }
}

#[tokio::test]
async fn a_relay_that_cuts_every_connection_pauses_the_campaign() {
    let desk = Desk::open(30).await;
    let crank = Crank::open(&[Fault::DropsAt("RCPT")]).await;
    desk.send(&format!("smtp://{}?tls=none", crank.addr)).await;
    assert_eq!(pause_of(&desk).await, Some(PauseReason::TooManyFailures));
    let mut tried = 0;
    for guest in &desk.guests {
        let fate = desk.fate(*guest).await;
        assert_eq!(fate.state, "planned", "nothing of it is lost");
        tried += fate.attempts;
    }
    // One was on its way while the tenth was written down.
    assert!((10..=11).contains(&tried), "{tried}");
}

#[tokio::test]
async fn a_relay_that_is_not_there_pauses_the_campaign_after_a_while() {
    let desk = Desk::open(2).await;
    // A port on which nobody listens.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
    let relay = format!("smtp://{gone}?tls=none");
    for time in 1..=10 {
        assert_eq!(pause_of(&desk).await, None, "before the attempt {time}");
        // Several connections that find nobody at once have found so once.
        let sender = desk.sender(&relay, &[("RAPPORT_MAIL_CONNECTIONS", "2")]);
        assert_eq!(sender.run_due().await.expect("a run").sent, 0);
    }
    until(async || pause_of(&desk).await == Some(PauseReason::TooManyFailures)).await;
    let fate = desk.fate(desk.guests[0]).await;
    assert_eq!((fate.state.as_str(), fate.attempts), ("planned", 0));
}

#[tokio::test]
async fn a_large_campaign_does_not_keep_a_small_one_waiting() {
    let (mut desk, office) = (Desk::open(60).await, PostOffice::open());
    let guest = desk.guests[0];
    desk.plan(&[guest]).await;
    // Six at once, and one more each second: never enough for all that the first campaign has.
    let sender = desk.sender(&plain(&office), &[("RAPPORT_MAIL_PER_MINUTE", "60"), ("RAPPORT_MAIL_CONNECTIONS", "1")]);
    for _ in 0..50 {
        sender.run_due().await.expect("a run");
        if desk.fate(guest).await.state == "sent" {
            return;
        }
        desk.house.clock.advance(TimeDelta::seconds(1));
    }
    panic!("the second campaign never had its turn");
}

#[tokio::test]
async fn a_campaign_that_cannot_be_read_holds_up_no_other() {
    let (mut desk, office) = (Desk::open(3).await, PostOffice::open());
    let broken = "UPDATE $campaign SET settings = '{' RETURN NONE";
    desk.house.db.query(broken, vars().with("campaign", record("campaign", desk.campaign))).await.expect("broken");
    let guests = desk.guests.clone();
    desk.plan(&guests[..2]).await;
    assert_eq!(desk.send(&plain(&office)).await.sent, 2);
    assert_eq!(office.posted().len(), 2);
}

#[tokio::test]
async fn a_server_that_falls_asleep_with_claimed_letters_does_not_send_them_days_later() {
    let (desk, office) = (Desk::open(3).await, PostOffice::open());
    let open = office.hold_back();
    let sender = desk.sender(&plain(&office), &[("RAPPORT_MAIL_CONNECTIONS", "1")]);
    let run = tokio::spawn(async move { sender.run_due().await });
    until(async || desk.states().await.iter().any(|state| state == "sending")).await;
    until(async || desk.states().await.iter().filter(|state| *state == "claimed").count() == 2).await;
    desk.house.clock.advance(TimeDelta::days(3));
    open.send_replace(true);
    run.await.expect("ended").expect("a run");
    assert_eq!(office.posted().len(), 1, "the one that was on the wire");
    outbox::sweep(&desk.house.db, desk.house.clock.now()).await.expect("a look");
    let mut states = desk.states().await;
    states.sort();
    assert_eq!(states, ["missed", "missed", "sent"]);
}

#[tokio::test]
async fn what_is_left_over_from_yesterday_finds_its_day_before_it_leaves() {
    // No more than 200 a day.
    let (desk, office) = (Desk::open(2).await, PostOffice::open());
    desk.house.clock.advance(TimeDelta::days(1));
    assert_eq!(desk.send(&plain(&office)).await.sent, 0, "today may be full");
    plan::run_due(&desk.house.db, desk.house.clock.now(), "a server", URL).await.expect("planned");
    assert_eq!(desk.send(&plain(&office)).await.sent, 2);
    assert_eq!(office.posted().len(), 2);
}

#[tokio::test]
async fn two_who_come_to_share_an_address_after_they_were_planned_get_one_greeting() {
    let (desk, office) = (Desk::open(2).await, PostOffice::open());
    let row = store::campaign(&desk.house.db, desk.campaign).await.expect("an answer").expect("a campaign");
    let settings = Settings { one_per_household: true, ..row.settings };
    // The one who would go first of two who were planned at one address.
    let moved = usize::from(desk.guests[1] < desk.guests[0]);
    let address = |at: usize| format!("guest{at}@post.example");
    let arrange = "UPDATE $campaign SET settings = $settings RETURN NONE;
                   UPDATE $moved_row SET household = $old_address RETURN NONE;
                   UPDATE $other_row SET household = $new_address RETURN NONE;
                   UPDATE $moved SET emails = [$new_address] RETURN NONE";
    let bound = vars()
        .with("campaign", record("campaign", desk.campaign))
        .with("settings", serde_json::to_string(&settings).expect("JSON"))
        .with("moved", record("guest", desk.guests[moved]))
        .with("moved_row", record("occurrence", desk.id(desk.guests[moved])))
        .with("other_row", record("occurrence", desk.id(desk.guests[1 - moved])))
        .with("old_address", address(moved))
        .with("new_address", address(1 - moved));
    desk.house.db.query(arrange, bound).await.expect("arranged");
    desk.send(&plain(&office)).await;
    assert_eq!(office.posted().len(), 1);
    let fate = desk.fate(desk.guests[moved]).await;
    assert_eq!((fate.state.as_str(), fate.reason.as_deref()), ("skipped", Some("household_greeted")));
}
