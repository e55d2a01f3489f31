//! What the browser asks about campaigns.

use super::{
    form::{CampaignForm, CampaignFormPage, Saved, SegmentCount, SegmentForm},
    pages::{CalendarPage, CampaignList, CampaignPage, PreflightPage},
};
use crate::{error::AppError, ids::CampaignId};
use leptos::prelude::*;

/// The campaigns of this house, and what each is about to do.
#[server]
pub async fn list_campaigns() -> Result<CampaignList, AppError> {
    use crate::{
        campaigns::{outlook, pages::CampaignLine, store},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require_of_device::<guard::PlanGreetings>().await?;
    let state = AppState::of_request();
    let (house, now) = (&permit.actor().house, state.clock.now());
    let mut lines = Vec::new();
    for row in store::of_house(&state.db, &permit).await? {
        let outlook = outlook::outlook(&state.db, house, row.id, now).await?;
        let languages = store::languages(&state.db, row.id).await?;
        lines.push(CampaignLine { campaign: row.shown(languages), outlook });
    }
    Ok(CampaignList { lines })
}

/// One campaign, what has become of it, and what it is about to do.
#[server]
pub async fn show_campaign(campaign: CampaignId) -> Result<CampaignPage, AppError> {
    use crate::{
        campaigns::{outlook, store},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require_of_device::<guard::PlanGreetings>().await?;
    let state = AppState::of_request();
    let (house, now) = (&permit.actor().house, state.clock.now());
    let row = store::own(&state.db, &permit, campaign).await?;
    let languages = store::languages(&state.db, campaign).await?;
    Ok(CampaignPage {
        outlook: outlook::outlook(&state.db, house, campaign, now).await?,
        counts: store::counts(&state.db, campaign).await?.into_iter().filter(|(_, count)| *count > 0).collect(),
        is_own: store::last_hand(&state.db, campaign).await?.writers.contains(&permit.actor().staff),
        has_letter: languages.contains(&row.settings.fallback_language),
        campaign: row.shown(languages),
    })
}

/// The name under which a refused campaign form waits in the session.
pub const CAMPAIGN_DRAFT: &str = "campaign";

/// The form of a campaign, new or existing; with `draft`, what was refused when it was last sent. A new one
/// needs its kind.
#[server]
pub async fn open_campaign_form(
    campaign: Option<CampaignId>,
    kind: Option<String>,
    draft: bool,
) -> Result<CampaignFormPage, AppError> {
    use crate::{
        campaigns::saving,
        server::AppState,
        staff::{draft, guard},
    };
    let permit = guard::require::<guard::PlanGreetings>().await?;
    if draft
        && let Some(page) = draft::take::<CampaignFormPage>(CAMPAIGN_DRAFT).await?
        && page.campaign == campaign
    {
        return Ok(page);
    }
    saving::open(&AppState::of_request(), &permit, campaign, kind.as_deref()).await
}

/// Makes or changes a campaign. What is refused comes back as typed; what a colleague changed since the form
/// was opened is shown instead of being overwritten. A new one begins with the house's letters.
#[server]
pub async fn save_campaign(
    campaign: Option<CampaignId>,
    kind: String,
    revision: i64,
    #[server(default)] form: CampaignForm,
) -> Result<Saved, AppError> {
    use crate::{
        campaigns::saving::{self, Sent},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require::<guard::PlanGreetings>().await?;
    saving::save(&AppState::of_request(), &permit, Sent { campaign, kind, revision, form }).await
}

/// How many guests a segment has as it is being built, and some of them.
#[server]
pub async fn count_segment(#[server(default)] segment: SegmentForm) -> Result<SegmentCount, AppError> {
    use crate::{
        campaigns::{parse, saving},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require::<guard::PlanGreetings>().await?;
    let segment = parse::segment(&segment).map_err(AppError::Fields)?;
    saving::counted(&AppState::of_request(), &permit, &segment).await
}

/// Asks for a second person's approval.
#[server]
pub async fn submit_campaign(campaign: CampaignId) -> Result<(), AppError> {
    use crate::{
        campaigns::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let submitting = async {
        let permit = guard::require::<guard::PlanGreetings>().await?;
        store::submit(&AppState::of_request().db, &permit, campaign).await
    };
    Sent::to::<SubmitCampaign>(format!("/campaigns/{campaign}"), &[]).ended(submitting.await).await
}

/// Approves what a colleague submitted, at the revision that was read.
#[server]
pub async fn approve_campaign(campaign: CampaignId, revision: i64) -> Result<(), AppError> {
    use crate::{
        campaigns::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let approving = async {
        let permit = guard::require::<guard::PlanGreetings>().await?;
        store::approve(&AppState::of_request().db, &permit, campaign, revision).await
    };
    Sent::to::<ApproveCampaign>(format!("/campaigns/{campaign}"), &[]).ended(approving.await).await
}

/// Lets a campaign begin, or go on after it was changed. Where guests are due already, their number must be
/// confirmed as it is now.
#[server]
pub async fn activate_campaign(
    campaign: CampaignId,
    revision: i64,
    #[server(default)] confirmed: Option<u32>,
) -> Result<(), AppError> {
    use crate::{
        campaigns::{plan, store},
        error::Problem,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let activating = async {
        let permit = guard::require::<guard::PlanGreetings>().await?;
        let state = AppState::of_request();
        let now = state.clock.now();
        let row = store::own(&state.db, &permit, campaign).await?;
        with_letter(&state.db, &row).await?;
        let backlog = plan::preflight(&state.db, &row, now).await?.backlog;
        if backlog != confirmed.unwrap_or_default() {
            return Err(AppError::field("confirmed", Problem::NumberChanged(backlog)));
        }
        store::activate(&state.db, &permit, campaign, revision, now).await
    };
    let page = format!("/campaigns/{campaign}/preflight");
    Sent::to::<ActivateCampaign>(page, &[]).ended(activating.await).await?;
    leptos_axum::redirect(&format!("/campaigns/{campaign}"));
    Ok(())
}

/// Lets a campaign go on that was paused and has not been changed since.
#[server]
pub async fn resume_campaign(campaign: CampaignId, revision: i64) -> Result<(), AppError> {
    use crate::{
        campaigns::{CampaignState, PauseReason, store},
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let resuming = async {
        let permit = guard::require::<guard::PlanGreetings>().await?;
        let state = AppState::of_request();
        let row = store::own(&state.db, &permit, campaign).await?;
        // What was changed goes on by way of the preflight.
        if row.state != CampaignState::Paused || row.pause == Some(PauseReason::Changed) {
            return Err(AppError::Conflict(store::last_hand(&state.db, campaign).await?.name));
        }
        with_letter(&state.db, &row).await?;
        store::activate(&state.db, &permit, campaign, revision, state.clock.now()).await
    };
    Sent::to::<ResumeCampaign>(format!("/campaigns/{campaign}"), &[]).ended(resuming.await).await
}

/// Pauses a campaign: once this has been answered, nothing of it starts any more.
#[server]
pub async fn pause_campaign(campaign: CampaignId) -> Result<(), AppError> {
    use crate::{
        campaigns::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let pausing = async {
        let permit = guard::require::<guard::PlanGreetings>().await?;
        store::pause_by_hand(&AppState::of_request().db, &permit, campaign).await
    };
    Sent::to::<PauseCampaign>(format!("/campaigns/{campaign}"), &[]).ended(pausing.await).await
}

/// Ends a campaign for good.
#[server]
pub async fn end_campaign(campaign: CampaignId) -> Result<(), AppError> {
    use crate::{
        campaigns::store,
        server::AppState,
        staff::{draft::Sent, guard},
    };
    let ending = async {
        let permit = guard::require::<guard::PlanGreetings>().await?;
        store::end(&AppState::of_request().db, &permit, campaign).await
    };
    Sent::to::<EndCampaign>(format!("/campaigns/{campaign}"), &[]).ended(ending.await).await
}

/// Refuses a campaign that has no letter for guests without a language of their own.
#[cfg(feature = "ssr")]
async fn with_letter(db: &crate::server::db::Db, row: &super::store::CampaignRow) -> Result<(), AppError> {
    let language = &row.settings.fallback_language;
    if super::store::languages(db, row.id).await?.contains(language) {
        return Ok(());
    }
    Err(AppError::field("letters", crate::error::Problem::NoLetter(language.clone())))
}

/// Whom a campaign would reach and whom not. `show` and `reason` are the words of the group whose people are
/// listed, those who are reached by default; `after` is where the list goes on.
#[server]
pub async fn show_preflight(
    campaign: CampaignId,
    show: Option<String>,
    reason: Option<String>,
    after: Option<String>,
) -> Result<PreflightPage, AppError> {
    use crate::{
        campaigns::{Reason, outlook, pages::Outcome, plan, store},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require::<guard::PlanGreetings>().await?;
    let state = AppState::of_request();
    let row = store::own(&state.db, &permit, campaign).await?;
    let found = plan::preflight(&state.db, &row, state.clock.now()).await?;
    let outcome = show.as_deref().and_then(Outcome::from_code).unwrap_or(Outcome::Reached);
    let reason = reason.as_deref().and_then(Reason::from_code);
    let groups = outlook::groups(&found);
    let (days, backlog, backlog_days) = (found.days, found.backlog, found.backlog_days);
    let at_least = !found.is_complete;
    let (people, next) = outlook::people(found, outcome, reason, after.as_deref(), permit.actor().role);
    let languages = store::languages(&state.db, campaign).await?;
    Ok(PreflightPage {
        has_letter: languages.contains(&row.settings.fallback_language),
        campaign: row.shown(languages),
        days,
        groups,
        backlog,
        backlog_days,
        at_least,
        shown: Some((outcome, reason)),
        people,
        next,
    })
}

/// The coming sixty days of every campaign that has not ended, with the people of one day where it is given.
#[server]
pub async fn show_calendar(
    day: Option<String>,
    campaign: Option<String>,
    after: Option<String>,
) -> Result<CalendarPage, AppError> {
    use crate::{
        campaigns::{CampaignState, outlook, store},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require::<guard::PlanGreetings>().await?;
    let state = AppState::of_request();
    let mut campaigns = store::of_house(&state.db, &permit).await?;
    campaigns.retain(|row| row.state != CampaignState::Ended);
    // An address that asks for what there is not shows the calendar alone.
    let asked = day.and_then(|day| day.parse().ok()).map(|date| outlook::AskedDay {
        date,
        campaign: campaign.and_then(|id| id.parse().ok()),
        after: after.and_then(|place| place.parse().ok()),
    });
    let (house, role) = (&permit.actor().house, permit.actor().role);
    Ok(outlook::calendar(&state.db, house, campaigns, asked, role, state.clock.now()).await?)
}
