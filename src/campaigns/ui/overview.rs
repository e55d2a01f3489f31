//! One campaign: what it does, what has become of it, and what can be done with it.

use super::{
    CampaignHead,
    list::Attention,
    of_address,
    words::{next_sentence, occurrence_words, pause_text, segment_sentences, settings_sentences, when_sentence},
};
use crate::{
    campaigns::{
        Campaign, CampaignState, OccurrenceState, PauseReason,
        api::{ApproveCampaign, EndCampaign, PauseCampaign, ResumeCampaign, SubmitCampaign, show_campaign},
        pages,
    },
    error::Refused,
    guests::ui::words::language_words,
    i18n::*,
    ids::CampaignId,
    staff::ui::use_refused,
    ui::{Attempt, Failed, FormNote, Loading, announce_done, number, outcome},
};
use leptos::prelude::*;

/// The page `/campaigns/:id`.
#[component]
pub fn OverviewPage() -> impl IntoView {
    of_address(|id| view! { <Overview id/> }.into_any())
}

/// What can be done with a campaign.
#[derive(Clone, Copy)]
struct Actions {
    submit: ServerAction<SubmitCampaign>,
    approve: ServerAction<ApproveCampaign>,
    pause: ServerAction<PauseCampaign>,
    resume: ServerAction<ResumeCampaign>,
    end: ServerAction<EndCampaign>,
}

impl Actions {
    fn new() -> Self {
        Self {
            submit: ServerAction::new(),
            approve: ServerAction::new(),
            pause: ServerAction::new(),
            resume: ServerAction::new(),
            end: ServerAction::new(),
        }
    }

    /// Changes whenever one of them has ended.
    fn version(self) -> usize {
        self.submit.version().get()
            + self.approve.version().get()
            + self.pause.version().get()
            + self.resume.version().get()
            + self.end.version().get()
    }
}

#[component]
fn Overview(id: CampaignId) -> impl IntoView {
    let i18n = use_i18n();
    let actions = Actions::new();
    let page = Resource::new(move || actions.version(), move |_| show_campaign(id));
    let refused = use_refused();
    announce_done(outcome(actions.submit), tu_string!(i18n, campaigns.overview.submitted));
    announce_done(outcome(actions.approve), tu_string!(i18n, campaigns.overview.approved));
    announce_done(outcome(actions.pause), tu_string!(i18n, campaigns.overview.paused));
    announce_done(outcome(actions.resume), tu_string!(i18n, campaigns.overview.resumed));
    announce_done(outcome(actions.end), tu_string!(i18n, campaigns.overview.ended));
    view! {
        <div class="campaigns">
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    let (page, refused) = (page.await, refused.await);
                    match page {
                        Ok(page) => view! { <Sheet page refused actions/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Sheet(page: pages::CampaignPage, refused: Option<Refused>, actions: Actions) -> impl IntoView {
    let i18n = use_i18n();
    let pages::CampaignPage { campaign, outlook, counts, is_own, has_letter, .. } = page;
    let id = campaign.id;
    let sentences = |said: Vec<String>| said.into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
    let segment = match segment_sentences(i18n, &campaign.settings.segment) {
        said if said.is_empty() => vec![tu_string!(i18n, campaigns.segment.everybody).to_owned()],
        said => said,
    };
    let settings = settings_sentences(i18n, campaign.kind, &campaign.settings);
    let next = (campaign.state == CampaignState::Active).then(|| next_sentence(i18n, &outlook));
    view! {
        <CampaignHead id name=campaign.name.clone() kind=campaign.kind state=campaign.state/>
        <section class="campaign-now panel">
            <p class="campaign-now__when">
                {when_sentence(i18n, &campaign)} " " <em class="name">{campaign.name.clone()}</em>
            </p>
            <p class="campaign__next">{next} <Attention outlook id=id.to_string()/></p>
            <Standing campaign=campaign.clone() is_own has_letter refused actions/>
        </section>
        <Figures counts/>
        <div class="campaign-says">
            <section>
                <h2>{tu_string!(i18n, campaigns.overview.whom)}</h2>
                <ul class="sentences">{sentences(segment)}</ul>
            </section>
            <section>
                <h2>{tu_string!(i18n, campaigns.overview.how)}</h2>
                <ul class="sentences">{sentences(settings)}</ul>
                <p>
                    <a class="row-link" href=format!("/campaigns/{id}/edit")>
                        {tu_string!(i18n, campaigns.overview.change)}
                    </a>
                </p>
            </section>
        </div>
    }
}

/// How many greetings stand where.
#[component]
fn Figures(counts: Vec<(OccurrenceState, u32)>) -> impl IntoView {
    let i18n = use_i18n();
    if counts.is_empty() {
        return view! { <p class="muted">{tu_string!(i18n, campaigns.overview.no_counts)}</p> }.into_any();
    }
    let figures = counts
        .into_iter()
        .map(|(state, count)| {
            view! {
                <div class="figure">
                    <dt>{occurrence_words(i18n, state)}</dt>
                    <dd>{number(u64::from(count))}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <section aria-label=tu_string!(i18n, campaigns.overview.counts)>
            <dl class="figures">{figures}</dl>
        </section>
    }
    .into_any()
}

/// Where the campaign stands in a sentence, and the way on from there.
#[component]
fn Standing(
    campaign: Campaign,
    is_own: bool,
    has_letter: bool,
    refused: Option<Refused>,
    actions: Actions,
) -> impl IntoView {
    let i18n = use_i18n();
    let Campaign { id, state, revision, pause, settings, .. } = campaign.clone();
    let Actions { submit, approve, pause: stop, resume, end } = actions;
    let refused = refused.as_ref();
    let approval_missing = settings.second_person && campaign.approved_by.is_none();
    let fields = move || {
        view! {
            <input type="hidden" name="campaign" value=id.to_string()/>
            <input type="hidden" name="revision" value=revision.to_string()/>
        }
    };
    let to_preflight = move |text: &'static str| {
        view! {
            <p>
                <a class="button button--primary" href=format!("/campaigns/{id}/preflight")>
                    {text}
                </a>
            </p>
        }
    };
    let way_on = match state {
        // What can be activated, or go on after it was changed.
        CampaignState::Draft | CampaignState::Paused if !has_letter => {
            let language = language_words(i18n, &settings.fallback_language);
            view! {
                <p class="note note--warn">{tu_string!(i18n, campaigns.overview.no_letter, language = language)}</p>
                <p>
                    <a class="button button--primary" href=format!("/campaigns/{id}/letters")>
                        {tu_string!(i18n, campaigns.overview.write_letter)}
                    </a>
                </p>
            }
            .into_any()
        }
        CampaignState::Draft | CampaignState::Paused if approval_missing => view! {
            <p>{tu_string!(i18n, campaigns.overview.needs_approval)}</p>
            <ActionForm action=submit>
                {fields()} <button class="button button--primary" type="submit">
                    {tu_string!(i18n, campaigns.overview.submit)}
                </button>
            </ActionForm>
        }
        .into_any(),
        CampaignState::Draft => to_preflight(tu_string!(i18n, campaigns.overview.look_activate)).into_any(),
        CampaignState::Paused if pause == Some(PauseReason::Changed) => {
            to_preflight(tu_string!(i18n, campaigns.overview.look_resume)).into_any()
        }
        CampaignState::Paused => view! {
            <ActionForm action=resume>
                {fields()} <button class="button button--primary" type="submit">
                    {tu_string!(i18n, campaigns.overview.resume)}
                </button>
            </ActionForm>
        }
        .into_any(),
        CampaignState::Waiting if is_own => {
            view! { <p class="muted">{tu_string!(i18n, campaigns.overview.not_by_you)}</p> }.into_any()
        }
        CampaignState::Waiting => view! {
            <p>{tu_string!(i18n, campaigns.overview.read_first)}</p>
            <div class="cluster">
                <ActionForm action=approve>
                    {fields()} <button class="button button--primary" type="submit">
                        {tu_string!(i18n, campaigns.overview.approve)}
                    </button>
                </ActionForm>
                <a class="button" href=format!("/campaigns/{id}/preflight")>
                    {tu_string!(i18n, campaigns.overview.look)}
                </a>
            </div>
        }
        .into_any(),
        CampaignState::Active => view! {
            <ActionForm action=stop>
                {fields()} <button class="button" type="submit">
                    {tu_string!(i18n, campaigns.overview.pause)}
                </button>
            </ActionForm>
        }
        .into_any(),
        CampaignState::Ended => ().into_any(),
    };
    let standing = match state {
        CampaignState::Draft => match &campaign.approved_by {
            Some(who) => tu_string!(i18n, campaigns.overview.approved_by, who = who),
            None => tu_string!(i18n, campaigns.list.drafted, who = campaign.author.clone()),
        },
        CampaignState::Waiting => tu_string!(i18n, campaigns.list.waits).to_owned(),
        CampaignState::Active => tu_string!(i18n, campaigns.overview.is_active).to_owned(),
        CampaignState::Paused => pause_text(i18n, pause, campaign.paused_by.as_deref()),
        CampaignState::Ended => tu_string!(i18n, campaigns.list.over).to_owned(),
    };
    view! {
        <p>{standing}</p>
        <FormNote outcome=Attempt::of(submit, refused).outcome/>
        <FormNote outcome=Attempt::of(approve, refused).outcome/>
        <FormNote outcome=Attempt::of(stop, refused).outcome/>
        <FormNote outcome=Attempt::of(resume, refused).outcome/>
        <FormNote outcome=Attempt::of(end, refused).outcome/>
        {way_on}
        {(state != CampaignState::Ended).then(|| view! { <EndForm id revision end/> })}
    }
}

/// Ends the campaign on the second tap.
#[component]
fn EndForm(id: CampaignId, revision: i64, end: ServerAction<EndCampaign>) -> impl IntoView {
    let i18n = use_i18n();
    let pending = end.pending();
    view! {
        <details class="removal">
            <summary class="button button--quiet">{tu_string!(i18n, campaigns.overview.end)}</summary>
            <ActionForm action=end attr:class="stack">
                <input type="hidden" name="campaign" value=id.to_string()/>
                <input type="hidden" name="revision" value=revision.to_string()/>
                <p>{tu_string!(i18n, campaigns.overview.end_text)}</p>
                <button class="button button--danger" type="submit" disabled=move || pending.get()>
                    {tu_string!(i18n, campaigns.overview.end_yes)}
                </button>
            </ActionForm>
        </details>
    }
}
