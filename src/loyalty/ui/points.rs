//! The page about a guest's points: what there is, what can be done with it, and every entry of the ledger.

use super::{
    card::facts,
    forms::{GiveForm, SpendForm},
    ledger::{ledger, tier_lines},
    vouchers::{UseVoucherForm, VoucherForm, voucher_records},
};
use crate::{
    alerts::live::{refetch_when, use_live},
    error::{AppError, Refused},
    guests::ui::names::name_parts,
    i18n::*,
    ids::GuestId,
    loyalty::{
        api::{RedeemVoucher, ReversePoints, WithdrawVoucher, points_page},
        page::{GuestPoints, PointsDetail},
    },
    staff::ui::{RefusedForm, use_refused},
    ui::{Attempt, Empty, Failed, FormNote, I18n, Loading, Outcome, announce_done, money, outcome},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The page `/guests/:id/points`. `below` in its address leads to older entries.
#[component]
pub fn GuestPointsPage() -> impl IntoView {
    let i18n = use_i18n();
    let (params, query) = (use_params_map(), use_query_map());
    let guest =
        Memo::new(move |_| params.with(|params| params.get_str("id").and_then(|id| id.parse::<GuestId>().ok())));
    let below =
        Memo::new(move |_| query.with(|query| query.get_str("below").and_then(|number| number.parse::<i64>().ok())));
    let refused = use_refused();
    view! {
        <Title text=tu_string!(i18n, loyalty.title)/>
        <div class="manage points">
            {move || match guest.get() {
                Some(guest) => view! { <Points guest below=below.get() refused/> }.into_any(),
                None => view! { <Failed error=AppError::NotFound/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Points(guest: GuestId, below: Option<i64>, refused: RefusedForm) -> impl IntoView {
    let live = use_live();
    let first = Resource::new(|| (), move |()| points_page(guest, below));
    let newer = RwSignal::new(None::<Result<GuestPoints, AppError>>);
    let edits = RwSignal::new(0_u32);
    let changed = Memo::new(move |before: Option<&u64>| match live.guest_changed.get() {
        Some((seq, other)) if other == guest => seq,
        _ => before.copied().unwrap_or(0),
    });
    refetch_when(
        move || (live.reset.get(), changed.get(), edits.get()),
        move || points_page(guest, below),
        move |answer: Result<GuestPoints, AppError>| newer.set(Some(answer)),
    );
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                let (page, refused) = (first.await, refused.await);
                match page {
                    Ok(page) => view! { <Sheet page newer edits refused/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Sheet(
    page: GuestPoints,
    /// The page as it was loaded again.
    newer: RwSignal<Option<Result<GuestPoints, AppError>>>,
    /// Grows with whatever was kept here.
    edits: RwSignal<u32>,
    /// A form that came back refused.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let guest = page.guest;
    let name = page.name.address();
    let parts = name_parts(i18n, &page.name, page.language.clone());
    let forms = page.detail.clone();
    // What may not be seen any more goes; what could not be loaded again for want of a connection stays.
    let closed = Memo::new(move |_| {
        newer.with(|newer| match newer {
            Some(Err(error @ (AppError::Locked | AppError::SignedOut | AppError::Forbidden | AppError::NotFound))) => {
                Some(error.clone())
            }
            _ => None,
        })
    });
    let shown = Memo::new(move |before: Option<&GuestPoints>| {
        newer.with(|newer| match (newer, before) {
            (Some(Ok(newer)), _) => newer.clone(),
            (_, Some(before)) => before.clone(),
            (_, None) => page.clone(),
        })
    });
    let acts = Acts::new(edits);
    let notes = acts.notes(i18n, refused.as_ref());
    let write = forms.map(|detail| {
        let PointsDetail { once, gives, worth_of_point, extras, currency, today, .. } = *detail;
        let (spend, give, issue, used) = (refused.clone(), refused.clone(), refused.clone(), refused.clone());
        view! {
            <div class="guest__write cluster">
                {worth_of_point.map(|_| view! { <SpendForm guest once edits refused=spend/> })}
                {gives.then(|| view! { <GiveForm guest once extras edits refused=give/> })}
                <VoucherForm guest once currency today costs=worth_of_point.is_some() edits refused=issue/>
                <UseVoucherForm guest edits refused=used/>
            </div>
        }
    });
    view! {
        <h1 class="page__title name">{name}</h1>
        <p class="name-line">{parts}</p>
        <p>
            <a class="row-link" href=format!("/guests/{guest}")>{tu_string!(i18n, loyalty.to_card)}</a>
        </p>
        {move || closed.get().map(|error| view! { <Failed error/> })}
        <div hidden=move || closed.with(Option::is_some) class="stack">
            <section class="panel" aria-labelledby="points-now">
                <h2 class="panel__title" id="points-now">{tu_string!(i18n, loyalty.title)}</h2>
                {move || shown.with(|page| now(i18n, page))}
                {write}
            </section>
            {notes}
            {move || shown.with(|page| page.detail.as_ref().map(|detail| body(i18n, page.guest, detail, acts)))}
        </div>
    }
}

/// What there is now.
fn now(i18n: I18n, page: &GuestPoints) -> AnyView {
    match &page.line {
        Some(line) => {
            let worth = page.detail.as_ref().and_then(|detail| {
                let worth = money(detail.worth_of_point?, &detail.currency);
                Some(tu_string!(i18n, loyalty.worth_of_point, worth = worth))
            });
            view! {
                {facts(i18n, line)}
                {worth.map(|worth| view! { <p class="muted">{worth}</p> })}
            }
            .into_any()
        }
        None => view! { <p>{tu_string!(i18n, loyalty.no_programme)}</p> }.into_any(),
    }
}

/// Vouchers, tiers and the ledger.
fn body(i18n: I18n, guest: GuestId, detail: &PointsDetail, acts: Acts) -> AnyView {
    let entries = if detail.entries.is_empty() {
        view! {
            <Empty title=tu_string!(i18n, loyalty.ledger.empty) text=tu_string!(i18n, loyalty.ledger.empty_text)/>
        }
        .into_any()
    } else {
        ledger(i18n, guest, detail, acts.reverse)
    };
    view! {
        {voucher_records(i18n, guest, detail, acts)}
        {tier_lines(i18n, &detail.tiers)}
        <section class="stack" aria-labelledby="points-ledger">
            <h2 class="section-title" id="points-ledger">{tu_string!(i18n, loyalty.ledger.title)}</h2>
            {entries}
        </section>
    }
    .into_any()
}

/// What can be done to a line of the page. Made once, so that it outlives the lines, which are made anew.
#[derive(Clone, Copy)]
pub(super) struct Acts {
    pub reverse: ServerAction<ReversePoints>,
    pub redeem: ServerAction<RedeemVoucher>,
    pub withdraw: ServerAction<WithdrawVoucher>,
}

impl Acts {
    fn new(edits: RwSignal<u32>) -> Self {
        let acts = Self { reverse: ServerAction::new(), redeem: ServerAction::new(), withdraw: ServerAction::new() };
        count(outcome(acts.reverse), edits);
        count(outcome(acts.redeem), edits);
        count(outcome(acts.withdraw), edits);
        acts
    }

    /// What came of them.
    fn notes(self, i18n: I18n, refused: Option<&Refused>) -> AnyView {
        let reversed = Attempt::of(self.reverse, refused).outcome;
        // What came back refused is told by the form into which codes are typed.
        let redeemed = outcome(self.redeem);
        let withdrawn = Attempt::of(self.withdraw, refused).outcome;
        announce_done(reversed, tu_string!(i18n, loyalty.ledger.reversed));
        announce_done(redeemed, tu_string!(i18n, loyalty.voucher.used));
        announce_done(withdrawn, tu_string!(i18n, loyalty.voucher.taken_back));
        view! {
            <FormNote outcome=reversed done=tu_string!(i18n, loyalty.ledger.reversed)/>
            <FormNote outcome=redeemed done=tu_string!(i18n, loyalty.voucher.used)/>
            <FormNote outcome=withdrawn done=tu_string!(i18n, loyalty.voucher.taken_back)/>
        }
        .into_any()
    }
}

/// Counts what was kept, so that the page is loaded again.
pub(super) fn count(sent: Outcome, edits: RwSignal<u32>) {
    Effect::new(move |_| {
        if matches!(sent.get(), Some(Ok(()))) {
            edits.update(|edits| *edits += 1);
        }
    });
}
