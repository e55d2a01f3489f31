//! Campaigns that a second person must approve, and who may do without one.

use crate::{
    campaigns::{Fields, at, at_revision, form, made, page, shown, with},
    harness::{Device, House},
    letters_pages::{MJML, write},
};
use rapport::{
    campaigns::{
        CampaignState,
        api::{ActivateCampaign, ApproveCampaign, OpenCampaignForm, SaveCampaign, SubmitCampaign},
        form::Saved,
    },
    error::{AppError, Problem},
    ids::CampaignId,
    server::db::{record, vars},
};

fn alone() -> Result<(), AppError> {
    Err(AppError::field("approval", Problem::NeedsSecondPerson))
}

/// The form of a campaign that is there, at a revision, with its second person or without.
fn change(id: CampaignId, revision: i64, second_person: bool) -> Fields {
    let revision = revision.to_string();
    let fields = with(form("birthday", "House letter"), &[("revision", revision.as_str())]);
    let fields = if second_person { with(fields, &[("form[second_person]", "on")]) } else { fields };
    [fields, at(id)].concat()
}

/// Why a form was refused.
async fn refused(device: &mut Device, fields: &Fields) -> Vec<(String, Problem)> {
    match device.call::<SaveCampaign>(fields).await.expect("an answer") {
        Saved::Done(id) => panic!("{id} was kept"),
        Saved::Refused(page) => page.errors.into_iter().map(|error| (error.field, error.problem)).collect(),
    }
}

#[tokio::test]
async fn a_second_person_approves() {
    let house = House::open().await;
    let (mut marketing, mut manager) = (house.device("marketing", "desk").await, house.device("manager", "desk").await);
    let fields = with(form("birthday", "House letter"), &[("form[second_person]", "on")]);
    let id = made(&mut marketing, &fields).await;
    let alone = Err(AppError::field("approval", Problem::NeedsSecondPerson));
    assert_eq!(marketing.call::<ActivateCampaign>(&at_revision(id, 1)).await, alone);
    assert_eq!(marketing.last_status, 422);
    let early = manager.call::<ApproveCampaign>(&at_revision(id, 1)).await;
    assert!(matches!(early, Err(AppError::Conflict(_))), "nobody has asked yet: {early:?}");
    marketing.call::<SubmitCampaign>(&at(id)).await.expect("submitted");
    assert_eq!(marketing.call::<ApproveCampaign>(&at_revision(id, 1)).await, alone, "not by whoever wrote it");
    let waiting = page(&mut marketing, &format!("/campaigns/{id}")).await;
    assert!(waiting.contains("somebody else must approve it") && !waiting.contains("/api/approve_campaign"));
    assert!(page(&mut manager, &format!("/campaigns/{id}")).await.contains("/api/approve_campaign"));

    // A change in between is not what was submitted.
    let changed = [with(fields, &[("revision", "1"), ("form[send_at]", "10:00")]), at(id)].concat();
    made(&mut marketing, &changed).await;
    marketing.call::<SubmitCampaign>(&at(id)).await.expect("submitted again");
    let stale = manager.call::<ApproveCampaign>(&at_revision(id, 1)).await;
    assert!(matches!(stale, Err(AppError::Conflict(_))), "{stale:?}");
    manager.call::<ApproveCampaign>(&at_revision(id, 2)).await.expect("approved");
    let now = shown(&mut marketing, id).await.campaign;
    assert_eq!((now.state, now.approved_by.as_deref()), (CampaignState::Draft, Some("The manager")));
    marketing.call::<ActivateCampaign>(&at_revision(id, 2)).await.expect("activated");

    // An approval does not outlive a change, and whoever made it is the first person now.
    let changed = with(changed, &[("revision", "2"), ("form[send_at]", "10:30")]);
    made(&mut manager, &changed).await;
    assert_eq!(manager.call::<ActivateCampaign>(&at_revision(id, 3)).await, alone);
    manager.call::<SubmitCampaign>(&at(id)).await.expect("submitted");
    assert_eq!(manager.call::<ApproveCampaign>(&at_revision(id, 3)).await, alone);
    marketing.call::<ApproveCampaign>(&at_revision(id, 3)).await.expect("approved by the other");
}

#[tokio::test]
async fn a_colleagues_comma_does_not_let_its_author_approve_his_own_work() {
    let house = House::open().await;
    let (mut marketing, mut manager) = (house.device("marketing", "desk").await, house.device("manager", "desk").await);
    let id = made(&mut marketing, &with(form("birthday", "House letter"), &[("form[second_person]", "on")])).await;
    // The colleague changes as little as there is, in the settings and in a letter.
    made(&mut manager, &change(id, 1, true)).await;
    write(&mut manager, id, "Many happy returns,", MJML).await;
    marketing.call::<SubmitCampaign>(&at(id)).await.expect("submitted");
    let seen = at_revision(id, shown(&mut marketing, id).await.campaign.revision);
    for (who, device) in [("its author", &mut marketing), ("its corrector", &mut manager)] {
        assert_eq!(device.call::<ApproveCampaign>(&seen).await, alone(), "{who} wrote some of it");
        let text = page(device, &format!("/campaigns/{id}")).await;
        assert!(text.contains("You have written some of it") && !text.contains("/api/approve_campaign"), "{text}");
    }

    // Whoever had no hand in it approves; then what is changed next is the work of whoever changes it.
    let writers = "UPDATE $campaign SET writers = [author] RETURN NONE";
    house.db.query(writers, vars().with("campaign", record("campaign", id))).await.expect("arranged");
    manager.call::<ApproveCampaign>(&seen).await.expect("approved");
    write(&mut manager, id, "Many happy returns", MJML).await;
    manager.call::<SubmitCampaign>(&at(id)).await.expect("submitted");
    let seen = at_revision(id, shown(&mut marketing, id).await.campaign.revision);
    assert_eq!(manager.call::<ApproveCampaign>(&seen).await, alone());
    marketing.call::<ApproveCampaign>(&seen).await.expect("approved by the other");

    // Of one made before it was written down who wrote it, its author and its last editor are not asked.
    let old = made(&mut marketing, &with(form("birthday", "Another"), &[("form[second_person]", "on")])).await;
    made(&mut manager, &change(old, 1, true)).await;
    let unknown = "UPDATE $campaign SET writers = NONE RETURN NONE";
    house.db.query(unknown, vars().with("campaign", record("campaign", old))).await.expect("arranged");
    marketing.call::<SubmitCampaign>(&at(old)).await.expect("submitted");
    for device in [&mut marketing, &mut manager] {
        assert_eq!(device.call::<ApproveCampaign>(&at_revision(old, 2)).await, alone());
    }
}

#[tokio::test]
async fn who_made_a_campaign_cannot_do_without_its_second_person() {
    let house = House::open().await;
    let (mut marketing, mut manager) = (house.device("marketing", "desk").await, house.device("manager", "desk").await);
    let id = made(&mut marketing, &with(form("birthday", "House letter"), &[("form[second_person]", "on")])).await;
    let not_allowed = [("second_person".to_owned(), Problem::OnlyAnotherManager)];
    assert_eq!(refused(&mut marketing, &change(id, 1, false)).await, not_allowed);
    let now = shown(&mut marketing, id).await.campaign;
    assert!(now.settings.second_person && now.revision == 1, "nothing was changed");
    assert_eq!(marketing.call::<ActivateCampaign>(&at_revision(id, 1)).await, alone());
    // The form does not offer it, and says why.
    let edit = format!("/campaigns/{id}/edit");
    let text = page(&mut marketing, &edit).await;
    assert!(text.contains("Only a manager who did not make this campaign") && !text.contains("campaign-second_person"));
    assert!(page(&mut manager, &edit).await.contains("campaign-second_person"));
    // Without scripts the reason stands on the page.
    let answer = marketing.post("/api/save_campaign", &change(id, 1, false), "text/html").await;
    assert_eq!(answer.headers()["location"], format!("{edit}?draft=1").as_str());
    let text = page(&mut marketing, &format!("{edit}?draft=1")).await;
    assert!(text.contains("must approve this campaign, and only a manager"), "{text}");

    // A manager who made one cannot either.
    let own = made(&mut manager, &with(form("birthday", "House letter"), &[("form[second_person]", "on")])).await;
    assert_eq!(refused(&mut manager, &change(own, 1, false)).await, not_allowed);
    let fields = [at(own), vec![("draft", "false".to_owned())]].concat();
    assert!(manager.call::<OpenCampaignForm>(&fields).await.expect("a form").second_person_stays);
}

#[tokio::test]
async fn what_a_manager_lets_do_without_is_started_by_another_than_its_last_editor() {
    let house = House::open().await;
    let (mut marketing, mut manager) = (house.device("marketing", "desk").await, house.device("manager", "desk").await);
    let id = made(&mut marketing, &with(form("birthday", "House letter"), &[("form[second_person]", "on")])).await;
    made(&mut manager, &change(id, 1, false)).await;
    assert_eq!(manager.call::<ActivateCampaign>(&at_revision(id, 2)).await, alone(), "not by whoever waived it");
    // Nor by the author, once the last change is the author's.
    made(&mut marketing, &change(id, 2, false)).await;
    assert_eq!(marketing.call::<ActivateCampaign>(&at_revision(id, 3)).await, alone());
    manager.call::<ActivateCampaign>(&at_revision(id, 3)).await.expect("started by another");
    assert_eq!(shown(&mut marketing, id).await.campaign.state, CampaignState::Active);

    // One that asks for its second person again has to have one.
    made(&mut marketing, &change(id, 3, true)).await;
    assert_eq!(manager.call::<ActivateCampaign>(&at_revision(id, 4)).await, alone());
    let waived: Vec<Option<bool>> = house
        .db
        .rows("SELECT VALUE waived FROM $campaign", vars().with("campaign", record("campaign", id)))
        .await
        .expect("an answer");
    assert_eq!(waived, [None::<bool>]);
    // And one that never asked for any is begun by whoever made it.
    let free = made(&mut marketing, &form("birthday", "Another")).await;
    marketing.call::<ActivateCampaign>(&at_revision(free, 1)).await.expect("started");
}
