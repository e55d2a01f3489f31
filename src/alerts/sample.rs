//! An alert for tests: plain, raised, from one station to another. A test says what is different.

use super::{AlertCard, AlertKind, AlertState, Urgency};
use crate::{
    guests::GuestName,
    ids::{AlertId, GuestId, StaffId, StationId},
};
use uuid::Uuid;

/// The station that the sample comes from.
pub const FROM: StationId = StationId(Uuid::from_u128(1));

/// The station that it goes to.
pub const TO: StationId = StationId(Uuid::from_u128(2));

/// Who sends it.
pub const BY: StaffId = StaffId(Uuid::from_u128(101));

/// The alert.
pub fn card() -> AlertCard {
    AlertCard {
        id: AlertId(ulid::Ulid(1)),
        seq: 1,
        kind: AlertKind::ComingDown,
        state: AlertState::Raised,
        text: None,
        request: None,
        guest: GuestId(Uuid::nil()),
        name: GuestName::default(),
        photo: None,
        language: None,
        vip: 0,
        incognito: false,
        room: None,
        dietary: Vec::new(),
        dining: Vec::new(),
        requests: Vec::new(),
        usuals: Vec::new(),
        cue: None,
        from: FROM,
        from_name: "Floor 3".to_owned(),
        to: TO,
        to_name: "Restaurant".to_owned(),
        by_staff: BY,
        by: "Wei".to_owned(),
        raised_at: 0,
        raised_time: "19:42".to_owned(),
        raised_on: "2026-11-23".to_owned(),
        also_staff: Vec::new(),
        also_by: Vec::new(),
        also_from: Vec::new(),
        withdrawn: Vec::new(),
        withdrawn_from: Vec::new(),
        urgency: Urgency::Plain,
        copied_to: None,
        copied_to_name: None,
        told: None,
        duty: None,
        duty_name: None,
        displayed_at: None,
        muted: false,
        to_extension: "200".to_owned(),
        acknowledged_by: None,
        acknowledged_staff: None,
        acknowledged_at: None,
        completed_by: None,
        completed_staff: None,
        outcome: None,
    }
}
