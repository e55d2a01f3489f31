//! Letters as marketing writes, looks at, tests and signs them; holds and traces: each for those whose work
//! it is.

use crate::{
    campaigns::{form, made, with},
    harness::{Device, HEADER, House, monday},
};
use chrono::{NaiveDate, TimeDelta};
use rapport::{
    campaigns::{
        OccurrenceId, OccurrenceState,
        hold::api::{CardGreetings, EndHold, HoldGreetings},
        letter_api::{OpenLetter, PreviewLetter, RememberDetail, SaveLetter, SavedLetter, SendTest},
        outbox_api::{
            ApproveLetter, CampaignResults, DropLetter, ListApprovals, ResolveLetter, RetryLetter, Show, ShowOutbox,
        },
        results::Share,
    },
    error::{AppError, Problem},
    house::StationKind,
    ids::{CampaignId, GuestId, TraceId},
    requests::{
        TraceKind,
        api::{ResolveTrace, Traces},
        store::{self as traces, NewTrace},
    },
    server::db::{Tx, record, vars},
};
use surrealdb::types::SurrealValue;

const MJML: &str = "<mjml><mj-body><mj-section><mj-column><mj-text>Dear {{ first_name }}, the house misses you.\
    </mj-text></mj-column></mj-section></mj-body></mjml>";

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
async fn write(device: &mut Device, campaign: CampaignId, subject: &str, mjml: &str) {
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
async fn a_test_goes_to_whoever_writes_the_letter_and_is_no_greeting() {
    let folder = tempfile::tempdir().expect("a folder");
    let mail = format!("file:{}", folder.path().display());
    let settings = [("RAPPORT_MAIL", mail.as_str()), ("RAPPORT_MAIL_FROM", "The Cedars <greetings@cedars.example>")];
    let db = rapport::server::db::Db::in_memory().await.expect("a store in memory");
    let house = House::open_with(db, &settings).await;
    let mut marketing = house.device("marketing", "desk").await;
    let campaign = campaign(&mut marketing).await;
    write(&mut marketing, campaign, "For {{ first_name }}", MJML).await;
    let guest = house.guest("M0002").await;
    let test = |address: &str| {
        [
            ("campaign", campaign.to_string()),
            ("address", address.to_owned()),
            ("language", "en".to_owned()),
            ("guest", guest.to_string()),
        ]
    };
    let refused = marketing.call::<SendTest>(&test("nobody")).await;
    assert!(matches!(&refused, Err(AppError::Fields(fields)) if fields[0].field == "address"), "{refused:?}");
    marketing.call::<SendTest>(&test("ana@cedars.example")).await.expect("sent");
    let written: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .collect();
    assert_eq!(written.len(), 1, "{written:?}");
    let message = std::fs::read_to_string(&written[0]).expect("a message");
    assert!(message.contains("Subject: [Test] For Josefa"), "{message}");
    assert!(message.contains("To: ana@cedars.example"), "{message}");
    assert!(!message.contains("List-Unsubscribe"), "it is sent to nobody on a list");
    assert_eq!(states(&house).await, Vec::<String>::new(), "no occurrence came of it");

    let shut = House::open().await;
    let mut marketing = shut.device("marketing", "desk").await;
    let campaign = self::campaign(&mut marketing).await;
    let fields =
        [("campaign", campaign.to_string()), ("address", "ana@cedars.example".into()), ("language", "en".into())];
    let refused = marketing.call::<SendTest>(&fields).await;
    assert_eq!(refused, Err(AppError::field("address", Problem::NotSent("@mail_shut".to_owned()))));
}

#[derive(SurrealValue)]
struct StateRow {
    state: String,
}

pub async fn states(house: &House) -> Vec<String> {
    let rows: Vec<StateRow> =
        house.db.rows("SELECT state FROM type::table('occurrence')", vars()).await.expect("an answer");
    rows.into_iter().map(|row| row.state).collect()
}

/// An occurrence in a state, as planning or the sender leaves it.
pub async fn occurrence(house: &House, campaign: CampaignId, guest: GuestId, date: &str, state: &str) -> OccurrenceId {
    let id = OccurrenceId { campaign, guest, date: date.to_owned() };
    let now = monday();
    house
        .db
        .query(
            "CREATE ONLY $id SET campaign = $campaign, house = $house, guest = $guest, date = $date, state = $state, \
             due = $due, until = $until, planned_at = $due, language = 'en', address = 'zhang.wei@post.example', \
             ended_at = IF $state = 'sent' { $due } ELSE { NONE } RETURN NONE",
            vars()
                .with("id", record("occurrence", &id))
                .with("campaign", record("campaign", campaign))
                .with("house", record("house", house.id))
                .with("guest", record("guest", guest))
                .with("date", date.to_owned())
                .with("state", state.to_owned())
                .with("due", now)
                .with("until", now + TimeDelta::hours(72)),
        )
        .await
        .expect("an occurrence");
    id
}

pub async fn awaiting(house: &House, campaign: CampaignId, membership: &str) -> OccurrenceId {
    let guest = house.guest(membership).await;
    let id = occurrence(house, campaign, guest, "2026-11-23", "awaiting").await;
    house
        .db
        .query(
            "CREATE ONLY $id SET subject = 'We miss you', text = 'Dear Mr Zhang, we miss you.', \
             html = '<!doctype html><html><body><p>Dear Mr Zhang,</p><p>we miss you.</p></body></html>' RETURN NONE",
            vars().with("id", record("envelope", &id)),
        )
        .await
        .expect("an envelope");
    id
}

#[derive(SurrealValue)]
struct Envelope {
    subject: String,
    html: String,
    edited_by: Option<String>,
}

#[tokio::test]
async fn a_personal_letter_leaves_with_its_signers_words_and_is_decided_once() {
    let house = House::open().await;
    let (mut one, mut other) = (house.device("marketing", "desk").await, house.device("manager", "desk").await);
    let campaign = campaign(&mut one).await;
    let id = awaiting(&house, campaign, "M0001").await;
    let page = one.call::<ListApprovals>(&[("open", id.to_string())]).await.expect("a page");
    assert_eq!(page.waiting.len(), 1);
    let open = page.open.expect("the letter");
    assert_eq!(open.words, ["Dear Mr Zhang,", "we miss you."]);

    let send = |words: &[&str]| {
        let mut fields: Vec<(&'static str, String)> = vec![
            ("letter", id.to_string()),
            ("subject", "For you".to_owned()),
            ("text", "Dear Wei, come back.".to_owned()),
        ];
        let names = ["words[0]", "words[1]", "words[2]"];
        fields.extend(names.into_iter().zip(words).map(|(name, words)| (name, (*words).to_owned())));
        fields
    };
    let refused = one.call::<ApproveLetter>(&send(&["alone"])).await;
    assert!(matches!(&refused, Err(AppError::Fields(fields)) if fields[0].field == "words"), "{refused:?}");
    assert_eq!(states(&house).await, ["awaiting"]);
    let hostile = ["Dear <script>alert(1)</script>,", "come back."];
    one.call::<ApproveLetter>(&send(&hostile)).await.expect("approved");
    assert_eq!(states(&house).await, ["planned"]);
    let kept: Option<Envelope> =
        house.db.row("SELECT * FROM $id", vars().with("id", record("envelope", &id))).await.expect("an answer");
    let kept = kept.expect("an envelope");
    assert_eq!((kept.subject.as_str(), kept.edited_by.as_deref()), ("For you", Some("The marketing")));
    assert!(kept.html.contains("Dear &lt;script&gt;") && !kept.html.contains("<script"), "{}", kept.html);

    // The second one learns who was first, and changes nothing.
    let first = Err(AppError::Conflict("The marketing".to_owned()));
    assert_eq!(other.call::<ApproveLetter>(&send(&["a", "b"])).await, first);
    let reason = [("letter", id.to_string()), ("reason", "Not now".to_owned())];
    assert_eq!(other.call::<DropLetter>(&reason).await, first);
    assert_eq!(states(&house).await, ["planned"]);
    assert!(other.call::<ListApprovals>(&[("open", id.to_string())]).await.expect("a page").open.is_none());

    let mut host = house.device("host", "restaurant").await;
    assert_eq!(host.call::<DropLetter>(&reason).await, Err(AppError::Forbidden));
    let second = awaiting(&house, campaign, "M0002").await;
    let silent = [("letter", second.to_string()), ("reason", " ".to_owned())];
    assert_eq!(other.call::<DropLetter>(&silent).await, Err(AppError::field("reason", Problem::Empty)));
    let reason = [("letter", second.to_string()), ("reason", "She has moved".to_owned())];
    other.call::<DropLetter>(&reason).await.expect("dropped");
    assert_eq!(one.call::<DropLetter>(&reason).await, Err(AppError::Conflict("The manager".to_owned())));
    let mut states = states(&house).await;
    states.sort();
    assert_eq!(states, ["dropped", "planned"]);
}

#[tokio::test]
async fn signers_work_without_scripts() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let campaign = campaign(&mut marketing).await;
    let id = awaiting(&house, campaign, "M0001").await;
    let page = marketing.get(&format!("/campaigns/approvals?letter={}", id.to_string().replace('|', "%7C"))).await;
    let text = page.text().await.expect("a page");
    assert!(text.contains("name=\"words[1]\"") && text.contains("we miss you."), "the words stand in the form");
    let mut fields = vec![
        ("letter", id.to_string()),
        ("subject", String::new()),
        ("words[0]", "Dear friend,".to_owned()),
        ("words[1]", "we miss you.".to_owned()),
        ("text", "Dear friend".to_owned()),
    ];
    let answer = marketing.post("/api/approve_letter", &fields, "text/html").await;
    let to = answer.headers()["location"].to_str().expect("an address").to_owned();
    let text = marketing.get(&to).await.text().await.expect("a page");
    assert!(text.contains("Dear friend,"), "what was typed stands in the form again: {to}");
    fields[1].1 = "For a friend".to_owned();
    let answer = marketing.post("/api/approve_letter", &fields, "text/html").await;
    assert_eq!(answer.headers()["location"], "/campaigns/approvals?done=sent");
    assert_eq!(states(&house).await, ["planned"]);
}

#[tokio::test]
async fn the_outbox_is_paged_masks_addresses_and_is_decided_once() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let campaign = campaign(&mut marketing).await;
    let guest = house.guest("M0001").await;
    // More than a page, all of them due at one moment.
    for day in 0..60 {
        let date = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day") + TimeDelta::days(day);
        occurrence(&house, campaign, guest, &date.to_string(), "failed").await;
    }
    let unknown = occurrence(&house, campaign, guest, "2026-11-23", "unknown").await;
    let (mut seen, mut after) = (Vec::new(), None::<String>);
    loop {
        let mut fields = vec![("show", "failed".to_owned())];
        fields.extend(after.take().map(|after| ("after", after)));
        let page = marketing.call::<ShowOutbox>(&fields).await.expect("a page");
        assert_eq!(page.show, Show::Failed);
        seen.extend(page.lines.into_iter().map(|line| (line.id, line.address)));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), 60);
    assert!(seen.iter().all(|(_, address)| address.as_deref() == Some("z•••@p•••.example")), "{seen:?}");
    let mut ids: Vec<_> = seen.into_iter().map(|(id, _)| id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 60, "each once");
    let page = marketing.get("/campaigns/outbox?show=failed").await.text().await.expect("a page");
    assert!(page.contains("z•••@p•••.example") && !page.contains("zhang.wei@post.example"));

    let mut manager = house.device("manager", "desk").await;
    let arrived = [("letter", unknown.to_string()), ("arrived", "true".to_owned())];
    marketing.call::<ResolveLetter>(&arrived).await.expect("noted");
    let late = [("letter", unknown.to_string()), ("arrived", "false".to_owned())];
    assert_eq!(manager.call::<ResolveLetter>(&late).await, Err(AppError::Conflict("The marketing".to_owned())));
    let again = [("letter", ids[0].to_string())];
    manager.call::<RetryLetter>(&again).await.expect("again");
    assert_eq!(marketing.call::<RetryLetter>(&again).await, Err(AppError::Conflict("The manager".to_owned())));
    let mut host = house.device("host", "restaurant").await;
    assert_eq!(host.call::<ShowOutbox>(&[]).await, Err(AppError::Forbidden));
    assert_eq!(host.call::<RetryLetter>(&again).await, Err(AppError::Forbidden));
}

#[tokio::test]
async fn results_tell_who_came_back_beside_those_kept_back() {
    let house = House::open().await;
    let booking = |number: u32, name: &str, membership: &str, arrival: &str, departure: &str, status: &str| {
        format!(
            "{number},CITY,Ms,Given,{name},,PRT,en,{name}@post.example,,,,{membership},{arrival},{departure},A,,1,0,BB,\
             99,EUR,Direct,{status},,,Y\n"
        )
    };
    let rows = [
        // Within 90 days after the letter of 23 November, and the last of them.
        booking(2001, "anna", "R1", "2026-12-20", "2026-12-22", "RESERVED"),
        booking(2002, "berta", "R2", "2027-02-21", "2027-02-22", "RESERVED"),
        // A day too late, the day of the letter itself, and one that was cancelled.
        booking(2003, "clara", "R3", "2027-02-22", "2027-02-23", "RESERVED"),
        booking(2004, "dora", "R4", "2026-11-23", "2026-11-24", "RESERVED"),
        booking(2005, "emma", "R5", "2026-12-20", "2026-12-21", "CANCELLED"),
        // Kept back: one came, one did not.
        booking(2006, "frida", "R6", "2026-12-01", "2026-12-02", "RESERVED"),
        booking(2007, "gerda", "R7", "2025-01-01", "2025-01-02", "CHECKED OUT"),
    ];
    house.import(&format!("{HEADER}\n{}", rows.concat())).await;
    let mut marketing = house.device("marketing", "desk").await;
    let campaign = campaign(&mut marketing).await;
    for membership in ["R1", "R2", "R3", "R4", "R5"] {
        occurrence(&house, campaign, house.guest(membership).await, "2026-11-23", "sent").await;
    }
    for membership in ["R6", "R7"] {
        occurrence(&house, campaign, house.guest(membership).await, "2026-11-23", "control").await;
    }
    let bounced = OccurrenceId { campaign, guest: house.guest("R5").await, date: "2026-11-23".to_owned() };
    house
        .db
        .query(
            "UPDATE $id SET bounced = 'hard', unsubscribed_at = $now RETURN NONE",
            vars().with("id", record("occurrence", &bounced)).with("now", monday()),
        )
        .await
        .expect("changed");
    let results = marketing.call::<CampaignResults>(&[("campaign", campaign.to_string())]).await.expect("results");
    assert_eq!(results.sent, Share { count: 2, of: 5 });
    assert_eq!(results.control, Share { count: 1, of: 2 });
    assert_eq!((results.bounced, results.unsubscribed, results.undecided), (1, 1, 3));
    assert_eq!(results.count(&[OccurrenceState::Sent]), 5);
    assert_eq!((results.months.len(), results.months[0].sent, results.months[0].returned), (1, 5, 2));
    let page = marketing.get(&format!("/campaigns/{campaign}/results")).await.text().await.expect("a page");
    assert!(page.contains("may be chance"), "so few tell nothing");
    house.clock.advance(TimeDelta::days(91));
    let mut marketing = house.device("marketing", "desk").await;
    let results = marketing.call::<CampaignResults>(&[("campaign", campaign.to_string())]).await.expect("results");
    assert_eq!((results.undecided, results.sent), (0, Share { count: 2, of: 5 }));
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

#[tokio::test]
async fn greetings_are_held_by_those_who_may_and_everyone_who_greets_reads_why() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let mut marketing = house.device("marketing", "desk").await;
    let hold = |reason: &str, until: &str| {
        [("guest", guest.to_string()), ("reason", reason.to_owned()), ("until", until.to_owned())]
    };
    let of = [("guest", guest.to_string())];
    let refused = desk.call::<HoldGreetings>(&hold(" ", "2026-11-22")).await;
    let Err(AppError::Fields(fields)) = refused else { panic!("kept") };
    let named: Vec<_> = fields.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(named, ["reason", "until"], "both are told at once");
    assert!(desk.call::<HoldGreetings>(&hold("Bereaved", "tomorrow")).await.is_err());
    desk.call::<HoldGreetings>(&hold("A bereavement", "2026-11-24")).await.expect("held");

    let shown = marketing.call::<CardGreetings>(&of).await.expect("an answer");
    let kept = shown.hold.expect("on hold");
    assert_eq!((kept.reason.as_str(), kept.until.as_deref()), ("A bereavement", Some("2026-11-24")));
    assert_eq!((kept.by.as_str(), kept.at.as_str()), ("The reception", "2026-11-23 09:00"));
    assert!(shown.consent.iter().any(|line| line.source.starts_with("booking ")), "marketing reads what was said");
    let page = marketing.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(page.contains("A bereavement") && page.contains("booking 1001") && !page.contains("zhang.wei@"));
    let consent = desk.call::<CardGreetings>(&of).await.expect("an answer").consent;
    assert!(consent.iter().any(|line| line.granted && line.source.starts_with("booking ")), "{consent:?}");
    let page = desk.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(page.contains("A bereavement") && page.contains("Agreed to"));

    for role in ["floor", "host", "concierge", "admin"] {
        let mut device = house.device(role, "desk").await;
        assert_eq!(device.call::<CardGreetings>(&of).await, Err(AppError::Forbidden), "{role}");
        assert_eq!(device.call::<HoldGreetings>(&hold("x", "")).await, Err(AppError::Forbidden), "{role}");
        let page = device.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
        assert!(!page.contains("A bereavement"), "{role}");
    }
    house.clock.advance(TimeDelta::days(2));
    let mut marketing = house.device("marketing", "desk").await;
    assert_eq!(marketing.call::<CardGreetings>(&of).await.expect("an answer").hold, None, "its last day is over");
    marketing.call::<HoldGreetings>(&hold("Asked us to wait", "")).await.expect("held");
    marketing.call::<EndHold>(&of).await.expect("ended");
    assert_eq!(marketing.call::<EndHold>(&of).await, Err(AppError::NotFound));
    assert_eq!(marketing.call::<CardGreetings>(&of).await.expect("an answer").hold, None);
}

#[tokio::test]
async fn traces_are_seen_to_once_and_everyone_learns_by_whom() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let trace = |department, due: &str, kind, text: Option<&str>| NewTrace {
        id: TraceId::new(),
        house: house.id,
        guest: Some(guest),
        department,
        kind,
        text: text.map(str::to_owned),
        room: Some("904".to_owned()),
        due: due.parse().expect("a day"),
        author: "Birthday, house letter".to_owned(),
        occurrence: None,
    };
    let today = trace(StationKind::Floor, "2026-11-23", TraceKind::Birthday, None);
    let late = trace(StationKind::Floor, "2026-11-21", TraceKind::Note, Some("Roses in the room"));
    let elsewhere = trace(StationKind::Restaurant, "2026-11-23", TraceKind::Note, Some("A cake"));
    let host_device = house.device("host", "restaurant").await;
    let mut stream = host_device.listen("").await;
    assert_eq!(stream.next().await.event, "hello");
    let all = [today.clone(), late.clone(), elsewhere];
    for _ in 0..2 {
        // Written twice they are one each.
        house.db.commit(traces::add(Tx::new(), &all, monday())).await.expect("written");
    }
    assert_eq!(stream.next_live().await.json()["kind"], "traces_changed");

    let (mut floor, mut host) = (house.device("floor", "floor").await, host_device);
    let list = floor.call::<Traces>(&[("department", "floor".to_owned())]).await.expect("a list");
    let shown: Vec<_> = list.traces.iter().map(|trace| (trace.id, trace.overdue)).collect();
    assert_eq!(shown, [(late.id, true), (today.id, false)], "the oldest first");
    assert_eq!(list.open.iter().sum::<u32>(), 3);
    let page = floor.get("/traces").await.text().await.expect("a page");
    assert!(
        page.contains("Roses in the room") && page.contains("Overdue") && !page.contains("A cake"),
        "its own first"
    );
    let page = floor.get("/traces?department=all").await.text().await.expect("a page");
    assert!(page.contains("A cake"));

    let of = [("trace", late.id.to_string())];
    floor.call::<ResolveTrace>(&of).await.expect("seen to");
    assert_eq!(host.call::<ResolveTrace>(&of).await, Err(AppError::Conflict("The floor".to_owned())));
    let list = host.call::<Traces>(&[("department", "floor".to_owned())]).await.expect("a list");
    let shown: Vec<_> = list.traces.iter().map(|trace| (trace.id, trace.resolved.clone())).collect();
    let by = ("The floor".to_owned(), "2026-11-23 09:00".to_owned());
    assert_eq!(shown, [(today.id, None), (late.id, Some(by))], "open ones first");

    // Without scripts the loser is told on the page.
    let answer = host.post("/api/resolve_trace", &of, "text/html").await;
    assert_eq!(answer.status(), 302);
    let page = host.get("/traces?department=floor").await.text().await.expect("a page");
    assert!(page.contains("The floor was first."));

    let mut marketing = house.device("marketing", "desk").await;
    assert_eq!(marketing.call::<Traces>(&[]).await, Err(AppError::Forbidden));
    assert_eq!(marketing.call::<ResolveTrace>(&of).await, Err(AppError::Forbidden));
    let nothing = [("trace", TraceId::new().to_string())];
    assert_eq!(host.call::<ResolveTrace>(&nothing).await, Err(AppError::NotFound));
}
