//! Complaints on a guest's card: in full for those who see to them, and for the others that there is one.

use super::words::{cause_words, place_words, severity_words, state_words};
use crate::{
    guests::card::GuestCard,
    i18n::*,
    requests::recovery::{RecoveryCue, RecoveryLine, Severity},
    ui::{I18n, date},
};
use leptos::prelude::*;

/// What must be known before one speaks to a guest who has complained, or to whom something was promised.
#[must_use]
pub fn on_card(i18n: I18n, card: &GuestCard) -> Option<AnyView> {
    if let Some(cue) = card.cue() {
        let words = cue_words(i18n, cue);
        return Some(view! { <p class="band band--complaint">{words}</p> }.into_any());
    }
    let recoveries = card.recoveries();
    if recoveries.is_empty() {
        return None;
    }
    let bands = recoveries.iter().map(|line| view! { <li>{band(i18n, line)}</li> }).collect_view();
    Some(
        view! {
            <section aria-labelledby="guest-complaints">
                <h3 class="visually-hidden" id="guest-complaints">{tu_string!(i18n, care.title)}</h3>
                <ul class="bands">{bands}</ul>
            </section>
        }
        .into_any(),
    )
}

/// What is said to those who are not told what it is about.
#[must_use]
pub fn cue_words(i18n: I18n, cue: &RecoveryCue) -> &'static str {
    match (cue.is_open, cue.severity == Severity::GRAVE) {
        (true, true) => tu_string!(i18n, care.card.cue_grave),
        (true, false) => tu_string!(i18n, care.card.cue_open),
        (false, _) => tu_string!(i18n, care.card.cue_promised),
    }
}

/// One complaint: what and where, who sees to it, what was promised and what came of it, and the way to its page.
fn band(i18n: I18n, line: &RecoveryLine) -> AnyView {
    let where_it_was = tu_string!(
        i18n,
        care.line.what_where,
        cause = cause_words(i18n, line.cause),
        place = place_words(i18n, line.place)
    );
    let marks = [severity_words(i18n, line.severity), state_words(i18n, line.state)].join(" · ");
    let owner = tu_string!(i18n, care.line.owner, name = line.owner.clone());
    let result = line.result.clone().map(|result| tu_string!(i18n, care.line.result, result = result));
    let told = match &line.told {
        Some(at) => tu_string!(i18n, care.line.told, at = date::moment(i18n, at)),
        None => tu_string!(i18n, care.line.not_told).to_owned(),
    };
    let more = [promise_words(i18n, line), result];
    let more =
        more.into_iter().flatten().map(|words| view! { <p class="complaint__promise">{words}</p> }).collect_view();
    view! {
        <div class="band band--complaint complaint">
            <p class="complaint__what">{line.what.clone()}</p>
            {more}
            <p class="band__by">
                {where_it_was} " · " {marks} " · " {date::moment(i18n, &line.on)} " · " {owner} " · " {told}
            </p>
            <p>
                <a class="row-link" href=format!("/recoveries/{}", line.id)>
                    {tu_string!(i18n, care.line.see)}
                </a>
            </p>
        </div>
    }
    .into_any()
}

/// "Promised by 24 December 2026: a quieter room", and whether it has been kept.
#[must_use]
pub fn promise_words(i18n: I18n, line: &RecoveryLine) -> Option<String> {
    let promise = line.promise.clone()?;
    Some(match (&line.promise_due, line.promise_kept) {
        (_, true) => tu_string!(i18n, care.line.kept, promise = promise),
        (Some(due), false) => {
            tu_string!(i18n, care.line.promised_by, day = date::long_date(i18n, due), promise = promise)
        }
        (None, false) => tu_string!(i18n, care.line.promised, promise = promise),
    })
}
