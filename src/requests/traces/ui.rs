//! The work list: open traces first, by department or by person; the form in which they are written, the rules that
//! make them, and what becomes of the work of whoever leaves.

mod leaver;
mod line;
mod rule_form;
mod rules;
mod words;
mod write;

pub use leaver::LeaverPage;
pub use rules::RulesPage;
pub use words::department_name;

use super::{
    TraceList,
    api::{AssignTrace, ResolveTrace, WriteTrace, traces},
};
use crate::{
    alerts::live::use_live,
    house::StationKind,
    i18n::*,
    staff::ui::{use_refused, use_session},
    ui::{Attempt, Empty, Failed, FormNote, I18n, Loading, Select, announce_done, number, outcome},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use line::{Reader, line};
use write::TraceForm;

/// The page `/traces`. Without a department or a person in its address it shows the department of the station at
/// which the device stands.
#[component]
pub fn TracesPage() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let session = use_session();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| query.get("department").unwrap_or_default()));
    let person = Memo::new(move |_| query.with(|query| query.get("person").unwrap_or_default()));
    let guest = Memo::new(move |_| query.with(|query| query.get("guest").unwrap_or_default()));
    let resolve = ServerAction::<ResolveTrace>::new();
    let assign = ServerAction::<AssignTrace>::new();
    let write = ServerAction::<WriteTrace>::new();
    // Follows the line, and what is done here where there is none. Requests and complaints take their traces along.
    let list = Resource::new(
        move || {
            let done_here = (resolve.version().get(), assign.version().get(), write.version().get());
            let told = (live.traces_changed.get(), live.requests_changed.get(), live.guest_changed.get());
            (asked.get(), person.get(), told, live.reset.get(), done_here)
        },
        move |(asked, person, ..)| async move {
            let department = match asked.as_str() {
                _ if !person.is_empty() => None,
                "all" => None,
                "" => {
                    let me = session.await.ok().flatten();
                    me.and_then(|me| me.station).map(|station| station.kind)
                }
                code => StationKind::from_code(code),
            };
            (department, traces(department, person).await)
        },
    );
    let refused = use_refused();
    announce_done(outcome(resolve), tu_string!(i18n, campaigns.trace.done));
    announce_done(outcome(assign), tu_string!(i18n, work.line.given));
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
                    let given = Attempt::of(assign, refused.as_ref());
                    let (department, list) = list.await;
                    match list {
                        Ok(list) => {
                            let reader = Reader {
                                i18n,
                                today: list.today.clone(),
                                me: list.me,
                                colleagues: list.colleagues.clone(),
                                names_department: department.is_none(),
                                resolve,
                                assign,
                            };
                            view! {
                                <FormNote outcome=attempt.outcome done=tu_string!(i18n, campaigns.trace.done)/>
                                <FormNote outcome=given.outcome done=tu_string!(i18n, work.line.given)/>
                                {ways(i18n, department, &list)}
                                {lines(&reader, list)}
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

/// The way to the other departments, with how many are due in each, to one's own work, and, for those who hand it out,
/// to that of their colleagues.
fn ways(i18n: I18n, department: Option<StationKind>, list: &TraceList) -> AnyView {
    let of_departments = StationKind::ALL.into_iter().zip(list.open).map(|(kind, count)| {
        let is_current = list.person.is_none() && department == Some(kind);
        (format!("/traces?department={}", kind.code()), department_name(i18n, kind), count, is_current)
    });
    let all = list.open.iter().sum::<u32>();
    let everything = list.person.is_none() && department.is_none();
    let links = of_departments
        .chain([
            ("/traces?department=all".to_owned(), tu_string!(i18n, campaigns.trace.all), all, everything),
            ("/traces?person=me".to_owned(), tu_string!(i18n, work.list.mine), list.mine, list.person == Some(list.me)),
        ])
        .map(|(href, name, count, is_current)| {
            view! {
                <li>
                    <a href=href aria-current=is_current.then_some("page")>
                        {tu_string!(i18n, campaigns.trace.department, name = name, count = number(count.into()))}
                    </a>
                </li>
            }
        })
        .collect_view();
    let hands_out = (!list.colleagues.is_empty()).then(|| colleagues(i18n, list));
    view! {
        <nav class="subnav" aria-label=tu_string!(i18n, campaigns.trace.departments)>
            <ul>{links}</ul>
        </nav>
        {hands_out}
    }
    .into_any()
}

/// Whose work to look at, and the ways to the rules and to handing over.
fn colleagues(i18n: I18n, list: &TraceList) -> AnyView {
    let options: Vec<_> = list.colleagues.iter().map(|who| (who.id.to_string(), who.name.clone())).collect();
    let selected = list.person.map(|person| person.to_string()).unwrap_or_default();
    view! {
        <div class="cluster work__ways">
            <form class="inline-form" method="get" action="/traces">
                <Select
                    label=tu_string!(i18n, work.list.of_person)
                    label_hidden=true
                    name="person"
                    id="work-person"
                    options=options
                    selected=selected
                />
                <button class="button button--quiet" type="submit">
                    {tu_string!(i18n, work.list.show_person)}
                </button>
            </form>
            <a class="button button--quiet" href="/traces/rules">
                {tu_string!(i18n, work.rules.title)}
            </a>
            <a class="button button--quiet" href="/traces/leaver">
                {tu_string!(i18n, work.leaver.title)}
            </a>
        </div>
    }
    .into_any()
}

fn lines(reader: &Reader, list: TraceList) -> AnyView {
    let i18n = reader.i18n;
    let TraceList { traces, more, .. } = list;
    let (open, resolved): (Vec<_>, Vec<_>) = traces.iter().partition(|trace| trace.resolved.is_none());
    let open = if open.is_empty() {
        view! {
            <Empty
                title=tu_string!(i18n, campaigns.trace.empty)
                text=tu_string!(i18n, campaigns.trace.empty_text)
            />
        }
        .into_any()
    } else {
        let lines = open.into_iter().map(|trace| line(reader, trace)).collect_view();
        view! { <ul class="traces__list" aria-label=tu_string!(i18n, campaigns.trace.open)>{lines}</ul> }.into_any()
    };
    let resolved = (!resolved.is_empty()).then(|| {
        let lines = resolved.into_iter().map(|trace| line(reader, trace)).collect_view();
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
