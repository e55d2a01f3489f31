//! A guest's card, as the role that opens it may see it.

use super::{
    idle::{lock_address, lock_when_idle},
    names::NameLine,
    sections::{marks, sections},
    write::{NoteForm, PreferenceForm, Removing},
};
use crate::{
    alerts::{
        AlertCard,
        api::last_alert,
        live::{refetch_when, use_live},
        ui::{AlertHistory, OutfitResource, Post, RaisePanel, RefusedPost, outfit},
    },
    calls::ui::{is_on_call, on_call},
    campaigns::hold::{GreetingsPanel, GuestGreetings, api::card_greetings},
    error::{AppError, Refused},
    guests::{
        affinity::ui::Suggestions,
        api::{open_card, refresh_card},
        card::GuestCard,
    },
    i18n::*,
    ids::GuestId,
    names::ui::{Voice, VoiceForm},
    requests::recovery::ui::RaiseComplaint,
    staff::{
        Ability, Me,
        ui::{RefusedForm, use_refused},
    },
    stays::{
        Seen,
        api::last_seen,
        ui::LocatorPanel,
        usual::ui::{UsualPart, outlets_of},
    },
    ui::{ErrorNote, Failed, I18n, Loading, redirect_to},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// The page `/guests/:id`.
#[component]
pub fn CardPage() -> impl IntoView {
    let i18n = use_i18n();
    let params = use_params_map();
    let guest =
        Memo::new(move |_| params.with(|params| params.get_str("id").and_then(|id| id.parse::<GuestId>().ok())));
    provide_context(outfit());
    let refused = use_refused();
    provide_context(refused);
    view! {
        <Title text=tu_string!(i18n, guests.card.title)/>
        <RefusedPost refused/>
        <div class="card-page">
            <h1 class="visually-hidden">{tu_string!(i18n, guests.card.title)}</h1>
            {move || match guest.get() {
                Some(guest) => view! { <GuestCardView guest/> }.into_any(),
                None => view! { <Failed error=AppError::NotFound/> }.into_any(),
            }}
        </div>
    }
}

/// The card of one guest, with everything that the role may do from it. It follows the line: what
/// changes at another station changes here.
#[component]
pub fn GuestCardView(guest: GuestId) -> impl IntoView {
    let live = use_live();
    let outfit = use_context::<OutfitResource>().unwrap_or_else(outfit);
    let refused = use_context::<RefusedForm>();
    let first = Resource::new(|| (), move |()| open_card(guest));
    let word = Resource::new(|| (), move |()| last_word(outfit, guest));
    let seen = Resource::new(|| (), move |()| seen_lately(outfit, guest));
    let greetings = Resource::new(|| (), move |()| greetings_of(outfit, guest));
    let newer = RwSignal::new(None::<Result<GuestCard, AppError>>);
    let edits = RwSignal::new(0_u32);
    let changed = Memo::new(move |before: Option<&u64>| match live.guest_changed.get() {
        Some((seq, other)) if other == guest => seq,
        _ => before.copied().unwrap_or(0),
    });
    refetch_when(
        move || (live.reset.get(), changed.get(), edits.get()),
        move || refresh_card(guest),
        move |answer: Result<GuestCard, AppError>| newer.set(Some(answer)),
    );
    let lock = lock_address();
    view! {
        <Suspense fallback=|| view! { <Loading/> }>
            {move || {
                let lock = lock.clone();
                Suspend::new(async move {
                    let (card, outfit, word, seen) = (first.await, outfit.await, word.await, seen.await);
                    let greetings = greetings.await;
                    let refused = match refused {
                        Some(refused) => refused.await.filter(|refused| is_about(refused, guest)),
                        None => None,
                    };
                    let post = outfit.as_ref().and_then(|outfit| Post::new(live, outfit));
                    // After the board that the post took over, which tells of what is open only.
                    if let Some(word) = word {
                        live.upsert(word);
                    }
                    match (card, outfit) {
                        (Ok(card), Some(outfit)) => {
                            view! { <OpenCard card newer edits me=outfit.me post seen greetings refused lock/> }.into_any()
                        }
                        (Err(error), _) => not_open(error, lock),
                        (Ok(_), None) => not_open(AppError::SignedOut, lock),
                    }
                })
            }}
        </Suspense>
        <Suggestions guest/>
        <AlertHistory guest/>
    }
}

/// Whether a form that came back refused is about the guest: it does not follow to another card.
fn is_about(refused: &Refused, guest: GuestId) -> bool {
    refused.typed_in("guest") == Some(guest.to_string().as_str())
}

/// The last word about the guest that concerns this station, where the role has anything to do with
/// word. A card is worth showing without it.
async fn last_word(outfit: OutfitResource, guest: GuestId) -> Option<AlertCard> {
    outfit.await?.board?;
    last_alert(guest).await.ok().flatten()
}

/// Where the guest was last seen, for roles that see the day's lists. A card is worth showing without it.
async fn seen_lately(outfit: OutfitResource, guest: GuestId) -> Option<Seen> {
    if !outfit.await?.me.role.may(Ability::SeeLists) {
        return None;
    }
    last_seen(guest).await.ok().flatten()
}

/// What there is to say of the guest's greetings, for roles that hold them. A card is worth showing without
/// it.
async fn greetings_of(outfit: OutfitResource, guest: GuestId) -> Option<GuestGreetings> {
    if !outfit.await?.me.role.may(Ability::HoldGreetings) {
        return None;
    }
    card_greetings(guest).await.ok()
}

/// Why there is no card: to the lock, which leads back, or what else there is to say.
fn not_open(error: AppError, lock: String) -> AnyView {
    match error {
        AppError::Locked => redirect_to(lock),
        error => view! { <Failed error/> }.into_any(),
    }
}

#[component]
fn OpenCard(
    card: GuestCard,
    /// The card as it was loaded again.
    newer: RwSignal<Option<Result<GuestCard, AppError>>>,
    edits: RwSignal<u32>,
    me: Me,
    post: Option<Post>,
    /// Where the guest was last seen.
    seen: Option<Seen>,
    /// Whether the guest gets greetings.
    greetings: Option<GuestGreetings>,
    /// A form about the guest that came back refused.
    refused: Option<Refused>,
    lock: String,
) -> impl IntoView {
    let i18n = use_i18n();
    lock_when_idle(lock.clone(), me.idle_minutes);
    let guest = card.identity().guest;
    // What could not be loaded again for want of a connection stays; what may not be seen any more goes.
    let closed = Memo::new(move |_| {
        newer.with(|newer| match newer {
            Some(Err(error @ (AppError::Locked | AppError::SignedOut | AppError::Forbidden | AppError::NotFound))) => {
                Some(error.clone())
            }
            _ => None,
        })
    });
    let shown = Memo::new(move |before: Option<&GuestCard>| {
        newer.with(|newer| match (newer, before) {
            (Some(Ok(newer)), _) => newer.clone(),
            (_, Some(before)) => before.clone(),
            (_, None) => card.clone(),
        })
    });
    let has_voice = Memo::new(move |_| shown.with(can_be_heard));
    let removing = Removing::new(guest, edits);
    let usuals = Memo::new(move |_| shown.with(|card| card.usuals().to_vec()));
    let is_on_call = is_on_call();
    let body = move || {
        let me = me.clone();
        let (post, seen, refused) = (post.clone(), seen.clone(), refused.clone());
        let greetings = greetings.clone().map(|loaded| {
            let refused = refused.clone();
            view! { <GreetingsPanel loaded refused/> }
        });
        let places = post.as_ref().map(Post::places).unwrap_or_default();
        let locator = me.role.may(Ability::SeeLists).then(|| {
            let refused = refused.clone();
            view! { <LocatorPanel guest loaded=seen places refused/> }
        });
        let usual = me.role.may(Ability::ServeUsual).then(|| {
            let (outlets, refused) = (outlets_of(post.as_ref()), refused.clone());
            view! { <UsualPart guest lines=usuals outlets edits refused/> }
        });
        view! {
            <article class="guest" aria-labelledby="guest-name">
                {move || shown.with(|card| head(i18n, card))}
                {move || is_on_call.get().then(|| shown.with(|card| on_call(i18n, card)))}
                {
                    let refused = refused.clone();
                    post.map(|post| view! { <RaisePanel post guest refused/> })
                }
                {locator}
                {
                    let me = me.clone();
                    move || shown.with(|card| sections(i18n, card, &me, removing))
                }
                {usual}
                {greetings}
                {move || removing.trouble().map(|error| view! { <ErrorNote error/> })}
                <Writing me guest has_voice edits refused/>
            </article>
        }
        .into_any()
    };
    move || match closed.get() {
        Some(error) => not_open(error, lock.clone()),
        None => body(),
    }
}

/// Whether the guest can be heard saying his name.
fn can_be_heard(card: &GuestCard) -> bool {
    card.served().is_some_and(|served| served.has_voice)
}

/// Who it is, in the largest letters, and the marks that matter at once.
fn head(i18n: I18n, card: &GuestCard) -> AnyView {
    let identity = card.identity();
    let name = identity.name.clone();
    let voice = can_be_heard(card).then(|| view! { <Voice guest=identity.guest name=name.address()/> });
    let photo = identity.photo.map(|photo| {
        view! { <img class="guest__photo" src=format!("/photos/{photo}") alt="" width="160" height="160"/> }
    });
    view! {
        <header class="guest__head">
            {photo}
            <div class="guest__who">
                <NameLine name language=identity.language.clone() id="guest-name".to_owned()/>
                {voice}
                {marks(i18n, card)}
            </div>
        </header>
    }
    .into_any()
}

/// What the role may write: preferences, notes, the guest's own voice, traces, and the profile itself.
#[component]
fn Writing(
    me: Me,
    guest: GuestId,
    /// Whether the guest can be heard saying his name.
    has_voice: Memo<bool>,
    edits: RwSignal<u32>,
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let role = me.role;
    let (complaint, voice) = (refused.clone(), refused.clone());
    let (preference, note) = (refused.clone(), refused);
    view! {
        <div class="guest__write cluster">
            {role
                .may(Ability::HandleRequests)
                .then(|| {
                    view! {
                        <a class="button button--primary" href=format!("/requests?guest={guest}")>
                            {tu_string!(i18n, requests.card.enter)}
                        </a>
                    }
                })}
            {role
                .may(Ability::WritePreferences)
                .then(|| view! { <PreferenceForm guest role edits refused=preference/> })}
            {role.may(Ability::WriteNotes).then(|| view! { <NoteForm guest role edits refused=note/> })}
            {role
                .may(Ability::SeeLists)
                .then(|| {
                    view! {
                        <a class="button" href=format!("/guests/{guest}/people")>
                            {tu_string!(i18n, people.title)}
                        </a>
                    }
                })}
            {role
                .may(Ability::WritePreferences)
                .then(|| view! { <VoiceForm guest has_voice edits refused=voice/> })}
            {role
                .may(Ability::SeeTraces)
                .then(|| {
                    view! {
                        <a class="button" href=format!("/traces?guest={guest}")>
                            {tu_string!(i18n, campaigns.trace.write)}
                        </a>
                    }
                })}
            {role
                .may(Ability::RaiseRecoveries)
                .then(|| view! { <RaiseComplaint guest edits refused=complaint/> })}
            {role
                .may(Ability::EditGuests)
                .then(|| {
                    view! {
                        <a class="button" href=format!("/guests/{guest}/edit")>
                            {tu_string!(i18n, guests.card.edit)}
                        </a>
                    }
                })}
            <a class="button" href=format!("/guests/{guest}/timeline")>
                {tu_string!(i18n, visits.timeline.title)}
            </a>
        </div>
    }
}
