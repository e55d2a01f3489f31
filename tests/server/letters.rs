//! Letters filled in from the store: with what a guest's profile and stays say, and with nothing that the
//! profile could smuggle in.

use crate::harness::{House, monday};
use rapport::{
    campaigns::{
        CampaignKind, CampaignState, Settings,
        kinds::Candidate,
        store::CampaignRow,
        template::{Links, Missing, Values, render, starters, values},
    },
    ids::{CampaignId, GuestId, StaffId},
    server::db::{record, vars},
};

/// The address of the house.
const HOUSE: &str = "https://house.example";

fn campaign(house: &House, kind: CampaignKind) -> CampaignRow {
    CampaignRow {
        id: CampaignId::new(),
        house: house.id,
        kind,
        name: "Letters".to_owned(),
        state: CampaignState::Draft,
        revision: 1,
        settings: Settings {
            signer: "Clara Sousa".to_owned(),
            signer_title: "General Manager".to_owned(),
            ..Settings::default()
        },
        author: StaffId::new(),
        author_name: "The marketing".to_owned(),
        approved_by: None,
        pause: None,
        paused_by: None,
        planned_through: None,
        activated_at: None,
    }
}

async fn known(house: &House, campaign: &CampaignRow, guest: GuestId, language: &str) -> Values {
    let here = rapport::house::store::house(&house.db, house.id).await.expect("an answer").expect("the house");
    let candidate = Candidate { guest, date: "2026-11-23".parse().expect("a date"), stage: None };
    let links = Links {
        unsubscribe: "https://house.example/u/token".to_owned(),
        preferences: "https://house.example/preferences/token".to_owned(),
    };
    values(&house.db, &here, campaign, &candidate, language, &links, monday()).await.expect("values")
}

fn said(values: &Values, name: &str) -> Option<String> {
    values.get(name).map(ToString::to_string)
}

#[tokio::test]
async fn a_letter_says_what_the_house_knows() {
    let house = House::open().await;
    let campaign = campaign(&house, CampaignKind::Lapsed);
    let guest = house.guest("M0001").await;
    for (letter, dear, month, away) in [
        (0, "Dear Mr Zhang", "March 2023", "three years"),
        (1, "Estimado Sr. Zhang", "marzo de 2023", "tres años"),
        (2, "尊敬的张先生", "2023年3月", "三年"),
    ] {
        let letter = &starters(campaign.kind)[letter];
        let values = known(&house, &campaign, guest, &letter.language).await;
        assert_eq!(said(&values, "stays").as_deref(), Some("1"), "the stay that goes on is not one yet");
        assert_eq!(said(&values, "remembered"), None, "nobody approved anything");
        let rendered = render(letter, &values, HOUSE).expect("renders");
        for part in [&rendered.html, &rendered.text] {
            let lines = part.replace('\n', " ");
            for words in [dear, month, away, "The Cedars", "Clara Sousa", "https://house.example/u/token"] {
                assert!(lines.contains(words), "{}: {words} in {part}", letter.language);
            }
        }
    }
}

#[tokio::test]
async fn only_an_approved_detail_is_remembered() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let (ours, other) = (campaign(&house, CampaignKind::Birthday), campaign(&house, CampaignKind::Birthday));
    house
        .db
        .query(
            "CREATE $remembered SET text = 'the jasmine tea', author_name = 'Clara', at = $now RETURN NONE",
            vars().with("remembered", record("remembered", format!("{}|{guest}", ours.id))).with("now", monday()),
        )
        .await
        .expect("kept");
    assert_eq!(said(&known(&house, &ours, guest, "en").await, "remembered").as_deref(), Some("the jasmine tea"));
    assert_eq!(said(&known(&house, &other, guest, "en").await, "remembered"), None);
}

#[tokio::test]
async fn a_hostile_profile_stays_a_name() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    house
        .db
        .query(
            "UPDATE $guest SET first = $first, last = $last, salutation = NONE, native = NONE RETURN NONE",
            vars()
                .with("guest", record("guest", guest))
                .with("first", "Wei\r\nBcc: everyone@house.example\r\n\r\n".to_owned())
                .with("last", "\u{202e}<script src=//x.example>\"{{ dear }}</script>\u{2066}".to_owned()),
        )
        .await
        .expect("kept");
    for &kind in CampaignKind::ALL {
        let campaign = campaign(&house, kind);
        for letter in starters(kind) {
            let values = known(&house, &campaign, guest, &letter.language).await;
            let rendered = render(&letter, &values, HOUSE).expect("renders");
            assert!(!rendered.subject.chars().any(char::is_control), "{:?}", rendered.subject);
            assert!(!rendered.html.contains("<script"), "{}", rendered.html);
            let turned = |c: char| ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
            for part in [&rendered.subject, &rendered.html, &rendered.text] {
                assert!(!part.contains(turned), "{part}");
            }
            assert!(rendered.text.replace('\n', " ").contains("Wei Bcc: everyone@house.example"), "{}", rendered.text);
        }
    }
}

#[tokio::test]
async fn whoever_is_gone_gets_no_letter() {
    let house = House::open().await;
    let campaign = campaign(&house, CampaignKind::OneOff);
    let values = known(&house, &campaign, GuestId::new(), "en").await;
    let letter = &starters(campaign.kind)[0];
    assert_eq!(render(letter, &values, HOUSE), Err(Missing::Variable("dear".to_owned())));
}
