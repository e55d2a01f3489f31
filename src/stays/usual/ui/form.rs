//! The form in which it is written down what a guest had at an outlet.

use super::count_edits;
use crate::{
    error::Refused,
    i18n::*,
    ids::{GuestId, StationId},
    stays::usual::{MAX_ITEM, MAX_SEAT, MOST_ITEMS, UsualLine, api::WriteUsual},
    ui::{Attempt, Field, FormNote, Outcome, TextArea, announce_done},
};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

/// The fields that show their own problems.
const FIELDS: &[&str] = &["seat", "dishes", "drinks"];

/// The form for one outlet, folded away. It is made from the usual as it was when somebody unfolded it: a colleague's
/// change does not replace what is being typed, and is not replaced unseen.
#[component]
pub(super) fn UsualForm(
    guest: GuestId,
    station: StationId,
    /// As the card knows it.
    line: Memo<Option<UsualLine>>,
    write: ServerAction<WriteUsual>,
    edits: RwSignal<u32>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let at = station.to_string();
    // What was typed about another outlet does not belong here.
    let refused = refused.filter(|refused| refused.typed_in("station") == Some(at.as_str()));
    let attempt = Attempt::of(write, refused.as_ref());
    let (sent, pending) = (attempt.outcome, write.pending());
    announce_done(sent, tu_string!(i18n, memory.usual.kept));
    count_edits(sent, edits);
    let details = NodeRef::<html::Details>::new();
    let from = RwSignal::new(line.get_untracked());
    let is_open = move || details.get_untracked().is_some_and(|details| details.has_attribute("open"));
    let begin_anew = move || {
        let newest = line.get_untracked();
        if from.with_untracked(|from| revision_of(from.as_ref())) != revision_of(newest.as_ref()) {
            from.set(newest);
        }
    };
    fold_when_kept(sent, details);
    Effect::new(move |_| {
        line.track();
        sent.track();
        if !is_open() {
            begin_anew();
        }
    });
    let label = move || {
        if line.with(Option::is_some) {
            tu_string!(i18n, memory.usual.change)
        } else {
            tu_string!(i18n, memory.usual.write)
        }
    };
    let fields = move || {
        let attempt = attempt.clone();
        let now = from.get();
        let revision = revision_of(now.as_ref());
        let (seat, dishes, drinks) = now.map_or_else(Default::default, |line| {
            (line.seat.unwrap_or_default(), line.dishes.join("\n"), line.drinks.join("\n"))
        });
        view! {
            <ActionForm action=write>
                <input type="hidden" name="guest" value=guest.to_string()/>
                <input type="hidden" name="station" value=station.to_string()/>
                <input type="hidden" name="revision" value=revision.to_string()/>
                <Field
                    label=tu_string!(i18n, memory.usual.seat)
                    name="seat"
                    id=format!("usual-seat-{station}")
                    value=attempt.typed_or("seat", seat)
                    error=attempt.problem_in("seat")
                    maxlength=MAX_SEAT
                    autocomplete="off"
                />
                <TextArea
                    label=tu_string!(i18n, memory.usual.drinks)
                    name="drinks"
                    id=format!("usual-drinks-{station}")
                    value=attempt.typed_or("drinks", drinks)
                    hint=tu_string!(i18n, memory.usual.items_hint)
                    error=attempt.problem_in("drinks")
                    maxlength=MOST_TYPED
                    autocomplete="off"
                    rows=2
                />
                <TextArea
                    label=tu_string!(i18n, memory.usual.dishes)
                    name="dishes"
                    id=format!("usual-dishes-{station}")
                    value=attempt.typed_or("dishes", dishes)
                    hint=tu_string!(i18n, memory.usual.items_hint)
                    error=attempt.problem_in("dishes")
                    maxlength=MOST_TYPED
                    autocomplete="off"
                    rows=2
                />
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, memory.usual.keep)}
                </button>
            </ActionForm>
        }
    };
    // A form that comes back refused comes back open.
    let open = sent.with_untracked(|sent| matches!(sent, Some(Err(_))));
    view! {
        <details
            class="write"
            open=open
            node_ref=details
            on:toggle=move |_| {
                if !is_open() {
                    begin_anew();
                }
            }
        >
            <summary class="button button--quiet">{label}</summary>
            <div class="write__sheet stack">
                <FormNote outcome=sent fields=FIELDS/>
                {fields}
            </div>
        </details>
    }
}

/// Most characters of a list: as many as its lines may have.
const MOST_TYPED: u32 = (MAX_ITEM + 2) * MOST_ITEMS as u32;

/// Nothing that was written down has a number.
fn revision_of(line: Option<&UsualLine>) -> i64 {
    line.map_or(0, |line| line.revision)
}

/// Folds the form away each time that it has been kept, so that what is known now is what one sees.
fn fold_when_kept(sent: Outcome, details: NodeRef<html::Details>) {
    Effect::new(move |watched: Option<()>| {
        let is_kept = sent.with(|sent| matches!(sent, Some(Ok(()))));
        if watched.is_some()
            && is_kept
            && let Some(details) = details.get_untracked()
        {
            _ = details.remove_attribute("open");
            // The button that was tapped is not there any more.
            if let Ok(Some(summary)) = details.query_selector("summary") {
                _ = summary.dyn_into::<web_sys::HtmlElement>().map(|summary| summary.focus());
            }
        }
    });
}
