//! The floor: tonight's guests by floor and room, to be held in one hand.

use super::{
    rows::{GuestRow, line_key},
    search::{Results, Search, SearchBox},
};
use crate::{
    alerts::{
        live::{refetch_when, use_live},
        ui::{OutfitResource, Post, QuickRaise, RefusedPost, outfit},
    },
    error::AppError,
    i18n::*,
    ids::GuestId,
    staff::ui::use_refused,
    stays::{DayList, DayLists, GuestLine, api::day_lists},
    ui::{Empty, Failed, I18n, Loading},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The page `/floor`.
#[component]
pub fn FloorPage() -> impl IntoView {
    let i18n = use_i18n();
    let search = Search::of_page();
    let own = outfit();
    let refused = use_refused();
    let link = Callback::new(|guest: GuestId| format!("/guests/{guest}"));
    view! {
        <Title text=tu_string!(i18n, guests.floor.title)/>
        <RefusedPost refused/>
        <div class="floor">
            <h1 class="name">{tu_string!(i18n, guests.floor.title)}</h1>
            <SearchBox search action="/floor"/>
            {move || {
                if search.is_on() {
                    view! { <Results search link selected=None/> }.into_any()
                } else {
                    view! { <Rooms own link/> }.into_any()
                }
            }}
        </div>
    }
}

/// Everyone in house, by floor and room, each with the way to send word. It follows the line.
#[component]
fn Rooms(own: OutfitResource, link: Callback<GuestId, String>) -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let first = Resource::new(|| (), |()| day_lists(DayList::InHouse));
    let newer = RwSignal::new(None::<DayLists>);
    refetch_when(
        move || (live.stays_changed.get(), live.guest_changed.get(), live.reset.get()),
        || day_lists(DayList::InHouse),
        move |answer: Result<DayLists, AppError>| {
            if let Ok(day) = answer {
                newer.set(Some(day));
            }
        },
    );
    view! {
        <Suspense fallback=|| view! { <Loading/> }>
            {move || Suspend::new(async move {
                let (loaded, own) = (first.await, own.await);
                let loaded = match loaded {
                    Ok(day) => day.lines,
                    Err(error) => return view! { <Failed error/> }.into_any(),
                };
                let post = own.and_then(|own| Post::new(live, &own));
                let floors = Memo::new(move |_| {
                    by_floor(newer.get().map_or_else(|| loaded.clone(), |day| day.lines))
                });
                let labels = move || floors.with(|floors| floors.iter().map(|floor| floor.label.clone()).collect::<Vec<_>>());
                view! {
                    <For
                        each=labels
                        key=|label| label.clone()
                        children=move |label| floor_section(i18n, label, floors, post.clone(), link)
                    />
                    {move || {
                        floors
                            .with(Vec::is_empty)
                            .then(|| {
                                view! {
                                    <Empty
                                        title=tu_string!(i18n, guests.lists.nobody_in_house)
                                        text=tu_string!(i18n, guests.lists.empty_text)
                                    />
                                }
                            })
                    }}
                }
                    .into_any()
            })}
        </Suspense>
    }
}

/// One floor with its guests.
fn floor_section(
    i18n: I18n,
    label: Option<String>,
    floors: Memo<Vec<Floor>>,
    post: Option<Post>,
    link: Callback<GuestId, String>,
) -> AnyView {
    let heading = match &label {
        Some(floor) => tu_string!(i18n, guests.floor.heading, floor = floor.clone()),
        None => tu_string!(i18n, guests.floor.no_room).to_owned(),
    };
    let id = format!("floor-{}", label.as_deref().unwrap_or("none"));
    let heading_id = id.clone();
    let lines = move || {
        floors.with(|floors| {
            floors.iter().find(|floor| floor.label == label).map(|floor| floor.lines.clone()).unwrap_or_default()
        })
    };
    view! {
        <section class="floor__part" aria-labelledby=id>
            <h2 class="floor__heading" id=heading_id>{heading}</h2>
            <ul class="lines">
                <For
                    each=lines
                    key=line_key
                    children=move |line: GuestLine| {
                        let guest = line.guest;
                        let raise = post.clone().map(|post| view! { <QuickRaise post guest/> });
                        view! {
                            <li class="floor__row">
                                <GuestRow line link selected=None/>
                                {raise}
                            </li>
                        }
                    }
                />
            </ul>
        </section>
    }
    .into_any()
}

/// The guests of one floor, by room.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Floor {
    /// `None` for guests without a room.
    label: Option<String>,
    lines: Vec<GuestLine>,
}

/// Groups by floor, and orders floors and rooms as they are numbered. Guests without a room come last.
fn by_floor(mut lines: Vec<GuestLine>) -> Vec<Floor> {
    lines.sort_by_cached_key(|line| (numbered(line.floor.as_deref()), numbered(line.room.as_deref())));
    let mut floors: Vec<Floor> = Vec::new();
    for line in lines {
        match floors.last_mut() {
            Some(floor) if floor.label == line.floor => floor.lines.push(line),
            _ => floors.push(Floor { label: line.floor.clone(), lines: vec![line] }),
        }
    }
    floors
}

/// A key that orders "2" before "11", names after numbers, and what is missing last.
fn numbered(text: Option<&str>) -> (u64, String) {
    match text {
        Some(text) => (text.trim().parse().unwrap_or(u64::MAX - 1), text.to_owned()),
        None => (u64::MAX, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{guests::GuestName, stays::Presence, stays::floor_of};

    fn line(room: Option<&str>) -> GuestLine {
        GuestLine {
            guest: GuestId(uuid::Uuid::nil()),
            name: GuestName::default(),
            language: None,
            vip: 0,
            room: room.map(str::to_owned),
            floor: room.and_then(floor_of),
            dates: None,
            presence: Presence::InHouse,
            one_thing: None,
            seen: None,
        }
    }

    #[test]
    fn floors_and_rooms_stand_in_the_order_of_their_numbers() {
        let rooms = [Some("1102"), None, Some("204"), Some("1101"), Some("Villa 7"), Some("201")];
        let floors = by_floor(rooms.map(line).to_vec());
        let shown: Vec<_> = floors
            .iter()
            .map(|floor| {
                (floor.label.as_deref(), floor.lines.iter().map(|line| line.room.as_deref()).collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(
            shown,
            [
                (Some("2"), vec![Some("201"), Some("204")]),
                (Some("11"), vec![Some("1101"), Some("1102")]),
                (Some("Villa"), vec![Some("Villa 7")]),
                (None, vec![None]),
            ]
        );
    }
}
