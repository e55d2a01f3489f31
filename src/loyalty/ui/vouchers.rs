//! Vouchers on the page about a guest's points: issued, used, withdrawn.

use super::{
    forms::renewed,
    points::{Acts, count},
    words,
};
use crate::{
    error::Refused,
    i18n::*,
    ids::{GuestId, OnceId},
    loyalty::{
        MAX_REASON, VoucherState,
        api::{IssueVoucher, RedeemVoucher, WithdrawVoucher},
        page::{PointsDetail, VoucherRecord},
    },
    ui::{Attempt, Field, FormNote, I18n, Removal, announce_done, date, reset_when_done},
};
use leptos::{html, prelude::*, server_fn::ServerFn};

/// Issues a voucher, as a present or for points.
#[component]
pub(super) fn VoucherForm(
    guest: GuestId,
    once: OnceId,
    /// What it can be worth is in this currency: ISO 4217.
    currency: String,
    /// Today in the house, `YYYY-MM-DD`.
    today: String,
    /// Whether it can be paid for with points.
    costs: bool,
    edits: RwSignal<u32>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let issue = ServerAction::<IssueVoucher>::new();
    let attempt = Attempt::of(issue, refused.as_ref());
    let (sent, pending) = (attempt.outcome, issue.pending());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(sent, form);
    announce_done(sent, tu_string!(i18n, loyalty.voucher.done));
    count(sent, edits);
    let once = renewed(sent, once);
    let open = sent.with_untracked(|sent| matches!(sent, Some(Err(_))));
    let cost = costs.then(|| {
        view! {
            <Field
                label=tu_string!(i18n, loyalty.voucher.points)
                name="points"
                id="voucher-points"
                inputmode="numeric"
                value=attempt.typed("points")
                hint=tu_string!(i18n, loyalty.voucher.points_hint)
                error=attempt.problem_in("points")
                autocomplete="off"
            />
        }
    });
    view! {
        <details class="write" open=open>
            <summary class="button">{tu_string!(i18n, loyalty.voucher.open)}</summary>
            <div class="write__sheet stack">
                <FormNote
                    outcome=sent
                    fields=&["what", "amount", "expires", "points"]
                    done=tu_string!(i18n, loyalty.voucher.done)
                />
                <ActionForm action=issue node_ref=form>
                    <input type="hidden" name="once" value=move || once.get().to_string()/>
                    <input type="hidden" name="guest" value=guest.to_string()/>
                    <Field
                        label=tu_string!(i18n, loyalty.voucher.what)
                        name="what"
                        id="voucher-what"
                        value=attempt.typed("what")
                        hint=tu_string!(i18n, loyalty.voucher.what_hint)
                        error=attempt.problem_in("what")
                        maxlength=MAX_REASON
                        required=true
                        autocomplete="off"
                    />
                    <Field
                        label=tu_string!(i18n, loyalty.voucher.amount, currency = currency)
                        name="amount"
                        id="voucher-amount"
                        inputmode="decimal"
                        value=attempt.typed("amount")
                        hint=tu_string!(i18n, loyalty.voucher.amount_hint)
                        error=attempt.problem_in("amount")
                        autocomplete="off"
                    />
                    <Field
                        label=tu_string!(i18n, loyalty.voucher.expires)
                        name="expires"
                        id="voucher-expires"
                        kind="date"
                        value=attempt.typed_or("expires", today)
                        error=attempt.problem_in("expires")
                        required=true
                    />
                    {cost}
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, loyalty.voucher.submit)}
                    </button>
                </ActionForm>
            </div>
        </details>
    }
}

/// Uses a voucher by its code, as the guest reads it out.
#[component]
pub(super) fn UseVoucherForm(
    guest: GuestId,
    edits: RwSignal<u32>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let redeem = ServerAction::<RedeemVoucher>::new();
    let attempt = Attempt::of(redeem, refused.as_ref());
    let (sent, pending) = (attempt.outcome, redeem.pending());
    let form = NodeRef::<html::Form>::new();
    reset_when_done(sent, form);
    announce_done(sent, tu_string!(i18n, loyalty.voucher.used));
    count(sent, edits);
    let open = sent.with_untracked(|sent| matches!(sent, Some(Err(_))));
    view! {
        <details class="write" open=open>
            <summary class="button">{tu_string!(i18n, loyalty.voucher.use_open)}</summary>
            <div class="write__sheet stack">
                <FormNote outcome=sent fields=&["code"] done=tu_string!(i18n, loyalty.voucher.used)/>
                <ActionForm action=redeem node_ref=form>
                    <input type="hidden" name="guest" value=guest.to_string()/>
                    <Field
                        label=tu_string!(i18n, loyalty.voucher.code)
                        name="code"
                        id="voucher-code"
                        value=attempt.typed("code")
                        error=attempt.problem_in("code")
                        required=true
                        autocomplete="off"
                    />
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, loyalty.voucher.use_submit)}
                    </button>
                </ActionForm>
            </div>
        </details>
    }
}

/// The guest's vouchers, whatever became of them.
pub(super) fn voucher_records(i18n: I18n, guest: GuestId, detail: &PointsDetail, acts: Acts) -> Option<AnyView> {
    if detail.vouchers.is_empty() {
        return None;
    }
    let lines =
        detail.vouchers.iter().map(|voucher| record(i18n, guest, voucher, detail.may_reverse, acts)).collect_view();
    Some(
        view! {
            <section class="stack" aria-labelledby="points-vouchers">
                <h2 class="section-title" id="points-vouchers">{tu_string!(i18n, loyalty.voucher.title)}</h2>
                <ul class="vouchers">{lines}</ul>
            </section>
        }
        .into_any(),
    )
}

fn record(i18n: I18n, guest: GuestId, voucher: &VoucherRecord, may_withdraw: bool, acts: Acts) -> AnyView {
    let code = voucher.code.printed();
    let what = words::voucher(i18n, &voucher.what, voucher.amount.as_ref());
    let until = tu_string!(i18n, loyalty.voucher.until, day = date::long_date(i18n, &voucher.expires));
    let (by, at) = &voucher.issued;
    let issued = tu_string!(i18n, loyalty.voucher.issued_by, by = by.clone(), at = date::moment(i18n, at));
    let ended = voucher.ended.as_ref().map(|(by, at)| {
        let at = date::moment(i18n, at);
        match by.as_str() {
            "" => tu_string!(i18n, loyalty.voucher.ended, at = at),
            by => tu_string!(i18n, loyalty.voucher.ended_by, by = by.to_owned(), at = at),
        }
    });
    let bought = voucher.was_bought.then(|| tu_string!(i18n, loyalty.voucher.bought));
    let use_it = voucher.can_redeem.then(|| {
        let (redeem, pending) = (acts.redeem, acts.redeem.pending());
        let (bare, spoken) = (voucher.code.to_string(), code.clone());
        view! {
            <ActionForm action=redeem>
                <input type="hidden" name="guest" value=guest.to_string()/>
                <input type="hidden" name="code" value=bare/>
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, loyalty.voucher.use_submit)}
                    <span class="visually-hidden">" " {spoken}</span>
                </button>
            </ActionForm>
        }
    });
    let take_back = (may_withdraw && voucher.state == VoucherState::Issued).then(|| {
        let bare = voucher.code.to_string();
        let dispatched = bare.clone();
        let withdraw = acts.withdraw;
        view! {
            <Removal
                label=tu_string!(i18n, loyalty.voucher.withdraw)
                what=code.clone()
                action=WithdrawVoucher::url()
                fields=vec![("code", bare)]
                pending=withdraw.pending()
                remove=Callback::new(move |()| {
                    withdraw.dispatch(WithdrawVoucher { code: dispatched.clone() });
                })
            />
        }
    });
    let class = if voucher.can_redeem { "voucher" } else { "voucher voucher--over" };
    view! {
        <li class=class>
            <p class="voucher__what">{what}</p>
            <p class="cluster">
                <span class="voucher__code">{code.clone()}</span>
                <span class="badge">{words::state(i18n, voucher.state)}</span>
                <span class="muted">{until}</span>
            </p>
            <p class="muted">{issued} {bought.map(|words| format!(" {words}"))}</p>
            {ended.map(|words| view! { <p class="muted">{words}</p> })}
            <div class="cluster">{use_it} {take_back}</div>
        </li>
    }
    .into_any()
}
