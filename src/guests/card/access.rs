//! The parts of a card, whichever role it was made for. What the role may not see is not there.

use super::{Counted, GuestCard, History, Identity, Served, StayLine};
use crate::{
    guests::{Birthday, Note, Preference, relations::OccasionLine},
    loyalty::voucher::VoucherLine,
    requests::recovery::{RecoveryCue, RecoveryLine},
    stays::usual::UsualLine,
};

impl GuestCard {
    /// The part that every role sees.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        match self {
            Self::Reception(card) => &card.identity,
            Self::Floor(card) => &card.identity,
            Self::Host(card) => &card.identity,
            Self::Concierge(card) => &card.identity,
            Self::Marketing(card) => &card.identity,
            Self::Manager(card) => &card.reception.identity,
        }
    }

    #[must_use]
    pub fn dietary(&self) -> &[Preference] {
        match self {
            Self::Reception(card) => &card.dietary,
            Self::Floor(card) => &card.dietary,
            Self::Host(card) => &card.dietary,
            Self::Manager(card) => &card.reception.dietary,
            Self::Concierge(_) | Self::Marketing(_) => &[],
        }
    }

    /// Seat, dishes and drinks.
    #[must_use]
    pub fn dining(&self) -> &[Preference] {
        match self {
            Self::Reception(card) => &card.dining,
            Self::Host(card) => &card.dining,
            Self::Manager(card) => &card.reception.dining,
            Self::Floor(_) | Self::Concierge(_) | Self::Marketing(_) => &[],
        }
    }

    /// Preferences that are neither dietary nor of the table.
    #[must_use]
    pub fn preferences(&self) -> &[Preference] {
        match self {
            Self::Reception(card) => &card.preferences,
            Self::Floor(card) => &card.preferences,
            Self::Concierge(card) => &card.preferences,
            Self::Manager(card) => &card.reception.preferences,
            Self::Host(_) | Self::Marketing(_) => &[],
        }
    }

    #[must_use]
    pub fn notes(&self) -> &[Note] {
        match self {
            Self::Reception(card) => &card.notes,
            Self::Floor(card) => &card.notes,
            Self::Host(card) => &card.notes,
            Self::Concierge(card) => &card.notes,
            Self::Manager(card) => &card.reception.notes,
            Self::Marketing(_) => &[],
        }
    }

    /// What everyone who serves the guest may know.
    #[must_use]
    pub fn served(&self) -> Option<&Served> {
        match self {
            Self::Reception(card) => Some(&card.served),
            Self::Floor(card) => Some(&card.served),
            Self::Host(card) => Some(&card.served),
            Self::Concierge(card) => Some(&card.served),
            Self::Manager(card) => Some(&card.reception.served),
            Self::Marketing(_) => None,
        }
    }

    /// Complaints in full, for those who see to them.
    #[must_use]
    pub fn recoveries(&self) -> &[RecoveryLine] {
        match self {
            Self::Reception(card) => &card.recoveries,
            Self::Concierge(card) => &card.recoveries,
            Self::Manager(card) => &card.reception.recoveries,
            Self::Floor(_) | Self::Host(_) | Self::Marketing(_) => &[],
        }
    }

    /// That there is a complaint, for those who are not told which.
    #[must_use]
    pub fn cue(&self) -> Option<&RecoveryCue> {
        match self {
            Self::Floor(card) => card.cue.as_ref(),
            Self::Host(card) => card.cue.as_ref(),
            Self::Reception(_) | Self::Concierge(_) | Self::Marketing(_) | Self::Manager(_) => None,
        }
    }

    #[must_use]
    pub fn usuals(&self) -> &[UsualLine] {
        match self {
            Self::Reception(card) => &card.usuals,
            Self::Host(card) => &card.usuals,
            Self::Manager(card) => &card.reception.usuals,
            Self::Floor(_) | Self::Concierge(_) | Self::Marketing(_) => &[],
        }
    }

    #[must_use]
    pub fn occasions(&self) -> &[OccasionLine] {
        match self {
            Self::Reception(card) => &card.occasions,
            Self::Floor(card) => &card.occasions,
            Self::Host(card) => &card.occasions,
            Self::Manager(card) => &card.reception.occasions,
            Self::Concierge(_) | Self::Marketing(_) => &[],
        }
    }

    #[must_use]
    pub fn counted(&self) -> Option<&Counted> {
        match self {
            Self::Reception(card) => Some(&card.counted),
            Self::Marketing(card) => Some(&card.counted),
            Self::Manager(card) => Some(&card.reception.counted),
            Self::Floor(_) | Self::Host(_) | Self::Concierge(_) => None,
        }
    }

    /// Vouchers that can be used.
    #[must_use]
    pub fn vouchers(&self) -> &[VoucherLine] {
        match self {
            Self::Reception(card) => &card.vouchers,
            Self::Manager(card) => &card.reception.vouchers,
            Self::Floor(_) | Self::Host(_) | Self::Concierge(_) | Self::Marketing(_) => &[],
        }
    }

    #[must_use]
    pub fn stay(&self) -> Option<&StayLine> {
        match self {
            Self::Reception(card) => card.stay.as_ref(),
            Self::Floor(card) => card.stay.as_ref(),
            Self::Concierge(card) => card.stay.as_ref(),
            Self::Manager(card) => card.reception.stay.as_ref(),
            Self::Host(_) | Self::Marketing(_) => None,
        }
    }

    #[must_use]
    pub fn room(&self) -> Option<&str> {
        match self {
            Self::Host(card) => card.room.as_deref(),
            other => other.stay()?.room.as_deref(),
        }
    }

    #[must_use]
    pub fn history(&self) -> Option<&History> {
        match self {
            Self::Reception(card) => Some(&card.history),
            Self::Floor(card) => Some(&card.history),
            Self::Concierge(card) => Some(&card.history),
            Self::Manager(card) => Some(&card.reception.history),
            Self::Host(_) | Self::Marketing(_) => None,
        }
    }

    #[must_use]
    pub fn birthday(&self) -> Option<Birthday> {
        match self {
            Self::Reception(card) => card.birthday,
            Self::Floor(card) => card.birthday,
            Self::Host(card) => card.birthday,
            Self::Marketing(card) => card.birthday,
            Self::Manager(card) => card.reception.birthday,
            Self::Concierge(_) => None,
        }
    }
}
