//! What a guest likes, needs or must not have: its groups, its codes, and who may see which.

use super::evidence::Evidence;
use crate::{ids::PreferenceId, staff::Role};
use serde::{Deserialize, Serialize};

/// The group that a preference belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreferenceGroup {
    Room,
    Bedding,
    Dietary,
    Seating,
    Dishes,
    Drinks,
    Newspaper,
    Temperature,
    Handling,
}

impl PreferenceGroup {
    pub const ALL: [Self; 9] = [
        Self::Room,
        Self::Bedding,
        Self::Dietary,
        Self::Seating,
        Self::Dishes,
        Self::Drinks,
        Self::Newspaper,
        Self::Temperature,
        Self::Handling,
    ];

    /// The word under which it is stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Bedding => "bedding",
            Self::Dietary => "dietary",
            Self::Seating => "seating",
            Self::Dishes => "dishes",
            Self::Drinks => "drinks",
            Self::Newspaper => "newspaper",
            Self::Temperature => "temperature",
            Self::Handling => "handling",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.code() == code)
    }

    /// Whether the role may see, and therefore write, preferences of this group ("Who may see what"
    /// in the design).
    #[must_use]
    pub fn visible_to(self, role: Role) -> bool {
        match self {
            Self::Dietary => matches!(role, Role::Reception | Role::Floor | Role::Host | Role::Manager),
            Self::Seating | Self::Dishes | Self::Drinks => {
                matches!(role, Role::Reception | Role::Host | Role::Manager)
            }
            Self::Room | Self::Bedding | Self::Newspaper | Self::Temperature | Self::Handling => {
                matches!(role, Role::Reception | Role::Floor | Role::Concierge | Role::Manager)
            }
        }
    }
}

/// Something the guest likes, needs or must not have, as an instruction and never as a diagnosis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preference {
    pub id: PreferenceId,
    pub group: PreferenceGroup,
    pub value: PreferenceValue,
    /// The guest said so (`true`), or a colleague noticed it.
    pub stated: bool,
    /// Name of the colleague or of the import that wrote it down.
    pub by: String,
    /// House-local date `YYYY-MM-DD`.
    pub on: String,
    /// How often it was said or seen since, and what speaks against it.
    pub evidence: Evidence,
}

/// The author of preferences that came with a booking.
pub const FROM_BOOKING: &str = "PMS";

/// The usual wishes have a code, so that everyone reads them in their own language; the rest is in
/// the words of whoever wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreferenceValue {
    Coded(PreferenceCode),
    Text(String),
    /// Words of a booking that nobody has understood yet. They are shown as what they are, so that they
    /// are not read as something to serve.
    Booked(String),
}

macro_rules! preference_codes {
    ($($name:ident = $code:literal in $group:ident),+ $(,)?) => {
        /// The coded preferences.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum PreferenceCode { $(#[serde(rename = $code)] $name),+ }

        impl PreferenceCode {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word under which it is stored and sent.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)+ _ => None }
            }

            /// The group it belongs to.
            #[must_use]
            pub fn group(self) -> PreferenceGroup {
                match self { $(Self::$name => PreferenceGroup::$group),+ }
            }
        }
    };
}

preference_codes! {
    NoShellfish = "no_shellfish" in Dietary,
    NoPeanuts = "no_peanuts" in Dietary,
    NoGluten = "no_gluten" in Dietary,
    NoLactose = "no_lactose" in Dietary,
    NoSesame = "no_sesame" in Dietary,
    NoNuts = "no_nuts" in Dietary,
    NoMilk = "no_milk" in Dietary,
    NoEggs = "no_eggs" in Dietary,
    NoFish = "no_fish" in Dietary,
    NoSoya = "no_soya" in Dietary,
    Vegetarian = "vegetarian" in Dietary,
    Vegan = "vegan" in Dietary,
    Pescatarian = "pescatarian" in Dietary,
    Halal = "halal" in Dietary,
    Kosher = "kosher" in Dietary,
    FeatherFree = "feather_free" in Bedding,
    ExtraPillow = "extra_pillow" in Bedding,
    TwinBeds = "twin_beds" in Bedding,
    QuietRoom = "quiet_room" in Room,
    HighFloor = "high_floor" in Room,
    SeaView = "sea_view" in Room,
    SameRoom = "same_room" in Room,
    MorningPaper = "morning_paper" in Newspaper,
    WindowTable = "window_table" in Seating,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back() {
        assert!(PreferenceCode::ALL.iter().all(|code| PreferenceCode::from_code(code.code()) == Some(*code)));
    }
}
