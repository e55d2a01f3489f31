//! Where the keyboard goes when what it stood on has been answered: to what comes next, never to the
//! beginning of the page.

use super::painted::heading_id;
use crate::ids::AlertId;
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// What can be used next on a ticket.
const CONTROLS: &str = ".ticket__answer button:not([disabled]), .ticket__answer summary";

/// The ticket that was answered last on this board, while the keyboard may have lost its place by it.
#[derive(Clone, Copy)]
pub struct Answered(StoredValue<Option<AlertId>>);

impl Answered {
    /// Nothing has been answered yet.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "the value is made for an owner; a default would hide that")]
    pub fn new() -> Self {
        Self(StoredValue::new(None))
    }

    /// Notes that a ticket is being answered here.
    pub fn here(self, id: AlertId) {
        self.0.set_value(Some(id));
    }

    fn is(self, id: AlertId) -> bool {
        self.0.try_get_value().flatten() == Some(id)
    }
}

/// After an answer that leaves the ticket on the board: the keyboard goes to what can be said next. `stage`
/// is what the ticket shows.
pub fn follow_answer<T: PartialEq + Send + Sync + 'static>(answered: Option<Answered>, id: AlertId, stage: Memo<T>) {
    Effect::new(move |before: Option<()>| {
        stage.track();
        let Some(answered) = answered.filter(|answered| before.is_some() && answered.is(id)) else { return };
        // What takes the place of what was tapped is there in the next frame.
        request_animation_frame(move || {
            if is_lost() && focus_ticket(id) {
                answered.0.try_update_value(|answered| *answered = None);
            }
        });
    });
}

/// After an answer that takes the ticket off the board: the keyboard goes to the one that takes its place,
/// or to the heading of the board.
pub fn follow_board(answered: Answered, waiting: Memo<Vec<AlertId>>, heading: NodeRef<html::H1>) {
    Effect::new(move |before: Option<Vec<AlertId>>| {
        let now = waiting.get();
        let gone = before.and_then(|before| before.iter().position(|id| answered.is(*id) && !now.contains(id)));
        if let Some(at) = gone {
            answered.0.set_value(None);
            let next = successor(&now, at);
            request_animation_frame(move || {
                if !is_lost() || next.is_some_and(focus_ticket) {
                    return;
                }
                if let Some(heading) = heading.try_get_untracked().flatten() {
                    // A focus that is refused leaves the keyboard where it is.
                    _ = heading.focus();
                }
            });
        }
        now
    });
}

/// The ticket that stands where another one stood, or the last one.
fn successor(now: &[AlertId], at: usize) -> Option<AlertId> {
    now.get(at).or(now.last()).copied()
}

/// Whether nothing has the focus: what had it is gone, or cannot be used.
fn is_lost() -> bool {
    document().active_element().is_none_or(|element| element.tag_name() == "BODY")
}

fn focus_ticket(id: AlertId) -> bool {
    let control = document()
        .get_element_by_id(&heading_id(id))
        .and_then(|heading| heading.closest(".ticket").ok().flatten())
        .and_then(|ticket| ticket.query_selector(CONTROLS).ok().flatten());
    control.is_some_and(focus)
}

/// Moves the focus to an element. Tells whether it is one that takes it.
pub fn focus(element: Element) -> bool {
    element.dyn_into::<HtmlElement>().is_ok_and(|element| element.focus().is_ok())
}

/// Whether the element would show the focus: it came there by keyboard, or the device has no touch screen in
/// the first place, on which a focused field would bring up a keyboard of its own.
pub fn is_for_keys(element: &Element) -> bool {
    let by_keyboard = element.matches(":focus-visible").unwrap_or(false);
    let by_touch = window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches());
    by_keyboard || !by_touch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_ticket_takes_the_place_of_the_one_that_is_gone() {
        let id = |id: u128| AlertId(ulid::Ulid(id));
        assert_eq!(successor(&[id(1), id(3)], 1), Some(id(3)));
        assert_eq!(successor(&[id(1), id(2)], 2), Some(id(2)), "the last one was answered");
        assert_eq!(successor(&[], 0), None);
    }
}
