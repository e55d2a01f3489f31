//! The coming sixty days by campaign, and who is greeted on one of them.

use super::{CampaignsHeading, StateBadge, preflight::person_cells, words::kind_words};
use crate::{
    campaigns::{
        api::show_calendar,
        pages::{self, Column, DayPeople},
    },
    i18n::*,
    ids::CampaignId,
    ui::{
        Empty, Failed, I18n, Loading,
        date::{long_date, short_date},
        number,
    },
};
use chrono::{Datelike, NaiveDate, Weekday};
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, location::Url};

/// The page `/campaigns/calendar`.
#[component]
pub fn CalendarPage() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    // The day, the campaign, and where the list of names goes on.
    let asked = Memo::new(move |_| query.with(|query| (query.get("day"), query.get("campaign"), query.get("after"))));
    let page = Resource::new(move || asked.get(), |(day, campaign, after)| show_calendar(day, campaign, after));
    view! {
        <div class="campaigns campaigns--wide">
            <CampaignsHeading
                title=tu_string!(i18n, campaigns.calendar.title)
                lede=tu_string!(i18n, campaigns.calendar.lede)
            />
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(page) if page.campaigns.is_empty() => {
                            view! {
                                <Empty
                                    title=tu_string!(i18n, campaigns.calendar.empty)
                                    text=tu_string!(i18n, campaigns.calendar.empty_text)
                                />
                            }
                                .into_any()
                        }
                        Ok(page) => view! { <Sheet page/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Sheet(page: pages::CalendarPage) -> impl IntoView {
    let i18n = use_i18n();
    let pages::CalendarPage { today, campaigns, days, shown } = page;
    let at_least = campaigns.iter().any(|column| column.at_least);
    let heads = campaigns
        .iter()
        .map(|column| {
            view! {
                <th scope="col" class="table__number">
                    <a class="name row-link" href=format!("/campaigns/{}", column.id)>
                        {column.name.clone()}
                    </a>
                    <span class="calendar__kind">{kind_words(i18n, column.kind)} " " <StateBadge state=column.state/></span>
                </th>
            }
        })
        .collect_view();
    let chosen = shown.as_ref().map(|shown| shown.date.clone());
    let rows = days
        .into_iter()
        .map(|day| {
            let cells = campaigns
                .iter()
                .zip(&day.counts)
                .map(|(column, count)| {
                    let count = (*count > 0).then(|| {
                        let what = tu_string!(
                            i18n,
                            campaigns.calendar.of_day,
                            day = long_date(i18n, &day.date),
                            campaign = column.name.clone()
                        );
                        view! {
                            <a class="row-link" href=day_address(&day.date, Some(column.id))>
                                {number(u64::from(*count))}
                                <span class="visually-hidden">" " {what}</span>
                            </a>
                        }
                    });
                    view! { <td class="table__number">{count}</td> }
                })
                .collect_view();
            let total: u32 = day.counts.iter().sum();
            let mut class = "calendar__day".to_owned();
            if is_monday(&day.date) {
                class.push_str(" calendar__day--monday");
            }
            if total == 0 {
                class.push_str(" calendar__day--empty");
            }
            let current = (chosen.as_deref() == Some(day.date.as_str())).then_some("true");
            let text = day_words(i18n, &day.date, &today);
            let head = if total > 0 {
                view! {
                    <a class="row-link" href=day_address(&day.date, None) aria-current=current>
                        {text}
                    </a>
                }
                .into_any()
            } else {
                view! { <span>{text}</span> }.into_any()
            };
            view! {
                <tr class=class>
                    <th scope="row" class="table__time">
                        {head}
                    </th>
                    {cells}
                    <td class="table__number calendar__total">{(total > 0).then(|| number(u64::from(total)))}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        {shown.map(|shown| view! { <Names shown campaigns=campaigns.clone()/> })}
        {at_least.then(|| view! { <p class="note">{tu_string!(i18n, campaigns.calendar.at_least)}</p> })}
        <div class="table-frame" role="region" aria-label=tu_string!(i18n, campaigns.calendar.title) tabindex="0">
            <table class="table calendar">
                <caption class="visually-hidden">{tu_string!(i18n, campaigns.calendar.caption)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, campaigns.calendar.day)}</th>
                        {heads}
                        <th scope="col" class="table__number">
                            {tu_string!(i18n, campaigns.calendar.total)}
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// Who is greeted on the day that was asked for.
#[component]
fn Names(shown: DayPeople, campaigns: Vec<Column>) -> impl IntoView {
    let i18n = use_i18n();
    let DayPeople { date, campaign, people, next } = shown;
    let title = tu_string!(i18n, campaigns.calendar.names_of, day = long_date(i18n, &date));
    let more = next.map(|after| format!("{}&after={}", day_page(&date, campaign), Url::escape(&after)));
    let is_empty = people.is_empty();
    let rows = people
        .into_iter()
        .map(|(of, person)| {
            let name = campaigns.iter().find(|column| column.id == of).map(|column| column.name.clone());
            view! {
                <tr>
                    {person_cells(i18n, person)}
                    <td>
                        <a class="row-link" href=format!("/campaigns/{of}")>
                            {name}
                        </a>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section id="names" class="people">
            <div class="panel__head">
                <h2 class="section-title name">{title.clone()}</h2>
                <a class="button button--quiet" href="/campaigns/calendar">
                    {tu_string!(i18n, common.close)}
                </a>
            </div>
            {is_empty.then(|| view! { <p class="muted">{tu_string!(i18n, campaigns.calendar.nobody)}</p> })}
            {(!is_empty)
                .then(|| {
                    view! {
                        <div class="table-frame" role="region" aria-label=title tabindex="0">
                            <table class="table">
                                <thead>
                                    <tr>
                                        <th scope="col">{tu_string!(i18n, campaigns.preflight.guest)}</th>
                                        <th scope="col">{tu_string!(i18n, campaigns.preflight.day)}</th>
                                        <th scope="col">{tu_string!(i18n, campaigns.preflight.language)}</th>
                                        <th scope="col">{tu_string!(i18n, campaigns.preflight.what)}</th>
                                        <th scope="col">{tu_string!(i18n, campaigns.calendar.campaign)}</th>
                                    </tr>
                                </thead>
                                <tbody>{rows}</tbody>
                            </table>
                        </div>
                    }
                })}
            {more
                .map(|href| {
                    view! {
                        <p>
                            <a class="button" href=href>
                                {tu_string!(i18n, campaigns.preflight.more)}
                            </a>
                        </p>
                    }
                })}
        </section>
    }
}

fn day_page(date: &str, campaign: Option<CampaignId>) -> String {
    let campaign = campaign.map(|id| format!("&campaign={id}")).unwrap_or_default();
    format!("/campaigns/calendar?day={date}{campaign}")
}

fn day_address(date: &str, campaign: Option<CampaignId>) -> String {
    format!("{}#names", day_page(date, campaign))
}

/// "Today", or "Mon 3 March 2026".
fn day_words(i18n: I18n, date: &str, today: &str) -> String {
    if date == today {
        return tu_string!(i18n, campaigns.calendar.today).to_owned();
    }
    let Ok(day) = date.parse::<NaiveDate>() else { return date.to_owned() };
    let weekday = match day.weekday() {
        Weekday::Mon => tu_string!(i18n, campaigns.calendar.monday),
        Weekday::Tue => tu_string!(i18n, campaigns.calendar.tuesday),
        Weekday::Wed => tu_string!(i18n, campaigns.calendar.wednesday),
        Weekday::Thu => tu_string!(i18n, campaigns.calendar.thursday),
        Weekday::Fri => tu_string!(i18n, campaigns.calendar.friday),
        Weekday::Sat => tu_string!(i18n, campaigns.calendar.saturday),
        Weekday::Sun => tu_string!(i18n, campaigns.calendar.sunday),
    };
    tu_string!(i18n, campaigns.calendar.weekday, weekday = weekday, day = short_date(i18n, date))
}

fn is_monday(date: &str) -> bool {
    date.parse::<NaiveDate>().is_ok_and(|day| day.weekday() == Weekday::Mon)
}
