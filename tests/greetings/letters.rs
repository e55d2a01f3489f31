//! What leaves, read by programs that know nothing of Rapport: Python's parser of e-mail, and dkimpy for the
//! signatures. `scripts/setup.sh test` installs them; RAPPORT_PYTHON names the interpreter that has them.

use crate::seed::{self, Person};
use chrono::{DateTime, Utc};
use rapport::{
    campaigns::{CampaignKind, OccurrenceState, plan, sender::Sender},
    ids::CampaignId,
    server::{
        clock::FixedClock,
        config::Config,
        db::{Db, record, vars},
        mail::Mailer,
    },
};
use serde_json::Value;
use std::{
    ffi::OsString,
    path::Path,
    process::{Command, Output},
    sync::Arc,
};
use surrealdb::types::{RecordId, SurrealValue};
use tokio::sync::watch;

/// A key by which letters are signed, and what stands in the DNS for it.
struct Key {
    file: &'static str,
    record: &'static str,
}

const KEYS: [Key; 2] = [
    Key {
        file: concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/mail/testdata/rsa-pkcs8.pem"),
        record: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/greetings/dns/rsa.txt"),
    },
    Key {
        file: concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/mail/testdata/ed25519.pem"),
        record: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/greetings/dns/ed25519.txt"),
    },
];

/// People with names that break what is not careful. The letters of the first four must leave.
fn people(now: DateTime<Utc>) -> Vec<Person> {
    let person = |first: &str, last: &str, language: &str, email: &str| Person {
        first: first.to_owned(),
        last: last.to_owned(),
        native: (language == "zh").then(|| "张伟".to_owned()),
        language: Some(language.to_owned()),
        email: email.to_owned(),
        birthday: Some(now.date_naive()),
    };
    vec![
        person("Anna", "Sousa", "en", "anna@post.example"),
        person("Wei", "Zhang", "zh", "zhang.wei@post.example"),
        person("Íñigo", "Muñoz y Peñalver", "es", "inigo+hotel@post.example"),
        person("Siobhán", "O'Neill 👩🏽‍🍳", "en", "o'neill@post.example"),
        person("Eve\r\nBcc: all@post.example\r\n\r\nSurprise", "Line", "en", "eve@post.example"),
        person("Mal", "<script>alert(1)</script>{{ 7 * 7 }}", "en", "mal@post.example"),
        person("\u{202e}Turned", "\u{2066}Round", "en", "turned@post.example"),
        person(&"Long ".repeat(80), &"Name".repeat(60), "en", "long@post.example"),
    ]
}

const MUST_LEAVE: usize = 4;

#[tokio::test]
#[ignore = "needs Python with dkimpy: make test"]
async fn strangers_read_what_was_written() {
    for key in KEYS {
        let folder = tempfile::tempdir().expect("a folder");
        let now = Utc::now();
        let db = Db::in_memory().await.expect("a store");
        let (campaign, everybody) = write_letters(&db, folder.path(), &key, now).await;

        let read = stranger(folder.path(), &key);
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        let read: Vec<Value> = serde_json::from_slice(&read.stdout).expect("JSON");
        let kept = kept(&db, campaign).await;
        assert_eq!(kept.len(), everybody, "everybody is planned");
        let sent: Vec<&Kept> = kept.iter().filter(|letter| letter.state == OccurrenceState::Sent.code()).collect();
        assert_eq!(sent.len(), read.len());
        assert!(sent.len() >= MUST_LEAVE, "{kept:?}");
        for letter in sent {
            let found = read.iter().find(|read| read["message_id"].as_str() == letter.message_id.as_deref());
            let found = found.unwrap_or_else(|| panic!("{letter:?} was not read"));
            assert_eq!(found["to"].as_str(), letter.address.as_deref());
            assert_eq!(found["from"], "greetings@cedars.example");
            let text = |field: &str| found[field].as_str().expect("a text").to_owned();
            assert_eq!(plain(&text("subject")), plain(&letter.subject));
            assert_eq!(plain(&text("text")), plain(&letter.text));
            assert_eq!(plain(&text("html")), plain(&letter.html));
            assert!(text("text").contains(&text("unsubscribe")), "the link of the header is that of the letter");
        }
        assert!(kept.iter().all(|letter| ["sent", "held"].contains(&letter.state.as_str())), "{kept:?}");

        tamper(folder.path());
        let refused = stranger(folder.path(), &key);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && said.contains("the signature does not fit"), "{said}");
    }
}

/// Sends everybody a letter into a folder. Returns the campaign, and how many people there are.
async fn write_letters(db: &Db, folder: &Path, key: &Key, now: DateTime<Utc>) -> (CampaignId, usize) {
    let people = people(now);
    let everybody = people.len();
    let house = seed::house(db).await;
    seed::guests(db, people, now).await;
    let campaign = seed::campaign(db, house, CampaignKind::Birthday, &seed::due_today(), now).await;
    plan::run_due(db, now, "test", "https://rapport.example").await.expect("a plan");
    let env = [
        ("MAIL", format!("file:{}", folder.display())),
        ("MAIL_FROM", "The Cedars <greetings@cedars.example>".to_owned()),
        ("DKIM_DOMAIN", "cedars.example".to_owned()),
        ("DKIM_SELECTOR", "winter".to_owned()),
        ("DKIM_KEY", key.file.to_owned()),
        ("BASE_URL", "https://rapport.example".to_owned()),
        ("TLS", "true".to_owned()),
    ];
    let env = env.into_iter().map(|(name, value)| (format!("RAPPORT_{name}"), value));
    let config = Config::from_sources(env, None).expect("a configuration");
    let (_running, shutdown) = watch::channel(false);
    let sender = Sender {
        db: db.clone(),
        mailer: Arc::new(Mailer::new(&config)),
        clock: Arc::new(FixedClock::new(now)),
        server_id: "test".into(),
        url: config.public_url().into(),
        shutdown,
    };
    sender.run_due().await.expect("a run");
    (campaign, everybody)
}

fn stranger(folder: &Path, key: &Key) -> Output {
    let named = std::env::var_os("RAPPORT_PYTHON").filter(|program| !program.is_empty());
    Command::new(named.unwrap_or_else(|| OsString::from("python3")))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/read_letters.py"))
        .args([folder.as_os_str(), key.record.as_ref()])
        .output()
        .expect("Python starts")
}

/// Leads one letter's button elsewhere.
fn tamper(folder: &Path) {
    let mut files = std::fs::read_dir(folder).expect("a folder");
    let path = files.next().expect("a letter").expect("a file").path();
    let letter = std::fs::read_to_string(&path).expect("a text");
    let tampered = letter.replacen("<https://rapport.example/u/", "<https://elsewhere.example/u/", 1);
    assert_ne!(letter, tampered);
    std::fs::write(&path, tampered).expect("written");
}

/// A letter as it was kept.
#[derive(Debug)]
struct Kept {
    state: String,
    address: Option<String>,
    message_id: Option<String>,
    subject: String,
    text: String,
    html: String,
}

async fn kept(db: &Db, campaign: CampaignId) -> Vec<Kept> {
    #[derive(SurrealValue)]
    struct Occurrence {
        id: RecordId,
        state: String,
        address: Option<String>,
        message_id: Option<String>,
    }
    #[derive(SurrealValue)]
    struct Envelope {
        subject: String,
        text: String,
        html: String,
    }
    let rows: Vec<Occurrence> = db
        .rows(
            "SELECT id, state, address, message_id FROM occurrence WHERE campaign = $campaign",
            vars().with("campaign", record("campaign", campaign)),
        )
        .await
        .expect("occurrences");
    let mut kept = Vec::with_capacity(rows.len());
    for row in rows {
        let envelope = RecordId::new("envelope", row.id.key.clone());
        let envelope: Option<Envelope> = db
            .row("SELECT subject, text, html FROM $envelope", vars().with("envelope", envelope))
            .await
            .expect("an answer");
        let Envelope { subject, text, html } =
            envelope.unwrap_or(Envelope { subject: String::new(), text: String::new(), html: String::new() });
        let Occurrence { state, address, message_id, .. } = row;
        kept.push(Kept { state, address, message_id, subject, text, html });
    }
    kept
}

/// A text by its words: lines may end otherwise on the way, and what turns the direction is taken out.
fn plain(text: &str) -> String {
    let is_lost = |c: char| {
        matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') || (c.is_control() && !c.is_whitespace())
    };
    let words: String = text.chars().filter(|c| !is_lost(*c)).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
