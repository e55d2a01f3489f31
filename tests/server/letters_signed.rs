//! Letters on their way as people see them: personal ones that wait for their signer, the outbox, and what came
//! of a campaign.

use crate::{
    harness::{Device, HEADER, House, monday},
    letters_pages::campaign,
};
use chrono::{NaiveDate, TimeDelta};
use rapport::{
    campaigns::{
        OccurrenceId, OccurrenceState,
        outbox_api::{
            ApproveLetter, CampaignResults, DropLetter, ListApprovals, ResolveLetter, RetryLetter, Show, ShowOutbox,
        },
        results::Share,
    },
    error::{AppError, Problem},
    ids::{CampaignId, GuestId},
    server::db::{record, vars},
};
use surrealdb::types::SurrealValue;

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
             html = '<!doctype html><html><body><p>Dear Mr Zhang,</p><p>we miss you.</p></body></html>', \
             revision = (SELECT VALUE revision FROM ONLY $campaign) RETURN NONE",
            vars().with("id", record("envelope", &id)).with("campaign", record("campaign", campaign)),
        )
        .await
        .expect("an envelope");
    id
}

/// What the form of a letter that waits is sent with.
pub async fn seen(device: &mut Device, id: &OccurrenceId) -> (&'static str, String) {
    let page = device.call::<ListApprovals>(&[("open", id.to_string())]).await.expect("a page");
    ("seen", page.open.expect("the letter").seen)
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
            ("seen", open.seen.clone()),
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
        seen(&mut marketing, &id).await,
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
