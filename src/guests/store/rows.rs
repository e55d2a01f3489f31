//! Rows of the tables `guest`, `preference` and `note`.

use crate::{
    guests::{
        Audience, Birthday, Flags, Guest, GuestName, Note, Preference, PreferenceCode, PreferenceGroup,
        PreferenceValue,
        evidence::{Cue, Evidence},
        names,
        parse::GuestDraft,
    },
    ids::{GuestId, HouseId, PhotoId},
    server::{
        clock,
        db::{DbError, id_of, record, word},
    },
};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use surrealdb::types::{Object, RecordId, SurrealValue, Value};

#[derive(Debug, Clone, SurrealValue)]
pub(crate) struct GuestRow {
    pub id: RecordId,
    pub revision: i64,
    pub salutation: Option<String>,
    pub first: String,
    pub last: String,
    pub native: Option<String>,
    pub say: Option<String>,
    pub photo: Option<RecordId>,
    pub nationality: Option<String>,
    pub language: Option<String>,
    pub vip: i64,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
    pub address: Option<String>,
    pub birthday: Option<String>,
    pub membership: Option<String>,
    pub deceased: bool,
    pub blocklisted: bool,
    pub incognito: bool,
    pub match_keys: Vec<String>,
}

impl GuestRow {
    pub fn new(id: GuestId, revision: i64, photo: Option<PhotoId>, draft: GuestDraft) -> Self {
        let match_keys = match_keys(&draft.name.last, &draft.emails, draft.membership.as_deref());
        Self {
            id: record("guest", id),
            revision,
            salutation: draft.name.salutation,
            first: draft.name.first,
            last: draft.name.last,
            native: draft.name.native,
            say: draft.name.say,
            photo: photo.map(|photo| record("photo", photo)),
            nationality: draft.nationality,
            language: draft.language,
            vip: i64::from(draft.vip),
            phones: draft.phones,
            emails: draft.emails,
            address: draft.address,
            birthday: draft.birthday.map(|birthday| birthday.to_string()),
            membership: draft.membership,
            deceased: draft.flags.deceased,
            blocklisted: draft.flags.blocklisted,
            incognito: draft.flags.incognito,
            match_keys,
        }
    }

    /// The row without its id, for MERGE.
    pub fn into_merge(self) -> Object {
        match self.into_value() {
            Value::Object(mut object) => {
                object.remove("id");
                object
            }
            _ => Object::new(),
        }
    }
}

/// What an import matches a booking's guest on: the same e-mail and surname, or the same membership
/// number. A shared family address alone matches nobody.
pub(crate) fn match_keys(last: &str, emails: &[String], membership: Option<&str>) -> Vec<String> {
    let surname = names::match_surname(last);
    let by_email = emails.iter().filter(|_| !surname.is_empty()).map(|email| format!("email:{email}|{surname}"));
    by_email.chain(membership.map(|number| format!("member:{number}"))).collect()
}

impl TryFrom<GuestRow> for Guest {
    type Error = DbError;

    fn try_from(row: GuestRow) -> Result<Self, DbError> {
        Ok(Self {
            id: id_of(&row.id)?,
            revision: row.revision,
            name: GuestName {
                salutation: row.salutation,
                first: row.first,
                last: row.last,
                native: row.native,
                say: row.say,
            },
            photo: row.photo.as_ref().map(id_of).transpose()?,
            nationality: row.nationality,
            language: row.language,
            vip: u8::try_from(row.vip).map_err(|_| DbError::Malformed(format!("vip {}", row.vip)))?,
            phones: row.phones,
            emails: row.emails,
            address: row.address,
            birthday: row.birthday.as_deref().map(|text| word(text, Birthday::parse)).transpose()?,
            membership: row.membership,
            flags: Flags { deceased: row.deceased, blocklisted: row.blocklisted, incognito: row.incognito },
        })
    }
}

#[derive(Debug, Clone, SurrealValue)]
pub(crate) struct PreferenceRow {
    pub id: RecordId,
    pub guest: RecordId,
    pub area: String,
    pub code: Option<String>,
    pub text: Option<String>,
    pub stated: bool,
    pub author: String,
    pub at: DateTime<Utc>,
    pub staff: Option<RecordId>,
    pub times: i64,
    pub last_at: Option<DateTime<Utc>>,
    pub last_by: Option<String>,
    pub reconfirm_by: Option<String>,
    pub cue: String,
    pub house: Option<RecordId>,
    pub contradicted_at: Option<DateTime<Utc>>,
    pub contradicted_by: Option<String>,
}

/// Stands for the code of a preference that is in the words of its booking.
const AS_BOOKED: &str = "as_booked";

impl PreferenceRow {
    /// A value as the columns `code` and `text` hold it.
    pub fn columns(value: PreferenceValue) -> (Option<String>, Option<String>) {
        match value {
            PreferenceValue::Coded(code) => (Some(code.code().to_owned()), None),
            PreferenceValue::Text(text) => (None, Some(text)),
            PreferenceValue::Booked(words) => (Some(AS_BOOKED.to_owned()), Some(words)),
        }
    }

    pub fn value(&self) -> Result<PreferenceValue, DbError> {
        match (&self.code, &self.text) {
            (Some(code), Some(text)) if code == AS_BOOKED => Ok(PreferenceValue::Booked(text.clone())),
            (Some(code), _) => Ok(PreferenceValue::Coded(word(code, PreferenceCode::from_code)?)),
            (None, Some(text)) => Ok(PreferenceValue::Text(text.clone())),
            (None, None) => Err(DbError::Malformed(format!("{:?} has no value", self.id))),
        }
    }

    /// The house in which alone it holds, if there is one.
    pub fn only_in(&self) -> Result<Option<HouseId>, DbError> {
        self.house.as_ref().map(id_of).transpose()
    }

    /// `houses` are the names of all houses.
    pub fn read(self, zone: chrono_tz::Tz, houses: &HashMap<HouseId, String>) -> Result<Preference, DbError> {
        let day = |text: &str| word(text, |text| text.parse().ok());
        let only_in = self.only_in()?.map(|house| houses.get(&house).cloned().unwrap_or_default());
        let contradicted =
            self.contradicted_at.map(|at| (clock::today(at, zone), self.contradicted_by.clone().unwrap_or_default()));
        Ok(Preference {
            id: id_of(&self.id)?,
            group: word(&self.area, PreferenceGroup::from_code)?,
            value: self.value()?,
            stated: self.stated,
            evidence: Evidence {
                stated: self.stated,
                times: u32::try_from(self.times).map_err(|_| DbError::Malformed(format!("times {}", self.times)))?,
                last: clock::today(self.last_at.unwrap_or(self.at), zone),
                last_by: self.last_by.clone().unwrap_or_else(|| self.author.clone()),
                reconfirm_by: self.reconfirm_by.as_deref().map(day).transpose()?,
                cue: word(&self.cue, Cue::from_code)?,
                only_in,
                contradicted,
                marked: None,
            },
            on: clock::today(self.at, zone).to_string(),
            by: self.author,
        })
    }
}

#[derive(Debug, Clone, SurrealValue)]
pub(super) struct NoteRow {
    pub id: RecordId,
    pub guest: RecordId,
    pub text: String,
    pub audience: String,
    pub author: String,
    pub staff: Option<RecordId>,
    pub at: DateTime<Utc>,
    pub until: Option<String>,
}

impl NoteRow {
    pub fn read(self, zone: chrono_tz::Tz) -> Result<Note, DbError> {
        Ok(Note {
            id: id_of(&self.id)?,
            text: self.text,
            audience: word(&self.audience, Audience::from_code)?,
            by: self.author,
            staff: self.staff.as_ref().map(id_of).transpose()?,
            at: clock::local_minute(self.at, zone),
            until: self.until,
        })
    }
}
