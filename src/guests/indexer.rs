//! Keeps the search index: built from the records at start, kept up by the feed, never the truth.

use super::{
    search::{Scope, SearchError, SearchIndex},
    store,
};
use crate::{
    alerts::feed::{Body, Event, Feed},
    house::House,
    ids::{GuestId, HouseId},
    server::{
        clock::{self, Clock},
        db::{Db, DbError},
    },
    staff::guard::{Permit, SeeGuests},
    stays::{GuestLine, Presence, locator, store::line},
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{RwLock, broadcast, watch};

/// Guests read at once when the index is built.
const PAGE: u32 = 2_000;
/// Lines in an answer.
const SHOWN: usize = 20;
/// Changes that come together are taken in together.
const GATHER: Duration = Duration::from_millis(40);

type Present = HashMap<GuestId, (Presence, Option<String>)>;

/// Search over the guests, ready once the index has been built.
pub struct Search {
    db: Db,
    clock: Arc<dyn Clock>,
    index: SearchIndex,
    ready: watch::Sender<bool>,
    /// Who is here, by house, for the day that it was read on.
    present: RwLock<HashMap<HouseId, (NaiveDate, Arc<Present>)>>,
}

/// What can go wrong with a search.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Index(#[from] SearchError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Search {
    /// Makes an empty index and starts to fill it.
    ///
    /// # Errors
    /// When the index cannot be made.
    pub fn start(db: Db, feed: Arc<Feed>, clock: Arc<dyn Clock>) -> Result<Arc<Self>, DbError> {
        let index = SearchIndex::new().map_err(|error| DbError::Malformed(error.to_string()))?;
        let search = Arc::new(Self { db, clock, index, ready: watch::Sender::new(false), present: RwLock::default() });
        tokio::spawn(Arc::clone(&search).follow(feed));
        Ok(search)
    }

    /// Whether the index has been built.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        *self.ready.borrow()
    }

    /// How many guests can be found.
    #[must_use]
    pub fn guests(&self) -> u64 {
        self.index.len()
    }

    /// Waits until the index has been built.
    pub async fn built(&self) {
        // The sender lives as long as `self`.
        let _ = self.ready.subscribe().wait_for(|ready| *ready).await;
    }

    /// The guests that a query means, as the role may search and see them: those here or due in first.
    ///
    /// # Errors
    /// What the index or the store answers.
    pub async fn find(&self, permit: &Permit<SeeGuests>, query: &str) -> Result<Vec<GuestLine>, Failure> {
        let actor = permit.actor();
        let now = self.clock.now();
        let present = self.present(&actor.house).await?;
        let mut found = Vec::new();
        if actor.role.may(crate::staff::Ability::SeeLists) {
            let room = query.trim();
            found.extend(
                present
                    .iter()
                    .filter(|(_, (presence, at))| {
                        *presence == Presence::InHouse && at.as_deref().is_some_and(|at| at.eq_ignore_ascii_case(room))
                    })
                    .map(|(guest, _)| *guest),
            );
        }
        let first: HashSet<GuestId> = present.keys().copied().collect();
        let in_house: HashSet<GuestId> = present
            .iter()
            .filter(|(_, (presence, _))| *presence == Presence::InHouse)
            .map(|(guest, _)| *guest)
            .collect();
        let mut matched = self.index.find(query, Scope::for_role(actor.role), &first, SHOWN)?;
        // Among those who are here or due in, the ones in house first; the order is kept otherwise.
        matched.sort_by_key(|guest| match (in_house.contains(guest), first.contains(guest)) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => 2,
        });
        for guest in matched {
            if !found.contains(&guest) {
                found.push(guest);
            }
        }
        found.truncate(SHOWN);
        let dossiers = store::dossiers(&self.db, &actor.house, now, &found).await?;
        let mut lines: Vec<GuestLine> = dossiers.iter().map(|dossier| line(actor.role, dossier)).collect();
        if actor.role.may(crate::staff::Ability::SeeLists) {
            locator::fill(&self.db, &actor.house, now, &mut lines).await?;
        }
        Ok(lines)
    }

    async fn present(&self, house: &House) -> Result<Arc<Present>, DbError> {
        let today = clock::today(self.clock.now(), house.zone());
        if let Some((day, present)) = self.present.read().await.get(&house.id)
            && *day == today
        {
            return Ok(Arc::clone(present));
        }
        let present = Arc::new(store::presences(&self.db, house.id, today).await?);
        self.present.write().await.insert(house.id, (today, Arc::clone(&present)));
        Ok(present)
    }

    async fn follow(self: Arc<Self>, feed: Arc<Feed>) {
        loop {
            // Subscribed before the records are read: a change in between comes twice, not never.
            let mut events = feed.subscribe();
            if let Err(error) = self.build().await {
                tracing::error!(%error, "the search index could not be built");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
            self.ready.send_replace(true);
            match self.keep_up(&mut events).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(%error, "the search index is built again"),
            }
        }
    }

    async fn build(&self) -> Result<(), Failure> {
        let began = Instant::now();
        let mut after = None;
        let mut count = 0;
        loop {
            let page = store::search_page(&self.db, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.guest);
            count += page.len();
            self.change(move |index| index.upsert(page)).await?;
            if count % 20_000 < PAGE as usize {
                tracing::info!(guests = count, "building the search index");
            }
        }
        self.change(SearchIndex::commit).await?;
        tracing::info!(guests = count, millis = began.elapsed().as_millis(), "the search index is built");
        Ok(())
    }

    async fn keep_up(&self, events: &mut broadcast::Receiver<Arc<Event>>) -> Result<(), Failure> {
        loop {
            let mut changed = BTreeSet::new();
            match events.recv().await {
                Ok(event) => self.gather(&event, &mut changed).await,
                Err(broadcast::error::RecvError::Closed) => return Ok(()),
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    self.present.write().await.clear();
                    return self.build().await;
                }
            }
            if changed.is_empty() {
                continue;
            }
            tokio::time::sleep(GATHER).await;
            while let Ok(event) = events.try_recv() {
                self.gather(&event, &mut changed).await;
            }
            let ids: Vec<GuestId> = changed.into_iter().collect();
            let docs = store::search_docs(&self.db, &ids).await?;
            self.change(move |index| {
                index.upsert(docs)?;
                index.commit()
            })
            .await?;
        }
    }

    async fn gather(&self, event: &Event, changed: &mut BTreeSet<GuestId>) {
        match &event.body {
            Body::GuestChanged { guest, groups } => {
                if groups.iter().any(|group| group == "identity" || group == "contact") {
                    changed.insert(*guest);
                }
            }
            Body::Stays { guests } => {
                changed.extend(guests);
                self.present.write().await.remove(&event.house);
            }
            Body::Alert(_)
            | Body::Seen { .. }
            | Body::SessionsEnded { .. }
            | Body::Presence(_)
            | Body::StationChanged(_)
            | Body::TracesChanged
            | Body::RequestsChanged
            | Body::Unknown => {}
        }
    }

    /// Writing to the index takes the processor for a while, so it is done away from the requests.
    async fn change(
        &self,
        change: impl FnOnce(&SearchIndex) -> Result<(), SearchError> + Send + 'static,
    ) -> Result<(), Failure> {
        let index = self.index.clone();
        match tokio::task::spawn_blocking(move || change(&index)).await {
            Ok(done) => Ok(done?),
            Err(error) => Err(DbError::Malformed(error.to_string()).into()),
        }
    }
}
