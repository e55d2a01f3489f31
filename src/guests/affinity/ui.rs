//! What else a guest may like, on the guest's card.

use super::{Item, Rule, api::suggestions};
use crate::{
    alerts::live::{refetch_when, use_live},
    error::AppError,
    guests::{
        PreferenceCode, PreferenceGroup,
        ui::words::{code_words, group_words},
    },
    i18n::*,
    ids::GuestId,
    ui::I18n,
};
use leptos::prelude::*;

/// The part of a card that says what guests like him like too. It follows the line; nothing for roles that are not
/// told, and where nothing follows.
#[component]
pub fn Suggestions(guest: GuestId) -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let first = Resource::new(|| (), move |()| suggestions(guest));
    let newer = RwSignal::new(None::<Vec<Rule>>);
    let changed = Memo::new(move |before: Option<&u64>| match live.guest_changed.get() {
        Some((seq, other)) if other == guest => seq,
        _ => before.copied().unwrap_or(0),
    });
    refetch_when(
        move || (live.reset.get(), changed.get()),
        move || suggestions(guest),
        move |answer: Result<Vec<Rule>, AppError>| {
            if let Ok(rules) = answer {
                newer.set(Some(rules));
            }
        },
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                // What cannot be loaded leaves the rest of the card standing, which says why.
                let Ok(loaded) = first.await else { return ().into_any() };
                (move || part(i18n, &newer.get().unwrap_or_else(|| loaded.clone()))).into_any()
            })}
        </Transition>
    }
}

fn part(i18n: I18n, rules: &[Rule]) -> Option<AnyView> {
    if rules.is_empty() {
        return None;
    }
    let lines = rules.iter().map(|rule| line(i18n, rule)).collect_view();
    Some(
        view! {
            <section class="guest__part" aria-labelledby="guest-suggestions">
                <h3 id="guest-suggestions">{tu_string!(i18n, care.affinity.title)}</h3>
                <ul class="note-lines">{lines}</ul>
                <p class="muted">{tu_string!(i18n, care.affinity.how)}</p>
            </section>
        }
        .into_any(),
    )
}

/// "Drinks: jasmine tea", and under it why: of how many guests with the same liking how many like this too.
fn line(i18n: I18n, rule: &Rule) -> AnyView {
    let why = tu_string!(
        i18n,
        care.affinity.why,
        likes = item_words(i18n, &rule.likes),
        both = rule.with_both,
        among = rule.with_likes
    );
    let numbers = tu_string!(
        i18n,
        care.affinity.numbers,
        support = percent(rule.support()),
        confidence = percent(rule.confidence()),
        lift = format!("{:.1}", rule.lift())
    );
    view! {
        <li class="note-line">
            <p>{item_words(i18n, &rule.also)}</p>
            <p class="muted">{why} " " {numbers}</p>
        </li>
    }
    .into_any()
}

/// A share in whole percent; what is more than nothing is not said to be nothing.
fn percent(share: f64) -> String {
    let whole = (share * 100.0).round();
    if whole < 1.0 { "< 1".to_owned() } else { format!("{whole:.0}") }
}

/// "Drinks: jasmine tea."
fn item_words(i18n: I18n, item: &Item) -> String {
    let value =
        PreferenceCode::from_code(&item.value).map_or_else(|| item.value.clone(), |code| code_words(i18n, code));
    match PreferenceGroup::from_code(&item.group) {
        Some(group) => tu_string!(i18n, care.affinity.item, group = group_words(i18n, group), value = value),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_share_is_not_nothing() {
        let said = [0.666, 0.004, 0.006, 1.0].map(percent);
        assert_eq!(said, ["67", "< 1", "1", "100"]);
    }
}
