//! Staff: who they are, what their role may do, and how they prove it.

#[allow(clippy::too_many_arguments, reason = "a server function takes the fields of its form")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod draft;
#[cfg(feature = "ssr")]
mod first_start;
#[cfg(feature = "ssr")]
pub mod guard;
#[cfg(feature = "ssr")]
pub mod parse;
#[cfg(feature = "ssr")]
pub mod password;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
mod sign_in;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;

use crate::{
    house::{House, Station},
    ids::{CampaignId, GuestId, StaffId},
};
use serde::{Deserialize, Serialize};

/// What a member of staff does, and with it what may be seen and done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Reception,
    Floor,
    Host,
    Concierge,
    Marketing,
    Manager,
    /// Looks after the system: staff, stations and settings, but no guests.
    Admin,
}

impl Role {
    pub const ALL: [Self; 7] =
        [Self::Reception, Self::Floor, Self::Host, Self::Concierge, Self::Marketing, Self::Manager, Self::Admin];
    /// The roles that meet guests.
    pub const SERVICE: [Self; 5] = [Self::Reception, Self::Floor, Self::Host, Self::Concierge, Self::Manager];

    /// The word under which it is stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Reception => "reception",
            Self::Floor => "floor",
            Self::Host => "host",
            Self::Concierge => "concierge",
            Self::Marketing => "marketing",
            Self::Manager => "manager",
            Self::Admin => "admin",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// The page on which the role's work begins.
    #[must_use]
    pub fn home(self) -> &'static str {
        match self {
            Self::Reception | Self::Concierge => "/desk",
            Self::Floor => "/floor",
            Self::Host => "/board",
            Self::Marketing => "/campaigns",
            Self::Manager => "/manage",
            Self::Admin => "/manage/staff",
        }
    }

    /// What the role may do.
    #[must_use]
    pub fn may(self, ability: Ability) -> bool {
        let serves = Self::SERVICE.contains(&self);
        let manages = matches!(self, Self::Manager | Self::Admin);
        match ability {
            // Administrators look after the system, not after guests.
            Ability::SeeGuests => self != Self::Admin,
            // Marketing sees profiles and nothing that happens in the house.
            Ability::SeeLists
            | Ability::RaiseAlerts
            | Ability::AnswerAlerts
            | Ability::SeeTraces
            | Ability::HandleRequests
            | Ability::RaiseRecoveries
            | Ability::SeeBriefings
            | Ability::LearnNames
            | Ability::WriteNotes
            | Ability::WritePreferences => serves,
            Ability::PlanGreetings => matches!(self, Self::Marketing | Self::Manager),
            Ability::HoldGreetings => matches!(self, Self::Reception | Self::Marketing | Self::Manager),
            Ability::EditGuests | Ability::RedeemPoints | Ability::AssignWork => {
                matches!(self, Self::Reception | Self::Manager)
            }
            // Whoever sees the guest's telephone number.
            Ability::AnswerCalls | Ability::MendRecoveries => {
                matches!(self, Self::Reception | Self::Concierge | Self::Manager)
            }
            Ability::PrintNames => matches!(self, Self::Reception | Self::Floor | Self::Host | Self::Manager),
            // Whoever sees seat, dishes and drinks.
            Ability::ServeUsual => matches!(self, Self::Reception | Self::Host | Self::Manager),
            Ability::SeePoints | Ability::SeeRhythm => {
                matches!(self, Self::Reception | Self::Marketing | Self::Manager)
            }
            Ability::Import | Ability::SeeAudit | Ability::SetLoyalty => self == Self::Manager,
            Ability::ManageStaff | Ability::ManageHouse => manages,
        }
    }
}

/// Something that not every role may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Ability {
    /// Search for guests and open the card made for the role.
    SeeGuests,
    /// Arrivals, in house, due out.
    SeeLists,
    /// Create and change profiles.
    EditGuests,
    WritePreferences,
    WriteNotes,
    RaiseAlerts,
    AnswerAlerts,
    Import,
    ManageStaff,
    ManageHouse,
    SeeAudit,
    /// Campaigns, letters, and what becomes of them.
    PlanGreetings,
    /// Keep a guest from being greeted for a while.
    HoldGreetings,
    /// Dated instructions to the departments.
    SeeTraces,
    /// Give work to a colleague, take a leaver's over for another, and say what makes traces by itself.
    AssignWork,
    /// What guests ask for: enter it, arrange it, end it.
    HandleRequests,
    /// Write a complaint down.
    RaiseRecoveries,
    /// See complaints in full and see to them. Others see that there is one.
    MendRecoveries,
    /// What to know and to prepare before guests arrive, as much of it as the role may see.
    SeeBriefings,
    /// Tonight's names, and the drill.
    LearnNames,
    /// Take tonight's names along on paper.
    PrintNames,
    /// Look up who calls.
    AnswerCalls,
    /// Seat, dishes and drinks as last time: see them, offer them, write them down.
    ServeUsual,
    /// Balance, tier, and what is about to expire.
    SeePoints,
    /// Spend a guest's points and vouchers, and give them by hand.
    RedeemPoints,
    /// The rules of points, tiers and vouchers, and taking back what was posted.
    SetLoyalty,
    /// Each guest's own rhythm of visits.
    SeeRhythm,
}

/// Who is signed in, as their own browser may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub staff: StaffId,
    pub name: String,
    pub role: Role,
    pub house: House,
    /// Where this device stands; `None` until it has been chosen.
    pub station: Option<Station>,
    /// Whether this device's board is on shift.
    pub on_shift: bool,
    /// Minutes without a touch or a key after which profiles close; 1 to 240.
    pub idle_minutes: u32,
    /// Stands for this sign-in: another one has another. Nothing can be done with it but end it from its own browser.
    pub session: String,
}

/// A member of staff as managers see one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffRow {
    pub id: StaffId,
    /// The name typed at sign-in, unique, lower case.
    pub login: String,
    /// The name that colleagues see.
    pub name: String,
    pub role: Role,
    pub active: bool,
    /// How many sessions are open now.
    pub sessions: u32,
}

/// Something that was done, as the audit trail tells it: who, where, what and about whom, and never
/// what stood in the fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// House-local `YYYY-MM-DD HH:MM`.
    pub at: String,
    /// The colleague's name as it was then.
    pub who: String,
    /// The station that the device stood at, if one had been chosen.
    pub station: Option<String>,
    /// The word for what was done, e.g. `opened_card`.
    pub action: String,
    /// The guest whom it was about, with the name of today.
    pub guest: Option<(GuestId, String)>,
    /// The campaign of the greeting that it was about, with the name of today.
    pub campaign: Option<(CampaignId, String)>,
    /// The words for the fields that were changed, e.g. `vip`.
    pub fields: Vec<String>,
}
