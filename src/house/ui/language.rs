//! The choice of a language.

use crate::{house::api::SetLanguage, i18n::*};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_location;

/// One button for each language, named in it. A plain form: the page is loaded anew, so that every
/// part of it is in the language chosen.
#[component]
pub fn LanguageSwitch() -> impl IntoView {
    let i18n = use_i18n();
    let location = use_location();
    let back = move || back_to(&location.pathname.get(), &location.search.get());
    let current = i18n.get_locale_untracked();
    let buttons = Locale::get_all()
        .iter()
        .copied()
        .map(|locale| {
            let is_current = if locale == current { "true" } else { "false" };
            view! {
                <button
                    class="languages__choice"
                    type="submit"
                    name="locale"
                    value=locale.as_str()
                    lang=locale.as_str()
                    aria-pressed=is_current
                >
                    {own_name(locale)}
                </button>
            }
        })
        .collect_view();
    view! {
        <form method="post" action=SetLanguage::url()>
            <input type="hidden" name="back" value=back/>
            <div class="languages" role="group" aria-label=tu_string!(i18n, house.language.label)>
                {buttons}
            </div>
        </form>
    }
}

/// What the language calls itself.
#[must_use]
pub fn own_name(locale: Locale) -> &'static str {
    match locale {
        Locale::en => "English",
        Locale::es => "Español",
        Locale::zh => "中文",
    }
}

/// The page to come back to, without the error of an attempt that is over.
fn back_to(path: &str, search: &str) -> String {
    if search.is_empty() || search.contains("__err=") { path.to_owned() } else { format!("{path}?{search}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_leads_back_to_the_page() {
        assert_eq!(back_to("/desk", ""), "/desk");
        assert_eq!(back_to("/desk", "list=arrivals"), "/desk?list=arrivals");
        assert_eq!(back_to("/sign-in", "__path=x&__err=y"), "/sign-in");
    }
}
