//! What everyone was answered, against what is stored.

use super::deeds::Deed;
use rapport::{
    alerts::{AlertCard, store::AlertRow},
    error::AppError,
    ids::AlertId,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a deed came to.
pub type Came = Result<Option<AlertCard>, AppError>;

/// What everyone was answered.
#[derive(Default)]
pub struct Answers {
    /// By word: the alerts that it became, and who raised it.
    raised: BTreeMap<usize, BTreeSet<(AlertId, usize)>>,
    acknowledged: BTreeMap<AlertId, BTreeSet<usize>>,
    /// By alert: how it ended, by whom, and whether at a table.
    ended: BTreeMap<AlertId, BTreeSet<(&'static str, usize, bool)>>,
    withdrew: BTreeMap<AlertId, BTreeSet<usize>>,
    /// By word: whoever was named as having been first, and nobody where it had expired.
    firsts: Vec<(usize, Option<String>)>,
}

impl Answers {
    pub fn add(&mut self, deed: &Deed, came: Came) {
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
                self.withdrew.entry(card.id).or_default().insert(*by);
            }
            (Deed::Show { .. } | Deed::Mute { .. } | Deed::CarryFurther { .. }, Ok(None)) => {}
            // The id was a colleague's.
            (Deed::Raise { .. }, Err(AppError::Conflict(_))) => {}
            (
                Deed::Acknowledge { word, .. } | Deed::Complete { word, .. } | Deed::Withdraw { word, .. },
                Err(AppError::Conflict(name)),
            ) => self.firsts.push((*word, Some(name))),
            (
                Deed::Acknowledge { word, .. } | Deed::Complete { word, .. } | Deed::Withdraw { word, .. },
                Err(AppError::Expired),
            ) => self.firsts.push((*word, None)),
            // Not raised yet, or not carried so far.
            (
                Deed::Acknowledge { .. } | Deed::Complete { .. } | Deed::Withdraw { .. },
                Err(AppError::NotFound | AppError::Forbidden),
            ) => {}
            (deed, came) => panic!("{deed:?}: {came:?}"),
        }
    }

    /// Compares what everyone was answered with what is stored.
    pub fn compare(
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
        for (alert, by) in &self.withdrew {
            let row = &alerts[alert];
            let by: Vec<_> = by.iter().map(|by| Some(names[*by])).collect();
            // For the others it may have gone on, to whatever end.
            let is_theirs = row.state != "withdrawn" || by.contains(&row.ended_by.as_deref());
            assert!(is_theirs, "{by:?} took back {row:?}");
        }
        for (word, first) in &self.firsts {
            let (alert, _) = self.raised[word].first().expect("it was raised");
            let row = &alerts[alert];
            let was_first = match first {
                Some(name) => [&row.acknowledged_by, &row.ended_by].contains(&&Some(name.clone())),
                None => row.state == "expired",
            };
            assert!(was_first, "{first:?} was not first: {row:?}");
        }
    }
}
