//! Asking a guest by e-mail for consent: one letter with a link, and what is agreed to counts once the link
//! was followed.

use super::store::{address_of, held_on};
use crate::{
    campaigns::{
        CampaignKind,
        consent::{self, Asked, Source, Statement},
        public::words,
    },
    error::{AppError, Problem},
    guests::{
        Guest,
        store::{GuestEvent, guest},
    },
    i18n::*,
    ids::{GuestId, HouseId},
    server::{
        AppState, clock,
        db::{Db, DbError, Tx, record, vars},
        mail::{FailureKind, Parts, wire_address},
    },
    staff::{
        audit::{self, Action},
        guard::{HoldGreetings, Permit},
    },
    ui::escaped,
};
use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue};
use uuid::Uuid;

/// Asks a guest for consent to a kind of greetings, or to all, in the guest's language. `told` is what the guest
/// has just told a colleague, where that is why the letter goes: it is taken down in the same transaction.
///
/// # Errors
/// [`AppError::Fields`] at `kind`, or at `answer` where something was told: the guest must not or cannot be
/// written to, objected before, was asked in the last [`consent::ASK_AGAIN_AFTER`], or the letter did not leave;
/// by then what was told is taken down ([`Problem::UnconfirmedYes`]). [`AppError::NotFound`], or what the store
/// answers.
pub async fn ask(
    state: &AppState,
    permit: &Permit<HoldGreetings>,
    id: GuestId,
    kind: Option<CampaignKind>,
    told: Option<Statement>,
) -> Result<(), AppError> {
    let is_told = told.is_some();
    let field = if is_told { "answer" } else { "kind" };
    let refused = |problem| AppError::field(field, problem);
    let not_sent = |why: &str| refused(Problem::NotSent(why.to_owned()));
    let (db, actor) = (&state.db, permit.actor());
    let (now, house) = (state.clock.now(), &actor.house);
    let profile = guest(db, id).await?.ok_or(AppError::NotFound)?;
    if let Some(why) = in_the_way(state, permit, &profile, now).await? {
        return Err(not_sent(why));
    }
    let address = address_of(&profile).ok_or_else(|| not_sent("@no_address"))?;
    let locale = language_of(profile.language.as_deref());
    let secret = consent::secret(db, consent::LINKS).await?;
    let request = Statement {
        guest: id,
        kind,
        granted: true,
        source: Source::Asked,
        wording: Some(words::asked(locale, &house.name, kind)),
        language: Some(locale.as_str().to_owned()),
        author: Some(actor.name.clone()),
    };
    // Before it leaves: what went out and was not taken down could not be confirmed.
    // One entry a transaction: that the guest agreed says that there is a letter.
    let action = if is_told { Action::TookDownConsent } else { Action::AskedConsent };
    let fields: &[&str] = if is_told { &["agreed"] } else { &[] };
    let tx = audit::note(changed(permit.house(), id), actor, action, Some(id), fields);
    let request = match consent::ask(db, tx, request, told, now).await? {
        Asked::Noted(request) => request,
        Asked::Objected => return Err(not_sent("@objected")),
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
    // What was told is taken down by now, and stays.
    let failed = |why: &str| if is_told { refused(Problem::UnconfirmedYes(why.to_owned())) } else { not_sent(why) };
    match state.mailer.send(&message).await {
        Ok(_) => Ok(()),
        // It may have arrived, and then its link must lead somewhere.
        Err(failure) if failure.kind == FailureKind::Unknown => Err(failed("@perhaps_sent")),
        Err(failure) => {
            stayed(state, permit, id, request).await?;
            Err(failed(&failure.answer))
        }
    }
}

/// Why a guest is not asked, whatever was said: what keeps any greeting from leaving keeps this letter too. The
/// gravest first, as the key of its words.
async fn in_the_way(
    state: &AppState,
    permit: &Permit<HoldGreetings>,
    guest: &Guest,
    now: DateTime<Utc>,
) -> Result<Option<&'static str>, AppError> {
    let db = &state.db;
    let today = clock::today(now, permit.actor().house.zone());
    let flags = guest.flags;
    for (is_so, why) in [
        (flags.deceased, "@deceased"),
        (flags.blocklisted, "@blocklisted"),
        (flags.incognito, "@incognito"),
        (is_absorbed(db, guest.id).await?, "@absorbed"),
        (held_on(db, guest.id, today).await?.is_some(), "@on_hold"),
    ] {
        if is_so {
            return Ok(Some(why));
        }
    }
    let Some(address) = address_of(guest) else {
        return Ok(Some("@no_address"));
    };
    if wire_address(address).is_err() {
        return Ok(Some("@bad_address"));
    }
    if consent::suppression(db, address).await?.is_some() {
        return Ok(Some("@suppressed"));
    }
    Ok(state.mailer.is_shut().then_some("@mail_shut"))
}

/// Whether the profile was merged into another one, which is the one to write to.
async fn is_absorbed(db: &Db, guest: GuestId) -> Result<bool, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        merged_into: Option<RecordId>,
    }
    let row: Option<Row> =
        db.row("SELECT merged_into FROM $guest", vars().with("guest", record("guest", guest))).await?;
    Ok(row.is_some_and(|row| row.merged_into.is_some()))
}

/// Notes that the letter did not leave: the guest can be asked again at once.
async fn stayed(state: &AppState, permit: &Permit<HoldGreetings>, id: GuestId, request: Uuid) -> Result<(), AppError> {
    let tx = changed(permit.house(), id);
    let tx = audit::note(tx, permit.actor(), Action::AskedConsent, Some(id), &["not_sent"]);
    Ok(consent::not_sent(&state.db, tx, request).await?)
}

/// A transaction that tells the guest's open cards.
pub(super) fn changed(house: HouseId, guest: GuestId) -> Tx {
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
