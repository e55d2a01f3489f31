//! The form of a campaign, opened and saved. Nothing typed is ever lost: what is refused comes back as typed,
//! and what a colleague changed since the form was opened is shown instead of being overwritten.

use super::{
    CampaignKind, CampaignState, Segment, SendZone, Settings,
    api::CAMPAIGN_DRAFT,
    form::{CampaignForm, CampaignFormPage, Differs, Moved, Saved, SegmentCount},
    kinds,
    parse::{self, CampaignDraft},
    store::{self, CampaignRow, Change},
    template,
};
use crate::{
    error::{AppError, FieldError, Problem},
    ids::{CampaignId, StaffId},
    server::{
        AppState,
        db::{Db, DbError, id_of, record, vars, word},
    },
    staff::{
        Ability, Role, draft,
        guard::{Permit, PlanGreetings},
    },
};
use surrealdb::types::{RecordId, SurrealValue};

/// Days before something expires, as the form of a new campaign begins.
const NOTICE_DAYS: u8 = 30;

/// A form as it was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// `None` for a new campaign, which needs its kind.
    pub campaign: Option<CampaignId>,
    pub kind: String,
    /// The revision that it started from.
    pub revision: i64,
    pub form: CampaignForm,
}

/// The form of a campaign as it is kept, or of a new one of a kind.
///
/// # Errors
/// [`AppError::NotFound`] for a campaign or a kind that there is not, or what the store answers.
pub async fn open(
    state: &AppState,
    permit: &Permit<PlanGreetings>,
    campaign: Option<CampaignId>,
    kind: Option<&str>,
) -> Result<CampaignFormPage, AppError> {
    let Some(id) = campaign else {
        let kind = kind.and_then(CampaignKind::from_code).ok_or(AppError::NotFound)?;
        let usual = Settings {
            zone: if kind == CampaignKind::Birthday { SendZone::Guest } else { SendZone::House },
            lead_days: if kind == CampaignKind::Expiring { NOTICE_DAYS } else { 0 },
            signer: permit.actor().name.clone(),
            ..Settings::default()
        };
        return page(&state.db, permit, None, kind, CampaignForm::of("", &usual)).await;
    };
    let row = store::own(&state.db, permit, id).await?;
    let form = CampaignForm::of(&row.name, &row.settings);
    let mut page = page(&state.db, permit, Some(&row), row.kind, form).await?;
    page.revision = row.revision;
    Ok(page)
}

/// Makes or changes a campaign. A new one begins with the house's letters.
///
/// # Errors
/// [`AppError::Conflict`] with the name of whoever ended the campaign, [`AppError::NotFound`], or what the store
/// answers. Fields that are refused come back as [`Saved::Refused`].
pub async fn save(state: &AppState, permit: &Permit<PlanGreetings>, sent: Sent) -> Result<Saved, AppError> {
    let db = &state.db;
    let Sent { campaign, kind, revision, form } = sent;
    let row = match campaign {
        Some(id) => Some(store::own(db, permit, id).await?),
        None => None,
    };
    let kind = match &row {
        Some(row) => row.kind,
        None => CampaignKind::from_code(&kind).ok_or_else(|| {
            AppError::field("kind", Problem::NotKnown(kind.chars().take(40).collect(), "@listed".to_owned()))
        })?,
    };
    if let Some(row) = row.as_ref().filter(|row| row.state == CampaignState::Ended) {
        return Err(AppError::Conflict(store::last_hand(db, row.id).await?.name));
    }
    let kept = CampaignForm { count: None, ..form.clone() };
    let mut page = page(db, permit, row.as_ref(), kind, kept).await?;
    page.revision = revision;
    // The button that counts without scripts: the form comes back with the number and nothing is kept.
    if form.count.is_some() {
        match parse::segment(&form.segment) {
            Ok(segment) => page.counted = Some(counted(state, permit, &segment).await?),
            Err(errors) => page.errors = errors,
        }
        return refuse(page).await;
    }
    let read = match read(kind, &form, &page) {
        Ok(read) => read,
        Err(errors) => {
            page.errors = errors;
            return refuse(page).await;
        }
    };
    let Some(id) = campaign else {
        let now = state.clock.now();
        let id = store::create(db, permit, kind, &read.name, &read.settings, &template::starters(kind), now).await?;
        leptos_axum::redirect(&format!("/campaigns/{id}"));
        return Ok(Saved::Done(id));
    };
    if store::update(db, permit, id, revision, &read.name, &read.settings).await? == Change::Kept {
        leptos_axum::redirect(&format!("/campaigns/{id}"));
        return Ok(Saved::Done(id));
    }
    let now = store::own(db, permit, id).await?;
    let theirs = CampaignForm::of(&now.name, &now.settings);
    let fields =
        theirs.fields().into_iter().zip(page.form.fields()).filter(|((_, theirs), (_, yours))| theirs != yours);
    page.moved = Some(Moved {
        by: store::last_hand(db, id).await?.name,
        fields: fields
            .map(|((field, theirs), (_, yours))| Differs { field: field.to_owned(), theirs, yours })
            .collect(),
    });
    (page.revision, page.state) = (now.revision, now.state);
    refuse(page).await
}

/// How many guests a segment has, and some of them.
///
/// # Errors
/// What the store answers.
pub async fn counted(
    state: &AppState,
    permit: &Permit<PlanGreetings>,
    segment: &Segment,
) -> Result<SegmentCount, AppError> {
    let house = &permit.actor().house;
    let found = kinds::segment::survey(&state.db, house, segment, state.clock.now()).await?;
    Ok(SegmentCount {
        count: found.count,
        at_least: !found.is_complete,
        sample: found.sample.into_iter().map(|(_, name)| name.address()).collect(),
    })
}

/// What was typed, with what only the house can tell of it: who may sign, and who may do without a second person.
fn read(kind: CampaignKind, form: &CampaignForm, page: &CampaignFormPage) -> Result<CampaignDraft, Vec<FieldError>> {
    let read = parse::campaign(kind, form)?;
    let mut errors = Vec::new();
    let mut refuse = |field: &str, problem| errors.push(FieldError { field: field.to_owned(), problem });
    if let Some(signer) = read.settings.signer_staff
        && page.signers.iter().all(|(staff, _)| *staff != signer)
    {
        // Whoever signed it may have left since. Who does from now on is for somebody to say.
        let has_left = page.left_signer.as_ref().is_some_and(|(staff, _)| *staff == signer);
        let unlisted = || Problem::NotKnown(form.signer_staff.chars().take(40).collect(), "@listed".to_owned());
        refuse("signer_staff", if has_left { Problem::SignerLeft } else { unlisted() });
    }
    if page.second_person_stays && !read.settings.second_person {
        refuse("second_person", Problem::OnlyAnotherManager);
    }
    if errors.is_empty() { Ok(read) } else { Err(errors) }
}

/// The form's page with these texts in it.
async fn page(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    row: Option<&CampaignRow>,
    kind: CampaignKind,
    form: CampaignForm,
) -> Result<CampaignFormPage, AppError> {
    let (signers, left_signer) = signers(db, permit, row.and_then(|row| row.settings.signer_staff)).await?;
    Ok(CampaignFormPage {
        campaign: row.map(|row| row.id),
        kind,
        state: row.map_or(CampaignState::Draft, |row| row.state),
        revision: 0,
        form,
        errors: Vec::new(),
        moved: None,
        counted: None,
        signers,
        left_signer,
        second_person_stays: row
            .is_some_and(|row| row.settings.second_person && !store::may_waive(permit.actor(), row)),
    })
}

/// The colleagues who may sign personal letters, by name; and whoever was chosen, where that is none of them any more.
async fn signers(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    chosen: Option<StaffId>,
) -> Result<(Vec<(StaffId, String)>, Option<(StaffId, String)>), DbError> {
    #[derive(SurrealValue)]
    struct Colleague {
        id: RecordId,
        name: String,
        role: String,
        active: bool,
    }
    let rows: Vec<Colleague> = db
        .rows(
            "SELECT id, name, role, active FROM staff WHERE house = $house ORDER BY name",
            vars().with("house", record("house", permit.house())),
        )
        .await?;
    let mut signers = Vec::with_capacity(rows.len());
    let mut left = chosen.map(|staff| (staff, String::new()));
    for row in rows {
        let staff: StaffId = id_of(&row.id)?;
        let may_sign = row.active && word(&row.role, Role::from_code)?.may(Ability::PlanGreetings);
        if chosen == Some(staff) {
            left = (!may_sign).then(|| (staff, row.name.clone()));
        }
        if may_sign {
            signers.push((staff, row.name));
        }
    }
    Ok((signers, left))
}

/// Keeps the page for a browser without scripts, and shows it to one with them.
async fn refuse(page: CampaignFormPage) -> Result<Saved, AppError> {
    let at = page.campaign.map_or_else(|| "/campaigns/new".to_owned(), |id| format!("/campaigns/{id}/edit"));
    draft::keep(CAMPAIGN_DRAFT, &page, &at).await?;
    Ok(Saved::Refused(Box::new(page)))
}
