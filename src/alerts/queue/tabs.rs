//! Word between the tabs of a device about what it keeps: what one of them deletes, another must neither send nor
//! write back. Nothing here runs on the server.

use crate::{alerts::ui::fresh_id, ids::StaffId};
use leptos::prelude::*;
use std::cell::RefCell;

/// Under this name the browser holds what was said last.
const SAID: &str = "rapport.queue";

/// What a tab tells the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// What this colleague tapped is being deleted.
    Forget(StaffId),
    /// It could not be deleted, and they go on with it.
    GoOn(StaffId),
}

impl Word {
    /// As it is held. `number`: another one each time, because a browser tells of what has changed only.
    fn write(self, number: impl std::fmt::Display) -> String {
        match self {
            Self::Forget(staff) => format!("forget {staff} {number}"),
            Self::GoOn(staff) => format!("go-on {staff} {number}"),
        }
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let (what, staff) = (parts.next()?, parts.next()?.parse().ok()?);
        match what {
            "forget" => Some(Self::Forget(staff)),
            "go-on" => Some(Self::GoOn(staff)),
            _ => None,
        }
    }
}

/// Tells the other tabs.
pub(super) fn tell(word: Word) {
    if let Ok(Some(storage)) = window().local_storage() {
        // Full or forbidden: then they hear of it when the session is over.
        _ = storage.set_item(SAID, &word.write(fresh_id()));
    }
}

/// Calls `react` with what another tab says from now on, as long as the owner is there.
pub(super) fn hear(react: impl Fn(Word) + 'static) {
    let last = RefCell::new(said());
    let listener = window_event_listener_untyped("storage", move |_| {
        let now = said();
        let before = last.replace(now.clone());
        if now != before
            && let Some(word) = now.as_deref().and_then(Word::read)
        {
            react(word);
        }
    });
    on_cleanup(move || listener.remove());
}

fn said() -> Option<String> {
    window().local_storage().ok()??.get_item(SAID).ok()?
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn word_is_heard_as_it_was_said() {
        let staff = StaffId(Uuid::from_u128(7));
        for word in [Word::Forget(staff), Word::GoOn(staff)] {
            assert_eq!(Word::read(&word.write("01J")), Some(word));
            assert_ne!(word.write("01J"), word.write("01K"), "said twice, it is heard twice");
        }
        for text in ["", "forget", "forget somebody 01J", "leave 00000000-0000-0000-0000-000000000007 01J"] {
            assert_eq!(Word::read(text), None, "{text:?}");
        }
    }
}
