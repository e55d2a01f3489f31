//! The profile as it stands in the edit form: text as typed, kept as typed until it is right.

use crate::{error::FieldError, ids::GuestId};
use serde::{Deserialize, Serialize};

/// The fields of the profile form, exactly as typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GuestForm {
    pub salutation: String,
    pub first: String,
    pub last: String,
    pub native: String,
    pub say: String,
    pub nationality: String,
    pub language: String,
    /// `0` to `3`.
    pub vip: String,
    /// One number a line.
    pub phones: String,
    /// One address a line.
    pub emails: String,
    pub address: String,
    /// `YYYY-MM-DD` or `--MM-DD`.
    pub birthday: String,
    pub membership: String,
    /// Check boxes: present (any text) or absent.
    pub deceased: Option<String>,
    pub blocklisted: Option<String>,
    pub incognito: Option<String>,
}

impl GuestForm {
    /// The field names with their texts, in the form's order, for comparing two versions.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let tick = |mark: &Option<String>| if mark.is_some() { "on".to_owned() } else { String::new() };
        vec![
            ("salutation", self.salutation.clone()),
            ("first", self.first.clone()),
            ("last", self.last.clone()),
            ("native", self.native.clone()),
            ("say", self.say.clone()),
            ("language", self.language.clone()),
            ("nationality", self.nationality.clone()),
            ("vip", self.vip.clone()),
            ("membership", self.membership.clone()),
            ("birthday", self.birthday.clone()),
            ("phones", self.phones.clone()),
            ("emails", self.emails.clone()),
            ("address", self.address.clone()),
            ("deceased", tick(&self.deceased)),
            ("blocklisted", tick(&self.blocklisted)),
            ("incognito", tick(&self.incognito)),
        ]
    }
}

impl GuestForm {
    /// This form with what a colleague has changed meanwhile in fields that this editor left alone.
    #[must_use]
    pub fn with_changes(mut self, opened: &Self, theirs: &Self) -> Self {
        macro_rules! take_over {
            ($($field:ident),+) => {$(
                if self.$field == opened.$field {
                    self.$field.clone_from(&theirs.$field);
                }
            )+};
        }
        take_over!(
            salutation,
            first,
            last,
            native,
            say,
            nationality,
            language,
            vip,
            phones,
            emails,
            address,
            birthday,
            membership,
            deceased,
            blocklisted,
            incognito
        );
        self
    }
}

/// What the form page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestFormPage {
    /// `None` while the guest is new.
    pub guest: Option<GuestId>,
    /// The revision that the form starts from; goes back with it.
    pub revision: i64,
    pub form: GuestForm,
    /// What was refused in the last attempt.
    pub errors: Vec<FieldError>,
    /// What a colleague changed since the form was opened.
    pub changed: Vec<Changed>,
}

/// One field that a colleague changed while the form was open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub field: String,
    pub was: String,
    pub is: String,
    /// What this form would make of it.
    pub yours: String,
}

/// What came of saving the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Saved {
    /// Kept; the guest's id.
    Done(GuestId),
    /// Nothing was kept; the form as typed, with the reasons.
    Refused(Box<GuestFormPage>),
}
