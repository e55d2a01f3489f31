//! What the page about a guest's points shows.

use super::{EntryKind, Extra, PointsLine, VoucherState, voucher::VoucherCode};
use crate::{
    guests::GuestName,
    ids::{GuestId, OnceId},
};
use serde::{Deserialize, Serialize};

/// Entries of the ledger that are loaded at once.
pub const ENTRIES: usize = 50;

/// A guest's points, as much of them as the role sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestPoints {
    pub guest: GuestId,
    pub name: GuestName,
    /// ISO 639-1.
    pub language: Option<String>,
    /// Nothing where no programme holds in the house.
    pub line: Option<PointsLine>,
    /// For those who spend and give points; nothing for those who see the balance alone.
    pub detail: Option<Box<PointsDetail>>,
}

/// The ledger, and what can be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsDetail {
    /// Under which a form of this page is sent: sent twice, it counts once.
    pub once: OnceId,
    /// Whether points can be given.
    pub gives: bool,
    /// What points are worth and vouchers are for: ISO 4217.
    pub currency: String,
    /// What one point is worth, in minor units; nothing where no programme holds.
    pub worth_of_point: Option<i64>,
    /// Reasons for points beside those for a stay.
    pub extras: Vec<Extra>,
    /// Today in the house, `YYYY-MM-DD`.
    pub today: String,
    /// Newest first.
    pub entries: Vec<EntryLine>,
    /// The number below which the entries go on, where there are more.
    pub next: Option<i64>,
    /// Newest first.
    pub tiers: Vec<TierLine>,
    /// Newest first, whatever became of them.
    pub vouchers: Vec<VoucherRecord>,
    /// Whether whoever asks may take back what was posted.
    pub may_reverse: bool,
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryLine {
    /// Its key: what it is taken back by.
    pub id: String,
    /// In the account, from 1.
    pub number: i64,
    pub kind: EntryKind,
    /// Negative for what went.
    pub amount: i64,
    /// What was left of the account after it.
    pub balance: i64,
    pub reason: Option<String>,
    /// Arrival and departure of the stay that it belongs to, house-local `YYYY-MM-DD`.
    pub stay: Option<(String, String)>,
    /// Who posted it; empty for what the rules posted by themselves.
    pub by: String,
    /// House-local `YYYY-MM-DD HH:MM`.
    pub at: String,
    /// Whether somebody took it back.
    pub is_reversed: bool,
    /// Whether it can be taken back.
    pub can_reverse: bool,
}

/// A change of the guest's tier, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierLine {
    pub was: Option<String>,
    pub became: Option<String>,
    /// Of the last twelve months.
    pub nights: u32,
    /// ISO 4217 code and minor units, of the last twelve months.
    pub spend: (String, i64),
    /// House-local `YYYY-MM-DD HH:MM`.
    pub at: String,
}

/// A voucher, whatever became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherRecord {
    pub code: VoucherCode,
    pub what: String,
    /// ISO 4217 code and minor units, where it is worth an amount.
    pub amount: Option<(String, i64)>,
    pub state: VoucherState,
    /// The last house-local day on which it can be used, `YYYY-MM-DD`.
    pub expires: String,
    /// Who issued it, and when, house-local `YYYY-MM-DD HH:MM`.
    pub issued: (String, String),
    /// Who ended it (empty where its last day passed), and when, likewise.
    pub ended: Option<(String, String)>,
    /// Whether it was paid for with points.
    pub was_bought: bool,
    /// Whether it can be used in this house today.
    pub can_redeem: bool,
}
