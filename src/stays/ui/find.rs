//! The search alone, for those whose work does not follow the day's lists.

use super::{
    desk::NewGuestLink,
    search::{Results, Search, SearchBox},
};
use crate::{alerts::ui::outfit, guests::rhythm::ui::OverdueLink, i18n::*, ids::GuestId, ui::Empty};
use leptos::prelude::*;
use leptos_meta::Title;

/// The page `/guests`.
#[component]
pub fn GuestsPage() -> impl IntoView {
    let i18n = use_i18n();
    let search = Search::of_page();
    let own = outfit();
    let link = Callback::new(|guest: GuestId| format!("/guests/{guest}"));
    view! {
        <Title text=tu_string!(i18n, guests.find.title)/>
        <div class="find">
            <h1 class="name">{tu_string!(i18n, guests.find.title)}</h1>
            <SearchBox search action="/guests" autofocus=true/>
            {move || {
                if search.is_on() {
                    view! { <Results search link selected=None/> }.into_any()
                } else {
                    view! {
                        <Empty
                            title=tu_string!(i18n, guests.find.empty_title)
                            text=tu_string!(i18n, guests.find.empty_text)
                        />
                    }
                        .into_any()
                }
            }}
            <NewGuestLink own/>
            <OverdueLink own/>
        </div>
    }
}
