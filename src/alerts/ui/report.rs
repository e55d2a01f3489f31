//! How alerts were answered: by station and day, with a chart of the days.

use crate::{
    alerts::reports::{AnswerReport, DayFigures, Figures, SPANS, StationFigures, USUAL_SPAN, api::alert_report},
    house::ui::ManageHeading,
    i18n::*,
    ui::{Bar, BarChart, Empty, Failed, I18n, Loading, date::short_date, number},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The figures of the last days; the page's address says how many.
#[component]
pub fn AlertReportPage() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let days = Memo::new(move |_| {
        let asked = query.with(|query| query.get_str("days").and_then(|days| days.parse::<u32>().ok()));
        asked.filter(|days| SPANS.contains(days)).unwrap_or(USUAL_SPAN)
    });
    let report = Resource::new(move || days.get(), alert_report);
    view! {
        <div class="manage">
            <ManageHeading title=tu_string!(i18n, alerts.report.title) lede=tu_string!(i18n, alerts.report.lede)/>
            <Spans days/>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match report.await {
                        Ok(report) if report.total.count == 0 => {
                            view! {
                                <Empty
                                    title=tu_string!(i18n, alerts.report.empty)
                                    text=tu_string!(i18n, alerts.report.empty_text)
                                />
                            }
                                .into_any()
                        }
                        Ok(report) => view! { <Report report/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// The way to the other spans.
#[component]
fn Spans(days: Memo<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let links = SPANS
        .into_iter()
        .map(|span| {
            let is_shown = move || (days.get() == span).then_some("page");
            view! {
                <li>
                    <a href=format!("/manage/alerts?days={span}") aria-current=is_shown>
                        {tu_string!(i18n, alerts.report.days, count = span)}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="subnav" aria-label=tu_string!(i18n, alerts.report.span)>
            <ul>{links}</ul>
        </nav>
    }
}

#[component]
fn Report(report: AnswerReport) -> impl IntoView {
    let i18n = use_i18n();
    let AnswerReport { days, stations, total } = report;
    view! {
        <section class="panel">
            <h2 class="panel__title">{tu_string!(i18n, alerts.report.by_station)}</h2>
            <p>{total_sentence(i18n, total)}</p>
            <StationTable stations/>
        </section>
        <section class="panel">
            <h2 class="panel__title">{tu_string!(i18n, alerts.report.by_day)}</h2>
            {chart(i18n, &days, total)}
            <DayTable days/>
        </section>
    }
}

fn total_sentence(i18n: I18n, total: Figures) -> String {
    let Figures { count, median, p95, unanswered } = total;
    match (median, p95) {
        (Some(median), Some(p95)) => tu_string!(
            i18n,
            alerts.report.total,
            alerts = number(count.into()),
            median = wait_words(i18n, median),
            p95 = wait_words(i18n, p95),
            unanswered = number(unanswered.into())
        ),
        _ => tu_string!(
            i18n,
            alerts.report.total_unread,
            alerts = number(count.into()),
            unanswered = number(unanswered.into())
        ),
    }
}

/// The days from left to right, the unanswered alerts hollow.
fn chart(i18n: I18n, days: &[DayFigures], total: Figures) -> AnyView {
    let bars: Vec<Bar> =
        days.iter().rev().map(|day| Bar { whole: day.total.count, hollow: day.total.unanswered }).collect();
    let most = bars.iter().map(|bar| bar.whole).max().unwrap_or(0);
    let date = |day: Option<&DayFigures>| day.map(|day| short_date(i18n, &day.day)).unwrap_or_default();
    let (first, last) = (date(days.last()), date(days.first()));
    let label = tu_string!(
        i18n,
        alerts.report.chart,
        first = first.clone(),
        last = last.clone(),
        most = number(most.into()),
        unanswered = number(total.unanswered.into())
    );
    view! {
        <BarChart
            bars
            label
            first
            last
            legend=tu_string!(i18n, alerts.report.legend, most = number(most.into()))
        />
    }
    .into_any()
}

#[component]
fn StationTable(stations: Vec<StationFigures>) -> impl IntoView {
    let i18n = use_i18n();
    let rows = stations
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <th class="name" scope="row">
                        {row.name}
                    </th>
                    {cells(i18n, row.figures)}
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-frame" role="region" aria-label=tu_string!(i18n, alerts.report.by_station) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, alerts.report.station)}</th>
                        {heads(i18n)}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// Every day with an alert, newest first, and under it its stations.
#[component]
fn DayTable(days: Vec<DayFigures>) -> impl IntoView {
    let i18n = use_i18n();
    let groups = days
        .into_iter()
        .filter(|day| day.total.count > 0)
        .map(|day| {
            let height = day.stations.len();
            let mut head = Some(view! {
                <th class="table__time" scope="rowgroup" rowspan=height.to_string()>
                    <time datetime=day.day.clone()>{short_date(i18n, &day.day)}</time>
                </th>
            });
            let rows = day
                .stations
                .into_iter()
                .map(|row| {
                    view! {
                        <tr>
                            {head.take()}
                            <td>{row.name}</td>
                            {cells(i18n, row.figures)}
                        </tr>
                    }
                })
                .collect_view();
            view! { <tbody>{rows}</tbody> }
        })
        .collect_view();
    view! {
        <div class="table-frame" role="region" aria-label=tu_string!(i18n, alerts.report.by_day) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, alerts.report.day)}</th>
                        <th scope="col">{tu_string!(i18n, alerts.report.station)}</th>
                        {heads(i18n)}
                    </tr>
                </thead>
                {groups}
            </table>
        </div>
    }
}

fn heads(i18n: I18n) -> impl IntoView {
    view! {
        <th class="table__number" scope="col">
            {tu_string!(i18n, alerts.report.count)}
        </th>
        <th class="table__number" scope="col">
            {tu_string!(i18n, alerts.report.median)}
        </th>
        <th class="table__number" scope="col">
            {tu_string!(i18n, alerts.report.p95)}
        </th>
        <th class="table__number" scope="col">
            {tu_string!(i18n, alerts.report.unanswered)}
        </th>
    }
}

fn cells(i18n: I18n, figures: Figures) -> impl IntoView {
    let wait = |wait: Option<u64>| wait.map_or_else(|| "–".to_owned(), |wait| wait_words(i18n, wait));
    view! {
        <td class="table__number">{number(figures.count.into())}</td>
        <td class="table__number">{wait(figures.median)}</td>
        <td class="table__number">{wait(figures.p95)}</td>
        <td class="table__number">{number(figures.unanswered.into())}</td>
    }
}

/// How long something took: "8 s", "1 min 05 s", "1 h 20 min". Begun seconds count.
#[must_use]
pub fn wait_words(i18n: I18n, millis: u64) -> String {
    match Wait::of(millis) {
        Wait::Seconds(seconds) => tu_string!(i18n, alerts.age.seconds, seconds = seconds),
        Wait::Minutes(minutes, seconds) => {
            tu_string!(i18n, alerts.report.minutes, minutes = minutes, seconds = format!("{seconds:02}"))
        }
        Wait::Hours(hours, minutes) => {
            tu_string!(i18n, alerts.age.hours, hours = hours, minutes = format!("{minutes:02}"))
        }
    }
}

/// A span in the units in which a person would say it.
#[derive(Debug, PartialEq, Eq)]
enum Wait {
    Seconds(u64),
    Minutes(u64, u64),
    Hours(u64, u64),
}

impl Wait {
    fn of(millis: u64) -> Self {
        match millis.div_ceil(1_000) {
            seconds @ ..60 => Self::Seconds(seconds),
            seconds @ 60..3_600 => Self::Minutes(seconds / 60, seconds % 60),
            seconds => Self::Hours(seconds / 3_600, seconds / 60 % 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_the_units_of_people() {
        for (millis, wait) in [
            (0, Wait::Seconds(0)),
            (1, Wait::Seconds(1)),
            (59_000, Wait::Seconds(59)),
            (59_001, Wait::Minutes(1, 0)),
            (65_000, Wait::Minutes(1, 5)),
            (4_800_000, Wait::Hours(1, 20)),
        ] {
            assert_eq!(Wait::of(millis), wait, "{millis}");
        }
    }
}
