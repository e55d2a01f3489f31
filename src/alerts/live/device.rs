//! One device stands at one station, in however many tabs it is used: where one of them has moved to, the
//! others stand too, and nothing that was typed in them is lost. Only in the browser.

use super::{Live, refetch::refetch_when};
use crate::{
    error::AppError,
    i18n::*,
    ids::StationId,
    staff::{Me, api::who_am_i, ui::Session},
    ui::Announcer,
};
use leptos::prelude::*;
use leptos_router::{hooks::use_location, location::Location};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlTextAreaElement};

/// Under this name the tabs of a browser tell each other where their device stands; empty for nowhere.
const STATION: &str = "rapport.station";

/// The part of a page in which there is something to type.
const MAIN: &str = "main";

/// What stands for a table on a board, which another station's board does not have.
const TABLE: &str = "seat__table";

/// Tells the other tabs of this device where it stands, and follows it to where one of them says. A page in
/// which nothing is typed is loaded anew; in another one only what stands around it changes, and the page after
/// it is loaded anew.
pub(super) fn follow_device(live: Live, session: Session) {
    let i18n = use_i18n();
    let announcer = use_context::<Announcer>();
    let here = Memo::new(move |_| live.me(session).map(|me| station_of(&me)));
    Effect::new(move |_| {
        if let Some(here) = here.get() {
            tell(here);
        }
    });
    let moved = RwSignal::new(0_u32);
    Effect::new(move |_| {
        let listener = window_event_listener_untyped("storage", move |_| {
            let Some(Some(here)) = here.try_get_untracked() else { return };
            if told().is_none_or(|there| there == here) {
                return;
            }
            if is_anything_typed() {
                moved.update(|count| *count += 1);
            } else {
                load_anew();
            }
        });
        on_cleanup(move || listener.remove());
    });
    refetch_when(
        move || moved.get(),
        who_am_i,
        move |answer: Result<Option<Me>, AppError>| {
            let Ok(Some(me)) = answer else { return };
            if let Some((announcer, station)) = announcer.zip(me.station.as_ref()) {
                announcer.announce(tu_string!(i18n, alerts.tablet.moved, station = station.name.clone()));
            }
            live.moved.set(Some(me));
        },
    );
    let Location { pathname, search, .. } = use_location();
    Effect::new(move |before: Option<String>| {
        let path = pathname.get();
        // What was typed has been left behind.
        if before.is_some_and(|before| before != path) && live.moved.with_untracked(Option::is_some) {
            // By its address: the browser's own is still that of the page before.
            _ = window().location().set_href(&address(&path, &search.get_untracked()));
        }
        path
    });
}

fn station_of(me: &Me) -> Option<StationId> {
    me.station.as_ref().map(|station| station.id)
}

fn address(path: &str, search: &str) -> String {
    if search.is_empty() { path.to_owned() } else { format!("{path}?{}", search.trim_start_matches('?')) }
}

fn load_anew() {
    // If the browser refuses, the page goes on at the old station until it is left.
    _ = window().location().reload();
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Where another tab says that the device stands; `None` where none has said it.
fn told() -> Option<Option<StationId>> {
    let said = storage()?.get_item(STATION).ok()??;
    if said.is_empty() { Some(None) } else { said.parse().ok().map(Some) }
}

fn tell(here: Option<StationId>) {
    if told() == Some(here) {
        return;
    }
    if let Some(storage) = storage() {
        // Full or forbidden: then the other tabs find out when they are loaded anew.
        _ = storage.set_item(STATION, &here.map(|here| here.to_string()).unwrap_or_default());
    }
}

/// Whether a field of the page holds something else than what it came with.
fn is_anything_typed() -> bool {
    let Some(main) = document().get_element_by_id(MAIN) else { return false };
    let is_typed = |field: Element| field.dyn_into::<HtmlInputElement>().is_ok_and(|field| is_typed(&field));
    let is_written = |field: Element| field.dyn_into::<HtmlTextAreaElement>().is_ok_and(|field| is_written(&field));
    fields(&main, "input").into_iter().any(is_typed)
        || fields(&main, "textarea").into_iter().any(is_written)
        || fields(&main, "select").iter().any(is_chosen)
}

fn fields(main: &Element, name: &str) -> Vec<Element> {
    let found = main.get_elements_by_tag_name(name);
    (0..found.length()).filter_map(|at| found.item(at)).collect()
}

fn is_typed(field: &HtmlInputElement) -> bool {
    match field.type_().as_str() {
        "hidden" | "submit" | "button" => false,
        "checkbox" | "radio" => field.checked() != field.default_checked(),
        "file" => !field.value().is_empty(),
        _ => field.class_name() != TABLE && field.value() != field.default_value(),
    }
}

fn is_written(field: &HtmlTextAreaElement) -> bool {
    field.default_value().is_ok_and(|before| before != field.value())
}

/// Whether another choice was made than the one that the page came with, or than the first.
fn is_chosen(select: &Element) -> bool {
    let find = |selector: &str| select.query_selector(selector).ok().flatten();
    let Some(chosen) = find("option:checked") else { return false };
    let first = find("option:default").or_else(|| find("option"));
    first.is_some_and(|first| !chosen.is_same_node(Some(&first)))
}
