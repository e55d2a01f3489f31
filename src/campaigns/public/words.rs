//! What guests read about kinds of greetings. What they agree or object to is kept in these words.

use crate::{campaigns::CampaignKind, i18n::*};

/// The kind at the head of a line: "Birthday greetings".
pub(super) fn name(locale: Locale, kind: CampaignKind) -> &'static str {
    match kind {
        CampaignKind::Birthday => td_string!(locale, campaigns.public.kinds.birthday.name),
        CampaignKind::Lapsed => td_string!(locale, campaigns.public.kinds.lapsed.name),
        CampaignKind::Anniversary => td_string!(locale, campaigns.public.kinds.anniversary.name),
        CampaignKind::ThankYou => td_string!(locale, campaigns.public.kinds.thank_you.name),
        CampaignKind::Offer => td_string!(locale, campaigns.public.kinds.offer.name),
        CampaignKind::OneOff => td_string!(locale, campaigns.public.kinds.one_off.name),
        CampaignKind::Expiring => td_string!(locale, campaigns.public.kinds.expiring.name),
        CampaignKind::Overdue => td_string!(locale, campaigns.public.kinds.overdue.name),
    }
}

/// What is sent under that name.
pub(super) fn meaning(locale: Locale, kind: CampaignKind) -> &'static str {
    match kind {
        CampaignKind::Birthday => td_string!(locale, campaigns.public.kinds.birthday.text),
        CampaignKind::Lapsed => td_string!(locale, campaigns.public.kinds.lapsed.text),
        CampaignKind::Anniversary => td_string!(locale, campaigns.public.kinds.anniversary.text),
        CampaignKind::ThankYou => td_string!(locale, campaigns.public.kinds.thank_you.text),
        CampaignKind::Offer => td_string!(locale, campaigns.public.kinds.offer.text),
        CampaignKind::OneOff => td_string!(locale, campaigns.public.kinds.one_off.text),
        CampaignKind::Expiring => td_string!(locale, campaigns.public.kinds.expiring.text),
        CampaignKind::Overdue => td_string!(locale, campaigns.public.kinds.overdue.text),
    }
}

/// The kind inside a sentence, or all of them: "birthday greetings".
pub(in crate::campaigns) fn within(locale: Locale, kind: Option<CampaignKind>) -> &'static str {
    match kind {
        Some(CampaignKind::Birthday) => td_string!(locale, campaigns.public.kinds.birthday.within),
        Some(CampaignKind::Lapsed) => td_string!(locale, campaigns.public.kinds.lapsed.within),
        Some(CampaignKind::Anniversary) => td_string!(locale, campaigns.public.kinds.anniversary.within),
        Some(CampaignKind::ThankYou) => td_string!(locale, campaigns.public.kinds.thank_you.within),
        Some(CampaignKind::Offer) => td_string!(locale, campaigns.public.kinds.offer.within),
        Some(CampaignKind::OneOff) => td_string!(locale, campaigns.public.kinds.one_off.within),
        Some(CampaignKind::Expiring) => td_string!(locale, campaigns.public.kinds.expiring.within),
        Some(CampaignKind::Overdue) => td_string!(locale, campaigns.public.kinds.overdue.within),
        None => td_string!(locale, campaigns.public.kinds.all),
    }
}

/// What a guest is asked to confirm.
pub(in crate::campaigns) fn asked(locale: Locale, house: &str, kind: Option<CampaignKind>) -> String {
    td_string!(locale, campaigns.public.confirm.text, house = house, kind = within(locale, kind))
}

/// A kind as the page of choices offers it.
pub(super) fn described(locale: Locale, kind: CampaignKind) -> String {
    td_string!(
        locale,
        campaigns.public.preferences.described,
        name = name(locale, kind),
        meaning = meaning(locale, kind)
    )
}

/// That links are counted, as the page of choices offers it.
pub(super) fn counting(locale: Locale) -> String {
    let name = td_string!(locale, campaigns.public.preferences.links);
    let meaning = td_string!(locale, campaigns.public.preferences.links_text);
    td_string!(locale, campaigns.public.preferences.described, name = name, meaning = meaning)
}

/// On the button that ends one kind.
pub(super) fn no_more(locale: Locale, kind: CampaignKind) -> String {
    td_string!(locale, campaigns.public.unsubscribe.kind, kind = within(locale, Some(kind)))
}

/// On the button that ends all of them.
pub(super) fn no_more_at_all(locale: Locale) -> String {
    td_string!(locale, campaigns.public.unsubscribe.all).to_owned()
}
