//! Whatever colleagues do at once and in whatever order, every alert ends in one legal state, and whoever
//! follows the feed has the board that the house would load afresh.

mod answers;
mod deeds;
mod legal;
mod screen;

use crate::{
    escalation::{coming_down, settle, ulid},
    harness::{Device, House, PASSWORD},
};
use answers::{Answers, Came};
use chrono::TimeDelta;
use deeds::{Deed, Step, is_note, kind, step};
use futures::future::join_all;
use legal::{aliases, all, are_legal};
use proptest::{
    collection,
    test_runner::{Config, TestRunner},
};
use rapport::{
    alerts::{
        AlertState, Board,
        api::{Acknowledge, Board as BoardCall, Complete, Displayed, MuteKind, Raise, SaveAlertRule, Withdraw},
        escalation,
        live::rules,
        store::AlertRow,
    },
    ids::{AlertId, GuestId},
    server::{
        clock::Clock,
        db::{Db, record, vars},
    },
    staff::api::StillHere,
};
use screen::{Screen, Story};
use std::collections::BTreeMap;
use surrealdb::types::RecordId;

/// Who takes part: two who send, two at the restaurant, the backup, and a manager.
const PEOPLE: [(&str, &str); 6] = [
    ("floor", "floor"),
    ("reception", "desk"),
    ("host", "restaurant"),
    ("host2", "restaurant"),
    ("concierge", "bar"),
    ("manager", "desk"),
];
const SENDERS: usize = 2;
const HOST: usize = 2;
const MANAGER: usize = 5;
/// How many ids there are to raise under. Two of them carry the same word each.
const WORDS: usize = 8;
/// How long an ended alert stands on a board that is loaded.
const ENDED_SHOWN: TimeDelta = TimeDelta::minutes(10);

/// The house of all cases, and everyone in it.
struct Cast {
    house: House,
    devices: Vec<Device>,
    guests: [GuestId; 2],
}

impl Cast {
    async fn gather() -> Self {
        // The cases share one day, and nobody is signed out in it.
        let long = [("RAPPORT_IDLE_MINUTES", "240"), ("RAPPORT_SESSION_HOURS", "24")];
        let house = House::open_with(Db::in_memory().await.expect("a store in memory"), &long).await;
        let mut devices = Vec::new();
        for (login, station) in PEOPLE {
            devices.push(house.device(login, station).await);
        }
        let guests = [house.guest("M0001").await, house.guest("M0002").await];
        // Three minutes until it expires: later than every step, and soon enough to happen.
        let rule = [
            ("station", house.stations["restaurant"].to_string()),
            ("again_after", "20".to_owned()),
            ("duty_after", "60".to_owned()),
            ("unanswered_after", "120".to_owned()),
            ("expires_after", "3".to_owned()),
            ("backup", house.stations["bar"].to_string()),
        ];
        devices[MANAGER].call::<SaveAlertRule>(&rule).await.expect("saved");
        Self { house, devices, guests }
    }

    /// One case, after everything of the one before has ended.
    async fn play(&self, steps: &[Step]) {
        self.house.clock.advance(ENDED_SHOWN + TimeDelta::minutes(1));
        settle(&self.house).await;
        for note in [false, true] {
            self.carry_out(&[], &Deed::Mute { note, on: false }).await.expect("it sounds again");
        }
        // Whoever only looks on is still there.
        for device in &self.devices {
            device.clone().call::<StillHere>(&[]).await.expect("signed in");
        }
        let ids: Vec<String> = (0..WORDS).map(|_| ulid()).collect();
        let mut screens = Vec::new();
        for at in 0..PEOPLE.len() {
            let board = self.board(at).await;
            let mut screen = Screen::blank(&board);
            screen.load(&board);
            screens.push(screen);
        }
        let mut answers = Answers::default();
        for step in steps {
            self.house.clock.advance(TimeDelta::seconds(step.wait));
            let came = join_all(step.at_once.iter().map(|deed| self.carry_out(&ids, deed))).await;
            for (deed, came) in step.at_once.iter().zip(came) {
                if let (Some(by), Ok(Some(card))) = (deed.by(), &came) {
                    rules::take_answer(&mut screens[by].alerts, card.clone());
                }
                answers.add(deed, came);
            }
            let screen = &mut screens[step.looks];
            if step.loads {
                screen.load(&self.board(step.looks).await);
            } else {
                let after = screen.position.resume().map_or(0, |(_, at)| at);
                screen.hear(&Story::after(&self.house, after).await);
            }
        }
        settle(&self.house).await;
        let alerts = all(&self.house).await;
        let names: Vec<&str> = screens.iter().map(|screen| screen.name.as_str()).collect();
        answers.compare(&ids, &alerts, &aliases(&self.house).await, &names);
        are_legal(&self.house, &alerts).await;
        self.boards_agree(&mut screens, &alerts).await;
    }

    async fn board(&self, at: usize) -> Board {
        self.devices[at].clone().call::<BoardCall>(&[]).await.expect("a board")
    }

    async fn carry_out(&self, ids: &[String], deed: &Deed) -> Came {
        let house = &self.house;
        let device = |at: usize| self.devices[at].clone();
        let id = |word: usize| ("id", ids[word].clone());
        match *deed {
            Deed::Raise { word, by } => {
                let note = is_note(word);
                let fields = [
                    id(word),
                    ("guest", self.guests[word % 2].to_string()),
                    ("to", house.stations["restaurant"].to_string()),
                    ("kind", kind(note).to_owned()),
                    ("text", if note { "in a hurry".to_owned() } else { String::new() }),
                ];
                device(by).call::<Raise>(&fields).await.map(Some)
            }
            Deed::Show { word } => {
                device(HOST).call::<Displayed>(&[("ids[0]", ids[word].clone())]).await.map(|()| None)
            }
            Deed::Acknowledge { word, by } => device(by).call::<Acknowledge>(&[id(word)]).await.map(Some),
            Deed::Complete { word, by, table } => {
                let table = if table { "12" } else { "" };
                device(by).call::<Complete>(&[id(word), ("table", table.to_owned())]).await.map(Some)
            }
            Deed::Withdraw { word, by } => device(by).call::<Withdraw>(&[id(word)]).await.map(Some),
            Deed::Mute { note, on } => {
                let fields = [("kind", kind(note).to_owned()), ("on", on.to_string())];
                device(HOST).call::<MuteKind>(&fields).await.map(|()| None)
            }
            Deed::CarryFurther { owner } => {
                let owner = if owner { "a" } else { "b" };
                escalation::run_due(&house.db, house.clock.now(), owner).await.expect("a look");
                Ok(None)
            }
        }
    }

    /// A screen that was on all the time, one that replays everything from the beginning, and one that
    /// loads its board now show the same.
    async fn boards_agree(&self, screens: &mut [Screen], alerts: &BTreeMap<AlertId, AlertRow>) {
        let now = self.house.clock.now();
        let is_gone = |row: &AlertRow| row.ended_at.is_some_and(|ended| now - ended >= ENDED_SHOWN);
        let gone = alerts.iter().filter(|(_, row)| is_gone(row)).map(|(id, _)| *id).collect();
        let story = Story::after(&self.house, 0).await;
        for (at, screen) in screens.iter_mut().enumerate() {
            screen.hear(&story);
            let board = self.board(at).await;
            let mut replayed = Screen::blank(&board);
            replayed.hear(&story);
            let mut loaded = Screen::blank(&board);
            loaded.load(&board);
            let afresh = loaded.shown(&gone);
            assert_eq!(replayed.shown(&gone), afresh, "replayed by {:?}", PEOPLE[at]);
            assert_eq!(screen.shown(&gone), afresh, "heard by {:?}", PEOPLE[at]);
        }
    }
}

#[test]
fn whatever_is_done_at_once_ends_in_one_state_and_all_boards_agree() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let cast = runtime.block_on(Cast::gather());
    // Each case takes real requests: few of them, and each of many steps.
    let config = Config { cases: 6, max_shrink_iters: 24, failure_persistence: None, ..Config::default() };
    let cases = TestRunner::new(config).run(&collection::vec(step(), 15..45), |steps| {
        runtime.block_on(cast.play(&steps));
        Ok(())
    });
    if let Err(failure) = cases {
        panic!("{failure}");
    }
}

#[tokio::test]
async fn what_was_open_for_hours_and_has_just_ended_is_on_a_board_that_is_loaded() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut floor = house.device("floor", "floor").await;
    let mut host = house.device("host", "restaurant").await;
    let alert = coming_down(&mut floor, &house, guest).await;
    let id = [("id", alert.id.to_string())];
    host.call::<Acknowledge>(&id).await.expect("acknowledged");
    house.clock.advance(TimeDelta::hours(3));
    for (device, login) in [(&mut host, "host"), (&mut floor, "floor")] {
        device.sign_in(login, PASSWORD).await.expect("signed in again");
    }
    host.call::<Complete>(&id).await.expect("completed");
    for device in [&mut host, &mut floor] {
        let board = device.call::<BoardCall>(&[]).await.expect("a board");
        let states: Vec<_> = board.alerts.iter().map(|card| (card.id, card.state)).collect();
        assert_eq!(states, [(alert.id, AlertState::Completed)]);
    }
    house.clock.advance(ENDED_SHOWN);
    let board = host.call::<BoardCall>(&[]).await.expect("a board");
    assert!(board.alerts.is_empty(), "ten minutes later it is not news any more");
    // It is kept for the guest's history all the same.
    let kept: Vec<RecordId> = house
        .db
        .rows("SELECT VALUE id FROM $alert", vars().with("alert", record("alert", alert.id)))
        .await
        .expect("an answer");
    assert_eq!(kept.len(), 1);
}
