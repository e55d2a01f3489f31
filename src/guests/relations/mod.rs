//! People around a guest: partners, parents and children, whom he travels with, who books for him; the children of the
//! household by name, the days that the house keeps, and who comes together.

pub mod api;
#[cfg(feature = "ssr")]
pub mod parse;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;

use crate::{
    guests::GuestName,
    ids::{ChildId, GuestId, OccasionId, PartyId},
    staff::Role,
    stays::Presence,
    words::words,
};
use serde::{Deserialize, Serialize};

/// Most characters of a name and of what a child likes.
pub const MAX_NAME: u32 = 80;
pub const MAX_TEXT: u32 = 200;
/// Days before a day that is kept, within which the house is told, unless somebody says otherwise.
pub const LEAD_DAYS: u8 = 3;
/// Most of them.
pub const MAX_LEAD_DAYS: u8 = 30;

words! {
    /// What is between two guests, as it is stored: "the one is … of the other".
    RelationKind {
        Partner = "partner",
        Parent = "parent",
        /// They travel together.
        Companion = "companion",
        /// Books for the other.
        Assistant = "assistant",
    }
}

words! {
    /// What the other is to the guest whose card is open.
    Relation {
        Partner = "partner",
        /// The other is the guest's mother or father.
        Parent = "parent",
        /// The other is the guest's daughter or son.
        Child = "child",
        Companion = "companion",
        /// The other books for the guest.
        Assistant = "assistant",
        /// The guest books for the other.
        WorksFor = "works_for",
    }
}

impl RelationKind {
    /// Whether it is the same seen from either side.
    #[must_use]
    pub fn is_mutual(self) -> bool {
        matches!(self, Self::Partner | Self::Companion)
    }

    /// What the one is to the other.
    #[must_use]
    pub fn of_one(self) -> Relation {
        match self {
            Self::Partner => Relation::Partner,
            Self::Parent => Relation::Parent,
            Self::Companion => Relation::Companion,
            Self::Assistant => Relation::Assistant,
        }
    }
}

impl Relation {
    /// What the guest is to the other.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::Partner => Self::Partner,
            Self::Parent => Self::Child,
            Self::Child => Self::Parent,
            Self::Companion => Self::Companion,
            Self::Assistant => Self::WorksFor,
            Self::WorksFor => Self::Assistant,
        }
    }

    /// How it is stored that `other` is this to `guest`: the one, the other, and what the one is. The same from
    /// whichever card it was written down.
    #[must_use]
    pub fn stored(self, guest: GuestId, other: GuestId) -> (GuestId, GuestId, RelationKind) {
        match self {
            Self::Partner => (guest.min(other), guest.max(other), RelationKind::Partner),
            Self::Companion => (guest.min(other), guest.max(other), RelationKind::Companion),
            Self::Parent => (other, guest, RelationKind::Parent),
            Self::Child => (guest, other, RelationKind::Parent),
            Self::Assistant => (other, guest, RelationKind::Assistant),
            Self::WorksFor => (guest, other, RelationKind::Assistant),
        }
    }
}

/// Somebody around a guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationLine {
    pub guest: GuestId,
    pub name: GuestName,
    /// ISO 639-1.
    pub language: Option<String>,
    /// What this person is to the guest whose card it is.
    pub relation: Relation,
}

/// A child of the household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildLine {
    pub id: ChildId,
    pub name: String,
    /// Month and day; no age is ever shown.
    pub birthday: Option<(u32, u32)>,
    pub likes: Option<String>,
    /// Written on the card of this one of the parents.
    pub of: GuestId,
}

words! {
    /// What a day is kept for, beside the birthday on the profile.
    OccasionKind {
        /// Of a wedding, or of whatever two people count by.
        Anniversary = "anniversary",
        NameDay = "name_day",
        Memorial = "memorial",
        Other = "other",
    }
}

/// A day of a guest that the house keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OccasionLine {
    pub id: OccasionId,
    pub kind: OccasionKind,
    pub text: Option<String>,
    pub month: u32,
    pub day: u32,
    /// Days before it, within which the house is told.
    pub lead_days: u8,
    /// Days until it comes next; 0 on the day.
    pub in_days: u32,
}

impl OccasionLine {
    /// Whether it is time to prepare it.
    #[must_use]
    pub fn is_near(&self) -> bool {
        self.in_days <= u32::from(self.lead_days)
    }
}

/// People who travel together, as the card of one of them tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyLine {
    pub id: PartyId,
    pub name: String,
    /// House-local `YYYY-MM-DD`.
    pub arrival: String,
    pub departure: String,
    /// The others, whoever leads it first.
    pub others: Vec<(GuestId, GuestName)>,
}

/// Whether a role is told the days that the house keeps of a guest, and so may write them down: as with the birthday,
/// the floor and the restaurant while the guest is in house.
#[must_use]
pub fn sees_days(role: Role, presence: Presence) -> bool {
    match role {
        Role::Reception | Role::Manager => true,
        Role::Floor | Role::Host => presence == Presence::InHouse,
        Role::Concierge | Role::Marketing | Role::Admin => false,
    }
}

/// A guest by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub guest: GuestId,
    pub name: GuestName,
    /// ISO 639-1.
    pub language: Option<String>,
}

/// The people around a guest, as the page on which they are written down shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeoplePage {
    pub who: Person,
    pub people: Vec<RelationLine>,
    pub children: Vec<ChildLine>,
    pub party: Option<PartyLine>,
    /// By how soon they come; `None` for a role that is not told them.
    pub occasions: Option<Vec<OccasionLine>>,
    /// Arrival and departure (house-local `YYYY-MM-DD`) of the stay that matters, where the role sees it.
    pub stay: Option<(String, String)>,
    /// Who was chosen to be related to the guest.
    pub other: Option<Person>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_of_a_guest_are_told_like_the_birthday() {
        let told = |presence| Role::ALL.into_iter().filter(move |role| sees_days(*role, presence)).collect::<Vec<_>>();
        assert_eq!(told(Presence::InHouse), [Role::Reception, Role::Floor, Role::Host, Role::Manager]);
        assert_eq!(told(Presence::DueIn), [Role::Reception, Role::Manager]);
        assert_eq!(told(Presence::Elsewhere), [Role::Reception, Role::Manager]);
    }

    #[test]
    fn what_is_written_on_either_card_is_one_relation() {
        let (anna, bruno) = (GuestId::new(), GuestId::new());
        for relation in Relation::ALL {
            assert_eq!(relation.stored(anna, bruno), relation.inverse().stored(bruno, anna), "{relation:?}");
            assert_eq!(relation.inverse().inverse(), *relation);
        }
    }

    #[test]
    fn what_is_stored_is_read_from_both_sides() {
        let (anna, bruno) = (GuestId::new(), GuestId::new());
        for relation in Relation::ALL {
            let (one, other, kind) = relation.stored(anna, bruno);
            // Bruno is `relation` to Anna.
            let seen_by_anna = if one == bruno { kind.of_one() } else { kind.of_one().inverse() };
            assert_eq!(seen_by_anna, *relation);
            assert_ne!(one, other);
        }
    }
}
