//! The forms by which points are spent and given.

use super::points::count;
use crate::{
    error::Refused,
    i18n::*,
    ids::{GuestId, OnceId},
    loyalty::{
        Extra, MAX_REASON,
        api::{GivePoints, RedeemPoints},
    },
    ui::{Attempt, Field, FormNote, Outcome, announce_done, reset_when_done},
};
use leptos::{html, prelude::*};

/// Spends points. Two forms that are sent under one id count once, so the id is another one after each that was kept.
#[component]
pub(super) fn SpendForm(
    guest: GuestId,
    once: OnceId,
    edits: RwSignal<u32>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let spend = ServerAction::<RedeemPoints>::new();
    let attempt = Attempt::of(spend, refused.as_ref());
    let (sent, pending) = (attempt.outcome, spend.pending());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(sent, form);
    announce_done(sent, tu_string!(i18n, loyalty.spend.done));
    count(sent, edits);
    let once = renewed(sent, once);
    // A form that comes back refused comes back open.
    let open = sent.with_untracked(|sent| matches!(sent, Some(Err(_))));
    view! {
        <details class="write" open=open>
            <summary class="button">{tu_string!(i18n, loyalty.spend.open)}</summary>
            <div class="write__sheet stack">
                <FormNote outcome=sent fields=&["points", "reason"] done=tu_string!(i18n, loyalty.spend.done)/>
                <ActionForm action=spend node_ref=form>
                    <input type="hidden" name="once" value=move || once.get().to_string()/>
                    <input type="hidden" name="guest" value=guest.to_string()/>
                    <Field
                        label=tu_string!(i18n, loyalty.spend.points)
                        name="points"
                        id="spend-points"
                        inputmode="numeric"
                        value=attempt.typed("points")
                        error=attempt.problem_in("points")
                        required=true
                        autocomplete="off"
                    />
                    <Field
                        label=tu_string!(i18n, loyalty.spend.reason)
                        name="reason"
                        id="spend-reason"
                        value=attempt.typed("reason")
                        hint=tu_string!(i18n, loyalty.spend.reason_hint)
                        error=attempt.problem_in("reason")
                        maxlength=MAX_REASON
                        required=true
                        autocomplete="off"
                    />
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, loyalty.spend.submit)}
                    </button>
                </ActionForm>
            </div>
        </details>
    }
}

/// Gives points: in one tap for a reason of the programme, or so many for a reason in words.
#[component]
pub(super) fn GiveForm(
    guest: GuestId,
    once: OnceId,
    /// The reasons of the programme.
    extras: Vec<Extra>,
    edits: RwSignal<u32>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let give = ServerAction::<GivePoints>::new();
    let attempt = Attempt::of(give, refused.as_ref());
    let (sent, pending) = (attempt.outcome, give.pending());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(sent, form);
    announce_done(sent, tu_string!(i18n, loyalty.give.done));
    count(sent, edits);
    let once = renewed(sent, once);
    let open = sent.with_untracked(|sent| matches!(sent, Some(Err(_))));
    let reasons = (!extras.is_empty()).then(|| {
        let buttons = extras
            .into_iter()
            .map(|extra| {
                let words = tu_string!(
                    i18n,
                    loyalty.give.extra,
                    name = extra.name.clone(),
                    points = super::words::amount(extra.points)
                );
                view! {
                    <button
                        class="button"
                        type="submit"
                        name="extra"
                        value=extra.name
                        disabled=move || pending.get()
                    >
                        {words}
                    </button>
                }
            })
            .collect_view();
        view! {
            <ActionForm action=give>
                <input type="hidden" name="once" value=move || once.get().to_string()/>
                <input type="hidden" name="guest" value=guest.to_string()/>
                <fieldset class="chips">
                    <legend>{tu_string!(i18n, loyalty.give.extras)}</legend>
                    <div class="cluster">{buttons}</div>
                </fieldset>
            </ActionForm>
        }
    });
    view! {
        <details class="write" open=open>
            <summary class="button">{tu_string!(i18n, loyalty.give.open)}</summary>
            <div class="write__sheet stack">
                <FormNote outcome=sent fields=&["points", "reason"] done=tu_string!(i18n, loyalty.give.done)/>
                {reasons}
                <ActionForm action=give node_ref=form>
                    <input type="hidden" name="once" value=move || once.get().to_string()/>
                    <input type="hidden" name="guest" value=guest.to_string()/>
                    <Field
                        label=tu_string!(i18n, loyalty.give.points)
                        name="points"
                        id="give-points"
                        inputmode="numeric"
                        value=attempt.typed("points")
                        error=attempt.problem_in("points")
                        required=true
                        autocomplete="off"
                    />
                    <Field
                        label=tu_string!(i18n, loyalty.give.reason)
                        name="reason"
                        id="give-reason"
                        value=attempt.typed("reason")
                        error=attempt.problem_in("reason")
                        maxlength=MAX_REASON
                        required=true
                        autocomplete="off"
                    />
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, loyalty.give.submit)}
                    </button>
                </ActionForm>
            </div>
        </details>
    }
}

/// What a form is sent under. What is sent next is another thing; what may not have arrived and is sent again is the
/// same.
pub(super) fn renewed(sent: Outcome, first: OnceId) -> RwSignal<OnceId> {
    let once = RwSignal::new(first);
    Effect::new(move |watched: Option<()>| {
        let is_kept = sent.with(|sent| matches!(sent, Some(Ok(()))));
        if watched.is_some() && is_kept {
            once.set(OnceId::new());
        }
    });
    once
}
