//! One event of the feed, and what each role and station may see of it.

use crate::{
    alerts::{AlertCard, LiveEvent, StationPresence, store::Alert},
    guests::{Audience, PreferenceGroup, card::Dossier},
    ids::{GuestId, HouseId, StaffId, StationId},
    staff::{Ability, Role},
    stays::{Presence, Seen},
};
use bytes::Bytes;
use std::sync::OnceLock;

/// One event, with its bytes for each role.
pub struct Event {
    pub house: HouseId,
    /// Its number in the house's feed: 1 is the first, none is left out.
    pub seq: u64,
    pub body: Body,
    frames: [OnceLock<Bytes>; Role::ALL.len()],
    hidden: OnceLock<Bytes>,
}

/// What happened.
pub enum Body {
    Alert(Box<AlertFacts>),
    GuestChanged {
        guest: GuestId,
        groups: Vec<String>,
    },
    /// Bookings came in; these guests are new or changed.
    Stays {
        guests: Vec<GuestId>,
    },
    /// A guest was seen somewhere, or it is not known any more where.
    Seen {
        guest: GuestId,
        seen: Option<Seen>,
    },
    /// Someone's sessions have been ended: one, named by its tag, or all of that time.
    SessionsEnded {
        staff: StaffId,
        session: Option<String>,
    },
    /// Someone has begun or ceased to listen at a station.
    Presence(StationPresence),
    /// A station's rules, mutes or hand-over have changed.
    StationChanged(StationId),
    /// Traces of a department were written or resolved.
    TracesChanged,
    /// Something that a guest asked for is new or has changed.
    RequestsChanged,
    /// A kind that this version does not know: its number counts, nothing else.
    Unknown,
}

/// An alert with all that any role's card needs.
pub struct AlertFacts {
    pub alert: Alert,
    pub(super) dossier: Dossier,
    pub(super) sender_name: String,
    pub(super) receiver_name: String,
    pub(super) receiver_extension: String,
    pub(super) copied_name: Option<String>,
    pub(super) raised_time: String,
    pub(super) raised_on: String,
}

impl Body {
    /// Whether the cards of alerts may look otherwise after it, the alert that it tells of aside.
    pub(super) fn changes_cards(&self) -> bool {
        match self {
            // What is not known may be anything.
            Self::GuestChanged { .. }
            | Self::Stays { .. }
            | Self::StationChanged(_)
            | Self::RequestsChanged
            | Self::Unknown => true,
            Self::Alert(_)
            | Self::Seen { .. }
            | Self::SessionsEnded { .. }
            | Self::Presence(_)
            | Self::TracesChanged => false,
        }
    }
}

/// Who a stream is for.
#[derive(Debug, Clone, Copy)]
pub struct Viewer {
    pub role: Role,
    pub station: Option<StationId>,
    pub staff: StaffId,
}

impl Event {
    pub(super) fn new(house: HouseId, seq: u64, body: Body) -> Self {
        Self { house, seq, body, frames: Default::default(), hidden: OnceLock::new() }
    }

    /// The frame for a viewer: what happened, or only that something did.
    #[must_use]
    pub fn frame(&self, epoch: &str, viewer: Viewer) -> Bytes {
        if !self.visible_to(viewer) {
            return self.hidden.get_or_init(|| self.encode(epoch, &LiveEvent::Other)).clone();
        }
        self.frames[viewer.role as usize].get_or_init(|| self.encode(epoch, &self.for_role(viewer.role))).clone()
    }

    fn visible_to(&self, viewer: Viewer) -> bool {
        match &self.body {
            Body::Alert(facts) => {
                viewer.role.may(Ability::AnswerAlerts)
                    && facts.alert.is_business_of(viewer.role, viewer.station, viewer.staff)
            }
            Body::GuestChanged { groups, .. } => groups.iter().any(|group| group_visible_to(group, viewer.role)),
            Body::Stays { .. } | Body::Seen { .. } => viewer.role.may(Ability::SeeLists),
            Body::Presence(_) | Body::StationChanged(_) => viewer.role.may(Ability::RaiseAlerts),
            Body::TracesChanged => viewer.role.may(Ability::SeeTraces),
            Body::RequestsChanged => viewer.role.may(Ability::HandleRequests),
            Body::SessionsEnded { .. } | Body::Unknown => false,
        }
    }

    fn for_role(&self, role: Role) -> LiveEvent {
        match &self.body {
            Body::Alert(facts) => LiveEvent::Alert { alert: Box::new(facts.card(role, self.seq)) },
            Body::GuestChanged { guest, .. } => LiveEvent::GuestChanged { guest: *guest },
            Body::Stays { .. } => LiveEvent::StaysChanged,
            Body::Seen { guest, seen } => LiveEvent::Seen { guest: *guest, seen: seen.clone() },
            Body::Presence(presence) => LiveEvent::Presence { presence: presence.clone() },
            Body::StationChanged(station) => LiveEvent::StationChanged { station: *station },
            Body::TracesChanged => LiveEvent::TracesChanged,
            Body::RequestsChanged => LiveEvent::RequestsChanged,
            Body::SessionsEnded { .. } | Body::Unknown => LiveEvent::Other,
        }
    }

    fn encode(&self, epoch: &str, event: &LiveEvent) -> Bytes {
        // Serialising these plain types cannot fail; an empty object would be ignored by the client.
        let data = serde_json::to_string(event).unwrap_or_else(|_| "{}".to_owned());
        Bytes::from(format!("id: {epoch}:{seq}\nevent: live\ndata: {data}\n\n", seq = self.seq))
    }
}

/// Whether a role sees the fields of a group, as the card's table has it.
fn group_visible_to(group: &str, role: Role) -> bool {
    if let Some(preferences) = PreferenceGroup::from_code(group) {
        return preferences.visible_to(role);
    }
    if let Some(audience) = group.strip_prefix("note_").and_then(Audience::from_code) {
        return audience.includes(role);
    }
    match group {
        "identity" => role != Role::Admin,
        "contact" => matches!(role, Role::Reception | Role::Concierge | Role::Marketing | Role::Manager),
        "birthday" => matches!(role, Role::Reception | Role::Floor | Role::Host | Role::Marketing | Role::Manager),
        "greetings" => role.may(Ability::HoldGreetings),
        // What the guest asked for, who is around him, and that a complaint is open, concerns all who serve him.
        "requests" | "people" | "recovery" | "voice" => role.may(Ability::SeeLists),
        "usual" => role.may(Ability::ServeUsual),
        "points" => role.may(Ability::SeePoints),
        _ => false,
    }
}

impl AlertFacts {
    pub(super) fn card(&self, role: Role, seq: u64) -> AlertCard {
        let (alert, guest, remembered) = (&self.alert, &self.dossier.guest, &self.dossier.remembered);
        AlertCard {
            id: alert.id,
            seq,
            kind: alert.kind,
            state: alert.state,
            text: alert.text.clone(),
            request: alert.request,
            guest: alert.guest,
            name: guest.name.clone(),
            photo: guest.photo,
            language: guest.language.clone(),
            vip: guest.vip,
            incognito: guest.flags.incognito,
            room: self
                .dossier
                .stay
                .as_ref()
                .filter(|_| self.dossier.presence != Presence::Elsewhere)
                .and_then(|stay| stay.room.clone()),
            dietary: self.dossier.dietary_for(role),
            dining: self.dossier.dining_for(role),
            requests: if role.may(Ability::HandleRequests) { remembered.requests.clone() } else { Vec::new() },
            usuals: if role.may(Ability::ServeUsual) { remembered.usuals.clone() } else { Vec::new() },
            cue: remembered.cue().filter(|_| role.may(Ability::SeeLists)),
            from: alert.sender,
            from_name: self.sender_name.clone(),
            to: alert.receiver,
            to_name: self.receiver_name.clone(),
            by_staff: alert.raised_by,
            by: alert.raised_name.clone(),
            raised_at: alert.raised_at.timestamp_millis(),
            raised_time: self.raised_time.clone(),
            raised_on: self.raised_on.clone(),
            also_staff: alert.also_staff.clone(),
            also_by: alert.also_names.clone(),
            also_from: alert.also_from.clone(),
            withdrawn: alert.withdrawn.clone(),
            withdrawn_from: alert.withdrawn_from.clone(),
            urgency: alert.urgency,
            copied_to: alert.copied_to,
            copied_to_name: self.copied_name.clone(),
            told: alert.told,
            duty: alert.duty,
            duty_name: alert.duty_name.clone(),
            displayed_at: alert.displayed_at.map(|at| at.timestamp_millis()),
            muted: alert.muted,
            to_extension: self.receiver_extension.clone(),
            acknowledged_by: alert.acknowledged_by.clone(),
            acknowledged_staff: alert.acknowledged_staff,
            acknowledged_at: alert.acknowledged_at.map(|at| at.timestamp_millis()),
            completed_by: alert.ended_by.clone(),
            completed_staff: alert.ended_staff,
            outcome: alert.outcome.clone(),
        }
    }
}
