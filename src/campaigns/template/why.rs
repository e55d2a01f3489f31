//! Why a letter cannot be filled in for a guest, in the words of whoever looks after the campaign.

use super::{Missing, Origin, origin_of};
use crate::i18n::*;

/// The sentence for what is kept with a guest whose letter does not render: [`Missing`] as text.
#[must_use]
pub fn why(locale: Locale, detail: &str) -> String {
    let Ok(missing) = detail.parse::<Missing>();
    match missing {
        Missing::Variable(name) => match origin_of(&name) {
            Some(Origin::Profile) => td_string!(locale, campaigns.missing.profile, name = name),
            Some(Origin::Stays) => td_string!(locale, campaigns.missing.stays, name = name),
            Some(Origin::Approved) => td_string!(locale, campaigns.missing.approved, name = name),
            Some(Origin::Campaign) => td_string!(locale, campaigns.missing.campaign, name = name),
            Some(Origin::Kind) => td_string!(locale, campaigns.missing.kind, name = name),
            Some(Origin::Points) => td_string!(locale, campaigns.missing.points, name = name),
            Some(Origin::Always) | None => td_string!(locale, campaigns.missing.unknown, name = name),
        },
        Missing::TooLarge => td_string!(locale, campaigns.missing.too_large).to_owned(),
        Missing::Endless => td_string!(locale, campaigns.missing.endless).to_owned(),
        Missing::EmptySubject => td_string!(locale, campaigns.missing.empty_subject).to_owned(),
        Missing::Forbidden(what) => td_string!(locale, campaigns.missing.forbidden, what = what),
        Missing::NoWayOut => td_string!(locale, campaigns.missing.no_way_out).to_owned(),
        Missing::Broken(words) => td_string!(locale, campaigns.missing.broken, words = words),
    }
}
