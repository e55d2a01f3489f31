//! Relays that stall, refuse, drop and answer late, and servers that die: what may be tried again is, what
//! may have arrived is not.

use crate::{
    post_office::{Crank, Fault, IMPATIENT, PostOffice, Stage, authority},
    sending_desk::Desk,
};
use chrono::{DateTime, TimeDelta};
use rapport::{
    campaigns::{OccurrenceState, outbox},
    error::AppError,
    server::{
        clock::Clock,
        db::{record, vars},
    },
    staff::guard::PlanGreetings,
};
use std::net::SocketAddr;

fn impatient(addr: SocketAddr) -> String {
    format!("smtp://{addr}?tls=none&{IMPATIENT}")
}

#[tokio::test]
async fn each_fault_has_its_end() {
    let mut desk = Desk::open(1).await;
    end(&desk).await;
    let guest = desk.guests[0];
    for (fault, state, attempts, seen) in [
        // Nothing was said of the message: as if it had not been tried.
        (Fault::Mute, "planned", 0, 0),
        (Fault::Refuses, "planned", 0, 0),
        (Fault::StallsAt("EHLO"), "planned", 0, 0),
        (Fault::DropsAt("EHLO"), "planned", 0, 0),
        // It cannot have arrived: again, later.
        (Fault::StallsAt("MAIL"), "planned", 1, 0),
        (Fault::StallsAt("RCPT"), "planned", 1, 0),
        (Fault::StallsAt("DATA"), "planned", 1, 0),
        (Fault::DropsAt("MAIL"), "planned", 1, 0),
        (Fault::DropsAt("RCPT"), "planned", 1, 0),
        (Fault::DropsAt("DATA"), "planned", 1, 0),
        // It may have arrived: a person finds out.
        (Fault::DropsAfterEnd, "unknown", 0, 1),
        (Fault::SilentAfterEnd, "unknown", 0, 1),
        (Fault::Babbles, "unknown", 0, 1),
        (Fault::Behaves, "sent", 0, 1),
    ] {
        desk.plan(&[guest]).await;
        let crank = Crank::open(&[fault]).await;
        desk.send(&impatient(crank.addr)).await;
        let fate = desk.fate(guest).await;
        assert_eq!((fate.state.as_str(), fate.attempts), (state, attempts), "{fault:?}: {fate:?}");
        // Another look changes nothing and sends nothing.
        desk.send(&impatient(crank.addr)).await;
        assert_eq!((desk.fate(guest).await.state.as_str(), crank.seen().len()), (state, seen), "{fault:?}");
        end(&desk).await;
    }
}

#[tokio::test]
async fn each_step_may_be_refused_for_now_or_for_good() {
    let (mut desk, office) = (Desk::open(1).await, PostOffice::open());
    end(&desk).await;
    let guest = desk.guests[0];
    for stage in [Stage::From, Stage::To, Stage::Data, Stage::End] {
        for (code, state, attempts) in [(451, "planned", 1), (551, "failed", 0)] {
            desk.plan(&[guest]).await;
            office.answer(stage, code, "no");
            desk.send(&impatient(office.addr)).await;
            let fate = desk.fate(guest).await;
            assert_eq!((fate.state.as_str(), fate.attempts), (state, attempts), "{stage:?} {code}: {fate:?}");
            assert_eq!(fate.answer, Some(format!("{code} no")));
            end(&desk).await;
        }
    }
    assert_eq!(office.posted(), []);
}

/// Ends the campaign, so that the next one has the relays to itself.
async fn end(desk: &Desk) {
    let end = "UPDATE $campaign SET state = 'ended' RETURN NONE";
    desk.house.db.query(end, vars().with("campaign", record("campaign", desk.campaign))).await.expect("ended");
}

#[tokio::test]
async fn a_late_answer_is_never_anothers() {
    let (desk, office) = (Desk::open(2).await, PostOffice::open());
    let open = office.hold_back();
    let sender = desk.sender(&impatient(office.addr), &[("RAPPORT_MAIL_CONNECTIONS", "1")]);
    let counts = sender.run_due().await.expect("a run");
    assert_eq!((counts.sent, counts.unknown), (0, 2), "each on a connection of its own");
    open.send_replace(true);
    let before = desk.states().await;
    assert_eq!(before, ["unknown", "unknown"]);
    // What the relay says now, nobody hears; and it is not sent again.
    assert_eq!(sender.run_due().await.expect("a run").sent, 0);
    assert_eq!(desk.states().await, before);
}

#[tokio::test]
async fn a_relay_that_cannot_be_reached_is_taken_over_for() {
    let (desk, office) = (Desk::open(6).await, PostOffice::open());
    // A port on which nobody listens.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
    let mute = Crank::open(&[Fault::Mute]).await;
    let relays = format!("{}&weight=9 {}&weight=9 {}", impatient(gone), impatient(mute.addr), impatient(office.addr));
    assert_eq!(desk.send(&relays).await.sent, 6);
    assert_eq!(office.posted().len(), 6);
    let fate = desk.fate(desk.guests[0]).await;
    assert_eq!(fate.relay, Some(office.addr.to_string()));
}

#[tokio::test]
async fn relays_share_the_messages_by_weight() {
    let (desk, one, two) = (Desk::open(12).await, PostOffice::open(), PostOffice::open());
    let relays = format!("smtp://{}?tls=none&weight=3 smtp://{}?tls=none", one.addr, two.addr);
    assert_eq!(desk.send(&relays).await.sent, 12);
    assert_eq!((one.posted().len(), two.posted().len()), (9, 3));
}

#[tokio::test]
async fn a_connection_that_ends_between_messages_costs_nothing() {
    let desk = Desk::open(4).await;
    let crank = Crank::open(&[Fault::OneMessage]).await;
    assert_eq!(desk.send(&impatient(crank.addr)).await.sent, 4);
    assert_eq!(crank.seen().len(), 4);
    assert!(desk.states().await.iter().all(|state| state == "sent"));
}

#[tokio::test]
async fn tls_from_the_first_byte_is_checked() {
    let desk = Desk::open(1).await;
    let crank = Crank::open_tls(&[Fault::Behaves]).await;
    let (port, ca) = (crank.addr.port(), authority());
    // The public authorities do not vouch for it.
    assert_eq!(desk.send(&format!("smtps://localhost:{port}")).await.sent, 0);
    // Nor is it who it says under another name.
    assert_eq!(desk.send(&format!("smtps://127.0.0.2:{port}?ca={ca}")).await.sent, 0);
    assert_eq!(crank.seen().len(), 0);
    assert_eq!(desk.send(&format!("smtps://localhost:{port}?ca={ca}")).await.sent, 1);
    assert_eq!(crank.seen().len(), 1);
}

#[tokio::test]
async fn nothing_is_said_to_a_relay_without_the_tls_that_was_asked_for() {
    let desk = Desk::open(1).await;
    // It does not offer STARTTLS; and it answers before the handshake what should come after it.
    for fault in [Fault::Behaves, Fault::Injects] {
        let crank = Crank::open(&[fault]).await;
        assert_eq!(desk.send(&format!("smtp://{}?{IMPATIENT}", crank.addr)).await.sent, 0, "{fault:?}");
        assert_eq!((crank.seen().len(), desk.states().await), (0, vec!["planned".to_owned()]), "{fault:?}");
    }
}

#[tokio::test]
async fn what_a_dead_server_had_is_taken_over_or_asked_about() {
    let (desk, office) = (Desk::open(3).await, PostOffice::open());
    let (db, now) = (&desk.house.db, desk.house.clock.now());
    let lease = now + TimeDelta::seconds(60);
    let claimed =
        outbox::claim(db, desk.campaign, 1, DateTime::UNIX_EPOCH..=now, "dead:1", lease, 10).await.expect("claims");
    assert_eq!(claimed.len(), 3);
    let on_wire = vec![record("occurrence", desk.id(desk.guests[0])), record("occurrence", desk.id(desk.guests[1]))];
    db.query("UPDATE $rows SET state = 'sending' RETURN NONE", vars().with("rows", on_wire))
        .await
        .expect("on the wire");

    let other = format!("smtp://{}?tls=none", office.addr);
    assert_eq!(desk.send(&other).await.sent, 0, "the lease lasts");
    assert_eq!(outbox::sweep(db, now + TimeDelta::seconds(59)).await.expect("a look"), outbox::Swept::default());
    desk.house.clock.advance(TimeDelta::seconds(60));
    let now = desk.house.clock.now();
    outbox::sweep(db, now).await.expect("a look");
    assert_eq!(desk.states().await, ["unknown", "unknown", "planned"]);
    assert_eq!(desk.send(&other).await.sent, 1);

    let device = desk.house.device("marketing", "desk").await;
    let permit = desk.permit::<PlanGreetings>(&device).await;
    let letters = outbox::dead_letters(db, &permit, desk.campaign, 20).await.expect("dead letters");
    assert!(letters.iter().all(|letter| letter.state == OccurrenceState::Unknown) && letters.len() == 2);
    let (first, second) = (desk.id(desk.guests[0]), desk.id(desk.guests[1]));
    // Nobody sends again what may have arrived without finding out first.
    assert!(matches!(outbox::retry(db, &permit, &first, now).await, Err(AppError::Conflict(_))));
    outbox::resolve(db, &permit, &first, true, now).await.expect("resolved");
    outbox::resolve(db, &permit, &second, false, now).await.expect("resolved");
    assert_eq!(desk.states().await, ["sent", "failed", "sent"]);
    let again = outbox::resolve(db, &permit, &second, true, now).await;
    assert!(matches!(again, Err(AppError::Conflict(_))), "{again:?}");
    outbox::retry(db, &permit, &second, now).await.expect("planned again");
    assert_eq!(desk.send(&other).await.sent, 1);
    assert_eq!(office.posted().len(), 2);
}

#[tokio::test]
async fn what_a_server_claimed_whose_clock_was_ahead_is_not_stuck_until_then() {
    let desk = Desk::open(2).await;
    let (db, now) = (&desk.house.db, desk.house.clock.now());
    let then = now + TimeDelta::days(2);
    let lease = then + TimeDelta::seconds(60);
    let claimed =
        outbox::claim(db, desk.campaign, 1, DateTime::UNIX_EPOCH..=then, "dead:1", lease, 10).await.expect("claims");
    assert_eq!(claimed.len(), 2);
    let bound = vars().with("row", record("occurrence", desk.id(desk.guests[0])));
    db.query("UPDATE $row SET state = 'sending' RETURN NONE", bound).await.expect("on the wire");
    // The server died, and its clock was put right.
    outbox::sweep(db, now).await.expect("a look");
    assert_eq!(desk.states().await, ["unknown", "planned"]);
}
