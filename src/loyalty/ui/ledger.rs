//! The ledger as a table, and how the tier changed.

use super::words;
use crate::{
    i18n::*,
    ids::GuestId,
    loyalty::{
        api::ReversePoints,
        page::{EntryLine, PointsDetail, TierLine},
    },
    ui::{I18n, Removal, date, money, number},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// Entries, newest first, with the way to older ones.
pub(super) fn ledger(
    i18n: I18n,
    guest: GuestId,
    detail: &PointsDetail,
    reverse: ServerAction<ReversePoints>,
) -> AnyView {
    let may_reverse = detail.may_reverse;
    let rows = detail.entries.iter().map(|entry| row(i18n, entry, may_reverse, reverse)).collect_view();
    let older = detail.next.map(|number| {
        view! {
            <p>
                <a class="button" href=format!("/guests/{guest}/points?below={number}")>
                    {tu_string!(i18n, loyalty.ledger.older)}
                </a>
            </p>
        }
    });
    let act = may_reverse.then(|| {
        view! {
            <th scope="col">
                <span class="visually-hidden">{tu_string!(i18n, loyalty.ledger.take_back)}</span>
            </th>
        }
    });
    view! {
        <div class="table-frame" role="group" aria-label=tu_string!(i18n, loyalty.ledger.title) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{tu_string!(i18n, loyalty.ledger.at)}</th>
                        <th scope="col">{tu_string!(i18n, loyalty.ledger.what)}</th>
                        <th scope="col" class="table__number">{tu_string!(i18n, loyalty.ledger.amount)}</th>
                        <th scope="col" class="table__number">{tu_string!(i18n, loyalty.ledger.balance)}</th>
                        <th scope="col">{tu_string!(i18n, loyalty.ledger.by)}</th>
                        {act}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {older}
    }
    .into_any()
}

fn row(i18n: I18n, entry: &EntryLine, may_reverse: bool, reverse: ServerAction<ReversePoints>) -> AnyView {
    let kind = words::kind(i18n, entry.kind);
    let stay = entry.stay.as_ref().map(|(arrival, departure)| {
        tu_string!(
            i18n,
            loyalty.ledger.stay,
            arrival = date::short_date(i18n, arrival),
            departure = date::short_date(i18n, departure)
        )
    });
    let why = [entry.reason.clone(), stay].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let by = if entry.by.is_empty() { tu_string!(i18n, loyalty.ledger.rules).to_owned() } else { entry.by.clone() };
    let gone = entry
        .is_reversed
        .then(|| view! { " " <span class="badge">{tu_string!(i18n, loyalty.ledger.is_reversed)}</span> });
    let act = may_reverse.then(|| {
        let removal = entry.can_reverse.then(|| {
            let (id, dispatched) = (entry.id.clone(), entry.id.clone());
            view! {
                <Removal
                    label=tu_string!(i18n, loyalty.ledger.take_back)
                    what=format!("{kind} {}", words::signed(entry.amount))
                    action=ReversePoints::url()
                    fields=vec![("entry", id)]
                    pending=reverse.pending()
                    remove=Callback::new(move |()| {
                        reverse.dispatch(ReversePoints { entry: dispatched.clone() });
                    })
                />
            }
        });
        view! { <td>{removal}</td> }
    });
    let class = entry.is_reversed.then_some("table__row--off");
    view! {
        <tr class=class>
            <td class="table__time">{date::moment(i18n, &entry.at)}</td>
            <th scope="row">
                {kind}
                {gone}
                <span class="points__why muted">{why}</span>
            </th>
            <td class="table__number">{words::signed(entry.amount)}</td>
            <td class="table__number">{words::amount(entry.balance)}</td>
            <td>{by}</td>
            {act}
        </tr>
    }
    .into_any()
}

/// Why the guest has the tier that he has.
pub(super) fn tier_lines(i18n: I18n, tiers: &[TierLine]) -> Option<AnyView> {
    if tiers.is_empty() {
        return None;
    }
    let lines = tiers
        .iter()
        .map(|tier| {
            let name =
                |tier: &Option<String>| tier.clone().unwrap_or_else(|| tu_string!(i18n, loyalty.tiers.none).to_owned());
            let change = tu_string!(i18n, loyalty.tiers.change, was = name(&tier.was), became = name(&tier.became));
            let (currency, minor) = &tier.spend;
            let why = tu_string!(
                i18n,
                loyalty.tiers.why,
                nights = number(tier.nights.into()),
                spend = money(*minor, currency)
            );
            view! {
                <li class="note-line">
                    <p>{change}</p>
                    <p class="muted">{date::moment(i18n, &tier.at)} " · " {why}</p>
                </li>
            }
        })
        .collect_view();
    Some(
        view! {
            <section class="stack" aria-labelledby="points-tiers">
                <h2 class="section-title" id="points-tiers">{tu_string!(i18n, loyalty.tiers.title)}</h2>
                <ul class="note-lines">{lines}</ul>
            </section>
        }
        .into_any(),
    )
}
