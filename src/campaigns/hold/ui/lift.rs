//! Why nothing is sent to a guest's address, the form that lifts that, and what was lifted before.

use crate::{
    campaigns::hold::{Lifted, MAX_REASON, Suppressed, api::LiftSuppression},
    i18n::*,
    ids::GuestId,
    ui::{Attempt, Field, Folded, FormNote, I18n, date},
};
use leptos::prelude::*;

/// Tells of the suppression while there is one.
#[component]
pub fn Suppression(
    guest: GuestId,
    /// It alone: what was typed stays while something else about the guest is loaded anew.
    suppressed: Memo<Option<Suppressed>>,
    action: ServerAction<LiftSuppression>,
    attempt: Attempt,
) -> impl IntoView {
    let i18n = use_i18n();
    move || {
        let attempt = attempt.clone();
        suppressed.get().map(|suppressed| {
            let form = if suppressed.may_lift {
                view! { <LiftForm guest action attempt/> }.into_any()
            } else {
                let who = if suppressed.cause == "complained" {
                    tu_string!(i18n, campaigns.hold.suppressed.only_manager)
                } else {
                    tu_string!(i18n, campaigns.hold.suppressed.only_planners)
                };
                view! { <p class="muted">{who}</p> }.into_any()
            };
            view! {
                <div class="locator stack">
                    <p>
                        <strong>{tu_string!(i18n, campaigns.hold.suppressed.title)}</strong>
                        " "
                        {standing(i18n, &suppressed)}
                    </p>
                    {form}
                </div>
            }
        })
    }
}

#[component]
fn LiftForm(guest: GuestId, action: ServerAction<LiftSuppression>, attempt: Attempt) -> impl IntoView {
    let i18n = use_i18n();
    let (tried, pending) = (attempt.outcome, action.pending());
    view! {
        <Folded label=tu_string!(i18n, campaigns.hold.suppressed.say) outcome=tried>
            <FormNote outcome=tried fields=&["why"]/>
            <ActionForm action=action>
                <input type="hidden" name="guest" value=guest.to_string()/>
                <Field
                    label=tu_string!(i18n, campaigns.hold.suppressed.why)
                    name="why"
                    id="lift-why"
                    value=attempt.typed("why")
                    hint=tu_string!(i18n, campaigns.hold.suppressed.why_hint)
                    error=attempt.problem_in("why")
                    maxlength=MAX_REASON
                    autocomplete="off"
                    required=true
                />
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, campaigns.hold.suppressed.lift)}
                </button>
            </ActionForm>
        </Folded>
    }
}

/// "Letters came back (5.1.1), since 3 Mar 2026, 14:05."
fn standing(i18n: I18n, suppressed: &Suppressed) -> String {
    let cause = cause_words(i18n, &suppressed.cause, suppressed.detail.as_deref());
    let at = date::moment(i18n, &suppressed.at);
    match &suppressed.until {
        Some(until) => tu_string!(
            i18n,
            campaigns.hold.suppressed.since_until,
            cause = cause,
            at = at,
            until = date::moment(i18n, until)
        ),
        None => tu_string!(i18n, campaigns.hold.suppressed.since, cause = cause, at = at),
    }
}

/// Why, with what the guest's provider said.
fn cause_words(i18n: I18n, cause: &str, detail: Option<&str>) -> String {
    let words = match cause {
        "bounced" => tu_string!(i18n, campaigns.hold.suppressed.bounced),
        "complained" => tu_string!(i18n, campaigns.hold.suppressed.complained),
        "by_hand" => tu_string!(i18n, campaigns.hold.suppressed.by_hand),
        other => other,
    };
    match detail.filter(|detail| !detail.is_empty()) {
        Some(detail) => tu_string!(i18n, campaigns.hold.suppressed.with_detail, cause = words, detail = detail),
        None => words.to_owned(),
    }
}

/// What was lifted before, newest first.
pub fn lifted_lines(i18n: I18n, lifted: &[Lifted]) -> AnyView {
    if lifted.is_empty() {
        return ().into_any();
    }
    let lines = lifted
        .iter()
        .map(|line| {
            let cause = cause_words(i18n, &line.cause, line.detail.as_deref());
            let was =
                tu_string!(i18n, campaigns.hold.suppressed.since, cause = cause, at = date::moment(i18n, &line.since));
            let by = tu_string!(
                i18n,
                campaigns.hold.suppressed.lifted_by,
                who = line.by.clone(),
                at = date::moment(i18n, &line.at)
            );
            view! {
                <li class="note-line">
                    <p>{was}</p>
                    <p>{tu_string!(i18n, campaigns.hold.wording, words = line.why.clone())}</p>
                    <p class="muted">{by}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="consent">
            <summary class="button button--quiet">{tu_string!(i18n, campaigns.hold.suppressed.history)}</summary>
            <ul class="note-lines">{lines}</ul>
        </details>
    }
    .into_any()
}
