//! What a guest told a colleague about being written to: at the desk, on the telephone or by letter.

use super::{
    MAX_SAID, Way,
    asking::{self, changed},
};
use crate::{
    campaigns::{
        CampaignKind,
        consent::{self, Source, Statement},
    },
    error::{AppError, FieldError, Problem},
    guests::{
        parse::{self, LanguageCode},
        store::guest,
    },
    ids::GuestId,
    server::AppState,
    staff::{
        audit::{self, Action},
        guard::{HoldGreetings, Permit},
    },
};

/// The fields of the form, as they came.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    /// A kind's code; empty for all greetings.
    pub kind: &'a str,
    /// `yes` or `no`.
    pub answer: &'a str,
    pub way: &'a str,
    pub words: &'a str,
    pub language: &'a str,
}

/// What a guest said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// `None` for all greetings.
    pub kind: Option<CampaignKind>,
    pub granted: bool,
    pub way: Way,
    /// As it was said.
    pub words: String,
    /// ISO 639-1.
    pub language: String,
}

/// Reads the form.
///
/// # Errors
/// Each field that was refused, and why.
pub fn read(typed: Typed<'_>) -> Result<Told, Vec<FieldError>> {
    let kind = kind(typed.kind);
    let granted = match typed.answer {
        "yes" => Ok(true),
        "no" => Ok(false),
        "" => Err(Problem::Empty),
        other => Err(unlisted(other)),
    };
    let way = if typed.way.is_empty() {
        Err(Problem::Empty)
    } else {
        Way::from_code(typed.way).ok_or_else(|| unlisted(typed.way))
    };
    let words = parse::text(typed.words, MAX_SAID as usize).and_then(|words| words.ok_or(Problem::Empty));
    let language = LanguageCode::parse(typed.language).map(String::from);
    match (kind, granted, way, words, language) {
        (Ok(kind), Ok(granted), Ok(way), Ok(words), Ok(language)) => Ok(Told { kind, granted, way, words, language }),
        (kind, granted, way, words, language) => {
            let problems = [
                ("kind", kind.err()),
                ("answer", granted.err()),
                ("way", way.err()),
                ("words", words.err()),
                ("language", language.err()),
            ];
            let refused = problems.into_iter().filter_map(|(field, problem)| problem.map(|problem| (field, problem)));
            Err(refused.map(|(field, problem)| FieldError { field: field.to_owned(), problem }).collect())
        }
    }
}

/// The kind of greetings that a form names; `None` for all of them.
///
/// # Errors
/// [`Problem::NotKnown`].
pub fn kind(code: &str) -> Result<Option<CampaignKind>, Problem> {
    match code {
        "" => Ok(None),
        code => CampaignKind::from_code(code).map(Some).ok_or_else(|| unlisted(code)),
    }
}

fn unlisted(given: &str) -> Problem {
    Problem::NotKnown(given.chars().take(40).collect(), "@listed".to_owned())
}

/// Takes down what a guest told a colleague. A no holds at once: what waits to leave is looked at once more
/// before it does. A yes is what the guest is asked to confirm by e-mail (double opt-in), and counts from then
/// on; where that letter may not go, nothing is taken down. Where it does not leave, what was said stays taken down
/// and counts for nothing.
///
/// # Errors
/// [`AppError::NotFound`], as [`asking::ask`] for a yes, or what the store answers.
pub async fn take_down(
    state: &AppState,
    permit: &Permit<HoldGreetings>,
    id: GuestId,
    told: Told,
) -> Result<(), AppError> {
    let (db, actor) = (&state.db, permit.actor());
    let Told { kind, granted, way, words, language } = told;
    let statement = Statement {
        guest: id,
        kind,
        granted,
        source: Source::Colleague(way),
        wording: Some(words),
        language: Some(language),
        author: Some(actor.name.clone()),
    };
    if granted {
        return asking::ask(state, permit, id, kind, Some(statement)).await;
    }
    guest(db, id).await?.ok_or(AppError::NotFound)?;
    let tx = consent::add_statements(changed(permit.house(), id), vec![statement], state.clock.now());
    db.commit(audit::note(tx, actor, Action::TookDownConsent, Some(id), &["objected"])).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: Typed<'static> =
        Typed { kind: "birthday", answer: "no", way: "telephone", words: "No, thank you.", language: "en" };

    fn refused(typed: Typed<'_>) -> Vec<(String, Problem)> {
        read(typed).err().unwrap_or_default().into_iter().map(|error| (error.field, error.problem)).collect()
    }

    #[test]
    fn what_was_said_is_read_word_for_word() {
        let told = read(Typed { kind: "", words: " No.\r\nNot ever. ", language: "pt-BR", ..RIGHT }).expect("read");
        assert_eq!((told.kind, told.granted, told.way), (None, false, Way::Telephone));
        assert_eq!((told.words.as_str(), told.language.as_str()), ("No.\nNot ever.", "pt"));
        assert!(read(Typed { answer: "yes", ..RIGHT }).expect("read").granted);
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        let nothing = Typed { kind: "spam", answer: "", way: "", words: " ", language: "" };
        let fields: Vec<String> = refused(nothing).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["kind", "answer", "way", "words", "language"]);
        let beyond = "x".repeat(501);
        assert_eq!(refused(Typed { words: &beyond, ..RIGHT }), [("words".to_owned(), Problem::TooLong(500))]);
        let unlisted = Problem::NotKnown("perhaps".to_owned(), "@listed".to_owned());
        assert_eq!(refused(Typed { answer: "perhaps", ..RIGHT }), [("answer".to_owned(), unlisted)]);
    }
}
