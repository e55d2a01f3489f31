//! Letters filled in while planning: those that wait for their signer, and those that were held because
//! something was missing.

use crate::{
    campaigns::{
        OccurrenceId, consent,
        kinds::Candidate,
        store::{self, CampaignRow},
        template::{self, Letter, Missing, Rendered},
    },
    house::House,
    server::db::{Db, DbError},
};
use chrono::{DateTime, Utc};

/// A campaign's letters, ready to be filled in.
pub(super) struct Letters {
    letters: Vec<Letter>,
    secret: [u8; 32],
    base_url: String,
}

impl Letters {
    /// # Errors
    /// What the store answers.
    pub async fn load(db: &Db, campaign: &CampaignRow, base_url: &str) -> Result<Self, DbError> {
        Ok(Self {
            letters: store::letters(db, campaign.id).await?,
            secret: consent::secret(db, consent::LINKS).await?,
            base_url: base_url.to_owned(),
        })
    }

    /// The letter to a guest, or what is missing for it.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn fill(
        &self,
        db: &Db,
        house: &House,
        campaign: &CampaignRow,
        candidate: &Candidate,
        language: &str,
        now: DateTime<Utc>,
    ) -> Result<Result<Rendered, Missing>, DbError> {
        let Some(letter) = template::pick(&self.letters, language, &campaign.settings.fallback_language) else {
            return Ok(Err(Missing::Broken(format!("no letter: {language}"))));
        };
        let id = OccurrenceId { campaign: campaign.id, guest: candidate.guest, date: candidate.date.to_string() };
        let links = consent::links(&self.base_url, &self.secret, &id);
        let values = template::values(db, house, campaign, candidate, &letter.language, &links, now).await?;
        Ok(template::render(letter, &values, &self.base_url))
    }
}
