//! The page on which everything stands that happened with a guest.

mod line;

use super::{MomentKind, Place, TimelinePage, api::timeline};
use crate::{
    error::AppError,
    guests::ui::{
        idle::{lock_address, lock_when_idle},
        names::name_parts,
    },
    i18n::*,
    ids::GuestId,
    staff::ui::use_session,
    ui::{Empty, Failed, I18n, Loading, redirect_to},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    hooks::{use_params_map, use_query_map},
    location::Url,
};

/// The page `/guests/:id/timeline?kinds=stay,note&after=`: of all kinds where none is named, from the newest moment on
/// where no place is.
#[component]
pub fn GuestTimelinePage() -> impl IntoView {
    let i18n = use_i18n();
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| {
        let guest = params.with(|params| params.get_str("id").and_then(|id| id.parse::<GuestId>().ok()));
        let text = |name: &str| query.with(|query| query.get(name).unwrap_or_default());
        (guest, text("kinds"), text("after"))
    });
    let page = Resource::new(
        move || asked.get(),
        |(guest, kinds, after)| async move {
            match guest {
                Some(guest) => timeline(guest, kinds, after).await,
                None => Err(AppError::NotFound),
            }
        },
    );
    let session = use_session();
    let lock = lock_address();
    view! {
        <Title text=tu_string!(i18n, visits.timeline.title)/>
        <div class="manage timeline">
            <Transition fallback=Loading>
                {move || {
                    let lock = lock.clone();
                    Suspend::new(async move {
                        let (_, kinds, after) = asked.get_untracked();
                        let (page, me) = (page.await, session.await.ok().flatten());
                        match page {
                            Ok(page) => {
                                if let Some(me) = me {
                                    lock_when_idle(lock, me.idle_minutes);
                                }
                                sheet(i18n, &page, &kinds_of(&kinds), !after.is_empty())
                            }
                            Err(AppError::Locked) => redirect_to(lock),
                            Err(error) => view! { <Failed error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
}

/// The kinds that an address names.
fn kinds_of(text: &str) -> Vec<MomentKind> {
    text.split(',').filter_map(|kind| MomentKind::from_code(kind.trim())).collect()
}

fn sheet(i18n: I18n, page: &TimelinePage, asked: &[MomentKind], is_later_page: bool) -> AnyView {
    let guest = page.guest;
    let parts = name_parts(i18n, &page.name, page.language.clone());
    let moments = if page.moments.is_empty() {
        view! {
            <Empty title=tu_string!(i18n, visits.timeline.empty) text=tu_string!(i18n, visits.timeline.empty_text)/>
        }
        .into_any()
    } else {
        let lines = page.moments.iter().map(|moment| line::line(i18n, moment)).collect_view();
        view! { <ol class="moments">{lines}</ol> }.into_any()
    };
    let older = page.next.as_ref().map(|next| {
        view! {
            <a class="button" href=address(guest, asked, Some(next))>
                {tu_string!(i18n, visits.timeline.older)}
            </a>
        }
    });
    let newest = is_later_page.then(|| {
        view! {
            <a class="button button--quiet" href=address(guest, asked, None)>
                {tu_string!(i18n, visits.timeline.newest)}
            </a>
        }
    });
    view! {
        <h1 class="page__title name">{page.name.address()}</h1>
        <p class="name-line">{parts}</p>
        <p class="lede">{tu_string!(i18n, visits.timeline.lede)}</p>
        <p>
            <a class="row-link" href=format!("/guests/{guest}")>{tu_string!(i18n, visits.to_card)}</a>
        </p>
        {filter(i18n, page, asked)}
        {moments}
        <p class="cluster">{newest} {older}</p>
    }
    .into_any()
}

/// The kinds that the role sees, each of which can be added to what is shown and taken away again.
fn filter(i18n: I18n, page: &TimelinePage, asked: &[MomentKind]) -> AnyView {
    let guest = page.guest;
    let links = page
        .kinds
        .iter()
        .map(|kind| {
            let is_on = asked.contains(kind);
            let next: Vec<MomentKind> =
                page.kinds.iter().filter(|other| asked.contains(other) != (*other == kind)).copied().collect();
            view! {
                <li>
                    <a href=address(guest, &next, None) aria-current=is_on.then_some("true")>
                        {line::kind_words(i18n, *kind)}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="subnav" aria-label=tu_string!(i18n, visits.timeline.show)>
            <ul>
                <li>
                    <a href=address(guest, &[], None) aria-current=asked.is_empty().then_some("true")>
                        {tu_string!(i18n, visits.timeline.all)}
                    </a>
                </li>
                {links}
            </ul>
        </nav>
    }
    .into_any()
}

fn address(guest: GuestId, kinds: &[MomentKind], after: Option<&Place>) -> String {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.code()).collect();
    let kinds = (!kinds.is_empty()).then(|| format!("kinds={}", kinds.join(",")));
    let after = after.map(|place| format!("after={}", Url::escape(&place.to_string())));
    let query: Vec<String> = kinds.into_iter().chain(after).collect();
    let page = format!("/guests/{guest}/timeline");
    if query.is_empty() { page } else { format!("{page}?{}", query.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_names_what_is_shown_and_from_where_on() {
        let guest = GuestId(uuid::Uuid::nil());
        let page = format!("/guests/{guest}/timeline");
        assert_eq!(address(guest, &[], None), page);
        let kinds = [MomentKind::Stay, MomentKind::Note];
        assert_eq!(address(guest, &kinds, None), format!("{page}?kinds=stay,note"));
        assert_eq!(kinds_of("stay,note,party"), kinds);
        let place = Place { at: -7, kind: MomentKind::Call, key: "a|b".to_owned() };
        assert_eq!(address(guest, &kinds, Some(&place)), format!("{page}?kinds=stay,note&after=%2D7%7Ecall%7Ea%7Cb"));
    }
}
