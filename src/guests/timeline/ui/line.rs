//! One moment in words.

use crate::{
    alerts::{AlertKind, AlertState, Outcome},
    campaigns::ui::words::occurrence_words,
    guests::{
        card::StayLine,
        timeline::{Instruction, Moment, MomentKind, What, Word},
        ui::words::{audience_words, kind_words as word_kind, status_words},
    },
    i18n::*,
    loyalty::ui::{entry_words, signed_points, voucher_state_words, voucher_words},
    requests::{
        asked::ui::{request_sentence, request_state},
        recovery::{
            RecoveryLine,
            ui::{
                promise_words,
                words::{cause_words, place_words, state_words as complaint_state},
            },
        },
        traces::{TraceKind, ui::department_name},
    },
    ui::{I18n, date},
};
use leptos::prelude::*;

/// When, what kind of thing, what it was, and who did it.
pub(super) fn line(i18n: I18n, moment: &Moment) -> AnyView {
    let when = match &moment.time {
        Some(time) => date::moment(i18n, &format!("{} {time}", moment.day)),
        None => date::short_date(i18n, &moment.day),
    };
    let Told { what, text, asides, href } = told(i18n, &moment.what);
    let what = match href {
        Some(href) => view! { <a class="row-link" href=href>{what}</a> }.into_any(),
        None => view! { <span>{what}</span> }.into_any(),
    };
    let text = text.map(|text| view! { <p class="moment__text">{text}</p> });
    let asides = (!asides.is_empty()).then(|| view! { <p class="muted">{asides.join(" · ")}</p> });
    view! {
        <li class="moment">
            <p class="moment__when">
                <span class="badge">{kind_words(i18n, moment.place.kind)}</span>
                " "
                <span class="muted">{when}</span>
            </p>
            <div class="moment__what">
                <p>{what}</p>
                {text}
                {asides}
            </div>
        </li>
    }
    .into_any()
}

/// What a kind of moment is called.
#[must_use]
pub(super) fn kind_words(i18n: I18n, kind: MomentKind) -> &'static str {
    match kind {
        MomentKind::Stay => tu_string!(i18n, visits.timeline.kind.stay),
        MomentKind::Alert => tu_string!(i18n, visits.timeline.kind.alert),
        MomentKind::Request => tu_string!(i18n, visits.timeline.kind.request),
        MomentKind::Trace => tu_string!(i18n, visits.timeline.kind.trace),
        MomentKind::Note => tu_string!(i18n, visits.timeline.kind.note),
        MomentKind::Recovery => tu_string!(i18n, visits.timeline.kind.recovery),
        MomentKind::Greeting => tu_string!(i18n, visits.timeline.kind.greeting),
        MomentKind::Call => tu_string!(i18n, visits.timeline.kind.call),
        MomentKind::Points => tu_string!(i18n, visits.timeline.kind.points),
        MomentKind::Voucher => tu_string!(i18n, visits.timeline.kind.voucher),
    }
}

/// The parts of a line.
struct Told {
    what: String,
    /// In the words of whoever wrote it.
    text: Option<String>,
    /// What became of it, and who did what.
    asides: Vec<String>,
    /// Where more of it stands.
    href: Option<String>,
}

fn told(i18n: I18n, what: &What) -> Told {
    let by = |name: &String| tu_string!(i18n, visits.timeline.by, name = name.clone());
    match what {
        What::Stay(stay) => {
            let status = status_words(i18n, stay.status);
            Told { what: stay_words(i18n, stay), text: None, asides: vec![status], href: None }
        }
        What::Alert(word) => word_told(i18n, word),
        What::Request(line) => Told {
            // No day is today in a stream of years.
            what: request_sentence(i18n, line, Some("")),
            text: line.text.clone(),
            asides: vec![by(&line.asked_by), request_state(i18n, line)],
            href: Some(format!("/requests?guest={}", line.guest)),
        },
        What::Trace(trace) => trace_told(i18n, trace),
        What::Note { text, audience, by: author } => Told {
            what: audience_words(i18n, *audience),
            text: Some(text.clone()),
            asides: vec![by(author)],
            href: None,
        },
        What::Recovery(line) => complaint_told(i18n, line),
        What::Greeting { campaign, state } => Told {
            what: campaign.clone(),
            text: None,
            asides: vec![occurrence_words(i18n, *state).to_owned()],
            href: None,
        },
        What::Call { number, by: who } => Told {
            what: tu_string!(i18n, visits.timeline.called, number = number.clone()),
            text: None,
            asides: vec![tu_string!(i18n, visits.timeline.looked_up, name = who.clone())],
            href: None,
        },
        What::Points { kind, amount, reason, by: author } => Told {
            what: tu_string!(
                i18n,
                visits.timeline.points,
                kind = entry_words(i18n, *kind),
                points = signed_points(*amount)
            ),
            text: reason.clone(),
            asides: vec![by(author)],
            href: None,
        },
        What::Voucher { what, worth, state, expires, by: author } => Told {
            what: voucher_words(i18n, what, worth.as_ref()),
            text: None,
            asides: vec![
                voucher_state_words(i18n, *state).to_owned(),
                tu_string!(i18n, loyalty.voucher.until, day = date::short_date(i18n, expires)),
                by(author),
            ],
            href: None,
        },
    }
}

/// "3 Mar 2026 to 6 Mar 2026, The Cedars, room 904".
fn stay_words(i18n: I18n, stay: &StayLine) -> String {
    let (arrival, departure) = (date::short_date(i18n, &stay.arrival), date::short_date(i18n, &stay.departure));
    let house = stay.house.clone();
    match stay.room.clone() {
        Some(room) => tu_string!(
            i18n,
            visits.timeline.stay_room,
            arrival = arrival,
            departure = departure,
            house = house,
            room = room
        ),
        None => tu_string!(i18n, visits.timeline.stay, arrival = arrival, departure = departure, house = house),
    }
}

fn word_told(i18n: I18n, word: &Word) -> Told {
    let end = match (word.state, &word.outcome, &word.ended_by) {
        (AlertState::Raised, ..) => Some(tu_string!(i18n, alerts.state.sent, station = word.to.clone())),
        (AlertState::Acknowledged, ..) => None,
        (AlertState::Completed, Some(Outcome::Seated(table)), _) => {
            Some(tu_string!(i18n, alerts.state.seated, table = table.clone()))
        }
        (AlertState::Completed, _, Some(name)) if word.kind == AlertKind::Due => {
            Some(tu_string!(i18n, requests.due.seen_to_by, name = name.clone()))
        }
        (AlertState::Completed, _, Some(name)) => Some(tu_string!(i18n, alerts.state.greeted, name = name.clone())),
        (AlertState::Completed, _, None) => Some(tu_string!(i18n, alerts.state.greeted_plain).to_owned()),
        (AlertState::Withdrawn, _, Some(name)) => Some(tu_string!(i18n, alerts.state.withdrawn, name = name.clone())),
        (AlertState::Withdrawn, _, None) => Some(tu_string!(i18n, alerts.state.withdrawn_plain).to_owned()),
        (AlertState::Expired, ..) if word.taken_by.is_some() => None,
        (AlertState::Expired, ..) => Some(tu_string!(i18n, alerts.state.expired).to_owned()),
    };
    let taken = word.taken_by.clone().map(|name| tu_string!(i18n, alerts.state.acknowledged, name = name));
    let by = tu_string!(i18n, visits.timeline.by, name = word.by.join(", "));
    Told {
        what: tu_string!(
            i18n,
            alerts.history.line,
            kind = word_kind(i18n, word.kind),
            from = word.from.clone(),
            to = word.to.clone()
        ),
        text: word.text.clone(),
        asides: std::iter::once(by).chain(taken).chain(end).collect(),
        href: None,
    }
}

fn trace_told(i18n: I18n, trace: &Instruction) -> Told {
    let department = department_name(i18n, trace.department).to_owned();
    let what = match (&trace.text, trace.kind) {
        (Some(text), _) => text.clone(),
        (None, TraceKind::Birthday) => tu_string!(i18n, campaigns.trace.birthday).to_owned(),
        (None, _) => department.clone(),
    };
    let end = match trace.resolved_by.clone() {
        Some(name) => tu_string!(i18n, visits.timeline.done_by, name = name),
        None => tu_string!(i18n, visits.timeline.not_done).to_owned(),
    };
    let by = tu_string!(i18n, visits.timeline.by, name = trace.by.clone());
    Told { what, text: None, asides: vec![department, by, end], href: None }
}

fn complaint_told(i18n: I18n, line: &RecoveryLine) -> Told {
    let where_it_was = tu_string!(
        i18n,
        care.line.what_where,
        cause = cause_words(i18n, line.cause),
        place = place_words(i18n, line.place)
    );
    let result = line.result.clone().map(|result| tu_string!(i18n, care.line.result, result = result));
    let more = [promise_words(i18n, line), result];
    Told {
        what: line.what.clone(),
        text: None,
        asides: [where_it_was, complaint_state(i18n, line.state).to_owned()]
            .into_iter()
            .chain(more.into_iter().flatten())
            .collect(),
        href: Some(format!("/recoveries/{}", line.id)),
    }
}
