//! Every letter leads to where its guest can say that he wants no more: one that would not is held.

use crate::{
    planning_desk::{Planning, plain},
    post_office::PostOffice,
    sending_desk::Desk,
};
use rapport::{
    campaigns::{CampaignKind, Settings, template},
    i18n::Locale,
    server::db::{record, vars},
};

/// The day after that on which the house is opened.
const TODAY: &str = "--11-24";

/// A letter that leads out for one guest alone, and says so to nobody who saves it.
fn for_one(name: &str) -> String {
    format!(
        "<p>Dear {{{{ first_name }}}}. \
         {{% if first_name == '{name}' %}}<a href=\"{{{{ unsubscribe_url }}}}\">No more</a>{{% endif %}}</p>"
    )
}

#[tokio::test]
async fn whose_letter_has_no_way_out_is_held_with_the_reason_and_the_others_go_on() {
    let (desk, office) = (Desk::open(3).await, PostOffice::open());
    let letter =
        vars().with("letter", record("letter", format!("{}|en", desk.campaign))).with("html", for_one("Given1"));
    desk.house.db.query("UPDATE ONLY $letter SET html = $html RETURN NONE", letter).await.expect("rewritten");
    assert_eq!(desk.send(&format!("smtp://{}?tls=none", office.addr)).await.sent, 1);
    assert_eq!(desk.states().await, ["held", "sent", "held"]);
    assert_eq!(office.posted()[0].to, ["guest1@post.example"]);
    let fate = desk.fate(desk.guests[0]).await;
    assert_eq!((fate.reason.as_deref(), fate.detail.as_deref()), (Some("letter"), Some("@no_way_out")));
    let why = template::why(Locale::en, fate.detail.as_deref().unwrap_or_default());
    assert!(why.contains("no link by which the guest can say"), "{why}");
}

#[tokio::test]
async fn a_letter_without_a_way_out_does_not_reach_its_signer_either() {
    let desk = Planning::open().await;
    let settings = Settings { personal_from_vip: Some(2), ..plain() };
    let guest = desk.guest("vip", &format!("birthday = '{TODAY}', vip = 3")).await;
    let campaign = desk.campaign(CampaignKind::Birthday, &settings).await;
    desk.letter(&for_one("Nobody")).await;
    desk.plan().await;
    let row = desk.one(campaign, guest).await;
    assert_eq!((row.state.as_str(), row.detail.as_deref()), ("held", Some("@no_way_out")));
    // Once it has one, the signer is asked.
    desk.letter(&for_one("Ana")).await;
    desk.plan().await;
    assert_eq!(desk.one(campaign, guest).await.state, "awaiting");
}
