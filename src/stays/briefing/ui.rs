//! The arrivals of a day with what there is to do for each, and the sheet about one of them.

mod sheet;
mod words;

use super::{Arrival, BriefingList, api::briefings};
use crate::{
    guests::ui::{
        names::name_parts,
        words::{stay_words, vip_words},
    },
    i18n::*,
    requests::recovery::ui::cue_words,
    ui::{Empty, Failed, Field, I18n, Loading, date},
};
use chrono::{Days, NaiveDate};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
pub use sheet::BriefingPage;

/// The page `/briefings?day=`; without a day so many days ahead as the house briefs.
#[component]
pub fn BriefingsPage() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let day = Memo::new(move |_| query.with(|query| query.get("day").unwrap_or_default()));
    let list = Resource::new(move || day.get(), briefings);
    view! {
        <Title text=tu_string!(i18n, visits.briefing.title)/>
        <div class="manage briefings">
            <h1 class="page__title name">{tu_string!(i18n, visits.briefing.title)}</h1>
            <p class="lede">{tu_string!(i18n, visits.briefing.lede)}</p>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) => shown(i18n, &list),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

fn shown(i18n: I18n, list: &BriefingList) -> AnyView {
    let BriefingList { today, day, arrivals } = list;
    let when = if day == today {
        tu_string!(i18n, visits.briefing.today).to_owned()
    } else {
        date::long_date(i18n, &day.to_string())
    };
    let rows = if arrivals.is_empty() {
        view! { <Empty title=tu_string!(i18n, visits.briefing.empty) text=tu_string!(i18n, visits.briefing.empty_text)/> }
            .into_any()
    } else {
        let rows = arrivals.iter().map(|arrival| row(i18n, arrival)).collect_view();
        view! { <ul class="arrivals">{rows}</ul> }.into_any()
    };
    view! {
        // A plain form: it leads to this page again.
        <form class="inline-form briefings__day" method="get" action="/briefings">
            {way(i18n, day.checked_sub_days(Days::new(1)), tu_string!(i18n, visits.briefing.earlier))}
            <Field label=tu_string!(i18n, visits.briefing.day) name="day" kind="date" value=day.to_string()/>
            <button class="button" type="submit">
                {tu_string!(i18n, visits.briefing.show)}
            </button>
            {way(i18n, day.checked_add_days(Days::new(1)), tu_string!(i18n, visits.briefing.later))}
        </form>
        <h2 class="section-title">{when}</h2>
        {rows}
    }
    .into_any()
}

/// The way to another day.
fn way(i18n: I18n, day: Option<NaiveDate>, words: &'static str) -> Option<AnyView> {
    let day = day?.to_string();
    let label = tu_string!(i18n, visits.briefing.way, words = words, day = date::long_date(i18n, &day));
    Some(
        view! {
            <a class="button button--quiet" href=format!("/briefings?day={day}") aria-label=label>
                {words}
            </a>
        }
        .into_any(),
    )
}

fn row(i18n: I18n, arrival: &Arrival) -> AnyView {
    let Arrival { line, stay_number, cue, traces, questions } = arrival;
    let marks = [
        line.room.clone().map(|room| ("badge badge--room", tu_string!(i18n, guests.card.room, room = room))),
        vip_words(i18n, line.vip).map(|words| ("badge badge--vip", words)),
        stay_number.map(|number| ("badge", stay_words(i18n, number))),
        (*traces > 0).then(|| ("badge", tu_string!(i18n, visits.briefing.traces, count = *traces))),
        (*questions > 0).then(|| ("badge", tu_string!(i18n, visits.briefing.questions, count = *questions))),
    ];
    let marks = marks.into_iter().flatten().map(|(class, words)| view! { <li class=class>{words}</li> }).collect_view();
    let cue = cue.as_ref().map(|cue| view! { <p class="band band--complaint">{cue_words(i18n, cue)}</p> });
    view! {
        <li class="arrival">
            <p class="name-line">
                <a class="name arrival__name row-link" href=format!("/briefings/{}", line.guest)>
                    {line.name.address()}
                </a>
                " "
                {name_parts(i18n, &line.name, line.language.clone())}
            </p>
            <ul class="cluster">{marks}</ul>
            {cue}
        </li>
    }
    .into_any()
}
