//! How a device makes itself noticed: the count on its tab, the screen that stays on, the notification
//! while nobody looks. What there is to notice is decided by [`rules`].

mod badge;
mod notify;
mod rules;
mod wake;

pub use badge::{Waiting, show_count};
pub use notify::{allow_notifications, clear_notifications, is_out_of_sight, notify};
pub use rules::{Call, Here, Known, title_with};
pub use wake::{keep_screen_on, let_screen_rest};

use leptos::prelude::*;

/// What this device does to be noticed; one for the whole page. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Tablet {
    /// Whether the device is on shift.
    pub on_shift: RwSignal<bool>,
    /// Whether it has been allowed to ring without a shift, for what is shown on every page.
    pub rings: RwSignal<bool>,
    /// Whether its sound can be heard. A browser keeps a page silent until somebody has touched it, and
    /// the system may silence it at any time.
    pub heard: RwSignal<bool>,
    /// Whether its screen is kept on; `None` until that has been asked for.
    pub awake: RwSignal<Option<bool>>,
}

impl Tablet {
    /// Off shift and silent; nothing has been allowed yet.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "signals are made for an owner; a default would hide that")]
    pub fn new() -> Self {
        Self {
            on_shift: RwSignal::new(false),
            rings: RwSignal::new(false),
            heard: RwSignal::new(false),
            awake: RwSignal::new(None),
        }
    }
}

/// The page's [`Tablet`], or one of its own where no provider stands above.
#[must_use]
pub fn use_tablet() -> Tablet {
    use_context::<Tablet>().unwrap_or_else(Tablet::new)
}
