//! Tells the house which cards this board has on its screen. *Displayed* is not *acknowledged*: the
//! sender learns that the word has arrived, not that anybody has read it.

use crate::{
    alerts::{
        AlertCard, AlertState,
        api::displayed,
        live::{Live, LiveStatus, attention::is_out_of_sight},
    },
    error::AppError,
    ids::{AlertId, StationId},
};
use leptos::{prelude::*, task::spawn_local};
use std::{collections::BTreeSet, time::Duration};

/// How many cards one report names: what the house takes at once.
const AT_ONCE: usize = 50;

/// How long to wait before a report that did not arrive is made again.
const AGAIN: Duration = Duration::from_secs(3);

/// The id of a card's heading, by which it is known to be on the screen.
#[must_use]
pub fn heading_id(id: AlertId) -> String {
    format!("ticket-{id}")
}

/// While the component that calls this is on the screen: reports each card of `station` once it has been
/// painted in a page that can be seen. Does nothing on the server.
pub fn report_painted(live: Live, station: StationId) {
    let reported = StoredValue::new(BTreeSet::<AlertId>::new());
    let look = RwSignal::new(0_u32);
    let look_again = move || {
        look.try_update(|look| *look = look.wrapping_add(1));
    };
    let arrived = Memo::new(move |_| live.alerts.with(|alerts| unreported(alerts.values(), station)));
    let is_live = Memo::new(move |_| live.status.get() == LiveStatus::Live);
    Effect::new(move |_| {
        let seen = window_event_listener_untyped("visibilitychange", move |_| look_again());
        on_cleanup(move || seen.remove());
    });
    Effect::new(move |_| {
        look.track();
        // What could not be told while the line was lost is told when it is back.
        is_live.track();
        if arrived.with(Vec::is_empty) || is_out_of_sight() {
            return;
        }
        // The second frame begins when the first has been painted.
        request_animation_frame(move || {
            request_animation_frame(move || {
                let Some(arrived) = arrived.try_get_untracked() else { return };
                let painted = arrived.into_iter().filter(|id| is_on_screen(*id));
                let news: Vec<_> = reported
                    .try_update_value(|reported| painted.filter(|id| reported.insert(*id)).take(AT_ONCE).collect())
                    .unwrap_or_default();
                if !news.is_empty() {
                    report(news, reported, look_again);
                }
            });
        });
    });
}

fn report(ids: Vec<AlertId>, reported: StoredValue<BTreeSet<AlertId>>, look_again: impl Fn() + 'static) {
    spawn_local(async move {
        // What the house refuses now it would refuse again.
        if matches!(displayed(ids.clone()).await, Err(AppError::Unreachable | AppError::Away | AppError::Internal(_))) {
            reported.try_update_value(|reported| reported.retain(|id| !ids.contains(id)));
            set_timeout(look_again, AGAIN);
        }
    });
}

fn is_on_screen(id: AlertId) -> bool {
    !is_out_of_sight() && document().get_element_by_id(&heading_id(id)).is_some()
}

/// What was sent to the station and has not been on any of its screens, as far as is known.
fn unreported<'a>(alerts: impl Iterator<Item = &'a AlertCard>, station: StationId) -> Vec<AlertId> {
    alerts
        .filter(|card| card.to == station && card.state == AlertState::Raised && card.displayed_at.is_none())
        .map(|card| card.id)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::sample::{self, FROM, TO};

    #[test]
    fn only_word_that_nobody_here_has_seen_is_reported() {
        let id = |id: u128| AlertId(ulid::Ulid(id));
        let card = |number: u128| AlertCard { id: id(number), ..sample::card() };
        let alerts = [
            card(1),
            AlertCard { displayed_at: Some(5), ..card(2) },
            AlertCard { state: AlertState::Acknowledged, ..card(3) },
            AlertCard { to: FROM, copied_to: Some(TO), ..card(4) },
        ];
        assert_eq!(unreported(alerts.iter(), TO), [id(1)]);
    }
}
