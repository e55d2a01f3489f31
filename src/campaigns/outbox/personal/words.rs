//! The words of a personal letter: as its signer was shown them, and as the signer has changed them.

use crate::{
    campaigns::template::{MAX_RENDERED, MAX_SUBJECT, passages, plain, with_passages, words_of_link},
    error::{FieldError, Problem},
    guests::parse,
};
use sha2::{Digest, Sha256};
use surrealdb::types::SurrealValue;

/// What the form of a letter sends.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    /// What the form was made of: [`crate::campaigns::outbox_api::PersonalLetter::seen`].
    pub seen: &'a str,
    pub subject: &'a str,
    /// One for each passage.
    pub words: &'a [String],
    pub text: &'a str,
}

/// A letter as the house has written it, or as it leaves.
#[derive(Debug, Clone, PartialEq, Eq, SurrealValue)]
pub(super) struct Envelope {
    pub subject: String,
    pub html: String,
    pub text: String,
    /// The campaign's revision from which it was made.
    pub revision: Option<i64>,
}

/// How many marks of [`Envelope::seen`] stand before those of the passages.
const BEFORE_PASSAGES: usize = 3;

impl Envelope {
    /// A mark of each part, by which a form tells what it was made of: of the markup, the subject and the plain text,
    /// and of each passage.
    pub fn seen(&self) -> String {
        let mut marks = vec![mark(&self.html), mark(&self.subject), mark(&self.text)];
        marks.extend(passages(&self.html).iter().map(|words| mark(words)));
        marks.join(".")
    }

    /// What the house has changed since a form was made, each part with its words of now; and at `seen` what the form
    /// is to be sent with by whoever has looked at them. Nothing where all is as it was.
    pub fn changed_since(&self, seen: &str) -> Vec<FieldError> {
        let now = self.seen();
        if now == seen {
            return Vec::new();
        }
        let before: Vec<&str> = seen.split('.').collect();
        let words = passages(&self.html);
        let mut errors = vec![reworded("seen".to_owned(), &now)];
        let mut look = |place: usize, field: String, part: &str| {
            if before.get(place).is_none_or(|before| *before != mark(part)) {
                errors.push(reworded(field, part));
            }
        };
        look(1, "subject".to_owned(), &self.subject);
        look(2, "text".to_owned(), &self.text);
        for (number, words) in words.iter().enumerate() {
            look(BEFORE_PASSAGES + number, format!("words[{number}]"), words);
        }
        errors
    }

    /// The letter with the signer's words. `token` is that of its links: by what led out of it before, the guest can
    /// still say that he wants no more.
    pub fn edited(&self, typed: &Typed<'_>, token: &str) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, problem| errors.push(FieldError { field: field.to_owned(), problem });
        let subject = match parse::line(typed.subject, MAX_SUBJECT) {
            Ok(Some(subject)) => subject,
            Ok(None) => {
                refuse("subject", Problem::Empty);
                String::new()
            }
            Err(problem) => {
                refuse("subject", problem);
                String::new()
            }
        };
        let html = with_passages(&self.html, typed.words).filter(|html| html.len() <= MAX_RENDERED);
        match &html {
            None => refuse("words", Problem::NotKnown(typed.words.len().to_string(), "@passages".to_owned())),
            Some(html) => {
                let gone = words_of_link(&self.html, token).filter(|_| words_of_link(html, token).is_none());
                if let Some(words) = gone {
                    refuse("words", Problem::WayOutGone(words));
                }
            }
        }
        let text = plain(typed.text);
        let ways = addresses(&self.text, token);
        if text.is_empty() {
            refuse("text", Problem::Empty);
        } else if text.len() > MAX_RENDERED {
            refuse("text", Problem::TooLarge(MAX_RENDERED));
        } else if let Some(way) = ways.last().filter(|_| !ways.iter().any(|way| text.contains(*way))) {
            refuse("text", Problem::WayOutGone((*way).to_owned()));
        }
        match html {
            Some(html) if errors.is_empty() => Ok(Self { subject, html, text, revision: self.revision }),
            _ => Err(errors),
        }
    }
}

fn reworded(field: String, words: &str) -> FieldError {
    FieldError { field, problem: Problem::Reworded(words.to_owned()) }
}

/// Enough of a hash that two texts of one letter have the same by no chance that matters.
fn mark(part: &str) -> String {
    Sha256::digest(part.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The addresses in a plain text that end with a token.
fn addresses<'a>(text: &'a str, token: &str) -> Vec<&'a str> {
    let of_word = |word: &'a str| {
        let end = word.find(token)? + token.len();
        let start = word[..end].rfind("http").unwrap_or(0);
        Some(&word[start..end])
    };
    text.split_whitespace().filter_map(of_word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUT: &str = "https://house.example/u/token";

    fn before() -> Envelope {
        Envelope {
            subject: "We miss you".to_owned(),
            html: "<!doctype html><html><body><p>Dear Mr Zhang,</p><p>we miss you.</p></body></html>".to_owned(),
            text: "Dear Mr Zhang,\n\nwe miss you.".to_owned(),
            revision: Some(1),
        }
    }

    /// The same with a way out of the letters.
    fn with_way_out() -> Envelope {
        let Envelope { html, text, .. } = before();
        let link = format!("<a href=\"{OUT}\">No more</a></body>");
        Envelope { html: html.replace("</body>", &link), text: format!("{text}\n\nNo more <{OUT}>"), ..before() }
    }

    fn edited(before: &Envelope, subject: &str, words: &[&str], text: &str) -> Result<Envelope, Vec<FieldError>> {
        let words: Vec<String> = words.iter().map(|&words| words.to_owned()).collect();
        before.edited(&Typed { seen: "", subject, words: &words, text }, "token")
    }

    #[test]
    fn a_signers_words_replace_those_of_the_house() {
        let words = ["Dear Wei,", "we miss you, and the corner table does."];
        let letter = edited(&before(), " For you ", &words, "Dear Wei,\r\n\r\nwe miss you.").expect("a letter");
        assert_eq!(letter.subject, "For you");
        assert!(letter.html.contains("<p>Dear Wei,</p><p>we miss you, and the corner table does.</p>"));
        assert_eq!(letter.text, "Dear Wei,\n\nwe miss you.");
    }

    #[test]
    fn what_no_letter_may_hold_is_refused_beside_its_field() {
        let refused = |subject: &str, words: &[&str], text: &str| {
            let errors = edited(&before(), subject, words, text).err().unwrap_or_default();
            errors.into_iter().map(|error| error.field).collect::<Vec<_>>()
        };
        let (subject, words, text) = ("For you", ["Dear Wei,", "we miss you."], "Dear Wei");
        assert!(refused(subject, &words, text).is_empty());
        assert_eq!(refused("  ", &words, text), ["subject"]);
        assert_eq!(refused("a\u{202e}b", &words, text), ["subject"]);
        assert_eq!(refused(subject, &["alone"], text), ["words"]);
        assert_eq!(refused(subject, &words, " \n "), ["text"]);
        assert_eq!(refused("", &[], ""), ["subject", "words", "text"]);
    }

    #[test]
    fn no_signer_takes_the_way_out_of_a_letter() {
        let words = ["Dear Wei,", "we miss you.", "No letters, please"];
        let text = format!("Dear Wei\nNo letters, please: {OUT}.");
        assert!(edited(&with_way_out(), "For you", &words, &text).is_ok(), "its words are the signer's");
        let refused =
            |words: &[&str], text: &str| edited(&with_way_out(), "For you", words, text).expect_err("refused");
        let gone = |field: &str, what: &str| FieldError {
            field: field.to_owned(),
            problem: Problem::WayOutGone(what.to_owned()),
        };
        for without in ["", " . "] {
            assert_eq!(refused(&["Dear Wei,", "we miss you.", without], &text), [gone("words", "No more")]);
        }
        for without in ["Dear Wei", "Dear Wei\nhttps://house.exampl/u/token", "No more: /u/token"] {
            assert_eq!(refused(&words, without), [gone("text", OUT)], "{without}");
        }
    }

    #[test]
    fn what_was_changed_since_a_form_was_made_is_told_by_its_parts() {
        let seen = before().seen();
        assert_eq!(before().changed_since(&seen), []);
        let changed = |letter: Envelope| {
            let errors = letter.changed_since(&seen);
            assert_eq!(errors[0], reworded("seen".to_owned(), &letter.seen()), "what to send it with next");
            errors[1..].iter().map(|error| error.field.clone()).collect::<Vec<_>>()
        };
        assert_eq!(changed(Envelope { subject: "Soon".to_owned(), ..before() }), ["subject"]);
        assert_eq!(changed(Envelope { text: "Dear Mr Zhang".to_owned(), ..before() }), ["text"]);
        let html = before().html.replace("we miss", "we do miss");
        assert_eq!(changed(Envelope { html, ..before() }), ["words[1]"]);
        let html = before().html.replace("<p>we", "<p class=\"a\">we");
        assert_eq!(changed(Envelope { html, ..before() }), [""; 0], "a look of it");
        assert_eq!(changed(with_way_out()), ["text", "words[2]"], "a passage more");
        let unknown: Vec<String> = before().changed_since("").into_iter().map(|error| error.field).collect();
        assert_eq!(unknown, ["seen", "subject", "text", "words[0]", "words[1]"]);
    }
}
