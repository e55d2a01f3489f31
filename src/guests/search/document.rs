//! What the index keeps of a guest: terms to be matched whole or by their beginning. Nothing but the
//! guest's id can be read back from it.

use crate::{guests::names, ids::GuestId};
use std::collections::BTreeSet;
use tantivy::{
    TantivyDocument, TantivyError, Term,
    schema::{Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions, Value},
};

/// Fewest digits by which a telephone number is looked for.
pub(super) const MIN_DIGITS: usize = 3;

/// Most digits of a telephone number that are kept: twice as many as E.164 allows.
const MAX_DIGITS: usize = 30;

/// What the index knows of a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchDoc {
    pub guest: GuestId,
    /// The names as they are written: first, last, then the one in its own script. Not the salutation.
    pub names: Vec<String>,
    pub emails: Vec<String>,
    /// E.164.
    pub phones: Vec<String>,
    pub membership: Option<String>,
    /// Names, addresses and numbers of profiles that were merged into this one. Each is searched as
    /// what it looks like: `@` makes an e-mail address, a leading `+` a telephone number, any other
    /// digit a membership number, and the rest are names.
    pub former: Vec<String>,
}

/// The fields of the index.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    guest: Field,
    /// Every form of every name.
    pub(super) name: Field,
    /// Addresses in lower case, and their domains with the `@` before them.
    pub(super) email: Field,
    /// Every ending of every number's digits, so that any digits in a row are the beginning of a term.
    pub(super) phone: Field,
    /// Letters and digits in lower case.
    pub(super) membership: Field,
}

impl Fields {
    pub(super) fn schema() -> (Schema, Self) {
        // Terms are made here, so they are not taken apart again; and scores do not depend on how
        // often or how rare a term is, so nothing is counted.
        let terms = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_fieldnorms(false)
                .set_index_option(IndexRecordOption::Basic),
        );
        let mut schema = Schema::builder();
        let fields = Self {
            guest: schema.add_bytes_field("guest", INDEXED | STORED),
            name: schema.add_text_field("name", terms.clone()),
            email: schema.add_text_field("email", terms.clone()),
            phone: schema.add_text_field("phone", terms.clone()),
            membership: schema.add_text_field("membership", terms),
        };
        (schema.build(), fields)
    }

    pub(super) fn guest_term(&self, guest: GuestId) -> Term {
        Term::from_field_bytes(self.guest, guest.0.as_bytes())
    }

    pub(super) fn document(&self, doc: &SearchDoc) -> TantivyDocument {
        let mut terms = Terms::default();
        for name in &doc.names {
            terms.add_name(name);
        }
        terms.add_joined(&doc.names);
        doc.emails.iter().for_each(|email| terms.add_email(email));
        doc.phones.iter().for_each(|phone| terms.add_phone(phone));
        doc.membership.iter().for_each(|number| terms.add_membership(number));
        doc.former.iter().for_each(|text| terms.add_former(text));

        let mut document = TantivyDocument::new();
        document.add_bytes(self.guest, doc.guest.0.as_bytes());
        for (field, terms) in [
            (self.name, &terms.names),
            (self.email, &terms.emails),
            (self.phone, &terms.phones),
            (self.membership, &terms.memberships),
        ] {
            for term in terms {
                document.add_text(field, term);
            }
        }
        document
    }

    /// The guest that a found document stands for.
    pub(super) fn guest_of(&self, document: &TantivyDocument) -> Result<GuestId, TantivyError> {
        document
            .get_first(self.guest)
            .and_then(|value| value.as_bytes().and_then(|bytes| uuid::Uuid::from_slice(bytes).ok()))
            .map(GuestId)
            .ok_or_else(|| TantivyError::InternalError("a document without a guest's id".to_owned()))
    }
}

#[derive(Default)]
struct Terms {
    names: BTreeSet<String>,
    emails: BTreeSet<String>,
    phones: BTreeSet<String>,
    memberships: BTreeSet<String>,
}

impl Terms {
    fn add_name(&mut self, name: &str) {
        self.names.extend(names::tokens(name));
    }

    /// First and last name in one word, in both orders: people write "zhangwei".
    fn add_joined(&mut self, written: &[String]) {
        if let [first, last, ..] = written {
            let (first, last) = (names::match_surname(first), names::match_surname(last));
            if !first.is_empty() && !last.is_empty() {
                self.names.insert(format!("{first}{last}"));
                self.names.insert(format!("{last}{first}"));
            }
        }
    }

    fn add_email(&mut self, email: &str) {
        let email = email.trim().to_lowercase();
        if let Some(at) = email.rfind('@') {
            self.emails.insert(email[at..].to_owned());
        }
        if !email.is_empty() {
            self.emails.insert(email);
        }
    }

    fn add_phone(&mut self, phone: &str) {
        let digits: String = phone.chars().filter(char::is_ascii_digit).take(MAX_DIGITS).collect();
        for from in 0..=digits.len().saturating_sub(MIN_DIGITS) {
            // Only digits are in it, so every place is between characters.
            let ending = &digits[from..];
            if !ending.is_empty() {
                self.phones.insert(ending.to_owned());
            }
        }
    }

    fn add_membership(&mut self, number: &str) {
        let number = compact(number);
        if !number.is_empty() {
            self.memberships.insert(number);
        }
    }

    fn add_former(&mut self, text: &str) {
        let text = text.trim();
        if text.contains('@') {
            self.add_email(text);
        } else if text.starts_with('+') {
            self.add_phone(text);
        } else if text.contains(|c: char| c.is_ascii_digit()) {
            self.add_membership(text);
        } else {
            self.add_name(text);
        }
    }
}

/// Letters and digits alone, in lower case.
pub(super) fn compact(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
