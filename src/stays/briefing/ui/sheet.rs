//! The sheet about a guest who arrives, on the screen and on paper.

use super::words::{cue_words, known_words, question_words, shared_words};
use crate::{
    error::AppError,
    guests::{
        Preference,
        card::GuestCard,
        evidence::{HonourScore, Standing},
        relations::ui::{child_words, occasion_words, relation_words},
        rhythm,
        ui::{
            idle::{lock_address, lock_when_idle},
            names::name_parts,
            words::{group_words, language_words, preference_words, presence_words, stay_words, vip_words},
        },
    },
    i18n::*,
    ids::GuestId,
    loyalty::ui::{balance_words, expiring_words},
    requests::{
        asked::ui::{request_sentence, request_state},
        recovery::{
            RecoveryLine,
            ui::{
                cue_words as complaint_cue, promise_words,
                words::{cause_words, place_words, state_words},
            },
        },
        traces::{TraceKind, ui::department_name},
    },
    staff::ui::use_session,
    stays::{
        Presence,
        briefing::{Briefing, Preparation, api::open_briefing},
        usual::UsualLine,
    },
    ui::{Failed, I18n, Loading, date, money, redirect_to},
};
use leptos::{ev::MouseEvent, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// The page `/briefings/:id`.
#[component]
pub fn BriefingPage() -> impl IntoView {
    let i18n = use_i18n();
    let params = use_params_map();
    let guest =
        Memo::new(move |_| params.with(|params| params.get_str("id").and_then(|id| id.parse::<GuestId>().ok())));
    let session = use_session();
    let lock = lock_address();
    let sheet = Resource::new(
        move || guest.get(),
        |guest| async move {
            match guest {
                Some(guest) => open_briefing(guest).await,
                None => Err(AppError::NotFound),
            }
        },
    );
    view! {
        <Title text=tu_string!(i18n, visits.briefing.sheet)/>
        <div class="manage briefing">
            <Transition fallback=Loading>
                {move || {
                    let lock = lock.clone();
                    Suspend::new(async move {
                        let (sheet, me) = (sheet.await, session.await.ok().flatten());
                        match sheet {
                            Ok(sheet) => {
                                if let Some(me) = me {
                                    lock_when_idle(lock, me.idle_minutes);
                                }
                                shown(i18n, &sheet)
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

fn shown(i18n: I18n, sheet: &Briefing) -> AnyView {
    let card = &sheet.card;
    let identity = card.identity();
    let guest = identity.guest;
    let print = move |_: MouseEvent| {
        // A browser that does not print says so itself.
        let _ = window().print();
    };
    let made = tu_string!(i18n, visits.briefing.made, day = date::long_date(i18n, &sheet.today.to_string()));
    view! {
        <article class="sheet stack" aria-labelledby="briefing-name">
            <header class="sheet__head">
                <h1 class="name name--huge" id="briefing-name">{identity.name.address()}</h1>
                <p class="name-line">{name_parts(i18n, &identity.name, identity.language.clone())}</p>
                {marks(i18n, card)}
                <p class="cluster sheet__ways">
                    <button class="button" type="button" on:click=print>
                        {tu_string!(i18n, visits.briefing.print)}
                    </button>
                    <a class="button button--quiet" href=format!("/guests/{guest}")>{tu_string!(i18n, visits.to_card)}</a>
                </p>
            </header>
            {warnings(i18n, sheet)}
            {part("briefing-who", tu_string!(i18n, visits.briefing.who), who(i18n, card))}
            {part("briefing-wrong", tu_string!(i18n, visits.briefing.wrong), wrong(i18n, sheet))}
            {part("briefing-prepare", tu_string!(i18n, visits.briefing.prepare), prepare(i18n, sheet))}
            {part("briefing-likes", tu_string!(i18n, visits.briefing.likes), likes(i18n, sheet))}
            {part("briefing-people", tu_string!(i18n, visits.briefing.people), people(i18n, card))}
            {part("briefing-notes", tu_string!(i18n, guests.card.notes), notes(i18n, card))}
            {part("briefing-counted", tu_string!(i18n, visits.briefing.counted), counted(i18n, card))}
            {part("briefing-ask", tu_string!(i18n, visits.briefing.to_ask), asked(i18n, sheet))}
            {doubles(i18n, sheet)}
            <p class="muted">{made}</p>
        </article>
    }
    .into_any()
}

/// A part with a line for each thing; nothing where there is none.
fn part(id: &'static str, title: &'static str, lines: Vec<String>) -> Option<AnyView> {
    if lines.is_empty() {
        return None;
    }
    let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    Some(
        view! {
            <section class="sheet__part" aria-labelledby=id>
                <h2 class="section-title" id=id>{title}</h2>
                <ul class="sheet__lines">{lines}</ul>
            </section>
        }
        .into_any(),
    )
}

fn marks(i18n: I18n, card: &GuestCard) -> AnyView {
    let identity = card.identity();
    let marks = [
        card.room().map(|room| ("badge badge--room", tu_string!(i18n, guests.card.room, room = room.to_owned()))),
        vip_words(i18n, identity.vip).map(|words| ("badge badge--vip", words)),
        identity.language.as_deref().map(|code| ("badge", language_words(i18n, code))),
        (identity.presence != Presence::Elsewhere).then(|| ("badge", presence_words(i18n, identity.presence))),
    ];
    let marks = marks.into_iter().flatten().map(|(class, words)| view! { <li class=class>{words}</li> }).collect_view();
    view! { <ul class="cluster">{marks}</ul> }.into_any()
}

/// What must be known before anything is said.
fn warnings(i18n: I18n, sheet: &Briefing) -> AnyView {
    let card = &sheet.card;
    let incognito = card
        .identity()
        .incognito
        .then(|| view! { <p class="band band--incognito">{tu_string!(i18n, guests.card.incognito)}</p> });
    let cue = card.cue().map(|cue| view! { <p class="band band--complaint">{complaint_cue(i18n, cue)}</p> });
    let dietary: Vec<_> = card.dietary().iter().map(|known| preference_words(i18n, &known.value)).collect();
    let dietary = (!dietary.is_empty()).then(|| view! { <p class="band band--dietary">{dietary.join(" · ")}</p> });
    view! {
        {incognito}
        {cue}
        {dietary}
    }
    .into_any()
}

/// The stay, how often the guest was here and when last, and the days that the house keeps.
fn who(i18n: I18n, card: &GuestCard) -> Vec<String> {
    let stay = card.stay().map(|stay| {
        tu_string!(
            i18n,
            visits.timeline.stay,
            arrival = date::long_date(i18n, &stay.arrival),
            departure = date::long_date(i18n, &stay.departure),
            house = stay.house.clone()
        )
    });
    let often = card.history().map(|history| match (card.identity().presence, history.stay_number) {
        (Presence::Elsewhere, 0) => tu_string!(i18n, guests.card.never_here).to_owned(),
        (Presence::Elsewhere, number) => tu_string!(i18n, guests.card.stays_so_far, count = number),
        (_, number) => stay_words(i18n, number),
    });
    let last = card.history().and_then(|history| history.last.clone()).map(|(departure, room)| {
        let day = date::long_date(i18n, &departure);
        match room {
            Some(room) => tu_string!(i18n, visits.briefing.last_room, day = day, room = room),
            None => tu_string!(i18n, visits.briefing.last, day = day),
        }
    });
    let birthday = card.birthday().map(|birthday| {
        tu_string!(i18n, guests.card.birthday, day = date::day_month(i18n, birthday.month, birthday.day))
    });
    let occasions = card.occasions().iter().map(|occasion| occasion_words(i18n, occasion));
    [stay, often, last, birthday].into_iter().flatten().chain(occasions).collect()
}

/// What went wrong last time, and how it was put right; and how well the last stay went for what was known.
fn wrong(i18n: I18n, sheet: &Briefing) -> Vec<String> {
    let score = sheet.score.map(|score| {
        let HonourScore { known, honoured, missed } = score;
        tu_string!(i18n, visits.briefing.score, known = known, honoured = honoured, missed = missed)
    });
    sheet.complaints.iter().map(|line| complaint(i18n, line)).chain(score).collect()
}

fn complaint(i18n: I18n, line: &RecoveryLine) -> String {
    let where_it_was = tu_string!(
        i18n,
        care.line.what_where,
        cause = cause_words(i18n, line.cause),
        place = place_words(i18n, line.place)
    );
    let result = line.result.clone().map(|result| tu_string!(i18n, care.line.result, result = result));
    [
        Some(line.what.clone()),
        Some(where_it_was),
        Some(date::moment(i18n, &line.on)),
        Some(state_words(i18n, line.state).to_owned()),
        promise_words(i18n, line),
        result,
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" · ")
}

/// What is to be done: what departments were told, what was asked for, what is said and what is done without a word,
/// and the usual.
fn prepare(i18n: I18n, sheet: &Briefing) -> Vec<String> {
    let card = &sheet.card;
    let traces = sheet.traces.iter().map(|trace| trace_words(i18n, trace));
    let requests = card.served().map(|served| served.requests.as_slice()).unwrap_or_default();
    let requests = requests.iter().map(|line| {
        let parts = [request_sentence(i18n, line, Some("")), request_state(i18n, line)];
        parts.join(" · ")
    });
    let cues = all_known(card)
        // What may be over is asked first.
        .filter(|known| {
            let standing = known.evidence.standing(sheet.today, sheet.fade_days);
            !matches!(standing, Standing::Fading | Standing::Contradicted | Standing::Once)
        })
        .map(|known| {
            tu_string!(
                i18n,
                visits.briefing.cue.line,
                what = preference_words(i18n, &known.value),
                cue = cue_words(i18n, known.evidence.cue)
            )
        });
    let usuals = card.usuals().iter().filter(|usual| usual.is_offered()).map(|usual| usual_words(i18n, usual));
    traces.chain(requests).chain(cues).chain(usuals).collect()
}

fn trace_words(i18n: I18n, trace: &Preparation) -> String {
    let what = match (&trace.text, trace.kind) {
        (Some(text), _) => text.clone(),
        (None, TraceKind::Birthday) => tu_string!(i18n, campaigns.trace.birthday).to_owned(),
        (None, TraceKind::Recovery) => tu_string!(i18n, work.line.promise).to_owned(),
        (None, _) => String::new(),
    };
    let due = date::short_date(i18n, &trace.due);
    let due = match trace.time.clone() {
        Some(time) => tu_string!(i18n, work.line.at, day = due, time = time),
        None => due,
    };
    let parts = [what, department_name(i18n, trace.department).to_owned(), due];
    let parts = parts.into_iter().chain(trace.assigned.clone()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" · ")
}

fn usual_words(i18n: I18n, usual: &UsualLine) -> String {
    let seat = usual.seat.clone().map(|seat| tu_string!(i18n, visits.briefing.table, table = seat));
    let what: Vec<String> = usual.drinks.iter().chain(&usual.dishes).cloned().chain(seat).collect();
    tu_string!(i18n, visits.briefing.usual, outlet = usual.outlet.clone(), what = what.join(", "))
}

fn all_known(card: &GuestCard) -> impl Iterator<Item = &Preference> {
    card.dietary().iter().chain(card.dining()).chain(card.preferences())
}

/// What the guest likes, and how well it is known.
fn likes(i18n: I18n, sheet: &Briefing) -> Vec<String> {
    all_known(&sheet.card)
        .map(|known| {
            tu_string!(
                i18n,
                visits.briefing.known,
                group = group_words(i18n, known.group),
                what = preference_words(i18n, &known.value),
                evidence = known_words(i18n, known, sheet.today, sheet.fade_days)
            )
        })
        .collect()
}

/// Who travels with the guest, and who else belongs to him.
fn people(i18n: I18n, card: &GuestCard) -> Vec<String> {
    let Some(served) = card.served() else { return Vec::new() };
    let party = served.party.as_ref().map(|party| {
        let others: Vec<_> = party.others.iter().map(|(_, name)| name.address()).collect();
        tu_string!(i18n, visits.briefing.party, name = party.name.clone(), others = others.join(", "))
    });
    let people = served.people.iter().map(|line| {
        let name = line.name.address();
        tu_string!(i18n, visits.briefing.person, name = name, relation = relation_words(i18n, line.relation))
    });
    let children = served.children.iter().map(|child| child_words(i18n, child));
    party.into_iter().chain(people).chain(children).collect()
}

fn notes(i18n: I18n, card: &GuestCard) -> Vec<String> {
    let by = |name: &String| tu_string!(i18n, visits.timeline.by, name = name.clone());
    card.notes().iter().map(|note| format!("{} · {}", note.text, by(&note.by))).collect()
}

/// What was charged for rooms, points, and how the guest usually comes back: as much of it as the card carries.
fn counted(i18n: I18n, card: &GuestCard) -> Vec<String> {
    let spend: &[(String, i64)] = match card {
        GuestCard::Manager(card) => card.spend.totals.as_slice(),
        _ => &[],
    };
    let spend = spend
        .iter()
        .map(|(currency, minor)| tu_string!(i18n, visits.briefing.spend_rooms, amount = money(*minor, currency)));
    let points = card.counted().and_then(|counted| counted.points.as_ref());
    let points = points.map(|line| [Some(balance_words(i18n, line)), expiring_words(i18n, line)]);
    let points = points.into_iter().flatten().flatten();
    spend.chain(points).chain(rhythm::ui::on_card(i18n, card)).collect()
}

fn asked(i18n: I18n, sheet: &Briefing) -> Vec<String> {
    sheet.questions.iter().map(|question| question_words(i18n, question)).collect()
}

/// Profiles that may be of the same person, with the way to each.
fn doubles(i18n: I18n, sheet: &Briefing) -> Option<AnyView> {
    if sheet.doubles.is_empty() {
        return None;
    }
    let lines = sheet
        .doubles
        .iter()
        .map(|double| {
            let parts = name_parts(i18n, &double.name, double.language.clone());
            view! {
                <li class="name-line">
                    <a class="name row-link" href=format!("/guests/{}", double.guest)>
                        {double.name.address()}
                    </a>
                    " "
                    {parts}
                    " "
                    <span class="muted">{shared_words(i18n, double.shared)}</span>
                </li>
            }
        })
        .collect_view();
    Some(
        view! {
            <section class="sheet__part" aria-labelledby="briefing-doubles">
                <h2 class="section-title" id="briefing-doubles">{tu_string!(i18n, visits.briefing.doubles)}</h2>
                <ul class="sheet__lines">{lines}</ul>
            </section>
        }
        .into_any(),
    )
}
