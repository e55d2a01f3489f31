//! Everything that happened with a guest, newest first, in one stream: loaded by key, and only what the role may see.

pub mod api;
mod moment;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;

pub use moment::{Instruction, Moment, TimelinePage, What, Word};

use crate::{
    guests::Audience,
    staff::{Ability, Role},
    words::words,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Moments that are loaded at once.
pub const PAGE: usize = 40;

words! {
    /// What happened.
    MomentKind {
        Stay = "stay",
        Alert = "alert",
        Request = "request",
        Trace = "trace",
        Note = "note",
        Recovery = "recovery",
        Greeting = "greeting",
        Call = "call",
        Points = "points",
        Voucher = "voucher",
    }
}

impl MomentKind {
    /// Whether the role sees moments of this kind at all; of notes, see [`Audience::includes`].
    #[must_use]
    pub fn visible_to(self, role: Role) -> bool {
        match self {
            // The host sees the room and no dates.
            Self::Stay => !matches!(role, Role::Host | Role::Admin),
            Self::Alert => role.may(Ability::AnswerAlerts),
            Self::Request => role.may(Ability::HandleRequests),
            Self::Trace => role.may(Ability::SeeTraces),
            Self::Note => Audience::ALL.iter().any(|audience| audience.includes(role)),
            Self::Recovery => role.may(Ability::MendRecoveries),
            Self::Greeting => role.may(Ability::HoldGreetings),
            Self::Call => role.may(Ability::AnswerCalls),
            // Marketing sees totals, and not each posting.
            Self::Points | Self::Voucher => role.may(Ability::RedeemPoints),
        }
    }

    /// The kinds that a role sees, of those asked for; all where none was.
    #[must_use]
    pub fn seen(role: Role, asked: &[Self]) -> Vec<Self> {
        let wanted = |kind: &&Self| asked.is_empty() || asked.contains(*kind);
        Self::ALL.iter().filter(wanted).filter(|kind| kind.visible_to(role)).copied().collect()
    }
}

/// The place of a moment in the stream: the next page begins after it. Later is greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Nanoseconds since 1970, UTC, so that no two moments are taken for one; of a day, its beginning in the house.
    pub at: i64,
    pub kind: MomentKind,
    /// The key of the record.
    pub key: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}~{}", self.at, self.kind.code(), self.key)
    }
}

impl FromStr for Place {
    type Err = crate::ids::BadId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || crate::ids::BadId(text.chars().take(100).collect());
        let mut parts = text.splitn(3, '~');
        let (Some(at), Some(kind), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(bad()) };
        Ok(Self {
            at: at.parse().map_err(|_| bad())?,
            kind: MomentKind::from_code(kind).ok_or_else(bad)?,
            key: key.to_owned(),
        })
    }
}

/// The newest [`PAGE`] of what several sources gave, each newest first and each with as many as a page has; and the
/// place after which the next page begins, where there may be one.
#[must_use]
pub fn page<T>(sources: Vec<Vec<(Place, T)>>) -> (Vec<(Place, T)>, Option<Place>) {
    let mut all: Vec<(Place, T)> = sources.into_iter().flatten().collect();
    all.sort_by(|(one, _), (other, _)| other.cmp(one));
    let is_full = all.len() > PAGE;
    all.truncate(PAGE);
    let next = all.last().filter(|_| is_full).map(|(place, _)| place.clone());
    (all, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(at: i64) -> Place {
        Place { at, kind: MomentKind::Greeting, key: "a|b|2026-11-23~x".to_owned() }
    }

    #[test]
    fn a_place_is_read_back() {
        assert_eq!(place(-5).to_string().parse(), Ok(place(-5)));
        for bad in ["", "1~greeting", "x~greeting~a", "1~party~a"] {
            assert!(bad.parse::<Place>().is_err(), "{bad}");
        }
    }

    #[test]
    fn pages_go_on_where_they_ended_and_none_is_left_out() {
        let all: Vec<i64> = (0..100).collect();
        let after = |end: Option<&Place>| {
            // Three sources, each of which gives one more than a page of what lies before.
            let source = |part: i64| -> Vec<(Place, i64)> {
                let mine = all.iter().rev().filter(|at| **at % 3 == part).map(|at| (place(*at), *at));
                mine.filter(|(place, _)| end.is_none_or(|end| place < end)).take(PAGE + 1).collect()
            };
            page(vec![source(0), source(1), source(2)])
        };
        let (mut seen, mut end) = (Vec::new(), None);
        loop {
            let (moments, next) = after(end.as_ref());
            seen.extend(moments.into_iter().map(|(_, at)| at));
            match next {
                Some(next) => end = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, all.iter().rev().copied().collect::<Vec<_>>());
    }

    #[test]
    fn who_sees_what_follows_the_table() {
        assert!(MomentKind::seen(Role::Admin, &[]).is_empty());
        assert_eq!(MomentKind::seen(Role::Marketing, &[]), [MomentKind::Stay, MomentKind::Greeting]);
        assert!(!MomentKind::seen(Role::Host, &[]).contains(&MomentKind::Stay));
        assert_eq!(MomentKind::seen(Role::Manager, &[]), MomentKind::ALL);
        assert_eq!(MomentKind::seen(Role::Floor, &[MomentKind::Points, MomentKind::Note]), [MomentKind::Note]);
    }
}
