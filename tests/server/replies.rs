//! Mail that comes back, in the shapes that the common servers give it, from folders and mailboxes.

use crate::{
    harness::{House, monday},
    imap_server::{MAILBOX, Mailbox, PASSWORD, USER},
    letters_sent::{Sent, ZHANG},
};
use chrono::{DateTime, TimeDelta, Utc};
use rapport::{
    campaigns::{
        CampaignKind::{Birthday, Offer},
        consent,
        replies::{self, Taken, Tally, Trouble},
    },
    server::db::vars,
};
use std::path::Path;

const POSTFIX: &str = include_str!("returned/postfix.eml");
const EXIM: &str = include_str!("returned/exim.eml");
const EXCHANGE: &str = include_str!("returned/exchange.eml");
const FULL: &str = include_str!("returned/google_full.eml");
const RELAY_WITH_OWN_ID: &str = include_str!("returned/relay_with_own_id.eml");
const NO_HEADERS: &str = include_str!("returned/no_headers.eml");
const DELAYED: &str = include_str!("returned/delayed.eml");
const QMAIL: &str = include_str!("returned/qmail.eml");
const AWAY: &str = include_str!("returned/away.eml");
const PERSON: &str = include_str!("returned/person.eml");
const COMPLAINT: &str = include_str!("returned/complaint.eml");

/// The mail about a letter.
fn about(sample: &str, letter: &Sent) -> String {
    sample
        .replace("{{id}}", &letter.message_id)
        .replace("{{address}}", &letter.address)
        .replace("{{token}}", &letter.token)
}

async fn take(house: &House, mail: &str, now: DateTime<Utc>) -> Taken {
    replies::take(&house.db, mail.as_bytes().to_vec(), "test", now).await.expect("taken")
}

async fn is_suppressed(house: &House, address: &str) -> bool {
    !consent::suppressed(&house.db, &[address.to_owned()]).await.expect("an answer").is_empty()
}

async fn reports(house: &House) -> Vec<String> {
    house
        .db
        .rows("SELECT VALUE kind FROM report WHERE at > $ever", vars().with("ever", DateTime::<Utc>::UNIX_EPOCH))
        .await
        .expect("reports")
}

#[tokio::test]
async fn a_wrong_address_is_written_to_no_more_whichever_server_says_so() {
    for (server, sample) in [
        ("Postfix", POSTFIX),
        ("Exim", EXIM),
        ("Exchange", EXCHANGE),
        ("a relay with ids of its own", RELAY_WITH_OWN_ID),
        ("one that returns no headers", NO_HEADERS),
    ] {
        let house = House::open().await;
        let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
        assert_eq!(take(&house, &about(sample, &letter), monday()).await, Taken::Hard, "{server}");
        assert!(is_suppressed(&house, ZHANG).await, "{server}");
        assert_eq!(letter.fate(&house).await, (Some("hard".to_owned()), false), "{server}");
        // What he agreed to stands: he may give another address.
        assert!(letter.may(&house, Birthday).await, "{server}");
    }
}

#[tokio::test]
async fn each_mail_counts_once_however_its_lines_end() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let mail = about(FULL, &letter).replace("{{number}}", "1");
    assert_eq!(take(&house, &mail, monday()).await, Taken::Soft);
    assert_eq!(take(&house, &mail, monday()).await, Taken::Again);
    assert_eq!(take(&house, &mail.replace('\n', "\r\n"), monday()).await, Taken::Again);
    assert_eq!(reports(&house).await, ["soft"]);
}

#[tokio::test]
async fn a_mailbox_that_stays_full_rests_for_a_while() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let full = |number: u32| about(FULL, &letter).replace("{{number}}", &number.to_string());
    let day = |days| monday() + TimeDelta::days(days);
    assert_eq!(take(&house, &full(1), day(0)).await, Taken::Soft);
    assert_eq!(take(&house, &full(2), day(20)).await, Taken::Soft);
    // The first is more than 30 days old: only two count.
    assert_eq!(take(&house, &full(3), day(31)).await, Taken::Soft);
    assert!(!is_suppressed(&house, ZHANG).await);
    assert_eq!(take(&house, &full(4), day(32)).await, Taken::Soft);
    assert!(is_suppressed(&house, ZHANG).await);
    assert_eq!(letter.fate(&house).await.0.as_deref(), Some("soft"));

    consent::lift_expired(&house.db, day(61)).await.expect("looked");
    assert!(is_suppressed(&house, ZHANG).await);
    consent::lift_expired(&house.db, day(62)).await.expect("looked");
    assert!(!is_suppressed(&house, ZHANG).await, "tried again after 30 days");
    // A wrong address stays one.
    take(&house, &about(POSTFIX, &letter), day(62)).await;
    for number in 5..9 {
        take(&house, &full(number), day(63)).await;
    }
    consent::lift_expired(&house.db, day(3_650)).await.expect("looked");
    assert!(is_suppressed(&house, ZHANG).await);
    assert_eq!(letter.fate(&house).await.0.as_deref(), Some("hard"));
}

#[tokio::test]
async fn a_complaint_ends_all_letters() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let mail = about(COMPLAINT, &letter);
    assert_eq!(take(&house, &mail, monday()).await, Taken::Complaint);
    assert_eq!(take(&house, &mail, monday()).await, Taken::Again);
    assert!(is_suppressed(&house, ZHANG).await);
    assert!(!letter.may(&house, Birthday).await && !letter.may(&house, Offer).await);
    assert_eq!(letter.fate(&house).await.0.as_deref(), Some("complaint"));
    let lines = consent::history(&house.db, letter.guest, chrono_tz::UTC, monday()).await.expect("a history");
    let complaints: Vec<_> = lines.iter().filter(|line| line.source == "complaint").collect();
    assert_eq!(complaints.len(), 1);
    assert_eq!((complaints[0].kind, complaints[0].granted), (None, false));
    // Nothing worse can be said, and what comes later does not make it better.
    take(&house, &about(FULL, &letter), monday()).await;
    assert_eq!(letter.fate(&house).await.0.as_deref(), Some("complaint"));
}

#[tokio::test]
async fn what_has_not_come_back_changes_nothing() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let not_spam = COMPLAINT.replace("Feedback-Type: abuse", "Feedback-Type: not-spam");
    for sample in [AWAY, PERSON, DELAYED, &not_spam] {
        assert_eq!(take(&house, &about(sample, &letter), monday()).await, Taken::PassedOver, "{sample}");
    }
    for sample in [QMAIL, "", "\u{0}\u{0}", "no mail at all"] {
        assert_eq!(take(&house, &about(sample, &letter), monday()).await, Taken::Unreadable, "{sample}");
    }
    assert!(!is_suppressed(&house, ZHANG).await);
    assert_eq!(letter.fate(&house).await, (None, false));
}

#[tokio::test]
async fn a_report_about_somebody_elses_letter_changes_nothing() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    // Anybody can write one who knows an address; nobody can guess which letters there were.
    let made_up = POSTFIX.replace("{{id}}", "made-up@evil.example").replace("{{address}}", ZHANG);
    assert_eq!(take(&house, &made_up, monday()).await, Taken::Unmatched);
    let forged = RELAY_WITH_OWN_ID.replace("{{token}}", &"A".repeat(letter.token.len())).replace("{{address}}", ZHANG);
    assert_eq!(take(&house, &forged, monday()).await, Taken::Unmatched);
    let stranger = NO_HEADERS.replace("{{address}}", "nobody@post.example");
    assert_eq!(take(&house, &stranger, monday()).await, Taken::Unmatched);
    // Too long ago to be about it.
    let late = monday() + TimeDelta::days(31);
    assert_eq!(take(&house, &about(NO_HEADERS, &letter), late).await, Taken::Unmatched);
    assert!(!is_suppressed(&house, ZHANG).await);
    assert_eq!(letter.fate(&house).await, (None, false));
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_folder_is_emptied_into_done_and_unreadable() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    std::fs::create_dir_all(root.join("new")).expect("a maildir");
    std::fs::create_dir_all(root.join("tmp")).expect("a maildir");
    for (name, mail) in [
        ("1.eml", about(POSTFIX, &letter)),
        ("2.eml", about(QMAIL, &letter)),
        ("notes.txt", "not a mail".to_owned()),
        (".hidden.eml", about(EXIM, &letter)),
        ("new/1795424411.M1P1.mail", about(AWAY, &letter)),
        ("tmp/1795424412.M1P1.mail", "half a ma".to_owned()),
    ] {
        std::fs::write(root.join(name), mail).expect("a file");
    }
    let read = replies::read_folder(&house.db, root, monday()).await.expect("read");
    assert_eq!(read, Tally { hard: 1, passed_over: 1, unreadable: 1, ..Tally::default() });
    assert_eq!(names(root), [".hidden.eml", "done", "new", "notes.txt", "tmp", "unreadable"]);
    assert_eq!(names(&root.join("done")), ["1.eml", "1795424411.M1P1.mail"]);
    assert_eq!(names(&root.join("unreadable")), ["2.eml"]);
    assert_eq!(names(&root.join("tmp")).len(), 1, "what is being delivered is left alone");
    assert!(replies::read_folder(&house.db, root, monday()).await.expect("read").is_empty());

    // The same again under the same name: counted before, and both files are kept.
    std::fs::write(root.join("1.eml"), about(POSTFIX, &letter)).expect("a file");
    let read = replies::read_folder(&house.db, root, monday()).await.expect("read");
    assert_eq!(read, Tally { again: 1, ..Tally::default() });
    assert_eq!(names(&root.join("done")).len(), 3);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_no_reason_to_stop() {
    let house = House::open().await;
    let missing = std::path::PathBuf::from("/nowhere/at/all");
    assert!(matches!(replies::read_folder(&house.db, &missing, monday()).await, Err(Trouble::Folder(_))));
    let returns = rapport::server::config::Returns::Folder(missing);
    assert!(replies::read(&house.db, &returns, monday()).await.expect("goes on").is_empty());
}

#[tokio::test]
async fn a_mailbox_is_read_and_marked() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let mailbox = Mailbox::default();
    for sample in [EXCHANGE, QMAIL, AWAY] {
        mailbox.deliver(&about(sample, &letter));
    }
    let read = replies::read_mailbox(&house.db, mailbox.connect(), USER, PASSWORD, MAILBOX, monday()).await;
    assert_eq!(read.expect("read"), Tally { hard: 1, passed_over: 1, unreadable: 1, ..Tally::default() });
    assert_eq!(mailbox.flags(), [vec!["\\Seen"], vec!["\\Seen", "\\Flagged"], vec!["\\Seen"]]);
    assert!(is_suppressed(&house, ZHANG).await);
    let read = replies::read_mailbox(&house.db, mailbox.connect(), USER, PASSWORD, MAILBOX, monday()).await;
    assert!(read.expect("read").is_empty());

    let refused = replies::read_mailbox(&house.db, mailbox.connect(), USER, "wrong", MAILBOX, monday()).await;
    let Err(Trouble::Mailbox(error)) = refused else { panic!("{refused:?}") };
    assert!(!error.to_string().contains(PASSWORD));
}

#[tokio::test]
async fn several_servers_read_one_mailbox_and_each_mail_counts_once() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let mailbox = Mailbox::default();
    for number in 0..12 {
        mailbox.deliver(&about(FULL, &letter).replace("{{number}}", &number.to_string()));
    }
    let (one, two) = (house.db.sibling(), house.db.sibling());
    let (one, two) = futures::future::join(
        replies::read_mailbox(&one, mailbox.connect(), USER, PASSWORD, MAILBOX, monday()),
        replies::read_mailbox(&two, mailbox.connect(), USER, PASSWORD, MAILBOX, monday()),
    )
    .await;
    let (one, two) = (one.expect("read"), two.expect("read"));
    assert_eq!(one.soft + two.soft, 12, "{one}; {two}");
    assert_eq!(reports(&house).await.len(), 12);
    assert!(mailbox.flags().iter().all(|flags| flags.iter().any(|flag| flag == "\\Seen")));
}
