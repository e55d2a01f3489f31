//! The people around a guest: on the card, and on the page on which they are written down.

mod forms;
mod lists;
mod part;
mod words;

pub use part::people_part;
pub use words::{child_words, field_words, occasion_words, relation_words};

use super::{
    PeoplePage,
    api::{ChangeParty, LeaveParty, RemoveChild, RemoveOccasion, TravelTogether, Unrelate, people_around},
};
use crate::{
    alerts::live::{refetch_when, use_live},
    error::{AppError, Refused},
    guests::ui::names::name_parts,
    i18n::*,
    ids::GuestId,
    staff::ui::{RefusedForm, use_refused},
    stays::ui::{Results, Search, SearchBox},
    ui::{Attempt, Failed, FormNote, I18n, Loading, Outcome, announce_done, outcome},
};
use forms::{ChildForm, OccasionForm, PartyForm, RelateForm, TravelForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use lists::{children, days, people, travellers};

/// The page `/guests/:id/people`. `with` in its address is who was chosen to be related to the guest; `q` is what is
/// searched for.
#[component]
pub fn PeopleAroundPage() -> impl IntoView {
    let i18n = use_i18n();
    let (params, query) = (use_params_map(), use_query_map());
    let guest =
        Memo::new(move |_| params.with(|params| params.get_str("id").and_then(|id| id.parse::<GuestId>().ok())));
    let other = Memo::new(move |_| query.with(|query| query.get_str("with").and_then(|id| id.parse::<GuestId>().ok())));
    let refused = use_refused();
    let search = Search::of_page();
    view! {
        <Title text=tu_string!(i18n, people.title)/>
        <div class="manage people">
            {move || match guest.get() {
                Some(guest) => {
                    view! {
                        <People guest other=other.get() refused/>
                        <Finder guest search/>
                    }
                        .into_any()
                }
                None => view! { <Failed error=AppError::NotFound/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn People(guest: GuestId, other: Option<GuestId>, refused: RefusedForm) -> impl IntoView {
    let live = use_live();
    let first = Resource::new(|| (), move |()| people_around(guest, other));
    let newer = RwSignal::new(None::<Result<PeoplePage, AppError>>);
    let edits = RwSignal::new(0_u32);
    let changed = Memo::new(move |before: Option<&u64>| match live.guest_changed.get() {
        Some((seq, other)) if other == guest => seq,
        _ => before.copied().unwrap_or(0),
    });
    refetch_when(
        move || (live.reset.get(), changed.get(), edits.get()),
        move || people_around(guest, other),
        move |answer: Result<PeoplePage, AppError>| newer.set(Some(answer)),
    );
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                let (page, refused) = (first.await, refused.await);
                match page {
                    Ok(page) => view! { <Sheet page newer edits refused/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// The search by which somebody is chosen.
#[component]
fn Finder(guest: GuestId, search: Search) -> impl IntoView {
    let i18n = use_i18n();
    let page = format!("/guests/{guest}/people");
    let base = page.clone();
    // Whoever finds the guest himself stays here.
    let link =
        Callback::new(move |other: GuestId| if other == guest { base.clone() } else { format!("{base}?with={other}") });
    view! {
        <section class="panel stack" aria-labelledby="people-find">
            <h2 class="panel__title" id="people-find">{tu_string!(i18n, people.around.find.title)}</h2>
            <p class="muted">{tu_string!(i18n, people.around.find.hint)}</p>
            <SearchBox search action=page/>
            {move || search.is_on().then(|| view! { <Results search link selected=None/> })}
        </section>
    }
}

#[component]
fn Sheet(
    page: PeoplePage,
    /// The page as it was loaded again.
    newer: RwSignal<Option<Result<PeoplePage, AppError>>>,
    /// Grows with whatever was kept here.
    edits: RwSignal<u32>,
    /// A form that came back refused.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let (who, other) = (page.who.clone(), page.other.clone());
    let (guest, name) = (who.guest, who.name.address());
    let parts = name_parts(i18n, &who.name, who.language.clone());
    let stay = page.stay.clone();
    // What may not be seen any more goes; what could not be loaded again for want of a connection stays.
    let closed = Memo::new(move |_| {
        newer.with(|newer| match newer {
            Some(Err(error @ (AppError::Locked | AppError::SignedOut | AppError::Forbidden | AppError::NotFound))) => {
                Some(error.clone())
            }
            _ => None,
        })
    });
    let shown = Memo::new(move |before: Option<&PeoplePage>| {
        newer.with(|newer| match (newer, before) {
            (Some(Ok(newer)), _) => newer.clone(),
            (_, Some(before)) => before.clone(),
            (_, None) => page.clone(),
        })
    });
    let party = Memo::new(move |_| shown.with(|page| page.party.clone()));
    let tells_days = Memo::new(move |_| shown.with(|page| page.occasions.is_some()));
    let acts = Acts::new(edits);
    let notes = acts.notes(i18n, refused.as_ref());
    let (relate, travel, child) = (refused.clone(), refused.clone(), refused.clone());
    let (occasion, change) = (refused.clone(), refused);
    let chosen = other.map(|other| {
        let who = who.clone();
        let title = tu_string!(i18n, people.around.relate.title, name = name.clone(), other = other.name.address());
        view! {
            <section class="panel stack" aria-labelledby="people-chosen">
                <h2 class="panel__title" id="people-chosen">{title}</h2>
                <RelateForm who=who.clone() other=other.clone() edits refused=relate/>
                {move || {
                    let (who, other, stay) = (who.clone(), other.clone(), stay.clone());
                    let refused = travel.clone();
                    view! { <TravelForm who other party=party.get() stay action=acts.travel refused/> }
                }}
            </section>
        }
    });
    view! {
        <h1 class="page__title name">{name}</h1>
        <p class="name-line">{parts}</p>
        <p>
            <a class="row-link" href=format!("/guests/{guest}")>{tu_string!(i18n, people.around.to_card)}</a>
        </p>
        {move || closed.get().map(|error| view! { <Failed error/> })}
        <div hidden=move || closed.with(Option::is_some) class="stack people__body">
            <p class="lede">{tu_string!(i18n, people.around.lede)}</p>
            {notes}
            {chosen}
            {move || shown.with(|page| people(i18n, page, acts))}
            {move || shown.with(|page| travellers(i18n, page, acts))}
            {move || {
                let refused = change.clone();
                party.get().map(|party| view! { <PartyForm guest party action=acts.change refused/> })
            }}
            {move || shown.with(|page| children(i18n, page, acts))}
            <ChildForm guest edits refused=child/>
            {move || shown.with(|page| days(i18n, page, acts))}
            {move || {
                let refused = occasion.clone();
                tells_days.get().then(|| view! { <OccasionForm guest edits refused/> })
            }}
        </div>
    }
}

/// What can be done to a line of the page. Made once, so that it outlives the lines, which are made anew.
#[derive(Clone, Copy)]
pub(super) struct Acts {
    pub unrelate: ServerAction<Unrelate>,
    pub child: ServerAction<RemoveChild>,
    pub occasion: ServerAction<RemoveOccasion>,
    pub leave: ServerAction<LeaveParty>,
    pub travel: ServerAction<TravelTogether>,
    pub change: ServerAction<ChangeParty>,
}

impl Acts {
    fn new(edits: RwSignal<u32>) -> Self {
        let acts = Self {
            unrelate: ServerAction::new(),
            child: ServerAction::new(),
            occasion: ServerAction::new(),
            leave: ServerAction::new(),
            travel: ServerAction::new(),
            change: ServerAction::new(),
        };
        count(outcome(acts.unrelate), edits);
        count(outcome(acts.child), edits);
        count(outcome(acts.occasion), edits);
        count(outcome(acts.leave), edits);
        count(outcome(acts.travel), edits);
        count(outcome(acts.change), edits);
        acts
    }

    /// What came of them.
    fn notes(self, i18n: I18n, refused: Option<&Refused>) -> AnyView {
        let came = [
            (Attempt::of(self.unrelate, refused).outcome, tu_string!(i18n, people.around.relate.gone)),
            (Attempt::of(self.child, refused).outcome, tu_string!(i18n, people.around.child.gone)),
            (Attempt::of(self.occasion, refused).outcome, tu_string!(i18n, people.around.occasion.gone)),
            (Attempt::of(self.leave, refused).outcome, tu_string!(i18n, people.around.party.gone)),
        ];
        announce_done(outcome(self.travel), tu_string!(i18n, people.around.travel.done));
        announce_done(outcome(self.change), tu_string!(i18n, people.around.party.done));
        came.into_iter()
            .map(|(outcome, done)| {
                announce_done(outcome, done);
                view! { <FormNote outcome done/> }
            })
            .collect_view()
            .into_any()
    }
}

/// Counts what was kept, so that the page is loaded again.
fn count(sent: Outcome, edits: RwSignal<u32>) {
    Effect::new(move |_| {
        if matches!(sent.get(), Some(Ok(()))) {
            edits.update(|edits| *edits += 1);
        }
    });
}
