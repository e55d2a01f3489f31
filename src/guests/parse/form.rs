//! The profile form, from the texts as typed to what is kept, and back.

use super::{Email, LanguageCode, Membership, Name, Nationality, Phone, birthday, line, optional, text, vip};
use crate::{
    error::{FieldError, Problem},
    guests::{Birthday, Flags, Guest, GuestName, form::GuestForm},
};
use std::collections::HashSet;

/// Most telephone numbers, and most e-mail addresses, that a profile keeps.
const MAX_CONTACTS: usize = 8;
/// Most characters of a postal address.
const MAX_ADDRESS: usize = 500;
/// Most characters of a salutation.
const MAX_SALUTATION: usize = 40;

/// What a profile form says, parsed: all of [`Guest`] that a person edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestDraft {
    pub name: GuestName,
    /// ISO 3166-1 alpha-3.
    pub nationality: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    /// 0 (none) to 3.
    pub vip: u8,
    /// E.164, each once, in the order typed.
    pub phones: Vec<String>,
    /// Normalised, each once, in the order typed.
    pub emails: Vec<String>,
    pub address: Option<String>,
    pub birthday: Option<Birthday>,
    pub membership: Option<String>,
    pub flags: Flags,
}

impl TryFrom<GuestForm> for GuestDraft {
    type Error = Vec<FieldError>;

    /// Reads the whole form, so that every refused field is told at once. At least a first or a last
    /// name is needed; telephone numbers need their country code, since a person who can be asked is
    /// at hand.
    fn try_from(form: GuestForm) -> Result<Self, Vec<FieldError>> {
        let mut refused = Refused::default();
        let name = |text: &str| optional(text, Name::parse).map(|name| name.map(String::from));
        let draft = Self {
            name: GuestName {
                salutation: refused.unless("salutation", line(&form.salutation, MAX_SALUTATION)),
                first: refused.unless("first", name(&form.first)).unwrap_or_default(),
                last: refused.unless("last", name(&form.last)).unwrap_or_default(),
                native: refused.unless("native", name(&form.native)),
                say: refused.unless("say", name(&form.say)),
            },
            nationality: refused
                .unless("nationality", optional(&form.nationality, Nationality::parse))
                .map(|nationality| nationality.alpha3().to_owned()),
            language: refused.unless("language", optional(&form.language, LanguageCode::parse)).map(String::from),
            vip: refused.unless("vip", vip(&form.vip)),
            phones: refused.unless_each("phones", &form.phones, |text| Phone::parse(text, None).map(String::from)),
            emails: refused.unless_each("emails", &form.emails, |text| Email::parse(text).map(String::from)),
            address: refused.unless("address", text(&form.address, MAX_ADDRESS)),
            birthday: refused.unless("birthday", optional(&form.birthday, birthday)),
            membership: refused.unless("membership", optional(&form.membership, Membership::parse)).map(String::from),
            flags: Flags {
                deceased: form.deceased.is_some(),
                blocklisted: form.blocklisted.is_some(),
                incognito: form.incognito.is_some(),
            },
        };
        if form.first.trim().is_empty() && form.last.trim().is_empty() {
            refused.add("last", Problem::Empty);
        }
        if refused.0.is_empty() { Ok(draft) } else { Err(refused.0) }
    }
}

impl From<&Guest> for GuestForm {
    fn from(guest: &Guest) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let tick = |set: bool| set.then(|| "on".to_owned());
        Self {
            salutation: text(&guest.name.salutation),
            first: guest.name.first.clone(),
            last: guest.name.last.clone(),
            native: text(&guest.name.native),
            say: text(&guest.name.say),
            nationality: text(&guest.nationality),
            language: text(&guest.language),
            vip: guest.vip.to_string(),
            phones: guest.phones.join("\n"),
            emails: guest.emails.join("\n"),
            address: text(&guest.address),
            birthday: guest.birthday.map(|day| day.to_string()).unwrap_or_default(),
            membership: text(&guest.membership),
            deceased: tick(guest.flags.deceased),
            blocklisted: tick(guest.flags.blocklisted),
            incognito: tick(guest.flags.incognito),
        }
    }
}

/// The fields refused so far, in the order of the form.
#[derive(Default)]
struct Refused(Vec<FieldError>);

impl Refused {
    fn add(&mut self, field: &str, problem: Problem) {
        self.0.push(FieldError { field: field.to_owned(), problem });
    }

    /// The value, or its default while the problem is kept for the answer.
    fn unless<T: Default>(&mut self, field: &str, parsed: Result<T, Problem>) -> T {
        parsed.unwrap_or_else(|problem| {
            self.add(field, problem);
            T::default()
        })
    }

    /// The values of a field that holds one a line, each once.
    fn unless_each(
        &mut self,
        field: &str,
        lines: &str,
        parse: impl Fn(&str) -> Result<String, Problem>,
    ) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut values = Vec::new();
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match parse(line) {
                Ok(value) if seen.insert(value.clone()) => values.push(value),
                Ok(_) => {}
                Err(problem) => self.add(field, problem),
            }
        }
        if values.len() > MAX_CONTACTS {
            self.add(field, Problem::NotKnown(values.len().to_string(), format!("≤ {MAX_CONTACTS}")));
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::GuestId;

    fn typed() -> GuestForm {
        GuestForm {
            salutation: " Mr ".into(),
            first: "Wei".into(),
            last: " Zhang ".into(),
            native: "张伟".into(),
            say: "jahng way".into(),
            nationality: "cn".into(),
            language: "ZH".into(),
            vip: "2".into(),
            phones: "+86 139 1234 5678\r\n\r\n0086 139 1234 5678\n+351 927 313 387".into(),
            emails: " Wei.Zhang@Example.com \nwei.zhang@example.com".into(),
            address: "Rua Augusta 1\r\nLisboa".into(),
            birthday: "--02-29".into(),
            membership: "7714 070286".into(),
            incognito: Some("on".into()),
            ..GuestForm::default()
        }
    }

    fn refused_fields(form: &GuestForm) -> Vec<(String, Problem)> {
        let errors = GuestDraft::try_from(form.clone()).err().unwrap_or_default();
        errors.into_iter().map(|error| (error.field, error.problem)).collect()
    }

    #[test]
    fn a_form_becomes_a_profile_and_the_profile_its_form() {
        let draft = GuestDraft::try_from(typed()).expect("every field is right");
        assert_eq!(draft.name.address(), "Mr Zhang");
        assert_eq!(draft.nationality.as_deref(), Some("CHN"));
        assert_eq!(draft.language.as_deref(), Some("zh"));
        assert_eq!(draft.phones, ["+8613912345678", "+351927313387"]);
        assert_eq!(draft.emails, ["wei.zhang@example.com"]);
        assert_eq!(draft.address.as_deref(), Some("Rua Augusta 1\nLisboa"));
        assert_eq!(draft.flags, Flags { incognito: true, ..Flags::default() });

        let guest = Guest {
            id: GuestId::new(),
            revision: 1,
            name: draft.name.clone(),
            photo: None,
            nationality: draft.nationality.clone(),
            language: draft.language.clone(),
            vip: draft.vip,
            phones: draft.phones.clone(),
            emails: draft.emails.clone(),
            address: draft.address.clone(),
            birthday: draft.birthday,
            membership: draft.membership.clone(),
            flags: draft.flags,
        };
        assert_eq!(GuestDraft::try_from(GuestForm::from(&guest)), Ok(draft), "opening and saving changes nothing");
    }

    #[test]
    fn one_name_is_enough_and_none_too_few() {
        let only_last = GuestForm { last: "Zhang".into(), ..GuestForm::default() };
        assert!(refused_fields(&only_last).is_empty());
        let only_first = GuestForm { first: "Wei".into(), ..GuestForm::default() };
        assert!(refused_fields(&only_first).is_empty());
        let none = GuestForm { first: "  ".into(), salutation: "Mr".into(), ..GuestForm::default() };
        assert_eq!(refused_fields(&none), [("last".to_owned(), Problem::Empty)]);
    }

    #[test]
    fn every_refused_field_is_told_at_once() {
        let form = GuestForm {
            first: "Wei\u{0}".into(),
            last: "z".repeat(81),
            nationality: "Atlantis".into(),
            language: "xx".into(),
            vip: "9".into(),
            phones: "12\n+351 927 313 387\ncall me".into(),
            emails: "wei@".into(),
            address: "x".repeat(501),
            birthday: "31/02/1990".into(),
            membership: "#".into(),
            ..typed()
        };
        let expected = [
            ("first", Problem::BadCharacter),
            ("last", Problem::TooLong(80)),
            ("nationality", Problem::NotKnown("Atlantis".into(), "ISO 3166-1: PT, PRT".into())),
            ("language", Problem::NotKnown("xx".into(), "ISO 639-1: en, es, pt, zh".into())),
            ("vip", Problem::NotKnown("9".into(), "0, 1, 2, 3".into())),
            ("phones", Problem::NotPhone("12".into())),
            ("phones", Problem::NotPhone("call me".into())),
            ("emails", Problem::NotEmail("wei@".into())),
            ("address", Problem::TooLong(500)),
            ("birthday", Problem::NotDate("31/02/1990".into())),
            ("membership", Problem::BadCharacter),
        ];
        assert_eq!(refused_fields(&form), expected.map(|(field, problem)| (field.to_owned(), problem)));
    }

    #[test]
    fn contacts_are_limited() {
        let numbers = |count: usize| (0..count).map(|n| format!("+35192731338{n}\n")).collect::<String>();
        assert!(refused_fields(&GuestForm { phones: numbers(8), ..typed() }).is_empty());
        assert_eq!(
            refused_fields(&GuestForm { phones: numbers(9), ..typed() }),
            [("phones".to_owned(), Problem::NotKnown("9".into(), "≤ 8".into()))]
        );
    }
}
