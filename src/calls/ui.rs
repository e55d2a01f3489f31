//! The page that a telephone system opens with the caller's number, and what the card tells while the guest is on the
//! telephone.

use super::{Caller, api::look_up_caller};
use crate::{
    alerts::ui::OutfitResource,
    guests::card::GuestCard,
    i18n::*,
    ids::GuestId,
    loyalty::ui::{expiring_words, voucher_words},
    requests::asked::ui::request_sentence,
    staff::Ability,
    stays::{GuestLine, ui::GuestRow},
    ui::{Empty, Failed, Field, I18n, Loading, date, redirect_to},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, location::Url};

/// The page `/call?from=` or `?member=`. With one match it leads to the card, with several it lets the person choose,
/// and with none it offers a new profile with the number filled in.
#[component]
pub fn CallPage() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            let text = |name: &str| query.get(name).unwrap_or_default();
            (text("from"), text("member"), query.get_str("guest").and_then(|id| id.parse::<GuestId>().ok()))
        })
    });
    let found = Resource::new(move || asked.get(), |(from, member, guest)| look_up_caller(from, member, guest));
    view! {
        <Title text=tu_string!(i18n, visits.call.title)/>
        <div class="find call">
            <h1 class="name">{tu_string!(i18n, visits.call.title)}</h1>
            {move || {
                let (from, member, _) = asked.get();
                number_form(i18n, if from.is_empty() { member } else { from })
            }}
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(caller) => shown(i18n, caller, &asked.get_untracked()),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// Where a number is typed in, for whoever has no telephone system that does it.
fn number_form(i18n: I18n, number: String) -> AnyView {
    view! {
        // A plain form: it leads to this page again.
        <form class="stack" method="get" action="/call">
            <Field
                label=tu_string!(i18n, visits.call.number)
                name="from"
                kind="tel"
                value=super::from_address(&number)
                hint=tu_string!(i18n, visits.call.number_hint)
            />
            <p>
                <button class="button button--primary" type="submit">
                    {tu_string!(i18n, visits.call.look_up)}
                </button>
            </p>
        </form>
    }
    .into_any()
}

/// `from`, `member` and `guest` of the page's address.
type Address = (String, String, Option<GuestId>);

fn shown(i18n: I18n, caller: Caller, asked: &Address) -> AnyView {
    match caller {
        Caller::One(line) => redirect_to(format!("/guests/{}?call=1", line.guest)),
        Caller::Several(lines) => several(i18n, lines, asked),
        Caller::Nobody { number, may_begin } => nobody(i18n, &number, may_begin),
        Caller::Nothing => view! {
            <Empty title=tu_string!(i18n, visits.call.nothing) text=tu_string!(i18n, visits.call.nothing_text)/>
        }
        .into_any(),
    }
}

/// Who may be calling: a tap on one says who it is.
fn several(i18n: I18n, lines: Vec<GuestLine>, (from, member, _): &Address) -> AnyView {
    let page = format!("/call?from={}&member={}", Url::escape(&super::from_address(from)), Url::escape(member));
    let link = Callback::new(move |guest: GuestId| format!("{page}&guest={guest}"));
    let rows = lines.into_iter().map(|line| view! { <li><GuestRow line link with_presence=true/></li> }).collect_view();
    view! {
        <section class="stack" aria-labelledby="call-several">
            <h2 class="section-title" id="call-several">{tu_string!(i18n, visits.call.several)}</h2>
            <ul class="lines">{rows}</ul>
        </section>
    }
    .into_any()
}

fn nobody(i18n: I18n, number: &str, may_begin: bool) -> AnyView {
    let href =
        if number.is_empty() { "/guests/new".to_owned() } else { format!("/guests/new?phone={}", Url::escape(number)) };
    view! {
        <Empty title=tu_string!(i18n, visits.call.nobody) text=tu_string!(i18n, visits.call.nobody_text)/>
        <p class="cluster">
            {may_begin
                .then(|| {
                    view! {
                        <a class="button button--primary" href=href>
                            {tu_string!(i18n, visits.call.new_guest)}
                        </a>
                    }
                })}
            <a class="button button--quiet" href="/guests">
                {tu_string!(i18n, visits.call.search)}
            </a>
        </p>
    }
    .into_any()
}

/// The way to the page, for those who may look callers up.
#[component]
pub fn CallLink(own: OutfitResource) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let may = own.await.is_some_and(|own| own.me.role.may(Ability::AnswerCalls));
                may.then(|| {
                    view! {
                        <p>
                            <a class="button" href="/call">{tu_string!(i18n, visits.call.title)}</a>
                        </p>
                    }
                })
            })}
        </Suspense>
    }
}

/// Whether the card was opened because the guest calls.
#[must_use]
pub fn is_on_call() -> Memo<bool> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|query| query.get_str("call") == Some("1")))
}

/// What to have at hand while the guest is on the telephone: what was asked for and is not done, and what is about to
/// expire. As much of it as the card carries.
#[must_use]
pub fn on_call(i18n: I18n, card: &GuestCard) -> AnyView {
    let asked = card.served().map(|served| served.requests.as_slice()).unwrap_or_default();
    let asked = asked.iter().map(|line| request_sentence(i18n, line, None));
    let points = card.counted().and_then(|counted| counted.points.as_ref());
    let points = points.and_then(|line| expiring_words(i18n, line));
    let vouchers = card.vouchers().iter().filter(|voucher| voucher.is_expiring).map(|voucher| {
        tu_string!(
            i18n,
            visits.call.voucher,
            what = voucher_words(i18n, &voucher.what, voucher.amount.as_ref()),
            day = date::long_date(i18n, &voucher.expires)
        )
    });
    let lines: Vec<String> = asked.chain(points).chain(vouchers).collect();
    let lines = if lines.is_empty() {
        view! { <p>{tu_string!(i18n, visits.call.nothing_open)}</p> }.into_any()
    } else {
        let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
        view! { <ul class="on-call__lines">{lines}</ul> }.into_any()
    };
    view! {
        <section class="on-call" aria-labelledby="guest-on-call">
            <h3 class="on-call__title" id="guest-on-call">{tu_string!(i18n, visits.call.on_call)}</h3>
            {lines}
        </section>
    }
    .into_any()
}
