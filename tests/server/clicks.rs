//! Links of letters: counted where the house and the guest agree to it, and leading where they led.

use crate::{
    consent::{Stranger, lines},
    harness::{House, monday},
    letters_sent::{Sent, ZHANG},
    post_office::{PostOffice, Posted},
    sending_desk::Desk,
};
use rapport::{
    campaigns::{
        CampaignKind, consent,
        hold::api::CardGreetings,
        outbox_api::CampaignResults,
        policy::api::SaveLetterSettings,
        results::{LinkCount, Results},
    },
    ids::GuestId,
    server::db::{record, vars},
};

const ROOMS: &str = "https://spa.example/rooms";
const SPA: &str = "https://spa.example/";

/// The manager decides whether links are counted.
async fn decide(house: &House, counts: bool) {
    let mut manager = house.device("manager", "desk").await;
    let fields: Vec<(&str, String)> = counts.then(|| ("count_links", "on".to_owned())).into_iter().collect();
    manager.call::<SaveLetterSettings>(&fields).await.expect("kept");
}

/// A campaign for so many guests, whose letter leads to two pages of somebody else's.
async fn desk(guests: usize) -> Desk {
    let desk = Desk::open(guests).await;
    desk.house
        .db
        .query(
            "UPDATE ONLY $letter SET html = $html RETURN NONE",
            vars().with("letter", record("letter", format!("{}|en", desk.campaign))).with(
                "html",
                format!(
                    "<p>Dear {{{{ first_name }}}}. <a href=\"{ROOMS}\">Rooms</a> <a href=\"{SPA}\">Spa</a> \
                     <a href=\"{{{{ unsubscribe_url }}}}\">No more</a></p>"
                ),
            ),
        )
        .await
        .expect("changed");
    desk
}

async fn agree(desk: &Desk, guest: GuestId, granted: bool) {
    let words = "You may count which links I open".to_owned();
    consent::choose_counting(&desk.house.db, &desk.id(guest), granted, words, "en", monday()).await.expect("kept");
}

/// Sends what is due; the messages as they were taken, without their soft line ends.
async fn sent(desk: &Desk) -> Vec<(String, String)> {
    let office = PostOffice::open();
    desk.send(&format!("smtp://{}?tls=none", office.addr)).await;
    let text = |mail: &Posted| (mail.to[0].clone(), mail.text().replace("=\r\n", ""));
    let mut mails: Vec<_> = office.posted().iter().map(text).collect();
    mails.sort();
    mails
}

/// The paths of the counted links in a message.
fn counted(message: &str) -> Vec<String> {
    let is_part = |c: &char| c.is_ascii_alphanumeric() || "/-_".contains(*c);
    message.match_indices("/l/").map(|(at, _)| message[at..].chars().take_while(is_part).collect()).collect()
}

async fn results(desk: &Desk) -> Results {
    let mut marketing = desk.house.device("marketing", "desk").await;
    let fields = [("campaign", desk.campaign.to_string())];
    marketing.call::<CampaignResults>(&fields).await.expect("results")
}

/// Where a path leads, with the status of the answer.
async fn followed(house: &House, path: &str) -> (u16, Option<String>) {
    let answer = house.browser().get(path).await;
    let to = answer.headers().get("location").map(|to| to.to_str().expect("an address").to_owned());
    (answer.status().as_u16(), to)
}

#[tokio::test]
async fn links_are_counted_where_the_house_and_the_guest_agree() {
    let desk = desk(2).await;
    decide(&desk.house, true).await;
    agree(&desk, desk.guests[0], true).await;
    let mails = sent(&desk).await;
    assert_eq!(mails.len(), 2);
    let (agreed, other) = (&mails[0].1, &mails[1].1);
    assert!(
        other.contains(ROOMS) && counted(other).is_empty(),
        "who did not agree gets the links as they are: {other}"
    );
    assert!(!agreed.contains(ROOMS) && !agreed.contains(SPA), "{agreed}");
    let links = counted(agreed);
    assert_eq!(links.len(), 2, "{agreed}");
    assert!(agreed.contains("https://rapport.example/u/"), "and leaves by one of its own: {agreed}");

    assert_eq!((results(&desk).await.clicked, results(&desk).await.links), (Some(0), vec![]));
    for _ in 0..2 {
        assert_eq!(followed(&desk.house, &links[0]).await, (302, Some(ROOMS.to_owned())));
    }
    let now = results(&desk).await;
    let once = LinkCount { address: ROOMS.to_owned(), letters: 1 };
    assert_eq!((now.clicked, now.links), (Some(1), vec![once.clone()]), "twice is once");
    let mut marketing = desk.house.device("marketing", "desk").await;
    let page = marketing.get(&format!("/campaigns/{}/results", desk.campaign)).await.text().await.expect("a page");
    assert!(page.contains("Followed a link") && page.contains(ROOMS), "{page}");

    // A program that only asks what there is has followed nothing.
    let http = desk.house.browser().http;
    let head = http.head(format!("http://{}{}", desk.house.addr, links[1])).send().await.expect("an answer");
    assert_eq!(head.status(), 302);
    // Whoever thought better of it gets there and is not counted.
    agree(&desk, desk.guests[0], false).await;
    assert_eq!(followed(&desk.house, &links[1]).await, (302, Some(SPA.to_owned())));
    assert_eq!(results(&desk).await.links, [once]);
    // Nor is anybody where the house does not count any more.
    agree(&desk, desk.guests[0], true).await;
    decide(&desk.house, false).await;
    assert_eq!(followed(&desk.house, &links[1]).await, (302, Some(SPA.to_owned())));
    let off = results(&desk).await;
    assert_eq!((off.clicked, off.links), (None, vec![]));
    decide(&desk.house, true).await;
    assert_eq!(results(&desk).await.links.len(), 1);
    assert_eq!(followed(&desk.house, &links[1]).await, (302, Some(SPA.to_owned())));
    assert_eq!(results(&desk).await.links.len(), 2);
}

#[tokio::test]
async fn links_stay_as_they_are_in_a_house_that_does_not_count() {
    let desk = desk(1).await;
    agree(&desk, desk.guests[0], true).await;
    let mails = sent(&desk).await;
    assert!(mails[0].1.contains(ROOMS) && counted(&mails[0].1).is_empty(), "{}", mails[0].1);
    assert_eq!(results(&desk).await.clicked, None);
}

#[tokio::test]
async fn a_link_leads_only_where_it_was_sealed_to() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, CampaignKind::Birthday).await;
    let secret = consent::secret(&house.db, consent::LINKS).await.expect("a secret");
    let link = |secret: &[u8; 32], target: &str| {
        consent::counted_link("", secret, &letter.id, 0, target).expect("not too long")
    };
    let sealed = link(&secret, "https://spa.example/?a=1&b=2");
    assert_eq!(followed(&house, &sealed).await, (302, Some("https://spa.example/?a=1&b=2".to_owned())));
    let mut forged = sealed.clone();
    let last = if forged.ends_with('A') { "B" } else { "A" };
    forged.replace_range(forged.len() - 1.., last);
    let others = [
        forged,
        format!("{sealed}?to=https://evil.example/"),
        link(&[0; 32], SPA),
        link(&secret, "javascript:alert(1)"),
        format!("/l/{}", letter.token),
        "/l/x".to_owned(),
    ];
    for (number, other) in others.iter().enumerate() {
        let (status, to) = followed(&house, other).await;
        match number {
            1 => assert_eq!((status, to.as_deref()), (302, Some("https://spa.example/?a=1&b=2")), "{other}"),
            _ => assert_eq!((status, to), (404, None), "{other}"),
        }
    }
}

#[tokio::test]
async fn guests_say_whether_their_links_are_counted() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, CampaignKind::Birthday).await;
    let stranger = Stranger::of(&house);
    let path = format!("/preferences/{}", letter.token);
    let agreed =
        || async { consent::counting(&house.db, &[letter.guest]).await.expect("an answer").contains(&letter.guest) };
    let all: Vec<(&str, &str)> = CampaignKind::ALL.iter().map(|kind| ("kind", kind.code())).collect();
    let with_links: Vec<(&str, &str)> = all.iter().copied().chain([("links", "on")]).collect();
    assert!(!stranger.page(&path).await.contains("name=\"links\""), "nothing is counted, so nothing is asked");
    stranger.submit(&path, &with_links).await;
    assert!(!agreed().await, "nor taken down");

    decide(&house, true).await;
    let page = stranger.page(&path).await;
    let links = &page[page.find("name=\"links\"").expect("a box")..];
    assert!(!links[..links.find('>').expect("its end")].contains("checked"), "off unless the guest ticks it");
    let said = lines(&house, letter.guest).await.len();
    for _ in 0..2 {
        let (status, page) = stranger.submit(&path, &with_links).await;
        assert_eq!(status, 200);
        let links = &page[page.find("name=\"links\"").expect("a box")..];
        assert!(links[..links.find('>').expect("its end")].contains("checked"), "{links}");
        assert!(agreed().await);
    }
    let now = lines(&house, letter.guest).await;
    assert_eq!(now.len(), said + 1, "the same again says nothing new");
    assert!(now[0].about_links && now[0].granted && now[0].source == "preferences_page", "{:?}", now[0]);
    let words = now[0].wording.as_deref().unwrap_or_default();
    assert!(words.starts_with("You may count which links I open: "), "{words}");
    let kept = "which of its links to other sites you opened, and when";
    assert!(words.contains(kept) && !words.contains("Nothing else"), "what is kept, and no more than that: {words}");
    assert_eq!(now[0].language.as_deref(), Some("en"));
    let mut reception = house.device("reception", "desk").await;
    let card = reception.call::<CardGreetings>(&[("guest", letter.guest.to_string())]).await.expect("an answer");
    assert!(card.consent.iter().any(|line| line.about_links));
    let page = reception.get(&format!("/guests/{}", letter.guest)).await.text().await.expect("a page");
    assert!(page.contains("Agreed to: counting which links are followed"), "{page}");

    // Taking it back is no objection to letters.
    stranger.submit(&path, &all).await;
    assert!(!agreed().await && letter.may(&house, CampaignKind::Birthday).await);
    assert_eq!(letter.fate(&house).await, (None, false), "nor does it count as one");
    // Whoever wants no letters at all wants no counts.
    stranger.submit(&path, &with_links).await;
    assert!(agreed().await);
    stranger.submit(&format!("/u/{}", letter.token), &[("choice", "all")]).await;
    assert!(!agreed().await);
}
