//! From claims to messages: everything is looked at once more, the letter is filled in, and its bytes are
//! kept before anything of them goes to the wire.

use super::Sender;
use crate::{
    campaigns::{
        OccurrenceId, Reason, calendar,
        clicks::{self, Counter},
        consent,
        kinds::Candidate,
        outbox::{Claimed, Mark, Outcome, Start},
        plan::{self, Verdict},
        store::{self, CampaignRow},
        template::{self, Letter, Missing, Rendered, Values},
    },
    guests::store::guest_records,
    house::{House, store as houses},
    ids::GuestId,
    server::{
        clock,
        db::{Db, DbError, Tx, id_of, record, vars, word},
        mail::{Mailer, Outgoing, Parts, wire_address},
    },
};
use chrono::{DateTime, Utc};
use std::{
    borrow::Cow,
    collections::HashMap,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
};
use surrealdb::types::{Bytes, RecordId, SurrealValue};

/// An occurrence whose message is ready to leave.
#[derive(Debug)]
pub(super) struct Prepared {
    pub row: Claimed,
    pub start: Start,
    pub message: Outgoing,
}

/// A letter as it was kept, or as it is to be.
#[derive(Debug, Clone, SurrealValue)]
struct Envelope {
    id: RecordId,
    subject: String,
    html: String,
    text: String,
    message: Option<Bytes>,
    revision: Option<i64>,
    edited_by: Option<String>,
}

impl Envelope {
    /// Whether its words are those that are to leave: the signer's, or those of the letters as they are now.
    fn holds(&self, revision: i64) -> bool {
        self.edited_by.is_some() || self.revision == Some(revision)
    }
}

/// What a message is made from.
enum Source {
    /// Made before: the same bytes again.
    Kept(Vec<u8>),
    /// Filled in before, and perhaps changed by its signer.
    Filled(Rendered),
    /// With the address of this installation.
    Letter(Box<(Letter, Values)>, Arc<str>),
}

struct Draft {
    row: Claimed,
    address: String,
    language: String,
    unsubscribe: String,
    /// Where it is counted which links are followed.
    counter: Option<Counter>,
    source: Source,
}

/// A draft whose message was made, and whether its letter has to be kept.
struct Made {
    row: Claimed,
    address: String,
    language: String,
    message: Outgoing,
    letter: Option<Rendered>,
}

/// Looks at claimed occurrences of one campaign once more. Those that may leave come back as messages whose
/// bytes are kept; of the others it has been written down why not.
///
/// # Errors
/// What the store answers.
pub(super) async fn prepare(
    sender: &Sender,
    campaign: &CampaignRow,
    rows: Vec<Claimed>,
) -> Result<(Vec<Prepared>, Vec<Mark>), DbError> {
    let (db, now) = (&sender.db, sender.clock.now());
    let Some(house) = houses::house(db, campaign.house).await? else {
        return Err(DbError::Malformed(format!("{} has no house", campaign.id)));
    };
    let mut marks = Vec::new();
    // First: what is said while the rest is looked at is seen at the start.
    let statements = statements(db, &rows).await?;
    let drafts = drafts(sender, campaign, &house, rows, now, &mut marks).await?;
    let made = make(Arc::clone(&sender.mailer), drafts, now, &mut marks).await?;
    keep(db, &made, campaign.revision).await?;
    let today = clock::today(now, house.zone());
    let mut prepared = Vec::with_capacity(made.len());
    for made in made {
        let date = candidate(&made.row)?.date;
        let start = Start {
            id: made.row.id.clone(),
            owner: made.row.owner.clone(),
            address: consent::address_key(db, &made.address).await?,
            statements: statements.get(&made.row.id.guest).copied().unwrap_or_default(),
            revision: campaign.revision,
            day: calendar::send_day(date, &campaign.settings).max(today),
        };
        prepared.push(Prepared { row: made.row, start, message: made.message });
    }
    Ok((prepared, marks))
}

/// How many statements of consent there are of each guest.
async fn statements(db: &Db, rows: &[Claimed]) -> Result<HashMap<GuestId, u32>, DbError> {
    #[derive(SurrealValue)]
    struct Count {
        guest: RecordId,
        count: i64,
    }
    let mut guests: Vec<GuestId> = rows.iter().map(|row| row.id.guest).collect();
    guests.sort_unstable();
    guests.dedup();
    let counts: Vec<Count> = db
        .rows_among(
            "SELECT guest, count() AS count FROM consent WHERE guest IN $among GROUP BY guest",
            &guest_records(&guests),
            vars(),
        )
        .await?;
    let counted = counts.into_iter().map(|row| Ok((id_of(&row.guest)?, u32::try_from(row.count).unwrap_or(u32::MAX))));
    counted.collect()
}

/// Passes judgement on each row once more, and gathers what the letters of those that may leave are made of.
async fn drafts(
    sender: &Sender,
    campaign: &CampaignRow,
    house: &House,
    rows: Vec<Claimed>,
    now: DateTime<Utc>,
    marks: &mut Vec<Mark>,
) -> Result<Vec<Draft>, DbError> {
    let db = &sender.db;
    let candidates: Vec<Candidate> = rows.iter().map(candidate).collect::<Result<_, _>>()?;
    let verdicts = plan::verdicts(db, house, campaign, &candidates, now).await?;
    let mut envelopes = envelopes(db, &rows).await?;
    let letters = store::letters(db, campaign.id).await?;
    let secret = consent::secret(db, consent::LINKS).await?;
    let guests: Vec<GuestId> = candidates.iter().map(|candidate| candidate.guest).collect();
    let counted = clicks::counted_of(db, house.id, &guests).await?;
    let mut drafts = Vec::new();
    for ((row, candidate), verdict) in rows.into_iter().zip(candidates).zip(verdicts) {
        let (address, mut language) = match judged(verdict, campaign) {
            Ok(may) => may,
            Err(outcome) => {
                marks.push(mark(&row, outcome));
                continue;
            }
        };
        if let Err(problem) = wire_address(&address) {
            marks.push(mark(&row, Outcome::Held(Reason::BadAddress, Some(problem.code()))));
            continue;
        }
        let links = consent::links(&sender.url, &secret, &row.id);
        let letter = template::pick(&letters, &language, &campaign.settings.fallback_language);
        if let Some(letter) = letter {
            // Where the guest's own is wanting, the letter is in another and says so.
            language.clone_from(&letter.language);
        }
        // What was made of another letter than today's is made anew, under the same Message-ID.
        let source = match envelopes.remove(&row.id).filter(|kept| kept.holds(campaign.revision)) {
            Some(Envelope { message: Some(bytes), .. }) if row.address.as_deref() == Some(address.as_str()) => {
                Source::Kept(bytes.into_inner().to_vec())
            }
            Some(kept) => Source::Filled(Rendered { subject: kept.subject, html: kept.html, text: kept.text }),
            None => match letter {
                Some(letter) => {
                    let values =
                        template::values(db, house, campaign, &candidate, &letter.language, &links, now).await?;
                    Source::Letter(Box::new((letter.clone(), values)), Arc::clone(&sender.url))
                }
                None => {
                    let missing = Missing::Broken(format!("no letter in {language}"));
                    marks.push(mark(&row, Outcome::Held(Reason::Letter, Some(missing.to_string()))));
                    continue;
                }
            },
        };
        let counter = counted.contains(&row.id.guest).then(|| Counter::new(&sender.url, secret, &row.id));
        drafts.push(Draft { row, address, language, unsubscribe: links.unsubscribe, counter, source });
    }
    Ok(drafts)
}

/// Address and language of whoever may be written to, or what happens instead.
fn judged(verdict: Verdict, campaign: &CampaignRow) -> Result<(String, String), Outcome> {
    match verdict {
        Verdict::Trace { room } => Err(Outcome::Trace { house: campaign.house, room, author: campaign.name.clone() }),
        Verdict::Held(reason, detail) => Err(Outcome::Held(reason, detail)),
        Verdict::Skipped(reason, detail) => Err(Outcome::Skipped(reason, detail)),
        Verdict::Go { address, language, .. } => Ok((address, language)),
    }
}

fn candidate(row: &Claimed) -> Result<Candidate, DbError> {
    let date = word(&row.id.date, |day| day.parse().ok())?;
    Ok(Candidate { guest: row.id.guest, date, stage: row.stage })
}

fn mark(row: &Claimed, outcome: Outcome) -> Mark {
    Mark { id: row.id.clone(), owner: row.owner.clone(), outcome }
}

async fn envelopes(db: &Db, rows: &[Claimed]) -> Result<HashMap<OccurrenceId, Envelope>, DbError> {
    let records: Vec<RecordId> = rows.iter().map(|row| record("envelope", &row.id)).collect();
    let found: Vec<Envelope> = db
        .rows(
            "SELECT id, subject, html, text, message, revision, edited_by FROM $envelopes",
            vars().with("envelopes", records),
        )
        .await?;
    found.into_iter().map(|envelope| Ok((id_of(&envelope.id)?, envelope))).collect()
}

/// Fills in, builds and signs. It is work for a processor, so it is done where it holds up nobody.
async fn make(
    mailer: Arc<Mailer>,
    drafts: Vec<Draft>,
    now: DateTime<Utc>,
    marks: &mut Vec<Mark>,
) -> Result<Vec<Made>, DbError> {
    let work = move || drafts.into_iter().map(|draft| guarded(&mailer, draft, now)).collect::<Vec<_>>();
    let made = tokio::task::spawn_blocking(work).await;
    let made = made.map_err(|error| DbError::Malformed(format!("letters could not be made: {error}")))?;
    Ok(made.into_iter().filter_map(|made| made.map_err(|mark| marks.push(*mark)).ok()).collect())
}

/// A letter on which its renderer breaks down concerns nobody else.
fn guarded(mailer: &Mailer, draft: Draft, now: DateTime<Utc>) -> Result<Made, Box<Mark>> {
    let row = draft.row.clone();
    panic::catch_unwind(AssertUnwindSafe(|| make_one(mailer, draft, now))).unwrap_or_else(|_| {
        let missing = Missing::Broken("it cannot be made".to_owned());
        Err(Box::new(mark(&row, Outcome::Held(Reason::Letter, Some(missing.to_string())))))
    })
}

fn make_one(mailer: &Mailer, draft: Draft, now: DateTime<Utc>) -> Result<Made, Box<Mark>> {
    let Draft { row, address, language, unsubscribe, counter, source } = draft;
    let message_id = mailer.message_id(&row.id.to_string());
    let bad_address = |row: &Claimed, what: String| Box::new(mark(row, Outcome::Held(Reason::BadAddress, Some(what))));
    let letter = match source {
        Source::Kept(bytes) => {
            return match mailer.again(&message_id, &address, bytes) {
                Ok(message) => Ok(Made { row, address, language, message, letter: None }),
                Err(problem) => Err(bad_address(&row, problem.code())),
            };
        }
        Source::Filled(letter) => letter,
        Source::Letter(parts, url) => match template::render(&parts.0, &parts.1, &url) {
            Ok(letter) => letter,
            Err(missing) => return Err(Box::new(mark(&row, Outcome::Held(Reason::Letter, Some(missing.to_string()))))),
        },
    };
    // Kept as it was written: made anew, it is counted or not by what holds then.
    let html = counter.map_or(Cow::Borrowed(letter.html.as_str()), |counter| Cow::Owned(counter.through(&letter.html)));
    let made = mailer.message(&Parts {
        message_id: &message_id,
        to: &address,
        subject: &letter.subject,
        html: &html,
        text: &letter.text,
        unsubscribe: Some(&unsubscribe),
        language: Some(&language),
        at: now,
    });
    match made {
        Ok(message) => Ok(Made { row, address, language, message, letter: Some(letter) }),
        Err(problem) => Err(bad_address(&row, problem.to_string())),
    }
}

/// Keeps what is about to leave, so that another attempt sends the same as long as the letter does. `revision` is
/// the campaign's.
async fn keep(db: &Db, made: &[Made], revision: i64) -> Result<(), DbError> {
    let mut tx = Tx::new();
    let mut is_empty = true;
    for (number, made) in made.iter().enumerate() {
        let Some(letter) = &made.letter else { continue };
        is_empty = false;
        let name = |what: &str| format!("{what}{number}");
        tx = tx.run(
            &format!(
                "UPSERT ONLY $envelope{number} SET subject = $subject{number}, html = $html{number}, \
                 text = $text{number}, message = $message{number}, revision = $revision{number} RETURN NONE;
                 UPDATE $row{number} SET address = $address{number}, language = $language{number}, \
                 household = IF household = NONE {{ NONE }} ELSE {{ $address{number} }}, \
                 message_id = $id{number} WHERE state = 'claimed' AND owner = $owner{number} RETURN NONE"
            ),
            vars()
                .with(&name("envelope"), record("envelope", &made.row.id))
                .with(&name("subject"), letter.subject.clone())
                .with(&name("html"), letter.html.clone())
                .with(&name("text"), letter.text.clone())
                .with(&name("message"), Bytes::from(made.message.bytes.clone()))
                .with(&name("revision"), revision)
                .with(&name("row"), record("occurrence", &made.row.id))
                .with(&name("address"), made.address.clone())
                .with(&name("language"), made.language.clone())
                .with(&name("id"), made.message.message_id.clone())
                .with(&name("owner"), made.row.owner.clone()),
        );
    }
    if is_empty { Ok(()) } else { db.commit(tx).await.map(drop) }
}
