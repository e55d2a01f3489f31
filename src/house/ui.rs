//! Pages about the house: where a device stands, the stations, and the manager's overview.

mod alert_rules;
mod choose;
mod language;
mod manage;
mod memory;
mod stations;
mod zones;

pub use alert_rules::AlertRulesPage;
pub use choose::StationPage;
pub use language::{LanguageSwitch, own_name};
pub use manage::{ManageHeading, ManagePage};
pub use memory::MemoryPage;
pub use stations::StationsPage;
pub use zones::ZoneField;

use super::StationKind;
use crate::{i18n::*, ui::I18n};

/// The kind of station as people call it.
#[must_use]
pub fn kind_name(i18n: I18n, kind: StationKind) -> &'static str {
    match kind {
        StationKind::FrontDesk => tu_string!(i18n, common.kinds.front_desk),
        StationKind::Floor => tu_string!(i18n, common.kinds.floor),
        StationKind::Restaurant => tu_string!(i18n, common.kinds.restaurant),
        StationKind::Concierge => tu_string!(i18n, common.kinds.concierge),
        StationKind::Door => tu_string!(i18n, common.kinds.door),
    }
}
