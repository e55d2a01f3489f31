//! Holds in the store: one a guest, whichever house set it. And the suppression of the guest's address.

use super::{ConsentLine, GuestGreetings, Hold, Lifted, Suppressed};
use crate::{
    campaigns::consent::{self, Cause},
    error::AppError,
    guests::{
        Guest,
        card::mask_email,
        store::{GuestEvent, guest},
    },
    ids::GuestId,
    requests::recovery,
    server::{
        clock,
        db::{Db, DbError, Tx, optional, record, vars},
    },
    staff::{
        Ability, Role,
        audit::{self, Action},
        guard::{HoldGreetings, Permit, PlanGreetings},
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use surrealdb::types::SurrealValue;

#[derive(SurrealValue)]
pub(super) struct Row {
    reason: String,
    until: Option<String>,
    author_name: String,
    at: DateTime<Utc>,
}

/// What a card tells of a guest's greetings. A hold whose last day is over is none.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn greetings(
    db: &Db,
    permit: &Permit<HoldGreetings>,
    id: GuestId,
    now: DateTime<Utc>,
) -> Result<GuestGreetings, AppError> {
    let actor = permit.actor();
    let zone = actor.house.zone();
    let profile = guest(db, id).await?.ok_or(AppError::NotFound)?;
    let said = consent::history(db, id, zone, now).await?;
    let waits = said.iter().any(|line| line.waits);
    let (mut suppressed, mut lifted) = (None, Vec::new());
    let address = address_of(&profile);
    if let Some(address) = address {
        let (key, standing) = consent::standing(db, address).await?;
        suppressed = standing.map(|standing| Suppressed {
            cause: standing.cause.code().to_owned(),
            detail: standing.detail,
            at: clock::local_minute(standing.at, zone),
            until: standing.until.map(|until| clock::local_minute(until, zone)),
            may_lift: may_lift(actor.role, standing.cause),
        });
        let before = consent::lifted(db, &key).await?;
        lifted.extend(before.into_iter().map(|before| Lifted {
            cause: before.cause.code().to_owned(),
            detail: before.detail,
            since: clock::local_minute(before.suppressed_at, zone),
            why: before.why,
            by: before.by,
            at: clock::local_minute(before.at, zone),
        }));
    }
    let hold = held_on(db, id, clock::today(now, zone)).await?.map(|row| Hold {
        reason: row.reason,
        until: row.until,
        by: row.author_name,
        at: clock::local_minute(row.at, zone),
    });
    let open_complaint = recovery::store::open_of(db, &[id]).await?.contains(&id);
    let told = GuestGreetings {
        guest: id,
        hold,
        open_complaint,
        address: address.map(str::to_owned),
        consent: said,
        waits,
        suppressed,
        lifted,
        language: profile.language,
    };
    Ok(as_seen_by(actor.role, told))
}

/// The hold that keeps a guest from being greeted on a day. One whose last day is over is none.
pub(super) async fn held_on(db: &Db, id: GuestId, day: NaiveDate) -> Result<Option<Row>, DbError> {
    let row: Option<Row> =
        db.row("SELECT reason, until, author_name, at FROM $hold", vars().with("hold", record("hold", id))).await?;
    let day = day.to_string();
    Ok(row.filter(|row| row.until.as_ref().is_none_or(|until| *until >= day)))
}

/// Whether a role sees e-mail addresses in full ("Who may see what" in the design).
fn sees_addresses(role: Role) -> bool {
    matches!(role, Role::Reception | Role::Manager)
}

/// What a card tells, with the addresses that stand in any words of it masked for roles that do not see them: guests,
/// colleagues, bookings and relays all write them.
fn as_seen_by(role: Role, told: GuestGreetings) -> GuestGreetings {
    if sees_addresses(role) {
        return told;
    }
    let masked = |text: String| without_addresses(&text);
    let line = |line: ConsentLine| ConsentLine {
        source: masked(line.source),
        wording: line.wording.map(masked),
        author: line.author.map(masked),
        ..line
    };
    let lifted = |lifted: Lifted| Lifted {
        detail: lifted.detail.map(masked),
        why: masked(lifted.why),
        by: masked(lifted.by),
        ..lifted
    };
    GuestGreetings {
        hold: told.hold.map(|hold| Hold { reason: masked(hold.reason), by: masked(hold.by), ..hold }),
        address: told.address.as_deref().map(mask_email),
        consent: told.consent.into_iter().map(line).collect(),
        suppressed: told.suppressed.map(|standing| Suppressed { detail: standing.detail.map(masked), ..standing }),
        lifted: told.lifted.into_iter().map(lifted).collect(),
        ..told
    }
}

fn without_addresses(text: &str) -> String {
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let bare = word.trim_end();
        if bare.contains('@') { format!("{}{}", mask_email(bare), &word[bare.len()..]) } else { word.to_owned() }
    });
    words.collect()
}

/// The address that greetings go to: the first of the guest's.
pub(super) fn address_of(guest: &Guest) -> Option<&str> {
    guest.emails.first().map(|address| address.trim()).filter(|address| !address.is_empty())
}

/// Whoever plans greetings may lift a suppression, but a complaint weighs more.
fn may_lift(role: Role, cause: Cause) -> bool {
    role.may(Ability::PlanGreetings) && (cause != Cause::Complained || role == Role::Manager)
}

/// Puts a guest on hold, in the place of any hold before.
///
/// # Errors
/// [`AppError::NotFound`], or what the store answers.
pub async fn set(
    db: &Db,
    permit: &Permit<HoldGreetings>,
    id: GuestId,
    reason: String,
    until: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    guest(db, id).await?.ok_or(AppError::NotFound)?;
    let actor = permit.actor();
    let tx = Tx::new()
        .run(
            "UPSERT ONLY $hold SET guest = $guest, reason = $reason, until = $until, author_name = $who, at = $now \
             RETURN NONE",
            vars()
                .with("hold", record("hold", id))
                .with("guest", record("guest", id))
                .with("reason", reason)
                .with("until", optional(until.map(|day| day.to_string())))
                .with("who", actor.name.clone())
                .with("now", now),
        )
        .event_in([permit.house()], "guest", GuestEvent::new(id, &["greetings"]));
    db.commit(audit::note(tx, actor, Action::HeldGreetings, Some(id), &["hold"])).await?;
    Ok(())
}

/// Ends a guest's hold.
///
/// # Errors
/// [`AppError::NotFound`] where there is none any more, or what the store answers.
pub async fn end(db: &Db, permit: &Permit<HoldGreetings>, id: GuestId) -> Result<(), AppError> {
    let actor = permit.actor();
    let tx = Tx::new()
        .run(
            "IF (SELECT VALUE reason FROM ONLY $hold) = NONE { THROW 'guard:hold' };
             DELETE $hold RETURN NONE",
            vars().with("hold", record("hold", id)),
        )
        .event_in([permit.house()], "guest", GuestEvent::new(id, &["greetings"]));
    match db.commit(audit::note(tx, actor, Action::HeldGreetings, Some(id), &["removed"])).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => Err(AppError::NotFound),
        Err(other) => Err(other.into()),
    }
}

/// Lifts the suppression of a guest's address.
///
/// # Errors
/// [`AppError::Forbidden`] for a complaint and anyone but a manager, [`AppError::NotFound`] where there is
/// no suppression any more, or what the store answers.
pub async fn lift(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    id: GuestId,
    why: String,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let actor = permit.actor();
    let profile = guest(db, id).await?.ok_or(AppError::NotFound)?;
    let address = address_of(&profile).ok_or(AppError::NotFound)?;
    let suppression = consent::suppression(db, address).await?.ok_or(AppError::NotFound)?;
    if !may_lift(actor.role, suppression.cause) {
        return Err(AppError::Forbidden);
    }
    let tx = consent::add_lifting(Tx::new(), &suppression, why, &actor.name, now).event_in(
        [permit.house()],
        "guest",
        GuestEvent::new(id, &["greetings"]),
    );
    let cause = [suppression.cause.code()];
    match db.commit(audit::note(tx, actor, Action::LiftedSuppression, Some(id), &cause)).await {
        Ok(_) => Ok(()),
        Err(DbError::Guard(_)) => Err(AppError::NotFound),
        Err(other) => Err(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marketing_reads_what_is_told_and_no_address_in_any_of_it() {
        let with = |words: &str| format!("{words} wei@post.example,\nplease");
        let told = GuestGreetings {
            guest: GuestId::new(),
            hold: Some(Hold {
                reason: with("Bounced at"),
                until: None,
                by: with("Li"),
                at: "2026-11-23 09:00".to_owned(),
            }),
            open_complaint: false,
            address: Some("wei@post.example".to_owned()),
            language: None,
            consent: vec![ConsentLine {
                at: "2026-11-23 09:00".to_owned(),
                kind: None,
                about_links: false,
                granted: false,
                pending: false,
                waits: false,
                source: with("booking"),
                wording: Some(with("No more to")),
                language: Some("en".to_owned()),
                author: Some(with("Li")),
            }],
            waits: false,
            suppressed: Some(Suppressed {
                cause: "bounced".to_owned(),
                detail: Some("550 5.1.1 <wei@post.example>: unknown".to_owned()),
                at: "2026-11-23 09:00".to_owned(),
                until: None,
                may_lift: true,
            }),
            lifted: vec![Lifted {
                cause: "bounced".to_owned(),
                detail: Some(with("550")),
                since: "2026-11-22 09:00".to_owned(),
                why: with("It is"),
                by: with("Li"),
                at: "2026-11-23 09:00".to_owned(),
            }],
        };
        let seen = as_seen_by(Role::Marketing, told.clone());
        let text = serde_json::to_string(&seen).expect("JSON");
        assert!(!text.contains("wei@") && !text.contains("post"), "{text}");
        let (line, masked) = (&seen.consent[0], "w•••@p•••.example,\nplease");
        assert_eq!(line.wording.as_deref(), Some(format!("No more to {masked}").as_str()), "the rest stays");
        assert_eq!(line.source, format!("booking {masked}"));
        for role in [Role::Reception, Role::Manager] {
            assert_eq!(as_seen_by(role, told.clone()), told);
        }
    }
}
