//! The house's campaigns, each in a sentence.

use super::{
    CampaignsHeading, StateBadge,
    words::{next_sentence, pause_text, when_sentence},
};
use crate::{
    campaigns::{
        CampaignState,
        api::list_campaigns,
        pages::{CampaignLine, Outlook},
    },
    i18n::*,
    ui::{Empty, Failed, Loading},
};
use leptos::prelude::*;

/// The page `/campaigns`.
#[component]
pub fn CampaignsPage() -> impl IntoView {
    let i18n = use_i18n();
    let list = Resource::new(|| (), |()| list_campaigns());
    view! {
        <div class="campaigns">
            <CampaignsHeading
                title=tu_string!(i18n, campaigns.list.title)
                lede=tu_string!(i18n, campaigns.list.lede)
            />
            <p>
                <a class="button button--primary" href="/campaigns/new">
                    {tu_string!(i18n, campaigns.list.begin)}
                </a>
            </p>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) if list.lines.is_empty() => {
                            view! {
                                <Empty
                                    title=tu_string!(i18n, campaigns.list.empty)
                                    text=tu_string!(i18n, campaigns.list.empty_text)
                                />
                            }
                                .into_any()
                        }
                        Ok(list) => view! { <Parts lines=list.lines/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// What somebody must look at first, then what goes on by itself, what is being written, and what is over.
#[component]
fn Parts(lines: Vec<CampaignLine>) -> impl IntoView {
    let i18n = use_i18n();
    let part = |states: &[CampaignState]| -> Vec<CampaignLine> {
        lines.iter().filter(|line| states.contains(&line.campaign.state)).cloned().collect()
    };
    let ended = part(&[CampaignState::Ended]);
    view! {
        <Part
            title=tu_string!(i18n, campaigns.list.part_waiting)
            lines=part(&[CampaignState::Waiting, CampaignState::Paused])
        />
        <Part title=tu_string!(i18n, campaigns.list.part_active) lines=part(&[CampaignState::Active])/>
        <Part title=tu_string!(i18n, campaigns.list.part_draft) lines=part(&[CampaignState::Draft])/>
        {(!ended.is_empty())
            .then(|| {
                view! {
                    <details class="campaigns__ended">
                        <summary class="button button--quiet">
                            {tu_string!(i18n, campaigns.list.part_ended, count = ended.len())}
                        </summary>
                        <Lines lines=ended/>
                    </details>
                }
            })}
    }
}

#[component]
fn Part(title: &'static str, lines: Vec<CampaignLine>) -> impl IntoView {
    (!lines.is_empty()).then(|| {
        view! {
            <section class="campaigns__part">
                <h2 class="campaigns__heading">{title}</h2>
                <Lines lines/>
            </section>
        }
    })
}

#[component]
fn Lines(lines: Vec<CampaignLine>) -> impl IntoView {
    let lines = lines.into_iter().map(|line| view! { <li><Line line/></li> }).collect_view();
    view! { <ol class="campaigns__lines">{lines}</ol> }
}

/// "On a guest's birthday at 09:00 their time, in their language: *Birthday, house letter*. Next: 14
/// tomorrow, 3 held."
#[component]
fn Line(line: CampaignLine) -> impl IntoView {
    let i18n = use_i18n();
    let CampaignLine { campaign, outlook } = line;
    let id = campaign.id;
    view! {
        <article class=format!("campaign campaign--{}", campaign.state.code())>
            <p class="campaign__when">{when_sentence(i18n, &campaign)}</p>
            <h3 class="campaign__name name">
                <a href=format!("/campaigns/{id}")>{campaign.name.clone()}</a>
            </h3>
            <p class="campaign__next">
                <StateBadge state=campaign.state/>
                {match campaign.state {
                    CampaignState::Active => next_sentence(i18n, &outlook),
                    CampaignState::Paused => pause_text(i18n, campaign.pause, campaign.paused_by.as_deref()),
                    CampaignState::Waiting => tu_string!(i18n, campaigns.list.waits).to_owned(),
                    CampaignState::Draft => tu_string!(i18n, campaigns.list.drafted, who = campaign.author.clone()),
                    CampaignState::Ended => tu_string!(i18n, campaigns.list.over).to_owned(),
                }}
                <Attention outlook id=id.to_string()/>
            </p>
        </article>
    }
}

/// What of a campaign waits for a person.
#[component]
pub(super) fn Attention(outlook: Outlook, id: String) -> impl IntoView {
    let i18n = use_i18n();
    let link = |href: String, text: String| view! { <a class="campaign__held" href=href>{text}</a> };
    view! {
        {(outlook.held > 0)
            .then(|| {
                let text = tu_string!(i18n, campaigns.list.held, count = outlook.held);
                link(format!("/campaigns/{id}/preflight?show=held"), text)
            })}
        {(outlook.awaiting > 0)
            .then(|| {
                let text = tu_string!(i18n, campaigns.list.awaiting, count = outlook.awaiting);
                link("/campaigns/approvals".to_owned(), text)
            })}
        {(outlook.unknown > 0)
            .then(|| {
                let text = tu_string!(i18n, campaigns.list.unknown, count = outlook.unknown);
                link("/campaigns/outbox".to_owned(), text)
            })}
    }
}
