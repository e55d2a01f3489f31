//! A browser as its alerts go, and what the feed tells it.

use crate::harness::House;
use rapport::{
    alerts::{
        AlertCard, Board, Hello, LiveEvent,
        feed::{Event, Viewer},
        live::{
            attention::Here,
            rules::{self, Adopt, Position},
        },
    },
    ids::AlertId,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A browser as its alerts go: what it knows, by the rules of the page.
pub struct Screen {
    viewer: Viewer,
    pub name: String,
    here: Here,
    pub alerts: BTreeMap<AlertId, AlertCard>,
    pub position: Position,
}

impl Screen {
    /// A browser that has loaded nothing yet.
    pub fn blank(board: &Board) -> Self {
        let me = &board.me;
        let viewer = Viewer { role: me.role, station: me.station.as_ref().map(|at| at.id), staff: me.staff };
        let here = Here::of(me).expect("stands at a station");
        Self { viewer, name: me.name.clone(), here, alerts: BTreeMap::new(), position: Position::default() }
    }

    pub fn load(&mut self, board: &Board) {
        assert_eq!(self.position.adopt(&board.epoch, board.seq), Adopt::Take);
        rules::take_board(&mut self.alerts, board.seq, &board.alerts);
    }

    /// Hears what the feed has told since, or from the beginning.
    pub fn hear(&mut self, story: &Story) {
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
    /// be loaded. What the guest usually has is told as it was when the word came, and grows with each seating.
    pub fn shown(&self, gone: &BTreeSet<AlertId>) -> BTreeMap<AlertId, AlertCard> {
        let at = self.viewer.station.expect("stands at a station");
        let concerns = |card: &AlertCard| card.to == at || card.copied_to == Some(at) || card.is_from(at);
        let shown = |card: &AlertCard| (concerns(card) || self.here.has_on_board(card)) && !gone.contains(&card.id);
        let cards = self.alerts.values().filter(|card| shown(card));
        cards.map(|card| (card.id, AlertCard { seq: 0, usuals: Vec::new(), ..card.clone() })).collect()
    }
}

/// What the house's feed tells after some number, up to its present end.
pub struct Story {
    hello: Hello,
    events: Vec<Arc<Event>>,
}

impl Story {
    pub async fn after(house: &House, seq: u64) -> Self {
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
