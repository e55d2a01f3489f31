//! Words for people who do not see the screen change.

use leptos::prelude::*;

/// Speaks through the page's one polite live region. Provided as context by the application.
#[derive(Debug, Clone, Copy)]
pub struct Announcer(RwSignal<String>);

impl Default for Announcer {
    fn default() -> Self {
        Self(RwSignal::new(String::new()))
    }
}

impl Announcer {
    /// Has a screen reader say `text` once it is done with what it is saying.
    pub fn announce(self, text: impl Into<String>) {
        let mut text = text.into();
        self.0.update(|said| {
            // A region whose content does not change is not read again.
            if *said == text {
                text.push('\u{a0}');
            }
            *said = text;
        });
    }
}

/// Has a screen reader say `text`; does nothing outside of the application.
pub fn announce(text: impl Into<String>) {
    if let Some(announcer) = use_context::<Announcer>() {
        announcer.announce(text);
    }
}

/// The live region itself: once on each page, empty until there is something to say.
#[component]
pub fn LiveRegion() -> impl IntoView {
    let Announcer(said) = expect_context::<Announcer>();
    view! {
        <div class="visually-hidden" role="status" aria-live="polite">
            {move || said.get()}
        </div>
    }
}
