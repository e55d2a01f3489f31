//! Who works in the house during the storm: some raise alerts, some answer them in a race, and all
//! follow the stream.

use crate::{
    device::{Answer, Device},
    ledger::Ledger,
};
use fastrand::Rng;
use leptos::server_fn::ServerFn;
use rapport::{
    alerts::api::{Acknowledge, Board, Complete, Raise, SaveAlertRule},
    error::AppError,
    house::api::{ChooseStation, Stations},
    staff::api::WhoAmI,
    stays::{DayList, api::DayLists},
};
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep},
};

/// Devices that only listen, beside those that act.
const LISTENERS: usize = 9;
/// Alerts in a hundred that nobody answers: they escalate.
const IGNORED: u64 = 35;

/// What the test needs to know of the house.
pub struct House {
    pub id: String,
    /// Ids of stations by their names.
    stations: HashMap<String, String>,
    guests: Vec<String>,
}

impl House {
    /// Reads the house as its manager, and lets the restaurant's alerts escalate within seconds.
    pub async fn prepare(address: SocketAddr) -> Self {
        let manager = Device::sign_in(address, "clara", "Clara").await;
        let id = manager.ask::<WhoAmI>(&[]).await.expect("signed in").house.id.to_string();
        let stations: HashMap<String, String> = manager
            .ask::<Stations>(&[])
            .await
            .into_iter()
            .map(|station| (station.name, station.id.to_string()))
            .collect();
        let rule = [
            ("station", stations["Restaurant"].as_str()),
            ("again_after", "3"),
            ("duty_after", "6"),
            ("unanswered_after", "9"),
            ("expires_after", "1"),
        ];
        manager.ask::<SaveAlertRule>(&rule).await;
        let lists = manager.ask::<DayLists>(&[("list", DayList::InHouse.slug())]).await;
        let guests = lists.lines.iter().map(|line| line.guest.to_string()).take(40).collect();
        Self { id, stations, guests }
    }
}

/// Who works in the house.
pub struct Crew {
    pub raisers: Vec<Device>,
    /// All at the restaurant: of them one wins each time.
    hosts: Vec<Device>,
    pub watcher: Device,
}

impl Crew {
    pub async fn sign_in(address: SocketAddr, house: &House) -> Self {
        let at = |login: &'static str, name: &'static str, station: &'static str| async move {
            let device = Device::sign_in(address, login, name).await;
            device.ask::<ChooseStation>(&[("station", &house.stations[station])]).await;
            device
        };
        Self {
            raisers: vec![
                at("wei", "Wei", "Floors 1 to 9").await,
                at("li", "Li", "Front desk").await,
                at("wei", "Wei", "Floors 10 to 18").await,
            ],
            hosts: vec![
                at("anna", "Anna", "Restaurant").await,
                at("marco", "Marco", "Restaurant").await,
                at("clara", "Clara", "Restaurant").await,
            ],
            watcher: at("anna", "Anna", "Restaurant").await,
        }
    }

    /// Starts every stream, and the hosts who act on theirs. Returns how many streams there are.
    pub async fn listen(
        &self,
        listening: &mut JoinSet<()>,
        answering: &mut JoinSet<()>,
        answers: &Answers,
        rng: &mut Rng,
    ) -> usize {
        let board: Value = match self.watcher.post(Board::PATH, &[]).await {
            Answer::Done(board) => board,
            other => panic!("no board: {other:?}"),
        };
        let from = (board["epoch"].as_str().expect("a history").to_owned(), board["seq"].as_u64().expect("a number"));
        let ledger = &answers.ledger;
        let mut number = 0;
        for host in &self.hosts {
            let (told, heard) = mpsc::unbounded_channel();
            listening.spawn(host.clone().follow(number, from.clone(), Arc::clone(ledger), rng.fork(), Some(told)));
            let work = Answering { device: host.clone(), rules: answers.clone() };
            answering.spawn(work.run(heard, rng.fork()));
            number += 1;
        }
        for device in self.raisers.iter().chain([&self.watcher]).cycle().take(LISTENERS) {
            listening.spawn(device.clone().follow(number, from.clone(), Arc::clone(ledger), rng.fork(), None));
            number += 1;
        }
        number
    }
}

/// Raises alerts as long as the storm lasts, each until it is answered.
pub struct Raising {
    pub device: Device,
    pub house: Arc<House>,
    pub ledger: Arc<Ledger>,
    pub storm_ends: Instant,
    pub deadline: Instant,
}

impl Raising {
    pub async fn run(self, mut rng: Rng) {
        while Instant::now() < self.storm_ends {
            let id = ulid::Ulid::new().to_string();
            let guest = rng.choice(&self.house.guests).expect("a guest").clone();
            // What two say about one guest becomes one alert; a note is always one of its own.
            let is_note = rng.u32(0..5) > 0;
            let text = format!("note {id}");
            let to = self.house.stations["Restaurant"].as_str();
            let mut fields = vec![("id", id.as_str()), ("guest", guest.as_str()), ("to", to)];
            if is_note {
                fields.extend([("kind", "note"), ("text", text.as_str())]);
            } else {
                fields.push(("kind", "coming_down"));
            }
            let times = if rng.u32(0..5) == 0 { 2 } else { 1 };
            for _ in 0..times {
                match self.device.insist(Raise::PATH, &fields, &self.ledger, &mut rng, self.deadline).await {
                    Some(Ok(card)) => self.ledger.raised(&id, card["id"].as_str().expect("an id")),
                    Some(Err(refused)) => panic!("{} may not raise {id}: {refused}", self.device.name),
                    None => panic!("{} got no answer about {id}", self.device.name),
                }
            }
            sleep(Duration::from_millis(rng.u64(30..400))).await;
        }
    }
}

/// What holds for all who answer.
#[derive(Clone)]
pub struct Answers {
    pub ledger: Arc<Ledger>,
    pub seed: u64,
    pub deadline: Instant,
    /// Turns true once no new alert can come.
    pub over: watch::Receiver<bool>,
}

/// Answers what comes, in a race with the others.
struct Answering {
    device: Device,
    rules: Answers,
}

impl Answering {
    async fn run(self, mut heard: mpsc::UnboundedReceiver<Value>, mut rng: Rng) {
        let mut over = self.rules.over.clone();
        let work = Arc::new(self);
        let mut known = HashSet::new();
        let mut answers = JoinSet::new();
        loop {
            let alert = tokio::select! {
                biased;
                Some(alert) = heard.recv() => alert,
                _ = over.wait_for(|over| *over) => break,
            };
            let id = alert["id"].as_str().expect("an id").to_owned();
            let is_new = alert["state"] == "raised" && known.insert(id.clone());
            // Everyone leaves the same alerts alone.
            if is_new && chance(&id, work.rules.seed) >= IGNORED && rng.u32(0..10) < 7 {
                answers.spawn(Arc::clone(&work).answer(id, rng.fork()));
            }
            while let Some(done) = answers.try_join_next() {
                done.expect("an answer");
            }
        }
        while let Some(done) = answers.join_next().await {
            done.expect("an answer");
        }
    }

    async fn answer(self: Arc<Self>, id: String, mut rng: Rng) {
        sleep(Duration::from_millis(rng.u64(0..1_200))).await;
        if !self.deed(Acknowledge::PATH, &[("id", &id)], &id, &mut rng).await {
            return;
        }
        let name = self.device.name;
        self.rules.ledger.note(|counts| {
            counts.acknowledged.entry(id.clone()).or_default().insert(name);
        });
        if rng.u32(0..10) < 7 {
            let table = rng.u32(1..40).to_string();
            if self.deed(Complete::PATH, &[("id", &id), ("table", &table)], &id, &mut rng).await {
                self.rules.ledger.note(|counts| {
                    counts.completed.entry(id.clone()).or_default().insert(name);
                });
            }
        }
    }

    /// Whether it was this device that did it.
    async fn deed(&self, path: &str, fields: &[(&str, &str)], id: &str, rng: &mut Rng) -> bool {
        match self.device.insist(path, fields, &self.rules.ledger, rng, self.rules.deadline).await {
            Some(Ok(_)) => true,
            Some(Err(AppError::Conflict(_) | AppError::Expired)) => false,
            Some(Err(refused)) => panic!("{} may not answer {id}: {refused}", self.device.name),
            None => panic!("{} got no answer about {id}", self.device.name),
        }
    }
}

/// A number from 0 to 99 that is an alert's own.
fn chance(id: &str, seed: u64) -> u64 {
    id.bytes().fold(seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))) % 100
}
