//! What the guest likes, needs and must not have, with how well each of it is known.

use super::{
    evidence::{badges, confirm, last_words, taps},
    words::{group_words, preference_words},
    write::{RemovePreferenceButton, Removing},
};
use crate::{
    guests::{
        FROM_BOOKING, Preference, PreferenceGroup,
        card::{GuestCard, Identity},
        evidence::{HonourScore, conflicts},
    },
    i18n::*,
    staff::{Ability, Role},
    stays::Presence,
    ui::{I18n, date},
};
use leptos::prelude::*;

/// For whom preferences are shown, and what they are worth on that day.
#[derive(Clone, Copy)]
struct Shown<'a> {
    i18n: I18n,
    identity: &'a Identity,
    role: Role,
    removing: Removing,
}

impl Shown<'_> {
    fn may_write(self) -> bool {
        self.role.may(Ability::WritePreferences)
    }

    /// How well a preference is known.
    fn badges(self, preference: &Preference) -> AnyView {
        badges(self.i18n, &preference.evidence, self.identity.today, self.identity.fade_days)
    }

    /// Who wrote it, and who said or saw it last.
    fn sources(self, preference: &Preference) -> String {
        let last = last_words(self.i18n, &preference.evidence);
        [Some(written_by(self.i18n, preference)), last].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// What can be said of it, and the way to take it away.
    fn actions(self, preference: &Preference, words: &str) -> Option<AnyView> {
        let in_house = self.identity.presence == Presence::InHouse;
        let noting = self.removing.noting();
        self.may_write().then(|| {
            view! {
                {taps(self.i18n, preference, words, in_house, noting)}
                {self.remove(preference, words)}
            }
            .into_any()
        })
    }

    fn remove(self, preference: &Preference, words: &str) -> AnyView {
        let (id, words, removing) = (preference.id, words.to_owned(), self.removing);
        view! { <RemovePreferenceButton id words removing/> }.into_any()
    }
}

/// What the guest must not be served, as bands with words. They are instructions however well they are known.
pub fn dietary(i18n: I18n, card: &GuestCard, role: Role, removing: Removing) -> Option<AnyView> {
    let preferences = card.dietary();
    if preferences.is_empty() {
        return None;
    }
    let shown = Shown { i18n, identity: card.identity(), role, removing };
    let bands = preferences
        .iter()
        .map(|preference| {
            let words = preference_words(i18n, &preference.value);
            view! {
                <li class="band band--dietary">
                    <span>{words.clone()}</span>
                    {shown.badges(preference)}
                    <span class="band__by">{shown.sources(preference)}</span>
                    {shown.actions(preference, &words)}
                </li>
            }
        })
        .collect_view();
    Some(
        view! {
            <section aria-labelledby="guest-dietary">
                <h3 class="visually-hidden" id="guest-dietary">{group_words(i18n, PreferenceGroup::Dietary)}</h3>
                <ul class="bands">{bands}</ul>
            </section>
        }
        .into_any(),
    )
}

/// What the guest likes, and how the stay goes for it. What is said not to hold stands together at the end.
pub fn wishes(i18n: I18n, card: &GuestCard, role: Role, removing: Removing) -> AnyView {
    let shown = Shown { i18n, identity: card.identity(), role, removing };
    let doubted: Vec<Preference> =
        card.dining().iter().chain(card.preferences()).filter(|known| is_doubted(known)).cloned().collect();
    let score = card.served().and_then(|served| served.score).filter(|score| score.honoured + score.missed > 0);
    view! {
        {preferences(shown, "guest-table", tu_string!(i18n, guests.card.table), card.dining())}
        {preferences(shown, "guest-wishes", tu_string!(i18n, guests.card.wishes), card.preferences())}
        {score.map(|score| score_line(i18n, score))}
        {doubts(shown, &doubted)}
    }
    .into_any()
}

fn is_doubted(preference: &Preference) -> bool {
    preference.evidence.contradicted.is_some()
}

/// Preferences under the headings of their groups. They come sorted by group.
fn preferences(shown: Shown<'_>, id: &'static str, title: &'static str, preferences: &[Preference]) -> Option<AnyView> {
    let i18n = shown.i18n;
    let held: Vec<Preference> = preferences.iter().filter(|known| !is_doubted(known)).cloned().collect();
    if held.is_empty() {
        return None;
    }
    let groups = held
        .chunk_by(|one, other| one.group == other.group)
        .map(|of_group| {
            let values = of_group.iter().map(|preference| value(shown, preference)).collect_view();
            let conflict = (!conflicts(of_group).is_empty())
                .then(|| view! { <dd class="evidence__conflict">{tu_string!(i18n, memory.evidence.conflict)}</dd> });
            view! {
                <div class="wishes__group">
                    <dt>{group_words(i18n, of_group[0].group)}</dt>
                    {values}
                    {conflict}
                </div>
            }
        })
        .collect_view();
    Some(
        view! {
            <section class="guest__part" aria-labelledby=id>
                <h3 id=id>{title}</h3>
                <dl class="wishes">{groups}</dl>
            </section>
        }
        .into_any(),
    )
}

fn value(shown: Shown<'_>, preference: &Preference) -> AnyView {
    let words = preference_words(shown.i18n, &preference.value);
    view! {
        <dd>
            <span>{words.clone()}</span>
            " "
            {shown.badges(preference)}
            <span class="muted">{shown.sources(preference)}</span>
            {shown.actions(preference, &words)}
        </dd>
    }
    .into_any()
}

/// What somebody says does not hold: to be asked, and nothing to act on.
fn doubts(shown: Shown<'_>, doubted: &[Preference]) -> Option<AnyView> {
    if doubted.is_empty() {
        return None;
    }
    let i18n = shown.i18n;
    let lines = doubted
        .iter()
        .map(|preference| {
            let words = preference_words(i18n, &preference.value);
            let noting = shown.removing.noting();
            let actions = shown.may_write().then(|| {
                view! {
                    <div class="evidence">{confirm(i18n, preference, &words, noting)}</div>
                    {shown.remove(preference, &words)}
                }
            });
            view! {
                <li class="doubted">
                    <span class="muted">{group_words(i18n, preference.group)}</span>
                    " "
                    <span>{words.clone()}</span>
                    " "
                    {shown.badges(preference)}
                    <span class="muted">{shown.sources(preference)}</span>
                    {actions}
                </li>
            }
        })
        .collect_view();
    Some(
        view! {
            <section class="guest__part" aria-labelledby="guest-doubted">
                <h3 id="guest-doubted">{tu_string!(i18n, memory.evidence.doubted)}</h3>
                <p class="muted">{tu_string!(i18n, memory.evidence.doubted_text)}</p>
                <ul>{lines}</ul>
            </section>
        }
        .into_any(),
    )
}

/// "In this stay: 5 known, 3 honoured, 1 missed."
fn score_line(i18n: I18n, score: HonourScore) -> AnyView {
    let HonourScore { known, honoured, missed } = score;
    let words = tu_string!(i18n, memory.evidence.score, known = known, honoured = honoured, missed = missed);
    view! { <p class="evidence__score">{words}</p> }.into_any()
}

/// "The guest said so, Anna, 3 Mar 2026", or "noticed by Anna, 3 Mar 2026".
fn written_by(i18n: I18n, preference: &Preference) -> String {
    let (by, on) = (preference.by.clone(), date::short_date(i18n, &preference.on));
    if preference.by == FROM_BOOKING {
        tu_string!(i18n, guests.card.booked, on = on)
    } else if preference.stated {
        tu_string!(i18n, guests.card.stated, by = by, on = on)
    } else {
        tu_string!(i18n, guests.card.noticed, by = by, on = on)
    }
}
