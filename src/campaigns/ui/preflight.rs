//! Whom a campaign would reach and whom not, by name and with the reason; and the way to let it begin.

mod people;

use super::{
    CampaignHead, of_address,
    words::{reason_words, segment_sentences, when_sentence},
};
use crate::{
    campaigns::{
        Campaign, CampaignState, PauseReason, Reason,
        api::{ActivateCampaign, show_preflight},
        pages::{self, Group, Outcome},
    },
    error::Refused,
    i18n::*,
    ids::CampaignId,
    staff::ui::use_refused,
    ui::{Attempt, Empty, Failed, FormNote, I18n, Loading, number},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use people::People;
pub(super) use people::person_cells;

/// The page `/campaigns/:id/preflight`.
#[component]
pub fn PreflightPage() -> impl IntoView {
    of_address(|id| view! { <Preflight id/> }.into_any())
}

/// The group of people that the page's address asks for, and where its list goes on.
type Asked = (Option<String>, Option<String>, Option<String>);

#[component]
fn Preflight(id: CampaignId) -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| -> Asked {
        query.with(|query| (query.get("show"), query.get("reason"), query.get("after")))
    });
    let activate = ServerAction::<ActivateCampaign>::new();
    let page = Resource::new(
        move || (asked.get(), activate.version().get()),
        move |((show, reason, after), _)| show_preflight(id, show, reason, after),
    );
    let refused = use_refused();
    view! {
        <div class="campaigns">
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    let (page, refused) = (page.await, refused.await);
                    match page {
                        Ok(page) => view! { <Sheet page refused activate/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Sheet(
    page: pages::PreflightPage,
    refused: Option<Refused>,
    activate: ServerAction<ActivateCampaign>,
) -> impl IntoView {
    let i18n = use_i18n();
    let campaign = page.campaign.clone();
    let segment = segment_sentences(i18n, &campaign.settings.segment);
    let nobody = page.groups.is_empty();
    view! {
        <CampaignHead
            id=campaign.id
            name=campaign.name.clone()
            kind=campaign.kind
            state=campaign.state
            page=tu_string!(i18n, campaigns.preflight.link)
        />
        <p class="lede">{tu_string!(i18n, campaigns.preflight.lede, count = page.days)}</p>
        <p class="campaign__when">
            {when_sentence(i18n, &campaign)} " " <em class="name">{campaign.name.clone()}</em> " " {segment.join(" ")}
        </p>
        {page.at_least.then(|| view! { <p class="note">{tu_string!(i18n, campaigns.preflight.at_least)}</p> })}
        {if nobody {
            view! {
                <Empty
                    title=tu_string!(i18n, campaigns.preflight.nobody)
                    text=tu_string!(i18n, campaigns.preflight.nobody_text)
                />
            }
                .into_any()
        } else {
            view! { <Groups id=campaign.id groups=page.groups.clone() shown=page.shown/> }.into_any()
        }}
        <Activation page=page.clone() refused activate/>
        {(!nobody).then(|| view! { <People page/> })}
    }
}

/// The totals, and below each why.
#[component]
fn Groups(id: CampaignId, groups: Vec<Group>, shown: Option<(Outcome, Option<Reason>)>) -> impl IntoView {
    let i18n = use_i18n();
    let columns = Outcome::ALL
        .into_iter()
        .filter_map(|outcome| {
            let of: Vec<Group> = groups.iter().filter(|group| group.outcome == outcome).copied().collect();
            let total: u32 = of.iter().map(|group| group.count).sum();
            // Those three are told even where there is nobody.
            let always = matches!(outcome, Outcome::Reached | Outcome::Held | Outcome::Skipped);
            (total > 0 || always).then_some((outcome, total, of))
        })
        .map(|(outcome, total, of)| {
            let reasons = of
                .into_iter()
                .filter_map(|group| Some((group, group.reason?)))
                .map(|(group, reason)| {
                    let current = (shown == Some((outcome, Some(reason)))).then_some("true");
                    view! {
                        <li>
                            <a
                                class="verdict__reason"
                                href=group_address(id, outcome, Some(reason))
                                aria-current=current
                            >
                                <span class="verdict__count">{number(u64::from(group.count))}</span>
                                " "
                                {reason_words(i18n, reason)}
                            </a>
                        </li>
                    }
                })
                .collect_view();
            let current = (shown == Some((outcome, None))).then_some("true");
            view! {
                <section class=format!("verdict verdict--{}", outcome.code())>
                    <h2 class="verdict__title">
                        <a href=group_address(id, outcome, None) aria-current=current>
                            <span class="verdict__total name">{number(u64::from(total))}</span>
                            " "
                            <span class="verdict__word">{outcome_words(i18n, outcome)}</span>
                        </a>
                    </h2>
                    <p class="muted">{outcome_text(i18n, outcome)}</p>
                    <ul>{reasons}</ul>
                </section>
            }
        })
        .collect_view();
    view! { <div class="verdicts">{columns}</div> }
}

/// What has to be said and done before the campaign begins, or goes on.
#[component]
fn Activation(
    page: pages::PreflightPage,
    refused: Option<Refused>,
    activate: ServerAction<ActivateCampaign>,
) -> impl IntoView {
    let i18n = use_i18n();
    let pages::PreflightPage { campaign, backlog, backlog_days, has_letter, .. } = page;
    let Campaign { id, state, revision, pause, approved_by, settings, .. } = campaign;
    let attempt = Attempt::of(activate, refused.as_ref());
    let pending = activate.pending();
    let may_begin = match state {
        CampaignState::Draft => true,
        CampaignState::Paused => pause == Some(PauseReason::Changed),
        CampaignState::Waiting | CampaignState::Active | CampaignState::Ended => false,
    };
    let way = format!("/campaigns/{id}");
    let panel = if !may_begin {
        let text = match state {
            CampaignState::Active => tu_string!(i18n, campaigns.preflight.is_active),
            CampaignState::Waiting => tu_string!(i18n, campaigns.preflight.is_waiting),
            CampaignState::Ended => tu_string!(i18n, campaigns.list.over),
            CampaignState::Draft | CampaignState::Paused => tu_string!(i18n, campaigns.preflight.is_paused),
        };
        elsewhere(text.to_owned(), way, tu_string!(i18n, campaigns.preflight.to_campaign))
    } else if !has_letter {
        let text = tu_string!(i18n, campaigns.preflight.no_letter).to_owned();
        elsewhere(text, format!("/campaigns/{id}/letters"), tu_string!(i18n, campaigns.overview.write_letter))
    } else if settings.second_person && approved_by.is_none() {
        let text = tu_string!(i18n, campaigns.overview.needs_approval).to_owned();
        elsewhere(text, way, tu_string!(i18n, campaigns.preflight.to_campaign))
    } else {
        let label = match state {
            CampaignState::Paused => tu_string!(i18n, campaigns.preflight.go_on),
            _ => tu_string!(i18n, campaigns.preflight.activate),
        };
        let confirm = (backlog > 0).then(|| confirmation(i18n, backlog, backlog_days));
        view! {
            <ActionForm action=activate attr:class="stack">
                <input type="hidden" name="campaign" value=id.to_string()/>
                <input type="hidden" name="revision" value=revision.to_string()/>
                {confirm}
                <button class="button button--primary" type="submit" disabled=move || pending.get()>
                    {label}
                </button>
            </ActionForm>
        }
        .into_any()
    };
    view! {
        <section class="panel activation" aria-labelledby="activation-title">
            <h2 id="activation-title" class="panel__title name">
                {tu_string!(i18n, campaigns.preflight.before)}
            </h2>
            <FormNote outcome=attempt.outcome/>
            {panel}
        </section>
    }
}

/// How many would be written to at once, to be confirmed with their number. If it has changed when the form
/// arrives, nothing begins.
fn confirmation(i18n: I18n, backlog: u32, days: u32) -> impl IntoView {
    let label = if days > 1 {
        tu_string!(i18n, campaigns.preflight.yes_over_days, count = backlog, days = days)
    } else {
        tu_string!(i18n, campaigns.preflight.yes, count = backlog)
    };
    view! {
        <p>{tu_string!(i18n, campaigns.preflight.backlog, count = backlog)}</p>
        <div class="check">
            <label class="check__label">
                <input class="check__box" type="checkbox" name="confirmed" value=backlog.to_string() required/>
                <span>{label}</span>
            </label>
        </div>
    }
}

/// Why the campaign does not begin here, and where it goes on.
fn elsewhere(text: String, href: String, link: &'static str) -> AnyView {
    view! {
        <p>{text}</p>
        <p>
            <a class="button" href=href>
                {link}
            </a>
        </p>
    }
    .into_any()
}

/// Where a group is listed on its page.
fn group_address(id: CampaignId, outcome: Outcome, reason: Option<Reason>) -> String {
    format!("{}#people", group_page(id, outcome, reason))
}

/// The page that lists a group.
fn group_page(id: CampaignId, outcome: Outcome, reason: Option<Reason>) -> String {
    let reason = reason.map(|reason| format!("&reason={}", reason.code())).unwrap_or_default();
    format!("/campaigns/{id}/preflight?show={}{reason}", outcome.code())
}

pub(super) fn outcome_words(i18n: I18n, outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Reached => tu_string!(i18n, campaigns.preflight.reached),
        Outcome::Trace => tu_string!(i18n, campaigns.preflight.trace),
        Outcome::Held => tu_string!(i18n, campaigns.preflight.held),
        Outcome::Skipped => tu_string!(i18n, campaigns.preflight.skipped),
        Outcome::Control => tu_string!(i18n, campaigns.preflight.control),
    }
}

/// What becomes of these people.
fn outcome_text(i18n: I18n, outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Reached => tu_string!(i18n, campaigns.preflight.reached_text),
        Outcome::Trace => tu_string!(i18n, campaigns.preflight.trace_text),
        Outcome::Held => tu_string!(i18n, campaigns.preflight.held_text),
        Outcome::Skipped => tu_string!(i18n, campaigns.preflight.skipped_text),
        Outcome::Control => tu_string!(i18n, campaigns.preflight.control_text),
    }
}
