//! The form of a campaign: what is refused, what a colleague changed meanwhile, and what is counted while it is
//! being filled in.

use crate::{
    campaigns::{Fields, at, form, made, page, shown, with},
    harness::{Device, House},
};
use rapport::{
    campaigns::{
        api::{CountSegment, ListCampaigns, OpenCampaignForm, SaveCampaign, ShowCampaign},
        form::{CampaignForm, CampaignFormPage, Saved},
    },
    error::{AppError, FieldError, Problem},
    ids::{CampaignId, StaffId},
    server::db::{record, vars},
};

async fn refused(device: &mut Device, fields: &Fields) -> CampaignFormPage {
    match device.call::<SaveCampaign>(fields).await.expect("an answer") {
        Saved::Done(id) => panic!("{id} was kept"),
        Saved::Refused(page) => *page,
    }
}

#[tokio::test]
async fn the_second_of_two_editors_is_told() {
    let house = House::open().await;
    let (mut marketing, mut manager) = (house.device("marketing", "desk").await, house.device("manager", "desk").await);
    let id = made(&mut marketing, &form("birthday", "House letter")).await;
    let open = |device: Device| async move {
        let mut device = device;
        let fields = [at(id), vec![("draft", "false".to_owned())]].concat();
        device.call::<OpenCampaignForm>(&fields).await.expect("a form")
    };
    let (one, other) = (open(marketing.clone()).await, open(manager.clone()).await);
    assert_eq!((one.revision, other.revision), (1, 1));

    let first = [with(form("birthday", "With love"), &[("revision", "1")]), at(id)].concat();
    assert_eq!(made(&mut marketing, &first).await, id);
    let changes = [("revision", "1"), ("form[send_at]", "11:30")];
    let second = [with(form("birthday", "House letter"), &changes), at(id)].concat();
    let told = refused(&mut manager, &second).await;
    let moved = told.moved.as_ref().expect("what changed");
    assert_eq!(moved.by, "The marketing");
    let mut fields: Vec<_> = moved.fields.iter().map(|differs| differs.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["name", "send_at"]);
    assert_eq!((told.revision, told.form.send_at.as_str()), (2, "11:30"), "what was typed is kept");
    assert_eq!(shown(&mut marketing, id).await.campaign.name, "With love", "and nothing is overwritten");

    // The same without scripts, on the page of the form.
    let answer = manager.post("/api/save_campaign", &second, "text/html").await;
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], format!("/campaigns/{id}/edit?draft=1").as_str());
    let form_page = page(&mut manager, &format!("/campaigns/{id}/edit?draft=1")).await;
    for part in ["The marketing changed this campaign", "With love", "value=\"11:30\"", "value=\"2\""] {
        assert!(form_page.contains(part), "{part}");
    }
    // Having seen it, the second may decide.
    assert_eq!(made(&mut manager, &with(second, &[("revision", "2")])).await, id);
    assert_eq!(shown(&mut marketing, id).await.campaign.settings.send_at, "11:30");
}

#[tokio::test]
async fn what_is_refused_comes_back_as_typed() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let wrong = [("form[name]", " "), ("form[send_at]", "25:00"), ("form[segment][age_from]", "many")];
    let fields = with(form("offer", ""), &wrong);
    let told = refused(&mut marketing, &fields).await;
    let mut refused: Vec<_> = told.errors.iter().map(|error| error.field.as_str()).collect();
    refused.sort_unstable();
    assert_eq!(refused, ["age_from", "name", "send_at"]);
    assert_eq!(told.form.segment.age_from, "many");
    assert!(marketing.call::<ListCampaigns>(&[]).await.expect("a list").lines.is_empty(), "nothing was kept");

    let answer = marketing.post("/api/save_campaign", &fields, "text/html").await;
    assert_eq!(answer.status(), 302);
    let told = page(&mut marketing, "/campaigns/new?draft=1").await;
    for part in ["value=\"25:00\"", "value=\"many\"", "“25:00” is not known", "3 fields need another look"] {
        assert!(told.contains(part), "{part}");
    }
    let unknown = with(form("offer", "x"), &[("kind", "points")]);
    assert!(matches!(marketing.call::<SaveCampaign>(&unknown).await, Err(AppError::Fields(_))));
    let nobody = CampaignId::new();
    assert_eq!(marketing.call::<ShowCampaign>(&at(nobody)).await, Err(AppError::NotFound));
    for path in [format!("/campaigns/{nobody}"), "/campaigns/not-an-id/edit".to_owned()] {
        assert_eq!(marketing.get(&path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_segment_is_counted_while_it_is_built() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let count = |fields: &[(&'static str, &str)]| -> Fields {
        fields.iter().map(|(field, text)| (*field, (*text).to_owned())).collect()
    };
    let everybody = marketing.call::<CountSegment>(&count(&[("segment[vip_from]", "")])).await.expect("a count");
    assert_eq!((everybody.count, everybody.at_least), (5, false));
    let fields = count(&[("segment[vip_from]", "2"), ("segment[nationalities]", "cn, DEU")]);
    let few = marketing.call::<CountSegment>(&fields).await.expect("a count");
    assert_eq!((few.count, few.sample), (1, vec!["Mr Zhang".to_owned()]));
    let eaters = count(&[("segment[preferences][]", "no_shellfish")]);
    let refused = marketing.call::<CountSegment>(&eaters).await;
    assert!(matches!(refused, Err(AppError::Fields(_))), "nobody is chosen by what he must not eat: {refused:?}");

    // Without scripts: a button of the form, which keeps nothing.
    let changes = [("form[count]", "on"), ("form[segment][vip_from]", "2")];
    let fields = with(form("offer", "Sea views"), &changes);
    assert_eq!(marketing.post("/api/save_campaign", &fields, "text/html").await.status(), 302);
    let told = page(&mut marketing, "/campaigns/new?draft=1").await;
    for part in ["2 guests", "Mr Zhang", "value=\"Sea views\""] {
        assert!(told.contains(part), "{part}");
    }
    assert!(marketing.call::<ListCampaigns>(&[]).await.expect("a list").lines.is_empty());
}

#[tokio::test]
async fn opening_and_saving_a_form_changes_nothing_but_its_revision() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let id = made(&mut marketing, &form("thank_you", "Thank you")).await;
    let before = shown(&mut marketing, id).await.campaign;
    let fields = [at(id), vec![("draft", "false".to_owned())]].concat();
    let opened = marketing.call::<OpenCampaignForm>(&fields).await.expect("a form");
    assert_eq!(opened.form, CampaignForm::of(&before.name, &before.settings));
    let again = [with(form("thank_you", "Thank you"), &[("revision", "1")]), at(id)].concat();
    made(&mut marketing, &again).await;
    let after = shown(&mut marketing, id).await.campaign;
    assert_eq!((after.revision, after.settings), (2, before.settings));
}

#[tokio::test]
async fn the_signer_of_personal_letters_is_a_colleague_who_may_sign() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let fields = [("kind", "birthday".to_owned()), ("draft", "false".to_owned())];
    let opened = marketing.call::<OpenCampaignForm>(&fields).await.expect("a form");
    let names: Vec<_> = opened.signers.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["The manager", "The marketing"]);
    let stranger = StaffId::new().to_string();
    for wrong in [stranger.as_str(), "Clara Sousa"] {
        let told = refused(&mut marketing, &with(form("birthday", "x"), &[("form[signer_staff]", wrong)])).await;
        assert_eq!(told.errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["signer_staff"]);
    }
    let manager = opened.signers[0].0;
    let chosen = manager.to_string();
    let id = made(&mut marketing, &with(form("birthday", "x"), &[("form[signer_staff]", chosen.as_str())])).await;
    assert_eq!(shown(&mut marketing, id).await.campaign.settings.signer_staff, Some(manager));
    let text = page(&mut marketing, &format!("/campaigns/{id}/edit")).await;
    assert!(text.contains(&format!(r#"value="{manager}" selected>The manager"#)), "the choice is shown");
}

#[tokio::test]
async fn a_signer_who_has_left_is_shown_and_replaced_by_nobody_unasked() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let fields = [("kind", "birthday".to_owned()), ("draft", "false".to_owned())];
    let signer = marketing.call::<OpenCampaignForm>(&fields).await.expect("a form").signers[0].0;
    let chosen = signer.to_string();
    let id = made(&mut marketing, &with(form("birthday", "x"), &[("form[signer_staff]", chosen.as_str())])).await;
    let left = "UPDATE ONLY $staff SET active = false RETURN NONE";
    house.db.query(left, vars().with("staff", record("staff", signer))).await.expect("left");

    let edit = format!("/campaigns/{id}/edit");
    let text = page(&mut marketing, &edit).await;
    let option = format!(r#"value="{signer}" selected>The manager, who does not sign any more"#);
    assert!(text.contains(&option), "the choice is still shown: {text}");
    assert!(text.contains("id=\"campaign-signer_staff-problem\"") && text.contains("Choose who does."), "{text}");

    // Whoever saves the form as it stands is asked; what was chosen is not changed by that.
    let same = [with(form("birthday", "x"), &[("form[signer_staff]", chosen.as_str()), ("revision", "1")]), at(id)];
    let told = refused(&mut marketing, &same.concat()).await;
    let asked = FieldError { field: "signer_staff".to_owned(), problem: Problem::SignerLeft };
    assert_eq!((told.errors, told.form.signer_staff), (vec![asked], chosen));
    assert_eq!(shown(&mut marketing, id).await.campaign.settings.signer_staff, Some(signer));
    let answered = [with(form("birthday", "x"), &[("form[signer_staff]", ""), ("revision", "1")]), at(id)].concat();
    made(&mut marketing, &answered).await;
    assert_eq!(shown(&mut marketing, id).await.campaign.settings.signer_staff, None);
    assert!(!page(&mut marketing, &edit).await.contains("does not sign"), "and there is nothing to ask any more");
}
