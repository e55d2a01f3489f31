//! At the end of a shift: what its department leaves to the next one.

use super::part::asked_for_lines;
use crate::{
    alerts::live::{refetch_when, use_live},
    error::AppError,
    house::StationKind,
    i18n::*,
    requests::asked::{AskedFor, RequestList, api::requests},
    staff::ui::use_session,
};
use leptos::prelude::*;

/// What the department of the device's station is to do for guests until tomorrow. It follows the line.
#[component]
pub fn AskedLeft() -> impl IntoView {
    let session = use_session();
    let first = Resource::new(
        || (),
        move |()| async move {
            let me = session.await.ok().flatten();
            match me.and_then(|me| me.station) {
                Some(station) => requests(Some(station.kind)).await.map(|list| Some((station.kind, list))),
                None => Ok(None),
            }
        },
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(Some((department, list))) => view! { <Left department list/> }.into_any(),
                    // The alerts above say what is wrong.
                    Ok(None) | Err(_) => ().into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Left(department: StationKind, list: RequestList) -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let shown = RwSignal::new(list);
    refetch_when(
        move || (live.requests_changed.get(), live.reset.get()),
        move || requests(Some(department)),
        move |answer: Result<RequestList, AppError>| {
            if let Ok(list) = answer {
                shown.set(list);
            }
        },
    );
    let lines = move || {
        let left: Vec<AskedFor> = shown.with(|shown| {
            shown.open.iter().filter(|asked| asked.line.is_left_in(department, &shown.today)).cloned().collect()
        });
        if left.is_empty() {
            view! { <p class="muted">{tu_string!(i18n, requests.handover.nothing)}</p> }.into_any()
        } else {
            asked_for_lines(i18n, &left)
        }
    };
    view! {
        <section aria-labelledby="still-asked">
            <h2 class="section-title name" id="still-asked">{tu_string!(i18n, requests.handover.title)}</h2>
            {lines}
        </section>
    }
}
