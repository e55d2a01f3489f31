//! What repeats itself: causes of complaints by month and place.

use super::{
    CAUSES, CareHeading,
    words::{cause_words, place_words, severity_words},
};
use crate::{
    i18n::*,
    requests::recovery::{
        api::causes,
        causes::{CauseRow, CauseTable},
    },
    ui::{Empty, Failed, Field, I18n, Loading, date, number},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The page `/recoveries/causes?first=&last=`.
#[component]
pub fn CausesPage() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let month = |name: &str| query.with(|query| query.get(name).unwrap_or_default());
        (month("first"), month("last"))
    });
    let table = Resource::new(move || asked.get(), |(first, last)| causes(first, last));
    view! {
        <div class="manage">
            <CareHeading
                title=tu_string!(i18n, care.causes.title)
                lede=tu_string!(i18n, care.causes.lede)
                current=Signal::stored(CAUSES)
            />
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match table.await {
                        Ok(table) => shown(i18n, table),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

fn shown(i18n: I18n, table: CauseTable) -> AnyView {
    let end = |month: Option<&String>| month.cloned().unwrap_or_default();
    let (first, last) = (end(table.months.first()), end(table.months.last()));
    let rows = if table.rows.is_empty() {
        view! { <Empty title=tu_string!(i18n, care.causes.empty) text=tu_string!(i18n, care.causes.empty_text)/> }
            .into_any()
    } else {
        counts(i18n, table)
    };
    view! {
        // A plain form: it leads to this page again.
        <form class="stack" method="get" action=CAUSES>
            <div class="fields fields--two">
                <Field label=tu_string!(i18n, care.causes.first) name="first" kind="month" value=first/>
                <Field label=tu_string!(i18n, care.causes.last) name="last" kind="month" value=last/>
            </div>
            <p>
                <button class="button" type="submit">
                    {tu_string!(i18n, care.causes.show)}
                </button>
            </p>
        </form>
        {rows}
    }
    .into_any()
}

fn counts(i18n: I18n, table: CauseTable) -> AnyView {
    let months = table
        .months
        .iter()
        .map(|month| {
            let name = date::month_year(i18n, &format!("{month}-01"));
            view! {
                <th scope="col" class="table__number">
                    {name}
                </th>
            }
        })
        .collect_view();
    let rows = table.rows.iter().map(|row| cause(i18n, row)).collect_view();
    view! {
        <div class="table-frame" role="region" aria-label=tu_string!(i18n, care.causes.title) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, care.causes.cause)}</th>
                        <th scope="col">{tu_string!(i18n, care.causes.gravest)}</th>
                        {months}
                        <th scope="col" class="table__number">
                            {tu_string!(i18n, care.causes.total)}
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn cause(i18n: I18n, row: &CauseRow) -> AnyView {
    let again = row.repeats().then(|| view! { <span class="badge">{tu_string!(i18n, care.causes.again)}</span> });
    let what = tu_string!(
        i18n,
        care.line.what_where,
        cause = cause_words(i18n, row.cause),
        place = place_words(i18n, row.place)
    );
    let counts = row
        .counts
        .iter()
        .map(|count| {
            let count = if *count == 0 { "–".to_owned() } else { number((*count).into()) };
            view! { <td class="table__number">{count}</td> }
        })
        .collect_view();
    view! {
        <tr>
            <th scope="row">{what} " " {again}</th>
            <td>{severity_words(i18n, row.gravest)}</td>
            {counts}
            <td class="table__number">{number(row.total().into())}</td>
        </tr>
    }
    .into_any()
}
