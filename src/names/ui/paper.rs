//! The list on paper. Opening it is audited: whoever takes it along has the faces and names of the house with them.

use super::{address, part_of_address, words::part_words};
use crate::{
    error::AppError,
    guests::ui::{
        idle::{lock_address, lock_when_idle},
        names::name_parts,
        words::{one_thing_words, vip_words},
    },
    i18n::*,
    names::{Tonight, TonightLine, api::print_names},
    staff::ui::use_session,
    ui::{Empty, Failed, I18n, Loading, date, redirect_to},
};
use leptos::{ev::MouseEvent, prelude::*};
use leptos_meta::Title;

/// The page `/names/print?floor=&upto=`.
#[component]
pub fn PrintPage() -> impl IntoView {
    let i18n = use_i18n();
    let (session, lock, part) = (use_session(), lock_address(), part_of_address());
    let names = Resource::new(move || part.get(), |part| print_names(part.floor, part.upto));
    view! {
        <Title text=tu_string!(i18n, people.names.title)/>
        <div class="manage names-paper">
            <Transition fallback=Loading>
                {move || {
                    let lock = lock.clone();
                    Suspend::new(async move {
                        let (names, me) = (names.await, session.await.ok().flatten());
                        match names {
                            Ok(names) => {
                                if let Some(me) = me {
                                    lock_when_idle(lock, me.idle_minutes);
                                }
                                shown(i18n, &names)
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

fn shown(i18n: I18n, names: &Tonight) -> AnyView {
    let Tonight { today, part, lines, .. } = names;
    let print = move |_: MouseEvent| {
        // A browser that does not print says so itself.
        let _ = window().print();
    };
    let heading = tu_string!(
        i18n,
        people.names.paper.heading,
        part = part_words(i18n, part),
        day = date::long_date(i18n, &today.to_string())
    );
    let list = if lines.is_empty() {
        view! { <Empty title=tu_string!(i18n, people.names.empty) text=tu_string!(i18n, people.names.empty_text)/> }
            .into_any()
    } else {
        table(i18n, lines)
    };
    view! {
        <h1 class="page__title name">{tu_string!(i18n, people.names.title)}</h1>
        <p>{heading}</p>
        <p class="cluster names-paper__ways">
            <button class="button button--primary" type="button" on:click=print>
                {tu_string!(i18n, people.names.paper.print)}
            </button>
            <a class="button button--quiet" href=address("/names", part)>{tu_string!(i18n, people.names.to_list)}</a>
        </p>
        {list}
        <p class="muted">{tu_string!(i18n, people.names.paper.left_out)}</p>
    }
    .into_any()
}

fn table(i18n: I18n, lines: &[TonightLine]) -> AnyView {
    let rows = lines.iter().map(|line| row(i18n, line)).collect_view();
    view! {
        <div class="table-frame" role="region" aria-label=tu_string!(i18n, people.names.title) tabindex="0">
            <table class="table names-paper__table">
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, people.names.paper.room)}</th>
                        <th scope="col">{tu_string!(i18n, people.names.paper.photo)}</th>
                        <th scope="col">{tu_string!(i18n, people.names.paper.name)}</th>
                        <th scope="col">{tu_string!(i18n, people.names.paper.to_know)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(i18n: I18n, line: &TonightLine) -> AnyView {
    let photo = line.photo.map(|photo| {
        view! { <img class="names-paper__photo" src=format!("/photos/{photo}") alt="" width="64" height="64"/> }
    });
    let to_know = [
        line.one_thing.as_ref().map(|thing| one_thing_words(i18n, thing)),
        vip_words(i18n, line.vip),
        line.is_expected.then(|| tu_string!(i18n, people.names.expected).to_owned()),
    ];
    let to_know = to_know.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    view! {
        <tr>
            <td class="names-paper__room">{line.room.clone()}</td>
            <td>{photo}</td>
            <th scope="row">
                <span class="name names-paper__name">{line.name.address()}</span>
                " "
                <span class="name-line">{name_parts(i18n, &line.name, line.language.clone())}</span>
            </th>
            <td>{to_know}</td>
        </tr>
    }
    .into_any()
}
