//! Tests of letters. They hold what a profile says, so they go to the addresses that the house's manager has
//! set and to no others, and it is written down who sent which letter in which guest's words.

use super::View;
use crate::{
    campaigns::{consent, letter_api::Asked, policy},
    error::{AppError, Problem},
    guests::parse::Email,
    ids::{CampaignId, StaffId},
    server::{
        AppState,
        db::{Db, DbError, Tx, record, vars},
        mail::Parts,
    },
    staff::{
        audit,
        guard::{Permit, PlanGreetings},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::SurrealValue;

/// Tests that one colleague may send within [`TESTS_WITHIN`].
pub const MOST_TESTS: u32 = 10;
/// Counted from the first of them.
pub const TESTS_WITHIN: TimeDelta = TimeDelta::minutes(10);

/// How the subject of a test begins.
const TEST: &str = "[Test] ";

/// Sends a letter as a guest would get it to one of the addresses that are set for tests.
///
/// # Errors
/// [`AppError::Fields`] at `address` for one that is not set or that nothing may be sent to, a letter that cannot
/// be filled in, more tests than one may send, or a message that did not leave; [`AppError::NotFound`], or what
/// the store answers.
pub async fn send_test(
    state: &AppState,
    permit: &Permit<PlanGreetings>,
    id: CampaignId,
    asked: &Asked,
    address: &str,
) -> Result<(), AppError> {
    let refused = |problem| AppError::field("address", problem);
    let not_sent = |why: &str| refused(Problem::NotSent(why.to_owned()));
    let db = &state.db;
    let address = Email::parse(address).map_err(refused)?;
    if state.mailer.is_shut() {
        return Err(not_sent("@mail_shut"));
    }
    let policy = policy::store::policy(db, permit.house()).await?;
    if !policy.test_addresses.iter().any(|known| known == address.as_str()) {
        return Err(refused(Problem::NotKnown(address.as_str().to_owned(), "@test_address".to_owned())));
    }
    if consent::suppression(db, address.as_str()).await?.is_some() {
        return Err(not_sent("@suppressed_test"));
    }
    let view = View::new(state, permit, id, asked).await?;
    let letter = view.rendered().await?.ok_or(AppError::NotFound)?;
    let letter = letter.map_err(|missing| not_sent(&missing.to_string()))?;
    let message_id = state.mailer.message_id(&format!("test {}", uuid::Uuid::new_v4()));
    let subject = format!("{TEST}{}", letter.subject);
    let message = state.mailer.message(&Parts {
        message_id: &message_id,
        to: address.as_str(),
        subject: &subject,
        html: &letter.html,
        text: &letter.text,
        unsubscribe: None,
        language: Some(view.language.as_str()),
        at: view.now,
    });
    let message = message.map_err(|_| refused(Problem::NotEmail(address.as_str().to_owned())))?;
    // Before it leaves: what went out and was not noted would be found by nobody.
    let actor = permit.actor();
    let key = consent::address_key(db, address.as_str()).await?;
    let tx = counted(actor.staff, view.now);
    let tx = audit::note_of_test(tx, actor, (id, &view.language), asked.guest, key);
    match db.commit(tx).await {
        Ok(_) => {}
        Err(DbError::Guard(_)) => return Err(refused(Problem::LockedOut(wait(db, actor.staff, view.now).await?))),
        Err(other) => return Err(other.into()),
    }
    state.mailer.send(&message).await.map_err(|failure| not_sent(&failure.answer))?;
    Ok(())
}

/// A transaction that counts one more test of a colleague's, and fails where there are too many.
fn counted(staff: StaffId, now: DateTime<Utc>) -> Tx {
    Tx::new().run(
        "IF ((SELECT VALUE until FROM ONLY $tests) ?? $tests_now) > $tests_now \
         AND ((SELECT VALUE sent FROM ONLY $tests) ?? 0) >= $tests_most { THROW 'guard:often' };
         UPSERT ONLY $tests SET sent = IF (until ?? $tests_now) > $tests_now { (sent ?? 0) + 1 } ELSE { 1 }, \
         until = IF (until ?? $tests_now) > $tests_now { until } ELSE { $tests_until } RETURN NONE",
        vars()
            .with("tests", record("test_letter", staff))
            .with("tests_now", now)
            .with("tests_until", now + TESTS_WITHIN)
            .with("tests_most", i64::from(MOST_TESTS)),
    )
}

/// Minutes until a colleague may send another test.
async fn wait(db: &Db, staff: StaffId, now: DateTime<Utc>) -> Result<u32, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        until: DateTime<Utc>,
    }
    let row: Option<Row> =
        db.row("SELECT until FROM $tests", vars().with("tests", record("test_letter", staff))).await?;
    let seconds = row.map_or(0, |row| (row.until - now).num_seconds());
    Ok(u32::try_from((seconds + 59).div_euclid(60)).unwrap_or(1).max(1))
}
