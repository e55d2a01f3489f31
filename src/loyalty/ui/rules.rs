//! The rules of points, of the house or of the chain.

use crate::{
    error::Refused,
    house::ui::ManageHeading,
    i18n::*,
    loyalty::{
        Scope,
        api::{FollowChain, SaveLoyalty, loyalty_rules},
        form::RulesPage,
    },
    staff::ui::use_refused,
    ui::{Attempt, CheckBox, Failed, Field, FormNote, I18n, Loading, Removal, TextArea, announce_done, date, outcome},
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_query_map;

/// The fields that show their own problems.
const FIELDS: &[&str] =
    &["currency", "spend_for_point", "worth_of_point", "expire_months", "notice_days", "since", "extras", "tiers"];

/// The page `/manage/loyalty`. `for` in its address tells whose rules are shown.
#[component]
pub fn LoyaltyPage() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let scope =
        Memo::new(move |_| query.with(|query| query.get_str("for").and_then(Scope::from_code)).unwrap_or(Scope::House));
    let save = ServerAction::<SaveLoyalty>::new();
    let follow = ServerAction::<FollowChain>::new();
    let rules = Resource::new(
        move || (scope.get(), save.version().get(), follow.version().get()),
        |(scope, ..)| loyalty_rules(scope.code().to_owned()),
    );
    let refused = use_refused();
    announce_done(outcome(save), tu_string!(i18n, common.saved));
    announce_done(outcome(follow), tu_string!(i18n, loyalty.rules.followed));
    view! {
        <div class="manage">
            <ManageHeading title=tu_string!(i18n, loyalty.rules.title) lede=tu_string!(i18n, loyalty.rules.lede)/>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    let (rules, refused) = (rules.await, refused.await);
                    match rules {
                        Ok(page) => {
                            view! {
                                {scopes(i18n, page.scope)}
                                <FormNote
                                    outcome=Attempt::of(follow, refused.as_ref()).outcome
                                    done=tu_string!(i18n, loyalty.rules.followed)
                                />
                                <RulesSheet page refused save follow/>
                            }
                                .into_any()
                        }
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// The way to the rules of the house, and to those of the chain.
fn scopes(i18n: I18n, shown: Scope) -> AnyView {
    let links = Scope::ALL
        .iter()
        .map(|&scope| {
            let current = (scope == shown).then_some("page");
            view! {
                <li>
                    <a href=format!("/manage/loyalty?for={}", scope.code()) aria-current=current>
                        {scope_words(i18n, scope)}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="subnav" aria-label=tu_string!(i18n, loyalty.rules.whose)>
            <ul>{links}</ul>
        </nav>
    }
    .into_any()
}

fn scope_words(i18n: I18n, scope: Scope) -> &'static str {
    match scope {
        Scope::House => tu_string!(i18n, loyalty.rules.house),
        Scope::Chain => tu_string!(i18n, loyalty.rules.chain),
    }
}

/// What holds here, and since when it has been so.
fn standing(i18n: I18n, page: &RulesPage) -> AnyView {
    let holds = match page.holds {
        Some(Scope::House) => tu_string!(i18n, loyalty.rules.holds_house),
        Some(Scope::Chain) => tu_string!(i18n, loyalty.rules.holds_chain),
        None => tu_string!(i18n, loyalty.rules.holds_none),
    };
    let kept = page
        .kept
        .as_ref()
        .map(|(by, at)| tu_string!(i18n, loyalty.rules.kept, by = by.clone(), at = date::moment(i18n, at)));
    view! {
        <p class="note">{holds}</p>
        {kept.map(|words| view! { <p class="muted">{words}</p> })}
    }
    .into_any()
}

#[component]
fn RulesSheet(
    page: RulesPage,
    /// A form that came back refused.
    refused: Option<Refused>,
    save: ServerAction<SaveLoyalty>,
    follow: ServerAction<FollowChain>,
) -> impl IntoView {
    let i18n = use_i18n();
    let code = page.scope.code();
    // What was typed for the others does not belong here.
    let refused = refused.filter(|refused| refused.typed_in("scope") == Some(code));
    let attempt = Attempt::of(save, refused.as_ref());
    let pending = save.pending();
    let head = standing(i18n, &page);
    let RulesPage { scope, revision, form, .. } = page;
    let is_active = !attempt.typed_or("active", form.active.unwrap_or_default()).is_empty();
    let may_follow = scope == Scope::House && revision > 0;
    let follow = may_follow.then(|| {
        view! {
            <div class="panel__foot">
                <p class="muted">{tu_string!(i18n, loyalty.rules.follow_text)}</p>
                <Removal
                    label=tu_string!(i18n, loyalty.rules.follow)
                    action=FollowChain::url()
                    fields=Vec::new()
                    pending=follow.pending()
                    remove=Callback::new(move |()| {
                        follow.dispatch(FollowChain {});
                    })
                />
            </div>
        }
    });
    view! {
        <section class="panel" aria-labelledby="loyalty-rules">
            <h2 class="panel__title" id="loyalty-rules">{scope_words(i18n, scope)}</h2>
            {head}
            <ActionForm action=save attr:class="stack">
                <FormNote outcome=attempt.outcome fields=FIELDS done=tu_string!(i18n, common.saved)/>
                <input type="hidden" name="scope" value=code/>
                <input type="hidden" name="revision" value=revision.to_string()/>
                <CheckBox
                    label=tu_string!(i18n, loyalty.rules.active)
                    name="form[active]"
                    id="loyalty-active"
                    checked=is_active
                    hint=tu_string!(i18n, loyalty.rules.active_hint)
                />
                <div class="fields fields--two">
                    <Field
                        label=tu_string!(i18n, loyalty.rules.currency)
                        name="form[currency]"
                        id="loyalty-currency"
                        value=attempt.typed_or("currency", form.currency)
                        hint=tu_string!(i18n, loyalty.rules.currency_hint)
                        error=attempt.problem_in("currency")
                        maxlength=3_u32
                        required=true
                        autocomplete="off"
                    />
                    <Field
                        label=tu_string!(i18n, loyalty.rules.spend_for_point)
                        name="form[spend_for_point]"
                        id="loyalty-spend"
                        inputmode="decimal"
                        value=attempt.typed_or("spend_for_point", form.spend_for_point)
                        hint=tu_string!(i18n, loyalty.rules.spend_hint)
                        error=attempt.problem_in("spend_for_point")
                        required=true
                        autocomplete="off"
                    />
                    <Field
                        label=tu_string!(i18n, loyalty.rules.worth_of_point)
                        name="form[worth_of_point]"
                        id="loyalty-worth"
                        inputmode="decimal"
                        value=attempt.typed_or("worth_of_point", form.worth_of_point)
                        hint=tu_string!(i18n, loyalty.rules.worth_hint)
                        error=attempt.problem_in("worth_of_point")
                        required=true
                        autocomplete="off"
                    />
                    <Field
                        label=tu_string!(i18n, loyalty.rules.expire_months)
                        name="form[expire_months]"
                        id="loyalty-expire"
                        kind="number"
                        inputmode="numeric"
                        range=(1, 120)
                        value=attempt.typed_or("expire_months", form.expire_months)
                        hint=tu_string!(i18n, loyalty.rules.expire_hint)
                        error=attempt.problem_in("expire_months")
                    />
                    <Field
                        label=tu_string!(i18n, loyalty.rules.notice_days)
                        name="form[notice_days]"
                        id="loyalty-notice"
                        kind="number"
                        inputmode="numeric"
                        range=(0, 365)
                        value=attempt.typed_or("notice_days", form.notice_days)
                        hint=tu_string!(i18n, loyalty.rules.notice_hint)
                        error=attempt.problem_in("notice_days")
                        required=true
                    />
                    <Field
                        label=tu_string!(i18n, loyalty.rules.since)
                        name="form[since]"
                        id="loyalty-since"
                        kind="date"
                        value=attempt.typed_or("since", form.since)
                        hint=tu_string!(i18n, loyalty.rules.since_hint)
                        error=attempt.problem_in("since")
                    />
                </div>
                <TextArea
                    label=tu_string!(i18n, loyalty.rules.extras)
                    name="form[extras]"
                    id="loyalty-extras"
                    value=attempt.typed_or("extras", form.extras)
                    hint=tu_string!(i18n, loyalty.rules.extras_hint)
                    error=attempt.problem_in("extras")
                    autocomplete="off"
                />
                <TextArea
                    label=tu_string!(i18n, loyalty.rules.tiers)
                    name="form[tiers]"
                    id="loyalty-tiers"
                    value=attempt.typed_or("tiers", form.tiers)
                    hint=tu_string!(i18n, loyalty.rules.tiers_hint)
                    error=attempt.problem_in("tiers")
                    autocomplete="off"
                />
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, common.save)}
                </button>
            </ActionForm>
            {follow}
        </section>
    }
}
