//! The list: whom to know tonight, with face, name, how to say it and one thing to know.

use super::{
    Voice, address, marks, part_of_address, progress_line,
    words::{part_words, share_words},
};
use crate::{
    alerts::live::use_live,
    error::AppError,
    guests::ui::{names::name_parts, words::one_thing_words},
    i18n::*,
    names::{
        DrillShare, SHARE_DAYS, Tonight, TonightLine,
        api::{drill_shares, tonight},
    },
    staff::{Ability, Me, ui::use_session},
    ui::{Empty, Failed, I18n, Loading, Select},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The page `/names?floor=&upto=`. It follows the line.
#[component]
pub fn NamesPage() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let session = use_session();
    let part = part_of_address();
    let names = Resource::new(
        move || (part.get(), live.stays_changed.get(), live.guest_changed.get(), live.reset.get()),
        |(part, ..)| tonight(part.floor, part.upto),
    );
    let shares = Resource::new(
        || (),
        move |()| async move {
            match session.await {
                Ok(Some(me)) if looks_after_colleagues(&me) => Some(drill_shares().await),
                _ => None,
            }
        },
    );
    view! {
        <Title text=tu_string!(i18n, people.names.title)/>
        <div class="manage names">
            <h1 class="page__title name">{tu_string!(i18n, people.names.title)}</h1>
            <p class="lede">{tu_string!(i18n, people.names.lede)}</p>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    let (names, me) = (names.await, session.await.ok().flatten());
                    match names {
                        Ok(names) => shown(i18n, me.as_ref(), &names),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
            <Transition>
                {move || Suspend::new(async move { shares.await.map(|shares| practice(i18n, shares)) })}
            </Transition>
        </div>
    }
}

fn looks_after_colleagues(me: &Me) -> bool {
    me.role.may(Ability::LearnNames) && me.role.may(Ability::ManageStaff)
}

fn shown(i18n: I18n, me: Option<&Me>, names: &Tonight) -> AnyView {
    let Tonight { part, lines, .. } = names;
    let prints = me.is_some_and(|me| me.role.may(Ability::PrintNames));
    let rows = if lines.is_empty() {
        view! { <Empty title=tu_string!(i18n, people.names.empty) text=tu_string!(i18n, people.names.empty_text)/> }
            .into_any()
    } else {
        let rows = lines.iter().map(|line| row(i18n, line)).collect_view();
        view! { <ul class="name-cards">{rows}</ul> }.into_any()
    };
    view! {
        {choice(i18n, names)}
        <section class="stack" aria-labelledby="names-of">
            <h2 class="section-title" id="names-of">{part_words(i18n, part)}</h2>
            {progress_line(i18n, names.progress)}
            <p class="cluster">
                <a class="button button--primary" href=address("/names/drill", part)>
                    {tu_string!(i18n, people.names.to_drill)}
                </a>
                {prints
                    .then(|| {
                        view! {
                            <a class="button" href=address("/names/print", part)>
                                {tu_string!(i18n, people.names.to_print)}
                            </a>
                        }
                    })}
            </p>
            {rows}
        </section>
    }
    .into_any()
}

/// Whose floors these are.
fn choice(i18n: I18n, names: &Tonight) -> AnyView {
    let Tonight { floors, part, .. } = names;
    // A floor on which there is nobody tonight is still the one that was chosen.
    let options = |none: &str, chosen: &String| {
        let missing = (!chosen.is_empty() && !floors.contains(chosen)).then(|| chosen.clone());
        let floors = missing.into_iter().chain(floors.iter().cloned()).map(|floor| (floor.clone(), floor));
        std::iter::once((String::new(), none.to_owned())).chain(floors).collect::<Vec<_>>()
    };
    let first = options(tu_string!(i18n, people.names.all_floors), &part.floor);
    let last = options(tu_string!(i18n, people.names.this_floor), &part.upto);
    view! {
        // A plain form: it leads to this page again.
        <form class="inline-form names__part" method="get" action="/names">
            <Select
                label=tu_string!(i18n, people.names.floor)
                name="floor"
                options=first
                selected=part.floor.clone()
            />
            <Select label=tu_string!(i18n, people.names.upto) name="upto" options=last selected=part.upto.clone()/>
            <button class="button" type="submit">
                {tu_string!(i18n, people.names.show)}
            </button>
        </form>
    }
    .into_any()
}

fn row(i18n: I18n, line: &TonightLine) -> AnyView {
    let photo = line.photo.map(|photo| {
        view! { <img class="name-card__photo" src=format!("/photos/{photo}") alt="" width="96" height="96"/> }
    });
    let known = line.is_known.then(|| ("badge badge--known", tu_string!(i18n, people.names.known).to_owned()));
    let marks = marks(i18n, line).into_iter().chain(known);
    let marks = marks.map(|(class, words)| view! { <li class=class>{words}</li> }).collect_view();
    let thing =
        line.one_thing.as_ref().map(|thing| view! { <p class="line__thing">{one_thing_words(i18n, thing)}</p> });
    view! {
        <li class="name-card">
            {photo}
            <div class="name-card__who">
                <p class="name-line">
                    <a class="name name-card__name row-link" href=format!("/guests/{}", line.guest)>
                        {line.name.address()}
                    </a>
                    " "
                    {name_parts(i18n, &line.name, line.language.clone())}
                </p>
                {line.has_voice.then(|| view! { <Voice guest=line.guest name=line.name.address()/> })}
                <ul class="cluster">{marks}</ul>
                {thing}
            </div>
        </li>
    }
    .into_any()
}

/// How much each colleague has practised: shares, and nothing of guests.
fn practice(i18n: I18n, shares: Result<Vec<DrillShare>, AppError>) -> AnyView {
    let shares = match shares {
        Ok(shares) => shares,
        Err(error) => return view! { <Failed error/> }.into_any(),
    };
    let table = if shares.is_empty() {
        view! { <p class="muted">{tu_string!(i18n, people.names.share.nobody)}</p> }.into_any()
    } else {
        let rows = shares.iter().map(|share| share_row(i18n, share)).collect_view();
        view! {
            <div class="table-frame" role="group" aria-labelledby="names-practice" tabindex="0">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">{tu_string!(i18n, people.names.share.who)}</th>
                            <th scope="col">{tu_string!(i18n, people.names.share.tonight)}</th>
                            <th scope="col">{tu_string!(i18n, people.names.share.week, days = SHARE_DAYS)}</th>
                            <th scope="col">{tu_string!(i18n, people.names.share.nights)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="stack" aria-labelledby="names-practice">
            <h2 class="section-title" id="names-practice">{tu_string!(i18n, people.names.share.title)}</h2>
            <p>{tu_string!(i18n, people.names.share.text)}</p>
            {table}
        </section>
    }
    .into_any()
}

fn share_row(i18n: I18n, share: &DrillShare) -> AnyView {
    let tonight = share
        .tonight
        .map_or_else(|| tu_string!(i18n, people.names.share.not_yet).to_owned(), |tonight| share_words(i18n, tonight));
    view! {
        <tr>
            <th scope="row">{share.name.clone()}</th>
            <td>{tonight}</td>
            <td>{share_words(i18n, share.week)}</td>
            <td>{share.nights.to_string()}</td>
        </tr>
    }
    .into_any()
}
