//! One search box: it answers while one types, and without scripts when the form is sent.

use super::rows::GuestRow;
use crate::{
    error::AppError,
    guests::api,
    i18n::*,
    ids::GuestId,
    stays::GuestLine,
    ui::{Empty, Failed, Loading},
};
use leptos::{ev, html, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use std::time::Duration;
use wasm_bindgen::JsCast;

/// How long to wait after a key before asking, so that a name typed at once is one question.
const PAUSE: Duration = Duration::from_millis(120);

/// The guests of a list.
const LINE: &str = ".lines a.line";

/// The search of a page: what is typed, what was asked, and what was found.
#[derive(Clone, Copy)]
pub struct Search {
    /// What stands in the box; `None` while it is as the page came, so that what was typed before the
    /// page was live is not taken away.
    typed: RwSignal<Option<String>>,
    asked: RwSignal<String>,
    /// What was found, with what was asked.
    found: Resource<(String, Result<Vec<GuestLine>, AppError>)>,
    /// What the first guest is to be opened of, as soon as it has been found.
    opening: RwSignal<Option<String>>,
    on: Memo<bool>,
}

impl Search {
    /// Begins with the `q` of the page's address, and follows it.
    #[must_use]
    pub fn of_page() -> Self {
        let query = use_query_map();
        let q = Memo::new(move |_| query.with(|query| query.get("q").unwrap_or_default()));
        let typed = RwSignal::new(None);
        let asked = RwSignal::new(q.get_untracked());
        Effect::new(move |before: Option<String>| {
            let q = q.get();
            if before.is_some_and(|before| before != q) && asked.with_untracked(|asked| *asked != q) {
                typed.set(Some(q.clone()));
                asked.set(q.clone());
            }
            q
        });
        let found = Resource::new(
            move || asked.get(),
            |q| async move {
                let found = if q.trim().is_empty() { Ok(Vec::new()) } else { api::search(q.clone()).await };
                (q, found)
            },
        );
        let on = Memo::new(move |_| asked.with(|asked| !asked.trim().is_empty()));
        Self { typed, asked, found, opening: RwSignal::new(None), on }
    }

    /// Whether anything is asked at all.
    #[must_use]
    pub fn is_on(self) -> bool {
        self.on.get()
    }

    /// Asks at once what stands in the box.
    fn ask(self) {
        if let Some(typed) = self.typed.get_untracked() {
            self.asked.set(typed);
        }
    }

    /// Opens the first guest found, as soon as there is one.
    fn open_first(self) {
        self.ask();
        let asked = self.asked.get_untracked();
        self.opening.set((!asked.trim().is_empty()).then_some(asked));
    }

    /// What is asked, for addresses that keep it.
    #[must_use]
    pub fn asked(self) -> String {
        self.asked.get()
    }
}

/// The box itself. `/` from anywhere on the page puts the cursor there, Enter opens the first guest found,
/// and the arrow leads down into the list.
#[component]
pub fn SearchBox(
    search: Search,
    /// The page that answers where no scripts run.
    #[prop(into)]
    action: String,
    /// Whether the cursor stands in the box from the beginning.
    #[prop(optional)]
    autofocus: bool,
    /// Hidden fields that the page wants to keep.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let i18n = use_i18n();
    let field = NodeRef::<html::Input>::new();
    let mut ask = debounce(PAUSE, move |text: String| search.asked.set(text));
    Effect::new(move |_| {
        let Some(field) = field.get() else { return };
        // What was typed before the page was live is asked now.
        let already = field.value();
        if search.asked.with_untracked(|asked| *asked != already) {
            search.typed.set(Some(already.clone()));
            search.asked.set(already);
        }
        if autofocus {
            // A focus that is refused leaves the cursor where it is.
            _ = field.focus();
        }
    });
    Effect::new(move |_| {
        let listener = window_event_listener(ev::keydown, move |event| {
            if event.key() == "/"
                && !event.ctrl_key()
                && !event.meta_key()
                && !is_typing(&event)
                && let Some(field) = field.get_untracked()
            {
                event.prevent_default();
                _ = field.focus();
                field.select();
            }
        });
        on_cleanup(move || listener.remove());
    });
    view! {
        <form
            class="search"
            role="search"
            method="get"
            action=action
            on:submit=move |event| {
                event.prevent_default();
                search.ask();
            }
        >
            <label class="visually-hidden" for="q">{tu_string!(i18n, guests.search.label)}</label>
            <input
                id="q"
                class="search__field"
                type="search"
                name="q"
                autocomplete="off"
                spellcheck="false"
                placeholder=tu_string!(i18n, guests.search.hint)
                autofocus=autofocus
                value=search.asked.get_untracked()
                prop:value=move || search.typed.get()
                node_ref=field
                on:input=move |event| {
                    let text = event_target_value(&event);
                    search.typed.set(Some(text.clone()));
                    search.opening.set(None);
                    ask(text);
                }
                on:keydown=move |event| {
                    if event.key() == "ArrowDown" && focus_first_line() {
                        event.prevent_default();
                    }
                    // An Enter that ends the composing of a character is not meant for the search.
                    if event.key() == "Enter" && !event.is_composing() {
                        search.open_first();
                    }
                }
            />
            {children.map(|children| children())}
            <button class="button" type="submit">{tu_string!(i18n, guests.search.submit)}</button>
        </form>
    }
}

/// Whether a key was meant for a field.
fn is_typing(event: &web_sys::KeyboardEvent) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Moves the focus to the first guest of the list. Tells whether there is one.
fn focus_first_line() -> bool {
    document().query_selector(LINE).ok().flatten().is_some_and(focus)
}

/// Moves the focus from one guest of a list to the next or the one before. Tells whether there is one.
fn focus_neighbour(event: &web_sys::KeyboardEvent) -> bool {
    let line = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|element| element.closest("li").ok().flatten());
    let neighbour = match event.key().as_str() {
        "ArrowDown" => line.and_then(|line| line.next_element_sibling()),
        "ArrowUp" => line.and_then(|line| line.previous_element_sibling()),
        _ => None,
    };
    neighbour.and_then(|item| item.query_selector("a.line").ok().flatten()).is_some_and(focus)
}

fn focus(element: web_sys::Element) -> bool {
    element.dyn_into::<web_sys::HtmlElement>().is_ok_and(|element| element.focus().is_ok())
}

/// What was found, guests in house and due in first.
#[component]
pub fn Results(
    search: Search,
    /// Where a line leads.
    link: Callback<GuestId, String>,
    #[prop(optional_no_strip)] selected: Option<Memo<Option<GuestId>>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let navigate = use_navigate();
    Effect::new(move |_| {
        let Some(wanted) = search.opening.get() else { return };
        let first = match search.found.get() {
            Some((asked, Ok(lines))) if asked == wanted => lines.first().map(|line| line.guest),
            _ => None,
        };
        if let Some(first) = first {
            search.opening.set(None);
            navigate(&link.run(first), NavigateOptions::default());
        }
    });
    view! {
        <section
            aria-label=tu_string!(i18n, guests.search.results)
            on:keydown=move |event| {
                if focus_neighbour(&event) {
                    event.prevent_default();
                }
            }
        >
            <Transition fallback=|| view! { <Loading/> }>
                {move || Suspend::new(async move {
                    match search.found.await.1 {
                        Ok(lines) if lines.is_empty() => {
                            view! {
                                <Empty
                                    title=tu_string!(i18n, guests.search.nobody_title)
                                    text=tu_string!(i18n, guests.search.nobody_text)
                                />
                            }
                                .into_any()
                        }
                        Ok(lines) => {
                            let rows = lines
                                .into_iter()
                                .map(|line| view! { <li><GuestRow line link selected with_presence=true/></li> })
                                .collect_view();
                            view! { <ul class="lines">{rows}</ul> }.into_any()
                        }
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}
