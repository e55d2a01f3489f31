//! What came of a campaign: letters, and whether those who got one came back more often than the others.

use super::{CampaignHead, of_address, words::occurrence_words};
use crate::{
    campaigns::{
        OccurrenceState,
        outbox_api::campaign_results,
        results::{Interval, Month, RETURN_DAYS, Results, Share},
    },
    i18n::*,
    ids::CampaignId,
    ui::{Bar, BarChart, Empty, Failed, I18n, Loading, date, number},
};
use leptos::prelude::*;

/// The page `/campaigns/:id/results`.
#[component]
pub fn ResultsPage() -> impl IntoView {
    of_address(|id| view! { <ResultsOf id/> }.into_any())
}

#[component]
fn ResultsOf(id: CampaignId) -> impl IntoView {
    let i18n = use_i18n();
    let results = Resource::new(|| (), move |()| campaign_results(id));
    view! {
        <div class="manage">
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match results.await {
                        Ok(results) => shown(i18n, &results),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

fn shown(i18n: I18n, results: &Results) -> AnyView {
    let campaign = &results.campaign;
    let body = if results.counts.is_empty() {
        view! {
            <Empty
                title=tu_string!(i18n, campaigns.results.empty)
                text=tu_string!(i18n, campaigns.results.empty_text)
            />
        }
        .into_any()
    } else {
        view! {
            {letters(i18n, results)}
            {links(i18n, results)}
            {returned(i18n, results)}
            {months(i18n, &results.months)}
        }
        .into_any()
    };
    view! {
        <CampaignHead
            id=campaign.id
            name=campaign.name.clone()
            kind=campaign.kind
            state=campaign.state
            page=tu_string!(i18n, campaigns.results.title)
        />
        {body}
    }
    .into_any()
}

/// How many letters stand where, and what became of those that left.
fn letters(i18n: I18n, results: &Results) -> AnyView {
    let figure = |words: &'static str, count: u32| {
        view! {
            <div class="figure">
                <dt>{words}</dt>
                <dd>{number(count.into())}</dd>
            </div>
        }
    };
    let still =
        [OccurrenceState::Planned, OccurrenceState::Awaiting, OccurrenceState::Claimed, OccurrenceState::Sending];
    let main = [
        figure(tu_string!(i18n, campaigns.results.planned), results.count(&still)),
        figure(tu_string!(i18n, campaigns.results.held), results.count(&[OccurrenceState::Held])),
        figure(tu_string!(i18n, campaigns.results.sent), results.sent.of),
        figure(tu_string!(i18n, campaigns.results.bounced), results.bounced),
        figure(tu_string!(i18n, campaigns.results.complained), results.complained),
        figure(tu_string!(i18n, campaigns.results.unsubscribed), results.unsubscribed),
        figure(tu_string!(i18n, campaigns.results.returned), results.sent.count),
    ];
    let clicked = results.clicked.map(|count| figure(tu_string!(i18n, campaigns.results.clicked), count));
    let others = results
        .counts
        .iter()
        .filter(|(state, _)| !still.contains(state) && !matches!(state, OccurrenceState::Held | OccurrenceState::Sent))
        .map(|(state, count)| {
            view! { <li>{occurrence_words(i18n, *state)} ": " {number(u64::from(*count))}</li> }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="results-letters">
            <h2 class="panel__title" id="results-letters">{tu_string!(i18n, campaigns.results.letters)}</h2>
            <dl class="figures">{main} {clicked}</dl>
            <ul class="results__others muted">{others}</ul>
        </section>
    }
    .into_any()
}

/// Which links were followed, where that is counted.
fn links(i18n: I18n, results: &Results) -> Option<AnyView> {
    results.clicked?;
    let rows = results
        .links
        .iter()
        .map(|link| {
            view! {
                <tr>
                    <th scope="row" class="results__link">{link.address.clone()}</th>
                    <td class="table__number">{number(link.letters.into())}</td>
                </tr>
            }
        })
        .collect_view();
    let table = (!results.links.is_empty()).then(|| {
        view! {
            <div class="table-frame" role="group" aria-labelledby="results-links" tabindex="0">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">{tu_string!(i18n, campaigns.results.link)}</th>
                            <th class="table__number" scope="col">{tu_string!(i18n, campaigns.results.letters)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    Some(
        view! {
            <section class="panel" aria-labelledby="results-links">
                <h2 class="panel__title" id="results-links">{tu_string!(i18n, campaigns.results.links)}</h2>
                <p class="muted">{tu_string!(i18n, campaigns.results.links_text)}</p>
                {table}
            </section>
        }
        .into_any(),
    )
}

/// Whether the letters brought anybody back, as far as that can be told.
fn returned(i18n: I18n, results: &Results) -> AnyView {
    let (sent, control, undecided) = (results.sent, results.control, results.undecided);
    let difference = sent.less(control);
    let sentence = match difference {
        None if control.of == 0 => tu_string!(i18n, campaigns.results.no_control).to_owned(),
        None => tu_string!(i18n, campaigns.results.too_early).to_owned(),
        Some(difference) => {
            let (low, high) = (points(difference.low), points(difference.high));
            let value = points(difference.value);
            if difference.low > 0.0 {
                tu_string!(i18n, campaigns.results.more, value = value, low = low, high = high)
            } else if difference.high < 0.0 {
                tu_string!(i18n, campaigns.results.fewer, value = value, low = low, high = high)
            } else {
                tu_string!(i18n, campaigns.results.undecided, value = value, low = low, high = high)
            }
        }
    };
    let waiting = (undecided > 0).then(|| {
        let words = tu_string!(i18n, campaigns.results.waiting, count = undecided);
        view! { <p class="muted">{words}</p> }
    });
    let groups = [
        (tu_string!(i18n, campaigns.results.written_to), sent),
        (tu_string!(i18n, campaigns.results.kept_back), control),
    ];
    let rows = groups
        .iter()
        .map(|(words, share)| {
            let interval = share.interval();
            let limits = interval.map_or_else(|| "–".to_owned(), |interval| limits(i18n, interval));
            let value = interval.map_or_else(|| "–".to_owned(), |interval| percent(interval.value));
            view! {
                <tr>
                    <th scope="row">{*words}</th>
                    <td class="table__number">{number(share.of.into())}</td>
                    <td class="table__number">{number(share.count.into())}</td>
                    <td class="table__number">{value}</td>
                    <td class="table__number">{limits}</td>
                </tr>
            }
        })
        .collect_view();
    let chart = (sent.of > 0 && control.of > 0).then(|| shares_chart(i18n, &groups));
    view! {
        <section class="panel" aria-labelledby="results-returned">
            <h2 class="panel__title" id="results-returned">{tu_string!(i18n, campaigns.results.returned_title)}</h2>
            <p>{tu_string!(i18n, campaigns.results.returned_text, days = RETURN_DAYS)}</p>
            <p class="results__sentence">{sentence}</p>
            {waiting}
            {chart}
            <div class="table-frame" role="group" aria-labelledby="results-returned" tabindex="0">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">{tu_string!(i18n, campaigns.results.group)}</th>
                            <th class="table__number" scope="col">{tu_string!(i18n, campaigns.results.guests)}</th>
                            <th class="table__number" scope="col">{tu_string!(i18n, campaigns.results.returned)}</th>
                            <th class="table__number" scope="col">{tu_string!(i18n, campaigns.results.share)}</th>
                            <th class="table__number" scope="col">{tu_string!(i18n, campaigns.results.interval)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="field__hint">{tu_string!(i18n, campaigns.results.method)}</p>
        </section>
    }
    .into_any()
}

/// The chart's own units.
const BREADTH: f64 = 1_000.0;
const ROW: f64 = 60.0;

/// The two shares as points with their intervals, one below the other.
fn shares_chart(i18n: I18n, groups: &[(&'static str, Share); 2]) -> AnyView {
    let intervals: Vec<Interval> = groups.iter().filter_map(|(_, share)| share.interval()).collect();
    // To the next tenth, so that small shares are not crowded at the edge.
    let most = intervals.iter().map(|interval| interval.high).fold(0.0, f64::max);
    let most = ((most * 10.0).ceil() / 10.0).clamp(0.1, 1.0);
    let x = |share: f64| format!("{:.1}", share / most * BREADTH);
    let marks = intervals
        .iter()
        .zip([ROW / 2.0, ROW * 1.5])
        .map(|(interval, y)| {
            let y = format!("{y:.1}");
            view! {
                <line class="shares__line" x1=x(interval.low) x2=x(interval.high) y1=y.clone() y2=y.clone()></line>
                <circle class="shares__point" cx=x(interval.value) cy=y r="12"></circle>
            }
        })
        .collect_view();
    let told: Vec<String> = groups
        .iter()
        .filter_map(|(words, share)| Some(format!("{words}: {}", limits(i18n, share.interval()?))))
        .collect();
    let names = groups.iter().map(|(words, _)| view! { <span>{*words}</span> }).collect_view();
    view! {
        <figure class="chart shares">
            <div class="shares__names" aria-hidden="true">{names}</div>
            <svg
                class="shares__plot"
                viewBox=format!("-20 0 {} {}", BREADTH + 40.0, ROW * 2.0)
                role="img"
                aria-label=tu_string!(i18n, campaigns.results.chart, groups = told.join("; "))
            >
                {marks}
            </svg>
            <div class="chart__axis shares__axis" aria-hidden="true">
                <span>{percent(0.0)}</span>
                <span>{percent(most)}</span>
            </div>
            <figcaption class="muted">{tu_string!(i18n, campaigns.results.legend)}</figcaption>
        </figure>
    }
    .into_any()
}

/// Letters by the month in which they left, those that came back hollow.
fn months(i18n: I18n, months: &[Month]) -> Option<AnyView> {
    if months.is_empty() {
        return None;
    }
    let bars: Vec<Bar> = months.iter().map(|month| Bar { whole: month.sent, hollow: month.bounced }).collect();
    let most = bars.iter().map(|bar| bar.whole).max().unwrap_or(0);
    let name = |month: Option<&Month>| {
        month.map(|month| date::month_year(i18n, &format!("{}-01", month.month))).unwrap_or_default()
    };
    let (first, last) = (name(months.first()), name(months.last()));
    let label = tu_string!(
        i18n,
        campaigns.results.months_chart,
        first = first.clone(),
        last = last.clone(),
        most = number(most.into())
    );
    let rows = months
        .iter()
        .rev()
        .map(|month| {
            view! {
                <tr>
                    <th scope="row">{name(Some(month))}</th>
                    <td class="table__number">{number(month.sent.into())}</td>
                    <td class="table__number">{number(month.bounced.into())}</td>
                    <td class="table__number">{number(month.unsubscribed.into())}</td>
                    <td class="table__number">{number(month.returned.into())}</td>
                </tr>
            }
        })
        .collect_view();
    Some(
        view! {
            <section class="panel" aria-labelledby="results-months">
                <h2 class="panel__title" id="results-months">{tu_string!(i18n, campaigns.results.months)}</h2>
                <BarChart bars label first last legend=tu_string!(i18n, campaigns.results.months_legend)/>
                <div class="table-frame" role="group" aria-labelledby="results-months" tabindex="0">
                    <table class="table">
                        <thead>
                            <tr>
                                <th scope="col">{tu_string!(i18n, campaigns.results.month)}</th>
                                <th class="table__number" scope="col">{tu_string!(i18n, campaigns.results.sent)}</th>
                                <th class="table__number" scope="col">{tu_string!(i18n, campaigns.results.bounced)}</th>
                                <th class="table__number" scope="col">
                                    {tu_string!(i18n, campaigns.results.unsubscribed)}
                                </th>
                                <th class="table__number" scope="col">{tu_string!(i18n, campaigns.results.returned)}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        }
        .into_any(),
    )
}

/// "12.3 %", with the space that keeps the two together.
fn percent(share: f64) -> String {
    format!("{:.1}\u{a0}%", share * 100.0)
}

/// A difference of shares in percentage points, always with its sign.
fn points(difference: f64) -> String {
    let rounded = (difference * 1_000.0).round() / 10.0;
    let sign = if rounded < 0.0 { "\u{2212}" } else { "+" };
    format!("{sign}{:.1}", rounded.abs())
}

fn limits(i18n: I18n, interval: Interval) -> String {
    tu_string!(i18n, campaigns.results.limits, low = percent(interval.low), high = percent(interval.high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_have_their_sign() {
        assert_eq!(points(0.0524), "+5.2");
        assert_eq!(points(-0.0381), "\u{2212}3.8");
        assert_eq!(points(-0.0001), "+0.0", "nothing is not less than nothing");
    }

    #[test]
    fn shares_are_said_in_percent() {
        assert_eq!(percent(0.30798), "30.8\u{a0}%");
        assert_eq!(percent(0.0), "0.0\u{a0}%");
    }
}
