//! The form of a campaign, new or existing. It works before scripts have loaded, and nothing typed is ever
//! lost: what is refused comes back as typed, with the reasons.

mod fields;
mod moved;

use super::{
    CampaignHead, of_address,
    words::{kind_text, kind_words},
};
use crate::{
    campaigns::{
        CampaignKind, CampaignState,
        api::{SaveCampaign, open_campaign_form},
        form::{CampaignFormPage, Saved},
    },
    i18n::*,
    ids::CampaignId,
    ui::{Failed, FormNote, Loading, outcome},
};
pub(super) use fields::field_label;

use fields::Fields;
use leptos::{html, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use moved::MovedMeanwhile;

/// The page `/campaigns/new`: which kind, and then its form.
#[component]
pub fn NewPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            let kind = query.get_str("kind").and_then(CampaignKind::from_code);
            (kind, query.get_str("draft") == Some("1"))
        })
    });
    view! {
        <div class="campaigns form-page">
            {move || match asked.get() {
                (None, false) => view! { <ChooseKind/> }.into_any(),
                (kind, draft) => view! { <CampaignForm campaign=None kind draft/> }.into_any(),
            }}
        </div>
    }
}

/// The page `/campaigns/:id/edit`.
#[component]
pub fn EditPage() -> impl IntoView {
    let draft = use_query_map().with_untracked(|query| query.get_str("draft") == Some("1"));
    // Only the page that is loaded brings a refused form back.
    provide_context(Draft(draft));
    view! {
        <div class="campaigns form-page">
            {of_address(|id| {
                let draft = use_context::<Draft>().is_some_and(|Draft(draft)| draft);
                view! { <CampaignForm campaign=Some(id) kind=None draft/> }.into_any()
            })}
        </div>
    }
}

/// Whether the form was refused when it was last sent, without scripts.
#[derive(Clone, Copy)]
struct Draft(bool);

/// Which kind of campaign to begin.
#[component]
fn ChooseKind() -> impl IntoView {
    let i18n = use_i18n();
    let title = tu_string!(i18n, campaigns.edit.new_title);
    let kinds = CampaignKind::ALL
        .iter()
        .map(|&kind| {
            view! {
                <li>
                    <a class="kind" href=format!("/campaigns/new?kind={}", kind.code())>
                        <span class="kind__name name">{kind_words(i18n, kind)}</span>
                        <span class="kind__text">{kind_text(i18n, kind)}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <Title text=title/>
        <h1 class="name">{title}</h1>
        <p class="lede">{tu_string!(i18n, campaigns.edit.choose_kind)}</p>
        <ul class="kinds">{kinds}</ul>
    }
}

#[component]
fn CampaignForm(
    /// `None` for a new one, which needs its kind, unless it comes back refused.
    campaign: Option<CampaignId>,
    kind: Option<CampaignKind>,
    draft: bool,
) -> impl IntoView {
    let kind = kind.map(|kind| kind.code().to_owned());
    let page = Resource::new(|| (), move |()| open_campaign_form(campaign, kind.clone(), draft));
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! { <Sheet page/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Sheet(page: CampaignFormPage) -> impl IntoView {
    let i18n = use_i18n();
    let CampaignFormPage { campaign, kind, state, .. } = page;
    let title = match campaign {
        Some(_) => page.form.name.clone(),
        None => tu_string!(i18n, campaigns.edit.new_of, kind = kind_words(i18n, kind)),
    };
    let head = match campaign {
        Some(id) => {
            view! { <CampaignHead id name=title kind state page=tu_string!(i18n, campaigns.edit.link)/> }.into_any()
        }
        None => view! {
            <Title text=title.clone()/>
            <h1 class="name">{title}</h1>
            <p class="lede">{kind_text(i18n, kind)}</p>
        }
        .into_any(),
    };
    let back = campaign.map_or_else(|| "/campaigns".to_owned(), |id| format!("/campaigns/{id}"));
    let page = RwSignal::new(page);
    let save = ServerAction::<SaveCampaign>::new();
    let (answer, pending, sent) = (save.value(), save.pending(), outcome(save));
    // What was kept leads to the campaign by the server's redirect; what was refused stays here.
    Effect::new(move |_| {
        if let Some(Ok(Saved::Refused(refused))) = answer.get() {
            page.set(*refused);
        }
    });
    let form = NodeRef::<html::Form>::new();
    view! {
        {head}
        {(state == CampaignState::Active).then(|| view! { <p class="note note--warn">{tu_string!(i18n, campaigns.edit.is_active)}</p> })}
        <ActionForm action=save node_ref=form>
            <div class="form-sheet stack">
                <FormNote outcome=sent/>
                {campaign.map(|id| view! { <input type="hidden" name="campaign" value=id.to_string()/> })}
                <input type="hidden" name="kind" value=kind.code()/>
                {move || {
                    let page = page.get();
                    let signers = page.signers.iter().chain(&page.left_signer).cloned().collect();
                    view! {
                        <input type="hidden" name="revision" value=page.revision.to_string()/>
                        {(!page.errors.is_empty())
                            .then(|| {
                                view! {
                                    <p class="note note--danger" role="alert">
                                        {tu_string!(i18n, campaigns.edit.refused, count = page.errors.len())}
                                    </p>
                                }
                            })}
                        <MovedMeanwhile moved=page.moved.clone() signers/>
                        <Fields page form/>
                    }
                }}
                <div class="cluster form-sheet__end">
                    <button class="button button--primary" type="submit" disabled=move || pending.get()>
                        {tu_string!(i18n, campaigns.edit.save)}
                    </button>
                    <a class="button button--quiet" href=back>
                        {tu_string!(i18n, campaigns.edit.cancel)}
                    </a>
                </div>
            </div>
        </ActionForm>
    }
}
