//! Letters as marketing writes them and looks at them: for those whose work it is, and with nothing in them that
//! runs or tells others who reads.

use crate::{
    campaigns::{form, made, with},
    harness::{Device, HEADER, House},
};
use rapport::{
    campaigns::letter_api::{OpenLetter, PreviewLetter, RememberDetail, SaveLetter, SavedLetter},
    error::{AppError, FieldError, Problem},
    ids::{CampaignId, GuestId},
};

pub const MJML: &str = "<mjml><mj-body><mj-section><mj-column><mj-text>Dear {{ first_name }}, the house misses you.</mj-text>\
    <mj-text><a href=\"{{ unsubscribe_url }}\">No more letters</a></mj-text></mj-column></mj-section></mj-body></mjml>";

/// A birthday campaign with the house's own letters, which marketing signs.
pub async fn campaign(device: &mut Device) -> CampaignId {
    made(device, &with(form("birthday", "Birthday, house letter"), &[("form[signer]", "The marketing")])).await
}

fn letter(campaign: CampaignId, revision: i64, subject: &str, mjml: &str) -> Vec<(&'static str, String)> {
    vec![
        ("campaign", campaign.to_string()),
        ("language", "en".to_owned()),
        ("revision", revision.to_string()),
        ("subject", subject.to_owned()),
        ("mjml", mjml.to_owned()),
        ("text", String::new()),
    ]
}

async fn revision(device: &mut Device, campaign: CampaignId) -> i64 {
    let fields = [("campaign", campaign.to_string()), ("language", "en".to_owned())];
    device.call::<OpenLetter>(&fields).await.expect("a page").draft.letter.revision
}

async fn save(device: &mut Device, fields: &[(&'static str, String)]) -> SavedLetter {
    device.call::<SaveLetter>(fields).await.expect("an answer")
}

/// Writes the English letter anew, whatever it was.
pub async fn write(device: &mut Device, campaign: CampaignId, subject: &str, mjml: &str) {
    let now = revision(device, campaign).await;
    let saved = save(device, &letter(campaign, now, subject, mjml)).await;
    assert_eq!(saved, SavedLetter::Done(now + 1));
}

fn as_guest(campaign: CampaignId, guest: GuestId) -> Vec<(&'static str, String)> {
    vec![
        ("campaign", campaign.to_string()),
        ("asked[language]", "en".to_owned()),
        ("asked[guest]", guest.to_string()),
        ("asked[date]", "2026-11-23".to_owned()),
    ]
}

#[tokio::test]
async fn pages_about_letters_are_for_those_who_plan_greetings() {
    let house = House::open().await;
    let campaign = campaign(&mut house.device("marketing", "desk").await).await;
    let pages = [
        format!("/campaigns/{campaign}/letters"),
        format!("/campaigns/{campaign}/results"),
        "/campaigns/approvals".to_owned(),
        "/campaigns/outbox".to_owned(),
        "/campaigns/pictures".to_owned(),
    ];
    let frame = format!("/campaigns/{campaign}/preview?language=en");
    for (role, status) in [("marketing", 200), ("manager", 200), ("reception", 403), ("host", 403), ("admin", 403)] {
        let mut device = house.device(role, "desk").await;
        for page in pages.iter().chain([&frame]) {
            assert_eq!(device.get(page).await.status(), status, "{role} at {page}");
        }
    }
    assert_eq!(house.browser().get(&frame).await.status(), 401);
    for (role, status) in [("floor", 200), ("host", 200), ("reception", 200), ("manager", 200), ("marketing", 403)] {
        assert_eq!(house.device(role, "desk").await.get("/traces").await.status(), status, "{role}");
    }
    let mut host = house.device("host", "restaurant").await;
    let guest = house.guest("M0001").await;
    assert_eq!(host.call::<PreviewLetter>(&as_guest(campaign, guest)).await, Err(AppError::Forbidden));
    let fields = letter(campaign, 1, "x", MJML);
    assert_eq!(host.call::<SaveLetter>(&fields).await, Err(AppError::Forbidden));
}

#[tokio::test]
async fn nothing_in_a_preview_runs_or_is_fetched_from_elsewhere() {
    let house = House::open().await;
    house
        .import(&format!(
            "{HEADER}\n1007,CITY,Ms,<script>alert(1)</script>,\"\"\"><img src=x onerror=alert(2)>\",,PRT,en,\
             ana@post.example,,,,M0007,2026-01-02,2026-01-05,A,,1,0,BB,99,EUR,Direct,CHECKED OUT,,,Y\n"
        ))
        .await;
    let guest = house.guest("M0007").await;
    let mut marketing = house.device("marketing", "desk").await;
    let campaign = campaign(&mut marketing).await;
    write(&mut marketing, campaign, "For {{ first_name }}", MJML).await;
    let page = format!("/campaigns/{campaign}/letters?language=en&guest={guest}");
    let text = marketing.get(&page).await.text().await.expect("a page");
    assert!(text.contains("<iframe") && text.contains("sandbox=\"\""), "the letter stands in a frame of its own");
    assert!(!text.contains("<script>alert") && !text.contains("<img src=x"));

    for scheme in ["", "&scheme=dark"] {
        let frame = format!("/campaigns/{campaign}/preview?language=en&guest={guest}{scheme}");
        let answer = marketing.get(&frame).await;
        assert_eq!(answer.status(), 200);
        let policy = answer.headers()["content-security-policy"].to_str().expect("text").to_owned();
        assert!(policy.starts_with("default-src 'none'") && policy.ends_with("sandbox"), "{policy}");
        assert!(policy.contains("frame-ancestors 'self'") && !policy.contains("script-src"), "{policy}");
        assert_eq!(answer.headers()["x-frame-options"], "SAMEORIGIN");
        let letter = answer.text().await.expect("a letter");
        assert!(letter.contains("Dear &lt;script&gt;"), "{letter}");
        assert!(!letter.contains("<script"), "{letter}");
    }
    // And no page of ours may be framed by anybody.
    assert_eq!(marketing.get(&page).await.headers()["x-frame-options"], "DENY");

    let now = revision(&mut marketing, campaign).await;
    let hostile = MJML.replace("</mj-text>", "</mj-text><mj-raw><script>alert(3)</script></mj-raw>");
    let SavedLetter::Refused(refused) = save(&mut marketing, &letter_of(campaign, now, &hostile)).await else {
        panic!("kept");
    };
    let fields: Vec<_> = refused.errors.iter().map(|error| error.field.as_str()).collect();
    assert!(!fields.is_empty() && fields.iter().all(|field| *field == "mjml"), "{:?}", refused.errors);
    assert_eq!(refused.letter.mjml, hostile, "what was typed stays");
    let large = "x".repeat(1024 * 1024);
    let SavedLetter::Refused(refused) = save(&mut marketing, &letter_of(campaign, now, &large)).await else {
        panic!("kept");
    };
    assert!(matches!(refused.errors[..], [ref error] if matches!(error.problem, Problem::TooLarge(_))));
    assert_eq!(revision(&mut marketing, campaign).await, now);
}

fn letter_of(campaign: CampaignId, revision: i64, mjml: &str) -> Vec<(&'static str, String)> {
    letter(campaign, revision, "For {{ first_name }}", mjml)
}

/// Why a letter is not kept.
async fn refused(device: &mut Device, fields: &[(&'static str, String)]) -> Vec<FieldError> {
    match save(device, fields).await {
        SavedLetter::Refused(refused) => refused.errors,
        SavedLetter::Done(revision) => panic!("kept at {revision}"),
    }
}

#[tokio::test]
async fn no_letter_tells_others_who_reads_or_leaves_no_way_out() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let campaign = campaign(&mut marketing).await;
    let now = revision(&mut marketing, campaign).await;
    let with = |more: &str| MJML.replacen("</mj-text>", &format!("</mj-text>{more}"), 1);
    for (more, what, expected) in [
        ("<mj-image src=\"https://pixel.example/1.png\" />", "https://pixel.example/1.png", "@letter_picture"),
        (
            "<mj-text><a href=\"https://shop.example/?{{ last_name }}\">x</a></mj-text>",
            "https://shop.example/?{{ last_name }}",
            "@letter_telling_link",
        ),
    ] {
        let errors = refused(&mut marketing, &letter_of(campaign, now, &with(more))).await;
        let [error] = &errors[..] else { panic!("{errors:?}") };
        let problem = Problem::NotKnown(what.to_owned(), expected.to_owned());
        assert_eq!((error.field.as_str(), &error.problem), ("mjml", &Problem::AtLine(1, Box::new(problem))));
    }
    let without = MJML.replace("unsubscribe_url", "house");
    let link = "<a href=\"{{ unsubscribe_url }}\">…</a>".to_owned();
    let without = without.replace("<a href=\"{{ house }}\">No more letters</a>", "{{ house }}");
    let errors = refused(&mut marketing, &letter_of(campaign, now, &without)).await;
    assert_eq!(errors, [FieldError { field: "mjml".to_owned(), problem: Problem::NoWayOut(link) }]);
    let mut by_hand = letter_of(campaign, now, MJML);
    by_hand.retain(|(field, _)| *field != "text");
    by_hand.extend([("text", "Dear {{ first_name }}".to_owned()), ("by_hand", "on".to_owned())]);
    let errors = refused(&mut marketing, &by_hand).await;
    let problem = Problem::NoWayOut("{{ unsubscribe_url }}".to_owned());
    assert_eq!(errors, [FieldError { field: "text".to_owned(), problem }]);
    let answer = marketing.post("/api/save_letter", &by_hand, "text/html").await;
    let to = answer.headers()["location"].to_str().expect("an address").to_owned();
    let page = marketing.get(&to).await.text().await.expect("a page");
    assert!(page.contains("neither {{ unsubscribe_url }} nor {{ preferences_url }}"), "it says what to write: {page}");

    // A picture of the house's own is named as the page of pictures shows it.
    let own = format!("{}/media/{}", house.state.config.public_url(), GuestId::new());
    let kept = save(&mut marketing, &letter_of(campaign, now, &with(&format!("<mj-image src=\"{own}\" />")))).await;
    assert_eq!(kept, SavedLetter::Done(now + 1));
}

#[tokio::test]
async fn two_editors_of_a_letter_learn_of_each_other() {
    let house = House::open().await;
    let (mut one, mut other) = (house.device("marketing", "desk").await, house.device("manager", "desk").await);
    let campaign = campaign(&mut one).await;
    let began = revision(&mut one, campaign).await;
    assert_eq!(save(&mut one, &letter(campaign, began, "Mine", MJML)).await, SavedLetter::Done(began + 1));
    let late = letter(campaign, began, "Theirs", MJML);
    let SavedLetter::Refused(refused) = save(&mut other, &late).await else { panic!("overwritten") };
    let (by, now) = refused.moved.clone().expect("told");
    assert_eq!((by.as_str(), now.subject.as_str()), ("The marketing", "Mine"));
    assert_eq!((refused.letter.subject.as_str(), refused.letter.revision), ("Theirs", began + 1));
    // With both before one's eyes, saving again decides.
    let again = letter(campaign, refused.letter.revision, "Theirs", MJML);
    assert_eq!(save(&mut other, &again).await, SavedLetter::Done(began + 2));
}

#[tokio::test]
async fn a_refused_letter_comes_back_without_scripts() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let campaign = campaign(&mut marketing).await;
    let now = revision(&mut marketing, campaign).await;
    let broken = MJML.replace("{{ first_name }}", "{{ frist_name }}");
    let answer = marketing.post("/api/save_letter", &letter(campaign, now, "For you", &broken), "text/html").await;
    assert_eq!(answer.status(), 302);
    let to = answer.headers()["location"].to_str().expect("an address").to_owned();
    assert!(to.contains("draft=1") && to.contains("language=en"), "{to}");
    let page = marketing.get(&to).await.text().await.expect("a page");
    assert!(page.contains("frist_name"), "what was typed stands in the form again");
    assert!(page.contains("role=\"alert\""), "with the reason");
    let fine = marketing.post("/api/save_letter", &letter(campaign, now, "For you", MJML), "text/html").await;
    let to = fine.headers()["location"].to_str().expect("an address").to_owned();
    let page = marketing.get(&to).await.text().await.expect("a page");
    assert!(page.contains("The letter has been saved."), "{to}");
}

#[tokio::test]
async fn what_is_missing_for_a_guest_is_spelled_out() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let campaign = campaign(&mut marketing).await;
    let guest = house.guest("M0002").await;
    let remembering = MJML.replace("the house misses you", "{{ remembered }} waits for you");
    write(&mut marketing, campaign, "For {{ first_name }}", &remembering).await;
    let preview = marketing.call::<PreviewLetter>(&as_guest(campaign, guest)).await.expect("a preview");
    assert_eq!((preview.missing.as_deref(), preview.shown), (Some("remembered"), None));
    let page = format!("/campaigns/{campaign}/letters?language=en&guest={guest}");
    let text = marketing.get(&page).await.text().await.expect("a page");
    assert!(text.contains("This letter cannot be filled in for this guest"));

    let detail = |text: &str| {
        [("campaign", campaign.to_string()), ("guest", guest.to_string()), ("remembered", text.to_owned())]
    };
    let long = "x".repeat(301);
    let refused = marketing.call::<RememberDetail>(&detail(&long)).await;
    assert_eq!(refused, Err(AppError::field("remembered", Problem::TooLong(300))));
    marketing.call::<RememberDetail>(&detail("the table by the window")).await.expect("approved");
    let preview = marketing.call::<PreviewLetter>(&as_guest(campaign, guest)).await.expect("a preview");
    let (subject, text) = preview.shown.expect("filled in");
    assert_eq!(subject, "For Josefa");
    assert!(text.contains("the table by the window waits for you"), "{text}");
    // Of another guest nothing was approved.
    let other = house.guest("M0001").await;
    let preview = marketing.call::<PreviewLetter>(&as_guest(campaign, other)).await.expect("a preview");
    assert_eq!(preview.missing.as_deref(), Some("remembered"));
    marketing.call::<RememberDetail>(&detail(" ")).await.expect("taken back");
    let preview = marketing.call::<PreviewLetter>(&as_guest(campaign, guest)).await.expect("a preview");
    assert_eq!(preview.missing.as_deref(), Some("remembered"));
}

#[tokio::test]
async fn pictures_are_made_anew_and_served_to_whoever_reads_a_letter() {
    let house = House::open().await;
    let mut drawing = image::RgbaImage::from_pixel(30, 20, image::Rgba([20, 70, 50, 255]));
    drawing.put_pixel(0, 0, image::Rgba([0, 0, 0, 0]));
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::from(drawing).write_to(&mut png, image::ImageFormat::Png).expect("encodes");
    let mut marketing = house.device("marketing", "desk").await;
    let to = upload(&marketing, png.get_ref()).await;
    let id = to.strip_prefix("/campaigns/pictures?added=").expect("added").to_owned();
    let answer = house.browser().get(&format!("/media/{id}")).await;
    assert_eq!(answer.status(), 200, "no session is needed");
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert_eq!(answer.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert!(answer.headers()["content-security-policy"].to_str().expect("text").contains("sandbox"));
    let page = marketing.get("/campaigns/pictures").await.text().await.expect("a page");
    assert!(page.contains(&format!("/media/{id}")));

    let script = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    assert_eq!(upload(&marketing, script).await, "/campaigns/pictures?refused=wrong-type");
    let page = marketing.get("/campaigns/pictures?refused=wrong-type").await.text().await.expect("a page");
    assert!(page.contains("JPEG, PNG, WebP"));
    for nowhere in ["/media/none", &format!("/media/{}", GuestId::new())] {
        assert_eq!(house.browser().get(nowhere).await.status(), 404, "{nowhere}");
    }
    let host = house.device("host", "restaurant").await;
    assert_eq!(upload(&host, png.get_ref()).await, "403");
}

/// Sends a picture as the form does; where it leads, or the status.
async fn upload(device: &Device, bytes: &[u8]) -> String {
    let head = "--part\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"house.png\"\r\n\
                Content-Type: image/png\r\n\r\n";
    let body = [head.as_bytes(), bytes, b"\r\n--part--\r\n"].concat();
    let answer = device
        .http
        .post(format!("{}/media", device.base))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "multipart/form-data; boundary=part")
        .header("cookie", device.cookie_header())
        .body(body)
        .send()
        .await
        .expect("an answer");
    match answer.headers().get("location") {
        Some(to) => to.to_str().expect("an address").to_owned(),
        None => answer.status().as_u16().to_string(),
    }
}
