//! Going elsewhere instead of showing something.

use leptos::prelude::*;
use leptos_router::components::Redirect;

/// A view that shows nothing and leads to `path`: a real redirect while the server renders, a
/// navigation in the browser.
#[allow(clippy::unit_arg, reason = "the redirect is a component that renders nothing, which is `()`")]
pub fn redirect_to(path: String) -> AnyView {
    view! { <Redirect path/> }.into_any()
}
