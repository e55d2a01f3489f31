//! The list of requests: what is to be arranged, by day and time, and what becomes of it.

use super::{
    part::asked_for_lines,
    words::{request_entered, request_sentence, request_state},
};
use crate::{
    alerts::live::{refetch_when, use_live},
    error::{AppError, Problem, Refused},
    guests::ui::names::name_parts,
    house::{StationKind, ui::kind_name},
    i18n::*,
    ids::GuestId,
    requests::asked::{
        AskedFor, MAX_TEXT, RequestLine, RequestList, RequestState,
        api::{ChangeRequest, EnterRequest, guest_requests, requests},
    },
    staff::ui::{RefusedForm, use_session},
    ui::{Attempt, Empty, Failed, Field, FormNote, I18n, Loading, announce_done, error_of, number, outcome},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Of whom or where the list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Of {
    Guest(GuestId),
    /// What concerns a department, or all of them.
    House(Option<StationKind>),
}

impl Of {
    async fn load(self) -> Result<RequestList, AppError> {
        match self {
            Self::Guest(guest) => guest_requests(guest).await,
            Self::House(department) => requests(department).await,
        }
    }
}

/// The list of a guest, or of a department with the way to the others.
#[component]
pub fn Requests(
    guest: Memo<Option<GuestId>>,
    department: Memo<String>,
    enter: ServerAction<EnterRequest>,
    change: ServerAction<ChangeRequest>,
    refused: RefusedForm,
) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let first = Resource::new(
        move || (guest.get(), department.get()),
        move |(guest, department)| async move {
            let of = match (guest, department.as_str()) {
                (Some(guest), _) => Of::Guest(guest),
                (None, "all") => Of::House(None),
                (None, "") => {
                    let me = session.await.ok().flatten();
                    Of::House(me.and_then(|me| me.station).map(|station| station.kind))
                }
                (None, code) => Of::House(StationKind::from_code(code)),
            };
            (of, of.load().await)
        },
    );
    announce_done(outcome(change), tu_string!(i18n, requests.list.noted));
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                let (refused, (of, list)) = (refused.await, first.await);
                match list {
                    Ok(list) => view! { <Listed of list enter change refused/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// The list as it was loaded, and as it is from then on. A line that has not changed stays, with what is being typed
/// into it.
#[component]
fn Listed(
    of: Of,
    list: RequestList,
    enter: ServerAction<EnterRequest>,
    change: ServerAction<ChangeRequest>,
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let attempt = Attempt::of(change, refused.as_ref());
    let refused = StoredValue::new(refused.filter(Refused::is_of::<ChangeRequest>));
    let shown = RwSignal::new(list);
    refetch_when(
        move || {
            let done_here = (enter.version().get(), change.version().get());
            (live.requests_changed.get(), live.stays_changed.get(), live.reset.get(), done_here)
        },
        move || of.load(),
        move |answer: Result<RequestList, AppError>| {
            if let Ok(list) = answer {
                shown.set(list);
            }
        },
    );
    let counts = Memo::new(move |_| shown.with(|shown| shown.counts));
    let is_empty = Memo::new(move |_| shown.with(|shown| shown.open.is_empty()));
    let more = Memo::new(move |_| shown.with(|shown| shown.more));
    let names_guest = matches!(of, Of::House(_));
    let departments = move || match of {
        Of::Guest(_) => ().into_any(),
        Of::House(department) => view! { <Departments department counts=counts.get()/> }.into_any(),
    };
    let row = move |asked: AskedFor| {
        let today = shown.with_untracked(|shown| shown.today.clone());
        let id = asked.line.id.to_string();
        let refused = refused.get_value().filter(|refused| refused.typed_in("request") == Some(id.as_str()));
        view! { <Row asked today change refused names_guest/> }
    };
    view! {
        <section class="stack" aria-labelledby="requests-open">
            <h2 class="section-title name" id="requests-open">
                {tu_string!(i18n, requests.list.open)}
            </h2>
            {departments}
            <FormNote outcome=attempt.outcome done=tu_string!(i18n, requests.list.noted)/>
            <ul class="requests__list" aria-labelledby="requests-open">
                <For
                    each=move || shown.with(|shown| shown.open.clone())
                    key=|asked: &AskedFor| (asked.line.clone(), asked.leaves_today)
                    children=row
                />
            </ul>
            {move || {
                is_empty
                    .get()
                    .then(|| {
                        view! {
                            <Empty
                                title=tu_string!(i18n, requests.list.empty)
                                text=tu_string!(i18n, requests.list.empty_text)
                            />
                        }
                    })
            }}
            {move || more.get().then(|| view! { <p class="note">{tu_string!(i18n, requests.list.more)}</p> })}
        </section>
        {move || shown.with(|shown| ended(i18n, &shown.ended))}
    }
}

/// The way to the other departments, with how many open ones concern each.
#[component]
fn Departments(department: Option<StationKind>, counts: [u32; StationKind::ALL.len()]) -> impl IntoView {
    let i18n = use_i18n();
    let links = StationKind::ALL
        .into_iter()
        .zip(counts)
        .map(|(kind, count)| {
            let current = (Some(kind) == department).then_some("page");
            let name = kind_name(i18n, kind);
            view! {
                <li>
                    <a href=format!("/requests?department={}", kind.code()) aria-current=current>
                        {tu_string!(i18n, requests.list.department, name = name, count = number(count.into()))}
                    </a>
                </li>
            }
        })
        .collect_view();
    let all = department.is_none().then_some("page");
    view! {
        <nav class="subnav" aria-label=tu_string!(i18n, requests.list.departments)>
            <ul>
                {links}
                <li>
                    <a href="/requests?department=all" aria-current=all>
                        {tu_string!(i18n, requests.list.all)}
                    </a>
                </li>
            </ul>
        </nav>
    }
}

/// One open request: whom it is for, what is known of it, and what can become of it.
#[component]
fn Row(
    asked: AskedFor,
    /// House-local `YYYY-MM-DD`.
    today: String,
    change: ServerAction<ChangeRequest>,
    /// What came back refused about this one.
    refused: Option<Refused>,
    /// Whether the line is to say whom it is for.
    names_guest: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let AskedFor { line, about, leaves_today } = asked;
    let class = if line.overdue { "request request--overdue" } else { "request" };
    let who = about.filter(|_| names_guest).map(|about| {
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
    let text = line.text.clone().map(|text| view! { <p class="trace__text">{text}</p> });
    let badge = |words: &'static str, class: &'static str| view! { <span class=class>{words}</span> };
    let overdue = line.overdue.then(|| badge(tu_string!(i18n, requests.line.overdue), "badge badge--overdue"));
    let leaves = leaves_today.then(|| badge(tu_string!(i18n, requests.line.leaves), "badge"));
    let room = line.room.clone().map(|room| tu_string!(i18n, guests.card.room, room = room));
    let room = room.map(|room| view! { <span class="badge badge--room">{room}</span> });
    let department = kind_name(i18n, line.department);
    view! {
        <li class=class>
            <div class="request__what">
                {who}
                <p class="request__sentence">{request_sentence(i18n, &line, Some(&today))}</p>
                {text}
                <p>{request_state(i18n, &line)}</p>
                <p class="cluster">
                    {room} {overdue} {leaves}
                    <span class="muted">{tu_string!(i18n, requests.line.arranges, department = department)}</span>
                </p>
                <p class="muted">{request_entered(i18n, &line)}</p>
            </div>
            <Changes line change refused/>
        </li>
    }
}

/// Arranged, done, declined.
#[component]
fn Changes(line: RequestLine, change: ServerAction<ChangeRequest>, refused: Option<Refused>) -> impl IntoView {
    let i18n = use_i18n();
    let pending = change.pending();
    let fields = |to: RequestState| {
        let (id, seen, was) = (line.id.to_string(), line.state.code(), line.details.clone().unwrap_or_default());
        view! {
            <input type="hidden" name="request" value=id/>
            <input type="hidden" name="to" value=to.code()/>
            <input type="hidden" name="seen" value=seen/>
            <input type="hidden" name="was" value=was/>
        }
    };
    let problem = |field: &str| match refused.as_ref().map(|refused| &refused.error) {
        Some(AppError::Fields(errors)) => error_of(errors, field),
        _ => None,
    };
    let typed =
        |field: &str| refused.as_ref().and_then(|refused| refused.typed_in(field)).unwrap_or_default().to_owned();
    let (no_details, no_reason): (Option<Problem>, Option<Problem>) = (problem("details"), problem("reason"));
    let (details_open, reason_open) = (no_details.is_some(), no_reason.is_some());
    let details = if details_open { typed("details") } else { line.details.clone().unwrap_or_default() };
    let reason = if reason_open { typed("reason") } else { String::new() };
    let is_arranged = line.state == RequestState::Arranged;
    let arrange = if is_arranged {
        tu_string!(i18n, requests.change.arrange_again)
    } else {
        tu_string!(i18n, requests.change.arrange)
    };
    let button = if is_arranged { "button" } else { "button button--primary" };
    let (id, needs_details) = (line.id, line.kind.needs_details());
    let (to_arrange, to_end, to_decline) =
        (fields(RequestState::Arranged), fields(RequestState::Done), fields(RequestState::Declined));
    view! {
        <div class="request__changes">
            <details class="write" open=details_open>
                <summary class=button>{arrange}</summary>
                <div class="write__sheet">
                    <ActionForm action=change>
                        {to_arrange}
                        <Field
                            label=tu_string!(i18n, requests.change.details)
                            name="details"
                            id=format!("details-{id}")
                            value=details
                            hint=tu_string!(i18n, requests.change.details_hint)
                            error=no_details
                            maxlength=MAX_TEXT
                            autocomplete="off"
                            required=needs_details
                        />
                        <button class="button button--primary" type="submit" disabled=move || pending.get()>
                            {tu_string!(i18n, requests.change.arrange_keep)}
                        </button>
                    </ActionForm>
                </div>
            </details>
            <ActionForm action=change>
                {to_end}
                <button class="button" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, requests.change.done)}
                </button>
            </ActionForm>
            <details class="write" open=reason_open>
                <summary class="button button--quiet">{tu_string!(i18n, requests.change.decline)}</summary>
                <div class="write__sheet">
                    <ActionForm action=change>
                        {to_decline}
                        <Field
                            label=tu_string!(i18n, requests.change.reason)
                            name="reason"
                            id=format!("reason-{id}")
                            value=reason
                            error=no_reason
                            maxlength=MAX_TEXT
                            autocomplete="off"
                            required=true
                        />
                        <button class="button button--danger" type="submit" disabled=move || pending.get()>
                            {tu_string!(i18n, requests.change.decline_keep)}
                        </button>
                    </ActionForm>
                </div>
            </details>
        </div>
    }
}

fn ended(i18n: I18n, ended: &[AskedFor]) -> Option<AnyView> {
    if ended.is_empty() {
        return None;
    }
    Some(
        view! {
            <section class="stack" aria-labelledby="requests-ended">
                <h2 class="section-title" id="requests-ended">{tu_string!(i18n, requests.list.ended)}</h2>
                {asked_for_lines(i18n, ended)}
            </section>
        }
        .into_any(),
    )
}
