//! Which links of letters are followed. It is counted where the house counts it and the guest agreed to it,
//! once a letter and link, and looked at again when the link is followed: whoever thought better of it gets
//! to where it leads and is not counted. Nothing tells whether a letter was opened.

use super::{OccurrenceId, consent, policy, results::LinkCount, template};
use crate::{
    ids::{CampaignId, GuestId, HouseId},
    server::db::{Db, DbError, Tx, id_of, record, vars},
};
use chrono::{DateTime, Utc};
use std::{collections::HashSet, sync::Arc};
use surrealdb::types::{RecordId, SurrealValue};

/// Most links that are told of one campaign.
const MOST: usize = 20;

/// Those of these guests whose links are counted in letters of a house.
///
/// # Errors
/// What the store answers.
pub async fn counted_of(db: &Db, house: HouseId, guests: &[GuestId]) -> Result<HashSet<GuestId>, DbError> {
    if policy::store::policy(db, house).await?.count_links {
        consent::counting(db, guests).await
    } else {
        Ok(HashSet::new())
    }
}

/// Leads the links of one letter through the house.
pub struct Counter {
    url: Arc<str>,
    secret: [u8; 32],
    letter: OccurrenceId,
}

impl Counter {
    /// `url` is the address of this installation without a slash at its end, `secret` that of its links.
    #[must_use]
    pub fn new(url: &Arc<str>, secret: [u8; 32], letter: &OccurrenceId) -> Self {
        Self { url: Arc::clone(url), secret, letter: letter.clone() }
    }

    /// The filled-in letter with links that are counted.
    #[must_use]
    pub fn through(&self, html: &str) -> String {
        template::links::counted(html, &self.url, |number, target| {
            let number = u16::try_from(number).ok()?;
            consent::counted_link(&self.url, &self.secret, &self.letter, number, target)
        })
    }
}

#[derive(SurrealValue)]
struct Click {
    id: RecordId,
    occurrence: RecordId,
    campaign: RecordId,
    number: i64,
    target: String,
    at: DateTime<Utc>,
}

/// Notes that a link of a letter was followed, if it is counted. The second time changes nothing.
///
/// # Errors
/// What the store answers.
pub async fn followed(db: &Db, link: &consent::CountedLink, now: DateTime<Utc>) -> Result<(), DbError> {
    #[derive(SurrealValue)]
    struct Letter {
        house: RecordId,
    }
    let (id, occurrence) = (&link.letter, record("occurrence", &link.letter));
    let letter: Option<Letter> = db.row("SELECT house FROM $letter", vars().with("letter", occurrence.clone())).await?;
    let Some(letter) = letter else { return Ok(()) };
    if !counted_of(db, id_of(&letter.house)?, &[id.guest]).await?.contains(&id.guest) {
        return Ok(());
    }
    let click = Click {
        id: record("click", format!("{id}|{}", link.number)),
        occurrence: occurrence.clone(),
        campaign: record("campaign", id.campaign),
        number: i64::from(link.number),
        target: link.target.clone(),
        at: now,
    };
    let tx = Tx::new().run(
        "INSERT IGNORE INTO click $click RETURN NONE;
         UPDATE $letter SET clicked_at = $now WHERE clicked_at = NONE RETURN NONE",
        vars().with("click", click).with("letter", occurrence).with("now", now),
    );
    db.commit(tx).await.map(drop)
}

/// The links of a campaign's letters by how many readers followed them, the most first.
///
/// # Errors
/// What the store answers.
pub async fn by_link(db: &Db, campaign: CampaignId) -> Result<Vec<LinkCount>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        target: String,
        count: i64,
    }
    let rows: Vec<Row> = db
        .rows(
            "SELECT target, count() AS count FROM click WHERE campaign = $campaign GROUP BY target",
            vars().with("campaign", record("campaign", campaign)),
        )
        .await?;
    let mut links: Vec<LinkCount> = rows
        .into_iter()
        .map(|row| LinkCount { address: row.target, letters: u32::try_from(row.count).unwrap_or(u32::MAX) })
        .collect();
    links.sort_by(|one, other| other.letters.cmp(&one.letters).then_with(|| one.address.cmp(&other.address)));
    links.truncate(MOST);
    Ok(links)
}
