//! Where a guest was last seen: a line in the lists, and on the card the way to say it by hand.

use crate::{
    alerts::live::{Live, refetch_when, use_live},
    error::{AppError, Refused},
    i18n::*,
    ids::GuestId,
    stays::{
        Seen,
        api::{ClearLocator, SetLocator, last_seen},
    },
    ui::{Attempt, Field, Folded, FormNote, I18n, announce_done, reset_when_done},
};
use leptos::{html, prelude::*};

/// What a place may have at most.
const LONGEST_PLACE: u32 = 60;

/// "Last seen: Restaurant, table 12, 19:42".
#[must_use]
pub fn seen_words(i18n: I18n, seen: &Seen) -> String {
    let place = match &seen.table {
        Some(table) => {
            tu_string!(i18n, alerts.locator.at_table, place = seen.place.clone(), table = table.clone())
        }
        None => seen.place.clone(),
    };
    tu_string!(i18n, alerts.locator.seen, place = place, time = seen.time.clone())
}

/// The words in a line of a list, as long as they are worth saying. They follow the line to the house.
#[component]
pub fn SeenLine(
    guest: GuestId,
    /// As the list was loaded.
    loaded: Option<Seen>,
) -> impl IntoView {
    let i18n = use_i18n();
    let seen = followed(use_live(), guest, loaded);
    move || seen.get().map(|seen| view! { <span class="line__seen">{seen_words(i18n, &seen)}</span> })
}

/// The part of a card that says where the guest is, and lets a colleague say so by hand.
#[component]
pub fn LocatorPanel(
    guest: GuestId,
    /// As the card was loaded.
    loaded: Option<Seen>,
    /// Names of stations to choose from.
    places: Vec<String>,
    /// A form about the guest that came back refused.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let seen = followed(live, guest, loaded);
    let (set, clear) = (ServerAction::<SetLocator>::new(), ServerAction::<ClearLocator>::new());
    let attempt = Attempt::of(set, refused.as_ref());
    let (tried, pending) = (attempt.outcome, set.pending());
    let undone = Attempt::of(clear, refused.as_ref()).outcome;
    let form = NodeRef::<html::Form>::new();
    reset_when_done(tried, form);
    announce_done(tried, tu_string!(i18n, alerts.locator.kept));
    announce_done(undone, tu_string!(i18n, alerts.locator.cleared));
    // The stream tells of it too, where the line stands.
    refetch_when(
        move || (live.reset.get(), set.version().get(), clear.version().get()),
        move || last_seen(guest),
        move |answer: Result<Option<Seen>, AppError>| {
            if let Ok(now) = answer {
                live.seen.update(|seen| {
                    seen.insert(guest, now);
                });
            }
        },
    );
    let places = places.into_iter().map(|place| view! { <option value=place></option> }).collect_view();
    view! {
        <section class="guest__part" aria-labelledby="guest-locator">
            <h3 id="guest-locator">{tu_string!(i18n, alerts.locator.title)}</h3>
            <div class="locator cluster">
                <p role="status">{move || seen.with(|seen| place(i18n, seen.as_ref()))}</p>
                {move || {
                    seen.with(Option::is_some)
                        .then(|| {
                            view! {
                                <ActionForm action=clear>
                                    <input type="hidden" name="guest" value=guest.to_string()/>
                                    <button class="button button--quiet" type="submit">
                                        {tu_string!(i18n, alerts.locator.clear)}
                                    </button>
                                </ActionForm>
                            }
                        })
                }}
                <Folded label=tu_string!(i18n, alerts.locator.say) outcome=tried>
                    <FormNote outcome=tried fields=&["place"]/>
                    <ActionForm action=set node_ref=form>
                        <input type="hidden" name="guest" value=guest.to_string()/>
                        <Field
                            label=tu_string!(i18n, alerts.locator.place)
                            name="place"
                            id="locator-place"
                            value=attempt.typed("place")
                            hint=tu_string!(i18n, alerts.locator.place_hint)
                            error=attempt.problem_in("place")
                            list="locator-places"
                            maxlength=LONGEST_PLACE
                            autocomplete="off"
                            required=true
                        />
                        <datalist id="locator-places">{places}</datalist>
                        <button class="button button--primary" type="submit" disabled=move || pending.get()>
                            {tu_string!(i18n, alerts.locator.keep)}
                        </button>
                    </ActionForm>
                </Folded>
            </div>
            <FormNote outcome=undone/>
        </section>
    }
}

/// The place, and who knows it.
fn place(i18n: I18n, seen: Option<&Seen>) -> AnyView {
    let Some(seen) = seen else {
        return view! { <span class="muted">{tu_string!(i18n, alerts.locator.unknown)}</span> }.into_any();
    };
    let by = if seen.by_hand {
        tu_string!(i18n, alerts.locator.said_by, name = seen.by.clone())
    } else {
        tu_string!(i18n, alerts.locator.told_by, name = seen.by.clone())
    };
    view! {
        <strong>{seen_words(i18n, seen)}</strong>
        " "
        <span class="muted">{by}</span>
    }
    .into_any()
}

fn followed(live: Live, guest: GuestId, loaded: Option<Seen>) -> Memo<Option<Seen>> {
    Memo::new(move |_| live.seen_of(guest, loaded.clone()))
}
