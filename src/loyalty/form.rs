//! The rules of points as they stand in the form: text as typed, kept as typed until it is right.

use super::Scope;
use serde::{Deserialize, Serialize};

/// The fields of the form, exactly as typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RulesForm {
    /// A check box: present (any text) or absent.
    pub active: Option<String>,
    /// ISO 4217.
    pub currency: String,
    /// Amounts in units of the currency: `10`, `0.10`.
    pub spend_for_point: String,
    pub worth_of_point: String,
    /// Empty for never.
    pub expire_months: String,
    pub notice_days: String,
    /// `YYYY-MM-DD`, or empty.
    pub since: String,
    /// One a line: the name, and how many points, separated by a semicolon.
    pub extras: String,
    /// One a line, from the lowest to the highest: the name, nights, and spend, separated by semicolons; one of the two
    /// may be empty.
    pub tiers: String,
}

/// The rules of a house or of the chain, with what is to be known of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesPage {
    /// Whose they are.
    pub scope: Scope,
    /// Grows by one with every change; 0 where there are none yet, and the form shows the usual ones.
    pub revision: i64,
    pub form: RulesForm,
    /// Who kept them last, and when, house-local `YYYY-MM-DD HH:MM`.
    pub kept: Option<(String, String)>,
    /// Whose rules hold in this house; `None` where there are none at all.
    pub holds: Option<Scope>,
}

impl RulesForm {
    /// The fields whose text is shown again when they were refused, by their names.
    #[must_use]
    pub fn typed(&self) -> Vec<(&str, &str)> {
        vec![
            ("active", self.active.as_deref().unwrap_or_default()),
            ("currency", &self.currency),
            ("spend_for_point", &self.spend_for_point),
            ("worth_of_point", &self.worth_of_point),
            ("expire_months", &self.expire_months),
            ("notice_days", &self.notice_days),
            ("since", &self.since),
            ("extras", &self.extras),
            ("tiers", &self.tiers),
        ]
    }
}
