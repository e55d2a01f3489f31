//! Rhythms on the card, and the list of who is overdue.

use super::{Beat, OverdueLine, OverdueList, Rhythm, api::overdue_guests};
use crate::{
    alerts::ui::OutfitResource,
    guests::{
        card::GuestCard,
        ui::{names::name_parts, words::vip_words},
    },
    i18n::*,
    staff::Ability,
    stays::Presence,
    ui::{Empty, Failed, I18n, Loading, date},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// "Comes back after 363 days, give or take 2. Overdue since 20 April 2027." Nothing for roles that are not told, and
/// before there is a rhythm.
#[must_use]
pub fn on_card(i18n: I18n, card: &GuestCard) -> Option<String> {
    let counted = card.counted()?;
    let rhythm = counted.rhythm?;
    let usual = usual_words(i18n, &rhythm);
    // Whoever is here or comes today is not waited for.
    let beat = counted.beat.filter(|_| card.identity().presence == Presence::Elsewhere);
    let stands = match beat {
        Some(Beat::Overdue) => {
            tu_string!(i18n, care.rhythm.overdue_since, day = date::long_date(i18n, &rhythm.overdue.to_string()))
        }
        Some(Beat::Due) => {
            tu_string!(i18n, care.rhythm.due_since, day = date::long_date(i18n, &rhythm.due.to_string()))
        }
        Some(Beat::Away) => {
            tu_string!(i18n, care.rhythm.due_on, day = date::long_date(i18n, &rhythm.due.to_string()))
        }
        None => return Some(usual),
    };
    Some(tu_string!(i18n, care.rhythm.both, usual = usual, stands = stands))
}

/// "Comes back after 363 days, give or take 2 (4 visits)."
fn usual_words(i18n: I18n, rhythm: &Rhythm) -> String {
    let away = tu_string!(i18n, care.rhythm.days, count = rhythm.gap);
    tu_string!(i18n, care.rhythm.usual, days = away, spread = rhythm.spread, visits = rhythm.stays)
}

/// The way to the list, for those who may see it.
#[component]
pub fn OverdueLink(own: OutfitResource) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let may = own.await.is_some_and(|own| own.me.role.may(Ability::SeeRhythm));
                may.then(|| {
                    view! {
                        <p>
                            <a class="button" href="/rhythm">{tu_string!(i18n, care.rhythm.title)}</a>
                        </p>
                    }
                })
            })}
        </Suspense>
    }
}

/// The page `/rhythm`.
#[component]
pub fn RhythmPage() -> impl IntoView {
    let i18n = use_i18n();
    let list = Resource::new(|| (), |()| overdue_guests());
    view! {
        <Title text=tu_string!(i18n, care.rhythm.title)/>
        <div class="manage">
            <h1 class="page__title name">{tu_string!(i18n, care.rhythm.title)}</h1>
            <p class="lede">{tu_string!(i18n, care.rhythm.lede)}</p>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) if list.lines.is_empty() => {
                            view! {
                                <Empty
                                    title=tu_string!(i18n, care.rhythm.empty)
                                    text=tu_string!(i18n, care.rhythm.empty_text)
                                />
                            }
                                .into_any()
                        }
                        Ok(list) => lines(i18n, list),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

fn lines(i18n: I18n, list: OverdueList) -> AnyView {
    let OverdueList { today, lines, more } = list;
    let rows = lines
        .into_iter()
        .map(|line| {
            let OverdueLine { guest, name, language, vip, rhythm } = line;
            let late = u32::try_from((today - rhythm.due).num_days()).unwrap_or(0);
            let vip = vip_words(i18n, vip).map(|words| view! { <span class="badge badge--vip">{words}</span> });
            view! {
                <tr>
                    <th scope="row">
                        <a class="name row-link" href=format!("/guests/{guest}")>
                            {name.address()}
                        </a>
                        " "
                        <span class="name-line">{name_parts(i18n, &name, language)} {vip}</span>
                    </th>
                    <td>{usual_words(i18n, &rhythm)}</td>
                    <td class="table__time">{date::short_date(i18n, &rhythm.last.to_string())}</td>
                    <td class="table__time">{date::short_date(i18n, &rhythm.due.to_string())}</td>
                    <td class="table__number">{tu_string!(i18n, care.rhythm.days, count = late)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-frame" role="region" aria-label=tu_string!(i18n, care.rhythm.title) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, care.rhythm.guest)}</th>
                        <th scope="col">{tu_string!(i18n, care.rhythm.habit)}</th>
                        <th scope="col">{tu_string!(i18n, care.rhythm.last)}</th>
                        <th scope="col">{tu_string!(i18n, care.rhythm.due)}</th>
                        <th scope="col" class="table__number">
                            {tu_string!(i18n, care.rhythm.late)}
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {more.then(|| view! { <p class="note">{tu_string!(i18n, care.rhythm.more)}</p> })}
    }
    .into_any()
}
