//! Who looked at whom and who changed what: append-only, field names and never values.

mod cards;

pub use cards::{SHOWN, shown_again, shown_anew};

use super::{
    AuditRow,
    guard::{Actor, Permit, SeeAudit},
};
use crate::{
    campaigns::OccurrenceId,
    guests::store::GuestRow,
    ids::{CampaignId, GuestId},
    server::{
        clock,
        db::{Db, DbError, Tx, id_of, record, vars},
    },
};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use surrealdb::types::{RecordId, SurrealValue};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    OpenedCard,
    EditedProfile,
    AddedPreference,
    RemovedPreference,
    AddedNote,
    RemovedNote,
    ChangedPhoto,
    Raised,
    Acknowledged,
    Completed,
    Withdrew,
    Located,
    Imported,
    SignedIn,
    SignedOut,
    StaffChanged,
    StationChanged,
    CampaignChanged,
    HeldGreetings,
    AskedConsent,
    TookDownConsent,
    LiftedSuppression,
    TestedLetter,
    WroteTrace,
    ResolvedTrace,
    ConfirmedPreference,
    ContradictedPreference,
    HonouredPreference,
    Requested,
    ChangedRequest,
    AssignedTrace,
    ChangedTraceRule,
    RaisedRecovery,
    ChangedRecovery,
    ChangedPeople,
    ChangedUsual,
    OpenedBriefing,
    PrintedNames,
    RecordedVoice,
    WithdrewVoice,
    LookedUpCall,
    PostedPoints,
    UsedVoucher,
    LoyaltyChanged,
    MemoryChanged,
    OpenedTimeline,
}

impl Action {
    fn code(self) -> &'static str {
        match self {
            Self::OpenedCard => "opened_card",
            Self::EditedProfile => "edited_profile",
            Self::AddedPreference => "added_preference",
            Self::RemovedPreference => "removed_preference",
            Self::AddedNote => "added_note",
            Self::RemovedNote => "removed_note",
            Self::ChangedPhoto => "changed_photo",
            Self::Raised => "raised",
            Self::Acknowledged => "acknowledged",
            Self::Completed => "completed",
            Self::Withdrew => "withdrew",
            Self::Located => "located",
            Self::Imported => "imported",
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
            Self::StaffChanged => "staff_changed",
            Self::StationChanged => "station_changed",
            Self::CampaignChanged => "campaign_changed",
            Self::HeldGreetings => "held_greetings",
            Self::AskedConsent => "asked_consent",
            Self::TookDownConsent => "took_down_consent",
            Self::LiftedSuppression => "lifted_suppression",
            Self::TestedLetter => "tested_letter",
            Self::WroteTrace => "wrote_trace",
            Self::ResolvedTrace => "resolved_trace",
            Self::ConfirmedPreference => "confirmed_preference",
            Self::ContradictedPreference => "contradicted_preference",
            Self::HonouredPreference => "honoured_preference",
            Self::Requested => "requested",
            Self::ChangedRequest => "changed_request",
            Self::AssignedTrace => "assigned_trace",
            Self::ChangedTraceRule => "changed_trace_rule",
            Self::RaisedRecovery => "raised_recovery",
            Self::ChangedRecovery => "changed_recovery",
            Self::ChangedPeople => "changed_people",
            Self::ChangedUsual => "changed_usual",
            Self::OpenedBriefing => "opened_briefing",
            Self::PrintedNames => "printed_names",
            Self::RecordedVoice => "recorded_voice",
            Self::WithdrewVoice => "withdrew_voice",
            Self::LookedUpCall => "looked_up_call",
            Self::PostedPoints => "posted_points",
            Self::UsedVoucher => "used_voucher",
            Self::LoyaltyChanged => "loyalty_changed",
            Self::MemoryChanged => "memory_changed",
            Self::OpenedTimeline => "opened_timeline",
        }
    }
}

/// Adds the audit entry to the transaction that does what it tells of.
#[must_use]
pub fn note(tx: Tx, actor: &Actor, action: Action, guest: Option<GuestId>, fields: &[&str]) -> Tx {
    entry(tx, actor, action, About { guest, ..About::default() }, fields)
}

/// The same about a greeting: its guest and its campaign.
#[must_use]
pub fn note_of_greeting(tx: Tx, actor: &Actor, action: Action, greeting: &OccurrenceId, fields: &[&str]) -> Tx {
    let about = About { guest: Some(greeting.guest), campaign: Some(greeting.campaign), address: None };
    entry(tx, actor, action, about, fields)
}

/// The same about a test of a letter: its campaign and language, the guest in whose words it was, and the keyed
/// hash of the address that it goes to.
#[must_use]
pub fn note_of_test(
    tx: Tx,
    actor: &Actor,
    (campaign, language): (CampaignId, &str),
    guest: Option<GuestId>,
    address: String,
) -> Tx {
    let about = About { guest, campaign: Some(campaign), address: Some(address) };
    entry(tx, actor, Action::TestedLetter, about, &[language])
}

/// What an entry is about.
#[derive(Default)]
struct About {
    guest: Option<GuestId>,
    campaign: Option<CampaignId>,
    /// The keyed hash of an address.
    address: Option<String>,
}

fn entry(tx: Tx, actor: &Actor, action: Action, about: About, fields: &[&str]) -> Tx {
    let About { guest, campaign, address } = about;
    tx.run(
        "CREATE ONLY audit SET house = $audit.house, at = time::now(), staff = $audit.staff, who = $audit.who, \
         device = $audit.device, station = $audit.station, action = $audit.action, guest = $audit.guest, \
         campaign = $audit.campaign, address = $audit.address, fields = $audit.fields RETURN NONE",
        vars().with(
            "audit",
            Entry {
                house: record("house", actor.house.id),
                staff: record("staff", actor.staff),
                who: actor.name.clone(),
                device: record("device", actor.device),
                station: actor.station.as_ref().map(|station| station.name.clone()),
                action: action.code().to_owned(),
                guest: guest.map(|guest| record("guest", guest)),
                campaign: campaign.map(|campaign| record("campaign", campaign)),
                address,
                fields: fields.iter().map(|&field| field.to_owned()).collect(),
            },
        ),
    )
}

/// Writes an entry of its own.
///
/// # Errors
/// What the store answers.
pub async fn write(db: &Db, actor: &Actor, action: Action, guest: Option<GuestId>) -> Result<(), DbError> {
    db.commit(note(Tx::new(), actor, action, guest, &[])).await.map(drop)
}

#[derive(SurrealValue)]
struct Entry {
    house: RecordId,
    staff: RecordId,
    who: String,
    device: RecordId,
    station: Option<String>,
    action: String,
    guest: Option<RecordId>,
    campaign: Option<RecordId>,
    address: Option<String>,
    fields: Vec<String>,
}

/// The newest entries of the house.
///
/// # Errors
/// What the store answers.
pub async fn newest(db: &Db, permit: &Permit<SeeAudit>, limit: u32) -> Result<Vec<AuditRow>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        at: DateTime<Utc>,
        who: String,
        station: Option<String>,
        action: String,
        guest: Option<RecordId>,
        campaign: Option<RecordId>,
        fields: Vec<String>,
    }
    let rows: Vec<Row> = db
        .rows(
            "SELECT at, who, station, action, guest, campaign, fields FROM audit WHERE house = $house \
             ORDER BY at DESC LIMIT $limit",
            vars().with("house", record("house", permit.house())).with("limit", i64::from(limit)),
        )
        .await?;
    let guests: Vec<RecordId> = rows.iter().filter_map(|row| row.guest.clone()).collect();
    let named: Vec<GuestRow> = db.rows("SELECT * FROM $guests", vars().with("guests", guests)).await?;
    let names: HashMap<GuestId, String> = named
        .into_iter()
        .map(|row| {
            let guest = crate::guests::Guest::try_from(row)?;
            Ok((guest.id, guest.name.full()))
        })
        .collect::<Result<_, DbError>>()?;
    let campaigns = campaign_names(db, rows.iter().filter_map(|row| row.campaign.clone()).collect()).await?;
    let zone = permit.actor().house.zone();
    rows.into_iter()
        .map(|row| {
            let guest = row.guest.as_ref().map(id_of::<GuestId>).transpose()?;
            let campaign = row.campaign.as_ref().map(id_of::<CampaignId>).transpose()?;
            Ok(AuditRow {
                at: clock::local_minute(row.at, zone),
                who: row.who,
                station: row.station,
                action: row.action,
                guest: guest.map(|id| (id, names.get(&id).cloned().unwrap_or_default())),
                campaign: campaign.map(|id| (id, campaigns.get(&id).cloned().unwrap_or_default())),
                fields: row.fields,
            })
        })
        .collect()
}

async fn campaign_names(db: &Db, campaigns: Vec<RecordId>) -> Result<HashMap<CampaignId, String>, DbError> {
    #[derive(SurrealValue)]
    struct Named {
        id: RecordId,
        name: String,
    }
    let found: Vec<Named> = db.rows("SELECT id, name FROM $campaigns", vars().with("campaigns", campaigns)).await?;
    found.into_iter().map(|row| Ok((id_of(&row.id)?, row.name))).collect()
}
