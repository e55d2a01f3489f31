//! The desk: search and the day's lists on the left, the guest's card on the right.

use super::{
    rows::{GuestRow, line_key},
    search::{Results, Search, SearchBox},
};
use crate::{
    alerts::{
        live::{refetch_when, use_live},
        ui::{OutfitResource, RefusedPost, outfit},
    },
    calls::ui::CallLink,
    error::AppError,
    guests::ui::GuestCardView,
    i18n::*,
    ids::GuestId,
    staff::{Ability, ui::use_refused},
    stays::{DayList, DayLists, api::day_lists},
    ui::{Empty, Failed, I18n, Loading},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, location::Url};

/// The page `/desk`.
#[component]
pub fn DeskPage() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let list = Memo::new(move |_| {
        query.with(|query| query.get_str("list").and_then(DayList::from_slug)).unwrap_or(DayList::Arrivals)
    });
    let guest =
        Memo::new(move |_| query.with(|query| query.get_str("guest").and_then(|id| id.parse::<GuestId>().ok())));
    let search = Search::of_page();
    let own = outfit();
    provide_context(own);
    let refused = use_refused();
    provide_context(refused);
    let link = Callback::new(move |guest: GuestId| desk_address(list.get(), &search.asked(), Some(guest)));
    view! {
        <Title text=tu_string!(i18n, guests.desk.title)/>
        <RefusedPost refused/>
        <div class=move || if guest.get().is_some() { "desk desk--open" } else { "desk" }>
            <h1 class="visually-hidden">{tu_string!(i18n, guests.desk.title)}</h1>
            <section class="desk__lists" aria-label=tu_string!(i18n, guests.desk.lists)>
                <SearchBox search action="/desk" autofocus=true>
                    <input type="hidden" name="list" value=move || list.get().slug()/>
                </SearchBox>
                {move || {
                    if search.is_on() {
                        view! { <Results search link selected=Some(guest)/> }.into_any()
                    } else {
                        view! { <DayPanel list=list.get() link selected=guest/> }.into_any()
                    }
                }}
                <NewGuestLink own/>
                <CallLink own/>
            </section>
            <section class="desk__card" aria-label=tu_string!(i18n, guests.desk.card)>
                {move || match guest.get() {
                    Some(guest) => {
                        view! {
                            <p class="desk__back">
                                <a class="button button--quiet" href=move || desk_address(list.get(), &search.asked(), None)>
                                    {tu_string!(i18n, guests.desk.back)}
                                </a>
                            </p>
                            <GuestCardView guest/>
                        }
                            .into_any()
                    }
                    None => {
                        view! {
                            <Empty
                                title=tu_string!(i18n, guests.desk.nobody_title)
                                text=tu_string!(i18n, guests.desk.nobody_text)
                            />
                        }
                            .into_any()
                    }
                }}
            </section>
        </div>
    }
}

/// The way to a new profile, for those who may make one.
#[component]
pub fn NewGuestLink(own: OutfitResource) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let may = own.await.is_some_and(|own| own.me.role.may(Ability::EditGuests));
                may.then(|| {
                    view! {
                        <p>
                            <a class="button" href="/guests/new">{tu_string!(i18n, guests.desk.new_guest)}</a>
                        </p>
                    }
                })
            })}
        </Suspense>
    }
}

/// One of the day's lists, under tabs with the counts of all three. It follows the line.
#[component]
fn DayPanel(list: DayList, link: Callback<GuestId, String>, selected: Memo<Option<GuestId>>) -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let first = Resource::new(|| (), move |()| day_lists(list));
    let newer = RwSignal::new(None::<DayLists>);
    refetch_when(
        move || (live.stays_changed.get(), live.guest_changed.get(), live.reset.get()),
        move || day_lists(list),
        move |answer: Result<DayLists, AppError>| {
            if let Ok(day) = answer {
                newer.set(Some(day));
            }
        },
    );
    view! {
        <Suspense fallback=|| view! { <Loading/> }>
            {move || Suspend::new(async move {
                let loaded = match first.await {
                    Ok(loaded) => loaded,
                    Err(error) => return view! { <Failed error/> }.into_any(),
                };
                let day = Memo::new(move |_| newer.get().unwrap_or_else(|| loaded.clone()));
                let empty = Memo::new(move |_| day.with(|day| day.lines.is_empty()));
                view! {
                    <nav class="tabs" aria-label=tu_string!(i18n, guests.desk.lists)>
                        <ul>
                            {DayList::ALL
                                .into_iter()
                                .enumerate()
                                .map(|(at, tab)| {
                                    view! {
                                        <li>
                                            <a
                                                class="tabs__tab"
                                                href=move || desk_address(tab, "", selected.get())
                                                aria-current=(tab == list).then_some("page")
                                            >
                                                {list_words(i18n, tab)}
                                                " "
                                                <span class="tabs__count">
                                                    {move || day.with(|day| day.counts[at])}
                                                </span>
                                            </a>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    </nav>
                    <ul class="lines">
                        <For each=move || day.with(|day| day.lines.clone()) key=line_key let:line>
                            <li>
                                <GuestRow line link selected=Some(selected)/>
                            </li>
                        </For>
                    </ul>
                    {move || {
                        empty
                            .get()
                            .then(|| {
                                view! {
                                    <Empty title=empty_words(i18n, list) text=tu_string!(i18n, guests.lists.empty_text)/>
                                }
                            })
                    }}
                }
                    .into_any()
            })}
        </Suspense>
    }
}

/// What a list is called.
fn list_words(i18n: I18n, list: DayList) -> &'static str {
    match list {
        DayList::Arrivals => tu_string!(i18n, guests.lists.arrivals),
        DayList::InHouse => tu_string!(i18n, guests.lists.in_house),
        DayList::DueOut => tu_string!(i18n, guests.lists.due_out),
    }
}

/// What to say of a list without lines.
fn empty_words(i18n: I18n, list: DayList) -> &'static str {
    match list {
        DayList::Arrivals => tu_string!(i18n, guests.lists.no_arrivals),
        DayList::InHouse => tu_string!(i18n, guests.lists.nobody_in_house),
        DayList::DueOut => tu_string!(i18n, guests.lists.nobody_due_out),
    }
}

/// The desk's address for a list, what is searched, and whose card is open.
fn desk_address(list: DayList, q: &str, guest: Option<GuestId>) -> String {
    let mut address = format!("/desk?list={}", list.slug());
    if !q.trim().is_empty() {
        address.push_str("&q=");
        address.push_str(&Url::escape(q));
    }
    if let Some(guest) = guest {
        address.push_str(&format!("&guest={guest}"));
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_is_on_the_screen() {
        let guest = GuestId(uuid::Uuid::nil());
        assert_eq!(desk_address(DayList::DueOut, " ", None), "/desk?list=due-out");
        assert_eq!(
            desk_address(DayList::InHouse, "zh&ng", Some(guest)),
            "/desk?list=in-house&q=zh%26ng&guest=00000000-0000-0000-0000-000000000000"
        );
    }
}
