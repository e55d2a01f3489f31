//! A letter says in which language it is written, which need not be the guest's.

use crate::{harness::monday, post_office::PostOffice, sending_desk::Desk};
use rapport::server::db::{record, vars};

/// A guest who speaks a language in which there is no letter.
async fn desk() -> Desk {
    let desk = Desk::open(1).await;
    desk.house
        .db
        .query(
            "UPDATE ONLY $guest SET language = 'pt' RETURN NONE",
            vars().with("guest", record("guest", desk.guests[0])),
        )
        .await
        .expect("changed");
    desk
}

async fn language(desk: &Desk) -> Option<String> {
    let office = PostOffice::open();
    assert_eq!(desk.send(&format!("smtp://{}?tls=none", office.addr)).await.sent, 1);
    office.posted()[0].header("Content-Language")
}

#[tokio::test]
async fn a_letter_that_stands_in_for_another_names_its_own_language() {
    assert_eq!(language(&desk().await).await.as_deref(), Some("en"), "there is none in Portuguese");
    let desk = desk().await;
    desk.house
        .db
        .query(
            "CREATE ONLY $letter SET campaign = $campaign, language = 'pt', revision = 1, subject = 'Olá', mjml = '', \
             text_by_hand = true, author_name = 'Ana', at = $now, html = '<a href=\"{{ unsubscribe_url }}\">x</a>', \
             text = '{{ unsubscribe_url }}' RETURN NONE",
            vars()
                .with("letter", record("letter", format!("{}|pt", desk.campaign)))
                .with("campaign", record("campaign", desk.campaign))
                .with("now", monday()),
        )
        .await
        .expect("written");
    assert_eq!(language(&desk).await.as_deref(), Some("pt"), "and now there is");
}

#[tokio::test]
async fn so_does_one_that_its_signer_has_read() {
    let desk = desk().await;
    desk.house
        .db
        .query(
            "CREATE ONLY $envelope SET subject = 'For you', html = '<p>Dear Maria</p>', text = 'Dear Maria' RETURN NONE",
            vars().with("envelope", record("envelope", desk.id(desk.guests[0]))),
        )
        .await
        .expect("written");
    assert_eq!(language(&desk).await.as_deref(), Some("en"));
}
