//! Letters that have gone out, as the sender leaves them in the store.

use crate::harness::{House, monday};
use rapport::{
    campaigns::{CampaignKind, OccurrenceId, Settings, consent},
    ids::{CampaignId, GuestId},
    server::db::{record, vars},
};
use surrealdb::types::SurrealValue;

/// Mr Zhang's, and whether he agreed to be written to.
pub const ZHANG: &str = "zhang.wei@post.example";

/// A letter that was sent to a guest this morning.
pub struct Sent {
    pub id: OccurrenceId,
    pub guest: GuestId,
    /// Without its angle brackets.
    pub message_id: String,
    pub address: String,
    /// The token of its links.
    pub token: String,
}

impl Sent {
    /// To the guest of a membership number, by a campaign of its own.
    pub async fn to(house: &House, membership: &str, address: &str, kind: CampaignKind) -> Self {
        let campaign = CampaignId::new();
        let guest = house.guest(membership).await;
        let id = OccurrenceId { campaign, guest, date: "2026-11-23".to_owned() };
        let message_id = format!("{}@greetings.cedars.example", campaign.0.simple());
        let now = monday();
        house
            .db
            .query(
                "CREATE ONLY $campaign SET house = $house, kind = $kind, name = 'A campaign', state = 'active', \
                 revision = 1, settings = $settings, author = $author, author_name = 'Ana', created_at = $now RETURN NONE;
                 CREATE ONLY $letter SET campaign = $campaign, house = $house, guest = $guest, date = $date, \
                 state = 'sent', due = $now, until = $now, planned_at = $now, language = $language, \
                 address = $address, message_id = $message_id, sending_at = $now, ended_at = $now RETURN NONE",
                vars()
                    .with("campaign", record("campaign", campaign))
                    .with("house", record("house", house.id))
                    .with("kind", kind.code().to_owned())
                    .with("settings", serde_json::to_string(&Settings::default()).expect("JSON"))
                    .with("author", record("staff", rapport::ids::StaffId::new()))
                    .with("now", now)
                    .with("letter", record("occurrence", &id))
                    .with("guest", record("guest", guest))
                    .with("date", id.date.clone())
                    .with("language", "en".to_owned())
                    .with("address", address.to_owned())
                    .with("message_id", format!("<{message_id}>")),
            )
            .await
            .expect("a letter");
        let secret = consent::secret(&house.db, consent::LINKS).await.expect("a secret");
        let token = consent::link_token(&secret, &id);
        Self { id, guest, message_id, address: address.to_owned(), token }
    }

    /// What became of it after it was sent: how it came back, and whether the guest objected by it.
    pub async fn fate(&self, house: &House) -> (Option<String>, bool) {
        #[derive(SurrealValue)]
        struct Row {
            bounced: Option<String>,
            unsubscribed: bool,
        }
        let row: Option<Row> = house
            .db
            .row(
                "SELECT bounced, unsubscribed_at != NONE AS unsubscribed FROM $letter",
                vars().with("letter", record("occurrence", &self.id)),
            )
            .await
            .expect("an answer");
        let row = row.expect("a letter");
        (row.bounced, row.unsubscribed)
    }

    /// Whether its guest may be sent greetings of a kind.
    pub async fn may(&self, house: &House, kind: CampaignKind) -> bool {
        consent::of(&house.db, &[self.guest], kind).await.expect("an answer")[&self.guest]
    }
}
