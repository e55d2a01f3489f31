//! One card type for each role. What a role may not see has no field in its card, so it cannot reach
//! the browser by mistake. The table is "Who may see what" in the design.

mod access;
mod dossier;
mod memory;

pub use dossier::{Dossier, one_thing};
pub use memory::{Counted, Remembered, Served};

use super::{Birthday, Flags, GuestName, Note, Preference, relations::OccasionLine};
use crate::{
    ids::{GuestId, PhotoId},
    loyalty::voucher::VoucherLine,
    requests::recovery::{RecoveryCue, RecoveryLine},
    staff::Role,
    stays::{Presence, ReservationStatus, usual::UsualLine},
};
use chrono::NaiveDate;
use dossier::{is_dietary, is_dining, is_other};
use serde::{Deserialize, Serialize};

/// What everyone who meets guests may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub guest: GuestId,
    /// Revision of the profile that the card was made from.
    pub revision: i64,
    pub name: GuestName,
    pub photo: Option<PhotoId>,
    pub language: Option<String>,
    /// 0 (none) to 3.
    pub vip: u8,
    pub presence: Presence,
    pub incognito: bool,
    pub deceased: bool,
    /// The day of the house on which the card was made, and after how many days what was only observed fades in it:
    /// against both, evidence is worth something.
    pub today: NaiveDate,
    pub fade_days: u16,
}

/// Room and dates of the stay that matters now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayLine {
    pub house: String,
    pub room: Option<String>,
    /// House-local `YYYY-MM-DD`.
    pub arrival: String,
    pub departure: String,
    pub status: ReservationStatus,
}

/// What came with the booking of the stay that matters now, in the words of the booking. They may tell of
/// anything, a guest's health included, so they are for the desk and managers alone; what others need of
/// them has become preferences.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BookingWords {
    /// What was asked for.
    pub requests: Option<String>,
    /// What stood under allergies and is no instruction.
    pub health: Option<String>,
}

/// How often the guest has been here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Number of the present or coming stay (1 is the first), or of stays so far.
    pub stay_number: u32,
    /// Departure of the last completed stay, `YYYY-MM-DD`, and its room.
    pub last: Option<(String, Option<String>)>,
}

/// Where the guest can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub phones: Vec<String>,
    pub emails: Vec<String>,
    pub address: Option<String>,
}

/// What was charged for rooms, by currency, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spend {
    /// ISO 4217 code and the sum over completed stays in minor units.
    pub totals: Vec<(String, i64)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceptionCard {
    pub identity: Identity,
    pub stay: Option<StayLine>,
    pub booked: BookingWords,
    pub history: History,
    pub contact: Contact,
    pub nationality: Option<String>,
    pub membership: Option<String>,
    pub birthday: Option<Birthday>,
    pub dietary: Vec<Preference>,
    pub dining: Vec<Preference>,
    pub preferences: Vec<Preference>,
    pub notes: Vec<Note>,
    pub flags: Flags,
    pub served: Served,
    pub recoveries: Vec<RecoveryLine>,
    pub usuals: Vec<UsualLine>,
    pub occasions: Vec<OccasionLine>,
    pub counted: Counted,
    pub vouchers: Vec<VoucherLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FloorCard {
    pub identity: Identity,
    pub stay: Option<StayLine>,
    pub history: History,
    /// Day and month, while the guest is in house.
    pub birthday: Option<Birthday>,
    pub dietary: Vec<Preference>,
    pub preferences: Vec<Preference>,
    pub notes: Vec<Note>,
    pub served: Served,
    /// That there is a complaint.
    pub cue: Option<RecoveryCue>,
    /// While the guest is in house.
    pub occasions: Vec<OccasionLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostCard {
    pub identity: Identity,
    pub room: Option<String>,
    /// Day and month, while the guest is in house.
    pub birthday: Option<Birthday>,
    pub dietary: Vec<Preference>,
    pub dining: Vec<Preference>,
    pub notes: Vec<Note>,
    pub served: Served,
    /// That there is a complaint.
    pub cue: Option<RecoveryCue>,
    pub usuals: Vec<UsualLine>,
    /// While the guest is in house.
    pub occasions: Vec<OccasionLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConciergeCard {
    pub identity: Identity,
    pub stay: Option<StayLine>,
    pub history: History,
    pub phones: Vec<String>,
    pub preferences: Vec<Preference>,
    pub notes: Vec<Note>,
    pub served: Served,
    pub recoveries: Vec<RecoveryLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketingCard {
    pub identity: Identity,
    /// Arrival and departure of the stay that matters now.
    pub dates: Option<(String, String)>,
    /// Masked: enough to see that there is one, too little to use it.
    pub masked_phones: Vec<String>,
    pub masked_emails: Vec<String>,
    /// Day and month.
    pub birthday: Option<Birthday>,
    pub spend: Spend,
    pub counted: Counted,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagerCard {
    pub reception: ReceptionCard,
    pub spend: Spend,
    /// Nightly rate of the stay that matters now: ISO 4217 code and minor units.
    pub rate: Option<(String, i64)>,
}

/// The card made for the role that opened it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum GuestCard {
    Reception(Box<ReceptionCard>),
    Floor(Box<FloorCard>),
    Host(Box<HostCard>),
    Concierge(Box<ConciergeCard>),
    Marketing(Box<MarketingCard>),
    Manager(Box<ManagerCard>),
}

impl GuestCard {
    /// Makes the card for a role; `None` for a role that sees no guests.
    #[must_use]
    pub fn for_role(role: Role, dossier: Dossier) -> Option<Self> {
        Some(match role {
            Role::Admin => return None,
            Role::Reception => Self::Reception(Box::new(reception(dossier, Role::Reception))),
            Role::Manager => {
                let (spend, rate) = (dossier.spend.clone(), dossier.rate.clone());
                Self::Manager(Box::new(ManagerCard { reception: reception(dossier, Role::Manager), spend, rate }))
            }
            Role::Floor => Self::Floor(Box::new(FloorCard {
                identity: identity(&dossier),
                birthday: birthday_in_house(&dossier),
                dietary: dossier.preferences_of(Role::Floor, is_dietary),
                preferences: dossier.preferences_of(Role::Floor, is_other),
                notes: dossier.notes_for(Role::Floor),
                served: dossier.remembered.served(),
                cue: dossier.remembered.cue(),
                occasions: dossier.remembered.occasions_in_house(dossier.presence),
                stay: dossier.stay,
                history: dossier.history,
            })),
            Role::Host => Self::Host(Box::new(HostCard {
                identity: identity(&dossier),
                birthday: birthday_in_house(&dossier),
                dietary: dossier.preferences_of(Role::Host, is_dietary),
                dining: dossier.preferences_of(Role::Host, is_dining),
                notes: dossier.notes_for(Role::Host),
                served: dossier.remembered.served(),
                cue: dossier.remembered.cue(),
                occasions: dossier.remembered.occasions_in_house(dossier.presence),
                usuals: dossier.remembered.usuals,
                room: dossier.stay.and_then(|stay| stay.room),
            })),
            Role::Concierge => Self::Concierge(Box::new(ConciergeCard {
                identity: identity(&dossier),
                preferences: dossier.preferences_of(Role::Concierge, is_other),
                notes: dossier.notes_for(Role::Concierge),
                served: dossier.remembered.served(),
                recoveries: dossier.remembered.recoveries,
                stay: dossier.stay,
                history: dossier.history,
                phones: dossier.guest.phones,
            })),
            Role::Marketing => Self::Marketing(Box::new(MarketingCard {
                identity: identity(&dossier),
                counted: dossier.remembered.counted(dossier.today),
                dates: dossier.stay.map(|stay| (stay.arrival, stay.departure)),
                masked_phones: dossier.guest.phones.iter().map(|phone| mask_phone(phone)).collect(),
                masked_emails: dossier.guest.emails.iter().map(|email| mask_email(email)).collect(),
                birthday: dossier.guest.birthday.map(Birthday::without_year),
                spend: dossier.spend,
            })),
        })
    }
}

fn identity(dossier: &Dossier) -> Identity {
    let guest = &dossier.guest;
    Identity {
        guest: guest.id,
        revision: guest.revision,
        name: guest.name.clone(),
        photo: guest.photo,
        language: guest.language.clone(),
        vip: guest.vip,
        presence: dossier.presence,
        incognito: guest.flags.incognito,
        deceased: guest.flags.deceased,
        today: dossier.today,
        fade_days: dossier.fade_days,
    }
}

fn reception(dossier: Dossier, role: Role) -> ReceptionCard {
    ReceptionCard {
        identity: identity(&dossier),
        dietary: dossier.preferences_of(role, is_dietary),
        dining: dossier.preferences_of(role, is_dining),
        preferences: dossier.preferences_of(role, is_other),
        notes: dossier.notes_for(role),
        served: dossier.remembered.served(),
        counted: dossier.remembered.counted(dossier.today),
        recoveries: dossier.remembered.recoveries,
        usuals: dossier.remembered.usuals,
        occasions: dossier.remembered.occasions,
        vouchers: dossier.remembered.vouchers,
        stay: dossier.stay,
        booked: dossier.booked,
        history: dossier.history,
        contact: Contact { phones: dossier.guest.phones, emails: dossier.guest.emails, address: dossier.guest.address },
        nationality: dossier.guest.nationality,
        membership: dossier.guest.membership,
        birthday: dossier.guest.birthday,
        flags: dossier.guest.flags,
    }
}

fn birthday_in_house(dossier: &Dossier) -> Option<Birthday> {
    dossier.guest.birthday.filter(|_| dossier.presence == Presence::InHouse).map(Birthday::without_year)
}

/// `anna.silva@example.com` becomes `a•••@e•••.com`.
#[must_use]
pub fn mask_email(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let initial = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    let ending = domain.rsplit_once('.').map_or("", |(_, ending)| ending);
    format!("{}•••@{}•••.{ending}", initial(local), initial(domain))
}

/// `+351927313387` becomes `+35•••••••87`.
fn mask_phone(phone: &str) -> String {
    let count = phone.chars().count();
    phone.chars().enumerate().map(|(at, c)| if at < 3 || at + 2 >= count { c } else { '•' }).collect()
}
