//! The list of traces: open ones first, by department; and the form in which they are written.

mod write;

use super::{
    Trace, TraceKind, TraceList,
    api::{ResolveTrace, WriteTrace, traces},
};
use crate::{
    alerts::live::use_live,
    guests::ui::names::name_parts,
    house::{StationKind, ui::kind_name},
    i18n::*,
    staff::ui::{use_refused, use_session},
    ui::{Attempt, Empty, Failed, FormNote, I18n, Loading, announce_done, date, number, outcome},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use write::TraceForm;

/// The page `/traces`. Without a department in its address it shows that of the station at which the
/// device stands.
#[component]
pub fn TracesPage() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let session = use_session();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| query.get("department").unwrap_or_default()));
    let guest = Memo::new(move |_| query.with(|query| query.get("guest").unwrap_or_default()));
    let resolve = ServerAction::<ResolveTrace>::new();
    let write = ServerAction::<WriteTrace>::new();
    // Follows the line, and what is done here where there is none.
    let list = Resource::new(
        move || {
            let done_here = (resolve.version().get(), write.version().get());
            (asked.get(), live.traces_changed.get(), live.reset.get(), done_here)
        },
        move |(asked, ..)| async move {
            let department = match asked.as_str() {
                "all" => None,
                "" => {
                    let me = session.await.ok().flatten();
                    me.and_then(|me| me.station).map(|station| station.kind)
                }
                code => StationKind::from_code(code),
            };
            (department, traces(department).await)
        },
    );
    let refused = use_refused();
    announce_done(outcome(resolve), tu_string!(i18n, campaigns.trace.done));
    view! {
        <Title text=tu_string!(i18n, campaigns.trace.title)/>
        <div class="manage traces">
            <h1 class="page__title name">{tu_string!(i18n, campaigns.trace.title)}</h1>
            <p class="lede">{tu_string!(i18n, campaigns.trace.lede)}</p>
            <TraceForm action=write guest refused/>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    let refused = refused.await;
                    let attempt = Attempt::of(resolve, refused.as_ref());
                    let (department, list) = list.await;
                    match list {
                        Ok(list) => {
                            view! {
                                <FormNote outcome=attempt.outcome done=tu_string!(i18n, campaigns.trace.done)/>
                                <Departments department open=list.open/>
                                {lines(i18n, list, department, resolve)}
                            }
                                .into_any()
                        }
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// The way to the other departments, with how many are due in each.
#[component]
fn Departments(department: Option<StationKind>, open: [u32; StationKind::ALL.len()]) -> impl IntoView {
    let i18n = use_i18n();
    let all = open.iter().sum::<u32>();
    let everything = (None, "all", tu_string!(i18n, campaigns.trace.all), all);
    let links = StationKind::ALL
        .into_iter()
        .zip(open)
        .map(|(kind, count)| (Some(kind), kind.code(), kind_name(i18n, kind), count))
        .chain([everything])
        .map(|(kind, code, name, count)| {
            let current = (kind == department).then_some("page");
            view! {
                <li>
                    <a href=format!("/traces?department={code}") aria-current=current>
                        {tu_string!(i18n, campaigns.trace.department, name = name, count = number(count.into()))}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="subnav" aria-label=tu_string!(i18n, campaigns.trace.departments)>
            <ul>{links}</ul>
        </nav>
    }
}

fn lines(i18n: I18n, list: TraceList, department: Option<StationKind>, resolve: ServerAction<ResolveTrace>) -> AnyView {
    let TraceList { today, traces, more, .. } = list;
    let (open, resolved): (Vec<_>, Vec<_>) = traces.into_iter().partition(|trace| trace.resolved.is_none());
    let open = if open.is_empty() {
        view! {
            <Empty
                title=tu_string!(i18n, campaigns.trace.empty)
                text=tu_string!(i18n, campaigns.trace.empty_text)
            />
        }
        .into_any()
    } else {
        let lines =
            open.into_iter().map(|trace| line(i18n, trace, &today, department.is_none(), Some(resolve))).collect_view();
        view! { <ul class="traces__list" aria-label=tu_string!(i18n, campaigns.trace.open)>{lines}</ul> }.into_any()
    };
    let resolved = (!resolved.is_empty()).then(|| {
        let lines =
            resolved.into_iter().map(|trace| line(i18n, trace, &today, department.is_none(), None)).collect_view();
        view! {
            <section class="stack" aria-labelledby="traces-resolved">
                <h2 class="section-title" id="traces-resolved">{tu_string!(i18n, campaigns.trace.resolved)}</h2>
                <ul class="traces__list">{lines}</ul>
            </section>
        }
    });
    view! {
        {open}
        {more.then(|| view! { <p class="note">{tu_string!(i18n, campaigns.trace.more)}</p> })}
        {resolved}
    }
    .into_any()
}

/// One trace: whom it is about, what is to be done by when, and the button that says it has been.
fn line(
    i18n: I18n,
    trace: Trace,
    today: &str,
    names_department: bool,
    resolve: Option<ServerAction<ResolveTrace>>,
) -> AnyView {
    let address = trace.about.as_ref().map(|about| about.name.address());
    let about = trace.about.map(|about| {
        let parts = name_parts(i18n, &about.name, about.language.clone());
        view! {
            <p class="name-line">
                <a class="name trace__name row-link" href=format!("/guests/{}", about.guest)>
                    {about.name.address()}
                </a>
                " "
                {parts}
            </p>
        }
    });
    let what = match (trace.kind, trace.text) {
        (_, Some(text)) => text,
        (TraceKind::Birthday, None) => tu_string!(i18n, campaigns.trace.birthday).to_owned(),
        (TraceKind::Note, None) => String::new(),
    };
    let due = if trace.due == today {
        tu_string!(i18n, campaigns.trace.today).to_owned()
    } else {
        tu_string!(i18n, campaigns.trace.due, day = date::long_date(i18n, &trace.due))
    };
    let room = trace.room.map(|room| tu_string!(i18n, guests.card.room, room = room));
    let room = room.map(|room| view! { <span class="badge badge--room">{room}</span> });
    let overdue = trace
        .overdue
        .then(|| view! { <span class="badge badge--overdue">{tu_string!(i18n, campaigns.trace.overdue)}</span> });
    let department = names_department.then(|| view! { <span class="badge">{kind_name(i18n, trace.department)}</span> });
    let by = match trace.kind {
        TraceKind::Birthday => tu_string!(i18n, campaigns.trace.by, by = trace.by),
        TraceKind::Note => {
            let at = date::moment(i18n, &trace.written);
            tu_string!(i18n, campaigns.trace.written_by, by = trace.by, at = at)
        }
    };
    let id = trace.id;
    let end = match (trace.resolved, resolve) {
        (Some((who, at)), _) => {
            let words = tu_string!(i18n, campaigns.trace.resolved_by, who = who, at = date::moment(i18n, &at));
            view! { <p class="muted">{words}</p> }.into_any()
        }
        (None, Some(resolve)) => {
            let pending = resolve.pending();
            view! {
                <ActionForm action=resolve>
                    <input type="hidden" name="trace" value=id.to_string()/>
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, campaigns.trace.resolve)}
                        {address.map(|name| view! { <span class="visually-hidden">" " {name}</span> })}
                    </button>
                </ActionForm>
            }
            .into_any()
        }
        (None, None) => ().into_any(),
    };
    let class = if trace.overdue { "trace trace--overdue" } else { "trace" };
    view! {
        <li class=class>
            <div class="trace__what">
                {about}
                <p class="trace__text">{what}</p>
                <p class="cluster trace__marks">{room} {overdue} {department} <span class="muted">{due}</span></p>
                <p class="muted">{by}</p>
            </div>
            {end}
        </li>
    }
    .into_any()
}
