//! Asking a guest by e-mail for consent: one letter with a link, and what is agreed to counts once the link
//! was followed.

use super::store::address_of;
use crate::{
    campaigns::{
        CampaignKind,
        consent::{self, Asked, Source, Statement},
        public::words,
    },
    error::{AppError, Problem},
    guests::store::{GuestEvent, guest},
    i18n::*,
    ids::{GuestId, HouseId},
    server::{
        AppState, clock,
        db::Tx,
        mail::{FailureKind, Parts, wire_address},
    },
    staff::{
        audit::{self, Action},
        guard::{HoldGreetings, Permit},
    },
    ui::escaped,
};
use uuid::Uuid;

/// Asks a guest for consent to a kind of greetings, or to all, in the guest's language.
///
/// # Errors
/// [`AppError::Fields`] at `kind` where the guest cannot be written to, was asked not long ago, or the letter
/// did not leave; [`AppError::NotFound`], or what the store answers.
pub async fn ask(
    state: &AppState,
    permit: &Permit<HoldGreetings>,
    id: GuestId,
    kind: Option<CampaignKind>,
) -> Result<(), AppError> {
    let refused = |problem| AppError::field("kind", problem);
    let not_sent = |why: &str| refused(Problem::NotSent(why.to_owned()));
    let (db, actor) = (&state.db, permit.actor());
    let profile = guest(db, id).await?.ok_or(AppError::NotFound)?;
    if profile.flags.deceased {
        return Err(not_sent("@deceased"));
    }
    let address = address_of(&profile).ok_or_else(|| not_sent("@no_address"))?;
    if wire_address(address).is_err() {
        return Err(not_sent("@bad_address"));
    }
    if consent::suppression(db, address).await?.is_some() {
        return Err(not_sent("@suppressed"));
    }
    if state.mailer.is_shut() {
        return Err(not_sent("@mail_shut"));
    }
    let (now, house) = (state.clock.now(), &actor.house);
    let locale = language_of(profile.language.as_deref());
    let secret = consent::secret(db, consent::LINKS).await?;
    let statement = Statement {
        guest: id,
        kind,
        granted: true,
        source: Source::Asked,
        wording: Some(words::asked(locale, &house.name, kind)),
        language: Some(locale.as_str().to_owned()),
        author: Some(actor.name.clone()),
    };
    // Before it leaves: what went out and was not taken down could not be confirmed.
    let tx = audit::note(told(permit.house(), id), actor, Action::AskedConsent, Some(id), &[]);
    let request = match consent::ask(db, tx, statement, now).await? {
        Asked::Noted(request) => request,
        Asked::TooSoon(next) => return Err(refused(Problem::TooSoon(clock::local_minute(next, house.zone())))),
    };
    let link = consent::confirmation_link(&state.config.public_url(), &secret, request, house.id);
    let letter = consent::invitation(locale, &house.name, words::within(locale, kind), &link);
    let message = state.mailer.message(&Parts {
        message_id: &state.mailer.message_id(&format!("request {request}")),
        to: address,
        subject: &letter.subject,
        html: &as_html(&letter.text, &link, locale),
        text: &letter.text,
        unsubscribe: None,
        language: Some(locale.as_str()),
        at: now,
    });
    let message = match message {
        Ok(message) => message,
        Err(error) => {
            let failed = AppError::internal(error);
            stayed(state, permit, id, request).await?;
            return Err(failed);
        }
    };
    match state.mailer.send(&message).await {
        Ok(_) => Ok(()),
        // It may have arrived, and then its link must lead somewhere.
        Err(failure) if failure.kind == FailureKind::Unknown => Err(not_sent("@perhaps_sent")),
        Err(failure) => {
            stayed(state, permit, id, request).await?;
            Err(not_sent(&failure.answer))
        }
    }
}

/// Notes that the letter did not leave: the guest can be asked again at once.
async fn stayed(state: &AppState, permit: &Permit<HoldGreetings>, id: GuestId, request: Uuid) -> Result<(), AppError> {
    let tx = told(permit.house(), id);
    let tx = audit::note(tx, permit.actor(), Action::AskedConsent, Some(id), &["not_sent"]);
    Ok(consent::not_sent(&state.db, tx, request).await?)
}

/// A transaction that tells the guest's open cards.
fn told(house: HouseId, guest: GuestId) -> Tx {
    Tx::new().event_in([house], "guest", GuestEvent::new(guest, &["greetings"]))
}

/// The guest's language where there are words in it, or else the one that everything has.
fn language_of(language: Option<&str>) -> Locale {
    language.and_then(|language| language.to_ascii_lowercase().parse().ok()).unwrap_or_default()
}

/// The same letter for programs that show no plain text.
fn as_html(text: &str, link: &str, locale: Locale) -> String {
    let paragraphs = text.trim().split("\n\n").map(|part| {
        let words = escaped(part);
        if part == link { format!("<p><a href=\"{words}\">{words}</a></p>") } else { format!("<p>{words}</p>") }
    });
    let paragraphs = paragraphs.collect::<Vec<_>>().join("\n");
    format!("<!DOCTYPE html>\n<html lang=\"{locale}\">\n<body>\n{paragraphs}\n</body>\n</html>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_in_a_language_that_there_is() {
        assert_eq!(language_of(Some("ZH")), Locale::zh);
        assert_eq!(language_of(Some("es")), Locale::es);
        for none in [None, Some("ja"), Some("")] {
            assert_eq!(language_of(none), Locale::en);
        }
    }

    #[test]
    fn a_name_is_no_markup_in_the_letter() {
        let link = "https://house.example/confirm/x";
        let html = as_html(&format!("Good day,\n\n{link}\n\n<b>Cedars & Sons</b>\n"), link, Locale::en);
        assert!(html.contains("<p>Good day,</p>\n<p><a href=\"https://house.example/confirm/x\">"), "{html}");
        assert!(html.contains("<p>&lt;b&gt;Cedars &amp; Sons&lt;/b&gt;</p>"), "{html}");
    }
}
