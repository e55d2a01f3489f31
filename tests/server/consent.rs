//! What guests say about being written to, and the pages on which they say it.

use crate::{
    harness::{BOOKINGS, HEADER, House, escape, monday},
    letters_sent::{Sent, ZHANG},
};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    campaigns::{
        CampaignKind::{self, Birthday, Lapsed, Offer},
        consent::{self, Asked, Cause, Source, Statement},
        hold::Way,
    },
    i18n::Locale,
    ids::{CampaignId, GuestId},
    server::{
        clock::Clock,
        db::{Tx, vars},
    },
};
use reqwest::{RequestBuilder, Response};

/// Somebody's mail program or browser, which has never been here.
pub struct Stranger<'a> {
    house: &'a House,
    http: reqwest::Client,
}

impl<'a> Stranger<'a> {
    pub fn of(house: &'a House) -> Self {
        Self { house, http: house.browser().http }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.house.addr)
    }

    async fn get(&self, path: &str) -> Response {
        self.http.get(self.url(path)).send().await.expect("an answer")
    }

    pub async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.expect("a page")
    }

    fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
        self.http.post(self.url(path)).header("content-type", "application/x-www-form-urlencoded").body(body.join("&"))
    }

    /// What a browser sends from the page's own form.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let request = self.form(path, fields).header("sec-fetch-site", "same-origin").header("accept", "text/html");
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a page"))
    }
}

const ONE_CLICK: [(&str, &str); 1] = [("List-Unsubscribe", "One-Click")];

pub async fn lines(house: &House, guest: GuestId) -> Vec<rapport::campaigns::ConsentLine> {
    let now = house.clock.now();
    consent::history(&house.db, guest, chrono_tz::Europe::Lisbon, now).await.expect("a history")
}

#[tokio::test]
async fn a_mail_program_unsubscribes_with_one_post() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    assert!(letter.may(&house, Birthday).await, "he agreed when he booked");
    let stranger = Stranger::of(&house);
    let path = format!("/u/{}", letter.token);
    let before = lines(&house, letter.guest).await.len();

    for _ in 0..2 {
        let answer = stranger.form(&path, &ONE_CLICK).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "no redirect");
        assert!(answer.headers().get("set-cookie").is_none(), "no session");
    }
    assert!(!letter.may(&house, Birthday).await);
    assert!(letter.may(&house, Offer).await, "the other kinds go on");
    assert_eq!(letter.fate(&house).await, (None, true));
    let lines = lines(&house, letter.guest).await;
    assert_eq!(lines.len(), before + 1, "{lines:?}");
    assert_eq!((lines[0].source.as_str(), lines[0].kind, lines[0].granted), ("one_click", Some(Birthday), false));
}

#[tokio::test]
async fn the_other_form_of_the_standard_does_as_well() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let stranger = Stranger::of(&house);
    let body = "-----FormBoundaryjWmhtjORrn\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n\
        One-Click\r\n-----FormBoundaryjWmhtjORrn--\r\n";
    let answer = stranger
        .http
        .post(stranger.url(&format!("/u/{}", letter.token)))
        .header("content-type", "multipart/form-data; boundary=---FormBoundaryjWmhtjORrn")
        .body(body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    assert!(!letter.may(&house, Birthday).await);
}

#[tokio::test]
async fn one_click_may_come_from_anywhere_and_nothing_else_may() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let stranger = Stranger::of(&house);
    let elsewhere = |request: RequestBuilder| async {
        let request = request.header("sec-fetch-site", "cross-site").header("origin", "https://mail.example");
        request.send().await.expect("an answer").status().as_u16()
    };
    let preferences = format!("/preferences/{}", letter.token);
    assert_eq!(elsewhere(stranger.form(&preferences, &[("choice", "none")])).await, 403);
    assert_eq!(elsewhere(stranger.form(rapport::staff::api::SignIn::PATH, &[("login", "host")])).await, 403);
    assert!(letter.may(&house, Birthday).await);

    assert_eq!(elsewhere(stranger.form(&format!("/u/{}", letter.token), &ONE_CLICK)).await, 200);
    assert!(!letter.may(&house, Birthday).await);
}

#[tokio::test]
async fn opening_a_link_changes_nothing() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let stranger = Stranger::of(&house);
    for page in ["u", "preferences"] {
        let path = format!("/{page}/{}", letter.token);
        let answer = stranger.get(&path).await;
        let headers = answer.headers().clone();
        let page = answer.text().await.expect("a page");
        assert!(page.contains("The Cedars") && page.contains("<form"), "{page}");
        // Nothing of the staff's application, and nothing of the guest.
        for foreign in ["<script", "manifest", "sw.js", "Zhang", "zhang.wei", "1978"] {
            assert!(!page.contains(foreign), "{foreign} on {page}");
        }
        assert!(headers.get("set-cookie").is_none());
        assert_eq!(headers["cache-control"], "no-store");
        let policy = headers["content-security-policy"].to_str().expect("a policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    }
    assert!(letter.may(&house, Birthday).await);
    assert_eq!(letter.fate(&house).await, (None, false));
    // A form that says nothing asks again.
    let (status, page) = stranger.submit(&format!("/u/{}", letter.token), &[]).await;
    assert_eq!(status, 400);
    assert!(page.contains("No more birthday greetings"), "{page}");
    assert!(letter.may(&house, Birthday).await);
}

#[tokio::test]
async fn pages_are_in_the_letters_language_until_another_is_chosen() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let stranger = Stranger::of(&house);
    let path = format!("/u/{}", letter.token);
    let page = stranger.page(&path).await;
    assert!(page.contains("<html lang=\"en\"") && page.contains("No more birthday greetings"), "{page}");
    let page = stranger.page(&format!("{path}?lang=zh")).await;
    assert!(page.contains("<html lang=\"zh\"") && page.contains("不再接收生日祝福"), "{page}");
    // What is agreed to is kept in the words that were read.
    let (_, page) = stranger.submit(&format!("{path}?lang=es"), &[("choice", "kind")]).await;
    assert!(page.contains("No recibirá más felicitaciones de cumpleaños"), "{page}");
    let line = &lines(&house, letter.guest).await[0];
    assert_eq!(line.wording.as_deref(), Some("No más felicitaciones de cumpleaños"));
    assert_eq!(line.language.as_deref(), Some("es"));
    assert_eq!(line.source, "unsubscribe_page");
    assert_eq!(line.at, "2026-11-23 09:00");
}

#[tokio::test]
async fn the_page_ends_one_kind_or_all() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Lapsed).await;
    let stranger = Stranger::of(&house);
    let path = format!("/u/{}", letter.token);
    let before = lines(&house, letter.guest).await.len();
    let (status, _) = stranger.submit(&path, &[("choice", "kind")]).await;
    assert_eq!(status, 200);
    assert!(!letter.may(&house, Lapsed).await && letter.may(&house, Birthday).await);
    // What is ended is not offered to be ended again.
    let page = stranger.page(&path).await;
    assert!(!page.contains("value=\"kind\"") && page.contains("value=\"all\""), "{page}");

    for _ in 0..2 {
        let (status, page) = stranger.submit(&path, &[("choice", "all")]).await;
        assert_eq!(status, 200);
        assert!(page.contains("You will receive no more greetings by e-mail from us."), "{page}");
    }
    for kind in CampaignKind::ALL {
        assert!(!letter.may(&house, *kind).await, "{kind:?}");
    }
    assert_eq!(lines(&house, letter.guest).await.len(), before + 2, "one kind, and all");
    assert!(stranger.page(&path).await.contains("As you wish"));
}

#[tokio::test]
async fn guests_choose_what_they_are_sent() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let stranger = Stranger::of(&house);
    let path = format!("/preferences/{}", letter.token);
    let ticked = |page: &str| page.matches(" checked").count();
    assert_eq!(ticked(&stranger.page(&path).await), CampaignKind::ALL.len(), "he agreed to all of them");

    let chosen = [("kind", "birthday"), ("kind", "lapsed"), ("guest", "somebody"), ("email", "x@y.example")];
    let (status, page) = stranger.submit(&path, &chosen).await;
    assert_eq!((status, ticked(&page)), (200, 2), "{page}");
    assert!(page.contains("We have taken note of your wishes."));
    for kind in CampaignKind::ALL {
        assert_eq!(letter.may(&house, *kind).await, matches!(kind, Birthday | Lapsed), "{kind:?}");
    }
    let said = lines(&house, letter.guest).await.len();
    stranger.submit(&path, &chosen).await;
    assert_eq!(lines(&house, letter.guest).await.len(), said, "the same again says nothing new");

    let (_, page) = stranger.submit(&path, &[("kind", "birthday"), ("choice", "none")]).await;
    assert_eq!(ticked(&page), 0);
    assert!(page.contains("At present we send you no greetings."), "{page}");
    assert!(!letter.may(&house, Birthday).await);
    // And changes his mind.
    stranger.submit(&path, &[("kind", "offer")]).await;
    assert!(letter.may(&house, Offer).await && !letter.may(&house, Birthday).await);
    let line = &lines(&house, letter.guest).await[0];
    assert_eq!(
        line.wording.as_deref(),
        Some("Invitations and offers: When there is something at the house that may please you.")
    );
}

#[tokio::test]
async fn links_that_were_not_made_here_lead_nowhere() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let stranger = Stranger::of(&house);
    let secret = consent::secret(&house.db, consent::LINKS).await.expect("a secret");
    let mut forged = letter.token.clone();
    let last = if forged.ends_with('A') { "B" } else { "A" };
    forged.replace_range(forged.len() - 1.., last);
    let mut never_sent = letter.id.clone();
    never_sent.campaign = CampaignId::new();
    let mut answers = Vec::new();
    for token in ["x", &forged, &consent::link_token(&secret, &never_sent), &consent::link_token(&[0; 32], &letter.id)]
    {
        for page in ["u", "preferences", "confirm"] {
            let path = format!("/{page}/{token}");
            let answer = stranger.get(&path).await;
            assert_eq!(answer.status(), 404, "{path}");
            answers.push(answer.text().await.expect("a page"));
            let (status, answer) = stranger.submit(&path, &ONE_CLICK).await;
            assert_eq!(status, 404, "{path}");
            answers.push(answer);
        }
    }
    assert!(answers[0].contains("This link leads nowhere"), "{}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "they do not tell one from the other");
    assert!(letter.may(&house, Birthday).await);
}

#[tokio::test]
async fn an_import_does_not_bring_back_what_a_guest_has_ended() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let stranger = Stranger::of(&house);
    stranger.submit(&format!("/u/{}", letter.token), &[("choice", "all")]).await;
    // The box is still ticked in the hotel's system.
    let row = BOOKINGS.lines().find(|line| line.starts_with("1002,")).expect("his booking");
    let later = row.replace("1002,", "1009,").replace("2026-11-22,2026-11-25", "2026-12-22,2026-12-25");
    house.import(&format!("{HEADER}\n{}\n", later.replace("CHECKED IN", "RESERVED"))).await;
    let lines = lines(&house, letter.guest).await;
    assert_eq!((lines[0].source.as_str(), lines[0].granted), ("booking 1009", true), "it is kept");
    assert!(!letter.may(&house, Birthday).await, "and does not count");
}

#[tokio::test]
async fn what_is_asked_for_counts_once_it_is_confirmed() {
    let house = House::open().await;
    // He said nothing when he booked.
    let guest = house.guest("M0004").await;
    let may = || async { consent::of(&house.db, &[guest], Offer).await.expect("an answer")[&guest] };
    let statement = Statement {
        guest,
        kind: None,
        granted: true,
        source: Source::Asked,
        wording: Some("May we write to you?".to_owned()),
        language: Some("en".to_owned()),
        author: Some("Ana".to_owned()),
    };
    let now = monday();
    let ask = async |told, at| match consent::ask(&house.db, Tx::new(), statement.clone(), told, at)
        .await
        .expect("an answer")
    {
        Asked::Noted(request) => request,
        refused => panic!("{refused:?}"),
    };
    let asked = ask(None, now).await;
    assert!(!may().await, "nobody has confirmed it");
    let line = &lines(&house, guest).await[0];
    assert!(line.pending && line.waits);

    let secret = consent::secret(&house.db, consent::LINKS).await.expect("a secret");
    let path = consent::confirmation_link("", &secret, asked, house.id);
    let invitation = consent::invitation(Locale::en, "The Cedars", "greetings by e-mail", &path);
    assert!(invitation.text.lines().any(|line| line == path), "{invitation:?}");
    let stranger = Stranger::of(&house);
    let page = stranger.page(&path).await;
    assert!(page.contains("The Cedars was asked to send greetings by e-mail"), "{page}");
    assert!(!may().await, "the page alone confirms nothing: mail programs open links by themselves");

    for _ in 0..2 {
        let (status, page) = stranger.submit(&path, &[]).await;
        assert_eq!(status, 200);
        assert!(page.contains("we may send you greetings by e-mail"), "{page}");
    }
    assert!(may().await);
    let said = lines(&house, guest).await;
    let confirmed: Vec<_> = said.iter().filter(|line| line.source == "confirmation").collect();
    assert_eq!(confirmed.len(), 1);
    assert!(said.iter().all(|line| !line.waits), "it is answered: {said:?}");
    assert_eq!(confirmed[0].wording.as_deref(), Some("May we write to you?"));

    // The old link does not undo an objection.
    let objection = Statement { granted: false, ..statement.clone() };
    consent::record_statement(&house.db, objection, now + TimeDelta::days(1)).await.expect("kept");
    assert_eq!(stranger.submit(&path, &[]).await.0, 404);
    assert!(!may().await);
    // Nor is a request confirmed that nobody remembers, made when he had thought better of it.
    let told = Statement { source: Source::Colleague(Way::Desk), ..statement.clone() };
    let asked = ask(Some(told), now + TimeDelta::days(2)).await;
    house.clock.set(now + TimeDelta::days(2) + consent::CONFIRM_WITHIN + TimeDelta::seconds(1));
    let path = consent::confirmation_link("", &secret, asked, house.id);
    assert_eq!(stranger.get(&path).await.status(), 404);
    assert_eq!(stranger.submit(&path, &[]).await.0, 404);
    assert!(!may().await);
}

#[tokio::test]
async fn nobody_who_said_nothing_is_written_to() {
    let house = House::open().await;
    let (agreed, declined, silent) =
        (house.guest("M0001").await, house.guest("M0003").await, house.guest("M0004").await);
    let found = consent::of(&house.db, &[agreed, declined, silent, GuestId::new()], Birthday).await.expect("an answer");
    assert_eq!(found.len(), 4);
    assert_eq!(found.values().filter(|may| **may).count(), 1);
    assert!(found[&agreed]);
}

#[tokio::test]
async fn suppressed_addresses_are_known_by_their_hash_alone() {
    let house = House::open().await;
    let written = |addresses: &[&str]| addresses.iter().map(|address| (*address).to_owned()).collect::<Vec<_>>();
    consent::suppress(&house.db, " Zhang.Wei@POST.example", Cause::Bounced, Some("5.1.1"), monday())
        .await
        .expect("kept");
    let addresses = written(&[ZHANG, "josefa@post.example", "ZHANG.WEI@post.example"]);
    let found = consent::suppressed(&house.db, &addresses).await.expect("an answer");
    assert_eq!(found.len(), 2);
    assert!(!found.contains("josefa@post.example"));
    let rows: Vec<surrealdb::types::Value> = house.db.rows("SELECT * FROM suppression", vars()).await.expect("rows");
    assert_eq!(rows.len(), 1);
    assert!(!format!("{rows:?}").to_lowercase().contains("zhang"), "{rows:?}");
    // For good: no while of it ends.
    consent::lift_expired(&house.db, monday() + TimeDelta::days(3_650)).await.expect("looked");
    assert_eq!(consent::suppressed(&house.db, &addresses).await.expect("an answer").len(), 2);
}

#[tokio::test]
async fn all_servers_share_their_secrets() {
    let house = House::open().await;
    let other = house.db.sibling();
    let (mine, theirs) =
        futures::future::join(consent::secret(&house.db, "for a test"), consent::secret(&other, "for a test")).await;
    let (mine, theirs) = (mine.expect("a secret"), theirs.expect("a secret"));
    assert_eq!(mine, theirs);
    assert_eq!(consent::secret(&house.db, "for a test").await.expect("a secret"), mine);
    assert_ne!(consent::secret(&house.db, "for another").await.expect("a secret"), mine);
}
