//! One trace: whom it is about, what is to be done by when and by whom, and the buttons that say so.

use super::words::{asked_words, department_name, source_words};
use crate::{
    guests::ui::names::name_parts,
    i18n::*,
    ids::StaffId,
    requests::traces::{
        AskedFor, Colleague, Trace, TraceKind,
        api::{AssignTrace, ResolveTrace},
    },
    ui::{I18n, Select, date},
};
use leptos::prelude::*;

/// For whom lines are made.
pub struct Reader {
    pub i18n: I18n,
    /// House-local `YYYY-MM-DD`.
    pub today: String,
    pub me: StaffId,
    /// To whom the reader may give work.
    pub colleagues: Vec<Colleague>,
    /// Whether the list is of more than one department.
    pub names_department: bool,
    pub resolve: ServerAction<ResolveTrace>,
    pub assign: ServerAction<AssignTrace>,
}

/// The line, as an item of a list.
pub fn line(reader: &Reader, trace: &Trace) -> AnyView {
    let i18n = reader.i18n;
    let about = trace.about.clone().map(|about| {
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
    let room = trace.room.clone().map(|room| tu_string!(i18n, guests.card.room, room = room));
    let room = room.map(|room| view! { <span class="badge badge--room">{room}</span> });
    let overdue = trace
        .overdue
        .then(|| view! { <span class="badge badge--overdue">{tu_string!(i18n, campaigns.trace.overdue)}</span> });
    let department =
        reader.names_department.then(|| view! { <span class="badge">{department_name(i18n, trace.department)}</span> });
    let whose = whose_words(reader, trace).map(|words| view! { <span class="badge">{words}</span> });
    let source = trace.source.as_ref().map(|source| view! { <p class="muted">{source_words(i18n, source)}</p> });
    let class = if trace.overdue { "trace trace--overdue" } else { "trace" };
    view! {
        <li class=class>
            <div class="trace__what">
                {about}
                <p class="trace__text">{what_words(i18n, trace)}</p>
                <p class="cluster trace__marks">
                    {room} {overdue} {department} {whose} <span class="muted">{due_words(reader, trace)}</span>
                </p>
                {source}
                <p class="muted">{by_words(i18n, trace)}</p>
            </div>
            {end(reader, trace)}
        </li>
    }
    .into_any()
}

/// What is to be done.
fn what_words(i18n: I18n, trace: &Trace) -> String {
    if let Some(AskedFor { kind, place, .. }) = &trace.request {
        let parts = [Some(asked_words(i18n, *kind).to_owned()), place.clone(), trace.text.clone()];
        let mut parts: Vec<String> = parts.into_iter().flatten().collect();
        // Who entered it may have written the place down as its words too.
        parts.dedup();
        return parts.join(" · ");
    }
    match (&trace.text, trace.kind) {
        (Some(text), _) => text.clone(),
        (None, TraceKind::Birthday) => tu_string!(i18n, campaigns.trace.birthday).to_owned(),
        (None, TraceKind::Recovery) => tu_string!(i18n, work.line.promise).to_owned(),
        (None, _) => String::new(),
    }
}

/// By when.
fn due_words(reader: &Reader, trace: &Trace) -> String {
    let i18n = reader.i18n;
    let day = if trace.due == reader.today {
        tu_string!(i18n, campaigns.trace.today).to_owned()
    } else {
        tu_string!(i18n, campaigns.trace.due, day = date::long_date(i18n, &trace.due))
    };
    match trace.time.clone() {
        Some(time) => tu_string!(i18n, work.line.at, day = day, time = time),
        None => day,
    }
}

/// Who is to do it, where somebody is.
fn whose_words(reader: &Reader, trace: &Trace) -> Option<String> {
    let i18n = reader.i18n;
    let (staff, name) = trace.assigned.clone()?;
    Some(if staff == reader.me {
        tu_string!(i18n, work.line.mine).to_owned()
    } else {
        tu_string!(i18n, work.line.whose, name = name)
    })
}

/// Who wrote it: a campaign, a colleague, or a rule of a colleague's.
fn by_words(i18n: I18n, trace: &Trace) -> String {
    let by = trace.by.clone();
    match (&trace.source, trace.kind) {
        (Some(_), _) => tu_string!(i18n, work.line.by_rule, by = by),
        (None, TraceKind::Birthday) => tu_string!(i18n, campaigns.trace.by, by = by),
        (None, _) => {
            let at = date::moment(i18n, &trace.written);
            tu_string!(i18n, campaigns.trace.written_by, by = by, at = at)
        }
    }
}

/// What can be done with it, or who has done it.
fn end(reader: &Reader, trace: &Trace) -> AnyView {
    let i18n = reader.i18n;
    if let Some((who, at)) = trace.resolved.clone() {
        let words = tu_string!(i18n, campaigns.trace.resolved_by, who = who, at = date::moment(i18n, &at));
        return view! { <p class="muted">{words}</p> }.into_any();
    }
    view! {
        <div class="trace__do">
            {done(reader, trace)}
            {take(reader, trace)}
            {give(reader, trace)}
        </div>
    }
    .into_any()
}

/// The button that says that it has been seen to. What a guest asked for is arranged on the request itself, which
/// asks how.
fn done(reader: &Reader, trace: &Trace) -> AnyView {
    let i18n = reader.i18n;
    let address = address_of(trace);
    if trace.request.is_some() {
        let about = trace.about.as_ref().map(|about| format!("?guest={}", about.guest)).unwrap_or_default();
        return view! {
            <a class="button button--primary" href=format!("/requests{about}")>
                {tu_string!(i18n, work.line.to_request)}
                {address.map(|name| view! { <span class="visually-hidden">" " {name}</span> })}
            </a>
        }
        .into_any();
    }
    let (resolve, pending) = (reader.resolve, reader.resolve.pending());
    let id = trace.id.to_string();
    view! {
        <ActionForm action=resolve>
            <input type="hidden" name="trace" value=id/>
            <button class="button button--primary" type="submit" disabled=move || pending.get()>
                {tu_string!(i18n, campaigns.trace.resolve)}
                {address.map(|name| view! { <span class="visually-hidden">" " {name}</span> })}
            </button>
        </ActionForm>
    }
    .into_any()
}

/// Taking it on oneself where it is nobody's, and giving back what is one's own.
fn take(reader: &Reader, trace: &Trace) -> Option<AnyView> {
    let i18n = reader.i18n;
    let (person, words) = match &trace.assigned {
        None => ("me", tu_string!(i18n, work.line.take)),
        Some((staff, _)) if *staff == reader.me => ("", tu_string!(i18n, work.line.put_back)),
        Some(_) => return None,
    };
    let (assign, pending) = (reader.assign, reader.assign.pending());
    let id = trace.id.to_string();
    let address = address_of(trace).map(|name| view! { <span class="visually-hidden">" " {name}</span> });
    Some(
        view! {
            <ActionForm action=assign>
                <input type="hidden" name="trace" value=id/>
                <input type="hidden" name="person" value=person/>
                <button class="button button--quiet" type="submit" disabled=move || pending.get()>
                    {words} {address}
                </button>
            </ActionForm>
        }
        .into_any(),
    )
}

/// Giving it to a colleague, for those who hand out work.
fn give(reader: &Reader, trace: &Trace) -> Option<AnyView> {
    let i18n = reader.i18n;
    if reader.colleagues.is_empty() {
        return None;
    }
    let nobody = (String::new(), tu_string!(i18n, work.line.nobody).to_owned());
    let colleagues = reader.colleagues.iter().map(|who| (who.id.to_string(), who.name.clone()));
    let options: Vec<_> = std::iter::once(nobody).chain(colleagues).collect();
    let assigned = trace.assigned.as_ref().map(|(staff, _)| staff.to_string()).unwrap_or_default();
    let (assign, pending) = (reader.assign, reader.assign.pending());
    let id = trace.id.to_string();
    let address = address_of(trace).map(|name| view! { <span class="visually-hidden">" " {name}</span> });
    Some(
        view! {
            <details class="write trace__give">
                <summary class="button button--quiet">{tu_string!(i18n, work.line.give)} {address}</summary>
                <div class="write__sheet">
                    <ActionForm action=assign>
                        <input type="hidden" name="trace" value=id.clone()/>
                        <Select
                            label=tu_string!(i18n, work.line.give_to)
                            name="person"
                            id=format!("person-{id}")
                            options=options
                            selected=assigned
                        />
                        <button class="button" type="submit" disabled=move || pending.get()>
                            {tu_string!(i18n, work.line.give_submit)}
                        </button>
                    </ActionForm>
                </div>
            </details>
        }
        .into_any(),
    )
}

/// Whom it is about, for those who hear the buttons and do not see beside what they stand.
fn address_of(trace: &Trace) -> Option<String> {
    trace.about.as_ref().map(|about| about.name.address())
}
