//! Whatever colleagues do at once and in whatever order, every alert ends in one legal state, and whoever
//! follows the feed has the board that the house would load afresh.

use crate::{
    escalation::{told, ulid},
    harness::{Device, House, PASSWORD},
};
use chrono::TimeDelta;
use futures::future::join_all;
use proptest::{prelude::*, test_runner::TestRunner};
use rapport::{
    alerts::{
        AlertCard, AlertState, Board, Hello, LiveEvent, SAME_WORD_SECONDS, Urgency,
        api::{Acknowledge, Board as BoardCall, Complete, Displayed, MuteKind, Raise, SaveAlertRule, Withdraw},
        escalation,
        feed::{Event, Viewer},
        live::{
            attention::Here,
            rules::{self, Adopt, Position},
        },
        store::{Alert, AlertRow},
    },
    error::AppError,
    ids::{AlertId, GuestId},
    server::{
        clock::Clock,
        db::{Db, id_of, record, vars},
    },
    staff::api::StillHere,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use surrealdb::types::{RecordId, SurrealValue};

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

/// One thing that somebody does. Numbers name one of the [`PEOPLE`] and one of the [`WORDS`].
#[derive(Debug, Clone)]
enum Deed {
    Raise { word: usize, by: usize },
    Show { word: usize },
    Acknowledge { word: usize, by: usize },
    Complete { word: usize, by: usize, table: bool },
    Withdraw { word: usize, by: usize },
    Mute { note: bool, on: bool },
    CarryFurther { owner: bool },
}

/// What is done at the same moment, and which screen looks at the house after it.
#[derive(Debug, Clone)]
struct Step {
    /// Seconds that pass before.
    wait: i64,
    at_once: Vec<Deed>,
    looks: usize,
    /// Loads the board instead of hearing the stream.
    loads: bool,
}

fn deed() -> impl Strategy<Value = Deed> {
    let answering = || (0..WORDS, HOST..PEOPLE.len());
    prop_oneof![
        6 => (0..WORDS, 0..SENDERS).prop_map(|(word, by)| Deed::Raise { word, by }),
        2 => (0..WORDS).prop_map(|word| Deed::Show { word }),
        4 => answering().prop_map(|(word, by)| Deed::Acknowledge { word, by }),
        2 => (answering(), any::<bool>()).prop_map(|((word, by), table)| Deed::Complete { word, by, table }),
        2 => (0..WORDS, 0..=HOST).prop_map(|(word, by)| Deed::Withdraw { word, by }),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(note, on)| Deed::Mute { note, on }),
        3 => any::<bool>().prop_map(|owner| Deed::CarryFurther { owner }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![4 => Just(0), 2 => 1..12_i64, 2 => 20..35_i64, 1 => 60..70_i64];
    let at_once = prop::collection::vec(deed(), 1..4);
    (wait, at_once, 0..PEOPLE.len(), any::<bool>()).prop_map(|(wait, at_once, looks, loads)| Step {
        wait,
        at_once,
        looks,
        loads,
    })
}

/// A browser as its alerts go: what it knows, by the rules of the page.
struct Screen {
    viewer: Viewer,
    here: Here,
    alerts: BTreeMap<AlertId, AlertCard>,
    position: Position,
}

impl Screen {
    /// A browser that has loaded nothing yet.
    fn blank(board: &Board) -> Self {
        let me = &board.me;
        let viewer = Viewer { role: me.role, station: me.station.as_ref().map(|at| at.id), staff: me.staff };
        let here = Here::of(me).expect("stands at a station");
        Self { viewer, here, alerts: BTreeMap::new(), position: Position::default() }
    }

    fn load(&mut self, board: &Board) {
        assert_eq!(self.position.adopt(&board.epoch, board.seq), Adopt::Take);
        rules::take_board(&mut self.alerts, board.seq, &board.alerts);
    }

    /// Hears what the feed has told since, or from the beginning.
    fn hear(&mut self, story: &Story) {
        let after = self.position.resume().map_or(0, |(_, at)| at);
        let heard = self.position.hello(&story.hello, Some(after));
        assert!(!heard.missed && !heard.other_history, "{heard:?}");
        for event in story.events.iter().filter(|event| event.seq > after) {
            let frame = event.frame(&story.hello.epoch, self.viewer);
            self.take(std::str::from_utf8(&frame).expect("text"));
        }
        assert!(!self.position.is_behind(story.hello.head), "everything has been heard");
    }

    fn take(&mut self, frame: &str) {
        let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).expect("a field");
        let seq = rules::seq_of(field("id: ")).expect("a number");
        assert!(!self.position.frame(seq), "something before {seq} is missing");
        let event = serde_json::from_str(field("data: ")).expect("an event");
        if let LiveEvent::Alert { alert } = event {
            rules::take_frame(&mut self.alerts, self.position.snapshot(), *alert);
        }
    }

    /// What this screen has to show: its board, what was sent from its station, and what has just ended
    /// there. The numbers by which states are compared are left out, and so is what ended too long ago to
    /// be loaded.
    fn shown(&self, gone: &BTreeSet<AlertId>) -> BTreeMap<AlertId, AlertCard> {
        let at = self.here.station;
        let concerns = |card: &AlertCard| {
            card.to == at || card.from == at || card.copied_to == Some(at) || card.also_from.contains(&at)
        };
        let shown = |card: &AlertCard| (concerns(card) || self.here.has_on_board(card)) && !gone.contains(&card.id);
        let cards = self.alerts.values().filter(|card| shown(card));
        cards.map(|card| (card.id, AlertCard { seq: 0, ..card.clone() })).collect()
    }
}

/// What the house's feed tells after some number, up to its present end.
struct Story {
    hello: Hello,
    events: Vec<Arc<Event>>,
}

impl Story {
    async fn after(house: &House, seq: u64) -> Self {
        let feed = &house.state.feed;
        let head = feed.head(house.id).await.expect("a head");
        let (mut events, mut at) = (Vec::new(), seq);
        while at < head {
            let page = feed.after(house.id, at).await.expect("events");
            at = page.last().expect("there are more").seq;
            events.extend(page);
        }
        Self { hello: Hello { epoch: feed.epoch().to_owned(), head }, events }
    }
}

/// What a deed came to.
type Came = Result<Option<AlertCard>, AppError>;

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
        let mut answers = Record::default();
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
        let names: Vec<&str> = screens.iter().map(|screen| screen.here.name.as_str()).collect();
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

impl Deed {
    /// Whose answer is shown on whose screen.
    fn by(&self) -> Option<usize> {
        match *self {
            Self::Raise { by, .. }
            | Self::Acknowledge { by, .. }
            | Self::Complete { by, .. }
            | Self::Withdraw { by, .. } => Some(by),
            Self::Show { .. } | Self::Mute { .. } | Self::CarryFurther { .. } => None,
        }
    }
}

fn is_note(word: usize) -> bool {
    word / 2 % 2 == 1
}

fn kind(note: bool) -> &'static str {
    if note { "note" } else { "coming_down" }
}

/// What everyone was answered.
#[derive(Default)]
struct Record {
    /// By word: the alerts that it became, and who raised it.
    raised: BTreeMap<usize, BTreeSet<(AlertId, usize)>>,
    acknowledged: BTreeMap<AlertId, BTreeSet<usize>>,
    /// By alert: how it ended, by whom, and whether at a table.
    ended: BTreeMap<AlertId, BTreeSet<(&'static str, usize, bool)>>,
    /// By word: whoever was named as having been first.
    firsts: Vec<(usize, String)>,
}

impl Record {
    fn add(&mut self, deed: &Deed, came: Came) {
        match (deed, came) {
            (Deed::Raise { word, by }, Ok(Some(card))) => {
                self.raised.entry(*word).or_default().insert((card.id, *by));
            }
            (Deed::Acknowledge { by, .. }, Ok(Some(card))) => {
                self.acknowledged.entry(card.id).or_default().insert(*by);
            }
            (Deed::Complete { by, table, .. }, Ok(Some(card))) => {
                self.ended.entry(card.id).or_default().insert(("completed", *by, *table));
            }
            (Deed::Withdraw { by, .. }, Ok(Some(card))) => {
                self.ended.entry(card.id).or_default().insert(("withdrawn", *by, false));
            }
            (Deed::Show { .. } | Deed::Mute { .. } | Deed::CarryFurther { .. }, Ok(None)) => {}
            // The id was a colleague's.
            (Deed::Raise { .. }, Err(AppError::Conflict(_))) => {}
            (
                Deed::Acknowledge { word, .. } | Deed::Complete { word, .. } | Deed::Withdraw { word, .. },
                Err(AppError::Conflict(name)),
            ) => self.firsts.push((*word, name)),
            // Not raised yet, or not carried so far.
            (
                Deed::Acknowledge { .. } | Deed::Complete { .. } | Deed::Withdraw { .. },
                Err(AppError::NotFound | AppError::Forbidden),
            ) => {}
            (deed, came) => panic!("{deed:?}: {came:?}"),
        }
    }

    /// Compares what everyone was answered with what is stored.
    fn compare(
        &self,
        ids: &[String],
        alerts: &BTreeMap<AlertId, AlertRow>,
        aliases: &BTreeMap<String, AlertId>,
        names: &[&str],
    ) {
        for (word, raised) in &self.raised {
            assert_eq!(raised.len(), 1, "one id is one colleague's and one alert: {raised:?}");
            let (alert, by) = raised.first().expect("one");
            let own = ids[*word].parse::<AlertId>().expect("an id");
            match aliases.get(&ids[*word]) {
                Some(stands_for) => assert!(stands_for == alert && !alerts.contains_key(&own), "{own}"),
                None => assert!(own == *alert && alerts.contains_key(alert), "{own} is not stored"),
            }
            let row = &alerts[alert];
            let said = row.raised_name == names[*by] || row.also_names.iter().any(|name| name == names[*by]);
            assert!(said, "{} is not among those who said {row:?}", names[*by]);
        }
        for (alert, by) in &self.acknowledged {
            let winners: Vec<&str> = by.iter().map(|by| names[*by]).collect();
            assert_eq!(winners, [alerts[alert].acknowledged_by.as_deref().unwrap_or_default()], "acknowledged");
        }
        for (alert, ends) in &self.ended {
            let row = &alerts[alert];
            let ends: Vec<_> = ends.iter().map(|(state, by, table)| (*state, names[*by], *table)).collect();
            let stored = (row.state.as_str(), row.ended_by.as_deref().unwrap_or_default(), row.seated_at.is_some());
            assert_eq!(ends, [stored], "ended");
        }
        for (word, first) in &self.firsts {
            let (alert, _) = self.raised[word].first().expect("it was raised");
            let row = &alerts[alert];
            let nobody = (row.state == "expired").then_some("Rapport");
            let was_first = [row.acknowledged_by.as_deref(), row.ended_by.as_deref(), nobody];
            assert!(was_first.contains(&Some(first.as_str())), "{first:?} was not first: {row:?}");
        }
    }
}

/// Every alert that is stored.
async fn all(house: &House) -> BTreeMap<AlertId, AlertRow> {
    let rows: Vec<AlertRow> = house.db.rows("SELECT * FROM alert", vars()).await.expect("alerts");
    rows.into_iter().map(|row| (id_of(&row.id).expect("an id"), row)).collect()
}

/// The ids that stand for another alert.
async fn aliases(house: &House) -> BTreeMap<String, AlertId> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
        alert: RecordId,
    }
    let rows: Vec<Row> = house.db.rows("SELECT id, alert FROM alert_alias", vars()).await.expect("aliases");
    let id = |id: &RecordId| id_of::<AlertId>(id).expect("an id");
    rows.iter().map(|row| (id(&row.id).to_string(), id(&row.alert))).collect()
}

/// Waits until everything that is due has been carried out, here or by the server's own look.
pub async fn settle(house: &House) {
    let settled = async {
        loop {
            let now = house.clock.now();
            escalation::run_due(&house.db, now, "last").await.expect("a look");
            let overdue: Vec<RecordId> = house
                .db
                .rows(
                    "SELECT VALUE id FROM escalation WHERE state = 'planned' AND due <= $now",
                    vars().with("now", now),
                )
                .await
                .expect("steps");
            if overdue.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), settled).await.expect("what is due is carried out");
}

/// Checks each alert by itself, what the feed told of it, its steps, and that no two say the same.
async fn are_legal(house: &House, alerts: &BTreeMap<AlertId, AlertRow>) {
    let mut history: BTreeMap<AlertId, Vec<AlertRow>> = BTreeMap::new();
    for row in told(house).await {
        history.entry(id_of(&row.id).expect("an id")).or_default().push(row);
    }
    assert!(history.keys().eq(alerts.keys()), "what is stored has been told, and nothing else");
    for (id, row) in alerts {
        has_legal_fields(row);
        let told = &history[id];
        begins_well(&told[0]);
        for pair in told.windows(2) {
            follows(&pair[0], &pair[1]);
        }
        assert_eq!(format!("{:?}", told.last()), format!("{:?}", Some(row)), "the last word is what is stored");
    }
    steps_are_legal(house, alerts).await;
    nothing_is_said_twice(alerts.values().collect());
}

fn has_legal_fields(row: &AlertRow) {
    let alert = Alert::try_from(row.clone()).expect("readable");
    let state = alert.state;
    let ended = matches!(state, AlertState::Completed | AlertState::Withdrawn);
    assert_eq!(row.acknowledged_by.is_some(), row.acknowledged_at.is_some(), "{row:?}");
    assert_eq!(row.ended_by.is_some(), ended, "{row:?}");
    assert_eq!(row.ended_at.is_some(), state.is_end(), "{row:?}");
    assert!(row.seated_at.is_none() || state == AlertState::Completed, "{row:?}");
    match state {
        AlertState::Raised => assert!(row.acknowledged_by.is_none(), "{row:?}"),
        AlertState::Acknowledged | AlertState::Completed => assert!(row.acknowledged_by.is_some(), "{row:?}"),
        AlertState::Withdrawn | AlertState::Expired => {}
    }
    for later in [row.acknowledged_at, row.ended_at, row.displayed_at].into_iter().flatten() {
        assert!(later >= row.raised_at, "{row:?}");
    }
    assert!(row.copied_to.is_none() || alert.urgency >= Urgency::RungAgain, "{row:?}");
    assert!(row.duty.is_none() || alert.urgency >= Urgency::DutyTold, "{row:?}");
    assert_eq!(row.duty.is_some(), row.duty_name.is_some(), "{row:?}");
    assert!(!row.muted || alert.urgency == Urgency::Plain, "{row:?}");
    let others: BTreeSet<_> = alert.also_staff.iter().collect();
    assert!(others.len() == alert.also_names.len() && others.len() == alert.also_staff.len(), "{row:?}");
    assert!(!others.contains(&alert.raised_by), "{row:?}");
    let elsewhere: BTreeSet<_> = alert.also_from.iter().collect();
    assert!(elsewhere.len() == alert.also_from.len() && !elsewhere.contains(&alert.sender), "{row:?}");
}

fn begins_well(first: &AlertRow) {
    assert_eq!((first.state.as_str(), first.urgency), ("raised", 0), "{first:?}");
    assert!(first.also_names.is_empty() && first.displayed_at.is_none() && first.copied_to.is_none(), "{first:?}");
}

/// One state of an alert may follow another: forwards only, and what has been won stays won.
fn follows(before: &AlertRow, after: &AlertRow) {
    let moved = (before.state.as_str(), after.state.as_str());
    let may = matches!(
        moved,
        ("raised", "raised" | "acknowledged")
            | ("acknowledged", "acknowledged")
            | ("raised" | "acknowledged", "completed" | "withdrawn" | "expired")
    );
    assert!(may, "{moved:?}");
    assert!(after.urgency >= before.urgency, "{before:?} {after:?}");
    assert!(after.urgency == before.urgency || moved == ("raised", "raised"), "{before:?} {after:?}");
    let kept = |before: Option<String>, after: Option<String>| before.is_none() || before == after;
    let at = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| at.to_rfc3339());
    let id = |id: &Option<RecordId>| id.as_ref().map(|id| format!("{id:?}"));
    assert!(kept(before.acknowledged_by.clone(), after.acknowledged_by.clone()), "{before:?} {after:?}");
    assert!(kept(at(before.acknowledged_at), at(after.acknowledged_at)), "{before:?} {after:?}");
    assert!(kept(at(before.displayed_at), at(after.displayed_at)), "{before:?} {after:?}");
    assert!(kept(id(&before.copied_to), id(&after.copied_to)), "{before:?} {after:?}");
    assert!(after.also_names.starts_with(&before.also_names), "{before:?} {after:?}");
    let said = |row: &AlertRow| format!("{:?}", (&row.guest, &row.sender, &row.receiver, &row.kind, &row.text));
    assert_eq!(said(before), said(after));
    assert_eq!((before.raised_at, &before.raised_name), (after.raised_at, &after.raised_name));
}

/// What was planned was carried out exactly as far as the alert says, and nothing waits that is not to come.
async fn steps_are_legal(house: &House, alerts: &BTreeMap<AlertId, AlertRow>) {
    #[derive(SurrealValue)]
    struct Row {
        alert: RecordId,
        step: i64,
        state: String,
    }
    let rows: Vec<Row> = house.db.rows("SELECT alert, step, state FROM escalation", vars()).await.expect("steps");
    let mut steps: BTreeMap<AlertId, BTreeMap<i64, String>> = BTreeMap::new();
    for row in rows {
        let alert = id_of(&row.alert).expect("an id");
        assert_eq!(steps.entry(alert).or_default().insert(row.step, row.state), None, "one of each");
    }
    for (id, alert) in alerts {
        let steps = &steps[id];
        let planned = if alert.muted { vec![4] } else { vec![1, 2, 3, 4] };
        assert!(steps.keys().eq(&planned), "{steps:?} {alert:?}");
        let done: Vec<i64> = steps.iter().filter(|(_, state)| *state == "done").map(|(step, _)| *step).collect();
        let carried = done.iter().copied().filter(|step| *step < 4).max().unwrap_or(0);
        assert_eq!((carried, done.contains(&4)), (alert.urgency, alert.state == "expired"), "{steps:?} {alert:?}");
        let waits = |step: i64| steps.get(&step).is_some_and(|state| state == "planned");
        assert!(alert.state == "raised" || !(1..4).any(waits), "{steps:?} {alert:?}");
        assert_eq!(waits(4), alert.ended_at.is_none(), "{steps:?} {alert:?}");
    }
}

/// Of two alerts that say the same within half a minute, the earlier one had ended before the later one.
fn nothing_is_said_twice(mut rows: Vec<&AlertRow>) {
    rows.sort_by_key(|row| row.raised_at);
    let said = |row: &AlertRow| format!("{:?}", (&row.guest, &row.receiver, &row.kind, &row.text));
    let ended_by_then = |row: &AlertRow, other: &AlertRow| row.ended_at.is_some_and(|ended| ended <= other.raised_at);
    for (at, earlier) in rows.iter().enumerate() {
        for later in &rows[at + 1..] {
            let apart = later.raised_at - earlier.raised_at;
            if apart >= TimeDelta::seconds(SAME_WORD_SECONDS) {
                break;
            }
            let either = ended_by_then(earlier, later) || ended_by_then(later, earlier);
            assert!(said(earlier) != said(later) || either, "said twice: {earlier:?} {later:?}");
        }
    }
}

#[test]
fn whatever_is_done_at_once_ends_in_one_state_and_all_boards_agree() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let cast = runtime.block_on(Cast::gather());
    // Each case takes real requests: few of them, and each of many steps.
    let config =
        ProptestConfig { cases: 6, max_shrink_iters: 24, failure_persistence: None, ..ProptestConfig::default() };
    let cases = TestRunner::new(config).run(&prop::collection::vec(step(), 15..45), |steps| {
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
    let alert = crate::escalation::coming_down(&mut floor, &house, guest).await;
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
